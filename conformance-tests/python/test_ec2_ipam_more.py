"""IPAM's resource discoveries and the organisation's administrator, public pools with what they feed, policies, and prefix lists that follow resolvers."""

import pytest

from conftest import allow, error_of, make_user

ACCOUNT, OTHER, MANAGER = "000000000000", "222222222222", "999999999999"
TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(scope="module")
def ipam(server, ec2):
    made = ec2.create_ipam(OperatingRegions=[{"RegionName": "eu-west-1"}])["Ipam"]
    server.advance("1m")
    return ec2.describe_ipams(IpamIds=[made["IpamId"]])["Ipams"][0]


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


def proof(subject):
    return {"Message": f"1|aws|{ACCOUNT}|{subject}|20300101|SHA256|RSAPSS", "Signature": "signed"}


@pytest.fixture(scope="module")
def pool(server, ec2, ipam):
    made = ec2.create_ipam_pool(IpamScopeId=ipam["PublicDefaultScopeId"], AddressFamily="ipv4", Locale="us-east-1", AwsService="ec2")["IpamPool"]
    assert (made["IpamScopeType"], made["PublicIpSource"], made["AwsService"]) == ("public", "byoip", "ec2")
    name = {"IpamPoolId": made["IpamPoolId"]}
    ec2.provision_ipam_pool_cidr(**name, Cidr="203.0.120.0/24", CidrAuthorizationContext=proof("203.0.121.0/24"))
    failing, = ec2.get_ipam_pool_cidrs(**name)["IpamPoolCidrs"]
    assert failing["State"] == "pending-provision"
    ec2.provision_ipam_pool_cidr(**name, Cidr="203.0.121.0/24", CidrAuthorizationContext=proof("203.0.121.0/24"))
    server.advance("10m")
    assert {one["Cidr"]: one["State"] for one in ec2.get_ipam_pool_cidrs(**name)["IpamPoolCidrs"]} == {
        "203.0.120.0/24": "failed-provision", "203.0.121.0/24": "provisioned"}
    return name


def test_the_discovery_of_its_own(server, ec2, ipam):
    own = {"IpamResourceDiscoveryId": ipam["DefaultResourceDiscoveryId"]}
    assert ipam["ResourceDiscoveryAssociationCount"] == 1
    [shown] = ec2.describe_ipam_resource_discoveries(Filters=[{"Name": "is-default", "Values": ["true"]}])["IpamResourceDiscoveries"]
    assert (shown["IpamResourceDiscoveryId"], shown["State"]) == (own["IpamResourceDiscoveryId"], "create-complete")
    assert shown["OperatingRegions"] == [{"RegionName": "eu-west-1"}, {"RegionName": "us-east-1"}]
    [held] = ec2.describe_ipam_resource_discovery_associations()["IpamResourceDiscoveryAssociations"]
    assert (held["IpamId"], held["ResourceDiscoveryStatus"], held["State"]) == (ipam["IpamId"], "active", "associate-complete")
    [account] = ec2.get_ipam_discovered_accounts(**own, DiscoveryRegion="us-east-1")["IpamDiscoveredAccounts"]
    assert (account["AccountId"], account["DiscoveryRegion"]) == (ACCOUNT, "us-east-1") and account["LastSuccessfulDiscoveryTime"]
    vpc = ec2.create_vpc(CidrBlock="10.44.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.44.0.0/24")["Subnet"]["SubnetId"]
    address = ec2.allocate_address(TagSpecifications=tagged("elastic-ip"))
    interface = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]

    def found(**more):
        return ec2.get_ipam_discovered_resource_cidrs(**own, ResourceRegion="us-east-1", Filters=[
            {"Name": name.replace("_", "-"), "Values": [value]} for name, value in more.items()])["IpamDiscoveredResourceCidrs"]

    assert [(one["ResourceCidr"], one["IpSource"], one["IpUsage"]) for one in found(resource_id=vpc)] == [("10.44.0.0/16", "none", 0.0039)]
    assert found(resource_id=subnet)[0]["SubnetId"] == subnet
    [eip] = found(resource_id=address["AllocationId"])
    assert (eip["ResourceType"], eip["IpSource"], eip["ResourceTags"]) == ("eip", "amazon", TAGS)

    def public():
        listed = ec2.get_ipam_discovered_public_addresses(**own, AddressRegion="us-east-1")["IpamDiscoveredPublicAddresses"]
        return {one["Address"]: one for one in listed}

    mine = public()[address["PublicIp"]]
    assert (mine["AddressType"], mine["AssociationStatus"], mine["Tags"]["EipTags"]) == ("amazon-owned-eip", "disassociated", TAGS)
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(VpcId=vpc, InternetGatewayId=gateway)
    ec2.associate_address(AllocationId=address["AllocationId"], NetworkInterfaceId=interface["NetworkInterfaceId"])
    mine = public()[address["PublicIp"]]
    assert (mine["AssociationStatus"], mine["VpcId"], mine["SubnetId"], mine["NetworkInterfaceId"]) == ("associated", vpc, subnet, interface["NetworkInterfaceId"])
    assert [one["GroupName"] for one in mine["SecurityGroups"]] == ["default"]
    ec2.disassociate_address(AssociationId=ec2.describe_addresses(AllocationIds=[address["AllocationId"]])["Addresses"][0]["AssociationId"])
    ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    ec2.release_address(AllocationId=address["AllocationId"])
    ec2.detach_internet_gateway(VpcId=vpc, InternetGatewayId=gateway)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)
    assert found(resource_id=vpc) == [] and address["PublicIp"] not in public()
    assert error_of(ec2.get_ipam_discovered_accounts, **own, DiscoveryRegion="eu-central-1")[:2] == (
        "InvalidParameterValue", f"The Region eu-central-1 is not an operating Region of the resource discovery {own['IpamResourceDiscoveryId']}.")


def test_a_discovery_that_is_shared(server, ec2, ipam):
    theirs = server.client("ec2", server.account(OTHER))
    made = theirs.create_ipam_resource_discovery(Description="theirs", ClientToken="one", TagSpecifications=tagged("ipam-resource-discovery"))
    made = made["IpamResourceDiscovery"]
    name = {"IpamResourceDiscoveryId": made["IpamResourceDiscoveryId"]}
    again = theirs.create_ipam_resource_discovery(Description="theirs", ClientToken="one", TagSpecifications=tagged("ipam-resource-discovery"))
    assert again["IpamResourceDiscovery"]["IpamResourceDiscoveryId"] == name["IpamResourceDiscoveryId"]
    assert made["IpamResourceDiscoveryArn"] == f"arn:aws:ec2::{OTHER}:ipam-resource-discovery/{name['IpamResourceDiscoveryId']}"
    assert (made["IsDefault"], made["Tags"], made["OwnerId"]) == (False, TAGS, OTHER)
    associate = {"IpamId": ipam["IpamId"], **name}
    assert error_of(ec2.associate_ipam_resource_discovery, **associate)[0] == "InvalidIpamResourceDiscoveryId.NotFound"
    server.admin("PUT", "resource-shares", {"account": OTHER, "name": "discovery", "resourceArns": [made["IpamResourceDiscoveryArn"]], "principals": [ACCOUNT]})
    assert "Tags" not in ec2.describe_ipam_resource_discoveries(IpamResourceDiscoveryIds=[name["IpamResourceDiscoveryId"]])["IpamResourceDiscoveries"][0]
    assert error_of(ec2.delete_ipam_resource_discovery, **name)[0] == "InvalidIpamResourceDiscoveryId.NotFound"
    keys = make_user(server.client("iam"), "associates", allow("ec2:AssociateIpamResourceDiscovery", [
        ipam["IpamArn"], f"arn:aws:ec2::{ACCOUNT}:ipam-resource-discovery-association/*"]))
    assert error_of(server.client("ec2", keys).associate_ipam_resource_discovery, **associate)[0] == "UnauthorizedOperation"
    held = ec2.associate_ipam_resource_discovery(**associate)["IpamResourceDiscoveryAssociation"]
    assert (held["State"], held["OwnerId"], held["IsDefault"]) == ("associate-in-progress", OTHER, False)
    vpc = theirs.create_vpc(CidrBlock="10.55.0.0/16")["Vpc"]["VpcId"]
    scope = {"IpamScopeId": ipam["PrivateDefaultScopeId"]}
    [seen] = ec2.get_ipam_resource_cidrs(**scope, ResourceId=vpc)["IpamResourceCidrs"]
    assert (seen["ResourceOwnerId"], seen["ResourceCidr"], seen["ManagementState"]) == (OTHER, "10.55.0.0/16", "unmanaged")
    assert error_of(ec2.delete_ipam, IpamId=ipam["IpamId"])[0] == "DependencyViolation"
    changed = theirs.modify_ipam_resource_discovery(**name, AddOperatingRegions=[{"RegionName": "eu-west-1"}])["IpamResourceDiscovery"]
    assert changed["OperatingRegions"] == [{"RegionName": "eu-west-1"}, {"RegionName": "us-east-1"}]
    assert theirs.delete_ipam_resource_discovery(**name)["IpamResourceDiscovery"]["State"] == "delete-in-progress"
    [held] = ec2.describe_ipam_resource_discovery_associations(Filters=[{"Name": "is-default", "Values": ["false"]}])["IpamResourceDiscoveryAssociations"]
    assert held["ResourceDiscoveryStatus"] == "not-found"
    assert ec2.get_ipam_resource_cidrs(**scope, ResourceId=vpc)["IpamResourceCidrs"] == []
    gone = ec2.disassociate_ipam_resource_discovery(IpamResourceDiscoveryAssociationId=held["IpamResourceDiscoveryAssociationId"])
    assert gone["IpamResourceDiscoveryAssociation"]["State"] == "disassociate-in-progress"


def test_an_organization(server, ec2, ipam):
    manager = server.client("ec2", server.account(MANAGER))
    server.admin("PUT", "organization", {"id": "o-a1b2c3d4e5", "managementAccount": MANAGER, "root": {
        "id": "r-ab12", "accounts": [{"id": MANAGER}, {"id": ACCOUNT}], "organizationalUnits": [{"id": "ou-ab12-11111111", "name": "lab", "accounts": [{"id": OTHER}]}]}})
    own = {"IpamResourceDiscoveryId": ipam["DefaultResourceDiscoveryId"]}
    found = lambda: {one["AccountId"]: one.get("OrganizationalUnitId")
                     for one in ec2.get_ipam_discovered_accounts(**own, DiscoveryRegion="us-east-1")["IpamDiscoveredAccounts"]}
    assert found() == {ACCOUNT: None}
    assert error_of(ec2.enable_ipam_organization_admin_account, DelegatedAdminAccountId=ACCOUNT)[0] == "OperationNotPermitted"
    assert manager.enable_ipam_organization_admin_account(DelegatedAdminAccountId=ACCOUNT)["Success"]
    assert found() == {ACCOUNT: None, MANAGER: None, OTHER: "ou-ab12-11111111"}
    theirs = server.client("ec2", server.account(OTHER))
    vpc = theirs.create_vpc(CidrBlock="10.56.0.0/16")["Vpc"]["VpcId"]
    scope = {"IpamScopeId": ipam["PrivateDefaultScopeId"], "ResourceId": vpc}
    assert [one["ResourceOwnerId"] for one in ec2.get_ipam_resource_cidrs(**scope)["IpamResourceCidrs"]] == [OTHER]
    unit = [{"OrganizationsEntityPath": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"}]
    changed = ec2.modify_ipam_resource_discovery(**own, AddOrganizationalUnitExclusions=unit)["IpamResourceDiscovery"]
    assert changed["OrganizationalUnitExclusions"] == unit and ec2.get_ipam_resource_cidrs(**scope)["IpamResourceCidrs"] == []
    ec2.modify_ipam_resource_discovery(**own, RemoveOrganizationalUnitExclusions=unit)
    policy = {"IpamPolicyId": ec2.create_ipam_policy(IpamId=ipam["IpamId"])["IpamPolicy"]["IpamPolicyId"]}
    assert error_of(ec2.enable_ipam_policy, **policy)[0] == "MissingParameter"
    ec2.enable_ipam_policy(**policy, OrganizationTargetId="ou-ab12-11111111")
    assert theirs.get_enabled_ipam_policy()["ManagedBy"] == "delegated-administrator-for-ipam"
    assert ec2.get_enabled_ipam_policy()["IpamPolicyEnabled"] is False
    assert [one["OrganizationTargetId"] for one in ec2.get_ipam_policy_organization_targets(**policy)["OrganizationTargets"]] == ["ou-ab12-11111111"]
    ec2.disable_ipam_policy(**policy, OrganizationTargetId="ou-ab12-11111111")
    assert theirs.get_enabled_ipam_policy()["IpamPolicyEnabled"] is False
    ec2.delete_ipam_policy(**policy)
    assert manager.disable_ipam_organization_admin_account(DelegatedAdminAccountId=ACCOUNT)["Success"]
    assert found() == {ACCOUNT: None}
    server.admin("DELETE", "organization")


def test_addresses_out_of_a_pool(server, ec2, pool):
    first = ec2.allocate_address(**pool)
    assert (first["PublicIp"], first["PublicIpv4Pool"]) == ("203.0.121.0", pool["IpamPoolId"])
    [held] = ec2.get_ipam_pool_allocations(**pool)["IpamPoolAllocations"]
    assert (held["ResourceType"], held["ResourceId"], held["Cidr"]) == ("eip", first["AllocationId"], "203.0.121.0/32")
    elsewhere = server.client("ec2", region="eu-west-1")
    assert error_of(elsewhere.allocate_address, **pool)[0] == "InvalidParameterValue"
    arn = f"arn:aws:ec2::{ACCOUNT}:ipam-pool/{pool['IpamPoolId']}"
    keys = make_user(server.client("iam"), "addresses", allow("ec2:AllocateAddress", "arn:aws:ec2:us-east-1:000000000000:elastic-ip/*"))
    code, text, _ = error_of(server.client("ec2", keys).allocate_address, **pool)
    assert code == "UnauthorizedOperation" and arn in text
    ec2.release_address(AllocationId=first["AllocationId"])
    assert ec2.get_ipam_pool_allocations(**pool)["IpamPoolAllocations"] == []


def test_public_ipv4_pools(server, ec2, pool):
    to = ec2.create_public_ipv4_pool()["PoolId"]
    made = ec2.provision_public_ipv4_pool_cidr(**pool, PoolId=to, NetmaskLength=30)
    assert made["PoolAddressRange"] == {"FirstAddress": "203.0.121.0", "LastAddress": "203.0.121.3", "AddressCount": 4, "AvailableAddressCount": 4}
    [shown] = ec2.describe_public_ipv4_pools(PoolIds=[to])["PublicIpv4Pools"]
    assert shown["TotalAddressCount"] == 4
    address = ec2.allocate_address(PublicIpv4Pool=to)
    assert address["PublicIp"] == "203.0.121.0"
    assert error_of(ec2.deprovision_public_ipv4_pool_cidr, PoolId=to, Cidr="203.0.121.0/30")[0] == "IncorrectState"
    ec2.release_address(AllocationId=address["AllocationId"])
    given = ec2.deprovision_public_ipv4_pool_cidr(PoolId=to, Cidr="203.0.121.0/30")
    assert given["DeprovisionedAddresses"] == [f"203.0.121.{number}" for number in range(4)]
    ec2.delete_public_ipv4_pool(PoolId=to)


def test_a_pool_that_is_shared(server, ec2, ipam):
    made = ec2.create_ipam_pool(IpamScopeId=ipam["PrivateDefaultScopeId"], AddressFamily="ipv4", Locale="us-east-1")["IpamPool"]
    name = {"IpamPoolId": made["IpamPoolId"]}
    ec2.provision_ipam_pool_cidr(**name, Cidr="10.120.0.0/16")
    server.advance("1m")
    theirs = server.client("ec2", server.account(OTHER))
    assert error_of(theirs.create_vpc, Ipv4IpamPoolId=name["IpamPoolId"], Ipv4NetmaskLength=24)[0] == "InvalidIpamPoolId.NotFound"
    server.admin("PUT", "resource-shares", {"account": ACCOUNT, "name": "pool", "resourceArns": [made["IpamPoolArn"]], "principals": [OTHER]})
    vpc = theirs.create_vpc(Ipv4IpamPoolId=name["IpamPoolId"], Ipv4NetmaskLength=24)["Vpc"]
    assert vpc["CidrBlock"] == "10.120.0.0/24"
    [held] = ec2.get_ipam_pool_allocations(**name)["IpamPoolAllocations"]
    assert (held["ResourceId"], held["ResourceOwner"]) == (vpc["VpcId"], OTHER)
    ours = ec2.allocate_ipam_pool_cidr(**name, NetmaskLength=24)["IpamPoolAllocation"]
    given = {**name, "IpamPoolAllocationId": ours["IpamPoolAllocationId"], "Cidr": ours["Cidr"]}
    assert error_of(theirs.release_ipam_pool_allocation, **given)[0] == "InvalidIpamPoolAllocationId.NotFound"
    assert error_of(theirs.delete_ipam_pool, **name)[0] == "InvalidIpamPoolId.NotFound"
    theirs.delete_vpc(VpcId=vpc["VpcId"])
    assert [one["Cidr"] for one in ec2.get_ipam_pool_allocations(**name)["IpamPoolAllocations"]] == ["10.120.1.0/24"]
    ec2.delete_ipam_pool(**name, Cascade=True)


def test_policies(server, ec2, ipam, pool):
    made = ec2.create_ipam_policy(IpamId=ipam["IpamId"], TagSpecifications=tagged("ipam-policy"))["IpamPolicy"]
    assert (made["State"], made["IpamId"], made["Tags"], made["IpamPolicyRegion"]) == ("create-in-progress", ipam["IpamId"], TAGS, "us-east-1")
    name = {"IpamPolicyId": made["IpamPolicyId"]}
    rules = {"Locale": "us-east-1", "ResourceType": "eip"}
    changed = ec2.modify_ipam_policy_allocation_rules(**name, **rules, AllocationRules=[{"SourceIpamPoolId": pool["IpamPoolId"]}])["IpamPolicyDocument"]
    assert ec2.get_ipam_policy_allocation_rules(**name)["IpamPolicyDocuments"] == [changed]
    assert ec2.enable_ipam_policy(**name)["IpamPolicyId"] == name["IpamPolicyId"]
    assert ec2.get_enabled_ipam_policy()["ManagedBy"] == "account"
    server.advance("1m")
    assert [one["State"] for one in ec2.describe_ipam_policies()["IpamPolicies"]] == ["modify-complete"]
    address = ec2.allocate_address()
    assert address["PublicIpv4Pool"] == pool["IpamPoolId"]
    ec2.release_address(AllocationId=address["AllocationId"])
    assert error_of(ec2.delete_ipam_policy, **name)[0] == "DependencyViolation"
    keys = make_user(server.client("iam"), "policies", allow("ec2:DisableIpamPolicy", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}}))
    assert error_of(server.client("ec2", keys).disable_ipam_policy, **name)[0] == "UnauthorizedOperation"
    assert ec2.disable_ipam_policy(**name)["Return"]
    address = ec2.allocate_address()
    assert address["PublicIpv4Pool"] == "amazon"
    ec2.release_address(AllocationId=address["AllocationId"])
    ec2.delete_ipam_policy(**name)


def test_prefix_lists_that_follow(server, ec2, ipam):
    rules = [{"RuleType": "ipam-resource-cidr", "IpamScopeId": ipam["PrivateDefaultScopeId"], "ResourceType": "vpc",
              "Conditions": [{"Operation": "equals", "ResourceTag": {"Key": "team", "Value": "red"}}]}]
    made = ec2.create_ipam_prefix_list_resolver(IpamId=ipam["IpamId"], AddressFamily="ipv4", Rules=rules, Description="red",
                                                TagSpecifications=tagged("ipam-prefix-list-resolver"))["IpamPrefixListResolver"]
    assert (made["AddressFamily"], made["IpamArn"], made["Tags"], made["LastVersionCreationStatus"]) == ("ipv4", ipam["IpamArn"], TAGS, "success")
    resolver = {"IpamPrefixListResolverId": made["IpamPrefixListResolverId"]}
    assert ec2.get_ipam_prefix_list_resolver_rules(**resolver)["Rules"] == rules
    listed = ec2.create_managed_prefix_list(PrefixListName="red", AddressFamily="IPv4", MaxEntries=5)["PrefixList"]["PrefixListId"]
    server.advance("1m")
    target = ec2.create_ipam_prefix_list_resolver_target(**resolver, PrefixListId=listed, PrefixListRegion="us-east-1", TrackLatestVersion=True,
                                                         TagSpecifications=tagged("ipam-prefix-list-resolver-target"))["IpamPrefixListResolverTarget"]
    assert (target["State"], target["TrackLatestVersion"], target["Tags"]) == ("create-in-progress", True, TAGS)
    name = {"IpamPrefixListResolverTargetId": target["IpamPrefixListResolverTargetId"]}

    def entries():
        return [one["Cidr"] for one in ec2.get_managed_prefix_list_entries(PrefixListId=listed)["Entries"]]

    assert entries() == []
    vpc = ec2.create_vpc(CidrBlock="10.66.0.0/16", TagSpecifications=tagged("vpc"))["Vpc"]["VpcId"]
    assert entries() == ["10.66.0.0/16"]
    added = ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="10.67.0.0/16")["CidrBlockAssociation"]["AssociationId"]
    assert entries() == ["10.66.0.0/16", "10.67.0.0/16"]
    ec2.disassociate_vpc_cidr_block(AssociationId=added)
    europe = server.client("ec2", region="eu-west-1")
    far = europe.create_vpc(CidrBlock="10.68.0.0/16", TagSpecifications=tagged("vpc"))["Vpc"]["VpcId"]
    assert entries() == ["10.66.0.0/16", "10.68.0.0/16"]
    europe.delete_vpc(VpcId=far)
    ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "team"}])
    assert entries() == []
    [shown] = ec2.describe_managed_prefix_lists(PrefixListIds=[listed])["PrefixLists"]
    assert (shown["IpamPrefixListResolverTargetId"], shown["IpamPrefixListResolverSyncEnabled"]) == (*name.values(), True)
    versions = [one["Version"] for one in ec2.get_ipam_prefix_list_resolver_versions(**resolver)["IpamPrefixListResolverVersions"]]
    assert versions == list(range(1, len(versions) + 1)) and len(versions) >= 4
    assert ec2.get_ipam_prefix_list_resolver_versions(**resolver, IpamPrefixListResolverVersions=[2])["IpamPrefixListResolverVersions"] == [{"Version": 2}]
    assert error_of(ec2.get_ipam_prefix_list_resolver_versions, **resolver, IpamPrefixListResolverVersions=[99])[0] == "InvalidParameterValue"
    assert ec2.get_ipam_prefix_list_resolver_rules(**resolver, Filters=[{"Name": "rule-type", "Values": ["static-cidr"]}])["Rules"] == []
    second = ec2.get_ipam_prefix_list_resolver_version_entries(**resolver, IpamPrefixListResolverVersion=2)["Entries"]
    assert second == [{"Cidr": "10.66.0.0/16"}]
    pinned = ec2.modify_ipam_prefix_list_resolver_target(**name, DesiredVersion=2)["IpamPrefixListResolverTarget"]
    assert (pinned["TrackLatestVersion"], pinned["DesiredVersion"]) == (False, 2) and entries() == ["10.66.0.0/16"]
    server.advance("1m")
    [shown] = ec2.describe_ipam_prefix_list_resolver_targets(**resolver)["IpamPrefixListResolverTargets"]
    assert (shown["State"], shown["LastSyncedVersion"]) == ("sync-complete", 2)
    current = ec2.describe_managed_prefix_lists(PrefixListIds=[listed])["PrefixLists"][0]["Version"]
    change = {"PrefixListId": listed, "CurrentVersion": current, "RemoveEntries": [{"Cidr": "10.66.0.0/16"}]}
    assert error_of(ec2.modify_managed_prefix_list, **change)[0] == "OperationNotPermitted"
    keys = make_user(server.client("iam"), "resolvers", allow("ec2:CreateIpamPrefixListResolver", [
        ipam["IpamArn"], f"arn:aws:ec2::{ACCOUNT}:ipam-prefix-list-resolver/*"]))
    user = server.client("ec2", keys)
    made = user.create_ipam_prefix_list_resolver(IpamId=ipam["IpamId"], AddressFamily="ipv4")["IpamPrefixListResolver"]
    assert error_of(user.create_ipam_prefix_list_resolver, IpamId=ipam["IpamId"], AddressFamily="ipv4", Rules=rules)[0] == "UnauthorizedOperation"
    ec2.delete_ipam_prefix_list_resolver(IpamPrefixListResolverId=made["IpamPrefixListResolverId"])
    assert error_of(ec2.delete_ipam_prefix_list_resolver, **resolver)[0] == "DependencyViolation"
    assert ec2.delete_ipam_prefix_list_resolver_target(**name)["IpamPrefixListResolverTarget"]["State"] == "delete-in-progress"
    assert ec2.modify_managed_prefix_list(**change)["PrefixList"]["Version"] == current + 1
    assert ec2.delete_ipam_prefix_list_resolver(**resolver)["IpamPrefixListResolver"]["State"] == "delete-in-progress"
    ec2.delete_vpc(VpcId=vpc)


def test_tokens(server, ec2, ipam):
    made = ec2.create_ipam_external_resource_verification_token(IpamId=ipam["IpamId"])["IpamExternalResourceVerificationToken"]
    assert (made["State"], made["Status"], made["IpamArn"]) == ("create-in-progress", "valid", ipam["IpamArn"]) and made["TokenValue"] and made["TokenName"]
    name = {"IpamExternalResourceVerificationTokenId": made["IpamExternalResourceVerificationTokenId"]}
    pool = ec2.create_ipam_pool(IpamScopeId=ipam["PublicDefaultScopeId"], AddressFamily="ipv4", Locale="us-east-1")["IpamPool"]["IpamPoolId"]
    ask = {"IpamPoolId": pool, "VerificationMethod": "dns-token", **name}
    ec2.provision_ipam_pool_cidr(Cidr="203.0.122.0/24", **ask)
    server.advance("80h")
    ec2.provision_ipam_pool_cidr(Cidr="203.0.124.0/24", **ask)
    server.advance("10m")
    assert {one["Cidr"]: one["State"] for one in ec2.get_ipam_pool_cidrs(IpamPoolId=pool)["IpamPoolCidrs"]} == {
        "203.0.122.0/24": "provisioned", "203.0.124.0/24": "failed-provision"}
    found = ec2.describe_ipam_external_resource_verification_tokens(Filters=[{"Name": "status", "Values": ["expired"]}])
    assert [one["TokenValue"] for one in found["IpamExternalResourceVerificationTokens"]] == [made["TokenValue"]]
    gone = ec2.delete_ipam_external_resource_verification_token(**name)["IpamExternalResourceVerificationToken"]
    assert gone["State"] == "delete-in-progress"
    ec2.deprovision_ipam_pool_cidr(IpamPoolId=pool, Cidr="203.0.122.0/24")
    ec2.delete_ipam_pool(IpamPoolId=pool)


def test_numbers_of_autonomous_systems(server, ec2, ipam, pool):
    ask = {"IpamId": ipam["IpamId"], "Asn": "3333"}
    assert error_of(ec2.provision_ipam_byoasn, IpamId=ipam["IpamId"], Asn="65000", AsnAuthorizationContext=proof("65000"))[0] == "InvalidParameterValue"
    assert ec2.provision_ipam_byoasn(**ask, AsnAuthorizationContext=proof("3333"))["Byoasn"]["State"] == "pending-provision"
    ec2.provision_ipam_byoasn(IpamId=ipam["IpamId"], Asn="4444", AsnAuthorizationContext=proof("3333"))
    pair = {"Asn": "3333", "Cidr": "203.0.121.0/24"}
    assert error_of(ec2.associate_ipam_byoasn, **pair)[0] == "IncorrectState"
    server.advance("10m")
    assert {one["Asn"]: one["State"] for one in ec2.describe_ipam_byoasn()["Byoasns"]} == {"3333": "provisioned", "4444": "failed-provision"}
    assert error_of(ec2.advertise_byoip_cidr, **pair)[0] == "InvalidParameterValue"
    assert ec2.associate_ipam_byoasn(**pair)["AsnAssociation"]["State"] == "pending-association"
    server.advance("10m")
    [held] = [one for one in ec2.describe_byoip_cidrs(MaxResults=100)["ByoipCidrs"] if one["Cidr"] == pair["Cidr"]]
    assert held["AsnAssociations"] == [{**pair, "State": "associated"}] and held["IpamPoolId"] == pool["IpamPoolId"]
    assert ec2.advertise_byoip_cidr(**pair)["ByoipCidr"]["State"] == "pending-advertising"
    assert error_of(ec2.deprovision_ipam_byoasn, **ask)[0] == "IncorrectState"
    server.advance("10m")
    ec2.withdraw_byoip_cidr(Cidr=pair["Cidr"])
    assert ec2.disassociate_ipam_byoasn(**pair)["AsnAssociation"]["State"] == "pending-disassociation"
    assert ec2.deprovision_ipam_byoasn(**ask)["Byoasn"]["State"] == "pending-deprovision"
    server.advance("2h")
    assert [one["Asn"] for one in ec2.describe_ipam_byoasn()["Byoasns"]] == ["4444"]


def test_a_range_that_moves(server, ec2, ipam):
    block = "203.0.126.0/24"
    ec2.provision_byoip_cidr(Cidr=block, CidrAuthorizationContext=proof(block))
    server.advance("2h")
    [held] = [one for one in ec2.describe_byoip_cidrs(MaxResults=100)["ByoipCidrs"] if one["Cidr"] == block]
    old = held["PoolId"]
    pool = ec2.create_ipam_pool(IpamScopeId=ipam["PublicDefaultScopeId"], AddressFamily="ipv4", Locale="us-east-1")["IpamPool"]["IpamPoolId"]
    move = {"Cidr": block, "IpamPoolId": pool, "IpamPoolOwner": ACCOUNT}
    keys = make_user(server.client("iam"), "movers", allow("ec2:MoveByoipCidrToIpam", f"arn:aws:ec2::{ACCOUNT}:ipam-pool/ipam-pool-0123456789abcdef0"))
    assert error_of(server.client("ec2", keys).move_byoip_cidr_to_ipam, **move)[0] == "UnauthorizedOperation"
    moved = ec2.move_byoip_cidr_to_ipam(**move)["ByoipCidr"]
    assert (moved["IpamPoolId"], moved["State"]) == (pool, "provisioned")
    server.advance("1m")
    [held] = ec2.get_ipam_pool_allocations(IpamPoolId=pool)["IpamPoolAllocations"]
    assert (held["ResourceId"], held["ResourceType"], held["Cidr"]) == (old, "ec2-public-ipv4-pool", block)
    address = ec2.allocate_address(PublicIpv4Pool=old)
    assert address["PublicIp"] == "203.0.126.0"
    assert error_of(ec2.deprovision_byoip_cidr, Cidr=block)[0] == "IncorrectState"
    ec2.release_address(AllocationId=address["AllocationId"])
    ec2.deprovision_public_ipv4_pool_cidr(PoolId=old, Cidr=block)
    assert ec2.deprovision_ipam_pool_cidr(IpamPoolId=pool, Cidr=block)["IpamPoolCidr"]["State"] == "pending-deprovision"
    assert block not in [one["Cidr"] for one in ec2.describe_byoip_cidrs(MaxResults=100)["ByoipCidrs"]]


def test_a_large_range(server, ec2, ipam, pool):
    block = "198.48.0.0/16"
    ec2.provision_byoip_cidr(Cidr=block, CidrAuthorizationContext=proof(block))
    server.advance("2h")
    [held] = [one for one in ec2.describe_byoip_cidrs(MaxResults=100)["ByoipCidrs"] if one["Cidr"] == block]
    own = {"PoolId": held["PoolId"]}
    ec2.provision_public_ipv4_pool_cidr(**pool, **own, NetmaskLength=30)
    ask = {"IpamId": ipam["IpamId"], "Asn": "5555"}
    ec2.provision_ipam_byoasn(**ask, AsnAuthorizationContext=proof("5555"))
    server.advance("10m")
    ec2.associate_ipam_byoasn(Asn="5555", Cidr=block)
    move = {"Cidr": block, **pool, "IpamPoolOwner": ACCOUNT}
    tied = ("IncorrectState", f"The CIDR {block} is associated with the ASN 5555, which must be disassociated first.")
    assert error_of(ec2.move_byoip_cidr_to_ipam, **move)[:2] == tied and error_of(ec2.deprovision_byoip_cidr, Cidr=block)[:2] == tied
    ec2.disassociate_ipam_byoasn(Asn="5555", Cidr=block)
    ec2.move_byoip_cidr_to_ipam(**move)
    assert ec2.deprovision_public_ipv4_pool_cidr(**own, Cidr=block)["DeprovisionedAddresses"] == [block]
    [shown] = ec2.describe_public_ipv4_pools(PoolIds=[own["PoolId"]])["PublicIpv4Pools"]
    assert shown["TotalAddressCount"] == 4
    second = ec2.create_ipam()["Ipam"]["IpamId"]
    ec2.provision_ipam_byoasn(IpamId=second, Asn="6666", AsnAuthorizationContext=proof("6666"))
    assert error_of(ec2.delete_ipam, IpamId=second, Cascade=True)[0] == "DependencyViolation"
    ec2.deprovision_ipam_byoasn(IpamId=second, Asn="6666")
    ec2.delete_ipam(IpamId=second, Cascade=True)
    ec2.deprovision_ipam_byoasn(**ask)
    ec2.deprovision_ipam_pool_cidr(**pool, Cidr=block)
    given = ec2.provision_byoip_cidr(Cidr=block, CidrAuthorizationContext=proof(block))["ByoipCidr"]
    server.advance("2h")
    [held] = [one for one in ec2.describe_byoip_cidrs(MaxResults=100)["ByoipCidrs"] if one["Cidr"] == given["Cidr"]]
    other = {"PoolId": held["PoolId"]}
    ec2.provision_public_ipv4_pool_cidr(**pool, **other, NetmaskLength=30)
    ec2.deprovision_byoip_cidr(Cidr=block)
    [left] = ec2.describe_public_ipv4_pools(PoolIds=[other["PoolId"]])["PublicIpv4Pools"]
    assert left["TotalAddressCount"] == 4, "blocks of IPAM's keep the pool"
    for one, cidr in ((own, "203.0.121.0/30"), (other, "203.0.121.4/30")):
        ec2.deprovision_public_ipv4_pool_cidr(**one, Cidr=cidr)
        ec2.delete_public_ipv4_pool(**one)


def test_tokens_of_pages_are_of_one_pool(ec2, ipam):
    pools = [ec2.create_ipam_pool(IpamScopeId=ipam["PrivateDefaultScopeId"], AddressFamily="ipv4")["IpamPool"]["IpamPoolId"] for _ in range(2)]
    for number, pool in enumerate(pools):
        for block in range(6):
            ec2.provision_ipam_pool_cidr(IpamPoolId=pool, Cidr=f"10.{number}.{block}.0/24")
    token = ec2.get_ipam_pool_cidrs(IpamPoolId=pools[0], MaxResults=5)["NextToken"]
    assert error_of(ec2.get_ipam_pool_cidrs, IpamPoolId=pools[1], NextToken=token)[0] == "InvalidNextToken"
    for pool in pools:
        ec2.delete_ipam_pool(IpamPoolId=pool, Cascade=True)
