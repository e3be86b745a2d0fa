//! ModifySubnetAttribute, one attribute per request. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html>

use service::prelude::*;

use super::Subnet;
use crate::instance::attribute::describe::Flag;
use crate::instance::authorize;
use crate::refused::several_attributes;
use crate::resource;

/// `ModifySubnetAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifySubnetAttribute {
    pub subnet_id: String,
    pub map_public_ip_on_launch: Option<Flag>,
    pub private_dns_hostname_type_on_launch: Option<String>,
    pub enable_resource_name_dns_a_record_on_launch: Option<Flag>,
    pub enable_resource_name_dns_aaaa_record_on_launch: Option<Flag>,
    pub assign_ipv6_address_on_creation: Option<Flag>,
    pub enable_dns64: Option<Flag>,
    pub map_customer_owned_ip_on_launch: Option<Flag>,
}

impl ModifySubnetAttribute {
    /// The attributes asked for, by name, with their new values.
    fn changes(&self) -> Vec<(&'static str, String)> {
        let on = |flag: Option<Flag>| flag.and_then(|flag| flag.value).map(|on| on.to_string());
        let all = [
            ("MapPublicIpOnLaunch", on(self.map_public_ip_on_launch)),
            ("PrivateDnsHostnameTypeOnLaunch", self.private_dns_hostname_type_on_launch.clone()),
            ("EnableResourceNameDnsARecordOnLaunch", on(self.enable_resource_name_dns_a_record_on_launch)),
            ("EnableResourceNameDnsAAAARecordOnLaunch", on(self.enable_resource_name_dns_aaaa_record_on_launch)),
            ("AssignIpv6AddressOnCreation", on(self.assign_ipv6_address_on_creation)),
            ("EnableDns64", on(self.enable_dns64)),
            ("MapCustomerOwnedIpOnLaunch", on(self.map_customer_owned_ip_on_launch)),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// ModifySubnetAttribute on the subnet, with the new values.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifySubnetAttribute) -> Vec<Check> {
    vec![authorize::attributes(super::check_on(cx, world, &input.subnet_id), &input.changes())]
}

/// Changes one attribute.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifySubnetAttribute) -> Result<Done, ApiError> {
    let subnet = super::get(tx, cx, &input.subnet_id)?;
    let changes = input.changes();
    let [(name, value)] = changes.as_slice() else {
        return Err(match changes.is_empty() {
            true => ApiError::new("InvalidParameterCombination", "No attributes specified."),
            false => several_attributes(changes.iter().map(|(name, _)| *name)),
        });
    };
    let on = value == "true";
    if on {
        must_be_possible(&subnet, name)?;
    }
    resource::update::<Subnet>(tx, cx, &subnet.id, |subnet| match *name {
        "MapPublicIpOnLaunch" => subnet.map_public_ip_on_launch = on,
        "PrivateDnsHostnameTypeOnLaunch" => subnet.hostname_type.clone_from(value),
        "EnableResourceNameDnsARecordOnLaunch" => subnet.dns_a_record = on,
        "EnableResourceNameDnsAAAARecordOnLaunch" => subnet.dns_aaaa_record = on,
        "AssignIpv6AddressOnCreation" => subnet.assign_ipv6 = on,
        "EnableDns64" => subnet.dns64 = on,
        // Nothing is on an Outpost, so the other is off and stays so.
        _ => {}
    });
    Ok(Done {})
}

/// Some attributes need IPv6 addresses, or an Outpost that no subnet is on. The first text is AWS's (seen in
/// terraform-aws-modules/terraform-aws-vpc issue 735), the second like it.
fn must_be_possible(subnet: &Subnet, name: &str) -> Result<(), ApiError> {
    let attribute = match name {
        "AssignIpv6AddressOnCreation" => "assign-ipv6-address-on-creation",
        "EnableDns64" => "enable-dns64",
        "MapCustomerOwnedIpOnLaunch" => {
            let message = format!(
                "Invalid value 'true' for mapCustomerOwnedIpOnLaunch. The subnet '{}' is not on an Outpost.",
                subnet.id
            );
            return Err(ApiError::new("InvalidParameterValue", message));
        }
        _ => return Ok(()),
    };
    if subnet.ipv6_block.is_some() {
        return Ok(());
    }
    let message = format!(
        "Invalid value 'true' for {attribute}. Cannot set {attribute} to true unless the subnet ({}) has an IPv6 CIDR block associated with it.",
        subnet.id
    );
    Err(ApiError::new("InvalidParameterValue", message))
}
