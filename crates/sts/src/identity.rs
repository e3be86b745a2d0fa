//! GetCallerIdentity and GetAccessKeyInfo.

use service::ids::account_of;
use service::prelude::*;

/// GetCallerIdentity takes nothing.
#[derive(Debug, Deserialize, Shaped)]
pub struct GetCallerIdentity {}

/// Who called, in the order AWS writes it.
#[derive(Debug, Serialize, Shaped)]
pub struct CallerIdentity {
    pub arn: String,
    pub user_id: String,
    pub account: AccountId,
}

/// GetCallerIdentity.
pub fn caller_identity(cx: &Cx, _: &World, _: &GetCallerIdentity) -> Result<CallerIdentity, ApiError> {
    Ok(CallerIdentity { arn: cx.caller.arn(), user_id: cx.caller.user_id(), account: cx.account() })
}

/// GetAccessKeyInfo's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct GetAccessKeyInfo {
    pub access_key_id: String,
}

/// The account an access key id belongs to.
#[derive(Debug, Serialize, Shaped)]
pub struct AccessKeyInfo {
    pub account: AccountId,
}

/// Asks for the action itself; it knows no resources.
pub fn any<I>(_: &Cx, _: &World, _: &I) -> Vec<Check> {
    vec![Check::any()]
}

/// GetAccessKeyInfo: reads the account out of the id and does not care whether the key exists, as AWS.
/// Root keys with names of their own (`test`) are looked up.
pub fn access_key_info(_: &Cx, world: &World, input: &GetAccessKeyInfo) -> Result<AccessKeyInfo, ApiError> {
    let known = || iam::access_key(world, &input.access_key_id).map(|key| key.account);
    match account_of(&input.access_key_id).or_else(known) {
        Some(account) => Ok(AccessKeyInfo { account }),
        None => Err(ApiError::validation("Invalid Access Key ID")),
    }
}
