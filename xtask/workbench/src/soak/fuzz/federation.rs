//! The readers of what identity providers say: XML, SAML responses and JSON web tokens. What was not signed so must not be believed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use federation::jwks::KeySet;
use federation::jwt::Token;
use federation::saml::{self, Opening};
use federation::{discovery, metadata, xml};

use super::targets::{Target, seeds};

const METADATA: &str = include_str!("../../../../../crates/federation/src/tests/metadata.xml");
const RESPONSE: &str = include_str!("../../../../../crates/federation/src/tests/response.xml");
const KEYS: &str = include_str!("../../../../../crates/federation/src/tests/keys.json");
const TOKENS: &str = include_str!("../../../../../crates/federation/src/tests/tokens.json");

const MARKUP: &[&str] = &[
    "<a>",
    "</a>",
    "<a/>",
    "<p:a xmlns:p='u' p:b=''>",
    "</p:a>",
    " xmlns=\"\"",
    " xmlns:ds=\"u\"",
    " ID=\"_1\"",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?xml version='1.0'?>",
    "<!DOCTYPE a [<!ENTITY e 'x'>]>",
    "&e;",
    "&#x41;",
    "&#0;",
    "&amp;",
    "\u{feff}",
    "<e:InclusiveNamespaces xmlns:e=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"#default a b c d e f\"/>",
    "<ds:Object>",
    "</ds:Object>",
    "<ds:Signature>",
    "<saml:Assertion>",
    "</saml:Assertion>",
    "<saml:EncryptedAssertion>",
    "<saml:SubjectConfirmation>",
    " NotOnOrAfter=\"9999-12-31T23:59:60Z\"",
];

/// The small XML reader, and metadata documents.
pub fn documents() -> Target {
    Target {
        name: "xml",
        seeds: seeds(&[
            METADATA,
            RESPONSE,
            "<a xmlns='u' xmlns:p='v' p:b='&lt;&#9;'><p:c/><![CDATA[x]]>y<!-- z --></a>",
        ]),
        words: MARKUP,
        read: Box::new(|input| {
            let Ok(text) = std::str::from_utf8(input) else { return false };
            _ = metadata::parse(text);
            xml::parse(text).is_ok_and(|root| !root.descendants().is_empty())
        }),
    }
}

/// SAML responses: one that is believed says what the genuine one says.
pub fn responses() -> Target {
    let provider = metadata::parse(METADATA).ok();
    let verified = move |text: &[u8]| {
        let response = saml::read(&STANDARD.encode(text)).ok()?;
        Some(response.verified(provider.as_ref()?, &Opening::default()).ok())
    };
    let genuine = verified(RESPONSE.as_bytes()).flatten();
    assert!(genuine.is_some(), "the genuine response is not believed");
    Target {
        name: "saml",
        seeds: seeds(&[RESPONSE]),
        words: MARKUP,
        read: Box::new(move |input| {
            let Some(assertion) = verified(input) else { return false };
            assert!(assertion.is_none() || assertion == genuine, "a changed response is believed");
            true
        }),
    }
}

/// JSON web tokens, and the key sets and discovery documents that go with them.
pub fn web_tokens() -> Target {
    let keys = KeySet::parse(KEYS.as_bytes()).unwrap_or_default();
    let tokens: std::collections::BTreeMap<String, String> = serde_json::from_str(TOKENS).unwrap_or_default();
    let tokens: Vec<String> = tokens.into_values().collect();
    let genuine = |text: &String| Token::parse(text).is_some_and(|token| token.verify(&keys).is_ok());
    assert!(!tokens.is_empty() && tokens.iter().all(genuine), "a genuine token is not believed");
    let document = r#"{"issuer":"https://a.example.com","jwks_uri":"https://a.example.com/keys"}"#;
    let others = [KEYS, document].into_iter();
    Target {
        name: "jwt",
        seeds: tokens.iter().map(String::as_str).chain(others).map(|text| text.as_bytes().to_vec()).collect(),
        words: &[
            ".",
            "=",
            "eyJhbGciOiJub25lIn0",
            "eyJhbGciOiJIUzI1NiJ9",
            "eyJhbGciOiJSUzI1NiJ9",
            "eyJhbGciOiJFUzI1NiIsImNyaXQiOltdfQ",
            "eyJzdWIiOiJyb290In0",
            "AAAA",
            "{",
            "}",
            "[",
            "]",
            ",",
            "\"kty\":\"RSA\"",
            "\"crv\":\"P-521\"",
            "\"kid\":null",
            "\"keys\":[",
            "1e999",
            "\\ud800",
        ],
        read: Box::new(move |input| {
            let Ok(text) = std::str::from_utf8(input) else { return false };
            let token = Token::parse(text);
            if let Some(token) = &token {
                let is_believed = token.verify(&keys).is_ok();
                assert!(!is_believed || tokens.iter().any(|genuine| genuine == text), "a changed token is believed");
                _ = (token.text("sub"), token.texts("aud"), token.seconds("exp"));
            }
            _ = discovery::keys_of("https://a.example.com", input);
            token.is_some() || KeySet::parse(input).is_ok()
        }),
    }
}
