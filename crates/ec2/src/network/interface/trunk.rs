//! Branch interfaces on trunk interfaces: one card of an instance that carries the traffic of many interfaces, told apart by a VLAN or a GRE key. The
//! branch's record holds the association. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateTrunkInterface.html>

use std::sync::Arc;

use service::cx::States;
use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::NetworkInterface;
use crate::instance::client_token;
use crate::refused::{invalid_value, missing, no_such_association};
use crate::resource;

/// What interfaces are made as by default.
pub const USUAL: &str = "interface";
/// What they are made as otherwise.
pub const BRANCH: &str = "branch";
pub const TRUNK: &str = "trunk";

/// What a branch is associated with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Association {
    /// `trunk-assoc-…`
    pub id: String,
    pub trunk_id: String,
    /// How the trunk tells the branch's traffic apart: by one of the two.
    pub vlan_id: Option<i64>,
    pub gre_key: Option<i64>,
}

impl NetworkInterface {
    /// Whether it is on a trunk, a service's, or an instance's, one that it is about to leave included: what is one of these cannot become another.
    pub fn is_taken(&self, now: Timestamp, states: States) -> bool {
        self.trunk.is_some() || self.managed.is_some() || self.attachment_at(now, states).is_some()
    }
}

/// `AssociateTrunkInterfaceRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct AssociateTrunkInterface {
    pub branch_interface_id: String,
    pub trunk_interface_id: String,
    pub vlan_id: Option<i64>,
    pub gre_key: Option<i64>,
    pub client_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `AssociateTrunkInterfaceResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Associated {
    pub interface_association: AssociationOut,
    pub client_token: Option<String>,
}

/// `DisassociateTrunkInterfaceRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct DisassociateTrunkInterface {
    pub association_id: String,
    pub client_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DisassociateTrunkInterfaceResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Disassociated {
    pub r#return: bool,
    pub client_token: Option<String>,
}

/// `DescribeTrunkInterfaceAssociationsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeTrunkInterfaceAssociations {
    pub association_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeTrunkInterfaceAssociationsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Associations {
    pub interface_associations: Vec<AssociationOut>,
    pub next_token: Option<String>,
}

/// `TrunkInterfaceAssociation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct AssociationOut {
    pub association_id: String,
    pub branch_interface_id: String,
    pub trunk_interface_id: String,
    pub interface_protocol: &'static str,
    pub vlan_id: Option<i64>,
    pub gre_key: Option<i64>,
}

static FIELDS: Fields<AssociationOut> = Fields {
    fields: &[
        ("gre-key", |it, values| it.gre_key.iter().for_each(|key| values.push(key.to_string()))),
        ("interface-protocol", |it, values| values.push(it.interface_protocol)),
    ],
    tags: None,
};

/// The interface of that id, which was made as one of that type.
fn of_type(cx: &Cx, world: &World, id: &str, wanted: &str) -> Result<Arc<NetworkInterface>, ApiError> {
    let found = super::get(world, cx, id)?;
    match found.interface_type.as_deref() == Some(wanted) {
        true => Ok(found),
        false => {
            let message = format!("The network interface '{id}' is not of type {wanted}.");
            Err(ApiError::new("InvalidParameterValue", message))
        }
    }
}

/// The branches of a trunk, or the branch of an association.
fn under<'w>(cx: &Cx, world: &'w World, id: &str) -> impl Iterator<Item = &'w Arc<NetworkInterface>> + use<'w> {
    let account = cx.account();
    let key = [account.as_str(), cx.region_name(), id];
    world.by::<NetworkInterface>(NetworkInterface::BY_TRUNK, &key)
}

/// What a trunk tells a branch apart by: a VLAN's number, or a key.
fn must_be_free(cx: &Cx, world: &World, input: &AssociateTrunkInterface) -> Result<(), ApiError> {
    match (input.vlan_id, input.gre_key) {
        (Some(_), Some(_)) => {
            let message = "The parameters VlanId and GreKey cannot be used together.";
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
        (None, None) => return Err(missing("VlanId or GreKey")),
        (Some(vlan), None) if !(1..=4_094).contains(&vlan) => return Err(invalid_value(vlan, "VlanId")),
        (None, Some(key)) if key < 0 => return Err(invalid_value(key, "GreKey")),
        _ => {}
    }
    let same = |held: &Association| (held.vlan_id, held.gre_key) == (input.vlan_id, input.gre_key);
    if under(cx, world, &input.trunk_interface_id).filter_map(|it| it.trunk.as_deref()).any(same) {
        let message = format!("The network interface '{}' uses it for another branch.", input.trunk_interface_id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    Ok(())
}

pub fn associate(cx: &Cx, tx: &mut Tx, input: &AssociateTrunkInterface) -> Result<Associated, ApiError> {
    let (scope, token) = ("AssociateTrunkInterface", input.client_token.as_deref());
    let digest = client_token::digest(&AssociateTrunkInterface { client_token: None, dry_run: None, ..input.clone() });
    let made = client_token::seen(cx, tx, scope, token, &digest)?;
    if let Some(made) = made.as_deref().and_then(<[String]>::first) {
        let again = look_up(cx, tx, made).ok_or_else(|| no_such_association(made))?;
        return Ok(Associated { interface_association: again, client_token: input.client_token.clone() });
    }
    let branch = of_type(cx, tx, &input.branch_interface_id, BRANCH)?;
    let trunk = of_type(cx, tx, &input.trunk_interface_id, TRUNK)?;
    if branch.trunk.is_some() {
        let message = format!("The network interface '{}' is already associated with a trunk.", branch.id);
        return Err(ApiError::new("Resource.AlreadyAssociated", message));
    }
    if branch.is_taken(cx.now, cx.settings.states) {
        let message = format!("Interface: [{}] in use.", branch.id);
        return Err(ApiError::new("InvalidNetworkInterface.InUse", message));
    }
    if branch.zone != trunk.zone {
        let message = "The branch interface and the trunk interface must be in the same availability zone.";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    must_be_free(cx, tx, input)?;
    let made = Association {
        id: cx.ids.ec2("trunk-assoc"),
        trunk_id: input.trunk_interface_id.clone(),
        vlan_id: input.vlan_id,
        gre_key: input.gre_key,
    };
    let shown = out(&branch.id, &made);
    client_token::remember(cx, tx, scope, token, digest, vec![made.id.clone()]);
    resource::update::<NetworkInterface>(tx, cx, &branch.id, |it| it.trunk = Some(Box::new(made.clone())));
    Ok(Associated { interface_association: shown, client_token: input.client_token.clone() })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateTrunkInterface.html>
pub fn disassociate(cx: &Cx, tx: &mut Tx, input: &DisassociateTrunkInterface) -> Result<Disassociated, ApiError> {
    let (scope, token) = ("DisassociateTrunkInterface", input.client_token.as_deref());
    let digest = client_token::digest(&input.association_id);
    let answer = Disassociated { r#return: true, client_token: input.client_token.clone() };
    if client_token::seen(cx, tx, scope, token, &digest)?.is_some() {
        return Ok(answer);
    }
    let held = look_up(cx, tx, &input.association_id).ok_or_else(|| no_such_association(&input.association_id))?;
    client_token::remember(cx, tx, scope, token, digest, vec![held.association_id]);
    resource::update::<NetworkInterface>(tx, cx, &held.branch_interface_id, |it| it.trunk = None);
    Ok(answer)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTrunkInterfaceAssociations.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribeTrunkInterfaceAssociations) -> Result<Associations, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let ids = input.association_ids.as_deref().unwrap_or_default();
    if let Some(id) = ids.iter().find(|id| look_up(cx, world, id).is_none()) {
        return Err(no_such_association(id));
    }
    let all = resource::all::<NetworkInterface>(cx, world);
    let held = all.filter_map(|it| Some(out(&it.id, it.trunk.as_ref()?)));
    let mut seen: Vec<AssociationOut> =
        held.filter(|it| ids.is_empty() || ids.contains(&it.association_id)).filter(|it| chosen.admit(it)).collect();
    seen.sort_by(|a, b| a.association_id.cmp(&b.association_id));
    let scope = format!("trunk associations {:?}", input.filters);
    let key = |it: &AssociationOut| it.association_id.clone();
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, seen, key)?;
    Ok(Associations { interface_associations: page.items, next_token: page.next })
}

fn look_up(cx: &Cx, world: &World, id: &str) -> Option<AssociationOut> {
    let branch = under(cx, world, id).find(|it| it.trunk.as_ref().is_some_and(|held| held.id == id))?;
    Some(out(&branch.id, branch.trunk.as_ref()?))
}

fn out(branch_id: &str, held: &Association) -> AssociationOut {
    AssociationOut {
        association_id: held.id.clone(),
        branch_interface_id: branch_id.to_owned(),
        trunk_interface_id: held.trunk_id.clone(),
        interface_protocol: if held.vlan_id.is_some() { "VLAN" } else { "GRE" },
        vlan_id: held.vlan_id,
        gre_key: held.gre_key,
    }
}

/// Whether an interface is the trunk of others.
pub fn has_branches(cx: &Cx, world: &World, interface: &NetworkInterface) -> bool {
    under(cx, world, &interface.id).next().is_some()
}

/// A trunk that goes with its instance leaves its branches alone.
pub fn interface_is_over(cx: &Cx, tx: &mut Tx, interface: &NetworkInterface) {
    let branches: Vec<String> = under(cx, tx, &interface.id).map(|it| it.id.clone()).collect();
    for id in branches {
        resource::update::<NetworkInterface>(tx, cx, &id, |it| it.trunk = None);
    }
}

/// What CreateNetworkInterface may make. An interface for EFA alone has no address, and is not built.
pub fn must_be_made(wanted: &str) -> Result<(), ApiError> {
    match wanted {
        USUAL | BRANCH | TRUNK | "efa" => Ok(()),
        _ => Err(ApiError::new("UnsupportedOperation", format!("Interfaces of type {wanted} are not built here."))),
    }
}
