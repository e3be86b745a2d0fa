"""VPC endpoints and endpoint services: routes, interfaces and names they come with, two accounts' views of one connection, and who may not."""

import json

import pytest

from conftest import allow, error_of, make_user

TAGS = [{"Key": "team", "Value": "red"}]
S3, SQS = "com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.sqs"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(scope="module")
def subnets(ec2):
    return ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]


def shown(ec2, name):
    return ec2.describe_vpc_endpoints(VpcEndpointIds=[name])["VpcEndpoints"][0]


def balancer(ec2, kind="net"):
    account = ec2.describe_vpcs()["Vpcs"][0]["OwnerId"]
    return f"arn:aws:elasticloadbalancing:us-east-1:{account}:loadbalancer/{kind}/web/0123456789abcdef"


def test_a_gateway_endpoint(ec2):
    vpc = ec2.create_vpc(CidrBlock="10.51.0.0/16")["Vpc"]["VpcId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]})
    made = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=S3, RouteTableIds=[table], PolicyDocument=policy,
                                   TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": TAGS}])["VpcEndpoint"]
    name = made["VpcEndpointId"]
    assert (made["State"], made["VpcEndpointType"], made["PolicyDocument"], made["Tags"]) == ("available", "Gateway", policy, TAGS)

    def routes():
        return [one for one in ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"] if "DestinationPrefixListId" in one]

    lists = ec2.describe_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": [S3]}])["PrefixLists"]
    assert [(one["DestinationPrefixListId"], one["GatewayId"], one["State"]) for one in routes()] == [(lists[0]["PrefixListId"], name, "active")]
    assert error_of(ec2.delete_route, RouteTableId=table, DestinationPrefixListId=lists[0]["PrefixListId"])[0] == "InvalidParameterValue"
    assert ec2.modify_vpc_endpoint(VpcEndpointId=name, RemoveRouteTableIds=[table], ResetPolicy=True)["Return"]
    assert routes() == [] and shown(ec2, name)["PolicyDocument"] != policy
    assert error_of(ec2.delete_vpc, VpcId=vpc)[0] == "DependencyViolation"
    gone = ec2.delete_vpc_endpoints(VpcEndpointIds=[name, "vpce-0123456789abcdef0"])["Unsuccessful"]
    assert [(one["ResourceId"], one["Error"]["Code"]) for one in gone] == [("vpce-0123456789abcdef0", "InvalidVpcEndpointId.NotFound")]
    ec2.delete_route_table(RouteTableId=table)
    ec2.delete_vpc(VpcId=vpc)


def test_an_interface_endpoint(server, ec2, subnets):
    group = ec2.create_security_group(GroupName="endpoint", Description="endpoint")["GroupId"]
    made = ec2.create_vpc_endpoint(VpcId=subnets[0]["VpcId"], ServiceName=SQS, VpcEndpointType="Interface",
                                   SubnetIds=[one["SubnetId"] for one in subnets[:2]], SecurityGroupIds=[group])["VpcEndpoint"]
    name = made["VpcEndpointId"]
    assert (made["State"], made["PrivateDnsEnabled"], [one["GroupId"] for one in made["Groups"]]) == ("pending", True, [group])
    assert "sqs.us-east-1.amazonaws.com" in [one["DnsName"] for one in made["DnsEntries"]] and len(made["DnsEntries"]) == 4
    server.advance("5m")
    assert shown(ec2, name)["State"] == "available"
    interfaces = ec2.describe_network_interfaces(NetworkInterfaceIds=made["NetworkInterfaceIds"])["NetworkInterfaces"]
    assert {(one["InterfaceType"], one["RequesterManaged"], one["Description"]) for one in interfaces} == {("vpc_endpoint", True, f"VPC Endpoint Interface {name}")}
    assert error_of(ec2.delete_security_group, GroupId=group)[0] == "DependencyViolation"
    ec2.modify_vpc_endpoint(VpcEndpointId=name, RemoveSubnetIds=[subnets[0]["SubnetId"]], PrivateDnsEnabled=False)
    changed = shown(ec2, name)
    assert (changed["SubnetIds"], changed["PrivateDnsEnabled"], len(changed["NetworkInterfaceIds"])) == ([subnets[1]["SubnetId"]], False, 1)
    found = ec2.describe_vpc_endpoints(Filters=[{"Name": "service-name", "Values": [SQS]}, {"Name": "vpc-endpoint-type", "Values": ["Interface"]}])["VpcEndpoints"]
    assert [one["VpcEndpointId"] for one in found] == [name]
    assert ec2.delete_vpc_endpoints(VpcEndpointIds=[name])["Unsuccessful"] == []
    server.advance("1m")
    left = ec2.describe_network_interfaces(Filters=[{"Name": "interface-type", "Values": ["vpc_endpoint"]}])["NetworkInterfaces"]
    assert left == []
    ec2.delete_security_group(GroupId=group)


def test_associations(ec2, subnets):
    made = ec2.create_vpc_endpoint(VpcId=subnets[0]["VpcId"], ServiceName=S3)["VpcEndpoint"]["VpcEndpointId"]
    assert ec2.describe_vpc_endpoint_associations(VpcEndpointIds=[made])["VpcEndpointAssociations"] == []
    asked = [{"Name": "vpc-endpoint-id", "Values": [made]}]
    assert ec2.describe_vpc_endpoint_associations(Filters=asked)["VpcEndpointAssociations"] == []
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made])


def test_services_of_aws(ec2):
    pages = ec2.get_paginator("describe_vpc_endpoint_services").paginate(PaginationConfig={"PageSize": 20})
    names = {one["ServiceName"] for page in pages for one in page["ServiceDetails"]}
    assert {S3, SQS, "com.amazonaws.us-east-1.ecr.dkr"} <= names
    gateways = ec2.describe_vpc_endpoint_services(Filters=[{"Name": "service-type", "Values": ["Gateway"]}])["ServiceNames"]
    assert sorted(gateways) == ["com.amazonaws.us-east-1.dynamodb", S3]


def test_a_service_for_others(server, ec2):
    other = server.client("ec2", server.account("210987654321"))
    made = ec2.create_vpc_endpoint_service_configuration(NetworkLoadBalancerArns=[balancer(ec2)], AcceptanceRequired=True,
                                                         TagSpecifications=[{"ResourceType": "vpc-endpoint-service", "Tags": TAGS}])["ServiceConfiguration"]
    service, name = made["ServiceId"], made["ServiceName"]
    assert (made["ServiceType"], made["Tags"]) == ([{"ServiceType": "Interface"}], TAGS)
    server.advance("1m")
    configured = ec2.describe_vpc_endpoint_service_configurations(Filters=[{"Name": "service-name", "Values": [name]}])["ServiceConfigurations"]
    assert [(one["ServiceId"], one["ServiceState"]) for one in configured] == [(service, "Available")]
    assert error_of(other.describe_vpc_endpoint_services, ServiceNames=[name])[0] == "InvalidServiceName"
    root = "arn:aws:iam::210987654321:root"
    added = ec2.modify_vpc_endpoint_service_permissions(ServiceId=service, AddAllowedPrincipals=[root])["AddedPrincipals"]
    assert [(one["Principal"], one["PrincipalType"]) for one in added] == [(root, "Account")]
    assert [one["Principal"] for one in ec2.describe_vpc_endpoint_service_permissions(ServiceId=service)["AllowedPrincipals"]] == [root]
    assert other.describe_vpc_endpoint_services(ServiceNames=[name])["ServiceDetails"][0]["AcceptanceRequired"]
    subnet = other.describe_subnets()["Subnets"][0]
    endpoint = other.create_vpc_endpoint(VpcId=subnet["VpcId"], ServiceName=name, VpcEndpointType="Interface", SubnetIds=[subnet["SubnetId"]])["VpcEndpoint"]
    assert endpoint["State"] == "pendingAcceptance"
    topic = ec2.create_vpc_endpoint_connection_notification(
        ServiceId=service, ConnectionNotificationArn="arn:aws:sns:us-east-1:123456789012:topic", ConnectionEvents=["Accept"])["ConnectionNotification"]
    told = ec2.describe_vpc_endpoint_connection_notifications(ConnectionNotificationId=topic["ConnectionNotificationId"])["ConnectionNotificationSet"]
    assert [(one["ConnectionEvents"], one["ConnectionNotificationState"]) for one in told] == [(["Accept"], "Enabled")]
    seen = ec2.describe_vpc_endpoint_connections(Filters=[{"Name": "vpc-endpoint-owner", "Values": ["210987654321"]}])["VpcEndpointConnections"]
    assert [(one["VpcEndpointId"], one["VpcEndpointState"]) for one in seen] == [(endpoint["VpcEndpointId"], "pendingAcceptance")]
    ec2.accept_vpc_endpoint_connections(ServiceId=service, VpcEndpointIds=[endpoint["VpcEndpointId"]])
    server.advance("1m")
    assert shown(other, endpoint["VpcEndpointId"])["State"] == "available"
    scope, payee = "vpc-endpoint-charges", "vpc-endpoint-service-account"
    payer = ec2.modify_vpc_endpoint_payer_responsibility(ServiceId=service, VpcEndpointId=endpoint["VpcEndpointId"], Scope=scope, PayerResponsibility=payee)
    assert payer["PayerResponsibilities"] == [{"Scope": scope, "PayerResponsibilityType": payee}]
    assert shown(other, endpoint["VpcEndpointId"])["PayerResponsibilities"] == payer["PayerResponsibilities"]
    kept = ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[service])["Unsuccessful"][0]["Error"]
    assert (kept["Code"], kept["Message"]) == ("ExistingVpcEndpointConnections", f"Service {service} has existing active VPC Endpoint connections!")
    ec2.reject_vpc_endpoint_connections(ServiceId=service, VpcEndpointIds=[endpoint["VpcEndpointId"]])
    assert shown(other, endpoint["VpcEndpointId"])["State"] == "rejected"
    assert ec2.modify_vpc_endpoint_connection_notification(ConnectionNotificationId=topic["ConnectionNotificationId"], ConnectionEvents=["Reject"])["ReturnValue"]
    assert ec2.delete_vpc_endpoint_connection_notifications(ConnectionNotificationIds=[topic["ConnectionNotificationId"]])["Unsuccessful"] == []
    assert ec2.modify_vpc_endpoint_service_configuration(ServiceId=service, AcceptanceRequired=False)["Return"]
    assert other.describe_vpc_endpoint_services(ServiceNames=[name])["ServiceDetails"][0]["AcceptanceRequired"] is False
    assert ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[service])["Unsuccessful"] == []


def test_a_private_name_and_who_pays(server, ec2):
    made = ec2.create_vpc_endpoint_service_configuration(NetworkLoadBalancerArns=[balancer(ec2)], PrivateDnsName="api.example.com")["ServiceConfiguration"]
    service = made["ServiceId"]
    server.advance("1m")

    def told():
        details = ec2.describe_vpc_endpoint_services(ServiceNames=[made["ServiceName"]])["ServiceDetails"][0]
        return details["PrivateDnsNameVerificationState"], details.get("PayerResponsibility")

    assert told() == ("pendingVerification", None)
    assert ec2.start_vpc_endpoint_service_private_dns_verification(ServiceId=service)["ReturnValue"]
    assert ec2.modify_vpc_endpoint_service_payer_responsibility(ServiceId=service, PayerResponsibility="ServiceOwner")["ReturnValue"]
    assert told() == ("pendingVerification", "ServiceOwner")
    server.advance("11m")
    assert told() == ("verified", "ServiceOwner")
    shown = ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[service])["ServiceConfigurations"][0]
    assert (shown["PrivateDnsNameConfiguration"]["State"], shown["PayerResponsibility"]) == ("verified", "ServiceOwner")
    unnamed = ec2.create_vpc_endpoint_service_configuration(NetworkLoadBalancerArns=[balancer(ec2)])["ServiceConfiguration"]["ServiceId"]
    assert error_of(ec2.start_vpc_endpoint_service_private_dns_verification, ServiceId=unnamed)[0] == "InvalidParameter"


def test_a_gateway_load_balancer(server, ec2, subnets):
    name = ec2.create_vpc_endpoint_service_configuration(GatewayLoadBalancerArns=[balancer(ec2, "gwy")], AcceptanceRequired=False)["ServiceConfiguration"]["ServiceName"]
    made = ec2.create_vpc_endpoint(VpcId=subnets[0]["VpcId"], ServiceName=name, VpcEndpointType="GatewayLoadBalancer", SubnetIds=[subnets[0]["SubnetId"]])["VpcEndpoint"]
    server.advance("5m")
    table = ec2.create_route_table(VpcId=subnets[0]["VpcId"])["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", VpcEndpointId=made["VpcEndpointId"])
    route = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"][-1]
    assert (route["GatewayId"], route["State"]) == (made["VpcEndpointId"], "active")
    ec2.create_route(RouteTableId=table, DestinationCidrBlock=subnets[1]["CidrBlock"], VpcEndpointId=made["VpcEndpointId"])
    interface = ec2.describe_network_interfaces(NetworkInterfaceIds=made["NetworkInterfaceIds"])["NetworkInterfaces"][0]
    assert interface["InterfaceType"] == "gateway_load_balancer_endpoint"
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])
    ec2.delete_route_table(RouteTableId=table)


def test_permissions(server, ec2, subnets):
    condition = {"StringEquals": {"ec2:VpceServiceName": S3}}
    arn = "arn:aws:ec2:*:*:vpc-endpoint/*"
    user = server.client("ec2", make_user(server.client("iam"), "endpoints", allow("ec2:CreateVpcEndpoint", arn, Condition=condition),
                                          allow("ec2:CreateVpcEndpoint", "arn:aws:ec2:*:*:vpc/*")))
    vpc = subnets[0]["VpcId"]
    assert error_of(user.create_vpc_endpoint, VpcId=vpc, ServiceName="com.amazonaws.us-east-1.dynamodb")[0] == "UnauthorizedOperation"
    made = user.create_vpc_endpoint(VpcId=vpc, ServiceName=S3)["VpcEndpoint"]["VpcEndpointId"]
    assert error_of(user.delete_vpc_endpoints, VpcEndpointIds=[made])[0] == "UnauthorizedOperation"
    table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]["RouteTableId"]
    assert error_of(user.create_vpc_endpoint, VpcId=vpc, ServiceName=S3, RouteTableIds=[table])[0] == "UnauthorizedOperation"
    assert error_of(ec2.delete_vpc_endpoints, VpcEndpointIds=[made], DryRun=True)[0] == "DryRunOperation"
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made])


def test_one_that_is_being_deleted_holds_what_it_has(make_server):
    server = make_server("--states", "aws")
    ec2 = server.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.52.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.52.0.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="endpoint", Description="endpoint", VpcId=vpc)["GroupId"]
    name = ec2.create_vpc_endpoint(VpcId=vpc, VpcEndpointType="Interface", ServiceName=SQS, SubnetIds=[subnet], SecurityGroupIds=[group],
                                   PrivateDnsEnabled=False)["VpcEndpoint"]["VpcEndpointId"]
    server.advance("5m")
    assert ec2.delete_vpc_endpoints(VpcEndpointIds=[name])["Unsuccessful"] == []
    assert (shown(ec2, name)["State"], len(shown(ec2, name)["NetworkInterfaceIds"])) == ("deleting", 1)
    for delete, wanted in ((ec2.delete_security_group, {"GroupId": group}), (ec2.delete_subnet, {"SubnetId": subnet}), (ec2.delete_vpc, {"VpcId": vpc})):
        assert error_of(delete, **wanted)[0] == "DependencyViolation"
    server.advance("1m")
    assert error_of(ec2.describe_vpc_endpoints, VpcEndpointIds=[name])[0] == "InvalidVpcEndpointId.NotFound"
    ec2.delete_security_group(GroupId=group)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)
