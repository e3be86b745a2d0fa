//! Login profiles: the passwords of users, set by an administrator or by the user itself.
//!
//! What a password must be like and how it is kept is in [`crate::password`]; signing in with one is not part of the API. A root user's profile
//! is spoken of by sessions of AssumeRoot only. <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords.html>

use std::any::Any;
use std::sync::Arc;

use service::operation::Preparation;
use service::prelude::*;

use crate::entity::{exists, missing};
use crate::owner::{self, Owner, name_users};
use crate::password::{self, Secret, Trial};
use crate::record::{LoginProfile, Password};
use crate::{entity, password_policy, sign_in_session, user};

service::operations! { Iam;
    CreateLoginProfile => write(create) authorize(user::named_or_self) check(precheck_create) prepare(prepare_create),
    GetLoginProfile => read(get) authorize(user::named_or_self) check(must_name),
    UpdateLoginProfile => write(update) authorize(to_update) prepare(prepare_update),
    DeleteLoginProfile => write(delete) authorize(user::named_or_self) check(must_name),
    ChangePassword => write(change) authorize(to_change) check(must_be_user) prepare(prepare_change),
}

#[derive(Debug, Deserialize, Shaped)]
struct CreateLoginProfile {
    user_name: Option<String>,
    password: Option<Secret>,
    #[serde(default)]
    password_reset_required: bool,
    max_signin_session_duration: Option<i64>,
}

#[derive(Debug, Deserialize, Shaped)]
struct GetLoginProfile {
    user_name: Option<String>,
}

#[derive(Debug, Deserialize, Shaped)]
struct UpdateLoginProfile {
    user_name: String,
    password: Option<Secret>,
    password_reset_required: Option<bool>,
    max_signin_session_duration: Option<i64>,
    reset_max_signin_session_duration: Option<bool>,
}

#[derive(Debug, Deserialize, Shaped)]
struct DeleteLoginProfile {
    user_name: Option<String>,
}

#[derive(Debug, Deserialize, Shaped)]
struct ChangePassword {
    old_password: Secret,
    new_password: Secret,
}

#[derive(Debug, Serialize, Shaped)]
struct ProfileOut {
    login_profile: Shown,
}

#[derive(Debug, Serialize, Shaped)]
struct Shown {
    user_name: Option<String>,
    create_date: Timestamp,
    password_reset_required: bool,
    max_signin_session_duration: Option<i64>,
}

name_users!(CreateLoginProfile, GetLoginProfile, DeleteLoginProfile);

/// The login profile of that user, or (`None`) of root.
pub fn of<'w>(world: &'w World, account: AccountId, user_id: Option<&str>) -> Option<&'w Arc<LoginProfile>> {
    world.get::<LoginProfile>(&[account.as_str(), LoginProfile::holder(user_id)])
}

/// Root's own credentials do not do: only a session of AssumeRoot may leave out the name and mean root.
fn must_name(cx: &Cx, world: &World, input: &impl user::NamesUser) -> Result<(), ApiError> {
    if cx.caller.is_root() && input.user_name().is_none() && !owner::is_assumed_root(&cx.caller) {
        return Err(user::must_be_named());
    }
    user::must_name(cx, world, input)
}

/// A password is required, but for a root user's profile, where it must be left out: its owner sets one by recovery.
fn precheck_create(cx: &Cx, world: &World, input: &CreateLoginProfile) -> Result<(), ApiError> {
    must_name(cx, world, input)?;
    let of_root = cx.caller.is_root() && input.user_name.is_none();
    match (of_root, &input.password) {
        (false, None) => Err(ApiError::validation(
            "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null",
        )),
        // The rule is the model's; no recording of the text is known.
        (true, Some(_)) => Err(ApiError::validation("Password must not be specified for the root user")),
        // That it is not supported is documented, AWS's words are not.
        (true, None) if input.max_signin_session_duration.is_some() => {
            let text = "MaxSigninSessionDuration is not supported for the root user.";
            Err(ApiError::new("InvalidInput", text))
        }
        _ => Ok(()),
    }
}

/// Root and sessions have no password that could be changed here.
fn must_be_user(cx: &Cx, _: &World, _: &ChangePassword) -> Result<(), ApiError> {
    match cx.caller.user_name() {
        Some(_) => Ok(()),
        None => Err(ApiError::new("InvalidUserType", "Only IAM Users can change their own password")),
    }
}

fn to_update(cx: &Cx, world: &World, input: &UpdateLoginProfile) -> Vec<Check> {
    vec![entity::check_user(cx, world, &input.user_name)]
}

/// On the caller itself; the account may allow it to all its users.
fn to_change(cx: &Cx, world: &World, _: &ChangePassword) -> Vec<Check> {
    let check = match cx.caller.user_name() {
        Some(name) => entity::shown_by_arn(entity::check_user(cx, world, name)),
        None => Check::on(cx.caller.principal_arn()),
    };
    vec![password_policy::allowing_users(cx, world, check)]
}

/// What can be refused before anything is hashed.
fn check_create(cx: &Cx, world: &World, input: &CreateLoginProfile) -> Result<Owner, ApiError> {
    let owner = Owner::of(cx, world, input.user_name.as_deref())?;
    if of(world, cx.account(), owner.user_id()).is_some() {
        let whom = owner.name().map_or_else(|| format!("account {}", cx.account()), |name| format!("user {name}"));
        return Err(exists(format!("Login Profile for {whom} already exists.")));
    }
    if let Some(password) = &input.password {
        password::check(password_policy::of(world, cx.account()), password)?;
    }
    Ok(owner)
}

fn prepare_create(cx: &Cx, world: &World, input: &CreateLoginProfile) -> Option<Preparation> {
    check_create(cx, world, input).ok()?;
    let password = input.password.clone()?;
    Some(Box::new(move |random| Arc::new(Password::first(&password, random)) as Arc<dyn Any + Send + Sync>))
}

fn create(cx: &Cx, tx: &mut Tx, input: &CreateLoginProfile) -> Result<ProfileOut, ApiError> {
    let owner = check_create(cx, tx, input)?;
    let password = input.password.as_ref().map(|password| {
        cx.prepared::<Password>().cloned().unwrap_or_else(|| Password::first(password, cx.ids.bytes()))
    });
    let profile = LoginProfile {
        account: cx.account(),
        user_id: owner.user_id().map(str::to_owned),
        created_at: cx.now_seconds(),
        changed_at: cx.now_seconds(),
        reset_required: input.password_reset_required,
        max_signin_session_duration: input.max_signin_session_duration,
        password,
    };
    let out = ProfileOut { login_profile: shown(&owner, &profile) };
    tx.put(profile);
    Ok(out)
}

fn shown(owner: &Owner, profile: &LoginProfile) -> Shown {
    Shown {
        user_name: owner.name(),
        create_date: profile.created_at,
        password_reset_required: profile.reset_required,
        max_signin_session_duration: profile.max_signin_session_duration,
    }
}

/// The profile of the owner; `NoSuchEntity` if there is none. A root user has no name there (recorded in September 2026).
fn find(cx: &Cx, world: &World, owner: &Owner) -> Result<Arc<LoginProfile>, ApiError> {
    of(world, cx.account(), owner.user_id()).cloned().ok_or_else(|| {
        let whom = owner.name().unwrap_or_else(|| "null".into());
        missing(format!("Login Profile for User {whom} cannot be found."))
    })
}

fn get(cx: &Cx, world: &World, input: &GetLoginProfile) -> Result<ProfileOut, ApiError> {
    let owner = Owner::of(cx, world, input.user_name.as_deref())?;
    let profile = find(cx, world, &owner)?;
    Ok(ProfileOut { login_profile: shown(&owner, &profile) })
}

fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteLoginProfile) -> Result<Done, ApiError> {
    let owner = Owner::of(cx, tx, input.user_name.as_deref())?;
    find(cx, tx, &owner)?;
    tx.remove::<LoginProfile>(&[cx.account().as_str(), LoginProfile::holder(owner.user_id())]);
    Ok(Done {})
}

/// The profile whose password a request wants to set, and that password's form admitted.
fn check_new(
    cx: &Cx,
    world: &World,
    name: &str,
    new: Option<&Secret>,
) -> Result<(Arc<LoginProfile>, Option<Password>), ApiError> {
    let owner = Owner::User(entity::user(cx, world, name)?);
    let profile = find(cx, world, &owner)?;
    if let Some(new) = new {
        password::check(password_policy::of(world, cx.account()), new)?;
    }
    let held = profile.password.clone();
    Ok((profile, held))
}

fn prepared_trial(held: Password, old: Option<Secret>, new: Secret) -> Preparation {
    Box::new(move |_| Arc::new(Trial::of(&held, old.as_ref(), &new)) as Arc<dyn Any + Send + Sync>)
}

fn prepare_update(cx: &Cx, world: &World, input: &UpdateLoginProfile) -> Option<Preparation> {
    let (_, held) = check_new(cx, world, &input.user_name, input.password.as_ref()).ok()?;
    Some(prepared_trial(held?, None, input.password.clone()?))
}

/// An administrator sets the password without showing the old one.
fn update(cx: &Cx, tx: &mut Tx, input: &UpdateLoginProfile) -> Result<Done, ApiError> {
    let (profile, held) = check_new(cx, tx, &input.user_name, input.password.as_ref())?;
    let mut profile = LoginProfile::clone(&profile);
    if let (Some(new), Some(held)) = (&input.password, held) {
        let trial = Trial::prepared(cx, &held, None, new);
        set(cx, tx, &mut profile, &held, trial.new)?;
    }
    profile.reset_required = input.password_reset_required.unwrap_or(profile.reset_required);
    let resets = input.reset_max_signin_session_duration.unwrap_or_default();
    profile.max_signin_session_duration =
        sign_in_session::updated(profile.max_signin_session_duration, input.max_signin_session_duration, resets)?;
    tx.put(profile);
    Ok(Done {})
}

fn prepare_change(cx: &Cx, world: &World, input: &ChangePassword) -> Option<Preparation> {
    let (_, held) = check_new(cx, world, cx.caller.user_name()?, Some(&input.new_password)).ok()?;
    Some(prepared_trial(held?, Some(input.old_password.clone()), input.new_password.clone()))
}

fn change(cx: &Cx, tx: &mut Tx, input: &ChangePassword) -> Result<Done, ApiError> {
    let name = cx.caller.user_name().unwrap_or_default();
    let (profile, held) = check_new(cx, tx, name, Some(&input.new_password))?;
    let held = held.ok_or_else(|| ApiError::internal("a user's login profile has no password"))?;
    let trial = Trial::prepared(cx, &held, Some(&input.old_password), &input.new_password);
    if !trial.old.is_some_and(|old| password::same_hash(&old, &held.hash)) {
        return Err(ApiError::new("AccessDenied", "The old password was incorrect."));
    }
    let mut profile = LoginProfile::clone(&profile);
    set(cx, tx, &mut profile, &held, trial.new)?;
    profile.reset_required = false;
    tx.put(profile);
    Ok(Done {})
}

/// Puts a password in force that was not used lately.
fn set(cx: &Cx, world: &World, profile: &mut LoginProfile, held: &Password, hash: String) -> Result<(), ApiError> {
    password::check_reuse(password_policy::of(world, cx.account()), held, &hash)?;
    profile.password = Some(held.replaced(hash));
    profile.changed_at = cx.now_seconds();
    Ok(())
}

#[cfg(test)]
mod tests;
