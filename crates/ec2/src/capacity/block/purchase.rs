//! PurchaseCapacityBlock. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PurchaseCapacityBlock.html>

use service::prelude::*;

use super::CapacityBlock;
use super::describe::{BlockOut, block_out};
use super::offering::{self, Offering};
use crate::capacity::CapacityReservation;
use crate::capacity::describe::{ReservationOut, out};
use crate::capacity::manager::usage;
use crate::kind;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `PurchaseCapacityBlockRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct PurchaseCapacityBlock {
    pub capacity_block_offering_id: String,
    pub instance_platform: String,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `PurchaseCapacityBlockResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Purchased {
    pub capacity_reservation: ReservationOut,
    pub capacity_blocks: Vec<BlockOut>,
    pub capacity_reservations: Vec<ReservationOut>,
}

/// PurchaseCapacityBlock on the reservation to come, and the tags.
pub fn to_purchase(cx: &Cx, _: &World, input: &PurchaseCapacityBlock) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    resource::checks_on_new(cx, &kind::CAPACITY_RESERVATION, specifications, "PurchaseCapacityBlock", [])
}

/// The words are not recorded.
pub(super) fn no_such_offering(id: &str) -> ApiError {
    let message = format!("The Capacity Block offering ID '{id}' does not exist or is no longer available.");
    ApiError::new("InvalidCapacityBlockOfferingId.NotFound", message)
}

/// Buys what is offered.
pub fn purchase(cx: &Cx, tx: &mut Tx, input: &PurchaseCapacityBlock) -> Result<Purchased, ApiError> {
    let specifications = input.tag_specifications.as_deref().unwrap_or_default();
    let (of_block, of_reservation) = (kind::CAPACITY_BLOCK.resource_type, kind::CAPACITY_RESERVATION.resource_type);
    tags::check_specifications(specifications, &[of_block, of_reservation])?;
    let tags = tags::specified(specifications);
    let id = &input.capacity_block_offering_id;
    let offering = offering::of_id(cx, id).ok_or_else(|| no_such_offering(id))?;
    let block = CapacityBlock {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::CAPACITY_BLOCK.prefix),
        reservation_id: cx.ids.ec2(kind::CAPACITY_RESERVATION.prefix),
        zone: offering.zone.name.clone(),
        zone_id: offering.zone.id.clone(),
        created_at: cx.now_seconds(),
        starts_at: offering.start,
        ends_at: offering.end(),
        is_cleared: false,
        tags: tags.of(of_block).to_vec(),
    };
    let held = reservation(&block, &offering, &input.instance_platform, tags.of(of_reservation).to_vec());
    tx.put(block.clone());
    usage::put(cx, tx, held.clone());
    let seen = out(cx, tx, &held);
    Ok(Purchased {
        capacity_reservation: seen.clone(),
        capacity_blocks: vec![block_out(cx, &block)],
        capacity_reservations: vec![seen],
    })
}

fn reservation(block: &CapacityBlock, offering: &Offering, platform: &str, tags: Vec<Tag>) -> CapacityReservation {
    CapacityReservation {
        account: block.account,
        region: block.region.clone(),
        id: block.reservation_id.clone(),
        instance_type: offering.instance_type.to_owned(),
        platform: platform.to_owned(),
        zone: block.zone.clone(),
        zone_id: block.zone_id.clone(),
        tenancy: "default".to_owned(),
        count: offering.count,
        ebs_optimized: false,
        ephemeral_storage: false,
        end_date: Some(block.ends_at),
        open: false,
        placement_group: None,
        created_at: block.created_at,
        cancelled_at: None,
        fleet_id: None,
        weight: None,
        billing_owner: None,
        starts_at: Some(block.starts_at),
        commitment: None,
        block_id: Some(block.id.clone()),
        allocation: None,
        source: None,
        tags,
    }
}
