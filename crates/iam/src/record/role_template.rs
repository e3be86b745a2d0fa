//! Role templates: what a service of AWS keeps ready for roles that accounts acquire.

use super::*;

/// A major version of a role template, with its minor versions.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleTemplate {
    /// `arn:aws:iam::aws:role-template/SERVICE/NAME:MAJOR`
    pub arn: String,
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    pub major_version: i64,
    pub default_minor_version: i64,
    /// The service that manages it: `lambda.amazonaws.com`.
    pub managed_by: String,
    #[serde(default = "yes")]
    pub enabled: bool,
    pub versions: Vec<RoleTemplateVersion>,
}

/// What a minor version makes of a role. Texts have parameters: `@{name}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleTemplateVersion {
    pub minor_version: i64,
    #[serde(default = "yes")]
    pub enabled: bool,
    pub role_name_pattern: String,
    #[serde(default = "root_path")]
    pub role_path_pattern: String,
    #[serde(default)]
    pub role_description_pattern: Option<String>,
    pub assume_role_policy_document_template: String,
    #[serde(default)]
    pub inline_policy_templates: Vec<InlineTemplate>,
    #[serde(default)]
    pub managed_policy_arns: Vec<String>,
    #[serde(default)]
    pub permission_boundary_arn: Option<String>,
    #[serde(default)]
    pub parameters: Vec<ParameterDefinition>,
    #[serde(default)]
    pub tags: Vec<Tag>,
    #[serde(default = "an_hour")]
    pub max_session_duration: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// An inline policy with parameters.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InlineTemplate {
    pub policy_name: String,
    pub policy_document: String,
}

/// A parameter of a role template.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParameterDefinition {
    pub name: String,
    /// `String`, `StringList`, `Number`, `NumberList`, `Arn` or `ArnList`.
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub sub_type: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub is_required: bool,
    #[serde(default)]
    pub default_value: Option<String>,
    #[serde(default)]
    pub immutable: bool,
}

fn yes() -> bool {
    true
}

fn root_path() -> String {
    "/".to_owned()
}

fn an_hour() -> i64 {
    3_600
}

impl Record for RoleTemplate {
    const TABLE: TableDef = TableDef::own("iam_role_template", &["arn"], &[]);

    fn key(&self) -> Key {
        Key::new(&[&self.arn])
    }
}
