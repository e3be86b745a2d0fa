"""More of EC2's snapshots and volumes: locks, the archive, fast restores, copies, replaced root volumes. Each operation's effect, and who may not."""

import datetime

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
    made = ec2.create_volume(**{"AvailabilityZone": ZONE, "Size": 1, **more})["VolumeId"]
    server.advance("10s")
    return made


def snapshot(server, ec2, **more):
    made = ec2.create_snapshot(VolumeId=volume(server, ec2), **more)["SnapshotId"]
    server.advance("10s")
    return made


def running(server, ec2):
    made = launch(ec2)
    server.advance("1m")
    return made


def seen(ec2, volume_id):
    return ec2.describe_volumes(VolumeIds=[volume_id])["Volumes"][0]


def root(ec2, instance):
    found = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}, {"Name": "attachment.device", "Values": ["/dev/xvda"]},
                                          {"Name": "attachment.status", "Values": ["attaching", "attached"]}])["Volumes"]
    return found[0]["VolumeId"]


def test_all_volumes_of_an_instance(server, ec2):
    instance = running(server, ec2)
    zone = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["Placement"]["AvailabilityZone"]
    data = volume(server, ec2, AvailabilityZone=zone, Size=2, TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": "use", "Value": "data"}]}])
    ec2.attach_volume(VolumeId=data, InstanceId=instance, Device="/dev/sdf")
    made = ec2.create_snapshots(InstanceSpecification={"InstanceId": instance}, Description="both", CopyTagsFromSource="volume",
                                TagSpecifications=tagged("snapshot"))["Snapshots"]
    assert sorted((one["VolumeSize"], one["VolumeId"] == data, len(one["Tags"]), one["State"]) for one in made) == [
        (2, True, 2, "pending"), (8, False, 1, "pending")]
    ids = [one["SnapshotId"] for one in made]
    server.advance("10s")
    ec2.get_waiter("snapshot_completed").wait(SnapshotIds=ids)
    assert {one["Description"] for one in ec2.describe_snapshots(SnapshotIds=ids)["Snapshots"]} == {"both"}
    [alone] = ec2.create_snapshots(InstanceSpecification={"InstanceId": instance, "ExcludeBootVolume": True})["Snapshots"]
    assert alone["VolumeId"] == data
    [alone] = ec2.create_snapshots(InstanceSpecification={"InstanceId": instance, "ExcludeDataVolumeIds": [data]})["Snapshots"]
    assert alone["VolumeId"] == root(ec2, instance)


def test_a_snapshot_is_locked(server, ec2):
    held = snapshot(server, ec2)
    made = ec2.lock_snapshot(SnapshotId=held, LockMode="governance", LockDuration=365)
    assert (made["LockState"], made["LockDuration"]) == ("governance", 365)
    assert made["LockExpiresOn"] - made["LockDurationStartTime"] == datetime.timedelta(days=365)
    [found] = ec2.describe_locked_snapshots(SnapshotIds=[held])["Snapshots"]
    assert (found["LockState"], found["OwnerId"]) == ("governance", "000000000000")
    assert error_of(ec2.delete_snapshot, SnapshotId=held)[0] == "OperationNotPermitted"
    assert ec2.unlock_snapshot(SnapshotId=held)["SnapshotId"] == held
    assert ec2.describe_locked_snapshots(Filters=[{"Name": "lock-state", "Values": ["governance"]}])["Snapshots"] == []
    ec2.lock_snapshot(SnapshotId=held, LockMode="compliance", CoolOffPeriod=1, LockDuration=1)
    assert ec2.describe_locked_snapshots(SnapshotIds=[held])["Snapshots"][0]["LockState"] == "compliance-cooloff"
    server.advance("2h")
    assert error_of(ec2.unlock_snapshot, SnapshotId=held)[0] == "OperationNotPermitted"
    assert error_of(ec2.lock_snapshot, SnapshotId=held, LockMode="governance", LockDuration=30)[0] == "OperationNotPermitted"
    assert ec2.lock_snapshot(SnapshotId=held, LockMode="compliance", LockDuration=2)["LockState"] == "compliance"
    server.advance("48h")
    assert ec2.describe_locked_snapshots(SnapshotIds=[held])["Snapshots"][0]["LockState"] == "expired"
    ec2.delete_snapshot(SnapshotId=held)


def test_a_snapshot_is_archived(server, ec2):
    held = snapshot(server, ec2)
    status = lambda: ec2.describe_snapshot_tier_status(Filters=[{"Name": "snapshot-id", "Values": [held]}])["SnapshotTierStatuses"][0]
    assert status()["StorageTier"] == "standard" and "LastTieringOperationStatus" not in status()
    assert ec2.modify_snapshot_tier(SnapshotId=held, StorageTier="archive")["TieringStartTime"]
    server.advance("10s")
    assert (status()["StorageTier"], status()["LastTieringOperationStatus"], status()["LastTieringProgress"]) == ("archive", "archival-completed", 100)
    assert ec2.describe_snapshots(SnapshotIds=[held])["Snapshots"][0]["StorageTier"] == "archive"
    assert error_of(ec2.create_volume, AvailabilityZone=ZONE, SnapshotId=held)[0] == "IncorrectState"
    assert error_of(ec2.modify_snapshot_tier, SnapshotId=held)[0] == "IncorrectState"
    back = ec2.restore_snapshot_tier(SnapshotId=held, TemporaryRestoreDays=2)
    assert (back["RestoreDuration"], back["IsPermanentRestore"]) == (2, False)
    server.advance("10s")
    assert status()["LastTieringOperationStatus"] == "temporary-restore-completed" and status()["RestoreExpiryTime"]
    ec2.create_volume(AvailabilityZone=ZONE, SnapshotId=held)
    server.advance("49h")
    assert status()["StorageTier"] == "archive"
    assert ec2.restore_snapshot_tier(SnapshotId=held, PermanentRestore=True)["IsPermanentRestore"] is True
    server.advance("10s")
    assert (status()["StorageTier"], status()["LastTieringOperationStatus"]) == ("standard", "permanent-restore-completed")


def test_fast_restores(server, ec2):
    held = snapshot(server, ec2)
    made = ec2.enable_fast_snapshot_restores(SourceSnapshotIds=[held], AvailabilityZones=[ZONE, "us-east-1b"])
    assert [(one["AvailabilityZone"], one["State"]) for one in made["Successful"]] == [(ZONE, "enabling"), ("us-east-1b", "enabling")]
    [failed] = ec2.enable_fast_snapshot_restores(SourceSnapshotIds=[held], AvailabilityZones=[ZONE])["Unsuccessful"]
    assert failed["FastSnapshotRestoreStateErrors"][0]["Error"]["Code"] == "InvalidFastSnapshotRestoreState.AlreadyEnabled"
    server.advance("10s")
    states = lambda: {one["AvailabilityZone"]: one["State"] for one in ec2.describe_fast_snapshot_restores(
        Filters=[{"Name": "snapshot-id", "Values": [held]}])["FastSnapshotRestores"]}
    assert states() == {ZONE: "enabled", "us-east-1b": "enabled"}
    fast = ec2.create_volume(AvailabilityZone=ZONE, SnapshotId=held)["VolumeId"]
    slow = ec2.create_volume(AvailabilityZone="us-east-1c", SnapshotId=held)["VolumeId"]
    assert (seen(ec2, fast)["FastRestored"], "FastRestored" in seen(ec2, slow)) == (True, False)
    assert [one["VolumeId"] for one in ec2.describe_volumes(Filters=[{"Name": "fast-restored", "Values": ["true"]}])["Volumes"]] == [fast]
    assert ec2.disable_fast_snapshot_restores(SourceSnapshotIds=[held], AvailabilityZones=[ZONE])["Successful"][0]["State"] == "disabling"
    server.advance("10s")
    assert states() == {ZONE: "disabled", "us-east-1b": "enabled"}
    ec2.delete_snapshot(SnapshotId=held)
    server.advance("10s")
    assert states() == {ZONE: "disabled", "us-east-1b": "disabled"}


def test_a_volume_is_copied(server, ec2):
    source = volume(server, ec2, Size=2)
    arguments = {"SourceVolumeId": source, "VolumeType": "gp3", "Size": 4, "TagSpecifications": tagged("volume"), "ClientToken": "v1"}
    [made] = ec2.copy_volumes(**arguments)["Volumes"]
    assert (made["State"], made["Size"], made["Iops"], made["Tags"]) == ("creating", 4, 3000, TAGS)
    assert ec2.copy_volumes(**arguments)["Volumes"][0]["VolumeId"] == made["VolumeId"]
    ec2.delete_volume(VolumeId=source)
    server.advance("10s")
    found = seen(ec2, made["VolumeId"])
    assert (found["State"], found["SourceVolumeId"], found["AvailabilityZone"], found["SnapshotId"]) == ("available", source, ZONE, "")


def test_a_root_volume_is_replaced(server, ec2):
    instance = running(server, ec2)
    first = root(ec2, instance)
    made = ec2.create_replace_root_volume_task(InstanceId=instance, TagSpecifications=tagged("replace-root-volume-task"))["ReplaceRootVolumeTask"]
    assert (made["TaskState"], made["InstanceId"], made["Tags"]) == ("pending", instance, TAGS)
    server.advance("10s")
    [task] = ec2.describe_replace_root_volume_tasks(Filters=[{"Name": "instance-id", "Values": [instance]}])["ReplaceRootVolumeTasks"]
    assert (task["TaskState"], task["ReplaceRootVolumeTaskId"]) == ("succeeded", made["ReplaceRootVolumeTaskId"]) and task["CompleteTime"]
    second = root(ec2, instance)
    assert second != first and seen(ec2, first)["State"] == "available" and seen(ec2, second)["SnapshotId"] == seen(ec2, first)["SnapshotId"]
    taken = ec2.create_snapshot(VolumeId=first)["SnapshotId"]
    server.advance("10s")
    ec2.create_replace_root_volume_task(InstanceId=instance, SnapshotId=taken, DeleteReplacedRootVolume=True)
    server.advance("10s")
    assert seen(ec2, root(ec2, instance))["SnapshotId"] == taken
    assert error_of(ec2.describe_volumes, VolumeIds=[second])[0] == "InvalidVolume.NotFound"
    other = snapshot(server, ec2)
    assert error_of(ec2.create_replace_root_volume_task, InstanceId=instance, SnapshotId=other)[0] == "InvalidParameterValue"
    ec2.terminate_instances(InstanceIds=[instance])
    assert error_of(ec2.create_replace_root_volume_task, InstanceId=instance)[0] == "IncorrectInstanceState"


#: Operations and what they are called with, V, S and I standing for a volume, a snapshot and an instance.
CALLS = [
    ("create_snapshots", {"InstanceSpecification": {"InstanceId": "I"}}), ("lock_snapshot", {"SnapshotId": "S", "LockMode": "governance", "LockDuration": 1}),
    ("unlock_snapshot", {"SnapshotId": "S"}), ("describe_locked_snapshots", {}), ("modify_snapshot_tier", {"SnapshotId": "S"}),
    ("restore_snapshot_tier", {"SnapshotId": "S", "PermanentRestore": True}), ("describe_snapshot_tier_status", {}),
    ("enable_fast_snapshot_restores", {"SourceSnapshotIds": ["S"], "AvailabilityZones": [ZONE]}),
    ("disable_fast_snapshot_restores", {"SourceSnapshotIds": ["S"], "AvailabilityZones": [ZONE]}), ("describe_fast_snapshot_restores", {}),
    ("copy_volumes", {"SourceVolumeId": "V"}), ("create_replace_root_volume_task", {"InstanceId": "I"}), ("describe_replace_root_volume_tasks", {}),
]


def test_who_may_not(server, ec2):
    """Rights on other snapshots and volumes are none on these; lists know no resources and are denied as a whole."""
    iam = server.client("iam")
    names = {"V": volume(server, ec2), "S": snapshot(server, ec2), "I": running(server, ec2)}
    elsewhere = [f"arn:aws:ec2:*:*:{kind}/*0000000000000000f" for kind in ("volume", "snapshot", "instance")]
    mine = server.client("ec2", make_user(iam, "elsewhere", {"Effect": "Allow", "Action": "ec2:*", "Resource": elsewhere}))
    theirs = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))

    def named(value):
        if isinstance(value, list):
            return [named(one) for one in value]
        return {key: named(one) for key, one in value.items()} if isinstance(value, dict) else names.get(value, value)

    for operation, parameters in CALLS:
        for user in (mine, theirs):
            assert error_of(getattr(user, operation), **named(parameters))[0] == "UnauthorizedOperation", operation


def test_condition_keys(server, ec2):
    held = snapshot(server, ec2)
    user = server.client("ec2", make_user(
        server.client("iam"), "conditions",
        allow("ec2:LockSnapshot", Condition={"NumericLessThanEquals": {"ec2:SnapshotLockDuration": "7"}}),
        allow("ec2:EnableFastSnapshotRestores", Condition={"ForAllValues:StringEquals": {"ec2:AvailabilityZone": [ZONE]}}),
        allow("ec2:CopyVolumes", Condition={"NumericLessThan": {"ec2:VolumeSize": "10"}})))
    assert error_of(user.lock_snapshot, SnapshotId=held, LockMode="governance", LockDuration=8)[0] == "UnauthorizedOperation"
    user.lock_snapshot(SnapshotId=held, LockMode="governance", LockDuration=7)
    restore = {"SourceSnapshotIds": [held]}
    assert error_of(user.enable_fast_snapshot_restores, **restore, AvailabilityZones=[ZONE, "us-east-1b"])[0] == "UnauthorizedOperation"
    user.enable_fast_snapshot_restores(**restore, AvailabilityZones=[ZONE])
    source = volume(server, ec2)
    assert error_of(user.copy_volumes, SourceVolumeId=source, Size=10)[0] == "UnauthorizedOperation"
    user.copy_volumes(SourceVolumeId=source, Size=9)
