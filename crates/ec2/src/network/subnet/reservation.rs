//! Subnet CIDR reservations: addresses of a subnet that nobody gets by chance, kept for prefixes or for those who name them.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-cidr-reservation.html>

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::Subnet;
use crate::kind;
use crate::network::cidr::overlap;
use crate::resource::{self, resource};
use crate::tags::{self, TagSpecification};

/// A reservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    pub account: AccountId,
    pub region: String,
    /// `scr-…`
    pub id: String,
    pub subnet_id: String,
    pub cidr: IpNet,
    /// `prefix` or `explicit`
    pub reservation_type: String,
    pub description: Option<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl Reservation {
    /// (account, region, subnet).
    pub const BY_SUBNET: usize = 0;

    /// Whether prefixes are to be taken out of it.
    pub fn is_for_prefixes(&self) -> bool {
        self.reservation_type == "prefix"
    }

    /// The block, if it is of IPv4 addresses.
    pub fn ipv4(&self) -> Option<Ipv4Net> {
        if let IpNet::V4(block) = self.cidr { Some(block) } else { None }
    }

    /// The block, if it is of IPv6 addresses.
    pub fn ipv6(&self) -> Option<Ipv6Net> {
        if let IpNet::V6(block) = self.cidr { Some(block) } else { None }
    }
}

impl Record for Reservation {
    const TABLE: TableDef = TableDef::own("ec2_subnet_cidr_reservation", &["account", "region", "id"], &["subnet_id"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_subnet", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.subnet_id.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_SUBNET, &[self.account.as_str(), &self.region, &self.subnet_id]);
    }
}

resource!(Reservation, kind::SUBNET_CIDR_RESERVATION);

/// The reservations of a subnet, in the order of their ids.
pub fn of_subnet(world: &World, subnet: &Subnet) -> Vec<Reservation> {
    let parts = [subnet.account.as_str(), &subnet.region, &subnet.id];
    world.by::<Reservation>(Reservation::BY_SUBNET, &parts).map(|one| Reservation::clone(one)).collect()
}

/// `CreateSubnetCidrReservationRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateReservation {
    pub subnet_id: String,
    pub cidr: String,
    pub reservation_type: String,
    pub description: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `CreateSubnetCidrReservationResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub subnet_cidr_reservation: ReservationOut,
}

/// `SubnetCidrReservation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ReservationOut {
    pub subnet_cidr_reservation_id: String,
    pub subnet_id: String,
    pub cidr: String,
    pub reservation_type: String,
    pub owner_id: String,
    pub description: Option<String>,
    pub tags: Option<Vec<Tag>>,
}

/// `DeleteSubnetCidrReservationRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteReservation {
    pub subnet_cidr_reservation_id: String,
    pub dry_run: Option<bool>,
}

/// `DeleteSubnetCidrReservationResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Deleted {
    pub deleted_subnet_cidr_reservation: ReservationOut,
}

/// `GetSubnetCidrReservationsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetReservations {
    pub subnet_id: String,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `GetSubnetCidrReservationsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Reservations {
    pub subnet_ipv4_cidr_reservations: Vec<ReservationOut>,
    pub subnet_ipv6_cidr_reservations: Vec<ReservationOut>,
    pub next_token: Option<String>,
}

static FIELDS: Fields<ReservationOut> = Fields {
    fields: &[
        ("reservationType", |it, values| values.push(it.reservation_type.as_str())),
        ("subnet-id", |it, values| values.push(it.subnet_id.as_str())),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// CreateSubnetCidrReservation on the subnet, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateReservation) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref().unwrap_or_default();
    let tagging = tags::tag_on_create_checks(cx, specifications, "CreateSubnetCidrReservation");
    std::iter::once(super::check_on(cx, world, &input.subnet_id)).chain(tagging).collect()
}

/// Keeps a part of the subnet back that is not kept back yet. The texts are AWS's (seen in hashicorp/terraform-provider-aws issue 45304 and in
/// moto's tests against AWS).
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateReservation) -> Result<Created, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::SUBNET_CIDR_RESERVATION.resource_type)?;
    let subnet = super::get(tx, cx, &input.subnet_id)?;
    let cidr = input.cidr.parse::<IpNet>().map(|block| block.trunc()).map_err(|_| {
        let message = format!("Value ({}) for parameter cidr is invalid. This is not a valid CIDR block.", input.cidr);
        ApiError::new("InvalidParameterValue", message)
    })?;
    let whole = match (cidr, &subnet.ipv6_block) {
        (IpNet::V6(_), Some(block)) => IpNet::V6(block.cidr),
        _ => IpNet::V4(subnet.cidr),
    };
    if !whole.contains(&cidr) {
        let message = format!("Reservation CIDR should be within subnet CIDR block ({whole})");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if of_subnet(tx, &subnet).iter().any(|held| overlap(held.cidr, cidr)) {
        let message = format!("Reservation CIDR {cidr} has overlap with existing reserved CIDR block");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let reservation = Reservation {
        account: subnet.account,
        region: subnet.region.clone(),
        id: cx.ids.ec2(kind::SUBNET_CIDR_RESERVATION.prefix),
        subnet_id: subnet.id.clone(),
        cidr,
        reservation_type: input.reservation_type.clone(),
        description: input.description.clone(),
        tags,
    };
    let created = Created { subnet_cidr_reservation: out(&reservation) };
    tx.put(reservation);
    Ok(created)
}

/// Gives what was kept back free. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnetCidrReservation.html>
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteReservation) -> Result<Deleted, ApiError> {
    let held = resource::get::<Reservation>(tx, cx, &input.subnet_cidr_reservation_id)?;
    resource::remove::<Reservation>(tx, cx, &held.id);
    Ok(Deleted { deleted_subnet_cidr_reservation: out(&held) })
}

/// The reservations of a subnet. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetSubnetCidrReservations.html>
pub fn get_all(cx: &Cx, world: &World, input: &GetReservations) -> Result<Reservations, ApiError> {
    let subnet = super::get(world, cx, &input.subnet_id)?;
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let held = of_subnet(world, &subnet);
    let found = held.iter().map(out).filter(|one| chosen.admit(one));
    let scope = format!("subnet-cidr-reservation {} {:?}", subnet.id, input.filters);
    let key = |one: &ReservationOut| one.subnet_cidr_reservation_id.clone();
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, found, key)?;
    let (ipv6, ipv4) = page.items.into_iter().partition(|one| one.cidr.contains(':'));
    Ok(Reservations { subnet_ipv4_cidr_reservations: ipv4, subnet_ipv6_cidr_reservations: ipv6, next_token: page.next })
}

fn out(held: &Reservation) -> ReservationOut {
    ReservationOut {
        subnet_cidr_reservation_id: held.id.clone(),
        subnet_id: held.subnet_id.clone(),
        cidr: held.cidr.to_string(),
        reservation_type: held.reservation_type.clone(),
        owner_id: held.account.to_string(),
        description: held.description.clone(),
        tags: resource::tags_out(&held.tags),
    }
}
