//! The actions and resources of a simulation: their form, which resources an action can be about at all, and the name that an answer over several
//! resources carries. What each action is about comes from the service authorisation reference.

use service::arn::Arn;
use service::facts::{self, ActionFacts};
use service::prelude::*;

use super::invalid;
use super::question::Question;

/// Checks form and company of actions, resources, and the way they are to be handled.
pub fn check(question: &Question<'_>) -> Result<(), ApiError> {
    let alone = question.resources.len() == 1;
    for resource in question.resources {
        if Arn::parse(resource).is_none() && !(resource == "*" && alone) {
            return Err(invalid(format!("ResourceNames are not in a valid ARN format: {resource}.")));
        }
    }
    if question.actions.iter().any(|action| !action.contains(':')) {
        return Err(invalid("The action is invalid since it is missing names"));
    }
    if is_any(question.resources) {
        return Ok(());
    }
    let documentation = format!(
        "Please refer to the documentation for more details: https://docs.aws.amazon.com/IAM/latest/APIReference/API_{}.html",
        question.operation
    );
    let (known, unknown): (Vec<&str>, Vec<&str>) =
        question.actions.iter().map(String::as_str).partition(|action| is_known(action));
    if !known.is_empty() && !unknown.is_empty() {
        let (known, unknown) = (known.join(","), unknown.join(","));
        let text =
            format!("Invalid Input Actions: [{known}] and [{unknown}] require different authorization information.");
        return Err(invalid(format!("{text} {documentation}")));
    }
    let Some(option) = question.handling else { return Ok(()) };
    match question.actions.iter().find(|action| !can_be_handled(action, option)) {
        Some(action) => Err(invalid(format!(
            "Invalid input resource handling options. Action does not support resource handling options: {action}. {documentation}"
        ))),
        None => Ok(()),
    }
}

/// The ways to call actions of services that are not emulated, as the service authorisation reference has them: no other action has any.
const HANDLED_ELSEWHERE: &[(&[&str], &[&str])] = &[
    (
        &["cloudwatch:ListTagsForResource", "cloudwatch:TagResource", "cloudwatch:UntagResource"],
        &[
            "CloudWatch-Alarm",
            "CloudWatch-AlarmMuteRule",
            "CloudWatch-Dashboard",
            "CloudWatch-Dataset",
            "CloudWatch-InsightRule",
            "CloudWatch-MetricStream",
            "CloudWatch-Service",
            "CloudWatch-ServiceLevelObjective",
        ],
    ),
    (&["devicefarm:ScheduleRun"], &["Device Pool as filter", "Device Selection Configuration as filter"]),
];

/// Whether an action can be called in a way.
fn can_be_handled(action: &str, option: &str) -> bool {
    let elsewhere = HANDLED_ELSEWHERE.iter().any(|(actions, options)| {
        actions.iter().any(|name| name.eq_ignore_ascii_case(action)) && options.contains(&option)
    });
    elsewhere || facts_of(action).is_some_and(|facts| facts.scenarios.iter().any(|scenario| scenario.name == option))
}

/// Whether no resource in particular is meant.
pub fn is_any(resources: &[String]) -> bool {
    matches!(resources, []) || matches!(resources, [only] if only == "*")
}

fn facts_of(action: &str) -> Option<&'static ActionFacts> {
    let (service, name) = action.split_once(':')?;
    facts::action(&service.to_ascii_lowercase(), name)
}

/// Of the services here the reference knows every action; of others anything may be one.
fn is_known(action: &str) -> bool {
    let service = action.split_once(':').map(|(service, _)| service.to_ascii_lowercase());
    let is_ours = matches!(service.as_deref(), Some("iam" | "sts" | "ec2"));
    !is_ours || facts_of(action).is_some()
}

/// Whether an action can be about a resource: one of its types has an ARN like that. An action that knows no resources is about none.
pub fn fits(action: &str, resource: &str) -> bool {
    let (Some(facts), true) = (facts_of(action), resource != "*") else { return true };
    let service = action.split_once(':').map(|(service, _)| service.to_ascii_lowercase()).unwrap_or_default();
    let templates = facts.resources.iter().filter_map(|kind| facts::resource(&service, &kind.name));
    templates.into_iter().any(|kind| is_like(&kind.arn, resource))
}

/// Holds an ARN against a template: `${…}` stands for one part, in the last part for anything.
fn is_like(template: &str, resource: &str) -> bool {
    let mut parts = template.splitn(6, ':').zip(resource.splitn(6, ':'));
    parts.all(|(template, part)| fills(template, part))
}

/// Whether a text is the template with its variables filled in, each by something.
fn fills(template: &str, text: &str) -> bool {
    let Some((before, rest)) = template.split_once("${") else { return template == text };
    let Some((_, after)) = rest.split_once('}') else { return false };
    let Some(filled) = text.strip_prefix(before) else { return false };
    let next = after.split("${").next().unwrap_or_default();
    if next.is_empty() {
        // Account and region may be empty; two variables side by side do not occur.
        return after.is_empty();
    }
    filled.match_indices(next).any(|(at, _)| filled.get(at..).is_some_and(|rest| fills(after, rest)))
}

/// How AWS's simulator writes the resources of a service, whatever the action (recorded).
const NAMES: &[(&str, &str)] = &[
    ("ec2", "arn:aws:ec2:${Region}:${Account}:${ResourceType}/${ResourcePath}"),
    ("iam", "arn:aws:iam::${Account}:${ResourceType}/${ResourceName}"),
    ("kms", "arn:aws:kms:${Region}:${Account}:${ResourceType}/${Id}"),
    ("lambda", "arn:aws:lambda:${Region}:${Account}:${ResourceType}:${ResourceId}"),
    ("s3", "arn:aws:s3:::${BucketName}/${KeyName}"),
    ("sqs", "arn:aws:sqs:${Region}:${Account}:${QueueName}"),
    ("sts", "arn:aws:iam::${Account}:${RelativeId}"),
];

/// The name of the resources in the answer for one action: the only one that was asked for, or what such resources are called.
pub fn name(action: &str, resources: &[&str]) -> String {
    if let [only] = resources {
        return (*only).to_owned();
    }
    let service = action.split_once(':').map(|(service, _)| service.to_ascii_lowercase());
    let named = NAMES.iter().find(|(name, _)| is_known(action) && service.as_deref() == Some(*name));
    named.map_or("*", |(_, template)| *template).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded in September 2026.
    #[test]
    fn actions_of_other_services_are_handled_in_their_ways() {
        for (action, option, expected) in [
            ("cloudwatch:TagResource", "CloudWatch-Alarm", true),
            ("cloudwatch:untagresource", "CloudWatch-ServiceLevelObjective", true),
            ("cloudwatch:TagResource", "EC2-VPC-EBS", false),
            ("cloudwatch:PutMetricData", "CloudWatch-Alarm", false),
            ("devicefarm:ScheduleRun", "Device Pool as filter", true),
            ("devicefarm:ScheduleRun", "fictional", false),
            ("ec2:RunInstances", "EC2-VPC-EBS", true),
            ("ec2:RunInstances", "CloudWatch-Alarm", false),
        ] {
            assert_eq!(can_be_handled(action, option), expected, "{action} {option}");
        }
    }

    #[test]
    fn actions_are_about_resources_of_their_types() {
        for (action, resource, expected) in [
            ("iam:GetUser", "arn:aws:iam::123456789012:user/a/ann", true),
            ("iam:GetUser", "arn:aws:iam::123456789012:role/ann", false),
            ("IAM:getuser", "arn:aws:iam::123456789012:user/ann", true),
            ("iam:PassRole", "arn:aws:iam::123456789012:role/r", true),
            ("iam:ListUsers", "arn:aws:iam::123456789012:user/ann", false),
            ("sts:AssumeRole", "arn:aws:iam::123456789012:role/r", true),
            ("sts:GetCallerIdentity", "arn:aws:iam::123456789012:role/r", false),
            ("ec2:RunInstances", "arn:aws:ec2:us-east-1::image/ami-1", true),
            ("ec2:RunInstances", "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1", false),
            ("ec2:RunInstances", "arn:aws:s3:::b", false),
            ("s3:GetObject", "arn:aws:iam::123456789012:user/ann", true),
            ("iam:NoSuchAction", "arn:aws:s3:::b", true),
            ("iam:GetUser", "*", true),
        ] {
            assert_eq!(fits(action, resource), expected, "{action} {resource}");
        }
    }
}
