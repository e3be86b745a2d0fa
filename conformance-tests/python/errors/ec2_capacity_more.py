"""Reserved Instances and hosts, capacity, the Recycle Bin, firmware: what EC2 refuses."""

from conftest import launch


def before(server):
    launch(server.client("ec2"))


CR, OTHER = "cr-0123456789abcdef0", "cr-0123456789abcdef1"
CRF, HR, I = "crf-0123456789abcdef0", "hr-0123456789abcdef0", "i-0123456789abcdef0"
NO_CR = (400, "InvalidCapacityReservationId.NotFound", f"The Capacity Reservation ID '{CR}' does not exist")
BAD_CR = (400, "InvalidCapacityReservationId.Malformed", 'Invalid id: "cr-1" (expecting "cr-...")')
NO_CRF = (400, "InvalidCapacityReservationFleetId.NotFound", f"The Capacity Reservation Fleet ID '{CRF}' does not exist")
NO_INSTANCE = (400, "InvalidInstanceID.NotFound", f"The instance ID '{I}' does not exist")
NO_RI = (400, "InvalidReservedInstancesId", "The reserved instances ID 'x' does not exist")
INVALID = (400, "InvalidParameterValue")
COMBINED = (400, "InvalidParameterCombination")
MISSING = (400, "MissingParameter")
SPECIFICATION = {"InstanceType": "m5.large", "InstancePlatform": "Linux/UNIX", "AvailabilityZone": "us-east-1a"}
NO_IMAGE = (400, "InvalidAMIID.NotFound", "The image id '[ami-0123456789abcdef0]' does not exist")
IMAGE, SNAPSHOT, VOLUME = "ami-0123456789abcdef0", "snap-0123456789abcdef0", "vol-0123456789abcdef0"


def fleet(**more):
    return ("ec2", "CreateCapacityReservationFleet", {"TotalTargetCapacity": 1, "InstanceTypeSpecifications": [SPECIFICATION], **more})


CASES = [
    ("ec2", "CreateCapacityReservationBySplitting", {"SourceCapacityReservationId": CR, "InstanceCount": 1}, *NO_CR),
    ("ec2", "CreateCapacityReservationBySplitting", {"SourceCapacityReservationId": "cr-1", "InstanceCount": 1}, *BAD_CR),
    ("ec2", "MoveCapacityReservationInstances", {"SourceCapacityReservationId": CR, "DestinationCapacityReservationId": OTHER, "InstanceCount": 1}, *NO_CR),
    ("ec2", "AssociateCapacityReservationBillingOwner", {"CapacityReservationId": CR, "UnusedReservationBillingOwnerId": "222222222222"}, *NO_CR),
    ("ec2", "DisassociateCapacityReservationBillingOwner", {"CapacityReservationId": CR, "UnusedReservationBillingOwnerId": "222222222222"}, *NO_CR),
    ("ec2", "AcceptCapacityReservationBillingOwnership", {"CapacityReservationId": CR}, *NO_CR),
    ("ec2", "RejectCapacityReservationBillingOwnership", {"CapacityReservationId": "cr-1"}, *BAD_CR),
    ("ec2", "DescribeCapacityReservationBillingRequests", {"Role": "odcr-owner", "Filters": [{"Name": "requested-by", "Values": ["1"]}]}, *COMBINED,
     "The filter 'requested-by' is not supported for the role 'odcr-owner'."),
    (*fleet(InstanceTypeSpecifications=[]), *MISSING, "The request must contain the parameter InstanceTypeSpecifications"),
    (*fleet(TotalTargetCapacity=0), *INVALID, "Value (0) for parameter totalTargetCapacity is invalid. Valid values are between 1 and 25000."),
    (*fleet(AllocationStrategy="cheapest"), *INVALID, "Value (cheapest) for parameter allocationStrategy is invalid. Valid values are: prioritized."),
    (*fleet(InstanceTypeSpecifications=[SPECIFICATION, {**SPECIFICATION, "AvailabilityZone": "us-east-1b"}]), *INVALID,
     "All instance type specifications must use the same Availability Zone: us-east-1a, us-east-1b."),
    (*fleet(InstanceTypeSpecifications=[SPECIFICATION, {**SPECIFICATION, "Weight": 2.0}]), *INVALID,
     "Each instance type specification must have its own instance type or platform: m5.large, Linux/UNIX."),
    (*fleet(InstanceTypeSpecifications=[{**SPECIFICATION, "AvailabilityZone": "us-east-1x"}]), *INVALID, "Invalid availability zone: [us-east-1x]"),
    (*fleet(TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}]), *INVALID,
     "'instance' is not a valid taggable resource type for this operation."),
    ("ec2", "DescribeCapacityReservationFleets", {"CapacityReservationFleetIds": [CRF]}, *NO_CRF),
    ("ec2", "DescribeCapacityReservationFleets", {"CapacityReservationFleetIds": ["crf-1"]}, 400, "InvalidCapacityReservationFleetId.Malformed",
     'Invalid id: "crf-1" (expecting "crf-...")'),
    ("ec2", "ModifyCapacityReservationFleet", {"CapacityReservationFleetId": CRF, "TotalTargetCapacity": 1}, *NO_CRF),
    ("ec2", "ModifyCapacityReservationFleet", {"CapacityReservationFleetId": CRF}, *MISSING,
     "The request must contain the parameter totalTargetCapacity, endDate or removeEndDate"),
    ("ec2", "ModifyCapacityReservationFleet", {"CapacityReservationFleetId": CRF, "EndDate": "2090-01-01T00:00:00Z", "RemoveEndDate": True}, *COMBINED,
     "RemoveEndDate and EndDate cannot be specified in the same request."),
    ("ec2", "DescribeHostReservationOfferings", {"OfferingId": "x"}, 400, "InvalidHostReservationOfferingId.Malformed",
     "The host reservation offering ID 'x' is malformed"),
    ("ec2", "PurchaseHostReservation", {"HostIdSet": ["h-0123456789abcdef0"], "OfferingId": "hro-0123456789abcdef0"}, 400,
     "InvalidHostReservationOfferingId.NotFound", "The host reservation offering ID 'hro-0123456789abcdef0' does not exist"),
    ("ec2", "DescribeHostReservations", {"HostReservationIdSet": [HR]}, 400, "InvalidHostReservationId.NotFound",
     f"The host reservation ID '{HR}' does not exist"),
    ("ec2", "DescribeHostReservations", {"HostReservationIdSet": ["hr-1"]}, 400, "InvalidHostReservationId.Malformed", "The host reservation ID 'hr-1' is malformed"),
    ("ec2", "ModifyReservedInstances", {"ReservedInstancesIds": ["x"], "TargetConfigurations": [{"InstanceCount": 1}]}, *NO_RI),
    ("ec2", "ModifyReservedInstances", {"ReservedInstancesIds": ["x"], "TargetConfigurations": [{"InstanceCount": 0}]}, 400, "InvalidInput",
     "The instance count of each target configuration must be at least 1."),
    ("ec2", "DescribeReservedInstancesModifications", {"ReservedInstancesModificationIds": ["x"]}, 400, "InvalidReservedInstancesModificationId",
     "The reserved instances modification ID 'x' does not exist"),
    ("ec2", "GetReservedInstancesExchangeQuote", {"ReservedInstanceIds": ["x"]}, *MISSING, "The request must contain the parameter TargetConfigurations"),
    ("ec2", "GetReservedInstancesExchangeQuote", {"ReservedInstanceIds": ["x"], "TargetConfigurations": [{"OfferingId": "x"}]}, *NO_RI),
    ("ec2", "CreateReservedInstancesListing", {"ReservedInstancesId": "x", "InstanceCount": 1, "ClientToken": "x", "PriceSchedules": [{"Term": 1, "Price": 1.0}]}, *NO_RI),
    ("ec2", "CancelReservedInstancesListing", {"ReservedInstancesListingId": "x"}, 400, "InvalidInput", "The reserved instances listing ID 'x' does not exist"),
    ("ec2", "GetInstanceUefiData", {"InstanceId": I}, *NO_INSTANCE),
    ("ec2", "GetInstanceTpmEkPub", {"InstanceId": I, "KeyType": "rsa-2048", "KeyFormat": "der"}, *NO_INSTANCE),
    ("ec2", "GetConsoleScreenshot", {"InstanceId": I}, *NO_INSTANCE),
    ("ec2", "GetConsoleScreenshot", {"InstanceId": "web"}, 400, "InvalidInstanceID.Malformed", 'Invalid id: "web"'),
    ("ec2", "RestoreImageFromRecycleBin", {"ImageId": IMAGE}, 400, "InvalidAMIID.NotFound", f"The image id '[{IMAGE}]' does not exist"),
    ("ec2", "RestoreSnapshotFromRecycleBin", {"SnapshotId": SNAPSHOT}, 400, "InvalidSnapshot.NotFound", f"The snapshot '{SNAPSHOT}' does not exist."),
    ("ec2", "RestoreVolumeFromRecycleBin", {"VolumeId": VOLUME}, 400, "InvalidVolume.NotFound", f"The volume '{VOLUME}' does not exist."),
    ("ec2", "ListVolumesInRecycleBin", {"MaxResults": 3}, *INVALID, "Value (3) for parameter maxResults is invalid. Expecting a value between 5 and 500."),
    ("ec2", "ListVolumesInRecycleBin", {"VolumeIds": [VOLUME]}, 400, "InvalidVolume.NotFound", f"The volume '{VOLUME}' does not exist."),
    ("ec2", "AttachImageWatermark", {"ImageId": IMAGE, "WatermarkName": "approved"}, *NO_IMAGE),
    ("ec2", "AttachImageWatermark", {"ImageId": IMAGE, "WatermarkName": "a:b"}, *INVALID, "Value (a:b) for parameter watermarkName is invalid."),
    ("ec2", "DetachImageWatermark", {"ImageId": IMAGE, "WatermarkKey": "x"}, *NO_IMAGE),
    ("ec2", "ReplaceImageInstanceTypeSpecification", {"ImageId": IMAGE}, *NO_IMAGE),
    ("ec2", "CreateStoreImageTask", {"ImageId": IMAGE, "Bucket": "bucket"}, *NO_IMAGE),
    ("ec2", "CreateRestoreImageTask", {"Bucket": "b", "ObjectKey": "k"}, *INVALID, "The object k does not exist in the bucket b."),
    ("ec2", "DescribeStoreImageTasks", {"ImageIds": [IMAGE], "MaxResults": 5}, *COMBINED, "The parameter imageIds cannot be used with the parameter maxResults"),
    ("ec2", "EnableFastLaunch", {"ImageId": IMAGE}, *NO_IMAGE),
    ("ec2", "EnableFastLaunch", {"ImageId": IMAGE, "MaxParallelLaunches": 5}, *INVALID,
     "Value (5) for parameter maxParallelLaunches is invalid. It must be 6 or greater."),
    ("ec2", "EnableFastLaunch", {"ImageId": IMAGE, "ResourceType": "volume"}, *INVALID,
     "Value (volume) for parameter resourceType is invalid. Valid values are: snapshot."),
    ("ec2", "DisableFastLaunch", {"ImageId": IMAGE}, 400, "InvalidRequest", f"Fast launch is not enabled for the image '{IMAGE}'."),
    ("ec2", "DescribeImageReferences", {"ImageIds": [IMAGE]}, *MISSING, "The request must contain the parameter ResourceTypes or IncludeAllResourceTypes"),
    ("ec2", "CreateImageUsageReport", {"ImageId": IMAGE, "ResourceTypes": [{"ResourceType": "ec2:Instance"}]}, *NO_IMAGE),
    ("ec2", "CreateImageUsageReport", {"ImageId": IMAGE, "ResourceTypes": [{"ResourceType": "ec2:Volume"}]}, *INVALID, "The resource type 'ec2:Volume' is not valid."),
    ("ec2", "CreateImageUsageReport", {"ImageId": IMAGE, "ResourceTypes": [{"ResourceType": "ec2:Instance"}] * 2}, *INVALID,
     "The resource type 'ec2:Instance' is specified more than once."),
    ("ec2", "ImportImage", {}, *MISSING, "The request must contain the parameter DiskContainers"),
    ("ec2", "ImportImage", {"DiskContainers": [{"Url": "s3://disks/server.raw"}], "RoleName": "nobody"}, 400, "InvalidParameter",
     "The service role nobody provided does not exist or does not have sufficient permissions"),
    ("ec2", "ImportImage", {"DiskContainers": [{"Description": "x"}], "LicenseType": "BYOL", "UsageOperation": "RunInstances"}, *COMBINED,
     "The parameter LicenseType cannot be used with the parameter UsageOperation"),
    ("ec2", "DescribeImportImageTasks", {"ImportTaskIds": ["import-ami-0123456789abcdef0"]}, 400, "InvalidConversionTaskId.Malformed",
     "The import task ID 'import-ami-0123456789abcdef0' was not found"),
    ("ec2", "ImportSnapshot", {}, *MISSING, "The request must contain the parameter DiskContainer"),
    ("ec2", "ImportSnapshot", {"DiskContainer": {"Url": "ftp://disks/server.raw"}}, 400, "InvalidParameter", "Invalid S3 source location"),
    ("ec2", "ImportSnapshot", {"DiskContainer": {"Url": "s3://disks/server.raw"}, "RoleName": "nobody"}, 400, "InvalidParameter",
     "The service role nobody provided does not exist or does not have sufficient permissions"),
    ("ec2", "DescribeImportSnapshotTasks", {"ImportTaskIds": ["import-snap-0123456789abcdef0"]}, 400, "InvalidConversionTaskId.Malformed",
     "The import task ID 'import-snap-0123456789abcdef0' was not found"),
    ("ec2", "CancelImportTask", {"ImportTaskId": "import-snap-0123456789abcdef0"}, 400, "InvalidConversionTaskId.Malformed",
     "The import task ID 'import-snap-0123456789abcdef0' was not found"),
    ("ec2", "DeleteImageUsageReport", {"ReportId": "amiur-0123456789abcdef0"}, 400, "ImageUsageReportNotFound",
     "The image usage report 'amiur-0123456789abcdef0' does not exist"),
]
