//! OpenSSH's formats, which EC2's key pairs and IAM's SSH keys are read and written in: public keys as a line of text, private Ed25519 keys as a
//! file. What a key is for, and which are taken, is not known here. <https://www.rfc-editor.org/rfc/rfc4253#section-6.6>
//! <https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What SSH calls RSA keys.
pub const RSA: &str = "ssh-rsa";
/// What SSH calls Ed25519 keys.
pub const ED25519: &str = "ssh-ed25519";

/// A public key, taken apart. Numbers are big-endian without leading zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    Rsa { exponent: Vec<u8>, modulus: Vec<u8> },
    Ed25519([u8; 32]),
}

impl PublicKey {
    /// The bytes that are written in base64 and fingerprinted.
    pub fn blob(&self) -> Vec<u8> {
        let mut blob = Vec::new();
        match self {
            PublicKey::Rsa { exponent, modulus } => {
                put(&mut blob, RSA.as_bytes());
                put_number(&mut blob, exponent);
                put_number(&mut blob, modulus);
            }
            PublicKey::Ed25519(bytes) => {
                put(&mut blob, ED25519.as_bytes());
                put(&mut blob, bytes);
            }
        }
        blob
    }

    /// `ssh-rsa AAAA… COMMENT`
    pub fn line(&self, comment: &str) -> String {
        let name = match self {
            PublicKey::Rsa { .. } => RSA,
            PublicKey::Ed25519(_) => ED25519,
        };
        format!("{name} {} {comment}", STANDARD.encode(self.blob()))
    }

    /// Reads the bytes; `None` for other kinds of keys and for what is no key.
    pub fn read(blob: &[u8]) -> Option<PublicKey> {
        let mut rest = blob;
        let key = match take(&mut rest)? {
            name if name == RSA.as_bytes() => {
                let (exponent, modulus) = (take(&mut rest)?, take(&mut rest)?);
                PublicKey::Rsa { exponent: plain(exponent)?, modulus: plain(modulus)? }
            }
            name if name == ED25519.as_bytes() => PublicKey::Ed25519(take(&mut rest)?.try_into().ok()?),
            _ => return None,
        };
        rest.is_empty().then_some(key)
    }

    /// Reads a line `ssh-rsa AAAA… comment`, or the text of a file as RFC 4716 has it.
    pub fn parse(text: &str) -> Option<PublicKey> {
        let text = text.trim();
        if let Some(inside) = text.strip_prefix("---- BEGIN SSH2 PUBLIC KEY ----") {
            return parse_file(inside.strip_suffix("---- END SSH2 PUBLIC KEY ----")?);
        }
        let mut words = text.split_ascii_whitespace();
        let name = words.next()?;
        let key = PublicKey::read(&STANDARD.decode(words.next()?).ok()?)?;
        key.line("").starts_with(&format!("{name} ")).then_some(key)
    }
}

/// The inside of an RFC 4716 file: headers, which may go on over lines that end with a backslash, then base64.
fn parse_file(inside: &str) -> Option<PublicKey> {
    let mut base64 = String::new();
    let mut in_header = false;
    for line in inside.lines().map(str::trim) {
        let is_header = in_header || line.contains(':');
        in_header = is_header && line.ends_with('\\');
        if !is_header {
            base64.push_str(line);
        }
    }
    PublicKey::read(&STANDARD.decode(base64).ok()?)
}

/// An Ed25519 private key without a passphrase, as ssh-keygen writes it. `check` is four random bytes.
pub fn private_ed25519(seed: &[u8; 32], public: &[u8; 32], check: [u8; 4], comment: &str) -> String {
    let mut secret = Vec::new();
    secret.extend_from_slice(&check);
    secret.extend_from_slice(&check);
    put(&mut secret, ED25519.as_bytes());
    put(&mut secret, public);
    put(&mut secret, &[seed.as_slice(), public.as_slice()].concat());
    put(&mut secret, comment.as_bytes());
    // Padded with 1, 2, 3… to the cipher's block size, which is 8 for none.
    let missing = (8 - secret.len() % 8) % 8;
    secret.extend((1..=8_u8).take(missing));

    let mut file = b"openssh-key-v1\0".to_vec();
    put(&mut file, b"none");
    put(&mut file, b"none");
    put(&mut file, b"");
    file.extend_from_slice(&1_u32.to_be_bytes());
    put(&mut file, &PublicKey::Ed25519(*public).blob());
    put(&mut file, &secret);
    let base64 = STANDARD.encode(file);
    let lines: Vec<&str> = base64.as_bytes().chunks(70).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----", lines.join("\n"))
}

/// A part, after its length.
pub fn put(blob: &mut Vec<u8>, part: &[u8]) {
    blob.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
    blob.extend_from_slice(part);
}

/// A number is signed: a zero keeps the first bit from saying minus.
pub fn put_number(blob: &mut Vec<u8>, number: &[u8]) {
    if number.first().is_some_and(|first| first & 0x80 != 0) {
        put(blob, &[&[0], number].concat());
    } else {
        put(blob, number);
    }
}

fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (part, after) = after.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *rest = after;
    Some(part)
}

/// The number without its sign byte; `None` for zero and for negative ones.
fn plain(number: &[u8]) -> Option<Vec<u8>> {
    let negative = number.first()? & 0x80 != 0;
    let digits: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
    (!negative && !digits.is_empty()).then_some(digits)
}
