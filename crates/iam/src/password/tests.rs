//! What passwords must be like, with AWS's texts, and what is kept of them.

use super::*;

fn secret(text: &str) -> Secret {
    Secret(text.to_owned())
}

fn policy(minimum_length: i64, asked: [bool; 4], reuse_prevention: Option<i64>) -> PasswordPolicy {
    let [require_uppercase, require_lowercase, require_numbers, require_symbols] = asked;
    PasswordPolicy {
        account: AccountId::ZERO,
        minimum_length,
        require_symbols,
        require_numbers,
        require_uppercase,
        require_lowercase,
        users_may_change: false,
        max_age: None,
        reuse_prevention,
        hard_expiry: None,
    }
}

#[test]
fn awss_own_policy_asks_for_three_of_four() {
    let upper = "Password should have at least one uppercase letter";
    let cases = [
        ("Abcdefg1", String::new()),
        ("abcdefg1!", String::new()),
        ("Abcd1", "Password should have a minimum length of 8".to_owned()),
        (
            "abcdefg1",
            format!(
                "Password should meet 1 more of the following requirements: {upper}, Password should have at least one symbol"
            ),
        ),
        (
            "abcdefgh",
            format!(
                "Password should meet 2 more of the following requirements: {upper}, Password should have at least one number, \
                 Password should have at least one symbol"
            ),
        ),
        (
            "ññññññññ",
            format!(
                "Password should meet 3 more of the following requirements: {upper}, Password should have at least one lowercase \
                 letter, Password should have at least one number, Password should have at least one symbol"
            ),
        ),
    ];
    for (password, expected) in cases {
        let text = check(None, &secret(password)).err().map(service::ApiError::into_message).unwrap_or_default();
        assert_eq!(text, expected, "{password}");
    }
}

#[test]
fn an_accounts_policy_asks_for_what_it_says() {
    let cases = [
        (6, [false; 4], "abcdef", ""),
        (6, [false; 4], "abcde", "Password should have a minimum length of 6"),
        (6, [true, false, false, false], "abcdef", "Password should have at least one uppercase letter"),
        (6, [false, true, false, false], "ABCDEF", "Password should have at least one lowercase letter"),
        (6, [false, false, true, false], "ABCDEF", "Password should have at least one number"),
        (6, [false, false, false, true], "ABC~EF", "Password should have at least one symbol"),
        (
            6,
            [false, false, true, true],
            "ABCDEF",
            "Password should have at least one number, Password should have at least one symbol",
        ),
        (9, [true; 4], "Abcdef1'|", ""),
    ];
    for (length, asked, password, expected) in cases {
        let result = check(Some(&policy(length, asked, None)), &secret(password));
        assert_eq!(result.err().map(service::ApiError::into_message).unwrap_or_default(), expected, "{password}");
    }
}

#[test]
fn a_hash_tells_its_password_and_those_before() {
    let first = Password::first(&secret("one"), [1; 32]);
    assert_eq!(first.hash, first.hash_of(&secret("one")));
    assert_ne!(first.hash, Password::first(&secret("one"), [2; 32]).hash);
    let third = first.replaced(first.hash_of(&secret("two"))).replaced(first.hash_of(&secret("three")));
    let reused = |last: Option<i64>, text: &str| {
        check_reuse(Some(&policy(6, [false; 4], last)), &third, &third.hash_of(&secret(text))).is_err()
    };
    assert!(check_reuse(None, &third, &third.hash).is_ok());
    let cases =
        [(None, [false; 3]), (Some(1), [false, false, true]), (Some(2), [false, true, true]), (Some(3), [true; 3])];
    for (last, expected) in cases {
        assert_eq!(["one", "two", "three"].map(|text| reused(last, text)), expected, "{last:?}");
    }
}

#[test]
fn nothing_shows() {
    let password = Password::first(&secret("one"), [1; 32]);
    assert_eq!(format!("{password:?} {:?}", secret("one")), "… …");
}
