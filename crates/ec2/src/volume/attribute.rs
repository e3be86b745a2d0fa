//! DescribeVolumeAttribute, ModifyVolumeAttribute and EnableVolumeIO.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumeAttribute.html>

use service::prelude::*;

use super::Volume;
use crate::instance::attribute::describe::Flag;
use crate::instance::{Instance, authorize};
use crate::refused::missing;
use crate::resource;

/// `DescribeVolumeAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeVolumeAttribute {
    pub attribute: String,
    pub volume_id: String,
    pub dry_run: Option<bool>,
}

/// `DescribeVolumeAttributeResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct VolumeAttribute {
    pub volume_id: String,
    pub auto_enable_io: Option<Flag>,
    pub product_codes: Option<Vec<ProductCodeOut>>,
}

/// `ProductCode`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ProductCodeOut {
    pub product_code_id: String,
    pub product_code_type: String,
}

/// `ModifyVolumeAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyVolumeAttribute {
    pub auto_enable_io: Option<Flag>,
    pub volume_id: String,
    pub dry_run: Option<bool>,
}

/// `EnableVolumeIORequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct EnableVolumeIo {
    pub volume_id: String,
    pub dry_run: Option<bool>,
}

/// DescribeVolumeAttribute on the volume.
pub fn to_describe(cx: &Cx, world: &World, input: &DescribeVolumeAttribute) -> Vec<Check> {
    vec![resource::check_on::<Volume>(cx, world, &input.volume_id)]
}

/// One attribute. Product codes are those of the instance whose root the volume is: they came with its image.
pub fn describe(cx: &Cx, world: &World, input: &DescribeVolumeAttribute) -> Result<VolumeAttribute, ApiError> {
    let volume = resource::get::<Volume>(world, cx, &input.volume_id)?;
    let asked = |name: &str| input.attribute == name;
    Ok(VolumeAttribute {
        volume_id: volume.id.clone(),
        auto_enable_io: asked("autoEnableIO").then_some(Flag { value: Some(volume.auto_enable_io) }),
        product_codes: asked("productCodes").then(|| product_codes(cx, world, &volume)),
    })
}

fn product_codes(cx: &Cx, world: &World, volume: &Volume) -> Vec<ProductCodeOut> {
    let Some(held) = &volume.attachment else { return Vec::new() };
    let instance = resource::look_up::<Instance>(world, cx, &held.instance_id);
    let instance = instance.filter(|it| it.image.root_device_name.as_deref() == Some(held.device.as_str()));
    let out =
        |(id, kind): &(String, String)| ProductCodeOut { product_code_id: id.clone(), product_code_type: kind.clone() };
    instance.map(|it| it.image.product_codes.iter().map(out).collect()).unwrap_or_default()
}

/// ModifyVolumeAttribute on the volume, with the new value.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyVolumeAttribute) -> Vec<Check> {
    let check = resource::check_on::<Volume>(cx, world, &input.volume_id);
    let value = input.auto_enable_io.as_ref().and_then(|flag| flag.value);
    let values: Vec<_> = value.into_iter().map(|value| ("AutoEnableIO", value.to_string())).collect();
    vec![authorize::attributes(check, &values)]
}

/// Says whether I/O of the volume goes on by itself after a fault.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyVolumeAttribute) -> Result<Done, ApiError> {
    let volume = resource::get::<Volume>(tx, cx, &input.volume_id)?;
    let Some(value) = input.auto_enable_io.as_ref().and_then(|flag| flag.value) else {
        return Err(missing("autoEnableIO"));
    };
    resource::update::<Volume>(tx, cx, &volume.id, |it| it.auto_enable_io = value);
    Ok(Done {})
}

/// EnableVolumeIO on the volume.
pub fn to_enable_io(cx: &Cx, world: &World, input: &EnableVolumeIo) -> Vec<Check> {
    vec![resource::check_on::<Volume>(cx, world, &input.volume_id)]
}

/// I/O of a volume stops at AWS when its data may be inconsistent, which does not happen here: the volume must exist, and goes on.
pub fn enable_io(cx: &Cx, world: &World, input: &EnableVolumeIo) -> Result<Done, ApiError> {
    resource::get::<Volume>(world, cx, &input.volume_id).map(|_| Done {})
}
