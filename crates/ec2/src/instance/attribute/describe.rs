//! DescribeInstanceAttribute: the one attribute asked for, unset ones as empty elements.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceAttribute.html>

use service::prelude::*;

use crate::instance::out::{DeviceOut, EnclaveOut, GroupOut, ProductCodeOut};
use crate::instance::view::Seen;
use crate::instance::{authorize, find};

/// `DescribeInstanceAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeInstanceAttribute {
    pub instance_id: String,
    pub attribute: String,
    pub dry_run: Option<bool>,
}

/// `InstanceAttribute`.
#[derive(Debug, Default, Serialize, Shaped)]
pub struct InstanceAttribute {
    pub instance_id: String,
    pub block_device_mappings: Option<Vec<DeviceOut>>,
    pub disable_api_termination: Option<Flag>,
    pub disable_api_stop: Option<Flag>,
    pub ena_support: Option<Flag>,
    pub enclave_options: Option<EnclaveOut>,
    pub ebs_optimized: Option<Flag>,
    pub instance_initiated_shutdown_behavior: Option<Text>,
    pub instance_type: Option<Text>,
    pub kernel_id: Option<Text>,
    pub product_codes: Option<Vec<ProductCodeOut>>,
    pub ramdisk_id: Option<Text>,
    pub root_device_name: Option<Text>,
    pub source_dest_check: Option<Flag>,
    pub sriov_net_support: Option<Text>,
    pub user_data: Option<Text>,
    pub groups: Option<Vec<GroupOut>>,
}

/// `AttributeBooleanValue`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct Flag {
    pub value: Option<bool>,
}

/// `AttributeValue`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct Text {
    pub value: Option<String>,
}

fn flag(value: bool) -> Option<Flag> {
    Some(Flag { value: Some(value) })
}

fn text(value: Option<&str>) -> Option<Text> {
    Some(Text { value: value.map(str::to_owned) })
}

/// What DescribeInstanceAttribute must be allowed: the one describing operation of instances that knows resources.
pub fn to_describe(cx: &Cx, world: &World, input: &DescribeInstanceAttribute) -> Vec<Check> {
    vec![authorize::on_instance(cx, world, &input.instance_id)]
}

/// The attribute's value.
pub fn describe(cx: &Cx, world: &World, input: &DescribeInstanceAttribute) -> Result<InstanceAttribute, ApiError> {
    let instance = find(cx, world, &input.instance_id)?;
    let seen = Seen::new(cx, world, instance);
    let attributes = &instance.attributes;
    let mut answer = InstanceAttribute { instance_id: instance.id.clone(), ..InstanceAttribute::default() };
    match input.attribute.as_str() {
        "instanceType" => answer.instance_type = text(Some(&instance.instance_type)),
        "kernel" => answer.kernel_id = text(None),
        "ramdisk" => answer.ramdisk_id = text(None),
        "userData" => answer.user_data = text(instance.user_data.as_deref()),
        "disableApiTermination" => answer.disable_api_termination = flag(attributes.disable_api_termination),
        "disableApiStop" => answer.disable_api_stop = flag(attributes.disable_api_stop),
        "instanceInitiatedShutdownBehavior" => {
            answer.instance_initiated_shutdown_behavior = text(Some(&attributes.shutdown_behavior));
        }
        "rootDeviceName" => answer.root_device_name = text(instance.image.root_device_name.as_deref()),
        "blockDeviceMapping" => answer.block_device_mappings = Some(devices(seen)),
        "productCodes" => answer.product_codes = Some(seen.into_out().product_codes),
        "sourceDestCheck" => answer.source_dest_check = flag(seen.into_out().source_dest_check.unwrap_or(true)),
        "groupSet" => answer.groups = Some(seen.into_out().security_groups),
        "ebsOptimized" => answer.ebs_optimized = flag(attributes.ebs_optimized),
        "sriovNetSupport" => answer.sriov_net_support = text(attributes.sriov_net_support.as_deref()),
        "enaSupport" => answer.ena_support = flag(attributes.ena_support),
        "enclaveOptions" => answer.enclave_options = Some(EnclaveOut { enabled: attributes.enclave }),
        other => return Err(unknown(other)),
    }
    Ok(answer)
}

/// The devices, without the card that descriptions tell (recorded of AWS, September 2026).
fn devices(seen: Seen) -> Vec<DeviceOut> {
    let mut devices = seen.into_out().block_device_mappings;
    devices.iter_mut().for_each(|device| device.ebs.ebs_card_index = None);
    devices
}

/// The model admits only its own names; this guards against new ones in a later model.
pub(super) fn unknown(name: &str) -> ApiError {
    ApiError::new(
        "InvalidParameterValue",
        format!("Value ({name}) for parameter attribute is invalid. Unknown attribute."),
    )
}
