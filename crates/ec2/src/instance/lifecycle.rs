//! Start, stop, reboot and terminate. Each changes all instances it names or, if one of them may not be changed, none.
//!
//! A change sets the instance's [`Phase`]; what a reader sees from then on follows from the time. Start with [`start`].

use std::sync::Arc;

use service::prelude::*;

use super::record::{Instance, Reason, ReasonKind};
use super::run::instance_type;
use super::state::{Phase, State, StateOut, state_at, terminated_from};
use super::{association, authorize, find_all, notice};
use crate::capacity::launch as capacity;
use crate::capacity::manager::usage;
use crate::fleet;
use crate::host::launch as host;
use crate::network::interface::{self, NetworkInterface, permission::on_behalf_of_owner};
use crate::placement_group::launch as group;
use crate::spot::{Phase as SpotPhase, follow as spot};
use crate::volume::{self, Volume};

/// `StartInstances`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct StartInstances {
    pub instance_ids: Vec<String>,
    pub dry_run: Option<bool>,
}

/// `StopInstances`. How the operating system goes down (`Force`, `SkipOsShutdown`) makes no difference here: there is none.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct StopInstances {
    pub instance_ids: Vec<String>,
    pub hibernate: Option<bool>,
    pub force: Option<bool>,
    pub skip_os_shutdown: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `RebootInstances`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct RebootInstances {
    pub instance_ids: Vec<String>,
    pub dry_run: Option<bool>,
}

/// `TerminateInstances`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct TerminateInstances {
    pub instance_ids: Vec<String>,
    pub force: Option<bool>,
    pub skip_os_shutdown: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `StartInstancesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Starting {
    pub starting_instances: Vec<StateChange>,
}

/// `StopInstancesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Stopping {
    pub stopping_instances: Vec<StateChange>,
}

/// `TerminateInstancesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Terminating {
    pub terminating_instances: Vec<StateChange>,
}

/// `InstanceStateChange`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct StateChange {
    pub instance_id: String,
    pub current_state: StateOut,
    pub previous_state: StateOut,
}

/// What StartInstances must be allowed.
pub fn to_start(cx: &Cx, world: &World, input: &StartInstances) -> Vec<Check> {
    authorize::on_instances(cx, world, &input.instance_ids)
}

/// What StopInstances must be allowed.
pub fn to_stop(cx: &Cx, world: &World, input: &StopInstances) -> Vec<Check> {
    authorize::on_instances(cx, world, &input.instance_ids)
}

/// What RebootInstances must be allowed.
pub fn to_reboot(cx: &Cx, world: &World, input: &RebootInstances) -> Vec<Check> {
    authorize::on_instances(cx, world, &input.instance_ids)
}

/// What TerminateInstances must be allowed.
pub fn to_terminate(cx: &Cx, world: &World, input: &TerminateInstances) -> Vec<Check> {
    authorize::on_instances(cx, world, &input.instance_ids)
}

/// Starting what runs already changes nothing. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartInstances.html>
pub fn start(cx: &Cx, tx: &mut Tx, input: &StartInstances) -> Result<Starting, ApiError> {
    let may = |_: &Instance, state| match state {
        State::Stopped => Ok(true),
        State::Pending | State::Running => Ok(false),
        State::Stopping | State::ShuttingDown | State::Terminated => {
            Err("The instance '{}' is not in a state from which it can be started.")
        }
    };
    let starting_instances = change_all(cx, tx, &input.instance_ids, may, start_one)?;
    Ok(Starting { starting_instances })
}

/// Stopping what is stopped already changes nothing. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StopInstances.html>
pub fn stop(cx: &Cx, tx: &mut Tx, input: &StopInstances) -> Result<Stopping, ApiError> {
    for instance in find_all(cx, tx, &input.instance_ids)? {
        spot::may_be_stopped(tx, &instance)?;
        may_be_stopped(&instance, input.hibernate == Some(true))?;
    }
    let may = |_: &Instance, state| match state {
        State::Running => Ok(true),
        State::Stopping | State::Stopped => Ok(false),
        State::Pending | State::ShuttingDown | State::Terminated => {
            Err("This instance '{}' is not in a state from which it can be stopped.")
        }
    };
    let stopping_instances = change_all(cx, tx, &input.instance_ids, may, |cx, tx, instance| {
        let hibernates = input.hibernate == Some(true);
        let kind = if hibernates { ReasonKind::UserInitiatedHibernate } else { ReasonKind::UserInitiated };
        stop_one(cx, tx, instance, kind)
    })?;
    Ok(Stopping { stopping_instances })
}

/// An instance that is stopped cannot be rebooted, one that is over is passed over (recorded of AWS, September 2026); one that runs goes on running,
/// and what a scheduled reboot was for is done.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RebootInstances.html>
pub fn reboot(cx: &Cx, tx: &mut Tx, input: &RebootInstances) -> Result<Done, ApiError> {
    for instance in find_all(cx, tx, &input.instance_ids)? {
        match state_at(&instance, cx.now, cx.settings.states) {
            State::Pending | State::Running => {
                notice::event::user_reboots(tx, &instance, cx.now);
                update(tx, &instance, |it| it.rebooted_at = Some(cx.now));
            }
            State::ShuttingDown | State::Terminated => {}
            state @ (State::Stopping | State::Stopped) => {
                let message =
                    format!("Cannot reboot instance {} that is currently in {} state.", instance.id, state.name());
                return Err(ApiError::new("IncorrectState", message));
            }
        }
    }
    Ok(Done {})
}

/// Terminating what is terminated already changes nothing. AWS would go on with those in zones where no instance is protected and answer with the
/// error all the same; here a refused request leaves everything as it was.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html>
pub fn terminate(cx: &Cx, tx: &mut Tx, input: &TerminateInstances) -> Result<Terminating, ApiError> {
    for instance in find_all(cx, tx, &input.instance_ids)? {
        may_be_terminated(&instance)?;
    }
    let may = |_: &Instance, state: State| Ok(!state.is_over());
    let terminating_instances = change_all(cx, tx, &input.instance_ids, may, |cx, tx, instance| {
        terminate_one(cx, tx, instance, ReasonKind::UserInitiated)
    })?;
    replace(cx, tx, &input.instance_ids)?;
    Ok(Terminating { terminating_instances })
}

/// After instances ended: persistent Spot requests and fleets that maintain their size launch again.
pub(super) fn replace(cx: &Cx, tx: &mut Tx, ended: &[String]) -> Result<(), ApiError> {
    for id in ended {
        spot::again(cx, tx, id)?;
    }
    fleet::follow(cx, tx, ended)
}

/// Whether an instance in that state is to be changed; an error is the text of IncorrectInstanceState, `{}` standing for the id.
type May = fn(&Instance, State) -> Result<bool, &'static str>;

/// Changes all instances of the list and tells of each what it was and is. A refusal leaves none changed, because the Tx is dropped.
fn change_all(
    cx: &Cx,
    tx: &mut Tx,
    ids: &[String],
    may: May,
    change: impl Fn(&Cx, &mut Tx, &Instance) -> Result<(), ApiError>,
) -> Result<Vec<StateChange>, ApiError> {
    let mut changes = Vec::with_capacity(ids.len());
    for instance in find_all(cx, tx, ids)? {
        let before = state_at(&instance, cx.now, cx.settings.states);
        let wanted = may(&instance, before)
            .map_err(|text| ApiError::new("IncorrectInstanceState", text.replace("{}", &instance.id)))?;
        if wanted {
            change(cx, tx, &instance)?;
        }
        let after = super::find(cx, tx, &instance.id).map_or(before, |now| state_at(now, cx.now, cx.settings.states));
        changes.push(StateChange {
            instance_id: instance.id.clone(),
            current_state: after.out(),
            previous_state: before.out(),
        });
    }
    Ok(changes)
}

fn update(tx: &mut Tx, instance: &Instance, change: impl FnOnce(&mut Instance)) {
    tx.update::<Instance>(&[instance.account.as_str(), &instance.region, &instance.id], change);
}

/// A root volume can be detached while the instance is stopped. The text was seen in
/// <https://github.com/aws-solutions/instance-scheduler-on-aws/issues/266>.
fn must_have_root(world: &World, instance: &Instance) -> Result<(), ApiError> {
    let Some(root) = instance.image.root_device_name.as_deref() else { return Ok(()) };
    let volumes = volume::of_instance(world, instance.account, &instance.region, &instance.id);
    let at_root = |volume: &Arc<Volume>| volume.attachment.as_ref().is_some_and(|held| held.device == root);
    if volumes.iter().any(at_root) {
        return Ok(());
    }
    let message = format!(
        "Invalid value '{}' for instanceId. Instance does not have a volume attached at root ({root})",
        instance.id
    );
    Err(ApiError::new("InvalidParameterValue", message))
}

fn start_one(cx: &Cx, tx: &mut Tx, instance: &Instance) -> Result<(), ApiError> {
    must_have_root(tx, instance)?;
    let kind = instance_type::known(&instance.instance_type)?;
    instance_type::must_virtualize(kind, &instance.image.virtualization_type, instance.image.platform.as_deref())?;
    instance_type::must_have_adapter(kind, instance.attributes.ena_support)?;
    instance_type::may_be_optimized(kind, instance.attributes.ebs_optimized)?;
    instance_type::may_have_enclave(kind, instance.attributes.enclave)?;
    spot::follow(cx, tx, instance, SpotPhase::Fulfilled);
    let reservation = capacity::again(cx, tx, instance)?;
    let host = host::again(cx, tx, instance)?;
    group::again(cx, tx, instance)?;
    update(tx, instance, |it| {
        it.phase = Phase::Up { since: cx.now };
        it.started_at = cx.now_seconds();
        it.reason = None;
        it.rebooted_at = None;
        it.interrupted_at = None;
        it.capacity_reservation_id = reservation;
        if it.placement.host_id != host {
            Arc::make_mut(&mut it.placement).host_id = host;
        }
    });
    notice::event::host_changes(tx, instance, cx.now);
    let interfaces = interface::of_instance(tx, instance.account, &instance.region, &instance.id);
    // A second interface ends the automatic address, and an elastic one takes its place.
    // <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html>
    if let ([primary], true) = (interfaces.as_slice(), instance.auto_public_address) {
        interface::draw_public_address(cx, tx, primary)?;
    }
    Ok(())
}

/// Stops an instance that runs.
pub(super) fn stop_one(cx: &Cx, tx: &mut Tx, instance: &Instance, kind: ReasonKind) -> Result<(), ApiError> {
    let interrupted = kind == ReasonKind::SpotShutdown;
    usage::ends(cx, tx, instance, interrupted);
    spot::follow(cx, tx, instance, if interrupted { SpotPhase::StoppedNoCapacity } else { SpotPhase::Stopped });
    update(tx, instance, |it| {
        it.phase = Phase::Stopped { since: cx.now };
        it.reason = Some(Reason { kind, at: cx.now });
    });
    notice::run_is_over(tx, instance);
    for held in interface::of_instance(tx, instance.account, &instance.region, &instance.id) {
        interface::release_public_address(&on_behalf_of_owner(cx, &held), tx, &held)?;
    }
    Ok(())
}

fn may_be_stopped(instance: &Instance, hibernate: bool) -> Result<(), ApiError> {
    if instance.attributes.disable_api_stop {
        return Err(protected(instance, "stopped", "disableApiStop"));
    }
    if hibernate && !instance.attributes.hibernation {
        // Quoted in <https://github.com/aws-solutions/instance-scheduler-on-aws/issues/510>.
        let message = format!(
            "The instance can't be hibernated because it was not configured at launch for hibernation: {}",
            instance.id
        );
        return Err(ApiError::new("UnsupportedHibernationConfiguration", message));
    }
    Ok(())
}

fn may_be_terminated(instance: &Instance) -> Result<(), ApiError> {
    if instance.terminated_at().is_some() {
        return Ok(());
    }
    if instance.attributes.disable_api_termination {
        return Err(protected(instance, "terminated", "disableApiTermination"));
    }
    // Stop protection covers termination, too. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-stop-protection.html>
    if instance.attributes.disable_api_stop {
        return Err(protected(instance, "terminated", "disableApiStop"));
    }
    Ok(())
}

fn protected(instance: &Instance, what: &str, attribute: &str) -> ApiError {
    ApiError::new(
        "OperationNotPermitted",
        format!(
            "The instance '{}' may not be {what}. Modify its '{attribute}' instance attribute and try again.",
            instance.id
        ),
    )
}

/// Terminates an instance. What hangs on it goes with it or is set free as soon as it is `terminated`; a security group can't be deleted before:
/// <https://github.com/aws/aws-sdk-java/issues/163>. The record itself stays visible for an hour. One that is stopped is terminated at once, and goes
/// on telling why it was stopped (recorded of AWS, September 2026).
pub(crate) fn terminate_one(cx: &Cx, tx: &mut Tx, instance: &Instance, kind: ReasonKind) -> Result<(), ApiError> {
    notice::instance_is_over(tx, instance);
    let interrupted = kind == ReasonKind::SpotTermination;
    usage::ends(cx, tx, instance, interrupted);
    spot::follow(cx, tx, instance, if interrupted { SpotPhase::TerminatedNoCapacity } else { SpotPhase::Terminated });
    if let Some(association) = association::of_instance(tx, instance) {
        association::end(cx, tx, &association);
    }
    let at_once = state_at(instance, cx.now, cx.settings.states) == State::Stopped;
    let at = if at_once { cx.now } else { terminated_from(cx) };
    for held in interface::of_instance(tx, instance.account, &instance.region, &instance.id) {
        release_interface(cx, tx, &held, at)?;
    }
    for held in volume::of_instance(tx, instance.account, &instance.region, &instance.id) {
        volume::release(cx, tx, &held, at);
    }
    update(tx, instance, |it| {
        it.phase = Phase::Terminated { since: cx.now, at_once };
        let told = it.reason.filter(|told| at_once && told.kind == kind);
        it.reason = told.or(Some(Reason { kind, at: cx.now }));
        it.user_data = None;
    });
    Ok(())
}

fn release_interface(cx: &Cx, tx: &mut Tx, held: &NetworkInterface, at: Timestamp) -> Result<(), ApiError> {
    let cx = &on_behalf_of_owner(cx, held);
    if held.attachment.as_ref().is_some_and(|attachment| attachment.delete_on_termination) {
        interface::delete_at(cx, tx, &held.id, at)
    } else {
        interface::detach_at(cx, tx, &held.id, at)
    }
}
