//! The log: what is kept, what is told of it, and that memory and file answer alike.

use service::cx::testing;
use service::decide::{self, HeldKind, HeldPolicy};
use service::{Principal, regions};

use super::*;

const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

fn user(name: &str) -> Arc<Caller> {
    let root = testing::root_cx().caller;
    let principal = Principal::User { id: format!("AIDA{name}"), name: name.into(), path: "/".into() };
    Arc::new(Caller { principal, ..(*root).clone() })
}

fn held(statements: &str) -> Arc<CallerPolicies> {
    let text = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [\n{statements}\n]}}");
    let document = Arc::new(policy::Document::parse(&text).unwrap());
    let held = HeldPolicy { name: "p".into(), kind: HeldKind::InlineUser, document };
    Arc::new(CallerPolicies { identity: vec![held], ..CallerPolicies::default() })
}

/// A request of that user on those checks.
pub fn decision(name: &str, operation: &'static str, checks: Vec<Check>, statements: &str, mode: AuthMode) -> Decision {
    let caller = user(name);
    let cx = testing::cx_of((*caller).clone());
    let mut decided = Decided::by(&cx, held(statements));
    for mut check in checks {
        if check.action.is_empty() {
            check.action = format!("ec2:{operation}");
        }
        let allowed = decide::allows(&cx, &check, &decided.held);
        decided.checked.push(Checked { check, allowed });
    }
    let moment = Moment { now: NOW, wall: NOW, clients_moved: false };
    let mut trail = Trail::begin(format!("request-{name}-{operation}").into(), Service::Ec2, moment, mode);
    trail.operation(operation);
    trail.caller(&caller, regions::fallback());
    trail.decided(Some(Box::new(decided)), false);
    trail.end(None, NOW)
}

const STOP: &str = r#"{"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*"}"#;
const INSTANCE: &str = "arn:aws:ec2:us-east-1:123456789012:instance/i-1";

fn query(change: impl FnOnce(&mut Query)) -> Query {
    let mut query = Query { limit: 100, ..Query::default() };
    change(&mut query);
    query
}

async fn filled(path: Option<PathBuf>) -> Decisions {
    let decisions = Decisions::open(path).await.unwrap();
    let on = |arn: &str| vec![Check::on(arn)];
    decisions.record(decision("ann", "StopInstances", on(INSTANCE), STOP, AuthMode::Enforced));
    decisions.record(decision("ann", "TerminateInstances", on(INSTANCE), STOP, AuthMode::Enforced));
    decisions.record(decision("bob", "TerminateInstances", on(INSTANCE), STOP, AuthMode::Audit));
    let moment = Moment { now: NOW + Duration::from_secs(60), wall: NOW, clients_moved: false };
    let refused = Trail::begin("request-refused".into(), Service::Iam, moment, AuthMode::Enforced);
    decisions.record(refused.end(Some(&ApiError::new("SignatureDoesNotMatch", "no")), NOW));
    decisions
}

fn numbers(page: &Page) -> Vec<u64> {
    page.decisions.iter().map(|decision| decision["number"].as_u64().unwrap()).collect()
}

/// What each question finds, newest first.
fn questions() -> Vec<(Query, Vec<u64>)> {
    let text = |text: &str| Some(text.to_owned());
    vec![
        (query(|_| {}), vec![4, 3, 2, 1]),
        (query(|q| q.principal = text("arn:aws:iam::123456789012:user/ann")), vec![2, 1]),
        (query(|q| q.principal = text("*:user/b?b")), vec![3]),
        (query(|q| q.action = text("EC2:terminateinstances")), vec![3, 2]),
        (query(|q| q.action = text("ec2:*")), vec![3, 2, 1]),
        (query(|q| q.resource = text(INSTANCE)), vec![3, 2, 1]),
        (query(|q| q.resource = text("*:vpc/*")), vec![]),
        (query(|q| q.service = text("iam")), vec![4]),
        (query(|q| q.account = text("123456789012")), vec![3, 2, 1]),
        (query(|q| q.verdict = Some(Verdict::Allowed)), vec![1]),
        (query(|q| q.verdict = Some(Verdict::Denied)), vec![2]),
        (query(|q| q.verdict = Some(Verdict::WouldDeny)), vec![3]),
        (query(|q| q.verdict = Some(Verdict::Refused)), vec![4]),
        (query(|q| q.since = Some(NOW + Duration::from_secs(1))), vec![4]),
        (query(|q| q.until = Some(NOW + Duration::from_secs(60))), vec![3, 2, 1]),
        (query(|q| q.before = Some(3)), vec![2, 1]),
    ]
}

#[tokio::test]
async fn memory_and_file_answer_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("decisions");
    let decisions = filled(Some(path.clone())).await;
    for (query, expected) in questions() {
        assert_eq!(numbers(&decisions.page(&query).await.unwrap()), expected, "memory, {query:?}");
    }
    let from_memory = decisions.page(&query(|_| {})).await.unwrap().decisions;
    let needs = decisions.needs(&query(|_| {})).await.unwrap();
    decisions.write_fresh(decisions.file.as_ref().unwrap(), true).await;
    drop(decisions);

    let reopened = Decisions::open(Some(path)).await.unwrap();
    for (query, expected) in questions() {
        assert_eq!(numbers(&reopened.page(&query).await.unwrap()), expected, "file, {query:?}");
    }
    assert_eq!(reopened.page(&query(|_| {})).await.unwrap().decisions, from_memory);
    let again = reopened.needs(&query(|_| {})).await.unwrap();
    assert_eq!((again.needs, again.requests), (needs.needs, 2));
    assert_eq!(reopened.find("request-ann-StopInstances").await.unwrap()["number"], 1);

    // What comes now follows on, and a page spans both.
    reopened.record(decision("eve", "StopInstances", vec![Check::on(INSTANCE)], STOP, AuthMode::Enforced));
    let page = reopened.page(&query(|q| q.limit = 2)).await.unwrap();
    assert_eq!((numbers(&page), page.next), (vec![5, 4], Some(4)));
    let page = reopened.page(&query(|q| (q.limit, q.before) = (3, page.next))).await.unwrap();
    assert_eq!((numbers(&page), page.next), (vec![3, 2, 1], None));
    reopened.clear().await;
    assert!(reopened.page(&query(|_| {})).await.unwrap().decisions.is_empty());
}

#[tokio::test]
async fn a_file_of_another_form_is_emptied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("decisions");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let old = "CREATE TABLE decision (number INTEGER PRIMARY KEY, request_id TEXT NOT NULL, doc TEXT NOT NULL) STRICT";
    sqlx::query(old).execute(&pool).await.unwrap();
    pool.close().await;
    let decisions = filled(Some(path)).await;
    decisions.write_fresh(decisions.file.as_ref().unwrap(), true).await;
    assert_eq!(numbers(&decisions.page(&query(|_| {})).await.unwrap()), [4, 3, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn who_follows_waits_for_what_comes() {
    let decisions = Arc::new(filled(None).await);
    let denied = query(|q| q.verdict = Some(Verdict::Denied));
    let page = decisions.follow(&denied, 0, Duration::ZERO).await;
    assert_eq!((numbers(&page), page.next), (vec![2], Some(4)), "oldest first, and all was looked through");
    let page = decisions.follow(&denied, 4, Duration::from_secs(5)).await;
    assert_eq!((numbers(&page), page.next), (vec![], Some(4)), "nothing came");
    let later = decisions.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        later.record(decision("ann", "StopInstances", vec![Check::on(INSTANCE)], STOP, AuthMode::Enforced));
        tokio::time::sleep(Duration::from_secs(1)).await;
        later.record(decision("ann", "RebootInstances", vec![Check::on(INSTANCE)], STOP, AuthMode::Enforced));
    });
    let page = decisions.follow(&denied, 4, Duration::from_secs(30)).await;
    assert_eq!((numbers(&page), page.next), (vec![6], Some(6)));
}

const TREE: &str = r#"{"id": "o-a1b2c3d4e5", "managementAccount": "111111111111", "policies": [
    {"id": "p-onlystop1", "name": "OnlyStop", "type": "SERVICE_CONTROL_POLICY", "document":
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*"},
            {"Effect": "Deny", "Action": "ec2:RebootInstances", "Resource": "*"}]}}],
    "root": {"id": "r-ab12", "accounts": [{"id": "111111111111"}], "organizationalUnits": [
        {"id": "ou-ab12-11111111", "name": "work", "policies": ["OnlyStop"], "fullAwsAccess": false, "accounts": [{"id": "123456789012"}]}]}}"#;

/// What is told of an operation of a member of that organisation.
fn told_of_a_member(operation: &'static str) -> Value {
    let organization = Arc::new(iam::organization::file::read(TREE).unwrap());
    let caller = user("ann");
    let control = service::organization::ControlKind::ServiceControlPolicy;
    let mut held = CallerPolicies::clone(&held(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#));
    held.scp = organization.levels(caller.account, control);
    held.organization = Some(organization);
    let check = Check { action: format!("ec2:{operation}"), ..Check::on(INSTANCE) };
    let cx = testing::cx_of((*caller).clone());
    let checked = vec![Checked { allowed: decide::allows(&cx, &check, &held), check }];
    let moment = Moment { now: NOW, wall: NOW, clients_moved: false };
    let mut trail = Trail::begin("request".into(), Service::Ec2, moment, AuthMode::Enforced);
    trail.caller(&caller, regions::fallback());
    trail.decided(Some(Box::new(Decided { checked, ..Decided::by(&cx, Arc::new(held)) })), false);
    told::json(&trail.end(None, NOW))["checks"][0].clone()
}

#[test]
fn a_policy_of_an_organization_says_at_which_level_it_is() {
    let unit = "the unit `work` (ou-ab12-11111111)";
    let denied = told_of_a_member("RebootInstances");
    let places = denied["policies"].as_array().unwrap().iter().map(|policy| policy["heldBy"].as_str().unwrap());
    let attached = |to: &str| format!("attached to {to}");
    assert_eq!(
        places.take(3).collect::<Vec<_>>(),
        [attached("the root `r-ab12`"), attached(unit), attached("the account `123456789012`")]
    );
    assert_eq!((&denied["explicitDeny"], &denied["silentLevel"]), (&true.into(), &Value::Null));
    let silent = told_of_a_member("StartInstances");
    assert_eq!((&silent["layer"], &silent["silentLevel"]), (&"service control policy".into(), &unit.into()));
    assert_eq!(told_of_a_member("StopInstances")["silentLevel"], Value::Null);
}

#[test]
fn an_allowed_request_is_traced_too() {
    let statements = format!(
        "{STOP},\n{{\"Sid\": \"Other\", \"Effect\": \"Deny\", \"Action\": \"ec2:*\", \"Resource\": \"*\",
        \"Condition\": {{\"StringEquals\": {{\"aws:RequestedRegion\": \"eu-west-1\"}}}}}}"
    );
    let one = decision("ann", "StopInstances", vec![Check::on(INSTANCE)], &statements, AuthMode::Enforced);
    let told = told::json(&one);
    let check = &told["checks"][0];
    assert_eq!((&told["verdict"], &check["allowed"]), (&"allowed".into(), &true.into()));
    assert_eq!(check["deciding"][0]["line"], 2);
    let statements = &check["policies"][0]["statements"];
    assert_eq!(statements[0]["matched"], true);
    let expected = serde_json::json!({"element": "Condition", "operator": "StringEquals", "key": "aws:RequestedRegion",
        "expected": ["eu-west-1"], "actual": ["us-east-1"]});
    assert_eq!((&statements[1]["sid"], &statements[1]["mismatches"]), (&"Other".into(), &Value::from(vec![expected])));
    assert_eq!(check["policies"][0]["heldBy"], "inline policy of the user");
}
