//! Image usage reports: how many instances and launch templates of other accounts name an image. A report counts when it is made.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/your-ec2-ami-usage.html>

use std::collections::BTreeMap;

use jiff::SignedDuration;
use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::reference::{OptionWish, depth, named_by};
use crate::instance::describe::time;
use crate::instance::view::is_settled;
use crate::instance::{Instance, client_token};
use crate::kind;
use crate::launch_template::LaunchTemplate;
use crate::refused::missing;
use crate::resource::{self, Wanted, resource, tags_out};
use crate::tags::{self, TagSpecification};

/// A report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageUsageReport {
    pub account: AccountId,
    pub region: String,
    /// `amiur-…`
    pub id: String,
    pub image_id: String,
    /// As they were asked for: a type, and the depth of versions.
    pub types: Vec<(String, Option<String>)>,
    pub account_ids: Vec<String>,
    pub created_at: Timestamp,
    /// Type, account and number.
    pub entries: Vec<(String, String, i64)>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// How long a report is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl ImageUsageReport {
    fn expires_at(&self) -> Timestamp {
        self.created_at.saturating_add(KEPT).unwrap_or(self.created_at)
    }

    fn is_available(&self, cx: &Cx) -> bool {
        is_settled(self.created_at, cx.now, cx.settings.states)
    }
}

impl Record for ImageUsageReport {
    const TABLE: TableDef = TableDef::own("ec2_image_usage_report", &["account", "region", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn gone_at(&self) -> Option<Timestamp> {
        Some(self.expires_at())
    }
}

resource!(ImageUsageReport, kind::IMAGE_USAGE_REPORT);

/// `CreateImageUsageReportRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateImageUsageReport {
    pub image_id: String,
    pub resource_types: Vec<TypeWish>,
    pub account_ids: Option<Vec<String>>,
    pub client_token: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `ImageUsageResourceTypeRequest` and `ImageUsageResourceType`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct TypeWish {
    pub resource_type: Option<String>,
    pub resource_type_options: Option<Vec<OptionWish>>,
}

/// `CreateImageUsageReportResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub report_id: String,
}

/// `DeleteImageUsageReportRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteImageUsageReport {
    pub report_id: String,
    pub dry_run: Option<bool>,
}

/// `DeleteImageUsageReportResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Deleted {
    pub r#return: bool,
}

/// Types that can be counted; those of Image Builder are another service's, of which nobody has any here.
const TYPES: [&str; 4] =
    ["ec2:Instance", "ec2:LaunchTemplate", "imagebuilder:ImageRecipe", "imagebuilder:ContainerRecipe"];
/// How many versions of a template are looked at.
const DEPTH: usize = 20;

/// CreateImageUsageReport on the image and on a report to come, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateImageUsageReport) -> Vec<Check> {
    let image = super::check_on(cx, world, &input.image_id);
    let specifications = input.tag_specifications.as_deref();
    resource::checks_on_new(cx, &kind::IMAGE_USAGE_REPORT, specifications, "CreateImageUsageReport", [image])
}

/// What is refused before permission is asked for.
pub fn check(_: &Cx, _: &World, input: &CreateImageUsageReport) -> Result<(), ApiError> {
    if input.resource_types.is_empty() {
        return Err(missing("ResourceTypes"));
    }
    for (position, wish) in input.resource_types.iter().enumerate() {
        let name = wish.resource_type.as_deref().unwrap_or_default();
        if input.resource_types.iter().take(position).any(|before| before.resource_type == wish.resource_type) {
            let message = format!("The resource type '{name}' is specified more than once.");
            return Err(ApiError::new("InvalidParameterValue", message));
        }
        if !TYPES.contains(&name) {
            let message = format!("The resource type '{name}' is not valid.");
            return Err(ApiError::new("InvalidParameterValue", message));
        }
        if wish.resource_type_options.is_some() && name != "ec2:LaunchTemplate" {
            let message = format!("Options are not valid for the resource type '{name}'.");
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
        depth(wish.resource_type_options.as_deref(), DEPTH)?;
    }
    Ok(())
}

/// Counts, or answers again what the same client token counted.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateImageUsageReport) -> Result<Created, ApiError> {
    const SCOPE: &str = "CreateImageUsageReport";
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&CreateImageUsageReport { client_token: None, dry_run: None, ..input.clone() });
    if let Some(made) = client_token::again::<ImageUsageReport>(cx, tx, SCOPE, token, &digest)? {
        return Ok(Created { report_id: made.id.clone() });
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::IMAGE_USAGE_REPORT.resource_type)?;
    let image = super::own(cx, tx, &input.image_id)?;
    let option =
        |wish: &TypeWish| wish.resource_type_options.as_deref()?.first()?.option_values.as_deref()?.first().cloned();
    let report = ImageUsageReport {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::IMAGE_USAGE_REPORT.prefix),
        image_id: image.id.clone(),
        types: input
            .resource_types
            .iter()
            .map(|wish| (wish.resource_type.clone().unwrap_or_default(), option(wish)))
            .collect(),
        account_ids: input.account_ids.clone().unwrap_or_default(),
        created_at: cx.now,
        entries: count(cx, tx, input)?,
        tags,
    };
    let created = Created { report_id: report.id.clone() };
    client_token::remember(cx, tx, SCOPE, token, digest, vec![report.id.clone()]);
    tx.put(report);
    Ok(created)
}

fn count(cx: &Cx, world: &World, input: &CreateImageUsageReport) -> Result<Vec<(String, String, i64)>, ApiError> {
    let wanted = input.account_ids.as_deref().unwrap_or_default();
    let counts = |account: AccountId, region: &str| {
        account != cx.account()
            && region == cx.region_name()
            && (wanted.is_empty() || wanted.iter().any(|it| it == account.as_str()))
    };
    let mut entries = Vec::new();
    for wish in &input.resource_types {
        let mut numbers: BTreeMap<String, i64> = BTreeMap::new();
        match wish.resource_type.as_deref() {
            Some("ec2:Instance") => {
                let all = world.scan::<Instance>(&[]).filter(|it| counts(it.account, &it.region));
                let using = all.filter(|it| it.image.id == input.image_id && it.terminated_at().is_none());
                using.for_each(|it| *numbers.entry(it.account.to_string()).or_default() += 1);
            }
            Some("ec2:LaunchTemplate") => {
                let depth = depth(wish.resource_type_options.as_deref(), DEPTH)?;
                let all = world.scan::<LaunchTemplate>(&[]).filter(|it| counts(it.account, &it.region));
                let using = all.filter(|it| named_by(cx, world, it, depth).contains(&input.image_id));
                using.for_each(|it| *numbers.entry(it.account.to_string()).or_default() += 1);
            }
            _ => {}
        }
        let name = wish.resource_type.clone().unwrap_or_default();
        entries.extend(numbers.into_iter().map(|(account, number)| (name.clone(), account, number)));
    }
    Ok(entries)
}

/// DeleteImageUsageReport on the report.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteImageUsageReport) -> Vec<Check> {
    vec![resource::check_on::<ImageUsageReport>(cx, world, &input.report_id)]
}

/// Forgets a report.
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteImageUsageReport) -> Result<Deleted, ApiError> {
    resource::get::<ImageUsageReport>(tx, cx, &input.report_id)?;
    resource::remove::<ImageUsageReport>(tx, cx, &input.report_id);
    Ok(Deleted { r#return: true })
}

/// `DescribeImageUsageReportsRequest` and `DescribeImageUsageReportEntriesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeReports {
    pub image_ids: Option<Vec<String>>,
    pub report_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeImageUsageReportsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Reports {
    pub image_usage_reports: Vec<ReportOut>,
    pub next_token: Option<String>,
}

/// `ImageUsageReport`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct ReportOut {
    pub report_id: String,
    pub image_id: String,
    pub resource_types: Vec<TypeWish>,
    pub account_ids: Vec<String>,
    pub state: &'static str,
    pub creation_time: Timestamp,
    pub expiration_time: Timestamp,
    pub tags: Option<Vec<Tag>>,
}

/// `DescribeImageUsageReportEntriesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Entries {
    pub image_usage_report_entries: Vec<EntryOut>,
    pub next_token: Option<String>,
}

/// `ImageUsageReportEntry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct EntryOut {
    pub report_id: String,
    pub image_id: String,
    pub resource_type: String,
    pub account_id: String,
    pub usage_count: i64,
    pub report_creation_time: Timestamp,
}

static FIELDS: Fields<ReportOut> = Fields {
    fields: &[
        ("creation-time", |it, values| values.push(time(it.creation_time))),
        ("state", |it, values| values.push(it.state)),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

static ENTRY_FIELDS: Fields<EntryOut> = Fields {
    fields: &[
        ("account-id", |it, values| values.push(it.account_id.as_str())),
        ("creation-time", |it, values| values.push(time(it.report_creation_time))),
        ("resource-type", |it, values| values.push(it.resource_type.as_str())),
    ],
    tags: None,
};

fn of_images(input: &DescribeReports, held: &ImageUsageReport) -> bool {
    input.image_ids.as_ref().is_none_or(|ids| ids.is_empty() || ids.contains(&held.image_id))
}

/// Reports that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeReports) -> Result<Reports, ApiError> {
    let wanted = Wanted {
        ids: input.report_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || -> Box<dyn Iterator<Item = _>> {
        Box::new(resource::all::<ImageUsageReport>(cx, world).filter(|held| of_images(input, held)))
    };
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, |held| out(cx, held))?;
    Ok(Reports { image_usage_reports: page.items, next_token: page.next })
}

fn out(cx: &Cx, held: &ImageUsageReport) -> ReportOut {
    let wish = |(name, depth): &(String, Option<String>)| TypeWish {
        resource_type: Some(name.clone()),
        resource_type_options: depth.as_ref().map(|depth| {
            vec![OptionWish { option_name: Some("version-depth".to_owned()), option_values: Some(vec![depth.clone()]) }]
        }),
    };
    ReportOut {
        report_id: held.id.clone(),
        image_id: held.image_id.clone(),
        resource_types: held.types.iter().map(wish).collect(),
        account_ids: held.account_ids.clone(),
        state: if held.is_available(cx) { "available" } else { "pending" },
        creation_time: held.created_at,
        expiration_time: held.expires_at(),
        tags: tags_out(&held.tags),
    }
}

/// What reports counted, once they are available.
pub fn entries(cx: &Cx, world: &World, input: &DescribeReports) -> Result<Entries, ApiError> {
    let chosen = ENTRY_FIELDS.choose(input.filters.as_deref())?;
    let ids = input.report_ids.as_deref().unwrap_or_default();
    let held: Vec<_> = match ids {
        [] => resource::all::<ImageUsageReport>(cx, world).collect(),
        ids => resource::named::<ImageUsageReport>(world, cx, ids)?,
    };
    let held = held.iter().filter(|held| held.is_available(cx) && of_images(input, held));
    let outs = held.flat_map(|held| {
        held.entries.iter().map(|(resource_type, account_id, usage_count)| EntryOut {
            report_id: held.id.clone(),
            image_id: held.image_id.clone(),
            resource_type: resource_type.clone(),
            account_id: account_id.clone(),
            usage_count: *usage_count,
            report_creation_time: held.created_at,
        })
    });
    let key = |it: &EntryOut| format!("{} {} {}", it.report_id, it.resource_type, it.account_id);
    let mut outs: Vec<EntryOut> = outs.filter(|it| chosen.admit(it)).collect();
    outs.sort_by_key(&key);
    let scope = format!("image-usage-report-entries {ids:?} {:?}", input.filters);
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, key)?;
    Ok(Entries { image_usage_report_entries: page.items, next_token: page.next })
}
