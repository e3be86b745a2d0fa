//! An image as DescribeImages tells of it. Names are the model's; what the members mean is said there.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html>

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use service::tags::Tag;
use wire::Shaped;

/// `Image`. The default is what most images are: a Linux image for x86_64 with a root volume.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
#[serde(default)]
pub struct Image {
    pub image_id: String,
    pub image_location: String,
    pub image_type: String,
    pub name: String,
    pub description: Option<String>,
    pub owner_id: String,
    pub image_owner_alias: Option<String>,
    pub public: bool,
    pub state: String,
    pub architecture: String,
    /// `windows`, or nothing.
    pub platform: Option<String>,
    pub platform_details: Option<String>,
    pub usage_operation: Option<String>,
    pub hypervisor: String,
    pub virtualization_type: String,
    pub boot_mode: Option<String>,
    pub tpm_support: Option<String>,
    /// `v2.0` if instances are to ask for tokens unless told otherwise.
    pub imds_support: Option<String>,
    pub ena_support: Option<bool>,
    pub sriov_net_support: Option<String>,
    pub root_device_name: Option<String>,
    pub root_device_type: String,
    pub block_device_mappings: Vec<BlockDevice>,
    /// `2026-04-27T21:00:00.000Z`
    pub creation_date: String,
    pub deprecation_time: Option<String>,
    pub deregistration_protection: Option<String>,
    pub free_tier_eligible: Option<bool>,
    pub kernel_id: Option<String>,
    pub ramdisk_id: Option<String>,
    pub source_instance_id: Option<String>,
    pub source_image_id: Option<String>,
    pub source_image_region: Option<String>,
    pub last_launched_time: Option<String>,
    /// Told where the account's settings say which images are allowed.
    pub image_allowed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_watermarks: Option<Vec<Watermark>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_type_specification: Option<InstanceTypeSpecification>,
    pub tags: Option<Vec<Tag>>,
}

/// `ImageWatermark`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct Watermark {
    /// `123456789012:approvedAmi`
    pub watermark_key: String,
    pub source_image_region: String,
    pub source_image_id: String,
    pub source_image_creation_time: Timestamp,
    pub watermark_creation_time: Timestamp,
}

/// `InstanceTypeSpecification`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct InstanceTypeSpecification {
    pub supported_instance_types: Option<Vec<InstanceTypeItem>>,
    pub unsupported_instance_types: Option<Vec<InstanceTypeItem>>,
}

/// `InstanceTypeItem`: a name, or a pattern.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct InstanceTypeItem {
    pub instance_type: String,
}

/// `BlockDeviceMapping`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Shaped)]
#[serde(default)]
pub struct BlockDevice {
    pub device_name: Option<String>,
    /// `ephemeral0`: an instance store volume.
    pub virtual_name: Option<String>,
    pub ebs: Option<EbsDevice>,
}

/// `EbsBlockDevice`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Shaped)]
#[serde(default)]
pub struct EbsDevice {
    pub delete_on_termination: Option<bool>,
    pub encrypted: Option<bool>,
    pub iops: Option<i64>,
    pub snapshot_id: Option<String>,
    /// MiB a second.
    pub throughput: Option<i64>,
    /// GiB.
    pub volume_size: Option<i64>,
    pub volume_type: Option<String>,
}

impl Default for Image {
    fn default() -> Image {
        Image {
            image_id: String::new(),
            image_location: String::new(),
            image_type: "machine".into(),
            name: String::new(),
            description: None,
            owner_id: String::new(),
            image_owner_alias: None,
            public: true,
            state: "available".into(),
            architecture: "x86_64".into(),
            platform: None,
            platform_details: Some("Linux/UNIX".into()),
            usage_operation: Some("RunInstances".into()),
            hypervisor: "xen".into(),
            virtualization_type: "hvm".into(),
            boot_mode: None,
            tpm_support: None,
            imds_support: None,
            ena_support: Some(true),
            sriov_net_support: Some("simple".into()),
            root_device_name: Some("/dev/xvda".into()),
            root_device_type: "ebs".into(),
            block_device_mappings: Vec::new(),
            creation_date: "2020-01-01T00:00:00.000Z".into(),
            deprecation_time: None,
            deregistration_protection: Some("disabled".into()),
            free_tier_eligible: Some(false),
            kernel_id: None,
            ramdisk_id: None,
            source_instance_id: None,
            source_image_id: None,
            source_image_region: None,
            last_launched_time: None,
            image_allowed: None,
            image_watermarks: None,
            instance_type_specification: None,
            tags: None,
        }
    }
}
