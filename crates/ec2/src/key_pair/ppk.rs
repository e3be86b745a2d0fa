//! Private keys as PuTTY keeps them, in its second format, unencrypted: what `KeyFormat=ppk` asks for (seen of AWS, September 2026).
//! <https://tartarus.org/~simon/putty-snapshots/htmldoc/AppendixC.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac};
use service::openssh;

/// What the key of the code at the end is made of, with the passphrase, which is none.
const SECRET: &[u8] = b"putty-private-key-file-mac-key";
const LETTERS_A_LINE: usize = 64;

/// The file of a key of that algorithm (`ssh-rsa`); `public` and `private` are its halves as SSH writes them.
pub fn file(algorithm: &str, comment: &str, public: &[u8], private: &[u8]) -> String {
    let (public_lines, private_lines) = (lines(public), lines(private));
    let parts = [
        format!("PuTTY-User-Key-File-2: {algorithm}"),
        "Encryption: none".to_owned(),
        format!("Comment: {comment}"),
        format!("Public-Lines: {}", public_lines.len()),
        public_lines.join("\n"),
        format!("Private-Lines: {}", private_lines.len()),
        private_lines.join("\n"),
        format!("Private-MAC: {}", code(algorithm, comment, public, private)),
    ];
    parts.join("\n") + "\n"
}

fn lines(bytes: &[u8]) -> Vec<String> {
    let base64 = STANDARD.encode(bytes).into_bytes();
    base64.chunks(LETTERS_A_LINE).map(|line| String::from_utf8_lossy(line).into_owned()).collect()
}

fn code(algorithm: &str, comment: &str, public: &[u8], private: &[u8]) -> String {
    let mut signed = Vec::new();
    for part in [algorithm.as_bytes(), b"none", comment.as_bytes(), public, private] {
        openssh::put(&mut signed, part);
    }
    let secret = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, SECRET);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_ref());
    hmac::sign(&key, &signed).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
