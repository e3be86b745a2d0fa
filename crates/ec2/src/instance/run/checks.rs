//! What a launch must be allowed: RunInstances on every resource it uses or makes, the tags it sets, and the role it passes.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html>
//!
//! The order in which AWS looks is not documented; it is kept fixed here, because the first denial is the one reported: image, instance, interfaces,
//! groups, subnets, volumes, key pair, tags, role.

use service::prelude::*;

use super::devices::Device;
use super::input::{DeviceMapping, RunInstances};
use super::network::{Group, Planned, Wanted};
use super::plan::{self, Plan};
use super::secondary;
use crate::capacity;
use crate::instance::authorize::arn;
use crate::launch_template::launch::{self, Asked};
use crate::network::{interface, security_group, subnet};
use crate::tags::{self, TagSpecification};

/// All checks of a RunInstances request. Each says whether the resource comes from the launch template or is named by the request itself.
pub fn to_run(cx: &Cx, world: &World, request: &RunInstances) -> Vec<Check> {
    let asked = launch::asked(cx, world, request).unwrap_or_else(|_| Asked::alone(request));
    let plan = plan::plan(cx, world, &asked);
    let wires = !request.network_interfaces.is_empty();
    let names_groups = wires || !request.security_group_ids.is_empty() || !request.security_groups.is_empty();
    // Which image it is nobody knows before the parameter is read.
    let mut checks: Vec<Check> = asked.check_on_parameter(cx).into_iter().collect();
    checks.extend(asked.mark(cx, request.image_id.is_some(), [image(cx, &plan)]));
    checks.extend(asked.mark(cx, false, [instance(cx, &plan)]));
    let interfaces = plan.interfaces.list.iter().map(|planned| on_interface(cx, world, &plan, planned));
    checks.extend(asked.mark(cx, wires, interfaces));
    checks.extend(asked.mark(cx, names_groups, groups(cx, world, &plan)));
    checks.extend(asked.mark(cx, wires || request.subnet_id.is_some(), subnets(cx, world, &plan)));
    let named = !request.secondary_interfaces.is_empty();
    let wished = secondary::checks(cx, world, plan.input, plan.tags.of("secondary-interface"));
    checks.extend(asked.mark(cx, named, wished));
    for device in &plan.devices {
        checks.extend(asked.mark(cx, mapping(request, device).is_some(), [volume(cx, &plan, device)]));
    }
    for device in &plan.devices {
        checks.extend(asked.mark(cx, mapping(request, device).is_some(), snapshot(cx, world, &plan, device)));
    }
    checks.extend(asked.mark(cx, request.key_name.is_some(), key_pair(cx, &plan)));
    let names_capacity = request.capacity_reservation_specification.is_some();
    checks.extend(asked.mark(cx, names_capacity, capacity::launch::check(cx, world, &plan.capacity)));
    let names_group = request.placement.as_ref().is_some_and(|it| it.group_name.is_some() || it.group_id.is_some());
    checks.extend(asked.mark(cx, names_group, plan.group.check(cx, world)));
    checks.extend(asked.mark(cx, false, asked.check_on_template(cx, world)));
    checks.extend(asked.mark(cx, request.instance_market_options.is_some(), spot_request(cx, &plan)));
    checks.extend(tag_on_create(cx, &plan));
    checks.extend(pass_role(cx, &plan));
    checks
}

/// A launch on the Spot market makes a request of its own.
fn spot_request(cx: &Cx, plan: &Plan<'_>) -> Option<Check> {
    let type_name = crate::kind::SPOT_REQUEST.resource_type;
    plan.spot()?;
    Some(Check::on(crate::kind::SPOT_REQUEST.arn_of_new(cx)).not_created().request_tags(plan.tags.of(type_name)))
}

/// Snapshots belong to nobody's account as far as their ARN goes.
fn global(cx: &Cx, kind: &str, id: &str) -> String {
    service::arn::ec2(cx.partition(), cx.region_name(), "", kind, id)
}

/// The checks on what a fleet's launch makes and uses; `specifications` are the fleet's own tags.
pub fn to_make(cx: &Cx, world: &World, asked: &Asked<'_>, specifications: &[TagSpecification]) -> Vec<Check> {
    let plan = plan::plan(cx, world, asked);
    let tagged = |check: Check, kind: &str| check.request_tags(&tags::requested(Some(specifications), kind));
    let mut checks = vec![tagged(instance(cx, &plan), "instance")];
    checks.extend(plan.devices.iter().map(|device| tagged(volume(cx, &plan, device), "volume")));
    checks.extend(plan.group.check(cx, world));
    checks.extend(capacity::launch::check(cx, world, &plan.capacity));
    checks.extend(named(cx, world, &plan));
    checks
}

/// The checks on the subnets of a fleet's launch, and on the role it passes.
pub fn to_place(cx: &Cx, world: &World, asked: &Asked<'_>) -> Vec<Check> {
    let plan = plan::plan(cx, world, asked);
    subnets(cx, world, &plan).into_iter().chain(pass_role(cx, &plan)).collect()
}

/// The checks on the image and the subnets of a fleet's launch, and on the role it passes.
pub fn to_name(cx: &Cx, world: &World, asked: &Asked<'_>) -> Vec<Check> {
    named(cx, world, &plan::plan(cx, world, asked))
}

fn named(cx: &Cx, world: &World, plan: &Plan<'_>) -> Vec<Check> {
    std::iter::once(image(cx, plan)).chain(subnets(cx, world, plan)).chain(pass_role(cx, plan)).collect()
}

/// The checks on what a launch uses that exists already, and on the role it passes: what a request for a Spot instance must be allowed.
pub fn to_use(cx: &Cx, world: &World, wish: &RunInstances) -> Vec<Check> {
    let asked = Asked::alone(wish);
    let plan = plan::plan(cx, world, &asked);
    let existing = plan.interfaces.list.iter().filter(|planned| planned.existing.is_some());
    let mut checks: Vec<Check> = existing.map(|planned| on_interface(cx, world, &plan, planned)).collect();
    checks.push(image(cx, &plan));
    checks.extend(groups(cx, world, &plan));
    checks.extend(subnets(cx, world, &plan));
    checks.extend(plan.devices.iter().filter_map(|device| snapshot(cx, world, &plan, device)));
    checks.extend(key_pair(cx, &plan));
    checks.extend(plan.group.check(cx, world));
    checks.extend(pass_role(cx, &plan));
    checks
}

/// What an operation must be allowed that makes an instance of no image: its own action on the instance and the volumes to come, and on the groups and
/// subnets it names. Reference and policies know no network interface there.
pub fn of_no_image(cx: &Cx, world: &World, plan: &Plan<'_>) -> Vec<Check> {
    let input = plan.input;
    let mut checks = vec![instance(cx, plan)];
    if !input.security_group_ids.is_empty() || !input.security_groups.is_empty() {
        checks.extend(groups(cx, world, plan));
    }
    if input.subnet_id.is_some() {
        checks.extend(subnets(cx, world, plan));
    }
    checks.extend(plan.devices.iter().map(|device| volume(cx, plan, device)));
    checks
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
        .key("ec2:InstanceMarketType", market(plan))
        .key("ec2:InstanceMetadataTags", word(metadata.instance_metadata_tags))
        .key_if("ec2:InstanceProfile", plan.profile.as_ref().and_then(|choice| choice.arn(cx)))
        .key("ec2:InstanceType", plan.type_name)
        .key("ec2:MetadataHttpEndpoint", word(metadata.http_endpoint))
        .key("ec2:MetadataHttpPutResponseHopLimit", metadata.hop_limit.to_string())
        .key("ec2:MetadataHttpTokens", metadata.http_tokens.word())
        .key_if("ec2:RootDeviceType", plan.image.as_ref().map(|image| image.root_device_type.as_str()))
        .key_if("ec2:PlacementGroup", plan.group.arn(cx))
        .key("ec2:Tenancy", plan.tenancy())
}

fn market<'p>(plan: &Plan<'p>) -> &'p str {
    let options = plan.input.instance_market_options.as_ref();
    options.and_then(|wish| wish.market_type.as_deref()).unwrap_or("on-demand")
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
    let id = mapping(plan.input, device)?.ebs.as_ref()?.snapshot_id.as_deref()?;
    Some(crate::snapshot::check_on(cx, world, id))
}

/// What a request says of the device; the last word on it counts.
fn mapping<'a>(input: &'a RunInstances, device: &Device) -> Option<&'a DeviceMapping> {
    input.block_device_mappings.iter().rfind(|it| it.device_name.as_deref() == Some(&device.name))
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

fn pass_role(cx: &Cx, plan: &Plan<'_>) -> Option<Check> {
    plan.profile.as_ref()?.pass_role(cx)
}
