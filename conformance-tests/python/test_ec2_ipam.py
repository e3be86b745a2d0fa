"""IPAM: address managers, scopes, pools, what is provisioned and allocated, and VPCs that take their block from a pool."""

import pytest

from conftest import allow, error_of, make_user

TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


@pytest.fixture(scope="module")
def ipam(server, ec2):
    made = ec2.create_ipam(Description="addresses", OperatingRegions=[{"RegionName": "eu-west-1"}], TagSpecifications=tagged("ipam"))["Ipam"]
    assert (made["State"], made["ScopeCount"], made["IpamRegion"], made["Tags"]) == ("create-in-progress", 2, "us-east-1", TAGS)
    assert made["OperatingRegions"] == [{"RegionName": "eu-west-1"}, {"RegionName": "us-east-1"}]
    assert made["IpamArn"] == f"arn:aws:ec2::000000000000:ipam/{made['IpamId']}"
    server.advance("1m")
    return ec2.describe_ipams(IpamIds=[made["IpamId"]])["Ipams"][0]


@pytest.fixture(scope="module")
def pool(server, ec2, ipam):
    made = ec2.create_ipam_pool(IpamScopeId=ipam["PrivateDefaultScopeId"], AddressFamily="ipv4", Locale="us-east-1", AllocationDefaultNetmaskLength=24,
                                TagSpecifications=tagged("ipam-pool"))["IpamPool"]
    assert (made["PoolDepth"], made["IpamScopeType"], made["IpamArn"], made["Tags"]) == (1, "private", ipam["IpamArn"], TAGS)
    name = {"IpamPoolId": made["IpamPoolId"]}
    assert ec2.provision_ipam_pool_cidr(**name, Cidr="10.8.0.0/16")["IpamPoolCidr"]["State"] == "pending-provision"
    server.advance("1m")
    cidrs = ec2.get_ipam_pool_cidrs(**name)["IpamPoolCidrs"]
    assert [(one["Cidr"], one["State"]) for one in cidrs] == [("10.8.0.0/16", "provisioned")]
    return name


def test_the_manager(ec2, ipam):
    assert ipam["State"] == "create-complete"
    changed = ec2.modify_ipam(IpamId=ipam["IpamId"], Description="changed", AddOperatingRegions=[{"RegionName": "eu-central-1"}],
                              RemoveOperatingRegions=[{"RegionName": "eu-west-1"}])["Ipam"]
    assert (changed["State"], changed["OperatingRegions"]) == ("modify-in-progress", [{"RegionName": "eu-central-1"}, {"RegionName": "us-east-1"}])
    ec2.modify_ipam(IpamId=ipam["IpamId"], AddOperatingRegions=[{"RegionName": "eu-west-1"}])
    made = ec2.create_ipam_scope(IpamId=ipam["IpamId"], Description="lab", TagSpecifications=tagged("ipam-scope"))["IpamScope"]
    assert (made["IpamScopeType"], made["IsDefault"], made["PoolCount"], made["Tags"]) == ("private", False, 0, TAGS)
    name = {"IpamScopeId": made["IpamScopeId"]}
    assert ec2.describe_ipams()["Ipams"][0]["ScopeCount"] == 3
    assert ec2.modify_ipam_scope(**name, Description="test")["IpamScope"]["Description"] == "test"
    found = ec2.describe_ipam_scopes(Filters=[{"Name": "is-default", "Values": ["true"]}])["IpamScopes"]
    assert {one["IpamScopeId"] for one in found} == {ipam["PrivateDefaultScopeId"], ipam["PublicDefaultScopeId"]}
    assert ec2.delete_ipam_scope(**name)["IpamScope"]["State"] == "delete-in-progress"
    assert error_of(ec2.delete_ipam_scope, IpamScopeId=ipam["PrivateDefaultScopeId"])[0] == "OperationNotPermitted"


def test_allocations(ec2, pool):
    made = ec2.allocate_ipam_pool_cidr(**pool, Description="office", ClientToken="one")["IpamPoolAllocation"]
    assert (made["Cidr"], made["ResourceType"], made["Description"]) == ("10.8.0.0/24", "custom", "office")
    assert ec2.allocate_ipam_pool_cidr(**pool, Description="office", ClientToken="one")["IpamPoolAllocation"] == made
    preview = ec2.allocate_ipam_pool_cidr(**pool, NetmaskLength=28, PreviewNextCidr=True)["IpamPoolAllocation"]
    assert preview == {"Cidr": "10.8.1.0/28"}
    name = made["IpamPoolAllocationId"]
    assert ec2.modify_ipam_pool_allocation(IpamPoolAllocationId=name, Description="lab")["IpamPoolAllocation"]["Description"] == "lab"
    assert [one["Description"] for one in ec2.get_ipam_pool_allocations(**pool)["IpamPoolAllocations"]] == ["lab"]
    assert [one["IpamPoolAllocationId"] for one in ec2.describe_ipam_pool_allocations()["IpamPoolAllocations"]] == [name]
    assert error_of(ec2.deprovision_ipam_pool_cidr, **pool, Cidr="10.8.0.0/16")[0] == "IncorrectState"
    assert ec2.release_ipam_pool_allocation(**pool, IpamPoolAllocationId=name, Cidr="10.8.0.0/24")["Success"]
    assert ec2.get_ipam_pool_allocations(**pool)["IpamPoolAllocations"] == []


def test_vpcs_from_a_pool(server, ec2, ipam, pool):
    vpc = ec2.create_vpc(Ipv4IpamPoolId=pool["IpamPoolId"], Ipv4NetmaskLength=20)["Vpc"]
    assert vpc["CidrBlock"] == "10.8.0.0/20"
    named = ec2.create_vpc(Ipv4IpamPoolId=pool["IpamPoolId"], CidrBlock="10.8.64.0/20")["Vpc"]
    default = ec2.create_vpc(Ipv4IpamPoolId=pool["IpamPoolId"])["Vpc"]
    assert default["CidrBlock"] == "10.8.16.0/24"
    held = {one["ResourceId"]: one["Cidr"] for one in ec2.get_ipam_pool_allocations(**pool)["IpamPoolAllocations"]}
    assert held == {one["VpcId"]: one["CidrBlock"] for one in (vpc, named, default)}
    assert error_of(ec2.create_vpc, Ipv4IpamPoolId=pool["IpamPoolId"], CidrBlock="10.8.64.0/24")[0] == "InsufficientCidrBlocks"
    added = ec2.associate_vpc_cidr_block(VpcId=vpc["VpcId"], Ipv4IpamPoolId=pool["IpamPoolId"], Ipv4NetmaskLength=24)["CidrBlockAssociation"]
    assert added["CidrBlock"] == "10.8.17.0/24"
    ec2.disassociate_vpc_cidr_block(AssociationId=added["AssociationId"])
    assert "10.8.17.0/24" not in [one["Cidr"] for one in ec2.get_ipam_pool_allocations(**pool)["IpamPoolAllocations"]]
    elsewhere = server.client("ec2", region="eu-west-1")
    code, text, _ = error_of(elsewhere.create_vpc, Ipv4IpamPoolId=pool["IpamPoolId"], Ipv4NetmaskLength=24)
    assert code == "InvalidParameterValue" and "locale" in text
    assert error_of(ec2.delete_ipam_pool, **pool, Cascade=True)[0] == "DependencyViolation"
    for one in (vpc, named, default):
        ec2.delete_vpc(VpcId=one["VpcId"])
    assert ec2.get_ipam_pool_allocations(**pool)["IpamPoolAllocations"] == []


def test_a_pool_of_another_region(server, ec2, ipam):
    made = ec2.create_ipam_pool(IpamScopeId=ipam["PrivateDefaultScopeId"], AddressFamily="ipv4", Locale="eu-west-1")["IpamPool"]["IpamPoolId"]
    ec2.provision_ipam_pool_cidr(IpamPoolId=made, Cidr="10.1.0.0/16")
    server.advance("1m")
    europe = server.client("ec2", region="eu-west-1")
    vpc = europe.create_vpc(Ipv4IpamPoolId=made, Ipv4NetmaskLength=24)["Vpc"]
    held = ec2.get_ipam_pool_allocations(IpamPoolId=made)["IpamPoolAllocations"]
    assert [(one["ResourceId"], one["ResourceRegion"]) for one in held] == [(vpc["VpcId"], "eu-west-1")]
    assert error_of(ec2.create_vpc, Ipv4IpamPoolId=made, Ipv4NetmaskLength=24)[0] == "InvalidParameterValue"
    europe.delete_vpc(VpcId=vpc["VpcId"])
    assert ec2.delete_ipam_pool(IpamPoolId=made, Cascade=True)["IpamPool"]["State"] == "delete-in-progress"


def test_what_is_in_a_scope(server, ec2, ipam, pool):
    scope, public = ipam["PrivateDefaultScopeId"], ipam["PublicDefaultScopeId"]
    ec2.modify_ipam_pool(**pool, AddAllocationResourceTags=[{"Key": "team", "Value": "red"}])
    assert error_of(ec2.create_vpc, Ipv4IpamPoolId=pool["IpamPoolId"], Ipv4NetmaskLength=24)[0] == "InvalidParameterValue"
    tags = [{"Key": "Name", "Value": "lab"}, *TAGS]
    vpc = ec2.create_vpc(Ipv4IpamPoolId=pool["IpamPoolId"], Ipv4NetmaskLength=24, TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}])["Vpc"]
    subnet = ec2.create_subnet(VpcId=vpc["VpcId"], CidrBlock=vpc["CidrBlock"].replace("/24", "/26"))["Subnet"]

    def seen(**more):
        return ec2.get_ipam_resource_cidrs(**{"IpamScopeId": scope, **more})["IpamResourceCidrs"]

    mine, = seen(ResourceId=vpc["VpcId"])
    assert mine == {
        "IpamId": ipam["IpamId"], "IpamScopeId": scope, "IpamPoolId": pool["IpamPoolId"], "ResourceRegion": "us-east-1",
        "ResourceOwnerId": "000000000000", "ResourceId": vpc["VpcId"], "ResourceName": "lab", "ResourceCidr": vpc["CidrBlock"],
        "ResourceType": "vpc", "ResourceTags": tags, "IpUsage": 0.25, "ComplianceStatus": "compliant", "ManagementState": "managed",
        "OverlapStatus": "nonoverlapping", "VpcId": vpc["VpcId"]}
    inner, = seen(ResourceType="subnet", ResourceId=subnet["SubnetId"])
    assert (inner["VpcId"], inner["AvailabilityZoneId"], inner["IpUsage"], inner["ManagementState"]) == (
        vpc["VpcId"], subnet["AvailabilityZoneId"], 0.0781, "unmanaged")
    # The default VPCs of all regions have the same block.
    defaults = seen(ResourceType="vpc", Filters=[{"Name": "overlap-status", "Values": ["overlapping"]}])
    assert {(one["ResourceCidr"], one["ManagementState"], one["ComplianceStatus"]) for one in defaults} == {("172.31.0.0/16", "unmanaged", "unmanaged")}
    assert {one["ResourceRegion"] for one in defaults} >= {"us-east-1", "eu-west-1"}
    assert [one["ResourceId"] for one in seen(ResourceTag={"Key": "Name", "Value": "lab"})] == [vpc["VpcId"]]
    ec2.delete_tags(Resources=[vpc["VpcId"]], Tags=[{"Key": "team"}])
    assert seen(IpamPoolId=pool["IpamPoolId"])[0]["ComplianceStatus"] == "noncompliant"
    held = ec2.allocate_address()
    assert [(one["ResourceCidr"], one["IpUsage"]) for one in seen(IpamScopeId=public, ResourceType="eip")] == [(f"{held['PublicIp']}/32", 0.0)]
    ec2.release_address(AllocationId=held["AllocationId"])
    pages = list(ec2.get_paginator("get_ipam_resource_cidrs").paginate(IpamScopeId=scope, PaginationConfig={"PageSize": 5}))
    assert len(pages) > 1 and sum(len(page["IpamResourceCidrs"]) for page in pages) == len(seen())

    about = {"ResourceId": vpc["VpcId"], "ResourceCidr": vpc["CidrBlock"], "ResourceRegion": "us-east-1"}
    ignored = ec2.modify_ipam_resource_cidr(**about, CurrentIpamScopeId=scope, Monitored=False)["IpamResourceCidr"]
    assert (ignored["ManagementState"], ignored["ComplianceStatus"], ignored["OverlapStatus"], "IpamPoolId" in ignored) == (
        "ignored", "ignored", "ignored", False)
    assert ec2.get_ipam_pool_allocations(**pool)["IpamPoolAllocations"] == []
    other = ec2.create_ipam_scope(IpamId=ipam["IpamId"])["IpamScope"]["IpamScopeId"]
    moved = ec2.modify_ipam_resource_cidr(**about, CurrentIpamScopeId=scope, DestinationIpamScopeId=other, Monitored=True)["IpamResourceCidr"]
    assert (moved["IpamScopeId"], moved["ManagementState"]) == (other, "unmanaged")
    assert seen(ResourceId=vpc["VpcId"]) == [] and {one["ResourceId"] for one in seen(IpamScopeId=other)} == {vpc["VpcId"], subnet["SubnetId"]}
    assert error_of(ec2.modify_ipam_resource_cidr, **about, CurrentIpamScopeId=scope, Monitored=True)[0] == "InvalidParameterValue"
    assert error_of(ec2.modify_ipam_resource_cidr, **about, CurrentIpamScopeId=other, DestinationIpamScopeId=public, Monitored=True)[0] == (
        "InvalidParameterValue")
    assert error_of(ec2.get_ipam_resource_cidrs, IpamScopeId=other, DryRun=True)[0] == "DryRunOperation"
    ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=vpc["VpcId"])
    ec2.delete_ipam_scope(IpamScopeId=other)
    ec2.modify_ipam_pool(**pool, RemoveAllocationResourceTags=[{"Key": "team", "Value": "red"}])


def test_permissions(server, ec2, pool):
    arn = f"arn:aws:ec2::000000000000:ipam-pool/{pool['IpamPoolId']}"
    keys = make_user(server.client("iam"), "addresses", allow("ec2:CreateVpc", [arn, "arn:aws:ec2:us-east-1:000000000000:vpc/*"],),
                     allow("ec2:AllocateIpamPoolCidr", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}}))
    only = make_user(server.client("iam"), "pooled", allow("ec2:CreateVpc", Condition={"StringEquals": {"ec2:Ipv4IpamPoolId": pool["IpamPoolId"]}}),
                     allow("ec2:CreateVpc", arn))
    user = server.client("ec2", keys)
    vpc = user.create_vpc(Ipv4IpamPoolId=pool["IpamPoolId"], Ipv4NetmaskLength=24)["Vpc"]["VpcId"]
    assert error_of(user.allocate_ipam_pool_cidr, **pool, NetmaskLength=24)[0] == "UnauthorizedOperation"
    pooled = server.client("ec2", only)
    assert error_of(pooled.create_vpc, CidrBlock="10.77.0.0/16")[0] == "UnauthorizedOperation"
    other = pooled.create_vpc(Ipv4IpamPoolId=pool["IpamPoolId"], Ipv4NetmaskLength=24)["Vpc"]["VpcId"]
    for one in (vpc, other):
        ec2.delete_vpc(VpcId=one)


def test_the_end(server, ec2, ipam, pool):
    assert error_of(ec2.delete_ipam, IpamId=ipam["IpamId"])[0] == "DependencyViolation"
    assert ec2.delete_ipam(IpamId=ipam["IpamId"], Cascade=True)["Ipam"]["State"] == "delete-in-progress"
    server.advance("1m")
    assert error_of(ec2.describe_ipams, IpamIds=[ipam["IpamId"]])[0] == "InvalidIpamId.NotFound"
    assert ec2.describe_ipam_scopes()["IpamScopes"] == []
