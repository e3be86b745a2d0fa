"""Local gateways of an Outpost through the real provider: data sources, routes and associations; apply, plan without drift, change, destroy."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean

OUTPOST = "arn:aws:outposts:us-east-1:000000000000:outpost/op-0123456789abcdef0"


@pytest.fixture(scope="module")
def made(server):
    """What comes with the Outpost, and what this version of the provider does not make."""
    ec2 = server.client("ec2")
    told = server.admin("PUT", "outposts", {"outpostArn": OUTPOST, "lags": [{}]})
    gateway = told["localGatewayId"]
    table = ec2.create_local_gateway_route_table(LocalGatewayId=gateway, Mode="coip")["LocalGatewayRouteTable"]["LocalGatewayRouteTableId"]
    group = ec2.create_local_gateway_virtual_interface_group(LocalGatewayId=gateway, LocalBgpAsn=65024)["LocalGatewayVirtualInterfaceGroup"]
    group = group["LocalGatewayVirtualInterfaceGroupId"]
    ec2.create_local_gateway_virtual_interface(
        LocalGatewayVirtualInterfaceGroupId=group, OutpostLagId=told["lags"][0]["outpostLagId"], Vlan=200, LocalAddress="169.254.2.1/30",
        PeerAddress="169.254.2.2/30", PeerBgpAsn=65000)
    ec2.create_local_gateway_route_table_virtual_interface_group_association(LocalGatewayRouteTableId=table, LocalGatewayVirtualInterfaceGroupId=group)
    pool = ec2.create_coip_pool(LocalGatewayRouteTableId=table)["CoipPool"]["PoolId"]
    ec2.create_coip_cidr(CoipPoolId=pool, Cidr="198.51.100.0/26")
    server.advance("1m")
    return {"gateway": gateway, "table": table, "group": group, "pool": pool}


@pytest.fixture(scope="module")
def terraform(server, made, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "local_gateways", {name: made[name] for name in ("gateway", "table")})


def test_a_local_gateway(server, made, terraform):
    ec2 = server.client("ec2")
    before = everything(ec2)
    changed = ("-var", "team=green")

    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    assert told["found"] == {"gateways": [made["gateway"]], "outpost": OUTPOST, "tables": [made["table"]], "groups": [made["group"]],
                             "interfaces": ["200 169.254.2.1/30 65000"], "pools": [made["pool"]], "blocks": ["198.51.100.0/26"]}
    usage = lambda: [one["CoIp"] for one in ec2.get_coip_pool_usage(PoolId=made["pool"])["CoipAddressUsages"]]
    routes = lambda: {one["DestinationCidrBlock"]: one["State"] for one in ec2.search_local_gateway_routes(
        LocalGatewayRouteTableId=made["table"], Filters=[{"Name": "type", "Values": ["static"]}])["Routes"]}
    assert usage() == [told["address"]] and routes() == {"192.168.0.0/16": "active"}
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    [held] = ec2.describe_local_gateway_route_table_vpc_associations()["LocalGatewayRouteTableVpcAssociations"]
    assert {"Key": "team", "Value": "green"} in held["Tags"] and routes() == {"192.168.0.0/17": "active"}

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    server.advance("2h")
    assert (usage(), routes()) == ([], {}) and everything(ec2) == before
