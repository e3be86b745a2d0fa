"""What is said of an account as a whole: summary, authorization details, credential report, properties, the version of global tokens."""

import csv
import datetime
import io
import json

import pytest
from botocore.session import Session

from authenticator import Authenticator
from conftest import allow, error_of, make_profile, make_user, policy

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
DOCUMENT = policy(allow("s3:GetObject"))
ROLE_MANAGER = "RoleManager/Enabled"


@pytest.fixture(autouse=True)
def real_time(server):
    yield
    server.admin("POST", "clock", {"reset": True, "clientsMoved": False})


def fresh(server, number):
    """Root of an account that no other test uses."""
    return server.client("iam", server.account(f"{number:012d}"))


def summary(iam):
    return iam.get_account_summary()["SummaryMap"]


def test_the_summary_has_every_key(server):
    keys = Session().get_service_model("iam").shape_for("summaryKeyType").enum
    assert sorted(summary(fresh(server, 101))) == sorted(keys)


def test_the_summary_counts(server):
    iam = fresh(server, 102)
    before = summary(iam)
    iam.create_user(UserName="ana")
    iam.create_group(GroupName="readers")
    make_profile(iam, "Web")
    own = iam.create_policy(PolicyName="own", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=own, PolicyDocument=DOCUMENT)
    Authenticator.of(iam, "spare")
    Authenticator.of(iam, "phone").enable(iam, "ana")
    iam.create_access_key()
    # A policy is in use once, by whomever and in whatever way.
    iam.attach_user_policy(UserName="ana", PolicyArn=READ_ONLY)
    iam.attach_role_policy(RoleName="Web", PolicyArn=READ_ONLY)
    iam.put_user_permissions_boundary(UserName="ana", PermissionsBoundary=own)
    after = summary(iam)
    changes = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert changes == {"Users": 1, "Groups": 1, "Roles": 1, "InstanceProfiles": 1, "Policies": 1, "PolicyVersionsInUse": 2, "MFADevices": 2,
                       "MFADevicesInUse": 1, "AccountAccessKeysPresent": 1}


def full_account(iam):
    own = iam.create_policy(PolicyName="own", PolicyDocument=DOCUMENT, Description="mine")["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=own, PolicyDocument=policy(allow("s3:*")), SetAsDefault=True)
    iam.create_policy(PolicyName="unused", PolicyDocument=DOCUMENT)
    iam.create_user(UserName="ana", Path="/people/", PermissionsBoundary=own, Tags=[{"Key": "team", "Value": "red"}])
    iam.create_user(UserName="ben")
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(GroupName="readers", UserName="ana")
    iam.put_user_policy(UserName="ana", PolicyName="inline", PolicyDocument=DOCUMENT)
    iam.put_group_policy(GroupName="readers", PolicyName="inline", PolicyDocument=DOCUMENT)
    iam.attach_group_policy(GroupName="readers", PolicyArn=READ_ONLY)
    make_profile(iam, "Web", allow("s3:*"))
    iam.attach_role_policy(RoleName="Web", PolicyArn=own)
    return own


LISTS = {"UserDetailList": "UserName", "RoleDetailList": "RoleName", "GroupDetailList": "GroupName", "Policies": "PolicyName"}
ALL = ["ana", "ben", "Web", "readers", "own", "unused", "ReadOnlyAccess"]


def names(page):
    return [item[name] for key, name in LISTS.items() for item in page[key]]


def test_details_page_over_everything(server):
    iam = fresh(server, 103)
    full_account(iam)
    for size in (1, 2, 3, 7, 1000):
        pages = list(iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": size}))
        assert [name for page in pages for name in names(page)] == ALL
        assert all(len(names(page)) == min(size, len(ALL)) for page in pages[:-1])
    for wanted, expected in ((["Role"], ["Web"]), (["Group", "User"], ["ana", "ben", "readers"]),
                             (["LocalManagedPolicy"], ["own", "unused"]), (["AWSManagedPolicy"], ["ReadOnlyAccess"])):
        assert names(iam.get_account_authorization_details(Filter=wanted)) == expected
    # The list may change under a marker.
    first = iam.get_account_authorization_details(MaxItems=2)
    iam.create_user(UserName="aaa")
    iam.delete_user(UserName="ben")
    assert names(iam.get_account_authorization_details(Marker=first["Marker"])) == ALL[2:]
    assert error_of(iam.get_account_authorization_details, Filter=["User"], Marker=first["Marker"]) == ("ValidationError", "Invalid Marker.", 400)


def test_details_have_everything(server):
    iam = fresh(server, 104)
    own = full_account(iam)
    page = iam.get_account_authorization_details()
    ana, ben = page["UserDetailList"]
    assert ana["Arn"] == "arn:aws:iam::000000000104:user/people/ana" and ana["GroupList"] == ["readers"]
    assert ana["UserPolicyList"] == [{"PolicyName": "inline", "PolicyDocument": json.loads(DOCUMENT)}]
    assert ana["PermissionsBoundary"] == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": own}
    assert ana["Tags"] == [{"Key": "team", "Value": "red"}] and ana["AttachedManagedPolicies"] == []
    assert "UserPolicyList" not in ben and ben["Tags"] == [] and ben["GroupList"] == []
    (group,) = page["GroupDetailList"]
    assert group["AttachedManagedPolicies"] == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]
    (role,) = page["RoleDetailList"]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com"}
    assert role["RolePolicyList"][0]["PolicyName"] == "permissions" and role["RoleLastUsed"] == {}
    (profile,) = role["InstanceProfileList"]
    assert [held["RoleName"] for held in profile["Roles"]] == ["Web"]
    mine = page["Policies"][0]
    assert (mine["PolicyName"], mine["DefaultVersionId"], mine["AttachmentCount"], mine["PermissionsBoundaryUsageCount"]) == ("own", "v2", 1, 1)
    assert [(version["VersionId"], version["IsDefaultVersion"]) for version in mine["PolicyVersionList"]] == [("v2", True), ("v1", False)]
    assert mine["PolicyVersionList"][1]["Document"] == json.loads(DOCUMENT) and "Description" not in mine


def report(iam):
    content = iam.get_credential_report()["Content"].decode()
    assert "\r" not in content and not content.endswith("\n")
    return {row["user"]: row for row in csv.DictReader(io.StringIO(content))}


def test_the_life_of_a_credential_report(make_server):
    server = make_server("--states", "aws")
    iam = server.client("iam")
    # AWS gives these errors no text.
    assert error_of(iam.get_credential_report) == ("ReportNotPresent", None, 410)
    assert iam.generate_credential_report()["Description"] == "No report exists. Starting a new report generation task"
    assert error_of(iam.get_credential_report) == ("ReportInProgress", None, 404)
    assert iam.generate_credential_report()["State"] == "INPROGRESS"
    server.advance("10s")
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    first = iam.get_credential_report()
    assert first["ReportFormat"] == "text/csv"
    iam.create_user(UserName="later")
    server.advance("3h")
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    assert iam.get_credential_report()["Content"] == first["Content"]
    server.kill()
    server.start()
    assert iam.get_credential_report()["GeneratedTime"] == first["GeneratedTime"]
    server.advance("2h")
    assert error_of(iam.get_credential_report) == ("ReportExpired", None, 410)
    assert iam.generate_credential_report()["State"] == "STARTED"
    server.advance("10s")
    assert "later" in report(iam)


def test_what_a_credential_report_says(server):
    iam = fresh(server, 105)
    make_user(iam, "ana", allow("sts:*"))
    created = iam.get_user(UserName="ana")["User"]["CreateDate"]
    second = iam.create_access_key(UserName="ana")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="ana", AccessKeyId=second, Status="Inactive")
    Authenticator.of(iam, "phone").enable(iam, "ana")
    iam.create_user(UserName="comma,user")
    iam.generate_credential_report()
    server.advance("1m")
    rows = report(iam)
    assert list(rows) == ["<root_account>", "ana", "comma,user"]
    ana = rows["ana"]
    assert ana["arn"] == "arn:aws:iam::000000000105:user/ana" and ana["user_creation_time"] == f"{created:%Y-%m-%dT%H:%M:%SZ}"
    assert ana["mfa_active"] == "true" and rows["comma,user"]["mfa_active"] == "false"
    assert sorted(ana[f"access_key_{number}_active"] for number in (1, 2)) == ["false", "true"]
    assert all(datetime.datetime.fromisoformat(ana[f"access_key_{number}_last_rotated"]) for number in (1, 2))
    assert rows["comma,user"]["access_key_1_active"] == "false" and rows["comma,user"]["access_key_1_last_rotated"] == "N/A"
    root = rows["<root_account>"]
    assert root["arn"] == "arn:aws:iam::000000000105:root" and root["password_next_rotation"] == "not_supported"
    assert len(root) == 22


def test_account_properties(server):
    iam = fresh(server, 106)
    assert iam.get_account_properties()["Properties"] == {ROLE_MANAGER: "false"}
    assert error_of(iam.put_account_properties, Properties={"Other/Enabled": "true"}) == ("InvalidInput", "Unsupported namespace: Other", 400)
    iam.put_account_properties(Properties={ROLE_MANAGER: "true"})
    assert iam.get_account_properties()["Properties"] == {ROLE_MANAGER: "true"}
    role = iam.get_role(RoleName="AWSServiceRoleForIAMRoleManager")["Role"]
    assert role["Path"] == "/aws-service-role/role-manager.iam.amazonaws.com/"
    iam.put_account_properties(Properties={ROLE_MANAGER: "false"})
    assert iam.get_account_properties()["Properties"] == {ROLE_MANAGER: "false"}
    # Other accounts are not touched, and a name that is taken is told.
    other = fresh(server, 107)
    other.create_role(RoleName="AWSServiceRoleForIAMRoleManager", AssumeRolePolicyDocument=role_trust())
    assert error_of(other.put_account_properties, Properties={ROLE_MANAGER: "true"})[0] == "InvalidInput"
    assert other.get_account_properties()["Properties"] == {ROLE_MANAGER: "false"}


def role_trust():
    statement = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_policy_may_speak_of_the_namespace(server):
    iam = fresh(server, 108)
    condition = {"ForAllValues:StringEquals": {"iam:AccountPropertyNamespaces": ["RoleManager"]}}
    key = make_user(iam, "ana", allow(["iam:GetAccountProperties", "iam:PutAccountProperties"], Condition=condition))
    mine = server.client("iam", key)
    assert mine.get_account_properties()["Properties"]
    mine.put_account_properties(Properties={ROLE_MANAGER: "false"})
    assert error_of(mine.put_account_properties, Properties={"Other/Enabled": "false"})[0] == "AccessDenied"
    role = ("arn:aws:iam::000000000108:role/aws-service-role/role-manager.iam.amazonaws.com/AWSServiceRoleForIAMRoleManager")
    text = error_of(mine.put_account_properties, Properties={ROLE_MANAGER: "true"})[1]
    assert f"is not authorized to perform: iam:CreateServiceLinkedRole on resource: {role}" in text


def test_the_version_of_global_tokens(server):
    iam = fresh(server, 109)
    assert summary(iam)["GlobalEndpointTokenVersion"] == 1
    iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
    assert summary(iam)["GlobalEndpointTokenVersion"] == 2
    iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v1Token")
    assert summary(iam)["GlobalEndpointTokenVersion"] == 1


def test_where_global_tokens_are_good(server):
    account = server.account(f"{110:012d}")
    iam = server.client("iam", account)

    def outcome(region, issued_in="aws-global"):
        made = server.client("sts", account, region=issued_in).get_session_token()["Credentials"]
        token = (made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
        return lambda: server.client("sts", token, region=region).get_caller_identity()

    refused = ("InvalidClientTokenId", "The security token included in the request is invalid", 403)
    for region in ("us-east-1", "eu-west-1"):
        assert outcome(region)()["Account"] == f"{110:012d}"
    # Hong Kong is a region that accounts opt into.
    assert error_of(outcome("ap-east-1")) == refused
    assert outcome("ap-east-1", issued_in="us-east-1")()
    before = outcome("ap-east-1")
    iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
    after = outcome("ap-east-1")
    assert error_of(before) == refused and after()
    iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v1Token")
    assert after()


def test_a_credential_report_tells_passwords(server):
    iam = fresh(server, 111)
    iam.update_account_password_policy(MinimumPasswordLength=8, MaxPasswordAge=90)
    iam.create_user(UserName="ana")
    iam.create_user(UserName="ben")
    iam.create_login_profile(UserName="ana", Password="correct-Horse-7")
    iam.generate_credential_report()
    server.advance("1m")
    rows = report(iam)
    ana, ben = rows["ana"], rows["ben"]
    assert (ana["password_enabled"], ana["password_last_used"]) == ("true", "no_information")
    changed, expires = (datetime.datetime.fromisoformat(ana[f"password_{name}"]) for name in ("last_changed", "next_rotation"))
    assert expires - changed == datetime.timedelta(days=90)
    assert (ben["password_enabled"], ben["password_last_used"], ben["password_next_rotation"]) == ("false", "N/A", "N/A")
    assert rows["<root_account>"]["password_enabled"] == "false"
