//! DescribeImages. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html>
//!
//! An account sees its own images, those shared with it, and all public ones; less those its settings do not allow.

use service::filters::Filter;
use service::paging;
use service::prelude::*;

use super::filters::FIELDS;
use super::record::EVERYBODY;
use super::{AccountImage, Found, Grantee, Lens, grants, is_of_another, was_deregistered};
use crate::catalogue::images::{self, Image};
use crate::kind;
use crate::refused;

/// `DescribeImagesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeImages {
    pub executable_users: Option<Vec<String>>,
    pub image_ids: Option<Vec<String>>,
    pub owners: Option<Vec<String>>,
    pub include_deprecated: Option<bool>,
    pub include_disabled: Option<bool>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeImagesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Images {
    pub images: Vec<Found>,
    pub next_token: Option<String>,
}

/// Images that pass owners, launch permission and filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeImages) -> Result<Images, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let ids = input.image_ids.as_deref().unwrap_or_default();
    if !ids.is_empty() && input.max_results.is_some() {
        return Err(crate::refused::not_together("imageIdsSet", "maxResults"));
    }
    if let Some(small) = input.max_results.filter(|most| *most < 5) {
        let message = format!("Invalid value '{small}' for maxResults. Expecting a value greater than 5.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let lens = Lens::new(cx, world);
    let mut found = match ids {
        [] => visible(&lens),
        ids => named(&lens, ids)?,
    };
    // An id asked for is answered even if the image is deprecated; owners always see theirs.
    let deprecated_too = input.include_deprecated == Some(true) || !ids.is_empty();
    let disabled_too = input.include_disabled == Some(true);
    let users = Users::new(cx, world, input.executable_users.as_deref().unwrap_or_default());
    found.retain(|image| {
        (deprecated_too || is_own(cx, image) || !is_deprecated(cx, image))
            && (disabled_too || image.state != "disabled")
            && owned(cx, image, input.owners.as_deref().unwrap_or_default())
            && users.may_launch(cx, world, image)
            && chosen.admit(image)
    });
    let scope = format!(
        "images {:?} {:?} {:?} {deprecated_too} {disabled_too}",
        input.filters, input.owners, input.executable_users
    );
    let page =
        paging::ec2(&scope, input.next_token.as_deref(), input.max_results, found, |image| image.image_id.clone())?;
    Ok(Images { images: page.items, next_token: page.next })
}

/// All that the account can see, in the order of their ids.
fn visible(lens: &Lens<'_>) -> Vec<Found> {
    let (cx, world) = (lens.cx, lens.world);
    let own = world.scan::<AccountImage>(&[cx.account().as_str(), cx.region_name()]);
    let mut found: Vec<Found> = own.filter_map(|image| lens.made(image)).collect();
    for grant in grants(cx, world) {
        let shared = world.by::<AccountImage>(AccountImage::BY_GRANTEE, &[cx.region_name(), &grant]);
        found.extend(shared.filter_map(|image| lens.made(image)));
    }
    found.extend(images::images(cx.region_name()).iter().filter_map(|image| lens.show(Found::Public(image))));
    sorted(found)
}

fn sorted(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by(|a, b| a.image_id.cmp(&b.image_id));
    found.dedup_by(|a, b| a.image_id == b.image_id);
    found
}

/// Those named. What was deregistered a while ago, and what another account does not share, is passed over in silence, as AWS does.
fn named(lens: &Lens<'_>, ids: &[String]) -> Result<Vec<Found>, ApiError> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for id in ids {
        if id.is_empty() {
            return Err(refused::missing("ImageId"));
        }
        kind::IMAGE.well_formed(id)?;
        match super::find(lens.cx, lens.world, id) {
            Some(image) => found.extend(lens.show(image)),
            None if was_deregistered(lens.cx, lens.world, id) || is_of_another(lens.cx, lens.world, id) => {}
            None => missing.push(id.as_str()),
        }
    }
    if !missing.is_empty() {
        return Err(kind::IMAGE.not_found(&missing));
    }
    Ok(sorted(found))
}

fn is_own(cx: &Cx, image: &Image) -> bool {
    image.owner_id == cx.account().as_str()
}

fn is_deprecated(cx: &Cx, image: &Image) -> bool {
    let at = image.deprecation_time.as_deref().and_then(|text| text.parse::<Timestamp>().ok());
    at.is_some_and(|at| at <= cx.now)
}

/// `Owners`: account ids, aliases, or `self`. No owners: anyone's.
fn owned(cx: &Cx, image: &Image, owners: &[String]) -> bool {
    owners.is_empty()
        || owners.iter().any(|owner| match owner.as_str() {
            "self" => is_own(cx, image),
            owner => image.owner_id == owner || image.image_owner_alias.as_deref() == Some(owner),
        })
}

/// `ExecutableUsers`: with whom images must be shared: `all` is everybody, `self` the caller's account and what it is in, else one account by its id.
struct Users {
    any: bool,
    all: bool,
    names: Vec<String>,
}

impl Users {
    fn new(cx: &Cx, world: &World, users: &[String]) -> Users {
        let own = |user: &str| user == "self" || user == cx.account().as_str();
        let mut names: Vec<String> = users.iter().filter(|user| user.as_str() != EVERYBODY).cloned().collect();
        if users.iter().any(|user| own(user)) {
            names.extend(grants(cx, world).into_iter().filter(|grant| grant != EVERYBODY));
        }
        Users { any: users.is_empty(), all: users.iter().any(|user| user == EVERYBODY), names }
    }

    fn may_launch(&self, cx: &Cx, world: &World, image: &Image) -> bool {
        self.any || (self.all && image.public) || {
            let made = world.one::<AccountImage>(AccountImage::BY_ID, &[cx.region_name(), &image.image_id]);
            let shared = |grantee: &Grantee| self.names.iter().any(|name| name == grantee.key());
            made.is_some_and(|made| made.permissions.iter().any(shared))
        }
    }
}
