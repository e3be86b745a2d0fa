//! Enveloped XML signatures, as SAML uses them and no further: one reference, by id, to the element that holds the signature.
//!
//! Everything else XML signatures can do is refused, since every known attack lives there: other transforms, other canonicalisations, keys out
//! of the message, references to elsewhere, ids that are there twice. What is verified is told by the element, never by an id that a reader
//! would look up again. See <https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf>, section 5.4.

use ring::digest;

use crate::canonical::canonical;
use crate::certificate::{Method, PublicKey};
use crate::encoding;
use crate::xml::Element;

const SIGNATURES: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// Prefixes of an `InclusiveNamespaces` list.
const MOST_PREFIXES: usize = 16;

const METHODS: &[(&str, Method)] = &[
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", Method::RsaSha256),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", Method::RsaSha384),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", Method::RsaSha512),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", Method::EcdsaSha256),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", Method::EcdsaSha384),
];

/// What became of an element's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// It has none.
    Unsigned,
    /// This key, one of those given, signed exactly this element.
    Genuine(PublicKey),
    /// Why its signature is not accepted, for the log.
    Invalid(String),
}

/// Checks the signature that stands directly inside `element`, which is in the document of `root`.
pub fn check(root: &Element, element: &Element, keys: &[PublicKey]) -> Checked {
    let mut signatures = element.all(SIGNATURES, "Signature");
    match (signatures.next(), signatures.next()) {
        (None, _) => Checked::Unsigned,
        (Some(_), Some(_)) => Checked::Invalid("the element has two signatures".into()),
        (Some(signature), None) => match verify(root, element, signature, keys) {
            Ok(key) => Checked::Genuine(key.clone()),
            Err(why) => Checked::Invalid(why.to_owned()),
        },
    }
}

fn verify<'k>(
    root: &Element,
    element: &Element,
    signature: &Element,
    keys: &'k [PublicKey],
) -> Result<&'k PublicKey, &'static str> {
    let info = signature.only(SIGNATURES, "SignedInfo").ok_or("the signature has no SignedInfo")?;
    let reference = info.only(SIGNATURES, "Reference").ok_or("the signature has not exactly one reference")?;
    refers_to(reference, root, element)?;
    let inclusive = transforms(reference)?;
    let digested = canonical(element, Some(signature), &inclusive);
    let digest = reference.only(SIGNATURES, "DigestMethod").and_then(|it| it.attribute("Algorithm"));
    let digest = digest::digest(digest_of(digest.unwrap_or_default())?, digested.as_bytes());
    let stated = bytes(reference.only(SIGNATURES, "DigestValue")).ok_or("the digest is malformed")?;
    if stated != digest.as_ref() {
        return Err("the digest is not that of the element");
    }
    let how = info.only(SIGNATURES, "CanonicalizationMethod").ok_or("the signature has no canonicalisation")?;
    if how.attribute("Algorithm") != Some(EXCLUSIVE) {
        return Err("the canonicalisation is not the exclusive one");
    }
    let signed = canonical(info, None, &inclusive_prefixes(how)?);
    let method = info.only(SIGNATURES, "SignatureMethod").and_then(|it| it.attribute("Algorithm"));
    let method = METHODS.iter().find(|(name, _)| Some(*name) == method).ok_or("the signature method is not taken")?.1;
    let value = bytes(signature.only(SIGNATURES, "SignatureValue")).ok_or("the signature is malformed")?;
    let key = keys.iter().find(|key| key.verifies(method, signed.as_bytes(), &value));
    key.ok_or("none of the provider's keys made the signature")
}

/// The reference must name the element by an id that nothing else in the document has.
fn refers_to(reference: &Element, root: &Element, element: &Element) -> Result<(), &'static str> {
    let wanted = reference.attribute("URI").and_then(|uri| uri.strip_prefix('#')).filter(|id| !id.is_empty());
    let wanted = wanted.ok_or("the reference is not by id")?;
    if element.attribute("ID") != Some(wanted) {
        return Err("the reference is to another element");
    }
    let is_id = |name: &str| name.eq_ignore_ascii_case("id");
    let all = root.descendants();
    let holders = all.iter().flat_map(|it| &it.attributes).filter(|it| is_id(&it.local) && &*it.value == wanted);
    if holders.count() == 1 { Ok(()) } else { Err("the id is there twice") }
}

/// The transforms must be the enveloped signature and, after it, the exclusive canonicalisation; this gives the latter's prefix list.
fn transforms(reference: &Element) -> Result<Vec<&str>, &'static str> {
    let all = reference.only(SIGNATURES, "Transforms").ok_or("the reference has no transforms")?;
    let mut transforms = all.elements();
    let (first, second, third) = (transforms.next(), transforms.next(), transforms.next());
    let (Some(enveloped), Some(exclusive), None) = (first, second, third) else {
        return Err("the transforms are not the enveloped signature and the exclusive canonicalisation");
    };
    let is = |element: &Element, algorithm: &str| {
        element.is(SIGNATURES, "Transform") && element.attribute("Algorithm") == Some(algorithm)
    };
    if !is(enveloped, ENVELOPED) || !is(exclusive, EXCLUSIVE) {
        return Err("a transform is not taken");
    }
    inclusive_prefixes(exclusive)
}

/// The prefixes of an `InclusiveNamespaces` list; anything else inside is refused.
fn inclusive_prefixes(method: &Element) -> Result<Vec<&str>, &'static str> {
    let mut parameters = method.elements();
    match (parameters.next(), parameters.next()) {
        (None, _) => Ok(Vec::new()),
        (Some(list), None) if list.is(EXCLUSIVE, "InclusiveNamespaces") => {
            let prefixes: Vec<&str> = list.attribute("PrefixList").unwrap_or_default().split_whitespace().collect();
            if prefixes.len() > MOST_PREFIXES { Err("the prefix list is too long") } else { Ok(prefixes) }
        }
        _ => Err("a canonicalisation has parameters that are not taken"),
    }
}

fn digest_of(algorithm: &str) -> Result<&'static digest::Algorithm, &'static str> {
    match algorithm {
        "http://www.w3.org/2001/04/xmlenc#sha256" => Ok(&digest::SHA256),
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => Ok(&digest::SHA384),
        "http://www.w3.org/2001/04/xmlenc#sha512" => Ok(&digest::SHA512),
        _ => Err("the digest method is not taken"),
    }
}

/// The bytes that an element gives in base 64.
fn bytes(element: Option<&Element>) -> Option<Vec<u8>> {
    encoding::base64(element?.text()?)
}
