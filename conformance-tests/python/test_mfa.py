"""MFA devices and sessions with a second factor, judged by an independent authenticator and an independent reader of QR codes."""

import base64
import datetime
import io
import json
import urllib.parse

import pyotp
import pytest
import zxingcpp
from PIL import Image

from authenticator import Authenticator
from conftest import allow, error_of, make_user, policy

ACCOUNT = "000000000000"
WRONG_PAIR = ("InvalidAuthenticationCode", "Authentication code for device is not valid.", 403)
WRONG_CODE = ("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ", 403)
NO_DEVICE = ("AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  "
             "Please verify your MFA serial number is valid and associated with this user.", 403)
MANAGE_WITH_FACTOR = ("AccessDenied", "To complete this action, please ensure that you are authenticated with an MFA device that is enabled for "
                      "this user.", 403)


@pytest.fixture(scope="module")
def iam(server):
    return server.client("iam")


@pytest.fixture(autouse=True)
def real_time(server):
    yield
    server.admin("POST", "clock", {"reset": True, "clientsMoved": False})


def serials(answer, key="MFADevices"):
    return [device["SerialNumber"].rpartition("/")[2] for device in answer[key]]


def test_the_seed_is_what_an_authenticator_scans(iam):
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="scanned", Path="/phones/")["VirtualMFADevice"]
    assert made["SerialNumber"] == f"arn:aws:iam::{ACCOUNT}:mfa/phones/scanned"
    seed = made["Base32StringSeed"].decode()
    assert len(base64.b32decode(seed)) == 40
    picture = Image.open(io.BytesIO(made["QRCodePNG"]))
    assert picture.format == "PNG"
    (code,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    assert code.text.startswith("otpauth://totp/")
    scanned = pyotp.parse_uri(code.text)
    assert (scanned.secret, scanned.issuer, scanned.name) == (seed, "Amazon Web Services", f"scanned@{ACCOUNT}")
    assert (scanned.digits, scanned.interval) == (6, 30)
    assert urllib.parse.urlsplit(code.text).netloc == "totp"
    # By it codes are made that the server takes.
    iam.create_user(UserName="scanner")
    Authenticator(made["SerialNumber"], scanned.secret).enable(iam, "scanner")
    assert serials(iam.list_mfa_devices(UserName="scanner")) == ["scanned"]


def test_a_devices_life(iam):
    iam.create_user(UserName="ana", Path="/people/")
    iam.create_user(UserName="ben")
    tags = [{"Key": "team", "Value": "red"}]
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Tags=tags)["VirtualMFADevice"]
    phone = Authenticator(made["SerialNumber"], made["Base32StringSeed"])
    assert made["Tags"] == tags and "User" not in made
    assert error_of(iam.create_virtual_mfa_device, VirtualMFADeviceName="phone") == ("EntityAlreadyExists", "MFA device already exists.", 409)
    assert "phone" in serials(iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned"), "VirtualMFADevices")
    given = {"UserName": "ana", "SerialNumber": phone.serial}
    assert error_of(iam.enable_mfa_device, **given, AuthenticationCode1="000000", AuthenticationCode2=phone.code()) == WRONG_PAIR
    assert error_of(iam.enable_mfa_device, **{**given, "UserName": "nobody"}, **phone.pair())[0] == "NoSuchEntity"
    assert error_of(iam.deactivate_mfa_device, **given) == ("NoSuchEntity", "MFA Device invalid for user.", 404)
    phone.enable(iam, "ana")
    assert error_of(iam.enable_mfa_device, **given, **phone.pair(2)) == (
        "EntityAlreadyExists", "MFA Device for user ana already exists.", 409)
    assert error_of(iam.enable_mfa_device, **{**given, "UserName": "ben"}, **phone.pair(2)) == (
        "EntityAlreadyExists", "MFA Device is already in use.", 409)
    (device,) = iam.list_mfa_devices(UserName="ana")["MFADevices"]
    assert (device["UserName"], device["SerialNumber"]) == ("ana", phone.serial)
    assert abs(device["EnableDate"] - datetime.datetime.now(datetime.UTC)) < datetime.timedelta(minutes=1)
    listed = {found["SerialNumber"]: found for found in iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]}
    assert listed[phone.serial]["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/people/ana"
    assert listed[phone.serial]["EnableDate"] == device["EnableDate"] and "Base32StringSeed" not in listed[phone.serial]
    assert error_of(iam.resync_mfa_device, **given, **phone.pair()) == WRONG_PAIR
    iam.resync_mfa_device(**given, **phone.pair(2))
    assert error_of(iam.delete_virtual_mfa_device, SerialNumber=phone.serial) == (
        "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.", 409)
    assert error_of(iam.delete_user, UserName="ana") == (
        "DeleteConflict", "Cannot delete entity, must remove tokens from principal first.", 409)
    iam.deactivate_mfa_device(**given)
    assert iam.list_mfa_devices(UserName="ana")["MFADevices"] == []
    iam.delete_user(UserName="ana")
    iam.delete_virtual_mfa_device(SerialNumber=phone.serial)
    gone = ("NoSuchEntity", f"VirtualMFADevice with serial number {phone.serial} doesn't exist.", 404)
    assert error_of(iam.delete_virtual_mfa_device, SerialNumber=phone.serial) == gone


def test_tags(iam):
    serial = Authenticator.of(iam, "tagged").serial
    iam.tag_mfa_device(SerialNumber=serial, Tags=[{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "2"}])
    first = iam.list_mfa_device_tags(SerialNumber=serial, MaxItems=1)
    assert (first["Tags"], first["IsTruncated"]) == ([{"Key": "a", "Value": "2"}], True)
    assert iam.list_mfa_device_tags(SerialNumber=serial, Marker=first["Marker"])["Tags"] == [{"Key": "b", "Value": "1"}]
    iam.untag_mfa_device(SerialNumber=serial, TagKeys=["a", "c"])
    assert iam.list_mfa_device_tags(SerialNumber=serial)["Tags"] == [{"Key": "b", "Value": "1"}]
    twice = [{"Key": "x", "Value": "1"}, {"Key": "x", "Value": "2"}]
    duplicate = ("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.", 400)
    assert error_of(iam.tag_mfa_device, SerialNumber=serial, Tags=twice) == duplicate
    assert error_of(iam.create_virtual_mfa_device, VirtualMFADeviceName="twice", Tags=twice) == duplicate
    iam.tag_mfa_device(SerialNumber=serial, Tags=[{"Key": f"k{number}", "Value": ""} for number in range(49)])
    assert error_of(iam.tag_mfa_device, SerialNumber=serial, Tags=twice[:1]) == (
        "LimitExceeded", "The number of tags has reached the maximum limit.", 409)
    for call, more in ((iam.tag_mfa_device, {"Tags": twice[:1]}), (iam.untag_mfa_device, {"TagKeys": ["a"]}), (iam.list_mfa_device_tags, {})):
        assert error_of(call, SerialNumber=serial + "x", **more)[0] == "NoSuchEntity"
        assert error_of(call, SerialNumber="GAHT12345678", **more) == ("InvalidInput", "ARN GAHT12345678 is not valid.", 400)


def test_eight_devices_at_most_and_pages(iam):
    iam.create_user(UserName="many")
    for number in range(8):
        Authenticator.of(iam, f"many{number}", Path="/many/").enable(iam, "many")
    ninth = Authenticator.of(iam, "many8", Path="/many/")
    assert error_of(iam.enable_mfa_device, UserName="many", SerialNumber=ninth.serial, **ninth.pair()) == (
        "LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8", 409)
    pages = iam.get_paginator("list_mfa_devices").paginate(UserName="many", PaginationConfig={"PageSize": 3})
    assert [serials(page) for page in pages] == [["many0", "many1", "many2"], ["many3", "many4", "many5"], ["many6", "many7"]]
    pages = list(iam.get_paginator("list_virtual_mfa_devices").paginate(PaginationConfig={"PageSize": 4}))
    assert len({name for page in pages for name in serials(page, "VirtualMFADevices")}) == sum(len(page["VirtualMFADevices"]) for page in pages)


def test_get_mfa_device_knows_security_keys_alone(iam):
    iam.create_user(UserName="with-key")
    serial = Authenticator.of(iam, "no-key").enable(iam, "with-key").serial
    code, text, status = error_of(iam.get_mfa_device, SerialNumber=serial, UserName="with-key")
    assert (code, status) == ("ValidationError", 400) and text.startswith("The MFA device serial number sent in the request is invalid")
    key = f"arn:aws:iam::{ACCOUNT}:u2f/user/with-key/key-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert error_of(iam.get_mfa_device, SerialNumber=key, UserName="with-key") == ("NoSuchEntity", "MFA Device invalid for user.", 404)


def test_one_manages_ones_own_devices_with_a_factor(server, iam):
    key = make_user(iam, "self", allow("iam:*"), allow("sts:*"))
    own = server.client("iam", key)
    first, second = Authenticator.of(iam, "self1").enable(own, "self"), Authenticator.of(iam, "self2")
    assert error_of(own.enable_mfa_device, UserName="self", SerialNumber=second.serial, **second.pair()) == MANAGE_WITH_FACTOR
    assert error_of(own.deactivate_mfa_device, SerialNumber=first.serial) == MANAGE_WITH_FACTOR
    assert serials(own.list_mfa_devices()) == ["self1"]
    session = server.client("iam", session_of(server, key, first))
    second.enable(session, "self")
    session.deactivate_mfa_device(SerialNumber=first.serial)
    session.deactivate_mfa_device(SerialNumber=second.serial)
    assert serials(own.list_mfa_devices()) == []


def session_of(server, key, device, **more):
    made = server.client("sts", key).get_session_token(**device.factor(**more))["Credentials"]
    return made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]


def test_root_has_devices_too(server):
    root = server.client("iam", server.account("555555555555"))
    device = Authenticator.of(root, "root-account-mfa-device").enable(root, "root")
    assert serials(root.list_mfa_devices()) == ["root-account-mfa-device"]
    assert root.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 1
    (listed,) = root.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert listed["User"]["Arn"] == "arn:aws:iam::555555555555:root"
    session = server.client("iam", session_of(server, server.account("555555555555"), device))
    assert serials(session.list_mfa_devices()) == ["root-account-mfa-device"]
    root.deactivate_mfa_device(SerialNumber=device.serial)
    assert root.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 0


def test_a_session_with_a_factor(server, iam):
    key = make_user(iam, "cai", allow(["iam:GetUser", "iam:ListUsers"], Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "900"}}))
    device = Authenticator.of(iam, "cai").enable(iam, "cai")
    sts = server.client("sts", key)
    plain = sts.get_session_token()["Credentials"]
    without = server.client("iam", (plain["AccessKeyId"], plain["SecretAccessKey"], plain["SessionToken"]))
    assert error_of(without.get_user) == ("InvalidClientTokenId", "The security token included in the request is invalid", 403)
    assert error_of(server.client("iam", key).get_user)[0] == "AccessDenied"
    session = server.client("iam", session_of(server, key, device))
    assert session.get_user()["User"]["UserName"] == "cai"
    server.advance("14m")
    assert session.get_user()["User"]["UserName"] == "cai"
    server.advance("2m")
    assert error_of(session.get_user)[0] == "AccessDenied"


def test_a_code_is_good_once(server, iam):
    key = make_user(iam, "once", allow("sts:*"))
    device = Authenticator.of(iam, "once").enable(iam, "once")
    sts = server.client("sts", key)
    factor = device.factor()
    assert error_of(sts.get_session_token, **{**factor, "TokenCode": device.code(20)}) == WRONG_CODE
    sts.get_session_token(**factor)
    assert error_of(sts.get_session_token, **factor) == WRONG_CODE
    # One that came in between and was not used is good; another device's is not, nor one that nobody has.
    sts.get_session_token(**device.factor(-1))
    other = Authenticator.of(iam, "once-other")
    assert error_of(sts.get_session_token, **other.factor()) == NO_DEVICE
    assert error_of(sts.get_session_token, SerialNumber=other.serial + "x", TokenCode="123456") == NO_DEVICE
    assert error_of(sts.get_session_token, SerialNumber=device.serial)[1] == (
        "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")


def test_used_codes_survive_a_crash(make_server):
    server = make_server()
    iam = server.client("iam")
    key = make_user(iam, "ann", allow("sts:*"))
    device = Authenticator.of(iam, "ann").enable(iam, "ann")
    factor = device.factor()
    server.client("sts", key).get_session_token(**factor)
    server.kill()
    server.start()
    sts = server.client("sts", key)
    assert error_of(sts.get_session_token, **factor) == WRONG_CODE
    assert sts.get_session_token(**device.factor(1))


def test_a_role_that_wants_a_factor(server, iam):
    key = make_user(iam, "dee", allow("sts:AssumeRole"))
    device = Authenticator.of(iam, "dee").enable(iam, "dee")
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/dee"}, "Action": "sts:AssumeRole",
                 "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    role = iam.create_role(RoleName="Guarded", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))["Role"]["Arn"]
    guarded = policy(allow("iam:ListUsers", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    iam.put_role_policy(RoleName="Guarded", PolicyName="p", PolicyDocument=guarded)
    sts = server.client("sts", key)
    asked = {"RoleArn": role, "RoleSessionName": "session"}
    denied = f"User: arn:aws:iam::{ACCOUNT}:user/dee is not authorized to perform: sts:AssumeRole on resource: {role}"
    assert error_of(sts.assume_role, **asked) == ("AccessDenied", denied, 403)
    factor = device.factor()
    assert error_of(sts.assume_role, **asked, **{**factor, "TokenCode": "000000"}) == WRONG_CODE
    made = sts.assume_role(**asked, **factor)["Credentials"]
    assert error_of(sts.assume_role, **asked, **factor) == WRONG_CODE
    assert error_of(sts.get_session_token, **factor) == WRONG_CODE
    assumed = server.client("iam", (made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]))
    assert assumed.list_users()["Users"]
    # So does a session that has one.
    session = server.client("sts", session_of(server, key, device, steps=1))
    assert session.assume_role(**asked)["Credentials"]


@pytest.mark.parametrize("ahead", [0, 3 * 3_600, 100 * 86_400])
def test_codes_of_real_time_and_of_the_moved_clock(server, iam, ahead):
    """The server's clock is ahead by that; one device stays on real time, the other moves along."""
    name = f"clock{ahead}"
    key = make_user(iam, name, allow("sts:*"))
    server.advance(f"{ahead}s")
    wall = Authenticator.of(iam, f"{name}-wall").enable(iam, name)
    moved = Authenticator.of(iam, f"{name}-moved").enable(iam, name, ahead=ahead)
    sts = server.client("sts", key)
    for device, lead in ((wall, 0), (moved, ahead)):
        sts.get_session_token(**device.factor(ahead=lead))
        assert error_of(sts.get_session_token, **device.factor(ahead=lead)) == WRONG_CODE
        iam.resync_mfa_device(UserName=name, SerialNumber=device.serial, **device.pair(2, ahead=lead))
    server.advance("1h")
    sts.get_session_token(**wall.factor(1))
    sts.get_session_token(**moved.factor(1, ahead=ahead + 3_600))


def test_as_many_devices_as_the_quota_says(make_server):
    iam = make_server("--quota", "MFADevices=1").client("iam")
    Authenticator.of(iam, "first")
    assert error_of(iam.create_virtual_mfa_device, VirtualMFADeviceName="second") == (
        "LimitExceeded", "Cannot exceed quota for MFADevices: 1", 409)
