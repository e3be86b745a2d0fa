//! VPC Encryption Controls: whether a VPC only watches for traffic that is not encrypted in transit, or refuses what would carry it. One VPC has one
//! control at most; what leads out of AWS's network can be excluded in enforce mode.
//!
//! [`change`] makes, modifies and deletes controls, [`blocking`] finds what keeps a VPC from being enforced, [`enforce`] is what other operations ask,
//! [`account`] sets the mode for all VPCs of a region. <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html>

use std::sync::Arc;

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::vpc::Vpc;
use crate::family::item::Stage;
use crate::instance::elapsed;
use crate::kind;
use crate::resource::{self, Wanted, resource};

pub mod account;
pub mod blocking;
pub mod change;
pub mod enforce;
#[cfg(test)]
mod tests;
mod traffic;

pub use traffic::{Configuration, ExclusionOut, Exclusions, Traffic};

/// The control of a VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptionControl {
    pub account: AccountId,
    pub region: String,
    /// `vpcec-…`
    pub id: String,
    pub vpc_id: String,
    /// Whether it enforces; else it monitors.
    pub enforcing: bool,
    pub stage: Stage,
    /// What was excluded or included again since it enforces, and when.
    pub exclusions: Vec<Exclusion>,
    /// When one that was deleted is no longer seen.
    pub gone_at: Option<Timestamp>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// Traffic that need not be encrypted, or need be again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    pub traffic: Traffic,
    pub excluded: bool,
    pub since: Timestamp,
}

/// About how many seconds AWS takes to make one, and to change one.
const CREATING_SECONDS: i64 = 30;
const CHANGING_SECONDS: i64 = 60;

const AVAILABLE: &str = "available";
const ENFORCE_FAILED: &str = "enforce-failed";
const MONITOR_FAILED: &str = "monitor-failed";

impl EncryptionControl {
    /// (account, region, VPC) of those that hold.
    pub const BY_VPC: usize = 0;

    /// The control that a VPC gets now.
    fn new(cx: &Cx, vpc: &Vpc, tags: Vec<Tag>) -> EncryptionControl {
        EncryptionControl {
            account: cx.account(),
            region: cx.region_name().to_owned(),
            id: cx.ids.ec2(kind::VPC_ENCRYPTION_CONTROL.prefix),
            vpc_id: vpc.id.clone(),
            enforcing: false,
            stage: Stage::begin(cx, "creating", AVAILABLE, CREATING_SECONDS),
            exclusions: Vec::new(),
            gone_at: None,
            tags,
        }
    }

    fn state(&self, cx: &Cx) -> &str {
        if self.gone_at.is_some() { "deleting" } else { self.stage.at(cx) }
    }

    /// What is excluded.
    fn excluded(&self) -> Vec<Traffic> {
        excluded(&self.exclusions)
    }

    /// Enforces from now on, with those exclusions; when one of them changed is kept.
    fn enforce(&mut self, cx: &Cx, excluded: &[Traffic]) {
        self.exclusions = merged(cx, &self.exclusions, excluded);
        self.enforcing = true;
    }

    /// Only watches from now on; what was excluded is forgotten.
    fn monitor(&mut self) {
        self.exclusions.clear();
        self.enforcing = false;
    }
}

fn excluded(exclusions: &[Exclusion]) -> Vec<Traffic> {
    exclusions.iter().filter(|it| it.excluded).map(|it| it.traffic).collect()
}

/// The exclusions from now on: an entry for what is excluded and for what once was, each with the time of its last change.
fn merged(cx: &Cx, held: &[Exclusion], excluded: &[Traffic]) -> Vec<Exclusion> {
    let exclusion = |traffic: &Traffic| {
        let excluded = excluded.contains(traffic);
        match held.iter().find(|it| it.traffic == *traffic) {
            Some(before) if before.excluded == excluded => Some(before.clone()),
            None if !excluded => None,
            _ => Some(Exclusion { traffic: *traffic, excluded, since: cx.now }),
        }
    };
    Traffic::ALL.iter().filter_map(exclusion).collect()
}

impl Record for EncryptionControl {
    const TABLE: TableDef = TableDef::own("ec2_vpc_encryption_control", &["account", "region", "id"], &["vpc_id"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_vpc", unique: true }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.vpc_id.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        if self.gone_at.is_none() {
            entries.add(Self::BY_VPC, &[self.account.as_str(), &self.region, &self.vpc_id]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.gone_at
    }
}

resource!(EncryptionControl, kind::VPC_ENCRYPTION_CONTROL);

/// The control of a VPC, whoever asks.
pub fn of(world: &World, account: AccountId, region: &str, vpc_id: &str) -> Option<Arc<EncryptionControl>> {
    world.one::<EncryptionControl>(EncryptionControl::BY_VPC, &[account.as_str(), region, vpc_id]).cloned()
}

/// The control goes with its VPC.
pub fn forget(cx: &Cx, tx: &mut Tx, vpc_id: &str) {
    if let Some(held) = of(tx, cx.account(), cx.region_name(), vpc_id) {
        resource::remove::<EncryptionControl>(tx, cx, &held.id);
    }
}

/// `DescribeVpcEncryptionControlsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeControls {
    pub vpc_encryption_control_ids: Option<Vec<String>>,
    pub vpc_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeVpcEncryptionControlsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Controls {
    pub vpc_encryption_controls: Vec<ControlOut>,
    pub next_token: Option<String>,
}

/// `VpcEncryptionControl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ControlOut {
    pub vpc_id: String,
    pub vpc_encryption_control_id: String,
    pub mode: &'static str,
    pub state: String,
    pub state_message: Option<&'static str>,
    pub resource_exclusions: Option<Exclusions>,
    pub tags: Option<Vec<Tag>>,
}

// AWS documents no filter of this operation by name; these are its answer's members.
static FIELDS: Fields<ControlOut> = Fields {
    fields: &[
        ("mode", |it, values| values.push(it.mode)),
        ("state", |it, values| values.push(it.state.as_str())),
        ("vpc-encryption-control-id", |it, values| values.push(it.vpc_encryption_control_id.as_str())),
        ("vpc-id", |it, values| values.push(it.vpc_id.as_str())),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// Controls that pass the filters, those named, or those of the VPCs named.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEncryptionControls.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribeControls) -> Result<Controls, ApiError> {
    let vpcs = input.vpc_ids.as_deref().unwrap_or_default();
    resource::named::<Vpc>(world, cx, vpcs)?;
    let candidates = || -> Box<dyn Iterator<Item = Arc<EncryptionControl>>> {
        match vpcs.is_empty() {
            true => resource::all(cx, world),
            false => resource::under(cx, world, EncryptionControl::BY_VPC, vpcs),
        }
    };
    let wanted = Wanted {
        ids: input.vpc_encryption_control_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let page = resource::describe(cx, world, &wanted, candidates, &FIELDS, |held| out(cx, held))?;
    Ok(Controls { vpc_encryption_controls: page.items, next_token: page.next })
}

/// As answers show the control. What came to its end is told as `succeeded`, and only a VPC that is enforced tells of exclusions (both as the Terraform
/// provider's tests saw it).
pub fn out(cx: &Cx, held: &EncryptionControl) -> ControlOut {
    let state = held.state(cx);
    ControlOut {
        vpc_id: held.vpc_id.clone(),
        vpc_encryption_control_id: held.id.clone(),
        mode: if held.enforcing { "enforce" } else { "monitor" },
        state: state.to_owned(),
        state_message: match state {
            AVAILABLE => Some("succeeded"),
            ENFORCE_FAILED => Some("Resources in the VPC block the enforcement of encryption."),
            MONITOR_FAILED => Some("The VPC peers with a VPC that is in enforce mode."),
            _ => None,
        },
        resource_exclusions: held.enforcing.then(|| Exclusions::of(|traffic| exclusion_out(cx, held, traffic))),
        tags: resource::tags_out(&held.tags),
    }
}

fn exclusion_out(cx: &Cx, held: &EncryptionControl, traffic: Traffic) -> ExclusionOut {
    let state = word(cx, &held.exclusions, traffic);
    ExclusionOut { state, state_message: matches!(state, "enabled" | "disabled").then_some("succeeded") }
}

/// The state of the exclusion of that traffic; one that never was is `disabled`.
fn word(cx: &Cx, exclusions: &[Exclusion], traffic: Traffic) -> &'static str {
    let Some(found) = exclusions.iter().find(|it| it.traffic == traffic) else { return "disabled" };
    let over = elapsed(found.since, cx.now) >= cx.settings.states.lasting(CHANGING_SECONDS);
    match (found.excluded, over) {
        (true, true) => "enabled",
        (true, false) => "enabling",
        (false, true) => "disabled",
        (false, false) => "disabling",
    }
}
