//! Percent and hex encoding as SigV4 wants them: RFC 3986 with upper-case escapes, `%20` and never `+`. The query
//! functions work on raw text, without decoding it into a value of its own on the way.

use std::borrow::Cow;

use crate::Refusal;

const UPPER: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
const LOWER: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];

fn digits(byte: u8, alphabet: &[char; 16]) -> [char; 2] {
    let digit = |nibble: u8| alphabet.get(usize::from(nibble)).copied().unwrap_or('0');
    [digit(byte >> 4), digit(byte & 15)]
}

/// Lower-case hex, two digits per byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| digits(*byte, &LOWER)).collect()
}

/// The bytes of a lower-case hex text. Upper case is nothing that a signer writes, and so no signature.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect()
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn push_encoded(out: &mut String, byte: u8) {
    if is_unreserved(byte) {
        out.push(char::from(byte));
    } else {
        out.push('%');
        out.extend(digits(byte, &UPPER));
    }
}

/// Appends text that is not encoded yet, escaping all but the unreserved characters.
pub(crate) fn encode_into(out: &mut String, text: &str) {
    text.bytes().for_each(|byte| push_encoded(out, byte));
}

/// A name or value of a raw query in its one canonical spelling. A broken escape is taken literally; `check_escapes`
/// has refused it long before.
pub(crate) fn recode(raw: &str) -> Cow<'_, str> {
    if raw.bytes().all(is_unreserved) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len() + 16);
    decoded_bytes(raw).for_each(|byte| push_encoded(&mut out, byte));
    Cow::Owned(out)
}

/// A name or value of a raw query as the text that was meant. Bytes that are no UTF-8 become replacement characters.
pub(crate) fn decode(raw: &str) -> Cow<'_, str> {
    if !raw.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(raw);
    }
    let bytes: Vec<u8> = decoded_bytes(raw).collect();
    Cow::Owned(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// Resolves escapes, and `+` to a space, as AWS reads a query.
fn decoded_bytes(raw: &str) -> impl Iterator<Item = u8> {
    let mut rest = raw.as_bytes();
    std::iter::from_fn(move || {
        let (first, tail) = rest.split_first()?;
        if *first == b'%'
            && let [high, low, after @ ..] = tail
            && let (Some(high), Some(low)) = (nibble(*high), nibble(*low))
        {
            rest = after;
            return Some(high << 4 | low);
        }
        rest = tail;
        Some(if *first == b'+' { b' ' } else { *first })
    })
}

/// Refuses a query with a broken percent escape.
pub(crate) fn check_escapes(query: &str) -> Result<(), Refusal> {
    for (at, _) in query.match_indices('%') {
        let mut digits = query.get(at + 1..).unwrap_or_default().chars();
        let text = match (digits.next(), digits.next()) {
            (Some(high), Some(low)) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => continue,
            (Some(high), Some(low)) => format!("Illegal hex character in escape % pattern: %{high}{low}"),
            _ => "Incomplete trailing escape % sequence".to_owned(),
        };
        return Err(Refusal::MalformedQueryString(text));
    }
    Ok(())
}

/// The pairs of a raw query, still encoded; a name without `=` has an empty value.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}
