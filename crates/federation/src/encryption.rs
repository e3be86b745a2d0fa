//! Encrypted assertions: XML encryption as SAML providers use it, an AES key for the assertion that is itself encrypted for an RSA key.
//!
//! Taken are AES-GCM and AES-CBC with keys of 128 and 256 bits, and RSA-OAEP; RSA with PKCS #1 padding is refused, as its faults tell too much.
//! What comes out is as hostile as any other text: a signature still has to prove it. See <https://www.w3.org/TR/xmlenc-core1/>.

use aes::cipher::{BlockModeDecrypt as _, KeyIvInit as _, block_padding::NoPadding};
use ring::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use rsa::{Oaep, PrivateKey};
use sha1::Sha1;
use sha2::Sha256;

use crate::encoding;
use crate::xml::Element;

const ENCRYPTION: &str = "http://www.w3.org/2001/04/xmlenc#";
const ENCRYPTION_11: &str = "http://www.w3.org/2009/xmlenc11#";
const SIGNATURES: &str = "http://www.w3.org/2000/09/xmldsig#";
const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const MGF_SHA256: &str = "http://www.w3.org/2009/xmlenc11#mgf1sha256";

/// Opens an `EncryptedAssertion` with one of the keys: the text of the assertion. Nothing says why it cannot be opened, on purpose.
pub fn open(encrypted: &Element, keys: &[PrivateKey]) -> Option<String> {
    let data = encrypted.only(ENCRYPTION, "EncryptedData")?;
    let inside = data.only(SIGNATURES, "KeyInfo").and_then(|info| info.only(ENCRYPTION, "EncryptedKey"));
    let wrapped = inside.or_else(|| encrypted.only(ENCRYPTION, "EncryptedKey"))?;
    let text = cipher_text(data)?;
    let method = algorithm(data)?;
    let plain = keys.iter().find_map(|key| decrypted(method, &unwrapped(wrapped, key)?, &text))?;
    String::from_utf8(plain).ok()
}

fn algorithm(element: &Element) -> Option<&str> {
    element.only(ENCRYPTION, "EncryptionMethod")?.attribute("Algorithm")
}

fn cipher_text(element: &Element) -> Option<Vec<u8>> {
    encoding::base64(element.only(ENCRYPTION, "CipherData")?.only(ENCRYPTION, "CipherValue")?.text()?)
}

/// The AES key. Without blinding: whoever can time this server has better ways in.
fn unwrapped(wrapped: &Element, key: &PrivateKey) -> Option<Vec<u8>> {
    let method = wrapped.only(ENCRYPTION, "EncryptionMethod")?;
    let digest = method.only(SIGNATURES, "DigestMethod").map_or(Some(SHA1), |digest| digest.attribute("Algorithm"))?;
    let mask = method.only(ENCRYPTION_11, "MGF").and_then(|mask| mask.attribute("Algorithm"));
    let text = cipher_text(wrapped)?;
    let is_11 = match method.attribute("Algorithm")? {
        "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p" => false,
        "http://www.w3.org/2009/xmlenc11#rsa-oaep" => true,
        _ => return None,
    };
    match (digest, is_11 && mask == Some(MGF_SHA256)) {
        (SHA1, false) => key.decrypt(Oaep::<Sha1>::new(), &text).ok(),
        (SHA256, false) => key.decrypt(Oaep::<Sha256, Sha1>::new_with_mgf_hash(), &text).ok(),
        (SHA256, true) => key.decrypt(Oaep::<Sha256>::new(), &text).ok(),
        _ => None,
    }
}

fn decrypted(method: &str, key: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    match method {
        "http://www.w3.org/2009/xmlenc11#aes128-gcm" => with_gcm(&aead::AES_128_GCM, key, text),
        "http://www.w3.org/2009/xmlenc11#aes256-gcm" => with_gcm(&aead::AES_256_GCM, key, text),
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc" => {
            let (vector, text) = text.split_at_checked(16)?;
            let cipher = cbc::Decryptor::<aes::Aes128>::new_from_slices(key, vector).ok()?;
            without_padding(cipher.decrypt_padded_vec::<NoPadding>(text).ok()?)
        }
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc" => {
            let (vector, text) = text.split_at_checked(16)?;
            let cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(key, vector).ok()?;
            without_padding(cipher.decrypt_padded_vec::<NoPadding>(text).ok()?)
        }
        _ => None,
    }
}

fn with_gcm(algorithm: &'static aead::Algorithm, key: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    let (nonce, text) = text.split_at_checked(aead::NONCE_LEN)?;
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut text = text.to_vec();
    let plain = key.open_in_place(nonce, Aad::empty(), &mut text).ok()?;
    Some(plain.to_vec())
}

/// XML encryption's own padding: the last byte says how many there are, the others are anything.
fn without_padding(mut plain: Vec<u8>) -> Option<Vec<u8>> {
    let padding = usize::from(*plain.last()?);
    let length = plain.len().checked_sub(padding).filter(|_| (1..=16).contains(&padding))?;
    plain.truncate(length);
    Some(plain)
}
