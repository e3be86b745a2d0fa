//! Spot instances: requests for them ([`request`], or a launch with the market option `spot`, [`launch`]), their prices ([`price`]) and the data feed.
//!
//! Capacity is never short here: a request is fulfilled at once if its price suffices, and no instance is interrupted but through the admin API. A
//! request's state follows what becomes of its instance ([`follow`]). <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-requests.html>

use service::operations;

use crate::resource::any;

pub mod cancel;
pub mod datafeed;
pub mod describe;
mod filters;
pub mod follow;
pub mod history;
pub mod launch;
pub mod placement_score;
pub mod price;
mod record;
pub mod request;
#[cfg(test)]
mod tests;

pub use datafeed::Datafeed;
pub use record::{Phase, SpotRequest};

operations! { Ec2;
    CancelSpotInstanceRequests => write(cancel::cancel) authorize(cancel::to_cancel),
    CreateSpotDatafeedSubscription => write(datafeed::create) authorize(any),
    DeleteSpotDatafeedSubscription => write(datafeed::delete) authorize(any),
    DescribeSpotDatafeedSubscription => read(datafeed::describe) authorize(any),
    DescribeSpotInstanceRequests => read(describe::describe) authorize(any),
    DescribeSpotPriceHistory => read(history::describe) authorize(any) scan(),
    GetSpotPlacementScores => read(placement_score::get) authorize(any) check(placement_score::check) scan(),
    RequestSpotInstances => write(request::request) authorize(request::to_request) check(request::check),
}
