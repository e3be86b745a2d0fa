"""What had which block of addresses, and when: GetIpamAddressHistory by samples."""

import pytest

from conftest import allow, error_of, launch, make_user


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(scope="module")
def ipam(server, ec2):
    made = ec2.create_ipam()["Ipam"]
    server.advance("1m")
    return made


def past(ec2, scope, block, **more):
    pages = ec2.get_paginator("get_ipam_address_history").paginate(IpamScopeId=scope, Cidr=block, **more)
    return [record for page in pages for record in page["HistoryRecords"]]


def test_a_network_and_what_is_in_it(server, ec2, ipam):
    scope = ipam["PrivateDefaultScopeId"]
    begin = ec2.describe_vpcs()["ResponseMetadata"]["HTTPHeaders"]["x-rolecall-time"]
    vpc = ec2.create_vpc(CidrBlock="10.70.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "plant"}]}])["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.70.1.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    instance = launch(ec2, SubnetId=subnet, PrivateIpAddress="10.70.1.9")
    server.advance("10m")
    [of_vpc] = past(ec2, scope, "10.70.0.0/16")
    assert (of_vpc["ResourceType"], of_vpc["ResourceId"], of_vpc["ResourceName"], of_vpc["VpcId"], of_vpc["ResourceCidr"]) == (
        "vpc", vpc, "plant", vpc, "10.70.0.0/16")
    assert (of_vpc["ResourceOwnerId"], of_vpc["ResourceRegion"], of_vpc["ResourceComplianceStatus"], of_vpc["ResourceOverlapStatus"]) == (
        "000000000000", "us-east-1", "unmanaged", "nonoverlapping")
    assert "SampledEndTime" not in of_vpc
    [of_subnet] = past(ec2, scope, "10.70.1.0/24", VpcId=vpc)
    assert (of_subnet["ResourceType"], of_subnet["ResourceId"]) == ("subnet", subnet)
    holders = {record["ResourceType"]: record["ResourceId"] for record in past(ec2, scope, "10.70.1.9/32")}
    assert holders["instance"] == instance and holders["network-interface"].startswith("eni-") and len(holders) == 2
    ec2.terminate_instances(InstanceIds=[instance])
    server.advance("10m")
    assert past(ec2, scope, "10.70.1.9/32") == []
    ended = past(ec2, scope, "10.70.1.9/32", StartTime=begin)
    assert {record["ResourceId"] for record in ended} == set(holders.values()) and all("SampledEndTime" in record for record in ended)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)
    again = ec2.create_vpc(CidrBlock="10.70.0.0/16")["Vpc"]["VpcId"]
    server.advance("10m")
    assert [record["ResourceId"] for record in past(ec2, scope, "10.70.0.0/16")] == [again]
    assert [record["ResourceId"] for record in past(ec2, scope, "10.70.0.0/16", StartTime=begin)] == [vpc, again]
    assert past(ec2, scope, "10.70.0.0/16", EndTime=begin) == []
    server.stop()
    server.start()
    assert [record["ResourceId"] for record in past(ec2, scope, "10.70.0.0/16", StartTime=begin)] == [vpc, again]
    assert past(ec2, ipam["PublicDefaultScopeId"], "10.70.0.0/16", StartTime=begin) == []


def test_an_elastic_address(server, ec2, ipam):
    address = ec2.allocate_address()
    server.advance("10m")
    [record] = past(ec2, ipam["PublicDefaultScopeId"], f"{address['PublicIp']}/32")
    assert (record["ResourceType"], record["ResourceId"]) == ("eip", address["AllocationId"])


def test_pages(server, ec2, ipam):
    scope = ipam["PrivateDefaultScopeId"]
    made = {ec2.create_vpc(CidrBlock="10.71.0.0/16")["Vpc"]["VpcId"] for _ in range(7)}
    server.advance("10m")
    paged = ec2.get_paginator("get_ipam_address_history").paginate(IpamScopeId=scope, Cidr="10.71.0.0/16", PaginationConfig={"PageSize": 2})
    pages = [[record["ResourceId"] for record in page["HistoryRecords"]] for page in paged]
    assert [len(page) for page in pages] == [2, 2, 2, 1] and {name for page in pages for name in page} == made


def test_who_may(server, ec2, ipam):
    iam, scope = server.client("iam"), ipam["PrivateDefaultScopeId"]
    other = server.client("ec2", make_user(iam, "ann", allow("ec2:GetIpamAddressHistory", f"arn:aws:ec2::000000000000:ipam-scope/{scope}")))
    assert past(other, scope, "172.31.0.0/16")
    assert error_of(other.get_ipam_address_history, IpamScopeId=ipam["PublicDefaultScopeId"], Cidr="172.31.0.0/16")[0] == "UnauthorizedOperation"
    assert error_of(ec2.get_ipam_address_history, IpamScopeId=scope, Cidr="all")[:2] == (
        "InvalidParameterValue", "Value (all) for parameter cidr is invalid. This is not a valid CIDR block.")
    assert error_of(ec2.get_ipam_address_history, IpamScopeId="ipam-scope-0123456789abcdef0", Cidr="10.0.0.0/8")[0] == "InvalidIpamScopeId.NotFound"
