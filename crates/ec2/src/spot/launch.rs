//! Launches on the Spot market: what their options may say, whether the price suffices, and the request that stands for each instance.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMarketOptionsRequest.html>

use serde_json::{Value as Json, json};
use service::prelude::*;

use super::price::{self, Micros, Offer};
use super::record::{Phase, SpotRequest};
use crate::instance::Instance;
use crate::instance::run::input::{MarketWish, RunInstances, SpotWish};
use crate::instance::run::instance_type;
use crate::instance::run::plan::Sound;
use crate::network::security_group;

/// The options of a launch that goes to the Spot market.
pub fn options(wish: Option<&MarketWish>) -> Option<SpotWish> {
    let wish = wish.filter(|wish| wish.market_type.as_deref() == Some("spot"))?;
    Some(wish.spot_options.clone().unwrap_or_default())
}

/// What excludes each other.
pub fn check(input: &RunInstances) -> Result<(), ApiError> {
    let Some(options) = options(input.instance_market_options.as_ref()) else { return Ok(()) };
    let combined = |message: &str| Err(ApiError::new("InvalidParameterCombination", message));
    check_price(options.max_price.as_deref())?;
    must_outlast_its_stop(&options)?;
    let persistent = options.spot_instance_type.as_deref() == Some("persistent");
    let interruption = options.instance_interruption_behavior.as_deref().unwrap_or("terminate");
    if persistent && interruption == "terminate" {
        return combined(
            "The persistent Spot instance type is supported only when the instance interruption behavior is either hibernate or stop.",
        );
    }
    if !persistent && options.valid_until.is_some() {
        return combined("The parameter validUntil is supported for persistent Spot Instance requests only.");
    }
    Ok(())
}

/// A request that happens once does not start again what was stopped or hibernated. AWS's text, with `null` for a type that was left open: quoted in
/// <https://github.com/harmony-one/harmony-ops/issues/285> and <https://github.com/diux-dev/cluster/issues/27>.
pub fn must_outlast_its_stop(options: &SpotWish) -> Result<(), ApiError> {
    let wanted = options.spot_instance_type.as_deref();
    let interruption = options.instance_interruption_behavior.as_deref().filter(|it| *it != "terminate");
    let Some(interruption) = interruption.filter(|_| wanted != Some("persistent")) else { return Ok(()) };
    let wanted = wanted.unwrap_or("null");
    let message = format!(
        "The request with type '{wanted}' is not supported when instanceInterruptionBehavior is set to '{interruption}'."
    );
    Err(ApiError::new("InvalidParameterCombination", message))
}

/// A price is a number, and a tenth of a cent at least.
pub fn check_price(text: Option<&str>) -> Result<(), ApiError> {
    let Some(text) = text else { return Ok(()) };
    match price::parse(text) {
        Some(price) if price >= 1_000 => Ok(()),
        _ => {
            let message =
                format!("Invalid value '{text}' for spotPrice. The price must be a number of at least 0.001.");
            Err(ApiError::new("InvalidParameterValue", message))
        }
    }
}

/// What a launch pays at most, and what the market asks.
pub fn prices(cx: &Cx, sound: &Sound<'_, '_>, options: &SpotWish) -> (Micros, Micros) {
    let product = price::product_of(sound.image);
    let offer = Offer { type_name: sound.plan.type_name, zone: &sound.subnet.zone, product };
    let most = options.max_price.as_deref().and_then(price::parse);
    (most.unwrap_or_else(|| price::on_demand(sound.kind, product)), offer.at(sound.kind, cx.now))
}

/// The type must be sold on the Spot market, and the price suffice.
pub fn require(cx: &Cx, sound: &Sound<'_, '_>, options: &SpotWish) -> Result<(), ApiError> {
    must_be_sold(sound)?;
    let (most, asked) = prices(cx, sound, options);
    if most >= asked {
        return Ok(());
    }
    Err(ApiError::new("SpotMaxPriceTooLow", too_low(most, asked)))
}

/// Types without a Spot market are told of as any configuration that does not exist.
pub fn must_be_sold(sound: &Sound<'_, '_>) -> Result<(), ApiError> {
    if price::is_sold(sound.kind) {
        return Ok(());
    }
    Err(instance_type::unsupported())
}

/// Recorded at AWS, for launches and requests alike.
pub fn too_low(most: Micros, asked: Micros) -> String {
    format!(
        "Your Spot request price of {} is lower than the minimum required Spot request fulfillment price of {}.",
        price::short(most),
        price::short(asked)
    )
}

/// The request that stands for an instance of the launch, or for one that was not to be had for the price.
pub fn request(
    cx: &Cx,
    world: &World,
    sound: &Sound<'_, '_>,
    options: &SpotWish,
    instance: Option<&Instance>,
) -> SpotRequest {
    let (most, asked) = prices(cx, sound, options);
    SpotRequest {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: instance.and_then(|it| it.spot_request_id.clone()).unwrap_or_else(|| price::request_id(&cx.ids)),
        created_at: cx.now_seconds(),
        price: price::text(most),
        persistent: options.spot_instance_type.as_deref() == Some("persistent"),
        valid_until: options.valid_until,
        interruption: options.instance_interruption_behavior.clone().unwrap_or_else(|| "terminate".to_owned()),
        launch_group: None,
        zone_group: None,
        specification: specification(cx, world, sound),
        product: price::product_of(sound.image).to_owned(),
        instance_id: instance.map(|it| it.id.clone()),
        zone: instance.map(|it| (it.placement.zone.clone(), it.placement.zone_id.clone())),
        phase: if instance.is_some() { Phase::Fulfilled } else { Phase::PriceTooLow },
        asked: instance.is_none().then_some(asked),
        since: cx.now_seconds(),
        launch: (options.spot_instance_type.as_deref() == Some("persistent")).then(|| kept(sound.plan.input)),
        fault: None,
        tags: sound.plan.tags.of("spot-instances-request").to_vec(),
    }
}

/// The launch as it is kept for a repetition, of one instance, without what was not said.
fn kept(input: &RunInstances) -> Json {
    let alone = RunInstances { min_count: 1, max_count: 1, ..input.clone() };
    let mut launch = json!(RunInstances { client_token: None, dry_run: None, launch_template: None, ..alone });
    if let Some(members) = launch.as_object_mut() {
        members.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
    }
    launch
}

/// `LaunchSpecification`: the launch as the request shows it.
fn specification(cx: &Cx, world: &World, sound: &Sound<'_, '_>) -> Json {
    let (plan, input) = (sound.plan, sound.plan.input);
    let ids = plan.interfaces.list.first().map(|primary| primary.group_ids()).unwrap_or_default();
    let name = |id: &String| security_group::name_of(world, cx.account(), cx.region_name(), id);
    let groups: Vec<Json> = ids.iter().map(|id| json!({"group_id": id, "group_name": name(id)})).collect();
    let wired = !input.network_interfaces.is_empty();
    json!({
        "image_id": input.image_id,
        "instance_type": plan.type_name,
        "key_name": input.key_name,
        "user_data": input.user_data,
        "ebs_optimized": input.ebs_optimized,
        "block_device_mappings": input.block_device_mappings,
        "iam_instance_profile": input.iam_instance_profile,
        "network_interfaces": if wired { json!(input.network_interfaces) } else { Json::Null },
        "subnet_id": if wired { Json::Null } else { json!(sound.subnet.id) },
        "security_groups": groups,
        "placement": {
            "availability_zone": sound.subnet.zone,
            "availability_zone_id": sound.subnet.zone_id,
            "group_name": plan.group.group.as_ref().map(|group| &group.name),
            "tenancy": plan.tenancy(),
        },
        "monitoring": {"enabled": input.monitoring.as_ref().is_some_and(|wish| wish.enabled)},
    })
}
