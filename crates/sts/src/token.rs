//! The session token: everything about temporary credentials, sealed for this installation.
//!
//! The access key id is bound as associated data, the secret key is a MAC over the token: so an id, a secret and a token that do not belong
//! together fail, and no table of sessions is needed. A role's session names the role by its unique id; once the role is gone the token is
//! worth nothing, and a new role of the same name does not revive it.

use iam::record::{Role, User};
use jiff::SignedDuration;
use service::caller::{FederatingUser, Federation, InstanceFacts, Session, SessionKind, SessionPolicies};
use service::ids::secret_of;
use service::keys::InstallationKeys;
use service::prelude::*;
use service::regions::Region;
use service::seal;

/// What a token holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    pub account: AccountId,
    pub holder: Holder,
    pub kind: SessionKind,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<SessionPolicies>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scope_down: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transitive_tag_keys: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa_at: Option<Timestamp>,
    #[serde(default)]
    pub chain_depth: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<InstanceFacts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub federation: Option<Federation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trusted_context: Vec<(String, String)>,
    /// Means nothing; makes the token as long as the client asked for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub padding: String,
}

impl Contents {
    /// A session that lasts so long from then on, and has nothing more to it: no policies, tags, second factor or chain.
    pub fn new(
        account: AccountId,
        holder: Holder,
        kind: SessionKind,
        issued_at: Timestamp,
        life: SignedDuration,
    ) -> Self {
        Contents {
            account,
            holder,
            kind,
            issued_at,
            expires_at: issued_at.checked_add(life).unwrap_or(issued_at),
            policies: Vec::new(),
            scope_down: Vec::new(),
            tags: Vec::new(),
            transitive_tag_keys: Vec::new(),
            source_identity: None,
            mfa_at: None,
            chain_depth: 0,
            instance: None,
            federation: None,
            trusted_context: Vec::new(),
            padding: String::new(),
        }
    }
}

/// Whose session it is, by unique ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holder {
    Root,
    User { id: String },
    Role { id: String, session_name: String },
    Federated { name: String, user_id: Option<String> },
    Instance { instance_id: String },
}

impl Holder {
    /// Whose session it is that calls; nobody's, if it is none of STS's.
    pub fn of(principal: &Principal) -> Option<Holder> {
        Some(match principal {
            Principal::Root => Holder::Root,
            Principal::User { id, .. } => Holder::User { id: id.clone() },
            Principal::Role { id, session_name, .. } => {
                Holder::Role { id: id.clone(), session_name: session_name.clone() }
            }
            Principal::Federated { name, user } => {
                Holder::Federated { name: name.clone(), user_id: user.as_ref().map(|user| user.id.clone()) }
            }
            Principal::Instance { instance_id } => Holder::Instance { instance_id: instance_id.clone() },
            Principal::Service { .. } | Principal::Anonymous => return None,
        })
    }
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Not ours, changed, of another key, or its role or user is gone.
    Invalid,
    Expired,
}

/// A sealed token with its secret key.
#[derive(Clone)]
pub struct Sealed {
    pub secret: String,
    pub token: String,
}

/// Where a token is good. AWS's global endpoint issues tokens of the first version unless the account asks for the second.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    EveryRegion,
    /// Not where an account must opt in.
    DefaultRegions,
}

impl Reach {
    /// What a token is bound to beside its contents, so that nothing in it needs to say how far it reaches.
    fn binding(self, access_key_id: &str) -> String {
        match self {
            Reach::EveryRegion => access_key_id.to_owned(),
            Reach::DefaultRegions => format!("{access_key_id} in default regions"),
        }
    }
}

/// Seals the contents for that access key id. `None` only if they cannot be serialised.
pub fn seal(keys: &InstallationKeys, access_key_id: &str, contents: &Contents, reach: Reach) -> Option<Sealed> {
    let token = seal::seal(keys, &keys.token, reach.binding(access_key_id).as_bytes(), contents)?;
    Some(Sealed { secret: secret(keys, &token), token })
}

/// The secret access key that goes with a token: forty characters of a MAC over the whole token.
pub fn secret(keys: &InstallationKeys, token: &str) -> String {
    let parts = [
        seal::mac(&keys.token, &[b"secret 1", token.as_bytes()]),
        seal::mac(&keys.token, &[b"secret 2", token.as_bytes()]),
    ];
    secret_of(&parts.concat())
}

/// Opens a token that came to that region into the caller it stands for, as its role or user is now.
pub fn open_in(
    world: &World,
    access_key_id: &str,
    token: &str,
    now: Timestamp,
    region: &'static Region,
) -> Result<Caller, Refused> {
    match open_with(world, access_key_id, token, now, &region.partition, Reach::EveryRegion) {
        Err(Refused::Invalid) if !region.opt_in => {
            open_with(world, access_key_id, token, now, &region.partition, Reach::DefaultRegions)
        }
        other => other,
    }
}

/// The same, wherever it came to, for one that reaches every region.
pub fn open(
    world: &World,
    access_key_id: &str,
    token: &str,
    now: Timestamp,
    partition: &'static str,
) -> Result<Caller, Refused> {
    open_with(world, access_key_id, token, now, partition, Reach::EveryRegion)
}

fn open_with(
    world: &World,
    access_key_id: &str,
    token: &str,
    now: Timestamp,
    partition: &'static str,
    reach: Reach,
) -> Result<Caller, Refused> {
    let keys = InstallationKeys::of(world).ok_or(Refused::Invalid)?;
    let binding = reach.binding(access_key_id);
    let contents: Contents = seal::open(&keys.token, binding.as_bytes(), token).ok_or(Refused::Invalid)?;
    if now >= contents.expires_at {
        return Err(Refused::Expired);
    }
    let principal = principal(world, contents.account, &contents.holder).ok_or(Refused::Invalid)?;
    Ok(Caller {
        account: contents.account,
        partition,
        principal,
        access_key_id: access_key_id.to_owned(),
        session: Some(Box::new(session(contents))),
    })
}

fn session(contents: Contents) -> Session {
    Session {
        issued_at: contents.issued_at,
        expires_at: contents.expires_at,
        kind: contents.kind,
        policies: contents.policies,
        scope_down: contents.scope_down,
        tags: contents.tags,
        transitive_tag_keys: contents.transitive_tag_keys,
        source_identity: contents.source_identity,
        mfa_at: contents.mfa_at,
        chain_depth: contents.chain_depth,
        instance: contents.instance,
        federation: contents.federation,
        trusted_context: contents.trusted_context,
    }
}

fn principal(world: &World, account: AccountId, holder: &Holder) -> Option<Principal> {
    Some(match holder {
        Holder::Root => Principal::Root,
        Holder::User { id } => {
            let user = world.get::<User>(&[account.as_str(), id])?;
            Principal::User { id: id.clone(), name: user.name.clone(), path: user.path.clone() }
        }
        Holder::Role { id, session_name } => {
            let role = world.get::<Role>(&[account.as_str(), id])?;
            Principal::Role {
                id: id.clone(),
                name: role.name.clone(),
                path: role.path.clone(),
                session_name: session_name.clone(),
            }
        }
        Holder::Federated { name, user_id } => {
            let user = match user_id {
                Some(id) => {
                    let user = world.get::<User>(&[account.as_str(), id])?;
                    Some(FederatingUser { id: id.clone(), name: user.name.clone(), path: user.path.clone() })
                }
                None => None,
            };
            Principal::Federated { name: name.clone(), user }
        }
        Holder::Instance { instance_id } => Principal::Instance { instance_id: instance_id.clone() },
    })
}

/// What a session may not do at all, whatever policies say.
///
/// Which operations of STS a session token and a federated user can call is documented with GetSessionToken and GetFederationToken; for the latter
/// GetWebIdentityToken is not (it has a refusal of its own). Without a second factor a session token can call nothing of IAM; AWS answers IAM calls
/// with InvalidClientTokenId (seen in reports of aws-vault and aws-sdk-js users).
pub fn may_call(caller: &Caller, service: service::Service, operation: &str) -> Result<(), ApiError> {
    let Some(session) = &caller.session else { return Ok(()) };
    // GetSessionToken and GetFederationToken pass here: they have refusals of their own.
    let (of_iam, of_sts): (bool, &[&str]) = match session.kind {
        SessionKind::SessionToken => (
            session.mfa_at.is_some(),
            &[
                "AssumeRole",
                "GetCallerIdentity",
                "GetScopedCredentials",
                "GetWebIdentityToken",
                "GetDelegatedAccessToken",
                "GetSessionToken",
                "GetFederationToken",
            ],
        ),
        SessionKind::Federation => (
            false,
            &[
                "GetCallerIdentity",
                "GetScopedCredentials",
                "GetDelegatedAccessToken",
                "GetSessionToken",
                "GetFederationToken",
                "GetWebIdentityToken",
            ],
        ),
        // Seen of AWS in September 2026.
        SessionKind::InstanceIdentity if service == service::Service::Sts && operation == "GetSessionToken" => {
            return Err(invalid());
        }
        SessionKind::AssumeRole
        | SessionKind::AssumeRoot
        | SessionKind::InstanceProfile
        | SessionKind::InstanceIdentity
        | SessionKind::Delegation => return Ok(()),
    };
    match service {
        service::Service::Iam if !of_iam => Err(invalid()),
        service::Service::Sts if !of_sts.contains(&operation) => Err(session_credentials(operation)),
        _ => Ok(()),
    }
}

fn invalid() -> ApiError {
    ApiError::new("InvalidClientTokenId", "The security token included in the request is invalid")
}

/// Refuses what AWS has at regional endpoints only. That it is not available elsewhere is documented; of AWS's code no recording is known.
pub fn must_be_regional(cx: &Cx) -> Result<(), ApiError> {
    match cx.from.global_endpoint {
        true => Err(ApiError::new("InvalidAction", "Operation not supported on STS global endpoint")),
        false => Ok(()),
    }
}

/// The refusal of operations that want long-term credentials.
pub fn session_credentials(operation: &str) -> ApiError {
    ApiError::new("AccessDenied", format!("Cannot call {operation} with session credentials"))
}
