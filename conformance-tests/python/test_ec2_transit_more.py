"""What hangs on transit gateways besides VPCs: metering policies, VPN concentrators, Client VPN, NAT, announced route tables; and samples for VPN devices."""

import pytest

from conftest import allow, attach_to_transit, default_transit_table, error_of, make_user, new_transit_gateway, transit_blocks

TAGS = [{"Key": "team", "Value": "red"}]
OTHER = "210987654321"
CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/0c2e8f0b-0000-4000-8000-000000000000"
ENDPOINT = dict(ClientCidrBlock="10.200.0.0/22", ServerCertificateArn=CERTIFICATE, ConnectionLogOptions={"Enabled": False},
                AuthenticationOptions=[{"Type": "certificate-authentication", "MutualAuthentication": {"ClientRootCertificateChainArn": CERTIFICATE}}])


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def attach(server, ec2, gateway, second):
    vpc = ec2.create_vpc(CidrBlock=f"10.{second}.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{second}.0.0/24")["Subnet"]["SubnetId"]
    return attach_to_transit(server, ec2, gateway, vpc, [subnet])


def attachment_of(ec2, resource):
    found = ec2.describe_transit_gateway_attachments(Filters=[{"Name": "resource-id", "Values": [resource]}])["TransitGatewayAttachments"]
    return found[-1] if found else None


def new_customer(ec2, address):
    return ec2.create_customer_gateway(Type="ipsec.1", IpAddress=address, BgpAsn=65010)["CustomerGateway"]["CustomerGatewayId"]


def test_network_functions(server, ec2):
    gateway = new_transit_gateway(server, ec2)
    theirs = server.client("ec2", server.account(OTHER))
    balancer = f"arn:aws:elasticloadbalancing:us-east-1:{OTHER}:loadbalancer/gwy/web/0123456789abcdef"
    service = theirs.create_vpc_endpoint_service_configuration(GatewayLoadBalancerArns=[balancer])["ServiceConfiguration"]
    wanted = dict(TransitGatewayId=gateway, ServiceName=service["ServiceName"], AvailabilityZones=["us-east-1a"],
                  TagSpecifications=[{"ResourceType": "transit-gateway-attachment", "Tags": TAGS}])
    assert error_of(ec2.create_transit_gateway_network_function_attachment, **wanted)[0] == "InvalidServiceName"
    theirs.modify_vpc_endpoint_service_permissions(ServiceId=service["ServiceId"], AddAllowedPrincipals=["arn:aws:iam::000000000000:root"])
    assert error_of(ec2.create_transit_gateway_network_function_attachment, **wanted, DryRun=True)[0] == "DryRunOperation"
    made = ec2.create_transit_gateway_network_function_attachment(**wanted)["TransitGatewayNetworkFunctionAttachment"]
    name = made["TransitGatewayAttachmentId"]
    assert made == {"TransitGatewayAttachmentId": name, "TransitGatewayId": gateway, "TransitGatewayOwnerId": "000000000000", "ResourceOwnerId": "000000000000",
                    "ResourceId": service["ServiceName"], "AvailabilityZones": ["us-east-1a"], "AvailabilityZoneIds": ["use1-az6"],
                    "State": "pendingAcceptance", "CreationTime": made["CreationTime"], "Tags": TAGS}
    shown = lambda: ec2.describe_transit_gateway_network_function_attachments(TransitGatewayAttachmentIds=[name])["TransitGatewayNetworkFunctionAttachments"][0]
    connections = lambda: theirs.describe_vpc_endpoint_connections(Filters=[{"Name": "service-id", "Values": [service["ServiceId"]]}])["VpcEndpointConnections"]
    [waiting] = connections()
    assert (waiting["VpcEndpointOwner"], waiting["VpcEndpointState"]) == ("000000000000", "pendingAcceptance")
    [kept] = theirs.delete_vpc_endpoint_service_configurations(ServiceIds=[service["ServiceId"]])["Unsuccessful"]
    assert kept["Error"]["Code"] == "ExistingVpcEndpointConnections"
    theirs.accept_vpc_endpoint_connections(ServiceId=service["ServiceId"], VpcEndpointIds=[waiting["VpcEndpointId"]])
    server.advance("5m")
    assert shown()["State"] == attachment_of(ec2, service["ServiceName"])["State"] == "available"
    changed = ec2.modify_transit_gateway_network_function_attachment(TransitGatewayAttachmentId=name, AddAvailabilityZoneIds=["use1-az1"])
    assert changed["TransitGatewayNetworkFunctionAttachment"]["AvailabilityZones"] == ["us-east-1a", "us-east-1b"]
    assert [one["VpcEndpointState"] for one in sorted(connections(), key=lambda one: one["CreationTimestamp"])] == ["available", "pendingAcceptance"]
    server.advance("5m")
    arn = "arn:aws:ec2:us-east-1:000000000000:transit-gateway-attachment/*"
    condition = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    user = server.client("ec2", make_user(server.client("iam"), "functions", allow("ec2:DeleteTransitGatewayNetworkFunctionAttachment", arn, Condition=condition)))
    assert error_of(user.delete_transit_gateway_network_function_attachment, TransitGatewayAttachmentId=name)[0] == "UnauthorizedOperation"
    gone = ec2.delete_transit_gateway_network_function_attachment(TransitGatewayAttachmentId=name)["TransitGatewayNetworkFunctionAttachment"]
    assert gone["State"] == "deleting" and connections() == []
    theirs.delete_vpc_endpoint_service_configurations(ServiceIds=[service["ServiceId"]])


def test_metering(server, ec2):
    gateway = new_transit_gateway(server, ec2)
    attachment = attach(server, ec2, gateway, 81)
    tagged = [{"ResourceType": "transit-gateway-metering-policy", "Tags": TAGS}]
    made = ec2.create_transit_gateway_metering_policy(TransitGatewayId=gateway, MiddleboxAttachmentIds=[attachment], TagSpecifications=tagged)
    made = made["TransitGatewayMeteringPolicy"]
    name = made["TransitGatewayMeteringPolicyId"]
    assert (made["State"], made["MiddleboxAttachmentIds"], made["Tags"], made["UpdateEffectiveAt"].minute) == ("pending", [attachment], TAGS, 0)
    server.advance("5m")
    found = ec2.describe_transit_gateway_metering_policies(TransitGatewayMeteringPolicyIds=[name])["TransitGatewayMeteringPolicies"]
    assert [(one["State"], one["TransitGatewayId"]) for one in found] == [("available", gateway)]
    entry = dict(TransitGatewayMeteringPolicyId=name, MeteredAccount="destination-attachment-owner")
    made = ec2.create_transit_gateway_metering_policy_entry(PolicyRuleNumber=100, DestinationTransitGatewayAttachmentType="vpc", **entry)
    made = made["TransitGatewayMeteringPolicyEntry"]
    assert (made["PolicyRuleNumber"], made["State"], made["MeteringPolicyRule"]) == ("100", "available", {"DestinationTransitGatewayAttachmentType": "vpc"})
    ec2.create_transit_gateway_metering_policy_entry(PolicyRuleNumber=20, SourceTransitGatewayAttachmentId=attachment, SourceCidrBlock="10.81.0.0/16", **entry)
    found = ec2.get_transit_gateway_metering_policy_entries(TransitGatewayMeteringPolicyId=name)["TransitGatewayMeteringPolicyEntries"]
    assert [one["PolicyRuleNumber"] for one in found] == ["20", "100"]
    assert error_of(ec2.create_transit_gateway_metering_policy_entry, PolicyRuleNumber=0, **entry)[:2] == (
        "InvalidParameterValue", "Value (0) for parameter PolicyRuleNumber is invalid.")
    gone = ec2.delete_transit_gateway_metering_policy_entry(TransitGatewayMeteringPolicyId=name, PolicyRuleNumber=100)
    assert gone["TransitGatewayMeteringPolicyEntry"]["State"] == "deleted"
    assert error_of(ec2.delete_transit_gateway_metering_policy_entry, TransitGatewayMeteringPolicyId=name, PolicyRuleNumber=100)[:2] == (
        "InvalidParameterValue", "RuleNumber provided does not exists")
    changed = ec2.modify_transit_gateway_metering_policy(TransitGatewayMeteringPolicyId=name, RemoveMiddleboxAttachmentIds=[attachment])
    assert changed["TransitGatewayMeteringPolicy"]["State"] == "modifying"
    found = ec2.describe_transit_gateway_metering_policies(Filters=[{"Name": "tag:team", "Values": ["red"]}])["TransitGatewayMeteringPolicies"]
    assert [one.get("MiddleboxAttachmentIds", []) for one in found] == [[]]
    server.advance("5m")
    assert ec2.delete_transit_gateway_metering_policy(TransitGatewayMeteringPolicyId=name)["TransitGatewayMeteringPolicy"]["State"] == "deleting"
    assert error_of(ec2.get_transit_gateway_metering_policy_entries, TransitGatewayMeteringPolicyId=name)[:2] == (
        "InvalidTransitGatewayMeteringPolicyId.NotFound", f"Transit Gateway Metering Policy {name} was deleted or does not exist.")


def test_a_concentrator(server, ec2):
    gateway = new_transit_gateway(server, ec2)
    tagged = [{"ResourceType": "vpn-concentrator", "Tags": TAGS}]
    made = ec2.create_vpn_concentrator(Type="ipsec.1", TransitGatewayId=gateway, TagSpecifications=tagged)["VpnConcentrator"]
    name, attachment = made["VpnConcentratorId"], made["TransitGatewayAttachmentId"]
    assert (made["State"], made["Type"], made["Tags"]) == ("pending", "ipsec.1", TAGS)
    server.advance("10m")
    assert [one["State"] for one in ec2.describe_vpn_concentrators(VpnConcentratorIds=[name])["VpnConcentrators"]] == ["available"]
    shown = attachment_of(ec2, name)
    assert (shown["TransitGatewayAttachmentId"], shown["ResourceType"], shown["State"], shown["Association"]["State"]) == (
        attachment, "vpn-concentrator", "available", "associated")
    customer = new_customer(ec2, "203.0.113.80")
    connection = ec2.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=customer, VpnConcentratorId=name)["VpnConnection"]
    assert (connection["VpnConcentratorId"], "VpnGatewayId" in connection, len(connection["Options"]["TunnelOptions"])) == (name, False, 2)
    assert attachment_of(ec2, connection["VpnConnectionId"]) is None
    assert error_of(ec2.delete_vpn_concentrator, VpnConcentratorId=name)[:2] == (
        "DependencyViolation", f"The vpn-concentrator '{name}' has dependencies and cannot be deleted.")
    code, message = error_of(ec2.delete_transit_gateway, TransitGatewayId=gateway)[:2]
    assert (code, message) == ("IncorrectState", f"{gateway} has non-deleted VPN Concentrator Attachments: {attachment}.")
    ec2.delete_vpn_connection(VpnConnectionId=connection["VpnConnectionId"])
    ec2.delete_vpn_concentrator(VpnConcentratorId=name)
    server.advance("10m")
    assert attachment_of(ec2, name)["State"] == "deleted"
    assert [one["State"] for one in ec2.describe_vpn_concentrators(Filters=[{"Name": "transit-gateway-id", "Values": [gateway]}])["VpnConcentrators"]] == ["deleted"]


def test_a_sample_for_a_device(server, ec2):
    gateway = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    made = ec2.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=new_customer(ec2, "203.0.113.81"), VpnGatewayId=gateway,
                                     Options={"TunnelOptions": [{"PreSharedKey": "some_key.1"}, {"PreSharedKey": "some_key.2"}]})["VpnConnection"]
    name, tunnels = made["VpnConnectionId"], made["Options"]["TunnelOptions"]
    device = [one["VpnConnectionDeviceTypeId"] for one in ec2.get_vpn_connection_device_types()["VpnConnectionDeviceTypes"] if one["Vendor"] == "Generic"]
    text = ec2.get_vpn_connection_device_sample_configuration(VpnConnectionId=name, VpnConnectionDeviceTypeId=device[0], InternetKeyExchangeVersion="ikev2")
    lines = text["VpnConnectionDeviceSampleConfiguration"].splitlines()
    for position, tunnel in enumerate(tunnels):
        assert f"  - Pre-Shared Key           : some_key.{position + 1}" in lines
        assert f"  - Virtual Private Gateway  : {tunnel['OutsideIpAddress']}" in lines
    status = ec2.get_active_vpn_tunnel_status(VpnConnectionId=name, VpnTunnelOutsideIpAddress=tunnels[0]["OutsideIpAddress"])
    assert status["ActiveVpnTunnelStatus"] == {"ProvisioningStatus": "pending"}
    server.advance("10m")
    ec2.replace_vpn_tunnel(VpnConnectionId=name, VpnTunnelOutsideIpAddress=tunnels[0]["OutsideIpAddress"])
    status = ec2.get_active_vpn_tunnel_status(VpnConnectionId=name, VpnTunnelOutsideIpAddress=tunnels[0]["OutsideIpAddress"])
    assert status["ActiveVpnTunnelStatus"]["ProvisioningStatus"] == "available"


def test_an_authorization_policy(server, ec2):
    name = ec2.create_client_vpn_endpoint(**ENDPOINT)["ClientVpnEndpointId"]
    document = "permit(principal, action, resource);"
    assert error_of(ec2.get_client_vpn_endpoint_authorization_policy, ClientVpnEndpointId=name)[:2] == (
        "InvalidClientVpnEndpointAuthorizationPolicyNotFound", f"Client VPN endpoint {name} has no authorization policy.")
    assert ec2.modify_client_vpn_endpoint_authorization_policy(ClientVpnEndpointId=name, PolicyDocument=document)["Status"] == "creating"
    server.advance("5m")
    assert ec2.modify_client_vpn_endpoint_authorization_policy(ClientVpnEndpointId=name, ShadowMode="enabled")["Status"] == "updating"
    server.advance("5m")
    shown = ec2.get_client_vpn_endpoint_authorization_policy(ClientVpnEndpointId=name)
    assert (shown["PolicyDocument"], shown["ShadowMode"], shown["Status"]) == (document, "enabled", "active")
    assert ec2.delete_client_vpn_endpoint_authorization_policy(ClientVpnEndpointId=name)["Status"] == "deleting"
    server.advance("5m")
    assert error_of(ec2.delete_client_vpn_endpoint_authorization_policy, ClientVpnEndpointId=name)[0] == "InvalidClientVpnEndpointAuthorizationPolicyNotFound"
    ec2.delete_client_vpn_endpoint(ClientVpnEndpointId=name)


def test_nat_of_an_attachment(server, ec2):
    gateway = new_transit_gateway(server, ec2)
    attachment = attach(server, ec2, gateway, 82)
    table = default_transit_table(ec2, gateway)
    named = dict(TransitGatewayAttachmentId=attachment)
    shown = ec2.get_transit_gateway_attachment_nat_configuration(**named)
    assert (shown["NatGatewaySupport"], shown["NatSystemRouteSupport"], shown.get("NatGatewayRules", [])) == ("disabled", "enable", [])
    rules = [{"RuleNumber": 10, "MatchSourceCidr": "10.82.0.0/24", "NatCidr": "100.64.82.0/24"}]
    assert error_of(ec2.modify_transit_gateway_attachment_nat_configuration, NatGatewaySupport="enable", **named)[:2] == (
        "IncorrectState", f"{attachment} has no NAT gateway rules, which NAT gateway support needs.")
    assert error_of(ec2.modify_transit_gateway_attachment_nat_configuration, NatGatewayRules=[{**rules[0], "NatCidr": "8.8.8.0/24"}], **named)[:2] == (
        "InvalidParameterValue", "Value (8.8.8.0/24) for parameter NatCidr is invalid.")
    made = ec2.modify_transit_gateway_attachment_nat_configuration(NatGatewaySupport="enable", NatGatewayRules=rules, **named)
    assert (made["NatGatewaySupport"], [one["State"] for one in made["NatGatewayRules"]]) == ("enabling", ["pending"])
    server.advance("5m")
    shown = ec2.get_transit_gateway_attachment_nat_configuration(**named)
    assert (shown["NatGatewaySupport"], shown["NatGatewayRules"]) == ("enabled", [{**rules[0], "State": "activated"}])
    assert transit_blocks(ec2, table, "type", "propagated") == ["10.82.0.0/16", "100.64.82.0/24"]
    ec2.modify_transit_gateway_attachment_nat_configuration(NatGatewaySupport="disable", ResetNatGatewayRules=True, **named)
    server.advance("5m")
    assert transit_blocks(ec2, table, "type", "propagated") == ["10.82.0.0/16"]


def client_vpn(ec2, gateway, **more):
    on = {"TransitGatewayId": gateway, "AvailabilityZones": ["us-east-1a"], **more}
    return ec2.create_client_vpn_endpoint(**ENDPOINT, TransitGatewayConfiguration=on)["ClientVpnEndpointId"]


def described(ec2, name):
    return ec2.describe_client_vpn_endpoints(ClientVpnEndpointIds=[name])["ClientVpnEndpoints"][0]


def test_client_vpn(server, ec2):
    gateway = new_transit_gateway(server, ec2, TransitGatewayCidrBlocks=["10.99.0.0/24"])
    name = client_vpn(ec2, gateway)
    server.advance("10m")
    shown = described(ec2, name)
    attachment = shown["TransitGatewayConfiguration"]["TransitGatewayAttachmentId"]
    assert (shown["Status"], shown["TransitGatewayConfiguration"]["AvailabilityZones"]) == ({"Code": "available"}, ["us-east-1a"])
    seen = attachment_of(ec2, name)
    assert (seen["TransitGatewayAttachmentId"], seen["ResourceType"], seen["State"]) == (attachment, "client-vpn", "available")
    table = default_transit_table(ec2, gateway)
    assert transit_blocks(ec2, table, "attachment.resource-type", "client-vpn") == ["10.200.0.0/22"]
    ec2.create_client_vpn_route(ClientVpnEndpointId=name, DestinationCidrBlock="10.0.0.0/8")
    routes = ec2.describe_client_vpn_routes(ClientVpnEndpointId=name)["Routes"]
    assert [(one["DestinationCidr"], one["TransitGatewayAttachmentId"]) for one in routes] == [("10.0.0.0/8", attachment)]
    second = ec2.associate_client_vpn_target_network(ClientVpnEndpointId=name, AvailabilityZoneId="use1-az2")
    assert second["Status"]["Code"] == "associating"
    targets = ec2.describe_client_vpn_target_networks(ClientVpnEndpointId=name)["ClientVpnTargetNetworks"]
    assert sorted(one["AvailabilityZoneIds"][0] for one in targets) == ["use1-az2", "use1-az6"] and "VpcId" not in targets[0]
    assert error_of(ec2.delete_client_vpn_endpoint, ClientVpnEndpointId=name)[0] == "IncorrectState"
    for target in targets:
        ec2.disassociate_client_vpn_target_network(ClientVpnEndpointId=name, AssociationId=target["AssociationId"])
    server.advance("10m")
    ec2.delete_client_vpn_endpoint(ClientVpnEndpointId=name)
    assert attachment_of(ec2, name)["State"] == "deleting"
    assert transit_blocks(ec2, table, "type", "propagated") == []


def test_client_vpn_of_another_account(server, ec2):
    """The gateway's owner accepts its attachment, declines it, or takes it away later."""
    gateway = new_transit_gateway(server, ec2, TransitGatewayCidrBlocks=["10.98.0.0/24"])
    server.admin("PUT", "resource-shares", {"account": "000000000000", "name": "hub", "principals": [OTHER],
                                            "resourceArns": [f"arn:aws:ec2:us-east-1:000000000000:transit-gateway/{gateway}"]})
    theirs = server.client("ec2", server.account(OTHER))
    name, declined = (client_vpn(theirs, gateway) for _ in range(2))
    status = lambda endpoint: described(theirs, endpoint)["Status"]["Code"]
    held, other = ({"TransitGatewayAttachmentId": described(theirs, one)["TransitGatewayConfiguration"]["TransitGatewayAttachmentId"]} for one in (name, declined))
    assert status(name) == "pending"
    assert error_of(theirs.accept_transit_gateway_client_vpn_attachment, **held)[:2] == (
        "IncorrectState", f"{held['TransitGatewayAttachmentId']} is in invalid state")
    ec2.accept_transit_gateway_client_vpn_attachment(**held)
    assert ec2.reject_transit_gateway_client_vpn_attachment(**other)["TransitGatewayClientVpnAttachment"]["State"] == "rejected"
    server.advance("10m")
    assert (status(name), attachment_of(theirs, name)["State"]) == ("available", "available")
    table = default_transit_table(ec2, gateway)
    assert transit_blocks(ec2, table, "attachment.resource-type", "client-vpn") == ["10.200.0.0/22"]
    assert error_of(ec2.accept_transit_gateway_client_vpn_attachment, **other)[0] == "InvalidTransitGatewayAttachmentID.NotFound"
    ec2.delete_transit_gateway_client_vpn_attachment(**held)
    server.advance("10m")
    assert status(name) == "pending-associate" and transit_blocks(ec2, table, "type", "propagated") == []


def test_a_table_is_announced(server, ec2):
    there = server.client("ec2", server.account(OTHER), region="eu-west-1")
    ours, theirs = new_transit_gateway(server, ec2), new_transit_gateway(server, there)
    attach(server, ec2, ours, 83)
    made = ec2.create_transit_gateway_peering_attachment(TransitGatewayId=ours, PeerTransitGatewayId=theirs, PeerAccountId=OTHER, PeerRegion="eu-west-1",
                                                         Options={"DynamicRouting": "enable"})
    peering = made["TransitGatewayPeeringAttachment"]["TransitGatewayAttachmentId"]
    server.advance("5m")
    there.accept_transit_gateway_peering_attachment(TransitGatewayAttachmentId=peering)
    server.advance("5m")
    tagged = [{"ResourceType": "transit-gateway-route-table-announcement", "Tags": TAGS}]
    made = ec2.create_transit_gateway_route_table_announcement(TransitGatewayRouteTableId=default_transit_table(ec2, ours), PeeringAttachmentId=peering, TagSpecifications=tagged)
    made = made["TransitGatewayRouteTableAnnouncement"]
    name = made["TransitGatewayRouteTableAnnouncementId"]
    assert (made["AnnouncementDirection"], made["State"], made["PeerTransitGatewayId"], made["Tags"]) == ("outgoing", "pending", theirs, TAGS)
    server.advance("5m")
    seen = there.describe_transit_gateway_route_table_announcements()["TransitGatewayRouteTableAnnouncements"]
    assert [(one["TransitGatewayRouteTableAnnouncementId"], one["AnnouncementDirection"], one["State"]) for one in seen] == [(name, "incoming", "available")]
    both = dict(TransitGatewayRouteTableId=default_transit_table(there, theirs), TransitGatewayRouteTableAnnouncementId=name)
    propagation = there.enable_transit_gateway_route_table_propagation(**both)["Propagation"]
    assert (propagation["State"], propagation["TransitGatewayAttachmentId"], propagation["ResourceType"]) == ("enabling", peering, "peering")
    server.advance("5m")
    assert transit_blocks(there, both["TransitGatewayRouteTableId"], "type", "propagated") == ["10.83.0.0/16"]
    assert ec2.delete_transit_gateway_route_table_announcement(TransitGatewayRouteTableAnnouncementId=name)["TransitGatewayRouteTableAnnouncement"]["State"] == "deleting"
    server.advance("5m")
    assert transit_blocks(there, both["TransitGatewayRouteTableId"], "type", "propagated") == []
    listed = there.get_transit_gateway_route_table_propagations(TransitGatewayRouteTableId=both["TransitGatewayRouteTableId"])
    assert listed["TransitGatewayRouteTablePropagations"] == []


def test_who_may(server, ec2):
    gateway = new_transit_gateway(server, ec2)
    policy = ec2.create_transit_gateway_metering_policy(TransitGatewayId=gateway)["TransitGatewayMeteringPolicy"]["TransitGatewayMeteringPolicyId"]
    arn = f"arn:aws:ec2:us-east-1:000000000000:transit-gateway-metering-policy/{policy}"
    iam = server.client("iam")
    by_id = {"StringEquals": {"ec2:transitGatewayMeteringPolicyId": policy}}
    limited = server.client("ec2", make_user(
        iam, "meter", allow("ec2:GetTransitGatewayMeteringPolicyEntries", arn), allow("ec2:DeleteTransitGatewayMeteringPolicy", Condition=by_id),
        allow("ec2:CreateVpnConcentrator", f"arn:aws:ec2:us-east-1:000000000000:transit-gateway/{gateway}")))
    assert limited.get_transit_gateway_metering_policy_entries(TransitGatewayMeteringPolicyId=policy)["TransitGatewayMeteringPolicyEntries"] == []
    other = ec2.create_transit_gateway_metering_policy(TransitGatewayId=gateway)["TransitGatewayMeteringPolicy"]["TransitGatewayMeteringPolicyId"]
    code, message = error_of(limited.get_transit_gateway_metering_policy_entries, TransitGatewayMeteringPolicyId=other)[:2]
    assert code == "UnauthorizedOperation" and f"transit-gateway-metering-policy/{other}" in message
    assert error_of(limited.delete_transit_gateway_metering_policy, TransitGatewayMeteringPolicyId=other)[0] == "UnauthorizedOperation"
    assert limited.delete_transit_gateway_metering_policy(TransitGatewayMeteringPolicyId=policy)
    code, message = error_of(limited.create_vpn_concentrator, Type="ipsec.1", TransitGatewayId=gateway)[:2]
    assert code == "UnauthorizedOperation" and "vpn-concentrator/*" in message
    assert error_of(ec2.create_vpn_concentrator, Type="ipsec.1", TransitGatewayId=gateway, DryRun=True)[0] == "DryRunOperation"
