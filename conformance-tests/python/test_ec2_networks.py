"""EC2's networks: what each operation changes, seen through another one; whom it refuses; what depends on what."""

import pytest

from conftest import allow, error_of, launch, make_user

REGION_ARN = "arn:aws:ec2:us-east-1:000000000000"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture
def vpc(ec2):
    """A VPC of its own for each test."""
    return ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]


def found(ec2, kind, **filters):
    """What Describe… answers for those filters, `vpc_id` being `vpc-id`."""
    asked = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
    return getattr(ec2, f"describe_{kind}")(Filters=asked)[{
        "vpcs": "Vpcs", "subnets": "Subnets", "route_tables": "RouteTables", "network_acls": "NetworkAcls", "security_groups": "SecurityGroups",
        "internet_gateways": "InternetGateways", "dhcp_options": "DhcpOptions"}[kind]]


def tags(kind, **values):
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in values.items()]}]


def subnet_in(ec2, vpc, cidr="10.0.0.0/24", **more):
    return ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, **more)["Subnet"]["SubnetId"]


def gateway_of(ec2, vpc):
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    return gateway


def launched(ec2, **more):
    """A new instance as it is described."""
    return ec2.describe_instances(InstanceIds=[launch(ec2, **more)])["Reservations"][0]["Instances"][0]


def routes(ec2, table):
    [held] = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    return {route.get("DestinationCidrBlock") or route["DestinationIpv6CidrBlock"]: route for route in held["Routes"]}


def test_a_vpc_comes_with_what_it_needs_and_goes_with_it(server, ec2):
    made = ec2.create_vpc(CidrBlock="10.9.1.7/16", TagSpecifications=tags("vpc", Name="nine"))["Vpc"]
    assert (made["State"], made["CidrBlock"], made["IsDefault"], made["Tags"]) == (
        "pending", "10.9.0.0/16", False, [{"Key": "Name", "Value": "nine"}])
    vpc = made["VpcId"]
    assert made.pop("Ipv6CidrBlockAssociationSet") == []
    server.advance("10s")
    [seen] = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    assert seen == {**made, "State": "available", "BlockPublicAccessStates": {"InternetGatewayBlockMode": "off"}}
    [table] = found(ec2, "route_tables", vpc_id=vpc)
    assert table["Associations"][0]["Main"] and [route["GatewayId"] for route in table["Routes"]] == ["local"]
    [acl], [group] = found(ec2, "network_acls", vpc_id=vpc), found(ec2, "security_groups", vpc_id=vpc)
    assert acl["IsDefault"] and group["GroupName"] == "default"
    subnet = subnet_in(ec2, vpc, "10.9.0.0/24")
    assert error_of(ec2.delete_vpc, VpcId=vpc)[0] == "DependencyViolation"
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)
    assert not any(found(ec2, kind, vpc_id=vpc) for kind in ("vpcs", "route_tables", "network_acls", "security_groups"))


def test_what_keeps_a_vpc(ec2, vpc):
    gateway = gateway_of(ec2, vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
    for remove in (lambda: ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc), lambda: ec2.delete_route_table(RouteTableId=table),
                   lambda: ec2.delete_network_acl(NetworkAclId=acl), lambda: ec2.delete_security_group(GroupId=group)):
        assert error_of(ec2.delete_vpc, VpcId=vpc)[:2] == ("DependencyViolation", f"The vpc '{vpc}' has dependencies and cannot be deleted.")
        remove()
    ec2.delete_vpc(VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    assert error_of(ec2.describe_internet_gateways, InternetGatewayIds=[gateway])[0] == "InvalidInternetGatewayID.NotFound"


def test_attributes_of_a_vpc(ec2, vpc):
    def attribute(name):
        return ec2.describe_vpc_attribute(VpcId=vpc, Attribute=name)[name[0].upper() + name[1:]]["Value"]

    assert not attribute("enableDnsHostnames")
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": False})
    ec2.modify_vpc_attribute(VpcId=vpc, EnableNetworkAddressUsageMetrics={"Value": True})
    assert [attribute(f"enable{name}") for name in ("DnsHostnames", "DnsSupport", "NetworkAddressUsageMetrics")] == [True, False, True]


def test_blocks_that_cannot_be_added(ec2):
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions"""
    for first, restricted, permitted in (
        ("10.1.0.0/16", ("10.0.0.0/20", "192.168.0.0/20", "198.19.0.0/20", "169.254.8.0/24"), ("10.2.0.0/16", "100.64.0.0/16")),
        ("10.9.0.0/16", ("172.16.0.0/16",), ("10.0.0.0/16",)),
        ("172.20.0.0/16", ("172.31.0.0/20", "10.0.0.0/16"), ("172.21.0.0/16",)),
        ("100.64.0.0/16", ("10.0.0.0/16", "198.19.0.0/16"), ("100.65.0.0/16",)),
        ("198.19.0.0/16", ("10.0.0.0/16",), ("100.64.0.0/16",)),
    ):
        vpc = ec2.create_vpc(CidrBlock=first)["Vpc"]["VpcId"]
        for block in restricted:
            assert error_of(ec2.associate_vpc_cidr_block, VpcId=vpc, CidrBlock=block)[0] == "InvalidVpc.Range", (first, block)
        for block in permitted:
            ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock=block)
        ec2.delete_vpc(VpcId=vpc)


def test_a_block_takes_no_route_away(ec2):
    vpc = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    gateway, [table] = gateway_of(ec2, vpc), found(ec2, "route_tables", vpc_id=vpc)
    table = table["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.3.0.0/24", GatewayId=gateway)
    for block in ("10.3.0.0/16", "10.3.0.0/24"):
        refused = error_of(ec2.associate_vpc_cidr_block, VpcId=vpc, CidrBlock=block)
        assert refused[:2] == ("CidrConflict", f"The CIDR '{block}' conflicts with the route to '10.3.0.0/24' in route table '{table}'")
    ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="10.3.0.0/25")
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.delete_vpc(VpcId=vpc)


def test_further_blocks(ec2, vpc):
    added = ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="10.5.0.0/16")["CidrBlockAssociation"]
    assert added["CidrBlockState"]["State"] == "associating"
    [seen] = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    assert [block["CidrBlock"] for block in seen["CidrBlockAssociationSet"]] == ["10.0.0.0/16", "10.5.0.0/16"]
    [table] = found(ec2, "route_tables", vpc_id=vpc)
    assert set(routes(ec2, table["RouteTableId"])) == {"10.0.0.0/16", "10.5.0.0/16"}
    subnet = subnet_in(ec2, vpc, "10.5.1.0/24")
    association = added["AssociationId"]
    assert error_of(ec2.disassociate_vpc_cidr_block, AssociationId=association)[0] == "InvalidCidrBlock.InUse"
    ec2.delete_subnet(SubnetId=subnet)
    gone = ec2.disassociate_vpc_cidr_block(AssociationId=association)
    assert (gone["VpcId"], gone["CidrBlockAssociation"]["CidrBlockState"]["State"]) == (vpc, "disassociating")
    assert set(routes(ec2, table["RouteTableId"])) == {"10.0.0.0/16"}


def test_the_default_network_is_made_again(server):
    ec2 = server.client("ec2", region="eu-west-1")
    [vpc] = found(ec2, "vpcs", is_default="true")
    [gateway] = found(ec2, "internet_gateways", **{"attachment.vpc_id": vpc["VpcId"]})
    ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc["VpcId"])
    for subnet in found(ec2, "subnets", vpc_id=vpc["VpcId"]):
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    assert error_of(ec2.create_default_subnet, AvailabilityZone="eu-west-1z")[0] == "InvalidParameterValue"
    made = ec2.create_default_subnet(AvailabilityZone="eu-west-1b")["Subnet"]
    assert (made["CidrBlock"], made["DefaultForAz"], made["MapPublicIpOnLaunch"]) == ("172.31.0.0/20", True, True)
    assert found(ec2, "subnets", vpc_id=vpc["VpcId"])[0]["SubnetId"] == made["SubnetId"]
    ec2.delete_subnet(SubnetId=made["SubnetId"])
    ec2.delete_vpc(VpcId=vpc["VpcId"])
    assert error_of(ec2.create_default_subnet, AvailabilityZone="eu-west-1a")[:2] == (
        "DefaultVpcDoesNotExist", "No default VPC exists for this account in this region.")
    again = ec2.create_default_vpc()["Vpc"]
    assert again["IsDefault"] and again["VpcId"] != vpc["VpcId"] and again["DhcpOptionsId"] == vpc["DhcpOptionsId"]
    assert len(found(ec2, "subnets", vpc_id=again["VpcId"])) == 3
    assert launched(ec2)["VpcId"] == again["VpcId"]


def test_subnets(ec2, vpc):
    made = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.3.9/24", AvailabilityZoneId="use1-az1",
                             TagSpecifications=tags("subnet", Name="three"))["Subnet"]
    assert (made["CidrBlock"], made["AvailableIpAddressCount"], made["MapPublicIpOnLaunch"]) == ("10.0.3.0/24", 251, False)
    [seen] = found(ec2, "subnets", vpc_id=vpc, **{"tag:Name": "three"})
    assert seen == {**made, "BlockPublicAccessStates": {"InternetGatewayBlockMode": "off"}}
    subnet = made["SubnetId"]
    [acl] = found(ec2, "network_acls", **{"association.subnet_id": subnet})
    assert acl["IsDefault"]
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    ec2.modify_subnet_attribute(SubnetId=subnet, PrivateDnsHostnameTypeOnLaunch="resource-name")
    ec2.modify_subnet_attribute(SubnetId=subnet, EnableResourceNameDnsARecordOnLaunch={"Value": True})
    [seen] = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    assert seen["MapPublicIpOnLaunch"] and seen["PrivateDnsNameOptionsOnLaunch"] == {
        "HostnameType": "resource-name", "EnableResourceNameDnsARecord": True, "EnableResourceNameDnsAAAARecord": False}
    instance = launched(ec2, SubnetId=subnet)
    assert instance["VpcId"] == vpc and instance["PrivateIpAddress"].startswith("10.0.3.")
    assert error_of(ec2.delete_subnet, SubnetId=subnet)[:2] == (
        "DependencyViolation", f"The subnet '{subnet}' has dependencies and cannot be deleted.")
    ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])


def test_a_gateway_and_where_its_routes_lead(server, ec2, vpc):
    gateway = gateway_of(ec2, vpc)
    [seen] = found(ec2, "internet_gateways", **{"attachment.vpc_id": vpc})
    assert seen["InternetGatewayId"] == gateway
    [main] = found(ec2, "route_tables", vpc_id=vpc)
    table = main["RouteTableId"]
    assert ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)["Return"]
    ec2.create_route(RouteTableId=table, DestinationIpv6CidrBlock="::/0", GatewayId=gateway)
    assert routes(ec2, table)["0.0.0.0/0"] == {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway, "Origin": "CreateRoute", "State": "active"}
    assert found(ec2, "route_tables", **{"route.gateway_id": gateway, "route.destination_ipv6_cidr_block": "::/0"})
    subnet = subnet_in(ec2, vpc, AvailabilityZone="us-east-1a")
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    instance = launch(ec2, SubnetId=subnet)
    assert "mapped public address" in error_of(ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc)[1]
    ec2.terminate_instances(InstanceIds=[instance])
    server.advance("1m")
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    assert routes(ec2, table)["0.0.0.0/0"]["State"] == "blackhole"
    ec2.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    ec2.delete_route(RouteTableId=table, DestinationIpv6CidrBlock="::/0")
    assert set(routes(ec2, table)) == {"10.0.0.0/16"}


def test_addresses_of_an_interface(ec2, vpc):
    """As seen of AWS in September 2026."""
    subnet = subnet_in(ec2, vpc)
    [block] = [one["CidrBlock"] for one in ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]]
    first, second = (block.replace(".0/24", f".{last}") for last in (20, 21))
    made = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddresses=[{"PrivateIpAddress": first, "Primary": True}],
                                        SecondaryPrivateIpAddressCount=2)["NetworkInterface"]
    assert made["PrivateIpAddress"] == first and [one["Primary"] for one in made["PrivateIpAddresses"]] == [True, False, False]
    assert "PublicDnsName" not in made and made["Operator"] == {"Managed": False}
    assert [one.get("PrivateDnsName") for one in made["PrivateIpAddresses"]] == [None, "", ""]
    interface = made["NetworkInterfaceId"]
    seen = ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"][0]
    assert seen["PublicDnsName"] == "" and seen["Operator"] == {"Managed": False, "HiddenByDefault": False}
    assigned = ec2.assign_private_ip_addresses(NetworkInterfaceId=interface, PrivateIpAddresses=[second, first])
    assert [one["PrivateIpAddress"] for one in assigned["AssignedPrivateIpAddresses"]] == [first, second], "its own are told first"
    ec2.delete_network_interface(NetworkInterfaceId=interface)


def test_who_asked_for_an_interface(server, ec2, vpc):
    """As seen of AWS in September 2026."""
    theirs = server.client("ec2", make_user(server.client("iam"), "requester", allow("ec2:CreateNetworkInterface")))
    user = server.client("iam").get_user(UserName="requester")["User"]["UserId"]
    made = theirs.create_network_interface(SubnetId=subnet_in(ec2, vpc))["NetworkInterface"]
    assert (made["RequesterId"], made["RequesterManaged"]) == (user, False)
    found = ec2.describe_network_interfaces(Filters=[{"Name": "requester-id", "Values": [user]}])["NetworkInterfaces"]
    assert [one["NetworkInterfaceId"] for one in found] == [made["NetworkInterfaceId"]]
    ec2.delete_network_interface(NetworkInterfaceId=made["NetworkInterfaceId"])


def test_routes_through_an_instance(server, ec2, vpc):
    subnet = subnet_in(ec2, vpc, AvailabilityZone="us-east-1a")
    instance = launched(ec2, SubnetId=subnet)
    interface = instance["NetworkInterfaces"][0]["NetworkInterfaceId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="192.0.2.7/24", InstanceId=instance["InstanceId"])
    route = routes(ec2, table)["192.0.2.0/24"]
    assert (route["NetworkInterfaceId"], route["InstanceId"], route["State"]) == (interface, instance["InstanceId"], "active")
    gateway = gateway_of(ec2, vpc)
    ec2.replace_route(RouteTableId=table, DestinationCidrBlock="192.0.2.0/24", GatewayId=gateway)
    assert routes(ec2, table)["192.0.2.0/24"]["GatewayId"] == gateway
    ec2.replace_route(RouteTableId=table, DestinationCidrBlock="10.0.0.0/16", NetworkInterfaceId=interface)
    assert routes(ec2, table)["10.0.0.0/16"]["NetworkInterfaceId"] == interface
    ec2.replace_route(RouteTableId=table, DestinationCidrBlock="10.0.0.0/16", LocalTarget=True)
    assert routes(ec2, table)["10.0.0.0/16"]["GatewayId"] == "local"
    assert error_of(ec2.replace_route, RouteTableId=table, DestinationCidrBlock="192.0.2.0/24", LocalTarget=True)[:2] == (
        "InvalidParameterValue", "local-target only allowed with network local destination CIDRs")
    ec2.replace_route(RouteTableId=table, DestinationCidrBlock="192.0.2.0/24", NetworkInterfaceId=interface)
    server.advance("1m")
    ec2.stop_instances(InstanceIds=[instance["InstanceId"]])
    assert routes(ec2, table)["192.0.2.0/24"]["State"] == "blackhole"


def test_who_uses_which_table(ec2, vpc):
    subnet = subnet_in(ec2, vpc)
    one, two = (ec2.create_route_table(VpcId=vpc, TagSpecifications=tags("route-table", Name=name))["RouteTable"]["RouteTableId"]
                for name in ("one", "two"))
    association = ec2.associate_route_table(RouteTableId=one, SubnetId=subnet)["AssociationId"]
    assert [table["RouteTableId"] for table in found(ec2, "route_tables", **{"association.subnet_id": subnet})] == [one]
    renewed = ec2.replace_route_table_association(AssociationId=association, RouteTableId=two)["NewAssociationId"]
    assert renewed != association
    assert [table["RouteTableId"] for table in found(ec2, "route_tables", **{"association.subnet_id": subnet})] == [two]
    ec2.disassociate_route_table(AssociationId=renewed)
    assert found(ec2, "route_tables", **{"association.subnet_id": subnet}) == []
    gateway = gateway_of(ec2, vpc)
    edge = ec2.associate_route_table(RouteTableId=one, GatewayId=gateway)["AssociationId"]
    [table] = found(ec2, "route_tables", **{"association.gateway_id": gateway})
    assert table["Associations"][0]["RouteTableAssociationId"] == edge
    [main] = found(ec2, "route_tables", vpc_id=vpc, **{"association.main": "true"})
    ec2.replace_route_table_association(AssociationId=main["Associations"][0]["RouteTableAssociationId"], RouteTableId=two)
    [main_now] = found(ec2, "route_tables", vpc_id=vpc, **{"association.main": "true"})
    assert main_now["RouteTableId"] == two
    ec2.delete_route_table(RouteTableId=main["RouteTableId"])
    assert error_of(ec2.describe_route_tables, RouteTableIds=[main["RouteTableId"]])[0] == "InvalidRouteTableID.NotFound"


def test_client_tokens(ec2, vpc):
    for create, kind in ((ec2.create_route_table, "RouteTable"), (ec2.create_network_acl, "NetworkAcl")):
        first, again = (create(VpcId=vpc, ClientToken=f"token-{vpc}") for _ in range(2))
        assert first[kind] == again[kind] and again["ClientToken"] == f"token-{vpc}"
        other = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        assert error_of(create, VpcId=other, ClientToken=f"token-{vpc}")[0] == "IdempotentParameterMismatch"


def test_the_longest_prefix_comes_first(ec2, vpc):
    """As seen of AWS in September 2026."""
    gateway = gateway_of(ec2, vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    for block in ("0.0.0.0/0", "192.168.0.0/24", "192.168.0.0/12"):
        ec2.create_route(RouteTableId=table, DestinationCidrBlock=block, GatewayId=gateway)
    shown = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    lengths = [int(route["DestinationCidrBlock"].split("/")[1]) for route in shown]
    assert lengths == [24, 16, 12, 0], shown


def test_the_token_of_a_route_table(ec2, vpc):
    """As seen of AWS in September 2026: its tags are told as they were at first, and of one that is gone there is a sentence."""
    wanted = dict(VpcId=vpc, ClientToken=f"tags-{vpc}", TagSpecifications=[{"ResourceType": "route-table", "Tags": [{"Key": "a", "Value": "first"}]}])
    made = ec2.create_route_table(**wanted)["RouteTable"]
    ec2.create_tags(Resources=[made["RouteTableId"]], Tags=[{"Key": "a", "Value": "second"}])
    assert ec2.create_route_table(**wanted)["RouteTable"] == made
    ec2.delete_route_table(RouteTableId=made["RouteTableId"])
    code, text, _ = error_of(ec2.create_route_table, **wanted)
    assert code == "IdempotentParameterMismatch" and text.endswith("associated with a resource which is now deleted.")


def test_dhcp_options(ec2, vpc):
    options = ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name", "Values": ["example.com"]},
                                                          {"Key": "ntp-servers", "Values": ["192.0.2.1", "192.0.2.2"]}],
                                      TagSpecifications=tags("dhcp-options", Name="own"))["DhcpOptions"]
    [seen] = found(ec2, "dhcp_options", key="domain-name", value="example.com")
    assert seen == options
    identifier = options["DhcpOptionsId"]
    ec2.associate_dhcp_options(DhcpOptionsId=identifier, VpcId=vpc)
    assert [one["VpcId"] for one in found(ec2, "vpcs", dhcp_options_id=identifier)] == [vpc]
    assert error_of(ec2.delete_dhcp_options, DhcpOptionsId=identifier)[0] == "DependencyViolation"
    ec2.associate_dhcp_options(DhcpOptionsId="default", VpcId=vpc)
    ec2.delete_dhcp_options(DhcpOptionsId=identifier)
    assert error_of(ec2.describe_dhcp_options, DhcpOptionsIds=[identifier])[0] == "InvalidDhcpOptionID.NotFound"


def test_network_acls(ec2, vpc):
    subnet = subnet_in(ec2, vpc)
    made = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]
    assert all(one["PortRange"] == one["IcmpTypeCode"] == {} for one in made["Entries"])
    acl = made["NetworkAclId"]

    def entries():
        [held] = ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"]
        return {(entry["Egress"], entry["RuleNumber"]): entry for entry in held["Entries"]}

    assert {entry["RuleAction"] for entry in entries().values()} == {"deny"} and len(entries()) == 2
    rule = {"NetworkAclId": acl, "RuleNumber": 100, "Egress": False}
    ec2.create_network_acl_entry(**rule, Protocol="6", RuleAction="allow", CidrBlock="192.0.2.9/24", PortRange={"From": 22, "To": 22})
    ec2.create_network_acl_entry(**{**rule, "Egress": True}, Protocol="1", RuleAction="allow", Ipv6CidrBlock="2001:db8::/32",
                                 IcmpTypeCode={"Type": 8, "Code": -1})
    assert entries()[False, 100] == {"RuleNumber": 100, "Egress": False, "Protocol": "6", "RuleAction": "allow", "CidrBlock": "192.0.2.0/24",
                                     "PortRange": {"From": 22, "To": 22}}
    assert entries()[True, 100]["IcmpTypeCode"] == {"Type": 8, "Code": -1}
    assert [one["NetworkAclId"] for one in found(ec2, "network_acls", **{"entry.port_range.from": "22"})] == [acl]
    ec2.replace_network_acl_entry(**rule, Protocol="-1", RuleAction="deny", CidrBlock="0.0.0.0/0")
    assert (entries()[False, 100]["RuleAction"], entries()[False, 100].get("PortRange")) == ("deny", None)
    ec2.delete_network_acl_entry(**rule)
    assert (False, 100) not in entries()
    [before] = found(ec2, "network_acls", **{"association.subnet_id": subnet})
    renewed = ec2.replace_network_acl_association(AssociationId=before["Associations"][0]["NetworkAclAssociationId"], NetworkAclId=acl)
    [behind] = found(ec2, "network_acls", **{"association.subnet_id": subnet})
    assert (behind["NetworkAclId"], behind["Associations"][0]["NetworkAclAssociationId"]) == (acl, renewed["NewAssociationId"])
    assert error_of(ec2.delete_network_acl, NetworkAclId=acl)[0] == "DependencyViolation"
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_network_acl(NetworkAclId=acl)
    assert error_of(ec2.describe_network_acls, NetworkAclIds=[acl])[0] == "InvalidNetworkAclID.NotFound"


def test_regions_and_accounts_are_kept_apart(server, ec2, vpc):
    for other in (server.client("ec2", region="us-west-2"), server.client("ec2", server.account("111111111111"))):
        assert error_of(other.delete_vpc, VpcId=vpc)[0] == "InvalidVpcID.NotFound"
        assert error_of(other.create_subnet, VpcId=vpc, CidrBlock="10.0.0.0/24")[0] == "InvalidVpcID.NotFound"


#: Each operation with what it needs, `{…}` being ids of the network below.
OPERATIONS = {
    "associate_dhcp_options": {"DhcpOptionsId": "{options}", "VpcId": "{vpc}"},
    "associate_route_table": {"RouteTableId": "{table}", "SubnetId": "{subnet}"},
    "associate_vpc_cidr_block": {"VpcId": "{vpc}", "CidrBlock": "10.7.0.0/16"},
    "attach_internet_gateway": {"InternetGatewayId": "{spare}", "VpcId": "{vpc}"},
    "create_default_subnet": {"AvailabilityZone": "us-east-1a"},
    "create_default_vpc": {},
    "create_dhcp_options": {"DhcpConfigurations": [{"Key": "domain-name", "Values": ["a"]}]},
    "create_internet_gateway": {},
    "create_network_acl": {"VpcId": "{vpc}"},
    "create_network_acl_entry": {"NetworkAclId": "{acl}", "RuleNumber": 9, "Protocol": "-1", "RuleAction": "allow", "Egress": True,
                                 "CidrBlock": "0.0.0.0/0"},
    "create_route": {"RouteTableId": "{table}", "DestinationCidrBlock": "192.0.2.0/24", "GatewayId": "{gateway}"},
    "create_route_table": {"VpcId": "{vpc}"},
    "create_subnet": {"VpcId": "{vpc}", "CidrBlock": "10.0.77.0/24"},
    "create_vpc": {"CidrBlock": "10.0.0.0/16"},
    "delete_dhcp_options": {"DhcpOptionsId": "{options}"},
    "delete_internet_gateway": {"InternetGatewayId": "{spare}"},
    "delete_network_acl": {"NetworkAclId": "{acl}"},
    "delete_network_acl_entry": {"NetworkAclId": "{acl}", "RuleNumber": 9, "Egress": True},
    "delete_route": {"RouteTableId": "{table}", "DestinationCidrBlock": "192.0.2.0/24"},
    "delete_route_table": {"RouteTableId": "{table}"},
    "delete_subnet": {"SubnetId": "{subnet}"},
    "delete_vpc": {"VpcId": "{vpc}"},
    "detach_internet_gateway": {"InternetGatewayId": "{gateway}", "VpcId": "{vpc}"},
    "disassociate_route_table": {"AssociationId": "{used}"},
    "disassociate_vpc_cidr_block": {"AssociationId": "{block}"},
    "modify_subnet_attribute": {"SubnetId": "{subnet}", "MapPublicIpOnLaunch": {"Value": True}},
    "modify_vpc_attribute": {"VpcId": "{vpc}", "EnableDnsHostnames": {"Value": True}},
    "replace_network_acl_association": {"AssociationId": "{behind}", "NetworkAclId": "{acl}"},
    "replace_network_acl_entry": {"NetworkAclId": "{acl}", "RuleNumber": 9, "Protocol": "-1", "RuleAction": "deny", "Egress": True,
                                  "CidrBlock": "0.0.0.0/0"},
    "replace_route": {"RouteTableId": "{table}", "DestinationCidrBlock": "192.0.2.0/24", "GatewayId": "{gateway}"},
    "replace_route_table_association": {"AssociationId": "{used}", "RouteTableId": "{table}"},
}
#: Those that DryRun does not exist for.
WITHOUT_DRY_RUN = ("associate_vpc_cidr_block", "disassociate_vpc_cidr_block", "modify_subnet_attribute", "modify_vpc_attribute")
#: Those that know no resources.
ON_NOTHING = ("create_default_subnet", "create_default_vpc")


@pytest.fixture(scope="module")
def network(ec2):
    """The ids that OPERATIONS name."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]
    subnet = subnet_in(ec2, vpc["VpcId"], "10.0.50.0/24")
    table = ec2.create_route_table(VpcId=vpc["VpcId"])["RouteTable"]["RouteTableId"]
    [acl] = found(ec2, "network_acls", vpc_id=vpc["VpcId"])
    return {
        "vpc": vpc["VpcId"], "block": vpc["CidrBlockAssociationSet"][0]["AssociationId"], "subnet": subnet, "table": table,
        "acl": ec2.create_network_acl(VpcId=vpc["VpcId"])["NetworkAcl"]["NetworkAclId"],
        "behind": acl["Associations"][0]["NetworkAclAssociationId"],
        "gateway": gateway_of(ec2, vpc["VpcId"]), "spare": ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"],
        "used": ec2.associate_route_table(RouteTableId=table, SubnetId=subnet_in(ec2, vpc["VpcId"], "10.0.51.0/24"))["AssociationId"],
        "options": ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name", "Values": ["b"]}])["DhcpOptions"]["DhcpOptionsId"],
    }


def filled(parameters, network):
    return {name: value.format(**network) if isinstance(value, str) else value for name, value in parameters.items()}


def action(operation):
    return "ec2:" + "".join(part.capitalize() for part in operation.split("_"))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_denied_by_resource_and_by_condition(server, network, operation):
    """Allowed on other resources, or under another condition, is denied; allowed outright is not."""
    iam, parameters = server.client("iam"), filled(OPERATIONS[operation], network)
    short = operation.replace("_", "-")
    elsewhere = make_user(iam, f"{short}-elsewhere", allow(action(operation), f"{REGION_ARN}:instance/*"))
    other_region = make_user(iam, f"{short}-region", allow(action(operation), Condition={"StringEquals": {"ec2:Region": "eu-west-1"}}))
    for key in (elsewhere, other_region):
        assert error_of(getattr(server.client("ec2", key), operation), **parameters)[0] == "UnauthorizedOperation"
    if operation not in WITHOUT_DRY_RUN:
        allowed = make_user(iam, f"{short}-allowed", allow(action(operation)))
        code = error_of(getattr(server.client("ec2", allowed), operation), **parameters, DryRun=True)[0]
        assert code == "DryRunOperation"


@pytest.mark.parametrize("operation", [name for name, given in OPERATIONS.items() if "{vpc}" in given.values()])
def test_the_vpc_of_a_request_is_checked(server, network, operation):
    """Who may do it on everything but this VPC is denied, and so is who may do it with another tenancy alone."""
    iam, parameters = server.client("iam"), filled(OPERATIONS[operation], network)
    short = operation.replace("_", "-")
    deny = {"Effect": "Deny", "Action": action(operation), "Resource": f"{REGION_ARN}:vpc/{network['vpc']}"}
    for number, statement in enumerate((deny, {**deny, "Resource": "*", "Condition": {"StringEquals": {"ec2:Tenancy": "default"}}})):
        key = make_user(iam, f"{short}-vpc-{number}", allow("ec2:*"), statement)
        assert error_of(getattr(server.client("ec2", key), operation), **parameters)[0] == "UnauthorizedOperation"


def test_tags_at_creation_need_create_tags(server, network):
    iam = server.client("iam")
    creates = {"create_vpc": "vpc", "create_subnet": "subnet", "create_internet_gateway": "internet-gateway", "create_route_table": "route-table",
               "create_dhcp_options": "dhcp-options", "create_network_acl": "network-acl"}
    for operation, kind in creates.items():
        own = allow(action(operation))
        tagging = allow("ec2:CreateTags", f"{REGION_ARN}:{kind}/*", Condition={"StringEquals": {"ec2:CreateAction": action(operation)[4:]}})
        parameters = {**filled(OPERATIONS[operation], network), "TagSpecifications": tags(kind, team="red")}
        without, within = make_user(iam, f"{kind}-without", own), make_user(iam, f"{kind}-within", own, tagging)
        refused = error_of(getattr(server.client("ec2", without), operation), **parameters)
        assert refused[0] == "UnauthorizedOperation" and "ec2:CreateTags" in refused[1]
        getattr(server.client("ec2", within), operation)(**parameters)


def test_a_dry_run_changes_nothing(ec2, network):
    before = len(ec2.describe_vpcs()["Vpcs"])
    assert error_of(ec2.create_vpc, CidrBlock="10.0.0.0/16", DryRun=True)[0] == "DryRunOperation"
    assert len(ec2.describe_vpcs()["Vpcs"]) == before


def test_a_dry_run_asks_for_permission_alone(server, ec2, network):
    """What the request itself would fail by, a dry run does not say (seen of AWS, September 2026)."""
    ec2.create_key_pair(KeyName="held")
    would_fail = {
        "delete_route_table": {"RouteTableId": network["table"]},
        "attach_internet_gateway": {"InternetGatewayId": network["gateway"], "VpcId": network["vpc"]},
        "create_key_pair": {"KeyName": "held"},
        "describe_key_pairs": {"KeyNames": ["absent"]},
        "release_address": {"AllocationId": "eipalloc-0123456789abcdef0"},
        "stop_instances": {"InstanceIds": ["i-0123456789abcdef0"]},
    }
    nobody = server.client("ec2", make_user(server.client("iam"), "dry"))
    for operation, parameters in would_fail.items():
        assert error_of(getattr(ec2, operation), **parameters)[0] != "DryRunOperation", operation
        assert error_of(getattr(ec2, operation), **parameters, DryRun=True)[0] == "DryRunOperation", operation
        assert error_of(getattr(nobody, operation), **parameters, DryRun=True)[0] == "UnauthorizedOperation", operation


def test_a_launch_is_rehearsed(ec2):
    """But a launch that cannot be is refused, as is what cannot be found where AWS looks first."""
    launch = {"MinCount": 1, "MaxCount": 1, "DryRun": True}
    assert error_of(ec2.run_instances, **launch)[0] == "MissingParameter"
    assert error_of(ec2.run_instances, ImageId="ami-0123456789abcdef0", **launch)[0] == "InvalidAMIID.NotFound"
    assert error_of(ec2.delete_dhcp_options, DhcpOptionsId="dopt-0123456789abcdef0", DryRun=True)[0] == "InvalidDhcpOptionsID.NotFound"
