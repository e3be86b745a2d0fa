"""VPC encryption controls: their modes, what blocks enforcement and what it refuses, the account's mode, and who may change them. Public host names of
interfaces, and whether managed resources are shown."""

import pytest

from conftest import allow, error_of, image, launch, make_user

OTHER = "210987654321"
TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture()
def ec2(server):
    return server.client("ec2")


@pytest.fixture(autouse=True)
def unmanaged(server):
    yield
    server.client("ec2").modify_account_vpc_encryption_control(Mode="unmanaged", InternetGateway="disable")


def new_vpc(ec2, **more):
    return ec2.create_vpc(CidrBlock="10.7.0.0/16", **more)["Vpc"]["VpcId"]


def new_control(server, ec2, vpc, **more):
    name = ec2.create_vpc_encryption_control(VpcId=vpc, **more)["VpcEncryptionControl"]["VpcEncryptionControlId"]
    server.advance("2m")
    return name


def shown(ec2, name):
    return ec2.describe_vpc_encryption_controls(VpcEncryptionControlIds=[name])["VpcEncryptionControls"][0]


def new_subnet(ec2, vpc):
    return ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]


def blocking(ec2, vpc):
    found = ec2.get_vpc_resources_blocking_encryption_enforcement(VpcId=vpc)["NonCompliantResources"]
    return {(one["Id"], one["Type"], one["IsExcludable"]) for one in found}


def test_from_monitor_to_enforce(server, ec2):
    vpc = new_vpc(ec2)
    subnet = new_subnet(ec2, vpc)
    made = ec2.create_vpc_encryption_control(
        VpcId=vpc, TagSpecifications=[{"ResourceType": "vpc-encryption-control", "Tags": TAGS}])["VpcEncryptionControl"]
    name = made["VpcEncryptionControlId"]
    assert (made["VpcId"], made["Mode"], made["State"], made["Tags"]) == (vpc, "monitor", "creating", TAGS) and "ResourceExclusions" not in made
    assert error_of(ec2.modify_vpc_encryption_control, VpcEncryptionControlId=name, Mode="enforce")[0] == "IncorrectState"
    server.advance("2m")
    now = shown(ec2, name)
    assert (now["State"], now["StateMessage"]) == ("available", "succeeded")
    assert [one["VpcEncryptionControlId"] for one in ec2.describe_vpc_encryption_controls(VpcIds=[vpc])["VpcEncryptionControls"]] == [name]
    by_tag = [{"Name": "tag:team", "Values": ["red"]}]
    assert ec2.describe_vpc_encryption_controls(Filters=by_tag)["VpcEncryptionControls"][0]["VpcEncryptionControlId"] == name
    assert ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [name]}])["Tags"][0]["ResourceType"] == "vpc-encryption-control"

    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    eigw = ec2.create_egress_only_internet_gateway(VpcId=vpc)["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
    nat = ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    old = launch(ec2, SubnetId=subnet, InstanceType="t2.micro")
    interface = ec2.describe_instances(InstanceIds=[old])["Reservations"][0]["Instances"][0]["NetworkInterfaces"][0]["NetworkInterfaceId"]
    assert blocking(ec2, vpc) == {(gateway, "internet-gateway", True), (eigw, "egress-only-internet-gateway", True), (nat, "nat-gateway", True),
                                  (interface, "interface", False)}
    wish = {"VpcEncryptionControlId": name, "Mode": "enforce", "InternetGatewayExclusion": "enable", "EgressOnlyInternetGatewayExclusion": "enable",
            "NatGatewayExclusion": "enable"}
    assert error_of(ec2.modify_vpc_encryption_control, **wish)[0] == "VpcEncryptionControlStateTransitionFailed"
    assert shown(ec2, name)["Mode"] == "monitor"
    server.advance("2m")
    ec2.terminate_instances(InstanceIds=[old])
    server.advance("5m")
    changed = ec2.modify_vpc_encryption_control(**wish)["VpcEncryptionControl"]
    assert (changed["Mode"], changed["State"], changed["ResourceExclusions"]["InternetGateway"]["State"]) == ("enforce", "enforce-in-progress", "enabling")
    server.advance("2m")
    now = shown(ec2, name)
    assert (now["State"], now["ResourceExclusions"]["NatGateway"], now["ResourceExclusions"]["VpcPeering"]["State"]) == (
        "available", {"State": "enabled", "StateMessage": "succeeded"}, "disabled")
    assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["EncryptionControl"]["Mode"] == "enforce"
    assert blocking(ec2, vpc) == set()
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    assert error_of(ec2.modify_vpc_encryption_control, VpcEncryptionControlId=name, InternetGatewayExclusion="disable")[0] == (
        "VpcEncryptionControlStateTransitionFailed")
    assert ec2.modify_vpc_encryption_control(VpcEncryptionControlId=name, Mode="monitor")["VpcEncryptionControl"]["State"] == "monitor-in-progress"
    server.advance("2m")
    assert ec2.delete_vpc_encryption_control(VpcEncryptionControlId=name)["VpcEncryptionControl"]["State"] == "deleting"
    server.advance("2m")
    assert error_of(ec2.describe_vpc_encryption_controls, VpcEncryptionControlIds=[name])[0] == "InvalidVpcEncryptionControlId.NotFound"
    assert "EncryptionControl" not in ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]


def test_what_enforcement_refuses(server, ec2):
    tagged = [{"ResourceType": "vpc", "Tags": TAGS}]
    vpc = new_vpc(ec2, VpcEncryptionControl={"Mode": "enforce", "VpcPeeringExclusion": "disable"}, TagSpecifications=tagged)
    control = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["EncryptionControl"]
    name = control["VpcEncryptionControlId"]
    # It has the tags of its VPC.
    assert (control["Mode"], control["Tags"]) == ("enforce", TAGS)
    server.advance("2m")
    subnet = new_subnet(ec2, vpc)
    begin = f"The operation violates the VPC encryption control '{name}' of VPC '{vpc}', which is in enforce mode: "
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    vgw = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    peer = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    outside = ec2.create_subnet(VpcId=peer, CidrBlock="10.8.1.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    both = [{"DeviceIndex": 0, "SubnetId": outside}, {"DeviceIndex": 1, "SubnetId": subnet}]
    refused = [
        (ec2.attach_internet_gateway, {"InternetGatewayId": gateway, "VpcId": vpc}, "internet gateways are not excluded"),
        (ec2.create_egress_only_internet_gateway, {"VpcId": vpc}, "egress-only internet gateways are not excluded"),
        (ec2.create_nat_gateway, {"SubnetId": subnet, "ConnectivityType": "private"}, "NAT gateways are not excluded"),
        (ec2.attach_vpn_gateway, {"VpnGatewayId": vgw, "VpcId": vpc}, "virtual private gateways are not excluded"),
        (ec2.create_vpc_peering_connection, {"VpcId": vpc, "PeerVpcId": peer}, "VPC peering connections are not excluded"),
        (ec2.run_instances, {"ImageId": image(ec2), "InstanceType": "t2.micro", "SubnetId": subnet, "MinCount": 1, "MaxCount": 1},
         "instance type 't2.micro' does not support encryption in transit"),
        (ec2.run_instances, {"ImageId": image(ec2), "InstanceType": "t2.micro", "NetworkInterfaces": both, "MinCount": 1, "MaxCount": 1},
         "instance type 't2.micro' does not support encryption in transit"),
    ]
    for call, parameters, what in refused:
        assert error_of(call, **parameters) == ("VpcEncryptionControlViolation", f"{begin}{what}.", 400), what
    instance = launch(ec2, SubnetId=subnet, InstanceType="m5n.large")
    server.advance("2m")
    ec2.stop_instances(InstanceIds=[instance])
    server.advance("2m")
    assert error_of(ec2.modify_instance_attribute, InstanceId=instance, InstanceType={"Value": "t2.micro"})[0] == "VpcEncryptionControlViolation"
    # A peer that is enforced, too, is no obstacle; from then on neither is to be watched only.
    other = ec2.create_vpc(CidrBlock="10.9.0.0/16", VpcEncryptionControl={"Mode": "enforce"})["Vpc"]["VpcId"]
    server.advance("2m")
    connection = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    server.advance("1m")
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=connection)
    server.advance("1m")
    assert error_of(ec2.modify_vpc_encryption_control, VpcEncryptionControlId=name, Mode="monitor")[0] == "VpcEncryptionControlStateTransitionFailed"
    ec2.modify_vpc_encryption_control(VpcEncryptionControlId=name, VpcPeeringExclusion="enable")
    server.advance("2m")
    ec2.modify_vpc_encryption_control(VpcEncryptionControlId=name, Mode="monitor")
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)


def test_the_mode_of_an_account(server, ec2):
    vpc = new_vpc(ec2)
    west = server.client("ec2", region="us-west-2")
    before = west.describe_account_vpc_encryption_control()["AccountVpcEncryptionControl"]
    assert (before["State"], before["Mode"], before["ManagedBy"], before["Exclusions"]["Lambda"]) == ("default-state", "unmanaged", "account", "disabled")
    changed = ec2.modify_account_vpc_encryption_control(Mode="attempt-monitor")["AccountVpcEncryptionControl"]
    assert (changed["State"], changed["Mode"]) == ("transitions-in-progress", "attempt-monitor")
    server.advance("2m")
    assert ec2.describe_account_vpc_encryption_control()["AccountVpcEncryptionControl"]["State"] == "transitions-successful"
    controls = {one["VpcId"]: one for one in ec2.describe_vpc_encryption_controls()["VpcEncryptionControls"]}
    assert set(controls) == {one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"]} and {one["Mode"] for one in controls.values()} == {"monitor"}
    assert error_of(ec2.delete_vpc_encryption_control, VpcEncryptionControlId=controls[vpc]["VpcEncryptionControlId"])[0] == "OperationNotPermitted"
    ec2.modify_account_vpc_encryption_control(Mode="attempt-enforce", InternetGateway="enable")
    server.advance("2m")
    now = ec2.describe_account_vpc_encryption_control()["AccountVpcEncryptionControl"]
    assert (now["Mode"], now["Exclusions"]["InternetGateway"], now["Exclusions"]["NatGateway"]) == ("attempt-enforce", "enabled", "disabled")
    enforced = ec2.describe_vpc_encryption_controls(VpcIds=[vpc])["VpcEncryptionControls"][0]
    assert (enforced["Mode"], enforced["ResourceExclusions"]["InternetGateway"]["State"]) == ("enforce", "enabled")
    assert west.describe_account_vpc_encryption_control()["AccountVpcEncryptionControl"]["Mode"] == "unmanaged"


def test_who_may(server, ec2):
    vpc = new_vpc(ec2)
    name = new_control(server, ec2, vpc)
    assert error_of(ec2.delete_vpc_encryption_control, VpcEncryptionControlId=name, DryRun=True)[0] == "DryRunOperation"
    iam = server.client("iam")
    arn = f"arn:aws:ec2:us-east-1:000000000000:vpc-encryption-control/{name}"
    narrow = server.client("ec2", make_user(iam, "ann", allow("ec2:*Encryption*", arn)))
    assert error_of(narrow.get_vpc_resources_blocking_encryption_enforcement, VpcId=vpc)[0] == "UnauthorizedOperation"
    assert error_of(narrow.create_vpc_encryption_control, VpcId=vpc)[0] == "UnauthorizedOperation"
    assert error_of(narrow.modify_account_vpc_encryption_control, Mode="attempt-monitor")[0] == "UnauthorizedOperation"
    assert error_of(narrow.describe_account_vpc_encryption_control)[0] == "UnauthorizedOperation"
    assert error_of(narrow.describe_vpc_encryption_controls)[0] == "UnauthorizedOperation"
    keyed = allow("ec2:ModifyVpcEncryptionControl", Condition={"StringEquals": {"ec2:Attribute/Mode": "monitor"}})
    modest = server.client("ec2", make_user(iam, "bob", keyed))
    assert error_of(modest.modify_vpc_encryption_control, VpcEncryptionControlId=name, Mode="enforce")[0] == "UnauthorizedOperation"
    assert modest.modify_vpc_encryption_control(VpcEncryptionControlId=name, Mode="monitor")["VpcEncryptionControl"]["Mode"] == "monitor"
    server.advance("2m")
    assert narrow.delete_vpc_encryption_control(VpcEncryptionControlId=name)["VpcEncryptionControl"]["State"] == "deleting"
    other = server.client("ec2", server.account(OTHER))
    assert error_of(other.create_vpc_encryption_control, VpcId=vpc)[0] == "InvalidVpcID.NotFound"


def test_public_host_names(server, ec2):
    vpc = new_vpc(ec2, AmazonProvidedIpv6CidrBlock=True)
    server.advance("1m")
    block = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24", Ipv6CidrBlock=block.replace("/56", "/64"))["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    interface = ec2.create_network_interface(SubnetId=subnet, Ipv6AddressCount=1)["NetworkInterface"]["NetworkInterfaceId"]
    dual = {"NetworkInterfaceId": interface, "HostnameType": "public-dual-stack-dns-name"}
    assert error_of(ec2.modify_public_ip_dns_name_options, **dual)[:2] == (
        "InvalidParameterValue", f"VPC '{vpc}' must have DNS support and DNS hostnames enabled.")
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    assert error_of(ec2.modify_public_ip_dns_name_options, **dual)[:2] == (
        "InvalidParameterValue", "Value (public-dual-stack-dns-name) for parameter hostnameType is invalid. "
        f"The network interface '{interface}' does not have the public addresses for it.")
    address = ec2.allocate_address()
    association = ec2.associate_address(AllocationId=address["AllocationId"], NetworkInterfaceId=interface)["AssociationId"]
    seen = lambda: ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"][0]
    before = seen()
    assert before["PublicIpDnsNameOptions"]["DnsHostnameType"] == "public-ipv4-dns-name"
    assert before["PublicDnsName"] == before["PublicIpDnsNameOptions"]["PublicIpv4DnsName"]
    assert ec2.modify_public_ip_dns_name_options(**dual)["Successful"] is True
    names = seen()["PublicIpDnsNameOptions"]
    assert names["DnsHostnameType"] == "public-dual-stack-dns-name" and seen()["PublicDnsName"] == names["PublicDualStackDnsName"]
    label, rest = names["PublicIpv6DnsName"].split(".", 1)
    assert rest == "us-east-1.ip.aws" and [len(part) for part in label.split("-")] == [5] * 5
    assert names["PublicDualStackDnsName"].startswith(f"{label}-")
    assert error_of(ec2.disassociate_address, AssociationId=association)[0] == "OperationNotPermitted"
    ec2.modify_public_ip_dns_name_options(NetworkInterfaceId=interface, HostnameType="public-ipv6-dns-name")
    assert seen()["PublicDnsName"] == names["PublicIpv6DnsName"]
    ec2.disassociate_address(AssociationId=association)
    iam = server.client("iam")
    arn = f"arn:aws:ec2:us-east-1:000000000000:network-interface/{interface}"
    narrow = server.client("ec2", make_user(iam, "cid", allow("ec2:ModifyPublicIpDnsNameOptions", arn + "0")))
    assert error_of(narrow.modify_public_ip_dns_name_options, **dual)[0] == "UnauthorizedOperation"


def test_managed_resources(server, ec2):
    assert ec2.get_managed_resource_visibility()["Visibility"] == {"DefaultVisibility": "hidden"}
    assert ec2.modify_managed_resource_visibility(DefaultVisibility="visible")["Visibility"] == {"DefaultVisibility": "visible"}
    assert ec2.get_managed_resource_visibility()["Visibility"] == {"DefaultVisibility": "visible"}
    other = server.client("ec2", server.account(OTHER))
    assert other.get_managed_resource_visibility()["Visibility"] == {"DefaultVisibility": "hidden"}
    nobody = server.client("ec2", make_user(server.client("iam"), "dan", allow("ec2:DescribeVpcs")))
    assert error_of(nobody.modify_managed_resource_visibility, DefaultVisibility="hidden")[0] == "UnauthorizedOperation"
    assert error_of(nobody.get_managed_resource_visibility)[0] == "UnauthorizedOperation"
