//! Controls come to be in monitor mode, are modified and deleted. A VPC that is there already can only be enforced once nothing in it blocks that.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEncryptionControl.html>

use std::sync::Arc;

use service::prelude::*;

use super::traffic::{self, Configuration};
use super::{
    AVAILABLE, CHANGING_SECONDS, CREATING_SECONDS, ControlOut, ENFORCE_FAILED, EncryptionControl, MONITOR_FAILED,
    Traffic, account, blocking, of, out,
};
use crate::family::item::Stage;
use crate::family::peering::Side;
use crate::instance::authorize;
use crate::kind;
use crate::network::vpc::Vpc;
use crate::refused::missing;
use crate::resource;
use crate::tags::{self, TagSpecification};

pub use super::traffic::ModifyControl;

/// `CreateVpcEncryptionControlRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateControl {
    pub vpc_id: String,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `DeleteVpcEncryptionControlRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteControl {
    pub vpc_encryption_control_id: String,
    pub dry_run: Option<bool>,
}

/// The answer of those that change a control.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub vpc_encryption_control: ControlOut,
}

/// CreateVpcEncryptionControl on a control to come and on the VPC, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateControl) -> Vec<Check> {
    let vpc = resource::check_on::<Vpc>(cx, world, &input.vpc_id);
    let specifications = input.tag_specifications.as_deref();
    resource::checks_on_new(cx, &kind::VPC_ENCRYPTION_CONTROL, specifications, "CreateVpcEncryptionControl", [vpc])
}

/// Begins to watch over a VPC.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateControl) -> Result<Changed, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::VPC_ENCRYPTION_CONTROL.resource_type)?;
    let vpc = resource::get::<Vpc>(tx, cx, &input.vpc_id)?;
    account::must_leave_it_to_vpcs(cx, tx)?;
    if of(tx, vpc.account, &vpc.region, &vpc.id).is_some() {
        // AWS's words are not recorded.
        let message = format!("VPC {} already has a VPC encryption control", vpc.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    Ok(put(cx, tx, EncryptionControl::new(cx, &vpc, tags)))
}

/// The control that a new VPC is made with: it has the tags of the VPC, and may enforce at once.
/// <https://aws.amazon.com/blogs/aws/introducing-vpc-encryption-controls-enforce-encryption-in-transit-within-and-across-vpcs-in-a-region/>
pub fn create_with_vpc(cx: &Cx, tx: &mut Tx, vpc: &Vpc, wanted: &Configuration) -> Result<(), ApiError> {
    account::must_leave_it_to_vpcs(cx, tx)?;
    let enforcing = wanted.mode == "enforce";
    let wishes = wanted.wishes();
    must_enforce_to_exclude(enforcing, &wishes)?;
    let mut made = EncryptionControl::new(cx, vpc, vpc.tags.clone());
    if enforcing {
        made.enforce(cx, &traffic::after(&[], &wishes));
    }
    put(cx, tx, made);
    Ok(())
}

/// Exclusions belong to enforce mode: they are made "when switching from monitor to enforce mode". AWS's words are not recorded.
fn must_enforce_to_exclude(enforcing: bool, wishes: &traffic::Wishes) -> Result<(), ApiError> {
    if enforcing || wishes.is_empty() {
        return Ok(());
    }
    let message = "Exclusions can be specified only for a VPC encryption control in enforce mode.";
    Err(ApiError::new("InvalidParameterCombination", message))
}

fn put(cx: &Cx, tx: &mut Tx, control: EncryptionControl) -> Changed {
    let changed = Changed { vpc_encryption_control: out(cx, &control) };
    tx.put(control);
    changed
}

/// ModifyVpcEncryptionControl on the control, with its new values.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyControl) -> Vec<Check> {
    let check = resource::check_on::<EncryptionControl>(cx, world, &input.vpc_encryption_control_id);
    let mode = input.mode.iter().map(|mode| ("Mode".to_owned(), mode.clone()));
    let word = |excluded: bool| if excluded { "enable" } else { "disable" };
    let wishes = input.wishes().into_iter();
    let wishes = wishes.map(|(traffic, excluded)| (format!("{traffic:?}Exclusion"), word(excluded).to_owned()));
    let values: Vec<(String, String)> = mode.chain(wishes).collect();
    let values: Vec<(&str, String)> = values.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    vec![authorize::attributes(check, &values)]
}

/// Gives a control another mode, or other exclusions.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEncryptionControl.html>
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyControl) -> Result<Changed, ApiError> {
    let held = settled(cx, tx, &input.vpc_encryption_control_id, "modified")?;
    let wishes = input.wishes();
    let enforcing = match input.mode.as_deref() {
        None if wishes.is_empty() => return Err(missing("mode")),
        None => held.enforcing,
        Some(mode) => mode == "enforce",
    };
    must_enforce_to_exclude(enforcing, &wishes)?;
    let excluded = traffic::after(&held.excluded(), &wishes);
    let mut modified = EncryptionControl::clone(&held);
    if enforcing {
        nothing_may_block(cx, tx, &held, &excluded)?;
        modified.enforce(cx, &excluded);
    } else {
        no_peer_may_rely_on(cx, tx, &held, "transition to monitor mode")?;
        modified.monitor();
    }
    let first = if enforcing { "enforce-in-progress" } else { "monitor-in-progress" };
    modified.stage = Stage::begin(cx, first, AVAILABLE, CHANGING_SECONDS);
    Ok(put(cx, tx, modified))
}

/// A control that is there and not on its way to another state.
fn settled(cx: &Cx, world: &World, id: &str, what: &str) -> Result<Arc<EncryptionControl>, ApiError> {
    let held = resource::get::<EncryptionControl>(world, cx, id)?;
    account::must_leave_it_to_vpcs(cx, world)?;
    match held.state(cx) {
        AVAILABLE | ENFORCE_FAILED | MONITOR_FAILED => Ok(held),
        state => {
            let message = format!("The VPC encryption control '{id}' is in {state} state and cannot be {what}.");
            Err(ApiError::new("IncorrectState", message))
        }
    }
}

/// The code is AWS's (the Terraform provider looks for it), the text is not recorded.
fn nothing_may_block(cx: &Cx, world: &World, held: &EncryptionControl, excluded: &[Traffic]) -> Result<(), ApiError> {
    let vpc = resource::get::<Vpc>(world, cx, &held.vpc_id)?;
    if !blocking::beside(cx, world, &vpc, excluded).any(|_| true) {
        return Ok(());
    }
    let message = format!(
        "The VPC encryption control '{}' cannot transition to enforce mode: resources in VPC '{}' block the enforcement of encryption.",
        held.id, vpc.id
    );
    Err(ApiError::new("VpcEncryptionControlStateTransitionFailed", message))
}

/// "If two VPCs are in enforce mode and peering with each other, you cannot change the mode from enforce to monitor. You would have to create a peering
/// exclusion first." On which side is not said; either will do. A control that is deleted leaves its peers in the same way.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html#vpc-peering-support>
fn no_peer_may_rely_on(cx: &Cx, world: &World, held: &EncryptionControl, what: &str) -> Result<(), ApiError> {
    let Some(peer) = relying_peer(cx, world, held) else { return Ok(()) };
    let message = format!(
        "The VPC encryption control '{}' cannot {what}: VPC '{}' is in enforce mode and peers with VPC '{}'.",
        held.id, peer.vpc_id, held.vpc_id
    );
    Err(ApiError::new("VpcEncryptionControlStateTransitionFailed", message))
}

/// A peer that is enforced because this VPC is.
pub fn relying_peer(cx: &Cx, world: &World, held: &EncryptionControl) -> Option<Side> {
    let relies = |control: &EncryptionControl| control.enforcing && !control.excluded().contains(&Traffic::VpcPeering);
    if !relies(held) {
        return None;
    }
    let mut sides = blocking::peers(cx, world, &held.vpc_id).map(|(_, side)| side);
    sides.find(|side| of(world, side.account, &side.region, &side.vpc_id).is_some_and(|control| relies(&control)))
}

/// DeleteVpcEncryptionControl on the control.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteControl) -> Vec<Check> {
    vec![resource::check_on::<EncryptionControl>(cx, world, &input.vpc_encryption_control_id)]
}

/// Ends a control; it is seen as `deleting` for a moment.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEncryptionControl.html>
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteControl) -> Result<Changed, ApiError> {
    let held = settled(cx, tx, &input.vpc_encryption_control_id, "deleted")?;
    no_peer_may_rely_on(cx, tx, &held, "be deleted")?;
    let gone = cx.settings.states.over_at(cx.now, CREATING_SECONDS);
    let deleted = EncryptionControl { gone_at: Some(gone), ..EncryptionControl::clone(&held) };
    Ok(put(cx, tx, deleted))
}
