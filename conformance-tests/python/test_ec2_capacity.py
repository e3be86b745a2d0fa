"""EC2's capacity reservations: what they hold, the instances that run in them, and who may not."""

import datetime

import pytest

from conftest import allow, error_of, launch, make_user

ZONE = "us-east-1a"
TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def reserve(ec2, count=1, kind="m5.large", **more):
    made = ec2.create_capacity_reservation(InstanceType=kind, InstancePlatform="Linux/UNIX", AvailabilityZone=ZONE, InstanceCount=count, **more)
    return made["CapacityReservation"]["CapacityReservationId"]


def seen(ec2, held):
    return ec2.describe_capacity_reservations(CapacityReservationIds=[held])["CapacityReservations"][0]


def start(ec2, kind="m5.large", **more):
    return launch(ec2, InstanceType=kind, Placement={"AvailabilityZone": ZONE}, **more)


def instance(ec2, instance_id):
    return ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]


def test_an_open_reservation(server, ec2):
    made = ec2.create_capacity_reservation(InstanceType="m5.large", InstancePlatform="Linux/UNIX", AvailabilityZone=ZONE, InstanceCount=2, ClientToken="open-1",
                                           TagSpecifications=[{"ResourceType": "capacity-reservation", "Tags": TAGS}])["CapacityReservation"]
    held = made["CapacityReservationId"]
    assert (made["State"], made["AvailableInstanceCount"], made["InstanceMatchCriteria"], made["EndDateType"], made["Tags"]) == ("pending", 2, "open", "unlimited", TAGS)
    server.advance("10s")
    assert seen(ec2, held)["State"] == "active"
    first, second, third = (start(ec2) for _ in range(3))
    assert [instance(ec2, one).get("CapacityReservationId") for one in (first, second, third)] == [held, held, None]
    assert ec2.get_groups_for_capacity_reservation(CapacityReservationId=held)["CapacityReservationGroups"] == []
    usage = ec2.get_capacity_reservation_usage(CapacityReservationId=held)
    assert (usage["TotalInstanceCount"], usage["AvailableInstanceCount"]) == (2, 0)
    assert usage["InstanceUsages"] == [{"AccountId": "000000000000", "UsedInstanceCount": 2}]
    found = ec2.describe_instances(Filters=[{"Name": "capacity-reservation-id", "Values": [held]}])["Reservations"]
    assert len(found) == 2
    ec2.terminate_instances(InstanceIds=[first])
    assert seen(ec2, held)["AvailableInstanceCount"] == 1
    ec2.modify_capacity_reservation(CapacityReservationId=held, InstanceCount=5)
    assert seen(ec2, held)["AvailableInstanceCount"] == 4
    assert ec2.cancel_capacity_reservation(CapacityReservationId=held)["Return"] is True
    assert seen(ec2, held)["State"] == "cancelled"
    assert "CapacityReservationId" not in instance(ec2, second)
    assert error_of(ec2.modify_capacity_reservation, CapacityReservationId=held, InstanceCount=6)[0] == "IncorrectState"
    assert ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [held]}])["Tags"][0]["ResourceType"] == "capacity-reservation"


def test_a_targeted_reservation(server, ec2):
    held = reserve(ec2, kind="c5.large", InstanceMatchCriteria="targeted")
    target = {"CapacityReservationTarget": {"CapacityReservationId": held}}
    assert "CapacityReservationId" not in instance(ec2, start(ec2, "c5.large"))
    inside = start(ec2, "c5.large", CapacityReservationSpecification=target)
    assert (instance(ec2, inside)["CapacityReservationId"], instance(ec2, inside)["CapacityReservationSpecification"]) == (held, target)
    full = error_of(start, ec2=ec2, kind="c5.large", CapacityReservationSpecification=target)
    assert full[:2] == ("ReservationCapacityExceeded",
                        "The requested reservation does not have sufficient compatible and available capacity for this request.")
    assert error_of(start, ec2=ec2, CapacityReservationSpecification=target)[0] == "ReservationCapacityExceeded", "another type"
    server.advance("1m")
    ec2.stop_instances(InstanceIds=[inside])
    assert seen(ec2, held)["AvailableInstanceCount"] == 1
    ec2.modify_capacity_reservation(CapacityReservationId=held, InstanceMatchCriteria="open")
    assert instance(ec2, start(ec2, "c5.large"))["CapacityReservationId"] == held
    server.advance("1m")
    assert error_of(ec2.start_instances, InstanceIds=[inside])[0] == "ReservationCapacityExceeded"


def test_a_limited_reservation(server, ec2):
    now = datetime.datetime.fromisoformat(server.admin("GET", "clock")["now"].replace("Z", "+00:00"))
    held = reserve(ec2, kind="r5.large", EndDateType="limited", EndDate=now + datetime.timedelta(hours=2))
    inside = start(ec2, "r5.large")
    assert instance(ec2, inside)["CapacityReservationId"] == held
    server.advance("3h")
    assert (seen(ec2, held)["State"], seen(ec2, held)["TotalInstanceCount"]) == ("expired", 0)
    assert "CapacityReservationId" not in instance(ec2, inside)


def test_who_may_not(server, ec2):
    iam = server.client("iam")
    held = reserve(ec2, InstanceMatchCriteria="targeted")
    mine = server.client("ec2", make_user(iam, "elsewhere", allow("ec2:*", "arn:aws:ec2:*:*:capacity-reservation/cr-0000000000000000f")))
    theirs = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    calls = [("describe_capacity_reservations", {}), ("get_capacity_reservation_usage", {"CapacityReservationId": held}),
             ("modify_capacity_reservation", {"CapacityReservationId": held, "InstanceCount": 2}), ("cancel_capacity_reservation", {"CapacityReservationId": held})]
    for user in (mine, theirs):
        for operation, parameters in calls:
            assert error_of(getattr(user, operation), **parameters)[0] == "UnauthorizedOperation", operation
        assert error_of(reserve, ec2=user)[0] == "UnauthorizedOperation"
    others = {"Effect": "Allow", "Action": "ec2:RunInstances", "NotResource": "arn:aws:ec2:*:*:capacity-reservation/*"}
    user = server.client("ec2", make_user(iam, "conditions", others, allow("ec2:CreateCapacityReservation", Condition={
        "NumericLessThanEquals": {"ec2:InstanceCount": "2"}, "StringEquals": {"ec2:InstanceType": "m5.large"}})))
    assert reserve(user, 2)
    assert error_of(reserve, ec2=user, count=3)[0] == "UnauthorizedOperation"
    assert error_of(reserve, ec2=user, kind="c5.large")[0] == "UnauthorizedOperation"
    target = {"CapacityReservationTarget": {"CapacityReservationId": held}}
    assert error_of(user.run_instances, ImageId=instance(ec2, start(ec2))["ImageId"], InstanceType="m5.large", MinCount=1, MaxCount=1,
                    CapacityReservationSpecification=target)[0] == "UnauthorizedOperation"
    assert error_of(ec2.cancel_capacity_reservation, CapacityReservationId=held, DryRun=True)[0] == "DryRunOperation"
    assert error_of(server.client("ec2", region="eu-west-1").describe_capacity_reservations, CapacityReservationIds=[held])[0] == "InvalidCapacityReservationId.NotFound"
