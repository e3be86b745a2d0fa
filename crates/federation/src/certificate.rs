//! Certificates of SAML identity providers: read for the public key they hold, which verifies what the provider signs.
//!
//! A provider's certificate is trusted because its metadata was uploaded, so neither its issuer nor its dates take part, as AWS has it. Keys
//! are RSA of at least 2048 bits, P-256 and P-384.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use rsa::pkcs1;
use x509_cert::Certificate as X509;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};

use crate::encoding;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ELLIPTIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// Shorter RSA keys verify nothing.
const LEAST_RSA_BITS: usize = 2048;

/// How a message is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    RsaSha256,
    RsaSha384,
    RsaSha512,
    EcdsaSha256,
    EcdsaSha384,
}

/// A provider's public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: Kind,
    bytes: Vec<u8>,
    hash: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
}

impl PublicKey {
    /// The key of a certificate as `X509Certificate` elements hold it: base 64 with white space anywhere. Nothing for what is no certificate
    /// or holds a key of another kind or a shorter one.
    pub fn of_certificate(text: &str) -> Option<PublicKey> {
        let certificate = read(text)?;
        let info = certificate.tbs_certificate().subject_public_key_info();
        let parameter = || info.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok();
        let bytes = info.subject_public_key.as_bytes()?;
        let kind = match info.algorithm.oid {
            RSA if modulus_bits(bytes)? >= LEAST_RSA_BITS => Kind::Rsa,
            ELLIPTIC => match parameter()? {
                P256 => Kind::P256,
                P384 => Kind::P384,
                _ => return None,
            },
            _ => return None,
        };
        let hash = STANDARD.encode(digest(&SHA256, &info.to_der().ok()?));
        Some(PublicKey { kind, bytes: bytes.to_vec(), hash })
    }

    /// The SHA-256 of the key with its algorithm, in base 64: by this name AWS tells which key signed. That it is a hash is documented, which one
    /// is not.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Whether this key made that signature. A method of another kind of key never fits.
    pub fn verifies(&self, method: Method, message: &[u8], signature: &[u8]) -> bool {
        let algorithm: &'static dyn VerificationAlgorithm = match (self.kind, method) {
            (Kind::Rsa, Method::RsaSha256) => &signature::RSA_PKCS1_2048_8192_SHA256,
            (Kind::Rsa, Method::RsaSha384) => &signature::RSA_PKCS1_2048_8192_SHA384,
            (Kind::Rsa, Method::RsaSha512) => &signature::RSA_PKCS1_2048_8192_SHA512,
            (Kind::P256, Method::EcdsaSha256) => &signature::ECDSA_P256_SHA256_FIXED,
            (Kind::P384, Method::EcdsaSha384) => &signature::ECDSA_P384_SHA384_FIXED,
            _ => return false,
        };
        UnparsedPublicKey::new(algorithm, &self.bytes).verify(message, signature).is_ok()
    }
}

/// Whether a text is a certificate, of whatever key.
pub fn is_one(text: &str) -> bool {
    read(text).is_some()
}

fn read(text: &str) -> Option<X509> {
    X509::from_der(&encoding::base64(text)?).ok()
}

fn modulus_bits(key: &[u8]) -> Option<usize> {
    let key = pkcs1::RsaPublicKeyRef::try_from(key).ok()?;
    let modulus = key.modulus.as_bytes();
    Some((modulus.len() * 8).saturating_sub(modulus.first()?.leading_zeros() as usize))
}
