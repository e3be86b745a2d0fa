"""IAM's roles and instance profiles: each operation's success, seen through another operation."""

import json
import re

import pytest

from conftest import allow, error_of, make_user, policy, trust

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
EC2 = trust("ec2.amazonaws.com")


@pytest.fixture(scope="module")
def iam(server):
    return server.client("iam")


def trusted(iam, role):
    """The principals of a role's trust policy."""
    statements = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    return [statement["Principal"] for statement in statements]


def test_a_role_is_created_found_changed_and_deleted(iam):
    made = iam.create_role(RoleName="App", Path="/service/", AssumeRolePolicyDocument=EC2, Description="d", MaxSessionDuration=7_200,
                           PermissionsBoundary=READ_ONLY, Tags=[{"Key": "k", "Value": "v"}])["Role"]
    assert re.fullmatch("AROA[A-Z2-7]{17}", made["RoleId"]) and made["Arn"] == "arn:aws:iam::000000000000:role/service/App"
    assert made["AssumeRolePolicyDocument"] == json.loads(EC2)
    got = iam.get_role(RoleName="app")["Role"]
    assert got == {**made, "Description": "d", "MaxSessionDuration": 7_200, "RoleLastUsed": {}}
    [listed] = iam.list_roles(PathPrefix="/service/")["Roles"]
    assert listed == {name: value for name, value in got.items() if name not in ("PermissionsBoundary", "Tags", "RoleLastUsed")}
    iam.update_role(RoleName="App", MaxSessionDuration=3_600)
    assert (iam.get_role(RoleName="App")["Role"]["MaxSessionDuration"], iam.get_role(RoleName="App")["Role"]["Description"]) == (3_600, "d")
    iam.update_role(RoleName="App", Description="")
    assert "Description" not in iam.get_role(RoleName="App")["Role"]
    described = iam.update_role_description(RoleName="App", Description="e")["Role"]
    assert described == {name: "e" if name == "Description" else value for name, value in listed.items() if name != "MaxSessionDuration"}
    assert iam.get_role(RoleName="App")["Role"]["Description"] == "e"
    iam.delete_role(RoleName="App")
    assert error_of(iam.get_role, RoleName="App")[0] == "NoSuchEntity"


def test_a_roles_boundary_and_tags(iam):
    iam.create_role(RoleName="bounded", AssumeRolePolicyDocument=EC2)
    iam.put_role_permissions_boundary(RoleName="bounded", PermissionsBoundary=READ_ONLY)
    assert iam.get_role(RoleName="bounded")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == READ_ONLY
    iam.delete_role_permissions_boundary(RoleName="bounded")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="bounded")["Role"]
    iam.tag_role(RoleName="bounded", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    assert [tag["Key"] for tag in iam.list_role_tags(RoleName="bounded", MaxItems=1)["Tags"]] == ["a"]
    iam.untag_role(RoleName="bounded", TagKeys=["A"])
    assert iam.list_role_tags(RoleName="bounded")["Tags"] == [{"Key": "b", "Value": "2"}]


def test_trust_decides_who_may_become_the_role(server, iam):
    keys = [make_user(iam, name) for name in ("in", "out")]
    arn = iam.create_role(RoleName="guarded", AssumeRolePolicyDocument=trust("arn:aws:iam::000000000000:user/in"))["Role"]["Arn"]
    inside, outside = (server.client("sts", key).assume_role for key in keys)
    assert inside(RoleArn=arn, RoleSessionName="ok")["Credentials"]
    assert error_of(outside, RoleArn=arn, RoleSessionName="no")[0] == "AccessDenied"
    iam.update_assume_role_policy(RoleName="guarded", PolicyDocument=trust("arn:aws:iam::000000000000:user/out"))
    assert outside(RoleArn=arn, RoleSessionName="ok")["Credentials"]
    assert error_of(inside, RoleArn=arn, RoleSessionName="no")[0] == "AccessDenied"


@pytest.mark.parametrize("kind", ["user", "role"])
def test_a_principal_that_is_gone_is_shown_by_its_id(server, iam, kind):
    """And whoever has its name later is somebody else. An account that is named by its number is shown by its ARN."""
    root = "arn:aws:iam::000000000000:root"
    name, title = f"principal-{kind}", kind.title()
    create = {"user": lambda: iam.create_user(UserName=name), "role": lambda: iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust("000000000000"))}[kind]
    made = create()[title]
    document = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": [made["Arn"], "000000000000"]}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole",
         "Condition": {"ArnEquals": {"aws:PrincipalArn": made["Arn"]}}}]})
    iam.create_role(RoleName=f"trusting-{kind}", AssumeRolePolicyDocument=document)
    assert trusted(iam, f"trusting-{kind}")[0] == {"AWS": [made["Arn"], root]}
    getattr(iam, f"delete_{kind}")(**{f"{title}Name": name})
    gone = iam.get_role(RoleName=f"trusting-{kind}")["Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert gone[0]["Principal"] == {"AWS": [made[f"{title}Id"], root]}
    assert gone[1]["Condition"] == {"ArnEquals": {"aws:PrincipalArn": made["Arn"]}}, "a condition keeps the ARN"
    again = create()[title]
    assert again["Arn"] == made["Arn"] and again[f"{title}Id"] != made[f"{title}Id"]
    assert trusted(iam, f"trusting-{kind}")[0] == {"AWS": [made[f"{title}Id"], root]}, "creating it again does not bring it back"
    # Saving what is shown is refused: nobody has that id.
    shown = json.dumps(iam.get_role(RoleName=f"trusting-{kind}")["Role"]["AssumeRolePolicyDocument"])
    assert error_of(iam.update_assume_role_policy, RoleName=f"trusting-{kind}", PolicyDocument=shown)[:2] == (
        "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{made[f"{title}Id"]}"')
    iam.update_assume_role_policy(RoleName=f"trusting-{kind}", PolicyDocument=document)
    assert trusted(iam, f"trusting-{kind}")[0] == {"AWS": [again["Arn"], root]}


def test_a_renamed_principal_is_shown_by_its_new_name(iam):
    iam.create_user(UserName="before")
    iam.create_role(RoleName="follows", AssumeRolePolicyDocument=trust("arn:aws:iam::000000000000:user/before"))
    iam.update_user(UserName="before", NewUserName="after", NewPath="/p/")
    assert trusted(iam, "follows") == [{"AWS": "arn:aws:iam::000000000000:user/p/after"}]


def test_an_instance_profile_and_its_role(iam):
    made = iam.create_instance_profile(InstanceProfileName="Profile", Path="/p/", Tags=[{"Key": "k", "Value": "v"}])["InstanceProfile"]
    assert re.fullmatch("AIPA[A-Z2-7]{17}", made["InstanceProfileId"]) and made["Arn"] == "arn:aws:iam::000000000000:instance-profile/p/Profile"
    assert made["Roles"] == [] and made["Tags"] == [{"Key": "k", "Value": "v"}]
    iam.create_role(RoleName="inside", AssumeRolePolicyDocument=EC2)
    iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName="INSIDE")
    got = iam.get_instance_profile(InstanceProfileName="profile")["InstanceProfile"]
    assert [role["RoleName"] for role in got["Roles"]] == ["inside"] and got["Roles"][0]["AssumeRolePolicyDocument"] == json.loads(EC2)
    assert [one["InstanceProfileName"] for one in iam.list_instance_profiles_for_role(RoleName="inside")["InstanceProfiles"]] == ["Profile"]
    [listed] = iam.list_instance_profiles(PathPrefix="/p/")["InstanceProfiles"]
    assert listed["Roles"][0]["RoleId"] == got["Roles"][0]["RoleId"]
    iam.remove_role_from_instance_profile(InstanceProfileName="Profile", RoleName="inside")
    assert iam.get_instance_profile(InstanceProfileName="Profile")["InstanceProfile"]["Roles"] == []
    iam.delete_instance_profile(InstanceProfileName="Profile")
    assert error_of(iam.get_instance_profile, InstanceProfileName="Profile")[0] == "NoSuchEntity"


def test_tags_of_an_instance_profile(iam):
    iam.create_instance_profile(InstanceProfileName="tags")
    iam.tag_instance_profile(InstanceProfileName="tags", Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])
    assert iam.list_instance_profile_tags(InstanceProfileName="tags")["Tags"] == [{"Key": "A", "Value": "2"}, {"Key": "a", "Value": "1"}]
    iam.untag_instance_profile(InstanceProfileName="tags", TagKeys=["a"])
    assert iam.list_instance_profile_tags(InstanceProfileName="tags")["Tags"] == [{"Key": "A", "Value": "2"}]


def test_a_roles_sessions_end_with_it(server, iam):
    key = make_user(iam, "switcher", allow("sts:AssumeRole"))
    arn = iam.create_role(RoleName="brief", AssumeRolePolicyDocument=trust("000000000000"))["Role"]["Arn"]
    session = server.client("sts", key).assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    sts = server.client("sts", (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]))
    assert sts.get_caller_identity()["Arn"].endswith("assumed-role/brief/session")
    iam.update_assume_role_policy(RoleName="brief", PolicyDocument=EC2)
    assert sts.get_caller_identity(), "who is trusted matters when a session begins"
    iam.delete_role(RoleName="brief")
    iam.create_role(RoleName="brief", AssumeRolePolicyDocument=trust("000000000000"))
    assert error_of(sts.get_caller_identity)[0] == "InvalidClientTokenId"
