//! The public keys of an OpenID Connect provider, as a JSON web key set, and the signatures they verify.
//!
//! A key is used only with the algorithms of its own kind, so a token cannot turn a public key into a shared secret. Keys of other kinds,
//! keys for encryption and what is no key at all are passed over. See <https://www.rfc-editor.org/rfc/rfc7517> and <https://www.rfc-editor.org/rfc/rfc7518>.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p521::ecdsa::signature::Verifier as _;
use ring::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;

/// Keys of one kind that AWS takes from a provider.
const MOST_KEYS: usize = 100;

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Es256,
    Es384,
    Es512,
}

impl Algorithm {
    /// The algorithm of that name; nothing for `none`, shared secrets and those AWS does not take.
    pub fn named(name: &str) -> Option<Algorithm> {
        Some(match name {
            "RS256" => Algorithm::Rs256,
            "RS384" => Algorithm::Rs384,
            "RS512" => Algorithm::Rs512,
            "ES256" => Algorithm::Es256,
            "ES384" => Algorithm::Es384,
            "ES512" => Algorithm::Es512,
            _ => return None,
        })
    }
}

/// A provider's keys.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    keys: Vec<Key>,
}

#[derive(Debug, Clone)]
struct Key {
    id: Option<String>,
    /// The only algorithm it is for, if the set says so.
    algorithm: Option<String>,
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// An uncompressed point.
    P256(Vec<u8>),
    P384(Vec<u8>),
    P521(Vec<u8>),
}

#[derive(Deserialize)]
struct Written {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct WrittenKey {
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    kid: Option<String>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// Why a key does not verify a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unverified {
    /// The set has no key of that id and kind.
    UnknownKey,
    BadSignature,
}

impl KeySet {
    /// Reads a set; the error says in a few words what is wrong with it, and nothing of what stands in it. One without a usable key is refused.
    pub fn parse(text: &[u8]) -> Result<KeySet, String> {
        let written: Written = serde_json::from_slice(text).map_err(|error| {
            format!("no JSON object with a list of `keys` (line {}, column {})", error.line(), error.column())
        })?;
        let keys: Vec<Key> =
            written.keys.into_iter().filter_map(|key| Key::read(serde_json::from_value(key).ok()?)).collect();
        let rsa = keys.iter().filter(|key| matches!(key.material, Material::Rsa { .. })).count();
        if rsa > MOST_KEYS || keys.len() - rsa > MOST_KEYS {
            return Err(format!("there are more than {MOST_KEYS} keys of a kind"));
        }
        if keys.is_empty() { Err("there is no RSA or EC key for signatures".to_owned()) } else { Ok(KeySet { keys }) }
    }

    /// Whether one of the keys made the signature. With a key id only keys of that id count, and those
    /// that have none; a token without one is tried with each.
    pub fn verify(
        &self,
        algorithm: Algorithm,
        key_id: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Unverified> {
        let named = |key: &&Key| key_id.is_none() || key.id.is_none() || key.id.as_deref() == key_id;
        let mut fitting = self.keys.iter().filter(named).filter(|key| key.fits(algorithm)).peekable();
        if fitting.peek().is_none() {
            return Err(Unverified::UnknownKey);
        }
        match fitting.any(|key| key.verifies(algorithm, message, signature)) {
            true => Ok(()),
            false => Err(Unverified::BadSignature),
        }
    }
}

impl Key {
    fn read(written: WrittenKey) -> Option<Key> {
        if written.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let bytes = |text: Option<&String>| URL_SAFE_NO_PAD.decode(text?.trim_end_matches('=')).ok();
        let point = |size: usize| {
            let (x, y) = (bytes(written.x.as_ref())?, bytes(written.y.as_ref())?);
            (x.len() == size && y.len() == size).then(|| [&[4], x.as_slice(), &y].concat())
        };
        let material = match (written.kty.as_str(), written.crv.as_deref()) {
            ("RSA", _) => {
                let (modulus, exponent) = (bytes(written.n.as_ref())?, bytes(written.e.as_ref())?);
                Material::Rsa { modulus: unpadded(modulus), exponent: unpadded(exponent) }
            }
            ("EC", Some("P-256")) => Material::P256(point(32)?),
            ("EC", Some("P-384")) => Material::P384(point(48)?),
            ("EC", Some("P-521")) => Material::P521(point(66)?),
            _ => return None,
        };
        Some(Key { id: written.kid, algorithm: written.alg, material })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        let stated = self.algorithm.as_deref().is_none_or(|name| Algorithm::named(name) == Some(algorithm));
        stated
            && matches!(
                (&self.material, algorithm),
                (Material::Rsa { .. }, Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512)
                    | (Material::P256(_), Algorithm::Es256)
                    | (Material::P384(_), Algorithm::Es384)
                    | (Material::P521(_), Algorithm::Es512)
            )
    }

    fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Rsa { modulus, exponent } => {
                let parameters: &RsaParameters = match algorithm {
                    Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
                    Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
                    _ => &signature::RSA_PKCS1_2048_8192_SHA256,
                };
                RsaPublicKeyComponents { n: modulus, e: exponent }.verify(parameters, message, signature).is_ok()
            }
            Material::P256(point) => {
                let key = UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point);
                key.verify(message, signature).is_ok()
            }
            Material::P384(point) => {
                let key = UnparsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, point);
                key.verify(message, signature).is_ok()
            }
            Material::P521(point) => {
                let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(point);
                let signature = p521::ecdsa::Signature::from_slice(signature);
                matches!((key, signature), (Ok(key), Ok(signature)) if key.verify(message, &signature).is_ok())
            }
        }
    }
}

/// Some providers write a leading zero, which ring takes for a fault.
fn unpadded(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().skip_while(|byte| *byte == 0).collect()
}
