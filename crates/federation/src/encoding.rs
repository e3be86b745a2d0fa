//! Base 64 as XML documents have it: with line ends and other white space anywhere.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The bytes of a text in base 64; nothing if it is none.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    STANDARD.decode(text).ok()
}
