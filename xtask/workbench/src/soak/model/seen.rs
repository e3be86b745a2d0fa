//! What an account shows in its Describes, in the sentences of the rules. Its default VPC, and what belongs to it, is left out.

use std::collections::BTreeSet;

use super::super::answer::Element;

/// The Describe operations that are read, with the element of their list.
pub const READ: [(&str, &str); 9] = [
    ("DescribeVpcs", "vpcSet"),
    ("DescribeSubnets", "subnetSet"),
    ("DescribeSecurityGroups", "securityGroupInfo"),
    ("DescribeInternetGateways", "internetGatewaySet"),
    ("DescribeRouteTables", "routeTableSet"),
    ("DescribeNetworkInterfaces", "networkInterfaceSet"),
    ("DescribeAddresses", "addressesSet"),
    ("DescribeInstances", "reservationSet"),
    ("DescribeVolumes", "volumeSet"),
];

/// The sentence for each item of such a list.
pub fn facts(action: &str, items: &[Element], default_vpc: &str) -> BTreeSet<String> {
    let foreign = |item: &&Element| item.text("vpcId") != default_vpc;
    let items = items.iter().filter(foreign);
    match action {
        "DescribeVpcs" => items.map(|vpc| format!("vpc {}", vpc.text("vpcId"))).collect(),
        "DescribeSubnets" => items.map(subnet).collect(),
        "DescribeSecurityGroups" => items.map(group).collect(),
        "DescribeInternetGateways" => items.filter_map(|item| gateway(item, default_vpc)).collect(),
        "DescribeRouteTables" => items.map(table).collect(),
        "DescribeNetworkInterfaces" => items.map(interface).collect(),
        "DescribeAddresses" => items.map(address).collect(),
        "DescribeInstances" => {
            items.flat_map(|reservation| &reservation.at("instancesSet").children).map(instance).collect()
        }
        _ => items.map(volume).collect(),
    }
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

fn subnet(item: &Element) -> String {
    let [id, vpc, block, free] =
        ["subnetId", "vpcId", "cidrBlock", "availableIpAddressCount"].map(|name| item.text(name));
    format!("subnet {id} {vpc} {block} free {free}")
}

fn group(item: &Element) -> String {
    let [id, vpc, name] = ["groupId", "vpcId", "groupName"].map(|name| item.text(name));
    let permissions = item.at("ipPermissions").children.iter().filter(|permission| permission.text("fromPort") == "80");
    let pairs = permissions.flat_map(|permission| &permission.at("groups").children);
    let from: BTreeSet<&str> = pairs.map(|pair| pair.text("groupId")).collect();
    format!("group {id} {vpc} {name} from [{}]", Vec::from_iter(from).join(" "))
}

fn gateway(item: &Element, default_vpc: &str) -> Option<String> {
    let vpc = item.at("attachmentSet").at("item").text("vpcId");
    (vpc != default_vpc).then(|| format!("gateway {} at {}", item.text("internetGatewayId"), or_none(vpc)))
}

fn table(item: &Element) -> String {
    let associations = &item.at("associationSet").children;
    let main = associations.iter().any(|association| association.text("main") == "true");
    let explicit = associations.iter().filter(|association| association.text("main") != "true");
    let subnets: BTreeSet<String> = explicit
        .map(|association| format!("{}={}", association.text("routeTableAssociationId"), association.text("subnetId")))
        .collect();
    let routes = item.at("routeSet").children.iter();
    let mut open = routes.filter(|route| route.text("destinationCidrBlock") == "0.0.0.0/0");
    let route = open.next().map(|route| format!("{} {}", route.text("gatewayId"), route.text("state")));
    format!(
        "table {} {} main {main} subnets [{}] route {}",
        item.text("routeTableId"),
        item.text("vpcId"),
        Vec::from_iter(subnets).join(" "),
        or_none(route.as_deref().unwrap_or_default())
    )
}

fn interface(item: &Element) -> String {
    let [id, subnet, address, status] =
        ["networkInterfaceId", "subnetId", "privateIpAddress", "status"].map(|name| item.text(name));
    let group = item.at("groupSet").at("item").text("groupId");
    let at = or_none(item.at("attachment").text("instanceId"));
    format!("interface {id} {subnet} {address} {group} {status} at {at}")
}

fn address(item: &Element) -> String {
    let [id, interface, association] =
        ["allocationId", "networkInterfaceId", "associationId"].map(|name| item.text(name));
    match association {
        "" => format!("address {id} at -"),
        association => format!("address {id} at {interface} by {association}"),
    }
}

fn instance(item: &Element) -> String {
    format!("instance {} {}", item.text("instanceId"), item.at("instanceState").text("name"))
}

fn volume(item: &Element) -> String {
    let at = or_none(item.at("attachmentSet").at("item").text("instanceId"));
    format!("volume {} {} at {at}", item.text("volumeId"), item.text("status"))
}
