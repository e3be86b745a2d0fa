//! X.509 certificates and the private keys that belong to them: read from PEM, matched and verified. Pure functions.
//!
//! Nothing here knows AWS's texts, and nothing judges whether a certificate may be trusted. <https://www.rfc-editor.org/rfc/rfc5280>

use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, UnparsedPublicKey, VerificationAlgorithm};
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use x509_cert::der::{Decode as _, Document, Encode as _, Reader as _};
use x509_cert::ext::pkix::BasicConstraints;

/// A certificate, with the bytes it was read from.
#[derive(Clone)]
pub(crate) struct Certificate {
    der: Vec<u8>,
    read: x509_cert::Certificate,
}

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// How signatures are verified: the signature's algorithm, the curve of the signer's key, and what verifies it.
const VERIFIERS: [(&str, Option<ObjectIdentifier>, &dyn VerificationAlgorithm); 9] = [
    ("1.2.840.113549.1.1.5", None, &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
    ("1.2.840.113549.1.1.11", None, &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
    ("1.2.840.113549.1.1.12", None, &signature::RSA_PKCS1_2048_8192_SHA384),
    ("1.2.840.113549.1.1.13", None, &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
    ("1.2.840.10045.4.3.2", Some(P256), &signature::ECDSA_P256_SHA256_ASN1),
    ("1.2.840.10045.4.3.2", Some(P384), &signature::ECDSA_P384_SHA256_ASN1),
    ("1.2.840.10045.4.3.3", Some(P256), &signature::ECDSA_P256_SHA384_ASN1),
    ("1.2.840.10045.4.3.3", Some(P384), &signature::ECDSA_P384_SHA384_ASN1),
    ("1.3.101.112", None, &signature::ED25519),
];

impl Certificate {
    /// The one certificate in a PEM text.
    pub fn from_pem(text: &str) -> Option<Certificate> {
        let [certificate] = <[Certificate; 1]>::try_from(Certificate::chain(text)?).ok()?;
        Some(certificate)
    }

    /// The certificates in a PEM text, in order; at least one, and nothing else.
    pub fn chain(text: &str) -> Option<Vec<Certificate>> {
        let read = |(label, document): (String, Document)| {
            let der = (label == "CERTIFICATE").then(|| document.as_bytes().to_vec())?;
            Some(Certificate { read: x509_cert::Certificate::from_der(&der).ok()?, der })
        };
        pem_blocks(text)?.into_iter().map(read).collect()
    }

    /// The bytes of the certificate.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// From when to when it is valid.
    pub fn validity(&self) -> Option<(Timestamp, Timestamp)> {
        let validity = self.read.tbs_certificate().validity();
        let at = |time: &x509_cert::time::Time| {
            Timestamp::from_second(i64::try_from(time.to_unix_duration().as_secs()).ok()?).ok()
        };
        Some((at(&validity.not_before)?, at(&validity.not_after)?))
    }

    /// Whether it says that its key signs other certificates.
    pub fn is_authority(&self) -> bool {
        let found = self.read.tbs_certificate().get_extension::<BasicConstraints>();
        found.ok().flatten().is_some_and(|(_, constraints)| constraints.ca)
    }

    /// Whether its issuer is the other one's subject, by name.
    pub fn names_as_issuer(&self, issuer: &Certificate) -> bool {
        self.read.tbs_certificate().issuer() == issuer.read.tbs_certificate().subject()
    }

    /// Whether the other one's key signed it.
    pub fn is_signed_by(&self, issuer: &Certificate) -> bool {
        let (Some(signed), Some(signature)) = (self.signed_part(), self.read.signature().as_bytes()) else {
            return false;
        };
        let key = issuer.read.tbs_certificate().subject_public_key_info();
        let Some(bits) = key.subject_public_key.as_bytes() else { return false };
        let algorithm = self.read.signature_algorithm().oid.to_string();
        let curve = issuer.curve();
        VERIFIERS
            .iter()
            .filter(|(oid, on, _)| *oid == algorithm && *on == curve)
            .any(|(_, _, verifier)| UnparsedPublicKey::new(*verifier, bits).verify(signed, signature).is_ok())
    }

    /// The first part of the outer sequence, as it was read.
    fn signed_part(&self) -> Option<&[u8]> {
        let outer = AnyRef::from_der(&self.der).ok()?;
        outer
            .sequence(|reader| {
                let part = reader.tlv_bytes()?;
                while !reader.is_finished() {
                    reader.tlv_bytes()?;
                }
                Ok::<_, x509_cert::der::Error>(part)
            })
            .ok()
    }

    /// The curve of its key, if that is on one.
    fn curve(&self) -> Option<ObjectIdentifier> {
        let key = &self.read.tbs_certificate().subject_public_key_info().algorithm;
        key.parameters.as_ref().filter(|_| key.oid == EC)?.decode_as().ok()
    }

    /// Whether the private key in that PEM text (PKCS #1, PKCS #8 or SEC 1, not encrypted) is this certificate's. `None` if there is no such key.
    pub fn matches(&self, private_key: &str) -> Option<bool> {
        let [(label, document)] = <[(String, Document); 1]>::try_from(pem_blocks(private_key)?).ok()?;
        let der = document.as_bytes();
        match label.as_str() {
            "RSA PRIVATE KEY" => Some(self.matches_rsa(&rsa::PrivateKey::from_pkcs1_der(der).ok()?)),
            "EC PRIVATE KEY" => Some(self.matches_ec(scalar(der)?)),
            "PRIVATE KEY" => {
                let key = rsa::pkcs8::PrivateKeyInfoRef::try_from(der).ok()?;
                match key.algorithm.oid {
                    RSA => Some(self.matches_rsa(&rsa::PrivateKey::from_pkcs8_der(der).ok()?)),
                    EC => Some(self.matches_ec(scalar(key.private_key.as_bytes())?)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn matches_rsa(&self, key: &rsa::PrivateKey) -> bool {
        let info = self.read.tbs_certificate().subject_public_key_info().to_der();
        let own = info.ok().and_then(|der| rsa::PublicKey::from_public_key_der(&der).ok());
        own.is_some_and(|own| own == key.to_public_key())
    }

    fn matches_ec(&self, scalar: &[u8]) -> bool {
        let algorithm: &EcdsaSigningAlgorithm = match self.curve() {
            Some(P256) => &signature::ECDSA_P256_SHA256_ASN1_SIGNING,
            Some(P384) => &signature::ECDSA_P384_SHA384_ASN1_SIGNING,
            _ => return false,
        };
        let info = self.read.tbs_certificate().subject_public_key_info();
        let Some(public) = info.subject_public_key.as_bytes() else { return false };
        // The randomness is for signatures, which are not made: what comes out does not depend on it.
        EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar, public, &SystemRandom::new()).is_ok()
    }
}

/// The private number of a key as SEC 1 writes it: a sequence of a version, the number, and perhaps curve and public key.
fn scalar(der: &[u8]) -> Option<&[u8]> {
    let outer = AnyRef::from_der(der).ok()?;
    outer
        .sequence(|reader| {
            u8::decode(reader)?;
            let number = <&OctetStringRef>::decode(reader)?;
            while !reader.is_finished() {
                reader.tlv_bytes()?;
            }
            Ok::<_, x509_cert::der::Error>(number.as_bytes())
        })
        .ok()
}

/// The blocks of a PEM text with their labels; `None` if there is none, or anything between them.
fn pem_blocks(text: &str) -> Option<Vec<(String, Document)>> {
    const END: &str = "-----END ";
    // The library passes over text before a block; AWS does not.
    const BEGIN: &str = "-----BEGIN ";
    let mut blocks = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let label_at = rest.strip_prefix(BEGIN).and_then(|_| rest.find(END))? + END.len();
        let length = label_at + rest.get(label_at..)?.find("-----")? + "-----".len();
        let (block, after) = rest.split_at_checked(length)?;
        let (label, document) = Document::from_pem(block).ok()?;
        blocks.push((label.to_owned(), document));
        rest = after.trim_start();
    }
    (!blocks.is_empty()).then_some(blocks)
}

#[cfg(test)]
mod tests;
