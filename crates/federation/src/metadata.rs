//! SAML metadata of an identity provider: who it is, and the certificates whose keys sign for it.
//! See <https://docs.oasis-open.org/security/saml/v2.0/saml-metadata-2.0-os.pdf>.

use jiff::Timestamp;

use crate::certificate::PublicKey;
use crate::xml::{self, Element, Malformed};

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const SIGNATURES: &str = "http://www.w3.org/2000/09/xmldsig#";
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";

/// What a metadata document says of its identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    pub entity_id: String,
    /// The keys that sign for it, at least one.
    pub keys: Vec<PublicKey>,
    /// Until when the document itself says that it holds.
    pub valid_until: Option<Timestamp>,
}

/// Reads the metadata of one identity provider: an `EntityDescriptor`, alone or as the only one of an `EntitiesDescriptor`, with an
/// `IDPSSODescriptor` for SAML 2.0 that has a certificate to sign with.
pub fn parse(text: &str) -> Result<Metadata, Malformed> {
    let root = xml::parse(text)?;
    let entity = match root.is(METADATA, "EntitiesDescriptor") {
        true => root.only(METADATA, "EntityDescriptor").ok_or("there is not exactly one EntityDescriptor"),
        false if root.is(METADATA, "EntityDescriptor") => Ok(&root),
        false => Err("the document is no EntityDescriptor"),
    };
    let entity = entity.map_err(malformed)?;
    let entity_id = entity.attribute("entityID").filter(|id| !id.is_empty() && id.chars().count() <= 1024);
    let entity_id = entity_id.ok_or_else(|| malformed("the entity has no id"))?;
    let provider = entity.all(METADATA, "IDPSSODescriptor").find(|role| speaks_saml(role));
    let provider = provider.ok_or_else(|| malformed("the entity is no identity provider for SAML 2.0"))?;
    let keys: Vec<PublicKey> = provider.all(METADATA, "KeyDescriptor").filter(signs).flat_map(keys_of).collect();
    if keys.is_empty() {
        return Err(malformed("the identity provider has no certificate to sign with"));
    }
    let dates = [&root, entity, provider].into_iter().filter_map(|element| element.attribute("validUntil"));
    let mut valid_until: Option<Timestamp> = None;
    for date in dates {
        let date = date.parse::<Timestamp>().map_err(|_| malformed("validUntil is no time"))?;
        valid_until = Some(valid_until.map_or(date, |earlier| earlier.min(date)));
    }
    Ok(Metadata { entity_id: entity_id.to_owned(), keys, valid_until })
}

fn malformed(why: &str) -> Malformed {
    Malformed(why.to_owned())
}

fn speaks_saml(role: &Element) -> bool {
    let supported = role.attribute("protocolSupportEnumeration").unwrap_or_default();
    supported.split_whitespace().any(|protocol| protocol == PROTOCOL)
}

/// A key without `use` is for both.
fn signs(key: &&Element) -> bool {
    key.attribute("use").is_none_or(|purpose| purpose == "signing")
}

fn keys_of(key: &Element) -> Vec<PublicKey> {
    let data = key.all(SIGNATURES, "KeyInfo").flat_map(|info| info.all(SIGNATURES, "X509Data"));
    let certificates = data.flat_map(|data| data.all(SIGNATURES, "X509Certificate"));
    certificates.filter_map(|certificate| PublicKey::of_certificate(certificate.text()?)).collect()
}
