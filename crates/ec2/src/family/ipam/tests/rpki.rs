//! Associations with internet registries, what is registered through them, and what that says of the routes that are announced.

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::byoip::change::{Advertise, Context, Provision, advertise, provision};
use crate::tests::{later, refusal, start};

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

/// An enabled association of a new address manager: the context some time later, and both ids.
fn enabled(cx: &Cx, tx: &mut Tx) -> (Cx, String, String) {
    let ipam = element(&ask(cx, tx, "CreateIpam", json!({})).unwrap(), "ipamId").to_owned();
    let wish = json!({"IpamId": ipam, "Rir": "ripe", "OrganizationHandle": "ORG-EX1-RIPE"});
    let made = ask(cx, tx, "CreateIpamInternetRegistryAssociation", wish).unwrap();
    let id = element(&made, "ipamInternetRegistryAssociationId").to_owned();
    assert_eq!((element(&made, "state"), element(&made, "rir")), ("create-in-progress", "ripe"));
    let early = refusal(ask(cx, tx, "EnableIpamInternetRegistryAssociation", answer(&id)));
    assert_eq!(early.0, "IncorrectState");
    let cx = later(cx, 60);
    for (member, wrong) in
        [("RpkiVersion", "2"), ("ServiceUri", "ftp://rpki"), ("ChildHandle", ""), ("ParentBpkiTa", "x")]
    {
        let mut input = answer(&id);
        input[member] = wrong.into();
        let refused = refusal(ask(&cx, tx, "EnableIpamInternetRegistryAssociation", input));
        assert_eq!(refused.0, "InvalidParameterValue", "{member}");
    }
    let registering =
        refusal(ask(&cx, tx, "CreateIpamRoutingPolicyRegistration", policy(&id, "198.51.100.0/24", "16509")));
    assert_eq!(registering.0, "IncorrectState");
    let made = ask(&cx, tx, "EnableIpamInternetRegistryAssociation", answer(&id)).unwrap();
    assert_eq!(element(&made, "state"), "enable-in-progress");
    assert!(!made.contains("CERTIFICATE"));
    (later(&cx, 60), ipam, id)
}

fn answer(id: &str) -> Value {
    json!({
        "IpamInternetRegistryAssociationId": id,
        "RpkiVersion": "1",
        "ServiceUri": "https://rpki.example.net/up-down",
        "ChildHandle": "child",
        "ParentHandle": "parent",
        "ParentBpkiTa": CERTIFICATE,
    })
}

fn policy(id: &str, block: &str, asn: &str) -> Value {
    json!({"IpamInternetRegistryAssociationId": id, "Cidr": block, "Asns": [asn]})
}

fn announced(cx: &Cx, tx: &mut Tx) -> Cx {
    let message = format!("1|aws|{}|198.51.100.0/24|20300101|SHA256|RSAPSS", cx.account());
    let context = Some(Context { message, signature: "signed".into() });
    let input = Provision { cidr: "198.51.100.0/24".into(), cidr_authorization_context: context, ..Default::default() };
    provision(cx, tx, &input).unwrap();
    let cx = later(cx, 7_200);
    advertise(&cx, tx, &Advertise { cidr: "198.51.100.0/24".into(), ..Default::default() }).unwrap();
    later(&cx, 600)
}

#[test]
fn what_is_registered_is_published_and_judges_routes() {
    let (cx, mut tx) = start();
    let (cx, ipam, id) = enabled(&cx, &mut tx);
    let cx = announced(&cx, &mut tx);
    let finding = |cx: &Cx, tx: &mut Tx| {
        let shown = ask(cx, tx, "GetIpamRouteProtectionFindings", json!({"IpamId": ipam})).unwrap();
        assert_eq!((element(&shown, "cidr"), element(&shown, "asn")), ("198.51.100.0/24", "16509"));
        element(&shown, "rpkiStatus").to_owned()
    };
    assert_eq!(finding(&cx, &mut tx), "unknown");
    let other = policy(&id, "198.51.0.0/16", "64496");
    assert_eq!(refusal(ask(&cx, &mut tx, "CreateIpamRoutingPolicyRegistration", other.clone())).0, "IncorrectState");
    let mut forced = other;
    forced["Force"] = true.into();
    let made = ask(&cx, &mut tx, "CreateIpamRoutingPolicyRegistration", forced).unwrap();
    assert_eq!(element(&made, "state"), "pending");
    assert_eq!(finding(&cx, &mut tx), "unknown", "it is not published yet");
    let cx = later(&cx, 120);
    assert_eq!(finding(&cx, &mut tx), "invalid");
    let own = policy(&id, "198.51.100.0/24", "16509");
    ask(&cx, &mut tx, "CreateIpamRoutingPolicyRegistration", own.clone()).unwrap();
    let twice = refusal(ask(&cx, &mut tx, "CreateIpamRoutingPolicyRegistration", own));
    assert_eq!(twice.1, "A routing policy registration for the CIDR 198.51.100.0/24 exists already.");
    let cx = later(&cx, 120);
    assert_eq!(finding(&cx, &mut tx), "valid");
    let named = json!({"IpamInternetRegistryAssociationId": id});
    let all = ask(&cx, &mut tx, "GetIpamRouteOriginAuthorizations", named.clone()).unwrap();
    assert_eq!((all.matches("<item>").count(), element(&all, "maxLength")), (2, "16"));
    let deletion = json!({"IpamInternetRegistryAssociationId": id, "Cidr": "198.51.100.0/24"});
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteIpamRoutingPolicyRegistration", deletion.clone())).0, "IncorrectState");
    let mut change = policy(&id, "198.51.0.0/16", "16509");
    change["PermitMoreSpecificAnnouncements"] = true.into();
    change["MaxLength"] = 24.into();
    ask(&cx, &mut tx, "ModifyIpamRoutingPolicyRegistration", change.clone()).unwrap();
    assert_eq!(refusal(ask(&cx, &mut tx, "ModifyIpamRoutingPolicyRegistration", change)).0, "IncorrectState");
    let published = ask(&cx, &mut tx, "GetIpamRouteOriginAuthorizations", named.clone()).unwrap();
    assert!(published.contains("<asn>64496</asn>"), "until the change is published");
    let cx = later(&cx, 120);
    ask(&cx, &mut tx, "DeleteIpamRoutingPolicyRegistration", deletion).unwrap();
    assert_eq!(
        refusal(ask(&cx, &mut tx, "DeleteIpamInternetRegistryAssociation", named.clone())).0,
        "DependencyViolation"
    );
    let cx = later(&cx, 120);
    assert_eq!(finding(&cx, &mut tx), "valid");
    let shown = ask(&cx, &mut tx, "GetIpamRoutingPolicyRegistrations", named.clone()).unwrap();
    assert_eq!((element(&shown, "cidr"), element(&shown, "state")), ("198.51.0.0/16", "update-complete"));
    let deltas = ask(&cx, &mut tx, "GetIpamRoutingPolicyRegistrationDeltas", named).unwrap();
    assert_eq!(deltas.matches("<state>published</state>").count(), 4);
}

#[test]
fn routes_are_discovered_while_they_are_announced() {
    let (cx, mut tx) = start();
    let ipam = ask(&cx, &mut tx, "CreateIpam", json!({})).unwrap();
    let discovery = element(&ipam, "defaultResourceDiscoveryId").to_owned();
    let input = json!({"IpamResourceDiscoveryId": discovery, "ResourceRegion": "us-east-1"});
    let none = ask(&cx, &mut tx, "GetIpamDiscoveredRoutes", input.clone()).unwrap();
    assert!(!none.contains("<cidr>"));
    let cx = announced(&cx, &mut tx);
    let shown = ask(&cx, &mut tx, "GetIpamDiscoveredRoutes", input).unwrap();
    assert_eq!((element(&shown, "cidr"), element(&shown, "state")), ("198.51.100.0/24", "advertised"));
    assert!(element(&shown, "poolId").starts_with("ipv4pool-ec2-"));
    let elsewhere = json!({"IpamResourceDiscoveryId": discovery, "ResourceRegion": "eu-west-1"});
    assert_eq!(refusal(ask(&cx, &mut tx, "GetIpamDiscoveredRoutes", elsewhere)).0, "InvalidParameterValue");
}

#[test]
fn what_a_registry_has_in_its_books_is_told_once_it_is_asked() {
    use crate::family::ipam::rpki::books::RegistryBooks;
    let (cx, mut tx) = start();
    let (cx, _, id) = enabled(&cx, &mut tx);
    let (asns, cidrs) = ("GetIpamInternetRegistryAssociationAsns", "GetIpamInternetRegistryAssociationCidrs");
    let of = json!({"IpamInternetRegistryAssociationId": id});
    assert!(!ask(&cx, &mut tx, asns, of.clone()).unwrap().contains("<asn>"));
    tx.put(RegistryBooks {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        association: id.clone(),
        cidrs: vec!["198.51.100.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
        asns: vec![64_512, 9],
        observed_at: cx.now,
    });
    let told = ask(&cx, &mut tx, asns, of.clone()).unwrap();
    assert!(
        told.find("<asn>9<").unwrap() < told.find("<asn>64512<").unwrap() && told.contains("<lastObservedAt>"),
        "{told}"
    );
    let narrowed =
        json!({"IpamInternetRegistryAssociationId": id, "Filters": [{"Name": "cidr", "Values": ["2001:*"]}]});
    let told = ask(&cx, &mut tx, cidrs, narrowed).unwrap();
    assert!(told.contains("2001:db8::/32") && !told.contains("198.51"), "{told}");
    let unknown = json!({"IpamInternetRegistryAssociationId": id, "Filters": [{"Name": "colour", "Values": ["red"]}]});
    assert_eq!(refusal(ask(&cx, &mut tx, cidrs, unknown)).0, "InvalidParameterValue");
    // The registry is not asked before it has approved.
    let early = Cx { now: cx.now - jiff::SignedDuration::from_secs(60), ..cx.clone() };
    assert!(!ask(&early, &mut tx, cidrs, of).unwrap().contains("<cidr>"));
}
