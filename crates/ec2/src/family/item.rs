//! What is stored of a family's resource: a document of its members, its tags, and from when on it has which state.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::Value;
use service::prelude::*;

use super::{Family, Life};
use crate::instance::elapsed;
use crate::kind::{self, Kind};
use crate::share;

/// A resource of a family. The prefix of its id says which.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Item {
    pub account: AccountId,
    pub region: String,
    pub id: String,
    /// The members as the model names them; id, tags and state are put in when it is shown.
    pub document: Document,
    /// Ids of what it is in, or holds on to: they can't be deleted before it.
    pub within: Vec<String>,
    pub stage: Option<Stage>,
    pub created_at: Timestamp,
    pub gone_at: Option<Timestamp>,
    /// When it is shown no longer though nobody deleted it.
    #[serde(default)]
    pub forgotten_at: Option<Timestamp>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// A state, and the one on the way to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    pub since: Timestamp,
    /// What it is at first.
    pub first: String,
    /// What it is after some seconds.
    pub then: String,
    /// About how many seconds AWS takes.
    pub seconds: i64,
}

impl Stage {
    /// A change that begins now.
    pub fn begin(cx: &Cx, first: &str, then: &str, seconds: i64) -> Stage {
        Stage { since: cx.now, first: first.to_owned(), then: then.to_owned(), seconds }
    }

    /// The state at this time.
    pub fn at(&self, cx: &Cx) -> &str {
        let over = elapsed(self.since, cx.now) >= cx.settings.states.lasting(self.seconds);
        if over { &self.then } else { &self.first }
    }
}

/// Parts of a document that have states of their own hold a stage under this name, which no answer shows.
const STAGE: &str = "Stage";

impl Stage {
    /// Notes the stage in a part of a document.
    pub fn note(self, part: &mut Value) {
        if let (Some(part), Ok(stage)) = (part.as_object_mut(), serde_json::to_value(self)) {
            part.insert(STAGE.to_owned(), stage);
        }
    }

    /// Whether a part is on its way to that state, or in it.
    pub fn ends_as(part: &Value, then: &str) -> bool {
        part.get(STAGE).and_then(|stage| stage.get("then")).and_then(Value::as_str) == Some(then)
    }

    /// The state of a part at this time.
    pub fn of_part(cx: &Cx, part: &Value) -> Option<String> {
        let stage: Stage = serde_json::from_value(part.get(STAGE)?.clone()).ok()?;
        Some(stage.at(cx).to_owned())
    }
}

impl Item {
    /// (account, region, resource type).
    pub const BY_KIND: usize = 0;
    /// (account, region, id of what it is in).
    pub const BY_WITHIN: usize = 1;

    /// (endpoint service): the service of an account and the endpoints of all accounts that lead to it.
    pub const BY_SERVICE: usize = 2;
    /// (id or word): what an allocation of addresses is out of, and what holds it; where a pool's come from; a registry.
    /// (account, resource type): what bears on all regions of an account.
    pub const BY_LINK: usize = 3;

    /// Its kind.
    pub fn kind(&self) -> Option<&'static Kind> {
        kind::of_id(&self.id)
    }

    /// The endpoint service that it is, or leads to.
    fn service_id(&self) -> Option<&str> {
        let name = self.document.text("ServiceName").filter(|_| self.id.starts_with("vpce-"))?;
        name.rsplit('.').next().filter(|last| last.starts_with("vpce-svc-"))
    }

    /// What bears on all regions of its account.
    fn wide_kind(&self) -> Option<&'static Kind> {
        let wide = [&kind::IPAM, &kind::IPAM_POLICY, &kind::IPAM_PREFIX_LIST_RESOLVER];
        self.kind().filter(|kind| wide.contains(kind))
    }

    /// The pool that an allocation of addresses is out of, and what holds it; of a pool, that its addresses are Amazon's; the registry that an association
    /// is with.
    fn links(&self) -> impl Iterator<Item = &str> {
        let members: &[&str] = match self.kind() {
            Some(kind) if kind == &kind::IPAM_POOL_ALLOCATION => &["OfPool", "ResourceId"],
            Some(kind) if kind == &kind::IPAM_POOL => &["PublicIpSource"],
            Some(kind) if kind == &kind::IPAM_INTERNET_REGISTRY_ASSOCIATION => &["Rir"],
            _ => &[],
        };
        members.iter().filter_map(|member| self.document.text(member))
    }

    /// The state at this time, if it has states.
    pub fn state(&self, cx: &Cx) -> Option<&str> {
        self.stage.as_ref().map(|stage| stage.at(cx))
    }

    /// Whether it was deleted and is only shown for some time longer.
    pub fn is_deleted(&self) -> bool {
        self.gone_at.is_some()
    }
}

impl Record for Item {
    const TABLE: TableDef = TableDef::shared("ec2_resource", "family");
    const INDEXES: &'static [IndexDef] = &[
        IndexDef { name: "by_kind", unique: false },
        IndexDef { name: "by_within", unique: false },
        IndexDef { name: "by_service", unique: false },
        IndexDef { name: "by_link", unique: false },
    ];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![self.within.first().cloned()]
    }

    fn index(&self, entries: &mut IndexEntries) {
        let (account, region) = (self.account.as_str(), self.region.as_str());
        if let Some(kind) = self.kind() {
            entries.add(Self::BY_KIND, &[account, region, kind.resource_type]);
        }
        if let Some(service) = self.service_id() {
            entries.add(Self::BY_SERVICE, &[service]);
        }
        self.links().for_each(|id| entries.add(Self::BY_LINK, &[id]));
        if let Some(kind) = self.wide_kind() {
            entries.add(Self::BY_LINK, &[account, kind.resource_type]);
        }
        for held in self.within.iter().filter(|_| !self.is_deleted()) {
            entries.add(Self::BY_WITHIN, &[account, region, held]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.gone_at.or(self.forgotten_at)
    }
}

/// The item of the caller's account and region with that id.
pub fn look_up(world: &World, cx: &Cx, id: &str) -> Option<Arc<Item>> {
    world.get::<Item>(&[cx.account().as_str(), cx.region_name(), id]).cloned()
}

/// The same, or the item of another account that is shared with the caller; whose tags are its owner's alone.
pub fn visible(world: &World, cx: &Cx, id: &str) -> Option<Arc<Item>> {
    let shared = || {
        let mut owners = share::owners(world, cx, id);
        let held = owners.find_map(|owner| world.get::<Item>(&[owner.as_str(), cx.region_name(), id]))?;
        Some(foreign(held))
    };
    look_up(world, cx, id).or_else(shared)
}

/// An item as others than its owner see it.
pub fn foreign(item: &Item) -> Arc<Item> {
    Arc::new(Item { tags: Vec::new(), ..item.clone() })
}

/// All of a kind that others share with the caller.
pub fn shared(world: &World, cx: &Cx, kind: &Kind) -> Vec<Arc<Item>> {
    let all = share::all(world, cx, kind.resource_type).into_iter();
    let found = all.filter_map(|(owner, id)| world.get::<Item>(&[owner.as_str(), cx.region_name(), &id]));
    found.map(|held| foreign(held)).collect()
}

/// The item of that kind, or the kind's Malformed or NotFound error.
pub fn get(world: &World, cx: &Cx, kind: &Kind, id: &str) -> Result<Arc<Item>, ApiError> {
    kind.well_formed(id)?;
    look_up(world, cx, id).filter(|_| kind.is_id(id)).ok_or_else(|| kind.not_found(&[id]))
}

/// The same for one that may be changed: a deleted one counts as not there.
pub fn alive(world: &World, cx: &Cx, kind: &Kind, id: &str) -> Result<Arc<Item>, ApiError> {
    let found = get(world, cx, kind, id)?;
    if found.is_deleted() { Err(kind.not_found(&[id])) } else { Ok(found) }
}

/// The same, or one of another account that is shared with the caller.
pub fn usable(world: &World, cx: &Cx, kind: &Kind, id: &str) -> Result<Arc<Item>, ApiError> {
    kind.well_formed(id)?;
    let found = visible(world, cx, id).filter(|it| kind.is_id(id) && !it.is_deleted());
    found.ok_or_else(|| kind.not_found(&[id]))
}

/// All of a kind, in the order of their ids.
pub fn all<'w>(world: &'w World, cx: &Cx, kind: &Kind) -> impl Iterator<Item = &'w Arc<Item>> + use<'w> {
    world.by::<Item>(Item::BY_KIND, &[cx.account().as_str(), cx.region_name(), kind.resource_type])
}

/// Ids of those that are in a resource, or hold on to it, and are not deleted.
pub fn inside(world: &World, cx: &Cx, id: &str) -> Vec<String> {
    let found = world.by::<Item>(Item::BY_WITHIN, &[cx.account().as_str(), cx.region_name(), id]);
    found.map(|item| item.id.clone()).collect()
}

/// Changes an item.
pub fn update(tx: &mut Tx, cx: &Cx, id: &str, change: impl FnOnce(&mut Item)) -> bool {
    tx.update::<Item>(&[cx.account().as_str(), cx.region_name(), id], change)
}

/// Deletes an item: at once, or through its family's states.
pub fn delete(tx: &mut Tx, cx: &Cx, family: &Family, id: &str) {
    let Some(life) = family.life else {
        tx.remove::<Item>(&[cx.account().as_str(), cx.region_name(), id]);
        return;
    };
    let [_, _, leaving, gone] = life.words;
    update(tx, cx, id, |item| go(item, cx, life, leaving, gone));
}

/// Sends an item through the states in which it leaves; it is shown for some time longer.
pub fn go(item: &mut Item, cx: &Cx, life: Life, leaving: &str, gone: &str) {
    item.stage = Some(Stage::begin(cx, leaving, gone, life.seconds));
    let shown = cx.settings.states.lasting(life.seconds) + SignedDuration::from_secs(life.shown_for);
    item.gone_at = Some(cx.now.saturating_add(shown).unwrap_or(cx.now));
}
