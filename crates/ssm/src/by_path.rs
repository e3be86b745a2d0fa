//! GetParametersByPath: the parameters right below a path or, on request, all that are further down. A page has at most ten.
//! <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html>

use ec2::image::parameter::{self, Named};
use service::paging;
use service::prelude::*;

use crate::name;
use crate::parameter::{ParameterOut, out};

/// `GetParametersByPathRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct GetParametersByPath {
    pub path: String,
    pub recursive: Option<bool>,
    #[serde(default)]
    pub parameter_filters: Vec<ParameterFilter>,
    /// Nothing public is encrypted.
    pub with_decryption: Option<bool>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
}

/// `ParameterStringFilter`.
#[derive(Debug, Deserialize, Serialize, Shaped)]
pub struct ParameterFilter {
    pub key: String,
    pub option: Option<String>,
    #[serde(default)]
    pub values: Vec<String>,
}

/// `GetParametersByPathResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Page {
    pub parameters: Vec<ParameterOut>,
    pub next_token: Option<String>,
}

const MOST_RESULTS: i64 = 10;

/// A path that can be one, and filters that go with it.
pub fn check(_: &Cx, _: &World, input: &GetParametersByPath) -> Result<(), ApiError> {
    name::check_path(&input.path)?;
    for filter in &input.parameter_filters {
        if !matches!(filter.key.as_str(), "Type" | "KeyId" | "Label") {
            let message = format!(
                "The following filter key is not valid: {}. Valid filter keys include: [Type, KeyId, Label].",
                filter.key
            );
            return Err(ApiError::new("InvalidFilterKey", message));
        }
        let option = filter.option.as_deref().unwrap_or("Equals");
        if !matches!(option, "Equals" | "BeginsWith") {
            let message = format!(
                "The following filter option is not valid: {option}. Valid options include: [BeginsWith, Equals]."
            );
            return Err(ApiError::new("InvalidFilterOption", message));
        }
    }
    Ok(())
}

/// GetParametersByPath on what is at the path.
pub fn to_get(cx: &Cx, _: &World, input: &GetParametersByPath) -> Vec<Check> {
    let recursive = input.recursive.unwrap_or(false);
    vec![Check::on(Named::of(input.path.trim_end_matches('/')).arn(cx)).key("ssm:Recursive", recursive.to_string())]
}

/// A page of them, in the order of their names.
pub fn get(cx: &Cx, _: &World, input: &GetParametersByPath) -> Result<Page, ApiError> {
    let below = format!("{}/", input.path.trim_end_matches('/'));
    let recursive = input.recursive.unwrap_or(false);
    // Above all paths are the account's own parameters alone, of which there are none.
    let is_below = |name: &str| name.strip_prefix(&below).is_some_and(|rest| recursive || !rest.contains('/'));
    let is_there = |name: &str| below != "/" && is_below(name);
    let mut found: Vec<_> = parameter::all(cx).filter(|it| is_there(it.name) && admitted(input)).collect();
    found.sort_by_key(|it| it.name);
    let scope = format!("parameters by path {below} {recursive} {:?}", input.parameter_filters);
    let size = usize::try_from(input.max_results.unwrap_or(MOST_RESULTS)).unwrap_or_default();
    let page = paging::page(&scope, input.next_token.as_deref(), size, found, |it| it.name.to_owned())
        .map_err(|_| ApiError::new("InvalidNextToken", "The specified token isn't valid."))?;
    Ok(Page { parameters: page.items.iter().map(|it| out(cx, it, None)).collect(), next_token: page.next })
}

/// All that is public is a `String`, without a key or a label.
fn admitted(input: &GetParametersByPath) -> bool {
    input.parameter_filters.iter().all(|filter| {
        let begins = filter.option.as_deref() == Some("BeginsWith");
        let is_type = |value: &String| value == "String" || (begins && "String".starts_with(value.as_str()));
        filter.key == "Type" && filter.values.iter().any(is_type)
    })
}
