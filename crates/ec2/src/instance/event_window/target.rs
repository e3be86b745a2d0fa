//! AssociateInstanceEventWindow and DisassociateInstanceEventWindow: for which instances a window is, by their ids, by a tag, or by their dedicated
//! host.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateInstanceEventWindow.html>

use service::prelude::*;

use super::EventWindow;
use super::change::Changed;
use super::describe::out;
use crate::host;
use crate::instance::find_all;
use crate::refused::missing;
use crate::resource;

/// `AssociateInstanceEventWindowRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct AssociateInstanceEventWindow {
    pub instance_event_window_id: String,
    pub association_target: Target,
    pub dry_run: Option<bool>,
}

/// `DisassociateInstanceEventWindowRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct DisassociateInstanceEventWindow {
    pub instance_event_window_id: String,
    pub association_target: Target,
    pub dry_run: Option<bool>,
}

/// `InstanceEventWindowAssociationRequest` and `InstanceEventWindowDisassociationRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Target {
    #[serde(default)]
    pub instance_ids: Vec<String>,
    #[serde(default)]
    pub instance_tags: Vec<Tag>,
    #[serde(default)]
    pub dedicated_host_ids: Vec<String>,
}

/// AssociateInstanceEventWindow on the window.
pub fn to_associate(cx: &Cx, world: &World, input: &AssociateInstanceEventWindow) -> Vec<Check> {
    vec![resource::check_on::<EventWindow>(cx, world, &input.instance_event_window_id)]
}

/// DisassociateInstanceEventWindow on the window.
pub fn to_disassociate(cx: &Cx, world: &World, input: &DisassociateInstanceEventWindow) -> Vec<Check> {
    vec![resource::check_on::<EventWindow>(cx, world, &input.instance_event_window_id)]
}

/// Adds targets, which are all of one kind and of no other window.
pub fn associate(cx: &Cx, tx: &mut Tx, input: &AssociateInstanceEventWindow) -> Result<Changed, ApiError> {
    let window = resource::get::<EventWindow>(tx, cx, &input.instance_event_window_id)?;
    let target = &input.association_target;
    one_kind(target)?;
    if window.kinds().iter().zip(target.kinds()).any(|(held, given)| *held && !given) {
        return Err(several_kinds());
    }
    find_all(cx, tx, &target.instance_ids)?;
    for id in &target.dedicated_host_ids {
        host::launch::named(cx, tx, id)?;
    }
    free(cx, tx, &window, target)?;
    change(cx, tx, &window.id, |it| {
        add(&mut it.instance_ids, &target.instance_ids);
        add(&mut it.instance_tags, &target.instance_tags);
        add(&mut it.dedicated_host_ids, &target.dedicated_host_ids);
    })
}

/// Takes targets away; what is none of the window's changes nothing.
pub fn disassociate(cx: &Cx, tx: &mut Tx, input: &DisassociateInstanceEventWindow) -> Result<Changed, ApiError> {
    let window = resource::get::<EventWindow>(tx, cx, &input.instance_event_window_id)?;
    let target = &input.association_target;
    one_kind(target)?;
    change(cx, tx, &window.id, |it| {
        it.instance_ids.retain(|id| !target.instance_ids.contains(id));
        it.instance_tags.retain(|tag| !target.instance_tags.contains(tag));
        it.dedicated_host_ids.retain(|id| !target.dedicated_host_ids.contains(id));
    })
}

fn change(cx: &Cx, tx: &mut Tx, id: &str, change: impl FnOnce(&mut EventWindow)) -> Result<Changed, ApiError> {
    resource::update::<EventWindow>(tx, cx, id, change);
    Ok(Changed { instance_event_window: out(cx, &*resource::get::<EventWindow>(tx, cx, id)?) })
}

fn add<T: Clone + PartialEq>(held: &mut Vec<T>, more: &[T]) {
    for one in more {
        if !held.contains(one) {
            held.push(one.clone());
        }
    }
}

impl Target {
    /// Whether it names instances, tags, hosts.
    fn kinds(&self) -> [bool; 3] {
        [!self.instance_ids.is_empty(), !self.instance_tags.is_empty(), !self.dedicated_host_ids.is_empty()]
    }
}

fn one_kind(target: &Target) -> Result<(), ApiError> {
    match target.kinds().iter().filter(|given| **given).count() {
        0 => Err(missing("AssociationTarget")),
        1 => Ok(()),
        _ => Err(several_kinds()),
    }
}

fn several_kinds() -> ApiError {
    ApiError::new("InvalidParameterCombination", "Only one type of target can be associated with an event window.")
}

/// A target can be associated with one window only.
fn free(cx: &Cx, world: &World, window: &EventWindow, target: &Target) -> Result<(), ApiError> {
    let taken = |text: String| Err(ApiError::new("Resource.AlreadyAssociated", text));
    for other in resource::all::<EventWindow>(cx, world).filter(|other| other.id != window.id) {
        if let Some(id) = target.instance_ids.iter().find(|id| other.instance_ids.contains(id)) {
            return taken(format!("The instance '{id}' is already associated with the event window '{}'.", other.id));
        }
        if let Some(id) = target.dedicated_host_ids.iter().find(|id| other.dedicated_host_ids.contains(id)) {
            return taken(format!("The host '{id}' is already associated with the event window '{}'.", other.id));
        }
        if let Some(tag) = target.instance_tags.iter().find(|tag| other.instance_tags.contains(tag)) {
            let text = format!(
                "The tag '{}={}' is already associated with the event window '{}'.",
                tag.key, tag.value, other.id
            );
            return taken(text);
        }
    }
    Ok(())
}
