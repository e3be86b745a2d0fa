//! The authorization id of a denial, by which its details can be asked for: the request's id, written in digits and small letters as AWS's are.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html>

const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// The authorization id of a request; nothing if its id is no UUID.
pub fn of(request_id: &str) -> Option<String> {
    let mut rest = u128::from_str_radix(&request_id.replace('-', ""), 16).ok()?;
    let mut digits = Vec::new();
    while rest > 0 || digits.is_empty() {
        let digit = usize::try_from(rest % 36).ok()?;
        digits.push(char::from(*DIGITS.get(digit)?));
        rest /= 36;
    }
    Some(digits.into_iter().rev().collect())
}

/// The request that an authorization id is of. A request's own id without its dashes will do, too.
pub fn request_id(id: &str) -> Option<String> {
    let radix = if id.len() == 32 { 16 } else { 36 };
    let hex = format!("{:032x}", u128::from_str_radix(id, radix).ok()?);
    let mut parts = Vec::new();
    let mut rest = hex.as_str();
    for length in [8, 4, 4, 4, 12] {
        let (part, behind) = rest.split_at_checked(length)?;
        parts.push(part);
        rest = behind;
    }
    Some(parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_its_request() {
        for request in ["b4c2cc7d-2596-42c4-a196-3742691302fe", "00000000-0000-4000-8000-000000000001"] {
            let id = of(request).unwrap();
            assert!(id.len() <= 25 && id.bytes().all(|byte| DIGITS.contains(&byte)), "{id}");
            assert_eq!(request_id(&id).as_deref(), Some(request));
            assert_eq!(request_id(&request.replace('-', "")).as_deref(), Some(request));
        }
    }

    #[test]
    fn what_is_no_id_leads_nowhere() {
        assert_eq!(of("made-up"), None);
        for id in ["", "-1", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "é"] {
            assert_eq!(request_id(id), None, "{id}");
        }
    }
}
