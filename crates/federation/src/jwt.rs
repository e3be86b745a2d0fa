//! JSON web tokens: reading one, and proving it with a provider's keys.
//!
//! [`Token::parse`] believes nothing. What a token claims may be looked at to find its provider; it counts only after [`Token::verify`].
//! See <https://www.rfc-editor.org/rfc/rfc7519>.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::jwks::{Algorithm, KeySet, Unverified};

/// A token as read.
#[derive(Clone)]
pub struct Token {
    algorithm: Algorithm,
    key_id: Option<String>,
    claims: Map<String, Value>,
    signed: String,
    signature: Vec<u8>,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl Token {
    /// Reads a signed token in its compact form. Nothing for any other text, an algorithm that is not taken, and critical extensions, which
    /// by the standard must not be passed over.
    pub fn parse(text: &str) -> Option<Token> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let object = |part: &str| match serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()? {
            Value::Object(members) => Some(members),
            _ => None,
        };
        let header = object(header)?;
        if header.contains_key("crit") {
            return None;
        }
        Some(Token {
            algorithm: Algorithm::named(header.get("alg")?.as_str()?)?,
            key_id: header.get("kid").and_then(Value::as_str).map(str::to_owned),
            claims: object(claims)?,
            signed: signed.to_owned(),
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// Whether one of the keys signed it.
    pub fn verify(&self, keys: &KeySet) -> Result<(), Unverified> {
        keys.verify(self.algorithm, self.key_id.as_deref(), self.signed.as_bytes(), &self.signature)
    }

    /// A claim, by its whole name.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// All claims.
    pub fn claims(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.claims.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// A claim that is a text, and not an empty one.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claim(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A claim that is a text or a list of texts; empty for any other.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        self.claim(name).map(texts).unwrap_or_default()
    }

    /// A time in seconds since 1970; only whole numbers count, as AWS has it.
    pub fn seconds(&self, name: &str) -> Option<i64> {
        self.claim(name)?.as_i64()
    }
}

/// A text, or the texts of a list; empty if anything else is among them.
pub fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text.as_str()],
        Value::Array(items) => items.iter().map(Value::as_str).collect::<Option<Vec<_>>>().unwrap_or_default(),
        _ => Vec::new(),
    }
}
