//! Local gateways and what is theirs, and what else comes with the hardware of an Outpost. The codes are those that AWS's own CloudFormation handlers and the
//! Terraform provider know; the texts are worded as those of other gateways.

use super::{Kind, not_found};

kinds! {
    COIP_POOL = "ipv4pool-coip" "coip-pool" "CoipPool"
        not_found("InvalidPoolID.NotFound", "The pool ID '{}' does not exist", "The pool IDs '{}' do not exist"), None;
    LOCAL_GATEWAY = "lgw" "local-gateway" "LocalGateway"
        not_found("InvalidLocalGatewayID.NotFound", "The localGateway ID '{}' does not exist", "The localGateway IDs '{}' do not exist"), None;
    LOCAL_GATEWAY_ROUTE_TABLE = "lgw-rtb" "local-gateway-route-table" "LocalGatewayRouteTable"
        not_found(
            "InvalidLocalGatewayRouteTableID.NotFound",
            "The localGatewayRouteTable ID '{}' does not exist",
            "The localGatewayRouteTable IDs '{}' do not exist"
        ), None;
    LOCAL_GATEWAY_ROUTE_TABLE_VIRTUAL_INTERFACE_GROUP_ASSOCIATION = "lgw-vif-grp-assoc" "local-gateway-route-table-virtual-interface-group-association"
        "LocalGatewayRouteTableVirtualInterfaceGroupAssociation"
        not_found(
            "InvalidLocalGatewayRouteTableVirtualInterfaceGroupAssociationID.NotFound",
            "The localGatewayRouteTableVirtualInterfaceGroupAssociation ID '{}' does not exist",
            "The localGatewayRouteTableVirtualInterfaceGroupAssociation IDs '{}' do not exist"
        ), None;
    LOCAL_GATEWAY_ROUTE_TABLE_VPC_ASSOCIATION = "lgw-vpc-assoc" "local-gateway-route-table-vpc-association" "LocalGatewayRouteTableVpcAssociation"
        not_found(
            "InvalidLocalGatewayRouteTableVpcAssociationID.NotFound",
            "The localGatewayRouteTableVpcAssociation ID '{}' does not exist",
            "The localGatewayRouteTableVpcAssociation IDs '{}' do not exist"
        ), None;
    LOCAL_GATEWAY_VIRTUAL_INTERFACE = "lgw-vif" "local-gateway-virtual-interface" "LocalGatewayVirtualInterface"
        not_found(
            "InvalidLocalGatewayVirtualInterfaceID.NotFound",
            "The localGatewayVirtualInterface ID '{}' does not exist",
            "The localGatewayVirtualInterface IDs '{}' do not exist"
        ), None;
    LOCAL_GATEWAY_VIRTUAL_INTERFACE_GROUP = "lgw-vif-grp" "local-gateway-virtual-interface-group" "LocalGatewayVirtualInterfaceGroup"
        not_found(
            "InvalidLocalGatewayVirtualInterfaceGroupID.NotFound",
            "The localGatewayVirtualInterfaceGroup ID '{}' does not exist",
            "The localGatewayVirtualInterfaceGroup IDs '{}' do not exist"
        ), None;
    OUTPOST_LAG = "op-lag" "outpost-lag" "OutpostLag"
        not_found("InvalidOutpostLagID.NotFound", "The outpostLag ID '{}' does not exist", "The outpostLag IDs '{}' do not exist"), None;
    SERVICE_LINK_VIRTUAL_INTERFACE = "sl-vif" "service-link-virtual-interface" "ServiceLinkVirtualInterface"
        not_found(
            "InvalidServiceLinkVirtualInterfaceID.NotFound",
            "The serviceLinkVirtualInterface ID '{}' does not exist",
            "The serviceLinkVirtualInterface IDs '{}' do not exist"
        ), None;
}
