"""EC2's volumes and snapshots: each operation's effect, seen through another one, and who may not."""

import pytest

from conftest import allow, error_of, launch, make_user

ZONE = "us-east-1a"
TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


def volume(server, ec2, **more):
    made = ec2.create_volume(**{"AvailabilityZone": ZONE, "Size": 1, **more})
    server.advance("10s")
    return made["VolumeId"]


def snapshot(server, ec2, volume_id, **more):
    made = ec2.create_snapshot(VolumeId=volume_id, **more)
    server.advance("10s")
    return made["SnapshotId"]


def seen(ec2, volume_id):
    return ec2.describe_volumes(VolumeIds=[volume_id])["Volumes"][0]


def test_a_volume_is_made_and_goes(server, ec2):
    made = ec2.create_volume(AvailabilityZone=ZONE, Size=20, VolumeType="gp3", Encrypted=True, TagSpecifications=tagged("volume"), ClientToken="t1")
    assert (made["State"], made["Iops"], made["Throughput"], made["Attachments"]) == ("creating", 3000, 125, [])
    assert ec2.create_volume(AvailabilityZone=ZONE, Size=20, VolumeType="gp3", Encrypted=True, TagSpecifications=tagged("volume"),
                             ClientToken="t1")["VolumeId"] == made["VolumeId"]
    server.advance("10s")
    found = seen(ec2, made["VolumeId"])
    assert (found["State"], found["Size"], found["Encrypted"], found["Tags"]) == ("available", 20, True, TAGS)
    assert ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [made["VolumeId"]]}])["Tags"][0]["ResourceType"] == "volume"
    assert error_of(server.client("ec2", region="eu-west-1").describe_volumes, VolumeIds=[made["VolumeId"]])[0] == "InvalidVolume.NotFound"
    ec2.delete_volume(VolumeId=made["VolumeId"])
    assert error_of(ec2.describe_volumes, VolumeIds=[made["VolumeId"]])[0] == "InvalidVolume.NotFound"


def test_a_volume_is_attached_and_detached(server, ec2):
    instance = launch(ec2)
    server.advance("1m")
    zone = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["Placement"]["AvailabilityZone"]
    held = volume(server, ec2, AvailabilityZone=zone)
    attached = ec2.attach_volume(VolumeId=held, InstanceId=instance, Device="/dev/sdf")
    assert (attached["State"], attached["DeleteOnTermination"]) == ("attaching", False)
    server.advance("10s")
    [attachment] = seen(ec2, held)["Attachments"]
    assert (attachment["State"], attachment["InstanceId"], seen(ec2, held)["State"]) == ("attached", instance, "in-use")
    devices = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["BlockDeviceMappings"]
    assert [one["DeviceName"] for one in devices] == ["/dev/xvda", "/dev/sdf"], "the root first"
    assert error_of(ec2.delete_volume, VolumeId=held)[:2] == ("VolumeInUse", f"Volume {held} is currently attached to {instance}")
    assert error_of(ec2.attach_volume, VolumeId=held, InstanceId=instance, Device="/dev/sdg")[0] == "VolumeInUse"
    assert ec2.detach_volume(VolumeId=held)["State"] == "detaching"
    server.advance("10s")
    assert (seen(ec2, held)["State"], seen(ec2, held)["Attachments"]) == ("available", [])
    assert error_of(ec2.detach_volume, VolumeId=held)[:2] == ("IncorrectState", f"Volume '{held}'is in the 'available' state.")
    ec2.terminate_instances(InstanceIds=[instance])


def test_nothing_starts_without_a_root_volume(server, ec2):
    instance = launch(ec2)
    server.advance("1m")
    ec2.stop_instances(InstanceIds=[instance])
    server.advance("2m")
    [root] = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["BlockDeviceMappings"]
    ec2.detach_volume(VolumeId=root["Ebs"]["VolumeId"])
    server.advance("10s")
    message = f"Invalid value '{instance}' for instanceId. Instance does not have a volume attached at root (/dev/xvda)"
    assert error_of(ec2.start_instances, InstanceIds=[instance])[:2] == ("InvalidParameterValue", message)
    ec2.attach_volume(VolumeId=root["Ebs"]["VolumeId"], InstanceId=instance, Device="/dev/xvda")
    ec2.start_instances(InstanceIds=[instance])
    ec2.terminate_instances(InstanceIds=[instance])


def test_a_volume_is_modified(server, ec2):
    held = volume(server, ec2)
    assert error_of(ec2.describe_volumes_modifications, VolumeIds=[held])[0] == "InvalidVolumeModification.NotFound"
    change = ec2.modify_volume(VolumeId=held, Size=8, VolumeType="gp3", Iops=3500)["VolumeModification"]
    assert (change["ModificationState"], change["OriginalSize"], change["TargetSize"]) == ("modifying", 1, 8)
    assert error_of(ec2.modify_volume, VolumeId=held, Size=9)[0] == "IncorrectModificationState"
    server.advance("10s")
    [change] = ec2.describe_volumes_modifications(Filters=[{"Name": "target-size", "Values": ["8"]}])["VolumesModifications"]
    assert (change["VolumeId"], change["ModificationState"], change["Progress"]) == (held, "completed", 100)
    found = seen(ec2, held)
    assert (found["Size"], found["VolumeType"], found["Iops"], found["Throughput"]) == (8, "gp3", 3500, 125)


def test_attributes_and_status(server, ec2):
    held = volume(server, ec2, TagSpecifications=tagged("volume"))
    ec2.modify_volume_attribute(VolumeId=held, AutoEnableIO={"Value": True})
    assert ec2.describe_volume_attribute(VolumeId=held, Attribute="autoEnableIO")["AutoEnableIO"] == {"Value": True}
    assert ec2.describe_volume_attribute(VolumeId=held, Attribute="productCodes")["ProductCodes"] == []
    ec2.enable_volume_io(VolumeId=held)
    [status] = ec2.describe_volume_status(VolumeIds=[held])["VolumeStatuses"]
    assert status["VolumeStatus"]["Status"] == "ok" and status["AvailabilityZone"] == ZONE
    pages = list(ec2.get_paginator("describe_volume_status").paginate(PaginationConfig={"PageSize": 5}))
    assert held in [one["VolumeId"] for page in pages for one in page["VolumeStatuses"]]


def test_a_snapshot_is_made_and_a_volume_of_it(server, ec2):
    source = volume(server, ec2, Size=3)
    made = ec2.create_snapshot(VolumeId=source, Description="first", TagSpecifications=tagged("snapshot"))
    assert (made["State"], made["VolumeSize"], made["Tags"]) == ("pending", 3, TAGS)
    assert error_of(ec2.create_volume, AvailabilityZone=ZONE, SnapshotId=made["SnapshotId"])[0] == "IncorrectState"
    server.advance("10s")
    ec2.get_waiter("snapshot_completed").wait(SnapshotIds=[made["SnapshotId"]])
    [found] = ec2.describe_snapshots(OwnerIds=["self"], Filters=[{"Name": "volume-id", "Values": [source]}])["Snapshots"]
    assert (found["SnapshotId"], found["Progress"], found["Description"], found["StorageTier"]) == (made["SnapshotId"], "100%", "first", "standard")
    ec2.delete_volume(VolumeId=source)
    again = ec2.create_volume(AvailabilityZone=ZONE, SnapshotId=made["SnapshotId"])
    assert (again["Size"], again["SnapshotId"]) == (3, made["SnapshotId"])
    launched = launch(ec2, BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": made["SnapshotId"]}}])
    filters = [{"Name": "attachment.instance-id", "Values": [launched]}, {"Name": "snapshot-id", "Values": [made["SnapshotId"]]}]
    assert ec2.describe_volumes(Filters=filters)["Volumes"][0]["Size"] == 3
    ec2.delete_snapshot(SnapshotId=made["SnapshotId"])
    assert error_of(ec2.describe_snapshots, SnapshotIds=[made["SnapshotId"]])[0] == "InvalidSnapshot.NotFound"


def test_a_snapshot_is_shared(server, ec2):
    held = snapshot(server, ec2, volume(server, ec2))
    other = server.client("ec2", server.account("222222222222"))
    assert error_of(other.describe_snapshots, SnapshotIds=[held])[0] == "InvalidSnapshot.NotFound"
    ec2.modify_snapshot_attribute(SnapshotId=held, Attribute="createVolumePermission", OperationType="add", UserIds=["222222222222"])
    assert ec2.describe_snapshot_attribute(SnapshotId=held, Attribute="createVolumePermission")["CreateVolumePermissions"] == [
        {"UserId": "222222222222"}]
    assert other.describe_snapshots(RestorableByUserIds=["self"])["Snapshots"][0]["SnapshotId"] == held
    assert other.create_volume(AvailabilityZone=ZONE, SnapshotId=held)["Size"] == 1
    copy = other.copy_snapshot(SourceRegion="us-east-1", SourceSnapshotId=held)["SnapshotId"]
    ec2.reset_snapshot_attribute(SnapshotId=held, Attribute="createVolumePermission")
    assert error_of(other.create_volume, AvailabilityZone=ZONE, SnapshotId=held)[0] == "InvalidSnapshot.NotFound"
    assert other.describe_snapshots(OwnerIds=["self"])["Snapshots"][0]["SnapshotId"] == copy
    ec2.modify_snapshot_attribute(SnapshotId=held, CreateVolumePermission={"Add": [{"Group": "all"}]})
    assert held in [one["SnapshotId"] for one in other.describe_snapshots(RestorableByUserIds=["all"])["Snapshots"]]


def test_a_snapshot_is_copied_to_another_region(server, ec2):
    held = snapshot(server, ec2, volume(server, ec2, Size=2))
    there = server.client("ec2", region="eu-west-1")
    copied = there.copy_snapshot(SourceRegion="us-east-1", SourceSnapshotId=held, Description="copy", Encrypted=True, TagSpecifications=tagged("snapshot"))
    assert copied["Tags"] == TAGS
    [found] = there.describe_snapshots(SnapshotIds=[copied["SnapshotId"]])["Snapshots"]
    assert (found["VolumeSize"], found["Encrypted"], found["Description"]) == (2, True, "copy")
    assert error_of(ec2.describe_snapshots, SnapshotIds=[copied["SnapshotId"]])[0] == "InvalidSnapshot.NotFound"


def test_dry_runs_change_nothing(server, ec2):
    held = volume(server, ec2)
    assert error_of(ec2.delete_volume, VolumeId=held, DryRun=True)[0] == "DryRunOperation"
    assert seen(ec2, held)["State"] == "available"


#: Operations and what they are called with, V and S standing for a volume and a snapshot.
CALLS = [
    ("create_volume", {"AvailabilityZone": ZONE, "Size": 1}), ("delete_volume", {"VolumeId": "V"}),
    ("attach_volume", {"VolumeId": "V", "InstanceId": "i-0123456789abcdef0", "Device": "/dev/sdf"}), ("detach_volume", {"VolumeId": "V"}),
    ("describe_volume_status", {}), ("describe_volume_attribute", {"VolumeId": "V", "Attribute": "autoEnableIO"}),
    ("modify_volume_attribute", {"VolumeId": "V", "AutoEnableIO": {"Value": True}}), ("modify_volume", {"VolumeId": "V", "Size": 9}),
    ("describe_volumes_modifications", {}), ("enable_volume_io", {"VolumeId": "V"}), ("create_snapshot", {"VolumeId": "V"}),
    ("delete_snapshot", {"SnapshotId": "S"}), ("describe_snapshots", {}),
    ("describe_snapshot_attribute", {"SnapshotId": "S", "Attribute": "createVolumePermission"}),
    ("modify_snapshot_attribute", {"SnapshotId": "S", "OperationType": "add", "UserIds": ["222222222222"]}),
    ("reset_snapshot_attribute", {"SnapshotId": "S", "Attribute": "createVolumePermission"}),
    ("copy_snapshot", {"SourceRegion": "us-east-1", "SourceSnapshotId": "S"}),
]


def test_who_may_not(server, ec2):
    """Rights on other volumes and snapshots are none on these; lists know no resources and are denied as a whole."""
    iam = server.client("iam")
    held = volume(server, ec2, TagSpecifications=tagged("volume"))
    taken = snapshot(server, ec2, held, TagSpecifications=tagged("snapshot"))
    elsewhere = [f"arn:aws:ec2:*:*:{kind}/{prefix}-0000000000000000f" for kind, prefix in (("volume", "vol"), ("snapshot", "snap"))]
    mine = server.client("ec2", make_user(iam, "elsewhere", {"Effect": "Allow", "Action": "ec2:*", "Resource": elsewhere}))
    blue = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    theirs = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition=blue)))
    for operation, parameters in CALLS:
        parameters = {name: {"V": held, "S": taken}.get(value, value) if isinstance(value, str) else value for name, value in parameters.items()}
        assert error_of(getattr(mine, operation), **parameters)[0] == "UnauthorizedOperation", operation
        assert error_of(getattr(theirs, operation), **parameters)[0] == "UnauthorizedOperation", operation
    assert seen(ec2, held)["Size"] == 1


def test_condition_keys(server, ec2):
    iam = server.client("iam")
    held = volume(server, ec2)
    encrypted = allow("ec2:CreateVolume", Condition={"Bool": {"ec2:Encrypted": "true"}, "NumericLessThan": {"ec2:VolumeSize": "10"}})
    user = server.client("ec2", make_user(
        iam, "conditions", encrypted,
        allow("ec2:CreateTags", Condition={"StringEquals": {"ec2:CreateAction": "CreateVolume"}}),
        allow("ec2:ModifyVolume", Condition={"StringEquals": {"ec2:Attribute/VolumeType": "gp3"}}),
        allow("ec2:CreateSnapshot"),
        allow("ec2:ModifySnapshotAttribute", Condition={"ForAllValues:StringEquals": {"ec2:Add/userId": ["222222222222"]}, "Null": {"ec2:Add/userId": "false"}})))
    assert error_of(user.create_volume, AvailabilityZone=ZONE, Size=1)[0] == "UnauthorizedOperation"
    assert error_of(user.create_volume, AvailabilityZone=ZONE, Size=10, Encrypted=True)[0] == "UnauthorizedOperation"
    user.create_volume(AvailabilityZone=ZONE, Size=1, Encrypted=True, TagSpecifications=tagged("volume"))
    assert error_of(user.create_snapshot, VolumeId=held, TagSpecifications=tagged("snapshot"))[0] == "UnauthorizedOperation"
    assert error_of(user.modify_volume, VolumeId=held, VolumeType="io1", Iops=100)[0] == "UnauthorizedOperation"
    user.modify_volume(VolumeId=held, VolumeType="gp3")
    taken = user.create_snapshot(VolumeId=held)["SnapshotId"]
    share = {"SnapshotId": taken, "OperationType": "add"}
    assert error_of(user.modify_snapshot_attribute, **share, UserIds=["333333333333"])[0] == "UnauthorizedOperation"
    user.modify_snapshot_attribute(**share, UserIds=["222222222222"])
