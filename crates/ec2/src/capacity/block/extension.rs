//! Extensions: a block that is scheduled or active ends later, under the same reservation.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-blocks-extend.html>

use std::sync::Arc;

use jiff::SignedDuration;
use service::filters::{Fields, Filter};
use service::ids::Ids;
use service::paging;
use service::prelude::*;

use super::offering::{cents, days, dollars};
use super::offerings::{ZONE_TYPE, check_hours};
use super::purchase::no_such_offering;
use super::{CapacityBlock, is_paid};
use crate::capacity::CapacityReservation;
use crate::capacity::manager::usage;
use crate::refused::invalid;
use crate::resource;

/// An extension that was bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    pub account: AccountId,
    pub region: String,
    /// The offering's id; it says for which reservation and from when on.
    pub id: String,
    pub reservation_id: String,
    pub instance_type: String,
    pub count: i64,
    pub zone: String,
    pub zone_id: String,
    pub hours: i64,
    pub bought_at: Timestamp,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub fee: String,
}

/// How long after its end one is still told of; AWS does not say.
const VISIBLE: SignedDuration = SignedDuration::from_hours(90 * 24);

impl Extension {
    /// (account, region, reservation).
    const BY_RESERVATION: usize = 0;
}

impl Record for Extension {
    const TABLE: TableDef = TableDef::own("ec2_capacity_block_extension", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_reservation", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_RESERVATION, &[self.account.as_str(), &self.region, &self.reservation_id]);
    }

    fn gone_at(&self) -> Option<Timestamp> {
        Some(self.ends_at.saturating_add(VISIBLE).unwrap_or(self.ends_at))
    }
}

/// `DescribeCapacityBlockExtensionOfferingsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeCapacityBlockExtensionOfferings {
    pub capacity_block_extension_duration_hours: i64,
    pub capacity_reservation_id: String,
    /// There is one offering at most.
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `PurchaseCapacityBlockExtensionRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct PurchaseCapacityBlockExtension {
    pub capacity_block_extension_offering_id: String,
    pub capacity_reservation_id: String,
    pub dry_run: Option<bool>,
}

/// `DescribeCapacityBlockExtensionHistoryRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeCapacityBlockExtensionHistory {
    pub capacity_reservation_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeCapacityBlockExtensionOfferingsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Offerings {
    pub capacity_block_extension_offerings: Vec<OfferingOut>,
}

/// `CapacityBlockExtensionOffering`.
#[derive(Debug, Serialize, Shaped)]
pub struct OfferingOut {
    pub capacity_block_extension_offering_id: String,
    pub instance_type: String,
    pub instance_count: i64,
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub start_date: Timestamp,
    pub capacity_block_extension_start_date: Timestamp,
    pub capacity_block_extension_end_date: Timestamp,
    pub capacity_block_extension_duration_hours: i64,
    pub upfront_fee: String,
    pub currency_code: &'static str,
    pub tenancy: String,
    pub zone_type: &'static str,
}

/// `PurchaseCapacityBlockExtensionResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Purchased {
    pub capacity_block_extensions: Vec<ExtensionOut>,
}

/// `DescribeCapacityBlockExtensionHistoryResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct History {
    pub capacity_block_extensions: Vec<ExtensionOut>,
    pub next_token: Option<String>,
}

/// `CapacityBlockExtension`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct ExtensionOut {
    pub capacity_reservation_id: String,
    pub instance_type: String,
    pub instance_count: i64,
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub capacity_block_extension_offering_id: String,
    pub capacity_block_extension_duration_hours: i64,
    pub capacity_block_extension_status: &'static str,
    pub capacity_block_extension_purchase_date: Timestamp,
    pub capacity_block_extension_start_date: Timestamp,
    pub capacity_block_extension_end_date: Timestamp,
    pub upfront_fee: String,
    pub currency_code: &'static str,
    pub zone_type: &'static str,
}

static FIELDS: Fields<ExtensionOut> = Fields {
    fields: &[
        ("availability-zone", |it, values| values.push(it.availability_zone.as_str())),
        ("availability-zone-id", |it, values| values.push(it.availability_zone_id.as_str())),
        ("capacity-block-extension-offering-id", |it, values| {
            values.push(it.capacity_block_extension_offering_id.as_str());
        }),
        ("capacity-block-extension-status", |it, values| values.push(it.capacity_block_extension_status)),
        ("capacity-reservation-id", |it, values| values.push(it.capacity_reservation_id.as_str())),
        ("instance-type", |it, values| values.push(it.instance_type.as_str())),
    ],
    tags: None,
};

/// DescribeCapacityBlockExtensionOfferings on the reservation.
pub fn to_describe(cx: &Cx, world: &World, input: &DescribeCapacityBlockExtensionOfferings) -> Vec<Check> {
    vec![resource::check_on::<CapacityReservation>(cx, world, &input.capacity_reservation_id)]
}

/// PurchaseCapacityBlockExtension on the reservation.
pub fn to_purchase(cx: &Cx, world: &World, input: &PurchaseCapacityBlockExtension) -> Vec<Check> {
    vec![resource::check_on::<CapacityReservation>(cx, world, &input.capacity_reservation_id)]
}

/// The longest that a block lasts in all.
const LONGEST: SignedDuration = SignedDuration::from_hours(182 * 24);
/// How long before the end an extension can be had: at least, and at most.
const BEFORE_END: (SignedDuration, SignedDuration) =
    (SignedDuration::from_hours(1), SignedDuration::from_hours(56 * 24));

/// A block that can be extended now. The words of what is refused are not recorded.
fn extensible(cx: &Cx, world: &World, reservation_id: &str) -> Result<(Arc<CapacityReservation>, Timestamp), ApiError> {
    let held = resource::get::<CapacityReservation>(world, cx, reservation_id)?;
    let (Some(_), Some(end)) = (&held.block_id, held.end_date) else {
        return Err(invalid(format!("The Capacity Reservation '{reservation_id}' is not a Capacity Block.")));
    };
    let refused = |why: String| {
        ApiError::new("IncorrectState", format!("The Capacity Block '{reservation_id}' {why} and cannot be extended."))
    };
    let state = held.state(cx.now, cx.settings.states);
    if !matches!(state, "scheduled" | "active") {
        return Err(refused(format!("is in the state '{state}'")));
    }
    if of(cx, world, reservation_id).any(|it| !is_paid(it.bought_at, cx.now, cx.settings.states)) {
        return Err(refused("has an extension whose payment is pending".to_owned()));
    }
    let left = end.duration_since(cx.now);
    if left < BEFORE_END.0 || left > BEFORE_END.1 {
        return Err(refused(format!("ends at {end}")));
    }
    Ok((held, end))
}

fn of<'w>(cx: &Cx, world: &'w World, reservation_id: &str) -> impl Iterator<Item = &'w Arc<Extension>> {
    world.by::<Extension>(Extension::BY_RESERVATION, &[cx.account().as_str(), cx.region_name(), reservation_id])
}

/// The extension of a block by so many hours: its id is drawn from what it is, so that it is found again.
fn extension(cx: &Cx, held: &CapacityReservation, end: Timestamp, hours: i64) -> Extension {
    let (second, hours_drawn) = (end.as_second().to_be_bytes(), hours.to_be_bytes());
    let id = Ids::derived(&[b"capacity block extension", held.id.as_bytes(), &second, &hours_drawn]).ec2("cbe");
    let fee = cents(&held.instance_type, &held.zone, end, held.count * hours / 24);
    Extension {
        account: held.account,
        region: held.region.clone(),
        id,
        reservation_id: held.id.clone(),
        instance_type: held.instance_type.clone(),
        count: held.count,
        zone: held.zone.clone(),
        zone_id: held.zone_id.clone(),
        hours,
        bought_at: cx.now_seconds(),
        starts_at: end,
        ends_at: end.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(end),
        fee: dollars(fee),
    }
}

/// Whether the block would not last too long with it.
fn fits(held: &CapacityReservation, extension: &Extension) -> bool {
    extension.ends_at.duration_since(held.start()) <= LONGEST
}

/// The extension by so many hours, if the block may last that long.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeCapacityBlockExtensionOfferings.html>
pub fn describe(
    cx: &Cx,
    world: &World,
    input: &DescribeCapacityBlockExtensionOfferings,
) -> Result<Offerings, ApiError> {
    let hours = input.capacity_block_extension_duration_hours;
    check_hours(hours, "capacityBlockExtensionDurationHours")?;
    let (held, end) = extensible(cx, world, &input.capacity_reservation_id)?;
    let found = Some(extension(cx, &held, end, hours)).filter(|it| fits(&held, it));
    let out = |it: Extension| OfferingOut {
        capacity_block_extension_offering_id: it.id,
        instance_type: it.instance_type,
        instance_count: it.count,
        availability_zone: it.zone,
        availability_zone_id: it.zone_id,
        start_date: held.start(),
        capacity_block_extension_start_date: it.starts_at,
        capacity_block_extension_end_date: it.ends_at,
        capacity_block_extension_duration_hours: it.hours,
        upfront_fee: it.fee,
        currency_code: "USD",
        tenancy: held.tenancy.clone(),
        zone_type: ZONE_TYPE,
    };
    Ok(Offerings { capacity_block_extension_offerings: found.map(out).into_iter().collect() })
}

/// Every extension that could be on offer for the block.
fn all(cx: &Cx, held: &CapacityReservation, end: Timestamp) -> impl Iterator<Item = Extension> {
    let sold = (1..=182).map(|day| day * 24).filter(|hours| days(*hours).is_some());
    sold.map(move |hours| extension(cx, held, end, hours)).filter(move |it| fits(held, it))
}

/// Prolongs the block.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PurchaseCapacityBlockExtension.html>
pub fn purchase(cx: &Cx, tx: &mut Tx, input: &PurchaseCapacityBlockExtension) -> Result<Purchased, ApiError> {
    let (held, end) = extensible(cx, tx, &input.capacity_reservation_id)?;
    let id = &input.capacity_block_extension_offering_id;
    let bought = all(cx, &held, end).find(|it| it.id == *id).ok_or_else(|| no_such_offering(id))?;
    let ends_at = bought.ends_at;
    usage::put(cx, tx, CapacityReservation { end_date: Some(ends_at), ..(*held).clone() });
    if let Some(block) = &held.block_id {
        resource::update::<CapacityBlock>(tx, cx, block, |it| {
            it.ends_at = ends_at;
            it.is_cleared = false;
        });
    }
    tx.put(bought.clone());
    Ok(Purchased { capacity_block_extensions: vec![out(cx, &bought)] })
}

fn out(cx: &Cx, it: &Extension) -> ExtensionOut {
    let paid = is_paid(it.bought_at, cx.now, cx.settings.states);
    ExtensionOut {
        capacity_reservation_id: it.reservation_id.clone(),
        instance_type: it.instance_type.clone(),
        instance_count: it.count,
        availability_zone: it.zone.clone(),
        availability_zone_id: it.zone_id.clone(),
        capacity_block_extension_offering_id: it.id.clone(),
        capacity_block_extension_duration_hours: it.hours,
        capacity_block_extension_status: if paid { "payment-succeeded" } else { "payment-pending" },
        capacity_block_extension_purchase_date: it.bought_at,
        capacity_block_extension_start_date: it.starts_at,
        capacity_block_extension_end_date: it.ends_at,
        upfront_fee: it.fee.clone(),
        currency_code: "USD",
        zone_type: ZONE_TYPE,
    }
}

/// Extensions that pass the filters, of all blocks or of those named.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeCapacityBlockExtensionHistory.html>
pub fn history(cx: &Cx, world: &World, input: &DescribeCapacityBlockExtensionHistory) -> Result<History, ApiError> {
    let filters = input.filters.as_deref();
    let chosen = FIELDS.choose(filters)?;
    let ids = input.capacity_reservation_ids.as_deref().unwrap_or_default();
    let is_wanted = |it: &&Arc<Extension>| ids.is_empty() || ids.contains(&it.reservation_id);
    let found = world.scan::<Extension>(&[cx.account().as_str(), cx.region_name()]).filter(is_wanted);
    let outs = found.map(|it| out(cx, it)).filter(|it| chosen.admit(it));
    let scope = format!("capacity-block-extensions {ids:?} {filters:?}");
    let key = |it: &ExtensionOut| it.capacity_block_extension_offering_id.clone();
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, key)?;
    Ok(History { capacity_block_extensions: page.items, next_token: page.next })
}
