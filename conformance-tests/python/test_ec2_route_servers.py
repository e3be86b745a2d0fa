"""Route servers: the VPC they serve, endpoints and peers, the tables they may write to, and who may change that."""

import pytest

from conftest import allow, error_of, make_user

OTHER = "210987654321"


@pytest.fixture()
def ec2(server):
    return server.client("ec2")


def new_server(server, ec2, **more):
    name = ec2.create_route_server(AmazonSideAsn=65000, **more)["RouteServer"]["RouteServerId"]
    server.advance("1m")
    return name


def test_a_route_server(server, ec2):
    subnet = ec2.describe_subnets()["Subnets"][0]
    vpc = subnet["VpcId"]
    table = ec2.describe_route_tables()["RouteTables"][0]["RouteTableId"]
    made = ec2.create_route_server(AmazonSideAsn=65000, PersistRoutes="enable", PersistRoutesDuration=2, SnsNotificationsEnabled=True,
                                   TagSpecifications=[{"ResourceType": "route-server", "Tags": [{"Key": "team", "Value": "red"}]}])["RouteServer"]
    name = made["RouteServerId"]
    assert (made["State"], made["PersistRoutesState"], made["PersistRoutesDuration"], made["SnsNotificationsEnabled"], made["Tags"]) == (
        "pending", "enabled", 2, True, [{"Key": "team", "Value": "red"}])
    server.advance("1m")
    shown = ec2.describe_route_servers(Filters=[{"Name": "tag:team", "Values": ["red"]}])["RouteServers"]
    assert [(one["RouteServerId"], one["State"], one["PersistRoutesState"]) for one in shown] == [(name, "available", "enabled")]
    changed = ec2.modify_route_server(RouteServerId=name, PersistRoutes="disable")["RouteServer"]
    assert (changed["State"], changed["PersistRoutesState"]) == ("modifying", "disabling")
    assert error_of(ec2.get_route_server_associations, RouteServerId=name)[:2] == (
        "InvalidRouteServerId.NotAssociated", f"Route Server {name} is not associated with a VPC.")
    assert ec2.associate_route_server(RouteServerId=name, VpcId=vpc)["RouteServerAssociation"] == {
        "RouteServerId": name, "VpcId": vpc, "State": "associating"}
    server.advance("1m")
    assert ec2.get_route_server_associations(RouteServerId=name)["RouteServerAssociations"][0]["State"] == "associated"
    endpoint = ec2.create_route_server_endpoint(RouteServerId=name, SubnetId=subnet["SubnetId"])["RouteServerEndpoint"]
    interface = ec2.describe_network_interfaces(NetworkInterfaceIds=[endpoint["EniId"]])["NetworkInterfaces"][0]
    assert (interface["PrivateIpAddress"], interface["SubnetId"]) == (endpoint["EniAddress"], subnet["SubnetId"])
    assert ec2.enable_route_server_propagation(RouteServerId=name, RouteTableId=table)["RouteServerPropagation"]["State"] == "pending"
    early = error_of(ec2.create_route_server_peer, RouteServerEndpointId=endpoint["RouteServerEndpointId"], PeerAddress="172.31.0.9", BgpOptions={"PeerAsn": 65001})
    assert early[0] == "IncorrectState"
    server.advance("2m")
    peer = ec2.create_route_server_peer(RouteServerEndpointId=endpoint["RouteServerEndpointId"], PeerAddress="172.31.0.9",
                                        BgpOptions={"PeerAsn": 65001, "PeerLivenessDetection": "bfd"})["RouteServerPeer"]
    assert (peer["RouteServerId"], peer["VpcId"], peer["EndpointEniId"], peer["BgpStatus"], peer["BgpOptions"]) == (
        name, vpc, endpoint["EniId"], {"Status": "down"}, {"PeerAsn": 65001, "PeerLivenessDetection": "bfd"})
    assert ec2.get_route_server_propagations(RouteServerId=name)["RouteServerPropagations"] == [
        {"RouteServerId": name, "RouteTableId": table, "State": "available"}]
    database = ec2.get_route_server_routing_database(RouteServerId=name)
    assert (database["AreRoutesPersisted"], database["Routes"]) == (False, [])
    server.advance("2m")
    assert ec2.describe_route_server_peers(RouteServerPeerIds=[peer["RouteServerPeerId"]])["RouteServerPeers"][0]["State"] == "available"

    assert error_of(ec2.disassociate_route_server, RouteServerId=name, VpcId=vpc)[0] == "IncorrectState"
    assert error_of(ec2.delete_route_server_endpoint, RouteServerEndpointId=endpoint["RouteServerEndpointId"])[0] == "IncorrectState"
    ec2.delete_route_server_peer(RouteServerPeerId=peer["RouteServerPeerId"])
    ec2.delete_route_server_endpoint(RouteServerEndpointId=endpoint["RouteServerEndpointId"])
    assert ec2.disable_route_server_propagation(RouteServerId=name, RouteTableId=table)["RouteServerPropagation"]["State"] == "deleting"
    assert ec2.disassociate_route_server(RouteServerId=name, VpcId=vpc)["RouteServerAssociation"]["State"] == "disassociating"
    assert ec2.delete_route_server(RouteServerId=name)["RouteServer"]["State"] == "deleting"
    server.advance("5m")
    assert ec2.describe_route_server_endpoints(RouteServerEndpointIds=[endpoint["RouteServerEndpointId"]])["RouteServerEndpoints"][0]["State"] == "deleted"
    assert error_of(ec2.describe_network_interfaces, NetworkInterfaceIds=[endpoint["EniId"]])[0] == "InvalidNetworkInterfaceID.NotFound"


def test_who_may(server, ec2):
    name = new_server(server, ec2)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    assert error_of(ec2.delete_route_server, RouteServerId=name, DryRun=True)[0] == "DryRunOperation"
    iam = server.client("iam")
    narrow = server.client("ec2", make_user(iam, "ann", allow("ec2:*RouteServer*", f"arn:aws:ec2:us-east-1:000000000000:route-server/{name}")))
    assert error_of(narrow.describe_route_servers)[0] == "UnauthorizedOperation"
    assert error_of(narrow.associate_route_server, RouteServerId=name, VpcId=vpc)[0] == "UnauthorizedOperation"
    wide = server.client("ec2", make_user(iam, "bob", allow("ec2:*RouteServer*")))
    assert wide.associate_route_server(RouteServerId=name, VpcId=vpc)["RouteServerAssociation"]["VpcId"] == vpc
    other = server.client("ec2", server.account(OTHER))
    assert error_of(other.describe_route_servers, RouteServerIds=[name])[0] == "InvalidRouteServerId.NotFound"


def test_pages(server, ec2):
    names = {new_server(server, ec2) for _ in range(6)}
    pages = list(ec2.get_paginator("describe_route_servers").paginate(PaginationConfig={"PageSize": 5}))
    assert len(pages) >= 2 and {one["RouteServerId"] for page in pages for one in page["RouteServers"]} >= names
