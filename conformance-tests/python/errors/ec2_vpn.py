"""VPN gateways and VPN connections: what EC2 refuses."""


def before(server):
    server.client("ec2").describe_vpcs()


G, C, N, K = "vgw-0123456789abcdef0", "vpn-0123456789abcdef0", "vpc-0123456789abcdef0", "cgw-0123456789abcdef0"
R, T = "rtb-0123456789abcdef0", "tgw-0123456789abcdef0"
NO_GATEWAY = (400, "InvalidVpnGatewayID.NotFound", f"The vpnGateway ID '{G}' does not exist")
NO_CONNECTION = (400, "InvalidVpnConnectionID.NotFound", f"The vpnConnection ID '{C}' does not exist")
NO_CUSTOMER = (400, "InvalidCustomerGatewayID.NotFound", f"The customerGateway ID '{K}' does not exist")
VALUE = (400, "InvalidParameterValue")
NEW = {"Type": "ipsec.1", "CustomerGatewayId": K}
TUNNEL = {"VpnConnectionId": C, "VpnTunnelOutsideIpAddress": "203.0.113.9"}
ROUTE = {"VpnConnectionId": C, "DestinationCidrBlock": "192.168.0.0/16"}
CASES = [
    ("ec2", "CreateVpnGateway", {}, 400, "MissingParameter", "The request must contain the parameter Type"),
    ("ec2", "CreateVpnGateway", {"Type": "ipsec.1", "AmazonSideAsn": 7224}, *VALUE, "Value (7224) for parameter amazonSideAsn is invalid."),
    ("ec2", "CreateVpnGateway", {"Type": "ipsec.1", "AmazonSideAsn": 65535}, *VALUE, "Value (65535) for parameter amazonSideAsn is invalid."),
    ("ec2", "CreateVpnGateway", {"Type": "ipsec.1", "AvailabilityZone": "eu-west-1a"}, *VALUE, "Value (eu-west-1a) for parameter availabilityZone is invalid."),
    ("ec2", "DescribeVpnGateways", {"VpnGatewayIds": [G]}, *NO_GATEWAY),
    ("ec2", "DescribeVpnGateways", {"VpnGatewayIds": ["office"]}, 400, "InvalidVpnGatewayID.NotFound", "The vpnGateway ID 'office' does not exist"),
    ("ec2", "DescribeVpnGateways", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *VALUE, "The filter 'colour' is invalid"),
    ("ec2", "DeleteVpnGateway", {"VpnGatewayId": G}, *NO_GATEWAY),
    ("ec2", "AttachVpnGateway", {"VpnGatewayId": G, "VpcId": N}, *NO_GATEWAY),
    ("ec2", "DetachVpnGateway", {"VpnGatewayId": G, "VpcId": N}, *NO_GATEWAY),
    ("ec2", "EnableVgwRoutePropagation", {"GatewayId": G, "RouteTableId": R}, 400, "InvalidRouteTableID.NotFound", f"The routeTable ID '{R}' does not exist"),
    ("ec2", "DisableVgwRoutePropagation", {"GatewayId": G, "RouteTableId": R}, 400, "InvalidRouteTableID.NotFound", f"The routeTable ID '{R}' does not exist"),
    ("ec2", "CreateVpnConnection", {"Type": "ipsec.1"}, 400, "MissingParameter", "The request must contain the parameter CustomerGatewayId"),
    ("ec2", "CreateVpnConnection", NEW, *NO_CUSTOMER),
    ("ec2", "CreateVpnConnection", {**NEW, "VpnGatewayId": G}, *NO_CUSTOMER),
    ("ec2", "CreateVpnConnection", {**NEW, "TransitGatewayId": T}, *NO_CUSTOMER),
    ("ec2", "DescribeVpnConnections", {"VpnConnectionIds": [C]}, *NO_CONNECTION),
    ("ec2", "DescribeVpnConnections", {"VpnConnectionIds": [C, "vpn-1"]}, 400, "InvalidVpnConnectionID.NotFound",
     f"The vpnConnection IDs '{C}, vpn-1' do not exist"),
    ("ec2", "DeleteVpnConnection", {"VpnConnectionId": C}, *NO_CONNECTION),
    ("ec2", "ModifyVpnConnection", {"VpnConnectionId": C}, *NO_CONNECTION),
    ("ec2", "ModifyVpnConnectionOptions", {"VpnConnectionId": C}, *NO_CONNECTION),
    ("ec2", "CreateVpnConnectionRoute", ROUTE, *NO_CONNECTION),
    ("ec2", "DeleteVpnConnectionRoute", ROUTE, *NO_CONNECTION),
    ("ec2", "ModifyVpnTunnelOptions", {**TUNNEL, "TunnelOptions": {"StartupAction": "start"}}, *NO_CONNECTION),
    ("ec2", "ModifyVpnTunnelCertificate", TUNNEL, *NO_CONNECTION),
    ("ec2", "ReplaceVpnTunnel", TUNNEL, *NO_CONNECTION),
    ("ec2", "GetVpnTunnelReplacementStatus", TUNNEL, *NO_CONNECTION),
    ("ec2", "DeleteCustomerGateway", {"CustomerGatewayId": K}, *NO_CUSTOMER),
]
