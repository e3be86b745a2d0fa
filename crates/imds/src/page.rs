//! The answers themselves: headers as a real instance sends them, and the pages that tell errors.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use service::Cx;

use crate::Response;

/// Plain text: everything but user data.
pub fn text(cx: &Cx, body: Vec<u8>) -> Response {
    with_type(cx, "text/plain", "none", body)
}

/// Bytes as they are: user data.
pub fn bytes(cx: &Cx, body: Vec<u8>) -> Response {
    with_type(cx, "application/octet-stream", "bytes", body)
}

fn with_type(cx: &Cx, content_type: &str, ranges: &str, body: Vec<u8>) -> Response {
    let headers = vec![
        ("Content-Type", content_type.to_owned()),
        ("Accept-Ranges", ranges.to_owned()),
        ("Last-Modified", http_date(cx.wall)),
        ("Server", "EC2ws".to_owned()),
    ];
    Response { status: 200, headers, body }
}

/// `Mon, 23 Nov 2026 10:00:00 GMT`.
fn http_date(time: Timestamp) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&time).unwrap_or_default()
}

/// A page that tells an error. The 404 page declares another encoding than the rest; real ones do.
pub fn error(status: u16) -> Response {
    let title = match status {
        400 => "400 - Bad Request",
        403 => "403 - Forbidden",
        405 => "405 - Method Not Allowed",
        500 => "500 - Internal Server Error",
        _ => "404 - Not Found",
    };
    let encoding = if status == 404 { "iso-8859-1" } else { "UTF-8" };
    let page = [
        "<?xml version=\"1.0\" encoding=\"",
        encoding,
        "\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\n\t\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n",
        "<html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n <head>\n  <title>",
        title,
        "</title>\n </head>\n <body>\n  <h1>",
        title,
        "</h1>\n </body>\n</html>\n",
    ];
    let headers = vec![("Content-Type", "text/html".to_owned()), ("Server", "EC2ws".to_owned())];
    Response { status, headers, body: page.concat().into_bytes() }
}

/// Without a token that is good there is not even a page (seen of AWS, September 2026).
pub fn unauthorized() -> Response {
    let headers = vec![("Content-Type", "text/plain".to_owned()), ("Server", "EC2ws".to_owned())];
    Response { status: 401, headers, body: Vec::new() }
}

/// The token path takes PUT, and tells so.
pub fn token_only_by_put(method: &str) -> Response {
    let status = if method == "OPTIONS" { 200 } else { 405 };
    Response {
        status,
        headers: vec![("Allow", "OPTIONS, PUT".to_owned()), ("Server", "EC2ws".to_owned())],
        body: Vec::new(),
    }
}
