//! A server's life with a VPC, an endpoint, a peer and a table.

use serde_json::json;

use crate::family::tests::{ask, element};
use crate::network::route_table::RouteTable;
use crate::network::subnet::Subnet;
use crate::resource;
use crate::tests::{later, refusal, start};

#[test]
fn what_hangs_on_a_server() {
    let (cx, mut tx) = start();
    let subnet = resource::all::<Subnet>(&cx, &tx).next().unwrap();
    let table = resource::all::<RouteTable>(&cx, &tx).next().unwrap().id.clone();
    let made =
        ask(&cx, &mut tx, "CreateRouteServer", json!({"AmazonSideAsn": 65_000, "PersistRoutes": "enable"})).unwrap();
    assert_eq!((element(&made, "state"), element(&made, "persistRoutesState")), ("pending", "enabled"));
    let server = element(&made, "routeServerId").to_owned();
    let with = |member: &str, id: &str| json!({"RouteServerId": server, member: id});
    let early = refusal(ask(&cx, &mut tx, "AssociateRouteServer", with("VpcId", &subnet.vpc_id)));
    assert_eq!(early.0, "IncorrectState");
    let cx = later(&cx, 60);
    let none = refusal(ask(&cx, &mut tx, "GetRouteServerAssociations", json!({"RouteServerId": server})));
    assert_eq!(none.1, format!("Route Server {server} is not associated with a VPC."));
    let input = json!({"RouteServerId": server, "SubnetId": subnet.id});
    assert_eq!(
        refusal(ask(&cx, &mut tx, "CreateRouteServerEndpoint", input.clone())).0,
        "InvalidRouteServerId.NotAssociated"
    );
    let made = ask(&cx, &mut tx, "AssociateRouteServer", with("VpcId", &subnet.vpc_id)).unwrap();
    assert_eq!(element(&made, "state"), "associating");
    let made = ask(&cx, &mut tx, "CreateRouteServerEndpoint", input).unwrap();
    let endpoint = element(&made, "routeServerEndpointId").to_owned();
    ask(&cx, &mut tx, "EnableRouteServerPropagation", with("RouteTableId", &table)).unwrap();
    let cx = later(&cx, 120);
    let peer =
        json!({"RouteServerEndpointId": endpoint, "PeerAddress": "172.31.0.9", "BgpOptions": {"PeerAsn": 65_001}});
    let made = ask(&cx, &mut tx, "CreateRouteServerPeer", peer).unwrap();
    assert_eq!(
        (element(&made, "routeServerId"), element(&made, "peerLivenessDetection")),
        (server.as_str(), "bgp-keepalive")
    );
    let peer = element(&made, "routeServerPeerId").to_owned();
    let shown = ask(&cx, &mut tx, "GetRouteServerPropagations", json!({"RouteServerId": server})).unwrap();
    assert_eq!((element(&shown, "routeTableId"), element(&shown, "state")), (table.as_str(), "available"));
    // Each in its turn.
    for (operation, input) in [
        ("DeleteRouteServer", json!({"RouteServerId": server})),
        ("DeleteRouteServerEndpoint", json!({"RouteServerEndpointId": endpoint})),
        ("DisassociateRouteServer", with("VpcId", &subnet.vpc_id)),
    ] {
        assert_eq!(refusal(ask(&cx, &mut tx, operation, input)).0, "IncorrectState", "{operation}");
    }
    ask(&cx, &mut tx, "DeleteRouteServerPeer", json!({"RouteServerPeerId": peer})).unwrap();
    ask(&cx, &mut tx, "DeleteRouteServerEndpoint", json!({"RouteServerEndpointId": endpoint})).unwrap();
    assert_eq!(
        refusal(ask(&cx, &mut tx, "DisassociateRouteServer", with("VpcId", &subnet.vpc_id))).0,
        "IncorrectState"
    );
    ask(&cx, &mut tx, "DisableRouteServerPropagation", with("RouteTableId", &table)).unwrap();
    let twice = refusal(ask(&cx, &mut tx, "DisableRouteServerPropagation", with("RouteTableId", &table)));
    assert_eq!(twice.0, "InvalidRouteServerId.NotPropagated");
    ask(&cx, &mut tx, "DisassociateRouteServer", with("VpcId", &subnet.vpc_id)).unwrap();
    ask(&cx, &mut tx, "DeleteRouteServer", json!({"RouteServerId": server})).unwrap();
}
