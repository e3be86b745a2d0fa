//! OpenID Connect providers: the issuers whose tokens an account takes for AssumeRoleWithWebIdentity. Whether a token is genuine is the
//! business of STS; here stand the issuer's URL, its audiences and the thumbprints of its certificates.
//!
//! AWS fetches the thumbprint itself where none is given. Rolecall asks nobody while a provider is created: the list stays empty.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>. Start reading at [`create`].

use std::sync::Arc;

use service::prelude::*;

use crate::entity::{self, exists, missing};
use crate::propagation::{Change, ContextProvider, Propagation, REQUEST_ISSUERS};
use crate::record::OidcProvider;
use crate::{quota, tagging};

service::operations! { Iam;
    CreateOpenIDConnectProvider => write(create) authorize(to_create),
    GetOpenIDConnectProvider => read(get) authorize(on_provider),
    ListOpenIDConnectProviders => read(list) authorize(to_list),
    DeleteOpenIDConnectProvider => write(delete) authorize(on_provider),
    AddClientIDToOpenIDConnectProvider => write(add_client) authorize(to_change_clients),
    RemoveClientIDFromOpenIDConnectProvider => write(remove_client) authorize(to_change_clients),
    UpdateOpenIDConnectProvider => write(update) authorize(to_update),
    UpdateOpenIDConnectProviderThumbprint => write(update_thumbprints) authorize(to_update_thumbprints),
}

const MOST_THUMBPRINTS: usize = 5;

/// CreateOpenIDConnectProvider's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct CreateOpenIDConnectProvider {
    url: String,
    #[serde(default)]
    client_id_list: Vec<String>,
    #[serde(default)]
    thumbprint_list: Vec<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    context_provider: Option<ContextProvider>,
    identity_center_instance_arn: Option<String>,
}

impl CreateOpenIDConnectProvider {
    fn change(&self) -> Change<'_> {
        Change::setting(self.context_provider.as_ref(), self.identity_center_instance_arn.as_ref())
    }
}

/// UpdateOpenIDConnectProvider's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct UpdateOpenIDConnectProvider {
    open_id_connect_provider_arn: String,
    context_provider: Option<ContextProvider>,
    identity_center_instance_arn: Option<String>,
    #[serde(default)]
    remove_context_provider: bool,
    #[serde(default)]
    remove_identity_center_instance: bool,
}

impl UpdateOpenIDConnectProvider {
    fn change(&self) -> Change<'_> {
        Change::setting(self.context_provider.as_ref(), self.identity_center_instance_arn.as_ref())
            .removing(self.remove_context_provider, self.remove_identity_center_instance)
    }
}

/// A provider's ARN.
#[derive(Debug, Deserialize, Shaped)]
pub struct Named {
    open_id_connect_provider_arn: String,
}

/// A provider and an audience.
#[derive(Debug, Deserialize, Shaped)]
pub struct WithClient {
    open_id_connect_provider_arn: String,
    client_id: String,
}

/// UpdateOpenIDConnectProviderThumbprint's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct UpdateThumbprints {
    open_id_connect_provider_arn: String,
    #[serde(default)]
    thumbprint_list: Vec<String>,
}

/// ListOpenIDConnectProviders' input.
#[derive(Debug, Deserialize, Shaped)]
pub struct ListProviders {}

/// The new provider.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    open_id_connect_provider_arn: String,
    tags: Option<Vec<Tag>>,
}

/// A provider as answers show it.
#[derive(Debug, Serialize, Shaped)]
pub struct ProviderOut {
    url: String,
    client_id_list: Vec<String>,
    thumbprint_list: Vec<String>,
    create_date: Timestamp,
    tags: Vec<Tag>,
    context_provider: Option<ContextProvider>,
    identity_center_instance_arn: Option<String>,
    identity_store_arn: Option<String>,
}

/// All providers of an account; AWS does not page them.
#[derive(Debug, Serialize, Shaped)]
pub struct Providers {
    open_id_connect_provider_list: Vec<Entry>,
}

/// A provider in the list.
#[derive(Debug, Serialize, Shaped)]
pub struct Entry {
    arn: String,
    is_trusted_identity_propagation_enabled: bool,
}

/// `arn:aws:iam::ACCOUNT:oidc-provider/server.example.com/path`.
pub fn arn(partition: &str, provider: &OidcProvider) -> String {
    arn_of(partition, provider.account, &provider.name)
}

fn arn_of(partition: &str, account: AccountId, name: &str) -> String {
    service::arn::iam(partition, account, "oidc-provider", "/", name)
}

/// The provider of an account whose tokens name that issuer.
pub fn by_issuer(world: &World, account: AccountId, issuer: &str) -> Option<Arc<OidcProvider>> {
    let found = world.get::<OidcProvider>(&[account.as_str(), without_scheme(issuer)])?;
    (found.url == issuer).then(|| found.clone())
}

/// An issuer as condition keys and ARNs name it.
pub fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

/// The provider a request names: NoSuchEntity if there is none, InvalidInput for the ARN of anything else.
pub fn find(cx: &Cx, world: &World, arn: &str) -> Result<Arc<OidcProvider>, ApiError> {
    let name = name_in(cx, arn)?;
    let found = world.get::<OidcProvider>(&[cx.account().as_str(), name]).cloned();
    found.ok_or_else(|| missing(format!("OpenIDConnect Provider not found for arn {arn}")))
}

fn name_in<'a>(cx: &Cx, arn: &'a str) -> Result<&'a str, ApiError> {
    entity::name_of_provider(cx, arn, "oidc-provider")
}

/// The check of an operation on the provider of that ARN.
pub fn check(cx: &Cx, world: &World, arn: &str) -> Check {
    match find(cx, world, arn) {
        Ok(provider) => Check::on(arn).tagged(&provider.tags),
        Err(_) => entity::check_absent_provider(cx, arn, "oidc-provider"),
    }
}

fn create(cx: &Cx, tx: &mut Tx, input: &CreateOpenIDConnectProvider) -> Result<Created, ApiError> {
    let account = cx.account();
    let url = without_usual_port(&input.url);
    check_url(&url)?;
    let thumbprints = thumbprints(&input.thumbprint_list)?;
    let mut client_ids: Vec<String> = Vec::new();
    for id in &input.client_id_list {
        add(cx, &mut client_ids, id)?;
    }
    let tags = tagging::tags_for_create::<OidcProvider>(&input.tags)?;
    let propagation = Propagation::new(cx, tx, input.change())?;
    let name = without_scheme(&url).to_owned();
    if tx.get::<OidcProvider>(&[account.as_str(), &name]).is_some() {
        return Err(exists(format!("Provider with url {} already exists.", input.url)));
    }
    quota::OIDC_PROVIDERS.check(cx, || tx.count::<OidcProvider>(&[account.as_str()]))?;
    let created_at = cx.now_seconds();
    let provider = OidcProvider { account, name, url, created_at, client_ids, thumbprints, propagation, tags };
    let answer =
        Created { open_id_connect_provider_arn: arn(cx.partition(), &provider), tags: tagging::shown(&provider.tags) };
    tx.put(provider);
    Ok(answer)
}

fn get(cx: &Cx, world: &World, input: &Named) -> Result<ProviderOut, ApiError> {
    let provider = find(cx, world, &input.open_id_connect_provider_arn)?;
    Ok(ProviderOut {
        url: provider.name.clone(),
        client_id_list: provider.client_ids.clone(),
        thumbprint_list: provider.thumbprints.clone(),
        create_date: provider.created_at,
        tags: tagging::sorted(&provider.tags),
        context_provider: provider.propagation.context_provider.clone(),
        identity_center_instance_arn: provider.propagation.instance_arn.clone(),
        identity_store_arn: provider.propagation.store_arn(cx.partition(), world),
    })
}

fn list(cx: &Cx, world: &World, _: &ListProviders) -> Result<Providers, ApiError> {
    let all = world.scan::<OidcProvider>(&[cx.account().as_str()]);
    let entry = |provider: &Arc<OidcProvider>| Entry {
        arn: arn(cx.partition(), provider),
        is_trusted_identity_propagation_enabled: provider.propagation.is_enabled(),
    };
    let open_id_connect_provider_list = all.map(entry).collect();
    Ok(Providers { open_id_connect_provider_list })
}

/// Roles that trust it keep their policies. The operation is documented to be idempotent; a second deletion was seen to fail, with words of its own.
fn delete(cx: &Cx, tx: &mut Tx, input: &Named) -> Result<Done, ApiError> {
    let arn = &input.open_id_connect_provider_arn;
    let account = cx.account();
    let key = [account.as_str(), name_in(cx, arn)?];
    if tx.get::<OidcProvider>(&key).is_none() {
        return Err(missing(format!("OpenId connect Provider {arn} cannot be found.")));
    }
    tx.remove::<OidcProvider>(&key);
    Ok(Done {})
}

/// One that is there already stays, without an error.
fn add_client(cx: &Cx, tx: &mut Tx, input: &WithClient) -> Result<Done, ApiError> {
    let mut provider = OidcProvider::clone(&*find(cx, tx, &input.open_id_connect_provider_arn)?);
    add(cx, &mut provider.client_ids, &input.client_id)?;
    tx.put(provider);
    Ok(Done {})
}

/// One that is not there is no error.
fn remove_client(cx: &Cx, tx: &mut Tx, input: &WithClient) -> Result<Done, ApiError> {
    let mut provider = OidcProvider::clone(&*find(cx, tx, &input.open_id_connect_provider_arn)?);
    provider.client_ids.retain(|id| *id != input.client_id);
    tx.put(provider);
    Ok(Done {})
}

/// One request changes the context provider or the association with IAM Identity Center.
fn update(cx: &Cx, tx: &mut Tx, input: &UpdateOpenIDConnectProvider) -> Result<Done, ApiError> {
    let provider = find(cx, tx, &input.open_id_connect_provider_arn)?;
    let change = input.change();
    match (change.of_context(), change.of_instance()) {
        (true, true) => {
            let text =
                "The context provider and the IAM Identity Center association cannot be changed in the same request.";
            return Err(invalid(text));
        }
        (false, false) => return Err(invalid("Unable to update identity provider. No updates are defined.")),
        _ => {}
    }
    let propagation = provider.propagation.changed(cx, tx, change)?;
    tx.put(OidcProvider { propagation, ..OidcProvider::clone(&provider) });
    Ok(Done {})
}

/// The new list takes the place of the old one.
fn update_thumbprints(cx: &Cx, tx: &mut Tx, input: &UpdateThumbprints) -> Result<Done, ApiError> {
    let provider = find(cx, tx, &input.open_id_connect_provider_arn)?;
    let thumbprints = thumbprints(&input.thumbprint_list)?;
    if thumbprints.is_empty() {
        return Err(invalid("Thumbprint list must contain at least one entry."));
    }
    tx.put(OidcProvider { thumbprints, ..OidcProvider::clone(&provider) });
    Ok(Done {})
}

fn add(cx: &Cx, held: &mut Vec<String>, id: &str) -> Result<(), ApiError> {
    if !held.iter().any(|earlier| earlier == id) {
        quota::CLIENT_IDS.check(cx, || held.len())?;
        held.push(id.to_owned());
    }
    Ok(())
}

/// The text says fewer than five, and five are taken, as on AWS. That they have forty characters is a constraint of the model; which ones
/// AWS does not look at.
fn thumbprints(given: &[String]) -> Result<Vec<String>, ApiError> {
    if given.len() > MOST_THUMBPRINTS {
        return Err(invalid("Thumbprint list must contain fewer than 5 entries."));
    }
    Ok(given.iter().map(|thumbprint| thumbprint.to_lowercase()).collect())
}

fn invalid(text: &str) -> ApiError {
    ApiError::new("InvalidInput", text)
}

/// The port that `https` has anyway is left out, as AWS leaves it out.
fn without_usual_port(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| *scheme == "https") else {
        return url.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    format!("{scheme}://{}{path}", authority.strip_suffix(":443").unwrap_or(authority))
}

/// A URL with `https://`, a host and perhaps a path. For a host of this machine, where a test's own issuer listens, `http://` and a port are
/// taken as well, which AWS does not.
fn check_url(url: &str) -> Result<(), ApiError> {
    const FAULT: &str = "Invalid Open ID Connect Provider URL";
    let Some((scheme, rest)) = url.split_once("://").filter(|(_, rest)| !rest.is_empty()) else {
        return Err(ApiError::validation(FAULT));
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => (host, Some(port)),
        _ => (authority, None),
    };
    let is_local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    if scheme != "https" && !(scheme == "http" && is_local) {
        return Err(invalid("Invalid Open ID Connect Provider URL. The URL must begin with https://."));
    }
    let in_path = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%/".contains(&byte);
    // AWS finds no words for these (September 2026).
    if rest.contains(['?', '#']) {
        return Err(invalid("Unknown"));
    }
    if (is_local || (port.is_none() && is_host(host))) && path.bytes().all(in_path) {
        return Ok(());
    }
    Err(invalid("Invalid Open ID Connect Provider URL."))
}

/// Labels of letters, digits and hyphens with dots between; an IPv4 address is such.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

fn to_create(cx: &Cx, _: &World, input: &CreateOpenIDConnectProvider) -> Vec<Check> {
    let url = without_usual_port(&input.url);
    let name = without_scheme(&url);
    let check = Check::on(arn_of(cx.partition(), cx.account(), name)).not_created().request_tags(&input.tags);
    let check = input.change().keys(check).keys(REQUEST_ISSUERS, vec![url.clone()]);
    entity::and_tags(check, "iam:TagOpenIDConnectProvider", &input.tags)
}

fn on_provider(cx: &Cx, world: &World, input: &Named) -> Vec<Check> {
    vec![check(cx, world, &input.open_id_connect_provider_arn)]
}

fn to_list(cx: &Cx, _: &World, _: &ListProviders) -> Vec<Check> {
    vec![entity::check_list_of_providers(cx, "oidc-provider")]
}

fn to_change_clients(cx: &Cx, world: &World, input: &WithClient) -> Vec<Check> {
    vec![check(cx, world, &input.open_id_connect_provider_arn)]
}

fn to_update(cx: &Cx, world: &World, input: &UpdateOpenIDConnectProvider) -> Vec<Check> {
    let arn = &input.open_id_connect_provider_arn;
    let check = input.change().keys(check(cx, world, arn));
    vec![match find(cx, world, arn) {
        Ok(provider) => provider.propagation.keys(check, vec![provider.url.clone()]),
        Err(_) => check,
    }]
}

fn to_update_thumbprints(cx: &Cx, world: &World, input: &UpdateThumbprints) -> Vec<Check> {
    vec![check(cx, world, &input.open_id_connect_provider_arn)]
}

#[cfg(test)]
mod tests;
