//! Certificates and keys against samples that OpenSSL's library made (`samples/`).

use super::*;

const ROOT: &str = include_str!("samples/root.pem");
const INTERMEDIATE: &str = include_str!("samples/intermediate.pem");
const LEAF: &str = include_str!("samples/leaf.pem");
const CURVE: &str = include_str!("samples/curve.pem");

fn certificate(pem: &str) -> Certificate {
    Certificate::from_pem(pem).unwrap()
}

#[test]
fn only_certificates_are_read() {
    assert_eq!(Certificate::chain(&[LEAF, "\n", INTERMEDIATE].concat()).unwrap().len(), 2);
    assert_eq!(Certificate::chain(&LEAF.replace('\n', "\r\n")).unwrap().len(), 1);
    let broken = LEAF.replace("MII", "MIA");
    let key = include_str!("samples/leaf.key");
    for text in ["", "  ", "certificate", &[LEAF, "text"].concat(), &["text\n", LEAF].concat(), &broken, key] {
        assert!(Certificate::chain(text).is_none(), "{text}");
    }
    assert!(Certificate::from_pem(&[LEAF, INTERMEDIATE].concat()).is_none());
}

#[test]
fn validity_is_told() {
    let (from, to) = certificate(LEAF).validity().unwrap();
    assert_eq!((from.to_string(), to.to_string()), ("2020-01-01T00:00:00Z".into(), "2090-01-01T00:00:00Z".into()));
}

#[test]
fn keys_match_their_certificate_only() {
    let cases = [
        (LEAF, include_str!("samples/leaf.key"), Some(true)),
        (LEAF, include_str!("samples/leaf-pkcs8.key"), Some(true)),
        (LEAF, include_str!("samples/other.key"), Some(false)),
        (LEAF, include_str!("samples/curve.key"), Some(false)),
        (CURVE, include_str!("samples/curve.key"), Some(true)),
        (CURVE, include_str!("samples/curve-pkcs8.key"), Some(true)),
        (CURVE, include_str!("samples/other-curve.key"), Some(false)),
        (CURVE, include_str!("samples/leaf.key"), Some(false)),
        (LEAF, include_str!("samples/locked.key"), None),
        (LEAF, LEAF, None),
        (LEAF, "key", None),
    ];
    for (pem, key, expected) in cases {
        assert_eq!(certificate(pem).matches(key), expected, "{key}");
    }
}

#[test]
fn signatures_are_verified() {
    let (root, intermediate) = (certificate(ROOT), certificate(INTERMEDIATE));
    let (leaf, curve) = (certificate(LEAF), certificate(CURVE));
    let impostor = certificate(include_str!("samples/impostor.pem"));
    let cases = [
        (&root, &root, (true, true)),
        (&intermediate, &root, (true, true)),
        (&leaf, &intermediate, (true, true)),
        (&curve, &root, (true, true)),
        (&leaf, &impostor, (true, false)),
        (&leaf, &root, (false, false)),
    ];
    for (position, (signed, issuer, expected)) in cases.into_iter().enumerate() {
        assert_eq!((signed.names_as_issuer(issuer), signed.is_signed_by(issuer)), expected, "case {position}");
    }
}
