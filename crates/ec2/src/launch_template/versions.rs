//! DescribeLaunchTemplateVersions: versions of one template, the newest first, or the latest or default ones of all.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html>

use std::sync::Arc;

use serde_json::Value as Json;
use service::filters::{Fields, Filter, Values};
use service::paging;
use service::prelude::*;

use super::data::Data;
use super::named::{Named, number};
use super::record::{LaunchTemplate, LaunchTemplateVersion, key_of};
use crate::instance::describe::time;
use crate::instance::out::OperatorOut;
use crate::refused::missing;
use crate::resource;

/// `DescribeLaunchTemplateVersionsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeLaunchTemplateVersions {
    pub launch_template_id: Option<String>,
    pub launch_template_name: Option<String>,
    pub versions: Option<Vec<String>>,
    pub min_version: Option<String>,
    pub max_version: Option<String>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    /// Nothing here is managed by another service, so there is nothing to leave out.
    pub include_managed_resources: Option<bool>,
    /// Whether images are shown that parameters name, in place of the parameters.
    pub resolve_alias: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `DescribeLaunchTemplateVersionsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Versions {
    pub launch_template_versions: Vec<VersionOut>,
    pub next_token: Option<String>,
}

/// `LaunchTemplateVersion`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct VersionOut {
    pub launch_template_id: String,
    pub launch_template_name: String,
    pub version_number: i64,
    pub version_description: Option<String>,
    pub create_time: Timestamp,
    pub created_by: String,
    pub default_version: bool,
    pub launch_template_data: Data,
    pub operator: OperatorOut,
}

impl VersionOut {
    /// The same with the image that a parameter names in place of the parameter.
    pub fn resolved(self, cx: &Cx) -> VersionOut {
        VersionOut { launch_template_data: self.launch_template_data.resolved(cx), ..self }
    }
}

/// DescribeLaunchTemplateVersions, which knows no resources; and reading the parameters that are to be resolved.
pub fn to_describe(cx: &Cx, world: &World, input: &DescribeLaunchTemplateVersions) -> Vec<Check> {
    let mut checks = vec![Check::any()];
    if input.resolve_alias == Some(true) {
        for found in asked_for(cx, world, input).unwrap_or_default() {
            let reading = found.launch_template_data.check_on_parameter(cx);
            checks.extend(reading.filter(|it| checks.iter().all(|held| held.resource != it.resource)));
        }
    }
    checks
}

/// What the data has at the end of a path.
fn at(it: &VersionOut, values: &mut Values, path: &[&str]) {
    push(values, it.launch_template_data.get(path));
}

/// What every entry of a list of the data has under a name.
fn each(it: &VersionOut, values: &mut Values, list: &str, name: &str) {
    it.launch_template_data.list(list).iter().for_each(|entry| push(values, entry.get(name)));
}

fn push(values: &mut Values, value: Option<&Json>) {
    match value {
        Some(Json::String(text)) => values.push(text.as_str()),
        Some(other @ (Json::Bool(_) | Json::Number(_))) => values.push(other.to_string()),
        _ => {}
    }
}

static FIELDS: Fields<VersionOut> = Fields {
    fields: &[
        ("create-time", |it, values| values.push(time(it.create_time))),
        ("ebs-optimized", |it, values| at(it, values, &["EbsOptimized"])),
        ("host-resource-group-arn", |it, values| at(it, values, &["Placement", "HostResourceGroupArn"])),
        ("http-endpoint", |it, values| at(it, values, &["MetadataOptions", "HttpEndpoint"])),
        ("http-protocol-ipv4", |it, values| at(it, values, &["MetadataOptions", "HttpEndpoint"])),
        ("http-tokens", |it, values| at(it, values, &["MetadataOptions", "HttpTokens"])),
        ("iam-instance-profile", |it, values| at(it, values, &["IamInstanceProfile", "Arn"])),
        ("image-id", |it, values| at(it, values, &["ImageId"])),
        ("instance-type", |it, values| at(it, values, &["InstanceType"])),
        ("is-default-version", |it, values| values.push_bool(it.default_version)),
        ("kernel-id", |it, values| at(it, values, &["KernelId"])),
        ("license-configuration-arn", |it, values| {
            each(it, values, "LicenseSpecifications", "LicenseConfigurationArn")
        }),
        ("network-card-index", |it, values| each(it, values, "NetworkInterfaces", "NetworkCardIndex")),
        ("ram-disk-id", |it, values| at(it, values, &["RamDiskId"])),
    ],
    tags: None,
};

/// The versions asked for that pass the filters.
pub fn describe(cx: &Cx, world: &World, input: &DescribeLaunchTemplateVersions) -> Result<Versions, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    if input.max_results.is_some_and(|most| !(1..=200).contains(&most)) {
        let most = input.max_results.unwrap_or_default();
        let message =
            format!("Value ( {most} ) for parameter maxResults is invalid. Expecting a value between 1 and 200.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let named = Named::new(&input.launch_template_id, &input.launch_template_name);
    let found = asked_for(cx, world, input)?;
    let passing = found.into_iter().filter(|it| chosen.admit(it));
    let scope = format!("launch template versions {:?} {:?} {:?}", named, input.versions, input.filters);
    // The newest come first, and pages want ascending keys.
    let key = |it: &VersionOut| format!("{} {}", it.launch_template_id, key_of(9_999_999_999 - it.version_number));
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, passing, key)?;
    let shown = |it: VersionOut| if input.resolve_alias == Some(true) { it.resolved(cx) } else { it };
    let launch_template_versions = page.items.into_iter().map(shown).collect();
    Ok(Versions { launch_template_versions, next_token: page.next })
}

fn asked_for(cx: &Cx, world: &World, input: &DescribeLaunchTemplateVersions) -> Result<Vec<VersionOut>, ApiError> {
    let named = Named::new(&input.launch_template_id, &input.launch_template_name);
    match (named.id, named.name) {
        (None, None) => of_all(cx, world, input),
        _ => of_one(world, &*named.get(cx, world)?, input),
    }
}

fn of_one(
    world: &World,
    template: &LaunchTemplate,
    input: &DescribeLaunchTemplateVersions,
) -> Result<Vec<VersionOut>, ApiError> {
    let named = input.versions.as_deref().unwrap_or_default();
    let bound = [("Minimum", &input.min_version), ("Maximum", &input.max_version)];
    if let Some((word, _)) = bound.into_iter().find(|(_, bound)| bound.is_some() && !named.is_empty()) {
        let message = format!("{word} version filter is not applicable when given a list of versions.");
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    let mut found: Vec<Arc<LaunchTemplateVersion>> = if named.is_empty() {
        let least = input.min_version.as_deref().map(number).transpose()?.unwrap_or(1);
        let most = input.max_version.as_deref().map(number).transpose()?.unwrap_or(i64::MAX);
        template.versions(world).filter(|it| (least..=most).contains(&it.number)).cloned().collect()
    } else {
        named.iter().map(|text| template.version(world, Some(text))).collect::<Result<_, _>>()?
    };
    found.sort_by_key(|it| std::cmp::Reverse(it.number));
    Ok(found.iter().map(|it| out(template, it)).collect())
}

/// Without a template only `$Latest` and `$Default` can be asked for.
fn of_all(cx: &Cx, world: &World, input: &DescribeLaunchTemplateVersions) -> Result<Vec<VersionOut>, ApiError> {
    let named = input.versions.as_deref().unwrap_or_default();
    if named.is_empty() {
        return Err(missing("launchTemplateId or launchTemplateName"));
    }
    if !named.iter().all(|text| matches!(text.as_str(), "$Latest" | "$Default")) {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            "Without a launch template only the versions $Latest and $Default can be described",
        ));
    }
    let of_each = |template: Arc<LaunchTemplate>| of_one(world, &template, input);
    let found = resource::all::<LaunchTemplate>(cx, world).map(of_each).collect::<Result<Vec<_>, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// As answers show the version.
pub fn out(template: &LaunchTemplate, version: &LaunchTemplateVersion) -> VersionOut {
    VersionOut {
        launch_template_id: template.id.clone(),
        launch_template_name: template.name.clone(),
        version_number: version.number,
        version_description: version.description.clone(),
        create_time: version.created_at,
        created_by: version.created_by.clone(),
        default_version: version.number == template.default_version,
        launch_template_data: version.data.clone(),
        operator: OperatorOut::NONE,
    }
}
