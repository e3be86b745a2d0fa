//! GetFederationToken: a session under a name of the caller's choice, with what the caller holds and the session policies allow.
//!
//! Without a session policy such a session has nothing from identity policies. It may call nothing of IAM, and of STS nothing but
//! GetCallerIdentity (see `token::may_call`).

use jiff::SignedDuration;
use service::caller::{SessionKind, SessionPolicies};
use service::prelude::*;

use crate::credentials::{self, Credentials};
use crate::packed;
use crate::session_policies::{self, PolicyDescriptor};
use crate::session_tags::{self, Wanted};
use crate::session_token::{DEFAULT_SECONDS, ROOT_SECONDS};
use crate::token::{self, Contents, Holder};

/// GetFederationToken's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct GetFederationToken {
    pub name: String,
    pub policy: Option<String>,
    #[serde(default)]
    pub policy_arns: Vec<PolicyDescriptor>,
    pub duration_seconds: Option<i64>,
    #[serde(default)]
    pub tags: Vec<Tag>,
    pub minimum_session_token_size: Option<i64>,
}

/// GetFederationToken's answer. PackedPolicySize is there even if nothing was packed (seen on AWS), unlike AssumeRole's.
#[derive(Debug, Serialize, Shaped)]
pub struct FederationToken {
    pub credentials: Credentials,
    pub federated_user: FederatedUser,
    pub packed_policy_size: i64,
    pub session_token_utilization: i64,
    pub session_token_size: i64,
}

/// The session's two names.
#[derive(Debug, Serialize, Shaped)]
pub struct FederatedUser {
    pub federated_user_id: String,
    pub arn: String,
}

/// Only long-term credentials of a user or the root user may ask; then AWS looks at the tags.
pub fn precheck(cx: &Cx, _: &World, input: &GetFederationToken) -> Result<(), ApiError> {
    if cx.caller.session.is_some() {
        return Err(token::session_credentials("GetFederationToken"));
    }
    session_tags::check(cx, Wanted { tags: &input.tags, transitive_keys: &[] })
}

fn federated_arn(cx: &Cx, name: &str) -> String {
    format!("arn:{}:sts::{}:federated-user/{name}", cx.partition(), cx.account())
}

/// sts:GetFederationToken on the federated user, and with tags sts:TagSession on it.
pub fn checks(cx: &Cx, _: &World, input: &GetFederationToken) -> Vec<Check> {
    let arn = federated_arn(cx, &input.name);
    let tagging = (!input.tags.is_empty()).then(|| Check::dependent("sts:TagSession", &arn));
    let checks = std::iter::once(Check::on(&arn)).chain(tagging);
    checks.map(|check| check.request_tags(&input.tags)).collect()
}

/// GetFederationToken.
pub fn get(cx: &Cx, world: &World, input: &GetFederationToken) -> Result<FederationToken, ApiError> {
    let (user_id, most) = match &cx.caller.principal {
        Principal::Root => (None, ROOT_SECONDS),
        Principal::User { id, .. } => (Some(id.clone()), i64::MAX),
        _ => return Err(token::session_credentials("GetFederationToken")),
    };
    let policies = session_policies::checked(world, cx.account(), input.policy.as_ref(), &input.policy_arns)?;
    let packed_policy_size = packed::percent(&policies, &input.tags)?.unwrap_or(0);
    let seconds = input.duration_seconds.unwrap_or(DEFAULT_SECONDS).min(most);
    let (issued_at, life) = (cx.now_seconds(), SignedDuration::from_secs(seconds));
    let holder = Holder::Federated { name: input.name.clone(), user_id };
    let contents = Contents {
        policies: (policies != SessionPolicies::default()).then_some(policies).into_iter().collect(),
        tags: input.tags.clone(),
        ..Contents::new(cx.account(), holder, SessionKind::Federation, issued_at, life)
    };
    let credentials = credentials::issue(cx, world, contents, input.minimum_session_token_size)?;
    Ok(FederationToken {
        session_token_utilization: credentials.token_utilization(),
        session_token_size: credentials.token_size(),
        credentials,
        federated_user: FederatedUser {
            federated_user_id: format!("{}:{}", cx.account(), input.name),
            arn: federated_arn(cx, &input.name),
        },
        packed_policy_size,
    })
}
