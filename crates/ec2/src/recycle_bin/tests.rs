//! What rules cover, and what becomes of it.

use service::prelude::*;

use super::volumes::{ListVolumesInRecycleBin, RestoreVolumeFromRecycleBin};
use super::*;
use crate::tests::{later, refusal, start};
use crate::volume::create::{self, CreateVolume, DeleteVolume};

fn rule(
    id: &str,
    sort: Sort,
    days: i64,
    tags: &[(&str, Option<&str>)],
    except: &[(&str, Option<&str>)],
) -> RetentionRule {
    let named = |tags: &[(&str, Option<&str>)]| {
        tags.iter().map(|(key, value)| RuleTag { key: (*key).into(), value: value.map(str::to_owned) }).collect()
    };
    RetentionRule {
        account: service::cx::testing::root_cx().account(),
        region: "us-east-1".into(),
        id: id.into(),
        sort,
        days,
        tags: named(tags),
        except: named(except),
    }
}

#[test]
fn rules_cover_by_tags() {
    let red = [Tag::new("team", "red")];
    let cases = [
        (rule("all", Sort::Volume, 1, &[], &[]), true),
        (rule("other", Sort::Image, 1, &[], &[]), false),
        (rule("key", Sort::Volume, 1, &[("team", None)], &[]), true),
        (rule("value", Sort::Volume, 1, &[("team", Some("red"))], &[]), true),
        (rule("another", Sort::Volume, 1, &[("team", Some("blue"))], &[]), false),
        (rule("except", Sort::Volume, 1, &[], &[("team", None)]), false),
    ];
    for (rule, expected) in cases {
        assert_eq!(rule.covers(Sort::Volume, &red), expected, "{}", rule.id);
    }
}

#[test]
fn a_volume_comes_back_until_its_days_are_over() {
    let (cx, mut tx) = start();
    tx.put(rule("short", Sort::Volume, 1, &[], &[]));
    tx.put(rule("long", Sort::Volume, 3, &[], &[]));
    let make = CreateVolume { availability_zone: Some("us-east-1a".into()), size: Some(1), ..Default::default() };
    let id = create::create(&cx, &mut tx, &make).unwrap().volume_id;
    let cx = later(&cx, 60);
    let delete = DeleteVolume { volume_id: id.clone(), dry_run: None };
    create::delete(&cx, &mut tx, &delete).unwrap();
    let listed = |cx: &Cx, tx: &Tx| {
        let input = ListVolumesInRecycleBin::default();
        volumes::list(cx, &tx.at(cx.now), &input)
            .unwrap()
            .volumes
            .into_iter()
            .map(|it| it.volume_id)
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(&later(&cx, 2 * 24 * 3600), &tx), std::slice::from_ref(&id), "the longest rule counts");
    assert!(listed(&later(&cx, 3 * 24 * 3600), &tx).is_empty());
    let restore = RestoreVolumeFromRecycleBin { volume_id: id.clone(), dry_run: None };
    volumes::restore(&cx, &mut tx, &restore).unwrap();
    assert!(listed(&cx, &tx).is_empty());
    assert!(crate::resource::get::<Volume>(&tx, &cx, &id).is_ok());
    assert_eq!(refusal(volumes::restore(&cx, &mut tx, &restore)).0, "InvalidVolume.NotFound");
}
