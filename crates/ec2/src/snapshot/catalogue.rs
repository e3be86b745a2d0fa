//! The snapshots that the catalogue's public images are made of. They have no records: everything known of them is the image's.

use service::prelude::*;

use super::Snapshot;
use super::record::NO_VOLUME;
use crate::catalogue::images::{self, EbsDevice, Image};

/// All of a region.
pub fn all(region: &str) -> impl Iterator<Item = Snapshot> {
    let devices = |image: &'static Image| {
        image.block_device_mappings.iter().filter_map(move |device| Some((image, device.ebs.as_ref()?)))
    };
    let region = region.to_owned();
    images::images(&region).iter().flat_map(devices).filter_map(move |(image, ebs)| of(&region, image, ebs))
}

/// The one with that id.
pub fn by_id(region: &str, id: &str) -> Option<Snapshot> {
    all(region).find(|snapshot| snapshot.id == id)
}

fn of(region: &str, image: &Image, ebs: &EbsDevice) -> Option<Snapshot> {
    Some(Snapshot {
        account: image.owner_id.parse().ok()?,
        region: region.to_owned(),
        id: ebs.snapshot_id.clone()?,
        volume_id: NO_VOLUME.to_owned(),
        volume_size: ebs.volume_size?,
        encrypted: ebs.encrypted.unwrap_or(false),
        kms_key_id: None,
        associated_keys: Vec::new(),
        description: String::new(),
        started_at: image.creation_date.parse::<Timestamp>().ok()?,
        shared_with: Vec::new(),
        public: true,
        owner_alias: image.image_owner_alias.clone(),
        lock: None,
        tiering: None,
        tags: Vec::new(),
    })
}
