"""Application status checks: how they come out on instances, for which they are, what suppresses them, and who may not."""

import pytest

from conftest import allow, error_of, launch, make_user

TAGS = [{"Key": "team", "Value": "red"}]
NOWHERE = "i-0123456789abcdef0"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def new_check(ec2, **more):
    return ec2.create_application_status_check(**{"Protocol": "http", "Port": 80, **more})["ApplicationStatusCheck"]["ApplicationStatusCheckId"]


def shown(ec2, check, **more):
    return ec2.describe_application_status_checks(ApplicationStatusCheckIds=[check], **more)["ApplicationStatusChecks"][0]


def status(ec2, instance):
    found = ec2.describe_application_status(InstanceIds=[instance])["ApplicationStatuses"]["Instances"]
    assert [one["InstanceId"] for one in found] == [instance]
    return found[0]["ApplicationStatus"]


def in_short(ec2, instance):
    return ec2.describe_instance_status(InstanceIds=[instance])["InstanceStatuses"][0].get("ApplicationStatus")


def test_a_check_is_made_changed_and_deleted(server, ec2):
    made = ec2.create_application_status_check(
        Protocol="https", Port=443, Path="/health", TagSpecifications=[{"ResourceType": "application-status-check", "Tags": TAGS}], ClientToken="check-1")
    check = made["ApplicationStatusCheck"]
    name = check["ApplicationStatusCheckId"]
    assert name.startswith("asc-") and check["CreationTime"] == check["LastUpdatedAt"]
    wanted = {"Protocol": "https", "Port": 443, "Path": "/health", "Tags": TAGS, "Aggregation": "included", "DeviceIndex": 0, "IpVersion": "ipv4",
              "IpScope": "private", "Interval": 60, "Timeout": 6, "FailureThreshold": 2, "SuccessThreshold": 2, "StatusCodeMatcher": "200",
              "InitializationGracePeriodSeconds": 300}
    assert {member: check[member] for member in wanted} == wanted
    again = ec2.create_application_status_check(
        Protocol="https", Port=443, Path="/health", TagSpecifications=[{"ResourceType": "application-status-check", "Tags": TAGS}], ClientToken="check-1")
    assert again["ApplicationStatusCheck"] == check == shown(ec2, name)
    server.advance("1m")
    changed = ec2.modify_application_status_check(ApplicationStatusCheckId=name, StatusCodeMatcher="200,300-399", Aggregation="excluded")
    assert changed["ApplicationStatusCheck"] == shown(ec2, name)
    now = shown(ec2, name)
    assert (now["StatusCodeMatcher"], now["Aggregation"], now["Port"]) == ("200,300-399", "excluded", 443)
    assert now["ModifyTime"] == now["LastUpdatedAt"] > now["CreationTime"]
    by = lambda value: ec2.describe_application_status_checks(Filters=[{"Name": "aggregation", "Values": [value]}])["ApplicationStatusChecks"]
    assert name in [one["ApplicationStatusCheckId"] for one in by("excluded")] and name not in [one["ApplicationStatusCheckId"] for one in by("included")]
    tags = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [name]}])["Tags"]
    assert [(tag["ResourceType"], tag["Value"]) for tag in tags] == [("application-status-check", "red")]
    gone = ec2.delete_application_status_check(ApplicationStatusCheckId=name)["ApplicationStatusCheck"]
    assert gone["DeletionTime"] and shown(ec2, name, IncludeAll=True) == gone
    assert error_of(ec2.describe_application_status_checks, ApplicationStatusCheckIds=[name])[0] == "InvalidApplicationStatusCheckId.NotFound"
    assert name not in [one["ApplicationStatusCheckId"] for one in ec2.describe_application_status_checks()["ApplicationStatusChecks"]]
    server.advance("2h")
    assert error_of(ec2.describe_application_status_checks, ApplicationStatusCheckIds=[name], IncludeAll=True)[0] == "InvalidApplicationStatusCheckId.NotFound"


def test_what_nothing_answers_fails(server, ec2):
    instance = launch(ec2)
    server.advance("1m")
    assert (status(ec2, instance)["Status"], in_short(ec2, instance)) == ("not-applicable", None)
    check = new_check(ec2)
    done = ec2.associate_application_status_check(ApplicationStatusCheckId=check, InstanceIds=[instance, NOWHERE])
    told = {"ApplicationStatusCheckId": check, "AssociationType": "INSTANCE_ID", "AssociationValue": instance}
    assert (done["SuccessfulResults"], [one["AssociationValue"] for one in done["UnsuccessfulResults"]]) == ([told], [NOWHERE])
    assert (status(ec2, instance)["Status"], in_short(ec2, instance)["Status"]) == ("initializing", "initializing")
    server.advance("10m")
    now = status(ec2, instance)
    [detail] = now["Details"]
    # The default group lets in what comes from itself; no program listens.
    assert (now["Status"], detail["Status"], detail["Reason"]) == ("impaired", "failed", {"Code": "ConnectionRefused"})
    assert detail["ApplicationStatusCheckId"] == check and now["StatusSince"] == detail["StatusSince"] <= detail["StatusTimeStamp"]
    assert in_short(ec2, instance) == {"Status": "impaired", "ImpairedSince": now["StatusSince"]}
    impaired = lambda: [one["InstanceId"] for one in ec2.describe_instance_status(
        Filters=[{"Name": "application-status.status", "Values": ["impaired"]}])["InstanceStatuses"]]
    assert instance in impaired()
    zone = ec2.describe_instance_status(InstanceIds=[instance])["InstanceStatuses"][0]["AvailabilityZoneId"]
    by = [{"Name": "status", "Values": ["impaired"]}, {"Name": "availability-zone-id", "Values": [zone]}]
    assert instance in [one["InstanceId"] for one in ec2.describe_application_status(Filters=by)["ApplicationStatuses"]["Instances"]]

    vpc = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["VpcId"]
    closed = ec2.create_security_group(GroupName="closed", Description="closed", VpcId=vpc)["GroupId"]
    ec2.modify_instance_attribute(InstanceId=instance, Groups=[closed])
    assert status(ec2, instance)["Details"][0]["Reason"] == {"Code": "ConnectionTimeout"}
    ec2.authorize_security_group_ingress(GroupId=closed, IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="172.31.0.0/16")
    assert status(ec2, instance)["Details"][0]["Reason"] == {"Code": "ConnectionRefused"}

    ec2.modify_application_status_check(ApplicationStatusCheckId=check, Aggregation="excluded")
    now = status(ec2, instance)
    assert (now["Status"], now["Details"][0]["Status"], now["Details"][0]["Aggregation"]) == ("not-applicable", "failed", "excluded")
    ec2.modify_application_status_check(ApplicationStatusCheckId=check, Aggregation="included")
    ec2.stop_instances(InstanceIds=[instance])
    server.advance("1m")
    assert status(ec2, instance)["Status"] == "insufficient-data"
    ec2.disassociate_application_status_check(ApplicationStatusCheckId=check, InstanceIds=[instance])
    assert status(ec2, instance)["Status"] == "not-applicable" and "Details" not in status(ec2, instance)


def test_tags_bring_instances_in(server, ec2):
    check = new_check(ec2)
    held = {"Key": "app", "Value": "shop"}
    done = ec2.associate_application_status_check(ApplicationStatusCheckId=check, TargetTagAssociations=[held])
    assert [(one["AssociationType"], one["AssociationValue"]) for one in done["SuccessfulResults"]] == [("EC2TAG", "app=shop")]
    twice = ec2.associate_application_status_check(ApplicationStatusCheckId=check, TargetTagAssociations=[held])
    assert (twice["SuccessfulResults"], len(twice["UnsuccessfulResults"])) == ([], 1)
    assert shown(ec2, check)["TargetTagAssociations"] == [held]
    instance = launch(ec2, TagSpecifications=[{"ResourceType": "instance", "Tags": [held]}])
    server.advance("10m")
    assert status(ec2, instance)["Status"] == "impaired"
    ec2.delete_tags(Resources=[instance], Tags=[held])
    assert status(ec2, instance)["Status"] == "not-applicable"
    ec2.associate_application_status_check(ApplicationStatusCheckId=check, InstanceIds=[instance])
    listed = ec2.describe_application_status_check_associations(ApplicationStatusCheckIds=[check])["Associations"]
    assert sorted(listed, key=lambda one: one["AssociationType"]) == [
        {"ApplicationStatusCheckId": check, "AssociationType": "instance-id", "Value": instance},
        {"ApplicationStatusCheckId": check, "AssociationType": "tag", **held}]
    by = [{"Name": "association-type", "Values": ["tag"]}]
    assert len(ec2.describe_application_status_check_associations(ApplicationStatusCheckIds=[check], Filters=by)["Associations"]) == 1
    assert ec2.disassociate_application_status_check(ApplicationStatusCheckId=check, TargetTagAssociations=[held])["SuccessfulResults"]
    assert ec2.disassociate_application_status_check(ApplicationStatusCheckId=check, TargetTagAssociations=[held])["UnsuccessfulResults"]
    assert "TargetTagAssociations" not in shown(ec2, check)


def test_suppression(server, ec2):
    instance, check = launch(ec2), new_check(ec2)
    ec2.associate_application_status_check(ApplicationStatusCheckId=check, InstanceIds=[instance])
    server.advance("10m")
    done = ec2.enable_application_status_check_suppression(InstanceIds=[instance, NOWHERE], DurationSeconds=3600)
    [held] = done["SuccessfulResults"]
    assert (held["ResumeAt"] - held["SuppressAt"]).total_seconds() == 3600
    assert [(one["InstanceId"], one["Reason"]) for one in done["UnsuccessfulResults"]] == [(NOWHERE, f"The instance ID '{NOWHERE}' does not exist")]
    now = status(ec2, instance)
    assert (now["Status"], now["Details"][0]["Status"], now["ResumeAt"], now["StatusSince"]) == ("suppressed", "failed", held["ResumeAt"], held["SuppressAt"])
    assert in_short(ec2, instance) == {"Status": "not-applicable"}
    server.advance("61m")
    assert status(ec2, instance)["Status"] == "impaired"
    assert "ResumeAt" not in ec2.enable_application_status_check_suppression(InstanceIds=[instance])["SuccessfulResults"][0]
    server.advance("100h")
    assert status(ec2, instance)["Status"] == "suppressed"
    assert ec2.disable_application_status_check_suppression(InstanceIds=[instance])["SuccessfulResults"][0]["InstanceId"] == instance
    assert status(ec2, instance)["Status"] == "impaired"
    assert ec2.disable_application_status_check_suppression(InstanceIds=[instance])["UnsuccessfulResults"][0]["Reason"]


def test_paths(server, ec2):
    instance = launch(ec2)
    server.advance("10s")
    found = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    group, subnet = found["SecurityGroups"][0]["GroupId"], found["SubnetId"]
    other = next(one["SubnetId"] for one in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [found["VpcId"]]}])["Subnets"] if one["SubnetId"] != subnet)
    path = lambda to: [{"Source": {"SubnetId": other, "SecurityGroupId": group}, "Destinations": [{"SubnetId": to, "SecurityGroupId": group}]}]
    check = new_check(ec2, HealthCheckPaths=path(other))
    assert shown(ec2, check)["HealthCheckPaths"] == path(other)
    ec2.associate_application_status_check(ApplicationStatusCheckId=check, InstanceIds=[instance])
    server.advance("10m")
    now = status(ec2, instance)
    assert (now["Status"], now["Details"][0]["Status"]) == ("not-applicable", "not-applicable")
    ec2.modify_application_status_check(ApplicationStatusCheckId=check, HealthCheckPaths=path(subnet))
    assert status(ec2, instance)["Status"] == "impaired"
    vpc = ec2.create_vpc(CidrBlock="10.44.0.0/16")["Vpc"]["VpcId"]
    away = ec2.create_security_group(GroupName="away", Description="away", VpcId=vpc)["GroupId"]
    wrong = [{"Source": {"SubnetId": other, "SecurityGroupId": away}, "Destinations": [{"SubnetId": subnet, "SecurityGroupId": group}]}]
    assert error_of(new_check, ec2=ec2, HealthCheckPaths=wrong)[:2] == (
        "InvalidParameter", f"Security group {away} and subnet {other} belong to different networks.")


def test_regions_are_kept_apart(server, ec2):
    check = new_check(ec2)
    elsewhere = server.client("ec2", region="eu-west-1")
    assert error_of(elsewhere.describe_application_status_checks, ApplicationStatusCheckIds=[check])[0] == "InvalidApplicationStatusCheckId.NotFound"
    assert elsewhere.describe_application_status_checks()["ApplicationStatusChecks"] == []


def test_who_may_not(server, ec2):
    iam = server.client("iam")
    instance = launch(ec2)
    check = new_check(ec2, TagSpecifications=[{"ResourceType": "application-status-check", "Tags": TAGS}])
    calls = [
        ("create_application_status_check", {"Protocol": "http", "Port": 80}),
        ("modify_application_status_check", {"ApplicationStatusCheckId": check, "Port": 81}),
        ("delete_application_status_check", {"ApplicationStatusCheckId": check}),
        ("associate_application_status_check", {"ApplicationStatusCheckId": check, "InstanceIds": [instance]}),
        ("disassociate_application_status_check", {"ApplicationStatusCheckId": check, "InstanceIds": [instance]}),
        ("enable_application_status_check_suppression", {"InstanceIds": [instance]}),
        ("disable_application_status_check_suppression", {"InstanceIds": [instance]}),
    ]
    listing = ["describe_application_status", "describe_application_status_checks", "describe_application_status_check_associations"]
    elsewhere = allow("ec2:*", ["arn:aws:ec2:*:*:application-status-check/asc-0000000000000000f", "arn:aws:ec2:*:*:instance/i-0000000000000000f"])
    mine = server.client("ec2", make_user(iam, "checks-elsewhere", elsewhere))
    for operation, parameters in calls + [(operation, {}) for operation in listing]:
        assert error_of(getattr(mine, operation), **parameters)[0] == "UnauthorizedOperation", operation
    blue = server.client("ec2", make_user(iam, "checks-blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    for operation, parameters in calls:
        assert error_of(getattr(blue, operation), **parameters)[0] == "UnauthorizedOperation", operation
    some = server.client("ec2", make_user(
        iam, "checks-some", allow("ec2:ModifyApplicationStatusCheck", Condition={"StringEquals": {"ec2:Attribute/Port": "8080"}}),
        allow("ec2:CreateApplicationStatusCheck")))
    some.modify_application_status_check(ApplicationStatusCheckId=check, Port=8080)
    assert error_of(some.modify_application_status_check, ApplicationStatusCheckId=check, Port=81)[0] == "UnauthorizedOperation"
    tagged = [{"ResourceType": "application-status-check", "Tags": TAGS}]
    assert error_of(new_check, ec2=some, TagSpecifications=tagged)[0] == "UnauthorizedOperation"
    assert error_of(ec2.delete_application_status_check, ApplicationStatusCheckId=check, DryRun=True)[0] == "DryRunOperation"
    assert shown(ec2, check)["Port"] == 8080
