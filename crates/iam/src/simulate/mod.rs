//! The policy simulator: what given policies, or those of a user, group or role, say to actions on resources; and which condition keys they ask for.
//!
//! The decision is `policy::decide`, the function that every request goes through; here questions are put together and answers shown in AWS's form of
//! 2026-07-30: one result per action, a decision per resource in it, and organisations' policies named in neither statements nor missing keys.
//! Texts and details come from recorded answers of AWS. Start with [`principal`], then `question` and `answer`.

use service::paging;
use service::prelude::*;

use crate::entity;

mod answer;
mod context;
mod exclusion;
mod keys;
mod question;
mod resource;
mod source;

use answer::EvaluationResult;
use context::ContextEntry;
use exclusion::PolicyIdentifier;
use question::{Case, Question};

service::operations! { Iam;
    SimulateCustomPolicy => read(custom) authorize(of_nobody) scan(),
    SimulatePrincipalPolicy => read(principal) authorize(of_source) scan(),
    GetContextKeysForCustomPolicy => read(keys_of_custom) authorize(keys_of_nobody) scan(),
    GetContextKeysForPrincipalPolicy => read(keys_of_principal) authorize(keys_of_source) scan(),
}

#[derive(Debug, Deserialize, Shaped)]
struct Custom {
    #[serde(default)]
    policy_input_list: Vec<String>,
    permissions_boundary_policy_input_list: Option<Vec<String>>,
    ordered_organization_policy_input_list: Option<Vec<Level>>,
    #[serde(default)]
    action_names: Vec<String>,
    resource_arns: Option<Vec<String>>,
    resource_policy: Option<String>,
    resource_owner: Option<String>,
    caller_arn: Option<String>,
    context_entries: Option<Vec<ContextEntry>>,
    resource_handling_option: Option<String>,
    max_items: Option<i64>,
    marker: Option<String>,
}

/// The service control policies of one level of an organisation.
#[derive(Debug, Deserialize, Shaped)]
struct Level {
    service_control_policy_input_list: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, Shaped)]
struct OfPrincipal {
    policy_source_arn: String,
    policy_input_list: Option<Vec<String>>,
    permissions_boundary_policy_input_list: Option<Vec<String>>,
    policy_exclusion_list: Option<Vec<PolicyIdentifier>>,
    #[serde(default)]
    action_names: Vec<String>,
    resource_arns: Option<Vec<String>>,
    resource_policy: Option<String>,
    resource_owner: Option<String>,
    caller_arn: Option<String>,
    context_entries: Option<Vec<ContextEntry>>,
    resource_handling_option: Option<String>,
    max_items: Option<i64>,
    marker: Option<String>,
}

#[derive(Debug, Deserialize, Shaped)]
struct KeysOfCustom {
    #[serde(default)]
    policy_input_list: Vec<String>,
}

#[derive(Debug, Deserialize, Shaped)]
struct KeysOfPrincipal {
    policy_source_arn: String,
    policy_input_list: Option<Vec<String>>,
}

#[derive(Debug, Serialize, Shaped)]
struct Simulated {
    evaluation_results: Vec<EvaluationResult>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct ContextKeys {
    context_key_names: Vec<String>,
}

fn of_nobody(_: &Cx, _: &World, _: &Custom) -> Vec<Check> {
    vec![Check::any()]
}

fn keys_of_nobody(_: &Cx, _: &World, _: &KeysOfCustom) -> Vec<Check> {
    vec![Check::any()]
}

fn of_source(cx: &Cx, world: &World, input: &OfPrincipal) -> Vec<Check> {
    vec![check(cx, world, &input.policy_source_arn)]
}

fn keys_of_source(cx: &Cx, world: &World, input: &KeysOfPrincipal) -> Vec<Check> {
    vec![check(cx, world, &input.policy_source_arn)]
}

/// Permission is asked for on the user, group or role; on the ARN as given for one that is not there.
fn check(cx: &Cx, world: &World, arn: &str) -> Check {
    let kind_and_name = entity::kind_and_name(arn).filter(|found| found.account == cx.account().as_str());
    let found = kind_and_name.and_then(|found| match found.kind {
        "user" => entity::find_user(world, cx.account(), found.name).map(|_| entity::check_user(cx, world, found.name)),
        "group" => {
            entity::find_group(world, cx.account(), found.name).map(|_| entity::check_group(cx, world, found.name))
        }
        _ => entity::find_role(world, cx.account(), found.name).map(|_| entity::check_role(cx, world, found.name)),
    });
    found.map_or_else(|| Check::on(arn), entity::shown_by_arn)
}

/// `InvalidInput`.
fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInput", text)
}

fn custom(cx: &Cx, _: &World, input: &Custom) -> Result<Simulated, ApiError> {
    let levels = input.ordered_organization_policy_input_list.as_deref().unwrap_or_default();
    let levels = levels.iter().map(|level| level.service_control_policy_input_list.as_deref().unwrap_or_default());
    let question = Question {
        operation: "SimulateCustomPolicy",
        actions: &input.action_names,
        resources: input.resource_arns.as_deref().unwrap_or_default(),
        resource_policy: input.resource_policy.as_deref(),
        resource_owner: input.resource_owner.as_deref(),
        caller_arn: input.caller_arn.as_deref(),
        context: input.context_entries.as_deref().unwrap_or_default(),
        handling: input.resource_handling_option.as_deref(),
        policies: &input.policy_input_list,
        boundaries: input.permissions_boundary_policy_input_list.as_deref().unwrap_or_default(),
        levels: levels.collect(),
        source: None,
    };
    answered(cx, &question, input.marker.as_deref(), input.max_items)
}

fn principal(cx: &Cx, world: &World, input: &OfPrincipal) -> Result<Simulated, ApiError> {
    let mut source = source::of(cx, world, &input.policy_source_arn)?;
    exclusion::apply(&mut source, input.policy_exclusion_list.as_deref().unwrap_or_default())?;
    let question = Question {
        operation: "SimulatePrincipalPolicy",
        actions: &input.action_names,
        resources: input.resource_arns.as_deref().unwrap_or_default(),
        resource_policy: input.resource_policy.as_deref(),
        resource_owner: input.resource_owner.as_deref(),
        // Whose policies they are is who asks, if nobody else is named.
        caller_arn: Some(input.caller_arn.as_deref().unwrap_or(&source.arn)),
        context: input.context_entries.as_deref().unwrap_or_default(),
        handling: input.resource_handling_option.as_deref(),
        policies: input.policy_input_list.as_deref().unwrap_or_default(),
        boundaries: input.permissions_boundary_policy_input_list.as_deref().unwrap_or_default(),
        levels: Vec::new(),
        source: Some(&source),
    };
    answered(cx, &question, input.marker.as_deref(), input.max_items)
}

/// How many decisions a page takes at most: AWS, too, may give fewer actions than were asked for.
const MOST_DECISIONS: usize = 20_000;
/// A decision counts once more for each so many statements it reads and keys it may name: both make the answer longer.
const LIGHT: usize = 100;

/// How many actions fit in a page.
fn most_actions(case: &Case<'_>) -> usize {
    let weight = 1 + (case.statements() + case.missing.len()) / LIGHT;
    (MOST_DECISIONS / (case.resources.len() * weight).max(1)).max(1)
}

/// The page of actions that the marker asks for. It counts actions and holds for another list of them as well, as AWS's does.
fn answered(
    cx: &Cx,
    question: &Question<'_>,
    marker: Option<&str>,
    max_items: Option<i64>,
) -> Result<Simulated, ApiError> {
    let case = question.understood(cx)?;
    let scope = format!("simulation of {} {}", question.operation, cx.account());
    let size = max_items.and_then(|size| usize::try_from(size).ok()).unwrap_or(paging::IAM_DEFAULT);
    let size = size.min(most_actions(&case));
    let numbered = question.actions.iter().enumerate();
    let page = paging::page(&scope, marker, size, numbered, |(number, _)| format!("{number:08}"))
        .map_err(|_| invalid("Invalid marker for pagination."))?;
    Ok(Simulated {
        is_truncated: page.is_truncated(),
        marker: page.next.clone(),
        evaluation_results: page.items.into_iter().map(|(_, action)| answer::of(&case, action)).collect(),
    })
}

fn keys_of_custom(_: &Cx, _: &World, input: &KeysOfCustom) -> Result<ContextKeys, ApiError> {
    Ok(ContextKeys { context_key_names: keys::of_texts(&input.policy_input_list)? })
}

fn keys_of_principal(cx: &Cx, world: &World, input: &KeysOfPrincipal) -> Result<ContextKeys, ApiError> {
    let source = source::of(cx, world, &input.policy_source_arn)?;
    let mut names = keys::of_texts(input.policy_input_list.as_deref().unwrap_or_default())?;
    let held = source.identity.iter().chain(&source.boundary).map(|held| &held.document);
    held.for_each(|document| names.extend(keys::of_document(document)));
    Ok(ContextKeys { context_key_names: names })
}

#[cfg(test)]
mod tests;
