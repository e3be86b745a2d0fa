"""Verified Access: instances, trust providers, groups, endpoints, policies and logs, each seen through another operation."""

import pytest

from conftest import allow, error_of, make_user

TAGS = [{"Key": "team", "Value": "red"}]
POLICY = "permit(principal, action, resource) when { context.people.groups.contains(\"staff\") };"
PEOPLE = {"TrustProviderType": "user", "UserTrustProviderType": "oidc", "PolicyReferenceName": "people",
          "OidcOptions": {"Issuer": "https://issuer.example", "ClientId": "me", "ClientSecret": "hidden", "Scope": "openid"}}


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


@pytest.fixture(scope="module")
def instance(ec2):
    made = ec2.create_verified_access_instance(Description="door", FIPSEnabled=True, TagSpecifications=tagged("verified-access-instance"))
    made = made["VerifiedAccessInstance"]
    assert (made["Description"], made["FipsEnabled"], made["VerifiedAccessTrustProviders"], made["Tags"]) == ("door", True, [], TAGS)
    assert made["CreationTime"] == made["LastUpdatedTime"]
    return made["VerifiedAccessInstanceId"]


def test_an_instance_is_described_anew(server, ec2):
    name = {"VerifiedAccessInstanceId": ec2.create_verified_access_instance(Description="old")["VerifiedAccessInstance"]["VerifiedAccessInstanceId"]}
    server.advance("1m")
    changed = ec2.modify_verified_access_instance(**name, Description="new")["VerifiedAccessInstance"]
    [shown] = ec2.describe_verified_access_instances(VerifiedAccessInstanceIds=list(name.values()))["VerifiedAccessInstances"]
    assert changed["Description"] == shown["Description"] == "new" and shown["LastUpdatedTime"] > shown["CreationTime"]
    ec2.delete_verified_access_instance(**name)
    assert error_of(ec2.modify_verified_access_instance, **name, Description="gone")[0] == "InvalidVerifiedAccessInstanceId.NotFound"


def test_trust_providers(ec2, instance):
    made = ec2.create_verified_access_trust_provider(**PEOPLE, TagSpecifications=tagged("verified-access-trust-provider"))["VerifiedAccessTrustProvider"]
    assert made["OidcOptions"] == {"Issuer": "https://issuer.example", "ClientId": "me", "Scope": "openid"} and made["Tags"] == TAGS
    name = {"VerifiedAccessTrustProviderId": made["VerifiedAccessTrustProviderId"]}
    changed = ec2.modify_verified_access_trust_provider(**name, Description="staff", OidcOptions={"Scope": "openid email"})["VerifiedAccessTrustProvider"]
    assert changed["OidcOptions"] == {"Issuer": "https://issuer.example", "ClientId": "me", "Scope": "openid email"}
    both = {"VerifiedAccessInstanceId": instance, **name}
    attached = ec2.attach_verified_access_trust_provider(**both)
    assert attached["VerifiedAccessInstance"]["VerifiedAccessTrustProviders"] == [
        {**name, "Description": "staff", "TrustProviderType": "user", "UserTrustProviderType": "oidc"}]
    assert attached["VerifiedAccessTrustProvider"]["PolicyReferenceName"] == "people"
    shown = ec2.describe_verified_access_instances(VerifiedAccessInstanceIds=[instance])["VerifiedAccessInstances"][0]
    assert [one["VerifiedAccessTrustProviderId"] for one in shown["VerifiedAccessTrustProviders"]] == list(name.values())
    assert error_of(ec2.delete_verified_access_trust_provider, **name)[0] == "DependencyViolation"
    ec2.detach_verified_access_trust_provider(**both)
    assert error_of(ec2.detach_verified_access_trust_provider, **both)[1] == f"Trust provider {name['VerifiedAccessTrustProviderId']} is not attached to instance {instance}"
    ec2.delete_verified_access_trust_provider(**name)
    assert ec2.describe_verified_access_trust_providers()["VerifiedAccessTrustProviders"] == []


def test_groups_and_endpoints(server, ec2, instance):
    group = ec2.create_verified_access_group(VerifiedAccessInstanceId=instance, PolicyDocument=POLICY, TagSpecifications=tagged("verified-access-group"))
    group = group["VerifiedAccessGroup"]
    assert (group["Owner"], group["Tags"]) == ("000000000000", TAGS)
    name = {"VerifiedAccessGroupId": group["VerifiedAccessGroupId"]}
    assert group["VerifiedAccessGroupArn"].endswith(f":verified-access-group/{group['VerifiedAccessGroupId']}")
    policy = ec2.get_verified_access_group_policy(**name)
    assert (policy["PolicyEnabled"], policy["PolicyDocument"]) == (True, POLICY)
    assert ec2.modify_verified_access_group_policy(**name, PolicyEnabled=False)["PolicyDocument"] == POLICY
    assert ec2.get_verified_access_group_policy(**name)["PolicyEnabled"] is False
    other = ec2.create_verified_access_instance()["VerifiedAccessInstance"]["VerifiedAccessInstanceId"]
    ec2.modify_verified_access_group(**name, VerifiedAccessInstanceId=other, Description="moved")
    assert ec2.describe_verified_access_groups(VerifiedAccessInstanceId=instance)["VerifiedAccessGroups"] == []
    assert error_of(ec2.delete_verified_access_instance, VerifiedAccessInstanceId=other)[0] == "DependencyViolation"
    ec2.modify_verified_access_group(**name, VerifiedAccessInstanceId=instance)
    ec2.delete_verified_access_instance(VerifiedAccessInstanceId=other)

    subnet = ec2.describe_subnets()["Subnets"][0]
    sg = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [subnet["VpcId"]]}])["SecurityGroups"][0]["GroupId"]
    eni = ec2.create_network_interface(SubnetId=subnet["SubnetId"])["NetworkInterface"]["NetworkInterfaceId"]
    wish = {**name, "EndpointType": "network-interface", "AttachmentType": "vpc", "SecurityGroupIds": [sg], "ApplicationDomain": "app.example",
            "EndpointDomainPrefix": "app", "NetworkInterfaceOptions": {"NetworkInterfaceId": eni, "Protocol": "https", "Port": 443}}
    made = ec2.create_verified_access_endpoint(**wish, TagSpecifications=tagged("verified-access-endpoint"))["VerifiedAccessEndpoint"]
    assert (made["Status"]["Code"], made["VerifiedAccessInstanceId"], made["SecurityGroupIds"], made["Tags"]) == ("pending", instance, [sg], TAGS)
    assert made["EndpointDomain"].startswith("app.edge-") and made["NetworkInterfaceOptions"]["Port"] == 443
    endpoint = {"VerifiedAccessEndpointId": made["VerifiedAccessEndpointId"]}
    server.advance("10m")
    found = ec2.describe_verified_access_endpoints(VerifiedAccessInstanceId=instance)["VerifiedAccessEndpoints"]
    assert [(one["VerifiedAccessEndpointId"], one["Status"]["Code"]) for one in found] == [(made["VerifiedAccessEndpointId"], "active")]
    changed = ec2.modify_verified_access_endpoint(**endpoint, Description="new", NetworkInterfaceOptions={"Port": 8443})["VerifiedAccessEndpoint"]
    assert (changed["NetworkInterfaceOptions"]["Port"], changed["NetworkInterfaceOptions"]["NetworkInterfaceId"]) == (8443, eni)
    assert ec2.get_verified_access_endpoint_policy(**endpoint)["PolicyEnabled"] is False
    ec2.modify_verified_access_endpoint_policy(**endpoint, PolicyEnabled=True, PolicyDocument=POLICY)
    assert ec2.get_verified_access_endpoint_policy(**endpoint)["PolicyDocument"] == POLICY
    assert error_of(ec2.delete_verified_access_group, **name)[0] == "DependencyViolation"
    assert ec2.delete_verified_access_endpoint(**endpoint)["VerifiedAccessEndpoint"]["Status"]["Code"] == "deleting"
    ec2.delete_verified_access_group(**name)
    assert ec2.describe_verified_access_groups()["VerifiedAccessGroups"] == []


def test_logs(ec2, instance):
    name = {"VerifiedAccessInstanceId": instance}
    logs = ec2.describe_verified_access_instance_logging_configurations(VerifiedAccessInstanceIds=[instance])["LoggingConfigurations"][0]["AccessLogs"]
    assert not logs["S3"]["Enabled"] and not logs["CloudWatchLogs"]["Enabled"] and not logs["KinesisDataFirehose"]["Enabled"]
    wish = {"CloudWatchLogs": {"Enabled": True, "LogGroup": "doors"}, "IncludeTrustContext": True, "LogVersion": "ocsf-0.1"}
    ec2.modify_verified_access_instance_logging_configuration(**name, AccessLogs=wish)
    logs = ec2.describe_verified_access_instance_logging_configurations()["LoggingConfigurations"][0]["AccessLogs"]
    assert (logs["CloudWatchLogs"], logs["IncludeTrustContext"], logs["LogVersion"]) == (wish["CloudWatchLogs"], True, "ocsf-0.1")
    assert error_of(ec2.modify_verified_access_instance_logging_configuration, **name, AccessLogs={"S3": {"Enabled": True}})[0] == "MissingParameter"


def test_permissions(server, ec2, instance):
    ours = f"arn:aws:ec2:us-east-1:000000000000:verified-access-instance/{instance}"
    groups = "arn:aws:ec2:us-east-1:000000000000:verified-access-group/*"
    keys = make_user(server.client("iam"), "doors", allow("ec2:CreateVerifiedAccessGroup", [ours, groups]),
                     allow("ec2:DeleteVerifiedAccessGroup", Condition={"StringEquals": {"aws:ResourceTag/team": "red"}}))
    user = server.client("ec2", keys)
    group = user.create_verified_access_group(VerifiedAccessInstanceId=instance)["VerifiedAccessGroup"]["VerifiedAccessGroupId"]
    other = ec2.create_verified_access_instance()["VerifiedAccessInstance"]["VerifiedAccessInstanceId"]
    assert error_of(user.create_verified_access_group, VerifiedAccessInstanceId=other)[0] == "UnauthorizedOperation"
    assert error_of(user.create_verified_access_group, VerifiedAccessInstanceId=instance, TagSpecifications=tagged("verified-access-group"))[0] == "UnauthorizedOperation"
    assert error_of(user.delete_verified_access_group, VerifiedAccessGroupId=group)[0] == "UnauthorizedOperation"
    ec2.create_tags(Resources=[group], Tags=TAGS)
    assert error_of(user.delete_verified_access_group, VerifiedAccessGroupId=group, DryRun=True)[0] == "DryRunOperation"
    user.delete_verified_access_group(VerifiedAccessGroupId=group)
    ec2.delete_verified_access_instance(VerifiedAccessInstanceId=other)
