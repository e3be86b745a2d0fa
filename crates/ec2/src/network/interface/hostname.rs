//! Public host names of an interface: one for its IPv4 address, one for its IPv6 address, one for both. Which of them it is known by can be chosen; the
//! others are there all the same. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html>

use std::net::{Ipv4Addr, Ipv6Addr};

use service::prelude::*;

use super::NetworkInterface;
use super::managed::must_be_own;
use crate::instance::authorize;
use crate::network::{address, elastic_ip, vpc};
use crate::resource;

/// Which name an interface is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostnameType {
    #[serde(rename = "public-dual-stack-dns-name")]
    DualStack,
    #[serde(rename = "public-ipv4-dns-name")]
    Ipv4,
    #[serde(rename = "public-ipv6-dns-name")]
    Ipv6,
}

impl Shaped for HostnameType {}

impl HostnameType {
    fn word(self) -> &'static str {
        match self {
            HostnameType::DualStack => "public-dual-stack-dns-name",
            HostnameType::Ipv4 => "public-ipv4-dns-name",
            HostnameType::Ipv6 => "public-ipv6-dns-name",
        }
    }
}

/// `ModifyPublicIpDnsNameOptionsRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct ModifyPublicIpDnsNameOptions {
    pub network_interface_id: String,
    pub hostname_type: HostnameType,
    pub dry_run: Option<bool>,
}

/// `ModifyPublicIpDnsNameOptionsResult`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Modified {
    pub successful: bool,
}

/// `PublicIpDnsNameOptions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct OptionsOut {
    pub dns_hostname_type: &'static str,
    pub public_ipv4_dns_name: Option<String>,
    pub public_ipv6_dns_name: Option<String>,
    pub public_dual_stack_dns_name: Option<String>,
}

/// ModifyPublicIpDnsNameOptions on the interface, with its new value.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyPublicIpDnsNameOptions) -> Vec<Check> {
    let check = super::check_on(cx, world, &input.network_interface_id);
    vec![authorize::attributes(check, &[("HostnameType", input.hostname_type.word().to_owned())])]
}

/// Chooses the name; the interface must have the addresses that it is made of, and its VPC both switches of DNS.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyPublicIpDnsNameOptions.html>
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyPublicIpDnsNameOptions) -> Result<Modified, ApiError> {
    let interface = super::get(tx, cx, &input.network_interface_id)?;
    must_be_own(&interface)?;
    let wanted = NetworkInterface { public_hostname: Some(input.hostname_type), ..NetworkInterface::clone(&interface) };
    // The words of both refusals are not recorded.
    if !has_names(tx, &interface) {
        let message = format!("VPC '{}' must have DNS support and DNS hostnames enabled.", interface.vpc_id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if public_dns_name(tx, &wanted).is_none() {
        let message = format!(
            "Value ({}) for parameter hostnameType is invalid. The network interface '{}' does not have the public addresses for it.",
            input.hostname_type.word(),
            interface.id
        );
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    resource::update::<NetworkInterface>(tx, cx, &interface.id, |it| it.public_hostname = wanted.public_hostname);
    Ok(Modified { successful: true })
}

/// Whether the VPC gives names to public addresses.
fn has_names(world: &World, interface: &NetworkInterface) -> bool {
    let vpc = vpc::in_place(world, interface.account, &interface.region, &interface.vpc_id);
    vpc.is_some_and(|vpc| vpc.dns_hostnames && vpc.dns_support)
}

/// The name that it is known by, if its VPC gives it one; that of its IPv4 address unless another was chosen.
pub fn public_dns_name(world: &World, interface: &NetworkInterface) -> Option<String> {
    let chosen = interface.public_hostname.unwrap_or(HostnameType::Ipv4);
    name(interface, chosen).filter(|_| has_names(world, interface))
}

/// All of its names, if its VPC gives it any; the one that was chosen need not be among them.
pub fn options(world: &World, interface: &NetworkInterface) -> Option<OptionsOut> {
    let shown = OptionsOut {
        dns_hostname_type: interface.public_hostname.unwrap_or(HostnameType::Ipv4).word(),
        public_ipv4_dns_name: name(interface, HostnameType::Ipv4),
        public_ipv6_dns_name: name(interface, HostnameType::Ipv6),
        public_dual_stack_dns_name: name(interface, HostnameType::DualStack),
    };
    // That of both is there only where the other two are.
    let has_one = shown.public_ipv4_dns_name.is_some() || shown.public_ipv6_dns_name.is_some();
    (has_one && has_names(world, interface)).then_some(shown)
}

fn name(interface: &NetworkInterface, hostname: HostnameType) -> Option<String> {
    let (ipv4, ipv6) = (interface.public_ip, interface.ipv6_addresses.first().copied());
    let region = &interface.region;
    match hostname {
        HostnameType::Ipv4 => ipv4.map(|address| address::public_dns_name(region, address)),
        HostnameType::Ipv6 => ipv6.map(|address| format!("{}.{region}.ip.aws", ipv6_label(address))),
        HostnameType::DualStack => {
            let (ipv4, ipv6) = (ipv4?, ipv6?);
            Some(format!("{}-{}.{region}.ip.aws", ipv6_label(ipv6), ipv4_label(ipv4)))
        }
    }
}

/// An address may not be taken from an interface that is known by a name for both, if it is the primary one and the last.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateAddress.html>
pub fn may_be_taken(world: &World, interface: &NetworkInterface, address: Ipv4Addr) -> Result<(), ApiError> {
    let others_remain = elastic_ip::of_interface(world, interface).iter().any(|held| held.public_ip != address);
    let is_named_by_it =
        interface.public_ip == Some(address) && interface.public_hostname == Some(HostnameType::DualStack);
    if others_remain || !is_named_by_it || public_dns_name(world, interface).is_none() {
        return Ok(());
    }
    let message = format!(
        "The address '{address}' cannot be disassociated: the public DNS name of network interface '{}' is made of it.",
        interface.id
    );
    Err(ApiError::new("OperationNotPermitted", message))
}

const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// To the base of 36.
fn base36(mut number: u128) -> String {
    let mut digits = Vec::new();
    while number > 0 {
        let digit = usize::try_from(number % 36).unwrap_or_default();
        digits.extend(DIGITS.get(digit).map(|digit| char::from(*digit)));
        number /= 36;
    }
    digits.iter().rev().collect()
}

/// 25 digits in groups of five.
fn ipv6_label(address: Ipv6Addr) -> String {
    let digits: Vec<char> = format!("{:0>25}", base36(u128::from(address))).chars().collect();
    digits.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

fn ipv4_label(address: Ipv4Addr) -> String {
    base36(u128::from(u32::from(address)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::elastic_ip::associate::{AssociateAddress, associate};
    use crate::network::elastic_ip::{AllocateAddress, allocate};
    use crate::network::interface::{NewInterface, create, get};
    use crate::network::subnet;
    use crate::tests::{refusal, start};

    /// An interface of the default VPC with two private addresses and no public one.
    fn made(cx: &Cx, tx: &mut Tx) -> NetworkInterface {
        let new = NewInterface {
            subnet: subnet::default_for(tx, cx.account(), cx.region_name(), Some("us-east-1a")).unwrap(),
            groups: Vec::new(),
            address: None,
            secondary: Vec::new(),
            secondary_count: 1,
            description: String::new(),
            attachment: None,
            public_address: false,
            tags: Vec::new(),
        };
        create(cx, tx, new).unwrap()
    }

    /// Puts an elastic address before a private one.
    fn with_address(cx: &Cx, tx: &mut Tx, id: &str, private: Ipv4Addr) -> Ipv4Addr {
        let allocated = allocate(cx, tx, &AllocateAddress::default()).unwrap();
        let input = AssociateAddress {
            allocation_id: Some(allocated.allocation_id),
            network_interface_id: Some(id.into()),
            private_ip_address: Some(private.to_string()),
            ..Default::default()
        };
        associate(cx, tx, &input).unwrap();
        allocated.public_ip.unwrap().parse().unwrap()
    }

    #[test]
    fn an_address_stays_while_the_name_is_made_of_it() {
        let (cx, mut tx) = start();
        let made = made(&cx, &mut tx);
        let primary = with_address(&cx, &mut tx, &made.id, made.private_ip);
        resource::update::<NetworkInterface>(&mut tx, &cx, &made.id, |it| {
            it.ipv6_addresses = vec!["2600:1f18::1".parse().unwrap()];
            it.public_hostname = Some(HostnameType::DualStack);
        });
        let held = get(&tx, &cx, &made.id).unwrap();
        assert_eq!(refusal(may_be_taken(&tx, &held, primary)).0, "OperationNotPermitted");
        let without_ipv6 = NetworkInterface { ipv6_addresses: Vec::new(), ..NetworkInterface::clone(&held) };
        assert_eq!(may_be_taken(&tx, &without_ipv6, primary), Ok(()), "it has no such name now");
        let by_ipv4 = NetworkInterface { public_hostname: None, ..NetworkInterface::clone(&held) };
        assert_eq!(may_be_taken(&tx, &by_ipv4, primary), Ok(()));
        let second = with_address(&cx, &mut tx, &made.id, made.secondary_ips[0]);
        assert_eq!((may_be_taken(&tx, &held, primary), may_be_taken(&tx, &held, second)), (Ok(()), Ok(())));
    }

    #[test]
    fn all_names_that_are_there_are_shown() {
        let (cx, mut tx) = start();
        let made = made(&cx, &mut tx);
        assert_eq!(options(&tx, &made), None);
        let with_ipv6 = NetworkInterface { ipv6_addresses: vec!["2600:1f18::1".parse().unwrap()], ..made.clone() };
        let shown = options(&tx, &with_ipv6).unwrap();
        assert_eq!((shown.dns_hostname_type, &shown.public_ipv4_dns_name), ("public-ipv4-dns-name", &None));
        assert!(shown.public_ipv6_dns_name.is_some() && shown.public_dual_stack_dns_name.is_none());
        let chosen = NetworkInterface {
            public_ip: Some("3.1.2.3".parse().unwrap()),
            public_hostname: Some(HostnameType::Ipv6),
            ..made
        };
        let shown = options(&tx, &chosen).unwrap();
        assert_eq!((shown.public_ipv4_dns_name.is_some(), shown.public_ipv6_dns_name), (true, None));
    }

    #[test]
    fn labels() {
        // The example of AWS's user guide.
        let address = "ffff:1407:4:f000:81d:2689:1066:4489".parse().unwrap();
        assert_eq!(ipv6_label(address), "f5lnz-0khrm-nt2u3-gyqqt-nbdl5");
        assert_eq!(ipv6_label(Ipv6Addr::LOCALHOST), "00000-00000-00000-00000-00001");
        assert_eq!(ipv4_label("94.10.91.84".parse().unwrap()), "q3cdp0");
    }
}
