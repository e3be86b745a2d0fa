//! The kinds whose resources carry tags, and how to reach the tags of one by its id.
//!
//! A new kind of record is one line in [`TAGGED`].

use service::prelude::*;

use crate::instance::Instance;
use crate::key_pair::KeyPair;
use crate::kind::{self, Kind};
use crate::network::dhcp_options::DhcpOptions;
use crate::network::elastic_ip::Address;
use crate::network::interface::NetworkInterface;
use crate::network::internet_gateway::InternetGateway;
use crate::network::network_acl::NetworkAcl;
use crate::network::route_table::RouteTable;
use crate::network::security_group::{SecurityGroup, SecurityGroupRule};
use crate::network::subnet::Subnet;
use crate::network::vpc::Vpc;
use crate::resource::{self, Resource};
use crate::snapshot::Snapshot;
use crate::volume::Volume;

/// A kind of record with tags, its type erased.
pub struct Tagged {
    pub kind: &'static Kind,
    /// The tags of the resource with that id, if there is one.
    pub tags: fn(&World, &Cx, &str) -> Option<Vec<Tag>>,
    /// Changes the tags of that resource.
    pub change: fn(&mut Tx, &Cx, &str, Change<'_>),
    /// The check for acting on it.
    pub check: fn(&Cx, &World, &str) -> Check,
    /// Calls back for each resource of the caller's account and region.
    pub each: fn(&World, &Cx, Visit<'_>),
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
        each: |world, cx, visit| {
            let account = cx.account();
            world.scan::<R>(&[account.as_str(), cx.region_name()]).for_each(|it| visit(it.id(), it.tags()));
        },
    }
}

/// All of them.
pub static TAGGED: &[Tagged] = &[
    tagged::<Address>(),
    tagged::<DhcpOptions>(),
    tagged::<Instance>(),
    tagged::<InternetGateway>(),
    tagged::<KeyPair>(),
    tagged::<NetworkAcl>(),
    tagged::<NetworkInterface>(),
    tagged::<RouteTable>(),
    tagged::<SecurityGroup>(),
    tagged::<SecurityGroupRule>(),
    tagged::<Snapshot>(),
    tagged::<Subnet>(),
    tagged::<Volume>(),
    tagged::<Vpc>(),
];

/// The kind of record an id belongs to.
pub fn of_id(id: &str) -> Option<&'static Tagged> {
    let kind = kind::of_id(id)?;
    TAGGED.iter().find(|tagged| tagged.kind == kind)
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
