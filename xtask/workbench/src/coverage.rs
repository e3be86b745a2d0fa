//! `cargo xtask coverage`: which operations of the models are built, and which members of built ones are not honoured. The table is made from
//! the rows that also dispatch, so it cannot claim what is not there; README.md carries it between two marks, held by a test.

use std::collections::BTreeMap;
use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use service::{Operation, Service};

use xtask::root;

use crate::without_effect;

/// What to show.
#[derive(Debug, Args)]
pub struct Options {
    /// Name every operation that answers 501
    #[arg(long)]
    missing: bool,
    /// Name every input member that a built operation does not honour
    #[arg(long)]
    members: bool,
    /// Write the table into README.md
    #[arg(long)]
    write: bool,
}

const BEGIN: &str = "<!-- coverage -->";
const END: &str = "<!-- /coverage -->";

/// Prints the table, or writes it.
pub fn run(options: &Options) -> Result<ExitCode> {
    print!("{}", table());
    if options.missing {
        for service in Service::ALL {
            println!("\n{} answers 501 to: {}", service.as_str(), missing(service).join(" "));
        }
    }
    if options.members {
        print!("{}", not_honoured());
    }
    if options.write {
        let path = root().join("README.md");
        let text = fs::read_to_string(&path)?;
        fs::write(&path, replaced(&text)?)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Every built operation of every service.
pub fn rows() -> Vec<Operation> {
    [iam::operations(), sts::operations(), ec2::operations(), ssm::operations()].into_iter().flatten().collect()
}

fn built() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut built: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for operation in rows() {
        built.entry(operation.service.as_str()).or_default().push(operation.name);
    }
    built
}

fn missing(service: Service) -> Vec<&'static str> {
    let built = built();
    let held = built.get(service.as_str()).map(Vec::as_slice).unwrap_or_default();
    let names = wire::model(service).operations().map(|operation| operation.name.as_str());
    names.filter(|name| !held.contains(name)).collect()
}

fn undeclared(operation: &Operation) -> Vec<String> {
    let model = wire::model(operation.service);
    let found = model.operation(operation.name);
    let undeclared = found.map(|found| (operation.shapes().input)(model, found).undeclared).unwrap_or_default();
    // DryRun is the pipeline's, for every operation that has it.
    undeclared.into_iter().filter(|member| member != "DryRun").collect()
}

/// What docs/not-honoured.txt says: a line for each member that is not declared, and one with its reason for each that is declared for nothing.
fn not_honoured() -> String {
    let mut text = String::new();
    for row in rows() {
        let action = row.action();
        for member in undeclared(&row) {
            text.push_str(&format!("{action} {member}\n"));
        }
        for (member, reason) in without_effect::of(&action) {
            text.push_str(&format!("{action} {member} (declared; {reason})\n"));
        }
    }
    text
}

/// The table of the README.
pub fn table() -> String {
    let built = built();
    let mut table =
        String::from("| service | model | operations | built | 501 |\n| --- | --- | ---: | ---: | ---: |\n");
    for service in Service::ALL {
        let model = wire::model(service);
        let all = model.operations().count();
        let here = built.get(service.as_str()).map_or(0, Vec::len);
        let source = format!("{} ({} {})", model.api_version, model.source.package, model.source.version);
        table.push_str(&format!("| {} | {source} | {all} | {here} | {} |\n", service.as_str(), all - here));
    }
    table
}

/// The text with the table between its marks.
fn replaced(text: &str) -> Result<String> {
    let (before, rest) = text.split_once(BEGIN).context("README.md has no mark where the coverage table begins")?;
    let Some((_, after)) = rest.split_once(END) else { bail!("README.md has no mark where the coverage table ends") };
    Ok(format!("{before}{BEGIN}\n{}{END}{after}", table()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_readme_tells_the_truth() {
        let text = fs::read_to_string(root().join("README.md")).unwrap();
        assert_eq!(text, replaced(&text).unwrap(), "run `cargo xtask coverage --write`");
    }

    /// A field the model does not know would never be filled, or would fail when written.
    #[test]
    fn every_struct_fits_the_model() {
        let mut wrong = Vec::new();
        for row in rows() {
            let model = wire::model(row.service);
            let Some(operation) = model.operation(row.name) else {
                wrong.push(format!("{} is not in the model", row.action()));
                continue;
            };
            let shapes = row.shapes();
            for (side, report) in
                [("input", (shapes.input)(model, operation)), ("output", (shapes.output)(model, operation))]
            {
                wrong.extend(report.unknown.iter().map(|field| format!("{} {side}: {field}", row.action())));
            }
        }
        assert!(wrong.is_empty(), "fields the model does not have:\n{}", wrong.join("\n"));
    }

    /// What is not honoured stands in a list, which may only shrink.
    #[test]
    fn members_not_honoured_are_listed() {
        let found = not_honoured();
        let path = root().join("docs/not-honoured.txt");
        let listed = fs::read_to_string(&path).unwrap_or_default();
        if std::env::var_os("UPDATE_LISTS").is_some() {
            fs::write(&path, &found).unwrap();
            return;
        }
        assert_eq!(
            listed, found,
            "docs/not-honoured.txt differs from what is declared; if members were added, run with UPDATE_LISTS=1"
        );
    }

    /// What is said to be declared for nothing is a member of the model, of a built operation, and declared.
    #[test]
    fn members_without_effect_are_declared() {
        let mut left: BTreeSet<String> = without_effect::all().map(|(line, _)| line.to_owned()).collect();
        for row in rows() {
            let model = wire::model(row.service);
            let input = model.operation(row.name).and_then(|operation| model.structure(operation.input?));
            let undeclared = undeclared(&row);
            for member in input.into_iter().flat_map(|structure| &structure.members) {
                if !undeclared.contains(&member.name) {
                    left.remove(&format!("{} {}", row.action(), member.name));
                }
            }
        }
        assert_eq!(left, BTreeSet::new(), "these are not declared, or not in the model");
    }

    #[test]
    fn no_operation_is_built_twice() {
        let mut names: Vec<String> = rows().iter().map(Operation::action).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
