"""What is there by default, taken over by Terraform: apply, plan without drift, change, plan, and a destruction that leaves it there."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "defaults")


def by_zone(ec2):
    return {one["AvailabilityZone"]: one for one in ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]}


def test_defaults(server, terraform):
    ec2 = server.client("ec2")
    ec2.delete_subnet(SubnetId=by_zone(ec2)["us-east-1b"]["SubnetId"])
    kinds = lambda: {one for one in everything(ec2) if one[0] != "SecurityGroupRules"}
    before = kinds()
    changed = ("-var", "team=green")

    terraform("apply", "-no-color", "-auto-approve")
    # The provider tags the DHCP options only when it changes them, not when it takes them over: that takes a second run, here as on AWS.
    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)["default"]
    assert told["existing"] == [True, True, False]
    assert by_zone(ec2)["us-east-1b"]["SubnetId"] == told["made"] and by_zone(ec2)["us-east-1b"]["DefaultForAz"]
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    assert outputs(terraform)["default"] == told
    assert not by_zone(ec2)["us-east-1a"]["MapPublicIpOnLaunch"]
    acl = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [told["vpc"]]}])["NetworkAcls"][0]
    assert [entry["RuleNumber"] for entry in acl["Entries"] if not entry["Egress"]] == [443, 32767]

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    assert kinds() == before, "only the subnet that was made is gone"
    assert {"Key": "team", "Value": "green"} in ec2.describe_vpcs(VpcIds=[told["vpc"]])["Vpcs"][0]["Tags"]
