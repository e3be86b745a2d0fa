"""VPC endpoints of all types, what they are associated with, and services with their guests: apply, plan without drift, change, destroy, nothing left."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "endpoints")


def test_endpoints(server, terraform):
    ec2, partner = server.client("ec2"), server.client("ec2", server.account("222222222222"))
    before = everything(ec2), everything(partner)
    changed = ("-var", "team=green")

    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    assert told["found"] == {"s3": "com.amazonaws.us-east-1.s3", "blocks": True, "subnets": 1, "names": False, "accepted": True, "type": "Interface"}
    state = lambda: partner.describe_vpc_endpoints(VpcEndpointIds=[told["partner"]])["VpcEndpoints"][0]["State"]
    server.advance("1m")
    assert state() == "available"
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    assert outputs(terraform)["found"] == {**told["found"], "subnets": 2, "names": True}
    endpoints = {one["ServiceName"].rsplit(".")[-1]: one for one in ec2.describe_vpc_endpoints()["VpcEndpoints"]}
    assert endpoints["s3"]["RouteTableIds"] == [] and "dynamodb:*" in endpoints["dynamodb"]["PolicyDocument"]
    assert endpoints["sns"]["PrivateDnsEnabled"] and len(endpoints["sns"]["Groups"]) == len(endpoints["sns"]["SubnetIds"]) == 1
    assert state() == "available"

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    assert (everything(ec2), everything(partner)) == before
