"""Dedicated hosts with an instance on them: apply, plan without drift, change, plan, destroy, nothing left."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "hosts")


def held(ec2):
    return {one["HostId"] for one in ec2.describe_hosts()["Hosts"] if one["State"] != "released"}


def test_hosts(server, terraform):
    ec2 = server.client("ec2")
    before = everything(ec2)
    changed = ("-var", "team=green")

    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    assert told["placement"] == "on" and held(ec2) == {told["host"]}
    placed = ec2.describe_instances(InstanceIds=[told["instance"]])["Reservations"][0]["Instances"][0]["Placement"]
    assert (placed["Tenancy"], placed["HostId"]) == ("host", told["host"])
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    assert outputs(terraform) == {**told, "placement": "off"}
    [host] = ec2.describe_hosts(HostIds=[told["host"]])["Hosts"]
    assert host["HostRecovery"] == "on" and {"Key": "team", "Value": "green"} in host["Tags"]

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    server.advance("1m")
    assert everything(ec2) == before
