"""Account status reports for declarative policies: what the accounts of an organization have set."""

import csv
import io
import urllib.request

import pytest

from conftest import allow, error_of, make_user

MANAGEMENT, MEMBER, UNIT = "000000000000", "222222222222", "ou-ab12-11111111"
ORGANIZATION = {
    "id": "o-a1b2c3d4e5", "managementAccount": MANAGEMENT, "trustedServices": ["ec2.amazonaws.com"],
    "root": {"id": "r-ab12", "accounts": [{"id": MANAGEMENT}], "organizationalUnits": [{"id": UNIT, "name": "teams", "accounts": [{"id": MEMBER}]}]},
}


@pytest.fixture
def server(make_server):
    server = make_server("--states", "aws")
    server.admin("PUT", "organization", ORGANIZATION)
    return server


def report(ec2, id):
    return ec2.describe_declarative_policies_reports(ReportIds=[id])["Reports"][0]


def test_a_report_tells_what_is_set(server):
    ec2 = server.client("ec2")
    server.client("ec2", server.account(MEMBER)).enable_serial_console_access()
    tags = [{"Key": "team", "Value": "red"}]
    id = ec2.start_declarative_policies_report(
        S3Bucket="reports", S3Prefix="of/accounts", TargetId="r-ab12", TagSpecifications=[{"ResourceType": "declarative-policies-report", "Tags": tags}])["ReportId"]
    started = report(ec2, id)
    assert (started["Status"], started["Tags"], started["S3Bucket"], started["TargetId"], "EndTime" in started) == ("running", tags, "reports", "r-ab12", False)
    assert error_of(ec2.get_declarative_policies_report_summary, ReportId=id)[0] == "IncorrectState"
    assert error_of(ec2.start_declarative_policies_report, S3Bucket="reports", TargetId=UNIT)[0] == "IncorrectState"
    server.advance("10m")
    server.kill()
    server.start()
    assert report(ec2, id)["Status"] == "complete"
    summary = ec2.get_declarative_policies_report_summary(ReportId=id)
    assert (summary["NumberOfAccounts"], summary["NumberOfFailedAccounts"]) == (2, 0)
    [console] = [one for one in summary["AttributeSummaries"] if one["AttributeName"] == "serial_console_access"]
    assert (console["MostFrequentValue"], console["NumberOfMatchedAccounts"], console["NumberOfUnmatchedAccounts"]) == ("disabled", 1, 1)
    [here] = [one for one in console["RegionalSummaries"] if one["RegionName"] == "us-east-1"]
    assert (here["NumberOfMatchedAccounts"], here["NumberOfUnmatchedAccounts"]) == (1, 1)
    [file] = server.admin("GET", "s3-files")["s3Files"]
    assert file["bucket"] == "reports" and file["key"].startswith(f"of/accounts/ec2_r-ab12_{id}_") and file["key"].endswith("Z.csv")
    with urllib.request.urlopen(f"{server.url}/_rolecall/s3-files/reports/{file['key']}") as answer:
        assert answer.headers["content-type"] == "text/csv"
        rows = list(csv.DictReader(io.TextIOWrapper(answer, "utf-8")))
    assert {row["account_id"] for row in rows if row["value"] == "enabled"} == {MEMBER}
    assert {row["account_id"] for row in rows} == {MANAGEMENT, MEMBER}


def test_a_report_is_cancelled(server):
    ec2 = server.client("ec2")
    id = ec2.start_declarative_policies_report(S3Bucket="reports", TargetId=MEMBER)["ReportId"]
    assert ec2.cancel_declarative_policies_report(ReportId=id)["Return"] is True
    server.advance("10m")
    assert report(ec2, id)["Status"] == "cancelled" and server.admin("GET", "s3-files")["s3Files"] == []
    assert error_of(ec2.cancel_declarative_policies_report, ReportId=id)[0] == "IncorrectState"
    assert error_of(ec2.describe_declarative_policies_reports, ReportIds=["dpr-0123456789abcdef0"])[0] == "InvalidDeclarativePoliciesReportId.NotFound"
    assert error_of(ec2.cancel_declarative_policies_report, ReportId="dpr-0123456789abcdef0")[0] == "InvalidDeclarativePoliciesReportId.NotFound"


def test_who_may(server):
    member = server.client("ec2", server.account(MEMBER))
    assert error_of(member.start_declarative_policies_report, S3Bucket="reports", TargetId=MEMBER)[0] == "OperationNotPermitted"
    ec2 = server.client("ec2")
    assert error_of(ec2.start_declarative_policies_report, S3Bucket="reports", TargetId="ou-ab12-22222222")[0] == "InvalidParameterValue"
    assert error_of(ec2.start_declarative_policies_report, S3Bucket="No Bucket", TargetId=MEMBER)[0] == "InvalidParameterValue"
    user = server.client("ec2", make_user(server.client("iam"), "reader", allow("ec2:Describe*")))
    assert error_of(user.start_declarative_policies_report, S3Bucket="reports", TargetId=MEMBER)[0] == "UnauthorizedOperation"
    assert user.describe_declarative_policies_reports()["Reports"] == []
