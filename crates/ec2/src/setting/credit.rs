//! How burstable instances pay for CPU unless a launch says otherwise, by instance family.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances-unlimited-mode.html>

use std::collections::BTreeMap;

use service::prelude::*;

use super::{Value, get as setting, set};
use crate::catalogue::instance_types::{self, InstanceType};
use crate::instance::run::instance_type;

/// What was chosen: family -> `standard` or `unlimited`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Defaults(BTreeMap<String, String>);

impl Value for Defaults {
    const NAME: &'static str = "default-credit-specification";
}

/// `GetDefaultCreditSpecificationRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetDefaultCreditSpecification {
    pub instance_family: String,
    pub dry_run: Option<bool>,
}

/// `ModifyDefaultCreditSpecificationRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyDefaultCreditSpecification {
    pub instance_family: String,
    pub cpu_credits: String,
    pub dry_run: Option<bool>,
}

/// `GetDefaultCreditSpecificationResult`, and that of Modify.
#[derive(Debug, Serialize, Shaped)]
pub struct Specification {
    pub instance_family_credit_specification: FamilyOut,
}

/// `InstanceFamilyCreditSpecification`.
#[derive(Debug, Serialize, Shaped)]
pub struct FamilyOut {
    pub instance_family: String,
    pub cpu_credits: String,
}

/// The option of a family.
pub fn get(cx: &Cx, world: &World, input: &GetDefaultCreditSpecification) -> Result<Specification, ApiError> {
    let Defaults(chosen) = setting(cx, world);
    let family = burstable(&input.instance_family)?;
    let built_in = instance_type::credits_of_family(&family);
    Ok(specification(&family, chosen.get(&family).map_or(built_in, String::as_str)))
}

/// Chooses the option of a family.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyDefaultCreditSpecification) -> Result<Specification, ApiError> {
    let (family, credits) = (burstable(&input.instance_family)?, &input.cpu_credits);
    if !["standard", "unlimited"].contains(&credits.as_str()) {
        let message =
            format!("Value ({credits}) for parameter cpuCredits is invalid. Valid values are standard and unlimited.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let Defaults(mut chosen) = setting(cx, tx);
    chosen.insert(family.clone(), credits.clone());
    set(cx, tx, &Defaults(chosen))?;
    Ok(specification(&family, credits))
}

/// The family in small letters, if its types are burstable. The texts were seen in September 2026.
fn burstable(family: &str) -> Result<String, ApiError> {
    if family.is_empty() {
        let message = "The value (  ) for the parameter InstanceFamily is invalid. Change the value and try again.";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let named = family.to_ascii_lowercase();
    let mut of_family = instance_types::names().iter().filter(|name| instance_type::family(name) == named);
    if !of_family.any(|name| instance_types::get(name).is_some_and(instance_types::is_burstable)) {
        let message = format!(
            "The {family} instance family does not support Unlimited. Only burstable performance instance families support Unlimited. \
             Change the instance family and try again."
        );
        return Err(ApiError::new("InvalidInstanceFamily", message));
    }
    Ok(named)
}

fn specification(family: &str, credits: &str) -> Specification {
    let (instance_family, cpu_credits) = (family.to_owned(), credits.to_owned());
    Specification { instance_family_credit_specification: FamilyOut { instance_family, cpu_credits } }
}

/// The option with which an instance of that type starts; nothing for types that are not burstable.
pub fn of_launch(cx: &Cx, world: &World, kind: &InstanceType) -> Option<String> {
    let built_in = instance_type::default_credits(kind)?;
    let Defaults(chosen) = setting(cx, world);
    Some(chosen.get(instance_type::family(&kind.instance_type)).cloned().unwrap_or(built_in))
}
