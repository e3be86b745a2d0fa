"""Networks, their gateways and groups, interfaces, addresses and volumes through the real provider: apply, plan without drift, change, destroy, nothing left."""

import os

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean

#: With ROLECALL_SLOW=1 also what the provider takes minutes for.
SLOW = os.environ.get("ROLECALL_SLOW") == "1"


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    without = () if SLOW else ("attachment.tf",)
    return initialised(server, tmp_path_factory.mktemp("terraform"), "networks", without=without)


def test_networks(server, terraform):
    ec2 = server.client("ec2")
    before = everything(ec2)
    changed = ("-var", "team=green")

    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    found = told["found"]
    assert (found["vpcs"], found["subnets"], found["tables"], found["groups"], found["rules"]) == ([told["vpc"]], 2, 3, 3, 2)
    assert (found["interfaces"], found["snapshots"], found["out"]) == (2, 2, found["gateway"])
    assert (found["office"], found["domain"], found["memory"]) == (65010, "pics.example", 1024)
    seen = ec2.describe_instances(InstanceIds=[told["instance"]])["Reservations"][0]["Instances"][0]
    assert seen["PublicIpAddress"] == found["address"] and len(seen["NetworkInterfaces"]) == (2 if SLOW else 1)
    assert {tag["Key"]: tag["Value"] for tag in seen["Tags"]} == {"story": "pics"}
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    vpc = ec2.describe_vpcs(VpcIds=[told["vpc"]])["Vpcs"][0]
    assert {"Key": "team", "Value": "green"} in vpc["Tags"]
    assert ec2.describe_volumes(Filters=[{"Name": "tag:team", "Values": ["green"]}])["Volumes"][0]["Size"] == 12

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    assert everything(ec2) == before
