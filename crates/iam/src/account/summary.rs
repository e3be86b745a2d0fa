//! GetAccountSummary: how much there is of everything, and how much there may be.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::quota::{self, Quota};
use crate::record::{
    AccessKey, AccountSettings, Group, InstanceProfile, ManagedPolicy, MfaDevice, MfaOwner, OidcProvider, Role,
    SamlProvider, ServerCertificate, SigningCertificate, User,
};
use crate::{login_profile, mfa};

service::operations! { Iam;
    GetAccountSummary => read(summary) authorize(on_account) scan(),
}

#[derive(Debug, Serialize, Shaped)]
struct Summary {
    summary_map: BTreeMap<&'static str, i64>,
}

/// Limits, shown whether they are enforced or not.
const QUOTAS: &[(&str, Quota)] = &[
    ("AccessKeysPerUserQuota", quota::ACCESS_KEYS),
    ("AssumeRolePolicySizeQuota", quota::TRUST_SIZE),
    ("AttachedPoliciesPerGroupQuota", quota::POLICIES_PER_GROUP),
    ("AttachedPoliciesPerRoleQuota", quota::POLICIES_PER_ROLE),
    ("AttachedPoliciesPerUserQuota", quota::POLICIES_PER_USER),
    ("GroupPolicySizeQuota", quota::GROUP_POLICY_SIZE),
    ("GroupsPerUserQuota", quota::GROUPS_PER_USER),
    ("GroupsQuota", quota::GROUPS),
    ("InstanceProfilesQuota", quota::INSTANCE_PROFILES),
    ("PoliciesQuota", quota::POLICIES),
    ("PolicySizeQuota", quota::POLICY_SIZE),
    ("RolePolicySizeQuota", quota::ROLE_POLICY_SIZE),
    ("RolesQuota", quota::ROLES),
    ("ServerCertificatesQuota", quota::SERVER_CERTIFICATES),
    ("SigningCertificatesPerUserQuota", quota::SIGNING_CERTIFICATES),
    ("UserPolicySizeQuota", quota::USER_POLICY_SIZE),
    ("UsersQuota", quota::USERS),
    ("VersionsPerPolicyQuota", quota::VERSIONS),
];
/// More than there can be.
const MOST_VERSIONS_IN_USE: usize = 10_000;

fn summary(cx: &Cx, world: &World, _: &Nothing) -> Result<Summary, ApiError> {
    let account = cx.account();
    let parts = [account.as_str()];
    let of_root = [account.as_str(), ""];
    let certificates_of_root = world.by::<SigningCertificate>(SigningCertificate::BY_USER, &of_root);
    let devices = || world.scan::<MfaDevice>(&parts);
    let counts = [
        ("Users", world.count::<User>(&parts)),
        ("Groups", world.count::<Group>(&parts)),
        ("Roles", world.count::<Role>(&parts)),
        ("Policies", world.count::<ManagedPolicy>(&parts)),
        ("PolicyVersionsInUse", policies_in_use(world, account).len()),
        ("InstanceProfiles", world.count::<InstanceProfile>(&parts)),
        ("MFADevices", devices().count()),
        ("MFADevicesInUse", devices().filter(|device| device.enabled.is_some()).count()),
        ("ServerCertificates", world.count::<ServerCertificate>(&parts)),
        ("Providers", world.count::<OidcProvider>(&parts) + world.count::<SamlProvider>(&parts)),
        ("AccountMFAEnabled", mfa::of_owner(world, account, &MfaOwner::Root).take(1).count()),
        ("AccountAccessKeysPresent", world.by::<AccessKey>(AccessKey::BY_USER, &of_root).take(1).count()),
        ("AccountPasswordPresent", login_profile::of(world, account, None).iter().count()),
        ("AccountSigningCertificatesPresent", certificates_of_root.take(1).count()),
        ("GlobalEndpointTokenVersion", AccountSettings::of(world, account).global_endpoint_token_version.into()),
    ];
    let quotas = QUOTAS.iter().map(|(name, quota)| (*name, quota.number(cx)));
    let all = counts.into_iter().chain(quotas).chain([("PolicyVersionsInUseQuota", MOST_VERSIONS_IN_USE)]);
    Ok(Summary { summary_map: all.map(|(name, count)| (name, i64::try_from(count).unwrap_or(i64::MAX))).collect() })
}

/// ARNs of the managed policies that somebody has attached or as boundary, AWS's too. One version of each is in use, however many have it
/// (seen on AWS).
pub(super) fn policies_in_use(world: &World, account: AccountId) -> BTreeSet<&str> {
    let parts = [account.as_str()];
    let users = world.scan::<User>(&parts).map(|user| (&user.policies, user.boundary.as_ref()));
    let groups = world.scan::<Group>(&parts).map(|group| (&group.policies, None));
    let roles = world.scan::<Role>(&parts).map(|role| (&role.policies, role.boundary.as_ref()));
    users
        .chain(groups)
        .chain(roles)
        .flat_map(|(held, boundary)| held.attached.iter().chain(boundary))
        .map(String::as_str)
        .collect()
}
