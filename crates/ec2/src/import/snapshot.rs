//! ImportSnapshot and DescribeImportSnapshotTasks. <https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-import-snapshot.html>

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::disk::{self, Disk, UserBucket};
use super::role;
use super::run::{Run, ago};
use crate::instance::client_token;
use crate::instance::view::SETTLING_SECONDS;
use crate::kind;
use crate::refused::missing;
use crate::resource::{self, Wanted, resource};
use crate::setting::encryption::{self, Encryption};
use crate::snapshot::Snapshot;
use crate::tags::{self, TagSpecification};

/// A task that makes a snapshot of the image of a disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportSnapshotTask {
    pub account: AccountId,
    pub region: String,
    /// `import-snap-…`
    pub id: String,
    pub description: Option<String>,
    pub disk: Disk,
    /// What the disk is, in GiB.
    pub gibibytes: i64,
    pub encrypted: bool,
    pub kms_key_id: Option<String>,
    pub run: Run,
    /// Once it is made.
    pub snapshot_id: Option<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl ImportSnapshotTask {
    /// (account, region): those that go on.
    pub const BY_END: usize = 0;
}

impl Record for ImportSnapshotTask {
    const TABLE: TableDef = TableDef::own("ec2_import_snapshot_task", &["account", "region", "id"], &[]);
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

resource!(ImportSnapshotTask, kind::IMPORT_SNAPSHOT_TASK);

/// `ImportSnapshotRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct ImportSnapshot {
    pub client_data: Option<ClientData>,
    pub client_token: Option<String>,
    pub description: Option<String>,
    pub disk_container: Option<DiskContainer>,
    pub dry_run: Option<bool>,
    pub encrypted: Option<bool>,
    pub kms_key_id: Option<String>,
    pub role_name: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
}

/// What a client says of its upload. No answer tells of it.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct ClientData {
    pub comment: Option<String>,
    pub upload_end: Option<Timestamp>,
    pub upload_size: Option<f64>,
    pub upload_start: Option<Timestamp>,
}

/// `SnapshotDiskContainer`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct DiskContainer {
    pub description: Option<String>,
    pub format: Option<String>,
    pub url: Option<String>,
    pub user_bucket: Option<UserBucket>,
}

/// `ImportSnapshotResult` and `ImportSnapshotTask`.
#[derive(Debug, Clone, PartialEq, Serialize, Shaped)]
pub struct TaskOut {
    pub description: Option<String>,
    pub import_task_id: String,
    pub snapshot_task_detail: Detail,
    pub tags: Vec<Tag>,
}

/// `SnapshotTaskDetail`.
#[derive(Debug, Clone, PartialEq, Serialize, Shaped)]
pub struct Detail {
    pub description: Option<String>,
    pub disk_image_size: f64,
    pub encrypted: Option<bool>,
    pub format: Option<String>,
    pub kms_key_id: Option<String>,
    pub progress: Option<String>,
    pub snapshot_id: Option<String>,
    pub status: &'static str,
    pub status_message: Option<String>,
    pub url: Option<String>,
    pub user_bucket: Option<UserBucket>,
}

/// `DescribeImportSnapshotTasksRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeImportSnapshotTasks {
    pub import_task_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeImportSnapshotTasksResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Tasks {
    pub import_snapshot_tasks: Vec<TaskOut>,
    pub next_token: Option<String>,
}

const SCOPE: &str = "ImportSnapshot";

/// ImportSnapshot on a task and a snapshot to come, and the tags.
pub fn to_import(cx: &Cx, world: &World, input: &ImportSnapshot) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let container = input.disk_container.clone().unwrap_or_default();
    let place = disk::place(container.url.as_deref(), container.user_bucket.as_ref()).ok();
    let file = place.and_then(|(bucket, key)| disk::find(cx, world, (&bucket, &key)).ok());
    let snapshot = resource::check_on_new(cx, &kind::SNAPSHOT, specifications)
        .key("ec2:Owner", cx.account().as_str())
        .key_if("ec2:VolumeSize", file.map(|file| disk::gibibytes(&file).to_string()));
    resource::checks_on_new(cx, &kind::IMPORT_SNAPSHOT_TASK, specifications, SCOPE, [snapshot])
}

/// Starts a task, or answers again that which the same client token started.
pub fn import(cx: &Cx, tx: &mut Tx, input: &ImportSnapshot) -> Result<TaskOut, ApiError> {
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&ImportSnapshot { client_token: None, dry_run: None, ..input.clone() });
    if let Some(task) = client_token::again::<ImportSnapshotTask>(cx, tx, SCOPE, token, &digest)? {
        return Ok(out(cx, &task));
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::IMPORT_SNAPSHOT_TASK.resource_type)?;
    let container = input.disk_container.clone().ok_or_else(|| missing("DiskContainer"))?;
    let format = disk::format(container.format.as_deref(), disk::FORMATS)?;
    let (bucket, key) = disk::place(container.url.as_deref(), container.user_bucket.as_ref())?;
    encryption::key_needs_encryption(input.kms_key_id.as_deref(), input.encrypted)?;
    role::must_serve(cx, tx, input.role_name.as_deref(), Some((&bucket, &key)))?;
    let file = disk::find(cx, tx, (&bucket, &key))?;
    let gibibytes = disk::gibibytes(&file);
    let Encryption { encrypted, kms_key_id } =
        encryption::of_new(cx, tx, input.encrypted == Some(true), input.kms_key_id.clone());
    let task = ImportSnapshotTask {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::IMPORT_SNAPSHOT_TASK.prefix),
        description: input.description.clone(),
        disk: Disk {
            description: container.description,
            format,
            url: container.url,
            bucket: container.user_bucket,
            bytes: file.size(),
        },
        gibibytes,
        encrypted,
        kms_key_id,
        run: Run::begin(cx, gibibytes),
        snapshot_id: None,
        tags,
    };
    client_token::remember(cx, tx, SCOPE, token, digest, vec![task.id.clone()]);
    tx.put(task.clone());
    Ok(out(cx, &task))
}

/// The snapshot of a disk, which is complete, as the task of that id makes it.
pub fn made(cx: &Cx, task_id: &str, gibibytes: i64, encrypted: bool, kms_key_id: Option<String>) -> Snapshot {
    Snapshot {
        description: format!("Created by AWS-VMImport service for {task_id}"),
        started_at: ago(cx, SETTLING_SECONDS),
        ..Snapshot::of_size(cx, gibibytes, Encryption { encrypted, kms_key_id })
    }
}

/// Makes the snapshot of a task whose time has come, which it then is. The task's tags are its own.
pub fn complete(cx: &Cx, tx: &mut Tx, id: &str) {
    let Some(task) = resource::look_up::<ImportSnapshotTask>(tx, cx, id).filter(|task| task.run.is_active()) else {
        return;
    };
    let snapshot = made(cx, id, task.gibibytes, task.encrypted, task.kms_key_id.clone());
    let snapshot_id = snapshot.id.clone();
    tx.put(snapshot);
    resource::update::<ImportSnapshotTask>(tx, cx, id, |task| {
        task.run.complete();
        task.snapshot_id = Some(snapshot_id);
    });
}

static FIELDS: Fields<TaskOut> = Fields {
    fields: &[("task-state", |it, values| values.push(it.snapshot_task_detail.status))],
    tags: Some(|it| &it.tags),
};

/// Tasks that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeImportSnapshotTasks) -> Result<Tasks, ApiError> {
    let wanted = Wanted {
        ids: input.import_task_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || resource::all::<ImportSnapshotTask>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, |task| out(cx, task))?;
    Ok(Tasks { import_snapshot_tasks: page.items, next_token: page.next })
}

fn out(cx: &Cx, task: &ImportSnapshotTask) -> TaskOut {
    let run = &task.run;
    TaskOut {
        description: task.description.clone(),
        import_task_id: task.id.clone(),
        snapshot_task_detail: Detail {
            description: task.disk.description.clone(),
            disk_image_size: task.disk.bytes_shown(run, cx.now),
            encrypted: task.encrypted.then_some(true),
            format: task.disk.format.clone(),
            kms_key_id: encryption::key_shown(cx, task.account, task.encrypted, task.kms_key_id.as_deref()),
            progress: run.percent(cx.now).map(|percent| percent.to_string()),
            snapshot_id: task.snapshot_id.clone(),
            status: run.word(cx.now),
            status_message: run.message(cx.now),
            url: task.disk.url.clone(),
            user_bucket: task.disk.bucket.clone(),
        },
        tags: task.tags.clone(),
    }
}
