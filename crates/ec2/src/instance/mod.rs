//! Instances: launching, describing, starting and stopping, terminating, their attributes, metadata options and instance profiles.
//!
//! There is no machine behind an instance: its state is computed from what was asked of it and when ([`state`]). [`run`] launches, [`lifecycle`]
//! changes the state, [`view`] writes an instance into an answer. Networks belong to `crate::network`, volumes to `crate::volume`. Other crates (the
//! metadata service) use [`by_metadata_address`], [`association_of`] and [`state_at`].

use std::net::Ipv4Addr;
use std::sync::Arc;

use service::operations;
use service::prelude::*;

use crate::kind;

pub mod association;
pub mod attribute;
pub(crate) mod authorize;
pub mod bundle;
pub mod client_token;
pub mod connect_endpoint;
pub mod console;
pub mod credit;
pub mod describe;
pub mod event_notification;
pub mod event_window;
mod filters;
pub mod firmware;
pub mod image_metadata;
pub mod lifecycle;
pub mod metadata_options;
pub mod monitoring;
pub mod notice;
pub mod options;
pub mod out;
pub mod placement;
pub mod product;
mod profile;
mod record;
pub mod requirements;
pub mod run;
pub mod screenshot;
pub mod sql_ha;
mod state;
pub mod status;
#[cfg(test)]
pub(crate) mod tests;
pub mod topology;
pub mod types;
pub mod view;

pub use association::{ProfileAssociation, of_instance as association_of};
pub use authorize::on_instance as check_on;
pub use client_token::ClientToken;
pub(crate) use record::enabled_word;
pub use record::{
    Attributes, Instance, InstancePlacement, LaunchedImage, Market, MetadataOptions, Reason, ReasonKind, Tokens,
};
pub use state::{Phase, STARTING_SECONDS, STOPPING_SECONDS, State, elapsed, state_at};

operations! { Ec2;
    RunInstances => write(run::run) authorize(run::checks::to_run) check(run::combinations::check) rehearsed(),
    DescribeInstances => read(describe::describe) authorize(any::<describe::DescribeInstances>),
    DescribeInstanceStatus => read(status::describe) authorize(any::<status::DescribeInstanceStatus>),
    StartInstances => write(lifecycle::start) authorize(lifecycle::to_start),
    StopInstances => write(lifecycle::stop) authorize(lifecycle::to_stop),
    RebootInstances => write(lifecycle::reboot) authorize(lifecycle::to_reboot),
    TerminateInstances => write(lifecycle::terminate) authorize(lifecycle::to_terminate),
    DescribeInstanceAttribute => read(attribute::describe::describe) authorize(attribute::describe::to_describe),
    ModifyInstanceAttribute => write(attribute::modify::modify) authorize(attribute::modify::to_modify) check(attribute::modify::check),
    ModifyInstanceMetadataOptions => write(metadata_options::modify) authorize(metadata_options::to_modify) check(metadata_options::check),
    DescribeInstanceCreditSpecifications => read(credit::describe) authorize(any::<credit::DescribeInstanceCreditSpecifications>),
    MonitorInstances => write(monitoring::monitor) authorize(monitoring::to_change) check(monitoring::check),
    UnmonitorInstances => write(monitoring::unmonitor) authorize(monitoring::to_change) check(monitoring::check),
    AssociateIamInstanceProfile => write(association::associate) authorize(association::to_associate) check(association::check),
    DisassociateIamInstanceProfile => write(association::disassociate) authorize(association::to_disassociate),
    ReplaceIamInstanceProfileAssociation => write(association::replace) authorize(association::to_replace),
    DescribeIamInstanceProfileAssociations => read(association::describe) authorize(any::<association::DescribeIamInstanceProfileAssociations>),
    ModifyInstanceCreditSpecification => write(credit::modify) authorize(credit::to_modify) check(credit::check),
    ModifyInstanceEventStartTime => write(notice::reschedule::reschedule) authorize(notice::reschedule::to_reschedule),
    ResetInstanceAttribute => write(attribute::reset::reset) authorize(attribute::reset::to_reset),
    DescribeInstanceTypes => read(types::describe) authorize(any::<types::DescribeInstanceTypes>) scan(),
    DescribeInstanceTypeOfferings => read(types::offerings) authorize(any::<types::DescribeInstanceTypeOfferings>) scan(),
}

/// Describing operations know no resources.
fn any<I>(_: &Cx, _: &World, _: &I) -> Vec<Check> {
    vec![Check::any()]
}

/// The instance of the caller's account and region with that id: InvalidInstanceID.Malformed or .NotFound otherwise.
pub fn find<'w>(cx: &Cx, world: &'w World, id: &str) -> Result<&'w Arc<Instance>, ApiError> {
    kind::INSTANCE.well_formed(id)?;
    world.get::<Instance>(&[cx.account().as_str(), cx.region_name(), id]).ok_or_else(|| kind::INSTANCE.not_found(&[id]))
}

/// All instances of the list, each once; an unknown id fails the whole list.
pub fn find_all(cx: &Cx, world: &World, ids: &[String]) -> Result<Vec<Arc<Instance>>, ApiError> {
    let (mut found, mut missing) = (Vec::with_capacity(ids.len()), Vec::new());
    for (position, id) in ids.iter().enumerate() {
        kind::INSTANCE.well_formed(id)?;
        if ids.iter().take(position).any(|before| before == id) {
            continue;
        }
        match world.get::<Instance>(&[cx.account().as_str(), cx.region_name(), id]) {
            Some(instance) => found.push(instance.clone()),
            None => missing.push(id.as_str()),
        }
    }
    if missing.is_empty() { Ok(found) } else { Err(kind::INSTANCE.not_found(&missing)) }
}

/// All instances of all accounts and regions: for administration, not for an API.
pub fn all(world: &World) -> impl Iterator<Item = &Arc<Instance>> {
    world.scan::<Instance>(&[])
}

/// The instance of that id, wherever it is. It looks through all of them: for administration only.
pub fn by_id_anywhere(world: &World, id: &str) -> Option<Arc<Instance>> {
    all(world).find(|instance| instance.id == id).cloned()
}

/// The instance whose metadata service has that address, whatever its account.
pub fn by_metadata_address(world: &World, address: Ipv4Addr) -> Option<Arc<Instance>> {
    world.one::<Instance>(Instance::BY_ADDRESS, &[&address.to_string()]).cloned()
}
