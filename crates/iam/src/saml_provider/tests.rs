use super::*;
use crate::tests::{Stage, stage, texts};

const METADATA: &str = include_str!("../../../federation/src/tests/metadata.xml");
const ARN: (&str, &str) = ("SAMLProviderArn", "arn:aws:iam::123456789012:saml-provider/corp");
const KEY: &str = include_str!("private_key.pem");

fn prepared() -> Stage {
    let mut stage = stage();
    let created = stage.done("CreateSAMLProvider", &[("Name", "corp"), ("SAMLMetadataDocument", METADATA)]);
    assert_eq!(texts(&created, "SAMLProviderArn"), [ARN.1]);
    stage
}

#[test]
fn a_provider_holds_for_a_hundred_years_unless_its_document_says_less() {
    let mut stage = prepared();
    let shown = stage.done("GetSAMLProvider", &[ARN]);
    assert_eq!(
        (texts(&shown, "CreateDate"), texts(&shown, "ValidUntil")),
        (vec!["2026-09-21T14:13:20Z"], vec!["2126-09-21T14:13:20Z"])
    );
    assert_eq!(texts(&shown, "AssertionEncryptionMode"), ["Allowed"]);
    let id = texts(&shown, "SAMLProviderUUID")[0];
    assert!(id.starts_with("SAMLSP") && id.len() == 23, "{id}");
    let dated = METADATA.replace("entityID", "validUntil=\"2030-01-01T00:00:00Z\" entityID");
    stage.done("UpdateSAMLProvider", &[ARN, ("SAMLMetadataDocument", &dated)]);
    assert_eq!(texts(&stage.done("GetSAMLProvider", &[ARN]), "ValidUntil"), ["2030-01-01T00:00:00Z"]);
    let listed = stage.done("ListSAMLProviders", &[]);
    assert_eq!(texts(&listed, "Arn"), [ARN.1]);
}

#[test]
fn private_keys() {
    let mut stage = prepared();
    let required = ("AssertionEncryptionMode", "Required");
    let none = "InvalidInput: Unable to set assertion encryption mode to Required because no private key is provided.";
    assert_eq!(stage.refused("UpdateSAMLProvider", &[ARN, required]), none);
    stage.done("UpdateSAMLProvider", &[ARN, required, ("AddPrivateKey", KEY)]);
    let shown = stage.done("GetSAMLProvider", &[ARN]);
    let id = texts(&shown, "KeyId")[0].to_owned();
    assert!(!shown.contains("PRIVATE KEY"));
    assert_eq!(stage.refused("UpdateSAMLProvider", &[ARN, ("RemovePrivateKey", &id)]), none);
    stage.done("UpdateSAMLProvider", &[ARN, ("AddPrivateKey", KEY)]);
    let full = "LimitExceeded: Private key limit of 2 is reached.";
    assert_eq!(stage.refused("UpdateSAMLProvider", &[ARN, ("AddPrivateKey", KEY)]), full);
    stage.done("UpdateSAMLProvider", &[ARN, ("RemovePrivateKey", &id)]);
    assert_eq!(texts(&stage.done("GetSAMLProvider", &[ARN]), "KeyId").len(), 1);
}

#[test]
fn what_is_refused() {
    let mut stage = prepared();
    let again = [("Name", "Corp"), ("SAMLMetadataDocument", METADATA)];
    let refused = stage.refused("CreateSAMLProvider", &again);
    assert_eq!(refused, "EntityAlreadyExists: Provider with name Corp already exists.");
    let filler = " ".repeat(1000);
    let refused = stage.refused("CreateSAMLProvider", &[("Name", "other"), ("SAMLMetadataDocument", &filler)]);
    assert_eq!(refused, "InvalidInput: Could not parse metadata");
    let refused = stage.refused("UpdateSAMLProvider", &[ARN]);
    assert_eq!(
        refused,
        "InvalidInput: Unable to update identity provider. No updates are defined for metadata or encryption assertion."
    );
    for operation in ["GetSAMLProvider", "DeleteSAMLProvider", "ListSAMLProviderTags"] {
        let lost = ("SAMLProviderArn", "arn:aws:iam::123456789012:saml-provider/lost");
        let refused = stage.refused(operation, &[lost]);
        assert_eq!(refused, format!("NoSuchEntity: Manifest not found for arn {}", lost.1));
        let strange = ("SAMLProviderArn", "arn:aws:iam::123456789012:oidc-provider/corp");
        assert_eq!(stage.refused(operation, &[strange]), format!("InvalidInput: Invalid ARN: {}", strange.1));
    }
    stage.done("DeleteSAMLProvider", &[ARN]);
    assert!(by_arn(&stage.world, ARN.1).is_none());
}
