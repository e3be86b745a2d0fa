//! DeregisterImage. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterImage.html>
//!
//! Instances that were launched keep what they need to know of it. What a rule covers goes into the Recycle Bin.

use service::check::Why;
use service::prelude::*;

use super::{AccountImage, DeregisteredImage, fast_launch, made_of};
use crate::catalogue::images::Image;
use crate::recycle_bin::{self, Content};
use crate::resource;
use crate::snapshot::{self, Snapshot};

/// `DeregisterImageRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeregisterImage {
    pub image_id: String,
    pub delete_associated_snapshots: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `DeregisterImageResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Deregistered {
    pub r#return: bool,
    pub delete_snapshot_results: Option<Vec<DeletedSnapshot>>,
}

/// `DeleteSnapshotReturnCode`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct DeletedSnapshot {
    pub snapshot_id: String,
    pub return_code: &'static str,
}

/// DeregisterImage on the image, and ec2:DeleteSnapshot on each snapshot that goes with it.
///
/// AWS deregisters the image all the same and says `missing-permissions` of the snapshot; here who may not delete it is refused as a whole.
pub fn to_deregister(cx: &Cx, world: &World, input: &DeregisterImage) -> Vec<Check> {
    let own = super::check_on(cx, world, &input.image_id);
    let image = resource::look_up::<AccountImage>(world, cx, &input.image_id);
    let image = image.filter(|_| input.delete_associated_snapshots == Some(true));
    let snapshots = image.iter().flat_map(|image| image.snapshots());
    let deletes = snapshots.map(|id| Check {
        action: "ec2:DeleteSnapshot".to_owned(),
        why: Why::Dependent,
        ..snapshot::check_on(cx, world, id)
    });
    std::iter::once(own).chain(deletes).collect()
}

/// Removes an image of the caller's own, and its snapshots if asked to and if no other image needs them.
pub fn deregister(cx: &Cx, tx: &mut Tx, input: &DeregisterImage) -> Result<Deregistered, ApiError> {
    let image = super::own(cx, tx, &input.image_id)?;
    if image.protection.holds_at(cx.now) {
        let message =
            format!("The image '{}' has deregistration protection enabled and cannot be deregistered.", image.id);
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    let facts = Image { state: "deregistered".to_owned(), tags: None, ..super::seen(cx, tx, &image) };
    resource::remove::<AccountImage>(tx, cx, &image.id);
    fast_launch::end(cx, tx, &image.id);
    tx.put(DeregisteredImage {
        account: image.account,
        region: image.region.clone(),
        id: image.id.clone(),
        at: cx.now,
        facts,
    });
    recycle_bin::keep(tx, Content::Image(Box::new((*image).clone())), cx.now);
    let wanted = input.delete_associated_snapshots == Some(true);
    // Answered empty where no snapshot was to go.
    let results = if wanted { delete_all(cx, tx, image.snapshots()) } else { Vec::new() };
    Ok(Deregistered { r#return: true, delete_snapshot_results: Some(results) })
}

/// Deletes snapshots, as far as no image needs them and nothing keeps them.
pub(super) fn delete_all(cx: &Cx, tx: &mut Tx, ids: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<DeletedSnapshot> {
    ids.into_iter().map(|id| delete(cx, tx, id.as_ref())).collect()
}

fn delete(cx: &Cx, tx: &mut Tx, id: &str) -> DeletedSnapshot {
    let held = resource::look_up::<Snapshot>(tx, cx, id);
    let return_code = match held {
        _ if made_of(tx, cx.region_name(), id).next().is_some() => "skipped",
        Some(held) if snapshot::may_be_deleted(cx, &held).is_ok() => {
            snapshot::forget(cx, tx, id);
            "success"
        }
        Some(_) | None => "client-error",
    };
    DeletedSnapshot { snapshot_id: id.to_owned(), return_code }
}
