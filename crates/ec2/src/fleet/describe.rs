//! DescribeFleets. A fleet of type `instant` is told of only when it is named.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeFleets.html>

use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::input::{Config, OnDemandOptions, SpotOptions, Template};
use super::record::{Fleet, Member, Origin};
use crate::instance::Instance;
use crate::launch_template::data::Data;
use crate::resource;

/// `DescribeFleetsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeFleets {
    pub fleet_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeFleetsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Fleets {
    pub fleets: Vec<FleetOut>,
    pub next_token: Option<String>,
}

/// `FleetData`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct FleetOut {
    pub fleet_id: String,
    pub fleet_state: &'static str,
    pub activity_status: &'static str,
    pub r#type: String,
    pub create_time: Timestamp,
    pub client_token: Option<String>,
    pub valid_until: Option<Timestamp>,
    pub excess_capacity_termination_policy: &'static str,
    pub fulfilled_capacity: f64,
    pub fulfilled_on_demand_capacity: f64,
    pub launch_template_configs: Vec<Config>,
    pub target_capacity_specification: TargetOut,
    pub terminate_instances_with_expiration: bool,
    pub replace_unhealthy_instances: bool,
    pub spot_options: SpotOptions,
    pub on_demand_options: OnDemandOptions,
    pub tags: Vec<Tag>,
    pub errors: Option<Vec<FailureOut>>,
    pub instances: Option<Vec<MembersOut>>,
    pub context: Option<String>,
}

/// `TargetCapacitySpecification`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct TargetOut {
    pub total_target_capacity: i64,
    pub on_demand_target_capacity: i64,
    pub spot_target_capacity: i64,
    pub default_target_capacity_type: String,
    pub target_capacity_unit_type: Option<String>,
}

/// `CreateFleetError` and `DescribeFleetError`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct FailureOut {
    pub launch_template_and_overrides: OriginOut,
    pub lifecycle: String,
    pub error_code: String,
    pub error_message: String,
}

/// `CreateFleetInstance` and `DescribeFleetsInstances`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct MembersOut {
    pub launch_template_and_overrides: OriginOut,
    pub lifecycle: String,
    pub instance_ids: Vec<String>,
    pub instance_type: String,
    pub platform: Option<&'static str>,
}

/// `LaunchTemplateAndOverridesResponse`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct OriginOut {
    pub launch_template_specification: Option<Template>,
    pub overrides: Option<Data>,
}

static FIELDS: Fields<FleetOut> = Fields {
    fields: &[
        ("activity-status", |it, values| values.push(it.activity_status.replace('_', "-"))),
        ("excess-capacity-termination-policy", |it, values| values.push(it.excess_capacity_termination_policy)),
        ("fleet-state", |it, values| values.push(it.fleet_state.replace('_', "-"))),
        ("replace-unhealthy-instances", |it, values| values.push_bool(it.replace_unhealthy_instances)),
        ("type", |it, values| values.push(it.r#type.as_str())),
    ],
    tags: Some(|it| &it.tags),
};

/// Fleets that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeFleets) -> Result<Fleets, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let ids = input.fleet_ids.as_deref().unwrap_or_default();
    let found = match ids {
        [] => resource::all::<Fleet>(cx, world).filter(|it| it.kind != "instant").collect(),
        ids => resource::named::<Fleet>(world, cx, ids)?,
    };
    let seen = found.iter().map(|it| out(cx, world, it)).filter(|it| chosen.admit(it));
    let scope = format!("fleets {:?}", input.filters);
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, seen, |it| it.fleet_id.clone())?;
    Ok(Fleets { fleets: page.items, next_token: page.next })
}

/// The fleet as it is seen now.
pub fn out(cx: &Cx, world: &World, fleet: &Fleet) -> FleetOut {
    let fulfilled = fleet.fulfilled(world, None);
    let state = fleet.state(world, cx.now, cx.settings.states);
    let instant = fleet.kind == "instant";
    FleetOut {
        fleet_id: fleet.id.clone(),
        fleet_state: state,
        activity_status: activity(fleet, state, fulfilled),
        r#type: fleet.kind.clone(),
        create_time: fleet.created_at,
        client_token: fleet.client_token.clone(),
        valid_until: fleet.valid_until,
        excess_capacity_termination_policy: if fleet.ends_excess { "termination" } else { "no-termination" },
        fulfilled_capacity: fulfilled,
        fulfilled_on_demand_capacity: fleet.fulfilled(world, Some("on-demand")),
        launch_template_configs: fleet.configs.iter().map(shown).collect(),
        target_capacity_specification: TargetOut {
            total_target_capacity: fleet.target.total,
            on_demand_target_capacity: fleet.target.on_demand,
            spot_target_capacity: fleet.target.spot,
            default_target_capacity_type: fleet.target.default.clone(),
            target_capacity_unit_type: fleet.target.unit.clone(),
        },
        terminate_instances_with_expiration: fleet.ends_with_expiration,
        replace_unhealthy_instances: fleet.replaces_unhealthy,
        spot_options: spot_options(fleet),
        on_demand_options: OnDemandOptions {
            allocation_strategy: Some(strategy(fleet.on_demand.allocation_strategy.as_deref())),
        },
        tags: fleet.tags.clone(),
        errors: (instant || !fleet.failures.is_empty()).then(|| failures(fleet)),
        instances: instant.then(|| members(cx, world, fleet)),
        context: fleet.context.clone(),
    }
}

/// How far it is.
pub fn activity(fleet: &Fleet, state: &str, fulfilled: f64) -> &'static str {
    match state {
        "submitted" => "pending_fulfillment",
        "deleted_terminating" if fulfilled > 0.0 => "pending_termination",
        _ if fulfilled >= fleet.target.total as f64 => "fulfilled",
        _ if fleet.failures.is_empty() => "pending_fulfillment",
        _ => "error",
    }
}

/// Answers spell strategies without dashes: `lowestPrice`. <https://docs.aws.amazon.com/cli/latest/reference/ec2/describe-fleets.html>
fn strategy(word: Option<&str>) -> String {
    let mut parts = word.unwrap_or("lowest-price").split('-');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |word, part| {
        let (head, tail) = part.split_at_checked(1).unwrap_or((part, ""));
        word + &head.to_uppercase() + tail
    })
}

fn spot_options(fleet: &Fleet) -> SpotOptions {
    let allocation_strategy = strategy(fleet.spot.allocation_strategy.as_deref());
    SpotOptions {
        instance_interruption_behavior: fleet.spot.instance_interruption_behavior.clone().or(Some("terminate".into())),
        instance_pools_to_use_count: fleet
            .spot
            .instance_pools_to_use_count
            .or((allocation_strategy == "lowestPrice").then_some(1)),
        allocation_strategy: Some(allocation_strategy),
    }
}

/// A configuration as answers have it: some overrides are not told.
fn shown(config: &Config) -> Config {
    let overrides = config.overrides.iter().map(shown_override).collect();
    Config { launch_template_specification: config.launch_template_specification.clone(), overrides }
}

fn shown_override(over: &Data) -> Data {
    over.fitting("FleetLaunchTemplateOverrides")
}

fn origin(fleet: &Fleet, from: Origin) -> OriginOut {
    let config = fleet.configs.get(from.config);
    OriginOut {
        launch_template_specification: config.and_then(|it| it.launch_template_specification.clone()),
        overrides: config.and_then(|it| it.overrides.get(from.r#override?)).map(shown_override),
    }
}

/// What could not be launched.
pub fn failures(fleet: &Fleet) -> Vec<FailureOut> {
    let out = |it: &super::record::Failure| FailureOut {
        launch_template_and_overrides: origin(fleet, it.from),
        lifecycle: it.lifecycle.clone(),
        error_code: it.code.clone(),
        error_message: it.message.clone(),
    };
    fleet.failures.iter().map(out).collect()
}

/// What was launched, by what it was launched of.
pub fn members(cx: &Cx, world: &World, fleet: &Fleet) -> Vec<MembersOut> {
    let mut groups: Vec<(&Member, MembersOut)> = Vec::new();
    for member in &fleet.members {
        let same = |held: &Member| held.from == member.from && held.lifecycle == member.lifecycle;
        if let Some((_, group)) = groups.iter_mut().find(|(held, _)| same(held)) {
            group.instance_ids.push(member.instance_id.clone());
            continue;
        }
        let instance = world.get::<Instance>(&[cx.account().as_str(), cx.region_name(), &member.instance_id]);
        let group = MembersOut {
            launch_template_and_overrides: origin(fleet, member.from),
            lifecycle: member.lifecycle.clone(),
            instance_ids: vec![member.instance_id.clone()],
            instance_type: instance.map(|it| it.instance_type.clone()).unwrap_or_default(),
            platform: instance.and_then(|it| it.image.platform.as_deref()).map(|_| "Windows"),
        };
        groups.push((member, group));
    }
    groups.into_iter().map(|(_, group)| group).collect()
}
