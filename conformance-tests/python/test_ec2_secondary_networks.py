"""Secondary networks and their subnets: states, blocks, what keeps what, tags, and who may."""

import pytest

from conftest import allow, error_of, image, make_user

OTHER = "210987654321"
TAGS = [{"Key": "team", "Value": "red"}]
ARN = "arn:aws:ec2:us-east-1:000000000000:"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def new_network(server, ec2, **more):
    made = ec2.create_secondary_network(Ipv4CidrBlock="172.31.0.0/16", NetworkType="rdma", **more)["SecondaryNetwork"]
    server.advance("1m")
    return made["SecondaryNetworkId"]


def new_subnet(server, ec2, network, block="172.31.24.0/24", **more):
    made = ec2.create_secondary_subnet(SecondaryNetworkId=network, Ipv4CidrBlock=block, **more)["SecondarySubnet"]
    server.advance("1m")
    return made["SecondarySubnetId"]


def test_a_network(server, ec2):
    made = ec2.create_secondary_network(Ipv4CidrBlock="10.32.9.7/12", NetworkType="rdma", ClientToken="one",
                                        TagSpecifications=[{"ResourceType": "secondary-network", "Tags": TAGS}])
    network = made["SecondaryNetwork"]
    name = network["SecondaryNetworkId"]
    [block] = network["Ipv4CidrBlockAssociations"]
    assert made["ClientToken"] == "one" and name.startswith("sn-")
    assert network == {"SecondaryNetworkId": name, "SecondaryNetworkArn": f"{ARN}secondary-network/{name}", "OwnerId": "000000000000", "Type": "rdma",
                       "State": "create-in-progress", "Ipv4CidrBlockAssociations": [block], "Tags": TAGS}
    assert block["AssociationId"].startswith("sn-cidr-assoc-") and (block["CidrBlock"], block["State"]) == ("10.32.0.0/12", "associating")
    again = ec2.create_secondary_network(Ipv4CidrBlock="10.32.9.7/12", NetworkType="rdma", ClientToken="one",
                                         TagSpecifications=[{"ResourceType": "secondary-network", "Tags": TAGS}])
    assert again["SecondaryNetwork"]["SecondaryNetworkId"] == name
    assert error_of(ec2.create_secondary_network, Ipv4CidrBlock="10.0.0.0/16", NetworkType="rdma", ClientToken="one")[0] == "IdempotentParameterMismatch"
    early = error_of(ec2.delete_secondary_network, SecondaryNetworkId=name)
    assert early[:2] == ("InvalidState", f"The secondary network '{name}' is not in a modifiable state.")
    server.advance("1m")
    for filters in ({"secondary-network-arn": network["SecondaryNetworkArn"]}, {"ipv4-cidr-block-association.cidr-block": "10.32.0.0/12"},
                    {"ipv4-cidr-block-association.association-id": block["AssociationId"]}, {"tag:team": "red", "state": "create-complete"},
                    {"type": "rdma", "owner-id": "000000000000", "ipv4-cidr-block-association.state": "associated", "secondary-network-id": name}):
        asked = [{"Name": key, "Values": [value]} for key, value in filters.items()]
        [shown] = ec2.describe_secondary_networks(Filters=asked)["SecondaryNetworks"]
        assert (shown["SecondaryNetworkId"], shown["State"]) == (name, "create-complete"), filters
    ec2.create_tags(Resources=[name], Tags=[{"Key": "stage", "Value": "test"}])
    [tag] = ec2.describe_tags(Filters=[{"Name": "resource-type", "Values": ["secondary-network"]}, {"Name": "key", "Values": ["stage"]}])["Tags"]
    assert tag["ResourceId"] == name
    gone = ec2.delete_secondary_network(SecondaryNetworkId=name, ClientToken="two")
    assert (gone["ClientToken"], gone["SecondaryNetwork"]["State"]) == ("two", "delete-in-progress")
    assert gone["SecondaryNetwork"]["Ipv4CidrBlockAssociations"][0]["State"] == "disassociating"
    assert ec2.delete_secondary_network(SecondaryNetworkId=name, ClientToken="two")["SecondaryNetwork"]["SecondaryNetworkId"] == name
    server.advance("1m")
    [shown] = ec2.describe_secondary_networks(SecondaryNetworkIds=[name])["SecondaryNetworks"]
    assert (shown["State"], shown["Ipv4CidrBlockAssociations"][0]["State"]) == ("delete-complete", "disassociated")
    server.advance("2h")
    assert error_of(ec2.describe_secondary_networks, SecondaryNetworkIds=[name])[:2] == (
        "InvalidSecondaryNetworkId.NotFound", f"The secondaryNetwork ID '{name}' does not exist")


def test_subnets_of_a_network(server, ec2):
    network = new_network(server, ec2)
    zone = ec2.describe_availability_zones()["AvailabilityZones"][1]
    made = ec2.create_secondary_subnet(SecondaryNetworkId=network, Ipv4CidrBlock="172.31.24.0/24", AvailabilityZoneId=zone["ZoneId"],
                                       TagSpecifications=[{"ResourceType": "secondary-subnet", "Tags": TAGS}])["SecondarySubnet"]
    name = made["SecondarySubnetId"]
    [block] = made["Ipv4CidrBlockAssociations"]
    assert made == {"SecondarySubnetId": name, "SecondarySubnetArn": f"{ARN}secondary-subnet/{name}", "SecondaryNetworkId": network, "OwnerId": "000000000000",
                    "SecondaryNetworkType": "rdma", "AvailabilityZone": zone["ZoneName"], "AvailabilityZoneId": zone["ZoneId"], "State": "create-in-progress",
                    "Ipv4CidrBlockAssociations": [block], "Tags": TAGS}
    assert block["AssociationId"].startswith("ss-cidr-assoc-")
    server.advance("1m")
    beside = {"SecondaryNetworkId": network, "AvailabilityZone": zone["ZoneName"]}
    assert error_of(ec2.create_secondary_subnet, **beside, Ipv4CidrBlock="172.31.24.128/25")[0] == "InvalidSubnet.Conflict"
    assert error_of(ec2.create_secondary_subnet, **beside, Ipv4CidrBlock="172.30.0.0/24")[0] == "InvalidSubnet.Range"
    assert error_of(ec2.create_secondary_subnet, **beside, AvailabilityZoneId=zone["ZoneId"], Ipv4CidrBlock="172.31.1.0/24")[0] == "InvalidParameterCombination"
    assert error_of(ec2.delete_secondary_network, SecondaryNetworkId=network)[:2] == (
        "DependencyViolation", f"The secondary-network '{network}' has dependencies and cannot be deleted.")
    other = new_subnet(server, ec2, network, "172.31.1.0/24")
    # A zone where none is named.
    shown = ec2.describe_secondary_subnets(Filters=[{"Name": "secondary-network-id", "Values": [network]}, {"Name": "state", "Values": ["create-complete"]}])
    assert {one["SecondarySubnetId"]: one["AvailabilityZone"][:-1] for one in shown["SecondarySubnets"]} == {name: "us-east-1", other: "us-east-1"}
    for subnet in (name, other):
        assert ec2.delete_secondary_subnet(SecondarySubnetId=subnet)["SecondarySubnet"]["State"] == "delete-in-progress"
    assert ec2.delete_secondary_network(SecondaryNetworkId=network)["SecondaryNetwork"]["State"] == "delete-in-progress"
    server.advance("1m")
    assert error_of(ec2.create_secondary_subnet, **beside, Ipv4CidrBlock="172.31.1.0/24")[0] == "InvalidSecondaryNetworkId.NotFound"


def test_interfaces_are_never_made(ec2):
    for filters in ([], [{"Name": "status", "Values": ["*"]}]):
        assert ec2.describe_secondary_interfaces(Filters=filters)["SecondaryInterfaces"] == []


def test_who_may(server, ec2):
    iam = server.client("iam")
    network = new_network(server, ec2, TagSpecifications=[{"ResourceType": "secondary-network", "Tags": TAGS}])
    bare = new_network(server, ec2)
    assert error_of(ec2.delete_secondary_network, SecondaryNetworkId=network, DryRun=True)[0] == "DryRunOperation"
    tagged = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    narrow = server.client("ec2", make_user(iam, "ann", allow("ec2:CreateSecondarySubnet", f"{ARN}secondary-subnet/*"),
                                            allow("ec2:CreateSecondarySubnet", f"{ARN}secondary-network/*", Condition=tagged)))
    wish = {"Ipv4CidrBlock": "172.31.0.0/24", "AvailabilityZone": "us-east-1a"}
    assert error_of(narrow.create_secondary_subnet, SecondaryNetworkId=bare, **wish)[0] == "UnauthorizedOperation"
    assert error_of(narrow.create_secondary_subnet, SecondaryNetworkId=network, **wish, TagSpecifications=[
        {"ResourceType": "secondary-subnet", "Tags": TAGS}])[0] == "UnauthorizedOperation"
    subnet = narrow.create_secondary_subnet(SecondaryNetworkId=network, **wish)["SecondarySubnet"]["SecondarySubnetId"]
    server.advance("1m")
    for call, arguments in [(narrow.describe_secondary_subnets, {}), (narrow.describe_secondary_networks, {}),
                            (narrow.delete_secondary_subnet, {"SecondarySubnetId": subnet}), (narrow.delete_secondary_network, {"SecondaryNetworkId": network}),
                            (narrow.create_secondary_network, {"Ipv4CidrBlock": "10.0.0.0/16", "NetworkType": "rdma"})]:
        assert error_of(call, **arguments)[0] == "UnauthorizedOperation"
    by_arn = server.client("ec2", make_user(iam, "bob", allow("ec2:DeleteSecondarySubnet", f"{ARN}secondary-subnet/{subnet}")))
    assert by_arn.delete_secondary_subnet(SecondarySubnetId=subnet)["SecondarySubnet"]["State"] == "delete-in-progress"
    for stranger in (server.client("ec2", server.account(OTHER)), server.client("ec2", region="eu-west-1")):
        assert stranger.describe_secondary_networks()["SecondaryNetworks"] == []
        assert error_of(stranger.delete_secondary_network, SecondaryNetworkId=network)[0] == "InvalidSecondaryNetworkId.NotFound"


def test_no_instance_type_supports_interfaces(server, ec2):
    """"Available for select instance types", none of which AWS lists publicly: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/secondary-networks.html"""
    kinds = ec2.describe_instance_types(InstanceTypes=["p5.48xlarge"])["InstanceTypes"]
    assert [kind["NetworkInfo"]["SecondaryNetworkSupported"] for kind in kinds] == [False]
    subnet = new_subnet(server, ec2, new_network(server, ec2), AvailabilityZone="us-east-1a")
    wish = {"ImageId": image(ec2), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    with_one = lambda subnet: [{"SecondarySubnetId": subnet, "DeviceIndex": 0, "NetworkCardIndex": 1, "InterfaceType": "secondary"}]
    refused = ("UnsupportedOperation", "The instance type 't3.micro' does not support secondary interfaces.")
    assert error_of(ec2.run_instances, **wish, SecondaryInterfaces=with_one(subnet))[:2] == refused
    gone = "ss-0123456789abcdef0"
    assert error_of(ec2.run_instances, **wish, SecondaryInterfaces=with_one(gone))[:2] == (
        "InvalidSecondarySubnetId.NotFound", f"The secondarySubnet ID '{gone}' does not exist")
    template = ec2.create_launch_template(LaunchTemplateName="wired", LaunchTemplateData={"SecondaryInterfaces": with_one(subnet)})["LaunchTemplate"]
    [version] = ec2.describe_launch_template_versions(LaunchTemplateId=template["LaunchTemplateId"])["LaunchTemplateVersions"]
    assert version["LaunchTemplateData"]["SecondaryInterfaces"] == with_one(subnet)
    assert error_of(ec2.run_instances, **wish, LaunchTemplate={"LaunchTemplateId": template["LaunchTemplateId"]})[:2] == refused
    narrow = server.client("ec2", make_user(server.client("iam"), "eve", allow("ec2:*"), {
        "Effect": "Deny", "Action": "ec2:RunInstances", "Resource": f"{ARN}secondary-subnet/{subnet}"}))
    assert error_of(narrow.run_instances, **wish, SecondaryInterfaces=with_one(subnet))[0] == "UnauthorizedOperation"
