//! Pages of a list: IAM's `Marker`/`MaxItems` and EC2's `NextToken`/`MaxResults`.
//!
//! A token names the last item given by its sort key, not by position, so it stays right while the list changes. It is bound to what is
//! listed; a token of another list is refused. A key that is too long for a token stands in it by its beginning and its digest.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

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
    Ok(match after {
        None => first(scope, size, items, sort_key),
        Some(After::Key(after)) => {
            let rest = items.into_iter().filter(|item| sort_key(item) > after);
            first(scope, size, rest, &sort_key)
        }
        Some(After::Long(after)) => {
            let items: Vec<T> = items.into_iter().collect();
            let begun = after.get(..LONG_BEGINNING).unwrap_or_default();
            let last = items.iter().position(|item| long(&sort_key(item)).as_ref() == Some(&after));
            let from =
                last.map_or_else(|| items.partition_point(|item| sort_key(item).as_bytes() <= begun), |last| last + 1);
            first(scope, size, items.into_iter().skip(from), sort_key)
        }
    })
}

fn first<T>(scope: &str, size: usize, items: impl IntoIterator<Item = T>, sort_key: impl Fn(&T) -> String) -> Page<T> {
    let mut rest = items.into_iter();
    let page: Vec<T> = rest.by_ref().take(size.max(1)).collect();
    let more = rest.next().is_some();
    let next = page.last().filter(|_| more).map(|last| write_token(scope, &sort_key(last)));
    Page { items: page, next }
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

/// Pages of fewer than five are refused, even where the model leaves the size open.
pub fn must_be_enough(max_results: Option<i64>) -> Result<(), ApiError> {
    let Some(size) = max_results.filter(|size| *size < 5) else { return Ok(()) };
    let message = format!("Value ( {size} ) for parameter maxResults is invalid. Expecting a value greater than 5.");
    Err(ApiError::new("InvalidParameterValue", message))
}

/// After which item a page begins.
enum After {
    /// The one with that key, or where it would be.
    Key(String),
    /// The one whose key this is the short form of; if it is gone, what begins as it did: some may come again, but none is lost.
    Long(Vec<u8>),
}

/// The longest key that stands in a token as it is: IAM's markers have at most 320 characters, which are four for three bytes.
const LONGEST_KEY: usize = 320 / 4 * 3 - MARK;
/// Bytes of the fingerprint before the key.
const MARK: usize = 8;
/// Bytes of a long key before its digest.
const LONG_BEGINNING: usize = 128;
/// No text holds this byte, so no key begins so.
const IS_LONG: u8 = 0xff;

/// The short form of a key that is too long: its first bytes and its digest.
fn long(key: &str) -> Option<Vec<u8>> {
    let begun = key.as_bytes().get(..LONG_BEGINNING).filter(|_| key.len() > LONGEST_KEY)?;
    Some([begun, digest(&SHA256, key.as_bytes()).as_ref()].concat())
}

fn write_token(scope: &str, key: &str) -> String {
    let mark = format!("{:08x}", fingerprint(scope)).into_bytes();
    URL_SAFE_NO_PAD.encode(match long(key) {
        None => [&mark, key.as_bytes()].concat(),
        Some(short) => [&mark, [IS_LONG].as_slice(), &short].concat(),
    })
}

/// Whether that is a token, be it of this list or another.
pub fn is_token(text: &str) -> bool {
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    bytes.get(..MARK).is_some_and(|mark| mark.iter().all(u8::is_ascii_hexdigit))
}

fn read_token(scope: &str, token: &str) -> Result<After, BadToken> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| BadToken)?;
    let (mark, key) = bytes.split_at_checked(MARK).ok_or(BadToken)?;
    if mark != format!("{:08x}", fingerprint(scope)).as_bytes() {
        return Err(BadToken);
    }
    match key.split_first() {
        Some((&IS_LONG, short)) => Ok(After::Long(short.to_owned())),
        _ => String::from_utf8(key.to_owned()).map(After::Key).map_err(|_| BadToken),
    }
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

    /// Keys of many letters that differ at the end alone, and one in other letters: a token may end within one.
    fn long_names() -> Vec<String> {
        let begun = "n".repeat(600);
        let mut names: Vec<String> = (0..5).map(|number| format!("{begun}{number}")).collect();
        names.extend([
            "n".repeat(LONGEST_KEY),
            "n".repeat(LONGEST_KEY + 1),
            "é".repeat(300),
            format!("o{}", "é".repeat(300)),
        ]);
        names.sort();
        names
    }

    #[test]
    fn a_long_key_makes_no_long_token() {
        let (mut seen, mut token) = (Vec::new(), None::<String>);
        loop {
            let page = page("list", token.as_deref(), 1, long_names(), Clone::clone).unwrap();
            seen.extend(page.items);
            token = page.next;
            let Some(token) = &token else { break };
            assert!(token.len() <= 320, "{}", token.len());
        }
        assert_eq!(seen, long_names());
    }

    #[test]
    fn a_long_key_that_is_gone_loses_nothing() {
        let names = long_names();
        let begun = page("list", None, 4, names.clone(), Clone::clone).unwrap();
        let without: Vec<String> = names.iter().filter(|name| **name != begun.items[3]).cloned().collect();
        let rest = page("list", begun.next.as_deref(), 100, without, Clone::clone).unwrap();
        for name in &names[4..] {
            assert!(rest.items.contains(name), "{name}");
        }
    }

    #[test]
    fn foreign_tokens_are_refused() {
        let other = page("other", None, 1, names(3), Clone::clone).unwrap().next.unwrap();
        for token in [other.as_str(), "", "x", "AAAA", "🙂", "%"] {
            assert_eq!(page("list", Some(token), 1, names(3), Clone::clone), Err(BadToken), "{token}");
        }
    }
}
