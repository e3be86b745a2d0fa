//! Images: the public ones of the catalogue, and those that accounts make of instances, register from snapshots and copy.
//!
//! [`find`] is how others look an image up: it sees what the caller's account may launch. [`check_of`] is how one is authorised. Nothing is stored in
//! an image but what its volumes will be; the data would be in the snapshots.

use std::ops::Deref;
use std::sync::Arc;

use service::operations;
use service::prelude::*;

use crate::catalogue::images::{self, Image};
use crate::instance::describe::time;
use crate::kind;
use crate::resource::{self, any, resource};
use crate::setting::allowed_images::{self, Rule};

pub mod ancestry;
pub mod attribute;
pub mod copy;
pub mod create;
pub mod deregister;
pub mod describe;
mod devices;
pub mod fast_launch;
mod filters;
pub mod finding;
pub mod lifecycle;
pub mod name;
pub mod parameter;
mod permission;
mod record;
pub mod reference;
pub mod register;
pub mod store;
#[cfg(test)]
pub(crate) mod tests;
pub mod usage_report;
pub mod watermark;

pub use fast_launch::FastLaunch;
pub use finding::ImageFindings;
pub(crate) use name::check as name_must_be_free;
pub use record::{AccountImage, DeregisteredImage, Grantee, MAKING_SECONDS, Protection};
pub use store::StoredImage;
pub use usage_report::ImageUsageReport;

operations! { Ec2;
    AttachImageWatermark => write(watermark::attach) authorize(watermark::to_attach),
    CancelImageLaunchPermission => write(attribute::cancel) authorize(attribute::to_cancel),
    CopyImage => write(copy::copy) authorize(copy::to_copy),
    CreateImage => write(create::create) authorize(create::to_create),
    CreateImageUsageReport => write(usage_report::create) authorize(usage_report::to_create) check(usage_report::check),
    CreateRestoreImageTask => write(store::restore) authorize(store::to_restore),
    CreateStoreImageTask => write(store::store) authorize(store::to_store),
    DeleteImageUsageReport => write(usage_report::delete) authorize(usage_report::to_delete),
    DeregisterImage => write(deregister::deregister) authorize(deregister::to_deregister),
    DescribeImageAttribute => read(attribute::describe) authorize(attribute::to_describe),
    DescribeFastLaunchImages => read(fast_launch::describe) authorize(any),
    DescribeImageReferences => read(reference::describe) authorize(any) check(reference::check) scan(),
    DescribeImageUsageReportEntries => read(usage_report::entries) authorize(any),
    DescribeImageUsageReports => read(usage_report::describe) authorize(any),
    DescribeImages => read(describe::describe) authorize(any) scan(),
    DescribeStoreImageTasks => read(store::describe) authorize(any),
    DetachImageWatermark => write(watermark::detach) authorize(watermark::to_detach),
    DisableFastLaunch => write(fast_launch::disable) authorize(fast_launch::to_disable),
    DisableImage => write(lifecycle::disable) authorize(lifecycle::to_change),
    DisableImageDeprecation => write(lifecycle::disable_deprecation) authorize(lifecycle::to_change),
    DisableImageDeregistrationProtection => write(lifecycle::disable_protection) authorize(lifecycle::to_change),
    EnableFastLaunch => write(fast_launch::enable) authorize(fast_launch::to_enable) check(fast_launch::check),
    EnableImage => write(lifecycle::enable) authorize(lifecycle::to_change),
    EnableImageDeprecation => write(lifecycle::enable_deprecation) authorize(lifecycle::to_change),
    EnableImageDeregistrationProtection => write(lifecycle::enable_protection) authorize(lifecycle::to_change),
    GetImageAncestry => read(ancestry::get) authorize(ancestry::to_get),
    GetImageFindings => read(finding::get) authorize(finding::to_get),
    ModifyImageAttribute => write(attribute::modify) authorize(attribute::to_modify),
    RegisterImage => write(register::register) authorize(register::to_register),
    ReplaceImageInstanceTypeSpecification => write(watermark::replace) authorize(watermark::to_replace),
    ResetImageAttribute => write(attribute::reset) authorize(attribute::to_reset),
}

resource!(AccountImage, kind::IMAGE, {
    fn keys(&self, cx: &Cx, world: &World, check: Check) -> Check {
        keys(&seen(cx, world, self), check)
    }
});

/// An image as the caller's account sees it now.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Found {
    /// One of the catalogue.
    Public(&'static Image),
    /// One that an account made, or one of the catalogue with something to tell.
    Made(Box<Image>),
}

impl Deref for Found {
    type Target = Image;

    fn deref(&self) -> &Image {
        match self {
            Found::Public(image) => image,
            Found::Made(image) => image,
        }
    }
}

impl Shaped for Found {
    fn fields() -> Option<&'static [wire::FieldDef]> {
        Image::fields()
    }
}

/// The image of the request's region with that id, if the caller's account may launch it.
pub fn find(cx: &Cx, world: &World, id: &str) -> Option<Found> {
    find_in(cx, world, cx.region_name(), id)
}

/// The same in another region.
pub fn find_in(cx: &Cx, world: &World, region: &str, id: &str) -> Option<Found> {
    let made = world.one::<AccountImage>(AccountImage::BY_ID, &[region, id]);
    let made =
        made.filter(|image| may_launch(cx, world, image)).map(|image| Found::Made(Box::new(seen(cx, world, image))));
    let found = made.or_else(|| images::by_id(region, id).map(Found::Public))?;
    let hidden = region == cx.region_name() && allowed_images::rule(cx, world).hides(cx, &found);
    (!hidden).then_some(found)
}

/// The image, or the error that its absence has.
pub fn get(cx: &Cx, world: &World, id: &str) -> Result<Found, ApiError> {
    kind::IMAGE.well_formed(id)?;
    find(cx, world, id).ok_or_else(|| missing(cx, world, id))
}

/// An image of the caller's own. One that it can see and does not own is AuthFailure.
pub fn own(cx: &Cx, world: &World, id: &str) -> Result<Arc<AccountImage>, ApiError> {
    kind::IMAGE.well_formed(id)?;
    match resource::look_up::<AccountImage>(world, cx, id) {
        Some(image) => Ok(image),
        None if find(cx, world, id).is_some() => {
            Err(ApiError::new("AuthFailure", format!("Not authorized for image:{id}")))
        }
        None => Err(missing(cx, world, id)),
    }
}

/// An image that was deregistered a while ago is not available; any other is not there.
pub fn missing(cx: &Cx, world: &World, id: &str) -> ApiError {
    match was_deregistered(cx, world, id) {
        true => ApiError::new("InvalidAMIID.Unavailable", format!("The image ID '{id}' is no longer available")),
        false => kind::IMAGE.not_found(&[id]),
    }
}

/// Why the caller's account cannot launch an image that [`find`] does not find. Launches tell of images that are another's
/// (<https://github.com/Orange-Cyberdefense/GOAD/issues/304>), where others say that there is none.
pub fn not_launchable(cx: &Cx, world: &World, id: &str) -> ApiError {
    match is_of_another(cx, world, id) {
        true => ApiError::new("AuthFailure", format!("Not authorized for images: [{id}]")),
        false => missing(cx, world, id),
    }
}

/// Whether the image is another account's that does not share it.
fn is_of_another(cx: &Cx, world: &World, id: &str) -> bool {
    let made = world.one::<AccountImage>(AccountImage::BY_ID, &[cx.region_name(), id]);
    made.is_some_and(|image| !may_launch(cx, world, image))
}

/// Whether the caller's account deregistered that image a while ago.
fn was_deregistered(cx: &Cx, world: &World, id: &str) -> bool {
    let held = world.get::<DeregisteredImage>(&[cx.account().as_str(), cx.region_name(), id]);
    held.is_some_and(|held| held.is_remembered_at(cx.now))
}

/// The image with that id whoever may launch it, also once it was deregistered; with whether the caller's account is allowed to.
pub fn known(cx: &Cx, world: &World, region: &str, id: &str) -> Option<Image> {
    let made = || world.one::<AccountImage>(AccountImage::BY_ID, &[region, id]).map(|image| seen(cx, world, image));
    let gone =
        || world.one::<DeregisteredImage>(DeregisteredImage::BY_ID, &[region, id]).map(|gone| gone.facts.clone());
    let image = images::by_id(region, id).cloned().or_else(made).or_else(gone)?;
    let allowed = allowed_images::rule(cx, world).allowed(cx, &image);
    Some(Image { image_allowed: Some(allowed.unwrap_or(true)), ..image })
}

/// By which names an image can have been shared with the caller's account: its own, that of everybody, and what it is in of its organisation.
fn grants(cx: &Cx, world: &World) -> Vec<String> {
    let path = service::Organization::of(world).and_then(|organization| organization.path(cx.account()));
    let above = path.iter().flat_map(|path| path.split('/')).filter(|id| !id.is_empty()).map(str::to_owned);
    [cx.account().to_string(), record::EVERYBODY.to_owned()].into_iter().chain(above).collect()
}

fn may_launch(cx: &Cx, world: &World, image: &AccountImage) -> bool {
    let shared = || {
        let grants = grants(cx, world);
        image.permissions.iter().any(|grantee| grants.iter().any(|grant| grant == grantee.key()))
    };
    image.account == cx.account() || shared()
}

/// The image as it is now. Its tags are the owner's alone, but for those made to be shared.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html>
fn seen(cx: &Cx, _: &World, image: &AccountImage) -> Image {
    let states = cx.settings.states;
    let own = image.account == cx.account();
    let tags: Vec<Tag> = image.tags.iter().filter(|tag| own || is_shared(tag)).cloned().collect();
    Image {
        state: image.state(cx.now, states).to_owned(),
        public: image.is_public(),
        deprecation_time: image.deprecated_at.map(time),
        deregistration_protection: Some(image.protection.word().to_owned()),
        last_launched_time: image.last_launched_at(cx.now, states).filter(|_| own).map(time),
        tags: resource::tags_out(&tags),
        ..image.facts.clone()
    }
}

/// Whether accounts that an image is shared with see the tag.
fn is_shared(tag: &Tag) -> bool {
    tag.key.starts_with("ec2:SharedTag/")
}

/// The operation's own action on that image.
pub fn check_on(cx: &Cx, world: &World, id: &str) -> Check {
    check_of(cx, id, find(cx, world, id).as_deref())
}

/// The same with the image at hand.
pub fn check_of(cx: &Cx, id: &str, image: Option<&Image>) -> Check {
    let check = Check::on(kind::IMAGE.arn(cx, id));
    match image {
        Some(image) => whose(cx, image, keys(image, check)),
        None => check.key("ec2:ImageID", id),
    }
}

/// Who owns it, and its tags where that is the caller.
fn whose(cx: &Cx, image: &Image, check: Check) -> Check {
    match image.owner_id.parse::<AccountId>() {
        Ok(owner) if owner == cx.account() => check.tagged(image.tags.as_deref().unwrap_or_default()),
        Ok(owner) => check.shared_by(owner),
        Err(_) => check,
    }
}

fn keys(image: &Image, check: Check) -> Check {
    check
        .key("ec2:ImageID", image.image_id.as_str())
        .key("ec2:ImageType", image.image_type.as_str())
        .key("ec2:Owner", image.image_owner_alias.as_deref().unwrap_or(&image.owner_id))
        .key("ec2:Public", image.public.to_string())
        .key("ec2:RootDeviceType", image.root_device_type.as_str())
}

/// The images that are made of that snapshot.
pub fn made_of<'w>(
    world: &'w World,
    region: &str,
    snapshot_id: &str,
) -> impl Iterator<Item = &'w Arc<AccountImage>> + use<'w> {
    world.by::<AccountImage>(AccountImage::BY_SNAPSHOT, &[region, snapshot_id])
}

/// Remembers that the image was launched. Images of the catalogue don't.
pub fn note_launch(cx: &Cx, tx: &mut Tx, image: &Image) {
    tx.update::<AccountImage>(&[&image.owner_id, cx.region_name(), &image.image_id], |it| {
        // What was told already stays told until this launch is.
        let told = it.last_launched_at(cx.now, cx.settings.states);
        let [last, _] = it.launched_at;
        it.launched_at = [Some(cx.now), told.or(last)];
    });
}

/// What the caller's account is told of an image while it looks at many.
struct Lens<'w> {
    cx: &'w Cx,
    world: &'w World,
    rule: Rule,
}

impl<'w> Lens<'w> {
    fn new(cx: &'w Cx, world: &'w World) -> Lens<'w> {
        Lens { cx, world, rule: allowed_images::rule(cx, world) }
    }

    /// The image as it is shown; nothing if the account's settings hide it.
    fn show(&self, found: Found) -> Option<Found> {
        match self.rule.allowed(self.cx, &found) {
            None => Some(found),
            Some(_) if self.rule.hides(self.cx, &found) => None,
            Some(allowed) => Some(Found::Made(Box::new(Image { image_allowed: Some(allowed), ..(*found).clone() }))),
        }
    }

    fn made(&self, image: &AccountImage) -> Option<Found> {
        self.show(Found::Made(Box::new(seen(self.cx, self.world, image))))
    }
}
