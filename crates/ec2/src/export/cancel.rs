//! CancelExportTask, of both kinds of tasks. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CancelExportTask.html>

use service::prelude::*;

use super::{ExportImageTask, ExportInstanceTask};
use crate::kind;
use crate::resource;

/// `CancelExportTaskRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CancelExportTask {
    pub export_task_id: String,
}

/// CancelExportTask on the task.
pub fn to_cancel(cx: &Cx, world: &World, input: &CancelExportTask) -> Vec<Check> {
    let id = &input.export_task_id;
    vec![match is_of_image(id) {
        true => resource::check_on::<ExportImageTask>(cx, world, id),
        false => resource::check_on::<ExportInstanceTask>(cx, world, id),
    }]
}

fn is_of_image(id: &str) -> bool {
    kind::EXPORT_IMAGE_TASK.is_id(id)
}

/// Ends a task that goes on; no file is left. How AWS refuses to end one that has ended is not recorded.
pub fn cancel(cx: &Cx, tx: &mut Tx, input: &CancelExportTask) -> Result<Done, ApiError> {
    let id = &input.export_task_id;
    let (run, state) = match is_of_image(id) {
        true => {
            let task = resource::get::<ExportImageTask>(tx, cx, id)?;
            (task.run.clone(), task.run.word(cx.now))
        }
        false => {
            let task = resource::get::<ExportInstanceTask>(tx, cx, id)?;
            (task.run.clone(), task.run.cancel_word(cx.now))
        }
    };
    if !run.is_active() {
        let message = format!("The task {id} is {state} and cannot be canceled.");
        return Err(ApiError::new("IncorrectState", message));
    }
    match is_of_image(id) {
        true => resource::update::<ExportImageTask>(tx, cx, id, |task| task.run.cancel(cx, None)),
        false => resource::update::<ExportInstanceTask>(tx, cx, id, |task| task.run.cancel(cx, None)),
    };
    Ok(Done {})
}
