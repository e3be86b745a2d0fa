"""EC2's launch templates: each operation's effect, seen through another one, what launches take from them, and who may not."""

import pytest

from conftest import allow, error_of, image, launch, make_profile, make_user

TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def tagged(kind, tags=TAGS):
    return [{"ResourceType": kind, "Tags": tags}]


def template(ec2, name, **data):
    made = ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": image(ec2), "InstanceType": "t3.micro", **data},
                                      TagSpecifications=tagged("launch-template"))
    return made["LaunchTemplate"]["LaunchTemplateId"]


def run(ec2, template_id, version=None, **more):
    wanted = {"LaunchTemplateId": template_id, **({"Version": version} if version else {})}
    return ec2.run_instances(LaunchTemplate=wanted, **{"MinCount": 1, "MaxCount": 1, **more})["Instances"][0]["InstanceId"]


def seen(ec2, instance_id):
    return ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]


#: One of nearly everything that template data can hold.
FULL = {
    "KernelId": "aki-0123456789abcdef0", "RamDiskId": "ari-0123456789abcdef0", "EbsOptimized": True, "KeyName": "k", "UserData": "aGVsbG8=",
    "IamInstanceProfile": {"Name": "web"}, "Monitoring": {"Enabled": True}, "DisableApiTermination": True, "DisableApiStop": False,
    "BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 9, "VolumeType": "gp3", "Iops": 4000, "Encrypted": True}},
                            {"DeviceName": "/dev/sdg", "NoDevice": ""}],
    "NetworkInterfaces": [{"DeviceIndex": 0, "Groups": ["sg-1"], "Ipv6AddressCount": 1, "Ipv4Prefixes": [{"Ipv4Prefix": "10.0.0.0/28"}],
                           "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": "10.0.0.9"}],
                           "ConnectionTrackingSpecification": {"UdpTimeout": 30}}],
    "Placement": {"AvailabilityZone": "us-east-1a", "Tenancy": "dedicated", "PartitionNumber": 2}, "SecurityGroups": ["a", "b"],
    "InstanceInitiatedShutdownBehavior": "terminate", "TagSpecifications": tagged("instance"),
    "InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.5", "SpotInstanceType": "one-time"}},
    "CreditSpecification": {"CpuCredits": "unlimited"}, "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 2},
    "CapacityReservationSpecification": {"CapacityReservationTarget": {"CapacityReservationId": "cr-0123456789abcdef0"}},
    "LicenseSpecifications": [{"LicenseConfigurationArn": "arn:aws:license-manager:us-east-1:123456789012:license-configuration:lic-1"}],
    "HibernationOptions": {"Configured": False}, "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 4},
    "EnclaveOptions": {"Enabled": False}, "PrivateDnsNameOptions": {"HostnameType": "resource-name", "EnableResourceNameDnsAAAARecord": False},
    "InstanceRequirements": {"VCpuCount": {"Min": 2, "Max": 4}, "MemoryMiB": {"Min": 1024}, "MemoryGiBPerVCpu": {"Min": 0.5}, "CpuManufacturers": ["intel"]},
    "MaintenanceOptions": {"AutoRecovery": "disabled"}, "NetworkPerformanceOptions": {"BandwidthWeighting": "vpc-1"},
}


def test_all_data_is_kept_as_it_came(ec2):
    made = ec2.create_launch_template(LaunchTemplateName="full", LaunchTemplateData=FULL, VersionDescription="first", ClientToken="full-1",
                                      TagSpecifications=tagged("launch-template"))["LaunchTemplate"]
    assert (made["DefaultVersionNumber"], made["LatestVersionNumber"], made["Tags"]) == (1, 1, TAGS)
    assert made["CreatedBy"] == "arn:aws:iam::000000000000:root"
    again = ec2.create_launch_template(LaunchTemplateName="full", LaunchTemplateData=FULL, VersionDescription="first", ClientToken="full-1",
                                       TagSpecifications=tagged("launch-template"))
    assert again["LaunchTemplate"]["LaunchTemplateId"] == made["LaunchTemplateId"]
    [version] = ec2.describe_launch_template_versions(LaunchTemplateName="full")["LaunchTemplateVersions"]
    assert (version["VersionDescription"], version["DefaultVersion"], version["LaunchTemplateData"]) == ("first", True, FULL)
    assert ec2.describe_tags(Filters=[{"Name": "resource-type", "Values": ["launch-template"]}])["Tags"][0]["Value"] == "red"


def test_versions_come_and_go(ec2):
    held = template(ec2, "versions", KeyName="k")
    second = ec2.create_launch_template_version(LaunchTemplateId=held, SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"},
                                                VersionDescription="larger")["LaunchTemplateVersion"]
    assert (second["VersionNumber"], second["DefaultVersion"], second["LaunchTemplateData"]["KeyName"]) == (2, False, "k")
    third = ec2.create_launch_template_version(LaunchTemplateName="versions", LaunchTemplateData={"InstanceType": "t3.large"})["LaunchTemplateVersion"]
    assert third["LaunchTemplateData"] == {"InstanceType": "t3.large"}
    assert ec2.modify_launch_template(LaunchTemplateId=held, DefaultVersion="2")["LaunchTemplate"]["DefaultVersionNumber"] == 2
    [shown] = ec2.describe_launch_templates(LaunchTemplateIds=[held])["LaunchTemplates"]
    assert (shown["DefaultVersionNumber"], shown["LatestVersionNumber"]) == (2, 3)

    def numbers(**more):
        return [one["VersionNumber"] for one in ec2.describe_launch_template_versions(LaunchTemplateId=held, **more)["LaunchTemplateVersions"]]

    assert numbers() == [3, 2, 1]
    assert numbers(Versions=["$Default", "$Latest"]) == [3, 2]
    assert numbers(MinVersion="1", MaxVersion="2") == [2, 1]
    assert numbers(Filters=[{"Name": "instance-type", "Values": ["t3.s*"]}]) == [2]
    latest = ec2.describe_launch_template_versions(Versions=["$Latest"])["LaunchTemplateVersions"]
    assert (held, 3) in [(one["LaunchTemplateId"], one["VersionNumber"]) for one in latest]
    pages = ec2.get_paginator("describe_launch_template_versions").paginate(LaunchTemplateId=held, PaginationConfig={"PageSize": 2})
    assert [one["VersionNumber"] for page in pages for one in page["LaunchTemplateVersions"]] == [3, 2, 1]

    assert error_of(ec2.delete_launch_template_versions, LaunchTemplateId=held, Versions=["1", "2"])[:2] == (
        "InvalidParameterValue", "The default version cannot be deleted. Either specify another version as default or delete the launch template.")
    assert numbers() == [3, 2, 1]
    deleted = ec2.delete_launch_template_versions(LaunchTemplateId=held, Versions=["1", "9"])
    assert [one["VersionNumber"] for one in deleted["SuccessfullyDeletedLaunchTemplateVersions"]] == [1]
    failed = {one["VersionNumber"]: one["ResponseError"] for one in deleted["UnsuccessfullyDeletedLaunchTemplateVersions"]}
    assert sorted(failed) == [9]
    assert failed[9] == {"Code": "launchTemplateVersionDoesNotExist",
                         "Message": "The launch template version does not exist."}
    assert numbers() == [3, 2]
    assert ec2.delete_launch_template(LaunchTemplateId=held)["LaunchTemplate"]["LaunchTemplateName"] == "versions"
    assert error_of(ec2.describe_launch_template_versions, LaunchTemplateId=held)[0] == "InvalidLaunchTemplateId.NotFound"
    assert template(ec2, "versions") != held, "the name is free again"


def test_a_dry_run_asks_for_no_data(ec2):
    assert error_of(ec2.create_launch_template, LaunchTemplateName="nothing", LaunchTemplateData={}, DryRun=True)[0] == "DryRunOperation"
    assert error_of(ec2.create_launch_template, LaunchTemplateName="nothing", LaunchTemplateData={})[0] == "MissingParameter"


def test_instances_are_launched_by_a_template(server, ec2):
    key = ec2.create_key_pair(KeyName="template")["KeyName"]
    role = make_profile(server.client("iam"), "template-role")
    assert role
    held = template(ec2, "launched", KeyName=key, IamInstanceProfile={"Name": "template-role"}, DisableApiTermination=True, UserData="aGVsbG8=",
                    MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 5}, Monitoring={"Enabled": True},
                    BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 7, "VolumeType": "gp3"}}],
                    TagSpecifications=tagged("instance") + tagged("volume"))
    launched = run(ec2, held)
    server.advance("1m")
    found = seen(ec2, launched)
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    assert tags == {"team": "red", "aws:ec2launchtemplate:id": held, "aws:ec2launchtemplate:version": "1"}
    assert (found["InstanceType"], found["KeyName"], found["Monitoring"]["State"]) == ("t3.micro", key, "enabled")
    assert found["MetadataOptions"]["HttpPutResponseHopLimit"] == 5
    assert found["IamInstanceProfile"]["Arn"].endswith("instance-profile/template-role")
    volumes = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [launched]}])["Volumes"]
    assert sorted(volume["Size"] for volume in volumes)[0] == 7 and all(volume["Tags"] == TAGS for volume in volumes)
    assert ec2.describe_instance_attribute(InstanceId=launched, Attribute="userData")["UserData"] == {"Value": "aGVsbG8="}
    assert error_of(ec2.terminate_instances, InstanceIds=[launched])[0] == "OperationNotPermitted"

    data = ec2.get_launch_template_data(InstanceId=launched)["LaunchTemplateData"]
    assert (data["InstanceType"], data["KeyName"], data["DisableApiTermination"]) == ("t3.micro", key, True)
    assert data["TagSpecifications"] == tagged("instance")
    again = ec2.create_launch_template(LaunchTemplateName="of-an-instance", LaunchTemplateData=data)
    kept = ec2.describe_launch_template_versions(LaunchTemplateId=again["LaunchTemplate"]["LaunchTemplateId"])["LaunchTemplateVersions"][0]
    assert told(kept["LaunchTemplateData"]) == told(data)


def told(data):
    """Without the empty lists, which no request can hold."""
    if isinstance(data, dict):
        return {key: told(value) for key, value in data.items() if value != []}
    return [told(one) for one in data] if isinstance(data, list) else data


def test_the_data_of_an_instance(server, ec2):
    """The members that AWS was recorded to tell in September 2026."""
    subnet = ec2.create_subnet(VpcId=ec2.create_vpc(CidrBlock="10.194.0.0/16")["Vpc"]["VpcId"], CidrBlock="10.194.20.0/24",
                               AvailabilityZone="us-east-1f")["Subnet"]["SubnetId"]
    launched = launch(ec2, SubnetId=subnet)
    server.advance("1m")
    data = ec2.get_launch_template_data(InstanceId=launched)["LaunchTemplateData"]
    found = seen(ec2, launched)
    [interface] = found["NetworkInterfaces"]
    assert data["NetworkInterfaces"] == [{
        "AssociatePublicIpAddress": False, "DeleteOnTermination": True, "Description": "", "DeviceIndex": 0, "Groups": [interface["Groups"][0]["GroupId"]],
        "InterfaceType": "interface", "Ipv6Addresses": [], "SubnetId": subnet, "NetworkCardIndex": 0, "Ipv4Prefixes": [], "Ipv6Prefixes": [],
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": interface["PrivateIpAddress"]}]}]
    assert data["Placement"] == {"AvailabilityZone": "us-east-1f", "AvailabilityZoneId": found["Placement"]["AvailabilityZoneId"], "GroupName": "",
                                 "Tenancy": "default"}
    assert (data["CpuOptions"], data["NetworkPerformanceOptions"], data["SecondaryInterfaces"]) == (
        {"CoreCount": 1, "ThreadsPerCore": 2}, {"BandwidthWeighting": "default"}, [])
    assert data["BlockDeviceMappings"][0]["Ebs"]["EbsCardIndex"] == 0
    ec2.terminate_instances(InstanceIds=[launched])
    server.advance("2m")
    ec2.create_launch_template(LaunchTemplateName="as-it-was", LaunchTemplateData=data)
    [again] = ec2.run_instances(LaunchTemplate={"LaunchTemplateName": "as-it-was"}, MinCount=1, MaxCount=1)["Instances"]
    assert (again["SubnetId"], again["PrivateIpAddress"]) == (subnet, interface["PrivateIpAddress"])


def test_a_request_says_more_than_its_template(server, ec2):
    held = template(ec2, "more", MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 5},
                    TagSpecifications=tagged("instance", [{"Key": "team", "Value": "red"}, {"Key": "env", "Value": "test"}]))
    ec2.create_launch_template_version(LaunchTemplateId=held, SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"})
    launched = run(ec2, held, "$Latest", InstanceType="t3.medium", MetadataOptions={"HttpTokens": "optional"},
                   TagSpecifications=tagged("instance", [{"Key": "team", "Value": "blue"}]))
    server.advance("1m")
    found = seen(ec2, launched)
    assert (found["InstanceType"], found["MetadataOptions"]["HttpTokens"], found["MetadataOptions"]["HttpPutResponseHopLimit"]) == ("t3.medium", "optional", 5)
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    assert (tags["team"], tags["env"], tags["aws:ec2launchtemplate:version"]) == ("blue", "test", "2")
    assert seen(ec2, run(ec2, held))["InstanceType"] == "t3.micro", "the default version is the first still"


def test_each_device_is_named_once(ec2):
    """In the template as in the request; a request may change a template's device."""
    large, small = ({"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": size}} for size in (9, 7))
    once, twice = template(ec2, "once", BlockDeviceMappings=[large]), template(ec2, "twice", BlockDeviceMappings=[large, small])
    refused = ("InvalidBlockDeviceMapping", "The device '/dev/sdf' is used in more than one block-device mapping")
    assert error_of(run, ec2=ec2, template_id=twice)[:2] == refused
    assert error_of(run, ec2=ec2, template_id=once, BlockDeviceMappings=[small, small])[:2] == refused
    made = run(ec2, once, BlockDeviceMappings=[small])
    volumes = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [made]}, {"Name": "attachment.device", "Values": ["/dev/sdf"]}])["Volumes"]
    assert [volume["Size"] for volume in volumes] == [7]


def test_a_warning_tells_what_a_launch_would_fail_of(ec2):
    data = {"ImageId": "ami-0123456789abcdef0", "InstanceType": "t3.micro"}
    warning = ec2.create_launch_template(LaunchTemplateName="warned", LaunchTemplateData=data)["Warning"]
    assert warning == {"Errors": [{"Code": "InvalidAMIID.NotFound", "Message": "The image id '[ami-0123456789abcdef0]' does not exist"}]}
    data = {"ImageId": image(ec2), "InstanceType": "t3.micro", "KeyName": "none"}
    warning = ec2.create_launch_template_version(LaunchTemplateName="warned", LaunchTemplateData=data)["Warning"]
    assert [one["Code"] for one in warning["Errors"]] == ["InvalidKeyPair.NotFound"]
    assert "Warning" not in ec2.create_launch_template(LaunchTemplateName="unwarned", LaunchTemplateData={"InstanceType": "t3.micro"})


def test_accounts_and_regions_are_apart(server, ec2):
    held = template(ec2, "here")
    for other in (server.client("ec2", region="eu-west-1"), server.client("ec2", server.account("222222222222"))):
        assert error_of(other.describe_launch_templates, LaunchTemplateIds=[held])[0] == "InvalidLaunchTemplateId.NotFound"
        assert error_of(other.run_instances, LaunchTemplate={"LaunchTemplateId": held}, MinCount=1, MaxCount=1)[0] == "InvalidLaunchTemplateId.NotFound"
    assert error_of(ec2.delete_launch_template, LaunchTemplateId=held, DryRun=True)[0] == "DryRunOperation"
    assert ec2.describe_launch_templates(LaunchTemplateNames=["here"])["LaunchTemplates"][0]["LaunchTemplateId"] == held


#: Operations and what they are called with, T and I standing for a template and an instance.
CALLS = [
    ("create_launch_template", {"LaunchTemplateName": "mine", "LaunchTemplateData": {"InstanceType": "t3.micro"}}),
    ("create_launch_template_version", {"LaunchTemplateId": "T", "LaunchTemplateData": {"InstanceType": "t3.micro"}}),
    ("modify_launch_template", {"LaunchTemplateId": "T", "DefaultVersion": "1"}), ("delete_launch_template", {"LaunchTemplateId": "T"}),
    ("delete_launch_template_versions", {"LaunchTemplateId": "T", "Versions": ["1"]}), ("describe_launch_templates", {}),
    ("describe_launch_template_versions", {"LaunchTemplateId": "T"}), ("get_launch_template_data", {"InstanceId": "I"}),
]


def test_who_may_not(server, ec2):
    iam = server.client("iam")
    names = {"T": template(ec2, "guarded"), "I": launch(ec2)}
    elsewhere = [f"arn:aws:ec2:*:*:{kind}-0000000000000000f" for kind in ("launch-template/lt", "instance/i")]
    mine = server.client("ec2", make_user(iam, "elsewhere", allow("ec2:*", elsewhere)))
    theirs = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    for operation, parameters in CALLS:
        parameters = {name: names.get(value, value) if isinstance(value, str) else value for name, value in parameters.items()}
        assert error_of(getattr(mine, operation), **parameters)[0] == "UnauthorizedOperation", operation
        assert error_of(getattr(theirs, operation), **parameters)[0] == "UnauthorizedOperation", operation
    user = server.client("ec2", make_user(
        iam, "conditions", allow("ec2:ModifyLaunchTemplate", Condition={"StringEquals": {"ec2:Attribute/DefaultVersion": "1"}}),
        allow(["ec2:CreateLaunchTemplate", "ec2:DescribeLaunchTemplates"])))
    user.modify_launch_template(LaunchTemplateId=names["T"], DefaultVersion="1")
    assert error_of(user.modify_launch_template, LaunchTemplateId=names["T"], DefaultVersion="2")[0] == "UnauthorizedOperation"
    user.create_launch_template(LaunchTemplateName="untagged", LaunchTemplateData={"InstanceType": "t3.micro"})
    assert error_of(user.create_launch_template, LaunchTemplateName="tagged", LaunchTemplateData={"InstanceType": "t3.micro"},
                    TagSpecifications=tagged("launch-template"))[0] == "UnauthorizedOperation"


def test_launches_by_a_certain_template_alone(server, ec2):
    """AWS's own example: launches by one template, of which no resource may be overridden."""
    held, other = template(ec2, "certain", TagSpecifications=tagged("instance")), template(ec2, "uncertain")
    group = ec2.create_security_group(GroupName="certain", Description="d")["GroupId"]
    certain = {"ArnLike": {"ec2:LaunchTemplate": f"arn:aws:ec2:us-east-1:000000000000:launch-template/{held}"}}
    user = server.client("ec2", make_user(
        server.client("iam"), "certain",
        allow("ec2:RunInstances", Condition={**certain, "Bool": {"ec2:IsLaunchTemplateResource": "true"}}),
        allow("ec2:CreateTags", "arn:aws:ec2:*:*:instance/*", Condition={"StringEquals": {"ec2:CreateAction": "RunInstances"}})))
    assert run(user, held)
    assert run(user, held, InstanceType="t3.small"), "a type is no resource"
    for more in ({"ImageId": image(ec2)}, {"SecurityGroupIds": [group]}, {"KeyName": "k"}, {"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20}}]}):
        assert error_of(run, ec2=user, template_id=held, **more)[0] == "UnauthorizedOperation", more
    assert error_of(run, ec2=user, template_id=other)[0] == "UnauthorizedOperation"
    assert error_of(launch, ec2=user)[0] == "UnauthorizedOperation"
