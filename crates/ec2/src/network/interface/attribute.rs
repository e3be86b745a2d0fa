//! ModifyNetworkInterfaceAttribute and DescribeNetworkInterfaceAttribute.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html>

use service::prelude::*;

use super::NetworkInterface;
use super::attach::attachment_not_found;
use super::change::{changed_elsewhere, groups};
use super::describe::{AttachmentOut, GroupOut, out};
use super::managed::must_be_own;
use crate::instance::attribute::describe::{Flag, Text};
use crate::instance::authorize;
use crate::network::{security_group, subnet};
use crate::resource;

/// `NetworkInterfaceAttachmentChanges`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct AttachmentChanges {
    pub attachment_id: Option<String>,
    pub delete_on_termination: Option<bool>,
}

/// `ModifyNetworkInterfaceAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyNetworkInterfaceAttribute {
    pub network_interface_id: String,
    pub description: Option<Text>,
    pub source_dest_check: Option<Flag>,
    #[serde(default)]
    pub groups: Vec<String>,
    pub attachment: Option<AttachmentChanges>,
    pub enable_primary_ipv6: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `ResetNetworkInterfaceAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ResetNetworkInterfaceAttribute {
    pub network_interface_id: String,
    pub source_dest_check: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeNetworkInterfaceAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeNetworkInterfaceAttribute {
    pub network_interface_id: String,
    pub attribute: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeNetworkInterfaceAttributeResult`.
#[derive(Debug, Default, Serialize, Shaped)]
pub struct InterfaceAttribute {
    pub network_interface_id: String,
    pub description: Option<Text>,
    pub groups: Option<Vec<GroupOut>>,
    pub source_dest_check: Option<Flag>,
    pub attachment: Option<AttachmentOut>,
    pub associate_public_ip_address: Option<bool>,
}

/// ModifyNetworkInterfaceAttribute on the interface with the new value, and on the groups it is to be in.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyNetworkInterfaceAttribute) -> Vec<Check> {
    let description = input.description.as_ref().and_then(|it| it.value.clone());
    let source_dest_check = input.source_dest_check.as_ref().and_then(|it| it.value);
    let delete = input.attachment.as_ref().and_then(|it| it.delete_on_termination);
    let values = [
        description.map(|value| ("Description", value)),
        source_dest_check.map(|value| ("SourceDestCheck", value.to_string())),
        delete.map(|value| ("Attachment.DeleteOnTermination", value.to_string())),
        input.enable_primary_ipv6.map(|value| ("EnablePrimaryIpv6", value.to_string())),
        (!input.groups.is_empty()).then(|| ("Groups", input.groups.join(","))),
    ];
    let values: Vec<_> = values.into_iter().flatten().collect();
    let interface = authorize::attributes(super::check_on(cx, world, &input.network_interface_id), &values);
    let groups = input.groups.iter().map(|id| security_group::check_on(cx, world, id));
    std::iter::once(interface).chain(groups).collect()
}

/// Changes one attribute.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyNetworkInterfaceAttribute) -> Result<Done, ApiError> {
    let interface = super::get(tx, cx, &input.network_interface_id)?;
    must_be_one(input)?;
    must_be_own(&interface)?;
    let mut changed = NetworkInterface::clone(&interface);
    if let Some(description) = &input.description {
        changed.description = description.value.clone().unwrap_or_default();
    }
    if let Some(wanted) = input.source_dest_check.as_ref().and_then(|it| it.value) {
        changed.source_dest_check = wanted;
    }
    if !input.groups.is_empty() {
        let subnet = subnet::get(tx, cx, &interface.subnet_id)?;
        changed.groups = groups(cx, tx, &input.groups, &subnet, changed_elsewhere)?;
    }
    if let Some(wanted) = input.enable_primary_ipv6 {
        changed.primary_ipv6 = with_primary_ipv6(&interface, wanted)?;
    }
    if let Some(wanted) = &input.attachment {
        let id = wanted.attachment_id.as_deref().unwrap_or_default();
        let held = changed.attachment.as_mut().filter(|held| held.id == id);
        let held = held.ok_or_else(|| attachment_not_found(id))?;
        held.delete_on_termination = wanted.delete_on_termination.unwrap_or(held.delete_on_termination);
    }
    resource::update::<NetworkInterface>(tx, cx, &interface.id, |it| *it = changed);
    Ok(Done {})
}

/// The first IPv6 address becomes the primary one, and stays it.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html>
fn with_primary_ipv6(interface: &NetworkInterface, wanted: bool) -> Result<bool, ApiError> {
    if interface.primary_ipv6 && !wanted {
        let message = "A primary IPv6 address cannot be disabled once it is enabled.";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if wanted && interface.ipv6_addresses.is_empty() {
        let message = format!("The network interface '{}' does not have an IPv6 address.", interface.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    Ok(wanted)
}

fn must_be_one(input: &ModifyNetworkInterfaceAttribute) -> Result<(), ApiError> {
    // The first two in the order that AWS was recorded to tell them in, September 2026.
    let given = [
        ("sourceDestCheck", input.source_dest_check.is_some()),
        ("description", input.description.is_some()),
        ("groupSet", !input.groups.is_empty()),
        ("attachment", input.attachment.is_some()),
        ("enablePrimaryIpv6", input.enable_primary_ipv6.is_some()),
    ];
    let given: Vec<&str> = given.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect();
    match given.as_slice() {
        [] => Err(none()),
        [_] => Ok(()),
        several => {
            let message = format!("Fields for multiple attribute types specified: {}", several.join(", "));
            Err(ApiError::new("InvalidParameterCombination", message))
        }
    }
}

fn none() -> ApiError {
    ApiError::new("InvalidParameterCombination", "No attributes specified.")
}

/// ResetNetworkInterfaceAttribute on the interface.
pub fn to_reset(cx: &Cx, world: &World, input: &ResetNetworkInterfaceAttribute) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.network_interface_id)]
}

/// Checks sources and destinations again. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResetNetworkInterfaceAttribute.html>
pub fn reset(cx: &Cx, tx: &mut Tx, input: &ResetNetworkInterfaceAttribute) -> Result<Done, ApiError> {
    // The name alone says what is reset; AWS takes no value with it, whether there is the interface or not (seen in September 2026).
    if input.source_dest_check.as_ref().is_some_and(|value| !value.is_empty()) {
        return Err(ApiError::new("InvalidRequest", "The request received was invalid."));
    }
    let interface = super::get(tx, cx, &input.network_interface_id)?;
    must_be_own(&interface)?;
    if input.source_dest_check.is_none() {
        return Err(none());
    }
    resource::update::<NetworkInterface>(tx, cx, &interface.id, |it| it.source_dest_check = true);
    Ok(Done {})
}

/// One attribute of an interface.
pub fn describe(
    cx: &Cx,
    world: &World,
    input: &DescribeNetworkInterfaceAttribute,
) -> Result<InterfaceAttribute, ApiError> {
    // Asked of one that is not there, too (recorded of AWS, September 2026).
    let attribute = input.attribute.as_deref().ok_or_else(none)?;
    let interface = super::get(world, cx, &input.network_interface_id)?;
    let seen = out(cx, world, &interface);
    let own = InterfaceAttribute { network_interface_id: interface.id.clone(), ..Default::default() };
    Ok(match attribute {
        "description" => InterfaceAttribute { description: Some(Text { value: Some(seen.description) }), ..own },
        "groupSet" => InterfaceAttribute { groups: Some(seen.groups), ..own },
        "sourceDestCheck" => {
            InterfaceAttribute { source_dest_check: Some(Flag { value: Some(seen.source_dest_check) }), ..own }
        }
        "attachment" => InterfaceAttribute { attachment: seen.attachment, ..own },
        _ => InterfaceAttribute { associate_public_ip_address: Some(interface.public_ip.is_some()), ..own },
    })
}
