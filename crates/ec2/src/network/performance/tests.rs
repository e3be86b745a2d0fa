//! Subscriptions, and the figures.

use service::prelude::*;

use super::data::{self, GetAwsNetworkPerformanceData, Query};
use super::*;
use crate::tests::{filters, in_region, later, refusal, refused, start};

fn between(source: &str, destination: &str) -> Subscribe {
    Subscribe { source: Some(source.into()), destination: Some(destination.into()), ..Default::default() }
}

fn points(cx: &Cx, world: &World, source: &str, destination: &str, period: &str) -> Vec<data::Point> {
    let query = Query {
        source: Some(source.into()),
        destination: Some(destination.into()),
        period: Some(period.into()),
        ..Default::default()
    };
    let start_time = Some(later(cx, -7200).now);
    let input = GetAwsNetworkPerformanceData { data_queries: Some(vec![query]), start_time, ..Default::default() };
    data::get(cx, world, &input).unwrap().data_responses.remove(0).metric_points
}

#[test]
fn a_subscription_is_of_its_region() {
    let (cx, mut tx) = start();
    let wanted = between("us-east-1", "eu-west-1");
    assert_eq!(enable(&cx, &mut tx, &wanted), Ok(Subscribed { output: true }));
    assert_eq!(enable(&cx, &mut tx, &wanted), Ok(Subscribed { output: true }));
    enable(&cx, &mut tx, &between("use1-az1", "use1-az2")).unwrap();
    let told = |cx: &Cx, tx: &Tx, filters| {
        let input = DescribeSubscriptions { filters, ..Default::default() };
        describe(cx, tx, &input).unwrap().subscriptions.into_iter().map(|it| it.source).collect::<Vec<_>>()
    };
    assert_eq!(told(&cx, &tx, None), ["us-east-1", "use1-az1"]);
    assert_eq!(told(&cx, &tx, filters(&[("destination", &["eu-*"])])), ["us-east-1"]);
    assert!(told(&in_region(&cx, "eu-west-1"), &tx, None).is_empty());
    assert_eq!(disable(&cx, &mut tx, &wanted), Ok(Subscribed { output: true }));
    assert_eq!(disable(&cx, &mut tx, &wanted), Ok(Subscribed { output: false }));
    assert_eq!(told(&cx, &tx, None), ["use1-az1"]);
}

#[test]
fn ends_that_do_not_fit() {
    let (cx, mut tx) = start();
    let text = "The source 'us-east-1' and the destination 'use1-az1' must be two Regions, or Availability Zones in the same Region.";
    let mixed = refusal(enable(&cx, &mut tx, &between("us-east-1", "use1-az1")));
    assert_eq!(mixed, refused("InvalidParameterCombination", text));
    assert_eq!(refusal(enable(&cx, &mut tx, &between("use1-az1", "euw1-az1"))).0, "InvalidParameterCombination");
    assert_eq!(refusal(enable(&cx, &mut tx, &between("us-east-1", "nowhere"))).0, "InvalidParameterValue");
    assert_eq!(refusal(enable(&cx, &mut tx, &Subscribe::default())).0, "MissingParameter");
}

#[test]
fn figures_are_repeatable_and_plausible() {
    let (cx, tx) = start();
    let far = points(&cx, &tx, "us-east-1", "eu-west-1", "five-minutes");
    assert_eq!(far, points(&cx, &tx, "us-east-1", "eu-west-1", "five-minutes"));
    assert!((23..=25).contains(&far.len()), "{}", far.len());
    assert!(far.iter().all(|it| (55.0..75.0).contains(&it.value) && it.end_date <= cx.now), "{far:?}");
    assert!(far.windows(2).all(|pair| pair[0].end_date == pair[1].start_date));
    let near = points(&cx, &tx, "use1-az1", "use1-az2", "one-hour");
    assert!(!near.is_empty() && near.iter().all(|it| (0.2..2.0).contains(&it.value)));
    let same = points(&cx, &tx, "use1-az1", "use1-az1", "one-hour");
    assert!(same.iter().all(|it| it.value < 0.2));
}

#[test]
fn every_region_is_on_the_map() {
    for partition in ["aws", "aws-cn", "aws-us-gov"] {
        for region in regions::regions_in(partition) {
            assert!(latency::city(&region.name).is_some(), "{}", region.name);
        }
    }
}
