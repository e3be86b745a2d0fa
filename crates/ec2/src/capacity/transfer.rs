//! Capacity that goes from one reservation to another: CreateCapacityReservationBySplitting into a new one, MoveCapacityReservationInstances into one that
//! is there. Only what no instance uses can go.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-reservations-split.html>

use service::prelude::*;

use super::CapacityReservation;
use super::change::{active, must_have_lent_nothing, must_not_be_committed};
use super::describe::{ReservationOut, out};
use crate::capacity::manager::usage;
use crate::instance::client_token;
use crate::kind;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `CreateCapacityReservationBySplittingRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateCapacityReservationBySplitting {
    pub source_capacity_reservation_id: String,
    pub instance_count: i64,
    pub client_token: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `MoveCapacityReservationInstancesRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct MoveCapacityReservationInstances {
    pub source_capacity_reservation_id: String,
    pub destination_capacity_reservation_id: String,
    pub instance_count: i64,
    pub client_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// The result of both.
#[derive(Debug, Serialize, Shaped)]
pub struct Transferred {
    pub source_capacity_reservation: ReservationOut,
    pub destination_capacity_reservation: ReservationOut,
    pub instance_count: i64,
}

/// CreateCapacityReservationBySplitting on the source and on the reservation to come, and the tags.
pub fn to_split(cx: &Cx, world: &World, input: &CreateCapacityReservationBySplitting) -> Vec<Check> {
    let id = &input.source_capacity_reservation_id;
    let specifications = input.tag_specifications.as_deref();
    let source = resource::check_on::<CapacityReservation>(cx, world, id);
    let own = resource::check_on_new(cx, &kind::CAPACITY_RESERVATION, specifications);
    let own = match resource::look_up::<CapacityReservation>(world, cx, id) {
        Some(held) => {
            let made =
                CapacityReservation { count: input.instance_count, created_at: cx.now_seconds(), ..(*held).clone() };
            resource::Resource::keys(&made, cx, world, own)
        }
        None => own,
    };
    let named =
        [source, own].map(|check| check.key("ec2:SourceCapacityReservationId", kind::CAPACITY_RESERVATION.arn(cx, id)));
    let tagging =
        tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "CreateCapacityReservationBySplitting");
    named.into_iter().chain(tagging).collect()
}

/// MoveCapacityReservationInstances on both reservations.
pub fn to_shift(cx: &Cx, world: &World, input: &MoveCapacityReservationInstances) -> Vec<Check> {
    let (source, destination) = (&input.source_capacity_reservation_id, &input.destination_capacity_reservation_id);
    let on = |id: &String| {
        resource::check_on::<CapacityReservation>(cx, world, id)
            .key("ec2:SourceCapacityReservationId", kind::CAPACITY_RESERVATION.arn(cx, source))
            .key("ec2:DestinationCapacityReservationId", kind::CAPACITY_RESERVATION.arn(cx, destination))
    };
    vec![on(source), on(destination)]
}

/// So much must be free; the wording is not recorded.
fn must_be_free(world: &World, held: &CapacityReservation, count: i64, most: i64) -> Result<(), ApiError> {
    let most = most.min(held.available(world));
    if (1..=most).contains(&count) {
        return Ok(());
    }
    let message = format!(
        "Value ({count}) for parameter instanceCount is invalid. The Capacity Reservation '{}' has {most} available instances for this request.",
        held.id
    );
    Err(ApiError::new("InvalidParameterValue", message))
}

/// Makes a reservation of a part of another, or answers again what the same client token made.
pub fn split(cx: &Cx, tx: &mut Tx, input: &CreateCapacityReservationBySplitting) -> Result<Transferred, ApiError> {
    const SCOPE: &str = "CreateCapacityReservationBySplitting";
    let token = input.client_token.as_deref();
    let plain = CreateCapacityReservationBySplitting { client_token: None, dry_run: None, ..input.clone() };
    let digest = client_token::digest(&plain);
    if let Some(made) = client_token::again::<CapacityReservation>(cx, tx, SCOPE, token, &digest)? {
        let source = resource::get::<CapacityReservation>(tx, cx, &input.source_capacity_reservation_id)?;
        return Ok(answer(cx, tx, &source, &made, input.instance_count));
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::CAPACITY_RESERVATION.resource_type)?;
    let mut source = active(cx, tx, &input.source_capacity_reservation_id)?;
    must_not_be_committed(cx, &source, cx.now)?;
    // Something stays in the source.
    must_be_free(tx, &source, input.instance_count, source.count - 1)?;
    source.count -= input.instance_count;
    let made = CapacityReservation {
        id: cx.ids.ec2(kind::CAPACITY_RESERVATION.prefix),
        count: input.instance_count,
        created_at: cx.now_seconds(),
        fleet_id: None,
        weight: None,
        billing_owner: None,
        starts_at: None,
        commitment: None,
        allocation: None,
        tags,
        ..source.clone()
    };
    client_token::remember(cx, tx, SCOPE, token, digest, vec![made.id.clone()]);
    usage::put(cx, tx, source.clone());
    usage::put(cx, tx, made.clone());
    Ok(answer(cx, tx, &source, &made, input.instance_count))
}

/// Moves capacity between reservations that are alike. A source that has none left is cancelled.
pub fn shift(cx: &Cx, tx: &mut Tx, input: &MoveCapacityReservationInstances) -> Result<Transferred, ApiError> {
    const SCOPE: &str = "MoveCapacityReservationInstances";
    let (from, to) = (&input.source_capacity_reservation_id, &input.destination_capacity_reservation_id);
    let token = input.client_token.as_deref();
    let digest =
        client_token::digest(&MoveCapacityReservationInstances { client_token: None, dry_run: None, ..input.clone() });
    if client_token::seen(cx, tx, SCOPE, token, &digest)?.is_some() {
        let source = resource::get::<CapacityReservation>(tx, cx, from)?;
        let destination = resource::get::<CapacityReservation>(tx, cx, to)?;
        return Ok(answer(cx, tx, &source, &destination, input.instance_count));
    }
    let (mut source, mut destination) = (active(cx, tx, from)?, active(cx, tx, to)?);
    must_be_alike(&source, &destination)?;
    must_not_be_committed(cx, &source, cx.now)?;
    must_be_free(tx, &source, input.instance_count, source.count)?;
    source.count -= input.instance_count;
    destination.count += input.instance_count;
    if source.count == 0 {
        must_have_lent_nothing(tx, &source)?;
        source.cancelled_at = Some(cx.now_seconds());
    }
    client_token::remember(cx, tx, SCOPE, token, digest, vec![from.clone(), to.clone()]);
    usage::put(cx, tx, source.clone());
    usage::put(cx, tx, destination.clone());
    Ok(answer(cx, tx, &source, &destination, input.instance_count))
}

/// What both must share, as the operation's page lists it.
fn must_be_alike(a: &CapacityReservation, b: &CapacityReservation) -> Result<(), ApiError> {
    let shared = [
        ("instance type", a.instance_type == b.instance_type),
        ("platform", a.platform == b.platform),
        ("Availability Zone", a.zone == b.zone),
        ("tenancy", a.tenancy == b.tenancy),
        ("placement group", a.placement_group == b.placement_group),
        ("end time", a.end_date == b.end_date),
    ];
    let refused = |message: String| Err(ApiError::new("InvalidParameterValue", message));
    if a.id == b.id {
        return refused("The source and the destination Capacity Reservation must be different.".to_owned());
    }
    match shared.into_iter().find(|(_, same)| !same) {
        Some((what, _)) => refused(format!(
            "The source and the destination Capacity Reservation must have the same {what}: '{}', '{}'.",
            a.id, b.id
        )),
        None => Ok(()),
    }
}

fn answer(
    cx: &Cx,
    world: &World,
    source: &CapacityReservation,
    destination: &CapacityReservation,
    instance_count: i64,
) -> Transferred {
    Transferred {
        source_capacity_reservation: out(cx, world, source),
        destination_capacity_reservation: out(cx, world, destination),
        instance_count,
    }
}
