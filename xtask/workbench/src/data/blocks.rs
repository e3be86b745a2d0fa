//! Large files: JSON lines in several gzip members, so that a reader can take one line for the price of its block, and `zcat` all of them.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};

/// The text a block is filled to before the next one begins.
const FULL: usize = 64 * 1024;

/// Writes the lines and returns where each block begins and how many lines it has, for the file beside it.
pub fn write(path: &Path, lines: &[String], full: Option<usize>) -> Result<Value> {
    let full = full.unwrap_or(FULL);
    let mut bytes = Vec::new();
    let mut blocks = Vec::new();
    let mut text = String::new();
    let mut count = 0;
    for (line, next) in lines.iter().zip(lines.iter().map(Some).skip(1).chain([None])) {
        text.push_str(line);
        text.push('\n');
        count += 1;
        if text.len() + next.map_or(full, String::len) >= full {
            blocks.push(json!({"at": bytes.len(), "lines": count}));
            bytes = member(bytes, &text)?;
            text.clear();
            count = 0;
        }
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes)?;
    Ok(Value::Array(blocks))
}

/// Without a time, so that the same lines give the same bytes.
fn member(bytes: Vec<u8>, text: &str) -> Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).write(bytes, Compression::best());
    encoder.write_all(text.as_bytes())?;
    Ok(encoder.finish()?)
}
