//! DescribeImageReferences: what of the account names an image. Instances and launch templates do here; parameters of the account's own and recipes of Image
//! Builder are other services', which nobody has here.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-ami-references.html>

use service::paging;
use service::prelude::*;

use super::parameter;
use crate::instance::{Instance, state_at};
use crate::launch_template::LaunchTemplate;
use crate::refused::missing;
use crate::resource;

/// `DescribeImageReferencesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeImageReferences {
    pub image_ids: Vec<String>,
    pub include_all_resource_types: Option<bool>,
    pub resource_types: Option<Vec<TypeWish>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `ResourceTypeRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct TypeWish {
    pub resource_type: Option<String>,
    pub resource_type_options: Option<Vec<OptionWish>>,
}

/// `ResourceTypeOption`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct OptionWish {
    pub option_name: Option<String>,
    pub option_values: Option<Vec<String>>,
}

/// `DescribeImageReferencesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct References {
    pub image_references: Vec<ReferenceOut>,
    pub next_token: Option<String>,
}

/// `ImageReference`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ReferenceOut {
    pub image_id: String,
    pub resource_type: &'static str,
    pub arn: String,
}

/// Types to look among.
pub fn check(_: &Cx, _: &World, input: &DescribeImageReferences) -> Result<(), ApiError> {
    let wanted = input.resource_types.as_deref().unwrap_or_default();
    if wanted.is_empty() && input.include_all_resource_types != Some(true) {
        return Err(missing("ResourceTypes or IncludeAllResourceTypes"));
    }
    wanted.iter().try_for_each(|wish| depth(wish.resource_type_options.as_deref(), DEPTH).map(drop))
}

/// How many versions of a template are looked at.
const DEPTH: usize = 10;

/// The option `version-depth`, 1 to 10000.
pub fn depth(options: Option<&[OptionWish]>, default: usize) -> Result<usize, ApiError> {
    let values = option(options, "version-depth");
    let Some(text) = values.first() else { return Ok(default) };
    text.parse::<usize>().ok().filter(|depth| (1..=10_000).contains(depth)).ok_or_else(|| {
        let message =
            format!("Value ({text}) for the option version-depth is invalid. Valid values are between 1 and 10000.");
        ApiError::new("InvalidParameterValue", message)
    })
}

fn option<'a>(options: Option<&'a [OptionWish]>, name: &str) -> &'a [String] {
    let found = options.unwrap_or_default().iter().find(|it| it.option_name.as_deref() == Some(name));
    found.and_then(|it| it.option_values.as_deref()).unwrap_or_default()
}

/// Resources of the account that name one of the images.
pub fn describe(cx: &Cx, world: &World, input: &DescribeImageReferences) -> Result<References, ApiError> {
    let wanted = input.resource_types.as_deref().unwrap_or_default();
    let wish = |kind: &str| wanted.iter().find(|it| it.resource_type.as_deref() == Some(kind));
    let all = input.include_all_resource_types == Some(true);
    let mut found = Vec::new();
    if all || wish("ec2:Instance").is_some() {
        let states = option(wish("ec2:Instance").and_then(|it| it.resource_type_options.as_deref()), "state-name");
        found.extend(instances(cx, world, &input.image_ids, states));
    }
    if all || wish("ec2:LaunchTemplate").is_some() {
        let options = wish("ec2:LaunchTemplate").and_then(|it| it.resource_type_options.as_deref());
        found.extend(templates(cx, world, &input.image_ids, depth(options, DEPTH)?));
    }
    found.sort_by_key(key);
    let scope = format!("image-references {:?} {all}", input.image_ids);
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, found, key)?;
    Ok(References { image_references: page.items, next_token: page.next })
}

fn key(it: &ReferenceOut) -> String {
    format!("{} {} {}", it.image_id, it.resource_type, it.arn)
}

fn instances(cx: &Cx, world: &World, images: &[String], states: &[String]) -> Vec<ReferenceOut> {
    let all = resource::all::<Instance>(cx, world);
    let shown = |it: &Instance| {
        let state = state_at(it, cx.now, cx.settings.states);
        states.is_empty() || states.iter().any(|wanted| wanted == state.name())
    };
    let named = all.filter(|it| images.contains(&it.image.id) && shown(it));
    let out = |it: std::sync::Arc<Instance>| ReferenceOut {
        image_id: it.image.id.clone(),
        resource_type: "ec2:Instance",
        arn: it.arn(cx.partition()),
    };
    named.map(out).collect()
}

fn templates(cx: &Cx, world: &World, images: &[String], depth: usize) -> Vec<ReferenceOut> {
    let mut found = Vec::new();
    for template in resource::all::<LaunchTemplate>(cx, world) {
        for image_id in named_by(cx, world, &template, depth).into_iter().filter(|id| images.contains(id)) {
            found.push(ReferenceOut { image_id, resource_type: "ec2:LaunchTemplate", arn: template.arn(cx) });
        }
    }
    found
}

/// The images that the last versions of a template name, each once.
pub fn named_by(cx: &Cx, world: &World, template: &LaunchTemplate, depth: usize) -> Vec<String> {
    let versions = template.versions(world).rev().take(depth);
    let named = versions.filter_map(|version| version.data.text(&["ImageId"]).map(str::to_owned));
    let mut ids: Vec<String> = named.map(|id| parameter::resolved(cx, &id).unwrap_or(id)).collect();
    ids.sort();
    ids.dedup();
    ids
}
