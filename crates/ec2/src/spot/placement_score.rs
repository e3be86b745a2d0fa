//! GetSpotPlacementScores: how likely a request for Spot capacity would be fulfilled, by region or zone.
//!
//! Capacity is never short here, so scores are made up like prices: they depend on nothing but the request and the place, and follow what AWS documents of
//! them. More types score higher, one or two always low; more capacity scores lower; what a place does not offer does not count.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/how-sps-works.html>

use service::ids::Ids;
use service::paging;
use service::prelude::*;
use service::regions::{self, Region};

use super::price;
use crate::catalogue::instance_types::{self, InstanceType};
use crate::instance::requirements::{self, Requirements};
use crate::instance::types;
use crate::refused::missing;

/// `GetSpotPlacementScoresRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetSpotPlacementScores {
    pub instance_types: Option<Vec<String>>,
    pub target_capacity: i64,
    pub target_capacity_unit_type: Option<String>,
    pub single_availability_zone: Option<bool>,
    pub region_names: Option<Vec<String>>,
    pub instance_requirements_with_metadata: Option<WithMetadata>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `InstanceRequirementsWithMetadataRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct WithMetadata {
    pub architecture_types: Option<Vec<String>>,
    pub virtualization_types: Option<Vec<String>>,
    pub instance_requirements: Option<Requirements>,
}

/// `GetSpotPlacementScoresResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Scores {
    pub spot_placement_scores: Vec<ScoreOut>,
    pub next_token: Option<String>,
}

/// `SpotPlacementScore`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ScoreOut {
    pub region: String,
    pub availability_zone_id: Option<String>,
    pub score: i64,
}

/// How many places are told at most.
const MOST: usize = 10;

/// What is refused before permission is asked for. The wording is not recorded.
pub fn check(cx: &Cx, _: &World, input: &GetSpotPlacementScores) -> Result<(), ApiError> {
    check_types(input.instance_types.as_deref(), input.instance_requirements_with_metadata.as_ref())?;
    let unknown = |name: &&String| regions::region(name).is_none_or(|it| it.partition != cx.partition());
    match input.region_names.iter().flatten().find(unknown) {
        Some(name) => Err(ApiError::new("InvalidParameterValue", format!("The region '{name}' is invalid"))),
        None => Ok(()),
    }
}

/// Types are named or described, not both.
pub fn check_types(named: Option<&[String]>, described: Option<&WithMetadata>) -> Result<(), ApiError> {
    let named = named.is_some_and(|types| !types.is_empty());
    match (named, described) {
        (true, Some(_)) => {
            let message =
                "The parameters InstanceTypes and InstanceRequirementsWithMetadata cannot be used in the same request.";
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
        (false, None) => return Err(missing("InstanceTypes")),
        (false, Some(wanted)) => {
            let wanted = wanted.instance_requirements.as_ref().ok_or_else(|| missing("InstanceRequirements"))?;
            requirements::check(wanted)?;
        }
        (true, None) => {}
    }
    Ok(())
}

/// The best places, the best one first.
pub fn get(cx: &Cx, _: &World, input: &GetSpotPlacementScores) -> Result<Scores, ApiError> {
    let types = types(input.instance_types.as_deref(), input.instance_requirements_with_metadata.as_ref())?;
    let wanted = input.region_names.as_deref().unwrap_or_default();
    let regions = regions::regions_in(cx.partition());
    let regions = regions.filter(|it| wanted.is_empty() || wanted.contains(&it.name));
    let by_zone = input.single_availability_zone == Some(true);
    let mut scores: Vec<ScoreOut> = regions.flat_map(|region| of_region(region, &types, input, by_zone)).collect();
    scores.sort_by(|a, b| {
        (-a.score, &a.region, &a.availability_zone_id).cmp(&(-b.score, &b.region, &b.availability_zone_id))
    });
    scores.truncate(MOST);
    let numbered = scores.into_iter().enumerate();
    let scope = format!("spot-placement-scores {:?} {}", input.instance_types, input.target_capacity);
    let key = |(number, _): &(usize, ScoreOut)| format!("{number:04}");
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, numbered, key)?;
    let spot_placement_scores = page.items.into_iter().map(|(_, score)| score).collect();
    Ok(Scores { spot_placement_scores, next_token: page.next })
}

/// The types that a request names or describes.
pub fn types(
    named: Option<&[String]>,
    described: Option<&WithMetadata>,
) -> Result<Vec<&'static InstanceType>, ApiError> {
    if let Some(wanted) = described {
        let sorts = |wanted: &Option<Vec<String>>, have: &[String]| {
            wanted.as_ref().is_none_or(|wanted| wanted.is_empty() || wanted.iter().any(|one| have.contains(one)))
        };
        let all = instance_types::names().iter().filter_map(|name| instance_types::get(name));
        let virtual_as = |kind: &InstanceType| kind.supported_virtualization_types.clone().unwrap_or_default();
        let found = all.filter(|kind| {
            sorts(&wanted.architecture_types, instance_types::architectures(kind))
                && sorts(&wanted.virtualization_types, &virtual_as(kind))
                && wanted.instance_requirements.as_ref().is_some_and(|it| requirements::meets(kind, it))
        });
        return Ok(found.collect());
    }
    let mut found = named
        .unwrap_or_default()
        .iter()
        .map(|name| instance_types::get(name).ok_or_else(|| types::unknown(&[name])))
        .collect::<Result<Vec<_>, _>>()?;
    found.sort_by_key(|kind| kind.instance_type.as_str());
    found.dedup_by_key(|kind| kind.instance_type.as_str());
    Ok(found)
}

fn of_region(
    region: &'static Region,
    types: &[&'static InstanceType],
    input: &GetSpotPlacementScores,
    by_zone: bool,
) -> Vec<ScoreOut> {
    let sold = |zone: Option<&str>| -> Vec<&'static InstanceType> {
        let offered = |kind: &&&'static InstanceType| match zone {
            Some(zone) => instance_types::offered_in_zone(&region.name, zone, &kind.instance_type),
            None => instance_types::offered_in(&region.name, &kind.instance_type),
        };
        types.iter().filter(offered).filter(|kind| price::is_sold(kind)).copied().collect()
    };
    let out = |zone_id: Option<&str>, place: &str, sold: &[&InstanceType]| {
        let score = score(place, sold, input);
        score.map(|score| ScoreOut {
            region: region.name.clone(),
            availability_zone_id: zone_id.map(str::to_owned),
            score,
        })
    };
    if !by_zone {
        return out(None, &region.name, &sold(None)).into_iter().collect();
    }
    region.zones.iter().filter_map(|zone| out(Some(&zone.id), &zone.id, &sold(Some(&zone.name)))).collect()
}

/// 1 to 10; nothing where none of the types is sold.
fn score(place: &str, sold: &[&InstanceType], input: &GetSpotPlacementScores) -> Option<i64> {
    if sold.is_empty() {
        return None;
    }
    let names: Vec<&[u8]> = sold.iter().map(|kind| kind.instance_type.as_bytes()).collect();
    let mut facts: Vec<&[u8]> = vec![b"spot placement score", place.as_bytes()];
    facts.extend(names);
    let drawn = i64::try_from(Ids::derived(&facts).below(3)).unwrap_or(0);
    // Variations of a size, with an instance store or without, are one type: m5.large, m5d.large.
    if sold.len() < 3 {
        return Some(1 + drawn.min(2));
    }
    let crowd = instances(sold, input) / i64::try_from(sold.len()).unwrap_or(1).max(1);
    let lower = match crowd {
        ..10 => 0,
        10..100 => 1,
        100..1_000 => 3,
        1_000..10_000 => 5,
        _ => 7,
    };
    Some((9 - drawn.min(1) + i64::from(sold.len() >= 10) - lower).clamp(1, 10))
}

/// About how many instances the target is.
fn instances(sold: &[&InstanceType], input: &GetSpotPlacementScores) -> i64 {
    let count = i64::try_from(sold.len()).unwrap_or(1).max(1);
    let mean = |of: fn(&InstanceType) -> i64| (sold.iter().map(|kind| of(kind)).sum::<i64>() / count).max(1);
    match input.target_capacity_unit_type.as_deref() {
        Some("vcpu") => input.target_capacity / mean(instance_types::vcpus),
        Some("memory-mib") => input.target_capacity / mean(instance_types::memory_mib),
        _ => input.target_capacity,
    }
}
