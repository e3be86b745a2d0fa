//! The launches that a fleet's configuration allows: each template with each of its overrides, as a launch of one instance. They are put in the order in
//! which the fleet's strategy tries them.
//!
//! Every Spot pool has capacity here, so strategies that look for capacity choose by price, as they do at AWS among pools that have it.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-fleet-allocation-strategy.html>

use service::prelude::*;

use super::input::{Config, SpotOptions, Template};
use super::record::{Fleet, Origin, Target};
use super::requirements;
use crate::catalogue::instance_types::InstanceType;
use crate::instance::run::input::{LaunchTemplateSpecification, MarketWish, RunInstances, SpotWish};
use crate::instance::run::plan::Sound;
use crate::launch_template::data::Data;
use crate::spot::price::{self, Micros, Offer as Pool};

/// A launch that is possible, if everything it names is there.
#[derive(Debug, Clone)]
pub struct Offer {
    pub from: Origin,
    pub launch: RunInstances,
    /// Units of one instance.
    pub weight: f64,
    /// The lowest comes first.
    pub priority: f64,
}

/// How many launches a configuration may come to when requirements are types: some times as many as there are types.
const MOST: usize = 3_000;

/// The offers of a configuration in the markets that the target has a share of; without any, in its default market.
pub fn of_target(
    cx: &Cx,
    world: &World,
    configs: &[Config],
    target: &Target,
    options: &SpotOptions,
) -> Result<Vec<Offer>, ApiError> {
    let unit = target.unit.as_deref();
    let on_demand = target.on_demand > 0 || (target.spot == 0 && target.default != "spot");
    let mut offers = if on_demand { of(cx, world, configs, unit, None)? } else { Vec::new() };
    if target.spot > 0 || !on_demand {
        offers.extend(of(cx, world, configs, unit, Some(&options.wish()))?);
    }
    Ok(offers)
}

/// The offers in both markets, for a fleet whose target may still move.
pub fn of_both(cx: &Cx, world: &World, configs: &[Config], unit: Option<&str>) -> Result<Vec<Offer>, ApiError> {
    let mut offers = of(cx, world, configs, unit, None)?;
    offers.extend(of(cx, world, configs, unit, Some(&SpotWish::default()))?);
    Ok(offers)
}

/// The offers of a configuration, as the market has them; where types are told by requirements, one of each type that meets them.
pub fn of(
    cx: &Cx,
    world: &World,
    configs: &[Config],
    unit: Option<&str>,
    spot: Option<&SpotWish>,
) -> Result<Vec<Offer>, ApiError> {
    let mut offers = Vec::new();
    for (position, config) in configs.iter().enumerate() {
        let overrides = config.overrides.iter().enumerate().map(|(number, over)| (Some(number), Some(over)));
        let alone = config.overrides.is_empty().then_some((None, None));
        for (number, over) in overrides.chain(alone) {
            let one = offer(Origin { config: position, r#override: number }, config, over, spot)?;
            match requirements::of_override(cx, world, config, over) {
                Some(wanted) => offers.extend(of_each_type(cx, world, one, &wanted, unit)?),
                None => offers.push(one),
            }
            if offers.len() > MOST {
                let message =
                    format!("The launch specifications match more instance types than the maximum of {MOST}.");
                return Err(ApiError::new("InvalidParameterValue", message));
            }
        }
    }
    Ok(offers)
}

/// The same launch for each type. A weight of its own stands for all of them.
#[expect(clippy::cast_precision_loss, reason = "vCPUs and MiB are far below where it begins")]
fn of_each_type(
    cx: &Cx,
    world: &World,
    one: Offer,
    wanted: &serde_json::Value,
    unit: Option<&str>,
) -> Result<Vec<Offer>, ApiError> {
    let market = one.launch.instance_market_options.as_ref();
    let spot = market.is_some_and(|market| market.market_type.as_deref() == Some("spot"));
    let types = requirements::expand(cx, world, wanted, &one.launch, spot, unit)?;
    let of_type = |(kind, units): (&InstanceType, i64)| {
        let launch = RunInstances { instance_type: Some(kind.instance_type.clone()), ..one.launch.clone() };
        // What is stored must be a number.
        let weight = (one.weight * units as f64).min(f64::MAX);
        Offer { launch, weight, ..one.clone() }
    };
    Ok(types.into_iter().map(of_type).collect())
}

fn offer(from: Origin, config: &Config, over: Option<&Data>, spot: Option<&SpotWish>) -> Result<Offer, ApiError> {
    let launch_template = config.launch_template_specification.as_ref().map(specification);
    let base = RunInstances { min_count: 1, max_count: 1, launch_template, ..RunInstances::default() };
    let number = |name: &str| over.and_then(|it| it.get(&[name])).and_then(serde_json::Value::as_f64);
    let own = over.map(with_zone).unwrap_or_default();
    let mut launch = own.launch(&base)?;
    if let Some(options) = spot {
        let max_price = over.and_then(|it| it.text(&["MaxPrice"])).map(str::to_owned).or(options.max_price.clone());
        let options = SpotWish { max_price, ..options.clone() };
        launch.instance_market_options =
            Some(MarketWish { market_type: Some("spot".to_owned()), spot_options: Some(options) });
    } else {
        launch.instance_market_options =
            Some(MarketWish { market_type: Some("on-demand".to_owned()), spot_options: None });
    }
    let weight = number("WeightedCapacity").filter(|weight| *weight > 0.0).unwrap_or(1.0);
    Ok(Offer { from, launch, weight, priority: number("Priority").unwrap_or(f64::MAX) })
}

/// How a launch names the same template.
pub fn specification(template: &Template) -> LaunchTemplateSpecification {
    LaunchTemplateSpecification {
        launch_template_id: template.launch_template_id.clone(),
        launch_template_name: template.launch_template_name.clone(),
        version: template.version.clone(),
    }
}

/// A launch has the zone in its placement.
fn with_zone(over: &Data) -> Data {
    let mut own = over.clone();
    let zone: Vec<(&str, String)> = ["AvailabilityZone", "AvailabilityZoneId"]
        .into_iter()
        .filter_map(|name| Some((name, over.text(&[name])?.to_owned())))
        .collect();
    if !zone.is_empty() {
        let placement = own.0.entry("Placement").or_insert_with(|| serde_json::json!({}));
        if let Some(placement) = placement.as_object_mut() {
            placement.extend(zone.into_iter().map(|(name, zone)| (name.to_owned(), zone.into())));
        }
    }
    own
}

/// What a unit of the launch costs for an hour.
pub fn unit_price(cx: &Cx, sound: &Sound<'_, '_>, weight: f64) -> f64 {
    let product = price::product_of(sound.image);
    let whole = hourly(cx, sound.kind, sound.plan.type_name, &sound.subnet.zone, product, sound.plan.spot().is_some());
    whole as f64 / weight
}

fn hourly(cx: &Cx, kind: &InstanceType, type_name: &str, zone: &str, product: &str, spot: bool) -> Micros {
    if spot { Pool { type_name, zone, product }.at(kind, cx.now) } else { price::on_demand(kind, product) }
}

/// How a fleet goes through its offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By price, or by priority; so many of the first take turns.
    Price(usize),
    Priority,
    /// All take turns.
    Turns,
}

/// The order of the fleet's strategy for that lifecycle. Words come with dashes, or as answers spell them.
pub fn order(fleet: &Fleet, lifecycle: &str) -> Order {
    if lifecycle == "on-demand" {
        return match fleet.on_demand.allocation_strategy.as_deref() {
            Some("prioritized") => Order::Priority,
            _ => Order::Price(1),
        };
    }
    let pools = fleet.spot.instance_pools_to_use_count.and_then(|count| usize::try_from(count).ok()).unwrap_or(1);
    match fleet.spot.allocation_strategy.as_deref() {
        Some("diversified") => Order::Turns,
        Some("capacity-optimized-prioritized" | "capacityOptimizedPrioritized") => Order::Priority,
        _ => Order::Price(pools.max(1)),
    }
}
