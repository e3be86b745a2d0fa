"""Secondary networks and their subnets, and what is registered with internet registries: what is refused."""

N, S, F = "sn-0123456789abcdef0", "ss-0123456789abcdef0", "si-0123456789abcdef0"
A, I, D = "ipam-registry-assoc-0123456789abcdef0", "ipam-0123456789abcdef0", "ipam-res-disco-0123456789abcdef0"
NO_NETWORK = ("InvalidSecondaryNetworkId.NotFound", f"The secondaryNetwork ID '{N}' does not exist")
NO_SUBNET = ("InvalidSecondarySubnetId.NotFound", f"The secondarySubnet ID '{S}' does not exist")
NO_ASSOCIATION = ("InvalidIpamInternetRegistryAssociationId.NotFound", f"The ipam-internet-registry-association ID '{A}' does not exist")
NO_IPAM = ("InvalidIpamId.NotFound", f"The ipam ID '{I}' does not exist")
NETWORK, SUBNET = {"Ipv4CidrBlock": "10.0.0.0/16", "NetworkType": "rdma"}, {"SecondaryNetworkId": N, "Ipv4CidrBlock": "10.0.0.0/24"}
POLICY = {"IpamInternetRegistryAssociationId": A, "Cidr": "198.51.100.0/24", "Asns": ["16509"]}
ANSWER = {"IpamInternetRegistryAssociationId": A, "RpkiVersion": "1", "ServiceUri": "https://rpki.example.net/", "ChildHandle": "child",
          "ParentHandle": "parent", "ParentBpkiTa": "x"}
BETWEEN = "The CIDR block size must be between /12 and /28."


def before(_):
    return {}


CASES = [("ec2", operation, parameters, 400, code, text) for operation, parameters, code, text in [
    ("CreateSecondaryNetwork", {**NETWORK, "Ipv4CidrBlock": "10.0.0.0/11"}, "InvalidParameterValue",
     f"Value (10.0.0.0/11) for parameter ipv4CidrBlock is invalid. {BETWEEN}"),
    ("CreateSecondaryNetwork", {**NETWORK, "Ipv4CidrBlock": "10.0.0.0/29"}, "InvalidParameterValue",
     f"Value (10.0.0.0/29) for parameter ipv4CidrBlock is invalid. {BETWEEN}"),
    ("CreateSecondaryNetwork", {**NETWORK, "Ipv4CidrBlock": "10.0.0.0"}, "InvalidParameterValue",
     "Value (10.0.0.0) for parameter ipv4CidrBlock is invalid. This is not a valid CIDR block."),
    ("CreateSecondaryNetwork", {"NetworkType": "rdma"}, "MissingParameter", "The request must contain the parameter Ipv4CidrBlock"),
    ("CreateSecondaryNetwork", {"Ipv4CidrBlock": "10.0.0.0/16"}, "MissingParameter", "The request must contain the parameter NetworkType"),
    ("CreateSecondaryNetwork", {**NETWORK, "TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]}, "InvalidParameterValue",
     "'vpc' is not a valid taggable resource type for this operation."),
    ("DescribeSecondaryNetworks", {"SecondaryNetworkIds": [N]}, *NO_NETWORK),
    ("DescribeSecondaryNetworks", {"SecondaryNetworkIds": [N, N[:-1] + "1"]}, "InvalidSecondaryNetworkId.NotFound",
     f"The secondaryNetwork IDs '{N}, {N[:-1]}1' do not exist"),
    ("DescribeSecondaryNetworks", {"SecondaryNetworkIds": ["network"]}, "InvalidSecondaryNetworkId.NotFound", "The secondaryNetwork ID 'network' does not exist"),
    ("DescribeSecondaryNetworks", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, "InvalidParameterValue", "The filter 'colour' is invalid"),
    ("DeleteSecondaryNetwork", {"SecondaryNetworkId": N}, *NO_NETWORK),
    ("DeleteSecondaryNetwork", {"SecondaryNetworkId": S}, "InvalidSecondaryNetworkId.NotFound", f"The secondaryNetwork ID '{S}' does not exist"),
    ("CreateSecondarySubnet", SUBNET, *NO_NETWORK),
    ("CreateSecondarySubnet", {"SecondaryNetworkId": N}, "MissingParameter", "The request must contain the parameter Ipv4CidrBlock"),
    ("DescribeSecondaryInterfaces", {"SecondaryInterfaceIds": [F]}, "InvalidSecondaryInterfaceId.NotFound", f"The secondaryInterface ID '{F}' does not exist"),
    ("DescribeSecondaryInterfaces", {"Filters": [{"Name": "vpc-id", "Values": ["x"]}]}, "InvalidParameterValue", "The filter 'vpc-id' is invalid"),
    ("DescribeSecondarySubnets", {"SecondarySubnetIds": [S]}, *NO_SUBNET),
    ("DescribeSecondarySubnets", {"Filters": [{"Name": "vpc-id", "Values": ["x"]}]}, "InvalidParameterValue", "The filter 'vpc-id' is invalid"),
    ("DescribeSecondarySubnets", {"NextToken": "x"}, "InvalidNextToken", "The token is invalid or expired."),
    ("DeleteSecondarySubnet", {"SecondarySubnetId": S}, *NO_SUBNET),
    ("CreateIpamInternetRegistryAssociation", {"IpamId": I, "Rir": "ripe", "OrganizationHandle": "ORG-EX1-RIPE"}, *NO_IPAM),
    ("DescribeIpamInternetRegistryAssociations", {"IpamInternetRegistryAssociationIds": [A]}, *NO_ASSOCIATION),
    ("EnableIpamInternetRegistryAssociation", ANSWER, *NO_ASSOCIATION),
    ("DeleteIpamInternetRegistryAssociation", {"IpamInternetRegistryAssociationId": A}, *NO_ASSOCIATION),
    ("CreateIpamRoutingPolicyRegistration", POLICY, *NO_ASSOCIATION),
    ("ModifyIpamRoutingPolicyRegistration", POLICY, *NO_ASSOCIATION),
    ("DeleteIpamRoutingPolicyRegistration", {"IpamInternetRegistryAssociationId": A, "Cidr": "198.51.100.0/24"}, *NO_ASSOCIATION),
    ("GetIpamRoutingPolicyRegistrations", {"IpamInternetRegistryAssociationId": A}, *NO_ASSOCIATION),
    ("GetIpamRoutingPolicyRegistrationDeltas", {"IpamInternetRegistryAssociationId": A}, *NO_ASSOCIATION),
    ("GetIpamRouteOriginAuthorizations", {"IpamInternetRegistryAssociationId": A}, *NO_ASSOCIATION),
    ("GetIpamInternetRegistryAssociationAsns", {"IpamInternetRegistryAssociationId": A}, *NO_ASSOCIATION),
    ("GetIpamInternetRegistryAssociationCidrs", {"IpamInternetRegistryAssociationId": A}, *NO_ASSOCIATION),
    ("GetIpamRouteProtectionFindings", {"IpamId": I}, *NO_IPAM),
    ("GetIpamDiscoveredRoutes", {"IpamResourceDiscoveryId": D, "ResourceRegion": "us-east-1"}, "InvalidIpamResourceDiscoveryId.NotFound",
     f"The ipam-resource-discovery ID '{D}' does not exist"),
]]
