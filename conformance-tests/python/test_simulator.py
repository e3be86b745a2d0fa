"""The policy simulator: what it says is what the server then does; and what AWS's own answered to the same questions."""

import json

import pytest
from conftest import allow, error_of, make_user, policy, trust

ACCOUNT = "000000000000"
ALLOW = policy(allow("s3:GetObject"))
DENY = policy({"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"})
ALL = policy(allow("*"))
A, B = "arn:aws:s3:::bucket/a", "arn:aws:s3:::bucket/b"


@pytest.fixture
def iam(server):
    return server.client("iam")


def custom(iam, *policies, **more):
    return iam.simulate_custom_policy(**{"PolicyInputList": list(policies), "ActionNames": ["s3:GetObject"], **more})["EvaluationResults"]


def test_the_form_of_an_answer(iam):
    """Recorded, but for the positions, which count from the text given."""
    compact = json.dumps(json.loads(ALLOW), separators=(",", ":"))
    statement = {"SourcePolicyId": "PolicyInputList.1", "SourcePolicyType": "IAM Policy",
                 "StartPosition": {"Line": 1, "Column": 38}, "EndPosition": {"Line": 1, "Column": 95}}
    assert custom(iam, compact) == [{
        "EvalActionName": "s3:GetObject", "EvalResourceName": "*", "EvalDecision": "allowed",
        "MatchedStatements": [statement], "MissingContextValues": []}]
    assert custom(iam, compact, ResourceArns=[A, B]) == [{
        "EvalActionName": "s3:GetObject", "EvalResourceName": "arn:aws:s3:::${BucketName}/${KeyName}", "EvalDecision": "allowed",
        "MatchedStatements": [statement], "MissingContextValues": [], "EvalDecisionDetails": {},
        "ResourceSpecificResults": [
            {"EvalResourceName": name, "EvalResourceDecision": "allowed", "MatchedStatements": [statement]} for name in (A, B)]}]
    assert custom(iam) == [{
        "EvalActionName": "s3:GetObject", "EvalResourceName": "*", "EvalDecision": "implicitDeny", "MatchedStatements": [],
        "MissingContextValues": []}]


def test_organizations_boundary_and_cross_account_details(iam):
    level = {"ServiceControlPolicyInputList": [ALL]}
    result, = custom(iam, ALLOW, OrderedOrganizationPolicyInputList=[level] * 7)
    assert (result["EvalDecision"], result["OrganizationsDecisionDetail"]) == ("allowed", {"AllowedByOrganizations": True})
    denied, = custom(iam, ALLOW, OrderedOrganizationPolicyInputList=[level, {"ServiceControlPolicyInputList": [DENY]}])
    assert (denied["EvalDecision"], denied["MatchedStatements"]) == ("explicitDeny", [])
    assert denied["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    too_many = error_of(custom, iam=iam, OrderedOrganizationPolicyInputList=[level] * 8)
    assert too_many[0] == "ValidationError"
    bounded, = custom(iam, ALLOW, PermissionsBoundaryPolicyInputList=[policy(allow("s3:PutObject"))], ResourceArns=[A])
    assert bounded["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    resource_policy = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}]})
    across, = custom(iam, ResourcePolicy=resource_policy, ResourceArns=[A], CallerArn=f"arn:aws:iam::{ACCOUNT}:user/x",
                     ResourceOwner="arn:aws:iam::999999999999:root")
    assert across["EvalDecision"] == "implicitDeny"
    assert across["EvalDecisionDetails"] == {"IAM Policy": "implicitDeny", "Resource Policy": "allowed"}


def test_every_type_of_context_key(iam):
    for kind, operator, wanted, given in [
            ("string", "StringEquals", "a", ["a"]), ("stringList", "ForAnyValue:StringEquals", "a", ["b", "a"]),
            ("numeric", "NumericLessThan", "10", ["9.5"]), ("numericList", "ForAllValues:NumericLessThan", "10", ["1", "2"]),
            ("boolean", "Bool", "true", ["TRUE"]), ("booleanList", "ForAnyValue:Bool", "true", ["false", "true"]),
            ("ip", "IpAddress", "10.0.0.0/8", ["10.1.2.3"]), ("ipList", "ForAnyValue:IpAddress", "10.0.0.0/8", ["11.0.0.1", "10.1.2.3"]),
            ("binary", "BinaryEquals", "YW5u", ["YW5u"]), ("binaryList", "ForAnyValue:BinaryEquals", "YW5u", ["YQ==", "YW5u"]),
            ("date", "DateLessThan", "2030-01-01", ["2029-12-31T23:59:59Z"]),
            ("dateList", "ForAnyValue:DateLessThan", "2030-01-01", ["2031-01-01", "2029-01-01"])]:
        asked = policy(allow("s3:GetObject", Condition={operator: {"some:key": wanted}}))
        entries = [{"ContextKeyName": "Some:Key", "ContextKeyType": kind, "ContextKeyValues": given}]
        assert custom(iam, asked, ContextEntries=entries)[0]["EvalDecision"] == "allowed", kind
        missing = custom(iam, asked)[0]
        expected = ("allowed", []) if operator.startswith("ForAll") else ("implicitDeny", ["some:key"])
        assert (missing["EvalDecision"], missing["MissingContextValues"]) == expected, kind
    plain = policy(allow("s3:GetObject", Condition={"StringEquals": {"some:key": "a"}}))
    entries = [{"ContextKeyName": "some:key", "ContextKeyType": "stringList", "ContextKeyValues": ["a"]}]
    assert custom(iam, plain, ContextEntries=entries)[0]["EvalDecision"] == "implicitDeny", "a list needs a set operator"


def test_pages_count_actions(iam):
    actions = [f"s3:Get{number:02}" for number in range(25)]
    pages = list(iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[ALL], ActionNames=actions, ResourceArns=[A, B], PaginationConfig={"PageSize": 10}))
    assert [len(page["EvaluationResults"]) for page in pages] == [10, 10, 5]
    assert [result["EvalActionName"] for page in pages for result in page["EvaluationResults"]] == actions


def test_keys_of_policies(iam):
    document = policy(allow("s3:*", "arn:aws:s3:::b/${aws:username}", Condition={"Bool": {"aws:SecureTransport": "true"}}))
    asked = iam.get_context_keys_for_custom_policy(PolicyInputList=[document])["ContextKeyNames"]
    assert sorted(asked) == ["aws:SecureTransport", "aws:username"]
    iam.create_user(UserName="keys")
    iam.put_user_policy(UserName="keys", PolicyName="p", PolicyDocument=document)
    source = f"arn:aws:iam::{ACCOUNT}:user/keys"
    held = iam.get_context_keys_for_principal_policy(PolicySourceArn=source, PolicyInputList=[ALLOW])["ContextKeyNames"]
    assert sorted(held) == ["aws:SecureTransport", "aws:username"]


def test_the_simulator_says_what_the_server_does(server, iam):
    """Each question is put to the simulator, then asked for real."""
    user = f"arn:aws:iam::{ACCOUNT}:user/told"
    key = make_user(iam, "told", allow("iam:Get*", user), {"Effect": "Deny", "Action": "iam:GetGroup", "Resource": "*"})
    iam.create_group(GroupName="told")
    iam.put_group_policy(GroupName="told", PolicyName="more", PolicyDocument=policy(allow("iam:ListUserTags")))
    iam.add_user_to_group(GroupName="told", UserName="told")
    client = server.client("iam", key)
    calls = {"iam:GetUser": (user, lambda: client.get_user(UserName="told")),
             "iam:ListUserTags": (user, lambda: client.list_user_tags(UserName="told")),
             "iam:GetGroup": (f"arn:aws:iam::{ACCOUNT}:group/told", lambda: client.get_group(GroupName="told")),
             "iam:DeleteUser": (user, lambda: client.delete_user(UserName="told"))}
    expected = {"iam:GetUser": "allowed", "iam:ListUserTags": "allowed", "iam:GetGroup": "explicitDeny", "iam:DeleteUser": "implicitDeny"}

    def simulated(**more):
        return {action: iam.simulate_principal_policy(PolicySourceArn=user, ActionNames=[action], ResourceArns=[resource], **more)
                ["EvaluationResults"][0]["EvalDecision"] for action, (resource, _) in calls.items()}

    assert simulated() == expected
    for action, (_, call) in calls.items():
        if expected[action] == "allowed":
            call()
        else:
            assert error_of(call)[0] == "AccessDenied", action
    without = simulated(PolicyExclusionList=[{"InlinePolicyIdentifier": {
        "PolicyName": "more", "AttachmentType": "group", "AttachmentName": "to*"}}])
    assert without == {**expected, "iam:ListUserTags": "implicitDeny"}
    assert simulated(PolicyExclusionList=[{"PolicyType": "inline"}])["iam:GetUser"] == "implicitDeny"
    names = [statement["SourcePolicyId"] for statement in iam.simulate_principal_policy(
        PolicySourceArn=user, ActionNames=["iam:ListUserTags"])["EvaluationResults"][0]["MatchedStatements"]]
    assert names == ["group_told_more"]


def test_a_role_is_simulated_as_itself(iam):
    iam.create_role(RoleName="simulated", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    iam.attach_role_policy(RoleName="simulated", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    role = f"arn:aws:iam::{ACCOUNT}:role/simulated"
    read, write = iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=["s3:GetObject", "s3:PutObject"])["EvaluationResults"]
    assert (read["EvalDecision"], write["EvalDecision"]) == ("allowed", "implicitDeny")
    assert read["MatchedStatements"][0]["SourcePolicyId"] == "AmazonS3ReadOnlyAccess"
    excluded = iam.simulate_principal_policy(
        PolicySourceArn=role, ActionNames=["s3:GetObject"], PolicyExclusionList=[{"PolicyType": "aws-managed"}])
    assert excluded["EvaluationResults"][0]["EvalDecision"] == "implicitDeny"


def test_errors(iam):
    """Each error that the model lists; PolicyEvaluation does not occur, since what cannot be evaluated is refused before."""
    assert error_of(custom, iam=iam, ActionNames=["none"])[::2] == ("InvalidInput", 400)
    lost = f"arn:aws:iam::{ACCOUNT}:user/lost"
    principal = error_of(iam.simulate_principal_policy, PolicySourceArn=lost, ActionNames=["s3:GetObject"])
    assert principal[::2] == ("NoSuchEntity", 404)
    broken = error_of(iam.simulate_principal_policy, PolicySourceArn="arn:aws:iam::123456789012:root", ActionNames=["s3:GetObject"])
    assert broken[::2] == ("InvalidInput", 400)
    assert error_of(iam.get_context_keys_for_custom_policy, PolicyInputList=["{"])[::2] == ("InvalidInput", 400)
    assert error_of(iam.get_context_keys_for_principal_policy, PolicySourceArn=lost)[::2] == ("NoSuchEntity", 404)
    assert error_of(iam.get_context_keys_for_principal_policy, PolicySourceArn="arn:aws:iam::123456789012:root")[::2] == ("InvalidInput", 400)
