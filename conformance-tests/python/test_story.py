"""The story the product exists for, step by step, through boto3. Each test builds on the state the ones before left, in one server."""

import json
import os
import subprocess
import sys

import boto3
import pytest
from botocore.exceptions import ClientError

from conftest import Metadata, allow, clean_environment, error_of, image, launch, make_profile, make_user, policy, trust

ACCOUNT = "000000000000"
GET_PICS = f"arn:aws:iam::{ACCOUNT}:role/Get-pics"


@pytest.fixture(scope="module")
def world(server):
    """Step 1: the administrator's preparations."""
    iam = server.client("iam")
    make_profile(iam, "Get-pics", allow(["s3:Get*", "s3:List*"]))
    make_profile(iam, "Other", allow("s3:*"))
    alice = make_user(iam, "alice", allow("ec2:RunInstances"), allow("ec2:DescribeImages"), allow("iam:PassRole", GET_PICS),
                      allow("sts:DecodeAuthorizationMessage"))
    return {"alice": alice, "iam": iam, "server": server}


def test_a_profile_takes_one_role(world):
    iam = world["iam"]
    code, message, status = error_of(iam.add_role_to_instance_profile, InstanceProfileName="Get-pics", RoleName="Other")
    assert (code, status) == ("LimitExceeded", 409)
    assert message == "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
    roles = iam.get_instance_profile(InstanceProfileName="Get-pics")["InstanceProfile"]["Roles"]
    assert [role["RoleName"] for role in roles] == ["Get-pics"]


def test_alice_launches_with_the_role_she_may_pass(world):
    ec2 = world["server"].client("ec2", world["alice"])
    world["instance"] = launch(ec2, IamInstanceProfile={"Name": "Get-pics"})
    root = world["server"].client("ec2")
    found = root.describe_instances(InstanceIds=[world["instance"]])["Reservations"][0]["Instances"][0]
    assert found["IamInstanceProfile"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:instance-profile/Get-pics"
    assert found["SubnetId"] and found["VpcId"] and found["PrivateIpAddress"].startswith("172.31.")
    launch(ec2)


def test_alice_may_not_pass_another_role(world):
    ec2 = world["server"].client("ec2", world["alice"])
    before = count(world["server"])
    code, message, status = error_of(launch, ec2=ec2, IamInstanceProfile={"Name": "Other"})
    assert (code, status) == ("UnauthorizedOperation", 403)
    said, encoded = message.split(" Encoded authorization failure message: ")
    assert said == ("You are not authorized to perform this operation. "
                    f"User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: iam:PassRole on resource: "
                    f"arn:aws:iam::{ACCOUNT}:role/Other because no identity-based policy allows the iam:PassRole action.")
    decoded = json.loads(world["server"].client("sts", world["alice"]).decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert decoded["allowed"] is False and decoded["explicitDeny"] is False
    assert decoded["context"]["action"] == "iam:PassRole"
    assert decoded["context"]["resource"] == f"arn:aws:iam::{ACCOUNT}:role/Other"
    assert decoded["context"]["principal"]["name"] == "alice"
    keys = {item["key"]: [value["value"] for value in item["values"]["items"]] for item in decoded["context"]["conditions"]["items"]}
    assert keys["iam:PassedToService"] == ["ec2.amazonaws.com"]
    assert count(world["server"]) == before


def test_an_explicit_deny_decodes_to_its_statement(world):
    server, iam = world["server"], world["iam"]
    denied = make_user(iam, "denied", allow("*"), {"Sid": "NoPass", "Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"})
    code, message, _ = error_of(launch, ec2=server.client("ec2", denied), IamInstanceProfile={"Name": "Get-pics"})
    assert code == "UnauthorizedOperation" and "with an explicit deny in an identity-based policy" in message
    encoded = message.split("Encoded authorization failure message: ")[1]
    decoded = json.loads(server.client("sts", denied).decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    [statement] = decoded["matchedStatements"]["items"]
    assert decoded["explicitDeny"] is True
    assert (statement["statementId"], statement["effect"]) == ("NoPass", "DENY")
    assert statement["actions"]["items"] == [{"value": "iam:PassRole"}]


def test_decoding_needs_its_permission_and_a_real_message(world):
    server, iam = world["server"], world["iam"]
    nobody = make_user(iam, "nobody")
    sts = server.client("sts", nobody)
    code, message, status = error_of(sts.decode_authorization_message, EncodedMessage="x")
    assert (code, status) == ("AccessDenied", 403)
    assert "sts:DecodeAuthorizationMessage" in message
    code, _, status = error_of(server.client("sts").decode_authorization_message, EncodedMessage="made-up")
    assert (code, status) == ("InvalidAuthorizationMessageException", 400)


@pytest.mark.parametrize("service, more, expected", [
    ("ec2.amazonaws.com", [], "ec2:RunInstances"),
    ("ec2.amazonaws.com", ["ec2:RunInstances"], None),
    ("lambda.amazonaws.com", ["ec2:RunInstances"], "iam:PassRole"),
])
def test_the_sample_console_policy(world, service, more, expected):
    server, iam = world["server"], world["iam"]
    name = f"console-{service.split('.')[0]}-{len(more)}"
    user = make_user(iam, name,
                     {**allow("iam:PassRole"), "Condition": {"StringEquals": {"iam:PassedToService": service}}},
                     allow(["iam:ListInstanceProfiles", "ec2:Describe*", "ec2:Search*", "ec2:Get*", *more]))
    profiles = server.client("iam", user).list_instance_profiles()["InstanceProfiles"]
    assert {profile["InstanceProfileName"] for profile in profiles} >= {"Get-pics", "Other"}
    ec2 = server.client("ec2", user)
    assert ec2.describe_instances()["Reservations"]
    if expected is None:
        assert launch(ec2, IamInstanceProfile={"Name": "Get-pics"}).startswith("i-")
    else:
        code, message, _ = error_of(launch, ec2=ec2, IamInstanceProfile={"Name": "Get-pics"})
        assert code == "UnauthorizedOperation" and f"is not authorized to perform: {expected} on" in message


def test_filling_a_profile_needs_pass_role(world):
    server, iam = world["server"], world["iam"]
    iam.create_instance_profile(InstanceProfileName="empty")
    filler = make_user(iam, "filler", allow("iam:AddRoleToInstanceProfile"))
    code, message, status = error_of(server.client("iam", filler).add_role_to_instance_profile,
                                     InstanceProfileName="empty", RoleName="Get-pics")
    assert (code, status) == ("AccessDenied", 403)
    assert message == (f"User: arn:aws:iam::{ACCOUNT}:user/filler is not authorized to perform: iam:PassRole on resource: {GET_PICS} "
                       "because no identity-based policy allows the iam:PassRole action")
    assert iam.get_instance_profile(InstanceProfileName="empty")["InstanceProfile"]["Roles"] == []


def test_dry_run_changes_nothing(world):
    server = world["server"]
    before = count(server)
    ec2 = server.client("ec2", world["alice"])
    code, message, status = error_of(launch, ec2=ec2, DryRun=True, IamInstanceProfile={"Name": "Get-pics"})
    assert (code, message, status) == ("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
    assert error_of(launch, ec2=ec2, DryRun=True, IamInstanceProfile={"Name": "Other"})[0] == "UnauthorizedOperation"
    assert count(server) == before


def test_the_application_on_the_instance(world):
    server = world["server"]
    metadata = Metadata(server.metadata_url(world["instance"]))
    info = json.loads(metadata.get("/latest/meta-data/iam/info"))
    assert info["Code"] == "Success" and info["InstanceProfileArn"].endswith(":instance-profile/Get-pics")
    assert metadata.get("/latest/meta-data/iam/security-credentials/") == "Get-pics"
    document = json.loads(metadata.get("/latest/meta-data/iam/security-credentials/Get-pics"))
    assert list(document) == ["Code", "LastUpdated", "Type", "AccessKeyId", "SecretAccessKey", "Token", "Expiration"]
    identity = on_instance(world, "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])")
    assert identity == f"arn:aws:sts::{ACCOUNT}:assumed-role/Get-pics/{world['instance']}"
    denied = on_instance(world, "import boto3\ntry: boto3.client('iam').list_users()\nexcept Exception as e: print(e.response['Error']['Message'])")
    assert denied == (f"User: {identity} is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::{ACCOUNT}:user/ "
                      "because no identity-based policy allows the iam:ListUsers action")


def test_a_policy_put_on_the_role_works_at_once(world):
    script = "import boto3\ntry: print(len(boto3.client('iam').list_users()['Users']) > 0)\nexcept Exception as e: print(e.response['Error']['Code'])"
    assert on_instance(world, script) == "AccessDenied"
    world["iam"].put_role_policy(RoleName="Get-pics", PolicyName="more", PolicyDocument=policy(allow("iam:ListUsers")))
    assert on_instance(world, script) == "True"
    world["iam"].delete_role_policy(RoleName="Get-pics", PolicyName="more")
    assert on_instance(world, script) == "AccessDenied"


def test_another_role_in_the_profile(world):
    server, iam = world["server"], world["iam"]
    metadata = Metadata(server.metadata_url(world["instance"]))
    first = metadata.credentials("Get-pics")
    iam.create_role(RoleName="Third", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    iam.remove_role_from_instance_profile(InstanceProfileName="Get-pics", RoleName="Get-pics")
    assert metadata.request("/latest/meta-data/iam/security-credentials/Get-pics", headers={"X-aws-ec2-metadata-token": metadata.token()})[0] == 404
    iam.add_role_to_instance_profile(InstanceProfileName="Get-pics", RoleName="Third")
    assert metadata.get("/latest/meta-data/iam/security-credentials/") == "Third"
    arn = server.client("sts", metadata.credentials("Third")).get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/Third/{world['instance']}"
    # What was handed out before stays good until it expires.
    assert server.client("sts", first).get_caller_identity()["Arn"].endswith(f"/Get-pics/{world['instance']}")
    iam.remove_role_from_instance_profile(InstanceProfileName="Get-pics", RoleName="Third")
    iam.add_role_to_instance_profile(InstanceProfileName="Get-pics", RoleName="Get-pics")


def test_associations_on_a_running_instance(world):
    server = world["server"]
    root = server.client("ec2")
    instance = launch(root)
    metadata = Metadata(server.metadata_url(instance))
    token = {"X-aws-ec2-metadata-token": metadata.token()}
    assert metadata.request("/latest/meta-data/iam/info", headers=token)[0] == 404
    user = make_user(world["iam"], "associator", allow(["ec2:AssociateIamInstanceProfile", "ec2:ReplaceIamInstanceProfileAssociation",
                     "ec2:DisassociateIamInstanceProfile", "ec2:DescribeIamInstanceProfileAssociations"]), allow("iam:PassRole", GET_PICS))
    ec2 = server.client("ec2", user)
    code, message, _ = error_of(ec2.associate_iam_instance_profile, InstanceId=instance, IamInstanceProfile={"Name": "Other"})
    assert code == "UnauthorizedOperation" and "iam:PassRole on resource: arn:aws:iam::000000000000:role/Other" in message
    made = ec2.associate_iam_instance_profile(InstanceId=instance, IamInstanceProfile={"Name": "Get-pics"})["IamInstanceProfileAssociation"]
    assert made["State"] == "associating"
    assert metadata.get("/latest/meta-data/iam/security-credentials/") == "Get-pics"
    code, message, _ = error_of(ec2.associate_iam_instance_profile, InstanceId=instance, IamInstanceProfile={"Name": "Get-pics"})
    assert (code, message) == ("IncorrectState", f"There is an existing association for instance {instance}")
    replaced = root.replace_iam_instance_profile_association(AssociationId=made["AssociationId"], IamInstanceProfile={"Name": "Other"})
    replaced = replaced["IamInstanceProfileAssociation"]
    assert replaced["AssociationId"] != made["AssociationId"]
    assert metadata.get("/latest/meta-data/iam/security-credentials/") == "Other"
    listed = ec2.describe_iam_instance_profile_associations(Filters=[{"Name": "instance-id", "Values": [instance]}])
    assert [one["AssociationId"] for one in listed["IamInstanceProfileAssociations"]
            if one["State"] in ("associating", "associated")] == [replaced["AssociationId"]]
    ec2.disassociate_iam_instance_profile(AssociationId=replaced["AssociationId"])
    assert metadata.request("/latest/meta-data/iam/info", headers={"X-aws-ec2-metadata-token": metadata.token()})[0] == 404


def test_two_accounts(server):
    """Step 6: an instance's role in one account assumes a role in another when both sides allow it."""
    one, two = "111111111111", "222222222222"
    iam1, iam2 = server.client("iam", server.account(one)), server.client("iam", server.account(two))
    abcd = make_profile(iam1, "abcd")
    efgh = iam2.create_role(RoleName="efgh", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))["Role"]["Arn"]
    iam2.put_role_policy(RoleName="efgh", PolicyName="p", PolicyDocument=policy(allow(["iam:ListRoles", "ec2:DescribeVpcs"])))
    instance = launch(server.client("ec2", server.account(one)), IamInstanceProfile={"Name": "abcd"})
    sts = server.client("sts", Metadata(server.metadata_url(instance)).credentials("abcd"))
    switch = {"RoleArn": efgh, "RoleSessionName": "across"}
    refused = (f"User: arn:aws:sts::{one}:assumed-role/abcd/{instance} is not authorized to perform: sts:AssumeRole on resource: {efgh}")

    assert error_of(sts.assume_role, **switch) == ("AccessDenied", refused, 403)
    iam1.put_role_policy(RoleName="abcd", PolicyName="switch", PolicyDocument=policy(allow("sts:AssumeRole", efgh)))
    assert error_of(sts.assume_role, **switch) == ("AccessDenied", refused, 403)
    iam2.update_assume_role_policy(RoleName="efgh", PolicyDocument=trust(abcd))
    assumed = sts.assume_role(**switch)
    assert assumed["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{two}:assumed-role/efgh/across"
    iam1.delete_role_policy(RoleName="abcd", PolicyName="switch")
    assert error_of(sts.assume_role, **switch) == ("AccessDenied", refused, 403)

    keys = assumed["Credentials"]
    session = (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    assert server.client("sts", session).get_caller_identity()["Account"] == two
    assert {role["RoleName"] for role in server.client("iam", session).list_roles()["Roles"]} == {"efgh"}
    assert server.client("ec2", session).describe_vpcs()["Vpcs"][0]["OwnerId"] == two


def test_profiles_as_people_configure_them(server, tmp_path):
    one, two = "111111111111", "222222222222"
    iam1, iam2 = server.client("iam", server.account(one)), server.client("iam", server.account(two))
    iam1.put_role_policy(RoleName="abcd", PolicyName="switch", PolicyDocument=policy(allow("sts:AssumeRole")))
    user = make_user(iam1, "carol", allow("sts:AssumeRole"))
    iam2.update_assume_role_policy(RoleName="efgh", PolicyDocument=trust(f"arn:aws:iam::{one}:role/abcd", f"arn:aws:iam::{one}:user/carol"))
    instance = launch(server.client("ec2", server.account(one)), IamInstanceProfile={"Name": "abcd"})
    config = tmp_path / "config"
    config.write_text(f"""
[profile from-instance]
role_arn = arn:aws:iam::{two}:role/efgh
credential_source = Ec2InstanceMetadata
[profile carol]
aws_access_key_id = {user[0]}
aws_secret_access_key = {user[1]}
[profile from-carol]
role_arn = arn:aws:iam::{two}:role/efgh
source_profile = carol
""")
    environment = {**clean_environment(), "AWS_CONFIG_FILE": str(config), "AWS_ENDPOINT_URL": server.url, "AWS_DEFAULT_REGION": "us-east-1",
                   "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.metadata_url(instance)}
    for profile in ("from-instance", "from-carol"):
        script = f"import boto3; print(boto3.Session(profile_name='{profile}').client('sts').get_caller_identity()['Arn'])"
        done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60)
        assert done.stdout.startswith(f"arn:aws:sts::{two}:assumed-role/efgh/"), done.stderr


def test_root_may_not_assume_roles(server, make_server):
    arn = server.client("iam").get_role(RoleName="Get-pics")["Role"]["Arn"]
    code, message, status = error_of(server.client("sts").assume_role, RoleArn=arn, RoleSessionName="root")
    assert (code, message, status) == ("AccessDenied", "Roles may not be assumed by root accounts.", 403)
    compatible = make_server("--compat", "localstack")
    role = compatible.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root"))["Role"]
    assert compatible.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="root")["AssumedRoleUser"]["Arn"].endswith("/root")


def count(server):
    pages = server.client("ec2").get_paginator("describe_instances").paginate()
    return sum(len(reservation["Instances"]) for page in pages for reservation in page["Reservations"])


def on_instance(world, script):
    """Runs a Python script as if on the instance; what it prints."""
    done = world["server"].run("exec", world["instance"], "--", sys.executable, "-c", script)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
