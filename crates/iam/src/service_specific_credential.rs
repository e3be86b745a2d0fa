//! Service-specific credentials: a user name and password, or an API key, that IAM makes for one service.
//!
//! Which services there are, and which kind each takes, is one table ([`SERVICES`]). Passwords and keys are told once; a digest is kept.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html>

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use ring::digest;
use service::paging;
use service::prelude::*;

use crate::entity::{self, missing};
use crate::owner::name_users;
use crate::record::{KeyStatus, ServiceSpecificCredential, User};
use crate::{quota, user};

service::operations! { Iam;
    CreateServiceSpecificCredential => write(create) authorize(to_create),
    ListServiceSpecificCredentials => read(list) authorize(to_list) check(precheck_list),
    UpdateServiceSpecificCredential => write(update) authorize(on_credential) check(must_name),
    ResetServiceSpecificCredential => write(reset) authorize(on_credential) check(must_name),
    DeleteServiceSpecificCredential => write(delete) authorize(on_credential) check(must_name),
}

/// What a service takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A user name and a password.
    Password,
    /// A key that begins so.
    ApiKey(&'static str),
}

/// The services that have credentials of their own.
const SERVICES: [(&str, Kind); 6] = [
    ("aws-external-anthropic.amazonaws.com", Kind::ApiKey("AEAA")),
    ("bedrock.amazonaws.com", Kind::ApiKey("ABSK")),
    ("cassandra.amazonaws.com", Kind::Password),
    ("cloudwatch.amazonaws.com", Kind::ApiKey("APIAACWM")),
    ("codecommit.amazonaws.com", Kind::Password),
    ("logs.amazonaws.com", Kind::ApiKey("ACWL")),
];

#[derive(Debug, Deserialize, Shaped)]
struct CreateServiceSpecificCredential {
    user_name: String,
    service_name: String,
    credential_age_days: Option<i64>,
}

#[derive(Debug, Deserialize, Shaped)]
struct ListServiceSpecificCredentials {
    user_name: Option<String>,
    service_name: Option<String>,
    #[serde(default)]
    all_users: bool,
    marker: Option<String>,
    max_items: Option<i64>,
}

#[derive(Debug, Deserialize, Shaped)]
struct UpdateServiceSpecificCredential {
    user_name: Option<String>,
    service_specific_credential_id: String,
    status: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct OneCredential {
    user_name: Option<String>,
    service_specific_credential_id: String,
}

name_users!(ListServiceSpecificCredentials, UpdateServiceSpecificCredential, OneCredential);

/// Inputs that name a credential.
trait NamesCredential: user::NamesUser {
    fn credential_id(&self) -> &str;
}

impl NamesCredential for UpdateServiceSpecificCredential {
    fn credential_id(&self) -> &str {
        &self.service_specific_credential_id
    }
}

impl NamesCredential for OneCredential {
    fn credential_id(&self) -> &str {
        &self.service_specific_credential_id
    }
}

#[derive(Debug, Serialize, Shaped)]
struct Made {
    service_specific_credential: WithSecret,
}

/// The one time a password or key is told.
#[derive(Serialize, Shaped)]
struct WithSecret {
    create_date: Timestamp,
    expiration_date: Option<Timestamp>,
    service_name: String,
    service_user_name: Option<String>,
    service_password: Option<String>,
    service_credential_alias: Option<String>,
    service_credential_secret: Option<String>,
    service_specific_credential_id: String,
    user_name: String,
    status: &'static str,
}

impl std::fmt::Debug for WithSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WithSecret").field("id", &self.service_specific_credential_id).finish_non_exhaustive()
    }
}

#[derive(Debug, Serialize, Shaped)]
struct Listed {
    service_specific_credentials: Vec<Metadata>,
    marker: Option<String>,
    is_truncated: bool,
}

#[derive(Debug, Serialize, Shaped)]
struct Metadata {
    user_name: String,
    status: &'static str,
    service_user_name: Option<String>,
    service_credential_alias: Option<String>,
    create_date: Timestamp,
    expiration_date: Option<Timestamp>,
    service_specific_credential_id: String,
    service_name: String,
}

/// The credentials of that user.
pub fn of<'w>(world: &'w World, user: &User) -> impl Iterator<Item = &'w Arc<ServiceSpecificCredential>> + use<'w> {
    world.by::<ServiceSpecificCredential>(ServiceSpecificCredential::BY_USER, &[user.account.as_str(), &user.id])
}

/// What the service takes. AWS answers so also for a service that exists but takes none (seen on AWS for Lambda).
fn kind_of(service: &str) -> Result<Kind, ApiError> {
    SERVICES
        .iter()
        .find(|(name, _)| *name == service)
        .map(|(_, kind)| *kind)
        .ok_or_else(|| missing(format!("No such service {service} is supported for Service Specific Credentials")))
}

fn to_create(cx: &Cx, world: &World, input: &CreateServiceSpecificCredential) -> Vec<Check> {
    let days = input.credential_age_days.map(|days| days.to_string());
    vec![
        entity::check_user(cx, world, &input.user_name)
            .key("iam:ServiceSpecificCredentialServiceName", input.service_name.to_lowercase())
            .key_if("iam:ServiceSpecificCredentialAgeDays", days),
    ]
}

fn to_list(cx: &Cx, world: &World, input: &ListServiceSpecificCredentials) -> Vec<Check> {
    if input.all_users {
        return vec![Check::on(service::arn::iam(cx.partition(), cx.account(), "user", "/", "*"))];
    }
    user::named_or_self(cx, world, input)
}

/// On the user; policies may ask for the service, which the credential knows.
fn on_credential(cx: &Cx, world: &World, input: &impl NamesCredential) -> Vec<Check> {
    let held = world.get::<ServiceSpecificCredential>(&[cx.account().as_str(), input.credential_id()]);
    let service = held.map(|held| held.service.as_str());
    let checks = user::named_or_self(cx, world, input).into_iter();
    checks.map(|check| check.key_if("iam:ServiceSpecificCredentialServiceName", service)).collect()
}

/// Root has no such credentials: it must name a user like anybody who is none.
fn must_name(cx: &Cx, _: &World, input: &impl user::NamesUser) -> Result<(), ApiError> {
    user::named(cx, input.user_name()).map(|_| ())
}

fn precheck_list(cx: &Cx, world: &World, input: &ListServiceSpecificCredentials) -> Result<(), ApiError> {
    match (input.all_users, &input.user_name) {
        // The rule is the model's; no recording of the text is known.
        (true, Some(_)) => Err(ApiError::validation("AllUsers cannot be specified together with UserName")),
        (true, None) => Ok(()),
        (false, _) => must_name(cx, world, input),
    }
}

/// The name within the service: the user's and the account's, and a number for the second. A name stays when its user gets another, so another
/// user may find its own taken.
fn free_name(world: &World, user: &User, service: &str) -> String {
    let account = user.account.as_str();
    let all = world.scan::<ServiceSpecificCredential>(&[account]).filter(|held| held.service == service);
    let taken: BTreeSet<&str> = all.map(|held| held.name.as_str()).collect();
    let mut name = format!("{}-at-{account}", user.name);
    let mut number = 0;
    // As many names as are taken and one more: one of them is free.
    while taken.contains(name.as_str()) {
        number += 1;
        name = format!("{}+{number}-at-{account}", user.name);
    }
    name
}

/// A fresh password, or a key that holds its alias, as AWS's do.
fn draw(cx: &Cx, kind: Kind, name: &str) -> String {
    let random = [cx.ids.bytes(), cx.ids.bytes()].concat();
    let password = STANDARD.encode(random.get(..44).unwrap_or(&random));
    match kind {
        Kind::Password => password,
        Kind::ApiKey(prefix) => format!("{prefix}{}", STANDARD.encode(format!("{name}:{password}"))),
    }
}

fn digest_of(secret: &str) -> String {
    let mut text = String::new();
    for byte in digest::digest(&digest::SHA256, secret.as_bytes()).as_ref() {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn create(cx: &Cx, tx: &mut Tx, input: &CreateServiceSpecificCredential) -> Result<Made, ApiError> {
    let user = entity::user(cx, tx, &input.user_name)?;
    // In whatever case it is asked for.
    let service = input.service_name.to_lowercase();
    let kind = kind_of(&service)?;
    let held = of(tx, &user).filter(|held| held.service == service).count();
    quota::CREDENTIALS_PER_SERVICE.check(cx, || held)?;
    let name = free_name(tx, &user, &service);
    let secret = draw(cx, kind, &name);
    let life = input.credential_age_days.map(|days| SignedDuration::from_hours(24 * days));
    let credential = ServiceSpecificCredential {
        account: cx.account(),
        id: cx.ids.unique("ACCA", cx.account()),
        user_id: user.id.clone(),
        service,
        name,
        digest: digest_of(&secret),
        status: KeyStatus::Active,
        created_at: cx.now_seconds(),
        expires_at: life.and_then(|life| cx.now_seconds().checked_add(life).ok()),
    };
    let out = told(cx, &user, &credential, kind, secret);
    tx.put(credential);
    Ok(out)
}

fn told(cx: &Cx, user: &User, credential: &ServiceSpecificCredential, kind: Kind, secret: String) -> Made {
    let Metadata { user_name, status, service_user_name, service_credential_alias, .. } =
        metadata(cx, &user.name, credential);
    let is_password = kind == Kind::Password;
    Made {
        service_specific_credential: WithSecret {
            create_date: credential.created_at,
            expiration_date: credential.expires_at,
            service_name: credential.service.clone(),
            service_user_name,
            service_password: is_password.then(|| secret.clone()),
            service_credential_alias,
            service_credential_secret: (!is_password).then_some(secret),
            service_specific_credential_id: credential.id.clone(),
            user_name,
            status,
        },
    }
}

fn metadata(cx: &Cx, user_name: &str, credential: &ServiceSpecificCredential) -> Metadata {
    let expired = credential.expires_at.is_some_and(|at| at <= cx.now);
    let is_password = matches!(kind_of(&credential.service), Ok(Kind::Password));
    Metadata {
        user_name: user_name.to_owned(),
        status: if expired { "Expired" } else { credential.status.word() },
        service_user_name: is_password.then(|| credential.name.clone()),
        service_credential_alias: (!is_password).then(|| credential.name.clone()),
        create_date: credential.created_at,
        expiration_date: credential.expires_at,
        service_specific_credential_id: credential.id.clone(),
        service_name: credential.service.clone(),
    }
}

fn list(cx: &Cx, world: &World, input: &ListServiceSpecificCredentials) -> Result<Listed, ApiError> {
    let account = cx.account();
    // None, when the text is empty.
    let service = input.service_name.as_deref().filter(|service| !service.is_empty());
    let whose = match input.all_users {
        true => None,
        false => Some(entity::user(cx, world, user::named(cx, input.user_name.as_deref())?)?),
    };
    if let Some(service) = service {
        if !service.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-".contains(letter)) {
            return Err(ApiError::validation("ServiceName must match [a-zA-Z0-9.-]*"));
        }
        kind_of(service)?;
    }
    let user_id = whose.as_ref().map_or("", |user| &user.id);
    let by_age = |it: &&Arc<ServiceSpecificCredential>| format!("{} {}", it.created_at, it.id);
    let mut found: Vec<_> = world
        .scan::<ServiceSpecificCredential>(&[account.as_str()])
        .filter(|it| input.all_users || it.user_id == user_id)
        .filter(|it| service.is_none_or(|service| it.service == service))
        .collect();
    found.sort_by_cached_key(by_age);
    let scope = format!("service specific credentials of {account} {user_id} for {}", service.unwrap_or_default());
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, found, by_age)?;
    let shown = |it: &Arc<ServiceSpecificCredential>| {
        let user = world.get::<User>(&[account.as_str(), &it.user_id])?;
        Some(metadata(cx, &user.name, it))
    };
    Ok(Listed {
        is_truncated: page.is_truncated(),
        marker: page.next.clone(),
        service_specific_credentials: page.items.into_iter().filter_map(shown).collect(),
    })
}

/// The credential of that id among the user's.
fn find(
    cx: &Cx,
    world: &World,
    input: &impl NamesCredential,
) -> Result<(Arc<User>, ServiceSpecificCredential), ApiError> {
    let user = entity::user(cx, world, user::named(cx, input.user_name())?)?;
    let id = input.credential_id();
    let found = world.get::<ServiceSpecificCredential>(&[cx.account().as_str(), id]);
    let credential = found.ok_or_else(|| missing(format!("No such credential {id} exists")))?;
    if credential.user_id != user.id {
        let text = format!("User {} does not have a service specific credential with id {id}", user.name);
        return Err(ApiError::validation(text));
    }
    let credential = ServiceSpecificCredential::clone(credential);
    Ok((user, credential))
}

fn update(cx: &Cx, tx: &mut Tx, input: &UpdateServiceSpecificCredential) -> Result<Done, ApiError> {
    let (_, credential) = find(cx, tx, input)?;
    let status = KeyStatus::to_set(&input.status)?;
    tx.put(ServiceSpecificCredential { status, ..credential });
    Ok(Done {})
}

/// The old password is worth nothing from now on.
fn reset(cx: &Cx, tx: &mut Tx, input: &OneCredential) -> Result<Made, ApiError> {
    let (user, mut credential) = find(cx, tx, input)?;
    let kind = kind_of(&credential.service)?;
    let secret = draw(cx, kind, &credential.name);
    credential.digest = digest_of(&secret);
    let out = told(cx, &user, &credential, kind, secret);
    tx.put(credential);
    Ok(out)
}

fn delete(cx: &Cx, tx: &mut Tx, input: &OneCredential) -> Result<Done, ApiError> {
    let (_, credential) = find(cx, tx, input)?;
    tx.remove::<ServiceSpecificCredential>(&[credential.account.as_str(), &credential.id]);
    Ok(Done {})
}

#[cfg(test)]
mod tests;
