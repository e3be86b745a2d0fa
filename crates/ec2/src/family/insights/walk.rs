//! The way from one end of a path to the other, and back: interface, security groups, ACL, route table, and whatever the routes lead through
//! ([`super::hop`]). A rule that stops the packets is noted as a fault and the walk goes on, so that all that is in the way is told; a missing route
//! ends it. Of several ways the first without a fault is taken.
//! <https://docs.aws.amazon.com/vpc/latest/reachability/how-reachability-analyzer-works.html>

use std::cell::Cell;
use std::sync::Arc;

use serde_json::{Value, json};
use service::prelude::*;

use super::access::{self, Direction, Pass, groups_of, own_addresses};
use super::component::Components;
use super::end::{End, public_addresses};
use super::packet::{Filter, Packet, Set};
use super::routing;
use crate::family::item::Item;
use crate::network::interface::{self, NetworkInterface};
use crate::network::network_acl;
use crate::network::route_table::RouteTable;
use crate::network::subnet::Subnet;
use crate::network::vpc::Vpc;

/// What a walk came through, and what was in its way.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    pub forward: Vec<Value>,
    pub back: Vec<Value>,
    pub faults: Vec<Value>,
    /// NAT gateways, each with the packets that came to it.
    pub translated: Vec<(String, Packet)>,
    /// Ids of interfaces and attachments that forwarded packets, so that none does twice.
    pub passed: Vec<String>,
}

/// One direction of an analysis.
pub struct Walk<'w> {
    pub components: Components<'w>,
    pub origin: &'w End,
    pub goal: &'w End,
    /// What the path asks of packets when they arrive.
    pub arrival: &'w Filter,
    pub returning: bool,
    /// ARNs of what the path must not go through.
    pub left_out: &'w [String],
    /// How many more branches are looked into.
    pub branches: &'w Cell<u32>,
    /// Whether a way that arrives, with these steps, is one that is looked for.
    pub accepts: &'w dyn Fn(&[Value]) -> bool,
}

/// How many branches an analysis looks into before it takes the first everywhere.
pub const MOST_BRANCHES: u32 = 1_000;

/// How many interfaces and attachments forward packets in one direction before the way counts as one that leads nowhere. Each of them is some calls
/// deeper on the stack, and the way back stands on the way there.
const MOST_HOPS: usize = 32;

impl<'w> Walk<'w> {
    pub fn world(&self) -> &'w World {
        self.components.world
    }

    /// Puts a component on the trail.
    pub fn through(&self, mut trail: Trail, component: Document) -> Trail {
        let arn = component.text("Component.Arn").unwrap_or_default();
        if self.left_out.iter().any(|left_out| left_out == arn) {
            let part = component.at("Component").cloned();
            trail = self.fault(trail, "COMPONENT_FILTER_RESTRICTION_REMOVED_COMPONENT", json!({"Component": part}));
        }
        let list = if self.returning { &mut trail.back } else { &mut trail.forward };
        list.push(Value::Object(component.0));
        trail
    }

    /// Notes what is in the way.
    pub fn fault(&self, mut trail: Trail, code: &str, more: Value) -> Trail {
        let mut fault = Document::from(more);
        fault.set("ExplanationCode", code);
        let fault = Value::Object(fault.0);
        if !trail.faults.contains(&fault) {
            trail.faults.push(fault);
        }
        trail
    }

    /// The first of several ways without a fault, else the one with the fewest.
    pub fn best<T>(&self, ways: impl IntoIterator<Item = T>, walk: impl Fn(T) -> Trail) -> Option<Trail> {
        let mut best: Option<Trail> = None;
        for way in ways {
            self.branches.set(self.branches.get().saturating_sub(1));
            let trail = walk(way);
            let is_better = best.as_ref().is_none_or(|held| trail.faults.len() < held.faults.len());
            let done = trail.faults.is_empty() || self.branches.get() == 0;
            if is_better {
                best = Some(trail);
            }
            if done {
                break;
            }
        }
        best
    }

    pub fn subnet_of(&self, interface: &NetworkInterface) -> Option<Arc<Subnet>> {
        let key = [interface.account.as_str(), interface.region.as_str(), interface.subnet_id.as_str()];
        self.world().get::<Subnet>(&key).cloned()
    }

    pub fn vpc_part(&self, id: &str, account: AccountId) -> Value {
        self.components.part("vpc", id, account)
    }

    /// An interface as a step of the path.
    pub fn interface_step(&self, interface: &NetworkInterface) -> Document {
        let account = interface.account;
        let mut step = self.components.own("network-interface", &interface.id, account);
        if let Some(held) = &interface.attachment {
            step.set("AttachedTo", self.components.part("instance", &held.instance_id, account));
        }
        step.set("Subnet", self.components.part("subnet", &interface.subnet_id, account));
        step.set("Vpc", self.vpc_part(&interface.vpc_id, account));
        step
    }

    /// An end that is an instance's interface has the instance before it; the header is shown with the outermost.
    fn end_steps(&self, interface: &NetworkInterface, member: &str, packet: &Packet) -> Vec<Document> {
        let mut step = self.interface_step(interface);
        let Some(held) = &interface.attachment else {
            step.set(member, packet.header());
            return vec![step];
        };
        let mut instance = self.components.own("instance", &held.instance_id, interface.account);
        instance.set(member, packet.header());
        vec![instance, step]
    }

    /// The walk from its origin.
    pub fn begin(&self, trail: Trail, packet: Packet) -> Trail {
        match self.origin {
            End::Interface(interface) => {
                let steps = self.end_steps(interface, "OutboundHeader", &packet);
                let trail = steps.into_iter().fold(trail, |trail, step| self.through(trail, step));
                self.leave(interface, packet, trail)
            }
            _ => self.out_of_gateway(packet, trail),
        }
    }

    /// Packets leave an interface: its groups let them out.
    pub fn leave(&self, interface: &Arc<NetworkInterface>, packet: Packet, trail: Trail) -> Trail {
        let Some(subnet) = self.subnet_of(interface) else { return trail };
        self.through_groups(interface, packet, trail, Direction::Egress, |packet, trail| {
            self.leave_subnet(&subnet, packet, trail)
        })
    }

    /// The groups of an interface. Replies pass them, and groups of which an interface has none are no obstacle.
    fn through_groups(
        &self,
        interface: &NetworkInterface,
        packet: Packet,
        trail: Trail,
        direction: Direction,
        then: impl Fn(Packet, Trail) -> Trail,
    ) -> Trail {
        let groups = groups_of(self.world(), interface);
        let Some(first) = groups.first() else { return then(packet, trail) };
        if self.returning {
            let step = self.components.own("security-group", &first.id, first.account);
            return then(packet, self.through(trail, step));
        }
        let passes = whole_first(access::through_groups(&self.components, interface, &packet, direction), &packet);
        let way = |pass: Pass| then(pass.packet, self.through(trail.clone(), Document::from(pass.component)));
        self.best(passes, way).unwrap_or_else(|| {
            let parts = groups.iter().map(|group| self.components.part("security-group", &group.id, group.account));
            let more = json!({
                "Direction": direction.word(),
                "NetworkInterface": self.components.part("network-interface", &interface.id, interface.account),
                "SecurityGroups": parts.collect::<Vec<_>>(),
                "Subnet": self.components.part("subnet", &interface.subnet_id, interface.account),
                "Vpc": self.vpc_part(&interface.vpc_id, interface.account),
            });
            then(packet.clone(), self.fault(trail.clone(), "ENI_SG_RULES_MISMATCH", more))
        })
    }

    fn through_acl(
        &self,
        subnet: &Subnet,
        packet: Packet,
        trail: Trail,
        direction: Direction,
        then: impl Fn(Packet, Trail) -> Trail,
    ) -> Trail {
        let passes = whole_first(access::through_acl(&self.components, subnet, &packet, direction), &packet);
        let way = |pass: Pass| then(pass.packet, self.through(trail.clone(), Document::from(pass.component)));
        self.best(passes, way).unwrap_or_else(|| {
            let acl = network_acl::of_subnet(self.world(), subnet);
            let more = json!({
                "Acl": acl.map(|acl| self.components.part("network-acl", &acl.id, acl.account)),
                "Direction": direction.word(),
                "Subnet": self.components.part("subnet", &subnet.id, subnet.account),
                "Vpc": self.vpc_part(&subnet.vpc_id, subnet.account),
            });
            then(packet.clone(), self.fault(trail.clone(), "SUBNET_ACL_RESTRICTION", more))
        })
    }

    /// Packets in a subnet: to a neighbour they go at once, elsewhere past the ACL by the routes.
    pub fn leave_subnet(&self, subnet: &Arc<Subnet>, packet: Packet, trail: Trail) -> Trail {
        if let Some((neighbour, packet)) = self.holder_in(subnet, &packet) {
            return self.enter(&neighbour, packet, trail, Some(subnet));
        }
        self.through_acl(subnet, packet, trail, Direction::Egress, |packet, trail| {
            match routing::table_of(self.world(), subnet) {
                Some(table) => self.by_table(&table, Some(subnet), packet, trail),
                None => trail,
            }
        })
    }

    /// The interface in a subnet that packets are for, and those packets.
    fn holder_in(&self, subnet: &Subnet, packet: &Packet) -> Option<(Arc<NetworkInterface>, Packet)> {
        let to = |interface: Arc<NetworkInterface>| {
            let narrowed = packet.to(&own_addresses(&interface));
            (interface.subnet_id == subnet.id && !narrowed.is_empty()).then_some((interface, narrowed))
        };
        if let End::Interface(goal) = self.goal
            && let Some(found) = to(goal.clone())
        {
            return Some(found);
        }
        let address = packet.destination.and(&Set::block(subnet.cidr)).first_address()?;
        interface::holder(self.world(), subnet, address.into()).cloned().and_then(to)
    }

    /// The same in all of a VPC.
    pub fn holder(&self, vpc: &Vpc, packet: &Packet) -> Option<(Arc<NetworkInterface>, Packet)> {
        let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
        let subnets: Vec<&Arc<Subnet>> = self.world().by::<Subnet>(Subnet::BY_VPC, &parts).collect();
        let of_goal = |subnet: &&&Arc<Subnet>| matches!(self.goal, End::Interface(goal) if goal.subnet_id == subnet.id);
        let first = subnets.iter().find(of_goal).and_then(|subnet| self.holder_in(subnet, packet));
        first.or_else(|| subnets.iter().find_map(|subnet| self.holder_in(subnet, packet)))
    }

    /// What the routes of a table do with packets.
    pub fn by_table(
        &self,
        table: &Arc<RouteTable>,
        subnet: Option<&Arc<Subnet>>,
        packet: Packet,
        trail: Trail,
    ) -> Trail {
        let vpc = self.vpc_part(&table.vpc_id, table.account);
        let part = self.components.part("route-table", &table.id, table.account);
        let choices = routing::choices(&self.components, table, &packet);
        let wanted = self.wanted_target();
        let fitting = choices.iter().filter(|choice| wanted.as_deref().is_none_or(|id| choice.leads_to(id)));
        let way = |choice: &routing::Choice| {
            let mut step = self.components.own("route-table", &table.id, table.account);
            step.set("RouteTableRoute", choice.shown.clone());
            if subnet.is_some() {
                step.set("Vpc", vpc.clone());
            }
            let trail = self.through(trail.clone(), step);
            if !choice.works {
                let more = json!({"RouteTable": part, "RouteTableRoute": choice.shown, "Vpc": vpc});
                return self.fault(trail, "BAD_STATE_ROUTE", more);
            }
            self.follow(choice, table, subnet, trail)
        };
        self.best(fitting, way).unwrap_or_else(|| {
            let mut more = Document::from(json!({"RouteTable": part, "Vpc": vpc}));
            if let Some(next) = self.next_to_goal(table).or_else(|| self.goal.shown(&self.components)) {
                more.set("Destination", next);
            }
            self.fault(trail.clone(), "NO_ROUTE_TO_DESTINATION", Value::Object(more.0))
        })
    }

    /// Where the last route must lead if the goal is a gateway of the VPC itself.
    fn wanted_target(&self) -> Option<String> {
        match self.goal {
            End::Peering(it) | End::Endpoint(it) | End::Vpn(it) => Some(it.id.clone()),
            End::Transit(it) => it.document.text("TransitGatewayId").or(Some(&it.id)).map(str::to_owned),
            _ => None,
        }
    }

    /// The connection to the goal's VPC that a table could have a route to.
    fn next_to_goal(&self, table: &RouteTable) -> Option<Value> {
        let vpc = self.goal.vpc(self.world()).filter(|vpc| vpc.id != table.vpc_id)?;
        let id = routing::connections(&self.components, (table.account, &table.vpc_id), &vpc).into_iter().next()?;
        let kind = crate::kind::of_id(&id)?;
        Some(self.components.part(kind.resource_type, &id, table.account))
    }

    /// Packets come to an interface: past the ACL, if from another subnet, and its groups.
    pub fn enter(
        &self,
        interface: &Arc<NetworkInterface>,
        packet: Packet,
        trail: Trail,
        from: Option<&Arc<Subnet>>,
    ) -> Trail {
        let Some(subnet) = self.subnet_of(interface) else { return trail };
        let inside = |packet: Packet, trail: Trail| {
            self.through_groups(interface, packet, trail, Direction::Ingress, |packet, trail| {
                self.at_interface(interface, packet, trail)
            })
        };
        match from.is_some_and(|from| from.id == subnet.id) {
            true => inside(packet, trail),
            false => self.through_acl(&subnet, packet, trail, Direction::Ingress, inside),
        }
    }

    fn is_goal(&self, interface: &NetworkInterface, packet: &Packet) -> bool {
        match self.goal {
            End::Interface(goal) => goal.id == interface.id && !packet.to(&own_addresses(interface)).is_empty(),
            End::Address(_) => !packet.to(&own_addresses(interface)).is_empty(),
            _ => false,
        }
    }

    fn at_interface(&self, interface: &Arc<NetworkInterface>, packet: Packet, trail: Trail) -> Trail {
        if self.is_goal(interface, &packet) {
            let steps = self.end_steps(interface, "InboundHeader", &packet);
            let trail = steps.into_iter().rev().fold(trail, |trail, step| self.through(trail, step));
            return self.arrive(&End::Interface(interface.clone()), packet, trail);
        }
        let trail = self.through(trail, self.interface_step(interface));
        let part = self.components.part("network-interface", &interface.id, interface.account);
        let more = json!({"NetworkInterface": part, "Vpc": self.vpc_part(&interface.vpc_id, interface.account)});
        let Some(trail) = once(trail.clone(), &interface.id) else {
            return self.fault(trail, "NO_POSSIBLE_DESTINATION", more);
        };
        if interface.managed.as_ref().is_some_and(|held| held.interface_type == "nat_gateway") {
            return self.at_nat(interface, packet, trail);
        }
        if interface.source_dest_check {
            return self.fault(trail, "ENI_SOURCE_DEST_CHECK_RESTRICTION", more);
        }
        self.leave(interface, packet, trail)
    }

    /// The goal is reached; the replies go back to where the packets came from.
    pub fn arrive(&self, at: &End, packet: Packet, trail: Trail) -> Trail {
        if self.returning {
            return trail;
        }
        // What never arrives has no replies to look for.
        if !trail.faults.is_empty() {
            return trail;
        }
        let packet = match packet.filtered(self.arrival, "DESTINATION") {
            Ok(packet) => packet,
            Err(code) => return self.fault(trail, &code, json!({})),
        };
        if !(self.accepts)(&trail.forward) {
            return self.fault(trail, "NOT_LOOKED_FOR", json!({}));
        }
        let nothing = Filter::default();
        let back = Walk { origin: at, goal: self.origin, arrival: &nothing, returning: true, ..*self };
        let trail = Trail { passed: Vec::new(), ..trail };
        back.begin(trail, packet.back())
    }

    /// The interface of a VPC that has a public address among those packets are for: they go on to its private one.
    pub fn behind_public(&self, vpc: &Vpc, packet: &Packet) -> Option<(Arc<NetworkInterface>, Packet)> {
        let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
        let mut all = self.world().by::<NetworkInterface>(NetworkInterface::BY_VPC, &parts);
        all.find_map(|interface| {
            // What comes unasked is for the goal itself; replies may be for what stands before it.
            if matches!(self.goal, End::Interface(goal) if !self.returning && goal.id != interface.id) {
                return None;
            }
            let pairs = public_addresses(self.world(), interface).into_iter();
            let mut fitting = pairs.filter(|(_, public)| !packet.to(&Set::addresses([*public])).is_empty());
            let (private, _) = fitting.next()?;
            Some((interface.clone(), Packet { destination: Set::addresses([private]), ..packet.clone() }))
        })
    }

    /// Whether the networks of an account in a region can be looked into.
    pub fn can_see(&self, account: AccountId, region: &str) -> bool {
        region == self.components.cx.region_name() && self.components.sees(account)
    }

    pub fn part_of(&self, item: &Item) -> Value {
        let resource_type = item.kind().map(|kind| kind.resource_type).unwrap_or_default();
        self.components.part(resource_type, &item.id, item.account)
    }
}

/// The trail past what forwards packets, unless it did before, or too many did: packets in a circle arrive nowhere.
// INVARIANT: the walk comes back to a subnet, a VPC or a gateway only past this, so that its depth has a bound.
pub fn once(mut trail: Trail, id: &str) -> Option<Trail> {
    if trail.passed.len() >= MOST_HOPS || trail.passed.iter().any(|passed| passed == id) {
        return None;
    }
    trail.passed.push(id.to_owned());
    Some(trail)
}

/// A way that all packets can take makes the others needless.
fn whole_first(passes: Vec<Pass>, packet: &Packet) -> Vec<Pass> {
    match passes.iter().find(|pass| pass.packet == *packet) {
        Some(whole) => vec![whole.clone()],
        None => passes,
    }
}
