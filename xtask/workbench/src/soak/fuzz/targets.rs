//! The readers of what strangers send, each with inputs to begin with.

use iam::schema;
use jiff::Timestamp;
use policy::{Document, Kind};
use service::keys::InstallationKeys;
use sigv4::{Expectations, PathRule, Request};
use storage::{Schema, World};
use wire::{Params, Service};

use super::federation;

/// A reader. It says whether it accepted the input.
pub struct Target {
    pub name: &'static str,
    pub seeds: Vec<Vec<u8>>,
    pub words: &'static [&'static str],
    pub read: Read,
}

type Read = Box<dyn Fn(&[u8]) -> bool>;

/// All of them.
pub fn all() -> Vec<Target> {
    let federation = [federation::documents(), federation::responses(), federation::web_tokens()];
    [form(), policies(), signatures(), tokens()].into_iter().chain(federation).collect()
}

/// Inputs to begin with.
pub fn seeds(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// The form decoder: a body, then the parameters of whatever operation it names, in every service.
fn form() -> Target {
    Target {
        name: "form",
        seeds: seeds(&[
            "Action=CreateUser&Version=2010-05-08&UserName=ann&Tags.member.1.Key=a&Tags.member.1.Value=b",
            "Action=RunInstances&Version=2016-11-15&ImageId=ami-1&MinCount=1&MaxCount=2&BlockDeviceMapping.1.Ebs.VolumeSize=8",
            "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A000000000000%3Arole%2Fa&RoleSessionName=s&DurationSeconds=900",
            "Action=DescribeInstances&Filter.1.Name=tag%3Aa&Filter.1.Value.1=b&Filter.1.Value.2=c&MaxResults=5",
            "Action=SimulateCustomPolicy&PolicyInputList.member.1=%7B%7D&ActionNames.member.1=a%3Ab&ContextEntries.member.1.ContextKeyName=k",
        ]),
        words: &[
            "&",
            "=",
            "%",
            "%25",
            ".member.",
            ".1",
            ".2",
            ".99999999999",
            ".0",
            ".-1",
            "Filter.1.",
            "Tags",
            "Action=",
            "DryRun=true",
            "%F0%9F%98%80",
            "%00",
            "+",
            "18446744073709551616",
            "1e9",
            "NaN",
            "2026-11-26T00:00:00Z",
        ],
        read: Box::new(|input| {
            let Ok(params) = Params::parse(None, input) else { return false };
            let Some(action) = params.get("Action") else { return false };
            let services = [Service::Iam, Service::Sts, Service::Ec2];
            let found = services.into_iter().find_map(|service| {
                let model = wire::model(service);
                model.operation(action).map(|operation| wire::decode(model, operation, &params))
            });
            found.is_some_and(|decoded| decoded.is_ok())
        }),
    }
}

const KINDS: [Kind; 6] =
    [Kind::Identity, Kind::Trust, Kind::Session, Kind::Resource, Kind::ServiceControl, Kind::ResourceControl];

/// Policies: validated as every kind, parsed, evaluated and explained.
fn policies() -> Target {
    Target {
        name: "policy",
        seeds: seeds(&[
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:Get*"],"Resource":"arn:aws:s3:::b/${aws:username, 'x'}/*"}]}"#,
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotAction":"iam:*","NotResource":"*","Condition":{"ForAllValues:StringLikeIfExists":{"aws:TagKeys":["a*","b"]}}}}"#,
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333","Service":["ec2.amazonaws.com"]},"Action":"sts:AssumeRole","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"DateLessThan":{"aws:CurrentTime":"2026-11-26T00:00:00Z"}}}]}"#,
        ]),
        words: &[
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\u0000",
            "\\ud83d",
            "\"Statement\":",
            "\"Effect\":\"Allow\"",
            "\"Action\":\"*\"",
            "\"Resource\":\"*\"",
            "\"Principal\":\"*\"",
            "NotPrincipal",
            "NotAction",
            "\"Condition\":",
            "NumericLessThan",
            "Null",
            "BinaryEquals",
            "ForAnyValue:",
            "IfExists",
            "${aws:username}",
            "${",
            "*",
            "?",
            "arn:aws:s3:::",
            "1e400",
            "-0",
            "::::::",
        ],
        read: Box::new(|input| {
            let Ok(text) = std::str::from_utf8(input) else { return false };
            let valid = KINDS.map(|kind| policy::validate(text, kind).is_ok());
            let Ok(document) = Document::parse(text) else { return false };
            let mut context = policy::Context::new();
            for key in document.context_keys() {
                context.push(key.to_owned(), "arn:aws:iam::111122223333:user/ann");
            }
            let ann = policy::Principal::user("111122223333", "arn:aws:iam::111122223333:user/ann", "AIDAANN");
            let request = policy::Request {
                action: "s3:GetObject",
                resource: "arn:aws:s3:::b/ann/x",
                principal: &ann,
                context: &context,
            };
            policy::evaluate(&document, &request);
            policy::explain(&document, &request);
            valid.contains(&true)
        }),
    }
}

/// Signatures: the first line is the query, the second the Authorization header, the third X-Amz-Date, the rest the body.
fn signatures() -> Target {
    let header = "\nAWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261126/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7\n20261126T000000Z\nAction=GetCallerIdentity";
    let query = "Action=GetCallerIdentity&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261126%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20261126T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7\n\n\n";
    Target {
        name: "signature",
        seeds: seeds(&[header, query]),
        words: &[
            "\n",
            "AWS4-HMAC-SHA256",
            "AWS4-ECDSA-P256-SHA256",
            "Credential=",
            "SignedHeaders=",
            "Signature=",
            "/",
            ";",
            ",",
            "=",
            "%",
            "%2F",
            "X-Amz-Date=",
            "X-Amz-Security-Token=",
            "aws4_request",
            "20261126",
            "99999999T999999Z",
            "é",
            "host",
        ],
        read: Box::new(|input| {
            let text = String::from_utf8_lossy(input);
            let mut lines = text.splitn(4, '\n');
            let mut line = || lines.next().unwrap_or_default();
            let (query, authorization, date, body) = (line(), line(), line(), line());
            let mut headers = vec![("host", "localhost"), ("content-type", "application/x-www-form-urlencoded")];
            headers.extend(
                [("authorization", authorization), ("x-amz-date", date)]
                    .into_iter()
                    .filter(|(_, value)| !value.is_empty()),
            );
            let request =
                Request { method: "POST", path: "/", query: Some(query), headers: &headers, body: body.as_bytes() };
            let at = Timestamp::from_second(1_795_651_200).unwrap_or_default();
            let expectations = Expectations { service: "sts", wall: at, now: at, path: PathRule::Normalised };
            sigv4::peek_scope(&request);
            let Ok(claim) = sigv4::claim(&request, &expectations) else { return false };
            // The signature itself cannot be right; what is computed for the refusal must not fail either.
            _ = claim.verify(&request, &sigv4::Secret::new("secret"));
            true
        }),
    }
}

/// Session tokens: what was sealed, changed; nothing but the very token may open.
fn tokens() -> Target {
    let keys = InstallationKeys::from_random(&[[1; 32], [2; 32], [3; 32], [4; 32], [5; 32]]);
    let contents =
        |text: &str| service::seal::seal(&keys, &keys.token, b"ASIAFUZZ", &text.repeat(40)).unwrap_or_default();
    let sealed = vec![contents("a").into_bytes(), contents("a longer text, so that it is deflated ").into_bytes()];
    let mut world = World::empty(schema(Schema::new().with::<InstallationKeys>()), Timestamp::UNIX_EPOCH);
    let mut tx = storage::Tx::on(world.clone());
    tx.put(keys.clone());
    world.clone_from(&tx);
    let seeds = sealed.clone();
    Target {
        name: "token",
        seeds,
        words: &["=", "/", "+", "-", "_", "A", "AAAA", "IQoJb3JpZ2luX2Vj", "FwoGZXIvYXdzE"],
        read: Box::new(move |input| {
            let text = String::from_utf8_lossy(input);
            let opened = service::seal::open::<String>(&keys.token, b"ASIAFUZZ", &text).is_some();
            assert!(!opened || sealed.iter().any(|one| one.as_slice() == text.as_bytes()), "a changed token opened");
            _ = sts::token::open(&world, "ASIAFUZZ", &text, Timestamp::UNIX_EPOCH, "aws");
            false
        }),
    }
}
