"""Images of FPGAs: built of an archive in a bucket, copied, shared and deleted."""

import hashlib
import io
import json
import tarfile
import urllib.request

import pytest

from conftest import allow, error_of, make_user, put_disk

TAGS = [{"Key": "team", "Value": "red"}]
PARTNER = "222222222222"
CHECKPOINT = b"a design"
MANIFEST = {"manifest_format_version": "2", "pci_vendor_id": "0x1D0F", "pci_device_id": "0xF010", "pci_subsystem_id": "0x1D51",
            "pci_subsystem_vendor_id": "0xFEDC", "dcp_hash": hashlib.sha256(CHECKPOINT).hexdigest(), "shell_version": "0x10212415",
            "dcp_file_name": "design.Developer_CL.tar.dcp", "hdk_version": "2.0.0", "tool_version": "v2024.1", "clock_recipe_a": "A1"}


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def put(server, key, body):
    url = f"{server.url}/_rolecall/s3-files/designs/{key}"
    urllib.request.urlopen(urllib.request.Request(url, data=body, method="PUT", headers={"content-type": "application/x-tar"})).close()
    return {"Bucket": "designs", "Key": key}


def archive(files):
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        folder = tarfile.TarInfo("to_aws")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for name, body in files.items():
            held = tarfile.TarInfo(f"to_aws/{name}")
            held.size = len(body)
            tar.addfile(held, io.BytesIO(body))
    return target.getvalue()


def design(checkpoint=CHECKPOINT, name="design.Developer_CL.tar.dcp", **changes):
    lines = {key: value for key, value in {**MANIFEST, **changes}.items() if value is not None}
    return archive({name: checkpoint, "24_01_01.manifest.txt": "".join(f"{key}={value}\n" for key, value in lines.items()).encode()})


def one(ec2, id):
    return ec2.describe_fpga_images(FpgaImageIds=[id])["FpgaImages"][0]


def build(server, ec2, key="usual.tar", **more):
    id = ec2.create_fpga_image(InputStorageLocation=put(server, key, design()), **more)["FpgaImageId"]
    server.advance("1h")
    return id


def test_an_archive_becomes_an_image(server, ec2):
    asked = {"InputStorageLocation": put(server, "first.tar", design()), "LogsStorageLocation": {"Bucket": "designs", "Key": "logs"}, "Name": "adder",
             "Description": "adds", "ClientToken": "once", "TagSpecifications": [{"ResourceType": "fpga-image", "Tags": TAGS}]}
    assert error_of(ec2.create_fpga_image, **asked, DryRun=True)[0] == "DryRunOperation"
    made = ec2.create_fpga_image(**asked)
    id, everywhere = made["FpgaImageId"], made["FpgaImageGlobalId"]
    assert id.startswith("afi-") and everywhere.startswith("agfi-") and ec2.create_fpga_image(**asked)["FpgaImageId"] == id
    assert error_of(ec2.create_fpga_image, **{**asked, "Name": "other"})[0] == "IdempotentParameterMismatch"
    server.advance("1h")
    done = one(ec2, id)
    assert (done["State"], done["FpgaImageGlobalId"], done["Name"], done["Description"], done["Tags"]) == ({"Code": "available"}, everywhere, "adder", "adds", TAGS)
    assert (done["OwnerId"], done["Public"], done["ShellVersion"]) == ("000000000000", False, "0x10212415")
    assert done["PciId"] == {"DeviceId": "0xf010", "VendorId": "0x1d0f", "SubsystemId": "0x1d51", "SubsystemVendorId": "0xfedc"}
    assert done["UpdateTime"] > done["CreateTime"]
    with urllib.request.urlopen(f"{server.url}/_rolecall/s3-files/designs/logs/{id}/State") as answer:
        assert json.load(answer) == {"State": {"Code": "available"}}
    named = lambda *owners, **filters: [it["FpgaImageId"] for it in ec2.describe_fpga_images(
        Owners=list(owners), Filters=[{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()])["FpgaImages"]]
    assert named(name="add*") == named(fpga_image_global_id=everywhere) == named("self", shell_version="0x10212415", state="available") == [id]
    assert named(**{"tag:team": "red"}) == named("000000000000", fpga_image_id=id, owner_id="000000000000") == [id]
    assert named("amazon") == named(product_code="x") == named(state="failed") == []
    assert error_of(ec2.describe_fpga_images, Owners=["12345"])[:2] == ("InvalidUserID.Malformed", "User ID '12345' is invalid")
    assert error_of(ec2.describe_fpga_images, Filters=[{"Name": "bad-filter", "Values": ["x"]}])[:2] == ("InvalidParameterValue", "The filter 'bad-filter' is invalid")
    ec2.create_tags(Resources=[id], Tags=[{"Key": "story", "Value": "design"}])
    assert {tag["Key"] for tag in one(ec2, id)["Tags"]} == {"team", "story"}


@pytest.mark.parametrize("code, body", [
    ("INPUT_SIZE_ILLEGAL", b""), ("CORRUPT_ARCHIVE", b"no archive"), ("CORRUPT_ARCHIVE", design()[:700]),
    ("MANIFEST_NOT_FOUND", archive({"design.dcp": CHECKPOINT})), ("MANIFEST_PARSE_FAILED", archive({"manifest.txt": b"a line"})),
    ("MANIFEST_PARSE_FAILED", design(tool_version=None)), ("PCIID_SYNTAX_INVALID", design(pci_device_id="0x10000")),
    ("PCIID_SYNTAX_INVALID", design(pci_subsystem_id="0")), ("DCP_NOT_FOUND", design(name="other.dcp")),
    ("DCP_INTEGRITY_UNVERIFIED", design(checkpoint=b"another"))])
def test_designs_that_cannot_be_built(server, ec2, code, body):
    id = ec2.create_fpga_image(InputStorageLocation=put(server, "wrong.tar", body))["FpgaImageId"]
    server.advance("1h")
    failed = one(ec2, id)
    assert failed["State"]["Code"] == "failed" and failed["State"]["Message"].startswith(f"{code}: ") and "PciId" not in failed


def test_where_the_archive_is(server, ec2):
    put(server, "first.tar", design())
    ireland = server.client("ec2", region="eu-west-1")
    for client, place in ((ec2, {"Bucket": "designs", "Key": "nothing"}), (ireland, {"Bucket": "designs", "Key": "first.tar"})):
        id = client.create_fpga_image(InputStorageLocation=place)["FpgaImageId"]
        server.advance("1h")
        assert one(client, id)["State"]["Message"].startswith("INACCESSIBLE_INPUT: ")
    # A file that only stands for its bytes is a design, too.
    disk = put_disk(server, "design.tar", "1GiB")
    id = ec2.create_fpga_image(InputStorageLocation={"Bucket": disk["S3Bucket"], "Key": disk["S3Key"]})["FpgaImageId"]
    server.advance("1h")
    assert one(ec2, id)["PciId"]["DeviceId"] == "0xf000"
    assert error_of(ec2.create_fpga_image, InputStorageLocation={"Bucket": "designs"})[:2] == (
        "MissingParameter", "The request must contain the parameter InputStorageLocation.Key")


def test_copies(server, ec2):
    id = build(server, ec2, Name="source", Description="here")
    source = one(ec2, id)
    copied = one(ec2, ec2.copy_fpga_image(SourceFpgaImageId=id, SourceRegion="us-east-1", ClientToken="copy")["FpgaImageId"])
    assert copied["FpgaImageId"] != id and (copied["State"]["Code"], copied["Name"], copied["Tags"]) == ("available", "source", [])
    assert copied["FpgaImageGlobalId"] == source["FpgaImageGlobalId"] and copied["PciId"] == source["PciId"]
    ireland = server.client("ec2", region="eu-west-1")
    far = ireland.copy_fpga_image(SourceFpgaImageId=id, SourceRegion="us-east-1", Name="far")["FpgaImageId"]
    lost = ireland.copy_fpga_image(SourceFpgaImageId="afi-0123456789abcdef0", SourceRegion="us-east-1")["FpgaImageId"]
    young = ec2.create_fpga_image(InputStorageLocation={"Bucket": "designs", "Key": "nothing"})["FpgaImageId"]
    server.advance("1h")
    early = ireland.copy_fpga_image(SourceFpgaImageId=young, SourceRegion="us-east-1")["FpgaImageId"]
    server.advance("5m")
    assert (one(ireland, far)["Name"], one(ireland, far)["FpgaImageGlobalId"]) == ("far", source["FpgaImageGlobalId"])
    assert one(ireland, lost)["State"] == {
        "Code": "failed", "Message": "NOT_FOUND: Source image is not found or the user ID is not authorized to copy source image."}
    assert one(ireland, early)["State"]["Message"] == "INVALID_STATE: Source image is not in a suitable state to allow copying."
    assert error_of(ec2.copy_fpga_image, SourceFpgaImageId="afi-0123456789abcdef0", SourceRegion="us-east-1")[:2] == (
        "InvalidFpgaImageID.NotFound", "Image ID 'afi-0123456789abcdef0' not found")
    assert error_of(ec2.copy_fpga_image, SourceFpgaImageId=young, SourceRegion="us-east-1")[0] == "IncorrectState"
    assert error_of(ec2.copy_fpga_image, SourceFpgaImageId=id, SourceRegion="us-nowhere-1")[0] == "InvalidParameterValue"


def test_sharing(server, ec2):
    id = build(server, ec2, Name="shared", TagSpecifications=[{"ResourceType": "fpga-image", "Tags": TAGS}])
    partner = server.client("ec2", server.account(PARTNER))
    gone = ("InvalidFpgaImageID.NotFound", f"Image ID '{id}' not found")
    assert error_of(partner.describe_fpga_images, FpgaImageIds=[id])[:2] == gone
    told = ec2.modify_fpga_image_attribute(FpgaImageId=id, OperationType="add", UserIds=[PARTNER])["FpgaImageAttribute"]
    assert told == {"FpgaImageId": id, "LoadPermissions": [{"UserId": PARTNER}]}
    seen = one(partner, id)
    assert (seen["OwnerId"], seen["Tags"], seen["Public"]) == ("000000000000", [], False)
    assert [it["FpgaImageId"] for it in partner.describe_fpga_images(Owners=["000000000000"])["FpgaImages"]] == [id]
    assert partner.describe_fpga_images(Owners=["self"])["FpgaImages"] == []
    assert error_of(partner.delete_fpga_image, FpgaImageId=id)[0] == "AuthFailure"
    assert error_of(ec2.delete_fpga_image, FpgaImageId=id)[:2] == ("OperationNotPermitted", "Operation not permitted for shared AFI")
    told = ec2.modify_fpga_image_attribute(FpgaImageId=id, LoadPermission={"Add": [{"Group": "all"}], "Remove": [{"UserId": PARTNER}]})
    assert told["FpgaImageAttribute"]["LoadPermissions"] == [{"Group": "all"}] and one(partner, id)["Public"]
    assert error_of(ec2.delete_fpga_image, FpgaImageId=id)[:2] == ("OperationNotPermitted", "Operation not permitted for public AFI")
    assert error_of(ec2.modify_fpga_image_attribute, FpgaImageId=id, OperationType="add", UserIds=["x"])[0] == "InvalidUserID.Malformed"
    assert ec2.reset_fpga_image_attribute(FpgaImageId=id, Attribute="loadPermission")["Return"]
    assert ec2.describe_fpga_image_attribute(FpgaImageId=id, Attribute="loadPermission")["FpgaImageAttribute"] == {"FpgaImageId": id, "LoadPermissions": []}
    assert ec2.delete_fpga_image(FpgaImageId=id)["Return"]
    assert error_of(ec2.describe_fpga_images, FpgaImageIds=[id])[:2] == gone


def test_attributes(server, ec2):
    id = build(server, ec2)
    assert ec2.modify_fpga_image_attribute(FpgaImageId=id, Name="new name")["FpgaImageAttribute"] == {"FpgaImageId": id, "Name": "new name"}
    assert ec2.modify_fpga_image_attribute(FpgaImageId=id, Attribute="description", Description="new")["FpgaImageAttribute"]["Description"] == "new"
    codes = ec2.modify_fpga_image_attribute(FpgaImageId=id, Attribute="productCodes", ProductCodes=["774F4FF8"])["FpgaImageAttribute"]["ProductCodes"]
    assert codes[0]["ProductCodeId"] == "774F4FF8" and ec2.describe_fpga_image_attribute(FpgaImageId=id, Attribute="productCodes")["FpgaImageAttribute"]["ProductCodes"] == codes
    assert ec2.describe_fpga_image_attribute(FpgaImageId=id, Attribute="name")["FpgaImageAttribute"]["Name"] == "new name"
    assert error_of(ec2.modify_fpga_image_attribute, FpgaImageId=id, Name="a", Description="b")[:2] == (
        "InvalidParameterCombination", "Fields for multiple attribute types specified: description, name")
    assert error_of(ec2.modify_fpga_image_attribute, FpgaImageId=id)[:2] == ("InvalidParameterCombination", "No attributes specified.")
    young = ec2.create_fpga_image(InputStorageLocation={"Bucket": "designs", "Key": "nothing"})["FpgaImageId"]
    server.advance("1h")
    assert error_of(ec2.modify_fpga_image_attribute, FpgaImageId=young, OperationType="add", UserGroups=["all"])[0] == "IncorrectState"


def test_who_may(server, ec2):
    id = build(server, ec2, TagSpecifications=[{"ResourceType": "fpga-image", "Tags": TAGS}])
    iam = server.client("iam")
    of_red = allow("ec2:*FpgaImage*", Condition={"StringEquals": {"ec2:ResourceTag/team": "red"}})
    red, nobody = (server.client("ec2", make_user(iam, *user)) for user in (("red", of_red), ("nobody", allow("s3:*"))))
    untagged = build(server, ec2)
    assert red.modify_fpga_image_attribute(FpgaImageId=id, Name="red's")["FpgaImageAttribute"]["Name"] == "red's"
    for caller, image in ((red, untagged), (nobody, id)):
        for refused in (lambda: caller.modify_fpga_image_attribute(FpgaImageId=image, Name="x"), lambda: caller.delete_fpga_image(FpgaImageId=image),
                        lambda: caller.reset_fpga_image_attribute(FpgaImageId=image),
                        lambda: caller.describe_fpga_image_attribute(FpgaImageId=image, Attribute="name"),
                        lambda: caller.create_fpga_image(InputStorageLocation={"Bucket": "designs", "Key": "usual.tar"}),
                        lambda: caller.copy_fpga_image(SourceFpgaImageId=image, SourceRegion="us-east-1")):
            assert error_of(refused)[0] == "UnauthorizedOperation"
    assert error_of(nobody.describe_fpga_images)[0] == "UnauthorizedOperation"
    quiet = server.client("ec2", make_user(iam, "quiet", allow(
        "ec2:ModifyFpgaImageAttribute", Condition={"StringEquals": {"ec2:Attribute/name": "allowed"}})))
    assert quiet.modify_fpga_image_attribute(FpgaImageId=id, Name="allowed")
    assert error_of(quiet.modify_fpga_image_attribute, FpgaImageId=id, OperationType="add", UserGroups=["all"])[0] == "UnauthorizedOperation"
    assert red.delete_fpga_image(FpgaImageId=id)["Return"]
