//! Families: kinds of resources that are regular, each told in one declaration. What creating, describing, modifying and deleting one means is
//! written once, here; a kind with behaviour of its own says it in the functions it hangs in, and one that outgrows them becomes typed code.
//!
//! A [`Family`] says what its kind's members mean: which holds the id, which the state and how that changes with time, what it is made in (and so
//! what can't be deleted before it), what can be filtered by. The rest follows from the model: which member of an answer is the resource, which of
//! the input lists ids. [`FAMILIES`] are all of them, `docs/families.md` shows what each line comes to. Start with [`Family`], then [`verbs`].

use std::sync::Arc;

use serde_json::Value;
use service::prelude::*;

use crate::kind::Kind;

pub mod answers;
pub mod client_vpn;
pub mod cost_allocation;
pub mod describe;
pub mod elastic_gpu;
pub mod endpoint;
pub mod flow_log;
pub mod gateways;
pub mod insights;
pub mod ipam;
pub mod item;
pub mod local_gateway;
pub mod mac_task;
pub mod metric_category;
pub mod mirror;
pub mod nat;
pub mod peering;
pub mod prefix_list;
pub mod route_server;
pub mod secondary;
pub mod status_check;
pub mod target;
#[cfg(test)]
mod tests;
pub mod transit;
pub mod verbs;
pub mod verified_access;
pub mod vpn;

pub use item::Item;

/// A kind of resource and what its members mean.
pub struct Family {
    pub kind: &'static Kind,
    /// The member that holds its id.
    pub id: &'static str,
    /// The member that shows its tags.
    pub tags: &'static str,
    /// The member that names the account it belongs to.
    pub owner: Option<&'static str>,
    /// The member that holds its ARN.
    pub arn: Option<&'static str>,
    /// The member that tells when it was made.
    pub created: Option<&'static str>,
    pub life: Option<Life>,
    /// Where several families share a kind of ids: the member and its value that are this one's. One of them, without it, stands for all in
    /// [`FAMILIES`].
    pub variety: Option<(&'static str, &'static str)>,
    /// What it is made in: the member of the input with an id, and the id's kind. What does not exist refuses the creation; what exists can't be
    /// deleted while this is there; the creation has to be allowed on it.
    pub within: &'static [(&'static str, &'static Kind)],
    /// What requests name besides, in members with an id or a list of them, which operations have to be allowed on as well.
    pub besides: &'static [(&'static str, &'static Kind)],
    /// Condition keys of one to come, drawn from the request.
    pub keys_of_new: fn(&Cx, &World, &Document) -> Vec<(&'static str, String)>,
    /// Members of the document that its answers, filters and condition keys leave out: lists that an operation of their own shows.
    pub hidden: &'static [&'static str],
    /// Members that a new one has without being asked.
    pub defaults: fn(&Cx) -> Value,
    /// Names of filters, `state`, with the path to what they look at where that is not the name in the model's spelling: `state=Status.Code`.
    /// A path that begins with `_` leads to a member that `see` adds for filters alone, and no answer shows.
    pub filters: &'static [&'static str],
    /// Condition keys of the resource, with the paths to their values.
    pub keys: &'static [(&'static str, &'static str)],
    /// Behaviour at creation: checks the input, fills the members, changes what else changes.
    pub fill: fn(&Cx, &mut Tx, &Document, &mut Item) -> Result<(), ApiError>,
    /// One that is there already and is answered instead of a new one that is like it.
    pub same: fn(&Cx, &World, &Item) -> Option<Arc<Item>>,
    /// Those that AWS has in every account; nobody changes them.
    pub built_in: fn(&Cx) -> Vec<Item>,
    /// Whether accounts see those that others share with them.
    pub shared: bool,
    /// Members that are drawn from the state of others when it is shown.
    pub see: fn(&Cx, &World, &Item, &mut Document),
    /// Behaviour at deletion: may refuse, changes what else changes.
    pub release: fn(&Cx, &mut Tx, &Item) -> Result<(), ApiError>,
    /// How a deletion is refused while others are in it.
    pub blocked: fn(&Item, &[String]) -> ApiError,
}

/// The states of a kind in the course of time.
#[derive(Debug, Clone, Copy)]
pub struct Life {
    /// The path to the state.
    pub member: &'static str,
    /// Before it is there, when it is, while it is being deleted, and when it is deleted.
    pub words: [&'static str; 4],
    /// How many seconds AWS takes to make it, about.
    pub seconds: i64,
    /// How long a deleted one is still shown.
    pub shown_for: i64,
}

impl Family {
    /// A family with nothing but an id and tags; declarations say what is more.
    pub const fn of(kind: &'static Kind, id: &'static str) -> Family {
        Family {
            kind,
            id,
            tags: "Tags",
            owner: None,
            arn: None,
            created: None,
            life: None,
            variety: None,
            within: &[],
            besides: &[],
            keys_of_new: |_, _, _| Vec::new(),
            hidden: &[],
            defaults: |_| Value::Null,
            filters: &[],
            keys: &[],
            fill: |_, _, _, _| Ok(()),
            same: |_, _, _| None,
            built_in: |_| Vec::new(),
            shared: false,
            see: |_, _, _, _| {},
            release: |_, _, _| Ok(()),
            blocked: |item, _| {
                let kind = item.kind().map_or("resource", |kind| kind.resource_type);
                crate::resource::has_dependencies(kind, &item.id)
            },
        }
    }
}

impl Family {
    /// Whether an item of the kind is one of this family.
    pub fn has(&self, item: &Item) -> bool {
        self.variety.is_none_or(|(member, value)| item.document.text(member) == Some(value))
    }

    /// The item with that id: the caller's own or, where accounts see those that others share, another's.
    pub fn look_up(&self, cx: &Cx, world: &World, id: &str) -> Option<Arc<Item>> {
        if self.shared { item::visible(world, cx, id) } else { item::look_up(world, cx, id) }
    }

    /// The item of the caller's account and region that may be changed, or the kind's Malformed or NotFound error.
    pub fn alive(&self, cx: &Cx, world: &World, id: &str) -> Result<Arc<Item>, ApiError> {
        let found = item::alive(world, cx, self.kind, id)?;
        if self.has(&found) { Ok(found) } else { Err(self.kind.not_found(&[id])) }
    }
}

/// What a filter of a list of them looks at.
fn path_of(known: &[&str], filter: &str) -> Option<String> {
    known.iter().find_map(|declared| match declared.split_once('=') {
        Some((name, path)) => (name == filter).then(|| path.to_owned()),
        None => (*declared == filter).then(|| spelled(filter)),
    })
}

/// A filter's name as the model would spell it: `customer-gateway-id` is `CustomerGatewayId`.
fn spelled(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('-').map(word).collect()
}

/// All families.
pub static FAMILIES: &[&Family] = &[
    &gateways::CARRIER_GATEWAYS,
    &client_vpn::endpoint::ENDPOINTS,
    &cost_allocation::POLICIES,
    &gateways::CUSTOMER_GATEWAYS,
    &gateways::EGRESS_ONLY_GATEWAYS,
    &endpoint::ENDPOINTS,
    &endpoint::configuration::SERVICES,
    &flow_log::FLOW_LOGS,
    &crate::network::byoip::ipv6_pool::POOLS,
    &insights::analysis::ANALYSES,
    &insights::PATHS,
    &insights::scope::SCOPES,
    &insights::scope::ANALYSES,
    &ipam::IPAMS,
    &ipam::SCOPES,
    &ipam::POOLS,
    &ipam::ALLOCATIONS,
    &ipam::token::TOKENS,
    &ipam::policy::POLICIES,
    &ipam::resolver::RESOLVERS,
    &ipam::rpki::ASSOCIATIONS,
    &ipam::target::TARGETS,
    &ipam::discovery::ASSOCIATIONS,
    &ipam::discovery::DISCOVERIES,
    &local_gateway::outpost::LOCAL_GATEWAYS,
    &local_gateway::table::ROUTE_TABLES,
    &local_gateway::association::OF_GROUPS,
    &local_gateway::association::OF_VPCS,
    &local_gateway::group::GROUPS,
    &local_gateway::interface::INTERFACES,
    &local_gateway::coip::POOLS,
    &local_gateway::outpost::LAGS,
    &local_gateway::outpost::SERVICE_LINKS,
    &mac_task::TASKS,
    &metric_category::CATEGORIES,
    &mirror::FILTERS,
    &mirror::RULES,
    &mirror::SESSIONS,
    &mirror::TARGETS,
    &nat::NAT_GATEWAYS,
    &peering::PEERING_CONNECTIONS,
    &prefix_list::PREFIX_LISTS,
    &route_server::ROUTE_SERVERS,
    &route_server::endpoint::ENDPOINTS,
    &route_server::endpoint::PEERS,
    &secondary::network::NETWORKS,
    &secondary::subnet::SUBNETS,
    &status_check::CHECKS,
    &transit::announcement::ANNOUNCEMENTS,
    &transit::attachment::ATTACHMENTS,
    &transit::connect::CONNECT_PEERS,
    &transit::domain::DOMAINS,
    &transit::gateway::TRANSIT_GATEWAYS,
    &transit::metering::METERING_POLICIES,
    &transit::policy::POLICY_TABLES,
    &transit::table::ROUTE_TABLES,
    &vpn::concentrator::CONCENTRATORS,
    &vpn::connection::VPN_CONNECTIONS,
    &vpn::gateway::VPN_GATEWAYS,
    &verified_access::ENDPOINTS,
    &verified_access::GROUPS,
    &verified_access::INSTANCES,
    &verified_access::PROVIDERS,
];

/// The operations of all families.
pub fn operations() -> Vec<Operation> {
    let modules = [
        client_vpn::operations(),
        cost_allocation::operations(),
        elastic_gpu::operations(),
        endpoint::operations(),
        flow_log::operations(),
        gateways::operations(),
        insights::operations(),
        ipam::operations(),
        local_gateway::operations(),
        mac_task::operations(),
        metric_category::operations(),
        mirror::operations(),
        nat::operations(),
        peering::operations(),
        prefix_list::operations(),
        route_server::operations(),
        secondary::operations(),
        status_check::operations(),
        transit::operations(),
        vpn::operations(),
        verified_access::operations(),
    ];
    modules.into_iter().flatten().collect()
}

/// The family that resources of that kind belong to.
pub fn of_kind(kind: &Kind) -> Option<&'static Family> {
    FAMILIES.iter().copied().find(|family| family.kind == kind)
}

/// The family of that id.
pub fn of_id(id: &str) -> Option<&'static Family> {
    of_kind(crate::kind::of_id(id)?)
}
