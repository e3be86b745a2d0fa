//! How an instance is written in answers: the record together with its interfaces, volumes and profile at one moment.
//!
//! [`Seen`] is an instance as a reader sees it; it makes the `Instance` structure of [`super::out`], with an element present when the real
//! service sends it.

use std::cell::OnceCell;
use std::net::Ipv6Addr;
use std::sync::Arc;

use service::cx::States;
use service::prelude::*;

use super::association;
use super::out::*;
use super::record::{Attributes, Instance, LaunchedImage, MetadataOptions, Reason, ReasonKind, enabled_word};
use super::state::{self, Phase, State, state_at};
use crate::capacity::CapacityReservation;
use crate::network::elastic_ip;
use crate::network::interface::{self, Attachment, NetworkInterface};
use crate::network::security_group;
use crate::volume::{self, Volume};

/// An instance at a moment. Its answer is made on first use: most filters need only the record.
pub struct Seen {
    pub world: World,
    pub instance: Arc<Instance>,
    pub state: State,
    states: States,
    out: OnceCell<InstanceOut>,
}

impl Seen {
    /// The instance as it is at `cx.now`.
    pub fn new(cx: &Cx, world: &World, instance: &Arc<Instance>) -> Seen {
        let state = state_at(instance, cx.now, cx.settings.states);
        Seen {
            world: world.at(cx.now),
            instance: instance.clone(),
            state,
            states: cx.settings.states,
            out: OnceCell::new(),
        }
    }

    /// The answer.
    pub fn out(&self) -> &InstanceOut {
        self.out.get_or_init(|| out(self))
    }

    /// The answer, taken out.
    pub fn into_out(self) -> InstanceOut {
        self.out();
        self.out.into_inner().unwrap_or_default()
    }

    /// The VPC, until it is terminated.
    pub fn vpc_id(&self) -> Option<&str> {
        self.instance.vpc_id.as_deref().filter(|_| self.state != State::Terminated)
    }

    /// The subnet, until it is terminated.
    pub fn subnet_id(&self) -> Option<&str> {
        self.instance.subnet_id.as_deref().filter(|_| self.state != State::Terminated)
    }

    /// The interfaces, by device index.
    pub fn interfaces(&self) -> Vec<Arc<NetworkInterface>> {
        let instance = &self.instance;
        interface::of_instance(&self.world, instance.account, &instance.region, &instance.id)
    }

    /// The attached volumes: the root device, then the others by name.
    pub fn volumes(&self) -> Vec<Arc<Volume>> {
        volume::root_first(&self.world, &self.instance)
    }
}

/// The answer of an instance that is seen.
fn out(seen: &Seen) -> InstanceOut {
    let base = of_record(seen);
    // A terminated instance has lost everything around it. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html>
    if seen.instance.terminated_at().is_some() && seen.state == State::Terminated {
        return base;
    }
    let interfaces = seen.interfaces();
    let primary = interfaces.first();
    let association = association::of_instance(&seen.world, &seen.instance);
    let attributes = &seen.instance.attributes;
    let network_interfaces: Vec<_> = interfaces.iter().map(|it| interface_out(seen, it)).collect();
    let shown = network_interfaces.first();
    InstanceOut {
        private_dns_name: primary.map(|it| private_name(seen, it)).unwrap_or_default(),
        public_dns_name: primary.and_then(|it| interface::public_dns_name(&seen.world, it)).unwrap_or_default(),
        private_ip_address: shown.map(|it| it.private_ip_address.clone()),
        public_ip_address: primary.and_then(|it| it.public_ip).map(|address| address.to_string()),
        ipv6_address: primary.and_then(|it| it.ipv6_addresses.first()).map(ToString::to_string),
        subnet_id: seen.subnet_id().map(str::to_owned),
        vpc_id: seen.vpc_id().map(str::to_owned),
        source_dest_check: primary.map(|it| it.source_dest_check),
        security_groups: shown.map(|it| it.groups.clone()).unwrap_or_default(),
        network_interfaces,
        block_device_mappings: seen.volumes().iter().filter_map(|volume| device_out(seen, volume)).collect(),
        iam_instance_profile: association
            .map(|it| ProfileOut { arn: it.profile_arn.clone(), id: it.profile_id.clone() }),
        private_dns_name_options: Some(DnsOut {
            hostname_type: attributes.hostname_type.clone(),
            enable_resource_name_dns_a_record: attributes.dns_a_record,
            enable_resource_name_dns_aaaa_record: attributes.dns_aaaa_record,
        }),
        ..base
    }
}

/// What the record alone tells, and what stays visible of a terminated instance.
fn of_record(seen: &Seen) -> InstanceOut {
    let instance = &*seen.instance;
    let (image, attributes) = (&instance.image, &instance.attributes);
    InstanceOut {
        instance_id: instance.id.clone(),
        image_id: image.id.clone(),
        state: Some(seen.state.out()),
        state_transition_reason: transition_reason(instance.reason),
        state_reason: state_reason(seen),
        key_name: instance.key_name.clone(),
        ami_launch_index: instance.launch_index,
        product_codes: product_codes(image),
        instance_type: instance.instance_type.clone(),
        launch_time: Some(instance.started_at),
        placement: PlacementOut {
            availability_zone: instance.placement.zone.clone(),
            availability_zone_id: instance.placement.zone_id.clone(),
            group_name: instance.placement.group_name.clone().unwrap_or_default(),
            group_id: instance.placement.group_id.clone(),
            partition_number: instance.placement.partition,
            host_id: instance.host_id().map(str::to_owned),
            affinity: instance.placement.affinity.clone(),
            tenancy: instance.placement.tenancy.clone(),
        },
        platform: image.platform.clone(),
        platform_details: image.platform_details.clone(),
        monitoring: seen.monitoring(),
        architecture: image.architecture.clone(),
        client_token: instance.client_token.clone().unwrap_or_default(),
        ebs_optimized: attributes.ebs_optimized,
        ena_support: attributes.ena_support.then_some(true),
        sriov_net_support: attributes.sriov_net_support.clone(),
        hypervisor: image.hypervisor.clone(),
        root_device_name: image.root_device_name.clone(),
        root_device_type: image.root_device_type.clone(),
        // Known from every boto3 program: an instance without tags has no tagSet at all.
        tags: (!instance.tags.is_empty()).then(|| instance.tags.clone()),
        virtualization_type: image.virtualization_type.clone(),
        cpu_options: cpu_options(instance),
        capacity_reservation_id: capacity_reservation(seen),
        capacity_reservation_specification: Some(capacity_out(attributes)),
        hibernation_options: Some(HibernationOut { configured: attributes.hibernation }),
        metadata_options: Some(metadata_seen(seen)),
        enclave_options: Some(EnclaveOut { enabled: attributes.enclave }),
        boot_mode: image.boot_mode.clone(),
        current_instance_boot_mode: current_boot_mode(image),
        usage_operation: image.usage_operation.clone(),
        usage_operation_update_time: Some(instance.created_at),
        tpm_support: image.tpm_support.clone(),
        maintenance_options: Some(MaintenanceOut {
            auto_recovery: attributes.auto_recovery.clone(),
            reboot_migration: migration_word(attributes.reboot_migration),
        }),
        instance_lifecycle: Some(instance.market()).filter(|market| *market != "on-demand"),
        spot_instance_request_id: instance.spot_request_id.clone(),
        network_performance_options: Some(PerformanceOut {
            bandwidth_weighting: attributes.bandwidth_weighting.clone(),
        }),
        operator: Some(OperatorOut { hidden_by_default: Some(false), ..OperatorOut::NONE }),
        secondary_interfaces: Some(Vec::new()),
        ..InstanceOut::default()
    }
}

/// `default` or `disabled`.
pub fn migration_word(on: Option<bool>) -> &'static str {
    if on == Some(false) { "disabled" } else { "default" }
}

/// The reservation it runs in, unless that is over.
fn capacity_reservation(seen: &Seen) -> Option<String> {
    let instance = &seen.instance;
    let id = instance.capacity_reservation_id.as_deref()?;
    let parts = [instance.account.as_str(), instance.region.as_str(), id];
    let held = seen.world.get::<CapacityReservation>(&parts).filter(|held| held.holds(seen.world.now()))?;
    matches!(instance.phase, Phase::Up { .. }).then(|| held.id.clone())
}

/// An instance that is meant for one reservation has no preference.
fn capacity_out(attributes: &Attributes) -> CapacityOut {
    let target = attributes.capacity_target.clone();
    CapacityOut {
        capacity_reservation_preference: target.is_none().then(|| attributes.capacity_reservation_preference.clone()),
        capacity_reservation_target: target.map(|id| CapacityTargetOut { capacity_reservation_id: id }),
    }
}

fn cpu_options(instance: &Instance) -> Option<CpuOut> {
    let attributes = &instance.attributes;
    Some(CpuOut {
        core_count: attributes.core_count?,
        threads_per_core: attributes.threads_per_core?,
        amd_sev_snp: attributes.amd_sev_snp.clone(),
    })
}

fn product_codes(image: &LaunchedImage) -> Vec<ProductCodeOut> {
    let out =
        |(id, kind): &(String, String)| ProductCodeOut { product_code_id: id.clone(), product_code_type: kind.clone() };
    image.product_codes.iter().map(out).collect()
}

/// An image that prefers UEFI boots so wherever the type can; every type of the present day can.
pub(super) fn current_boot_mode(image: &LaunchedImage) -> Option<String> {
    let mode = match image.boot_mode.as_deref() {
        Some("uefi" | "uefi-preferred") => "uefi",
        Some("legacy-bios") => "legacy-bios",
        _ if image.architecture == "arm64" => "uefi",
        _ => "legacy-bios",
    };
    Some(mode.to_owned())
}

/// `User initiated (2026-11-23 10:00:00 GMT)`.
fn transition_reason(reason: Option<Reason>) -> String {
    match reason {
        Some(Reason { kind: ReasonKind::UserInitiated | ReasonKind::UserInitiatedHibernate, at }) => {
            format!("User initiated ({} GMT)", at.strftime("%Y-%m-%d %H:%M:%S"))
        }
        Some(Reason { kind, .. }) => kind.code().to_owned(),
        None => String::new(),
    }
}

/// While it starts there is none, but in the answer of the launch.
fn state_reason(seen: &Seen) -> Option<StateReasonOut> {
    if seen.state == State::Pending {
        return None;
    }
    let kind = seen.instance.reason?.kind;
    Some(StateReasonOut { code: kind.code(), message: kind.message() })
}

/// `pending` and `disabling` last as long as any short change.
fn monitoring_state(seen: &Seen) -> &'static str {
    let attributes = &seen.instance.attributes;
    let settled = attributes.monitoring_changed_at.is_none_or(|at| is_settled(at, seen.world.now(), seen.states));
    match (attributes.monitoring, settled) {
        (true, true) => "enabled",
        (true, false) => "pending",
        (false, true) => "disabled",
        (false, false) => "disabling",
    }
}

/// How long small changes take at AWS: attachments, metadata options, monitoring.
pub const SETTLING_SECONDS: i64 = 5;

/// Whether a small change made at that time is through.
pub fn is_settled(changed_at: Timestamp, now: Timestamp, states: States) -> bool {
    state::elapsed(changed_at, now) >= states.lasting(SETTLING_SECONDS)
}

/// The state of an attachment that was made at that time and stands.
pub fn attached_word(attached_at: Timestamp, now: Timestamp, states: States) -> &'static str {
    if is_settled(attached_at, now, states) { "attached" } else { "attaching" }
}

/// An attachment of a volume or an interface that ended, which is seen for a moment longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detached<A> {
    pub attachment: A,
    pub at: Timestamp,
    /// When the instance is terminated, if that is what ends the attachment.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

impl<A> Detached<A> {
    /// The attachment with its state, while it is seen.
    pub fn seen(&self, now: Timestamp, states: States) -> Option<(&A, &'static str)> {
        let is_over = self.until.map_or_else(|| is_settled(self.at, now, states), |until| until <= now);
        (!is_over).then_some((&self.attachment, "detaching"))
    }
}

/// When a small change made at that time is through.
pub fn settled_at(changed_at: Timestamp, states: States) -> Timestamp {
    states.over_at(changed_at, SETTLING_SECONDS)
}

/// `InstanceMetadataOptionsResponse`.
pub fn metadata_out(options: &MetadataOptions, now: Timestamp, states: States) -> MetadataOut {
    MetadataOut {
        state: if is_settled(options.changed_at, now, states) { "applied" } else { "pending" },
        http_tokens: options.http_tokens.word(),
        http_put_response_hop_limit: options.hop_limit,
        http_endpoint: enabled_word(options.http_endpoint),
        http_protocol_ipv6: enabled_word(options.http_protocol_ipv6),
        instance_metadata_tags: enabled_word(options.instance_metadata_tags),
    }
}

/// Options are pending again while the instance stops, and for good once it ends (recorded of AWS, September 2026).
fn metadata_seen(seen: &Seen) -> MetadataOut {
    let out = metadata_out(&seen.instance.metadata, seen.world.now(), seen.states);
    match seen.state {
        State::Pending | State::Running | State::Stopped => out,
        State::Stopping | State::ShuttingDown | State::Terminated => MetadataOut { state: "pending", ..out },
    }
}

impl Seen {
    /// The answer of a launch: addresses are public only later, no volume is there yet, and some of what descriptions tell is not told (seen of AWS,
    /// September 2026).
    pub fn into_first_answer(self) -> InstanceOut {
        let pending = self.state == State::Pending;
        let mut out = InstanceOut {
            operator: Some(OperatorOut::NONE),
            hibernation_options: None,
            platform_details: None,
            usage_operation: None,
            usage_operation_update_time: None,
            network_performance_options: None,
            secondary_interfaces: None,
            ..self.into_out()
        };
        if pending {
            out.state_reason = Some(StateReasonOut { code: "pending", message: "pending" });
            out.public_dns_name.clear();
            out.public_ip_address = None;
            out.block_device_mappings.clear();
            for interface in &mut out.network_interfaces {
                interface.association = None;
                interface.private_ip_addresses.iter_mut().for_each(|address| address.association = None);
            }
        }
        out
    }

    /// The answer of a launch that was asked for once more: with the volumes, and nothing of operators (recorded of AWS, September 2026).
    pub fn into_answer_again(self) -> InstanceOut {
        let devices = self.out().block_device_mappings.clone();
        let mut out = InstanceOut { operator: None, block_device_mappings: devices, ..self.into_first_answer() };
        out.network_interfaces.iter_mut().for_each(|interface| interface.operator = None);
        out
    }

    /// Detailed monitoring: its state, and the metric categories.
    pub fn monitoring(&self) -> MonitoringOut {
        let categories = &self.instance.attributes.metric_categories;
        let metric_category_ids = (!categories.is_empty()).then(|| categories.clone());
        MonitoringOut { state: monitoring_state(self), metric_category_ids }
    }
}

/// `ip-10-0-0-5.ec2.internal`, or the instance's id in the same domain where it was asked for.
fn private_name(seen: &Seen, interface: &NetworkInterface) -> String {
    let by_address = interface::private_dns_name(&seen.instance.region, interface.private_ip);
    match by_address.split_once('.') {
        Some((_, domain)) if seen.instance.attributes.hostname_type == "resource-name" => {
            format!("{}.{domain}", seen.instance.id)
        }
        _ => by_address,
    }
}

fn groups(world: &World, interface: &NetworkInterface) -> Vec<GroupOut> {
    let name =
        |id: &String| security_group::name_of(world, interface.account, &interface.region, id).unwrap_or_default();
    interface.groups.iter().map(|id| GroupOut { group_id: id.clone(), group_name: name(id) }).collect()
}

fn association_out(
    world: &World,
    interface: &NetworkInterface,
    private: std::net::Ipv4Addr,
) -> Option<InterfaceAssociationOut> {
    let side = elastic_ip::public_side(world, interface, private)?;
    Some(InterfaceAssociationOut {
        ip_owner_id: side.owner(),
        public_dns_name: side.dns_name,
        public_ip: side.address.to_string(),
    })
}

fn interface_out(seen: &Seen, interface: &NetworkInterface) -> InterfaceOut {
    let address = |address, primary: bool| AddressOut {
        association: association_out(&seen.world, interface, address),
        primary,
        private_dns_name: interface::shown_private_dns_name(&seen.world, interface, address),
        private_ip_address: address.to_string(),
    };
    let primary = address(interface.private_ip, true);
    let secondary = interface.secondary_ips.iter().map(|one| address(*one, false));
    InterfaceOut {
        attachment: interface.held_by(seen.world.now()).map(|held| attachment_out(seen, held)),
        description: interface.description.clone(),
        groups: groups(&seen.world, interface),
        ipv4_prefixes: some(&interface.ipv4_prefixes, |it| Ipv4PrefixOut { ipv4_prefix: it.to_string() }),
        ipv6_addresses: ipv6_addresses(interface),
        ipv6_prefixes: some(&interface.ipv6_prefixes, |it| Ipv6PrefixOut { ipv6_prefix: it.to_string() }),
        mac_address: interface.mac_address.clone(),
        network_interface_id: interface.id.clone(),
        owner_id: interface.account.to_string(),
        private_dns_name: primary.private_dns_name.as_ref().map(|_| private_name(seen, interface)),
        private_ip_address: primary.private_ip_address.clone(),
        source_dest_check: interface.source_dest_check,
        status: "in-use",
        subnet_id: interface.subnet_id.clone(),
        vpc_id: interface.vpc_id.clone(),
        interface_type: "interface".to_owned(),
        operator: Some(OperatorOut::NONE),
        association: primary.association.clone(),
        private_ip_addresses: std::iter::once(primary).chain(secondary).collect(),
    }
}

/// The list as it is shown; an empty one is left out.
fn some<T, Out>(list: &[T], out: fn(&T) -> Out) -> Option<Vec<Out>> {
    (!list.is_empty()).then(|| list.iter().map(out).collect())
}

fn ipv6_addresses(interface: &NetworkInterface) -> Vec<Ipv6Out> {
    let primary = interface.primary_ipv6_address();
    let one =
        |address: &Ipv6Addr| Ipv6Out { ipv6_address: address.to_string(), is_primary_ipv6: primary == Some(*address) };
    interface.ipv6_addresses.iter().map(one).collect()
}

fn attachment_out(seen: &Seen, held: &Attachment) -> InterfaceAttachmentOut {
    InterfaceAttachmentOut {
        attach_time: held.attached_at,
        attachment_id: held.id.clone(),
        delete_on_termination: held.delete_on_termination,
        device_index: held.device_index,
        status: attached_word(held.attached_at, seen.world.now(), seen.states),
        network_card_index: held.network_card_index,
    }
}

fn device_out(seen: &Seen, volume: &Volume) -> Option<DeviceOut> {
    let held = volume.attachment.as_ref()?;
    Some(DeviceOut {
        device_name: held.device.clone(),
        ebs: EbsOut {
            attach_time: held.attached_at,
            delete_on_termination: held.delete_on_termination,
            status: attached_word(held.attached_at, seen.world.now(), seen.states),
            volume_id: volume.id.clone(),
            ebs_card_index: Some(0),
        },
    })
}
