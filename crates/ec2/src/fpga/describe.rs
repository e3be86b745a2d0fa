//! DescribeFpgaImages. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeFpgaImages.html>

use std::sync::Arc;

use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::{FpgaImage, find};
use crate::image::Grantee;
use crate::instance::describe::time;
use crate::instance::out::ProductCodeOut;
use crate::kind;

/// `DescribeFpgaImagesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeFpgaImages {
    pub dry_run: Option<bool>,
    pub fpga_image_ids: Option<Vec<String>>,
    pub owners: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub next_token: Option<String>,
    pub max_results: Option<i64>,
}

/// `DescribeFpgaImagesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Images {
    pub fpga_images: Vec<ImageOut>,
    pub next_token: Option<String>,
}

/// `FpgaImage`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct ImageOut {
    pub fpga_image_id: String,
    pub fpga_image_global_id: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub shell_version: Option<String>,
    pub pci_id: Option<PciOut>,
    pub state: StateOut,
    pub create_time: Timestamp,
    pub update_time: Timestamp,
    pub owner_id: String,
    pub product_codes: Vec<ProductCodeOut>,
    pub tags: Vec<Tag>,
    pub public: bool,
    pub data_retention_support: Option<bool>,
}

/// `PciId`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct PciOut {
    pub device_id: String,
    pub vendor_id: String,
    pub subsystem_id: String,
    pub subsystem_vendor_id: String,
}

/// `FpgaImageState`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct StateOut {
    pub code: &'static str,
    pub message: Option<String>,
}

static FIELDS: Fields<ImageOut> = Fields {
    fields: &[
        ("create-time", |it, values| values.push(time(it.create_time))),
        ("fpga-image-global-id", |it, values| values.push_if(it.fpga_image_global_id.as_deref())),
        ("fpga-image-id", |it, values| values.push(it.fpga_image_id.as_str())),
        ("name", |it, values| values.push_if(it.name.as_deref())),
        ("owner-id", |it, values| values.push(it.owner_id.as_str())),
        ("product-code", |it, values| {
            it.product_codes.iter().for_each(|code| values.push(code.product_code_id.as_str()))
        }),
        ("shell-version", |it, values| values.push_if(it.shell_version.as_deref())),
        ("state", |it, values| values.push(it.state.code)),
        ("update-time", |it, values| values.push(time(it.update_time))),
    ],
    tags: Some(|it| &it.tags),
};

/// Images that the account may load and that pass owners and filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeFpgaImages) -> Result<Images, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let owners = input.owners.as_deref().unwrap_or_default();
    for owner in owners {
        must_be_an_owner(owner)?;
    }
    let mut found = match input.fpga_image_ids.as_deref() {
        Some(ids) if !ids.is_empty() => named(cx, world, ids)?,
        _ => visible(cx, world),
    };
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    let of_owners = found.iter().filter(|image| is_of(cx, image, owners));
    let seen = of_owners.map(|image| out(cx, image)).filter(|it| chosen.admit(it));
    let scope = format!("fpga-images {:?} {owners:?}", input.filters);
    let order = |it: &ImageOut| it.fpga_image_id.clone();
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, seen, order)?;
    Ok(Images { fpga_images: page.items, next_token: page.next })
}

/// An account, `self`, or one of AWS's aliases, whose images are not here.
fn must_be_an_owner(owner: &str) -> Result<(), ApiError> {
    if ["self", "amazon", "aws-marketplace"].contains(&owner) || owner.parse::<AccountId>().is_ok() {
        return Ok(());
    }
    Err(no_account(owner))
}

/// How these operations refuse what is no account.
pub(super) fn no_account(text: &str) -> ApiError {
    ApiError::new("InvalidUserID.Malformed", format!("User ID '{text}' is invalid"))
}

fn is_of(cx: &Cx, image: &FpgaImage, owners: &[String]) -> bool {
    let own = |owner: &String| owner == "self" && image.account == cx.account();
    owners.is_empty() || owners.iter().any(|owner| own(owner) || owner == image.account.as_str())
}

fn named(cx: &Cx, world: &World, ids: &[String]) -> Result<Vec<Arc<FpgaImage>>, ApiError> {
    for id in ids {
        kind::FPGA_IMAGE.well_formed(id)?;
    }
    let missing: Vec<&str> = ids.iter().map(String::as_str).filter(|id| find(cx, world, id).is_none()).collect();
    if !missing.is_empty() {
        return Err(kind::FPGA_IMAGE.not_found(&missing));
    }
    Ok(ids.iter().filter_map(|id| find(cx, world, id).cloned()).collect())
}

fn visible(cx: &Cx, world: &World) -> Vec<Arc<FpgaImage>> {
    let own = world.scan::<FpgaImage>(&[cx.account().as_str(), cx.region_name()]);
    let shared = |key: &str| world.by::<FpgaImage>(FpgaImage::BY_GRANTEE, &[cx.region_name(), key]);
    own.chain(shared(cx.account().as_str())).chain(shared(Grantee::All.key())).cloned().collect()
}

fn out(cx: &Cx, image: &FpgaImage) -> ImageOut {
    let (code, message) = image.state(cx.now);
    let design = image.design(cx.now);
    let own = image.account == cx.account();
    let told = !image.is_copy || design.is_some();
    ImageOut {
        fpga_image_id: image.id.clone(),
        fpga_image_global_id: image.global_id.clone().filter(|_| told),
        name: image.name.clone(),
        description: image.description.clone(),
        shell_version: design.map(|design| design.shell_version.clone()),
        pci_id: design.map(|design| PciOut {
            device_id: design.device.clone(),
            vendor_id: design.vendor.clone(),
            subsystem_id: design.subsystem.clone(),
            subsystem_vendor_id: design.subsystem_vendor.clone(),
        }),
        state: StateOut { code, message: message.map(str::to_owned) },
        create_time: image.created_at,
        update_time: image.updated_at(cx.now),
        owner_id: image.account.to_string(),
        product_codes: codes(&image.product_codes),
        tags: if own { image.tags.clone() } else { Vec::new() },
        public: image.is_public(),
        data_retention_support: design.map(|_| false),
    }
}

/// Codes that an owner gives an image are of its own making, so they are of the old kind.
pub(super) fn codes(codes: &[String]) -> Vec<ProductCodeOut> {
    let out = |id: &String| ProductCodeOut { product_code_id: id.clone(), product_code_type: "devpay".to_owned() };
    codes.iter().map(out).collect()
}
