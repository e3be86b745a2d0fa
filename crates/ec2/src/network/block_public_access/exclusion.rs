//! Exclusions from VPC Block Public Access. One that was deleted is seen for an hour more, as `delete-complete`.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcBlockPublicAccessExclusion.html>

use std::sync::Arc;

use jiff::SignedDuration;
use service::filters::{Fields, Filter};
use service::prelude::*;

use super::is_through;
use crate::instance::authorize;
use crate::kind;
use crate::network::subnet::{self, Subnet};
use crate::network::vpc::Vpc;
use crate::resource::{self, Wanted, resource};
use crate::tags::{self, TagSpecification};

/// A VPC or subnet that is exempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    pub account: AccountId,
    pub region: String,
    /// `vpcbpa-exclude-…`
    pub id: String,
    /// Of the VPC or the subnet.
    pub resource_id: String,
    pub resource_arn: String,
    /// `allow-bidirectional` or `allow-egress`
    pub mode: String,
    pub created_at: Timestamp,
    pub updated_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl Exclusion {
    /// (account, region, VPC or subnet) of those that hold.
    pub const BY_RESOURCE: usize = 0;

    fn state(&self, cx: &Cx) -> &'static str {
        match (self.deleted_at, self.updated_at) {
            (Some(at), _) if is_through(cx, at) => "delete-complete",
            (Some(_), _) => "delete-in-progress",
            (None, Some(at)) if is_through(cx, at) => "update-complete",
            (None, Some(_)) => "update-in-progress",
            (None, None) if is_through(cx, self.created_at) => "create-complete",
            (None, None) => "create-in-progress",
        }
    }
}

/// How long a deleted one is seen; the documentation does not say.
const SEEN: SignedDuration = SignedDuration::from_hours(1);

impl Record for Exclusion {
    const TABLE: TableDef = TableDef::own("ec2_vpc_bpa_exclusion", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_resource", unique: true }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        if self.deleted_at.is_none() {
            entries.add(Self::BY_RESOURCE, &[self.account.as_str(), &self.region, &self.resource_id]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.deleted_at.map(|at| at.saturating_add(SEEN).unwrap_or(at))
    }
}

resource!(Exclusion, kind::VPC_BPA_EXCLUSION);

/// `CreateVpcBlockPublicAccessExclusionRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateExclusion {
    pub vpc_id: Option<String>,
    pub subnet_id: Option<String>,
    pub internet_gateway_exclusion_mode: String,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `ModifyVpcBlockPublicAccessExclusionRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyExclusion {
    pub exclusion_id: String,
    pub internet_gateway_exclusion_mode: String,
    pub dry_run: Option<bool>,
}

/// `DeleteVpcBlockPublicAccessExclusionRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteExclusion {
    pub exclusion_id: String,
    pub dry_run: Option<bool>,
}

/// `DescribeVpcBlockPublicAccessExclusionsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeExclusions {
    pub exclusion_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// The answer of those that change an exclusion.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub vpc_block_public_access_exclusion: ExclusionOut,
}

/// `DescribeVpcBlockPublicAccessExclusionsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Exclusions {
    pub vpc_block_public_access_exclusions: Vec<ExclusionOut>,
    pub next_token: Option<String>,
}

/// `VpcBlockPublicAccessExclusion`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ExclusionOut {
    pub exclusion_id: String,
    pub internet_gateway_exclusion_mode: String,
    pub resource_arn: String,
    pub state: &'static str,
    pub creation_timestamp: Timestamp,
    pub last_update_timestamp: Option<Timestamp>,
    pub deletion_timestamp: Option<Timestamp>,
    pub tags: Option<Vec<Tag>>,
}

static FIELDS: Fields<ExclusionOut> = Fields {
    fields: &[
        ("internet-gateway-exclusion-mode", |it, values| values.push(it.internet_gateway_exclusion_mode.as_str())),
        ("resource-arn", |it, values| values.push(it.resource_arn.as_str())),
        ("state", |it, values| values.push(it.state)),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// The exclusion that holds for a VPC or a subnet.
fn of(world: &World, account: AccountId, region: &str, resource_id: &str) -> Option<Arc<Exclusion>> {
    world.one::<Exclusion>(Exclusion::BY_RESOURCE, &[account.as_str(), region, resource_id]).cloned()
}

/// The mode of the exclusion that holds for a VPC or a subnet.
pub fn mode_for(world: &World, account: AccountId, region: &str, resource_id: &str) -> Option<String> {
    of(world, account, region, resource_id).map(|held| held.mode.clone())
}

/// A VPC or a subnet is gone, and so is its exclusion.
pub fn forget(cx: &Cx, tx: &mut Tx, resource_id: &str) {
    if let Some(held) = of(tx, cx.account(), cx.region_name(), resource_id) {
        resource::update::<Exclusion>(tx, cx, &held.id, |it| it.deleted_at = Some(cx.now));
    }
}

/// CreateVpcBlockPublicAccessExclusion on an exclusion to come and on the VPC or the subnet, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateExclusion) -> Vec<Check> {
    let vpc = input.vpc_id.as_deref().map(|id| resource::check_on::<Vpc>(cx, world, id));
    let subnet = input.subnet_id.as_deref().map(|id| subnet::check_on(cx, world, id));
    let (specifications, operation) = (input.tag_specifications.as_deref(), "CreateVpcBlockPublicAccessExclusion");
    resource::checks_on_new(cx, &kind::VPC_BPA_EXCLUSION, specifications, operation, vpc.into_iter().chain(subnet))
}

/// Exempts a VPC or a subnet. The texts of refusals are not recorded.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateExclusion) -> Result<Changed, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::VPC_BPA_EXCLUSION.resource_type)?;
    let (resource_id, resource_arn) = match (&input.vpc_id, &input.subnet_id) {
        (Some(id), None) => {
            resource::get::<Vpc>(tx, cx, id)?;
            (id.clone(), kind::VPC.arn(cx, id))
        }
        (None, Some(id)) => {
            resource::get::<Subnet>(tx, cx, id)?;
            (id.clone(), kind::SUBNET.arn(cx, id))
        }
        (None, None) => {
            let message = "The request must contain exactly one of vpcId and subnetId";
            return Err(ApiError::new("MissingParameter", message));
        }
        (Some(_), Some(_)) => {
            let message = "The parameters vpcId and subnetId cannot be used together";
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
    };
    if let Some(held) = of(tx, cx.account(), cx.region_name(), &resource_id) {
        let message = format!("The resource '{resource_id}' already has the exclusion '{}'.", held.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let exclusion = Exclusion {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::VPC_BPA_EXCLUSION.prefix),
        resource_id,
        resource_arn,
        mode: input.internet_gateway_exclusion_mode.clone(),
        created_at: cx.now,
        updated_at: None,
        deleted_at: None,
        tags,
    };
    let changed = changed(cx, &exclusion);
    tx.put(exclusion);
    Ok(changed)
}

/// ModifyVpcBlockPublicAccessExclusion on the exclusion, with its new mode.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyExclusion) -> Vec<Check> {
    let check = resource::check_on::<Exclusion>(cx, world, &input.exclusion_id);
    let mode = input.internet_gateway_exclusion_mode.clone();
    vec![authorize::attributes(check, &[("InternetGatewayExclusionMode", mode)])]
}

/// Gives an exclusion another mode.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcBlockPublicAccessExclusion.html>
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyExclusion) -> Result<Changed, ApiError> {
    let held = must_hold(cx, tx, &input.exclusion_id, "modified")?;
    let mode = input.internet_gateway_exclusion_mode.clone();
    let modified = Exclusion { mode, updated_at: Some(cx.now), ..Exclusion::clone(&held) };
    let changed = changed(cx, &modified);
    tx.put(modified);
    Ok(changed)
}

/// DeleteVpcBlockPublicAccessExclusion on the exclusion.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteExclusion) -> Vec<Check> {
    vec![resource::check_on::<Exclusion>(cx, world, &input.exclusion_id)]
}

/// Ends an exclusion. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcBlockPublicAccessExclusion.html>
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteExclusion) -> Result<Changed, ApiError> {
    let held = must_hold(cx, tx, &input.exclusion_id, "deleted")?;
    let deleted = Exclusion { deleted_at: Some(cx.now), ..Exclusion::clone(&held) };
    let changed = changed(cx, &deleted);
    tx.put(deleted);
    Ok(changed)
}

/// The end of the text is AWS's (the Terraform provider looks for it), its beginning is not recorded.
fn must_hold(cx: &Cx, world: &World, id: &str, what: &str) -> Result<Arc<Exclusion>, ApiError> {
    let held = resource::get::<Exclusion>(world, cx, id)?;
    if held.deleted_at.is_none() {
        return Ok(held);
    }
    let message = format!("The exclusion '{id}' is in {} state and cannot be {what}", held.state(cx));
    Err(ApiError::new("InvalidParameterValue", message))
}

/// Exclusions that pass the filters, or those named.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcBlockPublicAccessExclusions.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribeExclusions) -> Result<Exclusions, ApiError> {
    let wanted = Wanted {
        ids: input.exclusion_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let see = |held: &Exclusion| out(cx, held);
    let page = resource::describe(cx, world, &wanted, || resource::all(cx, world), &FIELDS, see)?;
    Ok(Exclusions { vpc_block_public_access_exclusions: page.items, next_token: page.next })
}

fn changed(cx: &Cx, held: &Exclusion) -> Changed {
    Changed { vpc_block_public_access_exclusion: out(cx, held) }
}

fn out(cx: &Cx, held: &Exclusion) -> ExclusionOut {
    ExclusionOut {
        exclusion_id: held.id.clone(),
        internet_gateway_exclusion_mode: held.mode.clone(),
        resource_arn: held.resource_arn.clone(),
        state: held.state(cx),
        creation_timestamp: held.created_at,
        last_update_timestamp: held.updated_at,
        deletion_timestamp: held.deleted_at,
        tags: resource::tags_out(&held.tags),
    }
}
