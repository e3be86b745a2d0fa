//! Trusted identity propagation: what OpenID Connect and SAML providers have alike for it. A context provider says which claims of a token or
//! attributes of an assertion tell for whom a session acts; STS puts these into the session as condition keys that no caller can set. An
//! instance of IAM Identity Center can be associated on top, whose directory knows the people's groups.
//!
//! AWS has it since November 2026. Its rules are documented, the words of its refusals are ours.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_tip.html>. Start reading at [`trusted_context`].

use service::Organization;
use service::prelude::*;

use crate::record::IdentityCenterInstance;

/// The condition key with the issuers that a request brings.
pub const REQUEST_ISSUERS: &str = "iam:RequestIdentityProviderIssuers";
/// Characters of a value that a session keeps.
const LONGEST_VALUE: usize = 128;

/// A provider's configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Propagation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_provider: Option<ContextProvider>,
    /// The ARN of the associated instance of IAM Identity Center.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_arn: Option<String>,
}

/// Which claims or attributes make the context, as on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct ContextProvider {
    #[serde(default)]
    pub key_definition_list: Vec<KeyDefinition>,
    pub subject_source_key: String,
    pub subject_type_value: Option<String>,
    pub subject_type_source_key: Option<String>,
}

/// A claim or attribute, and its name in the context if that is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct KeyDefinition {
    pub source_key: String,
    pub target_key: Option<String>,
}

impl KeyDefinition {
    fn target(&self) -> &str {
        self.target_key.as_deref().unwrap_or(&self.source_key)
    }
}

/// What a request wants of a configuration.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change<'a> {
    pub context_provider: Option<&'a ContextProvider>,
    pub instance_arn: Option<&'a String>,
    pub remove_context_provider: bool,
    pub remove_instance: bool,
}

impl<'a> Change<'a> {
    /// One that sets what is given.
    pub fn setting(context_provider: Option<&'a ContextProvider>, instance_arn: Option<&'a String>) -> Self {
        Change { context_provider, instance_arn, ..Change::default() }
    }

    /// This one, and what it takes away.
    pub fn removing(self, context_provider: bool, instance: bool) -> Self {
        Change { remove_context_provider: context_provider, remove_instance: instance, ..self }
    }

    /// Whether it touches the context provider.
    pub fn of_context(&self) -> bool {
        self.context_provider.is_some() || self.remove_context_provider
    }

    /// Whether it touches the association with IAM Identity Center.
    pub fn of_instance(&self) -> bool {
        self.instance_arn.is_some() || self.remove_instance
    }

    /// The condition keys about it, where it says anything.
    pub fn keys(&self, check: Check) -> Check {
        let enables = self.of_context().then(|| self.context_provider.is_some().to_string());
        let associates = self.of_instance().then(|| self.instance_arn.is_some().to_string());
        check
            .key_if("iam:EnableIdentityPropagation", enables)
            .key_if("iam:EnableIdentityCenterAssociation", associates)
            .key_if("iam:RequestIdentityCenterInstanceArn", self.instance_arn)
    }
}

impl Propagation {
    /// That of a new provider.
    pub fn new(cx: &Cx, world: &World, wanted: Change<'_>) -> Result<Propagation, ApiError> {
        if wanted.instance_arn.is_some() && wanted.context_provider.is_none() {
            return Err(needs_context());
        }
        Propagation::default().changed(cx, world, wanted)
    }

    /// This one after a change.
    pub fn changed(&self, cx: &Cx, world: &World, change: Change<'_>) -> Result<Propagation, ApiError> {
        if change.context_provider.is_some() && change.remove_context_provider {
            return Err(invalid("ContextProvider and RemoveContextProvider cannot be specified in the same request."));
        }
        if change.instance_arn.is_some() && change.remove_instance {
            return Err(invalid(
                "IdentityCenterInstanceArn and RemoveIdentityCenterInstance cannot be specified in the same request.",
            ));
        }
        let mut new = self.clone();
        if let Some(given) = change.context_provider {
            check(given)?;
            new.context_provider = Some(given.clone());
        }
        if let Some(arn) = change.instance_arn {
            instance(cx, world, arn)?;
            new.instance_arn = Some(arn.clone());
        }
        if change.remove_instance {
            new.instance_arn = None;
        }
        if change.remove_context_provider {
            if new.instance_arn.is_some() {
                return Err(invalid(
                    "The context provider cannot be removed while an IAM Identity Center instance is associated.",
                ));
            }
            new.context_provider = None;
        }
        if new.instance_arn.is_some() && new.context_provider.is_none() {
            return Err(needs_context());
        }
        Ok(new)
    }

    /// IsTrustedIdentityPropagationEnabled: the model has it that an associated instance decides.
    pub fn is_enabled(&self) -> bool {
        self.instance_arn.is_some()
    }

    /// The ARN of the directory of the associated instance, as long as that is there.
    pub fn store_arn(&self, partition: &str, world: &World) -> Option<String> {
        let instance = world.get::<IdentityCenterInstance>(&[self.instance_arn.as_ref()?])?;
        let (account, store) = (instance.account, &instance.identity_store_id);
        Some(format!("arn:{partition}:identitystore::{account}:identitystore/{store}"))
    }

    /// The condition keys of what is configured, for a provider of those issuers.
    pub fn keys(&self, check: Check, issuers: Vec<String>) -> Check {
        let check = check.keys("iam:ResourceIdentityProviderIssuers", issuers);
        check.key_if("iam:ResourceIdentityCenterInstanceArn", self.instance_arn.as_ref())
    }
}

fn needs_context() -> ApiError {
    invalid("An IAM Identity Center instance can be associated only with a provider that has a context provider.")
}

fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInput", text)
}

fn check(given: &ContextProvider) -> Result<(), ApiError> {
    let targets = given.key_definition_list.iter().filter_map(|one| one.target_key.as_ref());
    let sources = given.key_definition_list.iter().map(|one| &one.source_key);
    let mut all = sources.chain(targets).chain([&given.subject_source_key]).chain(&given.subject_type_source_key);
    if let Some(wrong) = all.find(|key| !is_key(key)) {
        return Err(invalid(format!("{wrong} is not a valid key of a context provider.")));
    }
    if given.subject_type_value.as_ref().is_some_and(|value| !value.is_empty())
        && given.subject_type_source_key.is_some()
    {
        return Err(invalid("SubjectTypeValue and SubjectTypeSourceKey cannot be specified together."));
    }
    let mut seen: Vec<&str> = Vec::new();
    for target in given.key_definition_list.iter().map(KeyDefinition::target) {
        if seen.iter().any(|earlier| earlier.eq_ignore_ascii_case(target)) {
            return Err(invalid(format!("The target key {target} is there more than once.")));
        }
        seen.push(target);
    }
    Ok(())
}

/// Letters, digits, `_.:/=+-@#` and single spaces inside.
fn is_key(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:/=+-@# ".contains(&byte);
    text.bytes().all(allowed) && !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ")
}

/// An instance that the account can see: its own, or one of its organization.
fn instance(cx: &Cx, world: &World, arn: &str) -> Result<(), ApiError> {
    let is_near = |owner: AccountId| {
        let organization = Organization::of(world);
        owner == cx.account() || organization.is_some_and(|all| all.has(owner) && all.has(cx.account()))
    };
    match world.get::<IdentityCenterInstance>(&[arn]) {
        Some(instance) if is_near(instance.account) => Ok(()),
        _ => Err(invalid(format!("IAM Identity Center instance {arn} cannot be found."))),
    }
}

/// Why a token or assertion gives no context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// It has not what says whom it is about.
    NoSubject(String),
    /// A value of that claim or attribute is too long.
    TooLong(String),
}

/// What a session keeps of a token or assertion, by condition keys: nothing, if the provider is not configured for it.
pub fn trusted_context(
    partition: &str,
    world: &World,
    of: &Propagation,
    (provider_arn, issuer): (&str, &str),
    value: impl Fn(&str) -> Option<String>,
) -> Result<Vec<(String, String)>, Unfit> {
    let Some(wanted) = &of.context_provider else { return Ok(Vec::new()) };
    let subject = value(&wanted.subject_source_key).filter(|subject| !subject.trim().is_empty());
    let subject = subject.ok_or_else(|| Unfit::NoSubject(wanted.subject_source_key.clone()))?;
    let stated = wanted.subject_type_value.clone().filter(|value| !value.is_empty());
    let sort = stated.or_else(|| wanted.subject_type_source_key.as_ref().and_then(|key| value(key)));
    let mut context = vec![("aws:OriginIdentity/Subject".to_owned(), subject)];
    let mut put = |key: &str, value: Option<String>| context.extend(value.map(|value| (key.to_owned(), value)));
    put("aws:OriginIdentity/SubjectType", sort);
    put("aws:OriginIdentity/Issuer", Some(issuer.to_owned()));
    put("aws:OriginIdentity/FederatedProviderArn", Some(provider_arn.to_owned()));
    for definition in &wanted.key_definition_list {
        put(&format!("aws:TransactionContext/IdentityProvider/{}", definition.target()), value(&definition.source_key));
    }
    put("aws:IdentityCenterInstanceArn", of.instance_arn.clone());
    put("aws:IdentityStoreArn", of.store_arn(partition, world));
    match context.iter().find(|(key, value)| !key.ends_with("Arn") && value.chars().count() > LONGEST_VALUE) {
        Some((key, _)) => Err(Unfit::TooLong(key.clone())),
        None => Ok(context),
    }
}
