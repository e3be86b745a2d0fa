"""Spot fleets: what EC2 refuses."""

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
     "Either a launch template ID or a launch template name may be specified, but not both"),
    ("ec2", "DescribeSpotFleetRequests", {"SpotFleetRequestIds": [F]}, *NO_FLEET),
    ("ec2", "DescribeSpotFleetRequests", {"SpotFleetRequestIds": ["sfr-1"]}, *BAD_FLEET),
    ("ec2", "DescribeSpotFleetRequests", {"NextToken": "x"}, 400, "InvalidNextToken", "The token is invalid or expired."),
    ("ec2", "DescribeSpotFleetInstances", {"SpotFleetRequestId": F}, *NO_FLEET),
    ("ec2", "DescribeSpotFleetInstances", {"SpotFleetRequestId": "sfr-1"}, *BAD_FLEET),
    ("ec2", "DescribeSpotFleetRequestHistory", {"SpotFleetRequestId": F, "StartTime": "2020-01-01T00:00:00Z"}, *NO_FLEET),
    ("ec2", "ModifySpotFleetRequest", {"SpotFleetRequestId": F, "TargetCapacity": 1}, *NO_FLEET),
    ("ec2", "ModifySpotFleetRequest", {"SpotFleetRequestId": "sfr-1", "TargetCapacity": 1}, *BAD_FLEET),
    ("ec2", "CreateTags", {"Resources": [F], "Tags": [{"Key": "a", "Value": "b"}]}, *NO_FLEET),
]
