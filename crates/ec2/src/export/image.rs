//! ExportImage and DescribeExportImageTasks: an image of one's own becomes a file.
//! <https://docs.aws.amazon.com/vm-import/latest/userguide/vmexport_image.html>

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::{FORMATS, Place, is_licensed, leave, not_exportable};
use crate::catalogue::images::Image;
use crate::image::{self, AccountImage};
use crate::import::{Run, role};
use crate::instance::client_token;
use crate::kind;
use crate::refused::invalid_value;
use crate::resource::{self, Wanted, resource};
use crate::snapshot::{self, Snapshot};
use crate::tags::{self, TagSpecification};

/// A task that makes a file of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportImageTask {
    pub account: AccountId,
    pub region: String,
    /// `export-ami-…`
    pub id: String,
    pub description: Option<String>,
    pub image_id: String,
    /// `RAW`, `VHD` or `VMDK`
    pub format: String,
    pub place: Place,
    /// As it was named.
    pub role_name: Option<String>,
    /// Of all its disks.
    pub gibibytes: i64,
    pub run: Run,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl ExportImageTask {
    /// (account, region): those that go on.
    pub const BY_END: usize = 0;
}

impl Record for ExportImageTask {
    const TABLE: TableDef = TableDef::own("ec2_export_image_task", &["account", "region", "id"], &[]);
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

resource!(ExportImageTask, kind::EXPORT_IMAGE_TASK);

/// `ExportImageRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct ExportImage {
    pub client_token: Option<String>,
    pub description: Option<String>,
    pub disk_image_format: String,
    pub dry_run: Option<bool>,
    pub image_id: String,
    pub s3export_location: Location,
    pub role_name: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
}

/// `ExportTaskS3LocationRequest` and `ExportTaskS3Location`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct Location {
    pub s3bucket: String,
    pub s3prefix: Option<String>,
}

/// `ExportImageResult`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct Exported {
    pub description: Option<String>,
    pub disk_image_format: String,
    pub export_image_task_id: String,
    pub image_id: String,
    pub role_name: Option<String>,
    pub progress: Option<String>,
    pub s3export_location: Location,
    pub status: &'static str,
    pub status_message: Option<String>,
    pub tags: Vec<Tag>,
}

/// `DescribeExportImageTasksRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeExportImageTasks {
    pub dry_run: Option<bool>,
    pub filters: Option<Vec<Filter>>,
    pub export_image_task_ids: Option<Vec<String>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
}

/// `DescribeExportImageTasksResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Tasks {
    pub export_image_tasks: Vec<TaskOut>,
    pub next_token: Option<String>,
}

/// `ExportImageTask`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct TaskOut {
    pub description: Option<String>,
    pub export_image_task_id: String,
    pub image_id: String,
    pub progress: Option<String>,
    pub s3export_location: Location,
    pub status: &'static str,
    pub status_message: Option<String>,
    pub tags: Vec<Tag>,
}

const SCOPE: &str = "ExportImage";
/// Until so many percent of its time are gone, a task looks whether it can begin.
const VALIDATING_PERCENT: i64 = 10;

/// ExportImage on a task to come and on the image, and the tags.
pub fn to_export(cx: &Cx, world: &World, input: &ExportImage) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let image = image::check_on(cx, world, &input.image_id);
    resource::checks_on_new(cx, &kind::EXPORT_IMAGE_TASK, specifications, SCOPE, [image])
}

/// Starts a task, or answers again that which the same client token started.
pub fn export(cx: &Cx, tx: &mut Tx, input: &ExportImage) -> Result<Exported, ApiError> {
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&ExportImage { client_token: None, dry_run: None, ..input.clone() });
    if let Some(task) = client_token::again::<ExportImageTask>(cx, tx, SCOPE, token, &digest)? {
        return Ok(exported(cx, &task));
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::EXPORT_IMAGE_TASK.resource_type)?;
    let format = FORMATS.iter().find(|known| known.eq_ignore_ascii_case(&input.disk_image_format));
    let format = format.ok_or_else(|| invalid_value(&input.disk_image_format, "DiskImageFormat"))?;
    let place = Place::of(&input.s3export_location.s3bucket, input.s3export_location.s3prefix.clone())?;
    let image = image::get(cx, tx, &input.image_id)?;
    let gibibytes = exportable(cx, tx, &image)?;
    let task = ExportImageTask {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::EXPORT_IMAGE_TASK.prefix),
        description: input.description.clone(),
        image_id: input.image_id.clone(),
        format: (*format).to_owned(),
        place,
        role_name: input.role_name.clone(),
        gibibytes,
        run: Run::begin(cx, gibibytes),
        tags,
    };
    role::must_write(cx, tx, input.role_name.as_deref(), (&task.place.bucket, &task.place.key(&task.file_name())))?;
    client_token::remember(cx, tx, SCOPE, token, digest, vec![task.id.clone()]);
    tx.put(task.clone());
    Ok(exported(cx, &task))
}

/// The GiB of an image that can be exported: one's own, of snapshots of one's own that are not encrypted, without software that AWS licenses. How AWS
/// refuses others than those of the Marketplace is not recorded.
fn exportable(cx: &Cx, world: &World, image: &Image) -> Result<i64, ApiError> {
    let id = &image.image_id;
    if image.image_owner_alias.as_deref() == Some("aws-marketplace") {
        let message = format!("The image ID provided ({id}) is a marketplace AMI and is not exportable.");
        return Err(not_exportable(message));
    }
    if resource::look_up::<AccountImage>(world, cx, id).is_none() {
        let message = format!("The image ID provided ({id}) is not owned by current user and is not exportable.");
        return Err(not_exportable(message));
    }
    if is_licensed(image.usage_operation.as_deref()) {
        let message =
            format!("The image ID provided ({id}) contains software licensed through AWS and is not exportable.");
        return Err(not_exportable(message));
    }
    if image.state != "available" {
        let message = format!("Image '{id}' is not in 'available' state.");
        return Err(ApiError::new("IncorrectState", message));
    }
    let named = image.block_device_mappings.iter().filter_map(|device| device.ebs.as_ref()?.snapshot_id.as_deref());
    named.map(|snapshot| readable(cx, world, snapshot)).sum()
}

/// The GiB of a snapshot that can be exported.
pub fn readable(cx: &Cx, world: &World, id: &str) -> Result<i64, ApiError> {
    let Some(held) = resource::look_up::<Snapshot>(world, cx, id) else {
        return Err(not_exportable(format!(
            "The snapshot ID ({id}) of the instance neither is owned by current user nor had been previously imported through VMIE."
        )));
    };
    if held.encrypted {
        return Err(not_exportable(format!("The snapshot ID ({id}) is encrypted and is not exportable.")));
    }
    snapshot::must_be_usable(cx, &held)?;
    Ok(held.volume_size)
}

impl ExportImageTask {
    /// `export-ami-….vmdk`
    fn file_name(&self) -> String {
        format!("{}.{}", self.id, self.format.to_ascii_lowercase())
    }
}

/// Leaves the file of a task whose time has come. Where the image is gone meanwhile, the task fails.
pub fn complete(cx: &Cx, tx: &mut Tx, id: &str) {
    let Some(task) = resource::look_up::<ExportImageTask>(tx, cx, id).filter(|task| task.run.is_active()) else {
        return;
    };
    if resource::look_up::<AccountImage>(tx, cx, &task.image_id).is_none() {
        let reason = kind::IMAGE.not_found(&[&task.image_id]).message.clone();
        resource::update::<ExportImageTask>(tx, cx, id, |task| task.run.cancel(cx, Some(reason.clone())));
        return;
    }
    leave(cx, tx, &task.place, &task.file_name(), task.gibibytes);
    resource::update::<ExportImageTask>(tx, cx, id, |task| task.run.complete());
}

static FIELDS: Fields<TaskOut> =
    Fields { fields: &[("task-state", |it, values| values.push(it.status))], tags: Some(|it| &it.tags) };

/// Tasks that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeExportImageTasks) -> Result<Tasks, ApiError> {
    let wanted = Wanted {
        ids: input.export_image_task_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || resource::all::<ExportImageTask>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, |task| out(cx, task))?;
    Ok(Tasks { export_image_tasks: page.items, next_token: page.next })
}

fn out(cx: &Cx, task: &ExportImageTask) -> TaskOut {
    let percent = task.run.percent_gone(cx.now);
    let validates = percent.is_some_and(|percent| percent < VALIDATING_PERCENT);
    let active = |_| if validates { "validating" } else { "updating" }.to_owned();
    TaskOut {
        description: task.description.clone(),
        export_image_task_id: task.id.clone(),
        image_id: task.image_id.clone(),
        progress: percent.map(|percent| if validates { 0 } else { percent }.to_string()),
        s3export_location: Location { s3bucket: task.place.bucket.clone(), s3prefix: task.place.prefix.clone() },
        status: task.run.word(cx.now),
        status_message: percent.map(active).or_else(|| task.run.canceled.as_ref()?.reason.clone()),
        tags: task.tags.clone(),
    }
}

fn exported(cx: &Cx, task: &ExportImageTask) -> Exported {
    let shown = out(cx, task);
    Exported {
        description: shown.description,
        disk_image_format: task.format.clone(),
        export_image_task_id: shown.export_image_task_id,
        image_id: shown.image_id,
        role_name: task.role_name.clone(),
        progress: shown.progress,
        s3export_location: shown.s3export_location,
        status: shown.status,
        status_message: shown.status_message,
        tags: shown.tags,
    }
}
