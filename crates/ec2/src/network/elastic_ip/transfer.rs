//! Transfers of Elastic IP addresses between accounts: the owner offers one to another account, which has seven days to accept it. An offer is a record of
//! its own beside the address, for the owner still sees it for two weeks when the address is gone.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/transfer-EIPs-intro.html>

use std::net::Ipv4Addr;
use std::sync::Arc;

use jiff::SignedDuration;
use service::paging;
use service::prelude::*;

use super::{Address, associate, attribute, must_be_public, must_have_room_for_one};
use crate::kind;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// How long an offer stands.
const OFFERED: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long its owner sees that it was accepted.
const SEEN: SignedDuration = SignedDuration::from_hours(14 * 24);

/// An address that is offered or was transferred, in the account that offered it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    pub account: AccountId,
    pub region: String,
    /// `eipalloc-…`
    pub id: String,
    pub public_ip: Ipv4Addr,
    pub to: AccountId,
    pub offered_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
}

impl Transfer {
    /// The public address, of offers that stand.
    pub const BY_PUBLIC_ADDRESS: usize = 0;

    fn expires_at(&self) -> Timestamp {
        self.offered_at.saturating_add(OFFERED).unwrap_or(self.offered_at)
    }
}

impl Record for Transfer {
    const TABLE: TableDef = TableDef::own("ec2_address_transfer", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_public_address", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        if self.accepted_at.is_none() {
            entries.add(Self::BY_PUBLIC_ADDRESS, &[&self.public_ip.to_string()]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        match self.accepted_at {
            Some(at) => Some(at.saturating_add(SEEN).unwrap_or(at)),
            None => Some(self.expires_at()),
        }
    }
}

/// `EnableAddressTransferRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct EnableAddressTransfer {
    pub allocation_id: String,
    pub transfer_account_id: String,
    pub dry_run: Option<bool>,
}

/// `DisableAddressTransferRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DisableAddressTransfer {
    pub allocation_id: String,
    pub dry_run: Option<bool>,
}

/// `AcceptAddressTransferRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct AcceptAddressTransfer {
    pub address: String,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `DescribeAddressTransfersRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeAddressTransfers {
    pub allocation_ids: Option<Vec<String>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// The answer of those that change a transfer.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub address_transfer: TransferOut,
}

/// `DescribeAddressTransfersResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Transfers {
    pub address_transfers: Vec<TransferOut>,
    pub next_token: Option<String>,
}

/// `AddressTransfer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct TransferOut {
    pub public_ip: String,
    pub allocation_id: String,
    pub transfer_account_id: Option<String>,
    pub transfer_offer_expiration_timestamp: Option<Timestamp>,
    pub transfer_offer_accepted_timestamp: Option<Timestamp>,
    pub address_transfer_status: &'static str,
}

/// EnableAddressTransfer on the address.
pub fn to_enable(cx: &Cx, world: &World, input: &EnableAddressTransfer) -> Vec<Check> {
    vec![resource::check_on::<Address>(cx, world, &input.allocation_id)]
}

/// Offers an address to another account; an earlier offer is no more.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableAddressTransfer.html>
pub fn enable(cx: &Cx, tx: &mut Tx, input: &EnableAddressTransfer) -> Result<Changed, ApiError> {
    let address = resource::get::<Address>(tx, cx, &input.allocation_id)?;
    must_be_public(&address)?;
    let text = &input.transfer_account_id;
    let to = text.parse::<AccountId>().ok().filter(|to| *to != cx.account()).ok_or_else(|| {
        let message = format!("Value ({text}) for parameter transferAccountId is invalid.");
        ApiError::new("InvalidParameterValue", message)
    })?;
    let transfer = Transfer {
        account: address.account,
        region: address.region.clone(),
        id: address.id.clone(),
        public_ip: address.public_ip,
        to,
        offered_at: cx.now,
        accepted_at: None,
    };
    let changed = Changed { address_transfer: out(&transfer) };
    tx.put(transfer);
    Ok(changed)
}

/// DisableAddressTransfer on the address.
pub fn to_disable(cx: &Cx, world: &World, input: &DisableAddressTransfer) -> Vec<Check> {
    vec![resource::check_on::<Address>(cx, world, &input.allocation_id)]
}

/// Takes the offer back. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableAddressTransfer.html>
pub fn disable(cx: &Cx, tx: &mut Tx, input: &DisableAddressTransfer) -> Result<Changed, ApiError> {
    let address = resource::get::<Address>(tx, cx, &input.allocation_id)?;
    if withdraw(tx, &address).is_none() {
        let message = format!("No transfer is pending for the allocation ID '{}'", address.id);
        return Err(ApiError::new("InvalidTransfer.NotFound", message));
    }
    Ok(Changed {
        address_transfer: TransferOut {
            public_ip: address.public_ip.to_string(),
            allocation_id: address.id.clone(),
            transfer_account_id: None,
            transfer_offer_expiration_timestamp: None,
            transfer_offer_accepted_timestamp: None,
            address_transfer_status: "disabled",
        },
    })
}

/// The offer of an address is no more.
pub fn withdraw(tx: &mut Tx, address: &Address) -> Option<Arc<Transfer>> {
    let parts = [address.account.as_str(), &address.region, &address.id];
    let pending = tx.get::<Transfer>(&parts).is_some_and(|transfer| transfer.accepted_at.is_none());
    if pending { tx.remove::<Transfer>(&parts) } else { None }
}

/// The offer of that address to the caller's account.
fn offered(cx: &Cx, world: &World, public_ip: &str) -> Option<Arc<Transfer>> {
    let mut offers = world.by::<Transfer>(Transfer::BY_PUBLIC_ADDRESS, &[public_ip]);
    offers.find(|offer| offer.to == cx.account() && offer.region == cx.region_name()).cloned()
}

/// AcceptAddressTransfer on the address as it will be the caller's, and the tags.
pub fn to_accept(cx: &Cx, world: &World, input: &AcceptAddressTransfer) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let tags = tags::requested(specifications, kind::ELASTIC_IP.resource_type);
    let offer = offered(cx, world, &input.address);
    let id = offer.as_ref().map_or("*", |offer| offer.id.as_str());
    let own = Check::on(kind::ELASTIC_IP.arn(cx, id))
        .not_created()
        .request_tags(&tags)
        .key_if("ec2:AllocationId", offer.as_ref().map(|offer| offer.id.clone()))
        .key("ec2:Domain", "vpc")
        .key("ec2:PublicIpAddress", input.address.as_str());
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "AcceptAddressTransfer");
    std::iter::once(own).chain(tagging).collect()
}

/// The address is the caller's now, with its tags anew.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AcceptAddressTransfer.html>
pub fn accept(cx: &Cx, tx: &mut Tx, input: &AcceptAddressTransfer) -> Result<Changed, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::ELASTIC_IP.resource_type)?;
    let not_found = || associate::none_found(&[&input.address]);
    let offer = offered(cx, tx, &input.address).ok_or_else(not_found)?;
    let parts = [offer.account.as_str(), &offer.region, &offer.id];
    let address = tx.get::<Address>(&parts).cloned().ok_or_else(not_found)?;
    must_be_transferable(cx, &address)?;
    must_have_room_for_one(cx, tx)?;
    tx.remove::<Address>(&parts);
    tx.put(Address { account: cx.account(), pointer: None, tags, ..Address::clone(&address) });
    let accepted = Transfer { accepted_at: Some(cx.now), ..Transfer::clone(&offer) };
    let changed = Changed { address_transfer: out(&accepted) };
    tx.put(accepted);
    Ok(changed)
}

/// The codes are documented (<https://docs.aws.amazon.com/vpc/latest/userguide/transfer-EIPs-intro.html>), the texts are not.
fn must_be_transferable(cx: &Cx, address: &Address) -> Result<(), ApiError> {
    if address.held(cx.now).is_some() {
        let message = format!("The address {} is associated and cannot be transferred.", address.public_ip);
        return Err(ApiError::new("InvalidTransfer.AddressAssociated", message));
    }
    if attribute::is_named(cx, address) {
        let message = format!("The address {} has a custom PTR record and cannot be transferred.", address.public_ip);
        return Err(ApiError::new("InvalidTransfer.AddressCustomPtrSet", message));
    }
    Ok(())
}

/// The transfers that the caller's account has offered.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddressTransfers.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribeAddressTransfers) -> Result<Transfers, ApiError> {
    let account = cx.account();
    let ids = input.allocation_ids.as_deref().unwrap_or_default();
    let held = |id: &str| world.get::<Transfer>(&[account.as_str(), cx.region_name(), id]).is_some();
    let own = |id: &str| resource::look_up::<Address>(world, cx, id).is_some();
    let missing: Vec<&str> = ids.iter().map(String::as_str).filter(|id| !held(id) && !own(id)).collect();
    if !missing.is_empty() {
        return Err(kind::ELASTIC_IP.not_found(&missing));
    }
    let all = world.scan::<Transfer>(&[account.as_str(), cx.region_name()]);
    let found = all.filter(|transfer| ids.is_empty() || ids.contains(&transfer.id)).map(|transfer| out(transfer));
    let scope = format!("address-transfers {ids:?}");
    let key = |it: &TransferOut| it.allocation_id.clone();
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, found, key)?;
    Ok(Transfers { address_transfers: page.items, next_token: page.next })
}

fn out(transfer: &Transfer) -> TransferOut {
    TransferOut {
        public_ip: transfer.public_ip.to_string(),
        allocation_id: transfer.id.clone(),
        transfer_account_id: Some(transfer.to.to_string()),
        transfer_offer_expiration_timestamp: Some(transfer.expires_at()),
        transfer_offer_accepted_timestamp: transfer.accepted_at,
        address_transfer_status: if transfer.accepted_at.is_some() { "accepted" } else { "pending" },
    }
}
