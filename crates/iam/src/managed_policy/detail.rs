//! A managed policy with the documents of its versions, as GetAccountAuthorizationDetails shows it: newest version first, no description.

use super::found::find_aws;
use super::version::{VersionOut, with_documents};
use super::*;

/// A managed policy and what it says.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct Detail {
    policy_name: String,
    policy_id: String,
    arn: String,
    path: String,
    default_version_id: String,
    attachment_count: i64,
    permissions_boundary_usage_count: i64,
    is_attachable: bool,
    create_date: Timestamp,
    update_date: Timestamp,
    policy_version_list: Vec<VersionOut>,
}

/// Of one of the account's policies.
pub fn own_detail(cx: &Cx, world: &World, policy: &ManagedPolicy) -> Option<Detail> {
    detail(cx, world, Summary::of_own(policy))
}

/// Of one of AWS's policies, by its ARN.
pub fn aws_detail(cx: &Cx, world: &World, arn: &str) -> Option<Detail> {
    detail(cx, world, Summary::of_aws(cx.partition(), find_aws(arn)?))
}

/// Whether it is the ARN of one of AWS's policies.
pub fn is_aws(arn: &str) -> bool {
    find_aws(arn).is_some()
}

fn detail(cx: &Cx, world: &World, found: Summary) -> Option<Detail> {
    let usage = usage(world, cx.account(), &found.arn);
    let policy_version_list = with_documents(cx, world, &found.arn).ok()?;
    Some(Detail {
        policy_name: found.policy_name,
        policy_id: found.policy_id,
        arn: found.arn,
        path: found.path,
        default_version_id: found.default_version_id,
        attachment_count: count(usage.attached),
        permissions_boundary_usage_count: count(usage.as_boundary),
        is_attachable: true,
        create_date: found.created_at,
        update_date: found.updated_at,
        policy_version_list,
    })
}
