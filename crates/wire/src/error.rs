//! The error documents of both protocols.

use serde_json::json;

use crate::model::{Protocol, Service, model};
use crate::out::{DECLARATION, Out};

/// What an error document says.
#[derive(Debug, Clone, Copy)]
pub struct ErrorBody<'a> {
    pub service: Service,
    pub code: &'a str,
    pub message: &'a str,
    pub fault: Fault,
    /// Refused before the service knew what it was asked for: in a namespace that is not the service's.
    pub at_front_door: bool,
}

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Sender,
    Receiver,
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Fault::Sender => "Sender",
            Fault::Receiver => "Receiver",
        }
    }
}

/// The namespace of what is refused at the front door.
const FRONT_DOOR: &str = "http://webservices.amazon.com/AWSFault/2005-15-09";

/// The error in the service's XML.
pub fn write_error(error: &ErrorBody<'_>, request_id: &str) -> Vec<u8> {
    let model = model(error.service);
    let mut out = Out(Vec::with_capacity(512));
    match model.protocol {
        Protocol::Ec2 => {
            out.raw(DECLARATION);
            out.raw("<Response><Errors><Error>");
            out.element("Code", error.code);
            out.element("Message", error.message);
            out.raw("</Error></Errors>");
            out.element("RequestID", request_id);
            out.raw("</Response>");
        }
        Protocol::Query | Protocol::Json => {
            out.raw("<ErrorResponse xmlns=\"");
            out.raw(if error.at_front_door { FRONT_DOOR } else { &model.xmlns });
            out.raw("\"><Error>");
            out.element("Type", error.fault.name());
            out.element("Code", error.code);
            // Some errors have no text, and then AWS leaves the element out.
            if !error.message.is_empty() {
                out.element("Message", error.message);
            }
            out.raw("</Error>");
            out.element("RequestId", request_id);
            out.raw("</ErrorResponse>");
        }
    }
    out.0
}

/// The error as JSON: as STS gives it to who asked for JSON, or as services give it that speak nothing else.
pub fn write_error_json(error: &ErrorBody<'_>, request_id: &str) -> Vec<u8> {
    if error.service.protocol() == Protocol::Json {
        return awsjson(error);
    }
    let body = json!({
        "Error": {"Code": error.code, "Message": error.message, "Type": error.fault.name()},
        "RequestId": request_id,
    });
    body.to_string().into_bytes()
}

/// Some errors have no text, and then AWS leaves the member out. It is spelled with a capital where access is denied (seen in practice).
fn awsjson(error: &ErrorBody<'_>) -> Vec<u8> {
    let member = if error.code == "AccessDeniedException" { "Message" } else { "message" };
    let body = match error.message {
        "" => json!({"__type": error.code}),
        text => json!({"__type": error.code, member: text}),
    };
    body.to_string().into_bytes()
}
