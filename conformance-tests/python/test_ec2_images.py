"""EC2's images of accounts: each operation's effect, seen through another one, and who may not."""

import datetime
from functools import partial

import pytest

from conftest import allow, error_of, image, launch, make_user

OTHER = "222222222222"
TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def ready(server, ec2):
    """An instance that runs."""
    made = launch(ec2)
    server.advance("1m")
    return made


@pytest.fixture(scope="module")
def instance(server, ec2):
    return ready(server, ec2)


def tagged(*kinds):
    return [{"ResourceType": kind, "Tags": TAGS} for kind in kinds]


def make(server, ec2, instance, name, **more):
    made = ec2.create_image(InstanceId=instance, Name=name, **more)["ImageId"]
    ec2.get_waiter("image_exists").wait(ImageIds=[made])
    server.advance("10s")
    ec2.get_waiter("image_available").wait(ImageIds=[made])
    return made


def seen(ec2, image_id, **more):
    return ec2.describe_images(ImageIds=[image_id], **more)["Images"][0]


def snapshots(found):
    return [device["Ebs"]["SnapshotId"] for device in found["BlockDeviceMappings"] if "SnapshotId" in device.get("Ebs", {})]


def test_an_image_is_made_of_an_instance_and_launched(server, ec2, instance):
    made = ec2.create_image(InstanceId=instance, Name="made", Description="first", NoReboot=True, TagSpecifications=tagged("image", "snapshot"),
                            BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 3}}])["ImageId"]
    assert error_of(ec2.create_image, InstanceId=instance, Name="twice", BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "NoDevice": ""}] * 2)[:2] == (
        "InvalidBlockDeviceMapping", "The device '/dev/sdf' is used in more than one block-device mapping")
    assert seen(ec2, made)["State"] == "pending"
    server.advance("10s")
    ec2.get_waiter("image_available").wait(ImageIds=[made])
    found = seen(ec2, made)
    assert (found["Name"], found["Description"], found["OwnerId"], found["Public"], found["Tags"]) == ("made", "first", "000000000000", False, TAGS)
    assert (found["ImageLocation"], found["SourceInstanceId"], found["SourceImageId"]) == ("000000000000/made", instance, image(ec2))
    assert [device["DeviceName"] for device in found["BlockDeviceMappings"]] == ["/dev/xvda", "/dev/sdf"]
    [taken] = ec2.describe_snapshots(SnapshotIds=snapshots(found))["Snapshots"]
    assert (taken["Description"], taken["Tags"], taken["State"]) == (f"Created by CreateImage({instance}) for {made}", TAGS, "completed")
    assert made in [one["ImageId"] for one in ec2.describe_images(Owners=["self"])["Images"]]
    assert ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [made]}])["Tags"][0]["ResourceType"] == "image"
    launched = launch(ec2, ImageId=made)
    volumes = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [launched]}])["Volumes"]
    assert sorted((one["Size"], one["SnapshotId"]) for one in volumes) == [(3, ""), (8, taken["SnapshotId"])]
    assert ec2.describe_instances(InstanceIds=[launched])["Reservations"][0]["Instances"][0]["ImageId"] == made
    assert error_of(server.client("ec2", region="eu-west-1").describe_images, ImageIds=[made])[0] == "InvalidAMIID.NotFound"


def test_an_image_is_registered_copied_and_deregistered(server, ec2, instance):
    made = make(server, ec2, instance, "to register")
    [taken] = snapshots(seen(ec2, made))
    registered = ec2.register_image(Name="registered", RootDeviceName="/dev/xvda", Architecture="x86_64", VirtualizationType="hvm", EnaSupport=True,
                                    ImdsSupport="v2.0", TagSpecifications=tagged("image"),
                                    BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": taken, "VolumeSize": 12}}])["ImageId"]
    server.advance("10s")
    started = launch(ec2, ImageId=registered)
    assert ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [started]}])["Volumes"][0]["Size"] == 12
    there = server.client("ec2", region="eu-west-1")
    copied = there.copy_image(SourceRegion="us-east-1", SourceImageId=registered, Name="copied", CopyImageTags=True, Encrypted=True, ClientToken="c1")["ImageId"]
    assert there.copy_image(SourceRegion="us-east-1", SourceImageId=registered, Name="copied", CopyImageTags=True, Encrypted=True,
                            ClientToken="c1")["ImageId"] == copied
    server.advance("10s")
    found = seen(there, copied)
    assert (found["SourceImageId"], found["SourceImageRegion"], found["Tags"], found["State"]) == (registered, "us-east-1", TAGS, "available")
    assert found["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True
    launched = launch(there, ImageId=copied)
    metadata = lambda: there.describe_instance_image_metadata(InstanceIds=[launched])["InstanceImageMetadata"][0]["ImageMetadata"]
    assert (metadata()["Name"], metadata()["State"], metadata()["ImageAllowed"]) == ("copied", "available", True)
    assert [one["ImageId"] for one in there.get_image_ancestry(ImageId=copied)["ImageAncestryEntries"]] == [copied, registered]
    there.deregister_image(ImageId=copied)
    assert (metadata()["Name"], metadata()["State"]) == ("copied", "deregistered")
    assert error_of(ec2.delete_snapshot, SnapshotId=taken)[0] == "InvalidSnapshot.InUse"
    assert ec2.deregister_image(ImageId=made, DeleteAssociatedSnapshots=True)["DeleteSnapshotResults"] == [
        {"SnapshotId": taken, "ReturnCode": "skipped"}]
    assert ec2.deregister_image(ImageId=registered, DeleteAssociatedSnapshots=True)["DeleteSnapshotResults"] == [
        {"SnapshotId": taken, "ReturnCode": "success"}]
    assert error_of(ec2.describe_snapshots, SnapshotIds=[taken])[0] == "InvalidSnapshot.NotFound"
    assert ec2.describe_images(ImageIds=[made])["Images"] == []
    assert error_of(ec2.run_instances, ImageId=made, MinCount=1, MaxCount=1, InstanceType="t3.micro")[:2] == (
        "InvalidAMIID.Unavailable", f"The image ID '{made}' is no longer available")


def test_a_registered_image_tells_what_was_given(server, ec2, instance):
    """As AWS was recorded in September 2026."""
    [taken] = snapshots(seen(ec2, make(server, ec2, instance, "to register gp3")))
    device = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": taken, "VolumeType": "gp3"}}
    held = ec2.register_image(Name="gp3", RootDeviceName="/dev/xvda", Architecture="x86_64", VirtualizationType="hvm", EnaSupport=True,
                              BlockDeviceMappings=[device])["ImageId"]
    [told] = seen(ec2, held)["BlockDeviceMappings"]
    assert told["Ebs"]["VolumeType"] == "gp3" and not {"Iops", "Throughput"} & told["Ebs"].keys()
    assert seen(ec2, held)["SriovNetSupport"] == "simple"
    assert ec2.describe_image_attribute(ImageId=held, Attribute="description")["Description"] == {}
    launched = launch(ec2, ImageId=held)
    [volume] = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [launched]}])["Volumes"]
    assert (volume["Iops"], volume["Throughput"]) == (3000, 125)


def test_an_image_is_shared_with_an_account(server, ec2, instance):
    made = make(server, ec2, instance, "shared")
    other = server.client("ec2", server.account(OTHER))
    # What is not shared is passed over, as AWS was recorded in September 2026.
    assert other.describe_images(ImageIds=[made])["Images"] == []
    assert error_of(other.run_instances, ImageId=made, MinCount=1, MaxCount=1, InstanceType="t3.micro") == (
        "AuthFailure", f"Not authorized for images: [{made}]", 400)
    ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [{"UserId": OTHER}]})
    assert ec2.describe_image_attribute(ImageId=made, Attribute="launchPermission")["LaunchPermissions"] == [{"UserId": OTHER}]
    assert [one["ImageId"] for one in other.describe_images(ExecutableUsers=["self"])["Images"]] == [made]
    launch(other, ImageId=made)
    assert error_of(other.deregister_image, ImageId=made)[:2] == ("AuthFailure", f"Not authorized for image:{made}")
    assert error_of(other.copy_image, SourceRegion="us-east-1", SourceImageId=made, Name="theirs")[:2] == (
        "InvalidRequest", "You do not have permission to access the storage of this ami")
    ec2.modify_snapshot_attribute(SnapshotId=snapshots(seen(ec2, made))[0], OperationType="add", UserIds=[OTHER])
    copied = other.copy_image(SourceRegion="us-east-1", SourceImageId=made, Name="theirs")["ImageId"]
    assert seen(other, copied)["OwnerId"] == OTHER
    assert other.cancel_image_launch_permission(ImageId=made)["Return"] is True
    assert ec2.describe_image_attribute(ImageId=made, Attribute="launchPermission")["LaunchPermissions"] == []
    assert other.describe_images(ImageIds=[made])["Images"] == []
    ec2.modify_image_attribute(ImageId=made, Attribute="launchPermission", OperationType="add", UserIds=[OTHER])
    ec2.reset_image_attribute(ImageId=made, Attribute="launchPermission")
    assert other.describe_images(ImageIds=[made])["Images"] == []


def test_an_image_is_shared_with_an_organization(make_server):
    server = make_server()
    ec2, member, outside = (server.client("ec2", *key) for key in ((), (server.account(OTHER),), (server.account("333333333333"),)))
    unit = {"id": "ou-ab12-11111111", "name": "work", "accounts": [{"id": OTHER, "name": "member"}]}
    server.admin("PUT", "organization", {"id": "o-a1b2c3d4e5", "managementAccount": "000000000000", "root": {
        "id": "r-ab12", "accounts": [{"id": "000000000000", "name": "management"}], "organizationalUnits": [unit]}})
    made = make(server, ec2, ready(server, ec2), "organization")
    assert member.describe_images(ImageIds=[made])["Images"] == []
    whole = {"OrganizationArn": "arn:aws:organizations::000000000000:organization/o-a1b2c3d4e5"}
    part = {"OrganizationalUnitArn": "arn:aws:organizations::000000000000:ou/o-a1b2c3d4e5/ou-ab12-11111111"}
    for grant in (whole, part):
        ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [grant]})
        assert ec2.describe_image_attribute(ImageId=made, Attribute="launchPermission")["LaunchPermissions"] == [grant]
        assert [one["ImageId"] for one in member.describe_images(ExecutableUsers=["self"])["Images"]] == [made]
        launch(member, ImageId=made)
        assert outside.describe_images(ImageIds=[made])["Images"] == []
        ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Remove": [grant]})
        assert member.describe_images(ImageIds=[made])["Images"] == []


def test_an_image_is_public(server, ec2, instance):
    made = make(server, ec2, instance, "public")
    other = server.client("ec2", server.account(OTHER))
    assert error_of(ec2.modify_image_attribute, ImageId=made, LaunchPermission={"Add": [{"Group": "all"}]})[0] == "OperationNotPermitted"
    ec2.disable_image_block_public_access()
    ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [{"Group": "all"}]})
    assert seen(other, made)["Public"] is True
    assert [one["ImageId"] for one in other.describe_images(Owners=["000000000000"], ExecutableUsers=["all"])["Images"]] == [made]
    ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    assert seen(other, made)["Public"] is True
    ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Remove": [{"Group": "all"}]})
    assert other.describe_images(ImageIds=[made])["Images"] == []


def test_attributes(server, ec2, instance):
    made = make(server, ec2, instance, "attributes")
    ec2.modify_image_attribute(ImageId=made, Description={"Value": "new"})
    assert ec2.describe_image_attribute(ImageId=made, Attribute="description")["Description"] == {"Value": "new"}
    ec2.modify_image_attribute(ImageId=made, Attribute="description", Value="newer")
    assert seen(ec2, made)["Description"] == "newer"
    ec2.modify_image_attribute(ImageId=made, ImdsSupport={"Value": "v2.0"})
    assert ec2.describe_image_attribute(ImageId=made, Attribute="imdsSupport")["ImdsSupport"] == {"Value": "v2.0"}
    assert ec2.describe_image_attribute(ImageId=made, Attribute="productCodes")["ProductCodes"] == []
    assert ec2.describe_image_attribute(ImageId=made, Attribute="deregistrationProtection")["DeregistrationProtection"] == {"Value": "disabled"}
    assert error_of(ec2.describe_image_attribute, ImageId=made, Attribute="blockDeviceMapping")[0] == "AuthFailure"
    modify = partial(error_of, ec2.modify_image_attribute, ImageId=made)
    nothing = ("InvalidParameterCombination", "No attributes specified.", 400)
    assert modify() == modify(LaunchPermission={}) == nothing
    assert modify(Attribute="description", Value="") == ("MissingParameter", "The request must contain the parameter description", 400)
    assert modify(ImdsSupport={"Value": ""}) == ("MissingParameter", "The request must contain the parameter imdsSupport with value v2.0", 400)


def test_a_snapshot_that_images_need(server, ec2, instance):
    first = make(server, ec2, instance, "needs it")
    [snapshot] = snapshots(seen(ec2, first))
    second = ec2.register_image(Name="needs it too", RootDeviceName="/dev/xvda", BlockDeviceMappings=[
        {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}}])["ImageId"]
    registered = seen(ec2, second)
    assert (registered["State"], registered["FreeTierEligible"]) == ("available", True), "as recorded at AWS, September 2026"
    text = f"The snapshot {snapshot} is currently in use by {second}, {first}"
    assert error_of(ec2.delete_snapshot, SnapshotId=snapshot) == ("InvalidSnapshot.InUse", text, 400)
    assert ec2.deregister_image(ImageId=second)["DeleteSnapshotResults"] == []
    assert ec2.deregister_image(ImageId=first)["DeleteSnapshotResults"] == []
    ec2.delete_snapshot(SnapshotId=snapshot)


def test_an_image_is_disabled_and_enabled(server, ec2, instance):
    made = make(server, ec2, instance, "disabled")
    ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [{"UserId": OTHER}]})
    assert ec2.disable_image(ImageId=made)["Return"] is True
    assert ec2.describe_images(ImageIds=[made])["Images"] == []
    assert seen(ec2, made, IncludeDisabled=True)["State"] == "disabled"
    assert error_of(ec2.run_instances, ImageId=made, MinCount=1, MaxCount=1, InstanceType="t3.micro")[0] == "InvalidAMIID.Unavailable"
    assert error_of(ec2.modify_image_attribute, ImageId=made, LaunchPermission={"Add": [{"UserId": OTHER}]})[0] == "IncorrectState"
    assert ec2.enable_image(ImageId=made)["Return"] is True
    assert seen(ec2, made)["State"] == "available"
    assert ec2.describe_image_attribute(ImageId=made, Attribute="launchPermission")["LaunchPermissions"] == []


def test_an_image_is_deprecated(server, ec2, instance):
    made = make(server, ec2, instance, "deprecated")
    other = server.client("ec2", server.account(OTHER))
    ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [{"UserId": OTHER}]})
    now = datetime.datetime.fromisoformat(server.admin("GET", "clock")["now"].replace("Z", "+00:00"))
    assert ec2.enable_image_deprecation(ImageId=made, DeprecateAt=now + datetime.timedelta(hours=1))["Return"] is True
    shared = lambda **more: [one["ImageId"] for one in other.describe_images(Owners=["000000000000"], **more)["Images"]]
    assert seen(ec2, made)["DeprecationTime"] and made in shared()
    server.advance("2h")
    assert made not in shared() and made in shared(IncludeDeprecated=True)
    assert made in [one["ImageId"] for one in ec2.describe_images(Owners=["self"])["Images"]]
    assert ec2.disable_image_deprecation(ImageId=made)["Return"] is True
    assert made in shared() and "DeprecationTime" not in seen(ec2, made)


def test_an_image_is_protected(server, ec2, instance):
    made = make(server, ec2, instance, "protected")
    assert ec2.enable_image_deregistration_protection(ImageId=made, WithCooldown=True)["Return"] == "enabled-with-cooldown"
    assert seen(ec2, made)["DeregistrationProtection"] == "enabled-with-cooldown"
    assert error_of(ec2.deregister_image, ImageId=made)[0] == "OperationNotPermitted"
    assert ec2.disable_image_deregistration_protection(ImageId=made)["Return"] == "disabled"
    assert error_of(ec2.deregister_image, ImageId=made)[0] == "OperationNotPermitted"
    server.advance("24h")
    ec2.deregister_image(ImageId=made)


def test_filters_and_pages(server, ec2, instance):
    made = make(server, ec2, instance, "filters", TagSpecifications=tagged("image"))
    for name, value in (("name", "filt*"), ("tag:team", "red"), ("source-instance-id", instance), ("is-public", "false"), ("state", "available")):
        filters = [{"Name": name, "Values": [value]}, {"Name": "image-id", "Values": [made]}]
        assert [one["ImageId"] for one in ec2.describe_images(Filters=filters)["Images"]] == [made], name
    pages = list(ec2.get_paginator("describe_images").paginate(Owners=["self", "amazon"], PaginationConfig={"PageSize": 5}))
    assert made in [one["ImageId"] for page in pages for one in page["Images"]] and len(pages) > 1


def test_dry_runs_change_nothing(server, ec2, instance):
    made = make(server, ec2, instance, "dry")
    assert error_of(ec2.deregister_image, ImageId=made, DryRun=True)[0] == "DryRunOperation"
    assert error_of(ec2.create_image, InstanceId=instance, Name="not made", DryRun=True)[0] == "DryRunOperation"
    assert seen(ec2, made)["State"] == "available"
    assert ec2.describe_images(Filters=[{"Name": "name", "Values": ["not made"]}])["Images"] == []


#: Operations and what they are called with, M standing for an image, I for its instance and S for its snapshot.
CALLS = [
    ("create_image", {"InstanceId": "I", "Name": "denied"}), ("deregister_image", {"ImageId": "M"}), ("describe_images", {}),
    ("register_image", {"Name": "denied", "RootDeviceName": "/dev/xvda", "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": "S"}}]}),
    ("copy_image", {"Name": "denied", "SourceRegion": "us-east-1", "SourceImageId": "M"}),
    ("describe_image_attribute", {"ImageId": "M", "Attribute": "description"}), ("modify_image_attribute", {"ImageId": "M", "Description": {"Value": "no"}}),
    ("reset_image_attribute", {"ImageId": "M", "Attribute": "launchPermission"}), ("cancel_image_launch_permission", {"ImageId": "M"}),
    ("disable_image", {"ImageId": "M"}), ("get_image_ancestry", {"ImageId": "M"}), ("enable_image", {"ImageId": "M"}), ("disable_image_deprecation", {"ImageId": "M"}),
    ("enable_image_deprecation", {"ImageId": "M", "DeprecateAt": "2040-01-01T00:00:00Z"}),
    ("enable_image_deregistration_protection", {"ImageId": "M"}), ("disable_image_deregistration_protection", {"ImageId": "M"}),
]


def test_who_may_not(server, ec2, instance):
    """Rights on other images are none on this one; lists know no resources and are denied as a whole."""
    iam = server.client("iam")
    made = make(server, ec2, instance, "denied to users", TagSpecifications=tagged("image", "snapshot"))
    names = {"M": made, "I": instance, "S": snapshots(seen(ec2, made))[0]}
    elsewhere = ["arn:aws:ec2:*::image/ami-0000000000000000f", "arn:aws:ec2:*::snapshot/snap-0000000000000000f", "arn:aws:ec2:*:*:instance/i-0000000000000000f"]
    mine = server.client("ec2", make_user(iam, "elsewhere", {"Effect": "Allow", "Action": "ec2:*", "Resource": elsewhere}))
    blue = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    theirs = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition=blue)))

    def named(value):
        if isinstance(value, list):
            return [named(one) for one in value]
        return {key: named(one) for key, one in value.items()} if isinstance(value, dict) else names.get(value, value)

    for operation, parameters in CALLS:
        for user in (mine, theirs):
            assert error_of(getattr(user, operation), **named(parameters))[0] == "UnauthorizedOperation", operation
    assert seen(ec2, made)["State"] == "available"


def test_condition_keys(server, ec2, instance):
    iam = server.client("iam")
    made = make(server, ec2, instance, "conditions", TagSpecifications=tagged("image"))
    everything_else = [f"arn:aws:ec2:*:*:{kind}/*" for kind in ("instance", "network-interface", "security-group", "subnet", "volume")]
    user = server.client("ec2", make_user(
        iam, "conditions",
        allow("ec2:RunInstances", everything_else),
        allow("ec2:RunInstances", "arn:aws:ec2:*::image/*", Condition={"StringEquals": {"ec2:Owner": "000000000000", "aws:ResourceTag/team": "red"},
                                                                     "Bool": {"ec2:Public": "false"}}),
        allow("ec2:ModifyImageAttribute", Condition={"StringEquals": {"ec2:Attribute/description": "fine"}}),
        allow("ec2:CreateImage"), allow("ec2:CreateTags", Condition={"StringEquals": {"ec2:CreateAction": "RegisterImage"}})))
    arguments = {"InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    assert error_of(user.run_instances, ImageId=image(ec2), **arguments)[0] == "UnauthorizedOperation"
    user.run_instances(ImageId=made, **arguments)
    assert error_of(user.modify_image_attribute, ImageId=made, Description={"Value": "bad"})[0] == "UnauthorizedOperation"
    user.modify_image_attribute(ImageId=made, Description={"Value": "fine"})
    assert error_of(user.create_image, InstanceId=instance, Name="tagged", TagSpecifications=tagged("image"))[0] == "UnauthorizedOperation"
    user.create_image(InstanceId=instance, Name="untagged")
