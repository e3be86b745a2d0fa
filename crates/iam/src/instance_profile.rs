//! Instance profiles: the containers through which an instance gets a role, and iam:PassRole, which guards every way of handing a role to a
//! service.
//!
//! A profile holds one role at most, by its unique id. Which instance has which profile is EC2's business. Start reading at [`create`].

use std::sync::Arc;

use service::arn::Arn;
use service::check::Why;
use service::paging;
use service::prelude::*;

use crate::entity::{self, exists, missing};
use crate::record::{InstanceProfile, Role};
use crate::role::{self, RoleOut};
use crate::{quota, tagging};

pub use crate::entity::{find_profile as by_name, profile_arn as arn};

service::operations! { Iam;
    CreateInstanceProfile => write(create) authorize(to_create),
    GetInstanceProfile => read(get) authorize(on_profile),
    ListInstanceProfiles => read(list) authorize(to_list) scan(),
    ListInstanceProfilesForRole => read(list_for_role) authorize(to_list_for_role),
    DeleteInstanceProfile => write(delete) authorize(on_profile),
    AddRoleToInstanceProfile => write(add_role) authorize(to_add_role),
    RemoveRoleFromInstanceProfile => write(remove_role) authorize(to_remove_role),
}

/// CreateInstanceProfile's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct CreateInstanceProfile {
    instance_profile_name: String,
    path: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// A profile's name.
#[derive(Debug, Deserialize, Shaped)]
pub struct Named {
    instance_profile_name: String,
}

/// A profile and a role.
#[derive(Debug, Deserialize, Shaped)]
pub struct WithRole {
    instance_profile_name: String,
    role_name: String,
}

/// ListInstanceProfiles' input.
#[derive(Debug, Deserialize, Shaped)]
pub struct ListInstanceProfiles {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

/// ListInstanceProfilesForRole's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct ListInstanceProfilesForRole {
    role_name: String,
    marker: Option<String>,
    max_items: Option<i64>,
}

/// An instance profile with its role.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct InstanceProfileOut {
    path: String,
    instance_profile_name: String,
    instance_profile_id: String,
    arn: String,
    create_date: Timestamp,
    roles: Vec<RoleOut>,
    tags: Option<Vec<Tag>>,
}

/// One instance profile.
#[derive(Debug, Serialize, Shaped)]
pub struct OneProfile {
    instance_profile: InstanceProfileOut,
}

/// A page of instance profiles.
#[derive(Debug, Serialize, Shaped)]
pub struct Profiles {
    instance_profiles: Vec<InstanceProfileOut>,
    is_truncated: bool,
    marker: Option<String>,
}

/// The profile with that unique id (`AIPA…`).
pub fn by_id(world: &World, account: AccountId, id: &str) -> Option<Arc<InstanceProfile>> {
    world.get::<InstanceProfile>(&[account.as_str(), id]).cloned()
}

/// The profile with exactly that ARN, path included.
pub fn by_arn(world: &World, text: &str) -> Option<Arc<InstanceProfile>> {
    let parts = Arn::parse(text).filter(|parts| parts.service == "iam")?;
    let profile = by_name(world, parts.account.parse().ok()?, service::arn::last_name(parts.resource))?;
    (arn(parts.partition, &profile) == text).then_some(profile)
}

/// The role in the profile, if there is one.
pub fn role_in(world: &World, profile: &InstanceProfile) -> Option<Arc<Role>> {
    world.get::<Role>(&[profile.account.as_str(), profile.role_id.as_deref()?]).cloned()
}

/// The check that the caller may hand this role to a service (`ec2`), for the resource that gets it.
///
/// The role's tags take no part: AWS says that conditions on them do not work reliably here. See
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>.
pub fn pass_role_check(cx: &Cx, role: &Role, service: &str, associated_resource: &str) -> Check {
    passing(cx, Check::on(entity::role_arn(cx.partition(), role)), service, associated_resource)
}

fn passing(cx: &Cx, on_role: Check, service: &str, associated_resource: &str) -> Check {
    Check { action: "iam:PassRole".to_owned(), why: Why::Dependent, tags: Default::default(), ..on_role }
        .key("iam:PassedToService", cx.service_principal(service))
        .key("iam:AssociatedResourceArn", associated_resource)
}

fn create(cx: &Cx, tx: &mut Tx, input: &CreateInstanceProfile) -> Result<OneProfile, ApiError> {
    let account = cx.account();
    let tags = tagging::tags_for_create::<InstanceProfile>(&input.tags)?;
    if by_name(tx, account, &input.instance_profile_name).is_some() {
        return Err(exists(format!("Instance Profile {} already exists.", input.instance_profile_name)));
    }
    quota::INSTANCE_PROFILES.check(cx, || tx.count::<InstanceProfile>(&[account.as_str()]))?;
    let profile = InstanceProfile {
        account,
        id: cx.ids.unique("AIPA", account),
        name: input.instance_profile_name.clone(),
        path: entity::path(input.path.as_ref()),
        created_at: cx.now_seconds(),
        role_id: None,
        tags,
    };
    let tags = (!profile.tags.is_empty()).then(|| profile.tags.clone());
    let answer = OneProfile { instance_profile: InstanceProfileOut { tags, ..listed(cx, tx, &profile) } };
    tx.put(profile);
    Ok(answer)
}

fn get(cx: &Cx, world: &World, input: &Named) -> Result<OneProfile, ApiError> {
    let profile = entity::profile(cx, world, &input.instance_profile_name)?;
    // Here, unlike for roles, AWS shows the element for no tags, too.
    let tags = Some(profile.tags.clone());
    Ok(OneProfile { instance_profile: InstanceProfileOut { tags, ..listed(cx, world, &profile) } })
}

fn list(cx: &Cx, world: &World, input: &ListInstanceProfiles) -> Result<Profiles, ApiError> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let account = cx.account();
    let profiles = world.scan::<InstanceProfile>(&[account.as_str()]).filter(|it| it.path.starts_with(prefix));
    let scope = format!("instance profiles of {account} under {prefix}");
    page(cx, world, &scope, input.marker.as_deref(), input.max_items, profiles.collect())
}

fn list_for_role(cx: &Cx, world: &World, input: &ListInstanceProfilesForRole) -> Result<Profiles, ApiError> {
    let role = entity::role(cx, world, &input.role_name)?;
    let profiles = world.by::<InstanceProfile>(InstanceProfile::BY_ROLE, &[role.account.as_str(), &role.id]);
    let scope = format!("instance profiles of {} for {}", role.account, role.id);
    page(cx, world, &scope, input.marker.as_deref(), input.max_items, profiles.collect())
}

fn page(
    cx: &Cx,
    world: &World,
    scope: &str,
    marker: Option<&str>,
    max_items: Option<i64>,
    mut profiles: Vec<&Arc<InstanceProfile>>,
) -> Result<Profiles, ApiError> {
    profiles.sort_by(|a, b| a.name.cmp(&b.name));
    let page = paging::iam(scope, marker, max_items, profiles, |profile| profile.name.clone())?;
    let instance_profiles = page.items.iter().map(|profile| listed(cx, world, profile)).collect();
    Ok(Profiles { instance_profiles, is_truncated: page.next.is_some(), marker: page.next })
}

/// As in lists: with its role, without tags.
pub(crate) fn listed(cx: &Cx, world: &World, profile: &InstanceProfile) -> InstanceProfileOut {
    InstanceProfileOut {
        path: profile.path.clone(),
        instance_profile_name: profile.name.clone(),
        instance_profile_id: profile.id.clone(),
        arn: arn(cx.partition(), profile),
        create_date: profile.created_at,
        roles: role_in(world, profile).iter().map(|held| role::embedded(cx, world, held)).collect(),
        tags: None,
    }
}

fn delete(cx: &Cx, tx: &mut Tx, input: &Named) -> Result<Done, ApiError> {
    let profile = entity::profile(cx, tx, &input.instance_profile_name)?;
    entity::none_in_the_way(&[(profile.role_id.is_some(), "must remove roles from instance profile first")])?;
    tx.remove::<InstanceProfile>(&[profile.account.as_str(), &profile.id]);
    Ok(Done {})
}

/// The same role a second time is one too many as well.
fn add_role(cx: &Cx, tx: &mut Tx, input: &WithRole) -> Result<Done, ApiError> {
    let profile = entity::profile(cx, tx, &input.instance_profile_name)?;
    let role = role::modifiable(cx, tx, &input.role_name)?;
    quota::ROLES_PER_PROFILE.check(cx, || profile.role_id.iter().count())?;
    tx.put(InstanceProfile { role_id: Some(role.id.clone()), ..InstanceProfile::clone(&profile) });
    Ok(Done {})
}

fn remove_role(cx: &Cx, tx: &mut Tx, input: &WithRole) -> Result<Done, ApiError> {
    let profile = entity::profile(cx, tx, &input.instance_profile_name)?;
    let role = role::modifiable(cx, tx, &input.role_name)?;
    if profile.role_id.as_ref() != Some(&role.id) {
        // The code is documented; of the text no recording is known.
        let text = format!("Role {} in Instance Profile {} cannot be found.", role.name, profile.name);
        return Err(missing(text));
    }
    tx.put(InstanceProfile { role_id: None, ..InstanceProfile::clone(&profile) });
    Ok(Done {})
}

fn to_create(cx: &Cx, _: &World, input: &CreateInstanceProfile) -> Vec<Check> {
    let check =
        entity::check_new(cx, "instance-profile", input.path.as_deref(), &input.instance_profile_name, &input.tags);
    entity::and_tags(check, "iam:TagInstanceProfile", &input.tags)
}

fn on_profile(cx: &Cx, world: &World, input: &Named) -> Vec<Check> {
    vec![entity::check_profile(cx, world, &input.instance_profile_name)]
}

fn to_list(cx: &Cx, _: &World, input: &ListInstanceProfiles) -> Vec<Check> {
    vec![entity::check_list(cx, "instance-profile", input.path_prefix.as_deref())]
}

fn to_list_for_role(cx: &Cx, world: &World, input: &ListInstanceProfilesForRole) -> Vec<Check> {
    vec![entity::check_role(cx, world, &input.role_name)]
}

/// The role is passed to EC2, for any instance of the account in any region.
fn to_add_role(cx: &Cx, world: &World, input: &WithRole) -> Vec<Check> {
    let instances = service::arn::ec2(cx.partition(), "*", cx.account().as_str(), "instance", "*");
    vec![
        entity::check_profile(cx, world, &input.instance_profile_name),
        passing(cx, entity::shown_by_arn(entity::check_role(cx, world, &input.role_name)), "ec2", &instances),
    ]
}

fn to_remove_role(cx: &Cx, world: &World, input: &WithRole) -> Vec<Check> {
    vec![entity::check_profile(cx, world, &input.instance_profile_name)]
}

#[cfg(test)]
mod tests;
