//! What an owner can do with an image while it exists: disable it, deprecate it, protect it from being deregistered.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/disable-an-ami.html>

use jiff::{SignedDuration, Timestamp, Unit};
use service::prelude::*;

use super::{AccountImage, Protection};
use crate::resource;

/// `DisableImageRequest`, and those of the operations that take nothing else.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ChangeImage {
    pub image_id: String,
    pub dry_run: Option<bool>,
}

/// `EnableImageDeprecationRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct EnableImageDeprecation {
    pub image_id: String,
    pub deprecate_at: Timestamp,
    pub dry_run: Option<bool>,
}

/// `EnableImageDeregistrationProtectionRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct EnableImageDeregistrationProtection {
    pub image_id: String,
    pub with_cooldown: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `DisableImageResult`, and its like.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub r#return: bool,
}

/// `EnableImageDeregistrationProtectionResult`, and that of Disable: the protection there is now.
#[derive(Debug, Serialize, Shaped)]
pub struct Protected {
    pub r#return: String,
}

/// A request that names an image.
pub trait Named {
    fn image_id(&self) -> &str;
}

macro_rules! named {
    ($($request:ty),*) => { $( impl Named for $request { fn image_id(&self) -> &str { &self.image_id } } )* };
}

named!(ChangeImage, EnableImageDeprecation, EnableImageDeregistrationProtection);

/// The operation on the image.
pub fn to_change<I: Named>(cx: &Cx, world: &World, input: &I) -> Vec<Check> {
    vec![super::check_on(cx, world, input.image_id())]
}

fn change(cx: &Cx, tx: &mut Tx, id: &str, change: impl FnOnce(&mut AccountImage)) -> Result<Changed, ApiError> {
    let image = super::own(cx, tx, id)?;
    resource::update::<AccountImage>(tx, cx, &image.id, change);
    Ok(Changed { r#return: true })
}

/// Nobody can launch it, and whoever it was shared with loses it.
pub fn disable(cx: &Cx, tx: &mut Tx, input: &ChangeImage) -> Result<Changed, ApiError> {
    let image = super::own(cx, tx, &input.image_id)?;
    must_be(cx, &image, "available")?;
    change(cx, tx, &input.image_id, |it| {
        it.disabled = true;
        it.permissions.clear();
    })
}

/// It can be launched again by its owner, and shared anew.
pub fn enable(cx: &Cx, tx: &mut Tx, input: &ChangeImage) -> Result<Changed, ApiError> {
    let image = super::own(cx, tx, &input.image_id)?;
    must_be(cx, &image, "disabled")?;
    change(cx, tx, &input.image_id, |it| it.disabled = false)
}

fn must_be(cx: &Cx, image: &AccountImage, wanted: &str) -> Result<(), ApiError> {
    if image.state(cx.now, cx.settings.states) == wanted {
        return Ok(());
    }
    Err(ApiError::new("IncorrectState", format!("The image '{}' is not in '{wanted}' state.", image.id)))
}

/// Says from when on it is deprecated, to the minute.
pub fn enable_deprecation(cx: &Cx, tx: &mut Tx, input: &EnableImageDeprecation) -> Result<Changed, ApiError> {
    let image = super::own(cx, tx, &input.image_id)?;
    let at = input.deprecate_at;
    if at <= cx.now {
        return Err(out_of_bounds(at, "The deprecation time must be in the future."));
    }
    let days = |days: i64| SignedDuration::from_hours(days * 24);
    if image.is_public() && at.duration_since(image.created_at) > days(2 * 365 + 1) {
        return Err(out_of_bounds(
            at,
            "The deprecation time of a public image must be within 2 years of its creation.",
        ));
    }
    if at.duration_since(cx.now) > days(10 * 365 + 3) {
        return Err(out_of_bounds(at, "The deprecation time must be within 10 years."));
    }
    change(cx, tx, &input.image_id, |it| it.deprecated_at = Some(at.round(Unit::Minute).unwrap_or(at)))
}

fn out_of_bounds(at: Timestamp, why: &str) -> ApiError {
    ApiError::new("InvalidParameterValue", format!("Value ({at}) for parameter deprecateAt is invalid. {why}"))
}

/// Takes the deprecation back, past or to come.
pub fn disable_deprecation(cx: &Cx, tx: &mut Tx, input: &ChangeImage) -> Result<Changed, ApiError> {
    change(cx, tx, &input.image_id, |it| it.deprecated_at = None)
}

/// It cannot be deregistered until the protection is taken away, or a day later.
pub fn enable_protection(
    cx: &Cx,
    tx: &mut Tx,
    input: &EnableImageDeregistrationProtection,
) -> Result<Protected, ApiError> {
    protect(cx, tx, &input.image_id, Protection::On { cooldown: input.with_cooldown == Some(true) })
}

/// Takes the protection away; one with cooldown goes on for a day.
pub fn disable_protection(cx: &Cx, tx: &mut Tx, input: &ChangeImage) -> Result<Protected, ApiError> {
    let image = super::own(cx, tx, &input.image_id)?;
    let left = match image.protection {
        Protection::On { cooldown: true } => Protection::Cooling { since: cx.now },
        Protection::On { cooldown: false } => Protection::Off,
        held @ (Protection::Off | Protection::Cooling { .. }) => held,
    };
    protect(cx, tx, &input.image_id, left)
}

fn protect(cx: &Cx, tx: &mut Tx, id: &str, protection: Protection) -> Result<Protected, ApiError> {
    change(cx, tx, id, |it| it.protection = protection)?;
    Ok(Protected { r#return: protection.word().to_owned() })
}
