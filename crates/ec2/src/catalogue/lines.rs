//! Reads the large files of data/: JSON lines in gzip members, of which the file beside them says where each begins.

use std::io::Read;

use flate2::read::GzDecoder;
use serde::Deserialize;

/// Where a block begins, in bytes, and its number of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Block {
    pub at: usize,
    pub lines: usize,
}

/// The lines of a block as text; nothing when the bytes are no gzip.
pub fn text(bytes: &[u8], block: Block) -> Option<String> {
    let mut text = String::new();
    GzDecoder::new(bytes.get(block.at..)?).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The block that holds the line of that number, and the line's number within it.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_over_blocks() {
        let blocks = [Block { at: 0, lines: 2 }, Block { at: 9, lines: 1 }];
        let found: Vec<_> = (0..4).map(|line| find(&blocks, line)).collect();
        assert_eq!(found, [Some((0, 0)), Some((0, 1)), Some((1, 0)), None]);
    }

    #[test]
    fn bytes_that_are_no_gzip_give_nothing() {
        assert_eq!(text(b"plain", Block { at: 0, lines: 1 }), None);
        assert_eq!(text(b"", Block { at: 7, lines: 1 }), None);
    }
}
