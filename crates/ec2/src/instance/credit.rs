//! DescribeInstanceCreditSpecifications and ModifyInstanceCreditSpecification: how burstable instances pay for CPU.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceCreditSpecifications.html>

use std::ops::RangeInclusive;
use std::sync::Arc;

use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::describe::candidates;
use super::{Instance, authorize, find, find_all};
use crate::kind;
use crate::refused::missing;

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
    let ids = input.instance_ids.as_deref().unwrap_or_default();
    must_fit(ids, filters.unwrap_or_default(), input.max_results)?;
    let chosen = FIELDS.choose(filters)?;
    must_be_burstable(&find_all(cx, world, ids)?)?;
    let outs = candidates(cx, world, ids, filters)?.filter_map(|instance| out(&instance));
    let outs = outs.filter(|it| !ids.is_empty() || it.cpu_credits == "unlimited").filter(|it| chosen.admit(it));
    let page = paging::ec2("instance-credits", input.next_token.as_deref(), input.max_results, outs, |it| {
        it.instance_id.clone()
    })?;
    Ok(Credits { instance_credit_specifications: page.items, next_token: page.next })
}

/// How many a page may have.
const SIZES: RangeInclusive<i64> = 5..=1000;

/// What this operation refuses in words of its own, seen in September 2026.
fn must_fit(ids: &[String], filters: &[Filter], size: Option<i64>) -> Result<(), ApiError> {
    if !ids.is_empty() && size.is_some() {
        let message = "The parameter InstanceIds cannot be used with the parameter MaxResults. Use one of the parameters and try again.";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    if let Some(size) = size.filter(|size| !SIZES.contains(size)) {
        let wanted = "must be between 5 and 1000. Change the value and try again.";
        let message = format!("The value {size} for the maxResults parameter {wanted}");
        return Err(ApiError::new("InvalidRequest", message));
    }
    if let Some(id) = ids.iter().find(|id| kind::INSTANCE.well_formed(id).is_err()) {
        let message = format!("Invalid ID: {id}. Change the ID and try again.");
        return Err(ApiError::new("InvalidInstanceID.Malformed", message));
    }
    let mut names = filters.iter().filter_map(|filter| filter.name.as_deref());
    match names.find(|name| FIELDS.fields.iter().all(|(known, _)| known != name)) {
        None => Ok(()),
        Some(name) => Err(ApiError::new(
            "InvalidRequest",
            format!("The value ( {name} ) for the parameter Filter is invalid. Change the value and try again."),
        )),
    }
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

/// `ModifyInstanceCreditSpecificationRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct ModifyInstanceCreditSpecification {
    pub instance_credit_specifications: Vec<CreditChange>,
    pub client_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `InstanceCreditSpecificationRequest`.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct CreditChange {
    pub instance_id: String,
    pub cpu_credits: Option<String>,
}

/// `ModifyInstanceCreditSpecificationResult`.
#[derive(Debug, Default, Serialize, Shaped)]
pub struct CreditsModified {
    pub successful_instance_credit_specifications: Vec<CreditModified>,
    pub unsuccessful_instance_credit_specifications: Vec<CreditNotModified>,
}

/// `SuccessfulInstanceCreditSpecificationItem`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct CreditModified {
    pub instance_id: String,
}

/// `UnsuccessfulInstanceCreditSpecificationItem`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct CreditNotModified {
    pub instance_id: String,
    pub error: CreditError,
}

/// `UnsuccessfulInstanceCreditSpecificationItemError`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct CreditError {
    pub code: String,
    pub message: String,
}

/// ModifyInstanceCreditSpecification on each instance.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyInstanceCreditSpecification) -> Vec<Check> {
    let check = |change: &CreditChange| {
        let values: Vec<_> = change.cpu_credits.iter().map(|word| ("CpuCredits", word.clone())).collect();
        authorize::attributes(authorize::on_instance(cx, world, &change.instance_id), &values)
    };
    input.instance_credit_specifications.iter().map(check).collect()
}

/// Refused before anyone is asked for permission: values that are none, and an instance twice.
pub fn check(_: &Cx, _: &World, input: &ModifyInstanceCreditSpecification) -> Result<(), ApiError> {
    for (position, change) in input.instance_credit_specifications.iter().enumerate() {
        let word = change.cpu_credits.as_deref().ok_or_else(|| missing("CpuCredits"))?;
        if !["standard", "unlimited"].contains(&word) {
            return Err(ApiError::new(
                "InvalidInstanceCreditSpecification",
                format!("The CPU credit option '{word}' is not valid. Valid values are standard and unlimited."),
            ));
        }
        let earlier = input.instance_credit_specifications.iter().take(position);
        if earlier.into_iter().any(|before| before.instance_id == change.instance_id) {
            return Err(ApiError::new(
                "InvalidInstanceCreditSpecification.DuplicateInstanceId",
                format!("The instance ID '{}' is specified more than once.", change.instance_id),
            ));
        }
    }
    Ok(())
}

/// Each instance succeeds or fails for itself. A client token needs no memory: what it asked for is asked for again and is so already.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceCreditSpecification.html>
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyInstanceCreditSpecification) -> Result<CreditsModified, ApiError> {
    let mut out = CreditsModified::default();
    for change in &input.instance_credit_specifications {
        let instance_id = change.instance_id.clone();
        match modify_one(cx, tx, change) {
            Ok(()) => out.successful_instance_credit_specifications.push(CreditModified { instance_id }),
            Err(error) => {
                let error = CreditError { code: error.code.to_string(), message: error.message.clone() };
                out.unsuccessful_instance_credit_specifications.push(CreditNotModified { instance_id, error });
            }
        }
    }
    Ok(out)
}

fn modify_one(cx: &Cx, tx: &mut Tx, change: &CreditChange) -> Result<(), ApiError> {
    let instance = find(cx, tx, &change.instance_id)?.clone();
    let id = &instance.id;
    if instance.credits.is_none() {
        return Err(ApiError::new(
            "InstanceCreditSpecification.NotSupported",
            format!("The instance '{id}' is not a burstable performance instance."),
        ));
    }
    // In any state: it was seen to succeed on one that is terminated, though AWS documents running and stopped ones only.
    tx.update::<Instance>(&[instance.account.as_str(), &instance.region, id], |it| {
        it.credits.clone_from(&change.cpu_credits);
    });
    Ok(())
}
