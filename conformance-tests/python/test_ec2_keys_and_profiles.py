"""Key pairs, instance profiles of running instances, detailed monitoring and scheduled events: effects, errors, and who may not."""

import base64
import datetime

import pytest

from conftest import allow, error_of, launch, make_profile, make_user

PUBLIC = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILOfDT1XghcO9VdFBubfmC6FO3usPhi/pdO8tTwjttYk somebody"
TAGS = [{"Key": "team", "Value": "red"}]
ARN = "arn:aws:ec2:us-east-1:000000000000"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def keys_of(ec2, **more):
    return {one["KeyName"]: one for one in ec2.describe_key_pairs(**more)["KeyPairs"]}


def test_key_pairs(ec2):
    made = ec2.create_key_pair(KeyName="drawn", KeyType="ed25519", TagSpecifications=[{"ResourceType": "key-pair", "Tags": TAGS}])
    assert made["KeyMaterial"].startswith("-----BEGIN OPENSSH PRIVATE KEY-----") and made["Tags"] == TAGS
    given = ec2.import_key_pair(KeyName="given", PublicKeyMaterial=PUBLIC)
    shown = keys_of(ec2, IncludePublicKey=True)
    assert {name: (one["KeyPairId"], one["KeyFingerprint"], one["KeyType"]) for name, one in shown.items()} == {
        "drawn": (made["KeyPairId"], made["KeyFingerprint"], "ed25519"), "given": (given["KeyPairId"], given["KeyFingerprint"], "ed25519")}
    assert shown["given"]["PublicKey"].split()[1].encode() == PUBLIC.split()[1] and "PublicKey" not in keys_of(ec2)["given"]
    assert list(keys_of(ec2, Filters=[{"Name": "tag:team", "Values": ["red"]}])) == ["drawn"]
    held = launch(ec2, KeyName="given")
    assert ec2.describe_instances(InstanceIds=[held])["Reservations"][0]["Instances"][0]["KeyName"] == "given"
    assert error_of(ec2.import_key_pair, KeyName="drawn", PublicKeyMaterial=PUBLIC) == (
        "InvalidKeyPair.Duplicate", "The keypair 'drawn' already exists.", 400)
    assert error_of(ec2.create_key_pair, KeyName="given")[0] == "InvalidKeyPair.Duplicate"
    assert error_of(ec2.import_key_pair, KeyName="bad", PublicKeyMaterial=base64.b64encode(b"no key"))[:2] == (
        "InvalidKey.Format", "Key is not in valid OpenSSH public key format")
    deleted = ec2.delete_key_pair(KeyName="drawn")
    assert (deleted["Return"], deleted["KeyPairId"]) == (True, made["KeyPairId"])
    ec2.delete_key_pair(KeyPairId=given["KeyPairId"])
    assert keys_of(ec2) == {}
    assert error_of(ec2.describe_key_pairs, KeyNames=["drawn"])[:2] == ("InvalidKeyPair.NotFound", "The key pair 'drawn' does not exist")
    assert error_of(launch, ec2=ec2, KeyName="drawn")[0] == "InvalidKeyPair.NotFound"


def test_who_may_use_key_pairs(server, ec2):
    new = {"StringEquals": {"ec2:KeyPairType": "ed25519"}}
    keys = make_user(server.client("iam"), "keys", allow("ec2:CreateKeyPair", Condition=new), allow("ec2:ImportKeyPair", f"{ARN}:key-pair/mine*"),
                     allow("ec2:DeleteKeyPair", Condition={"StringLike": {"ec2:KeyPairName": "mine*"}}))
    user = server.client("ec2", keys)
    user.create_key_pair(KeyName="mine-drawn", KeyType="ed25519")
    user.import_key_pair(KeyName="mine-given", PublicKeyMaterial=PUBLIC)
    ec2.import_key_pair(KeyName="theirs", PublicKeyMaterial=PUBLIC)
    for call, arguments in [(user.create_key_pair, {"KeyName": "theirs-new", "KeyType": "rsa"}), (user.delete_key_pair, {"KeyName": "theirs"}),
                            (user.import_key_pair, {"KeyName": "theirs-new", "PublicKeyMaterial": PUBLIC})]:
        code, message, _ = error_of(call, **arguments)
        assert code == "UnauthorizedOperation" and f"on resource: {ARN}:key-pair/{arguments['KeyName']} because" in message
    assert "because no identity-based policy allows the ec2:DescribeKeyPairs action" in error_of(user.describe_key_pairs)[1]
    for name in ("mine-drawn", "mine-given"):
        user.delete_key_pair(KeyName=name)
    assert list(keys_of(ec2)) == ["theirs"]


def profile_of(ec2, instance):
    return ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0].get("IamInstanceProfile", {}).get("Arn")


def test_profiles_of_running_instances(server, ec2):
    iam = server.client("iam")
    for name in ("first", "second"):
        make_profile(iam, name)
    arn = "arn:aws:iam::000000000000:instance-profile/"
    held, other = launch(ec2), launch(ec2)
    associate = {"InstanceId": held, "IamInstanceProfile": {"Name": "first"}}
    actions = [f"ec2:{name}" for name in ("AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation", "DisassociateIamInstanceProfile")]
    keys = make_user(iam, "profiles", allow(actions, f"{ARN}:instance/{held}", Condition={"ArnEqualsIfExists": {"ec2:NewInstanceProfile": [f"{arn}first", f"{arn}second"]}}),
                     allow("iam:PassRole", "arn:aws:iam::000000000000:role/*"))
    user = server.client("ec2", keys)
    made = user.associate_iam_instance_profile(**associate)["IamInstanceProfileAssociation"]
    assert (made["InstanceId"], made["IamInstanceProfile"]["Arn"], profile_of(ec2, held)) == (held, f"{arn}first", f"{arn}first")
    assert error_of(ec2.associate_iam_instance_profile, **associate)[:2] == ("IncorrectState", f"There is an existing association for instance {held}")
    code, message, _ = error_of(user.associate_iam_instance_profile, **{**associate, "InstanceId": other})
    assert code == "UnauthorizedOperation" and f"on resource: {ARN}:instance/{other} because" in message
    replaced = user.replace_iam_instance_profile_association(AssociationId=made["AssociationId"], IamInstanceProfile={"Name": "second"})
    assert profile_of(ec2, held) == f"{arn}second"
    theirs = ec2.associate_iam_instance_profile(InstanceId=other, IamInstanceProfile={"Name": "first"})["IamInstanceProfileAssociation"]["AssociationId"]
    for call, more in [(user.replace_iam_instance_profile_association, {"IamInstanceProfile": {"Name": "second"}}), (user.disassociate_iam_instance_profile, {})]:
        assert error_of(call, AssociationId=theirs, **more)[0] == "UnauthorizedOperation"
    user.disassociate_iam_instance_profile(AssociationId=replaced["IamInstanceProfileAssociation"]["AssociationId"])
    assert profile_of(ec2, held) is None and profile_of(ec2, other) == f"{arn}first"
    none = "iip-assoc-0123456789abcdef0"
    assert error_of(ec2.disassociate_iam_instance_profile, AssociationId=none)[:2] == (
        "InvalidAssociationID.NotFound", f"An invalid association-id of '{none}' was given")


def test_detailed_monitoring(server, ec2):
    held, other = launch(ec2), launch(ec2)
    server.advance("1m")
    state = lambda: ec2.describe_instances(InstanceIds=[held])["Reservations"][0]["Instances"][0]["Monitoring"]["State"]
    small = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    ec2.create_tags(Resources=[held], Tags=TAGS)
    user = server.client("ec2", make_user(server.client("iam"), "monitor", allow(["ec2:MonitorInstances", "ec2:UnmonitorInstances"], Condition=small)))
    assert state() == "disabled"
    user.monitor_instances(InstanceIds=[held])
    server.advance("1m")
    assert state() == "enabled"
    for call in (user.monitor_instances, user.unmonitor_instances):
        code, message, _ = error_of(call, InstanceIds=[held, other])
        assert code == "UnauthorizedOperation" and f"on resource: {ARN}:instance/{other} because" in message
    user.unmonitor_instances(InstanceIds=[held])
    server.advance("1m")
    assert state() == "disabled"
    none = "i-0123456789abcdef0"
    for call in (ec2.monitor_instances, ec2.unmonitor_instances):
        assert error_of(call, InstanceIds=[none])[:2] == ("InvalidInstanceID.NotFound", f"The instance ID '{none}' does not exist")


def test_a_scheduled_event_is_put_off(server, ec2):
    held, other = launch(ec2), launch(ec2)
    server.advance("1m")
    assert server.run("instance", "maintain", held, "--code", "instance-reboot", "--in", "24h", "--deadline", "72h").returncode == 0
    events = lambda: ec2.describe_instance_status(InstanceIds=[held])["InstanceStatuses"][0]["Events"]
    [event] = events()
    later = event["NotBefore"] + datetime.timedelta(hours=24)
    moved = {"InstanceEventId": event["InstanceEventId"], "NotBefore": later}
    user = server.client("ec2", make_user(server.client("iam"), "scheduler", allow("ec2:ModifyInstanceEventStartTime", f"{ARN}:instance/{held}")))
    assert f"on resource: {ARN}:instance/{other} because" in error_of(user.modify_instance_event_start_time, InstanceId=other, **moved)[1]
    user.modify_instance_event_start_time(InstanceId=held, **moved)
    assert [one["NotBefore"] for one in events()] == [later]
    assert error_of(ec2.modify_instance_event_start_time, InstanceId=other, **moved)[0] == "InvalidInstanceEventIDNotFound"


def test_what_an_account_has(server, ec2):
    zones = ec2.describe_availability_zones(Filters=[{"Name": "zone-type", "Values": ["availability-zone"]}])["AvailabilityZones"]
    assert {"us-east-1a", "us-east-1b"} <= {one["ZoneName"] for one in zones} and {one["State"] for one in zones} == {"available"}
    assert ec2.create_volume(AvailabilityZone=zones[0]["ZoneName"], Size=1)["AvailabilityZone"] == zones[0]["ZoneName"]
    assert error_of(ec2.describe_availability_zones, ZoneNames=["us-east-1z"])[:2] == ("InvalidParameterValue", "Invalid availability zone: [us-east-1z]")
    group = zones[0]["GroupName"]
    assert ec2.modify_availability_zone_group(GroupName=group, OptInStatus="opted-in")["Return"] is True
    assert error_of(ec2.modify_availability_zone_group, GroupName=group, OptInStatus="not-opted-in")[0] == "InvalidOptInStatus"
    told = {one["AttributeName"]: [value["AttributeValue"] for value in one["AttributeValues"]] for one in ec2.describe_account_attributes()["AccountAttributes"]}
    assert (told["supported-platforms"], told["default-vpc"]) == (["VPC"], [one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"] if one["IsDefault"]])
    nobody = server.client("ec2", make_user(server.client("iam"), "nobody", allow("ec2:DescribeVpcs")))
    for name in ("AvailabilityZones", "AccountAttributes"):
        call = nobody.describe_availability_zones if name == "AvailabilityZones" else nobody.describe_account_attributes
        assert error_of(call)[1].endswith(f"because no identity-based policy allows the ec2:Describe{name} action")
