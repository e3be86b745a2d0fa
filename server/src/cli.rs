//! The command line: what can be asked of the program, with its environment variables. No behaviour is here.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::SignedDuration;
use service::AccountId;

mod on_instance;

pub use on_instance::{Exec, Imds, Instance, InstanceAction, Isolated};

/// AWS IAM, STS, the EC2 control plane and the public parameters of Systems Manager on your own machine.
#[derive(Debug, Parser)]
#[command(name = "rolecall", version, about, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub serve: Serve,
}

/// What to do; without a command the server runs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server (the default)
    Serve(Serve),
    /// Print the lines a shell needs to use the server: eval "$(rolecall env)"
    Env(Env),
    /// Run a command as if on an instance
    Exec(Exec),
    /// Print the base URL of an instance's metadata service
    Imds(Imds),
    /// Let something befall an instance, or print the certificate of its identity document
    Instance(Instance),
    /// Show or move the clock of the modelled world
    Clock(Clock),
    /// Explain the decision on a request
    Why(Why),
    /// Show, put or delete the organization that the accounts are in
    Organization(Organization),
    /// List what was decided, newest first
    Decisions(Decisions),
    /// Make policies out of what was decided
    Policy(Policy),
    /// Put everything back to how it was at the first start: all accounts and regions, the clock, the log of decisions, the organization
    Reset(Reset),
    /// The inner half of `exec --isolate`; not for people
    #[command(hide = true)]
    Isolated(Isolated),
    /// Print a completion script for a shell
    Completions { shell: clap_complete::Shell },
}

/// How the server runs.
#[derive(Debug, Clone, Args)]
pub struct Serve {
    /// Address of the API
    #[arg(long, env = "ROLECALL_LISTEN", default_value = "127.0.0.1:4566")]
    pub listen: SocketAddr,
    /// Port on which every instance's metadata service answers, each on an address of its own
    #[arg(long, env = "ROLECALL_IMDS_PORT", default_value_t = 4567)]
    pub imds_port: u16,
    /// State file, or `memory`
    #[arg(long, env = "ROLECALL_STATE", default_value = "rolecall.db")]
    pub state: State,
    /// Whether signatures and policies are enforced, only recorded, or ignored
    #[arg(long, env = "ROLECALL_AUTH", value_enum, default_value_t = AuthMode::Enforced)]
    pub auth: AuthMode,
    /// The account of the root key `test`
    #[arg(long, env = "ROLECALL_ACCOUNT", default_value = "000000000000")]
    pub account: AccountId,
    /// The secret of the root keys (`test`, and any 12-digit account number)
    #[arg(long, env = "ROLECALL_ROOT_SECRET", hide_env_values = true)]
    pub root_secret: Option<String>,
    /// One more root key, ID:SECRET[:ACCOUNT]; may be repeated, or several with commas between them
    #[arg(long, env = "ROLECALL_ROOT_KEY", hide_env_values = true, value_delimiter = ',')]
    pub root_key: Vec<RootKey>,
    /// Defaults and relaxations of another emulator
    #[arg(long, env = "ROLECALL_COMPAT", value_enum)]
    pub compat: Option<Compat>,
    /// More public images: a JSON list as DescribeImages answers them, each with `Region`, `ImageId` and `Name` at least
    #[arg(long, env = "ROLECALL_IMAGES")]
    pub images: Option<PathBuf>,
    /// URL by which verifiers of web identity tokens reach this server, the base of their issuers; else the address of the API
    #[arg(long, env = "ROLECALL_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// The organization that the accounts are in, a JSON file; without it the one of the last start or admin call stays
    #[arg(long, env = "ROLECALL_ORGANIZATION")]
    pub organization: Option<PathBuf>,
    /// Whether adjustable quotas are enforced
    #[arg(long, env = "ROLECALL_QUOTAS", value_enum, default_value_t = Quotas::None)]
    pub quotas: Quotas,
    /// Enforce a quota of IAM at that number, NAME=NUMBER as in UsersPerAccount=3; may be repeated, or several with commas between them
    #[arg(long, env = "ROLECALL_QUOTA", value_delimiter = ',')]
    pub quota: Vec<Quota>,
    /// How long changes in IAM may take to reach readers and decisions, e.g. 10s; at once if not given
    #[arg(long, env = "ROLECALL_IAM_PROPAGATION", value_parser = propagation)]
    pub iam_propagation: Option<SignedDuration>,
    /// End IAM's denials with an authorization id, as AWS does where its Access Troubleshooter has arrived
    #[arg(long, env = "ROLECALL_AUTHORIZATION_IDS", value_parser = BoolishValueParser::new())]
    pub authorization_ids: bool,
    /// How long state changes take
    #[arg(long, env = "ROLECALL_STATES", value_enum, default_value_t = States::Quick)]
    pub states: States,
    /// A further name under which /_rolecall/ may be called; may be repeated, or several with commas between them
    #[arg(long, env = "ROLECALL_ALLOWED_HOST", value_delimiter = ',')]
    pub allowed_host: Vec<String>,
    /// Allow the well-known root secret beyond loopback
    #[arg(long, env = "ROLECALL_INSECURE_ROOT", value_parser = BoolishValueParser::new())]
    pub insecure_root: bool,
    /// Form of the log
    #[arg(long, env = "ROLECALL_LOG", value_enum, default_value_t = LogForm::Text)]
    pub log: LogForm,
}

/// Where the state is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Memory,
    File(PathBuf),
}

impl FromStr for State {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "memory" { State::Memory } else { State::File(text.into()) })
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            State::Memory => f.write_str("memory"),
            State::File(path) => path.display().fmt(f),
        }
    }
}

/// A root key of the command line. Its secret does not show.
#[derive(Clone)]
pub struct RootKey {
    pub id: String,
    pub secret: String,
    pub account: Option<AccountId>,
}

impl std::fmt::Debug for RootKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:…", self.id)
    }
}

impl FromStr for RootKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.splitn(3, ':').map(str::to_owned);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(id), Some(secret), account) if !id.is_empty() && !secret.is_empty() => {
                let account = account
                    .map(|account| account.parse())
                    .transpose()
                    .map_err(|_| "the account is not twelve digits")?;
                Ok(RootKey { id, secret, account })
            }
            _ => Err("a root key is ID:SECRET or ID:SECRET:ACCOUNT".into()),
        }
    }
}

/// A quota that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    pub name: String,
    pub most: usize,
}

impl FromStr for Quota {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, most) = text.split_once('=').ok_or("a quota is NAME=NUMBER")?;
        let Some(known) = iam::quota::ALL.iter().find(|known| known.name == name) else {
            let names: Vec<&str> = iam::quota::ALL.iter().map(|known| known.name).collect();
            return Err(format!("there is no quota `{name}`; there are {}", names.join(", ")));
        };
        let most = most.parse().map_err(|_| format!("`{most}` is no number"))?;
        Ok(Quota { name: known.name.to_owned(), most })
    }
}

impl std::fmt::Display for Quota {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} = {}", self.name, self.most)
    }
}

/// A longer one would only fill the memory with states that somebody has not seen yet.
const LONGEST_PROPAGATION: SignedDuration = SignedDuration::from_hours(24);

fn propagation(text: &str) -> Result<SignedDuration, String> {
    let longest: SignedDuration =
        text.parse().map_err(|_| format!("`{text}` is not a duration such as 10s or 1m30s"))?;
    if longest.is_positive() && longest <= LONGEST_PROPAGATION {
        return Ok(longest);
    }
    Err("changes may travel for more than nothing and for up to a day".to_owned())
}

/// What is done with a request that may not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuthMode {
    /// Signatures are verified and policies decide
    Enforced,
    /// Signatures are verified; what policies would deny is recorded and passes
    Audit,
    /// The key's word is taken for it
    Off,
}

impl AuthMode {
    /// The mode's name, as printed and as in the response header.
    pub fn as_str(self) -> &'static str {
        match self {
            AuthMode::Enforced => "enforced",
            AuthMode::Audit => "audit",
            AuthMode::Off => "off",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Compat {
    /// Account 123456789012, keys testing/testing, root may assume roles
    Moto,
    /// Root may assume roles
    Localstack,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Quotas {
    None,
    Aws,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum States {
    /// A transition lasts one second
    Quick,
    /// There are no transitions
    Instant,
    /// About as long as AWS takes
    Aws,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    Text,
    Json,
}

/// Where a client command finds the server.
#[derive(Debug, Clone, Args)]
pub struct Endpoint {
    /// Address of the server; else AWS_ENDPOINT_URL, else http://127.0.0.1:4566
    #[arg(long, env = "ROLECALL_ENDPOINT", global = true)]
    pub endpoint: Option<String>,
    /// The root secret, where the server asks for it
    #[arg(long, env = "ROLECALL_ROOT_SECRET", hide_env_values = true, global = true)]
    pub root_secret: Option<String>,
}

#[derive(Debug, Args)]
pub struct Env {
    /// A new key of that user (of two the older one goes); a missing user is made, with AdministratorAccess
    #[arg(long, conflicts_with = "instance")]
    pub user: Option<String>,
    /// No keys, but the metadata service of that instance
    #[arg(long)]
    pub instance: Option<String>,
    /// AWS_ENDPOINT_URL_IAM, _STS, _EC2 and _SSM instead of AWS_ENDPOINT_URL, and ROLECALL_ENDPOINT for our own commands
    #[arg(long)]
    pub only: bool,
    /// Region to print
    #[arg(long, default_value = "us-east-1")]
    pub region: String,
    #[command(flatten)]
    pub endpoint: Endpoint,
}

#[derive(Debug, Args)]
pub struct Clock {
    #[command(subcommand)]
    pub action: Option<ClockAction>,
    /// Whose clock instance credentials are dated in; it stays so until it is said otherwise, or the clock is reset
    #[arg(long, value_enum, global = true)]
    pub clients: Option<Clients>,
    #[command(flatten)]
    pub endpoint: Endpoint,
}

#[derive(Debug, Clone, Subcommand)]
pub enum ClockAction {
    /// Print both clocks
    Show,
    /// Move forward, e.g. 6h, 1h30m or 2d (a minus moves back)
    #[command(allow_negative_numbers = true)]
    Advance {
        #[arg(allow_hyphen_values = true)]
        by: String,
    },
    /// Set to a time, e.g. 2030-01-01T00:00:00Z
    Set { to: String },
    /// Back to real time
    Reset,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Clients {
    /// Clients' clocks move along
    Moved,
    /// Clients live in real time
    Wall,
}

#[derive(Debug, Args)]
pub struct Organization {
    #[command(subcommand)]
    pub action: Option<OrganizationAction>,
    #[command(flatten)]
    pub endpoint: Endpoint,
}

#[derive(Debug, Clone, Subcommand)]
pub enum OrganizationAction {
    /// Print the tree with the policies attached (the default)
    Show,
    /// Put the organization of a file in the place of the present one
    Put { file: PathBuf },
    /// From now on no account is in an organization
    Delete,
}

#[derive(Debug, Args)]
pub struct Why {
    /// The request id of the answer, or the authorization id in its message
    pub request_id: String,
    /// Every statement of every policy that was asked
    #[arg(long)]
    pub full: bool,
    #[command(flatten)]
    pub endpoint: Endpoint,
}

/// Which decisions are meant. Texts may hold `*` and `?`.
#[derive(Debug, Args)]
pub struct Chosen {
    /// From that time on: 2030-01-01T00:00:00Z, or how long ago: 1h
    #[arg(long)]
    pub since: Option<String>,
    /// Before that time
    #[arg(long)]
    pub until: Option<String>,
    /// Of callers of that account
    #[arg(long)]
    pub account: Option<AccountId>,
}

#[derive(Debug, Args)]
pub struct Decisions {
    /// The ARN of the caller, or of the user or role behind it
    #[arg(long)]
    pub principal: Option<String>,
    /// The operation, or an action it needs besides, e.g. iam:PassRole
    #[arg(long)]
    pub action: Option<String>,
    /// The ARN of what it was decided on
    #[arg(long)]
    pub resource: Option<String>,
    /// iam, sts, ec2 or ssm
    #[arg(long)]
    pub service: Option<String>,
    /// allowed, denied, would-deny (where policies are not enforced) or refused (never decided)
    #[arg(long)]
    pub verdict: Option<String>,
    #[command(flatten)]
    pub chosen: Chosen,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    pub limit: u32,
    /// Each as JSON with its full trace, one a line
    #[arg(long)]
    pub json: bool,
    /// Go on with what comes, oldest first
    #[arg(long)]
    pub follow: bool,
    #[command(flatten)]
    pub endpoint: Endpoint,
}

#[derive(Debug, Args)]
pub struct Policy {
    #[command(subcommand)]
    pub action: PolicyAction,
}

#[derive(Debug, Subcommand)]
pub enum PolicyAction {
    /// Print the least policy that allows what the log saw of a principal: allowed, or with `--auth audit` what would have been denied too
    Generate(Generate),
}

#[derive(Debug, Args)]
pub struct Generate {
    /// The ARN of a user or role, or of one session
    #[arg(long)]
    pub principal: String,
    #[command(flatten)]
    pub chosen: Chosen,
    #[command(flatten)]
    pub endpoint: Endpoint,
}

#[derive(Debug, Args)]
pub struct Reset {
    #[command(flatten)]
    pub endpoint: Endpoint,
}
