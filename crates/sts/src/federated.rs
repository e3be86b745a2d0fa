//! What AssumeRoleWithWebIdentity and AssumeRoleWithSAML have in common once somebody's identity is proven: the checks against the role's trust
//! policy, with the identity provider as the principal, and the session.
//!
//! Neither takes a signature of AWS, so the caller of the request, if there is one, takes no part in anything here.

use std::sync::Arc;

use iam::record::Role;
use iam::role;
use jiff::SignedDuration;
use service::arn::{self, Arn};
use service::caller::{Federation, SessionKind, SessionPolicies};
use service::check::{ResourcePolicy, ResourceTags};
use service::prelude::*;

use crate::assume_role::{self, AssumedRoleUser};
use crate::credentials::{self, Credentials};
use crate::packed;
use crate::session_policies::{self, PolicyDescriptor};
use crate::session_tags::{self, Wanted};
use crate::token::{Contents, Holder};

/// Somebody whose identity is proven, and what the provider says of it.
pub struct Identity {
    /// The provider's ARN, or its name if AWS has it built in: the principal of trust policies.
    pub provider: String,
    /// Condition keys of the request.
    pub keys: Vec<(String, Vec<String>)>,
    /// Those that stay with the session.
    pub session_keys: Vec<(String, Vec<String>)>,
    pub tags: Vec<Tag>,
    pub transitive_tag_keys: Vec<String>,
    pub source_identity: Option<String>,
    /// For whom the session acts, by the provider's context provider.
    pub trusted_context: Vec<(String, String)>,
}

/// The session that is asked for.
pub struct Asked<'a> {
    pub role_arn: &'a str,
    pub session_name: &'a str,
    pub seconds: i64,
    pub policy: Option<&'a String>,
    pub policy_arns: &'a [PolicyDescriptor],
    pub minimum_token_size: Option<i64>,
}

/// The session that is given.
pub struct Session {
    pub user: AssumedRoleUser,
    pub credentials: Credentials,
    pub packed_policy_size: i64,
}

/// Refuses what is no ARN, in AWS's words.
pub fn must_be_arn(text: &str) -> Result<(), ApiError> {
    match Arn::parse(text) {
        Some(_) => Ok(()),
        None => Err(ApiError::validation(format!("{text} is invalid"))),
    }
}

/// The account of the role, as its ARN says; it need not exist.
pub fn account_of(role_arn: &str) -> Option<AccountId> {
    role::parts_of_arn(role_arn).map(|(account, _)| account)
}

/// The refusal by a trust policy, and of a role that is not there.
pub fn denied(action: &str) -> ApiError {
    ApiError::new("AccessDenied", format!("Not authorized to perform {action}"))
}

/// A text that may be a session's name.
pub fn is_name(text: &str) -> bool {
    (2..=64).contains(&text.len()) && text.bytes().all(is_of_name)
}

/// A text that may be a source identity.
pub fn is_source_identity(text: &str) -> bool {
    (2..=256).contains(&text.len()) && text.bytes().all(is_of_name)
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte)
}

/// Session tags, and the keys of transitive ones, that a session has at most.
const MOST_TAGS: usize = 50;

/// Whether tags out of a token or assertion are ones a session can have: the model's limits, which hold for the parameters of other requests.
pub fn is_complete(identity: &Identity) -> bool {
    let of_key = |character: char| character.is_alphanumeric() || character == ' ' || "_.:/=+-@".contains(character);
    let few = identity.tags.len() <= MOST_TAGS && identity.transitive_tag_keys.len() <= MOST_TAGS;
    few && identity.tags.iter().all(|tag| {
        (1..=128).contains(&tag.key.chars().count())
            && tag.key.chars().all(of_key)
            && tag.value.chars().count() <= 256
            && tag.value.chars().all(of_key)
    })
}

/// The action on the role, and for tags and a source identity those that go with them; all see the keys of all.
pub fn checks(
    cx: &Cx,
    world: &World,
    role_arn: &str,
    session_name: &str,
    identity: Result<Identity, ApiError>,
) -> Vec<Check> {
    let Ok(identity) = identity else {
        // What cannot be proven is refused before it gets here; should it ever get here, nothing trusts it.
        return vec![Check::on(role_arn).vouched_by("")];
    };
    let role = role::by_arn(cx.partition(), world, role_arn);
    let complete = |check| complete(check, role.as_deref(), role_arn, session_name, &identity);
    let mut checks = vec![complete(Check::on(role_arn))];
    if !identity.tags.is_empty() {
        checks.push(complete(Check::dependent("sts:TagSession", role_arn)));
    }
    if identity.source_identity.is_some() {
        checks.push(complete(Check::dependent("sts:SetSourceIdentity", role_arn)));
    }
    checks
}

fn complete(check: Check, role: Option<&Role>, role_arn: &str, session_name: &str, identity: &Identity) -> Check {
    let trust = role.and_then(iam::role::trust_document).unwrap_or_else(|| Arc::new(policy::Document::default()));
    let mut check = check
        .vouched_by(&identity.provider)
        .request_tags(&identity.tags)
        .resource_policy(ResourcePolicy { document: trust, is_trust: true })
        .key("sts:RoleSessionName", session_name)
        .key_if("sts:SourceIdentity", identity.source_identity.as_ref());
    // Nobody's ARN, and yet a user, seen of AWS in September 2026.
    if let Some(provider) = Arn::parse(&identity.provider) {
        check = check.key("aws:PrincipalAccount", provider.account).key("aws:PrincipalType", "User");
        check = check.key("aws:userid", &identity.provider);
    }
    check.owner = account_of(role_arn);
    if !identity.transitive_tag_keys.is_empty() {
        check = check.keys("sts:TransitiveTagKeys", identity.transitive_tag_keys.clone());
    }
    check.keys.extend(identity.keys.iter().cloned());
    check.keys.extend(identity.trusted_context.iter().map(|(key, value)| (key.clone(), vec![value.clone()])));
    check.tags = role.map_or(ResourceTags::Unknown, |role| ResourceTags::Known(role.tags.clone()));
    check
}

/// Gives the session. The role is there and trusts the provider, by the checks above; but a server may run without enforcing.
pub fn session(
    cx: &Cx,
    world: &World,
    action: &str,
    asked: &Asked<'_>,
    identity: Identity,
) -> Result<Session, ApiError> {
    let role =
        role::by_arn(cx.partition(), world, asked.role_arn).ok_or_else(|| denied(action).because("no such role"))?;
    let cx = &without_caller(cx);
    session_tags::check(cx, Wanted { tags: &identity.tags, transitive_keys: &identity.transitive_tag_keys })?;
    assume_role::within_limit(&role, asked.seconds)?;
    let policies = session_policies::checked(world, role.account, asked.policy, asked.policy_arns)?;
    let packed_policy_size = packed::federated_percent(&policies, &identity)?;
    let (issued_at, life) = (cx.now_seconds(), SignedDuration::from_secs(asked.seconds));
    let holder = Holder::Role { id: role.id.clone(), session_name: asked.session_name.to_owned() };
    let contents = Contents {
        policies: (policies != SessionPolicies::default()).then_some(policies).into_iter().collect(),
        tags: identity.tags,
        transitive_tag_keys: identity.transitive_tag_keys,
        source_identity: identity.source_identity,
        // Another role assumed with this session is a link of a chain.
        chain_depth: 1,
        trusted_context: identity.trusted_context,
        federation: Some(Federation { provider: identity.provider, keys: identity.session_keys }),
        ..Contents::new(role.account, holder, SessionKind::AssumeRole, issued_at, life)
    };
    let credentials = credentials::issue(cx, world, contents, asked.minimum_token_size)?;
    let user = AssumedRoleUser {
        assumed_role_id: format!("{}:{}", role.id, asked.session_name),
        arn: arn::assumed_role(cx.partition(), role.account, &role.name, asked.session_name),
    };
    Ok(Session { user, credentials, packed_policy_size })
}

/// The same context with nobody calling: what a signed request's session hands on is not handed on here.
fn without_caller(cx: &Cx) -> Cx {
    let caller = Caller { principal: Principal::Anonymous, session: None, ..Caller::clone(&cx.caller) };
    Cx { caller: Arc::new(caller), ..cx.clone() }
}
