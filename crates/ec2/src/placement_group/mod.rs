//! Placement groups: how near to each other instances run. A group is made ([`create`]), named by launches ([`launch`]), and goes when nothing is left in
//! it. There is no hardware here; what can be seen of a group is: which types it takes, the zone of a cluster, the partitions.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/placement-groups.html>

use std::sync::Arc;

use service::operations;
use service::prelude::*;

use crate::instance::Instance;
use crate::kind;
use crate::resource::{any, resource};

pub mod create;
pub mod describe;
pub mod launch;
#[cfg(test)]
mod tests;

operations! { Ec2;
    CreatePlacementGroup => write(create::create) authorize(create::to_create) check(create::check),
    DeletePlacementGroup => write(create::delete) authorize(create::to_delete),
    DescribePlacementGroups => read(describe::describe) authorize(any),
}

/// A placement group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacementGroup {
    pub account: AccountId,
    pub region: String,
    /// `pg-…`
    pub id: String,
    pub name: String,
    /// `cluster`, `spread`, `partition` or `precision-time`
    pub strategy: String,
    /// Of the strategy `partition` alone.
    pub partitions: Option<i64>,
    /// Of the strategy `spread` alone: `rack`.
    pub spread_level: Option<String>,
    pub created_at: Timestamp,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl PlacementGroup {
    /// (account, region, name): unique.
    pub const BY_NAME: usize = 0;

    /// The instances in it.
    pub fn instances<'w>(&self, world: &'w World) -> impl Iterator<Item = &'w Arc<Instance>> {
        world.by::<Instance>(Instance::BY_PLACEMENT_GROUP, &[self.account.as_str(), &self.region, &self.id])
    }
}

impl Record for PlacementGroup {
    const TABLE: TableDef = TableDef::own("ec2_placement_group", &["account", "region", "id"], &["name"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_name", unique: true }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.name.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_NAME, &[self.account.as_str(), &self.region, &self.name]);
    }
}

resource!(PlacementGroup, kind::PLACEMENT_GROUP, {
    fn arn_id(&self) -> &str {
        &self.name
    }

    fn keys(&self, _: &Cx, _: &World, check: Check) -> Check {
        check
            .key("ec2:PlacementGroupName", self.name.as_str())
            .key("ec2:PlacementGroupStrategy", self.strategy.as_str())
    }
});

/// The group of that name.
pub fn by_name(cx: &Cx, world: &World, name: &str) -> Option<Arc<PlacementGroup>> {
    world.one::<PlacementGroup>(PlacementGroup::BY_NAME, &[cx.account().as_str(), cx.region_name(), name]).cloned()
}

/// There is no group of that name or id.
pub fn unknown(name: &str) -> ApiError {
    kind::PLACEMENT_GROUP.not_found(&[name])
}
