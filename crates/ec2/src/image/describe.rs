//! DescribeImages. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html>

use service::filters::Filter;
use service::paging;
use service::prelude::*;

use super::filters::FIELDS;
use crate::catalogue::images::{self, Image};
use crate::kind;

/// `DescribeImagesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeImages {
    pub executable_users: Option<Vec<String>>,
    pub image_ids: Option<Vec<String>>,
    pub owners: Option<Vec<String>>,
    pub include_deprecated: Option<bool>,
    /// No image can be disabled yet, so there is none to leave out.
    pub include_disabled: Option<bool>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeImagesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Images {
    pub images: Vec<&'static Image>,
    pub next_token: Option<String>,
}

/// Images that pass owners, launch permission and filters, or those named.
pub fn describe(cx: &Cx, _: &World, input: &DescribeImages) -> Result<Images, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let ids = input.image_ids.as_deref().unwrap_or_default();
    if !ids.is_empty() && input.max_results.is_some() {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            "The parameter imageIdSet cannot be used with the parameter maxResults",
        ));
    }
    let mut found = candidates(cx, ids)?;
    // An id asked for is answered even if the image is deprecated.
    let deprecated_too = input.include_deprecated == Some(true) || !ids.is_empty();
    found.retain(|image| {
        (deprecated_too || !is_deprecated(cx, image))
            && owned(cx, image, input.owners.as_deref().unwrap_or_default())
            && launchable(image, input.executable_users.as_deref().unwrap_or_default())
            && chosen.admit(image)
    });
    let scope = format!("images {:?} {:?} {:?} {deprecated_too}", input.filters, input.owners, input.executable_users);
    let page =
        paging::ec2(&scope, input.next_token.as_deref(), input.max_results, found, |image| image.image_id.clone())?;
    Ok(Images { images: page.items, next_token: page.next })
}

fn candidates(cx: &Cx, ids: &[String]) -> Result<Vec<&'static Image>, ApiError> {
    let mut found = Vec::new();
    if ids.is_empty() {
        found.extend(images::images(cx.region_name()));
    }
    let mut missing = Vec::new();
    for id in ids {
        kind::IMAGE.well_formed(id)?;
        match images::by_id(cx.region_name(), id) {
            Some(image) => found.push(image),
            None => missing.push(id.as_str()),
        }
    }
    if !missing.is_empty() {
        return Err(kind::IMAGE.not_found(&missing));
    }
    found.sort_by(|a, b| a.image_id.cmp(&b.image_id));
    found.dedup_by(|a, b| a.image_id == b.image_id);
    Ok(found)
}

fn is_deprecated(cx: &Cx, image: &Image) -> bool {
    let at = image.deprecation_time.as_deref().and_then(|text| text.parse::<Timestamp>().ok());
    at.is_some_and(|at| at <= cx.now)
}

/// `Owners`: account ids, aliases, or `self`. No owners: anyone's.
fn owned(cx: &Cx, image: &Image, owners: &[String]) -> bool {
    owners.is_empty()
        || owners.iter().any(|owner| match owner.as_str() {
            "self" => image.owner_id == cx.account().as_str(),
            owner => image.owner_id == owner || image.image_owner_alias.as_deref() == Some(owner),
        })
}

/// `ExecutableUsers`: `all` for public images, `self` or an account for those shared with it by name, of which there are none yet.
fn launchable(image: &Image, users: &[String]) -> bool {
    users.is_empty() || (image.public && users.iter().any(|user| user == "all"))
}
