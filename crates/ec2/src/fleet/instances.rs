//! DescribeFleetInstances: what of a fleet runs.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeFleetInstances.html>

use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::record::{Fleet, Member};
use crate::instance::Instance;
use crate::resource;

/// `DescribeFleetInstancesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeFleetInstances {
    pub fleet_id: String,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeFleetInstancesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct FleetInstances {
    pub fleet_id: String,
    pub active_instances: Vec<ActiveInstance>,
    pub next_token: Option<String>,
}

/// `ActiveInstance`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ActiveInstance {
    pub instance_id: String,
    pub instance_type: String,
    pub spot_instance_request_id: Option<String>,
    pub instance_health: &'static str,
}

static FIELDS: Fields<ActiveInstance> =
    Fields { fields: &[("instance-type", |it, values| values.push(it.instance_type.as_str()))], tags: None };

/// DescribeFleetInstances on the fleet.
pub fn to_describe(cx: &Cx, world: &World, input: &DescribeFleetInstances) -> Vec<Check> {
    vec![resource::check_on::<Fleet>(cx, world, &input.fleet_id)]
}

/// Those that are not terminated; nothing here is ever unhealthy.
pub fn describe(cx: &Cx, world: &World, input: &DescribeFleetInstances) -> Result<FleetInstances, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let fleet = resource::get::<Fleet>(world, cx, &input.fleet_id)?;
    if fleet.kind == "instant" {
        let message = format!("Fleet {} is of type instant, for which its instances cannot be described.", fleet.id);
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    let seen = active(world, &fleet).into_iter().filter(|it| chosen.admit(it));
    let scope = format!("instances of {} {:?}", fleet.id, input.filters);
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, seen, |it| it.instance_id.clone())?;
    Ok(FleetInstances { fleet_id: fleet.id.clone(), active_instances: page.items, next_token: page.next })
}

/// What of a fleet runs, in the order of the ids.
pub fn active(world: &World, fleet: &Fleet) -> Vec<ActiveInstance> {
    let out = |(_, instance): (&Member, &Instance)| ActiveInstance {
        instance_id: instance.id.clone(),
        instance_type: instance.instance_type.clone(),
        spot_instance_request_id: instance.spot_request_id.clone(),
        instance_health: "healthy",
    };
    let mut seen: Vec<_> = fleet.alive(world).map(out).collect();
    seen.sort_by(|a, b| a.instance_id.cmp(&b.instance_id));
    seen
}
