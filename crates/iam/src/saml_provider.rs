//! SAML providers: metadata documents whose keys sign for AssumeRoleWithSAML, and the private keys that open encrypted assertions.
//!
//! A document is read when it is uploaded, and again when a response comes. One without a key to verify with is taken, as AWS does.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html>. Start reading at [`create`].

use std::sync::Arc;

use federation::{metadata, private_key};
use jiff::ToSpan;
use service::arn::Arn;
use service::prelude::*;

use crate::entity::{self, exists, missing};
use crate::propagation::{Change, ContextProvider, Propagation, REQUEST_ISSUERS};
use crate::record::{SamlPrivateKey, SamlProvider, folded};
use crate::{quota, tagging};

service::operations! { Iam;
    CreateSAMLProvider => write(create) authorize(to_create),
    GetSAMLProvider => read(get) authorize(on_provider),
    ListSAMLProviders => read(list) authorize(to_list),
    UpdateSAMLProvider => write(update) authorize(to_update),
    DeleteSAMLProvider => write(delete) authorize(on_provider),
}

const MOST_KEYS: usize = 2;
/// Years that a document holds, whatever date it gives itself.
const YEARS: i64 = 100;
const ALLOWED: &str = "Allowed";
/// Assertions have to be encrypted.
pub const REQUIRED: &str = "Required";

/// CreateSAMLProvider's input. The private key does not show.
#[derive(Deserialize, Shaped)]
pub struct CreateSAMLProvider {
    saml_metadata_document: String,
    name: String,
    #[serde(default)]
    tags: Vec<Tag>,
    assertion_encryption_mode: Option<String>,
    add_private_key: Option<String>,
    context_provider: Option<ContextProvider>,
    identity_center_instance_arn: Option<String>,
}

impl CreateSAMLProvider {
    fn change(&self) -> Change<'_> {
        Change::setting(self.context_provider.as_ref(), self.identity_center_instance_arn.as_ref())
    }
}

/// UpdateSAMLProvider's input. The private key does not show.
#[derive(Deserialize, Shaped)]
pub struct UpdateSAMLProvider {
    saml_metadata_document: Option<String>,
    saml_provider_arn: String,
    assertion_encryption_mode: Option<String>,
    add_private_key: Option<String>,
    remove_private_key: Option<String>,
    context_provider: Option<ContextProvider>,
    identity_center_instance_arn: Option<String>,
    #[serde(default)]
    remove_context_provider: bool,
    #[serde(default)]
    remove_identity_center_instance: bool,
}

impl UpdateSAMLProvider {
    fn change(&self) -> Change<'_> {
        Change::setting(self.context_provider.as_ref(), self.identity_center_instance_arn.as_ref())
            .removing(self.remove_context_provider, self.remove_identity_center_instance)
    }

    /// Whether it touches the metadata, with all that AWS counts to it.
    fn of_metadata(&self) -> bool {
        let keys = self.add_private_key.is_some() || self.remove_private_key.is_some();
        keys || self.saml_metadata_document.is_some()
            || self.assertion_encryption_mode.is_some()
            || self.change().of_instance()
    }
}

/// A provider's ARN.
#[derive(Debug, Deserialize, Shaped)]
pub struct Named {
    saml_provider_arn: String,
}

/// ListSAMLProviders' input.
#[derive(Debug, Deserialize, Shaped)]
pub struct ListProviders {}

/// The new provider.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    saml_provider_arn: String,
    tags: Option<Vec<Tag>>,
}

/// The updated provider.
#[derive(Debug, Serialize, Shaped)]
pub struct Updated {
    saml_provider_arn: String,
}

/// A provider as answers show it.
#[derive(Debug, Serialize, Shaped)]
pub struct ProviderOut {
    saml_provider_uuid: String,
    saml_metadata_document: String,
    create_date: Timestamp,
    valid_until: Timestamp,
    tags: Vec<Tag>,
    assertion_encryption_mode: String,
    private_key_list: Vec<KeyOut>,
    context_provider: Option<ContextProvider>,
    saml_key_hashes: Vec<KeyHashes>,
    identity_center_instance_arn: Option<String>,
    identity_store_arn: Option<String>,
}

/// The keys that sign for an issuer, by their hashes.
#[derive(Debug, Serialize, Shaped)]
pub struct KeyHashes {
    issuer_url: String,
    key_hashes: Vec<String>,
}

/// A private key: its id and when it came.
#[derive(Debug, Serialize, Shaped)]
pub struct KeyOut {
    key_id: String,
    timestamp: Timestamp,
}

/// All providers of an account; AWS does not page them.
#[derive(Debug, Serialize, Shaped)]
pub struct Providers {
    saml_provider_list: Vec<Entry>,
}

/// A provider in the list.
#[derive(Debug, Serialize, Shaped)]
pub struct Entry {
    arn: String,
    valid_until: Timestamp,
    create_date: Timestamp,
    is_trusted_identity_propagation_enabled: bool,
}

/// `arn:aws:iam::ACCOUNT:saml-provider/NAME`.
pub fn arn(partition: &str, provider: &SamlProvider) -> String {
    service::arn::iam(partition, provider.account, "saml-provider", "/", &provider.name)
}

/// The provider with exactly that ARN, in whatever account.
pub fn by_arn(world: &World, text: &str) -> Option<Arc<SamlProvider>> {
    let parts = Arn::parse(text).filter(|parts| parts.service == "iam" && parts.region.is_empty())?;
    let (kind, name) = parts.typed_resource()?;
    let account: AccountId = parts.account.parse().ok()?;
    world.get::<SamlProvider>(&[account.as_str(), name]).filter(|_| kind == "saml-provider").cloned()
}

/// The provider a request names: NoSuchEntity if there is none, InvalidInput for the ARN of anything else.
pub fn find(cx: &Cx, world: &World, arn: &str) -> Result<Arc<SamlProvider>, ApiError> {
    let name = entity::name_of_provider(cx, arn, "saml-provider")?;
    let found = world.get::<SamlProvider>(&[cx.account().as_str(), name]).cloned();
    found.ok_or_else(|| missing(format!("Manifest not found for arn {arn}")))
}

/// The check of an operation on the provider of that ARN.
pub fn check(cx: &Cx, world: &World, arn: &str) -> Check {
    match find(cx, world, arn) {
        Ok(provider) => Check::on(arn).tagged(&provider.tags),
        Err(_) => entity::check_absent_provider(cx, arn, "saml-provider"),
    }
}

fn create(cx: &Cx, tx: &mut Tx, input: &CreateSAMLProvider) -> Result<Created, ApiError> {
    let account = cx.account();
    let tags = tagging::tags_for_create::<SamlProvider>(&input.tags)?;
    let valid_until = valid_until(cx, &input.saml_metadata_document)?;
    if tx.one::<SamlProvider>(SamlProvider::BY_NAME, &[account.as_str(), &folded(&input.name)]).is_some() {
        return Err(exists(format!("Provider with name {} already exists.", input.name)));
    }
    quota::SAML_PROVIDERS.check(cx, || tx.count::<SamlProvider>(&[account.as_str()]))?;
    let mut provider = SamlProvider {
        account,
        name: input.name.clone(),
        id: cx.ids.access_key_id("SAMLSP", account),
        created_at: cx.now_seconds(),
        metadata: input.saml_metadata_document.clone(),
        valid_until,
        encryption: input.assertion_encryption_mode.clone().unwrap_or_else(|| ALLOWED.to_owned()),
        private_keys: Vec::new(),
        propagation: Propagation::new(cx, tx, input.change())?,
        tags,
    };
    if let Some(pem) = &input.add_private_key {
        add_key(cx, &mut provider, pem)?;
    }
    if lacks_key(&provider) {
        let text = "Unable to set assertion encryption mode to Required because no private key is provided.";
        return Err(ApiError::validation(text));
    }
    let answer = Created { saml_provider_arn: arn(cx.partition(), &provider), tags: tagging::shown(&provider.tags) };
    tx.put(provider);
    Ok(answer)
}

fn get(cx: &Cx, world: &World, input: &Named) -> Result<ProviderOut, ApiError> {
    let provider = find(cx, world, &input.saml_provider_arn)?;
    let keys = provider.private_keys.iter();
    Ok(ProviderOut {
        saml_provider_uuid: provider.id.clone(),
        saml_metadata_document: provider.metadata.clone(),
        create_date: provider.created_at,
        valid_until: provider.valid_until,
        tags: tagging::sorted(&provider.tags),
        assertion_encryption_mode: provider.encryption.clone(),
        private_key_list: keys.map(|key| KeyOut { key_id: key.id.clone(), timestamp: key.added_at }).collect(),
        context_provider: provider.propagation.context_provider.clone(),
        saml_key_hashes: key_hashes(&provider),
        identity_center_instance_arn: provider.propagation.instance_arn.clone(),
        identity_store_arn: provider.propagation.store_arn(cx.partition(), world),
    })
}

fn list(cx: &Cx, world: &World, _: &ListProviders) -> Result<Providers, ApiError> {
    let entry = |provider: &Arc<SamlProvider>| Entry {
        arn: arn(cx.partition(), provider),
        valid_until: provider.valid_until,
        create_date: provider.created_at,
        is_trusted_identity_propagation_enabled: provider.propagation.is_enabled(),
    };
    Ok(Providers { saml_provider_list: world.scan::<SamlProvider>(&[cx.account().as_str()]).map(entry).collect() })
}

/// What is not given stays as it is. To rotate a key, the new one is added first and the old one removed in another request.
fn update(cx: &Cx, tx: &mut Tx, input: &UpdateSAMLProvider) -> Result<Updated, ApiError> {
    let mut provider = SamlProvider::clone(&*find(cx, tx, &input.saml_provider_arn)?);
    if input.of_metadata() && input.change().of_context() {
        return Err(invalid("The context provider and the provider metadata cannot be changed in the same request."));
    }
    match (&input.add_private_key, &input.remove_private_key) {
        (None, None) if !input.of_metadata() && !input.change().of_context() => {
            let text =
                "Unable to update identity provider. No updates are defined for metadata or encryption assertion.";
            return Err(ApiError::validation(text));
        }
        (Some(_), Some(_)) => {
            let text = "Unable to add and remove private keys in the same request. Set a value for only one of the two parameters.";
            return Err(ApiError::validation(text));
        }
        (Some(pem), None) => add_key(cx, &mut provider, pem)?,
        (None, Some(id)) => remove_key(&mut provider, id)?,
        (None, None) => {}
    }
    provider.propagation = provider.propagation.changed(cx, tx, input.change())?;
    if let Some(document) = &input.saml_metadata_document {
        provider.valid_until = valid_until(cx, document)?;
        provider.metadata = document.clone();
    }
    if let Some(mode) = &input.assertion_encryption_mode {
        provider.encryption = mode.clone();
    }
    if lacks_key(&provider) {
        return Err(invalid(match &input.remove_private_key {
            Some(_) => "Failed to remove private key.",
            None => "Failed to set assertion encryption mode to Required because no private key is present.",
        }));
    }
    tx.put(provider);
    Ok(Updated { saml_provider_arn: input.saml_provider_arn.clone() })
}

/// Roles that trust it keep their policies.
fn delete(cx: &Cx, tx: &mut Tx, input: &Named) -> Result<Done, ApiError> {
    let provider = find(cx, tx, &input.saml_provider_arn)?;
    tx.remove::<SamlProvider>(&[provider.account.as_str(), &provider.name]);
    Ok(Done {})
}

fn key_hashes(provider: &SamlProvider) -> Vec<KeyHashes> {
    let read = metadata::parse(&provider.metadata).ok();
    let hashes = |read: metadata::Metadata| KeyHashes {
        issuer_url: read.entity_id,
        key_hashes: read.keys.iter().map(|key| key.hash().to_owned()).collect(),
    };
    read.map(hashes).into_iter().collect()
}

/// The issuer that a metadata document is about; none if it is malformed.
fn issuers(document: &str) -> Vec<String> {
    metadata::parse(document).map(|read| read.entity_id).into_iter().collect()
}

/// Until when the provider holds, from now. A document that is none is refused.
fn valid_until(cx: &Cx, document: &str) -> Result<Timestamp, ApiError> {
    metadata::parse(document).map_err(|error| match error {
        metadata::Refused::NoIssuer => invalid("SAML Providers must reference at least one SAML assertion issuer."),
        metadata::Refused::Malformed(why) => invalid("Could not parse metadata").because(why),
    })?;
    let today = jiff::tz::Offset::UTC.to_datetime(cx.now_seconds());
    let then = today.checked_add(YEARS.years()).and_then(|date| jiff::tz::Offset::UTC.to_timestamp(date));
    Ok(then.unwrap_or(Timestamp::MAX))
}

fn add_key(cx: &Cx, provider: &mut SamlProvider, pem: &str) -> Result<(), ApiError> {
    if !private_key::is_one(pem) {
        return Err(invalid("Invalid private key."));
    }
    if provider.private_keys.len() >= MOST_KEYS {
        return Err(ApiError::new("LimitExceeded", "Private key limit of 2 is reached."));
    }
    let id = cx.ids.access_key_id("SAMLPK", provider.account);
    provider.private_keys.push(SamlPrivateKey { id, added_at: cx.now_seconds(), pem: pem.to_owned() });
    Ok(())
}

fn remove_key(provider: &mut SamlProvider, id: &str) -> Result<(), ApiError> {
    let before = provider.private_keys.len();
    provider.private_keys.retain(|key| key.id != id);
    if provider.private_keys.len() < before {
        return Ok(());
    }
    Err(invalid("Failed to remove private key because the Key ID does not match a private key."))
}

fn lacks_key(provider: &SamlProvider) -> bool {
    provider.encryption == REQUIRED && provider.private_keys.is_empty()
}

fn invalid(text: &str) -> ApiError {
    ApiError::new("InvalidInput", text)
}

fn to_create(cx: &Cx, _: &World, input: &CreateSAMLProvider) -> Vec<Check> {
    let check = entity::check_new(cx, "saml-provider", None, &input.name, &input.tags);
    let check = input.change().keys(check).keys(REQUEST_ISSUERS, issuers(&input.saml_metadata_document));
    entity::and_tags(check, "iam:TagSAMLProvider", &input.tags)
}

fn on_provider(cx: &Cx, world: &World, input: &Named) -> Vec<Check> {
    vec![check(cx, world, &input.saml_provider_arn)]
}

fn to_list(cx: &Cx, _: &World, _: &ListProviders) -> Vec<Check> {
    vec![entity::check_list_of_providers(cx, "saml-provider")]
}

fn to_update(cx: &Cx, world: &World, input: &UpdateSAMLProvider) -> Vec<Check> {
    let mut check = input.change().keys(check(cx, world, &input.saml_provider_arn));
    if let Some(document) = &input.saml_metadata_document {
        check = check.keys(REQUEST_ISSUERS, issuers(document));
    }
    vec![match find(cx, world, &input.saml_provider_arn) {
        Ok(provider) => provider.propagation.keys(check, issuers(&provider.metadata)),
        Err(_) => check,
    }]
}

#[cfg(test)]
mod tests;
