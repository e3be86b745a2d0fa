"""A disk becomes an instance: ImportInstance, whose tasks DescribeConversionTasks tells of."""

import base64

import pytest

from conftest import allow, error_of, make_user, put_disk

URL = "https://disks.s3.amazonaws.com/windows/manifest.xml?X-Amz-Signature=0"
GIB = 1 << 30


@pytest.fixture(scope="module")
def ec2(server):
    put_disk(server, "windows/manifest.xml", "1KiB")
    return server.client("ec2")


def disk(**more):
    return {"Description": "C:", "Image": {"Format": "VMDK", "Bytes": 3 * GIB, "ImportManifestUrl": URL}, "Volume": {"Size": 30}, **more}


def asked(**specification):
    return {"Platform": "Windows", "DiskImages": [disk()], "LaunchSpecification": {"InstanceType": "m5.large", "Architecture": "x86_64", **specification}}


def task(ec2, id):
    return ec2.describe_conversion_tasks(ConversionTaskIds=[id])["ConversionTasks"][0]


def test_a_disk_becomes_a_stopped_instance(server, ec2):
    subnet = ec2.describe_subnets(Filters=[{"Name": "availability-zone", "Values": ["us-east-1b"]}])["Subnets"][0]
    group = ec2.create_security_group(GroupName="imported", Description="imported")["GroupId"]
    wish = asked(SubnetId=subnet["SubnetId"], GroupIds=[group], PrivateIpAddress=subnet["CidrBlock"].replace(".0/20", ".77"), Monitoring=True,
                 UserData={"Data": base64.b64encode(b"hello").decode()}, InstanceInitiatedShutdownBehavior="terminate")
    assert error_of(ec2.import_instance, **wish, DryRun=True)[0] == "DryRunOperation"
    made = ec2.import_instance(**wish, Description="server")["ConversionTask"]
    id, detail = made["ConversionTaskId"], made["ImportInstance"]
    assert id.startswith("import-i-") and (made["State"], made["StatusMessage"], "ImportVolume" in made) == ("active", "Pending", False)
    assert (detail["Description"], detail["Platform"]) == ("server", "Windows")
    [volume] = detail["Volumes"]
    assert (volume["AvailabilityZone"], volume["Description"], volume["Status"], volume["Volume"]) == ("us-east-1b", "C:", "active", {"Size": 30})
    assert volume["Image"] == {"Format": "VMDK", "ImportManifestUrl": URL, "Size": 3 * GIB}
    assert error_of(ec2.describe_instances, InstanceIds=[detail["InstanceId"]])[0] == "InvalidInstanceID.NotFound"
    server.advance("1h")
    done = task(ec2, id)
    [volume] = done["ImportInstance"]["Volumes"]
    assert (done["State"], volume["Status"], volume["BytesConverted"]) == ("completed", "completed", 3 * GIB)
    instance = ec2.describe_instances(InstanceIds=[detail["InstanceId"]])["Reservations"][0]["Instances"][0]
    assert (instance["State"]["Name"], instance["Platform"], instance["Placement"]["AvailabilityZone"]) == ("stopped", "windows", "us-east-1b")
    assert instance["PrivateIpAddress"] == wish["LaunchSpecification"]["PrivateIpAddress"] and "PublicIpAddress" not in instance
    assert instance["SecurityGroups"] == [{"GroupId": group, "GroupName": "imported"}] and instance["Monitoring"]["State"] == "enabled"
    [mapping] = instance["BlockDeviceMappings"]
    assert (mapping["DeviceName"], mapping["Ebs"]["VolumeId"]) == (instance["RootDeviceName"], volume["Volume"]["Id"])
    behavior = ec2.describe_instance_attribute(InstanceId=instance["InstanceId"], Attribute="instanceInitiatedShutdownBehavior")
    assert behavior["InstanceInitiatedShutdownBehavior"] == {"Value": "terminate"}
    ec2.start_instances(InstanceIds=[instance["InstanceId"]])
    server.advance("5m")
    assert ec2.describe_instances(InstanceIds=[instance["InstanceId"]])["Reservations"][0]["Instances"][0]["State"]["Name"] == "running"
    # Its address is taken now.
    assert error_of(ec2.import_instance, **wish)[0] == "InvalidIPAddress.InUse"


def test_one_is_canceled(server, ec2):
    made = ec2.import_instance(**asked())["ConversionTask"]
    ec2.cancel_conversion_task(ConversionTaskId=made["ConversionTaskId"], ReasonMessage="not needed")
    server.advance("1h")
    ended = task(ec2, made["ConversionTaskId"])
    assert (ended["State"], ended["StatusMessage"], "Id" in ended["ImportInstance"]["Volumes"][0]["Volume"]) == ("cancelled", "not needed", False)
    assert error_of(ec2.describe_instances, InstanceIds=[made["ImportInstance"]["InstanceId"]])[0] == "InvalidInstanceID.NotFound"


def test_what_cannot_be_made_leaves_nothing_behind(server, ec2):
    zone = {"Filters": [{"Name": "availability-zone", "Values": ["us-east-1c"]}]}
    subnet = ec2.describe_subnets(**zone)["Subnets"][0]
    wish = asked(SubnetId=subnet["SubnetId"], PrivateIpAddress=subnet["CidrBlock"].replace(".0/20", ".78"))
    first, second = [ec2.import_instance(**wish)["ConversionTask"]["ConversionTaskId"] for _ in range(2)]
    server.advance("1h")
    states = {task(ec2, first)["State"], task(ec2, second)["State"]}
    assert "completed" in states and len(states) == 2
    assert len(ec2.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [subnet["SubnetId"]]}])["NetworkInterfaces"]) == 1


def test_what_cannot_be_imported(ec2):
    refused = lambda **more: error_of(ec2.import_instance, **{**asked(), **more})[0]
    assert refused(DiskImages=[]) == "MissingParameter"
    assert refused(DiskImages=[disk(), disk()]) == "InvalidParameterValue"
    assert refused(DiskImages=[{"Volume": {"Size": 5}}]) == "MissingParameter"
    assert refused(DiskImages=[disk(Volume={"Size": 2})]) == "InvalidParameterValue"
    assert refused(DiskImages=[disk(Image={**disk()["Image"], "ImportManifestUrl": "s3://disks/nothing.xml"})]) == "InvalidParameter"
    assert refused(Platform="Linux") == "InvalidParameterValue"
    assert refused(**asked(InstanceType="m6g.large")) == "InvalidParameterValue"
    assert refused(**asked(SubnetId="subnet-0123456789abcdef0")) == "InvalidSubnetID.NotFound"
    assert refused(**asked(GroupIds=["sg-0123456789abcdef0"])) == "InvalidGroup.NotFound"
    assert refused(**asked(UserData={"Data": "-"})) == "InvalidParameterValue"


def test_who_may(server, ec2):
    iam = server.client("iam")
    small = server.client("ec2", make_user(iam, "small-importer", allow("ec2:ImportInstance", Condition={"NumericLessThanIfExists": {"ec2:VolumeSize": "31"}})))
    assert small.import_instance(**asked())["ConversionTask"]["State"] == "active"
    assert error_of(small.import_instance, **{**asked(), "DiskImages": [disk(Volume={"Size": 31})]})[0] == "UnauthorizedOperation"
