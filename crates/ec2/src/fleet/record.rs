//! What is stored of a fleet: its configuration, its target, and the instances it launched.

use jiff::SignedDuration;
use service::cx::States;
use service::prelude::*;

use super::input::{Config, OnDemandOptions, SpotOptions};
use crate::instance::{Instance, elapsed};
use crate::kind;
use crate::resource::resource;

/// An EC2 fleet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fleet {
    pub account: AccountId,
    pub region: String,
    /// `fleet-` and a UUID.
    pub id: String,
    /// `instant`, `request` or `maintain`
    pub kind: String,
    pub client_token: Option<String>,
    pub created_at: Timestamp,
    pub valid_until: Option<Timestamp>,
    /// It launches nothing before that time.
    #[serde(default)]
    pub waits_until: Option<Timestamp>,
    pub configs: Vec<Config>,
    pub target: Target,
    pub spot: SpotOptions,
    pub on_demand: OnDemandOptions,
    /// Whether what is too much after a change is terminated.
    pub ends_excess: bool,
    pub replaces_unhealthy: bool,
    pub ends_with_expiration: bool,
    pub context: Option<String>,
    /// When it was deleted, and whether its instances were terminated then.
    pub deleted: Option<Deleted>,
    pub members: Vec<Member>,
    pub failures: Vec<Failure>,
    pub events: Vec<Event>,
    /// Tags for the instances and their volumes, by resource type.
    pub launch_tags: Vec<crate::tags::TagSpecification>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// How much it is to have, in units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub total: i64,
    pub on_demand: i64,
    pub spot: i64,
    /// `on-demand` or `spot`
    pub default: String,
    /// `vcpu`, `memory-mib` or `units`, what it is counted in.
    #[serde(default)]
    pub unit: Option<String>,
}

/// The end of a fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    pub at: Timestamp,
    pub terminated: bool,
}

/// An instance that it launched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    pub instance_id: String,
    /// `spot` or `on-demand`
    pub lifecycle: String,
    /// Units.
    pub weight: f64,
    pub from: Origin,
}

/// What a launch was made of: a configuration and one of its overrides, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    pub config: usize,
    pub r#override: Option<usize>,
}

/// A launch that was not possible.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    pub lifecycle: String,
    pub from: Origin,
    pub code: String,
    pub message: String,
}

/// Something that happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub at: Timestamp,
    /// `fleet-change`, `instance-change` or `service-error`
    pub kind: String,
    /// `submitted`, `active`, `launched`…
    pub what: String,
    pub instance_id: Option<String>,
    pub description: Option<String>,
}

/// About how many seconds AWS takes to accept a fleet.
const SUBMITTED_SECONDS: i64 = 10;
const TERMINATING_SECONDS: i64 = 30;
/// How long a deleted fleet is still described.
const VISIBLE: SignedDuration = SignedDuration::from_hours(48);

impl Fleet {
    /// (account, region) of those that begin or end by the clock.
    pub const BY_MOMENT: usize = 0;

    /// Its instances that are not terminated.
    pub fn alive<'a>(&'a self, world: &'a World) -> impl Iterator<Item = (&'a Member, &'a Instance)> {
        self.members.iter().filter_map(move |member| {
            let parts = [self.account.as_str(), &self.region, &member.instance_id];
            let instance = world.get::<Instance>(&parts)?;
            instance.terminated_at().is_none().then_some((member, &**instance))
        })
    }

    /// Units of that lifecycle that run, or of all.
    pub fn fulfilled(&self, world: &World, lifecycle: Option<&str>) -> f64 {
        let counts = |member: &&Member| lifecycle.is_none_or(|wanted| member.lifecycle == wanted);
        let counted = self.alive(world).map(|(member, _)| member).filter(counts);
        // A sum of nothing would be -0.0, which shows.
        counted.fold(0.0, |sum, member| sum + member.weight)
    }

    /// The state as it is seen.
    pub fn state(&self, world: &World, now: Timestamp, states: States) -> &'static str {
        let over = |at| elapsed(at, now) >= states.lasting(TERMINATING_SECONDS) && self.alive(world).next().is_none();
        match self.deleted {
            Some(Deleted { at, .. }) if over(at) => "deleted",
            Some(Deleted { terminated: true, .. }) => "deleted_terminating",
            Some(Deleted { terminated: false, .. }) => "deleted_running",
            None if self.waits_until.is_some() => "submitted",
            None if self.kind != "instant" && elapsed(self.created_at, now) < states.lasting(SUBMITTED_SECONDS) => {
                "submitted"
            }
            None => "active",
        }
    }

    /// Whether it launches by itself.
    pub fn maintains(&self, now: Timestamp) -> bool {
        let waits = self.waits_until.is_some();
        self.kind == "maintain" && self.deleted.is_none() && !waits && self.valid_until.is_none_or(|until| until > now)
    }

    /// When it begins, or ends by itself.
    pub fn next_moment(&self) -> Option<Timestamp> {
        let until = self.valid_until.filter(|_| self.kind != "instant");
        self.waits_until.or(until).filter(|_| self.deleted.is_none())
    }

    /// Writes down what happened.
    pub fn note(
        &mut self,
        at: Timestamp,
        kind: &str,
        what: &str,
        instance_id: Option<&str>,
        description: Option<String>,
    ) {
        let (kind, what) = (kind.to_owned(), what.to_owned());
        self.events.push(Event { at, kind, what, instance_id: instance_id.map(str::to_owned), description });
    }
}

impl Record for Fleet {
    const TABLE: TableDef = TableDef::own("ec2_fleet", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_moment", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        if self.next_moment().is_some() {
            entries.add(Self::BY_MOMENT, &[self.account.as_str(), &self.region]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.deleted.map(|deleted| deleted.at.saturating_add(VISIBLE).unwrap_or(deleted.at))
    }
}

resource!(Fleet, kind::FLEET);
