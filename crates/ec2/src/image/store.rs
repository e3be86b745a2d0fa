//! Images in S3 objects: CreateStoreImageTask, CreateRestoreImageTask, DescribeStoreImageTasks.
//!
//! S3 is another service, so the object is kept here: what a restored image needs of it, under the bucket and key that only these operations know. Whether the
//! bucket exists cannot be asked; nor whether the caller may use it.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-store-restore.html>

use std::sync::Arc;

use jiff::SignedDuration;
use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::create::{Made, new};
use super::{AccountImage, devices, name};
use crate::catalogue::images::Image;
use crate::instance::elapsed;
use crate::kind;
use crate::resource;
use crate::s3_file;
use crate::setting::encryption;
use crate::snapshot::{self, Snapshot};
use crate::tags::{self, TagSpecification};

/// An image that was stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredImage {
    /// Who stored it.
    pub account: AccountId,
    pub region: String,
    pub bucket: String,
    /// `ami-….bin`
    pub object_key: String,
    pub stored_at: Timestamp,
    /// The image as it was; its tags are in it.
    pub image: AccountImage,
    /// GiB of each of its snapshots, by their ids.
    pub sizes: Vec<(String, i64)>,
}

impl Record for StoredImage {
    const TABLE: TableDef = TableDef::own("ec2_stored_image", &["account", "region", "bucket", "object_key"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.bucket, &self.object_key])
    }
}

/// About how many seconds AWS takes to store a GiB.
const SECONDS_PER_GIB: i64 = 10;
/// How long tasks are told of.
const TOLD: SignedDuration = SignedDuration::from_hours(31 * 24);

impl StoredImage {
    /// 0 to 100.
    fn progress(&self, cx: &Cx) -> i64 {
        let size: i64 = self.sizes.iter().map(|(_, size)| *size).sum();
        let whole = cx.settings.states.lasting(size.max(1) * SECONDS_PER_GIB).as_secs();
        let gone = elapsed(self.stored_at, cx.now).as_secs();
        if gone >= whole { 100 } else { gone * 100 / whole }
    }
}

/// `CreateStoreImageTaskRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateStoreImageTask {
    pub image_id: String,
    pub bucket: String,
    pub dry_run: Option<bool>,
}

/// `CreateStoreImageTaskResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Stored {
    pub object_key: String,
}

/// `CreateRestoreImageTaskRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateRestoreImageTask {
    pub bucket: String,
    pub object_key: String,
    pub name: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `DescribeStoreImageTasksRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeStoreImageTasks {
    pub image_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeStoreImageTasksResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Tasks {
    pub store_image_task_results: Vec<TaskOut>,
    pub next_token: Option<String>,
}

/// `StoreImageTaskResult`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct TaskOut {
    pub ami_id: String,
    pub task_start_time: Timestamp,
    pub bucket: String,
    pub s3object_key: String,
    pub progress_percentage: i64,
    pub store_task_state: &'static str,
}

/// CreateStoreImageTask on the image.
pub fn to_store(cx: &Cx, world: &World, input: &CreateStoreImageTask) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.image_id)]
}

fn stored(cx: &Cx, world: &World, bucket: &str, key: &str) -> Option<Arc<StoredImage>> {
    world.get::<StoredImage>(&[cx.account().as_str(), cx.region_name(), bucket, key]).cloned()
}

/// Stores an image of the caller's own, which must be available. One object is stored once.
pub fn store(cx: &Cx, tx: &mut Tx, input: &CreateStoreImageTask) -> Result<Stored, ApiError> {
    s3_file::must_be_a_bucket(&input.bucket)?;
    let image = super::own(cx, tx, &input.image_id)?;
    let state = image.state(cx.now, cx.settings.states);
    if state != "available" {
        let message = format!("AMI {} is {state}, and cannot be stored", image.id);
        return Err(ApiError::new("InvalidAMIID.Unavailable", message));
    }
    let size = |id: &str| {
        let held = snapshot::usable(tx, cx, id).ok_or_else(|| kind::SNAPSHOT.not_found(&[id]))?;
        Ok::<_, ApiError>((id.to_owned(), held.volume_size))
    };
    let sizes = image.snapshots().map(size).collect::<Result<Vec<_>, _>>()?;
    let encrypted = image.facts.block_device_mappings.iter().filter_map(|it| it.ebs.as_ref());
    if encrypted.into_iter().any(|ebs| ebs.encrypted == Some(true)) && image.is_public() {
        return Err(ApiError::new("InvalidRequest", "An encrypted AMI that is public cannot be stored."));
    }
    let object_key = format!("{}.bin", image.id);
    if stored(cx, tx, &input.bucket, &object_key).is_some() {
        let message = format!("The object {object_key} exists already in the bucket {}.", input.bucket);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    tx.put(StoredImage {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        bucket: input.bucket.clone(),
        object_key: object_key.clone(),
        stored_at: cx.now,
        image: (*image).clone(),
        sizes,
    });
    Ok(Stored { object_key })
}

/// CreateRestoreImageTask on an image to come, and the tags.
pub fn to_restore(cx: &Cx, _: &World, input: &CreateRestoreImageTask) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let own = resource::check_on_new(cx, &kind::IMAGE, specifications).key("ec2:Owner", cx.account().as_str());
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "CreateRestoreImageTask");
    std::iter::once(own).chain(tagging).collect()
}

/// Makes an image of an object: its facts, with new snapshots. Tags of the request come on top of those that were stored.
pub fn restore(cx: &Cx, tx: &mut Tx, input: &CreateRestoreImageTask) -> Result<Made, ApiError> {
    let specifications = input.tag_specifications.as_deref().unwrap_or_default();
    tags::check_specifications(specifications, &devices::taggable())?;
    let wanted = tags::specified(specifications);
    let held = stored(cx, tx, &input.bucket, &input.object_key).filter(|held| held.progress(cx) == 100);
    let held = held.ok_or_else(|| {
        let message = format!("The object {} does not exist in the bucket {}.", input.object_key, input.bucket);
        ApiError::new("InvalidParameterValue", message)
    })?;
    let restored_name = input.name.clone().unwrap_or_else(|| held.image.facts.name.clone());
    name::check(cx, tx, &restored_name)?;
    let mut own = held.image.tags.clone();
    service::tags::merge(&mut own, wanted.of(kind::IMAGE.resource_type), service::tags::same_key);
    tags::must_be_few(&own)?;
    let id = cx.ids.ec2(kind::IMAGE.prefix);
    let mut mappings = held.image.facts.block_device_mappings.clone();
    for ebs in mappings.iter_mut().filter_map(|device| device.ebs.as_mut()) {
        let Some(old) = ebs.snapshot_id.clone() else { continue };
        let size = held.sizes.iter().find(|(id, _)| *id == old).map_or(1, |(_, size)| *size);
        let encryption = encryption::of_new(cx, tx, ebs.encrypted == Some(true), None);
        let snapshot = Snapshot {
            description: format!("Created by CreateRestoreImageTask for {id}"),
            tags: wanted.of(kind::SNAPSHOT.resource_type).to_vec(),
            ..Snapshot::of_size(cx, size, encryption)
        };
        ebs.encrypted = Some(snapshot.encrypted);
        ebs.snapshot_id = Some(snapshot.id.clone());
        tx.put(snapshot);
    }
    let facts = Image {
        image_id: id.clone(),
        name: restored_name,
        block_device_mappings: mappings,
        instance_type_specification: None,
        ..held.image.facts.clone()
    };
    tx.put(AccountImage { uefi_data: held.image.uefi_data.clone(), ..new(cx, facts, own) });
    Ok(Made { image_id: id })
}

static FIELDS: Fields<TaskOut> = Fields {
    fields: &[
        ("bucket", |it, values| values.push(it.bucket.as_str())),
        ("task-state", |it, values| values.push(it.store_task_state)),
    ],
    tags: None,
};

/// Tasks of the last 31 days, the latest first.
pub fn describe(cx: &Cx, world: &World, input: &DescribeStoreImageTasks) -> Result<Tasks, ApiError> {
    let ids = input.image_ids.as_deref().unwrap_or_default();
    if !ids.is_empty() && input.max_results.is_some() {
        return Err(crate::refused::not_together("imageIds", "maxResults"));
    }
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let all = world.scan::<StoredImage>(&[cx.account().as_str(), cx.region_name()]);
    let told = all.filter(|it| elapsed(it.stored_at, cx.now) < TOLD && (ids.is_empty() || ids.contains(&it.image.id)));
    let mut outs: Vec<TaskOut> = told.map(|it| out(cx, it)).filter(|it| chosen.admit(it)).collect();
    outs.sort_by_key(order);
    let scope = format!("store-image-tasks {:?}", input.filters);
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, order)?;
    Ok(Tasks { store_image_task_results: page.items, next_token: page.next })
}

/// The later, the less.
fn order(it: &TaskOut) -> String {
    let later = i64::MAX - it.task_start_time.as_millisecond();
    format!("{later:020} {} {}", it.bucket, it.s3object_key)
}

fn out(cx: &Cx, it: &StoredImage) -> TaskOut {
    let progress_percentage = it.progress(cx);
    TaskOut {
        ami_id: it.image.id.clone(),
        task_start_time: it.stored_at,
        bucket: it.bucket.clone(),
        s3object_key: it.object_key.clone(),
        progress_percentage,
        store_task_state: if progress_percentage == 100 { "Completed" } else { "InProgress" },
    }
}
