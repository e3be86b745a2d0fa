//! What the fixtures of independent libraries say (PyJWT and signxml made them), what attackers may send, and that nothing panics.

use proptest::prelude::*;

use crate::canonical::canonical;
use crate::jwks::{KeySet, Unverified};
use crate::jwt::Token;
use crate::saml::{self, Refused};
use crate::{discovery, metadata, xml};

const METADATA: &str = include_str!("tests/metadata.xml");
const RESPONSE: &str = include_str!("tests/response.xml");
const KEYS: &str = include_str!("tests/keys.json");
const TOKENS: &str = include_str!("tests/tokens.json");

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// What becomes of a response of the fixture's provider.
fn verified(text: &str) -> Result<saml::Assertion, Refused> {
    saml::read(&base64(text))?.verified(&metadata::parse(METADATA).unwrap(), &saml::Opening::default())
}

fn tokens() -> Vec<(String, String)> {
    let tokens: std::collections::BTreeMap<String, String> = serde_json::from_str(TOKENS).unwrap();
    tokens.into_iter().collect()
}

#[test]
fn tokens_of_every_algorithm() {
    let keys = KeySet::parse(KEYS.as_bytes()).unwrap();
    for (algorithm, text) in tokens() {
        let token = Token::parse(&text).unwrap();
        assert_eq!(token.verify(&keys), Ok(()), "{algorithm}");
        assert_eq!((token.text("sub"), token.seconds("exp")), (Some("somebody"), Some(2000)));
        // Another header or other claims with the same signature.
        let (signed, signature) = text.rsplit_once('.').unwrap();
        let (header, _) = signed.split_once('.').unwrap();
        let forged = format!("{header}.eyJzdWIiOiJyb290In0.{signature}");
        assert_eq!(Token::parse(&forged).unwrap().verify(&keys), Err(Unverified::BadSignature), "{algorithm}");
    }
}

#[test]
fn a_key_is_for_its_own_algorithms() {
    let keys = KeySet::parse(KEYS.as_bytes()).unwrap();
    let of = |name: &str| tokens().into_iter().find(|(held, _)| held == name).unwrap().1;
    let with_header = |header: &str, token: &str| {
        use base64::Engine as _;
        let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(header);
        format!("{header}.{}", token.split_once('.').unwrap().1)
    };
    for (header, algorithm) in [
        (r#"{"alg":"RS384","kid":"RS256"}"#, "RS256"),
        (r#"{"alg":"ES256","kid":"RS256"}"#, "ES256"),
        (r#"{"alg":"RS256","kid":"ES256"}"#, "RS256"),
        (r#"{"alg":"ES384","kid":"ES512"}"#, "ES384"),
    ] {
        let token = Token::parse(&with_header(header, &of(algorithm))).unwrap();
        assert_eq!(token.verify(&keys), Err(Unverified::UnknownKey), "{header}");
    }
    for header in
        [r#"{"alg":"none"}"#, r#"{"alg":"HS256","kid":"RS256"}"#, r#"{"alg":"RS256","crit":[]}"#, r#"{}"#, "[]"]
    {
        assert!(Token::parse(&with_header(header, &of("RS256"))).is_none(), "{header}");
    }
}

#[test]
fn key_sets_that_are_none() {
    let many = format!(r#"{{"keys":[{}]}}"#, [r#"{"kty":"EC","crv":"P-256","x":"","y":""}"#; 3].join(","));
    for text in ["", "{}", "[]", r#"{"keys":[]}"#, r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#, many.as_str()] {
        assert!(KeySet::parse(text.as_bytes()).is_err(), "{text}");
    }
}

/// One odd key is passed over; the others are as good as before. What is refused is not told word by word.
#[test]
fn key_sets_with_odd_keys() {
    let keys = KEYS.replacen(
        '[',
        r#"[5, {}, {"kty": 5}, {"kty": "RSA", "kid": 1}, {"kty": "EC", "crv": "P-256", "x": []},"#,
        1,
    );
    let keys = KeySet::parse(keys.as_bytes()).unwrap();
    for (algorithm, text) in tokens() {
        assert_eq!(Token::parse(&text).unwrap().verify(&keys), Ok(()), "{algorithm}");
    }
    let refused = KeySet::parse(br#"{"keys":"a secret"}"#).unwrap_err();
    assert_eq!(refused, "no JSON object with a list of `keys` (line 1, column 18)");
}

#[test]
fn discovery_documents() {
    let document = br#"{"issuer":"https://a.example.com/t","jwks_uri":"https://keys.example.com/k"}"#;
    assert_eq!(
        discovery::url_of("https://a.example.com/t/"),
        "https://a.example.com/t/.well-known/openid-configuration"
    );
    assert_eq!(discovery::keys_of("https://a.example.com/t", document).as_deref(), Some("https://keys.example.com/k"));
    assert_eq!(discovery::keys_of("https://b.example.com", document), None);
    assert_eq!(discovery::keys_of("https://a.example.com/t", b"[]"), None);
}

#[test]
fn a_signed_response() {
    let assertion = verified(RESPONSE).unwrap();
    assert_eq!((assertion.issuer.as_str(), assertion.subject.as_str()), ("https://idp.example.com/saml", "somebody"));
    assert_eq!(assertion.values("https://aws.amazon.com/SAML/Attributes/RoleSessionName"), ["ann"]);
    assert_eq!(assertion.recipient, "https://signin.aws.amazon.com/saml");
    assert_eq!(assertion.not_on_or_after, Some(assertion.confirmed_until));
}

#[test]
fn every_changed_value_breaks_the_signature() {
    for (from, to) in [
        (">somebody<", ">root<"),
        (">ann<", ">bob<"),
        ("role/r,", "role/s,"),
        ("<saml:AttributeStatement>", "<saml:AttributeStatement><saml:Attribute Name=\"x\"/>"),
        (" Version=\"2.0\" IssueInstant", " Version=\"2.0\" a=\"b\" IssueInstant"),
        ("xml-exc-c14n#\"/></ds:Transforms>", "xml-exc-c14n#WithComments\"/></ds:Transforms>"),
        ("#enveloped-signature", "#base64"),
        ("#ecdsa-sha256", "#rsa-sha256"),
        ("#ecdsa-sha256", "#hmac-sha256"),
        ("xmlenc#sha256", "xmldsig#sha1"),
        ("<ds:SignedInfo>", "<ds:SignedInfo><ds:Reference URI=\"\"/>"),
        ("<ds:Reference URI=\"#_", "<ds:Reference URI=\"#x_"),
    ] {
        let changed = RESPONSE.replacen(from, to, if from == ">ann<" { 1 } else { 2 });
        let changed = if changed == RESPONSE { panic!("`{from}` is not in the fixture") } else { changed };
        assert!(matches!(verified(&changed), Err(Refused::Signature(_))), "{from}: {:?}", verified(&changed));
    }
}

#[test]
fn comments_do_not_split_values() {
    let assertion = verified(&RESPONSE.replace(">somebody<", ">some<!-- x -->body<")).unwrap();
    assert_eq!(assertion.subject, "somebody");
}

#[test]
fn an_id_that_is_there_twice() {
    let id =
        RESPONSE.split("<saml:Assertion").nth(1).unwrap().split(" ID=\"").nth(1).unwrap().split('"').next().unwrap();
    for name in ["ID", "Id", "id"] {
        let element = format!("<samlp:Extensions><x {name}=\"{id}\"/></samlp:Extensions><samlp:Status>");
        let doubled = RESPONSE.replacen("<samlp:Status>", &element, 1);
        assert_eq!(verified(&doubled), Err(Refused::Signature("the id is there twice".into())), "{name}");
    }
}

#[test]
fn what_the_reader_refuses() {
    for text in [
        "",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "x<a/>",
        "<a>&e;</a>",
        "<a>&#0;</a>",
        "<a>&#xD800;</a>",
        "<a b='1' b='2'/>",
        "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
        "<p:a/>",
        "<a p:b='1'/>",
        "<a xmlns:p=''/>",
        "<a xmlns:xml='u'/>",
        "<a b='&lt'/>",
        "<a b='<'/>",
        "<a><?php x?></a>",
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
        "<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
        " <?xml version='1.0'?><a/>",
        "<!-- c --><?xml version='1.0'?><a/>",
        "<a><?xml version='1.0'?></a>",
        "<a/><?xml version='1.0'?>",
        "<a:b:c xmlns:a='u'/>",
    ] {
        assert!(xml::parse(text).is_err(), "{text}");
    }
    assert!(xml::parse(&"<a>".repeat(100_000)).is_err());
    let declaring = |count: u8| (0..count).map(|number| format!(" xmlns:p{number}='u'")).collect::<String>();
    assert!(xml::parse(&format!("<a{}/>", declaring(64))).is_ok());
    assert!(xml::parse(&format!("<a{}/>", declaring(65))).is_err());
    assert!(xml::parse(&format!("<a>{}</a>", "<b/>".repeat(99_999))).is_ok());
    assert!(xml::parse(&format!("<a>{}</a>", "<b/>".repeat(100_000))).is_err());
}

/// Examples of the recommendation and of its corner cases.
#[test]
fn canonical_form() {
    let all = |text: &str| canonical(&xml::parse(text).unwrap(), None, &[]);
    for (text, expected) in [
        ("<a/>", "<a></a>"),
        ("<?xml version=\"1.0\"?><!-- c --><a><!-- c -->x<!-- d -->y</a>", "<a>xy</a>"),
        ("<a  z='1'\n a='2' />", "<a a=\"2\" z=\"1\"></a>"),
        ("<a xmlns='u' xmlns:unused='v'><b/></a>", "<a xmlns=\"u\"><b></b></a>"),
        ("<a xmlns='u'><b xmlns=''/></a>", "<a xmlns=\"u\"><b xmlns=\"\"></b></a>"),
        ("<n:a xmlns:n='u'><n:b xmlns:n='u'/></n:a>", "<n:a xmlns:n=\"u\"><n:b></n:b></n:a>"),
        ("<n:a xmlns:n='u'><n:b xmlns:n='v'/></n:a>", "<n:a xmlns:n=\"u\"><n:b xmlns:n=\"v\"></n:b></n:a>"),
        (
            "<a xmlns:p='u'><b p:c='1'/><b p:c='1'/></a>",
            "<a><b xmlns:p=\"u\" p:c=\"1\"></b><b xmlns:p=\"u\" p:c=\"1\"></b></a>",
        ),
        (
            "<a xmlns:y='a' xmlns:x='b' x:q='1' y:q='2' q='3'/>",
            "<a xmlns:x=\"b\" xmlns:y=\"a\" q=\"3\" y:q=\"2\" x:q=\"1\"></a>",
        ),
        ("<a b=\"&lt;&amp;&quot;&#9;&#10;&#13;\t>'\"/>", "<a b=\"&lt;&amp;&quot;&#x9;&#xA;&#xD; >'\"></a>"),
        ("<a>&lt;&gt;&amp;\"'&#13;\r\n\r\t</a>", "<a>&lt;&gt;&amp;\"'&#xD;\n\n\t</a>"),
        ("<a><![CDATA[<&]]>x</a>", "<a>&lt;&amp;x</a>"),
        ("<a xml:lang='en'/>", "<a xml:lang=\"en\"></a>"),
    ] {
        assert_eq!(all(text), expected, "{text}");
    }
}

#[test]
fn canonical_form_of_a_part() {
    let root = xml::parse("<a xmlns='u' xmlns:p='v' xmlns:q='w'><p:b><c/></p:b></a>").unwrap();
    let inner = root.elements().next().unwrap();
    assert_eq!(canonical(inner, None, &[]), "<p:b xmlns:p=\"v\"><c xmlns=\"u\"></c></p:b>");
    assert_eq!(canonical(inner, None, &["q"]), "<p:b xmlns:p=\"v\" xmlns:q=\"w\"><c xmlns=\"u\"></c></p:b>");
    assert_eq!(canonical(inner, None, &["#default", "none"]), "<p:b xmlns=\"u\" xmlns:p=\"v\"><c></c></p:b>");
    assert_eq!(canonical(inner, inner.elements().next(), &[]), "<p:b xmlns:p=\"v\"></p:b>");
}

/// What the list asks for is written where it comes into force, and again where a prefix changes.
#[test]
fn canonical_form_with_a_list() {
    let text = "<a xmlns:p='u' xmlns:q='v'><b><c xmlns:q='w'><d/></c></b><b xmlns:p='u'/></a>";
    let expected = "<a xmlns:p=\"u\" xmlns:q=\"v\"><b><c xmlns:q=\"w\"><d></d></c></b><b></b></a>";
    assert_eq!(canonical(&xml::parse(text).unwrap(), None, &["p", "q", "r"]), expected);
}

/// A small document that asks for a list of many prefixes in each of many elements.
#[test]
fn a_list_is_short() {
    let list = |count: u8| (0..count).map(|number| format!("p{number}")).collect::<Vec<_>>().join(" ");
    let exclusive = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"";
    let with = |count| {
        let namespace = "http://www.w3.org/2001/10/xml-exc-c14n#";
        let list = format!("<e:InclusiveNamespaces xmlns:e=\"{namespace}\" PrefixList=\"{}\"/>", list(count));
        let changed = RESPONSE.replacen(&format!("{exclusive}/>"), &format!("{exclusive}>{list}</ds:Transform>"), 1);
        assert_ne!(changed, RESPONSE);
        verified(&changed)
    };
    let refused = |why: &str| Err(Refused::Signature(why.into()));
    // That the list is there breaks the signature all the same, but later.
    assert_eq!(with(16), refused("none of the provider's keys made the signature"));
    assert_eq!(with(17), refused("the prefix list is too long"));
}

#[test]
fn the_name_of_a_subject() {
    let named = |inside: &str| {
        let text = format!("<Subject xmlns='urn:oasis:names:tc:SAML:2.0:assertion'>{inside}</Subject>");
        saml::name(&xml::parse(&text).unwrap()).and_then(|name| name.text().map(str::to_owned))
    };
    assert_eq!(named("<NameID>ann</NameID><SubjectConfirmation/>").as_deref(), Some("ann"));
    for refused in [
        "",
        "<NameID/>",
        "<NameID>ann<b/></NameID>",
        "<NameID>ann</NameID><NameID>bob</NameID>",
        "<EncryptedID/>",
        "<NameID>ann</NameID><EncryptedID/>",
        "<BaseID/><NameID>ann</NameID>",
        "<NameID xmlns='u'>ann</NameID>",
    ] {
        assert_eq!(named(refused), None, "{refused}");
    }
}

#[test]
fn nothing_of_a_response_shows() {
    let response = saml::read(&base64(RESPONSE)).unwrap();
    let shown = format!("{response:?} {:?}", verified(RESPONSE).unwrap());
    assert_eq!(shown, "Response { .. } Assertion { issuer: \"https://idp.example.com/saml\", .. }");
}

#[test]
fn rsa_keys_have_their_length() {
    use crate::certificate::PublicKey;
    for (certificate, is_taken) in [
        (include_str!("tests/rsa-1024.txt"), false),
        (include_str!("tests/rsa-2047.txt"), false),
        (include_str!("tests/rsa-2048.txt"), true),
    ] {
        assert_eq!(PublicKey::of_certificate(certificate).is_some(), is_taken, "{certificate}");
    }
}

#[test]
fn metadata_that_is_none() {
    assert!(metadata::parse(METADATA).is_ok());
    for (from, to) in [
        ("entityID=\"https://idp.example.com/saml\"", ""),
        ("X509Certificate>MII", "X509Certificate>AAA"),
        ("entityID", "validUntil=\"soon\" entityID"),
        ("EntityDescriptor", "SomethingElse"),
    ] {
        let refused = metadata::parse(&METADATA.replace(from, to));
        assert!(matches!(refused, Err(metadata::Refused::Malformed(_))), "{from}: {refused:?}");
    }
    for (from, to) in [("IDPSSODescriptor", "SPSSODescriptor"), ("SAML:2.0:protocol", "SAML:1.1:protocol")] {
        assert_eq!(metadata::parse(&METADATA.replace(from, to)), Err(metadata::Refused::NoIssuer), "{from}");
    }
    // AWS takes one without a key to sign with.
    let keyless = metadata::parse(&METADATA.replace("use=\"signing\"", "use=\"encryption\"")).unwrap();
    assert_eq!(keyless.keys, []);
    let until = metadata::parse(&METADATA.replace("entityID", "validUntil=\"2030-01-01T00:00:00Z\" entityID")).unwrap();
    assert_eq!(until.valid_until.unwrap().to_string(), "2030-01-01T00:00:00Z");
}

/// Texts that look like XML.
fn markup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<a>".to_owned()),
        Just("</a>".to_owned()),
        Just("<a xmlns='u' b=\"c\"/>".to_owned()),
        Just("<p:a xmlns:p='u'>".to_owned()),
        Just("</p:a>".to_owned()),
        Just("<!--".to_owned()),
        Just("-->".to_owned()),
        Just("<![CDATA[".to_owned()),
        Just("]]>".to_owned()),
        Just("&#x41;".to_owned()),
        Just("&amp;".to_owned()),
        Just("<!DOCTYPE".to_owned()),
        Just("<?x ?>".to_owned()),
        "\\PC{0,4}",
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_xml_panics(text in markup()) {
        if let Ok(root) = xml::parse(&text) {
            // What was read and written reads and writes the same.
            let written = canonical(&root, None, &[]);
            let again = canonical(&xml::parse(&written).unwrap(), None, &[]);
            prop_assert_eq!(written, again);
        }
        let _ = metadata::parse(&text);
        let _ = verified(&text);
    }

    /// A byte changed anywhere gives the same assertion or none.
    #[test]
    fn no_changed_response_says_something_else(at in 0..RESPONSE.len(), byte in 32u8..127) {
        let mut bytes = RESPONSE.as_bytes().to_vec();
        bytes[at] = byte;
        if let Ok(text) = String::from_utf8(bytes)
            && let Ok(assertion) = verified(&text)
        {
            prop_assert_eq!(assertion, verified(RESPONSE).unwrap());
        }
    }

    #[test]
    fn no_token_panics(text in "[A-Za-z0-9_.=-]{0,80}", keys in "\\PC{0,80}") {
        let _ = Token::parse(&text);
        let _ = KeySet::parse(keys.as_bytes());
        let _ = discovery::keys_of("https://a.example.com", keys.as_bytes());
    }

    #[test]
    fn no_changed_token_is_genuine(which in 0usize..6, at in 0usize..200, byte in "[A-Za-z0-9_-]") {
        let keys = KeySet::parse(KEYS.as_bytes()).unwrap();
        let text = tokens()[which].1.clone();
        let at = at.min(text.len() - 1);
        let changed = format!("{}{byte}{}", &text[..at], &text[at + 1..]);
        if let Some(token) = Token::parse(&changed) && token.verify(&keys).is_ok() {
            prop_assert_eq!(changed, text);
        }
    }
}
