//! Tasks on Mac instances: System Integrity Protection is configured, or the ownership of the root volume is delegated. What a task asks for is kept with
//! its state, which the clock moves on; there is no macOS that would change, and the credentials are looked at and forgotten.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/mac-sip-settings.html>

use serde_json::{Value, json};
use service::prelude::*;

use super::Family;
use super::item::{self, Item};
use crate::host;
use crate::instance::{Instance, State, elapsed, find, state_at};
use crate::kind;
use crate::refused::{invalid, missing};

const CREDENTIALS: &str = "MacCredentials";
const STATUS: &str = "MacSystemIntegrityProtectionStatus";
const OVERRIDES: &str = "MacSystemIntegrityProtectionConfiguration";
const STATE: &str = "TaskState";
const SUCCESSFUL: &str = "successful";
/// About how many seconds a task waits, and how many it takes: "between 30 and 90 minutes".
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/mac-instance-updates.html>
const PENDING_SECONDS: i64 = 60;
const WORKING_SECONDS: i64 = 3_600;
/// The settings of System Integrity Protection.
const SETTINGS: [&str; 7] = [
    "AppleInternal",
    "BaseSystem",
    "DebuggingRestrictions",
    "DTraceRestrictions",
    "FilesystemProtections",
    "KextSigning",
    "NvramProtections",
];
/// What credentials are made of, in AWS's spelling.
const SECRETS: [&str; 3] = ["internalDiskPassword", "rootVolumeUsername", "rootVolumepassword"];

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_MacModificationTask.html>
pub static TASKS: Family = Family {
    created: Some("StartTime"),
    besides: &[("InstanceId", &kind::INSTANCE)],
    filters: &[
        "instance-id",
        "mac-system-integrity-protection-configuration.sip-status=MacSystemIntegrityProtectionConfig.Status",
        "start-time",
        "task-state",
        "task-type",
    ],
    fill,
    see: |cx, _, item, shown| shown.set(STATE, state(cx, item)),
    ..Family::of(&kind::MAC_MODIFICATION_TASK, "MacModificationTaskId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        TASKS.create("CreateDelegateMacVolumeOwnershipTask", &[CREDENTIALS]),
        TASKS.create("CreateMacSystemIntegrityProtectionModificationTask", &[CREDENTIALS, OVERRIDES, STATUS]),
        TASKS.describe("DescribeMacModificationTasks"),
    ]
}

fn state(cx: &Cx, item: &Item) -> &'static str {
    let states = cx.settings.states;
    let gone = elapsed(item.created_at, cx.now);
    if gone < states.lasting(PENDING_SECONDS) {
        "pending"
    } else if gone < states.lasting(PENDING_SECONDS + WORKING_SECONDS) {
        "in-progress"
    } else {
        SUCCESSFUL
    }
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let instance = find(cx, tx, input.text("InstanceId").unwrap_or_default())?.clone();
    must_be_free(cx, tx, &instance)?;
    let apple_silicon = host::family_of(&instance.instance_type) != "mac1";
    let status = input.text(STATUS);
    if apple_silicon {
        credentials(input.text(CREDENTIALS).ok_or_else(|| missing(CREDENTIALS))?)?;
    } else if status.is_none() || input.at(CREDENTIALS).is_some() {
        let message = format!("The instance '{}' is not an Apple silicon Mac instance.", instance.id);
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    match status {
        Some(status) => {
            item.document.set("TaskType", "sip-modification");
            item.document.set("MacSystemIntegrityProtectionConfig", configuration(status, input));
        }
        None => item.document.set("TaskType", "volume-ownership-delegation"),
    }
    Ok(())
}

/// The instance is a Mac, runs, and has no other task under way. AWS's refusals are not recorded.
fn must_be_free(cx: &Cx, world: &World, instance: &Instance) -> Result<(), ApiError> {
    let id = &instance.id;
    if !host::is_mac(&instance.instance_type) {
        return Err(ApiError::new("UnsupportedOperation", format!("The instance '{id}' is not a Mac instance.")));
    }
    if state_at(instance, cx.now, cx.settings.states) != State::Running {
        return Err(ApiError::new(
            "IncorrectInstanceState",
            format!("The instance '{id}' is not in the 'running' state."),
        ));
    }
    let mut tasks = item::all(world, cx, &kind::MAC_MODIFICATION_TASK);
    let is_busy = |task: &Item| task.document.text("InstanceId") == Some(id) && state(cx, task) != SUCCESSFUL;
    match tasks.find(|task| is_busy(task)) {
        Some(task) => Err(ApiError::new(
            "IncorrectState",
            format!("The task '{}' of the instance '{id}' is not complete.", task.id),
        )),
        None => Ok(()),
    }
}

/// "The exceptions you specify […] override the value you specify for MacSystemIntegrityProtectionStatus."
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateMacSystemIntegrityProtectionModificationTask.html>
fn configuration(status: &str, input: &Document) -> Value {
    let mut told = Document::from(json!({"Status": status}));
    for setting in SETTINGS {
        told.set(setting, input.text(&format!("{OVERRIDES}.{setting}")).unwrap_or(status));
    }
    Value::Object(told.0)
}

/// A JSON text with a name and two passwords.
fn credentials(text: &str) -> Result<(), ApiError> {
    let given: Document = serde_json::from_str(text).unwrap_or_default();
    match SECRETS.iter().find(|member| given.text(member).is_none()) {
        Some(member) => {
            Err(invalid(format!("The parameter MacCredentials is invalid. It must be JSON with the member {member}.")))
        }
        None => Ok(()),
    }
}
