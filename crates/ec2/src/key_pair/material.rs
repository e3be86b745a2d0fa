//! Keys themselves: drawing a pair out of random bytes, and reading public keys that are imported. Pure functions; they may take a second.
//!
//! Fingerprints are made three ways: a drawn RSA key's is SHA-1 of its private DER, an imported one's MD5 of its public DER, an Ed25519 key's SHA-256
//! as OpenSSH has it. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html>

use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use ring::digest;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rsa::pkcs1::{self, EncodeRsaPrivateKey, LineEnding};
use rsa::pkcs8::{DecodePublicKey, EncodePrivateKey};
use rsa::traits::PublicKeyParts;
use service::ids::Ids;
use service::openssh::{self, PublicKey};

use super::ppk;

/// Which kind of key to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    Rsa,
    Ed25519,
}

impl KeyType {
    /// The model's word; RSA when none is given.
    pub fn of(word: Option<&str>) -> KeyType {
        if word == Some("ed25519") { KeyType::Ed25519 } else { KeyType::Rsa }
    }

    /// `rsa` or `ed25519`.
    pub fn word(self) -> &'static str {
        match self {
            KeyType::Rsa => "rsa",
            KeyType::Ed25519 => "ed25519",
        }
    }
}

/// A pair that was drawn.
#[derive(Clone, PartialEq, Eq)]
pub struct DrawnKeyPair {
    pub key_type: KeyType,
    /// The private key as a PEM text.
    pub private_pem: String,
    /// The same for PuTTY.
    pub private_ppk: String,
    /// `ssh-rsa AAAA… NAME`
    pub public_openssh: String,
    pub fingerprint: String,
}

impl std::fmt::Debug for DrawnKeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DrawnKeyPair").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

/// Draws a pair; the same bytes give the same pair. `None` only if the libraries refuse their own key.
pub fn draw(key_type: KeyType, name: &str, random: [u8; 32]) -> Option<DrawnKeyPair> {
    match key_type {
        KeyType::Rsa => draw_rsa(name, random),
        KeyType::Ed25519 => draw_ed25519(name, random),
    }
}

fn draw_rsa(name: &str, random: [u8; 32]) -> Option<DrawnKeyPair> {
    let private = service::rsa_key::draw(random)?;
    let public = private.to_public_key();
    let key = PublicKey::Rsa {
        exponent: bytes(&public.e().to_be_bytes()),
        modulus: bytes(&public.n().as_ref().to_be_bytes()),
    };
    let der = private.to_pkcs8_der().ok()?;
    let numbers = private.to_pkcs1_der().ok()?;
    let numbers = pkcs1::RsaPrivateKeyRef::try_from(numbers.as_bytes()).ok()?;
    let mut secret = Vec::new();
    for number in [numbers.private_exponent, numbers.prime1, numbers.prime2, numbers.coefficient] {
        openssh::put_number(&mut secret, number.as_bytes());
    }
    Some(DrawnKeyPair {
        key_type: KeyType::Rsa,
        private_pem: private.to_pkcs1_pem(LineEnding::LF).ok()?.trim_end().to_owned(),
        private_ppk: ppk::file("ssh-rsa", name, &key.blob(), &secret),
        public_openssh: key.line(name),
        fingerprint: colons(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, der.as_bytes()).as_ref()),
    })
}

fn draw_ed25519(name: &str, random: [u8; 32]) -> Option<DrawnKeyPair> {
    let stream = Ids::new(random);
    let seed = stream.bytes();
    let [a, b, c, d, ..] = stream.bytes();
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
    let public: [u8; 32] = pair.public_key().as_ref().try_into().ok()?;
    let key = PublicKey::Ed25519(public);
    let mut secret = Vec::new();
    openssh::put(&mut secret, &seed);
    Some(DrawnKeyPair {
        key_type: KeyType::Ed25519,
        private_pem: openssh::private_ed25519(&seed, &public, [a, b, c, d], name),
        private_ppk: ppk::file("ssh-ed25519", name, &key.blob(), &secret),
        public_openssh: key.line(name),
        fingerprint: sha256(&key),
    })
}

/// A public key that was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedKey {
    pub key_type: KeyType,
    /// `ssh-rsa AAAA… NAME`; the comment that was sent is not kept.
    pub public_openssh: String,
    pub fingerprint: String,
}

/// Lengths of RSA keys that AWS takes. Its documentation names 1024, 2048 and 4096; it was seen to take 512, 1023 and 1536 as well, September 2026.
const IMPORTABLE_BITS: RangeInclusive<usize> = 512..=4096;

/// Reads a public key as a line of OpenSSH, as a file of RFC 4716 or as DER in base64. `None` for anything else.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportKeyPair.html>
pub fn import(name: &str, material: &[u8]) -> Option<ImportedKey> {
    let text = std::str::from_utf8(material).ok()?;
    let key = PublicKey::parse(text).or_else(|| from_der(text))?;
    let (key_type, fingerprint) = match &key {
        PublicKey::Ed25519(_) => (KeyType::Ed25519, sha256(&key)),
        PublicKey::Rsa { exponent, modulus } => (KeyType::Rsa, md5_of(exponent, modulus)?),
    };
    Some(ImportedKey { key_type, public_openssh: key.line(name), fingerprint })
}

fn from_der(text: &str) -> Option<PublicKey> {
    let compact: String = text.split_ascii_whitespace().collect();
    let key = rsa::PublicKey::from_public_key_der(&STANDARD.decode(compact).ok()?).ok()?;
    Some(PublicKey::Rsa { exponent: bytes(&key.e().to_be_bytes()), modulus: bytes(&key.n().as_ref().to_be_bytes()) })
}

fn md5_of(exponent: &[u8], modulus: &[u8]) -> Option<String> {
    let (first, rest) = modulus.split_first()?;
    let bits = rest.len() * 8 + (u8::BITS - first.leading_zeros()) as usize;
    IMPORTABLE_BITS.contains(&bits).then_some(())?;
    let numbers = [der(INTEGER, &unsigned(modulus)), der(INTEGER, &unsigned(exponent))].concat();
    let key = der(SEQUENCE, &numbers);
    let key = [RSA_ENCRYPTION, &der(BIT_STRING, &[&[0], key.as_slice()].concat())].concat();
    Some(colons(Md5::digest(der(SEQUENCE, &key)).as_slice()))
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;
/// The algorithm's identifier with its parameters, which are none.
const RSA_ENCRYPTION: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";

/// A value of DER. By hand, as the library refuses to hold short keys.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut value = vec![tag];
    if length < 0x80 {
        value.extend(u8::try_from(length));
    } else {
        let digits = bytes(&length.to_be_bytes());
        value.extend(u8::try_from(0x80 | digits.len()));
        value.extend(digits);
    }
    value.extend_from_slice(content);
    value
}

/// A number that no first bit makes negative.
fn unsigned(number: &[u8]) -> Vec<u8> {
    let sign = number.first().filter(|first| **first & 0x80 != 0).map(|_| 0);
    sign.into_iter().chain(number.iter().copied()).collect()
}

fn sha256(key: &PublicKey) -> String {
    STANDARD.encode(digest::digest(&digest::SHA256, &key.blob()))
}

/// A number without leading zeros.
fn bytes(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}

/// `1f:51:ae:…`
fn colons(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}
