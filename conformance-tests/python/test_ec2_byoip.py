"""Address ranges that accounts bring, and the pools they fill; addresses of EC2-Classic, of which there are none."""

import pytest

from conftest import allow, error_of, make_user

ACCOUNT = "000000000000"
TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def context(block, account=ACCOUNT):
    return {"Message": f"1|aws|{account}|{block}|20300101|SHA256|RSAPSS", "Signature": "signed"}


def held(ec2, block):
    found = ec2.describe_byoip_cidrs(MaxResults=100)["ByoipCidrs"]
    return next((one for one in found if one["Cidr"] == block), None)


def test_a_range_of_ipv4(server, ec2):
    block = "203.0.110.0/24"
    tagged = [{"ResourceType": "ipv4pool-ec2", "Tags": TAGS}]
    made = ec2.provision_byoip_cidr(Cidr="203.0.110.7/24", Description="ours", CidrAuthorizationContext=context(block),
                                    PoolTagSpecifications=tagged)["ByoipCidr"]
    assert (made["Cidr"], made["State"], made["Description"]) == (block, "pending-provision", "ours") and "StatusMessage" not in made
    [pool] = ec2.describe_public_ipv4_pools(Filters=[{"Name": "tag:team", "Values": ["red"]}])["PublicIpv4Pools"]
    name = pool["PoolId"]
    assert error_of(ec2.allocate_address, PublicIpv4Pool=name)[0] == "InsufficientAddressCapacity"
    server.advance("2h")
    assert held(ec2, block)["State"] == "provisioned" and held(ec2, block)["StatusMessage"] == name
    assert ec2.advertise_byoip_cidr(Cidr=block)["ByoipCidr"]["State"] == "pending-advertising"
    server.advance("10m")
    assert held(ec2, block)["State"] == "advertised"
    address = ec2.allocate_address(PublicIpv4Pool=name)
    assert (address["PublicIp"], address["PublicIpv4Pool"]) == ("203.0.110.0", name)
    certain = ec2.allocate_address(PublicIpv4Pool=name, Address="203.0.110.77")
    assert certain["PublicIp"] == "203.0.110.77"
    assert error_of(ec2.allocate_address, PublicIpv4Pool=name, Address="203.0.110.77")[0] == "InvalidAddress.NotFound"
    [shown] = ec2.describe_addresses(AllocationIds=[certain["AllocationId"]])["Addresses"]
    assert shown["PublicIpv4Pool"] == name
    [pool] = ec2.describe_public_ipv4_pools(PoolIds=[name])["PublicIpv4Pools"]
    assert pool["PoolAddressRanges"] == [{"FirstAddress": "203.0.110.0", "LastAddress": "203.0.110.255", "AddressCount": 256, "AvailableAddressCount": 254}]
    assert (pool["TotalAddressCount"], pool["TotalAvailableAddressCount"], pool["Description"]) == (256, 254, "ours")
    assert error_of(ec2.deprovision_byoip_cidr, Cidr=block)[0] == "IncorrectState"
    assert ec2.withdraw_byoip_cidr(Cidr=block)["ByoipCidr"]["State"] == "pending-withdrawal"
    server.advance("10m")
    assert error_of(ec2.deprovision_byoip_cidr, Cidr=block)[:2] == ("IncorrectState", f"The address range {block} has addresses that are allocated.")
    assert error_of(ec2.delete_public_ipv4_pool, PoolId=name)[0] == "IncorrectState"
    for one in (address, certain):
        ec2.release_address(AllocationId=one["AllocationId"])
    assert ec2.deprovision_byoip_cidr(Cidr=block)["ByoipCidr"]["State"] == "pending-deprovision"
    server.advance("10m")
    assert held(ec2, block)["State"] == "deprovisioned" and ec2.describe_public_ipv4_pools()["PublicIpv4Pools"] == []
    again = ec2.provision_byoip_cidr(Cidr=block, CidrAuthorizationContext=context(block))["ByoipCidr"]
    assert again["State"] == "pending-provision"


def test_a_range_that_is_not_proven(server, ec2):
    ec2.provision_byoip_cidr(Cidr="203.0.111.0/24", CidrAuthorizationContext=context("203.0.111.0/24", "999999999999"))
    server.advance("2h")
    failed = held(ec2, "203.0.111.0/24")
    assert failed["State"] == "failed-provision" and "does not prove" in failed["StatusMessage"]
    assert error_of(ec2.advertise_byoip_cidr, Cidr="203.0.111.0/24")[0] == "IncorrectState"
    ec2.deprovision_byoip_cidr(Cidr="203.0.111.0/24")


def test_a_range_of_ipv6(server, ec2):
    block = "2600:9000:a100::/48"
    ec2.provision_byoip_cidr(Cidr=block, PubliclyAdvertisable=False, Description="six", CidrAuthorizationContext=context(block))
    server.advance("2h")
    found = held(ec2, block)
    assert found["State"] == "provisioned-not-publicly-advertisable"
    pool = found["PoolId"]
    [shown] = ec2.describe_ipv6_pools(PoolIds=[pool])["Ipv6Pools"]
    assert shown["PoolCidrBlocks"] == [{"Cidr": block}] and shown["Description"] == "six"
    ec2.create_tags(Resources=[pool], Tags=TAGS)
    assert [one["PoolId"] for one in ec2.describe_ipv6_pools(Filters=[{"Name": "tag:team", "Values": ["red"]}])["Ipv6Pools"]] == [pool]
    vpc = ec2.create_vpc(CidrBlock="10.91.0.0/16", Ipv6Pool=pool)["Vpc"]["VpcId"]
    server.advance("1m")
    [ipv6] = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"]
    assert (ipv6["Ipv6CidrBlock"], ipv6["Ipv6Pool"], ipv6["IpSource"]) == ("2600:9000:a100::/56", pool, "byoip")
    other = ec2.create_vpc(CidrBlock="10.92.0.0/16")["Vpc"]["VpcId"]
    taken = {"VpcId": other, "Ipv6Pool": pool, "Ipv6CidrBlock": "2600:9000:a100::/56"}
    assert error_of(ec2.associate_vpc_cidr_block, **taken)[0] == "InvalidParameterValue"
    ec2.associate_vpc_cidr_block(**{**taken, "Ipv6CidrBlock": "2600:9000:a100:4400::/56"})
    associated = ec2.get_associated_ipv6_pool_cidrs(PoolId=pool)["Ipv6CidrAssociations"]
    assert {(one["Ipv6Cidr"], one["AssociatedResource"]) for one in associated} == {(ipv6["Ipv6CidrBlock"], vpc), ("2600:9000:a100:4400::/56", other)}
    assert error_of(ec2.deprovision_byoip_cidr, Cidr=block)[0] == "IncorrectState"
    second = ec2.create_vpc(CidrBlock="10.93.0.0/16", Ipv6Pool=pool)["Vpc"]["VpcId"]
    ec2.disassociate_vpc_cidr_block(AssociationId=ipv6["AssociationId"])
    server.advance("1m")
    former, = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"]
    assert (former["Ipv6CidrBlockState"]["State"], former["Ipv6Pool"], former["IpSource"]) == ("disassociated", pool, "byoip")
    third = ec2.create_vpc(CidrBlock="10.94.0.0/16", Ipv6Pool=pool)["Vpc"]["VpcId"]
    taken = {one["AssociatedResource"]: one["Ipv6Cidr"] for one in ec2.get_associated_ipv6_pool_cidrs(PoolId=pool)["Ipv6CidrAssociations"]}
    assert (taken[second], taken[third]) == ("2600:9000:a100:100::/56", "2600:9000:a100::/56")
    for one in (vpc, other, second, third):
        ec2.delete_vpc(VpcId=one)
    ec2.deprovision_byoip_cidr(Cidr=block)
    assert ec2.describe_ipv6_pools()["Ipv6Pools"] == []


def test_pages_and_permissions(server, ec2):
    elsewhere = server.client("ec2", region="eu-west-1")
    for third in range(4):
        elsewhere.provision_byoip_cidr(Cidr=f"198.51.{third}.0/24")
    pages = list(elsewhere.get_paginator("describe_byoip_cidrs").paginate(PaginationConfig={"PageSize": 1}))
    assert [one["Cidr"] for page in pages for one in page["ByoipCidrs"]] == [f"198.51.{third}.0/24" for third in range(4)]
    nobody = server.client("ec2", make_user(server.client("iam"), "nobody", allow("ec2:DescribeByoipCidrs")))
    nobody.describe_byoip_cidrs(MaxResults=5)
    for call in (nobody.provision_byoip_cidr, nobody.advertise_byoip_cidr, nobody.withdraw_byoip_cidr, nobody.deprovision_byoip_cidr):
        assert error_of(call, Cidr="198.51.9.0/24")[0] == "UnauthorizedOperation"
    assert error_of(nobody.describe_ipv6_pools)[0] == "UnauthorizedOperation"
    assert error_of(ec2.provision_byoip_cidr, Cidr="198.51.9.0/24", DryRun=True)[0] == "DryRunOperation"


def test_ec2_classic_is_gone(ec2):
    address = ec2.allocate_address()
    assert ec2.describe_moving_addresses(PublicIps=[address["PublicIp"]])["MovingAddressStatuses"] == []
    for call in (ec2.move_address_to_vpc, ec2.restore_address_to_classic):
        assert error_of(call, PublicIp=address["PublicIp"])[:2] == (
            "UnsupportedOperation", "The functionality you requested is not available in this region.")
