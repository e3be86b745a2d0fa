"""EC2's settings of an account and region: what each changes elsewhere, and who may not."""

import pytest

from conftest import allow, error_of, image, launch, make_user

ZONE = "us-east-1a"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def volumes_of(ec2, instance):
    return ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]


def test_encryption_by_default(server, ec2):
    there = server.client("ec2", region="eu-west-1")
    told = ec2.get_ebs_encryption_by_default()
    assert (told["EbsEncryptionByDefault"], "SseType" in told) == (False, False)
    assert volumes_of(ec2, launch(ec2))[0]["Encrypted"] is False
    assert ec2.enable_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True
    assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True
    assert volumes_of(ec2, launch(ec2))[0]["Encrypted"] is True
    made = ec2.create_volume(AvailabilityZone=ZONE, Size=1)
    assert made["Encrypted"] is True
    server.advance("10s")
    assert ec2.create_snapshot(VolumeId=made["VolumeId"])["Encrypted"] is True
    assert there.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False
    assert there.create_volume(AvailabilityZone="eu-west-1a", Size=1)["Encrypted"] is False
    assert ec2.disable_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False
    assert ec2.create_volume(AvailabilityZone=ZONE, Size=1)["Encrypted"] is False


def test_the_default_key(server, ec2):
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == "alias/aws/ebs"
    key = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    assert ec2.modify_ebs_default_kms_key_id(KmsKeyId="1234abcd-12ab-34cd-56ef-1234567890ab")["KmsKeyId"] == key
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == key
    assert ec2.create_volume(AvailabilityZone=ZONE, Size=1, Encrypted=True)["KmsKeyId"] == key
    assert ec2.reset_ebs_default_kms_key_id()["KmsKeyId"] == "alias/aws/ebs"
    made = ec2.create_volume(AvailabilityZone=ZONE, Size=1, Encrypted=True)
    assert made["KmsKeyId"].startswith("arn:aws:kms:us-east-1:000000000000:key/") and made["KmsKeyId"] != key
    assert ec2.describe_volumes(VolumeIds=[made["VolumeId"]])["Volumes"][0]["KmsKeyId"] == made["KmsKeyId"]
    server.advance("10s")
    assert ec2.create_snapshot(VolumeId=made["VolumeId"])["KmsKeyId"] == made["KmsKeyId"]
    assert "KmsKeyId" not in ec2.create_volume(AvailabilityZone=ZONE, Size=1)


def test_public_images_are_blocked(server, ec2):
    state = lambda: ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"]
    assert state() == "block-new-sharing"
    assert ec2.disable_image_block_public_access()["ImageBlockPublicAccessState"] == "unblocked"
    assert state() == "unblocked"
    instance = launch(ec2)
    server.advance("1m")
    made = ec2.create_image(InstanceId=instance, Name="to publish")["ImageId"]
    server.advance("10s")
    assert ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")["ImageBlockPublicAccessState"] == "block-new-sharing"
    publish = {"ImageId": made, "LaunchPermission": {"Add": [{"Group": "all"}]}}
    assert error_of(ec2.modify_image_attribute, **publish)[:2] == (
        "OperationNotPermitted", "You can’t publicly share this image because block public access for AMIs is enabled for this account. To publicly share "
        "the image, you must call the DisableImageBlockPublicAccess API.")
    ec2.disable_image_block_public_access()
    ec2.modify_image_attribute(**publish)


def test_public_snapshots_are_blocked(server, ec2):
    other = server.client("ec2", server.account("222222222222"))
    state = lambda: ec2.get_snapshot_block_public_access_state()["State"]
    volume = ec2.create_volume(AvailabilityZone=ZONE, Size=1)["VolumeId"]
    server.advance("10s")
    taken = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    publish = {"SnapshotId": taken, "CreateVolumePermission": {"Add": [{"Group": "all"}]}}
    assert state() == "unblocked"
    assert ec2.enable_snapshot_block_public_access(State="block-new-sharing")["State"] == "block-new-sharing"
    assert error_of(ec2.modify_snapshot_attribute, **publish)[0] == "OperationNotPermitted"
    assert ec2.disable_snapshot_block_public_access()["State"] == "unblocked"
    ec2.modify_snapshot_attribute(**publish)
    assert other.describe_snapshots(SnapshotIds=[taken])["Snapshots"]
    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    assert state() == "block-all-sharing"
    assert error_of(other.describe_snapshots, SnapshotIds=[taken])[0] == "InvalidSnapshot.NotFound"
    assert ec2.describe_snapshot_attribute(SnapshotId=taken, Attribute="createVolumePermission")["CreateVolumePermissions"] == [{"Group": "all"}]
    ec2.disable_snapshot_block_public_access()
    assert other.describe_snapshots(SnapshotIds=[taken])["Snapshots"]


def test_the_serial_console(ec2):
    enabled = lambda: ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"]
    assert enabled() is False
    assert ec2.enable_serial_console_access()["SerialConsoleAccessEnabled"] is True
    assert enabled() is True
    assert ec2.disable_serial_console_access()["SerialConsoleAccessEnabled"] is False
    assert enabled() is False


def test_allowed_images(server, ec2):
    settings = ec2.get_allowed_images_settings()
    assert (settings["State"], settings["ImageCriteria"]) == ("disabled", [])
    amazon = image(ec2)
    assert "ImageAllowed" not in ec2.describe_images(ImageIds=[amazon])["Images"][0]
    assert ec2.replace_image_criteria_in_allowed_images_settings(ImageCriteria=[
        {"ImageProviders": ["099720109477"], "ImageNames": ["ubuntu/*"], "CreationDateCondition": {"MaximumDaysSinceCreated": 100000}}])["ReturnValue"] is True
    assert ec2.enable_allowed_images_settings(AllowedImagesSettingsState="audit-mode")["AllowedImagesSettingsState"] == "audit-mode"
    assert ec2.describe_images(ImageIds=[amazon])["Images"][0]["ImageAllowed"] is False
    allowed = ec2.describe_images(Filters=[{"Name": "image-allowed", "Values": ["true"]}])["Images"]
    assert {one["OwnerId"] for one in allowed} - {"000000000000"} == {"099720109477"}
    launch(ec2, ImageId=amazon)
    ec2.enable_allowed_images_settings(AllowedImagesSettingsState="enabled")
    absent = ("InvalidAMIID.NotFound", f"The image id '[{amazon}]' does not exist", 400)
    assert error_of(ec2.describe_images, ImageIds=[amazon]) == absent
    assert error_of(ec2.run_instances, ImageId=amazon, InstanceType="t3.micro", MinCount=1, MaxCount=1) == absent
    assert ec2.describe_images(Owners=["amazon"])["Images"] == []
    settings = ec2.get_allowed_images_settings()
    assert (settings["State"], settings["ImageCriteria"][0]["ImageNames"]) == ("enabled", ["ubuntu/*"])
    assert server.client("ec2", region="eu-west-1").describe_images(Owners=["amazon"])["Images"]
    assert ec2.disable_allowed_images_settings()["AllowedImagesSettingsState"] == "disabled"
    launch(ec2, ImageId=amazon)


def test_metadata_defaults(ec2):
    options = lambda instance: ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["MetadataOptions"]
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {"ManagedBy": "account"}
    assert ec2.modify_instance_metadata_defaults(HttpPutResponseHopLimit=5, InstanceMetadataTags="enabled")["Return"] is True
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {"HttpPutResponseHopLimit": 5, "InstanceMetadataTags": "enabled", "ManagedBy": "account"}
    started = options(launch(ec2))
    assert (started["HttpPutResponseHopLimit"], started["InstanceMetadataTags"], started["HttpTokens"]) == (5, "enabled", "required")
    assert options(launch(ec2, MetadataOptions={"HttpPutResponseHopLimit": 7}))["HttpPutResponseHopLimit"] == 7
    ec2.modify_instance_metadata_defaults(HttpTokensEnforced="enabled", HttpPutResponseHopLimit=-1, InstanceMetadataTags="no-preference")
    optional = {"MetadataOptions": {"HttpTokens": "optional"}, "ImageId": image(ec2), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    assert error_of(ec2.run_instances, **optional)[0] == "UnsupportedOperation"
    started = launch(ec2)
    assert error_of(ec2.modify_instance_metadata_options, InstanceId=started, HttpTokens="optional")[0] == "UnsupportedOperation"
    ec2.modify_instance_metadata_defaults(HttpTokensEnforced="no-preference")
    ec2.modify_instance_metadata_options(InstanceId=started, HttpTokens="optional")
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {"ManagedBy": "account"}


def test_default_credits(ec2):
    get = lambda family: ec2.get_default_credit_specification(InstanceFamily=family)["InstanceFamilyCreditSpecification"]
    credits = lambda instance: ec2.describe_instance_credit_specifications(InstanceIds=[instance])["InstanceCreditSpecifications"][0]["CpuCredits"]
    assert (get("t2")["CpuCredits"], get("T3")) == ("standard", {"InstanceFamily": "t3", "CpuCredits": "unlimited"})
    changed = ec2.modify_default_credit_specification(InstanceFamily="t3", CpuCredits="standard")["InstanceFamilyCreditSpecification"]
    assert changed == get("t3") == {"InstanceFamily": "t3", "CpuCredits": "standard"}
    assert credits(launch(ec2)) == "standard"
    assert credits(launch(ec2, CreditSpecification={"CpuCredits": "unlimited"})) == "unlimited"
    ec2.modify_default_credit_specification(InstanceFamily="t3", CpuCredits="unlimited")
    assert credits(launch(ec2)) == "unlimited"


def test_id_formats(server, ec2):
    iam = server.client("iam")
    user = server.client("ec2", make_user(iam, "formats", allow("ec2:*")))
    arn = "arn:aws:iam::000000000000:user/formats"
    long = lambda client: client.describe_id_format(Resource="vpc")["Statuses"][0]["UseLongIds"]
    assert len(ec2.describe_id_format()["Statuses"]) == 31 and long(user) is True
    ec2.modify_id_format(Resource="vpc", UseLongIds=False)
    assert (long(ec2), long(user)) == (False, False)
    user.modify_id_format(Resource="vpc", UseLongIds=True)
    assert (long(ec2), long(user)) == (False, True)
    assert ec2.describe_identity_id_format(PrincipalArn=arn, Resource="vpc")["Statuses"][0]["UseLongIds"] is True
    found = ec2.describe_principal_id_format(Resources=["vpc"])["Principals"]
    assert {one["Arn"]: one["Statuses"][0]["UseLongIds"] for one in found} == {"arn:aws:iam::000000000000:root": False, arn: True}
    assert ec2.describe_aggregate_id_format()["UseLongIdsAggregated"] is False
    ec2.modify_identity_id_format(PrincipalArn="all", Resource="vpc", UseLongIds=True)
    assert ec2.describe_aggregate_id_format()["UseLongIdsAggregated"] is True
    assert ec2.describe_vpcs()["Vpcs"][0]["VpcId"].startswith("vpc-0")


#: Operations without resources, each with what it is called with.
CALLS = [
    ("get_ebs_encryption_by_default", {}), ("enable_ebs_encryption_by_default", {}), ("disable_ebs_encryption_by_default", {}),
    ("get_ebs_default_kms_key_id", {}), ("modify_ebs_default_kms_key_id", {"KmsKeyId": "k"}), ("reset_ebs_default_kms_key_id", {}),
    ("get_image_block_public_access_state", {}), ("enable_image_block_public_access", {"ImageBlockPublicAccessState": "block-new-sharing"}),
    ("disable_image_block_public_access", {}), ("get_snapshot_block_public_access_state", {}),
    ("enable_snapshot_block_public_access", {"State": "block-all-sharing"}), ("disable_snapshot_block_public_access", {}),
    ("get_serial_console_access_status", {}), ("enable_serial_console_access", {}), ("disable_serial_console_access", {}),
    ("get_allowed_images_settings", {}), ("enable_allowed_images_settings", {"AllowedImagesSettingsState": "enabled"}),
    ("disable_allowed_images_settings", {}), ("replace_image_criteria_in_allowed_images_settings", {}), ("get_instance_metadata_defaults", {}),
    ("modify_instance_metadata_defaults", {"HttpTokens": "required"}), ("get_default_credit_specification", {"InstanceFamily": "t3"}),
    ("modify_default_credit_specification", {"InstanceFamily": "t3", "CpuCredits": "standard"}), ("describe_id_format", {}),
    ("modify_id_format", {"Resource": "vpc", "UseLongIds": True}), ("describe_aggregate_id_format", {}), ("describe_principal_id_format", {}),
    ("describe_identity_id_format", {"PrincipalArn": "arn:aws:iam::000000000000:root"}),
    ("modify_identity_id_format", {"PrincipalArn": "all", "Resource": "vpc", "UseLongIds": True}),
]


def test_who_may_not(server, ec2):
    """None of these know resources: rights on some are none. Another region is another setting, and can be denied alone."""
    iam = server.client("iam")
    nothing = server.client("ec2", make_user(iam, "somewhere", allow("ec2:*", "arn:aws:ec2:*:*:instance/*")))
    keys = make_user(iam, "ireland", allow("ec2:*", Condition={"StringEquals": {"ec2:Region": "eu-west-1"}}))
    here, there = server.client("ec2", keys), server.client("ec2", keys, region="eu-west-1")
    for operation, parameters in CALLS:
        for user in (nothing, here):
            assert error_of(getattr(user, operation), **parameters)[0] == "UnauthorizedOperation", operation
        getattr(there, operation)(**parameters)
    assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False


def test_the_attribute_key(server):
    user = server.client("ec2", make_user(server.client("iam"), "attributes", allow(
        "ec2:ModifyInstanceMetadataDefaults", Condition={"StringEquals": {"ec2:Attribute/HttpTokens": "required"}})), region="eu-west-2")
    assert error_of(user.modify_instance_metadata_defaults, HttpTokens="optional")[0] == "UnauthorizedOperation"
    user.modify_instance_metadata_defaults(HttpTokens="required")


def test_settings_outlive_the_server(make_server):
    server = make_server()
    server.client("ec2").enable_ebs_encryption_by_default()
    server.kill()
    server.start()
    assert server.client("ec2").get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True
