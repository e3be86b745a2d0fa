"""`--quota`: every quota of IAM can be set to a number a test can reach, and AWS's text carries that number."""

import subprocess

import pytest

from conftest import BINARY, allow, clean_environment, error_of, policy, trust

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
OTHER = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
DOCUMENT = policy(allow("s3:GetObject"))
EC2 = trust("ec2.amazonaws.com")

#: What reaches the quota, what exceeds it.
COUNTED = {
    "UsersPerAccount": (("create_user", {"UserName": "a"}), ("create_user", {"UserName": "b"})),
    "GroupsPerAccount": (("create_group", {"GroupName": "a"}), ("create_group", {"GroupName": "b"})),
    "RolesPerAccount": (("create_role", {"RoleName": "a", "AssumeRolePolicyDocument": EC2}), ("create_role", {"RoleName": "b", "AssumeRolePolicyDocument": EC2})),
    "PoliciesPerAccount": (("create_policy", {"PolicyName": "a", "PolicyDocument": DOCUMENT}), ("create_policy", {"PolicyName": "b", "PolicyDocument": DOCUMENT})),
    "InstanceProfilesPerAccount": (("create_instance_profile", {"InstanceProfileName": "a"}), ("create_instance_profile", {"InstanceProfileName": "b"})),
    "PoliciesPerUser": (("attach_user_policy", {"UserName": "a", "PolicyArn": READ_ONLY}), ("attach_user_policy", {"UserName": "a", "PolicyArn": OTHER})),
    "PoliciesPerGroup": (("attach_group_policy", {"GroupName": "a", "PolicyArn": READ_ONLY}), ("attach_group_policy", {"GroupName": "a", "PolicyArn": OTHER})),
    "PoliciesPerRole": (("attach_role_policy", {"RoleName": "a", "PolicyArn": READ_ONLY}), ("attach_role_policy", {"RoleName": "a", "PolicyArn": OTHER})),
    "AccessKeysPerUser": (("create_access_key", {"UserName": "a"}), ("create_access_key", {"UserName": "a"})),
}


def test_each_holds_at_its_number(make_server):
    server = make_server(*(part for name in COUNTED for part in ("--quota", f"{name}=1")))
    iam = server.client("iam")
    for name, (first, second) in COUNTED.items():
        getattr(iam, first[0])(**first[1])
        assert error_of(getattr(iam, second[0]), **second[1]) == ("LimitExceeded", f"Cannot exceed quota for {name}: 1", 409)
    # Another account has its own.
    assert server.client("iam", server.account("111111111111")).create_user(UserName="b")


def test_sizes_and_versions_carry_their_numbers(make_server):
    iam = make_server("--quota", "UserPolicySize=20,PolicySize=30", "--quota", "VersionsPerPolicy=1", "--quota", "ACLSizePerRole=40").client("iam")
    iam.create_user(UserName="u")
    assert error_of(iam.put_user_policy, UserName="u", PolicyName="p", PolicyDocument=DOCUMENT)[1] == (
        "Maximum policy size of 20 bytes exceeded for user u")
    assert error_of(iam.create_policy, PolicyName="p", PolicyDocument=DOCUMENT)[1] == "Cannot exceed quota for PolicySize: 30"
    assert error_of(iam.create_role, RoleName="r", AssumeRolePolicyDocument=EC2)[1] == "Cannot exceed quota for ACLSizePerRole: 40"


def test_one_that_is_set_may_be_larger(make_server):
    iam = make_server("--quota", "GroupsPerUser=12", "--quota", "VersionsPerPolicy=6").client("iam")
    iam.create_user(UserName="u")
    for number in range(12):
        iam.create_group(GroupName=f"g{number}")
        iam.add_user_to_group(GroupName=f"g{number}", UserName="u")
    iam.create_group(GroupName="one-more")
    assert error_of(iam.add_user_to_group, GroupName="one-more", UserName="u")[1] == "Cannot exceed quota for GroupsPerUser: 12"
    arn = iam.create_policy(PolicyName="p", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    for _ in range(5):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT)
    assert error_of(iam.create_policy_version, PolicyArn=arn, PolicyDocument=DOCUMENT)[1] == (
        "A managed policy can have up to 6 versions. Before you create a new version, you must delete an existing version.")


def test_what_is_set_is_told_at_the_start(tmp_path):
    process = subprocess.Popen([BINARY, "--listen", "127.0.0.1:0", "--imds-port", "0", "--state", "memory", "--quota", "UsersPerAccount=3"],
                               env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    banner = "".join(iter(process.stdout.readline, "\n"))
    process.terminate()
    process.wait()
    assert "  quota        UsersPerAccount = 3\n" in banner


@pytest.mark.parametrize("text, part", [("Users=3", "there is no quota `Users`; there are UsersPerAccount, "), ("UsersPerAccount", "a quota is NAME=NUMBER"),
                                        ("AccountAliasesPerAccount=2", "there is no quota `AccountAliasesPerAccount`"),
                                        ("UsersPerAccount=many", "`many` is no number")])
def test_one_that_makes_no_sense(text, part):
    done = subprocess.run([BINARY, "serve", "--quota", text], env=clean_environment(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and part in done.stderr
