"""The command line: each option does what its help says."""

import json
import os
import re
import signal
import subprocess

import pytest

from conftest import BINARY, Metadata, clean_environment, error_of, image, launch, trust

IMAGE = "ami-0123456789abcdef0"


def test_images_of_ones_own(make_server, tmp_path):
    path = tmp_path / "images.json"
    path.write_text(json.dumps([{"Region": "eu-west-1", "ImageId": IMAGE, "Name": "golden-1", "Architecture": "arm64",
                                 "OwnerId": "111111111111", "Public": True}]))
    server = make_server("--images", str(path))
    ec2 = server.client("ec2", region="eu-west-1")
    [found] = ec2.describe_images(Owners=["111111111111"], Filters=[{"Name": "name", "Values": ["golden-*"]}])["Images"]
    assert (found["ImageId"], found["Architecture"], found["State"]) == (IMAGE, "arm64", "available")
    assert ec2.run_instances(ImageId=IMAGE, InstanceType="t4g.micro", MinCount=1, MaxCount=1)["Instances"]
    assert error_of(server.client("ec2").describe_images, ImageIds=[IMAGE])[0] == "InvalidAMIID.NotFound"


@pytest.mark.parametrize("text, part", [
    ("{", "this is no JSON list of images"),
    ('[{"Region": "us-east-1", "ImageId": "ami-x", "Name": "n"}]', "image 1: `ImageId` must be"),
    ('[{"Region": "nowhere", "ImageId": "ami-12345678", "Name": "n"}]', "image 1: there is no region `nowhere`"),
])
def test_a_file_of_images_that_is_wrong(tmp_path, text, part):
    path = tmp_path / "images.json"
    path.write_text(text)
    done = run("serve", "--listen", "127.0.0.1:0", "--imds-port", "0", "--state", "memory", "--images", str(path))
    assert done.returncode != 0 and str(path) in done.stderr and part in done.stderr and done.stderr.count("\n") == 1


def run(*arguments, **environment):
    return subprocess.run([BINARY, *arguments], env={**clean_environment(), **environment}, capture_output=True, text=True, timeout=30)


def states(server):
    """How an instance is told when it was just launched, and a moment later."""
    ec2 = server.client("ec2")
    made = ec2.run_instances(ImageId=image(ec2), InstanceType="t3.micro", MinCount=1, MaxCount=1)["Instances"][0]
    server.advance("1s")

    def state():
        return ec2.describe_instances(InstanceIds=[made["InstanceId"]])["Reservations"][0]["Instances"][0]["State"]["Name"]

    after_a_second = state()
    server.advance("10m")
    return made["State"]["Name"], after_a_second, state()


@pytest.mark.parametrize("rule, expected", [
    ("quick", ("pending", "running", "running")), ("instant", ("running", "running", "running")), ("aws", ("pending", "pending", "running"))])
def test_how_long_changes_of_state_take(make_server, rule, expected):
    assert states(make_server("--states", rule)) == expected


def test_quotas(make_server):
    """Hard ones hold always, adjustable ones only when they are asked for."""
    for arguments, held in (([], False), (["--quotas", "aws"], True)):
        server = make_server(*arguments)
        ec2 = server.client("ec2")
        request = {"ImageId": image(ec2), "InstanceType": "m5.large", "MinCount": 500, "MaxCount": 500}
        if held:
            assert error_of(ec2.run_instances, **request)[0] == "VcpuLimitExceeded"
        else:
            assert len(ec2.run_instances(**request)["Instances"]) == 500
        iam = server.client("iam")
        iam.create_user(UserName="two-keys")
        iam.create_access_key(UserName="two-keys")
        iam.create_access_key(UserName="two-keys")
        assert error_of(iam.create_access_key, UserName="two-keys")[0] == "LimitExceeded"


def test_compat_moto(make_server):
    server = make_server("--compat", "moto")
    assert server.client("sts", ("testing", "testing")).get_caller_identity()["Account"] == "123456789012"
    iam = server.client("iam", ("testing", "testing"))
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust("arn:aws:iam::123456789012:root"))["Role"]["Arn"]
    assert server.client("sts", ("testing", "testing")).assume_role(RoleArn=role, RoleSessionName="root")["Credentials"]


def test_every_option_has_a_variable(tmp_path):
    """The same through the environment."""
    told = run("serve", "--help").stdout
    for option in ("listen", "imds-port", "state", "auth", "account", "root-secret", "root-key", "compat", "images", "quotas", "quota", "states",
                   "iam-propagation", "allowed-host", "log"):
        assert f"--{option}" in told and f"[env: ROLECALL_{option.upper().replace('-', '_')}" in told
    environment = {"ROLECALL_LISTEN": "127.0.0.1:0", "ROLECALL_IMDS_PORT": "0", "ROLECALL_STATE": str(tmp_path / "from-env.db"),
                   "ROLECALL_ACCOUNT": "555555555555", "ROLECALL_AUTH": "audit"}
    process = subprocess.Popen([BINARY], env={**clean_environment(), **environment}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("export AWS_REGION"):
            break
    banner = "".join(lines)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 0
    assert re.search(r"enforcement +audit", banner) and "account      555555555555, root key test" in banner
    assert re.search(r"relaxed +policies are not enforced", banner) and str(tmp_path / "from-env.db") in banner
    assert (tmp_path / "from-env.db").exists()


def test_the_lines_for_a_shell(server):
    """A shell that reads them is root of the default account, or on the instance."""
    names = dict(re.findall(r"^export (\w+)=(.*)$", server.run("env").stdout, re.MULTILINE))
    assert names == {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
                     "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": server.url}
    instance = launch(server.client("ec2"))
    lines = server.run("env", "--instance", instance).stdout
    assert f"export AWS_EC2_METADATA_SERVICE_ENDPOINT={server.metadata_url(instance)}\n" in lines
    assert "export AWS_ACCESS_KEY_ID" not in lines
    assert Metadata(server.metadata_url(instance)).get("/latest/meta-data/instance-id") == instance


def test_what_an_earlier_line_set_is_unset(server):
    """Keys of root would go on speaking on the instance, and a session's token would spoil the next keys."""
    def after(before, *arguments):
        script = f"{before}\n{server.run('env', *arguments).stdout}\nenv"
        done = subprocess.run(["sh", "-c", script], env=clean_environment(), capture_output=True, text=True, timeout=60, check=True)
        names = {line.split("=")[0] for line in done.stdout.splitlines() if line.startswith(("AWS_", "ROLECALL_"))}
        return names - clean_environment().keys()

    instance = launch(server.client("ec2"))
    before = server.run("env").stdout
    own = {"AWS_REGION", "AWS_DEFAULT_REGION"}
    assert after(before, "--instance", instance) == own | {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_ENDPOINT_URL"}
    keys = own | {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert after("export AWS_SESSION_TOKEN=old AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.9.9.9") == keys | {"AWS_ENDPOINT_URL"}
    services = {f"AWS_ENDPOINT_URL_{name}" for name in ("IAM", "STS", "EC2", "SSM")}
    assert after(before, "--only") == keys | services | {"ROLECALL_ENDPOINT"}
    assert run("clock", ROLECALL_ENDPOINT=server.url).returncode == 0
    refused = server.run("env", "--region", "us-esat-1")
    assert refused.returncode != 0 and refused.stderr == "rolecall: `us-esat-1` is no region\n"


def test_who_has_read_enough_ends_it_quietly(server):
    server.client("sts").get_caller_identity()
    for command in (["completions", "bash"], ["decisions", "--json"]):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([BINARY, *command], stdout=write, stderr=subprocess.PIPE, text=True, timeout=60,
                              env={**clean_environment(), "AWS_ENDPOINT_URL": server.url})
        os.close(write)
        assert (done.returncode, done.stderr) == (0, ""), command


def test_days_are_durations(server):
    server.client("sts").get_caller_identity()
    assert server.run("decisions", "--since", "1d").stdout
    before = server.admin("GET", "clock")["offsetSeconds"]
    server.run("clock", "advance", "1d")
    assert server.admin("GET", "clock")["offsetSeconds"] - before == 86_400
    server.admin("POST", "clock", {"reset": True})
    refused = server.run("decisions", "--service", "s3")
    assert refused.returncode != 0 and "there are iam, sts, ec2, ssm" in refused.stderr


def test_the_banner_tells_what_is_not_usual(make_server):
    def told(*arguments):
        return make_server(*arguments).banner

    assert "quotas       aws" in told("--quotas", "aws") and "states       aws" in told("--states", "aws")
    keys = told("--root-key", "ci:hidden", "--auth", "off", "--insecure-root")
    assert "root key     ci\n" in keys and "hidden" not in keys
    assert "relaxed      neither signatures nor policies are enforced (--auth off)" in keys and "beyond loopback" not in keys


def test_logs_as_json(make_server):
    server = make_server("--log", "json")
    error_of(server.client("sts", ("dummy", "dummy")).get_caller_identity)
    server.stop()
    lines = (server.folder / "log").read_text().splitlines()
    assert all(json.loads(line)["level"] for line in lines)


def test_no_secret_is_logged_or_printed(make_server):
    server = make_server("--root-secret", "hidden-secret", "--root-key", "ci:other-secret")
    iam = server.client("iam", ("test", "hidden-secret"))
    iam.create_user(UserName="u")
    secret = iam.create_access_key(UserName="u")["AccessKey"]["SecretAccessKey"]
    error_of(server.client("sts", ("test", "wrong")).get_caller_identity)
    told = json.dumps(server.admin("GET", "info")) + json.dumps(server.admin("GET", "decisions"))
    server.stop()
    told += (server.folder / "log").read_text()
    for hidden in ("hidden-secret", "other-secret", secret):
        assert hidden not in told


def test_help_and_completions():
    for command in ([], ["serve"], ["env"], ["exec"], ["imds"], ["clock"], ["why"], ["decisions"], ["policy", "generate"], ["reset"],
                    ["completions"]):
        done = run(*command, "--help")
        assert done.returncode == 0 and "Usage: rolecall" in done.stdout
    for shell in ("bash", "zsh", "fish"):
        assert "rolecall" in run("completions", shell).stdout
    assert run("--no-such-option").returncode == 2
    assert "rolecall 0." in run("--version").stdout


def test_commands_without_a_server():
    for command in (["env"], ["imds", "i-1"], ["clock"], ["why", "x"], ["decisions"], ["reset"], ["exec", "i-1", "--", "true"]):
        done = run(*command, AWS_ENDPOINT_URL="http://127.0.0.1:9")
        assert done.returncode != 0 and done.stderr.startswith("rolecall: no server answers at http://127.0.0.1:9")
        assert done.stderr.count("\n") == 1


def test_exec_replaces_itself(server):
    instance = launch(server.client("ec2"))
    done = server.run("exec", instance, "--", "sh", "-c", "echo out; echo err >&2; exit 3", env={"AWS_PROFILE": "x", "KEPT": "yes"})
    assert (done.stdout, done.stderr, done.returncode) == ("out\n", "err\n", 3)
    shown = dict(line.split("=", 1) for line in server.run("exec", instance, "--", "env", env={"AWS_PROFILE": "x", "KEPT": "yes"}).stdout.splitlines())
    assert shown["KEPT"] == "yes" and "AWS_PROFILE" not in shown and shown["AWS_CONFIG_FILE"] == os.devnull
    assert shown["AWS_REGION"] == shown["AWS_DEFAULT_REGION"] == "us-east-1" and shown["AWS_ENDPOINT_URL"] == server.url
    address = shown["AWS_EC2_METADATA_SERVICE_ENDPOINT"]
    assert address == server.metadata_url(instance) and address[7:].split(":")[0] in shown["NO_PROXY"].split(",")
    missing = server.run("exec", instance, "--", "no-such-program")
    assert missing.returncode != 0 and missing.stderr.startswith("rolecall: cannot run `no-such-program`")
    unknown = server.run("exec", "i-0123456789abcdef0", "--", "true")
    assert unknown.stderr == "rolecall: there is no instance `i-0123456789abcdef0`\n"
