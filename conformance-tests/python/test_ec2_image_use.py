"""Images that are marked, stored, launched fast, and who uses them; and who may not."""

import pytest

from conftest import allow, error_of, launch, make_user, register

TAGS = [{"Key": "team", "Value": "red"}]
OTHER = "222222222222"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def seen(ec2, image):
    return ec2.describe_images(ImageIds=[image])["Images"][0]


def test_watermarks(server, ec2):
    made = register(server, ec2, "marked")
    key = ec2.attach_image_watermark(ImageId=made, WatermarkName="approved")["WatermarkKey"]
    assert key == "000000000000:approved"
    [mark] = seen(ec2, made)["ImageWatermarks"]
    assert (mark["WatermarkKey"], mark["SourceImageId"], mark["SourceImageRegion"]) == (key, made, "us-east-1")
    copy = ec2.copy_image(Name="copied", SourceImageId=made, SourceRegion="us-east-1")["ImageId"]
    instance = launch(ec2, ImageId=made)
    server.advance("1m")
    derived = ec2.create_image(InstanceId=instance, Name="derived")["ImageId"]
    for image in (copy, derived):
        assert seen(ec2, image)["ImageWatermarks"] == [mark]
    found = ec2.describe_images(Owners=["self"], Filters=[{"Name": "image-watermark.watermark-key", "Values": ["*:approved"]}])["Images"]
    assert sorted(one["ImageId"] for one in found) == sorted([made, copy, derived])
    ec2.detach_image_watermark(ImageId=made, WatermarkKey=key)
    assert "ImageWatermarks" not in seen(ec2, made) and seen(ec2, copy)["ImageWatermarks"] == [mark]
    assert ec2.detach_image_watermark(ImageId=made, WatermarkKey=key)["Return"] is True
    ec2.modify_image_attribute(ImageId=copy, LaunchPermission={"Add": [{"UserId": OTHER}]})
    theirs = server.client("ec2", server.account(OTHER))
    assert error_of(theirs.attach_image_watermark, ImageId=copy, WatermarkName="mine")[:2] == ("AuthFailure", f"Not authorized for image:{copy}")


def test_types_that_an_image_is_for(server, ec2):
    made = register(server, ec2, "typed")
    said = {"SupportedInstanceTypes": ["t3.*", "m5.large"], "UnsupportedInstanceTypes": ["t3.nano"]}
    assert ec2.replace_image_instance_type_specification(ImageId=made, InstanceTypeSpecification=said)["ReturnValue"] is True
    assert seen(ec2, made)["InstanceTypeSpecification"] == {member: [{"InstanceType": name} for name in names] for member, names in said.items()}
    launch(ec2, ImageId=made, InstanceType="t3.micro")
    for kind in ("t3.nano", "c5.large"):
        assert error_of(launch, ec2=ec2, ImageId=made, InstanceType=kind)[:2] == (
            "InvalidParameterCombination", f"The instance type '{kind}' is not compatible with the image '{made}'.")
    found = ec2.describe_images(Filters=[{"Name": "instance-type-specification.supported-instance-type", "Values": ["m5.large"]}])["Images"]
    assert [one["ImageId"] for one in found] == [made]
    ec2.replace_image_instance_type_specification(ImageId=made)
    launch(ec2, ImageId=made, InstanceType="c5.large")
    twice = {"SupportedInstanceTypes": ["t3.*"], "UnsupportedInstanceTypes": ["t3.*"]}
    assert error_of(ec2.replace_image_instance_type_specification, ImageId=made, InstanceTypeSpecification=twice)[0] == "InvalidParameterValue"


def test_images_in_objects(server, ec2):
    made = register(server, ec2, "stored", TagSpecifications=[{"ResourceType": "image", "Tags": TAGS}])
    key = ec2.create_store_image_task(ImageId=made, Bucket="images", S3ObjectTags=TAGS)["ObjectKey"]
    assert key == f"{made}.bin"
    [told] = ec2.describe_store_image_tasks(ImageIds=[made])["StoreImageTaskResults"]
    assert (told["AmiId"], told["Bucket"], told["S3objectKey"], told["StoreTaskState"]) == (made, "images", key, "InProgress")
    assert error_of(ec2.create_restore_image_task, Bucket="images", ObjectKey=key)[0] == "InvalidParameterValue", "not there yet"
    server.advance("2s")
    [told] = ec2.describe_store_image_tasks(Filters=[{"Name": "task-state", "Values": ["Completed"]}])["StoreImageTaskResults"]
    assert told["ProgressPercentage"] == 100
    assert error_of(ec2.create_restore_image_task, Bucket="images", ObjectKey=key)[0] == "InvalidAMIName.Duplicate"
    ec2.deregister_image(ImageId=made, DeleteAssociatedSnapshots=True)
    specifications = [{"ResourceType": kind, "Tags": [{"Key": "restored", "Value": "yes"}]} for kind in ("image", "snapshot")]
    back = ec2.create_restore_image_task(Bucket="images", ObjectKey=key, TagSpecifications=specifications)["ImageId"]
    server.advance("2s")
    image = seen(ec2, back)
    assert (image["Name"], back != made, {tag["Key"] for tag in image["Tags"]}) == ("stored", True, {"team", "restored"})
    snapshot = ec2.describe_snapshots(SnapshotIds=[image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]])["Snapshots"][0]
    assert (snapshot["VolumeSize"], snapshot["Tags"]) == (8, [{"Key": "restored", "Value": "yes"}])
    launch(ec2, ImageId=back)
    server.advance("745h")
    assert ec2.describe_store_image_tasks()["StoreImageTaskResults"] == [], "told of for 31 days"


def windows(server, ec2, name):
    found = ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "platform", "Values": ["windows"]}])["Images"][0]["ImageId"]
    made = ec2.copy_image(Name=name, SourceImageId=found, SourceRegion="us-east-1")["ImageId"]
    server.advance("2s")
    return found, made


def test_fast_launches(server, ec2):
    public, made = windows(server, ec2, "fast")
    template = ec2.create_launch_template(LaunchTemplateName="fast", LaunchTemplateData={"InstanceType": "t3.large"})["LaunchTemplate"]["LaunchTemplateId"]
    answer = ec2.enable_fast_launch(ImageId=made, SnapshotConfiguration={"TargetResourceCount": 3}, LaunchTemplate={"LaunchTemplateId": template, "Version": "1"})
    assert (answer["State"], answer["MaxParallelLaunches"], answer["LaunchTemplate"]["LaunchTemplateName"]) == ("enabling", 6, "fast")
    server.advance("10s")
    [told] = ec2.describe_fast_launch_images(Filters=[{"Name": "state", "Values": ["enabled"]}])["FastLaunchImages"]
    assert (told["ImageId"], told["OwnerId"], told["StateTransitionReason"]) == (made, "000000000000", "Client.UserInitiated")
    kept = lambda: ec2.describe_snapshots(OwnerIds=["self"], Filters=[{"Name": "tag:CreatedBy", "Values": ["EC2 Fast Launch"]}])["Snapshots"]
    assert len(kept()) == 3
    assert error_of(ec2.enable_fast_launch, ImageId=made)[0] == "IncorrectState"
    assert error_of(ec2.enable_fast_launch, ImageId=public)[:2] == ("AuthFailure", f"Not authorized for image:{public}")
    linux = register(server, ec2, "linux")
    assert error_of(ec2.enable_fast_launch, ImageId=linux)[:2] == (
        "InvalidParameterValue", f"The image '{linux}' is not a Windows AMI; only those can be launched fast.")
    locked = kept()[0]["SnapshotId"]
    ec2.lock_snapshot(SnapshotId=locked, LockMode="governance", LockDuration=1)
    assert ec2.disable_fast_launch(ImageId=made)["State"] == "disabling" and [one["SnapshotId"] for one in kept()] == [locked]
    server.advance("10s")
    assert ec2.describe_fast_launch_images()["FastLaunchImages"] == []
    assert error_of(ec2.disable_fast_launch, ImageId=made)[0] == "InvalidRequest"


def test_references(server, ec2):
    made = register(server, ec2, "referenced")
    instance = launch(ec2, ImageId=made)
    template = ec2.create_launch_template(LaunchTemplateName="names-it", LaunchTemplateData={"ImageId": made})["LaunchTemplate"]["LaunchTemplateId"]
    ask = lambda **more: [(one["ResourceType"], one["Arn"].split("/")[-1]) for one in ec2.describe_image_references(ImageIds=[made], **more)["ImageReferences"]]
    assert ask(IncludeAllResourceTypes=True) == [("ec2:Instance", instance), ("ec2:LaunchTemplate", template)]
    running = [{"ResourceType": "ec2:Instance", "ResourceTypeOptions": [{"OptionName": "state-name", "OptionValues": ["stopped"]}]}]
    assert ask(ResourceTypes=running) == []
    ec2.create_launch_template_version(LaunchTemplateId=template, LaunchTemplateData={"InstanceType": "t3.micro"})
    last = [{"ResourceType": "ec2:LaunchTemplate", "ResourceTypeOptions": [{"OptionName": "version-depth", "OptionValues": ["1"]}]}]
    assert ask(ResourceTypes=last) == [] and ask(ResourceTypes=[{"ResourceType": "ec2:LaunchTemplate"}]) == [("ec2:LaunchTemplate", template)]
    assert error_of(ec2.describe_image_references, ImageIds=[made])[0] == "MissingParameter"


def test_usage_reports(server, ec2):
    made = register(server, ec2, "used")
    ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [{"UserId": OTHER}]})
    theirs = server.client("ec2", server.account(OTHER))
    launch(theirs, ImageId=made), launch(theirs, ImageId=made), launch(ec2, ImageId=made)
    theirs.create_launch_template(LaunchTemplateName="theirs", LaunchTemplateData={"ImageId": made})
    types = [{"ResourceType": "ec2:Instance"}, {"ResourceType": "ec2:LaunchTemplate"}]
    ask = {"ImageId": made, "ResourceTypes": types, "ClientToken": "report-1", "TagSpecifications": [{"ResourceType": "image-usage-report", "Tags": TAGS}]}
    report = ec2.create_image_usage_report(**ask)["ReportId"]
    assert report.startswith("amiur-") and ec2.create_image_usage_report(**ask)["ReportId"] == report
    entries = lambda **more: [(one["ResourceType"], one["AccountId"], one["UsageCount"]) for one in ec2.describe_image_usage_report_entries(
        ReportIds=[report], **more)["ImageUsageReportEntries"]]
    assert entries() == [], "not available yet"
    server.advance("10s")
    [told] = ec2.describe_image_usage_reports(ImageIds=[made])["ImageUsageReports"]
    assert (told["State"], told["Tags"], [one["ResourceType"] for one in told["ResourceTypes"]]) == ("available", TAGS, ["ec2:Instance", "ec2:LaunchTemplate"])
    assert (told["ExpirationTime"] - told["CreationTime"]).days == 30
    assert entries() == [("ec2:Instance", OTHER, 2), ("ec2:LaunchTemplate", OTHER, 1)]
    assert entries(Filters=[{"Name": "resource-type", "Values": ["ec2:Instance"]}]) == [("ec2:Instance", OTHER, 2)]
    assert error_of(theirs.create_image_usage_report, ImageId=made, ResourceTypes=types)[0] == "AuthFailure"
    ec2.delete_image_usage_report(ReportId=report)
    assert error_of(ec2.describe_image_usage_reports, ReportIds=[report])[:2] == ("ImageUsageReportNotFound", f"The image usage report '{report}' does not exist")


def test_who_may_not(server, ec2):
    made = register(server, ec2, "guarded", TagSpecifications=[{"ResourceType": "image", "Tags": TAGS}])
    iam = server.client("iam")
    calls = [("attach_image_watermark", {"ImageId": made, "WatermarkName": "mine"}), ("detach_image_watermark", {"ImageId": made, "WatermarkKey": "x"}),
             ("replace_image_instance_type_specification", {"ImageId": made}), ("create_store_image_task", {"ImageId": made, "Bucket": "b"}),
             ("create_restore_image_task", {"Bucket": "b", "ObjectKey": "k"}), ("describe_store_image_tasks", {}),
             ("enable_fast_launch", {"ImageId": made}), ("disable_fast_launch", {"ImageId": made}), ("describe_fast_launch_images", {}),
             ("describe_image_references", {"ImageIds": [made], "IncludeAllResourceTypes": True}),
             ("create_image_usage_report", {"ImageId": made, "ResourceTypes": [{"ResourceType": "ec2:Instance"}]}),
             ("describe_image_usage_reports", {}), ("describe_image_usage_report_entries", {}), ("delete_image_usage_report", {"ReportId": "amiur-0123456789abcdef0"})]
    elsewhere = server.client("ec2", make_user(iam, "elsewhere", allow("ec2:*", "arn:aws:ec2:*::image/ami-0123456789abcdef0")))
    blue = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    for user in (elsewhere, blue):
        for name, arguments in calls:
            assert error_of(getattr(user, name), **arguments)[0] == "UnauthorizedOperation", name
    red = server.client("ec2", make_user(iam, "red", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "red"}})))
    assert red.attach_image_watermark(ImageId=made, WatermarkName="mine")["WatermarkKey"] == "000000000000:mine"
    assert error_of(red.attach_image_watermark, ImageId=made, WatermarkName="mine", DryRun=True)[0] == "DryRunOperation"
