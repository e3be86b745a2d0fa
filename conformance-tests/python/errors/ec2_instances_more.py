"""Instances' options, console, events, windows and connect endpoints: what EC2 refuses."""

from conftest import make_user


def before(server):
    server.client("ec2").describe_vpcs()
    return {"nobody": make_user(server.client("iam"), "nobody")}


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
    # Which ids are looked up and what is said of others: seen of AWS, September 2026.
    *(("ec2", "DescribeInstanceStatus", {"InstanceIds": [one]}, 400, "InvalidInstanceID.NotFound", f"The instance ID '{one}' does not exist")
      for one in ("i-0", "i-1234567", "i-ABCDEF12", "i-0Ffffffffffffffff")),
    *(("ec2", "DescribeInstanceStatus", {"InstanceIds": [one]}, 400, "InvalidInstanceID.Malformed", f'Invalid id: "{one}"')
      for one in ("i-", "i-000000000", "i-0000000000000001", "I-0123456789abcdef0")),
    ("ec2", "AssociateIamInstanceProfile", {"InstanceId": "bad", "IamInstanceProfile": {"Name": "x"}}, 400, "InvalidInstanceID.Malformed",
     "The instance ID 'bad' is malformed"),
    ("ec2", "AssociateIamInstanceProfile", {"InstanceId": "bad", "IamInstanceProfile": {"Name": "x"}}, 400, "InvalidInstanceID.Malformed",
     "The instance ID 'bad' is malformed", "nobody"),
    ("ec2", "AssociateIamInstanceProfile", {"InstanceId": I, "IamInstanceProfile": {"Name": "x"}}, *INVALID,
     "Value (x) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"),
    ("ec2", "AssociateIamInstanceProfile", {"InstanceId": I, "IamInstanceProfile": {}}, *MISSING,
     "The request must include the IamInstanceProfile parameter. Add the required parameter and retry the request."),
    ("ec2", "DisassociateIamInstanceProfile", {"AssociationId": "bad"}, *INVALID, "Invalid Id: bad"),
    ("ec2", "ReplaceIamInstanceProfileAssociation", {"AssociationId": "iip-assoc-00000000000000000", "IamInstanceProfile": {"Name": "x"}}, *INVALID,
     "Invalid Id: iip-assoc-00000000000000000"),
    ("ec2", "DescribeIamInstanceProfileAssociations", {"MaxResults": 0}, *INVALID,
     "Invalid value '0' for 'maxResults'. MaxResult must be a positive integer"),
    ("ec2", "DescribeIamInstanceProfileAssociations", {"MaxResults": 1, "NextToken": "x"}, 400, "InvalidNextToken", "Pagination token is invalid"),
    ("ec2", "DescribeIamInstanceProfileAssociations", {"AssociationIds": ["bad"]}, *INVALID, "Invalid value for association-id."),
    ("ec2", "MonitorInstances", {"InstanceIds": ["i-zzzzzzzz"]}, *INVALID, "Value (i-zzzzzzzz) for parameter instanceId is invalid. Expected: 'i-...'."),
    ("ec2", "UnmonitorInstances", {"InstanceIds": ["i-"]}, 400, "InvalidInstanceID.Malformed", "The instance ID 'i-' is malformed"),
    *(("ec2", operation, {"InstanceIds": given}, *MISSING, f"The request must contain the parameter {told}")
      for operation in ("MonitorInstances", "UnmonitorInstances") for given, told in (([], "instancesSet"), ([I, ""], "instanceId"))),
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
    ("ec2", "DescribeInstanceCreditSpecifications", {"InstanceIds": ["not-an-instance"]}, 400, "InvalidInstanceID.Malformed",
     "Invalid ID: not-an-instance. Change the ID and try again."),
    ("ec2", "DescribeInstanceCreditSpecifications", {"Filters": [{"Name": "cpu-credits", "Values": ["standard"]}]}, 400, "InvalidRequest",
     "The value ( cpu-credits ) for the parameter Filter is invalid. Change the value and try again."),
    ("ec2", "DescribeInstanceCreditSpecifications", {"MaxResults": 4}, 400, "InvalidRequest",
     "The value 4 for the maxResults parameter must be between 5 and 1000. Change the value and try again."),
    ("ec2", "DescribeInstanceCreditSpecifications", {"MaxResults": 1001}, 400, "InvalidRequest",
     "The value 1001 for the maxResults parameter must be between 5 and 1000. Change the value and try again."),
    ("ec2", "DescribeInstanceCreditSpecifications", {"InstanceIds": [I], "MaxResults": 5}, 400, "InvalidParameterCombination",
     "The parameter InstanceIds cannot be used with the parameter MaxResults. Use one of the parameters and try again."),
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
