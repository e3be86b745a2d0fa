"""Step 4 of the story: time is a value. What moving the clock does to credentials, to clients on real time, and to clients that move along."""

import datetime
import json
import pathlib
import subprocess
import sys

import boto3
import pytest

from conftest import CONFIG, Metadata, clean_environment, error_of, launch, make_profile, make_user, allow, trust

ACCOUNT = "000000000000"
#: Where distributions put the variant of libfaketime for programs with threads.
LIBRARIES = [found for place in ("/usr/lib", "/usr/lib64", "/usr/local/lib")
             for found in pathlib.Path(place).glob("**/faketime/libfaketimeMT.so.1")]


@pytest.fixture(scope="module")
def instance(server):
    make_profile(server.client("iam"), "Clock", allow("ec2:DescribeVpcs"))
    return launch(server.client("ec2"), IamInstanceProfile={"Name": "Clock"})


@pytest.fixture(autouse=True)
def real_time(server):
    yield
    server.admin("POST", "clock", {"reset": True, "clientsMoved": False})


def on_instance(server, instance, script):
    done = server.run("exec", instance, "--", sys.executable, "-c", script)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_vended_credentials_expire_with_the_modelled_clock(server, instance):
    metadata = Metadata(server.metadata_url(instance))
    key = metadata.credentials("Clock")
    sts, iam, ec2 = (server.client(service, key) for service in ("sts", "iam", "ec2"))
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Clock/{instance}"
    server.advance("5h")
    assert sts.get_caller_identity()["Account"] == ACCOUNT
    server.advance("2h")
    expired = ("ExpiredToken", "The security token included in the request is expired", 403)
    assert error_of(sts.get_caller_identity) == expired
    assert error_of(iam.list_users) == expired
    assert error_of(ec2.describe_vpcs) == ("RequestExpired", "Request has expired.", 400)
    # A new process finds fresh ones.
    script = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    assert on_instance(server, instance, script) == f"arn:aws:sts::{ACCOUNT}:assumed-role/Clock/{instance}"
    # Moved back, what had expired is good again: elapsed time is what counts.
    server.advance("-7h")
    assert sts.get_caller_identity()["Account"] == ACCOUNT


def test_sessions_expire_with_the_modelled_clock(server):
    iam = server.client("iam")
    key = make_user(iam, "bob", allow("sts:*"))
    role = iam.create_role(RoleName="Short", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:user/bob"))["Role"]["Arn"]
    sts = server.client("sts", key)
    assumed = sts.assume_role(RoleArn=role, RoleSessionName="short", DurationSeconds=900)["Credentials"]
    session = server.client("sts", (assumed["AccessKeyId"], assumed["SecretAccessKey"], assumed["SessionToken"]))
    server.advance("14m")
    assert session.get_caller_identity()["Arn"].endswith("assumed-role/Short/short")
    server.advance("2m")
    assert error_of(session.get_caller_identity)[0] == "ExpiredToken"
    token = sts.get_session_token(DurationSeconds=3600)["Credentials"]
    # A client on real time is told a time by its own clock.
    assert abs(token["Expiration"] - now() - datetime.timedelta(hours=1)) < datetime.timedelta(minutes=1)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


@pytest.mark.parametrize("by", ["72h", "-72h", "8760h"])
def test_unmodified_clients_still_sign(server, instance, by):
    server.advance(by)
    assert server.client("sts").get_caller_identity()["Account"] == ACCOUNT
    assert server.client("ec2").describe_vpcs()["Vpcs"]
    assert server.client("sts", Metadata(server.metadata_url(instance)).credentials("Clock")).get_caller_identity()["Account"] == ACCOUNT


def test_a_new_set_every_hour_and_the_same_within(server, instance):
    metadata = Metadata(server.metadata_url(instance))

    def key():
        return metadata.credentials("Clock")[0]

    # To the first minute of an hour, so that steps of 25 minutes are known to stay in it or leave it.
    start = (now() + datetime.timedelta(days=2)).replace(minute=1, second=0, microsecond=0)
    at = [start + datetime.timedelta(minutes=minutes) for minutes in (0, 25, 50, 75, 100)]
    keys = []
    for time in at:
        server.admin("POST", "clock", {"set": time.strftime("%Y-%m-%dT%H:%M:%SZ")})
        keys.append(key())
        assert key() == keys[-1]
    assert len(set(keys)) == 2, keys
    assert keys[0] == keys[1]
    assert keys[3] == keys[4] != keys[0]


def test_expirations_are_told_in_the_clock_of_the_client(server, instance):
    """An SDK renews by its own clock, so that is the clock it must be told times in."""
    metadata = Metadata(server.metadata_url(instance))

    def expiration():
        text = json.loads(metadata.get("/latest/meta-data/iam/security-credentials/Clock"))["Expiration"]
        return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)

    server.advance("240h")
    assert datetime.timedelta(hours=4.9) < expiration() - now() <= datetime.timedelta(hours=6)
    server.admin("POST", "clock", {"clientsMoved": True})
    moved = expiration() - now() - datetime.timedelta(hours=240)
    assert datetime.timedelta(hours=4.9) < moved <= datetime.timedelta(hours=6)


def test_the_response_tells_the_modelled_time(server):
    server.advance("48h")
    headers = server.client("sts").get_caller_identity()["ResponseMetadata"]["HTTPHeaders"]
    told = datetime.datetime.strptime(headers["x-rolecall-time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    date = datetime.datetime.strptime(headers["date"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=datetime.timezone.utc)
    assert abs(told - now() - datetime.timedelta(hours=48)) < datetime.timedelta(minutes=1)
    # The JavaScript SDK signs by the Date header of every answer: it is the real time, always.
    assert abs(date - now()) < datetime.timedelta(minutes=1)


def test_states_follow_the_clock(server):
    ec2 = server.client("ec2")
    started = launch(ec2)
    server.advance("1m")
    [[found]] = [one["Instances"] for one in ec2.describe_instances(InstanceIds=[started])["Reservations"]]
    assert found["State"]["Name"] == "running"
    ec2.terminate_instances(InstanceIds=[started])
    server.advance("30m")
    assert ec2.describe_instances(InstanceIds=[started])["Reservations"][0]["Instances"][0]["State"]["Name"] == "terminated"
    server.advance("45m")
    assert error_of(ec2.describe_instances, InstanceIds=[started])[0] == "InvalidInstanceID.NotFound"


RUNNING = """
import json, sys, boto3
from botocore.config import Config
sts = boto3.client("sts", config=Config(retries={"max_attempts": 0}))
for line in sys.stdin:
    try:
        arn = sts.get_caller_identity()["Arn"]
        print(json.dumps({"arn": arn, "key": sts._request_signer._credentials.access_key}), flush=True)
    except Exception as error:
        print(json.dumps({"error": str(error)}), flush=True)
"""


@pytest.mark.skipif(not LIBRARIES, reason="libfaketime is not installed")
def test_a_running_client_whose_clock_moves_along_renews_by_itself(server, instance, tmp_path):
    offset = tmp_path / "offset"
    offset.write_text("+0\n")
    environment = {
        **clean_environment(), "AWS_ENDPOINT_URL": server.url, "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.metadata_url(instance), "LD_PRELOAD": str(LIBRARIES[0]),
        # Only the time of day moves; timers go on as they are.
        "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    client = subprocess.Popen([sys.executable, "-c", RUNNING], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    keys = set()
    try:
        for hours in range(25):
            server.admin("POST", "clock", {"set": (now() + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                                           "clientsMoved": True})
            offset.write_text(f"+{hours * 3600}\n")
            client.stdin.write("call\n")
            client.stdin.flush()
            answer = json.loads(client.stdout.readline())
            assert answer.get("arn") == f"arn:aws:sts::{ACCOUNT}:assumed-role/Clock/{instance}", (hours, answer)
            keys.add(answer["key"])
    finally:
        client.stdin.close()
        client.wait(timeout=10)
    # Each set lives six hours, so in a day a client has had at least four.
    assert len(keys) >= 4


def test_a_client_on_real_time_gets_expired_until_it_fetches_again(server, instance):
    """What an unmodified running client sees after `advance`: the README tells the same."""
    session = boto3.Session(region_name="us-east-1")
    key = Metadata(server.metadata_url(instance)).credentials("Clock")
    client = session.client("sts", endpoint_url=server.url, aws_access_key_id=key[0], aws_secret_access_key=key[1],
                            aws_session_token=key[2], config=CONFIG)
    client.get_caller_identity()
    server.advance("10h")
    for _ in range(2):
        assert error_of(client.get_caller_identity)[0] == "ExpiredToken"
    fresh = Metadata(server.metadata_url(instance)).credentials("Clock")
    assert server.client("sts", fresh).get_caller_identity()["Account"] == ACCOUNT


def test_a_moved_clock_survives_a_restart(make_server):
    server = make_server()
    server.advance("100h")
    before = server.admin("GET", "clock")
    server.stop()
    server.start()
    after = server.admin("GET", "clock")
    assert after["offsetSeconds"] == before["offsetSeconds"] == 360_000
    refused = server.run("clock", "advance", "yesterday")
    assert refused.returncode != 0 and "`yesterday` is not a duration" in refused.stderr
    shown = server.run("clock").stdout
    assert shown.startswith("now   ") and "\nwall  " in shown
