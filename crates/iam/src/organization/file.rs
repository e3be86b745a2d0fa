//! The organisation as a person writes it: JSON with the tree nested as it is, each policy once, attachments by a policy's id or name. Reading it
//! checks everything that AWS Organizations would not let come about; the texts are ours and say where. AWS's two policies that allow everything
//! are attached everywhere, as AWS attaches them, unless an entity says `"fullAwsAccess": false`.

use std::collections::{BTreeMap, BTreeSet};

use service::organization::{ControlKind, ControlPolicy, Entity, EntityKind, FeatureSet, MOST_LEVELS, Organization};
use service::prelude::*;
use service::{PolicyText, facts};

/// An organisation in the form of its file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct File {
    id: String,
    management_account: AccountId,
    #[serde(default)]
    feature_set: FeatureSet,
    /// All of AWS Organizations' integrations are off unless they are listed; for IAM's `iam.amazonaws.com` is needed.
    #[serde(default)]
    trusted_services: BTreeSet<String>,
    #[serde(default)]
    delegated_administrators: BTreeMap<String, BTreeSet<AccountId>>,
    #[serde(default)]
    policies: Vec<Policy>,
    root: Node,
}

/// A policy of the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Policy {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: ControlKind,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
    /// The policy itself, or its text.
    document: serde_json::Value,
}

/// The root or a unit, with what is in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Node {
    id: String,
    #[serde(default)]
    name: Option<String>,
    /// Ids or names of policies attached here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    policies: Vec<String>,
    /// Whether AWS's policy that allows everything is still attached.
    #[serde(default = "yes")]
    full_aws_access: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<Account>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    organizational_units: Vec<Node>,
}

/// An account of the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Account {
    id: AccountId,
    #[serde(default)]
    name: Option<String>,
    /// Ids or names of policies attached here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    policies: Vec<String>,
    /// Whether AWS's policy that allows everything is still attached.
    #[serde(default = "yes")]
    full_aws_access: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

/// Reads an organisation: the first fault in one line.
pub fn read(text: &str) -> Result<Organization, String> {
    let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Reading::default().read(file)
}

/// The organisation in the form of its file.
pub fn show(organization: &Organization) -> File {
    let own = organization.policies.iter().filter(|(id, _)| !is_of_aws(id));
    File {
        id: organization.id.clone(),
        management_account: organization.management_account,
        feature_set: organization.feature_set,
        trusted_services: organization.trusted_services.clone(),
        delegated_administrators: organization.delegated_administrators.clone(),
        policies: own.map(|(id, policy)| show_policy(id, policy)).collect(),
        root: show_root(organization),
    }
}

fn show_policy(id: &str, policy: &ControlPolicy) -> Policy {
    let text = policy.document.text();
    Policy {
        id: id.to_owned(),
        name: policy.name.clone(),
        kind: policy.kind,
        description: policy.description.clone(),
        document: serde_json::from_str(text).unwrap_or_else(|_| text.into()),
    }
}

fn show_root(organization: &Organization) -> Node {
    let is_root = |(_, entity): &(&String, &Entity)| entity.kind == EntityKind::Root;
    // INVARIANT: an organisation that was read has exactly one root.
    let root = organization.entities.iter().find(is_root).map(|(id, _)| id.as_str()).unwrap_or_default();
    show_node(organization, root, 0)
}

fn show_node(organization: &Organization, id: &str, depth: usize) -> Node {
    let inside = |kind: EntityKind| {
        let is_inside = move |entity: &Entity| entity.kind == kind && entity.parent.as_deref() == Some(id);
        organization.entities.iter().filter(move |(_, entity)| is_inside(entity))
    };
    let accounts = inside(EntityKind::Account).filter_map(|(id, entity)| {
        let id = id.parse().ok()?;
        let (policies, full_aws_access, tags) = show_held(entity);
        Some(Account { id, name: Some(entity.name.clone()), policies, full_aws_access, tags })
    });
    let units = inside(EntityKind::Unit).filter(|_| depth < MOST_LEVELS);
    let (policies, full_aws_access, tags) = organization.entities.get(id).map(show_held).unwrap_or_default();
    Node {
        id: id.to_owned(),
        name: organization.entities.get(id).map(|entity| entity.name.clone()),
        policies,
        full_aws_access,
        tags,
        accounts: accounts.collect(),
        organizational_units: units.map(|(unit, _)| show_node(organization, unit, depth + 1)).collect(),
    }
}

fn show_held(entity: &Entity) -> (Vec<String>, bool, BTreeMap<String, String>) {
    let own = entity.policies.iter().filter(|id| !is_of_aws(id)).cloned().collect();
    let full = entity.policies.contains(ControlKind::ServiceControlPolicy.full_access());
    (own, full, entity.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect())
}

fn is_of_aws(id: &str) -> bool {
    KINDS.iter().any(|kind| kind.full_access() == id)
}

const KINDS: [ControlKind; 2] = [ControlKind::ServiceControlPolicy, ControlKind::ResourceControlPolicy];

/// What has been read so far.
#[derive(Default)]
struct Reading {
    entities: BTreeMap<String, Entity>,
    policies: BTreeMap<String, ControlPolicy>,
}

impl Reading {
    fn read(mut self, file: File) -> Result<Organization, String> {
        if !file.id.strip_prefix("o-").is_some_and(|rest| is_made_of(rest, 10..=32)) {
            return Err(format!("`{}` is not an organization's id such as `o-a1b2c3d4e5`", file.id));
        }
        for kind in KINDS {
            self.policies.insert(kind.full_access().to_owned(), full_access(kind));
        }
        for policy in file.policies {
            self.policy(&file.id, file.management_account, policy)?;
        }
        if !file.root.id.strip_prefix("r-").is_some_and(|rest| is_made_of(rest, 4..=32)) {
            return Err(format!("`{}` is not a root's id such as `r-ab12`", file.root.id));
        }
        self.node(file.root, None, 0)?;
        let organization = Organization {
            id: file.id,
            management_account: file.management_account,
            feature_set: file.feature_set,
            trusted_services: file.trusted_services,
            delegated_administrators: file.delegated_administrators,
            entities: self.entities,
            policies: self.policies,
        };
        who_is_member(&organization)?;
        Ok(organization)
    }

    fn policy(&mut self, organization: &str, management: AccountId, policy: Policy) -> Result<(), String> {
        let Policy { id, name, kind, description, document } = policy;
        let is_id = id.strip_prefix("p-").is_some_and(|rest| {
            (8..=128).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        if !is_id {
            return Err(format!("`{id}` is not a policy's id such as `p-examplepolicy1`"));
        }
        let same_name = self.policies.values().any(|held| held.name == name && held.kind == kind);
        if same_name || self.policies.contains_key(&id) {
            return Err(format!("the policy `{id}` ({name}) is there twice"));
        }
        let text = match document {
            serde_json::Value::String(text) => text,
            document => document.to_string(),
        };
        let validated = policy::validate(&text, validation(kind));
        let parsed =
            validated.map_err(|fault| format!("the policy `{id}` ({name}): {} ({})", fault.message, fault.detail))?;
        if let (ControlKind::ResourceControlPolicy, Some(action)) = (kind, out_of_reach(&parsed)) {
            let detail = "is of a service that resource control policies do not reach";
            return Err(format!("the policy `{id}` ({name}): `{action}` {detail}"));
        }
        let arn = format!("arn:aws:organizations::{management}:policy/{organization}/{}/{id}", kind.in_arn());
        let document = PolicyText::parsed(text, parsed);
        self.policies.insert(id, ControlPolicy { arn: arn.into(), name, kind, description, document });
        Ok(())
    }

    fn node(&mut self, node: Node, parent: Option<&str>, depth: usize) -> Result<(), String> {
        if depth > MOST_UNITS {
            return Err(format!(
                "`{}` is nested deeper than the {MOST_UNITS} levels of units that AWS allows",
                node.id
            ));
        }
        let kind = if parent.is_none() { EntityKind::Root } else { EntityKind::Unit };
        let name = node.name.unwrap_or_else(|| if parent.is_none() { "Root".to_owned() } else { node.id.clone() });
        let policies = self.attached(&node.id, &node.policies, node.full_aws_access)?;
        self.entity(
            &node.id,
            Entity { kind, parent: parent.map(str::to_owned), name, policies, tags: tags(node.tags) },
        )?;
        for account in node.accounts {
            let id = account.id.to_string();
            let policies = self.attached(&id, &account.policies, account.full_aws_access)?;
            let name = account.name.unwrap_or_else(|| id.clone());
            let parent = Some(node.id.clone());
            self.entity(&id, Entity { kind: EntityKind::Account, parent, name, policies, tags: tags(account.tags) })?;
        }
        for unit in node.organizational_units {
            let root = unit.id.strip_prefix("ou-").and_then(|rest| rest.split_once('-'));
            let is_id = root.is_some_and(|(root, own)| is_made_of(root, 4..=32) && is_made_of(own, 8..=32));
            if !is_id {
                return Err(format!("`{}` is not a unit's id such as `ou-ab12-11111111`", unit.id));
            }
            self.node(unit, Some(&node.id), depth + 1)?;
        }
        Ok(())
    }

    fn entity(&mut self, id: &str, entity: Entity) -> Result<(), String> {
        let what = if entity.kind == EntityKind::Account { "the account" } else { "the unit" };
        match self.entities.insert(id.to_owned(), entity) {
            Some(_) => Err(format!("{what} `{id}` is there twice")),
            None => Ok(()),
        }
    }

    /// The ids of what is attached to an entity, by ids or names.
    fn attached(&self, to: &str, names: &[String], full_aws_access: bool) -> Result<BTreeSet<String>, String> {
        let full = KINDS.iter().filter(|kind| full_aws_access || **kind == ControlKind::ResourceControlPolicy);
        let mut attached: BTreeSet<String> = full.map(|kind| kind.full_access().to_owned()).collect();
        for name in names {
            attached.insert(self.policy_called(name, to)?.clone());
        }
        Ok(attached)
    }

    /// The id of the policy with that id or name. Policies of two kinds may have one name.
    fn policy_called(&self, name: &str, to: &str) -> Result<&String, String> {
        if let Some((id, _)) = self.policies.get_key_value(name) {
            return Ok(id);
        }
        let mut named = self.policies.iter().filter(|(_, policy)| policy.name == name).map(|(id, _)| id);
        match (named.next(), named.next()) {
            (Some(id), None) => Ok(id),
            (Some(one), Some(other)) => {
                Err(format!("`{to}` has the policy `{name}` attached, which may be `{one}` or `{other}`: give its id"))
            }
            (None, _) => Err(format!("`{to}` has the policy `{name}` attached, which is not in the list of policies")),
        }
    }
}

/// The management account and delegated administrators must be accounts of the tree.
fn who_is_member(organization: &Organization) -> Result<(), String> {
    let management = organization.management_account;
    if !organization.has(management) {
        return Err(format!("the management account `{management}` is not in the tree"));
    }
    for (service, accounts) in &organization.delegated_administrators {
        for account in accounts {
            if *account == management {
                return Err(format!("the management account cannot be a delegated administrator of `{service}`"));
            }
            if !organization.has(*account) {
                return Err(format!("`{account}`, a delegated administrator of `{service}`, is not in the tree"));
            }
        }
    }
    Ok(())
}

/// Levels of units under the root. <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
const MOST_UNITS: usize = 5;

fn validation(kind: ControlKind) -> policy::Kind {
    match kind {
        ControlKind::ServiceControlPolicy => policy::Kind::ServiceControl,
        ControlKind::ResourceControlPolicy => policy::Kind::ResourceControl,
    }
}

/// An action of a service that has no resource control policies; AWS refuses a policy that names one (recorded in September 2026).
fn out_of_reach(policy: &policy::Document) -> Option<&str> {
    let is_reached = |action: &&str| {
        let service = action.split(':').next().unwrap_or_default().to_ascii_lowercase();
        *action == "*" || facts::has_resource_control_policies(&service)
    };
    let actions = policy.statements.iter().filter_map(|statement| statement.actions.as_ref());
    actions.flat_map(|actions| actions.texts()).find(|action| !is_reached(action))
}

/// AWS's policy of that kind that allows everything.
fn full_access(kind: ControlKind) -> ControlPolicy {
    let (name, text) = match kind {
        ControlKind::ServiceControlPolicy => (
            "FullAWSAccess",
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        ),
        ControlKind::ResourceControlPolicy => (
            "RCPFullAWSAccess",
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
        ),
    };
    ControlPolicy {
        arn: format!("arn:aws:organizations::aws:policy/{}/{}", kind.in_arn(), kind.full_access()).into(),
        name: name.to_owned(),
        kind,
        description: "Allows access to every operation".to_owned(),
        document: PolicyText::new(text),
    }
}

fn tags(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag { key, value }).collect()
}

fn is_made_of(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}
