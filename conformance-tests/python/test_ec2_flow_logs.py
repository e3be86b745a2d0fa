"""Flow logs: one for each resource, which get none, with which role, and who may not."""

import pytest

from conftest import allow, error_of, make_user, trust

TAGS = [{"Key": "team", "Value": "red"}]
BUCKET = {"TrafficType": "ALL", "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::logs"}


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(scope="module")
def vpc(ec2):
    return ec2.create_vpc(CidrBlock="10.61.0.0/16")["Vpc"]["VpcId"]


def test_to_a_bucket(ec2, vpc):
    made = ec2.create_flow_logs(ResourceType="VPC", ResourceIds=[vpc, "vpc-0123456789abcdef0"], MaxAggregationInterval=60, ClientToken="one",
                                TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": TAGS}], **BUCKET)
    failed = made["Unsuccessful"][0]
    assert (failed["ResourceId"], failed["Error"]["Code"]) == ("vpc-0123456789abcdef0", "InvalidVpcID.NotFound")
    found = ec2.describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [vpc]}])["FlowLogs"]
    assert [one["FlowLogId"] for one in found] == made["FlowLogIds"]
    one = found[0]
    assert (one["FlowLogStatus"], one["DeliverLogsStatus"], one["MaxAggregationInterval"], one["Tags"]) == ("ACTIVE", "SUCCESS", 60, TAGS)
    assert one["LogFormat"].startswith("${version} ${account-id}")
    again = ec2.create_flow_logs(ResourceType="VPC", ResourceIds=[vpc], **BUCKET)["Unsuccessful"][0]["Error"]
    assert again == {"Code": "FlowLogAlreadyExists", "Message": "Error. There is an existing Flow Log with the same configuration and log destination."}
    assert ec2.delete_flow_logs(FlowLogIds=made["FlowLogIds"])["Unsuccessful"] == []
    gone = error_of(ec2.describe_flow_logs, FlowLogIds=made["FlowLogIds"])
    assert gone[:2] == ("InvalidFlowLogId.NotFound", f"These flow log ids in the input list are not found: [TotalCount: 1] {made['FlowLogIds'][0]}")


def test_to_a_log_group(server, ec2):
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    iam = server.client("iam")
    role = iam.create_role(RoleName="flows", AssumeRolePolicyDocument=trust("vpc-flow-logs.amazonaws.com"))["Role"]["Arn"]
    wanted = {"ResourceType": "Subnet", "ResourceIds": [subnet], "TrafficType": "REJECT", "LogGroupName": "flows", "DeliverLogsPermissionArn": role}
    user = server.client("ec2", make_user(iam, "flow-maker", allow("ec2:CreateFlowLogs")))
    assert error_of(user.create_flow_logs, **wanted)[0] == "UnauthorizedOperation"
    passed = {"StringEquals": {"iam:PassedToService": "vpc-flow-logs.amazonaws.com"}}
    user = server.client("ec2", make_user(iam, "flow-passer", allow("ec2:CreateFlowLogs"), allow("iam:PassRole", role, Condition=passed)))
    made = user.create_flow_logs(**wanted)["FlowLogIds"]
    found = ec2.describe_flow_logs(FlowLogIds=made)["FlowLogs"][0]
    assert (found["DeliverLogsStatus"], found["LogGroupName"], found["LogDestinationType"]) == ("SUCCESS", "flows", "cloud-watch-logs")
    iam.delete_role(RoleName="flows")
    found = ec2.describe_flow_logs(Filters=[{"Name": "deliver-log-status", "Values": ["FAILED"]}])["FlowLogs"][0]
    assert (found["FlowLogId"], found["DeliverLogsErrorMessage"]) == (made[0], "Access error")
    ec2.delete_flow_logs(FlowLogIds=made)


def test_permissions(server, ec2, vpc):
    kinds = [f"arn:aws:ec2:us-east-1:*:{kind}" for kind in (f"vpc/{vpc}", "vpc-flow-log/*")]
    user = server.client("ec2", make_user(server.client("iam"), "flow-vpc", allow("ec2:CreateFlowLogs", kinds)))
    other = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    if other == vpc:
        other = ec2.describe_vpcs()["Vpcs"][1]["VpcId"]
    assert error_of(user.create_flow_logs, ResourceType="VPC", ResourceIds=[other], **BUCKET)[0] == "UnauthorizedOperation"
    made = user.create_flow_logs(ResourceType="VPC", ResourceIds=[vpc], **BUCKET)["FlowLogIds"]
    red = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    deleter = server.client("ec2", make_user(server.client("iam"), "flow-deleter", allow("ec2:DeleteFlowLogs", Condition=red)))
    assert error_of(deleter.delete_flow_logs, FlowLogIds=made)[0] == "UnauthorizedOperation"
    ec2.create_tags(Resources=made, Tags=TAGS)
    deleter.delete_flow_logs(FlowLogIds=made)
