//! Instance types, offerings and images: the catalogue through the describing operations.

use super::*;
use crate::image::describe::DescribeImages;
use crate::instance::types::{DescribeInstanceTypeOfferings, DescribeInstanceTypes};

fn filter(name: &str, value: &str) -> Option<Vec<Filter>> {
    Some(vec![Filter { name: Some(name.into()), values: Some(vec![value.into()]) }])
}

fn types_by(cx: &Cx, tx: &Tx, name: &str, value: &str) -> Vec<String> {
    let input = DescribeInstanceTypes { filters: filter(name, value), max_results: Some(100), ..Default::default() };
    types::describe(cx, tx, &input).unwrap().instance_types.into_iter().map(|kind| kind.instance_type).collect()
}

#[test]
fn types_by_what_they_are() {
    let (cx, tx) = start();
    for (name, value, found) in [
        ("instance-type", "t3.mic*", "t3.micro"),
        ("burstable-performance-supported", "true", "t3.micro"),
        ("processor-info.supported-architecture", "arm64", "a1.large"),
        ("vcpu-info.default-vcpus", "96", "c5.24xlarge"),
        ("memory-info.size-in-mib", "1024", "t3.micro"),
        ("supported-virtualization-type", "paravirtual", "m1.small"),
        ("bare-metal", "true", "c5.metal"),
        ("instance-storage-info.disk.type", "hdd", "d2.xlarge"),
    ] {
        let names = types_by(&cx, &tx, name, value);
        assert!(names.iter().any(|name| name == found), "{name} = {value}: {names:?}");
    }
    assert!(!types_by(&cx, &tx, "processor-info.supported-architecture", "arm64").contains(&"t3.micro".to_owned()));
    let missing =
        DescribeInstanceTypes { instance_types: Some(vec!["t3.micro".into(), "x9.none".into()]), ..Default::default() };
    let text = "The following supplied instance types do not exist: [x9.none]";
    assert_eq!(refusal(types::describe(&cx, &tx, &missing)), ("InvalidInstanceType".into(), text.into()));
}

#[test]
fn where_a_type_is_offered() {
    let (cx, tx) = start();
    let ask = |location_type: &str| {
        let input = DescribeInstanceTypeOfferings {
            location_type: Some(location_type.into()),
            filters: filter("instance-type", "t3.micro"),
            ..Default::default()
        };
        types::offerings(&cx, &tx, &input).unwrap().instance_type_offerings
    };
    let region = ask("region");
    assert_eq!((region.len(), region[0].location), (1, "us-east-1"));
    let zones: Vec<_> = ask("availability-zone").iter().map(|offering| offering.location).collect();
    assert!(zones.contains(&"us-east-1a") && zones.len() >= 4, "{zones:?}");
    assert!(ask("availability-zone-id").iter().all(|offering| offering.location.starts_with("use1-az")));
    assert!(ask("outpost").is_empty());
}

#[test]
fn images_by_owner_and_name() {
    let (cx, tx) = start();
    let ask = |owners: &[&str], name: &str| {
        let owners = Some(owners.iter().map(|owner| (*owner).to_owned()).collect());
        let input = DescribeImages { owners, filters: filter("name", name), ..Default::default() };
        crate::image::describe::describe(&cx, &tx, &input).unwrap().images
    };
    let amazon = ask(&["amazon"], "al2023-ami-2023*");
    assert!(!amazon.is_empty() && amazon.iter().all(|image| image.image_owner_alias.as_deref() == Some("amazon")));
    assert!(!ask(&["099720109477"], "ubuntu/images/*").is_empty());
    assert!(ask(&["self"], "*").is_empty());
    assert!(ask(&["amazon"], "no such image").is_empty());
}

#[test]
fn images_by_id() {
    let (cx, tx) = start();
    let ask = |id: &str| {
        let input = DescribeImages { image_ids: Some(vec![id.to_owned()]), ..Default::default() };
        crate::image::describe::describe(&cx, &tx, &input)
    };
    let id = image(&cx, "al2023-ami-2023", "arm64");
    assert_eq!(ask(&id).unwrap().images[0].architecture, "arm64");
    let text = "The image id '[ami-0123456789abcdef0]' does not exist";
    assert_eq!(refusal(ask("ami-0123456789abcdef0")), ("InvalidAMIID.NotFound".into(), text.into()));
    assert_eq!(refusal(ask("ami")).0, "InvalidAMIID.Malformed");
}

#[test]
fn deprecated_images_are_left_out() {
    let (cx, tx) = start();
    let count = |include| {
        let input = DescribeImages { include_deprecated: Some(include), ..Default::default() };
        crate::image::describe::describe(&later(&cx, 10 * 365 * 86_400), &tx, &input).unwrap().images.len()
    };
    assert!(count(true) > count(false));
}

#[test]
fn types_of_other_regions() {
    let (cx, tx) = start();
    let elsewhere = Cx { region: service::regions::region("us-west-1").unwrap(), ..cx.clone() };
    let missing = crate::catalogue::instance_types::names()
        .iter()
        .find(|name| !crate::catalogue::instance_types::offered_in("us-west-1", name))
        .unwrap();
    let ask = |include| {
        let instance_types = Some(vec![(*missing).to_owned()]);
        let input = DescribeInstanceTypes {
            instance_types,
            include_unsupported_in_region: Some(include),
            ..Default::default()
        };
        types::describe(&elsewhere, &tx, &input)
    };
    assert_eq!(refusal(ask(false)).0, "InvalidInstanceType");
    let told = &ask(true).unwrap().instance_types[0];
    assert_eq!((told.instance_type.as_str(), told.supported_in_region), (*missing, Some(false)));
}
