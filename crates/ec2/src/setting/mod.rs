//! What an account sets for a whole region: whether volumes are encrypted by default, whether images and snapshots may become public, which images
//! are allowed, with which options instances start.
//!
//! All settings are records of one kind ([`record`]), a type of value each. The modules here read and write them for their operations, and answer the
//! modules whose work they change.

use service::operations;

use crate::resource::any;

pub mod allowed_images;
pub mod credit;
mod criteria;
pub mod encryption;
pub mod id_format;
pub mod managed_visibility;
pub mod metadata_defaults;
pub mod public_access;
mod record;
pub mod serial_console;
#[cfg(test)]
mod tests;

pub use record::{Setting, Value, get, of, set};

operations! { Ec2;
    DescribeAggregateIdFormat => read(id_format::describe_aggregate) authorize(any),
    DescribeIdFormat => read(id_format::describe) authorize(any),
    DescribeIdentityIdFormat => read(id_format::describe_identity) authorize(any),
    DescribePrincipalIdFormat => read(id_format::describe_principals) authorize(any),
    DisableAllowedImagesSettings => write(allowed_images::disable) authorize(any),
    DisableEbsEncryptionByDefault => write(encryption::disable) authorize(any),
    DisableImageBlockPublicAccess => write(public_access::disable_image) authorize(any),
    DisableSerialConsoleAccess => write(serial_console::disable) authorize(any),
    DisableSnapshotBlockPublicAccess => write(public_access::disable_snapshot) authorize(any),
    EnableAllowedImagesSettings => write(allowed_images::enable) authorize(any),
    EnableEbsEncryptionByDefault => write(encryption::enable) authorize(any),
    EnableImageBlockPublicAccess => write(public_access::enable_image) authorize(any),
    EnableSerialConsoleAccess => write(serial_console::enable) authorize(any),
    EnableSnapshotBlockPublicAccess => write(public_access::enable_snapshot) authorize(any),
    GetAllowedImagesSettings => read(allowed_images::get) authorize(any),
    GetDefaultCreditSpecification => read(credit::get) authorize(any),
    GetEbsDefaultKmsKeyId => read(encryption::get_key) authorize(any),
    GetEbsEncryptionByDefault => read(encryption::get) authorize(any),
    GetImageBlockPublicAccessState => read(public_access::get_image) authorize(any),
    GetInstanceMetadataDefaults => read(metadata_defaults::get) authorize(any),
    GetManagedResourceVisibility => read(managed_visibility::get) authorize(any),
    GetSerialConsoleAccessStatus => read(serial_console::get) authorize(any),
    GetSnapshotBlockPublicAccessState => read(public_access::get_snapshot) authorize(any),
    ModifyDefaultCreditSpecification => write(credit::modify) authorize(any),
    ModifyEbsDefaultKmsKeyId => write(encryption::modify_key) authorize(any),
    ModifyIdFormat => write(id_format::modify) authorize(any),
    ModifyIdentityIdFormat => write(id_format::modify_identity) authorize(any),
    ModifyInstanceMetadataDefaults => write(metadata_defaults::modify) authorize(metadata_defaults::to_modify),
    ModifyManagedResourceVisibility => write(managed_visibility::modify) authorize(any),
    ReplaceImageCriteriaInAllowedImagesSettings => write(allowed_images::replace) authorize(any),
    ResetEbsDefaultKmsKeyId => write(encryption::reset_key) authorize(any),
}

/// Who manages a setting: there are no declarative policies.
const MANAGED_BY: &str = "account";
