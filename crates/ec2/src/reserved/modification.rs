//! ModifyReservedInstances and DescribeReservedInstancesModifications: others take the place of Reserved Instances, of the same size together and with the
//! same end, in other zones, for the whole region, or of other types of the family.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ri-modifying.html>

use std::sync::Arc;

use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::bought::{self, ReservedInstances, is_fulfilled};
use super::listing;
use crate::catalogue::instance_types;
use crate::host::family_of;
use crate::instance::describe::time;
use crate::instance::{authorize, client_token};
use crate::refused::missing;

/// A modification that was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReservedModification {
    pub account: AccountId,
    pub region: String,
    /// `rimod-` and a UUID.
    pub id: String,
    pub client_token: Option<String>,
    pub asked_at: Timestamp,
    /// The beginning of its hour.
    pub effective_at: Timestamp,
    /// Ids of what was modified.
    pub sources: Vec<String>,
    /// What was asked for, each with the id of what comes out of it.
    pub targets: Vec<(Configuration, String)>,
}

impl Record for ReservedModification {
    const TABLE: TableDef = TableDef::own("ec2_reserved_modification", &["account", "region", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }
}

/// `ReservedInstancesConfiguration`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct Configuration {
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
    pub instance_count: Option<i64>,
    pub instance_type: Option<String>,
    /// `EC2-VPC`; there is no other any more.
    pub platform: Option<String>,
    pub scope: Option<String>,
}

/// `ModifyReservedInstancesRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct ModifyReservedInstances {
    pub reserved_instances_ids: Vec<String>,
    pub client_token: Option<String>,
    pub target_configurations: Vec<Configuration>,
}

/// `ModifyReservedInstancesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Modified {
    pub reserved_instances_modification_id: String,
}

/// `DescribeReservedInstancesModificationsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeReservedInstancesModifications {
    pub reserved_instances_modification_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub next_token: Option<String>,
}

/// `DescribeReservedInstancesModificationsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Modifications {
    pub reserved_instances_modifications: Vec<ModificationOut>,
    pub next_token: Option<String>,
}

/// `ReservedInstancesModification`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct ModificationOut {
    pub reserved_instances_modification_id: String,
    pub client_token: Option<String>,
    pub create_date: Timestamp,
    pub update_date: Timestamp,
    pub effective_date: Timestamp,
    pub status: &'static str,
    pub reserved_instances_ids: Vec<IdOut>,
    pub modification_results: Vec<ResultOut>,
}

/// `ReservedInstancesId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct IdOut {
    pub reserved_instances_id: String,
}

/// `ReservedInstancesModificationResult`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ResultOut {
    /// Once it is fulfilled.
    pub reserved_instances_id: Option<String>,
    pub target_configuration: Configuration,
}

/// ModifyReservedInstances on each of them, with what the new ones are to be.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyReservedInstances) -> Vec<Check> {
    let first = input.target_configurations.first().cloned().unwrap_or_default();
    let values = [
        ("AvailabilityZone", first.availability_zone),
        ("AvailabilityZoneId", first.availability_zone_id),
        ("InstanceCount", first.instance_count.map(|count| count.to_string())),
        ("InstanceType", first.instance_type),
        ("Scope", first.scope),
    ];
    let values: Vec<_> = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let on = |id: &String| authorize::attributes(bought::check_on(cx, world, id), &values);
    input.reserved_instances_ids.iter().map(on).collect()
}

/// There is something to modify, and something it is to become.
pub fn check(_: &Cx, _: &World, input: &ModifyReservedInstances) -> Result<(), ApiError> {
    if input.reserved_instances_ids.is_empty() {
        return Err(missing("reservedInstancesId"));
    }
    if input.target_configurations.is_empty() {
        return Err(missing("targetConfiguration"));
    }
    match input.target_configurations.iter().find(|it| it.instance_count.is_none_or(|count| count < 1)) {
        Some(_) => Err(invalid("The instance count of each target configuration must be at least 1.")),
        None => Ok(()),
    }
}

/// AWS's code for parameters that do not fit together; its texts are not recorded.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInput", message)
}

/// Begins a modification, or answers again what the same client token began.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyReservedInstances) -> Result<Modified, ApiError> {
    const SCOPE: &str = "ModifyReservedInstances";
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&ModifyReservedInstances { client_token: None, ..input.clone() });
    if let Some(made) = client_token::seen(cx, tx, SCOPE, token, &digest)? {
        let id = made.into_iter().next().unwrap_or_default();
        return Ok(Modified { reserved_instances_modification_id: id });
    }
    let sources = bought::each(cx, tx, &input.reserved_instances_ids)?;
    sources.iter().try_for_each(|held| must_be_free(cx, tx, held))?;
    let Some(first) = sources.first() else { return Err(missing("reservedInstancesId")) };
    if !sources.iter().all(|other| is_alike(first, other)) {
        return Err(invalid(
            "The Reserved Instances must be identical, except for Availability Zone, network platform and instance type.",
        ));
    }
    let id = format!("rimod-{}", cx.ids.uuid());
    let mut targets = Vec::new();
    for wanted in &input.target_configurations {
        targets.push(target(cx, first, wanted, &id)?);
    }
    must_be_of_one_size(&sources, &targets)?;
    let named = input.target_configurations.iter().cloned().zip(targets.iter().map(|it| it.id.clone()));
    tx.put(ReservedModification {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: id.clone(),
        client_token: input.client_token.clone(),
        asked_at: cx.now,
        effective_at: hour_of(cx.now),
        sources: sources.iter().map(|it| it.id.clone()).collect(),
        targets: named.collect(),
    });
    for held in sources {
        tx.put(ReservedInstances { replaced_at: Some(cx.now), ..(*held).clone() });
    }
    targets.into_iter().for_each(|it| tx.put(it));
    client_token::remember(cx, tx, SCOPE, token, digest, vec![id.clone()]);
    Ok(Modified { reserved_instances_modification_id: id })
}

fn hour_of(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second().div_euclid(3600) * 3600).unwrap_or(at)
}

/// They are active, nothing else is about to take their place, and they are not for sale.
pub fn must_be_free(cx: &Cx, world: &World, held: &ReservedInstances) -> Result<(), ApiError> {
    let id = &held.id;
    if held.state_at(cx) != "active" {
        return Err(invalid(format!("The Reserved Instances '{id}' are not in the state 'active'.")));
    }
    if held.replaced_at.is_some() {
        return Err(invalid(format!("The Reserved Instances '{id}' have a modification that is being processed.")));
    }
    if listing::listed(cx, world, id) > 0 {
        return Err(invalid(format!("The Reserved Instances '{id}' are listed in the Reserved Instance Marketplace.")));
    }
    Ok(())
}

fn is_alike(a: &ReservedInstances, b: &ReservedInstances) -> bool {
    (&a.product, &a.tenancy, &a.class, &a.payment) == (&b.product, &b.tenancy, &b.class, &b.payment)
        && family_of(&a.instance_type) == family_of(&b.instance_type)
        && (a.duration, a.end()) == (b.duration, b.end())
        && (a.fixed_price > 0.0) == (b.fixed_price > 0.0)
}

/// What a configuration asks for, made of the first source.
fn target(
    cx: &Cx,
    source: &ReservedInstances,
    wanted: &Configuration,
    id: &str,
) -> Result<ReservedInstances, ApiError> {
    let instance_type = wanted.instance_type.clone().unwrap_or_else(|| source.instance_type.clone());
    let zone = zone(cx, source, wanted)?;
    if instance_type != source.instance_type {
        let sizes_change = source.tenancy == "default" && source.product.starts_with("Linux/UNIX");
        if !sizes_change || family_of(&instance_type) != family_of(&source.instance_type) {
            let message =
                format!("The instance type cannot be changed from {} to {instance_type}.", source.instance_type);
            return Err(invalid(message));
        }
    }
    let offered = match &zone {
        Some((name, _)) => instance_types::offered_in_zone(cx.region_name(), name, &instance_type),
        None => instance_types::offered_in(cx.region_name(), &instance_type),
    };
    if !offered {
        return Err(invalid(format!("The instance type {instance_type} is not supported there.")));
    }
    let per_unit = match (units(&instance_type), units(&source.instance_type)) {
        (Some(new), Some(old)) => new / old,
        _ => 1.0,
    };
    Ok(ReservedInstances {
        id: cx.ids.uuid(),
        count: wanted.instance_count.unwrap_or(1),
        instance_type,
        zone,
        // What was paid at once was paid for what they were.
        fixed_price: 0.0,
        hourly: source.hourly * per_unit,
        bought_at: cx.now,
        start: hour_of(cx.now).max(source.start),
        ends_at: Some(source.end()),
        modification: Some(id.to_owned()),
        ..source.clone()
    })
}

/// The zone of a target. What says no scope stays what it was, or goes to the zone it names.
fn zone(cx: &Cx, source: &ReservedInstances, wanted: &Configuration) -> Result<Option<(String, String)>, ApiError> {
    let named = match (wanted.availability_zone.as_deref(), wanted.availability_zone_id.as_deref()) {
        (Some(_), Some(_)) => {
            return Err(ApiError::new(
                "InvalidParameterCombination",
                "Either AvailabilityZone or AvailabilityZoneId can be specified, but not both.",
            ));
        }
        (Some(name), None) => Some((name, cx.region.zone(name))),
        (None, Some(id)) => Some((id, cx.region.zone_by_id(id))),
        (None, None) => None,
    };
    let unknown = |text: &str| ApiError::new("InvalidParameterValue", format!("Invalid availability zone: [{text}]"));
    let named = named.map(|(text, found)| found.ok_or_else(|| unknown(text))).transpose()?;
    let named = named.map(|zone| (zone.name.clone(), zone.id.clone()));
    match (wanted.scope.as_deref(), named) {
        (Some("Region"), Some(_)) => Err(invalid("An Availability Zone cannot be specified with the scope Region.")),
        (Some("Region"), None) => Ok(None),
        (Some(_), None) => Err(invalid("An Availability Zone must be specified with the scope Availability Zone.")),
        (_, Some(zone)) => Ok(Some(zone)),
        (None, None) => Ok(source.zone.clone()),
    }
}

/// Normalization factors. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ri-modification-instancemove.html>
fn units(instance_type: &str) -> Option<f64> {
    let size = instance_type.split_once('.')?.1;
    Some(match size {
        "nano" => 0.25,
        "micro" => 0.5,
        "small" => 1.0,
        "medium" => 2.0,
        "large" => 4.0,
        "xlarge" => 8.0,
        other => 8.0 * other.strip_suffix("xlarge")?.parse::<f64>().ok()?,
    })
}

/// Together they are as large as before. Sizes that have no factor (metal) are compared by their number.
fn must_be_of_one_size(sources: &[Arc<ReservedInstances>], targets: &[ReservedInstances]) -> Result<(), ApiError> {
    let size = |it: &ReservedInstances| it.count as f64 * units(&it.instance_type).unwrap_or(1.0);
    let (before, after): (f64, f64) = (sources.iter().map(|it| size(it)).sum(), targets.iter().map(size).sum());
    let has_metal = |it: &ReservedInstances| units(&it.instance_type).is_none();
    let changes = targets.iter().any(|it| sources.iter().all(|held| held.instance_type != it.instance_type));
    let metal = targets.iter().any(has_metal) || sources.iter().any(|it| has_metal(it));
    if before == after && !(metal && changes) {
        return Ok(());
    }
    Err(invalid(format!(
        "The instance size footprint of the target configurations ({after}) does not match that of the Reserved Instances ({before})."
    )))
}

static FIELDS: Fields<ModificationOut> = Fields {
    fields: &[
        ("client-token", |it, values| values.push_if(it.client_token.as_deref())),
        ("create-date", |it, values| values.push(time(it.create_date))),
        ("effective-date", |it, values| values.push(time(it.effective_date))),
        ("modification-result.reserved-instances-id", |it, values| {
            it.modification_results.iter().for_each(|it| values.push_if(it.reserved_instances_id.as_deref()));
        }),
        ("modification-result.target-configuration.availability-zone", |it, values| {
            targets_of(it).for_each(|it| values.push_if(it.availability_zone.as_deref()));
        }),
        ("modification-result.target-configuration.availability-zone-id", |it, values| {
            targets_of(it).for_each(|it| values.push_if(it.availability_zone_id.as_deref()));
        }),
        ("modification-result.target-configuration.instance-count", |it, values| {
            targets_of(it).for_each(|it| values.push_if(it.instance_count.map(|count| count.to_string())));
        }),
        ("modification-result.target-configuration.instance-type", |it, values| {
            targets_of(it).for_each(|it| values.push_if(it.instance_type.as_deref()));
        }),
        ("reserved-instances-id", |it, values| {
            it.reserved_instances_ids.iter().for_each(|it| values.push(it.reserved_instances_id.as_str()));
        }),
        ("reserved-instances-modification-id", |it, values| {
            values.push(it.reserved_instances_modification_id.as_str());
        }),
        ("status", |it, values| values.push(it.status)),
        ("status-message", |_, _| {}),
        ("update-date", |it, values| values.push(time(it.update_date))),
    ],
    tags: None,
};

fn targets_of(it: &ModificationOut) -> impl Iterator<Item = &Configuration> {
    it.modification_results.iter().map(|it| &it.target_configuration)
}

/// Modifications, by id.
pub fn describe(
    cx: &Cx,
    world: &World,
    input: &DescribeReservedInstancesModifications,
) -> Result<Modifications, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let (account, region) = (cx.account(), cx.region_name());
    let ids = input.reserved_instances_modification_ids.as_deref().unwrap_or_default();
    let absent = |id: &&String| world.get::<ReservedModification>(&[account.as_str(), region, id]).is_none();
    if let Some(id) = ids.iter().find(absent) {
        let message = format!("The reserved instances modification ID '{id}' does not exist");
        return Err(ApiError::new("InvalidReservedInstancesModificationId", message));
    }
    let all = world.scan::<ReservedModification>(&[account.as_str(), region]);
    let found = all.filter(|it| ids.is_empty() || ids.contains(&it.id));
    let outs = found.map(|it| out(cx, it)).filter(|it| chosen.admit(it));
    let scope = format!("reserved-instances-modifications {:?}", input.filters);
    let key = |it: &ModificationOut| it.reserved_instances_modification_id.clone();
    let page = paging::ec2(&scope, input.next_token.as_deref(), None, outs, key)?;
    Ok(Modifications { reserved_instances_modifications: page.items, next_token: page.next })
}

fn out(cx: &Cx, it: &ReservedModification) -> ModificationOut {
    let fulfilled = is_fulfilled(cx, it.asked_at);
    let result = |(wanted, id): &(Configuration, String)| ResultOut {
        reserved_instances_id: fulfilled.then(|| id.clone()),
        target_configuration: wanted.clone(),
    };
    ModificationOut {
        reserved_instances_modification_id: it.id.clone(),
        client_token: it.client_token.clone(),
        create_date: it.asked_at,
        update_date: it.asked_at,
        effective_date: it.effective_at,
        status: if fulfilled { "fulfilled" } else { "processing" },
        reserved_instances_ids: it.sources.iter().map(|id| IdOut { reserved_instances_id: id.clone() }).collect(),
        modification_results: it.targets.iter().map(result).collect(),
    }
}
