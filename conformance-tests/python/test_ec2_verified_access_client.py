"""What the connectivity client of Verified Access is told: its configuration, and the targets in a block of addresses; and who may not ask."""

import pytest

from conftest import allow, error_of, make_user

TAGS = [{"Key": "team", "Value": "red"}]
PEOPLE = {"TrustProviderType": "user", "UserTrustProviderType": "oidc", "PolicyReferenceName": "people", "NativeApplicationOidcOptions": {
    "Issuer": "https://issuer.example", "ClientId": "me", "ClientSecret": "hidden", "Scope": "openid", "TokenEndpoint": "https://issuer.example/token"}}
DEVICES = {"TrustProviderType": "device", "DeviceTrustProviderType": "jamf", "PolicyReferenceName": "devices", "DeviceOptions": {"TenantId": "t"}}


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(scope="module")
def instance(ec2):
    return ec2.create_verified_access_instance()["VerifiedAccessInstance"]["VerifiedAccessInstanceId"]


def attach(ec2, instance, **provider):
    made = ec2.create_verified_access_trust_provider(**provider)["VerifiedAccessTrustProvider"]["VerifiedAccessTrustProviderId"]
    ec2.attach_verified_access_trust_provider(VerifiedAccessInstanceId=instance, VerifiedAccessTrustProviderId=made)
    return made


def exported(ec2, instance):
    told = ec2.export_verified_access_instance_client_configuration(VerifiedAccessInstanceId=instance)
    told.pop("ResponseMetadata")
    return told


def test_the_configuration_of_a_client(ec2, instance):
    bare = {"Version": "1.0", "VerifiedAccessInstanceId": instance, "Region": "us-east-1", "DeviceTrustProviders": [], "OpenVpnConfigurations": []}
    assert exported(ec2, instance) == bare
    people = attach(ec2, instance, **PEOPLE)
    attach(ec2, instance, **DEVICES)
    assert exported(ec2, instance) == {**bare, "DeviceTrustProviders": ["jamf"], "UserTrustProvider": {
        "Type": "oidc", "Scopes": "openid", "Issuer": "https://issuer.example", "TokenEndpoint": "https://issuer.example/token", "ClientId": "me"}}
    ec2.detach_verified_access_trust_provider(VerifiedAccessInstanceId=instance, VerifiedAccessTrustProviderId=people)
    attach(ec2, instance, TrustProviderType="user", UserTrustProviderType="iam-identity-center", PolicyReferenceName="staff")
    assert exported(ec2, instance)["UserTrustProvider"] == {
        "Type": "iam-identity-center", "Scopes": "verified_access:application:connect", "PkceEnabled": True}
    assert error_of(ec2.export_verified_access_instance_client_configuration, VerifiedAccessInstanceId="vai-0123456789abcdef0")[0] == (
        "InvalidVerifiedAccessInstanceId.NotFound")


def test_the_targets_in_a_block(ec2, instance):
    subnet = ec2.describe_subnets()["Subnets"][0]
    base = subnet["CidrBlock"].rsplit(".", 1)[0]
    group = ec2.create_verified_access_group(VerifiedAccessInstanceId=instance)["VerifiedAccessGroup"]["VerifiedAccessGroupId"]
    sg = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [subnet["VpcId"]]}])["SecurityGroups"][0]["GroupId"]
    wish = {"VerifiedAccessGroupId": group, "AttachmentType": "vpc", "SecurityGroupIds": [sg]}
    block = ec2.create_verified_access_endpoint(**wish, EndpointType="cidr", CidrOptions={
        "Protocol": "tcp", "SubnetIds": [subnet["SubnetId"]], "Cidr": f"{base}.64/27", "PortRanges": [{"FromPort": 22, "ToPort": 22}]})
    id = block["VerifiedAccessEndpoint"]["VerifiedAccessEndpointId"]
    targets = lambda **more: ec2.get_verified_access_endpoint_targets(VerifiedAccessEndpointId=id, **more)["VerifiedAccessEndpointTargets"]
    assert targets() == []
    for last in (200, 70, *range(75, 82)):
        ec2.create_network_interface(SubnetId=subnet["SubnetId"], PrivateIpAddress=f"{base}.{last}")
    found = targets()
    assert [one["VerifiedAccessEndpointTargetIpAddress"] for one in found] == [f"{base}.{last}" for last in (70, *range(75, 82))]
    assert found[0] == {"VerifiedAccessEndpointId": id, "VerifiedAccessEndpointTargetIpAddress": f"{base}.70",
                        "VerifiedAccessEndpointTargetDns": f"ip-{base.replace('.', '-')}-70.ec2.internal"}
    first = ec2.get_verified_access_endpoint_targets(VerifiedAccessEndpointId=id, MaxResults=5)
    rest = ec2.get_verified_access_endpoint_targets(VerifiedAccessEndpointId=id, MaxResults=5, NextToken=first["NextToken"])
    assert first["VerifiedAccessEndpointTargets"] + rest["VerifiedAccessEndpointTargets"] == found and "NextToken" not in rest
    eni = ec2.create_network_interface(SubnetId=subnet["SubnetId"])["NetworkInterface"]["NetworkInterfaceId"]
    other = ec2.create_verified_access_endpoint(**wish, EndpointType="network-interface", NetworkInterfaceOptions={
        "NetworkInterfaceId": eni, "Protocol": "https", "Port": 443})["VerifiedAccessEndpoint"]["VerifiedAccessEndpointId"]
    assert error_of(ec2.get_verified_access_endpoint_targets, VerifiedAccessEndpointId=other)[:2] == (
        "InvalidParameterValue", f"The Verified Access endpoint '{other}' is not a network CIDR endpoint.")


def test_who_may(server, ec2, instance):
    red = server.client("ec2", make_user(server.client("iam"), "red-client", allow(
        "ec2:ExportVerifiedAccessInstanceClientConfiguration", Condition={"StringEquals": {"aws:ResourceTag/team": "red"}})))
    assert error_of(red.export_verified_access_instance_client_configuration, VerifiedAccessInstanceId=instance)[0] == "UnauthorizedOperation"
    ec2.create_tags(Resources=[instance], Tags=TAGS)
    assert exported(red, instance)["VerifiedAccessInstanceId"] == instance
    assert error_of(red.export_verified_access_instance_client_configuration, VerifiedAccessInstanceId=instance, DryRun=True)[0] == "DryRunOperation"
