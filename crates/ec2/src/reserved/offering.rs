//! An offering, and its id: every combination of type, product, tenancy, duration, class, payment and place has a number, and the id is a UUID that
//! begins with the number in disguise, so that an offering is found by its id without a table.

use service::Cx;
use service::ids::Ids;

use crate::catalogue::instance_types;
use crate::spot::price;

const PRODUCTS: [&str; 4] = ["Linux/UNIX", "Linux/UNIX (Amazon VPC)", "Windows", "Windows (Amazon VPC)"];
const TENANCIES: [&str; 2] = ["default", "dedicated"];
const SECONDS: [i64; 2] = [31_536_000, 94_608_000];
const CLASSES: [&str; 2] = ["standard", "convertible"];
const PAYMENTS: [&str; 3] = ["No Upfront", "Partial Upfront", "All Upfront"];
/// The region, then its zones.
const PLACES: usize = 10;
const OF_ONE_TYPE: usize = PRODUCTS.len() * TENANCIES.len() * SECONDS.len() * CLASSES.len() * PAYMENTS.len() * PLACES;

/// One thing that can be bought.
#[derive(Debug, Clone, PartialEq)]
pub struct Offering {
    pub number: u32,
    pub instance_type: &'static str,
    pub product: &'static str,
    pub tenancy: &'static str,
    pub duration: i64,
    pub class: &'static str,
    pub payment: &'static str,
    /// Name and id; `None` for the whole region.
    pub zone: Option<(&'static str, &'static str)>,
    /// At once.
    pub fixed_price: f64,
    /// Per hour.
    pub hourly: f64,
}

/// All offerings of the region, in the order of their numbers; of one type only, if it is named.
pub fn all<'a>(cx: &'a Cx, instance_type: Option<&'a str>) -> impl Iterator<Item = Offering> + use<'a> {
    let types = instance_types::names().iter().enumerate();
    let wanted = types.filter(move |(_, name)| instance_type.is_none_or(|wanted| wanted == **name));
    let offered = wanted.filter(|(_, name)| instance_types::offered_in(cx.region_name(), name));
    let numbers = offered.flat_map(|(position, _)| position * OF_ONE_TYPE..(position + 1) * OF_ONE_TYPE);
    numbers.filter_map(|number| of_number(cx, u32::try_from(number).ok()?))
}

/// The offering of that id in the region.
pub fn of_id(cx: &Cx, id: &str) -> Option<Offering> {
    let hidden = u32::from_str_radix(id.get(..8)?, 16).ok()?;
    let offering = of_number(cx, hidden ^ mask(cx))?;
    (self::id(cx, offering.number) == id).then_some(offering)
}

/// The id of an offering.
pub fn id(cx: &Cx, number: u32) -> String {
    let whole = Ids::derived(&[b"offering", cx.region_name().as_bytes(), &number.to_be_bytes()]).uuid();
    let rest = whole.get(8..).unwrap_or_default();
    format!("{:08x}{rest}", number ^ mask(cx))
}

fn mask(cx: &Cx) -> u32 {
    let [a, b, c, d, ..] = Ids::derived(&[b"offerings", cx.region_name().as_bytes()]).bytes();
    u32::from_be_bytes([a, b, c, d])
}

fn of_number(cx: &Cx, number: u32) -> Option<Offering> {
    let mut rest = usize::try_from(number).ok()?;
    let mut digit = |base: usize| {
        let digit = rest % base;
        rest /= base;
        digit
    };
    let (place, payment, class) = (digit(PLACES), digit(PAYMENTS.len()), digit(CLASSES.len()));
    let (duration, tenancy, product) = (digit(SECONDS.len()), digit(TENANCIES.len()), digit(PRODUCTS.len()));
    let instance_type = instance_types::names().get(rest).copied()?;
    let zone = match place {
        0 => None,
        place => {
            let zone = cx.region.zones.get(place - 1)?;
            let offered = instance_types::offered_in_zone(cx.region_name(), &zone.name, instance_type);
            Some((zone.name.as_str(), zone.id.as_str())).filter(|_| offered).map(Some)?
        }
    };
    if !instance_types::offered_in(cx.region_name(), instance_type) {
        return None;
    }
    let mut offering = Offering {
        number,
        instance_type,
        product: PRODUCTS.get(product)?,
        tenancy: TENANCIES.get(tenancy)?,
        duration: *SECONDS.get(duration)?,
        class: CLASSES.get(class)?,
        payment: PAYMENTS.get(payment)?,
        zone,
        fixed_price: 0.0,
        hourly: 0.0,
    };
    (offering.fixed_price, offering.hourly) = prices(&offering)?;
    Some(offering)
}

/// What is paid at once and per hour: more for more of everything, less for a longer time, for standard ones, and for paying earlier.
fn prices(offering: &Offering) -> Option<(f64, f64)> {
    let kind = instance_types::get(offering.instance_type)?;
    let product = offering.product.trim_end_matches(" (Amazon VPC)");
    let on_demand = price::on_demand(kind, product) as f64 / 1_000_000.0;
    let dedicated = if offering.tenancy == "dedicated" { 1.06 } else { 1.0 };
    let (years, term) = if offering.duration == SECONDS[0] { (1.0, 0.63) } else { (3.0, 0.43) };
    let class = if offering.class == "convertible" { 1.15 } else { 1.0 };
    let (early, upfront) = match offering.payment {
        "All Upfront" => (0.93, 1.0),
        "Partial Upfront" => (0.95, 0.5),
        _ => (1.0, 0.0),
    };
    let hourly = on_demand * dedicated * term * class * early;
    let whole = hourly * years * 8_760.0;
    Some(((whole * upfront).round(), (hourly * (1.0 - upfront) * 100_000.0).round() / 100_000.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use service::cx::testing;

    #[test]
    fn an_offering_is_found_by_its_id() {
        let cx = testing::root_cx();
        let offered: Vec<Offering> = all(&cx, Some("m5.large")).collect();
        assert!(offered.len() > 500);
        for offering in offered.iter().step_by(37) {
            let id = id(&cx, offering.number);
            assert_eq!(of_id(&cx, &id).as_ref(), Some(offering));
            assert_eq!(of_id(&crate::tests::in_region(&cx, "eu-west-1"), &id), None);
        }
        for bad in ["", "x", "00000000-0000-4000-8000-000000000000"] {
            assert_eq!(of_id(&cx, bad), None);
        }
    }

    #[test]
    fn prices_are_in_proportion() {
        let cx = testing::root_cx();
        let one = |type_name: &str, payment: &str, duration: i64| {
            let mut found = all(&cx, Some(type_name)).filter(|it| {
                (it.payment, it.duration, it.product, it.class) == (payment, duration, "Linux/UNIX", "standard")
            });
            found.next().unwrap()
        };
        let (small, large) = (one("m5.large", "No Upfront", SECONDS[0]), one("m5.xlarge", "No Upfront", SECONDS[0]));
        assert!(small.hourly < large.hourly && small.fixed_price == 0.0);
        assert!(one("m5.large", "No Upfront", SECONDS[1]).hourly < small.hourly);
        let upfront = one("m5.large", "All Upfront", SECONDS[0]);
        assert!(upfront.hourly == 0.0 && upfront.fixed_price < small.hourly * 8_760.0);
    }
}
