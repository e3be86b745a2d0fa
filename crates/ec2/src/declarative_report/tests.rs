//! Reports through their handlers.

use std::collections::{BTreeMap, BTreeSet};

use service::cx::States;
use service::organization::{Entity, EntityKind, FeatureSet, Organization};
use service::prelude::*;

use super::*;
use crate::setting::serial_console;
use crate::tests::{later, list, refusal, start};

const MEMBER: &str = "222222222222";
const OTHER: &str = "333333333333";

fn organization(management: AccountId) -> Organization {
    let entity = |kind, parent: Option<&str>| Entity {
        kind,
        parent: parent.map(str::to_owned),
        name: String::new(),
        policies: BTreeSet::new(),
        tags: Vec::new(),
    };
    let account = |parent| entity(EntityKind::Account, Some(parent));
    Organization {
        id: "o-a1b2c3d4e5".into(),
        management_account: management,
        feature_set: FeatureSet::All,
        trusted_services: BTreeSet::from([SERVICE.to_owned()]),
        delegated_administrators: BTreeMap::new(),
        entities: BTreeMap::from([
            ("r-ab12".to_owned(), entity(EntityKind::Root, None)),
            ("ou-ab12-11111111".to_owned(), entity(EntityKind::Unit, Some("r-ab12"))),
            (management.to_string(), account("r-ab12")),
            (MEMBER.to_owned(), account("ou-ab12-11111111")),
            (OTHER.to_owned(), account("ou-ab12-11111111")),
        ]),
        policies: BTreeMap::new(),
    }
}

/// The management account of an organization whose reports take a while.
fn stage() -> (Cx, Tx) {
    let (cx, mut tx) = start();
    let settings = service::cx::Settings { states: States::Aws, ..(*cx.settings).clone() };
    let cx = Cx { settings: settings.into(), ..cx };
    tx.put(organization(cx.account()));
    (cx, tx)
}

fn wanted(target: &str) -> StartDeclarativePoliciesReport {
    StartDeclarativePoliciesReport {
        s3bucket: "reports".into(),
        s3prefix: Some("of/accounts/".into()),
        target_id: target.into(),
        ..Default::default()
    }
}

fn told(cx: &Cx, tx: &mut Tx, id: &str) -> ReportOut {
    *tx = Tx::on(tx.at(cx.now));
    crate::settle(cx, tx).unwrap();
    let input = DescribeDeclarativePoliciesReports { report_ids: list(&[id]), ..Default::default() };
    describe(cx, tx, &input).unwrap().reports.remove(0)
}

fn summary_of(cx: &Cx, tx: &Tx, id: &str) -> Result<Summary, ApiError> {
    summary(cx, tx, &GetDeclarativePoliciesReportSummary { report_id: id.to_owned(), ..Default::default() })
}

#[test]
fn a_report_counts_who_has_set_what_and_leaves_a_table() {
    let (cx, mut tx) = stage();
    let member = crate::share::cx_of(&cx, MEMBER.parse().unwrap());
    serial_console::enable(&member, &mut tx, &Default::default()).unwrap();
    let id = start_report(&cx, &mut tx, "ou-ab12-11111111");
    assert_eq!(told(&cx, &mut tx, &id).status, "running");
    assert_eq!(refusal(summary_of(&cx, &tx, &id)).0, "IncorrectState");
    let then = later(&cx, SECONDS);
    let report = told(&then, &mut tx, &id);
    assert_eq!((report.status, report.end_time), ("complete", Some(then.now)));
    let found = summary_of(&then, &tx, &id).unwrap();
    assert_eq!((found.number_of_accounts, found.attribute_summaries.len()), (2, 6));
    let serial = found.attribute_summaries.iter().find(|it| it.attribute_name == "serial_console_access").unwrap();
    let shown = (serial.most_frequent_value.as_str(), serial.number_of_matched_accounts);
    assert_eq!((shown, serial.number_of_unmatched_accounts), (("disabled", 1), 1));
    let here = serial.regional_summaries.iter().find(|it| it.region_name == cx.region_name()).unwrap();
    assert_eq!((here.number_of_matched_accounts, here.number_of_unmatched_accounts), (1, 1));
    let there = serial.regional_summaries.iter().find(|it| it.region_name != cx.region_name()).unwrap();
    assert_eq!((there.number_of_matched_accounts, there.number_of_unmatched_accounts), (2, 0));
    let files: Vec<_> = tx.scan::<S3File>(&["reports"]).cloned().collect();
    let key = format!("of/accounts/ec2_ou-ab12-11111111_{id}_{}.csv", then.now.strftime("%Y%m%dT%H%MZ"));
    assert_eq!(files.iter().map(|file| file.object_key.as_str()).collect::<Vec<_>>(), [key]);
    let table = String::from_utf8(files[0].body.clone()).unwrap();
    let line = format!("{MEMBER},{},serial_console_access,\"enabled\"\n", cx.region_name());
    assert!(table.starts_with("account_id,") && table.contains(&line), "{table}");
    assert!(table.contains(r#","{""http_endpoint"":""no-preference"","#), "{table}");
}

fn start_report(cx: &Cx, tx: &mut Tx, target: &str) -> String {
    super::start(cx, tx, &wanted(target)).unwrap().report_id
}

#[test]
fn one_at_a_time_and_it_may_be_cancelled() {
    let (cx, mut tx) = stage();
    let id = start_report(&cx, &mut tx, "r-ab12");
    assert_eq!(refusal(super::start(&cx, &mut tx, &wanted(MEMBER))).0, "IncorrectState");
    let input = CancelDeclarativePoliciesReport { report_id: id.clone(), ..Default::default() };
    assert!(cancel(&cx, &mut tx, &input).unwrap().r#return);
    assert_eq!(refusal(cancel(&cx, &mut tx, &input)).0, "IncorrectState");
    let then = later(&cx, SECONDS);
    assert_eq!(told(&then, &mut tx, &id).status, "cancelled");
    assert_eq!(tx.scan::<S3File>(&[]).count(), 0);
    start_report(&then, &mut tx, MEMBER);
}

#[test]
fn only_who_administers_the_organization_starts_one() {
    let (cx, mut tx) = stage();
    let member: AccountId = MEMBER.parse().unwrap();
    let as_member = crate::share::cx_of(&cx, member);
    let code = |cx: &Cx, tx: &mut Tx, target| refusal(super::start(cx, tx, &wanted(target))).0;
    assert_eq!(code(&as_member, &mut tx, "r-ab12"), "OperationNotPermitted");
    assert_eq!(code(&cx, &mut tx, "r-ab13"), "InvalidParameterValue");
    let mut changed = organization(cx.account());
    changed.delegated_administrators.insert(SERVICE.to_owned(), BTreeSet::from([member]));
    tx.put(changed.clone());
    start_report(&as_member, &mut tx, "r-ab12");
    changed.trusted_services.clear();
    tx.put(changed);
    assert_eq!(code(&as_member, &mut tx, "r-ab12"), "OperationNotPermitted");
    tx.remove::<Organization>(Organization::KEY);
    assert_eq!(code(&cx, &mut tx, "r-ab12"), "OperationNotPermitted");
}
