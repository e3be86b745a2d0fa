//! MonitorInstances and UnmonitorInstances: detailed monitoring on and off, and its metric categories. There are no metrics; the setting is kept.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_MonitorInstances.html>

use std::sync::Arc;

use service::prelude::*;

use super::out::MonitoringOut;
use super::view::Seen;
use super::{Attributes, Instance, authorize, find, find_all};
use crate::family::metric_category;
use crate::kind;
use crate::refused::missing;

/// `MonitorInstances` and `UnmonitorInstances`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Monitor {
    pub instance_ids: Vec<String>,
    pub metric_category_ids: Option<Vec<String>>,
    pub dry_run: Option<bool>,
}

/// The answer of both.
#[derive(Debug, Serialize, Shaped)]
pub struct Monitorings {
    pub instance_monitorings: Vec<InstanceMonitoring>,
}

/// `InstanceMonitoring`.
#[derive(Debug, Serialize, Shaped)]
pub struct InstanceMonitoring {
    pub instance_id: String,
    pub monitoring: MonitoringOut,
}

/// What AWS was seen to miss before it asks for permission, September 2026.
pub fn check(_: &Cx, _: &World, input: &Monitor) -> Result<(), ApiError> {
    if input.instance_ids.iter().any(String::is_empty) { Err(missing("instanceId")) } else { Ok(()) }
}

/// What both must be allowed.
pub fn to_change(cx: &Cx, world: &World, input: &Monitor) -> Vec<Check> {
    authorize::on_instances(cx, world, &input.instance_ids)
}

/// Detailed monitoring on, with metric categories beside those that are there.
pub fn monitor(cx: &Cx, tx: &mut Tx, input: &Monitor) -> Result<Monitorings, ApiError> {
    input.instance_ids.iter().try_for_each(|id| kind::INSTANCE.must_be("instanceId", id))?;
    let more = input.metric_category_ids.as_deref().unwrap_or_default();
    metric_category::must_exist(cx, tx, more)?;
    change(cx, tx, &input.instance_ids, |attributes| {
        turn(cx, attributes, true);
        for id in more {
            if !attributes.metric_categories.contains(id) {
                attributes.metric_categories.push(id.clone());
            }
        }
    })
}

/// Detailed monitoring off with all metric categories, or only some of these off.
pub fn unmonitor(cx: &Cx, tx: &mut Tx, input: &Monitor) -> Result<Monitorings, ApiError> {
    input.instance_ids.iter().try_for_each(|id| kind::INSTANCE.must_be_id(id))?;
    let some = input.metric_category_ids.as_deref().unwrap_or_default();
    metric_category::must_exist(cx, tx, some)?;
    change(cx, tx, &input.instance_ids, |attributes| match some {
        [] => {
            turn(cx, attributes, false);
            attributes.metric_categories.clear();
        }
        some => attributes.metric_categories.retain(|id| !some.contains(id)),
    })
}

fn turn(cx: &Cx, attributes: &mut Attributes, on: bool) {
    if attributes.monitoring != on {
        attributes.monitoring = on;
        attributes.monitoring_changed_at = Some(cx.now);
    }
}

fn change(cx: &Cx, tx: &mut Tx, ids: &[String], change: impl Fn(&mut Attributes)) -> Result<Monitorings, ApiError> {
    let mut instance_monitorings = Vec::with_capacity(ids.len());
    for instance in find_all(cx, tx, ids)? {
        let mut attributes = instance.attributes.clone();
        change(Arc::make_mut(&mut attributes));
        if attributes != instance.attributes {
            tx.update::<Instance>(&[instance.account.as_str(), &instance.region, &instance.id], |it| {
                it.attributes = attributes
            });
        }
        let monitoring = Seen::new(cx, tx, find(cx, tx, &instance.id)?).monitoring();
        instance_monitorings.push(InstanceMonitoring { instance_id: instance.id.clone(), monitoring });
    }
    Ok(Monitorings { instance_monitorings })
}
