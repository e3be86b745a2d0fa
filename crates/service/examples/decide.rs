//! Measures decisions on this machine: `cargo run --release -p rolecall-service --example decide`.
//!
//! The caller is a user with ten attached policies of twenty statements each; printed is the time of one whole decision, condition keys included, for
//! requests that different statements answer. What it prints must stay under twenty microseconds.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use service::caller::{Caller, Principal};
use service::check::Check;
use service::cx::{Cx, testing};
use service::decide::{CallerPolicies, HeldKind, HeldPolicy, decide};
use service::tags::Tag;

const POLICIES: usize = 10;
const STATEMENTS: usize = 20;
const ROUNDS: u32 = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let cx = caller()?;
    let held = policies()?;
    let role = "arn:aws:iam::123456789012:role/app/reader";
    let tags = [Tag { key: "team".to_owned(), value: "red".to_owned() }];
    let on = |action: &str, resource: &str| Check { action: action.to_owned(), ..Check::on(resource).tagged(&tags) };
    for (what, check) in [
        ("allowed by the first policy", on("s3:GetObject", "arn:aws:s3:::bucket-0-0/key")),
        ("allowed by the last policy", on("iam:GetRole", role)),
        (
            "allowed by a wildcard of actions",
            on("dynamodb:DescribeTable", "arn:aws:dynamodb:us-east-1:123456789012:table/t-9"),
        ),
        ("denied by a statement", on("iam:DeleteRole", role)),
        ("denied because nothing allows", on("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:q")),
    ] {
        let allowed = decide(&cx, &check, &held).allowed();
        println!("{what:<34}{:>8.2} µs  ({})", timed(&cx, &check, &held), if allowed { "allowed" } else { "denied" });
    }
    Ok(())
}

/// The shortest of ten measurements, in microseconds for one decision.
fn timed(cx: &Cx, check: &Check, held: &CallerPolicies) -> f64 {
    let measurement = || {
        let started = Instant::now();
        for _ in 0..ROUNDS / 10 {
            black_box(decide(black_box(cx), black_box(check), black_box(held)));
        }
        started.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS / 10)
    };
    (0..10).map(|_| measurement()).fold(f64::INFINITY, f64::min)
}

fn caller() -> Result<Cx, Box<dyn Error>> {
    let principal =
        Principal::User { id: "AIDAEXAMPLEEXAMPLE000".to_owned(), name: "ann".to_owned(), path: "/staff/".to_owned() };
    Ok(testing::cx_of(Caller {
        account: "123456789012".parse().map_err(|_| "an account")?,
        partition: "aws",
        principal,
        access_key_id: "AKIATESTTESTTESTTEST".to_owned(),
        session: None,
    }))
}

/// Policies as people write them: some actions by name, some by wildcard, some resources with variables, a condition in every second statement.
fn policies() -> Result<CallerPolicies, Box<dyn Error>> {
    let held = |number: usize| -> Result<HeldPolicy, Box<dyn Error>> {
        let document = Arc::new(policy::Document::parse(&text(number)).map_err(|fault| fault.to_string())?);
        let name = format!("arn:aws:iam::123456789012:policy/p{number}").into();
        Ok(HeldPolicy { name, kind: HeldKind::Managed, document })
    };
    let identity = (0..POLICIES).map(held).collect::<Result<_, _>>()?;
    let principal_tags = vec![Tag { key: "team".to_owned(), value: "red".to_owned() }];
    Ok(CallerPolicies { identity, principal_tags, ..CallerPolicies::default() })
}

fn text(policy: usize) -> String {
    let statements: Vec<String> = (0..STATEMENTS).map(|statement| one(policy, statement)).collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

fn one(policy: usize, number: usize) -> String {
    let (effect, actions, resource) = match (policy, number % 5) {
        (9, 4) => ("Allow", r#""iam:Get*","iam:List*""#, "arn:aws:iam::123456789012:role/app/*".to_owned()),
        (9, 3) => ("Deny", r#""iam:Delete*""#, "arn:aws:iam::*:role/*".to_owned()),
        (_, 0) => ("Allow", r#""s3:GetObject","s3:PutObject""#, format!("arn:aws:s3:::bucket-{policy}-{number}/*")),
        (_, 1) => ("Allow", r#""dynamodb:*""#, format!("arn:aws:dynamodb:*:123456789012:table/t-{policy}")),
        (_, 2) => ("Allow", r#""iam:GetUser","iam:ChangePassword""#, "arn:aws:iam::*:user/${aws:username}".to_owned()),
        (_, 3) => ("Deny", r#""ec2:Terminate*","ec2:Stop*""#, "arn:aws:ec2:*:*:instance/*".to_owned()),
        _ => ("Allow", r#""logs:*","cloudwatch:Put*""#, "*".to_owned()),
    };
    let condition = match number % 2 {
        0 => {
            r#","Condition":{"StringEquals":{"aws:PrincipalTag/team":["red","blue"]},"Bool":{"aws:SecureTransport":"false"}}"#
        }
        _ => "",
    };
    format!(r#"{{"Sid":"S{number}","Effect":"{effect}","Action":[{actions}],"Resource":"{resource}"{condition}}}"#)
}
