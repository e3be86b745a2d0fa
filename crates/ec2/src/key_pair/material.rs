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
use rsa::pkcs1::{EncodeRsaPrivateKey, LineEnding};
use rsa::pkcs8::{DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use rsa::traits::PublicKeyParts;
use service::ids::Ids;
use service::openssh::{self, PublicKey};

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
    Some(DrawnKeyPair {
        key_type: KeyType::Rsa,
        private_pem: private.to_pkcs1_pem(LineEnding::LF).ok()?.trim_end().to_owned(),
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
    Some(DrawnKeyPair {
        key_type: KeyType::Ed25519,
        private_pem: openssh::private_ed25519(&seed, &public, [a, b, c, d], name),
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

/// Lengths of RSA keys that AWS takes. Its documentation names 1024, 2048 and 4096; 3072, what ssh-keygen makes unasked, works as well.
const IMPORTABLE_BITS: RangeInclusive<u32> = 1024..=4096;

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
    let number = |digits: &[u8]| rsa::BoxedUint::from_be_slice_vartime(digits);
    let modulus = number(modulus);
    IMPORTABLE_BITS.contains(&modulus.bit_width()).then_some(())?;
    let key = rsa::PublicKey::new(modulus, number(exponent)).ok()?;
    let der = key.to_public_key_der().ok()?;
    Some(colons(Md5::digest(der.as_bytes()).as_slice()))
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
