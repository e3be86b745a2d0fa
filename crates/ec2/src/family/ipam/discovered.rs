//! What a resource discovery finds: accounts, blocks of their resources, and their public addresses. It is looked for when it is asked for, so the time of the
//! sample is that of the request.

use std::sync::Arc;

use serde_json::json;
use service::Service;
use service::operation::Row;
use service::organization::Organization;
use service::prelude::*;

use super::super::describe::{self, Seen};
use super::super::item::Item;
use super::discovery::{self, DISCOVERIES};
use super::sight::{self, Found};
use super::{public, tags_shown};
use crate::network::elastic_ip::Address;
use crate::network::interface::NetworkInterface;
use crate::network::security_group::SecurityGroup;

/// The operations.
pub fn operations() -> Vec<Operation> {
    let on = |row: Row<Document>, uses| DISCOVERIES.on_one(row, uses);
    vec![
        on(
            Operation::read(Service::Ec2, "GetIpamDiscoveredAccounts", accounts),
            &["DiscoveryRegion", "Filters", "MaxResults", "NextToken"],
        ),
        on(
            Operation::read(Service::Ec2, "GetIpamDiscoveredResourceCidrs", resources).scan(),
            &["ResourceRegion", "Filters", "MaxResults", "NextToken"],
        ),
        on(
            Operation::read(Service::Ec2, "GetIpamDiscoveredPublicAddresses", addresses).scan(),
            &["AddressRegion", "Filters", "MaxResults", "NextToken"],
        ),
    ]
}

fn found(cx: &Cx, world: &World, input: &Document, member: &str) -> Result<(Arc<Item>, String), ApiError> {
    let region = input.text(member).unwrap_or_default().to_owned();
    let discovery = discovery::looking_into(cx, world, input.text(DISCOVERIES.id).unwrap_or_default(), &region)?;
    Ok((discovery, region))
}

fn page(
    scope: (&str, &Item, &str),
    input: &Document,
    filters: &'static [&'static str],
    mut seen: Vec<Seen>,
) -> Result<Document, ApiError> {
    seen.sort_by(|one, other| one.id.cmp(&other.id));
    let (member, discovery, region) = scope;
    let page = describe::choose(&format!("{member} {} {region}", discovery.id), input, filters, seen.into_iter())?;
    Ok(Document::from(json!({member: page.items, "NextToken": page.next})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamDiscoveredAccounts.html>
fn accounts(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let (discovery, region) = found(cx, world, input, "DiscoveryRegion")?;
    let organization = Organization::of(world);
    let see = |account: AccountId| {
        let mut shown = Document::from(json!({
            "AccountId": account,
            "DiscoveryRegion": region,
            "LastAttemptedDiscoveryTime": cx.now,
            "LastSuccessfulDiscoveryTime": cx.now,
        }));
        let entity = organization.as_ref().and_then(|held| held.entities.get(account.as_str()));
        if let Some(unit) = entity.and_then(|entity| entity.parent.as_deref()).filter(|id| id.starts_with("ou-")) {
            shown.set("OrganizationalUnitId", unit);
        }
        Seen { id: account.to_string(), shown, tags: Vec::new() }
    };
    let seen = discovery::accounts(world, &discovery).into_iter().map(see).collect();
    let filters = &["account-id", "discovery-region", "organizational-unit-id"];
    page(("IpamDiscoveredAccounts", &discovery, &region), input, filters, seen)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamDiscoveredResourceCidrs.html>
fn resources(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let (discovery, region) = found(cx, world, input, "ResourceRegion")?;
    let accounts = discovery::accounts(world, &discovery);
    let all = accounts.iter().flat_map(|account| sight::of_region(world, *account, &region));
    let see = |found: Found| Seen {
        id: format!("{} {}", found.id, found.block),
        shown: resource(cx, &discovery, &found),
        tags: found.tags,
    };
    let seen = all.map(see).collect();
    let filters = &[
        "resource-id",
        "resource-owner-id",
        "resource-cidr",
        "resource-type",
        "resource-region",
        "ip-source",
        "vpc-id",
        "subnet-id",
        "availability-zone-id",
        "network-interface-attachment-status",
    ];
    page(("IpamDiscoveredResourceCidrs", &discovery, &region), input, filters, seen)
}

/// `IpamDiscoveredResourceCidr`.
fn resource(cx: &Cx, discovery: &Item, found: &Found) -> Document {
    let mut shown = Document::from(json!({
        "IpamResourceDiscoveryId": discovery.id,
        "ResourceRegion": found.region,
        "ResourceOwnerId": found.account,
        "ResourceId": found.id,
        "ResourceCidr": found.block.to_string(),
        "ResourceType": found.kind,
        "ResourceTags": tags_shown(&found.tags),
        "IpSource": found.source,
        "IpUsage": found.usage,
        "SampleTime": cx.now,
    }));
    for (member, value) in [
        ("VpcId", found.vpc.as_ref().map(|vpc| vpc.id.as_str())),
        ("SubnetId", found.subnet.as_deref()),
        ("AvailabilityZoneId", found.zone_id.as_deref()),
        ("NetworkInterfaceAttachmentStatus", found.attached.map(|is| if is { "in-use" } else { "available" })),
    ] {
        if let Some(value) = value {
            shown.set(member, value);
        }
    }
    shown
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamDiscoveredPublicAddresses.html>
fn addresses(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let (discovery, region) = found(cx, world, input, "AddressRegion")?;
    let mut seen = Vec::new();
    for account in discovery::accounts(world, &discovery) {
        let key = [account.as_str(), region.as_str()];
        let interface_of = |id: &str| world.get::<NetworkInterface>(&[account.as_str(), &region, id]);
        for address in world.scan::<Address>(&key).filter(|it| it.public().is_some()) {
            let held = address.held(world.now()).and_then(|it| interface_of(&it.interface_id));
            seen.push(elastic(world, address, held.map(|it| &**it)));
        }
        for interface in world.scan::<NetworkInterface>(&key) {
            if let Some(address) = interface.public_ip
                && world.one::<Address>(Address::BY_PUBLIC_ADDRESS, &[&address.to_string()]).is_none()
            {
                let kind = if interface.managed.is_some() { "service-managed-ip" } else { "ec2-public-ip" };
                let mut shown = Document::from(json!({"AddressType": kind, "AssociationStatus": "associated"}));
                shown.set("Address", address.to_string());
                shown.set("AddressOwnerId", interface.account.as_str());
                shown.merge(&holder(world, interface));
                seen.push(Seen { id: address.to_string(), shown, tags: Vec::new() });
            }
        }
    }
    for one in &mut seen {
        one.shown.merge(&Document::from(json!({"IpamResourceDiscoveryId": discovery.id, "AddressRegion": region,
            "NetworkBorderGroup": region, "SampleTime": cx.now})));
    }
    let filters = &[
        "address",
        "address-owner-id",
        "address-allocation-id",
        "address-type",
        "association-status",
        "service",
        "service-resource",
        "vpc-id",
        "subnet-id",
        "network-interface-id",
        "instance-id",
        "public-ipv4-pool-id",
        "network-border-group",
    ];
    let mut answer = page(("IpamDiscoveredPublicAddresses", &discovery, &region), input, filters, seen)?;
    answer.set("OldestSampleTime", cx.now.to_string());
    Ok(answer)
}

/// `IpamDiscoveredPublicAddress` of an elastic address.
fn elastic(world: &World, address: &Address, held: Option<&NetworkInterface>) -> Seen {
    let mut shown = Document::from(json!({
        "Address": address.public_ip.to_string(),
        "AddressOwnerId": address.account,
        "AddressAllocationId": address.id,
        "AddressType": match (public::source_of(world, address), &address.pool) {
            (public::AMAZON, Some(_)) => "amazon-owned-contig",
            (public::AMAZON, None) => "amazon-owned-eip",
            _ => "byoip",
        },
        "AssociationStatus": if held.is_some() { "associated" } else { "disassociated" },
        "Tags": {"EipTags": tags_shown(&address.tags)},
    }));
    if let Some(pool) = address.pool.as_deref().filter(|pool| pool.starts_with("ipv4pool-")) {
        shown.set("PublicIpv4PoolId", pool);
    }
    if let Some(interface) = held {
        shown.merge(&holder(world, interface));
    }
    Seen { id: address.public_ip.to_string(), shown, tags: address.tags.clone() }
}

/// What an interface that has the address says of it.
fn holder(world: &World, interface: &NetworkInterface) -> Document {
    let group = |id: &String| {
        let found = world.get::<SecurityGroup>(&[interface.account.as_str(), &interface.region, id]);
        json!({"GroupId": id, "GroupName": found.map(|group| group.name.clone())})
    };
    let mut shown = Document::from(json!({
        "VpcId": interface.vpc_id,
        "SubnetId": interface.subnet_id,
        "NetworkInterfaceId": interface.id,
        "NetworkInterfaceDescription": interface.description,
        "SecurityGroups": interface.groups.iter().map(group).collect::<Vec<_>>(),
    }));
    if let Some(attachment) = &interface.attachment {
        shown.set("InstanceId", attachment.instance_id.as_str());
    }
    if let Some(managed) = &interface.managed {
        let service = if managed.interface_type == "nat_gateway" { "nat-gateway" } else { "other" };
        shown.set("Service", service);
        shown.set("ServiceResource", managed.owner_id.as_str());
    }
    shown
}
