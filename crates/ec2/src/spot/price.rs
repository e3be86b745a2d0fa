//! What Spot capacity costs. The prices are made up: some cents for a vCPU and a GiB, with a discount that moves a little every few hours. They depend on
//! nothing but zone, type, product and time, so the history, a request's fate and a repeated run agree.
//!
//! What AWS really takes stands in no data that comes with the program.

use jiff::{SignedDuration, Timestamp};
use service::ids::Ids;

use crate::catalogue::images::Image;
use crate::catalogue::instance_types::{self, InstanceType};

/// Products as the price history names them.
pub const PRODUCTS: [&str; 4] = ["Linux/UNIX", "Red Hat Enterprise Linux", "SUSE Linux", "Windows"];

/// A price changes once in so many hours.
pub const PERIOD: i64 = 4;
const HOUR: i64 = 3600;

/// Dollars of an hour, in millionths.
pub type Micros = u64;

/// What is sold: a type with a product, in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offer<'a> {
    pub type_name: &'a str,
    pub zone: &'a str,
    pub product: &'a str,
}

/// The product that an image is billed as.
pub fn product_of(image: &Image) -> &'static str {
    product(image.platform_details.as_deref().unwrap_or_default())
}

/// The product that a platform is billed as, by its details.
pub fn product(details: &str) -> &'static str {
    match details {
        _ if details.starts_with("Red Hat") => "Red Hat Enterprise Linux",
        _ if details.starts_with("SUSE") => "SUSE Linux",
        _ if details.starts_with("Windows") => "Windows",
        _ => "Linux/UNIX",
    }
}

/// Whether there is Spot capacity of the type at all.
pub fn is_sold(kind: &InstanceType) -> bool {
    kind.supported_usage_classes.as_deref().unwrap_or_default().iter().any(|class| class == "spot")
}

/// What an hour costs without Spot.
pub fn on_demand(kind: &InstanceType, product: &str) -> Micros {
    let cpus = u64::try_from(instance_types::vcpus(kind)).unwrap_or(1);
    let memory = u64::try_from(instance_types::memory_mib(kind)).unwrap_or(1024);
    let licence = match product {
        "Windows" => 46_000,
        "Red Hat Enterprise Linux" | "SUSE Linux" => 15_000,
        _ => 0,
    };
    cpus * (25_000 + licence) + memory * 3_500 / 1024
}

impl Offer<'_> {
    fn hash(&self, period: i64) -> u64 {
        let facts = [self.type_name.as_bytes(), self.zone.as_bytes(), self.product.as_bytes(), &period.to_be_bytes()];
        // FNV-1a: nothing secret is here, and a history asks for many.
        facts
            .iter()
            .flat_map(|fact| fact.iter())
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
    }

    /// Within each period, the second at which the price changes.
    fn offset(&self) -> i64 {
        i64::try_from((self.hash(-1) >> 8) % (PERIOD * HOUR).unsigned_abs()).unwrap_or(0)
    }

    /// The price from the change in that period on: between 30 and 40 hundredths of the price without Spot.
    pub fn in_period(&self, kind: &InstanceType, period: i64) -> Micros {
        let hundredths_of_percent = 3_000 + (self.hash(period) >> 16) % 1_000;
        on_demand(kind, self.product) * hundredths_of_percent / 10_000
    }

    /// When the price of that period begins.
    pub fn change(&self, period: i64) -> Timestamp {
        Timestamp::from_second(period * PERIOD * HOUR + self.offset()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The price at that time.
    pub fn at(&self, kind: &InstanceType, time: Timestamp) -> Micros {
        self.in_period(kind, self.period(time))
    }

    /// The period whose price is in force at that time.
    pub fn period(&self, time: Timestamp) -> i64 {
        (time.as_second() - self.offset()).div_euclid(PERIOD * HOUR)
    }
}

/// The period that a time is in, changes aside.
pub fn period_of(time: Timestamp) -> i64 {
    time.as_second().div_euclid(PERIOD * HOUR)
}

/// How far back prices are told.
pub const REMEMBERED: SignedDuration = SignedDuration::from_hours(90 * 24);

/// `0.010000`
pub fn text(price: Micros) -> String {
    format!("{}.{:06}", price / 1_000_000, price % 1_000_000)
}

/// The shortest form, as messages have it: `0.0102`, to four digits.
pub fn short(price: Micros) -> String {
    let text = format!("{}.{:04}", price / 1_000_000, price % 1_000_000 / 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The price that a text says; none if it is no price.
pub fn parse(text: &str) -> Option<Micros> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if (whole.is_empty() && rest.is_empty()) || !digits(whole) || !digits(rest) {
        return None;
    }
    let micros: String = rest.chars().chain("000000".chars()).take(6).collect();
    let whole: Micros = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    whole.checked_mul(1_000_000)?.checked_add(micros.parse().ok()?)
}

/// `sir-` and eight hexadecimal digits.
pub fn request_id(ids: &Ids) -> String {
    let digits: String = ids.bytes().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("sir-{digits}")
}
