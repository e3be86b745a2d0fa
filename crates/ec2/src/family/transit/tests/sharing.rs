//! A gateway and a multicast domain that another account shares: what each side may see and undo.

use serde_json::{Value, json};
use service::prelude::*;

use super::{Network, attach, hub, network};
use crate::family::tests::{ask, element};
use crate::kind;
use crate::network::interface::NetworkInterface;
use crate::resource;
use crate::share::ResourceShare;
use crate::tests::{later, refusal, refused, start};

pub const SPOKE: &str = "210987654321";

/// The other account, in the same place.
pub fn spoke(cx: &Cx) -> Cx {
    crate::share::cx_of(cx, SPOKE.parse().unwrap())
}

/// Shares resources with the other account.
pub fn share(tx: &mut Tx, name: &str, arns: Vec<String>) {
    let owner = arns[0].split(':').nth(4).unwrap().parse().unwrap();
    tx.put(ResourceShare::new(owner, name.to_owned(), arns, vec![SPOKE.to_owned()]).unwrap());
}

/// The owner of a gateway and an account that it is shared with; the gateway, and an attached network of each with its attachment.
fn start_shared(options: Value) -> (Cx, Cx, Tx, String, [(Network, String); 2]) {
    let (cx, mut tx) = start();
    let other = spoke(&cx);
    crate::network::settle(&other, &mut tx);
    let gateway = hub(&cx, &mut tx, options);
    let arn = kind::TRANSIT_GATEWAY.arn(&cx, &gateway);
    // What somebody else shares of that id, and has not, comes first and hides nothing.
    share(&mut tx, "false", vec![arn.replace(cx.account().as_str(), "100000000000")]);
    share(&mut tx, "hub", vec![arn]);
    let (cx, other) = (later(&cx, 300), later(&other, 300));
    let (ours, theirs) = (network(&cx, &mut tx, 1), network(&other, &mut tx, 2));
    let own = attach(&cx, &mut tx, &gateway, &ours).unwrap();
    let foreign = attach(&other, &mut tx, &gateway, &theirs).unwrap();
    (later(&cx, 300), later(&other, 300), tx, gateway, [(ours, own), (theirs, foreign)])
}

#[test]
fn who_has_interfaces_in_a_shared_domain() {
    let options = json!({"MulticastSupport": "enable", "AutoAcceptSharedAttachments": "enable"});
    let (cx, other, mut tx, gateway, [(ours, own), (theirs, foreign)]) = start_shared(options);
    let input = json!({"TransitGatewayId": gateway, "Options": {"AutoAcceptSharedAssociations": "enable"}});
    let made = ask(&cx, &mut tx, "CreateTransitGatewayMulticastDomain", input).unwrap();
    let domain = element(&made, "transitGatewayMulticastDomainId").to_owned();
    share(&mut tx, "domain", vec![kind::TRANSIT_GATEWAY_MULTICAST_DOMAIN.arn(&cx, &domain)]);
    let (cx, other) = (later(&cx, 300), later(&other, 300));
    let interface = |cx: &Cx, tx: &mut Tx, network: &Network, attachment: &str| {
        let input = json!({"TransitGatewayMulticastDomainId": domain, "TransitGatewayAttachmentId": attachment,
            "SubnetIds": [network.subnets[0]]});
        ask(cx, tx, "AssociateTransitGatewayMulticastDomain", input).unwrap();
        let held = resource::all::<NetworkInterface>(cx, tx).find(|it| it.subnet_id == network.subnets[0]);
        held.unwrap().id.clone()
    };
    let (here, there) = (interface(&cx, &mut tx, &ours, &own), interface(&other, &mut tx, &theirs, &foreign));
    let group = |ids: &[&String]| json!({"TransitGatewayMulticastDomainId": domain, "GroupIpAddress": "224.0.0.9", "NetworkInterfaceIds": ids});
    let seen = |cx: &Cx, tx: &mut Tx| {
        let named = json!({"TransitGatewayMulticastDomainId": domain});
        let found = ask(cx, tx, "SearchTransitGatewayMulticastGroups", named).unwrap();
        [&here, &there].map(|id| found.contains(id.as_str()))
    };
    let (register, end) =
        ("RegisterTransitGatewayMulticastGroupMembers", "DeregisterTransitGatewayMulticastGroupMembers");
    ask(&cx, &mut tx, register, group(&[&here])).unwrap();
    ask(&other, &mut tx, register, group(&[&there])).unwrap();
    assert_eq!((seen(&cx, &mut tx), seen(&other, &mut tx)), ([true, true], [false, true]));
    let foreign = refusal(ask(&other, &mut tx, end, group(&[&here])));
    assert_eq!(foreign.0, "TransitGatewayMulticastGroupMember.NotFound");
    // All that the caller may take out.
    let gone = ask(&other, &mut tx, end, group(&[])).unwrap();
    assert!(gone.contains(&there) && !gone.contains(&here), "{gone}");
    assert_eq!((seen(&cx, &mut tx), seen(&other, &mut tx)), ([true, false], [false, false]));
    ask(&other, &mut tx, register, group(&[&there])).unwrap();
    ask(&cx, &mut tx, end, group(&[])).unwrap();
    assert_eq!(seen(&cx, &mut tx), [false, false]);
}

#[test]
fn what_the_owner_has_on_an_attachment_keeps_it() {
    let options = json!({"AutoAcceptSharedAttachments": "enable"});
    let (cx, other, mut tx, gateway, [_, (_, attachment)]) = start_shared(options);
    let input = json!({"TransportTransitGatewayAttachmentId": attachment, "Options": {"Protocol": "gre"}});
    let made = ask(&cx, &mut tx, "CreateTransitGatewayConnect", input).unwrap();
    let connect = element(&made, "transitGatewayAttachmentId").to_owned();
    let named = json!({"TransitGatewayAttachmentId": attachment});
    let message = format!("{attachment} has non-deleted Transit Gateway Connect Attachments.");
    let held = refusal(ask(&other, &mut tx, "DeleteTransitGatewayVpcAttachment", named.clone()));
    assert_eq!(held, refused("IncorrectState", &message));
    let held = refusal(ask(&cx, &mut tx, "DeleteTransitGatewayVpcAttachment", named.clone()));
    assert!(held.1.contains(&connect), "{}", held.1);
    ask(&cx, &mut tx, "DeleteTransitGatewayConnect", json!({"TransitGatewayAttachmentId": connect})).unwrap();
    ask(&other, &mut tx, "DeleteTransitGatewayVpcAttachment", named).unwrap();
    // A path begins at what is one's own.
    let input = json!({"Source": gateway, "DestinationIp": "10.1.0.9", "Protocol": "tcp", "ClientToken": "one"});
    let refused = refusal(ask(&other, &mut tx, "CreateNetworkInsightsPath", input));
    assert_eq!(refused.0, "InvalidTransitGatewayID.NotFound");
}
