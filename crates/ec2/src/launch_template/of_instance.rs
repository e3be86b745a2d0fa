//! GetLaunchTemplateData: an instance's parameters as a launch template would hold them.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetLaunchTemplateData.html>

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use service::prelude::*;

use super::data::Data;
use crate::instance::{Attributes, Instance, association_of, authorize, enabled_word, find};
use crate::network::interface::{self, NetworkInterface};
use crate::spot;
use crate::volume::{self, Volume};

/// `GetLaunchTemplateDataRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetLaunchTemplateData {
    pub instance_id: String,
    pub dry_run: Option<bool>,
}

/// `GetLaunchTemplateDataResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Got {
    pub launch_template_data: Data,
}

/// GetLaunchTemplateData on the instance.
pub fn to_get(cx: &Cx, world: &World, input: &GetLaunchTemplateData) -> Vec<Check> {
    vec![authorize::on_instance(cx, world, &input.instance_id)]
}

/// What the instance is, as far as it could be launched so again.
pub fn get(cx: &Cx, world: &World, input: &GetLaunchTemplateData) -> Result<Got, ApiError> {
    let instance = find(cx, world, &input.instance_id)?;
    let mut data = of_record(instance);
    let attached = volume::of_instance(world, instance.account, &instance.region, &instance.id);
    data.insert("BlockDeviceMappings".into(), attached.iter().map(device).collect());
    let interfaces = interface::of_instance(world, instance.account, &instance.region, &instance.id);
    data.insert("NetworkInterfaces".into(), interfaces.iter().map(interface_data).collect());
    if let Some(held) = association_of(world, instance) {
        data.insert("IamInstanceProfile".into(), json!({"Arn": held.profile_arn}));
    }
    if let Some(request) = spot::follow::of_instance(world, instance) {
        let persistence = if request.persistent { "persistent" } else { "one-time" };
        let options = json!({
            "MaxPrice": request.price,
            "SpotInstanceType": persistence,
            "InstanceInterruptionBehavior": request.interruption,
        });
        data.insert("InstanceMarketOptions".into(), json!({"MarketType": "spot", "SpotOptions": options}));
    }
    data.retain(|_, value| !value.is_null());
    Ok(Got { launch_template_data: Data(data) })
}

fn of_record(instance: &Instance) -> Map<String, Json> {
    let (attributes, metadata, placement) = (&instance.attributes, &instance.metadata, &instance.placement);
    // AWS's own tags belong to the instance that has them.
    let tags: Vec<&Tag> = instance.tags.iter().filter(|tag| !tag.key.starts_with("aws:")).collect();
    let tags: Vec<Json> = tags.iter().map(|tag| json!({"Key": tag.key, "Value": tag.value})).collect();
    let data = json!({
        "EbsOptimized": attributes.ebs_optimized,
        "ImageId": instance.image.id,
        "InstanceType": instance.instance_type,
        "KeyName": instance.key_name,
        "Monitoring": monitoring(attributes),
        "Placement": {
            "AvailabilityZone": placement.zone,
            "AvailabilityZoneId": placement.zone_id,
            "GroupName": placement.group_name.as_deref().unwrap_or_default(),
            "Tenancy": placement.tenancy,
        },
        "DisableApiTermination": attributes.disable_api_termination,
        "DisableApiStop": attributes.disable_api_stop,
        "InstanceInitiatedShutdownBehavior": attributes.shutdown_behavior,
        "UserData": instance.user_data,
        "TagSpecifications": if tags.is_empty() { Json::Null } else { json!([{"ResourceType": "instance", "Tags": tags}]) },
        "CreditSpecification": instance.credits.as_ref().map(|credits| json!({"CpuCredits": credits})),
        "CpuOptions": cpus(attributes),
        "CapacityReservationSpecification": {"CapacityReservationPreference": attributes.capacity_reservation_preference},
        "HibernationOptions": {"Configured": attributes.hibernation},
        "EnclaveOptions": {"Enabled": attributes.enclave},
        "MetadataOptions": {
            "HttpTokens": metadata.http_tokens.word(),
            "HttpPutResponseHopLimit": metadata.hop_limit,
            "HttpEndpoint": enabled_word(metadata.http_endpoint),
            "HttpProtocolIpv6": enabled_word(metadata.http_protocol_ipv6),
            "InstanceMetadataTags": enabled_word(metadata.instance_metadata_tags),
        },
        "PrivateDnsNameOptions": {
            "HostnameType": attributes.hostname_type,
            "EnableResourceNameDnsARecord": attributes.dns_a_record,
            "EnableResourceNameDnsAAAARecord": attributes.dns_aaaa_record,
        },
        "MaintenanceOptions": {"AutoRecovery": attributes.auto_recovery},
        "NetworkPerformanceOptions": {"BandwidthWeighting": attributes.bandwidth_weighting},
        "SecondaryInterfaces": [],
    });
    match data {
        Json::Object(members) => members,
        _ => Map::new(),
    }
}

fn cpus(attributes: &Attributes) -> Option<Json> {
    let (cores, threads) = (attributes.core_count?, attributes.threads_per_core?);
    Some(match &attributes.amd_sev_snp {
        Some(word) => json!({"CoreCount": cores, "ThreadsPerCore": threads, "AmdSevSnp": word}),
        None => json!({"CoreCount": cores, "ThreadsPerCore": threads}),
    })
}

fn monitoring(attributes: &Attributes) -> Json {
    let is_enabled = attributes.monitoring;
    match attributes.metric_categories.as_slice() {
        [] => json!({"Enabled": is_enabled}),
        held => json!({"Enabled": is_enabled, "MetricCategoryIds": held}),
    }
}

fn device(volume: &Arc<Volume>) -> Json {
    let held = volume.attachment.as_ref();
    let mut ebs = json!({
        "Encrypted": volume.encrypted,
        "DeleteOnTermination": held.map(|held| held.delete_on_termination),
        "Iops": volume.iops.filter(|_| volume.volume_type != "gp2"),
        "Throughput": volume.throughput,
        "SnapshotId": volume.snapshot_id,
        "KmsKeyId": volume.kms_key_id,
        "VolumeSize": volume.size,
        "VolumeType": volume.volume_type,
        "EbsCardIndex": 0,
    });
    if let Some(members) = ebs.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    json!({"DeviceName": held.map(|held| held.device.as_str()).unwrap_or_default(), "Ebs": ebs})
}

/// The members that AWS was recorded to tell in September 2026: what to make, and not the interface that there is.
fn interface_data(interface: &Arc<NetworkInterface>) -> Json {
    let addresses = std::iter::once((true, interface.private_ip))
        .chain(interface.secondary_ips.iter().map(|address| (false, *address)));
    let addresses = addresses.map(|(primary, address)| json!({"Primary": primary, "PrivateIpAddress": address}));
    let held = interface.attachment.as_ref();
    let ipv6: Vec<Json> = interface.ipv6_addresses.iter().map(|address| json!({"Ipv6Address": address})).collect();
    let ipv4_prefixes: Vec<Json> = interface.ipv4_prefixes.iter().map(|net| json!({"Ipv4Prefix": net})).collect();
    let ipv6_prefixes: Vec<Json> = interface.ipv6_prefixes.iter().map(|net| json!({"Ipv6Prefix": net})).collect();
    json!({
        "AssociatePublicIpAddress": interface.public_ip.is_some(),
        "DeleteOnTermination": held.is_some_and(|held| held.delete_on_termination),
        "Description": interface.description,
        "DeviceIndex": held.map(|held| held.device_index).unwrap_or_default(),
        "Groups": interface.groups,
        "InterfaceType": interface.interface_type.as_deref().unwrap_or("interface"),
        "Ipv6Addresses": ipv6,
        "PrivateIpAddresses": addresses.collect::<Vec<_>>(),
        "SubnetId": interface.subnet_id,
        "NetworkCardIndex": held.map(|held| held.network_card_index).unwrap_or_default(),
        "Ipv4Prefixes": ipv4_prefixes,
        "Ipv6Prefixes": ipv6_prefixes,
    })
}
