//! Reservations of dedicated hosts: hosts that an account has are paid for a year or three. They are about money; a host tells which one it is in.
//!
//! [`offering`] says what can be bought, [`purchase`] buys. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/dedicated-hosts-billing.html>

use std::sync::Arc;

use jiff::SignedDuration;
use service::filters::{Fields, Filter};
use service::prelude::*;

use crate::instance::view::is_settled;
use crate::kind;
use crate::resource::{self, Wanted, any, resource, tags_out};

pub mod offering;
pub mod purchase;
#[cfg(test)]
mod tests;

service::operations! { Ec2;
    DescribeHostReservationOfferings => read(offering::describe) authorize(any) scan(),
    DescribeHostReservations => read(describe) authorize(any),
    GetHostReservationPurchasePreview => read(purchase::preview) authorize(any) scan(),
    PurchaseHostReservation => write(purchase::purchase) authorize(purchase::to_purchase),
}

/// A reservation of hosts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostReservation {
    pub account: AccountId,
    pub region: String,
    /// `hr-…`
    pub id: String,
    pub offering_id: String,
    pub family: String,
    pub payment: String,
    /// Seconds.
    pub duration: i64,
    /// Dollars, for all hosts together.
    pub upfront: f64,
    pub hourly: f64,
    pub host_ids: Vec<String>,
    pub start: Timestamp,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl HostReservation {
    /// (account, region, host).
    pub const BY_HOST: usize = 0;

    fn end(&self) -> Timestamp {
        self.start.saturating_add(SignedDuration::from_secs(self.duration)).unwrap_or(self.start)
    }

    fn state(&self, cx: &Cx) -> &'static str {
        if cx.now >= self.end() {
            "retired"
        } else if is_settled(self.start, cx.now, cx.settings.states) {
            "active"
        } else {
            "payment-pending"
        }
    }
}

impl Record for HostReservation {
    const TABLE: TableDef = TableDef::own("ec2_host_reservation", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_host", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        for host in &self.host_ids {
            entries.add(Self::BY_HOST, &[self.account.as_str(), &self.region, host]);
        }
    }
}

resource!(HostReservation, kind::HOST_RESERVATION);

/// The reservation that a host is in, if its term is not over.
pub fn of_host<'w>(cx: &Cx, world: &'w World, host_id: &str) -> Option<&'w Arc<HostReservation>> {
    let parts = [cx.account().as_str(), cx.region_name(), host_id].map(str::to_owned);
    let mut held = world.by::<HostReservation>(HostReservation::BY_HOST, &parts.each_ref().map(String::as_str));
    held.find(|it| cx.now < it.end())
}

/// `DescribeHostReservationsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeHostReservations {
    pub host_reservation_id_set: Option<Vec<String>>,
    pub filter: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
}

/// `DescribeHostReservationsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct HostReservations {
    pub host_reservation_set: Vec<ReservationOut>,
    pub next_token: Option<String>,
}

/// `HostReservation`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct ReservationOut {
    pub host_reservation_id: String,
    pub offering_id: String,
    pub instance_family: String,
    pub payment_option: String,
    pub duration: i64,
    pub upfront_price: String,
    pub hourly_price: String,
    pub currency_code: &'static str,
    pub count: i64,
    pub host_id_set: Vec<String>,
    pub start: Timestamp,
    pub end: Timestamp,
    pub state: &'static str,
    pub tags: Option<Vec<Tag>>,
}

static FIELDS: Fields<ReservationOut> = Fields {
    fields: &[
        ("instance-family", |it, values| values.push(it.instance_family.as_str())),
        ("payment-option", |it, values| values.push(it.payment_option.as_str())),
        ("state", |it, values| values.push(it.state)),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// Reservations that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeHostReservations) -> Result<HostReservations, ApiError> {
    offering::check_page(input.max_results)?;
    let wanted = Wanted {
        ids: input.host_reservation_id_set.as_deref(),
        filters: input.filter.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || resource::all::<HostReservation>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, |held| out(cx, held))?;
    Ok(HostReservations { host_reservation_set: page.items, next_token: page.next })
}

fn out(cx: &Cx, held: &HostReservation) -> ReservationOut {
    ReservationOut {
        host_reservation_id: held.id.clone(),
        offering_id: held.offering_id.clone(),
        instance_family: held.family.clone(),
        payment_option: held.payment.clone(),
        duration: held.duration,
        upfront_price: offering::dollars(held.upfront),
        hourly_price: offering::dollars(held.hourly),
        currency_code: "USD",
        count: i64::try_from(held.host_ids.len()).unwrap_or(0),
        host_id_set: held.host_ids.clone(),
        start: held.start,
        end: held.end(),
        state: held.state(cx),
        tags: tags_out(&held.tags),
    }
}
