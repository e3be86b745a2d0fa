//! The Recycle Bin: images, snapshots and volumes that were deleted while a retention rule covered them. They lie there until their retention is over, and
//! can be restored meanwhile; for every other operation they are gone.
//!
//! Rules belong to another service (Recycle Bin, `rbin`), so they come in by the admin API ([`RetentionRule`]). [`keep`] is called where something is deleted.
//! <https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin.html>

use std::sync::Arc;

use jiff::SignedDuration;
use service::paging::{self, Page};
use service::prelude::*;

use crate::image::AccountImage;
use crate::resource::any;
use crate::snapshot::Snapshot;
use crate::volume::Volume;

pub mod images;
pub mod snapshots;
#[cfg(test)]
mod tests;
pub mod volumes;

service::operations! { Ec2;
    ListImagesInRecycleBin => read(images::list) authorize(any),
    ListSnapshotsInRecycleBin => read(snapshots::list) authorize(any),
    ListVolumesInRecycleBin => read(volumes::list) authorize(any) check(volumes::check),
    RestoreImageFromRecycleBin => write(images::restore) authorize(images::to_restore),
    RestoreSnapshotFromRecycleBin => write(snapshots::restore) authorize(snapshots::to_restore),
    RestoreVolumeFromRecycleBin => write(volumes::restore) authorize(volumes::to_restore),
}

/// What is kept when it is deleted, and how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionRule {
    pub account: AccountId,
    pub region: String,
    pub id: String,
    pub sort: Sort,
    pub days: i64,
    /// What has one of these tags; empty: everything in the region.
    pub tags: Vec<RuleTag>,
    /// Of everything, but for what has one of these.
    pub except: Vec<RuleTag>,
}

/// What a rule is for, in the words of the service that rules belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sort {
    #[serde(rename = "EC2_IMAGE")]
    Image,
    #[serde(rename = "EBS_SNAPSHOT")]
    Snapshot,
    #[serde(rename = "EBS_VOLUME")]
    Volume,
}

/// A tag that a rule looks for: a key with that value or, without one, with any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleTag {
    pub key: String,
    #[serde(default)]
    pub value: Option<String>,
}

impl RuleTag {
    fn is_on(&self, tags: &[Tag]) -> bool {
        tags.iter().any(|tag| tag.key == self.key && self.value.as_ref().is_none_or(|value| *value == tag.value))
    }
}

impl RetentionRule {
    fn covers(&self, sort: Sort, tags: &[Tag]) -> bool {
        let has_one = |wanted: &[RuleTag]| wanted.iter().any(|it| it.is_on(tags));
        self.sort == sort && if self.tags.is_empty() { !has_one(&self.except) } else { has_one(&self.tags) }
    }
}

impl Record for RetentionRule {
    const TABLE: TableDef = TableDef::own("ec2_retention_rule", &["account", "region", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }
}

/// Something in the bin.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recycled {
    pub account: AccountId,
    pub region: String,
    pub id: String,
    pub content: Content,
    pub entered_at: Timestamp,
    pub exits_at: Timestamp,
}

/// What was deleted, as it was.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Content {
    Image(Box<AccountImage>),
    Snapshot(Box<Snapshot>),
    Volume(Box<Volume>),
}

impl Content {
    fn facts(&self) -> (AccountId, &str, &str, Sort, &[Tag]) {
        match self {
            Content::Image(it) => (it.account, &it.region, &it.id, Sort::Image, &it.tags),
            Content::Snapshot(it) => (it.account, &it.region, &it.id, Sort::Snapshot, &it.tags),
            Content::Volume(it) => (it.account, &it.region, &it.id, Sort::Volume, &it.tags),
        }
    }
}

impl Record for Recycled {
    const TABLE: TableDef = TableDef::own("ec2_recycle_bin", &["account", "region", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn gone_at(&self) -> Option<Timestamp> {
        Some(self.exits_at)
    }
}

/// Puts what is deleted at that time into the bin, if a rule covers it; of several rules the longest counts. A rule that comes later changes nothing about what
/// lies there.
pub fn keep(tx: &mut Tx, content: Content, at: Timestamp) {
    let (account, region, id, sort, tags) = content.facts();
    let rules = tx.scan::<RetentionRule>(&[account.as_str(), region]);
    let days = rules.filter(|rule| rule.covers(sort, tags)).map(|rule| rule.days).max();
    let Some(days) = days else { return };
    let (region, id) = (region.to_owned(), id.to_owned());
    let exits_at = at.saturating_add(SignedDuration::from_hours(days.saturating_mul(24))).unwrap_or(at);
    tx.put(Recycled { account, region, id, content, entered_at: at, exits_at });
}

/// What lies in the caller's bin under that id.
fn find(cx: &Cx, world: &World, id: &str) -> Option<Arc<Recycled>> {
    let found = world.get::<Recycled>(&[cx.account().as_str(), cx.region_name(), id]).cloned();
    found.filter(|held| held.entered_at <= cx.now)
}

/// Takes it out.
fn take(cx: &Cx, tx: &mut Tx, id: &str) {
    tx.remove::<Recycled>(&[cx.account().as_str(), cx.region_name(), id]);
}

/// A page of those that are of one sort: those named, or all. `see` answers nothing for other sorts.
fn list<S>(
    cx: &Cx,
    world: &World,
    what: &str,
    asked: (Option<&[String]>, Option<i64>, Option<&str>),
    see: impl Fn(&Recycled) -> Option<S>,
    missing: impl Fn(&[&str]) -> ApiError,
) -> Result<Page<S>, ApiError> {
    let (ids, max_results, next_token) = asked;
    let ids = ids.unwrap_or_default();
    let in_bin = |id: &str| find(cx, world, id).is_some_and(|held| see(&held).is_some());
    let absent: Vec<&str> = ids.iter().map(String::as_str).filter(|id| !in_bin(id)).collect();
    if !absent.is_empty() {
        return Err(missing(&absent));
    }
    let all = world.scan::<Recycled>(&[cx.account().as_str(), cx.region_name()]);
    let wanted = all.filter(|held| held.entered_at <= cx.now && (ids.is_empty() || ids.contains(&held.id)));
    let seen = wanted.filter_map(|held| Some((held.id.clone(), see(held)?)));
    let scope = format!("{what} in the recycle bin {ids:?}");
    let page = paging::ec2(&scope, next_token, max_results, seen, |(id, _)| id.clone())?;
    Ok(Page { items: page.items.into_iter().map(|(_, seen)| seen).collect(), next: page.next })
}
