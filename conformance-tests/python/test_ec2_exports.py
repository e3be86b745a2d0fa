"""Exports of images and instances: files that are left in a bucket, as the clock goes."""

import pytest

from conftest import allow, error_of, image, launch, make_import_role, make_user, put_disk, register

TAGS = [{"Key": "team", "Value": "red"}]
PLACE = {"S3Bucket": "disks", "S3Prefix": "exports/"}
OVA = {"ContainerFormat": "ova", "DiskImageFormat": "VMDK", **PLACE}


@pytest.fixture(scope="module")
def ec2(server):
    make_import_role(server.client("iam"))
    return server.client("ec2")


@pytest.fixture(scope="module")
def own(server, ec2):
    return register(server, ec2, "exported")


@pytest.fixture(scope="module")
def machine(server, ec2, own):
    id = launch(ec2, ImageId=own)
    server.advance("1m")
    return id


def files(server):
    return {file["key"]: file for file in server.admin("GET", "s3-files")["s3Files"]}


def task(ec2, id):
    return ec2.describe_export_image_tasks(ExportImageTaskIds=[id])["ExportImageTasks"][0]


def test_an_image_becomes_a_file(server, ec2, own):
    asked = {"ImageId": own, "DiskImageFormat": "VMDK", "S3ExportLocation": PLACE, "Description": "server", "ClientToken": "once",
             "TagSpecifications": [{"ResourceType": "export-image-task", "Tags": TAGS}]}
    assert error_of(ec2.export_image, **asked, DryRun=True)[0] == "DryRunOperation"
    made = ec2.export_image(**asked)
    id = made["ExportImageTaskId"]
    assert id.startswith("export-ami-") and ec2.export_image(**asked)["ExportImageTaskId"] == id
    assert error_of(ec2.export_image, **{**asked, "Description": "another"})[0] == "IdempotentParameterMismatch"
    assert (made["ImageId"], made["DiskImageFormat"], made["S3ExportLocation"], made["Description"], made["Tags"]) == (own, "VMDK", PLACE, "server", TAGS)
    assert (made["Status"], made["StatusMessage"], made["Progress"], "RoleName" in made) == ("active", "validating", "0", False)
    server.advance("1h")
    done = task(ec2, id)
    assert (done["Status"], "Progress" in done, "StatusMessage" in done) == ("completed", False, False)
    assert files(server)[f"exports/{id}.vmdk"]["size"] == 8 << 30
    named = lambda **filters: [one["ExportImageTaskId"] for one in ec2.describe_export_image_tasks(
        Filters=[{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()])["ExportImageTasks"]]
    assert named(task_state="completed") == named(**{"tag:team": "red"}) == [id] and named(task_state="active") == []
    ec2.create_tags(Resources=[id], Tags=[{"Key": "story", "Value": "export"}])
    assert {tag["Key"] for tag in task(ec2, id)["Tags"]} == {"team", "story"}
    assert error_of(ec2.cancel_export_task, ExportTaskId=id)[:2] == ("IncorrectState", f"The task {id} is completed and cannot be canceled.")
    # What was exported can come back.
    again = ec2.import_snapshot(DiskContainer={"UserBucket": {"S3Bucket": "disks", "S3Key": f"exports/{id}.vmdk"}})["ImportTaskId"]
    server.advance("1h")
    [imported] = ec2.describe_import_snapshot_tasks(ImportTaskIds=[again])["ImportSnapshotTasks"]
    [snapshot] = ec2.describe_snapshots(SnapshotIds=[imported["SnapshotTaskDetail"]["SnapshotId"]])["Snapshots"]
    assert snapshot["VolumeSize"] == 8


def test_one_is_canceled(server, ec2, own):
    id = ec2.export_image(ImageId=own, DiskImageFormat="RAW", S3ExportLocation={"S3Bucket": "disks"}, RoleName="vmimport")["ExportImageTaskId"]
    before = files(server)
    assert ec2.cancel_export_task(ExportTaskId=id)["ResponseMetadata"]["HTTPStatusCode"] == 200
    server.advance("1h")
    assert task(ec2, id)["Status"] == "deleted" and files(server) == before
    server.advance("8d")
    assert error_of(ec2.describe_export_image_tasks, ExportImageTaskIds=[id])[:2] == ("InvalidExportTaskID.NotFound", f"The export task ID '{id}' does not exist")


def test_what_cannot_be_exported(server, ec2, own):
    to = {"DiskImageFormat": "VHD", "S3ExportLocation": PLACE}
    assert error_of(ec2.export_image, ImageId=image(ec2), **to)[0] == "NotExportable"
    assert error_of(ec2.export_image, ImageId="ami-0123456789abcdef0", **to)[0] == "InvalidAMIID.NotFound"
    copied = ec2.copy_image(Name="hidden", SourceImageId=own, SourceRegion="us-east-1", Encrypted=True)["ImageId"]
    server.advance("5m")
    [device] = ec2.describe_images(ImageIds=[copied])["Images"][0]["BlockDeviceMappings"]
    assert error_of(ec2.export_image, ImageId=copied, **to)[:2] == (
        "NotExportable", f"The snapshot ID ({device['Ebs']['SnapshotId']}) is encrypted and is not exportable.")
    windows = ec2.import_image(Platform="Windows", LicenseType="AWS", DiskContainers=[{"UserBucket": put_disk(server)}])["ImportTaskId"]
    server.advance("1h")
    licensed = ec2.describe_import_image_tasks(ImportTaskIds=[windows])["ImportImageTasks"][0]["ImageId"]
    assert error_of(ec2.export_image, ImageId=licensed, **to)[0] == "NotExportable"
    assert error_of(ec2.export_image, ImageId=own, DiskImageFormat="VHD", S3ExportLocation={"S3Bucket": "No Bucket"})[0] == "InvalidParameterValue"


def test_the_role_writes(server, ec2, own):
    iam = server.client("iam")
    make_import_role(iam, "reader", statement=allow("s3:GetObject", Resource="arn:aws:s3:::disks/*"))
    make_import_role(iam, "machines", principal="ec2.amazonaws.com")
    to = {"ImageId": own, "DiskImageFormat": "VHD", "S3ExportLocation": PLACE}
    for name in ("nobody", "reader", "machines"):
        assert error_of(ec2.export_image, RoleName=name, **to)[:2] == (
            "InvalidParameter", f"The service role {name} provided does not exist or does not have sufficient permissions")
    make_import_role(iam, "writer", statement=allow("s3:PutObject", Resource="arn:aws:s3:::disks/exports/*"))
    assert ec2.export_image(RoleName="writer", **to)["RoleName"] == "writer"
    # Nobody passes the role.
    user = server.client("ec2", make_user(iam, "exporter", allow("ec2:ExportImage")))
    assert user.export_image(**to)["Status"] == "active"
    tagged = {"TagSpecifications": [{"ResourceType": "export-image-task", "Tags": TAGS}]}
    assert error_of(user.export_image, **to, **tagged)[0] == "UnauthorizedOperation"
    for refused in (lambda: user.describe_export_image_tasks(), lambda: user.describe_export_tasks(),
                    lambda: user.cancel_export_task(ExportTaskId="export-ami-0123456789abcdef0")):
        assert error_of(refused)[0] == "UnauthorizedOperation"
    blind = server.client("ec2", make_user(iam, "blind", allow("ec2:ExportImage", Resource="arn:aws:ec2:*:*:export-image-task/*")))
    assert error_of(blind.export_image, **to)[0] == "UnauthorizedOperation"


def test_an_instance_becomes_a_file(server, ec2, machine):
    made = ec2.create_instance_export_task(InstanceId=machine, TargetEnvironment="vmware", ExportToS3Task=OVA, Description="server",
                                           TagSpecifications=[{"ResourceType": "export-instance-task", "Tags": TAGS}])["ExportTask"]
    id = made["ExportTaskId"]
    assert id.startswith("export-i-") and (made["State"], made["Description"], made["Tags"]) == ("active", "server", TAGS)
    assert made["ExportToS3Task"] == {"ContainerFormat": "ova", "DiskImageFormat": "vmdk", "S3Bucket": "disks", "S3Key": f"exports/{id}.ova"}
    assert made["InstanceExportDetails"] == {"InstanceId": machine, "TargetEnvironment": "vmware"}
    server.advance("1h")
    [done] = ec2.describe_export_tasks(ExportTaskIds=[id])["ExportTasks"]
    assert done["State"] == "completed" and files(server)[f"exports/{id}.ova"]["size"] == 8 << 30
    assert [one["ExportTaskId"] for one in ec2.describe_export_tasks(Filters=[{"Name": "tag:team", "Values": ["red"]}])["ExportTasks"]] == [id]
    disk = ec2.create_instance_export_task(InstanceId=machine, TargetEnvironment="citrix", ExportToS3Task={"S3Bucket": "disks"})["ExportTask"]
    assert disk["ExportToS3Task"] == {"DiskImageFormat": "vhd", "S3Bucket": "disks", "S3Key": f"{disk['ExportTaskId']}.vhd"}
    ec2.cancel_export_task(ExportTaskId=disk["ExportTaskId"])
    server.advance("1h")
    assert ec2.describe_export_tasks(ExportTaskIds=[disk["ExportTaskId"]])["ExportTasks"][0]["State"] == "cancelled"
    assert error_of(ec2.cancel_export_task, ExportTaskId=disk["ExportTaskId"])[:2] == (
        "IncorrectState", f"The task {disk['ExportTaskId']} is cancelled and cannot be canceled.")


def test_which_instances_can_be_exported(server, ec2, machine):
    foreign = launch(ec2)
    to = {"TargetEnvironment": "vmware", "ExportToS3Task": OVA}
    assert error_of(ec2.create_instance_export_task, InstanceId=foreign, **to)[0] == "IncorrectInstanceState"
    server.advance("1m")
    code, text = error_of(ec2.create_instance_export_task, InstanceId=foreign, **to)[:2]
    assert code == "NotExportable" and text.endswith("of the instance neither is owned by current user nor had been previously imported through VMIE.")
    refused = lambda environment, **file: error_of(
        ec2.create_instance_export_task, InstanceId=machine, TargetEnvironment=environment, ExportToS3Task={"S3Bucket": "disks", **file})[:2]
    assert refused("citrix", DiskImageFormat="RAW") == (
        "Unsupported", "diskImageFormat 'raw' not supported for targetEnvironment 'citrix'. Valid value(s): [\"'vhd', .")
    assert refused("microsoft", ContainerFormat="ova") == ("Unsupported", "containerFormat 'ova' not supported for targetEnvironment 'microsoft'.")
    user = server.client("ec2", make_user(server.client("iam"), "machines", allow("ec2:CreateInstanceExportTask", Resource="arn:aws:ec2:*:*:instance/*")))
    assert error_of(user.create_instance_export_task, InstanceId=machine, **to)[0] == "UnauthorizedOperation"
