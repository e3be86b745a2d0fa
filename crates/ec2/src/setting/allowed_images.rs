//! Allowed AMIs: which images of others an account sees and launches from.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-allowed-amis.html>
//!
//! While the setting is `enabled`, an image that meets none of the criteria is not there: DescribeImages does not show it and launches do not find it.
//! In `audit-mode` DescribeImages says of each image whether it would be there. Images of one's own always are. `super::criteria` matches.

use service::prelude::*;

use super::criteria::{self, Criterion};
use super::encryption::requests;
use super::{MANAGED_BY, Value, get as setting, of, set};
use crate::catalogue::images::Image;

/// State and criteria; they are set apart from each other.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Allowed {
    /// `None` is `disabled`.
    state: Option<String>,
    criteria: Vec<Criterion>,
}

impl Value for Allowed {
    const NAME: &'static str = "allowed-images";
}

const DISABLED: &str = "disabled";

requests! {
    /// `DisableAllowedImagesSettingsRequest`.
    DisableAllowedImagesSettings;
    /// `GetAllowedImagesSettingsRequest`.
    GetAllowedImagesSettings;
}

/// `EnableAllowedImagesSettingsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct EnableAllowedImagesSettings {
    pub allowed_images_settings_state: String,
    pub dry_run: Option<bool>,
}

/// `ReplaceImageCriteriaInAllowedImagesSettingsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ReplaceImageCriteria {
    #[serde(default)]
    pub image_criteria: Vec<Criterion>,
    pub dry_run: Option<bool>,
}

/// `EnableAllowedImagesSettingsResult`, and that of Disable.
#[derive(Debug, Serialize, Shaped)]
pub struct StateOut {
    pub allowed_images_settings_state: String,
}

/// `GetAllowedImagesSettingsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Settings {
    pub state: String,
    pub image_criteria: Vec<Criterion>,
    pub managed_by: &'static str,
}

/// `ReplaceImageCriteriaInAllowedImagesSettingsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Replaced {
    pub return_value: bool,
}

/// Applies the criteria, or shows what they would do.
pub fn enable(cx: &Cx, tx: &mut Tx, input: &EnableAllowedImagesSettings) -> Result<StateOut, ApiError> {
    let state = input.allowed_images_settings_state.clone();
    let held: Allowed = setting(cx, tx);
    set(cx, tx, &Allowed { state: Some(state.clone()), ..held })?;
    Ok(StateOut { allowed_images_settings_state: state })
}

/// Lets the criteria be; they are kept.
pub fn disable(cx: &Cx, tx: &mut Tx, _: &DisableAllowedImagesSettings) -> Result<StateOut, ApiError> {
    let held: Allowed = setting(cx, tx);
    set(cx, tx, &Allowed { state: None, ..held })?;
    Ok(StateOut { allowed_images_settings_state: DISABLED.to_owned() })
}

/// State and criteria.
pub fn get(cx: &Cx, world: &World, _: &GetAllowedImagesSettings) -> Result<Settings, ApiError> {
    let held: Allowed = setting(cx, world);
    let state = state_of(world, cx.account(), cx.region_name());
    Ok(Settings { state, image_criteria: held.criteria, managed_by: MANAGED_BY })
}

/// The state of any account.
pub fn state_of(world: &World, account: AccountId, region: &str) -> String {
    of::<Allowed>(world, account, region).state.unwrap_or_else(|| DISABLED.to_owned())
}

/// Takes these criteria in the place of those held.
pub fn replace(cx: &Cx, tx: &mut Tx, input: &ReplaceImageCriteria) -> Result<Replaced, ApiError> {
    criteria::check(&input.image_criteria)?;
    let held: Allowed = setting(cx, tx);
    set(cx, tx, &Allowed { criteria: input.image_criteria.clone(), ..held })?;
    Ok(Replaced { return_value: true })
}

/// The setting as it applies to images, looked up once for many.
pub struct Rule(Option<Allowed>);

/// The rule of the caller's account and region.
pub fn rule(cx: &Cx, world: &World) -> Rule {
    let held: Allowed = setting(cx, world);
    Rule(held.state.is_some().then_some(held))
}

impl Rule {
    /// What DescribeImages says of the image as `ImageAllowed`; nothing where the setting is disabled.
    pub fn allowed(&self, cx: &Cx, image: &Image) -> Option<bool> {
        let Allowed { criteria, .. } = self.0.as_ref()?;
        let own = image.owner_id == cx.account().as_str();
        Some(own || criteria.iter().any(|criterion| criterion.is_met_by(cx, image)))
    }

    /// Whether the image is as if it were not there.
    pub fn hides(&self, cx: &Cx, image: &Image) -> bool {
        let enabled = self.0.as_ref().is_some_and(|held| held.state.as_deref() == Some("enabled"));
        enabled && self.allowed(cx, image) == Some(false)
    }
}
