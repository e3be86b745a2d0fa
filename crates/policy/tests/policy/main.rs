//! The tests of the policy language: cases as data (`cases`), random policies held against a plain second evaluator (`agree`,
//! `judge`), and texts that must not upset the parser (`no_panic`). What an answer carries
//! beside yes or no is in `answers`, what is done to policies' texts in `texts`. Start with the files under `tests/cases`.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::unreachable,
    clippy::indexing_slicing,
    reason = "a test may fail loudly wherever it stands; clippy knows this only inside of #[test] functions"
)]

mod agree;
mod answers;
mod bridge;
mod cases;
mod judge;
mod no_panic;
mod rules;
mod texts;
