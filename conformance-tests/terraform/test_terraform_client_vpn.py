"""Client VPN endpoints through the real provider: apply, plan without drift, change, destroy, nothing left."""

import os

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean

#: With ROLECALL_SLOW=1 also what the provider takes minutes for.
SLOW = os.environ.get("ROLECALL_SLOW") == "1"


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    without = () if SLOW else ("network.tf",)
    return initialised(server, tmp_path_factory.mktemp("terraform"), "client_vpn", without=without)


def test_client_vpn(server, terraform):
    ec2 = server.client("ec2")
    before = everything(ec2)
    changed = ("-var", "team=green")
    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)["told"]
    assert (told["banner"], told["port"]) == ("hello blue", 443)
    networks = ec2.describe_client_vpn_target_networks(ClientVpnEndpointId=told["endpoint"])["ClientVpnTargetNetworks"]
    assert [one["Status"]["Code"] for one in networks] == ["associated", "associated"][: 2 if SLOW else 0]
    routes = ec2.describe_client_vpn_routes(ClientVpnEndpointId=told["endpoint"])["Routes"]
    assert sorted(one["Origin"] for one in routes) == (["add-route", "associate", "associate"] if SLOW else [])
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    shown = ec2.describe_client_vpn_endpoints(ClientVpnEndpointIds=[told["endpoint"]])["ClientVpnEndpoints"][0]
    assert (shown["Description"], shown.get("DnsServers", [])) == ("for green", [])
    rules = ec2.describe_client_vpn_authorization_rules(ClientVpnEndpointId=told["endpoint"])["AuthorizationRules"]
    assert sorted(one["GroupId"] for one in rules) == ["", "green"]

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    server.advance("1m")
    assert everything(ec2) == before
