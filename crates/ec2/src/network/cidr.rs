//! Blocks of addresses as requests write them.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use service::prelude::*;

/// A block of IPv4 addresses. AWS takes `10.0.1.5/24` for `10.0.1.0/24`.
///
/// Errors: InvalidParameterValue, naming the parameter.
pub fn ipv4(text: &str, parameter: &str) -> Result<Ipv4Net, ApiError> {
    text.parse::<Ipv4Net>().map(|net| net.trunc()).map_err(|_| invalid(text, parameter, "CIDR"))
}

/// The same for IPv6.
pub fn ipv6(text: &str, parameter: &str) -> Result<Ipv6Net, ApiError> {
    text.parse::<Ipv6Net>().map(|net| net.trunc()).map_err(|_| invalid(text, parameter, "IPv6 CIDR"))
}

/// The same for either family.
pub fn any(text: &str, parameter: &str) -> Result<IpNet, ApiError> {
    text.parse::<IpNet>().map(|net| net.trunc()).map_err(|_| invalid(text, parameter, "CIDR"))
}

fn invalid(text: &str, parameter: &str, what: &str) -> ApiError {
    let message = format!("Value ({text}) for parameter {parameter} is invalid. This is not a valid {what} block.");
    ApiError::new("InvalidParameterValue", message)
}

/// Whether two blocks share addresses.
pub fn overlap(one: impl Into<IpNet>, other: impl Into<IpNet>) -> bool {
    let (one, other) = (one.into(), other.into());
    one.contains(&other) || other.contains(&one)
}

/// VPCs and subnets have between 16 and 65,536 addresses.
pub fn is_of_proper_size(block: &Ipv4Net) -> bool {
    (16..=28).contains(&block.prefix_len())
}

/// What a block of a VPC can be: link-local addresses are reserved.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions>
pub fn is_for_vpcs(block: &Ipv4Net) -> bool {
    is_of_proper_size(block) && !"169.254.0.0/16".parse::<Ipv4Net>().is_ok_and(|reserved| overlap(reserved, *block))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_canonical() {
        assert_eq!(ipv4("10.0.1.5/24", "cidrBlock").unwrap().to_string(), "10.0.1.0/24");
        assert_eq!(ipv6("2001:db8::1/64", "cidrBlock").unwrap().to_string(), "2001:db8::/64");
        for text in ["", "10.0.0.0", "10.0.0.0/33", "all"] {
            let refused = ipv4(text, "cidrBlock").unwrap_err();
            let message = format!("Value ({text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.");
            assert_eq!((refused.code.as_ref(), refused.message.clone()), ("InvalidParameterValue", message));
        }
    }
}
