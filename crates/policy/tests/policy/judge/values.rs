//! The judge's typed values: each operator without its negation, on one wanted and one actual value.

use super::{Ask, Sign, arn_like, expand, glob};
use base64::Engine as _;
use std::cmp::Ordering;
use std::net::Ipv4Addr;

pub fn holds(operator: &str, wanted: &str, variables: bool, actual: &str, ask: &Ask) -> bool {
    let plain = || {
        let signs = expand(wanted, false, variables, ask)?;
        let characters = signs.into_iter().map(|sign| match sign {
            Sign::Character(character) => character,
            Sign::Any | Sign::One => unreachable!("wildcards were not asked for"),
        });
        Some(characters.collect::<String>())
    };
    match operator {
        "StringEquals" => plain().is_some_and(|wanted| wanted == actual),
        "StringEqualsIgnoreCase" => plain().is_some_and(|wanted| {
            let far = |text: &str| text.chars().filter(|c| *c > '\u{ffff}').collect::<String>();
            wanted.to_lowercase() == actual.to_lowercase() && far(&wanted) == far(actual)
        }),
        "StringLike" => expand(wanted, true, variables, ask).is_some_and(|wanted| glob(&wanted, actual)),
        "ArnEquals" | "ArnLike" => is_comparable(operator, actual) && arn_like(wanted, variables, actual, ask),
        "Bool" => {
            let wanted = plain().map(|wanted| wanted.to_lowercase());
            wanted.is_some_and(|wanted| (wanted == "true") == (actual.to_lowercase() == "true"))
        }
        "BinaryEquals" => {
            let decode = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).ok();
            decode(wanted).is_some() && decode(wanted) == decode(actual)
        }
        "IpAddress" => in_network(wanted, actual).unwrap_or(false),
        _ if operator.starts_with("Numeric") => ordered(operator, number(actual), number(wanted)),
        _ if operator.starts_with("Date") => ordered(operator, moment(actual), moment(wanted)),
        other => panic!("unknown operator {other}"),
    }
}

/// Addresses and ARNs that are none fit neither an operator nor its negation.
pub fn is_comparable(operator: &str, actual: &str) -> bool {
    match operator {
        "ArnEquals" | "ArnLike" => actual.split(':').count() >= 6 && actual.split(':').next() == Some("arn"),
        "IpAddress" => of_request(actual).is_some(),
        _ => true,
    }
}

fn ordered<T: PartialOrd>(operator: &str, actual: Option<T>, wanted: Option<T>) -> bool {
    let (Some(actual), Some(wanted)) = (actual, wanted) else { return false };
    let found = actual.partial_cmp(&wanted).unwrap();
    match operator.trim_start_matches("Numeric").trim_start_matches("Date") {
        "Equals" => found == Ordering::Equal,
        "LessThan" => found == Ordering::Less,
        "LessThanEquals" => found != Ordering::Greater,
        "GreaterThan" => found == Ordering::Greater,
        "GreaterThanEquals" => found != Ordering::Less,
        other => panic!("unknown comparison {other}"),
    }
}

/// A number as its sign and four hundred digits on either side of the point, which sort as the numbers do.
fn number(text: &str) -> Option<(i8, String)> {
    let (negative, digits) = match text.chars().next()? {
        '-' => (true, &text[1..]),
        '+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_lowercase();
    let (digits, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if format!("{whole}{fraction}").is_empty() || !format!("{whole}{fraction}").chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let line = format!("{whole:0>400}{fraction:0<400}");
    let places = usize::try_from(exponent.unsigned_abs().min(400)).unwrap();
    let moved = match exponent {
        0.. => format!("{line}{}", "0".repeat(places)).split_off(places),
        _ => format!("{}{line}", "0".repeat(places))[..800].to_owned(),
    };
    if !negative || moved.chars().all(|digit| digit == '0') {
        return Some((1, moved));
    }
    let complement = moved.bytes().map(|digit| char::from(b'0' + b'9' - digit)).collect();
    Some((-1, complement))
}

/// Milliseconds since 1970. The forms that the calendar library does not know are completed first.
fn moment(text: &str) -> Option<i128> {
    if !text.contains('-') && !text.contains(['T', 't']) {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let seconds: u64 = digits.parse().ok().filter(|_| digits.chars().all(|c| c.is_ascii_digit()))?;
        return i64::try_from(seconds).ok().map(|seconds| i128::from(seconds) * 1_000);
    }
    let (date, time) = text.split_once(['T', 't']).unwrap_or((text, ""));
    // The year before the first is 0, and ISO 8601 has no `-0` for it.
    let (sign, date) = match date.strip_prefix('-') {
        Some(rest) if rest.split('-').next().is_some_and(|year| year.bytes().all(|byte| byte == b'0')) => ("", rest),
        Some(rest) => ("-00", rest),
        None => ("", date),
    };
    let parts: Vec<&str> = date.split('-').collect();
    let part = |at: usize| parts.get(at).copied().unwrap_or("1");
    let date = format!("{sign}{:0>4}-{:0>2}-{:0>2}", part(0), part(1), part(2));
    let zone_at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let mut of_clock: Vec<&str> = if clock.is_empty() { Vec::new() } else { clock.split(':').collect() };
    of_clock.resize(of_clock.len().max(3), "00");
    let clock = of_clock.iter().map(|part| two_digits(part)).collect::<Vec<_>>().join(":");
    let zone = if zone.is_empty() { "Z" } else { zone };
    format!("{date}T{clock}{zone}").parse::<jiff::Timestamp>().ok().map(|at| at.as_nanosecond().div_euclid(1_000_000))
}

/// A number of one digit before the fraction, with a naught before it.
fn two_digits(part: &str) -> String {
    match part.split_at(part.find('.').unwrap_or(part.len())) {
        (whole, fraction) if whole.len() == 1 => format!("0{whole}{fraction}"),
        _ => part.to_owned(),
    }
}

fn in_network(network: &str, address: &str) -> Option<bool> {
    let (base, length) = match network.split_once('/') {
        Some((base, length)) => (base, Some(length.parse::<u32>().ok()?)),
        None => (network, None),
    };
    let (base, base_width) = bits(base)?;
    let (address, width) = of_request(address)?;
    let length = length.unwrap_or(base_width);
    if length > base_width || base_width != width {
        return Some(false);
    }
    let kept = |bits: u128| if length == 0 { 0 } else { bits >> (width - length) };
    let beyond_prefix = length < 128 && base & ((1_u128 << (width - length).min(127)) - 1) != 0;
    if width == 128 && beyond_prefix {
        return Some(false);
    }
    Some(kept(base) == kept(address))
}

fn of_request(address: &str) -> Option<(u128, u32)> {
    let plain = match address.to_lowercase().strip_prefix("::ffff:") {
        Some(rest) if rest.contains('.') => rest.to_owned(),
        _ => address.to_owned(),
    };
    match bits(&plain)? {
        // IPv4 as IPv6 writes it.
        (mapped, 128) if mapped >> 32 == 0xffff => Some((mapped & 0xffff_ffff, 32)),
        other => Some(other),
    }
}

fn bits(address: &str) -> Option<(u128, u32)> {
    let without_zeros = |part: &str| match part.trim_start_matches('0') {
        "" if part.is_empty() => String::new(),
        "" => "0".to_owned(),
        rest => rest.to_owned(),
    };
    if address.contains(':') {
        return Some((groups(address)?, 128));
    }
    let address = address.split('.').map(without_zeros).collect::<Vec<_>>().join(".");
    Some((u32::from(address.parse::<Ipv4Addr>().ok()?).into(), 32))
}

/// IPv6 by its groups. The one after a colon at the end is none, an empty one alone at the start is zero, and those left out are one or two empty ones.
fn groups(address: &str) -> Option<u128> {
    let mut groups: Vec<&str> = address.split(':').collect();
    if groups.last() == Some(&"") {
        groups.pop();
    }
    if groups.iter().all(|group| group.is_empty()) {
        return [2, 3].contains(&groups.len()).then_some(0);
    }
    if groups[0].is_empty() && !groups[1].is_empty() {
        groups[0] = "0";
    }
    if let Some(from) = groups.iter().position(|group| group.is_empty()) {
        let left_out = groups[from..].iter().take_while(|group| group.is_empty()).count();
        groups.drain(from..from + left_out);
        if left_out > 2 || groups.len() > 7 {
            return None;
        }
        while groups.len() < 8 {
            groups.insert(from, "0");
        }
    }
    let fits = |group: &&str| (1..=4).contains(&group.len()) && group.chars().all(|c| c.is_ascii_hexdigit());
    let value = |sum: u128, group: &&str| sum << 16 | u128::from_str_radix(group, 16).unwrap();
    (groups.len() == 8 && groups.iter().all(fits)).then(|| groups.iter().fold(0, value))
}
