//! The hours of a week in which a window is open: read out of time ranges or a cron expression, with the rules both must keep.
//!
//! A window is at least two hours long each time and four hours a week altogether; a cron expression chooses hours and days of the week and leaves
//! the rest open. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/event-windows.html#event-windows-considerations>

use jiff::{SignedDuration, Timestamp};
use service::ApiError;

use super::{EventWindow, TimeRange};

const DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const HOURS_A_WEEK: usize = 7 * 24;
const LEAST_AT_ONCE: usize = 2;
const LEAST_A_WEEK: usize = 4;

/// Which hours of the week are open, from Sunday at midnight.
type Hours = [bool; HOURS_A_WEEK];

/// The ranges keep the rules. The wording of the refusals is not recorded.
pub fn check_ranges(ranges: &[TimeRange]) -> Result<(), ApiError> {
    for range in ranges {
        let (from, length) = span(range).ok_or_else(|| invalid("A time range must have a start and an end."))?;
        if length < LEAST_AT_ONCE || from >= HOURS_A_WEEK {
            return Err(invalid("A time range must be at least 2 hours long."));
        }
    }
    enough(&of_ranges(ranges))
}

/// The expression keeps the rules.
pub fn check_cron(text: &str) -> Result<(), ApiError> {
    let hours = of_cron(text).ok_or_else(|| {
        invalid(&format!(
            "The cron expression '{text}' is not valid. Only hour and day of the week values are supported."
        ))
    })?;
    let runs = lengths(&hours);
    if runs.iter().any(|length| *length < LEAST_AT_ONCE) {
        return Err(invalid("A time range must be at least 2 hours long."));
    }
    enough(&hours)
}

fn enough(hours: &Hours) -> Result<(), ApiError> {
    if hours.iter().filter(|open| **open).count() >= LEAST_A_WEEK {
        return Ok(());
    }
    Err(invalid("An event window must be open for at least 4 hours a week."))
}

fn invalid(message: &str) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

/// Where a range begins and how many hours it has.
fn span(range: &TimeRange) -> Option<(usize, usize)> {
    let at = |day: &Option<String>, hour: Option<i64>| {
        let day = DAYS.iter().position(|name| Some(*name) == day.as_deref())?;
        Some(day * 24 + usize::try_from(hour?).ok()?)
    };
    let (from, to) = (at(&range.start_week_day, range.start_hour)?, at(&range.end_week_day, range.end_hour)?);
    Some((from, (to + HOURS_A_WEEK - from) % HOURS_A_WEEK))
}

fn of_ranges(ranges: &[TimeRange]) -> Hours {
    let mut hours = [false; HOURS_A_WEEK];
    for (from, length) in ranges.iter().filter_map(span) {
        for hour in (from..from + length).map(|hour| hour % HOURS_A_WEEK) {
            if let Some(open) = hours.get_mut(hour) {
                *open = true;
            }
        }
    }
    hours
}

/// The lengths of the runs of open hours, around the week's end.
fn lengths(hours: &Hours) -> Vec<usize> {
    let Some(closed) = hours.iter().position(|open| !open) else { return vec![HOURS_A_WEEK] };
    let mut runs = vec![0];
    for open in hours.iter().cycle().skip(closed).take(HOURS_A_WEEK) {
        match (open, runs.last_mut()) {
            (true, Some(run)) => *run += 1,
            (false, Some(run)) if *run > 0 => runs.push(0),
            _ => {}
        }
    }
    runs.retain(|run| *run > 0);
    runs
}

/// `* 0-4,20-23 * * 1,5`: minute, hour, day of the month, month, day of the week.
fn of_cron(text: &str) -> Option<Hours> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, "*", "*", day] = fields.as_slice() else { return None };
    if !["*", "0"].contains(minute) {
        return None;
    }
    let hour = field(hour, 24, &[])?;
    let names = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    // Both 0 and 7 are Sunday.
    let days = field(day, 8, &names)?;
    let is_day = |day: usize| days.get(day).copied().unwrap_or(false) || (day == 0 && days.get(7) == Some(&true));
    let mut hours = [false; HOURS_A_WEEK];
    for (number, open) in hours.iter_mut().enumerate() {
        *open = is_day(number / 24) && hour.get(number % 24).copied().unwrap_or(false);
    }
    Some(hours)
}

/// The values that a list of numbers and ranges names.
fn field(text: &str, count: usize, names: &[&str]) -> Option<Vec<bool>> {
    if text == "*" {
        return Some(vec![true; count]);
    }
    let mut chosen = vec![false; count];
    let value = |text: &str| {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
        named.or_else(|| text.parse().ok()).filter(|value| *value < count)
    };
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = (value(from)?, value(to)?);
        if from > to {
            return None;
        }
        chosen.iter_mut().take(to + 1).skip(from).for_each(|it| *it = true);
    }
    Some(chosen)
}

/// When the window opens next; `from` while it is open.
pub fn opening(window: &EventWindow, from: Timestamp) -> Option<Timestamp> {
    let hours = match &window.cron_expression {
        Some(text) => of_cron(text)?,
        None => of_ranges(&window.time_ranges),
    };
    let is_open = |at: Timestamp| {
        // The first of January 1970 was a Thursday.
        let hour = (at.as_second().div_euclid(3_600) + 4 * 24).rem_euclid(HOURS_A_WEEK as i64);
        hours.get(usize::try_from(hour).ok()?).copied()
    };
    if is_open(from)? {
        return Some(from);
    }
    let next = Timestamp::from_second((from.as_second().div_euclid(3_600) + 1) * 3_600).ok()?;
    let later = (0..HOURS_A_WEEK as i64).filter_map(|hour| next.checked_add(SignedDuration::from_hours(hour)).ok());
    later.into_iter().find(|at| is_open(*at) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: (&str, i64), end: (&str, i64)) -> TimeRange {
        TimeRange {
            start_week_day: Some(start.0.into()),
            start_hour: Some(start.1),
            end_week_day: Some(end.0.into()),
            end_hour: Some(end.1),
        }
    }

    #[test]
    fn what_windows_must_be() {
        let good = [range(("monday", 2), ("monday", 6))];
        assert_eq!(check_ranges(&good), Ok(()));
        let around = [range(("saturday", 22), ("sunday", 2))];
        assert_eq!(check_ranges(&around), Ok(()));
        let two = [range(("monday", 2), ("monday", 4)), range(("friday", 2), ("friday", 4))];
        assert_eq!(check_ranges(&two), Ok(()));
        for bad in [range(("monday", 2), ("monday", 3)), range(("monday", 2), ("monday", 5))] {
            assert!(check_ranges(&[bad]).is_err());
        }
        let cases = [
            ("* 0-4,20-23 * * 1,5", true),
            ("* 21-23 * * 2,3", true),
            ("* 3-6 * * MON", true),
            ("* * * * *", true),
            ("0 0-3 * * SUN-TUE", true),
            ("* 3 * * 1,2,3,4", false),
            ("* 2-3 * * 1", false),
            ("30 0-4 * * 1", false),
            ("* 0-4 1 * 1", false),
            ("* 4-0 * * 1", false),
            ("* 0-24 * * 1", false),
            ("whenever", false),
        ];
        for (text, good) in cases {
            assert_eq!(check_cron(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn when_a_window_opens() {
        let window = |cron: &str| EventWindow {
            account: service::AccountId::ZERO,
            region: String::new(),
            id: String::new(),
            name: None,
            time_ranges: Vec::new(),
            cron_expression: Some(cron.into()),
            instance_ids: Vec::new(),
            instance_tags: Vec::new(),
            dedicated_host_ids: Vec::new(),
            created_at: Timestamp::UNIX_EPOCH,
            tags: Vec::new(),
        };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        // A Thursday.
        let from = at("2026-11-26T10:30:00Z");
        assert_eq!(opening(&window("* 0-4 * * 5"), from), Some(at("2026-11-27T00:00:00Z")));
        assert_eq!(opening(&window("* 8-12 * * 4"), from), Some(from));
        assert_eq!(opening(&window("* 8-9 * * 4"), from), Some(at("2026-12-03T08:00:00Z")));
    }
}
