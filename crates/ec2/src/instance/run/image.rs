//! The image of a launch.

use service::prelude::*;

use crate::catalogue::images::Image;
use crate::image::{self, AccountImage, Found};
use crate::instance::LaunchedImage;
use crate::kind;
use crate::refused::missing;

/// The image with that id which the account may launch, if there is one.
pub fn look_up(cx: &Cx, world: &World, id: &str) -> Option<Found> {
    image::find(cx, world, id)
}

/// The image that was looked up, which must be there and available, or the error that EC2 answers.
pub fn require<'f>(cx: &Cx, world: &World, id: Option<&str>, found: Option<&'f Image>) -> Result<&'f Image, ApiError> {
    let id = id.ok_or_else(|| missing("ImageId"))?;
    kind::IMAGE.well_formed(id)?;
    let image = found.ok_or_else(|| image::not_launchable(cx, world, id))?;
    match image.state.as_str() {
        "available" => Ok(image),
        state => Err(ApiError::new("InvalidAMIID.Unavailable", format!("AMI {id} is {state}, and cannot be run"))),
    }
}

/// What of the image stays with the instance, the UEFI variables included that its owner gave it.
pub fn launched(world: &World, region: &str, image: &Image) -> LaunchedImage {
    let owned = world.one::<AccountImage>(AccountImage::BY_ID, &[region, &image.image_id]);
    LaunchedImage { uefi_data: owned.and_then(|owned| owned.uefi_data.clone()), ..facts(image) }
}

/// The same of what everybody sees of it.
fn facts(image: &Image) -> LaunchedImage {
    LaunchedImage {
        id: image.image_id.clone(),
        architecture: image.architecture.clone(),
        hypervisor: image.hypervisor.clone(),
        virtualization_type: image.virtualization_type.clone(),
        root_device_name: image.root_device_name.clone(),
        root_device_type: image.root_device_type.clone(),
        // DescribeImages says `windows` or nothing, DescribeInstances the same.
        platform: image.platform.clone(),
        platform_details: image.platform_details.clone(),
        usage_operation: image.usage_operation.clone(),
        boot_mode: image.boot_mode.clone(),
        tpm_support: image.tpm_support.clone(),
        uefi_data: None,
        ena_support: image.ena_support.unwrap_or(false),
        product_codes: Vec::new(),
    }
}

/// Whether the image was made for IMDSv2 alone.
pub fn asks_for_tokens(image: &Image) -> bool {
    image.imds_support.as_deref() == Some("v2.0")
}
