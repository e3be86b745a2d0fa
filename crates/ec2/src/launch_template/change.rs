//! Launch templates get another default version, lose versions, and go.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/manage-launch-template-versions.html>

use service::prelude::*;

use super::describe::{TemplateOut, out};
use super::named::{Named, positive};
use super::record::{LaunchTemplate, LaunchTemplateVersion, key_of};
use crate::instance::{authorize, client_token};
use crate::refused::invalid;
use crate::resource;

/// `ModifyLaunchTemplateRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct ModifyLaunchTemplate {
    pub client_token: Option<String>,
    pub launch_template_id: Option<String>,
    pub launch_template_name: Option<String>,
    pub default_version: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DeleteLaunchTemplateRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteLaunchTemplate {
    pub launch_template_id: Option<String>,
    pub launch_template_name: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DeleteLaunchTemplateVersionsRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct DeleteLaunchTemplateVersions {
    pub launch_template_id: Option<String>,
    pub launch_template_name: Option<String>,
    pub versions: Vec<String>,
    pub dry_run: Option<bool>,
}

/// `ModifyLaunchTemplateResult` and `DeleteLaunchTemplateResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub launch_template: TemplateOut,
}

/// `DeleteLaunchTemplateVersionsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct VersionsDeleted {
    pub successfully_deleted_launch_template_versions: Vec<Deleted>,
    pub unsuccessfully_deleted_launch_template_versions: Vec<NotDeleted>,
}

/// `DeleteLaunchTemplateVersionsResponseSuccessItem`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Deleted {
    pub launch_template_id: String,
    pub launch_template_name: String,
    pub version_number: i64,
}

/// `DeleteLaunchTemplateVersionsResponseErrorItem`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct NotDeleted {
    pub launch_template_id: String,
    pub launch_template_name: String,
    pub version_number: i64,
    pub response_error: ResponseError,
}

/// `ResponseError`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct ResponseError {
    pub code: &'static str,
    pub message: String,
}

/// ModifyLaunchTemplate on the template, with the new default version.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyLaunchTemplate) -> Vec<Check> {
    let check = Named::new(&input.launch_template_id, &input.launch_template_name).check(cx, world);
    let values: Vec<_> = input.default_version.iter().map(|version| ("DefaultVersion", version.clone())).collect();
    vec![authorize::attributes(check, &values)]
}

/// Makes another version the default.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyLaunchTemplate) -> Result<Changed, ApiError> {
    let template = Named::new(&input.launch_template_id, &input.launch_template_name).get(cx, tx)?;
    let wanted = input.default_version.as_deref().ok_or_else(|| {
        let what =
            "A launch template version must be specified to set the new default version for the template with ID";
        ApiError::new("MissingParameter", format!("{what} {}.", template.id))
    })?;
    let digest = client_token::digest(&(&template.id, wanted));
    let is_done = client_token::is_done(cx, tx, "ModifyLaunchTemplate", input.client_token.as_deref(), digest)?;
    let version = template.version(tx, Some(wanted))?;
    let changed = match is_done {
        true => (*template).clone(),
        false => LaunchTemplate { default_version: version.number, ..(*template).clone() },
    };
    tx.put(changed.clone());
    let shown = TemplateOut { create_time: Timestamp::UNIX_EPOCH, ..untagged(&changed) };
    Ok(Changed { launch_template: shown })
}

/// As a template is shown that was changed or removed: without its tags and, changed, of 1970, as was seen of AWS in September 2026.
fn untagged(template: &LaunchTemplate) -> TemplateOut {
    TemplateOut { tags: None, ..out(template) }
}

/// DeleteLaunchTemplate on the template.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteLaunchTemplate) -> Vec<Check> {
    vec![Named::new(&input.launch_template_id, &input.launch_template_name).check(cx, world)]
}

/// Removes a template with all versions; what was launched by it stays.
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteLaunchTemplate) -> Result<Changed, ApiError> {
    let template = Named::new(&input.launch_template_id, &input.launch_template_name).get(cx, tx)?;
    let numbers: Vec<i64> = template.versions(tx).map(|it| it.number).collect();
    numbers.into_iter().for_each(|number| remove(tx, &template, number));
    resource::remove::<LaunchTemplate>(tx, cx, &template.id);
    Ok(Changed { launch_template: untagged(&template) })
}

fn remove(tx: &mut Tx, template: &LaunchTemplate, number: i64) {
    let parts = [template.account.as_str(), &template.region, &template.id, &key_of(number)];
    tx.remove::<LaunchTemplateVersion>(&parts);
}

/// DeleteLaunchTemplateVersions on the template.
pub fn to_delete_versions(cx: &Cx, world: &World, input: &DeleteLaunchTemplateVersions) -> Vec<Check> {
    vec![Named::new(&input.launch_template_id, &input.launch_template_name).check(cx, world)]
}

/// Removes the versions that can be, and tells of the others why not.
pub fn delete_versions(
    cx: &Cx,
    tx: &mut Tx,
    input: &DeleteLaunchTemplateVersions,
) -> Result<VersionsDeleted, ApiError> {
    let template = Named::new(&input.launch_template_id, &input.launch_template_name).get(cx, tx)?;
    if input.versions.len() > 200 {
        let message = "You can delete up to 200 launch template versions in a single request.";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let numbered = |text: &String| match text.as_str() {
        "$Latest" => Ok(template.latest_version),
        "$Default" => Ok(template.default_version),
        text => positive(text).ok_or_else(|| invalid(format!("Invalid value for version: {text}"))),
    };
    let numbers = input.versions.iter().map(numbered).collect::<Result<Vec<_>, _>>()?;
    if numbers.contains(&template.default_version) {
        let message = "The default version cannot be deleted. Either specify another version as default or delete the launch template.";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let mut answer = VersionsDeleted {
        successfully_deleted_launch_template_versions: Vec::new(),
        unsuccessfully_deleted_launch_template_versions: Vec::new(),
    };
    for number in numbers {
        let (launch_template_id, launch_template_name) = (template.id.clone(), template.name.clone());
        match may_be_deleted(tx, &template, number) {
            Ok(()) => {
                remove(tx, &template, number);
                let deleted = Deleted { launch_template_id, launch_template_name, version_number: number };
                answer.successfully_deleted_launch_template_versions.push(deleted);
            }
            Err(response_error) => answer.unsuccessfully_deleted_launch_template_versions.push(NotDeleted {
                launch_template_id,
                launch_template_name,
                version_number: number,
                response_error,
            }),
        }
    }
    let latest = template.versions(tx).next_back().map_or(template.default_version, |it| it.number);
    resource::update::<LaunchTemplate>(tx, cx, &template.id, |it| it.latest_version = latest);
    Ok(answer)
}

/// A version that is not there is told beside those that are gone; the code is the model's.
fn may_be_deleted(world: &World, template: &LaunchTemplate, number: i64) -> Result<(), ResponseError> {
    if template.numbered(world, number).is_none() {
        let message = "The launch template version does not exist.".to_owned();
        return Err(ResponseError { code: "launchTemplateVersionDoesNotExist", message });
    }
    Ok(())
}
