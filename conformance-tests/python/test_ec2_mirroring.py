"""Traffic mirroring: filters, rules, targets and sessions, and what one keeps of the others."""

import pytest

from conftest import allow, error_of, launch, make_user

TAGS = [{"Key": "team", "Value": "red"}]
RULE = {"TrafficDirection": "ingress", "RuleNumber": 10, "RuleAction": "accept", "SourceCidrBlock": "10.0.0.0/8", "DestinationCidrBlock": "0.0.0.0/0"}


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


@pytest.fixture(scope="module")
def source(ec2):
    """The interface of an instance."""
    instance = launch(ec2)
    return ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["NetworkInterfaces"][0]["NetworkInterfaceId"]


@pytest.fixture(scope="module")
def sink(ec2):
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    return ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]


def test_filters_and_rules(server, ec2):
    made = ec2.create_traffic_mirror_filter(Description="web", TagSpecifications=tagged("traffic-mirror-filter"), ClientToken="one")
    assert made["ClientToken"] == "one"
    made = made["TrafficMirrorFilter"]
    assert (made["Description"], made["Tags"], made["IngressFilterRules"], made["EgressFilterRules"], made["NetworkServices"]) == ("web", TAGS, [], [], [])
    name = {"TrafficMirrorFilterId": made["TrafficMirrorFilterId"]}
    rule = ec2.create_traffic_mirror_filter_rule(**name, **RULE, Protocol=6, DestinationPortRange={"FromPort": 80, "ToPort": 443},
                                                 TagSpecifications=tagged("traffic-mirror-filter-rule"))["TrafficMirrorFilterRule"]
    assert (rule["Protocol"], rule["DestinationPortRange"], rule["Tags"]) == (6, {"FromPort": 80, "ToPort": 443}, TAGS)
    other = ec2.create_traffic_mirror_filter_rule(**name, **{**RULE, "TrafficDirection": "egress", "RuleAction": "reject"})["TrafficMirrorFilterRule"]
    shown = ec2.describe_traffic_mirror_filters(Filters=[{"Name": "description", "Values": ["w*"]}])["TrafficMirrorFilters"]
    assert [one["TrafficMirrorFilterRuleId"] for one in shown[0]["IngressFilterRules"]] == [rule["TrafficMirrorFilterRuleId"]]
    assert [one["TrafficMirrorFilterRuleId"] for one in shown[0]["EgressFilterRules"]] == [other["TrafficMirrorFilterRuleId"]]
    found = ec2.describe_traffic_mirror_filter_rules(**name, Filters=[{"Name": "rule-action", "Values": ["reject"]}])["TrafficMirrorFilterRules"]
    assert [one["TrafficMirrorFilterRuleId"] for one in found] == [other["TrafficMirrorFilterRuleId"]]
    changed = ec2.modify_traffic_mirror_filter_rule(TrafficMirrorFilterRuleId=rule["TrafficMirrorFilterRuleId"], RuleNumber=20,
                                                    RemoveFields=["destination-port-range"])["TrafficMirrorFilterRule"]
    assert changed["RuleNumber"] == 20 and "DestinationPortRange" not in changed and "Tags" not in changed
    assert error_of(ec2.create_traffic_mirror_filter_rule, **name, **{**RULE, "RuleNumber": 20})[0] == "TrafficMirrorFilterRuleAlreadyExists"
    services = ec2.modify_traffic_mirror_filter_network_services(**name, AddNetworkServices=["amazon-dns"])["TrafficMirrorFilter"]
    assert services["NetworkServices"] == ["amazon-dns"]
    ec2.modify_traffic_mirror_filter_network_services(**name, RemoveNetworkServices=["amazon-dns"])
    assert ec2.describe_traffic_mirror_filters(TrafficMirrorFilterIds=list(name.values()))["TrafficMirrorFilters"][0]["NetworkServices"] == []
    ec2.delete_traffic_mirror_filter_rule(TrafficMirrorFilterRuleId=other["TrafficMirrorFilterRuleId"])
    assert ec2.describe_traffic_mirror_filters(TrafficMirrorFilterIds=list(name.values()))["TrafficMirrorFilters"][0]["EgressFilterRules"] == []
    assert ec2.delete_traffic_mirror_filter(**name) ["TrafficMirrorFilterId"] == name["TrafficMirrorFilterId"]
    assert error_of(ec2.describe_traffic_mirror_filter_rules, TrafficMirrorFilterRuleIds=[rule["TrafficMirrorFilterRuleId"]])[0] == "InvalidTrafficMirrorFilterRuleId.NotFound"
    assert server.client("ec2", region="eu-west-1").describe_traffic_mirror_filters()["TrafficMirrorFilters"] == []


def test_a_session(ec2, source, sink):
    filter_id = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=sink, Description="sink", TagSpecifications=tagged("traffic-mirror-target"))["TrafficMirrorTarget"]
    assert (target["Type"], target["OwnerId"], target["NetworkInterfaceId"], target["Tags"]) == ("network-interface", "000000000000", sink, TAGS)
    arn = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/web/0123456789abcdef"
    balancer = ec2.create_traffic_mirror_target(NetworkLoadBalancerArn=arn)["TrafficMirrorTarget"]
    assert balancer["Type"] == "network-load-balancer"
    assert error_of(ec2.create_traffic_mirror_target, NetworkLoadBalancerArn=arn)[0] == "NlbInUseByTrafficMirrorTargetException"
    wish = {"NetworkInterfaceId": source, "TrafficMirrorTargetId": target["TrafficMirrorTargetId"], "TrafficMirrorFilterId": filter_id}
    session = ec2.create_traffic_mirror_session(**wish, SessionNumber=1, VirtualNetworkId=7, TagSpecifications=tagged("traffic-mirror-session"))["TrafficMirrorSession"]
    assert (session["VirtualNetworkId"], session["SessionNumber"], session["OwnerId"], session["Tags"]) == (7, 1, "000000000000", TAGS)
    name = {"TrafficMirrorSessionId": session["TrafficMirrorSessionId"]}
    drawn = ec2.create_traffic_mirror_session(**wish, SessionNumber=2, PacketLength=100)["TrafficMirrorSession"]
    assert 0 <= drawn["VirtualNetworkId"] < 2 ** 24
    changed = ec2.modify_traffic_mirror_session(**name, TrafficMirrorTargetId=balancer["TrafficMirrorTargetId"], PacketLength=200, Description="new")["TrafficMirrorSession"]
    assert (changed["TrafficMirrorTargetId"], changed["PacketLength"]) == (balancer["TrafficMirrorTargetId"], 200)
    changed = ec2.modify_traffic_mirror_session(**name, RemoveFields=["packet-length", "description"])["TrafficMirrorSession"]
    assert "PacketLength" not in changed and "Description" not in changed
    found = ec2.describe_traffic_mirror_sessions(Filters=[{"Name": "traffic-mirror-target-id", "Values": [balancer["TrafficMirrorTargetId"]]}])
    assert [one["TrafficMirrorSessionId"] for one in found["TrafficMirrorSessions"]] == list(name.values())
    assert error_of(ec2.delete_traffic_mirror_target, TrafficMirrorTargetId=balancer["TrafficMirrorTargetId"]) == (
        "TrafficMirrorTargetInUse", f"Cannot delete {balancer['TrafficMirrorTargetId']}. Target is in use by {session['TrafficMirrorSessionId']}", 400)
    assert error_of(ec2.delete_traffic_mirror_filter, TrafficMirrorFilterId=filter_id)[0] == "TrafficMirrorFilterInUse"
    assert error_of(ec2.delete_network_interface, NetworkInterfaceId=sink)[0] == "InterfaceInUseByTrafficMirrorTarget"
    for one in (session, drawn):
        assert ec2.delete_traffic_mirror_session(TrafficMirrorSessionId=one["TrafficMirrorSessionId"])["TrafficMirrorSessionId"]
    for one in (target, balancer):
        ec2.delete_traffic_mirror_target(TrafficMirrorTargetId=one["TrafficMirrorTargetId"])
    assert ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"] == []
    ec2.delete_traffic_mirror_filter(TrafficMirrorFilterId=filter_id)


def test_a_session_ends_with_its_source(ec2, sink):
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    interface = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    filter_id = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=sink)["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    ec2.create_traffic_mirror_session(NetworkInterfaceId=interface, TrafficMirrorTargetId=target, TrafficMirrorFilterId=filter_id, SessionNumber=1)
    ec2.delete_network_interface(NetworkInterfaceId=interface)
    assert ec2.describe_traffic_mirror_sessions()["TrafficMirrorSessions"] == []
    ec2.delete_traffic_mirror_target(TrafficMirrorTargetId=target)


def test_pages(ec2):
    made = {ec2.create_traffic_mirror_filter(Description="page")["TrafficMirrorFilter"]["TrafficMirrorFilterId"] for _ in range(12)}
    pages = list(ec2.get_paginator("describe_traffic_mirror_filters").paginate(
        Filters=[{"Name": "description", "Values": ["page"]}], PaginationConfig={"PageSize": 5}))
    assert [len(page["TrafficMirrorFilters"]) for page in pages] == [5, 5, 2]
    assert {one["TrafficMirrorFilterId"] for page in pages for one in page["TrafficMirrorFilters"]} == made


def test_permissions(server, ec2, source):
    red = ec2.create_traffic_mirror_filter(TagSpecifications=tagged("traffic-mirror-filter"))["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    blue = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    ours = f"arn:aws:ec2:us-east-1:000000000000:traffic-mirror-filter/{red}"
    rules = "arn:aws:ec2:us-east-1:000000000000:traffic-mirror-filter-rule/*"
    is_red = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    keys = make_user(server.client("iam"), "mirrors", allow(["ec2:CreateTrafficMirrorFilterRule", "ec2:ModifyTrafficMirrorFilterRule"], [ours, rules]),
                     allow("ec2:DeleteTrafficMirrorFilter", Condition=is_red))
    user = server.client("ec2", keys)
    rule = user.create_traffic_mirror_filter_rule(TrafficMirrorFilterId=red, **RULE)["TrafficMirrorFilterRule"]["TrafficMirrorFilterRuleId"]
    assert user.modify_traffic_mirror_filter_rule(TrafficMirrorFilterRuleId=rule, RuleNumber=2)["TrafficMirrorFilterRule"]["RuleNumber"] == 2
    assert error_of(user.create_traffic_mirror_filter_rule, TrafficMirrorFilterId=blue, **RULE)[0] == "UnauthorizedOperation"
    of_blue = ec2.create_traffic_mirror_filter_rule(TrafficMirrorFilterId=blue, **RULE)["TrafficMirrorFilterRule"]["TrafficMirrorFilterRuleId"]
    assert error_of(user.modify_traffic_mirror_filter_rule, TrafficMirrorFilterRuleId=of_blue, RuleNumber=2)[0] == "UnauthorizedOperation"
    assert error_of(user.delete_traffic_mirror_filter, TrafficMirrorFilterId=blue)[0] == "UnauthorizedOperation"
    assert error_of(user.delete_traffic_mirror_filter, TrafficMirrorFilterId=red, DryRun=True)[0] == "DryRunOperation"
    user.delete_traffic_mirror_filter(TrafficMirrorFilterId=red)
