"""Containers reach "their" instance's metadata by the address they ask from. Tried in a network namespace joined by a pair of virtual devices."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from conftest import allow, clean_environment, launch, make_profile

NAMESPACE, OUTSIDE, INSIDE = f"rolecall-{os.getpid()}", "10.219.77.1", "10.219.77.2"


def ip(*arguments, **more):
    return subprocess.run(["ip", *arguments], capture_output=True, text=True, timeout=30, **more)


@pytest.fixture(scope="module")
def namespace():
    """A second host, one hop away."""
    if not shutil.which("ip"):
        pytest.skip("the program `ip` is not installed")
    made = ip("netns", "add", NAMESPACE)
    if made.returncode != 0:
        pytest.skip(f"network namespaces are not allowed here: {made.stderr.strip()}")
    outer, inner = f"rco{os.getpid()}"[:15], f"rci{os.getpid()}"[:15]
    try:
        linked = ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", NAMESPACE)
        if linked.returncode != 0:
            pytest.skip(f"virtual devices are not allowed here: {linked.stderr.strip()}")
        for arguments in (["addr", "add", f"{OUTSIDE}/30", "dev", outer], ["link", "set", outer, "up"],
                          ["-n", NAMESPACE, "addr", "add", f"{INSIDE}/30", "dev", inner], ["-n", NAMESPACE, "link", "set", inner, "up"],
                          ["-n", NAMESPACE, "link", "set", "lo", "up"]):
            done = ip(*arguments)
            assert done.returncode == 0, done.stderr
        yield
    finally:
        ip("link", "delete", outer)
        ip("netns", "delete", NAMESPACE)


ASK = """
import json, socket, sys, urllib.error, urllib.request
def ask(path, method="GET", headers={}):
    try:
        with urllib.request.urlopen(urllib.request.Request(sys.argv[1] + path, method=method, headers=headers), timeout=2) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except (socket.timeout, TimeoutError, urllib.error.URLError):
        return "nothing", ""
status, token = ask("/latest/api/token", "PUT", {"X-aws-ec2-metadata-token-ttl-seconds": "60"})
with_token = ask("/latest/meta-data/instance-id", headers={"X-aws-ec2-metadata-token": token}) if status == 200 else None
print(json.dumps([status, with_token, ask("/latest/meta-data/instance-id")]))
"""


def inside(*command, environment=None):
    done = ip("netns", "exec", NAMESPACE, *command, env={**clean_environment(), **(environment or {})})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_metadata_by_source_address_and_hop_limit(namespace, make_server):
    server = make_server("--listen", "0.0.0.0:0", "--root-secret", "hidden")
    port = server.url.rsplit(":", 1)[1]
    root = ("test", "hidden")
    make_profile(server.client("iam", root), "Get-pics", allow("s3:Get*"))
    ec2 = server.client("ec2", root)
    instance = launch(ec2, IamInstanceProfile={"Name": "Get-pics"}, MetadataOptions={"HttpTokens": "optional", "HttpPutResponseHopLimit": 1})
    metadata = f"http://{OUTSIDE}:{server.imds_port}"

    def asked():
        return json.loads(inside(sys.executable, "-c", ASK, metadata))

    # Nobody is known at that address yet.
    assert asked()[0] == 404 and asked()[2][0] == 404

    def register(hops):
        script = ("import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1], method='PUT', data=sys.argv[2].encode(), "
                  "headers={'Authorization': 'Bearer hidden'}))")
        address = f"http://{OUTSIDE}:{port}/_rolecall/instances/{instance}/source"
        inside(sys.executable, "-c", script, address, json.dumps({"hops": hops}))

    # The container tells by its own request from where it asks.
    register(1)
    assert asked() == [200, [200, instance], [200, instance]]
    # Two hops away the answer with the token never arrives, the first version's does.
    register(2)
    assert asked() == ["nothing", None, [200, instance]]
    ec2.modify_instance_metadata_options(InstanceId=instance, HttpPutResponseHopLimit=2)
    assert asked() == [200, [200, instance], [200, instance]]
    ec2.modify_instance_metadata_options(InstanceId=instance, HttpTokens="required")
    assert asked() == [200, [200, instance], [401, ""]]
    # And a client as it is, with nothing but addresses.
    script = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    environment = {"AWS_ENDPOINT_URL": f"http://{OUTSIDE}:{port}", "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata,
                   "AWS_DEFAULT_REGION": "us-east-1"}
    arn = inside(sys.executable, "-c", script, environment=environment).strip()
    assert arn.endswith(f":assumed-role/Get-pics/{instance}")


def test_on_loopback_nothing_comes_in_from_outside(namespace, make_server):
    server = make_server()
    instance = launch(server.client("ec2"))
    port = server.metadata_url(instance).rsplit(":", 1)[1]
    asked = json.loads(inside(sys.executable, "-c", ASK, f"http://{OUTSIDE}:{port}"))
    assert asked == ["nothing", None, ["nothing", ""]]


def test_the_container_of_the_compose_file(namespace, make_server):
    """instance.py, as docker/compose.yaml runs it: it launches, registers itself, and the command finds the role's credentials."""
    server = make_server("--listen", "0.0.0.0:0", "--root-secret", "hidden")
    script = pathlib.Path(__file__).parent.parent.parent / "docker/instance.py"
    environment = {
        "AWS_ENDPOINT_URL": f"http://{OUTSIDE}:{server.url.rsplit(':', 1)[1]}", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1", "ROLECALL_ROOT_SECRET": "hidden",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://{OUTSIDE}:{server.imds_port}"}
    who = "import boto3, os; print(boto3.client('sts').get_caller_identity()['Arn'], 'ROLECALL_ROOT_SECRET' in os.environ)"
    for _ in range(2):
        arn, knows_secret = inside(sys.executable, str(script), sys.executable, "-c", who, environment=environment).split()
        assert ":assumed-role/container/i-" in arn and knows_secret == "False"
