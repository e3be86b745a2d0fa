//! DecodeAuthorizationMessage: what stands behind the encoded text of a denial.

use service::authorization_message;
use service::prelude::*;

/// DecodeAuthorizationMessage's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct DecodeAuthorizationMessage {
    pub encoded_message: String,
}

/// The decision as JSON text.
#[derive(Debug, Serialize, Shaped)]
pub struct DecodedMessage {
    pub decoded_message: String,
}

/// `sts:DecodeAuthorizationMessage` knows no resources.
pub fn checks(_: &Cx, _: &World, _: &DecodeAuthorizationMessage) -> Vec<Check> {
    vec![Check::any()]
}

/// DecodeAuthorizationMessage. A message of another account is as unreadable as a made-up one.
pub fn decode(cx: &Cx, world: &World, input: &DecodeAuthorizationMessage) -> Result<DecodedMessage, ApiError> {
    authorization_message::decode(world, cx.account(), &input.encoded_message)
        .map(|decoded_message| DecodedMessage { decoded_message })
        .ok_or_else(|| ApiError::new("InvalidAuthorizationMessageException", "Message is not valid"))
}
