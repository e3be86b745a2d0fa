//! ValidateSecurityGroupQuotasForInterface: whether one interface can be in all of some groups. "Only authorized Amazon Web Services services can call this
//! operation"; how AWS refuses others is not known, so here it is answered to whom a policy allows it.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ValidateSecurityGroupQuotasForInterface.html>

use service::prelude::*;

use super::{SecurityGroup, association, change, check_on, get, rules_of};
use crate::network::interface::change::must_be_in_few;
use crate::refused::invalid;

/// `ValidateSecurityGroupQuotasForInterfaceRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ValidateQuotas {
    pub security_group_ids: Vec<String>,
    pub dry_run: Option<bool>,
}

/// `ValidateSecurityGroupQuotasForInterfaceResult`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Validated {
    pub valid: bool,
}

/// ValidateSecurityGroupQuotasForInterface on each group.
pub fn to_validate(cx: &Cx, world: &World, input: &ValidateQuotas) -> Vec<Check> {
    input.security_group_ids.iter().map(|id| check_on(cx, world, id)).collect()
}

/// The groups are few enough, and so are the rules of each; what would exceed a quota is refused as if it were done.
pub fn validate(cx: &Cx, world: &World, input: &ValidateQuotas) -> Result<Validated, ApiError> {
    let ids = &input.security_group_ids;
    must_be_different(ids)?;
    must_be_in_few(cx, ids.len())?;
    let groups = ids.iter().map(|id| get(world, cx, id)).collect::<Result<Vec<_>, _>>()?;
    must_share_a_vpc(world, &groups)?;
    for group in &groups {
        let (out, into): (Vec<_>, Vec<_>) = rules_of(world, group).into_iter().partition(|rule| rule.egress);
        change::must_be_few(cx, out.len().max(into.len()))?;
    }
    Ok(Validated { valid: true })
}

/// AWS's text is not known.
fn must_be_different(ids: &[String]) -> Result<(), ApiError> {
    let twice = ids.iter().enumerate().find(|(position, id)| ids.iter().take(*position).any(|before| before == *id));
    match twice {
        Some((_, id)) => Err(invalid(format!("The security group ID '{id}' is specified more than once."))),
        None => Ok(()),
    }
}

/// An interface is in one VPC: some VPC has all of the groups.
fn must_share_a_vpc(world: &World, groups: &[std::sync::Arc<SecurityGroup>]) -> Result<(), ApiError> {
    let first = groups.first().into_iter();
    let mut vpcs = first.flat_map(|group| association::further(world, group).chain([group.vpc_id.clone()]));
    let is_shared = |vpc: &String| groups.iter().all(|group| association::is_usable_in(world, group, vpc));
    if vpcs.any(|vpc| is_shared(&vpc)) {
        return Ok(());
    }
    let message = "You have specified two resources that belong to different networks.";
    Err(ApiError::new("InvalidGroup.NotFound", message))
}
