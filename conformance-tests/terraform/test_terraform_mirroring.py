"""A public parameter's image, mirrored traffic, a path and Verified Access through the real provider; nothing left."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "mirroring")


def test_a_mirrored_instance(server, terraform):
    ec2 = server.client("ec2")
    before = everything(ec2)
    changed = ("-var", "team=green")
    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    assert told["image"] == told["launched"] and told["reachable"]
    session = lambda: ec2.describe_traffic_mirror_sessions(TrafficMirrorSessionIds=[told["session"]])["TrafficMirrorSessions"][0]
    assert (session()["SessionNumber"], session()["Description"]) == (1, "for blue")
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    logs = ec2.describe_verified_access_instance_logging_configurations(VerifiedAccessInstanceIds=[told["door"]])["LoggingConfigurations"][0]
    assert (logs["AccessLogs"]["S3"]["BucketName"], logs["AccessLogs"]["IncludeTrustContext"]) == ("logs-of-green", True)
    assert {tag["Key"]: tag["Value"] for tag in session()["Tags"]} == {"team": "green", "story": "pics"} and session()["Description"] == "for green"

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    assert everything(ec2) == before
