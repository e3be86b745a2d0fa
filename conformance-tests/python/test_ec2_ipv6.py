"""IPv6 in EC2's networks, secondary addresses, prefixes and reservations: each operation's effect, seen through another one, and who may not."""

import ipaddress

import pytest

from conftest import allow, error_of, launch, make_user


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture
def network(server, ec2):
    """A VPC with both kinds of addresses and a subnet in it: their ids and the subnet's block."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]
    server.advance("10s")
    block = next(ipaddress.ip_network(ipv6_of(ec2, vpc)["Ipv6CidrBlock"]).subnets(new_prefix=64))
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", Ipv6CidrBlock=str(block), AvailabilityZone="us-east-1a")["Subnet"]
    server.advance("10s")
    return vpc, subnet["SubnetId"], block


def ipv6_of(ec2, vpc):
    return ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"][0]


def subnet_of(ec2, subnet):
    return ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]


def interface(ec2, interface_id):
    return ec2.describe_network_interfaces(NetworkInterfaceIds=[interface_id])["NetworkInterfaces"][0]


def new_interface(ec2, subnet, **more):
    return ec2.create_network_interface(SubnetId=subnet, **more)["NetworkInterface"]["NetworkInterfaceId"]


def test_blocks_of_a_vpc_and_a_subnet(server, ec2):
    made = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]
    assert (made["State"], made["Ipv6CidrBlockAssociationSet"]) == ("pending", [])
    vpc = made["VpcId"]
    server.advance("10s")
    added = ec2.associate_vpc_cidr_block(VpcId=vpc, AmazonProvidedIpv6CidrBlock=True)["Ipv6CidrBlockAssociation"]
    assert (added["Ipv6CidrBlockState"]["State"], added["Ipv6Pool"], added["NetworkBorderGroup"]) == ("associating", "Amazon", "us-east-1")
    server.advance("10s")
    held = ipv6_of(ec2, vpc)
    assert (held["AssociationId"], held["Ipv6CidrBlockState"]["State"]) == (added["AssociationId"], "associated")
    block = ipaddress.ip_network(held["Ipv6CidrBlock"])
    assert block.prefixlen == 56
    asked = [{"Name": "ipv6-cidr-block-association.ipv6-cidr-block", "Values": [str(block)]}]
    assert [one["VpcId"] for one in ec2.describe_vpcs(Filters=asked)["Vpcs"]] == [vpc]
    [table] = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    assert {"DestinationIpv6CidrBlock": str(block), "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"} in table["Routes"]
    [acl] = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"]
    assert sorted(one["RuleNumber"] for one in acl["Entries"] if "Ipv6CidrBlock" in one) == [101, 101, 32768, 32768]
    group = ec2.create_security_group(GroupName="six", Description="d", VpcId=vpc)["GroupId"]
    [egress] = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"]
    assert egress["Ipv6Ranges"] == [{"CidrIpv6": "::/0"}]

    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    first, second, *_ = block.subnets(new_prefix=64)
    given = ec2.associate_subnet_cidr_block(SubnetId=subnet, Ipv6CidrBlock=str(first))["Ipv6CidrBlockAssociation"]
    server.advance("10s")
    [shown] = subnet_of(ec2, subnet)["Ipv6CidrBlockAssociationSet"]
    assert (shown["Ipv6CidrBlock"], shown["Ipv6CidrBlockState"]["State"]) == (str(first), "associated")
    assert error_of(ec2.create_subnet, VpcId=vpc, CidrBlock="10.0.1.0/24", Ipv6CidrBlock=str(first))[:2] == (
        "InvalidSubnet.Conflict", f"The IPv6 CIDR '{first}' conflicts with another subnet")
    assert error_of(ec2.associate_subnet_cidr_block, SubnetId=subnet, Ipv6CidrBlock=str(second))[0] == "CidrLimitExceeded"
    assert error_of(ec2.disassociate_vpc_cidr_block, AssociationId=added["AssociationId"])[:2] == (
        "InvalidCidrBlock.InUse", f"The vpc {vpc} currently has a subnet within CIDR block {block}")
    gone = ec2.disassociate_subnet_cidr_block(AssociationId=given["AssociationId"])["Ipv6CidrBlockAssociation"]
    assert gone["Ipv6CidrBlockState"]["State"] == "disassociating"
    server.advance("10s")
    assert subnet_of(ec2, subnet)["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlockState"]["State"] == "disassociated"
    ec2.disassociate_vpc_cidr_block(AssociationId=added["AssociationId"])
    [table] = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    assert all("DestinationIpv6CidrBlock" not in route for route in table["Routes"])
    server.advance("31m")
    assert "Ipv6CidrBlockAssociationSet" not in ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]
    assert subnet_of(ec2, subnet)["Ipv6CidrBlockAssociationSet"] == []


def test_routes_and_entries(ec2, network):
    vpc, _, block = network
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationIpv6CidrBlock="::/0", GatewayId=gateway)
    asked = [{"Name": "route.destination-ipv6-cidr-block", "Values": ["::/0"]}]
    assert [one["RouteTableId"] for one in ec2.describe_route_tables(Filters=asked)["RouteTables"]] == [table]
    assert error_of(ec2.create_route, RouteTableId=table, DestinationIpv6CidrBlock=str(block), GatewayId=gateway)[0] == "InvalidParameterValue"
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]
    assert sorted(one["RuleNumber"] for one in acl["Entries"]) == [32767, 32767, 32768, 32768]
    ec2.create_network_acl_entry(NetworkAclId=acl["NetworkAclId"], RuleNumber=7, Protocol="58", RuleAction="allow", Egress=False,
                                 Ipv6CidrBlock="2001:db8::/32", IcmpTypeCode={"Type": -1, "Code": -1})
    [entry] = [one for one in ec2.describe_network_acls(NetworkAclIds=[acl["NetworkAclId"]])["NetworkAcls"][0]["Entries"]
               if one["RuleNumber"] == 7]
    assert (entry["Ipv6CidrBlock"], entry["IcmpTypeCode"]) == ("2001:db8::/32", {"Type": -1, "Code": -1})


def test_an_instance_with_ipv6_addresses(server, ec2, network, metadata):
    vpc, subnet, block = network
    first, second = str(block[0x10]), str(block[0x20])
    held = launch(ec2, SubnetId=subnet, Ipv6Addresses=[{"Ipv6Address": first}])
    server.advance("1m")
    instance = ec2.describe_instances(Filters=[{"Name": "ipv6-address", "Values": [first]}])["Reservations"][0]["Instances"][0]
    assert (instance["InstanceId"], instance["Ipv6Address"]) == (held, first)
    [primary] = instance["NetworkInterfaces"]
    assert primary["Ipv6Addresses"] == [{"Ipv6Address": first, "IsPrimaryIpv6": False}]
    own = primary["NetworkInterfaceId"]
    assert ec2.assign_ipv6_addresses(NetworkInterfaceId=own, Ipv6Addresses=[second])["AssignedIpv6Addresses"] == [second]
    meta = metadata(held)
    mac = f"/latest/meta-data/network/interfaces/macs/{primary['MacAddress']}"
    assert meta.get("/latest/meta-data/ipv6") == first
    assert meta.get(f"{mac}/ipv6s") == f"{first}\n{second}"
    assert meta.get(f"{mac}/subnet-ipv6-cidr-blocks") == str(block)
    assert meta.get(f"{mac}/vpc-ipv6-cidr-blocks") == ipv6_of(ec2, vpc)["Ipv6CidrBlock"]
    assert ec2.unassign_ipv6_addresses(NetworkInterfaceId=own, Ipv6Addresses=[first])["UnassignedIpv6Addresses"] == [first]
    assert meta.get("/latest/meta-data/ipv6") == second
    assert error_of(ec2.disassociate_subnet_cidr_block,
                    AssociationId=subnet_of(ec2, subnet)["Ipv6CidrBlockAssociationSet"][0]["AssociationId"])[0] == "InvalidCidrBlock.InUse"
    ec2.modify_network_interface_attribute(NetworkInterfaceId=own, EnablePrimaryIpv6=True)
    assert interface(ec2, own)["Ipv6Addresses"] == [{"Ipv6Address": second, "IsPrimaryIpv6": True}]
    assert error_of(ec2.unassign_ipv6_addresses, NetworkInterfaceId=own, Ipv6Addresses=[second])[0] == "InvalidParameterValue"
    ec2.terminate_instances(InstanceIds=[held])


def test_a_subnet_gives_addresses_by_itself(server, ec2, network):
    _, subnet, block = network
    modify = ec2.modify_subnet_attribute
    modify(SubnetId=subnet, AssignIpv6AddressOnCreation={"Value": True})
    modify(SubnetId=subnet, EnableDns64={"Value": True})
    modify(SubnetId=subnet, PrivateDnsHostnameTypeOnLaunch="resource-name")
    seen = subnet_of(ec2, subnet)
    assert (seen["AssignIpv6AddressOnCreation"], seen["EnableDns64"], seen["PrivateDnsNameOptionsOnLaunch"]["HostnameType"]) == (
        True, True, "resource-name")
    held = launch(ec2, SubnetId=subnet)
    instance = ec2.describe_instances(InstanceIds=[held])["Reservations"][0]["Instances"][0]
    assert ipaddress.ip_address(instance["Ipv6Address"]) in block
    own = new_interface(ec2, subnet, Ipv6AddressCount=0)
    assert interface(ec2, own)["Ipv6Addresses"] == []
    association = seen["Ipv6CidrBlockAssociationSet"][0]["AssociationId"]
    assert error_of(ec2.disassociate_subnet_cidr_block, AssociationId=association)[:2] == ("InvalidCidrBlock.InUse", (
        f"The subnet IPv6 CIDR block with association ID {association} may not be disassociated, because its subnet has "
        "assign-ipv6-address-on-creation set to true."))
    ec2.terminate_instances(InstanceIds=[held])


def test_secondary_addresses_and_prefixes(server, ec2, network):
    _, subnet, block = network
    one, other = new_interface(ec2, subnet), new_interface(ec2, subnet, Ipv6PrefixCount=1, Ipv4PrefixCount=1)
    free = subnet_of(ec2, subnet)["AvailableIpAddressCount"]
    [prefix] = interface(ec2, other)["Ipv4Prefixes"]
    assert ipaddress.ip_network(interface(ec2, other)["Ipv6Prefixes"][0]["Ipv6Prefix"]).subnet_of(block)
    assigned = ec2.assign_private_ip_addresses(NetworkInterfaceId=one, SecondaryPrivateIpAddressCount=2)["AssignedPrivateIpAddresses"]
    addresses = [each["PrivateIpAddress"] for each in assigned]
    assert [each["PrivateIpAddress"] for each in interface(ec2, one)["PrivateIpAddresses"] if not each["Primary"]] == addresses
    assert subnet_of(ec2, subnet)["AvailableIpAddressCount"] == free - 2
    wanted = {"NetworkInterfaceId": other, "PrivateIpAddresses": addresses[:1]}
    assert error_of(ec2.assign_private_ip_addresses, **wanted)[:2] == (
        "InvalidParameterValue", f"[{addresses[0]}] assigned, but move is not allowed.")
    ec2.assign_private_ip_addresses(**wanted, AllowReassignment=True)
    assert addresses[0] in [each["PrivateIpAddress"] for each in interface(ec2, other)["PrivateIpAddresses"]]
    ec2.unassign_private_ip_addresses(NetworkInterfaceId=one, PrivateIpAddresses=addresses[1:])
    assert len(interface(ec2, one)["PrivateIpAddresses"]) == 1
    assert error_of(ec2.unassign_private_ip_addresses, NetworkInterfaceId=one, PrivateIpAddresses=addresses[1:])[:2] == (
        "InvalidParameterValue", f"Some of the specified addresses are not assigned to interface {one}")
    ec2.unassign_private_ip_addresses(NetworkInterfaceId=other, Ipv4Prefixes=[prefix["Ipv4Prefix"]])
    assert "Ipv4Prefixes" not in interface(ec2, other)
    assert subnet_of(ec2, subnet)["AvailableIpAddressCount"] == free - 1 + 16
    ec2.modify_network_interface_attribute(NetworkInterfaceId=one, SourceDestCheck={"Value": False})
    ec2.reset_network_interface_attribute(NetworkInterfaceId=one, SourceDestCheck="")
    assert interface(ec2, one)["SourceDestCheck"] is True


def test_the_type_of_an_instance_limits_addresses(server, ec2, network):
    _, subnet, _ = network
    held = launch(ec2, SubnetId=subnet, InstanceType="t3.micro")
    own = ec2.describe_instances(InstanceIds=[held])["Reservations"][0]["Instances"][0]["NetworkInterfaces"][0]["NetworkInterfaceId"]
    ec2.assign_private_ip_addresses(NetworkInterfaceId=own, SecondaryPrivateIpAddressCount=1)
    assert error_of(ec2.assign_private_ip_addresses, NetworkInterfaceId=own, SecondaryPrivateIpAddressCount=1)[:2] == (
        "PrivateIpAddressLimitExceeded", "Number of private addresses will exceed limit.")
    ec2.terminate_instances(InstanceIds=[held])


def test_reservations(ec2, network):
    _, subnet, block = network
    tags = [{"ResourceType": "subnet-cidr-reservation", "Tags": [{"Key": "team", "Value": "red"}]}]
    made = ec2.create_subnet_cidr_reservation(SubnetId=subnet, Cidr="10.0.0.32/28", ReservationType="prefix", Description="for prefixes",
                                              TagSpecifications=tags)["SubnetCidrReservation"]
    six = ec2.create_subnet_cidr_reservation(SubnetId=subnet, Cidr=f"{block[0]}/80", ReservationType="explicit")["SubnetCidrReservation"]
    held = ec2.get_subnet_cidr_reservations(SubnetId=subnet)
    assert (held["SubnetIpv4CidrReservations"], held["SubnetIpv6CidrReservations"]) == ([made], [six])
    asked = [{"Name": "tag:team", "Values": ["red"]}]
    assert ec2.get_subnet_cidr_reservations(SubnetId=subnet, Filters=asked)["SubnetIpv6CidrReservations"] == []
    own = new_interface(ec2, subnet)
    assigned = ec2.assign_private_ip_addresses(NetworkInterfaceId=own, Ipv4PrefixCount=1)
    assert assigned["AssignedIpv4Prefixes"] == [{"Ipv4Prefix": "10.0.0.32/28"}], "prefixes come out of what is reserved for them"
    gone = ec2.delete_subnet_cidr_reservation(SubnetCidrReservationId=made["SubnetCidrReservationId"])
    assert gone["DeletedSubnetCidrReservation"] == made
    assert ec2.get_subnet_cidr_reservations(SubnetId=subnet)["SubnetIpv4CidrReservations"] == []


def test_a_token_makes_nothing_anew(ec2, network):
    """What a token made may be gone: the same request is no new one."""
    vpc, subnet, _ = network
    own = new_interface(ec2, subnet, ClientToken="once")
    ec2.delete_network_interface(NetworkInterfaceId=own)
    assert error_of(ec2.create_network_interface, SubnetId=subnet, ClientToken="once")[0] == "InvalidNetworkInterfaceID.NotFound"
    acl = ec2.create_network_acl(VpcId=vpc, ClientToken="once")["NetworkAcl"]["NetworkAclId"]
    ec2.delete_network_acl(NetworkAclId=acl)
    assert error_of(ec2.create_network_acl, VpcId=vpc, ClientToken="once")[:2] == (
        "InvalidNetworkAclID.NotFound", f"The networkAcl ID '{acl}' does not exist")


def test_who_may_not(server, ec2, network):
    """By resource: rights on other resources are none on these; by condition key: the tag is another one."""
    vpc, subnet, block = network
    own = new_interface(ec2, subnet)
    association = subnet_of(ec2, subnet)["Ipv6CidrBlockAssociationSet"][0]["AssociationId"]
    calls = [
        ("associate_vpc_cidr_block", {"VpcId": vpc, "AmazonProvidedIpv6CidrBlock": True}),
        ("associate_subnet_cidr_block", {"SubnetId": subnet, "Ipv6CidrBlock": str(block)}),
        ("disassociate_subnet_cidr_block", {"AssociationId": association}),
        ("assign_ipv6_addresses", {"NetworkInterfaceId": own, "Ipv6AddressCount": 1}),
        ("unassign_ipv6_addresses", {"NetworkInterfaceId": own, "Ipv6Addresses": [str(block[9])]}),
        ("assign_private_ip_addresses", {"NetworkInterfaceId": own, "SecondaryPrivateIpAddressCount": 1}),
        ("unassign_private_ip_addresses", {"NetworkInterfaceId": own, "PrivateIpAddresses": ["10.0.0.9"]}),
        ("reset_network_interface_attribute", {"NetworkInterfaceId": own, "SourceDestCheck": ""}),
        ("create_subnet_cidr_reservation", {"SubnetId": subnet, "Cidr": "10.0.0.16/28", "ReservationType": "prefix"}),
        ("delete_subnet_cidr_reservation", {"SubnetCidrReservationId": "scr-0123456789abcdef0"}),
        ("get_subnet_cidr_reservations", {"SubnetId": subnet}),
    ]
    iam = server.client("iam")
    elsewhere = [f"arn:aws:ec2:*:*:{kind}-0000000000000000f" for kind in ("subnet/subnet", "network-interface/eni", "vpc/vpc")]
    other = server.client("ec2", make_user(iam, "six-elsewhere", {"Effect": "Allow", "Action": "ec2:*", "Resource": elsewhere}))
    blue = server.client("ec2", make_user(iam, "six-blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    for operation, parameters in calls:
        assert error_of(getattr(other, operation), **parameters)[0] == "UnauthorizedOperation", operation
        assert error_of(getattr(blue, operation), **parameters)[0] == "UnauthorizedOperation", operation
    inside = server.client("ec2", make_user(iam, "six-inside", allow(
        "ec2:AssignIpv6Addresses", Condition={"ArnEquals": {"ec2:Vpc": f"arn:aws:ec2:us-east-1:000000000000:vpc/{vpc}"}})))
    assert len(inside.assign_ipv6_addresses(NetworkInterfaceId=own, Ipv6AddressCount=1)["AssignedIpv6Addresses"]) == 1
