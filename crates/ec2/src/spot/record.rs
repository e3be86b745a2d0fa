//! What is stored of a Spot request, and how its state is seen.

use jiff::SignedDuration;
use serde_json::Value as Json;
use service::cx::States;
use service::prelude::*;

use super::price::Micros;
use super::{launch, price};
use crate::instance::elapsed;
use crate::kind;
use crate::resource::resource;

/// A request for one Spot instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpotRequest {
    pub account: AccountId,
    pub region: String,
    /// `sir-…`
    pub id: String,
    pub created_at: Timestamp,
    /// The most that is paid for an hour: `0.010000`.
    pub price: String,
    pub persistent: bool,
    pub valid_until: Option<Timestamp>,
    /// `terminate`, `stop` or `hibernate`
    pub interruption: String,
    pub launch_group: Option<String>,
    pub zone_group: Option<String>,
    /// `LaunchSpecification`, as answers show it.
    pub specification: Json,
    /// `Linux/UNIX`…
    pub product: String,
    pub instance_id: Option<String>,
    /// Name and id of the instance's zone.
    pub zone: Option<(String, String)>,
    pub phase: Phase,
    /// What the market asked when the price was too low, in millionths of a dollar.
    #[serde(default)]
    pub asked: Option<Micros>,
    /// When the phase began.
    pub since: Timestamp,
    /// The launch, for a request that launches again when its instance has ended.
    #[serde(default)]
    pub launch: Option<Json>,
    /// Why it could not launch again.
    #[serde(default)]
    pub fault: Option<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// What has become of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It has its instance.
    Fulfilled,
    /// Its price was below the market's when it was made.
    PriceTooLow,
    /// Its instance was stopped.
    Stopped,
    /// Its instance was terminated.
    Terminated,
    /// EC2 is about to stop its instance.
    MarkedForStop,
    /// EC2 stopped its instance.
    StoppedNoCapacity,
    /// EC2 terminated its instance, or is about to.
    TerminatedNoCapacity,
    /// Its time was over before it had an instance.
    Expired,
    /// Its time was over while its instance was stopped.
    ExpiredStopped,
    /// It could not launch again.
    Failed,
    /// It was cancelled before it had an instance, or when that was over.
    Cancelled,
    /// It was cancelled; the instance goes on.
    CancelledRunning,
}

/// State, status code and status message, as the user guide lists them.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-request-status.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub state: &'static str,
    pub code: &'static str,
    pub message: String,
}

/// About how many seconds AWS takes to fulfil a request.
const EVALUATING_SECONDS: i64 = 5;
/// How long an ended request is still described.
const VISIBLE: SignedDuration = SignedDuration::from_hours(4);

impl SpotRequest {
    /// (account, region, instance).
    pub const BY_INSTANCE: usize = 0;
    /// (account, region) of those whose time is limited.
    pub const BY_END: usize = 1;

    /// Whether it is over once and for all.
    pub fn is_over(&self) -> bool {
        match self.phase {
            Phase::Terminated | Phase::Cancelled | Phase::Expired | Phase::Failed => true,
            Phase::TerminatedNoCapacity => self.launch.is_none(),
            _ => false,
        }
    }

    /// When it ends by itself: a one-time request that has its instance does not.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let waits = match self.phase {
            Phase::PriceTooLow => true,
            Phase::CancelledRunning | Phase::ExpiredStopped => false,
            _ => self.persistent && !self.is_over(),
        };
        self.valid_until.filter(|_| waits)
    }

    /// What is seen of the request at that time.
    pub fn seen(&self, now: Timestamp, states: States) -> Seen {
        let evaluating = elapsed(self.since, now) < states.lasting(EVALUATING_SECONDS);
        let (state, code, message) = match self.phase {
            Phase::Fulfilled | Phase::PriceTooLow if evaluating => (
                "open",
                "pending-evaluation",
                "Your Spot request has been submitted for review, and is pending evaluation.",
            ),
            Phase::Fulfilled => ("active", "fulfilled", "Your Spot request is fulfilled."),
            Phase::PriceTooLow => return Seen { state: "open", code: "price-too-low", message: self.too_low() },
            Phase::Stopped => {
                ("disabled", "instance-stopped-by-user", "Spot Instance stopped due to user-initiated stop.")
            }
            Phase::Terminated => {
                ("closed", "instance-terminated-by-user", "Spot Instance terminated due to user-initiated termination.")
            }
            Phase::MarkedForStop => ("active", "marked-for-stop", "The Spot Instance is marked for stopping."),
            Phase::StoppedNoCapacity => (
                "disabled",
                "instance-stopped-no-capacity",
                "Your instance was stopped due to EC2 capacity management needs.",
            ),
            Phase::TerminatedNoCapacity => (
                if self.is_over() { "closed" } else { "open" },
                "instance-terminated-no-capacity",
                "Your instance was terminated due to standard capacity management processes.",
            ),
            Phase::Expired => (
                "cancelled",
                "schedule-expired",
                "Your Spot request expired because it was not fulfilled before the specified date.",
            ),
            Phase::ExpiredStopped => {
                ("cancelled", "instance-stopped-by-user", "Spot Instance stopped due to user-initiated stop.")
            }
            Phase::Failed => {
                let message = self.fault.clone().unwrap_or_default();
                return Seen { state: "failed", code: "bad-parameters", message };
            }
            Phase::Cancelled if self.instance_id.is_none() => {
                ("cancelled", "canceled-before-fulfillment", "Your Spot request was canceled before it was fulfilled.")
            }
            Phase::Cancelled => (
                "cancelled",
                "instance-terminated-by-user",
                "Spot Instance terminated due to user-initiated termination.",
            ),
            Phase::CancelledRunning => (
                "cancelled",
                "request-canceled-and-instance-running",
                "Your Spot request is canceled, but your instance is still running.",
            ),
        };
        Seen { state, code, message: message.to_owned() }
    }
}

impl SpotRequest {
    fn too_low(&self) -> String {
        launch::too_low(price::parse(&self.price).unwrap_or_default(), self.asked.unwrap_or_default())
    }
}

impl Record for SpotRequest {
    const TABLE: TableDef = TableDef::own("ec2_spot_request", &["account", "region", "id"], &["instance_id"]);
    const INDEXES: &'static [IndexDef] =
        &[IndexDef { name: "by_instance", unique: true }, IndexDef { name: "by_end", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![self.instance_id.clone()]
    }

    fn index(&self, entries: &mut IndexEntries) {
        if let Some(instance) = &self.instance_id {
            entries.add(Self::BY_INSTANCE, &[self.account.as_str(), &self.region, instance]);
        }
        if self.ends_at().is_some() {
            entries.add(Self::BY_END, &[self.account.as_str(), &self.region]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.is_over().then(|| self.since.saturating_add(VISIBLE).unwrap_or(self.since))
    }
}

resource!(SpotRequest, kind::SPOT_REQUEST);
