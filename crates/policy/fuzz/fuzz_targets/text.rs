//! Any text as a policy of every kind: nothing may panic, and what is accepted must be fit to be asked. The tests in `../tests` do the
//! same with random texts; this one is led by coverage.

#![no_main]

use libfuzzer_sys::fuzz_target;
use policy::{Context, Document, Kind, Principal, Request};

const KINDS: [Kind; 6] =
    [Kind::Identity, Kind::Trust, Kind::Session, Kind::Resource, Kind::ServiceControl, Kind::ResourceControl];

fuzz_target!(|text: &str| {
    for kind in KINDS {
        let _ = policy::validate(text, kind);
    }
    let Ok(document) = Document::parse(text) else { return };
    let mut context = Context::new();
    for key in document.context_keys() {
        context.push(key.to_owned(), "arn:aws:iam::111122223333:user/ann");
    }
    let principal = Principal::user("111122223333", "arn:aws:iam::111122223333:user/ann", "AIDAANN");
    let resource = "arn:aws:s3:::bucket/home/ann/x";
    let request = Request { action: "s3:GetObject", resource, principal: &principal, context: &context };
    let outcome = policy::evaluate(&document, &request);
    let traces = policy::explain(&document, &request);
    assert!(outcome.matched.iter().all(|index| traces.get(*index).is_some_and(policy::StatementTrace::matched)));
});
