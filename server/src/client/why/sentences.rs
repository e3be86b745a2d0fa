//! What is always true of a verdict, an error or a kind of policy, in one sentence each.

use serde_json::Value;

use super::{flag, list, string};

/// Sentences on the request as a whole.
pub fn of(decision: &Value) -> Vec<String> {
    let mut sentences = Vec::new();
    let error = decision.get("error").filter(|error| !error.is_null());
    let code = error.map(|error| string(error, "code")).unwrap_or_default();
    match string(decision, "verdict") {
        "refused" => {
            sentences.push(refused(code).to_owned());
            sentences.push(
                "No policy was asked: the signature comes first, then the parameters, then permissions.".to_owned(),
            );
        }
        "would-deny" => sentences.push(format!(
            "Policies are not enforced here (--auth {}), so it passed. Enforced, it would have been denied.",
            string(decision, "mode")
        )),
        "allowed" if code == "DryRunOperation" => {
            sentences
                .push("It may do this; as it was a dry run, nothing was done. AWS says so with an error.".to_owned());
        }
        "allowed" if error.is_some() => {
            sentences.push("It was permitted and failed afterwards, for what it asked for.".to_owned());
        }
        "denied" if flag(decision, "dryRun") => {
            sentences.push("It was a dry run; the real request would be denied in the same way.".to_owned());
        }
        _ => {}
    }
    if !string(decision, "open").is_empty() {
        sentences.push(format!("The operation needs no permission: {}.", string(decision, "open")));
    }
    let (principal, identity) = (string(decision, "principal"), string(decision, "identity"));
    if principal != identity && !list(decision, "checks").is_empty() {
        sentences.push(format!("It is a session of {identity}, whose policies count."));
    }
    sentences
}

/// Why a request was refused before anything was decided, by the code of the answer.
fn refused(code: &str) -> &'static str {
    match code {
        "SignatureDoesNotMatch" => {
            "The signature is not that of the key's secret: another secret was used, or the request was changed on its way."
        }
        "InvalidClientTokenId" => {
            "The access key or its session token is not one of this server's, or the key is inactive."
        }
        "AuthFailure" => "EC2 does not say what is wrong with the credentials; the cause above does.",
        "ExpiredToken" | "RequestExpired" => {
            "The session has expired, or the request's date is too far from the server's. New credentials are needed."
        }
        "IncompleteSignature" => "The authorization header, or what stands for it in the query, is not complete.",
        "MissingAuthenticationToken" => "The request is not signed.",
        "InvalidAction" | "MissingAction" => "It names no operation of that service.",
        "NotImplemented" => "The operation exists at AWS and is not emulated.",
        "AccessDenied" | "UnauthorizedOperation" => {
            "Credentials of that kind may not call the operation, whatever policies say."
        }
        "InternalFailure" | "InternalError" => "Something went wrong in the server; its log has the request's id.",
        _ => "What it asks for is not put as the operation takes it.",
    }
}

/// Why a check is made that is not on the operation itself.
pub fn why_checked(why: &str) -> Option<&'static str> {
    match why {
        "dependent" => Some("The operation uses this besides, which is a permission of its own."),
        "tags" => Some("It sets tags on what it makes, which is a permission of its own."),
        _ => None,
    }
}

pub const IDENTITY: &str = "identity-based policy";

/// The kinds of policy that must allow beside one another, each where there is one.
pub const MUST_ALLOW: [&str; 5] =
    ["resource control policy", "service control policy", IDENTITY, "permissions boundary", "session policy"];

/// That a kind of policy does not allow.
pub fn silent(layer: &str) -> String {
    match layer {
        "role trust policy" => "The role's trust policy does not allow it,".to_owned(),
        "permissions boundary" => "The permissions boundary does not allow it,".to_owned(),
        layer => format!("No {layer} allows it,"),
    }
}

/// What a kind of policy is for.
pub fn layer(layer: &str) -> &'static str {
    match layer {
        "identity-based policy" => "Identity-based policies say what the user or role itself may do.",
        "permissions boundary" => {
            "A permissions boundary gives nothing; it is the most that identity-based policies can give."
        }
        "session policy" => {
            "A session policy, given when the session was made, gives nothing; the session may do no more than it says."
        }
        "service control policy" => {
            "Service control policies give nothing; they are the most that anybody in the account may do, at every level of the organization."
        }
        "resource control policy" => {
            "Resource control policies give nothing; they are the most that may be done with the account's resources, whoever asks."
        }
        "role trust policy" => "A role's trust policy says who may assume it; without its consent nobody may.",
        _ => "A policy on the resource itself says who may use it.",
    }
}

/// What would have to be added, and where.
pub fn remedy(layer: &str) -> &'static str {
    match layer {
        "identity-based policy" => "A policy of the caller with this statement would allow it",
        "permissions boundary" => "The boundary would have to hold a statement such as this",
        "session policy" => "The session would have to be made without session policies, or with one that holds this",
        "service control policy" => "A policy at every level of the organization would have to hold this",
        "resource control policy" => "A resource control policy at every level would have to hold this",
        "role trust policy" => "The role's trust policy would have to hold a statement such as this",
        _ => "The resource's policy would have to hold a statement such as this, with the caller as its Principal",
    }
}
