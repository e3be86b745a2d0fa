"""Reserved Instances that are modified, exchanged and put up for sale, and who may not."""

import pytest

from conftest import allow, error_of, make_user


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def offering(ec2, kind="m5.large", klass="standard", payment="No Upfront", scope="Region", years=1):
    found = ec2.describe_reserved_instances_offerings(
        InstanceType=kind, ProductDescription="Linux/UNIX", OfferingClass=klass, OfferingType=payment, MinDuration=years * 31_536_000,
        MaxDuration=years * 31_536_000, Filters=[{"Name": "scope", "Values": [scope]}])["ReservedInstancesOfferings"]
    return found[0]["ReservedInstancesOfferingId"]


def buy(server, ec2, count=1, **more):
    """Reserved Instances that are active."""
    bought = ec2.purchase_reserved_instances_offering(ReservedInstancesOfferingId=offering(ec2, **more), InstanceCount=count)["ReservedInstancesId"]
    server.advance("2s")
    return bought


def seen(ec2, held):
    return ec2.describe_reserved_instances(ReservedInstancesIds=[held])["ReservedInstances"][0]


def test_a_modification(server, ec2):
    held = buy(server, ec2, 4)
    targets = [{"InstanceType": "m5.xlarge", "InstanceCount": 1, "Scope": "Availability Zone", "AvailabilityZone": "us-east-1a"},
               {"InstanceType": "m5.large", "InstanceCount": 2}]
    ask = {"ReservedInstancesIds": [held], "TargetConfigurations": targets, "ClientToken": "modify-1"}
    began = ec2.modify_reserved_instances(**ask)["ReservedInstancesModificationId"]
    assert began.startswith("rimod-") and ec2.modify_reserved_instances(**ask)["ReservedInstancesModificationId"] == began
    [told] = ec2.describe_reserved_instances_modifications(ReservedInstancesModificationIds=[began])["ReservedInstancesModifications"]
    assert (told["Status"], told["ReservedInstancesIds"]) == ("processing", [{"ReservedInstancesId": held}])
    assert [one["TargetConfiguration"] for one in told["ModificationResults"]] == targets
    assert all("ReservedInstancesId" not in one for one in told["ModificationResults"]) and seen(ec2, held)["State"] == "active"
    assert error_of(ec2.modify_reserved_instances, ReservedInstancesIds=[held], TargetConfigurations=[{"InstanceCount": 4}])[0] == "InvalidInput"
    server.advance("2s")
    [told] = ec2.describe_reserved_instances_modifications(Filters=[{"Name": "status", "Values": ["fulfilled"]}])["ReservedInstancesModifications"]
    zonal, regional = (seen(ec2, one["ReservedInstancesId"]) for one in told["ModificationResults"])
    assert (zonal["InstanceType"], zonal["InstanceCount"], zonal["AvailabilityZone"], zonal["State"]) == ("m5.xlarge", 1, "us-east-1a", "active")
    assert (regional["InstanceType"], regional["InstanceCount"], regional["Scope"]) == ("m5.large", 2, "Region")
    assert seen(ec2, held)["State"] == "retired" and zonal["End"] == seen(ec2, held)["End"]
    pages = ec2.get_paginator("describe_reserved_instances_modifications").paginate()
    assert [one["ReservedInstancesModificationId"] for page in pages for one in page["ReservedInstancesModifications"]] == [began]


def test_modifications_that_cannot_be(server, ec2):
    held = buy(server, ec2, 2)
    modify = lambda **target: error_of(ec2.modify_reserved_instances, ReservedInstancesIds=[held], TargetConfigurations=[target])
    assert modify(InstanceCount=3) == (
        "InvalidInput", "The instance size footprint of the target configurations (12) does not match that of the Reserved Instances (8).", 400)
    assert modify(InstanceCount=2, InstanceType="c5.large")[1] == "The instance type cannot be changed from m5.large to c5.large."
    assert modify(InstanceCount=2, Scope="Availability Zone")[0] == "InvalidInput"
    assert modify(InstanceCount=2, AvailabilityZone="us-east-1x")[0] == "InvalidParameterValue"
    other = buy(server, ec2, 2, kind="c5.large")
    assert error_of(ec2.modify_reserved_instances, ReservedInstancesIds=[held, other], TargetConfigurations=[{"InstanceCount": 4}])[0] == "InvalidInput"
    assert seen(ec2, held)["State"] == "active"


def test_an_exchange(server, ec2):
    held = buy(server, ec2, 2, klass="convertible")
    target = [{"OfferingId": offering(ec2, "c5.large", "convertible", "Partial Upfront")}]
    quote = ec2.get_reserved_instances_exchange_quote(ReservedInstanceIds=[held], TargetConfigurations=target)
    assert quote["IsValidExchange"] is True and quote["OutputReservedInstancesWillExpireAt"] == seen(ec2, held)["End"]
    count = quote["TargetConfigurationValueSet"][0]["TargetConfiguration"]["InstanceCount"]
    value = lambda one: float(one["RemainingTotalValue"])
    assert value(quote["TargetConfigurationValueRollup"]) >= value(quote["ReservedInstanceValueRollup"]) > 0 and count >= 2
    assert float(quote["PaymentDue"]) > 0
    assert error_of(ec2.accept_reserved_instances_exchange_quote, ReservedInstanceIds=[held], TargetConfigurations=target, DryRun=True)[0] == "DryRunOperation"
    assert ec2.accept_reserved_instances_exchange_quote(ReservedInstanceIds=[held], TargetConfigurations=target)["ExchangeId"].startswith("riex-")
    server.advance("2s")
    assert seen(ec2, held)["State"] == "retired"
    active = ec2.describe_reserved_instances(Filters=[{"Name": "instance-type", "Values": ["c5.large"]}, {"Name": "state", "Values": ["active"]}])
    assert count in [one["InstanceCount"] for one in active["ReservedInstances"] if one["OfferingClass"] == "convertible"]
    standard = buy(server, ec2)
    quote = ec2.get_reserved_instances_exchange_quote(ReservedInstanceIds=[standard], TargetConfigurations=target)
    assert (quote["IsValidExchange"], quote["ValidationFailureReason"]) == (False, f"The Reserved Instances '{standard}' are not convertible.")
    assert error_of(ec2.accept_reserved_instances_exchange_quote, ReservedInstanceIds=[standard], TargetConfigurations=target)[0] == "InvalidInput"


def test_a_listing(server, ec2):
    held = buy(server, ec2, 3, scope="Availability Zone")
    ask = {"ReservedInstancesId": held, "InstanceCount": 2, "ClientToken": "list-1",
           "PriceSchedules": [{"Term": 10, "Price": 100.0, "CurrencyCode": "USD"}, {"Term": 5, "Price": 50.0, "CurrencyCode": "USD"}]}
    assert error_of(ec2.create_reserved_instances_listing, **ask)[:2] == (
        "InvalidInput", f"The Reserved Instances '{held}' have been active for less than 30 days.")
    server.advance("744h")
    [made] = ec2.create_reserved_instances_listing(**ask)["ReservedInstancesListings"]
    assert made["Status"] == "pending" and len(made["PriceSchedules"]) == 10
    [again] = ec2.create_reserved_instances_listing(**ask)["ReservedInstancesListings"]
    assert again["ReservedInstancesListingId"] == made["ReservedInstancesListingId"]
    server.advance("2s")
    [told] = ec2.describe_reserved_instances_listings(ReservedInstancesId=held)["ReservedInstancesListings"]
    assert (told["Status"], {one["State"]: one["InstanceCount"] for one in told["InstanceCounts"]}["available"]) == ("active", 2)
    [active] = [one for one in told["PriceSchedules"] if one["Active"]]
    assert (active["Term"], active["Price"]) == (10, 100.0)
    assert [one["Price"] for one in told["PriceSchedules"]] == [100.0] * 5 + [50.0] * 5
    assert error_of(ec2.modify_reserved_instances, ReservedInstancesIds=[held], TargetConfigurations=[{"InstanceCount": 3}])[0] == "InvalidInput"
    assert error_of(ec2.create_reserved_instances_listing, **{**ask, "ClientToken": "list-2"})[0] == "InvalidInput"
    [cancelled] = ec2.cancel_reserved_instances_listing(ReservedInstancesListingId=told["ReservedInstancesListingId"])["ReservedInstancesListings"]
    assert cancelled["Status"] == "cancelled"
    assert ec2.describe_reserved_instances_listings(Filters=[{"Name": "status", "Values": ["active"]}])["ReservedInstancesListings"] == []
    ec2.modify_reserved_instances(ReservedInstancesIds=[held], TargetConfigurations=[{"InstanceCount": 3, "Scope": "Region"}])
    server.admin("POST", "clock", {"reset": True})


def test_who_may_not(server, ec2):
    held = buy(server, ec2, klass="convertible")
    target = [{"OfferingId": offering(ec2, "c5.large", "convertible")}]
    iam = server.client("iam")
    stranger = server.client("ec2", make_user(iam, "stranger", allow("ec2:*", "arn:aws:ec2:*:*:reserved-instances/x")))
    small = server.client("ec2", make_user(iam, "small", allow("ec2:*", Condition={"StringEquals": {"ec2:InstanceType": "t3.micro"}})))
    calls = [("modify_reserved_instances", {"ReservedInstancesIds": [held], "TargetConfigurations": [{"InstanceCount": 1}]}),
             ("get_reserved_instances_exchange_quote", {"ReservedInstanceIds": [held], "TargetConfigurations": target}),
             ("accept_reserved_instances_exchange_quote", {"ReservedInstanceIds": [held], "TargetConfigurations": target}),
             ("describe_reserved_instances_modifications", {}), ("describe_reserved_instances_listings", {}),
             ("create_reserved_instances_listing", {"ReservedInstancesId": held, "InstanceCount": 1, "ClientToken": "x",
                                                    "PriceSchedules": [{"Term": 1, "Price": 1.0}]}),
             ("cancel_reserved_instances_listing", {"ReservedInstancesListingId": "x"})]
    for user in (stranger, small):
        for name, arguments in calls:
            assert error_of(getattr(user, name), **arguments)[0] == "UnauthorizedOperation", name
    assert seen(ec2, held)["State"] == "active"
