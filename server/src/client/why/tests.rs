//! Whole explanations, word by word.

use serde_json::{Value, json};

use super::explain;

fn check(expected: &str, full: bool, decision: &Value) {
    let text = explain(decision, full);
    assert_eq!(text, expected.strip_prefix('\n').unwrap_or(expected), "\n{text}");
}

/// What alice asked for, with more or other facts.
fn decision(more: Value) -> Value {
    let mut decision = json!({
        "principal": "arn:aws:iam::000000000000:user/alice", "identity": "arn:aws:iam::000000000000:user/alice", "service": "ec2",
        "operation": "RunInstances", "region": "us-east-1", "time": "2026-11-23T10:00:00Z", "verdict": "denied", "mode": "enforced",
        "dryRun": false, "error": null, "open": null, "checks": [], "unreached": [],
    });
    let (Some(fields), Value::Object(more)) = (decision.as_object_mut(), more) else { panic!("no objects") };
    fields.extend(more);
    decision
}

#[test]
fn what_nothing_allows() {
    let decision = decision(json!({
        "error": {"code": "UnauthorizedOperation", "message": "no", "cause": null},
        "checks": [
            {"action": "ec2:RunInstances", "resource": "arn:aws:ec2:us-east-1:000000000000:instance/*", "why": "operation", "allowed": true,
             "explicitDeny": false, "layer": "identity-based policy",
             "deciding": [{"layer": "identity-based policy", "policy": "launch", "statement": 0, "sid": null, "line": 2}],
             "policies": [{"layer": "identity-based policy", "policy": "launch", "heldBy": "inline policy of the user", "statements": []}]},
            {"action": "iam:PassRole", "resource": "arn:aws:iam::000000000000:role/Other", "why": "dependent", "allowed": false,
             "explicitDeny": false, "layer": "identity-based policy", "deciding": [],
             "policies": [{"layer": "identity-based policy", "policy": "launch", "heldBy": "inline policy of the user", "statements": [
                {"statement": 0, "sid": null, "effect": "Allow", "line": 2, "mismatches": [
                    {"element": "Action", "expected": ["ec2:*"], "actual": "iam:PassRole"}]},
                {"statement": 1, "sid": "Pass", "effect": "Allow", "line": 9, "mismatches": [
                    {"element": "Resource", "expected": ["arn:aws:iam::000000000000:role/Get-pics"], "actual": "arn:aws:iam::000000000000:role/Other"},
                    {"element": "Condition", "operator": "StringEquals", "key": "iam:PassedToService", "expected": ["lambda.amazonaws.com"], "actual": null}]}
             ]}]}
        ],
        "unreached": [{"action": "ec2:CreateTags", "resource": "arn:aws:ec2:us-east-1:000000000000:instance/*"}],
    }));
    let short = "
arn:aws:iam::000000000000:user/alice asked for ec2:RunInstances in us-east-1 at 2026-11-23T10:00:00Z: denied.
The answer was UnauthorizedOperation: no

1. ec2:RunInstances on arn:aws:ec2:us-east-1:000000000000:instance/*: allowed
   Allowed by statement 1 (line 2) of the identity-based policy `launch` (inline policy of the user).

2. iam:PassRole on arn:aws:iam::000000000000:role/Other: denied
   The operation uses this besides, which is a permission of its own.
   No identity-based policy allows it, and what nothing allows is denied.
   Identity-based policies say what the user or role itself may do.
   Statement 2 `Pass` (line 9) of the identity-based policy `launch` (inline policy of the user) is about the action, but does not fit:
      its Resource is `arn:aws:iam::000000000000:role/Get-pics`; the request has `arn:aws:iam::000000000000:role/Other`
      it asks for StringEquals iam:PassedToService `lambda.amazonaws.com`; the request has no such key
   One further statement is about other actions.
   A policy of the caller with this statement would allow it:
      {\"Effect\": \"Allow\", \"Action\": \"iam:PassRole\", \"Resource\": \"arn:aws:iam::000000000000:role/Other\"}

Not checked any more, since the first check that fails decides:
   ec2:CreateTags on arn:aws:ec2:us-east-1:000000000000:instance/*
";
    check(short, false, &decision);
    let full = explain(&decision, true);
    assert!(full.contains(
        "
   Every policy that was asked:
      identity-based policy `launch` (inline policy of the user)
         statement 1 (line 2) (Allow) does not apply
            its Action is `ec2:*`; the request has `iam:PassRole`
"
    ));
}

#[test]
fn an_explicit_denial_in_a_session() {
    let decision = decision(json!({
        "principal": "arn:aws:sts::000000000000:assumed-role/app/s", "identity": "arn:aws:iam::000000000000:role/app", "service": "iam",
        "operation": "GetUser", "dryRun": true, "error": {"code": "AccessDenied", "message": "no", "cause": null},
        "checks": [{"action": "iam:GetUser", "resource": "arn:aws:iam::000000000000:user/bob", "why": "operation", "allowed": false,
            "explicitDeny": true, "layer": "session policy",
            "deciding": [{"layer": "session policy", "policy": "session policy", "statement": 0, "sid": "No", "line": 1}],
            "policies": []}],
    }));
    let text = "
arn:aws:sts::000000000000:assumed-role/app/s asked for iam:GetUser in us-east-1 at 2026-11-23T10:00:00Z, as a dry run: denied.
The answer was AccessDenied: no
It was a dry run; the real request would be denied in the same way.
It is a session of arn:aws:iam::000000000000:role/app, whose policies count.

1. iam:GetUser on arn:aws:iam::000000000000:user/bob: denied
   Denied by statement 1 `No` (line 1) of the session policy.
   A statement that denies wins over any number that allow. It has to be changed or removed.
   A session policy, given when the session was made, gives nothing; the session may do no more than it says.
";
    check(text, false, &decision);
}

#[test]
fn a_boundary_without_a_word_on_it() {
    let decision = decision(json!({
        "mode": "audit", "verdict": "would-deny",
        "checks": [{"action": "ec2:RunInstances", "resource": "*", "why": "operation", "allowed": false, "explicitDeny": false,
            "layer": "permissions boundary", "deciding": [], "policies": [{"layer": "permissions boundary", "policy": "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "heldBy": null, "statements": [{"statement": 0, "sid": null, "effect": "Allow", "line": 1, "mismatches": [
                {"element": "Action", "expected": ["s3:Get*"], "actual": "ec2:RunInstances"}]}]},
            {"layer": "identity-based policy", "policy": "launch", "heldBy": "inline policy of the user", "statements": [
                {"statement": 2, "sid": null, "effect": "Allow", "line": 7, "mismatches": []}]},
            {"layer": "session policy", "policy": "session policy", "statements": []}]}],
    }));
    let text = "
arn:aws:iam::000000000000:user/alice asked for ec2:RunInstances in us-east-1 at 2026-11-23T10:00:00Z: would-deny.
Policies are not enforced here (--auth audit), so it passed. Enforced, it would have been denied.

1. ec2:RunInstances on *: denied
   The permissions boundary does not allow it, and what nothing allows is denied.
   A permissions boundary gives nothing; it is the most that identity-based policies can give.
   The one statement that allows anything is about other actions.
   The boundary would have to hold a statement such as this:
      {\"Effect\": \"Allow\", \"Action\": \"ec2:RunInstances\", \"Resource\": \"*\"}
   The identity-based policies do allow it: statement 3 (line 7) of the identity-based policy `launch` (inline policy of the user).
   It would not be enough: no session policy allows it either.
";
    check(text, false, &decision);
}

#[test]
fn a_level_of_the_organization_without_a_word_on_it() {
    let allowing = json!([{"statement": 0, "sid": null, "effect": "Allow", "line": 1, "mismatches": []}]);
    let decision = decision(json!({
        "checks": [{"action": "ec2:RunInstances", "resource": "*", "why": "operation", "allowed": false, "explicitDeny": false,
            "layer": "service control policy", "silentLevel": "the unit `work` (ou-ab12-11111111)", "deciding": [], "policies": [
                {"layer": "service control policy", "policy": "p-FullAWSAccess", "heldBy": "attached to the root `r-ab12`", "statements": allowing},
                {"layer": "identity-based policy", "policy": "launch", "heldBy": "inline policy of the user", "statements": allowing}]}],
    }));
    let text = "
arn:aws:iam::000000000000:user/alice asked for ec2:RunInstances in us-east-1 at 2026-11-23T10:00:00Z: denied.

1. ec2:RunInstances on *: denied
   No service control policy allows it, and what nothing allows is denied.
   Service control policies give nothing; they are the most that anybody in the account may do, at every level of the organization.
   What is missing is missing at the unit `work` (ou-ab12-11111111).
   Statement 1 (line 1) of the service control policy `p-FullAWSAccess` (attached to the root `r-ab12`) allows it, but every level has to.
   A policy at every level of the organization would have to hold this:
      {\"Effect\": \"Allow\", \"Action\": \"ec2:RunInstances\", \"Resource\": \"*\"}
   The identity-based policies do allow it: statement 1 (line 1) of the identity-based policy `launch` (inline policy of the user).
";
    check(text, false, &decision);
}

#[test]
fn a_role_that_does_not_trust() {
    let decision = decision(json!({
        "service": "sts", "operation": "AssumeRole",
        "checks": [{"action": "sts:AssumeRole", "resource": "arn:aws:iam::000000000000:role/app", "why": "operation", "allowed": false,
            "explicitDeny": false, "layer": "role trust policy", "deciding": [],
            "context": {"aws:PrincipalArn": ["arn:aws:iam::000000000000:user/alice"]},
            "policies": [{"layer": "role trust policy", "policy": "the resource's policy", "statements": [
                {"statement": 0, "sid": null, "effect": "Allow", "line": 1, "mismatches": [
                    {"element": "Principal", "expected": ["Service:ec2.amazonaws.com"], "actual": "arn:aws:iam::000000000000:user/alice"}]}]}]}],
    }));
    let text = "
arn:aws:iam::000000000000:user/alice asked for sts:AssumeRole in us-east-1 at 2026-11-23T10:00:00Z: denied.

1. sts:AssumeRole on arn:aws:iam::000000000000:role/app: denied
   The role's trust policy does not allow it, and what nothing allows is denied.
   A role's trust policy says who may assume it; without its consent nobody may.
   Statement 1 (line 1) of the role trust policy is about the action, but does not fit:
      its Principal is `Service:ec2.amazonaws.com`; the request has `arn:aws:iam::000000000000:user/alice`
   The role's trust policy would have to hold a statement such as this:
      {\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::000000000000:user/alice\"}, \"Action\": \"sts:AssumeRole\"}
";
    check(text, false, &decision);
}

#[test]
fn what_was_never_decided() {
    let decision = decision(json!({
        "principal": "", "identity": "", "region": "", "verdict": "refused",
        "error": {"code": "SignatureDoesNotMatch", "message": "The request signature we calculated does not match.", "cause": "canonical"},
    }));
    let text = "
Somebody unknown asked for ec2:RunInstances at 2026-11-23T10:00:00Z: refused.
The answer was SignatureDoesNotMatch: The request signature we calculated does not match.
The cause: canonical
The signature is not that of the key's secret: another secret was used, or the request was changed on its way.
No policy was asked: the signature comes first, then the parameters, then permissions.
";
    check(text, false, &decision);
}

#[test]
fn what_was_allowed() {
    let root = decision(json!({
        "principal": "arn:aws:iam::000000000000:root", "identity": "arn:aws:iam::000000000000:root", "verdict": "allowed", "dryRun": true,
        "error": {"code": "DryRunOperation", "message": "Request would have succeeded, but DryRun flag is set.", "cause": null},
        "checks": [{"action": "ec2:RunInstances", "resource": "*", "why": "operation", "allowed": true, "deciding": [], "policies": []}],
    }));
    let text = "
arn:aws:iam::000000000000:root asked for ec2:RunInstances in us-east-1 at 2026-11-23T10:00:00Z, as a dry run: allowed.
The answer was DryRunOperation: Request would have succeeded, but DryRun flag is set.
It may do this; as it was a dry run, nothing was done. AWS says so with an error.

1. ec2:RunInstances on *: allowed
   The account's root user needs no policy for it.
";
    check(text, false, &root);
    let open = decision(json!({
        "service": "sts", "operation": "GetCallerIdentity", "verdict": "allowed", "open": "AWS lets anyone ask, even under an explicit deny",
    }));
    let text = "
arn:aws:iam::000000000000:user/alice asked for sts:GetCallerIdentity in us-east-1 at 2026-11-23T10:00:00Z: allowed.
The operation needs no permission: AWS lets anyone ask, even under an explicit deny.
";
    check(text, false, &open);
}

#[test]
fn what_is_allowed_for_the_same_reason_is_told_once() {
    let on = |resource: &str| {
        json!({"action": "ec2:RunInstances", "resource": resource, "why": "operation", "allowed": true, "explicitDeny": false,
            "layer": "identity-based policy", "policies": [],
            "deciding": [{"layer": "identity-based policy", "policy": "launch", "statement": 0, "sid": null, "line": 2}]})
    };
    let decision = decision(json!({"verdict": "allowed", "checks": [on("image"), on("subnet"), on("volume")]}));
    let text = "
arn:aws:iam::000000000000:user/alice asked for ec2:RunInstances in us-east-1 at 2026-11-23T10:00:00Z: allowed.

1-3. ec2:RunInstances: allowed on each of these
      image
      subnet
      volume
   Allowed by statement 1 (line 2) of the identity-based policy `launch`.
";
    check(text, false, &decision);
}
