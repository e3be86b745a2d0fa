//! STS: temporary credentials. What a session token holds, opening it into a `Caller`, issuing it, and STS's operations.
//!
//! Nothing is stored per session: the token is sealed and says all. Start with [`token`]; [`assume_role`] is the operation the rest turns
//! around, [`instance`] the way an instance gets credentials without any request of its own.

pub mod assume_role;
pub mod assume_role_with_saml;
pub mod assume_role_with_web_identity;
pub mod assume_root;
pub mod credentials;
pub mod decode_message;
pub mod delegated;
pub mod federation_token;
pub mod identity;
pub mod instance;
pub mod scoped;
pub mod session_token;
pub mod task;
pub mod token;
pub mod web_identity_token;

mod federated;
mod mfa;
mod packed;
mod recent;
mod saml_attributes;
mod session_policies;
mod session_tags;
mod trusted_context;

use assume_role::AssumeRole;
use session_token::GetSessionToken;

service::operations! { Sts;
    AssumeRoleWithSAML => read(assume_role_with_saml::assume) authorize(assume_role_with_saml::checks) check(assume_role_with_saml::precheck),
    AssumeRoleWithWebIdentity => read(assume_role_with_web_identity::assume) authorize(assume_role_with_web_identity::checks)
        check(assume_role_with_web_identity::precheck) outside(assume_role_with_web_identity::keys_from_outside),
    AssumeRole => read(assume_role::assume) authorize(assume_role::checks) check(assume_role::precheck)
        writing_if(AssumeRole::spends_code, assume_role::assume_with_code),
    AssumeRoot => read(assume_root::assume) authorize(assume_root::checks) check(assume_root::precheck),
    DecodeAuthorizationMessage => read(decode_message::decode) authorize(decode_message::checks),
    GetAccessKeyInfo => read(identity::access_key_info) authorize(identity::any),
    GetCallerIdentity => read(identity::caller_identity) open("AWS answers this to every verified caller, even under an explicit deny"),
    GetDelegatedAccessToken => read(delegated::get) authorize(identity::any),
    GetFederationToken => read(federation_token::get) authorize(federation_token::checks) check(federation_token::precheck),
    GetScopedCredentials => read(scoped::get) authorize(identity::any) check(scoped::precheck),
    GetSessionToken => read(session_token::get) open("AWS asks for no permission: the long-term credentials are enough") check(session_token::precheck)
        writing_if(GetSessionToken::spends_code, session_token::get_with_code),
    GetWebIdentityToken => read(web_identity_token::get) authorize(web_identity_token::checks) check(web_identity_token::precheck) prepare(web_identity_token::sign),
}

#[cfg(test)]
mod tests;
