//! CreateFpgaImage, CopyFpgaImage and DeleteFpgaImage.

use service::prelude::*;
use service::regions;

use super::design;
use super::record::{FpgaImage, Logs, Outcome};
use super::{check_on, own};
use crate::instance::client_token;
use crate::kind;
use crate::refused::{invalid, missing};
use crate::resource;
use crate::s3_file::{self, S3File};
use crate::tags::{self, TagSpecification};

/// `CreateFpgaImageRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateFpgaImage {
    pub dry_run: Option<bool>,
    pub input_storage_location: StorageLocation,
    pub logs_storage_location: Option<StorageLocation>,
    pub description: Option<String>,
    pub name: Option<String>,
    pub client_token: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
}

/// `StorageLocation`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct StorageLocation {
    pub bucket: Option<String>,
    pub key: Option<String>,
}

/// `CreateFpgaImageResult`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct Created {
    pub fpga_image_id: String,
    pub fpga_image_global_id: Option<String>,
}

/// `CopyFpgaImageRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CopyFpgaImage {
    pub dry_run: Option<bool>,
    pub source_fpga_image_id: String,
    pub description: Option<String>,
    pub name: Option<String>,
    pub source_region: String,
    pub client_token: Option<String>,
}

/// `CopyFpgaImageResult`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct Copied {
    pub fpga_image_id: String,
}

/// `DeleteFpgaImageRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteFpgaImage {
    pub dry_run: Option<bool>,
    pub fpga_image_id: String,
}

/// `DeleteFpgaImageResult` and `ResetFpgaImageAttributeResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Deleted {
    pub r#return: bool,
}

/// About how many seconds AWS takes to build a design, and to copy an image from another region.
const BUILDING_SECONDS: i64 = 30 * 60;
const COPYING_SECONDS: i64 = 60;

/// How the global ids begin.
const GLOBAL: &str = "agfi";

/// CreateFpgaImage on an image to come, and the tags.
pub fn to_create(cx: &Cx, _: &World, input: &CreateFpgaImage) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let own = resource::check_on_new(cx, &kind::FPGA_IMAGE, specifications)
        .key("ec2:Owner", cx.account().as_str())
        .key("ec2:Public", "false");
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "CreateFpgaImage");
    std::iter::once(own).chain(tagging).collect()
}

/// The bucket and the key of a place; `parameter` is which it is.
fn place(given: &StorageLocation, parameter: &str) -> Result<(String, String), ApiError> {
    let bucket = given.bucket.clone().ok_or_else(|| missing(&format!("{parameter}.Bucket")))?;
    let key = given.key.clone().ok_or_else(|| missing(&format!("{parameter}.Key")))?;
    s3_file::must_be_a_bucket(&bucket)?;
    Ok((bucket, key))
}

/// Begins to build an image, or answers again that which the same client token began. Whether the design can be built is told when it is to be there.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateFpgaImage) -> Result<Created, ApiError> {
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&CreateFpgaImage { client_token: None, dry_run: None, ..input.clone() });
    if let Some(image) = client_token::again::<FpgaImage>(cx, tx, "CreateFpgaImage", token, &digest)? {
        return Ok(Created { fpga_image_id: image.id.clone(), fpga_image_global_id: image.global_id.clone() });
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::FPGA_IMAGE.resource_type)?;
    let (bucket, key) = place(&input.input_storage_location, "InputStorageLocation")?;
    let logs = input.logs_storage_location.as_ref().map(|given| place(given, "LogsStorageLocation")).transpose()?;
    // What another account's bucket lets whom read is not known, so nobody reads it.
    let readable = |file: &&S3File| file.account == cx.account() && file.region == cx.region_name();
    let file = tx.get::<S3File>(&[&bucket, &key]).map(|file| &**file).filter(readable);
    let outcome = design::of(file).map_or_else(Outcome::Failed, Outcome::Built);
    let image = FpgaImage {
        name: input.name.clone(),
        description: input.description.clone(),
        logs: logs.map(|(bucket, prefix)| Logs { bucket, prefix }),
        tags,
        ..new(cx, BUILDING_SECONDS, Some(cx.ids.ec2(GLOBAL)), outcome)
    };
    let made = Created { fpga_image_id: image.id.clone(), fpga_image_global_id: image.global_id.clone() };
    client_token::remember(cx, tx, "CreateFpgaImage", token, digest, vec![image.id.clone()]);
    tx.put(image);
    Ok(made)
}

fn new(cx: &Cx, seconds: i64, global_id: Option<String>, outcome: Outcome) -> FpgaImage {
    FpgaImage {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::FPGA_IMAGE.prefix),
        global_id,
        name: None,
        description: None,
        is_copy: false,
        created_at: cx.now,
        ends_at: cx.settings.states.over_at(cx.now, seconds),
        outcome,
        changed_at: None,
        logs: None,
        permissions: Vec::new(),
        product_codes: Vec::new(),
        tags: Vec::new(),
    }
}

/// Leaves what there is to say of a building that has ended; what stands in the file is ours.
pub fn complete(cx: &Cx, tx: &mut Tx, id: &str) {
    let Some(image) = resource::look_up::<FpgaImage>(tx, cx, id) else { return };
    let Some(logs) = image.logs.clone() else { return };
    let (code, message) = image.state(cx.now);
    let state = match message {
        Some(message) => serde_json::json!({"Code": code, "Message": message}),
        None => serde_json::json!({"Code": code}),
    };
    let key = format!("{}/{id}/State", logs.prefix.trim_matches('/'));
    let key = key.trim_start_matches('/').to_owned();
    tx.put(S3File::json(cx, &logs.bucket, key, &serde_json::json!({"State": state})));
    resource::update::<FpgaImage>(tx, cx, id, |image| image.logs = None);
}

/// CopyFpgaImage on an image to come.
pub fn to_copy(cx: &Cx, _: &World, _: &CopyFpgaImage) -> Vec<Check> {
    vec![Check::on(kind::FPGA_IMAGE.arn_of_new(cx)).not_created().key("ec2:Owner", cx.account().as_str())]
}

/// Copies an image of one's own, with its global id and what it is; not whom it is shared with. What is wrong with one of another region is told by the copy.
pub fn copy(cx: &Cx, tx: &mut Tx, input: &CopyFpgaImage) -> Result<Copied, ApiError> {
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&CopyFpgaImage { client_token: None, dry_run: None, ..input.clone() });
    if let Some(image) = client_token::again::<FpgaImage>(cx, tx, "CopyFpgaImage", token, &digest)? {
        return Ok(Copied { fpga_image_id: image.id.clone() });
    }
    let (region, id) = (&input.source_region, &input.source_fpga_image_id);
    if regions::region(region).is_none_or(|known| known.partition != cx.region.partition) {
        return Err(invalid(format!("Value ({region}) for parameter sourceRegion is invalid. Invalid region.")));
    }
    kind::FPGA_IMAGE.well_formed(id)?;
    let nearby = region == cx.region_name();
    let source = tx.get::<FpgaImage>(&[cx.account().as_str(), region, id]).cloned();
    let design = source.as_ref().and_then(|source| source.design(cx.now));
    let outcome = match (&source, design) {
        (_, Some(design)) => Outcome::Built(design.clone()),
        (None, _) if nearby => return Err(kind::FPGA_IMAGE.not_found(&[id])),
        (Some(_), None) if nearby => {
            return Err(ApiError::new("IncorrectState", format!("Image '{id}' is not in 'available' state.")));
        }
        (None, None) => Outcome::Failed(
            "NOT_FOUND: Source image is not found or the user ID is not authorized to copy source image.".to_owned(),
        ),
        (Some(_), None) => {
            Outcome::Failed("INVALID_STATE: Source image is not in a suitable state to allow copying.".to_owned())
        }
    };
    let global_id = source.as_ref().filter(|_| design.is_some()).and_then(|source| source.global_id.clone());
    let image = FpgaImage {
        name: input.name.clone().or_else(|| source.as_ref()?.name.clone()),
        description: input.description.clone(),
        is_copy: true,
        ..new(cx, COPYING_SECONDS, global_id, outcome)
    };
    // A copy within a region is a name more.
    let image = if nearby { FpgaImage { ends_at: cx.now, ..image } } else { image };
    let copied = Copied { fpga_image_id: image.id.clone() };
    client_token::remember(cx, tx, "CopyFpgaImage", token, digest, vec![image.id.clone()]);
    tx.put(image);
    Ok(copied)
}

/// DeleteFpgaImage on the image.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteFpgaImage) -> Vec<Check> {
    vec![check_on(cx, world, &input.fpga_image_id)]
}

/// Deletes an image that is shared with nobody.
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteFpgaImage) -> Result<Deleted, ApiError> {
    let image = own(cx, tx, &input.fpga_image_id)?;
    let refused = match image.permissions.is_empty() {
        true => None,
        false if image.is_public() => Some("public"),
        false => Some("shared"),
    };
    if let Some(how) = refused {
        let message = format!("Operation not permitted for {how} AFI");
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    resource::remove::<FpgaImage>(tx, cx, &image.id);
    Ok(Deleted { r#return: true })
}
