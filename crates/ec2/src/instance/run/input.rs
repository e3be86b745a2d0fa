//! What RunInstances takes, as far as it is honoured. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html>

use service::prelude::*;

use crate::network::interface::change::{Ipv4PrefixWish, Ipv6PrefixWish, Ipv6Wish, MoreWishes};
use crate::tags::TagSpecification;

/// `RunInstancesRequest`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct RunInstances {
    pub image_id: Option<String>,
    pub instance_type: Option<String>,
    pub min_count: i64,
    pub max_count: i64,
    pub key_name: Option<String>,
    pub subnet_id: Option<String>,
    #[serde(default)]
    pub security_group_ids: Vec<String>,
    #[serde(default)]
    pub security_groups: Vec<String>,
    pub private_ip_address: Option<String>,
    #[serde(default)]
    pub ipv6_addresses: Vec<Ipv6Wish>,
    pub ipv6_address_count: Option<i64>,
    pub enable_primary_ipv6: Option<bool>,
    #[serde(default)]
    pub network_interfaces: Vec<InterfaceSpecification>,
    #[serde(default)]
    pub secondary_interfaces: Vec<SecondarySpecification>,
    #[serde(default)]
    pub block_device_mappings: Vec<DeviceMapping>,
    pub placement: Option<PlacementWish>,
    pub iam_instance_profile: Option<ProfileSpecification>,
    /// Base64.
    pub user_data: Option<String>,
    #[serde(default)]
    pub tag_specifications: Vec<TagSpecification>,
    pub launch_template: Option<LaunchTemplateSpecification>,
    pub metadata_options: Option<MetadataWish>,
    pub credit_specification: Option<CreditWish>,
    pub cpu_options: Option<CpuWish>,
    pub monitoring: Option<MonitoringWish>,
    pub ebs_optimized: Option<bool>,
    pub disable_api_termination: Option<bool>,
    pub disable_api_stop: Option<bool>,
    pub instance_initiated_shutdown_behavior: Option<String>,
    pub hibernation_options: Option<HibernationWish>,
    pub enclave_options: Option<EnclaveWish>,
    pub private_dns_name_options: Option<DnsWish>,
    pub maintenance_options: Option<MaintenanceWish>,
    pub capacity_reservation_specification: Option<CapacityWish>,
    pub network_performance_options: Option<PerformanceWish>,
    pub instance_market_options: Option<MarketWish>,
    pub client_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `InstanceNetworkInterfaceSpecification`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct InterfaceSpecification {
    pub device_index: Option<i64>,
    pub network_card_index: Option<i64>,
    pub network_interface_id: Option<String>,
    pub subnet_id: Option<String>,
    #[serde(default)]
    pub groups: Vec<String>,
    pub description: Option<String>,
    pub private_ip_address: Option<String>,
    #[serde(default)]
    pub private_ip_addresses: Vec<AddressSpecification>,
    pub secondary_private_ip_address_count: Option<i64>,
    #[serde(default)]
    pub ipv6_addresses: Vec<Ipv6Wish>,
    pub ipv6_address_count: Option<i64>,
    pub primary_ipv6: Option<bool>,
    #[serde(default)]
    pub ipv4_prefixes: Vec<Ipv4PrefixWish>,
    pub ipv4_prefix_count: Option<i64>,
    #[serde(default)]
    pub ipv6_prefixes: Vec<Ipv6PrefixWish>,
    pub ipv6_prefix_count: Option<i64>,
    pub associate_public_ip_address: Option<bool>,
    pub delete_on_termination: Option<bool>,
}

impl InterfaceSpecification {
    /// What it says of IPv6 addresses and prefixes.
    pub fn more(&self) -> MoreWishes<'_> {
        MoreWishes {
            ipv6_addresses: &self.ipv6_addresses,
            ipv6_address_count: self.ipv6_address_count,
            primary_ipv6: self.primary_ipv6,
            ipv4_prefixes: &self.ipv4_prefixes,
            ipv4_prefix_count: self.ipv4_prefix_count,
            ipv6_prefixes: &self.ipv6_prefixes,
            ipv6_prefix_count: self.ipv6_prefix_count,
        }
    }
}

/// `InstanceSecondaryInterfaceSpecificationRequest`. Every launch with one is refused ([`super::secondary`]).
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct SecondarySpecification {
    pub delete_on_termination: Option<bool>,
    pub device_index: Option<i64>,
    #[serde(default)]
    pub private_ip_addresses: Vec<SecondaryAddress>,
    pub private_ip_address_count: Option<i64>,
    pub secondary_subnet_id: Option<String>,
    pub interface_type: Option<String>,
    pub network_card_index: Option<i64>,
}

/// `InstanceSecondaryInterfacePrivateIpAddressRequest`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct SecondaryAddress {
    pub private_ip_address: Option<String>,
}

/// `PrivateIpAddressSpecification`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct AddressSpecification {
    pub primary: Option<bool>,
    pub private_ip_address: Option<String>,
}

/// `BlockDeviceMapping`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct DeviceMapping {
    pub device_name: Option<String>,
    pub virtual_name: Option<String>,
    /// Present, even if empty: the image's device of that name is left out.
    pub no_device: Option<String>,
    pub ebs: Option<EbsSpecification>,
}

/// `EbsBlockDevice`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct EbsSpecification {
    pub delete_on_termination: Option<bool>,
    pub iops: Option<i64>,
    pub snapshot_id: Option<String>,
    pub volume_size: Option<i64>,
    pub volume_type: Option<String>,
    pub kms_key_id: Option<String>,
    pub throughput: Option<i64>,
    pub encrypted: Option<bool>,
}

/// `Placement`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct PlacementWish {
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
    pub tenancy: Option<String>,
    pub group_name: Option<String>,
    pub group_id: Option<String>,
    pub partition_number: Option<i64>,
    pub host_id: Option<String>,
    pub affinity: Option<String>,
}

/// `IamInstanceProfileSpecification`: one of the two.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct ProfileSpecification {
    pub arn: Option<String>,
    pub name: Option<String>,
}

/// `LaunchTemplateSpecification`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct LaunchTemplateSpecification {
    pub launch_template_id: Option<String>,
    pub launch_template_name: Option<String>,
    pub version: Option<String>,
}

/// `InstanceMetadataOptionsRequest`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct MetadataWish {
    pub http_tokens: Option<String>,
    pub http_put_response_hop_limit: Option<i64>,
    pub http_endpoint: Option<String>,
    pub http_protocol_ipv6: Option<String>,
    pub instance_metadata_tags: Option<String>,
}

/// `CreditSpecificationRequest`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct CreditWish {
    pub cpu_credits: String,
}

/// `CpuOptionsRequest`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct CpuWish {
    pub core_count: Option<i64>,
    pub threads_per_core: Option<i64>,
    pub amd_sev_snp: Option<String>,
}

/// `RunInstancesMonitoringEnabled`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct MonitoringWish {
    /// A template may leave it out.
    #[serde(default)]
    pub enabled: bool,
    #[serde(default)]
    pub metric_category_ids: Option<Vec<String>>,
}

impl MonitoringWish {
    /// The metric categories that the instance is to have.
    pub fn categories(&self) -> &[String] {
        self.metric_category_ids.as_deref().unwrap_or_default()
    }
}

/// `HibernationOptionsRequest`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct HibernationWish {
    pub configured: Option<bool>,
}

impl RunInstances {
    /// Whether enclaves shall be able to run.
    pub fn wants_enclave(&self) -> bool {
        self.enclave_options.as_ref().and_then(|wish| wish.enabled).unwrap_or(false)
    }
}

/// `EnclaveOptionsRequest`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct EnclaveWish {
    pub enabled: Option<bool>,
}

/// `PrivateDnsNameOptionsRequest`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct DnsWish {
    pub hostname_type: Option<String>,
    pub enable_resource_name_dns_a_record: Option<bool>,
    pub enable_resource_name_dns_aaaa_record: Option<bool>,
}

/// `InstanceMaintenanceOptionsRequest`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct MaintenanceWish {
    pub auto_recovery: Option<String>,
}

/// `CapacityReservationSpecification`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct CapacityWish {
    pub capacity_reservation_preference: Option<String>,
    pub capacity_reservation_target: Option<CapacityTarget>,
}

/// `CapacityReservationTarget`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct CapacityTarget {
    pub capacity_reservation_id: Option<String>,
}

/// `InstanceNetworkPerformanceOptionsRequest`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct PerformanceWish {
    pub bandwidth_weighting: Option<String>,
}

/// `InstanceMarketOptionsRequest`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct MarketWish {
    pub market_type: Option<String>,
    pub spot_options: Option<SpotWish>,
}

/// `SpotMarketOptions`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct SpotWish {
    pub max_price: Option<String>,
    pub spot_instance_type: Option<String>,
    pub valid_until: Option<Timestamp>,
    pub instance_interruption_behavior: Option<String>,
}
