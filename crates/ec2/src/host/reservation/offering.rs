//! DescribeHostReservationOfferings: what reservations of hosts can be bought. Every family that runs on hosts in the region has six: two durations, three
//! ways to pay. Prices are made up, in proportion to what the machine costs without a reservation.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeHostReservationOfferings.html>

use service::filters::{Fields, Filter};
use service::ids::Ids;
use service::paging;
use service::prelude::*;

use crate::catalogue::instance_types;
use crate::host::{family_of, family_types};
use crate::spot::price;

/// `DescribeHostReservationOfferingsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeHostReservationOfferings {
    pub offering_id: Option<String>,
    pub min_duration: Option<i64>,
    pub max_duration: Option<i64>,
    pub filter: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
}

/// `DescribeHostReservationOfferingsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Offerings {
    pub offering_set: Vec<OfferingOut>,
    pub next_token: Option<String>,
}

/// `HostOffering`.
#[derive(Debug, Clone, PartialEq, Serialize, Shaped)]
pub struct OfferingOut {
    pub offering_id: String,
    pub instance_family: &'static str,
    pub payment_option: &'static str,
    pub duration: i64,
    pub upfront_price: String,
    pub hourly_price: String,
    pub currency_code: &'static str,
}

/// One thing that can be bought.
#[derive(Debug, Clone, PartialEq)]
pub struct Offering {
    pub id: String,
    pub family: &'static str,
    pub payment: &'static str,
    /// Seconds.
    pub duration: i64,
    /// Dollars, for each host.
    pub upfront: f64,
    pub hourly: f64,
}

const YEAR: i64 = 31_536_000;
const PAYMENTS: [&str; 3] = ["AllUpfront", "PartialUpfront", "NoUpfront"];

/// All offerings of the region, family by family.
pub fn all(cx: &Cx) -> impl Iterator<Item = Offering> + use<'_> {
    let mut families: Vec<&'static str> = instance_types::names().iter().map(|name| family_of(name)).collect();
    families.dedup();
    let offered = |family: &&'static str| {
        family_types(family).any(|kind| instance_types::offered_in(cx.region_name(), &kind.instance_type))
    };
    families.into_iter().filter(offered).flat_map(|family| of_family(cx, family))
}

fn of_family<'a>(cx: &'a Cx, family: &'static str) -> impl Iterator<Item = Offering> + use<'a> {
    let durations = [YEAR, 3 * YEAR].into_iter();
    let all = durations.flat_map(|duration| PAYMENTS.into_iter().map(move |payment| (duration, payment)));
    all.filter_map(move |(duration, payment)| {
        let (upfront, hourly) = prices(family, duration, payment)?;
        Some(Offering { id: id(cx, family, duration, payment), family, payment, duration, upfront, hourly })
    })
}

fn id(cx: &Cx, family: &str, duration: i64, payment: &str) -> String {
    let (region, duration) = (cx.region_name().as_bytes(), duration.to_be_bytes());
    Ids::derived(&[b"host offering", region, family.as_bytes(), &duration, payment.as_bytes()]).ec2("hro")
}

/// What is paid at once and per hour, for a machine as large as the family's largest type.
#[expect(clippy::cast_precision_loss, reason = "prices are far below where it begins")]
fn prices(family: &str, duration: i64, payment: &str) -> Option<(f64, f64)> {
    let largest = family_types(family).max_by_key(|kind| instance_types::vcpus(kind))?;
    let on_demand = price::on_demand(largest, "Linux/UNIX") as f64 / 1_000_000.0;
    let term = if duration == YEAR { 0.65 } else { 0.45 };
    let (early, upfront) = match payment {
        "AllUpfront" => (0.93, 1.0),
        "PartialUpfront" => (0.95, 0.5),
        _ => (1.0, 0.0),
    };
    let hourly = on_demand * term * early;
    let whole = hourly * duration as f64 / 3600.0;
    Some(((whole * upfront).round(), (hourly * (1.0 - upfront) * 1000.0).round() / 1000.0))
}

/// The offering of that id. The codes are documented, the texts not recorded.
pub fn get(cx: &Cx, id: &str) -> Result<Offering, ApiError> {
    let digits = id.strip_prefix("hro-").unwrap_or_default();
    if !matches!(digits.len(), 8 | 17) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        let message = format!("The host reservation offering ID '{id}' is malformed");
        return Err(ApiError::new("InvalidHostReservationOfferingId.Malformed", message));
    }
    all(cx).find(|it| it.id == id).ok_or_else(|| {
        let message = format!("The host reservation offering ID '{id}' does not exist");
        ApiError::new("InvalidHostReservationOfferingId.NotFound", message)
    })
}

/// `1.499`
pub fn dollars(amount: f64) -> String {
    format!("{amount:.3}")
}

static FIELDS: Fields<OfferingOut> = Fields {
    fields: &[
        ("instance-family", |it, values| values.push(it.instance_family)),
        ("payment-option", |it, values| values.push(it.payment_option)),
    ],
    tags: None,
};

/// `MaxResults` of both lists.
pub fn check_page(max_results: Option<i64>) -> Result<(), ApiError> {
    match max_results {
        Some(size) if !(5..=500).contains(&size) => {
            let message =
                format!("Value ({size}) for parameter maxResults is invalid. Expecting a value between 5 and 500.");
            Err(ApiError::new("InvalidParameterValue", message))
        }
        _ => Ok(()),
    }
}

/// Offerings that are as asked for.
pub fn describe(cx: &Cx, _: &World, input: &DescribeHostReservationOfferings) -> Result<Offerings, ApiError> {
    let chosen = FIELDS.choose(input.filter.as_deref())?;
    check_page(input.max_results)?;
    input.offering_id.as_deref().map(|id| get(cx, id)).transpose()?;
    let found = all(cx).filter(|it| {
        input.offering_id.as_ref().is_none_or(|id| *id == it.id)
            && input.min_duration.is_none_or(|least| it.duration >= least)
            && input.max_duration.is_none_or(|most| it.duration <= most)
    });
    let mut outs: Vec<OfferingOut> = found.map(out).filter(|it| chosen.admit(it)).collect();
    outs.sort_by(|a, b| a.offering_id.cmp(&b.offering_id));
    let scope = format!("host-reservation-offerings {:?}", input.filter);
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, |it| it.offering_id.clone())?;
    Ok(Offerings { offering_set: page.items, next_token: page.next })
}

fn out(it: Offering) -> OfferingOut {
    OfferingOut {
        offering_id: it.id,
        instance_family: it.family,
        payment_option: it.payment,
        duration: it.duration,
        upfront_price: dollars(it.upfront),
        hourly_price: dollars(it.hourly),
        currency_code: "USD",
    }
}
