//! Input that the model does not admit: where, what came, and what was wanted. The words around it belong to the service; the item texts of
//! IAM and STS and the sentences of EC2 are here because they follow from the model alone.

use crate::model::{Kind, Shape};
use crate::page_size;

/// One broken constraint.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// Lower-camel path as IAM and STS name it: `tags.1.member.key`.
    pub path: String,
    /// The form key: `Tag.1.Key`.
    pub parameter: String,
    /// What came; `None` if nothing did.
    pub value: Option<String>,
    pub constraint: Constraint,
}

/// What was wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum Constraint {
    Required,
    MinLength(u64),
    MaxLength(u64),
    MinValue(f64),
    MaxValue(f64),
    Pattern(String),
    /// One of these; the name is the enumeration's.
    Enum(String, Vec<String>),
    /// Not even of the right type: the type's name.
    Type(&'static str),
    /// No such parameter (EC2 only).
    Unknown,
    /// What each text of a list has to be (IAM and STS only).
    Each(Vec<Constraint>),
    /// How a list is numbered, in AWS's words (IAM and STS only).
    Numbering(String),
}

/// Sets of values that AWS tells in another order than that of its model (September 2026).
const TOLD: &[&[&str]] =
    &[&["v2Token", "v1Token"], &["LocalManagedPolicy", "User", "AWSManagedPolicy", "Role", "Group"]];

fn as_told(values: &[String]) -> Vec<&str> {
    let is_it =
        |told: &&&[&str]| told.len() == values.len() && values.iter().all(|value| told.contains(&value.as_str()));
    TOLD.iter().find(is_it).map_or_else(|| values.iter().map(String::as_str).collect(), |told| told.to_vec())
}

impl Constraint {
    fn wanted(&self) -> String {
        match self {
            Self::Required => "Member must not be null".into(),
            Self::MinLength(length) => format!("Member must have length greater than or equal to {length}"),
            Self::MaxLength(length) => format!("Member must have length less than or equal to {length}"),
            Self::MinValue(value) => format!("Member must have value greater than or equal to {value}"),
            Self::MaxValue(value) => format!("Member must have value less than or equal to {value}"),
            Self::Pattern(pattern) => format!("Member must satisfy regular expression pattern: {pattern}"),
            Self::Enum(_, values) => format!("Member must satisfy enum value set: [{}]", as_told(values).join(", ")),
            Self::Type(name) => format!("Member must be {} {name}", article(name)),
            Self::Unknown => "Member is not known".into(),
            Self::Each(all) => {
                let all: Vec<String> = all.iter().map(Self::wanted).collect();
                format!("Member must satisfy constraint: [{}]", all.join(", "))
            }
            Self::Numbering(text) => text.clone(),
        }
    }
}

impl Violation {
    /// The item of a ValidationError. STS quotes the value, IAM of today does not (recorded in 2025), not even that there is none (2026).
    pub fn item(&self, quote_value: bool) -> String {
        let subject = match (&self.value, quote_value) {
            (None, true) => "Value null".to_owned(),
            (Some(value), true) => format!("Value '{value}'"),
            (_, false) => "Value".to_owned(),
        };
        format!("{subject} at '{}' failed to satisfy constraint: {}", self.path, self.constraint.wanted())
    }

    /// IAM's sentence about a name, path or document with characters that it may not have, which IAM looks at after everything else (recorded in
    /// many issues of clients).
    pub fn iam_sentence(&self) -> Option<String> {
        let path = self.path.as_str();
        let pattern = match &self.constraint {
            Constraint::Pattern(pattern) => pattern.as_str(),
            // An empty marker is not told to be too short (September 2026).
            Constraint::MinLength(_) if path == "marker" => "",
            _ => return None,
        };
        let wanted = match path {
            "path" | "newPath" => {
                "It must begin and end with / and contain only alphanumeric characters and/or / characters."
            }
            "pathPrefix" => {
                "It must begin with the / character and contain only alphanumeric characters and/or / characters."
            }
            "policyDocument"
            | "assumeRolePolicyDocument"
            | "privateKey"
            | "certificateBody"
            | "certificateChain"
            | "marker" => "It must contain only printable ASCII characters.",
            _ if pattern == NAME && path.ends_with("Name") => {
                "It must contain only alphanumeric characters and/or the following: +=,.@_-"
            }
            _ => return None,
        };
        Some(format!("The specified value for {path} is invalid. {wanted}"))
    }

    /// EC2's code and sentence, in that operation.
    pub fn ec2(&self, operation: &str) -> (&'static str, String) {
        let value = self.value.as_deref().unwrap_or_default();
        let parameter = &self.parameter;
        if parameter == "MaxResults"
            && let Some(own) = page_size::refusal(operation, value, &self.constraint)
        {
            return own;
        }
        let invalid = "InvalidParameterValue";
        match &self.constraint {
            Constraint::Required => ("MissingParameter", missing(operation, parameter)),
            Constraint::Unknown => ("UnknownParameter", format!("The parameter {parameter} is not recognized")),
            Constraint::MinValue(least) => (
                invalid,
                format!(
                    "Value ( {value} ) for parameter {} is invalid. Expecting a value greater than {least}.",
                    lower_camel(parameter)
                ),
            ),
            Constraint::MaxValue(most) => (
                invalid,
                format!(
                    "Value ( {value} ) for parameter {} is invalid. Expecting a value smaller than or equal to {most}.",
                    lower_camel(parameter)
                ),
            ),
            Constraint::Enum(name, _) => (invalid, no_such(name, value)),
            Constraint::Type(name) => {
                let article = article(name);
                (invalid, format!("Value ({value}) for parameter {parameter} is invalid. It is not {article} {name}."))
            }
            // Without the full stop that others have.
            Constraint::MaxLength(most) if parameter == "ClientToken" && operation == "RunInstances" => {
                (invalid, format!("Client token must be less than or equal to {most} characters"))
            }
            Constraint::MaxLength(_) if parameter == "ClientToken" => {
                (invalid, format!("Value ({value}) for parameter clientToken is invalid"))
            }
            Constraint::MinLength(_) | Constraint::MaxLength(_)
                if parameter == "Name" && matches!(operation, "CopyImage" | "CreateImage" | "RegisterImage") =>
            {
                let message = "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'";
                ("InvalidAMIName.Malformed", message.to_owned())
            }
            Constraint::MinLength(_)
            | Constraint::MaxLength(_)
            | Constraint::Pattern(_)
            | Constraint::Each(_)
            | Constraint::Numbering(_) => {
                (invalid, format!("Value ({value}) for parameter {} is invalid.", lower_camel(parameter)))
            }
        }
    }
}

/// That EC2 knows no such word. Of some it says so in words of their own, seen in September 2026.
fn no_such(name: &str, value: &str) -> String {
    match name {
        "NetworkInterfaceAttribute" | "InstanceAttributeName" => {
            format!("Value ({value}) for parameter attribute is invalid. Unknown attribute.")
        }
        "HttpTokensState" => {
            format!(
                "A value of '{value}' is not valid for HttpTokens. Specify either 'optional' or 'required' and try again."
            )
        }
        "NetworkInterfaceCreationType" => format!("invalid value for parameter interface-type: {value}"),
        _ => format!("Invalid value '{value}' for {name}."),
    }
}

/// That EC2 misses a parameter. A few it was seen to call by other names, September 2026.
fn missing(operation: &str, parameter: &str) -> String {
    let name = match (operation, parameter) {
        ("AssociateIamInstanceProfile" | "ReplaceIamInstanceProfileAssociation", "IamInstanceProfile")
        | ("GetDefaultCreditSpecification" | "ModifyDefaultCreditSpecification", _) => {
            let wanted = "Add the required parameter and retry the request.";
            return format!("The request must include the {parameter} parameter. {wanted}");
        }
        ("CreateDhcpOptions", "DhcpConfiguration") => "dhcpConfigurations",
        ("MonitorInstances" | "UnmonitorInstances", "InstanceId") => "instancesSet",
        _ => parameter,
    };
    format!("The request must contain the parameter {name}")
}

/// The model's pattern for names of users, groups, roles, policies and instance profiles.
const NAME: &str = r"[\w+=,.@-]+";

fn article(name: &str) -> &'static str {
    if name.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" }
}

/// The first letter small: `InstanceId` is `instanceId`.
pub fn lower_camel(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(characters).collect()
}

/// The type's name, for people.
pub(crate) fn type_name(shape: &Shape) -> &'static str {
    match shape.kind {
        Kind::Structure(_) => "structure",
        Kind::List(_) => "list",
        Kind::Map(_) => "map",
        Kind::Text(_) => "string",
        Kind::Integer { .. } => "integer",
        Kind::Double { .. } => "double",
        Kind::Boolean => "boolean",
        Kind::Timestamp => "timestamp",
        Kind::Blob { .. } => "base64 blob",
    }
}
