//! RegisterImage: from snapshots of an account's own.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html>
//!
//! There is no S3 where the manifest of an image of instance stores could be, so images are of EBS volumes.

use service::prelude::*;

use super::create::{Made, new};
use super::{AccountImage, devices, name};
use crate::catalogue::images::{BlockDevice, Image};
use crate::instance::run::devices::must_be_named_once;
use crate::instance::run::input::DeviceMapping;
use crate::kind;
use crate::refused::missing;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `RegisterImageRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct RegisterImage {
    pub boot_mode: Option<String>,
    pub tpm_support: Option<String>,
    pub uefi_data: Option<String>,
    pub imds_support: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
    pub name: String,
    pub description: Option<String>,
    pub architecture: Option<String>,
    pub kernel_id: Option<String>,
    pub ramdisk_id: Option<String>,
    pub root_device_name: Option<String>,
    #[serde(default)]
    pub block_device_mappings: Vec<DeviceMapping>,
    pub virtualization_type: Option<String>,
    pub sriov_net_support: Option<String>,
    pub ena_support: Option<bool>,
}

/// RegisterImage on an image to come and on the snapshots it is made of, and the tags.
pub fn to_register(cx: &Cx, world: &World, input: &RegisterImage) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let image = resource::check_on_new(cx, &kind::IMAGE, specifications).key("ec2:Owner", cx.account().as_str());
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "RegisterImage");
    let snapshots = devices::checks(cx, world, &input.block_device_mappings);
    std::iter::once(image).chain(snapshots).chain(tagging).collect()
}

/// Registers an image whose root device is a snapshot.
pub fn register(cx: &Cx, tx: &mut Tx, input: &RegisterImage) -> Result<Made, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::IMAGE.resource_type)?;
    name::check(cx, tx, &input.name)?;
    let root = input.root_device_name.clone().ok_or_else(|| missing("rootDeviceName"))?;
    check_virtualization(input.virtualization_type.as_deref())?;
    must_be_named_once(&input.block_device_mappings)?;
    let devices: Vec<BlockDevice> = input
        .block_device_mappings
        .iter()
        .filter(|mapping| mapping.no_device.is_none())
        .map(|mapping| devices::asked_for(cx, tx, mapping))
        .collect::<Result<_, _>>()?;
    if !devices::has_root(&devices, &root) {
        return Err(ApiError::new("InvalidBlockDeviceMapping", "No root snapshot specified in device mapping."));
    }
    let id = cx.ids.ec2(kind::IMAGE.prefix);
    let image = Image { block_device_mappings: devices, root_device_name: Some(root), ..facts(input, &id) };
    tx.put(AccountImage { uefi_data: input.uefi_data.clone(), registered: true, ..new(cx, image, tags) });
    Ok(Made { image_id: id })
}

fn check_virtualization(wanted: Option<&str>) -> Result<(), ApiError> {
    match wanted.filter(|kind| !["hvm", "paravirtual"].contains(kind)) {
        None => Ok(()),
        Some(kind) => {
            let message = format!("Value ({kind}) for parameter virtualizationType is invalid.");
            Err(ApiError::new("InvalidParameterValue", message))
        }
    }
}

/// The defaults are those of the time when the operation came up.
fn facts(input: &RegisterImage, id: &str) -> Image {
    let virtualization_type = input.virtualization_type.clone().unwrap_or_else(|| "paravirtual".to_owned());
    // Told of an image for ENA that was registered without it (recorded of AWS, September 2026).
    let simple = virtualization_type == "hvm" && input.ena_support == Some(true);
    Image {
        image_id: id.to_owned(),
        name: input.name.clone(),
        description: input.description.clone().filter(|text| !text.is_empty()),
        architecture: input.architecture.clone().unwrap_or_else(|| "i386".to_owned()),
        virtualization_type,
        boot_mode: input.boot_mode.clone(),
        tpm_support: input.tpm_support.clone(),
        imds_support: input.imds_support.clone(),
        ena_support: Some(input.ena_support.unwrap_or(false)),
        sriov_net_support: input.sriov_net_support.clone().or_else(|| simple.then(|| "simple".to_owned())),
        kernel_id: input.kernel_id.clone(),
        ramdisk_id: input.ramdisk_id.clone(),
        ..Image::default()
    }
}
