"""Access keys: create, list, update, delete, last use; and keys that are no longer accepted."""

from conftest import allow, make_user, policy

ID = "AKIAQAAAAAAAAAAAAAAA"


def before(server):
    iam = server.client("iam")
    key = make_user(iam, "two")
    iam.create_access_key(UserName="two")
    iam.create_user(UserName="none")
    inactive = make_user(iam, "off")
    iam.update_access_key(UserName="off", AccessKeyId=inactive[0], Status="Inactive")
    deleted = make_user(iam, "gone")
    iam.delete_access_key(UserName="gone", AccessKeyId=deleted[0])
    manager = make_user(iam, "manager", allow("iam:*AccessKey*", "arn:aws:iam::000000000000:user/none"))
    arn = iam.create_role(RoleName="r", AssumeRolePolicyDocument=policy(
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:user/manager"}, "Action": "sts:AssumeRole"}))["Role"]["Arn"]
    session = server.client("sts", manager).assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    session = (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    return {"two": key, "inactive": inactive, "deleted": deleted, "manager": manager, "wrong": (key[0], "wrong"), "unknown": (ID, "x"), "session": session,
            "torn": (*session[:2], session[2][:-8] + "AAAAAAAA"), "no token": session[:2]}


LOST = (404, "NoSuchEntity", "The user with name lost cannot be found.")
NO_KEY = (404, "NoSuchEntity", f"The Access Key with id {ID} cannot be found.")
UNKNOWN = (403, "InvalidClientTokenId", "The security token included in the request is invalid.")
MUST_NAME = (400, "ValidationError", "Must specify userName when calling with non-User credentials", "session")
CASES = [
    ("iam", "CreateAccessKey", {"UserName": "lost"}, *LOST),
    ("iam", "CreateAccessKey", {"UserName": "two"}, 409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"),
    # So AWS shows a caller who names nobody.
    ("iam", "CreateAccessKey", {}, 403, "AccessDenied",
     "User: arn:aws:iam::000000000000:user/two is not authorized to perform: iam:CreateAccessKey on resource: user nulltwo because no identity-based "
     "policy allows the iam:CreateAccessKey action", "two"),
    ("iam", "CreateAccessKey", {"UserName": "two"}, 403, "AccessDenied",
     "User: arn:aws:iam::000000000000:user/two is not authorized to perform: iam:CreateAccessKey on resource: user two because no identity-based "
     "policy allows the iam:CreateAccessKey action", "two"),
    ("iam", "CreateAccessKey", {}, *MUST_NAME),
    ("iam", "ListAccessKeys", {"UserName": "lost"}, *LOST),
    ("iam", "ListAccessKeys", {"UserName": "two", "Marker": "x"}, 400, "ValidationError", "Invalid Marker."),
    ("iam", "ListAccessKeys", {}, *MUST_NAME),
    ("iam", "UpdateAccessKey", {"UserName": "lost", "AccessKeyId": ID, "Status": "Active"}, *LOST),
    ("iam", "UpdateAccessKey", {"UserName": "none", "AccessKeyId": ID, "Status": "Active"}, *NO_KEY),
    ("iam", "UpdateAccessKey", {"UserName": "none", "AccessKeyId": "short", "Status": "Active"}, 400, "ValidationError",
     "1 validation error detected: Value at 'accessKeyId' failed to satisfy constraint: Member must have length greater than or equal to 16"),
    ("iam", "DeleteAccessKey", {"UserName": "lost", "AccessKeyId": ID}, *LOST),
    ("iam", "DeleteAccessKey", {"UserName": "none", "AccessKeyId": ID}, *NO_KEY),
    ("iam", "GetAccessKeyLastUsed", {"AccessKeyId": ID}, *NO_KEY),
    ("iam", "ListUsers", {}, *UNKNOWN, "inactive"),
    ("iam", "ListUsers", {}, *UNKNOWN, "deleted"),
    ("iam", "ListUsers", {}, *UNKNOWN, "unknown"),
    ("iam", "ListUsers", {}, *UNKNOWN, "no token"),
    ("iam", "ListUsers", {}, 403, "InvalidClientTokenId", "The security token included in the request is invalid", "torn"),
    ("iam", "ListUsers", {}, 403, "SignatureDoesNotMatch",
     "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the "
     "service documentation for details.", "wrong"),
    ("sts", "GetCallerIdentity", {}, *UNKNOWN, "deleted"),
    ("ec2", "DescribeVpcs", {}, 401, "AuthFailure", "AWS was not able to validate the provided access credentials", "deleted"),
]
