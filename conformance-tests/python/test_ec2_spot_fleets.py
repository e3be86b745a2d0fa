"""EC2's Spot fleets: what they launch, how they keep their size, and who may not."""

import datetime

import pytest

from conftest import allow, error_of, image, make_user, trust

TAGS = [{"Key": "team", "Value": "red"}]
ROLE = "arn:aws:iam::000000000000:role/fleet"
START = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)


@pytest.fixture(scope="module")
def ec2(server):
    server.client("iam").create_role(RoleName="fleet", AssumeRolePolicyDocument=trust("spotfleet.amazonaws.com"))
    made = server.client("ec2")
    made.create_launch_template(LaunchTemplateName="fleet", LaunchTemplateData={"ImageId": image(made), "InstanceType": "m5.large"})
    return made


def request(ec2, capacity=1, plain=True, **more):
    launches = {"LaunchSpecifications": [{"ImageId": image(ec2), "InstanceType": "m5.large", **more.pop("launch", {})}]} if plain else {
        "LaunchTemplateConfigs": [{"LaunchTemplateSpecification": {"LaunchTemplateName": "fleet", "Version": "1"}, "Overrides": more.pop("overrides", [])}]}
    return ec2.request_spot_fleet(SpotFleetRequestConfig={
        "IamFleetRole": ROLE, "TargetCapacity": capacity, **launches, **more})["SpotFleetRequestId"]


def seen(ec2, held):
    return ec2.describe_spot_fleet_requests(SpotFleetRequestIds=[held])["SpotFleetRequestConfigs"][0]


def running(ec2, held):
    return sorted(one["InstanceId"] for one in ec2.describe_spot_fleet_instances(SpotFleetRequestId=held)["ActiveInstances"])


def test_a_fleet_keeps_its_size(server, ec2):
    group = ec2.create_security_group(GroupName="fleet", Description="d")["GroupId"]
    held = request(ec2, 2, launch={"SecurityGroups": [{"GroupId": group}]}, TagSpecifications=[{"ResourceType": "spot-fleet-request", "Tags": TAGS}])
    server.advance("1m")
    found = seen(ec2, held)
    assert (found["SpotFleetRequestState"], found["ActivityStatus"], found["Tags"]) == ("active", "fulfilled", TAGS)
    config = found["SpotFleetRequestConfig"]
    assert (config["IamFleetRole"], config["TargetCapacity"], config["FulfilledCapacity"], config["Type"]) == (ROLE, 2, 2.0, "maintain")
    assert config["LaunchSpecifications"][0]["InstanceType"] == "m5.large"
    before = running(ec2, held)
    one = ec2.describe_instances(InstanceIds=before[:1])["Reservations"][0]["Instances"][0]
    assert (one["InstanceLifecycle"], one["SecurityGroups"][0]["GroupId"]) == ("spot", group)
    assert {"Key": "aws:ec2spot:fleet-request-id", "Value": held} in one["Tags"]
    ec2.terminate_instances(InstanceIds=before[:1])
    after = running(ec2, held)
    assert len(after) == 2 and before[0] not in after
    assert ec2.modify_spot_fleet_request(SpotFleetRequestId=held, TargetCapacity=3)["Return"] is True
    assert len(running(ec2, held)) == 3
    history = ec2.describe_spot_fleet_request_history(SpotFleetRequestId=held, StartTime=START, EventType="instanceChange")["HistoryRecords"]
    assert [record["EventInformation"]["EventSubType"] for record in history] == ["launched", "launched", "terminated", "launched", "launched"]
    gone = ec2.cancel_spot_fleet_requests(SpotFleetRequestIds=[held, "sfr-00000000-0000-0000-0000-000000000000", "sfr-1"], TerminateInstances=True)
    assert [(it["PreviousSpotFleetRequestState"], it["CurrentSpotFleetRequestState"]) for it in gone["SuccessfulFleetRequests"]] == [
        ("active", "cancelled_terminating")]
    assert [it["Error"]["Code"] for it in gone["UnsuccessfulFleetRequests"]] == ["fleetRequestIdDoesNotExist", "fleetRequestIdMalformed"]
    assert running(ec2, held) == []
    server.advance("1m")
    assert seen(ec2, held)["SpotFleetRequestState"] == "cancelled"


def test_a_fleet_begins_and_ends_by_the_clock(server, ec2):
    now = datetime.datetime.fromisoformat(server.admin("GET", "clock")["now"].replace("Z", "+00:00"))
    held = request(ec2, ValidFrom=now + datetime.timedelta(hours=1), ValidUntil=now + datetime.timedelta(hours=2), TerminateInstancesWithExpiration=True)
    server.advance("1m")
    assert (seen(ec2, held)["SpotFleetRequestState"], running(ec2, held)) == ("submitted", [])
    server.advance("1h")
    assert (seen(ec2, held)["SpotFleetRequestState"], len(running(ec2, held))) == ("active", 1)
    server.advance("1h")
    assert (seen(ec2, held)["SpotFleetRequestState"], running(ec2, held)) == ("cancelled", [])
    events = ec2.describe_spot_fleet_request_history(SpotFleetRequestId=held, StartTime=START)["HistoryRecords"]
    assert [one["EventInformation"]["EventSubType"] for one in events] == ["submitted", "active", "launched", "expired", "terminated"]


def test_an_interrupted_instance_is_replaced(server, ec2):
    held = request(ec2)
    server.advance("1m")
    [first] = running(ec2, held)
    server.admin("POST", f"instances/{first}/interrupt", {})
    spot = ec2.describe_instances(InstanceIds=[first])["Reservations"][0]["Instances"][0]["SpotInstanceRequestId"]
    told = ec2.describe_spot_instance_requests(SpotInstanceRequestIds=[spot])["SpotInstanceRequests"][0]
    assert (told["State"], told["Status"]["Code"]) == ("closed", "instance-terminated-no-capacity")
    server.advance("3m")
    [second] = running(ec2, held)
    assert second != first


def test_templates_and_subnets(ec2):
    subnets = [ec2.describe_subnets(Filters=[{"Name": "availability-zone", "Values": [f"us-east-1{zone}"]}])["Subnets"][0]["SubnetId"] for zone in "ab"]
    held = request(ec2, 4, plain=False, AllocationStrategy="diversified",
                   overrides=[{"InstanceType": "m5.large", "SubnetId": subnets[0]}, {"InstanceType": "c5.large", "SubnetId": subnets[1]}])
    launched = [one for found in ec2.describe_instances(InstanceIds=running(ec2, held))["Reservations"] for one in found["Instances"]]
    assert sorted((one["InstanceType"], one["SubnetId"]) for one in launched) == sorted(
        [("m5.large", subnets[0]), ("c5.large", subnets[1])] * 2)
    assert seen(ec2, held)["SpotFleetRequestConfig"]["LaunchTemplateConfigs"][0]["Overrides"][1]["InstanceType"] == "c5.large"


def test_what_is_refused(ec2):
    none = "sfr-01234567-89ab-cdef-0123-456789abcdef"
    text = f"The spot fleet request ID '{none}' does not exist"
    assert error_of(ec2.describe_spot_fleet_requests, SpotFleetRequestIds=[none])[:2] == ("InvalidSpotFleetRequestId.NotFound", text)
    assert error_of(ec2.describe_spot_fleet_instances, SpotFleetRequestId="sfr-1")[0] == "InvalidSpotFleetRequestId.Malformed"
    assert error_of(ec2.modify_spot_fleet_request, SpotFleetRequestId=none, TargetCapacity=1)[:2] == ("InvalidSpotFleetRequestId.NotFound", text)
    assert error_of(ec2.request_spot_fleet, SpotFleetRequestConfig={"IamFleetRole": ROLE, "TargetCapacity": 1})[0] == "MissingParameter"
    assert error_of(request, ec2=ec2, OnDemandTargetCapacity=2)[0] == "InvalidSpotFleetRequestConfig"
    assert error_of(request, ec2=ec2, SpotPrice="cheap")[:2] == (
        "InvalidSpotFleetRequestConfig", "Parameter: SpotFleetRequestConfig.SpotPrice is invalid.")
    assert error_of(request, ec2=ec2, IamFleetRole="arn:aws:iam::000000000000:role/nobody")[:2] == (
        "InvalidSpotFleetRequestConfig", "Parameter: SpotFleetRequestConfig.IamFleetRole is invalid.")


def test_who_may_not(server, ec2):
    iam = server.client("iam")
    held = request(ec2, TagSpecifications=[{"ResourceType": "spot-fleet-request", "Tags": TAGS}])
    mine = server.client("ec2", make_user(iam, "elsewhere", allow("ec2:*", "arn:aws:ec2:*:*:spot-fleet-request/sfr-0")))
    theirs = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    calls = [("describe_spot_fleet_requests", {}), ("describe_spot_fleet_instances", {"SpotFleetRequestId": held}),
             ("describe_spot_fleet_request_history", {"SpotFleetRequestId": held, "StartTime": START}),
             ("modify_spot_fleet_request", {"SpotFleetRequestId": held, "TargetCapacity": 2}),
             ("cancel_spot_fleet_requests", {"SpotFleetRequestIds": [held], "TerminateInstances": True}),
             ("request_spot_fleet", {"SpotFleetRequestConfig": {"IamFleetRole": ROLE, "TargetCapacity": 1, "LaunchSpecifications": [
                 {"ImageId": image(ec2), "InstanceType": "m5.large"}]}})]
    for user in (mine, theirs):
        for operation, parameters in calls:
            assert error_of(getattr(user, operation), **parameters)[0] == "UnauthorizedOperation", operation
    user = server.client("ec2", make_user(iam, "conditions", allow("ec2:ModifySpotFleetRequest", Condition={"StringEquals": {"ec2:Attribute/TargetCapacity": "2"}})))
    passes = server.client("ec2", make_user(iam, "passes-nothing", allow("ec2:*")))
    assert error_of(request, ec2=passes)[0] == "UnauthorizedOperation", "the fleet's role has to be passed"
    user.modify_spot_fleet_request(SpotFleetRequestId=held, TargetCapacity=2)
    assert error_of(user.modify_spot_fleet_request, SpotFleetRequestId=held, TargetCapacity=3)[0] == "UnauthorizedOperation"
    assert len(running(ec2, held)) == 2
