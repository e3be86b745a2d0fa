//! Dates of signatures: reading the spellings that clients send, writing the one that is signed, and the quarter of
//! an hour in which a signature counts.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::{Clock, Expectations, Refusal};

/// How far a signature date may be from a clock, either way.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// Reads `20150830T123600Z`. The extended spelling is tolerated too; what is signed is always the basic one.
pub(crate) fn parse_iso(text: &str) -> Option<Timestamp> {
    parse_basic(text).or_else(|| if text.contains('T') { text.parse().ok() } else { None })
}

/// Reads the value of a `Date` header: RFC 822 as HTTP has it, or ISO 8601.
pub(crate) fn parse_http(text: &str) -> Option<Timestamp> {
    parse_iso(text).or_else(|| jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp()))
}

fn parse_basic(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    if date.len() != 8 || time.len() != 6 {
        return None;
    }
    let (year, month, day) = (number(date.get(0..4)?)?, number(date.get(4..6)?)?, number(date.get(6..8)?)?);
    let (hour, minute, second) = (number(time.get(0..2)?)?, number(time.get(2..4)?)?, number(time.get(4..6)?)?);
    let [month, day, hour, minute, second] =
        [month, day, hour, minute, second].map(|value| i8::try_from(value).unwrap_or(i8::MAX));
    let civil = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    Offset::UTC.to_timestamp(civil).ok()
}

fn number(digits: &str) -> Option<i16> {
    if digits.bytes().all(|digit| digit.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// `20150830T123600Z`, the spelling that is signed; its first eight characters are the date of the scope.
pub(crate) fn basic(at: Timestamp) -> String {
    let civil = Offset::UTC.to_datetime(at);
    let (date, time) = (civil.date(), civil.time());
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// Which clock a signature date was taken from, if it is within 15 minutes of either: the nearer one, and the wall
/// clock when both are as near.
pub(crate) fn near(signed_at: Timestamp, expectations: &Expectations<'_>) -> Result<Clock, Refusal> {
    let from_wall = signed_at.duration_since(expectations.wall).abs();
    let from_now = signed_at.duration_since(expectations.now).abs();
    if from_wall.min(from_now) > WINDOW {
        return Err(Refusal::OutsideTimeWindow(skew_text(signed_at, expectations.wall)));
    }
    Ok(if from_wall <= from_now { Clock::Wall } else { Clock::Now })
}

fn skew_text(signed_at: Timestamp, wall: Timestamp) -> String {
    let (signed, today) = (basic(signed_at), basic(wall));
    if signed_at < wall {
        let limit = basic(wall.saturating_sub(WINDOW).unwrap_or(wall));
        format!("Signature expired: {signed} is now earlier than {limit} ({today} - 15 min.)")
    } else {
        let limit = basic(wall.saturating_add(WINDOW).unwrap_or(wall));
        format!("Signature not yet current: {signed} is still later than {limit} ({today} + 15 min.)")
    }
}
