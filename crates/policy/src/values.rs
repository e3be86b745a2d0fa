//! The typed values of conditions: decimal numbers, points in time, addresses, bytes, truth values. Each is read from the text of a
//! policy or of a request; a text that does not fit is None, and equal to nothing. Nothing here knows operators.

use base64::Engine as _;
use ipnet::IpNet;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;

/// A decimal number of any length, kept as digits, because AWS compares long integers exactly: `0.digits` times ten to the power of `point`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// Without zeros at either end; none of naught.
    digits: Box<str>,
    point: i64,
}

/// Reads digits with an optional sign, fraction and exponent (`1e0` is 1: recorded).
pub fn decimal(text: &str) -> Option<Decimal> {
    let (negative, number) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (number, exponent) = match number.split_once(['e', 'E']) {
        Some((number, text)) => (number, exponent(text)?),
        None => (number, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    let leading_zeros = digits.len() - significant.len();
    let significant = significant.trim_end_matches('0');
    if significant.is_empty() {
        return Some(Decimal { negative: false, digits: "".into(), point: 0 });
    }
    let point = exponent + i64::try_from(whole.len()).ok()? - i64::try_from(leading_zeros).ok()?;
    Some(Decimal { negative, digits: significant.into(), point })
}

/// An exponent that is larger than any other reaches as far as one can.
fn exponent(text: &str) -> Option<i64> {
    const FURTHEST: i64 = 1 << 40;
    let figures = text.strip_prefix(['+', '-']).unwrap_or(text);
    if figures.is_empty() || !figures.bytes().all(|figure| figure.is_ascii_digit()) {
        return None;
    }
    let size = figures.parse::<i64>().map_or(FURTHEST, |size| size.min(FURTHEST));
    Some(if text.starts_with('-') { -size } else { size })
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.digits.is_empty(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let magnitude = || self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits));
        sign(self).cmp(&sign(other)).then_with(|| if self.negative { magnitude().reverse() } else { magnitude() })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A point in time: seconds since 1970 (UTC) and milliseconds within the second, which are all that AWS compares (recorded in September 2026). Years
/// reach further than any calendar library goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant {
    seconds: i64,
    millis: u32,
}

/// Reads a W3C form of ISO 8601 (year, year-month, date, date with time, fraction and offset), or seconds since 1970. As AWS does, it takes
/// a text with a `-` or a `T` for ISO 8601 and anything else for seconds, which may have a plus before them (recorded).
pub fn instant(text: &str) -> Option<Instant> {
    if !text.contains(['-', 'T', 't']) {
        return text.parse().ok().map(|seconds| Instant { seconds, millis: 0 });
    }
    let (date, time) = text.split_once(['T', 't']).unwrap_or((text, ""));
    let days = date_in_days(date)?;
    let (clock, offset) = split_offset(time)?;
    let (of_day, millis) = clock_in_seconds(clock)?;
    let seconds = days.checked_mul(86_400)?.checked_add(of_day)?.checked_sub(offset)?;
    Some(Instant { seconds, millis })
}

/// At most nine digits with a value in the range.
fn digits(text: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    if text.is_empty() || text.len() > 9 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|value| range.contains(value))
}

fn date_in_days(date: &str) -> Option<i64> {
    let (negative, date) = match date.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, date),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 0..=292_278_993)?;
    let year = if negative { -year } else { year };
    let month = parts.next().map_or(Some(1), |month| digits(month, 1..=12))?;
    let day = parts.next().map_or(Some(1), |day| digits(day, 1..=days_of_month(year, month)))?;
    if year < -292_275_054 || parts.next().is_some() {
        return None;
    }
    Some(days_since_1970(year, month, day))
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days of the proleptic Gregorian calendar, with years that begin in March, so that the leap day is the last one.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468
}

/// Splits a zone from a time of day. Gives the time and the zone's offset in seconds.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = time.find(['+', '-']) else { return Some((time, 0)) };
    let (clock, zone) = time.split_at_checked(at)?;
    let (sign, zone) = zone.split_at_checked(1)?;
    let (hours, minutes) = match zone.split_once(':') {
        Some(parts) => parts,
        None => zone.split_at_checked(2)?,
    };
    if hours.len() != 2 || !matches!(minutes.len(), 0 | 2) {
        return None;
    }
    let minutes = if minutes.is_empty() { 0 } else { digits(minutes, 0..=59)? };
    let offset = digits(hours, 0..=23)? * 3600 + minutes * 60;
    Some((clock, if sign == "-" { -offset } else { offset }))
}

fn clock_in_seconds(clock: &str) -> Option<(i64, u32)> {
    if clock.is_empty() {
        return Some((0, 0));
    }
    let mut parts = clock.split(':');
    let hours = digits(parts.next()?, 0..=23)?;
    let minutes = parts.next().map_or(Some(0), |minutes| digits(minutes, 0..=59))?;
    let (seconds, millis) = match parts.next() {
        Some(seconds) => seconds_and_fraction(seconds)?,
        None => (0, 0),
    };
    parts.next().is_none().then_some((hours * 3600 + minutes * 60 + seconds, millis))
}

fn seconds_and_fraction(text: &str) -> Option<(i64, u32)> {
    let Some((seconds, fraction)) = text.split_once('.') else { return Some((digits(text, 0..=59)?, 0)) };
    let value = digits(fraction, 0..=999_999_999)?;
    let scale = 10_i64.pow(9_u32.checked_sub(u32::try_from(fraction.len()).ok()?)?);
    Some((digits(seconds, 0..=59)?, u32::try_from(value * scale / 1_000_000).ok()?))
}

/// `true` or `false` in any case.
pub fn truth(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    text.eq_ignore_ascii_case("false").then_some(false)
}

/// The range of a policy: with a prefix length, or of one address. Bits beyond the prefix are passed over in IPv4; in IPv6 they make a range
/// that nothing is in (recorded).
pub fn network(text: &str) -> Option<IpNet> {
    let network = match text.split_once('/') {
        Some((base, length)) => IpNet::new(ip(base)?, length.parse().ok()?).ok()?,
        None => IpNet::from(ip(text)?),
    };
    (matches!(network, IpNet::V4(_)) || network.trunc() == network).then_some(network)
}

/// The address of a request. IPv4 in the clothes of IPv6 is IPv4; a range is no address (recorded).
pub fn address(text: &str) -> Option<IpAddr> {
    let in_other_clothes = text.rsplit_once(':').is_some_and(|(before, _)| before.eq_ignore_ascii_case("::ffff"));
    let address = if in_other_clothes { text.parse().ok()? } else { ip(text)? };
    Some(address.to_canonical())
}

/// Reads an address as AWS does (recorded): a number of IPv4 may begin with zeros and is decimal all the same, and IPv6 has no such numbers.
fn ip(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        return if text.contains('.') { None } else { ip_v6(text) };
    }
    let mut bytes = [0; 4];
    let mut parts = text.split('.');
    for byte in &mut bytes {
        *byte = u8::try_from(digits(parts.next()?, 0..=255)?).ok()?;
    }
    parts.next().is_none().then(|| IpAddr::from(bytes))
}

/// IPv6 as AWS reads it (recorded in September 2026): a colon too many at the end counts for nothing, one alone at the start for a group of zeros, and what
/// is left out may be written with three.
fn ip_v6(text: &str) -> Option<IpAddr> {
    if text.contains("::::") {
        return None;
    }
    let ends_plainly = !text.ends_with(':') || (text.ends_with("::") && !text.ends_with(":::"));
    let text = if ends_plainly { text } else { text.strip_suffix(':')? };
    let text = match text.strip_prefix(':') {
        Some(rest) if !rest.starts_with(':') => Cow::Owned(format!("0:{rest}")),
        _ => Cow::Borrowed(text),
    };
    if text.starts_with(':') { text.parse().ok() } else { text.replacen(":::", "::", 1).parse().ok() }
}

pub fn bytes(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// Whether conditions read a text as a number.
pub fn is_number(text: &str) -> bool {
    decimal(text).is_some()
}

/// Whether conditions read a text as a point in time.
pub fn is_date(text: &str) -> bool {
    instant(text).is_some()
}

/// Whether a text is an address or a range of them.
pub fn is_address(text: &str) -> bool {
    address(text).is_some() || text.parse::<IpNet>().is_ok()
}

/// Whether a text is base64, as BinaryEquals wants it.
pub fn is_base64(text: &str) -> bool {
    bytes(text).is_some()
}
