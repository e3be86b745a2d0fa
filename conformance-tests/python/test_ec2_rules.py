"""Rules of security groups, in both directions: each operation's effect, seen through another one, and who may not."""

import pytest

from conftest import allow, error_of, make_user


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture
def group(ec2, request):
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    return ec2.create_security_group(GroupName=request.node.name, Description="rules", VpcId=vpc)["GroupId"]


def web(block="10.0.0.0/8", port=443, **more):
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": block, **more}]}


def rules(ec2, group, egress=True):
    """Id, protocol, first port, block and description of each rule in that direction."""
    found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    return {one["SecurityGroupRuleId"]: (one["IpProtocol"], one.get("FromPort"), one.get("CidrIpv4"), one.get("Description"))
            for one in found if one["IsEgress"] == egress}


def test_what_may_leave(ec2, group):
    [everything] = rules(ec2, group)
    assert rules(ec2, group)[everything] == ("-1", -1, "0.0.0.0/0", None)
    [made] = ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[web(Description="web")])["SecurityGroupRules"]
    assert (made["GroupId"], made["IsEgress"], made["CidrIpv4"]) == (group, True, "10.0.0.0/8")
    name = made["SecurityGroupRuleId"]
    assert rules(ec2, group)[name] == ("tcp", 443, "10.0.0.0/8", "web") and rules(ec2, group, egress=False) == {}
    assert error_of(ec2.authorize_security_group_egress, GroupId=group, IpPermissions=[web()])[:2] == (
        "InvalidPermission.Duplicate", 'the specified rule "peer: 10.0.0.0/8, TCP, from port: 443, to port: 443, ALLOW" already exists')
    revoked = ec2.revoke_security_group_egress(GroupId=group, SecurityGroupRuleIds=[everything])["RevokedSecurityGroupRules"]
    assert [one["SecurityGroupRuleId"] for one in revoked] == [everything]
    shown = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"]
    assert [(one["IpProtocol"], one["IpRanges"]) for one in shown] == [("tcp", [{"CidrIp": "10.0.0.0/8", "Description": "web"}])]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[web()])
    assert rules(ec2, group) == {}
    assert error_of(ec2.revoke_security_group_egress, GroupId=group, IpPermissions=[web()])[:2] == (
        "InvalidPermission.NotFound", "The specified rule does not exist in this security group.")


def test_rules_get_another_content(ec2, group):
    name = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[web(port=22)])["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    content = {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "CidrIpv4": "172.16.0.0/12", "Description": "names"}
    change = lambda rule, **more: {"GroupId": group, "SecurityGroupRules": [{"SecurityGroupRuleId": rule, "SecurityGroupRule": {**content, **more}}]}
    assert ec2.modify_security_group_rules(**change(name))["Return"]
    assert rules(ec2, group, egress=False) == {name: ("udp", 53, "172.16.0.0/12", "names")}
    none = "sgr-0123456789abcdef0"
    assert error_of(ec2.modify_security_group_rules, **change(none))[:2] == (
        "InvalidSecurityGroupRuleId.NotFound", f"The security group rule ID '{none}' does not exist")
    assert error_of(ec2.modify_security_group_rules, **change(name, ReferencedGroupId=group))[0] == "InvalidParameterCombination"
    del content["CidrIpv4"]
    for parameter, peer in (("CidrIpv6", "2001:db8::/32"), ("ReferencedGroupId", group)):
        assert error_of(ec2.modify_security_group_rules, **change(name, **{parameter: peer}))[:2] == (
            "InvalidParameterValue", f"The type of the security group rule '{name}' cannot change from CidrIpv4 to {parameter}.")
    assert rules(ec2, group, egress=False) == {name: ("udp", 53, "172.16.0.0/12", "names")}


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_descriptions(ec2, group, direction):
    authorize, describe = (getattr(ec2, name.format(direction)) for name in ("authorize_security_group_{}", "update_security_group_rule_descriptions_{}"))
    name = authorize(GroupId=group, IpPermissions=[web(Description="old")])["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    told = lambda: rules(ec2, group, egress=direction == "egress")[name][3]
    assert describe(GroupId=group, SecurityGroupRuleDescriptions=[{"SecurityGroupRuleId": name, "Description": "by id"}])["Return"]
    assert told() == "by id"
    describe(GroupId=group, IpPermissions=[web(Description="by content")])
    assert told() == "by content"
    assert error_of(describe, GroupId=group, IpPermissions=[web(port=80)])[:2] == (
        "InvalidPermission.NotFound", "The specified rule does not exist in this security group.")


def test_permissions(server, ec2, group):
    made = ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[web()])["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    other = ec2.create_security_group(GroupName="other", Description="rules", VpcId=ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["VpcId"])["GroupId"]
    content = [{"SecurityGroupRuleId": made, "SecurityGroupRule": {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "CidrIpv4": "10.0.0.0/8"}}]
    work = [("authorize_security_group_egress", {"IpPermissions": [web(port=80)]}),
            ("modify_security_group_rules", {"SecurityGroupRules": content}),
            ("update_security_group_rule_descriptions_egress", {"SecurityGroupRuleDescriptions": [{"SecurityGroupRuleId": made, "Description": "mine"}]}),
            ("revoke_security_group_egress", {"SecurityGroupRuleIds": [made]})]
    arn = "arn:aws:ec2:us-east-1:000000000000"
    of_one = {"StringEquals": {"ec2:SecurityGroupID": group}}
    actions = ["ec2:AuthorizeSecurityGroupEgress", "ec2:ModifySecurityGroupRules", "ec2:UpdateSecurityGroupRuleDescriptionsEgress", "ec2:RevokeSecurityGroupEgress"]
    keys = make_user(server.client("iam"), "ruler", allow(actions, f"{arn}:security-group/*", Condition=of_one), allow(actions, f"{arn}:security-group-rule/*"))
    user = server.client("ec2", keys)
    for operation, parameters in work:
        code, message, status = error_of(getattr(user, operation), GroupId=other, **parameters)
        assert (code, status) == ("UnauthorizedOperation", 403) and f"on resource: {arn}:security-group/{other} because" in message, operation
    for operation, parameters in work:
        assert getattr(user, operation)(GroupId=group, **parameters)["Return"]
    assert made not in rules(ec2, group)
