//! The encryption control of an account's region: the mode that all VPCs there are to be in. Each VPC is tried on its own when the mode is set; one
//! that cannot change stays as it is, or begins to monitor, and tells that it failed.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html#account-level-encryption-controls>

use std::sync::Arc;

use service::prelude::*;

use super::traffic::{self, AccountExclusions};
use super::{
    AVAILABLE, CHANGING_SECONDS, ENFORCE_FAILED, EncryptionControl, Exclusion, MONITOR_FAILED, Traffic, blocking,
    change, of,
};
use crate::family::item::Stage;
use crate::instance::elapsed;
use crate::network::vpc::Vpc;
use crate::refused::missing;
use crate::resource;
use crate::setting;

pub use super::traffic::ModifyAccountControl;

/// What an account has set for a region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct AccountControl {
    mode: Mode,
    /// What was excluded or included again, and when.
    #[serde(default)]
    exclusions: Vec<Exclusion>,
    changed_at: Option<Timestamp>,
    /// How many VPCs were to change, and how many could not.
    tried: usize,
    failed: usize,
}

/// Which mode VPCs are to be in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Mode {
    #[default]
    Unmanaged,
    AttemptMonitor,
    AttemptEnforce,
}

impl Mode {
    fn of(word: &str) -> Mode {
        match word {
            "attempt-monitor" => Mode::AttemptMonitor,
            "attempt-enforce" => Mode::AttemptEnforce,
            _ => Mode::Unmanaged,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Mode::Unmanaged => "unmanaged",
            Mode::AttemptMonitor => "attempt-monitor",
            Mode::AttemptEnforce => "attempt-enforce",
        }
    }
}

impl setting::Value for AccountControl {
    const NAME: &'static str = "vpc-encryption-control";
}

/// `DescribeAccountVpcEncryptionControlRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeAccountControl {
    pub dry_run: Option<bool>,
}

/// The answer of both.
#[derive(Debug, Serialize, Shaped)]
pub struct Shown {
    pub account_vpc_encryption_control: AccountControlOut,
}

/// `AccountVpcEncryptionControl`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct AccountControlOut {
    pub state: &'static str,
    pub mode: &'static str,
    pub exclusions: AccountExclusions,
    pub managed_by: &'static str,
    pub last_update_timestamp: Option<Timestamp>,
}

/// What is set. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAccountVpcEncryptionControl.html>
pub fn describe(cx: &Cx, world: &World, _: &DescribeAccountControl) -> Result<Shown, ApiError> {
    Ok(shown(cx, &setting::get(cx, world)))
}

/// Sets the mode, or what is excluded in all VPCs, and tries every VPC of the region.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyAccountVpcEncryptionControl.html>
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyAccountControl) -> Result<Shown, ApiError> {
    let held: AccountControl = setting::get(cx, tx);
    let wishes = input.wishes();
    if input.mode.is_none() && wishes.is_empty() {
        return Err(missing("mode"));
    }
    let mode = input.mode.as_deref().map_or(held.mode, Mode::of);
    let excluded = traffic::after(&super::excluded(&held.exclusions), &wishes);
    let exclusions = super::merged(cx, &held.exclusions, &excluded);
    let vpcs: Vec<Arc<Vpc>> = resource::all::<Vpc>(cx, tx).collect();
    let (tried, failed) = transition(cx, tx, mode, &excluded, &vpcs);
    let set = AccountControl { mode, exclusions, changed_at: Some(cx.now), tried, failed };
    setting::set(cx, tx, &set)?;
    Ok(shown(cx, &set))
}

fn shown(cx: &Cx, held: &AccountControl) -> Shown {
    let over = |since| elapsed(since, cx.now) >= cx.settings.states.lasting(CHANGING_SECONDS);
    let state = match held.changed_at {
        None => "default-state",
        Some(since) if !over(since) => "transitions-in-progress",
        Some(_) if held.mode == Mode::Unmanaged => "default-state",
        Some(_) if held.failed == 0 => "transitions-successful",
        Some(_) if held.failed == held.tried => "transitions-failed",
        Some(_) => "transitions-partially-successful",
    };
    Shown {
        account_vpc_encryption_control: AccountControlOut {
            state,
            mode: held.mode.word(),
            exclusions: AccountExclusions::of(|traffic| super::word(cx, &held.exclusions, traffic)),
            managed_by: "account",
            last_update_timestamp: held.changed_at,
        },
    }
}

/// Single VPCs are managed by themselves only where the account leaves it to them; AWS's words are not recorded.
pub fn must_leave_it_to_vpcs(cx: &Cx, world: &World) -> Result<(), ApiError> {
    let held: AccountControl = setting::get(cx, world);
    if held.mode == Mode::Unmanaged {
        return Ok(());
    }
    let message = "VPC encryption controls are managed by the account-level VPC encryption control.";
    Err(ApiError::new("OperationNotPermitted", message))
}

/// A new VPC gets the mode that all are to be in.
pub fn apply_to_new(cx: &Cx, tx: &mut Tx, vpc: &Vpc) {
    let held: AccountControl = setting::get(cx, tx);
    if held.mode != Mode::Unmanaged {
        transition(cx, tx, held.mode, &super::excluded(&held.exclusions), &[Arc::new(vpc.clone())]);
    }
}

/// Brings VPCs into a mode; tells how many were to change and how many could not, which stay as they are.
fn transition(cx: &Cx, tx: &mut Tx, mode: Mode, excluded: &[Traffic], vpcs: &[Arc<Vpc>]) -> (usize, usize) {
    let (able, first, failed) = match mode {
        Mode::Unmanaged => return (0, 0),
        Mode::AttemptMonitor => (monitorable(cx, tx, vpcs), "monitor-in-progress", MONITOR_FAILED),
        Mode::AttemptEnforce => (enforceable(cx, tx, excluded, vpcs), "enforce-in-progress", ENFORCE_FAILED),
    };
    for vpc in vpcs {
        let held = of(tx, vpc.account, &vpc.region, &vpc.id);
        let mut control = held.as_deref().cloned().unwrap_or_else(|| EncryptionControl::new(cx, vpc, Vec::new()));
        let is_able = able.contains(&vpc.id);
        match mode {
            _ if !is_able => {}
            Mode::AttemptEnforce => control.enforce(cx, excluded),
            _ => control.monitor(),
        }
        control.stage = Stage::begin(cx, first, if is_able { AVAILABLE } else { failed }, CHANGING_SECONDS);
        tx.put(control);
    }
    (vpcs.len(), vpcs.len().saturating_sub(able.len()))
}

/// The VPCs that no enforced peer relies on. Two that rely on each other both stay enforced, as when each is changed on its own.
fn monitorable(cx: &Cx, world: &World, vpcs: &[Arc<Vpc>]) -> Vec<String> {
    let may_change = |vpc: &&Arc<Vpc>| {
        let held = of(world, vpc.account, &vpc.region, &vpc.id);
        held.is_none_or(|held| change::relying_peer(cx, world, &held).is_none())
    };
    vpcs.iter().filter(may_change).map(|vpc| vpc.id.clone()).collect()
}

/// The VPCs that can be enforced. Peers that are tried together count as enforced for each other, until one of them turns out not to be.
fn enforceable(cx: &Cx, world: &World, excluded: &[Traffic], vpcs: &[Arc<Vpc>]) -> Vec<String> {
    let alone = vpcs.iter().filter(|vpc| blocking::only_by_peers(cx, world, vpc, excluded));
    let mut able: Vec<String> = alone.map(|vpc| vpc.id.clone()).collect();
    loop {
        let together = |vpc_id: &String| {
            excluded.contains(&Traffic::VpcPeering)
                || blocking::peers(cx, world, vpc_id).all(|(_, side)| {
                    let tried = side.is_callers(cx) && vpcs.iter().any(|vpc| vpc.id == side.vpc_id);
                    let counts = match tried {
                        true => able.contains(&side.vpc_id),
                        false => blocking::is_enforced(world, cx.region_name(), &side),
                    };
                    excluded.is_empty() && counts
                })
        };
        let left: Vec<String> = able.iter().filter(|id| together(id)).cloned().collect();
        if left.len() == able.len() {
            return left;
        }
        able = left;
    }
}
