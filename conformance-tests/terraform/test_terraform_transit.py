"""Transit gateways in two regions through the real provider: apply, plan without drift, change, destroy, nothing left."""

import pytest

from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "transit")


def test_transit(server, terraform):
    ec2 = server.client("ec2")
    changed = ("-var", "team=green")
    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)["told"]
    assert (told["asn"], told["attached"], told["associated"]) == (64600, told["vpcs"][0], [told["first"]])
    assert told["static"] == ["172.16.1.0/24", "192.168.0.0/16", "192.168.9.0/24"]
    assert (told["vpn"][0], told["appliance"]) == (told["vpn"][1], "10.99.0.1")
    routes = ec2.search_transit_gateway_routes(TransitGatewayRouteTableId=told["table"], Filters=[{"Name": "type", "Values": ["propagated"]}])["Routes"]
    assert [one["DestinationCidrBlock"] for one in routes] == ["10.80.0.0/16"]
    assert len(ec2.search_transit_gateway_multicast_groups(TransitGatewayMulticastDomainId=told["domain"])["MulticastGroups"]) == 2
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    hub = ec2.describe_transit_gateways(TransitGatewayIds=[told["hub"]])["TransitGateways"][0]
    assert (hub["Description"], {"Key": "team", "Value": "green"} in hub["Tags"]) == ("for green", True)
    first = ec2.describe_transit_gateway_vpc_attachments(TransitGatewayAttachmentIds=[told["first"]])["TransitGatewayVpcAttachments"][0]
    assert first["Options"]["ApplianceModeSupport"] == "enable"

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    for region in ("us-east-1", "eu-west-1"):
        client = server.client("ec2", region=region)
        for operation, kind in [("describe_transit_gateways", "TransitGateways"), ("describe_transit_gateway_attachments", "TransitGatewayAttachments"),
                                ("describe_transit_gateway_route_tables", "TransitGatewayRouteTables"),
                                ("describe_transit_gateway_multicast_domains", "TransitGatewayMulticastDomains")]:
            assert {one["State"] for one in getattr(client, operation)()[kind]} <= {"deleting", "deleted"}, (region, operation)
        assert [one["VpcId"] for one in client.describe_vpcs()["Vpcs"] if not one["IsDefault"]] == []
