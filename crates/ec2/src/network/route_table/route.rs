//! CreateRoute, ReplaceRoute and DeleteRoute. A route has one destination and one target.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html>

use ipnet::{IpNet, Ipv4Net};
use service::prelude::*;

use super::association::{different_networks, must_be_gateway_of};
use super::{Origin, Route, RouteTable};
use crate::family::{Item, prefix_list, target};
use crate::instance::Instance;
use crate::kind;
use crate::network::subnet::Subnet;
use crate::network::vpc::Vpc;
use crate::network::{cidr, interface, must_have_room};
use crate::refused::{invalid, several_interfaces};
use crate::resource;

/// What CreateRoute and ReplaceRoute have in common.
macro_rules! puts_a_route {
    ($(#[$doc:meta])* $name:ident { $($more:ident: $kind:ty)? }) => {
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize, Shaped)]
        pub struct $name {
            pub route_table_id: String,
            pub destination_cidr_block: Option<String>,
            pub destination_ipv6_cidr_block: Option<String>,
            pub destination_prefix_list_id: Option<String>,
            pub gateway_id: Option<String>,
            pub instance_id: Option<String>,
            pub network_interface_id: Option<String>,
            pub carrier_gateway_id: Option<String>,
            pub egress_only_internet_gateway_id: Option<String>,
            pub local_gateway_id: Option<String>,
            pub nat_gateway_id: Option<String>,
            pub transit_gateway_id: Option<String>,
            pub vpc_endpoint_id: Option<String>,
            pub vpc_peering_connection_id: Option<String>,
            $(pub $more: $kind,)?
            pub dry_run: Option<bool>,
        }

        impl $name {
            fn destination(&self) -> Result<String, ApiError> {
                destination(
                    self.destination_cidr_block.as_deref(),
                    self.destination_ipv6_cidr_block.as_deref(),
                    self.destination_prefix_list_id.as_deref(),
                )
            }

            /// The targets that are given, by parameter.
            fn targets(&self) -> Vec<Target<'_>> {
                let all = [
                    ("gatewayId", &self.gateway_id),
                    ("instanceId", &self.instance_id),
                    ("networkInterfaceId", &self.network_interface_id),
                    ("carrierGatewayId", &self.carrier_gateway_id),
                    ("egressOnlyInternetGatewayId", &self.egress_only_internet_gateway_id),
                    ("localGatewayId", &self.local_gateway_id),
                    ("natGatewayId", &self.nat_gateway_id),
                    ("transitGatewayId", &self.transit_gateway_id),
                    ("vpcEndpointId", &self.vpc_endpoint_id),
                    ("vpcPeeringConnectionId", &self.vpc_peering_connection_id),
                ];
                all.into_iter().filter_map(|(name, id)| Some((name, id.as_deref()?))).collect()
            }
        }
    };
}

puts_a_route! {
    /// `CreateRouteRequest`.
    CreateRoute {}
}

puts_a_route! {
    /// `ReplaceRouteRequest`.
    ReplaceRoute { local_target: Option<bool> }
}

/// `CreateRouteResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub r#return: bool,
}

/// `DeleteRouteRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteRoute {
    pub route_table_id: String,
    pub destination_cidr_block: Option<String>,
    pub destination_ipv6_cidr_block: Option<String>,
    pub destination_prefix_list_id: Option<String>,
    pub dry_run: Option<bool>,
}

/// CreateRoute on the table.
pub fn to_create(cx: &Cx, world: &World, input: &CreateRoute) -> Vec<Check> {
    vec![resource::check_on::<RouteTable>(cx, world, &input.route_table_id)]
}

/// ReplaceRoute on the table.
pub fn to_replace(cx: &Cx, world: &World, input: &ReplaceRoute) -> Vec<Check> {
    vec![resource::check_on::<RouteTable>(cx, world, &input.route_table_id)]
}

/// DeleteRoute on the table.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteRoute) -> Vec<Check> {
    vec![resource::check_on::<RouteTable>(cx, world, &input.route_table_id)]
}

/// The one destination, in its canonical form.
fn destination(ipv4: Option<&str>, ipv6: Option<&str>, prefix_list: Option<&str>) -> Result<String, ApiError> {
    match (ipv4, ipv6, prefix_list) {
        (Some(text), None, None) => Ok(cidr::ipv4(text, "destinationCidrBlock")?.to_string()),
        (None, Some(text), None) => Ok(cidr::ipv6(text, "destinationIpv6CidrBlock")?.to_string()),
        (None, None, Some(id)) => Ok(id.to_owned()),
        none_or_many => {
            let code = match none_or_many {
                (None, None, None) => "MissingParameter",
                _ => "InvalidParameterCombination",
            };
            let message = "The request must contain exactly one of: destinationCidrBlock, destinationIpv6CidrBlock, destinationPrefixListId";
            Err(ApiError::new(code, message))
        }
    }
}

/// Targets of the families, and the errors for those that are not there.
const OTHERS: [(&str, &str, &str); 7] = [
    ("carrierGatewayId", "InvalidCarrierGatewayID.NotFound", "The carrierGateway ID '{}' does not exist"),
    ("egressOnlyInternetGatewayId", "InvalidGatewayID.NotFound", "The gateway ID '{}' does not exist"),
    ("localGatewayId", "InvalidLocalGatewayID.NotFound", "The localGateway ID '{}' does not exist"),
    ("natGatewayId", "InvalidNatGatewayID.NotFound", "The natGateway ID '{}' does not exist"),
    ("transitGatewayId", "InvalidTransitGatewayID.NotFound", "The transitGateway ID '{}' does not exist"),
    ("vpcEndpointId", "InvalidVpcEndpointId.NotFound", "The vpcEndpoint ID '{}' does not exist"),
    (
        "vpcPeeringConnectionId",
        "InvalidVpcPeeringConnectionID.NotFound",
        "The vpcPeeringConnection ID '{}' does not exist",
    ),
];

/// The targets there are, as AWS names them where not exactly one is given.
const ONE_OF: &str = "The request must contain exactly one of gatewayId, localGatewayId, carrierGatewayId, natGatewayId, networkInterfaceId, \
    vpcPeeringConnectionId, egressOnlyInternetGatewayId, transitGatewayId, vpcEndpointId, coreNetworkArn or instanceId";

/// A parameter and an id.
type Target<'a> = (&'static str, &'a str);

/// The one target; `more` says what else there could be.
fn one_of<'a>(targets: &[Target<'a>], more: &str) -> Result<Target<'a>, ApiError> {
    let code = match targets {
        [target] => return Ok(*target),
        [] => "MissingParameter",
        _ => "InvalidParameterCombination",
    };
    Err(ApiError::new(code, format!("{ONE_OF}{more}")))
}

/// A route to the target.
fn route(
    cx: &Cx,
    world: &World,
    table: &RouteTable,
    destination: String,
    target: Target<'_>,
) -> Result<Route, ApiError> {
    let blank = Route { destination, gateway_id: None, network_interface_id: None, origin: Origin::CreateRoute };
    let through = |id: String| Route { network_interface_id: Some(id), ..blank.clone() };
    match target {
        ("gatewayId", id) => {
            must_be_gateway_of(cx, world, table, id)?;
            Ok(Route { gateway_id: Some(id.to_owned()), ..blank })
        }
        ("networkInterfaceId", id) => Ok(through(interface_in(cx, world, table, id)?)),
        ("instanceId", id) => Ok(through(interface_of(cx, world, table, id)?)),
        (parameter, id) => {
            must_be_target(cx, world, table, parameter, id)?;
            must_take_family(parameter, &blank.destination)?;
            Ok(Route { gateway_id: Some(id.to_owned()), ..blank })
        }
    }
}

/// The other targets are told as families.
fn must_be_target(cx: &Cx, world: &World, table: &RouteTable, parameter: &str, id: &str) -> Result<(), ApiError> {
    let (_, code, text) = OTHERS.iter().find(|(name, ..)| *name == parameter).unwrap_or(&OTHERS[0]);
    // A transit gateway that the VPC is not attached to counts as none.
    let is_seen = |item: &Item| parameter != "transitGatewayId" || target::serves(cx, world, item, &table.vpc_id);
    let target = target::look_up(world, cx, parameter, id).filter(|item| is_seen(item));
    let target = target.ok_or_else(|| ApiError::new(*code, text.replace("{}", id)))?;
    match target::serves(cx, world, &target, &table.vpc_id) {
        true => Ok(()),
        false => Err(different_networks(&table.id, "network gateway", id)),
    }
}

/// The model says of an egress-only internet gateway that it is for IPv6 traffic only; the text is ours.
fn must_take_family(parameter: &str, destination: &str) -> Result<(), ApiError> {
    if parameter != "egressOnlyInternetGatewayId" || destination.parse::<Ipv4Net>().is_err() {
        return Ok(());
    }
    let message = format!("The destination {destination} is of IPv4; an egress-only internet gateway takes IPv6 only.");
    Err(ApiError::new("InvalidParameterValue", message))
}

/// The route that a gateway endpoint put into the table, which comes and goes with the endpoint: from one of AWS's lists.
fn is_endpoints_own(cx: &Cx, held: &Route) -> bool {
    let leads_there = held.gateway_id.as_deref().is_some_and(|id| id.starts_with("vpce-"));
    leads_there && prefix_list::aws::lists(cx).iter().any(|list| list.id == held.destination)
}

fn interface_in(cx: &Cx, world: &World, table: &RouteTable, id: &str) -> Result<String, ApiError> {
    let found = interface::get(world, cx, id)?;
    match found.vpc_id == table.vpc_id {
        true => Ok(found.id.clone()),
        false => Err(different_networks(&table.id, "interface", id)),
    }
}

/// The one interface of an instance.
fn interface_of(cx: &Cx, world: &World, table: &RouteTable, id: &str) -> Result<String, ApiError> {
    resource::get::<Instance>(world, cx, id)?;
    let found = interface::of_instance(world, cx.account(), cx.region_name(), id);
    match found.as_slice() {
        [one] => interface_in(cx, world, table, &one.id),
        [] => Err(crate::kind::INSTANCE.not_found(&[id])),
        _ => Err(several_interfaces("InvalidInstanceID", id)),
    }
}

/// Blocks where every instance finds the metadata, the time and names.
const RESERVED: [&str; 2] = ["169.254.168.0/22", "fd00:ec2::/32"];

/// "You can't add routes to addresses that are an exact match or a subset of" these, says
/// <https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html>; the text is ours.
fn must_not_be_reserved(destination: &str) -> Result<(), ApiError> {
    let Ok(block) = destination.parse::<IpNet>() else { return Ok(()) };
    let holds = |reserved: &&&str| reserved.parse::<IpNet>().is_ok_and(|reserved| reserved.contains(&block));
    match RESERVED.iter().find(holds) {
        Some(reserved) => Err(invalid(format!("The destination {block} is within the reserved range {reserved}."))),
        None => Ok(()),
    }
}

/// Adds a route.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateRoute) -> Result<Created, ApiError> {
    let destination = input.destination()?;
    must_not_be_reserved(&destination)?;
    let table = resource::get::<RouteTable>(tx, cx, &input.route_table_id)?;
    input.destination_prefix_list_id.as_deref().map_or(Ok(()), |id| prefix_list::find(tx, cx, id).map(drop))?;
    let route = route(cx, tx, &table, destination, one_of(&input.targets(), "")?)?;
    if let Some(held) = table.routes.iter().find(|held| held.destination == route.destination) {
        // The same route once more is no error.
        if held.gateway_id == route.gateway_id && held.network_interface_id == route.network_interface_id {
            return Ok(Created { r#return: true });
        }
        let message = format!("The route identified by {} already exists.", route.destination);
        return Err(ApiError::new("RouteAlreadyExists", message));
    }
    if let Some(block) = block_within(cx, tx, &table, &route) {
        must_not_cut(&block, &route)?;
        must_be_of_a_subnet(tx, &table, &block)?;
    }
    must_have_room(cx, || table.routes.len(), 500, "RouteLimitExceeded", "routes")?;
    resource::update::<RouteTable>(tx, cx, &table.id, |table| table.routes.push(route));
    Ok(Created { r#return: true })
}

/// The destination as a block within the table's VPC: a route to it is as specific as the local one, or more.
fn block_within(cx: &Cx, world: &World, table: &RouteTable, route: &Route) -> Option<IpNet> {
    let block = route.destination.parse().ok()?;
    let vpc = resource::look_up::<Vpc>(world, cx, &table.vpc_id)?;
    vpc.blocks().any(|held| held.contains(&block)).then_some(block)
}

/// Traffic within the VPC can be sent to an interface, a NAT gateway or a Gateway Load Balancer's endpoint, never out of it, says the VPC user guide on
/// routing through a middlebox; AWS's text names less. <https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html>
fn must_not_cut(block: &IpNet, route: &Route) -> Result<(), ApiError> {
    let stays = |id: &str| kind::NAT_GATEWAY.is_id(id) || kind::VPC_ENDPOINT.is_id(id);
    if route.network_interface_id.is_some() || route.gateway_id.as_deref().is_some_and(stays) {
        return Ok(());
    }
    let message = format!(
        "The destination CIDR block {block} is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an \
         interface or an instance."
    );
    Err(ApiError::new("InvalidParameterValue", message))
}

/// A route that is more specific than the local one is for a whole subnet. The text is AWS's, quoted by users of Terraform who met it.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html>
fn must_be_of_a_subnet(world: &World, table: &RouteTable, block: &IpNet) -> Result<(), ApiError> {
    let of_vpc = [table.account.as_str(), &table.region, &table.vpc_id];
    if world.by::<Subnet>(Subnet::BY_VPC, &of_vpc).any(|subnet| subnet.has_block(block)) {
        return Ok(());
    }
    Err(ApiError::new("InvalidParameterValue", "Route destination doesn't match any subnet CIDR blocks."))
}

/// The local target, which has no id.
const TO_LOCAL: Target<'static> = ("localTarget", "");

/// Gives a route another target. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRoute.html>
pub fn replace(cx: &Cx, tx: &mut Tx, input: &ReplaceRoute) -> Result<Done, ApiError> {
    let destination = input.destination()?;
    let table = resource::get::<RouteTable>(tx, cx, &input.route_table_id)?;
    let mut targets = input.targets();
    targets.extend((input.local_target == Some(true)).then_some(TO_LOCAL));
    let target = one_of(&targets, ", or must have localTarget set to true")?;
    let Some(held) = table.routes.iter().find(|held| held.destination == destination) else {
        let message =
            format!("There is no route defined for '{destination}' in the route table. Use CreateRoute instead.");
        return Err(ApiError::new("InvalidParameterValue", message));
    };
    if is_endpoints_own(cx, held) {
        let message = format!("cannot replace VPC endpoint route {destination} in route table {}", table.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let renewed = if target == TO_LOCAL {
        if !held.is_local() {
            return Err(invalid("local-target only allowed with network local destination CIDRs"));
        }
        Route { gateway_id: Some("local".to_owned()), network_interface_id: None, ..held.clone() }
    } else {
        let renewed = route(cx, tx, &table, destination, target)?;
        block_within(cx, tx, &table, &renewed).map_or(Ok(()), |block| must_not_cut(&block, &renewed))?;
        Route { origin: held.origin, ..renewed }
    };
    resource::update::<RouteTable>(tx, cx, &table.id, |table| {
        table.routes.iter_mut().filter(|it| it.destination == renewed.destination).for_each(|it| *it = renewed.clone());
    });
    Ok(Done {})
}

/// Takes a route out of the table. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRoute.html>
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteRoute) -> Result<Done, ApiError> {
    let destination = destination(
        input.destination_cidr_block.as_deref(),
        input.destination_ipv6_cidr_block.as_deref(),
        input.destination_prefix_list_id.as_deref(),
    )?;
    let table = resource::get::<RouteTable>(tx, cx, &input.route_table_id)?;
    let Some(held) = table.routes.iter().find(|held| held.destination == destination) else {
        let kind = match destination.starts_with("pl-") {
            true => "destination-prefix-list-id",
            false if destination.contains(':') => "destination-ipv6-cidr-block",
            false => "destination-cidr-block",
        };
        let message = format!("no route with {kind} {destination} in route table {}", table.id);
        return Err(ApiError::new("InvalidRoute.NotFound", message));
    };
    if held.is_local() {
        let message = format!("cannot remove local route {destination} in route table {}", table.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if is_endpoints_own(cx, held) {
        let message = format!("cannot remove VPC endpoint route {destination} in route table {}", table.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    resource::update::<RouteTable>(tx, cx, &table.id, |table| table.routes.retain(|it| it.destination != destination));
    Ok(Done {})
}
