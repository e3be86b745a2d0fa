//! The criteria of allowed images, and whether an image meets one: it must meet all that the criterion names.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-allowed-amis.html>
//!
//! No image here comes from the Marketplace or was scanned, so criteria that ask for that are met by none.

use jiff::SignedDuration;
use service::filters::glob;
use service::prelude::*;

use crate::catalogue::images::{self, Image};

/// `ImageCriterion`, and as it is asked for `ImageCriterionRequest`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
#[serde(default)]
pub struct Criterion {
    pub image_providers: Option<Vec<String>>,
    pub marketplace_product_codes: Option<Vec<String>>,
    pub image_names: Option<Vec<String>>,
    pub deprecation_time_condition: Option<DeprecationTimeCondition>,
    pub creation_date_condition: Option<CreationDateCondition>,
    pub image_watermarks: Option<Vec<Watermark>>,
    pub scan_result_condition: Option<ScanResultCondition>,
}

/// `DeprecationTimeCondition`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct DeprecationTimeCondition {
    pub maximum_days_since_deprecated: Option<i64>,
}

/// `CreationDateCondition`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct CreationDateCondition {
    pub maximum_days_since_created: Option<i64>,
}

/// `ImageWatermarkFilterRequest`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct Watermark {
    pub watermark_key: Option<String>,
    pub source_image_region: Option<String>,
    pub maximum_days_since_source_image_created: Option<i64>,
    pub maximum_days_since_watermark_created: Option<i64>,
}

/// `ScanResultCondition`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct ScanResultCondition {
    pub max_days_since_last_finding_scan: Option<i64>,
    pub maximum_severity_label: Option<String>,
    pub max_days_since_informational_fix_available: Option<i64>,
    pub max_days_since_low_fix_available: Option<i64>,
    pub max_days_since_medium_fix_available: Option<i64>,
    pub max_days_since_high_fix_available: Option<i64>,
    pub max_days_since_critical_fix_available: Option<i64>,
}

const MOST: usize = 10;
const MOST_PROVIDERS: usize = 200;
const MOST_NAMES: usize = 50;
const ALIASES: [&str; 3] = ["amazon", "aws-marketplace", "aws-backup-vault"];
/// Own images alone; it stands alone, too.
const NONE: &str = "none";

impl Criterion {
    /// Whether the image, which is not the caller's, meets all of it.
    pub fn is_met_by(&self, cx: &Cx, image: &Image) -> bool {
        let of_others = self.marketplace_product_codes.is_none() && self.scan_result_condition.is_none();
        let marks = image.image_watermarks.as_deref().unwrap_or_default();
        let marked = |wanted: &Vec<Watermark>| wanted.iter().any(|it| marks.iter().any(|mark| it.is_met_by(cx, mark)));
        let named = |names: &Vec<String>| names.iter().any(|name| glob(name, &image.name));
        of_others
            && self.image_providers.as_ref().is_none_or(|providers| provided(providers, image))
            && self.image_names.as_ref().is_none_or(named)
            && self.image_watermarks.as_ref().is_none_or(marked)
            && self.is_recent(cx, image)
    }

    fn is_recent(&self, cx: &Cx, image: &Image) -> bool {
        let within = |since: Option<&str>, days: Option<i64>| {
            let since = since.and_then(|text| text.parse::<Timestamp>().ok());
            since.is_none_or(|since| is_within(cx, since, days))
        };
        let created = self.creation_date_condition.as_ref().and_then(|it| it.maximum_days_since_created);
        let deprecated = self.deprecation_time_condition.as_ref().and_then(|it| it.maximum_days_since_deprecated);
        // What is not deprecated yet has a negative age.
        within(Some(&image.creation_date), created) && within(image.deprecation_time.as_deref(), deprecated)
    }
}

impl Watermark {
    fn is_met_by(&self, cx: &Cx, mark: &images::Watermark) -> bool {
        self.watermark_key.as_ref().is_none_or(|key| *key == mark.watermark_key)
            && self.source_image_region.as_ref().is_none_or(|region| *region == mark.source_image_region)
            && is_within(cx, mark.source_image_creation_time, self.maximum_days_since_source_image_created)
            && is_within(cx, mark.watermark_creation_time, self.maximum_days_since_watermark_created)
    }
}

fn is_within(cx: &Cx, since: Timestamp, days: Option<i64>) -> bool {
    let age = cx.now.duration_since(since);
    days.is_none_or(|days| age <= SignedDuration::from_hours(days.saturating_mul(24)))
}

fn provided(providers: &[String], image: &Image) -> bool {
    let alias = image.image_owner_alias.as_deref();
    providers.iter().any(|provider| *provider == image.owner_id || alias == Some(provider.as_str()))
}

/// What can be asked for.
pub fn check(criteria: &[Criterion]) -> Result<(), ApiError> {
    if criteria.len() > MOST {
        return Err(refused(format!("You can specify up to {MOST} image criteria.")));
    }
    let providers: usize = criteria.iter().filter_map(|it| it.image_providers.as_ref()).map(Vec::len).sum();
    if providers > MOST_PROVIDERS {
        return Err(refused(format!("You can specify up to {MOST_PROVIDERS} image providers.")));
    }
    criteria.iter().try_for_each(check_one)
}

fn check_one(criterion: &Criterion) -> Result<(), ApiError> {
    let providers = criterion.image_providers.as_deref().unwrap_or_default();
    if let Some(unknown) = providers.iter().find(|provider| !is_provider(provider)) {
        return Err(refused(format!(
            "Value ({unknown}) for parameter imageProvider is invalid. Invalid image provider."
        )));
    }
    if providers.len() > 1 && providers.iter().any(|provider| provider == NONE) {
        return Err(refused(
            "When none is specified as an image provider, no other values can be specified.".to_owned(),
        ));
    }
    let names = criterion.image_names.as_deref().unwrap_or_default();
    if names.len() > MOST_NAMES {
        return Err(refused(format!("You can specify up to {MOST_NAMES} image names.")));
    }
    match names.iter().find(|name| !is_name(name)) {
        Some(name) => Err(refused(format!("Value ({name}) for parameter imageName is invalid. Invalid image name."))),
        None => Ok(()),
    }
}

fn refused(message: String) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

fn is_provider(provider: &str) -> bool {
    provider == NONE || ALIASES.contains(&provider) || provider.parse::<AccountId>().is_ok()
}

fn is_name(name: &str) -> bool {
    let known = |letter: char| letter.is_ascii_alphanumeric() || "()[]./-'@_*? ".contains(letter);
    let least = if name.contains('?') { 3 } else { 1 };
    (least..=128).contains(&name.len()) && name.chars().all(known)
}
