//! ResetInstanceAttribute: an attribute goes back to its default. Kernels and RAM disks are of a virtualization that no image here has.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResetInstanceAttribute.html>

use service::prelude::*;

use super::modify::{self, ModifyInstanceAttribute};
use crate::instance::{authorize, find};

/// `ResetInstanceAttributeRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct ResetInstanceAttribute {
    pub instance_id: String,
    pub attribute: String,
    pub dry_run: Option<bool>,
}

/// ResetInstanceAttribute on the instance.
pub fn to_reset(cx: &Cx, world: &World, input: &ResetInstanceAttribute) -> Vec<Check> {
    vec![authorize::on_instance(cx, world, &input.instance_id)]
}

/// Checking of source and destination goes on again; what has no other value than its default stays.
pub fn reset(cx: &Cx, tx: &mut Tx, input: &ResetInstanceAttribute) -> Result<Done, ApiError> {
    let instance = find(cx, tx, &input.instance_id)?.clone();
    match input.attribute.as_str() {
        "sourceDestCheck" => {
            let change = ModifyInstanceAttribute {
                instance_id: instance.id.clone(),
                attribute: Some(input.attribute.clone()),
                value: Some("true".to_owned()),
                ..ModifyInstanceAttribute::default()
            };
            modify::modify(cx, tx, &change)
        }
        "kernel" | "ramdisk" => Err(ApiError::new(
            "UnsupportedOperation",
            format!("The attribute '{}' is not supported for the instance '{}'.", input.attribute, instance.id),
        )),
        other => Err(ApiError::new(
            "InvalidParameterValue",
            format!("Value ({other}) for parameter attribute is invalid. Attribute cannot be reset."),
        )),
    }
}
