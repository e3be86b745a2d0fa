//! Regions, zones and account attributes.

use service::prelude::*;

use super::*;
use crate::tests::{filters, in_region, knows_filters, list, refusal, refused, start};

fn names(cx: &Cx, world: &World, input: DescribeRegions) -> Vec<String> {
    describe(cx, world, &input).unwrap().regions.into_iter().map(|region| region.region_name).collect()
}

#[test]
fn an_account_sees_what_it_can_use() {
    let (cx, mut tx) = start();
    assert_eq!(names(&cx, &tx, DescribeRegions::default()).len(), 17);
    let all = DescribeRegions { all_regions: Some(true), ..Default::default() };
    let every = describe(&cx, &tx, &all).unwrap().regions;
    assert_eq!(every.len(), regions::regions_in("aws").count());
    let ireland = every.iter().find(|region| region.region_name == "eu-west-1").unwrap();
    assert_eq!(
        (ireland.endpoint.as_str(), ireland.opt_in_status),
        ("ec2.eu-west-1.amazonaws.com", "opt-in-not-required")
    );
    let cape_town = |world: &World| {
        let input = DescribeRegions { region_names: list(&["af-south-1"]), ..Default::default() };
        describe(&cx, world, &input).unwrap().regions[0].opt_in_status
    };
    assert_eq!(cape_town(&tx), "not-opted-in");
    network::settle(&in_region(&cx, "af-south-1"), &mut tx);
    assert_eq!(cape_town(&tx), "opted-in");
    assert_eq!(names(&cx, &tx, DescribeRegions::default()).len(), 18);
}

#[test]
fn regions_of_other_partitions_are_unknown() {
    let (cx, tx) = start();
    let input = DescribeRegions { region_names: list(&["cn-north-1"]), ..Default::default() };
    assert_eq!(
        refusal(describe(&cx, &tx, &input)),
        refused("InvalidParameterValue", "Invalid region provided: [cn-north-1]")
    );
    let beijing = in_region(&cx, "cn-north-1");
    let found = describe(&beijing, &tx, &DescribeRegions::default()).unwrap().regions;
    assert!(found.iter().all(|region| region.endpoint.ends_with(".amazonaws.com.cn")), "{found:?}");
}

#[test]
fn zones_of_the_region() {
    let (cx, tx) = start();
    let zones = describe_zones(&cx, &tx, &DescribeAvailabilityZones::default()).unwrap().availability_zones;
    assert_eq!(zones.len(), 6);
    assert_eq!(
        zones[0],
        ZoneOut {
            state: "available",
            opt_in_status: "opt-in-not-required",
            messages: Vec::new(),
            region_name: "us-east-1".into(),
            zone_name: "us-east-1a".into(),
            zone_id: "use1-az6".into(),
            group_name: "us-east-1-zg-1".into(),
            group_long_name: "US East (N. Virginia) 1".into(),
            network_border_group: "us-east-1".into(),
            zone_type: "availability-zone",
        }
    );
    let ask = |input: DescribeAvailabilityZones| {
        let zones = describe_zones(&cx, &tx, &input)?.availability_zones;
        Ok::<_, ApiError>(zones.into_iter().map(|zone| zone.zone_name).collect::<Vec<_>>())
    };
    let by_id = DescribeAvailabilityZones { zone_ids: list(&["use1-az1"]), ..Default::default() };
    assert_eq!(ask(by_id).unwrap(), ["us-east-1b"]);
    let by_filter = DescribeAvailabilityZones { filters: filters(&[("zone-id", &["use1-az?"])]), ..Default::default() };
    assert_eq!(ask(by_filter).unwrap().len(), 6);
    let unknown = DescribeAvailabilityZones { zone_names: list(&["us-east-1z"]), ..Default::default() };
    assert_eq!(refusal(ask(unknown)), refused("InvalidParameterValue", "Invalid availability zone: [us-east-1z]"));
}

#[test]
fn a_zone_group_is_opted_in_to_and_never_out_of() {
    let (cx, tx) = start();
    let ask = |group: &str, status: &str| {
        let input = ModifyAvailabilityZoneGroup {
            group_name: group.to_owned(),
            opt_in_status: status.to_owned(),
            ..Default::default()
        };
        opt_in(&cx, &tx, &input).map(|it| it.r#return)
    };
    assert_eq!(ask("us-east-1-zg-1", "opted-in"), Ok(true));
    let message =
        "Opting out of Local Zones is not currently supported. Contact AWS Support for additional assistance.";
    assert_eq!(refusal(ask("us-east-1-zg-1", "not-opted-in")), refused("InvalidOptInStatus", message));
    let message = "Invalid availability zone group: [us-west-2-lax-1]";
    assert_eq!(refusal(ask("us-west-2-lax-1", "opted-in")), refused("InvalidParameterValue", message));
}

#[test]
fn documented_filters_are_known() {
    let (cx, tx) = start();
    knows_filters("DescribeRegions", |filters| {
        describe(&cx, &tx, &DescribeRegions { filters, ..Default::default() }).map(|it| it.regions.len())
    });
    knows_filters("DescribeAvailabilityZones", |filters| {
        let input = DescribeAvailabilityZones { filters, ..Default::default() };
        describe_zones(&cx, &tx, &input).map(|it| it.availability_zones.len())
    });
}

#[test]
fn attributes_of_the_account() {
    let (cx, tx) = start();
    let vpc = vpc::default_of(&tx, cx.account(), cx.region_name()).unwrap();
    let ask = |cx: &Cx, names: Option<Vec<String>>| {
        let input = DescribeAccountAttributes { attribute_names: names, ..Default::default() };
        let found = describe_account_attributes(cx, &tx, &input).unwrap().account_attributes;
        found
            .into_iter()
            .map(|it| (it.attribute_name, it.attribute_values[0].attribute_value.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(ask(&cx, None).len(), 6);
    assert_eq!(ask(&cx, list(&["default-vpc"])), [("default-vpc".to_owned(), vpc.id.clone())]);
    assert_eq!(ask(&cx, list(&["supported-platforms"])), [("supported-platforms".to_owned(), "VPC".to_owned())]);
    let elsewhere = in_region(&cx, "eu-west-1");
    assert_eq!(ask(&elsewhere, list(&["default-vpc"])), [("default-vpc".to_owned(), "none".to_owned())]);
}
