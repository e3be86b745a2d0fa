//! Large files of facts: JSON lines, compressed in blocks, any line of which can be read for the price of its block.
//!
//! A file is a row of gzip members; the JSON file beside it says where each begins and how many lines it holds. Nothing is kept here:
//! whoever reads a line decides what to remember.

use std::io::Read;

use flate2::read::GzDecoder;
use serde::Deserialize;

/// Where a block begins, in bytes, and its number of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Block {
    pub at: usize,
    pub lines: usize,
}

/// The line of that number, counted from 0 over all blocks; `None` beyond the last, or when the bytes are no gzip.
pub fn line(bytes: &[u8], blocks: &[Block], number: usize) -> Option<String> {
    let (block, within) = find(blocks, number)?;
    text(bytes, *blocks.get(block)?)?.lines().nth(within).map(str::to_owned)
}

/// The number of the block that holds a line, and the line's number within it: for readers that keep whole blocks.
pub fn find(blocks: &[Block], line: usize) -> Option<(usize, usize)> {
    let mut first = 0;
    for (number, block) in blocks.iter().enumerate() {
        if line < first + block.lines {
            return Some((number, line - first));
        }
        first += block.lines;
    }
    None
}

/// All lines of a block as text; `None` when the bytes are no gzip.
pub fn text(bytes: &[u8], block: Block) -> Option<String> {
    let mut text = String::new();
    GzDecoder::new(bytes.get(block.at..)?).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn member(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).expect("memory takes all");
        encoder.finish().expect("memory takes all")
    }

    #[test]
    fn lines_are_found_across_blocks() {
        let (first, second) = (member("a\nb\n"), member("c\n"));
        let blocks = [Block { at: 0, lines: 2 }, Block { at: first.len(), lines: 1 }];
        let bytes = [first, second].concat();
        let read: Vec<Option<String>> = (0..4).map(|number| line(&bytes, &blocks, number)).collect();
        assert_eq!(read, [Some("a".into()), Some("b".into()), Some("c".into()), None]);
    }

    #[test]
    fn lines_are_counted_over_blocks() {
        let blocks = [Block { at: 0, lines: 2 }, Block { at: 9, lines: 1 }];
        let found: Vec<_> = (0..4).map(|line| find(&blocks, line)).collect();
        assert_eq!(found, [Some((0, 0)), Some((0, 1)), Some((1, 0)), None]);
    }

    #[test]
    fn broken_bytes_give_nothing() {
        assert_eq!(line(b"no gzip", &[Block { at: 0, lines: 1 }], 0), None);
        assert_eq!(line(b"", &[Block { at: 9, lines: 1 }], 0), None);
    }
}
