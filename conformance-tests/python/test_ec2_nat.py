"""NAT gateways: their interface and addresses as others see them, routes to them, how they fail, and who may not."""

import pytest

from conftest import allow, error_of, make_user

TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(scope="module")
def subnet(ec2):
    return ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"][0]


def allocate(ec2):
    return ec2.allocate_address(Domain="vpc")["AllocationId"]


def held(ec2, allocation):
    return ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0].get("NetworkInterfaceId")


def test_traffic_between_subnets_goes_through_a_gateway(server, ec2):
    vpc = ec2.create_vpc(CidrBlock="10.60.0.0/16")["Vpc"]["VpcId"]
    inside, behind = (ec2.create_subnet(VpcId=vpc, CidrBlock=block)["Subnet"]["SubnetId"] for block in ("10.60.1.0/24", "10.60.2.0/24"))
    interface = ec2.create_network_interface(SubnetId=behind)["NetworkInterface"]["NetworkInterfaceId"]
    gateway = ec2.create_nat_gateway(SubnetId=behind, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    server.advance("5m")
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]

    def route(block):
        routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
        return next((one.get("NatGatewayId"), one.get("NetworkInterfaceId"), one.get("GatewayId")) for one in routes if one["DestinationCidrBlock"] == block)

    ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.60.1.0/24", NetworkInterfaceId=interface)
    assert route("10.60.1.0/24") == (None, interface, None)
    ec2.replace_route(RouteTableId=table, DestinationCidrBlock="10.60.1.0/24", NatGatewayId=gateway)
    assert route("10.60.1.0/24") == (gateway, None, None)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.60.2.0/24", NatGatewayId=gateway)
    ec2.replace_route(RouteTableId=table, DestinationCidrBlock="10.60.0.0/16", NatGatewayId=gateway)
    ec2.replace_route(RouteTableId=table, DestinationCidrBlock="10.60.0.0/16", LocalTarget=True)
    assert route("10.60.0.0/16") == (None, None, "local")
    for target in ({"NetworkInterfaceId": interface}, {"NatGatewayId": gateway}):
        for block in ("10.60.7.0/25", "10.60.1.0/25", "10.60.0.0/20"):
            assert error_of(ec2.create_route, RouteTableId=table, DestinationCidrBlock=block, **target)[:2] == (
                "InvalidParameterValue", "Route destination doesn't match any subnet CIDR blocks."), (target, block)
    # What is only routed, and the subnet gone since, can still lead elsewhere.
    ec2.delete_subnet(SubnetId=inside)
    ec2.replace_route(RouteTableId=table, DestinationCidrBlock="10.60.1.0/24", NetworkInterfaceId=interface)
    ec2.delete_route_table(RouteTableId=table)


def test_a_public_gateway(server, ec2, subnet):
    allocation = allocate(ec2)
    tagged = [{"ResourceType": "natgateway", "Tags": TAGS}]
    made = ec2.create_nat_gateway(SubnetId=subnet["SubnetId"], AllocationId=allocation, ClientToken="nat-1", TagSpecifications=tagged)["NatGateway"]
    name = made["NatGatewayId"]
    assert (made["State"], made["ConnectivityType"], made["VpcId"], made["Tags"]) == ("pending", "public", subnet["VpcId"], TAGS)
    again = ec2.create_nat_gateway(SubnetId=subnet["SubnetId"], AllocationId=allocation, ClientToken="nat-1", TagSpecifications=tagged)["NatGateway"]
    assert again["NatGatewayId"] == name
    server.advance("5m")
    ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[name])
    found = ec2.describe_nat_gateways(Filter=[{"Name": "subnet-id", "Values": [subnet["SubnetId"]]}, {"Name": "state", "Values": ["available"]}])["NatGateways"]
    address = found[0]["NatGatewayAddresses"][0]
    assert (address["AllocationId"], address["Status"], address["IsPrimary"]) == (allocation, "succeeded", True)
    assert held(ec2, allocation) == address["NetworkInterfaceId"]
    interface = ec2.describe_network_interfaces(NetworkInterfaceIds=[address["NetworkInterfaceId"]])["NetworkInterfaces"][0]
    assert (interface["InterfaceType"], interface["RequesterManaged"], interface["Status"]) == ("nat_gateway", True, "in-use")
    assert interface["Attachment"]["InstanceOwnerId"] == "amazon-aws" and "InstanceId" not in interface["Attachment"]
    code, _ = error_of(ec2.delete_network_interface, NetworkInterfaceId=interface["NetworkInterfaceId"])[:2]
    assert code == "InvalidParameterValue"
    assert error_of(ec2.disassociate_address, AssociationId=address["AssociationId"])[0] == "AuthFailure"
    assert error_of(ec2.release_address, AllocationId=allocation)[0] == "AuthFailure"
    detach = error_of(ec2.detach_network_interface, AttachmentId=interface["Attachment"]["AttachmentId"])
    assert detach[:2] == ("OperationNotPermitted", "You are not allowed to manage 'ela-attach' attachments.")

    table = ec2.create_route_table(VpcId=subnet["VpcId"])["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=name)

    def route():
        routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
        return next((one["NatGatewayId"], one["State"]) for one in routes if "NatGatewayId" in one)

    assert route() == (name, "active")
    assert ec2.delete_nat_gateway(NatGatewayId=name)["NatGatewayId"] == name
    server.advance("5m")
    ec2.get_waiter("nat_gateway_deleted").wait(NatGatewayIds=[name])
    assert route() == (name, "blackhole")
    assert held(ec2, allocation) is None
    ec2.release_address(AllocationId=allocation)
    server.advance("2h")
    assert error_of(ec2.describe_nat_gateways, NatGatewayIds=[name])[:2] == ("NatGatewayNotFound", f"NatGateway {name} was not found")
    ec2.delete_route_table(RouteTableId=table)


def test_one_that_is_being_deleted_holds_what_it_has(make_server):
    """Its address can't be released before it is deleted: https://github.com/coreos/grafiti/issues/89."""
    server = make_server("--states", "aws")
    ec2 = server.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.45.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    closed = ec2.create_subnet(VpcId=vpc, CidrBlock="10.45.0.0/24")["Subnet"]["SubnetId"]
    other = ec2.create_subnet(VpcId=vpc, CidrBlock="10.45.1.0/24")["Subnet"]["SubnetId"]
    allocation = allocate(ec2)
    name = ec2.create_nat_gateway(SubnetId=closed, AllocationId=allocation)["NatGateway"]["NatGatewayId"]
    server.advance("5m")
    ec2.delete_nat_gateway(NatGatewayId=name)
    seen = ec2.describe_nat_gateways(NatGatewayIds=[name])["NatGateways"][0]
    assert (seen["State"], seen["NatGatewayAddresses"][0]["NetworkInterfaceId"]) == ("deleting", held(ec2, allocation))
    assert error_of(ec2.release_address, AllocationId=allocation)[:2] == (
        "AuthFailure", "You do not have permission to access the specified resource.")
    assert error_of(ec2.delete_subnet, SubnetId=closed)[0] == "DependencyViolation"
    assert error_of(ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc)[0] == "DependencyViolation"
    early = ec2.create_nat_gateway(SubnetId=other, AllocationId=allocation)["NatGateway"]["NatGatewayId"]
    server.advance("15s")
    assert ec2.describe_nat_gateways(NatGatewayIds=[early])["NatGateways"][0]["FailureCode"] == "Resource.AlreadyAssociated"
    server.advance("75s")
    assert ec2.describe_nat_gateways(NatGatewayIds=[name])["NatGateways"][0]["State"] == "deleted"
    assert held(ec2, allocation) is None
    ec2.release_address(AllocationId=allocation)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    for one in (closed, other):
        ec2.delete_subnet(SubnetId=one)
    ec2.delete_vpc(VpcId=vpc)


def test_further_addresses(server, ec2, subnet):
    first, second = allocate(ec2), allocate(ec2)
    name = ec2.create_nat_gateway(SubnetId=subnet["SubnetId"], AllocationId=first)["NatGateway"]["NatGatewayId"]
    server.advance("5m")
    added = ec2.associate_nat_gateway_address(NatGatewayId=name, AllocationIds=[second])["NatGatewayAddresses"][0]
    assert (added["Status"], added["IsPrimary"]) == ("associating", False)
    assert held(ec2, second) == added["NetworkInterfaceId"]
    server.advance("5m")
    ended = ec2.disassociate_nat_gateway_address(NatGatewayId=name, AssociationIds=[added["AssociationId"]], MaxDrainDurationSeconds=1)
    assert ended["NatGatewayAddresses"][0]["Status"] == "disassociating"
    server.advance("5m")
    assert held(ec2, second) is None
    assert len(ec2.describe_nat_gateways(NatGatewayIds=[name])["NatGateways"][0]["NatGatewayAddresses"]) == 1
    ec2.delete_nat_gateway(NatGatewayId=name)


def test_a_private_gateway(server, ec2, subnet):
    name = ec2.create_nat_gateway(SubnetId=subnet["SubnetId"], ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    server.advance("5m")
    added = ec2.assign_private_nat_gateway_address(NatGatewayId=name, PrivateIpAddressCount=2)["NatGatewayAddresses"]
    assert len(added) == 2
    server.advance("5m")
    ec2.unassign_private_nat_gateway_address(NatGatewayId=name, PrivateIpAddresses=[added[0]["PrivateIp"]])
    server.advance("10m")
    left = ec2.describe_nat_gateways(NatGatewayIds=[name])["NatGateways"][0]["NatGatewayAddresses"]
    assert {one["PrivateIp"] for one in left} == {left[0]["PrivateIp"], added[1]["PrivateIp"]}
    ec2.delete_nat_gateway(NatGatewayId=name)


def test_a_failure(server, ec2, subnet):
    vpc = ec2.create_vpc(CidrBlock="10.44.0.0/16")["Vpc"]["VpcId"]
    closed = ec2.create_subnet(VpcId=vpc, CidrBlock="10.44.0.0/24")["Subnet"]["SubnetId"]
    allocation = allocate(ec2)
    name = ec2.create_nat_gateway(SubnetId=closed, AllocationId=allocation)["NatGateway"]["NatGatewayId"]
    server.advance("5m")
    failed = ec2.describe_nat_gateways(NatGatewayIds=[name])["NatGateways"][0]
    assert (failed["State"], failed["FailureCode"]) == ("failed", "Gateway.NotAttached")
    assert failed["FailureMessage"] == f"Network {vpc} has no Internet gateway attached"
    assert held(ec2, allocation) is None
    ec2.delete_subnet(SubnetId=closed)
    ec2.delete_vpc(VpcId=vpc)


def test_permissions(server, ec2, subnet):
    allocation = allocate(ec2)
    only_address = [allow("ec2:CreateNatGateway", Resource=[f"arn:aws:ec2:*:*:{kind}/*" for kind in ("natgateway", "elastic-ip")])]
    keys = make_user(server.client("iam"), "nat-maker", *only_address)
    user = server.client("ec2", keys)
    assert error_of(user.create_nat_gateway, SubnetId=subnet["SubnetId"], AllocationId=allocation)[0] == "UnauthorizedOperation"
    red = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    other = server.client("ec2", make_user(server.client("iam"), "nat-deleter", allow("ec2:DeleteNatGateway", Condition=red)))
    name = ec2.create_nat_gateway(SubnetId=subnet["SubnetId"], ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    assert error_of(other.delete_nat_gateway, NatGatewayId=name)[0] == "UnauthorizedOperation"
    ec2.create_tags(Resources=[name], Tags=TAGS)
    assert error_of(other.delete_nat_gateway, NatGatewayId=name, DryRun=True)[0] == "DryRunOperation"
    other.delete_nat_gateway(NatGatewayId=name)
    assert server.client("ec2", region="eu-west-1").describe_nat_gateways()["NatGateways"] == []
