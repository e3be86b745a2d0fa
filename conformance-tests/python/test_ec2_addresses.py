"""EC2's elastic addresses and network interfaces: each operation's effect, seen through another one, and who may not."""

import pytest

from conftest import allow, error_of, launch, make_user

TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


def running(server, ec2, **more):
    made = launch(ec2, **more)
    server.advance("1m")
    return made


def instance(ec2, instance_id):
    return ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]


def interface(ec2, interface_id):
    return ec2.describe_network_interfaces(NetworkInterfaceIds=[interface_id])["NetworkInterfaces"][0]


def address(ec2, allocation_id):
    return ec2.describe_addresses(AllocationIds=[allocation_id])["Addresses"][0]


def test_an_address_is_allocated_and_released(server, ec2):
    made = ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip"))
    assert (made["Domain"], made["PublicIpv4Pool"], made["NetworkBorderGroup"]) == ("vpc", "amazon", "us-east-1")
    found = address(ec2, made["AllocationId"])
    assert (found["PublicIp"], found["Tags"], "AssociationId" in found) == (made["PublicIp"], TAGS, False)
    assert ec2.describe_addresses(PublicIps=[made["PublicIp"]])["Addresses"] == [found]
    assert ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [made["AllocationId"]]}])["Tags"][0]["ResourceType"] == "elastic-ip"
    assert ec2.describe_addresses_attribute(AllocationIds=[made["AllocationId"]], Attribute="domain-name")["Addresses"] == []
    assert server.client("ec2", region="eu-west-1").describe_addresses()["Addresses"] == []
    assert error_of(ec2.release_address, PublicIp=made["PublicIp"])[0] == "InvalidParameterValue"
    ec2.release_address(AllocationId=made["AllocationId"])
    assert error_of(ec2.describe_addresses, AllocationIds=[made["AllocationId"]])[0] == "InvalidAllocationID.NotFound"
    again = ec2.allocate_address(Address=made["PublicIp"])
    assert again["PublicIp"] == made["PublicIp"] and again["AllocationId"] != made["AllocationId"]
    ec2.release_address(AllocationId=again["AllocationId"])
    theirs = server.client("ec2", server.account("210987654321"))
    assert error_of(theirs.allocate_address, Address=made["PublicIp"])[:2] == ("InvalidAddress.NotFound", f"Address '{made['PublicIp']}' not found.")


def test_an_address_before_an_instance(server, ec2, metadata):
    held = running(server, ec2)
    made = ec2.allocate_address()
    association = ec2.associate_address(AllocationId=made["AllocationId"], InstanceId=held)["AssociationId"]
    assert instance(ec2, held)["PublicIpAddress"] == made["PublicIp"]
    assert metadata(held).get("/latest/meta-data/public-ipv4") == made["PublicIp"]
    found = address(ec2, made["AllocationId"])
    assert (found["InstanceId"], found["AssociationId"]) == (held, association)
    seen = interface(ec2, found["NetworkInterfaceId"])["Association"]
    assert (seen["AllocationId"], seen["AssociationId"], seen["IpOwnerId"]) == (made["AllocationId"], association, "000000000000")
    assert error_of(ec2.release_address, AllocationId=made["AllocationId"])[0] == "InvalidIPAddress.InUse"
    ec2.stop_instances(InstanceIds=[held])
    server.advance("1m")
    assert instance(ec2, held)["PublicIpAddress"] == made["PublicIp"], "it stays over a stop"
    ec2.disassociate_address(AssociationId=association)
    assert "PublicIpAddress" not in instance(ec2, held)
    assert error_of(ec2.disassociate_address, AssociationId=association)[0] == "InvalidAssociationID.NotFound"
    ec2.terminate_instances(InstanceIds=[held])
    ec2.release_address(AllocationId=made["AllocationId"])


def test_an_address_before_a_secondary_one(server, ec2):
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    made = ec2.create_network_interface(SubnetId=subnet, SecondaryPrivateIpAddressCount=1)["NetworkInterface"]
    [secondary] = [one["PrivateIpAddress"] for one in made["PrivateIpAddresses"] if not one["Primary"]]
    elastic = ec2.allocate_address()
    ec2.associate_address(AllocationId=elastic["AllocationId"], NetworkInterfaceId=made["NetworkInterfaceId"], PrivateIpAddress=secondary)
    found = interface(ec2, made["NetworkInterfaceId"])
    assert "Association" not in found
    assert [one["Association"]["PublicIp"] for one in found["PrivateIpAddresses"] if "Association" in one] == [elastic["PublicIp"]]
    assert address(ec2, elastic["AllocationId"])["PrivateIpAddress"] == secondary
    ec2.delete_network_interface(NetworkInterfaceId=made["NetworkInterfaceId"])
    assert "AssociationId" not in address(ec2, elastic["AllocationId"]), "it is free again"


def test_an_interface_of_ones_own(server, ec2):
    held = running(server, ec2)
    subnet = instance(ec2, held)["SubnetId"]
    free = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["AvailableIpAddressCount"]
    made = ec2.create_network_interface(SubnetId=subnet, Description="second", TagSpecifications=tagged("network-interface"),
                                        ClientToken="once")["NetworkInterface"]
    again = ec2.create_network_interface(SubnetId=subnet, Description="second", TagSpecifications=tagged("network-interface"), ClientToken="once")
    assert again["NetworkInterface"]["NetworkInterfaceId"] == made["NetworkInterfaceId"]
    assert ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["AvailableIpAddressCount"] == free - 1
    own = made["NetworkInterfaceId"]
    ec2.get_waiter("network_interface_available").wait(NetworkInterfaceIds=[own])
    assert (made["TagSet"], made["Description"], [one["GroupName"] for one in made["Groups"]]) == (TAGS, "second", ["default"])
    attachment = ec2.attach_network_interface(NetworkInterfaceId=own, InstanceId=held, DeviceIndex=1)["AttachmentId"]
    server.advance("10s")
    assert [one["NetworkInterfaceId"] for one in instance(ec2, held)["NetworkInterfaces"]][1] == own
    assert interface(ec2, own)["Attachment"]["Status"] == "attached"
    ec2.modify_network_interface_attribute(NetworkInterfaceId=own, Attachment={"AttachmentId": attachment, "DeleteOnTermination": True})
    seen = ec2.describe_network_interface_attribute(NetworkInterfaceId=own, Attribute="attachment")["Attachment"]
    assert (seen["AttachmentId"], seen["DeleteOnTermination"]) == (attachment, True)
    assert error_of(ec2.delete_network_interface, NetworkInterfaceId=own)[:2] == (
        "InvalidParameterValue", f"Network interface '{own}' is currently in use.")
    ec2.detach_network_interface(AttachmentId=attachment)
    server.advance("10s")
    assert (interface(ec2, own)["Status"], len(instance(ec2, held)["NetworkInterfaces"])) == ("available", 1)
    ec2.delete_network_interface(NetworkInterfaceId=own)
    assert error_of(ec2.describe_network_interfaces, NetworkInterfaceIds=[own])[0] == "InvalidNetworkInterfaceID.NotFound"
    ec2.terminate_instances(InstanceIds=[held])


def test_another_address_takes_the_place(ec2):
    """Whatever the request allows: that concerns the address alone (AWS was recorded so in September 2026)."""
    vpc = ec2.create_vpc(CidrBlock="10.237.42.0/24")["Vpc"]["VpcId"]
    ec2.attach_internet_gateway(VpcId=vpc, InternetGatewayId=ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"])
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.237.42.0/24")["Subnet"]["SubnetId"]
    own, other = (ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"] for _ in range(2))
    first, second = (ec2.allocate_address()["AllocationId"] for _ in range(2))
    held = ec2.associate_address(AllocationId=first, NetworkInterfaceId=own)["AssociationId"]
    assert ec2.associate_address(AllocationId=first, NetworkInterfaceId=own, AllowReassociation=False)["AssociationId"] == held
    assert error_of(ec2.associate_address, AllocationId=first, NetworkInterfaceId=other, AllowReassociation=False)[:2] == (
        "Resource.AlreadyAssociated", f"resource {first} is already associated with associate-id {held}")
    ec2.associate_address(AllocationId=second, NetworkInterfaceId=own, AllowReassociation=False)
    assert interface(ec2, own)["Association"]["AllocationId"] == second
    assert "AssociationId" not in ec2.describe_addresses(AllocationIds=[first])["Addresses"][0]
    assert error_of(ec2.associate_address, AllocationId=first, NetworkInterfaceId=own, PrivateIpAddress="bad")[:2] == (
        "InvalidParameterValue", "invalid value for parameter private-address: bad")


def test_attributes_of_an_interface(server, ec2):
    subnet = ec2.describe_subnets()["Subnets"][0]
    own = ec2.create_network_interface(SubnetId=subnet["SubnetId"])["NetworkInterface"]["NetworkInterfaceId"]
    group = ec2.create_security_group(GroupName="own", Description="d", VpcId=subnet["VpcId"])["GroupId"]
    modify = ec2.modify_network_interface_attribute
    modify(NetworkInterfaceId=own, Description={"Value": "mine"})
    modify(NetworkInterfaceId=own, SourceDestCheck={"Value": False})
    modify(NetworkInterfaceId=own, Groups=[group])
    found = interface(ec2, own)
    assert (found["Description"], found["SourceDestCheck"], [one["GroupId"] for one in found["Groups"]]) == ("mine", False, [group])
    ask = ec2.describe_network_interface_attribute
    assert ask(NetworkInterfaceId=own, Attribute="description")["Description"] == {"Value": "mine"}
    assert ask(NetworkInterfaceId=own, Attribute="sourceDestCheck")["SourceDestCheck"] == {"Value": False}
    assert ask(NetworkInterfaceId=own, Attribute="groupSet")["Groups"] == [{"GroupId": group, "GroupName": "own"}]
    assert error_of(ec2.delete_security_group, GroupId=group)[0] == "DependencyViolation"
    ec2.delete_network_interface(NetworkInterfaceId=own)
    ec2.delete_security_group(GroupId=group)


def test_who_may_not(server, ec2):
    """By resource: rights on other resources are none on these; by condition key: the tag is another one."""
    iam = server.client("iam")
    held = running(server, ec2)
    subnet = instance(ec2, held)["SubnetId"]
    elastic = ec2.allocate_address(TagSpecifications=tagged("elastic-ip"))["AllocationId"]
    own = ec2.create_network_interface(SubnetId=subnet, TagSpecifications=tagged("network-interface"))["NetworkInterface"]["NetworkInterfaceId"]
    association = ec2.associate_address(AllocationId=elastic, NetworkInterfaceId=own)["AssociationId"]
    attachment = instance(ec2, held)["NetworkInterfaces"][0]["Attachment"]["AttachmentId"]
    calls = [
        ("allocate_address", {}), ("release_address", {"AllocationId": elastic}), ("describe_addresses", {}), ("describe_addresses_attribute", {}),
        ("associate_address", {"AllocationId": elastic, "InstanceId": held}), ("disassociate_address", {"AssociationId": association}),
        ("create_network_interface", {"SubnetId": subnet}), ("delete_network_interface", {"NetworkInterfaceId": own}),
        ("attach_network_interface", {"NetworkInterfaceId": own, "InstanceId": held, "DeviceIndex": 1}),
        ("detach_network_interface", {"AttachmentId": attachment}),
        ("modify_network_interface_attribute", {"NetworkInterfaceId": own, "Description": {"Value": "x"}}),
        ("describe_network_interface_attribute", {"NetworkInterfaceId": own, "Attribute": "description"}),
    ]
    elsewhere = ["arn:aws:ec2:*:*:elastic-ip/eipalloc-0000000000000000f", "arn:aws:ec2:*:*:network-interface/eni-0000000000000000f"]
    mine = server.client("ec2", make_user(iam, "elsewhere", {"Effect": "Allow", "Action": "ec2:*", "Resource": elsewhere}))
    blue = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    theirs = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition=blue)))
    for operation, parameters in calls:
        assert error_of(getattr(mine, operation), **parameters)[0] == "UnauthorizedOperation", operation
        assert error_of(getattr(theirs, operation), **parameters)[0] == "UnauthorizedOperation", operation
        assert error_of(getattr(ec2, operation), **parameters, DryRun=True)[0] == "DryRunOperation", operation
    assert address(ec2, elastic)["AssociationId"] == association


def test_condition_keys(server, ec2):
    iam = server.client("iam")
    made = ec2.allocate_address()
    subnet = ec2.describe_subnets()["Subnets"][0]
    own = ec2.create_network_interface(SubnetId=subnet["SubnetId"])["NetworkInterface"]["NetworkInterfaceId"]
    user = server.client("ec2", make_user(
        iam, "conditions",
        allow("ec2:ReleaseAddress", Condition={"StringEquals": {"ec2:PublicIpAddress": made["PublicIp"]}}),
        allow("ec2:AllocateAddress", Condition={"StringEquals": {"aws:RequestTag/team": "red"}}),
        allow("ec2:CreateTags", Condition={"StringEquals": {"ec2:CreateAction": "AllocateAddress"}}),
        allow("ec2:ModifyNetworkInterfaceAttribute", Condition={"StringEquals": {"ec2:Attribute/SourceDestCheck": "false"}}),
        allow("ec2:DeleteNetworkInterface", Condition={"ArnEquals": {"ec2:Subnet": subnet["SubnetArn"]}})))
    assert error_of(user.allocate_address)[0] == "UnauthorizedOperation"
    other = user.allocate_address(TagSpecifications=tagged("elastic-ip"))["AllocationId"]
    assert error_of(user.release_address, AllocationId=other)[0] == "UnauthorizedOperation"
    user.release_address(AllocationId=made["AllocationId"])
    assert error_of(user.modify_network_interface_attribute, NetworkInterfaceId=own, SourceDestCheck={"Value": True})[0] == "UnauthorizedOperation"
    user.modify_network_interface_attribute(NetworkInterfaceId=own, SourceDestCheck={"Value": False})
    user.delete_network_interface(NetworkInterfaceId=own)
