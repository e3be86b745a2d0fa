//! AssumeRoot: the management account acts as a member account's root user, for one of a few tasks.
//!
//! The session holds what a root user holds, intersected with the task's policy, for a quarter of an hour at most. Its refusals tell as little as
//! those of AssumeRole: who is not in the organisation learns nothing of it.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html>

use std::sync::Arc;

use iam::organization::{IAM_PRINCIPAL, features};
use iam::record::RootFeature;
use jiff::SignedDuration;
use service::caller::{SessionKind, SessionPolicies};
use service::prelude::*;
use service::{Organization, arn};

use crate::credentials::{self, Credentials};
use crate::session_policies::PolicyDescriptor;
use crate::token::{Contents, Holder};

const DEFAULT_SECONDS: i64 = 900;

/// What a root user's session may be for, and the feature of centralised root access that the organisation needs for it.
const TASKS: [(&str, RootFeature); 5] = [
    ("IAMAuditRootUserCredentials", RootFeature::CredentialsManagement),
    ("IAMCreateRootUserPassword", RootFeature::CredentialsManagement),
    ("IAMDeleteRootUserCredentials", RootFeature::CredentialsManagement),
    ("S3UnlockBucketPolicy", RootFeature::Sessions),
    ("SQSUnlockQueuePolicy", RootFeature::Sessions),
];

/// AssumeRoot's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct AssumeRoot {
    pub target_principal: String,
    pub task_policy_arn: PolicyDescriptor,
    pub duration_seconds: Option<i64>,
    pub minimum_session_token_size: Option<i64>,
}

/// AssumeRoot's answer.
#[derive(Debug, Serialize, Shaped)]
pub struct AssumedRoot {
    pub credentials: Credentials,
    pub source_identity: Option<String>,
    pub session_token_utilization: i64,
    pub session_token_size: i64,
}

/// What AWS checks before it asks who may: that the target is a root user, and that the task is one.
pub fn precheck(cx: &Cx, _: &World, input: &AssumeRoot) -> Result<(), ApiError> {
    if cx.from.global_endpoint {
        // AWS's global endpoint does not know the operation (seen in a report of a boto3 user).
        return Err(ApiError::new("InvalidAction", "Unknown Operation"));
    }
    if target(cx, input).is_none() {
        return Err(ApiError::validation("Request must contain a valid target principal"));
    }
    task(cx, input).ok_or_else(|| ApiError::validation("Request must contain valid AWS managed task policy ARN"))?;
    Ok(())
}

/// The account whose root user is wanted, by its number or its root user's ARN.
fn target(cx: &Cx, input: &AssumeRoot) -> Option<AccountId> {
    let wanted = input.target_principal.as_str();
    if let Ok(account) = wanted.parse() {
        return Some(account);
    }
    let account = arn::Arn::parse(wanted)?.account.parse().ok()?;
    (arn::root(cx.partition(), account) == wanted).then_some(account)
}

fn task(cx: &Cx, input: &AssumeRoot) -> Option<RootFeature> {
    let path = format!("arn:{}:iam::aws:policy/root-task/", cx.partition());
    let name = input.task_policy_arn.arn.as_deref()?.strip_prefix(&path)?;
    TASKS.iter().find(|(task, _)| *task == name).map(|(_, feature)| *feature)
}

/// `sts:AssumeRoot` on the root user. Its account asks nobody for its consent: being a member is enough.
pub fn checks(cx: &Cx, _: &World, input: &AssumeRoot) -> Vec<Check> {
    let account = target(cx, input).unwrap_or(cx.account());
    let check = Check::on(arn::root(cx.partition(), account)).shared_by(account);
    vec![check.key_if("sts:TaskPolicyArn", input.task_policy_arn.arn.as_ref())]
}

/// AssumeRoot.
pub fn assume(cx: &Cx, world: &World, input: &AssumeRoot) -> Result<AssumedRoot, ApiError> {
    let (Some(account), Some(feature)) = (target(cx, input), task(cx, input)) else {
        return Err(ApiError::internal("the request was not checked"));
    };
    let organization = common(cx, world, account).map_err(|cause| not_authorized(cx, account).because(cause))?;
    if !organization.trusted_services.contains(IAM_PRINCIPAL) {
        // Recorded in September 2026.
        let cause = "the organization does not list `iam.amazonaws.com` among its trusted services";
        return Err(ApiError::new("AccessDenied", "Service not enabled for AWS Organizations.").because(cause));
    }
    is_enabled(world, &organization, feature)?;
    let issued_at = cx.now_seconds();
    let seconds = input.duration_seconds.unwrap_or(DEFAULT_SECONDS);
    let session = cx.caller.session.as_ref();
    let contents = Contents {
        policies: vec![SessionPolicies { inline: None, managed: input.task_policy_arn.arn.iter().cloned().collect() }],
        source_identity: session.and_then(|session| session.source_identity.clone()),
        chain_depth: session.map_or(0, |session| session.chain_depth).saturating_add(1),
        ..Contents::new(account, Holder::Root, SessionKind::AssumeRoot, issued_at, SignedDuration::from_secs(seconds))
    };
    let source_identity = contents.source_identity.clone();
    let credentials = credentials::issue(cx, world, contents, input.minimum_session_token_size)?;
    Ok(AssumedRoot {
        session_token_utilization: credentials.token_utilization(),
        session_token_size: credentials.token_size(),
        credentials,
        source_identity,
    })
}

/// The organisation that makes the caller's account an administrator of the target's root user; or why there is none, for our log. AWS documents
/// that root credentials are no good for this call, not how it says so.
fn common(cx: &Cx, world: &World, account: AccountId) -> Result<Arc<Organization>, &'static str> {
    let organization = Organization::of(world).filter(|organization| organization.has(cx.account()));
    let organization = organization.ok_or("the caller's account is in no organization")?;
    if cx.caller.is_root() {
        return Err("root users cannot assume root");
    }
    if !organization.administers(cx.account(), IAM_PRINCIPAL) {
        return Err("the caller's account is neither the management account nor a delegated administrator of IAM");
    }
    if !organization.has(account) || account == organization.management_account {
        return Err("the target is no member account of the caller's organization");
    }
    Ok(organization)
}

/// The texts were seen on AWS.
fn is_enabled(world: &World, organization: &Organization, feature: RootFeature) -> Result<(), ApiError> {
    if features::enabled(world, organization).contains(&feature) {
        return Ok(());
    }
    let name = match feature {
        RootFeature::CredentialsManagement => "Root credentials management",
        RootFeature::Sessions => "Root sessions",
    };
    Err(ApiError::new("AccessDenied", format!("{name} feature is not enabled for your AWS Organization.")))
}

fn not_authorized(cx: &Cx, account: AccountId) -> ApiError {
    let (who, root) = (cx.caller.arn(), arn::root(cx.partition(), account));
    ApiError::new(
        "AccessDenied",
        format!("User: {who} is not authorized to perform: sts:AssumeRoot on resource: {root}"),
    )
}
