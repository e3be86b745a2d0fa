//! Server certificates: real keys and chains, names and paths, tags.

use crate::tests::{stage, texts};

const ROOT: &str = include_str!("../x509/samples/root.pem");
const INTERMEDIATE: &str = include_str!("../x509/samples/intermediate.pem");
const IMPOSTOR: &str = include_str!("../x509/samples/impostor.pem");
const LEAF: &str = include_str!("../x509/samples/leaf.pem");
const KEY: &str = include_str!("../x509/samples/leaf.key");
const EXPIRED: &str = include_str!("../x509/samples/expired.pem");

fn named(name: &str) -> Vec<(&str, &str)> {
    vec![("ServerCertificateName", name), ("CertificateBody", LEAF), ("PrivateKey", KEY)]
}

#[test]
fn what_is_uploaded_is_kept_but_for_the_key() {
    let mut stage = stage();
    let chain = [INTERMEDIATE, ROOT].concat();
    let more = [
        ("CertificateChain", chain.as_str()),
        ("Path", "/web/"),
        ("Tags.member.1.Key", "b"),
        ("Tags.member.1.Value", "1"),
    ];
    let uploaded = stage.done("UploadServerCertificate", &[named("Site"), more.to_vec()].concat());
    assert_eq!(texts(&uploaded, "Arn"), ["arn:aws:iam::123456789012:server-certificate/web/Site"]);
    assert_eq!(texts(&uploaded, "Expiration"), ["2090-01-01T00:00:00Z"]);
    assert_eq!(texts(&uploaded, "UploadDate"), ["2026-09-21T14:13:20Z"]);
    assert!(texts(&uploaded, "ServerCertificateId")[0].starts_with("ASCA"));
    let shown = stage.done("GetServerCertificate", &[("ServerCertificateName", "site")]);
    assert_eq!(
        (texts(&shown, "CertificateBody"), texts(&shown, "CertificateChain")),
        (vec![LEAF.trim()], vec![chain.trim()])
    );
    assert_eq!(texts(&shown, "Key"), ["b"]);
    assert!(
        !serde_json::to_string(
            &*crate::entity::find_server_certificate(&stage.world, stage.cx.account(), "site").unwrap()
        )
        .unwrap()
        .contains("PRIVATE")
    );
    assert_eq!(
        stage.refused("UploadServerCertificate", &named("SITE")),
        "EntityAlreadyExists: The Server Certificate with name SITE already exists."
    );
    stage.done("DeleteServerCertificate", &[("ServerCertificateName", "site")]);
    assert_eq!(
        stage.refused("GetServerCertificate", &[("ServerCertificateName", "site")]),
        "NoSuchEntity: The Server Certificate with name site cannot be found."
    );
}

#[test]
fn keys_chains_and_dates_must_be_right() {
    let mut stage = stage();
    let broken = |index: i64| {
        format!(
            "MalformedCertificate: Unable to validate certificate chain. The certificate chain must start with the immediate signing \
             certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: {index}"
        )
    };
    let unreadable =
        "MalformedCertificate: Unable to parse certificate. Please ensure the certificate is in PEM format.".to_owned();
    let mismatch = "KeyPairMismatch: The private key did not match the public key provided. Please verify the key material and try again.".to_owned();
    let past = "MalformedCertificate: Certificate is no longer valid. The 'Not After' date restriction on the certificate has passed.".to_owned();
    let other = include_str!("../x509/samples/other.key");
    let (reversed, gap) = ([ROOT, INTERMEDIATE].concat(), [ROOT, ROOT].concat());
    let (forged, repeated) = ([IMPOSTOR, ROOT].concat(), [LEAF, INTERMEDIATE].concat());
    let cases = [
        ("no", KEY, None, unreadable),
        (LEAF, "no", None, "MalformedCertificate: Invalid Private Key.".to_owned()),
        (LEAF, other, None, mismatch),
        (EXPIRED, KEY, None, past),
        (LEAF, KEY, Some("no"), "MalformedCertificate: Unknown".to_owned()),
        (LEAF, KEY, Some(&repeated), broken(1)),
        (LEAF, KEY, Some(ROOT), broken(-1)),
        (LEAF, KEY, Some(&reversed), broken(-1)),
        (LEAF, KEY, Some(&gap), broken(0)),
        (LEAF, KEY, Some(IMPOSTOR), broken(0)),
        (LEAF, KEY, Some(&forged), broken(0)),
    ];
    for (body, key, chain, expected) in cases {
        let mut parameters = vec![("ServerCertificateName", "site"), ("CertificateBody", body), ("PrivateKey", key)];
        parameters.extend(chain.map(|chain| ("CertificateChain", chain)));
        assert_eq!(stage.refused("UploadServerCertificate", &parameters), expected, "{chain:?}");
    }
    stage.done("UploadServerCertificate", &[named("site"), vec![("CertificateChain", INTERMEDIATE)]].concat());
}

#[test]
fn names_and_paths_change() {
    let mut stage = stage();
    for name in ["a", "B", "c"] {
        stage.done("UploadServerCertificate", &named(name));
    }
    let change = [("ServerCertificateName", "B"), ("NewPath", "/x/"), ("NewServerCertificateName", "b")];
    stage.done("UpdateServerCertificate", &change);
    assert_eq!(
        stage.refused("UpdateServerCertificate", &[("ServerCertificateName", "a"), ("NewServerCertificateName", "C")]),
        "EntityAlreadyExists: The Server Certificate with name C already exists."
    );
    let first = stage.done("ListServerCertificates", &[("MaxItems", "2")]);
    assert_eq!(texts(&first, "ServerCertificateName"), ["a", "b"]);
    let rest = stage.done("ListServerCertificates", &[("Marker", texts(&first, "Marker")[0])]);
    assert_eq!(texts(&rest, "ServerCertificateName"), ["c"]);
    let moved = stage.done("ListServerCertificates", &[("PathPrefix", "/x/")]);
    assert_eq!(texts(&moved, "Arn"), ["arn:aws:iam::123456789012:server-certificate/x/b"]);
}

#[test]
fn a_new_name_must_be_allowed_too() {
    let mut stage = stage();
    stage.done("UploadServerCertificate", &named("site"));
    stage.user_allowed("bob", "iam:UpdateServerCertificate", "arn:aws:iam::123456789012:server-certificate/site");
    stage.act_as_user("bob");
    let refusal = stage.refused(
        "UpdateServerCertificate",
        &[("ServerCertificateName", "site"), ("NewServerCertificateName", "other")],
    );
    assert!(refusal.contains("on resource: arn:aws:iam::123456789012:server-certificate/other because"), "{refusal}");
}

#[test]
fn what_was_judged_before_is_not_judged_again() {
    let mut stage = stage();
    let expires = jiff::Timestamp::constant(2_000_000_000, 0);
    stage.cx.prepared = service::cx::Prepared(Some(std::sync::Arc::new(super::Judged(Ok(expires)))));
    let uploaded = stage.done("UploadServerCertificate", &named("site"));
    assert_eq!(texts(&uploaded, "Expiration"), [expires.to_string()]);
}
