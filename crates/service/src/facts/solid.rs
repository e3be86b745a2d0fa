//! Large files of facts that repeat themselves, such as all versions of a document: JSON lines in a row of LZMA streams, each of which sees its
//! repetitions over megabytes, where gzip sees 32 KB.
//!
//! A stream is read from its beginning, as far as is needed: what is wanted often stands first in it. The JSON file beside it says where each
//! stream begins.

use std::io::{BufRead, BufReader};

use lzma_rust2::LzmaReader;

/// The most memory that reading takes, in kibibytes: the largest dictionary, and a little more.
const MOST_MEMORY: u32 = 16 * 1024;

/// The lines of the stream that begins at that byte; none when there is no stream.
pub fn lines(bytes: &[u8], at: usize) -> impl Iterator<Item = String> {
    let stream = bytes.get(at..).and_then(|rest| LzmaReader::new_mem_limit(rest, MOST_MEMORY, None).ok());
    stream.into_iter().flat_map(|stream| BufReader::new(stream).lines().map_while(Result::ok))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a`, `b` and `c` on lines of their own, as `xz --format=lzma` writes them.
    const STREAM: &[u8] = &[
        93, 0, 0, 4, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0, 48, 130, 136, 109, 44, 162, 8, 232, 134, 252, 255,
        252, 144, 240, 0,
    ];

    #[test]
    fn lines_are_read_from_where_a_stream_begins() {
        let twice = [b"xx", STREAM, STREAM].concat();
        for at in [2, 2 + STREAM.len()] {
            assert_eq!(lines(&twice, at).collect::<Vec<_>>(), ["a", "b", "c"], "at {at}");
        }
    }

    #[test]
    fn broken_bytes_give_nothing() {
        for (bytes, at) in [(&b"no stream"[..], 0), (b"", 9), (STREAM, 1)] {
            assert_eq!(lines(bytes, at).count(), 0, "{bytes:?} at {at}");
        }
    }
}
