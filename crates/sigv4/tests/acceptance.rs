//! What is accepted although it looks odd, what the claim then says, and the few twists that must still be refused.
#![cfg(test)] // clippy.toml lets tests unwrap where it sees this

use jiff::{SignedDuration, Timestamp};
use sigv4::{Clock, Expectations, PathRule, Refusal, Request, Secret, Signer};

const BODY: &[u8] = b"Action=GetCallerIdentity&Version=2011-06-15";
const HASH_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

fn secret() -> Secret {
    Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn expectations() -> Expectations<'static> {
    Expectations { service: "sts", wall: noon(), now: noon(), path: PathRule::Normalised }
}

fn signer(secret: &Secret) -> Signer<'_> {
    Signer {
        access_key_id: "AKIDEXAMPLE",
        secret,
        session_token: None,
        region: "us-east-1",
        service: "sts",
        at: noon(),
        path: PathRule::Normalised,
    }
}

fn post<'a>(headers: &'a [(&'a str, &'a str)], body: &'a [u8]) -> Request<'a> {
    Request { method: "POST", path: "/", query: None, headers, body }
}

fn accept(request: &Request<'_>) -> Result<(), Refusal> {
    sigv4::claim(request, &expectations())?.verify(request, &secret())
}

/// Signs a POST with these headers, lets `change` tamper with what arrives, and verifies that.
fn after(
    headers: &[(&str, &str)],
    body: &[u8],
    change: impl FnOnce(&mut Vec<(String, String)>),
) -> Result<(), Refusal> {
    let added = sigv4::sign(&post(headers, body), &signer(&secret()));
    let mut arrived: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    arrived.extend(added.into_iter().map(|(name, value)| (name.to_owned(), value)));
    change(&mut arrived);
    let arrived: Vec<(&str, &str)> = arrived.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    accept(&post(&arrived, body))
}

fn is_wrong_signature(answer: &Result<(), Refusal>) -> bool {
    matches!(answer, Err(Refusal::WrongSignature(_)))
}

#[test]
fn the_date_tells_the_clock() {
    let wall = noon();
    let cases = [
        (minutes(0), minutes(0), Ok(Clock::Wall)),
        (minutes(600), minutes(0), Ok(Clock::Wall)),
        (minutes(600), minutes(600), Ok(Clock::Now)),
        (minutes(600), minutes(585), Ok(Clock::Now)),
        (minutes(600), minutes(615), Ok(Clock::Now)),
        (minutes(600), minutes(584), Err(())),
        (minutes(600), minutes(300), Err(())),
        (minutes(-600), minutes(-600), Ok(Clock::Now)),
        // near both: the nearer one, and the wall clock in the middle
        (minutes(10), minutes(4), Ok(Clock::Wall)),
        (minutes(10), minutes(5), Ok(Clock::Wall)),
        (minutes(10), minutes(6), Ok(Clock::Now)),
    ];
    for (offset, signed, expected) in cases {
        let at = wall + signed;
        let secret = secret();
        let headers = [("Host", "h")];
        let query = sigv4::presign(&post(&headers, b""), &Signer { at, ..signer(&secret) }, 60);
        let request = Request { query: Some(&query), ..post(&headers, b"") };
        let expectations = Expectations { now: wall + offset, ..expectations() };
        let near = sigv4::claim(&request, &expectations).map(|claim| claim.near);
        assert_eq!(
            near.map_err(|refusal| assert!(matches!(refusal, Refusal::OutsideTimeWindow(_)))),
            expected,
            "{offset} {signed}"
        );
    }
}

#[test]
fn the_claim_says_who_and_where() {
    let secret = secret();
    let signer = Signer { session_token: Some("to/ken=="), ..signer(&secret) };
    let headers = [("Host", "h"), ("X-K8s-Aws-Id", "cluster")];
    let query = sigv4::presign(&post(&headers, b""), &signer, 60);
    let request = Request { query: Some(&query), ..post(&headers, b"") };
    let claim = sigv4::claim(&request, &expectations()).unwrap();
    assert_eq!(
        (&*claim.access_key_id, &*claim.scope_date, &*claim.region, &*claim.service),
        ("AKIDEXAMPLE", "20260301", "us-east-1", "sts")
    );
    assert_eq!(claim.session_token.as_deref(), Some("to/ken=="));
    assert_eq!((claim.signed_at, claim.presigned, &*claim.signed_headers), (noon(), true, "host;x-k8s-aws-id"));
    assert_eq!(claim.verify(&request, &secret), Ok(()));
}

#[test]
fn a_derived_key_serves_every_request_of_its_scope() {
    let secret = secret();
    let key = sigv4::signing_key(&secret, "20260301", "us-east-1", "sts");
    let another_day = sigv4::signing_key(&secret, "20260302", "us-east-1", "sts");
    for body in [BODY, b""] {
        let mut headers = vec![("Host", "h")];
        let added = sigv4::sign(&post(&headers, body), &signer(&secret));
        headers.extend(added.iter().map(|(name, value)| (*name, value.as_str())));
        let request = post(&headers, body);
        let claim = sigv4::claim(&request, &expectations()).unwrap();
        assert_eq!(claim.verify_with_key(&request, &key), Ok(()));
        assert!(is_wrong_signature(&claim.verify_with_key(&request, &another_day)));
    }
}

#[test]
fn headers_may_arrive_otherwise() {
    let signed = [("Host", "h:4566"), ("X-Own", "a b"), ("X-Empty", "")];
    let rename = |from: &'static str, to: &'static str| {
        move |headers: &mut Vec<(String, String)>| {
            headers.iter_mut().filter(|(name, _)| name == from).for_each(|(name, _)| *name = to.to_owned());
        }
    };
    assert_eq!(after(&signed, BODY, |_| {}), Ok(()));
    assert_eq!(after(&signed, BODY, rename("Host", ":authority")), Ok(()));
    assert_eq!(after(&signed, BODY, rename("X-Own", "x-OWN")), Ok(()));
    assert_eq!(after(&signed, BODY, |headers| headers.reverse()), Ok(()));
    assert_eq!(after(&signed, BODY, |headers| headers[1].1 = "\t a  \t b ".to_owned()), Ok(()));
    assert_eq!(after(&signed, BODY, |headers| headers.retain(|(name, _)| name != "X-Empty")), Ok(()));
    assert_eq!(after(&signed, BODY, |headers| headers.push(("X-New".to_owned(), "unsigned".to_owned()))), Ok(()));
    let token = ("X-Amz-Security-Token".to_owned(), "added later".to_owned());
    assert_eq!(after(&signed, BODY, |headers| headers.push(token)), Ok(()));
    assert!(is_wrong_signature(&after(&signed, BODY, |headers| headers[1].1 = "ab".to_owned())));
    assert!(is_wrong_signature(&after(&signed, BODY, |headers| headers.push(("X-Own".to_owned(), String::new())))));
    assert!(is_wrong_signature(&after(&signed, BODY, |headers| headers[0].1 = "h".to_owned())));
}

/// Signs with one body and a declared hash, and lets another body arrive.
fn declared(hash: &str, signed: &[u8], arrived: &[u8]) -> Result<(), Refusal> {
    let mut headers = vec![("Host", "h"), ("X-Amz-Content-SHA256", hash)];
    let added = sigv4::sign(&post(&headers, signed), &signer(&secret()));
    headers.extend(added.iter().map(|(name, value)| (*name, value.as_str())));
    accept(&post(&headers, arrived))
}

#[test]
fn a_declared_payload_hash_must_be_the_body_s() {
    assert_eq!(declared(HASH_OF_NOTHING, b"", b""), Ok(()));
    assert_eq!(declared(&HASH_OF_NOTHING.to_uppercase(), b"", b""), Ok(()));
    assert!(is_wrong_signature(&declared(HASH_OF_NOTHING, b"", b"a body")));
    assert_eq!(declared("UNSIGNED-PAYLOAD", BODY, BODY), Ok(()));
    assert_eq!(declared("UNSIGNED-PAYLOAD", BODY, b"another"), Ok(()));
}

/// Recorded from a signer for S3: the payload line says `UNSIGNED-PAYLOAD`, and no header declares it.
#[test]
fn an_open_payload_lets_no_body_in() {
    let document: serde_json::Value = serde_json::from_str(include_str!("botocore.json")).unwrap();
    let cases = document["cases"].as_array().unwrap();
    let case = cases.iter().find(|case| case["name"] == "presigned with an open payload").unwrap();
    let query = case["request"]["query"].as_str();
    let headers = [("Host", "sts.amazonaws.com")];
    let request = Request { method: "GET", path: "/", query, headers: &headers, body: b"" };
    assert_eq!(accept(&request), Ok(()));
    assert!(is_wrong_signature(&accept(&Request { body: BODY, ..request })));
}

/// The canonical request that is computed for a POST whose signature can't match.
fn computed(signed_headers: &str, headers: &[(&str, &str)]) -> String {
    let credential = "AKIDEXAMPLE/20260301/us-east-1/sts/aws4_request";
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed_headers}, Signature=00");
    let mut headers = headers.to_vec();
    headers.extend([("X-Amz-Date", "20260301T120000Z"), ("Authorization", &authorization)]);
    let Err(Refusal::WrongSignature(computed)) = accept(&post(&headers, b"")) else { panic!("accepted") };
    computed.canonical_request
}

#[test]
fn signed_names_are_put_in_order() {
    assert_eq!(
        computed("X-B;host;;X-A; Host ", &[("x-a", "1"), ("HOST", "h"), ("X-b", "2")]),
        format!("POST\n/\n\nhost:h\nx-a:1\nx-b:2\n\nhost;x-a;x-b\n{HASH_OF_NOTHING}")
    );
}

#[test]
fn host_stands_in_for_a_signed_authority() {
    assert_eq!(
        computed(":authority", &[("Host", "h:1")]),
        format!("POST\n/\n\n:authority:h:1\n\n:authority\n{HASH_OF_NOTHING}")
    );
}

#[test]
fn a_declared_hash_is_signed_as_it_is_spelled() {
    let spelled = HASH_OF_NOTHING.to_uppercase();
    let declared = [("Host", "h"), ("X-Amz-Content-SHA256", spelled.as_str())];
    assert_eq!(computed("host", &declared), format!("POST\n/\n\nhost:h\n\nhost\n{spelled}"));
}

#[test]
fn a_presigned_request_may_bring_its_token_in_a_header() {
    let secret = secret();
    let query = sigv4::presign(&post(&[("Host", "h")], b""), &signer(&secret), 60);
    let headers = [("Host", "h"), ("x-amz-security-token", "token")];
    let request = Request { query: Some(&query), ..post(&headers, b"") };
    let claim = sigv4::claim(&request, &expectations()).unwrap();
    assert_eq!(claim.session_token.as_deref(), Some("token"));
    assert_eq!(claim.verify(&request, &secret), Ok(()));
}

#[test]
fn streaming_is_not_taken_at_its_word() {
    let declared = [("Host", "h"), ("X-Amz-Content-SHA256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")];
    assert_eq!(computed("host", &declared), format!("POST\n/\n\nhost:h\n\nhost\n{HASH_OF_NOTHING}"));
}

#[test]
fn the_scope_can_be_seen_without_judging() {
    let peek = |authorization: Option<&str>, query: Option<&str>| {
        let headers: Vec<(&str, &str)> = authorization.map(|value| ("authorization", value)).into_iter().collect();
        let request = Request { query, ..post(&headers, b"") };
        sigv4::peek_scope(&request).map(|scope| format!("{} {} {}", scope.access_key_id, scope.region, scope.service))
    };
    let ec2 = Some("AKID us-east-1 ec2".to_owned());
    assert_eq!(peek(Some("AWS4-HMAC-SHA256 Credential=AKID/1/us-east-1/ec2/end"), None), ec2);
    assert_eq!(peek(Some("AWS4-HMAC-SHA256 Signature=x,Credential=AKID/1/us-east-1/ec2/end,"), Some("a=b")), ec2);
    assert_eq!(peek(None, Some("a=b&X-Amz-Credential=AKID%2F1%2Fus-east-1%2Fec2%2Fend")), ec2);
    assert_eq!(peek(None, Some("X-Amz-Credential=AKID/1/us-east-1/ec2/end")), ec2);
    assert_eq!(peek(None, None), None);
    assert_eq!(peek(None, Some("a=b")), None);
    assert_eq!(peek(None, Some("X-Amz-Credential=AKID/1/us-east-1/ec2")), None);
    assert_eq!(peek(Some("AWS4-HMAC-SHA256 Credential=AKID"), None), None);
    assert_eq!(peek(Some("Bearer Credential=AKID/1/us-east-1/ec2/end"), None), None);
}

#[test]
fn secrets_do_not_print() {
    let secret = Secret::new("hidden");
    let key = sigv4::signing_key(&secret, "20260301", "us-east-1", "sts");
    assert_eq!(format!("{secret:?} {key:?}"), "… …");
}
