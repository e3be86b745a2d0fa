"""Transit gateways: what is attached to them, their route tables and routes, peers elsewhere, and who may not."""

import pytest

from conftest import allow, attach_to_transit, default_transit_table, error_of, make_user, new_transit_gateway, transit_blocks

TAGS = [{"Key": "team", "Value": "red"}]
OTHER = "210987654321"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def new_vpc(ec2, second):
    vpc = ec2.create_vpc(CidrBlock=f"10.{second}.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{second}.{third}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]["SubnetId"]
               for third, zone in enumerate("ab")]
    return vpc, subnets


def test_two_vpcs(server, ec2):
    tagged = [{"ResourceType": "transit-gateway", "Tags": TAGS}]
    made = ec2.create_transit_gateway(Description="hub", Options={"AmazonSideAsn": 64600}, TagSpecifications=tagged)["TransitGateway"]
    gateway = made["TransitGatewayId"]
    assert (made["State"], made["Description"], made["Tags"], made["OwnerId"]) == ("pending", "hub", TAGS, "000000000000")
    assert made["TransitGatewayArn"] == f"arn:aws:ec2:us-east-1:000000000000:transit-gateway/{gateway}"
    (one, subnets), (two, others) = new_vpc(ec2, 61), new_vpc(ec2, 62)
    assert error_of(ec2.create_transit_gateway_vpc_attachment, TransitGatewayId=gateway, VpcId=one, SubnetIds=subnets)[:2] == (
        "IncorrectState", f"{gateway} is in invalid state")
    server.advance("5m")
    first, second = attach_to_transit(server, ec2, gateway, one, subnets), attach_to_transit(server, ec2, gateway, two, others[:1])
    found = ec2.describe_transit_gateway_vpc_attachments(Filters=[{"Name": "vpc-id", "Values": [one]}])["TransitGatewayVpcAttachments"][0]
    assert (found["State"], found["SubnetIds"], found["Options"]["DnsSupport"]) == ("available", subnets, "enable")
    interfaces = ec2.describe_network_interfaces(Filters=[{"Name": "vpc-id", "Values": [one]}])["NetworkInterfaces"]
    assert {(one["InterfaceType"], one["RequesterManaged"]) for one in interfaces} == {("transit_gateway", True)}
    table = default_transit_table(ec2, gateway)
    shown = ec2.describe_transit_gateway_attachments(TransitGatewayAttachmentIds=[first])["TransitGatewayAttachments"][0]
    assert (shown["ResourceId"], shown["ResourceType"], shown["Association"]) == (one, "vpc", {"TransitGatewayRouteTableId": table, "State": "associated"})
    assert transit_blocks(ec2, table, "type", "propagated") == ["10.61.0.0/16", "10.62.0.0/16"]

    own = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [one]}])["RouteTables"][0]["RouteTableId"]
    ec2.create_route(RouteTableId=own, DestinationCidrBlock="10.0.0.0/8", TransitGatewayId=gateway)

    def route():
        filters = [{"Name": "route.transit-gateway-id", "Values": [gateway]}]
        tables = ec2.describe_route_tables(Filters=filters)["RouteTables"]
        return [(it["TransitGatewayId"], it["State"]) for table in tables for it in table["Routes"] if "TransitGatewayId" in it]

    assert route() == [(gateway, "active")]
    code, message = error_of(ec2.delete_transit_gateway, TransitGatewayId=gateway)[:2]
    assert code == "IncorrectState" and message.startswith(f"{gateway} has non-deleted Transit Gateway Attachments: tgw-attach-")
    assert error_of(ec2.delete_vpc, VpcId=one)[0] == "DependencyViolation"
    ec2.modify_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=second, AddSubnetIds=others[1:], Options={"ApplianceModeSupport": "enable"})
    server.advance("5m")
    for attachment in (first, second):
        ec2.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=attachment)
    assert route() == [(gateway, "blackhole")]
    server.advance("5m")
    assert ec2.delete_transit_gateway(TransitGatewayId=gateway)["TransitGateway"]["State"] == "deleting"
    for subnet in subnets + others:
        ec2.delete_subnet(SubnetId=subnet)
    for vpc in (one, two):
        ec2.delete_vpc(VpcId=vpc)


def test_route_tables(server, ec2):
    gateway = new_transit_gateway(server, ec2, DefaultRouteTableAssociation="disable", DefaultRouteTablePropagation="disable")
    vpc, subnets = new_vpc(ec2, 63)
    attachment = attach_to_transit(server, ec2, gateway, vpc, subnets)
    table = ec2.create_transit_gateway_route_table(TransitGatewayId=gateway)["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]
    server.advance("5m")
    both = dict(TransitGatewayRouteTableId=table, TransitGatewayAttachmentId=attachment)
    assert ec2.associate_transit_gateway_route_table(**both)["Association"]["State"] == "associating"
    assert ec2.enable_transit_gateway_route_table_propagation(**both)["Propagation"]["State"] == "enabling"
    assert error_of(ec2.associate_transit_gateway_route_table, **both)[:2] == (
        "Resource.AlreadyAssociated", f"Transit Gateway Attachment {attachment} is already associated to a route table.")
    server.advance("5m")
    found = ec2.get_transit_gateway_route_table_associations(TransitGatewayRouteTableId=table)["Associations"]
    assert found == [{"TransitGatewayAttachmentId": attachment, "ResourceId": vpc, "ResourceType": "vpc", "State": "associated"}]
    found = ec2.get_transit_gateway_route_table_propagations(TransitGatewayRouteTableId=table)["TransitGatewayRouteTablePropagations"]
    assert [one["State"] for one in found] == ["enabled"]
    found = ec2.get_transit_gateway_attachment_propagations(TransitGatewayAttachmentId=attachment)["TransitGatewayAttachmentPropagations"]
    assert found == [{"TransitGatewayRouteTableId": table, "State": "enabled"}]

    made = ec2.create_transit_gateway_route(DestinationCidrBlock="192.168.0.0/16", **both)["Route"]
    assert made == {"DestinationCidrBlock": "192.168.0.0/16", "Type": "static", "State": "active",
                    "TransitGatewayAttachments": [{"ResourceId": vpc, "TransitGatewayAttachmentId": attachment, "ResourceType": "vpc"}]}
    ec2.create_transit_gateway_route(DestinationCidrBlock="192.168.9.0/24", TransitGatewayRouteTableId=table, Blackhole=True)
    assert transit_blocks(ec2, table, "route-search.longest-prefix-match", "192.168.9.1") == ["192.168.9.0/24"]
    assert transit_blocks(ec2, table, "route-search.subnet-of-match", "0.0.0.0/0") == ["10.63.0.0/16", "192.168.0.0/16", "192.168.9.0/24"]
    assert transit_blocks(ec2, table, "state", "blackhole") == ["192.168.9.0/24"]
    ec2.replace_transit_gateway_route(DestinationCidrBlock="192.168.9.0/24", **both)
    assert transit_blocks(ec2, table, "state", "blackhole") == []
    assert ec2.delete_transit_gateway_route(DestinationCidrBlock="192.168.9.0/24", TransitGatewayRouteTableId=table)["Route"]["State"] == "deleted"

    entries = [{"Cidr": "172.16.1.0/24"}]
    sites = ec2.create_managed_prefix_list(PrefixListName="sites", AddressFamily="IPv4", MaxEntries=5, Entries=entries)["PrefixList"]["PrefixListId"]
    reference = ec2.create_transit_gateway_prefix_list_reference(PrefixListId=sites, **both)["TransitGatewayPrefixListReference"]
    assert (reference["State"], reference["Blackhole"], reference["PrefixListOwnerId"]) == ("pending", False, "000000000000")
    server.advance("5m")
    ec2.modify_managed_prefix_list(PrefixListId=sites, CurrentVersion=1, AddEntries=[{"Cidr": "172.16.2.0/24"}])
    server.advance("5m")
    assert transit_blocks(ec2, table, "prefix-list-id", sites) == ["172.16.1.0/24", "172.16.2.0/24"]
    ec2.modify_transit_gateway_prefix_list_reference(TransitGatewayRouteTableId=table, PrefixListId=sites, Blackhole=True)
    assert len(transit_blocks(ec2, table, "state", "blackhole")) == 2
    ec2.delete_transit_gateway_prefix_list_reference(TransitGatewayRouteTableId=table, PrefixListId=sites)
    server.advance("5m")
    assert ec2.get_transit_gateway_prefix_list_references(TransitGatewayRouteTableId=table)["TransitGatewayPrefixListReferences"] == []
    assert error_of(ec2.delete_transit_gateway_route_table, TransitGatewayRouteTableId=table)[0] == "IncorrectState"
    ec2.disassociate_transit_gateway_route_table(**both)
    ec2.disable_transit_gateway_route_table_propagation(**both)
    server.advance("5m")
    ec2.delete_transit_gateway_route_table(TransitGatewayRouteTableId=table)


def test_peers(server, ec2):
    there = server.client("ec2", server.account(OTHER), region="eu-west-1")
    ours, theirs = new_transit_gateway(server, ec2), new_transit_gateway(server, there)
    made = ec2.create_transit_gateway_peering_attachment(TransitGatewayId=ours, PeerTransitGatewayId=theirs, PeerAccountId=OTHER, PeerRegion="eu-west-1")
    name = made["TransitGatewayPeeringAttachment"]["TransitGatewayAttachmentId"]
    server.advance("5m")
    assert error_of(ec2.accept_transit_gateway_peering_attachment, TransitGatewayAttachmentId=name)[:2] == (
        "InvalidParameterValue", f"Cannot accept {name} as the source of the peering request.")
    asked = there.describe_transit_gateway_peering_attachments(Filters=[{"Name": "remote-owner-id", "Values": ["000000000000"]}])["TransitGatewayPeeringAttachments"]
    assert [(one["TransitGatewayAttachmentId"], one["State"], one["RequesterTgwInfo"]["TransitGatewayId"]) for one in asked] == [(name, "pendingAcceptance", ours)]
    there.accept_transit_gateway_peering_attachment(TransitGatewayAttachmentId=name)
    server.advance("5m")
    shown = ec2.describe_transit_gateway_attachments(TransitGatewayAttachmentIds=[name])["TransitGatewayAttachments"][0]
    assert (shown["State"], shown["ResourceType"], shown["ResourceId"], shown["ResourceOwnerId"]) == ("available", "peering", theirs, OTHER)
    resilience = []
    for client in (ec2, there):
        client.modify_transit_gateway_peering_attachment(TransitGatewayAttachmentId=name, Options={"AllowMultipathResilience": True})
        seen = ec2.describe_transit_gateway_peering_attachments(TransitGatewayAttachmentIds=[name])["TransitGatewayPeeringAttachments"][0]
        resilience.append(seen["Options"]["MultipathResilienceStatus"])
    assert resilience == ["pending", "enabled"]
    table = default_transit_table(there, theirs)
    there.create_transit_gateway_route(DestinationCidrBlock="10.0.0.0/8", TransitGatewayRouteTableId=table, TransitGatewayAttachmentId=name)
    assert transit_blocks(there, table, "attachment.resource-type", "peering") == ["10.0.0.0/8"]
    ec2.delete_transit_gateway_peering_attachment(TransitGatewayAttachmentId=name)
    server.advance("5m")
    assert there.describe_transit_gateway_peering_attachments(TransitGatewayAttachmentIds=[name])["TransitGatewayPeeringAttachments"][0]["State"] == "deleted"
    assert transit_blocks(there, table, "state", "blackhole") == ["10.0.0.0/8"]


def test_a_peer_declines(server, ec2):
    there = server.client("ec2", server.account(OTHER), region="eu-west-1")
    ours, theirs = new_transit_gateway(server, ec2), new_transit_gateway(server, there)
    made = ec2.create_transit_gateway_peering_attachment(TransitGatewayId=ours, PeerTransitGatewayId=theirs, PeerAccountId=OTHER, PeerRegion="eu-west-1")
    name = {"TransitGatewayAttachmentId": made["TransitGatewayPeeringAttachment"]["TransitGatewayAttachmentId"]}
    server.advance("5m")
    there.reject_transit_gateway_peering_attachment(**name)
    server.advance("5m")
    for client in (ec2, there):
        [shown] = client.describe_transit_gateway_peering_attachments(TransitGatewayAttachmentIds=list(name.values()))["TransitGatewayPeeringAttachments"]
        assert shown["State"] == "rejected"
    assert error_of(there.accept_transit_gateway_peering_attachment, **name)[0] in ("IncorrectState", "InvalidTransitGatewayAttachmentID.NotFound")


def test_vpn_connections(server, ec2):
    gateway = new_transit_gateway(server, ec2)
    customer = ec2.create_customer_gateway(Type="ipsec.1", IpAddress="203.0.113.40", BgpAsn=65010)["CustomerGateway"]["CustomerGatewayId"]
    name = ec2.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=customer, TransitGatewayId=gateway)["VpnConnection"]["VpnConnectionId"]
    server.advance("10m")
    filters = [{"Name": "resource-id", "Values": [name]}, {"Name": "resource-type", "Values": ["vpn"]}, {"Name": "transit-gateway-id", "Values": [gateway]}]
    shown = ec2.describe_transit_gateway_attachments(Filters=filters)["TransitGatewayAttachments"][0]
    assert (shown["State"], shown["Association"]["State"]) == ("available", "associated")
    code, message = error_of(ec2.delete_transit_gateway, TransitGatewayId=gateway)[:2]
    assert code == "IncorrectState" and "has non-deleted VPN Attachments" in message
    ec2.delete_vpn_connection(VpnConnectionId=name)
    server.advance("10m")
    assert ec2.describe_transit_gateway_attachments(Filters=filters)["TransitGatewayAttachments"][0]["State"] == "deleted"


def test_connect_multicast_and_policies(server, ec2):
    gateway = new_transit_gateway(server, ec2, MulticastSupport="enable", TransitGatewayCidrBlocks=["10.99.0.0/24"])
    vpc, subnets = new_vpc(ec2, 64)
    transport = attach_to_transit(server, ec2, gateway, vpc, subnets)
    connect = ec2.create_transit_gateway_connect(TransportTransitGatewayAttachmentId=transport, Options={"Protocol": "gre"})["TransitGatewayConnect"]["TransitGatewayAttachmentId"]
    server.advance("5m")
    peer = ec2.create_transit_gateway_connect_peer(TransitGatewayAttachmentId=connect, PeerAddress="10.64.0.9", BgpOptions={"PeerAsn": 65020},
                                                   InsideCidrBlocks=["169.254.100.0/29"])["TransitGatewayConnectPeer"]
    told = peer["ConnectPeerConfiguration"]
    assert (told["TransitGatewayAddress"], told["Protocol"], told["BgpConfigurations"][0]["PeerAsn"]) == ("10.99.0.1", "gre", 65020)
    filters = [{"Name": "transport-transit-gateway-attachment-id", "Values": [transport]}]
    assert [one["TransitGatewayAttachmentId"] for one in ec2.describe_transit_gateway_connects(Filters=filters)["TransitGatewayConnects"]] == [connect]
    assert error_of(ec2.delete_transit_gateway_connect, TransitGatewayAttachmentId=connect)[0] == "IncorrectState"
    ec2.delete_transit_gateway_connect_peer(TransitGatewayConnectPeerId=peer["TransitGatewayConnectPeerId"])
    ec2.delete_transit_gateway_connect(TransitGatewayAttachmentId=connect)

    domain = ec2.create_transit_gateway_multicast_domain(TransitGatewayId=gateway, Options={"StaticSourcesSupport": "enable"})["TransitGatewayMulticastDomain"]
    domain = domain["TransitGatewayMulticastDomainId"]
    server.advance("5m")
    ec2.associate_transit_gateway_multicast_domain(TransitGatewayMulticastDomainId=domain, TransitGatewayAttachmentId=transport, SubnetIds=subnets[:1])
    interface = ec2.create_network_interface(SubnetId=subnets[0])["NetworkInterface"]["NetworkInterfaceId"]
    group = dict(TransitGatewayMulticastDomainId=domain, GroupIpAddress="224.0.0.9", NetworkInterfaceIds=[interface])
    ec2.register_transit_gateway_multicast_group_members(**group)
    ec2.register_transit_gateway_multicast_group_sources(**group)
    server.advance("5m")
    found = ec2.search_transit_gateway_multicast_groups(TransitGatewayMulticastDomainId=domain, Filters=[{"Name": "is-group-member", "Values": ["true"]}])["MulticastGroups"]
    assert [(one["NetworkInterfaceId"], one["SubnetId"], one["ResourceId"], one["MemberType"]) for one in found] == [(interface, subnets[0], vpc, "static")]
    found = ec2.get_transit_gateway_multicast_domain_associations(TransitGatewayMulticastDomainId=domain)["MulticastDomainAssociations"]
    assert [one["Subnet"] for one in found] == [{"SubnetId": subnets[0], "State": "associated"}]
    outside = ec2.create_network_interface(SubnetId=subnets[1])["NetworkInterface"]["NetworkInterfaceId"]
    assert error_of(ec2.register_transit_gateway_multicast_group_members, **{**group, "NetworkInterfaceIds": [outside]})[0] == "InvalidParameterValue"
    ec2.deregister_transit_gateway_multicast_group_members(**group)
    ec2.deregister_transit_gateway_multicast_group_sources(**group)
    assert ec2.search_transit_gateway_multicast_groups(TransitGatewayMulticastDomainId=domain)["MulticastGroups"] == []
    ec2.disassociate_transit_gateway_multicast_domain(TransitGatewayMulticastDomainId=domain, TransitGatewayAttachmentId=transport, SubnetIds=subnets[:1])
    server.advance("5m")
    ec2.delete_transit_gateway_multicast_domain(TransitGatewayMulticastDomainId=domain)

    table = ec2.create_transit_gateway_policy_table(TransitGatewayId=gateway)["TransitGatewayPolicyTable"]["TransitGatewayPolicyTableId"]
    server.advance("5m")
    ec2.associate_transit_gateway_policy_table(TransitGatewayPolicyTableId=table, TransitGatewayAttachmentId=transport)
    ec2.create_transit_gateway_policy_table_entry(TransitGatewayPolicyTableId=table, PolicyRuleNumber="10", PolicyRule={"Protocol": "6"},
                                                  TargetRouteTableId=default_transit_table(ec2, gateway))
    found = ec2.get_transit_gateway_policy_table_entries(TransitGatewayPolicyTableId=table)["TransitGatewayPolicyTableEntries"]
    assert [(one["PolicyRuleNumber"], one["PolicyRule"], one["State"]) for one in found] == [("10", {"Protocol": "6"}, "active")]
    named = dict(TransitGatewayPolicyTableId=table)
    entries = lambda: [(one["PolicyRuleNumber"], one["PolicyRule"]) for one in ec2.get_transit_gateway_policy_table_entries(**named)["TransitGatewayPolicyTableEntries"]]
    ec2.modify_transit_gateway_policy_table_entry(PolicyRuleNumber="10", PolicyRule={"Protocol": "17"}, **named)
    assert entries() == [("10", {"Protocol": "17"})]
    ec2.delete_transit_gateway_policy_table_entry(PolicyRuleNumber="10", **named)
    assert entries() == []
    assert error_of(ec2.modify_transit_gateway_policy_table_entry, PolicyRuleNumber="10", **named)[:2] == (
        "InvalidParameterValue", f"Policy rule 10 does not exist in Transit Gateway Policy Table {table}.")
    server.advance("1m")
    assert error_of(ec2.delete_transit_gateway_policy_table, **named)[:2] == ("IncorrectState", f"{table} has non-deleted associations.")
    ec2.disassociate_transit_gateway_policy_table(TransitGatewayAttachmentId=transport, **named)
    server.advance("1m")
    assert ec2.get_transit_gateway_policy_table_associations(**named)["Associations"] == []
    ec2.delete_transit_gateway_policy_table(**named)
    server.advance("5m")
    assert ec2.describe_transit_gateway_policy_tables()["TransitGatewayPolicyTables"] == []


def test_who_may(server, ec2):
    gateway = new_transit_gateway(server, ec2)
    vpc, subnets = new_vpc(ec2, 65)
    arn = "arn:aws:ec2:us-east-1:000000000000"
    user = make_user(server.client("iam"), "tgw-user", allow("ec2:CreateTransitGatewayVpcAttachment", [f"{arn}:vpc/*", f"{arn}:subnet/*", f"{arn}:transit-gateway-attachment/*"]))
    arguments = dict(TransitGatewayId=gateway, VpcId=vpc, SubnetIds=subnets)
    code, message = error_of(server.client("ec2", user).create_transit_gateway_vpc_attachment, **arguments)[:2]
    assert code == "UnauthorizedOperation" and f"on resource: {arn}:transit-gateway/{gateway}" in message
    statement = {"Effect": "Allow", "Action": "ec2:ModifyTransitGateway", "Resource": "*", "Condition": {"StringEquals": {"ec2:transitGatewayId": gateway}}}
    client = server.client("ec2", make_user(server.client("iam"), "tgw-modifier", statement))
    assert client.modify_transit_gateway(TransitGatewayId=gateway, Description="ours")["TransitGateway"]["Description"] == "ours"
    other = new_transit_gateway(server, ec2)
    assert error_of(client.modify_transit_gateway, TransitGatewayId=other, Description="ours")[0] == "UnauthorizedOperation"
    assert error_of(ec2.delete_transit_gateway, TransitGatewayId=other, DryRun=True)[0] == "DryRunOperation"
