"""Systems Manager's parameters, mirrored traffic, paths, Verified Access and IPAM: what is refused."""

from conftest import allow, make_user


def before(server):
    server.client("ec2").describe_vpcs()
    return {"nobody": make_user(server.client("iam"), "nobody"), "launcher": make_user(server.client("iam"), "launcher", allow("ec2:*"))}


LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
# aws-sdk-php#1952, localstack#7712; aws-sdk-js-v3#5928, where the backslashes are AWS's.
NAME = ("ValidationException", 'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by '
        "slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_")
PATH = ("ValidationException", "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \"/\". It can't be "
        'prefixed with \\"aws\\" or \\"ssm\\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), '
        '_ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: '
        "/get/parameters2-/by1./path0_.")
RUN = {"InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
CASES = [
    ("ssm", "GetParameter", {"Name": "golden"}, 400, "ParameterNotFound", ""),
    ("ssm", "GetParameter", {"Name": "/aws/service/nothing"}, 400, "ParameterNotFound", ""),
    ("ssm", "GetParameter", {"Name": f"{LINUX}:99"}, 400, "ParameterVersionNotFound",
     f"Systems Manager could not find version 99 of {LINUX}. Verify the version and try again."),
    ("ssm", "GetParameter", {"Name": "a/b"}, 400, *NAME),
    ("ssm", "GetParameter", {"Name": "{test}-test"}, 400, *NAME),
    ("ssm", "GetParameter", {"Name": "ssm-mine"}, 400, *NAME),
    ("ssm", "GetParameters", {"Names": ["/a", "b c"]}, 400, *NAME),
    ("ssm", "GetParameter", {"Name": ""}, 400, "ValidationException",
     "1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1"),
    ("ssm", "GetParameter", {}, 400, "ValidationException", "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"),
    ("ssm", "GetParametersByPath", {"Path": "a"}, 400, *PATH),
    ("ssm", "GetParametersByPath", {"Path": "/ssm/mine"}, 400, *PATH),
    ("ssm", "GetParametersByPath", {"Path": "/aws/mine"}, 400, *PATH),
    ("ssm", "GetParametersByPath", {"Path": "/a", "MaxResults": 11}, 400, "ValidationException",
     "1 validation error detected: Value '11' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 10"),
    ("ssm", "GetParametersByPath", {"Path": "/a", "NextToken": "x"}, 400, "InvalidNextToken", "The specified token isn't valid."),
    ("ssm", "GetParametersByPath", {"Path": "/a", "ParameterFilters": [{"Key": "Tier", "Values": ["Standard"]}]}, 400, "InvalidFilterKey",
     "The following filter key is not valid: Tier. Valid filter keys include: [Type, KeyId, Label]."),
    ("ssm", "GetParameter", {"Name": LINUX}, 400, "AccessDeniedException",
     "User: arn:aws:iam::000000000000:user/nobody is not authorized to perform: ssm:GetParameter on resource: "
     f"arn:aws:ssm:us-east-1::parameter{LINUX} because no identity-based policy allows the ssm:GetParameter action", "nobody"),
    ("ssm", "DeleteParameter", {"Name": "golden"}, 501, "NotImplemented", "rolecall does not implement ssm:DeleteParameter yet"),
    ("ec2", "RunInstances", {**RUN, "ImageId": "resolve:ssm:/golden"}, 400, "SsmInvalidParameter", "The following aliases are invalid: /golden"),
    ("ec2", "RunInstances", {**RUN, "ImageId": f"resolve:ssm:{LINUX}"}, 400, "SsmAccessDenied", "Access denied to SSM", "launcher"),
    ("ec2", "CreateLaunchTemplate", {"LaunchTemplateName": "golden", "LaunchTemplateData": {"ImageId": "resolve:ssm:/golden"}}, 400, "SsmInvalidParameter",
     "The following aliases are invalid: /golden"),
]
F, R, S, T = "tmf-0123456789abcdef0", "tmfr-0123456789abcdef0", "tms-0123456789abcdef0", "tmt-0123456789abcdef0"
I, G, E, P = "vai-0123456789abcdef0", "vagr-0123456789abcdef0", "vae-0123456789abcdef0", "vatp-0123456789abcdef0"
M, C, L, A = "ipam-0123456789abcdef0", "ipam-scope-0123456789abcdef0", "ipam-pool-0123456789abcdef0", "ipam-pool-alloc-0123456789abcdef0"
RULE = {"TrafficMirrorFilterId": F, "TrafficDirection": "ingress", "RuleNumber": 1, "RuleAction": "accept", "SourceCidrBlock": "10.0.0.0/8",
        "DestinationCidrBlock": "10.0.0.0/8"}
# The codes are the ones Terraform's provider looks for.
CASES += [("ec2", operation, parameters, 400, f"{code}.NotFound", f"The {what} ID '{name}' does not exist") for operation, parameters, code, what, name in [
    ("CreateTrafficMirrorFilterRule", RULE, "InvalidTrafficMirrorFilterId", "trafficMirrorFilter", F),
    ("DeleteTrafficMirrorFilter", {"TrafficMirrorFilterId": F}, "InvalidTrafficMirrorFilterId", "trafficMirrorFilter", F),
    ("ModifyTrafficMirrorFilterRule", {"TrafficMirrorFilterRuleId": R}, "InvalidTrafficMirrorFilterRuleId", "trafficMirrorFilterRule", R),
    ("DescribeTrafficMirrorSessions", {"TrafficMirrorSessionIds": [S]}, "InvalidTrafficMirrorSessionId", "trafficMirrorSession", S),
    ("DeleteTrafficMirrorTarget", {"TrafficMirrorTargetId": T}, "InvalidTrafficMirrorTargetId", "trafficMirrorTarget", T),
    ("DeleteNetworkInsightsPath", {"NetworkInsightsPathId": "nip-0123456789abcdef0"}, "InvalidNetworkInsightsPathId", "networkInsightsPath",
     "nip-0123456789abcdef0"),
    ("CreateVerifiedAccessGroup", {"VerifiedAccessInstanceId": I}, "InvalidVerifiedAccessInstanceId", "verifiedAccessInstance", I),
    ("GetVerifiedAccessGroupPolicy", {"VerifiedAccessGroupId": G}, "InvalidVerifiedAccessGroupId", "verifiedAccessGroup", G),
    ("ModifyVerifiedAccessEndpoint", {"VerifiedAccessEndpointId": E}, "InvalidVerifiedAccessEndpointId", "verifiedAccessEndpoint", E),
    ("DeleteVerifiedAccessTrustProvider", {"VerifiedAccessTrustProviderId": P}, "InvalidVerifiedAccessTrustProviderId", "verifiedAccessTrustProvider", P),
    ("CreateIpamScope", {"IpamId": M}, "InvalidIpamId", "ipam", M),
    ("CreateIpamPool", {"IpamScopeId": C, "AddressFamily": "ipv4"}, "InvalidIpamScopeId", "ipam-scope", C),
    ("ProvisionIpamPoolCidr", {"IpamPoolId": L, "Cidr": "10.0.0.0/8"}, "InvalidIpamPoolId", "ipam-pool", L),
    ("CreateVpc", {"Ipv4IpamPoolId": L, "Ipv4NetmaskLength": 24}, "InvalidIpamPoolId", "ipam-pool", L),
    ("ModifyIpamPoolAllocation", {"IpamPoolAllocationId": A}, "InvalidIpamPoolAllocationId", "ipam-pool-allocation", A),
]]
CASES += [
    ("ec2", "CreateTrafficMirrorTarget", {}, 400, "InvalidParameterCombination",
     "Exactly one of NetworkInterfaceId, NetworkLoadBalancerArn and GatewayLoadBalancerEndpointId must be specified."),
    ("ec2", "CreateNetworkInsightsPath", {"Source": "igw-0123456789abcdef0", "DestinationIp": "10.0.0.1", "Protocol": "tcp"}, 400,
     "InvalidInternetGatewayID.NotFound", "The internetGateway ID 'igw-0123456789abcdef0' does not exist"),
    ("ec2", "CreateVerifiedAccessTrustProvider", {"TrustProviderType": "user", "PolicyReferenceName": "people"}, 400, "MissingParameter",
     "The request must contain the parameter UserTrustProviderType"),
]
