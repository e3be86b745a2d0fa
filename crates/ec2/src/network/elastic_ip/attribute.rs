//! The reverse DNS name of an Elastic IP address: DescribeAddressesAttribute, ModifyAddressAttribute and ResetAddressAttribute. AWS asks for a name that
//! leads to the address; nothing here asks the DNS, so any well-formed name will do.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Elastic_Addressing_Reverse_DNS.html>

use service::filters::Fields;
use service::prelude::*;

use super::{Address, address, must_be_public};
use crate::instance::authorize;
use crate::instance::view::is_settled;
use crate::refused::missing;
use crate::resource::{self, Wanted};

/// A change of the name, and what it was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointerChange {
    /// With a dot at its end; None is Amazon's own.
    pub to: Option<String>,
    pub from: Option<String>,
    pub at: Timestamp,
}

/// `DescribeAddressesAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeAddressesAttribute {
    pub allocation_ids: Option<Vec<String>>,
    /// The only one there is, `domain-name`.
    pub attribute: Option<String>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeAddressesAttributeResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct AddressAttributes {
    pub addresses: Vec<AttributeOut>,
    pub next_token: Option<String>,
}

/// `ModifyAddressAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyAddressAttribute {
    pub allocation_id: String,
    pub domain_name: Option<String>,
    pub dry_run: Option<bool>,
}

/// `ResetAddressAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ResetAddressAttribute {
    pub allocation_id: String,
    pub attribute: String,
    pub dry_run: Option<bool>,
}

/// The answer of both.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub address: AttributeOut,
}

/// `AddressAttribute`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct AttributeOut {
    pub public_ip: String,
    pub allocation_id: String,
    pub ptr_record: Option<String>,
    pub ptr_record_update: Option<UpdateOut>,
}

/// `PtrUpdateStatus`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct UpdateOut {
    pub value: String,
    pub status: &'static str,
}

static FIELDS: Fields<AttributeOut> = Fields { fields: &[], tags: None };

/// The attributes of the addresses named, or of all; an address without a name has none, which the Terraform provider waits for after a reset.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddressesAttribute.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribeAddressesAttribute) -> Result<AddressAttributes, ApiError> {
    let wanted = Wanted {
        ids: input.allocation_ids.as_deref(),
        filters: None,
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let see = |address: &Address| out(cx, address);
    let page = resource::describe(cx, world, &wanted, || resource::all(cx, world), &FIELDS, see)?;
    let has_any = |shown: &AttributeOut| shown.ptr_record.is_some() || shown.ptr_record_update.is_some();
    let addresses = page.items.into_iter().filter(has_any).collect();
    Ok(AddressAttributes { addresses, next_token: page.next })
}

/// ModifyAddressAttribute on the address, with the new name.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyAddressAttribute) -> Vec<Check> {
    let values: Vec<_> = input.domain_name.iter().map(|name| ("DomainName", name.clone())).collect();
    vec![authorize::attributes(resource::check_on::<Address>(cx, world, &input.allocation_id), &values)]
}

/// Gives an address a name. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyAddressAttribute.html>
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyAddressAttribute) -> Result<Changed, ApiError> {
    let address = resource::get::<Address>(tx, cx, &input.allocation_id)?;
    let name = input.domain_name.as_deref().ok_or_else(|| missing("domainName"))?;
    if !is_domain_name(name) {
        let message = format!("Value ({name}) for parameter domainName is invalid.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let to = format!("{}.", name.trim_end_matches('.').to_ascii_lowercase());
    change(cx, tx, &address, Some(to))
}

/// Labels of letters, digits and dashes, each of 63 characters at most. <https://www.rfc-editor.org/rfc/rfc1035#section-2.3.1>
fn is_domain_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let proper = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && label.chars().all(proper)
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    name.len() <= 253 && name.contains('.') && name.split('.').all(is_label)
}

/// ResetAddressAttribute on the address.
pub fn to_reset(cx: &Cx, world: &World, input: &ResetAddressAttribute) -> Vec<Check> {
    vec![resource::check_on::<Address>(cx, world, &input.allocation_id).key("ec2:Attribute", "DomainName")]
}

/// Gives an address Amazon's own name again.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResetAddressAttribute.html>
pub fn reset(cx: &Cx, tx: &mut Tx, input: &ResetAddressAttribute) -> Result<Changed, ApiError> {
    let address = resource::get::<Address>(tx, cx, &input.allocation_id)?;
    change(cx, tx, &address, None)
}

fn change(cx: &Cx, tx: &mut Tx, address: &Address, to: Option<String>) -> Result<Changed, ApiError> {
    must_be_public(address)?;
    let changed = PointerChange { to, from: name_at(cx, address).cloned(), at: cx.now };
    let changed = Address { pointer: Some(changed), ..address.clone() };
    let shown = out(cx, &changed);
    tx.put(changed);
    Ok(Changed { address: shown })
}

/// The name that an address has now, if it was given one.
pub fn name_at<'a>(cx: &Cx, address: &'a Address) -> Option<&'a String> {
    let pointer = address.pointer.as_ref()?;
    let settled = is_settled(pointer.at, cx.now, cx.settings.states);
    if settled { pointer.to.as_ref() } else { pointer.from.as_ref() }
}

/// Whether an address has a name of its own, or is about to get one.
pub fn is_named(cx: &Cx, address: &Address) -> bool {
    name_at(cx, address).is_some() || address.pointer.as_ref().is_some_and(|pointer| pointer.to.is_some())
}

fn out(cx: &Cx, held: &Address) -> AttributeOut {
    let pending = held.pointer.as_ref().filter(|it| !is_settled(it.at, cx.now, cx.settings.states));
    let own = || format!("{}.", address::public_dns_name(&held.region, held.public_ip));
    AttributeOut {
        public_ip: held.public_ip.to_string(),
        allocation_id: held.id.clone(),
        ptr_record: name_at(cx, held).cloned(),
        ptr_record_update: pending.map(|it| UpdateOut { value: it.to.clone().unwrap_or_else(own), status: "PENDING" }),
    }
}
