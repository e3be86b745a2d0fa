//! SAML metadata of an identity provider: who it is, and the certificates whose keys sign for it.
//! See <https://docs.oasis-open.org/security/saml/v2.0/saml-metadata-2.0-os.pdf>.

use jiff::Timestamp;

use crate::certificate::{self, PublicKey};
use crate::xml::{self, Element};

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const SIGNATURES: &str = "http://www.w3.org/2000/09/xmldsig#";
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";

/// What a metadata document says of its identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    pub entity_id: String,
    /// The keys that sign for it; without one nothing is genuine.
    pub keys: Vec<PublicKey>,
    /// Until when the document itself says that it holds.
    pub valid_until: Option<Timestamp>,
}

/// Why a document is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// With the reason for the log.
    Malformed(String),
    /// Its entity is no identity provider for SAML 2.0.
    NoIssuer,
}

/// Reads the metadata of one identity provider: an `EntityDescriptor`, alone or as the only one of an `EntitiesDescriptor`, with an
/// `IDPSSODescriptor` for SAML 2.0.
pub fn parse(text: &str) -> Result<Metadata, Refused> {
    let root = xml::parse(text).map_err(|error| Refused::Malformed(error.0))?;
    let entity = match root.is(METADATA, "EntitiesDescriptor") {
        true => root.only(METADATA, "EntityDescriptor").ok_or("there is not exactly one EntityDescriptor"),
        false if root.is(METADATA, "EntityDescriptor") => Ok(&root),
        false => Err("the document is no EntityDescriptor"),
    };
    let entity = entity.map_err(malformed)?;
    let entity_id = entity.attribute("entityID").filter(|id| !id.is_empty() && id.chars().count() <= 1024);
    let entity_id = entity_id.ok_or_else(|| malformed("the entity has no id"))?;
    let provider = entity.all(METADATA, "IDPSSODescriptor").find(|role| speaks_saml(role)).ok_or(Refused::NoIssuer)?;
    let certificates: Vec<&str> =
        provider.all(METADATA, "KeyDescriptor").filter(signs).flat_map(certificates_of).collect();
    if !certificates.iter().all(|text| certificate::is_one(text)) {
        return Err(malformed("a certificate to sign with is none"));
    }
    let keys = certificates.into_iter().filter_map(PublicKey::of_certificate).collect();
    let dates = [&root, entity, provider].into_iter().filter_map(|element| element.attribute("validUntil"));
    let mut valid_until: Option<Timestamp> = None;
    for date in dates {
        let date = date.parse::<Timestamp>().map_err(|_| malformed("validUntil is no time"))?;
        valid_until = Some(valid_until.map_or(date, |earlier| earlier.min(date)));
    }
    Ok(Metadata { entity_id: entity_id.to_owned(), keys, valid_until })
}

fn malformed(why: &str) -> Refused {
    Refused::Malformed(why.to_owned())
}

fn speaks_saml(role: &Element) -> bool {
    let supported = role.attribute("protocolSupportEnumeration").unwrap_or_default();
    supported.split_whitespace().any(|protocol| protocol == PROTOCOL)
}

/// A key without `use` is for both.
fn signs(key: &&Element) -> bool {
    key.attribute("use").is_none_or(|purpose| purpose == "signing")
}

fn certificates_of(key: &Element) -> impl Iterator<Item = &str> {
    let data = key.all(SIGNATURES, "KeyInfo").flat_map(|info| info.all(SIGNATURES, "X509Data"));
    data.flat_map(|data| data.all(SIGNATURES, "X509Certificate")).map(|element| element.text().unwrap_or_default())
}
