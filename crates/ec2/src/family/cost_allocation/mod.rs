//! Networking Flexible Cost Allocation: policies that say among whom the charges of NAT gateways, peering connections or instances are divided, and for
//! which of these they hold. Nothing is charged here; policies with their versions ([`version`]) and their associations ([`association`]) are kept.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkingFlexCostAllocationPolicy.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::item::{self, Item};
// From when on a change is expected to count. How long that takes is not documented; it is as with AWS's other policies on network charges.
use super::transit::metering::effective;
use super::{Family, answers, verbs};
use crate::kind;
use crate::refused::invalid;

pub mod association;
mod rules;
#[cfg(test)]
mod tests;
mod version;

const TYPE: &str = "NetworkResourceType";
const SHOW_BACK: &str = "ShowBackEnabled";
const DESCRIPTION: &str = "Description";
const MANAGED_BY: &str = "ManagedBy";
const LATEST: &str = "LatestVersion";
const EFFECTIVE: &str = "VersionExpectedEffectiveAt";
const UPDATED: &str = "UpdatedAt";
/// How many policies there can be.
const MOST: usize = 100;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlexCostAllocationPolicyDescription.html>
pub static POLICIES: Family = Family {
    owner: Some("OwnerAccount"),
    arn: Some("FcaPolicyArn"),
    created: Some("PolicyCreatedAt"),
    hidden: &[version::HELD, association::HELD],
    defaults: |_| json!({SHOW_BACK: true, MANAGED_BY: "account"}),
    filters: &["fca-policy-id", "managed-by", "network-resource-type", "showback-enabled=ShowBackEnabled"],
    fill: |cx, tx, _, item| {
        rules::check(&item.document)?;
        if item::all(tx, cx, &kind::FCA_POLICY).count() >= MOST {
            return Err(too_many(&format!("You can have up to {MOST} policies in a Region.")));
        }
        item.document.set(UPDATED, cx.now.to_string());
        version::add(cx, item)
    },
    ..Family::of(&kind::FCA_POLICY, "FcaPolicyId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    const CREATE: &str = "CreateNetworkingFlexCostAllocationPolicy";
    let creating = Operation::write(Service::Ec2, CREATE, create)
        .authorize(|cx, world, input: &Document| POLICIES.to_create(CREATE, cx, world, input))
        .honours(|model, operation| answers::honoured(model, operation, &POLICIES, &[]));
    let modifying = Operation::write(Service::Ec2, "ModifyNetworkingFlexCostAllocationPolicy", modify)
        .authorize(|cx, world, input: &Document| POLICIES.to_modify(cx, world, input))
        .honours(|model, operation| answers::honoured(model, operation, &POLICIES, &[]));
    let versions = Operation::read(Service::Ec2, "GetNetworkingFlexCostAllocationPolicyVersions", version::get);
    let own = vec![
        creating.build(),
        modifying.build(),
        POLICIES.on_each(Operation::write(Service::Ec2, "DeleteNetworkingFlexCostAllocationPolicies", delete), &[]),
        POLICIES.describe("DescribeNetworkingFlexCostAllocationPolicies"),
        POLICIES.on_one(versions, &["VersionsToInclude"]),
    ];
    own.into_iter().chain(association::operations()).collect()
}

/// The code is not recorded.
fn too_many(message: &str) -> ApiError {
    ApiError::new("ResourceLimitExceeded", message)
}

fn id(input: &Document) -> &str {
    input.text(POLICIES.id).unwrap_or_default()
}

fn own(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    POLICIES.alive(cx, world, id(input))
}

fn create(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let mut answer = verbs::create(&POLICIES, "CreateNetworkingFlexCostAllocationPolicy", cx, tx, input)?;
    if let Some(made) = answer.text(POLICIES.id).and_then(|id| item::look_up(tx, cx, id)) {
        answer.set("CreatedAt", made.created_at.to_string());
        let expected = version::first(&made).and_then(|first| first.get("ExpectedEffectiveAt").cloned());
        answer.set("ExpectedEffectiveAt", expected);
    }
    Ok(answer)
}

/// "Changing a policy document or ShowBackEnabled creates a new version of the policy. Changing only the description doesn't create a new version."
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkingFlexCostAllocationPolicy.html>
fn modify(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let found = own(cx, tx, input)?;
    let mut item = Item::clone(&found);
    for member in rules::DOCUMENTS.iter().map(|(_, member)| *member).chain([SHOW_BACK, DESCRIPTION]) {
        input.at(member).iter().for_each(|value| item.document.set(member, (*value).clone()));
    }
    rules::check(&item.document)?;
    let is_new = version::differs(&found.document, &item.document);
    if !verbs::is_done(cx, tx, "ModifyNetworkingFlexCostAllocationPolicy", input)? {
        item.document.set(UPDATED, cx.now.to_string());
        if is_new {
            version::add(cx, &mut item)?;
        }
        tx.put(item.clone());
    }
    let version = |member| item.document.at(member).filter(|_| is_new).cloned();
    Ok(Document::from(json!({
        "FcaPolicyId": item.id,
        UPDATED: item.document.text(UPDATED),
        "Version": version(LATEST),
        EFFECTIVE: version(EFFECTIVE),
    })))
}

/// Each is deleted, or told with the reason why not; the reasons are in words of ours.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkingFlexCostAllocationPolicies.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for id in answers::ids(&POLICIES, input) {
        match item::get(tx, cx, &kind::FCA_POLICY, &id) {
            Err(error) => failed.push(failure(&id, "ResourceNotFound", &error.message)),
            Ok(policy) if !association::active(cx, tx, &policy).is_empty() => {
                failed.push(failure(&id, "InvalidResourceState", "The policy has active associations."));
            }
            Ok(_) => {
                item::delete(tx, cx, &POLICIES, &id);
                done.push(id);
            }
        }
    }
    Ok(Document::from(json!({"Successful": done, "Failed": failed})))
}

/// `FlexCostAllocationOperationFailure`.
fn failure(id: &str, code: &str, reason: &str) -> Value {
    json!({"ResourceId": id, "FailureCode": code, "FailureReason": reason})
}

fn not_valid(value: &str, parameter: &str, why: &str) -> ApiError {
    invalid(format!("Value ({value}) for parameter {parameter} is invalid. {why}"))
}
