//! Passwords: what an account asks of them, and the hash that is kept of them.
//!
//! Hashing takes long by design, so it is work to be prepared outside the store. All hashes of one user share a salt: then one hash of a new
//! password tells whether it is among the earlier ones. Start reading at [`check`], then [`Trial`].

use std::fmt;
use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::pbkdf2;
use service::prelude::*;
use subtle::ConstantTimeEq as _;

use crate::record::{Password, PasswordPolicy};

/// A text of a request that never shows.
#[derive(Clone, Deserialize, Shaped)]
#[serde(transparent)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Secret {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// What counts as a symbol. <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html>
const SYMBOLS: &str = "!@#$%^&*()_+-=[]{}|'";

type IsOfKind = fn(char) -> bool;

/// Kinds of characters, in the order AWS names them, and what it says when one is missing.
const KINDS: [(IsOfKind, &str); 4] = [
    (|c| c.is_ascii_uppercase(), "Password should have at least one uppercase letter"),
    (|c| c.is_ascii_lowercase(), "Password should have at least one lowercase letter"),
    (|c| c.is_ascii_digit(), "Password should have at least one number"),
    (|c| SYMBOLS.contains(c), "Password should have at least one symbol"),
];

/// Without a policy of the account's own AWS asks for eight characters of three kinds.
const DEFAULT_LENGTH: i64 = 8;
const DEFAULT_KINDS: usize = 3;

/// `PasswordPolicyViolation` if the account's policy, or AWS's default one, does not admit the password. Earlier ones are another matter:
/// [`check_reuse`].
pub fn check(policy: Option<&PasswordPolicy>, password: &Secret) -> Result<(), ApiError> {
    let length = policy.map_or(DEFAULT_LENGTH, |policy| policy.minimum_length);
    if i64::try_from(password.expose().chars().count()).unwrap_or(i64::MAX) < length {
        return Err(violation(format!("Password should have a minimum length of {length}")));
    }
    let asked = policy.map_or([true; 4], |policy| {
        [policy.require_uppercase, policy.require_lowercase, policy.require_numbers, policy.require_symbols]
    });
    let missing: Vec<&str> = KINDS
        .iter()
        .zip(asked)
        .filter(|((is_one, _), asked)| *asked && !password.expose().chars().any(is_one))
        .map(|((_, text), _)| *text)
        .collect();
    let short_of = (missing.len() + DEFAULT_KINDS).saturating_sub(KINDS.len());
    match policy {
        Some(_) if missing.is_empty() => Ok(()),
        Some(_) => Err(violation(missing.join(", "))),
        None if short_of == 0 => Ok(()),
        None => Err(violation(format!(
            "Password should meet {short_of} more of the following requirements: {}",
            missing.join(", ")
        ))),
    }
}

/// Whether two hashes are one, in a time that does not tell how much of them is.
pub fn same_hash(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// `PasswordPolicyViolation` if a password of that hash is one of those that may not be used again.
pub fn check_reuse(policy: Option<&PasswordPolicy>, held: &Password, hash: &str) -> Result<(), ApiError> {
    let last = policy.and_then(|policy| policy.reuse_prevention).unwrap_or(0);
    let mut barred = std::iter::once(&held.hash).chain(&held.earlier).take(usize::try_from(last).unwrap_or(0));
    if barred.any(|earlier| same_hash(earlier, hash)) {
        return Err(violation("Password does not conform to the account password policy."));
    }
    Ok(())
}

fn violation(text: impl Into<String>) -> ApiError {
    ApiError::new("PasswordPolicyViolation", text)
}

/// How often the hash is repeated for new profiles.
const ITERATIONS: u32 = 100_000;
/// The longest history a policy can ask for.
const MOST_EARLIER: usize = 24;

impl Password {
    /// The first password of a profile, with a salt that was drawn for it.
    pub fn first(password: &Secret, salt: [u8; 32]) -> Password {
        let empty =
            Password { salt: STANDARD.encode(salt), iterations: ITERATIONS, hash: String::new(), earlier: Vec::new() };
        Password { hash: empty.hash_of(password), ..empty }
    }

    /// The hash that password would have here.
    pub fn hash_of(&self, password: &Secret) -> String {
        let mut hash = [0; 32];
        let iterations = NonZeroU32::new(self.iterations).unwrap_or(NonZeroU32::MIN);
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            iterations,
            self.salt.as_bytes(),
            password.expose().as_bytes(),
            &mut hash,
        );
        STANDARD.encode(hash)
    }

    /// The same with a new password in force and the present one among the earlier.
    pub fn replaced(&self, hash: String) -> Password {
        let earlier = std::iter::once(&self.hash).chain(&self.earlier).take(MOST_EARLIER).cloned().collect();
        Password { hash, earlier, ..self.clone() }
    }
}

/// What a new password, and the old one where it must be shown, hash to with the salt of a profile.
#[derive(Clone)]
pub struct Trial {
    salt: String,
    pub old: Option<String>,
    pub new: String,
}

impl Trial {
    /// Does the hashing.
    pub fn of(held: &Password, old: Option<&Secret>, new: &Secret) -> Trial {
        Trial { salt: held.salt.clone(), old: old.map(|old| held.hash_of(old)), new: held.hash_of(new) }
    }

    /// What was prepared, if it was for this profile; else it is done now.
    pub fn prepared(cx: &Cx, held: &Password, old: Option<&Secret>, new: &Secret) -> Trial {
        match cx.prepared::<Trial>() {
            Some(trial) if trial.salt == held.salt => trial.clone(),
            _ => Trial::of(held, old, new),
        }
    }
}

#[cfg(test)]
mod tests;
