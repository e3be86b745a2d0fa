//! `cargo xtask view CreateVpc`: the structs a handler of that operation may declare, printed from the model.

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use service::Service;
use wire::{Kind, Model, ShapeId};

/// Which operation.
#[derive(Debug, Args)]
pub struct Options {
    /// Its name, as the model spells it
    operation: String,
}

/// Prints the structs.
pub fn run(options: &Options) -> Result<ExitCode> {
    for service in Service::ALL {
        let model = wire::model(service);
        if let Some(operation) = model.operation(&options.operation) {
            for (derive, shape) in [("Deserialize", operation.input), ("Serialize", operation.output)] {
                if let Some(shape) = shape {
                    print_struct(model, shape, derive, &mut BTreeSet::new());
                }
            }
            return Ok(ExitCode::SUCCESS);
        }
    }
    bail!("no model has an operation `{}`", options.operation)
}

fn print_struct(model: &Model, shape: ShapeId, derive: &str, seen: &mut BTreeSet<String>) {
    let found = model.shape(shape);
    let Kind::Structure(structure) = &found.kind else { return };
    if !seen.insert(found.name.clone()) {
        return;
    }
    println!("#[derive(Debug, {derive}, Shaped)]\npub struct {} {{", found.name);
    let mut inner = Vec::new();
    for member in &structure.members {
        let kind = rust_type(model, member.shape, &mut inner);
        let kind = if member.required { kind } else { format!("Option<{kind}>") };
        println!("    {}: {kind},", snake(&member.name));
    }
    println!("}}\n");
    for shape in inner {
        print_struct(model, shape, derive, seen);
    }
}

fn rust_type(model: &Model, shape: ShapeId, inner: &mut Vec<ShapeId>) -> String {
    match &model.shape(shape).kind {
        Kind::Structure(_) => {
            inner.push(shape);
            model.shape(shape).name.clone()
        }
        Kind::List(list) => format!("Vec<{}>", rust_type(model, list.member, inner)),
        Kind::Map(map) => format!("BTreeMap<String, {}>", rust_type(model, map.value, inner)),
        Kind::Text(_) => "String".into(),
        Kind::Integer { .. } => "i64".into(),
        Kind::Double { .. } => "f64".into(),
        Kind::Boolean => "bool".into(),
        Kind::Timestamp => "Timestamp".into(),
        Kind::Blob { .. } => "Vec<u8>".into(),
    }
}

fn snake(name: &str) -> String {
    let mut text = String::new();
    let mut before = '_';
    for character in name.chars() {
        if character.is_ascii_uppercase() && before.is_ascii_lowercase() {
            text.push('_');
        }
        text.push(character.to_ascii_lowercase());
        before = character;
    }
    text
}
