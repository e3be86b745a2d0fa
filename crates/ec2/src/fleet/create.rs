//! CreateFleet. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFleet.html>

use std::collections::HashSet;

use service::prelude::*;

use super::describe::{FailureOut, MembersOut, failures, members};
use super::fill::{self, launch_tags};
use super::input::{Config, CreateFleet, TargetWish};
use super::offer::{self, Offer};
use super::record::{Fleet, Target};
use super::requirements;
use crate::instance::client_token;
use crate::instance::run::checks;
use crate::kind;
use crate::launch_template::launch::{self, Asked};
use crate::resource;
use crate::tags;

/// `CreateFleetResult`: what was launched is told for a fleet of type `instant` alone.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub fleet_id: String,
    pub errors: Option<Vec<FailureOut>>,
    pub instances: Option<Vec<MembersOut>>,
}

/// Resource types that CreateFleet can tag.
const TAGGABLE: &[&str] = &["fleet", "instance", "volume", "network-interface", "spot-instances-request"];

/// CreateFleet on a fleet to come, on what its launches make and use, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateFleet) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let offers = offers(cx, world, input).unwrap_or_default();
    let mut inside = on_launches(cx, world, &offers, |cx, world, asked| {
        checks::to_make(cx, world, asked, &launch_tags(specifications))
    });
    let mut all = vec![resource::check_on_new(cx, &kind::FLEET, specifications)];
    all.append(&mut inside);
    all.extend(tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "CreateFleet"));
    all
}

/// What the fleet would choose from, in the markets it launches in; [`check`] has told what is wrong with it.
fn offers(cx: &Cx, world: &World, input: &CreateFleet) -> Result<Vec<Offer>, ApiError> {
    let target = target(&input.target_capacity_specification, None)?;
    let spot = input.spot_options.clone().unwrap_or_default();
    offer::of_target(cx, world, &input.launch_template_configs, &target, &spot)
}

/// The checks of each launch that a fleet may choose, each once.
pub fn on_launches(
    cx: &Cx,
    world: &World,
    offers: &[Offer],
    list: impl Fn(&Cx, &World, &Asked<'_>) -> Vec<Check>,
) -> Vec<Check> {
    let (mut checks, mut seen) = (Vec::new(), HashSet::new());
    for one in offers {
        let asked = launch::asked(cx, world, &one.launch).unwrap_or_else(|_| Asked::alone(&one.launch));
        let named = asked.check_on_parameter(cx).into_iter();
        let found = named.chain(list(cx, world, &asked)).chain(asked.check_on_template(cx, world));
        checks.extend(found.filter(|it| seen.insert((it.action.clone(), it.resource.clone(), it.keys.clone()))));
    }
    checks
}

/// What is refused before permission is asked for.
pub fn check(cx: &Cx, world: &World, input: &CreateFleet) -> Result<(), ApiError> {
    if input.launch_template_configs.is_empty() {
        return Err(crate::refused::missing("LaunchTemplateConfigs"));
    }
    let unit = input.target_capacity_specification.target_capacity_unit_type.as_deref();
    check_configs(&input.launch_template_configs, unit)?;
    offers(cx, world, input).map(drop)
}

/// A fleet is launched from templates, and a version must be said.
pub fn check_configs(configs: &[Config], unit: Option<&str>) -> Result<(), ApiError> {
    must_be_few(configs)?;
    requirements::check(configs, unit)?;
    configs.iter().try_for_each(check_template)
}

/// How many launches a fleet may choose from. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/fleet-quotas.html>
const MOST_OFFERS: usize = 300;

/// All templates' overrides together.
pub fn must_be_few(configs: &[Config]) -> Result<(), ApiError> {
    let count: usize = configs.iter().map(|config| config.overrides.len().max(1)).sum();
    if count > MOST_OFFERS {
        let message = format!("The number of launch specifications {count} exceeds the maximum of {MOST_OFFERS}.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    Ok(())
}

/// One template, in a version.
pub fn check_template(config: &Config) -> Result<(), ApiError> {
    let template = config.launch_template_specification.as_ref();
    let template = template.ok_or_else(|| crate::refused::missing("LaunchTemplateSpecification"))?;
    launch::named(&offer::specification(template)).must_be_one()?;
    match template.version {
        Some(_) => Ok(()),
        None => Err(crate::refused::missing("LaunchTemplateSpecification.Version")),
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/fleet-quotas.html>
pub const MOST_CAPACITY: i64 = 10_000;

/// How the total is shared; what neither market is told goes to the default one.
pub fn target(wish: &TargetWish, held: Option<&Target>) -> Result<Target, ApiError> {
    let total = wish.total_target_capacity;
    let default = wish.default_target_capacity_type.clone().or_else(|| held.map(|held| held.default.clone()));
    let default = default.unwrap_or_else(|| "on-demand".to_owned());
    let (on_demand, spot) = match (wish.on_demand_target_capacity, wish.spot_target_capacity) {
        (Some(on_demand), Some(spot)) => (on_demand, spot),
        (Some(on_demand), None) if default == "spot" => (on_demand, total - on_demand),
        (None, Some(spot)) if default == "on-demand" => (total - spot, spot),
        (Some(on_demand), None) => (on_demand.max(total), 0),
        (None, Some(spot)) => (0, spot.max(total)),
        (None, None) if default == "spot" => (0, total),
        (None, None) => (total, 0),
    };
    if total > MOST_CAPACITY {
        let message = format!("The total target capacity {total} exceeds the maximum of {MOST_CAPACITY}.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if total < 0 || on_demand < 0 || spot < 0 || on_demand + spot > total {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!(
                "The total target capacity {total} must be at least the sum of the On-Demand and Spot target capacities ({on_demand} and {spot})."
            ),
        ));
    }
    let unit = wish.target_capacity_unit_type.clone().or_else(|| held.and_then(|held| held.unit.clone()));
    Ok(Target { total, on_demand, spot, default, unit })
}

/// Makes a fleet and launches its instances, or answers again what the same client token made.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateFleet) -> Result<Created, ApiError> {
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&CreateFleet { client_token: None, dry_run: None, ..input.clone() });
    if let Some(fleet) = client_token::again::<Fleet>(cx, tx, "CreateFleet", token, &digest)? {
        return Ok(answer(cx, tx, &fleet));
    }
    let specifications = input.tag_specifications.as_deref();
    tags::check_specifications(specifications.unwrap_or_default(), TAGGABLE)?;
    templates_must_exist(cx, tx, &input.launch_template_configs)?;
    let mut fleet = record(cx, input)?;
    must_find_types(cx, tx, &fleet)?;
    fleet.note(cx.now, "fleet-change", "submitted", None, None);
    fill::fill(cx, tx, &mut fleet)?;
    fleet.note(cx.now, "fleet-change", "active", None, None);
    client_token::remember(cx, tx, "CreateFleet", token, digest, vec![fleet.id.clone()]);
    let created = answer(cx, tx, &fleet);
    tx.put(fleet);
    Ok(created)
}

/// Requirements that nothing meets end the request.
pub fn must_find_types(cx: &Cx, world: &World, fleet: &Fleet) -> Result<(), ApiError> {
    match offer::of_target(cx, world, &fleet.configs, &fleet.target, &fleet.spot)?.is_empty() {
        true => Err(requirements::none()),
        false => Ok(()),
    }
}

/// A template that is not there ends the request; what cannot be launched is told with the fleet.
pub fn templates_must_exist(cx: &Cx, world: &World, configs: &[Config]) -> Result<(), ApiError> {
    for template in configs.iter().filter_map(|config| config.launch_template_specification.as_ref()) {
        let named = offer::specification(template);
        launch::named(&named).get(cx, world)?.version(world, named.version.as_deref())?;
    }
    Ok(())
}

fn answer(cx: &Cx, world: &World, fleet: &Fleet) -> Created {
    let instant = fleet.kind == "instant";
    Created {
        fleet_id: fleet.id.clone(),
        errors: instant.then(|| failures(fleet)),
        instances: instant.then(|| members(cx, world, fleet)),
    }
}

fn record(cx: &Cx, input: &CreateFleet) -> Result<Fleet, ApiError> {
    let specifications = input.tag_specifications.as_deref();
    Ok(Fleet {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: format!("fleet-{}", cx.ids.uuid()),
        kind: input.r#type.clone().unwrap_or_else(|| "maintain".to_owned()),
        client_token: input.client_token.clone(),
        created_at: cx.now_seconds(),
        valid_until: input.valid_until,
        waits_until: None,
        configs: input.launch_template_configs.clone(),
        target: target(&input.target_capacity_specification, None)?,
        spot: input.spot_options.clone().unwrap_or_default(),
        on_demand: input.on_demand_options.clone().unwrap_or_default(),
        ends_excess: input.excess_capacity_termination_policy.as_deref() != Some("no-termination"),
        replaces_unhealthy: input.replace_unhealthy_instances == Some(true),
        ends_with_expiration: input.terminate_instances_with_expiration == Some(true),
        context: input.context.clone(),
        deleted: None,
        members: Vec::new(),
        failures: Vec::new(),
        events: Vec::new(),
        launch_tags: launch_tags(specifications),
        tags: tags::requested(specifications, "fleet"),
    })
}
