//! Answers: success and errors in the service's own form, with the headers AWS sends. Every error leaves here.

use hyper::StatusCode;
use jiff::Timestamp;
use service::operation::Output;
use service::{ApiError, Service};
use wire::{Constraint, DomainError, ErrorBody, Fault, Protocol, Violation};

use crate::request::{Call, Foreign, Form};

/// An answer, ready to be sent.
pub struct Answer {
    pub status: StatusCode,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    pub request_id: String,
    /// What went wrong, for the decision log.
    pub error: Option<ApiError>,
    /// The modelled time, for `x-rolecall-time`.
    pub time: Option<Timestamp>,
    /// Where the client is sent instead.
    pub location: Option<String>,
}

impl Answer {
    /// The same answer, saying at which modelled time it was made.
    pub fn with_time(mut self, now: Timestamp) -> Answer {
        self.time = Some(now);
        self
    }
}

/// The violations that one answer tells of (recorded of IAM in September 2026).
const MOST_VIOLATIONS: usize = 10;

const XML: &str = "text/xml";
const EC2_XML: &str = "text/xml;charset=UTF-8";
const JSON: &str = "application/json";
/// What services send that speak nothing but JSON.
pub const AWS_JSON: &str = "application/x-amz-json-1.1";

fn content_type(form: Form) -> &'static str {
    match form {
        Form { json: true, service } if service.protocol() == Protocol::Json => AWS_JSON,
        Form { json: true, .. } => JSON,
        Form { service: Service::Ec2, .. } => EC2_XML,
        _ => XML,
    }
}

/// What the operation answered.
pub fn success(form: Form, call: &Call, output: &dyn Output, request_id: &str) -> Answer {
    let xml = output.write(call.model, call.operation, request_id);
    let written = match form.json {
        true => xml.and_then(|xml| wire::as_json(call.model, call.operation, &xml, request_id)),
        false => xml,
    };
    match written {
        Ok(body) => Answer {
            status: StatusCode::OK,
            content_type: content_type(form),
            body,
            request_id: request_id.to_owned(),
            error: None,
            time: None,
            location: None,
        },
        Err(failed) => {
            error(form, &ApiError::internal(format!("the answer could not be written: {failed}")), request_id)
        }
    }
}

/// What services that speak JSON call the refusals that all services have.
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/CommonErrors.html>
const IN_JSON: &[(&str, &str)] = &[
    ("AccessDenied", "AccessDeniedException"),
    ("ExpiredToken", "ExpiredTokenException"),
    ("IncompleteSignature", "IncompleteSignatureException"),
    ("InvalidClientTokenId", "UnrecognizedClientException"),
    ("MissingAuthenticationToken", "MissingAuthenticationTokenException"),
    ("SignatureDoesNotMatch", "InvalidSignatureException"),
    ("ValidationError", "ValidationException"),
];

/// The error by the name it has in that service.
fn called(service: Service, error: &ApiError) -> ApiError {
    if service.protocol() == Protocol::Json { called_in_json(error) } else { error.clone() }
}

/// The error by the name it has in services that speak JSON.
pub fn called_in_json(error: &ApiError) -> ApiError {
    let known = IN_JSON.iter().find(|(code, _)| *code == error.code);
    known.map_or_else(|| error.clone(), |(_, name)| error.clone().coded(*name))
}

/// The service's error document.
pub fn error(form: Form, error: &ApiError, request_id: &str) -> Answer {
    written(form, error, false, request_id)
}

/// The answer to a request of which nobody knows what it asks for.
pub fn unasked(form: Form, error: &ApiError, query: Option<&str>, request_id: &str) -> Answer {
    match error.code.as_ref() {
        "MissingAction" => redirected(error, query, request_id),
        code => written(form, error, code == "InvalidAction", request_id),
    }
}

fn written(form: Form, error: &ApiError, at_front_door: bool, request_id: &str) -> Answer {
    let error = &called(form.service, error);
    let status = error.status(form.service);
    if status >= 500 && status != 501 {
        tracing::error!(request_id, %error, "a request failed");
    } else {
        tracing::debug!(request_id, %error, "a request was refused");
    }
    let body = ErrorBody {
        service: form.service,
        code: &error.code,
        message: &error.message,
        fault: if status >= 500 { Fault::Receiver } else { Fault::Sender },
        at_front_door,
    };
    Answer {
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
        content_type: content_type(form),
        body: if form.json { wire::write_error_json(&body, request_id) } else { wire::write_error(&body, request_id) },
        request_id: request_id.to_owned(),
        error: Some(error.clone()),
        time: None,
        location: None,
    }
}

/// What becomes of a request to IAM or STS that names no action: it is sent to a page about IAM, with its query (recorded on STS).
fn redirected(error: &ApiError, query: Option<&str>, request_id: &str) -> Answer {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Answer {
        status: StatusCode::FOUND,
        content_type: XML,
        body: Vec::new(),
        request_id: request_id.to_owned(),
        error: Some(error.clone()),
        time: None,
        location: Some(format!("https://aws.amazon.com/iam{query}")),
    }
}

/// The refusal of a service that we don't have: 501, which SDKs do not retry.
pub fn foreign(foreign: &Foreign, request_id: &str) -> Answer {
    let what = match (foreign.service.as_str(), foreign.action.as_str()) {
        ("", "") => "requests that name neither a service nor a known action".to_owned(),
        (service, "") => format!("the service `{service}`"),
        (service, action) => format!("the service `{service}` (action `{action}`)"),
    };
    let message = format!("rolecall has IAM, STS, EC2 and public parameters of Systems Manager, but not {what}");
    let error = ApiError::new("NotImplemented", message);
    tracing::debug!(request_id, %error, "a request for another service");
    let (content_type, body) = match foreign.json {
        true => {
            let body = serde_json::json!({"__type": "NotImplemented", "message": error.message});
            (AWS_JSON, body.to_string().into_bytes())
        }
        false => {
            let (code, message) = (&error.code, &error.message);
            let fault = Fault::Receiver;
            let body = ErrorBody { service: Service::Sts, code, message, fault, at_front_door: false };
            (XML, wire::write_error(&body, request_id))
        }
    };
    let status = StatusCode::NOT_IMPLEMENTED;
    Answer {
        status,
        content_type,
        body,
        request_id: request_id.to_owned(),
        error: Some(error),
        time: None,
        location: None,
    }
}

/// Input that breaks the model's constraints, in the service's words.
pub fn violations(service: Service, operation: &str, violations: &[Violation]) -> ApiError {
    match service {
        Service::Ec2 => unknown_types(operation, violations).unwrap_or_else(|| match violations.first() {
            Some(violation) => ec2_violation(operation, violation),
            None => ApiError::internal("a refusal without a violation"),
        }),
        Service::Iam | Service::Sts | Service::Ssm => {
            let numbering = |violation: &Violation| match &violation.constraint {
                Constraint::Numbering(text) => Some(text.clone()),
                _ => None,
            };
            if let Some(text) = violations.iter().find_map(numbering) {
                return ApiError::new("MalformedInput", text);
            }
            if let Some(wrong) = violations.iter().find(|violation| matches!(violation.constraint, Constraint::Type(_)))
            {
                return not_even_of_the_type(service, wrong);
            }
            let sentence =
                |violation: &Violation| (service == Service::Iam).then(|| violation.iam_sentence()).flatten();
            let of_form = violations.iter().filter(|violation| sentence(violation).is_none());
            let told = of_form.map(|violation| violation.item(service != Service::Iam));
            let items: Vec<String> = told.take(MOST_VIOLATIONS).collect();
            if let (true, Some(text)) = (items.is_empty(), violations.iter().find_map(sentence)) {
                return ApiError::validation(text);
            }
            let noun = if items.len() == 1 { "error" } else { "errors" };
            ApiError::validation(format!("{} validation {noun} detected: {}", items.len(), items.join("; ")))
        }
    }
}

/// DescribeInstanceTypes names all the types that there are none of, as its handler does for those that only its catalogue lacks.
fn unknown_types(operation: &str, violations: &[Violation]) -> Option<ApiError> {
    let is_type = |constraint: &Constraint| matches!(constraint, Constraint::Enum(name, _) if name == "InstanceType");
    let unknown = violations.iter().filter(|violation| is_type(&violation.constraint));
    let names: Vec<&str> = unknown.filter_map(|violation| violation.value.as_deref()).collect();
    (operation == "DescribeInstanceTypes" && !names.is_empty()).then(|| ec2::instance::types::unknown(&names))
}

/// What is not even a number gets this code and no text, unless it is empty (recorded on STS).
fn not_even_of_the_type(service: Service, violation: &Violation) -> ApiError {
    let is_number = violation.constraint == Constraint::Type("integer");
    match service {
        Service::Ssm => ApiError::new("SerializationException", ""),
        _ if is_number && violation.value.as_deref() == Some("") => {
            ApiError::new("MalformedInput", "missing value for decimal type")
        }
        _ => ApiError::new("MalformedInput", ""),
    }
}

/// EC2 names the first thing it stumbles over.
fn ec2_violation(operation: &str, violation: &Violation) -> ApiError {
    let (code, message) = violation.ec2(operation);
    ApiError::new(code, message)
}

/// A value that a domain type did not take, with the code its meaning has in that service.
pub fn domain(service: Service, error: &DomainError) -> ApiError {
    let text = match service {
        Service::Ec2 => format!("Value ({}) for parameter {} is invalid. {}", error.value, error.path, error.meaning),
        Service::Iam | Service::Sts | Service::Ssm => {
            return ApiError::validation(format!(
                "1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: {}",
                error.value, error.path, error.meaning
            ));
        }
    };
    ApiError::new("InvalidParameterValue", text.trim_end().to_owned())
}
