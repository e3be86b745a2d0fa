//! Sessions with a second factor: which codes are good, that each is good once, and what policies see of it.

use iam::mfa::totp::{Codes, step};
use iam::record::MfaDevice;

use super::*;

const PHONE: &str = "arn:aws:iam::123456789012:mfa/phone";
const ANA: &str = "arn:aws:iam::123456789012:user/ana";
const WITH_FACTOR: &str = r#"{"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#;
const UNABLE: &str = "AccessDenied: MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.";
/// With the space at its end that AWS writes.
const WRONG: &str = "AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code. ";

/// The user ana with an enabled device, acting.
fn ready() -> Stage {
    let mut stage = stage();
    stage.user("ana", &["iam:*", "sts:*"]);
    enrol(&mut stage, "phone", "ana");
    stage.act_as_user("ana");
    stage
}

fn enrol(stage: &mut Stage, name: &str, user: &str) {
    stage.done("CreateVirtualMFADevice", &[("VirtualMFADeviceName", name)]);
    let serial = format!("arn:aws:iam::123456789012:mfa/{name}");
    let (first, second) = (code_of(stage, &serial, -1), code_of(stage, &serial, 0));
    let parameters = [
        ("UserName", user),
        ("SerialNumber", serial.as_str()),
        ("AuthenticationCode1", first.as_str()),
        ("AuthenticationCode2", second.as_str()),
    ];
    stage.done("EnableMFADevice", &parameters);
}

/// The code of a device, that many steps from real time.
fn code_of(stage: &Stage, serial: &str, off: i64) -> String {
    let device = stage.world.get::<MfaDevice>(&[HERE, serial]).unwrap();
    Codes::of(&device.seed).unwrap().at(step(stage.cx.wall) + off)
}

fn with(stage: &mut Stage, operation: &str, code: &str, more: &[(&str, &str)]) -> Result<Keys, String> {
    let all = [&[("SerialNumber", PHONE), ("TokenCode", code)], more].concat();
    let answer = stage.call(operation, &all).map(|xml| keys(&xml));
    answer.map_err(|error| format!("{}: {}", error.code, error.message))
}

fn session_token(stage: &mut Stage, off: i64) -> Result<Keys, String> {
    let code = code_of(stage, PHONE, off);
    with(stage, "GetSessionToken", &code, &[])
}

fn assume(stage: &mut Stage, off: i64) -> Result<Keys, String> {
    let code = code_of(stage, PHONE, off);
    let role = [("RoleArn", "arn:aws:iam::123456789012:role/r"), ("RoleSessionName", "session")];
    with(stage, "AssumeRole", &code, &role)
}

/// How many steps a code may be early or late.
#[test]
fn codes_in_time() {
    for off in -2..=2 {
        assert!(session_token(&mut ready(), off).is_ok(), "{off}");
    }
    for off in [-3, 3, -10, 10] {
        assert_eq!(session_token(&mut ready(), off), Err(WRONG.into()), "{off}");
    }
}

#[test]
fn a_code_is_good_once_whatever_it_is_used_for() {
    let mut stage = ready();
    stage.act_as_root(HERE);
    stage.role("r", &trusting(ANA), &[]);
    stage.act_as_user("ana");
    assert!(session_token(&mut stage, 1).is_ok());
    assert_eq!(session_token(&mut stage, 1), Err(WRONG.into()));
    assert_eq!(assume(&mut stage, 1), Err(WRONG.into()));
    // An older one that was not used is.
    assert!(assume(&mut stage, -1).is_ok());
    assert_eq!(session_token(&mut stage, -1), Err(WRONG.into()));
    stage.pass(60);
    assert_eq!(session_token(&mut stage, -1), Err(WRONG.into()));
    assert!(session_token(&mut stage, 0).is_ok());
}

/// A refused request leaves the code good.
#[test]
fn a_denial_spends_nothing() {
    let mut stage = ready();
    stage.act_as_root(HERE);
    stage.role("r", &trusting(ANA), &[]);
    stage.act_as_user("ana");
    let seconds = [("DurationSeconds", "43200")];
    let code = code_of(&stage, PHONE, 0);
    let role = [("RoleArn", "arn:aws:iam::123456789012:role/r"), ("RoleSessionName", "session")];
    let too_long = with(&mut stage, "AssumeRole", &code, &[role.as_slice(), &seconds].concat());
    assert!(too_long.is_err_and(|error| error.starts_with("ValidationError")));
    assert!(with(&mut stage, "AssumeRole", &code, &role).is_ok());
}

#[test]
fn whose_device_it_is() {
    let mut stage = ready();
    let code = code_of(&stage, PHONE, 0);
    let other = [("SerialNumber", "arn:aws:iam::123456789012:mfa/gone"), ("TokenCode", code.as_str())];
    assert_eq!(stage.outcome("GetSessionToken", &other), UNABLE);
    stage.act_as_root(HERE);
    stage.user("ben", &["sts:*"]);
    stage.act_as_user("ben");
    assert_eq!(session_token(&mut stage, 0), Err(UNABLE.into()));
    stage.act_as_root(HERE);
    assert_eq!(session_token(&mut stage, 0), Err(UNABLE.into()));
    stage.done("DeactivateMFADevice", &[("UserName", "ana"), ("SerialNumber", PHONE)]);
    stage.act_as_user("ana");
    assert_eq!(session_token(&mut stage, 0), Err(UNABLE.into()));
}

#[test]
fn root_has_devices_too() {
    let mut stage = stage();
    enrol(&mut stage, "phone", "root");
    let keys = session_token(&mut stage, 0).unwrap();
    assert!(stage.open(&keys).unwrap().session.unwrap().mfa_at.is_some());
}

/// Codes of the moved clock are as good as those of real time.
#[test]
fn either_clock() {
    let mut stage = ready();
    stage.cx.now = stage.cx.wall.checked_add(jiff::SignedDuration::from_hours(72)).unwrap();
    assert!(session_token(&mut stage, 0).is_ok());
    let three_days = 72 * 120;
    assert!(session_token(&mut stage, three_days).is_ok());
    assert_eq!(session_token(&mut stage, three_days), Err(WRONG.into()));
    assert_eq!(session_token(&mut stage, three_days / 2), Err(WRONG.into()));
}

#[test]
fn the_session_says_so_and_how_long_ago() {
    let mut stage = ready();
    let plain = keys(&stage.done("GetSessionToken", &[]));
    let keys = session_token(&mut stage, 0).unwrap();
    stage.act_with(&plain);
    let invalid = "InvalidClientTokenId: The security token included in the request is invalid";
    assert_eq!(stage.outcome("ListUsers", &[]), invalid);
    stage.act_with(&keys);
    assert_eq!(stage.outcome("ListUsers", &[]), "allowed");
    let context = |stage: &Stage, key: &str| {
        let context = service::conditions::of(&stage.cx, &Check::any(), &[]);
        context.variable(key).map(str::to_owned)
    };
    stage.pass(300);
    assert_eq!(context(&stage, "aws:MultiFactorAuthPresent").as_deref(), Some("true"));
    assert_eq!(context(&stage, "aws:MultiFactorAuthAge").as_deref(), Some("300"));
}

#[test]
fn a_trust_that_wants_a_second_factor() {
    let mut stage = ready();
    stage.act_as_root(HERE);
    stage.role("r", &trusting_if(ANA, WITH_FACTOR), &["sts:AssumeRole"]);
    let fresh = r#"{"NumericLessThan": {"aws:MultiFactorAuthAge": "60"}}"#;
    stage.role("fresh", &trusting_if(ANA, fresh), &[]);
    let chained = trusting_if("arn:aws:iam::123456789012:role/r", WITH_FACTOR);
    stage.role("chained", &chained, &[]);
    stage.act_as_user("ana");
    let refused = |role: &str, who: &str| denied(who, "sts:AssumeRole", &format!("arn:aws:iam::{HERE}:role/{role}"));
    assert_eq!(stage.assume_outcome("r", &[]), refused("r", ANA));
    let role = assume(&mut stage, 0).unwrap();
    assert!(stage.open(&role).unwrap().session.unwrap().mfa_at.is_some());
    // A session that was got with a factor has one, for as long as the trust thinks it fresh.
    let session = session_token(&mut stage, 1).unwrap();
    stage.act_with(&session);
    assert_eq!(stage.assume_outcome("r", &[]), "allowed");
    assert_eq!(stage.assume_outcome("fresh", &[]), "allowed");
    let keys = stage.assume("r", &[]).unwrap();
    assert!(stage.open(&keys).unwrap().session.unwrap().mfa_at.is_some());
    stage.pass(60);
    assert_eq!(stage.assume_outcome("fresh", &[]), refused("fresh", ANA));
    // Sessions of roles give no code of their own, and hand no factor on.
    stage.act_with(&role);
    let code = code_of(&stage, PHONE, 0);
    let with_code = [("SerialNumber", PHONE), ("TokenCode", code.as_str())];
    assert_eq!(stage.assume_outcome("chained", &with_code), UNABLE);
    let last = stage.assume("chained", &[]).unwrap();
    assert_eq!(stage.open(&last).unwrap().session.unwrap().mfa_at, None);
}
