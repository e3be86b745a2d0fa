//! GetParameter and GetParameters. <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html>

use ec2::image::parameter::{Missing, Named, Parameter};
use service::prelude::*;

use crate::name;

/// `GetParameterRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct GetParameter {
    pub name: String,
    /// Nothing public is encrypted.
    pub with_decryption: Option<bool>,
}

/// `GetParameterResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Found {
    pub parameter: ParameterOut,
}

/// `GetParametersRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct GetParameters {
    pub names: Vec<String>,
    pub with_decryption: Option<bool>,
}

/// `GetParametersResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct FoundMany {
    pub parameters: Vec<ParameterOut>,
    /// What there is not, as it was asked for.
    pub invalid_parameters: Vec<String>,
}

/// `Parameter`.
#[derive(Debug, Serialize, Shaped)]
pub struct ParameterOut {
    pub name: String,
    pub r#type: &'static str,
    pub value: String,
    pub version: i64,
    /// `:3`, where a version was asked for.
    pub selector: Option<String>,
    pub last_modified_date: Timestamp,
    #[serde(rename = "ARN")]
    pub arn: String,
    pub data_type: &'static str,
}

/// As answers show it.
pub fn out(cx: &Cx, parameter: &Parameter, selector: Option<&str>) -> ParameterOut {
    ParameterOut {
        name: parameter.name.to_owned(),
        r#type: "String",
        value: parameter.image.image_id.clone(),
        version: parameter.version,
        selector: selector.map(|selector| format!(":{selector}")),
        last_modified_date: parameter.modified_at(),
        arn: Named::of(parameter.name).arn(cx),
        data_type: parameter.data_type(),
    }
}

/// A name that can be one.
pub fn check_get(_: &Cx, _: &World, input: &GetParameter) -> Result<(), ApiError> {
    name::check(&input.name)
}

/// GetParameter on the parameter.
pub fn to_get(cx: &Cx, _: &World, input: &GetParameter) -> Vec<Check> {
    vec![Check::on(Named::of(&input.name).arn(cx))]
}

/// One parameter, at its newest version or the one that is named.
pub fn get(cx: &Cx, _: &World, input: &GetParameter) -> Result<Found, ApiError> {
    let named = Named::of(&input.name);
    let parameter = named.find(cx).map_err(|missing| refusal(&named, missing))?;
    Ok(Found { parameter: out(cx, &parameter, named.selector) })
}

/// AWS says nothing of a parameter that is not there.
fn refusal(named: &Named<'_>, missing: Missing) -> ApiError {
    let selector = named.selector.unwrap_or_default();
    match missing {
        Missing::Parameter => ApiError::new("ParameterNotFound", ""),
        Missing::Version => ApiError::new(
            "ParameterVersionNotFound",
            format!(
                "Systems Manager could not find version {selector} of {}. Verify the version and try again.",
                named.name
            ),
        ),
    }
}

/// Names that can be some.
pub fn check_get_many(_: &Cx, _: &World, input: &GetParameters) -> Result<(), ApiError> {
    input.names.iter().try_for_each(|name| name::check(name))
}

/// GetParameters on each of them.
pub fn to_get_many(cx: &Cx, _: &World, input: &GetParameters) -> Vec<Check> {
    input.names.iter().map(|name| Check::on(Named::of(name).arn(cx))).collect()
}

/// Those that there are, and the names of the others.
pub fn get_many(cx: &Cx, _: &World, input: &GetParameters) -> Result<FoundMany, ApiError> {
    let mut found = FoundMany { parameters: Vec::new(), invalid_parameters: Vec::new() };
    for name in &input.names {
        let named = Named::of(name);
        match named.find(cx) {
            Ok(parameter) => found.parameters.push(out(cx, &parameter, named.selector)),
            Err(_) => found.invalid_parameters.push(name.clone()),
        }
    }
    Ok(found)
}
