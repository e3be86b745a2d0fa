//! The models' patterns. They are Java's: its `\w`, `\d` and `\s` are ASCII where this engine's are Unicode, its `.` stops at more line ends, and it
//! writes `\uXXXX` where this engine wants `\x{XXXX}`. `\p{…}` means the same in both.

use std::fmt;
use std::iter::Peekable;
use std::str::Chars;
use std::sync::OnceLock;

use fancy_regex::Regex;

/// A pattern the whole text must match; compiled on first use.
pub struct Pattern {
    pub text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(super) fn new(text: String) -> Pattern {
        Pattern { text, compiled: OnceLock::new() }
    }

    /// Whether the whole text matches. A pattern that this engine cannot compile admits everything; a test keeps the list of those empty.
    pub fn admits(&self, text: &str) -> bool {
        self.regex().is_none_or(|regex| regex.is_match(text).unwrap_or(false))
    }

    /// The compiled pattern.
    pub fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&format!("^(?:{})$", translated(&self.text))).ok()).as_ref()
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

/// Java's pattern for this engine.
fn translated(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern.chars().peekable();
    let mut brackets = 0_usize;
    while let Some(character) = rest.next() {
        match character {
            '\\' => escape(&mut rest, brackets > 0, &mut text),
            '[' => {
                brackets += 1;
                text.push('[');
            }
            ']' => {
                brackets = brackets.saturating_sub(1);
                text.push(']');
            }
            '.' if brackets == 0 => text.push_str(r"[^\n\r\x{85}\x{2028}\x{2029}]"),
            _ => text.push(character),
        }
    }
    text
}

/// What follows a backslash.
fn escape(rest: &mut Peekable<Chars<'_>>, in_brackets: bool, text: &mut String) {
    let Some(character) = rest.next() else { return };
    let class = match character.to_ascii_lowercase() {
        'w' => "a-zA-Z0-9_",
        'd' => "0-9",
        's' => r" \t\n\x0B\f\r",
        _ if character == 'u' => {
            let digits: String = rest.by_ref().take(4).collect();
            return text.push_str(&format!("\\x{{{digits}}}"));
        }
        _ => return text.extend(['\\', character]),
    };
    match (in_brackets, character.is_ascii_uppercase()) {
        (_, true) => text.push_str(&format!("[^{class}]")),
        (true, false) => text.push_str(class),
        (false, false) => text.push_str(&format!("[{class}]")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_javas() {
        let cases = [
            (r"[\w+=,.@-]+", "ann.a@b", true),
            (r"[\w+=,.@-]+", "änn", false),
            (r"\w+", "ſ", false),
            (r"\d{12}", "012345678901", true),
            (r"\d{12}", "٠١٢٣٤٥٦٧٨٩٠١", false),
            (r"[\d]*", "٣", false),
            (r"\s", "\u{a0}", false),
            (r"\S\s", "ä\t", true),
            (r"[^\s]", "\u{a0}", true),
            (r"[\W]", "ä", true),
            (r"[\D-]", "٣", true),
            (r"[\p{L}]+", "änn", true),
            (r"[\u0009\u000A\u000D\u0020-\u00FF]+", "ä\t", true),
            (r"[\u0009\u000A\u000D\u0020-\u00FF]+", "ā", false),
            (r"a.b", "a\u{2028}b", false),
            (r"a\.b", "a.b", true),
            (r"a\.b", "axb", false),
            (r"[.]", "x", false),
            (r"[\]\\]+", "]\\", true),
        ];
        for (pattern, text, expected) in cases {
            let pattern = Pattern::new(pattern.to_owned());
            assert!(pattern.regex().is_some(), "{pattern:?}");
            assert_eq!(pattern.admits(text), expected, "{pattern:?} on `{text}`");
        }
    }
}
