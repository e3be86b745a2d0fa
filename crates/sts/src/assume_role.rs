//! AssumeRole: the switch to a role, in one account or across two.
//!
//! The role's trust policy must allow, and where it does not name the caller itself the caller's own policies must too. Durations, chaining,
//! session policies, tags and source identity follow AWS's rules in AWS's order.

use std::sync::Arc;

use iam::record::Role;
use jiff::SignedDuration;
use service::arn::{self, Arn};
use service::caller::{SessionKind, SessionPolicies};
use service::check::{ResourcePolicy, ResourceTags};
use service::prelude::*;
use service::tags::same_key_ignoring_case;

use crate::credentials::{self, Credentials};
use crate::packed;
use crate::session_token::refuse_mfa;
use crate::token::{Contents, Holder};

const DEFAULT_SECONDS: i64 = 3_600;
/// A role assumed with another role's session lives an hour at most.
const CHAINED_SECONDS: i64 = 3_600;
/// Plain characters of all session policies together.
const SESSION_POLICY_CHARACTERS: usize = 2_048;

/// AssumeRole's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct AssumeRole {
    pub role_arn: String,
    pub role_session_name: String,
    #[serde(default)]
    pub policy_arns: Vec<PolicyDescriptor>,
    pub policy: Option<String>,
    pub duration_seconds: Option<i64>,
    #[serde(default)]
    pub tags: Vec<Tag>,
    #[serde(default)]
    pub transitive_tag_keys: Vec<String>,
    pub external_id: Option<String>,
    pub serial_number: Option<String>,
    pub token_code: Option<String>,
    pub source_identity: Option<String>,
}

/// A managed session policy.
#[derive(Debug, Deserialize, Shaped)]
pub struct PolicyDescriptor {
    pub arn: Option<String>,
}

/// AssumeRole's answer.
#[derive(Debug, Serialize, Shaped)]
pub struct AssumedRole {
    pub assumed_role_user: AssumedRoleUser,
    pub credentials: Credentials,
    pub packed_policy_size: Option<i64>,
    pub source_identity: Option<String>,
}

/// The session's two names.
#[derive(Debug, Serialize, Shaped)]
pub struct AssumedRoleUser {
    pub assumed_role_id: String,
    pub arn: String,
}

/// What AWS checks before it asks who is trusted: the ARN's form, the root user, tags.
pub fn precheck(cx: &Cx, _: &World, input: &AssumeRole) -> Result<(), ApiError> {
    if role_parts(&input.role_arn).is_none() {
        return Err(ApiError::validation(format!("{} is invalid", input.role_arn)));
    }
    if cx.caller.is_root() && !cx.settings.root_may_assume_roles {
        let hint = "make a user for it: `rolecall env --user NAME`, or start with --compat localstack or moto";
        return Err(ApiError::new("AccessDenied", "Roles may not be assumed by root accounts.").because(hint));
    }
    check_tags(cx, input)
}

/// The account and the path-and-name of a role's ARN.
fn role_parts(role_arn: &str) -> Option<(AccountId, &str)> {
    let arn = Arn::parse(role_arn).filter(|arn| arn.service == "iam")?;
    let (kind, name) = arn.typed_resource()?;
    (kind == "role" && !name.is_empty()).then_some((arn.account.parse().ok()?, name))
}

fn check_tags(cx: &Cx, input: &AssumeRole) -> Result<(), ApiError> {
    let invalid = |message: &str| Err(ApiError::new("InvalidParameterValue", message));
    for (position, tag) in input.tags.iter().enumerate() {
        if input.tags.iter().take(position).any(|earlier| same_key_ignoring_case(&earlier.key, &tag.key)) {
            return invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
        }
    }
    let given = |key: &String| input.tags.iter().any(|tag| same_key_ignoring_case(&tag.key, key));
    if !input.transitive_tag_keys.iter().all(given) {
        return invalid("The specified transitive tag key must be included in the requested tags.");
    }
    let inherited =
        cx.caller.session.as_ref().map(|session| session.transitive_tag_keys.as_slice()).unwrap_or_default();
    if input.tags.iter().any(|tag| inherited.iter().any(|key| same_key_ignoring_case(key, &tag.key))) {
        return invalid(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
        );
    }
    Ok(())
}

/// sts:AssumeRole on the role, and for tags and a source identity the two actions that go with them; the trust policy takes part in each.
pub fn checks(cx: &Cx, world: &World, input: &AssumeRole) -> Vec<Check> {
    let role = find(world, &input.role_arn);
    let mut checks = vec![check(cx, role.as_deref(), input, Check::on(&input.role_arn))];
    if !session_tags(cx, input).is_empty() {
        checks.push(check(cx, role.as_deref(), input, Check::dependent("sts:TagSession", &input.role_arn)));
    }
    if source_identity(cx, input).is_some() {
        checks.push(check(cx, role.as_deref(), input, Check::dependent("sts:SetSourceIdentity", &input.role_arn)));
    }
    checks
}

fn check(cx: &Cx, role: Option<&Role>, input: &AssumeRole, check: Check) -> Check {
    let owner = role_parts(&input.role_arn).map_or(cx.account(), |(account, _)| account);
    let trust = role.and_then(iam::role::trust_document).unwrap_or_else(|| Arc::new(policy::Document::default()));
    let mut check = check
        .owned_by(owner)
        .request_tags(&input.tags)
        .resource_policy(ResourcePolicy { document: trust, is_trust: true, decides_alone: false })
        .key("sts:RoleSessionName", &input.role_session_name)
        .key_if("sts:ExternalId", input.external_id.as_ref())
        .key_if("sts:SourceIdentity", source_identity(cx, input))
        .key_if("sts:DurationSeconds", input.duration_seconds.map(|seconds| seconds.to_string()));
    if !input.transitive_tag_keys.is_empty() {
        check = check.keys("sts:TransitiveTagKeys", input.transitive_tag_keys.clone());
    }
    check.tags = role.map_or(ResourceTags::Unknown, |role| ResourceTags::Known(role.tags.clone()));
    check
}

/// The role that ARN names; its path must be right.
fn find(world: &World, role_arn: &str) -> Option<Arc<Role>> {
    let (account, full_name) = role_parts(role_arn)?;
    let role = iam::role::by_name(world, account, arn::last_name(full_name))?;
    (format!("{}{}", role.path, role.name) == format!("/{full_name}")).then_some(role)
}

/// The caller's source identity stays; a new one may be set only once.
fn source_identity<'a>(cx: &'a Cx, input: &'a AssumeRole) -> Option<&'a String> {
    let held = cx.caller.session.as_ref().and_then(|session| session.source_identity.as_ref());
    input.source_identity.as_ref().or(held)
}

/// The new session's tags: those asked for, and the transitive ones of the calling session.
fn session_tags(cx: &Cx, input: &AssumeRole) -> Vec<Tag> {
    let mut tags = input.tags.clone();
    if let Some(session) = &cx.caller.session {
        let transitive =
            |tag: &&Tag| session.transitive_tag_keys.iter().any(|key| same_key_ignoring_case(key, &tag.key));
        tags.extend(session.tags.iter().filter(transitive).cloned());
    }
    tags
}

/// AssumeRole.
pub fn assume(cx: &Cx, world: &World, input: &AssumeRole) -> Result<AssumedRole, ApiError> {
    // INVARIANT: authorisation passed, so a trust policy allowed; without a role there is none.
    let role = find(world, &input.role_arn).ok_or_else(|| ApiError::internal("an allowed AssumeRole names no role"))?;
    refuse_mfa(input.serial_number.as_deref(), input.token_code.as_deref())?;
    keep_source_identity(cx, input)?;
    let seconds = duration(cx, &role, input)?;
    let policies = session_policies(world, &role, input)?;
    let tags = session_tags(cx, input);
    let packed_policy_size = packed::percent(&policies, &input.tags);
    if let Some(percent) = packed_policy_size.filter(|percent| *percent > 100) {
        let text = format!("Packed policy consumes {percent}% of allotted space, please use smaller policy.");
        return Err(ApiError::new("PackedPolicyTooLarge", text));
    }
    let issued_at = cx.now_seconds();
    let contents = Contents {
        account: role.account,
        holder: Holder::Role { id: role.id.clone(), session_name: input.role_session_name.clone() },
        kind: SessionKind::AssumeRole,
        issued_at,
        expires_at: issued_at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(issued_at),
        policies: (policies != SessionPolicies::default()).then_some(policies).into_iter().collect(),
        tags,
        transitive_tag_keys: transitive(cx, input),
        source_identity: source_identity(cx, input).cloned(),
        mfa_at: None,
        chain_depth: cx.caller.session.as_ref().map_or(0, |session| session.chain_depth).saturating_add(1),
        instance: None,
    };
    Ok(AssumedRole {
        assumed_role_user: AssumedRoleUser {
            assumed_role_id: format!("{}:{}", role.id, input.role_session_name),
            arn: arn::assumed_role(cx.partition(), role.account, &role.name, &input.role_session_name),
        },
        credentials: credentials::issue(cx, world, &contents)?,
        packed_policy_size,
        source_identity: contents.source_identity,
    })
}

fn keep_source_identity(cx: &Cx, input: &AssumeRole) -> Result<(), ApiError> {
    let held = cx.caller.session.as_ref().and_then(|session| session.source_identity.as_ref());
    match (held, &input.source_identity) {
        (Some(held), Some(wanted)) if held != wanted => {
            Err(ApiError::new("AccessDenied", "The source identity is already set for this assume role session"))
        }
        _ => Ok(()),
    }
}

fn transitive(cx: &Cx, input: &AssumeRole) -> Vec<String> {
    let mut keys = input.transitive_tag_keys.clone();
    keys.extend(cx.caller.session.iter().flat_map(|session| session.transitive_tag_keys.iter().cloned()));
    keys
}

/// The session's length in seconds. The order of the two refusals was observed on AWS.
fn duration(cx: &Cx, role: &Role, input: &AssumeRole) -> Result<i64, ApiError> {
    let seconds = input.duration_seconds.unwrap_or(DEFAULT_SECONDS);
    if seconds > role.max_session_duration {
        return Err(ApiError::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    // A session from an instance's metadata does not count as a link, one made with AssumeRole does.
    let chained = cx.caller.session.as_ref().is_some_and(|session| session.chain_depth > 0);
    if chained && seconds > CHAINED_SECONDS {
        return Err(ApiError::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    Ok(seconds)
}

fn session_policies(world: &World, role: &Role, input: &AssumeRole) -> Result<SessionPolicies, ApiError> {
    let managed: Vec<String> = input.policy_arns.iter().filter_map(|descriptor| descriptor.arn.clone()).collect();
    for arn in &managed {
        if iam::managed_document(world, role.account, arn).is_none() {
            return Err(ApiError::new("MalformedPolicyDocument", format!("Policy ARN was not found: {arn}")));
        }
    }
    if let Some(text) = &input.policy {
        policy::validate(text, policy::Kind::Session)
            .map_err(|malformed| ApiError::new("MalformedPolicyDocument", malformed.message))?;
        if text.chars().count() > SESSION_POLICY_CHARACTERS {
            let text = "Packed policy consumes more than 100% of allotted space, please use smaller policy.";
            return Err(ApiError::new("PackedPolicyTooLarge", text));
        }
    }
    Ok(SessionPolicies { inline: input.policy.clone(), managed })
}
