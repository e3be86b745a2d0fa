"""What EC2's operations leave in buckets: routes of a transit gateway, and the template that makes a flow log readable by Athena; and what is put there."""

import datetime
import json
import os
import sys
import types
import urllib.parse
import urllib.request

import pytest

from conftest import allow, attach_to_transit, default_transit_table, error_of, make_user, new_transit_gateway

ACCOUNT = "000000000000"
TEMPLATES, RESULTS = "arn:aws:s3:::templates/flows", "arn:aws:s3:::results"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(scope="module")
def vpc(ec2):
    return ec2.create_vpc(CidrBlock="10.71.0.0/16")["Vpc"]["VpcId"]


def listed(server, bucket):
    return {one["key"]: one for one in server.admin("GET", "s3-files")["s3Files"] if one["bucket"] == bucket}


def test_routes_of_a_transit_gateway(server, ec2, vpc):
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.71.1.0/24")["Subnet"]["SubnetId"]
    gateway = new_transit_gateway(server, ec2)
    attachment = attach_to_transit(server, ec2, gateway, vpc, [subnet])
    table = default_transit_table(ec2, gateway)
    ec2.create_transit_gateway_route(TransitGatewayRouteTableId=table, DestinationCidrBlock="192.168.0.0/16", Blackhole=True)
    wanted = dict(TransitGatewayRouteTableId=table, S3Bucket="routes")
    assert error_of(ec2.export_transit_gateway_routes, DryRun=True, **wanted)[0] == "DryRunOperation"
    assert listed(server, "routes") == {}
    location = ec2.export_transit_gateway_routes(**wanted)["S3Location"]
    [(key, told)] = listed(server, "routes").items()
    assert location == f"s3://routes/{key}"
    assert key.startswith(f"VPCTransitGateway/TransitGatewayRouteTables/{ACCOUNT}_us-east-1_{table}_")
    with urllib.request.urlopen(f"{server.url}/_rolecall/s3-files/routes/{key}") as answer:
        body = answer.read()
        assert answer.headers["content-type"] == told["mediaType"] == "application/json"
    assert (told["account"], told["region"], told["size"]) == (ACCOUNT, "us-east-1", len(body))
    own = {"resourceId": vpc, "transitGatewayAttachmentId": attachment, "resourceType": "vpc"}
    assert json.loads(body) == {"filter": [], "routes": [
        {"destinationCidrBlock": "10.71.0.0/16", "transitGatewayAttachments": [own], "type": "propagated", "state": "active"},
        {"destinationCidrBlock": "192.168.0.0/16", "type": "static", "state": "blackhole"}]}
    server.advance("1s")
    inside = {"Name": "route-search.subnet-of-match", "Values": ["10.0.0.0/8"]}
    location = ec2.export_transit_gateway_routes(Filters=[inside], **wanted)["S3Location"]
    found = server.admin("GET", "s3-files/" + location.removeprefix("s3://"))
    assert found["filter"] == [{"name": "route-search.subnet-of-match", "values": ["10.0.0.0/8"]}]
    assert [one["destinationCidrBlock"] for one in found["routes"]] == ["10.71.0.0/16"]


def template_of(server, ec2, flow_log, **integration):
    """The template that is left for one integration."""
    before = set(listed(server, "templates"))
    integration = {"IntegrationResultS3DestinationArn": RESULTS, **integration}
    url = ec2.get_flow_logs_integration_template(
        FlowLogId=flow_log, ConfigDeliveryS3DestinationArn=TEMPLATES, IntegrateServices={"AthenaIntegrations": [integration]})["Result"]
    [key] = set(listed(server, "templates")) - before
    assert key.startswith(f"flows/VPCFlowLogsIntegrationTemplate_{flow_log}_") and key.endswith(".yml")
    assert url == f"https://templates.s3.us-east-1.amazonaws.com/{urllib.parse.quote(key)}"
    server.advance("1s")
    return server.admin("GET", f"s3-files/templates/{urllib.parse.quote(key)}")["Resources"]


def play(function, event, monkeypatch):
    """Runs the code of a function of Lambda; the queries that it asks Athena, and whether the stack is told of success."""
    queries, told = [], []

    class Athena:
        def start_query_execution(self, QueryString, WorkGroup):
            queries.append(QueryString)
            return {"QueryExecutionId": "one"}

        def get_query_execution(self, QueryExecutionId):
            return {"QueryExecution": {"Status": {"State": "SUCCEEDED"}}}

    response = types.SimpleNamespace(SUCCESS="SUCCESS", FAILED="FAILED", send=lambda event, context, status, data: told.append(status))
    monkeypatch.setitem(sys.modules, "boto3", types.SimpleNamespace(client=lambda service: Athena()))
    monkeypatch.setitem(sys.modules, "cfnresponse", response)
    for name, value in function["Environment"]["Variables"].items():
        monkeypatch.setitem(os.environ, name, value)
    code = {}
    exec(function["Code"]["ZipFile"], code)
    code["handler"](event, None)
    return queries, told


def test_a_flow_log_for_athena(server, ec2, vpc, monkeypatch):
    logs = {"ResourceType": "VPC", "ResourceIds": [vpc], "TrafficType": "ALL", "LogDestinationType": "s3"}
    [plain] = ec2.create_flow_logs(LogDestination="arn:aws:s3:::logs/all", **logs)["FlowLogIds"]
    begin, end = datetime.datetime(2021, 7, 21), datetime.datetime(2021, 7, 22, 12)
    resources = template_of(server, ec2, plain, PartitionLoadFrequency="none", PartitionStartDate=begin, PartitionEndDate=end)
    columns = resources["Integration1Table"]["Properties"]["TableInput"]["StorageDescriptor"]["Columns"]
    shown = ec2.describe_flow_logs(FlowLogIds=[plain])["FlowLogs"][0]["LogFormat"]
    assert [one["Name"] for one in columns] == [field[2:-1].replace("-", "_") for field in shown.split()]
    function = resources["Integration1Function"]["Properties"]
    queries, told = play(function, {"RequestType": "Create"}, monkeypatch)
    variables = function["Environment"]["Variables"]
    place = f"s3://logs/all/AWSLogs/{ACCOUNT}/vpcflowlogs/us-east-1"
    assert queries == [f"ALTER TABLE `{variables['DATABASE']}`.`{variables['TABLE']}` ADD IF NOT EXISTS "
                       f"PARTITION (`year` = '2021', `month` = '07', `day` = '21') LOCATION '{place}/2021/07/21/' "
                       f"PARTITION (`year` = '2021', `month` = '07', `day` = '22') LOCATION '{place}/2021/07/22/'"]
    assert told == ["SUCCESS"]
    assert play(function, {"RequestType": "Delete"}, monkeypatch) == ([], ["SUCCESS"])

    options = {"FileFormat": "parquet", "HiveCompatiblePartitions": True, "PerHourPartition": True}
    [hourly] = ec2.create_flow_logs(LogDestination="arn:aws:s3:::others", LogFormat="${az-id} ${bytes}", DestinationOptions=options, **logs)["FlowLogIds"]
    resources = template_of(server, ec2, hourly, PartitionLoadFrequency="weekly")
    assert {name for name in resources if "Query" in name} == {"Integration1QueryZoneTraffic"}
    assert resources["Integration1Schedule"]["Properties"]["ScheduleExpression"] == "cron(0 0 ? * SUN *)"
    [query], told = play(resources["Integration1Function"]["Properties"], {"source": "aws.events"}, monkeypatch)
    assert told == [] and query.count("PARTITION (") >= 7 * 24
    assert f"s3://others/AWSLogs/aws-account-id={ACCOUNT}/aws-service=vpcflowlogs/aws-region=us-east-1/year=" in query and "/hour=00/'" in query


def put(server, path, body, method="PUT", **headers):
    request = urllib.request.Request(f"{server.url}/_rolecall/s3-files/{path}", data=body, method=method, headers=headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_files_that_are_put(server):
    disk = bytes(range(256))
    told = put(server, "disks/vms/a%20disk.raw?account=222222222222&region=eu-west-1", disk, **{"Content-Type": "application/x-raw"})
    assert told == listed(server, "disks")["vms/a disk.raw"]
    assert (told["account"], told["region"], told["size"], told["mediaType"]) == ("222222222222", "eu-west-1", 256, "application/x-raw")
    with urllib.request.urlopen(f"{server.url}/_rolecall/s3-files/disks/vms/a%20disk.raw") as answer:
        assert (answer.read(), answer.headers["content-type"]) == (disk, "application/x-raw")
    large = put(server, "disks/large.vmdk?size=20GiB", b"")
    assert (large["account"], large["region"], large["size"]) == (ACCOUNT, "us-east-1", 20 << 30)
    assert put(server, "disks/large.vmdk", b"another")["size"] == len("another")
    assert put(server, "disks/large.vmdk", None, method="DELETE") == {"deleted": True}
    assert set(listed(server, "disks")) == {"vms/a disk.raw"}
    assert server.refused("DELETE", "s3-files/disks/large.vmdk") == (404, "there is no such file")
    for path, words in [
        ("disks/x?size=20GB", "`20GB` is no size such as 1048576, 512MiB or 20GiB, up to 50 TB"), ("disks/x?size=51TiB", "`51TiB` is no size such as"),
        ("disks/x?size=-1", "`-1` is no size"), ("disks/x?region=mars", "`mars` is no region"), ("disks/x?account=1", "`1` is no account"),
        ("disks/x?colour=red", "`colour` is no parameter of this call"), ("Disks/x", "`Disks` can be no bucket's name"),
        ("disks/" + "x" * 1025, "a key has at most 1024 bytes"),
    ]:
        status, told = server.refused("PUT", f"s3-files/{path}", {})
        assert status == 400 and told.startswith(words)
    assert server.refused("PUT", "s3-files/disks", {})[0] == server.refused("POST", "s3-files/disks/x", {})[0] == 405


def test_refusals(server, ec2, vpc):
    assert server.refused("GET", "s3-files/routes/nothing") == (404, "there is no such file")
    assert server.refused("GET", "s3-files/routes") == (404, "there is no such file")
    assert server.refused("PUT", "s3-files")[0] == 405
    user = server.client("ec2", make_user(server.client("iam"), "exporter", allow("ec2:GetFlowLogsIntegrationTemplate", Condition={
        "StringEquals": {"aws:ResourceTag/team": "red"}})))
    [flow_log] = ec2.create_flow_logs(ResourceType="VPC", ResourceIds=[vpc], TrafficType="ALL", LogDestinationType="s3",
                                      LogDestination="arn:aws:s3:::third")["FlowLogIds"]
    wanted = {"FlowLogId": flow_log, "ConfigDeliveryS3DestinationArn": "arn:aws:s3:::denied", "IntegrateServices": {"AthenaIntegrations": [
        {"IntegrationResultS3DestinationArn": RESULTS, "PartitionLoadFrequency": "daily"}]}}
    assert error_of(user.get_flow_logs_integration_template, **wanted)[0] == "UnauthorizedOperation"
    assert listed(server, "denied") == {}
    ec2.create_tags(Resources=[flow_log], Tags=[{"Key": "team", "Value": "red"}])
    user.get_flow_logs_integration_template(**wanted)
    assert len(listed(server, "denied")) == 1
    denied = error_of(user.export_transit_gateway_routes, TransitGatewayRouteTableId="tgw-rtb-0123456789abcdef0", S3Bucket="routes")
    assert denied[0] == "UnauthorizedOperation"
