//! What is stored of a volume.

use service::cx::States;
use service::prelude::*;

use crate::instance::elapsed;
use crate::instance::view::{Detached, attached_word, is_settled};

/// An EBS volume. What few have is boxed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Volume {
    pub account: AccountId,
    pub region: String,
    /// `vol-…`
    pub id: String,
    /// GiB.
    pub size: i64,
    /// `gp3`…
    pub volume_type: String,
    pub iops: Option<i64>,
    /// MiB/s; gp3 only.
    pub throughput: Option<i64>,
    pub snapshot_id: Option<String>,
    pub encrypted: bool,
    pub kms_key_id: Option<String>,
    pub zone: String,
    pub zone_id: String,
    pub created_at: Timestamp,
    pub attachment: Option<VolumeAttachment>,
    /// The attachment that ended last, which is seen for a moment longer.
    #[serde(default)]
    pub detached: Option<Box<Detached<VolumeAttachment>>>,
    /// When the instance that it goes with is terminated.
    #[serde(default)]
    pub gone_at: Option<Timestamp>,
    /// The last change of size, type or performance.
    #[serde(default)]
    pub modification: Option<Box<Modification>>,
    #[serde(default)]
    pub auto_enable_io: bool,
    /// Made of a snapshot that was fast in its zone.
    #[serde(default)]
    pub fast_restored: bool,
    /// The volume it is a copy of.
    #[serde(default)]
    pub source_volume_id: Option<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// To what the volume is attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeAttachment {
    pub instance_id: String,
    /// `/dev/xvda`
    pub device: String,
    pub attached_at: Timestamp,
    pub delete_on_termination: bool,
}

/// A change of a volume, from what to what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modification {
    pub started_at: Timestamp,
    pub original: Shape,
    pub target: Shape,
    /// When those began that came before it, as far as they count: oldest first.
    #[serde(default)]
    pub earlier: Vec<Timestamp>,
}

/// What a modification changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// GiB.
    pub size: i64,
    pub volume_type: String,
    pub iops: Option<i64>,
    pub throughput: Option<i64>,
}

/// How far a modification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Modifying,
    Optimizing,
    Completed,
}

/// About how many seconds AWS takes to apply a modification, and to finish it.
const MODIFYING_SECONDS: i64 = 10;
const OPTIMIZING_SECONDS: i64 = 300;

impl Modification {
    /// How far it is at that time. Under quick states it is through all at once.
    pub fn progress(&self, now: Timestamp, states: States) -> Progress {
        let over = |seconds| elapsed(self.started_at, now) >= states.lasting(seconds);
        match (over(MODIFYING_SECONDS), over(OPTIMIZING_SECONDS)) {
            (_, true) => Progress::Completed,
            (true, false) => Progress::Optimizing,
            (false, false) => Progress::Modifying,
        }
    }
}

impl Modification {
    /// When it is through.
    pub fn completed_at(&self, states: States) -> Timestamp {
        states.over_at(self.started_at, OPTIMIZING_SECONDS)
    }
}

impl Progress {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Progress::Modifying => "modifying",
            Progress::Optimizing => "optimizing",
            Progress::Completed => "completed",
        }
    }
}

impl Volume {
    /// (account, region, instance).
    pub const BY_INSTANCE: usize = 0;
    /// (account, region, key, value) of every tag.
    pub const BY_TAG: usize = 1;

    /// Size, type and performance as they were asked for last.
    pub fn shape(&self) -> Shape {
        Shape { size: self.size, volume_type: self.volume_type.clone(), iops: self.iops, throughput: self.throughput }
    }

    /// The same as they are seen: a modification that was just asked for is not applied yet.
    pub fn shape_at(&self, now: Timestamp, states: States) -> Shape {
        match &self.modification {
            Some(change) if change.progress(now, states) == Progress::Modifying => change.original.clone(),
            _ => self.shape(),
        }
    }

    /// The attachment as it is seen with its state, the one that is about to be over included.
    pub fn attachment_at(&self, now: Timestamp, states: States) -> Option<(&VolumeAttachment, &'static str)> {
        match &self.attachment {
            Some(held) => Some((held, attached_word(held.attached_at, now, states))),
            None => self.detached.as_ref()?.seen(now, states),
        }
    }

    /// `creating`, `available` or `in-use`.
    pub fn state(&self, now: Timestamp, states: States) -> &'static str {
        match self.attachment_at(now, states) {
            Some(_) => "in-use",
            None if is_settled(self.created_at, now, states) => "available",
            None => "creating",
        }
    }

    /// `arn:aws:ec2:REGION:ACCOUNT:volume/ID`.
    pub fn arn(&self, partition: &str) -> String {
        service::arn::ec2(partition, &self.region, self.account.as_str(), "volume", &self.id)
    }
}

impl Record for Volume {
    const TABLE: TableDef = TableDef::own("ec2_volume", &["account", "region", "id"], &["instance_id"]);
    const INDEXES: &'static [IndexDef] =
        &[IndexDef { name: "by_instance", unique: false }, IndexDef { name: "by_tag", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![self.attachment.as_ref().map(|attachment| attachment.instance_id.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        let (account, region) = (self.account.as_str(), self.region.as_str());
        if let Some(attachment) = &self.attachment {
            entries.add(Self::BY_INSTANCE, &[account, region, &attachment.instance_id]);
        }
        for tag in &self.tags {
            entries.add(Self::BY_TAG, &[account, region, &tag.key, &tag.value]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.gone_at
    }
}
