//! DescribeFpgaImageAttribute, ModifyFpgaImageAttribute and ResetFpgaImageAttribute: the name, the description, product codes, and who may load an image.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyFpgaImageAttribute.html>

use service::prelude::*;

use super::create::Deleted;
use super::describe::{codes, no_account};
use super::{FpgaImage, check_on, own};
use crate::image::Grantee;
use crate::instance::authorize;
use crate::instance::out::ProductCodeOut;
use crate::refused::{invalid_value, missing, several_attributes};
use crate::resource;

/// `DescribeFpgaImageAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeFpgaImageAttribute {
    pub dry_run: Option<bool>,
    pub fpga_image_id: String,
    pub attribute: String,
}

/// `DescribeFpgaImageAttributeResult` and `ModifyFpgaImageAttributeResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Shown {
    pub fpga_image_attribute: AttributeOut,
}

/// `FpgaImageAttribute`: the one that was asked for.
#[derive(Debug, Default, Serialize, Shaped)]
pub struct AttributeOut {
    pub fpga_image_id: String,
    pub name: Option<String>,
    pub description: Option<String>,
    pub load_permissions: Option<Vec<Permission>>,
    pub product_codes: Option<Vec<ProductCodeOut>>,
}

/// `LoadPermission` and `LoadPermissionRequest`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct Permission {
    pub user_id: Option<String>,
    pub group: Option<String>,
}

/// `LoadPermissionModifications`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Permissions {
    #[serde(default)]
    pub add: Vec<Permission>,
    #[serde(default)]
    pub remove: Vec<Permission>,
}

/// `ModifyFpgaImageAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyFpgaImageAttribute {
    pub dry_run: Option<bool>,
    pub fpga_image_id: String,
    pub attribute: Option<String>,
    pub operation_type: Option<String>,
    #[serde(default)]
    pub user_ids: Vec<String>,
    #[serde(default)]
    pub user_groups: Vec<String>,
    #[serde(default)]
    pub product_codes: Vec<String>,
    pub load_permission: Option<Permissions>,
    pub description: Option<String>,
    pub name: Option<String>,
}

/// `ResetFpgaImageAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ResetFpgaImageAttribute {
    pub dry_run: Option<bool>,
    pub fpga_image_id: String,
    pub attribute: Option<String>,
}

const NAME: &str = "name";
const DESCRIPTION: &str = "description";
const PERMISSION: &str = "loadPermission";
const CODES: &str = "productCodes";

fn shown(image: &FpgaImage, attribute: &str) -> Result<Shown, ApiError> {
    let mut out = AttributeOut { fpga_image_id: image.id.clone(), ..AttributeOut::default() };
    match attribute {
        NAME => out.name = Some(image.name.clone().unwrap_or_default()),
        DESCRIPTION => out.description = Some(image.description.clone().unwrap_or_default()),
        PERMISSION => out.load_permissions = Some(image.permissions.iter().map(permission).collect()),
        CODES => out.product_codes = Some(codes(&image.product_codes)),
        other => return Err(invalid_value(other, "attribute")),
    }
    Ok(Shown { fpga_image_attribute: out })
}

fn permission(grantee: &Grantee) -> Permission {
    match grantee {
        Grantee::All => Permission { user_id: None, group: Some(grantee.key().to_owned()) },
        other => Permission { user_id: Some(other.key().to_owned()), group: None },
    }
}

/// DescribeFpgaImageAttribute on the image.
pub fn to_describe(cx: &Cx, world: &World, input: &DescribeFpgaImageAttribute) -> Vec<Check> {
    vec![check_on(cx, world, &input.fpga_image_id)]
}

/// One attribute of an image of one's own.
pub fn describe(cx: &Cx, world: &World, input: &DescribeFpgaImageAttribute) -> Result<Shown, ApiError> {
    shown(&*own(cx, world, &input.fpga_image_id)?, &input.attribute)
}

/// What a request changes.
enum Change {
    Name(String),
    Description(String),
    Permissions { add: Vec<Grantee>, remove: Vec<Grantee> },
    Codes(Vec<String>),
}

impl Change {
    /// The attribute, and its new value as policies see it.
    fn told(&self) -> (&'static str, String) {
        match self {
            Change::Name(name) => (NAME, name.clone()),
            Change::Description(text) => (DESCRIPTION, text.clone()),
            Change::Permissions { .. } => (PERMISSION, PERMISSION.to_owned()),
            Change::Codes(codes) => (CODES, codes.join(",")),
        }
    }
}

/// The one change of a request, in whichever form it says so.
fn change(input: &ModifyFpgaImageAttribute) -> Result<Change, ApiError> {
    let listed = !input.user_ids.is_empty() || !input.user_groups.is_empty();
    let fields = [
        (NAME, input.name.is_some()),
        (DESCRIPTION, input.description.is_some()),
        (PERMISSION, input.load_permission.is_some() || listed),
        (CODES, !input.product_codes.is_empty()),
    ];
    let given: Vec<&str> = fields.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
    let attribute = match (given.as_slice(), input.attribute.as_deref()) {
        ([one], None) => *one,
        ([one], Some(named)) if *one == named => *one,
        ([], Some(named)) if fields.iter().any(|(name, _)| *name == named) => return Err(missing(named)),
        ([] | [_], Some(named)) => return Err(invalid_value(named, "attribute")),
        ([], None) => return Err(ApiError::new("InvalidParameterCombination", "No attributes specified.")),
        (many, _) => return Err(several_attributes(many.iter().copied())),
    };
    Ok(match attribute {
        NAME => Change::Name(input.name.clone().unwrap_or_default()),
        DESCRIPTION => Change::Description(input.description.clone().unwrap_or_default()),
        CODES => Change::Codes(input.product_codes.clone()),
        _ => permissions(input)?,
    })
}

fn permissions(input: &ModifyFpgaImageAttribute) -> Result<Change, ApiError> {
    if let Some(given) = &input.load_permission {
        return Ok(Change::Permissions { add: grantees(&given.add)?, remove: grantees(&given.remove)? });
    }
    let users = input.user_ids.iter().map(|id| user(id));
    let groups = input.user_groups.iter().map(|name| group(name));
    let all = users.chain(groups).collect::<Result<Vec<_>, _>>()?;
    match input.operation_type.as_deref() {
        Some("add") => Ok(Change::Permissions { add: all, remove: Vec::new() }),
        Some("remove") => Ok(Change::Permissions { add: Vec::new(), remove: all }),
        Some(other) => Err(invalid_value(other, "operationType")),
        None => Err(missing("operationType")),
    }
}

fn grantees(list: &[Permission]) -> Result<Vec<Grantee>, ApiError> {
    let groups = list.iter().filter_map(|it| it.group.as_deref()).map(group);
    let users = list.iter().filter_map(|it| it.user_id.as_deref()).map(user);
    groups.chain(users).collect()
}

fn group(name: &str) -> Result<Grantee, ApiError> {
    if name == Grantee::All.key() { Ok(Grantee::All) } else { Err(invalid_value(name, "group")) }
}

fn user(id: &str) -> Result<Grantee, ApiError> {
    id.parse().map(Grantee::Account).map_err(|_| no_account(id))
}

/// ModifyFpgaImageAttribute on the image, with the attribute and its new value.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyFpgaImageAttribute) -> Vec<Check> {
    let values: Vec<_> = change(input).iter().map(Change::told).collect();
    vec![authorize::attributes(check_on(cx, world, &input.fpga_image_id), &values)]
}

/// Changes an attribute of an image of one's own.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyFpgaImageAttribute) -> Result<Shown, ApiError> {
    let image = own(cx, tx, &input.fpga_image_id)?;
    let change = change(input)?;
    if matches!(change, Change::Permissions { .. }) {
        must_be_available(cx, &image)?;
    }
    let mut changed = (*image).clone();
    let (attribute, _) = change.told();
    match change {
        Change::Name(name) => changed.name = Some(name),
        Change::Description(text) => changed.description = Some(text),
        Change::Codes(codes) => add(&mut changed.product_codes, codes),
        Change::Permissions { add: added, remove } => {
            add(&mut changed.permissions, added);
            changed.permissions.retain(|grantee| !remove.contains(grantee));
        }
    }
    changed.changed_at = Some(cx.now);
    let answer = shown(&changed, attribute)?;
    tx.put(changed);
    Ok(answer)
}

fn add<T: PartialEq>(held: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !held.contains(&one) {
            held.push(one);
        }
    }
}

fn must_be_available(cx: &Cx, image: &FpgaImage) -> Result<(), ApiError> {
    match image.state(cx.now) {
        ("available", _) => Ok(()),
        (state, _) => {
            let message = format!("The image '{}' is in '{state}' state and cannot be shared.", image.id);
            Err(ApiError::new("IncorrectState", message))
        }
    }
}

/// ResetFpgaImageAttribute on the image.
pub fn to_reset(cx: &Cx, world: &World, input: &ResetFpgaImageAttribute) -> Vec<Check> {
    let check = check_on(cx, world, &input.fpga_image_id);
    vec![authorize::attributes(check, &[(PERMISSION, PERMISSION.to_owned())])]
}

/// Nobody but the owner may load it any more.
pub fn reset(cx: &Cx, tx: &mut Tx, input: &ResetFpgaImageAttribute) -> Result<Deleted, ApiError> {
    let image = own(cx, tx, &input.fpga_image_id)?;
    if let Some(other) = input.attribute.as_deref().filter(|name| *name != PERMISSION) {
        return Err(invalid_value(other, "attribute"));
    }
    must_be_available(cx, &image)?;
    resource::update::<FpgaImage>(tx, cx, &image.id, |image| {
        image.permissions.clear();
        image.changed_at = Some(cx.now);
    });
    Ok(Deleted { r#return: true })
}
