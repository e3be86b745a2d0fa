//! DescribeInstanceCreditSpecifications: how burstable instances pay for CPU.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceCreditSpecifications.html>

use std::sync::Arc;

use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::describe::candidates;
use super::{Instance, find_all};

/// `DescribeInstanceCreditSpecificationsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeInstanceCreditSpecifications {
    pub instance_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeInstanceCreditSpecificationsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Credits {
    pub instance_credit_specifications: Vec<CreditOut>,
    pub next_token: Option<String>,
}

/// `InstanceCreditSpecification`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct CreditOut {
    pub instance_id: String,
    pub cpu_credits: String,
}

static FIELDS: Fields<CreditOut> =
    Fields { fields: &[("instance-id", |it, values| values.push(it.instance_id.as_str()))], tags: None };

/// Without ids: the instances whose option is `unlimited`, as AWS answers.
pub fn describe(cx: &Cx, world: &World, input: &DescribeInstanceCreditSpecifications) -> Result<Credits, ApiError> {
    let filters = input.filters.as_deref();
    let chosen = FIELDS.choose(filters)?;
    let ids = input.instance_ids.as_deref().unwrap_or_default();
    must_be_burstable(&find_all(cx, world, ids)?)?;
    let outs = candidates(cx, world, ids, filters)?.filter_map(|instance| out(&instance));
    let outs = outs.filter(|it| !ids.is_empty() || it.cpu_credits == "unlimited").filter(|it| chosen.admit(it));
    let page = paging::ec2("instance-credits", input.next_token.as_deref(), input.max_results, outs, |it| {
        it.instance_id.clone()
    })?;
    Ok(Credits { instance_credit_specifications: page.items, next_token: page.next })
}

/// Terraform asks for every instance and passes over UnsupportedOperation.
fn must_be_burstable(instances: &[Arc<Instance>]) -> Result<(), ApiError> {
    match instances.iter().find(|instance| instance.credits.is_none()) {
        None => Ok(()),
        Some(instance) => Err(ApiError::new(
            "UnsupportedOperation",
            format!("The instance '{}' is not a burstable performance instance.", instance.id),
        )),
    }
}

fn out(instance: &Instance) -> Option<CreditOut> {
    Some(CreditOut { instance_id: instance.id.clone(), cpu_credits: instance.credits.clone()? })
}
