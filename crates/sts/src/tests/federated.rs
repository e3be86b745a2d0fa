//! Sessions by web identity and by SAML, with the tokens and the response that independent libraries signed (see the federation crate's tests).

use super::*;
use iam::record::OidcKeySet;
use service::outside::Next;

const KEYS: &str = include_str!("../../../federation/src/tests/keys.json");
const TOKENS: &str = include_str!("../../../federation/src/tests/tokens.json");
const METADATA: &str = include_str!("../../../federation/src/tests/metadata.xml");
const RESPONSE: &str = include_str!("../../../federation/src/tests/response.xml");
const ISSUER: &str = "https://ES256";
const OIDC: &str = "arn:aws:iam::123456789012:oidc-provider/ES256";
const SAML: &str = "arn:aws:iam::123456789012:saml-provider/p";
const ROLE: &str = "arn:aws:iam::123456789012:role/r";

fn token() -> String {
    let tokens: serde_json::Value = serde_json::from_str(TOKENS).unwrap();
    tokens["ES256"].as_str().unwrap().to_owned()
}

fn response() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(RESPONSE)
}

/// Nobody acting, with a role `r` that trusts both providers under that condition.
fn ready(condition: &str) -> Stage {
    let mut stage = stage();
    let mut tx = Tx::on(stage.world.clone());
    tx.put(OidcKeySet { issuer: ISSUER.into(), keys: KEYS.into() });
    stage.world = World::clone(&tx);
    stage.done("CreateOpenIDConnectProvider", &[("Url", ISSUER), ("ClientIDList.member.1", "app")]);
    stage.done("CreateSAMLProvider", &[("Name", "p"), ("SAMLMetadataDocument", METADATA)]);
    let federated = format!(r#"{{"Federated":["{OIDC}","{SAML}"]}}"#);
    let actions = ["sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"];
    stage.role("r", &trust(&federated, &actions, condition), &["sts:*"]);
    let anonymous = Caller { principal: Principal::Anonymous, ..Caller::clone(&stage.cx.caller) };
    stage.act_as(Caller { account: AccountId::ZERO, ..anonymous });
    stage
}

fn web(stage: &mut Stage, token: &str) -> String {
    stage.outcome(
        "AssumeRoleWithWebIdentity",
        &[("RoleArn", ROLE), ("RoleSessionName", "s1"), ("WebIdentityToken", token)],
    )
}

fn by_saml(stage: &mut Stage) -> Result<String, ApiError> {
    let response = response();
    stage.call("AssumeRoleWithSAML", &[("RoleArn", ROLE), ("PrincipalArn", SAML), ("SAMLAssertion", &response)])
}

/// The operating system's clock says that time, whatever the modelled world's says.
fn at(stage: &mut Stage, wall: &str) {
    stage.cx.wall = wall.parse().unwrap();
}

/// What a token with those claims says of session tags; it need not be signed for that.
fn tags(claims: &str) -> Option<(Vec<String>, Vec<String>)> {
    use base64::Engine as _;
    let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let text = format!("{}.{}.AAAA", part(r#"{"alg":"ES256"}"#), part(claims));
    let token = federation::jwt::Token::parse(&text).unwrap();
    let (tags, transitive) = crate::assume_role_with_web_identity::tags(&token)?;
    Some((tags.into_iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect(), transitive))
}

#[test]
fn claims_with_tags() {
    let nested = |inside: &str| tags(&format!(r#"{{"https://aws.amazon.com/tags":{inside}}}"#));
    let flat = |name: &str, value: &str| tags(&format!(r#"{{"https://aws.amazon.com/tags/{name}":{value}}}"#));
    let some = |tags: &[&str], transitive: &[&str]| {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Some((owned(tags), owned(transitive)))
    };
    assert_eq!(tags("{}"), some(&[], &[]));
    assert_eq!(nested("{}"), some(&[], &[]));
    let both = r#"{"principal_tags":{"a":["1"],"b":"2"},"transitive_tag_keys":["a"]}"#;
    assert_eq!(nested(both), some(&["a=1", "b=2"], &["a"]));
    assert_eq!(nested(r#"{"principal_tags":{},"transitive_tag_keys":[]}"#), some(&[], &[]));
    assert_eq!(flat("principal_tags/a", r#"["1"]"#), some(&["a=1"], &[]));
    assert_eq!(flat("transitive_tag_keys", r#"["a"]"#), some(&[], &["a"]));
    for malformed in [
        "[]",
        "\"a\"",
        r#"{"principal_tags":[]}"#,
        r#"{"principal_tags":"a"}"#,
        r#"{"principal_tags":{"a":[]}}"#,
        r#"{"principal_tags":{"a":["1","2"]}}"#,
        r#"{"principal_tags":{"a":[1]}}"#,
        r#"{"transitive_tag_keys":{}}"#,
        r#"{"transitive_tag_keys":[1]}"#,
        r#"{"transitive_tag_keys":["a",1]}"#,
    ] {
        assert_eq!(nested(malformed), None, "{malformed}");
    }
    for malformed in ["{}", "5", r#"["a",null]"#] {
        assert_eq!(flat("transitive_tag_keys", malformed), None, "{malformed}");
    }
}

#[test]
fn tokens_live_by_the_wall_clock() {
    let mut stage = ready("{}");
    let expired =
        "ExpiredTokenException: Token expired: current date/time 2000 must be before the expiration date/time 2000";
    for (wall, expected) in [
        ("1970-01-01T00:25:00Z", "allowed".to_owned()),
        ("1970-01-01T00:33:19Z", "allowed".to_owned()),
        ("1970-01-01T00:38:19Z", "allowed".to_owned()),
        ("1970-01-01T00:38:20Z", expired.to_owned()),
        ("1970-01-01T00:11:39Z", "InvalidIdentityToken: Token issued in the future: 1000".to_owned()),
    ] {
        at(&mut stage, wall);
        assert_eq!(web(&mut stage, &token()), expected, "{wall}");
    }
}

#[test]
fn the_session_of_a_token_is_the_roles() {
    let mut stage = ready(r#"{"StringEquals":{"ES256:aud":"app","ES256:sub":"somebody"}}"#);
    at(&mut stage, "1970-01-01T00:25:00Z");
    let token = token();
    let parameters = [("RoleArn", ROLE), ("RoleSessionName", "s1"), ("WebIdentityToken", token.as_str())];
    let xml = stage.done("AssumeRoleWithWebIdentity", &parameters);
    assert_eq!((texts(&xml, "Provider"), texts(&xml, "Audience")), (vec![OIDC], vec!["app"]));
    assert_eq!(texts(&xml, "SubjectFromWebIdentityToken"), ["somebody"]);
    let caller = stage.open(&keys(&xml)).unwrap();
    assert_eq!(caller.arn(), "arn:aws:sts::123456789012:assumed-role/r/s1");
    let session = caller.session.unwrap();
    assert_eq!(session.chain_depth, 1);
    let federation = session.federation.unwrap();
    assert_eq!(federation.provider, OIDC);
    assert!(federation.keys.contains(&("ES256:sub".to_owned(), vec!["somebody".to_owned()])));
}

#[test]
fn a_condition_that_does_not_hold() {
    let denied = |action| format!("AccessDenied: Not authorized to perform sts:{action}");
    let mut stage = ready(r#"{"StringEquals":{"ES256:sub":"another"}}"#);
    at(&mut stage, "1970-01-01T00:25:00Z");
    assert_eq!(web(&mut stage, &token()), denied("AssumeRoleWithWebIdentity"));
    // A caller who could do everything helps nobody.
    stage.act_as_root(HERE);
    assert_eq!(web(&mut stage, &token()), denied("AssumeRoleWithWebIdentity"));
}

#[test]
fn a_token_without_keys_to_verify_it() {
    let mut stage = ready("{}");
    let mut tx = Tx::on(stage.world.clone());
    tx.remove::<OidcKeySet>(&[ISSUER]);
    stage.world = World::clone(&tx);
    let refused = web(&mut stage, &token());
    assert!(refused.starts_with("InvalidIdentityToken: Couldn't retrieve verification key"), "{refused}");
}

#[test]
fn what_is_asked_from_outside() {
    let mut stage = ready("{}");
    let row = crate::operations().into_iter().find(|row| row.name == "AssumeRoleWithWebIdentity").unwrap();
    let model = wire::model(Service::Sts);
    let described = model.operation(row.name).unwrap();
    let pairs = [("RoleArn", ROLE.to_owned()), ("RoleSessionName", "s1".to_owned()), ("WebIdentityToken", token())];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value));
    let value = wire::decode(model, described, &Params::from_pairs(pairs)).unwrap();
    let input = row.input(model, described, &value).unwrap();
    assert!(row.reading(&stage.cx, &stage.world, &input).is_none(), "the keys are registered");
    let mut tx = Tx::on(stage.world.clone());
    tx.remove::<OidcKeySet>(&[ISSUER]);
    stage.world = World::clone(&tx);
    let reading = row.reading(&stage.cx, &stage.world, &input).unwrap();
    assert_eq!(reading.url, "https://ES256/.well-known/openid-configuration");
    let discovered = |keys: &str| format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"{keys}"}}"#).into_bytes();
    let Next::Read(next) = (reading.then)(Ok(discovered("https://keys.example.com/k"))) else {
        panic!("no second document")
    };
    assert_eq!(next.url, "https://keys.example.com/k");
    let Next::Done(done) = (next.then)(Ok(KEYS.as_bytes().to_vec())) else { panic!("not the end") };
    stage.cx.prepared = service::cx::Prepared(Some(done));
    at(&mut stage, "1970-01-01T00:25:00Z");
    assert_eq!(web(&mut stage, &token()), "allowed");
    // An issuer with TLS sends nobody to this machine's own services.
    let reading = row.reading(&stage.cx, &stage.world, &input).unwrap();
    assert!(matches!((reading.then)(Ok(discovered("http://127.0.0.1:8080/k"))), Next::Failed(_)));
}

#[test]
fn a_response_by_the_wall_clock() {
    let issued = RESPONSE.split("IssueInstant=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut stage =
        ready(r#"{"StringEquals":{"saml:aud":"https://signin.aws.amazon.com/saml","saml:doc":"123456789012/p"}}"#);
    at(&mut stage, issued);
    let xml = by_saml(&mut stage).unwrap();
    assert_eq!((texts(&xml, "Subject"), texts(&xml, "SubjectType")), (vec!["somebody"], vec!["persistent"]));
    assert_eq!(texts(&xml, "Audience"), ["https://signin.aws.amazon.com/saml"]);
    let caller = stage.open(&keys(&xml)).unwrap();
    assert_eq!(caller.arn(), "arn:aws:sts::123456789012:assumed-role/r/ann");
    for (seconds, expected) in [
        (299, None),
        (301, Some("ExpiredTokenException: Response has expired")),
        (-299, None),
        (-301, Some("InvalidIdentityToken: Response is not valid yet")),
    ] {
        at(&mut stage, issued);
        stage.cx.wall = stage.cx.wall.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
        let refused = by_saml(&mut stage).err().map(|error| format!("{}: {}", error.code, error.message));
        assert_eq!(refused.as_deref(), expected, "{seconds}");
    }
}
