//! DescribeLaunchTemplates. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplates.html>

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::named::by_name;
use super::record::LaunchTemplate;
use crate::instance::describe::time;
use crate::instance::out::OperatorOut;
use crate::kind;
use crate::resource::{self, Wanted, tags_out};

/// `DescribeLaunchTemplatesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeLaunchTemplates {
    pub launch_template_ids: Option<Vec<String>>,
    pub launch_template_names: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    /// Nothing here is managed by another service, so there is nothing to leave out.
    pub include_managed_resources: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `DescribeLaunchTemplatesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct LaunchTemplates {
    pub launch_templates: Vec<TemplateOut>,
    pub next_token: Option<String>,
}

/// `LaunchTemplate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct TemplateOut {
    pub launch_template_id: String,
    pub launch_template_name: String,
    pub create_time: Timestamp,
    pub created_by: String,
    pub default_version_number: i64,
    pub latest_version_number: i64,
    pub tags: Option<Vec<Tag>>,
    pub operator: OperatorOut,
}

static FIELDS: Fields<TemplateOut> = Fields {
    fields: &[
        ("create-time", |it, values| values.push(time(it.create_time))),
        ("launch-template-name", |it, values| values.push(it.launch_template_name.as_str())),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

const NOT_ALL_THERE: &str = "At least one of the launch templates specified in the request does not exist.";

/// What AWS says of ids here is not what it says where one template is named (seen in September 2026).
fn must_be_there(cx: &Cx, world: &World, ids: &[String]) -> Result<(), ApiError> {
    let malformed: Vec<&str> = ids.iter().map(String::as_str).filter(|id| !kind::LAUNCH_TEMPLATE.is_id(id)).collect();
    if !malformed.is_empty() {
        let message = format!("The following launch template ids are malformed: {}", malformed.join(", "));
        return Err(ApiError::new("InvalidLaunchTemplateId.Malformed", message));
    }
    if ids.iter().any(|id| resource::look_up::<LaunchTemplate>(world, cx, id).is_none()) {
        return Err(ApiError::new("InvalidLaunchTemplateId.NotFound", NOT_ALL_THERE));
    }
    Ok(())
}

/// Templates that pass the filters, or those named by id and name.
pub fn describe(cx: &Cx, world: &World, input: &DescribeLaunchTemplates) -> Result<LaunchTemplates, ApiError> {
    let mut ids = input.launch_template_ids.clone().unwrap_or_default();
    must_be_there(cx, world, &ids)?;
    for name in input.launch_template_names.iter().flatten() {
        let found = by_name(cx, world, name)
            .ok_or_else(|| ApiError::new("InvalidLaunchTemplateName.NotFoundException", NOT_ALL_THERE))?;
        ids.push(found.id.clone());
    }
    let wanted = Wanted {
        ids: Some(&ids),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || resource::all::<LaunchTemplate>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, out)?;
    Ok(LaunchTemplates { launch_templates: page.items, next_token: page.next })
}

/// As answers show the template.
pub fn out(template: &LaunchTemplate) -> TemplateOut {
    TemplateOut {
        launch_template_id: template.id.clone(),
        launch_template_name: template.name.clone(),
        create_time: template.created_at,
        created_by: template.created_by.clone(),
        default_version_number: template.default_version,
        latest_version_number: template.latest_version,
        tags: tags_out(&template.tags),
        operator: OperatorOut::NONE,
    }
}
