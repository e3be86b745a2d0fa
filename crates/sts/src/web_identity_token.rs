//! GetWebIdentityToken: a signed token that says to other parties who the caller is.
//!
//! Signing is done in a `prepare`; the handler checks what AWS checks and hands out what was signed. Claims, their order and the texts were seen on
//! AWS. <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html>

use std::any::Any;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iam::outbound_federation::keys::{self, Algorithm};
use iam::outbound_federation::{active_issuer, publish};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};
use service::Organization;
use service::caller::{Session, SessionKind};
use service::operation::Preparation;
use service::prelude::*;
use service::tags::{self, same_key_ignoring_case};

use crate::session_tags::{self, Wanted};
use crate::token;
use crate::trusted_context::of_origin;

const DEFAULT_SECONDS: i64 = 300;
/// Bytes of the claims as JSON; AWS accepted as many and refused one more.
const MOST_PAYLOAD_BYTES: usize = 14_984;
/// The claims that are AWS's own.
const NAMESPACE: &str = "https://sts.amazonaws.com/";

/// GetWebIdentityToken's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct GetWebIdentityToken {
    pub audience: Vec<String>,
    pub duration_seconds: Option<i64>,
    pub signing_algorithm: String,
    #[serde(default)]
    pub tags: Vec<Tag>,
    pub scope: Option<String>,
    pub subject_mode: Option<String>,
}

/// The values of SubjectMode: the caller, and for whom the caller's session acts.
const BY_AWS: &str = "AWSIdentity";
const BY_ORIGIN: &str = "OriginIdentity";

impl GetWebIdentityToken {
    fn subject_mode(&self) -> &str {
        self.subject_mode.as_deref().unwrap_or(BY_AWS)
    }
}

/// The token.
#[derive(Serialize, Shaped)]
pub struct WebIdentityToken {
    pub web_identity_token: String,
    pub expiration: Timestamp,
}

fn seconds(input: &GetWebIdentityToken) -> i64 {
    input.duration_seconds.unwrap_or(DEFAULT_SECONDS)
}

/// What AWS checks before it asks who may.
pub fn precheck(cx: &Cx, _: &World, input: &GetWebIdentityToken) -> Result<(), ApiError> {
    token::must_be_regional(cx)?;
    if Algorithm::named(&input.signing_algorithm).is_none() {
        let text = "Requested SigningAlgorithm is not supported. See the GetWebIdentityToken documentation for supported algorithms";
        return Err(ApiError::validation(text));
    }
    session_tags::no_key_twice(Wanted { tags: &input.tags, transitive_keys: &[] })?;
    if cx.caller.session.as_ref().is_some_and(|session| session.kind == SessionKind::Federation) {
        return Err(ApiError::new("AccessDenied", "GetWebIdentityToken does not support federated user sessions"));
    }
    check_scope(input)?;
    subject(cx, input).map(drop)
}

fn scopes(input: &GetWebIdentityToken) -> Vec<&str> {
    input.scope.iter().flat_map(|scope| scope.split(' ')).collect()
}

/// The rules are the model's, the words ours.
fn check_scope(input: &GetWebIdentityToken) -> Result<(), ApiError> {
    let scopes = scopes(input);
    if scopes.is_empty() {
        return Ok(());
    }
    if input.subject_mode() != BY_ORIGIN || input.audience.len() != 1 {
        let text = "Scope can be specified only with SubjectMode OriginIdentity and exactly one audience";
        return Err(ApiError::validation(text));
    }
    let is_again = |(index, scope): (usize, &&str)| scopes.iter().take(index).any(|earlier| earlier == scope);
    match scopes.iter().enumerate().any(is_again) {
        true => Err(ApiError::validation("Scope must not contain a value more than once")),
        false => Ok(()),
    }
}

/// The `sub` claim. A session that acts for somebody says so by its trusted context; who could be taken for a principal of AWS, or does not read as it
/// is written, is denied. The rules are the model's, the words ours.
fn subject(cx: &Cx, input: &GetWebIdentityToken) -> Result<String, ApiError> {
    if input.subject_mode() != BY_ORIGIN {
        return Ok(cx.caller.principal_arn());
    }
    let context = cx.caller.session.as_ref().map(|session| session.trusted_context.as_slice()).unwrap_or_default();
    let has_source = ["Issuer", "FederatedProviderArn"].iter().any(|name| of_origin(context, name).is_some());
    let subject = of_origin(context, "Subject").filter(|subject| has_source && !subject.trim().is_empty());
    let subject = subject.ok_or_else(|| {
        let text = "SubjectMode OriginIdentity requires a trusted identity propagation context with a subject and its issuer or provider";
        ApiError::validation(text)
    })?;
    let begins_as_arn = subject.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("arn:"));
    if begins_as_arn || subject.starts_with(' ') || subject.ends_with(' ') || !subject.chars().all(is_plain) {
        let text = "The subject of the trusted identity propagation context cannot be the subject of a token";
        return Err(ApiError::new("AccessDenied", text));
    }
    Ok(subject.to_owned())
}

/// No control, format or separator character, but for the space: Unicode's categories Cc, Cf, Zl, Zp and Zs.
fn is_plain(character: char) -> bool {
    /// Cf of Unicode 16.
    const FORMAT: &[(u32, u32)] = &[
        (0xAD, 0xAD),
        (0x600, 0x605),
        (0x61C, 0x61C),
        (0x6DD, 0x6DD),
        (0x70F, 0x70F),
        (0x890, 0x891),
        (0x8E2, 0x8E2),
        (0x180E, 0x180E),
        (0x200B, 0x200F),
        (0x202A, 0x202E),
        (0x2060, 0x2064),
        (0x2066, 0x206F),
        (0xFEFF, 0xFEFF),
        (0xFFF9, 0xFFFB),
        (0x110BD, 0x110BD),
        (0x110CD, 0x110CD),
        (0x13430, 0x1343F),
        (0x1BCA0, 0x1BCA3),
        (0x1D173, 0x1D17A),
        (0xE0001, 0xE0001),
        (0xE0020, 0xE007F),
    ];
    let code = u32::from(character);
    let is_format = FORMAT.iter().any(|(first, last)| (*first..=*last).contains(&code));
    character == ' ' || !(character.is_control() || character.is_whitespace() || is_format)
}

/// sts:GetWebIdentityToken on the caller itself (the reference lists no resource, AWS has one), and with tags sts:TagGetWebIdentityToken.
pub fn checks(cx: &Cx, _: &World, input: &GetWebIdentityToken) -> Vec<Check> {
    let itself = format!("arn:{}:sts::{}:self", cx.partition(), cx.account());
    let check = Check::on(&itself)
        .request_tags(&input.tags)
        .keys("sts:IdentityTokenAudience", input.audience.clone())
        .key("sts:SigningAlgorithm", &input.signing_algorithm)
        .key("sts:DurationSeconds", seconds(input).to_string());
    let scopes: Vec<String> = scopes(input).into_iter().map(str::to_owned).collect();
    let with_mode = |check: Check| {
        let check = check.key("sts:SubjectMode", input.subject_mode());
        if scopes.is_empty() { check } else { check.keys("sts:IdentityTokenScope", scopes.clone()) }
    };
    let scoping = (!scopes.is_empty()).then(|| with_mode(Check::dependent("sts:SetWebIdentityTokenScope", &itself)));
    let tagging = (!input.tags.is_empty())
        .then(|| Check::dependent("sts:TagGetWebIdentityToken", &itself).request_tags(&input.tags));
    std::iter::once(with_mode(check)).chain(tagging).chain(scoping).collect()
}

/// Signs the token, if the account's feature is enabled.
pub fn sign(cx: &Cx, world: &World, input: &GetWebIdentityToken) -> Option<Preparation> {
    let issuer = active_issuer(world, cx.account())?;
    let algorithm = Algorithm::named(&input.signing_algorithm)?;
    let payload = claims(cx, world, input, &publish::url(&cx.settings.issuer_base, &issuer)).to_string();
    let too_large = payload.len() > MOST_PAYLOAD_BYTES;
    let signing = move |_: [u8; 32]| {
        let header = json!({"kid": algorithm.key_id(), "typ": "JWT", "alg": algorithm.name()}).to_string();
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature = (!too_large).then(|| keys::sign(&issuer.keys, algorithm, &text)).flatten();
        let token = signature.map(|signature| format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)));
        Arc::new(Signed { token, too_large }) as Arc<dyn Any + Send + Sync>
    };
    Some(Box::new(signing))
}

/// What the preparation gives.
struct Signed {
    token: Option<String>,
    too_large: bool,
}

/// GetWebIdentityToken. A session that would end before its token is refused before AWS looks whether there are tokens at all.
pub fn get(cx: &Cx, world: &World, input: &GetWebIdentityToken) -> Result<WebIdentityToken, ApiError> {
    let expires_at = cx.now.checked_add(SignedDuration::from_secs(seconds(input))).unwrap_or(cx.now);
    if cx.caller.session.as_ref().is_some_and(|session| expires_at > session.expires_at) {
        let text = "Requested token expiry time must be before the original session's expiry time.";
        return Err(ApiError::new("SessionDurationEscalationException", text));
    }
    if active_issuer(world, cx.account()).is_none() {
        let text = "OutboundWebIdentityFederation is disabled.";
        return Err(ApiError::new("OutboundWebIdentityFederationDisabledException", text));
    }
    let signed = cx.prepared::<Signed>().ok_or_else(|| ApiError::internal("no token was signed"))?;
    if signed.too_large {
        let text = "JWT payload exceeds maximum allowed size";
        return Err(ApiError::new("JWTPayloadSizeExceededException", text));
    }
    let token = signed.token.clone().ok_or_else(|| ApiError::internal("the signing keys are no keys"))?;
    Ok(WebIdentityToken { web_identity_token: token, expiration: cx.expiry_for_client(expires_at) })
}

/// The claims. Their times are in the clock of the client, as an `Expiration` is: whoever verifies the token lives there.
fn claims(cx: &Cx, world: &World, input: &GetWebIdentityToken, issuer: &str) -> Value {
    let issued_at = cx.expiry_for_client(cx.now).as_second();
    let audience = match input.audience.as_slice() {
        [one] => json!(one),
        several => json!(several),
    };
    let mut claims = json!({
        "aud": audience,
        // A request whose subject is refused signs nothing that is handed out.
        "sub": subject(cx, input).unwrap_or_default(),
        NAMESPACE: own_claims(cx, world, input),
        "iss": issuer,
        "exp": issued_at.saturating_add(seconds(input)),
        "iat": issued_at,
        "jti": cx.ids.uuid(),
    });
    if let (Some(scope), Some(claims)) = (&input.scope, claims.as_object_mut()) {
        claims.insert("scope".to_owned(), json!(scope));
    }
    claims
}

fn own_claims(cx: &Cx, world: &World, input: &GetWebIdentityToken) -> Value {
    let mut claims = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            claims.insert(name.to_owned(), value);
        }
    };
    let session = cx.caller.session.as_deref();
    put(
        "source_identity",
        session.and_then(|session| session.source_identity.as_ref()).map(|identity| json!(identity)),
    );
    let organization = Organization::of(world);
    let path = organization.as_ref().and_then(|organization| organization.path(cx.account()));
    let id = organization.as_ref().filter(|_| path.is_some()).map(|organization| json!(organization.id));
    put("org_id", id);
    put("aws_account", Some(json!(cx.account().as_str())));
    put("ou_path", path.map(|path| json!([path])));
    put("request_tags", object(&input.tags));
    for (name, value) in session.map(session_claims).unwrap_or_default() {
        put(name, Some(value));
    }
    // That the claim is added is documented; that it is one of AWS's own is our guess.
    put("subject_mode", (input.subject_mode() == BY_ORIGIN).then(|| json!(BY_ORIGIN)));
    put("source_region", Some(json!(cx.region_name())));
    put("principal_id", Some(json!(cx.caller.principal_arn())));
    put("principal_tags", object(&principal_tags(cx, world)));
    Value::Object(claims)
}

fn session_claims(session: &Session) -> Vec<(&'static str, Value)> {
    let mut claims = vec![("original_session_exp", json!(session.expires_at.to_string()))];
    claims.extend(session.federation.iter().map(|federation| ("federated_provider", json!(federation.provider))));
    if let Some(instance) = &session.instance {
        claims.push(("ec2_source_instance_arn", json!(instance.instance_arn)));
        claims.extend(instance.vpc_id.iter().map(|vpc| ("ec2_instance_source_vpc", json!(vpc))));
        claims.extend(instance.private_ipv4.iter().map(|address| ("ec2_instance_source_private_ipv4", json!(address))));
        claims.push(("ec2_role_delivery", json!(instance.delivery)));
    }
    claims
}

/// The user's or role's own tags, with the session's in their stead where keys are the same but for case.
fn principal_tags(cx: &Cx, world: &World) -> Vec<Tag> {
    let mut held = iam::policy_sets(world, &cx.caller).principal_tags;
    if let Some(session) = &cx.caller.session {
        tags::merge(&mut held, &session.tags, same_key_ignoring_case);
    }
    held
}

fn object(tags: &[Tag]) -> Option<Value> {
    let entries = tags.iter().map(|tag| (tag.key.clone(), json!(tag.value)));
    (!tags.is_empty()).then(|| Value::Object(entries.collect()))
}
