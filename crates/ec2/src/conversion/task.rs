//! What is stored of a conversion, and how it is told of and canceled. Conversions are no resources: they have no ARN and no tags.

use jiff::SignedDuration;
use service::prelude::*;

use super::instance::{self, Machine};
use super::volume;
use crate::import::Run;

/// A task that makes a volume, or an instance with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversionTask {
    pub account: AccountId,
    pub region: String,
    /// `import-vol-…` or `import-i-…`
    pub id: String,
    pub description: Option<String>,
    pub zone: String,
    pub zone_id: String,
    /// `RAW`, `VHD` or `VMDK`
    pub format: String,
    pub manifest_url: String,
    /// Of the image.
    pub bytes: i64,
    /// GiB of the volume.
    pub size: i64,
    pub run: Run,
    /// Once it is made.
    pub volume_id: Option<String>,
    /// What the volume is to be the root device of.
    #[serde(default)]
    pub machine: Option<Box<Machine>>,
}

impl ConversionTask {
    /// (account, region): those that go on.
    pub const BY_END: usize = 0;

    /// What it does while it is active, or why it was canceled.
    fn message(&self, now: Timestamp) -> Option<String> {
        match self.run.percent_gone(now) {
            Some(percent) if percent < PENDING_PERCENT => Some("Pending".to_owned()),
            Some(percent) => Some(format!("Progress: {percent}%")),
            None => self.run.canceled.as_ref().and_then(|it| it.reason.clone()),
        }
    }

    fn image(&self) -> ImageOut {
        ImageOut { format: self.format.clone(), import_manifest_url: self.manifest_url.clone(), size: self.bytes }
    }

    fn volume(&self) -> VolumeOut {
        VolumeOut { id: self.volume_id.clone(), size: self.size }
    }

    fn bytes_converted(&self, now: Timestamp) -> i64 {
        match self.run.percent_gone(now) {
            Some(percent) if percent >= PENDING_PERCENT => self.bytes.saturating_mul(percent) / 100,
            None if self.run.is_done => self.bytes,
            _ => 0,
        }
    }
}

/// Until so many percent of its time are gone, a task waits for the image.
const PENDING_PERCENT: i64 = 10;
/// How long an image may take to be uploaded.
const UPLOADED_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Record for ConversionTask {
    const TABLE: TableDef = TableDef::own("ec2_conversion_task", &["account", "region", "id"], &[]);
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

/// `DescribeConversionTasksRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeConversionTasks {
    pub conversion_task_ids: Option<Vec<String>>,
    pub dry_run: Option<bool>,
}

/// `DescribeConversionTasksResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Tasks {
    pub conversion_tasks: Vec<TaskOut>,
}

/// `ConversionTask`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct TaskOut {
    pub conversion_task_id: String,
    pub expiration_time: String,
    pub import_instance: Option<InstanceDetails>,
    pub import_volume: Option<Details>,
    pub state: &'static str,
    pub status_message: Option<String>,
}

/// `ImportVolumeTaskDetails`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct Details {
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub bytes_converted: i64,
    pub description: Option<String>,
    pub image: ImageOut,
    pub volume: VolumeOut,
}

/// `ImportInstanceTaskDetails`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct InstanceDetails {
    pub description: Option<String>,
    pub instance_id: String,
    pub platform: &'static str,
    pub volumes: Vec<VolumeItem>,
}

/// `ImportInstanceVolumeDetailItem`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct VolumeItem {
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub bytes_converted: i64,
    pub description: Option<String>,
    pub image: ImageOut,
    pub status: &'static str,
    pub status_message: Option<String>,
    pub volume: VolumeOut,
}

/// `DiskImageDescription`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ImageOut {
    pub format: String,
    pub import_manifest_url: String,
    /// In bytes, though AWS's reference says GiB.
    pub size: i64,
}

/// `DiskImageVolumeDescription`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct VolumeOut {
    pub id: Option<String>,
    pub size: i64,
}

/// `CancelConversionRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CancelConversionTask {
    pub conversion_task_id: String,
    pub dry_run: Option<bool>,
    pub reason_message: Option<String>,
}

/// A task of the caller's account and region; the text of the refusal is ours.
fn get<'w>(cx: &Cx, world: &'w World, id: &str) -> Result<&'w std::sync::Arc<ConversionTask>, ApiError> {
    world.get::<ConversionTask>(&[cx.account().as_str(), cx.region_name(), id]).ok_or_else(|| {
        ApiError::new("InvalidConversionTaskId", format!("The conversion task ID '{id}' does not exist"))
    })
}

/// All tasks, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeConversionTasks) -> Result<Tasks, ApiError> {
    let conversion_tasks = match input.conversion_task_ids.as_deref() {
        Some(ids) if !ids.is_empty() => {
            ids.iter().map(|id| get(cx, world, id).map(|task| out(cx, task))).collect::<Result<_, _>>()?
        }
        _ => {
            world.scan::<ConversionTask>(&[cx.account().as_str(), cx.region_name()]).map(|task| out(cx, task)).collect()
        }
    };
    Ok(Tasks { conversion_tasks })
}

/// A task as it is told of.
pub(super) fn out(cx: &Cx, task: &ConversionTask) -> TaskOut {
    let expires_at = task.run.started_at.saturating_add(UPLOADED_WITHIN).unwrap_or(task.run.started_at);
    TaskOut {
        conversion_task_id: task.id.clone(),
        expiration_time: expires_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        import_instance: task.machine.as_deref().map(|machine| machine.out(cx, task)),
        import_volume: task.machine.is_none().then(|| Details {
            availability_zone: task.zone.clone(),
            availability_zone_id: task.zone_id.clone(),
            bytes_converted: task.bytes_converted(cx.now),
            description: task.description.clone(),
            image: task.image(),
            volume: task.volume(),
        }),
        state: task.run.cancel_word(cx.now),
        status_message: task.message(cx.now),
    }
}

impl Machine {
    fn out(&self, cx: &Cx, task: &ConversionTask) -> InstanceDetails {
        let volume = VolumeItem {
            availability_zone: task.zone.clone(),
            availability_zone_id: task.zone_id.clone(),
            bytes_converted: task.bytes_converted(cx.now),
            description: self.disk_description.clone(),
            image: task.image(),
            status: task.run.cancel_word(cx.now),
            status_message: task.message(cx.now),
            volume: task.volume(),
        };
        InstanceDetails {
            description: task.description.clone(),
            instance_id: self.instance_id.clone(),
            platform: instance::PLATFORM,
            volumes: vec![volume],
        }
    }
}

/// Makes what a task is for whose time has come. Where that cannot be, the task fails.
pub fn complete(cx: &Cx, tx: &mut Tx, id: &str) {
    let held = tx.get::<ConversionTask>(&[cx.account().as_str(), cx.region_name(), id]).cloned();
    let Some(held) = held.filter(|task| task.run.is_active()) else { return };
    let mut task = (*held).clone();
    let made = match &task.machine {
        Some(machine) => instance::make(cx, tx, machine, task.size),
        None => volume::make(cx, tx, &task),
    };
    match made {
        Ok(volume_id) => {
            task.volume_id = Some(volume_id);
            task.run.complete();
        }
        Err(error) => task.run.cancel(cx, Some(error.message.clone())),
    }
    tx.put(task);
}

/// Ends a task that goes on; nothing is made. How AWS refuses to end one that has ended is not recorded.
pub fn cancel(cx: &Cx, tx: &mut Tx, input: &CancelConversionTask) -> Result<Done, ApiError> {
    let id = &input.conversion_task_id;
    let mut task = (**get(cx, tx, id)?).clone();
    if !task.run.is_active() {
        let message = format!("The task {id} is {} and cannot be canceled.", task.run.cancel_word(cx.now));
        return Err(ApiError::new("IncorrectState", message));
    }
    task.run.cancel(cx, input.reason_message.clone());
    tx.put(task);
    Ok(Done {})
}
