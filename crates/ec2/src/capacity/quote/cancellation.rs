//! Quotes for the cancellation of reservations that are committed to: charges go on while the commitment lasts.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CancellationTerms.html>
//!
//! Before the start AWS charges by how near it is, and does not say how. Here the hours shrink with the days that are left, to none at the longest notice.

use jiff::SignedDuration;
use service::filters::{Fields, Filter};
use service::prelude::*;

use super::{VALID, VISIBLE, incorrect, later, must_be_of};
use crate::capacity::CapacityReservation;
use crate::capacity::change::CancelCapacityReservation;
use crate::instance::client_token;
use crate::kind;
use crate::refused::missing;
use crate::resource::{self, Wanted, resource};
use crate::tags::TagSpecification;

/// A quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancellationQuote {
    pub account: AccountId,
    pub region: String,
    pub id: String,
    pub reservation_id: String,
    pub created_at: Timestamp,
    /// Of the reservation when it was made.
    pub count: i64,
    pub reservation_state: String,
    pub charge_hours: i64,
    pub charge_end: Timestamp,
    pub is_used: bool,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl CancellationQuote {
    fn expires_at(&self) -> Timestamp {
        later(self.created_at, VALID)
    }

    fn state(&self, now: Timestamp) -> &'static str {
        if self.is_used || self.expires_at() <= now { "expired" } else { "active" }
    }
}

impl Record for CancellationQuote {
    const TABLE: TableDef = TableDef::own("ec2_capacity_cancellation_quote", &["account", "region", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn gone_at(&self) -> Option<Timestamp> {
        Some(later(self.expires_at(), VISIBLE))
    }
}

resource!(CancellationQuote, kind::CAPACITY_RESERVATION_CANCELLATION_QUOTE);

/// `CreateCapacityReservationCancellationQuoteRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateCapacityReservationCancellationQuote {
    pub capacity_reservation_id: String,
    pub client_token: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `DescribeCapacityReservationCancellationQuotesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeCapacityReservationCancellationQuotes {
    pub capacity_reservation_cancellation_quote_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `CreateCapacityReservationCancellationQuoteResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub capacity_reservation_cancellation_quote: QuoteOut,
}

/// `DescribeCapacityReservationCancellationQuotesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Quotes {
    pub capacity_reservation_cancellation_quotes: Vec<QuoteOut>,
    pub next_token: Option<String>,
}

/// `CapacityReservationCancellationQuote`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct QuoteOut {
    pub capacity_reservation_cancellation_quote_id: String,
    pub capacity_reservation_id: String,
    pub create_time: Timestamp,
    pub expiration_time: Timestamp,
    pub quote_state: &'static str,
    pub current_configuration: ConfigurationOut,
    pub cancellation_terms: Vec<TermsOut>,
    pub tags: Vec<Tag>,
}

/// `CapacityReservationConfiguration`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct ConfigurationOut {
    pub instance_count: i64,
    pub reservation_state: String,
}

/// `CancellationTerms`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct TermsOut {
    pub cancellation_type: &'static str,
    pub reservation_state: &'static str,
    pub committed_instance_count: i64,
    pub charge_commitment_duration_hours: i64,
    pub charge_end_date: Timestamp,
}

/// Its operation's page names no filters; these are what a quote has.
static FIELDS: Fields<QuoteOut> = Fields {
    fields: &[
        ("capacity-reservation-cancellation-quote-id", |it, values| {
            values.push(it.capacity_reservation_cancellation_quote_id.as_str());
        }),
        ("capacity-reservation-id", |it, values| values.push(it.capacity_reservation_id.as_str())),
        ("quote-state", |it, values| values.push(it.quote_state)),
    ],
    tags: Some(|it| &it.tags),
};

/// CreateCapacityReservationCancellationQuote on the reservation and on the quote to come, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateCapacityReservationCancellationQuote) -> Vec<Check> {
    let held = resource::check_on::<CapacityReservation>(cx, world, &input.capacity_reservation_id);
    let kind = &kind::CAPACITY_RESERVATION_CANCELLATION_QUOTE;
    let specifications = input.tag_specifications.as_deref();
    resource::checks_on_new(cx, kind, specifications, "CreateCapacityReservationCancellationQuote", [held])
}

/// Makes a quote, or answers again what the same client token made.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateCapacityReservationCancellationQuote) -> Result<Created, ApiError> {
    const SCOPE: &str = "CreateCapacityReservationCancellationQuote";
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&CreateCapacityReservationCancellationQuote {
        client_token: None,
        dry_run: None,
        ..input.clone()
    });
    if let Some(quote) = client_token::again::<CancellationQuote>(cx, tx, SCOPE, token, &digest)? {
        return Ok(Created { capacity_reservation_cancellation_quote: out(cx, &quote) });
    }
    let kind = &kind::CAPACITY_RESERVATION_CANCELLATION_QUOTE;
    let tags = crate::tags::of_new(input.tag_specifications.as_deref(), kind.resource_type)?;
    let held = resource::get::<CapacityReservation>(tx, cx, &input.capacity_reservation_id)?;
    let state = held.state(cx.now, cx.settings.states);
    let Some(hours) = charge_hours(cx, &held, state) else {
        return Err(incorrect(format!(
            "The Capacity Reservation '{}' is in the state '{state}' and needs no cancellation quote.",
            held.id
        )));
    };
    let quote = CancellationQuote {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind.prefix),
        reservation_id: held.id.clone(),
        created_at: cx.now,
        count: held.count,
        reservation_state: state.to_owned(),
        charge_hours: hours,
        charge_end: later(cx.now, SignedDuration::from_hours(hours)),
        is_used: false,
        tags,
    };
    client_token::remember(cx, tx, SCOPE, token, digest, vec![quote.id.clone()]);
    tx.put(quote.clone());
    Ok(Created { capacity_reservation_cancellation_quote: out(cx, &quote) })
}

/// The longest notice that a future-dated reservation can be asked for with, in hours.
const LONGEST_NOTICE: i64 = 120 * 24;

/// For how many hours a cancelled reservation is charged for; `None` if it can be cancelled without, or not at all.
fn charge_hours(cx: &Cx, held: &CapacityReservation, state: &str) -> Option<i64> {
    let commitment = held.commitment?;
    match state {
        "scheduled" => {
            let notice = hours(held.start().duration_since(cx.now)).clamp(0, LONGEST_NOTICE);
            Some(commitment.seconds / 3600 * (LONGEST_NOTICE - notice) / LONGEST_NOTICE)
        }
        "active" => Some(hours(held.committed_until()?.duration_since(cx.now))).filter(|left| *left > 0),
        _ => None,
    }
}

/// Begun hours count.
fn hours(time: SignedDuration) -> i64 {
    (time.as_secs() + 3599).div_euclid(3600)
}

/// Quotes that pass the filters, or those named.
pub fn describe(
    cx: &Cx,
    world: &World,
    input: &DescribeCapacityReservationCancellationQuotes,
) -> Result<Quotes, ApiError> {
    let wanted = Wanted {
        ids: input.capacity_reservation_cancellation_quote_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || resource::all::<CancellationQuote>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, |quote| out(cx, quote))?;
    Ok(Quotes { capacity_reservation_cancellation_quotes: page.items, next_token: page.next })
}

fn out(cx: &Cx, quote: &CancellationQuote) -> QuoteOut {
    QuoteOut {
        capacity_reservation_cancellation_quote_id: quote.id.clone(),
        capacity_reservation_id: quote.reservation_id.clone(),
        create_time: quote.created_at,
        expiration_time: quote.expires_at(),
        quote_state: quote.state(cx.now),
        current_configuration: ConfigurationOut {
            instance_count: quote.count,
            reservation_state: quote.reservation_state.clone(),
        },
        cancellation_terms: vec![TermsOut {
            cancellation_type: "commitment-wind-down",
            reservation_state: "cancelling",
            committed_instance_count: quote.count,
            charge_commitment_duration_hours: quote.charge_hours,
            charge_end_date: quote.charge_end,
        }],
        tags: quote.tags.clone(),
    }
}

/// Until when the reservation is charged for once it is cancelled: `None` where no quote is needed. The quote is used up.
pub fn accepted(
    cx: &Cx,
    tx: &mut Tx,
    held: &CapacityReservation,
    input: &CancelCapacityReservation,
) -> Result<Option<Timestamp>, ApiError> {
    let is_needed = charge_hours(cx, held, held.state(cx.now, cx.settings.states)).is_some();
    match input.quote_id.as_deref() {
        None if is_needed => Err(incorrect(format!(
            "The Capacity Reservation '{}' is committed to. To cancel it, provide a cancellation quote and apply the cancellation charges.",
            held.id
        ))),
        None => Ok(None),
        Some(id) => {
            let quote = resource::get::<CancellationQuote>(tx, cx, id)?;
            must_be_of(id, quote.reservation_id == held.id, quote.state(cx.now) == "active", &held.id)?;
            if input.apply_cancellation_charges.is_none() {
                return Err(missing("ApplyCancellationCharges"));
            }
            tx.put(CancellationQuote { is_used: true, ..(*quote).clone() });
            Ok(is_needed.then_some(quote.charge_end))
        }
    }
}
