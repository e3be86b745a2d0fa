//! EnableReachabilityAnalyzerOrganizationSharing: the management account of an organisation trusts Reachability Analyzer, whose analyses may look into
//! the networks of other members from then on. The service-linked role that AWS makes with it is not made.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableReachabilityAnalyzerOrganizationSharing.html>

use serde_json::json;
use service::Service;
use service::organization::Organization;
use service::prelude::*;

use super::super::analysis::PRINCIPAL;
use crate::family::answers;

/// The operation.
pub fn row() -> Operation {
    Operation::write(Service::Ec2, "EnableReachabilityAnalyzerOrganizationSharing", enable)
        .authorize(to_enable)
        .honours(|model, operation| answers::honoured(model, operation, &super::SCOPES, &[]))
        .build()
}

/// The operation, and the service-linked role that AWS makes with it in the caller's name.
fn to_enable(cx: &Cx, _: &World, _: &Document) -> Vec<Check> {
    let path = format!("/aws-service-role/{PRINCIPAL}/");
    let role = service::arn::iam(cx.partition(), cx.account(), "role", &path, "AWSServiceRoleForReachabilityAnalyzer");
    vec![Check::any(), Check::dependent("iam:CreateServiceLinkedRole", role).key("iam:AWSServiceName", PRINCIPAL)]
}

/// "This operation must be performed by the management account for the organization": the same page. The text was not seen on AWS.
fn enable(cx: &Cx, tx: &mut Tx, _: &Document) -> Result<Document, ApiError> {
    let managed = Organization::of(tx).filter(|held| held.management_account == cx.account());
    let Some(organization) = managed else {
        let message = "Organization sharing can be enabled only by the management account of an organization.";
        return Err(ApiError::new("OperationNotPermitted", message));
    };
    let mut trusting = Organization::clone(&organization);
    trusting.trusted_services.insert(PRINCIPAL.to_owned());
    tx.put(trusting);
    Ok(Document::from(json!({"ReturnValue": true})))
}
