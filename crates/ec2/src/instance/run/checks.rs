//! What a launch must be allowed: RunInstances on every resource it uses or makes, the tags it sets, and the role it passes.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html>
//!
//! The order in which AWS looks is not documented; it is kept fixed here, because the first denial is the one reported: image, instance, interfaces,
//! groups, subnets, volumes, key pair, tags, role.

use service::prelude::*;

use super::devices::Device;
use super::input::RunInstances;
use super::network::{Group, Planned, Wanted};
use super::plan::{self, Plan};
use crate::instance::authorize::arn;
use crate::network::{interface, security_group, subnet};
use crate::tags;

/// All checks of a RunInstances request.
pub fn to_run(cx: &Cx, world: &World, input: &RunInstances) -> Vec<Check> {
    let plan = plan::plan(cx, world, input);
    let mut checks = vec![image(cx, &plan), instance(cx, &plan)];
    checks.extend(plan.interfaces.list.iter().map(|planned| on_interface(cx, world, &plan, planned)));
    checks.extend(groups(cx, world, &plan));
    checks.extend(subnets(cx, world, &plan));
    checks.extend(plan.devices.iter().map(|device| volume(cx, &plan, device)));
    checks.extend(plan.devices.iter().filter_map(|device| snapshot(cx, world, &plan, device)));
    checks.extend(key_pair(cx, &plan));
    checks.extend(tag_on_create(cx, &plan));
    checks.extend(pass_role(cx, &plan));
    checks.into_iter().map(not_from_a_template).collect()
}

/// There are no launch templates yet: nothing comes from one.
fn not_from_a_template(check: Check) -> Check {
    if check.action.is_empty() { check.key("ec2:IsLaunchTemplateResource", "false") } else { check }
}

/// Snapshots belong to nobody's account as far as their ARN goes.
fn global(cx: &Cx, kind: &str, id: &str) -> String {
    service::arn::ec2(cx.partition(), cx.region_name(), "", kind, id)
}

fn image(cx: &Cx, plan: &Plan<'_>) -> Check {
    crate::image::check_of(cx, plan.input.image_id.as_deref().unwrap_or("*"), plan.image.as_deref())
}

fn instance(cx: &Cx, plan: &Plan<'_>) -> Check {
    let (input, metadata) = (plan.input, &plan.metadata);
    let subnet = plan.interfaces.subnet();
    let word = crate::instance::enabled_word;
    let recovery =
        input.maintenance_options.as_ref().and_then(|wish| wish.auto_recovery.as_deref()).unwrap_or("default");
    let weighting = input.network_performance_options.as_ref().and_then(|wish| wish.bandwidth_weighting.as_deref());
    Check::on(arn(cx, "instance", "*"))
        .not_created()
        .request_tags(plan.tags.of("instance"))
        .key_if("ec2:AvailabilityZone", subnet.map(|subnet| subnet.zone.as_str()))
        .key_if("ec2:AvailabilityZoneId", subnet.map(|subnet| subnet.zone_id.as_str()))
        .key_if("ec2:CpuOptionsAmdSevSnp", input.cpu_options.as_ref().and_then(|wish| wish.amd_sev_snp.as_deref()))
        .key("ec2:EbsOptimized", plan.ebs_optimized().to_string())
        .key("ec2:InstanceAutoRecovery", recovery)
        .key("ec2:InstanceBandwidthWeighting", weighting.unwrap_or("default"))
        .key("ec2:InstanceMarketType", "on-demand")
        .key("ec2:InstanceMetadataTags", word(metadata.instance_metadata_tags))
        .key_if("ec2:InstanceProfile", plan.profile.as_ref().and_then(|choice| choice.arn(cx)))
        .key("ec2:InstanceType", plan.type_name)
        .key("ec2:MetadataHttpEndpoint", word(metadata.http_endpoint))
        .key("ec2:MetadataHttpPutResponseHopLimit", metadata.hop_limit.to_string())
        .key("ec2:MetadataHttpTokens", metadata.http_tokens.word())
        .key_if("ec2:RootDeviceType", plan.image.as_ref().map(|image| image.root_device_type.as_str()))
        .key("ec2:Tenancy", plan.tenancy())
}

fn on_interface(cx: &Cx, world: &World, plan: &Plan<'_>, planned: &Planned) -> Check {
    if let Some((id, _)) = &planned.existing {
        return interface::check_on(cx, world, id);
    }
    let subnet = planned.subnet.as_deref();
    Check::on(arn(cx, "network-interface", "*"))
        .not_created()
        .request_tags(plan.tags.of("network-interface"))
        .key("ec2:AssociatePublicIpAddress", planned.public.to_string())
        .key_if("ec2:AvailabilityZone", subnet.map(|subnet| subnet.zone.as_str()))
        .key_if("ec2:Subnet", subnet.map(|subnet| arn(cx, "subnet", &subnet.id)))
        .key_if("ec2:Vpc", subnet.map(|subnet| arn(cx, "vpc", &subnet.vpc_id)))
}

/// Every group once, those of existing interfaces left out: they are not chosen by this request.
fn groups(cx: &Cx, world: &World, plan: &Plan<'_>) -> Vec<Check> {
    let id = |group: &Group| match (&group.found, &group.wanted) {
        (Some(found), _) => Some(found.id.clone()),
        (None, Wanted::Id(id)) => Some(id.clone()),
        (None, Wanted::Name(_)) => Some("*".to_owned()),
        (None, Wanted::Default) => None,
    };
    let ids = plan.interfaces.list.iter().flat_map(|planned| &planned.groups).filter_map(id);
    once(ids).iter().map(|id| security_group::check_on(cx, world, id)).collect()
}

fn subnets(cx: &Cx, world: &World, plan: &Plan<'_>) -> Vec<Check> {
    let id = |planned: &Planned| {
        planned.subnet.as_ref().map(|subnet| subnet.id.clone()).or_else(|| planned.subnet_id.clone())
    };
    once(plan.interfaces.list.iter().filter_map(id)).iter().map(|id| subnet::check_on(cx, world, id)).collect()
}

fn once(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = Vec::new();
    for id in ids {
        if !seen.contains(&id) {
            seen.push(id);
        }
    }
    seen
}

fn volume(cx: &Cx, plan: &Plan<'_>, device: &Device) -> Check {
    let subnet = plan.interfaces.subnet();
    Check::on(arn(cx, "volume", "*"))
        .not_created()
        .request_tags(plan.tags.of("volume"))
        .key_if("ec2:AvailabilityZone", subnet.map(|subnet| subnet.zone.as_str()))
        .key_if("ec2:AvailabilityZoneId", subnet.map(|subnet| subnet.zone_id.as_str()))
        .key("ec2:Encrypted", device.encrypted.to_string())
        .key_if("ec2:KmsKeyId", device.kms_key_id.as_deref())
        .key_if("ec2:ParentSnapshot", device.snapshot_id.as_deref().map(|id| global(cx, "snapshot", id)))
        .key_if("ec2:VolumeIops", device.effective_iops().map(|iops| iops.to_string()))
        .key("ec2:VolumeSize", device.size.to_string())
        .key_if("ec2:VolumeThroughput", device.throughput.map(|throughput| throughput.to_string()))
        .key("ec2:VolumeType", device.volume_type.as_str())
}

/// A snapshot that the request itself names; those of the image come with it.
fn snapshot(cx: &Cx, world: &World, plan: &Plan<'_>, device: &Device) -> Option<Check> {
    let mapping = plan.input.block_device_mappings.iter().find(|it| it.device_name.as_deref() == Some(&device.name))?;
    let id = mapping.ebs.as_ref()?.snapshot_id.as_deref()?;
    Some(crate::snapshot::check_on(cx, world, id))
}

fn key_pair(cx: &Cx, plan: &Plan<'_>) -> Option<Check> {
    let name = plan.input.key_name.as_deref()?;
    let check = Check::on(arn(cx, "key-pair", name)).key("ec2:KeyPairName", name);
    Some(match &plan.key_pair {
        Some(pair) => check.key("ec2:KeyPairType", pair.key_type.as_str()).tagged(&pair.tags),
        None => check,
    })
}

/// Tags at creation need ec2:CreateTags on each kind of resource that gets some.
fn tag_on_create(cx: &Cx, plan: &Plan<'_>) -> Vec<Check> {
    tags::tag_on_create_checks(cx, &plan.input.tag_specifications, "RunInstances")
}

/// The role reaches whatever instances the launch makes: they have no ids yet.
fn pass_role(cx: &Cx, plan: &Plan<'_>) -> Option<Check> {
    plan.profile.as_ref()?.pass_role(cx, &arn(cx, "instance", "*"))
}
