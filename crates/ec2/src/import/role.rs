//! The role with which VM Import reads files in buckets. The service uses it by its name, and nobody passes it.
//! <https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html>

use iam::record::Role;
use service::Principal;
use service::check::ResourcePolicy;
use service::cx::Origin;
use service::decide;
use service::prelude::*;

/// The role that is used unless another is named, and the external id that the service comes with.
const USUAL: &str = "vmimport";
const SERVICE: &str = "vmie.amazonaws.com";

/// The account has a role of that name that lets the service assume it, and that may read the file.
pub fn must_serve(cx: &Cx, world: &World, name: Option<&str>, file: Option<(&str, &str)>) -> Result<(), ApiError> {
    let name = name.unwrap_or(USUAL);
    let role = iam::entity::find_role(cx.arrived(world), cx.account(), name);
    let file = file.map(|(bucket, key)| format!("arn:{}:s3:::{bucket}/{key}", cx.partition()));
    let reads = |role: &Role| file.as_ref().is_none_or(|file| may(cx, world, role, "s3:GetObject", file));
    let serves = |role: &Role| trusts(cx, world, role) && reads(role);
    match role.filter(|role| serves(role)) {
        Some(_) => Ok(()),
        None => Err(ApiError::new(
            "InvalidParameter",
            format!("The service role {name} provided does not exist or does not have sufficient permissions"),
        )),
    }
}

/// The same context with another caller, who comes from inside AWS.
fn with_caller(cx: &Cx, caller: Caller) -> Cx {
    let from =
        Origin { source_ip: None, user_agent: None, referer: None, secure_transport: true, global_endpoint: false };
    Cx { caller: caller.into(), from: from.into(), ..cx.again() }
}

fn trusts(cx: &Cx, world: &World, role: &Role) -> bool {
    let Some(document) = iam::role::trust_document(role) else { return false };
    let as_service = with_caller(cx, Caller::service(cx.account(), cx.partition(), SERVICE));
    let check = Check::dependent("sts:AssumeRole", iam::role::arn(cx.partition(), role))
        .tagged(&role.tags)
        .key("sts:ExternalId", USUAL)
        .key("sts:RoleSessionName", USUAL)
        .resource_policy(ResourcePolicy { document, is_trust: true });
    decide::allows(&as_service, &check, &iam::policy_sets(world, &as_service.caller))
}

/// By its policies alone: what a bucket's policy says is not known.
fn may(cx: &Cx, world: &World, role: &Role, action: &str, file: &str) -> bool {
    let principal = Principal::Role {
        id: role.id.clone(),
        name: role.name.clone(),
        path: role.path.clone(),
        session_name: USUAL.to_owned(),
    };
    let caller = Caller { principal, ..Caller::service(cx.account(), cx.partition(), SERVICE) };
    let as_role = with_caller(cx, caller);
    decide::allows(&as_role, &Check::dependent(action, file), &iam::policy_sets(world, &as_role.caller))
}
