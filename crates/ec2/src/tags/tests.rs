//! Tags over all kinds.

use service::prelude::*;

use super::change::*;
use super::describe::*;
use super::*;
use crate::network::{subnet, vpc};
use crate::tests::{filters, knows_filters, refusal, refused, start};

fn a_vpc(cx: &Cx, world: &World) -> String {
    vpc::default_of(world, cx.account(), cx.region_name()).unwrap().id.clone()
}

fn tag_it(cx: &Cx, tx: &mut Tx, ids: &[&str], tags: &[(&str, &str)]) -> Result<Done, ApiError> {
    let resources = ids.iter().map(|id| (*id).to_owned()).collect();
    let tags = tags.iter().map(|(key, value)| Tag::new(*key, *value)).collect();
    // As in the store, what a refused request did is dropped.
    let mut attempt = Tx::on(tx.at(cx.now));
    let done = create(cx, &mut attempt, &CreateTags { resources, tags, dry_run: None })?;
    *tx = attempt;
    Ok(done)
}

fn untag_it(cx: &Cx, tx: &mut Tx, id: &str, tags: &[(&str, Option<&str>)]) {
    let unwanted =
        |(key, value): &(&str, Option<&str>)| Unwanted { key: (*key).into(), value: value.map(str::to_owned) };
    let input = DeleteTags { resources: vec![id.into()], tags: tags.iter().map(unwanted).collect(), dry_run: None };
    delete(cx, tx, &input).unwrap();
}

fn shown(cx: &Cx, world: &World, wanted: &[(&str, &[&str])]) -> Vec<(String, String, String)> {
    let input = DescribeTags { filters: filters(wanted), ..Default::default() };
    let tags = super::describe::describe(cx, world, &input).unwrap().tags;
    tags.into_iter().map(|it| (it.resource_type.to_owned(), it.key, it.value)).collect()
}

fn triple(resource_type: &str, key: &str, value: &str) -> (String, String, String) {
    (resource_type.to_owned(), key.to_owned(), value.to_owned())
}

#[test]
fn every_kind_can_be_tagged() {
    let (cx, mut tx) = start();
    let mut ids = Vec::new();
    for tagged in registry::all() {
        (tagged.each)(&tx, &cx, tagged.kind, &mut |id, _| ids.push(id.to_owned()));
    }
    // What the default network is made of; the other kinds have tests of their own.
    assert_eq!(ids.len(), 14);
    for id in &ids {
        tag_it(&cx, &mut tx, &[id], &[("Name", id)]).unwrap();
    }
    let found = shown(&cx, &tx, &[]);
    assert_eq!(found.len(), ids.len());
    for id in &ids {
        let kind = crate::kind::of_id(id).unwrap();
        assert_eq!(shown(&cx, &tx, &[("resource-id", &[id])]), [triple(kind.resource_type, "Name", id)]);
    }
    assert_eq!(shown(&cx, &tx, &[("resource-type", &["subnet"])]).len(), 6);
}

#[test]
fn values_change_and_go() {
    let (cx, mut tx) = start();
    let vpc = a_vpc(&cx, &tx);
    tag_it(&cx, &mut tx, &[&vpc], &[("a", "1"), ("b", "2"), ("c", "")]).unwrap();
    tag_it(&cx, &mut tx, &[&vpc], &[("a", "3"), ("A", "4")]).unwrap();
    let all =
        |tx: &Tx| shown(&cx, tx, &[]).into_iter().map(|(_, key, value)| format!("{key}={value}")).collect::<Vec<_>>();
    assert_eq!(all(&tx), ["A=4", "a=3", "b=2", "c="]);
    untag_it(&cx, &mut tx, &vpc, &[("a", Some("1")), ("b", Some("")), ("nothing", None)]);
    assert_eq!(all(&tx), ["A=4", "a=3", "b=2", "c="], "another value is another tag");
    untag_it(&cx, &mut tx, &vpc, &[("a", None), ("b", Some("2")), ("c", Some(""))]);
    assert_eq!(all(&tx), ["A=4"]);
    crate::resource::update::<vpc::Vpc>(&mut tx, &cx, &vpc, |it| it.tags.push(Tag::new("aws:owner", "x")));
    untag_it(&cx, &mut tx, &vpc, &[]);
    assert_eq!(all(&tx), ["aws:owner=x"], "AWS's own tags stay");
}

#[test]
fn filters_of_describe_tags() {
    let (cx, mut tx) = start();
    let vpc = a_vpc(&cx, &tx);
    let subnet = subnet::default_for(&tx, cx.account(), cx.region_name(), None).unwrap();
    tag_it(&cx, &mut tx, &[&vpc, &subnet.id], &[("env", "test")]).unwrap();
    tag_it(&cx, &mut tx, &[&vpc], &[("env", "production"), ("team", "web")]).unwrap();
    assert_eq!(shown(&cx, &tx, &[("key", &["env"])]).len(), 2);
    assert_eq!(shown(&cx, &tx, &[("tag:env", &["test"])]), [triple("subnet", "env", "test")]);
    assert_eq!(shown(&cx, &tx, &[("value", &["w*"])]), [triple("vpc", "team", "web")]);
    assert_eq!(shown(&cx, &tx, &[("resource-id", &[&vpc, "vpc-00000000"]), ("key", &["team"])]).len(), 1);
    assert!(shown(&cx, &tx, &[("resource-type", &["instance"])]).is_empty());
    knows_filters("DescribeTags", |filters| {
        super::describe::describe(&cx, &tx, &DescribeTags { filters, ..Default::default() }).map(|it| it.tags.len())
    });
}

#[test]
fn what_is_refused() {
    let (cx, mut tx) = start();
    let vpc = a_vpc(&cx, &tx);
    let long = "k".repeat(129);
    let many: Vec<String> = (0..51).map(|number| number.to_string()).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|key| (key.as_str(), "")).collect();
    let value = "InvalidParameterValue";
    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str, &'a str);
    let cases: [Case<'_>; 8] = [
        (&[&vpc], &[("aws:x", "")], value, "Tag keys starting with 'aws:' are reserved for internal use"),
        (&[&vpc], &[("AWS:x", "")], value, "Tag keys starting with 'aws:' are reserved for internal use"),
        (&[&vpc], &[(&long, "")], value, "Tag key exceeds the maximum length of 128 characters"),
        (&[&vpc], &[("a", ""), ("a", "")], value, "Duplicate tag key 'a' specified."),
        (&[&vpc], &many, "TagLimitExceeded", "The maximum number of Tags for a resource has been reached."),
        (&["banana-1"], &[("a", "")], "InvalidID", "The ID 'banana-1' is not valid"),
        (
            &[&vpc, "i-0123456789abcdef0"],
            &[("a", "")],
            "InvalidInstanceID.NotFound",
            "The instance ID 'i-0123456789abcdef0' does not exist",
        ),
        (
            &["ami-0123456789abcdef0"],
            &[("a", "")],
            "InvalidAMIID.NotFound",
            "The image id '[ami-0123456789abcdef0]' does not exist",
        ),
    ];
    for (ids, tags, code, text) in cases {
        assert_eq!(refusal(tag_it(&cx, &mut tx, ids, tags)), refused(code, text));
    }
    assert!(shown(&cx, &tx, &[]).is_empty(), "nothing is half done");
}

#[test]
fn specifications_at_creation() {
    let specification = |resource_type: Option<&str>, tags: &[(&str, &str)]| TagSpecification {
        resource_type: resource_type.map(str::to_owned),
        tags: tags.iter().map(|(key, value)| Tag::new(*key, *value)).collect(),
    };
    let creates = ["instance", "volume"];
    let good = [specification(Some("instance"), &[("a", "1")]), specification(Some("volume"), &[("b", "2")])];
    assert_eq!(check_specifications(&good, &creates), Ok(()));
    assert_eq!(specified(&good).of("volume"), [Tag::new("b", "2")]);
    assert!(specified(&good).of("subnet").is_empty());
    let cases = [
        (vec![specification(None, &[("a", "1")])], "Tag specification resource type must have a value"),
        (
            vec![specification(Some("vpc"), &[("a", "1")])],
            "'vpc' is not a valid taggable resource type for this operation.",
        ),
        (vec![specification(Some("volume"), &[])], "Tag specification must have at least one tag"),
        (vec![good[0].clone(), good[0].clone()], "Duplicate tag specification found for resource type 'instance'."),
        (
            vec![specification(Some("volume"), &[("aws:a", "1")])],
            "Tag keys starting with 'aws:' are reserved for internal use",
        ),
    ];
    for (specifications, text) in cases {
        assert_eq!(refusal(check_specifications(&specifications, &creates)), refused("InvalidParameterValue", text));
    }
    let text = "'instance' is not a valid taggable resource type for this operation.";
    assert_eq!(refusal(check_specifications(&good, &["subnet"])), refused("InvalidParameter", text));
    assert_eq!(refusal(check_specifications(&good, &["route-table"])), refused("InvalidParameterValue", text));
}

#[test]
fn each_resource_is_checked_with_its_tags_and_those_to_come() {
    let (cx, mut tx) = start();
    let vpc = a_vpc(&cx, &tx);
    tag_it(&cx, &mut tx, &[&vpc], &[("env", "test")]).unwrap();
    let resources = vec![vpc.clone(), "i-0123456789abcdef0".into(), "banana".into()];
    let input = CreateTags { resources: resources.clone(), tags: vec![Tag::new("team", "web")], dry_run: None };
    let checks = to_create(&cx, &tx, &input);
    let arn = |resource: &str| format!("arn:aws:ec2:us-east-1:123456789012:{resource}");
    let seen: Vec<_> = checks.iter().map(|check| check.resource.clone()).collect();
    assert_eq!(seen, [arn(&format!("vpc/{vpc}")), arn("instance/i-0123456789abcdef0"), arn("*/banana")]);
    assert_eq!(checks[0].tags, service::check::ResourceTags::Known(vec![Tag::new("env", "test")]));
    assert_eq!(checks[1].tags, service::check::ResourceTags::Unknown);
    for check in &checks {
        assert!(check.keys.contains(&("aws:RequestTag/team".into(), vec!["web".into()])), "{check:?}");
        assert!(check.keys.iter().all(|(name, _)| name != "ec2:CreateAction"), "{check:?}");
    }
    let tags = vec![Unwanted { key: "env".into(), value: None }];
    let checks = to_delete(&cx, &tx, &DeleteTags { resources, tags, dry_run: None });
    assert!(checks.iter().all(|check| check.keys.contains(&("aws:TagKeys".into(), vec!["env".into()]))));
}
