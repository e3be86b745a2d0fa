//! Every documented filter is known.

use super::*;
use crate::tests::{knows_filters, start};

#[test]
fn filters() {
    let (cx, tx) = start();
    knows_filters("DescribeReservedInstances", |filters| {
        let input = bought::DescribeReservedInstances { filters, ..Default::default() };
        bought::describe(&cx, &tx, &input).map(|it| it.reserved_instances.len())
    });
    knows_filters("DescribeReservedInstancesModifications", |filters| {
        let input = modification::DescribeReservedInstancesModifications { filters, ..Default::default() };
        modification::describe(&cx, &tx, &input).map(|it| it.reserved_instances_modifications.len())
    });
    knows_filters("DescribeReservedInstancesListings", |filters| {
        let input = listing::DescribeReservedInstancesListings { filters, ..Default::default() };
        listing::describe(&cx, &tx, &input).map(|it| it.reserved_instances_listings.len())
    });
    knows_filters("DescribeReservedInstancesOfferings", |filters| {
        let instance_type = Some("m5.large".to_owned());
        let input = offerings::DescribeReservedInstancesOfferings { instance_type, filters, ..Default::default() };
        offerings::describe(&cx, &tx, &input).map(|it| it.reserved_instances_offerings.len())
    });
}
