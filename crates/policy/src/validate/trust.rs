//! Trust policies, which AWS reads with another parser: its messages name the missing or prohibited field, statement by statement.
//! This looks at the JSON itself, because faults that the grammar would call one and the same have texts of their own here.

use super::refuse;
use crate::json::{self, Node};
use crate::parse::Malformed;

/// The actions a trust policy may name.
const ACTIONS: &[&str] = &[
    "sts:assumerole",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:tagsession",
    "sts:setsourceidentity",
    "sts:setcontext",
];

/// The provider whose tokens say nothing about the application, so that AWS insists on a condition.
const COGNITO: &str = "cognito-identity.amazonaws.com";

/// What the grammar refuses after the checks here, in the words of this parser.
pub(super) fn reworded(fault: Malformed) -> Malformed {
    Malformed { message: "Syntax error in policy.".to_owned(), ..fault }
}

pub(super) fn check(text: &str) -> Result<(), Malformed> {
    let invalid_json = |detail: String| refuse("This policy contains invalid Json", detail);
    let root = match json::read(text) {
        Ok(root) if root.object().is_some() => root,
        Ok(_) => return invalid_json("a policy is an object".to_owned()),
        Err(fault) => return invalid_json(format!("byte {}: {}", fault.at, fault.what)),
    };
    let version = root.member("Version").map(Node::text);
    if version.is_some_and(|version| !matches!(version, Some("2008-10-17" | "2012-10-17"))) {
        return refuse("The policy must contain a valid version string", "unknown version");
    }
    let statements = root.member("Statement").map(Node::one_or_many).unwrap_or_default();
    if statements.is_empty() {
        return refuse("Could not parse the policy: Statement is empty!", "no statement");
    }
    let mut ids: Vec<&str> = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        check_statement(statement, &format!("statement {index}"))?;
        let Some(id) = statement.member("Sid").and_then(Node::text).filter(|id| !id.is_empty()) else { continue };
        if ids.contains(&id) {
            return refuse("The Statement Ids in the policy are not unique", format!("`{id}`"));
        }
        ids.push(id);
    }
    Ok(())
}

fn check_statement(statement: &Node, place: &str) -> Result<(), Malformed> {
    let effect = match statement.member("Effect").map(Node::text) {
        None => return refuse("Missing required field Effect", place),
        Some(Some(effect @ ("Allow" | "Deny"))) => effect,
        Some(other) => return refuse(format!("Invalid effect: {}", other.unwrap_or_default()), place),
    };
    if statement.member("NotPrincipal").is_some() {
        let message = if effect == "Allow" {
            "Allow with NotPrincipal is not allowed."
        } else {
            "AssumeRole policy must not contain NotPrincipal field."
        };
        return refuse(message, place);
    }
    check_principal(statement, place)?;
    check_actions(statement, place)?;
    if statement.member("Resource").is_some() {
        return refuse("Has prohibited field Resource", place);
    }
    if statement.member("NotResource").is_some() {
        return refuse("AssumeRole policy must not contain resources.", place);
    }
    Ok(())
}

fn check_principal(statement: &Node, place: &str) -> Result<(), Malformed> {
    let Some(principal) = statement.member("Principal") else {
        return refuse("Missing required field Principal", place);
    };
    if principal.text() == Some("*") {
        // Everybody is `{"AWS": "*"}` here; the text is AWS's.
        return refuse("AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\".", place);
    }
    let Some(members) = principal.object() else {
        return refuse("Principal must be a JSON object.", place);
    };
    if members.iter().all(|(_, node)| node.one_or_many().is_empty()) {
        return refuse("Missing required field Principal cannot be empty!", place);
    }
    if let Some((key, _)) = members.iter().find(|(key, _)| !matches!(key.as_str(), "AWS" | "Service" | "Federated")) {
        return refuse(format!("Invalid principal in policy: \"{key}\""), place);
    }
    let federated = principal.member("Federated").map(Node::one_or_many).unwrap_or_default();
    let conditions = statement.member("Condition").and_then(Node::object).unwrap_or_default();
    if conditions.is_empty() && federated.iter().any(|node| node.text() == Some(COGNITO)) {
        return refuse("A condition block must be present for the Cognito provider", place);
    }
    Ok(())
}

fn check_actions(statement: &Node, place: &str) -> Result<(), Malformed> {
    let elements = [statement.member("Action"), statement.member("NotAction")];
    let actions: Vec<&Node> = elements.into_iter().flatten().flat_map(Node::one_or_many).collect();
    if actions.is_empty() {
        return refuse("Missing required field Action", place);
    }
    if actions.iter().filter_map(|node| node.text()).all(is_assume_role_action) {
        return Ok(());
    }
    refuse("AssumeRole policy may only specify STS AssumeRole actions.", place)
}

/// A wildcard may stand for the end of AssumeRole's variants, but not for all of STS.
fn is_assume_role_action(action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    ACTIONS.contains(&action.as_str()) || (action.starts_with("sts:assumerole") && action.ends_with('*'))
}
