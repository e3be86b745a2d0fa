//! Reports of what an organisation's accounts last accessed.

use jiff::SignedDuration;

use super::*;

/// How long a report can be fetched; AWS says nothing of it.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A report on an entity of the organisation, as things were when it was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrganizationReport {
    pub account: AccountId,
    /// The job's id.
    pub id: String,
    /// Who asked for it, by unique id.
    pub asked_by: String,
    pub entity_path: String,
    pub policy_id: Option<String>,
    pub created_at: Timestamp,
    pub completed_at: Timestamp,
    /// The services that may be used, by namespace; or why there is no report.
    pub services: Result<Vec<ServiceAccess>, ReportFailure>,
}

/// What became of one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccess {
    pub namespace: String,
    /// How many accounts used it.
    pub accounts: usize,
    /// The last use: in which region, when, and by the account on which path.
    pub last: Option<(String, Timestamp, String)>,
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportFailure {
    pub code: String,
    pub message: String,
}

impl Record for OrganizationReport {
    const TABLE: TableDef = TableDef::own("iam_organization_report", &["account", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.id])
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.created_at.checked_add(KEPT).ok()
    }
}
