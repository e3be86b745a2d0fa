//! STS: temporary credentials. What a session token holds, opening it into a `Caller`, issuing it, and STS's operations.
//!
//! Nothing is stored per session: the token is sealed and says all. Start with [`token`]; [`assume_role`] is the operation the rest turns
//! around, [`instance`] the way an instance gets credentials without any request of its own.

pub mod assume_role;
pub mod assume_root;
pub mod credentials;
pub mod decode_message;
pub mod delegated;
pub mod federation_token;
pub mod identity;
pub mod instance;
pub mod session_token;
pub mod token;
pub mod web_identity_token;

mod mfa;
mod packed;
mod session_policies;
mod session_tags;

service::operations! { Sts;
    AssumeRole => read(assume_role::assume) authorize(assume_role::checks) check(assume_role::precheck),
    AssumeRoot => read(assume_root::assume) authorize(assume_root::checks) check(assume_root::precheck),
    DecodeAuthorizationMessage => read(decode_message::decode) authorize(decode_message::checks),
    GetAccessKeyInfo => read(identity::access_key_info) authorize(identity::any),
    GetCallerIdentity => read(identity::caller_identity) open("AWS answers this to every verified caller, even under an explicit deny"),
    GetDelegatedAccessToken => read(delegated::get) authorize(delegated::any),
    GetFederationToken => read(federation_token::get) authorize(federation_token::checks) check(federation_token::precheck),
    GetSessionToken => read(session_token::get) open("AWS asks for no permission: the long-term credentials are enough") check(session_token::precheck),
    GetWebIdentityToken => read(web_identity_token::get) authorize(web_identity_token::checks) check(web_identity_token::precheck) prepare(web_identity_token::sign),
}

#[cfg(test)]
mod tests;
