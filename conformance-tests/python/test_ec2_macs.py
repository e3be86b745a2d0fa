"""Macs: dedicated hosts, and tasks on the instances there."""

import json

import pytest

from conftest import allow, error_of, launch, make_user

#: Where both sorts are offered.
ZONE = "us-east-1b"
TAGS = [{"Key": "team", "Value": "red"}]
CREDENTIALS = json.dumps({"internalDiskPassword": "", "rootVolumeUsername": "ec2-user", "rootVolumepassword": "secret"})


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def mac(server, ec2, kind, architecture):
    """A running instance on a host of its own; the catalogue has no image of macOS."""
    source = ec2.create_volume(AvailabilityZone=ZONE, Size=100)["VolumeId"]
    server.advance("10s")
    snapshot = ec2.create_snapshot(VolumeId=source)["SnapshotId"]
    server.advance("10s")
    device = {"DeviceName": "/dev/sda1", "Ebs": {"SnapshotId": snapshot}}
    image = ec2.register_image(Name=f"macos-{kind}", Architecture=architecture, RootDeviceName="/dev/sda1", BlockDeviceMappings=[device],
                               VirtualizationType="hvm", EnaSupport=True)["ImageId"]
    server.advance("10s")
    host = ec2.allocate_hosts(AvailabilityZone=ZONE, Quantity=1, InstanceType=kind)["HostIds"][0]
    instance = launch(ec2, ImageId=image, InstanceType=kind, Placement={"Tenancy": "host", "HostId": host})
    server.advance("1m")
    return host, instance


def tasks(ec2, **filters):
    wanted = [{"Name": name, "Values": [value]} for name, value in filters.items()]
    return ec2.describe_mac_modification_tasks(Filters=wanted)["MacModificationTasks"]


def test_macs(server, ec2):
    host, instance = mac(server, ec2, "mac2.metal", "arm64_mac")
    old_host, old = mac(server, ec2, "mac1.metal", "x86_64_mac")
    usual = ec2.allocate_hosts(AvailabilityZone=ZONE, Quantity=1, InstanceType="m5.large")["HostIds"][0]
    assert {one["HostId"] for one in ec2.describe_mac_hosts()["MacHosts"]} == {host, old_host}
    by = lambda name, value: [one["HostId"] for one in ec2.describe_mac_hosts(Filters=[{"Name": name, "Values": [value]}])["MacHosts"]]
    assert (by("instance-type", "mac1.metal"), len(by("availability-zone", ZONE)), by("availability-zone", "us-east-1a")) == ([old_host], 2, [])
    assert [one["HostId"] for one in ec2.describe_mac_hosts(HostIds=[host])["MacHosts"]] == [host]
    assert error_of(ec2.describe_mac_hosts, HostIds=[usual])[0] == "InvalidHostID.NotFound"

    protect = ec2.create_mac_system_integrity_protection_modification_task
    wish = {"InstanceId": instance, "MacCredentials": CREDENTIALS, "MacSystemIntegrityProtectionStatus": "enabled", "ClientToken": "task-1",
            "MacSystemIntegrityProtectionConfiguration": {"NvramProtections": "disabled"},
            "TagSpecifications": [{"ResourceType": "mac-modification-task", "Tags": TAGS}]}
    task = protect(**wish)["MacModificationTask"]
    assert protect(**wish)["MacModificationTask"] == task
    settings = task["MacSystemIntegrityProtectionConfig"]
    assert (settings["Status"], settings["NvramProtections"], settings["KextSigning"], settings["DTraceRestrictions"]) == (
        "enabled", "disabled", "enabled", "enabled")
    assert (task["InstanceId"], task["TaskType"], task["TaskState"], task["Tags"]) == (instance, "sip-modification", "pending", TAGS)
    name = task["MacModificationTaskId"]
    assert error_of(ec2.create_delegate_mac_volume_ownership_task, InstanceId=instance, MacCredentials=CREDENTIALS)[:2] == (
        "IncorrectState", f"The task '{name}' of the instance '{instance}' is not complete.")
    server.advance("2h")
    assert [one["TaskState"] for one in tasks(ec2, **{"instance-id": instance, "task-state": "successful"})] == ["successful"]
    second = ec2.create_delegate_mac_volume_ownership_task(InstanceId=instance, MacCredentials=CREDENTIALS)["MacModificationTask"]
    assert second["TaskType"] == "volume-ownership-delegation" and "MacSystemIntegrityProtectionConfig" not in second
    third = protect(InstanceId=old, MacSystemIntegrityProtectionStatus="disabled")["MacModificationTask"]
    found = lambda **filters: {one["MacModificationTaskId"] for one in tasks(ec2, **filters)}
    assert found(**{"task-type": "volume-ownership-delegation"}) == {second["MacModificationTaskId"]}
    assert found(**{"mac-system-integrity-protection-configuration.sip-status": "disabled"}) == {third["MacModificationTaskId"]}
    assert found(**{"tag:team": "red"}) == {name}
    assert len(ec2.describe_mac_modification_tasks(MacModificationTaskIds=[name])["MacModificationTasks"]) == 1
    assert "secret" not in json.dumps(tasks(ec2), default=str)

    assert error_of(ec2.create_delegate_mac_volume_ownership_task, InstanceId=old, MacCredentials=CREDENTIALS)[:2] == (
        "IncorrectState", f"The task '{third['MacModificationTaskId']}' of the instance '{old}' is not complete.")
    server.advance("2h")
    assert error_of(ec2.create_delegate_mac_volume_ownership_task, InstanceId=old, MacCredentials=CREDENTIALS)[:2] == (
        "UnsupportedOperation", f"The instance '{old}' is not an Apple silicon Mac instance.")
    assert error_of(protect, InstanceId=instance, MacSystemIntegrityProtectionStatus="enabled")[:2] == (
        "MissingParameter", "The request must contain the parameter MacCredentials")
    assert error_of(protect, InstanceId=instance, MacSystemIntegrityProtectionStatus="enabled", MacCredentials="{}")[:2] == (
        "InvalidParameterValue", "The parameter MacCredentials is invalid. It must be JSON with the member internalDiskPassword.")
    plain = launch(ec2)
    assert error_of(protect, InstanceId=plain, MacSystemIntegrityProtectionStatus="enabled")[:2] == (
        "UnsupportedOperation", f"The instance '{plain}' is not a Mac instance.")
    ec2.stop_instances(InstanceIds=[instance])
    server.advance("1m")
    assert error_of(protect, InstanceId=instance, MacSystemIntegrityProtectionStatus="enabled", MacCredentials=CREDENTIALS)[0] == "IncorrectInstanceState"

    calls = [("create_mac_system_integrity_protection_modification_task", {"InstanceId": old, "MacSystemIntegrityProtectionStatus": "enabled"}),
             ("create_delegate_mac_volume_ownership_task", {"InstanceId": old, "MacCredentials": CREDENTIALS})]
    iam = server.client("iam")
    elsewhere = server.client("ec2", make_user(
        iam, "macs-elsewhere", allow("ec2:*", ["arn:aws:ec2:*:*:instance/i-0000000000000000f", "arn:aws:ec2:*:*:mac-modification-task/*"])))
    type_ = server.client("ec2", make_user(iam, "macs-type", allow("ec2:*", Condition={"StringEquals": {"ec2:InstanceType": "mac2.metal"}})))
    for user in (elsewhere, type_):
        for operation, parameters in [*calls, ("describe_mac_modification_tasks", {}), ("describe_mac_hosts", {})]:
            assert error_of(getattr(user, operation), **parameters)[0] == "UnauthorizedOperation", operation
