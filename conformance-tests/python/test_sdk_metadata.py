"""boto3's own metadata provider on instances: tokens required and optional, a token that expires on the way, the service switched off, keys that
rotate with the clock, and outages that end.

What the service answers to single requests is in `test_imds.py`; one running client over a day in `test_time.py`.
"""

import concurrent.futures
import contextlib
import datetime
import http.server
import threading
import urllib.error
import urllib.request

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError, CredentialRetrievalError, EndpointConnectionError, MetadataRetrievalError
from botocore.utils import IMDSRegionProvider

from conftest import CONFIG, allow, error_of, launch, make_profile, trust

ACCOUNT = "000000000000"
SECOND_VERSION = {"NumericGreaterThanEquals": {"ec2:RoleDelivery": "2.0"}}


class Proxy:
    """Something between an instance and its metadata service. It adds headers, loses requests of a method, and tells what passed."""

    def __init__(self, upstream):
        self.upstream, self.headers, self.loses, self.passed = upstream, {}, None, lambda method, path: None
        self.ended = threading.Event()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                if self.command == proxy.loses:
                    proxy.ended.wait(30)
                    return
                request = urllib.request.Request(proxy.upstream + self.path, method=self.command, headers={**dict(self.headers), **proxy.headers})
                try:
                    answer = urllib.request.urlopen(request, timeout=10)
                except urllib.error.HTTPError as refused:
                    answer = refused
                body = answer.read()
                proxy.passed(self.command, self.path)
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def between():
    """Makes proxies."""
    with contextlib.ExitStack() as stack:
        yield lambda upstream: stack.enter_context(contextlib.closing(Proxy(upstream)))


@pytest.fixture
def on(monkeypatch):
    """A session as a program on an instance has it: nothing but the address of its metadata service."""
    def session(url, **variables):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION"):
            monkeypatch.delenv(name, raising=False)
        told = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_SERVICE_ENDPOINT": url,
                "AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_V1_DISABLED": "false", **variables}
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        return botocore.session.Session()

    return session


@pytest.fixture(scope="module")
def ec2(server):
    role = "On-instance"
    make_profile(server.client("iam"), role, allow("iam:ListRoles", Condition=SECOND_VERSION), allow("ec2:DescribeVpcs"))
    return server.client("ec2")


def instance(ec2, tokens="required"):
    return launch(ec2, IamInstanceProfile={"Name": "On-instance"}, MetadataOptions={"HttpTokens": tokens})


@pytest.fixture(autouse=True)
def real_time(server):
    yield
    server.admin("POST", "clock", {"reset": True, "clientsMoved": False})


def client(server, session, service="sts"):
    return boto3.Session(botocore_session=session).client(service, endpoint_url=server.url, region_name="us-east-1", config=CONFIG)


def delivered(server, session):
    """The version of the service that the session's credentials came by: only the second may list roles."""
    assert client(server, session).get_caller_identity()["Account"] == ACCOUNT
    try:
        return 2 if client(server, session, "iam").list_roles() else None
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDenied"
        return 1


def move(server, credentials, hours):
    """Moves the server's clock and, as on a machine whose time went on, the client's."""
    time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    server.admin("POST", "clock", {"set": time.strftime("%Y-%m-%dT%H:%M:%SZ"), "clientsMoved": True})
    credentials._time_fetcher = lambda: datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)


@pytest.mark.parametrize("tokens", ["required", "optional"])
def test_the_provider_takes_a_token_either_way(server, ec2, on, tokens):
    assert delivered(server, on(server.metadata_url(instance(ec2, tokens)))) == 2


@pytest.mark.parametrize("lost", [True, False], ids=["lost", "refused"])
def test_without_a_token_it_depends_on_the_instance(server, ec2, on, between, lost):
    """A token request is lost where there are more hops than allowed, and refused behind a proxy: the SDK goes on with the first version."""
    for tokens, version in (("optional", 1), ("required", None)):
        proxy = between(server.metadata_url(instance(ec2, tokens)))
        if lost:
            proxy.loses = "PUT"
        else:
            proxy.headers = {"X-Forwarded-For": "10.0.0.1"}
        session = on(proxy.url)
        if version:
            assert delivered(server, session) == version
        else:
            assert session.get_credentials() is None
        with pytest.raises(MetadataRetrievalError):
            on(proxy.url, AWS_EC2_METADATA_V1_DISABLED="true").get_credentials()


def test_tokens_become_required_and_optional_again_under_a_client(server, ec2, on, between):
    held = instance(ec2, "optional")
    proxy = between(server.metadata_url(held))
    proxy.headers = {"X-Forwarded-For": "10.0.0.1"}
    session = on(proxy.url)
    credentials = session.get_credentials()
    ec2.modify_instance_metadata_options(InstanceId=held, HttpTokens="required")
    move(server, credentials, 7)
    with pytest.raises(CredentialRetrievalError):
        credentials.get_frozen_credentials()
    ec2.modify_instance_metadata_options(InstanceId=held, HttpTokens="optional")
    assert delivered(server, session) == 1
    proxy.headers = {}
    move(server, credentials, 14)
    assert delivered(server, session) == 2


def test_a_token_that_expires_on_the_way(server, ec2, on, between):
    """boto3 asks for six hours; it does not take another token within one retrieval, but the next retrieval is good."""
    proxy = between(server.metadata_url(instance(ec2)))
    proxy.passed = lambda method, path: method == "PUT" and server.advance("6h1m")
    assert on(proxy.url).get_credentials() is None
    proxy.passed = lambda method, path: method == "PUT" and server.advance("5h59m")
    assert on(proxy.url).get_credentials() is not None


def test_switched_off_and_on_again(server, ec2, on):
    held = instance(ec2)
    url = server.metadata_url(held)
    running = on(url)
    credentials = running.get_credentials()
    ec2.modify_instance_metadata_options(InstanceId=held, HttpEndpoint="disabled")
    assert on(url).get_credentials() is None
    assert IMDSRegionProvider(on(url)).provide() is None
    # What it has it uses until that needs to be renewed.
    assert delivered(server, running) == 2
    move(server, credentials, 5.8)
    with pytest.raises(CredentialRetrievalError):
        client(server, running).get_caller_identity()
    ec2.modify_instance_metadata_options(InstanceId=held, HttpEndpoint="enabled")
    assert delivered(server, running) == 2
    assert IMDSRegionProvider(on(url)).provide() == "us-east-1"


def test_disabled_by_the_client(server, ec2, on):
    assert on(server.metadata_url(instance(ec2)), AWS_EC2_METADATA_DISABLED="true").get_credentials() is None


def test_a_role_that_is_lost_and_comes_back(server, ec2, on):
    iam = server.client("iam")
    session = on(server.metadata_url(instance(ec2)))
    credentials = session.get_credentials()
    iam.update_assume_role_policy(RoleName="On-instance", PolicyDocument=trust("lambda.amazonaws.com"))
    move(server, credentials, 7)
    with pytest.raises(CredentialRetrievalError):
        credentials.get_frozen_credentials()
    iam.update_assume_role_policy(RoleName="On-instance", PolicyDocument=trust("ec2.amazonaws.com"))
    assert delivered(server, session) == 2


def test_keys_rotate_under_many_threads(server, ec2, on):
    """A day, hour by hour: no call fails, whichever thread renews, and each set is used by all soon after."""
    held = instance(ec2)
    session = on(server.metadata_url(held))
    credentials = session.get_credentials()
    sts = client(server, session)
    keys = []
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for hours in range(25):
            move(server, credentials, hours)
            arns = list(pool.map(lambda _: sts.get_caller_identity()["Arn"], range(24)))
            assert set(arns) == {f"arn:aws:sts::{ACCOUNT}:assumed-role/On-instance/{held}"}, hours
            keys.append(credentials.get_frozen_credentials().access_key)
    assert 4 <= len(set(keys)) <= 6
    # A new process has the newest set, and what a running one holds is still good.
    move(server, credentials, 25)
    fresh = on(server.metadata_url(held))
    assert fresh.get_credentials().get_frozen_credentials().access_key not in keys
    assert delivered(server, fresh) == delivered(server, session) == 2


def test_an_outage_of_the_whole_server(make_server, on):
    server = make_server()
    ec2 = server.client("ec2")
    make_profile(server.client("iam"), "On-instance", allow("iam:ListRoles", Condition=SECOND_VERSION))
    held = instance(ec2)
    url = server.metadata_url(held)
    running = on(url)
    credentials = running.get_credentials()
    sts = client(server, running)
    key = credentials.get_frozen_credentials().access_key
    for end in (server.stop, server.kill):
        end()
        with pytest.raises(EndpointConnectionError):
            sts.get_caller_identity()
        assert on(url).get_credentials() is None
        server.start()
        assert sts.get_caller_identity()["Arn"].endswith(f"/On-instance/{held}")
        assert credentials.get_frozen_credentials().access_key == key
        # The same instance, at the same address, with a set that is as good as the one before.
        assert server.metadata_url(held) == url and delivered(server, on(url)) == 2


def test_an_outage_when_keys_are_to_be_renewed(make_server, on):
    server = make_server()
    make_profile(server.client("iam"), "On-instance", allow("iam:ListRoles", Condition=SECOND_VERSION))
    session = on(server.metadata_url(instance(server.client("ec2"))))
    credentials = session.get_credentials()
    old = credentials.get_frozen_credentials()
    move(server, credentials, 5.8)
    server.stop()
    for _ in range(2):
        with pytest.raises(CredentialRetrievalError):
            credentials.get_frozen_credentials()
    server.start()
    assert credentials.get_frozen_credentials().access_key != old.access_key
    assert delivered(server, session) == 2
    # The moved clock was kept over the stop, and by it what was held before has some minutes left.
    sts = server.client("sts", tuple(old)[:3])
    assert sts.get_caller_identity()["Account"] == ACCOUNT
    server.advance("1h")
    assert error_of(sts.get_caller_identity)[0] == "ExpiredToken"


def test_an_outage_of_the_metadata_service_alone(server, ec2, on, between):
    """Calls go on with what the client holds."""
    proxy = between(server.metadata_url(instance(ec2)))
    session = on(proxy.url)
    assert delivered(server, session) == 2
    proxy.loses = "GET"
    assert on(proxy.url).get_credentials() is None
    assert delivered(server, session) == 2
    proxy.loses = None
    assert delivered(server, on(proxy.url)) == 2
