"""A network with both kinds of addresses, by the real provider: apply, plan without drift, change, plan, destroy, nothing left."""

import ipaddress

import pytest

from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "dual_stack")


def interface(ec2, told):
    return ec2.describe_network_interfaces(NetworkInterfaceIds=[told["interface"]])["NetworkInterfaces"][0]


def test_both_kinds_of_addresses(server, terraform):
    ec2 = server.client("ec2")
    before = {vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]}
    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    [address] = interface(ec2, told)["Ipv6Addresses"]
    assert ipaddress.ip_address(address["Ipv6Address"]) in ipaddress.ip_network(told["block"])
    assert told["prefixes"] == ["10.0.1.32/28"], "what is reserved for prefixes"
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", "-var", "team=green")
    assert outputs(terraform)["vpc"] == told["vpc"]
    held = interface(ec2, told)
    assert (len(held["Ipv6Addresses"]), len(held["PrivateIpAddresses"])) == (2, 3)
    [subnet] = ec2.describe_subnets(Filters=[{"Name": "ipv6-cidr-block-association.ipv6-cidr-block", "Values": [told["block"]]}])["Subnets"]
    assert subnet["BlockPublicAccessStates"]["InternetGatewayBlockMode"] == "block-ingress"
    plan_is_clean(terraform, "-var", "team=green")

    terraform("destroy", "-no-color", "-auto-approve", "-var", "team=green")
    assert {vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]} == before
    assert ec2.describe_addresses()["Addresses"] == ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    assert ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]["InternetGatewayBlockMode"] == "off"
