//! RSA private keys, with which a SAML provider's encrypted assertions are opened.

use rsa::PrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::DecodePrivateKey as _;

/// Reads a key in PEM, as PKCS #8 or PKCS #1.
pub(crate) fn read(pem: &str) -> Option<PrivateKey> {
    PrivateKey::from_pkcs8_pem(pem).or_else(|_| PrivateKey::from_pkcs1_pem(pem)).ok()
}

/// Whether a text is an RSA private key in PEM.
pub fn is_one(pem: &str) -> bool {
    read(pem).is_some()
}
