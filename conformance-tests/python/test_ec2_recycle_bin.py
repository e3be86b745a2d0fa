"""The Recycle Bin: what a rule covers can be restored until its days are over, and who may not."""

import pytest

from conftest import allow, error_of, image, launch, make_user, register


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def rule(server, identifier, sort, days=7, method="PUT", **more):
    return server.admin(method, "recycle-bin-rules", {"region": "us-east-1", "identifier": identifier, "resourceType": sort, "retentionDays": days, **more})


def volume(ec2, **more):
    return ec2.create_volume(AvailabilityZone="us-east-1a", Size=1, **more)["VolumeId"]


def snapshot(server, ec2, *tags):
    tagging = {"TagSpecifications": [{"ResourceType": "snapshot", "Tags": list(tags)}]} if tags else {}
    source = volume(ec2)
    server.advance("2s")
    made = ec2.create_snapshot(VolumeId=source, Description="kept", **tagging)["SnapshotId"]
    server.advance("2s")
    return made


def test_snapshots(server, ec2):
    before = snapshot(server, ec2)
    ec2.delete_snapshot(SnapshotId=before)
    assert ec2.list_snapshots_in_recycle_bin()["Snapshots"] == [], "no rule, no bin"
    rule(server, "snapshots", "EBS_SNAPSHOT", 2, resourceTags=[{"key": "keep"}])
    rule(server, "longer", "EBS_SNAPSHOT", 5, resourceTags=[{"key": "keep", "value": "long"}])
    plain, short, long = snapshot(server, ec2), snapshot(server, ec2, {"Key": "keep", "Value": "x"}), snapshot(server, ec2, {"Key": "keep", "Value": "long"})
    for one in (plain, short, long):
        ec2.delete_snapshot(SnapshotId=one)
    assert error_of(ec2.describe_snapshots, SnapshotIds=[short])[0] == "InvalidSnapshot.NotFound"
    assert error_of(ec2.create_volume, AvailabilityZone="us-east-1a", SnapshotId=short)[0] == "InvalidSnapshot.NotFound"
    found = {one["SnapshotId"]: one for one in ec2.list_snapshots_in_recycle_bin()["Snapshots"]}
    assert sorted(found) == sorted([short, long]) and found[short]["Description"] == "kept"
    days = {one: (told["RecycleBinExitTime"] - told["RecycleBinEnterTime"]).days for one, told in found.items()}
    assert days == {short: 2, long: 5}
    restored = ec2.restore_snapshot_from_recycle_bin(SnapshotId=short)
    assert (restored["SnapshotId"], restored["State"], restored["VolumeSize"]) == (short, "completed", 1)
    assert ec2.describe_snapshots(SnapshotIds=[short])["Snapshots"][0]["Tags"] == [{"Key": "keep", "Value": "x"}]
    assert ec2.create_volume(AvailabilityZone="us-east-1a", SnapshotId=short)["SnapshotId"] == short
    assert error_of(ec2.restore_snapshot_from_recycle_bin, SnapshotId=short)[:2] == ("InvalidSnapshot.NotFound", f"The snapshot '{short}' does not exist.")
    server.advance("121h")
    assert ec2.list_snapshots_in_recycle_bin()["Snapshots"] == []
    assert error_of(ec2.restore_snapshot_from_recycle_bin, SnapshotId=long)[0] == "InvalidSnapshot.NotFound"
    rule(server, "snapshots", "EBS_SNAPSHOT", method="DELETE")
    rule(server, "longer", "EBS_SNAPSHOT", method="DELETE")


def test_images(server, ec2):
    rule(server, "images", "EC2_IMAGE")
    rule(server, "of-images", "EBS_SNAPSHOT")
    held = snapshot(server, ec2)
    devices = [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": held}}]
    register = lambda name: ec2.register_image(Name=name, Architecture="x86_64", RootDeviceName="/dev/xvda", VirtualizationType="hvm", EnaSupport=True, BlockDeviceMappings=devices)["ImageId"]
    made = register("golden")
    ec2.deregister_image(ImageId=made, DeleteAssociatedSnapshots=True)
    assert error_of(launch, ec2=ec2, ImageId=made)[0] == "InvalidAMIID.Unavailable"
    [told] = ec2.list_images_in_recycle_bin(ImageIds=[made])["Images"]
    assert (told["Name"], (told["RecycleBinExitTime"] - told["RecycleBinEnterTime"]).days) == ("golden", 7)
    assert error_of(ec2.restore_image_from_recycle_bin, ImageId=made)[0] == "InvalidSnapshot.NotFound"
    ec2.restore_snapshot_from_recycle_bin(SnapshotId=held)
    taker = register("golden")
    assert error_of(ec2.restore_image_from_recycle_bin, ImageId=made)[:2] == ("InvalidAMIName.Duplicate", f"AMI name golden is already in use by AMI {taker}")
    ec2.deregister_image(ImageId=taker)
    assert error_of(ec2.restore_image_from_recycle_bin, ImageId=made, DryRun=True)[0] == "DryRunOperation"
    assert ec2.restore_image_from_recycle_bin(ImageId=made)["Return"] is True
    server.advance("2s")
    assert ec2.describe_images(ImageIds=[made])["Images"][0]["State"] == "available"
    launch(ec2, ImageId=made)
    assert [one["ImageId"] for one in ec2.list_images_in_recycle_bin()["Images"]] == [taker]
    assert server.client("ec2", region="eu-west-1").list_images_in_recycle_bin()["Images"] == []
    assert server.client("ec2", server.account("222222222222")).list_images_in_recycle_bin()["Images"] == []
    rule(server, "images", "EC2_IMAGE", method="DELETE")
    rule(server, "of-images", "EBS_SNAPSHOT", method="DELETE")


def test_what_comes_back_is_not_public_where_that_is_blocked_meanwhile(server, ec2):
    rule(server, "images", "EC2_IMAGE")
    made = register(server, ec2, "published")
    ec2.disable_image_block_public_access()
    ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [{"Group": "all"}]})
    ec2.deregister_image(ImageId=made)
    ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    ec2.restore_image_from_recycle_bin(ImageId=made)
    server.advance("2s")
    assert ec2.describe_images(ImageIds=[made])["Images"][0]["Public"] is False
    rule(server, "images", "EC2_IMAGE", method="DELETE")


def test_volumes(server, ec2):
    rule(server, "volumes", "EBS_VOLUME", excludeResourceTags=[{"key": "scratch"}])
    scratch = volume(ec2, TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": "scratch", "Value": ""}]}])
    kept = [volume(ec2) for _ in range(6)]
    server.advance("2s")
    for one in [scratch, *kept]:
        ec2.delete_volume(VolumeId=one)
    assert error_of(ec2.describe_volumes, VolumeIds=[kept[0]])[0] == "InvalidVolume.NotFound"
    first = ec2.list_volumes_in_recycle_bin(MaxResults=5)
    rest = ec2.list_volumes_in_recycle_bin(MaxResults=5, NextToken=first["NextToken"])
    assert [one["VolumeId"] for page in (first, rest) for one in page["Volumes"]] == sorted(kept) and "NextToken" not in rest
    ec2.restore_volume_from_recycle_bin(VolumeId=kept[0])
    told = ec2.describe_volumes(VolumeIds=[kept[0]])["Volumes"][0]
    assert (told["State"], told["Size"], told["Attachments"]) == ("available", 1, [])
    root = ec2.describe_instances(InstanceIds=[launch(ec2)])["Reservations"][0]["Instances"][0]
    ec2.terminate_instances(InstanceIds=[root["InstanceId"]])
    disk = root["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    server.advance("2s")
    assert ec2.list_volumes_in_recycle_bin(VolumeIds=[disk])["Volumes"][0]["SnapshotId"].startswith("snap-")
    ec2.restore_volume_from_recycle_bin(VolumeId=disk)
    server.advance("2s")
    assert ec2.describe_volumes(VolumeIds=[disk])["Volumes"][0]["State"] == "available"


def test_rules_that_cannot_be(server):
    import urllib.error

    for wrong in ({"days": 0}, {"days": 8}, {"region": "nowhere"}, {"resourceTags": [{"key": "a"}], "excludeResourceTags": [{"key": "b"}]}):
        with pytest.raises(urllib.error.HTTPError) as refused:
            rule(server, "wrong", "EBS_VOLUME", **wrong)
        assert refused.value.code == 400, wrong


def test_who_may_not(server, ec2):
    rule(server, "volumes", "EBS_VOLUME")
    held = volume(ec2, TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": "team", "Value": "red"}]}])
    server.advance("2s")
    ec2.delete_volume(VolumeId=held)
    iam = server.client("iam")
    calls = [("list_images_in_recycle_bin", {}), ("list_snapshots_in_recycle_bin", {}), ("list_volumes_in_recycle_bin", {}),
             ("restore_image_from_recycle_bin", {"ImageId": image(ec2)}), ("restore_snapshot_from_recycle_bin", {"SnapshotId": "snap-0123456789abcdef0"}),
             ("restore_volume_from_recycle_bin", {"VolumeId": held})]
    elsewhere = server.client("ec2", make_user(iam, "elsewhere", allow("ec2:*", "arn:aws:ec2:*:*:volume/vol-0123456789abcdef0")))
    blue = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    for user in (elsewhere, blue):
        for name, arguments in calls:
            assert error_of(getattr(user, name), **arguments)[0] == "UnauthorizedOperation", name
    red = server.client("ec2", make_user(iam, "red", allow("ec2:RestoreVolumeFromRecycleBin", Condition={"StringEquals": {"aws:ResourceTag/team": "red"}})))
    assert red.restore_volume_from_recycle_bin(VolumeId=held)["Return"] is True
