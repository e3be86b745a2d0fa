//! SAML responses: reading one, and taking out of it the one assertion that the provider signed.
//!
//! [`read`] believes nothing; [`Response::verified`] gives an [`Assertion`] whose every value stands inside an element that a key of the
//! provider's metadata signed. Audience, recipient, times and attributes are for the caller to judge; beginnings AWS reads, and judges by nothing.
//! See <https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf>.

use jiff::Timestamp;

use crate::certificate::PublicKey;
use crate::metadata::Metadata;
use crate::signature::{self, Checked};
use crate::xml::{self, Element};
use crate::{encoding, encryption, private_key};

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// A response as read.
#[derive(Clone)]
pub struct Response {
    root: Element,
}

/// Whoever has a response can use it, so it does not show.
impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response").finish_non_exhaustive()
    }
}

/// Why a response is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Not base 64, not XML, or no SAML response; with the reason for the log.
    Malformed(String),
    /// The provider says that the sign-in failed, with its status.
    Rejected(String),
    /// It comes from another issuer than the provider.
    OtherIssuer,
    /// Its assertion is encrypted, and none of the keys opens it, or nobody proves what was inside; with the reason for the log.
    Encrypted(String),
    /// Its assertion is not signed itself, whatever is signed around it.
    Unsigned,
    /// A signature is not genuine; with the reason for the log.
    Signature(String),
}

/// How encrypted assertions are opened.
#[derive(Clone, Default)]
pub struct Opening<'a> {
    /// RSA private keys in PEM.
    pub keys: Vec<&'a str>,
    /// Whether an assertion has to be encrypted.
    pub required: bool,
}

/// What a provider asserts of somebody, verified.
#[derive(Clone, PartialEq, Eq)]
pub struct Assertion {
    pub issuer: String,
    /// The hash of the key that signed it.
    pub signed_by: String,
    /// The text of the NameID.
    pub subject: String,
    /// The Format of the NameID, mostly a URN.
    pub subject_format: String,
    pub issued_at: Timestamp,
    /// To whom the bearer may show it, and until when.
    pub recipient: String,
    pub confirmed_until: Timestamp,
    /// From the conditions.
    pub not_on_or_after: Option<Timestamp>,
    /// Until when the session at the provider lasts.
    pub session_not_on_or_after: Option<Timestamp>,
    /// The audiences of each restriction; one of each has to be met.
    pub audiences: Vec<Vec<String>>,
    pub attributes: Vec<(String, Vec<String>)>,
}

/// Who it is about, and all that is said of them, does not show.
impl std::fmt::Debug for Assertion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assertion").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl Assertion {
    /// The values of an attribute, by its whole name; empty for one that is not there.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let found = self.attributes.iter().filter(|(held, _)| held == name);
        found.flat_map(|(_, values)| values).map(String::as_str).collect()
    }
}

/// Reads a response in base 64.
pub fn read(text: &str) -> Result<Response, Refused> {
    let malformed = |why: &str| Refused::Malformed(why.to_owned());
    let bytes = encoding::base64(text).ok_or_else(|| malformed("not base 64"))?;
    let text = String::from_utf8(bytes).map_err(|_| malformed("not UTF-8"))?;
    let root = xml::parse(&text).map_err(|error| Refused::Malformed(error.0))?;
    if root.is(PROTOCOL, "Response") && root.attribute("Version") == Some("2.0") {
        Ok(Response { root })
    } else {
        Err(malformed("not a response of SAML 2.0"))
    }
}

impl Response {
    /// Verifies it with the provider's keys and takes out its assertion.
    ///
    /// The assertion has to be signed, and a signature that is there, of the response too, has to be genuine. There is one assertion, directly
    /// inside the response: one that stands anywhere else is never looked at, which is what signature wrapping needs.
    pub fn verified(&self, provider: &Metadata, opening: &Opening<'_>) -> Result<Assertion, Refused> {
        self.succeeded()?;
        let malformed = |why: &str| Refused::Malformed(why.to_owned());
        let plain: Vec<&Element> = self.root.all(ASSERTION, "Assertion").collect();
        let encrypted: Vec<&Element> = self.root.all(ASSERTION, "EncryptedAssertion").collect();
        let is_signed = signed_by(provider, &self.root, &self.root)?.is_some();
        match (plain.as_slice(), encrypted.as_slice()) {
            ([_], []) if opening.required => Err(malformed("the assertion is not encrypted, and has to be")),
            ([assertion], []) => proven(provider, &self.root, assertion),
            ([], [encrypted]) => opened(provider, encrypted, opening, is_signed),
            _ => Err(malformed("there is not exactly one assertion")),
        }
    }

    fn succeeded(&self) -> Result<(), Refused> {
        let status = self.root.only(PROTOCOL, "Status").and_then(|status| status.only(PROTOCOL, "StatusCode"));
        match status.and_then(|code| code.attribute("Value")) {
            Some(SUCCESS) => Ok(()),
            Some(other) => Err(Refused::Rejected(other.to_owned())),
            None => Err(Refused::Malformed("the response has no status".to_owned())),
        }
    }
}

/// The assertion inside an encrypted one. Unless the provider signed the response with the cipher text in it, everything that is wrong with
/// what was inside is told like a failed decryption: who may tell them apart can have a cipher text decrypted bit by bit.
fn opened(
    provider: &Metadata,
    encrypted: &Element,
    opening: &Opening<'_>,
    is_around_signed: bool,
) -> Result<Assertion, Refused> {
    let assertion = opened_with(encrypted, opening);
    let assertion = assertion.ok_or_else(|| Refused::Encrypted("no key opens the assertion".to_owned()))?;
    proven(provider, &assertion, &assertion).map_err(|refused| match is_around_signed {
        true => refused,
        false => Refused::Encrypted(format!("the assertion was opened, and refused: {refused:?}")),
    })
}

fn opened_with(encrypted: &Element, opening: &Opening<'_>) -> Option<Element> {
    let keys: Vec<_> = opening.keys.iter().filter_map(|pem| private_key::read(pem)).collect();
    let root = xml::parse(&encryption::open(encrypted, &keys)?).ok()?;
    root.is(ASSERTION, "Assertion").then_some(root)
}

/// The provider's key that signed an element of a document, if one did; refused if there is a signature that is not genuine.
fn signed_by(provider: &Metadata, document: &Element, element: &Element) -> Result<Option<PublicKey>, Refused> {
    match signature::check(document, element, &provider.keys) {
        Checked::Genuine(key) => Ok(Some(key)),
        Checked::Unsigned => Ok(None),
        Checked::Invalid(why) => Err(Refused::Signature(why)),
    }
}

/// What an assertion says that the provider signed.
fn proven(provider: &Metadata, document: &Element, assertion: &Element) -> Result<Assertion, Refused> {
    if assertion.only(ASSERTION, "Issuer").and_then(Element::text) != Some(&provider.entity_id) {
        return Err(Refused::OtherIssuer);
    }
    let key = signed_by(provider, document, assertion)?.ok_or(Refused::Unsigned)?;
    taken_out(assertion, key.hash()).map_err(|why| Refused::Malformed(why.to_owned()))
}

/// The one name of a subject, in clear.
pub(crate) fn name(subject: &Element) -> Option<&Element> {
    let names = ["BaseID", "NameID", "EncryptedID"];
    let all = subject.elements().filter(|it| names.iter().any(|name| it.is(ASSERTION, name)));
    let is_name = |it: &&Element| it.is(ASSERTION, "NameID") && it.text().is_some_and(|text| !text.is_empty());
    subject.only(ASSERTION, "NameID").filter(is_name).filter(|_| all.count() == 1)
}

/// The assertion's values. What AWS refuses an assertion without, seen of it in September 2026, is as if it could not be read.
fn taken_out(assertion: &Element, signed_by: &str) -> Result<Assertion, &'static str> {
    let subject = assertion.only(ASSERTION, "Subject").ok_or("there is not exactly one Subject")?;
    let name = name(subject).ok_or("there is not exactly one NameID")?;
    let confirmation = subject.only(ASSERTION, "SubjectConfirmation").filter(is_bearer);
    let confirmation = confirmation.ok_or("there is not exactly one SubjectConfirmation, or it is not the bearer's")?;
    let data = confirmation.only(ASSERTION, "SubjectConfirmationData").ok_or("there is no SubjectConfirmationData")?;
    let conditions = assertion.only(ASSERTION, "Conditions").ok_or("there are no Conditions")?;
    let statements: Vec<&Element> = assertion.all(ASSERTION, "AuthnStatement").collect();
    if statements.is_empty() {
        return Err("there is no AuthnStatement");
    }
    // Only whether they are times counts.
    time(conditions, "NotBefore")?;
    time(data, "NotBefore")?;
    let sessions = statements.into_iter().map(|it| time(it, "SessionNotOnOrAfter"));
    Ok(Assertion {
        issuer: owned(assertion.only(ASSERTION, "Issuer")),
        signed_by: signed_by.to_owned(),
        subject: owned(Some(name)),
        subject_format: name.attribute("Format").ok_or("the NameID has no Format")?.to_owned(),
        issued_at: time(assertion, "IssueInstant")?.ok_or("the assertion has no IssueInstant")?,
        recipient: data.attribute("Recipient").ok_or("the confirmation has no Recipient")?.to_owned(),
        confirmed_until: time(data, "NotOnOrAfter")?.ok_or("the confirmation has no NotOnOrAfter")?,
        not_on_or_after: time(conditions, "NotOnOrAfter")?,
        session_not_on_or_after: sessions.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().min(),
        audiences: conditions
            .all(ASSERTION, "AudienceRestriction")
            .map(|it| it.all(ASSERTION, "Audience").map(|audience| owned(Some(audience))).collect())
            .collect(),
        attributes: attributes(assertion),
    })
}

fn is_bearer(confirmation: &&Element) -> bool {
    confirmation.attribute("Method") == Some(BEARER)
}

fn attributes(assertion: &Element) -> Vec<(String, Vec<String>)> {
    let all = assertion.all(ASSERTION, "AttributeStatement").flat_map(|it| it.all(ASSERTION, "Attribute"));
    all.filter_map(|attribute| {
        let values = attribute.all(ASSERTION, "AttributeValue").filter_map(value).map(str::to_owned).collect();
        Some((attribute.attribute("Name")?.to_owned(), values))
    })
    .collect()
}

/// A value's text, which eduPersonTargetedID has in an element of its own.
fn value(element: &Element) -> Option<&str> {
    element.text().or_else(|| {
        let mut inside = element.elements();
        let only = inside.next().filter(|_| element.elements().count() == 1)?;
        only.text()
    })
}

fn owned(element: Option<&Element>) -> String {
    element.and_then(Element::text).unwrap_or_default().to_owned()
}

/// The time an attribute gives, if it is there.
fn time(element: &Element, name: &str) -> Result<Option<Timestamp>, &'static str> {
    let text = element.attribute(name);
    text.map(|text| text.parse().map_err(|_| "a time in the assertion is malformed")).transpose()
}
