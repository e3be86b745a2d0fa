//! Parameters of EC2 that AWS was seen to take though its model does not (September 2026): their operations look at them.

use crate::model::Operation;
use crate::violation::Violation;

/// Words beside those of the enumeration: a launch template of a type that does not exist is made, with a warning; families of burstable types may be
/// written in capitals.
const ANY_WORD: [&str; 2] = ["LaunchTemplateData.InstanceType", "InstanceFamily"];

/// Parameters that the model requires: a version of a launch template may be all that its source is.
const OPTIONAL: [&str; 1] = ["LaunchTemplateData"];

/// Page sizes that are but positive.
const ANY_SIZE: [&str; 2] = ["DescribeIamInstanceProfileAssociations", "DescribeInstanceCreditSpecifications"];

/// Whether what breaks the model's bounds is taken.
pub(super) fn takes(operation: &Operation, violation: &Violation) -> bool {
    let size = || violation.value.as_deref().and_then(|value| value.parse::<i64>().ok());
    violation.parameter == "MaxResults"
        && ANY_SIZE.contains(&operation.name.as_str())
        && size().is_some_and(|size| size > 0)
}

/// Whether the enumeration of that parameter does not bind.
pub(super) fn takes_any_word(parameter: &str) -> bool {
    ANY_WORD.contains(&parameter)
}

/// Whether that parameter may be missing.
pub(super) fn is_optional(parameter: &str) -> bool {
    OPTIONAL.contains(&parameter)
}
