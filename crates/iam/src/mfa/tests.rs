use jiff::SignedDuration;

use super::totp::{Codes, step};
use super::*;
use crate::tests::{Stage, stage, texts};

const PHONE: &str = "arn:aws:iam::123456789012:mfa/phone";

/// A device as its owner has it: what it was told when it was made.
struct Phone {
    serial: String,
    codes: Codes,
}

/// A stage with the users ana and ben.
fn ready() -> Stage {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "ana"), ("Path", "/people/")]);
    stage.done("CreateUser", &[("UserName", "ben")]);
    stage
}

fn made(stage: &mut Stage, name: &str) -> Phone {
    let xml = stage.done("CreateVirtualMFADevice", &[("VirtualMFADeviceName", name)]);
    let device = stage.world.get::<MfaDevice>(&["123456789012", texts(&xml, "SerialNumber")[0]]).unwrap();
    Phone { serial: device.serial.clone(), codes: Codes::of(&device.seed).unwrap() }
}

impl Phone {
    /// The parameters of an operation with two codes, the second `off` steps from that time.
    fn pair(&self, at: Timestamp, off: i64) -> [String; 2] {
        let second = step(at) + off;
        [self.codes.at(second - 1), self.codes.at(second)]
    }

    fn send(&self, stage: &mut Stage, operation: &str, user: &str, [first, second]: [String; 2]) -> String {
        let parameters = [
            ("UserName", user),
            ("SerialNumber", self.serial.as_str()),
            ("AuthenticationCode1", first.as_str()),
            ("AuthenticationCode2", second.as_str()),
        ];
        match stage.call(operation, &parameters) {
            Ok(_) => "done".to_owned(),
            Err(error) => format!("{}: {}", error.code, error.message),
        }
    }

    fn enable(&self, stage: &mut Stage, user: &str, off: i64) -> String {
        let codes = self.pair(stage.cx.wall, off);
        self.send(stage, "EnableMFADevice", user, codes)
    }

    fn resync(&self, stage: &mut Stage, user: &str, off: i64) -> String {
        let codes = self.pair(stage.cx.wall, off);
        self.send(stage, "ResyncMFADevice", user, codes)
    }
}

fn pass(stage: &mut Stage, seconds: i64) {
    let pass = |at: Timestamp| at.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    (stage.cx.now, stage.cx.wall) = (pass(stage.cx.now), pass(stage.cx.wall));
}

const WRONG: &str = "InvalidAuthenticationCode: Authentication code for device is not valid.";
const NOT_THEIRS: &str = "NoSuchEntity: MFA Device invalid for user.";

#[test]
fn a_seed_is_told_once() {
    let mut stage = ready();
    let xml = stage.done("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "phone"), ("Path", "/d/")]);
    assert_eq!(texts(&xml, "SerialNumber"), ["arn:aws:iam::123456789012:mfa/d/phone"]);
    let device = stage.world.scan::<MfaDevice>(&[]).next().unwrap().clone();
    assert_eq!(device.seed.bytes().unwrap().len(), SEED_BYTES);
    assert!(!format!("{device:?}").contains(device.seed.base32()));
    assert!(!xml.contains("<Tags>") && !xml.contains("<User>") && xml.contains("<QRCodePNG>iVBORw0KGgo"));
    let listed = stage.done("ListVirtualMFADevices", &[]);
    assert!(!listed.contains("Seed") && !listed.contains("QRCode"));
    let taken = stage.refused("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "phone"), ("Path", "/d/")]);
    assert_eq!(taken, "EntityAlreadyExists: MFA device already exists.");
    // Another path is another device.
    stage.done("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "phone")]);
}

#[test]
fn what_an_authenticator_scans() {
    let uri = qr::uri("a,b+c", "123456789012", &Seed::new(b"12345678901234567890"));
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let label = "Amazon%20Web%20Services:a%2Cb%2Bc@123456789012";
    assert_eq!(uri, format!("otpauth://totp/{label}?secret={secret}&issuer=Amazon%20Web%20Services"));
}

#[test]
fn names_that_make_a_serial_too_long() {
    let mut stage = ready();
    let prefix = "arn:aws:iam::123456789012:mfa/".len();
    let longest = "x".repeat(LONGEST_SERIAL - prefix);
    stage.done("CreateVirtualMFADevice", &[("VirtualMFADeviceName", &longest)]);
    let refused = stage.refused("CreateVirtualMFADevice", &[("VirtualMFADeviceName", &format!("{longest}x"))]);
    assert!(refused.ends_with("Member must have length less than or equal to 226"), "{refused}");
}

#[test]
fn two_codes_in_a_row_enable_a_device() {
    let mut stage = ready();
    let phone = made(&mut stage, "phone");
    let [first, second] = phone.pair(stage.cx.wall, 0);
    for wrong in [[second.clone(), first.clone()], [first.clone(), first.clone()], ["000000".into(), second.clone()]] {
        assert_eq!(phone.send(&mut stage, "EnableMFADevice", "ana", wrong), WRONG);
    }
    assert_eq!(phone.resync(&mut stage, "ana", 0), NOT_THEIRS);
    assert_eq!(phone.enable(&mut stage, "ana", 0), "done");
    let again = phone.enable(&mut stage, "ana", 1);
    assert_eq!(again, "EntityAlreadyExists: MFA Device for user ana already exists.");
    assert_eq!(phone.enable(&mut stage, "ben", 1), "EntityAlreadyExists: MFA Device is already in use.");
    assert_eq!(phone.resync(&mut stage, "ben", 1), NOT_THEIRS);
    let xml = stage.done("ListMFADevices", &[("UserName", "ana")]);
    assert_eq!((texts(&xml, "SerialNumber"), texts(&xml, "UserName")), (vec![PHONE], vec!["ana"]));
    assert_eq!(texts(&xml, "EnableDate"), [stage.cx.now.to_string()]);
    assert_eq!(texts(&stage.done("ListMFADevices", &[("UserName", "ben")]), "SerialNumber"), Vec::<&str>::new());
}

/// How far off the device's clock is, in steps, and whether AWS still finds it.
#[test]
fn how_far_a_clock_may_be_off() {
    for (off, expected) in [(-998, "done"), (-999, WRONG), (1_000, "done"), (1_001, WRONG), (1, "done")] {
        let mut stage = ready();
        let phone = made(&mut stage, "phone");
        assert_eq!(phone.enable(&mut stage, "ana", off), expected, "{off}");
    }
    // The next search is around the clock that was found.
    let mut stage = ready();
    let phone = made(&mut stage, "phone");
    assert_eq!(phone.enable(&mut stage, "ana", 1_000), "done");
    assert_eq!(phone.resync(&mut stage, "ana", 2_001), WRONG);
    assert_eq!(phone.resync(&mut stage, "ana", 2_000), "done");
}

#[test]
fn codes_that_were_compared_are_not_compared_again() {
    let mut stage = ready();
    let phone = made(&mut stage, "phone");
    assert_eq!(phone.enable(&mut stage, "ana", 0), "done");
    for old in [0, -1, 1] {
        assert_eq!(phone.resync(&mut stage, "ana", old), WRONG, "{old}");
    }
    let serial = ("SerialNumber", PHONE);
    stage.done("DeactivateMFADevice", &[("UserName", "ana"), serial]);
    assert_eq!(phone.enable(&mut stage, "ana", 0), WRONG);
    assert_eq!(phone.enable(&mut stage, "ana", 2), "done");
}

#[test]
fn either_clock_counts() {
    let mut stage = ready();
    stage.cx.now = stage.cx.wall.checked_add(SignedDuration::from_hours(48)).unwrap();
    let (by_wall, by_now) = (made(&mut stage, "wall"), made(&mut stage, "now"));
    assert_eq!(by_wall.enable(&mut stage, "ana", 0), "done");
    let codes = by_now.pair(stage.cx.now, 0);
    assert_eq!(by_now.send(&mut stage, "EnableMFADevice", "ana", codes), "done");
    // Neither clock is wrong for having been moved.
    for device in stage.world.scan::<MfaDevice>(&[]) {
        assert_eq!(device.drift, 0, "{}", device.serial);
    }
    // Nor are codes old because the clock was moved back.
    stage.cx.now = stage.cx.wall;
    assert_eq!(by_now.resync(&mut stage, "ana", 0), "done");
    assert_eq!(by_now.resync(&mut stage, "ana", 0), WRONG);
}

#[test]
fn eight_for_each_user() {
    let mut stage = ready();
    for number in 0..8 {
        let phone = made(&mut stage, &format!("phone{number}"));
        assert_eq!(phone.enable(&mut stage, "ana", 0), "done");
    }
    let ninth = made(&mut stage, "phone8");
    assert_eq!(ninth.enable(&mut stage, "ana", 0), "LimitExceeded: Cannot exceed quota for MFADevicesPerUser: 8");
    assert_eq!(ninth.enable(&mut stage, "ben", 0), "done");
    let xml = stage.done("ListMFADevices", &[("UserName", "ana"), ("MaxItems", "5")]);
    assert_eq!((texts(&xml, "SerialNumber").len(), texts(&xml, "IsTruncated")), (5, vec!["true"]));
    let marker = texts(&xml, "Marker")[0];
    let rest = stage.done("ListMFADevices", &[("UserName", "ana"), ("Marker", marker)]);
    assert_eq!(texts(&rest, "SerialNumber").len(), 3);
}

#[test]
fn what_is_in_use_stays() {
    let mut stage = ready();
    let phone = made(&mut stage, "phone");
    assert_eq!(phone.enable(&mut stage, "ana", 0), "done");
    let in_use = "DeleteConflict: MFA VirtualDevice in use. Must deactivate first.";
    assert_eq!(stage.refused("DeleteVirtualMFADevice", &[("SerialNumber", PHONE)]), in_use);
    let tokens = "DeleteConflict: Cannot delete entity, must remove tokens from principal first.";
    assert_eq!(stage.refused("DeleteUser", &[("UserName", "ana")]), tokens);
    let theirs = [("UserName", "ben"), ("SerialNumber", PHONE)];
    assert_eq!(stage.refused("DeactivateMFADevice", &theirs), NOT_THEIRS);
    stage.done("DeactivateMFADevice", &[("UserName", "ana"), ("SerialNumber", PHONE)]);
    stage.done("DeleteUser", &[("UserName", "ana")]);
    stage.done("DeleteVirtualMFADevice", &[("SerialNumber", PHONE)]);
    let gone = format!("NoSuchEntity: VirtualMFADevice with serial number {PHONE} doesn't exist.");
    assert_eq!(stage.refused("DeleteVirtualMFADevice", &[("SerialNumber", PHONE)]), gone);
}

#[test]
fn lists_by_assignment() {
    let mut stage = ready();
    let (a, _, c) = (made(&mut stage, "a"), made(&mut stage, "b"), made(&mut stage, "c"));
    assert_eq!(a.enable(&mut stage, "ana", 0), "done");
    assert_eq!(c.enable(&mut stage, "root", 0), "done");
    let serials = |stage: &mut Stage, status: &str| {
        let xml = stage.done("ListVirtualMFADevices", &[("AssignmentStatus", status)]);
        texts(&xml, "SerialNumber")
            .iter()
            .map(|serial| serial.rsplit('/').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(serials(&mut stage, "Any"), ["a", "b", "c"]);
    assert_eq!(serials(&mut stage, "Assigned"), ["a", "c"]);
    assert_eq!(serials(&mut stage, "Unassigned"), ["b"]);
    let xml = stage.done("ListVirtualMFADevices", &[("MaxItems", "1"), ("AssignmentStatus", "Assigned")]);
    assert_eq!((texts(&xml, "UserName"), texts(&xml, "Path")), (vec!["ana"], vec!["/people/"]));
    let marker = texts(&xml, "Marker")[0].to_owned();
    let next = stage.done("ListVirtualMFADevices", &[("Marker", &marker), ("AssignmentStatus", "Assigned")]);
    assert_eq!(texts(&next, "Arn"), ["arn:aws:iam::123456789012:root"]);
    assert_eq!((texts(&next, "UserName"), texts(&next, "IsTruncated")), (vec![], vec!["false"]));
    assert_eq!(stage.refused("ListVirtualMFADevices", &[("Marker", &marker)]), "ValidationError: Invalid Marker.");
}

#[test]
fn roots_own_devices() {
    let mut stage = ready();
    let phone = made(&mut stage, "phone");
    assert_eq!(phone.enable(&mut stage, "root", 0), "done");
    let xml = stage.done("ListMFADevices", &[]);
    assert_eq!((texts(&xml, "SerialNumber"), texts(&xml, "UserName")), (vec![PHONE], vec![]));
    stage.user_allowed("cai", "iam:*", "*");
    stage.act_as_user("cai");
    let seen = stage.done("ListVirtualMFADevices", &[]);
    assert_eq!(texts(&seen, "Arn"), ["arn:aws:iam::123456789012:root"], "whoever asks");
    assert_eq!(phone.resync(&mut stage, "root", 2), "NoSuchEntity: The user with name root cannot be found.");
    stage.cx.caller = service::cx::testing::root_cx().caller;
    stage.done("DeactivateMFADevice", &[("SerialNumber", PHONE)]);
    assert_eq!(texts(&stage.done("ListMFADevices", &[]), "SerialNumber"), Vec::<&str>::new());
}

/// Users with a device change their own devices only in a session that they have got with one.
#[test]
fn ones_own_devices_ask_for_one() {
    let refusal = "AccessDenied: To complete this action, please ensure that you are authenticated with an MFA device that is enabled for this user.";
    let mut stage = ready();
    stage.user_allowed("cai", "iam:*", "*");
    let (first, second, other) = (made(&mut stage, "phone"), made(&mut stage, "second"), made(&mut stage, "other"));
    stage.act_as_user("cai");
    assert_eq!(first.enable(&mut stage, "cai", 0), "done");
    assert_eq!(second.enable(&mut stage, "cai", 0), refusal);
    assert_eq!(stage.refused("DeactivateMFADevice", &[("SerialNumber", PHONE)]), refusal);
    assert_eq!(
        stage.refused("DeactivateMFADevice", &[("SerialNumber", "arn:aws:iam::123456789012:mfa/gone")]),
        refusal
    );
    // Comparing codes, and what others have, is free.
    assert_eq!(first.resync(&mut stage, "cai", 2), "done");
    assert_eq!(other.enable(&mut stage, "ana", 0), "done");
    let mut caller = Caller::clone(&stage.cx.caller);
    caller.session = Some(Box::new(session(&stage)));
    stage.act_as(caller);
    assert_eq!(second.enable(&mut stage, "cai", 0), "done");
    stage.done("DeactivateMFADevice", &[("SerialNumber", PHONE)]);
}

fn session(stage: &Stage) -> service::caller::Session {
    service::caller::Session {
        issued_at: stage.cx.now,
        expires_at: stage.cx.now,
        kind: service::caller::SessionKind::SessionToken,
        policies: Vec::new(),
        scope_down: Vec::new(),
        tags: Vec::new(),
        transitive_tag_keys: Vec::new(),
        source_identity: None,
        mfa_at: Some(stage.cx.now),
        chain_depth: 0,
        instance: None,
        federation: None,
        trusted_context: Vec::new(),
    }
}

#[test]
fn only_security_keys_are_shown_singly() {
    let mut stage = ready();
    made(&mut stage, "phone");
    for serial in [PHONE, "GAHT12345678"] {
        let refused = stage.refused("GetMFADevice", &[("SerialNumber", serial), ("UserName", "ana")]);
        assert!(refused.starts_with("ValidationError: The MFA device serial number sent in the request"), "{refused}");
    }
    let key = ("SerialNumber", "arn:aws:iam::123456789012:u2f/user/ana/key-ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    assert_eq!(stage.refused("GetMFADevice", &[key, ("UserName", "ana")]), NOT_THEIRS);
    let nobody = "NoSuchEntity: The user with name nobody cannot be found.";
    assert_eq!(stage.refused("GetMFADevice", &[key, ("UserName", "nobody")]), nobody);
}

#[test]
fn tags() {
    let mut stage = ready();
    let tag = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "red")];
    let name = [("VirtualMFADeviceName", "phone")];
    let xml = stage.done("CreateVirtualMFADevice", &[name.as_slice(), &tag].concat());
    assert_eq!(texts(&xml, "Value"), ["red"]);
    let serial = [("SerialNumber", PHONE)];
    let more = [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "blue")];
    stage.done("TagMFADevice", &[serial.as_slice(), &more].concat());
    let listed = stage.done("ListMFADeviceTags", &serial);
    assert_eq!((texts(&listed, "Key"), texts(&listed, "Value")), (vec!["Team", "team"], vec!["blue", "red"]));
    stage.done("UntagMFADevice", &[serial.as_slice(), &[("TagKeys.member.1", "team")]].concat());
    assert_eq!(texts(&stage.done("ListMFADeviceTags", &serial), "Key"), ["Team"]);
    let odd = [("SerialNumber", "GAHT12345678")];
    assert_eq!(stage.refused("ListMFADeviceTags", &odd), "InvalidInput: ARN GAHT12345678 is not valid.");
}

/// Who may do it: a user with that action on that resource; and who may not, with the resource a denial names.
#[test]
fn what_is_asked_for() {
    let ana = "arn:aws:iam::123456789012:user/people/ana";
    let all = "arn:aws:iam::123456789012:mfa/";
    let (serial, user) = (("SerialNumber", PHONE), ("UserName", "ana"));
    let codes = [("AuthenticationCode1", "123456"), ("AuthenticationCode2", "654321")];
    let with_codes = [[serial, user].as_slice(), &codes].concat();
    let tag = [serial, ("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")];
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
    let cases: &[Case<'_>] = &[
        ("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "phone")], PHONE),
        ("DeleteVirtualMFADevice", &[serial], PHONE),
        ("ListVirtualMFADevices", &[], all),
        ("EnableMFADevice", &with_codes, ana),
        ("ResyncMFADevice", &with_codes, ana),
        ("DeactivateMFADevice", &[serial, user], ana),
        ("ListMFADevices", &[user], ana),
        ("GetMFADevice", &[serial, user], ana),
        ("TagMFADevice", &tag, PHONE),
        ("UntagMFADevice", &[serial, ("TagKeys.member.1", "a")], PHONE),
        ("ListMFADeviceTags", &[serial], PHONE),
    ];
    for (operation, parameters, resource) in cases {
        let mut stage = ready();
        stage.user_allowed("cai", &format!("iam:{operation}"), resource);
        stage.user_allowed("dan", "sts:*", "*");
        stage.act_as_user("cai");
        let outcome = stage.call(operation, parameters).err();
        assert!(outcome.is_none_or(|error| error.code != "AccessDenied"), "{operation}");
        stage.act_as_user("dan");
        let shown = if *resource == ana { "user ana" } else { resource };
        let denied = format!("is not authorized to perform: iam:{operation} on resource: {shown} because");
        let refused = stage.refused(operation, parameters);
        assert!(refused.contains(&denied), "{operation}: {refused}");
    }
}

#[test]
fn time_does_not_spoil_a_device() {
    let mut stage = ready();
    let phone = made(&mut stage, "phone");
    assert_eq!(phone.enable(&mut stage, "ana", 3), "done");
    pass(&mut stage, 30 * 24 * 3_600);
    assert_eq!(phone.resync(&mut stage, "ana", 3), "done");
}
