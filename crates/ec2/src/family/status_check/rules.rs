//! What an application status check may say. The ranges are AWS's; its words for what lies outside of them are not recorded.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateApplicationStatusCheck.html>

use serde_json::Value;
use service::prelude::*;

use crate::network::{security_group, subnet};
use crate::refused::{invalid, missing};

/// Numbers with the least and the most that they can be, as the model names them and as refusals do.
const NUMBERS: [(&str, &str, i64, i64); 6] = [
    ("Interval", "interval", 60, 60),
    ("Timeout", "timeout", 1, 30),
    ("FailureThreshold", "failureThreshold", 1, i64::MAX),
    ("SuccessThreshold", "successThreshold", 1, i64::MAX),
    ("DeviceIndex", "deviceIndex", 0, i64::MAX),
    ("InitializationGracePeriodSeconds", "initializationGracePeriodSeconds", 1, 600),
];
const LONGEST_MATCHER: usize = 64;

/// The settings of a check, new or changed, keep the rules.
pub fn check(cx: &Cx, world: &World, document: &Document) -> Result<(), ApiError> {
    for (member, parameter, least, most) in NUMBERS {
        let given = document.number(member).filter(|given| !(least..=most).contains(given));
        given.map_or(Ok(()), |given| Err(outside(given, parameter, least, most)))?;
    }
    let path = document.text("Path").unwrap_or("/");
    if !path.starts_with('/') {
        let message =
            format!("Value ({path}) for parameter path is invalid. The path must start with a forward slash (/).");
        return Err(invalid(message));
    }
    let matcher = document.text("StatusCodeMatcher").unwrap_or_default();
    if !is_matcher(matcher) {
        return Err(invalid(format!("Value ({matcher}) for parameter statusCodeMatcher is invalid.")));
    }
    document.list("HealthCheckPaths").into_iter().try_for_each(|path| network_path(cx, world, &Document::from(path)))
}

fn outside(given: i64, parameter: &str, least: i64, most: i64) -> ApiError {
    let valid = match (least, most) {
        (0, i64::MAX) => "The value must be greater than or equal to 0.".to_owned(),
        (least, i64::MAX) => format!("The value must be greater than {}.", least - 1),
        (least, most) if least == most => format!("Valid value: {least}."),
        (least, most) => format!("Valid values: {least} to {most}."),
    };
    invalid(format!("Value ({given}) for parameter {parameter} is invalid. {valid}"))
}

/// `200,202,300-399`: status codes, and ranges of which the first is less than the last.
fn is_matcher(text: &str) -> bool {
    let code = |text: &str| text.parse::<u16>().ok().filter(|code| text.len() == 3 && (100..=599).contains(code));
    let is_part = |part: &str| match part.split_once('-') {
        Some((first, last)) => matches!((code(first), code(last)), (Some(first), Some(last)) if first < last),
        None => code(part).is_some(),
    };
    text.len() <= LONGEST_MATCHER && text.split(',').all(is_part)
}

/// A path leads from a subnet and a group to others, all of them there.
fn network_path(cx: &Cx, world: &World, path: &Document) -> Result<(), ApiError> {
    let source = path.at("Source").cloned().ok_or_else(|| missing("HealthCheckPaths.Source"))?;
    let destinations = path.list("Destinations");
    if destinations.is_empty() {
        return Err(missing("HealthCheckPaths.Destinations"));
    }
    std::iter::once(source).chain(destinations).try_for_each(|end| path_end(cx, world, &end))
}

fn path_end(cx: &Cx, world: &World, end: &Value) -> Result<(), ApiError> {
    let text = |member: &str| end.get(member).and_then(Value::as_str).ok_or_else(|| missing(member));
    let subnet = subnet::get(world, cx, text("SubnetId")?)?;
    let group = security_group::get(world, cx, text("SecurityGroupId")?)?;
    if subnet.vpc_id != group.vpc_id {
        let message = format!("Security group {} and subnet {} belong to different networks.", group.id, subnet.id);
        return Err(ApiError::new("InvalidParameter", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_matcher;

    #[test]
    fn matchers() {
        for good in ["200", "200,202,300-399", "200-299,404"] {
            assert!(is_matcher(good), "{good}");
        }
        let long = "200,".repeat(16) + "200";
        for bad in ["", "ok", "20", "200,", "399-300", "200-200", "600", "200 ", "+20", long.as_str()] {
            assert!(!is_matcher(bad), "{bad}");
        }
    }
}
