"""Spot fleets, dedicated hosts and the placement of instances: what EC2 refuses."""

from conftest import launch, trust


def before(server):
    server.client("iam").create_role(RoleName="fleet", AssumeRolePolicyDocument=trust("spotfleet.amazonaws.com"))
    server.client("iam").create_role(RoleName="other", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    launch(server.client("ec2"))


F = "sfr-01234567-89ab-cdef-0123-456789abcdef"
NO_FLEET = (400, "InvalidSpotFleetRequestId.NotFound", f"The spot fleet request ID '{F}' does not exist")
BAD_FLEET = (400, "InvalidSpotFleetRequestId.Malformed", "The spot fleet request ID 'sfr-1' is malformed")
INVALID = (400, "InvalidParameterValue")
TEMPLATE = {"LaunchTemplateId": "lt-0123456789abcdef0", "Version": "1"}


def ask(**more):
    launches = [{"ImageId": "ami-0123456789abcdef0", "InstanceType": "m5.large"}]
    config = {"IamFleetRole": "arn:aws:iam::000000000000:role/fleet", "TargetCapacity": 1, "LaunchSpecifications": launches, **more}
    return ("ec2", "RequestSpotFleet", {"SpotFleetRequestConfig": {name: value for name, value in config.items() if value is not None}})


def of_templates(*configs, **more):
    return ask(LaunchSpecifications=None, LaunchTemplateConfigs=list(configs), **more)


def wrong(member):
    # Recorded at AWS for the role.
    return (400, "InvalidSpotFleetRequestConfig", f"Parameter: SpotFleetRequestConfig.{member} is invalid.")


def tagged(kind):
    return [{"ResourceType": kind, "Tags": [{"Key": "a", "Value": "b"}]}]


H, I = "h-0123456789abcdef0", "i-0123456789abcdef0"
NO_HOST = (400, "InvalidHostID.NotFound", f"The host ID '{H}' does not exist")
BAD_HOST = (400, "InvalidHostID.Malformed", "The host ID 'h-1' is malformed")
NO_INSTANCE = (400, "InvalidInstanceID.NotFound", f"The instance ID '{I}' does not exist")
COMBINED = (400, "InvalidParameterCombination")


def allocate(**more):
    return ("ec2", "AllocateHosts", {"InstanceType": "m5.large", "AvailabilityZone": "us-east-1a", "Quantity": 1, **more})


def run(**placement):
    return ("ec2", "RunInstances", {"ImageId": "ami-0123456789abcdef0", "InstanceType": "m5.large", "MinCount": 1, "MaxCount": 1, "Placement": placement})


CASES = [
    (*ask(IamFleetRole="arn:aws:iam::000000000000:role/nobody"), *wrong("IamFleetRole")),
    (*ask(IamFleetRole="arn:aws:iam::000000000000:role/other"), *wrong("IamFleetRole")),
    (*ask(IamFleetRole="fleet"), *wrong("IamFleetRole")),
    (*ask(LaunchSpecifications=None), 400, "MissingParameter", "The request must contain the parameter SpotFleetRequestConfig.LaunchSpecifications"),
    (*ask(LaunchTemplateConfigs=[{"LaunchTemplateSpecification": TEMPLATE}]), *wrong("LaunchTemplateConfigs")),
    (*ask(Type="instant"), *wrong("Type")),
    (*ask(TargetCapacity=-1), *wrong("TargetCapacity")),
    (*ask(TargetCapacity=10_001), *wrong("TargetCapacity")),
    (*ask(TargetCapacity=0, Type="request"), *wrong("TargetCapacity")),
    (*ask(OnDemandTargetCapacity=1), *wrong("OnDemandTargetCapacity")),
    (*of_templates({"LaunchTemplateSpecification": TEMPLATE}, OnDemandTargetCapacity=2), *wrong("OnDemandTargetCapacity")),
    (*ask(AllocationStrategy="diversified", InstancePoolsToUseCount=2), *wrong("InstancePoolsToUseCount")),
    (*ask(SpotPrice="cheap"), *wrong("SpotPrice")),
    (*ask(SpotPrice="0.0001"), *wrong("SpotPrice")),
    (*ask(ValidUntil="2020-01-01T00:00:00Z"), *wrong("ValidUntil")),
    (*ask(TagSpecifications=tagged("instance")), *INVALID, "'instance' is not a valid taggable resource type for this operation."),
    (*of_templates({"LaunchTemplateSpecification": TEMPLATE}), 400, "InvalidLaunchTemplateId.NotFound",
     "The specified launch template, with template ID lt-0123456789abcdef0, does not exist."),
    (*of_templates({"LaunchTemplateSpecification": {"LaunchTemplateName": "web"}}), 400, "MissingParameter",
     "The request must contain the parameter LaunchTemplateSpecification.Version"),
    (*of_templates({"LaunchTemplateSpecification": {**TEMPLATE, "LaunchTemplateName": "web"}}), 400, "InvalidParameterCombination",
     "Either provide launch template ID or launch template name to modify the template."),
    ("ec2", "DescribeSpotFleetRequests", {"SpotFleetRequestIds": [F]}, *NO_FLEET),
    ("ec2", "DescribeSpotFleetRequests", {"SpotFleetRequestIds": ["sfr-1"]}, *BAD_FLEET),
    ("ec2", "DescribeSpotFleetRequests", {"NextToken": "x"}, 400, "InvalidNextToken", "The token is invalid or expired."),
    ("ec2", "DescribeSpotFleetInstances", {"SpotFleetRequestId": F}, *NO_FLEET),
    ("ec2", "DescribeSpotFleetInstances", {"SpotFleetRequestId": "sfr-1"}, *BAD_FLEET),
    ("ec2", "DescribeSpotFleetRequestHistory", {"SpotFleetRequestId": F, "StartTime": "2020-01-01T00:00:00Z"}, *NO_FLEET),
    ("ec2", "ModifySpotFleetRequest", {"SpotFleetRequestId": F, "TargetCapacity": 1}, *NO_FLEET),
    ("ec2", "ModifySpotFleetRequest", {"SpotFleetRequestId": "sfr-1", "TargetCapacity": 1}, *BAD_FLEET),
    ("ec2", "CreateTags", {"Resources": [F], "Tags": [{"Key": "a", "Value": "b"}]}, *NO_FLEET),
    ("ec2", "AllocateHosts", {"AvailabilityZone": "us-east-1a", "Quantity": 1}, 400, "MissingParameter",
     "The request must contain the parameter instanceType or instanceFamily"),
    (*allocate(InstanceFamily="m5"), *COMBINED, "You can specify either an instance type or an instance family, but not both."),
    (*allocate(Quantity=0), 400, "InvalidQuantity", "The specified quantity of Dedicated Hosts is not valid."),
    (*allocate(Quantity=1001), 400, "HostLimitExceeded", "Dedicated host limit exceeded: 1001 were requested, 1000 are possible."),
    (*allocate(AvailabilityZone="us-east-1z"), *INVALID, "Invalid availability zone: [us-east-1z]"),
    (*allocate(AvailabilityZoneId="use1-az1"), *COMBINED, "The parameters availabilityZone and availabilityZoneId cannot be used together"),
    ("ec2", "AllocateHosts", {"InstanceType": "m5.large", "Quantity": 1}, 400, "MissingParameter", "The request must contain the parameter availabilityZone"),
    # Both recorded at AWS.
    (*allocate(InstanceType="t2.micro"), 400, "UnsupportedHostConfiguration",
     "The requested configuration is currently not supported. Please check the documentation for supported configurations."),
    ("ec2", "AllocateHosts", {"InstanceFamily": "Mac1", "AvailabilityZone": "us-east-1a", "Quantity": 1}, 400, "InvalidHostConfiguration",
     "The instance family 'Mac1' is not supported."),
    (*allocate(TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}]), *INVALID,
     "'instance' is not a valid taggable resource type for this operation."),
    (*allocate(TagSpecifications=[{"ResourceType": "dedicated-host", "Tags": [{"Key": "aws:a", "Value": "b"}]}]), *INVALID,
     "Tag keys starting with 'aws:' are reserved for internal use"),
    ("ec2", "DescribeHosts", {"HostIds": [H]}, *NO_HOST),
    ("ec2", "DescribeHosts", {"HostIds": ["h-1"]}, *BAD_HOST),
    ("ec2", "DescribeHosts", {"HostIds": [H, "h-00000000000000000"]}, 400, "InvalidHostID.NotFound",
     f"The host IDs '{H}, h-00000000000000000' do not exist"),
    ("ec2", "DescribeHosts", {"HostIds": [H], "MaxResults": 5}, *COMBINED, "The parameter hostIdSet cannot be used with the parameter maxResults"),
    ("ec2", "DescribeHosts", {"Filter": [{"Name": "colour", "Values": ["red"]}]}, *INVALID, "The filter 'colour' is invalid"),
    ("ec2", "DescribeHosts", {"NextToken": "x"}, 400, "InvalidNextToken", "The token is invalid or expired."),
    ("ec2", "ModifyHosts", {"HostIds": [H], "InstanceType": "m5.large", "InstanceFamily": "m5"}, *COMBINED,
     "You can specify either an instance type or an instance family, but not both."),
    ("ec2", "CreateTags", {"Resources": [H], "Tags": [{"Key": "a", "Value": "b"}]}, *NO_HOST),
    ("ec2", "CreateTags", {"Resources": ["h-1"], "Tags": [{"Key": "a", "Value": "b"}]}, 400, "InvalidID", "The ID 'h-1' is not valid"),
    # Recorded at AWS.
    (*run(Affinity="default"), *COMBINED, "The parameter affinity cannot be used without specifying a tenancy of 'host'"),
    (*run(Affinity="host", Tenancy="dedicated"), *COMBINED, "The parameter affinity cannot be used without specifying a tenancy of 'host'"),
    (*run(Affinity="near", Tenancy="host"), 400, "InvalidAffinity", "The affinity 'near' is not valid."),
    (*run(HostId=H, Tenancy="default"), *COMBINED, "The parameter hostId cannot be used without specifying a tenancy of 'host'"),
    (*run(GroupName="web", Tenancy="host"), *COMBINED, "You cannot launch an instance with a tenancy of 'host' into a placement group. "
     "Either remove the placement group from the request, or specify a different tenancy."),
    ("ec2", "ModifyInstancePlacement", {"InstanceId": I, "Affinity": "default"}, *NO_INSTANCE),
    ("ec2", "ModifyInstancePlacement", {"InstanceId": I, "HostId": H}, *NO_INSTANCE),
    ("ec2", "ModifyInstancePlacement", {"InstanceId": "web", "HostId": H}, 400, "InvalidInstanceID.Malformed", 'Invalid id: "web"'),
]
