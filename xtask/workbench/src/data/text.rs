//! How files are laid out: JSON with one entry a line, so that a change of one entry is a change of one line.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::{Map, Value};

/// A part of the file: a value on one line, or an object or list with a line for each entry.
pub enum Part {
    Value(Value),
    Lines(Value),
}

/// Writes an object of parts.
pub fn write(path: &Path, parts: &[(&str, Part)]) -> Result<()> {
    let parts: Vec<String> = parts.iter().map(|(name, part)| format!("{}:{}", quoted(name), laid_out(part))).collect();
    write_text(path, &format!("{{\n{}\n}}\n", parts.join(",\n")))
}

/// Writes a file, making its folder.
pub fn write_text(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, text)?)
}

fn laid_out(part: &Part) -> String {
    match part {
        Part::Lines(Value::Object(entries)) => {
            let lines: Vec<String> = entries.iter().map(|(name, value)| format!("{}:{value}", quoted(name))).collect();
            format!("{{\n{}\n}}", lines.join(",\n"))
        }
        Part::Lines(Value::Array(entries)) => {
            let lines: Vec<String> = entries.iter().map(Value::to_string).collect();
            format!("[\n{}\n]", lines.join(",\n"))
        }
        Part::Lines(value) | Part::Value(value) => value.to_string(),
    }
}

fn quoted(name: &str) -> String {
    Value::from(name).to_string()
}

/// An object with its names in order.
pub fn sorted(entries: impl IntoIterator<Item = (String, Value)>) -> Value {
    let mut entries: Vec<(String, Value)> = entries.into_iter().collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Value::Object(entries.into_iter().collect::<Map<String, Value>>())
}

/// The entries of an object (none for anything else).
pub fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The items of a list (none for anything else).
pub fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The text of a string (empty for anything else).
pub fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
