//! Encryption of EBS volumes by default, and with which key. <https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html>
//!
//! [`of_new`] says of everything that is made how it is encrypted. There is no KMS: a key is what its id says, and nobody looks whether it exists
//! (AWS looks later, and fails what needs the key).

use service::ids::Ids;
use service::prelude::*;

use super::{Value, get as setting, set};

/// Whether everything new is encrypted.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct ByDefault(pub bool);

impl Value for ByDefault {
    const NAME: &'static str = "ebs-encryption-by-default";
}

/// The key of the account's choice; without one it is AWS's own.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DefaultKey(pub Option<String>);

impl Value for DefaultKey {
    const NAME: &'static str = "ebs-default-kms-key";
}

/// AWS's own key, as EC2 names it until somebody chooses another.
const OWN_KEY: &str = "alias/aws/ebs";

/// How something that is made is encrypted: as it was asked for, and always where that is the default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encryption {
    pub encrypted: bool,
    /// `None` is AWS's own key.
    pub kms_key_id: Option<String>,
}

/// The encryption of a new volume, snapshot or copy; the arguments are what the request and the source say.
pub fn of_new(cx: &Cx, world: &World, encrypted: bool, kms_key_id: Option<String>) -> Encryption {
    let encrypted = encrypted || setting::<ByDefault>(cx, world).0;
    let kms_key_id = kms_key_id.or_else(|| setting::<DefaultKey>(cx, world).0).filter(|_| encrypted);
    Encryption { encrypted, kms_key_id }
}

/// A key is named only for what is to be encrypted.
pub fn key_needs_encryption(kms_key_id: Option<&str>, encrypted: Option<bool>) -> Result<(), ApiError> {
    if kms_key_id.is_none() || encrypted == Some(true) {
        return Ok(());
    }
    let message = "The parameter KmsKeyId requires the parameter Encrypted to be set.";
    Err(ApiError::new("InvalidParameterDependency", message))
}

macro_rules! requests {
    ($( $(#[$doc:meta])* $name:ident; )*) => {
        $( $(#[$doc])*
        #[derive(Debug, Default, Deserialize, Shaped)]
        pub struct $name {
            pub dry_run: Option<bool>,
        } )*
    };
}
pub(super) use requests;

requests! {
    /// `EnableEbsEncryptionByDefaultRequest`.
    EnableEbsEncryptionByDefault;
    /// `DisableEbsEncryptionByDefaultRequest`.
    DisableEbsEncryptionByDefault;
    /// `GetEbsEncryptionByDefaultRequest`.
    GetEbsEncryptionByDefault;
    /// `GetEbsDefaultKmsKeyIdRequest`.
    GetEbsDefaultKmsKeyId;
    /// `ResetEbsDefaultKmsKeyIdRequest`.
    ResetEbsDefaultKmsKeyId;
}

/// `ModifyEbsDefaultKmsKeyIdRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyEbsDefaultKmsKeyId {
    pub kms_key_id: String,
    pub dry_run: Option<bool>,
}

/// `EnableEbsEncryptionByDefaultResult`, and that of Disable.
#[derive(Debug, Serialize, Shaped)]
pub struct Switched {
    pub ebs_encryption_by_default: bool,
}

/// `GetEbsEncryptionByDefaultResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Status {
    pub ebs_encryption_by_default: bool,
    /// Not told while nothing is encrypted (recorded of AWS, September 2026).
    pub sse_type: Option<&'static str>,
}

/// `GetEbsDefaultKmsKeyIdResult`, and those of Modify and Reset.
#[derive(Debug, Serialize, Shaped)]
pub struct KeyOut {
    pub kms_key_id: String,
}

/// From now on everything new is encrypted.
pub fn enable(cx: &Cx, tx: &mut Tx, _: &EnableEbsEncryptionByDefault) -> Result<Switched, ApiError> {
    set(cx, tx, &ByDefault(true))?;
    Ok(Switched { ebs_encryption_by_default: true })
}

/// What is encrypted stays so.
pub fn disable(cx: &Cx, tx: &mut Tx, _: &DisableEbsEncryptionByDefault) -> Result<Switched, ApiError> {
    set(cx, tx, &ByDefault(false))?;
    Ok(Switched { ebs_encryption_by_default: false })
}

/// Whether everything new is encrypted.
pub fn get(cx: &Cx, world: &World, _: &GetEbsEncryptionByDefault) -> Result<Status, ApiError> {
    let ByDefault(on) = setting(cx, world);
    Ok(Status { ebs_encryption_by_default: on, sse_type: on.then_some("sse-ebs") })
}

/// The key in use.
pub fn get_key(cx: &Cx, world: &World, _: &GetEbsDefaultKmsKeyId) -> Result<KeyOut, ApiError> {
    Ok(key_out(setting(cx, world)))
}

/// Chooses a key.
pub fn modify_key(cx: &Cx, tx: &mut Tx, input: &ModifyEbsDefaultKmsKeyId) -> Result<KeyOut, ApiError> {
    let key = match input.kms_key_id.as_str() {
        OWN_KEY => DefaultKey(None),
        chosen => DefaultKey(Some(key_arn(cx, chosen))),
    };
    set(cx, tx, &key)?;
    Ok(key_out(key))
}

/// Goes back to AWS's own key.
pub fn reset_key(cx: &Cx, tx: &mut Tx, _: &ResetEbsDefaultKmsKeyId) -> Result<KeyOut, ApiError> {
    set(cx, tx, &DefaultKey(None))?;
    Ok(key_out(DefaultKey(None)))
}

fn key_out(key: DefaultKey) -> KeyOut {
    KeyOut { kms_key_id: key.0.unwrap_or_else(|| OWN_KEY.to_owned()) }
}

/// The key of what is encrypted, as an answer shows it: AWS's own has an id in each account and region.
pub fn key_shown(cx: &Cx, account: AccountId, encrypted: bool, key: Option<&str>) -> Option<String> {
    encrypted.then(|| key.map_or_else(|| own_key_arn(cx, account), str::to_owned))
}

fn own_key_arn(cx: &Cx, account: AccountId) -> String {
    let region = cx.region_name();
    let id = Ids::derived(&[OWN_KEY.as_bytes(), account.as_str().as_bytes(), region.as_bytes()]).uuid();
    format!("arn:{}:kms:{region}:{account}:key/{id}", cx.partition())
}

/// A key is named by its id, its alias or an ARN of either; it is answered as an ARN.
pub fn key_arn(cx: &Cx, key: &str) -> String {
    if key.starts_with("arn:") {
        return key.to_owned();
    }
    let resource = if key.starts_with("alias/") { key.to_owned() } else { format!("key/{key}") };
    format!("arn:{}:kms:{}:{}:{resource}", cx.partition(), cx.region_name(), cx.account())
}
