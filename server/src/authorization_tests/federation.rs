//! Identity providers on the stage, with a token of each issuer that the reference lists claims of and a SAML response with every attribute it
//! knows. Independent libraries signed them (PyJWT, signxml), at the stage's time.

use std::collections::BTreeMap;

use iam::record::{IdentityCenterInstance, OidcKeySet};
use service::{Tx, World, facts};

use super::stage::Stage;

const KEYS: &str = include_str!("federation/keys.json");
const TOKENS: &str = include_str!("federation/tokens.json");
const METADATA: &str = include_str!("federation/metadata.xml");
const RESPONSE: &str = include_str!("federation/response.txt");
const INSTANCE: &str = "arn:aws:sso:::instance/ssoins-1234567890abcdef";

/// Makes the providers and registers the issuers' keys.
pub fn providers(stage: &mut Stage) {
    let tokens: BTreeMap<String, String> = serde_json::from_str(TOKENS).unwrap();
    let mut tx = Tx::on(stage.world.clone());
    for name in tokens.keys() {
        for issuer in [name.clone(), format!("https://{name}"), "https://login.example.com".to_owned()] {
            tx.put(OidcKeySet { issuer, keys: KEYS.to_owned() });
        }
    }
    tx.put(IdentityCenterInstance {
        arn: INSTANCE.to_owned(),
        account: stage.cx.account(),
        identity_store_id: "d-1234567890".to_owned(),
    });
    stage.world = World::clone(&tx);
    for (name, token) in &tokens {
        stage.name(&format!("token:{name}"), token);
        if !matches!(name.as_str(), "tags" | "www.amazon.com" | "graph.facebook.com") {
            let url = format!("https://{name}");
            stage.iam("CreateOpenIDConnectProvider", &[("Url", &url), ("ClientIDList.member.1", "sample-client")]);
        }
    }
    let tagged = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "red")];
    let propagating =
        |subject| [("ContextProvider.SubjectSourceKey", subject), ("IdentityCenterInstanceArn", INSTANCE)];
    let login = [("Url", "https://login.example.com"), ("ClientIDList.member.1", "sample-client")];
    stage.iam("CreateOpenIDConnectProvider", &[login.as_slice(), &tagged, &propagating("sub")].concat());
    let saml = [("Name", "sample-saml"), ("SAMLMetadataDocument", METADATA)];
    stage.iam("CreateSAMLProvider", &[saml.as_slice(), &tagged, &propagating("Subject/NameID")].concat());
    for (member, value) in [
        ("OpenIDConnectProviderArn", "arn:aws:iam::123456789012:oidc-provider/login.example.com"),
        ("SAMLProviderArn", "arn:aws:iam::123456789012:saml-provider/sample-saml"),
        ("PrincipalArn", "arn:aws:iam::123456789012:saml-provider/sample-saml"),
        ("Url", "https://new.example.com"),
        ("SAMLMetadataDocument", METADATA),
        ("SAMLAssertion", RESPONSE),
    ] {
        stage.name(member, value);
    }
    stage.name("WebIdentityToken", &tokens["tags"]);
}

/// The reference's type of a condition key out of a token: claims it lists for the provider, and audience and subject of any.
pub fn type_of_claim(key: &str) -> Option<&'static str> {
    let (provider, claim) = key.split_once(':')?;
    let listed = facts::action("sts", "AssumeRoleWithWebIdentity")?.keys.iter().find(|listed| {
        listed.split_once(':').is_some_and(|(template, name)| name == claim && fits(template, provider))
    });
    match listed {
        Some(listed) => facts::key_type("sts", listed),
        None => (provider.contains('.') && matches!(claim, "aud" | "sub")).then_some("String"),
    }
}

fn fits(template: &str, provider: &str) -> bool {
    let Some((before, rest)) = template.split_once("${") else { return template == provider };
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    provider.starts_with(before) && provider.ends_with(after)
}
