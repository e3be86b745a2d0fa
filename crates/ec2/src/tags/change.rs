//! CreateTags and DeleteTags: on any resources, up to a thousand at once; one that cannot be changed leaves all as they were.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html>

use service::prelude::*;
use service::tags::{MOST, merge, same_key};

use super::registry::{self, Tagged};
use super::{check_key, check_tags, invalid, is_reserved, too_many};
use crate::instance::{Instance, metadata_options};
use crate::kind;
use crate::resource;

/// How many resources one request may name.
const MOST_RESOURCES: usize = 1000;

/// `CreateTagsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateTags {
    pub resources: Vec<String>,
    pub tags: Vec<Tag>,
    pub dry_run: Option<bool>,
}

/// `DeleteTagsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteTags {
    pub resources: Vec<String>,
    #[serde(default)]
    pub tags: Vec<Unwanted>,
    pub dry_run: Option<bool>,
}

/// A tag to be removed: whatever its value when none is given; an empty value takes only a tag with an empty value.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Unwanted {
    #[serde(default)]
    pub key: String,
    pub value: Option<String>,
}

/// CreateTags on every resource, with the tags as request tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateTags) -> Vec<Check> {
    input.resources.iter().map(|id| check_on(cx, world, id).request_tags(&input.tags)).collect()
}

/// More tags than any resource may carry are refused before a check is made of them for every resource.
pub fn check_create(_: &Cx, _: &World, input: &CreateTags) -> Result<(), ApiError> {
    if input.tags.len() > MOST { Err(too_many()) } else { Ok(()) }
}

/// DeleteTags on every resource, with the keys.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteTags) -> Vec<Check> {
    let keys: Vec<String> = input.tags.iter().map(|tag| tag.key.clone()).collect();
    input.resources.iter().map(|id| check_on(cx, world, id).tag_keys(&keys)).collect()
}

/// A resource of a kind that nobody here knows still has an ARN of some kind; `*` stands for it.
fn check_on(cx: &Cx, world: &World, id: &str) -> Check {
    match (registry::of_id(id), kind::of_id(id)) {
        (Some(tagged), _) => (tagged.check)(cx, world, id),
        (None, Some(kind)) => Check::on(kind.arn(cx, id)),
        (None, None) => Check::on(service::arn::ec2(cx.partition(), cx.region_name(), cx.account().as_str(), "*", id)),
    }
}

/// Adds tags, or gives existing ones another value.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateTags) -> Result<Done, ApiError> {
    check_tags(&input.tags)?;
    for (id, tagged) in found(cx, tx, &input.resources)? {
        let mut tags = (tagged.tags)(tx, cx, id).unwrap_or_default();
        merge(&mut tags, &input.tags, same_key);
        super::must_be_few(&tags)?;
        if let Some(instance) = resource::look_up::<Instance>(tx, cx, id) {
            metadata_options::tags_must_fit(&instance.metadata, &input.tags)?;
        }
        (tagged.change)(tx, cx, id, &mut |held| held.clone_from(&tags));
    }
    Ok(Done {})
}

/// Removes tags; without any named, all but those AWS itself sets. A tag that is not there is no error.
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteTags) -> Result<Done, ApiError> {
    input.tags.iter().try_for_each(|tag| check_key(&tag.key))?;
    for (id, tagged) in found(cx, tx, &input.resources)? {
        (tagged.change)(tx, cx, id, &mut |held| held.retain(|tag| stays(tag, &input.tags)));
    }
    Ok(Done {})
}

fn stays(tag: &Tag, unwanted: &[Unwanted]) -> bool {
    if unwanted.is_empty() {
        return is_reserved(&tag.key);
    }
    !unwanted.iter().any(|it| it.key == tag.key && it.value.as_ref().is_none_or(|value| *value == tag.value))
}

/// Every resource with its kind; the first that does not exist is the error.
fn found<'a>(cx: &Cx, world: &World, ids: &'a [String]) -> Result<Vec<(&'a str, Tagged)>, ApiError> {
    if ids.len() > MOST_RESOURCES {
        return Err(invalid(format!("The maximum number of resources is {MOST_RESOURCES}.")));
    }
    ids.iter().map(|id| Ok((id.as_str(), one(cx, world, id)?))).collect()
}

fn one(cx: &Cx, world: &World, id: &str) -> Result<Tagged, ApiError> {
    let not_valid = || ApiError::new("InvalidID", format!("The ID '{id}' is not valid"));
    let kind = kind::of_id(id).ok_or_else(not_valid)?;
    let tagged = registry::of_id(id).ok_or_else(|| kind.not_found(&[id]))?;
    (tagged.tags)(world, cx, id).map(|_| tagged).ok_or_else(|| kind.not_found(&[id]))
}
