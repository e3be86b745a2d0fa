//! What is stored of a snapshot.

use service::cx::States;
use service::prelude::*;

use super::lock::Lock;
use super::tier::Tiering;
use crate::instance::view::is_settled;
use crate::kind;
use crate::setting::encryption::Encryption;
use crate::setting::public_access;
use crate::volume::Volume;

/// What AWS says of snapshots whose volume is not the owner's or not told: of copies, and of public ones.
pub const NO_VOLUME: &str = "vol-ffffffff";

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
    /// ARNs of keys beside it.
    #[serde(default)]
    pub associated_keys: Vec<String>,
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
    pub lock: Option<Lock>,
    /// Its way into the archive, if it ever took it.
    #[serde(default)]
    pub tiering: Option<Tiering>,
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

    /// A snapshot of a volume of the caller's account, started now.
    pub fn of_volume(cx: &Cx, volume: &Volume) -> Snapshot {
        let shape = volume.shape_at(cx.now, cx.settings.states);
        let encryption = Encryption { encrypted: volume.encrypted, kms_key_id: volume.kms_key_id.clone() };
        Snapshot { volume_id: volume.id.clone(), ..Snapshot::new(cx, shape.size, encryption) }
    }

    /// A copy of it for the caller's account and region.
    pub fn copied(&self, cx: &Cx, encryption: Encryption) -> Snapshot {
        Snapshot::new(cx, self.volume_size, encryption)
    }

    /// A snapshot of nothing that is here, started now.
    pub fn of_size(cx: &Cx, volume_size: i64, encryption: Encryption) -> Snapshot {
        Snapshot::new(cx, volume_size, encryption)
    }

    fn new(cx: &Cx, volume_size: i64, encryption: Encryption) -> Snapshot {
        Snapshot {
            account: cx.account(),
            region: cx.region_name().to_owned(),
            id: cx.ids.ec2(kind::SNAPSHOT.prefix),
            volume_id: NO_VOLUME.to_owned(),
            volume_size,
            encrypted: encryption.encrypted,
            kms_key_id: encryption.kms_key_id,
            associated_keys: Vec::new(),
            description: String::new(),
            started_at: cx.now,
            shared_with: Vec::new(),
            public: false,
            owner_alias: None,
            lock: None,
            tiering: None,
            tags: Vec::new(),
        }
    }

    /// The ARN of the volume it was made of.
    pub fn volume_arn(&self, cx: &Cx) -> String {
        service::arn::ec2(cx.partition(), &self.region, self.account.as_str(), "volume", &self.volume_id)
    }

    /// Whether everybody may make volumes of it: it is shared so, and its account lets that be.
    pub fn is_public(&self, world: &World) -> bool {
        self.public && !public_access::hides_public_snapshots(world, self.account, &self.region)
    }

    /// Whether that account may make volumes of it.
    pub fn is_usable_by(&self, world: &World, account: AccountId) -> bool {
        self.is_public(world) || self.account == account || self.shared_with.iter().any(|it| it == account.as_str())
    }

    /// Whether it is complete at that time.
    pub fn is_completed_at(&self, now: Timestamp, states: States) -> bool {
        is_settled(self.started_at, now, states)
    }

    /// The same for a request.
    pub fn is_completed(&self, cx: &Cx) -> bool {
        self.is_completed_at(cx.now, cx.settings.states)
    }

    /// Whether it lies in the archive.
    pub fn is_archived(&self, cx: &Cx) -> bool {
        self.tiering.as_ref().is_some_and(|tiering| tiering.at(cx.now, cx.settings.states).tier == "archive")
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
