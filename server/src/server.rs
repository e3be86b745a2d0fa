//! What a running server is made of, and how it comes up and goes down. Start at [`run`].

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use service::Organization;
use service::cx::{Quotas, Settings, States};
use service::keys::InstallationKeys;
use sigv4::Secret;
use storage::{Options, Place, Store, Tx, World};

use crate::authenticate::{Authenticator, RootKeys};
use crate::cli::{self, Compat, Serve};
use crate::clock::{self, Clock};
use crate::decisions::Decisions;
use crate::last_used::LastUses;
use crate::propagation::Propagation;
use crate::registry::{self, Registry};
use crate::workers::Workers;
use crate::{http, identity_keys, metadata, organization};

/// Everything a request needs.
pub struct Server {
    pub store: Store,
    pub registry: Registry,
    pub authenticator: Authenticator,
    pub clock: Clock,
    pub settings: Arc<Settings>,
    pub decisions: Decisions,
    pub last_uses: LastUses,
    pub metadata: metadata::Addresses,
    pub drawing: identity_keys::Drawing,
    /// `None`: changes in IAM are everywhere at once.
    pub propagation: Option<Propagation>,
    pub serve: Serve,
    /// What `--organization` says.
    organization: Option<Organization>,
    random: SystemRandom,
}

/// Why the server does not come up: one clear line.
#[derive(Debug)]
pub struct StartError(pub String);

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Server {
    /// Thirty-two bytes of true randomness.
    pub fn random_32(&self) -> [u8; 32] {
        random(&self.random)
    }

    /// The state at `now`, with IAM's facts as they have reached that reader.
    pub async fn arrived(&self, reader: &str, now: Timestamp) -> World {
        match &self.propagation {
            Some(propagation) => propagation.arrived(&self.store, reader, now).await,
            None => self.store.snapshot(now).await,
        }
    }

    /// Compares two secrets in constant time: by their MACs under a key drawn for the purpose, so that lengths don't show either.
    pub fn equal_secrets(&self, given: &str, secret: &str) -> bool {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &self.random_32());
        ring::hmac::verify(&key, given.as_bytes(), ring::hmac::sign(&key, secret.as_bytes()).as_ref()).is_ok()
    }

    /// Puts the store back to its first start: new keys (all sessions end), no records but the organization of the command line. The clock goes
    /// back to real time.
    pub async fn reset(&self) -> Result<(), storage::WriteError<Infallible>> {
        let keys = fresh_keys(&self.random);
        let organization = self.organization.clone();
        let anew = move |_: &World, tx: &mut Tx| {
            tx.put(keys.clone());
            if let Some(organization) = &organization {
                tx.put(organization.clone());
            }
            Ok(())
        };
        self.store.reset(clock::wall(), anew).await?;
        self.clock.put(clock::Offset::default());
        self.authenticator.forget();
        crate::outside::forget();
        self.last_uses.clear();
        if let Some(propagation) = &self.propagation {
            propagation.forget().await;
        }
        Ok(())
    }
}

fn random<const N: usize>(source: &SystemRandom) -> [u8; N] {
    let mut bytes = [0; N];
    // The operating system's source does not fail once it is up; if it ever did, ids would repeat and the store refuse them.
    if source.fill(&mut bytes).is_err() {
        tracing::error!("the operating system gave no randomness");
    }
    bytes
}

fn fresh_keys(source: &SystemRandom) -> InstallationKeys {
    InstallationKeys::from_random(&[random(source), random(source), random(source), random(source), random(source)])
}

/// The relaxations in force, for the banner.
pub fn relaxations(serve: &Serve) -> Vec<&'static str> {
    let mut list = Vec::new();
    if serve.compat.is_some() {
        list.push("root may assume roles (--compat)");
    }
    match serve.auth {
        cli::AuthMode::Enforced => {}
        cli::AuthMode::Audit => list.push("policies are not enforced (--auth audit)"),
        cli::AuthMode::Off => list.push("neither signatures nor policies are enforced (--auth off)"),
    }
    if serve.insecure_root && !serve.listen.ip().is_loopback() {
        list.push("the well-known root secret is accepted beyond loopback (--insecure-root)");
    }
    list
}

/// The id, secret and account of the root key that the banner names.
pub fn root_key(serve: &Serve) -> (&'static str, String, service::AccountId) {
    let given = serve.root_secret.clone();
    match serve.compat {
        Some(Compat::Moto) => {
            let account = service::AccountId::from_number(123_456_789_012).unwrap_or(serve.account);
            let account = if serve.account == service::AccountId::ZERO { account } else { serve.account };
            ("testing", given.unwrap_or_else(|| "testing".into()), account)
        }
        _ => ("test", given.unwrap_or_else(|| "test".into()), serve.account),
    }
}

fn root_keys(serve: &Serve) -> RootKeys {
    let (id, secret, account) = root_key(serve);
    let mut keys = RootKeys { named: Default::default(), shared: Secret::new(secret.as_str()) };
    keys.named.insert(id.to_owned(), (Secret::new(secret.as_str()), account));
    keys.named.insert("test".to_owned(), (Secret::new(secret.as_str()), account));
    for key in &serve.root_key {
        let account = key.account.unwrap_or(account);
        keys.named.insert(key.id.clone(), (Secret::new(key.secret.as_str()), account));
    }
    keys
}

fn settings(serve: &Serve) -> Settings {
    Settings {
        default_account: root_key(serve).2,
        quotas: match serve.quotas {
            cli::Quotas::None => Quotas::None,
            cli::Quotas::Aws => Quotas::Aws,
        },
        set_quotas: serve.quota.iter().map(|quota| (quota.name.clone(), quota.most)).collect(),
        states: match serve.states {
            cli::States::Quick => States::Quick,
            cli::States::Instant => States::Instant,
            cli::States::Aws => States::Aws,
        },
        root_may_assume_roles: serve.compat.is_some(),
        authorization_ids: serve.authorization_ids,
        clients_moved: false,
        issuer_base: issuer_base(serve),
    }
}

/// Where verifiers of web identity tokens find this server.
fn issuer_base(serve: &Serve) -> String {
    let listening = serve.listen;
    let loopback: IpAddr = if listening.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
    let ip = if listening.ip().is_unspecified() { loopback } else { listening.ip() };
    let own = || format!("http://{}", SocketAddr::new(ip, listening.port()));
    serve.public_url.as_deref().map_or_else(own, |url| url.trim_end_matches('/').to_owned())
}

/// Opens the state and makes what a first start makes.
pub async fn open(serve: Serve) -> Result<Arc<Server>, StartError> {
    let place = match &serve.state {
        cli::State::Memory => Place::Memory,
        cli::State::File(path) => Place::File(path.clone()),
    };
    let organization = serve.organization.as_deref().map(organization::read).transpose()?;
    let store =
        Store::open(Options::new(place), registry::schema()).await.map_err(|error| StartError(error.to_string()))?;
    let random = SystemRandom::new();
    let first = async {
        first_start(&store, &random, clock::wall()).await?;
        let Some(organization) = &organization else { return Ok(()) };
        let written = organization::put(&store, organization.clone()).await;
        written.map_err(|_| StartError("the state file could not be written".into()))
    };
    // Files of their own, and a new one of either takes milliseconds.
    let log = async { Decisions::open(decision_file(&serve)).await.map_err(StartError) };
    let ((), decisions) = tokio::try_join!(first, log)?;
    let clock = Clock::of(&store.snapshot(clock::wall()).await);
    Ok(Arc::new(Server {
        registry: Registry::new(),
        authenticator: Authenticator::new(serve.auth, root_keys(&serve), root_key(&serve).2),
        clock,
        settings: Arc::new(settings(&serve)),
        decisions,
        last_uses: LastUses::default(),
        metadata: metadata::Addresses::default(),
        drawing: identity_keys::Drawing::default(),
        propagation: serve.iam_propagation.map(Propagation::new),
        serve,
        organization,
        random,
        store,
    }))
}

/// Decisions are kept beside the state, in a file of their own.
fn decision_file(serve: &Serve) -> Option<PathBuf> {
    match &serve.state {
        cli::State::Memory => None,
        cli::State::File(path) => {
            let mut name = path.clone().into_os_string();
            name.push(".decisions");
            Some(name.into())
        }
    }
}

async fn first_start(store: &Store, random: &SystemRandom, now: Timestamp) -> Result<(), StartError> {
    if InstallationKeys::of(&store.snapshot(now).await).is_some() {
        return Ok(());
    }
    let keys = fresh_keys(random);
    let written = store.write(now, move |tx: &mut Tx| {
        tx.put(keys.clone());
        Ok::<(), Infallible>(())
    });
    written.await.map_err(|_| StartError("the state file could not be written".into()))
}

/// Runs the server until it is told to stop.
pub async fn run(serve: Serve) -> Result<(), StartError> {
    refuse_open_root(&serve)?;
    images(&serve)?;
    let api = http::bind(serve.listen).await?;
    // With port 0 the system chose one; issuers' URLs have it.
    let listen = api.local_addr().unwrap_or(serve.listen);
    let server = open(Serve { listen, ..serve }).await?;
    let metadata = metadata::listen(&server).await?;
    let stop = http::Stop::on_signal().map_err(|error| StartError(format!("signals cannot be caught: {error}")))?;
    crate::banner::print(&server, listen, &metadata);
    let decisions = server.decisions.persist(stop.clone());
    let last_uses = server.last_uses.persist(&server.store, stop.clone());
    let workers = Workers::start().map_err(|error| StartError(format!("no thread to serve with: {error}")))?;
    let answering = http::serve(server.clone(), api, &workers, stop.clone());
    tokio::join!(answering, metadata::serve(server.clone(), metadata, &workers, stop), decisions, last_uses);
    server.store.clone().close().await.map_err(|error| StartError(format!("the state could not be closed: {error}")))
}

/// Beyond loopback everyone knows the secret `test`.
fn refuse_open_root(serve: &Serve) -> Result<(), StartError> {
    let known = serve.root_secret.as_deref().is_none_or(|secret| secret == "test");
    if serve.listen.ip().is_loopback() || !known || serve.insecure_root {
        return Ok(());
    }
    let text = "listening beyond loopback with the well-known root secret: set --root-secret, or say --insecure-root";
    Err(StartError(text.into()))
}

fn images(serve: &Serve) -> Result<(), StartError> {
    let Some(path) = &serve.images else { return Ok(()) };
    let failed = |error: String| StartError(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    ec2::catalogue::images::extend(&text).map_err(failed)
}
