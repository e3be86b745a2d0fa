//! EC2 Capacity Manager: whether an account has its use of capacity gathered, for itself or for its organization, and by which tags ([`tag_keys`]). What it
//! would have gathered, hour by hour, is not told here yet; exports of that go to S3, which is another service.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-manager.html>

use jiff::SignedDuration;
use service::operations;
use service::organization::Organization;
use service::prelude::*;

use crate::instance::{client_token, elapsed};
use crate::resource::any;
use crate::setting::{self, Value};

pub mod tag_keys;
#[cfg(test)]
mod tests;

operations! { Ec2;
    DisableCapacityManager => write(disable) authorize(any),
    EnableCapacityManager => write(enable) authorize(any),
    GetCapacityManagerAttributes => read(get) authorize(any),
    GetCapacityManagerMonitoredTagKeys => read(tag_keys::get) authorize(any),
    UpdateCapacityManagerMonitoredTagKeys => write(tag_keys::update) authorize(any) check(tag_keys::check),
    UpdateCapacityManagerOrganizationsAccess => write(update_access) authorize(any),
}

/// What an account has set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manager {
    /// Since when it gathers; `None` while it is disabled.
    pub enabled_at: Option<Timestamp>,
    pub organizations_access: bool,
    pub tag_keys: Vec<tag_keys::TagKey>,
}

impl Value for Manager {
    const NAME: &'static str = "capacity-manager";
}

/// The principal that a delegated administrator is named for.
const PRINCIPAL: &str = "ec2.capacitymanager.amazonaws.com";
/// "Initial ingestion may take several hours", says GetCapacityManagerAttributes' page.
const INGESTION_SECONDS: i64 = 4 * 3600;

/// `EnableCapacityManagerRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct EnableCapacityManager {
    pub organizations_access: Option<bool>,
    pub client_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DisableCapacityManagerRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct DisableCapacityManager {
    pub client_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `UpdateCapacityManagerOrganizationsAccessRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct UpdateCapacityManagerOrganizationsAccess {
    pub organizations_access: bool,
    pub client_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `GetCapacityManagerAttributesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetCapacityManagerAttributes {
    pub dry_run: Option<bool>,
}

/// The answer of those that change it.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Changed {
    pub capacity_manager_status: &'static str,
    pub organizations_access: bool,
}

/// `GetCapacityManagerAttributesResult`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Attributes {
    pub capacity_manager_status: &'static str,
    pub organizations_access: bool,
    /// There are no exports.
    pub data_export_count: i64,
    pub ingestion_status: Option<&'static str>,
    pub earliest_datapoint_timestamp: Option<Timestamp>,
    pub latest_datapoint_timestamp: Option<Timestamp>,
}

impl Manager {
    fn status(&self) -> &'static str {
        if self.enabled_at.is_some() { "enabled" } else { "disabled" }
    }

    fn changed(&self) -> Changed {
        Changed { capacity_manager_status: self.status(), organizations_access: self.organizations_access }
    }
}

/// Runs a change once for a client token; what it made is the setting as it is now.
fn once(
    cx: &Cx,
    tx: &mut Tx,
    scope: &str,
    token: Option<&str>,
    digest: String,
    change: impl FnOnce(&Cx, &mut Tx) -> Result<(), ApiError>,
) -> Result<Manager, ApiError> {
    if !client_token::is_done(cx, tx, scope, token, digest)? {
        change(cx, tx)?;
    }
    Ok(setting::get(cx, tx))
}

/// The setting of an account that has enabled it. The words are not recorded.
fn enabled(cx: &Cx, world: &World) -> Result<Manager, ApiError> {
    let held: Manager = setting::get(cx, world);
    if held.enabled_at.is_some() {
        return Ok(held);
    }
    Err(ApiError::new("IncorrectState", "EC2 Capacity Manager is not enabled for this account."))
}

/// Data of other accounts is for the management account of an organization and for whom it delegates this to. The words are not recorded.
fn may_see_others(cx: &Cx, world: &World, access: bool) -> Result<(), ApiError> {
    let administers = Organization::of(world).is_some_and(|held| held.administers(cx.account(), PRINCIPAL));
    if !access || administers {
        return Ok(());
    }
    let message = "Organizations access can be enabled only by the management account or a delegated administrator of an organization.";
    Err(ApiError::new("OperationNotPermitted", message))
}

/// Starts to gather; enabling it again changes the access only.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableCapacityManager.html>
pub fn enable(cx: &Cx, tx: &mut Tx, input: &EnableCapacityManager) -> Result<Changed, ApiError> {
    let access = input.organizations_access.unwrap_or(false);
    let digest = client_token::digest(&access);
    let change = |cx: &Cx, tx: &mut Tx| {
        may_see_others(cx, tx, access)?;
        let held: Manager = setting::get(cx, tx);
        let enabled_at = held.enabled_at.or(Some(cx.now));
        setting::set(cx, tx, &Manager { enabled_at, organizations_access: access, ..held })
    };
    Ok(once(cx, tx, "EnableCapacityManager", input.client_token.as_deref(), digest, change)?.changed())
}

/// Gathers no more; the access to other accounts ends.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableCapacityManager.html>
pub fn disable(cx: &Cx, tx: &mut Tx, input: &DisableCapacityManager) -> Result<Changed, ApiError> {
    let change = |cx: &Cx, tx: &mut Tx| {
        let held: Manager = setting::get(cx, tx);
        setting::set(cx, tx, &Manager { enabled_at: None, organizations_access: false, ..held })
    };
    let token = input.client_token.as_deref();
    Ok(once(cx, tx, "DisableCapacityManager", token, client_token::digest(&()), change)?.changed())
}

/// Whether it gathers for the whole organization.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateCapacityManagerOrganizationsAccess.html>
pub fn update_access(
    cx: &Cx,
    tx: &mut Tx,
    input: &UpdateCapacityManagerOrganizationsAccess,
) -> Result<Changed, ApiError> {
    let access = input.organizations_access;
    let change = |cx: &Cx, tx: &mut Tx| {
        let held = enabled(cx, tx)?;
        may_see_others(cx, tx, access)?;
        setting::set(cx, tx, &Manager { organizations_access: access, ..held })
    };
    let (scope, token) = ("UpdateCapacityManagerOrganizationsAccess", input.client_token.as_deref());
    Ok(once(cx, tx, scope, token, client_token::digest(&access), change)?.changed())
}

/// The setting, and how far it has gathered: whole hours since it was enabled.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetCapacityManagerAttributes.html>
pub fn get(cx: &Cx, world: &World, _: &GetCapacityManagerAttributes) -> Result<Attributes, ApiError> {
    let held: Manager = setting::get(cx, world);
    let hour = |time: Timestamp| Timestamp::from_second(time.as_second().div_euclid(3600) * 3600).unwrap_or(time);
    let is_new = |since| elapsed(since, cx.now) < cx.settings.states.lasting(INGESTION_SECONDS);
    let ingestion = |since| if is_new(since) { "initial-ingestion-in-progress" } else { "ingestion-complete" };
    let gathered = held.enabled_at.filter(|since| !is_new(*since)).map(hour);
    let latest = hour(cx.now).saturating_sub(SignedDuration::from_hours(1)).unwrap_or(cx.now);
    Ok(Attributes {
        capacity_manager_status: held.status(),
        organizations_access: held.organizations_access,
        data_export_count: 0,
        ingestion_status: held.enabled_at.map(ingestion),
        earliest_datapoint_timestamp: gathered,
        latest_datapoint_timestamp: gathered.map(|earliest| latest.max(earliest)),
    })
}
