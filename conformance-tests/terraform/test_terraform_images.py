"""Images, snapshots and settings of EC2 through the real provider: apply, plan without drift, change, destroy, nothing left."""

import pytest

from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "images")


def test_images_and_settings(server, terraform):
    ec2, ireland = server.client("ec2"), server.client("ec2", region="eu-west-1")
    changed = ("-var", "team=green")

    server.admin("PUT", "s3-files/disks/server.vmdk?size=5GiB", {})
    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    [imported] = ec2.describe_snapshots(SnapshotIds=[told["imported"]])["Snapshots"]
    assert (imported["VolumeSize"], imported["Description"][:32]) == (5, "Created by AWS-VMImport service ")
    assert (told["own"], told["encrypted"]) == ("registered", True)
    names = lambda: {found["Name"]: found for found in ec2.describe_images(Owners=["self"])["Images"]}
    assert set(names()) == {"made", "copied", "registered"} and names()["registered"]["ImageId"] == told["launched"]
    assert names()["copied"]["SourceImageId"] == names()["made"]["ImageId"]
    partner = server.client("ec2", server.account("222222222222"))
    assert [found["Name"] for found in partner.describe_images(ExecutableUsers=["self"])["Images"]] == ["made"]
    assert ec2.describe_fast_snapshot_restores()["FastSnapshotRestores"][0]["State"] == "enabled"
    assert ireland.get_instance_metadata_defaults()["AccountLevel"]["HttpPutResponseHopLimit"] == 3
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    assert {tag["Key"]: tag["Value"] for tag in names()["made"]["Tags"]} == {"team": "green", "story": "pics"}
    assert names()["made"]["Description"] == "of an instance, for green"
    assert ireland.get_instance_metadata_defaults()["AccountLevel"]["HttpPutResponseHopLimit"] == 4

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    assert ec2.describe_images(Owners=["self"])["Images"] == ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == []
    assert ireland.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False
    assert ireland.get_snapshot_block_public_access_state()["State"] == "unblocked"
    assert ireland.get_instance_metadata_defaults()["AccountLevel"] == {"ManagedBy": "account"}
