//! Key pairs. The public keys were made by ssh-keygen and their fingerprints by openssl.

use std::sync::Arc;

use rsa::pkcs1::DecodeRsaPrivateKey;
use service::cx::Prepared;
use service::prelude::*;

use super::create::*;
use super::describe::*;
use super::material::{DrawnKeyPair, KeyType, draw};
use super::*;
use crate::tags::TagSpecification;
use crate::tests::{filters, knows_filters, later, list, refusal, refused, start};

const RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDKrAsdD+oBNnDwp9U5HQpB+oM9GFb7sjgjdHMHB0QfsxgaxR/HVKXQLnWPqtpxxRWovNf1nd1a8bKTavSOfT+yNz8XQy0iaxDGrwUPIjybh83iJbQLlDfD8im9Xfhqg7zaFEwYgZyNz2yN9wherTsNYUJ2tN98APkb7G07oEosk/QCPXkDTYAfH/0ZOLGITw8dwrUcOBHLoApthYJsHgFufXjY7He3tWANYANGDrT08/grjonPX9+wNVCnsQSfkHHf4Q5b46A3DhzJNRVEbYgo1iGJVUZBITP/CHNd53DZuGK3+rL1UhKlWl2JRyj/AkiE/mqk2b3d22NB1AOHzrWv";
const RSA_DER: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyqwLHQ/qATZw8KfVOR0KQfqDPRhW+7I4I3RzBwdEH7MYGsUfx1Sl0C51j6raccUVqLzX9Z3dWvGyk2r0jn0/sjc/F0MtImsQxq8FDyI8m4fN4iW0C5Q3w/IpvV34aoO82hRMGIGcjc9sjfcIXq07DWFCdrTffAD5G+xtO6BKLJP0Aj15A02AHx/9GTixiE8PHcK1HDgRy6AKbYWCbB4Bbn142Ox3t7VgDWADRg609PP4K46Jz1/fsDVQp7EEn5Bx3+EOW+OgNw4cyTUVRG2IKNYhiVVGQSEz/whzXedw2bhit/qy9VISpVpdiUco/wJIhP5qpNm93dtjQdQDh861rwIDAQAB";
const RSA_MD5: &str = "89:7a:15:4a:b4:33:61:11:e0:9a:d2:e9:01:18:69:65";
const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILOfDT1XghcO9VdFBubfmC6FO3usPhi/pdO8tTwjttYk";
const ED25519_SHA256: &str = "nMCp5Nm4ey9/kxTteeBNSEpwcquAnaFmXnHD2czHTKE=";
const ECDSA: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBO0h78p8O08InwqBVXQ4iZDOLbgzXVmwj/bTn97A7Y8WqG0DB1fog7cD5KV+vphZ2nptAE8tcsrxFDaBxch9a/0=";

fn import_it(cx: &Cx, tx: &mut Tx, name: &str, material: &str) -> Result<Imported, ApiError> {
    let input = ImportKeyPair {
        key_name: name.into(),
        public_key_material: material.as_bytes().to_vec(),
        ..Default::default()
    };
    import(&later(cx, 1), tx, &input)
}

fn described(cx: &Cx, world: &World, name: &str) -> KeyPairOut {
    let input = DescribeKeyPairs { key_names: list(&[name]), include_public_key: Some(true), ..Default::default() };
    describe::describe(cx, world, &input).unwrap().key_pairs.remove(0)
}

#[test]
fn keys_in_every_form_that_can_be_imported() {
    let (cx, mut tx) = start();
    let base64 = RSA.strip_prefix("ssh-rsa ").unwrap();
    let lines =
        base64.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect::<Vec<_>>().join("\n");
    let file =
        format!("---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"one \\\ntwo\"\n{lines}\n---- END SSH2 PUBLIC KEY ----\n");
    let cases = [
        ("line", format!("{RSA} someone@example.com\n"), "rsa", RSA_MD5, RSA),
        ("bare", RSA.to_owned(), "rsa", RSA_MD5, RSA),
        ("file", file, "rsa", RSA_MD5, RSA),
        ("der", RSA_DER.to_owned(), "rsa", RSA_MD5, RSA),
        ("short", format!("{ED25519} me"), "ed25519", ED25519_SHA256, ED25519),
    ];
    for (name, material, key_type, fingerprint, public_key) in cases {
        let imported = import_it(&cx, &mut tx, name, &material).unwrap();
        assert_eq!(imported.key_fingerprint, fingerprint, "{name}");
        let seen = described(&cx, &tx, name);
        assert_eq!((seen.key_pair_id, seen.key_type.as_str()), (imported.key_pair_id, key_type));
        assert_eq!(seen.public_key, Some(format!("{public_key} {name}\n")), "the comment becomes the name");
    }
}

#[test]
fn what_is_no_key() {
    let (cx, mut tx) = start();
    let cut = &RSA[..RSA.len() - 8];
    let swapped = RSA.replace("ssh-rsa", "ssh-ed25519");
    for material in ["", "hello", "ssh-rsa", "ssh-rsa AAAA", ECDSA, cut, &swapped, "\u{0}"] {
        let expected = refused("InvalidKey.Format", "Key is not in valid OpenSSH public key format");
        assert_eq!(refusal(import_it(&cx, &mut tx, "k", material)), expected, "{material}");
    }
    assert!(tx.scan::<KeyPair>(&[]).next().is_none());
}

/// Drawing takes a while without optimisation, so one RSA key has to do for all that is asked of it.
#[test]
fn a_drawn_rsa_key() {
    let drawn = draw(KeyType::Rsa, "mine", [7; 32]).unwrap();
    let private = rsa::PrivateKey::from_pkcs1_pem(&drawn.private_pem).unwrap();
    assert!(drawn.private_pem.starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
    assert!(drawn.private_pem.ends_with("-----END RSA PRIVATE KEY-----"));
    assert_eq!(drawn.fingerprint.len(), 20 * 3 - 1);
    assert!(drawn.public_openssh.starts_with("ssh-rsa AAAAB3NzaC1yc2E") && drawn.public_openssh.ends_with(" mine"));
    let again = material::import("mine", drawn.public_openssh.as_bytes()).unwrap();
    assert_eq!(again.public_openssh, drawn.public_openssh);
    private.validate().unwrap();
    assert!(!format!("{drawn:?}").contains("PRIVATE"));
}

#[test]
fn a_drawn_ed25519_key() {
    let drawn = draw(KeyType::Ed25519, "mine", [7; 32]).unwrap();
    assert_eq!(draw(KeyType::Ed25519, "mine", [7; 32]).as_ref(), Some(&drawn), "the same bytes, the same key");
    assert_ne!(draw(KeyType::Ed25519, "mine", [8; 32]).as_ref(), Some(&drawn));
    assert!(drawn.private_pem.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE"));
    let imported = material::import("mine", drawn.public_openssh.as_bytes()).unwrap();
    assert_eq!((imported.fingerprint, imported.public_openssh), (drawn.fingerprint, drawn.public_openssh));
}

#[test]
fn the_handler_takes_what_was_prepared() {
    let (cx, mut tx) = start();
    let input = CreateKeyPair {
        key_name: "mine".into(),
        key_type: Some("ed25519".into()),
        tag_specifications: Some(vec![TagSpecification {
            resource_type: Some("key-pair".into()),
            tags: vec![Tag::new("env", "test")],
        }]),
        ..Default::default()
    };
    let prepared = prepare(&cx, &tx, &input).unwrap()([3; 32]);
    let with = Cx { prepared: Prepared(Some(prepared)), ..cx.clone() };
    let created = create(&with, &mut tx, &input).unwrap();
    let expected: DrawnKeyPair = draw(KeyType::Ed25519, "mine", [3; 32]).unwrap();
    assert_eq!((&created.key_material, &created.key_fingerprint), (&expected.private_pem, &expected.fingerprint));
    let seen = described(&cx, &tx, "mine");
    let public_key = Some(format!("{}\n", expected.public_openssh));
    assert_eq!((seen.key_fingerprint, seen.public_key), (expected.fingerprint, public_key));
    assert_eq!((seen.tags, seen.create_time), (vec![Tag::new("env", "test")], cx.now));

    let twice = refused("InvalidKeyPair.Duplicate", "The keypair 'mine' already exists.");
    assert_eq!(refusal(create(&later(&cx, 1), &mut tx, &input)), twice);
    assert!(prepare(&cx, &tx, &input).is_none(), "nothing is drawn for what will be refused");
    let dry = CreateKeyPair { key_name: "other".into(), dry_run: Some(true), ..Default::default() };
    assert!(prepare(&cx, &tx, &dry).is_none());
}

#[test]
fn a_name_that_became_free_in_between_still_gets_its_key() {
    let (cx, mut tx) = start();
    let input = CreateKeyPair { key_name: "mine".into(), key_type: Some("ed25519".into()), ..Default::default() };
    let nothing = Cx { prepared: Prepared::default(), ..cx.clone() };
    let created = create(&nothing, &mut tx, &input).unwrap();
    assert!(created.key_material.contains("OPENSSH PRIVATE KEY"));
    let unusable = Cx { prepared: Prepared(Some(Arc::new(None::<DrawnKeyPair>))), ..cx };
    let input = CreateKeyPair { key_name: "other".into(), ..input };
    assert_eq!(refusal(create(&unusable, &mut tx, &input)).0, "InternalFailure");
}

#[test]
fn names_that_are_refused() {
    let (cx, mut tx) = start();
    assert_eq!(refusal(import_it(&cx, &mut tx, "", RSA)).0, "MissingParameter");
    let cases = [
        ("schlüssel", "Value for parameter KeyName is invalid. Character sets beyond ASCII are not supported."),
        (&"k".repeat(256), "Value for parameter KeyName is invalid. Length exceeds maximum of 255."),
        (" k", "Invalid value ' k' for keyName. It should be trimmed"),
        ("a\nb", "Value for parameter a\nb is invalid. KeyName"),
    ];
    for (name, text) in cases {
        assert_eq!(refusal(import_it(&cx, &mut tx, name, RSA)), refused("InvalidParameterValue", text));
    }
}

const SHORT_RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQCAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAB";

/// AWS was seen to take it, and to tell this fingerprint, in September 2026.
#[test]
fn a_short_rsa_key_is_taken() {
    let (cx, mut tx) = start();
    let imported = import_it(&cx, &mut tx, "short", SHORT_RSA).unwrap();
    assert_eq!(imported.key_fingerprint, "34:38:83:18:89:df:de:bc:68:7a:99:4b:28:1b:de:e7");
}

#[test]
fn a_file_for_putty() {
    let (cx, mut tx) = start();
    for key_type in ["rsa", "ed25519"] {
        let input = CreateKeyPair {
            key_name: format!("for {key_type}"),
            key_type: Some(key_type.into()),
            key_format: Some("ppk".into()),
            ..Default::default()
        };
        let file = create(&cx, &mut tx, &input).unwrap().key_material;
        let lines: Vec<&str> = file.lines().collect();
        let head = [format!("PuTTY-User-Key-File-2: ssh-{key_type}"), "Encryption: none".to_owned()];
        assert_eq!(lines[..2], head);
        assert_eq!(lines[2], format!("Comment: for {key_type}"));
        let count: usize = lines[3].strip_prefix("Public-Lines: ").unwrap().parse().unwrap();
        assert!(lines[4 + count].starts_with("Private-Lines: "));
        let code = lines.last().unwrap().strip_prefix("Private-MAC: ").unwrap();
        assert_eq!(code.len(), 40);
    }
}

#[test]
fn deleting_is_idempotent() {
    let (cx, mut tx) = start();
    let id = import_it(&cx, &mut tx, "a", RSA).unwrap().key_pair_id;
    import_it(&cx, &mut tx, "b", RSA).unwrap();
    let by_id = DeleteKeyPair { key_pair_id: Some(id.clone()), ..Default::default() };
    assert_eq!(delete(&cx, &mut tx, &by_id).unwrap().key_pair_id, Some(id));
    assert_eq!(delete(&cx, &mut tx, &by_id).unwrap().key_pair_id, None);
    let by_name = DeleteKeyPair { key_name: Some("b".into()), ..Default::default() };
    let check = &to_delete(&cx, &tx, &by_name)[0];
    assert_eq!(check.resource, "arn:aws:ec2:us-east-1:123456789012:key-pair/b");
    assert!(check.keys.contains(&("ec2:KeyPairType".into(), vec!["rsa".into()])));
    delete(&cx, &mut tx, &by_name).unwrap();
    assert!(delete(&cx, &mut tx, &by_name).unwrap().r#return);
    assert!(tx.scan::<KeyPair>(&[]).next().is_none());
    assert_eq!(refusal(delete(&cx, &mut tx, &DeleteKeyPair::default())).0, "MissingParameter");
}

#[test]
fn pairs_by_name_id_and_filter() {
    let (cx, mut tx) = start();
    let id = import_it(&cx, &mut tx, "a", RSA).unwrap().key_pair_id;
    import_it(&cx, &mut tx, "b", ED25519).unwrap();
    let ask = |input: DescribeKeyPairs| {
        describe::describe(&cx, &tx, &input)
            .map(|it| it.key_pairs.into_iter().map(|pair| pair.key_name).collect::<Vec<_>>())
    };
    assert_eq!(ask(DescribeKeyPairs::default()).unwrap(), ["a", "b"]);
    assert_eq!(ask(DescribeKeyPairs { key_pair_ids: list(&[&id]), ..Default::default() }).unwrap(), ["a"]);
    let by_filter = filters(&[("fingerprint", &[ED25519_SHA256])]);
    assert_eq!(ask(DescribeKeyPairs { filters: by_filter, ..Default::default() }).unwrap(), ["b"]);
    let missing = ask(DescribeKeyPairs { key_names: list(&["a", "x"]), ..Default::default() });
    assert_eq!(refusal(missing), refused("InvalidKeyPair.NotFound", "The key pair 'x' does not exist"));
    let without = describe::describe(&cx, &tx, &DescribeKeyPairs::default()).unwrap().key_pairs;
    assert!(without.iter().all(|pair| pair.public_key.is_none()));
    knows_filters("DescribeKeyPairs", |filters| {
        describe::describe(&cx, &tx, &DescribeKeyPairs { filters, ..Default::default() }).map(|it| it.key_pairs.len())
    });
}
