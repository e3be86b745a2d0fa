//! ReplaceNetworkAclAssociation: a subnet moves behind another ACL. Every subnet is behind one, so there is nothing to add or take away.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceNetworkAclAssociation.html>

use std::sync::Arc;

use service::prelude::*;

use super::{AclAssociation, NetworkAcl};
use crate::kind;
use crate::network::subnet;
use crate::refused::no_such_association;
use crate::resource;

/// `ReplaceNetworkAclAssociationRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ReplaceAssociation {
    pub association_id: String,
    pub network_acl_id: String,
    pub dry_run: Option<bool>,
}

/// `ReplaceNetworkAclAssociationResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Replaced {
    pub new_association_id: String,
}

/// ReplaceNetworkAclAssociation on the new ACL and on the subnet.
pub fn to_replace(cx: &Cx, world: &World, input: &ReplaceAssociation) -> Vec<Check> {
    let subnet = match find(cx, world, &input.association_id) {
        Some((_, held)) => subnet::check_on(cx, world, &held.subnet_id),
        None => Check::on(kind::SUBNET.arn(cx, "*")),
    };
    vec![resource::check_on::<NetworkAcl>(cx, world, &input.network_acl_id), subnet]
}

/// The ACL and the association of that id.
fn find(cx: &Cx, world: &World, id: &str) -> Option<(Arc<NetworkAcl>, AclAssociation)> {
    let account = cx.account();
    let acl = world.one::<NetworkAcl>(NetworkAcl::BY_ASSOCIATION, &[account.as_str(), cx.region_name(), id])?.clone();
    let association = acl.associations.iter().find(|one| one.id == id)?.clone();
    Some((acl, association))
}

/// Moves the subnet; its association is a new one.
pub fn replace(cx: &Cx, tx: &mut Tx, input: &ReplaceAssociation) -> Result<Replaced, ApiError> {
    let id = &input.association_id;
    let (before, held) = find(cx, tx, id).ok_or_else(|| no_such_association(id))?;
    let acl = resource::get::<NetworkAcl>(tx, cx, &input.network_acl_id)?;
    if acl.vpc_id != before.vpc_id {
        let message = format!("network ACL {} and subnet {} belong to different networks", acl.id, held.subnet_id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let new_association_id = cx.ids.ec2("aclassoc");
    let renewed = AclAssociation { id: new_association_id.clone(), subnet_id: held.subnet_id };
    resource::update::<NetworkAcl>(tx, cx, &before.id, |acl| acl.associations.retain(|one| one.id != *id));
    resource::update::<NetworkAcl>(tx, cx, &acl.id, |acl| acl.associations.push(renewed));
    Ok(Replaced { new_association_id })
}
