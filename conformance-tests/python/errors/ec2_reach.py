"""Analyses of paths, shared transit gateways, peering options, endpoint services, address ranges that were brought: what is refused."""

from conftest import launch

A, G, D, S, V = ("nia-0123456789abcdef0", "tgw-attach-0123456789abcdef0", "tgw-mcast-domain-0123456789abcdef0", "vpce-svc-0123456789abcdef0",
                 "cvpn-endpoint-0123456789abcdef0")
P, E, I, Q = "nip-0123456789abcdef0", "vpce-0123456789abcdef0", "ipv6pool-ec2-0123456789abcdef0", "ipv4pool-ec2-0123456789abcdef0"
RANGE, SIX = "203.0.112.0/24", "2600:9000:a000::/48"


def before(server):
    ec2 = server.client("ec2")
    launch(ec2)
    ec2.provision_byoip_cidr(Cidr=RANGE, CidrAuthorizationContext={"Message": f"1|aws|000000000000|{RANGE}|20300101|SHA256|RSAPSS", "Signature": "signed"})
    ec2.provision_byoip_cidr(Cidr=SIX)
    server.advance("2h")
    return {}


GONE = f"Transit Gateway Attachment {G} was deleted or does not exist."
DOMAIN = f"Transit Gateway Multicast Domain {D} was deleted or does not exist."
ANSWER = {"TransitGatewayMulticastDomainId": D, "TransitGatewayAttachmentId": G, "SubnetIds": ["subnet-0123456789abcdef0"]}
CASES = [("ec2", operation, parameters, 400, code, text) for operation, parameters, code, text in [
    ("StartNetworkInsightsAnalysis", {"NetworkInsightsPathId": P}, "InvalidNetworkInsightsPathId.NotFound", f"The networkInsightsPath ID '{P}' does not exist"),
    ("DescribeNetworkInsightsAnalyses", {"NetworkInsightsAnalysisIds": [A]}, "InvalidNetworkInsightsAnalysisId.NotFound",
     f"The networkInsightsAnalysis ID '{A}' does not exist"),
    ("DescribeNetworkInsightsAnalyses", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, "InvalidParameterValue", "The filter 'colour' is invalid"),
    ("DeleteNetworkInsightsAnalysis", {"NetworkInsightsAnalysisId": A}, "InvalidNetworkInsightsAnalysisId.NotFound",
     f"The networkInsightsAnalysis ID '{A}' does not exist"),
    ("AcceptTransitGatewayVpcAttachment", {"TransitGatewayAttachmentId": G}, "InvalidTransitGatewayAttachmentID.NotFound", GONE),
    ("RejectTransitGatewayVpcAttachment", {"TransitGatewayAttachmentId": G}, "InvalidTransitGatewayAttachmentID.NotFound", GONE),
    ("AcceptTransitGatewayVpcAttachment", {"TransitGatewayAttachmentId": "hub"}, "InvalidTransitGatewayAttachmentID.Malformed",
     'Invalid id: "hub" (expecting "tgw-attach-...")'),
    ("AcceptTransitGatewayMulticastDomainAssociations", ANSWER, "InvalidTransitGatewayMulticastDomainId.NotFound", DOMAIN),
    ("RejectTransitGatewayMulticastDomainAssociations", ANSWER, "InvalidTransitGatewayMulticastDomainId.NotFound", DOMAIN),
    ("AcceptTransitGatewayMulticastDomainAssociations", {}, "MissingParameter", "The request must contain the parameter TransitGatewayMulticastDomainId"),
    ("ModifyTransitGatewayPeeringAttachment", {"TransitGatewayAttachmentId": G}, "InvalidTransitGatewayAttachmentID.NotFound", GONE),
    ("ModifyVpcEndpointServicePayerResponsibility", {"ServiceId": S, "PayerResponsibility": "ServiceOwner"}, "InvalidVpcEndpointServiceId.NotFound",
     f"The VpcEndpointService Id '{S}' does not exist"),
    ("StartVpcEndpointServicePrivateDnsVerification", {"ServiceId": S}, "InvalidVpcEndpointServiceId.NotFound",
     f"The VpcEndpointService Id '{S}' does not exist"),
    ("ModifyVpcEndpointPayerResponsibility", {"VpcEndpointId": E, "PayerResponsibility": "vpc-endpoint-account", "Scope": "vpc-endpoint-charges"},
     "InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{E}' does not exist"),
    ("ModifyVpcEndpointPayerResponsibility", {"VpcEndpointId": "vpce", "PayerResponsibility": "vpc-endpoint-account", "Scope": "vpc-endpoint-charges"},
     "InvalidVpcEndpointId.Malformed", "Invalid Id: 'vpce' (expecting 'vpce-...')"),
    ("ExportClientVpnClientConfiguration", {"ClientVpnEndpointId": V}, "InvalidClientVpnEndpointId.NotFound", f"Endpoint {V} does not exist"),
    ("MoveAddressToVpc", {"PublicIp": "198.51.100.7"}, "InvalidAddress.NotFound", "Address '198.51.100.7' not found."),
    ("RestoreAddressToClassic", {"PublicIp": "198.51.100.7"}, "InvalidAddress.NotFound", "Address '198.51.100.7' not found."),
    ("DescribeMovingAddresses", {"PublicIps": ["198.51.100.7"]}, "InvalidAddress.NotFound", "Address '198.51.100.7' not found."),
    ("ProvisionByoipCidr", {"Cidr": "203.0.113.0/25"}, "InvalidParameterValue",
     "Value (203.0.113.0/25) for parameter Cidr is invalid. The most specific IPv4 prefix that can be provisioned is /24."),
    ("ProvisionByoipCidr", {"Cidr": "169.254.0.0/16"}, "InvalidParameterValue",
     "Value (169.254.0.0/16) for parameter Cidr is invalid. This is not a public address range."),
    ("ProvisionByoipCidr", {"Cidr": "8.0.0.0/5"}, "InvalidParameterValue",
     "Value (8.0.0.0/5) for parameter Cidr is invalid. The least specific prefix that can be provisioned is /8."),
    ("ProvisionByoipCidr", {"Cidr": "3.7.7.0/24"}, "InvalidParameterValue",
     "Value (3.7.7.0/24) for parameter Cidr is invalid. The address range is Amazon's."),
    ("ProvisionByoipCidr", {"Cidr": "2600:9000::/56"}, "InvalidParameterValue",
     "Value (2600:9000::/56) for parameter Cidr is invalid. The most specific IPv6 prefix that can be provisioned is /48."),
    ("ProvisionByoipCidr", {"Cidr": "10.0.0.0/16"}, "InvalidParameterValue", "Value (10.0.0.0/16) for parameter Cidr is invalid. This is not a public address range."),
    ("ProvisionByoipCidr", {"Cidr": "home"}, "InvalidParameterValue", "Value (home) for parameter Cidr is invalid. This is not a valid CIDR block."),
    ("ProvisionByoipCidr", {"Cidr": RANGE}, "InvalidParameterValue",
     f"Value ({RANGE}) for parameter Cidr is invalid. The address range overlaps with one that was provisioned already."),
    ("AdvertiseByoipCidr", {"Cidr": "203.0.113.0/24"}, "InvalidParameterValue",
     "Value (203.0.113.0/24) for parameter Cidr is invalid. The address range is not provisioned."),
    ("AdvertiseByoipCidr", {"Cidr": RANGE, "Asn": "64500"}, "InvalidParameterValue",
     "Value (64500) for parameter Asn is invalid. The ASN is not provisioned in your account."),
    ("AdvertiseByoipCidr", {"Cidr": SIX}, "IncorrectState", f"The address range {SIX} is in the state failed-provision; it must be provisioned."),
    ("WithdrawByoipCidr", {"Cidr": RANGE}, "IncorrectState",
     f"The address range {RANGE} is in the state provisioned; it must be advertised or pending-advertising."),
    ("DescribeIpv6Pools", {"PoolIds": [I]}, "InvalidIpv6PoolID.NotFound", f"The IPv6 pool ID '{I}' does not exist"),
    ("GetAssociatedIpv6PoolCidrs", {"PoolId": I}, "InvalidIpv6PoolID.NotFound", f"The IPv6 pool ID '{I}' does not exist"),
    ("AllocateAddress", {"PublicIpv4Pool": Q}, "InvalidPublicIpv4PoolID.NotFound", f"The public IPv4 pool ID '{Q}' does not exist"),
    ("AllocateAddress", {"Address": "198.51.100.7"}, "InvalidAddress.NotFound", "Address '198.51.100.7' not found."),
    ("CreateVpc", {"CidrBlock": "10.9.0.0/16", "Ipv6Pool": I}, "InvalidIpv6PoolID.NotFound", f"The IPv6 pool ID '{I}' does not exist"),
    ("CreateVpc", {"CidrBlock": "10.9.0.0/16", "Ipv6CidrBlock": "2600:9000::/56"}, "MissingParameter", "The request must contain the parameter ipv6Pool"),
    ("CreateVpc", {"CidrBlock": "10.9.0.0/16", "Ipv6Pool": I, "AmazonProvidedIpv6CidrBlock": True}, "InvalidParameterCombination",
     "The parameters amazonProvidedIpv6CidrBlock and ipv6Pool cannot be used together"),
]]
