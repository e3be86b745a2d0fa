//! The kinds whose resources carry tags, and how to reach the tags of one by its id.
//!
//! A new kind of record is one line in [`TAGGED`]; families come by themselves.

use service::prelude::*;

use crate::capacity::manager::export::CapacityDataExport;
use crate::capacity::quote::{CancellationQuote, DateChangeQuote};
use crate::capacity::{CapacityBlock, CapacityFleet, CapacityReservation};
use crate::declarative_report::DeclarativeReport;
use crate::export::{ExportImageTask, ExportInstanceTask};
use crate::family::{self, FAMILIES, Family, item};
use crate::fleet::Fleet;
use crate::fpga::FpgaImage;
use crate::host::Host;
use crate::host::reservation::HostReservation;
use crate::image::{AccountImage, ImageUsageReport};
use crate::import::{ImportImageTask, ImportSnapshotTask};
use crate::instance::Instance;
use crate::instance::connect_endpoint::ConnectEndpoint;
use crate::instance::event_window::EventWindow;
use crate::key_pair::KeyPair;
use crate::kind::{self, Kind};
use crate::launch_template::LaunchTemplate;
use crate::network::block_public_access::Exclusion;
use crate::network::dhcp_options::DhcpOptions;
use crate::network::elastic_ip::Address;
use crate::network::elastic_ip::pool::PublicIpv4Pool;
use crate::network::encryption_control::EncryptionControl;
use crate::network::interface::NetworkInterface;
use crate::network::internet_gateway::InternetGateway;
use crate::network::network_acl::NetworkAcl;
use crate::network::route_table::RouteTable;
use crate::network::security_group::{SecurityGroup, SecurityGroupRule};
use crate::network::subnet::Subnet;
use crate::network::subnet::reservation::Reservation;
use crate::network::vpc::Vpc;
use crate::placement_group::PlacementGroup;
use crate::resource::{self, Resource};
use crate::snapshot::Snapshot;
use crate::spot::SpotRequest;
use crate::spot_fleet::SpotFleet;
use crate::volume::{ReplaceRootVolumeTask, Volume};

/// A kind of record with tags, its type erased.
#[derive(Clone, Copy)]
pub struct Tagged {
    pub kind: &'static Kind,
    /// The tags of the resource with that id, if there is one.
    pub tags: fn(&World, &Cx, &str) -> Option<Vec<Tag>>,
    /// Changes the tags of that resource.
    pub change: fn(&mut Tx, &Cx, &str, Change<'_>),
    /// The check for acting on it.
    pub check: fn(&Cx, &World, &str) -> Check,
    /// Calls back for each resource of the kind in the caller's account and region.
    pub each: fn(&World, &Cx, &Kind, Visit<'_>),
}

/// What becomes of the tags.
pub type Change<'a> = &'a mut dyn FnMut(&mut Vec<Tag>);

/// Told a resource's id and tags.
pub type Visit<'a> = &'a mut dyn FnMut(&str, &[Tag]);

const fn tagged<R: Resource>() -> Tagged {
    Tagged {
        kind: R::KIND,
        tags: |world, cx, id| resource::look_up::<R>(world, cx, id).map(|found| found.tags().to_vec()),
        change: |tx, cx, id, change| {
            resource::update::<R>(tx, cx, id, |it| change(it.tags_mut()));
        },
        check: resource::check_on::<R>,
        each: |world, cx, _, visit| {
            let account = cx.account();
            world.scan::<R>(&[account.as_str(), cx.region_name()]).for_each(|it| visit(it.id(), it.tags()));
        },
    }
}

/// The resources of a family.
fn of_family(family: &Family) -> Tagged {
    Tagged {
        kind: family.kind,
        tags: |world, cx, id| item::look_up(world, cx, id).map(|found| found.tags.clone()),
        change: |tx, cx, id, change| {
            item::update(tx, cx, id, |it| change(&mut it.tags));
        },
        check: |cx, world, id| match family::of_id(id) {
            Some(family) => family.check_on(cx, world, id),
            None => Check::on(id),
        },
        each: |world, cx, kind, visit| item::all(world, cx, kind).for_each(|it| visit(&it.id, &it.tags)),
    }
}

/// All of them.
pub fn all() -> impl Iterator<Item = Tagged> {
    TAGGED.iter().copied().chain(FAMILIES.iter().map(|family| of_family(family)))
}

static TAGGED: &[Tagged] = &[
    tagged::<AccountImage>(),
    tagged::<Address>(),
    tagged::<CancellationQuote>(),
    tagged::<CapacityBlock>(),
    tagged::<CapacityDataExport>(),
    tagged::<CapacityFleet>(),
    tagged::<CapacityReservation>(),
    tagged::<ConnectEndpoint>(),
    tagged::<DateChangeQuote>(),
    tagged::<DhcpOptions>(),
    tagged::<EventWindow>(),
    tagged::<ExportImageTask>(),
    tagged::<ExportInstanceTask>(),
    tagged::<Fleet>(),
    tagged::<FpgaImage>(),
    tagged::<Host>(),
    tagged::<HostReservation>(),
    tagged::<ImageUsageReport>(),
    tagged::<ImportImageTask>(),
    tagged::<ImportSnapshotTask>(),
    tagged::<DeclarativeReport>(),
    tagged::<Instance>(),
    tagged::<InternetGateway>(),
    tagged::<KeyPair>(),
    tagged::<LaunchTemplate>(),
    tagged::<NetworkAcl>(),
    tagged::<NetworkInterface>(),
    tagged::<PlacementGroup>(),
    tagged::<ReplaceRootVolumeTask>(),
    tagged::<RouteTable>(),
    tagged::<SecurityGroup>(),
    tagged::<SecurityGroupRule>(),
    tagged::<Snapshot>(),
    tagged::<SpotFleet>(),
    tagged::<SpotRequest>(),
    tagged::<Subnet>(),
    tagged::<Reservation>(),
    tagged::<EncryptionControl>(),
    tagged::<Exclusion>(),
    tagged::<PublicIpv4Pool>(),
    tagged::<Volume>(),
    tagged::<Vpc>(),
];

/// The kind of record an id belongs to.
pub fn of_id(id: &str) -> Option<Tagged> {
    of_kind(kind::of_id(id)?)
}

fn of_kind(kind: &Kind) -> Option<Tagged> {
    all().find(|tagged| tagged.kind == kind)
}

/// The operation's own action on a resource of that kind, whether it exists or not.
pub fn check_on(cx: &Cx, world: &World, kind: &'static Kind, id: &str) -> Check {
    match of_kind(kind) {
        // What can't be an id of a family tells none.
        Some(tagged) if kind.is_id(id) || family::of_kind(kind).is_none() => (tagged.check)(cx, world, id),
        _ => Check::on(kind.arn(cx, id)),
    }
}

/// The kind's Malformed or NotFound error if the caller's account has no such resource.
pub fn must_exist(cx: &Cx, world: &World, kind: &Kind, id: &str) -> Result<(), ApiError> {
    kind.well_formed(id)?;
    let found = of_kind(kind).and_then(|tagged| (tagged.tags)(world, cx, id)).is_some();
    if found { Ok(()) } else { Err(kind.not_found(&[id])) }
}

/// The same, where one that another account shares with the caller's will do.
pub fn must_be_visible(cx: &Cx, world: &World, kind: &Kind, id: &str) -> Result<(), ApiError> {
    kind.well_formed(id)?;
    let shared = family::of_kind(kind).filter(|family| family.shared);
    match shared.and_then(|family| family.look_up(cx, world, id)) {
        Some(_) => Ok(()),
        None => must_exist(cx, world, kind, id),
    }
}

crate::resource::resource!(Instance, kind::INSTANCE, {
    fn keys(&self, cx: &Cx, world: &World, _: Check) -> Check {
        crate::instance::check_on(cx, world, &self.id)
    }
});

crate::resource::resource!(Volume, kind::VOLUME, {
    fn keys(&self, cx: &Cx, world: &World, _: Check) -> Check {
        crate::volume::check_on(cx, world, self)
    }
});
