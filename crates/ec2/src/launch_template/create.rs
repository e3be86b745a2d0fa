//! CreateLaunchTemplate and CreateLaunchTemplateVersion. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html>
//!
//! What the data names need not exist: AWS looks and tells by a warning. But a parameter in place of the image must be there and may be read.

use serde_json::Value as Json;
use service::prelude::*;

use super::data::Data;
use super::describe::{TemplateOut, out};
use super::named::{self, Named};
use super::record::{LaunchTemplate, LaunchTemplateVersion};
use super::versions::{VersionOut, out as version_out};
use crate::catalogue::instance_types;
use crate::image::parameter;
use crate::instance::run::input::RunInstances;
use crate::instance::run::{self, user_data};
use crate::instance::{client_token, metadata_options};
use crate::kind;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `CreateLaunchTemplateRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateLaunchTemplate {
    pub client_token: Option<String>,
    pub launch_template_name: String,
    pub version_description: Option<String>,
    #[serde(default)]
    pub launch_template_data: Data,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `CreateLaunchTemplateVersionRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateLaunchTemplateVersion {
    pub client_token: Option<String>,
    pub launch_template_id: Option<String>,
    pub launch_template_name: Option<String>,
    pub source_version: Option<String>,
    pub version_description: Option<String>,
    #[serde(default)]
    pub launch_template_data: Data,
    /// Whether the answer shows the image that a parameter names.
    pub resolve_alias: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `CreateLaunchTemplateResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub launch_template: TemplateOut,
    pub warning: Option<Warning>,
}

/// `CreateLaunchTemplateVersionResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct VersionCreated {
    pub launch_template_version: VersionOut,
    pub warning: Option<Warning>,
}

/// `ValidationWarning`.
#[derive(Debug, Serialize, Shaped)]
pub struct Warning {
    pub errors: Vec<ValidationError>,
}

/// `ValidationError`.
#[derive(Debug, Serialize, Shaped)]
pub struct ValidationError {
    pub code: String,
    pub message: String,
}

/// CreateLaunchTemplate on a template to come, and the tags; and reading the parameter that names the image.
pub fn to_create(cx: &Cx, _: &World, input: &CreateLaunchTemplate) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let reading = input.launch_template_data.check_on_parameter(cx);
    resource::checks_on_new(cx, &kind::LAUNCH_TEMPLATE, specifications, "CreateLaunchTemplate", reading)
}

/// CreateLaunchTemplateVersion on the template, and reading the parameter that names the image.
pub fn to_create_version(cx: &Cx, world: &World, input: &CreateLaunchTemplateVersion) -> Vec<Check> {
    let named = Named::new(&input.launch_template_id, &input.launch_template_name);
    let data = source_data(cx, world, input).unwrap_or_else(|_| input.launch_template_data.clone());
    std::iter::once(named.check(cx, world)).chain(data.check_on_parameter(cx)).collect()
}

/// The name has 3 to 128 letters, digits and some others.
pub fn check(_: &Cx, _: &World, input: &CreateLaunchTemplate) -> Result<(), ApiError> {
    let name = &input.launch_template_name;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "()./-_".contains(letter);
    if !(3..=128).contains(&name.len()) || !name.chars().all(fits) {
        return Err(ApiError::new(
            "InvalidLaunchTemplateName.MalformedException",
            "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.",
        ));
    }
    check_data(&input.launch_template_data)
}

/// The data can be read; it may be empty where there is a version that it comes of.
pub fn check_version(_: &Cx, _: &World, input: &CreateLaunchTemplateVersion) -> Result<(), ApiError> {
    if input.source_version.is_none() {
        must_be_given(&input.launch_template_data)?;
    }
    check_data(&input.launch_template_data)
}

fn must_be_given(data: &Data) -> Result<(), ApiError> {
    if data.0.is_empty() {
        return Err(ApiError::new(
            "MissingParameter",
            "No launch template data was provided. Launch template data is required to create a launch template.",
        ));
    }
    Ok(())
}

fn check_data(data: &Data) -> Result<(), ApiError> {
    if let Some(image) = data.text(&["ImageId"]).filter(|image| !may_be_image(image)) {
        let wanted = "The expected format is ami-xxxxxxxx or ami-xxxxxxxxxxxxxxxxx.";
        return Err(ApiError::new("InvalidAMIID.Malformed", format!("The image ID '{image}' is not valid. {wanted}")));
    }
    if data.0.contains_key("InstanceType") && data.0.contains_key("InstanceRequirements") {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            "The parameters InstanceType and InstanceRequirements cannot be used together",
        ));
    }
    user_data::check(data.text(&["UserData"])).map_err(|error| error.coded("InvalidUserData.Malformed"))?;
    let hops = data.get(&["MetadataOptions", "HttpPutResponseHopLimit"]).and_then(Json::as_i64);
    metadata_options::hops_must_fit(hops)
}

/// An image's id, or a parameter in its place.
fn may_be_image(text: &str) -> bool {
    kind::IMAGE.is_id(text) || parameter::named_by(text).is_some()
}

/// Makes a template with its first version, or answers again what the same client token made.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateLaunchTemplate) -> Result<Created, ApiError> {
    // Not asked of a dry run (recorded of AWS, September 2026).
    must_be_given(&input.launch_template_data)?;
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&CreateLaunchTemplate { client_token: None, dry_run: None, ..input.clone() });
    if let Some(made) = client_token::seen(cx, tx, "CreateLaunchTemplate", token, &digest)? {
        let made = made.first().and_then(|id| resource::look_up::<LaunchTemplate>(tx, cx, id));
        let template = made.filter(|it| it.counted == 1).ok_or_else(used_before)?;
        return Ok(Created { launch_template: out(&template), warning: None });
    }
    input.launch_template_data.must_be_resolvable(cx)?;
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::LAUNCH_TEMPLATE.resource_type)?;
    let name = input.launch_template_name.clone();
    if named::by_name(cx, tx, &name).is_some() {
        let message = "Launch template name already in use.";
        return Err(ApiError::new("InvalidLaunchTemplateName.AlreadyExistsException", message));
    }
    let template = LaunchTemplate {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::LAUNCH_TEMPLATE.prefix),
        name,
        created_at: cx.now_seconds(),
        created_by: cx.caller.arn(),
        default_version: 1,
        latest_version: 1,
        counted: 1,
        tags,
    };
    tx.put(template.clone());
    tx.put(version(cx, &template, input.version_description.clone(), input.launch_template_data.clone()));
    client_token::remember(cx, tx, "CreateLaunchTemplate", token, digest, vec![template.id.clone()]);
    Ok(Created { launch_template: out(&template), warning: warning(cx, tx, &input.launch_template_data) })
}

/// A token is good again only while its template is there with one version, as was seen of AWS in September 2026.
fn used_before() -> ApiError {
    ApiError::new("IdempotentParameterMismatch", "Client token already used before.")
}

/// Makes a further version, which inherits from its source if it names one.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html>
pub fn create_version(cx: &Cx, tx: &mut Tx, input: &CreateLaunchTemplateVersion) -> Result<VersionCreated, ApiError> {
    let token = input.client_token.as_deref();
    let plain = CreateLaunchTemplateVersion { client_token: None, dry_run: None, ..input.clone() };
    let digest = client_token::digest(&plain);
    let template = Named::new(&input.launch_template_id, &input.launch_template_name).get(cx, tx)?;
    if let Some(made) = client_token::seen(cx, tx, "CreateLaunchTemplateVersion", token, &digest)? {
        let held = template.version(tx, made.first().map(String::as_str))?;
        return Ok(VersionCreated { launch_template_version: shown(cx, input, &template, &held), warning: None });
    }
    let data = source_data(cx, tx, input)?;
    data.must_be_resolvable(cx)?;
    let number = template.counted + 1;
    let template = LaunchTemplate { latest_version: number, counted: number, ..(*template).clone() };
    let made = version(cx, &template, input.version_description.clone(), data);
    tx.put(template.clone());
    tx.put(made.clone());
    client_token::remember(cx, tx, "CreateLaunchTemplateVersion", token, digest, vec![number.to_string()]);
    let warning = warning(cx, tx, &made.data);
    Ok(VersionCreated { launch_template_version: shown(cx, input, &template, &made), warning })
}

/// The data of a version to come: what is given, on top of the version it comes of.
fn source_data(cx: &Cx, world: &World, input: &CreateLaunchTemplateVersion) -> Result<Data, ApiError> {
    let Some(source) = &input.source_version else { return Ok(input.launch_template_data.clone()) };
    let template = Named::new(&input.launch_template_id, &input.launch_template_name).get(cx, world)?;
    Ok(input.launch_template_data.over(&template.version(world, Some(source))?.data))
}

fn shown(
    cx: &Cx,
    input: &CreateLaunchTemplateVersion,
    template: &LaunchTemplate,
    made: &LaunchTemplateVersion,
) -> VersionOut {
    let out = version_out(template, made);
    if input.resolve_alias == Some(true) { out.resolved(cx) } else { out }
}

/// The version that is the template's latest.
fn version(cx: &Cx, template: &LaunchTemplate, description: Option<String>, data: Data) -> LaunchTemplateVersion {
    LaunchTemplateVersion {
        account: template.account,
        region: template.region.clone(),
        template_id: template.id.clone(),
        number: template.latest_version,
        description,
        created_at: cx.now_seconds(),
        created_by: cx.caller.arn(),
        data,
    }
}

/// What a launch by the template alone would fail of, if it has all that a launch needs; of a type that does not exist in any case.
fn warning(cx: &Cx, world: &World, data: &Data) -> Option<Warning> {
    if let Some(unknown) = data.text(&["InstanceType"]).filter(|name| instance_types::get(name).is_none()) {
        let message = format!("The following supplied instance types do not exist: [{unknown}]");
        return Some(Warning { errors: vec![ValidationError { code: "InvalidInstanceType".to_owned(), message }] });
    }
    let alone = RunInstances { min_count: 1, max_count: 1, ..RunInstances::default() };
    let wish = data.launch(&alone).ok().filter(|wish| wish.image_id.is_some() && wish.instance_type.is_some())?;
    let error = run::would_fail(cx, world, &wish)?;
    Some(Warning { errors: vec![ValidationError { code: error.code.to_string(), message: error.message.clone() }] })
}
