//! NAT gateways. A public one stands in a subnet with an interface of its own and elastic addresses before its private ones; a private one has
//! private addresses alone. What keeps one from working shows only after its creation, as the state `failed`.
//!
//! [`address`] adds and removes addresses of one that is there. Regional NAT gateways, which have no subnet, are not built.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html>

use std::net::Ipv4Addr;
use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::item::{self, Stage};
use super::{Family, Item, Life, answers, verbs};
use crate::kind;
use crate::network::elastic_ip::Address;
use crate::network::encryption_control::{Traffic, enforce};
use crate::network::interface::{self, NetworkInterface, NewInterface, managed};
use crate::network::internet_gateway::InternetGateway;
use crate::network::must_have_room;
use crate::network::subnet::{self, Subnet};
use crate::refused::missing;
use crate::resource;

pub mod address;
#[cfg(test)]
mod tests;

/// The member with the addresses.
const ADDRESSES: &str = "NatGatewayAddresses";
/// How many private addresses one can have. <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html>
const MOST_ADDRESSES: usize = 8;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html>
pub static NAT_GATEWAYS: Family = Family {
    created: Some("CreateTime"),
    life: Some(Life {
        member: "State",
        words: ["pending", "available", "deleting", "deleted"],
        seconds: 90,
        shown_for: 3_600,
    }),
    within: &[("SubnetId", &kind::SUBNET)],
    besides: &[
        ("AllocationId", &kind::ELASTIC_IP),
        ("SecondaryAllocationIds", &kind::ELASTIC_IP),
        ("AllocationIds", &kind::ELASTIC_IP),
    ],
    defaults: |_| json!({"ConnectivityType": "public", "AvailabilityMode": "zonal"}),
    filters: &["nat-gateway-id", "state", "subnet-id", "vpc-id"],
    keys: &[("ec2:Vpc", "VpcArn")],
    fill,
    see,
    release,
    ..Family::of(&kind::NAT_GATEWAY, "NatGatewayId")
};

/// The operations on NAT gateways.
pub fn operations() -> Vec<Operation> {
    let uses: &[&str] = &[
        "AllocationId",
        "PrivateIpAddress",
        "SecondaryAllocationIds",
        "SecondaryPrivateIpAddresses",
        "SecondaryPrivateIpAddressCount",
    ];
    let own = |row| NAT_GATEWAYS.on_one(row, &[]);
    let mut operations = vec![
        NAT_GATEWAYS.create("CreateNatGateway", uses),
        NAT_GATEWAYS.describe("DescribeNatGateways"),
        own(Operation::write(Service::Ec2, "DeleteNatGateway", delete)),
    ];
    operations.extend(address::operations());
    operations
}

/// Draws the addresses of a new one. A combination that cannot be refuses the request; a fact that speaks against it makes it fail later.
fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let public = input.text("ConnectivityType") != Some("private");
    check_combination(input, public)?;
    let subnet = subnet::get(tx, cx, input.text("SubnetId").ok_or_else(|| missing("SubnetId"))?)?;
    let held = || item::all(tx, cx, &kind::NAT_GATEWAY).filter(|it| is_in_zone(tx, cx, it, &subnet.zone)).count();
    must_have_room(cx, held, 5, "NatGatewayLimitExceeded", "NAT gateways")?;
    enforce::may_have(cx, tx, &subnet.vpc_id, Traffic::NatGateway)?;
    item.document.set("VpcId", subnet.vpc_id.as_str());
    let elastic = address::all_elastic(tx, cx, &allocations(input))?;
    let wishes = Wishes::of(input, elastic.len())?;
    if let Some((code, message)) = obstacle(cx, tx, &subnet, public, &elastic, &wishes) {
        fail(cx, item, &elastic, code, message);
        return Ok(());
    }
    let interface = interface::create(cx, tx, wishes.interface(subnet, &item.id))?;
    managed::hold(cx, tx, &interface.id, "nat_gateway", &item.id);
    let verb = if public { "associating" } else { "assigning" };
    let private = std::iter::once(&interface.private_ip).chain(&interface.secondary_ips);
    let elastic = elastic.iter().map(Some).chain(std::iter::repeat(None));
    let addresses: Vec<Value> = private
        .zip(elastic)
        .map(|(private, elastic)| address::put(cx, tx, &interface, *private, elastic.map(Arc::as_ref), verb))
        .collect();
    item.document.set(ADDRESSES, addresses);
    Ok(())
}

fn is_in_zone(world: &World, cx: &Cx, item: &Item, zone: &str) -> bool {
    let subnet = item.document.text("SubnetId").and_then(|id| subnet::look_up(world, cx, id));
    !item.is_deleted() && subnet.is_some_and(|subnet| subnet.zone == zone)
}

fn allocations(input: &Document) -> Vec<String> {
    input.text("AllocationId").map(str::to_owned).into_iter().chain(input.texts("SecondaryAllocationIds")).collect()
}

fn check_combination(input: &Document, public: bool) -> Result<(), ApiError> {
    if input.text("AvailabilityMode") == Some("regional") {
        return Err(ApiError::new("UnsupportedOperation", "Regional NAT gateways are not supported."));
    }
    if public && input.text("AllocationId").is_none() {
        let message =
            "The request must include the AllocationId parameter. Add the required parameter and retry the request.";
        return Err(ApiError::new("MissingParameter", message));
    }
    let excluded = if public { "SecondaryPrivateIpAddressCount" } else { "AllocationId" };
    let given = input.at(excluded).is_some() || !public && !input.texts("SecondaryAllocationIds").is_empty();
    if given {
        let kind = if public { "public" } else { "private" };
        let message = format!("{excluded} cannot be specified for a {kind} NAT gateway.");
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    if input.number("SecondaryPrivateIpAddressCount").is_some()
        && !input.texts("SecondaryPrivateIpAddresses").is_empty()
    {
        let message = "SecondaryPrivateIpAddressCount and SecondaryPrivateIpAddresses cannot be specified together.";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    Ok(())
}

/// Which private addresses are wanted.
struct Wishes {
    primary: Option<Ipv4Addr>,
    secondary: Vec<Ipv4Addr>,
    /// How many more secondary ones are chosen.
    count: usize,
}

impl Wishes {
    /// Each elastic address stands before a private one of its own.
    fn of(input: &Document, elastic: usize) -> Result<Wishes, ApiError> {
        let parse = |text: &String| address::private(text);
        let primary = input.text("PrivateIpAddress").map(address::private).transpose()?;
        let secondary: Vec<Ipv4Addr> =
            input.texts("SecondaryPrivateIpAddresses").iter().map(parse).collect::<Result<_, _>>()?;
        let asked = input.number("SecondaryPrivateIpAddressCount").and_then(|count| usize::try_from(count).ok());
        let count = asked.unwrap_or_else(|| elastic.saturating_sub(1).saturating_sub(secondary.len()));
        let wishes = Wishes { primary, secondary, count };
        address::must_not_be_too_many(wishes.total())?;
        Ok(wishes)
    }

    fn total(&self) -> usize {
        self.secondary.len().saturating_add(self.count).saturating_add(1)
    }

    fn interface(self, subnet: Arc<Subnet>, id: &str) -> NewInterface {
        NewInterface {
            subnet,
            groups: Vec::new(),
            address: self.primary,
            secondary: self.secondary,
            secondary_count: self.count,
            description: format!("Interface for NAT Gateway {id}"),
            attachment: None,
            public_address: false,
            tags: Vec::new(),
        }
    }
}

/// What makes a NAT gateway fail, in AWS's words. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html>
fn obstacle(
    cx: &Cx,
    world: &World,
    subnet: &Subnet,
    public: bool,
    elastic: &[Arc<Address>],
    wishes: &Wishes,
) -> Option<(&'static str, String)> {
    if let Some(held) = elastic.iter().find(|address| address.held(cx.now).is_some()) {
        return Some(("Resource.AlreadyAssociated", format!("Elastic IP address [{}] is already associated", held.id)));
    }
    let parts = [cx.account().as_str().to_owned(), subnet.region.clone(), subnet.vpc_id.clone()];
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    if public && world.one::<InternetGateway>(InternetGateway::BY_VPC, &parts).is_none() {
        return Some(("Gateway.NotAttached", format!("Network {} has no Internet gateway attached", subnet.vpc_id)));
    }
    if subnet::available_addresses(world, subnet) < wishes.total() {
        let message = "Subnet has insufficient free addresses to create this NAT gateway";
        return Some(("InsufficientFreeAddressesInSubnet", message.to_owned()));
    }
    None
}

/// "Automatically deleted after a short period; usually about an hour":
/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>
const FAILED_FOR: SignedDuration = SignedDuration::from_hours(1);

fn fail(cx: &Cx, item: &mut Item, elastic: &[Arc<Address>], code: &str, message: String) {
    item.document.set("FailureCode", code);
    item.document.set("FailureMessage", message);
    let address =
        |address: &Arc<Address>| json!({"AllocationId": address.id, "PublicIp": address.public_ip.to_string()});
    item.document.set(ADDRESSES, elastic.iter().map(address).collect::<Vec<_>>());
    item.stage = Some(Stage::begin(cx, "pending", "failed", 10));
    item.forgotten_at = cx.now.checked_add(FAILED_FOR).ok();
    item.within.clear();
}

/// The reason of a failure shows when it failed, the statuses of addresses are those of now.
fn see(cx: &Cx, _: &World, item: &Item, shown: &mut Document) {
    if item.state(cx) != Some("failed") {
        shown.0.remove("FailureCode");
        shown.0.remove("FailureMessage");
    }
    shown.set(ADDRESSES, address::now(cx, item));
    if let Some(vpc) = item.document.text("VpcId") {
        shown.set("VpcArn", kind::VPC.arn(cx, vpc));
    }
}

/// DeleteNatGateway. The interface stays with its addresses until it is `deleted`.
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let id = input.text(NAT_GATEWAYS.id).unwrap_or_default();
    let item = verbs::remove(&NAT_GATEWAYS, cx, tx, id)?;
    item::update(tx, cx, id, |it| it.document.set("DeleteTime", cx.now.to_string()));
    Ok(answers::about(&NAT_GATEWAYS, "DeleteNatGateway", cx, tx, input, &item))
}

fn release(cx: &Cx, tx: &mut Tx, item: &Item) -> Result<(), ApiError> {
    match interface_of(tx, cx, item) {
        Some(interface) => interface::delete_at(cx, tx, &interface.id, NAT_GATEWAYS.gone_from(cx)),
        None => Ok(()),
    }
}

/// The interface of one that did not fail.
pub fn interface_of(world: &World, cx: &Cx, item: &Item) -> Option<Arc<NetworkInterface>> {
    let first = item.document.at(ADDRESSES)?.as_array()?.first()?;
    resource::look_up(world, cx, first.get("NetworkInterfaceId")?.as_str()?)
}
