//! A session's tags: those asked for, and the transitive ones that a role's session hands on to the next in a chain.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>.

use service::prelude::*;
use service::tags::same_key_ignoring_case;

/// What a request wants to set.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub tags: &'a [Tag],
    pub transitive_keys: &'a [String],
}

/// Refuses keys that are there twice, transitive keys without a tag, and tags in place of inherited ones.
pub fn check(cx: &Cx, wanted: Wanted<'_>) -> Result<(), ApiError> {
    no_key_twice(wanted)?;
    if !wanted.transitive_keys.iter().all(|key| has_key(wanted.tags, key)) {
        return invalid("The specified transitive tag key must be included in the requested tags.");
    }
    if inherited(cx).any(|tag| has_key(wanted.tags, &tag.key)) {
        return invalid(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
        );
    }
    if wanted.tags.iter().any(|tag| tag.key.to_lowercase().starts_with("aws:")) {
        // That the prefix is reserved is documented; the words are EC2's, no recording of STS's is known.
        return invalid("Tag keys starting with 'aws:' are reserved for internal use");
    }
    Ok(())
}

/// Refuses keys that are there twice.
pub fn no_key_twice(wanted: Wanted<'_>) -> Result<(), ApiError> {
    let twice = |(position, tag): (usize, &Tag)| has_key(wanted.tags.get(..position).unwrap_or_default(), &tag.key);
    if wanted.tags.iter().enumerate().any(twice) {
        return invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
    Ok(())
}

/// The new session's tags, those asked for first.
pub fn of_session(cx: &Cx, wanted: &[Tag]) -> Vec<Tag> {
    wanted.iter().chain(inherited(cx)).cloned().collect()
}

/// The keys that the new session hands on in its turn.
pub fn transitive_keys(cx: &Cx, wanted: &[String]) -> Vec<String> {
    wanted.iter().chain(inherited(cx).map(|tag| &tag.key)).cloned().collect()
}

/// The tags the calling session hands on.
fn inherited(cx: &Cx) -> impl Iterator<Item = &Tag> {
    cx.caller.session.iter().flat_map(|session| {
        let is_transitive =
            |tag: &&Tag| session.transitive_tag_keys.iter().any(|key| same_key_ignoring_case(key, &tag.key));
        session.tags.iter().filter(is_transitive)
    })
}

fn has_key(tags: &[Tag], key: &str) -> bool {
    tags.iter().any(|tag| same_key_ignoring_case(&tag.key, key))
}

fn invalid(message: &str) -> Result<(), ApiError> {
    Err(ApiError::new("InvalidParameterValue", message))
}
