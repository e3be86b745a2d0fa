//! DescribeSpotInstanceRequests. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotInstanceRequests.html>

use serde_json::Value as Json;
use service::filters::Filter;
use service::prelude::*;

use super::filters::FIELDS;
use super::record::SpotRequest;
use crate::launch_template::data::Data;
use crate::resource::{self, Wanted};

/// `DescribeSpotInstanceRequestsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeSpotInstanceRequests {
    pub spot_instance_request_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeSpotInstanceRequestsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct SpotRequests {
    pub spot_instance_requests: Vec<SpotRequestOut>,
    pub next_token: Option<String>,
}

/// `SpotInstanceRequest`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct SpotRequestOut {
    pub spot_instance_request_id: String,
    pub create_time: Timestamp,
    pub spot_price: String,
    pub r#type: &'static str,
    pub state: &'static str,
    pub status: StatusOut,
    pub valid_until: Option<Timestamp>,
    pub launch_group: Option<String>,
    pub availability_zone_group: Option<String>,
    /// `LaunchSpecification`.
    pub launch_specification: Data,
    pub instance_id: Option<String>,
    pub launched_availability_zone: Option<String>,
    pub launched_availability_zone_id: Option<String>,
    pub product_description: String,
    pub instance_interruption_behavior: String,
    pub tags: Vec<Tag>,
}

/// `SpotInstanceStatus`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct StatusOut {
    pub code: &'static str,
    pub message: String,
    pub update_time: Timestamp,
}

/// Requests that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeSpotInstanceRequests) -> Result<SpotRequests, ApiError> {
    let wanted = Wanted {
        ids: input.spot_instance_request_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || resource::all::<SpotRequest>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, |request| out(cx, request))?;
    Ok(SpotRequests { spot_instance_requests: page.items, next_token: page.next })
}

/// The request as it is seen now. Its instance is told when it is fulfilled.
pub fn out(cx: &Cx, request: &SpotRequest) -> SpotRequestOut {
    let seen = request.seen(cx.now, cx.settings.states);
    let told = seen.code != "pending-evaluation";
    let zone = request.zone.clone().filter(|_| told);
    SpotRequestOut {
        spot_instance_request_id: request.id.clone(),
        create_time: request.created_at,
        spot_price: request.price.clone(),
        r#type: if request.persistent { "persistent" } else { "one-time" },
        state: seen.state,
        status: StatusOut { code: seen.code, message: seen.message, update_time: request.since },
        valid_until: request.valid_until,
        launch_group: request.launch_group.clone(),
        availability_zone_group: request.zone_group.clone(),
        launch_specification: match &request.specification {
            Json::Object(members) => Data(members.clone()),
            _ => Data::default(),
        },
        instance_id: request.instance_id.clone().filter(|_| told),
        launched_availability_zone: zone.as_ref().map(|(name, _)| name.clone()),
        launched_availability_zone_id: zone.map(|(_, id)| id),
        product_description: request.product.clone(),
        instance_interruption_behavior: request.interruption.clone(),
        tags: request.tags.clone(),
    }
}
