"""GetScopedCredentials: a session hands on less than it has, and stays itself; and what limits people's sessions in the console."""

import datetime
import json

import pytest

from conftest import Metadata, allow, error_of, launch, make_profile, make_user, policy, trust
from identity_providers import keys_of

ACCOUNT = "000000000000"
MAY_SCOPE = allow(["sts:GetScopedCredentials", "ec2:Describe*", "iam:ListRoles", "sts:AssumeRole"])


@pytest.fixture
def worker(server):
    """The keys of a role's session."""
    iam = server.client("iam")
    key = make_user(iam, "ann", allow("sts:*"))
    arn = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root"))["Role"]["Arn"]
    iam.put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=policy(MAY_SCOPE))
    answer = server.client("sts", key).assume_role(RoleArn=arn, RoleSessionName="s1")
    yield keys_of(answer)
    server.admin("POST", "reset")


def narrowed(server, keys, **wanted):
    return server.client("sts", keys).get_scoped_credentials(**wanted)


def test_less_is_possible_and_the_caller_is_the_same(server, worker):
    answer = narrowed(server, worker, Policy=policy(allow("ec2:DescribeVpcs")), ScopedSessionDescription="for an agent")
    scoped = keys_of(answer)
    caller = server.client("sts", worker).get_caller_identity()
    assert server.client("sts", scoped).get_caller_identity()["Arn"] == caller["Arn"]
    assert answer["SessionInfo"] == {"ScopedSessionId": caller["UserId"], "Arn": caller["Arn"]}
    assert answer["ScopedPoliciesCount"] == 1
    assert answer["SessionTokenSize"] == len(scoped[2])
    server.client("ec2", scoped).describe_vpcs()
    server.client("ec2", worker).describe_subnets()
    assert error_of(server.client("ec2", scoped).describe_subnets)[0] == "UnauthorizedOperation"
    assert error_of(server.client("iam", scoped).list_roles)[1].endswith("because no session policy allows the iam:ListRoles action")
    refused = error_of(narrowed, server=server, keys=scoped, DurationSeconds=60)
    assert (refused[0], refused[2]) == ("AccessDenied", 403), "the policy did not leave that"
    server.kill()
    server.start()
    assert error_of(server.client("ec2", scoped).describe_subnets)[0] == "UnauthorizedOperation"


def test_it_ends_earlier_and_never_later(server, worker):
    now = datetime.datetime.now(datetime.UTC)
    ends = narrowed(server, worker, DurationSeconds=60)["Credentials"]["Expiration"]
    assert abs((ends - now).total_seconds() - 60) < 10
    refused = error_of(narrowed, server=server, keys=worker, DurationSeconds=7200)
    assert (refused[0], refused[2]) == ("InsufficientSessionLifetime", 400)


def test_what_is_no_request(server, worker):
    sts = server.client("sts", worker)
    assert error_of(sts.get_scoped_credentials)[0] == "ValidationError"
    assert error_of(sts.get_scoped_credentials, Policy="{")[0] == "MalformedPolicyDocument"
    actions = [f"ec2:{number * 2654435761 % 2**32:x}{number * 40503 % 2**32:x}" for number in range(1, 75)]
    assert error_of(sts.get_scoped_credentials, Policy=policy(allow(actions)))[0] == "PackedPolicyTooLarge"
    for keys in (("test", "test"), make_user(server.client("iam"), "bob", allow("*"))):
        refused = error_of(narrowed, server=server, keys=keys, DurationSeconds=60)
        assert (refused[0], refused[2]) == ("InvalidSubjectCredentials", 400)


def test_the_credentials_of_an_instance(server):
    make_profile(server.client("iam"), "web", MAY_SCOPE)
    instance = launch(server.client("ec2"), IamInstanceProfile={"Name": "web"})
    keys = Metadata(server.metadata_url(instance)).credentials("web")
    scoped = keys_of(narrowed(server, keys, Policy=policy(allow("ec2:DescribeInstances"))))
    assert server.client("sts", scoped).get_caller_identity()["Arn"].endswith(f":assumed-role/web/{instance}")
    server.client("ec2", scoped).describe_instances()
    assert error_of(server.client("ec2", scoped).describe_vpcs)[0] == "UnauthorizedOperation"
    server.admin("POST", "reset")


def test_the_decision_log_tells_by_which_policy(server, worker):
    scoped = keys_of(narrowed(server, worker, Policy=policy(allow("ec2:DescribeVpcs"))))
    error_of(server.client("iam", scoped).list_roles)
    last = server.admin("GET", "decisions?action=iam:ListRoles")["decisions"][-1]
    assert "session policy" in json.dumps(last)


def test_a_context_that_nobody_vouches_for(server):
    iam = server.client("iam")
    key = make_user(iam, "ann", allow("sts:*"))
    document = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": ["sts:AssumeRole", "sts:SetContext"]}]}
    role = iam.create_role(RoleName="contexts", AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    given = [{"ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter", "ContextAssertion": "a.b.c.d"}]
    refused = error_of(server.client("sts", key).assume_role, RoleArn=role, RoleSessionName="s1", ProvidedContexts=given)
    assert (refused[0], refused[2]) == ("InvalidContextAssertion", 400)
    server.admin("POST", "reset")


def test_sessions_in_the_console(server):
    """The setting of login profiles and roles is kept and told; an update replaces it, resets it, or leaves it alone."""
    iam = server.client("iam")
    iam.create_user(UserName="eve")
    made = iam.create_login_profile(UserName="eve", Password="Sesame-0pen!", MaxSigninSessionDuration=7200)
    assert made["LoginProfile"]["MaxSigninSessionDuration"] == 7200
    iam.create_role(RoleName="people", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"), MaxSigninSessionDuration=3600)

    def held():
        return (iam.get_login_profile(UserName="eve")["LoginProfile"].get("MaxSigninSessionDuration"),
                iam.get_role(RoleName="people")["Role"].get("MaxSigninSessionDuration"))

    assert held() == (7200, 3600)
    both = {"MaxSigninSessionDuration": 7776000, "ResetMaxSigninSessionDuration": True}
    assert error_of(iam.update_login_profile, UserName="eve", **both)[0] == "InvalidInput"
    assert error_of(iam.update_role, RoleName="people", **both)[0] == "InvalidInput"
    iam.update_login_profile(UserName="eve", PasswordResetRequired=True)
    iam.update_role(RoleName="people", Description="for people", ResetMaxSigninSessionDuration=False)
    assert held() == (7200, 3600)
    iam.update_login_profile(UserName="eve", MaxSigninSessionDuration=7776000)
    iam.update_role(RoleName="people", ResetMaxSigninSessionDuration=True)
    assert held() == (7776000, None)
    iam.update_login_profile(UserName="eve", ResetMaxSigninSessionDuration=True)
    assert held() == (None, None)
    assert error_of(iam.update_role, RoleName="people", MaxSigninSessionDuration=7776001)[0] == "ValidationError"
    linked = iam.create_service_linked_role(AWSServiceName="spot.amazonaws.com")["Role"]["RoleName"]
    assert error_of(iam.update_role, RoleName=linked, MaxSigninSessionDuration=3600)[0] == "UnmodifiableEntity"
    server.admin("POST", "reset")
