"""The real Terraform AWS provider: apply, plan again without drift, change tags, destroy."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

import provider
from clients import Metadata, clean_environment, make_user

ACCOUNT = "000000000000"
HERE = pathlib.Path(__file__).parent
#: Where people and distributions keep mirrors of providers.
PLACES = ["/opt", "/usr/share/terraform", "/usr/local/share/terraform", "~/.terraform.d"]


def mirror():
    """The folder of a filesystem mirror that has the AWS provider: HOST/NAMESPACE/NAME/VERSION/PLATFORM/FILE below it."""
    for place in PLACES:
        for found in pathlib.Path(place).expanduser().glob("**/terraform-provider-aws_*"):
            if len(found.parents) > 6 and found.parents[2].name == "aws":
                return found.parents[5]
    return None


def cli_config(folder):
    """The CLI configuration to run with: the one that is set, else one with a mirror, else Terraform's own way to its registry."""
    given = os.environ.get("TF_CLI_CONFIG_FILE")
    if given and pathlib.Path(given).exists():
        return given
    path = folder / "terraform.rc"
    found = mirror()
    path.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{found}"\n  }}\n}}\n' if found else "")
    return str(path)


class Terraform:
    """Terraform in a folder of its own, with one of the configurations beside this file (some files of it left out), what all share, and its variables."""

    def __init__(self, folder, server, key, configuration="story", variables=None, without=()):
        self.folder = folder / configuration
        shutil.copytree(HERE / configuration, self.folder, ignore=shutil.ignore_patterns(*without))
        shutil.copy(HERE / "versions.tf", self.folder)
        (self.folder / "given.auto.tfvars.json").write_text(json.dumps(variables or {}))
        self.environment = {
            **clean_environment(), "AWS_ENDPOINT_URL": server.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": key[0],
            "AWS_SECRET_ACCESS_KEY": key[1], "TF_CLI_CONFIG_FILE": cli_config(folder), "TF_IN_AUTOMATION": "1", "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1", "AWS_MAX_ATTEMPTS": "2", "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(folder),
            # Each command reads the provider's schemas, of which nothing is garbage: half of its time went to looking for some.
            "GOGC": "400"}

    def run(self, *arguments):
        done = subprocess.run(["terraform", f"-chdir={self.folder}", *arguments], env=self.environment, capture_output=True,
                              text=True, timeout=600)
        return done.returncode, done.stdout, done.stderr

    def __call__(self, *arguments):
        code, out, errors = self.run(*arguments)
        assert code == 0, f"{' '.join(arguments)}: {out[-4000:]}\n{errors[-4000:]}"
        return out


def initialised(server, folder, configuration="story", variables=None, without=()):
    """Terraform that is ready to apply a configuration as an administrator."""
    if not shutil.which("terraform"):
        pytest.skip("terraform is not on the PATH")
    iam = server.client("iam")
    key = make_user(iam, "terraform")
    iam.attach_user_policy(UserName="terraform", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    made = Terraform(folder, server, key, configuration, variables, without)
    if not provider.FOUND:
        provider.note(mirror())
    if configuration == "story" or not provider.FOUND:
        code, out, errors = made.run("init", "-no-color")
        if code != 0 and not mirror() and "Could not connect to" in errors + out:
            pytest.skip("neither a mirror of the AWS provider nor its registry is at hand")
        assert code == 0, out + errors
        provider.note(made.folder / ".terraform/providers")
    if provider.has_several(made.folder):
        made.environment |= provider.override(made.folder)
    elif configuration != "story":
        made.environment |= provider.attach(made.folder, made.environment)
    return made


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"))


def plan_is_clean(terraform, *arguments):
    code, out, errors = terraform.run("plan", "-no-color", "-detailed-exitcode", *arguments)
    assert code == 0, f"the plan is not empty:\n{out[-6000:]}\n{errors[-4000:]}"


def outputs(terraform):
    """Out of the state, which is what `terraform output` reads, in half a second of a processor."""
    state = json.loads((terraform.folder / "terraform.tfstate").read_text())
    return {name: output["value"] for name, output in state["outputs"].items()}


def test_the_story(server, terraform):
    ec2, iam = server.client("ec2"), server.client("iam")
    groups_before = {group["GroupId"] for group in ec2.describe_security_groups()["SecurityGroups"]}

    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    assert (told["account"], told["caller"]) == (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/terraform")
    assert told["role"] == f"arn:aws:iam::{ACCOUNT}:role/story/Get-pics"
    assert len(told["zones"]) == len(told["subnets"]) == 6
    found = ec2.describe_instances(InstanceIds=[told["instance"]])["Reservations"][0]["Instances"][0]
    assert found["State"]["Name"] == "running" and found["PrivateIpAddress"] == told["address"]
    assert {tag["Key"]: tag["Value"] for tag in found["Tags"]} == {"Name": "web", "team": "blue", "story": "pics"}
    assert found["MetadataOptions"]["HttpPutResponseHopLimit"] == 2
    metadata = Metadata(server.metadata_url(told["instance"]))
    assert metadata.get("/latest/meta-data/tags/instance/team") == "blue"
    arn = server.client("sts", metadata.credentials("Get-pics")).get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/Get-pics/{told['instance']}"
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", "-var", "team=green")
    assert outputs(terraform)["instance"] == told["instance"]
    assert metadata.get("/latest/meta-data/tags/instance/team") == "green"
    tags = {tag["Key"]: tag["Value"] for tag in iam.list_role_tags(RoleName="Get-pics")["Tags"]}
    assert tags == {"team": "green", "story": "pics"}
    plan_is_clean(terraform, "-var", "team=green")

    terraform("destroy", "-no-color", "-auto-approve", "-var", "team=green")
    state = ec2.describe_instances(InstanceIds=[told["instance"]])["Reservations"][0]["Instances"][0]["State"]["Name"]
    assert state == "terminated"
    assert {group["GroupId"] for group in ec2.describe_security_groups()["SecurityGroups"]} == groups_before
    assert ec2.describe_key_pairs()["KeyPairs"] == []
    assert ec2.describe_volumes()["Volumes"] == []
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    assert iam.list_roles()["Roles"] == iam.list_instance_profiles()["InstanceProfiles"] == []
    assert iam.list_policies(Scope="Local")["Policies"] == []
