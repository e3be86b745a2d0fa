//! GetReservedInstancesExchangeQuote and AcceptReservedInstancesExchangeQuote: convertible Reserved Instances for others that are worth as much or more.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ri-convertible-exchange.html>

use std::sync::Arc;

use jiff::SignedDuration;
use service::prelude::*;

use super::bought::{self, ReservedInstances};
use super::modification::must_be_free;
use super::offering::{self, Offering};
use super::offerings::unknown;
use crate::instance::elapsed;
use crate::refused::missing;

/// `GetReservedInstancesExchangeQuoteRequest` and `AcceptReservedInstancesExchangeQuoteRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Exchange {
    pub reserved_instance_ids: Vec<String>,
    pub target_configurations: Option<Vec<TargetWish>>,
    pub dry_run: Option<bool>,
}

/// `TargetConfigurationRequest`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Shaped)]
pub struct TargetWish {
    pub offering_id: String,
    /// Reserved by AWS: how many there will be follows from their value.
    pub instance_count: Option<i64>,
}

/// `GetReservedInstancesExchangeQuoteResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct QuoteOut {
    pub currency_code: &'static str,
    pub is_valid_exchange: bool,
    pub output_reserved_instances_will_expire_at: Option<Timestamp>,
    pub payment_due: Option<String>,
    pub reserved_instance_value_rollup: Value,
    pub reserved_instance_value_set: Vec<HeldOut>,
    pub target_configuration_value_rollup: Option<Value>,
    pub target_configuration_value_set: Option<Vec<TargetOut>>,
    pub validation_failure_reason: Option<String>,
}

/// `ReservationValue`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Shaped)]
pub struct Value {
    pub hourly_price: String,
    pub remaining_total_value: String,
    pub remaining_upfront_value: String,
}

/// `ReservedInstanceReservationValue`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct HeldOut {
    pub reserved_instance_id: String,
    pub reservation_value: Value,
}

/// `TargetReservationValue`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct TargetOut {
    pub target_configuration: TargetConfiguration,
    pub reservation_value: Value,
}

/// `TargetConfiguration`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct TargetConfiguration {
    pub offering_id: String,
    pub instance_count: i64,
}

/// `AcceptReservedInstancesExchangeQuoteResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Accepted {
    pub exchange_id: String,
}

/// What some are worth until their end, in dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Worth {
    upfront: f64,
    hourly: f64,
    hours: f64,
}

impl Worth {
    fn total(self) -> f64 {
        self.upfront + self.hourly * self.hours
    }

    fn times(self, count: i64) -> Worth {
        Worth { upfront: self.upfront * count as f64, hourly: self.hourly * count as f64, ..self }
    }

    fn and(self, other: Worth) -> Worth {
        Worth {
            upfront: self.upfront + other.upfront,
            hourly: self.hourly + other.hourly,
            hours: self.hours.max(other.hours),
        }
    }

    fn out(self) -> Value {
        let text = |dollars: f64| format!("{dollars:.6}");
        Value {
            hourly_price: text(self.hourly),
            remaining_total_value: text(self.total()),
            remaining_upfront_value: text(self.upfront),
        }
    }
}

/// An exchange that is possible.
struct Quote {
    offering: Offering,
    count: i64,
    worth: Worth,
    ends_at: Timestamp,
}

/// The operation on each of those to be exchanged.
pub fn to_exchange(cx: &Cx, world: &World, input: &Exchange) -> Vec<Check> {
    input.reserved_instance_ids.iter().map(|id| bought::check_on(cx, world, id)).collect()
}

/// One target, and nothing said of its number.
pub fn check(_: &Cx, _: &World, input: &Exchange) -> Result<(), ApiError> {
    if input.reserved_instance_ids.is_empty() {
        return Err(missing("ReservedInstanceIds"));
    }
    let targets = input.target_configurations.as_deref().unwrap_or_default();
    if targets.iter().any(|it| it.instance_count.is_some()) {
        let message = "The parameter InstanceCount is reserved and cannot be specified.";
        return Err(ApiError::new("InvalidParameter", message));
    }
    match targets {
        [] => Err(missing("TargetConfigurations")),
        [_] => Ok(()),
        _ => Err(ApiError::new("InvalidParameterValue", "Only one target configuration can be specified.")),
    }
}

fn wanted(cx: &Cx, input: &Exchange) -> Result<Offering, ApiError> {
    let target = input.target_configurations.as_deref().and_then(<[TargetWish]>::first);
    let id = &target.ok_or_else(|| missing("TargetConfigurations"))?.offering_id;
    offering::of_id(cx, id).ok_or_else(|| unknown(id))
}

#[expect(clippy::cast_precision_loss, reason = "terms are far below where it begins")]
fn worth(cx: &Cx, held: &ReservedInstances) -> Worth {
    let seconds = elapsed(cx.now, held.end()).as_secs().max(0) as f64;
    let rest = seconds / held.duration.max(1) as f64;
    Worth { upfront: held.fixed_price * rest, hourly: held.hourly, hours: seconds / 3600.0 }.times(held.count)
}

/// What comes of the exchange, or why it cannot be.
fn quote(cx: &Cx, world: &World, held: &[Arc<ReservedInstances>], offering: Offering) -> Result<Quote, String> {
    for one in held {
        must_be_free(cx, world, one).map_err(ApiError::into_message)?;
        if one.class != "convertible" {
            return Err(format!("The Reserved Instances '{}' are not convertible.", one.id));
        }
    }
    if offering.class != "convertible" {
        return Err("The target offering is not convertible.".to_owned());
    }
    let Some(last) = held.iter().max_by_key(|it| it.end()) else {
        return Err("There is nothing to exchange.".to_owned());
    };
    if offering.duration < last.duration {
        return Err("Reserved Instances with a three-year term cannot be exchanged for a one-year term.".to_owned());
    }
    if offering.payment == "No Upfront" && held.iter().any(|it| it.payment != "No Upfront") {
        return Err("Reserved Instances that were paid upfront cannot be exchanged for No Upfront.".to_owned());
    }
    // A longer term goes on from the old end by what it is longer.
    let longer = SignedDuration::from_secs(offering.duration - last.duration);
    let ends_at = last.end().saturating_add(longer).unwrap_or_else(|_| last.end());
    let of_one = of_one(cx, &offering, ends_at);
    let before = held.iter().map(|it| worth(cx, it)).fold(Worth::default(), Worth::and);
    let count = count(before.total(), of_one.total());
    Ok(Quote { offering, count, worth: of_one.times(count), ends_at })
}

/// As many as make up the value, and one for what remains of it.
#[expect(clippy::cast_possible_truncation, reason = "the number of instances of an exchange is small")]
fn count(value: f64, of_one: f64) -> i64 {
    let whole = if of_one > 0.0 { value / of_one } else { 1.0 };
    // Sums of prices are not exact.
    ((whole - 0.000_001).ceil() as i64).max(1)
}

#[expect(clippy::cast_precision_loss, reason = "terms are far below where it begins")]
fn of_one(cx: &Cx, offering: &Offering, ends_at: Timestamp) -> Worth {
    let seconds = elapsed(cx.now, ends_at).as_secs().max(0) as f64;
    let rest = seconds / offering.duration as f64;
    Worth { upfront: offering.fixed_price * rest, hourly: offering.hourly, hours: seconds / 3600.0 }
}

/// What an exchange would cost.
pub fn get(cx: &Cx, world: &World, input: &Exchange) -> Result<QuoteOut, ApiError> {
    let held = bought::each(cx, world, &input.reserved_instance_ids)?;
    let offering = wanted(cx, input)?;
    let before = held.iter().map(|it| worth(cx, it)).fold(Worth::default(), Worth::and);
    let mut answer = QuoteOut {
        currency_code: "USD",
        is_valid_exchange: false,
        output_reserved_instances_will_expire_at: None,
        payment_due: None,
        reserved_instance_value_rollup: before.out(),
        reserved_instance_value_set: held
            .iter()
            .map(|it| HeldOut { reserved_instance_id: it.id.clone(), reservation_value: worth(cx, it).out() })
            .collect(),
        target_configuration_value_rollup: None,
        target_configuration_value_set: None,
        validation_failure_reason: None,
    };
    match quote(cx, world, &held, offering) {
        Ok(quote) => {
            let target_configuration = TargetConfiguration {
                offering_id: offering::id(cx, quote.offering.number),
                instance_count: quote.count,
            };
            answer.is_valid_exchange = true;
            answer.output_reserved_instances_will_expire_at = Some(quote.ends_at);
            answer.payment_due = Some(format!("{:.6}", (quote.worth.upfront - before.upfront).max(0.0)));
            answer.target_configuration_value_rollup = Some(quote.worth.out());
            answer.target_configuration_value_set =
                Some(vec![TargetOut { target_configuration, reservation_value: quote.worth.out() }]);
        }
        Err(reason) => answer.validation_failure_reason = Some(reason),
    }
    Ok(answer)
}

/// Exchanges them: the new ones begin now and end when the quote said.
pub fn accept(cx: &Cx, tx: &mut Tx, input: &Exchange) -> Result<Accepted, ApiError> {
    let held = bought::each(cx, tx, &input.reserved_instance_ids)?;
    let offering = wanted(cx, input)?;
    let quote = quote(cx, tx, &held, offering).map_err(|reason| ApiError::new("InvalidInput", reason))?;
    let new = ReservedInstances::of(cx, &quote.offering, quote.count);
    tx.put(ReservedInstances { ends_at: Some(quote.ends_at), ..new });
    for one in held {
        tx.put(ReservedInstances { replaced_at: Some(cx.now), ..(*one).clone() });
    }
    Ok(Accepted { exchange_id: format!("riex-{}", cx.ids.uuid()) })
}
