//! IAM's quotas: their names in AWS's errors, AWS's numbers, and whether one holds.
//!
//! The hard ones always hold; those AWS raises on request only with `--quotas aws`; and `--quota` sets any of them to another number. What is
//! counted is the business of whoever asks. Start with [`Quota::check`]; see
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.

use service::cx::Quotas;
use service::prelude::*;

/// A limit on how many there may be of something, or how large something may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// As in `Cannot exceed quota for NAME: 10`; those with another text are named as in the account's summary.
    pub name: &'static str,
    /// AWS's number.
    pub most: usize,
    /// AWS raises it on request.
    pub adjustable: bool,
}

const fn fixed(name: &'static str, most: usize) -> Quota {
    Quota { name, most, adjustable: false }
}

const fn raisable(name: &'static str, most: usize) -> Quota {
    Quota { name, most, adjustable: true }
}

pub const USERS: Quota = raisable("UsersPerAccount", 5_000);
pub const GROUPS: Quota = raisable("GroupsPerAccount", 300);
pub const ROLES: Quota = raisable("RolesPerAccount", 1_000);
pub const POLICIES: Quota = raisable("PoliciesPerAccount", 1_500);
pub const INSTANCE_PROFILES: Quota = raisable("InstanceProfilesPerAccount", 1_000);
pub const POLICIES_PER_USER: Quota = raisable("PoliciesPerUser", 10);
pub const POLICIES_PER_GROUP: Quota = raisable("PoliciesPerGroup", 10);
pub const POLICIES_PER_ROLE: Quota = raisable("PoliciesPerRole", 10);
pub const GROUPS_PER_USER: Quota = fixed("GroupsPerUser", 10);
pub const ACCESS_KEYS: Quota = fixed("AccessKeysPerUser", 2);
pub const SIGNING_CERTIFICATES: Quota = fixed("CertificatesPerUser", 2);
pub const SSH_PUBLIC_KEYS: Quota = fixed("SSHPublicKeysPerUser", 5);
/// Of one service.
pub const CREDENTIALS_PER_SERVICE: Quota = fixed("ContextSpecificCredentialsPerUserPerContext", 2);
pub const MFA_DEVICES: Quota = fixed("MFADevicesPerUser", 8);
/// As many as users, whether they are used or not.
pub const VIRTUAL_MFA_DEVICES: Quota = raisable("MFADevices", 5_000);
pub const ROLES_PER_PROFILE: Quota = fixed("InstanceSessionsPerInstanceProfile", 1);
pub const SERVER_CERTIFICATES: Quota = raisable("ServerCertificatesPerAccount", 20);
pub const SAML_PROVIDERS: Quota = raisable("SAMLProvidersPerAccount", 100);
pub const OIDC_PROVIDERS: Quota = raisable("OpenIdConnectProvidersPerAccount", 100);
pub const CLIENT_IDS: Quota = fixed("ClientIdsPerOpenIdConnectProvider", 100);
/// Characters of a managed policy, white space aside.
pub const POLICY_SIZE: Quota = fixed("PolicySize", 6_144);
/// Characters of a trust policy, white space aside.
pub const TRUST_SIZE: Quota = fixed("ACLSizePerRole", 2_048);
/// Versions of a managed policy; its text is another.
pub const VERSIONS: Quota = fixed("VersionsPerPolicy", 5);
/// Characters of all inline policies together, white space aside; their texts are others.
pub const USER_POLICY_SIZE: Quota = fixed("UserPolicySize", 2_048);
pub const GROUP_POLICY_SIZE: Quota = fixed("GroupPolicySize", 5_120);
pub const ROLE_POLICY_SIZE: Quota = fixed("RolePolicySize", 10_240);

/// All of them: what `--quota` may set.
pub const ALL: &[Quota] = &[
    USERS,
    GROUPS,
    ROLES,
    POLICIES,
    INSTANCE_PROFILES,
    POLICIES_PER_USER,
    POLICIES_PER_GROUP,
    POLICIES_PER_ROLE,
    GROUPS_PER_USER,
    ACCESS_KEYS,
    SIGNING_CERTIFICATES,
    SSH_PUBLIC_KEYS,
    CREDENTIALS_PER_SERVICE,
    MFA_DEVICES,
    VIRTUAL_MFA_DEVICES,
    ROLES_PER_PROFILE,
    SERVER_CERTIFICATES,
    SAML_PROVIDERS,
    OIDC_PROVIDERS,
    CLIENT_IDS,
    POLICY_SIZE,
    TRUST_SIZE,
    VERSIONS,
    USER_POLICY_SIZE,
    GROUP_POLICY_SIZE,
    ROLE_POLICY_SIZE,
];

impl Quota {
    /// The number it has here: the one set by `--quota`, else AWS's.
    pub fn number(&self, cx: &Cx) -> usize {
        cx.settings.set_quotas.get(self.name).copied().unwrap_or(self.most)
    }

    /// The number that must not be exceeded; `None` where the quota is not enforced.
    pub fn enforced(&self, cx: &Cx) -> Option<usize> {
        let holds =
            !self.adjustable || cx.settings.quotas == Quotas::Aws || cx.settings.set_quotas.contains_key(self.name);
        holds.then(|| self.number(cx))
    }

    /// `LimitExceeded` if there is no room for one more; `count` says how many there are.
    pub fn check(&self, cx: &Cx, count: impl FnOnce() -> usize) -> Result<(), ApiError> {
        match self.enforced(cx) {
            Some(most) if count() >= most => Err(self.exceeded(most)),
            _ => Ok(()),
        }
    }

    /// `LimitExceeded` for a document that is too long, white space aside.
    pub fn check_size(&self, cx: &Cx, document: &str) -> Result<(), ApiError> {
        match self.enforced(cx) {
            Some(most) if policy::without_whitespace_len(document) > most => Err(self.exceeded(most)),
            _ => Ok(()),
        }
    }

    fn exceeded(&self, most: usize) -> ApiError {
        exceeded(&format!("Cannot exceed quota for {}: {most}", self.name))
    }
}

/// `LimitExceeded` with that text.
pub fn exceeded(text: &str) -> ApiError {
    ApiError::new("LimitExceeded", text)
}

#[cfg(test)]
mod tests;
