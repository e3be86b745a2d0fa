//! The tags by which capacity is told apart: keys that an account has Capacity Manager watch. AWS watches some keys of its own besides; which is not known.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateCapacityManagerMonitoredTagKeys.html>

use service::cx::Quotas;
use service::paging;
use service::prelude::*;

use super::{Manager, enabled, once};
use crate::instance::{client_token, elapsed};
use crate::refused::{invalid, missing};
use crate::setting;

/// A key that is watched, or was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagKey {
    pub key: String,
    pub is_active: bool,
    pub changed_at: Timestamp,
}

/// How long AWS takes to begin or to stop is not known.
const SECONDS: i64 = 3600;

/// `UpdateCapacityManagerMonitoredTagKeysRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct UpdateCapacityManagerMonitoredTagKeys {
    pub activate_tag_keys: Option<Vec<String>>,
    pub deactivate_tag_keys: Option<Vec<String>>,
    pub client_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `GetCapacityManagerMonitoredTagKeysRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetCapacityManagerMonitoredTagKeys {
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `UpdateCapacityManagerMonitoredTagKeysResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Updated {
    pub capacity_manager_tag_keys: Vec<TagKeyOut>,
}

/// `GetCapacityManagerMonitoredTagKeysResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct TagKeys {
    pub capacity_manager_tag_keys: Vec<TagKeyOut>,
    pub next_token: Option<String>,
}

/// `CapacityManagerMonitoredTagKey`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct TagKeyOut {
    pub tag_key: String,
    pub status: &'static str,
    pub capacity_manager_provided: bool,
    pub earliest_datapoint_timestamp: Option<Timestamp>,
}

impl TagKey {
    /// `None` when it is no longer watched.
    fn status(&self, cx: &Cx) -> Option<&'static str> {
        let is_new = elapsed(self.changed_at, cx.now) < cx.settings.states.lasting(SECONDS);
        match (self.is_active, is_new) {
            (true, true) => Some("activating"),
            (true, false) => Some("activated"),
            (false, true) => Some("deactivating"),
            (false, false) => None,
        }
    }

    fn out(&self, cx: &Cx) -> Option<TagKeyOut> {
        let status = self.status(cx)?;
        Some(TagKeyOut {
            tag_key: self.key.clone(),
            status,
            capacity_manager_provided: false,
            earliest_datapoint_timestamp: (status == "activated").then_some(self.changed_at),
        })
    }
}

/// How many keys are watched: AWS's quota, and the bound whatever the installation's quotas are. The code and the words are not recorded.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/managing-monitored-tag-keys.html>
const MOST: usize = 5;
const MOST_KEPT: usize = 100;

/// There is a key, none twice, and each is one that a tag may have. The words are not recorded.
pub fn check(_: &Cx, _: &World, input: &UpdateCapacityManagerMonitoredTagKeys) -> Result<(), ApiError> {
    let keys: Vec<&String> = input.activate_tag_keys.iter().chain(&input.deactivate_tag_keys).flatten().collect();
    if keys.is_empty() {
        return Err(missing("ActivateTagKeys or DeactivateTagKeys"));
    }
    for (position, key) in keys.iter().enumerate() {
        if key.is_empty() || key.chars().count() > 128 {
            return Err(invalid(format!("The tag key '{key}' is not valid. A key has 1 to 128 characters.")));
        }
        if keys.iter().take(position).any(|before| before == key) {
            return Err(invalid(format!("Duplicate tag key '{key}' specified.")));
        }
    }
    Ok(())
}

/// Watches keys, or watches them no more; tells of those that were named.
pub fn update(cx: &Cx, tx: &mut Tx, input: &UpdateCapacityManagerMonitoredTagKeys) -> Result<Updated, ApiError> {
    let (scope, token) = ("UpdateCapacityManagerMonitoredTagKeys", input.client_token.as_deref());
    let (on, off) = (input.activate_tag_keys.as_deref(), input.deactivate_tag_keys.as_deref());
    let (on, off) = (on.unwrap_or_default(), off.unwrap_or_default());
    let change = |cx: &Cx, tx: &mut Tx| {
        let mut held = enabled(cx, tx)?;
        held.tag_keys.retain(|it| it.status(cx).is_some());
        on.iter().for_each(|key| held.watch(cx, key));
        off.iter().try_for_each(|key| held.forget(cx, key))?;
        let most = if cx.settings.quotas == Quotas::Aws { MOST } else { MOST_KEPT };
        if held.tag_keys.iter().filter(|it| it.is_active).count() > most {
            let message = format!("An account can monitor up to {most} tag keys.");
            return Err(ApiError::new("LimitExceeded", message));
        }
        setting::set(cx, tx, &held)
    };
    let held = once(cx, tx, scope, token, client_token::digest(&(on, off)), change)?;
    let named = held.tag_keys.iter().filter(|it| on.contains(&it.key) || off.contains(&it.key));
    Ok(Updated { capacity_manager_tag_keys: named.filter_map(|it| it.out(cx)).collect() })
}

impl Manager {
    /// Watching what is watched changes nothing.
    fn watch(&mut self, cx: &Cx, key: &str) {
        let watched = self.tag_keys.iter().any(|it| it.key == key && it.is_active);
        if !watched {
            self.tag_keys.retain(|it| it.key != key);
            self.tag_keys.push(TagKey { key: key.to_owned(), is_active: true, changed_at: cx.now });
            self.tag_keys.sort_by(|a, b| a.key.cmp(&b.key));
        }
    }

    fn forget(&mut self, cx: &Cx, key: &str) -> Result<(), ApiError> {
        let unknown = || invalid(format!("The tag key '{key}' is not monitored."));
        let held = self.tag_keys.iter_mut().find(|it| it.key == key && it.is_active).ok_or_else(unknown)?;
        (held.is_active, held.changed_at) = (false, cx.now);
        Ok(())
    }
}

/// The keys that are watched, in their order.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetCapacityManagerMonitoredTagKeys.html>
pub fn get(cx: &Cx, world: &World, input: &GetCapacityManagerMonitoredTagKeys) -> Result<TagKeys, ApiError> {
    let held: Manager = setting::get(cx, world);
    let outs = held.tag_keys.iter().filter_map(|it| it.out(cx));
    let token = input.next_token.as_deref();
    let page = paging::ec2("capacity-manager-tag-keys", token, input.max_results, outs, |it| it.tag_key.clone())?;
    Ok(TagKeys { capacity_manager_tag_keys: page.items, next_token: page.next })
}
