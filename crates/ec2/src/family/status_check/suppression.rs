//! Suppression: the checks of an instance go on, but its status says that they do not count, until a time or until somebody ends it.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableApplicationStatusCheckSuppression.html>

use jiff::SignedDuration;
use service::operations;
use service::prelude::*;

use crate::instance::{Instance, authorize, client_token};
use crate::kind;
use crate::refused::{invalid, missing};
use crate::resource;

operations! { Ec2;
    DisableApplicationStatusCheckSuppression => write(disable) authorize(to_disable) check(check_disable),
    EnableApplicationStatusCheckSuppression => write(enable) authorize(to_enable) check(check_enable),
}

const MOST: usize = 100;

/// From when to when the checks of an instance do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    pub from: Timestamp,
    /// None is until it is disabled.
    pub until: Option<Timestamp>,
}

impl Suppression {
    /// That of an instance at a time.
    pub fn of(instance: &Instance, now: Timestamp) -> Option<Suppression> {
        instance.suppression.filter(|held| held.until.is_none_or(|end| now < end))
    }
}

/// `EnableApplicationStatusCheckSuppressionRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Enable {
    pub instance_ids: Option<Vec<String>>,
    pub duration_seconds: Option<i64>,
    pub client_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DisableApplicationStatusCheckSuppressionRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Disable {
    pub instance_ids: Option<Vec<String>>,
    pub client_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// The answer of both.
#[derive(Debug, Default, Serialize, Shaped)]
pub struct Results {
    pub successful_results: Vec<Done>,
    pub unsuccessful_results: Vec<Failed>,
}

/// `SuccessfulSuppressionResponseObject`.
#[derive(Debug, Serialize, Shaped)]
pub struct Done {
    pub instance_id: String,
    pub suppress_at: Timestamp,
    pub resume_at: Option<Timestamp>,
}

/// `UnsuccessfulSuppressionResponseObject`.
#[derive(Debug, Serialize, Shaped)]
pub struct Failed {
    pub instance_id: String,
    pub suppress_at: Timestamp,
    pub reason: String,
}

/// There are instances, not too many, and the time is not over before it begins.
pub fn check_enable(_: &Cx, _: &World, input: &Enable) -> Result<(), ApiError> {
    let seconds = input.duration_seconds.filter(|seconds| *seconds < 1);
    let short = |seconds| {
        let message =
            format!("Value ({seconds}) for parameter durationSeconds is invalid. The value must be greater than 0.");
        Err(invalid(message))
    };
    few(input.instance_ids.as_deref()).and_then(|()| seconds.map_or(Ok(()), short))
}

/// There are instances, and not too many.
pub fn check_disable(_: &Cx, _: &World, input: &Disable) -> Result<(), ApiError> {
    few(input.instance_ids.as_deref())
}

fn few(ids: Option<&[String]>) -> Result<(), ApiError> {
    match ids.unwrap_or_default() {
        [] => Err(missing("InstanceIds")),
        ids if ids.len() > MOST => {
            Err(invalid(format!("You can specify a maximum of {MOST} instance IDs for each request.")))
        }
        ids => ids.iter().try_for_each(|id| kind::INSTANCE.well_formed(id)),
    }
}

/// EnableApplicationStatusCheckSuppression on each instance.
pub fn to_enable(cx: &Cx, world: &World, input: &Enable) -> Vec<Check> {
    authorize::on_instances(cx, world, input.instance_ids.as_deref().unwrap_or_default())
}

/// DisableApplicationStatusCheckSuppression on each instance.
pub fn to_disable(cx: &Cx, world: &World, input: &Disable) -> Vec<Check> {
    authorize::on_instances(cx, world, input.instance_ids.as_deref().unwrap_or_default())
}

/// Begins a suppression, or begins it anew.
pub fn enable(cx: &Cx, tx: &mut Tx, input: &Enable) -> Result<Results, ApiError> {
    let ids = input.instance_ids.as_deref().unwrap_or_default();
    let parameters = (ids, input.duration_seconds);
    let again = client_token::is_done(
        cx,
        tx,
        "EnableApplicationStatusCheckSuppression",
        input.client_token.as_deref(),
        client_token::digest(&parameters),
    )?;
    let end = |seconds| cx.now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
    let begun = Suppression { from: cx.now, until: input.duration_seconds.map(end) };
    let mut results = Results::default();
    for id in ids {
        let Some(instance) = resource::look_up::<Instance>(tx, cx, id) else {
            results.fail(cx, id, kind::INSTANCE.not_found(&[id]).into_message());
            continue;
        };
        let held = Suppression::of(&instance, cx.now).filter(|_| again);
        let shown = held.unwrap_or(begun);
        if !again {
            resource::update::<Instance>(tx, cx, id, |it| it.suppression = Some(begun));
        }
        results.succeed(id, shown.from, shown.until);
    }
    Ok(results)
}

/// Ends a suppression. That of one that is not suppressed fails; AWS's words are not recorded.
pub fn disable(cx: &Cx, tx: &mut Tx, input: &Disable) -> Result<Results, ApiError> {
    let ids = input.instance_ids.as_deref().unwrap_or_default();
    let again = client_token::is_done(
        cx,
        tx,
        "DisableApplicationStatusCheckSuppression",
        input.client_token.as_deref(),
        client_token::digest(&ids),
    )?;
    let mut results = Results::default();
    for id in ids {
        let Some(instance) = resource::look_up::<Instance>(tx, cx, id) else {
            results.fail(cx, id, kind::INSTANCE.not_found(&[id]).into_message());
            continue;
        };
        match Suppression::of(&instance, cx.now) {
            Some(held) if !again => {
                resource::update::<Instance>(tx, cx, id, |it| it.suppression = None);
                results.succeed(id, held.from, Some(cx.now));
            }
            None if !again => {
                let reason = "Application status checks are not suppressed for the instance.";
                results.fail(cx, id, reason.to_owned());
            }
            Some(_) | None => results.succeed(id, cx.now, Some(cx.now)),
        }
    }
    Ok(results)
}

impl Results {
    fn succeed(&mut self, id: &str, suppress_at: Timestamp, resume_at: Option<Timestamp>) {
        self.successful_results.push(Done { instance_id: id.to_owned(), suppress_at, resume_at });
    }

    fn fail(&mut self, cx: &Cx, id: &str, reason: String) {
        self.unsuccessful_results.push(Failed { instance_id: id.to_owned(), suppress_at: cx.now, reason });
    }
}
