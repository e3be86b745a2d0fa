//! The dedicated host for an instance of the tenancy `host`: the one its launch names, else one that takes what names none.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/dedicated-hosts-understanding.html>

use std::sync::Arc;

use service::prelude::*;

use super::{Host, family_of};
use crate::catalogue::instance_types::{self, InstanceType};
use crate::instance::Instance;
use crate::instance::run::input::PlacementWish;
use crate::kind;
use crate::resource;

/// What a launch says of hosts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    host_id: Option<String>,
    tenancy: Option<String>,
    affinity: Option<String>,
    /// It names a placement group.
    grouped: bool,
}

/// What a launch asks for.
pub fn wanted(placement: Option<&PlacementWish>) -> Wanted {
    let Some(placement) = placement else { return Wanted::default() };
    Wanted {
        host_id: placement.host_id.clone(),
        tenancy: placement.tenancy.clone(),
        affinity: placement.affinity.clone(),
        grouped: placement.group_name.as_ref().is_some_and(|name| !name.is_empty()) || placement.group_id.is_some(),
    }
}

/// Parameters that need the tenancy `host`, and what it excludes. The texts are recorded at AWS, but for that on the host.
pub fn check(placement: Option<&PlacementWish>) -> Result<(), ApiError> {
    let wanted = wanted(placement);
    let combined = |message: &str| Err(ApiError::new("InvalidParameterCombination", message));
    match wanted.affinity.as_deref() {
        Some("default" | "host") | None => {}
        Some(other) => {
            return Err(ApiError::new("InvalidAffinity", format!("The affinity '{other}' is not valid.")));
        }
    }
    if wanted.host_id.is_some() && !wanted.hosted() {
        return combined("The parameter hostId cannot be used without specifying a tenancy of 'host'");
    }
    if wanted.affinity.is_some() && !wanted.hosted() {
        return combined("The parameter affinity cannot be used without specifying a tenancy of 'host'");
    }
    if wanted.grouped && wanted.hosted() {
        return combined(
            "You cannot launch an instance with a tenancy of 'host' into a placement group. Either remove the placement group from the request, or \
             specify a different tenancy.",
        );
    }
    Ok(())
}

impl Wanted {
    /// Whether the instance goes to a host: its tenancy says so, or it names one and says nothing else.
    pub fn hosted(&self) -> bool {
        match self.tenancy.as_deref() {
            Some(tenancy) => tenancy == "host",
            None => self.host_id.is_some(),
        }
    }

    /// `host` if the instance stays with its host over stops.
    pub fn affinity(&self) -> Option<String> {
        self.hosted().then(|| self.affinity.clone().unwrap_or_else(|| "default".to_owned()))
    }

    /// The zone of the host that is named, else of the first that takes the type and has room.
    pub fn zone(&self, cx: &Cx, world: &World, type_name: &str) -> Option<String> {
        if let Some(id) = &self.host_id {
            return Some(resource::look_up::<Host>(world, cx, id)?.zone.clone());
        }
        let kind = instance_types::get(type_name).filter(|_| self.hosted())?;
        let mut hosts = super::of_family(cx, world, family_of(type_name));
        hosts.find(|host| host.takes_unnamed(world, kind)).map(|host| host.zone.clone())
    }

    /// How many instances of the type find room in that zone: as many as one likes for other tenancies. At least so many must.
    pub fn room(&self, cx: &Cx, world: &World, kind: &InstanceType, zone: &str, least: i64) -> Result<i64, ApiError> {
        if !self.hosted() {
            return Ok(i64::MAX);
        }
        if let Some(id) = &self.host_id {
            let host = named(cx, world, id)?;
            fits(&host, kind, zone)?;
            let room = host.room(world, kind);
            return if room >= least { Ok(room) } else { Err(full(&host)) };
        }
        let room: i64 = unnamed(cx, world, kind, zone).map(|host| host.room(world, kind)).sum();
        if room >= least { Ok(room) } else { Err(none()) }
    }

    /// The host of the next instance; `None` for other tenancies.
    pub fn next(&self, cx: &Cx, world: &World, kind: &InstanceType, zone: &str) -> Result<Option<String>, ApiError> {
        match &self.host_id {
            _ if !self.hosted() => Ok(None),
            Some(id) => Ok(Some(id.clone())),
            None => unnamed(cx, world, kind, zone).next().map(|host| Some(host.id.clone())).ok_or_else(none),
        }
    }
}

impl Host {
    /// Whether it takes an instance of the type that names no host.
    fn takes_unnamed(&self, world: &World, kind: &InstanceType) -> bool {
        let takes = self.auto_placement && self.released_at.is_none() && self.takes(&kind.instance_type);
        takes && self.room(world, kind) > 0
    }
}

/// The hosts of the zone that take what names none, and have room.
fn unnamed<'w>(
    cx: &Cx,
    world: &'w World,
    kind: &'w InstanceType,
    zone: &'w str,
) -> impl Iterator<Item = Arc<Host>> + use<'w> {
    let hosts = super::of_family(cx, world, family_of(&kind.instance_type));
    hosts.filter(move |host| host.zone == zone && host.takes_unnamed(world, kind)).cloned()
}

/// A host that is not released.
pub fn named(cx: &Cx, world: &World, id: &str) -> Result<Arc<Host>, ApiError> {
    let host = resource::get::<Host>(world, cx, id)?;
    if host.released_at.is_some() {
        return Err(kind::DEDICATED_HOST.not_found(&[id]));
    }
    Ok(host)
}

/// The host must be in the zone and take the type.
pub fn fits(host: &Host, kind: &InstanceType, zone: &str) -> Result<(), ApiError> {
    let refused = |code: &'static str, message: String| Err(ApiError::new(code, message));
    if host.zone != zone {
        let message =
            format!("The Dedicated Host '{}' is in the availability zone {}, not in {zone}.", host.id, host.zone);
        return refused("InvalidParameterCombination", message);
    }
    if !host.takes(&kind.instance_type) {
        let name = &kind.instance_type;
        let message = format!("The instance type '{name}' is not supported on the Dedicated Host '{}'.", host.id);
        return refused("UnsupportedInstanceTypeOnHost", message);
    }
    Ok(())
}

fn full(host: &Host) -> ApiError {
    let message =
        format!("There is not enough capacity on the Dedicated Host '{}' to launch or start the instance.", host.id);
    ApiError::new("InsufficientCapacityOnHost", message)
}

/// Recorded at AWS.
fn none() -> ApiError {
    ApiError::new(
        "InsufficientHostCapacity",
        "You do not have a host with a matching configuration and sufficient capacity. Either target a host resource group that can \
         automatically allocate hosts on your behalf, or manually allocate a new host to your account and then try again.",
    )
}

/// The host of a stopped instance that is started again: the one it is bound to, else the one it was on, else any that takes what names none.
pub fn again(cx: &Cx, world: &World, instance: &Instance) -> Result<Option<String>, ApiError> {
    if instance.placement.tenancy != "host" {
        return Ok(None);
    }
    let kind = crate::instance::run::instance_type::known(&instance.instance_type)?;
    let before = instance.placement.host_id.as_deref().and_then(|id| named(cx, world, id).ok());
    let usable = |host: &Arc<Host>| fits(host, kind, &instance.placement.zone).is_ok();
    if instance.placement.is_bound() {
        let host = before.filter(usable).ok_or_else(incompatible)?;
        return if host.room(world, kind) > 0 { Ok(Some(host.id.clone())) } else { Err(full(&host)) };
    }
    let last = before.filter(|host| usable(host) && host.auto_placement && host.room(world, kind) > 0);
    let found = last.or_else(|| unnamed(cx, world, kind, &instance.placement.zone).next());
    found.map(|host| Some(host.id.clone())).ok_or_else(none)
}

/// In the words of <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>.
fn incompatible() -> ApiError {
    let message =
        "There are no available or compatible Dedicated Hosts available on which to launch or start the instance.";
    ApiError::new("IncompatibleHostRequirements", message)
}
