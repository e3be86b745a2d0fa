//! DeleteFleets: fleets end, with their instances or without. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteFleets.html>

use service::prelude::*;

use super::fill;
use super::record::Fleet;
use crate::kind;
use crate::resource;

/// `DeleteFleetsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteFleets {
    pub fleet_ids: Vec<String>,
    pub terminate_instances: bool,
    pub dry_run: Option<bool>,
}

/// `DeleteFleetsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct FleetsDeleted {
    pub successful_fleet_deletions: Vec<Success>,
    pub unsuccessful_fleet_deletions: Vec<Refusal>,
}

/// `DeleteFleetSuccessItem`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Success {
    pub fleet_id: String,
    pub current_fleet_state: &'static str,
    pub previous_fleet_state: &'static str,
}

/// `DeleteFleetErrorItem`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Refusal {
    pub fleet_id: String,
    pub error: RefusalError,
}

/// `DeleteFleetError`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct RefusalError {
    pub code: &'static str,
    pub message: String,
}

/// DeleteFleets on each fleet.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteFleets) -> Vec<Check> {
    input.fleet_ids.iter().map(|id| resource::check_on::<Fleet>(cx, world, id)).collect()
}

/// Deletes the fleets that can be, and tells of the others why not.
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteFleets) -> Result<FleetsDeleted, ApiError> {
    let mut answer = FleetsDeleted { successful_fleet_deletions: Vec::new(), unsuccessful_fleet_deletions: Vec::new() };
    for id in &input.fleet_ids {
        let fleet_id = id.clone();
        match deletable(cx, tx, id, input.terminate_instances) {
            Ok(mut fleet) => {
                let previous_fleet_state = fleet.state(tx, cx.now, cx.settings.states);
                fill::close(cx, tx, &mut fleet, input.terminate_instances)?;
                fleet.note(cx.now, "fleet-change", "deleted", None, None);
                let current_fleet_state = fleet.state(tx, cx.now, cx.settings.states);
                tx.put(fleet);
                let success = Success { fleet_id, current_fleet_state, previous_fleet_state };
                answer.successful_fleet_deletions.push(success);
            }
            Err(error) => answer.unsuccessful_fleet_deletions.push(Refusal { fleet_id, error }),
        }
    }
    Ok(answer)
}

/// Codes as the user guide lists them. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/delete-fleet.html>
fn deletable(cx: &Cx, world: &World, id: &str, terminate: bool) -> Result<Fleet, RefusalError> {
    let refused = |code, message: String| Err(RefusalError { code, message });
    if let Err(error) = kind::FLEET.well_formed(id) {
        return refused("fleetIdMalformed", error.into_message());
    }
    let Some(fleet) = resource::look_up::<Fleet>(world, cx, id) else {
        return refused("fleetIdDoesNotExist", kind::FLEET.not_found(&[id]).into_message());
    };
    if fleet.deleted.is_some() {
        let state = fleet.state(world, cx.now, cx.settings.states);
        return refused(
            "fleetNotInDeletableState",
            format!("Fleet {id} is in the state {state} and cannot be deleted."),
        );
    }
    if fleet.kind == "instant" && !terminate {
        let message = "Deleting an instant fleet without terminating its instances is not supported.".to_owned();
        return refused("NoTerminateInstancesNotSupported", message);
    }
    Ok((*fleet).clone())
}
