"""Paths of Reachability Analyzer: their ends, filters and permissions."""

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
