//! What identity providers outside say, and whether their signatures prove it: JSON web tokens with their keys, SAML metadata and SAML responses
//! with their XML signatures.
//!
//! All input is hostile until a signature is verified, and the functions here are built so that nothing unverified leaves them: [`jwt::Token`]
//! gives its claims only for what may be looked at before, [`saml::verified`] only what stands inside the signed element. Nothing here knows
//! accounts, roles, clocks or HTTP. Start with [`jwt`] for web identities and [`saml`] for SAML; [`xml`] is the small reader both rest on.

pub mod certificate;
pub mod discovery;
pub mod jwks;
pub mod jwt;
pub mod metadata;
pub mod private_key;
pub mod saml;
pub mod xml;

mod canonical;
mod encoding;
mod encryption;
mod signature;

#[cfg(test)]
mod tests;
