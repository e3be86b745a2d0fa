//! Who pays for what is not used of a capacity reservation: its owner asks another account of the organization, which accepts or rejects.
//!
//! The reservation must be shared with that account ([`crate::share`]), though instances of other accounts do not run in it here.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/assign-billing.html>

use std::sync::Arc;

use jiff::SignedDuration;
use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::CapacityReservation;
use super::change::{active, must_hold};
use crate::instance::elapsed;
use crate::kind;
use crate::resource;
use crate::share;

/// The last request about a reservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingRequest {
    /// Of the reservation.
    pub account: AccountId,
    pub region: String,
    pub reservation_id: String,
    /// Who is to pay.
    pub payer: AccountId,
    pub asked_at: Timestamp,
    pub answer: Option<Answer>,
}

/// What became of a request, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Accepted(Timestamp),
    Rejected(Timestamp),
    /// Taken back before it was answered.
    Cancelled(Timestamp),
    /// Taken back after it was accepted.
    Revoked(Timestamp),
}

/// A request that is not answered expires.
const OPEN: SignedDuration = SignedDuration::from_hours(12);
/// How long a request that came to nothing is still described; AWS does not say.
const VISIBLE: SignedDuration = SignedDuration::from_hours(24);

impl BillingRequest {
    /// (region, payer, reservation).
    pub const BY_PAYER: usize = 0;

    fn status(&self, cx: &Cx) -> &'static str {
        match self.answer {
            Some(Answer::Accepted(_)) => "accepted",
            Some(Answer::Rejected(_)) => "rejected",
            Some(Answer::Cancelled(_)) => "cancelled",
            Some(Answer::Revoked(_)) => "revoked",
            None if elapsed(self.asked_at, cx.now) >= OPEN => "expired",
            None => "pending",
        }
    }

    fn updated_at(&self) -> Timestamp {
        match self.answer {
            Some(Answer::Accepted(at) | Answer::Rejected(at) | Answer::Cancelled(at) | Answer::Revoked(at)) => at,
            None => self.asked_at,
        }
    }
}

impl Record for BillingRequest {
    const TABLE: TableDef = TableDef::own("ec2_capacity_billing", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_payer", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.reservation_id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_PAYER, &[&self.region, self.payer.as_str(), &self.reservation_id]);
    }

    fn gone_at(&self) -> Option<Timestamp> {
        let stays = match self.answer {
            Some(Answer::Accepted(_)) => return None,
            Some(_) => VISIBLE,
            None => OPEN.saturating_add(VISIBLE),
        };
        let from = self.updated_at();
        Some(from.saturating_add(stays).unwrap_or(from))
    }
}

/// `AssociateCapacityReservationBillingOwnerRequest` and `DisassociateCapacityReservationBillingOwnerRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ChangeBillingOwner {
    pub capacity_reservation_id: String,
    pub unused_reservation_billing_owner_id: String,
    pub dry_run: Option<bool>,
}

/// `AcceptCapacityReservationBillingOwnershipRequest` and `RejectCapacityReservationBillingOwnershipRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct AnswerBilling {
    pub capacity_reservation_id: String,
    pub dry_run: Option<bool>,
}

/// The result of all four.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub r#return: bool,
}

/// The operation on the caller's reservation.
pub fn to_change(cx: &Cx, world: &World, input: &ChangeBillingOwner) -> Vec<Check> {
    vec![resource::check_on::<CapacityReservation>(cx, world, &input.capacity_reservation_id)]
}

/// The operation on another account's reservation. Who was never asked is checked on the ARN of one of their own, which tells nothing of whose it is.
pub fn to_answer(cx: &Cx, world: &World, input: &AnswerBilling) -> Vec<Check> {
    let id = &input.capacity_reservation_id;
    let Some((_, held)) = addressed(cx, world, id) else {
        return vec![resource::check_on::<CapacityReservation>(cx, world, id)];
    };
    let owner = held.account;
    let resource_type = kind::CAPACITY_RESERVATION.resource_type;
    let arn = service::arn::ec2(cx.partition(), cx.region_name(), owner.as_str(), resource_type, id);
    vec![resource::Resource::keys(&*held, cx, world, Check::on(arn).shared_by(owner))]
}

/// The request about that reservation that was made to the caller, and the reservation.
fn addressed(cx: &Cx, world: &World, id: &str) -> Option<(Arc<BillingRequest>, Arc<CapacityReservation>)> {
    let payer = cx.account();
    let request = world.one::<BillingRequest>(BillingRequest::BY_PAYER, &[cx.region_name(), payer.as_str(), id])?;
    let held = world.get::<CapacityReservation>(&[request.account.as_str(), &request.region, id])?;
    Some((request.clone(), held.clone()))
}

/// Asks another account of the organization.
pub fn associate(cx: &Cx, tx: &mut Tx, input: &ChangeBillingOwner) -> Result<Changed, ApiError> {
    let held = active(cx, tx, &input.capacity_reservation_id)?;
    let payer = payer(input)?;
    if payer == cx.account() || !are_of_one_organization(cx, tx, payer) {
        let message = format!(
            "The account {payer} must be another account that is consolidated under the same AWS Organizations payer account."
        );
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    must_be_shared(cx, tx, &held, payer)?;
    if let Some(request) = of(tx, &held).filter(|it| matches!(it.status(cx), "pending" | "accepted")) {
        let message = format!(
            "The Capacity Reservation '{}' has a billing request in the state '{}' already.",
            held.id,
            request.status(cx)
        );
        return Err(ApiError::new("InvalidState", message));
    }
    tx.put(BillingRequest {
        account: held.account,
        region: held.region,
        reservation_id: held.id,
        payer,
        asked_at: cx.now,
        answer: None,
    });
    Ok(Changed { r#return: true })
}

fn must_be_shared(cx: &Cx, world: &World, held: &CapacityReservation, payer: AccountId) -> Result<(), ApiError> {
    if share::owners(world, &share::cx_of(cx, payer), &held.id).any(|owner| owner == held.account) {
        return Ok(());
    }
    let message = format!("The Capacity Reservation '{}' is not shared with the account {payer}.", held.id);
    Err(ApiError::new("InvalidRequest", message))
}

fn payer(input: &ChangeBillingOwner) -> Result<AccountId, ApiError> {
    let text = &input.unused_reservation_billing_owner_id;
    text.parse().map_err(|_| ApiError::new("InvalidParameterValue", format!("The account ID '{text}' is not valid.")))
}

fn are_of_one_organization(cx: &Cx, world: &World, other: AccountId) -> bool {
    let organization = service::Organization::of(world);
    organization.is_some_and(|it| it.path(cx.account()).is_some() && it.path(other).is_some())
}

fn of(world: &World, held: &CapacityReservation) -> Option<Arc<BillingRequest>> {
    world.get::<BillingRequest>(&[held.account.as_str(), &held.region, &held.id]).cloned()
}

/// Takes a request back, whether it was accepted or not.
pub fn disassociate(cx: &Cx, tx: &mut Tx, input: &ChangeBillingOwner) -> Result<Changed, ApiError> {
    let held = resource::get::<CapacityReservation>(tx, cx, &input.capacity_reservation_id)?;
    let payer = payer(input)?;
    let request = of(tx, &held).filter(|it| it.payer == payer);
    let status = request.as_ref().map(|it| it.status(cx));
    let answer = match status {
        Some("pending") => Answer::Cancelled(cx.now),
        Some("accepted") => Answer::Revoked(cx.now),
        _ => return Err(no_request(&held.id)),
    };
    answered(tx, &held, request.as_deref(), answer);
    Ok(Changed { r#return: true })
}

/// Keeps the answer, and who pays from now on.
fn answered(tx: &mut Tx, held: &CapacityReservation, request: Option<&BillingRequest>, answer: Answer) {
    let Some(request) = request else { return };
    let billing_owner = matches!(answer, Answer::Accepted(_)).then_some(request.payer);
    tx.put(BillingRequest { answer: Some(answer), ..request.clone() });
    tx.put(CapacityReservation { billing_owner, ..held.clone() });
}

fn no_request(id: &str) -> ApiError {
    let message = format!("There is no open billing request for the Capacity Reservation '{id}'.");
    ApiError::new("InvalidState", message)
}

/// The caller pays from now on.
pub fn accept(cx: &Cx, tx: &mut Tx, input: &AnswerBilling) -> Result<Changed, ApiError> {
    answer(cx, tx, input, Answer::Accepted(cx.now))
}

/// The caller does not.
pub fn reject(cx: &Cx, tx: &mut Tx, input: &AnswerBilling) -> Result<Changed, ApiError> {
    answer(cx, tx, input, Answer::Rejected(cx.now))
}

fn answer(cx: &Cx, tx: &mut Tx, input: &AnswerBilling, answer: Answer) -> Result<Changed, ApiError> {
    let id = &input.capacity_reservation_id;
    kind_of(id)?;
    // Who was never asked does not learn that the reservation exists.
    let Some((request, held)) = addressed(cx, tx, id) else {
        return Err(kind::CAPACITY_RESERVATION.not_found(&[id]));
    };
    if request.status(cx) != "pending" {
        return Err(no_request(id));
    }
    if matches!(answer, Answer::Accepted(_)) {
        must_hold(cx, &held)?;
        must_be_shared(cx, tx, &held, request.payer)?;
    }
    answered(tx, &held, Some(&request), answer);
    Ok(Changed { r#return: true })
}

fn kind_of(id: &str) -> Result<(), ApiError> {
    kind::CAPACITY_RESERVATION.well_formed(id)
}

/// `DescribeCapacityReservationBillingRequestsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeCapacityReservationBillingRequests {
    pub role: String,
    pub capacity_reservation_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeCapacityReservationBillingRequestsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct BillingRequests {
    pub capacity_reservation_billing_requests: Vec<RequestOut>,
    pub next_token: Option<String>,
}

/// `CapacityReservationBillingRequest`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct RequestOut {
    pub capacity_reservation_id: String,
    pub requested_by: String,
    pub unused_reservation_billing_owner_id: String,
    pub last_update_time: Timestamp,
    pub status: &'static str,
    pub capacity_reservation_info: Option<InfoOut>,
}

/// `CapacityReservationInfo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct InfoOut {
    pub instance_type: String,
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub tenancy: String,
}

static FIELDS: Fields<RequestOut> = Fields {
    fields: &[
        ("requested-by", |it, values| values.push(it.requested_by.as_str())),
        ("status", |it, values| values.push(it.status)),
        ("unused-reservation-billing-owner", |it, values| {
            values.push(it.unused_reservation_billing_owner_id.as_str());
        }),
    ],
    tags: None,
};

/// Requests that the account made, or that were made to it.
pub fn describe(
    cx: &Cx,
    world: &World,
    input: &DescribeCapacityReservationBillingRequests,
) -> Result<BillingRequests, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let owner = cx.account();
    let owns = input.role == "odcr-owner";
    let unsupported = if owns { "requested-by" } else { "unused-reservation-billing-owner" };
    if input.filters.iter().flatten().any(|filter| filter.name.as_deref() == Some(unsupported)) {
        let message = format!("The filter '{unsupported}' is not supported for the role '{}'.", input.role);
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    let found: Vec<&Arc<BillingRequest>> = if owns {
        world.scan::<BillingRequest>(&[owner.as_str(), cx.region_name()]).collect()
    } else {
        world.by::<BillingRequest>(BillingRequest::BY_PAYER, &[cx.region_name(), owner.as_str()]).collect()
    };
    let ids = input.capacity_reservation_ids.as_deref().unwrap_or_default();
    ids.iter().try_for_each(|id| kind_of(id))?;
    let named = found.into_iter().filter(|it| ids.is_empty() || ids.contains(&it.reservation_id));
    let mut outs: Vec<RequestOut> = named.map(|it| out(cx, world, it)).filter(|it| chosen.admit(it)).collect();
    outs.sort_by(|a, b| a.capacity_reservation_id.cmp(&b.capacity_reservation_id));
    let scope = format!("capacity-reservation-billing-requests {} {:?}", input.role, input.filters);
    let key = |it: &RequestOut| it.capacity_reservation_id.clone();
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, key)?;
    Ok(BillingRequests { capacity_reservation_billing_requests: page.items, next_token: page.next })
}

fn out(cx: &Cx, world: &World, it: &BillingRequest) -> RequestOut {
    let held = world.get::<CapacityReservation>(&[it.account.as_str(), &it.region, &it.reservation_id]);
    RequestOut {
        capacity_reservation_id: it.reservation_id.clone(),
        requested_by: it.account.to_string(),
        unused_reservation_billing_owner_id: it.payer.to_string(),
        last_update_time: it.updated_at(),
        status: it.status(cx),
        capacity_reservation_info: held.map(|held| InfoOut {
            instance_type: held.instance_type.clone(),
            availability_zone: held.zone.clone(),
            availability_zone_id: held.zone_id.clone(),
            tenancy: held.tenancy.clone(),
        }),
    }
}
