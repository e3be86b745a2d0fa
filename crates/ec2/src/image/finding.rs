//! GetImageFindings: what Amazon Inspector found in an image. Inspector is another service; the admin API tells what it would say ([`ImageFindings`]). Of an
//! image that was not scanned there are none. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetImageFindings.html>

use service::paging;
use service::prelude::*;

/// What was found in an image, whoever may see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageFindings {
    pub region: String,
    pub image_id: String,
    pub findings: Vec<Finding>,
}

impl Record for ImageFindings {
    const TABLE: TableDef = TableDef::own("ec2_image_findings", &["region", "image_id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[&self.region, &self.image_id])
    }
}

/// `ImageFinding`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shaped)]
pub struct Finding {
    pub title: String,
    /// One of [`SEVERITIES`].
    pub severity_label: String,
    pub score: Option<f64>,
    pub fix_available: Option<bool>,
    pub first_observed_at: Timestamp,
    pub updated_at: Timestamp,
    pub paths: Vec<String>,
    pub snapshot_id: Option<String>,
}

/// The severities, in Inspector's words.
pub const SEVERITIES: [&str; 5] = ["informational", "low", "medium", "high", "critical"];
/// How many paths EC2 tells of a finding.
const MOST_PATHS: usize = 10;

/// `GetImageFindingsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetImageFindings {
    pub image_id: String,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `GetImageFindingsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Found {
    pub image_findings: Vec<Finding>,
    pub next_token: Option<String>,
}

/// GetImageFindings on the image.
pub fn to_get(cx: &Cx, world: &World, input: &GetImageFindings) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.image_id)]
}

/// The findings of an image that the caller's account can see, in the order in which they were told.
pub fn get(cx: &Cx, world: &World, input: &GetImageFindings) -> Result<Found, ApiError> {
    let image = super::get(cx, world, &input.image_id)?;
    let held = world.get::<ImageFindings>(&[cx.region_name(), &image.image_id]);
    let findings = held.map(|held| held.findings.as_slice()).unwrap_or_default();
    let told = |finding: &Finding| Finding {
        paths: finding.paths.iter().take(MOST_PATHS).cloned().collect(),
        ..finding.clone()
    };
    let numbered = findings.iter().map(told).enumerate();
    let scope = format!("image-findings {}", image.image_id);
    let key = |(number, _): &(usize, Finding)| format!("{number:06}");
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, numbered, key)?;
    Ok(Found { image_findings: page.items.into_iter().map(|(_, finding)| finding).collect(), next_token: page.next })
}
