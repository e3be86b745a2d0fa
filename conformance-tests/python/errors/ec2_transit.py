"""Transit gateways and Client VPN endpoints: what EC2 refuses."""


def before(server):
    server.client("ec2").describe_vpcs()


G, A, T = "tgw-0123456789abcdef0", "tgw-attach-0123456789abcdef0", "tgw-rtb-0123456789abcdef0"
P, D, C = "tgw-ptb-0123456789abcdef0", "tgw-mcast-domain-0123456789abcdef0", "tgw-connect-peer-0123456789abcdef0"
E, V, S, L = "cvpn-endpoint-0123456789abcdef0", "vpc-0123456789abcdef0", "subnet-0123456789abcdef0", "pl-0123456789abcdef0"
VALUE, MISSING = (400, "InvalidParameterValue"), (400, "MissingParameter")
NO_GATEWAY = (400, "InvalidTransitGatewayID.NotFound", f"Transit Gateway {G} was deleted or does not exist.")
NO_ATTACHMENT = (400, "InvalidTransitGatewayAttachmentID.NotFound", f"Transit Gateway Attachment {A} was deleted or does not exist.")
NO_TABLE = (400, "InvalidRouteTableID.NotFound", f"Transit Gateway Route Table {T} was deleted or does not exist.")
NO_POLICIES = (400, "InvalidTransitGatewayPolicyTableId.NotFound", f"Transit Gateway Policy Table {P} was deleted or does not exist.")
NO_DOMAIN = (400, "InvalidTransitGatewayMulticastDomainId.NotFound", f"Transit Gateway Multicast Domain {D} was deleted or does not exist.")
NO_PEER = (400, "InvalidTransitGatewayConnectPeerID.NotFound", f"Transit Gateway Connect Peer {C} was deleted or does not exist.")
NO_ENDPOINT = (400, "InvalidClientVpnEndpointId.NotFound", f"Endpoint {E} does not exist")
BOTH = {"TransitGatewayRouteTableId": T, "TransitGatewayAttachmentId": A}
CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/0c2e8f0b-0000-4000-8000-000000000000"
NEW = {"ClientCidrBlock": "10.200.0.0/22", "ServerCertificateArn": CERTIFICATE, "ConnectionLogOptions": {"Enabled": False},
       "AuthenticationOptions": [{"Type": "certificate-authentication", "MutualAuthentication": {"ClientRootCertificateChainArn": CERTIFICATE}}]}
CASES = [
    ("ec2", "CreateTransitGateway", {"Options": {"AmazonSideAsn": 7224}}, *VALUE, "Value (7224) for parameter AmazonSideAsn is invalid."),
    ("ec2", "CreateTransitGateway", {"Options": {"TransitGatewayCidrBlocks": ["10.0.0.0/25"]}}, *VALUE,
     "Value (10.0.0.0/25) for parameter TransitGatewayCidrBlocks is invalid."),
    ("ec2", "DescribeTransitGateways", {"TransitGatewayIds": [G]}, *NO_GATEWAY),
    ("ec2", "DescribeTransitGateways", {"TransitGatewayIds": ["tgw-1"]}, 400, "InvalidTransitGatewayID.Malformed", 'Invalid id: "tgw-1" (expecting "tgw-...")'),
    ("ec2", "DescribeTransitGateways", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *VALUE, "The filter 'colour' is invalid"),
    ("ec2", "ModifyTransitGateway", {"TransitGatewayId": G, "Description": "x"}, *NO_GATEWAY),
    ("ec2", "DeleteTransitGateway", {"TransitGatewayId": G}, *NO_GATEWAY),
    ("ec2", "CreateTransitGatewayVpcAttachment", {"TransitGatewayId": G, "VpcId": V, "SubnetIds": [S]}, *NO_GATEWAY),
    ("ec2", "ModifyTransitGatewayVpcAttachment", {"TransitGatewayAttachmentId": A}, *NO_ATTACHMENT),
    ("ec2", "DeleteTransitGatewayVpcAttachment", {"TransitGatewayAttachmentId": A}, *NO_ATTACHMENT),
    ("ec2", "DescribeTransitGatewayAttachments", {"TransitGatewayAttachmentIds": [A]}, *NO_ATTACHMENT),
    ("ec2", "CreateTransitGatewayRouteTable", {"TransitGatewayId": G}, *NO_GATEWAY),
    ("ec2", "DeleteTransitGatewayRouteTable", {"TransitGatewayRouteTableId": T}, *NO_TABLE),
    ("ec2", "AssociateTransitGatewayRouteTable", BOTH, *NO_TABLE),
    ("ec2", "EnableTransitGatewayRouteTablePropagation", BOTH, *NO_TABLE),
    ("ec2", "GetTransitGatewayAttachmentPropagations", {"TransitGatewayAttachmentId": A}, *NO_ATTACHMENT),
    ("ec2", "CreateTransitGatewayRoute", {"DestinationCidrBlock": "all", **BOTH}, *VALUE,
     "Value (all) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block."),
    ("ec2", "CreateTransitGatewayRoute", {"DestinationCidrBlock": "10.0.0.0/8", **BOTH}, *NO_TABLE),
    ("ec2", "SearchTransitGatewayRoutes", {"TransitGatewayRouteTableId": T, "Filters": [{"Name": "type", "Values": ["static"]}]}, *NO_TABLE),
    ("ec2", "ExportTransitGatewayRoutes", {"TransitGatewayRouteTableId": T, "S3Bucket": "routes"}, *NO_TABLE),
    ("ec2", "ExportTransitGatewayRoutes", {"TransitGatewayRouteTableId": T, "S3Bucket": "Routes"}, *VALUE, "The bucket name 'Routes' is not valid."),
    ("ec2", "CreateTransitGatewayPrefixListReference", {"PrefixListId": L, **BOTH}, *NO_TABLE),
    ("ec2", "CreateTransitGatewayPeeringAttachment", {"TransitGatewayId": G, "PeerTransitGatewayId": G, "PeerAccountId": "1", "PeerRegion": "eu-west-1"}, *NO_GATEWAY),
    ("ec2", "AcceptTransitGatewayPeeringAttachment", {"TransitGatewayAttachmentId": A}, *NO_ATTACHMENT),
    ("ec2", "CreateTransitGatewayConnect", {"TransportTransitGatewayAttachmentId": A, "Options": {"Protocol": "gre"}}, *NO_ATTACHMENT),
    ("ec2", "DeleteTransitGatewayConnectPeer", {"TransitGatewayConnectPeerId": C}, *NO_PEER),
    ("ec2", "AssociateTransitGatewayPolicyTable", {"TransitGatewayPolicyTableId": P, "TransitGatewayAttachmentId": A}, *NO_POLICIES),
    ("ec2", "AssociateTransitGatewayMulticastDomain", {"TransitGatewayMulticastDomainId": D, "TransitGatewayAttachmentId": A, "SubnetIds": [S]}, *NO_DOMAIN),
    ("ec2", "CreateClientVpnEndpoint", {**NEW, "ClientCidrBlock": "10.0.0.0/23"}, *VALUE, "Value (10.0.0.0/23) for parameter ClientCidrBlock is invalid."),
    ("ec2", "CreateClientVpnEndpoint", {**NEW, "VpnPort": 80}, *VALUE, "Value (80) for parameter VpnPort is invalid."),
    ("ec2", "DescribeClientVpnEndpoints", {"ClientVpnEndpointIds": [E]}, *NO_ENDPOINT),
    ("ec2", "DescribeClientVpnRoutes", {"ClientVpnEndpointId": E}, *NO_ENDPOINT),
    ("ec2", "AssociateClientVpnTargetNetwork", {"ClientVpnEndpointId": E, "SubnetId": S}, *NO_ENDPOINT),
    ("ec2", "DeleteClientVpnEndpoint", {"ClientVpnEndpointId": E}, *NO_ENDPOINT),
]
