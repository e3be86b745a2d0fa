//! An account's password policy: defaults, replacement, deletion.

use crate::tests::{stage, texts};

#[test]
fn an_update_replaces_everything() {
    let mut stage = stage();
    let everything = [
        ("MinimumPasswordLength", "10"),
        ("RequireSymbols", "true"),
        ("RequireNumbers", "true"),
        ("RequireUppercaseCharacters", "true"),
        ("RequireLowercaseCharacters", "true"),
        ("AllowUsersToChangePassword", "true"),
        ("MaxPasswordAge", "60"),
        ("PasswordReusePrevention", "3"),
        ("HardExpiry", "true"),
    ];
    stage.done("UpdateAccountPasswordPolicy", &everything);
    let shown = stage.done("GetAccountPasswordPolicy", &[]);
    for (name, value) in everything {
        assert_eq!(texts(&shown, name), [value], "{name}");
    }
    assert_eq!(texts(&shown, "ExpirePasswords"), ["true"]);
    stage.done("UpdateAccountPasswordPolicy", &[("RequireNumbers", "true")]);
    let shown = stage.done("GetAccountPasswordPolicy", &[]);
    assert_eq!(texts(&shown, "MinimumPasswordLength"), ["6"]);
    assert_eq!(texts(&shown, "RequireNumbers"), ["true"]);
    for name in ["RequireSymbols", "AllowUsersToChangePassword", "ExpirePasswords"] {
        assert_eq!(texts(&shown, name), ["false"], "{name}");
    }
    for name in ["MaxPasswordAge", "PasswordReusePrevention", "HardExpiry"] {
        assert!(texts(&shown, name).is_empty(), "{name}");
    }
}

#[test]
fn there_may_be_none() {
    let mut stage = stage();
    let none = "NoSuchEntity: The Password Policy with domain name 123456789012 cannot be found.";
    assert_eq!(stage.refused("GetAccountPasswordPolicy", &[]), none);
    assert_eq!(
        stage.refused("DeleteAccountPasswordPolicy", &[]),
        "NoSuchEntity: The account policy with name PasswordPolicy cannot be found."
    );
    stage.done("UpdateAccountPasswordPolicy", &[]);
    stage.done("DeleteAccountPasswordPolicy", &[]);
    assert_eq!(stage.refused("GetAccountPasswordPolicy", &[]), none);
}
