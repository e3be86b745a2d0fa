//! Texts with parameters: `@{name}` stands for a value. Policy templates and role templates are made of them.
//!
//! In a JSON document a string with a parameter of several values becomes as many strings: inside a list they stand beside the others,
//! elsewhere they become a list. AWS documents single values and that templates may have conditional statements, whose form it does not show:
//! those are not built. Start with [`document`].

use std::collections::BTreeMap;

use serde_json::Value;

/// The values of parameters, by name.
pub type Values = BTreeMap<String, Vec<String>>;

/// Why a template cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The template is not JSON.
    NotJson,
    /// There is no value for this parameter.
    Missing(String),
    /// There are several values where one is wanted.
    Several(String),
    /// The values of its parameters combine to too many texts.
    TooMany(String),
}

/// How many texts one may become: parameters multiply.
const MOST_TEXTS: usize = 1_000;

const OPEN: &str = "@{";

/// A text with its parameters filled in, each of which must have one value.
pub fn text(template: &str, values: &Values) -> Result<String, Fault> {
    let mut expanded = expanded(template, values)?;
    match (expanded.pop(), expanded.is_empty()) {
        (Some(text), true) => Ok(text),
        _ => Err(Fault::Several(template.to_owned())),
    }
}

/// A JSON document with its parameters filled in.
pub fn document(template: &str, values: &Values) -> Result<String, Fault> {
    let tree: Value = serde_json::from_str(template).map_err(|_| Fault::NotJson)?;
    Ok(filled(tree, values)?.to_string())
}

/// The names of the parameters of a text, in order.
pub fn names(template: &str) -> Vec<&str> {
    template.split(OPEN).skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

fn filled(value: Value, values: &Values) -> Result<Value, Fault> {
    Ok(match value {
        Value::String(template) => {
            let mut texts: Vec<Value> = expanded(&template, values)?.into_iter().map(Value::String).collect();
            if texts.len() == 1 { texts.pop().unwrap_or_default() } else { Value::Array(texts) }
        }
        Value::Array(items) => {
            let mut list = Vec::new();
            for item in items {
                match (item.is_string(), filled(item, values)?) {
                    (true, Value::Array(several)) => list.extend(several),
                    (_, one) => list.push(one),
                }
            }
            Value::Array(list)
        }
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, member)| Ok((text(&name, values)?, filled(member, values)?)));
            Value::Object(members.collect::<Result<_, Fault>>()?)
        }
        other => other,
    })
}

/// The text once for each combination of its parameters' values.
fn expanded(template: &str, values: &Values) -> Result<Vec<String>, Fault> {
    let mut parts = template.split(OPEN);
    let mut texts = vec![parts.next().unwrap_or_default().to_owned()];
    for part in parts {
        let Some((name, after)) = part.split_once('}') else {
            texts.iter_mut().for_each(|text| text.extend([OPEN, part]));
            continue;
        };
        let given = values.get(name).ok_or_else(|| Fault::Missing(name.to_owned()))?;
        if texts.len().saturating_mul(given.len()) > MOST_TEXTS {
            return Err(Fault::TooMany(template.to_owned()));
        }
        texts = texts.iter().flat_map(|text| given.iter().map(move |value| format!("{text}{value}{after}"))).collect();
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        let one =
            |name: &str, values: &[&str]| (name.to_owned(), values.iter().map(|&value| value.to_owned()).collect());
        BTreeMap::from([one("bucket", &["pics"]), one("teams", &["red", "blue"]), one("quote", &["a\"b"])])
    }

    #[test]
    fn documents() {
        let cases = [
            (r#"{"Resource": "arn:aws:s3:::@{bucket}/*"}"#, r#"{"Resource":"arn:aws:s3:::pics/*"}"#),
            (r#"{"Resource": ["x", "team/@{teams}"]}"#, r#"{"Resource":["x","team/red","team/blue"]}"#),
            (r#"{"Resource": "@{teams}"}"#, r#"{"Resource":["red","blue"]}"#),
            (r#"{"Z": {"@{bucket}": 1}, "A": "@{quote}"}"#, r#"{"Z":{"pics":1},"A":"a\"b"}"#),
            (r#"{"A": "@{open", "B": true}"#, r#"{"A":"@{open","B":true}"#),
        ];
        for (template, expected) in cases {
            assert_eq!(document(template, &values()).unwrap(), expected);
        }
        assert_eq!(document("no", &values()), Err(Fault::NotJson));
        assert_eq!(document(r#"["@{lost}"]"#, &values()), Err(Fault::Missing("lost".into())));
    }

    #[test]
    fn parameters_do_not_multiply_without_end() {
        let numbers = (0..10).map(|number| number.to_string()).collect();
        let values = BTreeMap::from([("n".to_owned(), numbers)]);
        let of = |count: usize| "@{n}".repeat(count);
        let filled = document(&format!(r#"{{"A": "{}"}}"#, of(3)), &values).unwrap();
        assert_eq!(filled.matches(',').count(), 999);
        assert_eq!(document(&format!(r#"{{"A": "{}"}}"#, of(4)), &values), Err(Fault::TooMany(of(4))));
        assert_eq!(text(&of(40), &values), Err(Fault::TooMany(of(40))));
    }

    #[test]
    fn texts() {
        assert_eq!(text("Role-@{bucket}", &values()).unwrap(), "Role-pics");
        assert_eq!(text("@{teams}", &values()), Err(Fault::Several("@{teams}".into())));
        assert_eq!(names("@{a}-@{b}@{c"), ["a", "b"]);
    }
}
