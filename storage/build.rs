//! Puts the migrations into the library: every `migrations/sqlite/NNNN_name.sql`, in the order of their names, so that adding a file is all it takes.

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../migrations/sqlite").canonicalize()?;
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-changed=build.rs");
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    files.sort();
    let mut list = String::from("pub(super) const MIGRATIONS: &[Migration] = &[\n");
    let mut last_number = String::new();
    for path in files {
        let name = path.file_stem().and_then(|name| name.to_str()).ok_or("a migration's name is not UTF-8")?;
        let number = name.split('_').next().unwrap_or_default();
        if number.len() != 4 || !number.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(format!("`{name}` should be called NNNN_name.sql").into());
        }
        if number == last_number {
            return Err(format!("two migrations have the number {number}").into());
        }
        last_number = number.to_owned();
        writeln!(list, "    Migration {{ name: {name:?}, sql: include_str!({path:?}) }},")?;
        println!("cargo::rerun-if-changed={}", path.display());
    }
    list.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("migrations.rs"), list)?;
    Ok(())
}
