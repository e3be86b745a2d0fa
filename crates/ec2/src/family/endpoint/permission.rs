//! Who may connect to an account's endpoint service: everybody, accounts, users, roles.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpointServicePermissions.html>

use serde_json::{Value, json};
use service::Service;
use service::arn::Arn;
use service::prelude::*;

use super::Item;
use super::configuration::SERVICES;
use crate::family::{answers, describe, item};
use crate::kind;

/// The member, shown nowhere, with the principals.
const PRINCIPALS: &str = "AllowedPrincipals";

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::write(Service::Ec2, "ModifyVpcEndpointServicePermissions", modify)
            .authorize(|cx, world, input: &Document| SERVICES.to_modify(cx, world, input))
            .honours(|model, operation| {
                answers::honoured(model, operation, &SERVICES, &["AddAllowedPrincipals", "RemoveAllowedPrincipals"])
            })
            .build(),
        SERVICES.on_one(
            Operation::read(Service::Ec2, "DescribeVpcEndpointServicePermissions", describe),
            answers::DESCRIBING,
        ),
    ]
}

fn principals(item: &Item) -> Vec<Value> {
    item.document.list(PRINCIPALS)
}

fn name_of(principal: &Value) -> &str {
    principal.get("Principal").and_then(Value::as_str).unwrap_or_default()
}

/// Whether the caller may see and use a service: its owner, and who is named.
pub fn allows(cx: &Cx, item: &Item) -> bool {
    let root = service::arn::root(cx.partition(), cx.account());
    // A session is meant by its own ARN and by its role's.
    let (caller, principal) = (cx.caller.arn(), cx.caller.principal_arn());
    let is_caller = |name: &str| name == "*" || name == root || name == caller || name == principal;
    item.account == cx.account() || principals(item).iter().any(|principal| is_caller(name_of(principal)))
}

fn type_of(principal: &str) -> Result<&'static str, ApiError> {
    if principal == "*" {
        return Ok("All");
    }
    let arn = Arn::parse(principal).filter(|arn| matches!(arn.service, "iam" | "sts") && !arn.account.is_empty());
    match arn.map(|arn| arn.resource) {
        Some("root") => Ok("Account"),
        Some(resource) if resource.starts_with("user/") => Ok("User"),
        Some(resource) if resource.starts_with("role/") || resource.starts_with("assumed-role/") => Ok("Role"),
        _ => Err(ApiError::new("InvalidPrincipal", format!("Invalid Principal: '{principal}'"))),
    }
}

fn modify(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let id = input.text(SERVICES.id).unwrap_or_default();
    let item = item::alive(tx, cx, &kind::VPC_ENDPOINT_SERVICE, id)?;
    let removed = input.texts("RemoveAllowedPrincipals");
    let mut held = principals(&item);
    held.retain(|principal| !removed.iter().any(|name| name == name_of(principal)));
    let mut added = Vec::new();
    for name in input.texts("AddAllowedPrincipals") {
        let principal_type = type_of(&name)?;
        if held.iter().any(|principal| name_of(principal) == name) {
            continue;
        }
        let principal = json!({
            "Principal": name, "PrincipalType": principal_type, "ServiceId": id,
            "ServicePermissionId": cx.ids.ec2("vpce-svc-perm"), "PermissionType": "vpc-endpoint",
        });
        held.push(principal.clone());
        added.push(principal);
    }
    item::update(tx, cx, id, |it| it.document.set(PRINCIPALS, held));
    Ok(Document::from(json!({"AddedPrincipals": added, "ReturnValue": true})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServicePermissions.html>
fn describe(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let item = item::alive(world, cx, &kind::VPC_ENDPOINT_SERVICE, input.text(SERVICES.id).unwrap_or_default())?;
    let mut held = principals(&item);
    held.sort_by(|a, b| name_of(a).cmp(name_of(b)));
    let see = |principal: Value| describe::Seen {
        id: name_of(&principal).to_owned(),
        shown: Document::from(principal),
        tags: Vec::new(),
    };
    let scope = format!("DescribeVpcEndpointServicePermissions {}", item.id);
    let page = describe::choose(&scope, input, &["principal", "principal-type"], held.into_iter().map(see))?;
    Ok(Document::from(json!({"AllowedPrincipals": page.items, "NextToken": page.next})))
}
