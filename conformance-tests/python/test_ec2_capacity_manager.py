"""What Capacity Manager gathers: usage of instances and reservations, hour by hour, its exports, and how much capacity there is to be had; and who may not ask."""

import csv
import datetime
import io
import urllib.request

import pytest

from conftest import allow, error_of, launch, make_user

HOUR = datetime.timedelta(hours=1)
TAGS = [{"Key": "team", "Value": "red"}]
EXPORT = {"S3BucketName": "capacity", "Schedule": "hourly", "OutputFormat": "csv"}


@pytest.fixture(scope="module")
def ec2(server):
    client = server.client("ec2")
    client.enable_capacity_manager()
    server.advance("1h")
    return client


def hour(server, at=None):
    """The hour that is now, on a clock that stands at its beginning."""
    now = datetime.datetime.fromisoformat(server.admin("GET", "clock")["now"])
    begin = now.replace(minute=0, second=0, microsecond=0) + HOUR
    server.advance(f"{(begin - now).total_seconds():.0f}s")
    return begin


def data(ec2, begin, end, names, **more):
    found = ec2.get_capacity_manager_metric_data(MetricNames=names, StartTime=begin, EndTime=end, **{"Period": 3600, **more})["MetricDataResults"]
    return [(one.get("Dimension"), one["Timestamp"], {it["Metric"]: round(it["Value"], 2) for it in one["MetricValues"]}) for one in found]


def test_usage_and_reservations(server, ec2):
    begin = hour(server)
    held = ec2.create_capacity_reservation(InstanceType="m5.large", InstancePlatform="Linux/UNIX", AvailabilityZone="us-east-1a", InstanceCount=4)
    id = held["CapacityReservation"]["CapacityReservationId"]
    inside = launch(ec2, InstanceType="m5.large", Placement={"AvailabilityZone": "us-east-1a"})
    outside = launch(ec2, InstanceType="t3.micro")
    server.advance("30m")
    ec2.terminate_instances(InstanceIds=[outside])
    server.advance("30m")
    ec2.modify_capacity_reservation(CapacityReservationId=id, InstanceCount=2)
    server.advance("1h")
    names = ["reservation-total-capacity-hrs-inst", "reservation-total-capacity-hrs-vcpu", "reservation-unused-total-capacity-hrs-inst",
             "reservation-avg-utilization-inst", "reservation-total-count", "reserved-total-usage-hrs-vcpu", "unreserved-total-usage-hrs-inst"]
    [(none, at, first), (_, _, second)] = data(ec2, begin, begin + 2 * HOUR, names)
    assert none is None and at == begin
    assert first == pytest.approx({names[0]: 4, names[1]: 8, names[2]: 3, names[3]: 25, names[4]: 1, names[5]: 2, names[6]: 0.5}, rel=0.02)
    assert second == pytest.approx({names[0]: 2, names[1]: 4, names[2]: 1, names[3]: 50, names[4]: 1, names[5]: 2}, rel=0.02)
    [(_, _, both)] = data(ec2, begin, begin + 2 * HOUR, names[:1], Period=7200)
    assert both == pytest.approx({names[0]: 6}, rel=0.02)
    sized = data(ec2, begin, begin + HOUR, ["reservation-max-size-inst", "unreserved-total-usage-hrs-vcpu"], GroupBy=["instance-type", "reservation-id", "reservation-state"])
    assert [(dimension, values) for dimension, _, values in sized] == [
        ({"InstanceType": "m5.large", "ReservationId": id, "ReservationState": "active"}, {"reservation-max-size-inst": 4}),
        ({"InstanceType": "t3.micro"}, {"unreserved-total-usage-hrs-vcpu": pytest.approx(1, rel=0.02)})]
    only = [{"DimensionCondition": {"Dimension": "instance-type", "Comparison": "equals", "Values": ["t3.micro"]}}]
    assert len(data(ec2, begin, begin + HOUR, names, FilterBy=only)) == 1
    found = ec2.get_capacity_manager_metric_dimensions(GroupBy=["instance-family", "availability-zone-id", "account-id", "tenancy"], MetricNames=[names[0]],
                                                       StartTime=begin, EndTime=begin + HOUR)["MetricDimensionResults"]
    assert found == [{"InstanceFamily": "m5", "AvailabilityZoneId": "use1-az6", "AccountId": "000000000000", "Tenancy": "default"}]
    ec2.cancel_capacity_reservation(CapacityReservationId=id)
    # What is over is told still, when nothing else tells of it.
    server.advance("30h")
    ec2.terminate_instances(InstanceIds=[inside])
    server.advance("3h")
    assert error_of(ec2.describe_capacity_reservations, CapacityReservationIds=[id])[0] == "InvalidCapacityReservationId.NotFound"
    [(_, _, again), *_] = data(ec2, begin, begin + 2 * HOUR, names)
    assert again == first
    [(_, _, later)] = data(ec2, begin + 4 * HOUR, begin + 5 * HOUR, names)
    assert later == {"unreserved-total-usage-hrs-inst": 1.0}


def test_spot(server, ec2):
    begin = hour(server)
    id = launch(ec2, InstanceType="t3.micro", InstanceMarketOptions={"MarketType": "spot"})
    server.advance("28m")
    server.run("instance", "interrupt", id)
    server.advance("32m")
    ec2.describe_instances()
    names = ["spot-total-usage-hrs-inst", "spot-total-count-inst", "spot-total-interruptions-vcpu", "spot-interruption-rate-inst",
             "spot-avg-run-time-before-interruption-inst", "spot-capacity-total-requested-vcpu", "spot-capacity-request-fulfillment-rate"]
    only = [{"DimensionCondition": {"Dimension": "instance-type", "Comparison": "in", "Values": ["t3.micro", "t3.nano"]}}]
    [(_, _, values)] = data(ec2, begin, begin + HOUR, names, FilterBy=only)
    assert values == pytest.approx({names[0]: 0.5, names[1]: 1, names[2]: 2, names[3]: 100, names[4]: 0.5, names[5]: 2, names[6]: 100}, rel=0.02)


def test_exports(server, ec2):
    begin = hour(server)
    made = ec2.create_capacity_manager_data_export(**EXPORT, S3BucketPrefix="hours", ClientToken="once", TagSpecifications=[
        {"ResourceType": "capacity-manager-data-export", "Tags": TAGS}])
    id = made["CapacityManagerDataExportId"]
    assert ec2.create_capacity_manager_data_export(**EXPORT, S3BucketPrefix="hours", ClientToken="once", TagSpecifications=[
        {"ResourceType": "capacity-manager-data-export", "Tags": TAGS}])["CapacityManagerDataExportId"] == id
    other = ec2.create_capacity_manager_data_export(**{**EXPORT, "OutputFormat": "parquet"})["CapacityManagerDataExportId"]
    seen = lambda name, **more: ec2.describe_capacity_manager_data_exports(CapacityManagerDataExportIds=[name], **more)["CapacityManagerDataExports"][0]
    assert (seen(id)["LatestDeliveryStatus"], seen(id)["Schedule"], seen(id)["Tags"]) == ("pending", "hourly", TAGS)
    assert ec2.get_capacity_manager_attributes()["DataExportCount"] == 2
    assert error_of(ec2.disable_capacity_manager)[0] == "IncorrectState"
    instance = launch(ec2, InstanceType="t3.nano")
    server.advance("2h")
    shown = seen(id)
    assert (shown["LatestDeliveryStatus"], shown["LatestDeliveryTime"]) == ("delivered", begin + 2 * HOUR)
    assert "LatestDeliveryStatusMessage" not in shown
    prefix = f"s3://capacity/hours/{id}/"
    assert shown["LatestDeliveryS3LocationUri"] == f"{prefix}{begin + HOUR:%Y/%m/%d/%H}.csv"
    for at in (begin, begin + HOUR):
        with urllib.request.urlopen(f"{server.url}/_rolecall/s3-files/capacity/hours/{id}/{at:%Y/%m/%d/%H}.csv") as file:
            rows = list(csv.DictReader(io.StringIO(file.read().decode())))
        [row] = [row for row in rows if row["instance_type"] == "t3.nano"]
        assert row["timestamp"] == f"{at:%Y-%m-%dT%H:%M:%SZ}" and float(row["unreserved_total_usage_hrs_inst"]) == pytest.approx(1, rel=0.02)
    failed = seen(other)
    assert (failed["LatestDeliveryStatus"], "LatestDeliveryS3LocationUri" in failed) == ("failed", False) and "Parquet" in failed["LatestDeliveryStatusMessage"]
    chosen = lambda name, value: [one["CapacityManagerDataExportId"] for one in ec2.describe_capacity_manager_data_exports(
        Filters=[{"Name": name, "Values": [value]}])["CapacityManagerDataExports"]]
    assert (chosen("latest-delivery-status", "failed"), chosen("tag:team", "red")) == ([other], [id])
    ec2.create_tags(Resources=[other], Tags=[{"Key": "team", "Value": "blue"}])
    assert chosen("tag:team", "blue") == [other]
    for name in (id, other):
        assert ec2.delete_capacity_manager_data_export(CapacityManagerDataExportId=name)["CapacityManagerDataExportId"] == name
    assert error_of(ec2.delete_capacity_manager_data_export, CapacityManagerDataExportId=id)[0] == "InvalidCapacityManagerDataExportId.NotFound"
    ec2.terminate_instances(InstanceIds=[instance])


def test_what_is_refused(ec2):
    now = datetime.datetime(2026, 1, 2)
    base = {"MetricNames": ["reservation-total-count"], "StartTime": now, "EndTime": now + HOUR, "Period": 3600}
    refused = lambda **more: error_of(ec2.get_capacity_manager_metric_data, **{**base, **more})[0]
    assert refused(EndTime=now) == "InvalidParameterValue"
    assert refused(EndTime=now + 91 * 24 * HOUR) == "InvalidParameterValue"
    assert refused(Period=5400) == "InvalidParameterValue"
    assert refused(Period=7200) == "InvalidParameterValue"
    assert refused(MetricNames=["weather"]) == "InvalidParameterValue"
    assert refused(MetricNames=[]) == "MissingParameter"
    assert refused(GroupBy=["weather"]) == "InvalidParameterValue"
    assert error_of(ec2.create_capacity_manager_data_export, **{**EXPORT, "S3BucketName": "No"})[0] == "InvalidParameterValue"
    assert error_of(ec2.create_capacity_manager_data_export, **{**EXPORT, "OutputFormat": "xml"})[0] == "InvalidParameterValue"


def test_scores(ec2):
    asked = {"MarketType": "on-demand", "CapacityUnit": "instances", "CapacityAvailabilityZoneIds": ["use1-az1", "euw1-az1"], "InstanceTypes": ["m5.large", "mac1.metal"]}
    scores = lambda amount, **more: ec2.get_capacity_manager_supportability_scores(**{**asked, "CapacityAmount": amount, **more})
    few = scores(1)
    assert few["AggregateScore"] == "high" and len(few["CapacityManagerSupportabilityScores"]) == 4
    assert {one["Score"] for one in few["CapacityManagerSupportabilityScores"] if one["InstanceType"] == "m5.large"} == {"high"}
    assert scores(1_000_000)["AggregateScore"] == "low"
    assert scores(1, InstanceTypes=["mac1.metal"], MarketType="spot")["AggregateScore"] == "unsupported"
    wanted = {"ArchitectureTypes": ["arm64"], "InstanceRequirements": {"VCpuCount": {"Min": 2, "Max": 2}, "MemoryMiB": {"Min": 8192, "Max": 8192}}}
    described = {name: value for name, value in asked.items() if name != "InstanceTypes"}
    found = ec2.get_capacity_manager_supportability_scores(**described, CapacityAmount=1, InstanceRequirementsWithMetadata=wanted)
    assert "m6g.large" in {one["InstanceType"] for one in found["CapacityManagerSupportabilityScores"]}
    assert error_of(ec2.get_capacity_manager_supportability_scores, **{**asked, "CapacityAvailabilityZoneIds": ["moon1-az1"]}, CapacityAmount=1)[0] == "InvalidParameterValue"


def test_who_may(server, ec2):
    iam = server.client("iam")
    red = server.client("ec2", make_user(iam, "red-exporter", allow(
        "ec2:DeleteCapacityManagerDataExport", Condition={"StringEquals": {"aws:ResourceTag/team": "red"}})))
    plain = ec2.create_capacity_manager_data_export(**EXPORT)["CapacityManagerDataExportId"]
    assert error_of(red.delete_capacity_manager_data_export, CapacityManagerDataExportId=plain)[0] == "UnauthorizedOperation"
    assert error_of(red.get_capacity_manager_metric_data, MetricNames=["reservation-total-count"], StartTime="2026-01-01T00:00:00Z",
                    EndTime="2026-01-01T01:00:00Z", Period=3600)[0] == "UnauthorizedOperation"
    ec2.create_tags(Resources=[plain], Tags=TAGS)
    assert error_of(red.delete_capacity_manager_data_export, CapacityManagerDataExportId=plain, DryRun=True)[0] == "DryRunOperation"
    red.delete_capacity_manager_data_export(CapacityManagerDataExportId=plain)
