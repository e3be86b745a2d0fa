"""Network interfaces that another account may attach, and who may not."""

import pytest

from conftest import allow, error_of, launch, make_user

OTHER, THIRD = "222222222222", "333333333333"
ZONE = "us-east-1a"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(scope="module")
def other(server):
    return server.client("ec2", server.account(OTHER))


def interface(ec2):
    subnet = ec2.describe_subnets(Filters=[{"Name": "availability-zone", "Values": [ZONE]}])["Subnets"][0]["SubnetId"]
    return ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]


def grant(ec2, held, account=OTHER):
    made = ec2.create_network_interface_permission(NetworkInterfaceId=held, AwsAccountId=account, Permission="INSTANCE-ATTACH")
    return made["InterfacePermission"]


def seen(ec2, held):
    return ec2.describe_network_interfaces(NetworkInterfaceIds=[held])["NetworkInterfaces"][0]


def of_instance(ec2, instance):
    found = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    return {one["NetworkInterfaceId"]: one for one in found["NetworkInterfaces"]}


def running(server, ec2):
    held = launch(ec2, InstanceType="m5.large", Placement={"AvailabilityZone": ZONE})
    server.advance("1m")
    return held


def test_another_account_attaches_it(server, ec2, other, metadata):
    held, instance = interface(ec2), running(server, other)
    assert error_of(other.attach_network_interface, NetworkInterfaceId=held, InstanceId=instance, DeviceIndex=1)[:2] == (
        "InvalidNetworkInterfaceID.NotFound", f"The networkInterface ID '{held}' does not exist")
    permission = grant(ec2, held)
    assert permission == {"NetworkInterfacePermissionId": permission["NetworkInterfacePermissionId"], "NetworkInterfaceId": held,
                          "AwsAccountId": OTHER, "Permission": "INSTANCE-ATTACH", "PermissionState": {"State": "GRANTED"}}
    assert grant(ec2, held) == permission
    assert error_of(grant, ec2=ec2, held=held, account=THIRD)[0] == "OperationNotPermitted"
    attachment = other.attach_network_interface(NetworkInterfaceId=held, InstanceId=instance, DeviceIndex=1)["AttachmentId"]
    server.advance("1m")
    told = seen(ec2, held)
    assert (told["Status"], told["Attachment"]["InstanceId"], told["Attachment"]["InstanceOwnerId"]) == ("in-use", instance, OTHER)
    assert of_instance(other, instance)[held]["OwnerId"] == "000000000000"
    mac = told["MacAddress"]
    assert metadata(instance).get(f"/latest/meta-data/network/interfaces/macs/{mac}/interface-id") == held
    assert [one["NetworkInterfaceId"] for one in ec2.describe_network_interfaces(
        Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["NetworkInterfaces"]] == [held]
    assert error_of(other.describe_network_interfaces, NetworkInterfaceIds=[held])[0] == "InvalidNetworkInterfaceID.NotFound"
    named = permission["NetworkInterfacePermissionId"]
    assert error_of(ec2.delete_network_interface_permission, NetworkInterfacePermissionId=named)[0] == "OperationNotPermitted"
    other.detach_network_interface(AttachmentId=attachment)
    server.advance("1m")
    assert (seen(ec2, held)["Status"], held in of_instance(other, instance)) == ("available", False)
    assert ec2.delete_network_interface_permission(NetworkInterfacePermissionId=named)["Return"] is True
    assert error_of(other.attach_network_interface, NetworkInterfaceId=held, InstanceId=instance, DeviceIndex=1)[0] == "InvalidNetworkInterfaceID.NotFound"


def test_the_instance_ends(server, ec2, other):
    held, instance = interface(ec2), running(server, other)
    named = grant(ec2, held)["NetworkInterfacePermissionId"]
    other.attach_network_interface(NetworkInterfaceId=held, InstanceId=instance, DeviceIndex=1)
    server.advance("1m")
    assert error_of(ec2.delete_network_interface, NetworkInterfaceId=held)[0] == "InvalidParameterValue"
    assert ec2.delete_network_interface_permission(NetworkInterfacePermissionId=named, Force=True)["Return"] is True
    assert seen(ec2, held)["Attachment"]["InstanceId"] == instance
    other.stop_instances(InstanceIds=[instance])
    server.advance("1m")
    assert held in of_instance(other, instance)
    other.terminate_instances(InstanceIds=[instance])
    server.advance("1m")
    assert seen(ec2, held)["Status"] == "available"
    named = grant(ec2, held)["NetworkInterfacePermissionId"]
    ec2.delete_network_interface(NetworkInterfaceId=held)
    assert error_of(ec2.describe_network_interface_permissions, NetworkInterfacePermissionIds=[named])[0] == "InvalidPermissionID.NotFound"


def test_permissions_are_described(server, ec2, other):
    made = [grant(ec2, interface(ec2)) for _ in range(6)]
    ids = sorted(one["NetworkInterfacePermissionId"] for one in made)
    pages = list(ec2.get_paginator("describe_network_interface_permissions").paginate(PaginationConfig={"PageSize": 5}))
    assert len(pages) == 2
    assert sorted(one["NetworkInterfacePermissionId"] for page in pages for one in page["NetworkInterfacePermissions"]) == ids
    filters = [{"Name": "network-interface-permission.network-interface-id", "Values": [made[0]["NetworkInterfaceId"]]}]
    assert ec2.describe_network_interface_permissions(Filters=filters)["NetworkInterfacePermissions"] == [made[0]]
    assert other.describe_network_interface_permissions()["NetworkInterfacePermissions"] == []
    assert server.client("ec2", region="eu-west-1").describe_network_interface_permissions()["NetworkInterfacePermissions"] == []


def test_what_is_refused(ec2):
    held, none = interface(ec2), "eni-perm-0123456789abcdef0"
    ask = ec2.create_network_interface_permission
    assert error_of(ask, NetworkInterfaceId="eni-0123456789abcdef0", AwsAccountId=OTHER, Permission="INSTANCE-ATTACH")[0] == "InvalidNetworkInterfaceID.NotFound"
    assert error_of(ask, NetworkInterfaceId=held, Permission="INSTANCE-ATTACH")[:2] == (
        "MissingParameter", "The request must contain the parameter AwsAccountId")
    assert error_of(ask, NetworkInterfaceId=held, AwsAccountId="12", Permission="INSTANCE-ATTACH")[0] == "InvalidParameterValue"
    assert error_of(ask, NetworkInterfaceId=held, AwsAccountId=OTHER, Permission="EIP-ASSOCIATE")[0] == "UnsupportedOperation"
    assert error_of(ask, NetworkInterfaceId=held, AwsService="x", Permission="INSTANCE-ATTACH")[0] == "UnsupportedOperation"
    assert error_of(ec2.delete_network_interface_permission, NetworkInterfacePermissionId=none)[:2] == (
        "InvalidPermissionID.NotFound", f"The network interface permission ID '{none}' does not exist")
    assert error_of(ec2.describe_network_interface_permissions, Filters=[{"Name": "colour", "Values": ["red"]}])[:2] == (
        "InvalidParameterValue", "The filter 'colour' is invalid")
    assert error_of(ask, NetworkInterfaceId=held, AwsAccountId=OTHER, Permission="INSTANCE-ATTACH", DryRun=True)[0] == "DryRunOperation"


def test_who_may_not(server, ec2, other):
    iam = server.client("iam")
    held = interface(ec2)
    named = grant(ec2, interface(ec2))["NetworkInterfacePermissionId"]
    calls = [("create_network_interface_permission", {"NetworkInterfaceId": held, "AwsAccountId": OTHER, "Permission": "INSTANCE-ATTACH"}),
             ("delete_network_interface_permission", {"NetworkInterfacePermissionId": named}), ("describe_network_interface_permissions", {})]
    elsewhere = server.client("ec2", make_user(iam, "elsewhere", allow("ec2:*", "arn:aws:ec2:*:*:network-interface/eni-0")))
    for operation, parameters in calls:
        assert error_of(getattr(elsewhere, operation), **parameters)[0] == "UnauthorizedOperation", operation
    for key, value in (("ec2:AuthorizedUser", f"arn:aws:iam::{THIRD}:root"), ("ec2:Permission", "EIP-ASSOCIATE")):
        user = server.client("ec2", make_user(iam, key[4:], allow("ec2:CreateNetworkInterfacePermission", Condition={"StringEquals": {key: value}})))
        assert error_of(grant, ec2=user, held=held)[0] == "UnauthorizedOperation", key
    user = server.client("ec2", make_user(iam, "may", allow("ec2:CreateNetworkInterfacePermission", Condition={"StringEquals": {
        "ec2:AuthorizedUser": f"arn:aws:iam::{OTHER}:root", "ec2:Permission": "INSTANCE-ATTACH"}})))
    assert grant(user, held)["PermissionState"] == {"State": "GRANTED"}
    instance = running(server, other)
    theirs = make_user(server.client("iam", server.account(OTHER)), "attaches", allow("ec2:AttachNetworkInterface", [
        "arn:aws:ec2:*:*:instance/*", f"arn:aws:ec2:*:{OTHER}:network-interface/*"]))
    attach = {"NetworkInterfaceId": held, "InstanceId": instance, "DeviceIndex": 1}
    assert error_of(server.client("ec2", theirs).attach_network_interface, **attach)[0] == "UnauthorizedOperation", "it is the first account's"
    assert other.attach_network_interface(**attach)["AttachmentId"]
