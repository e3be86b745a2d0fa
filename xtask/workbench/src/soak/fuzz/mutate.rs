//! Changes inputs: bytes, words of the language, and pieces of other inputs come, go and move.

use super::super::writer::Random;

/// Inputs grow no longer than this.
const LONGEST: usize = 16_384;

/// A source of inputs.
pub struct Mutator {
    pub random: Random,
    /// Words that mean something to the reader.
    pub words: &'static [&'static str],
}

impl Mutator {
    /// One of the kept inputs, changed in one to eight places.
    pub fn next(&mut self, kept: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.pick(kept).cloned().unwrap_or_default();
        for _ in 0..=self.below(8) {
            self.change(&mut input, kept);
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, kept: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        match self.below(8) {
            0 => {
                let byte = self.byte();
                if let Some(place) = input.get_mut(at) {
                    *place = byte;
                }
            }
            1 => {
                let byte = self.byte();
                input.insert(at, byte);
            }
            2 => {
                let end = (at + 1 + self.below(16)).min(input.len());
                input.drain(at..end);
            }
            3 | 4 => {
                let word = self.pick(self.words).copied().unwrap_or_default();
                splice(input, at, word.as_bytes());
            }
            5 => {
                let other = self.pick(kept).cloned().unwrap_or_default();
                let from = self.below(other.len() + 1);
                let length = self.below(64);
                splice(input, at, other.get(from..(from + length).min(other.len())).unwrap_or_default());
            }
            6 => {
                // A piece many times over finds what grows faster than it should.
                let piece = input.get(at..(at + 1 + self.below(8)).min(input.len())).unwrap_or_default().to_vec();
                let times = 1 << self.below(9);
                splice(input, at, &piece.repeat(times));
            }
            _ => {
                let other = self.below(input.len() + 1);
                if at < input.len() && other < input.len() {
                    input.swap(at, other);
                }
            }
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.random.below(bound.max(1) as u64)).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        // Mostly what a text is made of.
        let bound = if self.below(4) == 0 { 256 } else { 128 };
        u8::try_from(self.below(bound)).unwrap_or(0)
    }

    fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        among.get(self.below(among.len()))
    }
}

fn splice(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    input.splice(at..at, piece.iter().copied());
}
