//! CreateInstanceExportTask and DescribeExportTasks: the disks of an instance become a file.
//! <https://docs.aws.amazon.com/vm-import/latest/userguide/vmexport.html>
//!
//! AWS writes to a bucket whose access control list grants it that; buckets have none here.

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::image::readable;
use super::{FORMATS, Place, is_licensed, leave, not_exportable};
use crate::import::Run;
use crate::instance::{self, Instance, State, state_at};
use crate::kind;
use crate::network::interface;
use crate::refused::{invalid_value, missing};
use crate::resource::{self, Wanted, resource};
use crate::tags::{self, TagSpecification};
use crate::volume;

/// A task that makes a file of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportInstanceTask {
    pub account: AccountId,
    pub region: String,
    /// `export-i-…`
    pub id: String,
    pub description: Option<String>,
    pub instance_id: String,
    /// `citrix`, `microsoft` or `vmware`
    pub environment: String,
    /// `vhd` or `vmdk`
    pub format: String,
    /// `ova`
    pub container: Option<String>,
    pub place: Place,
    /// Of all its disks.
    pub gibibytes: i64,
    pub run: Run,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl ExportInstanceTask {
    /// (account, region): those that go on.
    pub const BY_END: usize = 0;

    /// `export-i-….ova`
    fn file_name(&self) -> String {
        format!("{}.{}", self.id, self.container.as_ref().unwrap_or(&self.format))
    }
}

impl Record for ExportInstanceTask {
    const TABLE: TableDef = TableDef::own("ec2_export_instance_task", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_end", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        if self.run.is_active() {
            entries.add(Self::BY_END, &[self.account.as_str(), &self.region]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.run.gone_at()
    }
}

resource!(ExportInstanceTask, kind::EXPORT_INSTANCE_TASK);

/// `CreateInstanceExportTaskRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateInstanceExportTask {
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub description: Option<String>,
    pub instance_id: String,
    pub target_environment: String,
    pub export_to_s3task: Destination,
}

/// `ExportToS3TaskSpecification`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Destination {
    pub disk_image_format: Option<String>,
    pub container_format: Option<String>,
    pub s3bucket: Option<String>,
    pub s3prefix: Option<String>,
}

/// `CreateInstanceExportTaskResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub export_task: TaskOut,
}

/// `DescribeExportTasksRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeExportTasks {
    pub filters: Option<Vec<Filter>>,
    pub export_task_ids: Option<Vec<String>>,
}

/// `DescribeExportTasksResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Tasks {
    pub export_tasks: Vec<TaskOut>,
}

/// `ExportTask`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct TaskOut {
    pub description: Option<String>,
    pub export_task_id: String,
    pub export_to_s3task: FileOut,
    pub instance_export_details: Details,
    pub state: &'static str,
    pub status_message: Option<String>,
    pub tags: Vec<Tag>,
}

/// `ExportToS3Task`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct FileOut {
    pub container_format: Option<String>,
    pub disk_image_format: String,
    pub s3bucket: String,
    pub s3key: String,
}

/// `InstanceExportDetails`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct Details {
    pub instance_id: String,
    pub target_environment: String,
}

/// CreateInstanceExportTask on a task to come and on the instance, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateInstanceExportTask) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let instance = resource::check_on::<Instance>(cx, world, &input.instance_id);
    resource::checks_on_new(cx, &kind::EXPORT_INSTANCE_TASK, specifications, "CreateInstanceExportTask", [instance])
}

/// Environments, each with the format that its disks have there.
const ENVIRONMENTS: &[(&str, &str)] = &[("citrix", "vhd"), ("microsoft", "vhd"), ("vmware", "vmdk")];
/// The one that takes a container, and the container.
const CONTAINED: (&str, &str) = ("vmware", "ova");

/// The environment, the format and the container that the request names, each in AWS's spelling.
fn formats(input: &CreateInstanceExportTask) -> Result<(&'static str, &'static str, Option<&'static str>), ApiError> {
    let (wanted, file) = (&input.target_environment, &input.export_to_s3task);
    let known = ENVIRONMENTS.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let (environment, format) = *known.ok_or_else(|| invalid_value(wanted, "TargetEnvironment"))?;
    let unsupported = |message| Err(ApiError::new("Unsupported", message));
    if let Some(given) = file.disk_image_format.as_deref().filter(|given| !given.eq_ignore_ascii_case(format)) {
        if !FORMATS.iter().any(|known| known.eq_ignore_ascii_case(given)) {
            return Err(invalid_value(given, "DiskImageFormat"));
        }
        // The brackets are AWS's: <https://github.com/aws/aws-sdk/issues/535>.
        return unsupported(format!(
            "diskImageFormat '{}' not supported for targetEnvironment '{environment}'. Valid value(s): [\"'{format}', .",
            given.to_ascii_lowercase()
        ));
    }
    let container = match file.container_format.as_deref() {
        Some(given) if !given.eq_ignore_ascii_case(CONTAINED.1) => return Err(invalid_value(given, "ContainerFormat")),
        Some(_) if environment != CONTAINED.0 => {
            let message =
                format!("containerFormat '{}' not supported for targetEnvironment '{environment}'.", CONTAINED.1);
            return unsupported(message);
        }
        given => given.map(|_| CONTAINED.1),
    };
    Ok((environment, format, container))
}

/// Starts a task.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateInstanceExportTask) -> Result<Created, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::EXPORT_INSTANCE_TASK.resource_type)?;
    let instance = instance::find(cx, tx, &input.instance_id)?.clone();
    let (environment, format, container) = formats(input)?;
    let bucket = input.export_to_s3task.s3bucket.as_deref().ok_or_else(|| missing("ExportToS3Task.S3Bucket"))?;
    let place = Place::of(bucket, input.export_to_s3task.s3prefix.clone())?;
    let gibibytes = exportable(cx, tx, &instance)?;
    let task = ExportInstanceTask {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::EXPORT_INSTANCE_TASK.prefix),
        description: input.description.clone(),
        instance_id: instance.id.clone(),
        environment: environment.to_owned(),
        format: format.to_owned(),
        container: container.map(str::to_owned),
        place,
        gibibytes,
        run: Run::begin(cx, gibibytes),
        tags,
    };
    let export_task = out(cx, &task);
    tx.put(task);
    Ok(Created { export_task })
}

/// The GiB of an instance that can be exported: one that runs or is stopped, has one network interface, whose disks are of snapshots of one's own that are
/// not encrypted, and that has no software that AWS licenses.
fn exportable(cx: &Cx, world: &World, instance: &Instance) -> Result<i64, ApiError> {
    let id = &instance.id;
    if !matches!(state_at(instance, cx.now, cx.settings.states), State::Running | State::Stopped) {
        let message = format!("The instance '{id}' is not in the 'running' or 'stopped' state.");
        return Err(ApiError::new("IncorrectInstanceState", message));
    }
    if is_licensed(instance.image.usage_operation.as_deref()) {
        let message = format!("The instance ID provided ({id}) contains software licensed through AWS.");
        return Err(not_exportable(message));
    }
    if interface::of_instance(world, cx.account(), cx.region_name(), id).len() > 1 {
        return Err(not_exportable(format!("The instance ID provided ({id}) has more than one network interface.")));
    }
    let volumes = volume::of_instance(world, cx.account(), cx.region_name(), id);
    // Disks that were attached after the launch are not exported; they are those of no snapshot, as far as can be told.
    let sizes = volumes.iter().filter_map(|volume| Some((volume.size, volume.snapshot_id.as_deref()?)));
    sizes.map(|(size, snapshot)| readable(cx, world, snapshot).map(|_| size)).sum()
}

/// Leaves the file of a task whose time has come. Where the instance is gone meanwhile, the task fails.
pub fn complete(cx: &Cx, tx: &mut Tx, id: &str) {
    let Some(task) = resource::look_up::<ExportInstanceTask>(tx, cx, id).filter(|task| task.run.is_active()) else {
        return;
    };
    if resource::look_up::<Instance>(tx, cx, &task.instance_id).is_none() {
        let reason = kind::INSTANCE.not_found(&[&task.instance_id]).message.clone();
        resource::update::<ExportInstanceTask>(tx, cx, id, |task| task.run.cancel(cx, Some(reason.clone())));
        return;
    }
    leave(cx, tx, &task.place, &task.file_name(), task.gibibytes);
    resource::update::<ExportInstanceTask>(tx, cx, id, |task| task.run.complete());
}

static FIELDS: Fields<TaskOut> = Fields { fields: &[], tags: Some(|it| &it.tags) };

/// Tasks that pass the filters, of which AWS documents none but those of tags, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeExportTasks) -> Result<Tasks, ApiError> {
    let wanted = Wanted {
        ids: input.export_task_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: None,
        next_token: None,
    };
    let all = || resource::all::<ExportInstanceTask>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, |task| out(cx, task))?;
    Ok(Tasks { export_tasks: page.items })
}

fn out(cx: &Cx, task: &ExportInstanceTask) -> TaskOut {
    TaskOut {
        description: task.description.clone(),
        export_task_id: task.id.clone(),
        export_to_s3task: FileOut {
            container_format: task.container.clone(),
            disk_image_format: task.format.clone(),
            s3bucket: task.place.bucket.clone(),
            s3key: task.place.key(&task.file_name()),
        },
        instance_export_details: Details {
            instance_id: task.instance_id.clone(),
            target_environment: task.environment.clone(),
        },
        state: task.run.cancel_word(cx.now),
        status_message: task.run.canceled.as_ref().and_then(|it| it.reason.clone()),
        tags: task.tags.clone(),
    }
}
