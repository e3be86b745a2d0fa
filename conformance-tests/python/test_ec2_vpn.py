"""VPN gateways and connections: attachments, propagated routes, tunnels and their configuration, and who may not."""

import xml.etree.ElementTree

import pytest

from conftest import allow, error_of, make_user

TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture
def vpc(ec2):
    return ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]


def main_table(ec2, vpc):
    filters = [{"Name": "vpc-id", "Values": [vpc]}]
    return ec2.describe_route_tables(Filters=filters)["RouteTables"][0]


def new_gateway(ec2, **more):
    return ec2.create_vpn_gateway(Type="ipsec.1", **more)["VpnGateway"]["VpnGatewayId"]


def new_customer(ec2, address):
    return ec2.create_customer_gateway(Type="ipsec.1", IpAddress=address, BgpAsn=65010)["CustomerGateway"]["CustomerGatewayId"]


def test_a_gateway_and_its_vpc(server, ec2, vpc):
    tagged = [{"ResourceType": "vpn-gateway", "Tags": TAGS}]
    made = ec2.create_vpn_gateway(Type="ipsec.1", AmazonSideAsn=64600, TagSpecifications=tagged)["VpnGateway"]
    name = made["VpnGatewayId"]
    assert (made["State"], made["AmazonSideAsn"], made["VpcAttachments"], made["Tags"]) == ("available", 64600, [], TAGS)
    assert ec2.attach_vpn_gateway(VpnGatewayId=name, VpcId=vpc)["VpcAttachment"] == {"VpcId": vpc, "State": "attaching"}
    server.advance("1m")
    filters = [{"Name": "attachment.vpc-id", "Values": [vpc]}, {"Name": "attachment.state", "Values": ["attached"]}, {"Name": "amazon-side-asn", "Values": ["64600"]}]
    assert [one["VpnGatewayId"] for one in ec2.describe_vpn_gateways(Filters=filters)["VpnGateways"]] == [name]
    other = new_gateway(ec2)
    assert error_of(ec2.attach_vpn_gateway, VpnGatewayId=other, VpcId=vpc)[:2] == (
        "InvalidVpcState", f"VPC {vpc} is currently attached to the Virtual Private Gateway {name}")
    assert error_of(ec2.delete_vpn_gateway, VpnGatewayId=name)[:2] == ("IncorrectState", "The VPN gateway is in use.")
    assert error_of(ec2.delete_vpc, VpcId=vpc)[:2] == ("DependencyViolation", f"The vpc '{vpc}' has dependencies and cannot be deleted.")

    table = main_table(ec2, vpc)["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="192.168.0.0/16", GatewayId=name)
    assert {"DestinationCidrBlock": "192.168.0.0/16", "GatewayId": name, "Origin": "CreateRoute", "State": "active"} in main_table(ec2, vpc)["Routes"]
    assert error_of(ec2.create_route, RouteTableId=table, DestinationCidrBlock="172.16.0.0/16", GatewayId=other)[:2] == (
        "InvalidParameterValue", f"route table {table} and network gateway {other} belong to different networks")
    ec2.detach_vpn_gateway(VpnGatewayId=name, VpcId=vpc)
    server.advance("1m")
    assert main_table(ec2, vpc)["Routes"][-1]["State"] == "blackhole"
    assert ec2.describe_vpn_gateways(VpnGatewayIds=[name])["VpnGateways"][0]["VpcAttachments"] == [{"VpcId": vpc, "State": "detached"}]
    ec2.delete_vpc(VpcId=vpc)
    for gateway in (name, other):
        ec2.delete_vpn_gateway(VpnGatewayId=gateway)
    server.advance("1m")
    assert ec2.describe_vpn_gateways(VpnGatewayIds=[name])["VpnGateways"][0]["State"] == "deleted"


def test_propagated_routes(server, ec2, vpc):
    gateway, customer = new_gateway(ec2), new_customer(ec2, "203.0.113.20")
    table = main_table(ec2, vpc)["RouteTableId"]
    assert error_of(ec2.enable_vgw_route_propagation, GatewayId=gateway, RouteTableId=table)[:2] == (
        "Gateway.NotAttached", f"resource {gateway} is not attached to network {vpc}")
    ec2.attach_vpn_gateway(VpnGatewayId=gateway, VpcId=vpc)
    ec2.enable_vgw_route_propagation(GatewayId=gateway, RouteTableId=table)
    name = ec2.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=customer, VpnGatewayId=gateway, Options={"StaticRoutesOnly": True})["VpnConnection"]["VpnConnectionId"]
    ec2.create_vpn_connection_route(VpnConnectionId=name, DestinationCidrBlock="192.168.50.0/24")
    server.advance("10m")
    ec2.get_waiter("vpn_connection_available").wait(VpnConnectionIds=[name])
    shown = main_table(ec2, vpc)
    assert shown["PropagatingVgws"] == [{"GatewayId": gateway}]
    assert shown["Routes"][0] == {"DestinationCidrBlock": "192.168.50.0/24", "GatewayId": gateway, "Origin": "EnableVgwRoutePropagation", "State": "active"}
    filters = [{"Name": "route.destination-cidr-block", "Values": ["192.168.50.0/24"]}, {"Name": "option.static-routes-only", "Values": ["true"]},
               {"Name": "bgp-asn", "Values": ["65010"]}]
    found = ec2.describe_vpn_connections(Filters=filters)["VpnConnections"]
    assert [(one["VpnConnectionId"], one["Routes"]) for one in found] == [
        (name, [{"DestinationCidrBlock": "192.168.50.0/24", "Source": "Static", "State": "available"}])]
    ec2.delete_vpn_connection_route(VpnConnectionId=name, DestinationCidrBlock="192.168.50.0/24")
    server.advance("1m")
    assert len(main_table(ec2, vpc)["Routes"]) == 1
    ec2.disable_vgw_route_propagation(GatewayId=gateway, RouteTableId=table)
    assert main_table(ec2, vpc)["PropagatingVgws"] == []

    assert error_of(ec2.delete_customer_gateway, CustomerGatewayId=customer)[:2] == ("IncorrectState", "The customer gateway is in use.")
    ec2.delete_vpn_connection(VpnConnectionId=name)
    server.advance("10m")
    ec2.get_waiter("vpn_connection_deleted").wait(VpnConnectionIds=[name])
    ec2.delete_customer_gateway(CustomerGatewayId=customer)
    ec2.detach_vpn_gateway(VpnGatewayId=gateway, VpcId=vpc)
    ec2.delete_vpn_gateway(VpnGatewayId=gateway)


def test_tunnels(server, ec2):
    gateway, customer = new_gateway(ec2), new_customer(ec2, "203.0.113.21")
    options = {"TunnelOptions": [{"TunnelInsideCidr": "169.254.77.0/30", "PreSharedKey": "a_key.of_mine", "IKEVersions": [{"Value": "ikev2"}]}]}
    arguments = dict(Type="ipsec.1", CustomerGatewayId=customer, VpnGatewayId=gateway, Options=options)
    made = ec2.create_vpn_connection(**arguments)["VpnConnection"]
    name = made["VpnConnectionId"]
    assert ec2.create_vpn_connection(**arguments)["VpnConnection"]["VpnConnectionId"] == name
    assert (made["State"], made["Category"], made["GatewayAssociationState"]) == ("pending", "VPN", "associated")
    tunnels = made["Options"]["TunnelOptions"]
    assert [len(made["VgwTelemetry"]), len(tunnels), made["VgwTelemetry"][0]["Status"]] == [2, 2, "DOWN"]
    assert (tunnels[0]["IkeVersions"], tunnels[0]["PreSharedKey"], len(tunnels[1]["PreSharedKey"])) == ([{"Value": "ikev2"}], "a_key.of_mine", 32)
    written = xml.etree.ElementTree.fromstring(made["CustomerGatewayConfiguration"])
    first = written.findall("ipsec_tunnel")[0]
    assert (written.get("id"), written.findtext("customer_gateway_id"), written.findtext("vpn_gateway_id")) == (name, customer, gateway)
    assert first.findtext("vpn_gateway/tunnel_outside_address/ip_address") == tunnels[0]["OutsideIpAddress"]
    assert [first.findtext(f"{end}/tunnel_inside_address/ip_address") for end in ("vpn_gateway", "customer_gateway")] == ["169.254.77.1", "169.254.77.2"]
    assert [first.findtext(f"{end}/bgp/asn") for end in ("vpn_gateway", "customer_gateway")] == ["64512", "65010"]
    assert first.findtext("ike/pre_shared_key") == "a_key.of_mine"

    taken = {"Options": {"TunnelOptions": [{"TunnelInsideCidr": "169.254.77.0/30"}]}}
    assert error_of(ec2.create_vpn_connection, **{**arguments, **taken})[:2] == ("InvalidParameterValue", "Value for parameter TunnelInsideCidr is invalid.")
    server.advance("10m")
    address = tunnels[0]["OutsideIpAddress"]
    changed = ec2.modify_vpn_tunnel_options(VpnConnectionId=name, VpnTunnelOutsideIpAddress=address, TunnelOptions={"DPDTimeoutSeconds": 60, "StartupAction": "start"})
    assert changed["VpnConnection"]["State"] == "modifying"
    server.advance("10m")
    shown = ec2.describe_vpn_connections(VpnConnectionIds=[name])["VpnConnections"][0]
    assert (shown["State"], shown["Options"]["TunnelOptions"][0]["DpdTimeoutSeconds"], shown["Options"]["TunnelOptions"][0]["StartupAction"]) == ("available", 60, "start")
    ec2.modify_vpn_connection_options(VpnConnectionId=name, LocalIpv4NetworkCidr="192.168.0.0/16")
    server.advance("10m")
    other = new_customer(ec2, "203.0.113.22")
    moved = ec2.modify_vpn_connection(VpnConnectionId=name, CustomerGatewayId=other)["VpnConnection"]
    assert (moved["CustomerGatewayId"], moved["Options"]["LocalIpv4NetworkCidr"]) == (other, "192.168.0.0/16")
    assert "203.0.113.22" in moved["CustomerGatewayConfiguration"]
    server.advance("10m")
    assert ec2.replace_vpn_tunnel(VpnConnectionId=name, VpnTunnelOutsideIpAddress=address)["Return"] is True
    status = ec2.get_vpn_tunnel_replacement_status(VpnConnectionId=name, VpnTunnelOutsideIpAddress=address)
    assert status["CustomerGatewayId"] == other and "LastMaintenanceApplied" in status["MaintenanceDetails"]
    ec2.delete_vpn_connection(VpnConnectionId=name)


def test_the_certificate_of_a_tunnel(server, ec2):
    arn = "arn:aws:acm:us-east-1:000000000000:certificate/0c2e8f0b-0000-4000-8000-000000000000"
    customer = ec2.create_customer_gateway(Type="ipsec.1", CertificateArn=arn)["CustomerGateway"]["CustomerGatewayId"]
    made = ec2.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=customer, VpnGatewayId=new_gateway(ec2))["VpnConnection"]
    tunnel = {"VpnConnectionId": made["VpnConnectionId"], "VpnTunnelOutsideIpAddress": made["Options"]["TunnelOptions"][0]["OutsideIpAddress"]}
    server.advance("10m")
    certificates = lambda: [one["CertificateArn"] for one in ec2.describe_vpn_connections(VpnConnectionIds=[tunnel["VpnConnectionId"]])[
        "VpnConnections"][0]["VgwTelemetry"]]
    before = certificates()
    ec2.modify_vpn_tunnel_certificate(**tunnel)
    server.advance("10m")
    after = certificates()
    assert after[0] != before[0] and after[1] == before[1]
    of_keys = ec2.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=new_customer(ec2, "203.0.113.24"), VpnGatewayId=new_gateway(ec2))["VpnConnection"]
    server.advance("10m")
    assert error_of(ec2.modify_vpn_tunnel_certificate, VpnConnectionId=of_keys["VpnConnectionId"], VpnTunnelOutsideIpAddress=of_keys["Options"][
        "TunnelOptions"][0]["OutsideIpAddress"])[:2] == ("InvalidParameterValue", "The VPN connection does not use certificate-based authentication.")


def test_who_may(server, ec2, vpc):
    gateway, customer = new_gateway(ec2), new_customer(ec2, "203.0.113.23")
    arn = "arn:aws:ec2:us-east-1:000000000000"
    user = make_user(server.client("iam"), "vpn-attacher", allow("ec2:AttachVpnGateway", f"{arn}:vpc/*"))
    code, message = error_of(server.client("ec2", user).attach_vpn_gateway, VpnGatewayId=gateway, VpcId=vpc)[:2]
    assert code == "UnauthorizedOperation" and f"on resource: {arn}:vpn-gateway/{gateway}" in message
    statement = {"Effect": "Allow", "Action": "ec2:CreateVpnConnection", "Resource": "*", "Condition": {"StringEquals": {"ec2:RoutingType": "Static"}}}
    rest = {"Effect": "Allow", "Action": "ec2:CreateVpnConnection", "Resource": [f"{arn}:customer-gateway/*", f"{arn}:vpn-gateway/*"]}
    user = make_user(server.client("iam"), "vpn-static", statement, rest)
    client, arguments = server.client("ec2", user), dict(Type="ipsec.1", CustomerGatewayId=customer, VpnGatewayId=gateway)
    assert error_of(client.create_vpn_connection, **arguments)[0] == "UnauthorizedOperation"
    assert client.create_vpn_connection(**arguments, Options={"StaticRoutesOnly": True})["VpnConnection"]["State"] == "pending"


def test_a_hundred_static_routes(server, ec2, vpc):
    name = ec2.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=new_customer(ec2, "203.0.113.99"), VpnGatewayId=new_gateway(ec2),
                                     Options={"StaticRoutesOnly": True})["VpnConnection"]["VpnConnectionId"]
    for third in range(100):
        ec2.create_vpn_connection_route(VpnConnectionId=name, DestinationCidrBlock=f"192.168.{third}.0/24")
    ec2.create_vpn_connection_route(VpnConnectionId=name, DestinationCidrBlock="192.168.0.0/24")
    assert error_of(ec2.create_vpn_connection_route, VpnConnectionId=name, DestinationCidrBlock="192.168.200.0/24")[0] == "ResourceLimitExceeded"
