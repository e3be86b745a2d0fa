//! AssumeRoleWithSAML: a role's session for somebody with a SAML response of an identity provider.
//!
//! [`proven`] verifies the response with the keys of the provider's metadata and holds its conditions against the operating system's clock:
//! before anything is checked, and once more in the handler, whose word counts. Start with [`proven`].
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html>.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use federation::metadata::{self, Metadata};
use federation::saml::{self, Assertion, Opening, Refused};
use iam::propagation::{self, Unfit};
use iam::record::SamlProvider;
use iam::saml_provider;
use jiff::SignedDuration;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use service::prelude::*;

use crate::assume_role::{self, AssumedRoleUser};
use crate::credentials::Credentials;
use crate::federated::{self, Asked, Identity};
use crate::saml_attributes::{self, ATTRIBUTES};
use crate::session_policies::PolicyDescriptor;
use crate::trusted_context::{self, TrustedContext};

const ACTION: &str = "sts:AssumeRoleWithSAML";
const NAME_FORMATS: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
/// How long after its issue a response is taken.
const REDEEMABLE: SignedDuration = SignedDuration::from_mins(5);
/// By how much a provider's clock may be ahead of ours.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// AssumeRoleWithSAML's input. The response does not show.
#[derive(Deserialize, Shaped)]
pub struct AssumeRoleWithSaml {
    pub role_arn: String,
    pub principal_arn: String,
    pub saml_assertion: String,
    #[serde(default)]
    pub policy_arns: Vec<PolicyDescriptor>,
    pub policy: Option<String>,
    pub duration_seconds: Option<i64>,
    pub minimum_session_token_size: Option<i64>,
}

/// AssumeRoleWithSAML's answer.
#[derive(Debug, Serialize, Shaped)]
pub struct AssumedRole {
    pub credentials: Credentials,
    pub assumed_role_user: AssumedRoleUser,
    pub packed_policy_size: i64,
    pub subject: String,
    pub subject_type: String,
    pub issuer: String,
    pub audience: String,
    pub name_qualifier: String,
    pub source_identity: Option<String>,
    pub trusted_identity_propagation_context: Option<TrustedContext>,
    pub session_token_utilization: i64,
    pub session_token_size: i64,
}

/// A verified response with what it says.
struct Proven {
    provider: Arc<SamlProvider>,
    assertion: Assertion,
    session_name: String,
    identity: Identity,
}

/// The response is verified before anybody is asked for trust.
pub fn precheck(cx: &Cx, world: &World, input: &AssumeRoleWithSaml) -> Result<(), ApiError> {
    federated::must_be_arn(&input.role_arn)?;
    federated::must_be_arn(&input.principal_arn)?;
    proven(cx, world, input).map(drop)
}

/// sts:AssumeRoleWithSAML on the role, by its trust policy alone.
pub fn checks(cx: &Cx, world: &World, input: &AssumeRoleWithSaml) -> Vec<Check> {
    match proven(cx, world, input) {
        Ok(proven) => federated::checks(cx, world, &input.role_arn, &proven.session_name, Ok(proven.identity)),
        Err(error) => federated::checks(cx, world, &input.role_arn, "", Err(error)),
    }
}

/// AssumeRoleWithSAML.
pub fn assume(cx: &Cx, world: &World, input: &AssumeRoleWithSaml) -> Result<AssumedRole, ApiError> {
    let Proven { provider, assertion, session_name, identity } = proven(cx, world, input)?;
    let source_identity = identity.source_identity.clone();
    let trusted_identity_propagation_context = trusted_context::shown(&identity.trusted_context);
    let asked = Asked {
        role_arn: &input.role_arn,
        session_name: &session_name,
        seconds: seconds(cx, input, &assertion),
        policy: input.policy.as_ref(),
        policy_arns: &input.policy_arns,
        minimum_token_size: input.minimum_session_token_size,
    };
    let session = federated::session(cx, world, ACTION, &asked, identity)?;
    Ok(AssumedRole {
        session_token_utilization: session.credentials.token_utilization(),
        session_token_size: session.credentials.token_size(),
        credentials: session.credentials,
        assumed_role_user: session.user,
        packed_policy_size: session.packed_policy_size,
        name_qualifier: name_qualifier(&assertion.issuer, &provider),
        subject_type: subject_type(&assertion).to_owned(),
        subject: assertion.subject,
        issuer: assertion.issuer,
        audience: assertion.recipient,
        source_identity,
        trusted_identity_propagation_context,
    })
}

fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidIdentityToken", text)
}

/// A refusal by the service behind STS, which STS hands on with that service's own line about it.
fn from_behind(cx: &Cx, text: &str, code: &str) -> ApiError {
    let id = &cx.request_id;
    invalid(format!(
        "{text} (Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: {code}; Request ID: {id}; Proxy: null)"
    ))
}

/// The response with its provider's word for it, now.
fn proven(cx: &Cx, world: &World, input: &AssumeRoleWithSaml) -> Result<Proven, ApiError> {
    let response = saml::read(&input.saml_assertion).map_err(|refused| refusal(cx, refused))?;
    let provider = saml_provider::by_arn(world, &input.principal_arn)
        .filter(|provider| saml_provider::arn(cx.partition(), provider) == input.principal_arn)
        .ok_or_else(|| from_behind(cx, "Specified provider doesn't exist", "AuthSamlManifestNotFoundException"))?;
    let metadata = metadata_of(cx, &provider)?;
    let assertion = response.verified(&metadata, &opening(&provider)).map_err(|refused| refusal(cx, refused))?;
    meant_for_us(cx, &provider, &assertion)?;
    in_time(cx, &assertion)?;
    // A provider vouches for roles of its own account only.
    let pair = (input.role_arn.as_str(), input.principal_arn.as_str());
    let is_own = federated::account_of(&input.role_arn) == Some(provider.account);
    if !saml_attributes::roles(&assertion).contains(&pair) {
        return Err(invalid("SAML Assertion doesn't contain the requested Role and Metadata in the attributes"));
    }
    if !is_own {
        return Err(federated::denied(ACTION).because("the provider is of another account than the role"));
    }
    let session_name = session_name(&assertion)?;
    let context = context(cx, world, &provider, &assertion)?;
    let identity = Identity { trusted_context: context, ..identity(&provider, &assertion, &input.principal_arn)? };
    Ok(Proven { provider, assertion, session_name, identity })
}

fn metadata_of(cx: &Cx, provider: &SamlProvider) -> Result<Metadata, ApiError> {
    let read = metadata::parse(&provider.metadata);
    let read = read.map_err(|error| ApiError::internal(format!("stored metadata: {error:?}")))?;
    if cx.wall >= provider.valid_until || read.valid_until.is_some_and(|end| cx.wall >= end) {
        // That a document's own date counts is documented; of AWS's words no recording is known.
        return Err(invalid("The metadata of the specified provider has expired"));
    }
    Ok(read)
}

fn opening(provider: &SamlProvider) -> Opening<'_> {
    let keys = provider.private_keys.iter().map(|key| key.pem.as_str()).collect();
    Opening { keys, required: provider.encryption == saml_provider::REQUIRED }
}

fn refusal(cx: &Cx, refused: Refused) -> ApiError {
    const CODE: &str = "AuthSamlInvalidSamlResponseException";
    match refused {
        Refused::Malformed(why) => from_behind(cx, "Invalid base64 SAMLResponse", CODE).because(why),
        Refused::OtherIssuer => from_behind(cx, "Issuer not present in specified provider", CODE),
        Refused::Signature(why) => invalid("Response signature invalid").because(why),
        Refused::Rejected(status) => {
            let text = "The identity provider (IdP) reported that authentication failed";
            ApiError::new("IDPRejectedClaim", text).because(status)
        }
        Refused::Unsigned => {
            let text = "Response (with optional signature) must contain an assertion with a mandatory signature";
            from_behind(cx, text, CODE)
        }
        // That it is refused is documented; of AWS's words no recording is known.
        Refused::Encrypted(why) => {
            invalid("The assertion could not be decrypted with a private key of the specified provider").because(why)
        }
    }
}

/// An assertion for others is refused in the words of AWS's troubleshooting page; one that names nobody is for anybody. (In September 2026 AWS was seen to
/// take one for others, too; a service provider that does is told by SAML not to.)
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html>
fn meant_for_us(cx: &Cx, provider: &SamlProvider, assertion: &Assertion) -> Result<(), ApiError> {
    let is_us = |audience: &String| is_sign_in(cx, provider, audience) || is_entity(cx, audience);
    match assertion.audiences.iter().all(|any| any.iter().any(is_us)) {
        true => Ok(()),
        false => Err(invalid("Response does not contain the required audience.")),
    }
}

/// `https://signin.aws.amazon.com/saml`, that of a region, and with the provider's own end.
fn is_sign_in(cx: &Cx, provider: &SamlProvider, url: &str) -> bool {
    let host = match cx.partition() {
        "aws-cn" => "signin.amazonaws.cn",
        "aws-us-gov" => "signin.amazonaws-us-gov.com",
        _ => "signin.aws.amazon.com",
    };
    let Some((authority, path)) = url.strip_prefix("https://").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let is_region = |name: &str| service::regions::region(name).is_some();
    let is_host = authority == host
        || authority.strip_suffix(host).and_then(|region| region.strip_suffix('.')).is_some_and(is_region);
    is_host && (path == "saml" || path.strip_prefix("saml/acs/") == Some(&provider.id))
}

/// The names of AWS as a service provider in its own metadata.
fn is_entity(cx: &Cx, audience: &str) -> bool {
    match cx.partition() {
        "aws-cn" => audience == "urn:amazon:webservices:cn-north-1",
        "aws-us-gov" => audience == "urn:amazon:webservices:govcloud",
        _ => audience == "urn:amazon:webservices",
    }
}

/// Times are the provider's, so they are held against the operating system's clock. Neither beginnings nor recipient are judged, as seen of AWS in
/// September 2026: the recipient is for the trust policy (`saml:aud`).
fn in_time(cx: &Cx, assertion: &Assertion) -> Result<(), ApiError> {
    let expired = |text| Err(ApiError::new("ExpiredTokenException", text));
    let after = |time: Timestamp, by: SignedDuration| time.checked_add(by).unwrap_or(Timestamp::MAX);
    let ends = [Some(assertion.confirmed_until), assertion.not_on_or_after, assertion.session_not_on_or_after];
    if ends.into_iter().flatten().any(|end| cx.wall >= end) {
        return expired("Response has expired");
    }
    if cx.wall > after(assertion.issued_at, REDEEMABLE) {
        return expired("Token must be redeemed within 5 minutes of issuance");
    }
    if assertion.issued_at > after(cx.wall, SKEW) {
        // Of AWS's words no recording is known.
        return Err(invalid("Response is not valid yet"));
    }
    Ok(())
}

fn session_name(assertion: &Assertion) -> Result<String, ApiError> {
    match assertion.values(&format!("{ATTRIBUTES}RoleSessionName")).as_slice() {
        [name] if federated::is_name(name) => Ok((*name).to_owned()),
        [] => Err(invalid("RoleSessionName is required in AuthnResponse")),
        _ => Err(invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")),
    }
}

fn identity(provider: &SamlProvider, assertion: &Assertion, principal_arn: &str) -> Result<Identity, ApiError> {
    let source_identity = match assertion.values(&format!("{ATTRIBUTES}SourceIdentity")).as_slice() {
        [] => None,
        [name] if federated::is_source_identity(name) => Some((*name).to_owned()),
        _ => {
            let text = "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,256} and not begin with \"aws:\"";
            return Err(invalid(text));
        }
    };
    let one = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
    let session_keys = vec![
        one("saml:namequalifier", &name_qualifier(&assertion.issuer, provider)),
        one("saml:sub", &assertion.subject),
        one("saml:sub_type", subject_type(assertion)),
    ];
    let mut keys = session_keys.clone();
    keys.push(one("saml:aud", &assertion.recipient));
    keys.push(one("saml:iss", &assertion.issuer));
    keys.push(one("saml:doc", &format!("{}/{}", provider.account, provider.name)));
    keys.extend(saml_attributes::keys(assertion));
    // Of AWS's words no recording is known.
    let malformed = || invalid("The session tags in AuthnResponse are invalid");
    let (tags, transitive_tag_keys) = saml_attributes::tags(assertion).ok_or_else(malformed)?;
    let provider = principal_arn.to_owned();
    let identity = Identity {
        provider,
        keys,
        session_keys,
        tags,
        transitive_tag_keys,
        source_identity,
        trusted_context: Vec::new(),
    };
    if federated::is_complete(&identity) { Ok(identity) } else { Err(malformed()) }
}

/// What the session keeps of the assertion for whom it acts: of attributes, and of the NameID as `Subject/NameID`. That an assertion must have the
/// subject is documented; the words are ours.
fn context(
    cx: &Cx,
    world: &World,
    provider: &SamlProvider,
    assertion: &Assertion,
) -> Result<Vec<(String, String)>, ApiError> {
    let arn = saml_provider::arn(cx.partition(), provider);
    let only = |source: &str| match (source, assertion.values(source).as_slice()) {
        ("Subject/NameID", _) => Some(assertion.subject.clone()),
        (_, [one]) => Some((*one).to_owned()),
        _ => None,
    };
    let origin = (arn.as_str(), assertion.signed_by.as_str());
    propagation::trusted_context(cx.partition(), world, &provider.propagation, origin, only).map_err(
        |unfit| match unfit {
            Unfit::NoSubject(source) => invalid(format!("{source} is required in AuthnResponse")),
            Unfit::TooLong(key) => invalid(format!("The value for {key} in AuthnResponse is too long")),
        },
    )
}

/// The format of the NameID, without the prefix that all of SAML's own have.
fn subject_type(assertion: &Assertion) -> &str {
    let format = &assertion.subject_format;
    format.strip_prefix(NAME_FORMATS).unwrap_or(format)
}

/// A hash that tells users of one provider from those of another.
fn name_qualifier(issuer: &str, provider: &SamlProvider) -> String {
    let text = format!("{issuer}{}/{}", provider.account, provider.name);
    STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()))
}

/// The session's length: what is asked for, and never longer than what the provider says and than the session there.
fn seconds(cx: &Cx, input: &AssumeRoleWithSaml, assertion: &Assertion) -> i64 {
    let stated = assertion.values(&format!("{ATTRIBUTES}SessionDuration"));
    let stated = stated.first().and_then(|text| text.parse::<i64>().ok()).filter(|it| (900..=43_200).contains(it));
    let asked = input.duration_seconds.unwrap_or(assume_role::DEFAULT_SECONDS);
    let left = assertion.session_not_on_or_after.map(|end| end.as_second().saturating_sub(cx.wall.as_second()));
    [stated, left].into_iter().flatten().fold(asked, i64::min)
}
