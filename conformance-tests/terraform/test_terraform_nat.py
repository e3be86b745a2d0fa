"""NAT gateways, public and private, and routes to every kind of gateway: apply, plan without drift, change, plan, destroy, nothing left."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "nat")


def test_gateways(server, terraform):
    ec2 = server.client("ec2")
    before = everything(ec2)
    changed = ("-var", "team=green")

    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    assert told["found"] == {"gateways": 2, "address": True, "secondary": 1, "private": ["10.40.2.11"]}
    tables = ec2.describe_route_tables(Filters=[{"Name": "route.nat-gateway-id", "Values": [told["public"]]}])["RouteTables"]
    assert {route["State"] for route in tables[0]["Routes"]} == {"active"} and len(tables[0]["Routes"]) == 5
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    assert outputs(terraform) == {"public": told["public"], "found": {**told["found"], "secondary": 2, "private": ["10.40.2.12"]}}
    gateway = ec2.describe_nat_gateways(NatGatewayIds=[told["public"]])["NatGateways"][0]
    assert {"Key": "team", "Value": "green"} in gateway["Tags"] and len(gateway["NatGatewayAddresses"]) == 3

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    assert everything(ec2) == before
