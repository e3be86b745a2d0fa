//! Secondary networks: networks for RDMA that stand beside VPCs, each with subnets in zones. They have a block of addresses and no groups, ACLs or
//! routes. Interfaces in them come with an instance's launch alone, and no instance type that the catalogue knows supports them.
//!
//! [`network`] and [`subnet`] are the two kinds that are made; here is what they have in common. [`interface`] tells of none.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/secondary-networks.html>

use ipnet::Ipv4Net;
use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::item::{self, Item};
use super::{Family, Life, answers, verbs};
use crate::network::cidr;

pub mod interface;
pub mod network;
pub mod subnet;
#[cfg(test)]
mod tests;

/// How long AWS takes is not known.
const LIFE: Life = Life {
    member: "State",
    words: ["create-in-progress", "create-complete", "delete-in-progress", "delete-complete"],
    seconds: 10,
    shown_for: 3_600,
};

/// The member with the blocks, of which there is one.
const BLOCKS: &str = "Ipv4CidrBlockAssociations";
const BLOCK: &str = "Ipv4CidrBlock";

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        network::NETWORKS.create("CreateSecondaryNetwork", &["NetworkType", BLOCK]),
        network::NETWORKS.describe("DescribeSecondaryNetworks"),
        deleting(&network::NETWORKS, "DeleteSecondaryNetwork"),
        interface::INTERFACES.describe("DescribeSecondaryInterfaces"),
        subnet::SUBNETS.create("CreateSecondarySubnet", &[BLOCK]),
        subnet::SUBNETS.describe("DescribeSecondarySubnets"),
        deleting(&subnet::SUBNETS, "DeleteSecondarySubnet"),
    ]
}

/// The block that a request asks for, between /12 and /28.
fn wanted(input: &Document) -> Result<Ipv4Net, ApiError> {
    let block = cidr::ipv4(input.text(BLOCK).unwrap_or_default(), "ipv4CidrBlock")?;
    if (12..=28).contains(&block.prefix_len()) {
        return Ok(block);
    }
    let message = format!(
        "Value ({block}) for parameter ipv4CidrBlock is invalid. The CIDR block size must be between /12 and /28."
    );
    Err(crate::refused::invalid(message))
}

/// Associates a block; `prefix` begins the association's id.
fn associate(cx: &Cx, item: &mut Item, prefix: &str, block: Ipv4Net) {
    let association = json!({"AssociationId": cx.ids.ec2(prefix), "CidrBlock": block.to_string()});
    item.document.set(BLOCKS, vec![association]);
}

/// The block of one.
fn block(item: &Item) -> Option<Ipv4Net> {
    item.document.found("Ipv4CidrBlockAssociations.CidrBlock").first()?.parse().ok()
}

/// A block comes and goes with what has it.
fn see(cx: &Cx, _: &World, item: &Item, shown: &mut Document) {
    let state = match item.state(cx) {
        Some("create-in-progress") => "associating",
        Some("delete-in-progress") => "disassociating",
        Some("delete-complete") => "disassociated",
        _ => "associated",
    };
    let mut blocks = shown.list(BLOCKS);
    blocks.iter_mut().filter_map(Value::as_object_mut).for_each(|it| drop(it.insert("State".into(), state.into())));
    shown.set(BLOCKS, blocks);
}

/// One that is there and not about to change. The Terraform provider, which is tested against AWS, knows the code and the end of the text.
fn settled(family: &Family, cx: &Cx, world: &World, id: &str) -> Result<std::sync::Arc<Item>, ApiError> {
    let found = item::get(world, cx, family.kind, id)?;
    match found.state(cx) {
        Some("create-complete") => Ok(found),
        Some("delete-complete") => Err(family.kind.not_found(&[id])),
        _ => {
            let kind = family.kind.resource_type.replace('-', " ");
            Err(ApiError::new("InvalidState", format!("The {kind} '{id}' is not in a modifiable state.")))
        }
    }
}

/// The operation that deletes one, once for each client token.
fn deleting(family: &'static Family, operation: &'static str) -> Operation {
    let handler = move |cx: &Cx, tx: &mut Tx, input: &Document| delete(family, operation, cx, tx, input);
    family.on_one(Operation::write(Service::Ec2, operation, handler), &[])
}

fn delete(family: &Family, operation: &str, cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let id = input.text(family.id).unwrap_or_default();
    let item = if verbs::is_done(cx, tx, operation, input)? {
        item::get(tx, cx, family.kind, id)?
    } else {
        settled(family, cx, tx, id)?;
        verbs::remove(family, cx, tx, id)?
    };
    Ok(answers::about(family, operation, cx, tx, input, &item))
}
