//! `rolecall decisions`: the log of decisions, a line for each and one more for each check that failed.

use std::process::ExitCode;

use serde_json::Value;

use super::why::{list, or, string};
use super::{Outcome, admin};
use crate::cli::{Chosen, Decisions};

/// How long the server is asked to wait for something to come.
const WAIT_SECONDS: &str = "20";

/// Runs the command.
pub async fn run(asked: &Decisions) -> Outcome {
    let chosen = parameters(asked);
    // Asked first: what comes between the two calls is on the page.
    let latest = if asked.follow { latest(asked).await? } else { 0 };
    let mut page = call(asked, &chosen, &[("limit", &asked.limit.to_string())]).await?;
    if asked.follow {
        // What is shown first reads on into what follows.
        list_mut(&mut page).reverse();
    }
    print(asked, list(&page, "decisions"))?;
    if !asked.follow {
        return Ok(ExitCode::SUCCESS);
    }
    let mut after = latest.max(number_of_last(&page));
    loop {
        let more = [("after", after.to_string()), ("wait", WAIT_SECONDS.to_owned()), ("limit", "1000".to_owned())];
        let more: Vec<(&str, &str)> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = call(asked, &chosen, &more).await?;
        print(asked, list(&page, "decisions"))?;
        after = page.get("next").and_then(Value::as_u64).unwrap_or(after);
    }
}

/// Where the log ends, whatever is chosen.
async fn latest(asked: &Decisions) -> Result<u64, String> {
    Ok(number_of_last(&call(asked, &[], &[("limit", "1")]).await?))
}

fn number_of_last(page: &Value) -> u64 {
    let numbers = list(page, "decisions").iter().filter_map(|decision| decision.get("number")?.as_u64());
    numbers.max().unwrap_or_default()
}

fn list_mut(page: &mut Value) -> &mut [Value] {
    page.get_mut("decisions").and_then(Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default()
}

async fn call(asked: &Decisions, chosen: &[(&str, String)], more: &[(&str, &str)]) -> Result<Value, String> {
    let pairs = chosen.iter().map(|(name, value)| (*name, value.as_str())).chain(more.iter().copied());
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    admin(&asked.endpoint, "GET", &format!("decisions?{query}"), None).await
}

fn parameters(asked: &Decisions) -> Vec<(&'static str, String)> {
    let texts = [
        ("principal", &asked.principal),
        ("action", &asked.action),
        ("resource", &asked.resource),
        ("service", &asked.service),
        ("verdict", &asked.verdict),
    ];
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name, text.clone()?)));
    texts.chain(chosen(&asked.chosen)).collect()
}

/// The parameters that every command about the log has.
pub fn chosen(chosen: &Chosen) -> Vec<(&'static str, String)> {
    let texts = [
        ("since", chosen.since.clone()),
        ("until", chosen.until.clone()),
        ("account", chosen.account.map(|account| account.to_string())),
    ];
    texts.into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
}

fn print(asked: &Decisions, decisions: &[Value]) -> Result<(), String> {
    let text = |decision: &Value| if asked.json { format!("{decision}\n") } else { lines(decision) };
    super::print(&decisions.iter().map(text).collect::<String>())
}

/// One decision in brief.
fn lines(decision: &Value) -> String {
    let error = decision.get("error").filter(|error| !error.is_null());
    let action = format!("{}:{}", string(decision, "service"), or(string(decision, "operation"), "?"));
    let mut text = format!(
        "{}  {:<10}  {action}  {}  {}",
        string(decision, "time"),
        string(decision, "verdict"),
        or(string(decision, "principal"), "-"),
        string(decision, "requestId"),
    );
    if let Some(error) = error {
        text.push_str(&format!("  {}", string(error, "code")));
    }
    text.push('\n');
    let failed = list(decision, "checks").iter().filter(|check| check.get("allowed") == Some(&Value::Bool(false)));
    for check in failed {
        text.push_str(&format!(
            "    {} on {}: {}\n",
            string(check, "action"),
            string(check, "resource"),
            string(check, "reason")
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::lines;

    #[test]
    fn a_decision_in_brief() {
        let decision = json!({
            "time": "2026-11-23T10:00:00Z", "verdict": "would-deny", "service": "ec2", "operation": "RunInstances",
            "principal": "arn:aws:iam::000000000000:user/alice", "requestId": "r-1", "error": null,
            "checks": [
                {"action": "ec2:RunInstances", "resource": "arn:aws:ec2:us-east-1:000000000000:instance/*", "allowed": true, "reason": ""},
                {"action": "iam:PassRole", "resource": "arn:aws:iam::000000000000:role/r", "allowed": false,
                 "reason": "because no identity-based policy allows the iam:PassRole action"},
            ]
        });
        let expected = "\
2026-11-23T10:00:00Z  would-deny  ec2:RunInstances  arn:aws:iam::000000000000:user/alice  r-1
    iam:PassRole on arn:aws:iam::000000000000:role/r: because no identity-based policy allows the iam:PassRole action
";
        assert_eq!(lines(&decision), expected);
    }
}
