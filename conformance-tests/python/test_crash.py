"""Step 7 of the story: the server is killed in the middle of it all and started again on the same state. And: starts that must fail, clearly."""

import concurrent.futures
import pathlib
import random
import signal
import socket
import sqlite3
import subprocess
import threading
import time

from botocore.exceptions import BotoCoreError, ClientError

from conftest import BINARY, Metadata, allow, clean_environment, error_of, image, launch, make_profile, make_user, policy, trust

ACCOUNT = "000000000000"


class Load:
    """Writers that note what was answered, what was refused, and what they cannot know because the answer never came."""

    def __init__(self, server):
        self.server = server
        self.roles, self.instances, self.unknown = [], [], []
        self.stop = threading.Event()
        self.image = image(server.client("ec2"))

    def write_roles(self, worker):
        iam = self.server.client("iam")
        for number in range(100_000):
            if self.stop.is_set():
                return
            name = f"role-{worker}-{number}"
            try:
                iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust("ec2.amazonaws.com"),
                                Tags=[{"Key": "worker", "Value": str(worker)}])
                iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(allow("s3:Get*")))
            except (BotoCoreError, ClientError):
                self.unknown.append(name)
                return
            self.roles.append(name)

    def launch_instances(self, worker):
        ec2 = self.server.client("ec2")
        for number in range(100_000):
            if self.stop.is_set():
                return
            try:
                made = ec2.run_instances(ImageId=self.image, InstanceType="t3.micro", MinCount=3, MaxCount=3, TagSpecifications=[
                    {"ResourceType": "instance", "Tags": [{"Key": "launch", "Value": f"{worker}-{number}"}]}])["Instances"]
                stopped = made[0]["InstanceId"]
                ec2.terminate_instances(InstanceIds=[stopped])
            except (BotoCoreError, ClientError):
                return
            self.instances.append((f"{worker}-{number}", [one["InstanceId"] for one in made], stopped))

    def try_in_vain(self):
        """What is refused or only tried must never be there."""
        iam, ec2 = self.server.client("iam"), self.server.client("ec2")
        nobody = self.server.client("iam", self.nobody)
        while not self.stop.is_set():
            try:
                assert error_of(nobody.create_role, RoleName="refused", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))[0] == "AccessDenied"
                assert error_of(iam.create_role, RoleName="malformed", AssumeRolePolicyDocument="{}")[0] == "MalformedPolicyDocument"
                assert error_of(ec2.run_instances, ImageId=self.image, InstanceType="t3.micro", MinCount=1, MaxCount=1, DryRun=True)[0] == "DryRunOperation"
            except BotoCoreError:
                return


def test_killed_under_load(make_server):
    server = make_server()
    iam, ec2 = server.client("iam"), server.client("ec2")
    make_profile(iam, "Get-pics", allow("iam:ListRoles"))
    instance = launch(ec2, IamInstanceProfile={"Name": "Get-pics"})
    metadata = Metadata(server.metadata_url(instance))
    session = metadata.credentials("Get-pics")
    token = metadata.token()
    stopped = launch(ec2)
    ec2.get_waiter("instance_running").wait(InstanceIds=[stopped], WaiterConfig={"Delay": 1})
    ec2.stop_instances(InstanceIds=[stopped])
    load = Load(server)
    load.nobody = make_user(iam, "nobody")
    address = server.metadata_url(instance)

    for _ in range(3):
        load.stop.clear()
        before = len(load.roles) + len(load.instances)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            salt = len(load.roles)
            work = [pool.submit(load.write_roles, f"{salt}-{worker}") for worker in range(4)]
            work += [pool.submit(load.launch_instances, f"{salt}-{worker}") for worker in range(2)]
            work += [pool.submit(load.try_in_vain)]
            # The kill comes at no particular moment, but not before some writes were answered.
            reached = before + random.randint(20, 120)
            while len(load.roles) + len(load.instances) < reached and not all(one.done() for one in work):
                time.sleep(0.005)
            server.kill()
            load.stop.set()
            for one in work:
                one.result()
        assert len(load.roles) + len(load.instances) > before
        server.start()
        holds(server, load)

    # Sessions and tokens issued before the kill still work, the instance kept its address, and states went on.
    assert server.client("sts", session).get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Get-pics/{instance}"
    assert server.client("iam", session).list_roles(MaxItems=1)["Roles"]
    assert server.metadata_url(instance) == address
    status, text, _ = Metadata(address).request("/latest/meta-data/instance-id", headers={"X-aws-ec2-metadata-token": token})
    assert (status, text) == (200, instance)
    server.advance("1m")
    states = {one["InstanceId"]: one["State"]["Name"] for one in described(server)}
    assert (states[instance], states[stopped]) == ("running", "stopped")


def holds(server, load):
    """Everything answered is there, whole; nothing refused is."""
    iam = server.client("iam")
    there = {role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]}
    assert set(load.roles) <= there
    assert not {"refused", "malformed"} & there
    assert there <= set(load.roles) | set(load.unknown) | {"Get-pics"}
    for name in random.sample(load.roles, min(20, len(load.roles))):
        assert iam.get_role_policy(RoleName=name, PolicyName="p")["PolicyDocument"]["Statement"]
        assert iam.list_role_tags(RoleName=name)["Tags"]
    found = {one["InstanceId"]: one for one in described(server)}
    for tag, ids, terminated in load.instances:
        assert set(ids) <= set(found)
        assert found[terminated]["State"]["Name"] in ("shutting-down", "terminated")
        assert all({"Key": "launch", "Value": tag} in found[one]["Tags"] for one in ids)
    # A launch is three instances with their tags, volumes and interfaces, or none.
    launches = {}
    for one in found.values():
        for tag in one.get("Tags", []):
            launches.setdefault(tag["Value"], []).append(one)
        if one["State"]["Name"] not in ("terminated", "shutting-down"):
            assert one["NetworkInterfaces"] and one["BlockDeviceMappings"], one["InstanceId"]
    assert all(len(group) == 3 for group in launches.values())


def described(server):
    pages = server.client("ec2").get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 1000})
    return [one for page in pages for reservation in page["Reservations"] for one in reservation["Instances"]]


def test_sigterm_finishes_running_requests(make_server):
    server = make_server()
    load = Load(server)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        work = [pool.submit(load.write_roles, str(worker)) for worker in range(8)]
        while len(load.roles) < 50:
            time.sleep(0.005)
        # A request whose head has arrived but not its end is a running one: it gets its answer.
        with half_sent(server) as rest:
            server.process.send_signal(signal.SIGTERM)
            load.stop.set()
            answer = rest()
        for one in work:
            one.result()
    assert server.process.wait(timeout=30) == 0
    assert answer.startswith(b"HTTP/1.1 403 ") and b"MissingAuthenticationToken" in answer, answer
    server.start()
    there = {role["RoleName"] for page in server.client("iam").get_paginator("list_roles").paginate() for role in page["Roles"]}
    assert set(load.roles) <= there
    # A clean stop leaves one file, nothing to be recovered.
    server.stop()
    names = sorted(path.name for path in server.folder.glob("state.db*"))
    assert not [name for name in names if name.endswith("-wal") and (server.folder / name).stat().st_size], names


class half_sent:
    """A request of which the second half waits."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        host, port = self.server.url[7:].split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=10)
        body = b"Action=ListUsers&Version=2010-05-08"
        head = f"POST / HTTP/1.1\r\nHost: iam.amazonaws.com\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" \
               "Expect: 100-continue\r\n\r\n"
        self.socket.sendall(head.encode())
        # Now the server is known to have begun.
        assert self.socket.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        self.socket.sendall(body[:10])
        self.rest = body[10:]
        return self.finish

    def finish(self):
        self.socket.sendall(self.rest)
        answer = b""
        while chunk := self.socket.recv(65536):
            answer += chunk
        return answer

    def __exit__(self, *_):
        self.socket.close()


def fails_to_start(*arguments):
    """The one line with which a start fails."""
    done = subprocess.run([BINARY, "serve", *map(str, arguments)], env=clean_environment(), capture_output=True, text=True, timeout=30)
    assert done.returncode not in (0, None) and done.returncode > 0
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("rolecall: "), done.stderr
    return lines[0]


def test_a_taken_port(make_server, tmp_path):
    server = make_server()
    address = server.url[7:]
    line = fails_to_start("--listen", address, "--imds-port", 0, "--state", tmp_path / "other.db")
    assert address in line
    line = fails_to_start("--listen", "127.0.0.1:0", "--imds-port", server.imds_port, "--state", tmp_path / "other.db")
    assert server.imds_port in line
    assert server.client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_a_second_server_on_the_same_state(make_server):
    server = make_server()
    server.client("iam").create_user(UserName="here")
    line = fails_to_start("--listen", "127.0.0.1:0", "--imds-port", 0, "--state", server.folder / "state.db")
    assert "state.db" in line
    server.client("iam").create_user(UserName="there")
    server.kill()
    # A killed server holds nothing: the next one may start at once.
    server.start()
    assert {user["UserName"] for user in server.client("iam").list_users()["Users"]} == {"here", "there"}


def test_a_file_that_is_no_state(tmp_path):
    path = tmp_path / "state.db"
    path.write_bytes(b"these are holiday pictures, not a database\n" * 100)
    before = path.read_bytes()
    assert str(path) in fails_to_start("--listen", "127.0.0.1:0", "--imds-port", 0, "--state", path)
    assert path.read_bytes() == before


def test_a_database_of_another_program(tmp_path):
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE albums (name TEXT)")
        other.execute("INSERT INTO albums VALUES ('summer')")
    other.close()
    assert str(path) in fails_to_start("--listen", "127.0.0.1:0", "--imds-port", 0, "--state", path)
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT name FROM albums").fetchall() == [("summer",)]
        assert other.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)


def test_a_state_that_cannot_be_read(tmp_path):
    file = tmp_path / "file"
    file.write_text("no folder")
    assert str(file) in fails_to_start("--listen", "127.0.0.1:0", "--imds-port", 0, "--state", file / "state.db")
    assert str(tmp_path) in fails_to_start("--listen", "127.0.0.1:0", "--imds-port", 0, "--state", tmp_path)


def test_a_newer_state(make_server):
    server = make_server()
    server.client("iam").create_user(UserName="kept")
    server.stop()
    path = server.folder / "state.db"
    with sqlite3.connect(path) as state:
        state.execute("INSERT INTO migration (name) VALUES ('9000_future')")
    state.close()
    line = fails_to_start("--listen", "127.0.0.1:0", "--imds-port", 0, "--state", path)
    assert "newer" in line and str(path) in line
    with sqlite3.connect(path) as state:
        state.execute("DELETE FROM migration WHERE name = '9000_future'")
    state.close()
    server.start()
    assert [user["UserName"] for user in server.client("iam").list_users()["Users"]] == ["kept"]


def test_the_state_file_is_private_and_readable_beside_the_server(make_server):
    server = make_server()
    server.client("iam").create_user(UserName="ada")
    path = server.folder / "state.db"
    assert path.stat().st_mode & 0o077 == 0
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as state:
        tables = {name for (name,) in state.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
        assert any("user" in name for name in tables), tables
    state.close()


def test_reset(make_server):
    server = make_server()
    key = make_user(server.client("iam"), "gone", allow("*"))
    session = server.client("sts", key).get_session_token()["Credentials"]
    server.advance("10h")
    assert server.run("reset").returncode == 0
    assert server.client("iam").list_users()["Users"] == []
    assert error_of(server.client("sts", key).get_caller_identity)[0] == "InvalidClientTokenId"
    ended = (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    assert error_of(server.client("sts", ended).get_caller_identity)[0] == "InvalidClientTokenId"
    assert server.admin("GET", "clock")["offsetSeconds"] == 0


def test_memory_needs_no_file(tmp_path):
    process = subprocess.Popen([str(pathlib.Path(BINARY).resolve()), "--listen", "127.0.0.1:0", "--imds-port", "0", "--state", "memory"],
                               cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=clean_environment())
    for line in process.stdout:
        if line.startswith("export AWS_REGION"):
            break
    assert list(tmp_path.iterdir()) == []
    process.terminate()
    assert process.wait(timeout=10) == 0
