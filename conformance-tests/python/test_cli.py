"""The story through the AWS CLI, as a person types it. Each test builds on the state the ones before left, in one server."""

import json
import os
import pathlib
import re
import subprocess

import pytest

from conftest import allow, clean_environment, make_profile, make_user, policy, trust

CLI = os.environ.get("ROLECALL_AWS_CLI")
ACCOUNT, ONE, TWO = "000000000000", "111111111111", "222222222222"
GET_PICS = f"arn:aws:iam::{ACCOUNT}:role/Get-pics"

pytestmark = pytest.mark.skipif(not CLI, reason="ROLECALL_AWS_CLI names no AWS CLI")


class Shell:
    """What a shell has: an environment with the server's address and somebody's keys."""

    def __init__(self, server, key=("test", "test"), **more):
        home = server.folder / "home"
        home.mkdir(exist_ok=True)
        self.environment = {
            **clean_environment(), "AWS_ENDPOINT_URL": server.url, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1", "HOME": str(home), **more}
        if key:
            self.environment |= {"AWS_ACCESS_KEY_ID": key[0], "AWS_SECRET_ACCESS_KEY": key[1]}

    def run(self, *arguments):
        return subprocess.run([CLI, *arguments], env=self.environment, capture_output=True, text=True, timeout=120)

    def __call__(self, *arguments):
        """What the CLI answers: its JSON, or its text with `--output text`."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        if "text" in arguments:
            return done.stdout.strip()
        return json.loads(done.stdout) if done.stdout.strip() else None

    def fails(self, *arguments):
        """The code and the message that the CLI prints."""
        done = self.run(*arguments)
        found = re.search(r"An error occurred \((\w+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: (.*)",
                          done.stderr, re.DOTALL)
        assert found and done.returncode not in (0, None), (done.returncode, done.stdout, done.stderr)
        return found.group(1), found.group(2).strip()


@pytest.fixture(scope="module")
def story(server):
    return {"server": server, "root": Shell(server)}


def document(folder, name, text):
    path = pathlib.Path(folder) / name
    path.write_text(text)
    return f"file://{path}"


def al2023(shell):
    return shell("ec2", "describe-images", "--owners", "amazon", "--filters", "Name=name,Values=al2023-ami-2023.*-x86_64",
                 "Name=state,Values=available", "--query", "sort_by(Images, &CreationDate)[-1].ImageId", "--output", "text")


def run_instances(shell, image, *more):
    return shell("ec2", "run-instances", "--image-id", image, "--instance-type", "t3.micro", *more,
                 "--query", "Instances[0].InstanceId", "--output", "text")


def test_preparations(story, tmp_path):
    root = story["root"]
    assert root("sts", "get-caller-identity") == {"UserId": ACCOUNT, "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:root"}
    root("iam", "create-role", "--role-name", "Get-pics", "--assume-role-policy-document",
         document(tmp_path, "trust.json", trust("ec2.amazonaws.com")))
    root("iam", "put-role-policy", "--role-name", "Get-pics", "--policy-name", "read", "--policy-document",
         document(tmp_path, "read.json", policy(allow(["s3:Get*", "s3:List*"]))))
    root("iam", "create-instance-profile", "--instance-profile-name", "Get-pics")
    root("iam", "add-role-to-instance-profile", "--instance-profile-name", "Get-pics", "--role-name", "Get-pics")
    root("iam", "create-role", "--role-name", "Other", "--assume-role-policy-document", trust("ec2.amazonaws.com"))
    assert root.fails("iam", "add-role-to-instance-profile", "--instance-profile-name", "Get-pics", "--role-name", "Other") == (
        "LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    root("iam", "create-instance-profile", "--instance-profile-name", "Other")
    root("iam", "add-role-to-instance-profile", "--instance-profile-name", "Other", "--role-name", "Other")
    root("iam", "wait", "instance-profile-exists", "--instance-profile-name", "Other")
    root("iam", "create-user", "--user-name", "alice")
    root("iam", "wait", "user-exists", "--user-name", "alice")
    root("iam", "put-user-policy", "--user-name", "alice", "--policy-name", "launch", "--policy-document",
         policy(allow(["ec2:RunInstances", "ec2:DescribeImages", "sts:DecodeAuthorizationMessage"]), allow("iam:PassRole", GET_PICS)))
    key = root("iam", "create-access-key", "--user-name", "alice")["AccessKey"]
    story["alice"] = Shell(story["server"], (key["AccessKeyId"], key["SecretAccessKey"]))
    listed = root("iam", "list-roles", "--query", "Roles[].RoleName")
    assert {"Get-pics", "Other"} <= set(listed)


def test_alice_launches_and_the_waiters_end(story):
    alice, root = story["alice"], story["root"]
    story["image"] = al2023(alice)
    tags = ("--tag-specifications", "ResourceType=instance,Tags=[{Key=Name,Value=pics}]")
    # Tagging at launch is a permission of its own.
    code, message = alice.fails("ec2", "run-instances", "--image-id", story["image"], "--instance-type", "t3.micro", *tags)
    assert code == "UnauthorizedOperation" and "is not authorized to perform: ec2:CreateTags on resource" in message
    root("iam", "put-user-policy", "--user-name", "alice", "--policy-name", "tag", "--policy-document",
         policy(allow("ec2:CreateTags", Condition={"StringEquals": {"ec2:CreateAction": "RunInstances"}})))
    story["instance"] = run_instances(alice, story["image"], "--iam-instance-profile", "Name=Get-pics", *tags)
    wait(story, "instance-running")
    wait(story, "instance-status-ok")
    run_instances(alice, story["image"])


def wait(story, waiter):
    """The CLI's own waiter. The clock has moved on, so that it needs to ask but once: between questions it waits 15 seconds."""
    story["server"].advance("1m")
    story["root"]("ec2", "wait", waiter, "--instance-ids", story["instance"])


def test_another_role_is_refused_and_the_message_decodes(story):
    alice = story["alice"]
    code, message = alice.fails("ec2", "run-instances", "--image-id", story["image"], "--instance-type", "t3.micro",
                                "--iam-instance-profile", "Name=Other")
    assert code == "UnauthorizedOperation"
    assert f"is not authorized to perform: iam:PassRole on resource: arn:aws:iam::{ACCOUNT}:role/Other" in message
    encoded = message.split("Encoded authorization failure message: ")[1]
    decoded = json.loads(alice("sts", "decode-authorization-message", "--encoded-message", encoded, "--query", "DecodedMessage",
                               "--output", "text"))
    assert (decoded["allowed"], decoded["context"]["action"]) == (False, "iam:PassRole")
    assert decoded["context"]["resource"] == f"arn:aws:iam::{ACCOUNT}:role/Other"


def test_dry_run(story):
    code, message = story["alice"].fails("ec2", "run-instances", "--image-id", story["image"], "--instance-type", "t3.micro", "--dry-run",
                                         "--iam-instance-profile", "Name=Get-pics")
    assert (code, message) == ("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")


def test_filters_and_pages(story):
    root = story["root"]
    for number in range(7):
        run_instances(root, story["image"], "--tag-specifications", f"ResourceType=instance,Tags=[{{Key=number,Value={number}}}]")
    query = ("--query", "Reservations[].Instances[].InstanceId")
    everything = root("ec2", "describe-instances", *query)
    assert len(everything) == len(set(everything)) == 9
    assert root("ec2", "describe-instances", "--page-size", "5", *query) == everything
    first = root("ec2", "describe-instances", "--max-items", "4")
    assert first["NextToken"] and len(first["Reservations"]) == 4
    rest = root("ec2", "describe-instances", "--starting-token", first["NextToken"])
    assert len(rest["Reservations"]) == 5
    assert root("ec2", "describe-instances", "--filters", "Name=tag:Name,Values=pics", *query) == [story["instance"]]
    assert root("ec2", "describe-instances", "--filters", "Name=tag:number,Values=3,5", *query) != []
    assert len(root("ec2", "describe-instances", "--filters", "Name=tag-key,Values=num*", "Name=instance-type,Values=t3.*", *query)) == 7
    assert root("ec2", "describe-instances", "--filters", "Name=iam-instance-profile.arn,Values=*Get-pics", *query) == [story["instance"]]
    assert root.fails("ec2", "describe-instances", "--filters", "Name=no-such-filter,Values=x") == (
        "InvalidParameterValue", "The filter 'no-such-filter' is invalid")


def test_on_the_instance(story):
    server = story["server"]
    identity = json.loads(exec_on(story, "sts", "get-caller-identity").stdout)
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Get-pics/{story['instance']}"
    refused = exec_on(story, "iam", "list-users")
    assert refused.returncode != 0
    assert f"User: {identity['Arn']} is not authorized to perform: iam:ListUsers on resource" in refused.stderr
    # Keys of the environment and profiles of the config file would come before the instance's: they don't reach the command.
    decoys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_PROFILE": "someone", "AWS_EC2_METADATA_DISABLED": "true"}
    done = server.run("exec", story["instance"], "--", CLI, "sts", "get-caller-identity", env=decoys)
    assert json.loads(done.stdout)["Arn"] == identity["Arn"]


def exec_on(story, *arguments, isolate=False):
    options = ["--isolate"] if isolate else []
    return story["server"].run("exec", story["instance"], *options, "--", CLI, *arguments)


def test_on_the_instance_isolated(story):
    done = exec_on(story, "sts", "get-caller-identity", isolate=True)
    if "does not let the program make a network of its own" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Get-pics/{story['instance']}"
    # Inside, the well-known address answers without any setting.
    ask = ("import urllib.request as u; t = u.urlopen(u.Request('http://169.254.169.254/latest/api/token', method='PUT', "
           "headers={'X-aws-ec2-metadata-token-ttl-seconds': '60'})).read().decode(); "
           "print(u.urlopen(u.Request('http://169.254.169.254/latest/meta-data/instance-id', "
           "headers={'X-aws-ec2-metadata-token': t})).read().decode())")
    done = story["server"].run("exec", story["instance"], "--isolate", "--", "python3", "-c", ask)
    assert done.stdout.strip() == story["instance"], done.stderr
    # The command's exit code is the program's.
    assert story["server"].run("exec", story["instance"], "--isolate", "--", "sh", "-c", "exit 7").returncode == 7


def test_time(story):
    """After `clock advance` a new CLI process finds fresh credentials on the instance; the clock can be moved back."""
    server = story["server"]
    for command in (["advance", "50h"], ["advance", "-30h"], ["reset"]):
        moved = server.run("clock", *command)
        assert moved.returncode == 0, moved.stderr
        assert json.loads(exec_on(story, "sts", "get-caller-identity").stdout)["Arn"].endswith(story["instance"])


def test_change(story):
    """Step 5: what is changed on the role counts for the running instance at once."""
    root = story["root"]
    assert exec_on(story, "iam", "list-users").returncode != 0
    root("iam", "attach-role-policy", "--role-name", "Get-pics", "--policy-arn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assert exec_on(story, "iam", "list-users").returncode == 0
    root("iam", "detach-role-policy", "--role-name", "Get-pics", "--policy-arn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assert exec_on(story, "iam", "list-users").returncode != 0
    [association] = root("ec2", "describe-iam-instance-profile-associations", "--filters",
                         f"Name=instance-id,Values={story['instance']}")["IamInstanceProfileAssociations"]
    replaced = root("ec2", "replace-iam-instance-profile-association", "--association-id", association["AssociationId"],
                    "--iam-instance-profile", "Name=Other")["IamInstanceProfileAssociation"]
    assert "assumed-role/Other/" in exec_on(story, "sts", "get-caller-identity").stdout
    root("ec2", "disassociate-iam-instance-profile", "--association-id", replaced["AssociationId"])
    assert "Unable to locate credentials" in exec_on(story, "sts", "get-caller-identity").stderr
    root("ec2", "associate-iam-instance-profile", "--instance-id", story["instance"], "--iam-instance-profile", "Name=Get-pics")
    assert "assumed-role/Get-pics/" in exec_on(story, "sts", "get-caller-identity").stdout


def test_two_accounts_through_profiles(story, tmp_path):
    """Step 6, as people configure it."""
    server = story["server"]
    iam1, iam2 = server.client("iam", server.account(ONE)), server.client("iam", server.account(TWO))
    abcd = make_profile(iam1, "abcd", allow("sts:AssumeRole", f"arn:aws:iam::{TWO}:role/efgh"))
    carol = make_user(iam1, "carol", allow("sts:AssumeRole"))
    iam2.create_role(RoleName="efgh", AssumeRolePolicyDocument=trust(abcd, f"arn:aws:iam::{ONE}:user/carol"))
    root1 = Shell(server, server.account(ONE))
    instance = run_instances(root1, al2023(root1), "--iam-instance-profile", "Name=abcd")
    config = tmp_path / "config"
    config.write_text(f"""
[profile from-instance]
role_arn = arn:aws:iam::{TWO}:role/efgh
credential_source = Ec2InstanceMetadata
[profile carol]
aws_access_key_id = {carol[0]}
aws_secret_access_key = {carol[1]}
[profile from-carol]
role_arn = arn:aws:iam::{TWO}:role/efgh
source_profile = carol
""")
    shell = Shell(server, None, AWS_CONFIG_FILE=str(config), AWS_EC2_METADATA_SERVICE_ENDPOINT=server.metadata_url(instance))
    for profile in ("from-instance", "from-carol"):
        arn = shell("sts", "get-caller-identity", "--profile", profile, "--query", "Arn", "--output", "text")
        assert arn.startswith(f"arn:aws:sts::{TWO}:assumed-role/efgh/"), arn
    # The CLI keeps the role's session in a cache, which the README says.
    assert list((server.folder / "home/.aws/cli/cache").glob("*.json"))


def test_stop_and_terminate(story):
    root, instance = story["root"], story["instance"]
    root("ec2", "stop-instances", "--instance-ids", instance)
    wait(story, "instance-stopped")
    root("ec2", "start-instances", "--instance-ids", instance)
    wait(story, "instance-running")
    root("ec2", "terminate-instances", "--instance-ids", instance)
    wait(story, "instance-terminated")
    state = root("ec2", "describe-instances", "--instance-ids", instance, "--query", "Reservations[0].Instances[0].State.Name")
    assert state == "terminated"


def test_our_own_commands(story):
    """`env` prints lines for the shell, `why` explains a decision, `imds` names the metadata service."""
    server = story["server"]
    lines = server.run("env", "--user", "admin").stdout
    script = f"{lines}\n{CLI} sts get-caller-identity --query Arn --output text"
    done = subprocess.run(["sh", "-c", script], env=clean_environment(), capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == f"arn:aws:iam::{ACCOUNT}:user/admin", done.stderr
    only = server.run("env", "--only").stdout
    assert "AWS_ENDPOINT_URL_IAM=" in only and "AWS_ENDPOINT_URL=" not in only
    [denied, *_] = server.admin("GET", "decisions?verdict=denied&action=ec2:RunInstances&limit=1")["decisions"]
    told = server.run("why", denied["requestId"]).stdout
    check = denied["checks"][-1]
    assert f"{check['action']} on {check['resource']}: denied\n" in told
    missing = server.run("imds", "i-0123456789abcdef0")
    assert missing.returncode != 0 and missing.stderr == "rolecall: there is no instance `i-0123456789abcdef0`\n"
