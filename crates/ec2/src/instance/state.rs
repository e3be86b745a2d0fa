//! An instance's state, computed from what happened to it and when. Nothing is scheduled: `pending` becomes `running` because a reader looks later.
//!
//! Start with [`state_at`]; [`Phase`] is what is stored, [`State`] what is seen.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use service::cx::States;
use service::{ApiError, Cx, Shaped};

use super::Instance;

/// The states EC2 shows. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Pending,
    Running,
    ShuttingDown,
    Terminated,
    Stopping,
    Stopped,
}

/// What was last asked of the instance, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Launched or started.
    Up {
        since: Timestamp,
    },
    Stopped {
        since: Timestamp,
    },
    Terminated {
        since: Timestamp,
        /// It was stopped: there was nothing to shut down.
        #[serde(default)]
        at_once: bool,
    },
}

/// About how many seconds AWS takes from `pending` to `running`.
pub const STARTING_SECONDS: i64 = 15;
/// About how many seconds AWS takes from `stopping` to `stopped`.
pub const STOPPING_SECONDS: i64 = 30;
const SHUTTING_DOWN_SECONDS: i64 = 30;
/// About how many seconds the status checks of a running instance stay `initializing`.
pub const CHECKING_SECONDS: i64 = 120;
/// How long a terminated instance can still be described.
pub const VISIBLE_AFTER_TERMINATION: SignedDuration = SignedDuration::from_hours(1);

impl State {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Running => "running",
            State::ShuttingDown => "shutting-down",
            State::Terminated => "terminated",
            State::Stopping => "stopping",
            State::Stopped => "stopped",
        }
    }

    /// The code on the wire.
    pub fn code(self) -> i64 {
        match self {
            State::Pending => 0,
            State::Running => 16,
            State::ShuttingDown => 32,
            State::Terminated => 48,
            State::Stopping => 64,
            State::Stopped => 80,
        }
    }

    /// Whether the instance is on its way out or gone.
    pub fn is_over(self) -> bool {
        matches!(self, State::ShuttingDown | State::Terminated)
    }

    /// How the state is written in answers.
    pub fn out(self) -> StateOut {
        StateOut { code: self.code(), name: self.name() }
    }
}

/// `InstanceState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Shaped)]
pub struct StateOut {
    pub code: i64,
    pub name: &'static str,
}

impl Phase {
    /// The moment of the last change.
    pub fn since(self) -> Timestamp {
        match self {
            Phase::Up { since } | Phase::Stopped { since } | Phase::Terminated { since, .. } => since,
        }
    }

    /// The word under which the phase is indexed.
    pub(super) fn word(self) -> &'static str {
        match self {
            Phase::Up { .. } => "up",
            Phase::Stopped { .. } => "stopped",
            Phase::Terminated { .. } => "terminated",
        }
    }

    /// The phase an instance must be in to show that state.
    pub(super) fn word_for(state: &str) -> Option<&'static str> {
        match state {
            "pending" | "running" => Some("up"),
            "stopping" | "stopped" => Some("stopped"),
            "shutting-down" | "terminated" => Some("terminated"),
            _ => None,
        }
    }
}

/// The state at that time, with transitions as long as `states` says.
pub fn state_at(instance: &Instance, now: Timestamp, states: States) -> State {
    let over = |seconds| elapsed(instance.phase.since(), now) >= states.lasting(seconds);
    match instance.phase {
        Phase::Up { .. } if over(STARTING_SECONDS) => State::Running,
        Phase::Up { .. } => State::Pending,
        Phase::Stopped { .. } if over(STOPPING_SECONDS) => State::Stopped,
        Phase::Stopped { .. } => State::Stopping,
        Phase::Terminated { at_once, .. } if at_once || over(SHUTTING_DOWN_SECONDS) => State::Terminated,
        Phase::Terminated { .. } => State::ShuttingDown,
    }
}

/// When an instance that ends now is terminated.
pub fn terminated_from(cx: &Cx) -> Timestamp {
    cx.settings.states.over_at(cx.now, SHUTTING_DOWN_SECONDS)
}

/// The instance must be stopped; which error it is otherwise depends on the operation.
pub fn must_be_stopped(cx: &Cx, instance: &Instance, code: &'static str) -> Result<(), ApiError> {
    if state_at(instance, cx.now, cx.settings.states) == State::Stopped {
        return Ok(());
    }
    Err(ApiError::new(code, format!("The instance '{}' is not in the 'stopped' state.", instance.id)))
}

/// Time gone by; never below zero, because the modelled clock may be moved back.
pub fn elapsed(since: Timestamp, now: Timestamp) -> SignedDuration {
    now.duration_since(since).max(SignedDuration::ZERO)
}
