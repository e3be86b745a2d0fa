//! For which resources a policy holds: for some by their ids, or for all of its type in an account, VPCs or subnets. An association ends with its
//! resource. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateNetworkingFlexCostAllocationPolicy.html>

use std::collections::BTreeSet;

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::{MANAGED_BY, POLICIES, TYPE, effective, failure, own, too_many};
use crate::family::item::{self, Item};
use crate::family::{answers, describe, verbs};
use crate::instance::Instance;
use crate::kind::{self, Kind};
use crate::refused::missing;
use crate::resource;
use crate::tags::registry;

/// The member of a policy, shown nowhere, with its associations.
pub const HELD: &str = "Associations";
const RESOURCES: &str = "NetworkResourceIds";
const SCOPE: &str = "NetworkResourceScope";
const ASSOCIATIONS: &str = "FcaPolicyAssociationIds";
const ASSOCIATION: &str = "FcaPolicyAssociationId";
const RESOURCE: &str = "NetworkResourceId";
const MODE: &str = "AssociationMode";
const MOST_AT_ONCE: usize = 20;
const MOST: usize = 100;

/// The operations.
pub fn operations() -> Vec<Operation> {
    let associating = Operation::write(Service::Ec2, "AssociateNetworkingFlexCostAllocationPolicy", associate);
    vec![
        POLICIES.on_one(associating, &[RESOURCES, SCOPE]),
        Operation::write(Service::Ec2, "DisassociateNetworkingFlexCostAllocationPolicy", disassociate)
            .authorize(to_disassociate)
            .honours(|model, operation| answers::honoured(model, operation, &POLICIES, &[ASSOCIATIONS]))
            .build(),
        Operation::read(Service::Ec2, "DescribeNetworkingFlexCostAllocationPolicyAssociations", list)
            .authorize(resource::any::<Document>)
            .honours(|model, operation| {
                answers::honoured(model, operation, &POLICIES, &["Filters", "MaxResults", "NextToken", ASSOCIATIONS])
            })
            .build(),
    ]
}

fn text<'a>(held: &'a Value, member: &str) -> &'a str {
    held.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// The associations of a policy, also with what is gone.
fn all_of(policy: &Item) -> &[Value] {
    policy.document.at(HELD).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The associations of a policy with what is still there.
pub fn active(cx: &Cx, world: &World, policy: &Item) -> Vec<Value> {
    all_of(policy).iter().filter(|held| exists(cx, world, text(held, RESOURCE))).cloned().collect()
}

fn exists(cx: &Cx, world: &World, id: &str) -> bool {
    if id == cx.account().as_str() {
        return true;
    }
    if let Some(instance) = resource::look_up::<Instance>(world, cx, id) {
        return instance.terminated_at().is_none();
    }
    let kind = kind::of_id(id);
    kind.is_some_and(|kind| registry::must_exist(cx, world, kind, id).is_ok())
        && item::look_up(world, cx, id).is_none_or(|item| !item.is_deleted())
}

/// What a request names, with how.
struct Wanted {
    id: String,
    mode: &'static str,
    /// The kind that the id has to be of; none is an account.
    kind: Option<&'static Kind>,
}

fn wanted(policy: &Item, input: &Document) -> Result<Vec<Wanted>, ApiError> {
    let direct = match policy.document.text(TYPE) {
        Some("natgw") => &kind::NAT_GATEWAY,
        Some("pcx") => &kind::VPC_PEERING_CONNECTION,
        _ => &kind::INSTANCE,
    };
    let scoped = match input.text("NetworkResourceScope.ResourceType") {
        Some("vpc") => Some(&kind::VPC),
        Some("subnet") => Some(&kind::SUBNET),
        _ => None,
    };
    let ids: BTreeSet<String> = input.texts(RESOURCES).into_iter().collect();
    let scopes: BTreeSet<String> = input.texts("NetworkResourceScope.ResourceIds").into_iter().collect();
    let direct = ids.into_iter().map(|id| Wanted { id, mode: "direct", kind: Some(direct) });
    let all: Vec<Wanted> =
        direct.chain(scopes.into_iter().map(|id| Wanted { id, mode: "scope", kind: scoped })).collect();
    match all.len() {
        0 => Err(missing("NetworkResourceIds or NetworkResourceScope")),
        count if count > MOST_AT_ONCE => {
            Err(too_many(&format!("A request can associate up to {MOST_AT_ONCE} resources.")))
        }
        _ => Ok(all),
    }
}

impl Wanted {
    /// Why the policy can't hold for it: the code and the reason.
    fn refusal(&self, cx: &Cx, world: &World, policy: &Item) -> Option<(&'static str, String)> {
        let id = &self.id;
        let fits = match self.kind {
            Some(kind) => kind.is_id(id) && exists(cx, world, id),
            None => id == cx.account().as_str(),
        };
        if !fits {
            return Some((
                "InvalidResource",
                format!("The resource '{id}' is not valid for the policy '{}'.", policy.id),
            ));
        }
        let same_type = |other: &&std::sync::Arc<Item>| other.document.text(TYPE) == policy.document.text(TYPE);
        let mut others = item::all(world, cx, &kind::FCA_POLICY).filter(same_type);
        let taken = others.any(|other| all_of(other).iter().any(|held| text(held, RESOURCE) == id));
        taken.then(|| ("ResourceAlreadyAssociated", format!("The resource '{id}' already has an active association.")))
    }
}

fn associate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let policy = own(cx, tx, input)?;
    let wanted = wanted(&policy, input)?;
    if verbs::is_done(cx, tx, "AssociateNetworkingFlexCostAllocationPolicy", input)? {
        let is_named = |held: &Value| wanted.iter().any(|wanted| wanted.id == text(held, RESOURCE));
        let held: Vec<Value> = active(cx, tx, &policy).into_iter().filter(is_named).collect();
        return Ok(answer(held, Vec::new()));
    }
    let (mut made, mut failed) = (Vec::new(), Vec::new());
    for one in &wanted {
        match one.refusal(cx, tx, &policy) {
            Some((code, reason)) => failed.push(failure(&one.id, code, &reason)),
            None => made.push(json!({
                ASSOCIATION: cx.ids.ec2("fcapassoc"),
                "FcaPolicyId": policy.id,
                RESOURCE: one.id,
                "OwnerAccount": cx.account().as_str(),
                "AssociatedAt": cx.now.to_string(),
                "ExpectedEffectiveAt": effective(cx),
                MODE: one.mode,
                MANAGED_BY: "account",
            })),
        }
    }
    let held: Vec<Value> = active(cx, tx, &policy).into_iter().chain(made.iter().cloned()).collect();
    if held.len() > MOST {
        return Err(too_many(&format!("A policy can have up to {MOST} active associations.")));
    }
    item::update(tx, cx, &policy.id, |it| it.document.set(HELD, held));
    Ok(answer(made, failed))
}

fn answer(made: Vec<Value>, failed: Vec<Value>) -> Document {
    Document::from(json!({"FcaPolicyAssociations": made, "FcaPolicyAssociationFailures": failed}))
}

/// The policies that hold those associations; one that does not exist is no policy's.
fn to_disassociate(cx: &Cx, world: &World, input: &Document) -> Vec<Check> {
    let wanted = input.texts(ASSOCIATIONS);
    let holds = |policy: &Item| all_of(policy).iter().any(|held| wanted.iter().any(|id| id == text(held, ASSOCIATION)));
    let policies = item::all(world, cx, &kind::FCA_POLICY).filter(|policy| holds(policy));
    let checks: Vec<Check> = policies.map(|policy| POLICIES.check_on(cx, world, &policy.id)).collect();
    if checks.is_empty() { vec![POLICIES.check_on(cx, world, "*")] } else { checks }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateNetworkingFlexCostAllocationPolicy.html>
fn disassociate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for wanted in input.texts(ASSOCIATIONS) {
        let is_it = |held: &Value| text(held, ASSOCIATION) == wanted;
        let is_active = |held: &Value| is_it(held) && exists(cx, tx, text(held, RESOURCE));
        let found = item::all(tx, cx, &kind::FCA_POLICY).find(|policy| all_of(policy).iter().any(is_active)).cloned();
        let Some(policy) = found else {
            let reason = format!("The association '{wanted}' does not exist.");
            failed.push(failure(&wanted, "InvalidResource", &reason));
            continue;
        };
        let mut held = policy.document.list(HELD);
        held.retain(|held| !is_it(held));
        item::update(tx, cx, &policy.id, |it| it.document.set(HELD, held));
        done.push(wanted);
    }
    Ok(Document::from(json!({"FcaPolicyDisassociations": done, "FcaPolicyDisassociationFailures": failed})))
}

const FILTERS: &[&str] = &["fca-policy-id", "managed-by", "resource-id=NetworkResourceId"];

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkingFlexCostAllocationPolicyAssociations.html>
fn list(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let wanted = input.texts(ASSOCIATIONS);
    let all = item::all(world, cx, &kind::FCA_POLICY).flat_map(|policy| active(cx, world, policy));
    let mut found: Vec<Value> =
        all.filter(|held| wanted.is_empty() || wanted.iter().any(|id| id == text(held, ASSOCIATION))).collect();
    if let Some(missing) = wanted.iter().find(|id| !found.iter().any(|held| text(held, ASSOCIATION) == **id)) {
        let message = format!("The fca-policy-association ID '{missing}' does not exist");
        return Err(ApiError::new("InvalidFcaPolicyAssociationId.NotFound", message));
    }
    found.sort_by(|a, b| text(a, ASSOCIATION).cmp(text(b, ASSOCIATION)));
    let see = |held: Value| describe::Seen {
        id: text(&held, ASSOCIATION).to_owned(),
        shown: Document::from(held),
        tags: Vec::new(),
    };
    let operation = "DescribeNetworkingFlexCostAllocationPolicyAssociations";
    let page = describe::choose(operation, input, FILTERS, found.into_iter().map(see))?;
    Ok(Document::from(json!({"FcaPolicyAssociations": page.items, "NextToken": page.next})))
}
