//! CreateReplaceRootVolumeTask and DescribeReplaceRootVolumeTasks: another root volume for a running instance.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/replace-root.html>
//!
//! The volumes change places at once; the task is seen on its way for as long as AWS needs. The new volume keeps size, type and performance of the old.

use std::sync::Arc;

use service::cx::States;
use service::filters::{Fields, Filter};
use service::prelude::*;

use super::{Volume, VolumeAttachment, of_instance};
use crate::catalogue::images::Image;
use crate::image;
use crate::instance::view::Detached;
use crate::instance::{self, Instance, State, client_token, elapsed, state_at};
use crate::kind;
use crate::resource::{self, Wanted, resource};
use crate::setting::encryption;
use crate::snapshot::{self, Snapshot};
use crate::tags::{self, TagSpecification};

/// A replacement that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplaceRootVolumeTask {
    pub account: AccountId,
    pub region: String,
    /// `replacevol-…`
    pub id: String,
    pub instance_id: String,
    pub image_id: Option<String>,
    pub snapshot_id: Option<String>,
    /// The root volume until then.
    pub replaced_volume_id: String,
    pub deletes_replaced: bool,
    pub started_at: Timestamp,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// About how many seconds AWS needs for the new volume, and for the whole.
const CREATING_SECONDS: i64 = 10;
const REPLACING_SECONDS: i64 = 25;

impl ReplaceRootVolumeTask {
    fn state(&self, now: Timestamp, states: States) -> &'static str {
        let over = |seconds| elapsed(self.started_at, now) >= states.lasting(seconds);
        match (over(CREATING_SECONDS), over(REPLACING_SECONDS)) {
            (_, true) => "succeeded",
            (true, false) => "in-progress",
            (false, false) => "pending",
        }
    }
}

impl Record for ReplaceRootVolumeTask {
    const TABLE: TableDef = TableDef::own("ec2_replace_root_volume_task", &["account", "region", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }
}

resource!(ReplaceRootVolumeTask, kind::REPLACE_ROOT_VOLUME_TASK);

/// `CreateReplaceRootVolumeTaskRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateReplaceRootVolumeTask {
    pub instance_id: String,
    pub snapshot_id: Option<String>,
    pub client_token: Option<String>,
    pub dry_run: Option<bool>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub image_id: Option<String>,
    pub delete_replaced_root_volume: Option<bool>,
    pub volume_id: Option<String>,
}

/// `CreateReplaceRootVolumeTaskResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub replace_root_volume_task: TaskOut,
}

/// `ReplaceRootVolumeTask`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct TaskOut {
    pub replace_root_volume_task_id: String,
    pub instance_id: String,
    pub task_state: &'static str,
    pub start_time: String,
    pub complete_time: Option<String>,
    pub tags: Vec<Tag>,
    pub image_id: Option<String>,
    pub snapshot_id: Option<String>,
    pub delete_replaced_root_volume: bool,
}

/// `DescribeReplaceRootVolumeTasksRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeReplaceRootVolumeTasks {
    pub replace_root_volume_task_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeReplaceRootVolumeTasksResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Tasks {
    pub replace_root_volume_tasks: Vec<TaskOut>,
    pub next_token: Option<String>,
}

static FIELDS: Fields<TaskOut> =
    Fields { fields: &[("instance-id", |it, values| values.push(it.instance_id.as_str()))], tags: Some(|it| &it.tags) };

/// CreateReplaceRootVolumeTask on the instance, a task and a volume to come, and on what the volume is made of; and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateReplaceRootVolumeTask) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let mut checks = vec![
        instance::check_on(cx, world, &input.instance_id),
        resource::check_on_new(cx, &kind::REPLACE_ROOT_VOLUME_TASK, specifications),
    ];
    checks.push(match &input.volume_id {
        Some(id) => resource::check_on::<Volume>(cx, world, id),
        None => resource::check_on_new(cx, &kind::VOLUME, specifications),
    });
    checks.extend(input.image_id.as_deref().map(|id| image::check_on(cx, world, id)));
    checks.extend(input.snapshot_id.as_deref().map(|id| snapshot::check_on(cx, world, id)));
    checks.extend(tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "CreateReplaceRootVolumeTask"));
    checks
}

/// Replaces the root volume, or answers again what the same client token did before.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateReplaceRootVolumeTask) -> Result<Created, ApiError> {
    const SCOPE: &str = "CreateReplaceRootVolumeTask";
    let token = input.client_token.as_deref();
    let parameters = CreateReplaceRootVolumeTask { client_token: None, dry_run: None, ..input.clone() };
    let digest = client_token::digest(&parameters);
    if let Some(task) = client_token::again::<ReplaceRootVolumeTask>(cx, tx, SCOPE, token, &digest)? {
        return Ok(Created { replace_root_volume_task: out(cx, &task) });
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::REPLACE_ROOT_VOLUME_TASK.resource_type)?;
    let instance = instance::find(cx, tx, &input.instance_id)?.clone();
    let (old, held) = root_of(cx, tx, &instance)?;
    let new = replacement(cx, tx, input, &instance, &old)?;
    let task = ReplaceRootVolumeTask {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::REPLACE_ROOT_VOLUME_TASK.prefix),
        instance_id: instance.id.clone(),
        image_id: input.image_id.clone(),
        snapshot_id: input.snapshot_id.clone(),
        replaced_volume_id: old.id.clone(),
        deletes_replaced: input.delete_replaced_root_volume == Some(true),
        started_at: cx.now,
        tags,
    };
    let attachment = VolumeAttachment { attached_at: cx.now_seconds(), ..held.clone() };
    tx.put(Volume { attachment: Some(attachment), detached: None, ..new });
    if task.deletes_replaced {
        super::forget(cx, tx, &old);
    } else {
        resource::update::<Volume>(tx, cx, &old.id, |it| {
            it.attachment = None;
            it.detached = Some(Box::new(Detached { attachment: held, at: cx.now, until: None }));
        });
    }
    client_token::remember(cx, tx, SCOPE, token, digest, vec![task.id.clone()]);
    tx.put(task.clone());
    Ok(Created { replace_root_volume_task: out(cx, &task) })
}

/// The root volume of a running instance, and how it is attached.
fn root_of(cx: &Cx, world: &World, instance: &Instance) -> Result<(Arc<Volume>, VolumeAttachment), ApiError> {
    let id = &instance.id;
    if state_at(instance, cx.now, cx.settings.states) != State::Running {
        return Err(ApiError::new(
            "IncorrectInstanceState",
            format!("The instance '{id}' is not in the 'running' state."),
        ));
    }
    let root = instance.image.root_device_name.as_deref();
    let found = of_instance(world, instance.account, &instance.region, id).into_iter().find_map(|volume| {
        let held = volume.attachment.clone().filter(|held| Some(held.device.as_str()) == root)?;
        Some((volume, held))
    });
    found.ok_or_else(|| ApiError::new("IncorrectState", format!("The instance '{id}' has no root volume.")))
}

/// The volume that takes the root's place.
fn replacement(
    cx: &Cx,
    world: &World,
    input: &CreateReplaceRootVolumeTask,
    instance: &Instance,
    old: &Volume,
) -> Result<Volume, ApiError> {
    match (&input.snapshot_id, &input.image_id, &input.volume_id) {
        (None, None, None) => Ok(of_snapshot(cx, world, old, old.snapshot_id.as_deref())),
        (Some(id), None, None) => {
            let snapshot = resource::get::<Snapshot>(world, cx, id)?;
            must_be_of_root(cx, world, instance, old, &snapshot)?;
            snapshot::must_be_usable(cx, &snapshot)?;
            Ok(of_snapshot(cx, world, old, Some(id)))
        }
        (None, Some(id), None) => {
            let image = image::get(cx, world, id)?;
            must_fit(instance, &image)?;
            Ok(of_snapshot(cx, world, old, root_snapshot(&image)))
        }
        (None, None, Some(id)) => must_be_free(cx, old, &*resource::get::<Volume>(world, cx, id)?),
        _ => {
            let message = "You can specify only one of SnapshotId, ImageId and VolumeId.";
            Err(ApiError::new("InvalidParameterCombination", message))
        }
    }
}

fn root_snapshot(image: &Image) -> Option<&str> {
    let root = image.block_device_mappings.iter().find(|device| device.device_name == image.root_device_name)?;
    root.ebs.as_ref()?.snapshot_id.as_deref()
}

/// A volume like the old one, made of that snapshot.
fn of_snapshot(cx: &Cx, world: &World, old: &Volume, snapshot_id: Option<&str>) -> Volume {
    let source = snapshot_id.and_then(|id| snapshot::usable(world, cx, id));
    let encrypted = old.encrypted || source.as_ref().is_some_and(|snapshot| snapshot.encrypted);
    let key = old.kms_key_id.clone().or_else(|| source.as_ref()?.kms_key_id.clone());
    let encryption = encryption::of_new(cx, world, encrypted, key);
    let size = source.map_or(old.size, |snapshot| snapshot.volume_size.max(old.size));
    Volume {
        id: cx.ids.ec2(kind::VOLUME.prefix),
        size,
        snapshot_id: snapshot_id.map(str::to_owned),
        encrypted: encryption.encrypted,
        kms_key_id: encryption.kms_key_id,
        created_at: cx.now,
        modification: None,
        fast_restored: snapshot_id.is_some_and(|id| snapshot::fast_restore::is_enabled(cx, world, id, &old.zone)),
        source_volume_id: None,
        tags: Vec::new(),
        ..old.clone()
    }
}

/// The snapshot must be of the root volume, or of one that was it before.
fn must_be_of_root(
    cx: &Cx,
    world: &World,
    instance: &Instance,
    old: &Volume,
    snapshot: &Snapshot,
) -> Result<(), ApiError> {
    let before = |task: &Arc<ReplaceRootVolumeTask>| {
        task.instance_id == instance.id && task.replaced_volume_id == snapshot.volume_id
    };
    if snapshot.volume_id == old.id || resource::all::<ReplaceRootVolumeTask>(cx, world).any(|task| before(&task)) {
        return Ok(());
    }
    let message = format!(
        "Invalid snapshot for root volume for virt {}. The snapshot should be of one of the root volumes attached to the instance in the past",
        instance.id
    );
    Err(ApiError::new("InvalidParameterValue", message))
}

/// The image must be of the instance's kind.
fn must_fit(instance: &Instance, image: &Image) -> Result<(), ApiError> {
    let launched = &instance.image;
    let fits = image.architecture == launched.architecture
        && image.virtualization_type == launched.virtualization_type
        && image.usage_operation == launched.usage_operation;
    if fits && image.state == "available" {
        return Ok(());
    }
    let message = format!(
        "The AMI '{}' does not have the architecture, virtualization type and billing information of instance '{}'.",
        image.image_id, instance.id
    );
    Err(ApiError::new("InvalidParameterValue", message))
}

/// The volume must be free, in the same zone, and encrypted if the old one is.
fn must_be_free(cx: &Cx, old: &Volume, new: &Volume) -> Result<Volume, ApiError> {
    if new.state(cx.now, cx.settings.states) != "available" {
        return Err(ApiError::new("IncorrectState", format!("{} is not 'available'.", new.id)));
    }
    if new.zone != old.zone {
        let message = format!("The volume '{}' is not in the same availability zone as volume '{}'", new.id, old.id);
        return Err(ApiError::new("InvalidVolume.ZoneMismatch", message));
    }
    if old.encrypted && !new.encrypted {
        let message = format!("The volume '{}' must be encrypted because the root volume is.", new.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    Ok(new.clone())
}

/// The tasks of the account.
pub fn describe(cx: &Cx, world: &World, input: &DescribeReplaceRootVolumeTasks) -> Result<Tasks, ApiError> {
    let wanted = Wanted {
        ids: input.replace_root_volume_task_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let see = |task: &ReplaceRootVolumeTask| out(cx, task);
    let page = resource::describe(cx, world, &wanted, || resource::all(cx, world), &FIELDS, see)?;
    Ok(Tasks { replace_root_volume_tasks: page.items, next_token: page.next })
}

fn out(cx: &Cx, task: &ReplaceRootVolumeTask) -> TaskOut {
    let states = cx.settings.states;
    let state = task.state(cx.now, states);
    let end = states.over_at(task.started_at, REPLACING_SECONDS);
    let second = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    TaskOut {
        replace_root_volume_task_id: task.id.clone(),
        instance_id: task.instance_id.clone(),
        task_state: state,
        start_time: second(task.started_at),
        complete_time: (state == "succeeded").then(|| second(end)),
        tags: task.tags.clone(),
        image_id: task.image_id.clone(),
        snapshot_id: task.snapshot_id.clone(),
        delete_replaced_root_volume: task.deletes_replaced,
    }
}
