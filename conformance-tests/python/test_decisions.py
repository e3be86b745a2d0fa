"""Who may do what, and in which words AWS refuses: every kind of policy that can be in the way, seen through boto3."""

import json
import re

import pytest
from conftest import allow, error_of, image, make_user, policy, trust

ACCOUNT = "000000000000"
DENY = {"Effect": "Deny", "Action": "*", "Resource": "*"}
ROLES = f"arn:aws:iam::{ACCOUNT}:role/"
ENCODED = ". Encoded authorization failure message: "


@pytest.fixture
def iam(server):
    return server.client("iam")


@pytest.fixture
def user(server, iam, request):
    """A user of the test's own name, with these statements; their client for a service."""
    name = request.node.name[:60].replace("[", "-").replace("]", "")

    def make(*statements):
        key = make_user(iam, name, *statements)
        return lambda service: server.client(service, key)

    make.name = name
    make.arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    return make


def managed(iam, name, *statements):
    return iam.create_policy(PolicyName=name, PolicyDocument=policy(*statements))["Policy"]["Arn"]


def session_of(server, answer):
    found = answer["Credentials"]
    key = (found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
    return lambda service: server.client(service, key)


def refused(arn, action, resource, clause):
    shown = f" on resource: {resource}" if resource else ""
    return "AccessDenied", f"User: {arn} is not authorized to perform: {action}{shown} {clause}", 403


def silent(kind, action):
    return f"because no {kind} allows the {action} action"


def test_rule_24_nothing_allows(user):
    client = user(allow("iam:ListUsers"))("iam")
    found = error_of(client.get_user, UserName="nobody-here")
    assert found == refused(user.arn, "iam:GetUser", "user nobody-here", silent("identity-based policy", "iam:GetUser"))
    found = error_of(client.list_roles)
    assert found == refused(user.arn, "iam:ListRoles", ROLES, silent("identity-based policy", "iam:ListRoles"))


def test_rule_24_a_deny_names_a_managed_policy_and_no_other(iam, user):
    client = user(allow("*"), {**DENY, "Action": "iam:GetUser"})("iam")
    arn = managed(iam, "no-roles", {**DENY, "Action": "iam:ListRoles"})
    iam.attach_user_policy(UserName=user.name, PolicyArn=arn)
    explicit = "with an explicit deny in an identity-based policy"
    assert error_of(client.get_user) == refused(user.arn, "iam:GetUser", f"user {user.name}", explicit)
    assert error_of(client.list_roles) == refused(user.arn, "iam:ListRoles", ROLES, f"{explicit}: {arn}")
    iam.create_group(GroupName="deniers")
    iam.add_user_to_group(GroupName="deniers", UserName=user.name)
    iam.put_group_policy(GroupName="deniers", PolicyName="no", PolicyDocument=policy({**DENY, "Action": "iam:ListGroups"}))
    assert error_of(client.list_groups) == refused(
        user.arn, "iam:ListGroups", f"arn:aws:iam::{ACCOUNT}:group/", explicit)


def test_rule_24_boundaries(iam, user):
    client = user(allow("*"))("iam")
    arn = managed(iam, "only-users", allow("iam:*User*"), {**DENY, "Action": "iam:DeleteUser"})
    iam.put_user_permissions_boundary(UserName=user.name, PermissionsBoundary=arn)
    assert client.get_user()["User"]["UserName"] == user.name
    assert error_of(client.list_roles) == refused(
        user.arn, "iam:ListRoles", ROLES, silent("permissions boundary", "iam:ListRoles"))
    assert error_of(client.delete_user, UserName=user.name) == refused(
        user.arn, "iam:DeleteUser", f"user {user.name}", f"with an explicit deny in a permissions boundary: {arn}")


def test_rule_24_sessions(server, iam, user):
    sts = user(allow("sts:AssumeRole"))("sts")
    role = iam.create_role(RoleName="for-sessions", Path="/app/", AssumeRolePolicyDocument=trust(user.arn))["Role"]["Arn"]
    iam.put_role_policy(RoleName="for-sessions", PolicyName="all", PolicyDocument=policy(allow("*")))
    denying = managed(iam, "session-denies", allow("*"), {**DENY, "Action": "iam:GetRole"})
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/for-sessions/session"
    arguments = {"RoleArn": role, "RoleSessionName": "session"}
    limited = session_of(server, sts.assume_role(Policy=policy(allow("iam:ListUsers")), **arguments))("iam")
    assert limited.list_users()["Users"]
    assert error_of(limited.list_roles) == refused(
        arn, "iam:ListRoles", ROLES, silent("session policy", "iam:ListRoles"))
    named = session_of(server, sts.assume_role(PolicyArns=[{"arn": denying}], **arguments))("iam")
    code, message, _ = error_of(named.get_role, RoleName="for-sessions")
    assert (code, message.rpartition(" with ")[2]) == ("AccessDenied", f"an explicit deny in a session policy: {denying}")
    inline = session_of(server, sts.assume_role(Policy=policy(allow("*"), DENY), **arguments))("iam")
    assert error_of(inline.list_roles) == refused(
        arn, "iam:ListRoles", ROLES, "with an explicit deny in a session policy")


def test_rule_24_roles_that_are_not_handed_out_give_no_reason(iam, user):
    sts = user(allow("sts:AssumeRole"), {**DENY, "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{ACCOUNT}:role/denied"})("sts")
    iam.create_role(RoleName="untrusting", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    iam.create_role(RoleName="denied", AssumeRolePolicyDocument=trust(user.arn))
    for name in ("missing", "untrusting", "denied"):
        role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        text = f"User: {user.arn} is not authorized to perform: sts:AssumeRole on resource: {role}"
        assert error_of(sts.assume_role, RoleArn=role, RoleSessionName="session") == ("AccessDenied", text, 403)


def test_rule_3_naming_the_account_delegates_and_naming_the_user_is_enough(iam, user):
    sts = user(allow("iam:ListUsers"))("sts")
    iam.create_role(RoleName="delegated", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root"))
    iam.create_role(RoleName="named", AssumeRolePolicyDocument=trust(user.arn))
    role = f"arn:aws:iam::{ACCOUNT}:role/"
    assert error_of(sts.assume_role, RoleArn=f"{role}delegated", RoleSessionName="session")[0] == "AccessDenied"
    assert sts.assume_role(RoleArn=f"{role}named", RoleSessionName="session")["Credentials"]


def test_rule_13_nobody_is_refused_who_they_are(user):
    sts = user(DENY)("sts")
    assert sts.get_caller_identity()["Arn"] == user.arn


def test_rule_25_denials_of_ec2_can_be_decoded(server, iam, user):
    client = user(allow("ec2:Describe*"), {**DENY, "Sid": "NoGroups", "Action": "ec2:CreateSecurityGroup"})("ec2")
    group = f"arn:aws:ec2:us-east-1:{ACCOUNT}:security-group/*"
    code, message, status = error_of(client.create_security_group, GroupName="g", Description="d")
    start = (f"You are not authorized to perform this operation. User: {user.arn} is not authorized to perform: "
             f"ec2:CreateSecurityGroup on resource: {group} with an explicit deny in an identity-based policy{ENCODED}")
    assert (code, status, message[:len(start)]) == ("UnauthorizedOperation", 403, start)
    encoded = message[len(start):]
    assert re.fullmatch(r"[\w-]+", encoded)
    decoded = json.loads(server.client("sts").decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert (decoded["allowed"], decoded["explicitDeny"]) == (False, True)
    assert [item["statementId"] for item in decoded["matchedStatements"]["items"]] == ["NoGroups"]
    assert (decoded["context"]["action"], decoded["context"]["resource"]) == ("CreateSecurityGroup", group)
    assert decoded["context"]["principal"]["arn"] == user.arn


def test_rule_25_describing_has_neither_resource_nor_message(user):
    client = user(allow("iam:*"))("ec2")
    code, message, status = error_of(client.describe_vpcs)
    assert (code, status) == ("UnauthorizedOperation", 403)
    assert message == (f"You are not authorized to perform this operation. User: {user.arn} is not authorized to perform: "
                       "ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action")


def test_rule_25_a_launch_names_what_it_lacks(server, user):
    client = user(allow("ec2:RunInstances", "arn:aws:ec2:*:*:instance/*"))("ec2")
    launch = {"ImageId": image(server.client("ec2")), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    code, message, status = error_of(client.run_instances, **launch)
    assert (code, status) == ("UnauthorizedOperation", 403)
    shown = re.search(r"perform: ec2:RunInstances on resource: (\S+) because no identity-based policy allows", message)
    assert shown and ":instance/" not in shown[1]
    code, message, status = error_of(client.run_instances, DryRun=True, **launch)
    assert code == "UnauthorizedOperation"


def test_rule_26_a_role_is_passed_only_by_who_may(iam, user):
    client = user(allow("iam:AddRoleToInstanceProfile"))("iam")
    role = iam.create_role(RoleName="passed", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))["Role"]["Arn"]
    iam.create_instance_profile(InstanceProfileName="passing")
    arguments = {"InstanceProfileName": "passing", "RoleName": "passed"}
    assert error_of(client.add_role_to_instance_profile, **arguments) == refused(
        user.arn, "iam:PassRole", role, silent("identity-based policy", "iam:PassRole"))
    to = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    iam.put_user_policy(UserName=user.name, PolicyName="pass", PolicyDocument=policy(allow("iam:PassRole", role, Condition=to)))
    client.add_role_to_instance_profile(**arguments)


@pytest.mark.parametrize("operator, value, allowed", [
    ("Bool", "false", True), ("BoolIfExists", "false", False), ("Null", "true", False)])
def test_rule_17_long_term_keys_have_no_second_factor(user, operator, value, allowed):
    """The key is absent for them, so a plain Bool never denies."""
    client = user(allow("*"), {**DENY, "Condition": {operator: {"aws:MultiFactorAuthPresent": value}}})("iam")
    if allowed:
        client.list_roles()
    else:
        assert error_of(client.list_roles)[0] == "AccessDenied"


def test_rule_18_lists_need_a_set_operator(user):
    """`aws:TagKeys` has several values: an operator for one is never met."""
    all_of = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}, "Null": {"aws:TagKeys": "false"}}
    client = user(
        allow("iam:TagUser", Condition={"StringEquals": {"aws:TagKeys": "other"}}),
        allow("iam:TagUser", Condition=all_of))("iam")
    client.tag_user(UserName=user.name, Tags=[{"Key": "team", "Value": "x"}, {"Key": "cost", "Value": "y"}])
    found = error_of(client.tag_user, UserName=user.name, Tags=[{"Key": "other", "Value": "x"}])
    assert found == refused(user.arn, "iam:TagUser", f"user {user.name}", silent("identity-based policy", "iam:TagUser"))


def test_rule_19_variables_stand_for_the_caller(iam, user):
    client = user(allow("iam:*AccessKey*", "arn:aws:iam::*:user/${aws:username}"))("iam")
    assert client.list_access_keys(UserName=user.name)["AccessKeyMetadata"]
    iam.create_user(UserName="somebody-else")
    assert error_of(client.list_access_keys, UserName="somebody-else")[0] == "AccessDenied"


def test_rule_8_a_session_has_what_its_role_has_now(server, iam, user):
    sts = user(allow("sts:AssumeRole"))("sts")
    role = iam.create_role(RoleName="changing", AssumeRolePolicyDocument=trust(user.arn))["Role"]["Arn"]
    session = session_of(server, sts.assume_role(RoleArn=role, RoleSessionName="session"))("iam")
    assert error_of(session.list_roles)[0] == "AccessDenied"
    iam.put_role_policy(RoleName="changing", PolicyName="p", PolicyDocument=policy(allow("iam:ListRoles")))
    session.list_roles()
    iam.delete_role_policy(RoleName="changing", PolicyName="p")
    iam.delete_role(RoleName="changing")
    assert error_of(session.list_roles)[0] == "InvalidClientTokenId"


def test_rule_30_sessions_can_be_revoked(server, iam, user):
    sts = user(allow("sts:AssumeRole"))("sts")
    role = iam.create_role(RoleName="revoked", AssumeRolePolicyDocument=trust(user.arn))["Role"]["Arn"]
    iam.put_role_policy(RoleName="revoked", PolicyName="p", PolicyDocument=policy(allow("*")))
    session = session_of(server, sts.assume_role(RoleArn=role, RoleSessionName="session"))("iam")
    session.list_roles()
    older = {**DENY, "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2100-01-01T00:00:00Z"}}}
    iam.put_role_policy(RoleName="revoked", PolicyName="AWSRevokeOlderSessions", PolicyDocument=policy(older))
    assert error_of(session.list_roles)[0] == "AccessDenied"
