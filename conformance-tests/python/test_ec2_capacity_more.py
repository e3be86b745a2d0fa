"""Capacity that is split, moved, reserved by fleets and paid by others; reservations of hosts; and who may not."""

import pytest

from conftest import allow, error_of, launch, make_user

ZONE = "us-east-1a"
TAGS = [{"Key": "team", "Value": "red"}]
OTHER = "222222222222"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def reserve(ec2, count, kind="m5.large", **more):
    made = ec2.create_capacity_reservation(InstanceType=kind, InstancePlatform="Linux/UNIX", AvailabilityZone=ZONE, InstanceCount=count, **more)
    return made["CapacityReservation"]["CapacityReservationId"]


def seen(ec2, held):
    return ec2.describe_capacity_reservations(CapacityReservationIds=[held])["CapacityReservations"][0]


def test_splitting_and_moving(server, ec2):
    held = reserve(ec2, 5)
    launch(ec2, InstanceType="m5.large", Placement={"AvailabilityZone": ZONE})
    server.advance("10s")
    ask = {"SourceCapacityReservationId": held, "InstanceCount": 2, "ClientToken": "split-1",
           "TagSpecifications": [{"ResourceType": "capacity-reservation", "Tags": TAGS}]}
    made = ec2.create_capacity_reservation_by_splitting(**ask)
    part = made["DestinationCapacityReservation"]["CapacityReservationId"]
    assert ec2.create_capacity_reservation_by_splitting(**ask)["DestinationCapacityReservation"]["CapacityReservationId"] == part
    assert (made["InstanceCount"], made["SourceCapacityReservation"]["TotalInstanceCount"], made["SourceCapacityReservation"]["AvailableInstanceCount"]) == (2, 3, 2)
    assert (seen(ec2, part)["TotalInstanceCount"], seen(ec2, part)["InstanceType"], seen(ec2, part)["Tags"]) == (2, "m5.large", TAGS)
    assert error_of(ec2.create_capacity_reservation_by_splitting, SourceCapacityReservationId=held, InstanceCount=3)[0] == "InvalidParameterValue"
    server.advance("10s")
    moved = ec2.move_capacity_reservation_instances(SourceCapacityReservationId=part, DestinationCapacityReservationId=held, InstanceCount=1)
    assert (moved["SourceCapacityReservation"]["TotalInstanceCount"], moved["DestinationCapacityReservation"]["TotalInstanceCount"]) == (1, 4)
    ec2.move_capacity_reservation_instances(SourceCapacityReservationId=part, DestinationCapacityReservationId=held, InstanceCount=1)
    assert (seen(ec2, part)["State"], seen(ec2, held)["TotalInstanceCount"]) == ("cancelled", 5)
    other = reserve(ec2, 1, "c5.large")
    assert error_of(ec2.move_capacity_reservation_instances, SourceCapacityReservationId=held, DestinationCapacityReservationId=other, InstanceCount=1)[:2] == (
        "InvalidParameterValue", f"The source and the destination Capacity Reservation must have the same instance type: '{held}', '{other}'.")
    assert error_of(ec2.move_capacity_reservation_instances, SourceCapacityReservationId=held, DestinationCapacityReservationId=part, InstanceCount=1)[0] == "IncorrectState"


def test_a_fleet(server, ec2):
    wanted = [{"InstanceType": "r5.2xlarge", "InstancePlatform": "Linux/UNIX", "AvailabilityZone": ZONE, "Weight": 2.0, "Priority": 1},
              {"InstanceType": "r5.xlarge", "InstancePlatform": "Linux/UNIX", "AvailabilityZone": ZONE, "Weight": 1.0, "Priority": 0}]
    ask = {"InstanceTypeSpecifications": wanted, "TotalTargetCapacity": 3, "ClientToken": "fleet-1",
           "TagSpecifications": [{"ResourceType": "capacity-reservation-fleet", "Tags": TAGS}]}
    made = ec2.create_capacity_reservation_fleet(**ask)
    fleet = made["CapacityReservationFleetId"]
    assert ec2.create_capacity_reservation_fleet(**ask)["CapacityReservationFleetId"] == fleet and fleet.startswith("crf-")
    assert (made["State"], made["TotalFulfilledCapacity"], made["AllocationStrategy"], made["Tags"]) == ("submitted", 3.0, "prioritized", TAGS)
    [held] = made["FleetCapacityReservations"]
    assert (held["InstanceType"], held["TotalInstanceCount"]) == ("r5.xlarge", 3)
    told = lambda: ec2.describe_capacity_reservation_fleets(CapacityReservationFleetIds=[fleet])["CapacityReservationFleets"][0]
    server.advance("10s")
    assert (told()["State"], told()["CapacityReservationFleetArn"]) == ("active", f"arn:aws:ec2:us-east-1:000000000000:capacity-reservation-fleet/{fleet}")
    own = seen(ec2, held["CapacityReservationId"])
    assert (own["CapacityReservationFleetId"], own["Tags"]) == (fleet, TAGS)
    inside = launch(ec2, InstanceType="r5.xlarge", Placement={"AvailabilityZone": ZONE})
    assert seen(ec2, own["CapacityReservationId"])["AvailableInstanceCount"] == 2
    ec2.modify_capacity_reservation_fleet(CapacityReservationFleetId=fleet, TotalTargetCapacity=5, EndDate="2090-01-01T00:00:00Z")
    assert (seen(ec2, own["CapacityReservationId"])["TotalInstanceCount"], seen(ec2, own["CapacityReservationId"])["EndDateType"]) == (5, "limited")
    assert told()["State"] == "modifying"
    server.advance("10s")
    ec2.modify_capacity_reservation_fleet(CapacityReservationFleetId=fleet, RemoveEndDate=True)
    assert seen(ec2, own["CapacityReservationId"])["EndDateType"] == "unlimited" and "EndDate" not in told()
    answer = ec2.cancel_capacity_reservation_fleets(CapacityReservationFleetIds=[fleet, "crf-0123456789abcdef0"])
    assert [one["CapacityReservationFleetId"] for one in answer["SuccessfulFleetCancellations"]] == [fleet]
    assert answer["FailedFleetCancellations"] == [{"CapacityReservationFleetId": "crf-0123456789abcdef0", "CancelCapacityReservationFleetError": {
        "Code": "InvalidCapacityReservationFleetId.NotFound", "Message": "The Capacity Reservation Fleet ID 'crf-0123456789abcdef0' does not exist"}}]
    server.advance("10s")
    assert (told()["State"], seen(ec2, own["CapacityReservationId"])["State"]) == ("cancelled", "cancelled")
    instance = ec2.describe_instances(InstanceIds=[inside])["Reservations"][0]["Instances"][0]
    assert "CapacityReservationId" not in instance and instance["State"]["Name"] == "running"
    found = ec2.describe_capacity_reservation_fleets(Filters=[{"Name": "state", "Values": ["cancelled"]}])["CapacityReservationFleets"]
    assert [one["CapacityReservationFleetId"] for one in found] == [fleet]
    assert error_of(ec2.modify_capacity_reservation_fleet, CapacityReservationFleetId=fleet, TotalTargetCapacity=1)[0] == "IncorrectState"


def test_who_pays(server, ec2):
    held = reserve(ec2, 1, "t3.large")
    theirs = server.client("ec2", server.account(OTHER))
    ask = {"CapacityReservationId": held, "UnusedReservationBillingOwnerId": OTHER}
    assert error_of(ec2.associate_capacity_reservation_billing_owner, **ask)[0] == "InvalidParameterValue", "no organization"
    server.admin("PUT", "organization", {"id": "o-a1b2c3d4e5", "managementAccount": "000000000000", "root": {
        "id": "r-ab12", "accounts": [{"id": "000000000000"}, {"id": OTHER}]}})
    assert error_of(ec2.associate_capacity_reservation_billing_owner, **ask)[:2] == (
        "InvalidRequest", f"The Capacity Reservation '{held}' is not shared with the account {OTHER}.")
    server.admin("PUT", "resource-shares", {"account": "000000000000", "name": "capacity", "principals": [OTHER],
                                            "resourceArns": [f"arn:aws:ec2:us-east-1:000000000000:capacity-reservation/{held}"]})
    assert error_of(theirs.accept_capacity_reservation_billing_ownership, CapacityReservationId=held)[0] == "InvalidCapacityReservationId.NotFound"
    assert ec2.associate_capacity_reservation_billing_owner(**ask)["Return"] is True
    assert error_of(ec2.associate_capacity_reservation_billing_owner, **ask)[0] == "InvalidState"
    mine = lambda: ec2.describe_capacity_reservation_billing_requests(Role="odcr-owner")["CapacityReservationBillingRequests"][0]
    [told] = theirs.describe_capacity_reservation_billing_requests(Role="unused-reservation-billing-owner")["CapacityReservationBillingRequests"]
    assert (told["Status"], told["RequestedBy"], told["UnusedReservationBillingOwnerId"], told["CapacityReservationInfo"]["InstanceType"]) == (
        "pending", "000000000000", OTHER, "t3.large")
    theirs.reject_capacity_reservation_billing_ownership(CapacityReservationId=held)
    assert mine()["Status"] == "rejected" and "UnusedReservationBillingOwnerId" not in seen(ec2, held)
    ec2.associate_capacity_reservation_billing_owner(**ask)
    theirs.accept_capacity_reservation_billing_ownership(CapacityReservationId=held)
    assert (mine()["Status"], seen(ec2, held)["UnusedReservationBillingOwnerId"]) == ("accepted", OTHER)
    ec2.disassociate_capacity_reservation_billing_owner(**ask)
    assert mine()["Status"] == "revoked" and "UnusedReservationBillingOwnerId" not in seen(ec2, held)
    ec2.associate_capacity_reservation_billing_owner(**ask)
    server.advance("13h")
    assert mine()["Status"] == "expired"
    assert error_of(theirs.accept_capacity_reservation_billing_ownership, CapacityReservationId=held)[0] == "InvalidState"
    server.admin("DELETE", "organization")


def host(ec2, **more):
    return ec2.allocate_hosts(**{"InstanceType": "m5.large", "AvailabilityZone": ZONE, "Quantity": 1, **more})["HostIds"][0]


def host_offering(ec2, family="m5", payment="PartialUpfront"):
    found = ec2.describe_host_reservation_offerings(
        MaxDuration=31_536_000, Filter=[{"Name": "instance-family", "Values": [family]}, {"Name": "payment-option", "Values": [payment]}])["OfferingSet"]
    return found[0]


def test_a_host_reservation(server, ec2):
    first, second = host(ec2), host(ec2)
    one = host_offering(ec2)
    assert ec2.describe_host_reservation_offerings(OfferingId=one["OfferingId"])["OfferingSet"] == [one]
    pages = ec2.get_paginator("describe_host_reservation_offerings").paginate(PaginationConfig={"PageSize": 100})
    ids = [it["OfferingId"] for page in pages for it in page["OfferingSet"]]
    assert len(ids) == len(set(ids)) > 300
    preview = ec2.get_host_reservation_purchase_preview(HostIdSet=[first, second], OfferingId=one["OfferingId"])
    assert preview["TotalUpfrontPrice"] == f"{2 * float(one['UpfrontPrice']):.3f}" and "HostReservationId" not in preview["Purchase"][0]
    buy = lambda **more: ec2.purchase_host_reservation(HostIdSet=[first, second], OfferingId=one["OfferingId"], **more)
    assert error_of(buy, LimitPrice="1")[0] == "InvalidParameterValue"
    bought = buy(ClientToken="hosts-1", TagSpecifications=[{"ResourceType": "host-reservation", "Tags": TAGS}])["Purchase"][0]["HostReservationId"]
    assert buy(ClientToken="hosts-1", TagSpecifications=[{"ResourceType": "host-reservation", "Tags": TAGS}])["Purchase"][0]["HostReservationId"] == bought
    told = lambda: ec2.describe_host_reservations(HostReservationIdSet=[bought])["HostReservationSet"][0]
    assert (told()["State"], told()["Count"], told()["HostIdSet"], told()["Tags"]) == ("payment-pending", 2, sorted([first, second]), TAGS)
    assert ec2.describe_hosts(HostIds=[first])["Hosts"][0]["HostReservationId"] == bought
    found = ec2.describe_hosts(Filter=[{"Name": "host-reservation-id", "Values": [bought]}])["Hosts"]
    assert sorted(it["HostId"] for it in found) == sorted([first, second])
    assert error_of(buy)[0] == "InvalidHostState"
    other = host(ec2, InstanceType="c5.large")
    assert error_of(ec2.purchase_host_reservation, HostIdSet=[other], OfferingId=one["OfferingId"])[0] == "InvalidHostConfiguration"
    server.advance("10s")
    assert told()["State"] == "active"
    server.advance("8761h")
    assert told()["State"] == "retired" and "HostReservationId" not in ec2.describe_hosts(HostIds=[first])["Hosts"][0]
    server.admin("POST", "clock", {"reset": True})


def test_the_number_of_hosts(make_server):
    ec2 = make_server("--quotas", "aws").client("ec2")
    host(ec2), host(ec2)
    assert error_of(host, ec2=ec2)[0] == "HostLimitExceeded"
    host(ec2, InstanceType="c5.large")


def test_who_may_not(server, ec2):
    iam = server.client("iam")
    held, one = reserve(ec2, 2, "m5.xlarge"), host(ec2)
    fleet = ec2.create_capacity_reservation_fleet(TotalTargetCapacity=1, InstanceTypeSpecifications=[
        {"InstanceType": "t3.small", "InstancePlatform": "Linux/UNIX", "AvailabilityZone": ZONE}])["CapacityReservationFleetId"]
    offering = host_offering(ec2)["OfferingId"]
    calls = [("create_capacity_reservation_by_splitting", {"SourceCapacityReservationId": held, "InstanceCount": 1}),
             ("move_capacity_reservation_instances", {"SourceCapacityReservationId": held, "DestinationCapacityReservationId": held, "InstanceCount": 1}),
             ("create_capacity_reservation_fleet", {"TotalTargetCapacity": 1, "InstanceTypeSpecifications": [
                 {"InstanceType": "t3.small", "InstancePlatform": "Linux/UNIX", "AvailabilityZone": ZONE}]}),
             ("describe_capacity_reservation_fleets", {}), ("modify_capacity_reservation_fleet", {"CapacityReservationFleetId": fleet, "TotalTargetCapacity": 2}),
             ("cancel_capacity_reservation_fleets", {"CapacityReservationFleetIds": [fleet]}),
             ("associate_capacity_reservation_billing_owner", {"CapacityReservationId": held, "UnusedReservationBillingOwnerId": OTHER}),
             ("disassociate_capacity_reservation_billing_owner", {"CapacityReservationId": held, "UnusedReservationBillingOwnerId": OTHER}),
             ("accept_capacity_reservation_billing_ownership", {"CapacityReservationId": held}),
             ("reject_capacity_reservation_billing_ownership", {"CapacityReservationId": held}),
             ("describe_capacity_reservation_billing_requests", {"Role": "odcr-owner"}),
             ("describe_host_reservation_offerings", {}), ("describe_host_reservations", {}),
             ("get_host_reservation_purchase_preview", {"HostIdSet": [one], "OfferingId": offering}),
             ("purchase_host_reservation", {"HostIdSet": [one], "OfferingId": offering})]
    elsewhere = server.client("ec2", make_user(iam, "elsewhere", allow("ec2:*", "arn:aws:ec2:*:*:capacity-reservation/cr-0000000000000000f")))
    blue = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    for user in (elsewhere, blue):
        for name, arguments in calls:
            assert error_of(getattr(user, name), **arguments)[0] == "UnauthorizedOperation", name
    assert error_of(ec2.create_capacity_reservation_by_splitting, SourceCapacityReservationId=held, InstanceCount=1, DryRun=True)[0] == "DryRunOperation"
    one_type = {"StringEquals": {"ec2:InstanceType": "m5.xlarge"}}
    splitter = server.client("ec2", make_user(iam, "splitter", allow("ec2:CreateCapacityReservationBySplitting", Condition=one_type)))
    assert splitter.create_capacity_reservation_by_splitting(SourceCapacityReservationId=held, InstanceCount=1)["InstanceCount"] == 1
