//! Who administers IPAM for an organisation: a member account that its management account names. That account's resource discoveries find all accounts.
//! <https://docs.aws.amazon.com/vpc/latest/ipam/enable-integ-ipam.html>

use std::sync::Arc;

use serde_json::json;
use service::Service;
use service::organization::Organization;
use service::prelude::*;

use super::super::answers;
use super::IPAMS;
use crate::refused::invalid;
use crate::resource::any;

/// IPAM's name in an organisation's lists.
pub const PRINCIPAL: &str = "ipam.amazonaws.com";
const MEMBER: &str = "DelegatedAdminAccountId";

/// The operations.
pub fn operations() -> Vec<Operation> {
    let honours =
        |model: &wire::Model, operation: &wire::Operation| answers::honoured(model, operation, &IPAMS, &[MEMBER]);
    vec![
        Operation::write(Service::Ec2, "EnableIpamOrganizationAdminAccount", enable)
            .authorize(any::<Document>)
            .honours(honours)
            .build(),
        Operation::write(Service::Ec2, "DisableIpamOrganizationAdminAccount", disable)
            .authorize(any::<Document>)
            .honours(honours)
            .build(),
    ]
}

/// The organisation that an account administers IPAM for.
pub fn organization_of(world: &World, account: AccountId) -> Option<Arc<Organization>> {
    let named = |held: &Arc<Organization>| {
        let delegated = held.delegated_administrators.get(PRINCIPAL);
        held.has(account) && delegated.is_some_and(|accounts| accounts.contains(&account))
    };
    Organization::of(world).filter(named)
}

/// The caller's organisation and the member named, where the caller manages it. The texts were not seen on AWS.
fn managed(cx: &Cx, world: &World, input: &Document) -> Result<(Organization, AccountId), ApiError> {
    let text = input.text(MEMBER).unwrap_or_default();
    let organization = Organization::of(world).filter(|held| held.management_account == cx.account());
    let organization = organization.ok_or_else(|| {
        let message = "The operation can be called by the management account of an organization only.";
        ApiError::new("OperationNotPermitted", message)
    })?;
    let is_member = |account: &AccountId| organization.has(*account) && *account != organization.management_account;
    let account = text.parse().ok().filter(is_member);
    let account = account.ok_or_else(|| {
        invalid(format!("Value ({text}) for parameter delegatedAdminAccountId is invalid. It is not a member account."))
    })?;
    Ok((Organization::clone(&organization), account))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableIpamOrganizationAdminAccount.html>
fn enable(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (mut organization, account) = managed(cx, tx, input)?;
    let held = organization.delegated_administrators.entry(PRINCIPAL.to_owned()).or_default();
    if let Some(other) = held.iter().find(|held| **held != account) {
        return Err(invalid(format!("The account {other} is the IPAM administrator of the organization already.")));
    }
    held.insert(account);
    organization.trusted_services.insert(PRINCIPAL.to_owned());
    tx.put(organization);
    Ok(Document::from(json!({"Success": true})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableIpamOrganizationAdminAccount.html>
fn disable(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (mut organization, account) = managed(cx, tx, input)?;
    let was = organization.delegated_administrators.get_mut(PRINCIPAL).is_some_and(|held| held.remove(&account));
    if !was {
        return Err(invalid(format!("The account {account} is not the IPAM administrator of the organization.")));
    }
    organization.delegated_administrators.retain(|_, accounts| !accounts.is_empty());
    tx.put(organization);
    Ok(Document::from(json!({"Success": true})))
}
