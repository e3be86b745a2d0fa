//! What is stored of an event window.

use service::prelude::*;

use crate::instance::Instance;

/// An event window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventWindow {
    pub account: AccountId,
    pub region: String,
    /// `iew-…`
    pub id: String,
    pub name: Option<String>,
    /// Either these or a cron expression.
    pub time_ranges: Vec<TimeRange>,
    pub cron_expression: Option<String>,
    /// Its targets, of one kind.
    pub instance_ids: Vec<String>,
    pub instance_tags: Vec<Tag>,
    #[serde(default)]
    pub dedicated_host_ids: Vec<String>,
    pub created_at: Timestamp,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// `InstanceEventWindowTimeRange` and the request's; a request has all four.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct TimeRange {
    pub start_week_day: Option<String>,
    pub start_hour: Option<i64>,
    pub end_week_day: Option<String>,
    pub end_hour: Option<i64>,
}

impl EventWindow {
    /// Whether the instance is one of its targets.
    pub fn is_for(&self, instance: &Instance) -> bool {
        let on_host = |id| self.dedicated_host_ids.iter().any(|host| host == id);
        self.instance_ids.contains(&instance.id)
            || self.instance_tags.iter().any(|tag| instance.tags.contains(tag))
            || instance.host_id().is_some_and(on_host)
    }

    /// Whether it has targets.
    pub fn has_targets(&self) -> bool {
        self.kinds().contains(&true)
    }

    /// Whether it has instances, tags, hosts for its targets.
    pub fn kinds(&self) -> [bool; 3] {
        [!self.instance_ids.is_empty(), !self.instance_tags.is_empty(), !self.dedicated_host_ids.is_empty()]
    }
}

impl Record for EventWindow {
    const TABLE: TableDef = TableDef::own("ec2_instance_event_window", &["account", "region", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }
}
