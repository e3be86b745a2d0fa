"""Instances with their options, their states, connect endpoints, and what one may ask of types, zones and settings: apply, plan without drift, change,
plan, destroy, nothing left."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def pool(server):
    return server.client("ec2").create_public_ipv4_pool()["PoolId"]


@pytest.fixture(scope="module")
def terraform(server, pool, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "instances", {"pool": pool})


def instance(ec2, name):
    return ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]


def test_instances(server, pool, terraform):
    ec2 = server.client("ec2")
    before = everything(ec2)
    changed = ("-var", "team=green")

    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    found = told["found"]
    assert found.pop("key").endswith("alias/aws/ebs")
    assert found == {"user_data": "#!/bin/sh\necho blue\n", "stopped": 0, "cores": 4, "small": True, "preferred": "t3.small", "zones": True, "first": True,
                     "all": True, "console": False, "encrypted": False, "pools": [pool], "addresses": 0, "image": True}
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    again = outputs(terraform)
    assert again["instance"] == told["instance"] and again["found"]["stopped"] == 1
    assert (again["found"]["user_data"], again["found"]["console"]) == ("#!/bin/sh\necho green\n", True)
    held = instance(ec2, told["instance"])
    assert (held["InstanceType"], held["Monitoring"]["State"], held["SourceDestCheck"]) == ("t3.small", "enabled", False)
    assert (held["MetadataOptions"]["HttpTokens"], held["MaintenanceOptions"]["AutoRecovery"]) == ("required", "disabled")
    assert held["PrivateDnsNameOptions"]["EnableResourceNameDnsARecord"] and held["State"]["Name"] == "running"
    assert instance(ec2, told["stopped"])["State"]["Name"] == "stopped"
    credits = ec2.describe_instance_credit_specifications(InstanceIds=[told["instance"]])["InstanceCreditSpecifications"]
    assert credits[0]["CpuCredits"] == "standard"

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    assert everything(ec2) == before
    assert not ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"]
