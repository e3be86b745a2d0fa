//! CreateInstanceEventWindow, ModifyInstanceEventWindow and DeleteInstanceEventWindow.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInstanceEventWindow.html>

use service::prelude::*;

use super::describe::{WindowOut, out};
use super::{EventWindow, TimeRange, hours};
use crate::instance::authorize;
use crate::kind;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `CreateInstanceEventWindowRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateInstanceEventWindow {
    pub name: Option<String>,
    pub time_ranges: Option<Vec<TimeRange>>,
    pub cron_expression: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `ModifyInstanceEventWindowRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyInstanceEventWindow {
    pub instance_event_window_id: String,
    pub name: Option<String>,
    pub time_ranges: Option<Vec<TimeRange>>,
    pub cron_expression: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DeleteInstanceEventWindowRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteInstanceEventWindow {
    pub instance_event_window_id: String,
    pub force_delete: Option<bool>,
    pub dry_run: Option<bool>,
}

/// The answer of those that make or change one.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub instance_event_window: WindowOut,
}

/// `DeleteInstanceEventWindowResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Deleted {
    pub instance_event_window_state: StateChange,
}

/// `InstanceEventWindowStateChange`.
#[derive(Debug, Serialize, Shaped)]
pub struct StateChange {
    pub instance_event_window_id: String,
    pub state: &'static str,
}

/// CreateInstanceEventWindow on a window to come, and the tags.
pub fn to_create(cx: &Cx, _: &World, input: &CreateInstanceEventWindow) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    resource::checks_on_new(cx, &kind::INSTANCE_EVENT_WINDOW, specifications, "CreateInstanceEventWindow", None)
}

/// Makes a window that is for no instance yet.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateInstanceEventWindow) -> Result<Changed, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::INSTANCE_EVENT_WINDOW.resource_type)?;
    let (time_ranges, cron_expression) = times(input.time_ranges.as_deref(), input.cron_expression.as_deref())?
        .ok_or_else(|| ApiError::new("MissingParameter", "Either TimeRanges or CronExpression must be specified."))?;
    let window = EventWindow {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::INSTANCE_EVENT_WINDOW.prefix),
        name: input.name.clone(),
        time_ranges,
        cron_expression,
        instance_ids: Vec::new(),
        instance_tags: Vec::new(),
        dedicated_host_ids: Vec::new(),
        created_at: cx.now,
        tags,
    };
    let instance_event_window = out(cx, &window);
    tx.put(window);
    Ok(Changed { instance_event_window })
}

/// Ranges of hours, and a cron expression: one of the two.
type Times = (Vec<TimeRange>, Option<String>);

/// What a window's times are to be: ranges or an expression. `None` when neither is given.
fn times(ranges: Option<&[TimeRange]>, cron: Option<&str>) -> Result<Option<Times>, ApiError> {
    match (ranges.filter(|ranges| !ranges.is_empty()), cron) {
        (Some(_), Some(_)) => Err(ApiError::new(
            "InvalidParameterCombination",
            "TimeRanges and CronExpression cannot be specified in the same request.",
        )),
        (Some(ranges), None) => {
            hours::check_ranges(ranges)?;
            Ok(Some((ranges.to_vec(), None)))
        }
        (None, Some(cron)) => {
            hours::check_cron(cron)?;
            Ok(Some((Vec::new(), Some(cron.to_owned()))))
        }
        (None, None) => Ok(None),
    }
}

/// ModifyInstanceEventWindow on the window, with its new values.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyInstanceEventWindow) -> Vec<Check> {
    let values = [("Name", input.name.clone()), ("CronExpression", input.cron_expression.clone())];
    let values: Vec<_> = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let check = resource::check_on::<EventWindow>(cx, world, &input.instance_event_window_id);
    vec![authorize::attributes(check, &values)]
}

/// Another name or other times; events that are scheduled already keep theirs.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyInstanceEventWindow) -> Result<Changed, ApiError> {
    let id = &input.instance_event_window_id;
    resource::get::<EventWindow>(tx, cx, id)?;
    let times = times(input.time_ranges.as_deref(), input.cron_expression.as_deref())?;
    if times.is_none() && input.name.is_none() {
        let message = "Name, TimeRanges or CronExpression must be specified.";
        return Err(ApiError::new("MissingParameter", message));
    }
    resource::update::<EventWindow>(tx, cx, id, |it| {
        if let Some((ranges, cron)) = times {
            it.time_ranges = ranges;
            it.cron_expression = cron;
        }
        it.name = input.name.clone().or(it.name.take());
    });
    Ok(Changed { instance_event_window: out(cx, &*resource::get::<EventWindow>(tx, cx, id)?) })
}

/// DeleteInstanceEventWindow on the window.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteInstanceEventWindow) -> Vec<Check> {
    vec![resource::check_on::<EventWindow>(cx, world, &input.instance_event_window_id)]
}

/// Removes a window; one with targets only by force.
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteInstanceEventWindow) -> Result<Deleted, ApiError> {
    let window = resource::get::<EventWindow>(tx, cx, &input.instance_event_window_id)?;
    if window.has_targets() && input.force_delete != Some(true) {
        return Err(resource::has_dependencies("instanceEventWindow", &window.id));
    }
    resource::remove::<EventWindow>(tx, cx, &window.id);
    let instance_event_window_state = StateChange { instance_event_window_id: window.id.clone(), state: "deleting" };
    Ok(Deleted { instance_event_window_state })
}
