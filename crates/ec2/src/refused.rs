//! Refusals that many operations share, in EC2's words.

use service::ApiError;

/// A parameter is not there that has to be.
pub fn missing(parameter: &str) -> ApiError {
    ApiError::new("MissingParameter", format!("The request must contain the parameter {parameter}"))
}

/// A parameter has a value that it can't have; the message says which.
pub fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", message.into())
}

/// The same of a parameter of which there is no more to say.
pub fn invalid_value(value: impl std::fmt::Display, parameter: &str) -> ApiError {
    invalid(format!("Value ({value}) for parameter {parameter} is invalid."))
}

/// Two parameters exclude each other. AWS spells them as each operation happens to.
pub fn not_together(one: &str, other: &str) -> ApiError {
    ApiError::new(
        "InvalidParameterCombination",
        format!("The parameter {one} cannot be used with the parameter {other}"),
    )
}

/// A request changes one attribute; the names are told with a small first letter
/// (<https://github.com/kubernetes-sigs/cluster-api-provider-aws/issues/783>).
pub fn several_attributes<'a>(names: impl IntoIterator<Item = &'a str>) -> ApiError {
    let mut names: Vec<String> = names.into_iter().map(wire::lower_camel).collect();
    names.sort();
    let message = format!("Fields for multiple attribute types specified: {}", names.join(", "));
    ApiError::new("InvalidParameterCombination", message)
}

/// An association of a route table, an ACL or an address that does not exist.
pub fn no_such_association(id: &str) -> ApiError {
    ApiError::new("InvalidAssociationID.NotFound", format!("The association ID '{id}' does not exist"))
}

/// The instance has several interfaces, and which is meant was not said.
pub fn several_interfaces(code: &'static str, instance_id: &str) -> ApiError {
    let message = format!(
        "There are multiple interfaces attached to instance '{instance_id}'. Please specify an interface ID for the operation instead."
    );
    ApiError::new(code, message)
}
