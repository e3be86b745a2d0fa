"""Systems Manager's public parameters: read through boto3 and the CLI, used by launches, templates and fleets, and allowed by policies."""

import json
import os
import subprocess
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from conftest import allow, clean_environment, error_of, make_user

PATH = "/aws/service/ami-amazon-linux-latest"
LINUX = f"{PATH}/al2023-ami-kernel-default-x86_64"
ARN = f"arn:aws:ssm:us-east-1::parameter{LINUX}"
ALIAS = f"resolve:ssm:{LINUX}"
ONE = {"InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}


@pytest.fixture(scope="module")
def ssm(server):
    return server.client("ssm")


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def test_a_parameter_names_the_newest_image(server, ssm, ec2):
    found = ssm.get_parameter(Name=LINUX, WithDecryption=True)["Parameter"]
    assert (found["Name"], found["Type"], found["ARN"], found["DataType"]) == (LINUX, "String", ARN, "text")
    images = ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "name", "Values": ["al2023-ami-2023.*-kernel-6.1-x86_64"]}])["Images"]
    newest = max(images, key=lambda image: image["CreationDate"])
    assert found["Value"] == newest["ImageId"] and found["Version"] == len(images)
    assert found["LastModifiedDate"].strftime("%Y-%m-%dT%H:%M:%S.000Z") == newest["CreationDate"]
    first = ssm.get_parameter(Name=f"{LINUX}:1")["Parameter"]
    assert (first["Version"], first["Selector"], first["Name"]) == (1, ":1", LINUX)
    assert first["Value"] == min(images, key=lambda image: image["CreationDate"])["ImageId"]
    assert ssm.get_parameter(Name=ARN)["Parameter"]["Value"] == found["Value"]
    elsewhere = server.client("ssm", region="eu-west-1").get_parameter(Name=LINUX)["Parameter"]
    assert elsewhere["Value"] != found["Value"] and ":eu-west-1::" in elsewhere["ARN"]
    for name in ("/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id", "/aws/service/debian/release/12/latest/amd64",
                 "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base", "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"):
        assert ec2.describe_images(ImageIds=[ssm.get_parameter(Name=name)["Parameter"]["Value"]])["Images"], name


def test_many_at_once(ssm):
    answer = ssm.get_parameters(Names=[LINUX, "/golden", f"{LINUX}:99", f"{PATH}/amzn2-ami-hvm-x86_64-gp2"])
    assert [one["Name"] for one in answer["Parameters"]] == [LINUX, f"{PATH}/amzn2-ami-hvm-x86_64-gp2"]
    assert answer["InvalidParameters"] == ["/golden", f"{LINUX}:99"]


def test_by_path(ssm):
    pages = list(ssm.get_paginator("get_parameters_by_path").paginate(Path=PATH))
    names = [one["Name"] for page in pages for one in page["Parameters"]]
    assert len(pages[0]["Parameters"]) == 10 and len(names) > 10 and len(set(names)) == len(names) and LINUX in names
    assert all(name.startswith(f"{PATH}/") for name in names)
    assert ssm.get_parameters_by_path(Path="/aws/service/canonical")["Parameters"] == []
    deep = ssm.get_parameters_by_path(Path="/aws/service/canonical", Recursive=True, MaxResults=3)
    assert len(deep["Parameters"]) == 3 and deep["NextToken"]
    rest = ssm.get_parameters_by_path(Path="/aws/service/canonical", Recursive=True, MaxResults=3, NextToken=deep["NextToken"])
    assert rest["Parameters"][0]["Name"] > deep["Parameters"][-1]["Name"]
    assert error_of(ssm.get_parameters_by_path, Path=PATH, NextToken=deep["NextToken"])[0] == "InvalidNextToken"


def test_who_may_read(server, ssm):
    iam = server.client("iam")
    keys = make_user(iam, "reader", allow("ssm:GetParameter*", f"arn:aws:ssm:us-east-1::parameter{PATH}/*"),
                     allow("ssm:GetParametersByPath", "*", Condition={"StringEquals": {"ssm:Recursive": "true"}}))
    user = server.client("ssm", keys)
    assert user.get_parameter(Name=LINUX)["Parameter"]["Value"]
    name = "/aws/service/debian/release/12/latest/amd64"
    code, text, status = error_of(user.get_parameter, Name=name)
    assert (code, status) == ("AccessDeniedException", 400)
    assert text == ("User: arn:aws:iam::000000000000:user/reader is not authorized to perform: ssm:GetParameter on resource: "
                    f"arn:aws:ssm:us-east-1::parameter{name} because no identity-based policy allows the ssm:GetParameter action")
    assert "parameter/golden because" in error_of(user.get_parameters, Names=[LINUX, "/golden"])[1]
    assert user.get_parameters_by_path(Path="/aws/service/debian", Recursive=True)["Parameters"]
    assert error_of(user.get_parameters_by_path, Path="/aws/service/debian")[0] == "AccessDeniedException"
    own = server.client("ssm", make_user(iam, "own", allow("ssm:GetParametersByPath", "arn:aws:ssm:us-east-1:000000000000:parameter/*")))
    for path in ("/aws/service", "/aws/service/", "/aws/service/debian/"):
        assert error_of(own.get_parameters_by_path, Path=path, Recursive=True)[0] == "AccessDeniedException"
    assert own.get_parameters_by_path(Path="/", Recursive=True)["Parameters"] == []


def test_the_target_is_signed(server):
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    def answered(sign_target):
        headers = {"Content-Type": "application/x-amz-json-1.1"}
        target = {"X-Amz-Target": "AmazonSSM.GetParameter"}
        request = AWSRequest("POST", server.url, data=json.dumps({"Name": LINUX}), headers={**headers, **(target if sign_target else {})})
        SigV4Auth(Credentials("test", "test"), "ssm", "us-east-1").add_auth(request)
        sent = urllib.request.Request(server.url, data=request.body, headers={**dict(request.headers), **target})
        try:
            return urllib.request.urlopen(sent).status, ""
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())["__type"]

    assert answered(True) == (200, "")
    assert answered(False)[1] == "InvalidSignatureException"


def test_a_launch_by_a_parameter(server, ssm, ec2):
    image = ssm.get_parameter(Name=LINUX)["Parameter"]["Value"]
    first = ssm.get_parameter(Name=f"{LINUX}:1")["Parameter"]["Value"]
    assert ec2.run_instances(ImageId=ALIAS, **ONE)["Instances"][0]["ImageId"] == image
    assert ec2.run_instances(ImageId=f"{ALIAS}:1", **ONE)["Instances"][0]["ImageId"] == first
    assert ec2.run_instances(ImageId=f"resolve:ssm:{ARN}", **ONE)["Instances"][0]["ImageId"] == image
    for name in ("/golden", f"{LINUX}:99"):
        assert error_of(ec2.run_instances, ImageId=f"resolve:ssm:{name}", **ONE) == (
            "SsmInvalidParameter", f"The following aliases are invalid: {name}", 400)
    iam = server.client("iam")
    without = server.client("ec2", make_user(iam, "launcher", allow("ec2:*")))
    assert error_of(without.run_instances, ImageId=ALIAS, **ONE) == ("SsmAccessDenied", "Access denied to SSM", 400)
    assert without.run_instances(ImageId=image, **ONE)["Instances"]
    images = f"arn:aws:ec2:us-east-1::image/{image}"
    keys = make_user(iam, "careful", allow("ssm:GetParameters", ARN), allow("ec2:RunInstances", [images, "arn:aws:ec2:us-east-1:000000000000:*"]))
    careful = server.client("ec2", keys)
    assert careful.run_instances(ImageId=ALIAS, **ONE)["Instances"][0]["ImageId"] == image
    code, text, _ = error_of(careful.run_instances, ImageId=f"{ALIAS}:1", **ONE)
    assert code == "UnauthorizedOperation" and f"image/{first}" in text


def test_a_template_by_a_parameter(server, ssm, ec2):
    image = ssm.get_parameter(Name=LINUX)["Parameter"]["Value"]
    data = {"ImageId": ALIAS, "InstanceType": "t3.micro"}
    made = ec2.create_launch_template(LaunchTemplateName="by-parameter", LaunchTemplateData=data)
    assert "Warning" not in made
    template = {"LaunchTemplateId": made["LaunchTemplate"]["LaunchTemplateId"]}

    def shown(client=ec2, **more):
        return client.describe_launch_template_versions(**template, **more)["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"]

    assert (shown(), shown(ResolveAlias=True)) == (ALIAS, image)
    second = ec2.create_launch_template_version(**template, LaunchTemplateData={"InstanceType": "t3.small"}, SourceVersion="1", ResolveAlias=True)
    assert second["LaunchTemplateVersion"]["LaunchTemplateData"] == {"ImageId": image, "InstanceType": "t3.small"}
    assert ec2.run_instances(LaunchTemplate=template, MinCount=1, MaxCount=1)["Instances"][0]["ImageId"] == image
    golden = {"ImageId": "resolve:ssm:/golden"}
    assert error_of(ec2.create_launch_template, LaunchTemplateName="golden", LaunchTemplateData=golden)[0] == "SsmInvalidParameter"
    assert error_of(ec2.create_launch_template_version, **template, LaunchTemplateData=golden)[0] == "SsmInvalidParameter"
    without = server.client("ec2", make_user(server.client("iam"), "templates", allow("ec2:*")))
    assert error_of(without.create_launch_template, LaunchTemplateName="mine", LaunchTemplateData=data)[0] == "SsmAccessDenied"
    assert shown(without) == ALIAS
    for call, more in ((without.describe_launch_template_versions, {"ResolveAlias": True}),
                       (without.create_launch_template_version, {"LaunchTemplateData": {"KeyName": "k"}, "SourceVersion": "1"})):
        assert error_of(call, **template, **more)[0] == "SsmAccessDenied"
    assert error_of(without.run_instances, LaunchTemplate=template, MinCount=1, MaxCount=1)[0] == "SsmAccessDenied"


def test_a_fleet_by_a_parameter(server, ssm, ec2):
    image = ssm.get_parameter(Name=LINUX)["Parameter"]["Value"]
    data = {"ImageId": ALIAS, "InstanceType": "t3.micro"}
    template = ec2.create_launch_template(LaunchTemplateName="of-a-fleet", LaunchTemplateData=data)["LaunchTemplate"]["LaunchTemplateId"]
    wish = {"LaunchTemplateConfigs": [{"LaunchTemplateSpecification": {"LaunchTemplateId": template, "Version": "1"}}],
            "TargetCapacitySpecification": {"TotalTargetCapacity": 1, "DefaultTargetCapacityType": "on-demand"}}
    made = ec2.create_fleet(Type="instant", **wish)
    assert made["Errors"] == []
    instance = ec2.describe_instances(InstanceIds=made["Instances"][0]["InstanceIds"])["Reservations"][0]["Instances"][0]
    assert instance["ImageId"] == image
    over = [{"ImageId": f"{ALIAS}:1"}]
    other = ec2.create_fleet(Type="instant", **{**wish, "LaunchTemplateConfigs": [{**wish["LaunchTemplateConfigs"][0], "Overrides": over}]})
    instance = ec2.describe_instances(InstanceIds=other["Instances"][0]["InstanceIds"])["Reservations"][0]["Instances"][0]
    assert instance["ImageId"] == ssm.get_parameter(Name=f"{LINUX}:1")["Parameter"]["Value"]
    without = server.client("ec2", make_user(server.client("iam"), "fleets", allow(["ec2:*", "iam:*"])))
    assert error_of(without.create_fleet, Type="instant", **wish)[0] == "SsmAccessDenied"
    kept = ec2.create_fleet(Type="maintain", **wish)["FleetId"]
    assert ec2.describe_fleet_instances(FleetId=kept)["ActiveInstances"] == [], "a fleet that keeps its size wants the image's own id"


def test_what_is_not_here(ssm):
    code, text, status = error_of(ssm.put_parameter, Name="mine", Value="x", Type="String")
    assert (code, status) == ("NotImplemented", 501) and "ssm:PutParameter" in text


def post(server, body, target="AmazonSSM.GetParameter", **headers):
    """A request as it is on the wire, without a signature."""
    request = urllib.request.Request(server.url, data=body, headers={"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1", **headers})
    with pytest.raises(urllib.error.HTTPError) as failed:
        urllib.request.urlopen(request)
    answer = failed.value
    return answer.code, answer.headers, json.load(answer)


def test_the_wire(server):
    status, headers, body = post(server, b'{"Name": "a"}')
    assert (status, body) == (400, {"__type": "MissingAuthenticationTokenException", "message": "Request is missing Authentication Token"})
    assert (headers["content-type"], headers["x-amzn-errortype"]) == ("application/x-amz-json-1.1", "MissingAuthenticationTokenException")
    assert headers["x-amzn-requestid"]
    assert post(server, b'{"Name": 5}')[2] == {"__type": "SerializationException", "message": "NUMBER_VALUE can not be converted to a String"}
    assert post(server, b'[')[2] == {"__type": "SerializationException"}
    assert post(server, b'{}', "AmazonSSM.Nothing")[2] == {"__type": "UnknownOperationException"}


def test_keys_that_are_none(server):
    for key, code in ((("test", "wrong"), "InvalidSignatureException"), (("AKIAIOSFODNN7EXAMPLE", "x"), "UnrecognizedClientException")):
        answered, _, status = error_of(server.client("ssm", key).get_parameter, Name=LINUX)
        assert (answered, status) == (code, 400)


def test_the_cli_finds_it_by_its_environment(server):
    """By what `rolecall env --only` prints, and by AWS_ENDPOINT_URL alone."""
    cli = os.environ.get("ROLECALL_AWS_CLI")
    if not cli:
        pytest.skip("ROLECALL_AWS_CLI names no AWS CLI")
    only = server.run("env", "--only").stdout
    exported = dict(line.removeprefix("export ").split("=", 1) for line in only.splitlines() if line.startswith("export "))
    assert exported["AWS_ENDPOINT_URL_SSM"] == server.url
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    for environment in (exported, {**keys, "AWS_ENDPOINT_URL": server.url}):
        done = subprocess.run([cli, "ssm", "get-parameters-by-path", "--path", PATH, "--query", "Parameters[].Name", "--output", "json"],
                              env={**clean_environment(), **environment}, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert LINUX in json.loads(done.stdout)


def test_an_unknown_key_is_no_secret(server):
    with pytest.raises(ClientError) as failed:
        server.client("ssm", ("AKIAIOSFODNN7EXAMPLE", "x")).get_parameters(Names=["a"])
    assert failed.value.response["Error"]["Message"] == "The security token included in the request is invalid."
