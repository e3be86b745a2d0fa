"""Spot requests, prices and the data feed: what EC2 refuses."""

from conftest import launch


def before(server):
    launch(server.client("ec2"))


S, G = "sir-01234567", "sg-0123456789abcdef0"
SFR = "sfr-01234567-89ab-cdef-0123-456789abcdef"
IMAGE = "ami-0123456789abcdef0"
NO_REQUEST = (400, "InvalidSpotInstanceRequestID.NotFound", f"The spot instance request ID '{S}' does not exist")
BAD_REQUEST = (400, "InvalidSpotInstanceRequestID.Malformed", 'Invalid id: "sir-1" (expecting "sir-...")')
NO_FEED = (400, "InvalidSpotDatafeed.NotFound", "Spot datafeed subscription does not exist.")
INVALID, COMBINED = (400, "InvalidParameterValue"), (400, "InvalidParameterCombination")


def ask(**more):
    return ("ec2", "RequestSpotInstances", {"LaunchSpecification": {"ImageId": IMAGE, "InstanceType": "t3.micro", **more.pop("launch", {})}, **more})


def run(**options):
    market = {"MarketType": "spot", "SpotOptions": options}
    return ("ec2", "RunInstances", {"ImageId": IMAGE, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, "InstanceMarketOptions": market})


def stops(kind, behavior):
    """AWS's, in harmony-one/harmony-ops issue 285; `null` in diux-dev/cluster issue 27."""
    return f"The request with type '{kind}' is not supported when instanceInterruptionBehavior is set to '{behavior}'."


def price(text):
    return (*INVALID, f"Invalid value '{text}' for spotPrice. The price must be a number of at least 0.001.")


CASES = [
    (*ask(), 400, "InvalidAMIID.NotFound", f"The image id '[{IMAGE}]' does not exist"),
    (*ask(launch={"ImageId": "ami-1"}), 400, "InvalidAMIID.Malformed", 'Invalid id: "ami-1" (expecting "ami-...")'),
    ("ec2", "RequestSpotInstances", {}, 400, "MissingParameter", "The request must contain the parameter ImageId"),
    (*ask(SpotPrice="cheap"), *price("cheap")),
    (*ask(SpotPrice="0.0001"), *price("0.0001")),
    (*ask(SpotPrice="-1"), *price("-1")),
    (*ask(InstanceCount=0), *INVALID, "Value (0) for parameter instanceCount is invalid. Expecting a value greater than 0."),
    (*ask(launch={"UserData": "{}"}), *INVALID, "Invalid BASE64 encoding of user data."),
    (*ask(TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}]), *INVALID,
     "'instance' is not a valid taggable resource type for this operation."),
    (*run(MaxPrice="cheap"), *price("cheap")),
    (*run(SpotInstanceType="persistent"), *COMBINED,
     "The persistent Spot instance type is supported only when the instance interruption behavior is either hibernate or stop."),
    (*run(ValidUntil="2030-01-01T00:00:00Z"), *COMBINED, "The parameter validUntil is supported for persistent Spot Instance requests only."),
    (*run(InstanceInterruptionBehavior="hibernate"), *COMBINED, stops("null", "hibernate")),
    (*run(SpotInstanceType="one-time", InstanceInterruptionBehavior="stop"), *COMBINED, stops("one-time", "stop")),
    (*ask(InstanceInterruptionBehavior="stop"), *COMBINED, stops("null", "stop")),
    (*ask(Type="one-time", InstanceInterruptionBehavior="hibernate"), *COMBINED, stops("one-time", "hibernate")),
    (*ask(launch={"BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": size}} for size in (1, 2)]}), 400, "InvalidBlockDeviceMapping",
     "The device '/dev/sdf' is used in more than one block-device mapping"),
    ("ec2", "DescribeSpotInstanceRequests", {"SpotInstanceRequestIds": [S]}, *NO_REQUEST),
    ("ec2", "DescribeSpotInstanceRequests", {"SpotInstanceRequestIds": ["sir-1"]}, *BAD_REQUEST),
    ("ec2", "DescribeSpotInstanceRequests", {"SpotInstanceRequestIds": [S, "sir-76543210"]}, 400, "InvalidSpotInstanceRequestID.NotFound",
     f"The spot instance request IDs '{S}, sir-76543210' do not exist"),
    ("ec2", "DescribeSpotInstanceRequests", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *INVALID, "The filter 'colour' is invalid"),
    ("ec2", "DescribeSpotInstanceRequests", {"NextToken": "x"}, 400, "InvalidNextToken", "The token is invalid or expired."),
    ("ec2", "CancelSpotInstanceRequests", {"SpotInstanceRequestIds": [S]}, *NO_REQUEST),
    ("ec2", "CancelSpotInstanceRequests", {"SpotInstanceRequestIds": ["sir-1"]}, *BAD_REQUEST),
    ("ec2", "CreateTags", {"Resources": [S], "Tags": [{"Key": "a", "Value": "b"}]}, *NO_REQUEST),
    ("ec2", "DescribeSpotPriceHistory", {"AvailabilityZone": "us-east-1a", "AvailabilityZoneId": "use1-az6"}, *COMBINED,
     "The parameters availabilityZone and availabilityZoneId cannot be used together"),
    ("ec2", "DescribeSpotPriceHistory", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *INVALID, "The filter 'colour' is invalid"),
    ("ec2", "DescribeSpotPriceHistory", {"NextToken": "x"}, 400, "InvalidNextToken", "The token is invalid or expired."),
    ("ec2", "ModifySpotFleetRequest", {"SpotFleetRequestId": SFR, "LaunchTemplateConfigs": [
        {"LaunchTemplateSpecification": {"LaunchTemplateName": "web", "Version": "1"}, "Overrides": [{"SubnetId": ",".join(["subnet-1"] * 301)}]}]}, *INVALID,
     "The number of launch specifications 301 exceeds the maximum of 300."),
    ("ec2", "DescribeSpotDatafeedSubscription", {}, *NO_FEED),
    ("ec2", "DeleteSpotDatafeedSubscription", {}, *NO_FEED),
]
