//! Options of an instance that have an operation each: CPU, maintenance, host name, capacity reservations, network performance.
//!
//! They are stored where a launch puts them, so DescribeInstances, filters and condition keys see the change at once.

use service::prelude::*;

use super::run::cpus;
use super::state::{must_be_stopped, state_at};
use super::{Instance, authorize, find};
use crate::capacity::CapacityReservation;
use crate::catalogue::instance_types::{self, InstanceType};
use crate::refused::missing;
use crate::resource;

service::operations! { Ec2;
    ModifyInstanceCapacityReservationAttributes => write(set_capacity) authorize(to_set_capacity),
    ModifyInstanceCpuOptions => write(set_cpus) authorize(to_set_cpus),
    ModifyInstanceMaintenanceOptions => write(set_maintenance) authorize(to_set_maintenance),
    ModifyInstanceNetworkPerformanceOptions => write(set_performance) authorize(to_set_performance),
    ModifyPrivateDnsNameOptions => write(set_dns) authorize(to_set_dns),
}

/// `ModifyInstanceCpuOptionsRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct ModifyInstanceCpuOptions {
    pub instance_id: String,
    pub core_count: Option<i64>,
    pub threads_per_core: Option<i64>,
    pub dry_run: Option<bool>,
}

/// `ModifyInstanceCpuOptionsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Cpus {
    pub instance_id: String,
    pub core_count: Option<i64>,
    pub threads_per_core: Option<i64>,
}

/// `ModifyInstanceMaintenanceOptionsRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct ModifyInstanceMaintenanceOptions {
    pub instance_id: String,
    pub auto_recovery: Option<String>,
    pub reboot_migration: Option<String>,
    pub dry_run: Option<bool>,
}

/// `ModifyInstanceMaintenanceOptionsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Maintenance {
    pub instance_id: String,
    pub auto_recovery: String,
    pub reboot_migration: &'static str,
}

/// `ModifyPrivateDnsNameOptionsRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct ModifyPrivateDnsNameOptions {
    pub instance_id: String,
    pub private_dns_hostname_type: Option<String>,
    pub enable_resource_name_dns_a_record: Option<bool>,
    pub enable_resource_name_dns_aaaa_record: Option<bool>,
    pub dry_run: Option<bool>,
}

/// The answer of those that tell no more.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub r#return: bool,
}

/// `ModifyInstanceCapacityReservationAttributesRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct ModifyInstanceCapacityReservationAttributes {
    pub instance_id: String,
    pub capacity_reservation_specification: CapacityChange,
    pub dry_run: Option<bool>,
}

/// `CapacityReservationSpecification`.
#[derive(Debug, Deserialize, Shaped)]
pub struct CapacityChange {
    pub capacity_reservation_preference: Option<String>,
    pub capacity_reservation_target: Option<CapacityTarget>,
}

/// `CapacityReservationTarget`.
#[derive(Debug, Deserialize, Shaped)]
pub struct CapacityTarget {
    pub capacity_reservation_id: Option<String>,
    pub capacity_reservation_resource_group_arn: Option<String>,
}

/// `ModifyInstanceNetworkPerformanceRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct ModifyInstanceNetworkPerformanceOptions {
    pub instance_id: String,
    pub bandwidth_weighting: String,
    pub dry_run: Option<bool>,
}

/// `ModifyInstanceNetworkPerformanceResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Performance {
    pub instance_id: String,
    pub bandwidth_weighting: String,
}

/// The check on the instance, with new values as `ec2:Attribute/NAME`.
fn to_set<const N: usize>(cx: &Cx, world: &World, id: &str, values: [(&'static str, Option<String>); N]) -> Vec<Check> {
    let values: Vec<_> = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    vec![authorize::attributes(authorize::on_instance(cx, world, id), &values)]
}

fn update(tx: &mut Tx, instance: &Instance, change: impl FnOnce(&mut Instance)) {
    tx.update::<Instance>(&[instance.account.as_str(), &instance.region, &instance.id], change);
}

fn must_be_there(cx: &Cx, instance: &Instance) -> Result<(), ApiError> {
    if !state_at(instance, cx.now, cx.settings.states).is_over() {
        return Ok(());
    }
    let message = format!("The instance '{}' is not in a valid state for this operation.", instance.id);
    Err(ApiError::new("IncorrectInstanceState", message))
}

fn invalid(message: String) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

/// ModifyInstanceCpuOptions on the instance.
pub fn to_set_cpus(cx: &Cx, world: &World, input: &ModifyInstanceCpuOptions) -> Vec<Check> {
    let number = |number: Option<i64>| number.map(|number| number.to_string());
    let values = [("CoreCount", number(input.core_count)), ("ThreadsPerCore", number(input.threads_per_core))];
    to_set(cx, world, &input.instance_id, values)
}

/// Other numbers of cores and threads, of those the type can have.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceCpuOptions.html>
pub fn set_cpus(cx: &Cx, tx: &mut Tx, input: &ModifyInstanceCpuOptions) -> Result<Cpus, ApiError> {
    let instance = find(cx, tx, &input.instance_id)?.clone();
    let (cores, threads) = (input.core_count, input.threads_per_core);
    if cores.is_none() || threads.is_none() {
        return Err(cpus::incomplete());
    }
    must_be_stopped(cx, &instance, "IncorrectInstanceState")?;
    cpus::must_fit(&instance.instance_type, cores, threads)?;
    update(tx, &instance, |it| {
        let attributes = it.attributes_mut();
        attributes.core_count = cores;
        attributes.threads_per_core = threads;
    });
    Ok(Cpus { instance_id: instance.id.clone(), core_count: cores, threads_per_core: threads })
}

/// ModifyInstanceMaintenanceOptions on the instance.
pub fn to_set_maintenance(cx: &Cx, world: &World, input: &ModifyInstanceMaintenanceOptions) -> Vec<Check> {
    let values = [("AutoRecovery", input.auto_recovery.clone()), ("RebootMigration", input.reboot_migration.clone())];
    to_set(cx, world, &input.instance_id, values)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMaintenanceOptions.html>
pub fn set_maintenance(
    cx: &Cx,
    tx: &mut Tx,
    input: &ModifyInstanceMaintenanceOptions,
) -> Result<Maintenance, ApiError> {
    let instance = find(cx, tx, &input.instance_id)?.clone();
    if input.auto_recovery.is_none() && input.reboot_migration.is_none() {
        return Err(missing("AutoRecovery"));
    }
    must_be_there(cx, &instance)?;
    let auto_recovery = input.auto_recovery.clone().unwrap_or_else(|| instance.attributes.auto_recovery.clone());
    let migrates = match input.reboot_migration.as_deref() {
        Some(word) => Some(word != "disabled"),
        None => instance.attributes.reboot_migration,
    };
    let out = Maintenance {
        instance_id: instance.id.clone(),
        auto_recovery: auto_recovery.clone(),
        reboot_migration: super::view::migration_word(migrates),
    };
    update(tx, &instance, |it| {
        let attributes = it.attributes_mut();
        attributes.auto_recovery = auto_recovery;
        attributes.reboot_migration = migrates;
    });
    Ok(out)
}

/// ModifyPrivateDnsNameOptions on the instance.
pub fn to_set_dns(cx: &Cx, world: &World, input: &ModifyPrivateDnsNameOptions) -> Vec<Check> {
    let flag = |flag: Option<bool>| flag.map(|on| on.to_string());
    let values = [
        ("PrivateDnsHostnameType", input.private_dns_hostname_type.clone()),
        ("EnableResourceNameDnsARecord", flag(input.enable_resource_name_dns_a_record)),
        ("EnableResourceNameDnsAAAARecord", flag(input.enable_resource_name_dns_aaaa_record)),
    ];
    to_set(cx, world, &input.instance_id, values)
}

/// The operating system takes its name at boot, so another kind of name needs a stopped instance.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-naming.html>
pub fn set_dns(cx: &Cx, tx: &mut Tx, input: &ModifyPrivateDnsNameOptions) -> Result<Changed, ApiError> {
    let instance = find(cx, tx, &input.instance_id)?.clone();
    must_be_there(cx, &instance)?;
    if input.private_dns_hostname_type.as_ref().is_some_and(|word| *word != instance.attributes.hostname_type) {
        must_be_stopped(cx, &instance, "IncorrectInstanceState")?;
    }
    update(tx, &instance, |it| {
        let held = it.attributes_mut();
        held.hostname_type = input.private_dns_hostname_type.clone().unwrap_or_else(|| held.hostname_type.clone());
        held.dns_a_record = input.enable_resource_name_dns_a_record.unwrap_or(held.dns_a_record);
        held.dns_aaaa_record = input.enable_resource_name_dns_aaaa_record.unwrap_or(held.dns_aaaa_record);
    });
    Ok(Changed { r#return: true })
}

/// ModifyInstanceCapacityReservationAttributes on the instance, and on the reservation that it is meant for.
pub fn to_set_capacity(cx: &Cx, world: &World, input: &ModifyInstanceCapacityReservationAttributes) -> Vec<Check> {
    let wanted = &input.capacity_reservation_specification;
    let preference = wanted.capacity_reservation_preference.clone();
    let target =
        wanted.capacity_reservation_target.as_ref().and_then(|target| target.capacity_reservation_id.as_deref());
    let mut checks = to_set(cx, world, &input.instance_id, [("CapacityReservationPreference", preference)]);
    checks.extend(target.map(|id| resource::check_on::<CapacityReservation>(cx, world, id)));
    checks
}

/// What a stopped instance looks for when it starts again: one reservation, or any as the preference says.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceCapacityReservationAttributes.html>
pub fn set_capacity(
    cx: &Cx,
    tx: &mut Tx,
    input: &ModifyInstanceCapacityReservationAttributes,
) -> Result<Changed, ApiError> {
    let instance = find(cx, tx, &input.instance_id)?.clone();
    let wanted = &input.capacity_reservation_specification;
    let (preference, target) = match (&wanted.capacity_reservation_preference, &wanted.capacity_reservation_target) {
        (Some(_), Some(_)) => {
            return Err(ApiError::new(
                "InvalidParameterCombination",
                "The parameters CapacityReservationPreference and CapacityReservationTarget cannot be specified in the same request.",
            ));
        }
        (None, Some(target)) => (None, Some(reservation(cx, tx, target)?)),
        (None, None) => return Err(missing("CapacityReservationSpecification.CapacityReservationPreference")),
        (Some(preference), None) => (Some(preference.clone()), None),
    };
    must_be_stopped(cx, &instance, "IncorrectInstanceState")?;
    update(tx, &instance, |it| {
        let held = it.attributes_mut();
        held.capacity_reservation_preference =
            preference.unwrap_or_else(|| held.capacity_reservation_preference.clone());
        held.capacity_target = target;
    });
    Ok(Changed { r#return: true })
}

fn reservation(cx: &Cx, world: &World, target: &CapacityTarget) -> Result<String, ApiError> {
    match (&target.capacity_reservation_id, &target.capacity_reservation_resource_group_arn) {
        (Some(id), _) => Ok(resource::get::<CapacityReservation>(world, cx, id)?.id.clone()),
        (None, Some(arn)) => Err(invalid(format!("The resource group '{arn}' does not exist"))),
        (None, None) => {
            Err(missing("CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId"))
        }
    }
}

/// ModifyInstanceNetworkPerformanceOptions on the instance.
pub fn to_set_performance(cx: &Cx, world: &World, input: &ModifyInstanceNetworkPerformanceOptions) -> Vec<Check> {
    to_set(cx, world, &input.instance_id, [("BandwidthWeighting", Some(input.bandwidth_weighting.clone()))])
}

/// Only types that can shift bandwidth take another weighting than the default.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configure-bandwidth-weighting.html>
pub fn set_performance(
    cx: &Cx,
    tx: &mut Tx,
    input: &ModifyInstanceNetworkPerformanceOptions,
) -> Result<Performance, ApiError> {
    let instance = find(cx, tx, &input.instance_id)?.clone();
    let wanted = input.bandwidth_weighting.clone();
    let can = |kind: &InstanceType| {
        let known = kind.network_info.as_ref().and_then(|network| network.bandwidth_weightings.as_ref());
        known.is_some_and(|known| known.contains(&wanted))
    };
    if wanted != "default" && !instance_types::get(&instance.instance_type).is_some_and(can) {
        let message =
            format!("The instance type {} does not support the bandwidth weighting {wanted}.", instance.instance_type);
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    must_be_stopped(cx, &instance, "IncorrectInstanceState")?;
    update(tx, &instance, |it| it.attributes_mut().bandwidth_weighting.clone_from(&wanted));
    Ok(Performance { instance_id: instance.id.clone(), bandwidth_weighting: wanted })
}
