use std::collections::BTreeSet;

use super::*;

fn newest<'a>(images: &'a [Image], prefix: &str, suffix: &str) -> &'a Image {
    let matching = images.iter().filter(|image| image.name.starts_with(prefix) && image.name.ends_with(suffix));
    matching.max_by_key(|image| &image.creation_date).expect(prefix)
}

#[test]
fn real_ids_stand_where_they_are_known() {
    let images = images("us-east-1");
    let linux = newest(images, "al2023-ami-2023", "-kernel-6.1-x86_64");
    assert_eq!(
        (linux.image_id.as_str(), linux.name.as_str()),
        ("ami-03c3da4cfa8e8943a", "al2023-ami-2023.12.20260930.0-kernel-6.1-x86_64")
    );
    // Of the version before, whose id the package lists no more.
    let earlier = by_id("us-east-1", "ami-0ed094fb1304fd857").map(|image| image.name.as_str());
    assert_eq!(earlier, Some("al2023-ami-2023.11.20260427.1-kernel-6.1-x86_64"));
    assert!(by_id("eu-west-1", "ami-0ed094fb1304fd857").is_none());
    let parameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
    assert_eq!(by_public_parameter("us-east-1", parameter).last().map(|image| &image.name), Some(&linux.name));
    assert!(by_public_parameter("us-east-1", "/aws/service/nothing").is_empty());
}

#[test]
fn derived_ids_stay_what_they_are() {
    // Whoever has written an id down must find the image again in the next release.
    assert_eq!(derived_id("ami", "us-east-1", "debian-12-amd64-20251006-2257"), "ami-06b7cbf71a078ecb1");
    let ubuntu = newest(images("eu-west-1"), "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-", "");
    assert_eq!(ubuntu.image_id, derived_id("ami", "eu-west-1", &ubuntu.name));
}

#[test]
fn every_region_has_every_line_once() {
    for region in regions::all() {
        let images = images(&region.name);
        let ids: BTreeSet<&str> = images.iter().map(|image| image.image_id.as_str()).collect();
        let names: BTreeSet<&str> = images.iter().map(|image| image.name.as_str()).collect();
        assert_eq!((ids.len(), names.len()), (images.len(), images.len()), "{}", region.name);
        assert_eq!(images.len(), facts().lines.iter().map(|line| line.versions.len()).sum::<usize>());
    }
    assert!(images("nowhere-1").is_empty());
}

#[test]
fn images_are_whole() {
    for image in images("us-west-2") {
        let parsed = |text: &str| text.parse::<jiff::Timestamp>().expect(text);
        assert!(
            parsed(&image.creation_date) < parsed(image.deprecation_time.as_deref().expect("public")),
            "{}",
            image.name
        );
        assert!(
            image.image_id.len() == 21 && !image.name.contains('{') && !image.owner_id.is_empty(),
            "{}",
            image.name
        );
        let root = image.block_device_mappings.first().expect(&image.name);
        assert_eq!(root.device_name, image.root_device_name, "{}", image.name);
        assert!(
            root.ebs.as_ref().is_some_and(|ebs| ebs.volume_size > Some(1) && ebs.snapshot_id.is_some()),
            "{}",
            image.name
        );
    }
}

#[test]
fn makers_differ() {
    let images = images("us-east-1");
    let windows = newest(images, "Windows_Server-2022-English-Full-Base-", "");
    assert_eq!(
        (windows.platform.as_deref(), windows.usage_operation.as_deref()),
        (Some("windows"), Some("RunInstances:0002"))
    );
    assert_eq!(windows.image_owner_alias.as_deref(), Some("amazon"));
    assert_eq!(windows.block_device_mappings.len(), 27);
    let ubuntu = newest(images, "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-arm64-server-", "");
    assert_eq!((ubuntu.owner_id.as_str(), ubuntu.image_owner_alias.as_deref()), ("099720109477", None));
    assert_eq!((ubuntu.architecture.as_str(), ubuntu.root_device_name.as_deref()), ("arm64", Some("/dev/sda1")));
    assert_eq!(newest(images, "al2023-ami-2023", "arm64").imds_support.as_deref(), Some("v2.0"));
    assert_eq!(newest(images, "amzn2-ami-hvm", "x86_64-gp2").imds_support, None);
    assert_eq!(newest(super::images("cn-north-1"), "al2023-ami-2023", "x86_64").owner_id, "141808717104");
}

#[test]
fn an_added_image_stands_beside_ours_or_in_the_place_of_one() {
    let text = r#"[{"Region": "us-east-1", "ImageId": "ami-11111111", "Name": "mine"},
        {"Region": "us-east-1", "ImageId": "ami-0ed094fb1304fd857", "Name": "instead"},
        {"Region": "eu-west-1", "ImageId": "ami-22222222", "Name": "elsewhere"}]"#;
    let added = parse_extension(text).expect("sound");
    let images = made("us-east-1", &added);
    assert_eq!(images.len(), super::images("us-east-1").len() + 1);
    let named = |id: &str| images.iter().find(|image| image.image_id == id).map(|image| image.name.as_str());
    assert_eq!(named("ami-11111111"), Some("mine"));
    assert_eq!(named("ami-0ed094fb1304fd857"), Some("instead"));
    assert_eq!(named("ami-22222222"), None);
}

#[test]
fn the_model_knows_every_field() {
    #[derive(wire::Shaped)]
    #[expect(dead_code, reason = "stands for its fields' names")]
    struct Images {
        images: Vec<Image>,
    }
    let model = wire::model(wire::Service::Ec2);
    let operation = model.operation("DescribeImages").expect("modelled");
    assert_eq!(wire::compare_output::<Images>(model, operation).unknown, Vec::<String>::new());
}
