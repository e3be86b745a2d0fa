"""EC2's fleets: what they launch, how they keep their size, and who may not."""

import datetime

import pytest

from conftest import allow, error_of, image, launch, make_user

TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    made = server.client("ec2")
    made.create_launch_template(LaunchTemplateName="fleet", LaunchTemplateData={"ImageId": image(made), "InstanceType": "m5.large"})
    return made


def tagged(*kinds):
    return [{"ResourceType": kind, "Tags": TAGS} for kind in kinds]


def fleet(ec2, total=1, kind="maintain", default="on-demand", overrides=(), **more):
    configs = [{"LaunchTemplateSpecification": {"LaunchTemplateName": "fleet", "Version": "$Latest"}, "Overrides": list(overrides)}]
    target = {"TotalTargetCapacity": total, "DefaultTargetCapacityType": default, **more.pop("target", {})}
    return ec2.create_fleet(Type=kind, LaunchTemplateConfigs=configs, TargetCapacitySpecification=target, **more)


def seen(ec2, fleet_id):
    return ec2.describe_fleets(FleetIds=[fleet_id])["Fleets"][0]


def running(ec2, fleet_id):
    return sorted(one["InstanceId"] for one in ec2.describe_fleet_instances(FleetId=fleet_id)["ActiveInstances"])


def test_an_instant_fleet(ec2):
    overrides = [{"InstanceType": "m5.xlarge", "WeightedCapacity": 4}, {"InstanceType": "m5.large", "WeightedCapacity": 1}, {"InstanceType": "t4g.micro"}]
    made = fleet(ec2, 4, "instant", overrides=overrides, ClientToken="instant-1", TagSpecifications=tagged("fleet", "instance"))
    [group] = made["Instances"]
    assert (group["InstanceType"], len(group["InstanceIds"]), group["Lifecycle"]) == ("m5.xlarge", 1, "on-demand")
    assert group["LaunchTemplateAndOverrides"]["Overrides"] == {"InstanceType": "m5.xlarge", "WeightedCapacity": 4.0}
    [error] = made["Errors"]
    assert (error["ErrorCode"], error["LaunchTemplateAndOverrides"]["Overrides"]["InstanceType"]) == ("InvalidParameterValue", "t4g.micro")
    held = ec2.describe_instances(InstanceIds=group["InstanceIds"])["Reservations"][0]["Instances"][0]
    tags = {tag["Key"]: tag["Value"] for tag in held["Tags"]}
    assert (tags["team"], tags["aws:ec2:fleet-id"], tags["aws:ec2launchtemplate:version"]) == ("red", made["FleetId"], "1")
    assert fleet(ec2, 4, "instant", overrides=overrides, ClientToken="instant-1", TagSpecifications=tagged("fleet", "instance"))["FleetId"] == made["FleetId"]
    found = seen(ec2, made["FleetId"])
    assert (found["Type"], found["FulfilledCapacity"], found["Tags"]) == ("instant", 4.0, TAGS)
    assert found["Instances"][0]["InstanceIds"] == group["InstanceIds"]
    assert made["FleetId"] not in [one["FleetId"] for one in ec2.describe_fleets()["Fleets"]]
    kept = ec2.delete_fleets(FleetIds=[made["FleetId"]], TerminateInstances=False)["UnsuccessfulFleetDeletions"]
    assert [one["Error"]["Code"] for one in kept] == ["NoTerminateInstancesNotSupported"]
    ec2.delete_fleets(FleetIds=[made["FleetId"]], TerminateInstances=True)
    held = ec2.describe_instances(InstanceIds=group["InstanceIds"])["Reservations"][0]["Instances"][0]
    assert held["State"]["Name"] == "shutting-down"


def test_a_fleet_keeps_its_size(server, ec2):
    held = fleet(ec2, 3, default="spot", target={"OnDemandTargetCapacity": 1})["FleetId"]
    server.advance("1m")
    found = seen(ec2, held)
    assert (found["FleetState"], found["ActivityStatus"], found["FulfilledCapacity"], found["FulfilledOnDemandCapacity"]) == ("active", "fulfilled", 3.0, 1.0)
    assert found["TargetCapacitySpecification"] == {
        "TotalTargetCapacity": 3, "OnDemandTargetCapacity": 1, "SpotTargetCapacity": 2, "DefaultTargetCapacityType": "spot"}
    assert found["SpotOptions"] == {"AllocationStrategy": "lowestPrice", "InstanceInterruptionBehavior": "terminate", "InstancePoolsToUseCount": 1}
    spot = [one for one in ec2.describe_fleet_instances(FleetId=held)["ActiveInstances"] if "SpotInstanceRequestId" in one]
    assert len(spot) == 2
    request = ec2.describe_spot_instance_requests(SpotInstanceRequestIds=[spot[0]["SpotInstanceRequestId"]])["SpotInstanceRequests"][0]
    assert request["InstanceId"] == spot[0]["InstanceId"]
    before = running(ec2, held)
    ec2.terminate_instances(InstanceIds=before[:1])
    after = running(ec2, held)
    assert len(after) == 3 and before[0] not in after
    server.advance("1m")
    assert ec2.modify_fleet(FleetId=held, TargetCapacitySpecification={"TotalTargetCapacity": 5, "OnDemandTargetCapacity": 1})["Return"] is True
    assert len(running(ec2, held)) == 5
    ec2.modify_fleet(FleetId=held, ExcessCapacityTerminationPolicy="no-termination", TargetCapacitySpecification={"TotalTargetCapacity": 2})
    assert len(running(ec2, held)) == 5
    ec2.modify_fleet(FleetId=held, ExcessCapacityTerminationPolicy="termination", TargetCapacitySpecification={"TotalTargetCapacity": 2})
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    records = ec2.describe_fleet_history(FleetId=held, StartTime=start)["HistoryRecords"]
    assert [one["EventInformation"]["EventSubType"] for one in records][:2] == ["submitted", "launched"]
    launched = ec2.describe_fleet_history(FleetId=held, StartTime=start, EventType="instance-change")["HistoryRecords"]
    assert {one["EventInformation"]["InstanceId"] for one in launched} >= set(before)
    gone = ec2.delete_fleets(FleetIds=[held, "fleet-00000000-0000-0000-0000-000000000000", "fleet-1"], TerminateInstances=False)
    assert [(one["PreviousFleetState"], one["CurrentFleetState"]) for one in gone["SuccessfulFleetDeletions"]] == [("active", "deleted_running")]
    assert [one["Error"]["Code"] for one in gone["UnsuccessfulFleetDeletions"]] == ["fleetIdDoesNotExist", "fleetIdMalformed"]
    left = running(ec2, held)
    assert left
    ec2.terminate_instances(InstanceIds=left)
    assert running(ec2, held) == [], "a deleted fleet launches nothing"
    server.advance("49h")
    assert error_of(ec2.describe_fleets, FleetIds=[held])[0] == "InvalidFleetId.NotFound"


def test_strategies(ec2):
    two = [{"InstanceType": "m5.large", "Priority": 2}, {"InstanceType": "c5.large", "Priority": 1}]
    prioritized = fleet(ec2, 1, "instant", overrides=two, OnDemandOptions={"AllocationStrategy": "prioritized"})
    assert [one["InstanceType"] for one in prioritized["Instances"]] == ["c5.large"]
    diversified = fleet(ec2, 4, "instant", "spot", overrides=two, SpotOptions={"AllocationStrategy": "diversified"})
    assert sorted((one["InstanceType"], len(one["InstanceIds"])) for one in diversified["Instances"]) == [("c5.large", 2), ("m5.large", 2)]
    cheap = fleet(ec2, 2, "instant", "spot", overrides=[{"InstanceType": "m5.large", "MaxPrice": "0.001"}])
    assert cheap["Instances"] == [] and cheap["Errors"][0]["ErrorCode"] == "SpotMaxPriceTooLow"


def test_who_may_not(server, ec2):
    iam = server.client("iam")
    held = fleet(ec2, TagSpecifications=tagged("fleet"))["FleetId"]
    mine = server.client("ec2", make_user(iam, "elsewhere", allow("ec2:*", "arn:aws:ec2:*:*:fleet/fleet-00000000-0000-0000-0000-000000000000")))
    theirs = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    calls = [("describe_fleets", {}), ("describe_fleet_instances", {"FleetId": held}), ("describe_fleet_history", {"FleetId": held, "StartTime": start}),
             ("modify_fleet", {"FleetId": held, "TargetCapacitySpecification": {"TotalTargetCapacity": 2}}),
             ("delete_fleets", {"FleetIds": [held], "TerminateInstances": True})]
    for user in (mine, theirs):
        for operation, parameters in calls:
            assert error_of(getattr(user, operation), **parameters)[0] == "UnauthorizedOperation", operation
        assert error_of(fleet, ec2=user)[0] == "UnauthorizedOperation"
    user = server.client("ec2", make_user(
        iam, "conditions", {"Effect": "Allow", "Action": "ec2:CreateFleet", "NotResource": "arn:aws:ec2:*:*:instance/*"},
        allow("ec2:CreateFleet", "arn:aws:ec2:*:*:instance/*", Condition={"StringEquals": {"ec2:InstanceType": "m5.large"}}),
        allow("ec2:ModifyFleet", Condition={"StringEquals": {"ec2:Attribute/TotalTargetCapacity": "2"}})))
    assert fleet(user)["FleetId"]
    assert error_of(fleet, ec2=user, overrides=[{"InstanceType": "m5.xlarge"}])[0] == "UnauthorizedOperation"
    assert error_of(fleet, ec2=user, TagSpecifications=tagged("fleet"))[0] == "UnauthorizedOperation"
    user.modify_fleet(FleetId=held, TargetCapacitySpecification={"TotalTargetCapacity": 2})
    assert error_of(user.modify_fleet, FleetId=held, TargetCapacitySpecification={"TotalTargetCapacity": 3})[0] == "UnauthorizedOperation"
    assert error_of(ec2.delete_fleets, FleetIds=[held], TerminateInstances=True, DryRun=True)[0] == "DryRunOperation"
    assert len(running(ec2, held)) == 2
    assert launch(ec2)
