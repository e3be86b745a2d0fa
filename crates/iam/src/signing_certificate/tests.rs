//! Signing certificates: real ones, each once, two for a user.

use jiff::SignedDuration;

use crate::tests::{stage, texts};

const LEAF: &str = include_str!("../x509/samples/leaf.pem");
const CURVE: &str = include_str!("../x509/samples/curve.pem");
const ROOT: &str = include_str!("../x509/samples/root.pem");
const EXPIRED: &str = include_str!("../x509/samples/expired.pem");

#[test]
fn a_certificate_is_kept_as_it_was_sent() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "Bob")]);
    let uploaded = stage.done("UploadSigningCertificate", &[("UserName", "bob"), ("CertificateBody", LEAF)]);
    let id = texts(&uploaded, "CertificateId")[0].to_owned();
    assert!(id.len() == 32 && id.bytes().all(|c| c.is_ascii_uppercase() || (b'2'..=b'7').contains(&c)), "{id}");
    stage.cx.now = stage.cx.now.checked_add(SignedDuration::from_mins(1)).unwrap();
    let second = stage.done("UploadSigningCertificate", &[("UserName", "bob"), ("CertificateBody", CURVE)]);
    let listed = stage.done("ListSigningCertificates", &[("UserName", "bob")]);
    assert_eq!(texts(&listed, "CertificateId"), [id.as_str(), texts(&second, "CertificateId")[0]]);
    assert_eq!(texts(&listed, "CertificateBody"), [LEAF, CURVE]);
    assert_eq!(
        stage.refused("UploadSigningCertificate", &[("UserName", "bob"), ("CertificateBody", ROOT)]),
        "LimitExceeded: Cannot exceed quota for CertificatesPerUser: 2"
    );
    let page = stage.done("ListSigningCertificates", &[("UserName", "bob"), ("MaxItems", "1")]);
    let marker = texts(&page, "Marker")[0];
    let rest = stage.done("ListSigningCertificates", &[("UserName", "bob"), ("Marker", marker)]);
    assert_eq!(texts(&rest, "CertificateBody"), [CURVE]);
    let inactive = [("UserName", "bob"), ("CertificateId", id.as_str()), ("Status", "Inactive")];
    stage.done("UpdateSigningCertificate", &inactive);
    let listed = stage.done("ListSigningCertificates", &[("UserName", "bob")]);
    assert_eq!(texts(&listed, "Status"), ["Inactive", "Active"]);
    let expired = [("UserName", "bob"), ("CertificateId", id.as_str()), ("Status", "Expired")];
    assert_eq!(
        stage.refused("UpdateSigningCertificate", &expired),
        "InvalidInput: Operation does not support status Expired"
    );
    assert_eq!(
        stage.refused("DeleteUser", &[("UserName", "bob")]),
        "DeleteConflict: Cannot delete entity, must delete certificates first."
    );
    stage.done("DeleteSigningCertificate", &[("UserName", "bob"), ("CertificateId", &id)]);
    let listed = stage.done("ListSigningCertificates", &[("UserName", "bob")]);
    assert_eq!(texts(&listed, "CertificateBody"), [CURVE]);
}

#[test]
fn bad_and_used_ones_are_refused() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "bob")]);
    let id =
        texts(&stage.done("UploadSigningCertificate", &[("CertificateBody", LEAF)]), "CertificateId")[0].to_owned();
    let expired = format!("MalformedCertificate: Certificate {EXPIRED} is malformed.");
    let cases: [(&[(&str, &str)], String); 3] = [
        (&[("CertificateBody", "no")], "MalformedCertificate: Certificate no is malformed.".into()),
        (&[("CertificateBody", EXPIRED)], expired),
        (
            &[("CertificateBody", LEAF), ("UserName", "bob")],
            "DuplicateCertificate: Duplicate certificate uploaded.".into(),
        ),
    ];
    for (parameters, expected) in cases {
        assert_eq!(stage.refused("UploadSigningCertificate", parameters), expected);
    }
    let again = stage.done("UploadSigningCertificate", &[("CertificateBody", LEAF)]);
    assert_eq!(texts(&again, "CertificateId"), [&id], "the owner may upload it again");
    let of_root = [("CertificateId", id.as_str()), ("UserName", "bob"), ("Status", "Inactive")];
    for operation in ["UpdateSigningCertificate", "DeleteSigningCertificate"] {
        assert_eq!(
            stage.refused(operation, &of_root),
            format!("NoSuchEntity: The Certificate with id {id} cannot be found.")
        );
    }
}

#[test]
fn root_has_its_own() {
    let mut stage = stage();
    let uploaded = stage.done("UploadSigningCertificate", &[("CertificateBody", LEAF)]);
    assert!(!uploaded.contains("UserName"), "{uploaded}");
    let id = texts(&uploaded, "CertificateId")[0];
    stage.done("DeleteSigningCertificate", &[("CertificateId", id)]);
    assert!(texts(&stage.done("ListSigningCertificates", &[]), "CertificateId").is_empty());
}
