//! Session tokens: sealed, bound to key id and secret, and worth no more than the role or user behind them.

use super::*;

const ANA: &str = "arn:aws:iam::123456789012:user/ana";

/// User `ana` acting, who may assume role `r`; and a session of it.
fn ready() -> (Stage, Keys) {
    let mut stage = stage();
    stage.user("ana", &[]);
    stage.role("r", &trusting(ANA), &[]);
    stage.act_as_user("ana");
    let keys = stage.assume("r", &[]).unwrap();
    (stage, keys)
}

fn installation(stage: &Stage) -> std::sync::Arc<InstallationKeys> {
    InstallationKeys::of(&stage.world).unwrap()
}

#[test]
fn one_changed_character_and_it_is_nobodys() {
    let (stage, keys) = ready();
    assert!(stage.open(&keys).is_ok());
    for position in 0..keys.token.len() {
        let mut token = keys.token.clone().into_bytes();
        token[position] = if token[position] == b'A' { b'B' } else { b'A' };
        let token = String::from_utf8(token).unwrap();
        assert_eq!(stage.open(&Keys { token, ..keys.clone() }).unwrap_err(), Refused::Invalid, "{position}");
    }
    for token in
        ["", "A", &keys.token[..keys.token.len() - 4], &format!("{}AAAA", keys.token), &format!(" {}", keys.token)]
    {
        assert_eq!(stage.open(&Keys { token: token.to_owned(), ..keys.clone() }).unwrap_err(), Refused::Invalid);
    }
}

#[test]
fn id_secret_and_token_belong_together() {
    let (mut stage, one) = ready();
    let other = stage.assume("r", &[]).unwrap();
    assert_ne!((&one.id, &one.secret, &one.token), (&other.id, &other.secret, &other.token));
    let mixed = Keys { id: other.id.clone(), ..one.clone() };
    assert_eq!(stage.open(&mixed).unwrap_err(), Refused::Invalid);
    let long_term = Keys { id: "AKIATESTTESTTESTTEST".into(), ..one.clone() };
    assert_eq!(stage.open(&long_term).unwrap_err(), Refused::Invalid);
    // The secret a request is verified with is that of its token, whatever the client has.
    assert_eq!(crate::token::secret(&installation(&stage), &one.token), one.secret);
    assert_ne!(crate::token::secret(&installation(&stage), &other.token), one.secret);
}

#[test]
fn another_installations_token_is_nobodys() {
    let (mut stage, keys) = ready();
    let mut tx = Tx::on(stage.world.clone());
    tx.put(InstallationKeys::from_random(&[[9; 32], [2; 32], [3; 32], [4; 32], [5; 32]]));
    stage.world = World::clone(&tx);
    assert_eq!(stage.open(&keys).unwrap_err(), Refused::Invalid);
}

#[test]
fn it_ends() {
    let (mut stage, keys) = ready();
    stage.pass(3_599);
    assert!(stage.open(&keys).is_ok());
    stage.pass(1);
    assert_eq!(stage.open(&keys).unwrap_err(), Refused::Expired);
    // And a clock that is moved back brings it to life.
    stage.pass(-1);
    assert!(stage.open(&keys).is_ok());
}

#[test]
fn no_session_outlives_its_role() {
    let (mut stage, keys) = ready();
    stage.act_as_root(HERE);
    // Nobody trusted any more does not end what was given.
    stage.done("UpdateAssumeRolePolicy", &[("RoleName", "r"), ("PolicyDocument", &trusting(THERE))]);
    assert!(stage.open(&keys).is_ok());
    stage.done("DeleteRole", &[("RoleName", "r")]);
    assert_eq!(stage.open(&keys).unwrap_err(), Refused::Invalid);
    stage.role("r", &trusting(ANA), &["iam:*"]);
    assert_eq!(stage.open(&keys).unwrap_err(), Refused::Invalid);
}

#[test]
fn no_session_outlives_its_user() {
    let (mut stage, _) = ready();
    let xml = stage.done("GetSessionToken", &[]);
    let keys = keys(&xml);
    stage.act_as_root(HERE);
    stage.done("UpdateUser", &[("UserName", "ana"), ("NewUserName", "eva"), ("NewPath", "/x/")]);
    assert_eq!(stage.open(&keys).unwrap().arn(), "arn:aws:iam::123456789012:user/x/eva");
    stage.done("DeleteUser", &[("UserName", "eva")]);
    stage.user("ana", &[]);
    assert_eq!(stage.open(&keys).unwrap_err(), Refused::Invalid);
}

/// All that may be in one session, as long as it may be, and not one text that packs well.
#[test]
fn the_largest_session_fits() {
    let (mut stage, _) = ready();
    let arn = stage.role_arn("r");
    let random = |seed: u8, length: usize| {
        let ids = Ids::new([seed; 32]);
        let text: String = (0..length.div_ceil(40)).map(|_| ids.secret().replace('/', "-")).collect();
        text[..length].to_owned()
    };
    let (name, identity) = (random(1, 64), random(2, 64));
    // Twenty tags that take all of the space.
    let tags: Vec<[String; 5]> = (1..=20_u8)
        .map(|number| {
            let member = |part| format!("Tags.member.{number}.{part}");
            let transitive = format!("TransitiveTagKeys.member.{number}");
            [member("Key"), member("Value"), transitive, random(number, 10), random(100 + number, 11)]
        })
        .collect();
    let mut parameters = vec![
        ("RoleArn", arn.as_str()),
        ("RoleSessionName", &name),
        ("SourceIdentity", &identity),
        ("DurationSeconds", "3600"),
    ];
    for [key, value, transitive, name, text] in &tags {
        parameters.extend([(key.as_str(), name.as_str()), (value, text), (transitive, name)]);
    }
    let xml = stage.done("AssumeRole", &parameters);
    assert_eq!(texts(&xml, "PackedPolicySize"), ["97"]);
    let made = keys(&xml);
    assert!((900..2_048).contains(&made.token.len()), "{}", made.token.len());
    assert_eq!(stage.open(&made).unwrap().session.unwrap().tags.len(), 20);
}

#[test]
fn secrets_do_not_show() {
    let (stage, keys) = ready();
    let credentials = crate::credentials::Credentials {
        access_key_id: keys.id.clone(),
        secret_access_key: keys.secret.clone(),
        session_token: keys.token.clone(),
        expiration: stage.cx.now,
    };
    let shown = format!("{credentials:?}");
    assert!(shown.contains(&keys.id) && !shown.contains(&keys.secret) && !shown.contains(&keys.token));
}
