//! The context of one request: who asks, where, when, and the source of fresh ids. It is the first argument everywhere and is called `cx`.

use std::any::Any;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::ids::Ids;
use crate::regions::{self, Region};
use crate::{AccountId, Caller, World};

/// Everything a handler may know besides the state and its input. Cloning is cheap and starts the ids again.
#[derive(Debug, Clone)]
pub struct Cx {
    /// The time of the modelled world: expiry, states, creation dates.
    pub now: Timestamp,
    /// The operating system's time.
    pub wall: Timestamp,
    /// Which clock the caller's own date was near, and so in which clock an `Expiration` is written for it.
    pub client_clock: ClientClock,
    pub request_id: Arc<str>,
    pub caller: Arc<Caller>,
    /// The region the request was made in (the credential scope's; `aws-global` counts as us-east-1).
    pub region: &'static Region,
    pub ids: Ids,
    pub from: Arc<Origin>,
    pub settings: Arc<Settings>,
    /// A state whose IAM facts are those that have reached this caller here (`--iam-propagation`); `None` where they are everywhere at once.
    pub arrived: Option<World>,
    /// What the operation asked to have prepared outside the store (see [`crate::operation::Preparation`]).
    pub prepared: Prepared,
}

/// The result of a preparation, e.g. a drawn key pair.
#[derive(Clone, Default)]
pub struct Prepared(pub Option<Arc<dyn Any + Send + Sync>>);

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Prepared(…)" } else { "Prepared(nothing)" })
    }
}

/// What of the connection and the HTTP request policies can ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub source_ip: Option<IpAddr>,
    pub user_agent: Option<String>,
    pub referer: Option<String>,
    pub secure_transport: bool,
    /// The request was addressed to the service's global endpoint, not to a region's.
    pub global_endpoint: bool,
}

/// The clock a client lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientClock {
    Wall,
    Moved,
}

/// What the server was started with, as far as handlers care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub default_account: AccountId,
    pub quotas: Quotas,
    /// `--quota`: quotas of IAM that are set, by the name their error has.
    pub set_quotas: BTreeMap<String, usize>,
    pub states: States,
    /// `--compat`: the root user may assume roles, which AWS refuses.
    pub root_may_assume_roles: bool,
    /// `--authorization-ids`: IAM's denials end with the id by which their details can be asked for.
    pub authorization_ids: bool,
    /// Where issuers of web identity tokens are found from outside: the server's own URL, without a slash at the end.
    pub issuer_base: String,
    /// Credentials of instances are dated in the moved clock (`clock --clients moved`).
    pub clients_moved: bool,
}

/// Whether adjustable quotas are enforced. The hard ones (two access keys, one role per profile, sizes) always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quotas {
    None,
    Aws,
}

/// How long state changes take in the modelled world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum States {
    /// The answer already shows the final state.
    Instant,
    /// The answer shows the transition; a second later it is over.
    Quick,
    /// About as long as AWS takes.
    Aws,
}

impl States {
    /// How long a transition lasts that AWS needs `aws_seconds` for.
    pub fn lasting(self, aws_seconds: i64) -> SignedDuration {
        match self {
            States::Instant => SignedDuration::ZERO,
            States::Quick => SignedDuration::from_secs(1),
            States::Aws => SignedDuration::from_secs(aws_seconds),
        }
    }

    /// When such a transition is over that began at that time.
    pub fn over_at(self, since: Timestamp, aws_seconds: i64) -> Timestamp {
        since.saturating_add(self.lasting(aws_seconds)).unwrap_or(since)
    }
}

impl Cx {
    /// What was prepared for this request, if it is a `T`.
    pub fn prepared<T: 'static>(&self) -> Option<&T> {
        self.prepared.0.as_ref()?.downcast_ref()
    }

    /// The state in which a service looks up what IAM knows: a role or an instance profile that is new may not have reached it.
    pub fn arrived<'a>(&'a self, world: &'a World) -> &'a World {
        self.arrived.as_ref().unwrap_or(world)
    }

    /// The account the request acts in.
    pub fn account(&self) -> AccountId {
        self.caller.account
    }

    /// The region's name, `us-east-1`.
    pub fn region_name(&self) -> &'static str {
        &self.region.name
    }

    /// `aws`, `aws-cn`, `aws-us-gov`…
    pub fn partition(&self) -> &'static str {
        &self.region.partition
    }

    /// A service principal of the caller's partition, such as `ec2.amazonaws.com` (in China `ec2.amazonaws.com.cn`).
    pub fn service_principal(&self, service: &str) -> String {
        format!("{service}.{}", regions::service_principal_suffix(service, self.partition()))
    }

    /// The same context at its first id, for running a handler again.
    pub fn again(&self) -> Cx {
        self.clone()
    }

    /// The same context with ids of its own, for what is made beside, before or after what the request makes: a clone begins again at the first id.
    pub fn apart(&self) -> Cx {
        Cx { ids: Ids::new(self.ids.bytes()), ..self.clone() }
    }

    /// The same context for another caller, who asks from inside AWS: the request's address and program are not its own.
    pub fn inside(&self, caller: Caller) -> Cx {
        let from =
            Origin { source_ip: None, user_agent: None, referer: None, secure_transport: true, global_endpoint: false };
        Cx { caller: caller.into(), from: from.into(), ..self.again() }
    }

    /// An expiry of the modelled world, written in the clock the client lives in.
    pub fn expiry_for_client(&self, expires_at: Timestamp) -> Timestamp {
        match self.client_clock {
            ClientClock::Moved => expires_at,
            ClientClock::Wall => self.wall.checked_add(expires_at.duration_since(self.now)).unwrap_or(expires_at),
        }
    }

    /// `now` without its fraction: IAM and STS keep seconds.
    pub fn now_seconds(&self) -> Timestamp {
        Timestamp::from_second(self.now.as_second()).unwrap_or(self.now)
    }
}

/// Contexts for tests of other crates.
pub mod testing {
    use super::*;

    /// A context as the root user of account 123456789012 in us-east-1 at a fixed time.
    pub fn root_cx() -> Cx {
        let account = AccountId::from_number(123_456_789_012).unwrap_or(AccountId::ZERO);
        let caller = Caller {
            account,
            partition: "aws",
            principal: crate::Principal::Root,
            access_key_id: "test".into(),
            session: None,
        };
        cx_of(caller)
    }

    /// A context for that caller in us-east-1 at a fixed time.
    pub fn cx_of(caller: Caller) -> Cx {
        let now = Timestamp::constant(1_790_000_000, 0);
        Cx {
            now,
            wall: now,
            client_clock: ClientClock::Wall,
            request_id: "00000000-0000-4000-8000-000000000000".into(),
            caller: Arc::new(caller),
            region: regions::fallback(),
            ids: Ids::new([0; 32]),
            from: Arc::new(Origin {
                source_ip: None,
                user_agent: None,
                referer: None,
                secure_transport: false,
                global_endpoint: false,
            }),
            settings: Arc::new(Settings {
                default_account: AccountId::ZERO,
                quotas: Quotas::None,
                set_quotas: BTreeMap::new(),
                states: States::Quick,
                root_may_assume_roles: false,
                issuer_base: "http://127.0.0.1:4566".to_owned(),
                authorization_ids: false,
                clients_moved: false,
            }),
            arrived: None,
            prepared: Prepared::default(),
        }
    }
}
