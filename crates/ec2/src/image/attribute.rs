//! DescribeImageAttribute, ModifyImageAttribute, ResetImageAttribute and CancelImageLaunchPermission.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyImageAttribute.html>

use service::prelude::*;

use super::permission::{self, LaunchPermission, LaunchPermissionChanges};
use super::{AccountImage, Grantee, own, seen};
use crate::instance::authorize;
use crate::refused::{missing, several_attributes};
use crate::resource;
use crate::setting::public_access;
use crate::volume::attribute::ProductCodeOut;

/// `DescribeImageAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeImageAttribute {
    pub attribute: String,
    pub image_id: String,
    pub dry_run: Option<bool>,
}

/// `ImageAttribute`: the one that was asked for.
#[derive(Debug, Default, Serialize, Shaped)]
pub struct ImageAttribute {
    pub image_id: String,
    pub description: Option<AttributeValue>,
    pub kernel_id: Option<AttributeValue>,
    pub ramdisk_id: Option<AttributeValue>,
    pub sriov_net_support: Option<AttributeValue>,
    pub boot_mode: Option<AttributeValue>,
    pub tpm_support: Option<AttributeValue>,
    pub uefi_data: Option<AttributeValue>,
    pub last_launched_time: Option<AttributeValue>,
    pub imds_support: Option<AttributeValue>,
    pub deregistration_protection: Option<AttributeValue>,
    pub launch_permissions: Option<Vec<LaunchPermission>>,
    pub product_codes: Option<Vec<ProductCodeOut>>,
}

/// `AttributeValue`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct AttributeValue {
    pub value: Option<String>,
}

/// `ModifyImageAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyImageAttribute {
    pub attribute: Option<String>,
    pub description: Option<AttributeValue>,
    pub image_id: String,
    pub launch_permission: Option<LaunchPermissionChanges>,
    pub operation_type: Option<String>,
    #[serde(default)]
    pub user_groups: Vec<String>,
    #[serde(default)]
    pub user_ids: Vec<String>,
    pub value: Option<String>,
    #[serde(default)]
    pub organization_arns: Vec<String>,
    #[serde(default)]
    pub organizational_unit_arns: Vec<String>,
    pub imds_support: Option<AttributeValue>,
    pub dry_run: Option<bool>,
}

/// `ResetImageAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ResetImageAttribute {
    pub attribute: String,
    pub image_id: String,
    pub dry_run: Option<bool>,
}

/// `CancelImageLaunchPermissionRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CancelImageLaunchPermission {
    pub image_id: String,
    pub dry_run: Option<bool>,
}

/// `CancelImageLaunchPermissionResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Cancelled {
    pub r#return: bool,
}

const PERMISSION: &str = "launchPermission";
const DESCRIPTION: &str = "description";
const IMDS_SUPPORT: &str = "imdsSupport";

/// DescribeImageAttribute on the image.
pub fn to_describe(cx: &Cx, world: &World, input: &DescribeImageAttribute) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.image_id)]
}

/// One attribute of an image of one's own.
pub fn describe(cx: &Cx, world: &World, input: &DescribeImageAttribute) -> Result<ImageAttribute, ApiError> {
    let held = own(cx, world, &input.image_id)?;
    let image = seen(cx, world, &held);
    let mut answer = ImageAttribute { image_id: held.id.clone(), ..ImageAttribute::default() };
    let value = |value: Option<String>| Some(AttributeValue { value });
    match input.attribute.as_str() {
        DESCRIPTION => answer.description = value(image.description),
        "kernel" => answer.kernel_id = value(image.kernel_id),
        "ramdisk" => answer.ramdisk_id = value(image.ramdisk_id),
        "sriovNetSupport" => answer.sriov_net_support = value(image.sriov_net_support),
        "bootMode" => answer.boot_mode = value(image.boot_mode),
        "tpmSupport" => answer.tpm_support = value(image.tpm_support),
        "uefiData" => answer.uefi_data = value(held.uefi_data.clone()),
        "lastLaunchedTime" => answer.last_launched_time = value(image.last_launched_time),
        IMDS_SUPPORT => answer.imds_support = value(image.imds_support),
        "deregistrationProtection" => answer.deregistration_protection = value(image.deregistration_protection),
        PERMISSION => answer.launch_permissions = Some(held.permissions.iter().map(permission::out).collect()),
        "productCodes" => answer.product_codes = Some(Vec::new()),
        // Told by DescribeImages only, since long.
        _ => {
            let message = "Unauthorized attempt to access restricted resource";
            return Err(ApiError::new("AuthFailure", message));
        }
    }
    Ok(answer)
}

/// What a request changes.
#[derive(Debug, PartialEq, Eq)]
enum Change {
    Description(String),
    ImdsSupport(String),
    Permissions { add: Vec<Grantee>, remove: Vec<Grantee> },
}

/// The one change of a request, in whichever form it says so.
fn change(input: &ModifyImageAttribute) -> Result<Change, ApiError> {
    let fields = [
        ("description", input.description.is_some()),
        ("imdsSupport", input.imds_support.is_some()),
        ("launchPermission", input.launch_permission.is_some()),
    ];
    let given: Vec<&str> = fields.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
    if given.len() > 1 {
        return Err(several_attributes(given));
    }
    if let Some(description) = &input.description {
        return Ok(Change::Description(description.value.clone().unwrap_or_default()));
    }
    if let Some(support) = &input.imds_support {
        return imds(support.value.as_deref());
    }
    if let Some(changes) = &input.launch_permission {
        let (add, remove) = (permission::grantees(&changes.add)?, permission::grantees(&changes.remove)?);
        if add.is_empty() && remove.is_empty() {
            return Err(nothing());
        }
        return Ok(Change::Permissions { add, remove });
    }
    match input.attribute.as_deref() {
        Some(DESCRIPTION) => match input.value.as_deref() {
            None | Some("") => Err(missing(DESCRIPTION)),
            Some(text) => Ok(Change::Description(text.to_owned())),
        },
        Some(IMDS_SUPPORT) => imds(input.value.as_deref()),
        Some(PERMISSION) => listed(input),
        Some(other) => {
            let message = format!("Value ({other}) for parameter attribute is invalid. Unknown attribute.");
            Err(ApiError::new("InvalidParameterValue", message))
        }
        None => Err(nothing()),
    }
}

fn nothing() -> ApiError {
    ApiError::new("InvalidParameterCombination", "No attributes specified.")
}

fn imds(value: Option<&str>) -> Result<Change, ApiError> {
    match value {
        Some("v2.0") => Ok(Change::ImdsSupport("v2.0".to_owned())),
        None | Some("") => Err(missing("imdsSupport with value v2.0")),
        Some(other) => {
            let message = format!("Value ({other}) for parameter imdsSupport is invalid. Valid values are v2.0.");
            Err(ApiError::new("InvalidParameterValue", message))
        }
    }
}

/// The form with an operation and lists.
fn listed(input: &ModifyImageAttribute) -> Result<Change, ApiError> {
    let groups = input.user_groups.iter().map(|name| permission::group(name));
    let users = input.user_ids.iter().map(|id| permission::user(id));
    let organizations = input.organization_arns.iter().map(|arn| permission::organization(arn));
    let units = input.organizational_unit_arns.iter().map(|arn| permission::unit(arn));
    let all = groups.chain(users).chain(organizations).chain(units).collect::<Result<Vec<_>, _>>()?;
    match input.operation_type.as_deref() {
        Some("add") => Ok(Change::Permissions { add: all, remove: Vec::new() }),
        Some(_) => Ok(Change::Permissions { add: Vec::new(), remove: all }),
        None => Err(missing("operationType")),
    }
}

/// ModifyImageAttribute on the image, with the attribute and its new value.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyImageAttribute) -> Vec<Check> {
    let value = match change(input) {
        Ok(Change::Description(text)) => Some((DESCRIPTION, text)),
        Ok(Change::ImdsSupport(text)) => Some((IMDS_SUPPORT, text)),
        Ok(Change::Permissions { .. }) => Some((PERMISSION, PERMISSION.to_owned())),
        Err(_) => None,
    };
    let values: Vec<_> = value.into_iter().collect();
    vec![authorize::attributes(super::check_on(cx, world, &input.image_id), &values)]
}

/// Changes an attribute of an image of one's own.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyImageAttribute) -> Result<Done, ApiError> {
    let image = own(cx, tx, &input.image_id)?;
    let change = change(input)?;
    if let Change::Permissions { add, remove } = &change {
        may_share(cx, tx, &image, add, remove)?;
    }
    resource::update::<AccountImage>(tx, cx, &image.id, |it| match change {
        Change::Description(text) => it.facts.description = Some(text).filter(|text| !text.is_empty()),
        Change::ImdsSupport(text) => it.facts.imds_support = Some(text),
        Change::Permissions { add, remove } => {
            for grantee in add {
                if !it.permissions.contains(&grantee) {
                    it.permissions.push(grantee);
                }
            }
            it.permissions.retain(|grantee| !remove.contains(grantee));
        }
    });
    Ok(Done {})
}

fn may_share(
    cx: &Cx,
    world: &World,
    image: &AccountImage,
    add: &[Grantee],
    remove: &[Grantee],
) -> Result<(), ApiError> {
    if add.is_empty() && remove.is_empty() {
        return Err(missing(PERMISSION));
    }
    let state = image.state(cx.now, cx.settings.states);
    if state != "available" {
        let message = format!("The image '{}' is in '{state}' state and cannot be shared.", image.id);
        return Err(ApiError::new("IncorrectState", message));
    }
    let encrypted = image.facts.block_device_mappings.iter().filter_map(|device| device.ebs.as_ref());
    let encrypted = encrypted.clone().any(|ebs| ebs.encrypted == Some(true) && ebs.snapshot_id.is_some());
    if add.contains(&Grantee::All) {
        public_access::may_publish_image(cx, world)?;
        if encrypted {
            let message = "Images with encrypted snapshots cannot be shared publicly";
            return Err(ApiError::new("OperationNotPermitted", message));
        }
    }
    Ok(())
}

/// ResetImageAttribute on the image.
pub fn to_reset(cx: &Cx, world: &World, input: &ResetImageAttribute) -> Vec<Check> {
    let check = super::check_on(cx, world, &input.image_id);
    vec![authorize::attributes(check, &[(PERMISSION, PERMISSION.to_owned())])]
}

/// Nobody but the owner may launch it any more.
pub fn reset(cx: &Cx, tx: &mut Tx, input: &ResetImageAttribute) -> Result<Done, ApiError> {
    let image = own(cx, tx, &input.image_id)?;
    resource::update::<AccountImage>(tx, cx, &image.id, |it| it.permissions.clear());
    Ok(Done {})
}

/// CancelImageLaunchPermission on the image.
pub fn to_cancel(cx: &Cx, world: &World, input: &CancelImageLaunchPermission) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.image_id)]
}

/// Takes the caller's account from those an image is shared with.
pub fn cancel(cx: &Cx, tx: &mut Tx, input: &CancelImageLaunchPermission) -> Result<Cancelled, ApiError> {
    let id = super::get(cx, tx, &input.image_id)?.image_id.clone();
    let own = Grantee::Account(cx.account());
    let held = tx.one::<AccountImage>(AccountImage::BY_ID, &[cx.region_name(), &id]).cloned();
    let Some(image) = held.filter(|image| image.permissions.contains(&own)) else {
        let message = format!("The image '{id}' is not shared with account {}.", cx.account());
        return Err(ApiError::new("InvalidParameterValue", message));
    };
    let key = [image.account.as_str(), &image.region, &image.id];
    tx.update::<AccountImage>(&key, |it| it.permissions.retain(|grantee| *grantee != own));
    Ok(Cancelled { r#return: true })
}
