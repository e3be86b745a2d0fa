//! GetCapacityManagerSupportabilityScores: how well types in zones could bear so much capacity. Capacity is never short here, so what a zone has is made up
//! like prices: it depends on nothing but market, zone and type. AWS answers customers of one of its support plans alone; here everybody is one.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetCapacityManagerSupportabilityScores.html>

use service::ids::Ids;
use service::prelude::*;
use service::regions::{self, Zone};

use super::enabled;
use crate::catalogue::instance_types::{self, InstanceType};
use crate::refused::{invalid_value, missing};
use crate::spot::placement_score::{self, WithMetadata};
use crate::spot::price;

/// `GetCapacityManagerSupportabilityScoresRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetCapacityManagerSupportabilityScores {
    /// `on-demand` or `spot`
    pub market_type: String,
    pub capacity_amount: i64,
    /// `vcpus` or `instances`
    pub capacity_unit: String,
    pub capacity_availability_zone_ids: Vec<String>,
    pub instance_types: Option<Vec<String>>,
    pub instance_requirements_with_metadata: Option<WithMetadata>,
    pub dry_run: Option<bool>,
}

/// `GetCapacityManagerSupportabilityScoresResult`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Scores {
    pub aggregate_score: &'static str,
    pub capacity_manager_supportability_scores: Vec<Score>,
}

/// `CapacityManagerSupportabilityScore`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Score {
    pub instance_type: String,
    pub availability_zone_id: String,
    pub score: &'static str,
}

/// How much more than it is asked for what scores high has.
const SEVERAL: i64 = 3;
/// The least and the most instances of a type that a zone has, and how much less Spot does.
const LEAST: i64 = 100;
const RANGE: u64 = 900;
const SPOT_SHARE: i64 = 2;

/// What is refused before permission is asked for. The words are not recorded.
pub fn check(_: &Cx, _: &World, input: &GetCapacityManagerSupportabilityScores) -> Result<(), ApiError> {
    if !["on-demand", "spot"].contains(&input.market_type.as_str()) {
        return Err(invalid_value(&input.market_type, "MarketType"));
    }
    if !["vcpus", "instances"].contains(&input.capacity_unit.as_str()) {
        return Err(invalid_value(&input.capacity_unit, "CapacityUnit"));
    }
    placement_score::check_types(input.instance_types.as_deref(), input.instance_requirements_with_metadata.as_ref())
}

/// The region and the zone of that id.
fn zone(cx: &Cx, id: &str) -> Result<(&'static str, &'static Zone), ApiError> {
    let places =
        regions::regions_in(cx.partition()).flat_map(|region| region.zones.iter().map(move |zone| (region, zone)));
    let found = places.into_iter().find(|(_, zone)| zone.id == id);
    found
        .map(|(region, zone)| (region.name.as_str(), zone))
        .ok_or_else(|| invalid_value(id, "CapacityAvailabilityZoneIds"))
}

/// What the zone has of the type, in the unit of the request; `None` if it does not offer it.
fn capacity(kind: &InstanceType, place: (&str, &Zone), input: &GetCapacityManagerSupportabilityScores) -> Option<i64> {
    let (region, zone) = place;
    let spot = input.market_type == "spot";
    let offered = instance_types::offered_in_zone(region, &zone.name, &kind.instance_type);
    if !offered || (spot && !price::is_sold(kind)) {
        return None;
    }
    let facts: [&[u8]; 3] = [b"supportability", zone.id.as_bytes(), kind.instance_type.as_bytes()];
    let drawn = LEAST + i64::try_from(Ids::derived(&facts).below(RANGE)).unwrap_or(0);
    let instances = if spot { drawn / SPOT_SHARE } else { drawn };
    Some(if input.capacity_unit == "vcpus" { instances * instance_types::vcpus(kind) } else { instances })
}

fn word(has: Option<i64>, wanted: i64) -> &'static str {
    match has {
        None => "unsupported",
        Some(has) if has >= wanted.saturating_mul(SEVERAL) => "high",
        Some(has) if has >= wanted => "medium",
        Some(_) => "low",
    }
}

/// A score for each type in each zone, and one for all together.
pub fn get(cx: &Cx, world: &World, input: &GetCapacityManagerSupportabilityScores) -> Result<Scores, ApiError> {
    enabled(cx, world)?;
    if input.capacity_availability_zone_ids.is_empty() {
        return Err(missing("CapacityAvailabilityZoneIds"));
    }
    let (named, described) = (input.instance_types.as_deref(), input.instance_requirements_with_metadata.as_ref());
    let types = placement_score::types(named, described)?;
    let ids = &input.capacity_availability_zone_ids;
    let zones = ids.iter().map(|id| zone(cx, id)).collect::<Result<Vec<_>, _>>()?;
    let (mut scores, mut all) = (Vec::new(), None);
    for kind in types {
        for place in &zones {
            let has = capacity(kind, *place, input);
            all = all.into_iter().chain(has).reduce(|a: i64, b| a.saturating_add(b));
            scores.push(Score {
                instance_type: kind.instance_type.clone(),
                availability_zone_id: place.1.id.clone(),
                score: word(has, input.capacity_amount),
            });
        }
    }
    Ok(Scores { aggregate_score: word(all, input.capacity_amount), capacity_manager_supportability_scores: scores })
}
