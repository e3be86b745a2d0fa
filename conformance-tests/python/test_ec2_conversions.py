"""Conversions of disks into volumes; and bundles, which AWS has given up, and product codes, which no instance has."""

import pytest

from conftest import allow, error_of, launch, make_user, put_disk

URL = "https://disks.s3.amazonaws.com/server/manifest.xml?X-Amz-Signature=0"
GIB = 1 << 30


@pytest.fixture(scope="module")
def ec2(server):
    put_disk(server, "server/manifest.xml", "1KiB")
    return server.client("ec2")


def asked(**more):
    return {"AvailabilityZone": "us-east-1a", "Image": {"Format": "VMDK", "Bytes": 3 * GIB, "ImportManifestUrl": URL}, "Volume": {"Size": 5}, **more}


def task(ec2, id):
    return ec2.describe_conversion_tasks(ConversionTaskIds=[id])["ConversionTasks"][0]


def test_a_disk_becomes_a_volume(server, ec2):
    assert error_of(ec2.import_volume, **asked(), DryRun=True)[0] == "DryRunOperation"
    made = ec2.import_volume(**asked(Description="data"))["ConversionTask"]
    id, detail = made["ConversionTaskId"], made["ImportVolume"]
    assert id.startswith("import-vol-") and (made["State"], made["StatusMessage"], made["ExpirationTime"][-1]) == ("active", "Pending", "Z")
    assert (detail["AvailabilityZone"], detail["AvailabilityZoneId"], detail["Description"], detail["BytesConverted"]) == ("us-east-1a", "use1-az6", "data", 0)
    assert detail["Image"] == {"Format": "VMDK", "ImportManifestUrl": URL, "Size": 3 * GIB} and detail["Volume"] == {"Size": 5}
    server.advance("1h")
    done = task(ec2, id)
    assert (done["State"], done["ImportVolume"]["BytesConverted"], "StatusMessage" in done) == ("completed", 3 * GIB, False)
    [volume] = ec2.describe_volumes(VolumeIds=[done["ImportVolume"]["Volume"]["Id"]])["Volumes"]
    assert (volume["Size"], volume["AvailabilityZone"], volume["State"], volume["SnapshotId"]) == (5, "us-east-1a", "available", "")
    assert id in [one["ConversionTaskId"] for one in ec2.describe_conversion_tasks()["ConversionTasks"]]
    assert error_of(ec2.cancel_conversion_task, ConversionTaskId=id)[:2] == ("IncorrectState", f"The task {id} is completed and cannot be canceled.")
    server.advance("8d")
    assert error_of(ec2.describe_conversion_tasks, ConversionTaskIds=[id])[:2] == (
        "InvalidConversionTaskId", f"The conversion task ID '{id}' does not exist")


def test_one_is_canceled(server, ec2):
    before = len(ec2.describe_volumes()["Volumes"])
    id = ec2.import_volume(**asked())["ConversionTask"]["ConversionTaskId"]
    ec2.cancel_conversion_task(ConversionTaskId=id, ReasonMessage="not needed")
    server.advance("1h")
    assert (task(ec2, id)["State"], task(ec2, id)["StatusMessage"], len(ec2.describe_volumes()["Volumes"])) == ("cancelled", "not needed", before)


def test_what_cannot_be_imported(server, ec2):
    image = asked()["Image"]
    assert error_of(ec2.import_volume, **asked(Image={**image, "Bytes": 6 * GIB}))[0] == "InvalidParameterValue"
    assert error_of(ec2.import_volume, **asked(Image={**image, "ImportManifestUrl": "s3://disks/nothing.xml"}))[0] == "InvalidParameter"
    assert error_of(ec2.import_volume, **asked(AvailabilityZone="us-east-1z"))[:2] == ("InvalidZone.NotFound", "The zone 'us-east-1z' does not exist.")
    assert error_of(ec2.import_volume, **asked(Volume={"Size": 100_000}))[0] == "InvalidParameterValue"


def test_who_may(server, ec2):
    iam = server.client("iam")
    small = server.client("ec2", make_user(iam, "small", allow("ec2:ImportVolume", Condition={"NumericLessThan": {"ec2:VolumeSize": "6"}})))
    assert small.import_volume(**asked())["ConversionTask"]["State"] == "active"
    assert error_of(small.import_volume, **asked(Volume={"Size": 6}))[0] == "UnauthorizedOperation"
    assert error_of(small.describe_conversion_tasks)[0] == "UnauthorizedOperation"
    assert error_of(small.cancel_conversion_task, ConversionTaskId="import-vol-0123456789abcdef0")[0] == "UnauthorizedOperation"


def test_bundling_was_given_up(server, ec2):
    instance = launch(ec2)
    storage = {"S3": {"Bucket": "disks", "Prefix": "server"}}
    assert error_of(ec2.bundle_instance, InstanceId=instance, Storage=storage)[0] == "UnsupportedOperation"
    assert ec2.describe_bundle_tasks(Filters=[{"Name": "state", "Values": ["complete"]}])["BundleTasks"] == []
    assert error_of(ec2.describe_bundle_tasks, BundleIds=["bun-c1a540a8"])[0] == "InvalidBundleID.NotFound"
    assert error_of(ec2.describe_bundle_tasks, Filters=[{"Name": "none", "Values": ["x"]}])[0] == "InvalidParameterValue"
    assert error_of(ec2.cancel_bundle_task, BundleId="bun-c1a540a8")[0] == "InvalidBundleID.NotFound"


def test_product_codes(server, ec2):
    instance = launch(ec2)
    told = ec2.confirm_product_instance(InstanceId=instance, ProductCode="774F4FF8")
    assert told["Return"] is False and "OwnerId" not in told
    partner = server.client("ec2", server.account("222222222222"))
    absent = error_of(partner.confirm_product_instance, InstanceId=instance, ProductCode="774F4FF8")
    assert absent[0] == "InvalidInstanceID.NotFound", "of another account's instance nobody learns that it is there"
    user = server.client("ec2", make_user(server.client("iam"), "nobody", allow("s3:*")))
    for refused in (lambda: user.confirm_product_instance(InstanceId=instance, ProductCode="774F4FF8"), lambda: user.describe_bundle_tasks(),
                    lambda: user.bundle_instance(InstanceId=instance, Storage={"S3": {"Bucket": "disks"}}), lambda: user.cancel_bundle_task(BundleId="bun-c1a540a8")):
        assert error_of(refused)[0] == "UnauthorizedOperation"
