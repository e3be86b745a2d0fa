//! A second evaluator, as plain as can be: it works on the JSON itself, expands every pattern into single characters, and follows the
//! rules word by word, without a thought for speed. It shares no code with the crate. The property tests hold the two against
//! each other; the data cases are decided by both. Start reading at [`decide`], then [`document`].

mod values;

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The caller of a request, as the case files write it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Caller {
    /// root, user, role, federated-user, federated, service or anonymous.
    pub kind: String,
    pub account: String,
    pub arn: String,
    pub id: String,
    pub behind_arn: String,
    pub behind_id: String,
    /// The identity provider, or the service.
    pub provider: String,
}

/// A condition key's value: a text is a single value, a list is a multivalued key.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Have {
    Single(String),
    Multi(Vec<String>),
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ask {
    pub action: String,
    pub resource: String,
    pub caller: Caller,
    pub context: BTreeMap<String, Have>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policies {
    pub identity: Vec<Value>,
    pub boundary: Option<Value>,
    pub session: Vec<Vec<Value>>,
    pub scope_down: Vec<Vec<Value>>,
    pub resource: Option<Value>,
    pub trust: Option<Value>,
    pub scp: Vec<Vec<Value>>,
    pub rcp: Vec<Vec<Value>>,
}

/// What one document says, by which statements, and by which name of the caller ("" without Principal).
#[derive(Debug, PartialEq)]
pub struct Said {
    pub effect: &'static str,
    pub statements: Vec<usize>,
    pub by: &'static str,
}

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values.clone(),
        one => vec![one.clone()],
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The ways to be named, weakest first.
const WAYS: [&str; 7] = ["", "account", "behind", "everyone", "service", "federated", "itself"];

fn strength(way: &str) -> usize {
    WAYS.iter().position(|known| *known == way).unwrap()
}

pub fn document(policy: &Value, ask: &Ask, bounded: bool) -> Said {
    let mut allows = Vec::new();
    let mut denies = Vec::new();
    for (index, statement) in list(&policy["Statement"]).iter().enumerate() {
        if let Some(by) = applies(policy, statement, ask, bounded) {
            let side = if statement["Effect"] == "Allow" { &mut allows } else { &mut denies };
            side.push((index, by));
        }
    }
    let (effect, chosen) = match (denies.is_empty(), allows.is_empty()) {
        (false, _) => ("Deny", denies),
        (true, false) => ("Allow", allows),
        (true, true) => ("NoMatch", Vec::new()),
    };
    let by = chosen.iter().map(|(_, by)| *by).max_by_key(|by| strength(by)).unwrap_or("");
    Said { effect, statements: chosen.into_iter().map(|(index, _)| index).collect(), by }
}

fn applies(policy: &Value, statement: &Value, ask: &Ask, bounded: bool) -> Option<&'static str> {
    let variables = policy["Version"] == "2012-10-17";
    let action_fits = |pattern: &Value| {
        let pattern = expand(&text(pattern).to_ascii_lowercase(), true, false, ask).unwrap();
        glob(&pattern, &ask.action.to_ascii_lowercase())
    };
    let action = match (statement.get("Action"), statement.get("NotAction")) {
        (Some(actions), _) => list(actions).iter().any(action_fits),
        (None, Some(actions)) => !list(actions).iter().any(action_fits),
        (None, None) => false,
    };
    let named = statement.get("Principal").is_some() || statement.get("NotPrincipal").is_some();
    let resource_fits = |pattern: &Value| resource(&text(pattern), variables, ask);
    let resource = match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(resources), _) => list(resources).iter().any(resource_fits),
        (None, Some(resources)) => !list(resources).iter().any(resource_fits),
        (None, None) => named,
    };
    let by = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), _) => ways(principal, &ask.caller).into_iter().max_by_key(|way| strength(way))?,
        (None, Some(principal)) => not_spared(principal, &ask.caller, bounded)?,
        (None, None) => "",
    };
    (action && resource && conditions(statement, variables, ask)).then_some(by)
}

/// One character of a pattern.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sign {
    Character(char),
    Any,
    One,
}

/// Expands a pattern character by character; None if a variable has no value.
fn expand(pattern: &str, wildcards: bool, variables: bool, ask: &Ask) -> Option<Vec<Sign>> {
    let all: Vec<char> = pattern.chars().collect();
    let mut signs = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let close = (at..all.len()).find(|i| all[*i] == '}');
        let opens = variables && all[at] == '$' && all.get(at + 1) == Some(&'{');
        if let (true, Some(close)) = (opens, close) {
            let inside: String = all[at + 2..close].iter().collect();
            signs.extend(replacement(&inside, ask)?.chars().map(Sign::Character));
            at = close + 1;
            continue;
        }
        signs.push(match all[at] {
            '*' if wildcards => Sign::Any,
            '?' if wildcards => Sign::One,
            other => Sign::Character(other),
        });
        at += 1;
    }
    Some(signs)
}

fn replacement(inside: &str, ask: &Ask) -> Option<String> {
    if inside == "*" || inside == "?" || inside == "$" {
        return Some(inside.to_owned());
    }
    let (key, default) = match inside.find(", '") {
        Some(at) if inside.ends_with('\'') && at + 3 < inside.len() => {
            (&inside[..at], Some(inside[at + 3..inside.len() - 1].to_owned()))
        }
        _ => (inside, None),
    };
    match lookup(key, ask) {
        Some(Have::Single(value)) => Some(value.clone()),
        Some(Have::Multi(values)) if !values.is_empty() => None,
        _ => default,
    }
}

fn lookup<'a>(key: &str, ask: &'a Ask) -> Option<&'a Have> {
    ask.context.iter().find(|(known, _)| known.to_lowercase() == key.to_lowercase()).map(|(_, have)| have)
}

/// Whether a pattern matches all of a text, both in units of UTF-16: a table over every pair of a pattern's start and a text's start.
fn glob(pattern: &[Sign], text: &str) -> bool {
    let text: Vec<u16> = text.encode_utf16().collect();
    let units = |sign: &Sign| match sign {
        Sign::Character(character) => character.to_string().encode_utf16().map(Ok).collect(),
        wildcard => vec![Err(*wildcard)],
    };
    let pattern: Vec<Result<u16, Sign>> = pattern.iter().flat_map(units).collect();
    let mut table = vec![vec![false; text.len() + 1]; pattern.len() + 1];
    table[0][0] = true;
    for p in 1..=pattern.len() {
        for t in 0..=text.len() {
            table[p][t] = match pattern[p - 1] {
                Err(Sign::Any) => table[p - 1][t] || (t > 0 && table[p][t - 1]),
                Err(_) => t > 0 && table[p - 1][t - 1],
                Ok(wanted) => t > 0 && text[t - 1] == wanted && table[p - 1][t - 1],
            };
        }
    }
    table[pattern.len()][text.len()]
}

/// Matches six parts against the six parts of a text; missing parts of the pattern are wildcards, of the text empty.
fn six_parts(parts: Vec<Vec<Sign>>, text: &str) -> bool {
    let texts: Vec<&str> = text.splitn(6, ':').collect();
    (0..6).all(|at| match parts.get(at) {
        Some(part) => glob(part, texts.get(at).unwrap_or(&"")),
        None => true,
    })
}

fn resource(pattern: &str, variables: bool, ask: &Ask) -> bool {
    if pattern == "*" || ask.resource == "*" {
        return pattern == "*";
    }
    let Some(parts) = cut(pattern, variables, ask) else { return false };
    (parts.len() == 6 || !(variables && has_variable(pattern))) && six_parts(parts, &ask.resource)
}

fn has_variable(pattern: &str) -> bool {
    let insides = pattern.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    insides.into_iter().any(|inside| !matches!(inside, "*" | "?" | "$"))
}

/// Whether a wanted ARN is none, its variables replaced.
fn no_arn(pattern: &str, variables: bool, ask: &Ask) -> bool {
    let Some(signs) = expand(pattern, true, variables, ask) else { return false };
    let characters = signs.iter().map(|sign| match sign {
        Sign::Character(character) => Some(*character),
        Sign::Any | Sign::One => None,
    });
    characters.collect::<Option<String>>().is_some_and(|text| !text.starts_with("arn:"))
}

fn arn_like(pattern: &str, variables: bool, actual: &str, ask: &Ask) -> bool {
    cut(pattern, variables, ask).is_some_and(|parts| six_parts(parts, actual))
}

/// A pattern's parts, with variables replaced before it is cut.
fn cut(pattern: &str, variables: bool, ask: &Ask) -> Option<Vec<Vec<Sign>>> {
    let signs = expand(pattern, true, variables, ask)?;
    let mut parts = vec![Vec::new()];
    for sign in signs {
        if sign == Sign::Character(':') && parts.len() < 6 {
            parts.push(Vec::new());
        } else {
            parts.last_mut().unwrap().push(sign);
        }
    }
    Some(parts)
}

/// All ways in which a Principal element names the caller.
fn ways(principal: &Value, caller: &Caller) -> Vec<&'static str> {
    if principal == "*" {
        return vec!["everyone"];
    }
    let mut ways = Vec::new();
    for (key, values) in principal.as_object().unwrap() {
        for value in list(values) {
            ways.extend(way(key, &text(&value), caller));
        }
    }
    ways
}

fn way(key: &str, value: &str, caller: &Caller) -> Option<&'static str> {
    let is = |name: &str| !name.is_empty() && name == value;
    let root = format!("arn:aws:iam::{}:root", caller.account);
    match key {
        "AWS" if value == "*" => Some("everyone"),
        "AWS" if !caller.account.is_empty() && (value == caller.account || value == root) => Some("account"),
        "AWS" if is(&caller.arn) || (is(&caller.id) && caller.kind == "user") => Some("itself"),
        "AWS" if is(&caller.behind_arn) || is(&caller.behind_id) => Some("behind"),
        "Service" if caller.kind == "service" && (is(&caller.provider) || value == "*") => Some("service"),
        "Federated" if caller.kind == "federated" && (is(&caller.provider) || value == "*") => Some("federated"),
        _ => None,
    }
}

fn not_spared(principal: &Value, caller: &Caller, bounded: bool) -> Option<&'static str> {
    let ways = ways(principal, caller);
    let everyone = ways.iter().any(|way| ["everyone", "service", "federated"].contains(way));
    let needs_itself = caller.kind != "root";
    let needs_behind = !caller.behind_arn.is_empty();
    let by_all_names = ways.contains(&"account")
        && (!needs_itself || ways.contains(&"itself"))
        && (!needs_behind || ways.contains(&"behind"));
    let spared = everyone || by_all_names;
    (!spared || bounded).then_some("everyone")
}

fn conditions(statement: &Value, variables: bool, ask: &Ask) -> bool {
    let Some(operators) = statement.get("Condition").and_then(Value::as_object) else { return true };
    operators.iter().all(|(operator, keys)| {
        let denies = statement["Effect"] == "Deny";
        let mut keys = keys.as_object().unwrap().iter();
        keys.all(|(key, wanted)| condition(operator, key, &list(wanted), variables, denies, ask))
    })
}

/// One operator, one key.
fn condition(operator: &str, key: &str, wanted: &[Value], variables: bool, denies: bool, ask: &Ask) -> bool {
    let (set, rest) = match operator.split_once(':') {
        Some((set, rest)) => (set, rest),
        None => ("", operator),
    };
    let if_exists = rest.ends_with("IfExists");
    let base = rest.trim_end_matches("IfExists");
    let have: Vec<String> = match lookup(key, ask) {
        None => Vec::new(),
        Some(Have::Single(value)) => vec![value.clone()],
        Some(Have::Multi(values)) => values.clone(),
    };
    if base == "Null" {
        return wanted.iter().any(|want| (text(want).to_lowercase() == "true") == have.is_empty());
    }
    let negated = base.contains("Not");
    let positive = base.replace("Not", "");
    let holds = |value: &String| {
        if positive.starts_with("Arn") && values::is_comparable(&positive, value) {
            let before = wanted.iter().position(|want| no_arn(&text(want), variables, ask)).unwrap_or(wanted.len());
            let fits = |want: &Value| values::holds(&positive, &text(want), variables, value, ask);
            if before < wanted.len() && !wanted[..before].iter().any(fits) {
                return denies;
            }
        }
        let one = wanted.iter().any(|want| values::holds(&positive, &text(want), variables, value, ask));
        if negated { !one && values::is_comparable(&positive, value) } else { one }
    };
    match (set, have.is_empty()) {
        ("ForAllValues", _) => have.iter().all(holds),
        ("ForAnyValue", true) => if_exists,
        ("ForAnyValue", false) => have.iter().any(holds),
        (_, true) => negated || if_exists,
        (_, false) => matches!(lookup(key, ask), Some(Have::Single(_))) && have.iter().all(holds),
    }
}

/// The decision over all policies: "allowed" or the clause that AWS's message would have.
pub fn decide(policies: &Policies, ask: &Ask, cross_account: bool) -> String {
    let bounded = policies.boundary.is_some();
    let resource_policy = policies.trust.as_ref().or(policies.resource.as_ref());
    let resource_name = if policies.trust.is_some() { "role trust policy" } else { "resource-based policy" };
    let session: Vec<Value> = [policies.session.concat(), policies.scope_down.concat()].concat();
    let boundary: Vec<Value> = policies.boundary.iter().cloned().collect();
    let attached: Vec<Value> = resource_policy.iter().map(|policy| only_with_principals(policy)).collect();
    let groups: [(&str, Vec<Value>); 6] = [
        ("a resource control policy", policies.rcp.concat()),
        ("a service control policy", policies.scp.concat()),
        (if policies.trust.is_some() { "the role trust policy" } else { "a resource-based policy" }, attached.clone()),
        ("an identity-based policy", policies.identity.clone()),
        ("a permissions boundary", boundary.clone()),
        ("a session policy", session),
    ];
    for (name, group) in &groups {
        if group.iter().any(|policy| document(policy, ask, bounded).effect == "Deny") {
            return format!("with an explicit deny in {name}");
        }
    }
    let some_allows = |group: &[Value]| group.iter().any(|policy| document(policy, ask, bounded).effect == "Allow");
    let because = |name: &str| format!("because no {name} allows the {} action", ask.action);
    if !policies.rcp.iter().all(|level| some_allows(level)) {
        return because("resource control policy");
    }
    if !policies.scp.iter().all(|level| some_allows(level)) {
        return because("service control policy");
    }
    let outside = ["service", "federated", "anonymous"].contains(&ask.caller.kind.as_str());
    let by = attached.first().map_or("", |policy| document(policy, ask, bounded).by);
    let vouched_for = policies.trust.is_some() && ask.caller.kind == "federated";
    let granted = some_allows(&attached) && !(vouched_for && by == "everyone");
    if !granted && (outside || cross_account || policies.trust.is_some()) {
        return because(resource_name);
    }
    if !outside && !policies.scope_down.iter().all(|layer| some_allows(layer)) {
        return because("session policy");
    }
    let alone = granted && !cross_account && !["account", "behind", ""].contains(&by);
    if outside || alone {
        return "allowed".to_owned();
    }
    let role_named = granted && !cross_account && by == "behind";
    if !role_named && ask.caller.kind != "root" && !some_allows(&policies.identity) {
        return because("identity-based policy");
    }
    if policies.boundary.is_some() && !some_allows(&boundary) {
        return because("permissions boundary");
    }
    if !policies.session.iter().all(|layer| some_allows(layer)) {
        return because("session policy");
    }
    "allowed".to_owned()
}

/// How many statements of all policies deny.
pub fn denying(policies: &Policies, ask: &Ask) -> usize {
    let bounded = policies.boundary.is_some();
    let attached = policies.trust.as_ref().or(policies.resource.as_ref()).map(only_with_principals);
    let levels =
        [&policies.session, &policies.scope_down, &policies.scp, &policies.rcp].into_iter().flatten().flatten();
    let all = policies.identity.iter().chain(&policies.boundary).chain(&attached).chain(levels);
    let said = all.map(|policy| document(policy, ask, bounded)).filter(|said| said.effect == "Deny");
    said.map(|said| said.statements.len()).sum()
}

/// A resource policy's statement without a principal speaks of nobody.
fn only_with_principals(policy: &Value) -> Value {
    let mut policy = policy.clone();
    let statements = list(&policy["Statement"]).into_iter();
    let named = statements.filter(|s| s.get("Principal").is_some() || s.get("NotPrincipal").is_some());
    policy["Statement"] = Value::Array(named.collect());
    policy
}
