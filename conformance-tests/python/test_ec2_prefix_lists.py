"""Managed prefix lists: versions of their entries, routes and rules that refer to them, AWS's own, and who may not."""

import pytest

from conftest import allow, error_of, make_user

TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def new_list(server, ec2, name, **more):
    made = ec2.create_managed_prefix_list(PrefixListName=name, AddressFamily="IPv4", MaxEntries=5, **more)["PrefixList"]
    server.advance("1m")
    return made


def blocks(ec2, name, **more):
    return [one["Cidr"] for one in ec2.get_managed_prefix_list_entries(PrefixListId=name, **more)["Entries"]]


def test_versions(server, ec2):
    made = new_list(server, ec2, "sites", Entries=[{"Cidr": "10.0.0.0/8", "Description": "here"}, {"Cidr": "172.16.0.0/12"}],
                    TagSpecifications=[{"ResourceType": "prefix-list", "Tags": TAGS}])
    name = made["PrefixListId"]
    assert (made["State"], made["Version"], made["Tags"]) == ("create-in-progress", 1, TAGS)
    assert made["PrefixListArn"].endswith(f":prefix-list/{name}")
    shown = ec2.describe_managed_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": ["sites"]}])["PrefixLists"][0]
    assert (shown["PrefixListId"], shown["State"], shown["MaxEntries"]) == (name, "create-complete", 5)
    changed = ec2.modify_managed_prefix_list(PrefixListId=name, CurrentVersion=1, AddEntries=[{"Cidr": "192.168.0.0/16"}], RemoveEntries=[{"Cidr": "10.0.0.0/8"}])["PrefixList"]
    assert (changed["State"], changed["Version"]) == ("modify-in-progress", 2)
    server.advance("1m")
    assert blocks(ec2, name) == ["172.16.0.0/12", "192.168.0.0/16"]
    assert blocks(ec2, name, TargetVersion=1) == ["10.0.0.0/8", "172.16.0.0/12"]
    stale = error_of(ec2.modify_managed_prefix_list, PrefixListId=name, CurrentVersion=1, AddEntries=[{"Cidr": "192.0.2.0/24"}])
    assert stale[:2] == ("PrefixListVersionMismatch", "The prefix list has the incorrect version number.")
    restored = ec2.restore_managed_prefix_list_version(PrefixListId=name, PreviousVersion=1, CurrentVersion=2)["PrefixList"]
    assert restored["Version"] == 3
    server.advance("1m")
    assert blocks(ec2, name) == ["10.0.0.0/8", "172.16.0.0/12"]
    ec2.modify_managed_prefix_list(PrefixListId=name, MaxEntries=2, PrefixListName="places")
    server.advance("1m")
    shown = ec2.describe_managed_prefix_lists(PrefixListIds=[name])["PrefixLists"][0]
    assert (shown["PrefixListName"], shown["MaxEntries"], shown["Version"]) == ("places", 2, 3)
    assert ec2.delete_managed_prefix_list(PrefixListId=name)["PrefixList"]["State"] == "delete-in-progress"
    server.advance("1m")
    assert error_of(ec2.describe_managed_prefix_lists, PrefixListIds=[name])[0] == "InvalidPrefixListID.NotFound"


def test_routes_and_rules(server, ec2):
    name = new_list(server, ec2, "used", Entries=[{"Cidr": "192.0.2.0/24"}])["PrefixListId"]
    vpc = ec2.create_vpc(CidrBlock="10.45.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationPrefixListId=name, GatewayId=gateway)
    found = ec2.describe_route_tables(Filters=[{"Name": "route.destination-prefix-list-id", "Values": [name]}])["RouteTables"]
    assert [one["RouteTableId"] for one in found] == [table]
    group = ec2.create_security_group(GroupName="lists", Description="lists", VpcId=vpc)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": name, "Description": "sites"}]}
    added = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])["SecurityGroupRules"][0]
    assert (added["PrefixListId"], added["Description"]) == (name, "sites")
    shown = ec2.describe_security_groups(Filters=[{"Name": "ip-permission.prefix-list-id", "Values": [name]}])["SecurityGroups"][0]
    assert shown["IpPermissions"][0]["PrefixListIds"] == [{"PrefixListId": name, "Description": "sites"}]
    users = ec2.get_managed_prefix_list_associations(PrefixListId=name)["PrefixListAssociations"]
    assert {one["ResourceId"] for one in users} == {table, group}
    assert error_of(ec2.delete_managed_prefix_list, PrefixListId=name)[0] == "DependencyViolation"
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])
    ec2.delete_route(RouteTableId=table, DestinationPrefixListId=name)
    ec2.delete_managed_prefix_list(PrefixListId=name)


def test_lists_of_aws(server, ec2):
    found = ec2.describe_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": ["com.amazonaws.us-east-1.s3"]}])["PrefixLists"]
    assert found[0]["PrefixListId"] == "pl-63a5400a" and found[0]["Cidrs"]
    managed = ec2.describe_managed_prefix_lists(Filters=[{"Name": "owner-id", "Values": ["AWS"]}])["PrefixLists"]
    assert {one["PrefixListName"] for one in managed} == {"com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.dynamodb"}
    assert blocks(ec2, "pl-63a5400a") == found[0]["Cidrs"]
    other = server.client("ec2", region="eu-west-1").describe_prefix_lists()["PrefixLists"]
    assert {one["PrefixListName"] for one in other} == {"com.amazonaws.eu-west-1.s3", "com.amazonaws.eu-west-1.dynamodb"}


def test_permissions(server, ec2):
    mine = new_list(server, ec2, "mine", TagSpecifications=[{"ResourceType": "prefix-list", "Tags": TAGS}])["PrefixListId"]
    other = new_list(server, ec2, "other")["PrefixListId"]
    red = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    user = server.client("ec2", make_user(server.client("iam"), "lister", allow(
        ["ec2:ModifyManagedPrefixList", "ec2:GetManagedPrefixListEntries", "ec2:DeleteManagedPrefixList"], Condition=red)))
    assert user.get_managed_prefix_list_entries(PrefixListId=mine)["Entries"] == []
    assert error_of(user.get_managed_prefix_list_entries, PrefixListId=other)[0] == "UnauthorizedOperation"
    assert error_of(user.modify_managed_prefix_list, PrefixListId=other, PrefixListName="x")[0] == "UnauthorizedOperation"
    user.modify_managed_prefix_list(PrefixListId=mine, PrefixListName="ours")
    server.advance("1m")
    user.delete_managed_prefix_list(PrefixListId=mine)
