//! PKCS #7 SignedData over an identity document, with the document inside and without certificates, as AWS makes it: whoever verifies has the
//! certificate already. <https://www.rfc-editor.org/rfc/rfc5652#section-5>

use std::time::Duration;

use der::asn1::{Any, ObjectIdentifier, OctetString, SetOfVec, UtcTime};
use der::{Encode as _, Sequence, ValueOrd};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use x509_cert::attr::Attribute;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::identity_keys::IdentityKeys;

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

#[derive(Sequence)]
struct ContentInfo {
    content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    content: SignedData,
}

#[derive(Sequence)]
struct SignedData {
    version: u8,
    digest_algorithms: SetOfVec<AlgorithmIdentifierOwned>,
    encapsulated: Encapsulated,
    signer_infos: SetOfVec<SignerInfo>,
}

#[derive(Sequence)]
struct Encapsulated {
    content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    content: OctetString,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence, ValueOrd)]
struct SignerInfo {
    version: u8,
    signer: IssuerAndSerialNumber,
    digest_algorithm: AlgorithmIdentifierOwned,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    attributes: SetOfVec<Attribute>,
    signature_algorithm: AlgorithmIdentifierOwned,
    signature: OctetString,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence, ValueOrd)]
struct IssuerAndSerialNumber {
    issuer: Name,
    serial_number: SerialNumber,
}

/// The DER of SignedData over the document, as if signed at that time. `None` only for keys that are none.
pub fn of(keys: &IdentityKeys, document: &[u8], at: Timestamp) -> Option<Vec<u8>> {
    build(keys, document, at)?.to_der().ok()
}

fn build(keys: &IdentityKeys, document: &[u8], at: Timestamp) -> Option<ContentInfo> {
    let certificate = keys.parsed_certificate()?;
    let certified = certificate.tbs_certificate();
    let attributes = attributes(document, at)?;
    // What is signed is the set with its own tag, not the one it has inside the structure.
    let signature = keys.sign(&attributes.to_der().ok()?)?;
    let signer = SignerInfo {
        version: 1,
        signer: IssuerAndSerialNumber {
            issuer: certified.issuer().clone(),
            serial_number: certified.serial_number().clone(),
        },
        digest_algorithm: algorithm(SHA_256),
        attributes,
        signature_algorithm: algorithm(RSA),
        signature: OctetString::new(signature).ok()?,
    };
    let content = SignedData {
        version: 1,
        digest_algorithms: one(algorithm(SHA_256))?,
        encapsulated: Encapsulated { content_type: DATA, content: OctetString::new(document).ok()? },
        signer_infos: one(signer)?,
    };
    Some(ContentInfo { content_type: SIGNED_DATA, content })
}

fn attributes(document: &[u8], at: Timestamp) -> Option<SetOfVec<Attribute>> {
    let seconds = u64::try_from(at.as_second()).ok()?;
    let digest = OctetString::new(Sha256::digest(document).to_vec()).ok()?;
    let mut attributes = SetOfVec::new();
    attributes.insert(attribute(CONTENT_TYPE, &DATA)?).ok()?;
    attributes.insert(attribute(MESSAGE_DIGEST, &digest)?).ok()?;
    // A time after 2049 has another form; the attribute may be left out.
    if let Ok(time) = UtcTime::from_unix_duration(Duration::from_secs(seconds)) {
        attributes.insert(attribute(SIGNING_TIME, &time)?).ok()?;
    }
    Some(attributes)
}

fn attribute<T: der::Tagged + der::EncodeValue>(oid: ObjectIdentifier, value: &T) -> Option<Attribute> {
    Some(Attribute { oid, values: one(Any::encode_from(value).ok()?)? })
}

fn one<T: der::DerOrd>(value: T) -> Option<SetOfVec<T>> {
    let mut set = SetOfVec::new();
    set.insert(value).ok()?;
    Some(set)
}

/// An algorithm whose parameters are NULL, as all of these are.
fn algorithm(oid: ObjectIdentifier) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters: Some(Any::null()) }
}
