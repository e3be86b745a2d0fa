//! ModifyInstanceAttribute: one attribute per request, in either of two forms (`Attribute` and `Value`, or a structure of the attribute's name).
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html>
//!
//! [`change`] makes one [`Change`] of whatever form was sent; all else works on that.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use service::prelude::*;

use super::describe::{Flag, Text, unknown};
use crate::instance::state::{State, state_at};
use crate::instance::{Attributes, Instance, authorize, find, run};
use crate::network::encryption_control::enforce;
use crate::network::interface::{self, NetworkInterface};
use crate::network::security_group;
use crate::refused::{missing, several_attributes, several_interfaces};
use crate::volume::{self, Volume};

/// `ModifyInstanceAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyInstanceAttribute {
    pub instance_id: String,
    pub attribute: Option<String>,
    pub value: Option<String>,
    pub block_device_mappings: Option<Vec<DeviceChange>>,
    pub disable_api_stop: Option<Flag>,
    pub disable_api_termination: Option<Flag>,
    pub ebs_optimized: Option<Flag>,
    pub ena_support: Option<Flag>,
    pub enclave_options: Option<EnclaveChange>,
    pub groups: Option<Vec<String>>,
    pub instance_initiated_shutdown_behavior: Option<Text>,
    pub instance_type: Option<Text>,
    pub source_dest_check: Option<Flag>,
    pub sriov_net_support: Option<Text>,
    pub user_data: Option<Blob>,
    pub dry_run: Option<bool>,
}

/// `EnclaveOptionsRequest`.
#[derive(Debug, Clone, Copy, Default, Deserialize, Shaped)]
pub struct EnclaveChange {
    pub enabled: Option<bool>,
}

/// `BlobAttributeValue`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Blob {
    pub value: Option<Vec<u8>>,
}

/// `InstanceBlockDeviceMappingSpecification`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct DeviceChange {
    pub device_name: Option<String>,
    pub ebs: Option<EbsChange>,
}

/// `EbsInstanceBlockDeviceSpecification`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct EbsChange {
    pub volume_id: Option<String>,
    pub delete_on_termination: Option<bool>,
}

/// What is to become of one attribute.
#[derive(Debug, Clone)]
enum Change {
    InstanceType(String),
    /// Base64.
    UserData(String),
    DisableApiTermination(bool),
    DisableApiStop(bool),
    ShutdownBehavior(String),
    EbsOptimized(bool),
    EnaSupport(bool),
    Enclave(bool),
    SriovNetSupport(String),
    SourceDestCheck(bool),
    Groups(Vec<String>),
    Devices(Vec<DeviceChange>),
}

impl Change {
    /// The name and new value for `ec2:Attribute/NAME`.
    fn shown(&self) -> (&'static str, String) {
        match self {
            Change::InstanceType(value) => ("InstanceType", value.clone()),
            Change::UserData(value) => ("UserData", value.clone()),
            Change::DisableApiTermination(on) => ("DisableApiTermination", on.to_string()),
            Change::DisableApiStop(on) => ("DisableApiStop", on.to_string()),
            Change::ShutdownBehavior(value) => ("InstanceInitiatedShutdownBehavior", value.clone()),
            Change::EbsOptimized(on) => ("EbsOptimized", on.to_string()),
            Change::EnaSupport(on) => ("EnaSupport", on.to_string()),
            Change::Enclave(on) => ("EnclaveOptions", on.to_string()),
            Change::SriovNetSupport(value) => ("SriovNetSupport", value.clone()),
            Change::SourceDestCheck(on) => ("SourceDestCheck", on.to_string()),
            Change::Groups(ids) => ("GroupSet", ids.join(",")),
            Change::Devices(_) => ("BlockDeviceMapping", String::new()),
        }
    }

    /// Attributes of the (absent) machine change only while it is off.
    fn needs_stopped(&self) -> bool {
        matches!(
            self,
            Change::InstanceType(_)
                | Change::UserData(_)
                | Change::EbsOptimized(_)
                | Change::EnaSupport(_)
                | Change::Enclave(_)
                | Change::SriovNetSupport(_)
        )
    }

    /// Spot instances have no protection. The sentence is AWS's (cloud-custodian/cloud-custodian issue 2083); Terraform looks for its end, with
    /// both attributes.
    fn must_suit(&self, instance: &Instance) -> Result<(), ApiError> {
        let attribute = match self {
            Change::DisableApiTermination(_) => "disableApiTermination",
            Change::DisableApiStop(_) => "disableApiStop",
            _ => return Ok(()),
        };
        if instance.spot_request_id.is_none() {
            return Ok(());
        }
        let message = format!("Modifying '{attribute}' is not supported for spot instances.");
        Err(ApiError::new("UnsupportedOperation", message))
    }
}

/// The one change the request asks for.
fn change(input: &ModifyInstanceAttribute) -> Result<Change, ApiError> {
    let mut changes = structures(input);
    if let (Some(attribute), true) = (&input.attribute, changes.is_empty()) {
        changes.push(pair(attribute, input.value.as_deref())?);
    }
    match changes.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(ApiError::new("InvalidParameterCombination", "No attributes specified.")),
        many => Err(several_attributes(many.iter().map(|change| change.shown().0))),
    }
}

fn structures(input: &ModifyInstanceAttribute) -> Vec<Change> {
    let flag = |flag: &Option<Flag>, make: fn(bool) -> Change| flag.and_then(|flag| flag.value).map(make);
    let text =
        |text: &Option<Text>, make: fn(String) -> Change| text.as_ref().and_then(|text| text.value.clone()).map(make);
    let blob = input.user_data.as_ref().map(|blob| STANDARD.encode(blob.value.as_deref().unwrap_or_default()));
    let changes = [
        text(&input.instance_type, Change::InstanceType),
        blob.map(Change::UserData),
        flag(&input.disable_api_termination, Change::DisableApiTermination),
        flag(&input.disable_api_stop, Change::DisableApiStop),
        text(&input.instance_initiated_shutdown_behavior, Change::ShutdownBehavior),
        flag(&input.ebs_optimized, Change::EbsOptimized),
        flag(&input.ena_support, Change::EnaSupport),
        input.enclave_options.and_then(|wish| wish.enabled).map(Change::Enclave),
        text(&input.sriov_net_support, Change::SriovNetSupport),
        flag(&input.source_dest_check, Change::SourceDestCheck),
        input.groups.clone().filter(|groups| !groups.is_empty()).map(Change::Groups),
        input.block_device_mappings.clone().filter(|devices| !devices.is_empty()).map(Change::Devices),
    ];
    changes.into_iter().flatten().collect()
}

fn pair(attribute: &str, value: Option<&str>) -> Result<Change, ApiError> {
    let value = value.ok_or_else(|| missing("value"))?;
    let flag = || match value {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(ApiError::new(
            "InvalidParameterValue",
            format!("Value ({other}) for parameter value is invalid. It must be true or false."),
        )),
    };
    Ok(match attribute {
        "instanceType" => Change::InstanceType(value.to_owned()),
        "userData" => Change::UserData(value.to_owned()),
        "disableApiTermination" => Change::DisableApiTermination(flag()?),
        "disableApiStop" => Change::DisableApiStop(flag()?),
        "instanceInitiatedShutdownBehavior" => Change::ShutdownBehavior(value.to_owned()),
        "ebsOptimized" => Change::EbsOptimized(flag()?),
        "enaSupport" => Change::EnaSupport(flag()?),
        "sriovNetSupport" => Change::SriovNetSupport(value.to_owned()),
        "sourceDestCheck" => Change::SourceDestCheck(flag()?),
        "groupSet" => Change::Groups(vec![value.to_owned()]),
        other => return Err(unknown(other)),
    })
}

/// Refused before anyone is asked for permission.
pub fn check(_: &Cx, _: &World, input: &ModifyInstanceAttribute) -> Result<(), ApiError> {
    match change(input)? {
        Change::UserData(data) => run::user_data::check(Some(&data)),
        Change::ShutdownBehavior(word) if !["stop", "terminate"].contains(&word.as_str()) => Err(ApiError::new(
            "InvalidParameterValue",
            format!(
                "Value ({word}) for parameter instanceInitiatedShutdownBehavior is invalid. Unknown shutdown behavior."
            ),
        )),
        _ => Ok(()),
    }
}

/// What ModifyInstanceAttribute must be allowed: the instance with the new value, and the groups or volumes it is about.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyInstanceAttribute) -> Vec<Check> {
    let change = change(input).ok();
    let values: Vec<_> = change.iter().map(Change::shown).collect();
    let mut checks = vec![authorize::attributes(authorize::on_instance(cx, world, &input.instance_id), &values)];
    match change {
        Some(Change::Groups(ids)) => checks.extend(ids.iter().map(|id| security_group::check_on(cx, world, id))),
        Some(Change::Devices(devices)) => checks.extend(devices_of(cx, world, &input.instance_id, &devices)),
        _ => {}
    }
    checks
}

fn devices_of(cx: &Cx, world: &World, instance_id: &str, devices: &[DeviceChange]) -> Vec<Check> {
    let volumes = volume::of_instance(world, cx.account(), cx.region_name(), instance_id);
    let named =
        |device: &DeviceChange| volumes.iter().find(|volume| is_at(volume, device.device_name.as_deref())).cloned();
    devices.iter().filter_map(named).map(|volume| volume::check_on(cx, world, &volume)).collect()
}

fn is_at(volume: &Volume, device: Option<&str>) -> bool {
    volume.attachment.as_ref().is_some_and(|held| Some(held.device.as_str()) == device)
}

/// Changes the attribute.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyInstanceAttribute) -> Result<Done, ApiError> {
    let change = change(input)?;
    let instance = find(cx, tx, &input.instance_id)?.clone();
    let state = state_at(&instance, cx.now, cx.settings.states);
    if change.needs_stopped() && state != State::Stopped {
        let message = format!("The instance '{}' is not in the 'stopped' state.", instance.id);
        return Err(ApiError::new("IncorrectInstanceState", message));
    }
    change.must_suit(&instance)?;
    match change {
        Change::InstanceType(name) => set_type(cx, tx, &instance, &name)?,
        Change::UserData(data) => update(tx, &instance, |it| it.user_data = Some(data).filter(|data| !data.is_empty())),
        Change::DisableApiTermination(on) => set(tx, &instance, |it| it.disable_api_termination = on),
        Change::DisableApiStop(on) => set(tx, &instance, |it| it.disable_api_stop = on),
        Change::ShutdownBehavior(word) => set(tx, &instance, |it| it.shutdown_behavior = word),
        Change::EbsOptimized(on) => set(tx, &instance, |it| it.ebs_optimized = on),
        Change::Enclave(on) => set(tx, &instance, |it| it.enclave = on),
        Change::EnaSupport(on) => set(tx, &instance, |it| it.ena_support = on),
        Change::SriovNetSupport(word) => set(tx, &instance, |it| it.sriov_net_support = Some(word)),
        Change::SourceDestCheck(on) => update_interface(tx, &instance, |it| it.source_dest_check = on)?,
        Change::Groups(ids) => set_groups(cx, tx, &instance, ids)?,
        Change::Devices(devices) => set_devices(tx, &instance, &devices)?,
    }
    Ok(Done {})
}

fn update(tx: &mut Tx, instance: &Instance, change: impl FnOnce(&mut Instance)) {
    tx.update::<Instance>(&[instance.account.as_str(), &instance.region, &instance.id], change);
}

fn set(tx: &mut Tx, instance: &Instance, change: impl FnOnce(&mut Attributes)) {
    update(tx, instance, |it| change(it.attributes_mut()));
}

/// The new type must exist and have the architecture of the image; what follows from the type follows it.
fn set_type(cx: &Cx, tx: &mut Tx, instance: &Instance, name: &str) -> Result<(), ApiError> {
    let kind = run::instance_type::known(name)?;
    run::instance_type::must_fit(kind, &instance.image.architecture)?;
    for held in interface::of_instance(tx, instance.account, &instance.region, &instance.id) {
        enforce::may_carry(cx, tx, &held, name)?;
    }
    let (cores, threads) = run::instance_type::cores(kind);
    let credits = run::instance_type::default_credits(kind);
    update(tx, instance, |it| {
        it.instance_type = name.to_owned();
        it.credits = credits;
        let attributes = it.attributes_mut();
        attributes.core_count = cores;
        attributes.threads_per_core = threads;
    });
    Ok(())
}

fn update_interface(
    tx: &mut Tx,
    instance: &Instance,
    change: impl FnOnce(&mut NetworkInterface),
) -> Result<(), ApiError> {
    let only = only_interface(tx, instance)?;
    tx.update::<NetworkInterface>(&[only.account.as_str(), &only.region, &only.id], change);
    Ok(())
}

/// Attributes of the interface go through the instance only while it has one.
fn only_interface(world: &World, instance: &Instance) -> Result<Arc<NetworkInterface>, ApiError> {
    let interfaces = interface::of_instance(world, instance.account, &instance.region, &instance.id);
    match interfaces.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(ApiError::new(
            "IncorrectInstanceState",
            format!(
                "The instance '{}' is not in a state from which its network interface can be modified.",
                instance.id
            ),
        )),
        _ => Err(several_interfaces("InvalidParameterCombination", &instance.id)),
    }
}

fn set_groups(cx: &Cx, tx: &mut Tx, instance: &Instance, ids: Vec<String>) -> Result<(), ApiError> {
    let only = only_interface(tx, instance)?;
    for id in &ids {
        run::network::group_in(cx, tx, id, &only.vpc_id, &only.subnet_id)?;
    }
    update_interface(tx, instance, |it| it.groups = ids)
}

fn set_devices(tx: &mut Tx, instance: &Instance, devices: &[DeviceChange]) -> Result<(), ApiError> {
    let volumes = volume::of_instance(tx, instance.account, &instance.region, &instance.id);
    for device in devices {
        let volume = volumes.iter().find(|volume| is_at(volume, device.device_name.as_deref())).ok_or_else(|| {
            let name = device.device_name.as_deref().unwrap_or_default();
            ApiError::new("InvalidInstanceAttributeValue", format!("No device is currently mapped at {name}"))
        })?;
        let Some(wanted) = device.ebs.as_ref().and_then(|ebs| ebs.delete_on_termination) else { continue };
        tx.update::<Volume>(&[volume.account.as_str(), &volume.region, &volume.id], |it| {
            if let Some(attachment) = &mut it.attachment {
                attachment.delete_on_termination = wanted;
            }
        });
    }
    Ok(())
}
