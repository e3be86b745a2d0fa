//! Versions of managed policies: at most five, numbered without ever using a number again, one of them in force.

use service::paging;

use super::found::{find_aws, find_own, not_found, required};
use super::*;
use crate::document::encoded;
use crate::entity::missing;
use crate::managed;

service::operations! { Iam;
    CreatePolicyVersion => write(create) authorize(to_create),
    GetPolicyVersion => read(get) authorize(on_version) scan(),
    ListPolicyVersions => read(list) authorize(to_list) scan(),
    SetDefaultPolicyVersion => write(set_default) authorize(on_version),
    DeletePolicyVersion => write(delete) authorize(on_version),
}

/// CreatePolicyVersion's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct CreatePolicyVersion {
    policy_arn: String,
    policy_document: String,
    set_as_default: Option<bool>,
}

/// A policy and one of its versions.
#[derive(Debug, Deserialize, Shaped)]
pub struct OneOf {
    policy_arn: String,
    version_id: String,
}

/// ListPolicyVersions' input.
#[derive(Debug, Deserialize, Shaped)]
pub struct ListPolicyVersions {
    policy_arn: String,
    marker: Option<String>,
    max_items: Option<i64>,
}

/// A version; only GetPolicyVersion shows the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct VersionOut {
    document: Option<String>,
    version_id: String,
    is_default_version: bool,
    /// Missing for some old versions of AWS's policies.
    create_date: Option<Timestamp>,
}

/// One version.
#[derive(Debug, Serialize, Shaped)]
pub struct OneVersion {
    policy_version: VersionOut,
}

/// A page of versions.
#[derive(Debug, Serialize, Shaped)]
pub struct Versions {
    versions: Vec<VersionOut>,
    is_truncated: bool,
    marker: Option<String>,
}

fn create(cx: &Cx, tx: &mut Tx, input: &CreatePolicyVersion) -> Result<OneVersion, ApiError> {
    let mut policy = ManagedPolicy::clone(&*own(cx, tx, &input.policy_arn, "create versions for policies")?);
    let document = validated(cx, &input.policy_document)?;
    if let Some(most) = quota::VERSIONS.enforced(cx).filter(|most| policy.versions.len() >= *most) {
        return Err(quota::exceeded(&format!(
            "A managed policy can have up to {most} versions. Before you create a new version, you must delete an existing version."
        )));
    }
    let version = PolicyVersion { id: format!("v{}", policy.next_version), document, created_at: cx.now_seconds() };
    policy.next_version += 1;
    policy.updated_at = version.created_at;
    if input.set_as_default == Some(true) {
        policy.default_version = version.id.clone();
    }
    let answer = OneVersion { policy_version: listed(&policy, &version) };
    policy.versions.push(version);
    tx.put(policy);
    Ok(answer)
}

fn get(cx: &Cx, world: &World, input: &OneOf) -> Result<OneVersion, ApiError> {
    let (versions, text) = read(cx, world, &input.policy_arn)?;
    let shown = versions.into_iter().find(|version| version.version_id == input.version_id);
    let shown = shown.ok_or_else(|| not_there(&input.policy_arn, &input.version_id))?;
    let document = text(&input.version_id).map(|text| encoded(&text));
    Ok(OneVersion { policy_version: VersionOut { document, ..shown } })
}

/// Newest first.
fn list(cx: &Cx, world: &World, input: &ListPolicyVersions) -> Result<Versions, ApiError> {
    let (mut versions, _) = read(cx, world, &input.policy_arn)?;
    let newest_first = |version: &VersionOut| format!("{:010}", u32::MAX - number(&version.version_id));
    versions.sort_by_cached_key(newest_first);
    let scope = format!("versions of {} {}", cx.account(), input.policy_arn);
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, versions, newest_first)?;
    Ok(Versions { is_truncated: page.is_truncated(), marker: page.next, versions: page.items })
}

/// All versions with their documents, newest first.
pub(super) fn with_documents(cx: &Cx, world: &World, arn: &str) -> Result<Vec<VersionOut>, ApiError> {
    let with = |version: VersionOut, text: &str| VersionOut { document: Some(encoded(text)), ..version };
    let found = required(cx, world, arn)?;
    let mut versions: Vec<VersionOut> = match find_aws(arn).filter(|_| found.is_aws) {
        Some(policy) => policy.documents().into_iter().map(|(version, text)| with(of_aws(version), &text)).collect(),
        None => {
            let policy = readable(cx, world, arn)?;
            let shown = |version: &PolicyVersion| with(listed(policy, version), version.document.text());
            policy.versions.iter().map(shown).collect()
        }
    };
    versions.sort_by_cached_key(|version| std::cmp::Reverse(number(&version.version_id)));
    Ok(versions)
}

fn set_default(cx: &Cx, tx: &mut Tx, input: &OneOf) -> Result<Done, ApiError> {
    let policy = own_with(cx, tx, input, "update policies")?;
    tx.put(ManagedPolicy { default_version: input.version_id.clone(), ..ManagedPolicy::clone(&policy) });
    Ok(Done {})
}

fn delete(cx: &Cx, tx: &mut Tx, input: &OneOf) -> Result<Done, ApiError> {
    let mut policy = ManagedPolicy::clone(&*own_with(cx, tx, input, "delete policy versions for policies")?);
    if policy.default_version == input.version_id {
        return Err(conflict("Cannot delete the default version of a policy."));
    }
    policy.versions.retain(|version| version.id != input.version_id);
    tx.put(policy);
    Ok(Done {})
}

/// The account's own policy, which must have that version.
fn own_with(cx: &Cx, world: &World, input: &OneOf, to_do: &str) -> Result<Arc<ManagedPolicy>, ApiError> {
    let policy = own(cx, world, &input.policy_arn, to_do)?;
    match policy.versions.iter().any(|version| version.id == input.version_id) {
        true => Ok(policy),
        false => Err(not_there(&input.policy_arn, &input.version_id)),
    }
}

fn not_there(arn: &str, version: &str) -> ApiError {
    missing(format!("Policy {arn} version {version} does not exist or is not attachable."))
}

/// The account's own policy, for reading.
fn readable<'w>(cx: &Cx, world: &'w World, arn: &str) -> Result<&'w Arc<ManagedPolicy>, ApiError> {
    find_own(world, cx.account(), arn).ok_or_else(|| not_found(arn))
}

/// A function from a version's id to its text.
type Texts = Box<dyn Fn(&str) -> Option<String>>;

/// The versions without documents, and how to read those. Of AWS's policies there are some old versions that nobody has published.
fn read(cx: &Cx, world: &World, arn: &str) -> Result<(Vec<VersionOut>, Texts), ApiError> {
    let found = required(cx, world, arn)?;
    if let (true, Some(policy)) = (found.is_aws, find_aws(arn)) {
        let versions = policy.versions().into_iter().map(of_aws).collect();
        return Ok((versions, Box::new(|id| policy.document_of(id))));
    }
    let policy = readable(cx, world, arn)?.clone();
    let versions = policy.versions.iter().map(|version| listed(&policy, version)).collect();
    let text = move |id: &str| {
        let version = policy.versions.iter().find(|version| version.id == id)?;
        Some(version.document.text().to_owned())
    };
    Ok((versions, Box::new(text)))
}

fn of_aws(version: managed::Version) -> VersionOut {
    VersionOut {
        document: None,
        version_id: version.id,
        is_default_version: version.is_default,
        create_date: version.created_at,
    }
}

fn listed(policy: &ManagedPolicy, version: &PolicyVersion) -> VersionOut {
    VersionOut {
        document: None,
        version_id: version.id.clone(),
        is_default_version: policy.default_version == version.id,
        create_date: Some(version.created_at),
    }
}

/// `v12` is 12.
fn number(version: &str) -> u32 {
    version.trim_start_matches('v').parse().unwrap_or_default()
}

fn to_create(cx: &Cx, world: &World, input: &CreatePolicyVersion) -> Vec<Check> {
    vec![check(cx, world, &input.policy_arn)]
}

fn on_version(cx: &Cx, world: &World, input: &OneOf) -> Vec<Check> {
    vec![check(cx, world, &input.policy_arn)]
}

fn to_list(cx: &Cx, world: &World, input: &ListPolicyVersions) -> Vec<Check> {
    vec![check(cx, world, &input.policy_arn)]
}
