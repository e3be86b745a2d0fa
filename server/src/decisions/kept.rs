//! What is kept of texts that hold what a client sent: no secrets, and not without end.

/// What a client sends may come back in a text; the log must not grow by it.
const LONGEST_TEXT: usize = 4_096;

/// Members whose values are for nobody's log: they come back where a value is refused, and stand in the canonical text of a GET.
const SECRET: &[&str] = &[
    "Password",
    "NewPassword",
    "OldPassword",
    "PrivateKey",
    "PrivateKeyList",
    "AuthenticationCode1",
    "AuthenticationCode2",
    "TokenCode",
    "SAMLAssertion",
    "WebIdentityToken",
    "TradeInToken",
];

/// A text as it is kept: without secrets, and cut.
pub fn kept(text: &str) -> String {
    let mut text = text.to_owned();
    for name in SECRET {
        if text.contains(name) {
            text = masked(&text, &format!("{name}="), |character| character == '&' || character.is_whitespace());
        }
        let member = wire::lower_camel(name);
        if let Some((before, after)) = text.split_once(&format!("' at '{member}'"))
            && let Some((start, _)) = before.rsplit_once("Value '")
        {
            text = format!("{start}Value '…' at '{member}'{after}");
        }
    }
    cut(&text)
}

/// Replaces what stands behind each `label` up to the end of the value.
fn masked(text: &str, label: &str, ends: impl Fn(char) -> bool) -> String {
    let mut parts = text.split(label);
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.find(&ends).and_then(|end| part.get(end..)).unwrap_or_default();
        masked.push_str(&format!("{label}…{rest}"));
    }
    masked
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_kept() {
        for (text, expected) in [
            (
                "Action=CreateLoginProfile&Password=hunter2%21&UserName=a",
                "Action=CreateLoginProfile&Password=…&UserName=a",
            ),
            ("NewPassword=b OldPassword=a\nhost", "NewPassword=… OldPassword=…\nhost"),
            (
                "1 validation error detected: Value 'hun'ter' at 'password' failed",
                "1 validation error detected: Value '…' at 'password' failed",
            ),
            ("Value 'x' at 'userName' failed", "Value 'x' at 'userName' failed"),
        ] {
            assert_eq!(kept(text), expected);
        }
        assert_eq!(kept(&"x".repeat(5_000)).chars().count(), LONGEST_TEXT + 1);
    }
}
