//! Spot requests through their handlers, their states by what becomes of the instances, and prices.

use service::prelude::*;

use super::cancel::CancelSpotInstanceRequests;
use super::describe::{DescribeSpotInstanceRequests, SpotRequestOut};
use super::history::{DescribeSpotPriceHistory, SpotPrice};
use super::request::RequestSpotInstances;
use super::*;
use crate::instance::attribute::describe::Flag;
use crate::instance::attribute::modify::{ModifyInstanceAttribute, modify};
use crate::instance::lifecycle::{self, StopInstances, TerminateInstances};
use crate::instance::notice::{self, Action};
use crate::instance::run::input::{MarketWish, RunInstances, SpotWish};
use crate::instance::run::run;
use crate::instance::tests::{described, image, launch, wish};
use crate::launch_template::data::Data;
use crate::tags::TagSpecification;
use crate::tests::{knows_filters, later, list, refusal, refused, start};

fn specification(cx: &Cx) -> Data {
    let image = image(cx, "al2023-ami-2023", "x86_64");
    serde_json::from_value(serde_json::json!({"ImageId": image, "InstanceType": "t3.micro"})).unwrap()
}

fn requested(cx: &Cx, tx: &mut Tx, input: RequestSpotInstances) -> Vec<SpotRequestOut> {
    let input = RequestSpotInstances { launch_specification: specification(cx), ..input };
    request::check(cx, tx, &input).unwrap();
    request::request(cx, tx, &input).unwrap().spot_instance_requests
}

fn seen(cx: &Cx, tx: &Tx, id: &str) -> SpotRequestOut {
    let input = DescribeSpotInstanceRequests { spot_instance_request_ids: list(&[id]), ..Default::default() };
    describe::describe(cx, tx, &input).unwrap().spot_instance_requests.remove(0)
}

fn on_the_market(cx: &Cx, options: SpotWish) -> RunInstances {
    let market = MarketWish { market_type: Some("spot".into()), spot_options: Some(options) };
    RunInstances { instance_market_options: Some(market), ..wish(cx) }
}

fn cancel_it(cx: &Cx, tx: &mut Tx, id: &str) -> &'static str {
    let input = CancelSpotInstanceRequests { spot_instance_request_ids: vec![id.to_owned()], dry_run: None };
    cancel::cancel(cx, tx, &input).unwrap().cancelled_spot_instance_requests[0].state
}

fn terminate(cx: &Cx, tx: &mut Tx, id: &str) {
    let input = TerminateInstances { instance_ids: vec![id.to_owned()], ..Default::default() };
    lifecycle::terminate(cx, tx, &input).unwrap();
}

#[test]
fn a_request_is_fulfilled() {
    let (cx, mut tx) = start();
    let [made] = requested(&cx, &mut tx, RequestSpotInstances::default()).try_into().unwrap();
    assert_eq!((made.state, made.status.code, made.instance_id), ("open", "pending-evaluation", None));
    let cx = later(&cx, 10);
    let request = seen(&cx, &tx, &made.spot_instance_request_id);
    assert_eq!((request.state, request.status.code), ("active", "fulfilled"));
    let instance = described(&cx, &tx, request.instance_id.as_deref().unwrap());
    assert_eq!(instance.instance_lifecycle, Some("spot"));
    assert_eq!(instance.spot_instance_request_id.as_deref(), Some(made.spot_instance_request_id.as_str()));
    assert_eq!(cancel_it(&cx, &mut tx, &made.spot_instance_request_id), "cancelled");
    let code = seen(&cx, &tx, &made.spot_instance_request_id).status.code;
    assert_eq!(code, "request-canceled-and-instance-running");
    terminate(&cx, &mut tx, &instance.instance_id);
    assert_eq!(seen(&cx, &tx, &made.spot_instance_request_id).status.code, "instance-terminated-by-user");
    let ids = list(&[&made.spot_instance_request_id]);
    let input = DescribeSpotInstanceRequests { spot_instance_request_ids: ids, ..Default::default() };
    let world = tx.at(later(&cx, 5 * 3600).now);
    assert_eq!(
        refusal(describe::describe(&later(&cx, 5 * 3600), &world, &input)).0,
        "InvalidSpotInstanceRequestID.NotFound"
    );
}

#[test]
fn a_price_that_is_too_low() {
    let (cx, mut tx) = start();
    let low = RequestSpotInstances { spot_price: Some("0.001".into()), instance_count: Some(2), ..Default::default() };
    let made = requested(&cx, &mut tx, low);
    assert_eq!(made.len(), 2);
    let cx = later(&cx, 10);
    let request = seen(&cx, &tx, &made[0].spot_instance_request_id);
    assert_eq!(
        (request.state, request.status.code, request.spot_price.as_str()),
        ("open", "price-too-low", "0.001000")
    );
    let told = "Your Spot request price of 0.001 is lower than the minimum required Spot request fulfillment price of ";
    assert!(request.status.message.starts_with(told), "{}", request.status.message);
    assert_eq!(cancel_it(&cx, &mut tx, &made[0].spot_instance_request_id), "cancelled");
    let low = on_the_market(&cx, SpotWish { max_price: Some("0.001".into()), ..Default::default() });
    assert_eq!(refusal(crate::instance::run::run(&cx, &mut tx, &low)).0, "SpotMaxPriceTooLow");
}

#[test]
fn launches_on_the_market() {
    let (cx, mut tx) = start();
    let once = on_the_market(&cx, SpotWish::default());
    let launched = launch(&cx, &mut tx, &once).instances[0].clone();
    let cx = later(&cx, 60);
    let request = launched.spot_instance_request_id.clone().unwrap();
    assert_eq!(seen(&cx, &tx, &request).instance_id.as_deref(), Some(launched.instance_id.as_str()));
    let stop = |id: &str| StopInstances { instance_ids: vec![id.to_owned()], ..Default::default() };
    let message = format!(
        "You can't stop the Spot Instance '{}' because it is associated with a one-time Spot Instance request. You can only stop Spot \
         Instances associated with persistent Spot Instance requests.",
        launched.instance_id
    );
    let expected = refused("UnsupportedOperation", &message);
    assert_eq!(refusal(lifecycle::stop(&cx, &mut tx, &stop(&launched.instance_id))), expected);
    terminate(&cx, &mut tx, &launched.instance_id);
    assert_eq!(seen(&cx, &tx, &request).state, "closed");

    let cx = later(&cx, 1);
    let persistent = SpotWish {
        spot_instance_type: Some("persistent".into()),
        instance_interruption_behavior: Some("stop".into()),
        ..Default::default()
    };
    let launched = launch(&cx, &mut tx, &on_the_market(&cx, persistent)).instances[0].clone();
    let cx = later(&cx, 60);
    let request = launched.spot_instance_request_id.clone().unwrap();
    lifecycle::stop(&cx, &mut tx, &stop(&launched.instance_id)).unwrap();
    assert_eq!(
        (seen(&cx, &tx, &request).state, seen(&cx, &tx, &request).status.code),
        ("disabled", "instance-stopped-by-user")
    );
    let cx = later(&cx, 60);
    let start = lifecycle::StartInstances { instance_ids: vec![launched.instance_id], dry_run: None };
    lifecycle::start(&cx, &mut tx, &start).unwrap();
    assert_eq!(seen(&later(&cx, 60), &tx, &request).state, "active");
}

#[test]
fn what_only_one_kind_of_instance_has() {
    let (cx, mut tx) = start();
    let once = on_the_market(&cx, SpotWish::default());
    let launched = launch(&cx, &mut tx, &once).instances[0].clone();
    let protect = |termination, stop| ModifyInstanceAttribute {
        instance_id: launched.instance_id.clone(),
        disable_api_termination: termination,
        disable_api_stop: stop,
        ..Default::default()
    };
    let on = Some(Flag { value: Some(true) });
    for (input, name) in [(protect(on, None), "disableApiTermination"), (protect(None, on), "disableApiStop")] {
        let text = format!("Modifying '{name}' is not supported for spot instances.");
        assert_eq!(refusal(modify(&cx, &mut tx, &input)), refused("UnsupportedOperation", &text));
    }
    let of_requests =
        TagSpecification { resource_type: Some("spot-instances-request".into()), tags: vec![Tag::new("a", "b")] };
    let tagged = |wish: RunInstances| RunInstances { tag_specifications: vec![of_requests.clone()], ..wish };
    let text = "You cannot specify tags for Spot instances requests if there are no Spot instances requests being created by the request.";
    let alone = tagged(RunInstances { instance_market_options: None, ..once.clone() });
    assert_eq!(refusal(run(&cx, &mut tx, &alone)), refused("InvalidParameterValue", text));
    assert!(run(&later(&cx, 1), &mut tx, &tagged(once)).is_ok());
}

fn interrupted(cx: &Cx, tx: &mut Tx, id: &str, action: Action) {
    let instance = crate::instance::find(cx, tx, id).unwrap().clone();
    let mut staged = Tx::on(tx.at(cx.now));
    notice::interrupt(&mut staged, &instance, notice::Interruption { action, at: later(cx, 120).now });
    *tx = staged;
}

fn code(cx: &Cx, tx: &Tx, request: &str) -> (&'static str, &'static str) {
    let seen = seen(cx, tx, request);
    (seen.state, seen.status.code)
}

#[test]
fn interruptions_show_in_the_request() {
    let (cx, mut tx) = start();
    let launched = launch(&cx, &mut tx, &on_the_market(&cx, SpotWish::default())).instances[0].clone();
    let request = launched.spot_instance_request_id.clone().unwrap();
    let cx = later(&cx, 60);
    interrupted(&cx, &mut tx, &launched.instance_id, Action::Terminate);
    assert_eq!(code(&later(&cx, 10), &tx, &request), ("closed", "instance-terminated-no-capacity"), "at once");
    assert_eq!(described(&later(&cx, 10), &tx, &launched.instance_id).state.unwrap().name, "running");
    let cx = later(&cx, 200);
    crate::settle(&cx, &mut tx).unwrap();
    assert_eq!(code(&cx, &tx, &request), ("closed", "instance-terminated-no-capacity"));
    assert_eq!(described(&cx, &tx, &launched.instance_id).state.unwrap().name, "terminated");

    let stops = SpotWish {
        spot_instance_type: Some("persistent".into()),
        instance_interruption_behavior: Some("stop".into()),
        ..Default::default()
    };
    let launched = launch(&cx, &mut tx, &on_the_market(&cx, stops)).instances[0].clone();
    let request = launched.spot_instance_request_id.clone().unwrap();
    let cx = later(&cx, 60);
    interrupted(&cx, &mut tx, &launched.instance_id, Action::Stop);
    assert_eq!(code(&cx, &tx, &request), ("active", "marked-for-stop"));
    let cx = later(&cx, 200);
    crate::settle(&cx, &mut tx).unwrap();
    assert_eq!(code(&cx, &tx, &request), ("disabled", "instance-stopped-no-capacity"));
}

#[test]
fn persistent_requests_launch_again() {
    let (cx, mut tx) = start();
    let asked = RequestSpotInstances { r#type: Some("persistent".into()), ..Default::default() };
    let request = requested(&cx, &mut tx, asked)[0].spot_instance_request_id.clone();
    let cx = later(&cx, 60);
    let first = seen(&cx, &tx, &request).instance_id.unwrap();
    terminate(&cx, &mut tx, &first);
    assert_eq!(code(&cx, &tx, &request), ("open", "pending-evaluation"));
    let cx = later(&cx, 60);
    let second = seen(&cx, &tx, &request).instance_id.unwrap();
    assert!(second != first && code(&cx, &tx, &request) == ("active", "fulfilled"));
    assert_eq!(described(&cx, &tx, &second).spot_instance_request_id.as_deref(), Some(request.as_str()));
    let all = describe::describe(&cx, &tx, &DescribeSpotInstanceRequests::default()).unwrap();
    assert_eq!(all.spot_instance_requests.len(), 1, "it is the same request");
    terminate(&cx, &mut tx, &first);
    assert_eq!(seen(&cx, &tx, &request).instance_id.as_deref(), Some(second.as_str()), "the first is of no account");
    interrupted(&cx, &mut tx, &second, Action::Terminate);
    assert_eq!(code(&cx, &tx, &request), ("open", "instance-terminated-no-capacity"));
    let cx = later(&cx, 200);
    crate::settle(&cx, &mut tx).unwrap();
    let third = seen(&cx, &tx, &request).instance_id.unwrap();
    assert!(third != second && code(&cx, &tx, &request) == ("active", "fulfilled"));
    cancel_it(&cx, &mut tx, &request);
    terminate(&cx, &mut tx, &third);
    assert_eq!(code(&cx, &tx, &request), ("cancelled", "instance-terminated-by-user"));
}

#[test]
fn each_request_of_a_launch_of_several_launches_one_again() {
    let (cx, mut tx) = start();
    let persistent = SpotWish {
        spot_instance_type: Some("persistent".into()),
        instance_interruption_behavior: Some("stop".into()),
        ..Default::default()
    };
    let several = RunInstances { min_count: 3, max_count: 3, ..on_the_market(&cx, persistent) };
    let launched = launch(&cx, &mut tx, &several).instances;
    let cx = later(&cx, 60);
    let instance_ids = launched.iter().map(|it| it.instance_id.clone()).collect();
    lifecycle::terminate(&cx, &mut tx, &TerminateInstances { instance_ids, ..Default::default() }).unwrap();
    let alive =
        crate::resource::all::<crate::instance::Instance>(&cx, &tx).filter(|it| it.terminated_at().is_none()).count();
    assert_eq!(alive, 3);
}

#[test]
fn what_launched_again_is_not_ended_by_an_older_look() {
    let (cx, mut tx) = start();
    let asked = RequestSpotInstances {
        r#type: Some("persistent".into()),
        valid_until: Some(later(&cx, 300).now),
        ..Default::default()
    };
    let request = requested(&cx, &mut tx, asked)[0].spot_instance_request_id.clone();
    let cx = later(&cx, 60);
    let first = seen(&cx, &tx, &request).instance_id.unwrap();
    interrupted(&cx, &mut tx, &first, Action::Terminate);
    // Both the interruption and the end of the request are past, and carried out in order.
    let cx = later(&cx, 600);
    crate::settle(&cx, &mut tx).unwrap();
    let second = seen(&cx, &tx, &request).instance_id.unwrap();
    assert_ne!(second, first);
    assert_eq!(code(&cx, &tx, &request), ("cancelled", "request-canceled-and-instance-running"));
}

#[test]
fn a_request_that_comes_too_late_gets_no_instance() {
    let (cx, mut tx) = start();
    let late = RequestSpotInstances {
        r#type: Some("persistent".into()),
        valid_until: Some(Timestamp::from_second(cx.now.as_second() - 86_400).unwrap()),
        ..Default::default()
    };
    let id = requested(&cx, &mut tx, late)[0].spot_instance_request_id.clone();
    crate::settle(&later(&cx, 1), &mut tx).unwrap();
    assert_eq!(code(&later(&cx, 1), &tx, &id), ("cancelled", "schedule-expired"));
    assert_eq!(tx.count::<crate::instance::Instance>(&[]), 0);
}

#[test]
fn requests_end_by_the_clock() {
    let (cx, mut tx) = start();
    let low = RequestSpotInstances { spot_price: Some("0.001".into()), ..Default::default() };
    let waiting = requested(&cx, &mut tx, low)[0].spot_instance_request_id.clone();
    assert_eq!(seen(&cx, &tx, &waiting).valid_until, Some(later(&cx, 7 * 24 * 3600).now), "by default");
    let cx = later(&cx, 1);
    let asked = |behavior: &str| RequestSpotInstances {
        r#type: Some("persistent".into()),
        valid_until: Some(later(&cx, 600).now),
        instance_interruption_behavior: Some(behavior.into()),
        ..Default::default()
    };
    let running = requested(&cx, &mut tx, asked("terminate"))[0].spot_instance_request_id.clone();
    let cx = later(&cx, 1);
    let stopped = requested(&cx, &mut tx, asked("stop"))[0].spot_instance_request_id.clone();
    let cx = later(&cx, 60);
    let instance = seen(&cx, &tx, &stopped).instance_id.unwrap();
    let stop = StopInstances { instance_ids: vec![instance.clone()], ..Default::default() };
    lifecycle::stop(&cx, &mut tx, &stop).unwrap();
    let cx = later(&cx, 1000);
    assert!(!crate::is_settled(&tx.at(cx.now), cx.account(), cx.region_name()));
    crate::settle(&cx, &mut tx).unwrap();
    assert!(crate::is_settled(&tx.at(cx.now), cx.account(), cx.region_name()));
    assert_eq!(code(&cx, &tx, &running), ("cancelled", "request-canceled-and-instance-running"));
    assert_eq!(code(&cx, &tx, &stopped), ("cancelled", "instance-stopped-by-user"));
    assert_eq!(code(&cx, &tx, &waiting), ("open", "price-too-low"));
    terminate(&cx, &mut tx, &instance);
    assert_eq!(
        code(&later(&cx, 60), &tx, &stopped),
        ("cancelled", "instance-terminated-by-user"),
        "nothing is launched"
    );
    let cx = later(&cx, 7 * 24 * 3600);
    crate::settle(&cx, &mut tx).unwrap();
    assert_eq!(code(&cx, &tx, &waiting), ("cancelled", "schedule-expired"));
}

fn prices(cx: &Cx, world: &World, input: DescribeSpotPriceHistory) -> Vec<SpotPrice> {
    let input = DescribeSpotPriceHistory { instance_types: list(&["t3.micro"]), ..input };
    history::describe(cx, world, &input).unwrap().spot_price_history
}

#[test]
fn prices_move_with_the_clock_alone() {
    let (cx, tx) = start();
    let of_one = || DescribeSpotPriceHistory {
        product_descriptions: list(&["Linux/UNIX"]),
        availability_zone: Some("us-east-1a".into()),
        ..Default::default()
    };
    let now = DescribeSpotPriceHistory { start_time: Some(cx.now), ..of_one() };
    let [one] = prices(&cx, &tx, now).try_into().unwrap();
    assert!(one.timestamp <= cx.now, "the price in force");
    let all = prices(&cx, &tx, of_one());
    assert!((535..=545).contains(&all.len()), "90 days of a change every four hours: {}", all.len());
    assert_eq!(all[0], one, "the newest first");
    assert!(all.windows(2).all(|pair| pair[0].timestamp > pair[1].timestamp));
    let next = later(&cx, 4 * 3600);
    assert_eq!(prices(&next, &tx, of_one())[1], one, "what was told stays so");
    let offer = price::Offer { type_name: "t3.micro", zone: "us-east-1a", product: "Linux/UNIX" };
    let kind = crate::catalogue::instance_types::get("t3.micro").unwrap();
    assert_eq!(price::text(offer.at(kind, cx.now)), one.spot_price, "and is what requests are measured by");
}

#[test]
fn prices_as_texts() {
    let cases =
        [("0.05", Some(50_000)), ("1", Some(1_000_000)), (".5", Some(500_000)), ("x", None), ("", None), ("-1", None)];
    for (text, expected) in cases {
        assert_eq!(price::parse(text), expected, "{text}");
    }
    assert_eq!(
        (price::text(10_200), price::short(10_200), price::short(1_000)),
        ("0.010200".into(), "0.0102".into(), "0.001".into())
    );
}

#[test]
fn filters() {
    let (cx, mut tx) = start();
    requested(&cx, &mut tx, RequestSpotInstances::default());
    knows_filters("DescribeSpotInstanceRequests", |filters| {
        describe::describe(&cx, &tx, &DescribeSpotInstanceRequests { filters, ..Default::default() })
            .map(|it| it.spot_instance_requests.len())
    });
    knows_filters("DescribeSpotPriceHistory", |filters| {
        let input = DescribeSpotPriceHistory {
            filters,
            start_time: Some(cx.now),
            instance_types: list(&["t3.micro"]),
            ..Default::default()
        };
        history::describe(&cx, &tx, &input).map(|it| it.spot_price_history.len())
    });
}
