//! IAM: users, groups, roles, managed policies, instance profiles and all kinds of credentials, and what a caller may do by them.
//!
//! Each resource has a module with its operations and their authorisation; what several of them share (lookups, ARNs, texts) is in
//! [`entity`], limits are in [`quota`]. The request pipeline asks [`access_key`], [`caller_of`] and [`policy_sets`]; nothing here decides a
//! request, that is `service::decide`. Start with [`record`], then [`user`].

use service::Operation;
use storage::Schema;

pub mod access_key;
pub mod account;
pub mod account_alias;
pub mod attachment;
pub mod boundary;
pub mod delegation;
pub mod document;
pub mod entity;
pub mod group;
pub mod holder;
pub mod inline_policy;
pub mod instance_profile;
pub mod last_accessed;
pub mod linked_role;
pub mod login_profile;
pub mod managed;
pub mod managed_policy;
pub mod mfa;
pub mod oidc_provider;
pub mod organization;
pub mod outbound_federation;
mod owner;
mod password;
pub mod password_policy;
pub mod policy_sets;
pub mod propagation;
pub mod quota;
pub mod record;
pub mod role;
pub mod role_template;
pub mod saml_provider;
pub mod server_certificate;
pub mod service_specific_credential;
mod sign_in_session;
pub mod signing_certificate;
pub mod simulate;
pub mod ssh_public_key;
pub mod tagging;
mod template;
pub mod user;
mod x509;

pub use access_key::{access_key, caller_of};
pub use managed_policy::document as managed_document;
pub use policy_sets::policy_sets;

/// The schema with all of IAM's records.
pub fn schema(schema: Schema) -> Schema {
    schema
        .with::<record::User>()
        .with::<record::Group>()
        .with::<record::Role>()
        .with::<record::ManagedPolicy>()
        .with::<record::InstanceProfile>()
        .with::<record::AccessKey>()
        .with::<record::LastUsed>()
        .with::<record::LinkedRoleDeletion>()
        .with::<record::LinkedRoleUse>()
        .with::<record::DelegationRequest>()
        .with::<record::PolicyTemplate>()
        .with::<record::RoleTemplate>()
        .with::<record::OidcProvider>()
        .with::<record::SamlProvider>()
        .with::<record::IdentityCenterInstance>()
        .with::<record::OidcKeySet>()
        .with::<record::LoginProfile>()
        .with::<record::PasswordPolicy>()
        .with::<record::AccountAlias>()
        .with::<record::SigningCertificate>()
        .with::<record::SshPublicKey>()
        .with::<record::ServerCertificate>()
        .with::<record::ServiceSpecificCredential>()
        .with::<record::MfaDevice>()
        .with::<record::AccountSettings>()
        .with::<record::CredentialReport>()
        .with::<service::Organization>()
        .with::<record::RootAccess>()
        .with::<record::TokenIssuer>()
        .with::<record::LastAccessed>()
        .with::<record::AccessReport>()
        .with::<record::OrganizationReport>()
}

/// IAM's operations that are built.
pub fn operations() -> Vec<Operation> {
    let modules = [
        user::operations(),
        group::operations(),
        access_key::operations(),
        inline_policy::operations(),
        attachment::operations(),
        role::operations(),
        linked_role::operations(),
        delegation::operations(),
        role_template::operations(),
        instance_profile::operations(),
        managed_policy::operations(),
        boundary::operations(),
        oidc_provider::operations(),
        saml_provider::operations(),
        organization::operations(),
        outbound_federation::operations(),
        simulate::operations(),
        tagging::operations(),
        login_profile::operations(),
        password_policy::operations(),
        account_alias::operations(),
        signing_certificate::operations(),
        server_certificate::operations(),
        ssh_public_key::operations(),
        service_specific_credential::operations(),
        mfa::operations(),
        account::operations(),
        last_accessed::operations(),
    ];
    modules.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests;
