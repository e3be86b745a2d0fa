"""Network Access Analyzer: scopes, what analyses of them find, what is excluded, and permissions; and trust in Reachability Analyzer."""

import pytest

from conftest import allow, error_of, launch, make_user

TAGS = [{"Key": "team", "Value": "red"}]
FROM_INTERNET = {"Source": {"ResourceStatement": {"ResourceTypes": ["AWS::EC2::InternetGateway"]}}}
OTHER = "210987654321"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(scope="module")
def held(server, ec2):
    instance = launch(ec2)
    server.advance("1m")
    return ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]


def port(number):
    return {"Destination": {"PacketHeaderStatement": {"DestinationPorts": [number], "Protocols": ["tcp"]}}}


def new_scope(ec2, **more):
    return ec2.create_network_insights_access_scope(**more)["NetworkInsightsAccessScope"]["NetworkInsightsAccessScopeId"]


def findings(server, ec2, **more):
    """An analysis of a new scope, and the ids of the components of each way."""
    scope = new_scope(ec2, **more)
    begun = ec2.start_network_insights_access_scope_analysis(NetworkInsightsAccessScopeId=scope)["NetworkInsightsAccessScopeAnalysis"]
    name = begun["NetworkInsightsAccessScopeAnalysisId"]
    assert (begun["Status"], begun["FindingsFound"], "AnalyzedEniCount" in begun) == ("running", "unknown", False)
    early = ec2.get_network_insights_access_scope_analysis_findings(NetworkInsightsAccessScopeAnalysisId=name)
    assert (early["AnalysisStatus"], early["AnalysisFindings"]) == ("running", [])
    server.advance("5m")
    [done] = ec2.describe_network_insights_access_scope_analyses(NetworkInsightsAccessScopeId=scope)["NetworkInsightsAccessScopeAnalyses"]
    found = ec2.get_network_insights_access_scope_analysis_findings(NetworkInsightsAccessScopeAnalysisId=name)
    ways = found["AnalysisFindings"]
    assert done["Status"] == found["AnalysisStatus"] == "succeeded" and done["FindingsFound"] == ("true" if ways else "false")
    assert done["AnalyzedEniCount"] == len(ec2.describe_network_interfaces()["NetworkInterfaces"]) and done["EndDate"] > done["StartDate"]
    assert [one["FindingId"] for one in ways] == [f"AnalysisFinding-{number}" for number in range(1, len(ways) + 1)]
    assert {one["NetworkInsightsAccessScopeId"] for one in ways} <= {scope}
    return [[step["Component"]["Id"] for step in one["FindingComponents"]] for one in ways]


def test_what_comes_from_the_internet(server, ec2, held):
    instance, group = held["InstanceId"], held["SecurityGroups"][0]["GroupId"]
    interface = held["NetworkInterfaces"][0]["NetworkInterfaceId"]
    gateway = ec2.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]
    assert findings(server, ec2, MatchPaths=[FROM_INTERNET]) == []
    rule = lambda number: {"IpProtocol": "tcp", "FromPort": number, "ToPort": number, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule(443)])
    [way] = findings(server, ec2, MatchPaths=[FROM_INTERNET])
    assert way[0] == gateway and way[-2:] == [interface, instance] and group in way
    # By whatever the interface is in or attached to; the other condition adds nothing that is not told yet.
    for resource in (instance, interface, group, held["SubnetId"], held["VpcId"]):
        into = {**FROM_INTERNET, "Destination": {"ResourceStatement": {"Resources": [resource]}}}
        assert findings(server, ec2, MatchPaths=[into, FROM_INTERNET]) == [way], resource
    assert findings(server, ec2, MatchPaths=[FROM_INTERNET], ExcludePaths=[port("443")]) == []
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule(22)])
    assert findings(server, ec2, MatchPaths=[FROM_INTERNET], ExcludePaths=[port("443")]) == [way]
    assert findings(server, ec2, MatchPaths=[FROM_INTERNET], ExcludePaths=[port("443"), port("20-25")]) == []
    assert findings(server, ec2, MatchPaths=[{**FROM_INTERNET, **port("80")}]) == []
    listed = ec2.create_managed_prefix_list(PrefixListName="all", AddressFamily="IPv4", MaxEntries=2,
                                            Entries=[{"Cidr": "0.0.0.0/1"}, {"Cidr": "128.0.0.0/1"}])["PrefixList"]["PrefixListId"]
    server.advance("1m")
    trusted = {"Source": {"PacketHeaderStatement": {"SourcePrefixLists": [listed]}}}
    assert findings(server, ec2, MatchPaths=[FROM_INTERNET], ExcludePaths=[trusted]) == []
    through = {"ThroughResources": [{"ResourceStatement": {"ResourceTypes": ["AWS::EC2::NatGateway"]}}]}
    assert findings(server, ec2, MatchPaths=[{**FROM_INTERNET, **through}]) == []
    assert findings(server, ec2, MatchPaths=[FROM_INTERNET], ExcludePaths=[through]) == [way]
    outbound = {"Source": {"ResourceStatement": {"Resources": [instance]}},
                "Destination": {"ResourceStatement": {"ResourceTypes": ["AWS::EC2::InternetGateway"]}}}
    [out] = findings(server, ec2, MatchPaths=[outbound])
    assert out[:2] == [instance, interface] and out[-1] == gateway


def test_a_scope(server, ec2):
    wish = {"MatchPaths": [FROM_INTERNET], "ExcludePaths": [port("443")], "ClientToken": "one",
            "TagSpecifications": [{"ResourceType": "network-insights-access-scope", "Tags": TAGS}]}
    made = ec2.create_network_insights_access_scope(**wish)
    scope, content = made["NetworkInsightsAccessScope"], made["NetworkInsightsAccessScopeContent"]
    name = scope["NetworkInsightsAccessScopeId"]
    assert scope["NetworkInsightsAccessScopeArn"] == f"arn:aws:ec2:us-east-1:000000000000:network-insights-access-scope/{name}"
    assert (scope["Tags"], scope["CreatedDate"]) == (TAGS, scope["UpdatedDate"])
    assert content == {"NetworkInsightsAccessScopeId": name, "MatchPaths": [FROM_INTERNET], "ExcludePaths": [port("443")]}
    assert ec2.get_network_insights_access_scope_content(NetworkInsightsAccessScopeId=name)["NetworkInsightsAccessScopeContent"] == content
    assert ec2.create_network_insights_access_scope(**wish)["NetworkInsightsAccessScope"]["NetworkInsightsAccessScopeId"] == name
    assert error_of(ec2.create_network_insights_access_scope, **{**wish, "MatchPaths": [port("80")]})[0] == "IdempotentParameterMismatch"
    shown = ec2.describe_network_insights_access_scopes(Filters=[{"Name": "tag:team", "Values": ["red"]}])["NetworkInsightsAccessScopes"]
    assert [one["NetworkInsightsAccessScopeId"] for one in shown] == [name]
    west = server.client("ec2", region="us-west-2")
    assert error_of(west.describe_network_insights_access_scopes, NetworkInsightsAccessScopeIds=[name])[0] == "InvalidNetworkInsightsAccessScopeId.NotFound"
    analysis = ec2.start_network_insights_access_scope_analysis(
        NetworkInsightsAccessScopeId=name,
        TagSpecifications=[{"ResourceType": "network-insights-access-scope-analysis", "Tags": TAGS}])["NetworkInsightsAccessScopeAnalysis"]
    assert analysis["Tags"] == TAGS
    analysis = analysis["NetworkInsightsAccessScopeAnalysisId"]
    assert error_of(ec2.delete_network_insights_access_scope, NetworkInsightsAccessScopeId=name)[:2] == (
        "AnalysisExistsForNetworkInsightsAccessScope", f"{name} has analyses which must be deleted first: {analysis}")
    ec2.delete_network_insights_access_scope_analysis(NetworkInsightsAccessScopeAnalysisId=analysis)
    assert error_of(ec2.get_network_insights_access_scope_analysis_findings, NetworkInsightsAccessScopeAnalysisId=analysis)[0] == (
        "InvalidNetworkInsightsAccessScopeAnalysisId.NotFound")
    assert ec2.delete_network_insights_access_scope(NetworkInsightsAccessScopeId=name)["NetworkInsightsAccessScopeId"] == name


def test_who_may(server, ec2):
    name = new_scope(ec2, MatchPaths=[FROM_INTERNET])
    iam = server.client("iam")
    arn = f"arn:aws:ec2:us-east-1:000000000000:network-insights-access-scope/{name}"
    narrow = server.client("ec2", make_user(iam, "ann", allow("ec2:*NetworkInsightsAccessScope*", arn)))
    assert narrow.get_network_insights_access_scope_content(NetworkInsightsAccessScopeId=name)["NetworkInsightsAccessScopeContent"]["MatchPaths"]
    assert error_of(narrow.create_network_insights_access_scope, MatchPaths=[FROM_INTERNET])[0] == "UnauthorizedOperation"
    assert error_of(narrow.describe_network_insights_access_scopes)[0] == "UnauthorizedOperation"
    assert error_of(narrow.describe_network_insights_access_scope_analyses)[0] == "UnauthorizedOperation"
    # An analysis is a resource of its own.
    assert error_of(narrow.start_network_insights_access_scope_analysis, NetworkInsightsAccessScopeId=name)[0] == "UnauthorizedOperation"
    begun = ec2.start_network_insights_access_scope_analysis(NetworkInsightsAccessScopeId=name)["NetworkInsightsAccessScopeAnalysis"]
    analysis = {"NetworkInsightsAccessScopeAnalysisId": begun["NetworkInsightsAccessScopeAnalysisId"]}
    assert error_of(narrow.get_network_insights_access_scope_analysis_findings, **analysis)[0] == "UnauthorizedOperation"
    assert error_of(narrow.delete_network_insights_access_scope_analysis, **analysis)[0] == "UnauthorizedOperation"
    tagged = allow("ec2:DeleteNetworkInsightsAccessScope", Condition={"StringEquals": {"aws:ResourceTag/team": "red"}})
    keyed = server.client("ec2", make_user(iam, "bob", tagged))
    assert error_of(keyed.delete_network_insights_access_scope, NetworkInsightsAccessScopeId=name)[0] == "UnauthorizedOperation"
    ec2.delete_network_insights_access_scope_analysis(**analysis)
    ec2.create_tags(Resources=[name], Tags=TAGS)
    assert error_of(keyed.delete_network_insights_access_scope, NetworkInsightsAccessScopeId=name, DryRun=True)[0] == "DryRunOperation"
    keyed.delete_network_insights_access_scope(NetworkInsightsAccessScopeId=name)


def test_sharing_in_an_organization(server, ec2):
    assert error_of(ec2.enable_reachability_analyzer_organization_sharing) == (
        "OperationNotPermitted", "Organization sharing can be enabled only by the management account of an organization.", 400)
    user = server.client("ec2", make_user(server.client("iam"), "cid", allow("ec2:EnableReachabilityAnalyzerOrganizationSharing")))
    # The role that AWS makes with it has to be allowed as well.
    assert error_of(user.enable_reachability_analyzer_organization_sharing)[0] == "UnauthorizedOperation"
    accounts = [{"id": "000000000000", "name": "management"}, {"id": OTHER, "name": "member"}]
    server.admin("PUT", "organization", {"id": "o-a1b2c3d4e5", "managementAccount": "000000000000", "root": {"id": "r-ab12", "accounts": accounts}})
    gateway = ec2.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]
    path = ec2.create_network_insights_path(Source=gateway, DestinationIp="172.31.0.9", Protocol="tcp")["NetworkInsightsPath"]["NetworkInsightsPathId"]
    wide = {"NetworkInsightsPathId": path, "AdditionalAccounts": [OTHER]}
    assert error_of(ec2.start_network_insights_analysis, **wide)[0] == "InvalidParameterValue"
    member = server.client("ec2", server.account(OTHER))
    assert error_of(member.enable_reachability_analyzer_organization_sharing)[0] == "OperationNotPermitted"
    assert ec2.enable_reachability_analyzer_organization_sharing()["ReturnValue"] is True
    assert ec2.start_network_insights_analysis(**wide)["NetworkInsightsAnalysis"]["Status"] == "running"
    server.admin("DELETE", "organization")


def test_pages_of_findings(server, ec2):
    made = {launch(ec2) for _ in range(4)}
    server.advance("1m")
    outbound = {"Destination": {"ResourceStatement": {"ResourceTypes": ["AWS::EC2::InternetGateway"]}}}
    scope = new_scope(ec2, MatchPaths=[outbound])
    name = ec2.start_network_insights_access_scope_analysis(NetworkInsightsAccessScopeId=scope)["NetworkInsightsAccessScopeAnalysis"]
    name = name["NetworkInsightsAccessScopeAnalysisId"]
    server.advance("5m")
    walk = ec2.get_paginator("get_network_insights_access_scope_analysis_findings")
    pages = list(walk.paginate(NetworkInsightsAccessScopeAnalysisId=name, PaginationConfig={"PageSize": 1}))
    assert len(pages) > 3 and {len(page["AnalysisFindings"]) for page in pages} == {1}
    assert {page["AnalysisFindings"][0]["FindingComponents"][0]["Component"]["Id"] for page in pages} >= made
