//! ModifyInstancePlacement: another host, tenancy or placement group, from the next start on; and whether the instance stays with its host.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstancePlacement.html>

use std::sync::Arc;

use service::prelude::*;

use super::record::InstancePlacement;
use super::run::input::PlacementWish;
use super::run::instance_type;
use super::state::must_be_stopped;
use super::{Instance, authorize, find};
use crate::host::Host;
use crate::host::launch as host;
use crate::placement_group::launch as group;
use crate::refused::missing;
use crate::resource;

service::operations! { Ec2;
    ModifyInstancePlacement => write(modify) authorize(to_modify),
}

/// `ModifyInstancePlacementRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct ModifyInstancePlacement {
    pub instance_id: String,
    /// An empty one takes the instance out of its group.
    pub group_name: Option<String>,
    pub group_id: Option<String>,
    pub partition_number: Option<i64>,
    pub tenancy: Option<String>,
    pub affinity: Option<String>,
    pub host_id: Option<String>,
}

/// `ModifyInstancePlacementResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Modified {
    pub r#return: bool,
}

impl ModifyInstancePlacement {
    /// The group and the partition, as a launch would name them.
    fn group_wish(&self, held: &InstancePlacement) -> Option<PlacementWish> {
        if self.group_name.is_none() && self.group_id.is_none() && self.partition_number.is_none() {
            return None;
        }
        let named = self.group_name.is_some() || self.group_id.is_some();
        let group_name = if named { self.group_name.clone() } else { held.group_name.clone() };
        Some(PlacementWish {
            group_name,
            group_id: self.group_id.clone(),
            partition_number: self.partition_number,
            ..PlacementWish::default()
        })
    }
}

/// ModifyInstancePlacement on the instance with the new values, and on the host and the group that it is to have.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyInstancePlacement) -> Vec<Check> {
    let values = [
        ("Affinity", input.affinity.clone()),
        ("GroupId", input.group_id.clone()),
        ("GroupName", input.group_name.clone()),
        ("HostId", input.host_id.clone()),
        ("PartitionNumber", input.partition_number.map(|number| number.to_string())),
        ("Tenancy", input.tenancy.clone()),
    ];
    let values: Vec<_> = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let own = authorize::attributes(authorize::on_instance(cx, world, &input.instance_id), &values);
    let host = input.host_id.as_deref().map(|id| resource::check_on::<Host>(cx, world, id));
    let wish = input.group_wish(&InstancePlacement::default());
    let group = group::choose(cx, world, wish.as_ref()).check(cx, world);
    std::iter::once(own).chain(host).chain(group).collect()
}

/// Changes what is given. All but the affinity is for an instance that is stopped.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyInstancePlacement) -> Result<Modified, ApiError> {
    let instance = find(cx, tx, &input.instance_id)?.clone();
    let group = input.group_wish(&instance.placement);
    let rest = input.host_id.is_some() || input.tenancy.is_some() || group.is_some();
    if !rest && input.affinity.is_none() {
        return Err(missing("affinity, hostId, tenancy or groupName"));
    }
    if rest {
        must_be_stopped(cx, &instance, "InvalidInstanceState")?;
    }
    let mut placement = InstancePlacement::clone(&instance.placement);
    if let Some(tenancy) = &input.tenancy {
        change_tenancy(&instance, &mut placement, tenancy)?;
    }
    change_host(cx, tx, &instance, &mut placement, input)?;
    match &group {
        Some(wish) => change_group(cx, tx, &instance, &mut placement, wish)?,
        // In the group that it is in, it can't go to a host.
        None => host::check(Some(&PlacementWish {
            tenancy: Some(placement.tenancy.clone()),
            group_id: placement.group_id.clone(),
            ..PlacementWish::default()
        }))?,
    }
    resource::update::<Instance>(tx, cx, &instance.id, |it| it.placement = Arc::new(placement));
    Ok(Modified { r#return: true })
}

/// Dedicated instances move to hosts and back; the family T3 does not. The codes are documented, the texts not.
fn change_tenancy(instance: &Instance, placement: &mut InstancePlacement, tenancy: &str) -> Result<(), ApiError> {
    let held = placement.tenancy.as_str();
    let moves = matches!((held, tenancy), ("dedicated", "host") | ("host", "dedicated"));
    let burstable = instance.instance_type.starts_with("t3.");
    if held != tenancy && (!moves || burstable) {
        let message =
            format!("The tenancy of the instance '{}' cannot be changed from {held} to {tenancy}.", instance.id);
        return Err(ApiError::new(if moves { "InvalidRequest" } else { "InvalidTenancy" }, message));
    }
    if tenancy == "dedicated" {
        placement.host_id = None;
        placement.affinity = None;
    } else if tenancy == "host" && placement.affinity.is_none() {
        placement.affinity = Some("default".to_owned());
    }
    placement.tenancy = tenancy.to_owned();
    Ok(())
}

/// A host that is named binds the instance to it, unless the affinity says otherwise.
fn change_host(
    cx: &Cx,
    world: &World,
    instance: &Instance,
    placement: &mut InstancePlacement,
    input: &ModifyInstancePlacement,
) -> Result<(), ApiError> {
    if input.host_id.is_none() && input.affinity.is_none() {
        return Ok(());
    }
    host::check(Some(&PlacementWish {
        tenancy: Some(placement.tenancy.clone()),
        host_id: input.host_id.clone(),
        affinity: input.affinity.clone(),
        ..PlacementWish::default()
    }))?;
    if let Some(id) = &input.host_id {
        let kind = instance_type::known(&instance.instance_type)?;
        host::fits(&*host::named(cx, world, id)?, kind, &placement.zone)?;
        placement.host_id = Some(id.clone());
        placement.affinity = Some("host".to_owned());
    }
    if input.affinity.is_some() {
        placement.affinity.clone_from(&input.affinity);
    }
    Ok(())
}

/// Into a group, or with an empty name out of it.
fn change_group(
    cx: &Cx,
    world: &World,
    instance: &Instance,
    placement: &mut InstancePlacement,
    wish: &PlacementWish,
) -> Result<(), ApiError> {
    host::check(Some(&PlacementWish { tenancy: Some(placement.tenancy.clone()), ..wish.clone() }))?;
    let chosen = group::choose(cx, world, Some(wish));
    chosen.must_be_known()?;
    chosen.require(world, &instance.instance_type, instance_type::known(&instance.instance_type)?, &placement.zone)?;
    chosen.room(world, &placement.zone, 1)?;
    let dedicated = placement.tenancy == "dedicated";
    if dedicated && chosen.group.as_ref().is_some_and(|group| group.strategy == "spread") {
        let message = "An instance with a tenancy of 'dedicated' cannot be placed into a spread placement group.";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    placement.group_id = chosen.group.as_ref().map(|group| group.id.clone());
    placement.group_name = chosen.group.as_ref().map(|group| group.name.clone());
    placement.partition = chosen.partition(world);
    Ok(())
}
