//! AssociateKmsKeyId and DisassociateKmsKeyId: keys beside the one that a snapshot is encrypted under. There is no KMS; which keys there are is kept and
//! shown. AWS's refusals are not recorded. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateKmsKeyId.html>

use std::sync::Arc;

use service::prelude::*;

use super::Snapshot;
use crate::refused::{invalid, missing};
use crate::resource;
use crate::setting::encryption::key_arn;

/// How many keys a snapshot can have beside its own; AWS writes of no number.
const MOST: usize = 50;

/// `AssociateKmsKeyIdRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct AssociateKmsKeyId {
    pub snapshot_id: Option<String>,
    pub kms_key_id: String,
    pub dry_run: Option<bool>,
}

/// `DisassociateKmsKeyIdRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DisassociateKmsKeyId {
    pub snapshot_id: Option<String>,
    pub kms_key_id: String,
    pub dry_run: Option<bool>,
}

/// The answer of both.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub r#return: bool,
}

/// AssociateKmsKeyId on the snapshot.
pub fn to_associate(cx: &Cx, world: &World, input: &AssociateKmsKeyId) -> Vec<Check> {
    vec![super::check_on(cx, world, input.snapshot_id.as_deref().unwrap_or("*"))]
}

/// DisassociateKmsKeyId on the snapshot.
pub fn to_disassociate(cx: &Cx, world: &World, input: &DisassociateKmsKeyId) -> Vec<Check> {
    vec![super::check_on(cx, world, input.snapshot_id.as_deref().unwrap_or("*"))]
}

fn named(cx: &Cx, world: &World, id: Option<&str>) -> Result<Arc<Snapshot>, ApiError> {
    super::own(world, cx, id.ok_or_else(|| missing("SnapshotId"))?)
}

/// Adds a key to an encrypted snapshot.
pub fn associate(cx: &Cx, tx: &mut Tx, input: &AssociateKmsKeyId) -> Result<Changed, ApiError> {
    let snapshot = named(cx, tx, input.snapshot_id.as_deref())?;
    let (id, key) = (&snapshot.id, key_arn(cx, &input.kms_key_id));
    if !snapshot.encrypted {
        return Err(ApiError::new("UnsupportedOperation", format!("The snapshot '{id}' is not encrypted.")));
    }
    let own = snapshot.kms_key_id.as_deref().map(|own| key_arn(cx, own));
    if own.as_ref() == Some(&key) {
        return Err(invalid(format!("The snapshot '{id}' is already encrypted under the KMS key '{key}'.")));
    }
    if snapshot.associated_keys.contains(&key) {
        return Err(invalid(format!("The KMS key '{key}' is already associated with the snapshot '{id}'.")));
    }
    if snapshot.associated_keys.len() >= MOST {
        let message = format!("A snapshot can have up to {MOST} associated KMS keys.");
        return Err(ApiError::new("ResourceLimitExceeded", message));
    }
    resource::update::<Snapshot>(tx, cx, id, |it| it.associated_keys.push(key));
    Ok(Changed { r#return: true })
}

/// Takes a key away; the one it is encrypted under stays.
pub fn disassociate(cx: &Cx, tx: &mut Tx, input: &DisassociateKmsKeyId) -> Result<Changed, ApiError> {
    let snapshot = named(cx, tx, input.snapshot_id.as_deref())?;
    let (id, key) = (&snapshot.id, key_arn(cx, &input.kms_key_id));
    if !snapshot.associated_keys.contains(&key) {
        return Err(invalid(format!("The KMS key '{key}' is not associated with the snapshot '{id}'.")));
    }
    resource::update::<Snapshot>(tx, cx, id, |it| it.associated_keys.retain(|held| *held != key));
    Ok(Changed { r#return: true })
}
