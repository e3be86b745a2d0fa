"""Metering policies, VPN concentrators, samples for devices, and what else hangs on transit gateways: what EC2 refuses."""


def before(server):
    server.client("ec2").describe_vpcs()


G, A, M = "tgw-0123456789abcdef0", "tgw-attach-0123456789abcdef0", "tgw-mp-0123456789abcdef0"
N, V, C, E = "vcn-0123456789abcdef0", "vpn-0123456789abcdef0", "cgw-0123456789abcdef0", "cvpn-endpoint-0123456789abcdef0"
VALUE = (400, "InvalidParameterValue")
NO_GATEWAY = (400, "InvalidTransitGatewayID.NotFound", f"Transit Gateway {G} was deleted or does not exist.")
NO_ATTACHMENT = (400, "InvalidTransitGatewayAttachmentID.NotFound", f"Transit Gateway Attachment {A} was deleted or does not exist.")
NO_POLICY = (400, "InvalidTransitGatewayMeteringPolicyId.NotFound", f"Transit Gateway Metering Policy {M} was deleted or does not exist.")
NO_CONCENTRATOR = (400, "InvalidVpnConcentratorID.NotFound", f"The vpnConcentrator ID '{N}' does not exist")
NO_CONNECTION = (400, "InvalidVpnConnectionID.NotFound", f"The vpnConnection ID '{V}' does not exist")
NO_ENDPOINT = (400, "InvalidClientVpnEndpointId.NotFound", f"Endpoint {E} does not exist")
R, T = "tgw-rta-0123456789abcdef0", "tgw-rtb-0123456789abcdef0"
NO_ANNOUNCEMENT = (400, "InvalidTransitGatewayRouteTableAnnouncementId.NotFound", f"Transit Gateway Route Table Announcement {R} was deleted or does not exist.")
NO_TABLE = (400, "InvalidRouteTableID.NotFound", f"Transit Gateway Route Table {T} was deleted or does not exist.")
CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/0c2e8f0b-0000-4000-8000-000000000000"
NEW = {"ClientCidrBlock": "10.200.0.0/22", "ServerCertificateArn": CERTIFICATE, "ConnectionLogOptions": {"Enabled": False},
       "AuthenticationOptions": [{"Type": "certificate-authentication", "MutualAuthentication": {"ClientRootCertificateChainArn": CERTIFICATE}}]}
ENTRY = {"TransitGatewayMeteringPolicyId": M, "PolicyRuleNumber": 10, "MeteredAccount": "transit-gateway-owner"}
CASES = [
    ("ec2", "CreateTransitGatewayMeteringPolicy", {"TransitGatewayId": G}, *NO_GATEWAY),
    ("ec2", "CreateTransitGatewayMeteringPolicy", {"TransitGatewayId": "tgw-1"}, 400, "InvalidTransitGatewayID.Malformed", 'Invalid id: "tgw-1" (expecting "tgw-...")'),
    ("ec2", "CreateTransitGatewayMeteringPolicy", {}, 400, "MissingParameter", "The request must contain the parameter TransitGatewayId"),
    ("ec2", "DescribeTransitGatewayMeteringPolicies", {"TransitGatewayMeteringPolicyIds": [M]}, *NO_POLICY),
    ("ec2", "DescribeTransitGatewayMeteringPolicies", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *VALUE, "The filter 'colour' is invalid"),
    ("ec2", "ModifyTransitGatewayMeteringPolicy", {"TransitGatewayMeteringPolicyId": M}, *NO_POLICY),
    ("ec2", "DeleteTransitGatewayMeteringPolicy", {"TransitGatewayMeteringPolicyId": M}, *NO_POLICY),
    ("ec2", "CreateTransitGatewayMeteringPolicyEntry", ENTRY, *NO_POLICY),
    ("ec2", "DeleteTransitGatewayMeteringPolicyEntry", {"TransitGatewayMeteringPolicyId": M, "PolicyRuleNumber": 10}, *NO_POLICY),
    ("ec2", "GetTransitGatewayMeteringPolicyEntries", {"TransitGatewayMeteringPolicyId": M}, *NO_POLICY),
    ("ec2", "CreateVpnConcentrator", {"Type": "ipsec.1"}, 400, "MissingParameter", "The request must contain the parameter transitGatewayId"),
    ("ec2", "CreateVpnConcentrator", {"Type": "ipsec.1", "TransitGatewayId": G}, *NO_GATEWAY),
    ("ec2", "DescribeVpnConcentrators", {"VpnConcentratorIds": [N]}, *NO_CONCENTRATOR),
    ("ec2", "DescribeVpnConcentrators", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *VALUE, "The filter 'colour' is invalid"),
    ("ec2", "DeleteVpnConcentrator", {"VpnConcentratorId": N}, *NO_CONCENTRATOR),
    ("ec2", "CreateVpnConnection", {"Type": "ipsec.1", "CustomerGatewayId": C, "VpnConcentratorId": N}, 400, "InvalidCustomerGatewayID.NotFound",
     f"The customerGateway ID '{C}' does not exist"),
    ("ec2", "GetVpnConnectionDeviceSampleConfiguration", {"VpnConnectionId": V, "VpnConnectionDeviceTypeId": "9005b6c1"}, *NO_CONNECTION),
    ("ec2", "GetActiveVpnTunnelStatus", {"VpnConnectionId": V, "VpnTunnelOutsideIpAddress": "192.0.2.1"}, *NO_CONNECTION),
    ("ec2", "GetClientVpnEndpointAuthorizationPolicy", {"ClientVpnEndpointId": E}, *NO_ENDPOINT),
    ("ec2", "ModifyClientVpnEndpointAuthorizationPolicy", {"ClientVpnEndpointId": E, "PolicyDocument": "permit"}, *NO_ENDPOINT),
    ("ec2", "DeleteClientVpnEndpointAuthorizationPolicy", {"ClientVpnEndpointId": E}, *NO_ENDPOINT),
    ("ec2", "GetTransitGatewayAttachmentNatConfiguration", {"TransitGatewayAttachmentId": A}, *NO_ATTACHMENT),
    ("ec2", "ModifyTransitGatewayAttachmentNatConfiguration", {"TransitGatewayAttachmentId": A, "NatGatewaySupport": "enable"}, *NO_ATTACHMENT),
    ("ec2", "GetTransitGatewayAttachmentNatConfiguration", {"TransitGatewayAttachmentId": "tgw-attach-1"}, 400, "InvalidTransitGatewayAttachmentID.Malformed",
     'Invalid id: "tgw-attach-1" (expecting "tgw-attach-...")'),
    ("ec2", "AcceptTransitGatewayClientVpnAttachment", {"TransitGatewayAttachmentId": A}, *NO_ATTACHMENT),
    ("ec2", "RejectTransitGatewayClientVpnAttachment", {"TransitGatewayAttachmentId": A}, *NO_ATTACHMENT),
    ("ec2", "DeleteTransitGatewayClientVpnAttachment", {"TransitGatewayAttachmentId": A}, *NO_ATTACHMENT),
    ("ec2", "CreateClientVpnEndpoint", {**NEW, "TransitGatewayConfiguration": {"TransitGatewayId": G}}, *NO_GATEWAY),
    ("ec2", "CreateClientVpnEndpoint", {**NEW, "VpcId": "vpc-0123456789abcdef0", "TransitGatewayConfiguration": {"TransitGatewayId": G}}, 400,
     "InvalidParameterCombination", "The parameters TransitGatewayConfiguration and VpcId cannot be used together."),
    ("ec2", "CreateClientVpnEndpoint", {**NEW, "TransitGatewayConfiguration": {"TransitGatewayId": G, "AvailabilityZones": ["us-east-1z"]}}, *VALUE,
     "Invalid availability zone: [us-east-1z]"),
    ("ec2", "CreateTransitGatewayRouteTableAnnouncement", {"TransitGatewayRouteTableId": T, "PeeringAttachmentId": A}, *NO_TABLE),
    ("ec2", "DescribeTransitGatewayRouteTableAnnouncements", {"TransitGatewayRouteTableAnnouncementIds": [R]}, *NO_ANNOUNCEMENT),
    ("ec2", "DeleteTransitGatewayRouteTableAnnouncement", {"TransitGatewayRouteTableAnnouncementId": R}, *NO_ANNOUNCEMENT),
    ("ec2", "EnableTransitGatewayRouteTablePropagation", {"TransitGatewayRouteTableId": T, "TransitGatewayAttachmentId": A, "TransitGatewayRouteTableAnnouncementId": R},
     400, "InvalidParameterCombination", "The parameters TransitGatewayAttachmentId and TransitGatewayRouteTableAnnouncementId cannot be used together."),
    ("ec2", "EnableTransitGatewayRouteTablePropagation", {"TransitGatewayRouteTableId": T, "TransitGatewayRouteTableAnnouncementId": R}, *NO_TABLE),
]
