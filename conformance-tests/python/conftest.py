"""A real server for every test module, and clients for it.

The binary is the one ROLECALL_BIN names. Each module gets a server of its own with an empty state file, so modules do not see each other.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.config import Config

BINARY = os.environ.get("ROLECALL_BIN", "target/release/rolecall")
REGION = "us-east-1"
#: No retries: a test wants to see the first answer.
CONFIG = Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=30)


#: What boto3 was answered in this run, as (service, operation, error code or None). `test_seen.py` compares it with the models.
SEEN = set()


def note_answer(parsed, model, **_):
    SEEN.add((model.service_model.service_name, model.name, parsed.get("Error", {}).get("Code")))


class Server:
    """A running server and how to reach it."""

    def __init__(self, folder, *arguments):
        self.folder = pathlib.Path(folder)
        self.arguments = arguments
        self.process = None
        self.url = None
        self.clients = {}

    def start(self):
        options = {"--listen": self.url[7:] if self.url else "127.0.0.1:0", "--imds-port": self.imds_port,
                   "--state": str(self.folder / "state.db")}
        given = [part for option, value in options.items() if option not in self.arguments for part in (option, value)]
        command = [BINARY, "serve", *given, *self.arguments]
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=clean_environment())
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            found = re.match(r"\s+address\s+(http://\S+)", line)
            if found:
                self.url = found.group(1)
            found = re.match(r"\s+metadata\s+port (\d+)", line)
            if found:
                self.imds_port = found.group(1)
            if line.startswith("export AWS_REGION"):
                self.banner = "".join(lines)
                return self
        raise AssertionError("the server did not start: " + "".join(lines) + (self.folder / "log").read_text())

    imds_port = "0"

    def kill(self):
        """SIGKILL, in the middle of whatever it does."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=30) == 0, (self.folder / "log").read_text()

    def client(self, service, key=("test", "test"), region=REGION, config=CONFIG, **more):
        """A boto3 client with those keys (id, secret[, token]). The same one for the same wish: EC2's takes a tenth of a second to make."""
        wish = (service, tuple(key), region, config, *sorted(more.items()))
        if wish not in self.clients:
            token = key[2] if len(key) > 2 else None
            made = boto3.client(service, endpoint_url=self.url, region_name=region, aws_access_key_id=key[0], aws_secret_access_key=key[1],
                                aws_session_token=token, config=config, **more)
            made.meta.events.register("after-call", note_answer)
            self.clients[wish] = made
        return self.clients[wish]

    def account(self, account):
        """The root key of that account."""
        return (account, "test")

    def admin(self, method, path, body=None):
        """Calls the admin API."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.url}/_rolecall/{path}", data=data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def refused(self, method, path, body=None):
        """With which status and words the admin API refuses."""
        with pytest.raises(urllib.error.HTTPError) as refusal:
            self.admin(method, path, body)
        return refusal.value.code, json.load(refusal.value)["error"]

    def advance(self, by):
        return self.admin("POST", "clock", {"advance": by})

    def metadata_url(self, instance_id):
        return self.admin("GET", f"instances/{instance_id}")["metadata"]

    def run(self, *arguments, **more):
        """Runs one of our own commands against this server."""
        environment = {**clean_environment(), "AWS_ENDPOINT_URL": self.url, **more.pop("env", {})}
        return subprocess.run([BINARY, *arguments], env=environment, capture_output=True, text=True, timeout=120, **more)


def clean_environment():
    """The environment without anything that steers AWS clients."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ROLECALL_"))}
    return {**kept, "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("server")).start()
    yield running
    running.stop()


@pytest.fixture
def make_server(tmp_path):
    """Starts servers with further arguments."""
    running = []

    def make(*arguments):
        folder = tmp_path / str(len(running))
        folder.mkdir()
        running.append(Server(folder, *arguments).start())
        return running[-1]

    yield make
    for one in running:
        if one.process.poll() is None:
            one.stop()


class Metadata:
    """Speaks to an instance's metadata service without any SDK."""

    def __init__(self, url):
        self.url = url

    def request(self, path, method="GET", headers=None):
        request = urllib.request.Request(self.url + path, method=method, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers

    def token(self, seconds=21600):
        status, token, _ = self.request("/latest/api/token", "PUT", {"X-aws-ec2-metadata-token-ttl-seconds": str(seconds)})
        assert status == 200, token
        return token

    def get(self, path):
        status, text, _ = self.request(path, headers={"X-aws-ec2-metadata-token": self.token()})
        assert status == 200, (path, status, text)
        return text

    def credentials(self, role):
        document = json.loads(self.get(f"/latest/meta-data/iam/security-credentials/{role}"))
        return (document["AccessKeyId"], document["SecretAccessKey"], document["Token"])


@pytest.fixture
def metadata(server):
    return lambda instance_id: Metadata(server.metadata_url(instance_id))


def error_of(call, **arguments):
    """The code, message and HTTP status with which a call fails."""
    from botocore.exceptions import ClientError

    with pytest.raises(ClientError) as failed:
        call(**arguments)
    answer = failed.value.response
    return answer["Error"]["Code"], answer["Error"].get("Message"), answer["ResponseMetadata"]["HTTPStatusCode"]


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(*principals, **more):
    """A trust policy for services (`ec2.amazonaws.com`) and ARNs."""
    statements = []
    for principal in principals:
        kind = "AWS" if principal.startswith("arn:") or principal.isdigit() else "Service"
        statements.append({"Effect": "Allow", "Principal": {kind: principal}, "Action": "sts:AssumeRole", **more})
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def make_user(iam, name, *statements):
    """A user with those permissions and a key."""
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="permissions", PolicyDocument=policy(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def make_profile(iam, role, *statements, principals=("ec2.amazonaws.com",)):
    """A role that EC2 may assume, in an instance profile of the same name; its ARN."""
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust(*principals))["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=role, PolicyName="permissions", PolicyDocument=policy(*statements))
    iam.create_instance_profile(InstanceProfileName=role)
    iam.add_role_to_instance_profile(InstanceProfileName=role, RoleName=role)
    return arn


def put_disk(server, key="server.raw", size="2GiB"):
    """A file in the bucket `disks` that stands for the image of a disk; how imports name it."""
    server.admin("PUT", f"s3-files/disks/{key}?size={size}", {})
    return {"S3Bucket": "disks", "S3Key": key}


def make_import_role(iam, name="vmimport", principal="vmie.amazonaws.com", statement=None):
    """The role with which VM Import reads the bucket `disks`."""
    condition = {"StringEquals": {"sts:Externalid": "vmimport"}}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(principal, Condition=condition))
    iam.put_role_policy(RoleName=name, PolicyName="disks", PolicyDocument=policy(statement or allow("s3:*", Resource="arn:aws:s3:::disks/*")))


def image(ec2):
    """The newest Amazon Linux 2023 for x86_64."""
    images = ec2.describe_images(Owners=["amazon"], Filters=[
        {"Name": "name", "Values": ["al2023-ami-2023.*-x86_64"]}, {"Name": "architecture", "Values": ["x86_64"]}])["Images"]
    return max(images, key=lambda found: found["CreationDate"])["ImageId"]


def launch(ec2, **more):
    """Launches one t3.micro; its id."""
    arguments = {"ImageId": image(ec2), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, **more}
    return ec2.run_instances(**arguments)["Instances"][0]["InstanceId"]


def register(server, ec2, name, **more):
    """An image of the account's own, of a new volume's snapshot."""
    source = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"]
    server.advance("2s")
    held = ec2.create_snapshot(VolumeId=source)["SnapshotId"]
    server.advance("2s")
    made = ec2.register_image(Name=name, Architecture="x86_64", RootDeviceName="/dev/xvda", VirtualizationType="hvm", EnaSupport=True,
                              BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": held}}], **more)["ImageId"]
    server.advance("2s")
    return made


def new_transit_gateway(server, ec2, **options):
    """A transit gateway that is done; its id."""
    name = ec2.create_transit_gateway(Options=options)["TransitGateway"]["TransitGatewayId"]
    server.advance("5m")
    return name


def attach_to_transit(server, ec2, gateway, vpc, subnets, **more):
    """Attaches a VPC to a transit gateway; the id of the attachment, which is done."""
    made = ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=gateway, VpcId=vpc, SubnetIds=subnets, **more)["TransitGatewayVpcAttachment"]
    server.advance("5m")
    return made["TransitGatewayAttachmentId"]


def default_transit_table(ec2, gateway):
    """The route table that the attachments of a transit gateway use by themselves."""
    return ec2.describe_transit_gateways(TransitGatewayIds=[gateway])["TransitGateways"][0]["Options"]["AssociationDefaultRouteTableId"]


def transit_blocks(ec2, table, name, *values):
    """The blocks of the routes that one filter finds in a transit gateway's route table."""
    found = ec2.search_transit_gateway_routes(TransitGatewayRouteTableId=table, Filters=[{"Name": name, "Values": list(values)}])["Routes"]
    return [one["DestinationCidrBlock"] for one in found]


def pytest_configure(config):
    config.addinivalue_line("markers", "last: judges the whole run, after all other tests")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)
