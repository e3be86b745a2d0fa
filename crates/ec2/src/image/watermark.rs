//! What an owner writes on an image: watermarks, which go on with every image that is made of it, and the instance types that it is for.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachImageWatermark.html>,
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceImageInstanceTypeSpecification.html>

use service::filters::glob;
use service::prelude::*;

use super::AccountImage;
use crate::catalogue::images::{Image, InstanceTypeItem, InstanceTypeSpecification, Watermark};
use crate::resource;

/// `AttachImageWatermarkRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct AttachImageWatermark {
    pub image_id: String,
    pub watermark_name: String,
    pub dry_run: Option<bool>,
}

/// `AttachImageWatermarkResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Attached {
    pub watermark_key: String,
}

/// `DetachImageWatermarkRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DetachImageWatermark {
    pub image_id: String,
    pub watermark_key: String,
    pub dry_run: Option<bool>,
}

/// `DetachImageWatermarkResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Detached {
    pub r#return: bool,
}

/// `ReplaceImageInstanceTypeSpecificationRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ReplaceImageInstanceTypeSpecification {
    pub image_id: String,
    pub instance_type_specification: Option<SpecificationWish>,
    pub dry_run: Option<bool>,
}

/// `InstanceTypeSpecificationRequest`: names, or patterns.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct SpecificationWish {
    pub supported_instance_types: Option<Vec<String>>,
    pub unsupported_instance_types: Option<Vec<String>>,
}

impl SpecificationWish {
    /// Everything in both lists.
    fn entries(&self) -> impl Iterator<Item = &String> {
        self.supported_instance_types.iter().chain(&self.unsupported_instance_types).flatten()
    }

    fn record(&self) -> InstanceTypeSpecification {
        let items = |names: &Option<Vec<String>>| {
            let names = names.as_ref().filter(|names| !names.is_empty())?;
            Some(names.iter().map(|name| InstanceTypeItem { instance_type: name.clone() }).collect())
        };
        InstanceTypeSpecification {
            supported_instance_types: items(&self.supported_instance_types),
            unsupported_instance_types: items(&self.unsupported_instance_types),
        }
    }
}

/// `ReplaceImageInstanceTypeSpecificationResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Replaced {
    pub return_value: bool,
}

/// AttachImageWatermark on the image.
pub fn to_attach(cx: &Cx, world: &World, input: &AttachImageWatermark) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.image_id)]
}

/// DetachImageWatermark on the image.
pub fn to_detach(cx: &Cx, world: &World, input: &DetachImageWatermark) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.image_id)]
}

/// ReplaceImageInstanceTypeSpecification on the image.
pub fn to_replace(cx: &Cx, world: &World, input: &ReplaceImageInstanceTypeSpecification) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.image_id)]
}

/// Letters, digits and what the operation's page lists. The texts of the refusals are not recorded.
fn check_name(name: &str) -> Result<(), ApiError> {
    let known = |letter: char| letter.is_ascii_alphanumeric() || "()[] ./-'@_".contains(letter);
    if name.chars().all(known) {
        return Ok(());
    }
    let message = format!("Value ({name}) for parameter watermarkName is invalid.");
    Err(ApiError::new("InvalidParameterValue", message))
}

/// Marks an image that is not public. The same mark twice is one.
pub fn attach(cx: &Cx, tx: &mut Tx, input: &AttachImageWatermark) -> Result<Attached, ApiError> {
    check_name(&input.watermark_name)?;
    let image = super::own(cx, tx, &input.image_id)?;
    if image.is_public() {
        let message = format!("The image '{}' is public, and watermarks cannot be added to public AMIs.", image.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let key = format!("{}:{}", cx.account(), input.watermark_name);
    let mark = Watermark {
        watermark_key: key.clone(),
        source_image_region: image.region.clone(),
        source_image_id: image.id.clone(),
        source_image_creation_time: image.created_at,
        watermark_creation_time: cx.now,
    };
    change(cx, tx, &image, |facts| {
        let marks = facts.image_watermarks.get_or_insert_default();
        if marks.iter().all(|held| held.watermark_key != mark.watermark_key) {
            marks.push(mark);
        }
    });
    Ok(Attached { watermark_key: key })
}

/// Takes a mark off, if it is there; images that were made meanwhile keep it.
pub fn detach(cx: &Cx, tx: &mut Tx, input: &DetachImageWatermark) -> Result<Detached, ApiError> {
    let image = super::own(cx, tx, &input.image_id)?;
    change(cx, tx, &image, |facts| {
        let marks = facts.image_watermarks.take().unwrap_or_default();
        let left: Vec<Watermark> = marks.into_iter().filter(|mark| mark.watermark_key != input.watermark_key).collect();
        facts.image_watermarks = (!left.is_empty()).then_some(left);
    });
    Ok(Detached { r#return: true })
}

fn change(cx: &Cx, tx: &mut Tx, image: &AccountImage, change: impl FnOnce(&mut Image)) {
    resource::update::<AccountImage>(tx, cx, &image.id, |it| change(&mut it.facts));
}

/// Says which instance types the image is for, or no more.
pub fn replace(cx: &Cx, tx: &mut Tx, input: &ReplaceImageInstanceTypeSpecification) -> Result<Replaced, ApiError> {
    let image = super::own(cx, tx, &input.image_id)?;
    let wanted = input.instance_type_specification.as_ref().filter(|wanted| wanted.entries().next().is_some());
    wanted.map(check_specification).transpose()?;
    let wanted = wanted.map(SpecificationWish::record);
    change(cx, tx, &image, |facts| facts.instance_type_specification = wanted);
    Ok(Replaced { return_value: true })
}

fn check_specification(wanted: &SpecificationWish) -> Result<(), ApiError> {
    let entries: Vec<&String> = wanted.entries().collect();
    for (position, entry) in entries.iter().enumerate() {
        let known = |letter: char| letter.is_ascii_alphanumeric() || "_.*-".contains(letter);
        let proper = (1..=24).contains(&entry.len()) && entry.chars().all(known) && !entry.contains("**");
        if !proper {
            let message = format!("The instance type '{entry}' is not a valid name or pattern.");
            return Err(ApiError::new("InvalidParameterValue", message));
        }
        if entries.iter().take(position).any(|before| before == entry) {
            let message = format!("The instance type '{entry}' is specified more than once.");
            return Err(ApiError::new("InvalidParameterValue", message));
        }
    }
    Ok(())
}

/// The image must be for the type. The code is documented, the text not.
pub fn must_be_for(image: &Image, type_name: &str) -> Result<(), ApiError> {
    let Some(said) = &image.instance_type_specification else { return Ok(()) };
    let is_one = |items: &Vec<InstanceTypeItem>| items.iter().any(|item| glob(&item.instance_type, type_name));
    let supported = said.supported_instance_types.as_ref().is_none_or(is_one);
    if supported && !said.unsupported_instance_types.as_ref().is_some_and(is_one) {
        return Ok(());
    }
    let message = format!("The instance type '{type_name}' is not compatible with the image '{}'.", image.image_id);
    Err(ApiError::new("InvalidParameterCombination", message))
}
