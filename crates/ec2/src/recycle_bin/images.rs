//! Images in the Recycle Bin. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RestoreImageFromRecycleBin.html>

use service::prelude::*;

use super::{Content, Recycled, find, take};
use crate::image::{self, AccountImage, DeregisteredImage, Grantee};
use crate::kind;
use crate::resource;
use crate::setting::public_access;
use crate::snapshot::Snapshot;

/// `ListImagesInRecycleBinRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ListImagesInRecycleBin {
    pub image_ids: Option<Vec<String>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `ListImagesInRecycleBinResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Images {
    pub images: Vec<ImageOut>,
    pub next_token: Option<String>,
}

/// `ImageRecycleBinInfo`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct ImageOut {
    pub image_id: String,
    pub name: String,
    pub description: Option<String>,
    pub recycle_bin_enter_time: Timestamp,
    pub recycle_bin_exit_time: Timestamp,
}

/// `RestoreImageFromRecycleBinRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct RestoreImageFromRecycleBin {
    pub image_id: String,
    pub dry_run: Option<bool>,
}

/// `RestoreImageFromRecycleBinResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Restored {
    pub r#return: bool,
}

/// Images in the caller's bin.
pub fn list(cx: &Cx, world: &World, input: &ListImagesInRecycleBin) -> Result<Images, ApiError> {
    let asked = (input.image_ids.as_deref(), input.max_results, input.next_token.as_deref());
    input.image_ids.iter().flatten().try_for_each(|id| kind::IMAGE.well_formed(id))?;
    let page = super::list(cx, world, "images", asked, out, |ids| kind::IMAGE.not_found(ids))?;
    Ok(Images { images: page.items, next_token: page.next })
}

fn out(held: &Recycled) -> Option<ImageOut> {
    let Content::Image(image) = &held.content else { return None };
    Some(ImageOut {
        image_id: image.id.clone(),
        name: image.facts.name.clone(),
        description: image.facts.description.clone(),
        recycle_bin_enter_time: held.entered_at,
        recycle_bin_exit_time: held.exits_at,
    })
}

fn in_bin(cx: &Cx, world: &World, id: &str) -> Option<AccountImage> {
    match &find(cx, world, id)?.content {
        Content::Image(image) => Some((**image).clone()),
        Content::Snapshot(_) | Content::Volume(_) => None,
    }
}

/// RestoreImageFromRecycleBin on the image.
pub fn to_restore(cx: &Cx, world: &World, input: &RestoreImageFromRecycleBin) -> Vec<Check> {
    vec![match in_bin(cx, world, &input.image_id) {
        Some(image) => resource::check_of(cx, world, &image),
        None => Check::on(kind::IMAGE.arn(cx, &input.image_id)).key("ec2:ImageID", input.image_id.as_str()),
    }]
}

/// The image is as it was, though not public where that is blocked meanwhile. Its snapshots must be there: those that lie in the bin are to be restored before it, and its name must be free.
pub fn restore(cx: &Cx, tx: &mut Tx, input: &RestoreImageFromRecycleBin) -> Result<Restored, ApiError> {
    let id = &input.image_id;
    kind::IMAGE.well_formed(id)?;
    let mut image = in_bin(cx, tx, id).ok_or_else(|| kind::IMAGE.not_found(&[id]))?;
    let gone = |snapshot: &&str| resource::look_up::<Snapshot>(tx, cx, snapshot).is_none();
    if let Some(snapshot) = image.snapshots().find(gone) {
        let message = format!("The snapshot '{snapshot}' of the image '{id}' does not exist; restore it first.");
        return Err(ApiError::new("InvalidSnapshot.NotFound", message));
    }
    image::name_must_be_free(cx, tx, &image.facts.name)?;
    if public_access::may_publish_image(cx, tx).is_err() {
        image.permissions.retain(|grantee| *grantee != Grantee::All);
    }
    take(cx, tx, id);
    resource_is_back(cx, tx, id);
    tx.put(image);
    Ok(Restored { r#return: true })
}

/// It counts as deregistered no more.
fn resource_is_back(cx: &Cx, tx: &mut Tx, id: &str) {
    tx.remove::<DeregisteredImage>(&[cx.account().as_str(), cx.region_name(), id]);
}
