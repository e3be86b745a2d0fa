//! MonitorInstances and UnmonitorInstances: detailed monitoring on and off. There are no metrics; the setting is kept.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_MonitorInstances.html>

use service::prelude::*;

use super::out::MonitoringOut;
use super::view::Seen;
use super::{Instance, authorize, find, find_all};

/// `MonitorInstances` and `UnmonitorInstances`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Monitor {
    pub instance_ids: Vec<String>,
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

/// What both must be allowed.
pub fn to_change(cx: &Cx, world: &World, input: &Monitor) -> Vec<Check> {
    authorize::on_instances(cx, world, &input.instance_ids)
}

/// Detailed monitoring on.
pub fn monitor(cx: &Cx, tx: &mut Tx, input: &Monitor) -> Result<Monitorings, ApiError> {
    set(cx, tx, &input.instance_ids, true)
}

/// Detailed monitoring off.
pub fn unmonitor(cx: &Cx, tx: &mut Tx, input: &Monitor) -> Result<Monitorings, ApiError> {
    set(cx, tx, &input.instance_ids, false)
}

fn set(cx: &Cx, tx: &mut Tx, ids: &[String], on: bool) -> Result<Monitorings, ApiError> {
    let mut instance_monitorings = Vec::with_capacity(ids.len());
    for instance in find_all(cx, tx, ids)? {
        if instance.attributes.monitoring != on {
            tx.update::<Instance>(&[instance.account.as_str(), &instance.region, &instance.id], |it| {
                it.attributes.monitoring = on;
                it.attributes.monitoring_changed_at = Some(cx.now);
            });
        }
        let state = Seen::new(cx, tx, find(cx, tx, &instance.id)?).monitoring();
        instance_monitorings
            .push(InstanceMonitoring { instance_id: instance.id.clone(), monitoring: MonitoringOut { state } });
    }
    Ok(Monitorings { instance_monitorings })
}
