//! IAM's records: what is stored of users, groups, roles, managed policies, instance profiles, credentials, MFA devices and accounts.
//!
//! Every entity is keyed by (account, unique id), so renaming one or creating another of the same name never confuses them; names are looked up
//! through a unique index, ignoring case as IAM does. Inline policies and the ARNs of attached managed policies live inside their owner.

use std::collections::{BTreeMap, BTreeSet};

use service::PolicyText;
use service::prelude::*;

mod account;
mod certificate;
mod delegation;
mod group;
mod identity_provider;
mod instance_profile;
mod last_accessed;
mod last_used;
mod linked_role;
mod login_profile;
mod mfa;
mod organization_report;
mod policy;
mod role;
mod role_template;
mod root_access;
mod service_credential;
mod settings;
mod token_issuer;
mod user;

pub use account::{AccountAlias, PasswordPolicy};
pub use certificate::{ServerCertificate, SigningCertificate};
pub use delegation::{Approver, ApproverIdentity, DelegationRequest, DelegationState, PolicyParameter, PolicyTemplate};
pub use group::Group;
pub use identity_provider::{IdentityCenterInstance, OidcKeySet, OidcProvider, SamlPrivateKey, SamlProvider};
pub use instance_profile::InstanceProfile;
pub use last_accessed::{AccessReport, Accessor, LastAccessed};
pub use last_used::LastUsed;
pub use linked_role::{LinkedRoleDeletion, LinkedRoleUse};
pub use login_profile::{LoginProfile, Password};
pub use mfa::{Enabled, MfaDevice, MfaOwner, Seed};
pub use organization_report::{OrganizationReport, ReportFailure, ServiceAccess};
pub use policy::{ManagedPolicy, PolicyVersion};
pub use role::{Role, SourceTemplate};
pub use role_template::{InlineTemplate, ParameterDefinition, RoleTemplate, RoleTemplateVersion};
pub use root_access::{RootAccess, RootFeature};
pub use service_credential::{ServiceSpecificCredential, SshPublicKey};
pub use settings::{AccountSettings, CredentialReport};
pub use token_issuer::{SigningKeys, TokenIssuer};
pub use user::{AccessKey, KeyStatus, User};

/// What users, groups and roles have in common: the policies they hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct HeldPolicies {
    /// Inline policies by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inline: BTreeMap<String, PolicyText>,
    /// ARNs of attached managed policies, AWS's and the account's own.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub attached: BTreeSet<String>,
}

/// Names are unique ignoring case: this is the form they are looked up by.
pub fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// Index entries `(account, policy ARN)` for every attached policy: who has it, and how many.
fn index_attached(entries: &mut IndexEntries, index: usize, account: AccountId, held: &HeldPolicies) {
    for arn in &held.attached {
        entries.add(index, &[account.as_str(), arn]);
    }
}
