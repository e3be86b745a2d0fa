//! What was read from outside a short while ago, so that requests which need no signature do not make this server ask others again and again.
//! It is bounded in time, number and bytes. What the answers say about keeping them does not count.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use service::outside::Failure;

/// A document is that old at most: a provider's new keys count after it.
const LONGEST: Duration = Duration::from_secs(30);
/// The same for a failure, or for what turned out to be no good.
const LONGEST_FAILURE: Duration = Duration::from_secs(1);
const MOST_DOCUMENTS: usize = 256;
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// What is read, and whom to believe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub url: String,
    pub most_bytes: usize,
    pub thumbprints: Vec<String>,
}

struct Kept {
    source: Source,
    read: Result<Vec<u8>, Failure>,
    until: Instant,
}

impl Kept {
    fn bytes(&self) -> usize {
        self.read.as_ref().map_or(0, Vec::len)
    }
}

/// Documents and failures, the oldest first.
pub struct Memory {
    kept: VecDeque<Kept>,
}

impl Memory {
    pub const fn new() -> Memory {
        Memory { kept: VecDeque::new() }
    }

    /// What was read there, if it is not too old.
    pub fn recall(&self, source: &Source, now: Instant) -> Option<Result<Vec<u8>, Failure>> {
        let found = self.kept.iter().find(|kept| kept.source == *source && now < kept.until)?;
        Some(found.read.clone())
    }

    /// Remembers what was read there, in place of what is too old or too much.
    pub fn keep(&mut self, source: Source, read: Result<Vec<u8>, Failure>, now: Instant) {
        let until = now + if read.is_ok() { LONGEST } else { LONGEST_FAILURE };
        self.kept.retain(|kept| kept.source != source && now < kept.until);
        self.kept.push_back(Kept { source, read, until });
        while self.kept.len() > MOST_DOCUMENTS || self.kept.iter().map(Kept::bytes).sum::<usize>() > MOST_BYTES {
            self.kept.pop_front();
        }
    }

    /// What was read there is no good: it counts no longer than a failure.
    pub fn doubt(&mut self, sources: &[Source], now: Instant) {
        for kept in self.kept.iter_mut().filter(|kept| sources.contains(&kept.source)) {
            kept.until = kept.until.min(now + LONGEST_FAILURE);
        }
    }

    pub fn forget(&mut self) {
        self.kept.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str) -> Source {
        Source { url: format!("https://{name}.example.com"), most_bytes: 10, thumbprints: Vec::new() }
    }

    #[test]
    fn for_how_long() {
        let (mut memory, now) = (Memory::new(), Instant::now());
        let failure = Failure::Unreachable("x".into());
        memory.keep(source("good"), Ok(vec![1]), now);
        memory.keep(source("bad"), Err(failure.clone()), now);
        memory.keep(source("doubted"), Ok(vec![2]), now);
        memory.doubt(&[source("doubted"), source("unknown")], now);
        let at = |milliseconds| {
            ["good", "bad", "doubted"]
                .map(|name| memory.recall(&source(name), now + Duration::from_millis(milliseconds)))
        };
        assert_eq!(at(999), [Some(Ok(vec![1])), Some(Err(failure)), Some(Ok(vec![2]))]);
        assert_eq!(at(1_000), [Some(Ok(vec![1])), None, None]);
        assert_eq!(at(29_999), [Some(Ok(vec![1])), None, None]);
        assert_eq!(at(30_000), [None, None, None]);
        // Whom to believe is part of the question.
        let pinned = Source { thumbprints: vec!["a".into()], ..source("good") };
        assert_eq!(memory.recall(&pinned, now), None);
        memory.forget();
        assert_eq!(memory.recall(&source("good"), now), None);
    }

    #[test]
    fn how_much() {
        let (mut memory, now) = (Memory::new(), Instant::now());
        for number in 0..300 {
            memory.keep(source(&number.to_string()), Ok(vec![0; 10]), now);
        }
        let is_there = |memory: &Memory, number: usize| memory.recall(&source(&number.to_string()), now).is_some();
        assert_eq!([43, 44, 299].map(|number| is_there(&memory, number)), [false, true, true]);
        for number in 0..20 {
            memory.keep(source(&number.to_string()), Ok(vec![0; 1024 * 1024]), now);
        }
        assert_eq!([299, 3, 4, 19].map(|number| is_there(&memory, number)), [false, false, true, true]);
    }
}
