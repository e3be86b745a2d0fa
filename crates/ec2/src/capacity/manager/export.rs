//! Data exports: every hour what was used and held in the hour before is left as a file in a bucket. How AWS names its files and columns is not known; here a
//! file has a line for each combination of dimensions and a column for each of them and for each metric. Nothing here writes Parquet, so such exports fail and
//! say so. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateCapacityManagerDataExport.html>

use jiff::SignedDuration;
use service::cx::Quotas;
use service::filters::{Fields, Filter};
use service::prelude::*;

use super::data::{Groups, HOUR, Question, groups, hour};
use super::dimension::{Dimension, NAMES};
use super::usage::TOLD;
use super::{Manager, enabled, metric};
use crate::instance::client_token;
use crate::instance::describe::time;
use crate::kind;
use crate::refused::invalid_value;
use crate::resource::{self, Wanted, resource, tags_out};
use crate::s3_file::{S3File, must_be_a_bucket};
use crate::setting;
use crate::tags::{self, TagSpecification};

/// An export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityDataExport {
    pub account: AccountId,
    pub region: String,
    pub id: String,
    pub bucket: String,
    pub prefix: Option<String>,
    /// `csv` or `parquet`
    pub format: String,
    pub created_at: Timestamp,
    /// The first hour that is not exported yet.
    pub from: Timestamp,
    /// When there is something to do.
    pub next_at: Timestamp,
    pub latest: Option<Delivery>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// The latest file, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub at: Timestamp,
    /// The file's key; `None` if it could not be written.
    pub object_key: Option<String>,
}

impl CapacityDataExport {
    /// (account, region): all of them.
    pub const BY_MOMENT: usize = 0;

    /// `PREFIX/ID/YYYY/MM/DD/hh.csv`
    fn object_key(&self, hour: Timestamp) -> String {
        let name = format!("{}/{}.{}", self.id, hour.strftime("%Y/%m/%d/%H"), self.format);
        let prefix = self.prefix.as_deref().map(|prefix| prefix.trim_matches('/')).filter(|prefix| !prefix.is_empty());
        prefix.map_or_else(|| name.clone(), |prefix| format!("{prefix}/{name}"))
    }

    fn status(&self) -> &'static str {
        match &self.latest {
            None => "pending",
            Some(Delivery { object_key: Some(_), .. }) => "delivered",
            Some(Delivery { object_key: None, .. }) => "failed",
        }
    }
}

impl Record for CapacityDataExport {
    const TABLE: TableDef = TableDef::own("ec2_capacity_data_export", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_moment", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_MOMENT, &[self.account.as_str(), &self.region]);
    }
}

resource!(CapacityDataExport, kind::CAPACITY_MANAGER_DATA_EXPORT);

/// `CreateCapacityManagerDataExportRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateCapacityManagerDataExport {
    pub s3bucket_name: String,
    pub s3bucket_prefix: Option<String>,
    pub schedule: String,
    pub output_format: String,
    pub client_token: Option<String>,
    pub dry_run: Option<bool>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
}

/// `DeleteCapacityManagerDataExportRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteCapacityManagerDataExport {
    pub capacity_manager_data_export_id: String,
    pub dry_run: Option<bool>,
}

/// The answer of those that make and delete one.
#[derive(Debug, Serialize, Shaped)]
pub struct Named {
    pub capacity_manager_data_export_id: String,
}

/// `DescribeCapacityManagerDataExportsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeCapacityManagerDataExports {
    pub capacity_manager_data_export_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeCapacityManagerDataExportsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Exports {
    pub capacity_manager_data_exports: Vec<ExportOut>,
    pub next_token: Option<String>,
}

/// `CapacityManagerDataExportResponse`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ExportOut {
    pub capacity_manager_data_export_id: String,
    pub s3bucket_name: String,
    pub s3bucket_prefix: Option<String>,
    pub schedule: &'static str,
    pub output_format: String,
    pub create_time: Timestamp,
    pub latest_delivery_status: &'static str,
    pub latest_delivery_status_message: Option<&'static str>,
    pub latest_delivery_s3location_uri: Option<String>,
    pub latest_delivery_time: Option<Timestamp>,
    pub tags: Option<Vec<Tag>>,
}

const SCOPE: &str = "CreateCapacityManagerDataExport";
const SCHEDULE: &str = "hourly";
/// "Capacity Manager only allows one data export per AWS account", says the user guide.
const MOST: usize = 1;

/// CreateCapacityManagerDataExport on an export to come, and the tags.
pub fn to_create(cx: &Cx, _: &World, input: &CreateCapacityManagerDataExport) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    resource::checks_on_new(cx, &kind::CAPACITY_MANAGER_DATA_EXPORT, specifications, SCOPE, [])
}

/// DeleteCapacityManagerDataExport on the export.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteCapacityManagerDataExport) -> Vec<Check> {
    vec![resource::check_on::<CapacityDataExport>(cx, world, &input.capacity_manager_data_export_id)]
}

/// How many the account has in the region.
pub fn count(cx: &Cx, world: &World) -> i64 {
    i64::try_from(resource::all::<CapacityDataExport>(cx, world).count()).unwrap_or(i64::MAX)
}

/// Makes an export, or names again the one that the same client token made.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateCapacityManagerDataExport) -> Result<Named, ApiError> {
    let token = input.client_token.as_deref();
    let plain = CreateCapacityManagerDataExport { client_token: None, dry_run: None, ..input.clone() };
    let digest = client_token::digest(&plain);
    if let Some(made) = client_token::again::<CapacityDataExport>(cx, tx, SCOPE, token, &digest)? {
        return Ok(Named { capacity_manager_data_export_id: made.id.clone() });
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::CAPACITY_MANAGER_DATA_EXPORT.resource_type)?;
    enabled(cx, tx)?;
    must_be_a_bucket(&input.s3bucket_name)?;
    if input.schedule != SCHEDULE {
        return Err(invalid_value(&input.schedule, "Schedule"));
    }
    if !["csv", "parquet"].contains(&input.output_format.as_str()) {
        return Err(invalid_value(&input.output_format, "OutputFormat"));
    }
    if cx.settings.quotas == Quotas::Aws && resource::all::<CapacityDataExport>(cx, tx).count() >= MOST {
        let message = format!("An account can have up to {MOST} data export.");
        return Err(ApiError::new("LimitExceeded", message));
    }
    let export = CapacityDataExport {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::CAPACITY_MANAGER_DATA_EXPORT.prefix),
        bucket: input.s3bucket_name.clone(),
        prefix: input.s3bucket_prefix.clone(),
        format: input.output_format.clone(),
        created_at: cx.now,
        from: hour(cx.now),
        next_at: next_hour(cx.now),
        latest: None,
        tags,
    };
    let named = Named { capacity_manager_data_export_id: export.id.clone() };
    client_token::remember(cx, tx, SCOPE, token, digest, vec![export.id.clone()]);
    tx.put(export);
    Ok(named)
}

/// Ends an export; its files stay.
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteCapacityManagerDataExport) -> Result<Named, ApiError> {
    let held = resource::get::<CapacityDataExport>(tx, cx, &input.capacity_manager_data_export_id)?;
    resource::remove::<CapacityDataExport>(tx, cx, &held.id);
    Ok(Named { capacity_manager_data_export_id: held.id.clone() })
}

// Of the filters the reference says no names.
static FIELDS: Fields<ExportOut> = Fields {
    fields: &[
        ("create-time", |it, values| values.push(time(it.create_time))),
        ("latest-delivery-status", |it, values| values.push(it.latest_delivery_status)),
        ("s3-bucket-name", |it, values| values.push(it.s3bucket_name.as_str())),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// Exports that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeCapacityManagerDataExports) -> Result<Exports, ApiError> {
    let wanted = Wanted {
        ids: input.capacity_manager_data_export_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || resource::all::<CapacityDataExport>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, out)?;
    Ok(Exports { capacity_manager_data_exports: page.items, next_token: page.next })
}

fn out(it: &CapacityDataExport) -> ExportOut {
    let key = it.latest.as_ref().and_then(|latest| latest.object_key.as_ref());
    let status = it.status();
    ExportOut {
        capacity_manager_data_export_id: it.id.clone(),
        s3bucket_name: it.bucket.clone(),
        s3bucket_prefix: it.prefix.clone(),
        schedule: SCHEDULE,
        output_format: it.format.clone(),
        create_time: it.created_at,
        latest_delivery_status: status,
        latest_delivery_status_message: (status == "failed")
            .then_some("Files in the Parquet format cannot be written."),
        latest_delivery_s3location_uri: key.map(|key| format!("s3://{}/{key}", it.bucket)),
        latest_delivery_time: it.latest.as_ref().map(|latest| latest.at),
        tags: tags_out(&it.tags),
    }
}

/// When the hour is over that the moment is in.
fn next_hour(now: Timestamp) -> Timestamp {
    hour(now).saturating_add(SignedDuration::from_secs(HOUR)).unwrap_or(now)
}

/// Leaves a file for each hour that is over and not exported yet; AWS tells of the last 90 days.
pub fn deliver(cx: &Cx, tx: &mut Tx, id: &str) {
    let Some(held) = resource::look_up::<CapacityDataExport>(tx, cx, id) else { return };
    let mut export = (*held).clone();
    export.next_at = next_hour(cx.now);
    let manager: Manager = setting::get(cx, tx);
    let end = hour(cx.now);
    let oldest = end.saturating_sub(TOLD).unwrap_or(end);
    let begin = export.from.max(oldest);
    // While Capacity Manager has only begun to gather there is nothing to write.
    if manager.gathered(cx).is_some() && begin < end {
        export.from = end;
        export.latest = Some(Delivery { at: end, object_key: None });
        if export.format == "csv" {
            let names = NAMES.map(str::to_owned);
            let question = Question { begin, end, period: HOUR, group_by: &names, filter_by: &[] };
            let groups = groups(cx, tx, &manager, &question);
            let next = |at: &Timestamp| Some(next_hour(*at));
            for hour in std::iter::successors(Some(begin), next).take_while(|hour| *hour < end) {
                let key = export.object_key(hour);
                export.latest = Some(Delivery { at: end, object_key: Some(key.clone()) });
                tx.put(S3File::new(cx, &export.bucket, key, "text/csv", table(&groups, hour).into_bytes()));
            }
        }
    }
    tx.put(export);
}

/// A value in a table of values that commas part.
fn cell(value: String) -> String {
    if value.contains(['"', ',', '\n']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
}

fn line(values: impl Iterator<Item = String>) -> String {
    let mut line = values.map(cell).collect::<Vec<_>>().join(",");
    line.push('\n');
    line
}

/// The lines of an hour, with the columns' names before them.
fn table(groups: &Groups, hour: Timestamp) -> String {
    let column = |name: &str| name.replace('-', "_");
    let names = std::iter::once("timestamp").chain(NAMES).chain(metric::names());
    let mut table = line(names.map(column));
    for (dimension, periods) in groups.values() {
        let period = periods.iter().find(|(begin, _)| *begin == hour).map(|(_, period)| period);
        let Some(period) = period else { continue };
        let values: Vec<Option<f64>> = metric::names().map(|name| period.value(name)).collect();
        if values.iter().any(Option::is_some) {
            let own = dimensions(dimension);
            let values = values.into_iter().map(|value| value.map(|value| value.to_string()).unwrap_or_default());
            table.push_str(&line(std::iter::once(hour.to_string()).chain(own).chain(values)));
        }
    }
    table
}

fn dimensions(dimension: &Dimension) -> impl Iterator<Item = String> {
    dimension.values().into_iter().map(|(_, value)| value.unwrap_or_default())
}
