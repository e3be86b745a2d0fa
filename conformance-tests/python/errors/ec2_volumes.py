"""Volumes and snapshots: what EC2 refuses."""

from conftest import launch

ZONE = "us-east-1a"


def before(server):
    launch(server.client("ec2"))
    server.advance("1m")


V, S, I = "vol-0123456789abcdef0", "snap-0123456789abcdef0", "i-0123456789abcdef0"
NO_VOLUME = (400, "InvalidVolume.NotFound", f"The volume '{V}' does not exist.")
BAD_VOLUME = (400, "InvalidVolumeID.Malformed", "The volume ID 'vol-1' is malformed")
NO_SNAPSHOT = (400, "InvalidSnapshot.NotFound", f"The snapshot '{S}' does not exist.")
BAD_SNAPSHOT = (400, "InvalidSnapshotID.Malformed", 'Invalid id: "snap-1" (expecting "snap-...")')
INVALID, COMBINED, MISSING = (400, "InvalidParameterValue"), (400, "InvalidParameterCombination"), (400, "MissingParameter")


def volume(**more):
    return ("ec2", "CreateVolume", {"AvailabilityZone": ZONE, "Size": 10, **more})


CASES = [
    ("ec2", "CreateVolume", {"AvailabilityZone": ZONE}, *MISSING, "The request must contain the parameter size/snapshot"),
    ("ec2", "CreateVolume", {"Size": 1}, *MISSING, "The request must contain the parameter availabilityZone"),
    (*volume(AvailabilityZone="us-east-1z"), 400, "InvalidZone.NotFound", "The zone 'us-east-1z' does not exist."),
    (*volume(Size=20000), *INVALID, "Volume of 20000GiB is too large for volume type gp2; maximum is 16384GiB."),
    (*volume(VolumeType="st1"), *INVALID, "Volume of 10GiB is too small; minimum is 125GiB."),
    (*volume(VolumeType="gp3", Iops=100), *INVALID, "Volume iops of 100 is too low; minimum is 3000."),
    (*volume(VolumeType="gp3", Size=20, Iops=15000), *INVALID, "Iops to volume size ratio of 750.000000 is too high; maximum is 500"),
    (*volume(VolumeType="gp3", Throughput=1000), *INVALID,
     "Throughput (MiBps) to iops ratio of 0.333333 is too high; maximum is 0.250000 MiBps per iops"),
    (*volume(VolumeType="io1"), *MISSING, "The request must contain the parameter iops for io1 volumes"),
    (*volume(Iops=100), *COMBINED, "The parameter iops is not supported for gp2 volumes."),
    (*volume(Throughput=125), *COMBINED, "The parameter throughput is not supported for gp2 volumes."),
    (*volume(KmsKeyId="k"), 400, "InvalidParameterDependency", "The parameter KmsKeyId requires the parameter Encrypted to be set."),
    (*volume(SnapshotId=S), *NO_SNAPSHOT),
    (*volume(SnapshotId="snap-1"), *BAD_SNAPSHOT),
    (*volume(TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}]), *INVALID,
     "'instance' is not a valid taggable resource type for this operation."),
    ("ec2", "DeleteVolume", {"VolumeId": V}, *NO_VOLUME),
    ("ec2", "DeleteVolume", {"VolumeId": "vol-1"}, *BAD_VOLUME),
    ("ec2", "AttachVolume", {"VolumeId": V, "InstanceId": I, "Device": "/dev/sdf"}, 400, "InvalidInstanceID.NotFound", f"The instance ID '{I}' does not exist"),
    ("ec2", "AttachVolume", {"VolumeId": "vol-1", "InstanceId": I, "Device": "/dev/sdf"}, *BAD_VOLUME),
    ("ec2", "DetachVolume", {"VolumeId": V}, *NO_VOLUME),
    ("ec2", "DetachVolume", {"VolumeId": V, "InstanceId": "web"}, 400, "InvalidInstanceID.Malformed", 'Invalid id: "web"'),
    ("ec2", "DescribeVolumeAttribute", {"VolumeId": V, "Attribute": "autoEnableIO"}, *NO_VOLUME),
    ("ec2", "ModifyVolumeAttribute", {"VolumeId": V, "AutoEnableIO": {"Value": True}}, *NO_VOLUME),
    ("ec2", "EnableVolumeIO", {"VolumeId": V}, *NO_VOLUME),
    ("ec2", "ModifyVolume", {"VolumeId": V, "Size": 2}, *NO_VOLUME),
    ("ec2", "DescribeVolumeStatus", {"VolumeIds": [V]}, *NO_VOLUME),
    ("ec2", "DescribeVolumeStatus", {"VolumeIds": [V], "MaxResults": 5}, *COMBINED, "The parameter volumeSet cannot be used with the parameter maxResults"),
    ("ec2", "DescribeVolumeStatus", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *INVALID, "The filter 'colour' is invalid"),
    ("ec2", "DescribeVolumesModifications", {"VolumeIds": [V]}, *NO_VOLUME),
    ("ec2", "CreateSnapshot", {"VolumeId": V}, *NO_VOLUME),
    ("ec2", "CreateSnapshot", {"VolumeId": "vol-1"}, *BAD_VOLUME),
    ("ec2", "DeleteSnapshot", {"SnapshotId": S}, *NO_SNAPSHOT),
    ("ec2", "DeleteSnapshot", {"SnapshotId": "snap-1"}, *BAD_SNAPSHOT),
    ("ec2", "DescribeSnapshots", {"SnapshotIds": [S]}, *NO_SNAPSHOT),
    ("ec2", "DescribeSnapshots", {"SnapshotIds": [S], "MaxResults": 5}, *COMBINED, "The parameter snapshotSet cannot be used with the parameter maxResults"),
    ("ec2", "DescribeSnapshots", {"NextToken": "x"}, 400, "InvalidNextToken", "The token is invalid or expired."),
    ("ec2", "DescribeSnapshotAttribute", {"SnapshotId": S, "Attribute": "createVolumePermission"}, *NO_SNAPSHOT),
    ("ec2", "ModifySnapshotAttribute", {"SnapshotId": S, "OperationType": "add", "UserIds": ["222222222222"]}, *NO_SNAPSHOT),
    ("ec2", "ResetSnapshotAttribute", {"SnapshotId": S, "Attribute": "createVolumePermission"}, *NO_SNAPSHOT),
    ("ec2", "CopySnapshot", {"SourceRegion": "us-east-1", "SourceSnapshotId": S}, *NO_SNAPSHOT),
    ("ec2", "CopySnapshot", {"SourceRegion": "us-east-1", "SourceSnapshotId": "snap-1"}, *BAD_SNAPSHOT),
]
