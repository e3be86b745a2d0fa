//! Placement groups come to be and go. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreatePlacementGroup.html>

use service::prelude::*;

use super::describe::{PlacementGroupOut, out};
use super::{PlacementGroup, by_name, unknown};
use crate::kind;
use crate::refused::missing;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `CreatePlacementGroupRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreatePlacementGroup {
    pub group_name: Option<String>,
    pub strategy: Option<String>,
    pub partition_count: Option<i64>,
    pub spread_level: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `CreatePlacementGroupResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub placement_group: PlacementGroupOut,
}

/// `DeletePlacementGroupRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeletePlacementGroup {
    pub group_name: String,
    pub dry_run: Option<bool>,
}

/// A group has this many partitions unless told otherwise, and at most seven in a zone.
const PARTITIONS: i64 = 2;
const MOST_PARTITIONS: i64 = 7;

/// CreatePlacementGroup on a group to come, which already has its name, and the tags.
pub fn to_create(cx: &Cx, _: &World, input: &CreatePlacementGroup) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let name = input.group_name.as_deref().unwrap_or("*");
    let own = Check::on(kind::PLACEMENT_GROUP.arn(cx, name))
        .not_created()
        .request_tags(&tags::requested(specifications, kind::PLACEMENT_GROUP.resource_type))
        .key("ec2:PlacementGroupName", name)
        .key_if("ec2:PlacementGroupStrategy", input.strategy.as_deref());
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "CreatePlacementGroup");
    std::iter::once(own).chain(tagging).collect()
}

/// What belongs to one strategy cannot be given for another.
pub fn check(_: &Cx, _: &World, input: &CreatePlacementGroup) -> Result<(), ApiError> {
    let name = input.group_name.as_deref().ok_or_else(|| missing("groupName"))?;
    let strategy = input.strategy.as_deref().ok_or_else(|| missing("strategy"))?;
    let refused = |code: &'static str, message: String| Err(ApiError::new(code, message));
    if name.is_empty() || name.len() > 255 || !name.is_ascii() {
        let message =
            format!("Value ({name}) for parameter groupName is invalid. Up to 255 ASCII characters are allowed.");
        return refused("InvalidParameterValue", message);
    }
    if let Some(count) = input.partition_count {
        if strategy != "partition" {
            let message = format!("The parameter PartitionCount may not be used with the strategy '{strategy}'");
            return refused("InvalidParameterCombination", message);
        }
        if !(1..=MOST_PARTITIONS).contains(&count) {
            let message = format!(
                "Value ({count}) for parameter PartitionCount is invalid. Valid values are between 1 and {MOST_PARTITIONS}."
            );
            return refused("InvalidParameterValue", message);
        }
    }
    match input.spread_level.as_deref() {
        Some(_) if strategy != "spread" => {
            let message = format!("The parameter SpreadLevel may not be used with the strategy '{strategy}'");
            refused("InvalidParameterCombination", message)
        }
        // Racks of one's own are Outposts.
        Some("host") => refused(
            "InvalidParameterValue",
            "Value (host) for parameter SpreadLevel is invalid. Host level spread placement groups are available on Outposts only."
                .to_owned(),
        ),
        _ => Ok(()),
    }
}

/// Makes a group.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreatePlacementGroup) -> Result<Created, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::PLACEMENT_GROUP.resource_type)?;
    let name = input.group_name.clone().unwrap_or_default();
    if by_name(cx, tx, &name).is_some() {
        let message = format!("The placement group '{name}' already exists.");
        return Err(ApiError::new("InvalidPlacementGroup.Duplicate", message));
    }
    let strategy = input.strategy.clone().unwrap_or_default();
    let group = PlacementGroup {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::PLACEMENT_GROUP.prefix),
        name,
        partitions: (strategy == "partition").then(|| input.partition_count.unwrap_or(PARTITIONS)),
        spread_level: (strategy == "spread").then(|| "rack".to_owned()),
        strategy,
        created_at: cx.now,
        tags,
    };
    let created = Created { placement_group: out(cx, &group) };
    tx.put(group);
    Ok(created)
}

/// DeletePlacementGroup on the group.
pub fn to_delete(cx: &Cx, world: &World, input: &DeletePlacementGroup) -> Vec<Check> {
    vec![match by_name(cx, world, &input.group_name) {
        Some(group) => resource::check_of(cx, world, &*group),
        None => Check::on(kind::PLACEMENT_GROUP.arn(cx, &input.group_name)),
    }]
}

/// Removes a group without instances.
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeletePlacementGroup) -> Result<Done, ApiError> {
    let group = by_name(cx, tx, &input.group_name).ok_or_else(|| unknown(&input.group_name))?;
    if group.instances(tx).next().is_some() {
        let message = format!("The placement group '{}' is in use and may not be deleted.", group.name);
        return Err(ApiError::new("InvalidPlacementGroup.InUse", message));
    }
    resource::remove::<PlacementGroup>(tx, cx, &group.id);
    Ok(Done {})
}
