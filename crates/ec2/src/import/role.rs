//! The role with which VM Import reads files in buckets, and VM Export writes them. The service uses it by its name, and nobody passes it.
//! <https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html>

use iam::record::Role;
use service::Principal;
use service::decide;
use service::prelude::*;

/// The role that is used unless another is named, and the external id that the service comes with.
const USUAL: &str = "vmimport";
const SERVICE: &str = "vmie.amazonaws.com";

/// The account has a role of that name that lets the service assume it, and that may read the file.
pub fn must_serve(cx: &Cx, world: &World, name: Option<&str>, file: Option<(&str, &str)>) -> Result<(), ApiError> {
    must_let(cx, world, name, "s3:GetObject", file)
}

/// The same of one that may write the file.
pub fn must_write(cx: &Cx, world: &World, name: Option<&str>, file: (&str, &str)) -> Result<(), ApiError> {
    must_let(cx, world, name, "s3:PutObject", Some(file))
}

fn must_let(
    cx: &Cx,
    world: &World,
    name: Option<&str>,
    action: &str,
    file: Option<(&str, &str)>,
) -> Result<(), ApiError> {
    let name = name.unwrap_or(USUAL);
    let role = iam::entity::find_role(cx.arrived(world), cx.account(), name);
    let file = file.map(|(bucket, key)| format!("arn:{}:s3:::{bucket}/{key}", cx.partition()));
    let reaches = |role: &Role| file.as_ref().is_none_or(|file| may(cx, world, role, action, file));
    let serves = |role: &Role| iam::role::lets_in(cx, world, role, SERVICE, USUAL, Some(USUAL)) && reaches(role);
    match role.filter(|role| serves(role)) {
        Some(_) => Ok(()),
        None => Err(ApiError::new(
            "InvalidParameter",
            format!("The service role {name} provided does not exist or does not have sufficient permissions"),
        )),
    }
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
    let as_role = cx.inside(caller);
    decide::allows(&as_role, &Check::dependent(action, file), &iam::policy_sets(world, &as_role.caller))
}
