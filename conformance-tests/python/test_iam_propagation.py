"""`--iam-propagation`: what changes in IAM reaches each reader some time later, as on AWS."""

import subprocess

import pytest

from conftest import BINARY, Metadata, allow, clean_environment, error_of, image, launch, make_profile, make_user, policy, trust


@pytest.fixture
def server(make_server):
    return make_server("--iam-propagation", "1m")


def test_a_new_profile_is_invalid_until_it_arrives(server):
    """What Terraform and everyone else tries again on."""
    ec2 = server.client("ec2")
    make_profile(server.client("iam"), "App")
    request = {"ImageId": image(ec2), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, "IamInstanceProfile": {"Name": "App"}}
    assert error_of(ec2.run_instances, **request) == (
        "InvalidParameterValue", "Value (App) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name", 400)
    server.advance("1m")
    instance = ec2.run_instances(**request)["Instances"][0]
    assert ec2.describe_instances(InstanceIds=[instance["InstanceId"]])["Reservations"], "EC2's own state is there at once"


def test_a_new_user_key_and_policy_take_their_time(server):
    iam = server.client("iam")
    key = make_user(iam, "new", allow("iam:ListUsers"))
    assert error_of(iam.get_user, UserName="new")[0] == "NoSuchEntity"
    assert error_of(iam.create_user, UserName="new")[0] == "EntityAlreadyExists", "a write acts on what is"
    new = server.client("iam", key)
    assert error_of(new.list_users)[0] == "InvalidClientTokenId"
    server.advance("1m")
    assert iam.get_user(UserName="new")["User"] and new.list_users()["Users"]
    iam.delete_user_policy(UserName="new", PolicyName="permissions")
    assert new.list_users()["Users"], "what was taken away still counts"
    server.advance("29s")
    assert new.list_users()["Users"], "nothing arrives before half of the time"
    server.advance("31s")
    assert error_of(new.list_users)[0] == "AccessDenied"


def test_a_new_principal_is_invalid_until_it_arrives(server):
    iam = server.client("iam")
    iam.create_user(UserName="trusted")
    request = {"RoleName": "r", "AssumeRolePolicyDocument": trust("arn:aws:iam::000000000000:user/trusted")}
    assert error_of(iam.create_role, **request)[:2] == (
        "MalformedPolicyDocument", 'Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:user/trusted"')
    server.advance("1m")
    assert iam.create_role(**request)["Role"]


def test_a_session_can_be_used_at_once(server):
    iam = server.client("iam")
    key = make_user(iam, "switcher", allow("sts:AssumeRole"))
    arn = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust("000000000000"))["Role"]["Arn"]
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=policy(allow("iam:ListRoles")))
    server.advance("1m")
    session = server.client("sts", key).assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    session = (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    assert server.client("sts", session).get_caller_identity()["Arn"].endswith("/r/session")
    assert server.client("iam", session).list_roles()["Roles"]


def test_readers_differ_and_each_sees_the_same_again(server):
    """Seconds until each sees the user; the same question never gets an older answer."""
    iam = server.client("iam")
    keys = [make_user(iam, f"reader{number}", allow("iam:GetUser")) for number in range(6)]
    server.advance("1m")
    iam.create_user(UserName="seen")
    seen = {}
    for second in range(0, 64, 4):
        for number, key in enumerate(keys):
            try:
                server.client("iam", key).get_user(UserName="seen")
                seen.setdefault(number, second)
            except server.client("iam").exceptions.NoSuchEntityException:
                assert number not in seen
        server.advance("4s")
    assert len(seen) == 6 and all(28 <= second <= 60 for second in seen.values()), seen
    assert len(set(seen.values())) > 1, seen


def test_the_metadata_service_reads_late_as_well(server):
    iam, ec2 = server.client("iam"), server.client("ec2")
    make_profile(iam, "First")
    server.advance("1m")
    metadata = Metadata(server.metadata_url(launch(ec2, IamInstanceProfile={"Name": "First"})))
    assert metadata.get("/latest/meta-data/iam/security-credentials/") == "First"
    iam.remove_role_from_instance_profile(InstanceProfileName="First", RoleName="First")
    assert metadata.get("/latest/meta-data/iam/security-credentials/") == "First"
    server.advance("1m")
    assert metadata.request("/latest/meta-data/iam/security-credentials/", headers={"X-aws-ec2-metadata-token": metadata.token()})[0] == 404


def test_off_unless_asked_for(make_server):
    iam = make_server().client("iam")
    iam.create_user(UserName="u")
    assert iam.get_user(UserName="u")


@pytest.mark.parametrize("text", ["0s", "-1m", "25h", "soon"])
def test_a_duration_that_makes_no_sense(text):
    done = subprocess.run([BINARY, "serve", f"--iam-propagation={text}"], env=clean_environment(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
