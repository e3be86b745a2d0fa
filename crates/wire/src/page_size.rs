//! What EC2 says of a page size that its model does not admit. Most operations share a sentence; these have one of their own, all recorded at AWS
//! (the tests of mulgadc/spinifex, 2026).

use crate::violation::Constraint;

/// The code and sentence of the operation, if it has its own; `value` is what came.
pub(crate) fn refusal(operation: &str, value: &str, broken: &Constraint) -> Option<(&'static str, String)> {
    let small = match broken {
        Constraint::MinValue(_) => true,
        Constraint::MaxValue(_) => false,
        _ => return None,
    };
    Some(match operation {
        "DescribeCapacityReservations" => (
            "InvalidParameterValue",
            format!("{value} is an invalid value for MaxResults. MaxResults must be null, or between 1 and 1000."),
        ),
        "DescribeEgressOnlyInternetGateways" => {
            let wanted = if small { "greater than 5" } else { "less than 255" };
            let text = format!("Value ({value}) for parameter maxResults is invalid. Expecting a value {wanted}.");
            ("InvalidParameterValue", text)
        }
        // Seen in September 2026.
        "DescribeIamInstanceProfileAssociations" => (
            "InvalidParameterValue",
            format!("Invalid value '{value}' for 'maxResults'. MaxResult must be a positive integer"),
        ),
        "DescribeInstanceCreditSpecifications" => (
            "InvalidRequest",
            format!(
                "The value {value} for the maxResults parameter must be between 5 and 1000. Change the value and try again."
            ),
        ),
        "DescribeInstanceTypes" | "DescribeInstanceTypeOfferings" => {
            let most = if operation == "DescribeInstanceTypes" { 100 } else { 1000 };
            let text = format!(
                "Value ( {value} ) for parameter maxResults is invalid. Expecting a value from ( 5 ) to  ( {most} )."
            );
            ("InvalidMaxResults", text)
        }
        "DescribeLaunchTemplates" => {
            ("InvalidParameterValue", "Maximum results allowed are between 1 and 200".to_owned())
        }
        "DescribeNatGateways" => {
            let wanted = if small { "greater than or equal to 5" } else { "less than or equal to 1000" };
            let text = format!(
                "1 validation error detected: Value '{value}' at 'maxResults' failed to satisfy constraint: Member must have value {wanted}"
            );
            ("InvalidParameter", text)
        }
        _ => return None,
    })
}
