"""Elastic addresses: their names, their way to another account, pools; what is blocked at internet gateways. Effects through other operations, and who
may not."""

import pytest

from conftest import allow, error_of, launch, make_user

OTHER = "210987654321"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(scope="module")
def theirs(server):
    """The root user of another account."""
    return server.client("ec2", (OTHER, "test"))


def tagged(kind):
    return [{"ResourceType": kind, "Tags": [{"Key": "team", "Value": "red"}]}]


def name_of(ec2, allocation):
    return ec2.describe_addresses_attribute(AllocationIds=[allocation], Attribute="domain-name")["Addresses"]


def test_the_name_of_an_address(server, ec2):
    made = ec2.allocate_address()
    allocation = made["AllocationId"]
    shown = {"PublicIp": made["PublicIp"], "AllocationId": allocation}
    changed = ec2.modify_address_attribute(AllocationId=allocation, DomainName="mail.example.com")["Address"]
    assert changed == {**shown, "PtrRecordUpdate": {"Value": "mail.example.com.", "Status": "PENDING"}}
    server.advance("10s")
    assert name_of(ec2, allocation) == [{**shown, "PtrRecord": "mail.example.com."}]
    assert error_of(ec2.release_address, AllocationId=allocation)[0] == "InvalidAddress.PtrSet"
    changed = ec2.reset_address_attribute(AllocationId=allocation, Attribute="domain-name")["Address"]
    own = f"ec2-{made['PublicIp'].replace('.', '-')}.compute-1.amazonaws.com."
    assert changed == {**shown, "PtrRecord": "mail.example.com.", "PtrRecordUpdate": {"Value": own, "Status": "PENDING"}}
    server.advance("10s")
    assert name_of(ec2, allocation) == []
    ec2.release_address(AllocationId=allocation)


def test_an_address_goes_to_another_account(server, ec2, theirs):
    made = ec2.allocate_address(TagSpecifications=tagged("elastic-ip"))
    allocation, address = made["AllocationId"], made["PublicIp"]
    assert error_of(theirs.accept_address_transfer, Address=address)[:2] == ("InvalidAddress.NotFound", f"Address '{address}' not found.")
    offered = ec2.enable_address_transfer(AllocationId=allocation, TransferAccountId=OTHER)["AddressTransfer"]
    assert (offered["AddressTransferStatus"], offered["TransferAccountId"]) == ("pending", OTHER)
    assert ec2.describe_address_transfers(AllocationIds=[allocation])["AddressTransfers"] == [offered]
    held = launch(ec2)
    server.advance("1m")
    association = ec2.associate_address(AllocationId=allocation, InstanceId=held)["AssociationId"]
    assert error_of(theirs.accept_address_transfer, Address=address)[0] == "InvalidTransfer.AddressAssociated"
    ec2.disassociate_address(AssociationId=association)
    ec2.terminate_instances(InstanceIds=[held])
    ec2.modify_address_attribute(AllocationId=allocation, DomainName="mail.example.com")
    assert error_of(theirs.accept_address_transfer, Address=address)[0] == "InvalidTransfer.AddressCustomPtrSet"
    ec2.reset_address_attribute(AllocationId=allocation, Attribute="domain-name")
    server.advance("10s")
    accepted = theirs.accept_address_transfer(Address=address, TagSpecifications=tagged("elastic-ip"))["AddressTransfer"]
    assert accepted["AddressTransferStatus"] == "accepted"
    [mine] = theirs.describe_addresses(PublicIps=[address])["Addresses"]
    assert mine["Tags"] == [{"Key": "team", "Value": "red"}]
    assert error_of(ec2.describe_addresses, PublicIps=[address])[0] == "InvalidAddress.NotFound"
    assert ec2.describe_address_transfers()["AddressTransfers"][0]["AddressTransferStatus"] == "accepted"
    server.advance("360h")
    assert ec2.describe_address_transfers()["AddressTransfers"] == []
    theirs.release_address(AllocationId=mine["AllocationId"])


def test_an_offer_is_taken_back_or_runs_out(server, ec2, theirs):
    made = ec2.allocate_address()
    allocation, address = made["AllocationId"], made["PublicIp"]
    ec2.enable_address_transfer(AllocationId=allocation, TransferAccountId=OTHER)
    assert ec2.disable_address_transfer(AllocationId=allocation)["AddressTransfer"] == {
        "PublicIp": address, "AllocationId": allocation, "AddressTransferStatus": "disabled"}
    assert error_of(theirs.accept_address_transfer, Address=address)[0] == "InvalidAddress.NotFound"
    ec2.enable_address_transfer(AllocationId=allocation, TransferAccountId=OTHER)
    server.advance("192h")
    assert error_of(theirs.accept_address_transfer, Address=address)[0] == "InvalidAddress.NotFound"
    ec2.release_address(AllocationId=allocation)


def test_pools(ec2):
    pool = ec2.create_public_ipv4_pool(TagSpecifications=tagged("ipv4pool-ec2"))["PoolId"]
    [seen] = ec2.describe_public_ipv4_pools(Filters=[{"Name": "tag:team", "Values": ["red"]}])["PublicIpv4Pools"]
    assert (seen["PoolId"], seen["TotalAddressCount"], seen["NetworkBorderGroup"]) == (pool, 0, "us-east-1")
    assert error_of(ec2.allocate_address, PublicIpv4Pool=pool)[0] == "InsufficientAddressCapacity"
    assert ec2.delete_public_ipv4_pool(PoolId=pool)["ReturnValue"] is True
    assert error_of(ec2.describe_public_ipv4_pools, PoolIds=[pool])[0] == "InvalidPublicIpv4PoolID.NotFound"


def test_blocked_public_access(server, ec2):
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]

    def modes():
        return [one["BlockPublicAccessStates"]["InternetGatewayBlockMode"] for one in (
            ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0], ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0])]

    options = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
    assert (options["State"], options["InternetGatewayBlockMode"], modes()) == ("default-state", "off", ["off", "off"])
    changed = ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-bidirectional")["VpcBlockPublicAccessOptions"]
    assert changed["State"] == "update-in-progress"
    server.advance("5m")
    options = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
    assert (options["State"], options["ManagedBy"], modes()) == ("update-complete", "account", ["block-bidirectional"] * 2)
    made = ec2.create_vpc_block_public_access_exclusion(
        SubnetId=subnet, InternetGatewayExclusionMode="allow-egress",
        TagSpecifications=tagged("vpc-block-public-access-exclusion"))["VpcBlockPublicAccessExclusion"]
    assert (made["State"], modes()) == ("create-in-progress", ["block-bidirectional", "block-ingress"])
    server.advance("5m")
    asked = [{"Name": "state", "Values": ["create-complete"]}, {"Name": "resource-arn", "Values": [f"*{subnet}"]}]
    [seen] = ec2.describe_vpc_block_public_access_exclusions(Filters=asked)["VpcBlockPublicAccessExclusions"]
    exclusion = seen["ExclusionId"]
    ec2.modify_vpc_block_public_access_exclusion(ExclusionId=exclusion, InternetGatewayExclusionMode="allow-bidirectional")
    assert modes() == ["block-bidirectional", "off"]
    gone = ec2.delete_vpc_block_public_access_exclusion(ExclusionId=exclusion)["VpcBlockPublicAccessExclusion"]
    assert (gone["State"], modes()) == ("delete-in-progress", ["block-bidirectional"] * 2)
    server.advance("5m")
    assert error_of(ec2.delete_vpc_block_public_access_exclusion, ExclusionId=exclusion)[1].endswith(
        "is in delete-complete state and cannot be deleted")
    ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="off")


def test_tenancy(server, ec2):
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", InstanceTenancy="dedicated")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]

    def tenancy():
        held = launch(ec2, SubnetId=subnet)
        instance = ec2.describe_instances(InstanceIds=[held])["Reservations"][0]["Instances"][0]
        ec2.terminate_instances(InstanceIds=[held])
        return instance["Placement"]["Tenancy"]

    assert tenancy() == "dedicated"
    assert ec2.modify_vpc_tenancy(VpcId=vpc, InstanceTenancy="default")["ReturnValue"] is True
    assert (ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["InstanceTenancy"], tenancy()) == ("default", "default")


def test_classic_link_is_gone(ec2):
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    refused = ("UnsupportedOperation", "The functionality you requested is not available in this region.")
    for call, parameters in [
        (ec2.describe_vpc_classic_link, {}), (ec2.describe_vpc_classic_link_dns_support, {}), (ec2.describe_classic_link_instances, {}),
        (ec2.enable_vpc_classic_link, {"VpcId": vpc}), (ec2.disable_vpc_classic_link, {"VpcId": vpc}),
        (ec2.enable_vpc_classic_link_dns_support, {"VpcId": vpc}), (ec2.disable_vpc_classic_link_dns_support, {"VpcId": vpc}),
        (ec2.attach_classic_link_vpc, {"InstanceId": "i-12345678", "VpcId": vpc, "Groups": ["sg-12345678"]}),
        (ec2.detach_classic_link_vpc, {"InstanceId": "i-12345678", "VpcId": vpc}),
    ]:
        assert error_of(call, **parameters)[:2] == refused


def test_who_may_not(server, ec2):
    """By resource: rights on other resources are none on these; by condition key: the tag is another one."""
    iam = server.client("iam")
    made = ec2.allocate_address(TagSpecifications=tagged("elastic-ip"))
    allocation = made["AllocationId"]
    pool = ec2.create_public_ipv4_pool()["PoolId"]
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    exclusion = ec2.create_vpc_block_public_access_exclusion(VpcId=vpc, InternetGatewayExclusionMode="allow-egress")[
        "VpcBlockPublicAccessExclusion"]["ExclusionId"]
    calls = [
        ("modify_address_attribute", {"AllocationId": allocation, "DomainName": "a.example.com"}),
        ("reset_address_attribute", {"AllocationId": allocation, "Attribute": "domain-name"}),
        ("enable_address_transfer", {"AllocationId": allocation, "TransferAccountId": OTHER}),
        ("disable_address_transfer", {"AllocationId": allocation}), ("accept_address_transfer", {"Address": made["PublicIp"]}),
        ("describe_address_transfers", {}), ("create_public_ipv4_pool", {}), ("describe_public_ipv4_pools", {}),
        ("delete_public_ipv4_pool", {"PoolId": pool}), ("modify_vpc_tenancy", {"VpcId": vpc, "InstanceTenancy": "default"}),
        ("describe_vpc_block_public_access_options", {}),
        ("modify_vpc_block_public_access_options", {"InternetGatewayBlockMode": "off"}),
        ("create_vpc_block_public_access_exclusion", {"VpcId": vpc, "InternetGatewayExclusionMode": "allow-egress"}),
        ("modify_vpc_block_public_access_exclusion", {"ExclusionId": exclusion, "InternetGatewayExclusionMode": "allow-egress"}),
        ("delete_vpc_block_public_access_exclusion", {"ExclusionId": exclusion}), ("describe_vpc_block_public_access_exclusions", {}),
    ]
    elsewhere = ["arn:aws:ec2:*:*:elastic-ip/eipalloc-0000000000000000f", "arn:aws:ec2:*:*:vpc/vpc-0000000000000000f"]
    other = server.client("ec2", make_user(iam, "more-elsewhere", {"Effect": "Allow", "Action": "ec2:*", "Resource": elsewhere}))
    blue = server.client("ec2", make_user(iam, "more-blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    for operation, parameters in calls:
        assert error_of(getattr(other, operation), **parameters)[0] == "UnauthorizedOperation", operation
        assert error_of(getattr(blue, operation), **parameters)[0] == "UnauthorizedOperation", operation
    named = server.client("ec2", make_user(iam, "more-named", allow(
        "ec2:ModifyAddressAttribute", Condition={"StringEquals": {"ec2:Attribute/DomainName": "mail.example.com"}})))
    assert error_of(named.modify_address_attribute, AllocationId=allocation, DomainName="other.example.com")[0] == "UnauthorizedOperation"
    named.modify_address_attribute(AllocationId=allocation, DomainName="mail.example.com")
    assert name_of(ec2, allocation)[0]["PtrRecordUpdate"]["Value"] == "mail.example.com."
