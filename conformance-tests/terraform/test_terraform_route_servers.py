"""Route servers with an endpoint, a peer and their propagation: apply, plan without drift, change, plan, destroy, nothing left."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "route_servers")


def test_route_servers(server, terraform):
    ec2 = server.client("ec2")
    before = everything(ec2)
    changed = ("-var", "team=green")

    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    assert told["address"].startswith("10.70.1.")
    [peer] = ec2.describe_route_server_peers()["RouteServerPeers"]
    assert (peer["RouteServerId"], peer["PeerAddress"], peer["State"]) == (told["server"], "10.70.1.250", "available")
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    [found] = ec2.describe_route_servers(RouteServerIds=[told["server"]])["RouteServers"]
    assert {"Key": "team", "Value": "green"} in found["Tags"] and found["PersistRoutesDuration"] == 2

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    server.advance("1m")
    assert everything(ec2) == before
