//! Quotes for a later start of a future-dated reservation that has not begun: up to thirty days after the start it was made with.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateCapacityReservationDateChangeQuote.html>

use jiff::SignedDuration;
use service::filters::{Fields, Filter};
use service::prelude::*;

use super::{VALID, VISIBLE, incorrect, later, must_be_of};
use crate::capacity::CapacityReservation;
use crate::capacity::change::ModifyCapacityReservation;
use crate::instance::client_token;
use crate::kind;
use crate::refused::{invalid, missing};
use crate::resource::{self, Wanted, resource};
use crate::tags::TagSpecification;

/// A quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateChangeQuote {
    pub account: AccountId,
    pub region: String,
    pub id: String,
    pub reservation_id: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// Of the reservation when it was made.
    pub count: i64,
    pub reservation_state: String,
    pub start: Timestamp,
    pub original_start: Timestamp,
    pub new_start: Timestamp,
    pub commitment_seconds: i64,
    pub is_used: bool,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl DateChangeQuote {
    fn state(&self, now: Timestamp) -> &'static str {
        if self.is_used || self.expires_at <= now { "expired" } else { "active" }
    }
}

impl Record for DateChangeQuote {
    const TABLE: TableDef = TableDef::own("ec2_capacity_date_change_quote", &["account", "region", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn gone_at(&self) -> Option<Timestamp> {
        Some(later(self.expires_at, VISIBLE))
    }
}

resource!(DateChangeQuote, kind::CAPACITY_RESERVATION_MODIFICATION_QUOTE);

/// `CreateCapacityReservationDateChangeQuoteRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateCapacityReservationDateChangeQuote {
    pub capacity_reservation_id: String,
    #[serde(default)]
    pub new_start_date: Timestamp,
    pub client_token: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `DescribeCapacityReservationDateChangeQuotesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeCapacityReservationDateChangeQuotes {
    pub capacity_reservation_modification_quote_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `CreateCapacityReservationDateChangeQuoteResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub capacity_reservation_modification_quote: QuoteOut,
}

/// `DescribeCapacityReservationDateChangeQuotesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Quotes {
    pub capacity_reservation_modification_quotes: Vec<QuoteOut>,
    pub next_token: Option<String>,
}

/// `CapacityReservationModificationQuote`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct QuoteOut {
    pub capacity_reservation_modification_quote_id: String,
    pub capacity_reservation_id: String,
    pub create_time: Timestamp,
    pub expiration_time: Timestamp,
    pub quote_state: &'static str,
    pub current_configuration: ConfigurationOut,
    pub modification_terms: TermsOut,
    pub tags: Vec<Tag>,
}

/// `ModificationQuoteCurrentConfiguration`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct ConfigurationOut {
    pub instance_count: i64,
    pub reservation_state: String,
    pub start_date: Timestamp,
    pub original_start_date: Timestamp,
}

/// `ModificationTerms`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct TermsOut {
    pub reservation_update: UpdateOut,
}

/// `ModificationReservationUpdate`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct UpdateOut {
    pub new_commitment_end_date: Timestamp,
    pub new_start_date: Timestamp,
    pub new_commitment_duration: i64,
}

/// Its operation's page names no filters; these are what a quote has.
static FIELDS: Fields<QuoteOut> = Fields {
    fields: &[
        ("capacity-reservation-id", |it, values| values.push(it.capacity_reservation_id.as_str())),
        ("capacity-reservation-modification-quote-id", |it, values| {
            values.push(it.capacity_reservation_modification_quote_id.as_str());
        }),
        ("quote-state", |it, values| values.push(it.quote_state)),
    ],
    tags: Some(|it| &it.tags),
};

/// CreateCapacityReservationDateChangeQuote on the reservation and on the quote to come, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateCapacityReservationDateChangeQuote) -> Vec<Check> {
    let held = resource::check_on::<CapacityReservation>(cx, world, &input.capacity_reservation_id);
    let kind = &kind::CAPACITY_RESERVATION_MODIFICATION_QUOTE;
    let specifications = input.tag_specifications.as_deref();
    resource::checks_on_new(cx, kind, specifications, "CreateCapacityReservationDateChangeQuote", [held])
}

/// How far a start can be put off in all.
const FARTHEST: SignedDuration = SignedDuration::from_hours(30 * 24);
/// So long before the start a quote expires at the latest.
const BEFORE_START: SignedDuration = SignedDuration::from_hours(1);

/// Makes a quote, or answers again what the same client token made.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateCapacityReservationDateChangeQuote) -> Result<Created, ApiError> {
    const SCOPE: &str = "CreateCapacityReservationDateChangeQuote";
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&CreateCapacityReservationDateChangeQuote {
        client_token: None,
        dry_run: None,
        ..input.clone()
    });
    if let Some(quote) = client_token::again::<DateChangeQuote>(cx, tx, SCOPE, token, &digest)? {
        return Ok(Created { capacity_reservation_modification_quote: out(cx, &quote) });
    }
    let kind = &kind::CAPACITY_RESERVATION_MODIFICATION_QUOTE;
    let tags = crate::tags::of_new(input.tag_specifications.as_deref(), kind.resource_type)?;
    let held = resource::get::<CapacityReservation>(tx, cx, &input.capacity_reservation_id)?;
    let state = held.state(cx.now, cx.settings.states);
    let expires_at = later(cx.now, VALID).min(later(held.start(), -BEFORE_START));
    let commitment = held.commitment.filter(|_| state == "scheduled" && expires_at > cx.now).ok_or_else(|| {
        let (id, start) = (&held.id, held.start());
        incorrect(format!("The start date {start} of the Capacity Reservation '{id}', which is in the state '{state}', cannot be changed."))
    })?;
    must_be_later(input.new_start_date, &held, commitment.original_start)?;
    let quote = DateChangeQuote {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind.prefix),
        reservation_id: held.id.clone(),
        created_at: cx.now,
        expires_at,
        count: held.count,
        reservation_state: state.to_owned(),
        start: held.start(),
        original_start: commitment.original_start,
        new_start: input.new_start_date,
        commitment_seconds: commitment.seconds,
        is_used: false,
        tags,
    };
    client_token::remember(cx, tx, SCOPE, token, digest, vec![quote.id.clone()]);
    tx.put(quote.clone());
    Ok(Created { capacity_reservation_modification_quote: out(cx, &quote) })
}

/// Later than now, within thirty days of the first start, and with the commitment before the end. The words are not recorded.
fn must_be_later(start: Timestamp, held: &CapacityReservation, original: Timestamp) -> Result<(), ApiError> {
    let most = later(original, FARTHEST);
    if start <= held.start() || start > most {
        return Err(invalid(format!(
            "Value ({start}) for parameter newStartDate is invalid. The new start date must be later than {} and not later than {most}.",
            held.start()
        )));
    }
    let changed = CapacityReservation { starts_at: Some(start), ..held.clone() };
    match (changed.committed_until(), held.end_date) {
        (Some(until), Some(end)) if until > end => {
            Err(invalid(format!("The commitment duration would end at {until}, after the end date {end}.")))
        }
        _ => Ok(()),
    }
}

/// Quotes that pass the filters, or those named.
pub fn describe(
    cx: &Cx,
    world: &World,
    input: &DescribeCapacityReservationDateChangeQuotes,
) -> Result<Quotes, ApiError> {
    let wanted = Wanted {
        ids: input.capacity_reservation_modification_quote_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || resource::all::<DateChangeQuote>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, |quote| out(cx, quote))?;
    Ok(Quotes { capacity_reservation_modification_quotes: page.items, next_token: page.next })
}

fn out(cx: &Cx, quote: &DateChangeQuote) -> QuoteOut {
    QuoteOut {
        capacity_reservation_modification_quote_id: quote.id.clone(),
        capacity_reservation_id: quote.reservation_id.clone(),
        create_time: quote.created_at,
        expiration_time: quote.expires_at,
        quote_state: quote.state(cx.now),
        current_configuration: ConfigurationOut {
            instance_count: quote.count,
            reservation_state: quote.reservation_state.clone(),
            start_date: quote.start,
            original_start_date: quote.original_start,
        },
        modification_terms: TermsOut {
            reservation_update: UpdateOut {
                new_commitment_end_date: later(quote.new_start, SignedDuration::from_secs(quote.commitment_seconds)),
                new_start_date: quote.new_start,
                new_commitment_duration: quote.commitment_seconds,
            },
        },
        tags: quote.tags.clone(),
    }
}

/// The quote that a modification names: `None` if it names none. It goes with nothing else, and with the start date that was quoted.
pub fn accepted(
    cx: &Cx,
    world: &World,
    input: &ModifyCapacityReservation,
) -> Result<Option<DateChangeQuote>, ApiError> {
    let Some(id) = input.quote_id.as_deref() else {
        return match input.start_date.is_some() || input.accept_modification_terms == Some(true) {
            true => Err(missing("QuoteId")),
            false => Ok(None),
        };
    };
    let held = resource::get::<CapacityReservation>(world, cx, &input.capacity_reservation_id)?;
    let quote = resource::get::<DateChangeQuote>(world, cx, id)?;
    let is_active = quote.state(cx.now) == "active" && quote.start == held.start() && !held.is_over(cx.now);
    must_be_of(id, quote.reservation_id == held.id, is_active, &held.id)?;
    if input.accept_modification_terms != Some(true) {
        return Err(missing("AcceptModificationTerms"));
    }
    let others = input.instance_count.is_some()
        || input.end_date.is_some()
        || input.end_date_type.is_some()
        || input.instance_match_criteria.is_some();
    if others || input.start_date.is_some_and(|start| start != quote.new_start) {
        let message = format!("The request does not agree with the terms of the quote '{id}'.");
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    Ok(Some((*quote).clone()))
}
