"""VPN gateways and connections through the real provider: apply, plan without drift, change, destroy, nothing left."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "vpn")


def test_vpn(server, terraform):
    ec2 = server.client("ec2")
    before = everything(ec2)
    changed = ("-var", "team=green")
    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)["told"]
    assert (told["gateway"], told["office"], told["asn"], told["inside"]) == (told["own"], 65010, "64600", "169.254.60.2")
    table = ec2.describe_route_tables(RouteTableIds=[told["table"]])["RouteTables"][0]
    assert table["PropagatingVgws"] == [{"GatewayId": told["gateway"]}]
    assert ("192.168.60.0/24", "EnableVgwRoutePropagation") in [(one["DestinationCidrBlock"], one["Origin"]) for one in table["Routes"]]
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    assert outputs(terraform)["told"]["networks"] == "192.168.0.0/16"
    connections = ec2.describe_vpn_connections(Filters=[{"Name": "tag:team", "Values": ["green"]}])["VpnConnections"]
    assert [one["Options"]["TunnelOptions"][0]["DpdTimeoutAction"] for one in connections] == ["restart"]

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    server.advance("1m")
    assert everything(ec2) == before
