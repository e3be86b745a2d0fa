//! Whether descriptions show resources that a service manages in the account without being asked to. No service manages any here, so that nothing but
//! the setting itself changes with it.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/amazon-ec2-managed-instances.html#managed-resource-visibility-settings>

use service::prelude::*;

use super::encryption::requests;
use super::{Value, get as setting, set};

/// `hidden`, which is the default, or `visible`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Visibility(String);

impl Value for Visibility {
    const NAME: &'static str = "managed-resource-visibility";
}

impl Default for Visibility {
    fn default() -> Visibility {
        Visibility("hidden".to_owned())
    }
}

requests! {
    /// `GetManagedResourceVisibilityRequest`.
    GetManagedResourceVisibility;
}

/// `ModifyManagedResourceVisibilityRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyManagedResourceVisibility {
    pub default_visibility: String,
    pub dry_run: Option<bool>,
}

/// The answer of both.
#[derive(Debug, Serialize, Shaped)]
pub struct Shown {
    pub visibility: VisibilityOut,
}

/// `ManagedResourceVisibilitySettings`.
#[derive(Debug, Serialize, Shaped)]
pub struct VisibilityOut {
    pub default_visibility: String,
}

/// The setting. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetManagedResourceVisibility.html>
pub fn get(cx: &Cx, world: &World, _: &GetManagedResourceVisibility) -> Result<Shown, ApiError> {
    Ok(shown(setting(cx, world)))
}

/// Changes it. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyManagedResourceVisibility.html>
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyManagedResourceVisibility) -> Result<Shown, ApiError> {
    let wanted = Visibility(input.default_visibility.clone());
    set(cx, tx, &wanted)?;
    Ok(shown(wanted))
}

fn shown(Visibility(default_visibility): Visibility) -> Shown {
    Shown { visibility: VisibilityOut { default_visibility } }
}
