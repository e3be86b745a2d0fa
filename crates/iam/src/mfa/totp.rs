//! Time-based one-time passwords (RFC 6238 over RFC 4226) as AWS's virtual devices make them: HMAC-SHA-1, six digits, a new code every
//! thirty seconds.
//!
//! It knows no device and no rule about when a code is good; that is [`super::verify`].

use jiff::Timestamp;
use ring::hmac;
use subtle::ConstantTimeEq as _;

use crate::record::Seed;

const STEP_SECONDS: i64 = 30;
const MODULUS: u32 = 1_000_000;
const DIGITS: usize = 6;

/// The number of the thirty seconds in which a moment lies.
pub fn step(at: Timestamp) -> i64 {
    at.as_second().div_euclid(STEP_SECONDS)
}

/// The codes of one seed.
pub struct Codes(hmac::Key);

impl Codes {
    /// The codes of that seed; none if it is damaged.
    pub fn of(seed: &Seed) -> Option<Codes> {
        Some(Codes(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &seed.bytes()?)))
    }

    /// The code of a step, with leading zeros.
    pub fn at(&self, step: i64) -> String {
        let digest = hmac::sign(&self.0, &step.to_be_bytes());
        let bytes = digest.as_ref();
        let offset = usize::from(bytes.last().copied().unwrap_or_default() & 15);
        // INVARIANT: the offset is at most 15 and the digest has 20 bytes, so there are four from there.
        let four = bytes.get(offset..).and_then(|rest| rest.first_chunk::<4>()).copied().unwrap_or_default();
        format!("{:0DIGITS$}", (u32::from_be_bytes(four) & 0x7fff_ffff) % MODULUS)
    }

    /// Whether that is the code of the step, in a time that does not depend on how much of it is right.
    pub fn is(&self, step: i64, code: &str) -> bool {
        self.at(step).as_bytes().ct_eq(code.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the last six of its eight digits.
    #[test]
    fn the_vectors_of_the_rfc() {
        let codes = Codes::of(&Seed::new(b"12345678901234567890")).unwrap();
        let cases = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (second, code) in cases {
            let step = step(Timestamp::from_second(second).unwrap());
            assert_eq!(codes.at(step), code, "{second}");
            assert!(codes.is(step, code) && !codes.is(step + 1, code));
        }
        assert!(!codes.is(1, "28708") && !codes.is(1, ""));
    }
}
