"""Images, settings, and what is new of snapshots and volumes: what EC2 refuses. The apostrophe in the texts on public access is AWS's."""

from conftest import launch

ZONE = "us-east-1a"


def before(server):
    ec2 = server.client("ec2")
    ec2.create_image(InstanceId=running(server, ec2), Name="taken")
    server.advance("10s")


def running(server, ec2):
    instance = launch(ec2)
    server.advance("1m")
    return instance


M, S, V, I, T = "ami-0123456789abcdef0", "snap-0123456789abcdef0", "vol-0123456789abcdef0", "i-0123456789abcdef0", "replacevol-0123456789abcdef0"
NO_IMAGE = (400, "InvalidAMIID.NotFound", f"The image id '[{M}]' does not exist")
BAD_IMAGE = (400, "InvalidAMIID.Malformed", 'Invalid id: "ami-1" (expecting "ami-...")')
NO_INSTANCE = (400, "InvalidInstanceID.NotFound", f"The instance ID '{I}' does not exist")
NO_SNAPSHOT = (400, "InvalidSnapshot.NotFound", f"The snapshot '{S}' does not exist.")
BAD_SNAPSHOT = (400, "InvalidSnapshotID.Malformed", 'Invalid id: "snap-1" (expecting "snap-...")')
NO_VOLUME = (400, "InvalidVolume.NotFound", f"The volume '{V}' does not exist.")
NAME = (400, "InvalidAMIName.Malformed",
        "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'")
INVALID, COMBINED, MISSING = (400, "InvalidParameterValue"), (400, "InvalidParameterCombination"), (400, "MissingParameter")
UNKNOWN_FILTER = (*INVALID, "The filter 'colour' is invalid")
COLOUR = [{"Name": "colour", "Values": ["red"]}]
WRONG_TAGS = [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]
NOT_TAGGABLE = (*INVALID, "'vpc' is not a valid taggable resource type for this operation.")


def register(device=None, **more):
    mapping = [{"DeviceName": "/dev/xvda", "Ebs": device}] if device else []
    return ("ec2", "RegisterImage", {"Name": "refused", "RootDeviceName": "/dev/xvda", "BlockDeviceMappings": mapping, **more})


def on_image(operation, **more):
    return [("ec2", operation, {"ImageId": M, **more}, *NO_IMAGE), ("ec2", operation, {"ImageId": "ami-1", **more}, *BAD_IMAGE)]


def on_snapshot(operation, **more):
    return [("ec2", operation, {"SnapshotId": S, **more}, *NO_SNAPSHOT), ("ec2", operation, {"SnapshotId": "snap-1", **more}, *BAD_SNAPSHOT)]


CASES = [
    ("ec2", "CreateImage", {"InstanceId": I, "Name": "refused"}, *NO_INSTANCE),
    ("ec2", "CreateImage", {"InstanceId": "web", "Name": "refused"}, 400, "InvalidInstanceID.Malformed", 'Invalid id: "web"'),
    ("ec2", "CreateImage", {"InstanceId": I, "Name": "a+b"}, *NAME),
    ("ec2", "CreateImage", {"InstanceId": I, "Name": "refused", "TagSpecifications": WRONG_TAGS}, *NOT_TAGGABLE),
    (*register(Name="n@me!"), *NAME),
    (*register(Name="ab"), *NAME),
    ("ec2", "CreateImage", {"InstanceId": I, "Name": "a" * 129}, *NAME),
    ("ec2", "CopyImage", {"SourceImageId": M, "SourceRegion": "us-east-1", "Name": "ab"}, *NAME),
    ("ec2", "DescribeImages", {"MaxResults": 1}, *INVALID, "Invalid value '1' for maxResults. Expecting a value greater than 5."),
    ("ec2", "DescribeImages", {"MaxResults": 5, "ImageIds": [M]}, *COMBINED,
     "The parameter imageIdsSet cannot be used with the parameter maxResults"),
    (*register(), 400, "InvalidBlockDeviceMapping", "No root snapshot specified in device mapping."),
    (*register({"VolumeSize": 8}), 400, "InvalidBlockDeviceMapping", "No root snapshot specified in device mapping."),
    (*register({"SnapshotId": S}), *NO_SNAPSHOT),
    (*register({"SnapshotId": "snap-1"}), *BAD_SNAPSHOT),
    (*register({"VolumeType": "gp3"}), *MISSING, "The request must contain the parameter size/snapshot"),
    (*register({"SnapshotId": S}, VirtualizationType="thin"), *INVALID, "Value (thin) for parameter virtualizationType is invalid."),
    ("ec2", "RegisterImage", {"Name": "refused"}, *MISSING, "The request must contain the parameter rootDeviceName"),
    (*register(BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": size}} for size in (1, 2)]), 400, "InvalidBlockDeviceMapping",
     "The device '/dev/xvda' is used in more than one block-device mapping"),
    ("ec2", "CopyImage", {"Name": "refused", "SourceRegion": "us-east-1", "SourceImageId": M}, *NO_IMAGE),
    ("ec2", "CopyImage", {"Name": "refused", "SourceRegion": "us-east-1", "SourceImageId": "ami-1"}, *BAD_IMAGE),
    ("ec2", "CopyImage", {"Name": "refused", "SourceRegion": "mars-1", "SourceImageId": M}, *INVALID,
     "Value (mars-1) for parameter sourceRegion is invalid. Invalid region."),
    ("ec2", "CopyImage", {"Name": "refused", "SourceRegion": "us-east-1", "SourceImageId": M, "KmsKeyId": "k"}, 400, "InvalidParameterDependency",
     "The parameter KmsKeyId requires the parameter Encrypted to be set."),
    *on_image("DeregisterImage"), *on_image("DescribeImageAttribute", Attribute="description"), *on_image("ModifyImageAttribute", Description={"Value": "x"}),
    *on_image("ResetImageAttribute", Attribute="launchPermission"), *on_image("CancelImageLaunchPermission"), *on_image("DisableImage"),
    *on_image("EnableImage"), *on_image("GetImageAncestry"), *on_image("DisableImageDeprecation"), *on_image("EnableImageDeprecation", DeprecateAt="2040-01-01T00:00:00Z"),
    *on_image("EnableImageDeregistrationProtection"), *on_image("DisableImageDeregistrationProtection"),
    ("ec2", "DescribeImages", {"ImageIds": [M]}, *NO_IMAGE),
    ("ec2", "DescribeImages", {"Filters": COLOUR}, *UNKNOWN_FILTER),
    ("ec2", "EnableSnapshotBlockPublicAccess", {"State": "unblocked"}, *INVALID,
     "Value (unblocked) for parameter state is invalid. To unblock, use DisableSnapshotBlockPublicAccess."),
    ("ec2", "GetDefaultCreditSpecification", {"InstanceFamily": "m5"}, 400, "InvalidInstanceFamily",
     "The m5 instance family does not support Unlimited. Only burstable performance instance families support Unlimited. "
     "Change the instance family and try again."),
    ("ec2", "GetDefaultCreditSpecification", {}, *MISSING,
     "The request must include the InstanceFamily parameter. Add the required parameter and retry the request."),
    ("ec2", "GetDefaultCreditSpecification", {"InstanceFamily": ""}, *INVALID,
     "The value (  ) for the parameter InstanceFamily is invalid. Change the value and try again."),
    ("ec2", "ModifyDefaultCreditSpecification", {"InstanceFamily": "t3", "CpuCredits": "plenty"}, *INVALID,
     "Value (plenty) for parameter cpuCredits is invalid. Valid values are standard and unlimited."),
    ("ec2", "ModifyInstanceMetadataDefaults", {"HttpPutResponseHopLimit": 65}, *INVALID,
     "Value (65) for parameter HttpPutResponseHopLimit is invalid. Value must be between 1 and 64, or -1 for no preference."),
    ("ec2", "ReplaceImageCriteriaInAllowedImagesSettings", {"ImageCriteria": [{"ImageProviders": ["nobody"]}]}, *INVALID,
     "Value (nobody) for parameter imageProvider is invalid. Invalid image provider."),
    ("ec2", "ReplaceImageCriteriaInAllowedImagesSettings", {"ImageCriteria": [{"ImageProviders": ["none", "amazon"]}]}, *INVALID,
     "When none is specified as an image provider, no other values can be specified."),
    ("ec2", "ModifyIdFormat", {"Resource": "instance", "UseLongIds": True}, *INVALID,
     "Value (instance) for parameter resource is invalid. Invalid resource type."),
    ("ec2", "DescribeIdFormat", {"Resource": "planet"}, *INVALID, "Value (planet) for parameter resource is invalid. Invalid resource type."),
    ("ec2", "DescribeIdentityIdFormat", {"PrincipalArn": "ann"}, *INVALID, "Value (ann) for parameter principalArn is invalid. Invalid principal ARN."),
    ("ec2", "CreateSnapshots", {"InstanceSpecification": {"InstanceId": I}}, *NO_INSTANCE),
    *on_snapshot("LockSnapshot", LockMode="governance", LockDuration=1), *on_snapshot("UnlockSnapshot"), *on_snapshot("ModifySnapshotTier"),
    *on_snapshot("RestoreSnapshotTier", PermanentRestore=True),
    ("ec2", "DescribeLockedSnapshots", {"SnapshotIds": [S]}, *NO_SNAPSHOT),
    ("ec2", "DescribeLockedSnapshots", {"Filters": COLOUR}, *UNKNOWN_FILTER),
    ("ec2", "DescribeSnapshotTierStatus", {"Filters": COLOUR}, *UNKNOWN_FILTER),
    ("ec2", "DescribeFastSnapshotRestores", {"Filters": COLOUR}, *UNKNOWN_FILTER),
    ("ec2", "EnableFastSnapshotRestores", {"SourceSnapshotIds": [S]}, *MISSING, "The request must contain the parameter AvailabilityZone"),
    ("ec2", "EnableFastSnapshotRestores", {"SourceSnapshotIds": [S], "AvailabilityZones": ["us-east-1z"]}, 400, "InvalidZone.NotFound",
     "The zone 'us-east-1z' does not exist."),
    ("ec2", "DisableFastSnapshotRestores", {"SourceSnapshotIds": ["snap-1"], "AvailabilityZones": [ZONE]}, *BAD_SNAPSHOT),
    ("ec2", "CopyVolumes", {"SourceVolumeId": V}, *NO_VOLUME),
    ("ec2", "CopyVolumes", {"SourceVolumeId": "vol-1"}, 400, "InvalidVolumeID.Malformed", "The volume ID 'vol-1' is malformed"),
    ("ec2", "CreateReplaceRootVolumeTask", {"InstanceId": I}, *NO_INSTANCE),
    ("ec2", "DescribeReplaceRootVolumeTasks", {"ReplaceRootVolumeTaskIds": [T]}, 400, "InvalidReplaceRootVolumeTaskId.NotFound",
     f"The replace root volume task ID '{T}' does not exist"),
]
