//! The checks on instances that exist: one per instance, with the condition keys AWS lists for the resource type `instance`.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html>

use service::prelude::*;

use super::association;
use super::record::{Instance, enabled_word};

/// `arn:aws:ec2:REGION:ACCOUNT:KIND/ID` of the caller's account and region.
pub fn arn(cx: &Cx, kind: &str, id: &str) -> String {
    service::arn::ec2(cx.partition(), cx.region_name(), cx.account().as_str(), kind, id)
}

/// The operation's own action on that instance; one that does not exist, or cannot, is `instance/*` (seen of AWS, September 2026).
pub fn on_instance(cx: &Cx, world: &World, id: &str) -> Check {
    match world.get::<Instance>(&[cx.account().as_str(), cx.region_name(), id]) {
        Some(instance) => {
            let check = Check::on(arn(cx, "instance", id)).key("ec2:InstanceID", id);
            keys(cx, world, instance, check).tagged(&instance.tags)
        }
        None => Check::on(arn(cx, "instance", "*")),
    }
}

/// The same for every id of a list.
pub fn on_instances(cx: &Cx, world: &World, ids: &[String]) -> Vec<Check> {
    ids.iter().map(|id| on_instance(cx, world, id)).collect()
}

fn keys(cx: &Cx, world: &World, instance: &Instance, check: Check) -> Check {
    let (attributes, metadata) = (&instance.attributes, &instance.metadata);
    check
        .key("ec2:AvailabilityZone", instance.placement.zone.as_str())
        .key("ec2:AvailabilityZoneId", instance.placement.zone_id.as_str())
        .key("ec2:EbsOptimized", attributes.ebs_optimized.to_string())
        .key("ec2:InstanceAutoRecovery", attributes.auto_recovery.as_str())
        .key("ec2:InstanceBandwidthWeighting", attributes.bandwidth_weighting.as_str())
        .key("ec2:InstanceMarketType", instance.market())
        .key("ec2:InstanceMetadataTags", enabled_word(metadata.instance_metadata_tags))
        .key("ec2:InstanceType", instance.instance_type.as_str())
        .key("ec2:MetadataHttpEndpoint", enabled_word(metadata.http_endpoint))
        .key("ec2:MetadataHttpPutResponseHopLimit", metadata.hop_limit.to_string())
        .key("ec2:MetadataHttpTokens", metadata.http_tokens.word())
        .key("ec2:RootDeviceType", instance.image.root_device_type.as_str())
        .key("ec2:Tenancy", instance.placement.tenancy.as_str())
        .key_if("ec2:CpuOptionsAmdSevSnp", attributes.amd_sev_snp.as_deref())
        .key_if("ec2:InstanceProfile", association::of_instance(world, instance).map(|it| it.profile_arn.clone()))
        .key_if("ec2:PlacementGroup", instance.placement.group_arn(cx))
        .key_if("ec2:ProductCode", instance.image.product_codes.first().map(|(id, _)| id.as_str()))
}

/// New values of attributes, as the keys `ec2:Attribute` and `ec2:Attribute/NAME` hold them.
pub fn attributes(check: Check, values: &[(&str, String)]) -> Check {
    if values.is_empty() {
        return check;
    }
    let check = check.keys("ec2:Attribute", values.iter().map(|(name, _)| (*name).to_owned()).collect());
    values.iter().fold(check, |check, (name, value)| check.key(format!("ec2:Attribute/{name}"), value.as_str()))
}
