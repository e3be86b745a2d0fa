//! GetAccountSummary: how much there is of everything, and how much there may be.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::mfa;
use crate::record::{
    AccessKey, AccountSettings, Group, InstanceProfile, ManagedPolicy, MfaDevice, MfaOwner, OidcProvider, Role,
    SamlProvider, User,
};

service::operations! { Iam;
    GetAccountSummary => read(summary) authorize(on_account) scan(),
}

#[derive(Debug, Serialize, Shaped)]
struct Summary {
    summary_map: BTreeMap<&'static str, i64>,
}

/// Limits as AWS sets them unless asked for more; the summary shows them whether they are enforced or not.
const QUOTAS: &[(&str, i64)] = &[
    ("AccessKeysPerUserQuota", 2),
    ("AssumeRolePolicySizeQuota", 2_048),
    ("AttachedPoliciesPerGroupQuota", 10),
    ("AttachedPoliciesPerRoleQuota", 10),
    ("AttachedPoliciesPerUserQuota", 10),
    ("GroupPolicySizeQuota", 5_120),
    ("GroupsPerUserQuota", 10),
    ("GroupsQuota", 300),
    ("InstanceProfilesQuota", 1_000),
    ("PoliciesQuota", 1_500),
    ("PolicySizeQuota", 6_144),
    ("PolicyVersionsInUseQuota", 10_000),
    ("RolePolicySizeQuota", 10_240),
    ("RolesQuota", 1_000),
    ("ServerCertificatesQuota", 20),
    ("SigningCertificatesPerUserQuota", 2),
    ("UserPolicySizeQuota", 2_048),
    ("UsersQuota", 5_000),
    ("VersionsPerPolicyQuota", 5),
];

fn summary(cx: &Cx, world: &World, _: &Nothing) -> Result<Summary, ApiError> {
    let account = cx.account();
    let parts = [account.as_str()];
    let of_root = [account.as_str(), ""];
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
        ("ServerCertificates", 0),
        ("Providers", world.count::<OidcProvider>(&parts) + world.count::<SamlProvider>(&parts)),
        ("AccountMFAEnabled", mfa::of_owner(world, account, &MfaOwner::Root).take(1).count()),
        ("AccountAccessKeysPresent", world.by::<AccessKey>(AccessKey::BY_USER, &of_root).take(1).count()),
        ("AccountPasswordPresent", 0),
        ("AccountSigningCertificatesPresent", 0),
        ("GlobalEndpointTokenVersion", AccountSettings::of(world, account).global_endpoint_token_version.into()),
    ];
    let counts = counts.into_iter().map(|(name, count)| (name, i64::try_from(count).unwrap_or(i64::MAX)));
    Ok(Summary { summary_map: counts.chain(QUOTAS.iter().copied()).collect() })
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
