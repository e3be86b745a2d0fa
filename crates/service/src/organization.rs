//! The organisation that accounts are in: the tree of its root, units and accounts, and the policies that are attached at each level.
//!
//! One record holds all of it; the iam crate reads it from a file. Here is what decisions ask of it: who is a member, by which path, and which
//! policies hold at each level above an account ([`Organization::levels`]). Without a record no account is in an organisation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use storage::{Key, Record, TableDef, World};

use crate::decide::{HeldKind, HeldPolicy};
use crate::tags::Tag;
use crate::{AccountId, PolicyText};

/// An organisation. There is one such record at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// `o-a1b2c3d4e5`
    pub id: String,
    pub management_account: AccountId,
    pub feature_set: FeatureSet,
    /// Service principals with trusted access, such as `iam.amazonaws.com`.
    pub trusted_services: BTreeSet<String>,
    /// Service principal -> the member accounts that administer the service for all.
    pub delegated_administrators: BTreeMap<String, BTreeSet<AccountId>>,
    /// The root, the units and the accounts by their ids.
    pub entities: BTreeMap<String, Entity>,
    /// All policies by their ids, AWS's own included.
    pub policies: BTreeMap<String, ControlPolicy>,
}

/// Whether the organisation has more than one bill in common; only then do its policies hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FeatureSet {
    #[default]
    All,
    ConsolidatedBilling,
}

/// The root, a unit or an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    pub kind: EntityKind,
    /// The id of the root or unit it is in; the root is in nothing.
    pub parent: Option<String>,
    pub name: String,
    /// Ids of the policies attached to it, AWS's own included.
    pub policies: BTreeSet<String>,
    pub tags: Vec<Tag>,
}

/// What an entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntityKind {
    Root,
    Unit,
    Account,
}

/// A service or resource control policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlPolicy {
    pub arn: Arc<str>,
    pub name: String,
    pub kind: ControlKind,
    pub description: String,
    pub document: PolicyText,
}

/// The two kinds of policies that bear on permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ControlKind {
    ServiceControlPolicy,
    ResourceControlPolicy,
}

impl ControlKind {
    /// As policy ARNs have it.
    pub fn in_arn(self) -> &'static str {
        match self {
            ControlKind::ServiceControlPolicy => "service_control_policy",
            ControlKind::ResourceControlPolicy => "resource_control_policy",
        }
    }

    /// The id of AWS's policy of this kind that allows everything.
    pub fn full_access(self) -> &'static str {
        match self {
            ControlKind::ServiceControlPolicy => "p-FullAWSAccess",
            ControlKind::ResourceControlPolicy => "p-RCPFullAWSAccess",
        }
    }
}

/// The path of service-linked roles, which organisation policies don't limit.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html#not-restricted-by-scp>
pub const SERVICE_LINKED_PATH: &str = "/aws-service-role/";

const ONLY: &str = "organization";

impl Organization {
    /// The organisation, if there is one.
    pub fn of(world: &World) -> Option<Arc<Organization>> {
        world.get::<Organization>(&[ONLY]).cloned()
    }

    /// Its key parts, for removing it.
    pub const KEY: &'static [&'static str] = &[ONLY];

    /// Whether the account is a member, the management account included.
    pub fn has(&self, account: AccountId) -> bool {
        self.entities.get(account.as_str()).is_some_and(|entity| entity.kind == EntityKind::Account)
    }

    /// The entity and those above it, from the root down; empty for an unknown id.
    fn line<'a>(&'a self, id: &'a str) -> Vec<(&'a str, &'a Entity)> {
        let above = |(_, entity): &(&'a str, &'a Entity)| {
            let parent = entity.parent.as_deref()?;
            Some((parent, self.entities.get(parent)?))
        };
        let first = self.entities.get(id).map(|entity| (id, entity));
        // INVARIANT: parents are no circle, the file is a tree; the bound keeps a record edited by hand from hanging us.
        let mut line: Vec<_> = std::iter::successors(first, above).take(MOST_LEVELS).collect();
        line.reverse();
        line
    }

    /// A member's place, `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`: the condition keys aws:PrincipalOrgPaths and aws:ResourceOrgPaths.
    pub fn path(&self, account: AccountId) -> Option<String> {
        let line = self.has(account).then(|| self.line(account.as_str()))?;
        let above = line.iter().filter(|(_, entity)| entity.kind != EntityKind::Account);
        Some(above.fold(format!("{}/", self.id), |path, (id, _)| format!("{path}{id}/")))
    }

    /// The path of an entity as reports name it, `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/123456789012`.
    pub fn entity_path(&self, id: &str) -> Option<String> {
        let line = self.line(id);
        (!line.is_empty()).then(|| line.iter().fold(self.id.clone(), |path, (id, _)| format!("{path}/{id}")))
    }

    /// The policies of that kind that hold for an account, level by level, the root first. None for accounts that are not in the organisation,
    /// for the management account, and where the organisation has no more than its bill in common.
    pub fn levels(&self, account: AccountId, kind: ControlKind) -> Vec<Vec<HeldPolicy>> {
        if account == self.management_account || self.feature_set != FeatureSet::All || !self.has(account) {
            return Vec::new();
        }
        self.levels_above(account.as_str(), kind)
    }

    /// The policies of that kind attached to the root, a unit or an account and to all above it, level by level, the root first.
    pub fn levels_above(&self, id: &str, kind: ControlKind) -> Vec<Vec<HeldPolicy>> {
        self.line(id).into_iter().map(|(_, entity)| self.attached(entity, kind)).collect()
    }

    /// What stands at a level above an account, counted as in [`Organization::levels`]: the root `r-ab12`.
    pub fn level_name(&self, account: AccountId, level: usize) -> Option<String> {
        let (id, entity) = *self.line(account.as_str()).get(level)?;
        Some(match entity.kind {
            EntityKind::Root => format!("the root `{id}`"),
            EntityKind::Unit => format!("the unit `{}` ({id})", entity.name),
            EntityKind::Account => format!("the account `{id}`"),
        })
    }

    /// The ARN of what stands there.
    pub fn level_arn(&self, account: AccountId, level: usize) -> Option<String> {
        let (id, entity) = *self.line(account.as_str()).get(level)?;
        let kind = match entity.kind {
            EntityKind::Root => "root",
            EntityKind::Unit => "ou",
            EntityKind::Account => "account",
        };
        Some(format!("arn:aws:organizations::{}:{kind}/{}/{id}", self.management_account, self.id))
    }

    /// Whether the policy is attached to the account or above it, and the account is not the one that no policy limits.
    pub fn limits(&self, policy: &str, account: AccountId) -> bool {
        let mut line = self.line(account.as_str()).into_iter();
        account != self.management_account && line.any(|(_, entity)| entity.policies.contains(policy))
    }

    /// The policies of that kind attached to an entity itself.
    fn attached(&self, entity: &Entity, kind: ControlKind) -> Vec<HeldPolicy> {
        let policies = entity.policies.iter().filter_map(|id| self.policies.get(id));
        let held = policies.filter(|policy| policy.kind == kind).filter_map(|policy| {
            let document = policy.document.document()?.clone();
            Some(HeldPolicy { name: policy.arn.clone(), kind: HeldKind::Organization, document })
        });
        held.collect()
    }

    /// Whether the account is the management account or administers that service for the organisation.
    pub fn administers(&self, account: AccountId, service_principal: &str) -> bool {
        let delegated = self.delegated_administrators.get(service_principal);
        account == self.management_account || delegated.is_some_and(|accounts| accounts.contains(&account))
    }

    /// The accounts in or under an entity.
    pub fn accounts_under<'a>(&'a self, id: &'a str) -> impl Iterator<Item = AccountId> + 'a {
        let accounts = self.entities.iter().filter(|(_, entity)| entity.kind == EntityKind::Account);
        let under = accounts.filter(move |(account, _)| self.line(account).iter().any(|(above, _)| *above == id));
        under.filter_map(|(account, _)| account.parse().ok())
    }
}

/// AWS nests units five deep; with root and account a line has seven levels.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
pub const MOST_LEVELS: usize = 7;

impl Record for Organization {
    const TABLE: TableDef = TableDef::own("organization", &["id"], &[]);

    fn key(&self) -> Key {
        Key::new(Self::KEY)
    }
}
