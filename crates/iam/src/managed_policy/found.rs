//! A managed policy by its ARN, whether AWS's or the account's; how often it is used; and what its default version says.
//!
//! [`document`] is on the path of every request: it looks up and clones a pointer, nothing more.

use super::*;
use crate::entity::missing;
use crate::managed;
use crate::record::{Group, Role, User};

/// What is known of a managed policy besides its documents.
#[derive(Debug, Clone)]
pub struct Summary {
    pub policy_name: String,
    pub policy_id: String,
    pub arn: String,
    pub path: String,
    pub default_version_id: String,
    pub description: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub tags: Vec<Tag>,
    /// AWS's own.
    pub is_aws: bool,
}

impl Summary {
    /// Of one of an account's policies.
    pub(super) fn of_own(policy: &ManagedPolicy) -> Summary {
        Summary {
            policy_name: policy.name.clone(),
            policy_id: policy.id.clone(),
            arn: policy.arn.clone(),
            path: policy.path.clone(),
            default_version_id: policy.default_version.clone(),
            description: policy.description.clone(),
            created_at: policy.created_at,
            updated_at: policy.updated_at,
            tags: policy.tags.clone(),
            is_aws: false,
        }
    }

    /// Of one of AWS's policies, under the ARN it has in that partition.
    pub(super) fn of_aws(partition: &str, policy: &managed::ManagedPolicy) -> Summary {
        Summary {
            policy_name: policy.name.clone(),
            policy_id: policy.id(),
            arn: policy.arn(partition),
            path: policy.path.clone(),
            default_version_id: policy.default_version.clone(),
            description: None,
            created_at: policy.created_at,
            updated_at: policy.updated_at,
            tags: Vec::new(),
            is_aws: true,
        }
    }

    /// `PolicyNotAttachable` if only service-linked roles, or root users' sessions, may have the policy. The texts are AWS's, for groups by analogy.
    pub fn must_be_attachable_to(&self, kind: &str) -> Result<(), ApiError> {
        let text = match (self.is_aws, self.path.as_str(), kind) {
            (true, "/aws-service-role/", "role") => {
                "Cannot attach a Service Role Policy to a Customer Role.".to_owned()
            }
            (true, "/aws-service-role/" | "/root-task/", _) => {
                format!("Cannot attach AWS reserved policy to an IAM {kind}.")
            }
            _ => return Ok(()),
        };
        Err(ApiError::new("PolicyNotAttachable", text))
    }
}

/// How often a policy is used in an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub attached: usize,
    pub as_boundary: usize,
}

/// Counts by the indexes of users, groups and roles.
pub(super) fn usage(world: &World, account: AccountId, arn: &str) -> Usage {
    let parts = [account.as_str(), arn];
    Usage {
        attached: world.by::<User>(User::BY_ATTACHED, &parts).count()
            + world.by::<Group>(Group::BY_ATTACHED, &parts).count()
            + world.by::<Role>(Role::BY_ATTACHED, &parts).count(),
        as_boundary: world.by::<User>(User::BY_BOUNDARY, &parts).count()
            + world.by::<Role>(Role::BY_BOUNDARY, &parts).count(),
    }
}

/// ValidationError for a text that is no ARN, with the two spaces AWS writes; InvalidInput for an ARN that can be no policy's here: since 2024
/// IAM looks at the partition, the service, the region and the kind.
pub fn must_be_arn(cx: &Cx, text: &str) -> Result<(), ApiError> {
    let Some(parts) = arn::Arn::parse(text) else {
        return Err(ApiError::validation("Invalid ARN:  Could not be parsed!"));
    };
    let kind = parts.typed_resource().map(|(kind, _)| kind);
    if parts.partition != cx.partition() {
        return Err(ApiError::validation("Invalid ARN partition"));
    }
    let place = (parts.partition, parts.service, parts.region, kind);
    if place == (cx.partition(), "iam", "", Some("policy")) && !text.ends_with(char::is_whitespace) {
        return Ok(());
    }
    Err(ApiError::new("InvalidInput", format!("ARN {text} is not valid.")))
}

/// The policy with that ARN: AWS's in the caller's partition, or one of the caller's account.
pub fn summary(cx: &Cx, world: &World, arn: &str) -> Option<Summary> {
    match find_own(world, cx.account(), arn) {
        Some(policy) => Some(Summary::of_own(policy)),
        None => find_aws(arn).map(|policy| Summary::of_aws(cx.partition(), policy)).filter(|found| found.arn == arn),
    }
}

/// As [`summary`], with AWS's words for one that is not there.
pub(super) fn required(cx: &Cx, world: &World, arn: &str) -> Result<Summary, ApiError> {
    must_be_arn(cx, arn)?;
    summary(cx, world, arn).ok_or_else(|| not_found(arn))
}

pub(super) fn not_found(arn: &str) -> ApiError {
    missing(format!("Policy {arn} was not found."))
}

/// The account's own policy with that ARN, for changes: nobody changes AWS's policies or those of other accounts. What is to be done is said as AWS
/// says what cannot be: `delete policies`.
pub fn own(cx: &Cx, world: &World, arn: &str, to_do: &str) -> Result<Arc<ManagedPolicy>, ApiError> {
    must_be_arn(cx, arn)?;
    if let Some(policy) = find_own(world, cx.account(), arn) {
        return Ok(policy.clone());
    }
    match arn::Arn::parse(arn) {
        Some(parts) if parts.account == cx.account().as_str() => Err(not_found(arn)),
        _ => Err(ApiError::new("AccessDenied", format!("Cannot {to_do} outside your own account."))),
    }
}

/// What the policy says now, for decisions: AWS's policies and the account's own. The partition in the ARN is not looked at.
pub fn document(world: &World, account: AccountId, arn: &str) -> Option<Arc<policy::Document>> {
    match find_own(world, account, arn) {
        Some(policy) => policy.default_document()?.document.document().cloned(),
        None => find_aws(arn)?.document().document().cloned(),
    }
}

/// The check of an operation on a policy; denials name it `policy ARN` (seen on AWS).
pub fn check(cx: &Cx, world: &World, arn: &str) -> Check {
    let check = entity::of_its_account(cx, Check::on(arn).shown_as(format!("policy {arn}")));
    match summary(cx, world, arn) {
        Some(found) => check.tagged(&found.tags),
        None => check,
    }
}

/// AWS's policy with that ARN, in any partition; a mere name is none.
pub(super) fn find_aws(arn: &str) -> Option<&'static managed::ManagedPolicy> {
    arn.starts_with("arn:").then(|| managed::by_arn(arn)).flatten()
}

pub(super) fn find_own<'w>(world: &'w World, account: AccountId, arn: &str) -> Option<&'w Arc<ManagedPolicy>> {
    world.one::<ManagedPolicy>(ManagedPolicy::BY_ARN, &[arn]).filter(|policy| policy.account == account)
}
