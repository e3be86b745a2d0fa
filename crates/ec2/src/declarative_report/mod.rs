//! Account status reports: what every account under a root, a unit or an account of the organization has set, in every region, of the attributes that declarative
//! policies are about. <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative_status-report.html>
//!
//! A report runs until its time has come (`crate::instance::notice`); [`survey`] then asks, and the table that comes of it is left in the bucket. No declarative
//! policy is enforced here. Where AWS's words and the form of its table are not known they are ours.

mod survey;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use service::filters::Fields;
use service::organization::Organization;
use service::prelude::*;

use crate::kind;
use crate::resource::{self, Wanted, any, resource, tags_out};
use crate::s3_file::{S3File, must_be_a_bucket};
use crate::tags::{self, TagSpecification};
use survey::{AttributeSummary, Survey};

service::operations! { Ec2;
    CancelDeclarativePoliciesReport => write(cancel) authorize(to_cancel),
    DescribeDeclarativePoliciesReports => read(describe) authorize(any),
    GetDeclarativePoliciesReportSummary => read(summary) authorize(on_report),
    StartDeclarativePoliciesReport => write(start) authorize(to_start),
}

const START: &str = "StartDeclarativePoliciesReport";
/// About how many seconds AWS takes; it says hours for a large organization.
const SECONDS: i64 = 600;
/// The service that needs trusted access, and may be administered by a member.
const SERVICE: &str = "ec2.amazonaws.com";

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclarativeReport {
    pub account: AccountId,
    pub region: String,
    pub id: String,
    pub bucket: String,
    pub prefix: Option<String>,
    /// `r-ab12`, `ou-ab12-cdef1234` or an account.
    pub target: String,
    pub started_at: Timestamp,
    pub ends_at: Timestamp,
    pub state: State,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// How a report stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Running,
    Cancelled { at: Timestamp },
    Complete { accounts: i64, attributes: Vec<AttributeSummary> },
}

impl DeclarativeReport {
    /// (account, region): those that go on.
    pub const BY_END: usize = 0;

    /// `PREFIX/ec2_TARGET_REPORT_YYYYMMDDThhmmZ.csv`
    fn object_key(&self) -> String {
        let prefix = self.prefix.as_deref().map(|prefix| prefix.trim_matches('/')).filter(|prefix| !prefix.is_empty());
        let time = self.ends_at.strftime("%Y%m%dT%H%MZ");
        let name = format!("ec2_{}_{}_{time}.csv", self.target, self.id);
        prefix.map_or(name.clone(), |prefix| format!("{prefix}/{name}"))
    }

    fn ended_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Running => None,
            State::Cancelled { at } => Some(*at),
            State::Complete { .. } => Some(self.ends_at),
        }
    }
}

impl Record for DeclarativeReport {
    const TABLE: TableDef = TableDef::own("ec2_declarative_report", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_end", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        if self.state == State::Running {
            entries.add(Self::BY_END, &[self.account.as_str(), &self.region]);
        }
    }
}

resource!(DeclarativeReport, kind::DECLARATIVE_POLICIES_REPORT);

/// `StartDeclarativePoliciesReportRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct StartDeclarativePoliciesReport {
    pub dry_run: Option<bool>,
    pub s3bucket: String,
    pub s3prefix: Option<String>,
    pub target_id: String,
    pub tag_specifications: Option<Vec<TagSpecification>>,
}

/// `StartDeclarativePoliciesReportResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Started {
    pub report_id: String,
}

/// `CancelDeclarativePoliciesReportRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CancelDeclarativePoliciesReport {
    pub dry_run: Option<bool>,
    pub report_id: String,
}

/// `CancelDeclarativePoliciesReportResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Canceled {
    pub r#return: bool,
}

/// `DescribeDeclarativePoliciesReportsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeDeclarativePoliciesReports {
    pub dry_run: Option<bool>,
    pub next_token: Option<String>,
    pub max_results: Option<i64>,
    pub report_ids: Option<Vec<String>>,
}

/// `DescribeDeclarativePoliciesReportsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Reports {
    pub next_token: Option<String>,
    pub reports: Vec<ReportOut>,
}

/// `DeclarativePoliciesReport`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ReportOut {
    pub report_id: String,
    pub s3bucket: String,
    pub s3prefix: Option<String>,
    pub target_id: String,
    pub start_time: Timestamp,
    pub end_time: Option<Timestamp>,
    pub status: &'static str,
    pub tags: Option<Vec<Tag>>,
}

/// `GetDeclarativePoliciesReportSummaryRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetDeclarativePoliciesReportSummary {
    pub dry_run: Option<bool>,
    pub report_id: String,
}

/// `GetDeclarativePoliciesReportSummaryResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Summary {
    pub report_id: String,
    pub s3bucket: String,
    pub s3prefix: Option<String>,
    pub target_id: String,
    pub start_time: Timestamp,
    pub end_time: Timestamp,
    pub number_of_accounts: i64,
    pub number_of_failed_accounts: i64,
    pub attribute_summaries: Vec<AttributeSummary>,
}

/// StartDeclarativePoliciesReport on everything, and the tags.
fn to_start(cx: &Cx, _: &World, input: &StartDeclarativePoliciesReport) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref().unwrap_or_default();
    let own = Check::any()
        .request_tags(&tags::requested(Some(specifications), kind::DECLARATIVE_POLICIES_REPORT.resource_type));
    std::iter::once(own).chain(tags::tag_on_create_checks(cx, specifications, START)).collect()
}

fn to_cancel(cx: &Cx, world: &World, input: &CancelDeclarativePoliciesReport) -> Vec<Check> {
    vec![resource::check_on::<DeclarativeReport>(cx, world, &input.report_id)]
}

fn on_report(cx: &Cx, world: &World, input: &GetDeclarativePoliciesReportSummary) -> Vec<Check> {
    vec![resource::check_on::<DeclarativeReport>(cx, world, &input.report_id)]
}

/// The organization, if the caller manages it or administers EC2 for it, and EC2 is trusted there.
fn administered(cx: &Cx, world: &World) -> Result<Arc<Organization>, ApiError> {
    let refused = |message: &str| ApiError::new("OperationNotPermitted", message);
    let organization = Organization::of(world)
        .filter(|held| held.administers(cx.account(), SERVICE))
        .ok_or_else(|| {
            refused("The operation can be called by the management account of an organization or a delegated administrator only.")
        })?;
    if !organization.trusted_services.contains(SERVICE) {
        return Err(refused("Trusted access is not enabled for ec2.amazonaws.com in the organization."));
    }
    Ok(organization)
}

fn start(cx: &Cx, tx: &mut Tx, input: &StartDeclarativePoliciesReport) -> Result<Started, ApiError> {
    let organization = administered(cx, tx)?;
    must_be_a_bucket(&input.s3bucket)?;
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::DECLARATIVE_POLICIES_REPORT.resource_type)?;
    if !organization.entities.contains_key(&input.target_id) {
        return Err(crate::refused::invalid(format!(
            "Value ({}) for parameter targetId is invalid. It is not in the organization.",
            input.target_id
        )));
    }
    let goes_on = |held: &&Arc<DeclarativeReport>| organization.has(held.account) && held.state == State::Running;
    if let Some(held) = tx.by::<DeclarativeReport>(DeclarativeReport::BY_END, &[]).find(goes_on) {
        let message = format!("The report {} of the organization is being generated.", held.id);
        return Err(ApiError::new("IncorrectState", message));
    }
    let report = DeclarativeReport {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::DECLARATIVE_POLICIES_REPORT.prefix),
        bucket: input.s3bucket.clone(),
        prefix: input.s3prefix.clone(),
        target: input.target_id.clone(),
        started_at: cx.now,
        ends_at: cx.settings.states.over_at(cx.now, SECONDS),
        state: State::Running,
        tags,
    };
    let started = Started { report_id: report.id.clone() };
    tx.put(report);
    Ok(started)
}

/// Asks all accounts and leaves the table in the bucket, since its time has come.
pub fn complete(cx: &Cx, tx: &mut Tx, id: &str) {
    let Some(held) = resource::look_up::<DeclarativeReport>(tx, cx, id) else { return };
    let survey = Survey::of(tx, cx.partition(), &held.target);
    let table = survey.table().into_bytes();
    let file = S3File::new(cx, &held.bucket, held.object_key(), "text/csv", table);
    let state = State::Complete { accounts: survey.accounts(), attributes: survey.summaries() };
    resource::update::<DeclarativeReport>(tx, cx, id, |report| report.state = state);
    tx.put(file);
}

fn cancel(cx: &Cx, tx: &mut Tx, input: &CancelDeclarativePoliciesReport) -> Result<Canceled, ApiError> {
    let held = resource::get::<DeclarativeReport>(tx, cx, &input.report_id)?;
    if held.state != State::Running {
        return Err(wrong_state(&held, "canceled"));
    }
    let at = cx.now;
    resource::update::<DeclarativeReport>(tx, cx, &held.id, |report| report.state = State::Cancelled { at });
    Ok(Canceled { r#return: true })
}

fn wrong_state(held: &DeclarativeReport, what: &str) -> ApiError {
    let message = format!("The report '{}' is {} and can't be {what}.", held.id, word(&held.state));
    ApiError::new("IncorrectState", message)
}

fn word(state: &State) -> &'static str {
    match state {
        State::Running => "running",
        State::Cancelled { .. } => "cancelled",
        State::Complete { .. } => "complete",
    }
}

static FIELDS: Fields<ReportOut> = Fields { fields: &[], tags: None };

fn describe(cx: &Cx, world: &World, input: &DescribeDeclarativePoliciesReports) -> Result<Reports, ApiError> {
    let wanted = Wanted {
        ids: input.report_ids.as_deref(),
        filters: None,
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || resource::all::<DeclarativeReport>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, out)?;
    Ok(Reports { reports: page.items, next_token: page.next })
}

fn out(held: &DeclarativeReport) -> ReportOut {
    ReportOut {
        report_id: held.id.clone(),
        s3bucket: held.bucket.clone(),
        s3prefix: held.prefix.clone(),
        target_id: held.target.clone(),
        start_time: held.started_at,
        end_time: held.ended_at(),
        status: word(&held.state),
        tags: tags_out(&held.tags),
    }
}

/// What a report that is complete found.
fn summary(cx: &Cx, world: &World, input: &GetDeclarativePoliciesReportSummary) -> Result<Summary, ApiError> {
    let held = resource::get::<DeclarativeReport>(world, cx, &input.report_id)?;
    let State::Complete { accounts, attributes } = &held.state else {
        return Err(wrong_state(&held, "summarized"));
    };
    Ok(Summary {
        report_id: held.id.clone(),
        s3bucket: held.bucket.clone(),
        s3prefix: held.prefix.clone(),
        target_id: held.target.clone(),
        start_time: held.started_at,
        end_time: held.ends_at,
        number_of_accounts: *accounts,
        number_of_failed_accounts: 0,
        attribute_summaries: attributes.clone(),
    })
}
