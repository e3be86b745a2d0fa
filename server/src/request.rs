//! The first two steps of a request: what came over the wire (`Raw`), and which operation it asks for (`Call`).

use std::net::SocketAddr;

use bytes::Bytes;
use hyper::http::request::Parts;
use service::{ApiError, Service};
use wire::{Model, Params, Protocol};

use crate::access_troubleshooter;

/// A whole request, as received.
pub struct Raw {
    pub parts: Parts,
    pub body: Bytes,
    pub peer: SocketAddr,
}

impl Raw {
    /// The first header of that name, if it is readable text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The header lines for the signature; bytes that are no text can't have been signed by anyone and become empty.
    pub fn header_lines(&self) -> Vec<(&str, &str)> {
        let lines = self.parts.headers.iter();
        lines.map(|(name, value)| (name.as_str(), std::str::from_utf8(value.as_bytes()).unwrap_or_default())).collect()
    }

    /// What the verifier reads.
    pub fn signed<'a>(&'a self, headers: &'a [(&'a str, &'a str)]) -> sigv4::Request<'a> {
        sigv4::Request {
            method: self.parts.method.as_str(),
            path: self.parts.uri.path(),
            query: self.parts.uri.query(),
            headers,
            body: &self.body,
        }
    }
}

/// What a request asks for.
pub struct Call {
    pub service: Service,
    pub model: &'static wire::Model,
    pub operation: &'static wire::Operation,
    pub params: Params,
}

/// How an answer is written, known even when the request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    pub service: Service,
    pub json: bool,
}

/// A request for a service that Rolecall does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    pub service: String,
    pub action: String,
    /// The service speaks JSON, so the refusal does too.
    pub json: bool,
}

/// Where a request goes.
pub enum Route {
    Ours(Form),
    /// IAM Toolbox, which is signed as IAM and known by its path.
    Troubleshooter,
    Foreign(Foreign),
}

/// Finds the service: by the credential scope, else by the host's name, else by action and version.
pub fn route(raw: &Raw, headers: &[(&str, &str)]) -> Route {
    let scope = sigv4::peek_scope(&raw.signed(headers)).map(|scope| scope.service.to_string());
    if raw.parts.uri.path().starts_with(access_troubleshooter::PATH)
        && scope.as_deref().is_none_or(|name| name == "iam")
    {
        return Route::Troubleshooter;
    }
    let target = raw.header("x-amz-target");
    let json = target.is_some() || raw.header("content-type").is_some_and(|kind| kind.contains("json"));
    // A scope that names no service of ours may be a broken one of a request to us; AWS then says what is wrong with it.
    let scope = scope.filter(|name| {
        service_named(name).is_some() || (host_service(raw).is_none() && version_service(raw).is_none())
    });
    let named = || host_service(raw).or_else(|| version_service(raw)).or_else(|| target_service(raw));
    let name = scope.or_else(named).unwrap_or_default();
    match service_named(&name) {
        Some(service) if service.protocol() == Protocol::Json => Route::Ours(Form { service, json: true }),
        Some(service) if target.is_none() => {
            let wants_json = raw.header("accept").is_some_and(|accept| accept.contains("application/json"));
            Route::Ours(Form { service, json: wants_json && service == Service::Sts })
        }
        _ => {
            let json = json || !(name.is_empty() || is_form(raw) || SPEAK_XML.contains(&name.as_str()));
            Route::Foreign(Foreign { service: name, action: target.unwrap_or_default().to_owned(), json })
        }
    }
}

/// Services of AWS that answer in XML, by the names that requests to them are signed for. Of the Query protocol are also those whose requests are
/// forms; all others speak JSON, of which a request without a body shows nothing.
const SPEAK_XML: &[&str] = &["cloudfront", "route53", "s3", "s3-object-lambda", "s3-outposts", "s3express"];

fn is_form(raw: &Raw) -> bool {
    raw.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

fn service_named(name: &str) -> Option<Service> {
    Service::ALL.into_iter().find(|service| service.as_str() == name)
}

/// `sts.eu-west-1.amazonaws.com` names its service.
fn host_service(raw: &Raw) -> Option<String> {
    let host = raw.header("host")?;
    let name = host.split(['.', ':']).next()?;
    service_named(name).map(|service| service.as_str().to_owned())
}

fn version_service(raw: &Raw) -> Option<String> {
    let params = Params::parse(raw.parts.uri.query(), &raw.body).ok()?;
    let version = params.get("Version");
    let known = [Service::Iam, Service::Sts, Service::Ec2].into_iter().find(|service| {
        let model = wire::model(*service);
        version.is_none_or(|version| version == model.api_version)
            && params.get("Action").is_some_and(|action| model.operation(action).is_some())
    });
    known.map(|service| service.as_str().to_owned())
}

/// The operation of a service that speaks JSON: `X-Amz-Target: AmazonSSM.GetParameter`.
fn target(raw: &Raw) -> Option<&str> {
    raw.header("x-amz-target")?.strip_prefix("AmazonSSM.")
}

fn target_service(raw: &Raw) -> Option<String> {
    target(raw).map(|_| Service::Ssm.as_str().to_owned())
}

/// More than the largest request AWS takes has; what is built from parameters must not grow with hostile input.
const MOST_PARAMETERS: usize = 10_000;

/// Finds the operation in the model and reads its parameters.
pub fn call(raw: &Raw, service: Service) -> Result<Call, ApiError> {
    let model = wire::model(service);
    if model.protocol == Protocol::Json {
        return in_json(raw, service, model);
    }
    let separators = raw.parts.uri.query().unwrap_or_default().bytes().chain(raw.body.iter().copied());
    if separators.filter(|byte| *byte == b'&').count() > MOST_PARAMETERS {
        return Err(ApiError::new(
            "MalformedQueryString",
            format!("The request has more than {MOST_PARAMETERS} parameters."),
        ));
    }
    let params = Params::parse(raw.parts.uri.query(), &raw.body)
        .map_err(|error| ApiError::new("MalformedQueryString", error.to_string()))?;
    let Some(action) = params.get("Action") else {
        return Err(missing_action(service));
    };
    let version = params.get("Version");
    match model.operation(action).filter(|_| is_version(service, model, version)) {
        Some(operation) => Ok(Call { service, model, operation, params }),
        None => Err(invalid_action(service, action, version)),
    }
}

/// IAM and STS have one version and want it named (recorded on STS); EC2 has had many, which clients may still name.
fn is_version(service: Service, model: &Model, version: Option<&str>) -> bool {
    service == Service::Ec2 || version == Some(model.api_version.as_str())
}

/// The call of a JSON body.
fn in_json(raw: &Raw, service: Service, model: &'static Model) -> Result<Call, ApiError> {
    let operation = target(raw).and_then(|action| model.operation(action));
    let operation = operation.ok_or_else(|| ApiError::new("UnknownOperationException", ""))?;
    // Counted before it is read: a number in a list takes many times its byte.
    if raw.body.iter().filter(|byte| b",[{".contains(byte)).count() > MOST_PARAMETERS {
        return Err(ApiError::new("SerializationException", ""));
    }
    let params = wire::unfold(model, operation, &raw.body)
        .map_err(|error| ApiError::new("SerializationException", error.to_string()))?;
    Ok(Call { service, model, operation, params })
}

fn missing_action(service: Service) -> ApiError {
    match service {
        Service::Ec2 => ApiError::new("MissingParameter", "The request must contain the parameter Action"),
        Service::Iam | Service::Sts | Service::Ssm => ApiError::new("MissingAction", "Could not find operation"),
    }
}

fn invalid_action(service: Service, action: &str, version: Option<&str>) -> ApiError {
    let message = match service {
        Service::Ec2 => format!("The action {action} is not valid for this web service."),
        Service::Iam | Service::Sts | Service::Ssm => {
            let version = version.unwrap_or("NO_VERSION_SPECIFIED");
            format!("Could not find operation {action} for version {version}")
        }
    };
    ApiError::new("InvalidAction", message)
}
