//! The other side: signing a request, for tests, load generators and the program's own client commands.

use jiff::Timestamp;

use crate::canonical::{self, Rules};
use crate::{ALGORITHM, PathRule, Request, Secret, TERMINATOR, date, encoding, signing_key};

/// Who signs, for what, and when.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    pub access_key_id: &'a str,
    pub secret: &'a Secret,
    pub session_token: Option<&'a str>,
    pub region: &'a str,
    pub service: &'a str,
    pub at: Timestamp,
    pub path: PathRule,
}

/// Headers that change on the way, and that no client signs.
const NEVER_SIGNED: [&str; 12] = [
    "authorization",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// Signs a request and returns the headers to add to it: `X-Amz-Date`, `X-Amz-Security-Token` when there is a session
/// token, `Authorization`. Every header given is signed, save those that may change on the way; `Host` must be there.
pub fn sign(request: &Request<'_>, signer: &Signer<'_>) -> Vec<(&'static str, String)> {
    let date = date::basic(signer.at);
    let mut headers: Vec<(&str, &str)> =
        request.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("x-amz-date")).copied().collect();
    headers.push(("X-Amz-Date", &date));
    headers.extend(signer.session_token.map(|token| ("X-Amz-Security-Token", token)));
    let names = signed_names(&headers);
    let signature = signature(&Request { headers: &headers, ..*request }, signer, &names, &date);
    let authorization =
        format!("{ALGORITHM} Credential={}, SignedHeaders={names}, Signature={signature}", credential(signer, &date));
    let mut added = vec![("X-Amz-Date", date.clone())];
    added.extend(signer.session_token.map(|token| ("X-Amz-Security-Token", token.to_owned())));
    added.push(("Authorization", authorization));
    added
}

/// Signs a request in its query and returns the whole query to send. `expires_seconds` is what the URL says of its
/// life; STS does not read it.
pub fn presign(request: &Request<'_>, signer: &Signer<'_>, expires_seconds: u32) -> String {
    let date = date::basic(signer.at);
    let names = signed_names(request.headers);
    let expires = expires_seconds.to_string();
    let credential = credential(signer, &date);
    let mut query = request.query.unwrap_or_default().to_owned();
    let parameters = [
        ("X-Amz-Algorithm", Some(ALGORITHM)),
        ("X-Amz-Credential", Some(&credential)),
        ("X-Amz-Date", Some(&date)),
        ("X-Amz-Expires", Some(&expires)),
        ("X-Amz-SignedHeaders", Some(&names)),
        ("X-Amz-Security-Token", signer.session_token),
    ];
    for (name, value) in parameters {
        if let Some(value) = value {
            push_parameter(&mut query, name, value);
        }
    }
    let signature = signature(&Request { query: Some(&query), ..*request }, signer, &names, &date);
    push_parameter(&mut query, "X-Amz-Signature", &signature);
    query
}

fn push_parameter(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    encoding::encode_into(query, value);
}

fn signed_names(headers: &[(&str, &str)]) -> String {
    let mut names: Vec<String> = headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.retain(|name| !NEVER_SIGNED.contains(&name.as_str()));
    names.sort_unstable();
    names.dedup();
    names.join(";")
}

fn credential(signer: &Signer<'_>, date: &str) -> String {
    let day = date.get(..8).unwrap_or(date);
    format!("{}/{day}/{}/{}/{TERMINATOR}", signer.access_key_id, signer.region, signer.service)
}

fn signature(request: &Request<'_>, signer: &Signer<'_>, names: &str, date: &str) -> String {
    let payload = canonical::payload(request);
    let rules = Rules { path: signer.path, signed_headers: names, unsigned_parameters: &[], payload: &payload };
    let canonical = canonical::request(request, &rules);
    let day = date.get(..8).unwrap_or(date);
    let key = signing_key(signer.secret, day, signer.region, signer.service);
    key.signature(&canonical::string_to_sign(&canonical, date, signer.region, signer.service))
}
