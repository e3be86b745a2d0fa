"""Imports of disks: files that are put into a bucket become snapshots and images, as the clock goes."""

import pytest

from conftest import allow, error_of, make_import_role, make_user, put_disk

TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    make_import_role(server.client("iam"))
    return server.client("ec2")


def task(ec2, id):
    return ec2.describe_import_snapshot_tasks(ImportTaskIds=[id])["ImportSnapshotTasks"][0]


def test_a_disk_becomes_a_snapshot(server, ec2):
    asked = {"Description": "server", "DiskContainer": {"Description": "its disk", "Format": "vmdk", "UserBucket": put_disk(server, "server.vmdk", "5GiB")},
             "ClientToken": "once", "TagSpecifications": [{"ResourceType": "import-snapshot-task", "Tags": TAGS}]}
    made = ec2.import_snapshot(**asked)
    id, detail = made["ImportTaskId"], made["SnapshotTaskDetail"]
    assert id.startswith("import-snap-") and ec2.import_snapshot(**asked)["ImportTaskId"] == id
    assert error_of(ec2.import_snapshot, **{**asked, "Description": "another"})[0] == "IdempotentParameterMismatch"
    assert (made["Description"], made["Tags"], detail["Description"], detail["Format"]) == ("server", TAGS, "its disk", "VMDK")
    assert (detail["Status"], detail["StatusMessage"], detail["Progress"], detail["DiskImageSize"]) == ("active", "pending", "3", 0.0)
    assert detail["UserBucket"] == asked["DiskContainer"]["UserBucket"] and "SnapshotId" not in detail
    server.advance("2m")
    done = task(ec2, id)["SnapshotTaskDetail"]
    assert (done["Status"], done["DiskImageSize"], "Progress" in done) == ("completed", float(5 << 30), False)
    [snapshot] = ec2.describe_snapshots(OwnerIds=["self"], SnapshotIds=[done["SnapshotId"]])["Snapshots"]
    assert (snapshot["State"], snapshot["VolumeSize"], snapshot["Encrypted"]) == ("completed", 5, False)
    assert snapshot["Description"] == f"Created by AWS-VMImport service for {id}" and "Tags" not in snapshot
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", SnapshotId=done["SnapshotId"])
    assert volume["Size"] == 5
    ec2.create_tags(Resources=[id], Tags=[{"Key": "story", "Value": "import"}])
    assert {tag["Key"] for tag in task(ec2, id)["Tags"]} == {"team", "story"}
    named = lambda **filters: [one["ImportTaskId"] for one in ec2.describe_import_snapshot_tasks(
        Filters=[{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()])["ImportSnapshotTasks"]]
    assert named(task_state="completed") == named(**{"tag:team": "red"}) == [id] and named(task_state="active") == []
    assert error_of(ec2.cancel_import_task, ImportTaskId=id)[:2] == ("IncorrectState", f"The task {id} is completed and cannot be canceled.")
    server.advance("8d")
    assert error_of(ec2.describe_import_snapshot_tasks, ImportTaskIds=[id])[0] == "InvalidConversionTaskId.Malformed"
    assert ec2.describe_snapshots(SnapshotIds=[done["SnapshotId"]])["Snapshots"]


def test_an_encrypted_one_by_url(server, ec2):
    put_disk(server, "vms/a.raw", "1GiB")
    key = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    id = ec2.import_snapshot(DiskContainer={"Url": "s3://disks/vms/a.raw"}, Encrypted=True, KmsKeyId=key)["ImportTaskId"]
    server.advance("2m")
    detail = task(ec2, id)["SnapshotTaskDetail"]
    assert (detail["Url"], detail["Encrypted"], detail["KmsKeyId"]) == ("s3://disks/vms/a.raw", True, key)
    [snapshot] = ec2.describe_snapshots(SnapshotIds=[detail["SnapshotId"]])["Snapshots"]
    assert (snapshot["Encrypted"], snapshot["KmsKeyId"]) == (True, key)


def test_a_machine_becomes_an_image(server, ec2):
    disks = [{"Description": "root", "Format": "ova", "UserBucket": put_disk(server, "server.ova", "5GiB")}, {"Url": "s3://disks/data.raw", "DeviceName": "/dev/sdh"}]
    put_disk(server, "data.raw", "1GiB")
    asked = {"Description": "server", "DiskContainers": disks, "LicenseType": "BYOL", "ClientToken": "machine",
             "TagSpecifications": [{"ResourceType": "import-image-task", "Tags": TAGS}]}
    made = ec2.import_image(**asked)
    id = made["ImportTaskId"]
    assert id.startswith("import-ami-") and ec2.import_image(**asked)["ImportTaskId"] == id
    assert (made["Status"], made["StatusMessage"], made["Tags"], "ImageId" in made) == ("active", "pending", TAGS, False)
    server.advance("3m")
    [done] = ec2.describe_import_image_tasks(Filters=[{"Name": "task-state", "Values": ["completed"]}])["ImportImageTasks"]
    assert (done["ImportTaskId"], done["Platform"], done["Architecture"], done["LicenseType"]) == (id, "Linux", "x86_64", "BYOL")
    [image] = ec2.describe_images(ImageIds=[done["ImageId"]], Owners=["self"])["Images"]
    assert (image["Name"], image["State"], image["Description"], image["RootDeviceName"]) == (id, "available", "AWS-VMImport service: Linux", "/dev/sda1")
    devices = [(one["DeviceName"], one["Ebs"]["VolumeSize"], one["Ebs"]["SnapshotId"]) for one in image["BlockDeviceMappings"]]
    assert devices == [(one["DeviceName"], size, one["SnapshotId"]) for one, size in zip(done["SnapshotDetails"], (5, 1))]
    assert [one["State"] for one in ec2.describe_snapshots(SnapshotIds=[one[2] for one in devices])["Snapshots"]] == ["completed"] * 2
    [launched] = ec2.run_instances(ImageId=done["ImageId"], InstanceType="t3.micro", MinCount=1, MaxCount=1)["Instances"]
    assert launched["ImageId"] == done["ImageId"]
    server.advance("1m")
    again = ec2.import_image(DiskContainers=[{"SnapshotId": devices[0][2]}], Encrypted=True)["ImportTaskId"]
    told = ec2.cancel_import_task(ImportTaskId=again)
    assert (told["PreviousState"], told["State"]) == ("active", "deleting")
    user = server.client("ec2", make_user(server.client("iam"), "images", allow("ec2:ImportImage", Resource="arn:aws:ec2:*:*:import-image-task/*")))
    assert error_of(user.import_image, DiskContainers=disks)[0] == "UnauthorizedOperation"
    assert error_of(user.describe_import_image_tasks)[0] == "UnauthorizedOperation"
    assert error_of(ec2.import_image, DiskContainers=[{"SnapshotId": "snap-0123456789abcdef0"}])[0] == "InvalidSnapshot.NotFound"


def test_a_task_is_canceled(server, ec2):
    id = ec2.import_snapshot(DiskContainer={"UserBucket": put_disk(server)})["ImportTaskId"]
    before = len(ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"])
    assert error_of(ec2.cancel_import_task, ImportTaskId=id, DryRun=True)[0] == "DryRunOperation"
    told = ec2.cancel_import_task(ImportTaskId=id, CancelReason="not needed")
    assert (told["ImportTaskId"], told["PreviousState"], told["State"]) == (id, "active", "deleting")
    server.advance("1h")
    assert (task(ec2, id)["SnapshotTaskDetail"]["Status"], len(ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"])) == ("deleted", before)


def test_the_role_serves(server, ec2):
    iam = server.client("iam")
    disk = {"UserBucket": put_disk(server)}
    make_import_role(iam, "instances", principal="ec2.amazonaws.com")
    make_import_role(iam, "blind", statement=allow("s3:ListBucket"))
    for name in ("nobody", "instances", "blind"):
        assert error_of(ec2.import_snapshot, DiskContainer=disk, RoleName=name)[:2] == (
            "InvalidParameter", f"The service role {name} provided does not exist or does not have sufficient permissions")
    make_import_role(iam, "importer")
    assert ec2.import_snapshot(DiskContainer=disk, RoleName="importer")["ImportTaskId"]
    # Nobody passes the role.
    user = server.client("ec2", make_user(iam, "importer", allow("ec2:ImportSnapshot")))
    assert user.import_snapshot(DiskContainer=disk)["ImportTaskId"]
    assert error_of(user.cancel_import_task, ImportTaskId="import-snap-0123456789abcdef0")[0] == "UnauthorizedOperation"
    assert error_of(user.describe_import_snapshot_tasks)[0] == "UnauthorizedOperation"
    tagged = {"TagSpecifications": [{"ResourceType": "import-snapshot-task", "Tags": TAGS}]}
    assert error_of(user.import_snapshot, DiskContainer=disk, **tagged)[0] == "UnauthorizedOperation"


def test_the_file_is_there(server, ec2):
    place = {"S3Bucket": "disks", "S3Key": "nothing"}
    assert error_of(ec2.import_snapshot, DiskContainer={"UserBucket": place})[0] == "InvalidParameter"
    ireland = server.client("ec2", region="eu-west-1")
    assert error_of(ireland.import_snapshot, DiskContainer={"UserBucket": put_disk(server)})[:2] == (
        "InvalidParameter", "The given S3 object is not local to the region. The object must be located in eu-west-1.")
