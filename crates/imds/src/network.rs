//! `network/`: the interfaces by their hardware addresses, and the names and addresses the top of the tree repeats of the primary one.

use ec2::network::interface::{self, NetworkInterface};
use ec2::network::{security_group, subnet, vpc};

use crate::subject::Subject;
use crate::tree::{Entry, Named, Node};

/// The directory `network/`.
pub const NETWORK: &[Entry] =
    &[Entry { name: "interfaces", since: "2011-01-01", make: |_| Some(Node::Dir(INTERFACES)) }];

const INTERFACES: &[Entry] = &[Entry { name: "macs", since: "2011-01-01", make: macs }];

fn macs(subject: &Subject<'_>) -> Option<Node> {
    let one = |interface: &std::sync::Arc<NetworkInterface>| {
        let node = Node::Names(members(subject, interface));
        Named { name: interface.mac_address.clone(), shown: interface.mac_address.clone(), node }
    };
    Some(Node::Names(subject.interfaces().iter().map(one).collect()))
}

/// What is told of an interface, by name; what it has not is left out. The names are those of the user guide's table.
fn members(subject: &Subject<'_>, interface: &NetworkInterface) -> Vec<Named> {
    let world = subject.world;
    let place = (interface.account.as_str(), interface.region.as_str());
    let subnet = world.get::<subnet::Subnet>(&[place.0, place.1, &interface.subnet_id]);
    let vpc = world.get::<vpc::Vpc>(&[place.0, place.1, &interface.vpc_id]);
    let attachment = interface.attachment.as_ref();
    let names = [
        attachment.map(|attachment| Named::text("device-number", attachment.device_index.to_string())),
        Some(Named::text("interface-id", &*interface.id)),
        interface.public_ip.map(|public| {
            let node = Node::Names(vec![Named::text(public.to_string(), interface.private_ip.to_string())]);
            Named { name: "ipv4-associations".into(), shown: "ipv4-associations".into(), node }
        }),
        lines("ipv4-prefix", &interface.ipv4_prefixes),
        lines("ipv6-prefix", &interface.ipv6_prefixes),
        lines("ipv6s", &interface.ipv6_addresses).filter(|_| subject.knows("2016-06-30")),
        Some(Named::text("local-hostname", interface::private_dns_name(&interface.region, interface.private_ip))),
        Some(Named::text("local-ipv4s", local_addresses(interface))),
        Some(Named::text("mac", &*interface.mac_address)),
        // Told of where there are several cards (recorded of AWS, September 2026: not of a type that has one).
        attachment
            .filter(|_| subject.knows("2020-11-01") && has_several_cards(subject))
            .map(|one| Named::text("network-card-index", one.network_card_index.to_string())),
        Some(Named::text("owner-id", interface.account.as_str())),
        public_name(subject, interface).map(|name| Named::text("public-hostname", name)),
        public_address(interface).map(|address| Named::text("public-ipv4s", address)),
        Some(Named::text("security-group-ids", interface.groups.join("\n"))),
        Some(Named::text("security-groups", group_names(subject, interface))),
        Some(Named::text("subnet-id", &*interface.subnet_id)),
        subnet.map(|subnet| Named::text("subnet-ipv4-cidr-block", subnet.cidr.to_string())),
        subnet.filter(|_| subject.knows("2016-06-30")).and_then(|subnet| {
            lines("subnet-ipv6-cidr-blocks", subnet.ipv6_block.as_ref().map(|block| block.cidr).as_slice())
        }),
        Some(Named::text("vpc-id", &*interface.vpc_id)),
        vpc.map(|vpc| Named::text("vpc-ipv4-cidr-block", vpc.cidr.to_string())),
        vpc.filter(|_| subject.knows("2016-06-30")).map(|vpc| Named::text("vpc-ipv4-cidr-blocks", blocks_of(vpc))),
        vpc.filter(|_| subject.knows("2016-06-30")).and_then(|vpc| {
            lines("vpc-ipv6-cidr-blocks", &vpc.ipv6_blocks.iter().map(|block| block.cidr).collect::<Vec<_>>())
        }),
    ];
    names.into_iter().flatten().collect()
}

fn has_several_cards(subject: &Subject<'_>) -> bool {
    let kind = ec2::catalogue::instance_types::get(&subject.instance.instance_type);
    let network = kind.and_then(|kind| kind.network_info.as_ref());
    network.and_then(|network| network.maximum_network_cards).is_some_and(|cards| cards > 1)
}

/// A value of several lines; one without any is left out.
fn lines(name: &str, values: &[impl ToString]) -> Option<Named> {
    let lines: Vec<String> = values.iter().map(ToString::to_string).collect();
    (!lines.is_empty()).then(|| Named::text(name, lines.join("\n")))
}

fn blocks_of(vpc: &vpc::Vpc) -> String {
    vpc.cidr_associations.iter().map(|block| block.cidr.to_string()).collect::<Vec<_>>().join("\n")
}

fn local_addresses(interface: &NetworkInterface) -> String {
    let all = std::iter::once(&interface.private_ip).chain(&interface.secondary_ips);
    all.map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The names of the interface's groups, one a line.
pub fn group_names(subject: &Subject<'_>, interface: &NetworkInterface) -> String {
    let name = |id: &String| security_group::name_of(subject.world, interface.account, &interface.region, id);
    interface.groups.iter().filter_map(name).collect::<Vec<_>>().join("\n")
}

/// The instance's private DNS name: by the primary interface's address, or by the instance's id where it was asked for.
pub fn private_name(subject: &Subject<'_>) -> Option<String> {
    let primary = subject.primary()?;
    let by_address = interface::private_dns_name(&primary.region, primary.private_ip);
    match by_address.split_once('.') {
        Some((_, domain)) if subject.instance.attributes.hostname_type == "resource-name" => {
            Some(format!("{}.{domain}", subject.instance.id))
        }
        _ => Some(by_address),
    }
}

/// The public DNS name, where the VPC gives such names; it is told of with the public IPv4 address alone.
pub fn public_name(subject: &Subject<'_>, interface: &NetworkInterface) -> Option<String> {
    interface.public_ip?;
    interface::public_dns_name(subject.world, interface)
}

/// The public address.
pub fn public_address(interface: &NetworkInterface) -> Option<String> {
    interface.public_ip.map(|address| address.to_string())
}
