"""Instances' options, console, events, windows and connect endpoints: what EC2 refuses."""


def before(server):
    server.client("ec2").describe_vpcs()


I, W, E = "i-0123456789abcdef0", "iew-0123456789abcdef0", "eice-0123456789abcdef0"
EVENT = "instance-event-0123456789abcdef0"
NOT_FOUND = (400, "InvalidInstanceID.NotFound", f"The instance ID '{I}' does not exist")
MALFORMED = (400, "InvalidInstanceID.Malformed", 'Invalid id: "web"')
NO_WINDOW = (400, "InvalidInstanceEventWindowId.NotFound", f"The instanceEventWindow ID '{W}' does not exist")
NO_ENDPOINT = (400, "InvalidInstanceConnectEndpointId.NotFound", f"The instanceConnectEndpoint ID '{E}' does not exist")
INVALID, COMBINED, MISSING = (400, "InvalidParameterValue"), (400, "InvalidParameterCombination"), (400, "MissingParameter")
WEEK = {"StartWeekDay": "monday", "StartHour": 2, "EndWeekDay": "monday"}
HALF = {"Name": "instance-id", "Values": [I] * 100}
CASES = [
    # All values of a call together; AWS's text, in gjbae1212/gossm issue 47.
    *(("ec2", operation, {"Filters": [HALF, {"Name": name, "Values": ["x"] * 101}]}, 400, "FilterLimitExceeded",
       "The maximum number of filter values specified on a single call is 200")
      for operation, name in (("DescribeInstances", "tag-key"), ("DescribeInstanceStatus", "availability-zone"))),
    # As quoted in pulumi/pulumi-aws issue 931.
    ("ec2", "DescribeInstances", {"Filters": [{"Name": "tag:Name", "Values": ["x" * 256]}]}, 400, "FilterLimitExceeded",
     "The maximum length for a filter value is 255 characters"),
    ("ec2", "GetConsoleOutput", {"InstanceId": I}, *NOT_FOUND),
    ("ec2", "GetConsoleOutput", {"InstanceId": "web"}, *MALFORMED),
    ("ec2", "GetPasswordData", {"InstanceId": I}, *NOT_FOUND),
    ("ec2", "SendDiagnosticInterrupt", {"InstanceId": I}, *NOT_FOUND),
    ("ec2", "SendDiagnosticInterrupt", {"InstanceId": "web"}, *MALFORMED),
    ("ec2", "ReportInstanceStatus", {"Instances": [I], "Status": "impaired", "ReasonCodes": ["unresponsive"]}, *NOT_FOUND),
    ("ec2", "ModifyInstanceCpuOptions", {"InstanceId": I, "CoreCount": 1, "ThreadsPerCore": 1}, *NOT_FOUND),
    ("ec2", "ModifyInstanceMaintenanceOptions", {"InstanceId": I, "AutoRecovery": "disabled"}, *NOT_FOUND),
    ("ec2", "ModifyInstanceNetworkPerformanceOptions", {"InstanceId": I, "BandwidthWeighting": "vpc-1"}, *NOT_FOUND),
    ("ec2", "ModifyPrivateDnsNameOptions", {"InstanceId": I, "EnableResourceNameDnsARecord": True}, *NOT_FOUND),
    ("ec2", "ModifyInstanceCapacityReservationAttributes", {"InstanceId": I, "CapacityReservationSpecification": {
        "CapacityReservationPreference": "none"}}, *NOT_FOUND),
    ("ec2", "ModifyInstanceEventStartTime", {"InstanceId": I, "InstanceEventId": EVENT, "NotBefore": "2030-01-01T00:00:00Z"}, *NOT_FOUND),
    ("ec2", "ResetInstanceAttribute", {"InstanceId": I, "Attribute": "sourceDestCheck"}, *NOT_FOUND),
    ("ec2", "ResetInstanceAttribute", {"InstanceId": "web", "Attribute": "sourceDestCheck"}, *MALFORMED),
    ("ec2", "ModifyInstanceCreditSpecification", {"InstanceCreditSpecifications": [{"InstanceId": I, "CpuCredits": "free"}]}, 400,
     "InvalidInstanceCreditSpecification", "The CPU credit option 'free' is not valid. Valid values are standard and unlimited."),
    ("ec2", "ModifyInstanceCreditSpecification", {"InstanceCreditSpecifications": [{"InstanceId": I}]}, *MISSING,
     "The request must contain the parameter CpuCredits"),
    ("ec2", "ModifyInstanceCreditSpecification", {"InstanceCreditSpecifications": [{"InstanceId": I, "CpuCredits": "standard"}] * 2}, 400,
     "InvalidInstanceCreditSpecification.DuplicateInstanceId", f"The instance ID '{I}' is specified more than once."),
    ("ec2", "CreateInstanceEventWindow", {}, *MISSING, "Either TimeRanges or CronExpression must be specified."),
    ("ec2", "CreateInstanceEventWindow", {"TimeRanges": [{**WEEK, "EndHour": 6}], "CronExpression": "* 0-4 * * 1"}, *COMBINED,
     "TimeRanges and CronExpression cannot be specified in the same request."),
    ("ec2", "CreateInstanceEventWindow", {"TimeRanges": [{**WEEK, "EndHour": 3}]}, *INVALID, "A time range must be at least 2 hours long."),
    ("ec2", "CreateInstanceEventWindow", {"TimeRanges": [{**WEEK, "EndHour": 5}]}, *INVALID, "An event window must be open for at least 4 hours a week."),
    ("ec2", "CreateInstanceEventWindow", {"CronExpression": "30 4 1 * *"}, *INVALID,
     "The cron expression '30 4 1 * *' is not valid. Only hour and day of the week values are supported."),
    ("ec2", "CreateInstanceEventWindow", {"CronExpression": "* 0-4 * * 1", "TagSpecifications": [
        {"ResourceType": "volume", "Tags": [{"Key": "a", "Value": "b"}]}]}, *INVALID,
     "'volume' is not a valid taggable resource type for this operation."),
    ("ec2", "ModifyInstanceEventWindow", {"InstanceEventWindowId": W, "Name": "x"}, *NO_WINDOW),
    ("ec2", "DeleteInstanceEventWindow", {"InstanceEventWindowId": W}, *NO_WINDOW),
    ("ec2", "DescribeInstanceEventWindows", {"InstanceEventWindowIds": [W]}, *NO_WINDOW),
    ("ec2", "DescribeInstanceEventWindows", {"InstanceEventWindowIds": [W], "MaxResults": 20}, *COMBINED,
     "The parameter instanceEventWindowIds cannot be used with the parameter maxResults"),
    ("ec2", "DescribeInstanceEventWindows", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *INVALID, "The filter 'colour' is invalid"),
    ("ec2", "AssociateInstanceEventWindow", {"InstanceEventWindowId": W, "AssociationTarget": {"InstanceIds": [I]}}, *NO_WINDOW),
    ("ec2", "DisassociateInstanceEventWindow", {"InstanceEventWindowId": W, "AssociationTarget": {"InstanceIds": [I]}}, *NO_WINDOW),
    ("ec2", "DescribeInstanceTopology", {"InstanceIds": [I]}, *NOT_FOUND),
    ("ec2", "DescribeInstanceTypes", {"InstanceTypes": ["t3.micro", "x9.none", "web"]}, 400, "InvalidInstanceType",
     "The following supplied instance types do not exist: [x9.none, web]"),
    ("ec2", "DescribeInstanceTopology", {"InstanceIds": [I], "MaxResults": 20}, *COMBINED,
     "The parameter instancesSet cannot be used with the parameter maxResults"),
    ("ec2", "DescribeInstanceTypes", {"MaxResults": 4}, 400, "InvalidMaxResults",
     "Value ( 4 ) for parameter maxResults is invalid. Expecting a value from ( 5 ) to  ( 100 )."),
    ("ec2", "DescribeInstances", {"MaxResults": 4}, *INVALID, "Value ( 4 ) for parameter maxResults is invalid. Expecting a value greater than 5."),
    ("ec2", "DescribeInstanceImageMetadata", {"InstanceIds": [I]}, *NOT_FOUND),
    ("ec2", "DescribeInstanceImageMetadata", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *INVALID, "The filter 'colour' is invalid"),
    ("ec2", "RegisterInstanceEventNotificationAttributes", {"InstanceTagAttribute": {}}, *MISSING,
     "The request must contain the parameter InstanceTagAttribute"),
    ("ec2", "GetInstanceTypesFromInstanceRequirements", {"ArchitectureTypes": ["x86_64"], "VirtualizationTypes": ["hvm"], "InstanceRequirements": {
        "VCpuCount": {"Min": 4, "Max": 2}, "MemoryMiB": {"Min": 0}}}, *INVALID,
     "The minimum value (4) of VCpuCount cannot be greater than its maximum value (2)."),
    ("ec2", "GetInstanceTypesFromInstanceRequirements", {"ArchitectureTypes": ["x86_64"], "VirtualizationTypes": ["hvm"], "InstanceRequirements": {
        "VCpuCount": {"Min": 1}, "MemoryMiB": {"Min": 0}, "AllowedInstanceTypes": ["m5.*"], "ExcludedInstanceTypes": ["m6*"]}}, *COMBINED,
     "AllowedInstanceTypes and ExcludedInstanceTypes cannot be specified in the same request."),
    ("ec2", "CreateInstanceConnectEndpoint", {"SubnetId": "subnet-1"}, 400, "InvalidSubnetID.NotFound", "The subnet ID 'subnet-1' does not exist"),
    ("ec2", "ModifyInstanceConnectEndpoint", {"InstanceConnectEndpointId": E, "PreserveClientIp": True}, *NO_ENDPOINT),
    ("ec2", "DeleteInstanceConnectEndpoint", {"InstanceConnectEndpointId": E}, *NO_ENDPOINT),
    ("ec2", "DescribeInstanceConnectEndpoints", {"InstanceConnectEndpointIds": [E]}, *NO_ENDPOINT),
    ("ec2", "DescribeInstanceConnectEndpoints", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *INVALID, "The filter 'colour' is invalid"),
]
