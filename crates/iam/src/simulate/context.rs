//! The condition keys that a simulation is given: their types, the rules for their values, and AWS's words for what breaks them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use policy::{Context, Values};
use service::prelude::*;

use super::invalid;

#[derive(Debug, Deserialize, Shaped)]
pub struct ContextEntry {
    pub context_key_name: Option<String>,
    pub context_key_values: Option<Vec<String>>,
    pub context_key_type: Option<String>,
}

/// The keys of all entries. A type that ends in `List` makes a key that holds a list, also with one value.
pub fn of(entries: &[ContextEntry]) -> Result<Context, ApiError> {
    let mut names = BTreeSet::new();
    let mut read = Vec::new();
    for entry in entries {
        let values = entry.context_key_values.as_deref().unwrap_or_default();
        let name = entry.context_key_name.as_deref().unwrap_or_default();
        if name.is_empty() && entry.context_key_type.is_none() && values.is_empty() {
            // An entry without anything in it does not show on the wire.
            continue;
        }
        if name.is_empty() {
            return Err(invalid("ContextKeyName cannot be null or empty."));
        }
        if !names.insert(name.to_ascii_lowercase()) {
            return Err(invalid(format!("Duplicate context key: {name}.")));
        }
        let Some(kind) = entry.context_key_type.as_deref() else {
            return Err(invalid(format!("Context key {name} has invalid type null.")));
        };
        if values.is_empty() {
            return Err(invalid(format!("Context values for context key {name} cannot be null or empty.")));
        }
        let held = match (kind.strip_suffix("List"), values) {
            (Some(of), _) => {
                Values::Multi(values.iter().map(|value| typed(name, of, value)).collect::<Result<_, _>>()?)
            }
            (None, [value]) => Values::Single(typed(name, kind, value)?),
            (None, _) => {
                let text = format!("Context key {kind} expected a single value, but received {}.", values.len());
                return Err(invalid(text));
            }
        };
        read.push((Cow::Owned(name.to_owned()), held));
    }
    Ok(Context::of_different_keys(read).simulated())
}

/// A value as conditions compare it.
fn typed(name: &str, kind: &str, value: &str) -> Result<Cow<'static, str>, ApiError> {
    let (read, expected): (Option<Cow<'_, str>>, _) = match kind {
        // Whatever is not true is false.
        "boolean" => (Some(value.eq_ignore_ascii_case("true").to_string().into()), ""),
        "numeric" => (policy::is_number(value).then_some(value.into()), "numeric format"),
        "date" => (policy::is_date(value).then_some(value.into()), "DateTime format"),
        "ip" => (policy::is_address(value).then_some(value.into()), "IP address"),
        "binary" => (policy::is_base64(value).then_some(value.into()), "base-64 encoded binary format"),
        _ => (Some(value.into()), ""),
    };
    let read = read.map(|read| Cow::Owned(read.into_owned()));
    read.ok_or_else(|| invalid(format!("Invalid context value for key {name}: expected {expected}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, kind: &str, values: &[&str]) -> ContextEntry {
        ContextEntry {
            context_key_name: Some(name.to_owned()),
            context_key_values: Some(values.iter().map(|value| (*value).to_owned()).collect()),
            context_key_type: Some(kind.to_owned()),
        }
    }

    #[test]
    fn values_are_read_by_their_type() {
        for (kind, given, expected) in [
            ("string", "", ""),
            ("boolean", "TRUE", "true"),
            ("boolean", "yes", "false"),
            ("numeric", "01.00", "01.00"),
            ("numeric", "+1", "+1"),
            ("numeric", "1e2", "1e2"),
            ("numeric", "1.5E+1", "1.5E+1"),
            ("numeric", "-1.25e1", "-1.25e1"),
            ("numeric", "25e-1", "25e-1"),
            ("numeric", "5e-3", "5e-3"),
            ("numeric", "1e9999", "1e9999"),
            ("numeric", "1e-2147483648", "1e-2147483648"),
            ("numeric", "1e2147483648", "1e2147483648"),
            ("numeric", "1E+99999999999999999999", "1E+99999999999999999999"),
            ("date", "2035", "2035"),
            ("date", "2035-01-02T03:04Z", "2035-01-02T03:04Z"),
            ("ip", "192.0.2.0/24", "192.0.2.0/24"),
            ("binary", "YQ==", "YQ=="),
        ] {
            let context = of(&[entry("some:key", kind, &[given])]).unwrap();
            assert_eq!(context.variable("some:key"), Some(expected), "{kind} {given}");
        }
    }

    #[test]
    fn a_list_of_one_is_a_list() {
        let context = of(&[entry("some:key", "stringList", &["a"])]).unwrap();
        assert_eq!(context.get("some:key"), Some(&policy::Values::Multi(vec!["a".into()])));
    }

    #[test]
    fn what_is_no_value_of_its_type_is_refused_in_aws_words() {
        let text = |entry: ContextEntry| of(&[entry]).unwrap_err().into_message();
        for (kind, given, expected) in [
            ("numeric", "abc", "numeric format"),
            ("numeric", " 1 ", "numeric format"),
            ("numeric", "1e", "numeric format"),
            ("numeric", "1e+-1", "numeric format"),
            ("numeric", "0x10", "numeric format"),
            ("numericList", "NaN", "numeric format"),
            ("date", "tomorrow", "DateTime format"),
            ("ip", "999.0.0.1", "IP address"),
            ("binary", "!base64", "base-64 encoded binary format"),
        ] {
            let expected = format!("Invalid context value for key some:key: expected {expected}.");
            assert_eq!(text(entry("some:key", kind, &[given])), expected);
        }
    }
}
