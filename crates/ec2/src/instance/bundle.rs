//! BundleInstance, CancelBundleTask and DescribeBundleTasks, of Windows instances whose root device is an instance store. AWS has given bundling up, and
//! refuses it; so no task is there to be told of. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_BundleInstance.html>

use service::filters::{Fields, Filter};
use service::operations;
use service::prelude::*;

use super::find;
use crate::resource::any;

operations! { Ec2;
    BundleInstance => read(bundle) authorize(any),
    CancelBundleTask => read(cancel) authorize(any),
    DescribeBundleTasks => read(describe) authorize(any),
}

/// `BundleInstanceRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct BundleInstance {
    pub instance_id: String,
    pub dry_run: Option<bool>,
}

/// `CancelBundleTaskRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CancelBundleTask {
    pub bundle_id: String,
    pub dry_run: Option<bool>,
}

/// `DescribeBundleTasksRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeBundleTasks {
    pub bundle_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub dry_run: Option<bool>,
}

/// `DescribeBundleTasksResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Tasks {
    pub bundle_tasks: Vec<TaskOut>,
}

/// `BundleTask`, of which there is none.
#[derive(Debug, Serialize, Shaped)]
pub struct TaskOut {}

/// The refusal; its text is ours.
pub fn bundle(cx: &Cx, world: &World, input: &BundleInstance) -> Result<Done, ApiError> {
    let instance = find(cx, world, &input.instance_id)?;
    let message = format!("Bundling the instance {} is no longer supported. Use CreateImage instead.", instance.id);
    Err(ApiError::new("UnsupportedOperation", message))
}

fn no_such_task(id: &str) -> ApiError {
    ApiError::new("InvalidBundleID.NotFound", format!("The bundle ID '{id}' does not exist"))
}

/// There is no task to end.
pub fn cancel(_: &Cx, _: &World, input: &CancelBundleTask) -> Result<Done, ApiError> {
    Err(no_such_task(&input.bundle_id))
}

fn nothing(_: &TaskOut, _: &mut service::filters::Values) {}

static FIELDS: Fields<TaskOut> = Fields {
    fields: &[
        ("bundle-id", nothing),
        ("error-code", nothing),
        ("error-message", nothing),
        ("instance-id", nothing),
        ("progress", nothing),
        ("s3-bucket", nothing),
        ("s3-prefix", nothing),
        ("start-time", nothing),
        ("state", nothing),
        ("update-time", nothing),
    ],
    tags: None,
};

/// None; a task that is named does not exist.
pub fn describe(_: &Cx, _: &World, input: &DescribeBundleTasks) -> Result<Tasks, ApiError> {
    FIELDS.choose(input.filters.as_deref())?;
    match input.bundle_ids.as_deref().unwrap_or_default().first() {
        Some(id) => Err(no_such_task(id)),
        None => Ok(Tasks { bundle_tasks: Vec::new() }),
    }
}
