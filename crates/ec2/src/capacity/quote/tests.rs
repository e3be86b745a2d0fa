//! Reservations for a day to come, and their quotes.

use service::prelude::*;

use super::cancellation::{self, CreateCapacityReservationCancellationQuote};
use super::date_change::{self, CreateCapacityReservationDateChangeQuote};
use crate::capacity::change::{self, ModifyCapacityReservation};
use crate::capacity::create::{self, CreateCapacityReservation};
use crate::capacity::tests::{cancel, make, seen, targeted};
use crate::tests::{later, refusal, start};

const DAY: i64 = 86_400;

fn future(cx: &Cx) -> CreateCapacityReservation {
    CreateCapacityReservation {
        start_date: Some(later(cx, 10 * DAY).now),
        commitment_duration: Some(20 * DAY),
        delivery_preference: Some("incremental".into()),
        ..targeted(4)
    }
}

#[test]
fn a_future_one_comes_when_it_is_due() {
    let (cx, mut tx) = start();
    let input = future(&cx);
    let id = make(&cx, &mut tx, &input);
    assert_eq!((seen(&cx, &tx, &id).state, seen(&later(&cx, 10), &tx, &id).state), ("assessing", "scheduled"));
    let held = seen(&later(&cx, 10), &tx, &id);
    assert_eq!((held.total_instance_count, held.available_instance_count), (4, 0));
    assert_eq!(held.commitment_info.unwrap().commitment_end_date, Some(later(&cx, 30 * DAY).now));
    let then = later(&cx, 11 * DAY);
    assert_eq!((seen(&then, &tx, &id).state, seen(&then, &tx, &id).available_instance_count), ("active", 4));
    let modify = |count| ModifyCapacityReservation {
        capacity_reservation_id: id.clone(),
        instance_count: Some(count),
        ..Default::default()
    };
    assert_eq!(refusal(change::modify(&later(&cx, 10), &mut tx, &modify(5))).0, "IncorrectState");
    assert_eq!(refusal(change::modify(&then, &mut tx, &modify(3))).0, "IncorrectState");
    change::modify(&then, &mut tx, &modify(5)).unwrap();
    change::modify(&later(&cx, 31 * DAY), &mut tx, &modify(3)).unwrap();
}

#[test]
fn what_a_future_one_needs() {
    let (cx, tx) = start();
    let code = |input: CreateCapacityReservation| refusal(create::check(&cx, &tx, &input)).0;
    let soon = later(&cx, DAY).now;
    assert_eq!(code(CreateCapacityReservation { start_date: Some(soon), ..future(&cx) }), "InvalidParameterValue");
    assert_eq!(code(CreateCapacityReservation { start_date: None, ..future(&cx) }), "MissingParameter");
    assert_eq!(code(CreateCapacityReservation { commitment_duration: None, ..future(&cx) }), "MissingParameter");
    let open = CreateCapacityReservation { instance_match_criteria: None, ..future(&cx) };
    assert_eq!(code(open), "InvalidParameterCombination");
    let family = CreateCapacityReservation { instance_type: "p5.48xlarge".into(), ..future(&cx) };
    assert_eq!(code(family), "InvalidParameterValue");
}

#[test]
fn a_commitment_is_left_by_a_quote() {
    let (cx, mut tx) = start();
    let input = future(&cx);
    let id = make(&cx, &mut tx, &input);
    let cx = later(&cx, 15 * DAY);
    assert_eq!(refusal(cancel(&cx, &mut tx, &id, None)).0, "IncorrectState");
    let ask = CreateCapacityReservationCancellationQuote { capacity_reservation_id: id.clone(), ..Default::default() };
    let quote = cancellation::create(&cx, &mut tx, &ask).unwrap().capacity_reservation_cancellation_quote;
    let terms = &quote.cancellation_terms[0];
    assert_eq!((quote.quote_state, terms.charge_commitment_duration_hours), ("active", 15 * 24));
    let name = quote.capacity_reservation_cancellation_quote_id.clone();
    assert_eq!(refusal(cancel(&later(&cx, DAY), &mut tx, &id, Some(&name))).0, "IncorrectState", "a day later");
    cancel(&cx, &mut tx, &id, Some(&name)).unwrap();
    assert_eq!((seen(&cx, &tx, &id).state, seen(&cx, &tx, &id).total_instance_count), ("cancelling", 0));
    assert_eq!(seen(&later(&cx, 15 * DAY), &tx, &id).state, "cancelled");
    assert_eq!(refusal(cancellation::create(&cx, &mut tx, &ask)).0, "IncorrectState");
    let plain = make(&later(&cx, 1), &mut tx, &targeted(1));
    let ask =
        CreateCapacityReservationCancellationQuote { capacity_reservation_id: plain.clone(), ..Default::default() };
    assert_eq!(refusal(cancellation::create(&later(&cx, 5), &mut tx, &ask)).0, "IncorrectState");
    cancel(&later(&cx, 5), &mut tx, &plain, None).unwrap();
}

#[test]
fn a_start_is_put_off_by_a_quote() {
    let (cx, mut tx) = start();
    let input = future(&cx);
    let id = make(&cx, &mut tx, &input);
    let cx = later(&cx, 10);
    let to = |days: i64| CreateCapacityReservationDateChangeQuote {
        capacity_reservation_id: id.clone(),
        new_start_date: later(&cx, days * DAY).now,
        ..Default::default()
    };
    for days in [9, 41] {
        assert_eq!(refusal(date_change::create(&cx, &mut tx, &to(days))).0, "InvalidParameterValue", "{days}");
    }
    let quote = date_change::create(&cx, &mut tx, &to(20)).unwrap().capacity_reservation_modification_quote;
    let name = quote.capacity_reservation_modification_quote_id.clone();
    let accept = |terms, start| ModifyCapacityReservation {
        capacity_reservation_id: id.clone(),
        start_date: start,
        quote_id: Some(name.clone()),
        accept_modification_terms: terms,
        ..Default::default()
    };
    let begins = later(&cx, 20 * DAY).now;
    let start = Some(begins);
    assert_eq!(refusal(change::modify(&cx, &mut tx, &accept(None, start))).0, "MissingParameter");
    let other = accept(Some(true), Some(cx.now));
    assert_eq!(refusal(change::modify(&cx, &mut tx, &other)).0, "InvalidParameterCombination");
    let changed = change::modify(&cx, &mut tx, &accept(Some(true), start)).unwrap();
    assert_eq!(changed.adjustment_status, Some("applied"));
    let held = seen(&cx, &tx, &id);
    assert_eq!((held.start_date, held.state), (begins, "scheduled"));
    assert!(held.original_start_date.unwrap() < held.start_date);
    assert_eq!(refusal(change::modify(&cx, &mut tx, &accept(Some(true), start))).0, "IncorrectState", "used once");
    assert_eq!(seen(&later(&cx, 15 * DAY), &tx, &id).state, "scheduled");
    assert_eq!(seen(&later(&cx, 21 * DAY), &tx, &id).state, "active");
    let late = later(&cx, 20 * DAY - 1800);
    assert_eq!(refusal(date_change::create(&late, &mut tx, &to(25))).0, "IncorrectState");
}
