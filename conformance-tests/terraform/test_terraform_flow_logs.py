"""Flow logs of a VPC, a subnet and an interface, to each kind of destination: apply, plan without drift, change, plan, destroy, nothing left."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "flow_logs")


def test_flow_logs(server, terraform):
    ec2 = server.client("ec2")
    before = everything(ec2)
    changed = ("-var", "team=green")
    seen = lambda told: [(one["LogDestinationType"], one["TrafficType"], one["MaxAggregationInterval"], one["DeliverLogsStatus"])
                         for log in told["logs"] for one in ec2.describe_flow_logs(FlowLogIds=[log])["FlowLogs"]]

    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    assert seen(told) == [("s3", "ALL", 600, "SUCCESS"), ("cloud-watch-logs", "REJECT", 600, "SUCCESS"), ("kinesis-data-firehose", "ACCEPT", 600, "SUCCESS")]
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    again = outputs(terraform)
    # A flow log cannot be changed, only its tags can.
    assert again["subnet"] == told["subnet"] and len(set(told["logs"]) & set(again["logs"])) == 1
    assert seen(again) == [("s3", "ALL", 60, "SUCCESS"), ("cloud-watch-logs", "REJECT", 600, "SUCCESS"), ("kinesis-data-firehose", "REJECT", 600, "SUCCESS")]

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    assert everything(ec2) == before
