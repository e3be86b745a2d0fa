"""Reserved Instances: what can be bought, what was, and who may not."""

import pytest

from conftest import allow, error_of, make_user


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


WANTED = {"InstanceType": "m5.large", "ProductDescription": "Linux/UNIX", "OfferingClass": "standard", "OfferingType": "No Upfront",
          "MaxDuration": 31_536_000, "Filters": [{"Name": "scope", "Values": ["Region"]}]}


def offering(ec2, **more):
    [one] = ec2.describe_reserved_instances_offerings(**{**WANTED, **more})["ReservedInstancesOfferings"]
    return one


def seen(ec2, held):
    return ec2.describe_reserved_instances(ReservedInstancesIds=[held])["ReservedInstances"][0]


def test_offerings(server, ec2):
    one = offering(ec2)
    assert offering(ec2) == one
    assert (one["FixedPrice"], one["InstanceTenancy"], one["Marketplace"]) == (0.0, "default", False)
    hourly = one["RecurringCharges"][0]["Amount"]
    assert hourly > 0 and offering(ec2, MaxDuration=94_608_000, MinDuration=94_608_000)["RecurringCharges"][0]["Amount"] < hourly
    upfront = offering(ec2, OfferingType="All Upfront")
    assert upfront["FixedPrice"] > 0 and upfront["RecurringCharges"] == []
    assert offering(ec2, ProductDescription="Windows")["RecurringCharges"][0]["Amount"] > hourly
    named = one["ReservedInstancesOfferingId"]
    assert ec2.describe_reserved_instances_offerings(ReservedInstancesOfferingIds=[named])["ReservedInstancesOfferings"] == [one]
    elsewhere = server.client("ec2", region="eu-west-1")
    assert error_of(elsewhere.describe_reserved_instances_offerings, ReservedInstancesOfferingIds=[named])[0] == "InvalidReservedInstancesOfferingId"
    pages = ec2.get_paginator("describe_reserved_instances_offerings").paginate(InstanceType="m5.large", PaginationConfig={"PageSize": 20})
    ids = [one["ReservedInstancesOfferingId"] for page in pages for one in page["ReservedInstancesOfferings"]]
    assert len(ids) == len(set(ids)) > 60 and named in ids


def test_purchases(server, ec2):
    named = offering(ec2)["ReservedInstancesOfferingId"]
    buy = ec2.purchase_reserved_instances_offering
    bought = buy(ReservedInstancesOfferingId=named, InstanceCount=3)["ReservedInstancesId"]
    told = seen(ec2, bought)
    assert (told["State"], told["InstanceCount"], told["InstanceType"], told["Scope"]) == ("payment-pending", 3, "m5.large", "Region")
    queued, unwanted = (buy(ReservedInstancesOfferingId=named, InstanceCount=1, PurchaseTime="2090-01-01T00:00:00Z")["ReservedInstancesId"] for _ in "12")
    server.advance("1m")
    assert (seen(ec2, bought)["State"], seen(ec2, queued)["State"]) == ("active", "queued")
    active = ec2.describe_reserved_instances(Filters=[{"Name": "state", "Values": ["active"]}])["ReservedInstances"]
    assert [one["ReservedInstancesId"] for one in active] == [bought]
    assert server.client("ec2", region="eu-west-1").describe_reserved_instances()["ReservedInstances"] == []
    assert server.client("ec2", server.account("222222222222")).describe_reserved_instances()["ReservedInstances"] == []
    answer = ec2.delete_queued_reserved_instances(ReservedInstancesIds=[unwanted, bought, "x"])
    assert answer["SuccessfulQueuedPurchaseDeletions"] == [{"ReservedInstancesId": unwanted}]
    assert [(one["ReservedInstancesId"], one["Error"]["Code"]) for one in answer["FailedQueuedPurchaseDeletions"]] == [
        (bought, "reserved-instances-not-in-queued-state"), ("x", "reserved-instances-id-invalid")]
    assert seen(ec2, unwanted)["State"] == "queued-deleted"
    server.advance("8761h")
    assert seen(ec2, bought)["State"] == "retired"
    server.admin("POST", "clock", {"reset": True})


def test_what_is_refused(ec2):
    named = offering(ec2)["ReservedInstancesOfferingId"]
    buy = ec2.purchase_reserved_instances_offering
    assert error_of(buy, ReservedInstancesOfferingId="x", InstanceCount=1)[:2] == (
        "InvalidReservedInstancesOfferingId", "The reserved instances offering ID 'x' does not exist")
    assert error_of(buy, ReservedInstancesOfferingId=named, InstanceCount=0)[0] == "InvalidParameterValue"
    assert error_of(buy, ReservedInstancesOfferingId=named, InstanceCount=1, PurchaseTime="2020-01-01T00:00:00Z")[0] == "InvalidParameterValue"
    assert error_of(buy, ReservedInstancesOfferingId=named, InstanceCount=1, DryRun=True)[0] == "DryRunOperation"
    assert error_of(ec2.describe_reserved_instances, ReservedInstancesIds=["x"])[:2] == (
        "InvalidReservedInstancesId", "The reserved instances ID 'x' does not exist")
    assert error_of(ec2.describe_reserved_instances_offerings, AvailabilityZone="us-east-1a", AvailabilityZoneId="use1-az1")[:2] == (
        "InvalidParameterCombination", "Either AvailabilityZone or AvailabilityZoneId can be specified, but not both.")
    assert error_of(ec2.describe_reserved_instances, Filters=[{"Name": "colour", "Values": ["red"]}])[0] == "InvalidParameterValue"


def test_who_may_not(server, ec2):
    iam = server.client("iam")
    named = offering(ec2)["ReservedInstancesOfferingId"]
    queued = ec2.purchase_reserved_instances_offering(ReservedInstancesOfferingId=named, InstanceCount=1, PurchaseTime="2090-01-01T00:00:00Z")["ReservedInstancesId"]
    stranger = server.client("ec2", make_user(iam, "reserved", allow("ec2:DescribeVpcs"), allow("ec2:*", "arn:aws:ec2:*:*:reserved-instances/x")))
    small = server.client("ec2", make_user(iam, "small", allow("ec2:DeleteQueuedReservedInstances", Condition={"StringEquals": {"ec2:InstanceType": "t3.micro"}})))
    for name, arguments in [("describe_reserved_instances", {}), ("describe_reserved_instances_offerings", {"InstanceType": "m5.large"}),
                            ("purchase_reserved_instances_offering", {"ReservedInstancesOfferingId": named, "InstanceCount": 1}),
                            ("delete_queued_reserved_instances", {"ReservedInstancesIds": [queued]})]:
        assert error_of(getattr(stranger, name), **arguments)[0] == "UnauthorizedOperation", name
        assert error_of(getattr(small, name), **arguments)[0] == "UnauthorizedOperation", name
    assert seen(ec2, queued)["State"] == "queued"
