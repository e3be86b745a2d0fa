//! What stands after the dash of ids that are not eight or seventeen digits in small letters.

/// What AWS was seen to look up, September 2026: up to eight digits or seventeen that begin with a zero, in any case; as it compares them as they are,
/// no capital letter is ever found. Of the long ones it refuses some more, by a rule that is not known; that all are zeros is one.
pub fn is_instance_number(digits: &str) -> bool {
    let is_short = (1..=8).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_short || is_long_number(digits)
}

/// Seventeen digits, the first a zero but not all.
pub fn is_long_number(digits: &str) -> bool {
    let is_number = digits.len() == 17 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_number && digits.starts_with('0') && digits.bytes().any(|digit| digit != b'0')
}

/// Thirty-two digits in five groups.
pub fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}
