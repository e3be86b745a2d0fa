//! DescribeCapacityReservationTopology: where in the network the capacity is, in the tree that instances hang on too ([`crate::instance::topology`]).
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeCapacityReservationTopology.html>

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::CapacityReservation;
use crate::instance::topology::{is_supported, nodes_of};
use crate::resource::{self, Wanted};

/// `DescribeCapacityReservationTopologyRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeCapacityReservationTopology {
    pub capacity_reservation_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeCapacityReservationTopologyResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Topology {
    pub capacity_reservations: Vec<PlaceOut>,
    pub next_token: Option<String>,
}

/// `CapacityReservationTopology`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct PlaceOut {
    pub capacity_reservation_id: String,
    pub state: &'static str,
    pub instance_type: String,
    pub group_name: Option<String>,
    pub network_nodes: Vec<String>,
    pub availability_zone: String,
    pub availability_zone_id: String,
}

static FIELDS: Fields<PlaceOut> = Fields {
    fields: &[
        ("availability-zone", |it, values| values.push(it.availability_zone.as_str())),
        ("instance-type", |it, values| values.push(it.instance_type.as_str())),
    ],
    tags: None,
};

/// The most of a page, and the most that can be named.
const MOST: usize = 10;

/// The place of each reservation named, or of all that are pending or active.
pub fn describe(cx: &Cx, world: &World, input: &DescribeCapacityReservationTopology) -> Result<Topology, ApiError> {
    let ids = input.capacity_reservation_ids.as_deref().unwrap_or_default();
    if !ids.is_empty() && input.max_results.is_some() {
        return Err(crate::refused::not_together("capacityReservationIdSet", "maxResults"));
    }
    if ids.len() > MOST {
        return Err(crate::refused::invalid(format!(
            "Too many Capacity Reservation IDs are specified: {}. The maximum is {MOST}.",
            ids.len()
        )));
    }
    let wanted = Wanted {
        ids: input.capacity_reservation_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: if ids.is_empty() { input.max_results.or(i64::try_from(MOST).ok()) } else { None },
        next_token: input.next_token.as_deref(),
    };
    let all = || -> Box<dyn Iterator<Item = _>> {
        Box::new(resource::all::<CapacityReservation>(cx, world).filter(|held| held.holds(cx.now)))
    };
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, |held| out(cx, held))?;
    Ok(Topology { capacity_reservations: page.items, next_token: page.next })
}

fn out(cx: &Cx, held: &CapacityReservation) -> PlaceOut {
    let there = held.holds(cx.now) && is_supported(&held.instance_type);
    let nodes = || nodes_of(held.account, &held.zone_id, &[held.id.as_bytes()]);
    PlaceOut {
        capacity_reservation_id: held.id.clone(),
        state: held.state(cx.now, cx.settings.states),
        instance_type: held.instance_type.clone(),
        group_name: held.placement_group.as_deref().map(|arn| service::arn::last_name(arn).to_owned()),
        network_nodes: if there { nodes() } else { Vec::new() },
        availability_zone: held.zone.clone(),
        availability_zone_id: held.zone_id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::create::CreateCapacityReservation;
    use crate::capacity::tests::{make, targeted};
    use crate::instance::run;
    use crate::instance::run::input::{CapacityTarget, CapacityWish, PlacementWish, RunInstances};
    use crate::instance::tests::wish;
    use crate::instance::topology::{DescribeInstanceTopology, describe as instances};
    use crate::tests::{knows_filters, later, list, refusal, start};

    #[test]
    fn instances_are_where_their_capacity_is() {
        let (cx, mut tx) = start();
        let input = CreateCapacityReservation { instance_type: "g5.xlarge".into(), ..targeted(1) };
        let id = make(&cx, &mut tx, &input);
        make(&later(&cx, 1), &mut tx, &targeted(1));
        let cx = later(&cx, 10);
        let told = describe(&cx, &tx, &DescribeCapacityReservationTopology::default()).unwrap();
        let place = told.capacity_reservations.iter().find(|it| it.capacity_reservation_id == id).unwrap();
        assert_eq!((told.capacity_reservations.len(), place.network_nodes.len()), (2, 3));
        let target = CapacityTarget { capacity_reservation_id: Some(id.clone()) };
        let input = RunInstances {
            instance_type: Some("g5.xlarge".into()),
            placement: Some(PlacementWish { availability_zone: Some("us-east-1a".into()), ..Default::default() }),
            capacity_reservation_specification: Some(CapacityWish {
                capacity_reservation_target: Some(target),
                ..Default::default()
            }),
            ..wish(&cx)
        };
        run::run(&cx, &mut tx, &input).unwrap();
        let running = instances(&later(&cx, 60), &tx, &DescribeInstanceTopology::default()).unwrap().instances;
        assert_eq!(running[0].network_nodes, place.network_nodes);
        knows_filters("DescribeCapacityReservationTopology", |filters| {
            let input = DescribeCapacityReservationTopology { filters, ..Default::default() };
            describe(&cx, &tx, &input).map(|it| it.capacity_reservations.len())
        });
        let both = DescribeCapacityReservationTopology {
            capacity_reservation_ids: list(&[&id]),
            max_results: Some(5),
            ..Default::default()
        };
        assert_eq!(refusal(describe(&cx, &tx, &both)).0, "InvalidParameterCombination");
    }
}
