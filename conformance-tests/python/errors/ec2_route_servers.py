"""Route servers, their endpoints and peers, and what IPAM sees: what is refused."""

S, E, P, T = "rs-0123456789abcdef0", "rse-0123456789abcdef0", "rsp-0123456789abcdef0", "rtb-0123456789abcdef0"
A = "ipam-scope-0123456789abcdef0"
NO_SCOPE = f"The ipam-scope ID '{A}' does not exist"
SUBNET, VPC = "subnet-0123456789abcdef0", "vpc-0123456789abcdef0"
GONE, NO_ENDPOINT = f"The routeServer ID '{S}' does not exist", f"The routeServerEndpoint ID '{E}' does not exist"
NO_PEER = f"The routeServerPeer ID '{P}' does not exist"
NOT_FOUND = "InvalidRouteServerId.NotFound"
PEER = {"RouteServerEndpointId": E, "PeerAddress": "10.0.0.9", "BgpOptions": {"PeerAsn": 65001}}


def before(_):
    return {}


CASES = [("ec2", operation, parameters, 400, code, text) for operation, parameters, code, text in [
    ("CreateRouteServer", {"AmazonSideAsn": 0}, "InvalidParameterValue", "Value (0) for parameter AmazonSideAsn is invalid."),
    ("CreateRouteServer", {"AmazonSideAsn": 65000, "PersistRoutes": "enable", "PersistRoutesDuration": 6}, "InvalidParameterValue",
     "Value (6) for parameter PersistRoutesDuration is invalid."),
    ("CreateRouteServer", {"AmazonSideAsn": 65000, "PersistRoutesDuration": 2}, "InvalidParameterCombination",
     "PersistRoutesDuration cannot be specified unless PersistRoutes is enabled."),
    ("DescribeRouteServers", {"RouteServerIds": [S]}, NOT_FOUND, GONE),
    ("ModifyRouteServer", {"RouteServerId": S}, NOT_FOUND, GONE),
    ("DeleteRouteServer", {"RouteServerId": S}, NOT_FOUND, GONE),
    ("AssociateRouteServer", {"RouteServerId": S, "VpcId": VPC}, NOT_FOUND, GONE),
    ("DisassociateRouteServer", {"RouteServerId": S, "VpcId": VPC}, NOT_FOUND, GONE),
    ("GetRouteServerAssociations", {"RouteServerId": S}, NOT_FOUND, GONE),
    ("EnableRouteServerPropagation", {"RouteServerId": S, "RouteTableId": T}, NOT_FOUND, GONE),
    ("DisableRouteServerPropagation", {"RouteServerId": S, "RouteTableId": T}, NOT_FOUND, GONE),
    ("GetRouteServerPropagations", {"RouteServerId": S}, NOT_FOUND, GONE),
    ("GetRouteServerRoutingDatabase", {"RouteServerId": S}, NOT_FOUND, GONE),
    ("CreateRouteServerEndpoint", {"RouteServerId": S, "SubnetId": SUBNET}, NOT_FOUND, GONE),
    ("DescribeRouteServerEndpoints", {"RouteServerEndpointIds": [E]}, "InvalidRouteServerEndpointId.NotFound", NO_ENDPOINT),
    ("DeleteRouteServerEndpoint", {"RouteServerEndpointId": E}, "InvalidRouteServerEndpointId.NotFound", NO_ENDPOINT),
    ("CreateRouteServerPeer", PEER, "InvalidRouteServerEndpointId.NotFound", NO_ENDPOINT),
    ("DescribeRouteServerPeers", {"RouteServerPeerIds": [P]}, "InvalidRouteServerPeerId.NotFound", NO_PEER),
    ("GetIpamResourceCidrs", {"IpamScopeId": A}, "InvalidIpamScopeId.NotFound", NO_SCOPE),
    ("ModifyIpamResourceCidr", {"ResourceId": VPC, "ResourceCidr": "10.0.0.0/16", "ResourceRegion": "us-east-1", "CurrentIpamScopeId": A, "Monitored": True},
     "InvalidIpamScopeId.NotFound", NO_SCOPE),
    ("DeleteRouteServerPeer", {"RouteServerPeerId": P}, "InvalidRouteServerPeerId.NotFound", NO_PEER),
]]
