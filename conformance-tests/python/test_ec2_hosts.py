"""EC2's dedicated hosts: the instances on them, and who may not."""

import pytest

from conftest import allow, error_of, launch, make_user

ZONE = "us-east-1a"
NO_HOST = ("You do not have a host with a matching configuration and sufficient capacity. Either target a host resource group that can automatically "
           "allocate hosts on your behalf, or manually allocate a new host to your account and then try again.")
TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def allocate(ec2, **more):
    named = {} if "InstanceFamily" in more else {"InstanceType": "m5.large"}
    return ec2.allocate_hosts(**{"AvailabilityZone": ZONE, "Quantity": 1, **named, **more})["HostIds"][0]


def seen(ec2, host):
    return ec2.describe_hosts(HostIds=[host])["Hosts"][0]


def on(ec2, kind="m5.large", **placement):
    return launch(ec2, InstanceType=kind, Placement={"Tenancy": "host", **placement})


def placement(ec2, instance_id):
    return ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]["Placement"]


def test_a_host_and_its_instances(server, ec2, metadata):
    host = allocate(ec2, AutoPlacement="off", ClientToken="host-1", TagSpecifications=[{"ResourceType": "dedicated-host", "Tags": TAGS}])
    assert allocate(ec2, AutoPlacement="off", ClientToken="host-1", TagSpecifications=[{"ResourceType": "dedicated-host", "Tags": TAGS}]) == host
    found = seen(ec2, host)
    assert (found["State"], found["AutoPlacement"], found["HostRecovery"], found["Tags"]) == ("available", "off", "off", TAGS)
    assert found["HostProperties"] == {"Cores": 48, "Sockets": 2, "TotalVCpus": 96, "InstanceType": "m5.large"}
    assert found["AvailableCapacity"] == {"AvailableInstanceCapacity": [
        {"InstanceType": "m5.large", "AvailableCapacity": 48, "TotalCapacity": 48}], "AvailableVCpus": 96}
    held = on(ec2, HostId=host, Affinity="host")
    server.advance("1m")
    assert (placement(ec2, held)["HostId"], placement(ec2, held)["Affinity"], placement(ec2, held)["AvailabilityZone"]) == (host, "host", ZONE)
    assert metadata(held).get("/latest/meta-data/placement/host-id") == host
    assert [one["InstanceId"] for one in seen(ec2, host)["Instances"]] == [held]
    assert seen(ec2, host)["AvailableCapacity"]["AvailableVCpus"] == 94
    filters = [{"Name": "host-id", "Values": [host]}]
    assert len(ec2.describe_instances(Filters=filters)["Reservations"]) == 1
    assert error_of(on, ec2=ec2)[:2] == ("InsufficientHostCapacity", NO_HOST)
    changed = ec2.modify_hosts(HostIds=[host], AutoPlacement="on", HostRecovery="on")
    assert (changed["Successful"], changed["Unsuccessful"]) == ([host], [])
    assert (seen(ec2, host)["AutoPlacement"], seen(ec2, host)["HostRecovery"]) == ("on", "on")
    untargeted = on(ec2)
    assert placement(ec2, untargeted)["HostId"] == host
    refused = ec2.release_hosts(HostIds=[host])["Unsuccessful"]
    assert refused == [{"ResourceId": host, "Error": {
        "Code": "Client.InvalidHost.Occupied", "Message": f"Dedicated host '{host}' cannot be released as it is occupied"}}]
    ec2.terminate_instances(InstanceIds=[held, untargeted])
    assert ec2.release_hosts(HostIds=[host])["Successful"] == [host]
    assert seen(ec2, host)["State"] == "released"
    server.advance("2h")
    assert error_of(ec2.describe_hosts, HostIds=[host])[:2] == ("InvalidHostID.NotFound", f"The host ID '{host}' does not exist")


def test_a_host_of_a_family(ec2):
    host = allocate(ec2, InstanceFamily="c5", AutoPlacement="on")
    assert seen(ec2, host)["HostProperties"]["InstanceFamily"] == "c5" and "InstanceType" not in seen(ec2, host)["HostProperties"]
    kinds = {one["InstanceType"] for one in seen(ec2, host)["AvailableCapacity"]["AvailableInstanceCapacity"]}
    assert {"c5.large", "c5.xlarge"} <= kinds
    assert placement(ec2, on(ec2, "c5.xlarge"))["HostId"] == host
    assert error_of(on, ec2=ec2, kind="m5.large", HostId=host)[0] == "UnsupportedInstanceTypeOnHost"


def test_a_stopped_instance_and_its_host(server, ec2):
    first, second = allocate(ec2, InstanceType="r5.24xlarge"), allocate(ec2, InstanceType="r5.24xlarge", AutoPlacement="on")
    bound = on(ec2, "r5.24xlarge", HostId=first, Affinity="host")
    free = on(ec2, "r5.24xlarge")
    server.advance("1m")
    assert placement(ec2, free)["HostId"] == second
    ec2.stop_instances(InstanceIds=[bound, free])
    server.advance("1m")
    assert (placement(ec2, bound)["HostId"], "HostId" in placement(ec2, free)) == (first, False)
    assert seen(ec2, first)["Instances"] == [] == seen(ec2, second)["Instances"]
    assert ec2.modify_instance_placement(InstanceId=bound, HostId=second)["Return"] is True
    ec2.start_instances(InstanceIds=[bound])
    assert placement(ec2, bound)["HostId"] == second
    assert error_of(ec2.start_instances, InstanceIds=[free])[0] == "InsufficientHostCapacity"
    ec2.modify_hosts(HostIds=[first], AutoPlacement="on")
    ec2.start_instances(InstanceIds=[free])
    assert placement(ec2, free)["HostId"] == first


def test_the_placement_of_an_instance(server, ec2):
    held = launch(ec2, InstanceType="m5.large", Placement={"Tenancy": "dedicated"})
    server.advance("1m")
    assert error_of(ec2.modify_instance_placement, InstanceId=held, Tenancy="host")[:2] == (
        "InvalidInstanceState", f"The instance '{held}' is not in the 'stopped' state.")
    ec2.stop_instances(InstanceIds=[held])
    server.advance("1m")
    assert error_of(ec2.modify_instance_placement, InstanceId=held, Tenancy="default")[0] == "InvalidTenancy"
    ec2.create_placement_group(GroupName="parts", Strategy="partition", PartitionCount=2)
    ec2.modify_instance_placement(InstanceId=held, GroupName="parts", PartitionNumber=2)
    assert (placement(ec2, held)["GroupName"], placement(ec2, held)["PartitionNumber"]) == ("parts", 2)
    assert error_of(ec2.modify_instance_placement, InstanceId=held, GroupName="nowhere")[0] == "InvalidPlacementGroup.Unknown"
    ec2.modify_instance_placement(InstanceId=held, GroupName="")
    assert placement(ec2, held)["GroupName"] == ""
    ec2.modify_instance_placement(InstanceId=held, Tenancy="host", Affinity="host")
    assert (placement(ec2, held)["Tenancy"], placement(ec2, held)["Affinity"]) == ("host", "host")
    host = allocate(ec2, AvailabilityZone=placement(ec2, held)["AvailabilityZone"], AutoPlacement="on")
    ec2.start_instances(InstanceIds=[held])
    assert placement(ec2, held)["HostId"] == host
    iam = server.client("iam")
    user = server.client("ec2", make_user(iam, "places", allow("ec2:ModifyInstancePlacement", Condition={"StringEquals": {"ec2:Attribute/Affinity": "default"}})))
    assert error_of(user.modify_instance_placement, InstanceId=held, Affinity="host")[0] == "UnauthorizedOperation"
    assert user.modify_instance_placement(InstanceId=held, Affinity="default")["Return"] is True
    user = server.client("ec2", make_user(iam, "places-not", allow("ec2:*"), {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:ec2:*:*:dedicated-host/*"}))
    assert error_of(user.modify_instance_placement, InstanceId=held, HostId=host)[0] == "UnauthorizedOperation"


def test_what_is_refused(ec2):
    assert error_of(allocate, ec2=ec2, InstanceFamily="c5", InstanceType="c5.large")[0] == "InvalidParameterCombination"
    assert error_of(allocate, ec2=ec2, InstanceType="t2.micro")[0] == "UnsupportedHostConfiguration"
    assert error_of(allocate, ec2=ec2, AvailabilityZone="us-east-1z")[0] == "InvalidParameterValue"
    assert error_of(on, ec2=ec2, HostId="h-0123456789abcdef0")[0] == "InvalidHostID.NotFound"
    assert ec2.modify_hosts(HostIds=["h-0123456789abcdef0"], AutoPlacement="on")["Unsuccessful"][0]["Error"] == {
        "Code": "Client.InvalidHostID.NotFound", "Message": "The host ID 'h-0123456789abcdef0' does not exist"}


def test_who_may_not(server, ec2):
    iam = server.client("iam")
    host = allocate(ec2)
    mine = server.client("ec2", make_user(iam, "elsewhere", allow("ec2:*", "arn:aws:ec2:*:*:dedicated-host/h-0000000000000000f")))
    theirs = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    for user in (mine, theirs):
        for operation, parameters in (("describe_hosts", {}), ("modify_hosts", {"HostIds": [host], "AutoPlacement": "off"}), ("release_hosts", {"HostIds": [host]})):
            assert error_of(getattr(user, operation), **parameters)[0] == "UnauthorizedOperation", operation
        assert error_of(allocate, ec2=user)[0] == "UnauthorizedOperation"
    user = server.client("ec2", make_user(
        iam, "conditions", allow("ec2:AllocateHosts", Condition={"NumericLessThanEquals": {"ec2:Quantity": "1"}, "StringEquals": {"ec2:AutoPlacement": "off"}}),
        allow("ec2:ModifyHosts", Condition={"StringEquals": {"ec2:Attribute/AutoPlacement": "off"}})))
    assert allocate(user, AutoPlacement="off")
    assert error_of(allocate, ec2=user, AutoPlacement="off", Quantity=2)[0] == "UnauthorizedOperation"
    assert error_of(allocate, ec2=user, AutoPlacement="on")[0] == "UnauthorizedOperation"
    user.modify_hosts(HostIds=[host], AutoPlacement="off")
    assert error_of(user.modify_hosts, HostIds=[host], AutoPlacement="on")[0] == "UnauthorizedOperation"
    assert error_of(server.client("ec2", region="eu-west-1").describe_hosts, HostIds=[host])[0] == "InvalidHostID.NotFound"
