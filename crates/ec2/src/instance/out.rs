//! The structures in which answers tell of instances. Names are the model's; when an element is present is decided in [`super::view`].

use service::prelude::*;

use super::state::StateOut;

/// `Instance`.
#[derive(Debug, Clone, Default, Serialize, Shaped)]
pub struct InstanceOut {
    pub instance_id: String,
    pub image_id: String,
    pub state: Option<StateOut>,
    pub private_dns_name: String,
    pub public_dns_name: String,
    pub state_transition_reason: String,
    pub state_reason: Option<StateReasonOut>,
    pub key_name: Option<String>,
    pub ami_launch_index: i64,
    pub product_codes: Vec<ProductCodeOut>,
    pub instance_type: String,
    pub launch_time: Option<Timestamp>,
    pub placement: PlacementOut,
    pub platform: Option<String>,
    pub platform_details: Option<String>,
    pub monitoring: MonitoringOut,
    pub subnet_id: Option<String>,
    pub vpc_id: Option<String>,
    pub private_ip_address: Option<String>,
    pub public_ip_address: Option<String>,
    pub ipv6_address: Option<String>,
    pub architecture: String,
    pub block_device_mappings: Vec<DeviceOut>,
    pub client_token: String,
    pub ebs_optimized: bool,
    pub ena_support: Option<bool>,
    pub sriov_net_support: Option<String>,
    pub hypervisor: String,
    pub iam_instance_profile: Option<ProfileOut>,
    pub network_interfaces: Vec<InterfaceOut>,
    pub root_device_name: Option<String>,
    pub root_device_type: String,
    pub security_groups: Vec<GroupOut>,
    pub source_dest_check: Option<bool>,
    pub tags: Option<Vec<Tag>>,
    pub virtualization_type: String,
    pub cpu_options: Option<CpuOut>,
    pub capacity_reservation_specification: Option<CapacityOut>,
    pub hibernation_options: Option<HibernationOut>,
    pub metadata_options: Option<MetadataOut>,
    pub enclave_options: Option<EnclaveOut>,
    pub boot_mode: Option<String>,
    pub current_instance_boot_mode: Option<String>,
    pub usage_operation: Option<String>,
    pub usage_operation_update_time: Option<Timestamp>,
    pub private_dns_name_options: Option<DnsOut>,
    pub tpm_support: Option<String>,
    pub maintenance_options: Option<MaintenanceOut>,
    pub network_performance_options: Option<PerformanceOut>,
    pub operator: Option<OperatorOut>,
    /// Empty, as there are none ([`super::run::secondary`]).
    pub secondary_interfaces: Option<Vec<SecondaryInterfaceOut>>,
    pub instance_lifecycle: Option<&'static str>,
    pub spot_instance_request_id: Option<String>,
    pub capacity_reservation_id: Option<String>,
}

/// `StateReason`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct StateReasonOut {
    pub code: &'static str,
    pub message: &'static str,
}

/// `ProductCode`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct ProductCodeOut {
    pub product_code_id: String,
    pub product_code_type: String,
}

/// `Placement`.
#[derive(Debug, Clone, Default, Serialize, Shaped)]
pub struct PlacementOut {
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub group_name: String,
    pub group_id: Option<String>,
    pub partition_number: Option<i64>,
    pub host_id: Option<String>,
    pub affinity: Option<String>,
    pub tenancy: String,
}

/// `Monitoring`.
#[derive(Debug, Clone, Default, Serialize, Shaped)]
pub struct MonitoringOut {
    pub state: &'static str,
    pub metric_category_ids: Option<Vec<String>>,
}

/// `InstanceBlockDeviceMapping`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct DeviceOut {
    pub device_name: String,
    pub ebs: EbsOut,
}

/// `EbsInstanceBlockDevice`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct EbsOut {
    pub attach_time: Timestamp,
    pub delete_on_termination: bool,
    pub status: &'static str,
    pub volume_id: String,
    /// There is one card.
    pub ebs_card_index: Option<i64>,
}

/// `IamInstanceProfile`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ProfileOut {
    pub arn: String,
    pub id: String,
}

/// `InstanceNetworkInterface`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct InterfaceOut {
    pub association: Option<InterfaceAssociationOut>,
    pub attachment: Option<InterfaceAttachmentOut>,
    pub description: String,
    pub groups: Vec<GroupOut>,
    pub ipv4_prefixes: Option<Vec<Ipv4PrefixOut>>,
    pub ipv6_addresses: Vec<Ipv6Out>,
    pub ipv6_prefixes: Option<Vec<Ipv6PrefixOut>>,
    pub mac_address: String,
    pub network_interface_id: String,
    pub owner_id: String,
    pub private_dns_name: Option<String>,
    pub private_ip_address: String,
    pub private_ip_addresses: Vec<AddressOut>,
    pub source_dest_check: bool,
    pub status: &'static str,
    pub subnet_id: String,
    pub vpc_id: String,
    pub interface_type: String,
    pub operator: Option<OperatorOut>,
}

/// `InstanceIpv6Address`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct Ipv6Out {
    pub ipv6_address: String,
    pub is_primary_ipv6: bool,
}

/// `InstanceIpv4Prefix`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct Ipv4PrefixOut {
    pub ipv4_prefix: String,
}

/// `InstanceIpv6Prefix`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct Ipv6PrefixOut {
    pub ipv6_prefix: String,
}

/// `InstanceNetworkInterfaceAssociation`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct InterfaceAssociationOut {
    pub ip_owner_id: String,
    pub public_dns_name: String,
    pub public_ip: String,
}

/// `InstanceNetworkInterfaceAttachment`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct InterfaceAttachmentOut {
    pub attach_time: Timestamp,
    pub attachment_id: String,
    pub delete_on_termination: bool,
    pub device_index: i64,
    pub status: &'static str,
    pub network_card_index: i64,
}

/// `InstancePrivateIpAddress`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct AddressOut {
    pub association: Option<InterfaceAssociationOut>,
    pub primary: bool,
    pub private_dns_name: Option<String>,
    pub private_ip_address: String,
}

/// `GroupIdentifier`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct GroupOut {
    pub group_id: String,
    pub group_name: String,
}

/// `CpuOptions`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct CpuOut {
    pub core_count: i64,
    pub threads_per_core: i64,
    pub amd_sev_snp: Option<String>,
}

/// `CapacityReservationSpecificationResponse`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct CapacityOut {
    pub capacity_reservation_preference: Option<String>,
    pub capacity_reservation_target: Option<CapacityTargetOut>,
}

/// `CapacityReservationTargetResponse`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct CapacityTargetOut {
    pub capacity_reservation_id: String,
}

/// `HibernationOptions`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct HibernationOut {
    pub configured: bool,
}

/// `EnclaveOptions`.
#[derive(Debug, Clone, Copy, Serialize, Shaped)]
pub struct EnclaveOut {
    pub enabled: bool,
}

/// `InstanceMetadataOptionsResponse`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct MetadataOut {
    pub state: &'static str,
    pub http_tokens: &'static str,
    pub http_put_response_hop_limit: i64,
    pub http_endpoint: &'static str,
    pub http_protocol_ipv6: &'static str,
    pub instance_metadata_tags: &'static str,
}

/// `PrivateDnsNameOptionsResponse`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct DnsOut {
    pub hostname_type: String,
    pub enable_resource_name_dns_a_record: bool,
    pub enable_resource_name_dns_aaaa_record: bool,
}

/// `InstanceMaintenanceOptions`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct MaintenanceOut {
    pub auto_recovery: String,
    pub reboot_migration: &'static str,
}

/// `InstanceNetworkPerformanceOptions`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct PerformanceOut {
    pub bandwidth_weighting: String,
}

/// `InstanceSecondaryInterface`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct SecondaryInterfaceOut {}

/// `OperatorResponse`: nothing here is managed by another service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Shaped)]
pub struct OperatorOut {
    pub managed: bool,
    /// Told of instances that are described, and of their status (seen of AWS, September 2026).
    pub hidden_by_default: Option<bool>,
}

impl OperatorOut {
    /// Of anything but a described instance.
    pub const NONE: OperatorOut = OperatorOut { managed: false, hidden_by_default: None };
}
