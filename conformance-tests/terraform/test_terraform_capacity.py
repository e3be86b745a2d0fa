"""Launch templates, fleets, Spot requests, placement groups and capacity reservations: apply, plan without drift, change, plan, destroy, nothing left."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "capacity")


def instance(ec2, name):
    return ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]


def test_capacity(server, terraform):
    ec2 = server.client("ec2")
    before = everything(ec2)
    changed = ("-var", "team=green")

    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    assert told["template"] == {"default": 1, "latest": 1, "type": "m5.large", "cores": 1}
    held = instance(ec2, told["templated"])
    assert (held["InstanceType"], held["CpuOptions"]["CoreCount"], held["MetadataOptions"]["HttpPutResponseHopLimit"]) == ("m5.large", 1, 2)
    assert held["IamInstanceProfile"]["Arn"].endswith("/web") and held["PublicIpAddress"]
    assert (told["spot"]["state"], told["spot"]["price"]) == ("fulfilled", True)
    assert instance(ec2, told["spot"]["instance"])["SpotInstanceRequestId"] == told["spot"]["request"]
    capacity = lambda: ec2.describe_fleets(FleetIds=[told["fleet"]])["Fleets"][0]["TargetCapacitySpecification"]["TotalTargetCapacity"]
    reserved = lambda: ec2.describe_capacity_reservations(CapacityReservationIds=[told["reservation"]])["CapacityReservations"][0]
    assert (capacity(), reserved()["TotalInstanceCount"], reserved()["AvailableInstanceCount"]) == (3, 2, 1)
    assert told["spot"]["feed"] == "blue"
    assert told["offered"] == {"is_block": True, "is_sold": True, "tenancy": "default"}
    subscribed = lambda: [one["Destination"] for one in ec2.describe_aws_network_performance_metric_subscriptions()["Subscriptions"]]
    assert subscribed() == ["us-west-2"]
    spot = lambda: len(ec2.describe_spot_fleet_instances(SpotFleetRequestId=told["spot_fleet"])["ActiveInstances"])
    assert spot() == 2
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    again = outputs(terraform)
    assert again["template"] == {"default": 2, "latest": 2, "type": "m5.xlarge", "cores": 2}
    assert (capacity(), reserved()["TotalInstanceCount"], reserved()["AvailableInstanceCount"]) == (0, 3, 2)
    assert subscribed() == ["eu-west-1"]
    assert (again["spot_fleet"], spot()) == (told["spot_fleet"], 3)
    assert ec2.describe_spot_datafeed_subscription()["SpotDatafeedSubscription"]["Prefix"] == "green"

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    server.advance("1m")
    assert everything(ec2) == before and subscribed() == []
    assert server.client("iam").list_instance_profiles()["InstanceProfiles"] == []
