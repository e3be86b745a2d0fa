"""EC2's placement groups: their effect on launches, and who may not."""

import pytest

from conftest import allow, error_of, launch, make_user

TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


def into(ec2, group, **more):
    return launch(ec2, InstanceType="m5.large", Placement={"GroupName": group, **more})


def placement(ec2, instance_id):
    return ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]["Placement"]


def test_a_group_is_made_used_and_goes(server, ec2, metadata):
    made = ec2.create_placement_group(GroupName="near", Strategy="cluster", TagSpecifications=tagged("placement-group"))["PlacementGroup"]
    assert (made["State"], made["Strategy"], made["Tags"]) == ("pending", "cluster", TAGS)
    assert made["GroupArn"] == "arn:aws:ec2:us-east-1:000000000000:placement-group/near"
    server.advance("10s")
    [found] = ec2.describe_placement_groups(GroupIds=[made["GroupId"]])["PlacementGroups"]
    assert (found["GroupName"], found["State"]) == ("near", "available")
    assert ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [made["GroupId"]]}])["Tags"][0]["ResourceType"] == "placement-group"
    first = into(ec2, "near")
    second = launch(ec2, InstanceType="m5.large", Placement={"GroupId": made["GroupId"]})
    assert placement(ec2, first)["AvailabilityZone"] == placement(ec2, second)["AvailabilityZone"]
    assert (placement(ec2, second)["GroupName"], placement(ec2, second)["GroupId"]) == ("near", made["GroupId"])
    held = ec2.describe_instances(Filters=[{"Name": "placement-group-name", "Values": ["near"]}])["Reservations"]
    assert sorted(one["InstanceId"] for reservation in held for one in reservation["Instances"]) == sorted([first, second])
    assert metadata(first).get("/latest/meta-data/placement/group-name") == "near"
    assert error_of(ec2.delete_placement_group, GroupName="near")[:2] == (
        "InvalidPlacementGroup.InUse", "The placement group 'near' is in use and may not be deleted.")
    ec2.terminate_instances(InstanceIds=[first, second])
    ec2.delete_placement_group(GroupName="near")
    assert error_of(ec2.describe_placement_groups, GroupNames=["near"])[:2] == ("InvalidPlacementGroup.Unknown", "The Placement Group 'near' is unknown.")


def test_partitions(server, ec2):
    made = ec2.create_placement_group(GroupName="parts", Strategy="partition", PartitionCount=3)["PlacementGroup"]
    assert made["PartitionCount"] == 3
    numbers = [placement(ec2, into(ec2, "parts"))["PartitionNumber"] for _ in range(3)]
    assert sorted(numbers) == [1, 2, 3]
    chosen = into(ec2, "parts", PartitionNumber=2)
    found = ec2.describe_instances(Filters=[{"Name": "placement-partition-number", "Values": ["2"]}])["Reservations"]
    assert chosen in [one["InstanceId"] for reservation in found for one in reservation["Instances"]]


def test_a_template_names_a_group(ec2):
    ec2.create_placement_group(GroupName="of-a-template", Strategy="spread")
    ec2.create_launch_template(LaunchTemplateName="grouped", LaunchTemplateData={"Placement": {"GroupName": "of-a-template"}})
    launched = launch(ec2, InstanceType="m5.large", LaunchTemplate={"LaunchTemplateName": "grouped"})
    assert placement(ec2, launched)["GroupName"] == "of-a-template"


def test_who_may_not(server, ec2):
    iam = server.client("iam")
    ec2.create_placement_group(GroupName="guarded", Strategy="spread", TagSpecifications=tagged("placement-group"))
    mine = server.client("ec2", make_user(iam, "elsewhere", allow("ec2:*", "arn:aws:ec2:*:*:placement-group/other")))
    theirs = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    for user in (mine, theirs):
        assert error_of(user.create_placement_group, GroupName="new", Strategy="cluster")[0] == "UnauthorizedOperation"
        assert error_of(user.describe_placement_groups)[0] == "UnauthorizedOperation"
        assert error_of(user.delete_placement_group, GroupName="guarded")[0] == "UnauthorizedOperation"
    spread = allow("ec2:CreatePlacementGroup", Condition={"StringEquals": {"ec2:PlacementGroupStrategy": "spread"}})
    others = {"Effect": "Allow", "Action": "ec2:RunInstances", "NotResource": "arn:aws:ec2:*:*:placement-group/*"}
    user = server.client("ec2", make_user(iam, "conditions", spread, others))
    user.create_placement_group(GroupName="mine", Strategy="spread")
    assert error_of(user.create_placement_group, GroupName="other", Strategy="cluster")[0] == "UnauthorizedOperation"
    assert error_of(into, ec2=user, group="guarded")[0] == "UnauthorizedOperation"
    assert error_of(ec2.delete_placement_group, GroupName="guarded", DryRun=True)[0] == "DryRunOperation"
    for other in (server.client("ec2", region="eu-west-1"), server.client("ec2", server.account("222222222222"))):
        assert error_of(other.describe_placement_groups, GroupNames=["guarded"])[0] == "InvalidPlacementGroup.Unknown"
