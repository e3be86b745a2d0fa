//! Reserved Instances for sale: CreateReservedInstancesListing, CancelReservedInstancesListing, DescribeReservedInstancesListings.
//!
//! Nobody buys here, so what is listed stays listed until it is cancelled or its term is over. While it is listed it can be neither modified nor
//! exchanged. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ri-market-general.html>

use std::sync::Arc;

use jiff::SignedDuration;
use service::filters::{Fields, Filter};
use service::prelude::*;

use super::bought::{self, ReservedInstances};
use crate::instance::view::is_settled;
use crate::instance::{client_token, elapsed};
use crate::refused::missing;

/// What an account offers for sale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReservedListing {
    pub account: AccountId,
    pub region: String,
    /// A UUID.
    pub id: String,
    pub reserved_instances_id: String,
    pub client_token: String,
    pub count: i64,
    /// Months that remain, and the price from then on; the longest time first.
    pub prices: Vec<(i64, f64)>,
    pub created_at: Timestamp,
    pub cancelled_at: Option<Timestamp>,
    /// When the term of what is offered is over.
    pub ends_at: Timestamp,
}

impl Record for ReservedListing {
    const TABLE: TableDef = TableDef::own("ec2_reserved_listing", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_reserved", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        if self.cancelled_at.is_none() {
            entries.add(Self::BY_RESERVED, &[self.account.as_str(), &self.region, &self.reserved_instances_id]);
        }
    }
}

impl ReservedListing {
    /// (account, region, Reserved Instances) of those that are not cancelled.
    pub const BY_RESERVED: usize = 0;

    fn is_open(&self, cx: &Cx) -> bool {
        self.cancelled_at.is_none() && cx.now < self.ends_at
    }

    fn status(&self, cx: &Cx) -> &'static str {
        match self.cancelled_at {
            Some(_) => "cancelled",
            None if cx.now >= self.ends_at => "closed",
            None if is_settled(self.created_at, cx.now, cx.settings.states) => "active",
            None => "pending",
        }
    }
}

/// `CreateReservedInstancesListingRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateReservedInstancesListing {
    pub reserved_instances_id: String,
    pub instance_count: i64,
    pub price_schedules: Vec<PriceWish>,
    pub client_token: String,
}

/// `PriceScheduleSpecification`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Shaped)]
pub struct PriceWish {
    pub term: Option<i64>,
    pub price: Option<f64>,
    /// The model admits dollars alone.
    pub currency_code: Option<String>,
}

/// `CancelReservedInstancesListingRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CancelReservedInstancesListing {
    pub reserved_instances_listing_id: String,
}

/// `DescribeReservedInstancesListingsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeReservedInstancesListings {
    pub reserved_instances_id: Option<String>,
    pub reserved_instances_listing_id: Option<String>,
    pub filters: Option<Vec<Filter>>,
}

/// The result of all three.
#[derive(Debug, Serialize, Shaped)]
pub struct Listings {
    pub reserved_instances_listings: Vec<ListingOut>,
}

/// `ReservedInstancesListing`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct ListingOut {
    pub reserved_instances_listing_id: String,
    pub reserved_instances_id: String,
    pub client_token: String,
    pub create_date: Timestamp,
    pub update_date: Timestamp,
    pub status: &'static str,
    pub status_message: &'static str,
    pub instance_counts: Vec<CountOut>,
    pub price_schedules: Vec<PriceOut>,
}

/// `InstanceCount`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct CountOut {
    pub state: &'static str,
    pub instance_count: i64,
}

/// `PriceSchedule`: one of each month that remains.
#[derive(Debug, Clone, PartialEq, Serialize, Shaped)]
pub struct PriceOut {
    pub active: bool,
    pub currency_code: &'static str,
    pub price: f64,
    pub term: i64,
}

/// How many of them are for sale.
pub fn listed(cx: &Cx, world: &World, reserved_instances_id: &str) -> i64 {
    let account = cx.account();
    let parts = [account.as_str(), cx.region_name(), reserved_instances_id];
    let kept = world.by::<ReservedListing>(ReservedListing::BY_RESERVED, &parts);
    kept.filter(|it| it.is_open(cx)).map(|it| it.count).sum()
}

fn of_account<'w>(cx: &Cx, world: &'w World) -> impl Iterator<Item = &'w Arc<ReservedListing>> {
    world.scan::<ReservedListing>(&[cx.account().as_str(), cx.region_name()])
}

/// Seconds of a month.
const MONTH: i64 = 30 * 24 * 3600;
/// How long they must have been owned before they are sold.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ri-market-concepts-sell.html>
const OWNED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// In the words by which AWS explains the code; the texts themselves are not recorded.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInput", message)
}

/// Offers some of them, or answers again what the same client token offered.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateReservedInstancesListing) -> Result<Listings, ApiError> {
    const SCOPE: &str = "CreateReservedInstancesListing";
    let digest = client_token::digest(&CreateReservedInstancesListing { client_token: String::new(), ..input.clone() });
    if let Some(made) = client_token::seen(cx, tx, SCOPE, Some(&input.client_token), &digest)? {
        return Ok(answer(cx, of_account(cx, tx).filter(|it| made.contains(&it.id))));
    }
    let held = bought::get(cx, tx, &input.reserved_instances_id)?;
    must_be_salable(cx, tx, &held, input.instance_count)?;
    let prices = prices(cx, &held, &input.price_schedules)?;
    let listing = ReservedListing {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.uuid(),
        reserved_instances_id: held.id.clone(),
        client_token: input.client_token.clone(),
        count: input.instance_count,
        prices,
        created_at: cx.now,
        cancelled_at: None,
        ends_at: held.end(),
    };
    client_token::remember(cx, tx, SCOPE, Some(&input.client_token), digest, vec![listing.id.clone()]);
    let created = Listings { reserved_instances_listings: vec![out(cx, &listing)] };
    tx.put(listing);
    Ok(created)
}

fn must_be_salable(cx: &Cx, world: &World, held: &ReservedInstances, count: i64) -> Result<(), ApiError> {
    let id = &held.id;
    if held.class == "convertible" {
        return Err(invalid(format!("The Reserved Instances '{id}' are convertible and cannot be sold.")));
    }
    if held.zone.is_none() {
        return Err(invalid(format!("The Reserved Instances '{id}' have the scope Region and cannot be sold.")));
    }
    if held.state_at(cx) != "active" || held.replaced_at.is_some() {
        return Err(invalid(format!("The Reserved Instances '{id}' are not in the state 'active'.")));
    }
    if elapsed(held.bought_at, cx.now) < OWNED {
        return Err(invalid(format!("The Reserved Instances '{id}' have been active for less than 30 days.")));
    }
    if remaining_months(cx, held) < 1 {
        return Err(invalid(format!("Less than a month remains in the term of the Reserved Instances '{id}'.")));
    }
    let free = held.count - listed(cx, world, id);
    if (1..=free).contains(&count) {
        return Ok(());
    }
    Err(invalid(format!(
        "The instance count {count} is not possible: {free} of the Reserved Instances '{id}' are not listed."
    )))
}

fn remaining_months(cx: &Cx, held: &ReservedInstances) -> i64 {
    elapsed(cx.now, held.end()).as_secs() / MONTH
}

/// Each price holds from its month on, until the next does.
fn prices(cx: &Cx, held: &ReservedInstances, wished: &[PriceWish]) -> Result<Vec<(i64, f64)>, ApiError> {
    if wished.is_empty() {
        return Err(missing("priceSchedules"));
    }
    let months = remaining_months(cx, held);
    let mut prices = Vec::new();
    for wish in wished {
        let (Some(term), Some(price)) = (wish.term, wish.price) else {
            return Err(invalid("Each price schedule needs a term and a price."));
        };
        if !(1..=months).contains(&term) {
            return Err(invalid(format!("The term {term} is not between 1 and the {months} months that remain.")));
        }
        if price < 0.0 || !price.is_finite() {
            return Err(invalid(format!("The price {price} is not valid.")));
        }
        prices.push((term, price));
    }
    prices.sort_by_key(|(term, _)| std::cmp::Reverse(*term));
    if prices.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a == b)) {
        return Err(invalid("A term can be specified only once."));
    }
    Ok(prices)
}

/// Takes an offer back.
pub fn cancel(cx: &Cx, tx: &mut Tx, input: &CancelReservedInstancesListing) -> Result<Listings, ApiError> {
    let listing = get(cx, tx, &input.reserved_instances_listing_id)?;
    if !listing.is_open(cx) {
        let message = format!("The listing '{}' is in the state '{}'.", listing.id, listing.status(cx));
        return Err(invalid(message));
    }
    let cancelled = ReservedListing { cancelled_at: Some(cx.now), ..(*listing).clone() };
    let answer = Listings { reserved_instances_listings: vec![out(cx, &cancelled)] };
    tx.put(cancelled);
    Ok(answer)
}

fn get(cx: &Cx, world: &World, id: &str) -> Result<Arc<ReservedListing>, ApiError> {
    let found = world.get::<ReservedListing>(&[cx.account().as_str(), cx.region_name(), id]).cloned();
    found.ok_or_else(|| invalid(format!("The reserved instances listing ID '{id}' does not exist")))
}

static FIELDS: Fields<ListingOut> = Fields {
    fields: &[
        ("reserved-instances-id", |it, values| values.push(it.reserved_instances_id.as_str())),
        ("reserved-instances-listing-id", |it, values| values.push(it.reserved_instances_listing_id.as_str())),
        ("status", |it, values| values.push(it.status)),
        ("status-message", |it, values| values.push(it.status_message)),
    ],
    tags: None,
};

/// The account's offers.
pub fn describe(cx: &Cx, world: &World, input: &DescribeReservedInstancesListings) -> Result<Listings, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    input.reserved_instances_listing_id.as_deref().map(|id| get(cx, world, id)).transpose()?;
    input.reserved_instances_id.as_deref().map(|id| bought::get(cx, world, id)).transpose()?;
    let is = |wanted: &Option<String>, have: &str| wanted.as_deref().is_none_or(|wanted| wanted == have);
    let found = of_account(cx, world).filter(|it| {
        is(&input.reserved_instances_listing_id, &it.id) && is(&input.reserved_instances_id, &it.reserved_instances_id)
    });
    let mut listings = answer(cx, found);
    listings.reserved_instances_listings.retain(|it| chosen.admit(it));
    Ok(listings)
}

fn answer<'a>(cx: &Cx, found: impl Iterator<Item = &'a Arc<ReservedListing>>) -> Listings {
    Listings { reserved_instances_listings: found.map(|it| out(cx, it)).collect() }
}

fn out(cx: &Cx, it: &ReservedListing) -> ListingOut {
    let status = it.status(cx);
    let of = |state: &'static str| {
        let now = match status {
            "active" => "available",
            "closed" => "cancelled",
            other => other,
        };
        CountOut { state, instance_count: if state == now { it.count } else { 0 } }
    };
    let status_message = match status {
        "active" | "pending" => "ACTIVE",
        "cancelled" => "CANCELLED",
        _ => "CLOSED",
    };
    ListingOut {
        reserved_instances_listing_id: it.id.clone(),
        reserved_instances_id: it.reserved_instances_id.clone(),
        client_token: it.client_token.clone(),
        create_date: it.created_at,
        update_date: it.cancelled_at.unwrap_or(it.created_at),
        status,
        status_message,
        instance_counts: ["available", "sold", "cancelled", "pending"].into_iter().map(of).collect(),
        price_schedules: schedules(cx, it),
    }
}

/// A price for each month from the first one that was priced down to the last; the one that holds now is active.
fn schedules(cx: &Cx, it: &ReservedListing) -> Vec<PriceOut> {
    let longest = it.prices.first().map_or(0, |(term, _)| *term);
    let now = (elapsed(cx.now, it.ends_at).as_secs() / MONTH).clamp(1, longest.max(1));
    let price_in = |month: i64| it.prices.iter().rev().find(|(term, _)| *term >= month).map(|(_, price)| *price);
    let out = |month: i64| {
        let active = it.is_open(cx) && month == now;
        Some(PriceOut { active, currency_code: "USD", price: price_in(month)?, term: month })
    };
    (1..=longest).rev().filter_map(out).collect()
}
