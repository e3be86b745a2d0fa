"""IPAM's resource discoveries, policies, resolvers of prefix lists, tokens, public pools and numbers of autonomous systems: what is refused. The texts
beside those of unknown ids were not seen on AWS."""

D, A = "ipam-res-disco-0123456789abcdef0", "ipam-res-disco-assoc-0123456789abcdef0"
I, O, R = "ipam-0123456789abcdef0", "ipam-policy-0123456789abcdef0", "ipam-plr-0123456789abcdef0"
T, K, P = "ipam-plr-target-0123456789abcdef0", "ipam-ext-res-ver-token-0123456789abcdef0", "ipam-pool-0123456789abcdef0"
V, S = "ipv4pool-ec2-0123456789abcdef0", "ipam-scope-0123456789abcdef0"


def gone(kind, name):
    return f"The {kind} ID '{name}' does not exist"


NO_DISCOVERY = "InvalidIpamResourceDiscoveryId.NotFound", gone("ipam-resource-discovery", D)
NO_ASSOCIATION = "InvalidIpamResourceDiscoveryAssociationId.NotFound", gone("ipam-resource-discovery-association", A)
NO_IPAM = "InvalidIpamId.NotFound", gone("ipam", I)
NO_POLICY = "InvalidIpamPolicyId.NotFound", gone("ipam-policy", O)
NO_RESOLVER = "InvalidIpamPrefixListResolverId.NotFound", gone("ipam-prefix-list-resolver", R)
NO_TARGET = "InvalidIpamPrefixListResolverTargetId.NotFound", gone("ipam-prefix-list-resolver-target", T)
NO_TOKEN = "InvalidIpamExternalResourceVerificationTokenId.NotFound", gone("ipam-external-resource-verification-token", K)
NO_POOL = "InvalidIpamPoolId.NotFound", gone("ipam-pool", P)
MANAGER = "OperationNotPermitted", "The operation can be called by the management account of an organization only."
CONTEXT = {"Message": "1|aws|000000000000|3333|20300101|SHA256|RSAPSS", "Signature": "signed"}


def before(_):
    return {}


CASES = [("ec2", operation, parameters, 400, *answer) for operation, parameters, answer in [
    ("CreateIpamResourceDiscovery", {"OperatingRegions": [{"RegionName": "moon-1"}]},
     ("InvalidParameterValue", "Value (moon-1) for parameter operatingRegions is invalid. It is not a region.")),
    ("DescribeIpamResourceDiscoveries", {"IpamResourceDiscoveryIds": [D]}, NO_DISCOVERY),
    ("DescribeIpamResourceDiscoveries", {"Filters": [{"Name": "colour", "Values": ["red"]}]},
     ("InvalidParameterValue", "The filter 'colour' is invalid")),
    ("ModifyIpamResourceDiscovery", {"IpamResourceDiscoveryId": D}, NO_DISCOVERY),
    ("DeleteIpamResourceDiscovery", {"IpamResourceDiscoveryId": D}, NO_DISCOVERY),
    ("AssociateIpamResourceDiscovery", {"IpamId": I, "IpamResourceDiscoveryId": D}, NO_IPAM),
    ("DisassociateIpamResourceDiscovery", {"IpamResourceDiscoveryAssociationId": A}, NO_ASSOCIATION),
    ("DescribeIpamResourceDiscoveryAssociations", {"IpamResourceDiscoveryAssociationIds": [A]}, NO_ASSOCIATION),
    ("GetIpamDiscoveredAccounts", {"IpamResourceDiscoveryId": D, "DiscoveryRegion": "us-east-1"}, NO_DISCOVERY),
    ("GetIpamDiscoveredResourceCidrs", {"IpamResourceDiscoveryId": D, "ResourceRegion": "us-east-1"}, NO_DISCOVERY),
    ("GetIpamDiscoveredPublicAddresses", {"IpamResourceDiscoveryId": D, "AddressRegion": "us-east-1"}, NO_DISCOVERY),
    ("EnableIpamOrganizationAdminAccount", {"DelegatedAdminAccountId": "111111111111"}, MANAGER),
    ("DisableIpamOrganizationAdminAccount", {"DelegatedAdminAccountId": "111111111111"}, MANAGER),
    ("CreateIpamPolicy", {"IpamId": I}, NO_IPAM),
    ("DescribeIpamPolicies", {"IpamPolicyIds": [O]}, NO_POLICY),
    ("DeleteIpamPolicy", {"IpamPolicyId": O}, NO_POLICY),
    ("EnableIpamPolicy", {"IpamPolicyId": O}, NO_POLICY),
    ("DisableIpamPolicy", {"IpamPolicyId": O}, NO_POLICY),
    ("GetIpamPolicyAllocationRules", {"IpamPolicyId": O}, NO_POLICY),
    ("ModifyIpamPolicyAllocationRules", {"IpamPolicyId": O, "Locale": "us-east-1", "ResourceType": "eip"}, NO_POLICY),
    ("GetIpamPolicyOrganizationTargets", {"IpamPolicyId": O}, NO_POLICY),
    ("CreateIpamPrefixListResolver", {"IpamId": I, "AddressFamily": "ipv4"}, NO_IPAM),
    ("DescribeIpamPrefixListResolvers", {"IpamPrefixListResolverIds": [R]}, NO_RESOLVER),
    ("ModifyIpamPrefixListResolver", {"IpamPrefixListResolverId": R}, NO_RESOLVER),
    ("DeleteIpamPrefixListResolver", {"IpamPrefixListResolverId": R}, NO_RESOLVER),
    ("GetIpamPrefixListResolverRules", {"IpamPrefixListResolverId": R}, NO_RESOLVER),
    ("GetIpamPrefixListResolverVersions", {"IpamPrefixListResolverId": R}, NO_RESOLVER),
    ("GetIpamPrefixListResolverVersionEntries", {"IpamPrefixListResolverId": R, "IpamPrefixListResolverVersion": 1}, NO_RESOLVER),
    ("CreateIpamPrefixListResolverTarget",
     {"IpamPrefixListResolverId": R, "PrefixListId": "pl-0123456789abcdef0", "PrefixListRegion": "us-east-1", "TrackLatestVersion": True}, NO_RESOLVER),
    ("DescribeIpamPrefixListResolverTargets", {"IpamPrefixListResolverTargetIds": [T]}, NO_TARGET),
    ("ModifyIpamPrefixListResolverTarget", {"IpamPrefixListResolverTargetId": T}, NO_TARGET),
    ("DeleteIpamPrefixListResolverTarget", {"IpamPrefixListResolverTargetId": T}, NO_TARGET),
    ("CreateIpamExternalResourceVerificationToken", {"IpamId": I}, NO_IPAM),
    ("DescribeIpamExternalResourceVerificationTokens", {"IpamExternalResourceVerificationTokenIds": [K]}, NO_TOKEN),
    ("DeleteIpamExternalResourceVerificationToken", {"IpamExternalResourceVerificationTokenId": K}, NO_TOKEN),
    ("AllocateAddress", {"IpamPoolId": P}, NO_POOL),
    ("AllocateAddress", {"IpamPoolId": P, "PublicIpv4Pool": V},
     ("InvalidParameterCombination", "The parameters PublicIpv4Pool and IpamPoolId cannot be used together")),
    ("ProvisionPublicIpv4PoolCidr", {"IpamPoolId": P, "PoolId": V, "NetmaskLength": 28},
     ("InvalidPublicIpv4PoolID.NotFound", f"The public IPv4 pool ID '{V}' does not exist")),
    ("DeprovisionPublicIpv4PoolCidr", {"PoolId": V, "Cidr": "203.0.113.0/28"},
     ("InvalidPublicIpv4PoolID.NotFound", f"The public IPv4 pool ID '{V}' does not exist")),
    ("MoveByoipCidrToIpam", {"Cidr": "203.0.113.0/24", "IpamPoolId": P, "IpamPoolOwner": "000000000000"}, NO_POOL),
    ("MoveByoipCidrToIpam", {"Cidr": "203.0.113.0/24", "IpamPoolId": P, "IpamPoolOwner": "111111111111"}, NO_POOL),
    ("ProvisionIpamByoasn", {"IpamId": I, "Asn": "3333", "AsnAuthorizationContext": CONTEXT}, NO_IPAM),
    ("DeprovisionIpamByoasn", {"IpamId": I, "Asn": "3333"}, NO_IPAM),
    ("AssociateIpamByoasn", {"Asn": "3333", "Cidr": "203.0.113.0/24"},
     ("InvalidParameterValue", "Value (3333) for parameter Asn is invalid. The ASN is not provisioned in your account.")),
    ("DisassociateIpamByoasn", {"Asn": "3333", "Cidr": "203.0.113.0/24"},
     ("InvalidParameterValue", "Value (3333) for parameter Asn is invalid. The ASN is not provisioned in your account.")),
    ("ModifyManagedPrefixList", {"PrefixListId": "pl-0123456789abcdef0", "IpamPrefixListResolverSyncEnabled": True},
     ("InvalidPrefixListID.NotFound", "The prefix list ID 'pl-0123456789abcdef0' does not exist")),
]]
