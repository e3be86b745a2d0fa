//! Single values: their types, and the constraints on them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use jiff::Timestamp;

use super::Decoder;
use super::lenient;
use super::place::Place;
use crate::Service;
use crate::model::{Kind, Protocol, ShapeId, Text};
use crate::value::Value;
use crate::violation::{Constraint, type_name};

/// Values that a member's documentation names and its enumeration leaves out.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html>
const BESIDE: &[(&str, &str)] = &[("NetworkInterfaceCreationType", "interface")];

/// Words that AWS takes in capitals too: Terraform sends `Default` and `NoTermination`.
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/spot_fleet_request>
const ANY_CASE: [&str; 1] = ["ExcessCapacityTerminationPolicy"];

impl Text {
    /// What it asks for, in the order in which it is told of the texts of a list.
    pub(super) fn constraints(&self) -> Vec<Constraint> {
        let pattern = self.pattern.as_ref().map(|pattern| Constraint::Pattern(pattern.text.clone()));
        let values = (!self.values.is_empty()).then(|| Constraint::Enum(String::new(), self.values.clone()));
        let length = [self.max.map(Constraint::MaxLength), self.min.map(Constraint::MinLength)];
        length.into_iter().chain([pattern, values]).flatten().collect()
    }
}

impl Decoder {
    /// `None` if the text is no good; then there is a violation.
    pub(super) fn scalar(&mut self, shape: ShapeId, text: &str, place: Place<'_>) -> Option<Value> {
        let found = self.model.shape(shape);
        let value = match &found.kind {
            Kind::Text(constraints) => return self.text(&found.name, constraints, text, place),
            Kind::Integer { bits, min, max } => integer(text, *bits).map(|number| {
                let least = min.filter(|least| number < *least);
                let most = max.filter(|most| number > *most);
                self.range(least.map(|least| least as f64), most.map(|most| most as f64), text, place);
                Value::Integer(number)
            }),
            Kind::Double { min, max } => float(text).map(|number| {
                self.range(min.filter(|least| number < *least), max.filter(|most| number > *most), text, place);
                Value::Double(number)
            }),
            Kind::Boolean => boolean(self.model.protocol, text).map(Value::Boolean),
            Kind::Timestamp => timestamp(text).map(Value::Timestamp),
            Kind::Blob { min, max } => {
                let bytes = STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).ok();
                bytes.map(|bytes| {
                    self.length(*min, *max, bytes.len(), |_| None, place);
                    Value::Blob(bytes)
                })
            }
            Kind::Structure(_) | Kind::List(_) | Kind::Map(_) => None,
        };
        if value.is_none() {
            self.violate(place, Some(text), Constraint::Type(type_name(found)));
        }
        value
    }

    fn text(&mut self, name: &str, constraints: &Text, text: &str, place: Place<'_>) -> Option<Value> {
        let before = self.violations.len();
        // In this order, as recorded on STS; the keys of its tags in the other one (September 2026).
        if let Some(pattern) = constraints.pattern.as_ref().filter(|pattern| !pattern.admits(text)) {
            self.violate(place, Some(text), Constraint::Pattern(pattern.text.clone()));
        }
        let of_pattern = self.violations.len() - before;
        if constraints.min.is_some() || constraints.max.is_some() {
            self.length(constraints.min, constraints.max, text.chars().count(), |_| Some(text.to_owned()), place);
        }
        if self.model.service == Service::Sts && name == "tagKeyType" {
            self.violations.get_mut(before..).unwrap_or_default().rotate_left(of_pattern);
        }
        let is_one = |value: &String| value == text || (ANY_CASE.contains(&name) && value.eq_ignore_ascii_case(text));
        let is_beside = || BESIDE.contains(&(name, text)) || lenient::takes_any_word(&place.parameter());
        if !constraints.values.is_empty() && !constraints.values.iter().any(is_one) && !is_beside() {
            self.violate(place, Some(text), Constraint::Enum(name.to_owned(), constraints.values.clone()));
        }
        (self.violations.len() == before).then(|| Value::String(text.to_owned()))
    }

    /// What does not tell its text shows as an empty list.
    pub(super) fn length(
        &mut self,
        min: Option<u64>,
        max: Option<u64>,
        length: usize,
        shown: impl FnOnce(&Self) -> Option<String>,
        place: Place<'_>,
    ) {
        let length = length as u64;
        let short = min.filter(|least| length < *least).map(Constraint::MinLength);
        let long = || max.filter(|most| length > *most).map(Constraint::MaxLength);
        if let Some(broken) = short.or_else(long) {
            let shown = shown(self);
            self.violate(place, shown.as_deref().or(Some("[]")), broken);
        }
    }

    /// Reports the bounds that were broken.
    fn range(&mut self, least: Option<f64>, most: Option<f64>, text: &str, place: Place<'_>) {
        if let Some(least) = least {
            self.violate(place, Some(text), Constraint::MinValue(least));
        }
        if let Some(most) = most {
            self.violate(place, Some(text), Constraint::MaxValue(most));
        }
    }
}

fn integer(text: &str, bits: u8) -> Option<i64> {
    if bits == 32 { text.parse::<i32>().ok().map(i64::from) } else { text.parse().ok() }
}

/// Rust also takes `NaN` and `inf` and turns what is too large into infinity. The protocol could say them, but no parameter means them, no bounds hold
/// against `NaN`, and state is JSON, which has no such numbers.
fn float(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// EC2 takes other cases from old clients, IAM was seen not to.
fn boolean(protocol: Protocol, text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ if protocol == Protocol::Query => None,
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// ISO 8601, with or without offset and fraction; a bare date is its midnight; a number is epoch seconds.
fn timestamp(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let completed = [format!("{text}Z"), format!("{text}T00:00:00Z")];
    if let Some(time) = completed.iter().find_map(|text| text.parse::<Timestamp>().ok()) {
        return Some(time);
    }
    text.parse::<i64>().ok().and_then(|seconds| Timestamp::from_second(seconds).ok())
}
