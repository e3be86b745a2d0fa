//! AttachNetworkInterface and DetachNetworkInterface.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachNetworkInterface.html>

use std::sync::Arc;

use service::prelude::*;

use super::{NetworkInterface, NewAttachment, permission};
use crate::catalogue::instance_types;
use crate::instance::view::Detached;
use crate::instance::{self, Instance, State, state_at};
use crate::kind;
use crate::network::encryption_control::enforce;
use crate::resource;

/// `AttachNetworkInterfaceRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct AttachNetworkInterface {
    pub network_interface_id: String,
    pub instance_id: String,
    pub device_index: i64,
    pub network_card_index: Option<i64>,
    pub dry_run: Option<bool>,
}

/// `AttachNetworkInterfaceResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Attached {
    pub attachment_id: String,
    pub network_card_index: i64,
}

/// `DetachNetworkInterfaceRequest`. A forced detachment is none other here.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DetachNetworkInterface {
    pub attachment_id: String,
    pub force: Option<bool>,
    pub dry_run: Option<bool>,
}

/// AttachNetworkInterface on the instance and the interface.
pub fn to_attach(cx: &Cx, world: &World, input: &AttachNetworkInterface) -> Vec<Check> {
    let interface = permission::check_on(cx, world, &input.network_interface_id);
    vec![instance::check_on(cx, world, &input.instance_id), interface]
}

/// Attaches an interface to a running or stopped instance of the same zone.
pub fn attach(cx: &Cx, tx: &mut Tx, input: &AttachNetworkInterface) -> Result<Attached, ApiError> {
    let id = &input.network_interface_id;
    kind::NETWORK_INTERFACE.well_formed(id)?;
    let interface = permission::attachable(cx, tx, id).ok_or_else(|| kind::NETWORK_INTERFACE.not_found(&[id]))?;
    let instance = instance::find(cx, tx, &input.instance_id)?.clone();
    if interface.is_taken(cx.now, cx.settings.states) {
        let message = format!("Interface: [{}] in use.", interface.id);
        return Err(ApiError::new("InvalidNetworkInterface.InUse", message));
    }
    must_take_interfaces(cx, &instance)?;
    if interface.zone != instance.placement.zone {
        let message =
            "You may not attach a network interface to an instance if they are not in the same availability zone";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    let owner = permission::on_behalf_of_owner(cx, &interface);
    enforce::may_run(&owner, tx, &interface.vpc_id, &instance.instance_type)?;
    let card = input.network_card_index.unwrap_or(0);
    must_have_a_place(tx, &instance, card, input.device_index)?;
    let wanted = NewAttachment {
        instance_id: instance.id.clone(),
        device_index: input.device_index,
        network_card_index: card,
        delete_on_termination: false,
    };
    super::attach(&owner, tx, &interface.id, wanted)?;
    if interface.account != cx.account() {
        let lent = |it: &mut NetworkInterface| {
            if let Some(held) = &mut it.attachment {
                held.instance_account = Some(cx.account());
            }
        };
        resource::update::<NetworkInterface>(tx, &owner, &interface.id, lent);
    }
    let made = super::get(tx, &owner, &interface.id)?;
    let attachment_id = made.attachment.as_ref().map(|held| held.id.clone()).unwrap_or_default();
    Ok(Attached { attachment_id, network_card_index: card })
}

fn must_take_interfaces(cx: &Cx, instance: &Instance) -> Result<(), ApiError> {
    match state_at(instance, cx.now, cx.settings.states) {
        State::Running | State::Stopped => Ok(()),
        State::Pending | State::Stopping | State::ShuttingDown | State::Terminated => Err(not_in_state(&instance.id)),
    }
}

fn not_in_state(instance_id: &str) -> ApiError {
    let message = format!("Instance '{instance_id}' is not in the 'running' or 'stopped' state.");
    ApiError::new("IncorrectInstanceState", message)
}

fn must_have_a_place(world: &World, instance: &Instance, card: i64, index: i64) -> Result<(), ApiError> {
    let held = super::of_instance(world, instance.account, &instance.region, &instance.id);
    let taken = held.iter().filter_map(|it| it.attachment.as_ref());
    if taken.into_iter().any(|it| it.device_index == index && it.network_card_index == card) {
        let message =
            format!("Instance '{}' already has an interface attached at device index '{index}'.", instance.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let most = instance_types::get(&instance.instance_type).map_or(i64::MAX, instance_types::most_interfaces);
    let count = i64::try_from(held.len()).unwrap_or(i64::MAX).saturating_add(1);
    if count > most {
        let message = format!("Interface count {count} exceeds the limit for {}", instance.instance_type);
        return Err(ApiError::new("AttachmentLimitExceeded", message));
    }
    Ok(())
}

/// The interface with that attachment.
pub(super) fn by_attachment(world: &World, cx: &Cx, id: &str) -> Option<Arc<NetworkInterface>> {
    let account = cx.account();
    let parts = [account.as_str(), cx.region_name(), id];
    world.one::<NetworkInterface>(NetworkInterface::BY_ATTACHMENT, &parts).cloned()
}

/// DetachNetworkInterface on the instance and the interface.
pub fn to_detach(cx: &Cx, world: &World, input: &DetachNetworkInterface) -> Vec<Check> {
    let found = by_attachment(world, cx, &input.attachment_id);
    let Some((interface, held)) = found.as_ref().and_then(|it| Some((it, it.attachment.as_ref()?))) else {
        return vec![super::check_on(cx, world, "*")];
    };
    vec![instance::check_on(cx, world, &held.instance_id), permission::check_of(cx, world, interface)]
}

/// Sets an interface free that is not the primary one; for a moment the attachment is seen as `detaching`.
pub fn detach(cx: &Cx, tx: &mut Tx, input: &DetachNetworkInterface) -> Result<Done, ApiError> {
    let id = &input.attachment_id;
    if id.starts_with("ela-attach-") {
        let message = "You are not allowed to manage 'ela-attach' attachments.";
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    if !id.starts_with("eni-attach-") {
        let message = format!("Invalid id: \"{id}\" (expecting \"eni-attach-...\")");
        return Err(ApiError::new("InvalidNetworkInterfaceAttachmentId.Malformed", message));
    }
    let interface = by_attachment(tx, cx, id).ok_or_else(|| attachment_not_found(id))?;
    let Some(held) = &interface.attachment else { return Err(attachment_not_found(id)) };
    if interface.gone_at.is_some() {
        return Err(not_in_state(&held.instance_id));
    }
    if held.device_index == 0 {
        let message = format!(
            "The network interface at device index 0 and networkCard index {} cannot be detached.",
            held.network_card_index
        );
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    let owner = permission::on_behalf_of_owner(cx, &interface);
    let ended = |attachment| Detached { attachment, at: cx.now, until: None };
    super::set_free(&owner, tx, &interface.id, |held| Some(ended(held)))?;
    Ok(Done {})
}

pub(super) fn attachment_not_found(id: &str) -> ApiError {
    ApiError::new("InvalidAttachmentID.NotFound", format!("The interface attachment '{id}' does not exist."))
}
