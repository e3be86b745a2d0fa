//! The way through a transit gateway: from one attachment, by the route table it is associated with, to another.
//! <https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html>

use std::sync::Arc;

use ipnet::Ipv4Net;
use serde_json::{Value, json};
use service::prelude::*;

use super::packet::{Packet, Set};
use super::walk::{Trail, Walk, once};
use crate::family::item::Item;
use crate::family::transit::attachment::ID;
use crate::family::transit::{link, search};

/// A route of a transit gateway's table, with the packets that take it.
struct Choice {
    route: Document,
    block: Ipv4Net,
    packet: Packet,
}

impl Walk<'_> {
    /// Packets come into the gateway: through an attachment, or, for the gateway itself as a source, through any.
    pub fn across(&self, from: &Arc<Item>, packet: Packet, trail: Trail) -> Trail {
        let owner = from.document.text("TransitGatewayOwnerId").and_then(|text| text.parse().ok());
        let owner = owner.unwrap_or(from.account);
        if !self.can_see(owner, &from.region) {
            let more = json!({"TransitGatewayAttachment": self.part_of(from)});
            return self.fault(trail, "NO_POSSIBLE_DESTINATION", more);
        }
        let cx = self.components.cx_of(owner);
        let is_gateway = from.document.text("TransitGatewayId").is_none();
        let tables: Vec<Arc<Item>> = match is_gateway {
            true => crate::family::transit::table::all_of(&cx, self.world(), &from.id),
            false => {
                let held = link::ASSOCIATIONS.of_attachment(&cx, self.world(), from);
                let there = held.into_iter().filter(|(_, state)| state == "associated");
                there.filter_map(|(id, _)| self.item_of(cx.account(), &id)).collect()
            }
        };
        let packet = Packet { from_group: packet.from_group && self.keeps_groups(from, cx.account()), ..packet };
        let way = |table: &Arc<Item>| self.by_transit_table(table, packet.clone(), trail.clone());
        self.best(&tables, way).unwrap_or_else(|| {
            let more = json!({"TransitGatewayAttachment": self.part_of(from)});
            self.fault(trail.clone(), "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION", more)
        })
    }

    /// Whether rules that name groups still know packets that came through.
    fn keeps_groups(&self, attachment: &Item, owner: AccountId) -> bool {
        let member = "Options.SecurityGroupReferencingSupport";
        let gateway = attachment.document.text("TransitGatewayId").and_then(|id| self.item_of(owner, id));
        let is_on = |item: &Item| item.document.text(member) == Some("enable");
        gateway.is_some_and(|it| is_on(&it)) && is_on(attachment)
    }

    fn by_transit_table(&self, table: &Arc<Item>, packet: Packet, trail: Trail) -> Trail {
        let gateway = table.document.text("TransitGatewayId").unwrap_or_default();
        let gateway = self.components.part("transit-gateway", gateway, table.account);
        let way = |choice: Choice| {
            let shown = shown(&choice);
            let mut step = Document::from(json!({"Component": self.part_of(table)}));
            step.set("TransitGateway", gateway.clone());
            step.set("TransitGatewayRouteTableRoute", shown.clone());
            let trail = self.through(trail.clone(), step);
            if choice.route.text("State") != Some("active") {
                let more = json!({"TransitGateway": gateway, "TransitGatewayRouteTable": self.part_of(table),
                    "TransitGatewayRouteTableRoute": shown});
                return self.fault(trail, "TGW_RTB_BAD_STATE_ROUTE", more);
            }
            self.to_attachment(&choice, table, trail)
        };
        self.best(self.transit_choices(table, &packet), way).unwrap_or_else(|| {
            let more = json!({"TransitGateway": gateway, "TransitGatewayRouteTable": self.part_of(table)});
            self.fault(trail.clone(), "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT", more)
        })
    }

    fn transit_choices(&self, table: &Item, packet: &Packet) -> Vec<Choice> {
        let cx = self.components.cx_of(table.account);
        let routes = search::routes(&cx, self.world(), table).into_iter().map(Document::from);
        let mut all: Vec<(Ipv4Net, Document)> =
            routes.filter_map(|it| Some((it.text("DestinationCidrBlock")?.parse().ok()?, it))).collect();
        all.retain(|(block, _)| packet.destination.meets(*block));
        all.sort_by_key(|(block, _)| std::cmp::Reverse(block.prefix_len()));
        let mut left = packet.destination.clone();
        let mut chosen = Vec::new();
        for (block, route) in all {
            let fitting = packet.to(&left).to(&Set::block(block));
            if !fitting.is_empty() {
                left = left.minus(&Set::block(block));
                chosen.push(Choice { route, block, packet: fitting });
            }
        }
        chosen
    }

    fn to_attachment(&self, choice: &Choice, table: &Item, trail: Trail) -> Trail {
        let attachment = attachment_id(choice).and_then(|id| self.item_of(table.account, &id));
        let Some(attachment) = attachment else { return trail };
        let trail = self.through(trail, self.attachment_step(&attachment));
        let fault =
            |code, trail| self.fault(trail, code, json!({"TransitGatewayAttachment": self.part_of(&attachment)}));
        match attachment.document.text("ResourceType") {
            Some("vpc") => match once(trail.clone(), &attachment.id) {
                Some(trail) => self.out_of(&attachment, choice.packet.clone(), trail),
                None => fault("NO_POSSIBLE_DESTINATION", trail),
            },
            Some("vpn") if self.is_goal_block(&choice.block) => {
                self.arrive(&super::end::End::Transit(attachment.clone()), choice.packet.clone(), trail)
            }
            _ => fault("NO_POSSIBLE_DESTINATION", trail),
        }
    }
}

fn attachment_of(choice: &Choice) -> Document {
    choice.route.list("TransitGatewayAttachments").into_iter().next().map(Document::from).unwrap_or_default()
}

fn attachment_id(choice: &Choice) -> Option<String> {
    attachment_of(choice).text(ID).map(str::to_owned)
}

/// `TransitGatewayRouteTableRoute`.
fn shown(choice: &Choice) -> Value {
    let attachment = attachment_of(choice);
    let mut shown = Document::from(json!({
        "DestinationCidr": choice.block.to_string(),
        "State": choice.route.text("State"),
        "RouteOrigin": choice.route.text("Type"),
    }));
    for (member, value) in [
        ("AttachmentId", attachment.text(ID)),
        ("ResourceId", attachment.text("ResourceId")),
        ("ResourceType", attachment.text("ResourceType")),
        ("PrefixListId", choice.route.text("PrefixListId")),
    ] {
        if let Some(value) = value {
            shown.set(member, value);
        }
    }
    Value::Object(shown.0)
}
