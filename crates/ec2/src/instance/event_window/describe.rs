//! DescribeInstanceEventWindows. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceEventWindows.html>

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::{EventWindow, TimeRange};
use crate::instance::view::is_settled;
use crate::resource::{self, Wanted};

/// `DescribeInstanceEventWindowsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeInstanceEventWindows {
    pub instance_event_window_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeInstanceEventWindowsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Windows {
    pub instance_event_windows: Vec<WindowOut>,
    pub next_token: Option<String>,
}

/// `InstanceEventWindow`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct WindowOut {
    pub instance_event_window_id: String,
    pub name: Option<String>,
    pub time_ranges: Option<Vec<TimeRange>>,
    pub cron_expression: Option<String>,
    pub association_target: Option<TargetOut>,
    pub state: &'static str,
    pub tags: Option<Vec<Tag>>,
}

/// `InstanceEventWindowAssociationTarget`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct TargetOut {
    pub instance_ids: Vec<String>,
    pub tags: Vec<Tag>,
    pub dedicated_host_ids: Vec<String>,
}

fn instance_tags(it: &WindowOut) -> impl Iterator<Item = &Tag> {
    it.association_target.iter().flat_map(|target| &target.tags)
}

static FIELDS: Fields<WindowOut> = Fields {
    fields: &[
        ("dedicated-host-id", |it, values| {
            it.association_target
                .iter()
                .flat_map(|target| &target.dedicated_host_ids)
                .for_each(|id| values.push(id.as_str()));
        }),
        ("event-window-name", |it, values| values.push_if(it.name.as_deref())),
        ("instance-id", |it, values| {
            it.association_target
                .iter()
                .flat_map(|target| &target.instance_ids)
                .for_each(|id| values.push(id.as_str()));
        }),
        // How a pair is spelled in one value is not documented.
        ("instance-tag", |it, values| {
            instance_tags(it).for_each(|tag| values.push(format!("{}={}", tag.key, tag.value)));
        }),
        ("instance-tag-key", |it, values| instance_tags(it).for_each(|tag| values.push(tag.key.as_str()))),
        ("instance-tag-value", |it, values| instance_tags(it).for_each(|tag| values.push(tag.value.as_str()))),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// Windows that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeInstanceEventWindows) -> Result<Windows, ApiError> {
    let ids = input.instance_event_window_ids.as_deref().filter(|ids| !ids.is_empty());
    if ids.is_some() && input.max_results.is_some() {
        return Err(crate::refused::not_together("instanceEventWindowIds", "maxResults"));
    }
    let wanted = Wanted {
        ids,
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || resource::all::<EventWindow>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, |window| out(cx, window))?;
    Ok(Windows { instance_event_windows: page.items, next_token: page.next })
}

/// `InstanceEventWindow`.
pub fn out(cx: &Cx, window: &EventWindow) -> WindowOut {
    let target = TargetOut {
        instance_ids: window.instance_ids.clone(),
        tags: window.instance_tags.clone(),
        dedicated_host_ids: window.dedicated_host_ids.clone(),
    };
    WindowOut {
        instance_event_window_id: window.id.clone(),
        name: window.name.clone(),
        time_ranges: (!window.time_ranges.is_empty()).then(|| window.time_ranges.clone()),
        cron_expression: window.cron_expression.clone(),
        association_target: window.has_targets().then_some(target),
        state: if is_settled(window.created_at, cx.now, cx.settings.states) { "active" } else { "creating" },
        tags: resource::tags_out(&window.tags),
    }
}
