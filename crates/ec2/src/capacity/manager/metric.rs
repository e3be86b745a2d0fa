//! The metrics, and how they are reckoned: one sweep over the spans of a group, which cuts time at every change and at the bounds of the periods. What they mean
//! is documented at <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-manager-data-organization.html>; of those that came later (requested and
//! fulfilled capacity) only the names are. Here every request is fulfilled, and each asks for one type in one zone.

use super::span::{Span, What};

/// What is counted of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Instances,
    Vcpus,
    Cost,
}

/// What a metric is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Hours(What, Unit),
    UnusedHours(Unit),
    Mean(What, Unit),
    Most(What, Unit),
    Least(What, Unit),
    MostUnused(Unit),
    LeastUnused(Unit),
    MostUsed,
    LeastUsed,
    MeanUsed(Unit),
    Reservations,
    SpotRuns(Unit),
    Interruptions(Unit),
    InterruptionRate(Unit),
    MeanRun,
    MostRun,
    LeastRun,
    Requested { spot: bool },
    Fulfilment { spot: bool },
    Pools { spot: bool },
}

use Of::{
    Fulfilment, Hours, InterruptionRate, Interruptions, Least, LeastRun, LeastUnused, LeastUsed, Mean, MeanRun,
    MeanUsed, Most, MostRun, MostUnused, MostUsed, Pools, Requested, Reservations, SpotRuns, UnusedHours,
};
use Unit::{Cost, Instances, Vcpus};
use What::{Committed, Future, Held, Reserved, Spot, Unreserved};

/// Each metric with what it is of.
const METRICS: &[(&str, Of)] = &[
    ("reservation-total-capacity-hrs-vcpu", Hours(Held, Vcpus)),
    ("reservation-total-capacity-hrs-inst", Hours(Held, Instances)),
    ("reservation-max-size-vcpu", Most(Held, Vcpus)),
    ("reservation-max-size-inst", Most(Held, Instances)),
    ("reservation-min-size-vcpu", Least(Held, Vcpus)),
    ("reservation-min-size-inst", Least(Held, Instances)),
    ("reservation-unused-total-capacity-hrs-vcpu", UnusedHours(Vcpus)),
    ("reservation-unused-total-capacity-hrs-inst", UnusedHours(Instances)),
    ("reservation-unused-total-estimated-cost", UnusedHours(Cost)),
    ("reservation-max-unused-size-vcpu", MostUnused(Vcpus)),
    ("reservation-max-unused-size-inst", MostUnused(Instances)),
    ("reservation-min-unused-size-vcpu", LeastUnused(Vcpus)),
    ("reservation-min-unused-size-inst", LeastUnused(Instances)),
    ("reservation-max-utilization", MostUsed),
    ("reservation-min-utilization", LeastUsed),
    ("reservation-avg-utilization-vcpu", MeanUsed(Vcpus)),
    ("reservation-avg-utilization-inst", MeanUsed(Instances)),
    ("reservation-total-count", Reservations),
    ("reservation-total-estimated-cost", Hours(Held, Cost)),
    ("reservation-avg-future-size-vcpu", Mean(Future, Vcpus)),
    ("reservation-avg-future-size-inst", Mean(Future, Instances)),
    ("reservation-min-future-size-vcpu", Least(Future, Vcpus)),
    ("reservation-min-future-size-inst", Least(Future, Instances)),
    ("reservation-max-future-size-vcpu", Most(Future, Vcpus)),
    ("reservation-max-future-size-inst", Most(Future, Instances)),
    ("reservation-avg-committed-size-vcpu", Mean(Committed, Vcpus)),
    ("reservation-avg-committed-size-inst", Mean(Committed, Instances)),
    ("reservation-max-committed-size-vcpu", Most(Committed, Vcpus)),
    ("reservation-max-committed-size-inst", Most(Committed, Instances)),
    ("reservation-min-committed-size-vcpu", Least(Committed, Vcpus)),
    ("reservation-min-committed-size-inst", Least(Committed, Instances)),
    ("reserved-total-usage-hrs-vcpu", Hours(Reserved, Vcpus)),
    ("reserved-total-usage-hrs-inst", Hours(Reserved, Instances)),
    ("reserved-total-estimated-cost", Hours(Reserved, Cost)),
    ("unreserved-total-usage-hrs-vcpu", Hours(Unreserved, Vcpus)),
    ("unreserved-total-usage-hrs-inst", Hours(Unreserved, Instances)),
    ("unreserved-total-estimated-cost", Hours(Unreserved, Cost)),
    ("spot-total-usage-hrs-vcpu", Hours(Spot, Vcpus)),
    ("spot-total-usage-hrs-inst", Hours(Spot, Instances)),
    ("spot-total-estimated-cost", Hours(Spot, Cost)),
    ("spot-avg-run-time-before-interruption-inst", MeanRun),
    ("spot-max-run-time-before-interruption-inst", MostRun),
    ("spot-min-run-time-before-interruption-inst", LeastRun),
    ("spot-total-interruptions-inst", Interruptions(Instances)),
    ("spot-total-interruptions-vcpu", Interruptions(Vcpus)),
    ("spot-total-count-inst", SpotRuns(Instances)),
    ("spot-total-count-vcpu", SpotRuns(Vcpus)),
    ("spot-interruption-rate-inst", InterruptionRate(Instances)),
    ("spot-interruption-rate-vcpu", InterruptionRate(Vcpus)),
    ("capacity-total-requested-vcpu", Requested { spot: false }),
    ("capacity-total-fulfilled-vcpu", Requested { spot: false }),
    ("spot-capacity-total-requested-vcpu", Requested { spot: true }),
    ("spot-capacity-total-fulfilled-vcpu", Requested { spot: true }),
    ("capacity-request-fulfillment-rate", Fulfilment { spot: false }),
    ("avg-inst-az-count-per-requested-vcpu", Pools { spot: false }),
    ("inst-az-fulfillment-rate", Fulfilment { spot: false }),
    ("spot-capacity-request-fulfillment-rate", Fulfilment { spot: true }),
    ("spot-avg-inst-az-count-per-requested-vcpu", Pools { spot: true }),
    ("spot-inst-az-fulfillment-rate", Fulfilment { spot: true }),
];

/// The names of all.
pub fn names() -> impl Iterator<Item = &'static str> {
    METRICS.iter().map(|(name, _)| *name)
}

/// The metric's name, if there is one.
pub fn known(name: &str) -> Option<&'static str> {
    names().find(|known| *known == name)
}

/// Capacity in each unit, and of how many spans it is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Amount {
    instances: f64,
    vcpus: f64,
    cost: f64,
    spans: i64,
}

impl Amount {
    fn of(span: &Span) -> Amount {
        Amount { instances: span.instances, vcpus: span.vcpus, cost: span.cost, spans: 1 }
    }

    fn get(&self, unit: Unit) -> f64 {
        match unit {
            Instances => self.instances,
            Vcpus => self.vcpus,
            Cost => self.cost,
        }
    }

    fn plus(self, other: Amount) -> Amount {
        Amount {
            instances: self.instances + other.instances,
            vcpus: self.vcpus + other.vcpus,
            cost: self.cost + other.cost,
            spans: self.spans + other.spans,
        }
    }

    fn less(self, other: Amount) -> Amount {
        Amount {
            instances: self.instances - other.instances,
            vcpus: self.vcpus - other.vcpus,
            cost: self.cost - other.cost,
            spans: self.spans - other.spans,
        }
    }

    fn times(self, hours: f64) -> Amount {
        let Amount { instances, vcpus, cost, spans } = self;
        Amount { instances: instances * hours, vcpus: vcpus * hours, cost: cost * hours, spans }
    }

    fn most(self, other: Amount) -> Amount {
        Amount {
            instances: self.instances.max(other.instances),
            vcpus: self.vcpus.max(other.vcpus),
            cost: self.cost.max(other.cost),
            spans: self.spans.max(other.spans),
        }
    }

    fn least(self, other: Amount) -> Amount {
        Amount {
            instances: self.instances.min(other.instances),
            vcpus: self.vcpus.min(other.vcpus),
            cost: self.cost.min(other.cost),
            spans: self.spans.min(other.spans),
        }
    }
}

/// One for each kind of capacity.
#[derive(Debug, Clone, Copy, Default)]
struct Each<T> {
    held: T,
    future: T,
    committed: T,
    reserved: T,
    unreserved: T,
    spot: T,
}

const WHATS: [What; 6] = [Held, Future, Committed, Reserved, Unreserved, Spot];

impl<T> Each<T> {
    fn of(&self, what: What) -> &T {
        match what {
            Held => &self.held,
            Future => &self.future,
            Committed => &self.committed,
            Reserved => &self.reserved,
            Unreserved => &self.unreserved,
            Spot => &self.spot,
        }
    }

    fn of_mut(&mut self, what: What) -> &mut T {
        match what {
            Held => &mut self.held,
            Future => &mut self.future,
            Committed => &mut self.committed,
            Reserved => &mut self.reserved,
            Unreserved => &mut self.unreserved,
            Spot => &mut self.spot,
        }
    }
}

/// The sum over time of an amount, and its bounds while there was any.
#[derive(Debug, Clone, Copy, Default)]
struct Course {
    integral: Amount,
    bounds: Option<(Amount, Amount)>,
}

impl Course {
    fn go_on(&mut self, amount: Amount, hours: f64) {
        self.integral = self.integral.plus(amount.times(hours));
        let (least, most) = self.bounds.unwrap_or((amount, amount));
        self.bounds = Some((least.least(amount), most.most(amount)));
    }
}

/// What there was in a period.
#[derive(Debug, Clone, Default)]
pub struct Period {
    hours: f64,
    courses: Each<Course>,
    unused: Course,
    /// The least and the greatest part of what is held that is used, in percent.
    used: Option<(f64, f64)>,
    reservations: i64,
    /// What ran on Spot, however short.
    spot: Amount,
    interrupted: Amount,
    /// Hours that the interrupted ran.
    runs: Vec<f64>,
    /// What was asked for without Spot, and as Spot's.
    requested: Amount,
    spot_requested: Amount,
}

#[expect(clippy::cast_precision_loss, reason = "moments are some trillions of milliseconds")]
fn hours(begin: i64, end: i64) -> f64 {
    (end - begin) as f64 / 3_600_000.0
}

fn percent(part: f64, whole: f64) -> f64 {
    part / whole * 100.0
}

impl Period {
    fn go_on(&mut self, now: &Each<Amount>, hours: f64) {
        self.hours += hours;
        for what in WHATS {
            let amount = *now.of(what);
            if amount.spans > 0 {
                self.courses.of_mut(what).go_on(amount, hours);
            }
        }
        if now.held.spans > 0 {
            self.unused.go_on(now.held.less(now.reserved), hours);
            let used = percent(now.reserved.instances, now.held.instances);
            let (least, most) = self.used.unwrap_or((used, used));
            self.used = Some((least.min(used), most.max(used)));
        }
    }

    /// What of a span counts once, in a period that it touches.
    fn count(&mut self, span: &Span, begins: bool, ends: bool) {
        let amount = Amount::of(span);
        if span.what == Spot {
            self.spot = self.spot.plus(amount);
        }
        let asked = if span.what == Spot { &mut self.spot_requested } else { &mut self.requested };
        if begins && span.is_first {
            *asked = asked.plus(amount);
        }
        if let Some(since) = span.interrupted_since.filter(|_| ends) {
            self.interrupted = self.interrupted.plus(amount);
            self.runs.push(hours(since.as_millisecond(), span.end.as_millisecond()));
        }
    }

    /// The metric of that name, where there is anything to tell.
    pub fn value(&self, name: &str) -> Option<f64> {
        let (_, of) = METRICS.iter().find(|(known, _)| *known == name)?;
        let course = |what: What| Some(self.courses.of(what)).filter(|course| course.bounds.is_some());
        let bounds = |what: What| self.courses.of(what).bounds;
        let asked = |spot: bool| if spot { self.spot_requested } else { self.requested };
        let runs = || Some(&self.runs).filter(|runs| !runs.is_empty());
        let count = u32::try_from(self.runs.len()).unwrap_or(u32::MAX);
        match *of {
            Hours(what, unit) => course(what).map(|course| course.integral.get(unit)),
            Mean(what, unit) => course(what).map(|course| course.integral.get(unit) / self.hours),
            Least(what, unit) => bounds(what).map(|(least, _)| least.get(unit)),
            Most(what, unit) => bounds(what).map(|(_, most)| most.get(unit)),
            UnusedHours(unit) => self.unused.bounds.map(|_| self.unused.integral.get(unit)),
            LeastUnused(unit) => self.unused.bounds.map(|(least, _)| least.get(unit)),
            MostUnused(unit) => self.unused.bounds.map(|(_, most)| most.get(unit)),
            LeastUsed => self.used.map(|(least, _)| least),
            MostUsed => self.used.map(|(_, most)| most),
            MeanUsed(unit) => course(Held)
                .map(|held| percent(self.courses.reserved.integral.get(unit), held.integral.get(unit)))
                .filter(|value| value.is_finite()),
            Reservations => u32::try_from(self.reservations).ok().filter(|count| *count > 0).map(f64::from),
            SpotRuns(unit) => course(Spot).map(|_| self.spot.get(unit)),
            Interruptions(unit) => course(Spot).map(|_| self.interrupted.get(unit)),
            InterruptionRate(unit) => course(Spot).map(|_| percent(self.interrupted.get(unit), self.spot.get(unit))),
            MeanRun => runs().map(|runs| runs.iter().sum::<f64>() / f64::from(count)),
            LeastRun => runs().map(|runs| runs.iter().copied().fold(f64::INFINITY, f64::min)),
            MostRun => runs().map(|runs| runs.iter().copied().fold(0.0, f64::max)),
            Requested { spot } => Some(asked(spot)).filter(|it| it.spans > 0).map(|it| it.vcpus),
            Fulfilment { spot } => Some(100.0).filter(|_| asked(spot).spans > 0),
            Pools { spot } => Some(1.0).filter(|_| asked(spot).spans > 0),
        }
    }
}

/// The periods of so many milliseconds from `begin` to `end`, in their order. Spans count as far as they lie within.
pub fn sweep(spans: &[&Span], begin: i64, end: i64, period: i64) -> Vec<Period> {
    let bounds = |span: &Span| (span.begin.as_millisecond().max(begin), span.end.as_millisecond().min(end));
    let inside: Vec<&Span> = spans.iter().copied().filter(|span| bounds(span).0 < bounds(span).1).collect();
    let mut moments: Vec<i64> = inside.iter().flat_map(|span| [bounds(span).0, bounds(span).1]).collect();
    let starts = std::iter::successors(Some(begin), |at| at.checked_add(period)).take_while(|at| *at < end);
    let starts: Vec<i64> = starts.collect();
    moments.extend(starts.iter().copied().chain([end]));
    moments.sort_unstable();
    moments.dedup();
    let mut changes: Vec<(i64, bool, &Span)> =
        inside.iter().flat_map(|span| [(bounds(span).0, true, *span), (bounds(span).1, false, *span)]).collect();
    changes.sort_by_key(|(at, ..)| *at);
    let mut changes = changes.into_iter().peekable();
    let mut periods = vec![Period::default(); starts.len()];
    let index = |at: i64| usize::try_from((at - begin).checked_div(period).unwrap_or(0)).unwrap_or(usize::MAX);
    let mut now: Each<Amount> = Each::default();
    for (at, next) in moments.iter().zip(moments.iter().skip(1)) {
        while let Some((_, comes, span)) = changes.next_if(|(moment, ..)| moment <= at) {
            let sum = now.of_mut(span.what);
            *sum = if comes { sum.plus(Amount::of(span)) } else { sum.less(Amount::of(span)) };
        }
        if let Some(period) = periods.get_mut(index(*at)) {
            period.go_on(&now, hours(*at, *next));
        }
    }
    let mut seen = std::collections::HashSet::new();
    for span in inside {
        let (first, last) = (bounds(span).0, bounds(span).1);
        let (from, to) = (index(first), index(last - 1));
        for (at, period) in periods.iter_mut().enumerate().skip(from).take(to.saturating_sub(from) + 1) {
            let begins = at == from && first == span.begin.as_millisecond();
            let ends = at == to && last == span.end.as_millisecond();
            period.count(span, begins, ends);
            // A reservation whose size changes is one all the same.
            if span.what == Held && seen.insert((at, span.dimension.reservation_arn.as_deref())) {
                period.reservations += 1;
            }
        }
    }
    periods
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const HOUR: i64 = 3_600_000;

    fn span(what: What, begin: i64, end: i64, count: f64) -> Span {
        let at = |minutes: i64| jiff::Timestamp::from_millisecond(minutes * 60_000).unwrap();
        Span {
            what,
            begin: at(begin),
            end: at(end),
            instances: count,
            vcpus: count * 2.0,
            cost: count * 0.5,
            dimension: Arc::default(),
            is_first: what != Held,
            interrupted_since: None,
        }
    }

    fn values(period: &Period, names: &[&str]) -> Vec<Option<f64>> {
        names.iter().map(|name| period.value(name)).collect()
    }

    #[test]
    fn time_is_cut_where_something_changes_and_where_periods_begin() {
        let spans = [
            span(Held, -30, 60, 4.0),
            span(Held, 60, 90, 2.0),
            span(Reserved, 30, 90, 1.0),
            span(Unreserved, 0, 30, 1.0),
            Span { interrupted_since: Some(jiff::Timestamp::UNIX_EPOCH), ..span(Spot, 0, 90, 1.0) },
        ];
        let spans: Vec<&Span> = spans.iter().collect();
        let periods = sweep(&spans, 0, 3 * HOUR, HOUR);
        let names = [
            "reservation-total-capacity-hrs-inst",
            "reservation-unused-total-capacity-hrs-vcpu",
            "reservation-max-utilization",
            "reservation-min-unused-size-inst",
            "unreserved-total-estimated-cost",
            "spot-total-interruptions-inst",
            "spot-max-run-time-before-interruption-inst",
            "capacity-total-requested-vcpu",
        ];
        let told: Vec<_> = periods.iter().map(|period| values(period, &names)).collect();
        let some = |list: [f64; 6]| list.map(Some).to_vec();
        assert_eq!(told[0], [some([4.0, 7.0, 25.0, 3.0, 0.25, 0.0]), vec![None, Some(4.0)]].concat());
        let second = [Some(1.0), Some(1.0), Some(50.0), Some(1.0), None, Some(1.0), Some(1.5), None];
        assert_eq!(told[1], second);
        assert_eq!(told[2], [None; 8]);
    }

    #[test]
    fn each_metric_of_the_model_is_known() {
        assert_eq!(names().count(), 59);
        assert_eq!(known("weather"), None);
    }
}
