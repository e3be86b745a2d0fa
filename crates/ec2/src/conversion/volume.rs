//! ImportVolume. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportVolume.html>

use service::prelude::*;

use super::ConversionTask;
use super::task::{TaskOut, out};
use crate::import::{Run, disk};
use crate::refused::invalid;
use crate::volume::create::{self, CreateVolume, zone};

/// `ImportVolumeRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct ImportVolume {
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
    pub description: Option<String>,
    pub dry_run: Option<bool>,
    pub image: DiskImage,
    pub volume: Wanted,
}

/// `DiskImageDetail`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct DiskImage {
    pub format: String,
    pub bytes: i64,
    pub import_manifest_url: String,
}

/// `VolumeDetail`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Wanted {
    pub size: i64,
}

/// `ImportVolumeResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Imported {
    pub conversion_task: TaskOut,
}

/// The volume that is to be made.
fn wanted(zone: Option<String>, zone_id: Option<String>, size: i64) -> CreateVolume {
    let (availability_zone, availability_zone_id) = (zone, zone_id);
    CreateVolume { availability_zone, availability_zone_id, size: Some(size), ..CreateVolume::default() }
}

/// ImportVolume on a volume to come.
pub fn to_import(cx: &Cx, world: &World, input: &ImportVolume) -> Vec<Check> {
    let (zone, id) = (input.availability_zone.clone(), input.availability_zone_id.clone());
    create::to_create(cx, world, &wanted(zone, id, input.volume.size))
}

const GIB: i64 = 1 << 30;

/// The image must fit into the volume, and its manifest be in a bucket of the region; which role reads it nobody says, as its address is signed.
pub(super) fn must_be_there(cx: &Cx, world: &World, image: &DiskImage, size: i64) -> Result<(), ApiError> {
    let bytes = image.bytes;
    if bytes < 1 || bytes > size.saturating_mul(GIB) {
        return Err(invalid(format!("The image of {bytes} bytes does not fit into a volume of {size} GiB.")));
    }
    let (bucket, key) = disk::place(Some(&image.import_manifest_url), None)?;
    disk::find(cx, world, (&bucket, &key)).map(drop)
}

/// Starts a task.
pub fn import(cx: &Cx, tx: &mut Tx, input: &ImportVolume) -> Result<Imported, ApiError> {
    let size = input.volume.size;
    let asked = wanted(input.availability_zone.clone(), input.availability_zone_id.clone(), size);
    let zone = zone(cx, &asked)?;
    create::check(&asked)?;
    must_be_there(cx, tx, &input.image, size)?;
    let task = ConversionTask {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2("import-vol"),
        description: input.description.clone(),
        zone: zone.name.clone(),
        zone_id: zone.id.clone(),
        format: input.image.format.clone(),
        manifest_url: input.image.import_manifest_url.clone(),
        bytes: input.image.bytes,
        size,
        run: Run::begin(cx, size),
        volume_id: None,
        machine: None,
    };
    let conversion_task = out(cx, &task);
    tx.put(task);
    Ok(Imported { conversion_task })
}

/// Makes the volume of a task whose time has come; the answer is its id.
pub(super) fn make(cx: &Cx, tx: &mut Tx, task: &ConversionTask) -> Result<String, ApiError> {
    let wish = wanted(Some(task.zone.clone()), None, task.size);
    create::create(cx, tx, &wish).map(|volume| volume.volume_id)
}
