//! Dedicated hosts change their settings, and are released. Both tell of each host whether it was possible.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyHosts.html>

use service::prelude::*;

use super::{Host, allocate, family_of, launch};
use crate::instance::authorize;
use crate::resource;

/// `ModifyHostsRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct ModifyHosts {
    pub host_ids: Vec<String>,
    pub auto_placement: Option<String>,
    pub host_recovery: Option<String>,
    pub host_maintenance: Option<String>,
    pub instance_type: Option<String>,
    pub instance_family: Option<String>,
}

/// `ReleaseHostsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ReleaseHosts {
    pub host_ids: Vec<String>,
}

/// `ModifyHostsResult` and `ReleaseHostsResult`.
#[derive(Debug, Default, Serialize, Shaped)]
pub struct Outcome {
    pub successful: Vec<String>,
    pub unsuccessful: Vec<Unsuccessful>,
}

/// `UnsuccessfulItem`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Unsuccessful {
    pub resource_id: String,
    pub error: UnsuccessfulError,
}

/// `UnsuccessfulItemError`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct UnsuccessfulError {
    pub code: String,
    pub message: String,
}

/// ModifyHosts on each host, with the new values.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyHosts) -> Vec<Check> {
    let values = [
        ("AutoPlacement", &input.auto_placement),
        ("HostMaintenance", &input.host_maintenance),
        ("HostRecovery", &input.host_recovery),
        ("InstanceFamily", &input.instance_family),
        ("InstanceType", &input.instance_type),
    ];
    let values: Vec<_> = values.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect();
    let on = |id: &String| authorize::attributes(resource::check_on::<Host>(cx, world, id), &values);
    input.host_ids.iter().map(on).collect()
}

/// A type or a family.
pub fn check(_: &Cx, _: &World, input: &ModifyHosts) -> Result<(), ApiError> {
    if input.instance_type.is_some() && input.instance_family.is_some() {
        let message = "You can specify either an instance type or an instance family, but not both.";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    Ok(())
}

/// Changes what is given of each host.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyHosts) -> Result<Outcome, ApiError> {
    each(cx, tx, &input.host_ids, |tx, host| changed(tx, host, input))
}

fn changed(world: &World, host: &Host, input: &ModifyHosts) -> Result<Host, ApiError> {
    let mut changed = host.clone();
    if input.instance_type.is_some() || input.instance_family.is_some() {
        let family = allocate::family(input.instance_type.as_deref(), input.instance_family.as_deref())?;
        let fits = |it: &std::sync::Arc<crate::instance::Instance>| match &input.instance_type {
            Some(only) => it.instance_type == *only,
            None => family_of(&it.instance_type) == family,
        };
        if family != host.family || !host.instances(world).all(fits) {
            let message = format!("Dedicated host '{}' cannot be changed to that instance type or family.", host.id);
            return Err(ApiError::new("InvalidHostConfiguration", message));
        }
        changed.instance_type.clone_from(&input.instance_type);
    }
    let switch = |word: &Option<String>, held: bool| word.as_deref().map_or(held, |word| word == "on");
    changed.auto_placement = switch(&input.auto_placement, host.auto_placement);
    changed.recovery = switch(&input.host_recovery, host.recovery);
    changed.maintenance = switch(&input.host_maintenance, host.maintenance);
    Ok(changed)
}

/// ReleaseHosts on each host.
pub fn to_release(cx: &Cx, world: &World, input: &ReleaseHosts) -> Vec<Check> {
    input.host_ids.iter().map(|id| resource::check_on::<Host>(cx, world, id)).collect()
}

/// Gives back hosts on which nothing runs.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseHosts.html>
pub fn release(cx: &Cx, tx: &mut Tx, input: &ReleaseHosts) -> Result<Outcome, ApiError> {
    each(cx, tx, &input.host_ids, |tx, host| {
        if host.instances(tx).next().is_some() {
            let message = format!("Dedicated host '{}' cannot be released as it is occupied", host.id);
            return Err(ApiError::new("Client.InvalidHost.Occupied", message));
        }
        Ok(Host { released_at: Some(cx.now_seconds()), ..host.clone() })
    })
}

/// Changes each host that can be; codes of the others are AWS's with `Client.` before them.
fn each(
    cx: &Cx,
    tx: &mut Tx,
    ids: &[String],
    change: impl Fn(&World, &Host) -> Result<Host, ApiError>,
) -> Result<Outcome, ApiError> {
    let mut outcome = Outcome::default();
    for id in ids {
        let changed = launch::named(cx, tx, id).and_then(|host| change(tx, &host));
        match changed {
            Ok(host) => {
                tx.put(host);
                outcome.successful.push(id.clone());
            }
            Err(error) => {
                let code = error.code.to_string();
                let code = if code.starts_with("Client.") { code } else { format!("Client.{code}") };
                let error = UnsuccessfulError { code, message: error.message.clone() };
                outcome.unsuccessful.push(Unsuccessful { resource_id: id.clone(), error });
            }
        }
    }
    Ok(outcome)
}
