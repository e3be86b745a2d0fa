//! Block public access: whether images and snapshots of an account may become public.
//!
//! New accounts have it on for images and off for snapshots. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html>
//! and <https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html>

use service::prelude::*;

use super::encryption::requests;
use super::{MANAGED_BY, Value, get as setting, of, set};

/// Nothing new becomes public.
const BLOCK_NEW: &str = "block-new-sharing";
/// What is public is treated as if it were not, too.
const BLOCK_ALL: &str = "block-all-sharing";
const UNBLOCKED: &str = "unblocked";

/// The state for images.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct OfImages(String);

impl Value for OfImages {
    const NAME: &'static str = "image-block-public-access";
}

impl Default for OfImages {
    fn default() -> OfImages {
        OfImages(BLOCK_NEW.to_owned())
    }
}

/// The state for snapshots.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct OfSnapshots(String);

impl Value for OfSnapshots {
    const NAME: &'static str = "snapshot-block-public-access";
}

impl Default for OfSnapshots {
    fn default() -> OfSnapshots {
        OfSnapshots(UNBLOCKED.to_owned())
    }
}

requests! {
    /// `DisableImageBlockPublicAccessRequest`.
    DisableImageBlockPublicAccess;
    /// `GetImageBlockPublicAccessStateRequest`.
    GetImageBlockPublicAccessState;
    /// `DisableSnapshotBlockPublicAccessRequest`.
    DisableSnapshotBlockPublicAccess;
    /// `GetSnapshotBlockPublicAccessStateRequest`.
    GetSnapshotBlockPublicAccessState;
}

/// `EnableImageBlockPublicAccessRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct EnableImageBlockPublicAccess {
    pub image_block_public_access_state: String,
    pub dry_run: Option<bool>,
}

/// `EnableSnapshotBlockPublicAccessRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct EnableSnapshotBlockPublicAccess {
    pub state: String,
    pub dry_run: Option<bool>,
}

/// `EnableImageBlockPublicAccessResult`, and that of Disable.
#[derive(Debug, Serialize, Shaped)]
pub struct ImageState {
    pub image_block_public_access_state: String,
}

/// `GetImageBlockPublicAccessStateResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct ManagedImageState {
    pub image_block_public_access_state: String,
    pub managed_by: &'static str,
}

/// `EnableSnapshotBlockPublicAccessResult`, and that of Disable.
#[derive(Debug, Serialize, Shaped)]
pub struct SnapshotState {
    pub state: String,
}

/// `GetSnapshotBlockPublicAccessStateResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct ManagedSnapshotState {
    pub state: String,
    pub managed_by: &'static str,
}

/// No image becomes public any more; those that are stay so.
pub fn enable_image(cx: &Cx, tx: &mut Tx, input: &EnableImageBlockPublicAccess) -> Result<ImageState, ApiError> {
    put_image(cx, tx, &input.image_block_public_access_state)
}

/// Images may become public.
pub fn disable_image(cx: &Cx, tx: &mut Tx, _: &DisableImageBlockPublicAccess) -> Result<ImageState, ApiError> {
    put_image(cx, tx, UNBLOCKED)
}

fn put_image(cx: &Cx, tx: &mut Tx, state: &str) -> Result<ImageState, ApiError> {
    set(cx, tx, &OfImages(state.to_owned()))?;
    Ok(ImageState { image_block_public_access_state: state.to_owned() })
}

/// The state for images.
pub fn get_image(cx: &Cx, world: &World, _: &GetImageBlockPublicAccessState) -> Result<ManagedImageState, ApiError> {
    let OfImages(state) = setting(cx, world);
    Ok(ManagedImageState { image_block_public_access_state: state, managed_by: MANAGED_BY })
}

/// No snapshot becomes public any more; with `block-all-sharing` none is.
pub fn enable_snapshot(
    cx: &Cx,
    tx: &mut Tx,
    input: &EnableSnapshotBlockPublicAccess,
) -> Result<SnapshotState, ApiError> {
    if input.state == UNBLOCKED {
        let message = format!(
            "Value ({UNBLOCKED}) for parameter state is invalid. To unblock, use DisableSnapshotBlockPublicAccess."
        );
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    put_snapshot(cx, tx, &input.state)
}

/// Snapshots may become public; those that were are again.
pub fn disable_snapshot(cx: &Cx, tx: &mut Tx, _: &DisableSnapshotBlockPublicAccess) -> Result<SnapshotState, ApiError> {
    put_snapshot(cx, tx, UNBLOCKED)
}

fn put_snapshot(cx: &Cx, tx: &mut Tx, state: &str) -> Result<SnapshotState, ApiError> {
    set(cx, tx, &OfSnapshots(state.to_owned()))?;
    Ok(SnapshotState { state: state.to_owned() })
}

/// The state for snapshots.
pub fn get_snapshot(
    cx: &Cx,
    world: &World,
    _: &GetSnapshotBlockPublicAccessState,
) -> Result<ManagedSnapshotState, ApiError> {
    let OfSnapshots(state) = setting(cx, world);
    Ok(ManagedSnapshotState { state, managed_by: MANAGED_BY })
}

/// An image of the caller's account may become public, or the refusal. The apostrophe is AWS's.
pub fn may_publish_image(cx: &Cx, world: &World) -> Result<(), ApiError> {
    if setting::<OfImages>(cx, world).0 == UNBLOCKED {
        return Ok(());
    }
    let message = "You can’t publicly share this image because block public access for AMIs is enabled for this account. To publicly share the \
                   image, you must call the DisableImageBlockPublicAccess API.";
    Err(ApiError::new("OperationNotPermitted", message))
}

/// A snapshot of the caller's account may become public, or the refusal.
pub fn may_publish_snapshot(cx: &Cx, world: &World) -> Result<(), ApiError> {
    if setting::<OfSnapshots>(cx, world).0 == UNBLOCKED {
        return Ok(());
    }
    let message = "You can’t publicly share this snapshot because block public access for snapshots is enabled for this account. To publicly \
                   share the snapshot, you must call the DisableSnapshotBlockPublicAccess API.";
    Err(ApiError::new("OperationNotPermitted", message))
}

/// The state for any account's images.
pub fn of_images(world: &World, account: AccountId, region: &str) -> String {
    of::<OfImages>(world, account, region).0
}

/// The state for any account's snapshots.
pub fn of_snapshots(world: &World, account: AccountId, region: &str) -> String {
    of::<OfSnapshots>(world, account, region).0
}

/// Whether that account's public snapshots are treated as private.
pub fn hides_public_snapshots(world: &World, account: AccountId, region: &str) -> bool {
    of_snapshots(world, account, region) == BLOCK_ALL
}
