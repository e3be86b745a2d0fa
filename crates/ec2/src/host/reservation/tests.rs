//! Reservations of hosts through their handlers.

use service::prelude::*;

use super::offering::DescribeHostReservationOfferings;
use super::purchase::{GetHostReservationPurchasePreview, PurchaseHostReservation};
use super::*;
use crate::host::allocate::{self, AllocateHosts};
use crate::tests::{in_region, knows_filters, later, refusal, start};

fn host(cx: &Cx, tx: &mut Tx) -> String {
    let input = AllocateHosts {
        instance_type: Some("m5.large".into()),
        availability_zone: Some("us-east-1a".into()),
        ..Default::default()
    };
    allocate::allocate(cx, tx, &input).unwrap().host_ids.remove(0)
}

fn offerings(cx: &Cx, tx: &Tx, family: &str) -> Vec<offering::OfferingOut> {
    let input = DescribeHostReservationOfferings::default();
    let all = offering::describe(cx, tx, &input).unwrap().offering_set;
    all.into_iter().filter(|it| it.instance_family == family).collect()
}

#[test]
fn a_family_has_six_offerings() {
    let (cx, tx) = start();
    let found = offerings(&cx, &tx, "m5");
    assert_eq!(found.len(), 6);
    let price = |duration: i64, payment: &str| {
        let one = found.iter().find(|it| (it.duration, it.payment_option) == (duration, payment)).unwrap();
        (one.upfront_price.clone(), one.hourly_price.parse::<f64>().unwrap())
    };
    assert_eq!((price(31_536_000, "NoUpfront").0, price(31_536_000, "AllUpfront").1), ("0.000".to_owned(), 0.0));
    assert!(price(94_608_000, "NoUpfront").1 < price(31_536_000, "NoUpfront").1);
    let elsewhere = in_region(&cx, "eu-west-1");
    assert!(offering::get(&elsewhere, &found[0].offering_id).is_err(), "an offering is of a region");
}

#[test]
fn hosts_are_reserved_once() {
    let (cx, mut tx) = start();
    let id = host(&cx, &mut tx);
    let offering_id = offerings(&cx, &tx, "m5").remove(0).offering_id;
    let preview = GetHostReservationPurchasePreview { host_id_set: vec![id.clone()], offering_id: offering_id.clone() };
    assert_eq!(purchase::preview(&cx, &tx, &preview).unwrap().purchase[0].host_reservation_id, None);
    let buy = PurchaseHostReservation { host_id_set: vec![id.clone()], offering_id, ..Default::default() };
    let bought = purchase::purchase(&cx, &mut tx, &buy).unwrap().purchase[0].host_reservation_id.clone();
    assert_eq!(of_host(&cx, &tx, &id).map(|it| it.id.clone()), bought);
    let next = later(&cx, 60);
    assert_eq!(refusal(purchase::purchase(&next, &mut tx, &buy)).0, "InvalidHostState");
    knows_filters("DescribeHostReservations", |filter| {
        let input = DescribeHostReservations { filter, ..Default::default() };
        describe(&cx, &tx, &input).map(|it| it.host_reservation_set.len())
    });
    knows_filters("DescribeHostReservationOfferings", |filter| {
        let input = DescribeHostReservationOfferings { filter, ..Default::default() };
        offering::describe(&cx, &tx, &input).map(|it| it.offering_set.len())
    });
}
