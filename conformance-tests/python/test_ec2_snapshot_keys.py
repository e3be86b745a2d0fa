"""Keys that an encrypted snapshot has beside the one it is encrypted under."""

import pytest

from conftest import allow, error_of, make_user

TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def new_snapshot(server, ec2, **more):
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1, **more)["VolumeId"]
    server.advance("10s")
    name = ec2.create_snapshot(VolumeId=volume, TagSpecifications=[{"ResourceType": "snapshot", "Tags": TAGS}])["SnapshotId"]
    server.advance("10s")
    return name


def keys(ec2, snapshot):
    return [one["KmsKeyId"] for one in ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"][0].get("AssociatedKmsKeys", [])]


def test_keys_come_and_go(server, ec2):
    owner = server.client("sts").get_caller_identity()["Account"]
    first, second = f"arn:aws:kms:us-east-1:{owner}:key/one", f"arn:aws:kms:us-east-1:{owner}:alias/second"
    snapshot = new_snapshot(server, ec2, Encrypted=True, KmsKeyId=f"arn:aws:kms:us-east-1:{owner}:key/own")
    assert keys(ec2, snapshot) == []
    assert ec2.associate_kms_key_id(SnapshotId=snapshot, KmsKeyId="alias/second")["Return"] is True
    ec2.associate_kms_key_id(SnapshotId=snapshot, KmsKeyId=first)
    assert keys(ec2, snapshot) == [second, first]
    assert error_of(ec2.associate_kms_key_id, SnapshotId=snapshot, KmsKeyId="one")[:2] == (
        "InvalidParameterValue", f"The KMS key '{first}' is already associated with the snapshot '{snapshot}'.")
    assert error_of(ec2.associate_kms_key_id, SnapshotId=snapshot, KmsKeyId="own")[0] == "InvalidParameterValue"
    assert error_of(ec2.associate_kms_key_id, SnapshotId=snapshot, KmsKeyId="three", DryRun=True)[0] == "DryRunOperation"
    assert ec2.disassociate_kms_key_id(SnapshotId=snapshot, KmsKeyId="alias/second")["Return"] is True
    assert keys(ec2, snapshot) == [first]
    assert error_of(ec2.disassociate_kms_key_id, SnapshotId=snapshot, KmsKeyId="alias/second")[:2] == (
        "InvalidParameterValue", f"The KMS key '{second}' is not associated with the snapshot '{snapshot}'.")
    copied = ec2.copy_snapshot(SourceRegion="us-east-1", SourceSnapshotId=snapshot)["SnapshotId"]
    assert keys(ec2, copied) == []
    plain = new_snapshot(server, ec2)
    assert error_of(ec2.associate_kms_key_id, SnapshotId=plain, KmsKeyId="one")[:2] == ("UnsupportedOperation", f"The snapshot '{plain}' is not encrypted.")


def test_who_may_not(server, ec2):
    iam = server.client("iam")
    snapshot = new_snapshot(server, ec2, Encrypted=True)
    elsewhere = server.client("ec2", make_user(iam, "keys-elsewhere", allow("ec2:*", "arn:aws:ec2:*::snapshot/snap-0000000000000000f")))
    blue = server.client("ec2", make_user(iam, "keys-blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    for user in (elsewhere, blue):
        for operation in ("associate_kms_key_id", "disassociate_kms_key_id"):
            assert error_of(getattr(user, operation), SnapshotId=snapshot, KmsKeyId="one")[0] == "UnauthorizedOperation", operation
    encrypted = server.client("ec2", make_user(iam, "keys-encrypted", allow("ec2:AssociateKmsKeyId", Condition={"Bool": {"ec2:Encrypted": "true"}})))
    encrypted.associate_kms_key_id(SnapshotId=snapshot, KmsKeyId="one")
    assert len(keys(ec2, snapshot)) == 1
