//! `rolecall policy generate`: the least policy that allows what the log saw of a principal.

use std::process::ExitCode;

use serde_json::Value;

use super::why::list;
use super::{Outcome, admin, decisions, print};
use crate::cli::{Generate, Policy, PolicyAction};

/// Runs the command.
pub async fn run(policy: &Policy) -> Outcome {
    match &policy.action {
        PolicyAction::Generate(asked) => generate(asked).await,
    }
}

/// Prints the document; more than one, where one is too small, as a list.
async fn generate(asked: &Generate) -> Outcome {
    let mut pairs = decisions::chosen(&asked.chosen);
    pairs.push(("principal", asked.principal.clone()));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let answer = admin(&asked.endpoint, "GET", &format!("policy?{query}"), None).await?;
    let documents = list(&answer, "policies");
    let text = match documents {
        [only] => serde_json::to_string_pretty(only),
        several => serde_json::to_string_pretty(several),
    };
    print(&format!("{}\n", text.map_err(|error| error.to_string())?))?;
    let requests = answer.get("requests").and_then(Value::as_u64).unwrap_or_default();
    eprintln!("rolecall: made of {requests} request{}", if requests == 1 { "" } else { "s" });
    if documents.len() > 1 {
        eprintln!("rolecall: one policy is too small for it; these are {} to attach together", documents.len());
    }
    if answer.get("widened") == Some(&Value::Bool(true)) {
        eprintln!("rolecall: ten policies are too small for every single resource; some are given by their kind");
    }
    Ok(ExitCode::SUCCESS)
}
