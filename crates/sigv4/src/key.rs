//! Secrets and the signing keys derived from them. A signing key holds for one day, region and service, so a server
//! may keep it and save four of the five HMACs of a verification.

use std::fmt;

use ring::hmac;

use crate::TERMINATOR;

/// The secret access key of a long-term or temporary credential. It prints as `…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Takes the secret as the client knows it, without any prefix.
    pub fn new(secret: impl Into<Box<str>>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for the one answer that shows it to its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// What [`signing_key`] derives: the HMAC key for one secret, day, region and service. It prints as `…`.
#[derive(Clone)]
pub struct SigningKey(hmac::Key);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl SigningKey {
    /// The signature of a string to sign: 64 lower-case hex digits.
    pub(crate) fn signature(&self, string_to_sign: &str) -> String {
        crate::encoding::hex(hmac::sign(&self.0, string_to_sign.as_bytes()).as_ref())
    }

    /// Whether `signature`, as raw bytes, is the one of that string. Takes the same time whatever the answer.
    pub(crate) fn made(&self, signature: &[u8], string_to_sign: &str) -> bool {
        hmac::verify(&self.0, string_to_sign.as_bytes(), signature).is_ok()
    }
}

/// Derives the signing key of a credential scope; `date` is its `YYYYMMDD`.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
pub fn signing_key(secret: &Secret, date: &str, region: &str, service: &str) -> SigningKey {
    let seed = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{}", secret.reveal()).as_bytes());
    let key = [date, region, service, TERMINATOR]
        .into_iter()
        .fold(seed, |key, element| hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, element.as_bytes()).as_ref()));
    SigningKey(key)
}
