"""IAM Toolbox, the Access Troubleshooter: what an authorization id leads to, who may read it, and for how long."""

import json
import re

import boto3
import pytest
from botocore.exceptions import ClientError

from conftest import CONFIG, allow, error_of, image, launch, make_profile, make_user, policy

ACCOUNT, OTHER = "000000000000", "111111111111"
DETAILS, DOCUMENT = "iam:GetRequestAuthorizationDetails", "iam:GetRequestAuthorizationPolicy"
NOT_FOUND = (404, "ResourceNotFoundException")
DENY_GROUPS = {"Sid": "NoGroups", "Effect": "Deny", "Action": ["iam:CreateGroup", "iam:DeleteGroup"], "Resource": "*",
               "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}


def denied(call, **arguments):
    """The id of a request that is denied, as an authorization id may be written."""
    with pytest.raises(ClientError) as failed:
        call(**arguments)
    assert failed.value.response["Error"]["Code"] in ("AccessDenied", "UnauthorizedOperation")
    return failed.value.response["ResponseMetadata"]["RequestId"].replace("-", "")


def refused(call, **arguments):
    code, message, status = error_of(call, **arguments)
    return status, code, message


@pytest.fixture(scope="module")
def toolbox(server):
    return server.client("iam-toolbox")


@pytest.fixture(scope="module")
def denial(server):
    """A group that ann may not make, by a managed policy; she is gone by now, and so is the policy."""
    iam = server.client("iam")
    key = make_user(iam, "ann", allow("iam:Get*"))
    arn = iam.create_policy(PolicyName="NoGroups", PolicyDocument=policy(DENY_GROUPS))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    found = denied(server.client("iam", key).create_group, GroupName="g")
    iam.detach_user_policy(UserName="ann", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    return found


def test_an_explicit_deny(toolbox, denial):
    told = toolbox.get_request_authorization_details(authorizationId=denial)
    managed, user = f"arn:aws:iam::{ACCOUNT}:policy/NoGroups", f"arn:aws:iam::{ACCOUNT}:user/ann"
    matched = [{"uri": managed, "matchedStatements": [{"sid": "NoGroups", "evaluatedEffect": "DENY"}]}]
    assert told["evaluations"] == [{
        "action": "iam:CreateGroup", "resource": f"arn:aws:iam::{ACCOUNT}:group/g", "context": {}, "evaluatedEffect": "EXPLICIT_DENY",
        "matchedPolicies": matched,
        "checks": [{"checkType": "PRINCIPAL", "evaluatedEffect": "EXPLICIT_DENY", "relevantPolicyTypes": ["IDENTITY_BASED_POLICY"],
                    "matchedPolicies": matched}]}]
    kinds = {one["uri"]: (one["type"], one["inline"], one["attachedTo"]) for one in told["policies"]}
    assert kinds.pop(managed) == ("IDENTITY_BASED_POLICY", False, [{"arn": user}])
    [(uri, inline)] = kinds.items()
    assert re.fullmatch("inline:[0-9a-f]{16}", uri) and inline == ("IDENTITY_BASED_POLICY", True, [{"arn": user}])
    context = told["requestContext"]
    assert context["aws:PrincipalARN"] == user and context["aws:SourceIp"] == "127.0.0.1/32"
    assert context["aws:RequestedRegion"] == "us-east-1" and context["aws:SecureTransport"] == "false"
    assert context["aws:EpochTime"] == context["aws:CurrentTime"] and "nextToken" not in told


def test_the_policies_as_they_were(toolbox, denial):
    told = {one["inline"]: one["uri"] for one in toolbox.get_request_authorization_details(authorizationId=denial)["policies"]}
    read = {inline: toolbox.get_request_authorization_policy(authorizationId=denial, policyUri=uri)["policyDocument"]
            for inline, uri in told.items()}
    assert read == {False: {"Version": "2012-10-17", "Statement": [DENY_GROUPS]},
                    True: {"Version": "2012-10-17", "Statement": [allow("iam:Get*")]}}
    absent = refused(toolbox.get_request_authorization_policy, authorizationId=denial, policyUri="arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert absent[:2] == NOT_FOUND


def test_an_implicit_deny(server, toolbox):
    iam = server.client("iam")
    key = make_user(iam, "ben", allow("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/team/*"))
    found = denied(server.client("iam", key).create_user, UserName="x", Tags=[{"Key": "team", "Value": "red"}])
    [one] = toolbox.get_request_authorization_details(authorizationId=found)["evaluations"]
    assert (one["evaluatedEffect"], one["matchedPolicies"]) == ("IMPLICIT_DENY", [])
    assert one["context"] == {"aws:RequestTag/team": "red", "aws:TagKeys": "[team]"}
    assert [(check["checkType"], check["evaluatedEffect"]) for check in one["checks"]] == [("PRINCIPAL", "IMPLICIT_DENY")]


def test_a_session_and_a_boundary(server, toolbox):
    iam = server.client("iam")
    key = make_user(iam, "cleo", allow(["sts:AssumeRole", "iam:*"]))
    trusted = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/cleo"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName="bounded", AssumeRolePolicyDocument=policy(trusted),
                           PermissionsBoundary="arn:aws:iam::aws:policy/IAMReadOnlyAccess")["Role"]["Arn"]
    iam.put_role_policy(RoleName="bounded", PolicyName="p", PolicyDocument=policy(allow("iam:*")))
    made = server.client("sts", key).assume_role(RoleArn=role, RoleSessionName="session", Policy=policy(allow("iam:List*")))["Credentials"]
    session = (made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    found = denied(server.client("iam", session).create_group, GroupName="g")
    told = toolbox.get_request_authorization_details(authorizationId=found)
    [one] = told["evaluations"]
    assert [(check["checkType"], check["evaluatedEffect"]) for check in one["checks"]] == [
        ("PRINCIPAL", "ALLOW"), ("PERMISSIONS_BOUNDARY", "IMPLICIT_DENY"), ("SESSION", "IMPLICIT_DENY")]
    assert {(held["type"], held["inline"]) for held in told["policies"]} == {
        ("IDENTITY_BASED_POLICY", True), ("PERMISSIONS_BOUNDARY", False), ("SESSION_POLICY", True)}
    assert {holder["arn"] for held in told["policies"] for holder in held["attachedTo"]} == {role}


def test_organizations(make_server):
    """Each level is a requirement of its own; all members read, whoever is no member finds nothing."""
    server = make_server()
    server.admin("PUT", "organization", {
        "id": "o-a1b2c3d4e5", "managementAccount": OTHER,
        "policies": [{"id": "p-nogroups", "name": "NoGroups", "type": "SERVICE_CONTROL_POLICY", "document": json.loads(policy(DENY_GROUPS))}],
        "root": {"id": "r-ab12", "accounts": [{"id": OTHER, "name": "management"}, {"id": "222222222222", "name": "second"}],
                 "organizationalUnits": [{"id": "ou-ab12-11111111", "name": "work", "policies": ["NoGroups"],
                                          "accounts": [{"id": ACCOUNT, "name": "member"}]}]}})
    key = make_user(server.client("iam"), "dan", allow("*"))
    found = denied(server.client("iam", key).create_group, GroupName="g")
    told = server.client("iam-toolbox").get_request_authorization_details(authorizationId=found)
    [one] = told["evaluations"]
    inside = f"arn:aws:organizations::{OTHER}:"
    levels = [inside + "root/o-a1b2c3d4e5/r-ab12", inside + "ou/o-a1b2c3d4e5/ou-ab12-11111111", inside + f"account/o-a1b2c3d4e5/{ACCOUNT}"]
    assert [(check["checkType"], check["evaluatedEffect"], check.get("targetArn")) for check in one["checks"]] == [
        ("SERVICE_CONTROL_POLICY", "ALLOW", levels[0]), ("SERVICE_CONTROL_POLICY", "EXPLICIT_DENY", levels[1]),
        ("SERVICE_CONTROL_POLICY", "ALLOW", levels[2]), ("PRINCIPAL", "ALLOW", None)]
    full = next(held for held in told["policies"] if held["uri"].endswith("/p-FullAWSAccess"))
    assert full["type"] == "SERVICE_CONTROL_POLICY" and [holder["arn"] for holder in full["attachedTo"]] == levels
    assert told["requestContext"]["aws:PrincipalOrgPaths"] == "[o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/]"
    for reader, may in [("222222222222", True), ("333333333333", False)]:
        toolbox = server.client("iam-toolbox", server.account(reader))
        if may:
            assert toolbox.get_request_authorization_details(authorizationId=found)["evaluations"] == told["evaluations"]
        else:
            assert refused(toolbox.get_request_authorization_details, authorizationId=found)[:2] == NOT_FOUND


def test_a_level_with_nothing_attached(make_server):
    server = make_server()
    server.admin("PUT", "organization", {
        "id": "o-a1b2c3d4e5", "managementAccount": OTHER, "policies": [],
        "root": {"id": "r-ab12", "accounts": [{"id": OTHER, "name": "management"}, {"id": ACCOUNT, "name": "member", "fullAwsAccess": False}]}})
    found = denied(server.client("iam").create_group, GroupName="g")
    [one] = server.client("iam-toolbox", server.account(OTHER)).get_request_authorization_details(authorizationId=found)["evaluations"]
    assert [(check["checkType"], check["evaluatedEffect"], check["matchedPolicies"] == []) for check in one["checks"]] == [
        ("SERVICE_CONTROL_POLICY", "ALLOW", False), ("SERVICE_CONTROL_POLICY", "IMPLICIT_DENY", True)]


def test_what_is_of_other_accounts(server):
    """Who may not assume a stranger's role does not read its trust policy and tags here."""
    theirs = server.client("iam", server.account(OTHER))
    secret = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "secret"}}}
    role = theirs.create_role(RoleName="guarded", AssumeRolePolicyDocument=policy(secret), Tags=[{"Key": "team", "Value": "hidden"}])["Role"]["Arn"]
    key = make_user(server.client("iam"), "hal", allow("sts:AssumeRole"))
    found = denied(server.client("sts", key).assume_role, RoleArn=role, RoleSessionName="session")
    told = server.client("iam-toolbox").get_request_authorization_details(authorizationId=found)
    [one] = told["evaluations"]
    assert (one["resource"], one["evaluatedEffect"]) == (role, "IMPLICIT_DENY")
    assert [(check["checkType"], check["evaluatedEffect"]) for check in one["checks"]] == [("PRINCIPAL", "ALLOW")]
    assert {held["type"] for held in told["policies"]} == {"IDENTITY_BASED_POLICY"}
    assert "hidden" not in json.dumps(told) and "secret" not in json.dumps(told)
    owner = server.client("iam-toolbox", server.account(OTHER))
    assert refused(owner.get_request_authorization_details, authorizationId=found)[:2] == NOT_FOUND


def test_a_launch(server, toolbox):
    """The ids of EC2's requests lead somewhere, too: all that was checked up to the role that may not be passed."""
    iam = server.client("iam")
    role = make_profile(iam, "Other")
    key = make_user(iam, "eve", allow("ec2:*"))
    ec2 = server.client("ec2", key)
    found = denied(launch, ec2=ec2, IamInstanceProfile={"Name": "Other"})
    told = toolbox.get_request_authorization_details(authorizationId=found)
    *before, passed = told["evaluations"]
    assert {one["evaluatedEffect"] for one in before} == {"ALLOW"} and {one["action"] for one in before} == {"ec2:RunInstances"}
    assert (passed["action"], passed["resource"], passed["evaluatedEffect"]) == ("iam:PassRole", role, "IMPLICIT_DENY")
    assert passed["context"]["iam:PassedToService"] == "ec2.amazonaws.com"
    instance = next(one for one in before if ":instance/" in one["resource"])
    assert instance["context"]["ec2:InstanceType"] == "t3.micro" and instance["context"]["aws:ResourceBeingCreated"] == "true"
    abroad = server.client("iam-toolbox", region="eu-west-1")
    assert refused(abroad.get_request_authorization_details, authorizationId=found)[:2] == NOT_FOUND
    assert image(ec2)


def test_who_may_ask(server, denial):
    iam = server.client("iam")
    reader = server.client("iam-toolbox", make_user(iam, "reader", allow(DETAILS)))
    assert reader.get_request_authorization_details(authorizationId=denial)["evaluations"]
    code = refused(reader.get_request_authorization_policy, authorizationId=denial, policyUri="x")
    assert code == (403, "AccessDeniedException", f"User: arn:aws:iam::{ACCOUNT}:user/reader is not authorized to perform: {DOCUMENT} on resource: "
                    f"* because no identity-based policy allows the {DOCUMENT} action")
    nobody = server.client("iam-toolbox", make_user(iam, "nobody"))
    assert refused(nobody.get_request_authorization_details, authorizationId="0")[:2] == (403, "AccessDeniedException")
    other = server.client("iam-toolbox", server.account(OTHER))
    assert refused(other.get_request_authorization_details, authorizationId=denial)[:2] == NOT_FOUND
    liar = boto3.client("iam-toolbox", endpoint_url=server.url, region_name="us-east-1", aws_access_key_id="test",
                        aws_secret_access_key="wrong", config=CONFIG)
    assert refused(liar.get_request_authorization_details, authorizationId=denial)[:2] == (403, "InvalidSignatureException")
    asked = [one["operation"] for one in server.admin("GET", "decisions?action=" + DETAILS)["decisions"]]
    assert "GetRequestAuthorizationDetails" in asked


def test_what_is_no_denial(server, toolbox):
    allowed = server.client("iam").list_users()["ResponseMetadata"]["RequestId"].replace("-", "")
    for id in (allowed, "a1b2c3d4e5f6g7h8i9j0", "z" * 256):
        assert refused(toolbox.get_request_authorization_details, authorizationId=id)[:2] == NOT_FOUND, id
    details = toolbox.get_request_authorization_details
    pattern = "[0123456789abcdefghijklmnopqrstuvwxyz]+"
    assert refused(details, authorizationId="UPPER") == (
        400, "ValidationException",
        f"1 validation error detected: Value at 'authorizationId' failed to satisfy constraint: Member must satisfy regular expression pattern: {pattern}")
    assert refused(details, authorizationId="a" * 257)[:2] == (400, "ValidationException")
    assert refused(details, authorizationId="a", nextToken="x")[:2] == (400, "ValidationException")


def test_for_a_day_and_through_a_restart(make_server):
    server = make_server()
    key = make_user(server.client("iam"), "flo")
    found = denied(server.client("iam", key).list_users)
    server.stop()
    server.start()
    details = server.client("iam-toolbox").get_request_authorization_details
    assert details(authorizationId=found)["evaluations"][0]["action"] == "iam:ListUsers"
    server.advance("24h")
    assert refused(details, authorizationId=found)[:2] == NOT_FOUND


def test_the_id_in_the_message(make_server):
    """Only where it is asked for: AWS gives ids to some denials, and has long given none."""
    server = make_server("--authorization-ids")
    iam = server.client("iam")
    user = server.client("iam", make_user(iam, "gus", allow("ec2:*")))
    code, message, status = error_of(user.get_user, UserName="gus")
    said = (f"User: arn:aws:iam::{ACCOUNT}:user/gus is not authorized to perform: iam:GetUser on resource: user gus "
            "because no identity-based policy allows the iam:GetUser action")
    end = re.compile(re.escape(said) + r"\. Go to https://us-east-1\.console\.aws\.amazon\.com/iam/home\?region=us-east-1#/authorization-details/"
                     r"([0-9a-z]{20,25}) for complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: \1")
    found = end.fullmatch(message)
    assert (code, status) == ("AccessDenied", 403) and found, message
    told = server.client("iam-toolbox").get_request_authorization_details(authorizationId=found.group(1))
    assert told["evaluations"][0]["action"] == "iam:GetUser"
    message = error_of(user.list_organizations_features)[1]
    assert message.endswith("because no identity-based policy allows the iam:ListOrganizationsFeatures action"), message
