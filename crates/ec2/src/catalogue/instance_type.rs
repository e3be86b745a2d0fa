//! An instance type as DescribeInstanceTypes tells of it. Every member is optional but the name: older types lack what came later.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceTypeInfo.html>
//!
//! Names are the model's; what the members mean is said there.

use serde::{Deserialize, Serialize};
use wire::Shaped;

/// `InstanceTypeInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct InstanceType {
    pub instance_type: String,
    pub current_generation: Option<bool>,
    pub free_tier_eligible: Option<bool>,
    pub supported_usage_classes: Option<Vec<String>>,
    pub supported_root_device_types: Option<Vec<String>>,
    pub supported_virtualization_types: Option<Vec<String>>,
    pub bare_metal: Option<bool>,
    pub hypervisor: Option<String>,
    pub processor_info: Option<ProcessorInfo>,
    pub v_cpu_info: Option<VCpuInfo>,
    pub memory_info: Option<MemoryInfo>,
    pub instance_storage_supported: Option<bool>,
    pub instance_storage_info: Option<InstanceStorageInfo>,
    pub ebs_info: Option<EbsInfo>,
    pub network_info: Option<NetworkInfo>,
    pub gpu_info: Option<GpuInfo>,
    pub fpga_info: Option<FpgaInfo>,
    pub placement_group_info: Option<PlacementGroupInfo>,
    pub inference_accelerator_info: Option<InferenceAcceleratorInfo>,
    pub hibernation_supported: Option<bool>,
    pub burstable_performance_supported: Option<bool>,
    pub dedicated_hosts_supported: Option<bool>,
    pub auto_recovery_supported: Option<bool>,
    pub supported_boot_modes: Option<Vec<String>>,
    pub nitro_enclaves_support: Option<String>,
    pub nitro_tpm_support: Option<String>,
    pub nitro_tpm_info: Option<NitroTpmInfo>,
    pub media_accelerator_info: Option<MediaAcceleratorInfo>,
    pub neuron_info: Option<NeuronInfo>,
    pub phc_support: Option<String>,
    pub reboot_migration_support: Option<String>,
    /// The catalogue does not hold it: the answer tells it.
    pub supported_in_region: Option<bool>,
}

/// `NeuronInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct NeuronInfo {
    pub neuron_devices: Option<Vec<NeuronDeviceInfo>>,
    pub total_neuron_device_memory_in_mib: Option<i64>,
}

/// `NeuronDeviceInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct NeuronDeviceInfo {
    pub count: Option<i64>,
    pub name: Option<String>,
    pub core_info: Option<NeuronDeviceCoreInfo>,
    pub memory_info: Option<NeuronDeviceMemoryInfo>,
}

/// `NeuronDeviceMemoryInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct NeuronDeviceMemoryInfo {
    pub size_in_mib: Option<i64>,
}

/// `NeuronDeviceCoreInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct NeuronDeviceCoreInfo {
    pub count: Option<i64>,
    pub version: Option<i64>,
}

/// `MediaAcceleratorInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct MediaAcceleratorInfo {
    pub accelerators: Option<Vec<MediaDeviceInfo>>,
    pub total_media_memory_in_mib: Option<i64>,
}

/// `MediaDeviceInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct MediaDeviceInfo {
    pub count: Option<i64>,
    pub name: Option<String>,
    pub manufacturer: Option<String>,
    pub memory_info: Option<MediaDeviceMemoryInfo>,
}

/// `MediaDeviceMemoryInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct MediaDeviceMemoryInfo {
    pub size_in_mib: Option<i64>,
}

/// `NitroTpmInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct NitroTpmInfo {
    pub supported_versions: Option<Vec<String>>,
}

/// `InferenceAcceleratorInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct InferenceAcceleratorInfo {
    pub accelerators: Option<Vec<InferenceDeviceInfo>>,
    pub total_inference_memory_in_mib: Option<i64>,
}

/// `InferenceDeviceInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct InferenceDeviceInfo {
    pub count: Option<i64>,
    pub name: Option<String>,
    pub manufacturer: Option<String>,
    pub memory_info: Option<InferenceDeviceMemoryInfo>,
}

/// `InferenceDeviceMemoryInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct InferenceDeviceMemoryInfo {
    pub size_in_mib: Option<i64>,
}

/// `PlacementGroupInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct PlacementGroupInfo {
    pub supported_strategies: Option<Vec<String>>,
}

/// `FpgaInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct FpgaInfo {
    pub fpgas: Option<Vec<FpgaDeviceInfo>>,
    pub total_fpga_memory_in_mib: Option<i64>,
}

/// `FpgaDeviceInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct FpgaDeviceInfo {
    pub name: Option<String>,
    pub manufacturer: Option<String>,
    pub count: Option<i64>,
    pub memory_info: Option<FpgaDeviceMemoryInfo>,
}

/// `FpgaDeviceMemoryInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct FpgaDeviceMemoryInfo {
    pub size_in_mib: Option<i64>,
}

/// `GpuInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct GpuInfo {
    pub gpus: Option<Vec<GpuDeviceInfo>>,
    pub total_gpu_memory_in_mib: Option<i64>,
}

/// `GpuDeviceInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct GpuDeviceInfo {
    pub name: Option<String>,
    pub manufacturer: Option<String>,
    pub count: Option<i64>,
    pub logical_gpu_count: Option<i64>,
    pub gpu_partition_size: Option<f64>,
    pub workloads: Option<Vec<String>>,
    pub memory_info: Option<GpuDeviceMemoryInfo>,
}

/// `GpuDeviceMemoryInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct GpuDeviceMemoryInfo {
    pub size_in_mib: Option<i64>,
}

/// `NetworkInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct NetworkInfo {
    pub network_performance: Option<String>,
    pub maximum_network_interfaces: Option<i64>,
    pub maximum_network_cards: Option<i64>,
    pub default_network_card_index: Option<i64>,
    pub network_cards: Option<Vec<NetworkCardInfo>>,
    pub ipv4_addresses_per_interface: Option<i64>,
    pub ipv6_addresses_per_interface: Option<i64>,
    pub ipv6_supported: Option<bool>,
    pub ena_support: Option<String>,
    pub efa_supported: Option<bool>,
    pub efa_info: Option<EfaInfo>,
    pub encryption_in_transit_supported: Option<bool>,
    pub ena_srd_supported: Option<bool>,
    pub bandwidth_weightings: Option<Vec<String>>,
    pub flexible_ena_queues_support: Option<String>,
    pub connection_tracking_configuration: Option<DefaultConnectionTrackingConfiguration>,
    pub secondary_network_supported: Option<bool>,
    pub ipv4_addresses_per_secondary_interface: Option<i64>,
}

/// `DefaultConnectionTrackingConfiguration`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct DefaultConnectionTrackingConfiguration {
    pub default_tcp_established_timeout: Option<i64>,
    pub default_udp_timeout: Option<i64>,
    pub default_udp_stream_timeout: Option<i64>,
}

/// `EfaInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct EfaInfo {
    pub maximum_efa_interfaces: Option<i64>,
}

/// `NetworkCardInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct NetworkCardInfo {
    pub network_card_index: Option<i64>,
    pub network_performance: Option<String>,
    pub maximum_network_interfaces: Option<i64>,
    pub additional_flexible_network_interfaces: Option<i64>,
    pub baseline_bandwidth_in_gbps: Option<f64>,
    pub peak_bandwidth_in_gbps: Option<f64>,
    pub default_ena_queue_count_per_interface: Option<i64>,
    pub maximum_ena_queue_count: Option<i64>,
    pub maximum_ena_queue_count_per_interface: Option<i64>,
    /// The catalogue does not hold it: the answer tells it.
    pub interface_types: Option<Vec<String>>,
}

/// `EbsInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct EbsInfo {
    pub ebs_optimized_support: Option<String>,
    pub encryption_support: Option<String>,
    pub ebs_optimized_info: Option<EbsOptimizedInfo>,
    pub nvme_support: Option<String>,
    pub maximum_ebs_attachments: Option<i64>,
    pub attachment_limit_type: Option<String>,
    pub maximum_ebs_cards: Option<i64>,
    pub ebs_cards: Option<Vec<EbsCardInfo>>,
}

/// `EbsCardInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct EbsCardInfo {
    pub ebs_card_index: Option<i64>,
    pub baseline_bandwidth_in_mbps: Option<i64>,
    pub baseline_throughput_in_mbps: Option<f64>,
    pub baseline_iops: Option<i64>,
    pub maximum_bandwidth_in_mbps: Option<i64>,
    pub maximum_throughput_in_mbps: Option<f64>,
    pub maximum_iops: Option<i64>,
}

/// `EbsOptimizedInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct EbsOptimizedInfo {
    pub baseline_bandwidth_in_mbps: Option<i64>,
    pub baseline_throughput_in_mbps: Option<f64>,
    pub baseline_iops: Option<i64>,
    pub maximum_bandwidth_in_mbps: Option<i64>,
    pub maximum_throughput_in_mbps: Option<f64>,
    pub maximum_iops: Option<i64>,
}

/// `InstanceStorageInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct InstanceStorageInfo {
    pub total_size_in_gb: Option<i64>,
    pub disks: Option<Vec<DiskInfo>>,
    pub nvme_support: Option<String>,
    pub encryption_support: Option<String>,
}

/// `DiskInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct DiskInfo {
    pub size_in_gb: Option<i64>,
    pub count: Option<i64>,
    pub r#type: Option<String>,
}

/// `MemoryInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct MemoryInfo {
    pub size_in_mib: Option<i64>,
}

/// `VCpuInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct VCpuInfo {
    pub default_v_cpus: Option<i64>,
    pub default_cores: Option<i64>,
    pub default_threads_per_core: Option<i64>,
    pub valid_cores: Option<Vec<i64>>,
    pub valid_threads_per_core: Option<Vec<i64>>,
}

/// `ProcessorInfo`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct ProcessorInfo {
    pub supported_architectures: Option<Vec<String>>,
    pub sustained_clock_speed_in_ghz: Option<f64>,
    pub supported_features: Option<Vec<String>>,
    pub manufacturer: Option<String>,
}
