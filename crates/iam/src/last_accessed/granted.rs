//! Which services, and which of their actions, identity policies allow; resources, conditions and other kinds of policy aside, as AWS's
//! last accessed information does. Of services that are not emulated no list of actions is at hand: there the text of the patterns decides.

use policy::{Document, Effect, Statement};
use service::facts;
use service::filters::glob;

/// The services whose actions are known, and tracked.
pub const TRACKED: [&str; 3] = ["ec2", "iam", "sts"];
/// What AWS does not track, as it says itself.
const NOT_TRACKED: &[&str] = &["iam:PassRole"];

/// Whether these documents together allow anything of a service.
pub fn service(documents: &[&Document], namespace: &str) -> bool {
    if TRACKED.contains(&namespace) {
        return facts::actions(namespace).any(|known| action(documents, &format!("{namespace}:{}", known.name)));
    }
    statements(documents).any(|allow| {
        let denies = |deny: &Statement| {
            is_absolute_on(deny, allow) && (gives_all(deny, namespace) || names_all_of(deny, allow, namespace))
        };
        gives_to(allow, namespace) && !statements(documents).any(denies)
    })
}

/// Whether the text of a single policy speaks for a service: that an action is none does not count, nor a denial of less than all of the service.
pub fn by_text(document: &Document, namespace: &str) -> bool {
    let all_is_denied = document.statements.iter().any(|deny| is_absolute(deny) && gives_all(deny, namespace));
    document.statements.iter().any(|allow| gives_to(allow, namespace)) && !all_is_denied
}

fn gives_to(statement: &Statement, namespace: &str) -> bool {
    statement.effect == Effect::Allow && gives_some(statement, namespace) && reaches(statement, namespace)
}

/// The tracked actions of a service that these documents allow, sorted; none of a service whose actions are not tracked.
pub fn tracked_actions(documents: &[&Document], namespace: &str) -> Vec<String> {
    if !TRACKED.contains(&namespace) {
        return Vec::new();
    }
    let tracked = facts::actions(namespace).filter(|known| {
        let name = format!("{namespace}:{}", known.name);
        !NOT_TRACKED.contains(&name.as_str()) && action(documents, &name)
    });
    let mut names: Vec<String> = tracked.map(|known| known.name.clone()).collect();
    names.sort_unstable();
    names
}

/// Whether these documents together allow an action on anything at all.
fn action(documents: &[&Document], action: &str) -> bool {
    let service = action.split_once(':').map_or(action, |(service, _)| service);
    let covers = |statement: &Statement| statement.actions.as_ref().is_some_and(|actions| actions.covers(action));
    statements(documents).any(|allow| {
        let is_given = allow.effect == Effect::Allow && covers(allow) && reaches(allow, service);
        is_given && !statements(documents).any(|deny| covers(deny) && is_absolute_on(deny, allow))
    })
}

fn statements<'a>(documents: &[&'a Document]) -> impl Iterator<Item = &'a Statement> {
    documents.iter().flat_map(|document| &document.statements)
}

/// A denial that always holds, whatever the resource.
fn is_absolute(statement: &Statement) -> bool {
    statement.effect == Effect::Deny
        && statement.conditions.is_empty()
        && named_resources(statement).any(|text| text == "*")
}

/// A denial that always holds on every resource on which another statement allows.
fn is_absolute_on(deny: &Statement, allow: &Statement) -> bool {
    let given = allow.resources.as_ref().filter(|resources| !resources.is_negated());
    let is_covered = |text: &str| named_resources(deny).any(|denied| glob(denied, text));
    let covers_all = || given.is_some_and(|resources| resources.texts().all(is_covered));
    is_absolute(deny) || (deny.effect == Effect::Deny && deny.conditions.is_empty() && covers_all())
}

/// The resources that a statement names; none where it names what it is not about.
fn named_resources(statement: &Statement) -> impl Iterator<Item = &str> {
    let named = statement.resources.as_ref().filter(|resources| !resources.is_negated());
    named.into_iter().flat_map(|resources| resources.texts())
}

/// Whether one statement names every action of the service that another names.
fn names_all_of(deny: &Statement, allow: &Statement, namespace: &str) -> bool {
    let positive = |statement: &Statement| statement.actions.as_ref().is_some_and(|actions| !actions.is_negated());
    let (Some(denied), Some(allowed)) = (&deny.actions, &allow.actions) else { return false };
    let is_denied =
        |text: &str| denied.texts().any(|pattern| glob(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase()));
    positive(deny) && positive(allow) && allowed.texts().filter(|text| names(text, namespace)).all(is_denied)
}

/// Whether the statement speaks of some action of the service.
fn gives_some(statement: &Statement, namespace: &str) -> bool {
    let Some(actions) = &statement.actions else { return false };
    match actions.is_negated() {
        false => actions.texts().any(|text| names(text, namespace)),
        true => !actions.texts().any(|text| names_whole(text, namespace)),
    }
}

/// Whether the statement speaks of every action of the service.
fn gives_all(statement: &Statement, namespace: &str) -> bool {
    let Some(actions) = &statement.actions else { return false };
    match actions.is_negated() {
        false => actions.texts().any(|text| names_whole(text, namespace)),
        true => !actions.texts().any(|text| names(text, namespace)),
    }
}

/// `*`, `s3:Get*`, `s*:*` all name something of `s3`.
fn names(text: &str, namespace: &str) -> bool {
    let service = text.split_once(':').map_or(text, |(service, _)| service);
    glob(&service.to_ascii_lowercase(), namespace)
}

/// `*`, `s3:*` and `s*:*` name all of `s3`.
fn names_whole(text: &str, namespace: &str) -> bool {
    let name = text.split_once(':').map_or("*", |(_, name)| name);
    names(text, namespace) && !name.is_empty() && name.bytes().all(|byte| byte == b'*')
}

/// Where actions of all services are given on resources of one, only that one's can be used: `*` on `arn:aws:s3:::bucket` is for `s3`.
fn reaches(statement: &Statement, namespace: &str) -> bool {
    let names_it = |text: &str| text.split_once(':').is_some_and(|(service, _)| !service.contains(['*', '?']));
    let is_meant = statement.actions.as_ref().is_some_and(|actions| {
        !actions.is_negated() && actions.texts().any(|text| names_it(text) && names(text, namespace))
    });
    let nothing_is_left = statement
        .resources
        .as_ref()
        .is_some_and(|resources| resources.is_negated() && resources.texts().any(|text| text == "*"));
    let covers = statement.resources.as_ref().is_none_or(|resources| {
        resources.is_negated() || resources.texts().any(|text| glob(text.split(':').nth(2).unwrap_or("*"), namespace))
    });
    (is_meant || covers) && !nothing_is_left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(statements: &str) -> Document {
        Document::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap()
    }

    fn services_of(statements: &str) -> Vec<&'static str> {
        let document = document(statements);
        let few = ["ec2", "iam", "lambda", "s3", "sns", "sts"];
        few.into_iter().filter(|namespace| service(&[&document], namespace)).collect()
    }

    #[test]
    fn services_by_the_patterns_of_policies() {
        let allow =
            |action: &str, resource: &str| format!(r#"{{"Effect":"Allow","Action":{action},"Resource":"{resource}"}}"#);
        let deny = |action: &str, more: &str| format!(r#"{{"Effect":"Deny","Action":{action},"Resource":"*"{more}}}"#);
        let on_b = |action: &str| format!(r#"{{"Effect":"Deny","Action":"{action}","Resource":"arn:aws:s3:::b/*"}}"#);
        let not = |action: &str| format!(r#"{{"Effect":"Allow","NotAction":{action},"Resource":"*"}}"#);
        let all = ["ec2", "iam", "lambda", "s3", "sns", "sts"];
        let cases: Vec<(String, &[&str])> = vec![
            (allow(r#""*""#, "*"), &all),
            (allow(r#""*:*""#, "*"), &all),
            (allow(r#""*""#, "arn:aws:s3:::bucket"), &["s3"]),
            (allow(r#"["S3:Get*", "iam:GetRole"]"#, "*"), &["iam", "s3"]),
            (allow(r#""s*:Publish""#, "*"), &["s3", "sns"]),
            (allow(r#""sts:AssumeRole""#, "arn:aws:iam::123456789012:role/r"), &["sts"]),
            (allow(r#""ec2:NoSuchAction""#, "*"), &[]),
            (not(r#"["iam:*", "s3:*"]"#), &["ec2", "lambda", "sns", "sts"]),
            (not(r#""s3:DeleteObject""#), &all),
            (
                format!("{},{}", allow(r#""*""#, "*"), deny(r#"["s3:*", "iam:*", "ec2:Run*"]"#, "")),
                &["ec2", "lambda", "sns", "sts"],
            ),
            (
                format!(
                    "{},{}",
                    allow(r#""s3:*""#, "*"),
                    deny(r#""s3:*""#, r#","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#)
                ),
                &["s3"],
            ),
            (deny(r#""*""#, ""), &[]),
            (r#"{"Effect":"Allow","Action":"s3:*","NotResource":"*"}"#.to_owned(), &[]),
            (format!("{},{}", allow(r#""s3:GetObject""#, "arn:aws:s3:::b/*"), on_b("s3:GetObject")), &[]),
            (format!("{},{}", allow(r#""s3:GetObject""#, "arn:aws:s3:::b/*"), on_b("s3:PutObject")), &["s3"]),
            (format!("{},{}", allow(r#""s3:GetObject""#, "arn:aws:s3:::c/*"), on_b("s3:*")), &["s3"]),
        ];
        for (statements, expected) in cases {
            assert_eq!(services_of(&statements), expected, "{statements}");
        }
    }

    /// As ListPoliciesGrantingServiceAccess was recorded, September 2026.
    #[test]
    fn policies_by_their_text() {
        let allow = r#"{"Effect":"Allow","Action":["s3:GetObject","ec2:NoSuchAction"],"Resource":"arn:aws:s3:::b/*"}"#;
        let deny = |action: &str, resource: &str| {
            format!(r#"{{"Effect":"Deny","Action":"{action}","Resource":"{resource}"}}"#)
        };
        for (statements, s3, ec2) in [
            (allow.to_owned(), true, true),
            (format!("{allow},{}", deny("s3:*", "arn:aws:s3:::b/*")), true, true),
            (format!("{allow},{}", deny("s3:*", "*")), false, true),
            (deny("s3:*", "*"), false, false),
        ] {
            let document = document(&statements);
            assert_eq!((by_text(&document, "s3"), by_text(&document, "ec2")), (s3, ec2), "{statements}");
        }
    }

    #[test]
    fn actions_of_tracked_services() {
        let given = document(r#"{"Effect":"Allow","Action":["iam:Pass*","iam:getrole","s3:*"],"Resource":"*"}"#);
        assert_eq!(tracked_actions(&[&given], "iam"), ["GetRole"]);
        assert_eq!(tracked_actions(&[&given], "s3"), Vec::<String>::new());
        let denied = document(r#"{"Effect":"Deny","Action":"iam:GetRole","Resource":"*"}"#);
        assert_eq!(tracked_actions(&[&given, &denied], "iam"), Vec::<String>::new());
        assert!(!service(&[&given, &denied], "sts") && service(&[&given, &denied], "iam"), "PassRole is still given");
    }
}
