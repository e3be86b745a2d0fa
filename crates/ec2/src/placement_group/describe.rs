//! DescribePlacementGroups. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribePlacementGroups.html>

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::{PlacementGroup, by_name, unknown};
use crate::instance::elapsed;
use crate::kind;
use crate::resource::{self, Resource as _, tags_out};

/// `DescribePlacementGroupsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribePlacementGroups {
    pub group_ids: Option<Vec<String>>,
    pub group_names: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub dry_run: Option<bool>,
}

/// `DescribePlacementGroupsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct PlacementGroups {
    pub placement_groups: Vec<PlacementGroupOut>,
}

/// `PlacementGroup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct PlacementGroupOut {
    pub group_name: String,
    pub group_id: String,
    pub group_arn: String,
    pub state: &'static str,
    pub strategy: String,
    pub partition_count: Option<i64>,
    pub spread_level: Option<String>,
    pub tags: Option<Vec<Tag>>,
}

static FIELDS: Fields<PlacementGroupOut> = Fields {
    fields: &[
        ("group-arn", |it, values| values.push(it.group_arn.as_str())),
        ("group-name", |it, values| values.push(it.group_name.as_str())),
        ("spread-level", |it, values| values.push_if(it.spread_level.as_deref())),
        ("state", |it, values| values.push(it.state)),
        ("strategy", |it, values| values.push(it.strategy.as_str())),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// Groups that pass the filters, or those named by name and id, in the order of their names.
pub fn describe(cx: &Cx, world: &World, input: &DescribePlacementGroups) -> Result<PlacementGroups, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let mut found = Vec::new();
    for id in input.group_ids.iter().flatten() {
        found.push(resource::get::<PlacementGroup>(world, cx, id)?);
    }
    for name in input.group_names.iter().flatten() {
        found.push(by_name(cx, world, name).ok_or_else(|| unknown(name))?);
    }
    if input.group_ids.is_none() && input.group_names.is_none() {
        found.extend(resource::all::<PlacementGroup>(cx, world));
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.dedup_by(|a, b| a.id == b.id);
    let placement_groups = found.iter().map(|group| out(cx, group)).filter(|it| chosen.admit(it)).collect();
    Ok(PlacementGroups { placement_groups })
}

/// About how many seconds AWS needs to make a group.
const PENDING_SECONDS: i64 = 3;

/// As answers show the group.
pub fn out(cx: &Cx, group: &PlacementGroup) -> PlacementGroupOut {
    let available = elapsed(group.created_at, cx.now) >= cx.settings.states.lasting(PENDING_SECONDS);
    PlacementGroupOut {
        group_name: group.name.clone(),
        group_id: group.id.clone(),
        group_arn: kind::PLACEMENT_GROUP.arn(cx, group.arn_id()),
        state: if available { "available" } else { "pending" },
        strategy: group.strategy.clone(),
        partition_count: group.partitions,
        spread_level: group.spread_level.clone(),
        tags: tags_out(&group.tags),
    }
}
