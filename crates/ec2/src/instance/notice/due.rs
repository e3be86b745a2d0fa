//! What is due: announced interruptions and events, moments at which Spot requests and fleets begin or end, and at which what is imported or
//! exported is there. Nothing is scheduled; whoever looks first after such a moment has it [carried out](carry_out), as of that moment.

use std::sync::Arc;

use service::prelude::*;

use super::{Action, InstanceEvent, Notice, event, run_is_over};
use crate::capacity::block::{self, CapacityBlock};
use crate::capacity::manager::export::{self as data_export, CapacityDataExport};
use crate::conversion::{self, ConversionTask};
use crate::declarative_report::{self, DeclarativeReport};
use crate::export::{self, ExportImageTask, ExportInstanceTask};
use crate::fleet::{self, Fleet};
use crate::fpga::{self, FpgaImage};
use crate::import::{self, ImportImageTask, ImportSnapshotTask};
use crate::instance::record::ReasonKind;
use crate::instance::{Instance, Phase, lifecycle};
use crate::spot::{self, SpotRequest};
use crate::spot_fleet::SpotFleet;

/// Something whose moment has come.
struct Due {
    at: Timestamp,
    account: AccountId,
    region: String,
    what: What,
}

enum What {
    Interruption(Arc<Notice>, Action),
    Event(Arc<InstanceEvent>),
    /// By its id: what was due before may have changed it.
    SpotRequest(String),
    /// Of either form, by its id.
    Fleet(String),
    /// The instances of a Capacity Block end.
    CapacityBlock(Arc<CapacityBlock>),
    /// What a task imports is there; by its id.
    ImportedSnapshot(String),
    ImportedImage(String),
    /// A report on what accounts have set, by its id.
    DeclarativeReport(String),
    /// The file that a task exports is there; by its id.
    ExportedImage(String),
    ExportedInstance(String),
    /// The volume or the instance that a task converts is there; by its id.
    Converted(String),
    /// An image of an FPGA is built; by its id.
    FpgaImage(String),
    /// An hour of capacity is over that is exported; by the export's id.
    CapacityExport(String),
}

impl Due {
    /// At that moment in a place, if it has come.
    fn at(at: Timestamp, now: Timestamp, place: (AccountId, &str), what: impl FnOnce() -> What) -> Option<Due> {
        let (account, region) = place;
        (at <= now).then(|| Due { at, account, region: region.to_owned(), what: what() })
    }

    fn of_notice(notice: &Arc<Notice>, now: Timestamp) -> Option<Due> {
        let interruption = notice.interruption?;
        let what = || What::Interruption(notice.clone(), interruption.action);
        Due::at(interruption.at, now, (notice.account, &notice.region), what)
    }

    fn of_fleet(fleet: &Fleet, now: Timestamp) -> Option<Due> {
        Due::at(fleet.next_moment()?, now, (fleet.account, &fleet.region), || What::Fleet(fleet.id.clone()))
    }
}

/// What is due under these parts: an account and a region, or everywhere.
fn due<'w>(world: &'w World, parts: &[&str]) -> impl Iterator<Item = Due> + use<'w> {
    let now = world.now();
    let interruptions = world.by::<Notice>(Notice::BY_INTERRUPTION, parts);
    let events = world.by::<InstanceEvent>(InstanceEvent::BY_PENDING, parts);
    let requests = world.by::<SpotRequest>(SpotRequest::BY_END, parts);
    let fleets = world.by::<Fleet>(Fleet::BY_MOMENT, parts);
    let spot = world.by::<SpotFleet>(SpotFleet::BY_MOMENT, parts);
    let blocks = world.by::<CapacityBlock>(CapacityBlock::BY_END, parts);
    let imports = world.by::<ImportSnapshotTask>(ImportSnapshotTask::BY_END, parts);
    let images = world.by::<ImportImageTask>(ImportImageTask::BY_END, parts);
    let reports = world.by::<DeclarativeReport>(DeclarativeReport::BY_END, parts);
    let exports = world.by::<ExportInstanceTask>(ExportInstanceTask::BY_END, parts);
    let exported = world.by::<ExportImageTask>(ExportImageTask::BY_END, parts);
    let conversions = world.by::<ConversionTask>(ConversionTask::BY_END, parts);
    let hours = world.by::<CapacityDataExport>(CapacityDataExport::BY_MOMENT, parts);
    let designs = world.by::<FpgaImage>(FpgaImage::BY_END, parts);
    let of_instances =
        interruptions
            .filter_map(move |notice| Due::of_notice(notice, now))
            .chain(events.filter_map(move |it| {
                Due::at(it.not_before, now, (it.account, &it.region), || What::Event(it.clone()))
            }))
            .chain(blocks.filter_map(move |it| {
                Due::at(it.instances_end_at(), now, (it.account, &it.region), || What::CapacityBlock(it.clone()))
            }));
    let requests = requests.filter_map(move |it| {
        Due::at(it.ends_at()?, now, (it.account, &it.region), || What::SpotRequest(it.id.clone()))
    });
    let of_fleets = fleets
        .filter_map(move |fleet| Due::of_fleet(fleet, now))
        .chain(spot.filter_map(move |held| Due::of_fleet(&held.fleet, now)));
    of_instances
        .chain(requests)
        .chain(of_fleets)
        .chain(imports.filter_map(move |it| {
            Due::at(it.run.ends_at, now, (it.account, &it.region), || What::ImportedSnapshot(it.id.clone()))
        }))
        .chain(images.filter_map(move |it| {
            Due::at(it.run.ends_at, now, (it.account, &it.region), || What::ImportedImage(it.id.clone()))
        }))
        .chain(reports.filter_map(move |it| {
            Due::at(it.ends_at, now, (it.account, &it.region), || What::DeclarativeReport(it.id.clone()))
        }))
        .chain(exports.filter_map(move |it| {
            Due::at(it.run.ends_at, now, (it.account, &it.region), || What::ExportedInstance(it.id.clone()))
        }))
        .chain(exported.filter_map(move |it| {
            Due::at(it.run.ends_at, now, (it.account, &it.region), || What::ExportedImage(it.id.clone()))
        }))
        .chain(conversions.filter_map(move |it| {
            Due::at(it.run.ends_at, now, (it.account, &it.region), || What::Converted(it.id.clone()))
        }))
        .chain(designs.filter_map(move |it| {
            Due::at(it.ends_at, now, (it.account, &it.region), || What::FpgaImage(it.id.clone()))
        }))
        .chain(hours.filter_map(move |it| {
            Due::at(it.next_at, now, (it.account, &it.region), || What::CapacityExport(it.id.clone()))
        }))
}

/// Whether something is to be carried out in that account and region.
pub fn is_due(world: &World, account: AccountId, region: &str) -> bool {
    due(world, &[account.as_str(), region]).next().is_some()
}

/// The accounts and regions in which something is due.
pub fn due_places(world: &World) -> Vec<(AccountId, String)> {
    let mut places: Vec<_> = due(world, &[]).map(|due| (due.account, due.region)).collect();
    places.sort_by(|a, b| (a.0.as_str(), &a.1).cmp(&(b.0.as_str(), &b.1)));
    places.dedup();
    places
}

/// Does what is due in the context's account and region, in order, each as of its own moment.
pub fn carry_out(cx: &Cx, tx: &mut Tx) -> Result<(), ApiError> {
    let mut list: Vec<Due> = due(&tx.at(cx.now), &[cx.account().as_str(), cx.region_name()]).collect();
    list.sort_by_key(|due| due.at);
    for due in list {
        // Each may launch, and draws ids of its own.
        let then = Cx { now: due.at, ..cx.apart() };
        match due.what {
            What::Interruption(notice, action) => carry_out_interruption(&then, tx, &notice, action)?,
            What::Event(event) => carry_out_event(&then, tx, &event)?,
            What::SpotRequest(request) => spot::follow::end_has_come(&then, tx, &request),
            What::Fleet(id) => fleet::fill::moment_has_come(&then, tx, &id)?,
            What::CapacityBlock(block) => carry_out_end_of_block(&then, tx, &block)?,
            What::DeclarativeReport(id) => declarative_report::complete(&then, tx, &id),
            // All hours that are over are written at once.
            What::CapacityExport(id) => data_export::deliver(cx, tx, &id),
            What::FpgaImage(id) => fpga::create::complete(&then, tx, &id),
            What::ImportedImage(id) => import::image::complete(&then, tx, &id),
            What::Converted(id) => conversion::task::complete(&then, tx, &id),
            What::ExportedImage(id) => export::image::complete(&then, tx, &id),
            What::ExportedInstance(id) => export::instance::complete(&then, tx, &id),
            What::ImportedSnapshot(id) => import::snapshot::complete(&then, tx, &id),
        }
    }
    Ok(())
}

fn carry_out_interruption(cx: &Cx, tx: &mut Tx, notice: &Notice, action: Action) -> Result<(), ApiError> {
    let key = [notice.account.as_str(), &notice.region, &notice.id];
    let Some(instance) = tx.get::<Instance>(&key).cloned() else {
        tx.remove::<Notice>(&key);
        return Ok(());
    };
    run_is_over(tx, &instance);
    match (instance.phase, action) {
        (Phase::Up { .. }, Action::Terminate) => {
            let reserved = instance.market.is_some();
            let kind = if reserved { ReasonKind::CapacityEnded } else { ReasonKind::SpotTermination };
            lifecycle::terminate_one(cx, tx, &instance, kind)?;
            lifecycle::replace(cx, tx, std::slice::from_ref(&instance.id))
        }
        (Phase::Up { .. }, Action::Stop | Action::Hibernate) => {
            lifecycle::stop_one(cx, tx, &instance, ReasonKind::SpotShutdown)
        }
        _ => Ok(()),
    }
}

/// A retired instance stops, since all of ours have their root device on EBS.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/schedevents_actions_retire.html>
fn carry_out_event(cx: &Cx, tx: &mut Tx, event: &InstanceEvent) -> Result<(), ApiError> {
    event::complete(tx, event, cx.now);
    let instance = tx.get::<Instance>(&[event.account.as_str(), &event.region, &event.instance_id]).cloned();
    match instance {
        Some(instance) if matches!(instance.phase, Phase::Up { .. }) => {
            lifecycle::stop_one(cx, tx, &instance, ReasonKind::ScheduledStop)
        }
        _ => Ok(()),
    }
}

/// What runs in a Capacity Block is terminated before the block ends.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-blocks-how.html>
fn carry_out_end_of_block(cx: &Cx, tx: &mut Tx, block: &CapacityBlock) -> Result<(), ApiError> {
    let running = block.instances(tx);
    for instance in &running {
        lifecycle::terminate_one(cx, tx, instance, ReasonKind::CapacityEnded)?;
    }
    block::is_cleared(tx, block);
    let ended: Vec<String> = running.iter().map(|instance| instance.id.clone()).collect();
    lifecycle::replace(cx, tx, &ended)
}
