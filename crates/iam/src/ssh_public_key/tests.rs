//! SSH public keys: the same key in every form, five for a user, and what is no key.

use crate::tests::{stage, texts};

const LINE: &str = include_str!("samples/rsa.pub");
const PEM: &str = include_str!("samples/rsa.pem");
const PKCS1: &str = include_str!("samples/rsa-pkcs1.pem");
const SHORT: &str = include_str!("samples/short.pub");
const ED25519: &str = include_str!("samples/ed25519.pub");
/// As `ssh-keygen -E md5 -lf` has it.
const FINGERPRINT: &str = "8c:6a:bb:9a:f7:3d:ee:02:33:9f:fc:19:bc:12:23:e0";

#[test]
fn a_key_comes_in_both_encodings() {
    let bare = LINE.trim_end().trim_end_matches(" ann@example");
    for (body, ssh, pem) in [(LINE, LINE, PEM), (PEM, bare, PEM), (PKCS1, bare, PKCS1)] {
        let mut stage = stage();
        stage.done("CreateUser", &[("UserName", "Bob")]);
        let uploaded = stage.done("UploadSSHPublicKey", &[("UserName", "bob"), ("SSHPublicKeyBody", body)]);
        let id = texts(&uploaded, "SSHPublicKeyId")[0];
        assert!(id.starts_with("APKA") && id.len() == 20, "{id}");
        assert_eq!(texts(&uploaded, "Fingerprint"), [FINGERPRINT]);
        for (encoding, expected) in [("SSH", ssh), ("PEM", pem)] {
            let parameters = [("UserName", "bob"), ("SSHPublicKeyId", id), ("Encoding", encoding)];
            assert_eq!(
                texts(&stage.done("GetSSHPublicKey", &parameters), "SSHPublicKeyBody"),
                [expected],
                "{encoding}"
            );
        }
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "bob")]);
    let unknown = "UnrecognizedPublicKeyEncoding: Invalid public key uploaded.";
    let invalid = "InvalidPublicKey: Invalid body for public key";
    let cases = [
        ("key", unknown),
        (ED25519, unknown),
        ("ssh-rsa AAAA", invalid),
        (SHORT, invalid),
        ("-----BEGIN PUBLIC KEY-----", invalid),
        (include_str!("../x509/samples/leaf.key"), unknown),
        (include_str!("../x509/samples/leaf.pem"), unknown),
    ];
    for (body, expected) in cases {
        assert_eq!(stage.refused("UploadSSHPublicKey", &[("UserName", "bob"), ("SSHPublicKeyBody", body)]), expected);
    }
    stage.done("UploadSSHPublicKey", &[("UserName", "bob"), ("SSHPublicKeyBody", LINE)]);
    assert_eq!(
        stage.refused("UploadSSHPublicKey", &[("UserName", "bob"), ("SSHPublicKeyBody", PEM)]),
        "DuplicateSSHPublicKey: Duplicate SSH public key uploaded."
    );
    stage.done("CreateUser", &[("UserName", "eve")]);
    stage.done("UploadSSHPublicKey", &[("UserName", "eve"), ("SSHPublicKeyBody", LINE)]);
}

#[test]
fn keys_are_listed_put_to_rest_and_removed() {
    let mut stage = stage();
    stage.user_allowed("bob", "iam:ListSSHPublicKeys", "*");
    let uploaded = stage.done("UploadSSHPublicKey", &[("UserName", "bob"), ("SSHPublicKeyBody", LINE)]);
    let id = texts(&uploaded, "SSHPublicKeyId")[0].to_owned();
    let key = [("UserName", "bob"), ("SSHPublicKeyId", id.as_str())];
    stage.done("UpdateSSHPublicKey", &[key.as_slice(), &[("Status", "Inactive")]].concat());
    assert_eq!(
        stage.refused("UpdateSSHPublicKey", &[key.as_slice(), &[("Status", "Expired")]].concat()),
        "InvalidInput: Operation does not support status Expired"
    );
    assert_eq!(
        stage.refused("ListSSHPublicKeys", &[]),
        "ValidationError: Must specify userName when calling with non-User credentials"
    );
    stage.done("DeleteUserPolicy", &[("UserName", "bob"), ("PolicyName", "p")]);
    assert_eq!(
        stage.refused("DeleteUser", &[("UserName", "bob")]),
        "DeleteConflict: Cannot delete entity, must remove referenced objects first."
    );
    stage.done("CreateUser", &[("UserName", "eve")]);
    let foreign = [("UserName", "eve"), ("SSHPublicKeyId", id.as_str())];
    let missing = format!("NoSuchEntity: User has no Public Key with id {id}.");
    assert_eq!(stage.refused("DeleteSSHPublicKey", &foreign), missing);
    assert_eq!(texts(&stage.done("ListSSHPublicKeys", &[("UserName", "bob")]), "Status"), ["Inactive"]);
    stage.done("DeleteSSHPublicKey", &key);
    assert_eq!(stage.refused("GetSSHPublicKey", &[key.as_slice(), &[("Encoding", "SSH")]].concat()), missing);
    stage.done("DeleteUser", &[("UserName", "bob")]);
}
