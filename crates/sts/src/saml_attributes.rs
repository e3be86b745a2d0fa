//! What STS reads out of the attributes of a SAML assertion: roles, session tags, and the condition keys of well-known attributes.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml>.

use federation::saml::Assertion;
use service::prelude::*;

/// What the names of AWS's own attributes begin with.
pub const ATTRIBUTES: &str = "https://aws.amazon.com/SAML/Attributes/";

/// Condition keys by the attribute's object identifier: of X.500, of eduPerson and of eduOrg.
const KEYS: &[(&str, &str)] = &[
    ("urn:oid:2.5.4.3", "saml:commonName"),
    ("urn:oid:2.5.4.4", "saml:surname"),
    ("urn:oid:2.5.4.41", "saml:name"),
    ("urn:oid:2.5.4.42", "saml:givenName"),
    ("urn:oid:2.5.4.45", "saml:x500UniqueIdentifier"),
    ("urn:oid:0.9.2342.19200300.100.1.1", "saml:uid"),
    ("urn:oid:0.9.2342.19200300.100.1.3", "saml:mail"),
    ("urn:oid:0.9.2342.19200300.100.1.45", "saml:organizationStatus"),
    ("urn:oid:1.2.840.113556.1.4.98", "saml:primaryGroupSID"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "saml:edupersonaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.2", "saml:edupersonnickname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "saml:edupersonorgdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.4", "saml:edupersonorgunitdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.5", "saml:edupersonprimaryaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "saml:edupersonprincipalname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "saml:edupersonentitlement"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.8", "saml:edupersonprimaryorgunitdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.9", "saml:edupersonscopedaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.10", "saml:edupersontargetedid"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.11", "saml:edupersonassurance"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.2", "saml:eduorghomepageuri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.3", "saml:eduorgidentityauthnpolicyuri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.4", "saml:eduorglegalname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.5", "saml:eduorgsuperioruri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.6", "saml:eduorgwhitepagesuri"),
    ("urn:oid:2.5.4.3", "saml:cn"),
];

/// The pairs of role and provider that the provider gives this person. AWS takes them in either order.
pub fn roles(assertion: &Assertion) -> Vec<(&str, &str)> {
    let pairs = assertion.values(&format!("{ATTRIBUTES}Role")).into_iter().filter_map(pair);
    pairs
        .map(|(first, second)| if first.contains(":saml-provider/") { (second, first) } else { (first, second) })
        .collect()
}

/// The two ARNs of a pair. Names may have commas, so the one between the ARNs is the one with an ARN after it.
fn pair(text: &str) -> Option<(&str, &str)> {
    let halves = |(at, _)| Some((text.get(..at)?.trim(), text.get(at..)?.strip_prefix(',')?.trim()));
    text.match_indices(',').filter_map(halves).find(|(_, second)| second.starts_with("arn:"))
}

/// Session tags and the keys of the transitive ones. Nothing if a tag has not exactly one value.
pub fn tags(assertion: &Assertion) -> Option<(Vec<Tag>, Vec<String>)> {
    let prefix = format!("{ATTRIBUTES}PrincipalTag:");
    let tags = assertion.attributes.iter().filter_map(|(name, values)| {
        let key = name.strip_prefix(&prefix)?;
        let [value] = values.as_slice() else { return Some(None) };
        Some(Some(Tag::new(key, value.as_str())))
    });
    let transitive = assertion.values(&format!("{ATTRIBUTES}TransitiveTagKeys"));
    Some((tags.collect::<Option<Vec<_>>>()?, transitive.into_iter().map(str::to_owned).collect()))
}

/// The condition keys of the attributes there are.
pub fn keys(assertion: &Assertion) -> Vec<(String, Vec<String>)> {
    let key = |(attribute, key): &(&str, &str)| {
        let values: Vec<String> = assertion.values(attribute).into_iter().map(str::to_owned).collect();
        (!values.is_empty()).then(|| ((*key).to_owned(), values))
    };
    KEYS.iter().filter_map(key).collect()
}
