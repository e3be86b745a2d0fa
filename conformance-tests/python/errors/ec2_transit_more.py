"""Metering policies, VPN concentrators, samples for devices, and what else hangs on transit gateways: what EC2 refuses."""

from conftest import make_user


def before(server):
    ec2 = server.client("ec2")
    ec2.describe_vpcs()
    return {"nobody": make_user(server.client("iam"), "nobody")}


G, A, M = "tgw-0123456789abcdef0", "tgw-attach-0123456789abcdef0", "tgw-mp-0123456789abcdef0"
N, V, C, E = "vcn-0123456789abcdef0", "vpn-0123456789abcdef0", "cgw-0123456789abcdef0", "cvpn-endpoint-0123456789abcdef0"
VALUE = (400, "InvalidParameterValue")
NO_GATEWAY = (400, "InvalidTransitGatewayID.NotFound", f"Transit Gateway {G} was deleted or does not exist.")
NO_ATTACHMENT = (400, "InvalidTransitGatewayAttachmentID.NotFound", f"Transit Gateway Attachment {A} was deleted or does not exist.")
NO_POLICY = (400, "InvalidTransitGatewayMeteringPolicyId.NotFound", f"Transit Gateway Metering Policy {M} was deleted or does not exist.")
NO_CONCENTRATOR = (400, "InvalidVpnConcentratorID.NotFound", f"The vpnConcentrator ID '{N}' does not exist")
NO_CONNECTION = (400, "InvalidVpnConnectionID.NotFound", f"The vpnConnection ID '{V}' does not exist")
NO_ENDPOINT = (400, "InvalidClientVpnEndpointId.NotFound", f"Endpoint {E} does not exist")
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
    ("ec2", "CreateVpnConnection", {"Type": "ipsec.1", "CustomerGatewayId": C, "VpnConcentratorId": N}, *NO_CONCENTRATOR),
    ("ec2", "GetVpnConnectionDeviceSampleConfiguration", {"VpnConnectionId": V, "VpnConnectionDeviceTypeId": "9005b6c1"}, *NO_CONNECTION),
    ("ec2", "GetActiveVpnTunnelStatus", {"VpnConnectionId": V, "VpnTunnelOutsideIpAddress": "192.0.2.1"}, *NO_CONNECTION),
    ("ec2", "GetClientVpnEndpointAuthorizationPolicy", {"ClientVpnEndpointId": E}, *NO_ENDPOINT),
    ("ec2", "ModifyClientVpnEndpointAuthorizationPolicy", {"ClientVpnEndpointId": E, "PolicyDocument": "permit"}, *NO_ENDPOINT),
    ("ec2", "DeleteClientVpnEndpointAuthorizationPolicy", {"ClientVpnEndpointId": E}, *NO_ENDPOINT),
]
