//! When an entity called an action last, and the reports made of it. The server writes the first kind lazily, as it does `LastUsed`.

use jiff::SignedDuration;

use super::*;

/// AWS reports activity of the last 400 days.
const TRACKED: SignedDuration = SignedDuration::from_hours(400 * 24);
/// How long a report can be fetched; AWS says nothing of it.
const REPORT_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The last time that an entity called an action, allowed or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAccessed {
    pub account: AccountId,
    /// `AIDA…` or `AROA…`; the account's number for its root user.
    pub entity: String,
    /// `ec2:RunInstances`
    pub action: String,
    pub at: Timestamp,
    pub region: String,
}

impl LastAccessed {
    /// The namespace of the service: `ec2`.
    pub fn service(&self) -> &str {
        self.action.split_once(':').map_or(self.action.as_str(), |(service, _)| service)
    }

    /// `RunInstances`
    pub fn name(&self) -> &str {
        self.action.split_once(':').map_or("", |(_, name)| name)
    }
}

impl Record for LastAccessed {
    const TABLE: TableDef = TableDef::own("iam_last_accessed", &["account", "entity", "action"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.entity, &self.action])
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.at.checked_add(TRACKED).ok()
    }
}

/// A report on a user, group, role or policy, as things were when it was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessReport {
    pub account: AccountId,
    /// The job's id.
    pub id: String,
    /// Who asked for it, by unique id: nobody else may fetch it.
    pub asked_by: String,
    pub arn: String,
    /// Actions are in it, not only services.
    pub by_action: bool,
    pub created_at: Timestamp,
    pub completed_at: Timestamp,
    /// The services that the policies allow, and of those whose actions are tracked the actions they allow; both sorted.
    pub services: BTreeMap<String, Vec<String>>,
    /// Everybody who could use the policies.
    pub accessors: Vec<Accessor>,
}

/// Somebody who could use the policies of a report, and what they last accessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accessor {
    pub arn: String,
    pub id: String,
    /// Else a user.
    #[serde(default)]
    pub is_role: bool,
    #[serde(default)]
    pub uses: Vec<LastAccessed>,
}

impl Record for AccessReport {
    const TABLE: TableDef = TableDef::own("iam_access_report", &["account", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.id])
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.created_at.checked_add(REPORT_KEPT).ok()
    }
}
