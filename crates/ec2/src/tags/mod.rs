//! Tags: those a request gives to what it creates (here), and CreateTags, DeleteTags and DescribeTags over all kinds ([`operations`]).
//!
//! Tags live in the records they belong to; [`registry`] knows how to reach them by id, whatever the kind.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html>

use service::check::Why;
use service::prelude::*;
use service::tags::MOST;

pub mod change;
pub mod describe;
pub mod registry;
#[cfg(test)]
mod tests;

pub use service::tags::Tag;

service::operations! { Ec2;
    CreateTags => write(change::create) authorize(change::to_create) check(change::check_create),
    DeleteTags => write(change::delete) authorize(change::to_delete),
    DescribeTags => read(describe::describe) authorize(crate::resource::any),
}

/// `TagSpecification`: tags for what the request creates of one resource type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct TagSpecification {
    pub resource_type: Option<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// Tag specifications by resource type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Specified(Vec<(String, Vec<Tag>)>);

impl Specified {
    /// The tags for that resource type; none if it was not specified.
    pub fn of(&self, resource_type: &str) -> &[Tag] {
        self.0.iter().find(|(held, _)| held == resource_type).map(|(_, tags)| tags.as_slice()).unwrap_or_default()
    }
}

/// Sorts specifications by resource type. Whether they may stand is for [`check_specifications`] to say.
pub fn specified(specifications: &[TagSpecification]) -> Specified {
    let entry = |it: &TagSpecification| (it.resource_type.clone().unwrap_or_default(), it.tags.clone());
    Specified(specifications.iter().map(entry).collect())
}

/// Each specification must be for a type that the operation creates, come once, and hold proper tags.
pub fn check_specifications(specifications: &[TagSpecification], creates: &[&str]) -> Result<(), ApiError> {
    for (position, specification) in specifications.iter().enumerate() {
        let unfit = |message: String| ApiError::new(code_of_unfit(creates), message);
        let Some(resource_type) = specification.resource_type.as_deref().filter(|name| !name.is_empty()) else {
            return Err(unfit("Tag specification resource type must have a value".to_owned()));
        };
        if !creates.contains(&resource_type) {
            return Err(unfit(format!("'{resource_type}' is not a valid taggable resource type for this operation.")));
        }
        let before = specifications.iter().take(position);
        if before.into_iter().any(|other| other.resource_type == specification.resource_type) {
            return Err(invalid(format!("Duplicate tag specification found for resource type '{resource_type}'.")));
        }
        if specification.tags.is_empty() {
            return Err(invalid("Tag specification must have at least one tag"));
        }
        check_tags(&specification.tags)?;
        if specification.tags.len() > MOST {
            return Err(too_many());
        }
    }
    Ok(())
}

/// The code of a resource type that is missing or another than the operation creates: older operations on networks have one of their own. Quoted
/// for CreateSubnet in <https://github.com/getmoto/moto/pull/6839>, for CreateVpcEndpoint in <https://github.com/jonrau1/SyntheticSun/issues/13>;
/// mulgadc/spinifex recorded CreateVpc, CreateNetworkInterface and the rules of security groups, and the other code for all else it knows.
fn code_of_unfit(creates: &[&str]) -> &'static str {
    match creates {
        ["vpc" | "subnet" | "network-interface" | "vpc-endpoint" | "security-group-rule"] => "InvalidParameter",
        _ => "InvalidParameterValue",
    }
}

/// The tags of the one resource an operation creates, checked.
pub fn of_new(specifications: Option<&[TagSpecification]>, resource_type: &str) -> Result<Vec<Tag>, ApiError> {
    let specifications = specifications.unwrap_or_default();
    check_specifications(specifications, &[resource_type])?;
    Ok(specified(specifications).of(resource_type).to_vec())
}

/// The same without checking, for authorisation.
pub fn requested(specifications: Option<&[TagSpecification]>, resource_type: &str) -> Vec<Tag> {
    specified(specifications.unwrap_or_default()).of(resource_type).to_vec()
}

/// Tags given at creation need ec2:CreateTags on each type of resource that gets some, with `ec2:CreateAction` naming the creating operation.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html>
pub fn tag_on_create_checks(cx: &Cx, specifications: &[TagSpecification], action: &str) -> Vec<Check> {
    let tagging = specifications.iter().filter(|it| !it.tags.is_empty());
    tagging.map(|it| tag_on_create(cx, it.resource_type.as_deref().unwrap_or("*"), &it.tags, action)).collect()
}

fn tag_on_create(cx: &Cx, resource_type: &str, tags: &[Tag], action: &str) -> Check {
    let arn = match crate::kind::all().find(|kind| kind.resource_type == resource_type) {
        Some(kind) => kind.arn_of_new(cx),
        None => service::arn::ec2(cx.partition(), cx.region_name(), cx.account().as_str(), resource_type, "*"),
    };
    let check =
        Check::dependent("ec2:CreateTags", arn).not_created().request_tags(tags).key("ec2:CreateAction", action);
    Check { why: Why::TagOnCreate, ..check }
}

/// Keys and values within their lengths, no reserved prefix, no key twice.
fn check_tags(tags: &[Tag]) -> Result<(), ApiError> {
    for (position, tag) in tags.iter().enumerate() {
        check_key(&tag.key)?;
        if tag.value.chars().count() > 256 {
            return Err(invalid("Tag value exceeds the maximum length of 256 characters"));
        }
        if tags.iter().take(position).any(|before| before.key == tag.key) {
            return Err(invalid(format!("Duplicate tag key '{}' specified.", tag.key)));
        }
    }
    Ok(())
}

fn check_key(key: &str) -> Result<(), ApiError> {
    match key {
        "" => Err(invalid("Tag key cannot be empty")),
        _ if is_reserved(key) => Err(invalid("Tag keys starting with 'aws:' are reserved for internal use")),
        _ if key.chars().count() > 128 => Err(invalid("Tag key exceeds the maximum length of 128 characters")),
        _ => Ok(()),
    }
}

/// `aws:` in any case belongs to AWS.
fn is_reserved(key: &str) -> bool {
    key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

/// The tags of one resource. Those that AWS itself sets do not count.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions>
pub fn must_be_few(tags: &[Tag]) -> Result<(), ApiError> {
    if tags.iter().filter(|tag| !is_reserved(&tag.key)).count() > MOST { Err(too_many()) } else { Ok(()) }
}

fn too_many() -> ApiError {
    ApiError::new("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
}
