"""Instances' options, console and password, event windows, connect endpoints, topology and requirements: each operation's effect, seen through another
one, and who may not."""

import base64
import subprocess

import pytest

from conftest import allow, error_of, image, launch, make_user

TAGS = [{"Key": "team", "Value": "red"}]
NOWHERE = "i-0123456789abcdef0"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


def running(server, ec2, **more):
    held = launch(ec2, **more)
    server.advance("1m")
    return held


def stopped(server, ec2, **more):
    held = running(server, ec2, **more)
    ec2.stop_instances(InstanceIds=[held])
    server.advance("1m")
    return held


def instance(ec2, held):
    return ec2.describe_instances(InstanceIds=[held])["Reservations"][0]["Instances"][0]


def test_the_console_tells_what_would_have_happened(make_server):
    # As slow as AWS: where all is quick, a busy machine shows the first output before it is asked for
    server = make_server("--states", "aws")
    ec2 = server.client("ec2")
    held = launch(ec2)
    assert "Output" not in ec2.get_console_output(InstanceId=held), "nothing has come out yet"
    server.advance("5m")
    first = ec2.get_console_output(InstanceId=held)
    text = lambda: ec2.get_console_output(InstanceId=held, Latest=True)["Output"]
    assert held in text() and "nothing boots" in text() and "NMI" not in text()
    server.advance("1m")
    ec2.send_diagnostic_interrupt(InstanceId=held)
    ec2.reboot_instances(InstanceIds=[held])
    second = ec2.get_console_output(InstanceId=held)
    assert "a diagnostic interrupt (NMI) arrives" in text() and "asked to reboot" in text()
    assert second["Timestamp"] > first["Timestamp"]
    ec2.stop_instances(InstanceIds=[held])
    server.advance("1m")
    assert "User initiated shutdown" in text()
    ec2.start_instances(InstanceIds=[held])
    server.advance("5m")
    assert "NMI" not in text(), "it is another run"
    old = running(server, ec2, InstanceType="t2.micro")
    assert error_of(ec2.get_console_output, InstanceId=old, Latest=True)[0] == "UnsupportedOperation"
    assert error_of(ec2.send_diagnostic_interrupt, InstanceId=old)[0] == "UnsupportedOperation"


def test_the_windows_password_opens_with_the_key_alone(server, ec2, tmp_path):
    key = ec2.create_key_pair(KeyName="windows")["KeyMaterial"]
    (tmp_path / "key").write_text(key + "\n")
    windows = ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "platform", "Values": ["windows"]},
                                                              {"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]["ImageId"]
    held = launch(ec2, ImageId=windows, InstanceType="t3.medium", KeyName="windows")
    # However long the disk took.
    server.advance("-1m")
    assert ec2.get_password_data(InstanceId=held)["PasswordData"] == "", "it takes a moment"
    server.advance("6m")
    ec2.get_waiter("password_data_available").wait(InstanceId=held)
    data = ec2.get_password_data(InstanceId=held)["PasswordData"]
    assert ec2.get_password_data(InstanceId=held)["PasswordData"] == data
    done = subprocess.run(["openssl", "pkeyutl", "-decrypt", "-inkey", tmp_path / "key"], input=base64.b64decode(data), capture_output=True)
    assert len(done.stdout) == 32, done.stderr
    linux = running(server, ec2, KeyName="windows")
    assert ec2.get_password_data(InstanceId=linux)["PasswordData"] == ""


def test_cpu_options(server, ec2):
    held = running(server, ec2, InstanceType="m5.xlarge")
    assert error_of(ec2.modify_instance_cpu_options, InstanceId=held, CoreCount=1, ThreadsPerCore=1)[0] == "IncorrectInstanceState"
    ec2.stop_instances(InstanceIds=[held])
    server.advance("1m")
    for wrong in ({"CoreCount": 3, "ThreadsPerCore": 1}, {"CoreCount": 2, "ThreadsPerCore": 4}):
        assert error_of(ec2.modify_instance_cpu_options, InstanceId=held, **wrong)[0] == "InvalidParameterValue"
    code, text, _ = error_of(ec2.modify_instance_cpu_options, InstanceId=held, CoreCount=2)
    assert (code, text) == ("MissingParameter", "When specifying CpuOptions you must specify both CoreCount and ThreadsPerCore.")
    assert instance(ec2, held)["CpuOptions"] == {"CoreCount": 2, "ThreadsPerCore": 2}
    ec2.modify_instance_cpu_options(InstanceId=held, CoreCount=2, ThreadsPerCore=1)
    assert instance(ec2, held)["CpuOptions"] == {"CoreCount": 2, "ThreadsPerCore": 1}


def test_maintenance_options(server, ec2):
    held = running(server, ec2)
    answer = ec2.modify_instance_maintenance_options(InstanceId=held, AutoRecovery="disabled")
    assert (answer["AutoRecovery"], answer["RebootMigration"]) == ("disabled", "default")
    ec2.modify_instance_maintenance_options(InstanceId=held, RebootMigration="disabled")
    assert instance(ec2, held)["MaintenanceOptions"] == {"AutoRecovery": "disabled", "RebootMigration": "disabled"}
    by = [{"Name": "maintenance-options.auto-recovery", "Values": ["disabled"]}]
    assert [one["Instances"][0]["InstanceId"] for one in ec2.describe_instances(Filters=by)["Reservations"]] == [held]


def test_names_capacity_and_bandwidth(server, ec2):
    held = running(server, ec2)
    ec2.modify_private_dns_name_options(InstanceId=held, EnableResourceNameDnsARecord=True)
    assert instance(ec2, held)["PrivateDnsNameOptions"]["EnableResourceNameDnsARecord"] is True
    assert error_of(ec2.modify_private_dns_name_options, InstanceId=held, PrivateDnsHostnameType="resource-name")[0] == "IncorrectInstanceState"
    none = {"CapacityReservationPreference": "none"}
    assert error_of(ec2.modify_instance_capacity_reservation_attributes, InstanceId=held, CapacityReservationSpecification=none)[0] == "IncorrectInstanceState"
    assert error_of(ec2.modify_instance_network_performance_options, InstanceId=held, BandwidthWeighting="vpc-1")[0] == "UnsupportedOperation"
    ec2.stop_instances(InstanceIds=[held])
    server.advance("1m")
    ec2.modify_private_dns_name_options(InstanceId=held, PrivateDnsHostnameType="resource-name")
    ec2.modify_instance_capacity_reservation_attributes(InstanceId=held, CapacityReservationSpecification=none)
    found = instance(ec2, held)
    assert found["PrivateDnsName"] == f"{held}.ec2.internal"
    assert found["CapacityReservationSpecification"] == none
    unknown = {"CapacityReservationTarget": {"CapacityReservationId": "cr-0123456789abcdef0"}}
    assert error_of(ec2.modify_instance_capacity_reservation_attributes, InstanceId=held,
                    CapacityReservationSpecification=unknown)[0] == "InvalidCapacityReservationId.NotFound"
    able = [kind["InstanceType"] for kind in ec2.describe_instance_types(Filters=[
        {"Name": "network-info.bandwidth-weightings", "Values": ["vpc-1"]}, {"Name": "processor-info.supported-architecture", "Values": ["x86_64"]}])[
            "InstanceTypes"]]
    ec2.modify_instance_attribute(InstanceId=held, InstanceType={"Value": able[0]})
    ec2.modify_instance_network_performance_options(InstanceId=held, BandwidthWeighting="vpc-1")
    assert instance(ec2, held)["NetworkPerformanceOptions"] == {"BandwidthWeighting": "vpc-1"}


def test_credits(server, ec2):
    held, other = running(server, ec2), running(server, ec2, InstanceType="m5.large")
    answer = ec2.modify_instance_credit_specification(InstanceCreditSpecifications=[
        {"InstanceId": held, "CpuCredits": "standard"}, {"InstanceId": other, "CpuCredits": "standard"},
        {"InstanceId": "i-0123456789abcdef0", "CpuCredits": "standard"}])
    assert answer["SuccessfulInstanceCreditSpecifications"] == [{"InstanceId": held}]
    assert [one["Error"]["Code"] for one in answer["UnsuccessfulInstanceCreditSpecifications"]] == [
        "InstanceCreditSpecification.NotSupported", "InvalidInstanceID.NotFound"]
    assert ec2.describe_instance_credit_specifications(InstanceIds=[held])["InstanceCreditSpecifications"][0]["CpuCredits"] == "standard"


def test_attributes_are_reset(server, ec2):
    held = running(server, ec2)
    ec2.modify_instance_attribute(InstanceId=held, SourceDestCheck={"Value": False})
    ec2.reset_instance_attribute(InstanceId=held, Attribute="sourceDestCheck")
    assert instance(ec2, held)["SourceDestCheck"] is True
    assert error_of(ec2.reset_instance_attribute, InstanceId=held, Attribute="kernel")[0] == "UnsupportedOperation"
    assert error_of(ec2.reset_instance_attribute, InstanceId=held, Attribute="userData")[0] == "InvalidParameterValue"


def test_reports_change_nothing(server, ec2):
    held = running(server, ec2)
    report = lambda **more: ec2.report_instance_status(Instances=[held], Status="impaired", ReasonCodes=["unresponsive"], **more)
    server.advance("5m")
    before = ec2.describe_instance_status(InstanceIds=[held])["InstanceStatuses"]
    report()
    assert ec2.describe_instance_status(InstanceIds=[held])["InstanceStatuses"] == before
    assert error_of(report, StartTime="2030-01-02T00:00:00Z", EndTime="2030-01-01T00:00:00Z")[0] == "InvalidParameterValue"
    ec2.stop_instances(InstanceIds=[held])
    assert error_of(report)[0] == "IncorrectInstanceState"


def test_event_windows(server, ec2):
    made = ec2.create_instance_event_window(Name="nights", TagSpecifications=tagged("instance-event-window"), TimeRanges=[
        {"StartWeekDay": "monday", "StartHour": 2, "EndWeekDay": "monday", "EndHour": 8}])["InstanceEventWindow"]
    window = made["InstanceEventWindowId"]
    assert (made["State"], made["Tags"]) == ("creating", TAGS)
    server.advance("10s")
    show = lambda: ec2.describe_instance_event_windows(InstanceEventWindowIds=[window])["InstanceEventWindows"][0]
    assert (show()["State"], show()["Name"], show()["TimeRanges"][0]["EndHour"]) == ("active", "nights", 8)
    ec2.modify_instance_event_window(InstanceEventWindowId=window, Name="later", CronExpression="* 20-23,0-4 * * SAT")
    assert (show()["Name"], show()["CronExpression"], "TimeRanges" in show()) == ("later", "* 20-23,0-4 * * SAT", False)
    held, other = running(server, ec2), running(server, ec2, TagSpecifications=tagged("instance"))
    ec2.associate_instance_event_window(InstanceEventWindowId=window, AssociationTarget={"InstanceIds": [held]})
    assert show()["AssociationTarget"]["InstanceIds"] == [held]
    by = [{"Name": "instance-id", "Values": [held]}, {"Name": "tag:team", "Values": ["red"]}]
    assert [one["InstanceEventWindowId"] for one in ec2.describe_instance_event_windows(Filters=by)["InstanceEventWindows"]] == [window]
    mixed = {"InstanceTags": TAGS}
    assert error_of(ec2.associate_instance_event_window, InstanceEventWindowId=window, AssociationTarget=mixed)[0] == "InvalidParameterCombination"
    second = ec2.create_instance_event_window(CronExpression="* 0-4 * * 1,5")["InstanceEventWindow"]["InstanceEventWindowId"]
    assert error_of(ec2.associate_instance_event_window, InstanceEventWindowId=second,
                    AssociationTarget={"InstanceIds": [held]})[0] == "Resource.AlreadyAssociated"
    ec2.associate_instance_event_window(InstanceEventWindowId=second, AssociationTarget=mixed)
    server.admin("POST", f"instances/{other}/maintain", {})
    begin = ec2.describe_instance_status(InstanceIds=[other])["InstanceStatuses"][0]["Events"][0]["NotBefore"]
    assert begin.isoweekday() in (1, 5) and begin.hour < 5, "the tag stands for its instances"
    assert error_of(ec2.delete_instance_event_window, InstanceEventWindowId=window)[0] == "DependencyViolation"
    ec2.disassociate_instance_event_window(InstanceEventWindowId=window, AssociationTarget={"InstanceIds": [held]})
    assert ec2.delete_instance_event_window(InstanceEventWindowId=window)["InstanceEventWindowState"]["State"] == "deleting"
    ec2.delete_instance_event_window(InstanceEventWindowId=second, ForceDelete=True)
    assert ec2.describe_instance_event_windows()["InstanceEventWindows"] == []


def test_pages_of_event_windows(ec2):
    made = {ec2.create_instance_event_window(CronExpression="* 0-4 * * *")["InstanceEventWindow"]["InstanceEventWindowId"] for _ in range(61)}
    pages = list(ec2.get_paginator("describe_instance_event_windows").paginate(PaginationConfig={"PageSize": 20}))
    assert len(pages) == 4
    assert {one["InstanceEventWindowId"] for page in pages for one in page["InstanceEventWindows"]} == made
    for one in made:
        ec2.delete_instance_event_window(InstanceEventWindowId=one)


def test_tags_of_event_notifications(server, ec2):
    attribute = lambda client=ec2: client.describe_instance_event_notification_attributes()["InstanceTagAttribute"]
    assert attribute() == {"InstanceTagKeys": [], "IncludeAllTagsOfInstance": False}
    ec2.register_instance_event_notification_attributes(InstanceTagAttribute={"InstanceTagKeys": ["team", "Name"]})
    ec2.register_instance_event_notification_attributes(InstanceTagAttribute={"IncludeAllTagsOfInstance": True, "InstanceTagKeys": ["team"]})
    assert attribute() == {"InstanceTagKeys": ["Name", "team"], "IncludeAllTagsOfInstance": True}
    assert attribute(server.client("ec2", region="eu-west-1"))["InstanceTagKeys"] == []
    ec2.deregister_instance_event_notification_attributes(InstanceTagAttribute={"IncludeAllTagsOfInstance": True, "InstanceTagKeys": ["Name"]})
    assert attribute() == {"InstanceTagKeys": ["team"], "IncludeAllTagsOfInstance": False}


def test_connect_endpoints(server, ec2):
    subnet = ec2.describe_subnets()["Subnets"][0]
    group = ec2.create_security_group(GroupName="door", Description="d", VpcId=subnet["VpcId"])["GroupId"]
    arguments = {"SubnetId": subnet["SubnetId"], "ClientToken": "once", "TagSpecifications": tagged("instance-connect-endpoint")}
    made = ec2.create_instance_connect_endpoint(**arguments)["InstanceConnectEndpoint"]
    endpoint = made["InstanceConnectEndpointId"]
    assert ec2.create_instance_connect_endpoint(**arguments)["InstanceConnectEndpoint"]["InstanceConnectEndpointId"] == endpoint
    assert error_of(ec2.create_instance_connect_endpoint, **{**arguments, "PreserveClientIp": True})[0] == "IdempotentParameterMismatch"
    assert (made["State"], made["VpcId"], made["PreserveClientIp"], made["Tags"]) == ("create-in-progress", subnet["VpcId"], False, TAGS)
    assert made["InstanceConnectEndpointArn"].endswith(f":instance-connect-endpoint/{endpoint}")
    server.advance("10s")
    show = lambda: ec2.describe_instance_connect_endpoints(InstanceConnectEndpointIds=[endpoint])["InstanceConnectEndpoints"][0]
    assert show()["State"] == "create-complete" and show()["DnsName"].startswith(endpoint + ".")
    [interface] = made["NetworkInterfaceIds"]
    assert ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"][0]["SubnetId"] == subnet["SubnetId"]
    ec2.modify_instance_connect_endpoint(InstanceConnectEndpointId=endpoint, SecurityGroupIds=[group], PreserveClientIp=True)
    assert (show()["State"], show()["SecurityGroupIds"], show()["PreserveClientIp"]) == ("update-in-progress", [group], True)
    server.advance("10s")
    assert show()["State"] == "update-complete"
    assert [one["GroupId"] for one in ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"][0]["Groups"]] == [group]
    assert error_of(ec2.delete_security_group, GroupId=group)[0] == "DependencyViolation"
    for name, value in (("vpc-id", subnet["VpcId"]), ("state", "update-complete"), ("tag:team", "red")):
        found = ec2.describe_instance_connect_endpoints(Filters=[{"Name": name, "Values": [value]}])["InstanceConnectEndpoints"]
        assert [one["InstanceConnectEndpointId"] for one in found] == [endpoint], name
    gone = ec2.delete_instance_connect_endpoint(InstanceConnectEndpointId=endpoint)["InstanceConnectEndpoint"]
    assert gone["State"] == show()["State"] == "delete-in-progress"
    server.advance("10s")
    assert error_of(ec2.describe_instance_connect_endpoints, InstanceConnectEndpointIds=[endpoint])[0] == "InvalidInstanceConnectEndpointId.NotFound"
    ec2.delete_security_group(GroupId=group)


def test_a_connect_endpoint_that_is_being_deleted_holds_what_it_has(make_server):
    server = make_server("--states", "aws")
    ec2 = server.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.53.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.53.0.0/24")["Subnet"]["SubnetId"]
    made = ec2.create_instance_connect_endpoint(SubnetId=subnet)["InstanceConnectEndpoint"]
    server.advance("5m")
    ec2.delete_instance_connect_endpoint(InstanceConnectEndpointId=made["InstanceConnectEndpointId"])
    [interface] = ec2.describe_network_interfaces(NetworkInterfaceIds=made["NetworkInterfaceIds"])["NetworkInterfaces"]
    assert interface["SubnetId"] == subnet and error_of(ec2.delete_subnet, SubnetId=subnet)[0] == "DependencyViolation"
    server.advance("2m")
    assert error_of(ec2.describe_network_interfaces, NetworkInterfaceIds=made["NetworkInterfaceIds"])[0] == "InvalidNetworkInterfaceID.NotFound"
    ec2.delete_subnet(SubnetId=subnet)


def test_topology(server, ec2):
    ordinary = running(server, ec2)
    offered = ec2.describe_instance_type_offerings(LocationType="availability-zone", Filters=[
        {"Name": "instance-type", "Values": ["g5.xlarge"]}])["InstanceTypeOfferings"][0]["Location"]
    near = [running(server, ec2, InstanceType="g5.xlarge", Placement={"AvailabilityZone": offered}) for _ in range(2)]
    places = {one["InstanceId"]: one for one in ec2.describe_instance_topology(InstanceIds=[ordinary, *near])["Instances"]}
    assert places[ordinary]["NetworkNodes"] == []
    first, second = (places[one]["NetworkNodes"] for one in near)
    assert len(first) == len(second) == 3 and first[0] == second[0]
    assert ec2.describe_instance_topology(InstanceIds=[near[0]])["Instances"][0]["NetworkNodes"] == first
    by = ec2.describe_instance_topology(Filters=[{"Name": "instance-type", "Values": ["g5*"]}])["Instances"]
    assert {one["InstanceId"] for one in by} == set(near)
    ec2.stop_instances(InstanceIds=near)
    assert ec2.describe_instance_topology(InstanceIds=near)["Instances"][0]["NetworkNodes"] == []
    ec2.terminate_instances(InstanceIds=near)


def test_the_image_of_an_instance(server, ec2):
    held = running(server, ec2, TagSpecifications=tagged("instance"))
    found = ec2.describe_instance_image_metadata(InstanceIds=[held])["InstanceImageMetadata"][0]
    described = ec2.describe_images(ImageIds=[image(ec2)])["Images"][0]
    told = found["ImageMetadata"]
    assert (told["ImageId"], told["Name"], told["OwnerId"], told["IsPublic"]) == (
        described["ImageId"], described["Name"], described["OwnerId"], True)
    assert (found["InstanceType"], found["State"]["Name"], found["Tags"]) == ("t3.micro", "running", TAGS)
    by = [{"Name": "tag:team", "Values": ["red"]}, {"Name": "instance-state-name", "Values": ["running"]}, {"Name": "owner-alias", "Values": ["amazon"]}]
    assert held in [one["InstanceId"] for one in ec2.describe_instance_image_metadata(Filters=by)["InstanceImageMetadata"]]
    pages = list(ec2.get_paginator("describe_instance_image_metadata").paginate(PaginationConfig={"PageSize": 1}))
    assert len(pages) == len(ec2.describe_instance_image_metadata()["InstanceImageMetadata"]) > 3


def test_types_by_what_they_have(ec2):
    def types(**wanted):
        requirements = {"VCpuCount": {"Min": 0}, "MemoryMiB": {"Min": 0}, **wanted}
        pages = ec2.get_paginator("get_instance_types_from_instance_requirements").paginate(
            ArchitectureTypes=["x86_64"], VirtualizationTypes=["hvm"], InstanceRequirements=requirements)
        return {one["InstanceType"] for page in pages for one in page["InstanceTypes"]}

    def described(names):
        pages = ec2.get_paginator("describe_instance_types").paginate(InstanceTypes=sorted(names)[:100])
        return [one for page in pages for one in page["InstanceTypes"]]

    every = types()
    assert "m5.large" in every and "t3.micro" not in every and "m5.metal" not in every and "m6g.large" not in every
    small = types(VCpuCount={"Min": 2, "Max": 4}, MemoryMiB={"Min": 2048, "Max": 8192})
    assert small < every and "m5.large" in small
    for kind in described(small):
        assert 2 <= kind["VCpuInfo"]["DefaultVCpus"] <= 4 and 2048 <= kind["MemoryInfo"]["SizeInMiB"] <= 8192
    assert types(BurstablePerformance="required") and all(name[0] == "t" for name in types(BurstablePerformance="required"))
    assert all("metal" in name for name in types(BareMetal="required", AllowedInstanceTypes=["m5*"]))
    assert types(AllowedInstanceTypes=["m5.*"]) == {name for name in every if name.startswith("m5.")}
    assert not {name for name in types(ExcludedInstanceTypes=["m5*"]) if name.startswith("m5")}
    gpus = types(AcceleratorTypes=["gpu"], AcceleratorManufacturers=["nvidia"], AcceleratorCount={"Min": 1})
    assert "g5.xlarge" in gpus and all(kind["GpuInfo"]["Gpus"][0]["Manufacturer"] == "NVIDIA" for kind in described(gpus))
    assert not types(AcceleratorCount={"Max": 0}) & gpus
    assert all(kind["ProcessorInfo"]["Manufacturer"] == "AMD" for kind in described(types(CpuManufacturers=["amd"])))
    assert all(kind["InstanceStorageSupported"] for kind in described(types(LocalStorage="required")))
    assert all(kind["CurrentGeneration"] for kind in described(types(InstanceGenerations=["current"])))


def test_what_a_type_tells(ec2):
    """As AWS was recorded in September 2026."""
    [told] = ec2.describe_instance_types(InstanceTypes=["t3.nano"])["InstanceTypes"]
    assert (told["SupportedInRegion"], told["NetworkInfo"]["NetworkCards"][0]["InterfaceTypes"]) == (True, ["interface"])


def test_who_may_not(server, ec2):
    """By resource: rights on other resources are none on these; by condition key: the tag is another one."""
    iam = server.client("iam")
    held = stopped(server, ec2, TagSpecifications=tagged("instance"))
    window = ec2.create_instance_event_window(CronExpression="* 0-4 * * *", TagSpecifications=tagged("instance-event-window"))[
        "InstanceEventWindow"]["InstanceEventWindowId"]
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    endpoint = ec2.create_instance_connect_endpoint(SubnetId=subnet, TagSpecifications=tagged("instance-connect-endpoint"))[
        "InstanceConnectEndpoint"]["InstanceConnectEndpointId"]
    server.advance("10s")
    target = {"InstanceEventWindowId": window, "AssociationTarget": {"InstanceIds": [held]}}
    on_resources = [
        ("get_console_output", {"InstanceId": held}), ("get_password_data", {"InstanceId": held}),
        ("modify_instance_cpu_options", {"InstanceId": held, "CoreCount": 1, "ThreadsPerCore": 1}),
        ("modify_instance_maintenance_options", {"InstanceId": held, "AutoRecovery": "disabled"}),
        ("modify_private_dns_name_options", {"InstanceId": held, "EnableResourceNameDnsARecord": True}),
        ("modify_instance_capacity_reservation_attributes", {"InstanceId": held, "CapacityReservationSpecification": {
            "CapacityReservationPreference": "none"}}),
        ("modify_instance_network_performance_options", {"InstanceId": held, "BandwidthWeighting": "default"}),
        ("modify_instance_credit_specification", {"InstanceCreditSpecifications": [{"InstanceId": held, "CpuCredits": "standard"}]}),
        ("reset_instance_attribute", {"InstanceId": held, "Attribute": "sourceDestCheck"}),
        ("modify_instance_event_window", {"InstanceEventWindowId": window, "Name": "x"}),
        ("associate_instance_event_window", target), ("disassociate_instance_event_window", target),
        ("modify_instance_connect_endpoint", {"InstanceConnectEndpointId": endpoint, "PreserveClientIp": True}),
        ("delete_instance_event_window", {"InstanceEventWindowId": window}),
    ]
    elsewhere = [("send_diagnostic_interrupt", {"InstanceId": held}),
                 ("report_instance_status", {"Instances": [held], "Status": "ok", "ReasonCodes": ["other"]}),
                 ("create_instance_event_window", {"CronExpression": "* 0-4 * * *"}),
                 ("create_instance_connect_endpoint", {"SubnetId": subnet}),
                 ("delete_instance_connect_endpoint", {"InstanceConnectEndpointId": endpoint})]
    lists = [("describe_instance_event_windows", {}), ("describe_instance_connect_endpoints", {}), ("describe_instance_topology", {}),
             ("describe_instance_image_metadata", {}), ("describe_instance_event_notification_attributes", {}),
             ("register_instance_event_notification_attributes", {"InstanceTagAttribute": {"InstanceTagKeys": ["a"]}}),
             ("deregister_instance_event_notification_attributes", {"InstanceTagAttribute": {"InstanceTagKeys": ["a"]}}),
             ("get_instance_types_from_instance_requirements", {"ArchitectureTypes": ["x86_64"], "VirtualizationTypes": ["hvm"],
              "InstanceRequirements": {"VCpuCount": {"Min": 1}, "MemoryMiB": {"Min": 1}}})]
    stranger = server.client("ec2", make_user(iam, "stranger", allow("ec2:*", "arn:aws:ec2:*:*:volume/*")))
    for name, arguments in [*on_resources, *elsewhere, *lists]:
        assert error_of(getattr(stranger, name), **arguments)[0] == "UnauthorizedOperation", name
    condition = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    blue = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition=condition)))
    for name, arguments in on_resources:
        assert error_of(getattr(blue, name), **arguments)[0] == "UnauthorizedOperation", name
    red = server.client("ec2", make_user(iam, "red", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "red"}})))
    for name, arguments in on_resources:
        getattr(red, name)(**arguments)
    tagging = server.client("ec2", make_user(iam, "creator", allow("ec2:CreateInstanceEventWindow"), allow(
        "ec2:CreateTags", Condition={"StringEquals": {"ec2:CreateAction": "RunInstances"}})))
    assert tagging.create_instance_event_window(CronExpression="* 0-4 * * *")
    assert error_of(tagging.create_instance_event_window, CronExpression="* 0-4 * * *",
                    TagSpecifications=tagged("instance-event-window"))[0] == "UnauthorizedOperation"
    only = {"StringEquals": {"ec2:Attribute/CpuCredits": "standard"}}
    saver = server.client("ec2", make_user(iam, "saver", allow("ec2:ModifyInstanceCreditSpecification", Condition=only)))
    credit = lambda word: saver.modify_instance_credit_specification(InstanceCreditSpecifications=[{"InstanceId": held, "CpuCredits": word}])
    assert credit("standard")["SuccessfulInstanceCreditSpecifications"]
    assert error_of(credit, word="unlimited")[0] == "UnauthorizedOperation"


def test_dry_runs(server, ec2):
    held = running(server, ec2)
    before = instance(ec2, held)
    for name, arguments in [("get_console_output", {"InstanceId": held}), ("modify_instance_maintenance_options", {
            "InstanceId": held, "AutoRecovery": "disabled"}), ("create_instance_event_window", {"CronExpression": "* 0-4 * * *"})]:
        assert error_of(getattr(ec2, name), DryRun=True, **arguments)[0] == "DryRunOperation", name
    assert instance(ec2, held) == before


def test_what_shuts_down_holds_what_it_has(make_server):
    """A group can't be deleted before the instance is terminated: https://github.com/hashicorp/terraform/issues/11047."""
    server = make_server("--states", "aws")
    ec2 = server.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.20.0.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="held", Description="held", VpcId=vpc)["GroupId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    kept = [{"DeviceName": f"/dev/sd{letter}", "Ebs": {"VolumeSize": 1, "DeleteOnTermination": letter == "g"}} for letter in "fg"]
    held = launch(ec2, SubnetId=subnet, SecurityGroupIds=[group], BlockDeviceMappings=kept)
    lent = ec2.create_network_interface(SubnetId=subnet, Groups=[group])["NetworkInterface"]["NetworkInterfaceId"]
    other = launch(ec2, Placement={"AvailabilityZone": "us-east-1a"})
    server.advance("1m")
    ec2.attach_network_interface(NetworkInterfaceId=lent, InstanceId=held, DeviceIndex=1)
    volumes = {one["DeviceName"]: one["Ebs"]["VolumeId"] for one in instance(ec2, held)["BlockDeviceMappings"]}
    interface = next(one["NetworkInterfaceId"] for one in instance(ec2, held)["NetworkInterfaces"] if one["NetworkInterfaceId"] != lent)
    ec2.associate_address(AllocationId=address, NetworkInterfaceId=interface)
    free = lambda: ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["AvailableIpAddressCount"]
    before = free()
    ec2.terminate_instances(InstanceIds=[held])
    seen = instance(ec2, held)
    assert (seen["State"]["Name"], seen["VpcId"], seen["SubnetId"]) == ("shutting-down", vpc, subnet)
    assert [one["GroupId"] for one in seen["SecurityGroups"]] == [group] and len(seen["NetworkInterfaces"]) == 2
    assert free() == before
    assert error_of(ec2.delete_security_group, GroupId=group)[:2] == ("DependencyViolation", f"resource {group} has a dependent object")
    assert error_of(ec2.delete_subnet, SubnetId=subnet)[0] == "DependencyViolation"
    assert error_of(ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc)[0] == "DependencyViolation"
    assert error_of(ec2.release_address, AllocationId=address)[0] == "InvalidIPAddress.InUse"
    assert error_of(ec2.delete_network_interface, NetworkInterfaceId=lent)[0] == "InvalidParameterValue"
    assert error_of(ec2.attach_network_interface, NetworkInterfaceId=lent, InstanceId=other, DeviceIndex=1)[0] == "InvalidNetworkInterface.InUse"
    for volume in (volumes["/dev/sdf"], volumes["/dev/sdg"]):
        assert error_of(ec2.attach_volume, VolumeId=volume, InstanceId=other, Device="/dev/sdh")[0] == "VolumeInUse"
        assert error_of(ec2.delete_volume, VolumeId=volume)[0] == "VolumeInUse"
    assert error_of(ec2.detach_volume, VolumeId=volumes["/dev/sdg"])[0] == "IncorrectState"

    server.advance("31s")
    seen = instance(ec2, held)
    assert seen["State"]["Name"] == "terminated" and "VpcId" not in seen and not seen["SecurityGroups"]
    assert free() == before + 1
    assert error_of(ec2.describe_volumes, VolumeIds=[volumes["/dev/sdg"]])[0] == "InvalidVolume.NotFound"
    assert "AssociationId" not in ec2.describe_addresses(AllocationIds=[address])["Addresses"][0]
    ec2.attach_volume(VolumeId=volumes["/dev/sdf"], InstanceId=other, Device="/dev/sdh")
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.release_address(AllocationId=address)
    ec2.delete_network_interface(NetworkInterfaceId=lent)
    ec2.delete_security_group(GroupId=group)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)


def test_what_is_told_as_recorded(make_server):
    """As AWS was recorded in September 2026: what is told while an instance comes and goes, and what a retried launch tells."""
    server = make_server("--states", "aws")
    ec2 = server.client("ec2")
    wanted = {"ImageId": image(ec2), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, "ClientToken": "once"}
    [first], [again] = (ec2.run_instances(**wanted)["Instances"] for _ in range(2))
    assert (first["Operator"], first["BlockDeviceMappings"]) == ({"Managed": False}, []) and "SecondaryInterfaces" not in first
    assert "Operator" not in again and [one["DeviceName"] for one in again["BlockDeviceMappings"]] == ["/dev/xvda"]
    held = first["InstanceId"]
    status = lambda: ec2.describe_instance_status(InstanceIds=[held])["InstanceStatuses"][0]
    server.advance("30s")
    assert status()["InstanceStatus"]["Status"] == "initializing" and "AttachedEbsStatus" not in status()
    server.advance("10m")
    assert (status()["AttachedEbsStatus"]["Status"], status()["Operator"]) == ("ok", {"Managed": False, "HiddenByDefault": False})
    assert error_of(ec2.describe_instance_status, InstanceIds=[held], NextToken="x")[:2] == (
        "InvalidParameterCombination", "The parameter instanceIdsSet cannot be used with the parameter nextToken")
    assert (instance(ec2, held)["SecondaryInterfaces"], instance(ec2, held)["BlockDeviceMappings"][0]["Ebs"]["EbsCardIndex"]) == ([], 0)
    [device] = ec2.describe_instance_attribute(InstanceId=held, Attribute="blockDeviceMapping")["BlockDeviceMappings"]
    assert "EbsCardIndex" not in device["Ebs"]
    ec2.stop_instances(InstanceIds=[held])
    assert instance(ec2, held)["MetadataOptions"]["State"] == "pending"
    server.advance("5m")
    assert instance(ec2, held)["MetadataOptions"]["State"] == "applied"
    assert error_of(ec2.reboot_instances, InstanceIds=[held])[:2] == (
        "IncorrectState", f"Cannot reboot instance {held} that is currently in stopped state.")
    [ended] = ec2.terminate_instances(InstanceIds=[held])["TerminatingInstances"]
    assert (ended["PreviousState"]["Name"], ended["CurrentState"]["Name"]) == ("stopped", "terminated")
    assert instance(ec2, held)["MetadataOptions"]["State"] == "pending" and ec2.reboot_instances(InstanceIds=[held])


def test_refusals_as_recorded(ec2):
    assert error_of(ec2.run_instances, ImageId="", InstanceType="t3.micro", MinCount=1, MaxCount=1)[:2] == (
        "MissingParameter", "The request must contain the parameter ImageId")
    assert error_of(ec2.describe_instance_attribute, InstanceId=NOWHERE, Attribute="bad")[:2] == (
        "InvalidParameterValue", "Value (bad) for parameter attribute is invalid. Unknown attribute.")
    assert error_of(ec2.modify_instance_metadata_options, InstanceId=NOWHERE, HttpTokens="bad")[:2] == (
        "InvalidParameterValue", "A value of 'bad' is not valid for HttpTokens. Specify either 'optional' or 'required' and try again.")
