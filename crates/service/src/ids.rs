//! Fresh identifiers in AWS's formats, drawn from a seed and a counter.
//!
//! A handler may run more than once for one request (a batch is repeated when another request in it fails), so nothing here is random by
//! itself: the seed comes with the request, and the same run gives the same ids.

use std::sync::atomic::{AtomicU64, Ordering};

use ring::digest::{SHA256, digest};

use crate::AccountId;

/// RFC 4648's base 32 alphabet, in which AWS writes key ids and unique ids.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE62: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The source of one request's ids.
#[derive(Debug)]
pub struct Ids {
    seed: [u8; 32],
    drawn: AtomicU64,
}

impl Clone for Ids {
    /// A clone starts again at the first id: that is what makes a repeated run give the same ones.
    fn clone(&self) -> Self {
        Ids::new(self.seed)
    }
}

impl Ids {
    /// Ids from a seed of true randomness (server) or a fixed one (tests).
    pub fn new(seed: [u8; 32]) -> Ids {
        Ids { seed, drawn: AtomicU64::new(0) }
    }

    /// Ids that depend on nothing but these facts, e.g. (store seed, account, region) for a default VPC.
    pub fn derived(facts: &[&[u8]]) -> Ids {
        let mut text = Vec::new();
        for fact in facts {
            text.extend_from_slice(&(fact.len() as u64).to_be_bytes());
            text.extend_from_slice(fact);
        }
        Ids::new(sha256(&text))
    }

    /// The next 32 bytes.
    pub fn bytes(&self) -> [u8; 32] {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        let mut text = [0; 40];
        text[..32].copy_from_slice(&self.seed);
        text[32..].copy_from_slice(&number.to_be_bytes());
        sha256(&text)
    }

    /// `prefix-` and 17 lower-case hexadecimal digits: EC2's ids.
    pub fn ec2(&self, prefix: &str) -> String {
        let mut id = String::with_capacity(prefix.len() + 18);
        id.push_str(prefix);
        id.push('-');
        // EC2's long ids begin with a zero.
        id.push('0');
        for byte in self.bytes().iter().take(8) {
            id.push(hex(byte >> 4));
            id.push(hex(byte & 15));
        }
        id
    }

    /// `AIDA`, `AROA`, `ANPA`… and 17 characters: IAM's unique ids, 21 characters.
    pub fn unique(&self, prefix: &str, account: AccountId) -> String {
        key_shaped(prefix, account, &self.bytes(), 17)
    }

    /// `AKIA` or `ASIA` and 16 characters, the account packed inside as AWS does.
    pub fn access_key_id(&self, prefix: &str, account: AccountId) -> String {
        key_shaped(prefix, account, &self.bytes(), 16)
    }

    /// Forty characters of a secret access key.
    pub fn secret(&self) -> String {
        secret_of(&[self.bytes(), self.bytes()].concat())
    }

    /// A version 4 UUID.
    pub fn uuid(&self) -> String {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(self.bytes().first_chunk::<16>().unwrap_or(&[0; 16]));
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// A number below `bound` (above 0), e.g. to choose among free addresses.
    pub fn below(&self, bound: u64) -> u64 {
        let head = *self.bytes().first_chunk::<8>().unwrap_or(&[0; 8]);
        u64::from_be_bytes(head) % bound.max(1)
    }
}

/// Forty characters of AWS's secret alphabet out of at least 40 bytes of key material.
pub fn secret_of(material: &[u8]) -> String {
    material
        .iter()
        .take(40)
        .map(|byte| char::from(BASE62.get(usize::from(byte & 63)).copied().unwrap_or(b'A')))
        .collect()
}

/// The account inside an access key id or unique id of the current format, as sts:GetAccessKeyInfo reads it.
///
/// The first bit of the part after the prefix is 1, the next forty are the account number (an encoding known from published analyses of
/// real keys, e.g. Aidan Steele's and Tal Be'ery's).
pub fn account_of(key_id: &str) -> Option<AccountId> {
    let mut bits: u64 = 0;
    for character in key_id.bytes().skip(4).take(9) {
        let value = BASE32.iter().position(|c| *c == character)?;
        bits = (bits << 5) | value as u64;
    }
    if key_id.len() < 13 || bits >> 44 != 1 {
        return None;
    }
    AccountId::from_number((bits >> 4) & ((1 << 40) - 1))
}

fn key_shaped(prefix: &str, account: AccountId, random: &[u8; 32], length: usize) -> String {
    // 45 bits: the marker, forty of the account, four random ones; then random characters.
    let head = (1 << 44) | (account.number() << 4) | u64::from(random[31] & 15);
    let mut id = String::with_capacity(prefix.len() + length);
    id.push_str(prefix);
    for shift in (0..9).rev() {
        id.push(base32(head >> (5 * shift)));
    }
    for byte in random.iter().take(length.saturating_sub(9)) {
        id.push(base32(u64::from(*byte)));
    }
    id
}

fn base32(value: u64) -> char {
    char::from(BASE32.get((value & 31) as usize).copied().unwrap_or(b'A'))
}

fn hex(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('0')
}

fn sha256(text: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, text).as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let ids = Ids::new([7; 32]);
        let account: AccountId = "123456789012".parse().unwrap();
        let instance = ids.ec2("i");
        assert_eq!((instance.len(), &instance[..3]), (19, "i-0"));
        let key = ids.access_key_id("AKIA", account);
        assert_eq!(key.len(), 20);
        assert_eq!(account_of(&key), Some(account));
        let role = ids.unique("AROA", account);
        assert_eq!(role.len(), 21);
        assert_eq!(account_of(&role), Some(account));
        assert_eq!(ids.secret().len(), 40);
        assert_eq!(ids.uuid().len(), 36);
        assert_ne!(ids.uuid(), ids.uuid());
    }

    /// Real keys that were published together with their account (see the analyses named above).
    #[test]
    fn account_of_published_keys() {
        let cases = [
            ("ASIAY34FZKBOKMUTVV7A", "609629065308"),
            ("ASIAQNZGKIQY56JQ7WML", "029608264753"),
            ("AKIARZPUZDIKGB2VALC4", "123456789012"),
            ("ASIAQAAAAAAAGMKEM7X5", "000000000000"),
        ];
        for (key, account) in cases {
            assert_eq!(account_of(key).unwrap().as_str(), account, "{key}");
        }
        for bad in ["", "AKIA", "AKIAIOSFODNN7EXAMPLE", "test", "AKIA00000000"] {
            assert_eq!(account_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_repeated_run_draws_the_same() {
        let ids = Ids::new([1; 32]);
        let first = ids.ec2("vpc");
        let again = ids.clone();
        assert_eq!(again.ec2("vpc"), first);
        assert_ne!(Ids::derived(&[b"a", b"bc"]).ec2("x"), Ids::derived(&[b"ab", b"c"]).ec2("x"));
    }
}
