"""The metadata service of instances: its rules about tokens, its tree, and how options count while the instance runs."""

import base64
import concurrent.futures
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from conftest import Metadata, allow, clean_environment, error_of, image, launch, make_profile, policy, trust

ACCOUNT = "000000000000"
TTL = "X-aws-ec2-metadata-token-ttl-seconds"
TOKEN = "X-aws-ec2-metadata-token"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(scope="module")
def instance(server, ec2):
    make_profile(server.client("iam"), "Get-pics", allow("s3:Get*"))
    ec2.create_key_pair(KeyName="laptop")
    return launch(ec2, KeyName="laptop", UserData="#!/bin/sh\necho hällo\n", IamInstanceProfile={"Name": "Get-pics"}, TagSpecifications=[
        {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}, {"Key": "team", "Value": "blue"}]}])


@pytest.fixture
def imds(metadata, instance):
    return metadata(instance)


def described(ec2, instance):
    return ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]


def options(ec2, instance, **changes):
    ec2.modify_instance_metadata_options(InstanceId=instance, **changes)


def test_token_lifetimes(imds):
    for text in ("1", "21600"):
        status, token, headers = imds.request("/latest/api/token", "PUT", {TTL: text})
        assert (status, headers[TTL]) == (200, text) and token
    for text in ("-1", "21601", "abc", "", "1.5", "99999999999999999999"):
        assert imds.request("/latest/api/token", "PUT", {TTL: text})[0] == 400, text
    status, page, headers = imds.request("/latest/api/token", "PUT")
    assert (status, page, headers["Content-Type"]) == (400, "", "text/plain")


def test_a_token_for_no_time_is_given_and_good_for_nothing(imds):
    status, token, headers = imds.request("/latest/api/token", "PUT", {TTL: "0"})
    assert (status, headers[TTL]) == (200, "0") and token
    assert imds.request("/latest/meta-data/instance-id", headers={TOKEN: token})[0] == 401


def test_the_token_path_takes_put_alone(imds):
    for method in ("GET", "POST", "DELETE"):
        status, text, headers = imds.request("/latest/api/token", method)
        assert (status, text) == (405, "")
        assert {word.strip() for word in headers["Allow"].split(",")} == {"OPTIONS", "PUT"}
    assert imds.request("/latest/api/token", "OPTIONS")[0] == 200
    assert imds.request("/2021-03-23/api/token", "PUT", {TTL: "60"})[0] == 401
    assert imds.request("/2021-03-23/api/token", "PUT", {TTL: "60", TOKEN: imds.token()})[0] == 403
    assert imds.request("/latest/api/token", "PUT", {TTL: "60", "X-Forwarded-For": "10.0.0.1"})[0] == 403
    # The body is ignored.
    request = urllib.request.Request(imds.url + "/latest/api/token", data=b"x" * 1000, method="PUT", headers={TTL: "60"})
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def test_wrong_tokens_are_refused_even_where_none_is_needed(server, ec2, instance, imds):
    other = launch(ec2)
    foreign = Metadata(server.metadata_url(other)).token()
    old = imds.token(60)
    good = imds.token()
    changed = good[:-5] + ("AAAAA" if good[-5:] != "AAAAA" else "BBBBB")
    options(ec2, instance, HttpTokens="optional")
    server.advance("61s")
    for bad in (foreign, old, changed, "x", ""):
        status, page, _ = imds.request("/latest/meta-data/instance-id", headers={TOKEN: bad})
        assert (status, page) == (401, ""), bad
    status, text, headers = imds.request("/latest/meta-data/instance-id", headers={TOKEN: good})
    assert (status, text) == (200, instance)
    assert 21_400 < int(headers[TTL]) <= 21_600 - 61
    # Without a token it is the first version, which needs none.
    status, text, headers = imds.request("/latest/meta-data/instance-id")
    assert (status, text, headers[TTL]) == (200, instance, None)
    options(ec2, instance, HttpTokens="required")
    assert imds.request("/latest/meta-data/instance-id")[0] == 401
    assert imds.get("/latest/meta-data/instance-id") == instance


def test_a_stop_voids_tokens(server, ec2):
    stopped = launch(ec2)
    imds = Metadata(server.metadata_url(stopped))
    token = imds.token()
    server.advance("1m")
    ec2.stop_instances(InstanceIds=[stopped])
    server.advance("1m")
    with pytest.raises((AssertionError, urllib.error.URLError)):
        imds.get("/latest/meta-data/instance-id")
    ec2.start_instances(InstanceIds=[stopped])
    server.advance("1m")
    assert imds.request("/latest/meta-data/instance-id", headers={TOKEN: token})[0] == 401
    assert imds.get("/latest/meta-data/instance-id") == stopped
    server.admin("POST", "clock", {"reset": True})


def test_switched_off(ec2, instance, imds):
    token = imds.token()
    options(ec2, instance, HttpEndpoint="disabled")
    for path, method in (("/latest/meta-data/", "GET"), ("/latest/api/token", "PUT"), ("/", "GET")):
        assert imds.request(path, method, {TTL: "60"} if method == "PUT" else {TOKEN: token})[0] == 403
    options(ec2, instance, HttpEndpoint="enabled")
    assert imds.get("/latest/meta-data/instance-id") == instance


def test_forwarded_reads_are_answered(imds):
    headers = {TOKEN: imds.token(), "X-Forwarded-For": "10.0.0.1"}
    assert imds.request("/latest/meta-data/instance-id", headers=headers)[0] == 200


def test_listings_and_versions(imds):
    versions = imds.get("/").split("\n")
    assert versions[0] == "1.0" and versions[-1] == "latest" and "2021-03-23" in versions and len(set(versions)) == len(versions)
    assert imds.get("/latest/").split("\n") == ["dynamic", "meta-data", "user-data"]
    names = imds.get("/latest/meta-data/").split("\n")
    assert names == sorted(names)
    assert {"ami-id", "block-device-mapping/", "iam/", "instance-id", "network/", "placement/", "public-keys/", "services/"} <= set(names)
    assert "tags/" not in names and "spot/" not in names
    # A dated version has what there was by then.
    assert "iam/" not in imds.get("/2009-04-04/meta-data/").split("\n")
    assert "iam/" in imds.get("/2012-01-12/meta-data/").split("\n")
    assert imds.request("/2009-04-04/meta-data/iam/info", headers={TOKEN: imds.token()})[0] == 404
    assert imds.get("/1.0/meta-data/instance-id") == imds.get("/2024-04-11/meta-data/instance-id")
    assert imds.request("/1999-01-01/meta-data/", headers={TOKEN: imds.token()})[0] == 404


@pytest.mark.parametrize("path", ["/latest/meta-data/placement/availability-zone", "/latest/meta-data/iam/security-credentials",
                                  "/latest/meta-data", "/latest/meta-data/network/interfaces/macs"])
def test_trailing_slashes_do_not_matter(imds, path):
    assert imds.get(path) == imds.get(path + "/")


def test_unknown_paths(imds):
    for path in ("/latest/meta-data/nothing", "/latest/nothing", "/latest/meta-data/spot/instance-action", "/latest/meta-data/public-keys/1/",
                 "/latest/meta-data/iam/security-credentials/Other", "/latest/meta-data/../../etc/passwd", "/latest//meta-data/%00"):
        status, page, _ = imds.request(path, headers={TOKEN: imds.token()})
        assert status == 404 and "404 - Not Found" in page, path


def test_every_listed_path_answers(imds):
    """What the tree lists is there, down to every leaf."""
    token, seen = {TOKEN: imds.token()}, 0
    open_paths = ["/latest/meta-data/", "/latest/dynamic/"]
    while open_paths:
        path = open_paths.pop()
        status, text, _ = imds.request(path, headers=token)
        assert status == 200, path
        seen += 1
        if path.endswith("public-keys/"):
            open_paths.append(path + text.split("=")[0] + "/")
        elif path.endswith("/"):
            open_paths += [path + name for name in text.split("\n")]
    assert seen > 40


def test_the_instance_as_ec2_describes_it(ec2, instance, imds):
    found = described(ec2, instance)
    [interface] = found["NetworkInterfaces"]
    mac = interface["MacAddress"]
    for path, expected in {
        "ami-id": found["ImageId"],
        "instance-type": "t3.micro",
        "instance-life-cycle": "on-demand",
        "local-ipv4": found["PrivateIpAddress"],
        "local-hostname": found["PrivateDnsName"],
        "public-ipv4": found["PublicIpAddress"],
        "mac": mac,
        "placement/availability-zone": found["Placement"]["AvailabilityZone"],
        "placement/region": "us-east-1",
        "security-groups": "default",
        "services/domain": "amazonaws.com",
        "services/partition": "aws",
        "network/interfaces/macs": mac + "/",
        f"network/interfaces/macs/{mac}/interface-id": interface["NetworkInterfaceId"],
        f"network/interfaces/macs/{mac}/subnet-id": found["SubnetId"],
        f"network/interfaces/macs/{mac}/vpc-id": found["VpcId"],
        f"network/interfaces/macs/{mac}/owner-id": ACCOUNT,
        f"network/interfaces/macs/{mac}/security-group-ids": interface["Groups"][0]["GroupId"],
        f"network/interfaces/macs/{mac}/local-ipv4s": found["PrivateIpAddress"],
    }.items():
        assert imds.get(f"/latest/meta-data/{path}") == expected, path
    assert imds.get("/latest/meta-data/reservation-id").startswith("r-")


def test_keys_and_user_data(ec2, imds):
    assert imds.get("/latest/meta-data/public-keys/") == "0=laptop"
    assert imds.get("/latest/meta-data/public-keys/0/") == "openssh-key"
    assert re.fullmatch(r"(ssh-rsa|ssh-ed25519) \S+ laptop", imds.get("/latest/meta-data/public-keys/0/openssh-key").strip())
    status, text, headers = imds.request("/latest/user-data", headers={TOKEN: imds.token()})
    assert (status, text, headers["Content-Type"]) == (200, "#!/bin/sh\necho hällo\n", "application/octet-stream")


def test_user_data_is_bytes(server, ec2):
    data = bytes(range(256)) * 50
    other = launch(ec2, UserData=data)
    imds = Metadata(server.metadata_url(other))
    request = urllib.request.Request(imds.url + "/latest/user-data", headers={TOKEN: imds.token()})
    with urllib.request.urlopen(request) as answer:
        assert answer.read() == data
    kept = ec2.describe_instance_attribute(InstanceId=other, Attribute="userData")["UserData"]["Value"]
    assert base64.b64decode(kept) == data
    bare = Metadata(server.metadata_url(launch(ec2)))
    assert bare.request("/latest/user-data", headers={TOKEN: bare.token()})[0] == 404
    assert bare.get("/latest/").split("\n") == ["dynamic", "meta-data"]
    assert bare.request("/latest/meta-data/public-keys/", headers={TOKEN: bare.token()})[0] == 404
    assert bare.request("/latest/meta-data/iam/", headers={TOKEN: bare.token()})[0] == 404


def test_tags(ec2, instance, imds):
    path = "/latest/meta-data/tags/instance"
    assert imds.request(path, headers={TOKEN: imds.token()})[0] == 404
    options(ec2, instance, InstanceMetadataTags="enabled")
    assert imds.get(path).split("\n") == ["Name", "team"]
    assert imds.get(f"{path}/team") == "blue"
    ec2.create_tags(Resources=[instance], Tags=[{"Key": "team", "Value": "green"}, {"Key": "new", "Value": ""}])
    assert imds.get(f"{path}/team") == "green"
    assert imds.get(f"{path}/new") == ""
    for key in ("with space", "with/slash", "_index", ".."):
        code, message, _ = error_of(ec2.create_tags, Resources=[instance], Tags=[{"Key": key, "Value": "x"}])
        assert code == "InvalidParameterValue" and f"'{key}' is not a valid tag key" in message
    options(ec2, instance, InstanceMetadataTags="disabled")
    ec2.create_tags(Resources=[instance], Tags=[{"Key": "with space", "Value": "x"}])
    assert error_of(ec2.modify_instance_metadata_options, InstanceId=instance, InstanceMetadataTags="enabled")[0] == "InvalidParameterValue"
    ec2.delete_tags(Resources=[instance], Tags=[{"Key": "with space"}])


def test_the_identity_document(ec2, instance, imds):
    text = imds.get("/latest/dynamic/instance-identity/document")
    document = json.loads(text)
    found = described(ec2, instance)
    assert list(document) == [
        "accountId", "architecture", "availabilityZone", "billingProducts", "devpayProductCodes", "marketplaceProductCodes", "imageId", "instanceId",
        "instanceType", "kernelId", "pendingTime", "privateIp", "ramdiskId", "region", "version"]
    assert {key: document[key] for key in ("accountId", "instanceId", "imageId", "instanceType", "region", "availabilityZone", "privateIp",
                                          "architecture", "version")} == {
        "accountId": ACCOUNT, "instanceId": instance, "imageId": found["ImageId"], "instanceType": "t3.micro", "region": "us-east-1",
        "availabilityZone": found["Placement"]["AvailabilityZone"], "privateIp": found["PrivateIpAddress"], "architecture": "x86_64",
        "version": "2017-09-30"}
    assert text.startswith('{\n  "accountId" : ')
    assert imds.get("/latest/dynamic/instance-identity/document") == text


def test_credentials(server, instance, imds):
    text = imds.get("/latest/meta-data/iam/security-credentials/Get-pics")
    document = json.loads(text)
    assert document["Code"] == "Success" and document["Type"] == "AWS-HMAC" and document["AccessKeyId"].startswith("ASIA")
    assert text.startswith('{\n  "Code" : "Success",\n  "LastUpdated" : "')
    assert imds.get("/latest/meta-data/iam/security-credentials/Get-pics") == text
    info = json.loads(imds.get("/latest/meta-data/iam/info"))
    assert info["InstanceProfileArn"] == f"arn:aws:iam::{ACCOUNT}:instance-profile/Get-pics" and info["InstanceProfileId"].startswith("AIPA")
    identity = server.client("sts", imds.credentials("Get-pics")).get_caller_identity()
    assert identity["UserId"].startswith("AROA") and identity["UserId"].endswith(f":{instance}")


def test_the_version_that_vended_is_a_condition_key(server, ec2):
    """ec2:RoleDelivery tells whether credentials came with a token or without."""
    iam = server.client("iam")
    make_profile(iam, "Delivery", allow("iam:ListRoles", Condition={"NumericGreaterThanEquals": {"ec2:RoleDelivery": "2.0"}}))
    other = launch(ec2, IamInstanceProfile={"Name": "Delivery"}, MetadataOptions={"HttpTokens": "optional"})
    imds = Metadata(server.metadata_url(other))
    second = imds.credentials("Delivery")
    document = json.loads(imds.request("/latest/meta-data/iam/security-credentials/Delivery")[1])
    first = (document["AccessKeyId"], document["SecretAccessKey"], document["Token"])
    assert server.client("iam", second).list_roles()["Roles"]
    assert error_of(server.client("iam", first).list_roles)[0] == "AccessDenied"


def test_the_instance_itself_is_a_condition_key(server, ec2):
    """ec2:SourceInstanceARN tells which instance credentials were vended to."""
    iam = server.client("iam")
    make_profile(iam, "Single")
    one, other = (launch(ec2, IamInstanceProfile={"Name": "Single"}) for _ in range(2))
    of_one = {"ArnEquals": {"ec2:SourceInstanceARN": f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/{one}"}}
    iam.put_role_policy(RoleName="Single", PolicyName="one", PolicyDocument=policy(allow("iam:ListRoles", Condition=of_one)))
    mine, theirs = (server.client("iam", Metadata(server.metadata_url(held)).credentials("Single")) for held in (one, other))
    assert mine.list_roles()["Roles"]
    assert error_of(theirs.list_roles)[0] == "AccessDenied"


def test_what_the_metadata_tells_of_a_broken_role(server, ec2):
    iam = server.client("iam")
    make_profile(iam, "Broken", allow("s3:*"))
    other = launch(ec2, IamInstanceProfile={"Name": "Broken"})
    imds = Metadata(server.metadata_url(other))
    iam.update_assume_role_policy(RoleName="Broken", PolicyDocument=trust("lambda.amazonaws.com"))
    document = json.loads(imds.get("/latest/meta-data/iam/security-credentials/Broken"))
    assert document["Code"] == "AssumeRoleUnauthorizedAccess" and "EC2 cannot assume the role Broken" in document["Message"]
    assert "SecretAccessKey" not in document
    iam.update_assume_role_policy(RoleName="Broken", PolicyDocument=trust("ec2.amazonaws.com"))
    assert imds.credentials("Broken")


def test_head_and_headers(imds):
    status, text, headers = imds.request("/latest/meta-data/instance-id", "HEAD", {TOKEN: imds.token()})
    assert (status, text, headers["Server"], headers["Content-Type"]) == (200, "", "EC2ws", "text/plain")
    for method in ("POST", "DELETE"):
        status, text, headers = imds.request("/latest/meta-data/instance-id", method, {TOKEN: imds.token()})
        assert (status, text, headers["Content-Type"]) == (403, "", "text/plain")
    status, text, headers = imds.request("/latest/meta-data/instance-id", "OPTIONS", {TOKEN: imds.token()})
    assert (status, text, headers["Allow"]) == (200, "", "OPTIONS, GET, HEAD")


def test_boto3_finds_region_and_credentials_by_itself(server, instance):
    environment = {**clean_environment(), "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.metadata_url(instance)}
    script = ("from botocore.utils import IMDSRegionProvider; import botocore.session as s; session = s.Session(); "
              "print(IMDSRegionProvider(session).provide(), session.get_credentials().method)")
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["us-east-1", "iam-role"], done.stderr


def test_addresses_differ_and_last(server, ec2):
    ids = [launch(ec2) for _ in range(5)]
    urls = [server.metadata_url(one) for one in ids]
    assert len(set(urls)) == 5
    for one, url in zip(ids, urls):
        assert re.fullmatch(rf"http://127\.\d+\.\d+\.\d+:{server.imds_port}", url) and not url.startswith("http://127.0.")
        assert server.run("imds", one).stdout == url + "\n"
    host = f"http://127.0.0.1:{server.imds_port}"
    assert Metadata(host).request("/latest/meta-data/")[0] == 404


def test_ten_thousand_instances_in_one_process(make_server):
    server = make_server("--state", "memory")
    ec2 = server.client("ec2")
    ids = []
    image_id = image(ec2)
    # A default subnet has room for 4,091, and not every zone offers every type.
    offered = ec2.describe_instance_type_offerings(LocationType="availability-zone", Filters=[
        {"Name": "instance-type", "Values": ["t3.micro"]}])["InstanceTypeOfferings"]
    zones = {"Name": "availability-zone", "Values": [one["Location"] for one in offered]}
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets(Filters=[zones])["Subnets"]]
    for batch in range(20):
        made = ec2.run_instances(ImageId=image_id, InstanceType="t3.micro", MinCount=500, MaxCount=500,
                                 SubnetId=subnets[batch % len(subnets)])["Instances"]
        ids += [one["InstanceId"] for one in made]
    urls = {one["instanceId"]: one["metadata"] for one in server.admin("GET", "instances")["instances"]}
    assert set(urls) == set(ids) and len(set(urls.values())) == 10_000

    def reachable(one):
        metadata = Metadata(urls[one])
        return metadata.get("/latest/meta-data/instance-id") == one

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert all(pool.map(reachable, ids))


def test_every_instance_proves_which_it_is(server, ec2, metadata):
    bare = launch(ec2)
    keys = json.loads(metadata(bare).get("/latest/meta-data/identity-credentials/ec2/security-credentials/ec2-instance"))
    mine = (keys["AccessKeyId"], keys["SecretAccessKey"], keys["Token"])
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/aws:ec2-instance/{bare}"
    assert server.client("sts", mine).get_caller_identity()["Arn"] == arn
    assert error_of(server.client("iam", mine).list_users)[0] == "AccessDenied"
    # As AWS was recorded in September 2026, which says of other sessions that they cannot call it.
    assert error_of(server.client("sts", mine).get_session_token) == (
        "InvalidClientTokenId", "The security token included in the request is invalid", 403)
