//! Policies: which pools the elastic addresses of an account, or of part of an organisation, come out of without being told. Where the pools have no room,
//! addresses are Amazon's. Of what AWS lets rules name only elastic addresses are here, and NAT gateways of a region, which take such.
//! <https://docs.aws.amazon.com/vpc/latest/ipam/define-public-ipv4-allocation-strategy-with-ipam-policies.html>

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::operation::Row;
use service::organization::Organization;
use service::prelude::*;

use super::super::Family;
use super::super::answers;
use super::super::describe::{self, Seen};
use super::super::item::{self, Item};
use super::{LIFE, admin, pool, public};
use crate::kind;
use crate::refused::invalid;
use crate::share;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpamPolicy.html>
pub static POLICIES: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("IpamPolicyArn"),
    life: Some(LIFE),
    within: &[("IpamId", &kind::IPAM)],
    filters: &["owner-id", "ipam-policy-id", "ipam-policy-arn", "ipam-policy-region", "ipam-id", "state"],
    fill: |cx, _, input, item| {
        item.document.set("IpamPolicyRegion", cx.region_name());
        item.document.set("IpamId", input.text("IpamId").unwrap_or_default());
        Ok(())
    },
    release: |_, _, policy| match targets(policy).as_slice() {
        [] => Ok(()),
        _ => {
            let message = format!("The ipam-policy '{}' is enabled and cannot be deleted.", policy.id);
            Err(ApiError::new("DependencyViolation", message))
        }
    },
    ..Family::of(&kind::IPAM_POLICY, "IpamPolicyId")
};

/// Members of a policy, shown nowhere: for whom it is enabled, and its rules.
const TARGETS: &str = "EnabledFor";
const RULES: &str = "Documents";
/// How many pools are tried, at most, for one address. AWS's own number is not known.
const MOST_RULES: usize = 20;

/// The operations.
pub fn operations() -> Vec<Operation> {
    let on = |row: Row<Document>, uses| POLICIES.on_one(row, uses);
    vec![
        POLICIES.create("CreateIpamPolicy", &[]),
        POLICIES.describe("DescribeIpamPolicies"),
        POLICIES.delete("DeleteIpamPolicy"),
        on(Operation::write(Service::Ec2, "EnableIpamPolicy", enable), &["OrganizationTargetId"]),
        on(Operation::write(Service::Ec2, "DisableIpamPolicy", disable), &["OrganizationTargetId"]),
        Operation::read(Service::Ec2, "GetEnabledIpamPolicy", enabled)
            .authorize(crate::resource::any::<Document>)
            .honours(|model, operation| answers::honoured(model, operation, &POLICIES, &[]))
            .build(),
        on(
            Operation::read(Service::Ec2, "GetIpamPolicyAllocationRules", rules),
            &["Locale", "ResourceType", "Filters", "MaxResults", "NextToken"],
        ),
        Operation::write(Service::Ec2, "ModifyIpamPolicyAllocationRules", change)
            .authorize(|cx, world, input: &Document| {
                let own = POLICIES.check_on(cx, world, input.text(POLICIES.id).unwrap_or_default());
                let pools = input.found("AllocationRules.SourceIpamPoolId");
                std::iter::once(own).chain(pools.iter().map(|id| pool::check_on(cx, world, id))).collect()
            })
            .honours(|model, operation| {
                answers::honoured(model, operation, &POLICIES, &["Locale", "ResourceType", "AllocationRules"])
            })
            .build(),
        on(
            Operation::read(Service::Ec2, "GetIpamPolicyOrganizationTargets", organization_targets),
            &["Filters", "MaxResults", "NextToken"],
        ),
    ]
}

/// Ids of accounts, units and roots that a policy is enabled for.
fn targets(policy: &Item) -> Vec<String> {
    policy.document.texts(TARGETS)
}

/// For whom a request enables a policy: an entity of the organisation that the caller administers IPAM for, else the caller's account.
fn target(cx: &Cx, world: &World, input: &Document) -> Result<String, ApiError> {
    let organization = admin::organization_of(world, cx.account());
    match (input.text("OrganizationTargetId"), organization) {
        (None, None) => Ok(cx.account().to_string()),
        (None, Some(_)) => Err(crate::refused::missing("OrganizationTargetId")),
        (Some(id), Some(held)) if held.entities.contains_key(id) => Ok(id.to_owned()),
        (Some(id), _) => Err(invalid(format!(
            "Value ({id}) for parameter organizationTargetId is invalid. It is not in an organization that your account administers IPAM for."
        ))),
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableIpamPolicy.html>
fn enable(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let policy = POLICIES.alive(cx, tx, input.text(POLICIES.id).unwrap_or_default())?;
    let target = target(cx, tx, input)?;
    let is_other = |other: &&Arc<Item>| other.id != policy.id && targets(other).contains(&target);
    if let Some(other) = all_of(tx, cx.account()).find(is_other) {
        return Err(invalid(format!("The policy {} is enabled for {target} already.", other.id)));
    }
    let mut held = targets(&policy);
    if !held.contains(&target) {
        held.push(target);
        held.sort();
    }
    item::update(tx, cx, &policy.id, |it| it.document.set(TARGETS, held));
    Ok(Document::from(json!({"IpamPolicyId": policy.id})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableIpamPolicy.html>
fn disable(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let policy = POLICIES.alive(cx, tx, input.text(POLICIES.id).unwrap_or_default())?;
    let mut held = targets(&policy);
    // What left the organisation has to be named as it was.
    let named = input.text("OrganizationTargetId").filter(|id| held.iter().any(|target| target == id));
    let target = named.map_or_else(|| target(cx, tx, input), |id| Ok(id.to_owned()))?;
    if !held.contains(&target) {
        return Err(invalid(format!("The policy {} is not enabled for {target}.", policy.id)));
    }
    held.retain(|one| *one != target);
    item::update(tx, cx, &policy.id, |it| it.document.set(TARGETS, held));
    Ok(Document::from(json!({"Return": true})))
}

/// All policies of an account, in whichever region.
fn all_of(world: &World, account: AccountId) -> impl Iterator<Item = &Arc<Item>> {
    let all = world.by::<Item>(Item::BY_LINK, &[account.as_str(), kind::IPAM_POLICY.resource_type]);
    all.filter(|it| !it.is_deleted())
}

/// The policy that holds for an account, and whether the organisation's administrator set it: that for what stands nearest to the account comes before the
/// account's own.
fn of_account(world: &World, account: AccountId) -> Option<(Arc<Item>, bool)> {
    let named = |policy: &Arc<Item>, id: &str| targets(policy).iter().any(|target| target == id);
    let organization = Organization::of(world).filter(|held| held.has(account));
    let administrators = organization.iter().flat_map(|held| held.delegated_administrators.get(admin::PRINCIPAL));
    for administrator in administrators.flatten() {
        let path = organization.as_ref().and_then(|held| held.entity_path(account.as_str())).unwrap_or_default();
        for id in path.rsplit('/') {
            if let Some(policy) = all_of(world, *administrator).find(|policy| named(policy, id)) {
                return Some((policy.clone(), true));
            }
        }
    }
    all_of(world, account).find(|policy| named(policy, account.as_str())).map(|policy| (policy.clone(), false))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetEnabledIpamPolicy.html>
fn enabled(cx: &Cx, world: &World, _: &Document) -> Result<Document, ApiError> {
    Ok(Document::from(match of_account(world, cx.account()) {
        None => json!({"IpamPolicyEnabled": false}),
        Some((policy, managed)) => json!({
            "IpamPolicyEnabled": true,
            "IpamPolicyId": policy.id,
            "ManagedBy": if managed { "delegated-administrator-for-ipam" } else { "account" },
        }),
    }))
}

/// Sets the pools, in their order, for one type of resource in one locale.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyIpamPolicyAllocationRules.html>
fn change(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let text = |member: &str| input.text(member).unwrap_or_default();
    let policy = POLICIES.alive(cx, tx, text(POLICIES.id))?;
    let (locale, of) = (text("Locale"), text("ResourceType"));
    if of != "eip" {
        let message = format!("Rules for the resource type {of} are not built here; only those for eip are.");
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    check_pools(cx, tx, &policy, locale, &input.found("AllocationRules.SourceIpamPoolId"))?;
    let rules = json!({"IpamPolicyId": policy.id, "Locale": locale, "ResourceType": of,
        "AllocationRules": input.list("AllocationRules")});
    let mut documents = policy.document.list(RULES);
    documents.retain(|held| !is_for(held, locale, of));
    if !input.list("AllocationRules").is_empty() {
        documents.push(rules.clone());
    }
    item::update(tx, cx, &policy.id, |it| {
        it.document.set(RULES, documents);
        super::changes(cx, it);
    });
    Ok(Document::from(json!({"IpamPolicyDocument": rules})))
}

/// Rules are for regions where the address manager works, and name public pools of its own there.
fn check_pools(cx: &Cx, world: &World, policy: &Item, locale: &str, pools: &[String]) -> Result<(), ApiError> {
    let ipam = item::alive(world, cx, &kind::IPAM, policy.document.text("IpamId").unwrap_or_default())?;
    if !ipam.document.found("OperatingRegions.RegionName").iter().any(|region| region == locale) {
        return Err(invalid(format!("The locale {locale} is not an operating Region of the IPAM {}.", ipam.id)));
    }
    super::must_not_exceed(pools.len(), MOST_RULES, "allocation rules")?;
    let mut seen = BTreeSet::new();
    if let Some(id) = pools.iter().find(|id| !seen.insert(*id)) {
        return Err(invalid(format!("The pool {id} is named more than once.")));
    }
    pools.iter().try_for_each(|id| {
        let pool = pool::find(world, cx, id)?;
        let fits = public::is_public(&pool) && pool.document.text("Locale") == Some(locale);
        match fits && pool::is_of(&pool, &ipam.id) {
            true => Ok(()),
            false => Err(invalid(format!("The pool {id} is not a public pool of the IPAM {} in {locale}.", ipam.id))),
        }
    })
}

fn is_for(document: &Value, locale: &str, of: &str) -> bool {
    let is = |member: &str, value: &str| document.get(member).and_then(Value::as_str) == Some(value);
    is("Locale", locale) && is("ResourceType", of)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamPolicyAllocationRules.html>
fn rules(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let policy = POLICIES.alive(cx, world, input.text(POLICIES.id).unwrap_or_default())?;
    let wanted = |document: &Document| {
        ["Locale", "ResourceType"]
            .iter()
            .all(|member| input.text(member).is_none_or(|wanted| document.text(member) == Some(wanted)))
    };
    let held = policy.document.list(RULES).into_iter().map(Document::from).filter(wanted);
    let mut seen: Vec<Seen> = held
        .map(|shown| {
            let part = |member: &str| shown.text(member).unwrap_or_default().to_owned();
            Seen { id: format!("{} {}", part("Locale"), part("ResourceType")), shown, tags: Vec::new() }
        })
        .collect();
    seen.sort_by(|one, other| one.id.cmp(&other.id));
    let narrowed = ["Locale", "ResourceType"].map(|member| input.text(member));
    let scope = format!("GetIpamPolicyAllocationRules {} {narrowed:?}", policy.id);
    let page = describe::choose(&scope, input, &["locale", "resource-type"], seen.into_iter())?;
    Ok(Document::from(json!({"IpamPolicyDocuments": page.items, "NextToken": page.next})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamPolicyOrganizationTargets.html>
fn organization_targets(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let policy = POLICIES.alive(cx, world, input.text(POLICIES.id).unwrap_or_default())?;
    let organization = admin::organization_of(world, cx.account());
    let is_entity = |id: &String| organization.as_ref().is_some_and(|held| held.entities.contains_key(id));
    let see = |id: String| {
        let shown = Document::from(json!({"OrganizationTargetId": id}));
        Seen { id, shown, tags: Vec::new() }
    };
    let seen = targets(&policy).into_iter().filter(is_entity).map(see);
    let scope = format!("GetIpamPolicyOrganizationTargets {}", policy.id);
    let page = describe::choose(&scope, input, &["organization-target-id"], seen)?;
    Ok(Document::from(json!({"OrganizationTargets": page.items, "NextToken": page.next})))
}

/// The address that the policy of the caller's account gives in its region, and the pool it is out of.
pub fn address(cx: &Cx, world: &World) -> Option<(Arc<Item>, Ipv4Addr)> {
    let (policy, _) = of_account(world, cx.account())?;
    let documents = policy.document.list(RULES);
    let rules = documents.into_iter().find(|held| is_for(held, cx.region_name(), "eip")).map(Document::from)?;
    let owner = share::cx_of(cx, policy.account);
    let pools = rules.found("AllocationRules.SourceIpamPoolId");
    pools.iter().find_map(|id| public::take(&owner, world, id, None).ok())
}
