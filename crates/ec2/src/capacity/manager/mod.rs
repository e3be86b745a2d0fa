//! EC2 Capacity Manager: whether an account has its use of capacity gathered, for itself or for its organization, and by which tags ([`tag_keys`]). What it
//! gathers, hour by hour, [`data`] tells and [`export`] leaves in a bucket: [`usage`] remembers what is over, [`span`] puts it together with what goes on,
//! [`metric`] sums it up by [`dimension`]. [`score`] says how much capacity there is to be had.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-manager.html>

use jiff::SignedDuration;
use service::operations;
use service::organization::Organization;
use service::prelude::*;

use crate::instance::{client_token, elapsed};
use crate::resource::any;
use crate::setting::{self, Value};

pub mod data;
mod dimension;
pub mod export;
mod metric;
pub mod score;
mod span;
pub mod tag_keys;
#[cfg(test)]
mod tests;
pub mod usage;

operations! { Ec2;
    CreateCapacityManagerDataExport => write(export::create) authorize(export::to_create),
    DeleteCapacityManagerDataExport => write(export::delete) authorize(export::to_delete),
    DescribeCapacityManagerDataExports => read(export::describe) authorize(any),
    DisableCapacityManager => write(disable) authorize(any),
    EnableCapacityManager => write(enable) authorize(any),
    GetCapacityManagerAttributes => read(get) authorize(any),
    GetCapacityManagerMetricData => read(data::get_data) authorize(any) scan(),
    GetCapacityManagerMetricDimensions => read(data::get_dimensions) authorize(any) scan(),
    GetCapacityManagerMonitoredTagKeys => read(tag_keys::get) authorize(any),
    GetCapacityManagerSupportabilityScores => read(score::get) authorize(any) check(score::check),
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
    pub data_export_count: i64,
    pub ingestion_status: Option<&'static str>,
    pub earliest_datapoint_timestamp: Option<Timestamp>,
    pub latest_datapoint_timestamp: Option<Timestamp>,
}

impl Manager {
    fn status(&self) -> &'static str {
        if self.enabled_at.is_some() { "enabled" } else { "disabled" }
    }

    /// From when on there are data, and until when; nothing while it has only begun to gather.
    fn gathered(&self, cx: &Cx) -> Option<(Timestamp, Timestamp)> {
        let since = self.enabled_at.filter(|since| !is_new(cx, *since))?;
        Some((data::hour(since), data::hour(cx.now)))
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

/// Whether it was enabled only just.
fn is_new(cx: &Cx, since: Timestamp) -> bool {
    elapsed(since, cx.now) < cx.settings.states.lasting(INGESTION_SECONDS)
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

/// Gathers no more; the access to other accounts ends. Exports must be deleted before, says the user guide; the words are not recorded.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableCapacityManager.html>
pub fn disable(cx: &Cx, tx: &mut Tx, input: &DisableCapacityManager) -> Result<Changed, ApiError> {
    let change = |cx: &Cx, tx: &mut Tx| {
        if export::count(cx, tx) > 0 {
            let message = "EC2 Capacity Manager can't be disabled while there are data exports. Delete them first.";
            return Err(ApiError::new("IncorrectState", message));
        }
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
    let ingestion = |since| if is_new(cx, since) { "initial-ingestion-in-progress" } else { "ingestion-complete" };
    let gathered = held.gathered(cx);
    let an_hour = SignedDuration::from_hours(1);
    Ok(Attributes {
        capacity_manager_status: held.status(),
        organizations_access: held.organizations_access,
        data_export_count: export::count(cx, world),
        ingestion_status: held.enabled_at.map(ingestion),
        earliest_datapoint_timestamp: gathered.map(|(earliest, _)| earliest),
        latest_datapoint_timestamp: gathered
            .map(|(earliest, end)| end.saturating_sub(an_hour).unwrap_or(end).max(earliest)),
    })
}
