//! AssumeRole: the switch to a role, in one account or across two.
//!
//! The role's trust policy must allow, and where it does not name the caller itself the caller's own policies must too. Durations, chaining,
//! session policies, tags and source identity follow AWS's rules in AWS's order.

use std::sync::Arc;

use iam::record::Role;
use iam::role;
use jiff::SignedDuration;
use service::arn;
use service::caller::{SessionKind, SessionPolicies};
use service::check::{ResourcePolicy, ResourceTags};
use service::prelude::*;

use crate::credentials::{self, Credentials};
use crate::federated;
use crate::mfa::Factor;
use crate::packed;
use crate::session_policies::{self, PolicyDescriptor};
use crate::session_tags::{self, Wanted};
use crate::token::{Contents, Holder};

pub(crate) const DEFAULT_SECONDS: i64 = 3_600;
/// A role assumed with another role's session lives an hour at most.
const CHAINED_SECONDS: i64 = 3_600;

/// AssumeRole's input.
#[derive(Deserialize, Shaped)]
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
    #[serde(default)]
    pub provided_contexts: Vec<ProvidedContext>,
    pub minimum_session_token_size: Option<i64>,
}

/// Codes never show.
impl std::fmt::Debug for AssumeRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AssumeRole").field("role_arn", &self.role_arn).finish_non_exhaustive()
    }
}

impl AssumeRole {
    fn factor(&self) -> Factor<'_> {
        Factor { serial: self.serial_number.as_deref(), code: self.token_code.as_deref() }
    }

    /// Whether a code is to be remembered as used.
    pub fn spends_code(&self) -> bool {
        self.factor().is_given()
    }
}

/// An assertion by a context provider such as IAM Identity Center.
#[derive(Debug, Deserialize, Shaped)]
pub struct ProvidedContext {
    pub provider_arn: Option<String>,
    pub context_assertion: Option<String>,
}

/// AssumeRole's answer.
#[derive(Debug, Serialize, Shaped)]
pub struct AssumedRole {
    pub assumed_role_user: AssumedRoleUser,
    pub credentials: Credentials,
    pub packed_policy_size: Option<i64>,
    pub source_identity: Option<String>,
    pub session_token_utilization: i64,
    pub session_token_size: i64,
}

/// The session's two names.
#[derive(Debug, Serialize, Shaped)]
pub struct AssumedRoleUser {
    pub assumed_role_id: String,
    pub arn: String,
}

/// What AWS checks before it asks who is trusted: the ARN's form, the root user, tags, the second factor.
pub fn precheck(cx: &Cx, world: &World, input: &AssumeRole) -> Result<(), ApiError> {
    federated::must_be_arn(&input.role_arn)?;
    if cx.caller.is_root() && !cx.settings.root_may_assume_roles {
        let hint = "make a user for it: `rolecall env --user NAME`, or start with --compat localstack or moto";
        return Err(ApiError::new("AccessDenied", "Roles may not be assumed by root accounts.").because(hint));
    }
    session_tags::check(cx, Wanted { tags: &input.tags, transitive_keys: &input.transitive_tag_keys })?;
    input.factor().check(cx, world)
}

/// sts:AssumeRole on the role, and for tags, a source identity and contexts the actions that go with them; the trust policy takes part in
/// each. What a session inherits is asked for again at each link of a chain.
pub fn checks(cx: &Cx, world: &World, input: &AssumeRole) -> Vec<Check> {
    let role = role::by_arn(cx.partition(), world, &input.role_arn);
    let with = |action: &str| check(cx, role.as_deref(), input, Check::dependent(action, &input.role_arn));
    let mut checks = vec![check(cx, role.as_deref(), input, Check::on(&input.role_arn))];
    if !session_tags::of_session(cx, &input.tags).is_empty() {
        checks.push(with("sts:TagSession"));
    }
    if source_identity(cx, input).is_some() {
        checks.push(with("sts:SetSourceIdentity"));
    }
    if !input.provided_contexts.is_empty() {
        let providers = input.provided_contexts.iter().filter_map(|context| context.provider_arn.clone()).collect();
        checks.push(with("sts:SetContext").keys("sts:RequestContextProviders", providers));
    }
    checks
}

/// All actions see the keys of all, so that one statement of a trust policy can allow them together under its conditions.
fn check(cx: &Cx, role: Option<&Role>, input: &AssumeRole, check: Check) -> Check {
    let owner = role::parts_of_arn(&input.role_arn).map_or(cx.account(), |(account, _)| account);
    let trust = role.and_then(iam::role::trust_document).unwrap_or_else(|| Arc::new(policy::Document::default()));
    let mut check = check
        .owned_by(owner)
        .request_tags(&input.tags)
        .resource_policy(ResourcePolicy { document: trust, is_trust: true })
        .key("sts:RoleSessionName", &input.role_session_name)
        .key_if("sts:ExternalId", input.external_id.as_ref())
        .key_if("sts:SourceIdentity", source_identity(cx, input));
    if !input.transitive_tag_keys.is_empty() {
        check = check.keys("sts:TransitiveTagKeys", input.transitive_tag_keys.clone());
    }
    if input.spends_code() {
        // The code was found good before; the request it comes with counts as authenticated by it.
        check = check.key("aws:MultiFactorAuthPresent", "true").key("aws:MultiFactorAuthAge", "0");
    }
    check.tags = role.map_or(ResourceTags::Unknown, |role| ResourceTags::Known(role.tags.clone()));
    check
}

/// The caller's source identity stays; a new one may be set only once.
fn source_identity<'a>(cx: &'a Cx, input: &'a AssumeRole) -> Option<&'a String> {
    input.source_identity.as_ref().or(held_source_identity(cx))
}

fn held_source_identity(cx: &Cx) -> Option<&String> {
    cx.caller.session.as_ref().and_then(|session| session.source_identity.as_ref())
}

/// AssumeRole with a second factor.
pub fn assume_with_code(cx: &Cx, tx: &mut Tx, input: &AssumeRole) -> Result<AssumedRole, ApiError> {
    input.factor().spend(cx, tx)?;
    assume(cx, tx, input)
}

/// AssumeRole.
pub fn assume(cx: &Cx, world: &World, input: &AssumeRole) -> Result<AssumedRole, ApiError> {
    // Authorisation does not let a missing role pass, as it has no trust policy; but a server may run without enforcing.
    let role = role::by_arn(cx.partition(), world, &input.role_arn).ok_or_else(|| not_authorized(cx, input))?;
    keep_source_identity(cx, input)?;
    let seconds = duration(cx, &role, input)?;
    let policies = session_policies::checked(world, role.account, input.policy.as_ref(), &input.policy_arns)?;
    refuse_contexts(input)?;
    let tags = session_tags::of_session(cx, &input.tags);
    let packed_policy_size = packed::percent(&policies, &tags)?;
    let (issued_at, life) = (cx.now_seconds(), SignedDuration::from_secs(seconds));
    let holder = Holder::Role { id: role.id.clone(), session_name: input.role_session_name.clone() };
    let contents = Contents {
        policies: (policies != SessionPolicies::default()).then_some(policies).into_iter().collect(),
        tags,
        transitive_tag_keys: session_tags::transitive_keys(cx, &input.transitive_tag_keys),
        source_identity: source_identity(cx, input).cloned(),
        mfa_at: input.factor().time(cx),
        chain_depth: cx.caller.session.as_ref().map_or(0, |session| session.chain_depth).saturating_add(1),
        trusted_context: cx.caller.session.as_ref().map(|session| session.trusted_context.clone()).unwrap_or_default(),
        ..Contents::new(role.account, holder, SessionKind::AssumeRole, issued_at, life)
    };
    let source_identity = contents.source_identity.clone();
    let credentials = credentials::issue(cx, world, contents, input.minimum_session_token_size)?;
    Ok(AssumedRole {
        assumed_role_user: AssumedRoleUser {
            assumed_role_id: format!("{}:{}", role.id, input.role_session_name),
            arn: arn::assumed_role(cx.partition(), role.account, &role.name, &input.role_session_name),
        },
        session_token_utilization: credentials.token_utilization(),
        session_token_size: credentials.token_size(),
        credentials,
        packed_policy_size,
        source_identity,
    })
}

fn not_authorized(cx: &Cx, input: &AssumeRole) -> ApiError {
    let (who, role) = (cx.caller.arn(), &input.role_arn);
    let text = format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {role}");
    ApiError::new("AccessDenied", text).because("there is no such role")
}

fn keep_source_identity(cx: &Cx, input: &AssumeRole) -> Result<(), ApiError> {
    match (held_source_identity(cx), &input.source_identity) {
        (Some(held), Some(wanted)) if held != wanted => {
            Err(ApiError::validation("The source identity is already set for this assume role session"))
        }
        _ => Ok(()),
    }
}

/// Only context providers make assertions, and there are none here: none given can be genuine. The text is ours.
fn refuse_contexts(input: &AssumeRole) -> Result<(), ApiError> {
    match input.provided_contexts.first() {
        Some(context) => {
            let provider = context.provider_arn.as_deref().unwrap_or_default();
            let text = format!("The context assertion is not one of provider `{provider}`");
            Err(ApiError::new("InvalidContextAssertion", text))
        }
        None => Ok(()),
    }
}

/// The session's length in seconds. The order of the two refusals was observed on AWS.
fn duration(cx: &Cx, role: &Role, input: &AssumeRole) -> Result<i64, ApiError> {
    let seconds = input.duration_seconds.unwrap_or(DEFAULT_SECONDS);
    within_limit(role, seconds)?;
    // A session from an instance's metadata does not count as a link, one made with AssumeRole does.
    let chained = cx.caller.session.as_ref().is_some_and(|session| session.chain_depth > 0);
    if chained && seconds > CHAINED_SECONDS {
        return Err(ApiError::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    Ok(seconds)
}

/// Refuses a session longer than the role allows.
pub(crate) fn within_limit(role: &Role, seconds: i64) -> Result<(), ApiError> {
    if seconds <= role.max_session_duration {
        return Ok(());
    }
    Err(ApiError::validation("The requested DurationSeconds exceeds the MaxSessionDuration set for this role."))
}
