"""Local gateways: what comes with an Outpost, routing domains, routes, customer-owned addresses, what keeps what, and who may."""

import pytest

from conftest import allow, error_of, image, launch, make_user

ACCOUNT, OTHER = "000000000000", "222222222222"
TAGS = [{"Key": "team", "Value": "red"}]
ARN = f"arn:aws:ec2:us-east-1:{ACCOUNT}:"
LINK = {"vlan": 100, "localAddress": "169.254.1.1/30", "peerAddress": "169.254.1.2/30", "peerBgpAsn": 65000}
DOMAIN = "create_local_gateway_route_table_virtual_interface_group_association"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def outpost_arn(number, account=ACCOUNT, region="us-east-1"):
    return f"arn:aws:outposts:{region}:{account}:outpost/op-{number:017x}"


def new_outpost(server, number, **more):
    return server.admin("PUT", "outposts", {"outpostArn": outpost_arn(number), "lags": [{"serviceLinkVirtualInterfaces": [LINK]}], **more})


def new_table(ec2, gateway, mode="direct-vpc-routing"):
    return ec2.create_local_gateway_route_table(LocalGatewayId=gateway, Mode=mode)["LocalGatewayRouteTable"]["LocalGatewayRouteTableId"]


def new_group(ec2, gateway, **more):
    made = ec2.create_local_gateway_virtual_interface_group(LocalGatewayId=gateway, LocalBgpAsn=65024, **more)
    return made["LocalGatewayVirtualInterfaceGroup"]["LocalGatewayVirtualInterfaceGroupId"]


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


def test_an_outpost_is_told_of(server, ec2):
    ids = {"localGatewayId": "lgw-0123456789abcdef0"}
    told = new_outpost(server, 1, **ids)
    [lag] = told["lags"]
    assert told == {"outpostArn": outpost_arn(1), **ids, "lags": [lag]} and lag["outpostLagId"].startswith("op-lag-")
    [gateway] = ec2.describe_local_gateways(LocalGatewayIds=[ids["localGatewayId"]])["LocalGateways"]
    assert gateway == {"LocalGatewayId": ids["localGatewayId"], "OutpostArn": outpost_arn(1), "OwnerId": ACCOUNT, "State": "available"}
    [shown] = ec2.describe_outpost_lags(OutpostLagIds=[lag["outpostLagId"]])["OutpostLags"]
    assert shown == {"OutpostArn": outpost_arn(1), "OwnerId": ACCOUNT, "State": "available", "OutpostLagId": lag["outpostLagId"],
                     "LocalGatewayVirtualInterfaceIds": [], "ServiceLinkVirtualInterfaceIds": lag["serviceLinkVirtualInterfaceIds"]}
    [name] = lag["serviceLinkVirtualInterfaceIds"]
    [link] = ec2.describe_service_link_virtual_interfaces(ServiceLinkVirtualInterfaceIds=[name])["ServiceLinkVirtualInterfaces"]
    assert link == {"ServiceLinkVirtualInterfaceId": name, "ServiceLinkVirtualInterfaceArn": f"{ARN}service-link-virtual-interface/{name}",
                    "OutpostId": outpost_arn(1).rpartition("/")[2], "OutpostArn": outpost_arn(1), "OwnerId": ACCOUNT, "LocalAddress": "169.254.1.1/30",
                    "PeerAddress": "169.254.1.2/30", "PeerBgpAsn": 65000, "Vlan": 100, "OutpostLagId": lag["outpostLagId"], "ConfigurationState": "available"}
    ec2.create_tags(Resources=[ids["localGatewayId"], lag["outpostLagId"]], Tags=TAGS)
    assert ec2.describe_local_gateways(Filters=[{"Name": "tag:team", "Values": ["red"]}])["LocalGateways"][0]["Tags"] == TAGS
    for operation, member in [("describe_local_gateways", "LocalGatewayIds"), ("describe_outpost_lags", "OutpostLagIds"),
                              ("describe_service_link_virtual_interfaces", "ServiceLinkVirtualInterfaceIds")]:
        kind = member.removesuffix("Ids")
        wrong = error_of(getattr(ec2, operation), **{member: ["x-0"]})
        assert wrong[:2] == (f"Invalid{kind}ID.NotFound", f"The {kind[0].lower()}{kind[1:]} ID 'x-0' does not exist")
        assert error_of(getattr(ec2, operation), DryRun=True)[0] == "DryRunOperation"
    for client in (server.client("ec2", region="eu-west-1"), server.client("ec2", server.account(OTHER))):
        assert client.describe_local_gateways()["LocalGateways"] == []


def test_what_the_admin_api_refuses(server, ec2):
    put = lambda body: server.refused("PUT", "outposts", body)
    gateway = new_outpost(server, 2)["localGatewayId"]
    assert put({"outpostArn": outpost_arn(2)}) == (409, f"`{outpost_arn(2)}` is there already")
    assert put({"outpostArn": outpost_arn(3), "localGatewayId": gateway}) == (409, f"`{gateway}` is there already")
    for body in ({}, {"outpostArn": "op-0"}, {"outpostArn": outpost_arn(3, region="mars-1")}, {"outpostArn": outpost_arn(3), "colour": "red"},
                 {"outpostArn": outpost_arn(3), "localGatewayId": "lgw"}, {"outpostArn": outpost_arn(3), "lags": [{"serviceLinkVirtualInterfaces": [{**LINK, "vlan": 0}]}]}):
        assert put(body)[0] == 400, body
    table = new_table(ec2, gateway)
    assert server.refused("DELETE", "outposts", {"outpostArn": outpost_arn(2)}) == (409, f"`{gateway}` still has {table}")
    ec2.delete_local_gateway_route_table(LocalGatewayRouteTableId=table)
    server.admin("DELETE", "outposts", {"outpostArn": outpost_arn(2)})
    assert server.refused("DELETE", "outposts", {"outpostArn": outpost_arn(2)})[0] == 404
    assert server.refused("GET", "outposts")[0] == 405
    assert error_of(ec2.describe_local_gateways, LocalGatewayIds=[gateway])[0] == "InvalidLocalGatewayID.NotFound"


def test_a_routing_domain(server, ec2):
    told = new_outpost(server, 4)
    gateway, lag = told["localGatewayId"], told["lags"][0]["outpostLagId"]
    made = ec2.create_local_gateway_route_table(LocalGatewayId=gateway, TagSpecifications=tagged("local-gateway-route-table"))["LocalGatewayRouteTable"]
    table = made["LocalGatewayRouteTableId"]
    assert made == {"LocalGatewayRouteTableId": table, "LocalGatewayRouteTableArn": f"{ARN}local-gateway-route-table/{table}", "LocalGatewayId": gateway,
                    "OutpostArn": outpost_arn(4), "OwnerId": ACCOUNT, "State": "pending", "Mode": "direct-vpc-routing", "Tags": TAGS}
    group = new_group(ec2, gateway, TagSpecifications=tagged("local-gateway-virtual-interface-group"))
    server.advance("1m")
    [shown] = ec2.describe_local_gateway_virtual_interface_groups(LocalGatewayVirtualInterfaceGroupIds=[group])["LocalGatewayVirtualInterfaceGroups"]
    assert shown == {"LocalGatewayVirtualInterfaceGroupId": group, "LocalGatewayVirtualInterfaceIds": [], "LocalGatewayId": gateway, "OwnerId": ACCOUNT,
                     "LocalBgpAsn": 65024, "LocalGatewayVirtualInterfaceGroupArn": f"{ARN}local-gateway-virtual-interface-group/{group}", "Tags": TAGS,
                     "ConfigurationState": "incomplete"}
    wanted = {"LocalGatewayVirtualInterfaceGroupId": group, "OutpostLagId": lag, "Vlan": 200, "LocalAddress": "169.254.2.1/30", "PeerAddress": "169.254.2.2/30"}
    create = ec2.create_local_gateway_virtual_interface
    interface = create(**wanted, PeerBgpAsn=65001, TagSpecifications=tagged("local-gateway-virtual-interface"))["LocalGatewayVirtualInterface"]
    name = interface["LocalGatewayVirtualInterfaceId"]
    assert interface == {**wanted, "LocalGatewayVirtualInterfaceId": name, "LocalGatewayId": gateway, "LocalBgpAsn": 65024, "PeerBgpAsn": 65001,
                         "LocalGatewayVirtualInterfaceArn": f"{ARN}local-gateway-virtual-interface/{name}", "OwnerId": ACCOUNT, "Tags": TAGS,
                         "ConfigurationState": "pending"}
    assert error_of(create, **wanted, PeerBgpAsn=65001)[0] == "InvalidParameterValue", "the VLAN is taken"
    assert error_of(create, **{**wanted, "Vlan": 201})[0] == "MissingParameter"
    assert error_of(create, **{**wanted, "OutpostLagId": "op-lag-0"}, PeerBgpAsn=1)[0] == "InvalidOutpostLagID.NotFound"
    both = error_of(ec2.create_local_gateway_virtual_interface_group, LocalGatewayId=gateway, LocalBgpAsn=1, LocalBgpAsnExtended=4200000000)
    assert both[:2] == ("InvalidParameterCombination", "The parameters LocalBgpAsn and LocalBgpAsnExtended cannot be used together")

    domain = getattr(ec2, DOMAIN)(LocalGatewayRouteTableId=table, LocalGatewayVirtualInterfaceGroupId=group,
                                  TagSpecifications=tagged("local-gateway-route-table-virtual-interface-group-association"))
    domain = domain["LocalGatewayRouteTableVirtualInterfaceGroupAssociation"]
    of_group = domain["LocalGatewayRouteTableVirtualInterfaceGroupAssociationId"]
    assert of_group.startswith("lgw-vif-grp-assoc-") and domain == {
        "LocalGatewayRouteTableVirtualInterfaceGroupAssociationId": of_group, "LocalGatewayVirtualInterfaceGroupId": group, "LocalGatewayId": gateway,
        "LocalGatewayRouteTableId": table, "LocalGatewayRouteTableArn": made["LocalGatewayRouteTableArn"], "OwnerId": ACCOUNT, "State": "associating", "Tags": TAGS}
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    pair = {"LocalGatewayRouteTableId": table, "VpcId": vpc}
    associated = ec2.create_local_gateway_route_table_vpc_association(**pair, TagSpecifications=tagged("local-gateway-route-table-vpc-association"))
    associated = associated["LocalGatewayRouteTableVpcAssociation"]
    of_vpc = associated["LocalGatewayRouteTableVpcAssociationId"]
    assert of_vpc.startswith("lgw-vpc-assoc-") and associated == {
        "LocalGatewayRouteTableVpcAssociationId": of_vpc, **pair, "LocalGatewayRouteTableArn": made["LocalGatewayRouteTableArn"], "LocalGatewayId": gateway,
        "OwnerId": ACCOUNT, "State": "associating", "Tags": TAGS}
    assert error_of(ec2.create_local_gateway_route_table_vpc_association, LocalGatewayRouteTableId=new_table(ec2, gateway), VpcId=vpc)[0] == "Resource.AlreadyAssociated"
    server.advance("1m")
    for operation, named in [("describe_local_gateway_route_table_vpc_associations", {"vpc-id": vpc, "state": "associated"}),
                             ("describe_local_gateway_route_table_virtual_interface_group_associations",
                              {"local-gateway-route-table-virtual-interface-group-id": group, "state": "associated"})]:
        found = getattr(ec2, operation)(Filters=[{"Name": key, "Values": [value]} for key, value in named.items()])
        assert [one["LocalGatewayRouteTableId"] for one in found[next(key for key in found if key.startswith("Local"))]] == [table]

    held = error_of(ec2.delete_local_gateway_route_table, LocalGatewayRouteTableId=table)
    assert held[:2] == ("DependencyViolation", f"The local-gateway-route-table '{table}' has dependencies and cannot be deleted.")
    assert error_of(ec2.delete_local_gateway_virtual_interface_group, LocalGatewayVirtualInterfaceGroupId=group)[0] == "DependencyViolation"
    assert error_of(ec2.delete_vpc, VpcId=vpc)[0] == "DependencyViolation"
    for operation, member, id in [("vpc_association", "LocalGatewayRouteTableVpcAssociation", of_vpc),
                                  ("virtual_interface_group_association", "LocalGatewayRouteTableVirtualInterfaceGroupAssociation", of_group)]:
        delete = getattr(ec2, f"delete_local_gateway_route_table_{operation}")
        assert delete(**{f"{member}Id": id})[member]["State"] == "disassociating"
        assert error_of(delete, **{f"{member}Id": id})[0] == f"Invalid{member}ID.NotFound"
    gone = ec2.delete_local_gateway_virtual_interface(LocalGatewayVirtualInterfaceId=name)["LocalGatewayVirtualInterface"]
    assert gone["ConfigurationState"] == "deleting"
    assert error_of(ec2.delete_local_gateway_virtual_interface, LocalGatewayVirtualInterfaceId=name)[0] == "InvalidLocalGatewayVirtualInterfaceID.NotFound"
    ec2.delete_local_gateway_virtual_interface_group(LocalGatewayVirtualInterfaceGroupId=group)
    assert ec2.delete_local_gateway_route_table(LocalGatewayRouteTableId=table)["LocalGatewayRouteTable"]["State"] == "deleting"
    ec2.delete_vpc(VpcId=vpc)


def test_who_is_not_there(server, ec2):
    absent = {"LocalGatewayId": "lgw-0", "LocalGatewayRouteTableId": "lgw-rtb-0", "LocalGatewayVirtualInterfaceGroupId": "lgw-vif-grp-0"}
    for operation, member, more in [
            ("create_local_gateway_route_table", "LocalGatewayId", {}), ("create_local_gateway_virtual_interface_group", "LocalGatewayId", {}),
            ("create_local_gateway_route_table_vpc_association", "LocalGatewayRouteTableId", {"VpcId": "vpc-0"}),
            (DOMAIN, "LocalGatewayRouteTableId", {"LocalGatewayVirtualInterfaceGroupId": "lgw-vif-grp-0"}),
            ("create_local_gateway_virtual_interface", "LocalGatewayVirtualInterfaceGroupId",
             {"OutpostLagId": "op-lag-0", "Vlan": 1, "LocalAddress": "10.0.0.1", "PeerAddress": "10.0.0.2"}),
            ("create_coip_pool", "LocalGatewayRouteTableId", {}), ("search_local_gateway_routes", "LocalGatewayRouteTableId", {}),
            ("delete_local_gateway_route_table", "LocalGatewayRouteTableId", {}),
            ("delete_local_gateway_virtual_interface_group", "LocalGatewayVirtualInterfaceGroupId", {})]:
        kind, id = member.removesuffix("Id"), absent[member]
        expected = (f"Invalid{kind}ID.NotFound", f"The {kind[0].lower()}{kind[1:]} ID '{id}' does not exist", 400)
        assert error_of(getattr(ec2, operation), **{member: id}, **more) == expected, operation
    for operation, more in [("create_coip_cidr", {"CoipPoolId": "x", "Cidr": "10.0.0.0/24"}), ("delete_coip_cidr", {"CoipPoolId": "x", "Cidr": "10.0.0.0/24"}),
                            ("delete_coip_pool", {"CoipPoolId": "x"}), ("get_coip_pool_usage", {"PoolId": "x"}), ("describe_coip_pools", {"PoolIds": ["x"]}),
                            ("allocate_address", {"CustomerOwnedIpv4Pool": "x"})]:
        assert error_of(getattr(ec2, operation), **more)[:2] == ("InvalidPoolID.NotFound", "The pool ID 'x' does not exist"), operation
    for operation, member in [("describe_local_gateway_route_tables", "LocalGatewayRouteTable"),
                              ("describe_local_gateway_virtual_interfaces", "LocalGatewayVirtualInterface"),
                              ("describe_local_gateway_virtual_interface_groups", "LocalGatewayVirtualInterfaceGroup"),
                              ("describe_local_gateway_route_table_vpc_associations", "LocalGatewayRouteTableVpcAssociation"),
                              ("describe_local_gateway_route_table_virtual_interface_group_associations",
                               "LocalGatewayRouteTableVirtualInterfaceGroupAssociation")]:
        assert error_of(getattr(ec2, operation), **{f"{member}Ids": ["x"]})[0] == f"Invalid{member}ID.NotFound"


def test_elastic_graphics_is_no_more(ec2):
    assert ec2.describe_elastic_gpus(Filters=[{"Name": "elastic-gpu-state", "Values": ["ATTACHED"]}])["ElasticGpuSet"] == []
    assert error_of(ec2.describe_elastic_gpus, ElasticGpuIds=["egpu-0123456789abcdef0"])[0] == "InvalidElasticGpuID.NotFound"
    assert error_of(ec2.describe_elastic_gpus, ElasticGpuIds=["gpu"])[0] == "InvalidElasticGpuID.Malformed"


def test_routes(server, ec2):
    gateway = new_outpost(server, 5)["localGatewayId"]
    table, group = new_table(ec2, gateway), new_group(ec2, gateway)
    place = {"LocalGatewayRouteTableId": table}
    to_group = {**place, "LocalGatewayVirtualInterfaceGroupId": group}
    routes = lambda **named: ec2.search_local_gateway_routes(**place, Filters=[{"Name": key.replace("_", "-"), "Values": [value]} for key, value in named.items()])["Routes"]
    common = {"Type": "static", "LocalGatewayRouteTableArn": f"{ARN}local-gateway-route-table/{table}", "OwnerId": ACCOUNT}
    made = ec2.create_local_gateway_route(**to_group, DestinationCidrBlock="10.0.0.9/8")["Route"]
    assert made == {**to_group, **common, "DestinationCidrBlock": "10.0.0.0/8", "State": "blackhole"}, "the group is not associated"
    getattr(ec2, DOMAIN)(**to_group)
    assert routes(state="active") == [{**made, "State": "active"}]
    assert error_of(ec2.create_local_gateway_route, **to_group, DestinationCidrBlock="10.0.0.0/8")[:2] == (
        "RouteAlreadyExists", "The route identified by 10.0.0.0/8 already exists.")
    for more, code in [({}, "MissingParameter"), ({"DestinationCidrBlock": "10.0.0.0/33"}, "InvalidParameterValue"),
                       ({"DestinationCidrBlock": "10.9.0.0/16", "NetworkInterfaceId": "eni-0"}, "InvalidParameterCombination"),
                       ({"DestinationPrefixListId": "pl-0"}, "InvalidPrefixListID.NotFound")]:
        assert error_of(ec2.create_local_gateway_route, **to_group, **more)[0] == code

    vpc = ec2.create_vpc(CidrBlock="10.21.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.21.0.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    instance = launch(ec2, ImageId=image(ec2), InstanceType="t3.micro", SubnetId=subnet)
    server.advance("1m")
    told = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    interface = told["NetworkInterfaces"][0]["NetworkInterfaceId"]
    to_interface = {**place, "NetworkInterfaceId": interface, "DestinationCidrBlock": "10.0.0.0/8"}
    assert error_of(ec2.modify_local_gateway_route, **to_interface)[0] == "InvalidParameterValue", "the VPC is not associated"
    ec2.create_local_gateway_route_table_vpc_association(**place, VpcId=vpc)
    assert ec2.modify_local_gateway_route(**to_interface)["Route"] == {**to_interface, **common, "State": "active"}
    ec2.stop_instances(InstanceIds=[instance])
    server.advance("1m")
    assert [one["State"] for one in routes(type="static")] == ["blackhole"]

    listed = ec2.create_managed_prefix_list(PrefixListName="office", AddressFamily="IPv4", MaxEntries=5)["PrefixList"]["PrefixListId"]
    server.advance("1m")
    ec2.create_local_gateway_route(**to_group, DestinationPrefixListId=listed)
    assert [one["DestinationPrefixListId"] for one in routes(prefix_list_id=listed)] == [listed]
    assert error_of(ec2.delete_managed_prefix_list, PrefixListId=listed)[0] == "DependencyViolation"
    assert ec2.delete_local_gateway_route(**place, DestinationPrefixListId=listed)["Route"]["State"] == "deleted"
    assert ec2.delete_local_gateway_route(**place, DestinationCidrBlock="10.0.0.0/8")["Route"]["State"] == "deleted"
    for operation, more in [("delete_local_gateway_route", place), ("modify_local_gateway_route", to_group)]:
        gone = error_of(getattr(ec2, operation), **more, DestinationCidrBlock="10.0.0.0/8")
        assert gone[:2] == ("InvalidRoute.NotFound", f"no route with destination-cidr-block 10.0.0.0/8 in local gateway route table {table}")
    assert routes() == []


def test_a_route_of_a_vpc(server, ec2):
    gateway = new_outpost(server, 6)["localGatewayId"]
    vpc = ec2.create_vpc(CidrBlock="10.22.0.0/16")["Vpc"]["VpcId"]
    own = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    way = {"RouteTableId": own, "DestinationCidrBlock": "192.168.0.0/16", "LocalGatewayId": gateway}
    assert error_of(ec2.create_route, **way)[:2] == (
        "InvalidParameterValue", f"route table {own} and network gateway {gateway} belong to different networks")
    assert error_of(ec2.create_route, **{**way, "LocalGatewayId": "lgw-0"})[:2] == ("InvalidLocalGatewayID.NotFound", "The localGateway ID 'lgw-0' does not exist")
    made = ec2.create_local_gateway_route_table_vpc_association(LocalGatewayRouteTableId=new_table(ec2, gateway), VpcId=vpc)
    ec2.create_route(**way)
    seen = lambda: ec2.describe_route_tables(RouteTableIds=[own])["RouteTables"][0]["Routes"][-1]
    assert seen() == {"DestinationCidrBlock": "192.168.0.0/16", "LocalGatewayId": gateway, "Origin": "CreateRoute", "State": "active"}
    ec2.replace_route(**way)
    ec2.delete_local_gateway_route_table_vpc_association(
        LocalGatewayRouteTableVpcAssociationId=made["LocalGatewayRouteTableVpcAssociation"]["LocalGatewayRouteTableVpcAssociationId"])
    assert seen()["State"] == "blackhole"


def test_customer_owned_addresses(server, ec2):
    gateway = new_outpost(server, 7)["localGatewayId"]
    table = new_table(ec2, gateway, "coip")
    assert error_of(ec2.create_coip_pool, LocalGatewayRouteTableId=new_table(ec2, gateway))[0] == "InvalidParameterValue", "the mode"
    made = ec2.create_coip_pool(LocalGatewayRouteTableId=table, TagSpecifications=tagged("coip-pool"))["CoipPool"]
    pool = made["PoolId"]
    assert made == {"PoolId": pool, "PoolCidrs": [], "LocalGatewayRouteTableId": table, "Tags": TAGS, "PoolArn": f"{ARN}coip-pool/{pool}"}
    assert error_of(ec2.allocate_address, CustomerOwnedIpv4Pool=pool)[0] == "InsufficientAddressCapacity"
    block = {"CoipPoolId": pool, "Cidr": "198.51.100.0/26"}
    assert ec2.create_coip_cidr(**block)["CoipCidr"] == {**block, "LocalGatewayRouteTableId": table}
    assert error_of(ec2.create_coip_cidr, **block)[0] == "InvalidParameterValue"
    assert error_of(ec2.create_coip_cidr, CoipPoolId=pool, Cidr="x")[0] == "InvalidParameterValue"
    [shown] = ec2.describe_coip_pools(Filters=[{"Name": "coip-pool.local-gateway-route-table-id", "Values": [table]}])["CoipPools"]
    assert shown == {**made, "PoolCidrs": [block["Cidr"]]}
    [route] = ec2.search_local_gateway_routes(LocalGatewayRouteTableId=table)["Routes"]
    assert (route["DestinationCidrBlock"], route["CoipPoolId"], route["Type"], route["State"]) == (block["Cidr"], pool, "propagated", "active")

    one = ec2.allocate_address(Domain="vpc", CustomerOwnedIpv4Pool=pool, Address="198.51.100.9")
    del one["ResponseMetadata"]
    assert one == {"AllocationId": one["AllocationId"], "NetworkBorderGroup": "us-east-1", "Domain": "vpc", "CustomerOwnedIp": "198.51.100.9",
                   "CustomerOwnedIpv4Pool": pool}
    [address] = ec2.describe_addresses(AllocationIds=[one["AllocationId"]])["Addresses"]
    assert address == one
    named = {"AllocationId": one["AllocationId"]}
    usage = ec2.get_coip_pool_usage(PoolId=pool, Filters=[{"Name": "coip-address-usage.co-ip", "Values": ["198.51.100.*"]}])
    assert (usage["CoipPoolId"], usage["LocalGatewayRouteTableId"]) == (pool, table)
    assert usage["CoipAddressUsages"] == [{**named, "AwsAccountId": ACCOUNT, "CoIp": "198.51.100.9"}]
    for operation, more in [("associate_address", {"NetworkInterfaceId": "eni-0"}), ("modify_address_attribute", {"DomainName": "a.example.com"}),
                            ("enable_address_transfer", {"TransferAccountId": OTHER})]:
        assert error_of(getattr(ec2, operation), **named, **more)[0] == "InvalidParameterValue", operation
    for operation, more in [("delete_coip_cidr", block), ("delete_coip_pool", {"CoipPoolId": pool})]:
        assert error_of(getattr(ec2, operation), **more)[0] == "DependencyViolation"
    assert error_of(ec2.delete_local_gateway_route_table, LocalGatewayRouteTableId=table)[0] == "DependencyViolation"
    ec2.release_address(**named)
    assert ec2.get_coip_pool_usage(PoolId=pool)["CoipAddressUsages"] == []
    assert ec2.delete_coip_cidr(**block)["CoipCidr"]["Cidr"] == block["Cidr"]
    assert ec2.delete_coip_pool(CoipPoolId=pool)["CoipPool"]["PoolId"] == pool
    ec2.delete_local_gateway_route_table(LocalGatewayRouteTableId=table)


def test_permissions(server, ec2):
    gateway = new_outpost(server, 8)["localGatewayId"]
    iam = server.client("iam")
    nobody = server.client("ec2", make_user(iam, "nobody"))
    told = error_of(nobody.create_local_gateway_route_table, LocalGatewayId=gateway)
    assert told[0] == "UnauthorizedOperation" and f"on resource: {ARN}local-gateway-route-table/*" in told[1]
    table, group = new_table(ec2, gateway), new_group(ec2, gateway)
    user = server.client("ec2", make_user(iam, "networker", allow("ec2:CreateLocalGatewayRouteTable", f"{ARN}local-gateway-route-table/*"),
                                          allow("ec2:CreateLocalGatewayRoute", f"{ARN}local-gateway-route-table/{table}")))
    told = error_of(user.create_local_gateway_route_table, LocalGatewayId=gateway)
    assert told[0] == "UnauthorizedOperation" and f"on resource: {ARN}local-gateway/{gateway}" in told[1]
    route = {"LocalGatewayRouteTableId": table, "DestinationCidrBlock": "10.0.0.0/8", "LocalGatewayVirtualInterfaceGroupId": group}
    told = error_of(user.create_local_gateway_route, **route)
    assert told[0] == "UnauthorizedOperation" and f"on resource: {ARN}local-gateway-virtual-interface-group/{group}" in told[1]
    assert error_of(user.describe_local_gateways)[0] == "UnauthorizedOperation"
