//! CancelImportTask. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CancelImportTask.html>

use service::prelude::*;

use super::run::Run;
use super::{ImportImageTask, ImportSnapshotTask};
use crate::kind;
use crate::refused::missing;
use crate::resource;

/// `CancelImportTaskRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CancelImportTask {
    pub import_task_id: Option<String>,
    pub cancel_reason: Option<String>,
    pub dry_run: Option<bool>,
}

/// `CancelImportTaskResult`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Canceled {
    pub import_task_id: String,
    pub previous_state: &'static str,
    pub state: &'static str,
}

/// CancelImportTask on the task.
pub fn to_cancel(cx: &Cx, world: &World, input: &CancelImportTask) -> Vec<Check> {
    let id = input.import_task_id.as_deref().unwrap_or_default();
    vec![match is_of_image(id) {
        true => resource::check_on::<ImportImageTask>(cx, world, id),
        false => resource::check_on::<ImportSnapshotTask>(cx, world, id),
    }]
}

fn is_of_image(id: &str) -> bool {
    kind::IMPORT_IMAGE_TASK.is_id(id)
}

/// Ends a task that goes on; what it was to make is not made. How AWS refuses to end one that has ended is not recorded.
pub fn cancel(cx: &Cx, tx: &mut Tx, input: &CancelImportTask) -> Result<Canceled, ApiError> {
    let id = input.import_task_id.as_deref().ok_or_else(|| missing("ImportTaskId"))?;
    let mut run = match is_of_image(id) {
        true => resource::get::<ImportImageTask>(tx, cx, id)?.run.clone(),
        false => resource::get::<ImportSnapshotTask>(tx, cx, id)?.run.clone(),
    };
    let previous_state = run.word(cx.now);
    if !run.is_active() {
        let message = format!("The task {id} is {previous_state} and cannot be canceled.");
        return Err(ApiError::new("IncorrectState", message));
    }
    run.cancel(cx, input.cancel_reason.clone());
    put(cx, tx, id, run);
    Ok(Canceled { import_task_id: id.to_owned(), previous_state, state: "deleting" })
}

fn put(cx: &Cx, tx: &mut Tx, id: &str, run: Run) {
    if is_of_image(id) {
        resource::update::<ImportImageTask>(tx, cx, id, |task| task.run = run);
    } else {
        resource::update::<ImportSnapshotTask>(tx, cx, id, |task| task.run = run);
    }
}
