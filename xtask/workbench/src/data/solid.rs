//! Large files that repeat themselves: JSON lines in a row of LZMA streams, so that a reader takes one group of lines for the price of its
//! stream.

use std::io::Write;

use anyhow::Result;
use lzma_rust2::{DICT_SIZE_MIN, LzmaOptions, LzmaWriter};

/// Appends a stream with those lines and returns where it begins.
pub fn append(bytes: &mut Vec<u8>, lines: &[String]) -> Result<usize> {
    let at = bytes.len();
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    // A reader allocates the whole dictionary, so it is no larger than the text.
    let size = u32::try_from(text.len().next_power_of_two())?.max(DICT_SIZE_MIN);
    let options = LzmaOptions { dict_size: size, ..LzmaOptions::with_preset(9) };
    let mut writer = LzmaWriter::new_use_header(&mut *bytes, &options, Some(text.len().try_into()?))?;
    writer.write_all(text.as_bytes())?;
    writer.finish()?;
    Ok(at)
}
