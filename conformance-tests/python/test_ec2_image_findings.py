"""What Inspector found in images, as the admin API tells it; and who may not ask."""

import datetime

import pytest

from conftest import allow, error_of, image, make_user, register

UTC = datetime.timezone.utc


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def finding(number, **more):
    return {"title": f"CVE-2026-{number:04}", "severityLabel": "high", "score": 7.5, "fixAvailable": True, "firstObservedAt": "2026-01-02T03:04:05.678Z",
            "updatedAt": "2026-01-03T00:00:00Z", "paths": [f"/usr/lib/{path}" for path in range(12)], "snapshotId": "snap-0123456789abcdef0", **more}


def tell(server, image, findings, method="PUT", **more):
    return server.admin(method, "image-findings", {"region": "us-east-1", "imageId": image, "findings": findings, **more})


def test_findings(server, ec2):
    id = register(server, ec2, "scanned")
    assert ec2.get_image_findings(ImageId=id)["ImageFindings"] == []
    tell(server, id, [finding(number) for number in range(7)])
    [first, *rest] = ec2.get_image_findings(ImageId=id)["ImageFindings"]
    assert len(rest) == 6 and (first["Title"], first["SeverityLabel"], first["Score"], first["FixAvailable"]) == ("CVE-2026-0000", "high", 7.5, True)
    assert first["FirstObservedAt"] == datetime.datetime(2026, 1, 2, 3, 4, 5, 678000, UTC) and first["UpdatedAt"] == datetime.datetime(2026, 1, 3, tzinfo=UTC)
    assert first["Paths"] == [f"/usr/lib/{path}" for path in range(10)] and first["SnapshotId"] == "snap-0123456789abcdef0"
    page = ec2.get_image_findings(ImageId=id, MaxResults=3)
    assert [one["Title"][-1] for one in page["ImageFindings"]] == ["0", "1", "2"]
    assert [one["Title"][-1] for one in ec2.get_image_findings(ImageId=id, NextToken=page["NextToken"])["ImageFindings"]] == ["3", "4", "5", "6"]
    # Another account sees them once it sees the image.
    other = server.client("ec2", ("222222222222", "test"))
    assert error_of(other.get_image_findings, ImageId=id)[0] == "InvalidAMIID.NotFound"
    ec2.modify_image_attribute(ImageId=id, LaunchPermission={"Add": [{"UserId": "222222222222"}]})
    assert len(other.get_image_findings(ImageId=id)["ImageFindings"]) == 7
    tell(server, id, [], method="DELETE")
    assert ec2.get_image_findings(ImageId=id)["ImageFindings"] == []


def test_a_public_image(server, ec2):
    id = image(ec2)
    tell(server, id, [{"title": "port", "severityLabel": "informational", "firstObservedAt": "2026-01-02T03:04:05Z", "updatedAt": "2026-01-02T03:04:05Z"}])
    [one] = ec2.get_image_findings(ImageId=id)["ImageFindings"]
    assert (one["Title"], one["SeverityLabel"], "Score" in one, one["Paths"]) == ("port", "informational", False, [])


def test_what_the_admin_api_refuses(server):
    ask = lambda **more: server.refused("PUT", "image-findings", {"region": "us-east-1", "imageId": "ami-0123456789abcdef0", "findings": [finding(1, **more)]})
    assert ask(severityLabel="awful")[0] == 400
    assert server.refused("PUT", "image-findings", {"region": "moon-1", "imageId": "ami-0123456789abcdef0", "findings": []})[0] == 400


def test_who_may(server, ec2):
    mine = register(server, ec2, "mine")
    own = server.client("ec2", make_user(server.client("iam"), "finder", allow(
        "ec2:GetImageFindings", Condition={"StringEquals": {"ec2:Owner": "000000000000"}})))
    assert own.get_image_findings(ImageId=mine)["ImageFindings"] == []
    assert error_of(own.get_image_findings, ImageId=image(ec2))[0] == "UnauthorizedOperation"
    assert error_of(own.get_image_findings, ImageId=mine, DryRun=True)[0] == "DryRunOperation"
