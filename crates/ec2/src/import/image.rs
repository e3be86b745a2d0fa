//! ImportImage and DescribeImportImageTasks: disks of a virtual machine become an image. Nobody looks which operating system is on them: it is the one that
//! the request names, or Linux. <https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-image-import.html>

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::disk::{self, Disk, UserBucket};
use super::role;
use super::run::{Run, ago};
use super::snapshot::{ClientData, made};
use crate::catalogue::images::{BlockDevice, EbsDevice, Image};
use crate::image::create::new;
use crate::image::{AccountImage, MAKING_SECONDS, name};
use crate::instance::client_token;
use crate::kind;
use crate::refused::{invalid_value, missing};
use crate::resource::{self, Wanted, resource};
use crate::setting::encryption::{self, Encryption};
use crate::snapshot::{self, Snapshot};
use crate::tags::{self, TagSpecification};

/// A task that makes an image of the images of disks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportImageTask {
    pub account: AccountId,
    pub region: String,
    /// `import-ami-…`
    pub id: String,
    pub description: Option<String>,
    pub machine: Machine,
    /// The first is the root volume.
    pub parts: Vec<Part>,
    pub encrypted: bool,
    pub kms_key_id: Option<String>,
    pub run: Run,
    /// Once it is made.
    pub image_id: Option<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// What is said of the virtual machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    pub architecture: Option<String>,
    /// `Linux` or `Windows`
    pub platform: Option<String>,
    pub hypervisor: Option<String>,
    /// `AWS` or `BYOL`
    pub license_type: Option<String>,
    pub usage_operation: Option<String>,
    pub boot_mode: Option<String>,
}

impl Machine {
    fn architecture(&self) -> &str {
        self.architecture.as_deref().unwrap_or("x86_64")
    }

    fn platform(&self) -> &str {
        self.platform.as_deref().unwrap_or("Linux")
    }
}

/// One of the disks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub disk: Disk,
    pub device_name: String,
    /// What the disk is, in GiB.
    pub gibibytes: i64,
    /// The snapshot that it is imported from, or, once the task is complete, that it has become.
    pub snapshot_id: Option<String>,
}

impl ImportImageTask {
    /// (account, region): those that go on.
    pub const BY_END: usize = 0;
}

impl Record for ImportImageTask {
    const TABLE: TableDef = TableDef::own("ec2_import_image_task", &["account", "region", "id"], &[]);
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

resource!(ImportImageTask, kind::IMPORT_IMAGE_TASK);

/// `ImportImageRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct ImportImage {
    pub architecture: Option<String>,
    pub boot_mode: Option<String>,
    pub client_data: Option<ClientData>,
    pub client_token: Option<String>,
    pub description: Option<String>,
    #[serde(default)]
    pub disk_containers: Vec<DiskContainer>,
    pub dry_run: Option<bool>,
    pub encrypted: Option<bool>,
    pub hypervisor: Option<String>,
    pub kms_key_id: Option<String>,
    pub license_type: Option<String>,
    pub platform: Option<String>,
    pub role_name: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub usage_operation: Option<String>,
}

/// `ImageDiskContainer`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct DiskContainer {
    pub description: Option<String>,
    pub device_name: Option<String>,
    pub format: Option<String>,
    pub snapshot_id: Option<String>,
    pub url: Option<String>,
    pub user_bucket: Option<UserBucket>,
}

/// `ImportImageResult`, which says nothing of the boot mode.
#[derive(Debug, Clone, PartialEq, Serialize, Shaped)]
pub struct Imported {
    pub architecture: Option<String>,
    pub description: Option<String>,
    pub encrypted: Option<bool>,
    pub hypervisor: Option<String>,
    pub image_id: Option<String>,
    pub import_task_id: String,
    pub kms_key_id: Option<String>,
    pub license_type: Option<String>,
    pub platform: Option<String>,
    pub progress: Option<String>,
    pub snapshot_details: Vec<Detail>,
    pub status: &'static str,
    pub status_message: Option<String>,
    pub tags: Vec<Tag>,
    pub usage_operation: Option<String>,
}

/// `ImportImageTask`.
#[derive(Debug, Clone, PartialEq, Serialize, Shaped)]
pub struct TaskOut {
    pub architecture: Option<String>,
    pub description: Option<String>,
    pub encrypted: Option<bool>,
    pub hypervisor: Option<String>,
    pub image_id: Option<String>,
    pub import_task_id: String,
    pub kms_key_id: Option<String>,
    pub license_type: Option<String>,
    pub platform: Option<String>,
    pub progress: Option<String>,
    pub snapshot_details: Vec<Detail>,
    pub status: &'static str,
    pub status_message: Option<String>,
    pub tags: Vec<Tag>,
    pub usage_operation: Option<String>,
    pub boot_mode: Option<String>,
}

impl From<TaskOut> for Imported {
    fn from(task: TaskOut) -> Imported {
        Imported {
            architecture: task.architecture,
            description: task.description,
            encrypted: task.encrypted,
            hypervisor: task.hypervisor,
            image_id: task.image_id,
            import_task_id: task.import_task_id,
            kms_key_id: task.kms_key_id,
            license_type: task.license_type,
            platform: task.platform,
            progress: task.progress,
            snapshot_details: task.snapshot_details,
            status: task.status,
            status_message: task.status_message,
            tags: task.tags,
            usage_operation: task.usage_operation,
        }
    }
}

/// `SnapshotDetail`.
#[derive(Debug, Clone, PartialEq, Serialize, Shaped)]
pub struct Detail {
    pub description: Option<String>,
    pub device_name: Option<String>,
    pub disk_image_size: f64,
    pub format: Option<String>,
    pub snapshot_id: Option<String>,
    pub status: &'static str,
    pub url: Option<String>,
    pub user_bucket: Option<UserBucket>,
}

/// `DescribeImportImageTasksRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeImportImageTasks {
    pub import_task_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeImportImageTasksResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Tasks {
    pub import_image_tasks: Vec<TaskOut>,
    pub next_token: Option<String>,
}

const SCOPE: &str = "ImportImage";

/// ImportImage on an image and a task to come and on the snapshots it is made of, and the tags.
pub fn to_import(cx: &Cx, world: &World, input: &ImportImage) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let image = resource::check_on_new(cx, &kind::IMAGE, specifications)
        .key("ec2:ImageType", "machine")
        .key("ec2:Owner", cx.account().as_str())
        .key("ec2:Public", "false")
        .key("ec2:RootDeviceType", "ebs");
    let named = input.disk_containers.iter().filter_map(|container| container.snapshot_id.as_deref());
    let inside = std::iter::once(image).chain(named.map(|id| snapshot::check_on(cx, world, id)));
    resource::checks_on_new(cx, &kind::IMPORT_IMAGE_TASK, specifications, SCOPE, inside)
}

/// One of these words, or AWS's way to refuse another.
fn one_of(given: Option<&str>, known: &[&str], parameter: &str) -> Result<Option<String>, ApiError> {
    match given {
        Some(word) if !known.contains(&word) => Err(invalid_value(word, parameter)),
        _ => Ok(given.map(str::to_owned)),
    }
}

/// What the request says of the machine; what is found out by AWS is taken for granted here.
fn machine(input: &ImportImage) -> Result<Machine, ApiError> {
    if input.license_type.is_some() && input.usage_operation.is_some() {
        return Err(crate::refused::not_together("LicenseType", "UsageOperation"));
    }
    Ok(Machine {
        architecture: one_of(input.architecture.as_deref(), &["i386", "x86_64", "arm64"], "Architecture")?,
        platform: one_of(input.platform.as_deref(), &["Windows", "Linux"], "Platform")?,
        hypervisor: one_of(input.hypervisor.as_deref(), &["xen"], "Hypervisor")?,
        license_type: one_of(input.license_type.as_deref(), &["AWS", "BYOL"], "LicenseType")?,
        usage_operation: input.usage_operation.clone(),
        boot_mode: one_of(input.boot_mode.as_deref(), &["legacy-bios", "uefi"], "BootMode")?,
    })
}

/// The devices that disks become whose device is not named: the root, then `/dev/sdf` and so on.
fn device(position: usize) -> String {
    let letter = u8::try_from(position).ok().and_then(|position| position.checked_add(b'e')).unwrap_or(b'z');
    if position == 0 { "/dev/sda1".to_owned() } else { format!("/dev/sd{}", char::from(letter)) }
}

/// The disk that a container names.
fn part(cx: &Cx, world: &World, input: &ImportImage, position: usize, it: &DiskContainer) -> Result<Part, ApiError> {
    let format = disk::format(it.format.as_deref(), disk::OF_MACHINES)?;
    let (bytes, gibibytes) = match &it.snapshot_id {
        Some(id) => {
            kind::SNAPSHOT.well_formed(id)?;
            let held = snapshot::usable(world, cx, id).ok_or_else(|| kind::SNAPSHOT.not_found(&[id]))?;
            snapshot::must_be_usable(cx, &held)?;
            role::must_serve(cx, world, input.role_name.as_deref(), None)?;
            (0, held.volume_size)
        }
        None => {
            let (bucket, key) = disk::place(it.url.as_deref(), it.user_bucket.as_ref())?;
            role::must_serve(cx, world, input.role_name.as_deref(), Some((&bucket, &key)))?;
            let file = disk::find(cx, world, (&bucket, &key))?;
            (file.size(), disk::gibibytes(&file))
        }
    };
    Ok(Part {
        disk: Disk {
            description: it.description.clone(),
            format,
            url: it.url.clone(),
            bucket: it.user_bucket.clone(),
            bytes,
        },
        device_name: it.device_name.clone().unwrap_or_else(|| device(position)),
        gibibytes,
        snapshot_id: it.snapshot_id.clone(),
    })
}

/// Starts a task, or answers again that which the same client token started.
pub fn import(cx: &Cx, tx: &mut Tx, input: &ImportImage) -> Result<Imported, ApiError> {
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&ImportImage { client_token: None, dry_run: None, ..input.clone() });
    if let Some(task) = client_token::again::<ImportImageTask>(cx, tx, SCOPE, token, &digest)? {
        return Ok(out(cx, &task).into());
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::IMPORT_IMAGE_TASK.resource_type)?;
    if input.disk_containers.is_empty() {
        return Err(missing("DiskContainers"));
    }
    let machine = machine(input)?;
    encryption::key_needs_encryption(input.kms_key_id.as_deref(), input.encrypted)?;
    let containers = input.disk_containers.iter().enumerate();
    let parts = containers.map(|(position, it)| part(cx, tx, input, position, it)).collect::<Result<Vec<_>, _>>()?;
    let Encryption { encrypted, kms_key_id } =
        encryption::of_new(cx, tx, input.encrypted == Some(true), input.kms_key_id.clone());
    let gibibytes = parts.iter().map(|part| part.gibibytes).sum();
    let task = ImportImageTask {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::IMPORT_IMAGE_TASK.prefix),
        description: input.description.clone(),
        machine,
        parts,
        encrypted,
        kms_key_id,
        run: Run::begin(cx, gibibytes),
        image_id: None,
        tags,
    };
    client_token::remember(cx, tx, SCOPE, token, digest, vec![task.id.clone()]);
    tx.put(task.clone());
    Ok(out(cx, &task).into())
}

/// Makes the image of a task whose time has come, which it then is, with a snapshot of each disk. The task's tags are its own. Where the account has an
/// image of the task's name meanwhile, the task fails.
pub fn complete(cx: &Cx, tx: &mut Tx, id: &str) {
    let Some(task) = resource::look_up::<ImportImageTask>(tx, cx, id).filter(|task| task.run.is_active()) else {
        return;
    };
    if let Err(error) = name::check(cx, tx, id) {
        resource::update::<ImportImageTask>(tx, cx, id, |task| task.run.cancel(cx, Some(error.message.clone())));
        return;
    }
    let mut parts = task.parts.clone();
    let mut devices = Vec::new();
    for part in &mut parts {
        let snapshot = made(cx, id, part.gibibytes, task.encrypted, task.kms_key_id.clone());
        part.snapshot_id = Some(snapshot.id.clone());
        devices.push(mapped(part, &snapshot));
        tx.put(snapshot);
    }
    let image_id = cx.ids.ec2(kind::IMAGE.prefix);
    let facts = facts(&task, &image_id, devices);
    tx.put(AccountImage { created_at: ago(cx, MAKING_SECONDS), ..new(cx, facts, Vec::new()) });
    resource::update::<ImportImageTask>(tx, cx, id, |task| {
        task.run.complete();
        task.image_id = Some(image_id);
        task.parts = parts;
    });
}

fn mapped(part: &Part, snapshot: &Snapshot) -> BlockDevice {
    let ebs = EbsDevice {
        delete_on_termination: Some(false),
        encrypted: Some(snapshot.encrypted),
        snapshot_id: Some(snapshot.id.clone()),
        volume_size: Some(snapshot.volume_size),
        volume_type: Some("gp2".to_owned()),
        ..EbsDevice::default()
    };
    BlockDevice { device_name: Some(part.device_name.clone()), virtual_name: None, ebs: Some(ebs) }
}

fn facts(task: &ImportImageTask, id: &str, devices: Vec<BlockDevice>) -> Image {
    let machine = &task.machine;
    let is_windows = machine.platform() == "Windows";
    let is_licensed = is_windows && machine.license_type.as_deref() != Some("BYOL");
    let usage = if is_licensed { "RunInstances:0002" } else { "RunInstances" };
    let details = if is_licensed {
        "Windows"
    } else if is_windows {
        "Windows BYOL"
    } else {
        "Linux/UNIX"
    };
    Image {
        image_id: id.to_owned(),
        name: task.id.clone(),
        description: Some(format!("AWS-VMImport service: {}", machine.platform())),
        architecture: machine.architecture().to_owned(),
        platform: is_windows.then(|| "windows".to_owned()),
        platform_details: Some(details.to_owned()),
        usage_operation: Some(machine.usage_operation.clone().unwrap_or_else(|| usage.to_owned())),
        boot_mode: machine.boot_mode.clone(),
        root_device_name: task.parts.first().map(|part| part.device_name.clone()),
        block_device_mappings: devices,
        ..Image::default()
    }
}

static FIELDS: Fields<TaskOut> =
    Fields { fields: &[("task-state", |it, values| values.push(it.status))], tags: Some(|it| &it.tags) };

/// Tasks that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeImportImageTasks) -> Result<Tasks, ApiError> {
    let wanted = Wanted {
        ids: input.import_task_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || resource::all::<ImportImageTask>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, |task| out(cx, task))?;
    Ok(Tasks { import_image_tasks: page.items, next_token: page.next })
}

fn out(cx: &Cx, task: &ImportImageTask) -> TaskOut {
    let (run, machine) = (&task.run, &task.machine);
    // AWS finds out while it looks at the disks.
    let told = |given: bool, word: &str| (given || run.is_done).then(|| word.to_owned());
    TaskOut {
        architecture: told(machine.architecture.is_some(), machine.architecture()),
        description: task.description.clone(),
        encrypted: task.encrypted.then_some(true),
        hypervisor: machine.hypervisor.clone(),
        image_id: task.image_id.clone(),
        import_task_id: task.id.clone(),
        kms_key_id: encryption::key_shown(cx, task.account, task.encrypted, task.kms_key_id.as_deref()),
        license_type: machine.license_type.clone(),
        platform: told(machine.platform.is_some(), machine.platform()),
        progress: run.percent(cx.now).map(|percent| percent.to_string()),
        snapshot_details: task.parts.iter().map(|part| detail(cx, run, part)).collect(),
        status: run.word(cx.now),
        status_message: run.message(cx.now),
        tags: task.tags.clone(),
        usage_operation: machine.usage_operation.clone(),
        boot_mode: machine.boot_mode.clone(),
    }
}

fn detail(cx: &Cx, run: &Run, part: &Part) -> Detail {
    Detail {
        description: part.disk.description.clone(),
        device_name: Some(part.device_name.clone()).filter(|_| run.is_done),
        disk_image_size: part.disk.bytes_shown(run, cx.now),
        format: part.disk.format.clone(),
        snapshot_id: part.snapshot_id.clone(),
        status: run.word(cx.now),
        url: part.disk.url.clone(),
        user_bucket: part.disk.bucket.clone(),
    }
}
