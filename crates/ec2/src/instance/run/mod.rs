//! RunInstances. [`plan`] looks up all that a request names, [`checks`] says what it must be allowed, [`combinations`] what is refused before that,
//! and [`run`] makes the instances with their interfaces, volumes and profile association.

use std::net::Ipv4Addr;
use std::sync::Arc;

use service::prelude::*;

use super::out::{GroupOut, InstanceOut};
use super::view::Seen;
use super::{Attributes, Instance, InstancePlacement, Phase, association, client_token, find};
use crate::capacity;
use crate::launch_template::launch::{self, Asked};
use crate::network::interface::{self, NewAttachment, NewInterface};
use crate::setting::credit;
use crate::snapshot::fast_restore;
use crate::spot::{self, price};
use crate::volume::{Volume, VolumeAttachment};
use devices::Device;
use input::RunInstances;
use network::Planned;
use plan::Sound;

pub mod checks;
pub mod combinations;
pub mod cpus;
pub mod devices;
mod image;
pub mod input;
pub mod instance_type;
pub mod network;
pub mod plan;
mod secondary;
pub mod user_data;

/// `Reservation`, which is RunInstances' whole answer.
#[derive(Debug, Serialize, Shaped)]
pub struct Launched {
    pub reservation_id: String,
    pub owner_id: String,
    /// Groups of the launch; only the network that AWS gave up in 2022 had any.
    pub groups: Vec<GroupOut>,
    pub instances: Vec<InstanceOut>,
}

/// Launches, or answers again what the same client token launched before.
pub fn run(cx: &Cx, tx: &mut Tx, input: &RunInstances) -> Result<Launched, ApiError> {
    let token = input.client_token.as_deref();
    let asked = launch::asked(cx, tx, input)?;
    asked.must_be_resolved()?;
    let (scope, digest) = (scope(cx, tx, &asked.wish), digest(input));
    if let Some(made) = client_token::seen(cx, tx, &scope, token, &digest)? {
        return again(cx, tx, &made);
    }
    let plan = plan::plan(cx, tx, &asked);
    let sound = plan.require(cx, tx)?;
    let ids = start(cx, tx, &sound)?;
    client_token::remember(cx, tx, &scope, token, digest, ids.clone());
    answer(cx, tx, &ids, Seen::into_first_answer)
}

/// Makes the instances, and the Spot requests they fulfil if they are bought so.
pub fn start(cx: &Cx, tx: &mut Tx, sound: &Sound<'_, '_>) -> Result<Vec<String>, ApiError> {
    let market = sound.plan.spot();
    if let Some(options) = &market {
        spot::launch::require(cx, sound, options)?;
    }
    let reservation_id = cx.ids.ec2("r");
    let mut ids = Vec::new();
    for index in 0..sound.count {
        let id = cx.ids.ec2("i");
        launch(cx, tx, sound, &id, &reservation_id, index)?;
        if let Some(options) = &market {
            let instance = find(cx, tx, &id)?.clone();
            let request = spot::launch::request(cx, tx, sound, options, Some(&instance));
            tx.put(request);
        }
        ids.push(id);
    }
    crate::image::note_launch(cx, tx, sound.image);
    Ok(ids)
}

/// What a launch would be refused for, rights aside.
pub fn would_fail(cx: &Cx, world: &World, input: &RunInstances) -> Option<ApiError> {
    let asked = launch::asked(cx, world, input).unwrap_or_else(|_| Asked::alone(input));
    let plan = plan::plan(cx, world, &asked);
    combinations::check(cx, world, input).and_then(|()| plan.require(cx, world).map(drop)).err()
}

/// Tokens count per zone when the request names one, or a subnet; else per region.
fn scope(cx: &Cx, world: &World, input: &RunInstances) -> String {
    let subnet = input.subnet_id.as_deref().and_then(|id| crate::network::subnet::look_up(world, cx, id));
    let zone = subnet.as_ref().map(|subnet| subnet.zone.as_str()).or_else(|| network::zone_wanted(cx, input));
    match zone {
        Some(zone) => format!("RunInstances {zone}"),
        None => "RunInstances".to_owned(),
    }
}

fn digest(input: &RunInstances) -> String {
    client_token::digest(&RunInstances { client_token: None, dry_run: None, ..input.clone() })
}

/// The first answer once more, with the instances as they are now.
fn again(cx: &Cx, world: &World, ids: &[String]) -> Result<Launched, ApiError> {
    let runs = |id: &String| find(cx, world, id).is_ok_and(|instance| instance.terminated_at().is_none());
    if ids.iter().all(runs) {
        return answer(cx, world, ids, Seen::into_answer_again);
    }
    // As recorded at AWS in 2025 (boto/boto3 issue 4406); before, a terminated instance was answered as long as it was seen.
    let message = "The client token you have provided is associated with a terminated instance. Please use a different client token.";
    Err(ApiError::new("IdempotentInstanceTerminated", message))
}

fn answer(cx: &Cx, world: &World, ids: &[String], told: fn(Seen) -> InstanceOut) -> Result<Launched, ApiError> {
    let (mut instances, mut reservation_id) = (Vec::with_capacity(ids.len()), String::new());
    for id in ids {
        let instance = find(cx, world, id)?;
        reservation_id.clone_from(&instance.reservation_id);
        instances.push(told(Seen::new(cx, world, instance)));
    }
    Ok(Launched { reservation_id, owner_id: cx.account().to_string(), groups: Vec::new(), instances })
}

/// Makes one instance and all that hangs on it.
pub(crate) fn launch(
    cx: &Cx,
    tx: &mut Tx,
    sound: &Sound<'_, '_>,
    id: &str,
    reservation_id: &str,
    index: i64,
) -> Result<(), ApiError> {
    tx.put(record(cx, tx, sound, id, reservation_id, index)?);
    for planned in &sound.plan.interfaces.list {
        attach(cx, tx, sound, planned, id)?;
    }
    for device in &sound.plan.devices {
        let volume = volume(cx, tx, sound, device, id);
        tx.put(volume);
    }
    if let Some(choice) = &sound.plan.profile {
        association::put(cx, tx, id, choice.require(cx)?, true);
    }
    Ok(())
}

fn record(
    cx: &Cx,
    world: &World,
    sound: &Sound<'_, '_>,
    id: &str,
    reservation_id: &str,
    index: i64,
) -> Result<Instance, ApiError> {
    let (plan, input) = (sound.plan, sound.plan.input);
    let placement = InstancePlacement {
        zone: sound.subnet.zone.clone(),
        zone_id: sound.subnet.zone_id.clone(),
        tenancy: plan.tenancy().to_owned(),
        group_id: plan.group.group.as_ref().map(|group| group.id.clone()),
        group_name: plan.group.group.as_ref().map(|group| group.name.clone()),
        partition: plan.group.partition(world),
        host_id: plan.host.next(cx, world, sound.kind, &sound.subnet.zone)?,
        affinity: plan.host.affinity(),
    };
    let account = cx.account();
    let of_launch = [account.as_str(), cx.region_name(), reservation_id];
    let first = world.one::<Instance>(Instance::BY_RESERVATION, &of_launch);
    Ok(Instance {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: id.to_owned(),
        reservation_id: reservation_id.to_owned(),
        launch_index: index,
        client_token: input.client_token.clone(),
        image: shared(first.map(|it| &it.image), image::launched(world, cx.region_name(), sound.image)),
        instance_type: plan.type_name.to_owned(),
        key_name: input.key_name.clone(),
        placement: shared(first.map(|it| &it.placement), placement),
        vpc_id: Some(sound.subnet.vpc_id.clone()),
        subnet_id: Some(sound.subnet.id.clone()),
        phase: Phase::Up { since: cx.now },
        created_at: cx.now_seconds(),
        started_at: cx.now_seconds(),
        reason: None,
        rebooted_at: None,
        interrupted_at: None,
        user_data: input.user_data.clone().filter(|data| !data.is_empty()),
        metadata: plan.metadata.clone(),
        metadata_address: draw_metadata_address(cx, world)?,
        auto_public_address: plan.interfaces.list.first().is_some_and(|primary| primary.public),
        credits: credits(cx, world, sound),
        attributes: shared(first.map(|it| &it.attributes), attributes(sound)),
        capacity_reservation_id: capacity::launch::find(
            cx,
            world,
            &plan.capacity,
            plan.likeness(sound.image, &sound.subnet),
            1,
        )?
        .map(|held| held.id.clone()),
        sql_ha: Vec::new(),
        suppression: None,
        spot_request_id: plan.spot().map(|_| price::request_id(&cx.ids)),
        market: capacity::launch::market(input),
        tags: [plan.tags.of("instance"), &plan.origin].concat(),
    })
}

/// What the first instance of the launch has, if it is the same.
fn shared<T: PartialEq>(first: Option<&Arc<T>>, own: T) -> Arc<T> {
    first.filter(|first| ***first == own).map_or_else(|| Arc::new(own), Arc::clone)
}

fn credits(cx: &Cx, world: &World, sound: &Sound<'_, '_>) -> Option<String> {
    let wanted = sound.plan.input.credit_specification.as_ref().map(|wish| wish.cpu_credits.clone());
    wanted.or_else(|| credit::of_launch(cx, world, sound.kind))
}

fn attributes(sound: &Sound<'_, '_>) -> Attributes {
    let input = sound.plan.input;
    let cpus = input.cpu_options.clone().unwrap_or_default();
    let dns = input.private_dns_name_options.clone().unwrap_or_default();
    let (cores, threads) = instance_type::cores(sound.kind);
    let or = |word: Option<&String>, default: &str| word.map_or_else(|| default.to_owned(), Clone::clone);
    let capacity = input.capacity_reservation_specification.as_ref();
    let performance = input.network_performance_options.as_ref();
    Attributes {
        disable_api_termination: input.disable_api_termination.unwrap_or(false),
        disable_api_stop: input.disable_api_stop.unwrap_or(false),
        shutdown_behavior: or(input.instance_initiated_shutdown_behavior.as_ref(), "stop"),
        ebs_optimized: sound.plan.ebs_optimized(),
        ena_support: sound.image.ena_support.unwrap_or(true),
        sriov_net_support: None,
        monitoring: input.monitoring.as_ref().is_some_and(|wish| wish.enabled),
        monitoring_changed_at: None,
        metric_categories: input.monitoring.as_ref().map(|wish| wish.categories().to_vec()).unwrap_or_default(),
        hibernation: input.hibernation_options.as_ref().and_then(|wish| wish.configured).unwrap_or(false),
        enclave: input.wants_enclave(),
        core_count: cpus.core_count.or(cores),
        threads_per_core: cpus.threads_per_core.or(threads),
        amd_sev_snp: cpus.amd_sev_snp,
        auto_recovery: or(input.maintenance_options.as_ref().and_then(|wish| wish.auto_recovery.as_ref()), "default"),
        reboot_migration: None,
        // What the request leaves open the subnet says.
        hostname_type: or(dns.hostname_type.as_ref(), &sound.subnet.hostname_type),
        dns_a_record: dns.enable_resource_name_dns_a_record.unwrap_or(sound.subnet.dns_a_record),
        dns_aaaa_record: dns.enable_resource_name_dns_aaaa_record.unwrap_or(sound.subnet.dns_aaaa_record),
        capacity_reservation_preference: or(
            capacity.and_then(|wish| wish.capacity_reservation_preference.as_ref()),
            "open",
        ),
        capacity_target: capacity
            .and_then(|wish| wish.capacity_reservation_target.as_ref())
            .and_then(|target| target.capacity_reservation_id.clone()),
        bandwidth_weighting: or(performance.and_then(|wish| wish.bandwidth_weighting.as_ref()), "default"),
    }
}

/// Addresses 127.1.0.1 to 127.255.255.254; 127.0.0.0/16 stays with the machine itself.
fn draw_metadata_address(cx: &Cx, world: &World) -> Result<Ipv4Addr, ApiError> {
    for _ in 0..256 {
        let [second, third, fourth] = [1 + cx.ids.below(255), cx.ids.below(256), 1 + cx.ids.below(254)]
            .map(|part| u8::try_from(part).unwrap_or(1));
        let address = Ipv4Addr::new(127, second, third, fourth);
        if super::by_metadata_address(world, address).is_none() {
            return Ok(address);
        }
    }
    Err(ApiError::internal("no free metadata address was drawn"))
}

fn attach(cx: &Cx, tx: &mut Tx, sound: &Sound<'_, '_>, planned: &Planned, instance_id: &str) -> Result<(), ApiError> {
    let attachment = NewAttachment {
        instance_id: instance_id.to_owned(),
        device_index: planned.device_index,
        network_card_index: planned.network_card_index,
        delete_on_termination: planned.delete_on_termination,
    };
    if let Some((id, _)) = &planned.existing {
        return interface::attach(cx, tx, id, attachment);
    }
    let (address, secondary) = planned.addresses()?;
    let subnet = planned.subnet.clone().unwrap_or_else(|| sound.subnet.clone());
    interface::create_with(
        cx,
        tx,
        NewInterface {
            subnet,
            groups: planned.group_ids(),
            address,
            secondary,
            secondary_count: planned.secondary_count,
            description: planned.description.clone(),
            attachment: Some(attachment),
            public_address: planned.public,
            tags: sound.plan.tags.of("network-interface").to_vec(),
        },
        &planned.more.clone()?,
    )
    .map(|_| ())
}

fn volume(cx: &Cx, world: &World, sound: &Sound<'_, '_>, device: &Device, instance_id: &str) -> Volume {
    let fast = |id: &String| fast_restore::is_enabled(cx, world, id, &sound.subnet.zone);
    let fast_restored = device.snapshot_id.as_ref().is_some_and(fast);
    Volume {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2("vol"),
        size: device.size,
        volume_type: device.volume_type.clone(),
        iops: device.effective_iops(),
        throughput: device.throughput,
        snapshot_id: device.snapshot_id.clone(),
        encrypted: device.encrypted,
        kms_key_id: device.kms_key_id.clone(),
        zone: sound.subnet.zone.clone(),
        zone_id: sound.subnet.zone_id.clone(),
        created_at: cx.now,
        attachment: Some(VolumeAttachment {
            instance_id: instance_id.to_owned(),
            device: device.name.clone(),
            attached_at: cx.now_seconds(),
            delete_on_termination: device.delete_on_termination,
        }),
        detached: None,
        gone_at: None,
        modification: None,
        auto_enable_io: false,
        fast_restored,
        source_volume_id: None,
        tags: sound.plan.tags.of("volume").to_vec(),
    }
}
