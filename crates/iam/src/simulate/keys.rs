//! The condition keys a policy asks for, as GetContextKeysFor… lists them: policy by policy, each key of a policy once, in the spelling of the
//! policy. AWS counts the names of the escapes `${*}`, `${?}` and `${$}` among them.

use policy::{Document, Version};
use service::prelude::*;

use super::invalid;

/// The keys of policies given as text.
pub fn of_texts(texts: &[String]) -> Result<Vec<String>, ApiError> {
    let mut names = Vec::new();
    for (index, text) in texts.iter().enumerate() {
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
    keys.chain(escapes).collect()
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
