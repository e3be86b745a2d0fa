//! The answers themselves: headers as a real instance sends them, and what tells of errors.

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

/// The page that tells of nothing there, to the byte as AWS sends it (recorded in September 2026).
pub fn not_found() -> Response {
    let page = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>
<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"
\t\t \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">
<html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">
 <head>
  <title>404 - Not Found</title>
 </head>
 <body>
  <h1>404 - Not Found</h1>
 </body>
</html>
";
    let headers = vec![("Content-Type", "text/html".to_owned()), ("Server", "EC2ws".to_owned())];
    Response { status: 404, headers, body: page.as_bytes().to_vec() }
}

/// Whatever else is refused has not even a page (recorded of AWS, September 2026).
pub fn empty(status: u16) -> Response {
    let headers = vec![("Content-Type", "text/plain".to_owned()), ("Server", "EC2ws".to_owned())];
    Response { status, headers, body: Vec::new() }
}

/// The methods that the tree takes.
pub fn options() -> Response {
    let mut response = empty(200);
    response.headers.push(("Allow", "OPTIONS, GET, HEAD".to_owned()));
    response
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
