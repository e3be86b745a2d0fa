//! Compresses the models for the program: as text they would be a twentieth of it.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::{env, fs};

use flate2::Compression;
use flate2::write::DeflateEncoder;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../data/models");
    println!("cargo::rerun-if-changed=build.rs");
    for service in ["iam", "sts", "ec2"] {
        let path = folder.join(format!("{service}.json"));
        println!("cargo::rerun-if-changed={}", path.display());
        let mut compressed = DeflateEncoder::new(Vec::new(), Compression::best());
        compressed.write_all(&fs::read(&path)?)?;
        fs::write(Path::new(&env::var("OUT_DIR")?).join(format!("{service}.json.deflate")), compressed.finish()?)?;
    }
    Ok(())
}
