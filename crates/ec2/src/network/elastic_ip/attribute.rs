//! DescribeAddressesAttribute: the reverse DNS name of each address. Nobody can set one yet, so none has any.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddressesAttribute.html>

use service::filters::Fields;
use service::prelude::*;

use super::Address;
use crate::resource::{self, Wanted};

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

/// `AddressAttribute`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct AttributeOut {
    pub public_ip: String,
    pub allocation_id: String,
}

static FIELDS: Fields<AttributeOut> = Fields { fields: &[], tags: None };

/// The attributes of the addresses named, or of all.
pub fn describe(cx: &Cx, world: &World, input: &DescribeAddressesAttribute) -> Result<AddressAttributes, ApiError> {
    let wanted = Wanted {
        ids: input.allocation_ids.as_deref(),
        filters: None,
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let see = |address: &Address| AttributeOut {
        public_ip: address.public_ip.to_string(),
        allocation_id: address.id.clone(),
    };
    let page = resource::describe(cx, world, &wanted, || resource::all(cx, world), &FIELDS, see)?;
    Ok(AddressAttributes { addresses: page.items, next_token: page.next })
}
