//! Packs the JSON files below `data/` into the program, compressed: as text they would be a tenth of it.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::DeflateEncoder;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../data").canonicalize()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut table = String::from("const PACKED: &[(&str, &[u8])] = &[\n");
    for (number, path) in json_files(&folder)?.iter().enumerate() {
        println!("cargo::rerun-if-changed={}", path.display());
        let mut compressed = DeflateEncoder::new(Vec::new(), Compression::best());
        compressed.write_all(&fs::read(path)?)?;
        let packed = out.join(format!("{number}.deflate"));
        fs::write(&packed, compressed.finish()?)?;
        let name = path.strip_prefix(&folder)?.with_extension("");
        writeln!(table, "    ({name:?}, include_bytes!({packed:?})),")?;
    }
    table.push_str("];\n");
    fs::write(out.join("packed.rs"), table)?;
    Ok(())
}

/// All of them, in the order of their paths.
fn json_files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(json_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
