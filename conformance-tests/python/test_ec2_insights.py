"""Reachability Analyzer: paths, what analyses of them find, and permissions."""

import pytest

from conftest import allow, error_of, launch, make_user

TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(scope="module")
def ends(ec2):
    return launch(ec2), ec2.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]


def test_a_path(server, ec2, ends):
    instance, gateway = ends
    wish = {"Source": instance, "Destination": gateway, "Protocol": "tcp", "DestinationPort": 443, "ClientToken": "one",
            "TagSpecifications": [{"ResourceType": "network-insights-path", "Tags": TAGS}]}
    made = ec2.create_network_insights_path(**wish)["NetworkInsightsPath"]
    assert (made["Source"], made["Destination"], made["DestinationPort"], made["Tags"]) == (instance, gateway, 443, TAGS)
    assert made["SourceArn"] == f"arn:aws:ec2:us-east-1:000000000000:instance/{instance}"
    name = made["NetworkInsightsPathId"]
    assert made["NetworkInsightsPathArn"] == f"arn:aws:ec2:us-east-1:000000000000:network-insights-path/{name}"
    assert ec2.create_network_insights_path(**wish)["NetworkInsightsPath"]["NetworkInsightsPathId"] == name
    by_address = ec2.create_network_insights_path(Source=made["SourceArn"], Protocol="udp", FilterAtSource={
        "DestinationAddress": "10.0.0.7", "DestinationPortRange": {"FromPort": 53, "ToPort": 53}})["NetworkInsightsPath"]
    assert by_address["Source"] == instance and by_address["FilterAtSource"]["DestinationAddress"] == "10.0.0.7"
    for filter_name, value, expected in (("source", instance, {name, by_address["NetworkInsightsPathId"]}), ("protocol", "tcp", {name}),
                                         ("filter-at-source.destination-address", "10.0.0.*", {by_address["NetworkInsightsPathId"]})):
        found = ec2.describe_network_insights_paths(Filters=[{"Name": filter_name, "Values": [value]}])["NetworkInsightsPaths"]
        assert {one["NetworkInsightsPathId"] for one in found} == expected, filter_name
    assert ec2.describe_network_insights_paths(MaxResults=1)["NextToken"]
    assert server.client("ec2", region="eu-west-1").describe_network_insights_paths()["NetworkInsightsPaths"] == []
    assert ec2.delete_network_insights_path(NetworkInsightsPathId=name)["NetworkInsightsPathId"] == name
    assert error_of(ec2.describe_network_insights_paths, NetworkInsightsPathIds=[name])[0] == "InvalidNetworkInsightsPathId.NotFound"


def analyse(server, ec2, path, **more):
    begun = ec2.start_network_insights_analysis(NetworkInsightsPathId=path, **more)["NetworkInsightsAnalysis"]
    assert begun["Status"] == "running" and "NetworkPathFound" not in begun
    server.advance("5m")
    [done] = ec2.describe_network_insights_analyses(NetworkInsightsAnalysisIds=[begun["NetworkInsightsAnalysisId"]])["NetworkInsightsAnalyses"]
    assert done["Status"] == "succeeded" and done["StartDate"] == begun["StartDate"]
    return done


def codes(analysis):
    return sorted(one["ExplanationCode"] for one in analysis.get("Explanations", []))


def components(analysis, member="ForwardPathComponents"):
    assert [one["SequenceNumber"] for one in analysis[member]] == list(range(1, len(analysis[member]) + 1))
    return [one["Component"]["Id"].split("-")[0] for one in analysis[member]]


def test_an_instance_from_the_internet(server, ec2, ends):
    instance, gateway = ends
    held = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    group, interface = held["SecurityGroups"][0]["GroupId"], held["NetworkInterfaces"][0]["NetworkInterfaceId"]
    path = ec2.create_network_insights_path(Source=gateway, Destination=instance, Protocol="tcp", DestinationPort=22)
    path = path["NetworkInsightsPath"]["NetworkInsightsPathId"]
    blocked = analyse(server, ec2, path)
    [fault] = blocked["Explanations"]
    assert not blocked["NetworkPathFound"] and "ForwardPathComponents" not in blocked
    assert (fault["ExplanationCode"], fault["Direction"], fault["NetworkInterface"]["Id"]) == ("ENI_SG_RULES_MISMATCH", "ingress", interface)
    assert [one["Id"] for one in fault["SecurityGroups"]] == [group] and fault["Vpc"]["Id"] == held["VpcId"] and fault["Subnet"]["Id"] == held["SubnetId"]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    found = analyse(server, ec2, path)
    assert found["NetworkPathFound"] and "Explanations" not in found
    assert components(found) == ["igw", "acl", "sg", "eni", "i"] and components(found, "ReturnPathComponents") == ["i", "eni", "sg", "acl", "rtb", "igw"]
    first, acl, allowed, own, _ = found["ForwardPathComponents"]
    assert first["InboundHeader"]["DestinationAddresses"] == [held["PublicIpAddress"] + "/32"]
    assert first["InboundHeader"]["DestinationPortRanges"] == [{"From": 22, "To": 22}] and first["InboundHeader"]["Protocol"] == "6"
    assert "11.0.0.0/8" in first["InboundHeader"]["SourceAddresses"] and "10.0.0.0/8" not in first["InboundHeader"]["SourceAddresses"]
    assert first["OutboundHeader"] == {"DestinationAddresses": [held["PrivateIpAddress"] + "/32"]}
    assert acl["AclRule"] == {"Cidr": "0.0.0.0/0", "Egress": False, "Protocol": "all", "RuleAction": "allow", "RuleNumber": 100}
    assert allowed["SecurityGroupRule"] == {"Cidr": "0.0.0.0/0", "Direction": "ingress", "PortRange": {"From": 22, "To": 22}, "Protocol": "tcp"}
    assert own["AttachedTo"]["Id"] == instance and own["Subnet"]["Id"] == held["SubnetId"]
    route = found["ReturnPathComponents"][4]["RouteTableRoute"]
    assert route == {"DestinationCidr": "0.0.0.0/0", "GatewayId": gateway, "Origin": "createroute", "State": "active"}
    # Without its route the instance can't answer.
    table = found["ReturnPathComponents"][4]["Component"]["Id"]
    ec2.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    [fault] = analyse(server, ec2, path)["Explanations"]
    assert (fault["ExplanationCode"], fault["RouteTable"]["Id"], fault["Destination"]["Id"]) == ("NO_ROUTE_TO_DESTINATION", table, gateway)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    # What blocks public access blocks it, too.
    ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-ingress")
    assert codes(analyse(server, ec2, path)) == ["VPC_BLOCK_PUBLIC_ACCESS_ENABLED"]
    ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="off")
    passing = analyse(server, ec2, path, FilterInArns=[f"arn:aws:ec2:us-east-1:000000000000:security-group/{group}"])
    assert passing["NetworkPathFound"] and passing["FilterInArns"]
    without = analyse(server, ec2, path, FilterOutArns=[f"arn:aws:ec2:us-east-1:000000000000:security-group/{group}"])
    assert codes(without) == ["COMPONENT_FILTER_RESTRICTION_REMOVED_COMPONENT"]
    by = ec2.describe_network_insights_analyses(NetworkInsightsPathId=path, Filters=[{"Name": "path-found", "Values": ["true"]}])
    assert {one["NetworkInsightsAnalysisId"] for one in by["NetworkInsightsAnalyses"]} == {one["NetworkInsightsAnalysisId"] for one in (found, passing)}
    pages = ec2.get_paginator("describe_network_insights_analyses").paginate(NetworkInsightsPathId=path, PaginationConfig={"PageSize": 1})
    seen = [one["NetworkInsightsAnalysisId"] for page in pages for one in page["NetworkInsightsAnalyses"]]
    assert len(seen) == len(set(seen)) == 6
    code, text, _ = error_of(ec2.delete_network_insights_path, NetworkInsightsPathId=path)
    assert code == "AnalysisExistsForNetworkInsightsPath" and seen[0] in text
    for one in seen:
        assert ec2.delete_network_insights_analysis(NetworkInsightsAnalysisId=one)["NetworkInsightsAnalysisId"] == one
    ec2.delete_network_insights_path(NetworkInsightsPathId=path)


def test_between_peered_networks(server, ec2):
    made = []
    for second in (81, 82):
        vpc = ec2.create_vpc(CidrBlock=f"10.{second}.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{second}.0.0/24")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(GroupName="one", Description="one", VpcId=vpc)["GroupId"]
        interface = ec2.create_network_interface(SubnetId=subnet, Groups=[group])["NetworkInterface"]["NetworkInterfaceId"]
        [table] = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
        made.append((vpc, group, interface, table["RouteTableId"]))
    (one, _, here, of_one), (two, group, there, of_two) = made
    path = ec2.create_network_insights_path(Source=here, Destination=there, Protocol="udp", DestinationPort=53)
    path = path["NetworkInsightsPath"]["NetworkInsightsPathId"]
    assert codes(analyse(server, ec2, path)) == ["DISCONNECTED_VPCS"]
    peering = ec2.create_vpc_peering_connection(VpcId=one, PeerVpcId=two)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    server.advance("1m")
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    server.advance("1m")
    [fault] = analyse(server, ec2, path)["Explanations"]
    assert (fault["ExplanationCode"], fault["RouteTable"]["Id"], fault["Destination"]["Id"]) == ("NO_ROUTE_TO_DESTINATION", of_one, peering)
    ec2.create_route(RouteTableId=of_one, DestinationCidrBlock="10.82.0.0/16", VpcPeeringConnectionId=peering)
    assert codes(analyse(server, ec2, path)) == ["ENI_SG_RULES_MISMATCH"]
    rule = {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "IpRanges": [{"CidrIp": "10.81.0.0/24"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    # The replies need a way, too.
    [fault] = analyse(server, ec2, path)["Explanations"]
    assert (fault["ExplanationCode"], fault["RouteTable"]["Id"]) == ("NO_ROUTE_TO_DESTINATION", of_two)
    ec2.create_route(RouteTableId=of_two, DestinationCidrBlock="10.81.0.0/16", VpcPeeringConnectionId=peering)
    found = analyse(server, ec2, path)
    assert components(found) == components(found, "ReturnPathComponents") == ["eni", "sg", "acl", "rtb", "pcx", "acl", "sg", "eni"]
    across = found["ForwardPathComponents"][4]
    assert (across["SourceVpc"]["Id"], across["DestinationVpc"]["Id"]) == (one, two)
    # A denying rule of the other side's ACL comes first.
    [acl] = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [two]}])["NetworkAcls"]
    ec2.create_network_acl_entry(NetworkAclId=acl["NetworkAclId"], RuleNumber=10, Protocol="17", RuleAction="deny", Egress=False,
                                 CidrBlock="10.81.0.0/16", PortRange={"From": 0, "To": 100})
    [fault] = analyse(server, ec2, path)["Explanations"]
    assert (fault["ExplanationCode"], fault["Acl"]["Id"], fault["Direction"]) == ("SUBNET_ACL_RESTRICTION", acl["NetworkAclId"], "ingress")


def test_who_may_analyse(server, ec2, ends):
    instance, gateway = ends
    path = ec2.create_network_insights_path(Source=instance, Destination=gateway, Protocol="tcp", TagSpecifications=[
        {"ResourceType": "network-insights-path", "Tags": TAGS}])["NetworkInsightsPath"]["NetworkInsightsPathId"]
    other = ec2.create_network_insights_path(Source=instance, Destination=gateway, Protocol="udp")["NetworkInsightsPath"]["NetworkInsightsPathId"]
    of_team = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    keys = make_user(server.client("iam"), "analyst",
                     allow("ec2:StartNetworkInsightsAnalysis", "arn:aws:ec2:us-east-1:000000000000:network-insights-analysis/*"),
                     allow("ec2:StartNetworkInsightsAnalysis", "arn:aws:ec2:us-east-1:000000000000:network-insights-path/*", Condition=of_team))
    user = server.client("ec2", keys)
    assert error_of(user.start_network_insights_analysis, NetworkInsightsPathId=path, DryRun=True)[0] == "DryRunOperation"
    begun = user.start_network_insights_analysis(NetworkInsightsPathId=path, ClientToken="one")["NetworkInsightsAnalysis"]
    again = user.start_network_insights_analysis(NetworkInsightsPathId=path, ClientToken="one")["NetworkInsightsAnalysis"]
    assert begun["NetworkInsightsAnalysisId"] == again["NetworkInsightsAnalysisId"]
    code, text, _ = error_of(user.start_network_insights_analysis, NetworkInsightsPathId=other)
    assert code == "UnauthorizedOperation" and f"network-insights-path/{other}" in text
    tagged = [{"ResourceType": "network-insights-analysis", "Tags": TAGS}]
    assert error_of(user.start_network_insights_analysis, NetworkInsightsPathId=path, TagSpecifications=tagged)[0] == "UnauthorizedOperation"
    assert ec2.start_network_insights_analysis(NetworkInsightsPathId=path, TagSpecifications=tagged)["NetworkInsightsAnalysis"]["Tags"] == TAGS
    name = begun["NetworkInsightsAnalysisId"]
    for call in (user.delete_network_insights_analysis, user.describe_network_insights_analyses):
        arguments = {"NetworkInsightsAnalysisId": name} if call == user.delete_network_insights_analysis else {}
        assert error_of(call, **arguments)[0] == "UnauthorizedOperation"
    ec2.delete_network_insights_analysis(NetworkInsightsAnalysisId=name)
    assert error_of(ec2.delete_network_insights_analysis, NetworkInsightsAnalysisId=name)[0] == "InvalidNetworkInsightsAnalysisId.NotFound"


def test_permissions(server, ec2, ends):
    instance, gateway = ends
    resources = [f"arn:aws:ec2:us-east-1:000000000000:instance/{instance}", "arn:aws:ec2:us-east-1:000000000000:network-insights-path/*"]
    keys = make_user(server.client("iam"), "paths", allow(["ec2:CreateNetworkInsightsPath", "ec2:DeleteNetworkInsightsPath"], resources))
    user = server.client("ec2", keys)
    made = user.create_network_insights_path(Source=instance, DestinationIp="10.0.0.1", Protocol="tcp")["NetworkInsightsPath"]["NetworkInsightsPathId"]
    code, text, _ = error_of(user.create_network_insights_path, Source=instance, Destination=gateway, Protocol="tcp")
    assert code == "UnauthorizedOperation" and f"internet-gateway/{gateway}" in text
    assert error_of(user.describe_network_insights_paths)[0] == "UnauthorizedOperation"
    assert error_of(user.delete_network_insights_path, NetworkInsightsPathId=made, DryRun=True)[0] == "DryRunOperation"
    user.delete_network_insights_path(NetworkInsightsPathId=made)
