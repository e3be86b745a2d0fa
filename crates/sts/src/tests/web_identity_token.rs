//! GetWebIdentityToken: what tokens say, and who gets none. That they verify is for a published library to judge, in the conformance tests.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;

/// User `ana`, who may ask for tokens, acting; the account's feature enabled.
fn ready() -> Stage {
    let mut stage = stage();
    stage.done("EnableOutboundWebIdentityFederation", &[]);
    stage.user("ana", &["sts:GetWebIdentityToken", "sts:TagGetWebIdentityToken"]);
    stage.done("TagUser", &[("UserName", "ana"), ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "red")]);
    stage.act_as_user("ana");
    stage
}

fn asked(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [&[("Audience.member.1", "https://api.example.com"), ("SigningAlgorithm", "ES384")], more].concat()
}

fn parts(xml: &str) -> (Value, Value) {
    let token = texts(xml, "WebIdentityToken")[0].to_owned();
    let part = |number: usize| {
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(number).unwrap()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    (part(0), part(1))
}

#[test]
fn what_a_users_token_says() {
    let mut stage = ready();
    let tags = [("Tags.member.1.Key", "job"), ("Tags.member.1.Value", "7")];
    let xml = stage.done("GetWebIdentityToken", &asked(&tags));
    assert_eq!(texts(&xml, "Expiration"), ["2026-09-21T14:18:20Z"]);
    let (header, mut claims) = parts(&xml);
    assert_eq!(header, json!({"kid": "EC384_0", "typ": "JWT", "alg": "ES384"}));
    let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert_eq!(jti.as_str().unwrap().len(), 36);
    let issuer = iam::outbound_federation::issuer(&stage.world, stage.cx.account()).unwrap();
    assert_eq!(
        claims,
        json!({
            "aud": "https://api.example.com",
            "sub": "arn:aws:iam::123456789012:user/ana",
            "https://sts.amazonaws.com/": {
                "aws_account": "123456789012",
                "request_tags": {"job": "7"},
                "source_region": "us-east-1",
                "principal_id": "arn:aws:iam::123456789012:user/ana",
                "principal_tags": {"Team": "red"},
            },
            "iss": format!("http://127.0.0.1:4566/_rolecall/oidc/{}", issuer.issuer_id),
            "exp": 1_790_000_300,
            "iat": 1_790_000_000,
        })
    );
}

#[test]
fn a_roles_session_names_the_role() {
    let mut stage = ready();
    stage.act_as_root(HERE);
    stage.role("worker", &trusting("arn:aws:iam::123456789012:user/ana"), &["sts:GetWebIdentityToken"]);
    stage.done("TagRole", &[("RoleName", "worker"), ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "blue")]);
    stage.act_as_user("ana");
    let more = [
        ("SourceIdentity", "ann"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "green"),
        ("DurationSeconds", "900"),
    ];
    let session = stage.assume("worker", &more).unwrap();
    stage.act_with(&session);
    let several = [("Audience.member.2", "b"), ("DurationSeconds", "900")];
    let (_, claims) = parts(&stage.done("GetWebIdentityToken", &asked(&several)));
    assert_eq!(claims["sub"], "arn:aws:iam::123456789012:role/worker");
    assert_eq!(claims["aud"], json!(["https://api.example.com", "b"]));
    let own = &claims["https://sts.amazonaws.com/"];
    assert_eq!(own["source_identity"], "ann");
    assert_eq!(own["original_session_exp"], "2026-09-21T14:28:20Z");
    assert_eq!(own["principal_tags"], json!({"team": "green"}), "the session's tag is in the role's stead");
    assert_eq!(
        stage.outcome("GetWebIdentityToken", &asked(&[("DurationSeconds", "901")])),
        "SessionDurationEscalationException: Requested token expiry time must be before the original session's expiry time."
    );
}

#[test]
fn refusals() {
    let mut stage = ready();
    let unsupported = [("Audience.member.1", "a"), ("SigningAlgorithm", "RS384")];
    assert_eq!(
        stage.outcome("GetWebIdentityToken", &unsupported),
        "ValidationError: Requested SigningAlgorithm is not supported. See the GetWebIdentityToken documentation for supported algorithms"
    );
    let twice = [
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "one"),
        ("Tags.member.2.Key", "Team"),
        ("Tags.member.2.Value", "two"),
    ];
    assert_eq!(
        stage.outcome("GetWebIdentityToken", &asked(&twice)),
        "InvalidParameterValue: Duplicate tag keys found. Please note that Tag keys are case insensitive."
    );
    stage.act_as_root(HERE);
    stage.done("DisableOutboundWebIdentityFederation", &[]);
    assert_eq!(
        stage.outcome("GetWebIdentityToken", &asked(&[])),
        "OutboundWebIdentityFederationDisabledException: OutboundWebIdentityFederation is disabled."
    );
}

#[test]
fn claims_of_14984_bytes_and_not_one_more() {
    let mut stage = ready();
    let size = |xml: &str| {
        let token = texts(xml, "WebIdentityToken")[0].to_owned();
        URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap().len()
    };
    let long = "a".repeat(1_000);
    let value = "v".repeat(256);
    let names: Vec<(String, String)> =
        (1..=20).map(|number| (format!("Tags.member.{number}.Key"), format!("Tags.member.{number}.Value"))).collect();
    let keys: Vec<String> = (10..30).map(|number| number.to_string()).collect();
    let audiences: Vec<String> = (2..=10).map(|number| format!("Audience.member.{number}")).collect();
    let ask = |stage: &mut Stage, last: &str| {
        let mut parameters = vec![("SigningAlgorithm", "RS256"), ("Audience.member.1", long.as_str())];
        parameters.extend(audiences.iter().map(|name| (name.as_str(), long.as_str())));
        for (number, ((key, tag), name)) in names.iter().zip(&keys).enumerate() {
            let filling = match number {
                19 => last,
                18 => value.split_at(100).0,
                16 | 17 => "",
                _ => value.as_str(),
            };
            parameters.push((key.as_str(), name.as_str()));
            parameters.push((tag.as_str(), filling));
        }
        stage.call("GetWebIdentityToken", &parameters)
    };
    let room = 14_984 - size(&ask(&mut stage, "").unwrap());
    assert!(room < 256, "{room}");
    assert_eq!(size(&ask(&mut stage, &"v".repeat(room)).unwrap()), 14_984);
    let refusal = ask(&mut stage, &"v".repeat(room + 1)).unwrap_err();
    assert_eq!(refusal.code, "JWTPayloadSizeExceededException");
}

#[test]
fn permission_is_asked_for_on_oneself_with_audience_algorithm_and_duration() {
    let mut stage = ready();
    stage.act_as_root(HERE);
    stage.user("ben", &[]);
    let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:GetWebIdentityToken",
        "Resource":"arn:aws:sts::123456789012:self","Condition":{
        "ForAllValues:StringEquals":{"sts:IdentityTokenAudience":"https://api.example.com"},
        "StringEquals":{"sts:SigningAlgorithm":"ES384"},"NumericLessThanEquals":{"sts:DurationSeconds":"300"}}}}"#;
    stage.done("PutUserPolicy", &[("UserName", "ben"), ("PolicyName", "p"), ("PolicyDocument", document)]);
    stage.act_as_user("ben");
    let refused = |action: &str| {
        format!(
            "AccessDenied: User: arn:aws:iam::123456789012:user/ben is not authorized to perform: {action} on resource: arn:aws:sts::123456789012:self because no identity-based policy allows the {action} action"
        )
    };
    assert_eq!(stage.outcome("GetWebIdentityToken", &asked(&[])), "allowed");
    for wrong in [("DurationSeconds", "301"), ("Audience.member.2", "other")] {
        assert_eq!(stage.outcome("GetWebIdentityToken", &asked(&[wrong])), refused("sts:GetWebIdentityToken"));
    }
    let tags = [("Tags.member.1.Key", "job"), ("Tags.member.1.Value", "7")];
    assert_eq!(stage.outcome("GetWebIdentityToken", &asked(&tags)), refused("sts:TagGetWebIdentityToken"));
}

#[test]
fn members_of_an_organization_say_where_they_are() {
    let mut stage = ready();
    let text = r#"{"id": "o-a1b2c3d4e5", "managementAccount": "123456789012",
        "root": {"id": "r-ab12", "accounts": [{"id": "123456789012"}]}}"#;
    let mut tx = Tx::on(stage.world.clone());
    tx.put(iam::organization::file::read(text).unwrap());
    stage.world = World::clone(&tx);
    let (_, claims) = parts(&stage.done("GetWebIdentityToken", &asked(&[])));
    let own = &claims["https://sts.amazonaws.com/"];
    assert_eq!((&own["org_id"], &own["ou_path"]), (&json!("o-a1b2c3d4e5"), &json!(["o-a1b2c3d4e5/r-ab12/"])));
}

#[test]
fn the_global_endpoint_does_not_have_it() {
    let mut stage = ready();
    stage.by_global_endpoint();
    let refused = "InvalidAction: Operation not supported on STS global endpoint";
    assert_eq!(stage.outcome("GetWebIdentityToken", &asked(&[])), refused);
}
