use super::*;
use crate::tests::{Stage, stage, texts};

const ARN: (&str, &str) = ("OpenIDConnectProviderArn", "arn:aws:iam::123456789012:oidc-provider/login.example.com");

fn prepared() -> Stage {
    let mut stage = stage();
    let created = stage
        .done("CreateOpenIDConnectProvider", &[("Url", "https://login.example.com"), ("ClientIDList.member.1", "app")]);
    assert_eq!(texts(&created, "OpenIDConnectProviderArn"), [ARN.1]);
    stage
}

#[test]
fn urls() {
    for (url, expected) in [
        ("https://login.example.org", None),
        ("https://login.example.org/a/b~c", None),
        ("https://192.0.2.1", None),
        ("http://127.0.0.1:8080", None),
        ("http://localhost:8080/realm", None),
        ("https://[::1]:8443", None),
        ("login.example.org", Some("ValidationError: Invalid Open ID Connect Provider URL")),
        ("https://", Some("ValidationError: Invalid Open ID Connect Provider URL")),
        (
            "http://example.org",
            Some("InvalidInput: Invalid Open ID Connect Provider URL. The URL must begin with https://."),
        ),
        (
            "http://127.0.0.1.example.org",
            Some("InvalidInput: Invalid Open ID Connect Provider URL. The URL must begin with https://."),
        ),
        ("https://example.org:8443", Some("InvalidInput: Invalid Open ID Connect Provider URL.")),
        ("https://ann@example.org", Some("InvalidInput: Invalid Open ID Connect Provider URL.")),
        ("https://example.org?a=b", Some("InvalidInput: Unknown")),
        ("https://example.org/?a=b", Some("InvalidInput: Unknown")),
        ("https://example.org/#a", Some("InvalidInput: Unknown")),
        ("https://-a.example.org", Some("InvalidInput: Invalid Open ID Connect Provider URL.")),
        ("https://a..example.org", Some("InvalidInput: Invalid Open ID Connect Provider URL.")),
    ] {
        let refused = check_url(url).err().map(|error| format!("{}: {}", error.code, error.message));
        assert_eq!(refused.as_deref(), expected, "{url}");
    }
}

#[test]
fn the_usual_port_is_left_out() {
    let mut stage = stage();
    for (url, name) in
        [("https://a.example.org:443", "a.example.org"), ("https://b.example.org:443/x", "b.example.org/x")]
    {
        let created = stage.done("CreateOpenIDConnectProvider", &[("Url", url)]);
        let arn = format!("arn:aws:iam::123456789012:oidc-provider/{name}");
        assert_eq!(texts(&created, "OpenIDConnectProviderArn"), [arn]);
    }
}

#[test]
fn audiences_are_a_set() {
    let mut stage = prepared();
    for client in ["b", "b", "app"] {
        stage.done("AddClientIDToOpenIDConnectProvider", &[ARN, ("ClientID", client)]);
    }
    let shown = |stage: &mut Stage| {
        let answer = stage.done("GetOpenIDConnectProvider", &[ARN]);
        texts(&answer, "member").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(shown(&mut stage), ["app", "b"]);
    for client in ["app", "none"] {
        stage.done("RemoveClientIDFromOpenIDConnectProvider", &[ARN, ("ClientID", client)]);
    }
    assert_eq!(shown(&mut stage), ["b"]);
}

#[test]
fn what_is_refused() {
    let mut stage = prepared();
    let same = ("Url", "https://login.example.com");
    let refused = stage.refused("CreateOpenIDConnectProvider", &[same]);
    assert_eq!(refused, "EntityAlreadyExists: Provider with url https://login.example.com already exists.");
    let lost = ("OpenIDConnectProviderArn", "arn:aws:iam::123456789012:oidc-provider/lost.example.com");
    let refused = stage.refused("GetOpenIDConnectProvider", &[lost]);
    assert_eq!(refused, format!("NoSuchEntity: OpenIDConnect Provider not found for arn {}", lost.1));
    for strange in [
        "arn:aws:iam::123456789012:saml-provider/login.example.com",
        "arn:aws:iam::999999999999:oidc-provider/login.example.com",
        "arn:aws-cn:iam::123456789012:oidc-provider/login.example.com",
        "arn:aws:iam::123456789012:oidc-provider/",
        "not an arn but long enough",
    ] {
        let refused = stage.refused("GetOpenIDConnectProvider", &[("OpenIDConnectProviderArn", strange)]);
        assert_eq!(refused, format!("InvalidInput: Invalid ARN: {strange}"));
    }
    let gone = format!("NoSuchEntity: OpenId connect Provider {} cannot be found.", lost.1);
    assert_eq!(stage.refused("DeleteOpenIDConnectProvider", &[lost]), gone);
    assert_eq!(
        stage.refused("UpdateOpenIDConnectProviderThumbprint", &[ARN, ("ThumbprintList", "")]),
        "InvalidInput: Thumbprint list must contain at least one entry."
    );
}

#[test]
fn who_may_nothing_learns_nothing() {
    let mut stage = prepared();
    stage.user_allowed("ann", "iam:ListUsers", "*");
    stage.act_as_user("ann");
    let lost = ("OpenIDConnectProviderArn", "arn:aws:iam::123456789012:oidc-provider/lost.example.com");
    for arn in [ARN, lost] {
        let refused = stage.refused("GetOpenIDConnectProvider", &[arn]);
        assert_eq!(
            refused,
            format!(
                "AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: iam:GetOpenIDConnectProvider on resource: {} because no identity-based policy allows the iam:GetOpenIDConnectProvider action",
                arn.1
            )
        );
    }
}

#[test]
fn an_issuer_is_its_whole_url() {
    let stage = prepared();
    let account = stage.cx.account();
    assert!(by_issuer(&stage.world, account, "https://login.example.com").is_some());
    for other in
        ["http://login.example.com", "login.example.com", "https://login.example.com/", "https://LOGIN.example.com"]
    {
        assert!(by_issuer(&stage.world, account, other).is_none(), "{other}");
    }
}
