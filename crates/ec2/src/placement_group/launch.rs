//! Launches into placement groups: the group that a launch names, what it takes, and where its instances go.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/placement-strategies.html>

use std::sync::Arc;

use service::prelude::*;

use super::{PlacementGroup, by_name, unknown};
use crate::catalogue::instance_types::InstanceType;
use crate::instance::run::input::PlacementWish;
use crate::instance::{Instance, Phase};
use crate::kind;
use crate::resource;

/// The group as a launch names it, and what was found.
pub struct Chosen {
    named: Option<String>,
    pub group: Option<Arc<PlacementGroup>>,
    /// The partition asked for.
    partition: Option<i64>,
}

/// A spread group has so many running instances in a zone.
const MOST_SPREAD: i64 = 7;

/// Looks up the group that a launch names, if it names one.
pub fn choose(cx: &Cx, world: &World, placement: Option<&PlacementWish>) -> Chosen {
    let text = |field: fn(&PlacementWish) -> &Option<String>| placement.and_then(|it| field(it).clone());
    let (name, id) = (text(|it| &it.group_name).filter(|name| !name.is_empty()), text(|it| &it.group_id));
    let group = match (&name, &id) {
        (Some(name), _) => by_name(cx, world, name),
        (None, Some(id)) => resource::look_up(world, cx, id),
        (None, None) => None,
    };
    Chosen { named: name.or(id), group, partition: placement.and_then(|it| it.partition_number) }
}

/// A stopped instance of a spread group that is started again needs room there.
pub fn again(cx: &Cx, world: &World, instance: &Instance) -> Result<(), ApiError> {
    let group_id = instance.placement.group_id.clone();
    let chosen = choose(cx, world, Some(&PlacementWish { group_id, ..PlacementWish::default() }));
    chosen.room(world, &instance.placement.zone, 1).map(drop)
}

impl Chosen {
    /// The operation's own action on the group.
    pub fn check(&self, cx: &Cx, world: &World) -> Option<Check> {
        let named = self.named.as_deref()?;
        Some(match &self.group {
            Some(group) => resource::check_of(cx, world, &**group),
            None => Check::on(kind::PLACEMENT_GROUP.arn(cx, named)),
        })
    }

    /// Its ARN, as the condition key `ec2:PlacementGroup` has it.
    pub fn arn(&self, cx: &Cx) -> Option<String> {
        self.group.as_ref().map(|group| kind::PLACEMENT_GROUP.arn(cx, &group.name))
    }

    /// The zone that a cluster's instances are in already.
    pub fn zone(&self, world: &World) -> Option<String> {
        let group = self.group.as_ref().filter(|group| group.strategy == "cluster")?;
        Some(group.instances(world).next()?.placement.zone.clone())
    }

    /// The group that was named must be there.
    pub fn must_be_known(&self) -> Result<(), ApiError> {
        match (&self.named, &self.group) {
            (Some(named), None) => Err(unknown(named)),
            _ => Ok(()),
        }
    }

    /// The group must take the type and that zone.
    pub fn require(&self, world: &World, type_name: &str, kind: &InstanceType, zone: &str) -> Result<(), ApiError> {
        let Some(group) = &self.group else { return self.no_partition_alone() };
        let strategies = kind.placement_group_info.as_ref().and_then(|info| info.supported_strategies.as_deref());
        if !strategies.unwrap_or_default().contains(&group.strategy) {
            let message = format!("Placement groups may not be used with instances of type '{type_name}'.");
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
        if let Some(other) = self.zone(world).filter(|held| held != zone) {
            let message =
                format!("The placement group '{}' is in use in another availability zone: {other}", group.name);
            return Err(ApiError::new("InvalidPlacementGroup.InUse", message));
        }
        self.partition_must_exist(group)
    }

    fn no_partition_alone(&self) -> Result<(), ApiError> {
        match self.partition {
            None => Ok(()),
            Some(_) => Err(ApiError::new(
                "InvalidParameterCombination",
                "The parameter partitionNumber requires a placement group with the strategy partition.",
            )),
        }
    }

    fn partition_must_exist(&self, group: &PlacementGroup) -> Result<(), ApiError> {
        let Some(wanted) = self.partition else { return Ok(()) };
        let Some(most) = group.partitions else { return self.no_partition_alone() };
        if (1..=most).contains(&wanted) {
            return Ok(());
        }
        let message = format!(
            "Value ({wanted}) for parameter partitionNumber is invalid. The placement group has {most} partitions."
        );
        Err(ApiError::new("InvalidParameterValue", message))
    }

    /// How many more instances find room in the zone: as many as one likes, unless they are to be spread. At least so many must.
    pub fn room(&self, world: &World, zone: &str, least: i64) -> Result<i64, ApiError> {
        let Some(group) = self.group.as_ref().filter(|group| group.strategy == "spread") else { return Ok(i64::MAX) };
        let running = |it: &&Arc<Instance>| matches!(it.phase, Phase::Up { .. }) && it.placement.zone == zone;
        let held = i64::try_from(group.instances(world).filter(running).count()).unwrap_or(MOST_SPREAD);
        if held + least <= MOST_SPREAD {
            return Ok(MOST_SPREAD - held);
        }
        // The code is documented for whatever finds no room; the text is not recorded for spread groups.
        let message = format!(
            "We currently do not have sufficient capacity in the Availability Zone you requested ({zone}) for the spread placement group '{}'.",
            group.name
        );
        Err(ApiError::new("InsufficientInstanceCapacity", message))
    }

    /// The partition of the next instance: the one asked for, else the one with the fewest, which spreads them evenly.
    pub fn partition(&self, world: &World) -> Option<i64> {
        let group = self.group.as_ref()?;
        let most = group.partitions?;
        let held = |number: i64| group.instances(world).filter(|it| it.placement.partition == Some(number)).count();
        self.partition.or_else(|| (1..=most).min_by_key(|number| held(*number)))
    }
}
