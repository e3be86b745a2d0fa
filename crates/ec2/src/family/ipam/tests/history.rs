//! What had which block, and when, by samples.

use serde_json::{Value, json};
use service::prelude::*;

use super::super::history::Held;
use crate::family::tests::{ask, element};
use crate::network::vpc::create::{CreateVpc, DeleteVpc, create, delete};
use crate::tests::{later, refusal, start};

fn vpc(cx: &Cx, tx: &mut Tx, block: &str) -> String {
    create(cx, tx, &CreateVpc { cidr_block: Some(block.into()), ..Default::default() }).unwrap().vpc.vpc_id
}

fn remove(cx: &Cx, tx: &mut Tx, id: &str) {
    delete(cx, tx, &DeleteVpc { vpc_id: id.into(), ..Default::default() }).unwrap();
}

#[test]
fn blocks_come_and_go() {
    let (cx, mut tx) = start();
    let made = ask(&cx, &mut tx, "CreateIpam", json!({})).unwrap();
    let (ipam, scope) = (element(&made, "ipamId").to_owned(), element(&made, "privateDefaultScopeId").to_owned());
    let past = |cx: &Cx, tx: &mut Tx, more: Value| {
        crate::settle(cx, tx).unwrap();
        let mut input = Document::from(json!({"IpamScopeId": scope, "Cidr": "10.9.0.0/16"}));
        input.merge(&Document::from(more));
        ask(cx, tx, "GetIpamAddressHistory", Value::Object(input.0)).unwrap()
    };
    let cx = later(&cx, 60);
    assert!(!crate::is_settled(&tx, cx.account(), "us-east-1"), "the first sample is due");
    assert!(past(&cx, &mut tx, json!({"Cidr": "172.31.0.0/16"})).contains("<resourceType>vpc</resourceType>"));
    assert!(crate::is_settled(&tx, cx.account(), "us-east-1"));
    let id = vpc(&cx, &mut tx, "10.9.0.0/16");
    assert!(!past(&cx, &mut tx, json!({})).contains(&id), "not sampled yet");
    let seen = later(&cx, 600);
    let shown = past(&seen, &mut tx, json!({}));
    assert_eq!((element(&shown, "resourceId"), element(&shown, "vpcId")), (id.as_str(), id.as_str()));
    assert_eq!(element(&shown, "resourceComplianceStatus"), "unmanaged");
    assert!(!shown.contains("sampledEndTime"));
    remove(&seen, &mut tx, &id);
    let second = vpc(&seen, &mut tx, "10.9.0.0/16");
    let cx = later(&seen, 600);
    let shown = past(&cx, &mut tx, json!({}));
    assert!(shown.contains(&second) && !shown.contains(&id));
    let both = past(&cx, &mut tx, json!({"StartTime": seen.now.to_string()}));
    assert_eq!((both.matches("<item>").count(), both.matches("sampledEndTime>").count()), (2, 2));
    let one = past(&cx, &mut tx, json!({"StartTime": seen.now.to_string(), "VpcId": id}));
    assert_eq!(element(&one, "resourceId"), id);
    let before = past(&cx, &mut tx, json!({"EndTime": later(&seen, -300).now.to_string()}));
    assert!(!before.contains("<item>"));
    let wrong = json!({"IpamScopeId": scope, "Cidr": "all"});
    assert_eq!(refusal(ask(&cx, &mut tx, "GetIpamAddressHistory", wrong)).0, "InvalidParameterValue");
    ask(&cx, &mut tx, "DeleteIpam", json!({"IpamId": ipam})).unwrap();
    assert_eq!(tx.scan::<Held>(&[]).count(), 0);
}

#[test]
fn the_last_that_ended_are_kept() {
    let (cx, mut tx) = start();
    ask(&cx, &mut tx, "CreateIpam", json!({})).unwrap();
    crate::settle(&cx, &mut tx).unwrap();
    let one = tx.scan::<Held>(&[]).next().unwrap().clone();
    for number in 0..10_010_u32 {
        let block = ipnet::IpNet::new(std::net::Ipv4Addr::from(number).into(), 32).unwrap();
        let until = Some(cx.now + jiff::SignedDuration::from_secs(number.into()));
        tx.put(Held { block, until, ..Held::clone(&one) });
    }
    let cx = later(&cx, 100_000);
    crate::settle(&cx, &mut tx).unwrap();
    let ended: Vec<_> = tx.scan::<Held>(&[]).filter(|held| held.until.is_some()).collect();
    assert_eq!(ended.len(), 10_000);
    assert!(ended.iter().all(|held| held.until.unwrap() >= cx.now - jiff::SignedDuration::from_secs(99_990)));
}
