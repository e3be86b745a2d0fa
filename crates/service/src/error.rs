//! Errors as clients see them: a code, AWS's message, and a cause for our own log.
//!
//! Lower crates have enums of meanings; a service turns them into an `ApiError` in one place each. The HTTP status belongs to the code, not to
//! the place that raised it: [`ApiError::status`] looks it up.

use std::borrow::Cow;
use std::ops::Deref;

use wire::Service;

use crate::facts;

/// What a client is told, and what only we see: [`Told`], by whose names its fields are read.
///
/// It is as small as a pointer, and with it every result that may carry one: thousands of places hand such a result on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError(Box<Told>);

/// The parts of an [`ApiError`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub code: Cow<'static, str>,
    /// AWS's text, exactly.
    pub message: String,
    /// For the log: what really happened, where that is more than the client may know.
    pub cause: Option<String>,
}

/// Codes of the front door and of all services, with their HTTP status. A service's own codes come from its model or, for EC2, from
/// `data/ec2/errors.json`.
const COMMON: &[(&str, u16)] = &[
    ("AccessDenied", 403),
    ("ExpiredToken", 403),
    ("IncompleteSignature", 400),
    ("InternalFailure", 500),
    ("InvalidAction", 400),
    ("InvalidClientTokenId", 403),
    ("InvalidParameterValue", 400),
    ("MalformedInput", 400),
    ("MalformedQueryString", 400),
    ("MissingAction", 400),
    ("MissingAuthenticationToken", 403),
    ("MissingParameter", 400),
    ("NotImplemented", 501),
    ("RequestEntityTooLarge", 413),
    ("SignatureDoesNotMatch", 403),
    ("Throttling", 400),
    ("ValidationError", 400),
];

/// What EC2 says of credentials, whatever is wrong with them.
const BAD_CREDENTIALS: &str = "AWS was not able to validate the provided access credentials";

impl ApiError {
    /// An error with AWS's code and text.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> ApiError {
        ApiError(Box::new(Told { code: code.into(), message: message.into(), cause: None }))
    }

    /// The same error under another code.
    pub fn coded(mut self, code: impl Into<Cow<'static, str>>) -> ApiError {
        self.0.code = code.into();
        self
    }

    /// The same error with a cause for the log.
    pub fn because(mut self, cause: impl Into<String>) -> ApiError {
        self.0.cause = Some(cause.into());
        self
    }

    /// The text alone, for answers that tell errors in members of their own.
    pub fn into_message(self) -> String {
        self.0.message
    }

    /// Something that must not happen; the client learns nothing but the request id.
    pub fn internal(cause: impl Into<String>) -> ApiError {
        ApiError::new(
            "InternalFailure",
            "The request processing has failed because of an unknown error, exception or failure.",
        )
        .because(cause)
    }

    /// EC2's answer to a caller whom it does not know.
    pub fn bad_credentials() -> ApiError {
        ApiError::new("AuthFailure", BAD_CREDENTIALS)
    }

    /// `ValidationError`: IAM's and STS's answer to input that no model constraint names.
    pub fn validation(message: impl Into<String>) -> ApiError {
        ApiError::new("ValidationError", message)
    }

    /// An operation of the model that nobody has built yet. SDKs do not retry a 501.
    pub fn not_implemented(service: Service, operation: &str) -> ApiError {
        ApiError::new("NotImplemented", format!("rolecall does not implement {}:{operation} yet", service.as_str()))
    }

    /// The HTTP status that goes with this code in that service.
    pub fn status(&self, service: Service) -> u16 {
        let common = || COMMON.iter().find(|(code, _)| *code == self.code).map(|(_, status)| *status);
        let own = match service {
            // The code has two meanings: of a resource that is not the caller's, clients report "status code: 400"
            // (<https://github.com/hashicorp/terraform-provider-aws/issues/3572>).
            Service::Ec2 if self.code == "AuthFailure" && self.message != BAD_CREDENTIALS => Some(400),
            Service::Ec2 => facts::ec2_error_status(&self.code),
            Service::Iam | Service::Sts | Service::Ssm => wire::model(service).error_status(&self.code),
        };
        own.or_else(common).unwrap_or(400)
    }
}

impl Deref for ApiError {
    type Target = Told;

    fn deref(&self) -> &Told {
        &self.0
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        match &self.cause {
            Some(cause) => write!(f, " ({cause})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ApiError {}
