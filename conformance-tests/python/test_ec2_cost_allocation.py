"""Networking Flexible Cost Allocation: policies with their versions, for which resources they hold, and who may not."""

import pytest

from conftest import allow, error_of, launch, make_user

TAGS = [{"Key": "team", "Value": "red"}]
BY_INTERFACE = {"ReportingGranularity": ["eni"], "Dimensions": ["data-transfer"]}
BY_BLOCK = {"ReportingGranularity": ["cidr"], "Dimensions": ["data-transfer"], "CidrRangeSpecifications": {
    "PrefixesType": "source-prefixes", "Prefixes": [{"CidrRange": "10.0.0.0/8", "CidrLabel": "offices"}]}}


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def new_policy(ec2, **more):
    wish = {"NetworkResourceType": "ec2", "InstanceFcaPolicyDocument": BY_INTERFACE, **more}
    return ec2.create_networking_flex_cost_allocation_policy(**wish)["FcaPolicyId"]


def shown(ec2, name):
    return ec2.describe_networking_flex_cost_allocation_policies(FcaPolicyIds=[name])["FlexCostAllocationPolicies"][0]


def associate(ec2, name, *resources, **more):
    wish = {"NetworkResourceIds": list(resources)} if resources else {}
    return ec2.associate_networking_flex_cost_allocation_policy(FcaPolicyId=name, **wish, **more)


def associations(ec2, **filters):
    wanted = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
    return ec2.describe_networking_flex_cost_allocation_policy_associations(Filters=wanted)["FcaPolicyAssociations"]


def failures(answer):
    return {one["ResourceId"]: one["FailureCode"] for one in answer["FcaPolicyAssociationFailures"]}


def test_a_policy_and_its_versions(server, ec2):
    tagged = [{"ResourceType": "fca-policy", "Tags": TAGS}]
    wish = {"NetworkResourceType": "natgw", "NatFcaPolicyDocument": BY_INTERFACE, "TagSpecifications": tagged, "ClientToken": "policy-1"}
    made = ec2.create_networking_flex_cost_allocation_policy(**wish)
    name = made["FcaPolicyId"]
    assert made["FcaPolicyArn"].endswith(f":fca-policy/{name}") and made["ExpectedEffectiveAt"] > made["CreatedAt"]
    assert ec2.create_networking_flex_cost_allocation_policy(**wish)["FcaPolicyId"] == name
    policy = shown(ec2, name)
    assert {member: policy[member] for member in ("NetworkResourceType", "NatFcaPolicyDocument", "ShowBackEnabled", "LatestVersion", "ManagedBy", "Tags")} == {
        "NetworkResourceType": "natgw", "NatFcaPolicyDocument": BY_INTERFACE, "ShowBackEnabled": True, "LatestVersion": 1, "ManagedBy": "account", "Tags": TAGS}
    server.advance("1h")
    modify = lambda **change: ec2.modify_networking_flex_cost_allocation_policy(FcaPolicyId=name, **change)
    changed = modify(NatFcaPolicyDocument=BY_BLOCK)
    assert changed["Version"] == 2 and changed["VersionExpectedEffectiveAt"] == shown(ec2, name)["VersionExpectedEffectiveAt"] > made["ExpectedEffectiveAt"]
    assert "Version" not in modify(Description="for the offices")
    assert modify(ShowBackEnabled=False)["Version"] == 3
    modify(NatFcaPolicyDocument=BY_INTERFACE)
    policy = shown(ec2, name)
    assert (policy["LatestVersion"], policy["NatFcaPolicyDocument"], policy["ShowBackEnabled"], policy["Description"]) == (
        4, BY_INTERFACE, False, "for the offices")
    versions = ec2.get_networking_flex_cost_allocation_policy_versions(FcaPolicyId=name)["FcaPolicyVersions"]
    assert [(one["Version"], one["NatFcaPolicyDocument"], one["ShowBackEnabled"]) for one in versions] == [
        (1, BY_INTERFACE, True), (2, BY_BLOCK, True), (3, BY_BLOCK, False), (4, BY_INTERFACE, False)]
    some = ec2.get_networking_flex_cost_allocation_policy_versions(FcaPolicyId=name, VersionsToInclude=[2, 4])["FcaPolicyVersions"]
    assert [one["Version"] for one in some] == [2, 4]
    by = lambda **filters: [one["FcaPolicyId"] for one in ec2.describe_networking_flex_cost_allocation_policies(
        Filters=[{"Name": key.replace("_", "-"), "Values": [value]} for key, value in filters.items()])["FlexCostAllocationPolicies"]]
    assert by(network_resource_type="natgw", showback_enabled="false", managed_by="account", fca_policy_id=name) == [name]
    assert by(network_resource_type="pcx") == []
    gone = ec2.delete_networking_flex_cost_allocation_policies(FcaPolicyIds=[name, "fcap-0123456789abcdef0"])
    assert (gone["Successful"], [(one["ResourceId"], one["FailureCode"]) for one in gone["Failed"]]) == (
        [name], [("fcap-0123456789abcdef0", "ResourceNotFound")])
    assert error_of(ec2.describe_networking_flex_cost_allocation_policies, FcaPolicyIds=[name])[0] == "InvalidFcaPolicyId.NotFound"


def test_a_policy_holds_for_resources(server, ec2):
    name, other, instance = new_policy(ec2), new_policy(ec2), launch(ec2)
    server.advance("1m")
    vpc = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["VpcId"]
    answer = associate(ec2, name, instance, "nat-0123456789abcdef0", "web", "i-0123456789abcdef0")
    [made] = answer["FcaPolicyAssociations"]
    assert failures(answer) == dict.fromkeys(["nat-0123456789abcdef0", "web", "i-0123456789abcdef0"], "InvalidResource")
    assert (made["FcaPolicyId"], made["NetworkResourceId"], made["AssociationMode"], made["ManagedBy"]) == (name, instance, "direct", "account")
    assert failures(associate(ec2, other, instance)) == {instance: "ResourceAlreadyAssociated"}
    owner = made["OwnerAccount"]
    scoped = associate(ec2, name, NetworkResourceScope={"ResourceType": "vpc", "ResourceIds": [vpc, "vpc-0123456789abcdef0"]})
    assert [(one["NetworkResourceId"], one["AssociationMode"]) for one in scoped["FcaPolicyAssociations"]] == [(vpc, "scope")]
    account = lambda number: associate(ec2, name, NetworkResourceScope={"ResourceType": "account", "ResourceIds": [number]})
    assert failures(account("222222222222")) == {"222222222222": "InvalidResource"}
    assert account(owner)["FcaPolicyAssociations"][0]["NetworkResourceId"] == owner
    assert {one["NetworkResourceId"] for one in associations(ec2, fca_policy_id=name)} == {instance, vpc, owner}
    assert associations(ec2, resource_id=instance, managed_by="account") == [made]
    refused = ec2.delete_networking_flex_cost_allocation_policies(FcaPolicyIds=[name])
    assert [(one["ResourceId"], one["FailureCode"]) for one in refused["Failed"]] == [(name, "InvalidResourceState")]
    ends = [one["FcaPolicyAssociationId"] for one in associations(ec2, fca_policy_id=name) if one["NetworkResourceId"] != instance]
    ended = ec2.disassociate_networking_flex_cost_allocation_policy(FcaPolicyAssociationIds=[*ends, "fcapassoc-0123456789abcdef0"])
    assert sorted(ended["FcaPolicyDisassociations"]) == sorted(ends)
    assert [one["FailureCode"] for one in ended["FcaPolicyDisassociationFailures"]] == ["InvalidResource"]
    # An association ends with its resource.
    ec2.terminate_instances(InstanceIds=[instance])
    assert associations(ec2, fca_policy_id=name) == []
    assert ec2.delete_networking_flex_cost_allocation_policies(FcaPolicyIds=[name, other])["Failed"] == []


def test_gateways_and_peering_connections(server, ec2):
    subnet = ec2.describe_subnets()["Subnets"][0]
    gateway = ec2.create_nat_gateway(SubnetId=subnet["SubnetId"], ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    peer = ec2.create_vpc(CidrBlock="10.55.0.0/16")["Vpc"]["VpcId"]
    connection = ec2.create_vpc_peering_connection(VpcId=subnet["VpcId"], PeerVpcId=peer)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    server.advance("2m")
    nat = ec2.create_networking_flex_cost_allocation_policy(
        NetworkResourceType="natgw", NatFcaPolicyDocument={"ReportingGranularity": ["vpc"], "Dimensions": ["data-transfer", "data-processing"]})["FcaPolicyId"]
    pcx = ec2.create_networking_flex_cost_allocation_policy(
        NetworkResourceType="pcx", PcxFcaPolicyDocument={"ReportingGranularity": ["peering-id"], "Dimensions": ["data-transfer"]})["FcaPolicyId"]
    assert failures(associate(ec2, nat, connection)) == {connection: "InvalidResource"}
    assert not failures(associate(ec2, nat, gateway)) and not failures(associate(ec2, pcx, connection))
    ec2.delete_nat_gateway(NatGatewayId=gateway)
    assert associations(ec2, fca_policy_id=nat) == [] and len(associations(ec2, fca_policy_id=pcx)) == 1


def test_who_may_not(server, ec2):
    iam = server.client("iam")
    name = new_policy(ec2, TagSpecifications=[{"ResourceType": "fca-policy", "Tags": TAGS}])
    instance = launch(ec2)
    made = associate(ec2, name, instance)["FcaPolicyAssociations"][0]["FcaPolicyAssociationId"]
    calls = [
        ("create_networking_flex_cost_allocation_policy", {"NetworkResourceType": "ec2", "InstanceFcaPolicyDocument": BY_INTERFACE}),
        ("modify_networking_flex_cost_allocation_policy", {"FcaPolicyId": name, "ShowBackEnabled": False}),
        ("delete_networking_flex_cost_allocation_policies", {"FcaPolicyIds": [name]}),
        ("get_networking_flex_cost_allocation_policy_versions", {"FcaPolicyId": name}),
        ("associate_networking_flex_cost_allocation_policy", {"FcaPolicyId": name, "NetworkResourceIds": [instance]}),
        ("disassociate_networking_flex_cost_allocation_policy", {"FcaPolicyAssociationIds": [made]}),
        ("describe_networking_flex_cost_allocation_policies", {}),
        ("describe_networking_flex_cost_allocation_policy_associations", {}),
    ]
    mine = server.client("ec2", make_user(iam, "costs-elsewhere", allow("ec2:*", "arn:aws:ec2:*:*:fca-policy/fcap-0000000000000000f")))
    blue = server.client("ec2", make_user(iam, "costs-blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    for user in (mine, blue):
        for operation, parameters in calls:
            assert error_of(getattr(user, operation), **parameters)[0] == "UnauthorizedOperation", operation
    some = server.client("ec2", make_user(
        iam, "costs-some", allow("ec2:ModifyNetworkingFlexCostAllocationPolicy", Condition={"StringEquals": {"ec2:Attribute/ShowBackEnabled": "false"}})))
    some.modify_networking_flex_cost_allocation_policy(FcaPolicyId=name, ShowBackEnabled=False)
    assert error_of(some.modify_networking_flex_cost_allocation_policy, FcaPolicyId=name, ShowBackEnabled=True)[0] == "UnauthorizedOperation"
    assert shown(ec2, name)["ShowBackEnabled"] is False
    for operation, parameters in calls:
        assert error_of(getattr(ec2, operation), DryRun=True, **parameters)[0] == "DryRunOperation", operation
