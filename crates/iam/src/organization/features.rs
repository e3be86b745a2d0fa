//! Centralised root access: whether the management account may manage root credentials of member accounts, and act as their root user.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html#id_root-user-access-management>

use std::collections::BTreeSet;
use std::sync::Arc;

use service::Organization;
use service::organization::FeatureSet;
use service::prelude::*;

use super::IAM_PRINCIPAL;
use crate::record::{RootAccess, RootFeature};

service::operations! { Iam;
    EnableOrganizationsRootCredentialsManagement => write(enable_credentials) authorize(any),
    DisableOrganizationsRootCredentialsManagement => write(disable_credentials) authorize(any),
    EnableOrganizationsRootSessions => write(enable_sessions) authorize(any),
    DisableOrganizationsRootSessions => write(disable_sessions) authorize(any),
    ListOrganizationsFeatures => read(list) authorize(any),
}

/// None of these operations takes anything.
#[derive(Debug, Deserialize, Shaped)]
pub struct Nothing {}

/// The features that are enabled now.
#[derive(Debug, Serialize, Shaped)]
pub struct Features {
    organization_id: String,
    enabled_features: Vec<&'static str>,
}

fn any(_: &Cx, _: &World, _: &Nothing) -> Vec<Check> {
    vec![everything()]
}

/// These actions know no resources; AWS says so in the denial.
fn everything() -> Check {
    Check::any()
}

fn enable_credentials(cx: &Cx, tx: &mut Tx, _: &Nothing) -> Result<Features, ApiError> {
    enable(cx, tx, RootFeature::CredentialsManagement)
}

fn enable_sessions(cx: &Cx, tx: &mut Tx, _: &Nothing) -> Result<Features, ApiError> {
    enable(cx, tx, RootFeature::Sessions)
}

fn disable_credentials(cx: &Cx, tx: &mut Tx, _: &Nothing) -> Result<Features, ApiError> {
    disable(cx, tx, RootFeature::CredentialsManagement)
}

fn disable_sessions(cx: &Cx, tx: &mut Tx, _: &Nothing) -> Result<Features, ApiError> {
    disable(cx, tx, RootFeature::Sessions)
}

fn enable(cx: &Cx, tx: &mut Tx, feature: RootFeature) -> Result<Features, ApiError> {
    let organization = administered(cx, tx)?;
    if cx.account() != organization.management_account {
        let text = format!(
            "Caller account {} is not management account of the organization and cannot enable IAM features.",
            cx.account()
        );
        return Err(ApiError::new("CallerIsNotManagementAccountException", text));
    }
    Ok(set(tx, &organization, |features| features.insert(feature)))
}

fn disable(cx: &Cx, tx: &mut Tx, feature: RootFeature) -> Result<Features, ApiError> {
    let organization = administered(cx, tx)?;
    Ok(set(tx, &organization, |features| features.remove(&feature)))
}

fn list(cx: &Cx, world: &World, _: &Nothing) -> Result<Features, ApiError> {
    let organization = administered(cx, world)?;
    Ok(shown(&organization, &enabled(world, &organization)))
}

fn set(tx: &mut Tx, organization: &Organization, change: impl FnOnce(&mut BTreeSet<RootFeature>) -> bool) -> Features {
    let mut features = enabled(tx, organization);
    change(&mut features);
    let out = shown(organization, &features);
    tx.put(RootAccess { organization: organization.id.clone(), features });
    out
}

fn shown(organization: &Organization, features: &BTreeSet<RootFeature>) -> Features {
    Features {
        organization_id: organization.id.clone(),
        enabled_features: features.iter().map(|feature| feature.name()).collect(),
    }
}

/// The features of that organisation.
pub fn enabled(world: &World, organization: &Organization) -> BTreeSet<RootFeature> {
    world.get::<RootAccess>(&[&organization.id]).map(|access| access.features.clone()).unwrap_or_default()
}

/// The caller's organisation, if the caller's account administers root access in it and IAM has trusted access. The order of these refusals is not
/// documented; texts were seen on AWS unless one says otherwise.
fn administered(cx: &Cx, world: &World) -> Result<Arc<Organization>, ApiError> {
    let organization = Organization::of(world).filter(|organization| organization.has(cx.account()));
    let nowhere = || refused("OrganizationNotFoundException", "no organization is associated with your account.");
    let organization = organization.ok_or_else(nowhere)?;
    if organization.feature_set != FeatureSet::All {
        let because = "your organization does not have All features enabled.";
        return Err(refused("OrganizationNotInAllFeaturesModeException", because));
    }
    if !organization.administers(cx.account(), IAM_PRINCIPAL) {
        let text = format!("Input account {} is neither management account nor delegated admin.", cx.account());
        return Err(ApiError::new("AccountNotManagementOrDelegatedAdministratorException", text));
    }
    if !organization.trusted_services.contains(IAM_PRINCIPAL) {
        let text = format!("Trusted Access for IAM not enabled by organization of input account {}.", cx.account());
        return Err(ApiError::new("ServiceAccessNotEnabledException", text));
    }
    Ok(organization)
}

/// These texts were not seen on AWS, they are those of IAM's API reference.
fn refused(code: &'static str, because: &str) -> ApiError {
    ApiError::new(code, format!("The request was rejected because {because}"))
}
