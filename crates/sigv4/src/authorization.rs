//! Taking the signature's parts out of a request, in either form, as text. What the parts mean is `claim`'s business.

use std::borrow::Cow;

use crate::{ALGORITHM, Refusal, Request, encoding};

/// The parts of a signature, all present, none judged.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    pub credential: Cow<'a, str>,
    pub signed_headers: Cow<'a, str>,
    pub signature: Cow<'a, str>,
    pub session_token: Option<Cow<'a, str>>,
    pub date: Dated<'a>,
    pub presigned: bool,
}

/// The signature date as sent, and by which name.
#[derive(Debug)]
pub(crate) enum Dated<'a> {
    /// `X-Amz-Date`, header or parameter: ISO 8601.
    Amz(Cow<'a, str>),
    /// The `Date` header: RFC 822 or ISO 8601.
    Http(&'a str),
}

/// Finds the one form a request is signed in and reads it; both at once, or none, are refused.
pub(crate) fn read<'a>(request: &Request<'a>) -> Result<Parts<'a>, Refusal> {
    let query = request.query.unwrap_or_default();
    encoding::check_escapes(query)?;
    let header = request.header("authorization");
    let algorithm = parameter(query, "X-Amz-Algorithm");
    match (header, algorithm) {
        (Some(_), Some(_)) => Err(Refusal::HeaderAndQuery),
        (Some(header), None) => read_header(request, header),
        (None, Some(algorithm)) if algorithm == ALGORITHM => read_query(request, query),
        // AWS does not name a wrong algorithm in a query: to it such a request is unsigned.
        (None, _) => Err(Refusal::MissingAuthenticationToken),
    }
}

fn read_header<'a>(request: &Request<'a>, header: &'a str) -> Result<Parts<'a>, Refusal> {
    let (algorithm, rest) = header.split_once(char::is_whitespace).unwrap_or((header, ""));
    if algorithm != ALGORITHM {
        return Err(Refusal::IncompleteSignature(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
    }
    let (mut credential, mut signed_headers, mut signature) = (None, None, None);
    for part in rest.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=') else {
            return Err(Refusal::IncompleteSignature(format!(
                "'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
            )));
        };
        // A part given twice counts as the last one says.
        match name.trim_end() {
            "Credential" => credential = Some(value.trim_start()),
            "SignedHeaders" => signed_headers = Some(value.trim_start()),
            "Signature" => signature = Some(value.trim_start()),
            _ => {}
        }
    }
    let date = match request.header("x-amz-date") {
        Some(date) => Some(Dated::Amz(Cow::Borrowed(date))),
        None => request.header("date").map(Dated::Http),
    };
    match (credential, signature, signed_headers, date) {
        (Some(credential), Some(signature), Some(signed_headers), Some(date)) => Ok(Parts {
            credential: Cow::Borrowed(credential),
            signed_headers: Cow::Borrowed(signed_headers),
            signature: Cow::Borrowed(signature),
            session_token: request.header("x-amz-security-token").map(Cow::Borrowed),
            date,
            presigned: false,
        }),
        (credential, signature, signed_headers, date) => {
            let present = [credential.is_some(), signature.is_some(), signed_headers.is_some(), date.is_some()];
            Err(Refusal::IncompleteSignature(missing(present, &HEADER_PARTS, &format!("Authorization={header}"))))
        }
    }
}

const HEADER_PARTS: [&str; 4] = [
    "Authorization header requires 'Credential' parameter.",
    "Authorization header requires 'Signature' parameter.",
    "Authorization header requires 'SignedHeaders' parameter.",
    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
];

const QUERY_PARTS: [&str; 4] = [
    "AWS query-string parameters must include 'X-Amz-Credential'.",
    "AWS query-string parameters must include 'X-Amz-Signature'.",
    "AWS query-string parameters must include 'X-Amz-SignedHeaders'.",
    "AWS query-string parameters must include 'X-Amz-Date'.",
];

fn read_query<'a>(request: &Request<'a>, query: &'a str) -> Result<Parts<'a>, Refusal> {
    let credential = parameter(query, "X-Amz-Credential");
    let signature = parameter(query, "X-Amz-Signature");
    let signed_headers = parameter(query, "X-Amz-SignedHeaders");
    let date = parameter(query, "X-Amz-Date");
    match (credential, signature, signed_headers, date) {
        (Some(credential), Some(signature), Some(signed_headers), Some(date)) => Ok(Parts {
            credential,
            signed_headers,
            signature,
            session_token: parameter(query, "X-Amz-Security-Token")
                .or_else(|| request.header("x-amz-security-token").map(Cow::Borrowed)),
            date: Dated::Amz(date),
            presigned: true,
        }),
        (credential, signature, signed_headers, date) => {
            let present = [credential.is_some(), signature.is_some(), signed_headers.is_some(), date.is_some()];
            Err(Refusal::IncompleteSignature(missing(present, &QUERY_PARTS, "Re-examine the query-string parameters.")))
        }
    }
}

/// One sentence for each part that is not present, then the last one.
fn missing(present: [bool; 4], sentences: &[&str; 4], last: &str) -> String {
    let mut text = String::new();
    for (_, sentence) in present.iter().zip(sentences).filter(|(present, _)| !**present) {
        text.push_str(sentence);
        text.push(' ');
    }
    text.push_str(last);
    text
}

/// The first parameter of that name, decoded.
fn parameter<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    encoding::pairs(query).find(|(given, _)| *given == name).map(|(_, value)| encoding::decode(value))
}
