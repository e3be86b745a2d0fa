//! What is stored of a volume.

use service::prelude::*;

/// An EBS volume.
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

impl Volume {
    /// (account, region, instance).
    pub const BY_INSTANCE: usize = 0;
    /// (account, region, key, value) of every tag.
    pub const BY_TAG: usize = 1;

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
}
