//! The versions of a policy: what it said each time that its document or its reports were changed. "Versions are never removed."

use serde_json::{Value, json};
use service::prelude::*;

use super::{DESCRIPTION, EFFECTIVE, LATEST, SHOW_BACK, TYPE, effective, own, rules, too_many};
use crate::family::item::Item;

/// The member of a policy, shown nowhere, with its versions, the first one first.
pub const HELD: &str = "Versions";
const MOST: usize = 100;

/// The document, whichever of the three it is, and whether there are reports.
fn content(policy: &Document) -> impl Iterator<Item = (&'static str, Option<&Value>)> {
    let members = rules::DOCUMENTS.iter().map(|(_, member)| *member).chain([SHOW_BACK]);
    members.map(|member| (member, policy.at(member)))
}

/// Whether one says something else than the other that makes a new version.
pub fn differs(one: &Document, other: &Document) -> bool {
    content(one).ne(content(other))
}

/// Notes a new version of what the policy says now.
pub fn add(cx: &Cx, policy: &mut Item) -> Result<(), ApiError> {
    let mut held = policy.document.list(HELD);
    if held.len() >= MOST {
        return Err(too_many(&format!("A policy can have up to {MOST} versions.")));
    }
    let expected = effective(cx);
    let mut version = Document::from(json!({
        "FcaPolicyId": policy.id,
        "Version": held.len() + 1,
        TYPE: policy.document.text(TYPE),
        DESCRIPTION: policy.document.text(DESCRIPTION),
        "ExpectedEffectiveAt": expected,
        "CreatedAt": cx.now.to_string(),
    }));
    for (member, value) in content(&policy.document) {
        value.iter().for_each(|value| version.set(member, (*value).clone()));
    }
    held.push(Value::Object(version.0));
    policy.document.set(LATEST, held.len());
    policy.document.set(EFFECTIVE, expected);
    policy.document.set(HELD, held);
    Ok(())
}

/// The version a policy began with.
pub fn first(policy: &Item) -> Option<&Value> {
    policy.document.at(HELD)?.as_array()?.first()
}

/// All versions, or those asked for.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetNetworkingFlexCostAllocationPolicyVersions.html>
pub fn get(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let policy = own(cx, world, input)?;
    let wanted: Vec<i64> = input.list("VersionsToInclude").iter().filter_map(Value::as_i64).collect();
    let is_wanted = |version: &Value| {
        let number = version.get("Version").and_then(Value::as_i64);
        wanted.is_empty() || number.is_some_and(|number| wanted.contains(&number))
    };
    let versions: Vec<Value> = policy.document.list(HELD).into_iter().filter(is_wanted).collect();
    Ok(Document::from(json!({"FcaPolicyVersions": versions})))
}
