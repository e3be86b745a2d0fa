//! The feature's life: enabled, disabled, enabled again with the same issuer and the same keys.

use service::prelude::*;

use super::{keys, publish};
use crate::record::TokenIssuer;
use crate::tests::{Stage, stage, texts};

fn issuer(stage: &Stage) -> TokenIssuer {
    TokenIssuer::clone(&super::issuer(&stage.world, stage.cx.account()).unwrap())
}

#[test]
fn an_issuer_outlives_the_feature() {
    let mut stage = stage();
    let account = "123456789012";
    assert_eq!(
        stage.refused("GetOutboundWebIdentityFederationInfo", &[]),
        format!("FeatureDisabled: Outbound identity federation is disabled for account {account}")
    );
    let enabled = stage.done("EnableOutboundWebIdentityFederation", &[]);
    let url = texts(&enabled, "IssuerIdentifier")[0].to_owned();
    assert!(url.starts_with("http://127.0.0.1:4566/_rolecall/oidc/"), "{url}");
    assert_eq!(
        stage.done("GetOutboundWebIdentityFederationInfo", &[]),
        format!("<IssuerIdentifier>{url}</IssuerIdentifier><JwtVendingEnabled>true</JwtVendingEnabled>")
    );
    assert_eq!(
        stage.refused("EnableOutboundWebIdentityFederation", &[]),
        format!("FeatureEnabled: Outbound identity federation is already enabled for account {account}")
    );
    let before = issuer(&stage);
    stage.done("DisableOutboundWebIdentityFederation", &[]);
    assert_eq!(
        stage.refused("DisableOutboundWebIdentityFederation", &[]),
        format!("FeatureDisabled: Outbound identity federation is already disabled for account {account}")
    );
    let document = |stage: &Stage, path| publish::document(&stage.world, "http://h:1", &before.issuer_id, path);
    let keys = document(&stage, ".well-known/jwks.json").unwrap();
    assert_eq!(keys["keys"][0]["e"], "AQAB");
    assert_eq!(keys["keys"][1]["x"].as_str().unwrap().len(), 64);
    let discovery = document(&stage, ".well-known/openid-configuration").unwrap();
    assert_eq!(discovery["issuer"], format!("http://h:1/_rolecall/oidc/{}", before.issuer_id));
    assert_eq!(document(&stage, "x"), None);
    let again = stage.done("EnableOutboundWebIdentityFederation", &[]);
    assert_eq!(texts(&again, "IssuerIdentifier"), [url]);
    let after = issuer(&stage);
    assert_eq!((&after.issuer_id, &after.keys.rsa), (&before.issuer_id, &before.keys.rsa));
    assert!(keys::sign(&after.keys, keys::Algorithm::Es384, "text").is_some_and(|signature| signature.len() == 96));
}

#[test]
fn keys_never_show() {
    let keys = crate::record::SigningKeys { rsa: "secret".to_owned(), ec: "secret".to_owned() };
    assert!(!format!("{keys:?}").contains("secret"));
    assert_eq!(super::active_issuer(&stage().world, AccountId::ZERO).map(|_| ()), None);
}
