"""Transit gateways in two regions and every way of asking for what is attached to them: apply, plan without drift, change, plan, destroy, nothing left."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean


#: Resource Access Manager is another service: the admin API shares in its stead.
PARTNER = "222222222222"


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "transit")


def test_transit_gateways(server, terraform):
    ec2, ireland = server.client("ec2"), server.client("ec2", region="eu-west-1")
    partner = server.client("ec2", server.account(PARTNER))
    before = everything(ec2), everything(ireland), everything(partner)
    changed = ("-var", "team=green")

    terraform("apply", "-no-color", "-auto-approve", "-target", "aws_ec2_transit_gateway.own")
    [gateway] = ec2.describe_transit_gateways()["TransitGateways"]
    server.admin("PUT", "resource-shares", {"name": "gateway", "resourceArns": [gateway["TransitGatewayArn"]], "principals": [PARTNER]})
    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    found = told["found"]
    assert found == {
        "description": "of blue", "type": "vpc", "attachments": 5, "vpcs": 1, "dns": "enable", "vpn": True, "protocol": "gre", "inside": ["169.254.100.0/29"],
        "members": 1, "sources": 1, "peer": "eu-west-1", "peerings": 1, "default": False, "tables": 1, "associations": 1, "propagations": 1,
        "routes": ["10.130.0.0/16", "10.130.9.0/24"]}
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    again = outputs(terraform)
    assert again == {"gateway": told["gateway"], "found": {**found, "description": "of green", "dns": "disable", "routes": ["10.130.9.0/24", "10.131.0.0/16"]}}
    gateway = ec2.describe_transit_gateways(TransitGatewayIds=[told["gateway"]])["TransitGateways"][0]
    assert {"Key": "team", "Value": "green"} in gateway["Tags"]

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    server.advance("1m")
    server.admin("DELETE", "resource-shares", {"name": "gateway"})
    assert (everything(ec2), everything(ireland), everything(partner)) == before
