"""Security groups used in further VPCs: each operation's effect, seen through another one, and who may not."""

import pytest

from conftest import allow, error_of, launch, make_user


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture
def shared(server, ec2):
    """A group in one VPC, another VPC and a subnet in that."""
    home = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    away = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=away, CidrBlock="10.2.0.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="shared", Description="used twice", VpcId=home)["GroupId"]
    server.advance("10s")
    return home, away, subnet, group


def states(ec2, group):
    asked = [{"Name": "group-id", "Values": [group]}]
    return [(one["VpcId"], one["State"]) for one in
            ec2.describe_security_group_vpc_associations(Filters=asked)["SecurityGroupVpcAssociations"]]


def groups_for(ec2, vpc):
    return {one["GroupId"]: one["PrimaryVpcId"] for one in ec2.get_security_groups_for_vpc(VpcId=vpc)["SecurityGroupForVpcs"]}


def test_a_group_in_another_vpc(server, ec2, shared):
    home, away, subnet, group = shared
    assert error_of(ec2.create_network_interface, SubnetId=subnet, Groups=[group])[0] == "InvalidParameterValue"
    assert ec2.associate_security_group_vpc(GroupId=group, VpcId=away)["State"] == "associating"
    assert states(ec2, group) == [(away, "associating")]
    server.advance("10s")
    assert states(ec2, group) == [(away, "associated")]
    assert groups_for(ec2, away)[group] == home
    held = launch(ec2, SubnetId=subnet, SecurityGroupIds=[group])
    server.advance("1m")
    instance = ec2.describe_instances(InstanceIds=[held])["Reservations"][0]["Instances"][0]
    assert [one["GroupId"] for one in instance["SecurityGroups"]] == [group]
    assert error_of(ec2.disassociate_security_group_vpc, GroupId=group, VpcId=away)[0] == "DependencyViolation"
    ec2.terminate_instances(InstanceIds=[held])
    server.advance("2h")
    assert ec2.disassociate_security_group_vpc(GroupId=group, VpcId=away)["State"] == "disassociating"
    assert states(ec2, group) == [(away, "disassociating")]
    server.advance("10s")
    assert states(ec2, group) == []
    assert group not in groups_for(ec2, away)
    ec2.delete_security_group(GroupId=group)


def test_rules_that_lead_nowhere(server, ec2, shared):
    _, away, _, group = shared
    own = ec2.create_security_group(GroupName="own", Description="names the other", VpcId=away)["GroupId"]
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "UserIdGroupPairs": [{"GroupId": group}]}
    assert error_of(ec2.authorize_security_group_ingress, GroupId=own, IpPermissions=[permission])[0] == "InvalidGroup.NotFound"
    ec2.associate_security_group_vpc(GroupId=group, VpcId=away)
    ec2.authorize_security_group_ingress(GroupId=own, IpPermissions=[permission])
    assert ec2.describe_stale_security_groups(VpcId=away)["StaleSecurityGroupSet"] == []
    ec2.disassociate_security_group_vpc(GroupId=group, VpcId=away)
    [stale] = ec2.describe_stale_security_groups(VpcId=away)["StaleSecurityGroupSet"]
    assert (stale["GroupId"], stale["GroupName"], stale["VpcId"]) == (own, "own", away)
    [rule] = stale["StaleIpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], [one["GroupId"] for one in rule["UserIdGroupPairs"]]) == (22, 22, [group])


def test_groups_for_a_vpc(ec2, shared):
    home, away, _, group = shared
    assert groups_for(ec2, home)[group] == home
    asked = [{"Name": "group-name", "Values": ["sh*"]}]
    [found] = ec2.get_security_groups_for_vpc(VpcId=home, Filters=asked)["SecurityGroupForVpcs"]
    assert (found["GroupName"], found["Description"], found["OwnerId"]) == ("shared", "used twice", "000000000000")
    assert list(groups_for(ec2, away).values()) == [away], "its own default group alone"


def test_groups_of_an_interface(server, ec2, shared):
    home, away, _, group = shared
    mine = ec2.create_security_group(GroupName="mine", Description="x", VpcId=away)["GroupId"]
    assert ec2.validate_security_group_quotas_for_interface(SecurityGroupIds=[group])["Valid"] is True
    assert error_of(ec2.validate_security_group_quotas_for_interface, SecurityGroupIds=[group, mine])[0] == "InvalidGroup.NotFound"
    ec2.associate_security_group_vpc(GroupId=group, VpcId=away)
    assert ec2.validate_security_group_quotas_for_interface(SecurityGroupIds=[group, mine])["Valid"] is True
    assert error_of(ec2.validate_security_group_quotas_for_interface, SecurityGroupIds=[group], DryRun=True)[0] == "DryRunOperation"
    arn = f"arn:aws:ec2:*:*:security-group/{group}"
    user = server.client("ec2", make_user(server.client("iam"), "quotas", allow("ec2:ValidateSecurityGroupQuotasForInterface", arn)))
    assert user.validate_security_group_quotas_for_interface(SecurityGroupIds=[group])["Valid"] is True
    assert error_of(user.validate_security_group_quotas_for_interface, SecurityGroupIds=[group, mine])[0] == "UnauthorizedOperation"


def test_who_may_not(server, ec2, shared):
    """By resource: rights on other resources are none on these; by condition key: the VPC is another one."""
    home, away, _, group = shared
    iam = server.client("iam")
    calls = [
        ("associate_security_group_vpc", {"GroupId": group, "VpcId": away}),
        ("disassociate_security_group_vpc", {"GroupId": group, "VpcId": away}),
        ("get_security_groups_for_vpc", {"VpcId": away}),
    ]
    elsewhere = ["arn:aws:ec2:*:*:security-group/sg-0000000000000000f", f"arn:aws:ec2:*:*:vpc/{home}"]
    other = server.client("ec2", make_user(iam, "groups-elsewhere", {"Effect": "Allow", "Action": "ec2:*", "Resource": elsewhere}))
    nobody = server.client("ec2", make_user(iam, "groups-nobody", allow("ec2:DescribeVpcs")))
    for operation, parameters in calls:
        assert error_of(getattr(other, operation), **parameters)[0] == "UnauthorizedOperation", operation
    for operation, parameters in [*calls, ("describe_stale_security_groups", {"VpcId": away}),
                                  ("describe_security_group_vpc_associations", {})]:
        assert error_of(getattr(nobody, operation), **parameters)[0] == "UnauthorizedOperation", operation
    at_home = {"ArnEquals": {"ec2:Vpc": f"arn:aws:ec2:us-east-1:000000000000:vpc/{home}"}}
    user = server.client("ec2", make_user(
        iam, "groups-home", allow("ec2:AssociateSecurityGroupVpc", "arn:aws:ec2:*:*:security-group/*", Condition=at_home),
        allow("ec2:AssociateSecurityGroupVpc", f"arn:aws:ec2:*:*:vpc/{away}")))
    foreign = ec2.create_security_group(GroupName="foreign", Description="d", VpcId=away)["GroupId"]
    assert error_of(user.associate_security_group_vpc, GroupId=foreign, VpcId=home)[0] == "UnauthorizedOperation"
    assert user.associate_security_group_vpc(GroupId=group, VpcId=away)["State"] == "associating"
