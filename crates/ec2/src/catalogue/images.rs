//! Public images of each region: Amazon Linux, Ubuntu, Debian, Windows Server and the container images, some versions of each, under the
//! names their makers give them; and what `--images FILE` adds.
//!
//! data/ec2/images.json has the lines of products; a region's images are made of them when the region is first asked about. An id is
//! AWS's own where it is known, else it follows from region and name, so that it is the same in every process. Start with [`images`].

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;
use service::regions;

use super::extension;

pub use super::extension::parse_extension;
pub use super::image::{BlockDevice, EbsDevice, Image, InstanceTypeItem, InstanceTypeSpecification, Watermark};

#[derive(Debug, Default, Deserialize)]
struct Facts {
    #[serde(borrow)]
    owners_elsewhere: HashMap<&'static str, HashMap<&'static str, &'static str>>,
    lines: Vec<Line>,
    /// Image name -> region -> id.
    #[serde(borrow)]
    ids: HashMap<&'static str, HashMap<&'static str, &'static str>>,
}

/// A product that is published again and again, with `{version}` in its name and description.
#[derive(Debug, Deserialize)]
struct Line {
    name: &'static str,
    description: &'static str,
    owner: &'static str,
    #[serde(default, borrow)]
    alias: Option<&'static str>,
    architecture: &'static str,
    #[serde(default, borrow)]
    platform: Option<&'static str>,
    root_device: &'static str,
    size: i64,
    volume_type: &'static str,
    #[serde(default, borrow)]
    virtual_devices: Vec<&'static str>,
    #[serde(default, borrow)]
    boot_mode: Option<&'static str>,
    #[serde(default, borrow)]
    imds_support: Option<&'static str>,
    #[serde(default, borrow)]
    tpm_support: Option<&'static str>,
    #[serde(default)]
    free_tier: bool,
    #[serde(default, borrow)]
    parameters: Vec<&'static str>,
    /// From old to new.
    versions: Vec<Version>,
}

#[derive(Debug, Deserialize)]
struct Version {
    version: &'static str,
    created: &'static str,
    deprecated: &'static str,
}

/// The region's images, by id. Regions nobody knows have those of `--images` alone.
pub fn images(region: &str) -> &'static [Image] {
    static REGIONS: OnceLock<HashMap<&'static str, OnceLock<Vec<Image>>>> = OnceLock::new();
    let cells = REGIONS.get_or_init(|| regions::all().map(|region| (region.name.as_str(), OnceLock::new())).collect());
    let Some((region, cell)) = cells.get_key_value(region) else { return &[] };
    cell.get_or_init(|| made(region, extension::of_process()))
}

/// The image with that id in that region.
pub fn by_id(region: &str, id: &str) -> Option<&'static Image> {
    let images = images(region);
    images.binary_search_by(|image| image.image_id.as_str().cmp(id)).ok().and_then(|at| images.get(at))
}

/// The images that a public parameter of Systems Manager has named in that region, from old to new:
/// `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64`.
pub fn by_public_parameter(region: &str, parameter: &str) -> Vec<&'static Image> {
    let line = facts().lines.iter().find(|line| line.parameters.contains(&parameter));
    let names = line.into_iter().flat_map(|line| line.versions.iter().map(move |version| name_of(line, version)));
    names.filter_map(|name| images(region).iter().find(|image| image.name == name)).collect()
}

/// The names of all public parameters of images.
pub fn public_parameters() -> impl Iterator<Item = &'static str> {
    facts().lines.iter().flat_map(|line| line.parameters.iter().copied())
}

/// Adds the images of `--images FILE` for the life of the process. It must come before anyone asks for images, and once.
///
/// # Errors
/// Says what is wrong with the text, or that it came too late.
pub fn extend(text: &str) -> Result<(), String> {
    extension::add(parse_extension(text)?)
}

/// Images of a region, an added one replacing ours with the same id.
fn made(region: &'static str, added: &[(String, Image)]) -> Vec<Image> {
    let facts = facts();
    let published = facts.lines.iter().flat_map(|line| line.versions.iter().map(move |version| (line, version)));
    let ours = published.map(|(line, version)| image(region, line, version, facts));
    let added = added.iter().filter(|(name, _)| name == region).map(|(_, image)| image.clone());
    let mut images: Vec<Image> = added.chain(ours).collect();
    images.sort_by(|a, b| a.image_id.cmp(&b.image_id));
    images.dedup_by(|a, b| a.image_id == b.image_id);
    images
}

fn image(region: &str, line: &Line, version: &Version, facts: &Facts) -> Image {
    let name = name_of(line, version);
    let owner = owner(region, line.owner, facts);
    let known = facts.ids.get(name.as_str()).and_then(|ids| ids.get(region));
    let windows = line.platform.is_some();
    Image {
        image_id: known.map_or_else(|| derived_id("ami", region, &name), |id| (*id).to_owned()),
        image_location: format!("{}/{name}", line.alias.unwrap_or(owner)),
        description: Some(line.description.replace("{version}", version.version)),
        owner_id: owner.to_owned(),
        image_owner_alias: line.alias.map(str::to_owned),
        architecture: line.architecture.to_owned(),
        platform: line.platform.map(str::to_owned),
        platform_details: Some(if windows { "Windows" } else { "Linux/UNIX" }.to_owned()),
        usage_operation: Some(if windows { "RunInstances:0002" } else { "RunInstances" }.to_owned()),
        boot_mode: line.boot_mode.map(str::to_owned),
        tpm_support: line.tpm_support.map(str::to_owned),
        imds_support: line.imds_support.map(str::to_owned),
        root_device_name: Some(line.root_device.to_owned()),
        block_device_mappings: devices(region, line, &name),
        creation_date: version.created.to_owned(),
        deprecation_time: Some(version.deprecated.to_owned()),
        free_tier_eligible: Some(line.free_tier),
        name,
        ..Image::default()
    }
}

fn name_of(line: &Line, version: &Version) -> String {
    line.name.replace("{version}", version.version)
}

/// Makers have accounts of their own in each partition.
fn owner<'a>(region: &str, owner: &'a str, facts: &Facts) -> &'a str {
    let partition = regions::region(region).map_or("aws", |region| region.partition.as_ref());
    facts.owners_elsewhere.get(owner).and_then(|elsewhere| elsewhere.get(partition)).copied().unwrap_or(owner)
}

fn devices(region: &str, line: &Line, name: &str) -> Vec<BlockDevice> {
    let gp3 = line.volume_type == "gp3";
    let root = EbsDevice {
        delete_on_termination: Some(true),
        encrypted: Some(false),
        iops: gp3.then_some(3000),
        snapshot_id: Some(derived_id("snap", region, name)),
        throughput: gp3.then_some(125),
        volume_size: Some(line.size),
        volume_type: Some(line.volume_type.to_owned()),
    };
    let root = BlockDevice { device_name: Some(line.root_device.to_owned()), virtual_name: None, ebs: Some(root) };
    let stores = line.virtual_devices.iter().enumerate().map(|(number, device)| BlockDevice {
        device_name: Some((*device).to_owned()),
        virtual_name: Some(format!("ephemeral{number}")),
        ebs: None,
    });
    [root].into_iter().chain(stores).collect()
}

/// An id in AWS's form that is the same in every process: FNV-1a over what it stands for, its bits mixed afterwards so that names that
/// differ in one letter get ids that differ all over.
fn derived_id(prefix: &str, region: &str, name: &str) -> String {
    let bytes = prefix.bytes().chain([0]).chain(region.bytes()).chain([0]).chain(name.bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    format!("{prefix}-0{:016x}", hash ^ (hash >> 31))
}

fn facts() -> &'static Facts {
    static FACTS: OnceLock<Facts> = OnceLock::new();
    // INVARIANT: the file is part of the program, and the tests read all of it. What it unpacks to is kept as long as the program runs.
    FACTS.get_or_init(|| serde_json::from_str(data::json("ec2/images").leak()).unwrap_or_default())
}

#[cfg(test)]
mod tests;
