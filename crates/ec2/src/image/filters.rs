//! What DescribeImages can be asked for: every filter its documentation names, and where an image has it.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html>

use service::filters::{Field, Fields, Values};
use service::tags::Tag;

use super::Found;
use crate::catalogue::images::{EbsDevice, Image, Watermark};
use crate::instance::describe::time;

pub(super) static FIELDS: Fields<Found> = Fields { fields: TABLE, tags: Some(tags) };

fn tags(image: &Found) -> &[Tag] {
    image.tags.as_deref().unwrap_or_default()
}

fn nothing(_: &Found, _: &mut Values) {}

fn volumes(image: &Image, values: &mut Values, push: fn(&EbsDevice, &mut Values)) {
    image.block_device_mappings.iter().filter_map(|device| device.ebs.as_ref()).for_each(|ebs| push(ebs, values));
}

fn marks(image: &Image, values: &mut Values, push: fn(&Watermark, &mut Values)) {
    image.image_watermarks.iter().flatten().for_each(|mark| push(mark, values));
}

const TABLE: &[Field<Found>] = &[
    ("architecture", |it, values| values.push(it.architecture.as_str())),
    ("block-device-mapping.delete-on-termination", |it, values| {
        volumes(it, values, |ebs, values| values.push_if(ebs.delete_on_termination.map(|on| on.to_string())));
    }),
    ("block-device-mapping.device-name", |it, values| {
        it.block_device_mappings.iter().for_each(|device| values.push_if(device.device_name.as_deref()));
    }),
    ("block-device-mapping.snapshot-id", |it, values| {
        volumes(it, values, |ebs, values| values.push_if(ebs.snapshot_id.as_deref()));
    }),
    ("block-device-mapping.volume-size", |it, values| {
        volumes(it, values, |ebs, values| values.push_if(ebs.volume_size.map(|size| size.to_string())));
    }),
    ("block-device-mapping.volume-type", |it, values| {
        volumes(it, values, |ebs, values| values.push_if(ebs.volume_type.as_deref()));
    }),
    ("block-device-mapping.encrypted", |it, values| {
        volumes(it, values, |ebs, values| values.push_if(ebs.encrypted.map(|on| on.to_string())));
    }),
    ("boot-mode", |it, values| values.push_if(it.boot_mode.as_deref())),
    ("creation-date", |it, values| values.push(it.creation_date.as_str())),
    ("description", |it, values| values.push_if(it.description.as_deref())),
    ("ena-support", |it, values| values.push_bool(it.ena_support.unwrap_or(false))),
    ("free-tier-eligible", |it, values| values.push_bool(it.free_tier_eligible.unwrap_or(false))),
    ("hypervisor", |it, values| values.push(it.hypervisor.as_str())),
    ("image-allowed", |it, values| values.push_bool(it.image_allowed.unwrap_or(true))),
    ("image-id", |it, values| values.push(it.image_id.as_str())),
    ("image-watermark.source-image-creation-time", |it, values| {
        marks(it, values, |mark, values| values.push(time(mark.source_image_creation_time)));
    }),
    ("image-watermark.source-image-id", |it, values| {
        marks(it, values, |mark, values| values.push(mark.source_image_id.as_str()));
    }),
    ("image-watermark.source-image-region", |it, values| {
        marks(it, values, |mark, values| values.push(mark.source_image_region.as_str()));
    }),
    ("image-watermark.watermark-creation-time", |it, values| {
        marks(it, values, |mark, values| values.push(time(mark.watermark_creation_time)));
    }),
    ("image-watermark.watermark-key", |it, values| {
        marks(it, values, |mark, values| values.push(mark.watermark_key.as_str()));
    }),
    ("instance-type-specification.supported-instance-type", |it, values| {
        let said = it.instance_type_specification.as_ref().and_then(|said| said.supported_instance_types.as_ref());
        said.into_iter().flatten().for_each(|it| values.push(it.instance_type.as_str()));
    }),
    ("instance-type-specification.unsupported-instance-type", |it, values| {
        let said = it.instance_type_specification.as_ref().and_then(|said| said.unsupported_instance_types.as_ref());
        said.into_iter().flatten().for_each(|it| values.push(it.instance_type.as_str()));
    }),
    ("image-type", |it, values| values.push(it.image_type.as_str())),
    ("is-public", |it, values| values.push_bool(it.public)),
    ("kernel-id", |it, values| values.push_if(it.kernel_id.as_deref())),
    ("manifest-location", |it, values| values.push(it.image_location.as_str())),
    ("name", |it, values| values.push(it.name.as_str())),
    ("owner-alias", |it, values| values.push_if(it.image_owner_alias.as_deref())),
    ("owner-id", |it, values| values.push(it.owner_id.as_str())),
    ("platform", |it, values| values.push_if(it.platform.as_deref())),
    ("product-code", nothing),
    ("product-code.type", nothing),
    ("public-ssm-parameter-name", nothing),
    ("ramdisk-id", |it, values| values.push_if(it.ramdisk_id.as_deref())),
    ("root-device-name", |it, values| values.push_if(it.root_device_name.as_deref())),
    ("root-device-type", |it, values| values.push(it.root_device_type.as_str())),
    ("scan-result.critical-fix-available-since", nothing),
    ("scan-result.finding-scan-date", nothing),
    ("scan-result.high-fix-available-since", nothing),
    ("scan-result.highest-finding-severity-label", nothing),
    ("scan-result.informational-fix-available-since", nothing),
    ("scan-result.low-fix-available-since", nothing),
    ("scan-result.medium-fix-available-since", nothing),
    ("source-image-id", |it, values| values.push_if(it.source_image_id.as_deref())),
    ("source-image-region", |it, values| values.push_if(it.source_image_region.as_deref())),
    ("source-instance-id", |it, values| values.push_if(it.source_instance_id.as_deref())),
    ("state", |it, values| values.push(it.state.as_str())),
    ("state-reason-code", nothing),
    ("state-reason-message", nothing),
    ("sriov-net-support", |it, values| values.push_if(it.sriov_net_support.as_deref())),
    ("virtualization-type", |it, values| values.push(it.virtualization_type.as_str())),
];
