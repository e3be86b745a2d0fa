//! What is stored of an account's images, and for a while of those it deregistered.

use jiff::SignedDuration;
use service::arn;
use service::cx::States;
use service::prelude::*;

use crate::catalogue::images::Image;
use crate::instance::elapsed;

/// An image that an account made, registered or copied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountImage {
    pub account: AccountId,
    pub region: String,
    /// `ami-…`
    pub id: String,
    /// What DescribeImages tells of it. What time or other fields decide (state, sharing, deprecation, protection, tags) is written over.
    pub facts: Image,
    pub created_at: Timestamp,
    /// By RegisterImage, which has nothing to wait for.
    #[serde(default)]
    pub registered: bool,
    /// Who else may launch it.
    #[serde(default)]
    pub permissions: Vec<Grantee>,
    #[serde(default)]
    pub disabled: bool,
    #[serde(default)]
    pub deprecated_at: Option<Timestamp>,
    #[serde(default)]
    pub protection: Protection,
    /// Base64.
    #[serde(default)]
    pub uefi_data: Option<String>,
    /// Launches, the last one and the one before: they are told a day later.
    #[serde(default)]
    pub launched_at: [Option<Timestamp>; 2],
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// Whom an image is shared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grantee {
    /// Everybody: the image is public.
    All,
    Account(AccountId),
    /// An organisation's ARN.
    Organization(String),
    /// An organizational unit's ARN.
    Unit(String),
}

/// The group that stands for everybody.
pub const EVERYBODY: &str = "all";

impl Grantee {
    /// What a caller must have among its [`super::grants`].
    pub fn key(&self) -> &str {
        match self {
            Grantee::All => EVERYBODY,
            Grantee::Account(account) => account.as_str(),
            Grantee::Organization(text) | Grantee::Unit(text) => arn::last_name(text),
        }
    }
}

/// Whether an image can be deregistered.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deregistration-protection.html>
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protection {
    #[default]
    Off,
    On {
        /// It goes on for a day after it was taken away.
        cooldown: bool,
    },
    /// Taken away then, with the day to go.
    Cooling { since: Timestamp },
}

/// How long a protection with cooldown goes on.
const COOLDOWN: SignedDuration = SignedDuration::from_hours(24);
/// About how many seconds AWS needs to make an image.
pub const MAKING_SECONDS: i64 = 60;
/// After how many seconds a launch is told of.
const TOLD_AFTER_SECONDS: i64 = 24 * 3600;

impl Protection {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Protection::Off | Protection::Cooling { .. } => "disabled",
            Protection::On { cooldown: true } => "enabled-with-cooldown",
            Protection::On { cooldown: false } => "enabled-without-cooldown",
        }
    }

    /// Whether the image cannot be deregistered at that time.
    pub fn holds_at(self, now: Timestamp) -> bool {
        match self {
            Protection::Off => false,
            Protection::On { .. } => true,
            Protection::Cooling { since } => elapsed(since, now) < COOLDOWN,
        }
    }
}

impl AccountImage {
    /// (region, id), whatever the account.
    pub const BY_ID: usize = 0;
    /// (region, grantee's key): who else may launch it.
    pub const BY_GRANTEE: usize = 1;
    /// (account, region, name).
    pub const BY_NAME: usize = 2;
    /// (region, snapshot) of every device, whatever the account.
    pub const BY_SNAPSHOT: usize = 3;

    /// Whether everybody may launch it.
    pub fn is_public(&self) -> bool {
        self.permissions.contains(&Grantee::All)
    }

    /// `pending`, `available` or `disabled`.
    pub fn state(&self, now: Timestamp, states: States) -> &'static str {
        match self.registered || elapsed(self.created_at, now) >= states.lasting(MAKING_SECONDS) {
            _ if self.disabled => "disabled",
            true => "available",
            false => "pending",
        }
    }

    /// The last launch that is told of.
    pub fn last_launched_at(&self, now: Timestamp, states: States) -> Option<Timestamp> {
        let told = |at: &Timestamp| elapsed(*at, now) >= states.lasting(TOLD_AFTER_SECONDS);
        self.launched_at.iter().flatten().find(|at| told(at)).copied()
    }

    /// Its snapshots.
    pub fn snapshots(&self) -> impl Iterator<Item = &str> {
        self.facts.block_device_mappings.iter().filter_map(|device| device.ebs.as_ref()?.snapshot_id.as_deref())
    }
}

impl Record for AccountImage {
    const TABLE: TableDef = TableDef::own("ec2_image", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[
        IndexDef { name: "by_id", unique: true },
        IndexDef { name: "by_grantee", unique: false },
        IndexDef { name: "by_name", unique: true },
        IndexDef { name: "by_snapshot", unique: false },
    ];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_ID, &[&self.region, &self.id]);
        for grantee in &self.permissions {
            entries.add(Self::BY_GRANTEE, &[&self.region, grantee.key()]);
        }
        entries.add(Self::BY_NAME, &[self.account.as_str(), &self.region, &self.facts.name]);
        for snapshot in self.snapshots() {
            entries.add(Self::BY_SNAPSHOT, &[&self.region, snapshot]);
        }
    }
}

/// An image that was deregistered: its instances and its copies still tell of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeregisteredImage {
    pub account: AccountId,
    pub region: String,
    pub id: String,
    pub at: Timestamp,
    /// What was last to be told of it.
    #[serde(default)]
    pub facts: Image,
}

/// How long it is told apart from an image that never was.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);

impl DeregisteredImage {
    /// (region, id), whatever the account.
    pub const BY_ID: usize = 0;

    /// Whether it is not just not there.
    pub fn is_remembered_at(&self, now: Timestamp) -> bool {
        elapsed(self.at, now) < REMEMBERED
    }
}

impl Record for DeregisteredImage {
    const TABLE: TableDef = TableDef::own("ec2_deregistered_image", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_id", unique: true }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_ID, &[&self.region, &self.id]);
    }
}
