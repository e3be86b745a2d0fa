//! An offering, and its id: the id holds what the offering is, in disguise and with a check sum, so that one is bought by its id without a table.

use jiff::SignedDuration;
use service::Cx;
use service::ids::Ids;
use service::prelude::*;
use service::regions::Zone;

use crate::catalogue::instance_types::{self, InstanceType};
use crate::spot::price;

/// One thing that can be bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offering {
    /// The type's place among all names, and its name.
    number: usize,
    pub instance_type: &'static str,
    pub zone: &'static Zone,
    pub count: i64,
    pub start: Timestamp,
    pub days: i64,
}

const DAY: i64 = 86_400;
/// Blocks begin and end at 11:30 in UTC.
const TIME_OF_DAY: i64 = 11 * 3600 + 30 * 60;
/// The first day that ids can tell, 1 January 2020.
const EPOCH: i64 = 1_577_836_800;
/// The soonest a block begins.
const SOONEST: SignedDuration = SignedDuration::from_mins(30);
/// The latest, from now.
const LATEST: SignedDuration = SignedDuration::from_hours(8 * 7 * 24);

/// The most instances of a block.
pub const MOST: i64 = 64;

/// Whether blocks of the type are sold.
pub fn is_sold(kind: &InstanceType) -> bool {
    kind.supported_usage_classes.as_deref().unwrap_or_default().iter().any(|class| class == "capacity-block")
}

/// Single days up to fourteen, then whole weeks up to twenty-six.
pub fn days(hours: i64) -> Option<i64> {
    let days = hours / 24;
    let fits = hours % 24 == 0 && ((1..=14).contains(&days) || (days % 7 == 0 && (1..=182).contains(&days)));
    fits.then_some(days)
}

/// The cheapest zone on the first day on which a block can begin, within those bounds.
pub fn find(
    cx: &Cx,
    instance_type: &str,
    count: i64,
    days: i64,
    bounds: (Option<Timestamp>, Option<Timestamp>),
) -> Option<Offering> {
    let number = instance_types::names().binary_search(&instance_type).ok()?;
    let name = instance_types::names().get(number).copied()?;
    let soonest = cx.now.saturating_add(SOONEST).ok()?;
    let start = first_start(soonest.max(bounds.0.unwrap_or(soonest)))?;
    let offered = cx.region.zones.iter();
    let offered = offered.filter(|zone| instance_types::offered_in_zone(cx.region_name(), &zone.name, name));
    let all = offered.map(|zone| Offering { number, instance_type: name, zone, count, start, days });
    let cheapest = all.min_by_key(|it| (it.cents(), it.zone.name.as_str()))?;
    let in_time = start <= cx.now.saturating_add(LATEST).ok()? && bounds.1.is_none_or(|end| cheapest.end() <= end);
    in_time.then_some(cheapest)
}

/// The first time of day at which blocks begin, from then on.
fn first_start(from: Timestamp) -> Option<Timestamp> {
    let day = (from.as_second() - TIME_OF_DAY + DAY - 1).div_euclid(DAY);
    Timestamp::from_second(day * DAY + TIME_OF_DAY).ok()
}

impl Offering {
    /// When it ends.
    pub fn end(&self) -> Timestamp {
        self.start.saturating_add(SignedDuration::from_hours(24 * self.days)).unwrap_or(self.start)
    }

    fn cents(&self) -> u64 {
        cents(self.instance_type, &self.zone.name, self.start, self.count * self.days)
    }

    /// What is paid at once, in dollars.
    pub fn fee(&self) -> String {
        dollars(self.cents())
    }

    /// Whether it is one that [`find`] finds, and can still be had: an id can be made up.
    fn can_be_had(&self, cx: &Cx) -> bool {
        (1..=MOST).contains(&self.count)
            && days(self.days * 24).is_some()
            && instance_types::get(self.instance_type).is_some_and(is_sold)
            && instance_types::offered_in_zone(cx.region_name(), &self.zone.name, self.instance_type)
            && self.start > cx.now
            && cx.now.saturating_add(LATEST).is_ok_and(|latest| self.start <= latest)
    }

    /// Its id in the region.
    pub fn id(&self, cx: &Cx) -> Option<String> {
        let zone = cx.region.zones.iter().position(|zone| zone.name == self.zone.name)?;
        let day = (self.start.as_second() - EPOCH).div_euclid(DAY);
        let parts = [
            (i64::try_from(self.number).ok()?, 11),
            (i64::try_from(zone).ok()?, 4),
            (self.count, 7),
            (self.days, 8),
            (day, 15),
        ];
        let packed = parts.iter().try_fold(0_u64, |packed, (part, bits)| {
            let part = u64::try_from(*part).ok().filter(|part| part >> bits == 0)?;
            Some((packed << bits) | part)
        })?;
        Some(sealed(cx, packed))
    }
}

/// The offering of that id in the region, if it can still be had.
pub fn of_id(cx: &Cx, id: &str) -> Option<Offering> {
    let mut rest = opened(cx, id)?;
    let mut part = |bits: u32| {
        let part = rest & ((1 << bits) - 1);
        rest >>= bits;
        i64::try_from(part).unwrap_or(0)
    };
    let (day, days, count) = (part(15), part(8), part(7));
    let (zone, number) = (usize::try_from(part(4)).ok()?, usize::try_from(part(11)).ok()?);
    let instance_type = instance_types::names().get(number).copied()?;
    let start = Timestamp::from_second(EPOCH + day * DAY + TIME_OF_DAY).ok()?;
    let zone = cx.region.zones.get(zone)?;
    Some(Offering { number, instance_type, zone, count, start, days }).filter(|it| it.can_be_had(cx))
}

/// Bits of the check sum.
const SUM: u32 = 19;

fn sum(cx: &Cx, packed: u64) -> u64 {
    let [a, b, c, ..] = Ids::derived(&[b"capacity block", cx.region_name().as_bytes(), &packed.to_be_bytes()]).bytes();
    u64::from(u32::from_be_bytes([0, a, b, c]) >> (24 - SUM))
}

fn mask(cx: &Cx) -> u64 {
    let bytes = Ids::derived(&[b"capacity blocks", cx.region_name().as_bytes()]).bytes();
    u64::from_be_bytes(*bytes.first_chunk::<8>().unwrap_or(&[0; 8]))
}

fn sealed(cx: &Cx, packed: u64) -> String {
    format!("cb-0{:016x}", ((packed << SUM) | sum(cx, packed)) ^ mask(cx))
}

fn opened(cx: &Cx, id: &str) -> Option<u64> {
    let digits = id.strip_prefix("cb-0").filter(|digits| digits.len() == 16)?;
    let value = u64::from_str_radix(digits, 16).ok()? ^ mask(cx);
    let packed = value >> SUM;
    (sealed(cx, packed) == id).then_some(packed)
}

/// What so many days of one instance cost from a day on: between 75 and 95 hundredths of the price without a block, made up as those of Spot are.
pub fn cents(instance_type: &str, zone: &str, start: Timestamp, days: i64) -> u64 {
    let hourly = instance_types::get(instance_type).map_or(0, |kind| price::on_demand(kind, "Linux/UNIX"));
    let day = start.as_second().div_euclid(DAY).to_be_bytes();
    let hundredths = 75 + Ids::derived(&[b"capacity block", zone.as_bytes(), &day, instance_type.as_bytes()]).below(21);
    hourly * 24 * days.unsigned_abs() / 100 * hundredths / 10_000
}

/// `949.00`
pub fn dollars(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_id_buys_nothing() {
        let cx = service::cx::testing::root_cx();
        let real = find(&cx, "p5.48xlarge", 2, 7, (None, None)).unwrap();
        assert_eq!(of_id(&cx, &real.id(&cx).unwrap()), Some(real.clone()));
        let place = |name| instance_types::names().binary_search(&name).unwrap();
        for made_up in [
            Offering { count: 0, ..real.clone() },
            Offering { count: MOST + 1, ..real.clone() },
            Offering { days: 15, ..real.clone() },
            Offering { start: real.start.saturating_add(LATEST).unwrap(), ..real.clone() },
            Offering { number: place("t2.micro"), instance_type: "t2.micro", ..real.clone() },
        ] {
            assert_eq!(of_id(&cx, &made_up.id(&cx).unwrap()), None, "{made_up:?}");
        }
    }
}
