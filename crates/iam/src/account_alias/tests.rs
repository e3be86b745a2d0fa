//! Aliases: one for an account, and nobody else's.

use std::sync::Arc;

use service::prelude::*;

use crate::tests::{stage, texts};

#[test]
fn an_account_has_one() {
    let mut stage = stage();
    for alias in ["first", "second"] {
        stage.done("CreateAccountAlias", &[("AccountAlias", alias)]);
        assert_eq!(texts(&stage.done("ListAccountAliases", &[]), "member"), [alias]);
    }
    assert_eq!(
        stage.refused("CreateAccountAlias", &[("AccountAlias", "second")]),
        "EntityAlreadyExists: The account alias second already exists."
    );
    assert_eq!(
        stage.refused("DeleteAccountAlias", &[("AccountAlias", "first")]),
        "NoSuchEntity: The account alias with name first cannot be found."
    );
    assert!(stage.refused("CreateAccountAlias", &[("AccountAlias", "123456789012")]).starts_with("ValidationError"));
    stage.done("DeleteAccountAlias", &[("AccountAlias", "second")]);
    assert!(texts(&stage.done("ListAccountAliases", &[]), "member").is_empty());
}

#[test]
fn what_one_has_no_other_gets() {
    let mut stage = stage();
    stage.done("CreateAccountAlias", &[("AccountAlias", "taken")]);
    stage.cx.caller = Arc::new(Caller { account: AccountId::ZERO, ..Caller::clone(&stage.cx.caller) });
    let taken = [("AccountAlias", "taken")];
    assert_eq!(
        stage.refused("CreateAccountAlias", &taken),
        "EntityAlreadyExists: The account alias taken already exists."
    );
    assert!(stage.refused("DeleteAccountAlias", &taken).starts_with("NoSuchEntity"));
    assert!(texts(&stage.done("ListAccountAliases", &[]), "member").is_empty());
}
