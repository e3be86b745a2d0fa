"""Standby detection of SQL Server High Availability, on images that a user brings: the catalogue has none with SQL Server."""

import json

import pytest

from conftest import Server, allow, error_of, launch, make_user

SQL = "ami-0aaaaaaaaaaaaaaa1"
TAGS = [{"Key": "team", "Value": "red"}]
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:sql"
COUNT = 17


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    image = {"Region": "us-east-1", "ImageId": SQL, "Name": "sql", "Architecture": "x86_64", "RootDeviceName": "/dev/sda1", "RootDeviceType": "ebs",
             "Platform": "windows", "PlatformDetails": "Windows with SQL Server Enterprise", "UsageOperation": "RunInstances:0102",
             "VirtualizationType": "hvm", "Hypervisor": "xen", "State": "available", "Public": True, "EnaSupport": True,
             "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 50, "VolumeType": "gp3"}}]}
    (folder / "images.json").write_text(json.dumps([image]))
    running = Server(folder, "--images", str(folder / "images.json"), "--states", "aws").start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def new_instance(server, ec2, **more):
    name = launch(ec2, ImageId=SQL, InstanceType="m5.large", **more)
    server.advance("1m")
    return name


def states(ec2, **more):
    return {one["InstanceId"]: one["HaStatus"] for one in ec2.describe_instance_sql_ha_states(**more)["Instances"]}


def history(ec2, instance, **more):
    found = ec2.describe_instance_sql_ha_history_states(InstanceIds=[instance], **more)["Instances"]
    assert [one["LastUpdatedTime"] for one in found] == sorted([one["LastUpdatedTime"] for one in found], reverse=True)
    return [one["HaStatus"] for one in found]


def test_an_instance_is_asked_for_a_time(server, ec2):
    instance = new_instance(server, ec2, TagSpecifications=[{"ResourceType": "instance", "Tags": TAGS}])
    assert error_of(ec2.describe_instance_sql_ha_states, InstanceIds=[instance])[:2] == (
        "InvalidParameterValue", f"The instance '{instance}' is not enabled for SQL Server High Availability standby detection.")
    [begun] = ec2.enable_instance_sql_ha_standby_detections(InstanceIds=[instance], SqlServerCredentials=SECRET)["Instances"]
    assert (begun["InstanceId"], begun["HaStatus"], begun["SqlServerLicenseUsage"], begun["SqlServerCredentials"], begun["Tags"]) == (
        instance, "processing", "full", SECRET, TAGS)
    assert states(ec2) == {instance: "processing"}
    server.advance("10m")
    [now] = ec2.describe_instance_sql_ha_states(InstanceIds=[instance])["Instances"]
    assert (now["HaStatus"], now["SqlServerLicenseUsage"]) == ("invalid", "full") and now["ProcessingStatus"] and now["LastUpdatedTime"] > begun["LastUpdatedTime"]
    by = lambda name, value: states(ec2, Filters=[{"Name": name, "Values": [value]}])
    assert by("haStatus", "invalid") == by("sqlServerLicenseUsage", "full") == by("tag:team", "red") == by("tag-key", "team") == {instance: "invalid"}
    assert by("haStatus", "standby") == by("sqlServerLicenseUsage", "waived") == {}
    ended = ec2.disable_instance_sql_ha_standby_detections(InstanceIds=[instance])["Instances"]
    assert [one["HaStatus"] for one in ended] == ["invalid"] and states(ec2) == {}
    assert history(ec2, instance) == ["invalid", "processing"]
    server.advance("1h")
    ec2.enable_instance_sql_ha_standby_detections(InstanceIds=[instance])
    assert history(ec2, instance) == ["processing", "invalid", "processing"]
    assert history(ec2, instance, EndTime=now["LastUpdatedTime"]) == ["invalid", "processing"]
    assert history(ec2, instance, StartTime=now["LastUpdatedTime"]) == ["processing", "invalid"]
    ec2.terminate_instances(InstanceIds=[instance])
    assert states(ec2) == {}


def test_refusals(server, ec2):
    plain, instance = launch(ec2), new_instance(server, ec2)
    assert error_of(ec2.enable_instance_sql_ha_standby_detections, InstanceIds=[instance, plain])[:2] == (
        "UnsupportedOperation", f"The instance '{plain}' does not run a license-included SQL Server AMI that is supported.")
    assert error_of(ec2.enable_instance_sql_ha_standby_detections, InstanceIds=["i-0123456789abcdef0"])[0] == "InvalidInstanceID.NotFound"
    assert error_of(ec2.disable_instance_sql_ha_standby_detections, InstanceIds=[instance])[0] == "InvalidParameterValue"
    assert states(ec2) == {}
    for operation in (ec2.describe_instance_sql_ha_states, ec2.describe_instance_sql_ha_history_states):
        assert error_of(operation, Filters=[{"Name": "colour", "Values": ["red"]}])[:2] == ("InvalidParameterValue", "The filter 'colour' is invalid")
        assert error_of(operation, NextToken="x")[0] == "InvalidNextToken"


def test_who_may_not(server, ec2):
    iam = server.client("iam")
    instance = new_instance(server, ec2)
    elsewhere = server.client("ec2", make_user(iam, "elsewhere", allow("ec2:*", "arn:aws:ec2:*:*:instance/i-0000000000000000f")))
    small = server.client("ec2", make_user(iam, "small", allow("ec2:*", Condition={"StringEquals": {"ec2:InstanceType": "t3.micro"}})))
    for user in (elsewhere, small):
        for operation in ("enable_instance_sql_ha_standby_detections", "disable_instance_sql_ha_standby_detections"):
            assert error_of(getattr(user, operation), InstanceIds=[instance])[0] == "UnauthorizedOperation", operation
        for operation in ("describe_instance_sql_ha_states", "describe_instance_sql_ha_history_states"):
            assert error_of(getattr(user, operation))[0] == "UnauthorizedOperation", operation
    large = server.client("ec2", make_user(iam, "large", allow("ec2:*", Condition={"StringEquals": {"ec2:InstanceType": "m5.large"}})))
    large.enable_instance_sql_ha_standby_detections(InstanceIds=[instance])
    assert states(ec2) == {instance: "processing"}
    assert error_of(ec2.disable_instance_sql_ha_standby_detections, InstanceIds=[instance], DryRun=True)[0] == "DryRunOperation"


@pytest.mark.parametrize("operation", ["describe_instance_sql_ha_states", "describe_instance_sql_ha_history_states"])
def test_pages(server, ec2, operation):
    made = ec2.run_instances(ImageId=SQL, InstanceType="m5.large", MinCount=COUNT, MaxCount=COUNT)["Instances"]
    made = [one["InstanceId"] for one in made]
    ec2.enable_instance_sql_ha_standby_detections(InstanceIds=made)
    server.advance("10m")
    describe, given, token = getattr(ec2, operation), [], {}
    while token is not None:
        page = describe(MaxResults=5, **token)
        assert 0 < len(page["Instances"]) <= 5
        given += [(one["InstanceId"], one["LastUpdatedTime"]) for one in page["Instances"]]
        token = {"NextToken": page["NextToken"]} if page.get("NextToken") else None
    assert len(given) == len(set(given)) and set(made) <= {instance for instance, _ in given}
    assert given == [(one["InstanceId"], one["LastUpdatedTime"]) for one in describe()["Instances"]]
