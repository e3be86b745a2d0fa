//! What routes lead through: internet and NAT gateways, peering connections, VPN gateways, transit gateways, appliances and endpoints; and how packets
//! come into a VPC from one of them.

use std::sync::Arc;

use ipnet::Ipv4Net;
use serde_json::{Value, json};
use service::prelude::*;

use super::access::own_addresses;
use super::end::{End, blocks_of, public_addresses, vpc_of_side};
use super::packet::{Packet, Set};
use super::routing::{self, Choice};
use super::walk::{Trail, Walk};
use crate::family::item::{self, Item};
use crate::family::peering::{ACCEPTER, REQUESTER, Side};
use crate::family::vpn;
use crate::network::block_public_access;
use crate::network::interface::NetworkInterface;
use crate::network::internet_gateway::InternetGateway;
use crate::network::route_table::RouteTable;
use crate::network::subnet::Subnet;
use crate::network::vpc::Vpc;

/// Ports that a NAT gateway sends from.
const EPHEMERAL: (u32, u32) = (1_024, 65_535);

impl Walk<'_> {
    /// Packets take a route.
    pub fn follow(&self, choice: &Choice, table: &RouteTable, subnet: Option<&Arc<Subnet>>, trail: Trail) -> Trail {
        let packet = choice.packet.clone();
        let Some(vpc) = self.world().get::<Vpc>(&[table.account.as_str(), &table.region, &table.vpc_id]).cloned()
        else {
            return trail;
        };
        if let Some(id) = &choice.route.network_interface_id {
            let key = [table.account.as_str(), &table.region, id];
            return match self.world().get::<NetworkInterface>(&key).cloned() {
                Some(interface) => self.enter(&interface, packet, trail, subnet),
                None => self.nowhere(trail, &vpc, id),
            };
        }
        let id = choice.route.gateway_id.as_deref().unwrap_or_default();
        let key = [table.account.as_str(), table.region.as_str(), id];
        let item = || self.world().get::<Item>(&key).cloned();
        match id.split_once('-').map_or(id, |(prefix, _)| prefix) {
            "local" => self.within_vpc(&vpc, packet, trail, subnet),
            "igw" => match self.world().get::<InternetGateway>(&key).cloned() {
                Some(gateway) => self.to_internet(&gateway, &vpc, subnet, packet, trail),
                None => self.nowhere(trail, &vpc, id),
            },
            "nat" => match item() {
                Some(gateway) => self.to_nat(&gateway, &vpc, subnet, packet, trail),
                None => self.nowhere(trail, &vpc, id),
            },
            "pcx" => match item() {
                Some(peering) => self.to_peering(&peering, &vpc, packet, trail),
                None => self.nowhere(trail, &vpc, id),
            },
            "vgw" => match item() {
                Some(gateway) => self.to_vpn(&gateway, &vpc, packet, trail),
                None => self.nowhere(trail, &vpc, id),
            },
            "tgw" => self.to_transit(id, &vpc, subnet, packet, trail),
            "vpce" => match (item(), self.goal) {
                (Some(endpoint), End::Endpoint(goal)) if goal.id == endpoint.id => {
                    let mut step = self.components.own("vpc-endpoint", &endpoint.id, endpoint.account);
                    step.set("Vpc", self.vpc_part(&vpc.id, vpc.account));
                    self.arrive(self.goal, packet, self.through(trail, step))
                }
                _ => self.nowhere(trail, &vpc, id),
            },
            _ => self.nowhere(trail, &vpc, id),
        }
    }

    /// A component that packets come to and cannot leave.
    pub fn nowhere(&self, trail: Trail, vpc: &Vpc, id: &str) -> Trail {
        let resource_type = crate::kind::of_id(id).map(|kind| kind.resource_type).unwrap_or_default();
        let part = self.components.part(resource_type, id, vpc.account);
        let more = json!({"Component": part, "Vpc": self.vpc_part(&vpc.id, vpc.account)});
        self.fault(trail, "NO_POSSIBLE_DESTINATION", more)
    }

    /// Packets that are in a VPC already, or may go anywhere in it.
    pub fn within_vpc(&self, vpc: &Vpc, packet: Packet, trail: Trail, from: Option<&Arc<Subnet>>) -> Trail {
        match self.holder(vpc, &packet) {
            Some((interface, packet)) => self.enter(&interface, packet, trail, from),
            None => {
                let mut more = Document::from(json!({"Vpc": self.vpc_part(&vpc.id, vpc.account)}));
                if let Some(goal) = self.goal.shown(&self.components) {
                    more.set("Destination", goal);
                }
                self.fault(trail, "NO_POSSIBLE_DESTINATION", Value::Object(more.0))
            }
        }
    }

    /// The same from a gateway, which may have a route table of its own.
    fn past_edge(&self, vpc: &Vpc, gateway_id: &str, packet: Packet, trail: Trail) -> Trail {
        match routing::table_of_gateway(self.world(), vpc, gateway_id) {
            Some(table) => self.by_table(&table, None, packet, trail),
            None => self.within_vpc(vpc, packet, trail, None),
        }
    }

    /// The walk from a gateway.
    pub fn out_of_gateway(&self, packet: Packet, trail: Trail) -> Trail {
        match self.origin {
            End::Internet(gateway) => self.out_of_internet(gateway, packet, trail),
            End::Peering(peering) => self.out_of_peering(peering, packet, trail),
            End::Transit(found) => {
                let step = self.header_step(found, "OutboundHeader", &packet);
                let trail = self.through(trail, step);
                match found.document.text("TransitGatewayId") {
                    Some(_) => self.out_of(found, packet, trail),
                    None => self.across(found, packet, trail),
                }
            }
            End::Vpn(found) | End::Endpoint(found) => {
                let mut step = self.header_step(found, "OutboundHeader", &packet);
                let Some(vpc) = self.origin.vpc(self.world()) else { return trail };
                step.set("Vpc", self.vpc_part(&vpc.id, vpc.account));
                self.past_edge(&vpc, &found.id, packet, self.through(trail, step))
            }
            End::Interface(_) | End::Address(_) => trail,
        }
    }

    fn header_step(&self, item: &Item, member: &str, packet: &Packet) -> Document {
        let mut step = Document::from(json!({"Component": self.part_of(item)}));
        step.set(member, packet.header());
        step
    }

    /// From the internet to a public address, behind which is a private one.
    fn out_of_internet(&self, gateway: &InternetGateway, packet: Packet, trail: Trail) -> Trail {
        let Some(vpc) = self.origin.vpc(self.world()) else { return trail };
        let mut step = self.components.own("internet-gateway", &gateway.id, gateway.account);
        step.set("InboundHeader", packet.header());
        step.set("Vpc", self.vpc_part(&vpc.id, vpc.account));
        let Some((interface, inside)) = self.behind_public(&vpc, &packet) else {
            let trail = self.through(trail, step);
            let mut more = self.about_gateway(gateway, &vpc);
            if let Some(goal) = self.goal.shown(&self.components) {
                more.set("NetworkInterface", goal);
            }
            let trail = self.fault(trail, "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", Value::Object(more.0));
            // What else is in the way is told as if the address were there.
            return match self.goal {
                End::Interface(goal) => {
                    let inside = Packet { destination: own_addresses(goal), from_group: false, ..packet };
                    self.past_edge(&vpc, &gateway.id, inside, trail)
                }
                _ => trail,
            };
        };
        let inside = Packet { from_group: false, ..inside };
        step.set("OutboundHeader", inside.changes(&packet));
        let mut trail = self.through(trail, step);
        if !self.returning
            && self.is_public_access_blocked(&vpc, &interface.subnet_id, &["block-bidirectional", "block-ingress"])
        {
            trail = self.public_access_fault(gateway, &vpc, trail);
        }
        self.past_edge(&vpc, &gateway.id, inside, trail)
    }

    fn about_gateway(&self, gateway: &InternetGateway, vpc: &Vpc) -> Document {
        Document::from(json!({
            "InternetGateway": self.components.part("internet-gateway", &gateway.id, gateway.account),
            "Vpc": self.vpc_part(&vpc.id, vpc.account),
        }))
    }

    fn is_public_access_blocked(&self, vpc: &Vpc, subnet_id: &str, by: &[&str]) -> bool {
        let mode = block_public_access::mode_of(self.world(), (&vpc.id, vpc.account, &vpc.region), Some(subnet_id));
        by.contains(&mode)
    }

    fn public_access_fault(&self, gateway: &InternetGateway, vpc: &Vpc, trail: Trail) -> Trail {
        let more = self.about_gateway(gateway, vpc);
        self.fault(trail, "VPC_BLOCK_PUBLIC_ACCESS_ENABLED", Value::Object(more.0))
    }

    fn to_internet(
        &self,
        gateway: &Arc<InternetGateway>,
        vpc: &Vpc,
        subnet: Option<&Arc<Subnet>>,
        packet: Packet,
        mut trail: Trail,
    ) -> Trail {
        let about = || Value::Object(self.about_gateway(gateway, vpc).0);
        let blocked = subnet.is_some_and(|it| self.is_public_access_blocked(vpc, &it.id, &["block-bidirectional"]));
        if blocked && !self.returning {
            trail = self.public_access_fault(gateway, vpc, trail);
        }
        for (set, code) in [
            (Set::private(), "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"),
            (Set::shared(), "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS"),
        ] {
            if !packet.to(&set).is_empty() && packet.to(&Set::internet()).is_empty() {
                return self.fault(trail, code, about());
            }
        }
        let outside = self.outside(vpc, packet.to(&Set::internet()));
        let mut step = self.components.own("internet-gateway", &gateway.id, gateway.account);
        step.set("Vpc", self.vpc_part(&vpc.id, vpc.account));
        let Some(outside) = outside else {
            let trail = self.through(trail, step);
            return self.fault(trail, "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", about());
        };
        step.set("OutboundHeader", outside.header());
        let trail = self.through(trail, step);
        match self.goal {
            End::Internet(goal) if goal.id == gateway.id => self.arrive(self.goal, outside, trail),
            End::Address(_) => self.arrive(&End::Internet(gateway.clone()), outside, trail),
            _ => self.fault(trail, "IGW_NAT_REFLECTION", about()),
        }
    }

    /// Packets with their public source address.
    fn outside(&self, vpc: &Vpc, packet: Packet) -> Option<Packet> {
        let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
        let mut all = self.world().by::<NetworkInterface>(NetworkInterface::BY_VPC, &parts);
        all.find_map(|interface| {
            let mut pairs = public_addresses(self.world(), interface).into_iter();
            let (_, public) = pairs.find(|(private, _)| !packet.from(&Set::addresses([*private])).is_empty())?;
            Some(Packet { source: Set::addresses([public]), from_group: false, ..packet.clone() })
        })
    }

    fn to_nat(&self, gateway: &Item, vpc: &Vpc, subnet: Option<&Arc<Subnet>>, packet: Packet, trail: Trail) -> Trail {
        if packet.from(&blocks_of(vpc)).is_empty() {
            let more = json!({"NatGateway": self.part_of(gateway), "Vpc": self.vpc_part(&vpc.id, vpc.account)});
            return self.fault(trail, "NGW_REQUIRES_SOURCE_IN_VPC", more);
        }
        let cx = self.components.cx_of(gateway.account);
        match crate::family::nat::interface_of(self.world(), &cx, gateway) {
            Some(interface) => self.enter(&interface, packet, trail, subnet),
            None => self.nowhere(trail, vpc, &gateway.id),
        }
    }

    /// Packets at a NAT gateway's interface go on with its address; replies get back the address they are for.
    pub fn at_nat(&self, interface: &Arc<NetworkInterface>, packet: Packet, mut trail: Trail) -> Trail {
        let owner = interface.managed.as_ref().map(|held| held.owner_id.clone()).unwrap_or_default();
        let Some(subnet) = self.subnet_of(interface) else { return trail };
        let mut step = self.components.own("natgateway", &owner, interface.account);
        step.set("Vpc", self.vpc_part(&interface.vpc_id, interface.account));
        let translated = if self.returning {
            let Some((_, before)) = trail.translated.pop().filter(|(id, _)| *id == owner) else {
                let more = json!({"NatGateway": self.components.part("natgateway", &owner, interface.account)});
                return self.fault(self.through(trail, step), "NO_POSSIBLE_DESTINATION", more);
            };
            Packet { destination: before.source, destination_ports: before.source_ports, ..packet.clone() }
        } else {
            trail.translated.push((owner, packet.clone()));
            let (first, last) = EPHEMERAL;
            let source = Set::addresses([interface.private_ip]);
            Packet { source, source_ports: Set::range(first, last), from_group: false, ..packet.clone() }
        };
        step.set("OutboundHeader", translated.changes(&packet));
        self.leave_subnet(&subnet, translated, self.through(trail, step))
    }

    fn other_side(&self, peering: &Item, vpc: &Vpc) -> Option<Side> {
        let mut sides = [REQUESTER, ACCEPTER].iter().filter_map(|member| Side::of(peering, member));
        sides.find(|side| side.vpc_id != vpc.id)
    }

    fn to_peering(&self, peering: &Arc<Item>, vpc: &Vpc, packet: Packet, trail: Trail) -> Trail {
        let Some(side) = self.other_side(peering, vpc) else { return trail };
        let mut step = Document::from(json!({"Component": self.part_of(peering)}));
        step.set("SourceVpc", self.vpc_part(&vpc.id, vpc.account));
        step.set("DestinationVpc", self.vpc_part(&side.vpc_id, side.account));
        let trail = self.through(trail, step);
        if matches!(self.goal, End::Peering(goal) if goal.id == peering.id) {
            return self.arrive(self.goal, packet, trail);
        }
        let Some(other) = vpc_of_side(self.world(), &side).filter(|_| self.can_see(side.account, &side.region)) else {
            return self.nowhere(trail, vpc, &peering.id);
        };
        if packet.to(&blocks_of(&other)).is_empty() {
            let more = json!({"VpcPeeringConnection": self.part_of(peering)});
            return self.fault(trail, "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", more);
        }
        self.within_vpc(&other, packet, trail, None)
    }

    /// Packets come out of a peering connection, into the side that has what they are for.
    fn out_of_peering(&self, peering: &Item, packet: Packet, trail: Trail) -> Trail {
        let trail = self.through(trail, self.header_step(peering, "OutboundHeader", &packet));
        let sides = [REQUESTER, ACCEPTER].iter().filter_map(|member| Side::of(peering, member));
        let vpcs = sides.filter(|side| self.can_see(side.account, &side.region));
        let mut vpcs = vpcs.filter_map(|side| vpc_of_side(self.world(), &side));
        match vpcs.find(|vpc| self.holder(vpc, &packet).is_some()) {
            Some(vpc) => self.within_vpc(&vpc, packet, trail, None),
            None => {
                self.fault(trail, "NO_POSSIBLE_DESTINATION", json!({"VpcPeeringConnection": self.part_of(peering)}))
            }
        }
    }

    fn to_vpn(&self, gateway: &Arc<Item>, vpc: &Vpc, packet: Packet, trail: Trail) -> Trail {
        let mut step = self.header_step(gateway, "InboundHeader", &packet);
        step.set("Vpc", self.vpc_part(&vpc.id, vpc.account));
        let trail = self.through(trail, step);
        let cx = self.components.cx_of(gateway.account);
        let beyond = Set::blocks(vpn::route::of_gateway(&cx, self.world(), &gateway.id));
        match self.goal {
            End::Vpn(goal) if goal.id == gateway.id => self.arrive(self.goal, packet, trail),
            End::Address(_) if !packet.to(&beyond).is_empty() => self.arrive(&End::Vpn(gateway.clone()), packet, trail),
            _ => self.nowhere(trail, vpc, &gateway.id),
        }
    }

    fn to_transit(
        &self,
        gateway_id: &str,
        vpc: &Vpc,
        subnet: Option<&Arc<Subnet>>,
        packet: Packet,
        trail: Trail,
    ) -> Trail {
        let cx = self.components.cx_of(vpc.account);
        let Some(attachment) = crate::family::transit::vpc::find(&cx, self.world(), gateway_id, &vpc.id) else {
            return self.nowhere(trail, vpc, gateway_id);
        };
        let part = self.part_of(&attachment);
        let trail = self.through(trail, self.attachment_step(&attachment));
        let here = subnet.map(|it| it.zone.as_str());
        if here.is_some() && !self.subnets_of(&attachment).iter().any(|it| Some(it.zone.as_str()) == here) {
            let more = json!({"TransitGatewayAttachment": part, "AvailabilityZones": here.map(|zone| vec![zone])});
            return self.fault(trail, "TGW_ROUTE_AZ_RESTRICTION", more);
        }
        match self.goal {
            End::Transit(goal) if [attachment.id.as_str(), gateway_id].contains(&goal.id.as_str()) => {
                self.arrive(self.goal, packet, trail)
            }
            _ => self.across(&attachment, packet, trail),
        }
    }

    pub fn attachment_step(&self, attachment: &Item) -> Document {
        let owner = attachment.document.text("TransitGatewayOwnerId").and_then(|text| text.parse().ok());
        let gateway = attachment.document.text("TransitGatewayId").unwrap_or_default();
        let mut step = Document::from(json!({"Component": self.part_of(attachment)}));
        let owner = owner.unwrap_or(attachment.account);
        step.set("TransitGateway", self.components.part("transit-gateway", gateway, owner));
        step
    }

    pub fn subnets_of(&self, attachment: &Item) -> Vec<Arc<Subnet>> {
        let owner = attachment.document.text("VpcOwnerId").unwrap_or_default();
        let subnets = attachment.document.texts("SubnetIds");
        let found =
            subnets.iter().filter_map(|id| self.world().get::<Subnet>(&[owner, &attachment.region, id]).cloned());
        found.collect()
    }

    /// Packets come out of an attachment of a VPC, in a subnet where the gateway has an interface.
    pub fn out_of(&self, attachment: &Item, packet: Packet, trail: Trail) -> Trail {
        let subnets = self.subnets_of(attachment);
        let in_goals_zone =
            |subnet: &&Arc<Subnet>| matches!(self.goal, End::Interface(goal) if goal.zone == subnet.zone);
        let subnet = subnets.iter().find(in_goals_zone).or(subnets.first());
        let owner = attachment.document.text("VpcOwnerId").and_then(|text| text.parse().ok());
        match (subnet, owner) {
            (Some(subnet), Some(owner)) if self.can_see(owner, &attachment.region) => {
                self.leave_subnet(subnet, packet, trail)
            }
            _ => {
                let more = json!({"TransitGatewayAttachment": self.part_of(attachment)});
                self.fault(trail, "NO_POSSIBLE_DESTINATION", more)
            }
        }
    }

    /// Whether an address beyond an attachment of a VPN connection is what the walk is for.
    pub fn is_goal_block(&self, block: &Ipv4Net) -> bool {
        matches!(self.goal, End::Address(address) if block.contains(address))
    }

    pub fn item_of(&self, account: AccountId, id: &str) -> Option<Arc<Item>> {
        item::look_up(self.world(), &self.components.cx_of(account), id)
    }
}
