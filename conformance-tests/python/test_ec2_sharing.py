"""What accounts share with each other: transit gateways and multicast domains, their attachments and associations, and who may not."""


import pytest

from conftest import allow, error_of, make_user

OWNER, SPOKE = "111111111111", "222222222222"


@pytest.fixture(scope="module")
def owner(server):
    return server.client("ec2", server.account(OWNER))


@pytest.fixture(scope="module")
def spoke(server):
    return server.client("ec2", server.account(SPOKE))


def arn(kind, name):
    return f"arn:aws:ec2:us-east-1:{OWNER}:{kind}/{name}"


def share(server, name, *arns, principals=(SPOKE,)):
    body = {"account": OWNER, "name": name, "resourceArns": list(arns), "principals": list(principals)}
    assert server.admin("PUT", "resource-shares", body) == body


def new_gateway(server, ec2, **options):
    name = ec2.create_transit_gateway(Options=options)["TransitGateway"]["TransitGatewayId"]
    server.advance("5m")
    return name


def new_vpc(ec2, second):
    vpc = ec2.create_vpc(CidrBlock=f"10.{second}.0.0/16")["Vpc"]["VpcId"]
    return vpc, ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{second}.0.0/24")["Subnet"]["SubnetId"]


def ask(ec2, gateway, vpc, subnet):
    return ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=gateway, VpcId=vpc, SubnetIds=[subnet])["TransitGatewayVpcAttachment"]


def state(ec2, attachment):
    [found] = ec2.describe_transit_gateway_vpc_attachments(TransitGatewayAttachmentIds=[attachment])["TransitGatewayVpcAttachments"]
    return found["State"]


def propagated(ec2, gateway):
    table = ec2.describe_transit_gateways(TransitGatewayIds=[gateway])["TransitGateways"][0]["Options"]["PropagationDefaultRouteTableId"]
    found = ec2.search_transit_gateway_routes(TransitGatewayRouteTableId=table, Filters=[{"Name": "type", "Values": ["propagated"]}])["Routes"]
    return [one["DestinationCidrBlock"] for one in found]


def interfaces(ec2, subnet):
    found = ec2.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [subnet]}])["NetworkInterfaces"]
    return [one["InterfaceType"] for one in found]


def test_a_shared_gateway(server, owner, spoke):
    gateway = new_gateway(server, owner)
    vpc, subnet = new_vpc(spoke, 71)
    missing = ("InvalidTransitGatewayID.NotFound", f"Transit Gateway {gateway} was deleted or does not exist.", 400)
    assert error_of(ask, ec2=spoke, gateway=gateway, vpc=vpc, subnet=subnet) == missing
    assert spoke.describe_transit_gateways()["TransitGateways"] == []
    owner.create_tags(Resources=[gateway], Tags=[{"Key": "Name", "Value": "hub"}])
    share(server, "hub", arn("transit-gateway", gateway))
    [seen] = spoke.describe_transit_gateways(TransitGatewayIds=[gateway])["TransitGateways"]
    assert (seen["OwnerId"], seen["TransitGatewayArn"], seen.get("Tags", [])) == (OWNER, arn("transit-gateway", gateway), [])
    assert [one["TransitGatewayId"] for one in spoke.describe_transit_gateways()["TransitGateways"]] == [gateway]
    assert server.client("ec2", server.account(SPOKE), region="eu-west-1").describe_transit_gateways()["TransitGateways"] == []
    assert error_of(spoke.create_network_insights_path, Source=gateway, DestinationIp="10.0.0.1", Protocol="tcp")[0] == "InvalidTransitGatewayID.NotFound"
    asked = ask(spoke, gateway, vpc, subnet)
    name = asked["TransitGatewayAttachmentId"]
    assert (asked["State"], asked["VpcOwnerId"], asked["TransitGatewayId"]) == ("pendingAcceptance", SPOKE, gateway)
    assert interfaces(spoke, subnet) == [] and state(owner, name) == state(spoke, name) == "pendingAcceptance"
    assert error_of(spoke.accept_transit_gateway_vpc_attachment, TransitGatewayAttachmentId=name)[0] == "IncorrectState"
    [table] = spoke.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    route = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": gateway}
    assert error_of(spoke.create_route, **route)[0] == "InvalidTransitGatewayID.NotFound"
    accepted = owner.accept_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=name)["TransitGatewayVpcAttachment"]
    assert accepted["State"] == "pending" and accepted["VpcOwnerId"] == SPOKE
    server.advance("5m")
    assert state(owner, name) == state(spoke, name) == "available" and interfaces(spoke, subnet) == ["transit_gateway"]
    assert propagated(owner, gateway) == ["10.71.0.0/16"]
    spoke.create_route(**route)
    [found] = owner.describe_transit_gateway_attachments(TransitGatewayAttachmentIds=[name])["TransitGatewayAttachments"]
    assert (found["ResourceOwnerId"], found["TransitGatewayOwnerId"], found["Association"]["State"]) == (SPOKE, OWNER, "associated")
    assert error_of(owner.accept_transit_gateway_vpc_attachment, TransitGatewayAttachmentId=name)[0] == "IncorrectState"
    assert error_of(owner.modify_transit_gateway_vpc_attachment, TransitGatewayAttachmentId=name, Options={"DnsSupport": "disable"})[0] == "AuthFailure"
    spoke.modify_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=name, Options={"DnsSupport": "disable"})
    [found] = owner.describe_transit_gateway_vpc_attachments(TransitGatewayAttachmentIds=[name])["TransitGatewayVpcAttachments"]
    assert found["Options"]["DnsSupport"] == "disable"
    # The end of the share leaves what is attached.
    server.admin("DELETE", "resource-shares", {"account": OWNER, "name": "hub"})
    server.advance("5m")
    routes = spoke.describe_route_tables(RouteTableIds=[table["RouteTableId"]])["RouteTables"][0]["Routes"]
    assert {one.get("TransitGatewayId"): one["State"] for one in routes}[gateway] == "active"
    assert error_of(spoke.describe_transit_gateways, TransitGatewayIds=[gateway])[0] == "InvalidTransitGatewayID.NotFound"
    code, text, _ = error_of(owner.delete_transit_gateway, TransitGatewayId=gateway)
    assert code == "IncorrectState" and name in text
    # What the gateway's owner has on the attachment keeps its VPC's owner from deleting it.
    connect = owner.create_transit_gateway_connect(TransportTransitGatewayAttachmentId=name, Options={"Protocol": "gre"})["TransitGatewayConnect"]
    code, text, _ = error_of(spoke.delete_transit_gateway_vpc_attachment, TransitGatewayAttachmentId=name)
    assert code == "IncorrectState" and connect["TransitGatewayAttachmentId"] not in text
    owner.delete_transit_gateway_connect(TransitGatewayAttachmentId=connect["TransitGatewayAttachmentId"])
    owner.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=name)
    assert interfaces(spoke, subnet) == ["transit_gateway"] and propagated(owner, gateway) == []
    server.advance("5m")
    assert state(owner, name) == state(spoke, name) == "deleted" and interfaces(spoke, subnet) == []
    owner.delete_transit_gateway(TransitGatewayId=gateway)


def test_accepted_at_once_and_rejected(server, owner, spoke):
    eager, reluctant = new_gateway(server, owner, AutoAcceptSharedAttachments="enable"), new_gateway(server, owner)
    server.admin("PUT", "organization", {"id": "o-a1b2c3d4e5", "managementAccount": OWNER, "root": {"id": "r-ab12", "accounts": [{"id": OWNER}],
                 "organizationalUnits": [{"id": "ou-ab12-11111111", "name": "work", "accounts": [{"id": SPOKE}]}]}})
    unit = f"arn:aws:organizations::{OWNER}:ou/o-a1b2c3d4e5/ou-ab12-11111111"
    share(server, "both", arn("transit-gateway", eager), arn("transit-gateway", reluctant), principals=[unit])
    (one, first), (two, second) = new_vpc(spoke, 73), new_vpc(spoke, 74)
    made = ask(spoke, eager, one, first)
    assert made["State"] == "pending" and interfaces(spoke, first) == ["transit_gateway"]
    server.advance("5m")
    assert state(owner, made["TransitGatewayAttachmentId"]) == "available" and propagated(owner, eager) == ["10.73.0.0/16"]
    spoke.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=made["TransitGatewayAttachmentId"])
    assert interfaces(spoke, first) == ["transit_gateway"] and state(owner, made["TransitGatewayAttachmentId"]) == "deleting"
    server.advance("1m")
    assert interfaces(spoke, first) == []
    asked = ask(spoke, reluctant, two, second)["TransitGatewayAttachmentId"]
    assert error_of(ask, ec2=spoke, gateway=reluctant, vpc=two, subnet=second)[0] == "DuplicateTransitGatewayAttachment"
    assert owner.reject_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=asked)["TransitGatewayVpcAttachment"]["State"] == "rejecting"
    server.advance("5m")
    assert state(spoke, asked) == "rejected" and interfaces(spoke, second) == []
    assert error_of(owner.accept_transit_gateway_vpc_attachment, TransitGatewayAttachmentId=asked)[0] == "InvalidTransitGatewayAttachmentID.NotFound"
    assert ask(spoke, reluctant, two, second)["State"] == "pendingAcceptance"
    server.admin("DELETE", "organization")
    assert spoke.describe_transit_gateways()["TransitGateways"] == []


def test_a_shared_multicast_domain(server, owner, spoke):
    gateway = new_gateway(server, owner, MulticastSupport="enable", AutoAcceptSharedAttachments="enable")
    domain = owner.create_transit_gateway_multicast_domain(TransitGatewayId=gateway)["TransitGatewayMulticastDomain"]
    domain = domain["TransitGatewayMulticastDomainId"]
    share(server, "multicast", arn("transit-gateway", gateway), arn("transit-gateway-multicast-domain", domain))
    vpc, subnet = new_vpc(spoke, 75)
    attachment = ask(spoke, gateway, vpc, subnet)["TransitGatewayAttachmentId"]
    server.advance("5m")
    named = {"TransitGatewayMulticastDomainId": domain, "TransitGatewayAttachmentId": attachment, "SubnetIds": [subnet]}
    assert [one["TransitGatewayMulticastDomainId"] for one in spoke.describe_transit_gateway_multicast_domains()["TransitGatewayMulticastDomains"]] == [domain]

    def associated(ec2):
        found = ec2.get_transit_gateway_multicast_domain_associations(TransitGatewayMulticastDomainId=domain)["MulticastDomainAssociations"]
        return [(one["Subnet"]["SubnetId"], one["Subnet"]["State"], one["ResourceOwnerId"]) for one in found]

    asked = spoke.associate_transit_gateway_multicast_domain(**named)["Associations"]
    assert asked["Subnets"] == [{"SubnetId": subnet, "State": "pendingAcceptance"}]
    assert associated(owner) == associated(spoke) == [(subnet, "pendingAcceptance", SPOKE)]
    interface = spoke.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    member = {"TransitGatewayMulticastDomainId": domain, "GroupIpAddress": "224.0.0.9", "NetworkInterfaceIds": [interface]}
    assert error_of(spoke.register_transit_gateway_multicast_group_members, **member)[0] == "InvalidParameterValue"
    rejected = owner.reject_transit_gateway_multicast_domain_associations(**named)["Associations"]
    assert rejected["Subnets"] == [{"SubnetId": subnet, "State": "rejected"}] and rejected["ResourceOwnerId"] == SPOKE
    assert error_of(owner.accept_transit_gateway_multicast_domain_associations, **named)[0] == "IncorrectState"
    spoke.associate_transit_gateway_multicast_domain(**named)
    accepted = owner.accept_transit_gateway_multicast_domain_associations(**named)["Associations"]
    assert accepted["Subnets"] == [{"SubnetId": subnet, "State": "associating"}]
    server.advance("5m")
    assert associated(spoke) == [(subnet, "associated", SPOKE)]
    spoke.register_transit_gateway_multicast_group_members(**member)
    for ec2 in (owner, spoke):
        [group] = ec2.search_transit_gateway_multicast_groups(TransitGatewayMulticastDomainId=domain)["MulticastGroups"]
        assert (group["NetworkInterfaceId"], group["GroupMember"]) == (interface, True)
    code, text, _ = error_of(owner.delete_transit_gateway_multicast_domain, TransitGatewayMulticastDomainId=domain)
    assert code == "IncorrectState" and domain in text
    spoke.disassociate_transit_gateway_multicast_domain(**named)
    server.advance("5m")
    assert associated(owner) == []
    owner.delete_transit_gateway_multicast_domain(TransitGatewayMulticastDomainId=domain)
    assert error_of(spoke.accept_transit_gateway_multicast_domain_associations, **named)[0] == "InvalidTransitGatewayMulticastDomainId.NotFound"


def test_who_may(server, owner, spoke):
    gateway = new_gateway(server, owner)
    share(server, "mayhub", arn("transit-gateway", gateway))
    vpc, subnet = new_vpc(spoke, 76)
    iam = server.client("iam", server.account(SPOKE))
    own = f"arn:aws:ec2:us-east-1:{SPOKE}:"
    resources = [own + "transit-gateway-attachment/*", own + f"vpc/{vpc}", own + f"subnet/{subnet}"]
    keys = make_user(iam, "builder", allow("ec2:CreateTransitGatewayVpcAttachment", [*resources, own + f"transit-gateway/{gateway}"]))
    code, text, _ = error_of(ask, ec2=server.client("ec2", keys), gateway=gateway, vpc=vpc, subnet=subnet)
    assert code == "UnauthorizedOperation" and arn("transit-gateway", gateway) in text
    keys = make_user(iam, "architect", allow("ec2:CreateTransitGatewayVpcAttachment", [*resources, arn("transit-gateway", gateway)]))
    asked = ask(server.client("ec2", keys), gateway, vpc, subnet)["TransitGatewayAttachmentId"]
    held = f"arn:aws:ec2:us-east-1:{OWNER}:transit-gateway-attachment/{asked}"
    keys = make_user(server.client("iam", server.account(OWNER)), "gatekeeper", allow("ec2:RejectTransitGatewayVpcAttachment", held))
    keeper = server.client("ec2", keys)
    code, text, _ = error_of(keeper.accept_transit_gateway_vpc_attachment, TransitGatewayAttachmentId=asked)
    assert code == "UnauthorizedOperation" and held in text
    assert error_of(keeper.reject_transit_gateway_vpc_attachment, TransitGatewayAttachmentId=asked, DryRun=True)[0] == "DryRunOperation"
    keeper.reject_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=asked)


def test_shares(server):
    def refused(method, body):
        return server.refused(method, "resource-shares", body)

    good = {"account": OWNER, "name": "x", "resourceArns": [arn("transit-gateway", "tgw-0123456789abcdef0")], "principals": [SPOKE]}
    assert refused("PUT", {**good, "resourceArns": ["tgw-0123456789abcdef0"]})[0] == 400
    assert refused("PUT", {**good, "account": SPOKE})[0] == 400
    assert refused("PUT", {**good, "principals": ["somebody"]})[0] == 400
    assert refused("PUT", {**good, "name": ""})[0] == 400
    assert refused("DELETE", {"account": OWNER, "name": "nothing"})[0] == 404
    server.admin("PUT", "resource-shares", good)
    assert good in server.admin("GET", "resource-shares")["resourceShares"]
    server.admin("DELETE", "resource-shares", {"account": OWNER, "name": "x"})
    assert good not in server.admin("GET", "resource-shares")["resourceShares"]
