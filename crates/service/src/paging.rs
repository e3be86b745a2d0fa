//! Pages of a list: IAM's `Marker`/`MaxItems` and EC2's `NextToken`/`MaxResults`.
//!
//! A token names the last item given by its sort key, not by position, so it stays right while the list changes. It is bound to what is
//! listed; a token of another list is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::ApiError;

/// IAM's page size when none is asked for.
pub const IAM_DEFAULT: usize = 100;

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// IAM's `IsTruncated`.
    pub fn is_truncated(&self) -> bool {
        self.next.is_some()
    }
}

/// Takes a page out of items that come in ascending order of `sort_key`.
///
/// `scope` names the list (operation, account, filters); `token` is what the client sent. A token that was not made for this scope is
/// `Err(BadToken)`.
pub fn page<T>(
    scope: &str,
    token: Option<&str>,
    size: usize,
    items: impl IntoIterator<Item = T>,
    sort_key: impl Fn(&T) -> String,
) -> Result<Page<T>, BadToken> {
    let after = token.map(|token| read_token(scope, token)).transpose()?;
    let mut rest = items.into_iter().filter(|item| after.as_ref().is_none_or(|after| sort_key(item) > *after));
    let page: Vec<T> = rest.by_ref().take(size.max(1)).collect();
    let more = rest.next().is_some();
    let next = page.last().filter(|_| more).map(|last| write_token(scope, &sort_key(last)));
    Ok(Page { items: page, next })
}

/// The token is not one of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadToken;

/// A page of an IAM list: `MaxItems` defaults to 100; a bad marker is a ValidationError.
pub fn iam<T>(
    scope: &str,
    marker: Option<&str>,
    max_items: Option<i64>,
    items: impl IntoIterator<Item = T>,
    sort_key: impl Fn(&T) -> String,
) -> Result<Page<T>, ApiError> {
    let size = max_items.and_then(|size| usize::try_from(size).ok()).unwrap_or(IAM_DEFAULT);
    page(scope, marker, size, items, sort_key).map_err(|_| ApiError::validation("Invalid Marker."))
}

/// A page of an EC2 list: without `MaxResults` everything up to `most` (1,000 unless an operation says otherwise); a bad token is InvalidParameterValue.
pub fn ec2<T>(
    scope: &str,
    next_token: Option<&str>,
    max_results: Option<i64>,
    items: impl IntoIterator<Item = T>,
    sort_key: impl Fn(&T) -> String,
) -> Result<Page<T>, ApiError> {
    let size = max_results.and_then(|size| usize::try_from(size).ok()).unwrap_or(usize::MAX);
    page(scope, next_token, size, items, sort_key)
        .map_err(|_| ApiError::new("InvalidNextToken", "The token is invalid or expired."))
}

fn write_token(scope: &str, key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{:08x}{key}", fingerprint(scope)))
}

fn read_token(scope: &str, token: &str) -> Result<String, BadToken> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| BadToken)?;
    let text = String::from_utf8(bytes).map_err(|_| BadToken)?;
    let (mark, key) = text.split_at_checked(8).ok_or(BadToken)?;
    (mark == format!("{:08x}", fingerprint(scope))).then(|| key.to_owned()).ok_or(BadToken)
}

/// FNV-1a: binds a token to its list. Not a secret, a token gives no access.
fn fingerprint(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("n{number:03}")).collect()
    }

    #[test]
    fn walking_gives_every_item_once() {
        for size in [1, 2, 7, 10, 11] {
            let (mut seen, mut token) = (Vec::new(), None);
            loop {
                let page = page("list", token.as_deref(), size, names(10), Clone::clone).unwrap();
                seen.extend(page.items);
                token = page.next;
                if token.is_none() {
                    break;
                }
            }
            assert_eq!(seen, names(10), "pages of {size}");
        }
    }

    #[test]
    fn a_list_that_shrinks_loses_nothing() {
        let first = page("list", None, 4, names(10), Clone::clone).unwrap();
        let shrunk = names(10).into_iter().skip(4);
        let second = page("list", first.next.as_deref(), 4, shrunk, Clone::clone).unwrap();
        assert_eq!(second.items, ["n004", "n005", "n006", "n007"]);
    }

    #[test]
    fn foreign_tokens_are_refused() {
        let other = page("other", None, 1, names(3), Clone::clone).unwrap().next.unwrap();
        for token in [other.as_str(), "", "x", "AAAA", "🙂", "%"] {
            assert_eq!(page("list", Some(token), 1, names(3), Clone::clone), Err(BadToken), "{token}");
        }
    }
}
