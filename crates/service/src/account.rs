//! An AWS account number: twelve digits, cheap to copy.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Twelve ASCII digits, leading zeros kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 12]);

impl AccountId {
    /// The default account of a server started without `--account`.
    pub const ZERO: AccountId = AccountId([b'0'; 12]);

    /// The digits as text.
    pub fn as_str(&self) -> &str {
        // INVARIANT: only ASCII digits get in, so this is always valid UTF-8.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The account as a number, as it is packed into access key ids.
    pub fn number(&self) -> u64 {
        self.0.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
    }

    /// The account with that number; `None` when it needs more than twelve digits.
    pub fn from_number(number: u64) -> Option<AccountId> {
        format!("{number:012}").parse().ok()
    }
}

/// The text is not twelve digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnAccount;

impl fmt::Display for NotAnAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an account is twelve digits")
    }
}

impl std::error::Error for NotAnAccount {}

impl FromStr for AccountId {
    type Err = NotAnAccount;

    fn from_str(text: &str) -> Result<Self, NotAnAccount> {
        let digits: [u8; 12] = text.as_bytes().try_into().map_err(|_| NotAnAccount)?;
        digits.iter().all(u8::is_ascii_digit).then_some(AccountId(digits)).ok_or(NotAnAccount)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for AccountId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AccountId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl crate::Shaped for AccountId {}

#[cfg(test)]
mod tests {
    use super::AccountId;

    #[test]
    fn twelve_digits_and_nothing_else() {
        assert_eq!("000000000012".parse::<AccountId>().unwrap().number(), 12);
        assert_eq!(AccountId::from_number(12).unwrap().as_str(), "000000000012");
        for text in ["", "12345678901", "1234567890123", "12345678901a", "１23456789012"] {
            assert!(text.parse::<AccountId>().is_err(), "{text}");
        }
        assert_eq!(AccountId::from_number(1_000_000_000_000), None);
    }
}
