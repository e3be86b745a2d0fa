//! Role templates: looking at one. `acquire` makes roles out of them.
//!
//! On AWS its services keep them; none is published, so here they come through the admin API. See
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRoleTemplateVersion.html>.

mod acquire;

use std::sync::Arc;

use service::prelude::*;

use crate::document::encoded;
use crate::entity::{self, missing};
use crate::record::{RoleTemplate, RoleTemplateVersion};

/// All operations on role templates.
pub fn operations() -> Vec<Operation> {
    versions::operations().into_iter().chain(acquire::operations()).collect()
}

mod versions {
    use super::*;

    service::operations! { Iam;
        GetRoleTemplateVersion => read(get) authorize(on_template),
    }
}

/// GetRoleTemplateVersion's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct Get {
    template_arn: String,
    minor_version: Option<i64>,
}

/// One version.
#[derive(Debug, Serialize, Shaped)]
pub struct Got {
    role_template_version: VersionOut,
}

#[derive(Debug, Serialize, Shaped)]
struct VersionOut {
    template_arn: String,
    template_name: String,
    template_version_id: String,
    description: Option<String>,
    major_version: i64,
    default_minor_version: i64,
    managed_by_type: &'static str,
    managed_by_value: String,
    enabled: bool,
    minor_version: i64,
    role_name_pattern: String,
    role_path_pattern: String,
    role_description_pattern: Option<String>,
    assume_role_policy_document_template: String,
    inline_policy_templates: Vec<InlineOut>,
    managed_policy_arns: Vec<String>,
    permission_boundary_arn: Option<String>,
    parameters_definition: Vec<ParameterOut>,
    role_tags_template: Vec<Tag>,
    max_session_duration: i64,
    version_enabled: bool,
    create_timestamp: Timestamp,
    update_timestamp: Timestamp,
}

#[derive(Debug, Serialize, Shaped)]
struct InlineOut {
    policy_name: String,
    policy_document: String,
}

#[derive(Debug, Serialize, Shaped)]
struct ParameterOut {
    name: String,
    r#type: String,
    sub_type: Option<String>,
    description: Option<String>,
    is_required: bool,
    default_value: Option<String>,
    immutable: bool,
}

/// A template, and the version asked for or its default one.
fn found(world: &World, arn: &str, minor: Option<i64>) -> Result<(Arc<RoleTemplate>, RoleTemplateVersion), ApiError> {
    let template = world.get::<RoleTemplate>(&[arn]).ok_or_else(|| not_found(arn))?;
    let minor = minor.unwrap_or(template.default_minor_version);
    let version = template.versions.iter().find(|version| version.minor_version == minor);
    Ok((template.clone(), version.cloned().ok_or_else(|| not_found(arn))?))
}

fn not_found(arn: &str) -> ApiError {
    missing(format!("Role template not found in repository: {arn}"))
}

fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInput", text)
}

fn get(_: &Cx, world: &World, input: &Get) -> Result<Got, ApiError> {
    let (template, version) = found(world, &input.template_arn, input.minor_version)?;
    Ok(Got { role_template_version: shown(&template, version) })
}

fn shown(template: &RoleTemplate, version: RoleTemplateVersion) -> VersionOut {
    let inline = version.inline_policy_templates.into_iter();
    let parameters = version.parameters.into_iter().map(|parameter| ParameterOut {
        name: parameter.name,
        r#type: parameter.kind,
        sub_type: parameter.sub_type,
        description: parameter.description,
        is_required: parameter.is_required,
        default_value: parameter.default_value,
        immutable: parameter.immutable,
    });
    VersionOut {
        template_arn: template.arn.clone(),
        template_name: template.name.clone(),
        template_version_id: version_id(template, version.minor_version),
        description: template.description.clone(),
        major_version: template.major_version,
        default_minor_version: template.default_minor_version,
        managed_by_type: "Service",
        managed_by_value: template.managed_by.clone(),
        enabled: template.enabled,
        minor_version: version.minor_version,
        role_name_pattern: version.role_name_pattern,
        role_path_pattern: version.role_path_pattern,
        role_description_pattern: version.role_description_pattern,
        assume_role_policy_document_template: encoded(&version.assume_role_policy_document_template),
        inline_policy_templates: inline
            .map(|policy| InlineOut {
                policy_name: policy.policy_name,
                policy_document: encoded(&policy.policy_document),
            })
            .collect(),
        managed_policy_arns: version.managed_policy_arns,
        permission_boundary_arn: version.permission_boundary_arn,
        parameters_definition: parameters.collect(),
        role_tags_template: version.tags,
        max_session_duration: version.max_session_duration,
        version_enabled: version.enabled,
        create_timestamp: version.created_at,
        update_timestamp: version.updated_at,
    }
}

/// Always the same for a version; of AWS's own form only the alphabet is known.
fn version_id(template: &RoleTemplate, minor: i64) -> String {
    let ids = service::ids::Ids::derived(&[b"role template version", template.arn.as_bytes(), &minor.to_be_bytes()]);
    ids.unique("ARTV", AccountId::ZERO)
}

fn on_template(cx: &Cx, _: &World, input: &Get) -> Vec<Check> {
    let check = Check::on(&input.template_arn).shown_as(format!("role-template {}", input.template_arn));
    vec![entity::of_its_account(cx, check)]
}

#[cfg(test)]
mod tests;
