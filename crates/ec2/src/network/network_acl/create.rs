//! CreateNetworkAcl and DeleteNetworkAcl. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAcl.html>

use service::prelude::*;

use super::{IcmpOut, NetworkAcl, NetworkAclOut, PortRangeOut, closed_entries, out};
use crate::instance::client_token;
use crate::kind;
use crate::network::must_have_room;
use crate::network::vpc::Vpc;
use crate::resource;
use crate::tags::{self, TagSpecification};

const SCOPE: &str = "CreateNetworkAcl";

/// `CreateNetworkAclRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateNetworkAcl {
    pub vpc_id: String,
    pub client_token: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `CreateNetworkAclResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub network_acl: NetworkAclOut,
    pub client_token: Option<String>,
}

/// `DeleteNetworkAclRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteNetworkAcl {
    pub network_acl_id: String,
    pub dry_run: Option<bool>,
}

/// CreateNetworkAcl on an ACL to come and on its VPC, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateNetworkAcl) -> Vec<Check> {
    let vpc = resource::check_on::<Vpc>(cx, world, &input.vpc_id);
    resource::checks_on_new(cx, &kind::NETWORK_ACL, input.tag_specifications.as_deref(), SCOPE, Some(vpc))
}

/// Makes an ACL that lets nothing pass.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateNetworkAcl) -> Result<Created, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::NETWORK_ACL.resource_type)?;
    let token = client_token::trimmed(input.client_token.as_deref())?;
    let digest = client_token::digest(&(&input.vpc_id, &tags));
    if let Some(acl) = client_token::again::<NetworkAcl>(cx, tx, SCOPE, token, &digest)? {
        return Ok(created(&acl, token));
    }
    let vpc = resource::get::<Vpc>(tx, cx, &input.vpc_id)?;
    let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
    let count = || tx.by::<NetworkAcl>(NetworkAcl::BY_VPC, &parts).count();
    must_have_room(cx, count, 200, "NetworkAclLimitExceeded", "network ACLs")?;
    let acl = NetworkAcl {
        account: vpc.account,
        region: vpc.region.clone(),
        id: cx.ids.ec2(kind::NETWORK_ACL.prefix),
        vpc_id: vpc.id.clone(),
        is_default: false,
        entries: closed_entries(&vpc),
        associations: Vec::new(),
        tags,
    };
    client_token::remember(cx, tx, SCOPE, token, digest, vec![acl.id.clone()]);
    let created = created(&acl, token);
    tx.put(acl);
    Ok(created)
}

/// Other than descriptions, this answer has empty structures where an entry has no ports and no ICMP (seen of AWS, September 2026).
fn created(acl: &NetworkAcl, token: Option<&str>) -> Created {
    let mut shown = out(acl);
    for entry in &mut shown.entries {
        entry.port_range.get_or_insert(PortRangeOut { from: None, to: None });
        entry.icmp_type_code.get_or_insert(IcmpOut { code: None, r#type: None });
    }
    Created { network_acl: shown, client_token: token.map(str::to_owned) }
}

/// DeleteNetworkAcl on the ACL.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteNetworkAcl) -> Vec<Check> {
    vec![resource::check_on::<NetworkAcl>(cx, world, &input.network_acl_id)]
}

/// Removes an ACL that no subnet is behind. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkAcl.html>
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteNetworkAcl) -> Result<Done, ApiError> {
    let acl = resource::get::<NetworkAcl>(tx, cx, &input.network_acl_id)?;
    if acl.is_default {
        let message = format!("cannot delete default network ACL {}", acl.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if !acl.associations.is_empty() {
        return Err(resource::has_dependencies("networkAcl", &acl.id));
    }
    resource::remove::<NetworkAcl>(tx, cx, &acl.id);
    Ok(Done {})
}
