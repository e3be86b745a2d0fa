"""Capacity Blocks, quotes, interruptible reservations, Capacity Manager, performance of the network: what EC2 refuses."""


def before(server):
    """They speak of nothing that is there."""


CR, CB = "cr-0123456789abcdef0", "cb-0123456789abcdef0"
CANCELLATION, CHANGE = "crcq-0123456789abcdef0", "crmq-0123456789abcdef0"
NO_CR = (400, "InvalidCapacityReservationId.NotFound", f"The Capacity Reservation ID '{CR}' does not exist")
BAD_CR = (400, "InvalidCapacityReservationId.Malformed", 'Invalid id: "cr-1" (expecting "cr-...")')
NO_OFFERING = (400, "InvalidCapacityBlockOfferingId.NotFound", "The Capacity Block offering ID 'cb-1' does not exist or is no longer available.")
INVALID = (400, "InvalidParameterValue")
COMBINED = (400, "InvalidParameterCombination")
MISSING = (400, "MissingParameter")
DISABLED = (400, "IncorrectState", "EC2 Capacity Manager is not enabled for this account.")
HOURS = "Specify 24-hour increments up to 336 hours, or 168-hour increments up to 4368 hours."


def offerings(**more):
    return ("ec2", "DescribeCapacityBlockOfferings", {"InstanceType": "p5.48xlarge", "InstanceCount": 1, "CapacityDurationHours": 24, **more})


def reserve(**more):
    return ("ec2", "CreateCapacityReservation", {"InstanceType": "m5.large", "InstancePlatform": "Linux/UNIX", "AvailabilityZone": "us-east-1a",
                                                 "InstanceCount": 1, **more})


def performance(operation, **arguments):
    return ("ec2", f"{operation}AwsNetworkPerformanceMetricSubscription", arguments)


CASES = [
    (*offerings(CapacityDurationHours=25), *INVALID, f"Value (25) for parameter capacityDurationHours is invalid. {HOURS}"),
    (*offerings(CapacityDurationHours=360), *INVALID, f"Value (360) for parameter capacityDurationHours is invalid. {HOURS}"),
    (*offerings(InstanceCount=65), *INVALID, "Value (65) for parameter instanceCount is invalid. Valid values are between 1 and 64."),
    (*offerings(InstanceType="m5.large"), *INVALID, "The instance type 'm5.large' is not supported for Capacity Blocks."),
    (*offerings(UltraserverType="u-p6e-gb200x72"), *COMBINED,
     "Only one of the parameters InstanceType, InstanceTypePreferences and UltraserverType can be specified."),
    (*offerings(StartDateRange="2090-01-02T00:00:00Z", EndDateRange="2090-01-01T00:00:00Z"), *INVALID,
     "The end date range 2090-01-01T00:00:00Z must be after the start date range 2090-01-02T00:00:00Z."),
    ("ec2", "DescribeCapacityBlockOfferings", {"CapacityDurationHours": 24}, *MISSING, "The request must contain the parameter InstanceType"),
    ("ec2", "DescribeCapacityBlockOfferings", {"CapacityDurationHours": 24, "InstanceType": "p5.48xlarge"}, *MISSING,
     "The request must contain the parameter InstanceCount"),
    ("ec2", "PurchaseCapacityBlock", {"CapacityBlockOfferingId": "cb-1", "InstancePlatform": "Linux/UNIX"}, *NO_OFFERING),
    ("ec2", "PurchaseCapacityBlock", {"CapacityBlockOfferingId": "cb-1", "InstancePlatform": "Linux/UNIX",
                                      "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}]}, *INVALID,
     "'instance' is not a valid taggable resource type for this operation."),
    ("ec2", "DescribeCapacityBlocks", {"CapacityBlockIds": [CB]}, 400, "InvalidCapacityBlockId.NotFound", f"The Capacity Block ID '{CB}' does not exist"),
    ("ec2", "DescribeCapacityBlockStatus", {"CapacityBlockIds": ["cb-1"]}, 400, "InvalidCapacityBlockId.Malformed", 'Invalid id: "cb-1" (expecting "cb-...")'),
    ("ec2", "DescribeCapacityBlocks", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *INVALID, "The filter 'colour' is invalid"),
    ("ec2", "DescribeCapacityBlockExtensionHistory", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *INVALID, "The filter 'colour' is invalid"),
    ("ec2", "DescribeCapacityBlockExtensionOfferings", {"CapacityReservationId": CR, "CapacityBlockExtensionDurationHours": 24}, *NO_CR),
    ("ec2", "DescribeCapacityBlockExtensionOfferings", {"CapacityReservationId": CR, "CapacityBlockExtensionDurationHours": 5}, *INVALID,
     f"Value (5) for parameter capacityBlockExtensionDurationHours is invalid. {HOURS}"),
    ("ec2", "PurchaseCapacityBlockExtension", {"CapacityReservationId": "cr-1", "CapacityBlockExtensionOfferingId": "cbe-1"}, *BAD_CR),
    ("ec2", "RunInstances", {"ImageId": "ami-0123456789abcdef0", "MinCount": 1, "MaxCount": 1, "InstanceMarketOptions": {"MarketType": "capacity-block"}}, *COMBINED,
     "You must specify a Capacity Reservation ID if the market type is capacity-block."),
    (*reserve(StartDate="2090-01-01T00:00:00Z", CommitmentDuration=86_400), *INVALID,
     "Value (2090-01-01T00:00:00Z) for parameter startDate is invalid. The start date must be between 5 and 120 days in the future."),
    (*reserve(StartDate="2090-01-01T00:00:00Z"), *MISSING, "The request must contain the parameter CommitmentDuration"),
    (*reserve(CommitmentDuration=86_400), *MISSING, "The request must contain the parameter StartDate"),
    (*reserve(StartDate="2090-01-01T00:00:00Z", CommitmentDuration=86_400, DeliveryPreference="fixed"), *INVALID,
     "Value (fixed) for parameter deliveryPreference is invalid. Valid values are: incremental."),
    ("ec2", "CreateCapacityReservationCancellationQuote", {"CapacityReservationId": CR}, *NO_CR),
    ("ec2", "DescribeCapacityReservationCancellationQuotes", {"CapacityReservationCancellationQuoteIds": [CANCELLATION]}, 400,
     "InvalidCapacityReservationCancellationQuoteId.NotFound", f"The Capacity Reservation cancellation quote ID '{CANCELLATION}' does not exist"),
    ("ec2", "CancelCapacityReservation", {"CapacityReservationId": CR, "QuoteId": CANCELLATION}, *NO_CR),
    ("ec2", "CreateCapacityReservationDateChangeQuote", {"CapacityReservationId": CR, "NewStartDate": "2090-01-01T00:00:00Z"}, *NO_CR),
    ("ec2", "DescribeCapacityReservationDateChangeQuotes", {"CapacityReservationModificationQuoteIds": [CHANGE]}, 400,
     "InvalidCapacityReservationModificationQuoteId.NotFound", f"The Capacity Reservation modification quote ID '{CHANGE}' does not exist"),
    ("ec2", "ModifyCapacityReservation", {"CapacityReservationId": CR, "StartDate": "2090-01-01T00:00:00Z"}, *MISSING,
     "The request must contain the parameter QuoteId"),
    ("ec2", "ModifyCapacityReservation", {"CapacityReservationId": CR, "QuoteId": CHANGE}, *NO_CR),
    ("ec2", "CreateInterruptibleCapacityReservationAllocation", {"CapacityReservationId": CR, "InstanceCount": 1}, *NO_CR),
    ("ec2", "UpdateInterruptibleCapacityReservationAllocation", {"CapacityReservationId": CR, "TargetInstanceCount": 1}, *NO_CR),
    ("ec2", "DescribeCapacityReservationTopology", {"CapacityReservationIds": [CR]}, *NO_CR),
    ("ec2", "DescribeCapacityReservationTopology", {"CapacityReservationIds": [CR], "MaxResults": 1}, *COMBINED,
     "The parameter capacityReservationIdSet cannot be used with the parameter maxResults"),
    ("ec2", "DescribeCapacityReservationTopology", {"CapacityReservationIds": [f"cr-0123456789abcde{number}" for number in range(10, 21)]}, *INVALID,
     "Too many Capacity Reservation IDs are specified: 11. The maximum is 10."),
    ("ec2", "UpdateCapacityManagerOrganizationsAccess", {"OrganizationsAccess": False}, *DISABLED),
    ("ec2", "UpdateCapacityManagerMonitoredTagKeys", {"ActivateTagKeys": ["team"]}, *DISABLED),
    ("ec2", "UpdateCapacityManagerMonitoredTagKeys", {}, *MISSING, "The request must contain the parameter ActivateTagKeys or DeactivateTagKeys"),
    ("ec2", "UpdateCapacityManagerMonitoredTagKeys", {"ActivateTagKeys": ["a"], "DeactivateTagKeys": ["a"]}, *INVALID, "Duplicate tag key 'a' specified."),
    ("ec2", "CreateCapacityManagerDataExport", {"S3BucketName": "capacity", "Schedule": "hourly", "OutputFormat": "csv"}, *DISABLED),
    ("ec2", "DeleteCapacityManagerDataExport", {"CapacityManagerDataExportId": "cmde-0123456789abcdef0"}, 400,
     "InvalidCapacityManagerDataExportId.NotFound", "The data export 'cmde-0123456789abcdef0' does not exist"),
    ("ec2", "DescribeCapacityManagerDataExports", {"CapacityManagerDataExportIds": ["x"]}, 400,
     "InvalidCapacityManagerDataExportId.Malformed", 'Invalid id: "x" (expecting "cmde-...")'),
    ("ec2", "GetCapacityManagerMetricData", {"MetricNames": ["reservation-total-count"], "StartTime": "2026-01-01T00:00:00Z",
                                             "EndTime": "2026-01-01T01:00:00Z", "Period": 3600}, *DISABLED),
    ("ec2", "GetCapacityManagerMetricDimensions", {"MetricNames": ["reservation-total-count"], "GroupBy": ["tenancy"],
                                                   "StartTime": "2026-01-01T00:00:00Z", "EndTime": "2026-01-01T01:00:00Z"}, *DISABLED),
    ("ec2", "GetCapacityManagerSupportabilityScores", {"MarketType": "spot", "CapacityAmount": 1, "CapacityUnit": "instances",
                                                       "CapacityAvailabilityZoneIds": ["use1-az1"]}, *MISSING,
     "The request must contain the parameter InstanceTypes"),
    ("ec2", "EnableCapacityManager", {"OrganizationsAccess": True}, 400, "OperationNotPermitted",
     "Organizations access can be enabled only by the management account or a delegated administrator of an organization."),
    (*performance("Enable", Destination="eu-west-1"), *MISSING, "The request must contain the parameter Source"),
    (*performance("Enable", Source="us-east-1", Destination="moon-1"), *INVALID,
     "Value (moon-1) for parameter Destination is invalid. Expecting a Region or an Availability Zone ID."),
    (*performance("Enable", Source="us-east-1", Destination="us-east-1"), *COMBINED,
     "The source 'us-east-1' and the destination 'us-east-1' must be two Regions, or Availability Zones in the same Region."),
    (*performance("Disable", Source="use1-az1", Destination="euw1-az1"), *COMBINED,
     "The source 'use1-az1' and the destination 'euw1-az1' must be two Regions, or Availability Zones in the same Region."),
    ("ec2", "GetAwsNetworkPerformanceData", {}, *MISSING, "The request must contain the parameter DataQueries"),
    ("ec2", "GetAwsNetworkPerformanceData", {"DataQueries": [{"Source": "us-east-1", "Destination": "eu-west-1"}],
                                             "StartTime": "2026-01-02T00:00:00Z", "EndTime": "2026-01-01T00:00:00Z"}, *INVALID,
     "The end time 2026-01-01T00:00:00Z must not be before the start time 2026-01-02T00:00:00Z."),
]
