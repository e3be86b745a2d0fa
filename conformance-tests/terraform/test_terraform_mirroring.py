"""A public parameter's image, mirrored traffic, a path and Verified Access through the real provider; nothing left."""

import pytest

from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "mirroring")


def test_a_mirrored_instance(server, terraform):
    ec2 = server.client("ec2")
    changed = ("-var", "team=green")
    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    assert told["image"] == told["launched"]
    session = lambda: ec2.describe_traffic_mirror_sessions(TrafficMirrorSessionIds=[told["session"]])["TrafficMirrorSessions"][0]
    assert (session()["SessionNumber"], session()["Description"]) == (1, "for blue")
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    assert {tag["Key"]: tag["Value"] for tag in session()["Tags"]} == {"team": "green", "story": "pics"} and session()["Description"] == "for green"

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    assert ec2.describe_traffic_mirror_filters()["TrafficMirrorFilters"] == ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"] == []
    assert ec2.describe_network_insights_paths()["NetworkInsightsPaths"] == ec2.describe_verified_access_instances()["VerifiedAccessInstances"] == []
