//! ImportInstance. The instance comes into being, stopped, when the disk is converted; until then its id is told and nothing else is there of it. Of which
//! image AWS says such an instance is nobody recorded: here it has the id of one that no account has.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportInstance.html>

use service::prelude::*;

use super::ConversionTask;
use super::task::{TaskOut, out};
use super::volume::{DiskImage, Wanted, must_be_there};
use crate::catalogue::images::{BlockDevice, EbsDevice, Image};
use crate::image::Found;
use crate::import::Run;
use crate::import::run::ago;
use crate::instance::run::input::{MonitoringWish, PlacementWish, RunInstances};
use crate::instance::run::plan::{self, Plan};
use crate::instance::run::{self, checks, combinations};
use crate::instance::{Instance, Phase, STOPPING_SECONDS};
use crate::kind;
use crate::launch_template::launch::Asked;
use crate::refused::{invalid, invalid_value, missing};
use crate::volume;

/// The one platform that the reference knows.
pub const PLATFORM: &str = "Windows";
/// What the operations of images call a Windows whose licence comes from AWS.
const USAGE: &str = "RunInstances:0002";
const ROOT: &str = "/dev/sda1";
/// What AWS makes an instance of that says nothing of it.
const ARCHITECTURE: &str = "x86_64";

/// The instance that a task makes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Machine {
    pub instance_id: String,
    pub architecture: Option<String>,
    pub disk_description: Option<String>,
    /// As if it were launched of an image.
    pub launch: RunInstances,
}

impl PartialEq for Machine {
    fn eq(&self, other: &Machine) -> bool {
        self.instance_id == other.instance_id
    }
}

impl Eq for Machine {}

/// `ImportInstanceRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct ImportInstance {
    pub description: Option<String>,
    #[serde(default)]
    pub disk_images: Vec<DiskWanted>,
    pub dry_run: Option<bool>,
    pub launch_specification: Option<Specification>,
    pub platform: String,
}

/// `DiskImage`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct DiskWanted {
    pub description: Option<String>,
    pub image: Option<DiskImage>,
    pub volume: Option<Wanted>,
}

/// `ImportInstanceLaunchSpecification`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Specification {
    pub architecture: Option<String>,
    #[serde(default)]
    pub group_ids: Vec<String>,
    #[serde(default)]
    pub group_names: Vec<String>,
    pub instance_initiated_shutdown_behavior: Option<String>,
    pub instance_type: Option<String>,
    pub monitoring: Option<bool>,
    pub placement: Option<PlacementWish>,
    pub private_ip_address: Option<String>,
    pub subnet_id: Option<String>,
    pub user_data: Option<UserData>,
}

/// `UserData`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct UserData {
    /// Base64.
    pub data: Option<String>,
}

/// `ImportInstanceResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Imported {
    pub conversion_task: TaskOut,
}

/// The launch that the request comes to.
fn launch(input: &ImportInstance, image_id: String) -> RunInstances {
    let wish = input.launch_specification.clone().unwrap_or_default();
    RunInstances {
        image_id: Some(image_id),
        min_count: 1,
        max_count: 1,
        instance_type: wish.instance_type,
        subnet_id: wish.subnet_id,
        security_group_ids: wish.group_ids,
        security_groups: wish.group_names,
        private_ip_address: wish.private_ip_address,
        placement: wish.placement,
        user_data: wish.user_data.and_then(|it| it.data),
        monitoring: wish.monitoring.map(|enabled| MonitoringWish { enabled, ..MonitoringWish::default() }),
        instance_initiated_shutdown_behavior: wish.instance_initiated_shutdown_behavior,
        ..RunInstances::default()
    }
}

fn architecture(input: &ImportInstance) -> Option<String> {
    input.launch_specification.as_ref()?.architecture.clone()
}

/// What an image of the disk would say. The volume outlives the instance, as those of images do that are imported.
fn image(launch: &RunInstances, architecture: Option<&str>, size: i64) -> Image {
    let ebs = EbsDevice {
        delete_on_termination: Some(false),
        volume_size: Some(size),
        volume_type: Some("gp2".to_owned()),
        ..EbsDevice::default()
    };
    Image {
        image_id: launch.image_id.clone().unwrap_or_default(),
        architecture: architecture.unwrap_or(ARCHITECTURE).to_owned(),
        platform: Some("windows".to_owned()),
        platform_details: Some(PLATFORM.to_owned()),
        usage_operation: Some(USAGE.to_owned()),
        root_device_name: Some(ROOT.to_owned()),
        block_device_mappings: vec![BlockDevice {
            device_name: Some(ROOT.to_owned()),
            virtual_name: None,
            ebs: Some(ebs),
        }],
        ..Image::default()
    }
}

/// What the launch does. Imported instances get private addresses only, whatever the subnet says.
/// <https://docs.aws.amazon.com/vm-import/latest/userguide/limitations-image-importing.html>
fn planned<'a>(cx: &Cx, world: &World, asked: &'a Asked<'_>, architecture: Option<&str>, size: i64) -> Plan<'a> {
    let image = image(&asked.wish, architecture, size);
    let mut plan = plan::of_image(cx, world, asked, Some(Found::Made(Box::new(image))));
    plan.interfaces.list.iter_mut().for_each(|it| it.public = false);
    plan
}

/// ImportInstance on an instance and a volume to come, and on the groups and the subnet that are named.
pub fn to_import(cx: &Cx, world: &World, input: &ImportInstance) -> Vec<Check> {
    let launch = launch(input, String::new());
    let size = input.disk_images.first().and_then(|disk| disk.volume.as_ref()).map_or(0, |volume| volume.size);
    let asked = Asked::alone(&launch);
    checks::of_no_image(cx, world, &planned(cx, world, &asked, architecture(input).as_deref(), size))
}

/// What is refused whoever asks: the same as at launches.
pub fn check(cx: &Cx, world: &World, input: &ImportInstance) -> Result<(), ApiError> {
    combinations::check(cx, world, &launch(input, String::new()))
}

/// The one disk. How AWS refuses a second one is not recorded.
fn disk(input: &ImportInstance) -> Result<(&DiskWanted, &DiskImage, &Wanted), ApiError> {
    let disk = match input.disk_images.as_slice() {
        [] => return Err(missing("DiskImage")),
        [disk] => disk,
        _ => return Err(invalid("Only virtual machines with a single volume can be imported as an instance.")),
    };
    let image = disk.image.as_ref().ok_or_else(|| missing("DiskImage.1.Image"))?;
    let volume = disk.volume.as_ref().ok_or_else(|| missing("DiskImage.1.Volume"))?;
    Ok((disk, image, volume))
}

/// Starts a task, if what it makes could be made now.
pub fn import(cx: &Cx, tx: &mut Tx, input: &ImportInstance) -> Result<Imported, ApiError> {
    if input.platform != PLATFORM {
        return Err(invalid_value(&input.platform, "Platform"));
    }
    let (disk, image, volume) = disk(input)?;
    must_be_there(cx, tx, image, volume.size)?;
    let machine = Machine {
        instance_id: cx.ids.ec2(kind::INSTANCE.prefix),
        architecture: architecture(input),
        disk_description: disk.description.clone(),
        launch: launch(input, cx.ids.ec2(kind::IMAGE.prefix)),
    };
    let placement = tried(cx, tx, &machine, volume.size)?.placement;
    let task = ConversionTask {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2("import-i"),
        description: input.description.clone(),
        zone: placement.zone.clone(),
        zone_id: placement.zone_id.clone(),
        format: image.format.clone(),
        manifest_url: image.import_manifest_url.clone(),
        bytes: image.bytes,
        size: volume.size,
        run: Run::begin(cx, volume.size),
        volume_id: None,
        machine: Some(Box::new(machine)),
    };
    let conversion_task = out(cx, &task);
    tx.put(task);
    Ok(Imported { conversion_task })
}

/// The instance as it would be now, on a state that is thrown away: what cannot be made leaves nothing behind.
fn tried(cx: &Cx, world: &World, machine: &Machine, size: i64) -> Result<Instance, ApiError> {
    let (cx, mut tx) = (cx.apart(), Tx::on(World::clone(world)));
    put(&cx, &mut tx, machine, size)?;
    crate::instance::find(&cx, &tx, &machine.instance_id).map(|made| (**made).clone())
}

fn put(cx: &Cx, tx: &mut Tx, machine: &Machine, size: i64) -> Result<(), ApiError> {
    let asked = Asked::alone(&machine.launch);
    let plan = planned(cx, tx, &asked, machine.architecture.as_deref(), size);
    let sound = plan.require(cx, tx)?;
    let reservation = cx.ids.ec2("r");
    run::launch(cx, tx, &sound, &machine.instance_id, &reservation, 0)?;
    tx.update::<Instance>(&[cx.account().as_str(), cx.region_name(), &machine.instance_id], |it| {
        it.phase = Phase::Stopped { since: ago(cx, STOPPING_SECONDS) };
        it.capacity_reservation_id = None;
    });
    Ok(())
}

/// Makes the instance of a task whose time has come; the answer is its volume's id.
pub(super) fn make(cx: &Cx, tx: &mut Tx, machine: &Machine, size: i64) -> Result<String, ApiError> {
    tried(cx, tx, machine, size)?;
    put(cx, tx, machine, size)?;
    let volumes = volume::of_instance(tx, cx.account(), cx.region_name(), &machine.instance_id);
    let made = volumes.first().map(|volume| volume.id.clone());
    made.ok_or_else(|| ApiError::internal("an imported instance has no volume"))
}
