//! CancelSpotInstanceRequests: the request ends, its instance goes on.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CancelSpotInstanceRequests.html>

use service::prelude::*;

use super::record::{Phase, SpotRequest};
use crate::resource;

/// `CancelSpotInstanceRequestsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CancelSpotInstanceRequests {
    pub spot_instance_request_ids: Vec<String>,
    pub dry_run: Option<bool>,
}

/// `CancelSpotInstanceRequestsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Cancelled {
    pub cancelled_spot_instance_requests: Vec<CancelledOut>,
}

/// `CancelledSpotInstanceRequest`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct CancelledOut {
    pub spot_instance_request_id: String,
    pub state: &'static str,
}

/// CancelSpotInstanceRequests on each request.
pub fn to_cancel(cx: &Cx, world: &World, input: &CancelSpotInstanceRequests) -> Vec<Check> {
    input.spot_instance_request_ids.iter().map(|id| resource::check_on::<SpotRequest>(cx, world, id)).collect()
}

/// Cancels all of them, or none if one is not there.
pub fn cancel(cx: &Cx, tx: &mut Tx, input: &CancelSpotInstanceRequests) -> Result<Cancelled, ApiError> {
    let found = resource::named::<SpotRequest>(tx, cx, &input.spot_instance_request_ids)?;
    let mut answer = Cancelled { cancelled_spot_instance_requests: Vec::new() };
    for request in found {
        let phase = match request.phase {
            over if request.is_over() => over,
            Phase::PriceTooLow => Phase::Cancelled,
            Phase::ExpiredStopped => Phase::ExpiredStopped,
            _ => Phase::CancelledRunning,
        };
        if phase != request.phase {
            tx.put(SpotRequest { phase, since: cx.now_seconds(), ..(*request).clone() });
        }
        let ended = matches!(phase, Phase::Terminated | Phase::TerminatedNoCapacity | Phase::Failed);
        let state = if ended { "closed" } else { "cancelled" };
        let spot_instance_request_id = request.id.clone();
        answer.cancelled_spot_instance_requests.push(CancelledOut { spot_instance_request_id, state });
    }
    Ok(answer)
}
