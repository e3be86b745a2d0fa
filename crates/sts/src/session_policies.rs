//! The policies given with a request for a session, which limit what the session may do.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session>.

use service::caller::SessionPolicies;
use service::prelude::*;

/// How many managed policies a session may be given.
const MOST_MANAGED: usize = 10;

/// A managed session policy.
#[derive(Debug, Deserialize, Shaped)]
pub struct PolicyDescriptor {
    pub arn: Option<String>,
}

/// Checks them: MalformedPolicyDocument for an inline policy with faults and for a managed one that neither AWS nor `account` (the role's or
/// user's) has. How large they are together is the business of `packed`.
pub fn checked(
    world: &World,
    account: AccountId,
    inline: Option<&String>,
    managed: &[PolicyDescriptor],
) -> Result<SessionPolicies, ApiError> {
    let managed: Vec<String> = managed.iter().filter_map(|descriptor| descriptor.arn.clone()).collect();
    if managed.len() > MOST_MANAGED {
        // The number is documented; no recording of AWS's words is known.
        return Err(ApiError::validation(format!("no more than {MOST_MANAGED} managed session policies may be given")));
    }
    if let Some(text) = inline {
        policy::validate(text, policy::Kind::Session).map_err(iam::document::malformed)?;
    }
    for arn in &managed {
        if iam::managed_document(world, account, arn).is_none() {
            return Err(ApiError::new("MalformedPolicyDocument", format!("Policy ARN was not found: {arn}")));
        }
    }
    Ok(SessionPolicies { inline: inline.cloned(), managed })
}
