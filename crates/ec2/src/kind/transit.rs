//! Transit gateways and what is theirs.

use super::{Kind, malformed, not_found};

kinds! {
    TRANSIT_GATEWAY = "tgw" "transit-gateway" "TransitGateway"
        not_found("InvalidTransitGatewayID.NotFound", "Transit Gateway {} was deleted or does not exist.", "Transit Gateways {} were deleted or do not exist."),
        malformed("InvalidTransitGatewayID.Malformed", "Invalid id: \"{}\" (expecting \"tgw-...\")");
    /// Attachments of VPCs, VPN connections, peers and more: the model has a structure for each beside this one.
    TRANSIT_GATEWAY_ATTACHMENT = "tgw-attach" "transit-gateway-attachment" "TransitGatewayAttachment"
        not_found(
            "InvalidTransitGatewayAttachmentID.NotFound",
            "Transit Gateway Attachment {} was deleted or does not exist.",
            "Transit Gateway Attachments {} were deleted or do not exist."
        ),
        malformed("InvalidTransitGatewayAttachmentID.Malformed", "Invalid id: \"{}\" (expecting \"tgw-attach-...\")");
    TRANSIT_GATEWAY_CONNECT_PEER = "tgw-connect-peer" "transit-gateway-connect-peer" "TransitGatewayConnectPeer"
        not_found(
            "InvalidTransitGatewayConnectPeerID.NotFound",
            "Transit Gateway Connect Peer {} was deleted or does not exist.",
            "Transit Gateway Connect Peers {} were deleted or do not exist."
        ), None;
    TRANSIT_GATEWAY_METERING_POLICY = "tgw-mp" "transit-gateway-metering-policy" "TransitGatewayMeteringPolicy"
        not_found(
            "InvalidTransitGatewayMeteringPolicyId.NotFound",
            "Transit Gateway Metering Policy {} was deleted or does not exist.",
            "Transit Gateway Metering Policies {} were deleted or do not exist."
        ), None;
    TRANSIT_GATEWAY_MULTICAST_DOMAIN = "tgw-mcast-domain" "transit-gateway-multicast-domain" "TransitGatewayMulticastDomain"
        not_found(
            "InvalidTransitGatewayMulticastDomainId.NotFound",
            "Transit Gateway Multicast Domain {} was deleted or does not exist.",
            "Transit Gateway Multicast Domains {} were deleted or do not exist."
        ), None;
    TRANSIT_GATEWAY_POLICY_TABLE = "tgw-ptb" "transit-gateway-policy-table" "TransitGatewayPolicyTable"
        not_found(
            "InvalidTransitGatewayPolicyTableId.NotFound",
            "Transit Gateway Policy Table {} was deleted or does not exist.",
            "Transit Gateway Policy Tables {} were deleted or do not exist."
        ), None;
    TRANSIT_GATEWAY_ROUTE_TABLE = "tgw-rtb" "transit-gateway-route-table" "TransitGatewayRouteTable"
        not_found(
            "InvalidRouteTableID.NotFound",
            "Transit Gateway Route Table {} was deleted or does not exist.",
            "Transit Gateway Route Tables {} were deleted or do not exist."
        ),
        malformed("InvalidRouteTableId.Malformed", "Invalid id: \"{}\" (expecting \"tgw-rtb-...\")");
    TRANSIT_GATEWAY_ROUTE_TABLE_ANNOUNCEMENT = "tgw-rta" "transit-gateway-route-table-announcement" "TransitGatewayRouteTableAnnouncement"
        not_found(
            "InvalidTransitGatewayRouteTableAnnouncementId.NotFound",
            "Transit Gateway Route Table Announcement {} was deleted or does not exist.",
            "Transit Gateway Route Table Announcements {} were deleted or do not exist."
        ), None;
}

// Attachments of a transit gateway are one kind by their ids, errors and ARNs; the answers about some sorts have structures of their own.
pub static TRANSIT_GATEWAY_VPC_ATTACHMENT: Kind =
    Kind { shape: "TransitGatewayVpcAttachment", ..TRANSIT_GATEWAY_ATTACHMENT };
pub static TRANSIT_GATEWAY_PEERING_ATTACHMENT: Kind =
    Kind { shape: "TransitGatewayPeeringAttachment", ..TRANSIT_GATEWAY_ATTACHMENT };
pub static TRANSIT_GATEWAY_CLIENT_VPN_ATTACHMENT: Kind =
    Kind { shape: "TransitGatewayClientVpnAttachment", ..TRANSIT_GATEWAY_ATTACHMENT };
pub static TRANSIT_GATEWAY_NETWORK_FUNCTION_ATTACHMENT: Kind =
    Kind { shape: "TransitGatewayNetworkFunctionAttachment", ..TRANSIT_GATEWAY_ATTACHMENT };
pub static TRANSIT_GATEWAY_CONNECT: Kind = Kind { shape: "TransitGatewayConnect", ..TRANSIT_GATEWAY_ATTACHMENT };
