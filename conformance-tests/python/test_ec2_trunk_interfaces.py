"""Branch interfaces on trunk interfaces, and who may not."""

import pytest

from conftest import allow, error_of, image, make_user


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def new(ec2, **more):
    subnet = ec2.describe_subnets(Filters=[{"Name": "availability-zone", "Values": ["us-east-1a"]}])["Subnets"][0]["SubnetId"]
    return ec2.create_network_interface(SubnetId=subnet, **more)["NetworkInterface"]["NetworkInterfaceId"]


def status(ec2, name):
    found = ec2.describe_network_interfaces(NetworkInterfaceIds=[name])["NetworkInterfaces"][0]
    return found["InterfaceType"], found["Status"]


def test_branches(ec2):
    branch, other, trunk = new(ec2, InterfaceType="branch"), new(ec2, InterfaceType="branch"), new(ec2, InterfaceType="trunk")
    assert [status(ec2, one) for one in (branch, trunk)] == [("branch", "available"), ("trunk", "available")]
    made = ec2.associate_trunk_interface(BranchInterfaceId=branch, TrunkInterfaceId=trunk, VlanId=100, ClientToken="once")["InterfaceAssociation"]
    name = made["AssociationId"]
    assert (name.startswith("trunk-assoc-"), made["InterfaceProtocol"], made["VlanId"]) == (True, "VLAN", 100)
    ec2.associate_trunk_interface(BranchInterfaceId=other, TrunkInterfaceId=trunk, GreKey=7)
    found = ec2.describe_trunk_interface_associations(Filters=[{"Name": "gre-key", "Values": ["7"]}])["InterfaceAssociations"]
    assert [(one["BranchInterfaceId"], one["TrunkInterfaceId"], one["InterfaceProtocol"]) for one in found] == [(other, trunk, "GRE")]
    assert status(ec2, branch) == ("branch", "in-use")
    assert error_of(ec2.delete_network_interface, NetworkInterfaceId=trunk)[:2] == ("InvalidParameterValue", f"Network interface '{trunk}' is currently in use.")
    assert error_of(ec2.associate_trunk_interface, BranchInterfaceId=trunk, TrunkInterfaceId=trunk, VlanId=1)[:2] == (
        "InvalidParameterValue", f"The network interface '{trunk}' is not of type branch.")
    launch = dict(ImageId=image(ec2), InstanceType="t3.micro", MinCount=1, MaxCount=1, NetworkInterfaces=[{"DeviceIndex": 0, "NetworkInterfaceId": branch}])
    assert error_of(ec2.run_instances, **launch)[:2] == ("InvalidNetworkInterface.InUse", f"Interface: [{branch}] in use.")
    assert ec2.disassociate_trunk_interface(AssociationId=name)["Return"]
    assert error_of(ec2.describe_trunk_interface_associations, AssociationIds=[name])[:2] == (
        "InvalidAssociationID.NotFound", f"The association ID '{name}' does not exist")
    ec2.disassociate_trunk_interface(AssociationId=found[0]["AssociationId"])
    for one in (branch, other, trunk):
        ec2.delete_network_interface(NetworkInterfaceId=one)


def test_pages(ec2):
    trunk = new(ec2, InterfaceType="trunk")
    made = {ec2.associate_trunk_interface(BranchInterfaceId=new(ec2, InterfaceType="branch"), TrunkInterfaceId=trunk, VlanId=vlan)["InterfaceAssociation"]["AssociationId"]
            for vlan in range(1, 8)}
    pages = list(ec2.get_paginator("describe_trunk_interface_associations").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["InterfaceAssociations"]) for page in pages] == [5, 2]
    assert {one["AssociationId"] for page in pages for one in page["InterfaceAssociations"]} == made


def test_who_may(server, ec2):
    limited = server.client("ec2", make_user(server.client("iam"), "trunks", allow("ec2:DescribeTrunkInterfaceAssociations")))
    assert limited.describe_trunk_interface_associations()
    eni = "eni-0123456789abcdef0"
    code, message = error_of(limited.associate_trunk_interface, BranchInterfaceId=eni, TrunkInterfaceId=eni, VlanId=1)[:2]
    assert code == "UnauthorizedOperation" and "ec2:AssociateTrunkInterface" in message
    assert error_of(limited.disassociate_trunk_interface, AssociationId="trunk-assoc-0123456789abcdef0")[0] == "UnauthorizedOperation"
    assert error_of(ec2.associate_trunk_interface, BranchInterfaceId=eni, TrunkInterfaceId=eni, VlanId=1)[:2] == (
        "InvalidNetworkInterfaceID.NotFound", f"The networkInterface ID '{eni}' does not exist")
