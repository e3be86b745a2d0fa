//! Managed prefix lists: blocks of addresses under a name, for routes and rules of security groups to refer to. Every change of the entries makes a
//! version, and an old version can be made the newest again.
//!
//! [`aws`] has the lists that AWS keeps in each region; [`change`] changes those of an account.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html>

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::paging;
use service::prelude::*;

use super::item::{self, Item};
use super::transit::reference;
use super::{Family, Life, local_gateway};
use crate::kind;
use crate::network::route_table::RouteTable;
use crate::network::security_group::SecurityGroupRule;
use crate::resource;

pub mod aws;
pub mod change;
#[cfg(test)]
mod tests;

/// The member, shown nowhere, with the entries of each version that is kept, the newest last.
const VERSIONS: &str = "Versions";
const DONE: &str = "create-complete";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ManagedPrefixList.html>
pub static PREFIX_LISTS: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("PrefixListArn"),
    life: Some(Life {
        member: "State",
        words: ["create-in-progress", DONE, "delete-in-progress", "delete-complete"],
        seconds: 5,
        shown_for: 0,
    }),
    hidden: &[VERSIONS],
    filters: &["owner-id", "prefix-list-id", "prefix-list-name"],
    keys: &[("ec2:IpamPrefixListResolverTargetId", change::TARGET)],
    fill: change::fill,
    built_in: aws::lists,
    release: must_be_unused,
    ..Family::of(&kind::PREFIX_LIST, "PrefixListId")
};

/// The operations on prefix lists.
pub fn operations() -> Vec<Operation> {
    let reading = |name, handler: fn(&Cx, &World, &Document) -> Result<Document, ApiError>, uses| {
        PREFIX_LISTS.on_one(Operation::read(Service::Ec2, name, handler), uses)
    };
    vec![
        PREFIX_LISTS.create("CreateManagedPrefixList", &["Entries"]),
        PREFIX_LISTS.describe("DescribeManagedPrefixLists"),
        PREFIX_LISTS.modify(
            "ModifyManagedPrefixList",
            &["CurrentVersion", "AddEntries", "RemoveEntries"],
            change::modify,
        ),
        PREFIX_LISTS.modify("RestoreManagedPrefixListVersion", &["CurrentVersion", "PreviousVersion"], change::restore),
        PREFIX_LISTS.delete("DeleteManagedPrefixList"),
        reading("GetManagedPrefixListEntries", entries, &["TargetVersion", "MaxResults", "NextToken"]),
        reading("GetManagedPrefixListAssociations", associations, &["MaxResults", "NextToken"]),
        aws::describe_row(),
    ]
}

/// The list with that id, of the account's own or AWS's.
pub fn find(world: &World, cx: &Cx, id: &str) -> Result<Arc<Item>, ApiError> {
    match aws::lists(cx).into_iter().find(|list| list.id == id) {
        Some(list) => Ok(Arc::new(list)),
        None => item::alive(world, cx, &kind::PREFIX_LIST, id),
    }
}

/// The entries of a version, in the order of their blocks.
fn entries_of(list: &Item, version: i64) -> Option<Vec<Value>> {
    let held = list.document.at(VERSIONS)?.as_array()?;
    let age = usize::try_from(version_of(list).checked_sub(version)?).ok()?;
    held.get(held.len().checked_sub(1)?.checked_sub(age)?)?.as_array().cloned()
}

/// The blocks of the newest version.
pub fn blocks(list: &Item) -> Vec<String> {
    let entries = entries_of(list, version_of(list)).unwrap_or_default();
    entries.iter().filter_map(|entry| entry.get("Cidr").and_then(Value::as_str).map(str::to_owned)).collect()
}

fn version_of(list: &Item) -> i64 {
    list.document.number("Version").unwrap_or(1)
}

/// The entries of the newest version, or of another. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetManagedPrefixListEntries.html>
fn entries(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let list = find(world, cx, input.text(PREFIX_LISTS.id).unwrap_or_default())?;
    let version = input.number("TargetVersion").unwrap_or_else(|| version_of(&list));
    let found = entries_of(&list, version).ok_or_else(|| change::no_such_version(version))?;
    let scope = format!("GetManagedPrefixListEntries {} {version}", list.id);
    let cidr = |entry: &Value| entry.get("Cidr").and_then(Value::as_str).unwrap_or_default().to_owned();
    let page = paging::ec2(&scope, input.text("NextToken"), input.number("MaxResults"), found, |one| cidr(one))?;
    Ok(Document::from(json!({"Entries": page.items, "NextToken": page.next})))
}

/// Route tables, those of transit gateways and local gateways too, and security groups that refer to the list.
fn users(world: &World, cx: &Cx, id: &str) -> BTreeSet<String> {
    let account = cx.account();
    let place = [account.as_str(), cx.region_name()];
    let tables = world.scan::<RouteTable>(&place).filter(|table| table.routes.iter().any(|it| it.destination == id));
    let rules = world.by::<SecurityGroupRule>(SecurityGroupRule::BY_PEER_GROUP, &[place[0], place[1], id]);
    let of_transit_gateways = reference::users(cx, world, id);
    let of_local_gateways = local_gateway::route::users(cx, world, id);
    let own = tables.map(|table| table.id.clone()).chain(rules.map(|rule| rule.group_id.clone()));
    own.chain(of_transit_gateways).chain(of_local_gateways).collect()
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetManagedPrefixListAssociations.html>
fn associations(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let list = find(world, cx, input.text(PREFIX_LISTS.id).unwrap_or_default())?;
    let scope = format!("GetManagedPrefixListAssociations {}", list.id);
    let found = users(world, cx, &list.id).into_iter();
    let page = paging::ec2(&scope, input.text("NextToken"), input.number("MaxResults"), found, Clone::clone)?;
    let association = |id: &String| json!({"ResourceId": id, "ResourceOwner": cx.account().to_string()});
    let shown: Vec<Value> = page.items.iter().map(association).collect();
    Ok(Document::from(json!({"PrefixListAssociations": shown, "NextToken": page.next})))
}

/// "You must first remove all references to the prefix list in your resources."
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteManagedPrefixList.html>
fn must_be_unused(cx: &Cx, tx: &mut Tx, list: &Item) -> Result<(), ApiError> {
    let is_kept = list.document.text(change::TARGET).is_some();
    match users(tx, cx, &list.id).is_empty() && !is_kept {
        true => Ok(()),
        false => Err(resource::has_dependencies("prefixList", &list.id)),
    }
}
