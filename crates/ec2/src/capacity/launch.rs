//! Which reservation an instance runs in: the one its launch names, else an open one that fits.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-reservations-launch.html>

use std::sync::Arc;

use service::prelude::*;

use super::{CapacityReservation, block};
use crate::capacity::manager::usage;
use crate::instance::run::input::RunInstances;
use crate::instance::{Instance, Market};
use crate::resource;
use crate::spot;

/// What an instance must be like to run in a reservation.
#[derive(Debug, Clone, Copy)]
pub struct Likeness<'a> {
    pub instance_type: &'a str,
    pub platform: &'a str,
    pub zone: &'a str,
    pub tenancy: &'a str,
}

/// How an instance is meant for reservations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// For any that is open.
    Open,
    /// For an open one, or not at all.
    Only,
    /// For none.
    Never,
    /// For that one, on that market.
    One(String, Option<Market>),
}

/// The market of reserved capacity that a launch names.
pub fn market(input: &RunInstances) -> Option<Market> {
    Market::of(input.instance_market_options.as_ref()?.market_type.as_deref()?)
}

/// A launch on such a market says for which reservation it is. The words are not recorded.
pub fn check_market(input: &RunInstances) -> Result<(), ApiError> {
    match (market(input), meant(input)) {
        (None, _) | (Some(_), Meant::One(..)) => Ok(()),
        (Some(market), _) => Err(ApiError::new(
            "InvalidParameterCombination",
            format!("You must specify a Capacity Reservation ID if the market type is {}.", market.word()),
        )),
    }
}

/// Seen at AWS for a launch into a Capacity Block without its market type
/// (<https://github.com/terraform-aws-modules/terraform-aws-ec2-instance/pull/404>).
fn wrong_market() -> ApiError {
    ApiError::new(
        "InvalidParameterValue",
        "The market type (purchasing) option is not valid. Choose a different market type and try again",
    )
}

/// What a launch asks for. Spot instances run in no reservation.
pub fn meant(input: &RunInstances) -> Meant {
    if spot::launch::options(input.instance_market_options.as_ref()).is_some() {
        return Meant::Never;
    }
    let wish = input.capacity_reservation_specification.as_ref();
    let target = wish.and_then(|wish| wish.capacity_reservation_target.as_ref());
    if let Some(id) = target.and_then(|target| target.capacity_reservation_id.clone()) {
        return Meant::One(id, market(input));
    }
    match wish.and_then(|wish| wish.capacity_reservation_preference.as_deref()) {
        Some("none") => Meant::Never,
        Some("capacity-reservations-only") => Meant::Only,
        _ => Meant::Open,
    }
}

/// The operation's own action on the reservation that is named.
pub fn check(cx: &Cx, world: &World, meant: &Meant) -> Option<Check> {
    match meant {
        Meant::One(id, _) => Some(resource::check_on::<CapacityReservation>(cx, world, id)),
        Meant::Open | Meant::Only | Meant::Never => None,
    }
}

/// The reservation for so many instances like that; `None` if they need none.
pub fn find(
    cx: &Cx,
    world: &World,
    meant: &Meant,
    like: Likeness<'_>,
    count: i64,
) -> Result<Option<Arc<CapacityReservation>>, ApiError> {
    let fits = |held: &CapacityReservation| held.is_for(cx, like) && held.available(world) >= count;
    match meant {
        Meant::Never => Ok(None),
        Meant::One(id, market) => {
            let held = resource::get::<CapacityReservation>(world, cx, id)?;
            if held.market() != *market {
                return Err(wrong_market());
            }
            if fits(&held) { Ok(Some(held)) } else { Err(exceeded()) }
        }
        Meant::Open | Meant::Only => {
            let parts = [cx.account().to_string(), cx.region_name().to_owned(), like.instance_type.to_owned()];
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let mut all = world.by::<CapacityReservation>(CapacityReservation::BY_TYPE, &parts);
            let found = all.find(|held| held.open && fits(held)).cloned();
            if found.is_none() && *meant == Meant::Only { Err(exceeded()) } else { Ok(found) }
        }
    }
}

/// AWS's words for a reservation without room and for one that does not fit.
fn exceeded() -> ApiError {
    ApiError::new(
        "ReservationCapacityExceeded",
        "The requested reservation does not have sufficient compatible and available capacity for this request.",
    )
}

impl CapacityReservation {
    /// A Capacity Block takes none any more once its instances have to end.
    fn admits_launches(&self, now: Timestamp) -> bool {
        let ends = self.end_date.filter(|_| self.block_id.is_some());
        ends.is_none_or(|end| block::instances_end_before(end) > now)
    }

    fn is_for(&self, cx: &Cx, like: Likeness<'_>) -> bool {
        self.holds(cx.now)
            && self.admits_launches(cx.now)
            && self.instance_type == like.instance_type
            && self.platform == like.platform
            && self.zone == like.zone
            && self.tenancy == like.tenancy
    }
}

/// The reservation that a stopped instance runs in when it is started again, as its attributes ask.
pub fn again(cx: &Cx, world: &World, instance: &Instance) -> Result<Option<String>, ApiError> {
    if instance.spot_request_id.is_some() {
        return Ok(None);
    }
    let meant =
        match (&instance.attributes.capacity_target, instance.attributes.capacity_reservation_preference.as_str()) {
            (Some(id), _) => Meant::One(id.clone(), instance.market),
            // What was launched on such a market runs nowhere else.
            (None, _) if instance.market.is_some() => return Err(wrong_market()),
            (None, "none") => Meant::Never,
            (None, "capacity-reservations-only") => Meant::Only,
            _ => Meant::Open,
        };
    let like = Likeness {
        instance_type: &instance.instance_type,
        platform: instance.image.platform_details.as_deref().unwrap_or_default(),
        zone: &instance.placement.zone,
        tenancy: &instance.placement.tenancy,
    };
    Ok(find(cx, world, &meant, like, 1)?.map(|held| held.id.clone()))
}

/// The instances that run in it go on without it.
pub fn leave(cx: &Cx, tx: &mut Tx, held: &CapacityReservation) {
    let instances: Vec<Arc<Instance>> = held.instances(tx).cloned().collect();
    for instance in instances {
        usage::ends(cx, tx, &instance, false);
        let key = [held.account.as_str(), &held.region, &instance.id];
        tx.update::<Instance>(&key, |it| it.capacity_reservation_id = None);
    }
}
