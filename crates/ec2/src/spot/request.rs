//! RequestSpotInstances. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestSpotInstances.html>
//!
//! The launch specification is read as a launch template's data is: its members have the same names.

use jiff::SignedDuration;
use service::prelude::*;

use super::describe::{SpotRequestOut, out};
use super::launch;
use super::record::{Phase, SpotRequest};
use crate::instance::client_token;
use crate::instance::run::input::{MarketWish, RunInstances, SpotWish};
use crate::instance::run::{self, checks, combinations, plan};
use crate::kind;
use crate::launch_template::data::Data;
use crate::launch_template::launch::Asked;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `RequestSpotInstancesRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct RequestSpotInstances {
    #[serde(default)]
    pub launch_specification: Data,
    #[serde(default)]
    pub tag_specifications: Vec<TagSpecification>,
    pub instance_interruption_behavior: Option<String>,
    pub spot_price: Option<String>,
    pub client_token: Option<String>,
    pub instance_count: Option<i64>,
    pub r#type: Option<String>,
    pub valid_until: Option<Timestamp>,
    pub launch_group: Option<String>,
    pub availability_zone_group: Option<String>,
    pub dry_run: Option<bool>,
}

/// `RequestSpotInstancesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Requested {
    pub spot_instance_requests: Vec<SpotRequestOut>,
}

impl RequestSpotInstances {
    /// What it says of the market.
    fn options(&self) -> SpotWish {
        SpotWish {
            max_price: self.spot_price.clone(),
            spot_instance_type: self.r#type.clone(),
            valid_until: self.valid_until,
            instance_interruption_behavior: self.instance_interruption_behavior.clone(),
        }
    }

    /// One instance of what is asked for, as a launch.
    fn wish(&self) -> Result<RunInstances, ApiError> {
        let alone = RunInstances { min_count: 1, max_count: 1, ..RunInstances::default() };
        let wish = self.launch_specification.launch(&alone)?;
        let market = MarketWish { market_type: Some("spot".to_owned()), spot_options: Some(self.options()) };
        let tag_specifications = self.tag_specifications.clone();
        Ok(RunInstances { instance_market_options: Some(market), tag_specifications, ..wish })
    }
}

/// RequestSpotInstances on requests to come and on what the launch uses, the tags, and the role it passes.
pub fn to_request(cx: &Cx, world: &World, input: &RequestSpotInstances) -> Vec<Check> {
    let specifications = Some(input.tag_specifications.as_slice());
    let uses = input.wish().map(|wish| checks::to_use(cx, world, &wish)).unwrap_or_default();
    resource::checks_on_new(cx, &kind::SPOT_REQUEST, specifications, "RequestSpotInstances", uses)
}

/// How long a one-time request waits for its instance, if it does not say.
const VALID: SignedDuration = SignedDuration::from_hours(7 * 24);
/// More in one request would keep the state busy.
const MOST_AT_ONCE: i64 = 1_000;

/// What is refused before permission is asked for.
pub fn check(cx: &Cx, world: &World, input: &RequestSpotInstances) -> Result<(), ApiError> {
    launch::check_price(input.spot_price.as_deref())?;
    launch::must_outlast_its_stop(&input.options())?;
    let count = input.instance_count.unwrap_or(1);
    if count < 1 {
        let message =
            format!("Value ({count}) for parameter instanceCount is invalid. Expecting a value greater than 0.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if count > MOST_AT_ONCE {
        let message = format!("Max spot instance count exceeded: {count} were requested, {MOST_AT_ONCE} are possible.");
        return Err(ApiError::new("MaxSpotInstanceCountExceeded", message));
    }
    let wish = RunInstances { instance_market_options: None, ..input.wish()? };
    combinations::check(cx, world, &wish)
}

/// Makes the requests and, if the price suffices, their instances; or answers again what the same client token made.
pub fn request(cx: &Cx, tx: &mut Tx, input: &RequestSpotInstances) -> Result<Requested, ApiError> {
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&RequestSpotInstances { client_token: None, dry_run: None, ..input.clone() });
    if let Some(made) = client_token::seen(cx, tx, "RequestSpotInstances", token, &digest)? {
        let found = resource::named::<SpotRequest>(tx, cx, &made)?;
        return Ok(Requested { spot_instance_requests: found.iter().map(|it| out(cx, it)).collect() });
    }
    tags::check_specifications(&input.tag_specifications, &[kind::SPOT_REQUEST.resource_type])?;
    let wish = input.wish()?;
    let mut made = Vec::new();
    for _ in 0..input.instance_count.unwrap_or(1) {
        let request = one(cx, tx, &wish)?;
        let until = cx.now_seconds().saturating_add(VALID).ok().filter(|_| !request.persistent);
        let request = SpotRequest {
            valid_until: request.valid_until.or(until),
            launch_group: input.launch_group.clone(),
            zone_group: input.availability_zone_group.clone(),
            ..request
        };
        tx.put(request.clone());
        made.push(request);
    }
    let ids = made.iter().map(|it| it.id.clone()).collect();
    client_token::remember(cx, tx, "RequestSpotInstances", token, digest, ids);
    Ok(Requested { spot_instance_requests: made.iter().map(|it| out(cx, it)).collect() })
}

fn one(cx: &Cx, tx: &mut Tx, wish: &RunInstances) -> Result<SpotRequest, ApiError> {
    let asked = Asked::alone(wish);
    let plan = plan::plan(cx, tx, &asked);
    let sound = plan.require(cx, tx)?;
    launch::must_be_sold(&sound)?;
    let options = launch::options(wish.instance_market_options.as_ref()).unwrap_or_default();
    let (most, price) = launch::prices(cx, &sound, &options);
    if options.valid_until.is_some_and(|until| until <= cx.now) {
        return Ok(SpotRequest { phase: Phase::Expired, ..launch::request(cx, tx, &sound, &options, None) });
    }
    if most < price {
        return Ok(launch::request(cx, tx, &sound, &options, None));
    }
    let id = run::start(cx, tx, &sound)?.into_iter().next().unwrap_or_default();
    let instance = crate::instance::find(cx, tx, &id)?.clone();
    Ok(launch::request(cx, tx, &sound, &options, Some(&instance)))
}
