//! What is stored of a snapshot.

use service::cx::States;
use service::prelude::*;

use crate::instance::view::is_settled;

/// A snapshot of a volume, or a copy of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    pub account: AccountId,
    pub region: String,
    /// `snap-…`
    pub id: String,
    /// The volume it was made of, which may be gone; of a copy it is `vol-ffffffff`.
    pub volume_id: String,
    /// GiB.
    pub volume_size: i64,
    pub encrypted: bool,
    pub kms_key_id: Option<String>,
    pub description: String,
    pub started_at: Timestamp,
    /// Accounts that may make volumes of it.
    #[serde(default)]
    pub shared_with: Vec<String>,
    /// Everybody may.
    #[serde(default)]
    pub public: bool,
    /// `amazon`; snapshots that are stored have none.
    #[serde(skip)]
    pub owner_alias: Option<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// The grantee that stands for everybody.
pub const EVERYBODY: &str = "all";

impl Snapshot {
    /// (region, id), whatever the account.
    pub const BY_ID: usize = 0;
    /// (region, account or `all`): who else may use it.
    pub const BY_GRANTEE: usize = 1;

    /// The ARN of the volume it was made of.
    pub fn volume_arn(&self, cx: &Cx) -> String {
        service::arn::ec2(cx.partition(), &self.region, self.account.as_str(), "volume", &self.volume_id)
    }

    /// Whether that account may make volumes of it.
    pub fn is_usable_by(&self, account: AccountId) -> bool {
        self.public || self.account == account || self.shared_with.iter().any(|it| it == account.as_str())
    }

    /// Whether it is complete at that time.
    pub fn is_completed_at(&self, now: Timestamp, states: States) -> bool {
        is_settled(self.started_at, now, states)
    }

    /// The same for a request.
    pub fn is_completed(&self, cx: &Cx) -> bool {
        self.is_completed_at(cx.now, cx.settings.states)
    }
}

impl Record for Snapshot {
    const TABLE: TableDef = TableDef::own("ec2_snapshot", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] =
        &[IndexDef { name: "by_id", unique: true }, IndexDef { name: "by_grantee", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_ID, &[&self.region, &self.id]);
        for grantee in &self.shared_with {
            entries.add(Self::BY_GRANTEE, &[&self.region, grantee]);
        }
        if self.public {
            entries.add(Self::BY_GRANTEE, &[&self.region, EVERYBODY]);
        }
    }
}
