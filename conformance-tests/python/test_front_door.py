"""What meets a request before any operation does: signatures, routes, limits, headers, and what is not for everyone."""

import datetime
import http.client
import json
import random
import re
import socket
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

import boto3
import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from conftest import allow, error_of, make_user

ACCOUNT = "000000000000"
VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15", "ec2": "2016-11-15"}
BAD_SIGNATURE = ("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing "
                 "method. Consult the service documentation for details.")
EC2_REFUSAL = ("AuthFailure", "AWS was not able to validate the provided access credentials", 401)


def send(server, method="POST", path="/", body=b"", headers=None):
    """One plain HTTP request; status, headers and body."""
    host, port = server.url[7:].split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def signed(server, service, body, key=("test", "test"), at=None, headers=None, scope=None):
    """A request signed by botocore, at another time or with another scope if wanted; status, headers and body."""
    request = AWSRequest("POST", server.url + "/", data=body, headers={
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8", **(headers or {})})
    signer = At(Credentials(*key), scope or service, "us-east-1")
    signer.at = at
    signer.add_auth(request)
    return send(server, "POST", "/", body, dict(request.headers.items()))


class At(SigV4Auth):
    """Signs at a given time."""

    at = None

    def add_auth(self, request):
        if self.at is None:
            return super().add_auth(request)
        stamp = self.at.strftime("%Y%m%dT%H%M%SZ")
        request.context["timestamp"] = stamp
        request.headers["X-Amz-Date"] = stamp
        canonical = self.canonical_request(request)
        self._inject_signature_to_request(request, self.signature(self.string_to_sign(request, canonical), request))
        return None


def form(service, action, **parameters):
    return urllib.parse.urlencode({"Action": action, "Version": VERSIONS[service], **parameters}).encode()


def code_of(body):
    """Code and message of an error document of either protocol, which must be well-formed."""
    tree = xml.etree.ElementTree.fromstring(body)
    found = {element.tag.split("}")[-1]: element.text for element in tree.iter()}
    return found["Code"], found["Message"]


def test_presigned_identity(server):
    url = server.client("sts").generate_presigned_url("get_caller_identity", HttpMethod="GET")
    with urllib.request.urlopen(url) as answer:
        text = answer.read().decode()
        assert answer.headers["Content-Type"].startswith("text/xml")
    assert f"<Arn>arn:aws:iam::{ACCOUNT}:root</Arn>" in text
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    with urllib.request.urlopen(request) as answer:
        document = json.load(answer)
        assert answer.headers["Content-Type"] == "application/json"
    result = document["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
    assert result == {"UserId": ACCOUNT, "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:root"}
    # One changed letter of the query breaks it; so does another method.
    assert status_of(url.replace("GetCallerIdentity", "GetSessionToken")) == 403
    assert status_of(url, "POST") == 403


def status_of(url, method="GET"):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method)) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_presigned_url_lives_fifteen_minutes_of_real_time(server):
    server.advance("10h")
    url = server.client("sts").generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    assert status_of(url) == 200
    server.admin("POST", "clock", {"reset": True})
    assert status_of(url) == 200


@pytest.mark.parametrize("service", ["iam", "sts", "ec2"])
def test_wrong_secret(server, service):
    user = make_user(server.client("iam"), f"wrong-{service}", allow("*"))
    for key in (("test", "wrong"), (ACCOUNT, "wrong"), (user[0], "wrong" * 8)):
        got = error_of(simple(server.client(service, key)))
        assert got == (EC2_REFUSAL if service == "ec2" else ("SignatureDoesNotMatch", BAD_SIGNATURE, 403))


SIMPLE = {"iam": "list_users", "sts": "get_caller_identity", "ec2": "describe_vpcs"}


def simple(client):
    """A call without parameters."""
    return getattr(client, SIMPLE[client.meta.service_model.service_name])


@pytest.mark.parametrize("service", ["iam", "sts", "ec2"])
def test_unknown_keys(server, service):
    period = "The security token included in the request is invalid."
    for key in (("AKIAIOSFODNN7EXAMPLE", "x"), ("dummy", "dummy"), ("ASIAIOSFODNN7EXAMPLE", "x")):
        got = error_of(simple(server.client(service, key)))
        assert got == (EC2_REFUSAL if service == "ec2" else ("InvalidClientTokenId", period, 403))
    got = error_of(simple(server.client(service, ("ASIAIOSFODNN7EXAMPLE", "x", "not-a-token"))))
    assert got == (EC2_REFUSAL if service == "ec2" else ("InvalidClientTokenId", period.rstrip("."), 403))


def test_session_tokens_are_sealed(server):
    key = make_user(server.client("iam"), "sealed", allow("*"))
    made = server.client("sts", key).get_session_token()["Credentials"]
    token = made["SessionToken"]
    good = (made["AccessKeyId"], made["SecretAccessKey"], token)
    assert server.client("sts", good).get_caller_identity()["Arn"].endswith(":user/sealed")
    for place in [0, len(token) - 1, *random.sample(range(len(token)), 40)]:
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1:]
        code, _, status = error_of(server.client("sts", (*good[:2], changed)).get_caller_identity)
        assert (code, status) == ("InvalidClientTokenId", 403), place
    other = server.client("sts", key).get_session_token()["Credentials"]
    assert error_of(server.client("sts", (*good[:2], other["SessionToken"])).get_caller_identity)[0] == "InvalidClientTokenId"
    assert error_of(server.client("sts", good[:2]).get_caller_identity)[0] == "InvalidClientTokenId"
    assert error_of(server.client("sts", (key[0], key[1], token)).get_caller_identity)[0] == "InvalidClientTokenId"


def test_a_key_that_is_inactive_or_gone(server):
    iam = server.client("iam")
    key = make_user(iam, "keys", allow("*"))
    sts = server.client("sts", key)
    sts.get_caller_identity()
    iam.update_access_key(UserName="keys", AccessKeyId=key[0], Status="Inactive")
    assert error_of(sts.get_caller_identity)[0] == "InvalidClientTokenId"
    iam.update_access_key(UserName="keys", AccessKeyId=key[0], Status="Active")
    sts.get_caller_identity()
    iam.delete_access_key(UserName="keys", AccessKeyId=key[0])
    assert error_of(sts.get_caller_identity)[0] == "InvalidClientTokenId"


@pytest.mark.parametrize("minutes, start", [(-20, "Signature expired: "), (20, "Signature not yet current: ")])
def test_skewed_clocks(server, minutes, start):
    now = datetime.datetime.now(datetime.timezone.utc)
    at = now + datetime.timedelta(minutes=minutes)
    status, _, body = signed(server, "sts", form("sts", "GetCallerIdentity"), at=at)
    code, message = code_of(body)
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    assert (status, code) == (403, "SignatureDoesNotMatch")
    pattern = r"(\d{8}T\d{6}Z) \((\d{8}T\d{6}Z) ([+-]) 15 min\.\)"
    then = "is now earlier than " if minutes < 0 else "is still later than "
    assert re.fullmatch(re.escape(start + stamp) + " " + then + pattern, message), message
    status, _, body = signed(server, "ec2", form("ec2", "DescribeVpcs"), at=at)
    assert (status, code_of(body)) in [(401, EC2_REFUSAL[:2]), (400, ("RequestExpired", "Request has expired."))]
    # Within the quarter of an hour nothing is said.
    assert signed(server, "sts", form("sts", "GetCallerIdentity"), at=now + datetime.timedelta(minutes=minutes * 0.7))[0] == 200


def test_a_client_under_the_moved_clock(server):
    server.advance("240h")
    at = datetime.datetime.now(datetime.timezone.utc)
    for hours, expected in ((0, 200), (240, 200), (120, 403)):
        when = at + datetime.timedelta(hours=hours)
        assert signed(server, "sts", form("sts", "GetCallerIdentity"), at=when)[0] == expected
    server.admin("POST", "clock", {"reset": True})


def test_unsigned(server):
    for service, action, expected in [
        ("iam", "ListUsers", (403, ("MissingAuthenticationToken", "Request is missing Authentication Token"))),
        ("sts", "GetCallerIdentity", (403, ("MissingAuthenticationToken", "Request is missing Authentication Token"))),
        ("ec2", "DescribeVpcs", (400, ("MissingParameter", "The request must contain the parameter AWSAccessKeyId"))),
    ]:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Host": f"{service}.amazonaws.com"}
        status, _, body = send(server, body=form(service, action), headers=headers)
        assert (status, code_of(body)) == expected


def test_broken_authorization_headers(server):
    body = form("sts", "GetCallerIdentity")
    for value, code, part in [
        ("AWS4-HMAC-SHA256", "IncompleteSignature", "Authorization header requires 'Credential' parameter."),
        ("AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/sts/aws4_request", "IncompleteSignature", "Authorization header requires 'Signature' parameter."),
        ("AWS5-HMAC-SHA256 Credential=a", "IncompleteSignature", "Unsupported AWS 'algorithm': 'AWS5-HMAC-SHA256'"),
    ]:
        status, _, answer = send(server, body=body, headers={"Authorization": value, "X-Amz-Date": "20260101T000000Z", "Host": "sts.amazonaws.com"})
        got, message = code_of(answer)
        assert (got, status) == (code, 400), answer
        assert part in message


def test_a_scope_for_another_service(server):
    # A request to us by version and action: AWS says what is wrong with the scope.
    status, _, body = signed(server, "sts", form("sts", "GetCallerIdentity"), scope="sqs")
    assert (status, code_of(body)) == (403, ("SignatureDoesNotMatch", "Credential should be scoped to correct service: 'sts'."))
    # A request to somebody else.
    status, _, body = signed(server, "sts", b"Action=ListQueues&Version=2012-11-05", scope="sqs")
    assert status == 501 and b"sqs" in body
    status, _, body = signed(server, "sts", form("sts", "GetCallerIdentity"), scope="iam")
    code, message = code_of(body)
    assert (status, code, message) == (400, "InvalidAction", "Could not find operation GetCallerIdentity for version 2011-06-15")


def test_other_services_are_refused_as_they_speak(server):
    for service, call in (("lambda", "list_functions"), ("eks", "list_clusters"), ("sns", "list_topics"), ("s3", "list_buckets"), ("dynamodb", "list_tables")):
        code, message, status = error_of(getattr(server.client(service), call))
        assert (status, code if service != "s3" else "NotImplemented") == (501, "NotImplemented"), service
        assert f"`{service}`" in message or service == "s3"


def test_unknown_actions(server):
    for service, message in [
        ("iam", "Could not find operation MakeCoffee for version 2010-05-08"),
        ("sts", "Could not find operation MakeCoffee for version 2011-06-15"),
        ("ec2", "The action MakeCoffee is not valid for this web service."),
    ]:
        status, _, body = signed(server, service, form(service, "MakeCoffee"))
        assert (status, code_of(body)) == (400, ("InvalidAction", message))
        assert (b'xmlns="http://webservices.amazon.com/AWSFault/2005-15-09"' in body) == (service != "ec2")
    assert signed(server, "ec2", b"Version=2016-11-15")[0] == 400


@pytest.mark.parametrize("service", ["iam", "sts"])
def test_no_action(server, service):
    status, headers, body = signed(server, service, f"Version={VERSIONS[service]}".encode())
    assert (status, headers["Location"], body) == (302, "https://aws.amazon.com/iam", b"")


@pytest.mark.parametrize("service, action", [("iam", "ListUsers"), ("sts", "GetCallerIdentity")])
def test_versions(server, service, action):
    for given, shown in [("", "NO_VERSION_SPECIFIED"), ("&Version=", ""), ("&Version=2000-01-01", "2000-01-01"),
                         (f"&Version=2000-01-01&Version={VERSIONS[service]}", "2000-01-01")]:
        status, _, body = signed(server, service, f"Action={action}{given}".encode())
        assert (status, code_of(body)) == (400, ("InvalidAction", f"Could not find operation {action} for version {shown}")), given
    assert signed(server, service, f"Action={action}&Version={VERSIONS[service]}&Version=2000-01-01".encode())[0] == 200


def test_what_the_model_refuses(server):
    status, _, body = signed(server, "iam", form("iam", "CreateUser", UserName="not a name!"))
    assert (status, code_of(body)) == (400, (
        "ValidationError", "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"))
    status, _, body = signed(server, "iam", form("iam", "CreateUser"))
    assert (status, code_of(body)) == (400, (
        "ValidationError", "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null"))
    # Seen of AWS, September 2026: no more than ten are told.
    status, _, body = signed(server, "iam", form("iam", "TagUser", UserName="u", **{"Tags.member.11.Key": "k", "Tags.member.11.Value": "v"}))
    code, text = code_of(body)
    assert (status, code, text.count("must not be null")) == (400, "ValidationError", 10) and text.startswith("10 validation errors detected: ")
    for number, fault in [("0", "0 is not a valid index"), ("-1", "Key -1 may not have a leading '-'"), ("one", "Start of list found where not expected"),
                          ("12", "Excessively sparse input would skip 11 list elements")]:
        status, _, body = signed(server, "iam", form("iam", "GetContextKeysForCustomPolicy", **{f"PolicyInputList.member.{number}": "{}"}))
        assert (status, code_of(body)) == (400, ("MalformedInput", fault))


@pytest.mark.parametrize("service, call", [
    ("s3", lambda client: client.list_buckets()),
    ("sqs", lambda client: client.list_queues()),
    ("dynamodb", lambda client: client.list_tables()),
    ("lambda", lambda client: client.list_functions()),
    ("sns", lambda client: client.list_topics()),
])
def test_services_that_are_not_here(server, service, call):
    """501 tells so at once: SDKs don't try again."""
    answered = []
    client = boto3.client(service, endpoint_url=server.url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
                          config=Config(retries={"mode": "standard", "max_attempts": 5}, read_timeout=30))
    client.meta.events.register("before-send.*", lambda **_: answered.append(1))
    with pytest.raises(ClientError) as failed:
        call(client)
    response = failed.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert service in response["Error"]["Message"] or service == "s3", response
    assert len(answered) == 1, f"asked {len(answered)} times"


@pytest.mark.parametrize("service, call, name", [
    ("ec2", "batch_modify_ipam_routing_policy_registrations", "BatchModifyIpamRoutingPolicyRegistrations"),
])
def test_operations_that_are_not_built(server, service, call, name):
    client = server.client(service)
    request = {"IpamInternetRegistryAssociationId": "ipam-irassoc-0123456789abcdef0", "DeltaJson": "{}"}
    code, message, status = error_of(getattr(client, call), **request)
    assert (code, status) == ("NotImplemented", 501) and name in message
    # Nobody learns anything without a signature.
    assert error_of(getattr(server.client(service, ("test", "wrong")), call), **request) == EC2_REFUSAL


def test_every_operation_of_the_model_answers_with_meaning(server):
    """Whatever is asked: authenticated, decoded, and never a failure of ours."""
    session = botocore.session.get_session()
    for service, version in VERSIONS.items():
        for name in session.get_service_model(service).operation_names:
            status, _, body = signed(server, service, form(service, name))
            assert status != 500, (service, name, body)
            if status == 501:
                assert name in code_of(body)[1]


def test_large_bodies(server):
    head = form("iam", "CreateUser", UserName="big") + b"&Path="
    body = head + b"x" * (10_000_001 - len(head))
    try:
        status = send(server, body=body)[0]
    except (BrokenPipeError, ConnectionResetError):
        pytest.fail("the server hung up before it answered")
    assert status == 413
    assert signed(server, "iam", body[:9_000_000])[0] == 400
    status = send(server, headers={"X-Long": "x" * 70_000})[0]
    assert status == 431


def test_headers_of_answers(server):
    answer = server.client("sts").get_caller_identity()["ResponseMetadata"]
    headers = answer["HTTPHeaders"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", headers["x-amzn-requestid"])
    assert answer["RequestId"] == headers["x-amzn-requestid"]
    assert headers["x-rolecall-auth"] == "enforced"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", headers["x-rolecall-time"])
    assert headers["content-type"].startswith("text/xml")
    ec2 = server.client("ec2").describe_vpcs()["ResponseMetadata"]
    assert ec2["RequestId"] == ec2["HTTPHeaders"]["x-amzn-requestid"]
    told = server.run("why", answer["RequestId"])
    assert told.stdout.startswith(f"arn:aws:iam::{ACCOUNT}:root asked for sts:GetCallerIdentity in us-east-1 at "), told.stderr


def test_the_admin_api_is_not_for_web_pages(server):
    for headers, expected in [
        ({}, 200),
        ({"Host": "localhost:4566"}, 200),
        ({"Host": "evil.example"}, 403),
        # An address is no name that a page could rebind.
        ({"Host": "192.0.2.1:4566"}, 200),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:8080"}, 200),
    ]:
        for path in ("/_rolecall/health", "/_rolecall/info", "/_rolecall/decisions"):
            assert send(server, "GET", path, headers=headers)[0] == expected, (headers, path)
    status, _, _ = send(server, "POST", "/_rolecall/reset", headers={"Origin": "https://evil.example"})
    assert status == 403
    assert send(server, "GET", "/_rolecall/nothing")[0] == 404
    assert send(server, "GET", "/_rolecall/reset")[0] == 405
    for body in (b"", b"{", b"[]", b'{"advance": 5}', b'{"advance": "soon"}', b'{"unknown": 1}', b'{"set": "yesterday"}',
                 b'{"advance": "9999999h"}'):
        assert send(server, "POST", "/_rolecall/clock", body)[0] == 400, body
    info = server.admin("GET", "info")
    assert (info["auth"], info["account"]) == ("enforced", ACCOUNT)


def test_an_allowed_host(make_server):
    server = make_server("--allowed-host", "rolecall.test")
    assert send(server, "GET", "/_rolecall/info", headers={"Host": "rolecall.test:4566"})[0] == 200
    assert send(server, "GET", "/_rolecall/info", headers={"Host": "other.test"})[0] == 403


def test_audit_decides_and_lets_pass(make_server):
    server = make_server("--auth", "audit")
    key = make_user(server.client("iam"), "nobody")
    answer = server.client("iam", key).list_users()
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-rolecall-auth"] == "audit"
    decision = server.admin("GET", f"decisions/{answer['ResponseMetadata']['RequestId']}")
    assert decision["verdict"] == "would-deny" and decision["checks"][0]["action"] == "iam:ListUsers"
    assert error_of(server.client("iam", (key[0], "wrong")).list_users)[0] == "SignatureDoesNotMatch"


def test_off_takes_the_keys_word(make_server):
    server = make_server("--auth", "off")
    key = make_user(server.client("iam"), "nobody")
    assert server.client("sts", (key[0], "wrong")).get_caller_identity()["Arn"].endswith(":user/nobody")
    assert server.client("iam", (key[0], "wrong")).list_users()["ResponseMetadata"]["HTTPHeaders"]["x-rolecall-auth"] == "off"
    assert server.client("sts", ("anything", "goes")).get_caller_identity()["Arn"].endswith(":root")
    server.client("iam").update_access_key(UserName="nobody", AccessKeyId=key[0], Status="Inactive")
    assert server.client("sts", key).get_caller_identity()["Arn"].endswith(":user/nobody")
    server = make_server("--auth", "off", "--account", "999999999999")
    assert server.client("sts", ("anything", "goes")).get_caller_identity()["Arn"] == "arn:aws:iam::999999999999:root"


def test_a_region_that_is_none(server):
    """Services that keep their regions apart refuse it; IAM and STS have one state for all."""
    assert error_of(server.client("ec2", region="us-esat-1").describe_vpcs) == EC2_REFUSAL
    found = error_of(server.client("ssm", region="us-esat-1").get_parameter, Name="/aws/service/x")
    assert found[:2] == ("InvalidSignatureException", "Credential should be scoped to a valid region, not 'us-esat-1'.")
    assert server.client("sts", region="us-esat-1").get_caller_identity()["Account"] == ACCOUNT


def test_roots(make_server):
    server = make_server("--root-secret", "hidden", "--root-key", "ci:pass:123456789012", "--account", "999999999999")
    assert server.client("sts", ("test", "hidden")).get_caller_identity()["Account"] == "999999999999"
    assert error_of(server.client("sts").get_caller_identity)[0] == "SignatureDoesNotMatch"
    assert server.client("sts", ("ci", "pass")).get_caller_identity()["Account"] == "123456789012"
    assert server.client("sts", ("111111111111", "hidden")).get_caller_identity()["Account"] == "111111111111"
    refused = server.run("serve", "--listen", "0.0.0.0:0", "--imds-port", "0", "--state", "memory", env={"AWS_ENDPOINT_URL": ""})
    assert refused.returncode != 0 and "well-known root secret" in refused.stderr


def test_beyond_loopback_the_admin_api_asks_for_the_secret(make_server):
    server = make_server("--listen", "0.0.0.0:0", "--root-secret", "hidden")
    server.url = server.url.replace("0.0.0.0", "127.0.0.1")
    assert send(server, "GET", "/_rolecall/health")[0] == 200
    assert send(server, "GET", "/_rolecall/info")[0] == 401
    assert send(server, "GET", "/_rolecall/info", headers={"Authorization": "Bearer wrong"})[0] == 401
    assert send(server, "GET", "/_rolecall/info", headers={"Authorization": "Bearer hidden"})[0] == 200


def test_hostile_input(server):
    """Whatever is sent, the answer is never a failure of ours, and the server goes on."""
    chance = random.Random(5)
    bodies = [
        b"", b"&&&&====", b"Action", b"Action=&Action=", b"Action=ListUsers&Action=CreateUser", b"%", b"Action=%zz", b"Action=\xff\xfe",
        form("iam", "CreateUser", UserName="x" * 100_000),
        form("iam", "CreateRole", RoleName="deep", AssumeRolePolicyDocument="[" * 60_000),
        form("iam", "CreateRole", RoleName="deep", AssumeRolePolicyDocument='{"a":' * 20_000),
        form("ec2", "RunInstances", **{"TagSpecification." * 200 + "1": "x"}),
        form("ec2", "DescribeInstances", **{f"Filter.{number}.Value.1": "x" for number in range(5000)}),
        form("ec2", "DescribeInstances", **{"Filter.4294967296.Name": "x"}),
        form("ec2", "DescribeInstances", **{"Filter.-1.Name": "x"}),
        form("ec2", "DescribeInstances", MaxResults="99999999999999999999"),
        form("ec2", "DescribeInstances", NextToken="\x00\x01"),
        form("ec2", "RunInstances", MinCount="-1", MaxCount="9223372036854775807", ImageId="ami-1"),
        form("ec2", "RunInstances", UserData="!!!", MinCount="1", MaxCount="1", ImageId="ami-1"),
        form("sts", "DecodeAuthorizationMessage", EncodedMessage="A" * 50_000),
        form("sts", "AssumeRole", RoleArn="arn:" + ":" * 500, RoleSessionName="x"),
        *(bytes(chance.randrange(256) for _ in range(chance.randrange(400))) for _ in range(60)),
    ]
    for body in bodies:
        for service in VERSIONS:
            status, _, answer = signed(server, service, body)
            assert status < 500 or status == 501, (service, body[:200], answer[:500])
    for path in ("/%", "/../../etc/passwd", "//", "/?" + "a=1&" * 3000, "/_rolecall/%2e%2e/x", "/_rolecall/instances/" + "x" * 5000):
        status = send(server, "GET", path)[0]
        assert status < 500 or status == 501, path
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"):
        assert 400 <= send(server, method, "/")[0] < 500
    assert server.client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_raw_bytes_instead_of_http(server):
    host, port = server.url[7:].split(":")
    for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"GET\r\n\r\n", b"\x00" * 1000, b"GET / HTTP/9.9\r\n\r\n",
                 b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=10) as stream:
            stream.sendall(data)
            stream.shutdown(socket.SHUT_WR)
            answer = stream.recv(65536)
            assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer
    assert server.client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_an_account_stays_in_its_partition(server):
    """Else a Deny on arn:aws:… would not meet the same role asked for as arn:aws-cn:…."""
    home = server.account("333333333333")
    server.client("iam", home).create_user(UserName="here")
    assert error_of(server.client("iam", home, region="cn-north-1").list_users)[:1] == ("InvalidClientTokenId",)
    assert error_of(server.client("ec2", home, region="us-gov-west-1").describe_vpcs)[0] == "AuthFailure"
    china = server.account("444444444444")
    made = server.client("iam", china, region="cn-north-1").create_user(UserName="there")["User"]
    assert made["Arn"] == "arn:aws-cn:iam::444444444444:user/there"
    assert error_of(server.client("iam", china).list_users)[0] == "InvalidClientTokenId"


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_foreign_page_gets_nothing(server, headers):
    """The well-known root secret is no secret to a web page, and a presigned request is but a link."""
    url = server.client("iam").generate_presigned_url("create_user", Params={"UserName": "by-a-page"}, HttpMethod="GET")
    request = urllib.request.Request(url, headers=headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 403
    assert error_of(server.client("iam").get_user, UserName="by-a-page")[0] == "NoSuchEntity"


def test_lists_without_end_are_refused(server):
    many = [f"i-{number:017x}" for number in range(1001)]
    assert error_of(server.client("ec2").describe_instances, InstanceIds=many)[2] == 400
    tags = [{"Key": f"k{number}", "Value": ""} for number in range(51)]
    assert error_of(server.client("ec2").create_tags, Resources=["i-00000000000000000"], Tags=tags)[0] == "TagLimitExceeded"
