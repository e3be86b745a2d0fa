//! Requests that are refused, each with the exact code and text, as cases in a file.
#![cfg(test)] // clippy.toml lets tests unwrap where it sees this

use jiff::Timestamp;
use sigv4::{Expectations, PathRule, Refusal, Request, Secret};

const CASES: &str = include_str!("refusals.txt");
const SCOPE: &str = "AKIDEXAMPLE/20260301/us-east-1/sts/aws4_request";
const WRONG: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
     Secret Access Key and signing method. Consult the service documentation for details.";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn answer(request: &Request<'_>) -> Result<(), Refusal> {
    let expectations = Expectations {
        service: "sts",
        wall: at("2026-03-01T12:00:00Z"),
        now: at("2026-04-10T12:00:00Z"),
        path: PathRule::Normalised,
    };
    sigv4::claim(request, &expectations)?.verify(request, &Secret::new("secret"))
}

/// Runs one case and returns what was answered and what should have been.
fn run(case: &str) -> (String, String) {
    let mut lines = case.lines();
    let (path, query) = lines.next().unwrap().split_once('?').map_or(("/", None), |(path, query)| (path, Some(query)));
    let mut headers = Vec::new();
    for line in lines {
        if let Some(expected) = line.strip_prefix("=> ") {
            let request = Request { method: "GET", path, query, headers: &headers, body: b"" };
            let refusal = answer(&request).unwrap_err();
            return (format!("{}: {}", refusal.code(), refusal.message(false)), expected.to_owned());
        }
        // The first character may be the colon of `:authority`.
        let colon = line.char_indices().skip(1).find(|(_, letter)| *letter == ':').unwrap().0;
        headers.push((&line[..colon], &line[colon + 1..]));
    }
    panic!("a case without an answer: {case}")
}

#[test]
fn every_refusal_has_its_code_and_text() {
    let cases = CASES.replace("$SCOPE", SCOPE).replace("$WRONG", WRONG);
    let mut count = 0;
    for case in cases.split("\n## ").skip(1) {
        let (name, case) = case.split_once('\n').unwrap();
        let (answered, expected) = run(case);
        assert_eq!(answered, expected, "{name}");
        count += 1;
    }
    assert!(count >= 80, "only {count} cases were found in the file");
}

#[test]
fn the_verbose_text_shows_what_was_computed() {
    let authorization = format!("AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host;x-amz-date, Signature=00");
    let headers = [("Host", "h:1"), ("X-Amz-Date", "20260301T120000Z"), ("Authorization", authorization.as_str())];
    let request = Request { method: "post", path: "", query: Some("b=+&a"), headers: &headers, body: b"" };
    let refusal = answer(&request).unwrap_err();
    let expected = [
        WRONG,
        "",
        "The Canonical String for this request should have been",
        "'POST",
        "/",
        "a=&b=%20",
        "host:h:1",
        "x-amz-date:20260301T120000Z",
        "",
        "host;x-amz-date",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
        "",
        "The String-to-Sign should have been",
        "'AWS4-HMAC-SHA256",
        "20260301T120000Z",
        "20260301/us-east-1/sts/aws4_request",
        "a1f32953a29c136318822365fe450cb0ea2ca00c9087185b3d219c09d435458f'",
        "",
    ];
    assert_eq!(refusal.message(true), expected.join("\n"));
    assert_eq!(refusal.message(false), WRONG);
}
