"""Gateways that are told as families: each operation's effect, seen through another one, and who may not."""

import pytest

from conftest import allow, error_of, make_user

TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


def test_a_customer_gateway(server, ec2):
    made = ec2.create_customer_gateway(Type="ipsec.1", IpAddress="203.0.113.7", BgpAsn=65010, TagSpecifications=tagged("customer-gateway"))["CustomerGateway"]
    assert (made["State"], made["BgpAsn"], made["Tags"]) == ("pending", "65010", TAGS)
    name = made["CustomerGatewayId"]
    server.advance("1m")
    ec2.get_waiter("customer_gateway_available").wait(CustomerGatewayIds=[name])
    again = ec2.create_customer_gateway(Type="ipsec.1", PublicIp="203.0.113.7", BgpAsn=65010)["CustomerGateway"]
    assert again["CustomerGatewayId"] == name
    default = ec2.create_customer_gateway(Type="ipsec.1", IpAddress="203.0.113.8")["CustomerGateway"]
    assert default["BgpAsn"] == "65000"
    found = ec2.describe_customer_gateways(Filters=[{"Name": "bgp-asn", "Values": ["65010"]}])["CustomerGateways"]
    assert [one["CustomerGatewayId"] for one in found] == [name]
    assert ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [name]}])["Tags"][0]["ResourceType"] == "customer-gateway"
    assert server.client("ec2", region="eu-west-1").describe_customer_gateways()["CustomerGateways"] == []
    ec2.delete_customer_gateway(CustomerGatewayId=name)
    server.advance("1m")
    assert ec2.describe_customer_gateways(CustomerGatewayIds=[name])["CustomerGateways"][0]["State"] == "deleted"
    server.advance("2h")
    assert error_of(ec2.describe_customer_gateways, CustomerGatewayIds=[name])[0] == "InvalidCustomerGatewayID.NotFound"


def test_gateways_of_a_vpc(server, ec2):
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    egress = ec2.create_egress_only_internet_gateway(VpcId=vpc, ClientToken="one", TagSpecifications=tagged("egress-only-internet-gateway"))
    assert egress["ClientToken"] == "one"
    egress = egress["EgressOnlyInternetGateway"]
    assert egress["Attachments"] == [{"State": "attached", "VpcId": vpc}]
    again = ec2.create_egress_only_internet_gateway(VpcId=vpc, ClientToken="one", TagSpecifications=tagged("egress-only-internet-gateway"))
    assert again["EgressOnlyInternetGateway"] == egress
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    through = {"RouteTableId": table, "EgressOnlyInternetGatewayId": egress["EgressOnlyInternetGatewayId"]}
    assert error_of(ec2.create_route, DestinationCidrBlock="0.0.0.0/0", **through)[:2] == (
        "InvalidParameterValue", "The destination 0.0.0.0/0 is of IPv4; an egress-only internet gateway takes IPv6 only.")
    ec2.create_route(DestinationIpv6CidrBlock="::/0", **through)
    ec2.delete_route_table(RouteTableId=table)
    carrier = ec2.create_carrier_gateway(VpcId=vpc)["CarrierGateway"]
    found = ec2.describe_carrier_gateways(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["CarrierGateways"]
    assert [one["CarrierGatewayId"] for one in found] == [carrier["CarrierGatewayId"]]
    assert error_of(ec2.delete_vpc, VpcId=vpc)[0] == "DependencyViolation"
    gone = ec2.delete_carrier_gateway(CarrierGatewayId=carrier["CarrierGatewayId"])["CarrierGateway"]
    assert gone["State"] == "deleting"
    assert ec2.delete_egress_only_internet_gateway(EgressOnlyInternetGatewayId=egress["EgressOnlyInternetGatewayId"])["ReturnCode"]
    assert error_of(ec2.describe_egress_only_internet_gateways, EgressOnlyInternetGatewayIds=[egress["EgressOnlyInternetGatewayId"]])[0] == "InvalidGatewayID.NotFound"
    ec2.delete_vpc(VpcId=vpc)


def test_pages(ec2):
    made = [ec2.create_customer_gateway(Type="ipsec.1", IpAddress=f"203.0.113.{n}", DeviceName=f"page-{n}")["CustomerGateway"]["CustomerGatewayId"] for n in range(3)]
    vpc = ec2.create_vpc(CidrBlock="10.10.0.0/16")["Vpc"]["VpcId"]
    carriers = {ec2.create_carrier_gateway(VpcId=vpc)["CarrierGateway"]["CarrierGatewayId"] for _ in range(12)}
    pages = list(ec2.get_paginator("describe_carrier_gateways").paginate(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}], PaginationConfig={"PageSize": 5}))
    assert [len(page["CarrierGateways"]) for page in pages] == [5, 5, 2]
    assert {one["CarrierGatewayId"] for page in pages for one in page["CarrierGateways"]} == carriers
    assert len(set(made)) == 3


def test_permissions(server, ec2):
    gateway = ec2.create_customer_gateway(Type="ipsec.1", IpAddress="203.0.113.99", TagSpecifications=tagged("customer-gateway"))["CustomerGateway"]
    red = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    keys = make_user(server.client("iam"), "gateways", allow("ec2:DeleteCustomerGateway", Condition=red))
    user = server.client("ec2", keys)
    other = ec2.create_customer_gateway(Type="ipsec.1", IpAddress="203.0.113.100")["CustomerGateway"]
    assert error_of(user.delete_customer_gateway, CustomerGatewayId=other["CustomerGatewayId"])[0] == "UnauthorizedOperation"
    assert error_of(user.create_customer_gateway, Type="ipsec.1", IpAddress="203.0.113.101")[0] == "UnauthorizedOperation"
    assert error_of(user.delete_customer_gateway, CustomerGatewayId=gateway["CustomerGatewayId"], DryRun=True)[0] == "DryRunOperation"
    user.delete_customer_gateway(CustomerGatewayId=gateway["CustomerGatewayId"])
