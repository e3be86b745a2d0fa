"""IPAM through the real provider: pools, allocations, and a VPC out of one; nothing left."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "ipam")


def test_pools(server, terraform):
    ec2 = server.client("ec2")
    before = everything(ec2)
    changed = ("-var", "team=green")
    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    assert told["block"] == "10.20.128.0/20"
    held = ec2.get_ipam_pool_allocations(IpamPoolId=told["pool"])["IpamPoolAllocations"]
    assert [(one["Cidr"], one["ResourceType"]) for one in held] == [("10.20.128.0/20", "vpc")]
    address, = ec2.describe_addresses(PublicIps=[told["address"]])["Addresses"]
    assert address["PublicIpv4Pool"].startswith("ipam-pool-")
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    ipam = ec2.describe_ipams()["Ipams"][0]
    assert (ipam["Description"], {tag["Key"]: tag["Value"] for tag in ipam["Tags"]}) == ("for green", {"team": "green", "story": "pics"})

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    server.advance("1m")
    assert everything(ec2) == before
