"""Client VPN endpoints: their subnets, routes and rules, what clients there are, and who may not."""

import pytest

from conftest import allow, error_of, make_user

TAGS = [{"Key": "team", "Value": "red"}]
CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/0c2e8f0b-0000-4000-8000-000000000000"
NEW = dict(ClientCidrBlock="10.200.0.0/22", ServerCertificateArn=CERTIFICATE, ConnectionLogOptions={"Enabled": False},
           AuthenticationOptions=[{"Type": "certificate-authentication", "MutualAuthentication": {"ClientRootCertificateChainArn": CERTIFICATE}}])


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(scope="module")
def subnets(ec2):
    return [one["SubnetId"] for one in ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]]


def status(ec2, name):
    return ec2.describe_client_vpn_endpoints(ClientVpnEndpointIds=[name])["ClientVpnEndpoints"][0]["Status"]["Code"]


def test_an_endpoint(server, ec2, subnets):
    tagged = [{"ResourceType": "client-vpn-endpoint", "Tags": TAGS}]
    made = ec2.create_client_vpn_endpoint(**NEW, Description="office", SplitTunnel=True, ClientToken="office", TagSpecifications=tagged)
    name = made["ClientVpnEndpointId"]
    assert (made["Status"], made["DnsName"]) == ({"Code": "pending-associate"}, f"*.{name}.prod.clientvpn.us-east-1.amazonaws.com")
    again = ec2.create_client_vpn_endpoint(**NEW, Description="office", SplitTunnel=True, ClientToken="office", TagSpecifications=tagged)
    assert again["ClientVpnEndpointId"] == name
    shown = ec2.describe_client_vpn_endpoints(Filters=[{"Name": "endpoint-id", "Values": [name]}, {"Name": "transport-protocol", "Values": ["udp"]}])
    shown = shown["ClientVpnEndpoints"][0]
    assert (shown["Tags"], shown["VpnPort"], shown["SplitTunnel"], shown["AuthenticationOptions"][0]["MutualAuthentication"]) == (
        TAGS, 443, True, {"ClientRootCertificateChain": CERTIFICATE})
    profile = ec2.export_client_vpn_client_configuration(ClientVpnEndpointId=name)["ClientConfiguration"].splitlines()
    assert profile[:4] == ["client", "dev tun", "proto udp", f"remote {name}.prod.clientvpn.us-east-1.amazonaws.com 443"]

    association = ec2.associate_client_vpn_target_network(ClientVpnEndpointId=name, SubnetId=subnets[0])["AssociationId"]
    assert error_of(ec2.create_client_vpn_route, ClientVpnEndpointId=name, DestinationCidrBlock="0.0.0.0/0", TargetVpcSubnetId=subnets[1])[0] == (
        "InvalidClientVpnActiveAssociationNotFound")
    ec2.create_client_vpn_route(ClientVpnEndpointId=name, DestinationCidrBlock="0.0.0.0/0", TargetVpcSubnetId=subnets[0], Description="out")
    ec2.authorize_client_vpn_ingress(ClientVpnEndpointId=name, TargetNetworkCidr="0.0.0.0/0", AuthorizeAllGroups=True)
    ec2.authorize_client_vpn_ingress(ClientVpnEndpointId=name, TargetNetworkCidr="172.31.0.0/16", AccessGroupId="staff")
    server.advance("10m")
    assert status(ec2, name) == "available"
    routes = ec2.describe_client_vpn_routes(ClientVpnEndpointId=name)["Routes"]
    assert [(one["DestinationCidr"], one["Origin"], one["Status"]["Code"]) for one in routes] == [
        ("0.0.0.0/0", "add-route", "active"), ("172.31.0.0/16", "associate", "active")]
    rules = ec2.describe_client_vpn_authorization_rules(ClientVpnEndpointId=name, Filters=[{"Name": "group-id", "Values": ["staff"]}])["AuthorizationRules"]
    assert [(one["DestinationCidr"], one["AccessAll"], one["Status"]["Code"]) for one in rules] == [("172.31.0.0/16", False, "active")]
    network = ec2.describe_client_vpn_target_networks(ClientVpnEndpointId=name, AssociationIds=[association])["ClientVpnTargetNetworks"][0]
    assert (network["TargetNetworkId"], network["Status"]["Code"], len(network["SecurityGroups"])) == (subnets[0], "associated", 1)

    group = ec2.create_security_group(GroupName="clients", Description="clients", VpcId=network["VpcId"])["GroupId"]
    applied = ec2.apply_security_groups_to_client_vpn_target_network(ClientVpnEndpointId=name, VpcId=network["VpcId"], SecurityGroupIds=[group])
    assert applied["SecurityGroupIds"] == [group]
    interfaces = ec2.describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [group]}])["NetworkInterfaces"]
    assert [(one["SubnetId"], one["RequesterManaged"]) for one in interfaces] == [(subnets[0], True)]
    assert error_of(ec2.delete_security_group, GroupId=group)[0] == "DependencyViolation"
    assert ec2.modify_client_vpn_endpoint(ClientVpnEndpointId=name, VpnPort=1194, DnsServers={"Enabled": True, "CustomDnsServers": ["10.0.0.2"]})["Return"] is True
    shown = ec2.describe_client_vpn_endpoints(ClientVpnEndpointIds=[name])["ClientVpnEndpoints"][0]
    assert (shown["VpnPort"], shown["DnsServers"], shown["SecurityGroupIds"]) == (1194, ["10.0.0.2"], [group])
    assert ec2.describe_client_vpn_connections(ClientVpnEndpointId=name)["Connections"] == []

    ec2.revoke_client_vpn_ingress(ClientVpnEndpointId=name, TargetNetworkCidr="0.0.0.0/0", RevokeAllGroups=True)
    ec2.delete_client_vpn_route(ClientVpnEndpointId=name, DestinationCidrBlock="0.0.0.0/0", TargetVpcSubnetId=subnets[0])
    assert error_of(ec2.delete_client_vpn_endpoint, ClientVpnEndpointId=name)[0] == "IncorrectState"
    ec2.disassociate_client_vpn_target_network(ClientVpnEndpointId=name, AssociationId=association)
    server.advance("10m")
    assert (status(ec2, name), len(ec2.describe_client_vpn_routes(ClientVpnEndpointId=name)["Routes"])) == ("pending-associate", 0)
    assert ec2.delete_client_vpn_endpoint(ClientVpnEndpointId=name)["Status"] == {"Code": "deleting"}
    ec2.delete_security_group(GroupId=group)
    server.advance("10m")
    assert error_of(ec2.describe_client_vpn_endpoints, ClientVpnEndpointIds=[name])[:2] == (
        "InvalidClientVpnEndpointId.NotFound", f"Endpoint {name} does not exist")


def test_refusals(server, ec2, subnets):
    name = ec2.create_client_vpn_endpoint(**NEW)["ClientVpnEndpointId"]
    named = dict(ClientVpnEndpointId=name)
    assert error_of(ec2.terminate_client_vpn_connections, **named, ConnectionId="c")[0] == "InvalidClientVpnConnection.IdNotFound"
    assert error_of(ec2.import_client_vpn_client_certificate_revocation_list, **named, CertificateRevocationList="x")[0] == "InvalidParameterValue"
    revoked = "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----"
    ec2.import_client_vpn_client_certificate_revocation_list(**named, CertificateRevocationList=revoked)
    exported = ec2.export_client_vpn_client_certificate_revocation_list(**named)
    assert (exported["CertificateRevocationList"], exported["Status"]) == (revoked, {"Code": "active"})
    wide = ec2.create_client_vpn_endpoint(**{**NEW, "ClientCidrBlock": "172.16.0.0/12"})["ClientVpnEndpointId"]
    assert error_of(ec2.associate_client_vpn_target_network, ClientVpnEndpointId=wide, SubnetId=subnets[0])[0] == "InvalidClientVpnSubnetId.OverlappingCidr"
    assert error_of(ec2.create_client_vpn_endpoint, **{**NEW, "ClientCidrBlock": "10.0.0.0/23"})[:2] == (
        "InvalidParameterValue", "Value (10.0.0.0/23) for parameter ClientCidrBlock is invalid.")
    assert error_of(ec2.authorize_client_vpn_ingress, **named, TargetNetworkCidr="10.0.0.0/8")[0] == "MissingParameter"


def test_who_may(server, ec2):
    arn = "arn:aws:ec2:us-east-1:000000000000:client-vpn-endpoint"
    name = ec2.create_client_vpn_endpoint(**NEW)["ClientVpnEndpointId"]
    client = server.client("ec2", make_user(server.client("iam"), "cvpn-reader", allow("ec2:DescribeClientVpnRoutes", f"{arn}/{name}")))
    other = ec2.create_client_vpn_endpoint(**NEW)["ClientVpnEndpointId"]
    assert client.describe_client_vpn_routes(ClientVpnEndpointId=name)["Routes"] == []
    code, message = error_of(client.describe_client_vpn_routes, ClientVpnEndpointId=other)[:2]
    assert code == "UnauthorizedOperation" and f"on resource: {arn}/{other}" in message
    statement = {"Effect": "Allow", "Action": "ec2:CreateClientVpnEndpoint", "Resource": "*",
                 "Condition": {"ArnEquals": {"ec2:ServerCertificateArn": CERTIFICATE}}}
    client = server.client("ec2", make_user(server.client("iam"), "cvpn-maker", statement))
    assert client.create_client_vpn_endpoint(**NEW)["Status"]["Code"] == "pending-associate"
    foreign = CERTIFICATE.replace("0c2e8f0b", "1c2e8f0b")
    assert error_of(client.create_client_vpn_endpoint, **{**NEW, "ServerCertificateArn": foreign})[0] == "UnauthorizedOperation"
