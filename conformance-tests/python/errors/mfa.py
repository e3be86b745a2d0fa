"""MFA devices, and the second factor of sessions. Most texts were recorded on AWS in September 2026."""

from authenticator import Authenticator
from conftest import allow, make_user

ROOT = "arn:aws:iam::000000000000"
IN_USE, SPARE, OTHERS, GONE = (f"{ROOT}:mfa/{name}" for name in ("in-use", "spare", "others", "gone"))
HARDWARE = "GAHT12345678"
KEY = f"{ROOT}:u2f/user/owner/key-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ROLE = f"{ROOT}:role/lost"


def before(server):
    iam = server.client("iam")
    keys = {name: make_user(iam, name, allow(["iam:*", "sts:*"])) for name in ("owner", "other")}
    keys["nobody"] = make_user(iam, "nobody")
    Authenticator.of(iam, "in-use").enable(iam, "owner")
    Authenticator.of(iam, "others").enable(iam, "other")
    Authenticator.of(iam, "spare")
    for number in range(7):
        Authenticator.of(iam, f"more{number}").enable(iam, "other")
    return keys


def denied(action, resource):
    return (403, "AccessDenied", f"User: {ROOT}:user/nobody is not authorized to perform: iam:{action} on resource: {resource} "
            f"because no identity-based policy allows the iam:{action} action", "nobody")


def codes(serial, user="owner"):
    return {"UserName": user, "SerialNumber": serial, "AuthenticationCode1": "000000", "AuthenticationCode2": "000001"}


NO_USER = (404, "NoSuchEntity", "The user with name lost cannot be found.")
NO_DEVICE = (404, "NoSuchEntity", f"VirtualMFADevice with serial number {GONE} doesn't exist.")
NOT_THEIRS = (404, "NoSuchEntity", "MFA Device invalid for user.")
NO_ARN = (400, "InvalidInput", f"ARN {HARDWARE} is not valid.")
WRONG_PAIR = (403, "InvalidAuthenticationCode", "Authentication code for device is not valid.")
WITH_FACTOR = (403, "AccessDenied",
               "To complete this action, please ensure that you are authenticated with an MFA device that is enabled for this user.", "owner")
NO_KEY = (400, "ValidationError", "The MFA device serial number sent in the request is invalid or not supported by this API. Currently, only "
          "hardware FIDO security keys are supported. Please use the compatible device or API.")
DUPLICATE = (400, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
TWICE = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
UNABLE = (403, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid "
          "and associated with this user.")
# The text ends in a space.
WRONG_CODE = (403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
ONE_OF_TWO = (403, "AccessDenied", "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")
ASSUME = {"RoleArn": ROLE, "RoleSessionName": "session"}

CASES = [
    ("iam", "CreateVirtualMFADevice", {"VirtualMFADeviceName": "spare"}, 409, "EntityAlreadyExists", "MFA device already exists."),
    ("iam", "CreateVirtualMFADevice", {"VirtualMFADeviceName": "twice", "Tags": TWICE}, *DUPLICATE),
    ("iam", "CreateVirtualMFADevice", {"VirtualMFADeviceName": "mine"}, *denied("CreateVirtualMFADevice", f"{ROOT}:mfa/mine")),
    ("iam", "EnableMFADevice", codes(SPARE, "lost"), *NO_USER),
    ("iam", "EnableMFADevice", codes(GONE), *NO_DEVICE),
    ("iam", "EnableMFADevice", codes(IN_USE), 409, "EntityAlreadyExists", "MFA Device for user owner already exists."),
    ("iam", "EnableMFADevice", codes(OTHERS), 409, "EntityAlreadyExists", "MFA Device is already in use."),
    ("iam", "EnableMFADevice", codes(SPARE), *WRONG_PAIR),
    ("iam", "EnableMFADevice", codes(SPARE, "other"), 409, "LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8"),
    ("iam", "EnableMFADevice", codes(SPARE), *WITH_FACTOR),
    ("iam", "EnableMFADevice", codes(GONE), *WITH_FACTOR),
    ("iam", "EnableMFADevice", codes(SPARE), *denied("EnableMFADevice", "user owner")),
    ("iam", "EnableMFADevice", codes(SPARE, "lost"), *denied("EnableMFADevice", "user lost")),
    ("iam", "ResyncMFADevice", codes(IN_USE, "lost"), *NO_USER),
    ("iam", "ResyncMFADevice", codes(GONE), *NO_DEVICE),
    ("iam", "ResyncMFADevice", codes(SPARE), *NOT_THEIRS),
    ("iam", "ResyncMFADevice", codes(OTHERS), *NOT_THEIRS),
    ("iam", "ResyncMFADevice", codes(IN_USE), *WRONG_PAIR),
    ("iam", "ResyncMFADevice", codes(IN_USE), *denied("ResyncMFADevice", "user owner")),
    ("iam", "DeactivateMFADevice", {"UserName": "lost", "SerialNumber": IN_USE}, *NO_USER),
    ("iam", "DeactivateMFADevice", {"UserName": "owner", "SerialNumber": GONE}, *NO_DEVICE),
    ("iam", "DeactivateMFADevice", {"UserName": "owner", "SerialNumber": SPARE}, *NOT_THEIRS),
    ("iam", "DeactivateMFADevice", {"UserName": "owner", "SerialNumber": OTHERS}, *NOT_THEIRS),
    ("iam", "DeactivateMFADevice", {"SerialNumber": IN_USE}, *WITH_FACTOR),
    ("iam", "DeactivateMFADevice", {"SerialNumber": GONE}, *WITH_FACTOR),
    ("iam", "DeactivateMFADevice", {"UserName": "owner", "SerialNumber": IN_USE}, *denied("DeactivateMFADevice", "user owner")),
    ("iam", "DeleteVirtualMFADevice", {"SerialNumber": GONE}, *NO_DEVICE),
    ("iam", "DeleteVirtualMFADevice", {"SerialNumber": IN_USE}, 409, "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first."),
    ("iam", "DeleteVirtualMFADevice", {"SerialNumber": SPARE}, *denied("DeleteVirtualMFADevice", SPARE)),
    ("iam", "DeleteUser", {"UserName": "owner"}, 409, "DeleteConflict", "Cannot delete entity, must remove tokens from principal first."),
    ("iam", "ListVirtualMFADevices", {"Marker": "none"}, 400, "ValidationError", "Invalid Marker."),
    ("iam", "ListVirtualMFADevices", {}, *denied("ListVirtualMFADevices", f"{ROOT}:mfa/")),
    ("iam", "ListMFADevices", {"UserName": "lost"}, *NO_USER),
    ("iam", "ListMFADevices", {"UserName": "owner"}, *denied("ListMFADevices", "user owner")),
    ("iam", "GetMFADevice", {"SerialNumber": IN_USE, "UserName": "owner"}, *NO_KEY),
    ("iam", "GetMFADevice", {"SerialNumber": HARDWARE, "UserName": "owner"}, *NO_KEY),
    ("iam", "GetMFADevice", {"SerialNumber": KEY, "UserName": "owner"}, *NOT_THEIRS),
    ("iam", "GetMFADevice", {"SerialNumber": KEY, "UserName": "lost"}, *NO_USER),
    ("iam", "GetMFADevice", {"SerialNumber": KEY, "UserName": "owner"}, *denied("GetMFADevice", "user owner")),
    ("iam", "TagMFADevice", {"SerialNumber": SPARE, "Tags": TWICE}, *DUPLICATE),
    ("iam", "TagMFADevice", {"SerialNumber": GONE, "Tags": TWICE[:1]}, *NO_DEVICE),
    ("iam", "TagMFADevice", {"SerialNumber": HARDWARE, "Tags": TWICE[:1]}, *NO_ARN),
    ("iam", "TagMFADevice", {"SerialNumber": SPARE, "Tags": TWICE[:1]}, *denied("TagMFADevice", SPARE)),
    ("iam", "UntagMFADevice", {"SerialNumber": GONE, "TagKeys": ["a"]}, *NO_DEVICE),
    ("iam", "UntagMFADevice", {"SerialNumber": HARDWARE, "TagKeys": ["a"]}, *NO_ARN),
    ("iam", "ListMFADeviceTags", {"SerialNumber": GONE}, *NO_DEVICE),
    ("iam", "ListMFADeviceTags", {"SerialNumber": HARDWARE}, *NO_ARN),
    ("sts", "GetSessionToken", {"SerialNumber": GONE, "TokenCode": "000000"}, *UNABLE, "owner"),
    ("sts", "GetSessionToken", {"SerialNumber": OTHERS, "TokenCode": "000000"}, *UNABLE, "owner"),
    ("sts", "GetSessionToken", {"SerialNumber": SPARE, "TokenCode": "000000"}, *UNABLE),
    ("sts", "GetSessionToken", {"SerialNumber": IN_USE, "TokenCode": "000000"}, *WRONG_CODE, "owner"),
    ("sts", "GetSessionToken", {"SerialNumber": IN_USE}, *ONE_OF_TWO, "owner"),
    ("sts", "GetSessionToken", {"TokenCode": "000000"}, *ONE_OF_TWO, "owner"),
    # The code is looked at before the role.
    ("sts", "AssumeRole", {**ASSUME, "SerialNumber": IN_USE, "TokenCode": "000000"}, *WRONG_CODE, "owner"),
    ("sts", "AssumeRole", {**ASSUME, "SerialNumber": OTHERS, "TokenCode": "000000"}, *UNABLE, "owner"),
    ("sts", "AssumeRole", {**ASSUME, "SerialNumber": IN_USE}, *ONE_OF_TWO, "owner"),
]
