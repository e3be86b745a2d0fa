//! The condition keys a policy asks for, as GetContextKeysFor… lists them: policy by policy, each key of a policy once, in the spelling of the
//! policy. AWS counts the names of the escapes `${*}`, `${?}` and `${$}` among them, and variables where no operator reads them. A policy without
//! statements has none (September 2026).

use policy::{Document, Version};
use service::prelude::*;

use super::invalid;

/// The keys of policies given as text.
pub fn of_texts(texts: &[String]) -> Result<Vec<String>, ApiError> {
    let mut names = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        if is_without_statements(text) {
            continue;
        }
        let document = Document::parse(text).map_err(|fault| {
            invalid(format!("Policy input list item {} has invalid content", index + 1)).because(fault.to_string())
        })?;
        names.extend(of_document(&document));
    }
    Ok(names)
}

/// The keys of one policy.
pub fn of_document(document: &Document) -> Vec<String> {
    let keys = document.context_keys().into_iter().map(str::to_owned);
    let escapes = ["*", "?", "$"].into_iter().filter(|name| has_escape(document, name)).map(str::to_owned);
    let mut all: Vec<String> = keys.chain(escapes).collect();
    if document.version == Version::V2012 {
        let conditions = document.statements.iter().flat_map(|statement| &statement.conditions);
        for name in conditions.flat_map(|condition| condition.values()).flat_map(variables) {
            if !all.iter().any(|held| held == name) {
                all.push(name.to_owned());
            }
        }
    }
    all
}

/// The variables of a text, without their defaults.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    let inside = text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(inside, _)| inside);
    inside.map(|inside| inside.split(',').next().unwrap_or_default().trim()).filter(|name| name.contains(':'))
}

/// Whether the text is a policy whose list of statements is empty or not there.
fn is_without_statements(text: &str) -> bool {
    let Ok(serde_json::Value::Object(members)) = serde_json::from_str(text) else { return false };
    let is_empty = members.get("Statement").is_none_or(|statements| statements.as_array().is_some_and(Vec::is_empty));
    is_empty && members.keys().all(|name| matches!(name.as_str(), "Version" | "Id" | "Statement"))
}

fn has_escape(document: &Document, name: &str) -> bool {
    let escape = format!("${{{name}}}");
    let of_statement = |statement: &policy::Statement| {
        let mut resources = statement.resources.iter().flat_map(|element| element.texts());
        let mut values = statement.conditions.iter().flat_map(|condition| condition.values());
        resources.any(|text| text.contains(&escape)) || values.any(|text| text.contains(&escape))
    };
    document.version == Version::V2012 && document.statements.iter().any(of_statement)
}
