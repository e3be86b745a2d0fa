"""VPC peering connections: within an account and between two, as both sides see them, and who may not."""

import pytest

from conftest import allow, error_of, make_user

TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def new_vpc(ec2, block):
    return ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"]


def shown(ec2, name):
    return ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[name])["VpcPeeringConnections"][0]


def request(server, ec2, vpc, peer, **more):
    made = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=peer, **more)["VpcPeeringConnection"]
    assert made["Status"]["Code"] == "initiating-request"
    server.advance("1m")
    return made["VpcPeeringConnectionId"]


def test_within_an_account(server, ec2):
    one, two = new_vpc(ec2, "10.1.0.0/16"), new_vpc(ec2, "10.2.0.0/16")
    name = request(server, ec2, one, two, TagSpecifications=[{"ResourceType": "vpc-peering-connection", "Tags": TAGS}])
    pending = shown(ec2, name)
    assert (pending["Status"]["Code"], pending["Tags"]) == ("pending-acceptance", TAGS)
    assert pending["ExpirationTime"] and "CidrBlock" not in pending["AccepterVpcInfo"]
    assert ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=name)["VpcPeeringConnection"]["Status"]["Code"] == "provisioning"
    server.advance("1m")
    active = shown(ec2, name)
    assert (active["Status"], active["AccepterVpcInfo"]["CidrBlock"]) == ({"Code": "active", "Message": "Active"}, "10.2.0.0/16")
    table = ec2.create_route_table(VpcId=one)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.2.0.0/16", VpcPeeringConnectionId=name)

    def route():
        routes = ec2.describe_route_tables(Filters=[{"Name": "route.vpc-peering-connection-id", "Values": [name]}])["RouteTables"][0]["Routes"]
        return next(one["State"] for one in routes if one.get("VpcPeeringConnectionId") == name)

    assert route() == "active"
    assert ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=name)["Return"]
    server.advance("1m")
    assert (shown(ec2, name)["Status"]["Code"], route()) == ("deleted", "blackhole")
    ec2.get_waiter("vpc_peering_connection_deleted").wait(VpcPeeringConnectionIds=[name])
    again = error_of(ec2.delete_vpc_peering_connection, VpcPeeringConnectionId=name)
    assert again[:2] == ("InvalidStateTransition", f"Invalid state transition for {name}, attempted to transition from deleted to deleting")


def test_between_accounts(server, ec2):
    other = server.client("ec2", server.account("210987654321"), region="eu-west-1")
    one, two = new_vpc(ec2, "10.3.0.0/16"), new_vpc(other, "10.4.0.0/16")
    name = request(server, ec2, one, two, PeerOwnerId="210987654321", PeerRegion="eu-west-1")
    mine = error_of(ec2.accept_vpc_peering_connection, VpcPeeringConnectionId=name)
    account = shown(ec2, name)["RequesterVpcInfo"]["OwnerId"]
    assert mine[:2] == ("OperationNotPermitted", f"User {account} cannot accept peering {name}")
    assert shown(other, name)["Status"]["Code"] == "pending-acceptance"
    other.accept_vpc_peering_connection(VpcPeeringConnectionId=name)
    server.advance("1m")
    assert shown(ec2, name)["Status"]["Code"] == shown(other, name)["Status"]["Code"] == "active"
    assert shown(ec2, name)["AccepterVpcInfo"]["Region"] == "eu-west-1"
    ec2.create_tags(Resources=[name], Tags=TAGS)
    assert shown(ec2, name)["Tags"] == TAGS and not shown(other, name).get("Tags")
    ec2.modify_vpc_attribute(VpcId=one, EnableDnsHostnames={"Value": True})
    option = {"AllowDnsResolutionFromRemoteVpc": True}
    assert error_of(ec2.modify_vpc_peering_connection_options, VpcPeeringConnectionId=name, AccepterPeeringConnectionOptions=option)[0] == "OperationNotPermitted"
    set_ = ec2.modify_vpc_peering_connection_options(VpcPeeringConnectionId=name, RequesterPeeringConnectionOptions=option)
    assert set_["RequesterPeeringConnectionOptions"]["AllowDnsResolutionFromRemoteVpc"]
    assert shown(other, name)["RequesterVpcInfo"]["PeeringOptions"]["AllowDnsResolutionFromRemoteVpc"]
    other.delete_vpc_peering_connection(VpcPeeringConnectionId=name)
    server.advance("1m")
    assert shown(ec2, name)["Status"]["Code"] == "deleted"


def test_rules_name_groups_of_the_other_vpc(server, ec2):
    owner = "310987654321"
    other = server.client("ec2", server.account(owner))
    one, two, far = new_vpc(ec2, "10.9.0.0/16"), new_vpc(ec2, "10.10.0.0/16"), new_vpc(other, "10.11.0.0/16")
    names = [request(server, ec2, one, two), request(server, ec2, one, far, PeerOwnerId=owner)]
    group, near = (ec2.create_security_group(GroupName="peered", Description="of a peered VPC", VpcId=vpc)["GroupId"] for vpc in (one, two))
    away = other.create_security_group(GroupName="peered", Description="of a peered VPC", VpcId=far)["GroupId"]

    def web(**pair):
        return [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [pair]}]

    def pairs():
        permissions = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
        return {pair["GroupId"]: pair for permission in permissions for pair in permission["UserIdGroupPairs"]}

    early = error_of(ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=web(GroupId=near))
    assert early[:2] == ("InvalidGroup.NotFound", "You have specified two resources that belong to different networks.")
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=names[0])
    other.accept_vpc_peering_connection(VpcPeeringConnectionId=names[1])
    server.advance("1m")
    assert error_of(ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=web(GroupId=away))[0] == "InvalidGroup.NotFound"
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=web(GroupId=near))
    added = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=web(GroupId=away, UserId=owner))["SecurityGroupRules"][0]
    assert added["ReferencedGroupInfo"] == {"GroupId": away, "UserId": owner, "VpcId": far, "VpcPeeringConnectionId": names[1],
                                            "PeeringStatus": "active"}
    assert pairs()[away] == {"GroupId": away, "UserId": owner, "VpcId": far, "VpcPeeringConnectionId": names[1], "PeeringStatus": "active"}
    assert (pairs()[near]["VpcId"], pairs()[near]["VpcPeeringConnectionId"]) == (two, names[0])
    again = error_of(ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=web(GroupId=away, UserId=owner))
    assert again[0] == "InvalidPermission.Duplicate"
    told = other.describe_security_group_references(GroupId=[away])["SecurityGroupReferenceSet"]
    assert told == [{"GroupId": away, "ReferencingVpcId": one, "VpcPeeringConnectionId": names[1]}]
    assert error_of(ec2.describe_security_group_references, GroupId=[away])[0] == "InvalidGroup.NotFound"

    other.delete_vpc_peering_connection(VpcPeeringConnectionId=names[1])
    ec2.delete_security_group(GroupId=near)
    server.advance("1m")
    assert pairs()[away]["PeeringStatus"] == "deleted"
    stale = ec2.describe_stale_security_groups(VpcId=one)["StaleSecurityGroupSet"][0]["StaleIpPermissions"]
    assert {pair["GroupId"] for permission in stale for pair in permission["UserIdGroupPairs"]} == {near, away}
    other_port = [{**web(GroupId=away, UserId=owner)[0], "FromPort": 443, "ToPort": 443}]
    assert error_of(ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=other_port)[0] == "InvalidGroup.NotFound"
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=web(GroupId=away, UserId=owner))
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=web(GroupId=near))
    assert pairs() == {} and ec2.describe_stale_security_groups(VpcId=one)["StaleSecurityGroupSet"] == []


def test_a_vpc_with_a_request_is_deleted(server, ec2):
    """https://docs.aws.amazon.com/vpc/latest/peering/delete-vpc-peering-connection.html"""
    owner = "210987654321"
    other = server.client("ec2", server.account(owner))
    one, two, near, far = (new_vpc(who, f"10.{block}.0.0/16") for who, block in ((ec2, 81), (ec2, 82), (ec2, 83), (other, 84)))
    asked = request(server, ec2, one, far, PeerOwnerId=owner)
    refused = error_of(other.delete_vpc, VpcId=far)
    assert refused[:2] == ("DependencyViolation", f"The vpc '{far}' has dependencies and cannot be deleted.")
    ec2.delete_vpc(VpcId=one)
    server.advance("1m")
    assert shown(ec2, asked)["Status"]["Code"] == shown(other, asked)["Status"]["Code"] == "deleted"
    asked = request(server, ec2, two, far, PeerOwnerId=owner)
    other.reject_vpc_peering_connection(VpcPeeringConnectionId=asked)
    other.delete_vpc(VpcId=far)
    asked = request(server, ec2, two, near)
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=asked)
    for vpc in (two, near):
        assert error_of(ec2.delete_vpc, VpcId=vpc)[0] == "DependencyViolation"
    ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=asked)
    asked = request(server, ec2, near, two)
    server.advance("169h")
    assert shown(ec2, asked)["Status"]["Code"] == "expired"
    for vpc in (two, near):
        ec2.delete_vpc(VpcId=vpc)


def test_blocks_of_peers(server, ec2):
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"""
    one, two, three = (new_vpc(ec2, f"10.{block}.0.0/16") for block in (91, 92, 93))
    asked = request(server, ec2, one, two)
    pending = error_of(ec2.associate_vpc_cidr_block, VpcId=one, CidrBlock="10.94.0.0/16")
    assert pending[:2] == ("OperationNotPermitted", f"The VPC {one} has the pending VPC peering connection request {asked}")
    ec2.associate_vpc_cidr_block(VpcId=two, CidrBlock="10.95.0.0/16")
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=asked)
    server.advance("1m")
    overlapping = error_of(ec2.associate_vpc_cidr_block, VpcId=one, CidrBlock="10.95.128.0/17")
    assert overlapping[:2] == ("CidrConflict", f"The CIDR '10.95.128.0/17' conflicts with a CIDR block of the peer VPC {two} of {asked}")
    ec2.associate_vpc_cidr_block(VpcId=one, CidrBlock="10.94.0.0/16")
    asked = request(server, ec2, three, two)
    ec2.associate_vpc_cidr_block(VpcId=two, CidrBlock="100.64.0.0/16")
    assert shown(ec2, asked)["Status"]["Code"] == "pending-acceptance"
    ec2.associate_vpc_cidr_block(VpcId=two, CidrBlock="10.93.128.0/17")
    assert shown(ec2, asked)["Status"]["Code"] == "failed"


def test_requests_that_come_to_nothing(server, ec2):
    one, same, two = new_vpc(ec2, "10.5.0.0/16"), new_vpc(ec2, "10.5.0.0/16"), new_vpc(ec2, "10.6.0.0/16")
    failed = shown(ec2, request(server, ec2, one, same))["Status"]
    assert failed == {"Code": "failed", "Message": "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range"}
    rejected = request(server, ec2, one, two)
    ec2.reject_vpc_peering_connection(VpcPeeringConnectionId=rejected)
    assert shown(ec2, rejected)["Status"]["Code"] == "rejected"
    expired = request(server, ec2, one, two)
    server.advance("192h")
    assert shown(ec2, expired)["Status"]["Code"] == "expired"
    assert error_of(ec2.accept_vpc_peering_connection, VpcPeeringConnectionId=expired)[0] == "InvalidStateTransition"


def test_permissions(server, ec2):
    one, two = new_vpc(ec2, "10.7.0.0/16"), new_vpc(ec2, "10.8.0.0/16")
    arn = f"arn:aws:ec2:us-east-1:*:vpc/{one}"
    user = server.client("ec2", make_user(server.client("iam"), "peer", allow("ec2:CreateVpcPeeringConnection", [arn, "arn:aws:ec2:*:*:vpc-peering-connection/*"])))
    assert error_of(user.create_vpc_peering_connection, VpcId=two, PeerVpcId=one)[0] == "UnauthorizedOperation"
    name = user.create_vpc_peering_connection(VpcId=one, PeerVpcId=two)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    server.advance("1m")
    condition = {"ArnLike": {"ec2:AccepterVpc": f"arn:aws:ec2:us-east-1:*:vpc/{two}"}}
    deleter = server.client("ec2", make_user(server.client("iam"), "unpeer", allow("ec2:DeleteVpcPeeringConnection", Condition=condition)))
    assert error_of(user.delete_vpc_peering_connection, VpcPeeringConnectionId=name)[0] == "UnauthorizedOperation"
    deleter.delete_vpc_peering_connection(VpcPeeringConnectionId=name)
    assert error_of(user.describe_security_group_references, GroupId=["sg-0123456789abcdef0"])[0] == "UnauthorizedOperation"
