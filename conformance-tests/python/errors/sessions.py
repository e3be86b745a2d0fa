"""STS: sessions of roles and users, encoded messages, and what sessions may not do."""

import json

from conftest import allow, make_user, trust

ME = "arn:aws:iam::000000000000:user/ann"
ROLE = "arn:aws:iam::000000000000:role/app"
SHORT = "arn:aws:iam::000000000000:role/short"


def assume(client, role):
    got = client.assume_role(RoleArn=role, RoleSessionName="first")["Credentials"]
    return got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"]


def before(server):
    iam = server.client("iam")
    ann = make_user(iam, "ann", allow("sts:*"))
    nobody = make_user(iam, "nobody")
    both = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}]})
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=both, MaxSessionDuration=43_200)
    iam.create_role(RoleName="short", AssumeRolePolicyDocument=trust("000000000000"))
    iam.create_role(RoleName="ec2-only", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    iam.put_role_policy(RoleName="app", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow("sts:*")]}))
    sts = server.client("sts", ann)
    identified = sts.assume_role(RoleArn=ROLE, RoleSessionName="named", SourceIdentity="ann", Tags=[{"Key": "team", "Value": "a"}],
                                 TransitiveTagKeys=["team"])["Credentials"]
    token = sts.get_session_token()["Credentials"]
    return {"ann": ann, "nobody": nobody, "app": assume(sts, ROLE),
            "identified": (identified["AccessKeyId"], identified["SecretAccessKey"], identified["SessionToken"]),
            "user session": (token["AccessKeyId"], token["SecretAccessKey"], token["SessionToken"])}


def role(arn=ROLE, name="session", **more):
    return ("sts", "AssumeRole", {"RoleArn": arn, "RoleSessionName": name, **more})


def denied(action="AssumeRole", on=ROLE):
    return (403, "AccessDenied", f"User: {ME} is not authorized to perform: sts:{action} on resource: {on}", "ann")


def invalid(member, wanted, value=None):
    shown = "Value null" if value is None else f"Value '{value}'"
    return (400, "ValidationError", f"1 validation error detected: {shown} at '{member}' failed to satisfy constraint: {wanted}", "ann")


TAG = {"Key": "team", "Value": "b"}
CASES = [
    (*role(), 403, "AccessDenied", "Roles may not be assumed by root accounts."),
    (*role("arn:aws:iam::000000000000:role/lost"), *denied(on="arn:aws:iam::000000000000:role/lost")),
    (*role("arn:aws:iam::000000000000:role/ec2-only"), *denied(on="arn:aws:iam::000000000000:role/ec2-only")),
    (*role("arn:aws:iam::111111111111:role/theirs"), *denied(on="arn:aws:iam::111111111111:role/theirs")),
    (*role("arn:aws:iam::000000000000:role/APP"), *denied(on="arn:aws:iam::000000000000:role/APP")),
    (*role(SHORT, SourceIdentity="ann"), *denied("SetSourceIdentity", SHORT)),
    (*role(SHORT, Tags=[TAG]), *denied("TagSession", SHORT)),
    (*role("a-role-that-is-no-arn"), 400, "ValidationError", "a-role-that-is-no-arn is invalid", "ann"),
    (*role("arn:aws:iam::role"), *invalid("roleArn", "Member must have length greater than or equal to 20", "arn:aws:iam::role")),
    (*role(name="a b"), *invalid("roleSessionName", r"Member must satisfy regular expression pattern: [\w+=,.@-]*", "a b")),
    (*role(name="x"), *invalid("roleSessionName", "Member must have length greater than or equal to 2", "x")),
    (*role(name="x" * 65), *invalid("roleSessionName", "Member must have length less than or equal to 64", "x" * 65)),
    ("sts", "AssumeRole", {"RoleArn": ROLE}, *invalid("roleSessionName", "Member must not be null")),
    ("sts", "AssumeRole", {"RoleArn": "", "RoleSessionName": "session"}, 400, "ValidationError",
     "2 validation errors detected: Value '' at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression pattern: "
     r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+; "
     "Value '' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20", "ann"),
    (*role(DurationSeconds=""), 400, "MalformedInput", "missing value for decimal type", "ann"),
    # This has no text.
    (*role(DurationSeconds="900.0"), 400, "MalformedInput", None, "ann"),
    (*role(DurationSeconds=899), *invalid("durationSeconds", "Member must have value greater than or equal to 900", 899)),
    (*role(DurationSeconds=43_201), *invalid("durationSeconds", "Member must have value less than or equal to 43200", 43_201)),
    (*role(SHORT, DurationSeconds=3_601), 400, "ValidationError",
     "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", "ann"),
    (*role(DurationSeconds=3_601), 400, "ValidationError",
     "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.", "app"),
    (*role(Tags=[TAG, {"Key": "TEAM", "Value": "c"}]), 400, "InvalidParameterValue",
     "Duplicate tag keys found. Please note that Tag keys are case insensitive.", "ann"),
    (*role(TransitiveTagKeys=["other"]), 400, "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.", "ann"),
    (*role(Tags=[TAG], TransitiveTagKeys=["team"]), 400, "InvalidParameterValue",
     "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.", "identified"),
    (*role(SourceIdentity="bob"), 400, "ValidationError", "The source identity is already set for this assume role session", "identified"),
    (*role(Policy="{"), 400, "MalformedPolicyDocument", "Syntax errors in policy.", "ann"),
    (*role(Policy=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "GetObject", "Resource": "*"}]})), 400,
     "MalformedPolicyDocument", "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.", "ann"),
    (*role(PolicyArns=[{"arn": "arn:aws:iam::aws:policy/Lost"}]), 400, "MalformedPolicyDocument",
     "Policy ARN was not found: arn:aws:iam::aws:policy/Lost", "ann"),
    (*role(Tags=[{"Key": f"k{number}", "Value": "v" * 250} for number in range(9)]), 400, "PackedPolicyTooLarge",
     "Packed size of session tags consumes 498% of allotted space.", "ann"),
    (*role(ExternalId="x"), *invalid("externalId", "Member must have length greater than or equal to 2", "x")),
    ("sts", "GetSessionToken", {}, 403, "AccessDenied", "Cannot call GetSessionToken with session credentials", "app"),
    ("sts", "GetSessionToken", {"DurationSeconds": 899}, *invalid("durationSeconds", "Member must have value greater than or equal to 900", 899)),
    ("sts", "GetSessionToken", {"DurationSeconds": 129_601}, *invalid("durationSeconds", "Member must have value less than or equal to 129600", 129_601)),
    ("sts", "DecodeAuthorizationMessage", {"EncodedMessage": "nothing"}, 400, "InvalidAuthorizationMessageException", "Message is not valid", "ann"),
    ("sts", "DecodeAuthorizationMessage", {"EncodedMessage": "nothing"}, 403, "AccessDenied",
     "User: arn:aws:iam::000000000000:user/nobody is not authorized to perform: sts:DecodeAuthorizationMessage because no identity-based policy allows "
     "the sts:DecodeAuthorizationMessage action", "nobody"),
    ("sts", "GetAccessKeyInfo", {"AccessKeyId": "short"}, *invalid("accessKeyId", "Member must have length greater than or equal to 16", "short")),
    ("sts", "GetAccessKeyInfo", {"AccessKeyId": "AKIAQAAAAAAAAAAAAAAA"}, 403, "AccessDenied",
     "User: arn:aws:iam::000000000000:user/nobody is not authorized to perform: sts:GetAccessKeyInfo because no identity-based policy allows "
     "the sts:GetAccessKeyInfo action", "nobody"),
]
