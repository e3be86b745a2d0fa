//! An issuer's keys: an RSA key of 2048 bits for RS256, a P-384 key for ES384. Drawing and signing take fresh randomness of the operating system
//! and so are work for a `prepare`, outside of handlers; reading the public halves is not.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rsa::pkcs8::EncodePrivateKey;
use serde_json::{Value, json};

use crate::record::SigningKeys;

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Rs256,
    Es384,
}

impl Algorithm {
    /// The algorithm of that name, as JWTs spell it.
    pub fn named(name: &str) -> Option<Algorithm> {
        [Algorithm::Rs256, Algorithm::Es384].into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// As JWTs spell it.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Es384 => "ES384",
        }
    }

    /// The key's id in the issuer's key set (seen on AWS).
    pub fn key_id(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RSA_0",
            Algorithm::Es384 => "EC384_0",
        }
    }
}

/// Draws both keys. `None` only if a library refuses its own key.
pub fn draw(random: [u8; 32]) -> Option<SigningKeys> {
    let rsa = service::rsa_key::draw(random)?.to_pkcs8_der().ok()?;
    let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &SystemRandom::new()).ok()?;
    Some(SigningKeys { rsa: STANDARD.encode(rsa.as_bytes()), ec: STANDARD.encode(ec.as_ref()) })
}

fn rsa_pair(keys: &SigningKeys) -> Option<RsaKeyPair> {
    RsaKeyPair::from_pkcs8(&STANDARD.decode(&keys.rsa).ok()?).ok()
}

fn ec_pair(keys: &SigningKeys) -> Option<EcdsaKeyPair> {
    let der = STANDARD.decode(&keys.ec).ok()?;
    EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &der, &SystemRandom::new()).ok()
}

/// The signature of a token's first two parts. `None` only for keys that are none.
pub fn sign(keys: &SigningKeys, algorithm: Algorithm, text: &str) -> Option<Vec<u8>> {
    let random = SystemRandom::new();
    match algorithm {
        Algorithm::Rs256 => {
            let pair = rsa_pair(keys)?;
            let mut signature = vec![0; pair.public().modulus_len()];
            pair.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature).ok()?;
            Some(signature)
        }
        Algorithm::Es384 => Some(ec_pair(keys)?.sign(&random, text.as_bytes()).ok()?.as_ref().to_vec()),
    }
}

/// The public halves as a JSON Web Key Set.
pub fn key_set(keys: &SigningKeys) -> Option<Value> {
    let rsa = rsa_pair(keys)?;
    let components = PublicKeyComponents::<Vec<u8>>::from(rsa.public());
    let ec = ec_pair(keys)?;
    // An uncompressed point: a byte that says so, then both coordinates.
    let (x, y) = ec.public_key().as_ref().get(1..)?.split_at_checked(48)?;
    let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    Some(json!({"keys": [
        {
            "alg": Algorithm::Rs256.name(), "e": encoded(&components.e), "kid": Algorithm::Rs256.key_id(),
            "kty": "RSA", "n": encoded(&components.n), "use": "sig",
        },
        {
            "alg": Algorithm::Es384.name(), "crv": "P-384", "kid": Algorithm::Es384.key_id(),
            "kty": "EC", "use": "sig", "x": encoded(x), "y": encoded(y),
        },
    ]}))
}
