//! AssumeRoleWithWebIdentity: a role's session for somebody with an identity token of an OpenID Connect provider.
//!
//! [`proven`] verifies the token: before anything is checked, and once more in the handler, whose word counts. The provider's keys are those
//! registered with this server, else what was read from the provider on the way in ([`keys_from_outside`]). Start with [`proven`].
//! See <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>.

use std::sync::Arc;
use std::time::Duration;

use federation::discovery;
use federation::jwks::{KeySet, Unverified};
use federation::jwt::{self, Token};
use iam::oidc_provider;
use iam::propagation::{self, Unfit};
use iam::record::{OidcKeySet, OidcProvider};
use iam::role;
use serde_json::Value;
use service::facts;
use service::outside::{Failure, Next, Reading};
use service::prelude::*;

use crate::assume_role::{self, AssumedRoleUser};
use crate::credentials::Credentials;
use crate::federated::{self, Asked, Identity};
use crate::session_policies::PolicyDescriptor;
use crate::trusted_context::{self, TrustedContext};

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";
const MOST_BYTES: usize = 1024 * 1024;
const LONGEST: Duration = Duration::from_secs(5);
/// Seconds by which a provider's clock may be ahead of ours or behind it.
const SKEW: i64 = 300;

/// Providers AWS has built in, by the issuer of their tokens.
const BUILT_IN: &[(&str, &str)] = &[
    ("https://accounts.google.com", "accounts.google.com"),
    ("accounts.google.com", "accounts.google.com"),
    ("https://cognito-identity.amazonaws.com", "cognito-identity.amazonaws.com"),
];

/// Providers of OAuth 2.0 access tokens, which a request names itself, with their condition keys for application and user. Rolecall cannot
/// ask them, so their tokens are taken as signed tokens whose keys are registered under that name.
const NAMED: &[(&str, &str, &str)] = &[("www.amazon.com", "app_id", "user_id"), ("graph.facebook.com", "app_id", "id")];

/// AssumeRoleWithWebIdentity's input. The token does not show.
#[derive(Deserialize, Shaped)]
pub struct AssumeRoleWithWebIdentity {
    pub role_arn: String,
    pub role_session_name: String,
    pub web_identity_token: String,
    pub provider_id: Option<String>,
    #[serde(default)]
    pub policy_arns: Vec<PolicyDescriptor>,
    pub policy: Option<String>,
    pub duration_seconds: Option<i64>,
    pub minimum_session_token_size: Option<i64>,
}

/// AssumeRoleWithWebIdentity's answer.
#[derive(Debug, Serialize, Shaped)]
pub struct AssumedRole {
    pub credentials: Credentials,
    pub subject_from_web_identity_token: String,
    pub assumed_role_user: AssumedRoleUser,
    pub packed_policy_size: i64,
    pub provider: String,
    pub audience: String,
    pub source_identity: Option<String>,
    pub trusted_identity_propagation_context: Option<TrustedContext>,
    pub session_token_utilization: i64,
    pub session_token_size: i64,
}

/// A token whose provider and audience are in order; it is not verified yet.
struct Claimed {
    token: Token,
    issuer: String,
    /// Its provider in the role's account; none for one that AWS has built in.
    provider: Option<Arc<OidcProvider>>,
    /// The provider in policies.
    principal: String,
    audience: String,
    subject: String,
}

/// What was read from a provider on the way in.
type Fetched = Result<KeySet, Failure>;

/// The token is verified before anybody is asked for trust.
pub fn precheck(cx: &Cx, world: &World, input: &AssumeRoleWithWebIdentity) -> Result<(), ApiError> {
    federated::must_be_arn(&input.role_arn)?;
    proven(cx, world, input).and_then(|claimed| identity(cx, world, &claimed, &input.role_arn)).map(drop)
}

/// sts:AssumeRoleWithWebIdentity on the role, by its trust policy alone.
pub fn checks(cx: &Cx, world: &World, input: &AssumeRoleWithWebIdentity) -> Vec<Check> {
    // The claims were verified by the precheck, and are verified again by the handler.
    let identity = claimed(cx, world, input).and_then(|claimed| identity(cx, world, &claimed, &input.role_arn));
    federated::checks(cx, world, &input.role_arn, &input.role_session_name, identity)
}

/// AssumeRoleWithWebIdentity.
pub fn assume(cx: &Cx, world: &World, input: &AssumeRoleWithWebIdentity) -> Result<AssumedRole, ApiError> {
    let claimed = proven(cx, world, input)?;
    let identity = identity(cx, world, &claimed, &input.role_arn)?;
    let trusted_identity_propagation_context = trusted_context::shown(&identity.trusted_context);
    let source_identity = identity.source_identity.clone();
    let asked = Asked {
        role_arn: &input.role_arn,
        session_name: &input.role_session_name,
        seconds: input.duration_seconds.unwrap_or(assume_role::DEFAULT_SECONDS),
        policy: input.policy.as_ref(),
        policy_arns: &input.policy_arns,
        minimum_token_size: input.minimum_session_token_size,
    };
    let session = federated::session(cx, world, ACTION, &asked, identity)?;
    Ok(AssumedRole {
        session_token_utilization: session.credentials.token_utilization(),
        session_token_size: session.credentials.token_size(),
        credentials: session.credentials,
        subject_from_web_identity_token: claimed.subject,
        assumed_role_user: session.user,
        packed_policy_size: session.packed_policy_size,
        provider: claimed.principal,
        audience: claimed.audience,
        source_identity,
        trusted_identity_propagation_context,
    })
}

/// Asks for the keys of the token's provider, if it is one of the role's account and its keys are not registered here.
pub fn keys_from_outside(cx: &Cx, world: &World, input: &AssumeRoleWithWebIdentity) -> Option<Reading> {
    let claimed = claimed(cx, world, input).ok()?;
    let provider = claimed.provider.filter(|_| registered(world, &claimed.issuer).is_none())?;
    let issuer = claimed.issuer;
    let thumbprints = provider.thumbprints.clone();
    let read_keys = reading(discovery::url_of(&issuer), thumbprints.clone(), move |document| {
        let url = match document {
            Ok(document) => discovery::keys_of(&issuer, &document).filter(|url| is_reachable(&issuer, url)),
            Err(failure) => return done(Err(failure)),
        };
        match url {
            Some(url) => Next::Read(reading(url, thumbprints, |keys| done(keys.and_then(|keys| read_set(&keys))))),
            None => done(Err(Failure::Unreachable("the discovery document tells of no keys".to_owned()))),
        }
    });
    Some(read_keys)
}

fn reading(
    url: String,
    thumbprints: Vec<String>,
    then: impl FnOnce(Result<Vec<u8>, Failure>) -> Next + Send + 'static,
) -> Reading {
    Reading { url, most_bytes: MOST_BYTES, longest: LONGEST, thumbprints, then: Box::new(then) }
}

fn done(fetched: Fetched) -> Next {
    if fetched.is_ok() { Next::Done(Arc::new(fetched)) } else { Next::Failed(Arc::new(fetched)) }
}

fn read_set(text: &[u8]) -> Fetched {
    KeySet::parse(text).map_err(Failure::Unreachable)
}

/// Only an issuer of this machine may send us to a place without TLS.
fn is_reachable(issuer: &str, url: &str) -> bool {
    url.starts_with("https://") || (issuer.starts_with("http://") && url.starts_with("http://"))
}

/// The keys registered for an issuer with this server.
fn registered(world: &World, issuer: &str) -> Option<Arc<OidcKeySet>> {
    world.get::<OidcKeySet>(&[issuer]).cloned()
}

fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidIdentityToken", text)
}

/// The order of these refusals is the one reports of AWS's users show.
fn claimed(cx: &Cx, world: &World, input: &AssumeRoleWithWebIdentity) -> Result<Claimed, ApiError> {
    let token = Token::parse(&input.web_identity_token).ok_or_else(|| {
        invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
    })?;
    let account = federated::account_of(&input.role_arn).ok_or_else(|| federated::denied(ACTION))?;
    let required = |name: &str| token.text(name).map(str::to_owned).ok_or_else(|| missing(name));
    let issuer = match &input.provider_id {
        Some(named) => named.clone(),
        None => required("iss")?,
    };
    // A name in the request is not what the token says, so it never stands for a provider of the account.
    let by_token = input.provider_id.is_none();
    let provider = by_token.then(|| oidc_provider::by_issuer(world, account, &issuer)).flatten();
    let principal = match (&provider, built_in(&issuer, input.provider_id.is_some())) {
        (Some(provider), _) => oidc_provider::arn(cx.partition(), provider),
        (None, Some(name)) => name.to_owned(),
        (None, None) if input.provider_id.is_some() => {
            let text = "Unrecognized OAuth provider. Do not include a provider parameter when submitting OpenIDConnect ID tokens";
            return Err(ApiError::new("AccessDenied", text).because(format!("{issuer} is none")));
        }
        (None, None) => return Err(invalid(format!("No OpenIDConnect provider found in your account for {issuer}"))),
    };
    let audience = audience(&token)?;
    if provider.as_ref().is_some_and(|provider| !provider.client_ids.contains(&audience)) {
        // A party that is no client is refused without a reason, as was seen in September 2026.
        return Err(match token.claim("azp") {
            Some(_) => not_validated().because("the authorized party is no client of the provider"),
            None => invalid("Incorrect token audience"),
        });
    }
    // An empty one is taken.
    let subject = token.claim("sub").and_then(Value::as_str).ok_or_else(|| missing("sub"))?.to_owned();
    Ok(Claimed { token, issuer, provider, principal, audience, subject })
}

fn missing(claim: &str) -> ApiError {
    invalid(format!("Missing a required claim: {claim}"))
}

/// The text of what AWS gives no reason for.
fn not_validated() -> ApiError {
    invalid(
        "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements.",
    )
}

fn built_in(issuer: &str, is_named: bool) -> Option<&'static str> {
    if is_named {
        return NAMED.iter().find(|(name, _, _)| *name == issuer).map(|(name, _, _)| *name);
    }
    BUILT_IN.iter().find(|(url, _)| *url == issuer).map(|(_, name)| *name)
}

/// The authorised party, where the token names one, else its only audience.
fn audience(token: &Token) -> Result<String, ApiError> {
    if token.claim("azp").is_some() {
        let party = token.text("azp").map(str::to_owned);
        return party.ok_or_else(|| not_validated().because("the authorized party is no text, or an empty one"));
    }
    match token.texts("aud").as_slice() {
        [] => Err(missing("aud")),
        [audience] => Ok((*audience).to_owned()),
        _ => Err(invalid("Token audience contains more than one audience while authorized party is not present")),
    }
}

/// The token with its provider's word for it, now.
fn proven(cx: &Cx, world: &World, input: &AssumeRoleWithWebIdentity) -> Result<Claimed, ApiError> {
    let claimed = claimed(cx, world, input)?;
    let keys = keys(cx, world, &claimed)?;
    match claimed.token.verify(&keys) {
        Ok(()) => {}
        Err(Unverified::UnknownKey) => return Err(no_keys("the provider has no such key")),
        Err(Unverified::BadSignature) => return Err(not_validated().because("the signature is not the provider's")),
    }
    in_time(&claimed.token, cx.wall.as_second())?;
    Ok(claimed)
}

fn no_keys(why: &str) -> ApiError {
    // The two spaces are AWS's.
    let text = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";
    invalid(text).because(why)
}

fn keys(cx: &Cx, world: &World, claimed: &Claimed) -> Result<KeySet, ApiError> {
    if let Some(registered) = registered(world, &claimed.issuer) {
        return KeySet::parse(registered.keys.as_bytes()).map_err(|error| no_keys(&error));
    }
    if NAMED.iter().any(|(name, _, _)| *name == claimed.principal) {
        let text = "The identity provider that was asked to verify the token could not be reached";
        return Err(ApiError::new("IDPCommunicationError", text).because("no keys are registered under that name"));
    }
    match cx.prepared::<Fetched>() {
        Some(Ok(keys)) => Ok(keys.clone()),
        Some(Err(Failure::Certificate)) => {
            Err(invalid("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"))
        }
        Some(Err(Failure::Unreachable(why))) => Err(no_keys(why)),
        None => Err(no_keys("the provider was not asked")),
    }
}

/// Times of tokens are the provider's, so they are held against the operating system's clock.
fn in_time(token: &Token, now: i64) -> Result<(), ApiError> {
    let time = |name: &str| match (token.claim(name), token.seconds(name)) {
        (None, _) => Ok(None),
        (Some(_), Some(seconds)) => Ok(Some(seconds)),
        (Some(_), None) => Err(not_validated().because(format!("{name} is not a whole number"))),
    };
    let expires = time("exp")?.ok_or_else(|| missing("exp"))?;
    // The text counts with the time that it allows for clocks that differ.
    let past = now.saturating_sub(SKEW);
    if past >= expires {
        return Err(ApiError::new(
            "ExpiredTokenException",
            format!("Token expired: current date/time {past} must be before the expiration date/time {expires}"),
        ));
    }
    let issued = time("iat")?.ok_or_else(|| missing("iat"))?;
    let ahead = now.saturating_add(SKEW);
    if issued > ahead {
        return Err(invalid(format!("Token issued in the future: {issued}")));
    }
    if let Some(earliest) = time("nbf")?.filter(|earliest| *earliest > ahead) {
        return Err(invalid(format!(
            "Token not yet valid: current date/time {ahead} must be after or equal to the not-before date/time {earliest}"
        )));
    }
    Ok(())
}

/// Whether the provider says that this is for that role: a token that names roles is for no others (September 2026). They stand in a list, or in a
/// text with semicolons between them; what is no role's ARN is passed over.
fn names_role(token: &Token, role_arn: &str) -> Result<bool, ApiError> {
    let named: Vec<&str> = match token.claim("https://aws.amazon.com/roles") {
        None | Some(Value::Null) => return Ok(false),
        Some(Value::String(text)) => text.split(';').collect(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(_) => Vec::new(),
    };
    let roles: Vec<&str> = named.into_iter().map(str::trim).filter(|it| role::parts_of_arn(it).is_some()).collect();
    if roles.is_empty() {
        return Err(invalid("The roles claim contains no valid role ARNs"));
    }
    if roles.contains(&role_arn) {
        return Ok(true);
    }
    Err(invalid("The target role ARN is not present in the roles claim of the identity token"))
}

/// What the session keeps of the token for whom it acts. That a token must have the subject is documented; the words are ours.
fn context(cx: &Cx, world: &World, claimed: &Claimed) -> Result<Vec<(String, String)>, ApiError> {
    let Some(provider) = &claimed.provider else { return Ok(Vec::new()) };
    let origin = (claimed.principal.as_str(), oidc_provider::without_scheme(&claimed.issuer));
    let only = |claim: &str| match value(&claimed.token, claim)?.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    };
    propagation::trusted_context(cx.partition(), world, &provider.propagation, origin, only).map_err(
        |unfit| match unfit {
            Unfit::NoSubject(claim) => missing(&claim),
            Unfit::TooLong(key) => not_validated().because(format!("{key} is too long")),
        },
    )
}

fn identity(cx: &Cx, world: &World, claimed: &Claimed, role_arn: &str) -> Result<Identity, ApiError> {
    let is_named = names_role(&claimed.token, role_arn)?;
    let (tags, transitive_tag_keys) = tags(&claimed.token)
        .ok_or_else(|| not_validated().because("the claims with the session tags are malformed"))?;
    let source_identity = match claimed.token.claim("https://aws.amazon.com/source_identity") {
        Some(value) => Some(
            value.as_str().filter(|text| federated::is_source_identity(text)).ok_or_else(not_validated)?.to_owned(),
        ),
        None => None,
    };
    let mut keys = keys_of(claimed);
    keys.push(("sts:RoleAuthorizedByIdp".to_owned(), vec![is_named.to_string()]));
    let stays = |key: &str| [":aud", ":sub", ":amr", ":app_id", ":user_id", ":id"].iter().any(|end| key.ends_with(end));
    let identity = Identity {
        provider: claimed.principal.clone(),
        session_keys: keys.iter().filter(|(key, _)| stays(key)).cloned().collect(),
        keys,
        tags,
        transitive_tag_keys,
        source_identity,
        trusted_context: context(cx, world, claimed)?,
    };
    if federated::is_complete(&identity) { Ok(identity) } else { Err(not_validated().because("a tag is malformed")) }
}

/// The condition keys of a token: audience, subject and methods for every provider, and for those the authorisation reference knows the
/// claims it lists.
fn keys_of(claimed: &Claimed) -> Vec<(String, Vec<String>)> {
    let name = oidc_provider::without_scheme(&claimed.issuer);
    if let Some((name, application, user)) = NAMED.iter().find(|(named, _, _)| *named == claimed.issuer) {
        let key = |key: &str, value: &str| (format!("{name}:{key}"), vec![value.to_owned()]);
        return vec![key(application, &claimed.audience), key(user, &claimed.subject)];
    }
    let mut keys = vec![
        (format!("{name}:aud"), vec![claimed.audience.clone()]),
        (format!("{name}:sub"), vec![claimed.subject.clone()]),
    ];
    let audiences = claimed.token.texts("aud");
    if claimed.token.text("azp").is_some() && !audiences.is_empty() {
        keys.push((format!("{name}:oaud"), audiences.into_iter().map(str::to_owned).collect()));
    }
    let methods = claimed.token.texts("amr");
    if !methods.is_empty() {
        keys.push((format!("{name}:amr"), methods.into_iter().map(str::to_owned).collect()));
    }
    let listed = facts::action("sts", "AssumeRoleWithWebIdentity").map(|facts| facts.keys.as_slice());
    for (provider, claim) in listed.unwrap_or_default().iter().filter_map(|key| key.split_once(':')) {
        let key = format!("{name}:{claim}");
        if is_provider(provider, name) && !keys.iter().any(|(held, _)| *held == key) {
            keys.extend(value(&claimed.token, claim).map(|values| (key, values)));
        }
    }
    keys
}

/// Whether a provider is the one of the reference, where `${…}` stands for any text.
fn is_provider(template: &str, name: &str) -> bool {
    let Some((before, rest)) = template.split_once("${") else { return template == name };
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    name.len() > before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
}

/// A claim by its name, or by the names of the objects around it: `google/organization_number`.
fn value(token: &Token, claim: &str) -> Option<Vec<String>> {
    let nested = || {
        let (outer, inner) = claim.split_once('/')?;
        token.claim(outer)?.get(inner)
    };
    match token.claim(claim).or_else(nested)? {
        Value::Bool(value) => Some(vec![value.to_string()]),
        Value::Number(value) => Some(vec![value.to_string()]),
        other => {
            Some(jwt::texts(other).into_iter().map(str::to_owned).collect()).filter(|texts: &Vec<_>| !texts.is_empty())
        }
    }
}

/// Session tags and the keys of the transitive ones, nested or in claims of their own. Nothing if they are malformed.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp>.
pub(crate) fn tags(token: &Token) -> Option<(Vec<Tag>, Vec<String>)> {
    const CLAIM: &str = "https://aws.amazon.com/tags";
    const FLAT: &str = "https://aws.amazon.com/tags/principal_tags/";
    const FLAT_TRANSITIVE: &str = "https://aws.amazon.com/tags/transitive_tag_keys";
    let (mut tags, mut transitive) = (Vec::new(), Vec::new());
    // `texts` passes over what is malformed; here nothing may be passed over.
    let listed = |value: &Value| {
        let texts = jwt::texts(value);
        let is_empty = value.as_array().is_some_and(Vec::is_empty);
        (is_empty || !texts.is_empty()).then(|| texts.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let mut add = |key: &str, value: &Value| {
        let texts = listed(value)?;
        let [text] = texts.as_slice() else { return None };
        tags.push(Tag::new(key, text.as_str()));
        Some(())
    };
    if let Some(claim) = token.claim(CLAIM) {
        let claim = claim.as_object()?;
        if let Some(principal_tags) = claim.get("principal_tags") {
            for (key, value) in principal_tags.as_object()? {
                add(key, value)?;
            }
        }
        if let Some(keys) = claim.get("transitive_tag_keys") {
            transitive.extend(listed(keys)?);
        }
    }
    for (name, value) in token.claims() {
        if let Some(key) = name.strip_prefix(FLAT) {
            add(key, value)?;
        }
    }
    if let Some(keys) = token.claim(FLAT_TRANSITIVE) {
        transitive.extend(listed(keys)?);
    }
    Some((tags, transitive))
}
