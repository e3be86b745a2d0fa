//! How many milliseconds packets take there and back. Between regions that follows from how far apart their cities are; within a region it is made up.
//! Both move a little from period to period, and depend on nothing but the places and the time, so that a repeated request has the same answer.

use service::ids::Ids;

use super::Place;

/// Where regions are whose names begin so: degrees north and east.
const CITIES: &[(&str, f64, f64)] = &[
    ("af-south-", -33.9, 18.4),
    ("ap-east-1", 22.3, 114.2),
    ("ap-east-2", 25.0, 121.5),
    ("ap-northeast-1", 35.7, 139.7),
    ("ap-northeast-2", 37.6, 127.0),
    ("ap-northeast-3", 34.7, 135.5),
    ("ap-south-1", 19.1, 72.9),
    ("ap-south-2", 17.4, 78.5),
    ("ap-southeast-1", 1.4, 103.8),
    ("ap-southeast-2", -33.9, 151.2),
    ("ap-southeast-3", -6.2, 106.8),
    ("ap-southeast-4", -37.8, 145.0),
    ("ap-southeast-5", 3.1, 101.7),
    ("ap-southeast-6", -36.8, 174.8),
    ("ap-southeast-7", 13.8, 100.5),
    ("ca-central-", 45.5, -73.6),
    ("ca-west-", 51.0, -114.1),
    ("cn-north-", 39.9, 116.4),
    ("cn-northwest-", 37.5, 105.2),
    ("eu-central-1", 50.1, 8.7),
    ("eu-central-2", 47.4, 8.5),
    ("eu-north-", 59.3, 18.1),
    ("eu-south-1", 45.5, 9.2),
    ("eu-south-2", 41.7, -0.9),
    ("eu-west-1", 53.3, -6.3),
    ("eu-west-2", 51.5, -0.1),
    ("eu-west-3", 48.9, 2.4),
    ("eusc-", 52.4, 13.1),
    ("il-", 32.1, 34.8),
    ("me-central-", 24.5, 54.4),
    ("me-south-", 26.1, 50.5),
    ("me-west-", 24.7, 46.7),
    ("mx-", 20.6, -100.4),
    ("sa-east-", -23.6, -46.6),
    ("sa-west-", -33.4, -70.7),
    ("us-east-1", 38.9, -77.4),
    ("us-east-2", 40.0, -83.0),
    ("us-gov-east-", 40.0, -83.0),
    ("us-gov-west-", 45.9, -119.3),
    ("us-west-1", 37.4, -121.9),
    ("us-west-2", 45.9, -119.3),
];

/// Of a region that is not on the map: the middle of the Atlantic.
const ELSEWHERE: (f64, f64) = (40.0, -40.0);
/// Kilometres of the earth's radius.
const RADIUS: f64 = 6371.0;
/// Light in glass goes a hundred kilometres there and back in a millisecond; cables go round about.
const KILOMETRES: f64 = 100.0 / 1.13;

pub(super) fn city(region: &str) -> Option<(f64, f64)> {
    CITIES.iter().find(|(begin, ..)| region.starts_with(begin)).map(|(_, north, east)| (*north, *east))
}

/// The great circle between two regions.
fn distance(a: &str, b: &str) -> f64 {
    let [(north, east), (other_north, other_east)] = [a, b].map(|region| city(region).unwrap_or(ELSEWHERE));
    let [phi, other] = [north, other_north].map(f64::to_radians);
    let east = (east - other_east).to_radians();
    let cosine = phi.sin() * other.sin() + phi.cos() * other.cos() * east.cos();
    RADIUS * cosine.clamp(-1.0, 1.0).acos()
}

/// A share of one, drawn from those facts.
fn share(facts: &[&[u8]]) -> f64 {
    f64::from(u32::try_from(Ids::derived(facts).below(1_000_000)).unwrap_or(0)) / 1_000_000.0
}

/// Without what changes.
pub fn usual(from: Place, to: Place) -> f64 {
    let (a, b) = (from.name(), to.name());
    let drawn = share(&[b"latency", a.min(b).as_bytes(), a.max(b).as_bytes()]);
    match (from, to) {
        (Place::Region(a), Place::Region(b)) => 1.0 + distance(&a.name, &b.name) / KILOMETRES + 2.0 * drawn,
        _ if from == to => 0.08 + 0.06 * drawn,
        _ => 0.3 + 0.9 * drawn,
    }
}

/// The median of the period that begins at that second, to a hundred-thousandth: up to one percent more or less than usual.
pub fn median((from, to): (Place, Place), usual: f64, second: i64, length: i64) -> f64 {
    let time = [second.to_be_bytes(), length.to_be_bytes()].concat();
    let moved = share(&[b"median", from.name().as_bytes(), to.name().as_bytes(), &time]);
    (usual * (0.99 + 0.02 * moved) * 100_000.0).round() / 100_000.0
}
