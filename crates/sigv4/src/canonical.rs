//! The canonical request and the string to sign: the texts that signer and verifier must agree on byte by byte. Body
//! parameters are never folded into the query; the services here hash the form as the payload.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::borrow::Cow;

use ring::digest;

use crate::{ALGORITHM, PathRule, Request, TERMINATOR, encoding};

/// What a canonical request is made with, besides the request.
pub(crate) struct Rules<'a> {
    pub path: PathRule,
    /// The names as the client lists them, joined by `;`.
    pub signed_headers: &'a str,
    /// Query parameters that were added after signing.
    pub unsigned_parameters: &'a [&'a str],
    /// The last line.
    pub payload: &'a str,
}

/// The payload line that a client declares when it signs no body.
pub(crate) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The canonical request.
pub(crate) fn request(request: &Request<'_>, rules: &Rules<'_>) -> String {
    let lower = rules.signed_headers.to_ascii_lowercase();
    let mut names: Vec<&str> = lower.split(';').map(str::trim).filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    let mut out = String::with_capacity(512);
    out.extend(request.method.chars().map(|letter| letter.to_ascii_uppercase()));
    out.push('\n');
    push_path(&mut out, request.path, rules.path);
    out.push('\n');
    push_query(&mut out, request.query.unwrap_or_default(), rules.unsigned_parameters);
    out.push('\n');
    for name in &names {
        push_header(&mut out, request, name);
    }
    out.push('\n');
    push_joined(&mut out, &names, ";");
    out.push('\n');
    out.push_str(rules.payload);
    out
}

/// The string to sign. `date` is in the basic spelling.
pub(crate) fn string_to_sign(canonical: &str, date: &str, region: &str, service: &str) -> String {
    let day = date.get(..8).unwrap_or(date);
    let hash = hash(canonical.as_bytes());
    format!("{ALGORITHM}\n{date}\n{day}/{region}/{service}/{TERMINATOR}\n{hash}")
}

/// SHA-256 in lower-case hex.
pub(crate) fn hash(bytes: &[u8]) -> String {
    encoding::hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// The payload line: the hash of the body, unless the client declares that it did not sign one. A declared hash is
/// used as it is spelled if it is the body's; else the body's own hash stands here, and the signature cannot match.
/// S3's `STREAMING-…` is not taken at its word, as nobody here checks the signatures of the chunks.
pub(crate) fn payload<'a>(request: &Request<'a>) -> Cow<'a, str> {
    let declared = request.header("x-amz-content-sha256");
    if declared == Some(UNSIGNED_PAYLOAD) {
        return Cow::Borrowed(UNSIGNED_PAYLOAD);
    }
    let hash = hash(request.body);
    match declared {
        Some(declared) if declared.eq_ignore_ascii_case(&hash) => Cow::Borrowed(declared),
        _ => Cow::Owned(hash),
    }
}

fn push_path(out: &mut String, path: &str, rule: PathRule) {
    match rule {
        PathRule::Normalised => push_segments(out, &normalised(path), path.ends_with('/')),
        PathRule::AsSent => {
            push_segments(out, &path.strip_prefix('/').unwrap_or(path).split('/').collect::<Vec<_>>(), false)
        }
    }
}

/// Writes the segments, each encoded once more on top of what the client sent.
fn push_segments(out: &mut String, segments: &[&str], slash_at_end: bool) {
    for segment in segments {
        out.push('/');
        encoding::encode_into(out, segment);
    }
    if segments.is_empty() || slash_at_end {
        out.push('/');
    }
}

/// The segments of a path without empty ones and `.`, and with `..` resolved; above the root there is nothing.
fn normalised(path: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    segments
}

fn push_query(out: &mut String, query: &str, unsigned: &[&str]) {
    if query.is_empty() {
        return;
    }
    let signed = encoding::pairs(query).map(|(name, value)| (encoding::recode(name), encoding::recode(value)));
    let mut pairs: Vec<_> = signed.filter(|(name, _)| !unsigned.contains(&name.as_ref())).collect();
    pairs.sort_unstable();
    for (position, (name, value)) in pairs.iter().enumerate() {
        if position > 0 {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        out.push_str(value);
    }
}

/// One line `name:value`. A repeated header is joined with commas in the order sent; one that did not arrive counts
/// as empty, so that a proxy that drops an empty header does no harm.
fn push_header(out: &mut String, request: &Request<'_>, name: &str) {
    out.push_str(name);
    out.push(':');
    if push_values(out, request, name) == 0 {
        // HTTP/2 has `:authority` where HTTP/1 has `Host`, and a gateway may turn one into the other.
        match name {
            "host" => push_values(out, request, ":authority"),
            ":authority" => push_values(out, request, "host"),
            _ => 0,
        };
    }
    out.push('\n');
}

fn push_values(out: &mut String, request: &Request<'_>, name: &str) -> usize {
    let mut count = 0;
    for (_, value) in request.headers.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name)) {
        if count > 0 {
            out.push(',');
        }
        count += 1;
        push_folded(out, value);
    }
    count
}

/// The value without white space around it, and with every run of it inside as one space, in quotes too.
fn push_folded(out: &mut String, value: &str) {
    for (position, word) in value.split_ascii_whitespace().enumerate() {
        if position > 0 {
            out.push(' ');
        }
        out.push_str(word);
    }
}

fn push_joined(out: &mut String, names: &[&str], separator: &str) {
    for (position, name) in names.iter().enumerate() {
        if position > 0 {
            out.push_str(separator);
        }
        out.push_str(name);
    }
}
