"""What an instance is told of its future, and what then happens: spot interruptions, recommendations, maintenance, Auto Scaling."""

import datetime
import json

import pytest

from conftest import allow, error_of, launch, make_profile, make_user

LATEST = "/latest/meta-data/"
TOKEN = "X-aws-ec2-metadata-token"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(autouse=True)
def clock(server):
    yield
    server.admin("POST", "clock", {"reset": True})


def running(server, ec2, **more):
    held = launch(ec2, **more)
    server.advance("1m")
    return held


def instance(ec2, held):
    return ec2.describe_instances(InstanceIds=[held])["Reservations"][0]["Instances"][0]


def status(ec2, held):
    return ec2.describe_instance_status(InstanceIds=[held], IncludeAllInstances=True)["InstanceStatuses"][0]


def missing(imds, path):
    return imds.request(LATEST + path, headers={TOKEN: imds.token()})[0] == 404


def names(imds, path=""):
    return imds.get(LATEST + path).split("\n")


def run(server, *arguments):
    done = server.run("instance", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_spot_instance_is_terminated_two_minutes_after_the_notice(server, ec2, metadata):
    held = running(server, ec2)
    imds = metadata(held)
    for path in ("spot/instance-action", "spot/termination-time", "spot"):
        assert missing(imds, path), path
    assert "interruption  terminate at " in run(server, "interrupt", held)
    told = json.loads(imds.get(LATEST + "spot/instance-action"))
    assert told["action"] == "terminate" and set(told) == {"action", "time"}
    assert imds.get(LATEST + "spot/termination-time") == told["time"]
    assert names(imds, "spot") == ["instance-action", "termination-time"] and "spot/" in names(imds)
    # The time is one of the client's clock, which was not moved.
    ahead = datetime.datetime.fromisoformat(told["time"]) - datetime.datetime.now(datetime.UTC)
    assert 100 < ahead.total_seconds() <= 121
    assert imds.request("/2011-01-01/meta-data/spot/termination-time", headers={TOKEN: imds.token()})[0] == 404
    server.advance("1m")
    assert instance(ec2, held)["State"]["Name"] == "running"
    server.advance("61s")
    ended = instance(ec2, held)
    assert ended["State"]["Name"] in ("shutting-down", "terminated")
    server.advance("10s")
    ended = instance(ec2, held)
    assert (ended["State"]["Name"], ended["StateReason"]["Code"], ended["StateTransitionReason"]) == (
        "terminated", "Server.SpotInstanceTermination", "Server.SpotInstanceTermination")
    assert "SubnetId" not in ended
    assert ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [held]}])["Volumes"] == []


def test_the_metadata_service_goes_down_with_the_instance(server, ec2, metadata):
    """Without any request to EC2 in between."""
    held = running(server, ec2)
    imds = metadata(held)
    run(server, "interrupt", held, "--in", "30s")
    server.advance("40s")
    status, _, _ = imds.request(LATEST + "instance-id", headers={TOKEN: "x"})
    assert status == 404


def test_a_spot_instance_is_stopped_and_starts_without_the_notice(server, ec2, metadata):
    held = running(server, ec2)
    public = instance(ec2, held)["PublicIpAddress"]
    run(server, "interrupt", held, "--action", "stop", "--in", "5m")
    imds = metadata(held)
    assert json.loads(imds.get(LATEST + "spot/instance-action"))["action"] == "stop"
    assert missing(imds, "spot/termination-time"), "only one that is to be terminated has it"
    server.advance("5m")
    server.advance("10s")
    stopped = instance(ec2, held)
    assert (stopped["State"]["Name"], stopped["StateReason"]["Code"]) == ("stopped", "Server.SpotInstanceShutdown")
    assert "PublicIpAddress" not in stopped and public
    ec2.start_instances(InstanceIds=[held])
    server.advance("1m")
    assert missing(imds, "spot/instance-action")
    ec2.terminate_instances(InstanceIds=[held])


def test_hibernation(server, ec2):
    held = running(server, ec2)
    done = server.run("instance", "interrupt", held, "--action", "hibernate")
    assert done.returncode == 1 and "not configured for hibernation" in done.stderr
    code, text, _ = error_of(ec2.stop_instances, InstanceIds=[held], Hibernate=True)
    assert (code, text) == ("UnsupportedHibernationConfiguration",
                            f"The instance can't be hibernated because it was not configured at launch for hibernation: {held}")
    able = running(server, ec2, HibernationOptions={"Configured": True},
                   BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True}}])
    run(server, "interrupt", able, "--action", "hibernate")
    server.advance("10s")
    assert instance(ec2, able)["State"]["Name"] == "stopped", "it begins at once"
    ec2.start_instances(InstanceIds=[able])
    server.advance("1m")
    ec2.stop_instances(InstanceIds=[able], Hibernate=True)
    server.advance("1m")
    assert instance(ec2, able)["StateReason"] == {
        "Code": "Client.UserInitiatedHibernate", "Message": "Client.UserInitiatedHibernate: User initiated hibernate"}


def test_a_rebalance_recommendation(server, ec2, metadata):
    held = running(server, ec2)
    imds = metadata(held)
    assert missing(imds, "events/recommendations/rebalance") and "recommendations/" not in names(imds, "events")
    run(server, "rebalance", held)
    assert set(json.loads(imds.get(LATEST + "events/recommendations/rebalance"))) == {"noticeTime"}
    assert names(imds, "events") == ["maintenance/", "recommendations/"]
    assert imds.request("/2020-10-27/meta-data/events/recommendations/rebalance", headers={TOKEN: imds.token()})[0] == 200
    assert imds.request("/2019-10-01/meta-data/events/recommendations/rebalance", headers={TOKEN: imds.token()})[0] == 404
    assert run(server, "rebalance", held, "--off") == "nothing is announced\n"
    assert missing(imds, "events/recommendations/rebalance")


def test_the_auto_scaling_state(server, ec2, metadata):
    held = running(server, ec2)
    imds = metadata(held)
    assert missing(imds, "autoscaling/target-lifecycle-state")
    run(server, "lifecycle", held, "InService")
    assert imds.get(LATEST + "autoscaling/target-lifecycle-state") == "InService"
    run(server, "lifecycle", held, "Warmed:Stopped")
    ec2.stop_instances(InstanceIds=[held])
    server.advance("1m")
    ec2.start_instances(InstanceIds=[held])
    server.advance("1m")
    assert imds.get(LATEST + "autoscaling/target-lifecycle-state") == "Warmed:Stopped"
    assert server.run("instance", "lifecycle", held, "Asleep").returncode == 1
    run(server, "lifecycle", held)
    assert missing(imds, "autoscaling/target-lifecycle-state")


def test_scheduled_maintenance_and_its_history(server, ec2, metadata):
    held = running(server, ec2)
    imds = metadata(held)
    scheduled = lambda: json.loads(imds.get(LATEST + "events/maintenance/scheduled"))
    history = lambda: json.loads(imds.get(LATEST + "events/maintenance/history"))
    assert (imds.get(LATEST + "events/maintenance/scheduled"), imds.get(LATEST + "events/maintenance/history")) == ("[]", "[]")
    run(server, "maintain", held, "--code", "system-reboot", "--in", "24h", "--lasting", "1h")
    [event] = scheduled()
    assert list(event) == ["NotBefore", "Code", "Description", "EventId", "NotAfter", "State"]
    assert (event["Code"], event["Description"], event["State"]) == ("system-reboot", "scheduled reboot", "active")
    at = datetime.datetime.strptime(event["NotBefore"], "%d %b %Y %H:%M:%S GMT")
    [seen] = status(ec2, held)["Events"]
    assert (seen["InstanceEventId"], seen["Code"], seen["Description"]) == (event["EventId"], "system-reboot", "scheduled reboot")
    assert seen["NotAfter"] - seen["NotBefore"] == datetime.timedelta(hours=1) and at
    assert [one["InstanceId"] for one in ec2.describe_instance_status(Filters=[{"Name": "event.code", "Values": ["system-reboot"]}])[
        "InstanceStatuses"]] == [held]
    server.advance("26h")
    assert scheduled() == []
    [past] = history()
    assert (past["Description"], past["State"]) == ("[Completed] scheduled reboot", "completed")
    assert status(ec2, held)["Events"][0]["Description"] == "[Completed] scheduled reboot"
    server.advance("169h")
    assert history() == [] and "Events" not in status(ec2, held), "after a week it is forgotten"


def test_maintenance_is_canceled_or_done_by_the_user(server, ec2, metadata):
    held = running(server, ec2)
    imds = metadata(held)
    history = lambda: {event["Code"]: event["Description"] for event in json.loads(imds.get(LATEST + "events/maintenance/history"))}
    run(server, "maintain", held, "--code", "system-maintenance")
    event = status(ec2, held)["Events"][0]["InstanceEventId"]
    run(server, "cancel", held, event)
    assert history() == {"system-maintenance": "[Canceled] scheduled maintenance"}
    assert server.run("instance", "cancel", held, event).returncode == 1, "it is over"
    run(server, "maintain", held, "--code", "instance-reboot")
    ec2.reboot_instances(InstanceIds=[held])
    assert history()["instance-reboot"] == "[Completed] scheduled reboot"
    # Rebooting takes the instance to other hardware, unless that is off.
    ec2.modify_instance_maintenance_options(InstanceId=held, RebootMigration="disabled")
    run(server, "maintain", held, "--code", "system-reboot")
    ec2.reboot_instances(InstanceIds=[held])
    assert "system-reboot" not in history()
    ec2.modify_instance_maintenance_options(InstanceId=held, RebootMigration="default")
    ec2.reboot_instances(InstanceIds=[held])
    assert history()["system-reboot"] == "[Completed] scheduled reboot"


@pytest.mark.parametrize("code", ["instance-retirement", "instance-stop"])
def test_degraded_hardware_stops_the_instance(server, ec2, metadata, code):
    held = running(server, ec2)
    run(server, "maintain", held, "--code", code, "--in", "48h")
    assert status(ec2, held)["Events"][0]["Description"] == "The instance is running on degraded hardware"
    server.advance("47h")
    assert instance(ec2, held)["State"]["Name"] == "running"
    server.advance("61m")
    stopped = instance(ec2, held)
    assert (stopped["State"]["Name"], stopped["StateReason"]["Code"]) == ("stopped", "Server.ScheduledStop")
    ec2.start_instances(InstanceIds=[held])
    server.advance("1m")
    assert json.loads(metadata(held).get(LATEST + "events/maintenance/history"))[0]["State"] == "completed"


def test_a_restart_before_it_leaves_the_hardware(server, ec2):
    held = running(server, ec2)
    run(server, "maintain", held, "--code", "instance-retirement", "--in", "48h")
    ec2.stop_instances(InstanceIds=[held])
    server.advance("1m")
    ec2.start_instances(InstanceIds=[held])
    server.advance("1m")
    assert status(ec2, held)["Events"][0]["Description"].startswith("[Completed] ")
    server.advance("49h")
    assert instance(ec2, held)["State"]["Name"] == "running"


def test_an_event_is_put_off(server, ec2):
    held = running(server, ec2)
    run(server, "maintain", held, "--code", "instance-reboot", "--in", "24h", "--deadline", "72h")
    event = status(ec2, held)["Events"][0]
    later = event["NotBefore"] + datetime.timedelta(hours=48)
    moved = ec2.modify_instance_event_start_time(InstanceId=held, InstanceEventId=event["InstanceEventId"], NotBefore=later)["Event"]
    assert (moved["NotBefore"], moved["NotAfter"] - moved["NotBefore"]) == (later, event["NotAfter"] - event["NotBefore"])
    assert status(ec2, held)["Events"][0]["NotBefore"] == later
    refused = [later + datetime.timedelta(hours=25), event["NotBefore"] - datetime.timedelta(hours=24)]
    for time in refused:
        assert error_of(ec2.modify_instance_event_start_time, InstanceId=held, InstanceEventId=event["InstanceEventId"],
                        NotBefore=time)[0] == "InvalidInstanceEventStartTime"
    other = launch(ec2)
    assert error_of(ec2.modify_instance_event_start_time, InstanceId=other, InstanceEventId=event["InstanceEventId"],
                    NotBefore=later)[0] == "InvalidInstanceEventIDNotFound"
    key = make_user(server.client("iam"), "scheduler", allow("ec2:ModifyInstanceEventStartTime", f"arn:aws:ec2:*:*:instance/{other}"))
    assert error_of(server.client("ec2", key).modify_instance_event_start_time, InstanceId=held,
                    InstanceEventId=event["InstanceEventId"], NotBefore=later)[0] == "UnauthorizedOperation"


def test_an_event_waits_for_the_window(server, ec2):
    held = running(server, ec2)
    window = ec2.create_instance_event_window(Name="nights", CronExpression="* 2-5 * * 3")["InstanceEventWindow"]["InstanceEventWindowId"]
    ec2.associate_instance_event_window(InstanceEventWindowId=window, AssociationTarget={"InstanceIds": [held]})
    run(server, "maintain", held)
    begin = status(ec2, held)["Events"][0]["NotBefore"]
    assert (begin.isoweekday(), 2 <= begin.hour <= 5) == (3, True)
    ec2.delete_instance_event_window(InstanceEventWindowId=window, ForceDelete=True)


def test_only_what_runs_is_interrupted(server, ec2):
    held = running(server, ec2)
    ec2.stop_instances(InstanceIds=[held])
    done = server.run("instance", "interrupt", held)
    assert done.returncode == 1 and "only one that runs is told this" in done.stderr
    for arguments in (("interrupt", "i-0123456789abcdef0"), ("interrupt", held, "--in", "soon"), ("maintain", held, "--code", "flood")):
        assert server.run("instance", *arguments).returncode == 1, arguments


def test_what_is_announced_survives_a_restart(make_server):
    server = make_server()
    ec2 = server.client("ec2")
    held = running(server, ec2)
    run(server, "interrupt", held)
    run(server, "maintain", held)
    shown = run(server, "events", held)
    assert shown.count("\n") == 2
    server.kill()
    server.start()
    assert run(server, "events", held) == shown
    server.advance("3m")
    # Nobody asked in between, and the list of instances is right all the same.
    assert [one["state"] for one in server.admin("GET", "instances")["instances"]] == ["terminated"]


def test_products_and_system(server, ec2, metadata):
    assert metadata(launch(ec2)).get(LATEST + "system") == "nitro"
    assert metadata(launch(ec2, InstanceType="t2.micro")).get(LATEST + "system") == "xen"


def test_extended_credentials(server, ec2, metadata):
    make_profile(server.client("iam"), "Extended", allow("s3:*"))
    imds = metadata(launch(ec2, IamInstanceProfile={"Name": "Extended"}))
    assert names(imds, "iam/security-credentials-extended") == ["Extended"]
    extended = json.loads(imds.get(LATEST + "iam/security-credentials-extended/Extended"))
    legacy = json.loads(imds.get(LATEST + "iam/security-credentials/Extended"))
    assert extended == {**legacy, "AccountId": "000000000000"}


def test_a_name_by_the_instance(server, ec2, metadata):
    held = running(server, ec2)
    assert metadata(held).get(LATEST + "hostname").startswith("ip-")
    ec2.stop_instances(InstanceIds=[held])
    server.advance("1m")
    ec2.modify_private_dns_name_options(InstanceId=held, PrivateDnsHostnameType="resource-name")
    ec2.start_instances(InstanceIds=[held])
    server.advance("1m")
    assert metadata(held).get(LATEST + "hostname") == f"{held}.ec2.internal" == instance(ec2, held)["PrivateDnsName"]
