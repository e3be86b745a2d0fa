"""Peering within an account and with another one in another region, from both sides: apply, plan without drift, change, plan, destroy, nothing left."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "peering")


def test_peering(server, terraform):
    ec2, partner = server.client("ec2"), server.client("ec2", server.account("222222222222"), region="eu-west-1")
    before = everything(ec2), everything(partner)
    changed = ("-var", "team=green")

    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    assert told["found"] == {"near": True, "far": "active", "region": "us-east-1", "owner": "222222222222", "connections": 2}
    seen = lambda client: client.describe_vpc_peering_connections(VpcPeeringConnectionIds=[told["far"]])["VpcPeeringConnections"][0]
    tags = lambda client: {tag["Key"]: tag["Value"] for tag in seen(client)["Tags"]}
    assert tags(ec2) == {"side": "requester", "story": "pics"}
    assert tags(partner) == {"side": "accepter", "team": "blue"}
    assert not seen(ec2)["AccepterVpcInfo"]["PeeringOptions"]["AllowDnsResolutionFromRemoteVpc"]
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    assert seen(ec2)["AccepterVpcInfo"]["PeeringOptions"]["AllowDnsResolutionFromRemoteVpc"] and tags(partner)["team"] == "green"

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    assert (everything(ec2), everything(partner)) == before
