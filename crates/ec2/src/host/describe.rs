//! DescribeHosts. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeHosts.html>

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::{Host, family_types, reservation};
use crate::catalogue::instance_types;
use crate::resource::{self, Wanted};

/// `DescribeHostsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeHosts {
    pub host_ids: Option<Vec<String>>,
    pub filter: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
}

/// `DescribeHostsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Hosts {
    pub hosts: Vec<HostOut>,
    pub next_token: Option<String>,
}

/// `Host`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct HostOut {
    pub host_id: String,
    pub state: &'static str,
    pub auto_placement: &'static str,
    pub host_recovery: &'static str,
    pub host_maintenance: &'static str,
    pub host_reservation_id: Option<String>,
    pub allows_multiple_instance_types: &'static str,
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub available_capacity: AvailableOut,
    pub host_properties: PropertiesOut,
    pub instances: Vec<InstanceOut>,
    pub client_token: Option<String>,
    pub owner_id: String,
    pub allocation_time: Timestamp,
    pub release_time: Option<Timestamp>,
    pub member_of_service_linked_resource_group: bool,
    pub tags: Vec<Tag>,
}

/// `AvailableCapacity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct AvailableOut {
    pub available_instance_capacity: Vec<CapacityOut>,
    pub available_v_cpus: i64,
}

/// `InstanceCapacity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct CapacityOut {
    pub instance_type: String,
    pub available_capacity: i64,
    pub total_capacity: i64,
}

/// `HostProperties`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct PropertiesOut {
    pub cores: i64,
    pub sockets: i64,
    pub total_v_cpus: i64,
    pub instance_type: Option<String>,
    /// Of a host that takes several types; with one type it is not told.
    pub instance_family: Option<String>,
}

/// `HostInstance`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct InstanceOut {
    pub instance_id: String,
    pub instance_type: String,
    pub owner_id: String,
}

static FIELDS: Fields<HostOut> = Fields {
    fields: &[
        ("auto-placement", |it, values| values.push(it.auto_placement)),
        ("availability-zone", |it, values| values.push(it.availability_zone.as_str())),
        ("client-token", |it, values| values.push_if(it.client_token.as_deref())),
        ("host-reservation-id", |it, values| values.push_if(it.host_reservation_id.as_deref())),
        ("instance-type", |it, values| values.push_if(it.host_properties.instance_type.as_deref())),
        ("state", |it, values| values.push(it.state)),
    ],
    tags: Some(|it| &it.tags),
};

/// Hosts that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeHosts) -> Result<Hosts, ApiError> {
    if input.host_ids.as_ref().is_some_and(|ids| !ids.is_empty()) && input.max_results.is_some() {
        return Err(crate::refused::not_together("hostIdSet", "maxResults"));
    }
    let wanted = Wanted {
        ids: input.host_ids.as_deref(),
        filters: input.filter.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || resource::all::<Host>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, |host| out(cx, world, host))?;
    Ok(Hosts { hosts: page.items, next_token: page.next })
}

fn word(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn out(cx: &Cx, world: &World, host: &Host) -> HostOut {
    let machine = host.machine();
    let on_it = |it: &std::sync::Arc<crate::instance::Instance>| InstanceOut {
        instance_id: it.id.clone(),
        instance_type: it.instance_type.clone(),
        owner_id: it.account.to_string(),
    };
    HostOut {
        host_id: host.id.clone(),
        state: if host.released_at.is_some() { "released" } else { "available" },
        auto_placement: word(host.auto_placement),
        host_recovery: word(host.recovery),
        host_maintenance: word(host.maintenance),
        host_reservation_id: reservation::of_host(cx, world, &host.id).map(|held| held.id.clone()),
        allows_multiple_instance_types: word(host.instance_type.is_none()),
        availability_zone: host.zone.clone(),
        availability_zone_id: host.zone_id.clone(),
        available_capacity: available(world, host, machine.vcpus),
        host_properties: PropertiesOut {
            cores: machine.cores,
            sockets: machine.sockets,
            total_v_cpus: machine.vcpus,
            instance_type: host.instance_type.clone(),
            instance_family: host.instance_type.is_none().then(|| host.family.clone()),
        },
        instances: host.instances(world).map(on_it).collect(),
        client_token: host.client_token.clone(),
        owner_id: host.account.to_string(),
        allocation_time: host.allocated_at,
        release_time: host.released_at,
        member_of_service_linked_resource_group: false,
        tags: host.tags.clone(),
    }
}

/// For each type that it takes: how many fit, and how many fit still.
fn available(world: &World, host: &Host, total: i64) -> AvailableOut {
    let free = host.free_vcpus(world);
    let of_type = |kind: &instance_types::InstanceType| {
        let each = instance_types::vcpus(kind).max(1);
        CapacityOut {
            instance_type: kind.instance_type.clone(),
            available_capacity: free / each,
            total_capacity: total / each,
        }
    };
    let taken = family_types(&host.family).filter(|kind| host.takes(&kind.instance_type));
    AvailableOut { available_instance_capacity: taken.map(of_type).collect(), available_v_cpus: free }
}
