//! GetHostReservationPurchasePreview and PurchaseHostReservation.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PurchaseHostReservation.html>

use std::sync::Arc;

use service::prelude::*;

use super::offering::{self, Offering, dollars};
use super::{HostReservation, of_host};
use crate::host::{Host, launch};
use crate::instance::client_token;
use crate::kind;
use crate::refused::missing;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `GetHostReservationPurchasePreviewRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetHostReservationPurchasePreview {
    pub host_id_set: Vec<String>,
    pub offering_id: String,
}

/// `PurchaseHostReservationRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct PurchaseHostReservation {
    pub host_id_set: Vec<String>,
    pub offering_id: String,
    /// Dollars.
    pub limit_price: Option<String>,
    /// The model admits dollars alone.
    pub currency_code: Option<String>,
    pub client_token: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
}

/// `GetHostReservationPurchasePreviewResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Preview {
    pub currency_code: &'static str,
    pub purchase: Vec<PurchaseOut>,
    pub total_hourly_price: String,
    pub total_upfront_price: String,
}

/// `PurchaseHostReservationResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Purchased {
    pub client_token: Option<String>,
    pub currency_code: &'static str,
    pub purchase: Vec<PurchaseOut>,
    pub total_hourly_price: String,
    pub total_upfront_price: String,
}

/// `Purchase`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct PurchaseOut {
    /// Once it is bought.
    pub host_reservation_id: Option<String>,
    pub instance_family: String,
    pub payment_option: String,
    pub duration: i64,
    pub upfront_price: String,
    pub hourly_price: String,
    pub currency_code: &'static str,
    pub host_id_set: Vec<String>,
}

/// PurchaseHostReservation on each host, and the tags.
pub fn to_purchase(cx: &Cx, world: &World, input: &PurchaseHostReservation) -> Vec<Check> {
    let hosts = input.host_id_set.iter().map(|id| resource::check_on::<Host>(cx, world, id));
    let specifications = input.tag_specifications.as_deref().unwrap_or_default();
    hosts.chain(tags::tag_on_create_checks(cx, specifications, "PurchaseHostReservation")).collect()
}

/// The hosts are there, of the offering's family, and in no reservation. The texts of the refusals are not recorded.
fn reservable(cx: &Cx, world: &World, ids: &[String], offering: &Offering) -> Result<Vec<Arc<Host>>, ApiError> {
    if ids.is_empty() {
        return Err(missing("hostIdSet"));
    }
    let mut hosts: Vec<Arc<Host>> = ids.iter().map(|id| launch::named(cx, world, id)).collect::<Result<_, _>>()?;
    hosts.sort_by(|a, b| a.id.cmp(&b.id));
    hosts.dedup_by(|a, b| a.id == b.id);
    for host in &hosts {
        if host.family != offering.family {
            let message = format!(
                "The Dedicated Host '{}' is of the instance family {}, not of {}, which the offering is for.",
                host.id, host.family, offering.family
            );
            return Err(ApiError::new("InvalidHostConfiguration", message));
        }
        if let Some(held) = of_host(cx, world, &host.id) {
            let message = format!("The Dedicated Host '{}' is in the reservation '{}' already.", host.id, held.id);
            return Err(ApiError::new("InvalidHostState", message));
        }
    }
    Ok(hosts)
}

/// A reservation of these hosts.
fn reservation(cx: &Cx, offering: &Offering, hosts: &[Arc<Host>], tags: Vec<Tag>) -> HostReservation {
    let count = hosts.iter().map(|_| 1.0).sum::<f64>();
    HostReservation {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::HOST_RESERVATION.prefix),
        offering_id: offering.id.clone(),
        family: offering.family.to_owned(),
        payment: offering.payment.to_owned(),
        duration: offering.duration,
        upfront: offering.upfront * count,
        hourly: offering.hourly * count,
        host_ids: hosts.iter().map(|host| host.id.clone()).collect(),
        start: cx.now_seconds(),
        tags,
    }
}

fn out(held: &HostReservation, bought: bool) -> PurchaseOut {
    PurchaseOut {
        host_reservation_id: bought.then(|| held.id.clone()),
        instance_family: held.family.clone(),
        payment_option: held.payment.clone(),
        duration: held.duration,
        upfront_price: dollars(held.upfront),
        hourly_price: dollars(held.hourly),
        currency_code: "USD",
        host_id_set: held.host_ids.clone(),
    }
}

/// What a purchase would be, without buying.
pub fn preview(cx: &Cx, world: &World, input: &GetHostReservationPurchasePreview) -> Result<Preview, ApiError> {
    let offering = offering::get(cx, &input.offering_id)?;
    let hosts = reservable(cx, world, &input.host_id_set, &offering)?;
    let held = reservation(cx, &offering, &hosts, Vec::new());
    Ok(Preview {
        currency_code: "USD",
        total_hourly_price: dollars(held.hourly),
        total_upfront_price: dollars(held.upfront),
        purchase: vec![out(&held, false)],
    })
}

/// Buys a reservation, or answers again what the same client token bought.
pub fn purchase(cx: &Cx, tx: &mut Tx, input: &PurchaseHostReservation) -> Result<Purchased, ApiError> {
    const SCOPE: &str = "PurchaseHostReservation";
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&PurchaseHostReservation { client_token: None, ..input.clone() });
    if let Some(held) = client_token::again::<HostReservation>(cx, tx, SCOPE, token, &digest)? {
        return Ok(answer(input, &held));
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::HOST_RESERVATION.resource_type)?;
    let offering = offering::get(cx, &input.offering_id)?;
    let hosts = reservable(cx, tx, &input.host_id_set, &offering)?;
    let held = reservation(cx, &offering, &hosts, tags);
    must_be_within_limit(input, held.upfront)?;
    client_token::remember(cx, tx, SCOPE, token, digest, vec![held.id.clone()]);
    let answer = answer(input, &held);
    tx.put(held);
    Ok(answer)
}

fn must_be_within_limit(input: &PurchaseHostReservation, upfront: f64) -> Result<(), ApiError> {
    let Some(text) = &input.limit_price else { return Ok(()) };
    match text.parse::<f64>() {
        Ok(limit) if limit >= upfront => Ok(()),
        Ok(_) => {
            let message = format!("The total upfront price {} exceeds the limit price {text}.", dollars(upfront));
            Err(ApiError::new("InvalidParameterValue", message))
        }
        Err(_) => {
            let message = format!("Value ({text}) for parameter limitPrice is invalid.");
            Err(ApiError::new("InvalidParameterValue", message))
        }
    }
}

fn answer(input: &PurchaseHostReservation, held: &HostReservation) -> Purchased {
    Purchased {
        client_token: input.client_token.clone(),
        currency_code: "USD",
        total_hourly_price: dollars(held.hourly),
        total_upfront_price: dollars(held.upfront),
        purchase: vec![out(held, true)],
    }
}
