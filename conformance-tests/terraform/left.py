"""What an account has in a region, so that a test sees that a configuration leaves nothing behind; and what the server has operations for."""

import importlib.util
import pathlib

from botocore.config import Config

from clients import CONFIG

#: Operation, member of the answer, id. What is told for a while after its end is told with a state, `STATES` says where; `ENDED` are ends.
LISTED = [
    ("describe_vpcs", "Vpcs", "VpcId"), ("describe_subnets", "Subnets", "SubnetId"), ("describe_route_tables", "RouteTables", "RouteTableId"),
    ("describe_network_acls", "NetworkAcls", "NetworkAclId"), ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    ("describe_dhcp_options", "DhcpOptions", "DhcpOptionsId"), ("describe_security_groups", "SecurityGroups", "GroupId"),
    ("describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId"),
    ("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"), ("describe_addresses", "Addresses", "AllocationId"),
    ("describe_egress_only_internet_gateways", "EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId"),
    ("describe_carrier_gateways", "CarrierGateways", "CarrierGatewayId"), ("describe_customer_gateways", "CustomerGateways", "CustomerGatewayId"),
    ("describe_nat_gateways", "NatGateways", "NatGatewayId"), ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    ("describe_vpc_endpoint_service_configurations", "ServiceConfigurations", "ServiceId"),
    ("describe_vpc_endpoint_connection_notifications", "ConnectionNotificationSet", "ConnectionNotificationId"),
    ("describe_vpc_endpoint_connections", "VpcEndpointConnections", "VpcEndpointId"),
    ("describe_vpc_peering_connections", "VpcPeeringConnections", "VpcPeeringConnectionId"),
    ("describe_managed_prefix_lists", "PrefixLists", "PrefixListId"), ("describe_flow_logs", "FlowLogs", "FlowLogId"),
    ("describe_vpc_block_public_access_exclusions", "VpcBlockPublicAccessExclusions", "ExclusionId"),
    ("describe_volumes", "Volumes", "VolumeId"), ("describe_key_pairs", "KeyPairs", "KeyPairId"),
    ("describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"), ("describe_placement_groups", "PlacementGroups", "GroupId"),
    ("describe_capacity_reservations", "CapacityReservations", "CapacityReservationId"), ("describe_fleets", "Fleets", "FleetId"),
    ("describe_spot_instance_requests", "SpotInstanceRequests", "SpotInstanceRequestId"),
    ("describe_instance_connect_endpoints", "InstanceConnectEndpoints", "InstanceConnectEndpointId"),
    ("describe_instance_event_windows", "InstanceEventWindows", "InstanceEventWindowId"), ("describe_hosts", "Hosts", "HostId"),
    ("describe_network_interface_permissions", "NetworkInterfacePermissions", "NetworkInterfacePermissionId"),
    ("describe_transit_gateways", "TransitGateways", "TransitGatewayId"),
    ("describe_transit_gateway_attachments", "TransitGatewayAttachments", "TransitGatewayAttachmentId"),
    ("describe_transit_gateway_route_tables", "TransitGatewayRouteTables", "TransitGatewayRouteTableId"),
    ("describe_transit_gateway_multicast_domains", "TransitGatewayMulticastDomains", "TransitGatewayMulticastDomainId"),
    ("describe_transit_gateway_policy_tables", "TransitGatewayPolicyTables", "TransitGatewayPolicyTableId"),
    ("describe_transit_gateway_connect_peers", "TransitGatewayConnectPeers", "TransitGatewayConnectPeerId"),
    ("describe_vpn_connections", "VpnConnections", "VpnConnectionId"), ("describe_vpn_gateways", "VpnGateways", "VpnGatewayId"),
    ("describe_client_vpn_endpoints", "ClientVpnEndpoints", "ClientVpnEndpointId"),
    ("describe_traffic_mirror_filters", "TrafficMirrorFilters", "TrafficMirrorFilterId"),
    ("describe_traffic_mirror_filter_rules", "TrafficMirrorFilterRules", "TrafficMirrorFilterRuleId"),
    ("describe_traffic_mirror_targets", "TrafficMirrorTargets", "TrafficMirrorTargetId"),
    ("describe_traffic_mirror_sessions", "TrafficMirrorSessions", "TrafficMirrorSessionId"),
    ("describe_network_insights_paths", "NetworkInsightsPaths", "NetworkInsightsPathId"),
    ("describe_network_insights_analyses", "NetworkInsightsAnalyses", "NetworkInsightsAnalysisId"),
    ("describe_verified_access_instances", "VerifiedAccessInstances", "VerifiedAccessInstanceId"),
    ("describe_verified_access_trust_providers", "VerifiedAccessTrustProviders", "VerifiedAccessTrustProviderId"),
    ("describe_verified_access_groups", "VerifiedAccessGroups", "VerifiedAccessGroupId"),
    ("describe_verified_access_endpoints", "VerifiedAccessEndpoints", "VerifiedAccessEndpointId"),
    ("describe_ipams", "Ipams", "IpamId"), ("describe_ipam_scopes", "IpamScopes", "IpamScopeId"), ("describe_ipam_pools", "IpamPools", "IpamPoolId"),
    ("describe_ipam_pool_allocations", "IpamPoolAllocations", "IpamPoolAllocationId"),
]
STATES = ("State", "FleetState", "Status", "VpcEndpointState", "ServiceState")
ENDED = {"terminated", "deleted", "deleting", "cancelled", "closed", "deleted_terminating", "deleted_running", "delete-in-progress", "delete-complete",
         "rejected", "released", "Deleted", "Deleting"}


def state(one):
    """The name of a thing's state, wherever the kind keeps it."""
    told = next((one[name] for name in STATES if name in one), None)
    return told.get("Name") or told.get("Code") if isinstance(told, dict) else told


def everything(ec2):
    """Kinds and ids of all that is there and not at its end."""
    found = {(kind, one[key]) for operation, kind, key in LISTED for one in getattr(ec2, operation)()[kind] if state(one) not in ENDED}
    instances = [one for reservation in ec2.describe_instances()["Reservations"] for one in reservation["Instances"]]
    images, snapshots = ec2.describe_images(Owners=["self"])["Images"], ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return (found | {("Instances", one["InstanceId"]) for one in instances if state(one) not in ENDED}
            | {("Images", one["ImageId"]) for one in images} | {("Snapshots", one["SnapshotId"]) for one in snapshots})


def built(server, operations):
    """Those of them that do not answer 501."""
    spec = importlib.util.spec_from_file_location("built", pathlib.Path(__file__).parent.parent / "python" / "built.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    client = server.client("ec2", config=CONFIG.merge(Config(parameter_validation=False)))
    return {operation for operation in operations if module.is_built(client, operation)}
