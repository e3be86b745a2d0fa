//! What is stored of a launch template: the template itself, and each of its versions.

use service::prelude::*;

use super::data::Data;
use crate::kind;
use crate::resource::resource;

/// A launch template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchTemplate {
    pub account: AccountId,
    pub region: String,
    /// `lt-…`
    pub id: String,
    pub name: String,
    pub created_at: Timestamp,
    /// ARN of who made it.
    pub created_by: String,
    pub default_version: i64,
    /// The highest number there is.
    pub latest_version: i64,
    /// The highest number there ever was: numbers are not given twice.
    pub counted: i64,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// One version of a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LaunchTemplateVersion {
    pub account: AccountId,
    pub region: String,
    pub template_id: String,
    /// From 1.
    pub number: i64,
    pub description: Option<String>,
    pub created_at: Timestamp,
    /// ARN of who made it.
    pub created_by: String,
    pub data: Data,
}

impl LaunchTemplate {
    /// (account, region, name): names are unique.
    pub const BY_NAME: usize = 0;
}

impl Record for LaunchTemplate {
    const TABLE: TableDef = TableDef::own("ec2_launch_template", &["account", "region", "id"], &["name"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_name", unique: true }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.name.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_NAME, &[self.account.as_str(), &self.region, &self.name]);
    }
}

impl Record for LaunchTemplateVersion {
    const TABLE: TableDef =
        TableDef::own("ec2_launch_template_version", &["account", "region", "template_id", "number"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.template_id, &key_of(self.number)])
    }
}

/// A number as a part of a key, such that keys sort as numbers do.
pub fn key_of(number: i64) -> String {
    format!("{number:010}")
}

resource!(LaunchTemplate, kind::LAUNCH_TEMPLATE);
