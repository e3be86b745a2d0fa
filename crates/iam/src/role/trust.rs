//! A role's trust policy. IAM resolves the users and roles it names when it is saved and compares unique ids from then on: who bears the
//! same name later is somebody else. So the stored text holds ids in place of those ARNs, and is shown with the ARNs of those that still
//! exist. Which principals are allowed what is decided elsewhere (`service::decide`), also for services that assume a role by themselves ([`lets_in`]). Start reading at [`validated`], then [`shown`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use policy::{Kind, Resolved};
use service::PolicyText;
use service::arn::{self, Arn, last_name};
use service::check::ResourcePolicy;
use service::decide;
use service::ids::account_of;
use service::prelude::*;

use crate::record::{Role, User};
use crate::{document, entity, quota};

/// A trust policy ready to be stored.
pub(crate) struct Trust {
    /// What was given, as AWS writes it; principals are held by their ids, and accounts by their ARN.
    pub text: PolicyText,
    /// ARN as given -> unique id.
    pub ids: BTreeMap<String, String>,
}

/// Checks a trust policy and resolves whom it names: MalformedPolicyDocument for faults and for principals that do not exist, LimitExceeded
/// for one too long. See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.
pub(crate) fn validated(cx: &Cx, world: &World, text: &str) -> Result<Trust, ApiError> {
    // Whom IAM does not know everywhere yet is refused like nobody: Terraform waits for that.
    let resolve = |name: &str| resolve(cx, cx.arrived(world), name);
    let parsed = policy::validate_with(text, Kind::Trust, &resolve).map_err(document::malformed)?;
    quota::TRUST_SIZE.check_size(cx, text)?;
    let named = parsed.principals().filter(|(_, key, _)| *key == "AWS").map(|(_, _, name)| name);
    let ids: BTreeMap<String, String> = named
        .filter_map(|name| match resolve(name) {
            Resolved::Id(id) if id != name => Some((name.to_owned(), id)),
            Resolved::Id(_) | Resolved::AsWritten | Resolved::Unknown => None,
        })
        .collect();
    let stored = policy::with_principals_replaced(text, |name| ids.get(name).cloned().or_else(|| root_of(cx, name)));
    Ok(Trust { text: PolicyText::new(rewritten(&stored)), ids })
}

/// The document as AWS writes one it has taken (September 2026): without white space, the members of a statement in an order of their own, and
/// one principal or action alone where a list has no other.
fn rewritten(text: &str) -> String {
    const ORDER: [&str; 4] = ["Sid", "Effect", "Principal", "Action"];
    let Ok(serde_json::Value::Object(mut document)) = serde_json::from_str(text) else { return text.to_owned() };
    let statements = match document.remove("Statement") {
        Some(serde_json::Value::Array(statements)) => statements,
        other => other.into_iter().collect(),
    };
    let ordered = statements.into_iter().map(|mut statement| {
        let Some(members) = statement.as_object_mut() else { return statement };
        for name in ["Principal", "Action"] {
            members.get_mut(name).into_iter().for_each(unlisted);
        }
        let first = ORDER.iter().filter_map(|name| Some(((*name).to_owned(), members.shift_remove(*name)?)));
        let mut ordered: serde_json::Map<_, _> = first.collect();
        ordered.append(members);
        ordered.into()
    });
    let statements = ordered.collect::<Vec<_>>();
    let mut whole: serde_json::Map<_, _> =
        document.shift_remove("Version").into_iter().map(|version| ("Version".to_owned(), version)).collect();
    whole.append(&mut document);
    whole.insert("Statement".to_owned(), statements.into());
    serde_json::Value::Object(whole).to_string()
}

/// The one value of a list that has no other, also inside an object.
fn unlisted(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Array(items) if items.len() == 1 => *value = items.pop().unwrap_or_default(),
        serde_json::Value::Object(members) => members.values_mut().for_each(unlisted),
        _ => {}
    }
}

/// The ARN that IAM keeps for an account that is named by its number alone, as users of Terraform see by the difference
/// (<https://github.com/hashicorp/awspolicyequivalence> takes the two for the same).
fn root_of(cx: &Cx, name: &str) -> Option<String> {
    name.parse::<AccountId>().ok().map(|account| arn::root(cx.partition(), account))
}

/// The trust policy as the decision needs it: users and roles by unique id. Parsed once per stored role.
pub fn trust_document(role: &Role) -> Option<Arc<policy::Document>> {
    role.trust.document().cloned()
}

/// Whether that service may assume the role now, for a session of that name. The service itself asks, not who will hold the session.
pub fn lets_in(
    cx: &Cx,
    world: &World,
    role: &Role,
    principal: &'static str,
    session_name: &str,
    external_id: Option<&str>,
) -> bool {
    let Some(document) = trust_document(role) else { return false };
    let as_service = cx.inside(Caller::service(cx.account(), cx.partition(), principal));
    let check = Check::dependent("sts:AssumeRole", super::arn(cx.partition(), role))
        .tagged(&role.tags)
        .key("sts:RoleSessionName", session_name)
        .key_if("sts:ExternalId", external_id)
        .resource_policy(ResourcePolicy { document, is_trust: true });
    decide::allows(&as_service, &check, &crate::policy_sets(world, &as_service.caller))
}

/// The trust policy as answers show it: ids of what still exists become its present ARN, others stay ids.
pub fn shown<'r>(partition: &str, world: &World, role: &'r Role) -> Cow<'r, str> {
    if role.trusted_ids.is_empty() {
        return Cow::Borrowed(role.trust.text());
    }
    let present_arn = |id: &str| {
        let (saved_arn, _) = role.trusted_ids.iter().find(|(_, held)| *held == id)?;
        arn_of(partition, world, Arn::parse(saved_arn)?.account, id)
    };
    Cow::Owned(policy::with_principals_replaced(role.trust.text(), present_arn))
}

fn arn_of(partition: &str, world: &World, account: &str, id: &str) -> Option<String> {
    let role = world.get::<Role>(&[account, id]).map(|role| entity::role_arn(partition, role));
    role.or_else(|| world.get::<User>(&[account, id]).map(|user| entity::user_arn(partition, user)))
}

/// What is known of a principal. Identity providers are not looked up: a role outlives the provider it trusts (documented with
/// DeleteOpenIDConnectProvider and DeleteSAMLProvider), and no recording of AWS's shows one refused because it is not there. Sessions are taken as written; so is everybody in an account that has no users and roles here, because
/// that account is not modelled.
fn resolve(cx: &Cx, world: &World, name: &str) -> Resolved {
    let (account, id) = match Arn::parse(name) {
        Some(arn) if arn.service == "iam" && is_user_or_role(&arn) => match arn.account.parse() {
            Ok(account) => (account, id_of(world, account, &arn, name)),
            Err(_) => return Resolved::AsWritten,
        },
        Some(_) => return Resolved::AsWritten,
        None => {
            let account = account_of(name).unwrap_or(cx.account());
            (account, exists(world, account, name).then(|| name.to_owned()))
        }
    };
    match id {
        Some(id) => Resolved::Id(id),
        None if account == cx.account() || is_modelled(world, account) => Resolved::Unknown,
        None => Resolved::AsWritten,
    }
}

fn is_user_or_role(arn: &Arn<'_>) -> bool {
    matches!(arn.typed_resource(), Some(("user" | "role", _)))
}

/// The unique id of the user or role with exactly that ARN.
fn id_of(world: &World, account: AccountId, arn: &Arn<'_>, text: &str) -> Option<String> {
    let name = last_name(arn.resource);
    match arn.typed_resource()? {
        ("role", _) => {
            let role = entity::find_role(world, account, name)?;
            (entity::role_arn(arn.partition, &role) == text).then(|| role.id.clone())
        }
        ("user", _) => {
            let user = entity::find_user(world, account, name)?;
            (entity::user_arn(arn.partition, &user) == text).then(|| user.id.clone())
        }
        _ => None,
    }
}

fn exists(world: &World, account: AccountId, id: &str) -> bool {
    let parts = [account.as_str(), id];
    world.get::<Role>(&parts).is_some() || world.get::<User>(&parts).is_some()
}

fn is_modelled(world: &World, account: AccountId) -> bool {
    let parts = [account.as_str()];
    world.scan::<Role>(&parts).next().is_some() || world.scan::<User>(&parts).next().is_some()
}
