//! Launches whose types are told by what they must have: which types a fleet chooses from then, and what one of them counts.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-fleet-attribute-based-instance-type-selection.html>

use serde_json::Value as Json;
use service::prelude::*;

use super::input::Config;
use crate::catalogue::instance_types::{self, InstanceType};
use crate::image;
use crate::instance::requirements::{self, Requirements};
use crate::instance::run::input::RunInstances;
use crate::launch_template::data::{Data, snake};
use crate::launch_template::launch;
use crate::spot::price::{self, Micros};

/// What the types of a launch must have, and at which price none is chosen any more.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    requirements: Requirements,
    /// Per cent over the lowest price, of On-Demand and of Spot.
    over_on_demand: Option<u64>,
    over_spot: Option<u64>,
    /// Per cent of the lowest price that On-Demand has.
    of_on_demand: Option<u64>,
}

/// What a launch of Spot capacity and of On-Demand capacity may cost more than the cheapest, unless it is said: documented defaults.
const OVER_SPOT: u64 = 100;
const OVER_ON_DEMAND: u64 = 20;
/// Of the price without Spot, about what Spot costs here at most.
const SPOT_PER_CENT: u64 = 40;

impl Wanted {
    /// The requirements as a request's value has them.
    pub fn read(value: &Json) -> Result<Wanted, ApiError> {
        // `MiB` and `GiB` are words, which letters alone do not tell.
        let named = |(name, value): (&String, &Json)| (name.replace("iB", "ib"), value.clone());
        let members = value.as_object().into_iter().flatten().map(named).collect();
        let read = serde_json::from_value(snake(&Json::Object(members)));
        let requirements = read.map_err(|error| ApiError::internal(format!("instance requirements: {error}")))?;
        let number = |name: &str| value.get(name).and_then(Json::as_u64);
        Ok(Wanted {
            requirements,
            over_on_demand: number("OnDemandMaxPricePercentageOverLowestPrice"),
            over_spot: number("SpotMaxPricePercentageOverLowestPrice"),
            of_on_demand: number("MaxSpotPriceAsPercentageOfOptimalOnDemandPrice"),
        })
    }

    fn check(&self) -> Result<(), ApiError> {
        if self.over_spot.is_some() && self.of_on_demand.is_some() {
            let message = "Only one of SpotMaxPricePercentageOverLowestPrice and MaxSpotPriceAsPercentageOfOptimalOnDemandPrice can be specified.";
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
        requirements::check(&self.requirements)
    }

    /// The types of the region that meet them, go with the image, and are not too dear.
    fn types(&self, cx: &Cx, of: &Launch<'_>) -> Vec<&'static InstanceType> {
        let offered = instance_types::names().iter().filter(|name| instance_types::offered_in(cx.region_name(), name));
        let found = offered.filter_map(|name| instance_types::get(name)).filter(|kind| {
            of.architecture.is_none_or(|it| instance_types::architectures(kind).iter().any(|held| held == it))
                && (!of.spot || price::is_sold(kind))
                && requirements::meets(kind, &self.requirements)
        });
        let found: Vec<&InstanceType> = found.collect();
        let Some(lowest) = lowest(&found, of) else { return Vec::new() };
        let most = self.most(lowest, of.spot);
        found.into_iter().filter(|kind| of.price(kind) <= most).collect()
    }

    /// The price from which on nothing is chosen. Spot costs the same part of a type's price for all types, so prices without Spot compare as well.
    fn most(&self, lowest: Micros, spot: bool) -> Micros {
        let over = |per_cent: u64| lowest.saturating_mul(100 + per_cent) / 100;
        match self.of_on_demand {
            Some(per_cent) if spot => lowest.saturating_mul(per_cent) / SPOT_PER_CENT,
            _ if spot => over(self.over_spot.unwrap_or(OVER_SPOT)),
            _ => over(self.over_on_demand.unwrap_or(OVER_ON_DEMAND)),
        }
    }
}

/// For which launch types are chosen.
struct Launch<'a> {
    architecture: Option<&'a str>,
    product: &'static str,
    spot: bool,
    unit: Option<&'a str>,
}

impl Launch<'_> {
    /// Of an instance, or of a unit of the target.
    fn price(&self, kind: &InstanceType) -> Micros {
        let whole = price::on_demand(kind, self.product);
        let units = u64::try_from(units(kind, self.unit)).unwrap_or(1).max(1);
        // In finer steps, so that the price of a MiB is a number.
        whole.saturating_mul(1_000_000) / units
    }
}

/// The lowest price of a current type of the families C, M and R; if there is none, of a current type; else of any.
fn lowest(found: &[&InstanceType], of: &Launch<'_>) -> Option<Micros> {
    let current = |kind: &InstanceType| kind.current_generation == Some(true);
    let common = |kind: &InstanceType| current(kind) && kind.instance_type.starts_with(['c', 'm', 'r']);
    let least = |wanted: &dyn Fn(&InstanceType) -> bool| {
        found.iter().filter(|kind| wanted(kind)).map(|kind| of.price(kind)).min()
    };
    least(&common).or_else(|| least(&current)).or_else(|| least(&|_| true))
}

/// What an instance of the type counts.
pub fn units(kind: &InstanceType, unit: Option<&str>) -> i64 {
    match unit {
        Some("vcpu") => instance_types::vcpus(kind),
        Some("memory-mib") => instance_types::memory_mib(kind),
        _ => 1,
    }
}

/// What an override, or else the template, says of the types; nothing if a type is named.
pub fn of_override(cx: &Cx, world: &World, config: &Config, over: Option<&Data>) -> Option<Json> {
    let own = over.and_then(|over| over.get(&["InstanceRequirements"])).cloned();
    if own.is_some() || over.is_some_and(|over| over.text(&["InstanceType"]).is_some()) {
        return own;
    }
    let named = super::offer::specification(config.launch_template_specification.as_ref()?);
    let version = launch::named(&named).get(cx, world).ok()?.version(world, named.version.as_deref()).ok()?;
    version.data.get(&["InstanceRequirements"]).cloned()
}

/// The types for that launch, each with what it counts.
pub fn expand(
    cx: &Cx,
    world: &World,
    wanted: &Json,
    request: &RunInstances,
    spot: bool,
    unit: Option<&str>,
) -> Result<Vec<(&'static InstanceType, i64)>, ApiError> {
    let wanted = Wanted::read(wanted)?;
    let asked = launch::asked(cx, world, request).ok();
    let image = asked.and_then(|asked| image::find(cx, world, asked.wish.image_id.as_deref()?));
    let of = Launch {
        architecture: image.as_ref().map(|image| image.architecture.as_str()),
        product: image.as_ref().map_or("Linux/UNIX", |image| price::product_of(image)),
        spot,
        unit,
    };
    Ok(wanted.types(cx, &of).into_iter().map(|kind| (kind, units(kind, unit))).collect())
}

/// What a fleet's configuration says of types: a name or requirements, and the unit only with those. The wording is not recorded.
pub fn check(configs: &[Config], unit: Option<&str>) -> Result<(), ApiError> {
    let mut required = false;
    for over in configs.iter().flat_map(|config| &config.overrides) {
        let Some(wanted) = over.get(&["InstanceRequirements"]) else { continue };
        required = true;
        if over.text(&["InstanceType"]).is_some() {
            let message = "InstanceType and InstanceRequirements cannot be specified in the same override.";
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
        Wanted::read(wanted)?.check()?;
    }
    let in_template = configs.iter().any(|config| config.launch_template_specification.is_some());
    if unit.is_some_and(|unit| unit != "units") && !required && !in_template {
        let message = "TargetCapacityUnitType can be specified only with InstanceRequirements.";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    Ok(())
}

/// Nothing meets the requirements. The wording is not recorded.
pub fn none() -> ApiError {
    ApiError::new("InvalidParameterValue", "No instance types match the specified instance requirements.")
}
