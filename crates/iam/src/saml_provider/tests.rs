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
fn a_provider_holds_for_a_hundred_years_whatever_its_document_says() {
    let mut stage = prepared();
    let shown = stage.done("GetSAMLProvider", &[ARN]);
    assert_eq!(
        (texts(&shown, "CreateDate"), texts(&shown, "ValidUntil")),
        (vec!["2026-09-21T14:13:20Z"], vec!["2126-09-21T14:13:20Z"])
    );
    assert_eq!(texts(&shown, "AssertionEncryptionMode"), ["Allowed"]);
    let id = texts(&shown, "SAMLProviderUUID")[0];
    assert!(id.starts_with("SAMLSP") && id.len() == 22, "{id}");
    let dated = METADATA.replace("entityID", "validUntil=\"2030-01-01T00:00:00Z\" entityID");
    stage.done("UpdateSAMLProvider", &[ARN, ("SAMLMetadataDocument", &dated)]);
    assert_eq!(texts(&stage.done("GetSAMLProvider", &[ARN]), "ValidUntil"), ["2126-09-21T14:13:20Z"]);
    let listed = stage.done("ListSAMLProviders", &[]);
    assert_eq!(texts(&listed, "Arn"), [ARN.1]);
}

#[test]
fn private_keys() {
    let mut stage = prepared();
    let required = ("AssertionEncryptionMode", "Required");
    let none =
        "ValidationError: Unable to set assertion encryption mode to Required because no private key is provided.";
    let other = [("Name", "other"), ("SAMLMetadataDocument", METADATA), required];
    assert_eq!(stage.refused("CreateSAMLProvider", &other), none);
    let none = "InvalidInput: Failed to set assertion encryption mode to Required because no private key is present.";
    assert_eq!(stage.refused("UpdateSAMLProvider", &[ARN, required]), none);
    stage.done("UpdateSAMLProvider", &[ARN, required, ("AddPrivateKey", KEY)]);
    let shown = stage.done("GetSAMLProvider", &[ARN]);
    let id = texts(&shown, "KeyId")[0].to_owned();
    assert!(!shown.contains("PRIVATE KEY"));
    assert!(id.starts_with("SAMLPK") && id.len() == 22, "{id}");
    let last = "InvalidInput: Failed to remove private key.";
    assert_eq!(stage.refused("UpdateSAMLProvider", &[ARN, ("RemovePrivateKey", &id)]), last);
    let both = "ValidationError: Unable to add and remove private keys in the same request. Set a value for only one of the two parameters.";
    let pair = [ARN, ("RemovePrivateKey", &id), ("AddPrivateKey", KEY)];
    assert_eq!(stage.refused("UpdateSAMLProvider", &pair), both);
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
    let issuerless = METADATA.replace("IDPSSODescriptor", "SPSSODescriptor");
    let refused = stage.refused("CreateSAMLProvider", &[("Name", "other"), ("SAMLMetadataDocument", &issuerless)]);
    assert_eq!(refused, "InvalidInput: SAML Providers must reference at least one SAML assertion issuer.");
    let refused = stage.refused("UpdateSAMLProvider", &[ARN]);
    assert_eq!(
        refused,
        "ValidationError: Unable to update identity provider. No updates are defined for metadata or encryption assertion."
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
