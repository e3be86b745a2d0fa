"""Application status checks, metric categories, network cost allocation, tasks on Macs and keys of snapshots: what is refused. These are new; AWS's codes
and words for what it refuses of them are mostly not recorded, and then ours."""

C, I, M = "asc-0123456789abcdef0", "i-0123456789abcdef0", "mc-0123456789abcdef0"
P, S, T = "fcap-0123456789abcdef0", "snap-0123456789abcdef0", "macmodification-0123456789abcdef0"
NO_CHECK = ("InvalidApplicationStatusCheckId.NotFound", f"The applicationStatusCheck ID '{C}' does not exist")
NO_INSTANCE = ("InvalidInstanceID.NotFound", f"The instance ID '{I}' does not exist")
NO_CATEGORY = ("InvalidMetricCategoryId.NotFound", f"The metricCategory ID '{M}' does not exist")
NO_POLICY = ("InvalidFcaPolicyId.NotFound", f"The fca-policy ID '{P}' does not exist")
NO_TOKEN = ("InvalidNextToken", "The token is invalid or expired.")
NO_FILTER = ("InvalidParameterValue", "The filter 'colour' is invalid")
COLOUR = {"Filters": [{"Name": "colour", "Values": ["red"]}]}
HTTP = {"Protocol": "http", "Port": 80}
BOTH = {"ApplicationStatusCheckId": C, "InstanceIds": [I], "TargetTagAssociations": [{"Key": "team", "Value": "red"}]}
CREATE, POLICY = "CreateApplicationStatusCheck", "CreateNetworkingFlexCostAllocationPolicy"


def before(_):
    return {}


def value(text, member, why=""):
    return "InvalidParameterValue", f"Value ({text}) for parameter {member} is invalid." + (f" {why}" if why else "")


def missing(name):
    return "MissingParameter", f"The request must contain the parameter {name}"


def document(granularity="eni", dimensions=("data-transfer",), **more):
    return {"ReportingGranularity": [granularity], "Dimensions": list(dimensions), **more}


def ranges(*blocks, kind="source-prefixes"):
    return {"PrefixesType": kind, "Prefixes": [{"CidrRange": block, "CidrLabel": f"range-{number}"} for number, block in enumerate(blocks)]}


def nat(**more):
    return {"NetworkResourceType": "natgw", "NatFcaPolicyDocument": document(**more)}


CASES = [("ec2", operation, parameters, 400, code, text) for operation, parameters, (code, text) in [
    (CREATE, {**HTTP, "Path": "health"}, value("health", "path", "The path must start with a forward slash (/).")),
    (CREATE, {**HTTP, "Interval": 30}, value("30", "interval", "Valid value: 60.")),
    (CREATE, {**HTTP, "Timeout": 31}, value("31", "timeout", "Valid values: 1 to 30.")),
    (CREATE, {**HTTP, "FailureThreshold": 0}, value("0", "failureThreshold", "The value must be greater than 0.")),
    (CREATE, {**HTTP, "SuccessThreshold": -1}, value("-1", "successThreshold", "The value must be greater than 0.")),
    (CREATE, {**HTTP, "DeviceIndex": -1}, value("-1", "deviceIndex", "The value must be greater than or equal to 0.")),
    (CREATE, {**HTTP, "InitializationGracePeriodSeconds": 0}, value("0", "initializationGracePeriodSeconds", "Valid values: 1 to 600.")),
    (CREATE, {**HTTP, "StatusCodeMatcher": "300-200"}, value("300-200", "statusCodeMatcher")),
    (CREATE, {**HTTP, "HealthCheckPaths": [{"Destinations": [{"SubnetId": "subnet-1"}]}]}, missing("HealthCheckPaths.Source")),
    (CREATE, {**HTTP, "TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]},
     ("InvalidParameterValue", "'vpc' is not a valid taggable resource type for this operation.")),
    ("ModifyApplicationStatusCheck", {"ApplicationStatusCheckId": C, "Port": 81}, NO_CHECK),
    ("DeleteApplicationStatusCheck", {"ApplicationStatusCheckId": C}, NO_CHECK),
    ("DescribeApplicationStatusChecks", {"ApplicationStatusCheckIds": [C]}, NO_CHECK),
    ("DescribeApplicationStatusChecks", COLOUR, NO_FILTER),
    ("DescribeApplicationStatusChecks", {"NextToken": "x"}, NO_TOKEN),
    ("AssociateApplicationStatusCheck", BOTH,
     ("InvalidParameterCombination", "TargetTagAssociations and InstanceIds cannot be specified in the same request.")),
    ("AssociateApplicationStatusCheck", {"ApplicationStatusCheckId": C}, missing("TargetTagAssociations or InstanceIds")),
    ("AssociateApplicationStatusCheck", {"ApplicationStatusCheckId": C, "InstanceIds": [I]}, NO_CHECK),
    ("AssociateApplicationStatusCheck", {"ApplicationStatusCheckId": C, "InstanceIds": ["web"]}, ("InvalidInstanceID.Malformed", 'Invalid id: "web"')),
    ("AssociateApplicationStatusCheck", {"ApplicationStatusCheckId": C, "TargetTagAssociations": [{"Value": "red"}]},
     ("InvalidParameterValue", "Tag key cannot be empty")),
    ("DisassociateApplicationStatusCheck", {"ApplicationStatusCheckId": C, "InstanceIds": [I]}, NO_CHECK),
    ("DescribeApplicationStatusCheckAssociations", {"ApplicationStatusCheckIds": [C]}, NO_CHECK),
    ("DescribeApplicationStatusCheckAssociations", COLOUR, NO_FILTER),
    ("DescribeApplicationStatus", {"InstanceIds": [I]}, NO_INSTANCE),
    ("DescribeApplicationStatus", COLOUR, NO_FILTER),
    ("EnableApplicationStatusCheckSuppression", {}, missing("InstanceIds")),
    ("EnableApplicationStatusCheckSuppression", {"InstanceIds": [I] * 101},
     ("InvalidParameterValue", "You can specify a maximum of 100 instance IDs for each request.")),
    ("EnableApplicationStatusCheckSuppression", {"InstanceIds": [I], "DurationSeconds": 0},
     value("0", "durationSeconds", "The value must be greater than 0.")),
    ("DisableApplicationStatusCheckSuppression", {"InstanceIds": ["web"]}, ("InvalidInstanceID.Malformed", 'Invalid id: "web"')),

    ("CreateMetricCategory", {"Metrics": ["CPUUtilization", "CPUUtilization"]},
     value("CPUUtilization", "metrics", "The metric is specified more than once.")),
    ("ModifyMetricCategory", {"MetricCategoryId": M, "Metrics": ["CPUUtilization"]}, NO_CATEGORY),
    ("DeleteMetricCategory", {"MetricCategoryId": M}, NO_CATEGORY),
    ("DescribeMetricCategories", {"MetricCategoryIds": [M]}, NO_CATEGORY),
    ("DescribeMetricCategories", {"MetricCategoryIds": [M], "MaxResults": 5},
     ("InvalidParameterCombination", "The parameter MetricCategoryIds cannot be used with the parameter MaxResults")),
    ("MonitorInstances", {"InstanceIds": [I], "MetricCategoryIds": [M]}, NO_CATEGORY),
    ("UnmonitorInstances", {"InstanceIds": [I], "MetricCategoryIds": [M]}, NO_CATEGORY),
    ("RunInstances", {"MinCount": 1, "MaxCount": 1, "ImageId": "ami-0123456789abcdef0", "Monitoring": {"Enabled": False, "MetricCategoryIds": [M]}},
     ("InvalidParameterCombination", "Metric categories can be specified only if detailed monitoring is enabled.")),

    (POLICY, {"NetworkResourceType": "natgw"}, missing("NatFcaPolicyDocument")),
    (POLICY, {**nat(), "PcxFcaPolicyDocument": document()},
     ("InvalidParameterCombination", "The parameter PcxFcaPolicyDocument cannot be used with the network resource type natgw")),
    (POLICY, nat(granularity="peering-id"), value("peering-id", "reportingGranularity", "It is only valid for VPC peering connections.")),
    (POLICY, {"NetworkResourceType": "ec2", "InstanceFcaPolicyDocument": document(dimensions=["data-processing"])},
     value("data-processing", "dimensions", "The only valid value is data-transfer.")),
    (POLICY, nat(dimensions=["data-transfer", "data-transfer"]), value("data-transfer", "dimensions", "The value is specified more than once.")),
    (POLICY, nat(granularity="cidr"), missing("CidrRangeSpecifications")),
    (POLICY, nat(CidrRangeSpecifications=ranges("10.0.0.0/8")),
     ("InvalidParameterCombination", "CidrRangeSpecifications can be specified only if the reporting granularity is cidr.")),
    (POLICY, nat(granularity="cidr", CidrRangeSpecifications=ranges("10.0.0.0/33")), value("10.0.0.0/33", "cidrRange", "This is not a valid CIDR block.")),
    (POLICY, nat(granularity="cidr", CidrRangeSpecifications=ranges("10.0.0.0/8", "10.0.0.0/8")),
     value("10.0.0.0/8", "cidrRange", "The CIDR range is specified more than once.")),
    (POLICY, nat(granularity="cidr", CidrRangeSpecifications=ranges("10.0.0.0/8", kind="both")),
     value("both", "prefixesType", "Valid values are source-prefixes and destination-prefixes.")),
    (POLICY, {**nat(), "Description": "x" * 1025}, value("x" * 1025, "description", "The description can be up to 1024 characters long.")),
    ("ModifyNetworkingFlexCostAllocationPolicy", {"FcaPolicyId": P, "ShowBackEnabled": False}, NO_POLICY),
    ("GetNetworkingFlexCostAllocationPolicyVersions", {"FcaPolicyId": P}, NO_POLICY),
    ("DescribeNetworkingFlexCostAllocationPolicies", {"FcaPolicyIds": [P]}, NO_POLICY),
    ("DescribeNetworkingFlexCostAllocationPolicies", COLOUR, NO_FILTER),
    ("AssociateNetworkingFlexCostAllocationPolicy", {"FcaPolicyId": P, "NetworkResourceIds": [I]}, NO_POLICY),
    ("DescribeNetworkingFlexCostAllocationPolicyAssociations", {"FcaPolicyAssociationIds": ["fcapassoc-0123456789abcdef0"]},
     ("InvalidFcaPolicyAssociationId.NotFound", "The fca-policy-association ID 'fcapassoc-0123456789abcdef0' does not exist")),

    ("CreateDelegateMacVolumeOwnershipTask", {"InstanceId": I, "MacCredentials": "{}"}, NO_INSTANCE),
    ("CreateMacSystemIntegrityProtectionModificationTask", {"InstanceId": I, "MacSystemIntegrityProtectionStatus": "enabled"}, NO_INSTANCE),
    ("DescribeMacModificationTasks", {"MacModificationTaskIds": [T]},
     ("InvalidMacModificationTaskId.NotFound", f"The macModificationTask ID '{T}' does not exist")),
    ("DescribeMacHosts", {"HostIds": ["h-0123456789abcdef0"]}, ("InvalidHostID.NotFound", "The host ID 'h-0123456789abcdef0' does not exist")),

    ("AssociateKmsKeyId", {"KmsKeyId": "alias/second"}, missing("SnapshotId")),
    ("AssociateKmsKeyId", {"SnapshotId": S, "KmsKeyId": "alias/second"}, ("InvalidSnapshot.NotFound", f"The snapshot '{S}' does not exist.")),
    ("DisassociateKmsKeyId", {"SnapshotId": "snap", "KmsKeyId": "alias/second"},
     ("InvalidParameterValue", "Value (snap) for parameter snapshotId is invalid. Expected: 'snap-...'.")),
]]
