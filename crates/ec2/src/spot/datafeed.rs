//! The Spot data feed of an account. There is no S3 here, so nothing is ever written to the bucket; the subscription is kept and told.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-data-feeds.html>

use std::sync::Arc;

use service::prelude::*;

/// An account's subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Datafeed {
    pub account: AccountId,
    pub bucket: String,
    pub prefix: Option<String>,
}

impl Record for Datafeed {
    const TABLE: TableDef = TableDef::own("ec2_spot_datafeed", &["account"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str()])
    }
}

/// `CreateSpotDatafeedSubscriptionRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateSpotDatafeedSubscription {
    pub bucket: String,
    pub prefix: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeSpotDatafeedSubscriptionRequest` and `DeleteSpotDatafeedSubscriptionRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Asked {
    pub dry_run: Option<bool>,
}

/// `CreateSpotDatafeedSubscriptionResult` and `DescribeSpotDatafeedSubscriptionResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Told {
    pub spot_datafeed_subscription: DatafeedOut,
}

/// `SpotDatafeedSubscription`.
#[derive(Debug, Serialize, Shaped)]
pub struct DatafeedOut {
    pub bucket: String,
    pub owner_id: String,
    pub prefix: Option<String>,
    pub state: &'static str,
}

/// Subscribes; an account has one subscription, the last.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateSpotDatafeedSubscription) -> Result<Told, ApiError> {
    let feed = Datafeed { account: cx.account(), bucket: input.bucket.clone(), prefix: input.prefix.clone() };
    let told = told(&feed);
    tx.put(feed);
    Ok(told)
}

/// The subscription, if there is one.
pub fn describe(cx: &Cx, world: &World, _: &Asked) -> Result<Told, ApiError> {
    find(cx, world).map(|feed| told(&feed))
}

/// Ends the subscription.
pub fn delete(cx: &Cx, tx: &mut Tx, _: &Asked) -> Result<Done, ApiError> {
    find(cx, tx)?;
    tx.remove::<Datafeed>(&[cx.account().as_str()]);
    Ok(Done {})
}

fn find(cx: &Cx, world: &World) -> Result<Arc<Datafeed>, ApiError> {
    world
        .get::<Datafeed>(&[cx.account().as_str()])
        .cloned()
        .ok_or_else(|| ApiError::new("InvalidSpotDatafeed.NotFound", "Spot datafeed subscription does not exist."))
}

fn told(feed: &Datafeed) -> Told {
    Told {
        spot_datafeed_subscription: DatafeedOut {
            bucket: feed.bucket.clone(),
            owner_id: feed.account.to_string(),
            prefix: feed.prefix.clone(),
            state: "Active",
        },
    }
}
