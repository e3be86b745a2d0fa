//! GetImageAncestry: of what an image was made, back to the first.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-ancestry.html>

use service::prelude::*;

use super::known;
use crate::catalogue::images::Image;

/// `GetImageAncestryRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetImageAncestry {
    pub image_id: String,
    pub dry_run: Option<bool>,
}

/// `GetImageAncestryResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Ancestry {
    pub image_ancestry_entries: Vec<EntryOut>,
}

/// `ImageAncestryEntry`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct EntryOut {
    pub creation_date: Option<Timestamp>,
    pub image_id: String,
    pub image_owner_alias: Option<String>,
    pub source_image_id: Option<String>,
    pub source_image_region: Option<String>,
}

/// GetImageAncestry on the image.
pub fn to_get(cx: &Cx, world: &World, input: &GetImageAncestry) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.image_id)]
}

/// The image and what it comes from, one after the other, as far as that is known.
pub fn get(cx: &Cx, world: &World, input: &GetImageAncestry) -> Result<Ancestry, ApiError> {
    let first = (*super::get(cx, world, &input.image_id)?).clone();
    let source = |image: &Image| {
        let (region, id) = (image.source_image_region.as_deref()?, image.source_image_id.as_deref()?);
        known(cx, world, region, id)
    };
    let line = std::iter::successors(Some(first), source);
    Ok(Ancestry { image_ancestry_entries: line.map(entry).collect() })
}

fn entry(image: Image) -> EntryOut {
    EntryOut {
        creation_date: image.creation_date.parse().ok(),
        image_id: image.image_id,
        image_owner_alias: image.image_owner_alias,
        source_image_id: image.source_image_id,
        source_image_region: image.source_image_region,
    }
}
