"""Capacity Blocks, reservations for a day to come and their quotes, interruptible ones, Capacity Manager, and how fast the network is; and who may not."""

import datetime

import pytest

from conftest import allow, error_of, image, launch, make_user

ZONE = "us-east-1a"
TAGS = [{"Key": "team", "Value": "red"}]
TYPE = "p5.48xlarge"
CAPACITY_BLOCK = {"MarketType": "capacity-block"}
INTERRUPTIBLE = {"MarketType": "interruptible-capacity-reservation"}


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(autouse=True)
def own_clock(server):
    """Each begins today."""
    yield
    server.admin("POST", "clock", {"reset": True})


def offering(ec2, hours=24, **more):
    found = ec2.describe_capacity_block_offerings(**{"InstanceType": TYPE, "InstanceCount": 2, "CapacityDurationHours": hours, **more})
    return found["CapacityBlockOfferings"][0]


def buy(server, ec2, **more):
    """A block that is paid."""
    bought = ec2.purchase_capacity_block(CapacityBlockOfferingId=offering(ec2)["CapacityBlockOfferingId"], InstancePlatform="Linux/UNIX", **more)
    server.advance("2s")
    return bought


def seen(ec2, held):
    return ec2.describe_capacity_reservations(CapacityReservationIds=[held])["CapacityReservations"][0]


def wait_until(server, time, minutes=0):
    """Moves the clock to so many minutes before that time, or a little later."""
    now = datetime.datetime.fromisoformat(server.admin("GET", "clock")["now"].replace("Z", "+00:00"))
    server.advance(f"{int((time - now).total_seconds()) + 1 - 60 * minutes}s")


def into(held, market=CAPACITY_BLOCK, kind=TYPE, zone=ZONE):
    return {"InstanceType": kind, "Placement": {"AvailabilityZone": zone}, "InstanceMarketOptions": market,
            "CapacityReservationSpecification": {"CapacityReservationTarget": {"CapacityReservationId": held}}}


def instance(ec2, name):
    return ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]


def test_what_is_on_offer(ec2):
    one = offering(ec2)
    assert offering(ec2) == one and one["CapacityBlockOfferingId"].startswith("cb-")
    assert (one["InstanceType"], one["InstanceCount"], one["CapacityBlockDurationHours"], one["CurrencyCode"]) == (TYPE, 2, 24, "USD")
    assert one["EndDate"] - one["StartDate"] == datetime.timedelta(days=1)
    assert [segment["AvailabilityZone"] for segment in one["CapacityBlockOfferingSegments"]] == [one["AvailabilityZone"]]
    assert float(offering(ec2, 336)["UpfrontFee"]) == pytest.approx(14 * float(one["UpfrontFee"]), rel=0.001)
    late = offering(ec2, StartDateRange=one["StartDate"] + datetime.timedelta(days=9))
    assert late["StartDate"] == one["StartDate"] + datetime.timedelta(days=9)
    ask = {"InstanceType": TYPE, "InstanceCount": 2, "CapacityDurationHours": 48, "EndDateRange": one["EndDate"]}
    assert ec2.describe_capacity_block_offerings(**ask)["CapacityBlockOfferings"] == []
    several = ec2.describe_capacity_block_offerings(InstanceTypePreferences=[{"InstanceType": TYPE}, {"InstanceType": "p4d.24xlarge"}],
                                                    InstanceCount=1, CapacityDurationHours=24)["CapacityBlockOfferings"]
    assert [it["InstanceType"] for it in several] == ["p4d.24xlarge", TYPE]


def test_a_block_from_its_purchase_to_its_end(server, ec2):
    bought = ec2.purchase_capacity_block(CapacityBlockOfferingId=offering(ec2)["CapacityBlockOfferingId"], InstancePlatform="Linux/UNIX", TagSpecifications=[
        {"ResourceType": "capacity-reservation", "Tags": TAGS}, {"ResourceType": "capacity-block", "Tags": [{"Key": "team", "Value": "blue"}]}])
    held, block = bought["CapacityReservation"], bought["CapacityBlocks"][0]["CapacityBlockId"]
    name, zone = held["CapacityReservationId"], held["AvailabilityZone"]
    assert (held["State"], held["ReservationType"], held["CapacityBlockId"], held["Tags"]) == ("payment-pending", "capacity-block", block, TAGS)
    told = lambda: ec2.describe_capacity_blocks(CapacityBlockIds=[block])["CapacityBlocks"][0]
    assert (told()["CapacityReservationIds"], told()["Tags"]) == ([name], [{"Key": "team", "Value": "blue"}])
    server.advance("2s")
    assert (seen(ec2, name)["State"], told()["State"], seen(ec2, name)["AvailableInstanceCount"]) == ("scheduled", "scheduled", 0)
    assert error_of(launch, ec2=ec2, **into(name, zone=zone))[0] == "ReservationCapacityExceeded"
    wait_until(server, held["StartDate"])
    assert (seen(ec2, name)["State"], told()["State"], seen(ec2, name)["AvailableInstanceCount"]) == ("active", "active", 2)
    assert error_of(launch, ec2=ec2, **{**into(name, zone=zone), "InstanceMarketOptions": {}})[:2] == (
        "InvalidParameterValue", "The market type (purchasing) option is not valid. Choose a different market type and try again")
    inside = launch(ec2, **into(name, zone=zone))
    assert (instance(ec2, inside)["InstanceLifecycle"], instance(ec2, inside)["CapacityReservationId"]) == ("capacity-block", name)
    found = ec2.describe_instances(Filters=[{"Name": "instance-lifecycle", "Values": ["capacity-block"]}])["Reservations"]
    assert [it["InstanceId"] for one in found for it in one["Instances"]] == [inside]
    status = lambda: ec2.describe_capacity_block_status(CapacityBlockIds=[block])["CapacityBlockStatuses"][0]
    assert (status()["InterconnectStatus"], status()["TotalCapacity"], status()["TotalAvailableCapacity"]) == ("ok", 2, 1)
    assert status()["CapacityReservationStatuses"][0]["TotalUnavailableCapacity"] == 1
    place = lambda: ec2.describe_capacity_reservation_topology(CapacityReservationIds=[name])["CapacityReservations"][0]
    server.advance("1m")
    nodes = ec2.describe_instance_topology(InstanceIds=[inside])["Instances"][0]["NetworkNodes"]
    assert len(nodes) == 3 and place()["NetworkNodes"] == nodes
    assert error_of(ec2.cancel_capacity_reservation, CapacityReservationId=name)[0] == "UnsupportedOperation"
    wait_until(server, held["EndDate"], 31)
    assert instance(ec2, inside)["State"]["Name"] == "running"
    server.advance("3m")
    ended = instance(ec2, inside)
    assert (ended["State"]["Name"], ended["StateReason"]["Code"]) == ("terminated", "Server.CapacityReservationTermination")
    assert error_of(launch, ec2=ec2, **into(name, zone=zone))[0] == "ReservationCapacityExceeded"
    server.advance("31m")
    assert (seen(ec2, name)["State"], told()["State"]) == ("expired", "expired")
    assert ec2.describe_capacity_block_status(CapacityBlockIds=[block])["CapacityBlockStatuses"][0]["InterconnectStatus"] == "insufficient-data"


def test_a_longer_block(server, ec2):
    held = buy(server, ec2)["CapacityReservation"]
    name = held["CapacityReservationId"]
    ask = {"CapacityReservationId": name, "CapacityBlockExtensionDurationHours": 48}
    [offer] = ec2.describe_capacity_block_extension_offerings(**ask)["CapacityBlockExtensionOfferings"]
    assert (offer["CapacityBlockExtensionStartDate"], offer["InstanceCount"]) == (held["EndDate"], 2)
    buying = {"CapacityReservationId": name, "CapacityBlockExtensionOfferingId": offer["CapacityBlockExtensionOfferingId"]}
    [bought] = ec2.purchase_capacity_block_extension(**buying)["CapacityBlockExtensions"]
    assert (bought["CapacityBlockExtensionStatus"], bought["UpfrontFee"]) == ("payment-pending", offer["UpfrontFee"])
    assert error_of(ec2.describe_capacity_block_extension_offerings, **ask)[0] == "IncorrectState"
    server.advance("2s")
    [told] = ec2.describe_capacity_block_extension_history(CapacityReservationIds=[name])["CapacityBlockExtensions"]
    assert told["CapacityBlockExtensionStatus"] == "payment-succeeded"
    assert seen(ec2, name)["EndDate"] == held["EndDate"] + datetime.timedelta(days=2)
    block = ec2.describe_capacity_blocks(Filters=[{"Name": "capacity-block-id", "Values": [held["CapacityBlockId"]]}])["CapacityBlocks"][0]
    assert block["EndDate"] == seen(ec2, name)["EndDate"]


def future(ec2, days=10, **more):
    start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    made = ec2.create_capacity_reservation(InstanceType="m5.large", InstancePlatform="Linux/UNIX", AvailabilityZone=ZONE, InstanceCount=4,
                                           InstanceMatchCriteria="targeted", StartDate=start, CommitmentDuration=20 * 86_400,
                                           DeliveryPreference="incremental", **more)
    return made["CapacityReservation"]


def test_a_reservation_for_a_day_to_come(server, ec2):
    held = future(ec2)
    name = held["CapacityReservationId"]
    assert (held["State"], held["DeliveryPreference"], held["CommitmentInfo"]["CommittedInstanceCount"]) == ("assessing", "incremental", 4)
    server.advance("2s")
    assert seen(ec2, name)["State"] == "scheduled"
    later = held["StartDate"] + datetime.timedelta(days=5)
    ask = {"CapacityReservationId": name, "NewStartDate": later, "ClientToken": "later-1",
           "TagSpecifications": [{"ResourceType": "capacity-reservation-modification-quote", "Tags": TAGS}]}
    quote = ec2.create_capacity_reservation_date_change_quote(**ask)["CapacityReservationModificationQuote"]
    assert ec2.create_capacity_reservation_date_change_quote(**ask)["CapacityReservationModificationQuote"] == quote
    assert (quote["QuoteState"], quote["Tags"], quote["ModificationTerms"]["ReservationUpdate"]["NewStartDate"]) == ("active", TAGS, later)
    change = {"CapacityReservationId": name, "StartDate": later, "QuoteId": quote["CapacityReservationModificationQuoteId"]}
    assert error_of(ec2.modify_capacity_reservation, **change)[0] == "MissingParameter"
    changed = ec2.modify_capacity_reservation(**change, AcceptModificationTerms=True)
    assert (changed["AdjustmentStatus"], changed["AdjustmentDetails"]["StartDate"]) == ("applied", later)
    told = seen(ec2, name)
    assert (told["StartDate"], told["OriginalStartDate"], told["AdjustmentStatus"]) == (later, held["StartDate"], "applied")
    listed = ec2.describe_capacity_reservation_date_change_quotes(CapacityReservationModificationQuoteIds=[change["QuoteId"]])
    assert listed["CapacityReservationModificationQuotes"][0]["QuoteState"] == "expired"
    assert error_of(ec2.modify_capacity_reservation, **change, AcceptModificationTerms=True)[0] == "IncorrectState"
    server.advance("264h")
    assert seen(ec2, name)["State"] == "scheduled", "it was put off"
    server.advance("120h")
    assert (seen(ec2, name)["State"], seen(ec2, name)["AvailableInstanceCount"]) == ("active", 4)


def test_a_commitment_that_is_left(server, ec2):
    held = future(ec2)
    name = held["CapacityReservationId"]
    server.advance("360h")
    assert error_of(ec2.cancel_capacity_reservation, CapacityReservationId=name)[0] == "IncorrectState"
    assert error_of(ec2.modify_capacity_reservation, CapacityReservationId=name, InstanceCount=1)[0] == "IncorrectState"
    quote = ec2.create_capacity_reservation_cancellation_quote(CapacityReservationId=name, TagSpecifications=[
        {"ResourceType": "capacity-reservation-cancellation-quote", "Tags": TAGS}])["CapacityReservationCancellationQuote"]
    [terms] = quote["CancellationTerms"]
    assert (quote["QuoteState"], quote["Tags"], terms["CancellationType"], terms["ReservationState"]) == ("active", TAGS, "commitment-wind-down", "cancelling")
    assert quote["CurrentConfiguration"] == {"InstanceCount": 4, "ReservationState": "active"}
    ask = {"CapacityReservationId": name, "QuoteId": quote["CapacityReservationCancellationQuoteId"]}
    assert error_of(ec2.cancel_capacity_reservation, **ask)[0] == "MissingParameter"
    assert ec2.cancel_capacity_reservation(**ask, ApplyCancellationCharges="commitment-wind-down")["Return"] is True
    assert seen(ec2, name)["State"] == "cancelling"
    found = ec2.describe_capacity_reservation_cancellation_quotes(CapacityReservationCancellationQuoteIds=[ask["QuoteId"]])
    assert [it["QuoteState"] for it in found["CapacityReservationCancellationQuotes"]] == ["expired"]
    server.advance("361h")
    assert seen(ec2, name)["State"] == "cancelled"


def test_capacity_that_is_lent(server, ec2):
    source = ec2.create_capacity_reservation(InstanceType="m5.large", InstancePlatform="Linux/UNIX", AvailabilityZone=ZONE, InstanceCount=5,
                                             InstanceMatchCriteria="targeted")["CapacityReservation"]["CapacityReservationId"]
    server.advance("2s")
    ask = {"CapacityReservationId": source, "InstanceCount": 3, "ClientToken": "lend-1", "TagSpecifications": [{"ResourceType": "capacity-reservation", "Tags": TAGS}]}
    made = ec2.create_interruptible_capacity_reservation_allocation(**ask)
    assert (made["SourceCapacityReservationId"], made["TargetInstanceCount"], made["Status"], made["InterruptionType"]) == (source, 3, "pending", "adhoc")
    assert ec2.create_interruptible_capacity_reservation_allocation(**ask)["TargetInstanceCount"] == 3
    server.advance("2s")
    lent = lambda: seen(ec2, source)["InterruptibleCapacityAllocation"]
    other = lent()["InterruptibleCapacityReservationId"]
    assert (lent()["Status"], seen(ec2, source)["AvailableInstanceCount"]) == ("active", 2)
    assert (seen(ec2, other)["Interruptible"], seen(ec2, other)["Tags"], seen(ec2, other)["InterruptionInfo"]) == (
        True, TAGS, {"SourceCapacityReservationId": source, "InterruptionType": "adhoc"})
    launched = ec2.run_instances(ImageId=image(ec2), MinCount=2, MaxCount=2, **into(other, INTERRUPTIBLE, "m5.large"))["Instances"]
    names = [it["InstanceId"] for it in launched]
    assert {it["InstanceLifecycle"] for it in launched} == {"interruptible-capacity-reservation"}
    server.advance("1m")
    taken = ec2.update_interruptible_capacity_reservation_allocation(CapacityReservationId=source, TargetInstanceCount=1, ZeroSizePreference="retain")
    assert (taken["InterruptibleCapacityReservationId"], taken["InstanceCount"], taken["TargetInstanceCount"], taken["Status"]) == (other, 2, 1, "updating")
    server.advance("150s")
    states = [instance(ec2, name)["State"]["Name"] for name in names]
    assert sorted(states) == ["running", "terminated"]
    assert (lent()["Status"], lent()["InstanceCount"], seen(ec2, source)["AvailableInstanceCount"]) == ("active", 1, 4)
    ec2.update_interruptible_capacity_reservation_allocation(CapacityReservationId=source, TargetInstanceCount=0)
    server.advance("150s")
    assert (seen(ec2, other)["State"], seen(ec2, other)["TotalInstanceCount"], lent()["Status"]) == ("active", 0, "active"), "it is retained"
    ec2.update_interruptible_capacity_reservation_allocation(CapacityReservationId=source, ZeroSizePreference="default")
    server.advance("2s")
    assert (seen(ec2, other)["State"], lent()["Status"], seen(ec2, source)["AvailableInstanceCount"]) == ("cancelled", "canceled", 5)


def test_capacity_manager(server, ec2):
    assert ec2.get_capacity_manager_attributes()["CapacityManagerStatus"] == "disabled"
    assert error_of(ec2.update_capacity_manager_monitored_tag_keys, ActivateTagKeys=["team"])[0] == "IncorrectState"
    assert ec2.enable_capacity_manager()["CapacityManagerStatus"] == "enabled"
    told = ec2.get_capacity_manager_attributes()
    assert (told["CapacityManagerStatus"], told["IngestionStatus"], told["DataExportCount"]) == ("enabled", "initial-ingestion-in-progress", 0)
    assert error_of(ec2.update_capacity_manager_organizations_access, OrganizationsAccess=True)[0] == "OperationNotPermitted"
    server.admin("PUT", "organization", {"id": "o-a1b2c3d4e5", "managementAccount": "000000000000", "root": {
        "id": "r-ab12", "accounts": [{"id": "000000000000"}]}})
    assert ec2.update_capacity_manager_organizations_access(OrganizationsAccess=True)["OrganizationsAccess"] is True
    assert ec2.get_capacity_manager_attributes()["OrganizationsAccess"] is True
    server.admin("DELETE", "organization")
    [made] = ec2.update_capacity_manager_monitored_tag_keys(ActivateTagKeys=["team"])["CapacityManagerTagKeys"]
    assert (made["TagKey"], made["Status"], made["CapacityManagerProvided"]) == ("team", "activating", False)
    server.advance("2s")
    keys = lambda: [(it["TagKey"], it["Status"]) for it in ec2.get_capacity_manager_monitored_tag_keys()["CapacityManagerTagKeys"]]
    assert keys() == [("team", "activated")]
    ec2.update_capacity_manager_monitored_tag_keys(DeactivateTagKeys=["team"])
    assert keys() == [("team", "deactivating")]
    server.advance("2h")
    assert keys() == [] and ec2.get_capacity_manager_attributes()["IngestionStatus"] == "ingestion-complete"
    assert ec2.disable_capacity_manager()["CapacityManagerStatus"] == "disabled"
    assert ec2.get_capacity_manager_attributes()["CapacityManagerStatus"] == "disabled"


def test_how_fast_the_network_is(server, ec2):
    pair = {"Source": "us-east-1", "Destination": "eu-west-1"}
    assert ec2.enable_aws_network_performance_metric_subscription(**pair, Metric="aggregate-latency", Statistic="p50")["Output"] is True
    listed = lambda: ec2.describe_aws_network_performance_metric_subscriptions()["Subscriptions"]
    assert listed() == [{**pair, "Metric": "aggregate-latency", "Statistic": "p50", "Period": "five-minutes"}]
    now = datetime.datetime.now(datetime.timezone.utc)
    ask = {"DataQueries": [{"Id": "far", **pair, "Period": "five-minutes"}, {"Id": "near", "Source": "use1-az1", "Destination": "use1-az2", "Period": "one-hour"}],
           "StartTime": now - datetime.timedelta(hours=6), "EndTime": now - datetime.timedelta(hours=3)}
    far, near = ec2.get_aws_network_performance_data(**ask)["DataResponses"]
    assert ec2.get_aws_network_performance_data(**ask)["DataResponses"] == [far, near]
    assert (far["Id"], len(far["MetricPoints"]), {point["Status"] for point in far["MetricPoints"]}) == ("far", 37, {"OK"})
    assert all(50 < point["Value"] < 80 for point in far["MetricPoints"]) and all(point["Value"] < 2 for point in near["MetricPoints"])
    assert ec2.disable_aws_network_performance_metric_subscription(**pair)["Output"] is True
    assert listed() == []
    assert ec2.disable_aws_network_performance_metric_subscription(**pair)["Output"] is False


def test_who_may_not(server, ec2):
    iam = server.client("iam")
    block = buy(server, ec2)["CapacityReservation"]
    held = ec2.create_capacity_reservation(InstanceType="m5.large", InstancePlatform="Linux/UNIX", AvailabilityZone=ZONE, InstanceCount=2)["CapacityReservation"]
    server.advance("2s")
    name, offer = held["CapacityReservationId"], offering(ec2)["CapacityBlockOfferingId"]
    calls = [("purchase_capacity_block", {"CapacityBlockOfferingId": offer, "InstancePlatform": "Linux/UNIX"}),
             ("describe_capacity_block_extension_offerings", {"CapacityReservationId": block["CapacityReservationId"], "CapacityBlockExtensionDurationHours": 24}),
             ("purchase_capacity_block_extension", {"CapacityReservationId": block["CapacityReservationId"], "CapacityBlockExtensionOfferingId": "cbe-1"}),
             ("create_interruptible_capacity_reservation_allocation", {"CapacityReservationId": name, "InstanceCount": 1}),
             ("update_interruptible_capacity_reservation_allocation", {"CapacityReservationId": name, "TargetInstanceCount": 1}),
             ("create_capacity_reservation_cancellation_quote", {"CapacityReservationId": name}),
             ("create_capacity_reservation_date_change_quote", {"CapacityReservationId": name, "NewStartDate": held["StartDate"]}),
             ("describe_capacity_block_offerings", {"InstanceType": TYPE, "InstanceCount": 1, "CapacityDurationHours": 24}),
             ("describe_capacity_blocks", {}), ("describe_capacity_block_status", {}), ("describe_capacity_block_extension_history", {}),
             ("describe_capacity_reservation_topology", {}), ("describe_capacity_reservation_cancellation_quotes", {}),
             ("describe_capacity_reservation_date_change_quotes", {}), ("enable_capacity_manager", {}), ("disable_capacity_manager", {}),
             ("get_capacity_manager_attributes", {}), ("get_capacity_manager_monitored_tag_keys", {}),
             ("update_capacity_manager_monitored_tag_keys", {"ActivateTagKeys": ["team"]}),
             ("update_capacity_manager_organizations_access", {"OrganizationsAccess": False}),
             ("enable_aws_network_performance_metric_subscription", {"Source": "us-east-1", "Destination": "eu-west-1"}),
             ("disable_aws_network_performance_metric_subscription", {"Source": "us-east-1", "Destination": "eu-west-1"}),
             ("describe_aws_network_performance_metric_subscriptions", {}),
             ("get_aws_network_performance_data", {"DataQueries": [{"Source": "us-east-1", "Destination": "eu-west-1"}]})]
    elsewhere = server.client("ec2", make_user(iam, "elsewhere", allow("ec2:*", "arn:aws:ec2:*:*:capacity-reservation/cr-0000000000000000f")))
    blue = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    for user in (elsewhere, blue):
        for operation, arguments in calls:
            assert error_of(getattr(user, operation), **arguments)[0] == "UnauthorizedOperation", operation
    assert error_of(ec2.purchase_capacity_block, CapacityBlockOfferingId=offer, InstancePlatform="Linux/UNIX", DryRun=True)[0] == "DryRunOperation"
    untagged = server.client("ec2", make_user(iam, "untagged", allow("ec2:PurchaseCapacityBlock")))
    tagging = [{"ResourceType": "capacity-reservation", "Tags": TAGS}]
    assert error_of(untagged.purchase_capacity_block, CapacityBlockOfferingId=offer, InstancePlatform="Linux/UNIX", TagSpecifications=tagging)[0] == "UnauthorizedOperation"
    lender = allow("ec2:CreateInterruptibleCapacityReservationAllocation", Condition={"NumericLessThanEquals": {"ec2:TargetInstanceCount": "1"}})
    lender = server.client("ec2", make_user(iam, "lender", lender))
    assert error_of(lender.create_interruptible_capacity_reservation_allocation, CapacityReservationId=name, InstanceCount=2)[0] == "UnauthorizedOperation"
    assert lender.create_interruptible_capacity_reservation_allocation(CapacityReservationId=name, InstanceCount=1)["TargetInstanceCount"] == 1
    runner = server.client("ec2", make_user(iam, "runner", allow("ec2:RunInstances"), {
        "Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:instance/*",
        "Condition": {"StringEquals": {"ec2:InstanceMarketType": "capacity-block"}}}))
    arguments = {"ImageId": image(ec2), "MinCount": 1, "MaxCount": 1, **into(block["CapacityReservationId"], zone=block["AvailabilityZone"])}
    assert error_of(runner.run_instances, **arguments)[0] == "UnauthorizedOperation"
