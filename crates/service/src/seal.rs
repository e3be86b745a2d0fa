//! Sealed values: text that only this installation can make and read, bound to what it is for.
//!
//! JSON, deflated where that pays, encrypted and authenticated with ChaCha20-Poly1305. The nonce is a truncated HMAC over plaintext and associated data, so
//! sealing draws no randomness and equal input gives equal output (a misuse-resistant construction in the manner of SIV: the same nonce
//! comes again only with the same plaintext). One changed byte and it does not open.

use std::io::{Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flate2::Compression;
use ring::{aead, hmac};
use serde::{Serialize, de::DeserializeOwned};

use crate::keys::{InstallationKeys, SecretKey};

/// What a sealed value inflates to at most; protects against a bomb that somebody with the key would have had to make.
const MOST_PLAIN_BYTES: u64 = 1 << 20;

/// Seals a value for a purpose; `associated` binds it (an access key id, an instance id). Standard base64.
///
/// Returns `None` only if the value does not serialise, which is a bug of the caller.
pub fn seal<T: Serialize>(keys: &InstallationKeys, key: &SecretKey, associated: &[u8], value: &T) -> Option<String> {
    Some(STANDARD.encode(seal_bytes(keys, key, associated, value)?))
}

/// What a URL-safe text begins with: one that begins with `-` would be an option to a command line.
const FIRST: &str = "m";

/// The same in the URL-safe alphabet without padding, for encoded authorization messages.
pub fn seal_url_safe<T: Serialize>(
    keys: &InstallationKeys,
    key: &SecretKey,
    associated: &[u8],
    value: &T,
) -> Option<String> {
    Some([FIRST, &URL_SAFE_NO_PAD.encode(seal_bytes(keys, key, associated, value)?)].concat())
}

/// Opens what [`seal`] made with the same key and association; `None` for anything else.
pub fn open<T: DeserializeOwned>(key: &SecretKey, associated: &[u8], text: &str) -> Option<T> {
    open_bytes(key, associated, STANDARD.decode(text).ok()?)
}

/// Opens what [`seal_url_safe`] made.
pub fn open_url_safe<T: DeserializeOwned>(key: &SecretKey, associated: &[u8], text: &str) -> Option<T> {
    open_bytes(key, associated, URL_SAFE_NO_PAD.decode(text.strip_prefix(FIRST)?).ok()?)
}

/// HMAC-SHA256, for secrets derived from a token.
pub fn mac(key: &SecretKey, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.bytes()));
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.sign().as_ref());
    bytes
}

/// Shorter texts are sealed as they are: deflating them costs many times the sealing and gains little.
const WORTH_DEFLATING: usize = 1_024;
/// The first byte of what is sealed says which.
const PLAIN: u8 = 0;
const DEFLATED: u8 = 1;

fn packed(json: Vec<u8>) -> Option<Vec<u8>> {
    if json.len() < WORTH_DEFLATING {
        return Some([&[PLAIN], json.as_slice()].concat());
    }
    let mut deflate = flate2::write::DeflateEncoder::new(vec![DEFLATED], Compression::fast());
    deflate.write_all(&json).ok()?;
    deflate.finish().ok()
}

fn unpacked<T: DeserializeOwned>(packed: &[u8]) -> Option<T> {
    match packed.split_first()? {
        (&PLAIN, json) => serde_json::from_slice(json).ok(),
        (&DEFLATED, text) => {
            let mut json = Vec::new();
            flate2::read::DeflateDecoder::new(text).take(MOST_PLAIN_BYTES).read_to_end(&mut json).ok()?;
            serde_json::from_slice(&json).ok()
        }
        _ => None,
    }
}

fn seal_bytes<T: Serialize>(keys: &InstallationKeys, key: &SecretKey, associated: &[u8], value: &T) -> Option<Vec<u8>> {
    let mut text = packed(serde_json::to_vec(value).ok()?)?;
    let nonce = *mac(&keys.nonce, &[&text, associated]).first_chunk::<12>()?;
    cipher(key)?
        .seal_in_place_append_tag(aead::Nonce::assume_unique_for_key(nonce), aead::Aad::from(associated), &mut text)
        .ok()?;
    let mut sealed = nonce.to_vec();
    sealed.append(&mut text);
    Some(sealed)
}

fn open_bytes<T: DeserializeOwned>(key: &SecretKey, associated: &[u8], mut sealed: Vec<u8>) -> Option<T> {
    let nonce = *sealed.first_chunk::<12>()?;
    let text = sealed.get_mut(12..)?;
    let plain = cipher(key)?
        .open_in_place(aead::Nonce::assume_unique_for_key(nonce), aead::Aad::from(associated), text)
        .ok()?;
    unpacked(plain)
}

fn cipher(key: &SecretKey) -> Option<aead::LessSafeKey> {
    Some(aead::LessSafeKey::new(aead::UnboundKey::new(&aead::CHACHA20_POLY1305, key.bytes()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> InstallationKeys {
        InstallationKeys::from_random(&[[1; 32], [2; 32], [3; 32], [4; 32], [5; 32]])
    }

    #[test]
    fn opens_only_unchanged_and_for_its_purpose() {
        let keys = keys();
        let sealed = seal(&keys, &keys.token, b"ASIA1", &vec!["a".to_owned(), "b".to_owned()]).unwrap();
        assert_eq!(open::<Vec<String>>(&keys.token, b"ASIA1", &sealed).unwrap(), ["a", "b"]);
        assert_eq!(open::<Vec<String>>(&keys.token, b"ASIA2", &sealed), None);
        assert_eq!(open::<Vec<String>>(&keys.message, b"ASIA1", &sealed), None);
        let bytes = STANDARD.decode(&sealed).unwrap();
        for position in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[position] ^= 1;
            assert_eq!(open::<Vec<String>>(&keys.token, b"ASIA1", &STANDARD.encode(&changed)), None, "{position}");
        }
        for text in ["", "a", "AAAA", "%%%%"] {
            assert_eq!(open::<Vec<String>>(&keys.token, b"", text), None, "{text}");
        }
    }

    #[test]
    fn keys_never_show() {
        assert!(!format!("{:?}", keys()).contains('1'));
    }
}
