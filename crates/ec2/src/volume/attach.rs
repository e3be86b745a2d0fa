//! AttachVolume and DetachVolume. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVolume.html>

use service::prelude::*;

use super::describe::{AttachmentOut, attachment_out};
use super::{Volume, VolumeAttachment, of_instance};
use crate::instance::view::Detached;
use crate::instance::{self, Instance, State, state_at};
use crate::kind;
use crate::resource;

/// `AttachVolumeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct AttachVolume {
    pub device: String,
    pub instance_id: String,
    pub volume_id: String,
    pub dry_run: Option<bool>,
}

/// `DetachVolumeRequest`. There is no operating system whose file system a forced detachment would tear.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DetachVolume {
    pub device: Option<String>,
    pub force: Option<bool>,
    pub instance_id: Option<String>,
    pub volume_id: String,
    pub dry_run: Option<bool>,
}

/// AttachVolume on the instance and the volume.
pub fn to_attach(cx: &Cx, world: &World, input: &AttachVolume) -> Vec<Check> {
    vec![instance::check_on(cx, world, &input.instance_id), resource::check_on::<Volume>(cx, world, &input.volume_id)]
}

/// Attaches a volume that is attached to nothing to an instance of the same zone.
pub fn attach(cx: &Cx, tx: &mut Tx, input: &AttachVolume) -> Result<AttachmentOut, ApiError> {
    kind::VOLUME.well_formed(&input.volume_id)?;
    let instance = instance::find(cx, tx, &input.instance_id)?.clone();
    let volume = resource::get::<Volume>(tx, cx, &input.volume_id)?;
    must_be_free(cx, &volume)?;
    must_take_volumes(cx, &instance)?;
    if volume.zone != instance.placement.zone {
        let (volume, instance) = (&volume.id, &instance.id);
        let message = format!("The volume '{volume}' is not in the same availability zone as instance '{instance}'");
        return Err(ApiError::new("InvalidVolume.ZoneMismatch", message));
    }
    must_be_free_device(tx, &instance, &input.device)?;
    let attachment = VolumeAttachment {
        instance_id: instance.id.clone(),
        device: input.device.clone(),
        attached_at: cx.now_seconds(),
        delete_on_termination: false,
    };
    resource::update::<Volume>(tx, cx, &volume.id, |it| {
        it.attachment = Some(attachment.clone());
        it.detached = None;
    });
    Ok(attachment_out(&volume, &attachment, "attaching"))
}

fn must_be_free(cx: &Cx, volume: &Volume) -> Result<(), ApiError> {
    match volume.state(cx.now, cx.settings.states) {
        "in-use" => Err(ApiError::new("VolumeInUse", format!("{} is already attached to an instance", volume.id))),
        "creating" => Err(ApiError::new("IncorrectState", format!("{} is not 'available'.", volume.id))),
        _ => Ok(()),
    }
}

fn must_take_volumes(cx: &Cx, instance: &Instance) -> Result<(), ApiError> {
    match state_at(instance, cx.now, cx.settings.states) {
        State::Running | State::Stopped => Ok(()),
        State::Pending | State::Stopping | State::ShuttingDown | State::Terminated => Err(not_running(&instance.id)),
    }
}

fn not_running(instance_id: &str) -> ApiError {
    ApiError::new("IncorrectState", format!("Instance '{instance_id}' is not 'running'."))
}

fn must_be_free_device(world: &World, instance: &Instance, device: &str) -> Result<(), ApiError> {
    if !is_device(device) {
        let message =
            format!("Value ({device}) for parameter device is invalid. {device} is not a valid EBS device name.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let held = of_instance(world, instance.account, &instance.region, &instance.id);
    if held.iter().any(|volume| volume.attachment.as_ref().is_some_and(|it| it.device == device)) {
        let message = format!("Invalid value '{device}' for unixDevice. Attachment point {device} is already in use");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    Ok(())
}

/// `/dev/sdf`, `/dev/sda1`, `/dev/xvdba`, `xvdf` (Windows).
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html>
pub fn is_device(name: &str) -> bool {
    let bare = name.strip_prefix("/dev/").unwrap_or(name);
    let letters = ["sd", "xvd", "hd"].into_iter().find_map(|kind| bare.strip_prefix(kind));
    letters.is_some_and(|rest| {
        let letters = rest.trim_end_matches(|digit: char| digit.is_ascii_digit());
        matches!(letters.len(), 1 | 2)
            && letters.bytes().all(|letter| letter.is_ascii_lowercase())
            && rest.len() - letters.len() <= 2
    })
}

/// DetachVolume on the volume, and on the instance where it is named or known.
pub fn to_detach(cx: &Cx, world: &World, input: &DetachVolume) -> Vec<Check> {
    let volume = resource::look_up::<Volume>(world, cx, &input.volume_id);
    let held = volume.and_then(|volume| Some(volume.attachment.as_ref()?.instance_id.clone()));
    let instance = input.instance_id.clone().or(held);
    let instance = instance.map(|id| instance::check_on(cx, world, &id));
    std::iter::once(resource::check_on::<Volume>(cx, world, &input.volume_id)).chain(instance).collect()
}

/// Sets an attached volume free; for a moment the attachment is seen as `detaching`.
pub fn detach(cx: &Cx, tx: &mut Tx, input: &DetachVolume) -> Result<AttachmentOut, ApiError> {
    if let Some(id) = &input.instance_id {
        kind::INSTANCE.well_formed(id)?;
    }
    let volume = resource::get::<Volume>(tx, cx, &input.volume_id)?;
    let Some(held) = &volume.attachment else {
        // Without a space, as AWS has it.
        let message = format!("Volume '{}'is in the 'available' state.", volume.id);
        return Err(ApiError::new("IncorrectState", message));
    };
    let named = |wanted: &Option<String>, held: &str| wanted.as_ref().is_none_or(|wanted| wanted == held);
    if !named(&input.instance_id, &held.instance_id) || !named(&input.device, &held.device) {
        let instance = input.instance_id.as_deref().unwrap_or(&held.instance_id);
        let device = input.device.as_deref().unwrap_or(&held.device);
        let message = format!("Volume '{}' is not attached to instance '{instance}' as device '{device}'.", volume.id);
        return Err(ApiError::new("InvalidAttachment.NotFound", message));
    }
    if volume.gone_at.is_some() {
        return Err(not_running(&held.instance_id));
    }
    may_be_detached(cx, tx, &volume, held)?;
    resource::update::<Volume>(tx, cx, &volume.id, |it| {
        it.detached = it.attachment.take().map(|attachment| Box::new(Detached { attachment, at: cx.now, until: None }));
    });
    Ok(attachment_out(&volume, held, "detaching"))
}

/// The root volume leaves a stopped instance only.
fn may_be_detached(cx: &Cx, world: &World, volume: &Volume, held: &VolumeAttachment) -> Result<(), ApiError> {
    let Ok(instance) = instance::find(cx, world, &held.instance_id) else { return Ok(()) };
    let is_root = instance.image.root_device_name.as_deref() == Some(held.device.as_str());
    if is_root && state_at(instance, cx.now, cx.settings.states) != State::Stopped {
        let message = format!("Unable to detach root volume '{}' from instance '{}'", volume.id, instance.id);
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    Ok(())
}
