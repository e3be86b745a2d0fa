//! The credential report: what every user of the account, and root, can sign in with, as comma-separated values.
//!
//! A report shows the state at the moment when it was asked for. It is ready a little later, good for four hours, and not made anew before;
//! all that is seen by the clock. Columns and values are AWS's; the order of a user's two keys is not documented, AWS's looks like that of
//! their ids. See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>.

use jiff::SignedDuration;

use super::*;
use crate::record::{AccessKey, CredentialReport, KeyStatus, LastUsed, MfaOwner, SigningCertificate, User, folded};
use crate::{entity, login_profile, mfa, password_policy, user};

service::operations! { Iam;
    GenerateCredentialReport => write(generate) authorize(on_account),
    GetCredentialReport => read(get) authorize(on_account),
}

/// How long AWS takes.
const SECONDS: i64 = 2;
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(4);

#[derive(Debug, Serialize, Shaped)]
struct State {
    state: &'static str,
    description: Option<&'static str>,
}

#[derive(Debug, Serialize, Shaped)]
struct Report {
    content: String,
    report_format: &'static str,
    generated_time: Timestamp,
}

/// Where a report is in its life.
#[derive(Debug, PartialEq, Eq)]
enum Stage {
    InProgress,
    Good,
    Expired,
}

fn stage(cx: &Cx, report: &CredentialReport) -> Stage {
    let age = cx.now.duration_since(report.ready_at);
    if age.is_negative() {
        Stage::InProgress
    } else if age <= GOOD_FOR {
        Stage::Good
    } else {
        Stage::Expired
    }
}

fn generate(cx: &Cx, tx: &mut Tx, _: &Nothing) -> Result<State, ApiError> {
    let account = cx.account();
    let held = tx.get::<CredentialReport>(&[account.as_str()]).map(|report| stage(cx, report));
    match held {
        Some(Stage::InProgress) => return Ok(State { state: "INPROGRESS", description: None }),
        Some(Stage::Good) => return Ok(State { state: "COMPLETE", description: None }),
        Some(Stage::Expired) | None => {}
    }
    let ready_at = cx.now_seconds().checked_add(cx.settings.states.lasting(SECONDS)).unwrap_or(cx.now);
    let content = content(cx, tx).ok_or_else(|| ApiError::internal("the credential report was not written"))?;
    tx.put(CredentialReport { account, ready_at, content });
    Ok(State { state: "STARTED", description: Some("No report exists. Starting a new report generation task") })
}

fn get(cx: &Cx, world: &World, _: &Nothing) -> Result<Report, ApiError> {
    // AWS gives these three no text.
    let refused = |code: &'static str| Err(ApiError::new(code, ""));
    let Some(report) = world.get::<CredentialReport>(&[cx.account().as_str()]) else {
        return refused("ReportNotPresent");
    };
    match stage(cx, report) {
        Stage::InProgress => refused("ReportInProgress"),
        Stage::Expired => refused("ReportExpired"),
        Stage::Good => {
            Ok(Report { content: report.content.clone(), report_format: "text/csv", generated_time: report.ready_at })
        }
    }
}

const HEADER: [&str; 22] = [
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
];
const NONE: &str = "N/A";
const KEYS: usize = 2;
const CERTIFICATES: usize = 2;

/// The whole text: root first, then users by name ignoring case; lines end in a line feed but for the last.
fn content(cx: &Cx, world: &World) -> Option<String> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(HEADER).ok()?;
    writer.write_record(root_row(cx, world)).ok()?;
    let mut users: Vec<_> = world.scan::<User>(&[cx.account().as_str()]).collect();
    users.sort_by_cached_key(|user| folded(&user.name));
    for user in users {
        writer.write_record(user_row(cx, world, user)).ok()?;
    }
    let text = String::from_utf8(writer.into_inner().ok()?).ok()?;
    Some(text.trim_end().to_owned())
}

fn root_row(cx: &Cx, world: &World) -> Vec<String> {
    let shown = user::root(cx, world);
    let names =
        ["<root_account>".to_owned(), service::arn::root(cx.partition(), cx.account()), date(shown.create_date)];
    let account = cx.account();
    let password = password_columns(world, account, None, "not_supported");
    row(world, account, &MfaOwner::Root, names, password)
}

fn user_row(cx: &Cx, world: &World, user: &User) -> Vec<String> {
    let names = [user.name.clone(), entity::user_arn(cx.partition(), user), date(user.created_at)];
    let password = password_columns(world, user.account, Some(user), NONE);
    row(world, user.account, &MfaOwner::User(user.id.clone()), names, password)
}

/// `rotation` is what the last column says where no password policy makes passwords expire.
fn password_columns(world: &World, account: AccountId, user: Option<&User>, rotation: &str) -> [String; 4] {
    let Some(profile) = login_profile::of(world, account, user.map(|user| user.id.as_str())) else {
        return ["false", NONE, NONE, rotation].map(str::to_owned);
    };
    let used = user.and_then(|user| user.password_last_used).map_or_else(|| "no_information".to_owned(), date);
    let days = user.and(password_policy::of(world, account)).and_then(|policy| policy.max_age);
    let expires = days.and_then(|days| profile.changed_at.checked_add(SignedDuration::from_hours(24 * days)).ok());
    ["true".to_owned(), used, date(profile.changed_at), expires.map_or_else(|| rotation.to_owned(), date)]
}

fn row(world: &World, account: AccountId, owner: &MfaOwner, names: [String; 3], password: [String; 4]) -> Vec<String> {
    let mut row = [names.as_slice(), &password].concat();
    row.push(mfa::of_owner(world, account, owner).next().is_some().to_string());
    let mut keys: Vec<_> = world.by::<AccessKey>(AccessKey::BY_USER, &[account.as_str(), owner.id()]).collect();
    keys.sort_by(|a, b| a.id.cmp(&b.id));
    for position in 0..KEYS {
        row.extend(key_columns(world, keys.get(position).map(|key| key.as_ref())));
    }
    let certificates = world.by::<SigningCertificate>(SigningCertificate::BY_USER, &[account.as_str(), owner.id()]);
    let mut certificates: Vec<_> = certificates.collect();
    // Inactive ones come first (seen on AWS).
    certificates.sort_by_key(|certificate| (certificate.status == KeyStatus::Active, certificate.uploaded_at));
    for position in 0..CERTIFICATES {
        row.extend(certificates.get(position).map_or(["false".to_owned(), NONE.to_owned()], |certificate| {
            [(certificate.status == KeyStatus::Active).to_string(), date(certificate.uploaded_at)]
        }));
    }
    row
}

fn key_columns(world: &World, key: Option<&AccessKey>) -> [String; 5] {
    let Some(key) = key else { return ["false", NONE, NONE, NONE, NONE].map(str::to_owned) };
    let used = world.get::<LastUsed>(&[&key.id]);
    let or_none = |text: Option<String>| text.unwrap_or_else(|| NONE.to_owned());
    [
        (key.status == KeyStatus::Active).to_string(),
        date(key.created_at),
        or_none(used.map(|used| date(used.at))),
        or_none(used.map(|used| used.region.clone())),
        or_none(used.map(|used| used.service.clone())),
    ]
}

/// Whole seconds in UTC with a `Z`, as in reports since 2026; older ones say `+00:00`.
fn date(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}
