//! The facts in `data/`, packed into the program by the build script. [`json`] unpacks one; whoever asks reads it once and keeps what it read.
//!
//! Files that are read in parts (`.jsonl.gz`, `.jsonl.lzma`) are packed already and belong to who reads them.

use std::io::Read;

use flate2::read::DeflateDecoder;

include!(concat!(env!("OUT_DIR"), "/packed.rs"));

/// The text of `data/NAME.json`, and nothing for a name that there is not.
pub fn json(name: &str) -> String {
    let mut text = String::new();
    let packed = PACKED.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, packed)| packed);
    if DeflateDecoder::new(packed).read_to_string(&mut text).is_err() {
        text.clear();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_comes_out_as_it_went_in() {
        for (name, _) in PACKED {
            let path = format!("{}/../../data/{name}.json", env!("CARGO_MANIFEST_DIR"));
            assert_eq!(json(name), std::fs::read_to_string(path).unwrap(), "{name}");
        }
        assert!(PACKED.len() > 10);
        assert_eq!(json("no/such"), "");
    }
}
