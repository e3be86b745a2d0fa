"""Scheduled Instances, which AWS sells no longer: nobody has any, and nobody gets one."""

import datetime

from conftest import error_of, make_user

WEEKLY = {"Frequency": "Weekly", "Interval": 1, "OccurrenceDays": [1]}


def test_nothing_is_on_offer(server):
    ec2 = server.client("ec2")
    now = datetime.datetime.now(datetime.timezone.utc)
    slot = {"EarliestTime": now, "LatestTime": now + datetime.timedelta(days=7)}
    asked = lambda slot=slot, **more: {"FirstSlotStartTimeRange": slot, "Recurrence": {**WEEKLY, **more}}
    assert ec2.describe_scheduled_instance_availability(**asked(), Filters=[{"Name": "instance-type", "Values": ["c4.large"]}])["ScheduledInstanceAvailabilitySet"] == []
    offers = ec2.describe_scheduled_instance_availability
    assert error_of(offers, **asked({"EarliestTime": slot["LatestTime"], "LatestTime": now}))[0] == "InvalidParameterValue"
    assert error_of(offers, **asked({**slot, "LatestTime": now + datetime.timedelta(days=100)}))[0] == "InvalidParameterValue"
    assert error_of(offers, **asked(Frequency="Yearly"))[0] == "InvalidParameterValue"
    assert error_of(offers, **asked(Frequency="Daily"))[0] == "InvalidParameterCombination"
    assert error_of(offers, **asked(OccurrenceDays=[8]))[0] == "InvalidParameterValue"
    assert error_of(offers, **asked(), MinSlotDurationInHours=24, MaxSlotDurationInHours=24)[0] == "InvalidParameterValue"
    assert error_of(offers, **asked(), Filters=[{"Name": "color", "Values": ["red"]}])[0] == "InvalidParameterValue"


def test_nobody_has_or_gets_one(server):
    ec2 = server.client("ec2")
    id = "sci-1234567890"
    assert ec2.describe_scheduled_instances()["ScheduledInstanceSet"] == []
    assert error_of(ec2.describe_scheduled_instances, ScheduledInstanceIds=[id])[0] == "InvalidScheduledInstance"
    assert error_of(ec2.purchase_scheduled_instances, PurchaseRequests=[{"InstanceCount": 1, "PurchaseToken": "token"}])[0] == "InvalidPurchaseToken.Malformed"
    assert error_of(ec2.run_scheduled_instances, ScheduledInstanceId=id, LaunchSpecification={"ImageId": "ami-12345678"})[0] == "InvalidScheduledInstance"
    user = server.client("ec2", make_user(server.client("iam"), "nobody"))
    assert error_of(user.run_scheduled_instances, ScheduledInstanceId=id, LaunchSpecification={"ImageId": "ami-12345678"})[0] == "UnauthorizedOperation"
