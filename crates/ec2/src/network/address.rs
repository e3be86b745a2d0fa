//! Addresses and their DNS names. <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html>

use std::borrow::Cow;
use std::net::Ipv4Addr;

use service::prelude::*;
use service::regions;

use super::elastic_ip;
use super::interface::NetworkInterface;

/// `ec2.internal` in us-east-1, `REGION.compute.internal` elsewhere.
pub fn private_domain(region: &str) -> Cow<'static, str> {
    match region {
        "us-east-1" => Cow::Borrowed("ec2.internal"),
        other => Cow::Owned(format!("{other}.compute.internal")),
    }
}

/// `ip-10-0-0-5.ec2.internal`
pub fn private_dns_name(region: &str, address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("ip-{a}-{b}-{c}-{d}.{}", private_domain(region))
}

/// `ec2-3-1-2-3.compute-1.amazonaws.com` in us-east-1, `ec2-3-1-2-3.REGION.compute.amazonaws.com` elsewhere.
pub fn public_dns_name(region: &str, address: Ipv4Addr) -> String {
    let suffix = regions::region(region).map_or("amazonaws.com", |known| known.dns_suffix.as_str());
    let [a, b, c, d] = address.octets();
    match region {
        "us-east-1" => format!("ec2-{a}-{b}-{c}-{d}.compute-1.{suffix}"),
        other => format!("ec2-{a}-{b}-{c}-{d}.{other}.compute.{suffix}"),
    }
}

/// How often a draw is tried before giving up; a handful of tries suffice until nearly all sixteen million are given out.
const TRIES: usize = 1000;

/// A public address that nobody has, out of 3.0.0.0/8, which is Amazon's. <https://ip-ranges.amazonaws.com/ip-ranges.json>
pub fn draw_public(cx: &Cx, world: &World) -> Result<Ipv4Addr, ApiError> {
    for _ in 0..TRIES {
        let [_, a, b, c] = u32::try_from(cx.ids.below(1 << 24)).unwrap_or_default().to_be_bytes();
        let address = Ipv4Addr::new(3, a, b, c);
        if !matches!(c, 0 | 255) && is_free(world, address) {
            return Ok(address);
        }
    }
    Err(ApiError::new("InsufficientAddressCapacity", "There are not enough free addresses to fulfil the request."))
}

/// Whether neither an account nor an interface has that public address.
pub fn is_free(world: &World, address: Ipv4Addr) -> bool {
    !elastic_ip::is_held(world, address)
        && world.one::<NetworkInterface>(NetworkInterface::BY_PUBLIC_ADDRESS, &[&address.to_string()]).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let address = Ipv4Addr::new(10, 0, 0, 5);
        assert_eq!(private_dns_name("us-east-1", address), "ip-10-0-0-5.ec2.internal");
        assert_eq!(private_dns_name("eu-west-1", address), "ip-10-0-0-5.eu-west-1.compute.internal");
        assert_eq!(public_dns_name("us-east-1", address), "ec2-10-0-0-5.compute-1.amazonaws.com");
        assert_eq!(public_dns_name("cn-north-1", address), "ec2-10-0-0-5.cn-north-1.compute.amazonaws.com.cn");
    }
}
