//! SSH public keys as IAM takes them: RSA, as a line of OpenSSH or as PEM. Pure functions.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use rsa::pkcs1::DecodeRsaPublicKey as _;
use rsa::pkcs8::{DecodePublicKey as _, EncodePublicKey as _, LineEnding};
use rsa::traits::PublicKeyParts as _;
use service::openssh::{self, PublicKey};

/// How a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Ssh,
    Pem,
}

/// Why a text is no key that IAM takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Written in a way that is not known.
    Unrecognized,
    /// Broken, or too short.
    Invalid,
}

/// The shortest RSA key that is taken.
const LEAST_BITS: u32 = 2_048;

/// An RSA public key.
#[derive(Debug, Clone)]
pub(super) struct Key(rsa::PublicKey);

impl Encoding {
    /// How that text is written, by how it begins.
    pub fn of(text: &str) -> Option<Encoding> {
        let text = text.trim_start();
        if text.starts_with("ssh-rsa ") {
            Some(Encoding::Ssh)
        } else {
            let is_key = ["-----BEGIN PUBLIC KEY-", "-----BEGIN RSA PUBLIC KEY-"].iter().any(|it| text.starts_with(it));
            is_key.then_some(Encoding::Pem)
        }
    }
}

impl Key {
    /// Reads a key.
    pub fn read(text: &str) -> Result<Key, Refusal> {
        let key = match Encoding::of(text).ok_or(Refusal::Unrecognized)? {
            Encoding::Ssh => from_line(text),
            Encoding::Pem => from_pem(text.trim()),
        };
        let key = key.ok_or(Refusal::Invalid)?;
        if key.n().as_ref().bit_width() < LEAST_BITS {
            return Err(Refusal::Invalid);
        }
        Ok(Key(key))
    }

    fn blob(&self) -> Vec<u8> {
        let number = |bytes: &[u8]| bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
        let exponent = number(&self.0.e().to_be_bytes());
        PublicKey::Rsa { exponent, modulus: number(&self.0.n().as_ref().to_be_bytes()) }.blob()
    }

    /// MD5 of the bytes that SSH knows the key by: `1f:51:ae:…`.
    pub fn fingerprint(&self) -> String {
        let mut text = String::new();
        for byte in Md5::digest(self.blob()).as_slice() {
            let colon = if text.is_empty() { "" } else { ":" };
            // Writing to a string does not fail.
            let _ = write!(text, "{colon}{byte:02x}");
        }
        text
    }

    /// The key in that encoding. `None` only if the library refuses its own key.
    pub fn write(&self, encoding: Encoding) -> Option<String> {
        match encoding {
            Encoding::Ssh => Some(format!("{} {}", openssh::RSA, STANDARD.encode(self.blob()))),
            Encoding::Pem => self.0.to_public_key_pem(LineEnding::LF).ok(),
        }
    }
}

fn from_line(text: &str) -> Option<rsa::PublicKey> {
    let PublicKey::Rsa { exponent, modulus } = PublicKey::parse(text)? else { return None };
    let number = |digits: &[u8]| rsa::BoxedUint::from_be_slice_vartime(digits);
    rsa::PublicKey::new(number(&modulus), number(&exponent)).ok()
}

fn from_pem(text: &str) -> Option<rsa::PublicKey> {
    let key = rsa::PublicKey::from_public_key_pem(text).ok();
    key.or_else(|| rsa::PublicKey::from_pkcs1_pem(text).ok())
}
