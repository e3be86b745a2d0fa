//! The Condition element: operators, their modifiers, and how the values of a request are held against them. An operator reads its
//! values once, when the policy is read; here nothing is decided but "met" or "not met". Start reading at [`Condition::met`].

use crate::context::{Context, Values};
use crate::document::Effect;
use crate::pattern::{ArnParts, ArnPattern, Case, Pattern, Syntax};
use crate::values::{self, Decimal, Instant};
use ipnet::IpNet;
use std::cmp::Ordering;

/// How several request values are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// No set operator was written.
    None,
    ForAllValues,
    ForAnyValue,
}

/// How two values are ordered for the operator to be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equals => ordering.is_eq(),
            Self::LessThan => ordering.is_lt(),
            Self::LessThanEquals => ordering.is_le(),
            Self::GreaterThan => ordering.is_gt(),
            Self::GreaterThanEquals => ordering.is_ge(),
        }
    }
}

/// What kind of comparison an operator makes; that it is the negated one stands in [`Operator::negated`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Comparison),
    Date(Comparison),
    Bool,
    Binary,
    IpAddress,
    Arn,
    Null,
}

/// One condition operator as written: `ForAnyValue:StringNotLikeIfExists` in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    pub family: Family,
    pub negated: bool,
    pub quantifier: Quantifier,
    pub if_exists: bool,
}

impl Operator {
    /// Reads an operator's name. None for a name that the language does not have, also for `NullIfExists`.
    pub fn parse(name: &str) -> Option<Self> {
        let (quantifier, rest) = if let Some(rest) = name.strip_prefix("ForAllValues:") {
            (Quantifier::ForAllValues, rest)
        } else if let Some(rest) = name.strip_prefix("ForAnyValue:") {
            (Quantifier::ForAnyValue, rest)
        } else {
            (Quantifier::None, name)
        };
        let (base, if_exists) = match rest.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let (family, negated) = family(base)?;
        (family != Family::Null || !if_exists).then_some(Self { family, negated, quantifier, if_exists })
    }
}

fn family(name: &str) -> Option<(Family, bool)> {
    use Comparison::{Equals, GreaterThan, GreaterThanEquals, LessThan, LessThanEquals};
    Some(match name {
        "StringEquals" => (Family::StringEquals, false),
        "StringNotEquals" => (Family::StringEquals, true),
        "StringEqualsIgnoreCase" => (Family::StringEqualsIgnoreCase, false),
        "StringNotEqualsIgnoreCase" => (Family::StringEqualsIgnoreCase, true),
        "StringLike" => (Family::StringLike, false),
        "StringNotLike" => (Family::StringLike, true),
        "NumericEquals" => (Family::Numeric(Equals), false),
        "NumericNotEquals" => (Family::Numeric(Equals), true),
        "NumericLessThan" => (Family::Numeric(LessThan), false),
        "NumericLessThanEquals" => (Family::Numeric(LessThanEquals), false),
        "NumericGreaterThan" => (Family::Numeric(GreaterThan), false),
        "NumericGreaterThanEquals" => (Family::Numeric(GreaterThanEquals), false),
        "DateEquals" => (Family::Date(Equals), false),
        "DateNotEquals" => (Family::Date(Equals), true),
        "DateLessThan" => (Family::Date(LessThan), false),
        "DateLessThanEquals" => (Family::Date(LessThanEquals), false),
        "DateGreaterThan" => (Family::Date(GreaterThan), false),
        "DateGreaterThanEquals" => (Family::Date(GreaterThanEquals), false),
        "Bool" => (Family::Bool, false),
        "BinaryEquals" => (Family::Binary, false),
        "IpAddress" => (Family::IpAddress, false),
        "NotIpAddress" => (Family::IpAddress, true),
        "ArnEquals" | "ArnLike" => (Family::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Family::Arn, true),
        "Null" => (Family::Null, false),
        _ => return None,
    })
}

/// A value of the policy, read for its operator. None where the text is no value of that type: it is equal to nothing.
#[derive(Debug, Clone, PartialEq)]
enum Expected {
    Exactly(Pattern),
    IgnoringCase(Pattern),
    Number(Option<Decimal>),
    Date(Option<Instant>),
    Truth(Pattern),
    Bytes(Option<Vec<u8>>),
    Network(Option<IpNet>),
    Arn(ArnPattern),
    Absent(bool),
}

impl Expected {
    fn parse(text: &str, family: Family, variables: bool) -> Self {
        let pattern = |wildcards| Pattern::parse(text, Syntax { wildcards, variables });
        match family {
            Family::StringEquals => Self::Exactly(pattern(false)),
            Family::StringLike => Self::Exactly(pattern(true)),
            Family::StringEqualsIgnoreCase => Self::IgnoringCase(pattern(false)),
            Family::Numeric(_) => Self::Number(values::decimal(text)),
            Family::Date(_) => Self::Date(values::instant(text)),
            Family::Bool => Self::Truth(pattern(false)),
            Family::Binary => Self::Bytes(values::bytes(text)),
            Family::IpAddress => Self::Network(values::network(text)),
            Family::Arn => Self::Arn(ArnPattern::condition(text, variables)),
            // Any text but `true` is false (recorded).
            Family::Null => Self::Absent(values::truth(text).unwrap_or_default()),
        }
    }

    fn variables(&self) -> Vec<&str> {
        match self {
            Self::Exactly(pattern) | Self::IgnoringCase(pattern) | Self::Truth(pattern) => {
                pattern.variables().collect()
            }
            Self::Arn(pattern) => pattern.variables(),
            _ => Vec::new(),
        }
    }
}

/// One operator with one key and its values: `"StringEquals": {"aws:RequestedRegion": ["eu-central-1"]}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    operator: Operator,
    operator_text: Box<str>,
    key: Box<str>,
    values: Box<[Box<str>]>,
    expected: Box<[Expected]>,
}

impl Condition {
    pub(crate) fn new(operator: Operator, operator_text: &str, key: &str, values: &[String], variables: bool) -> Self {
        Self {
            operator,
            operator_text: operator_text.into(),
            key: key.into(),
            values: values.iter().map(|value| value.as_str().into()).collect(),
            expected: values.iter().map(|value| Expected::parse(value, operator.family, variables)).collect(),
        }
    }

    /// The operator's parts.
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// The operator as written, e.g. `ForAllValues:StringLike`.
    pub fn operator_text(&self) -> &str {
        &self.operator_text
    }

    /// The condition key as written.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The values as written; numbers and truth values as their text.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(AsRef::as_ref)
    }

    /// The policy variables in the values, as written.
    pub fn variables(&self) -> Vec<&str> {
        self.expected.iter().flat_map(Expected::variables).collect()
    }

    /// Whether the request meets this condition.
    ///
    /// An absent key: met if the operator is negated, says IfExists or asks for all values; not met if it asks for any value. A key that holds a
    /// list is met by set operators alone, even if it is negated (recorded); an address or ARN that is none fits nothing, not even negated. A value of the
    /// policy that is no ARN, and no earlier one fits, lets nothing be allowed and all be denied, negated or not (recorded in September 2026). In a
    /// simulation a number that is none fits nothing, nor does anything where a value of the policy is no address and no earlier one fits (recorded then).
    /// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.
    pub fn met(&self, context: &Context, effect: Effect) -> bool {
        let held = context.get(&self.key);
        let actual = held.map(Values::as_slice).unwrap_or_default();
        if self.operator.family == Family::Null {
            let absent = actual.is_empty();
            return self.expected.contains(&Expected::Absent(absent));
        }
        let negated = self.operator.negated;
        if actual.is_empty() {
            return match self.operator.quantifier {
                Quantifier::ForAllValues => true,
                Quantifier::ForAnyValue => self.operator.if_exists,
                Quantifier::None => negated || self.operator.if_exists,
            };
        }
        let mut met = actual.iter().map(|value| {
            self.comparable(value, context)
                && match self.any_expected_fits(value, context) {
                    Some(fits) => fits != negated,
                    None => self.operator.family == Family::Arn && effect == Effect::Deny,
                }
        });
        match self.operator.quantifier {
            Quantifier::None => matches!(held, Some(Values::Single(_))) && met.any(|met| met),
            Quantifier::ForAllValues => met.all(|met| met),
            Quantifier::ForAnyValue => met.any(|met| met),
        }
    }

    /// Whether a request's value can be compared at all. What is no address or no ARN cannot, so that negating the operator does not help it.
    fn comparable(&self, actual: &str, context: &Context) -> bool {
        match self.operator.family {
            Family::Numeric(_) if context.is_simulated() => values::is_number(actual),
            Family::IpAddress => values::address(actual).is_some(),
            Family::Arn => ArnParts::is_arn(actual),
            _ => true,
        }
    }

    /// Whether one of the policy's values fits the request's value, leaving negation aside. None: what cannot be read came before one that fits.
    fn any_expected_fits(&self, actual: &str, context: &Context) -> Option<bool> {
        let mut each = self.expected.iter();
        Some(match self.operator.family {
            Family::Numeric(comparison) => values::decimal(actual).is_some_and(|actual| {
                each.filter_map(Expected::number).any(|expected| comparison.holds(actual.cmp(expected)))
            }),
            Family::Date(comparison) => values::instant(actual).is_some_and(|actual| {
                each.filter_map(Expected::date).any(|expected| comparison.holds(actual.cmp(&expected)))
            }),
            Family::Arn => {
                let parts = ArnParts::split(actual);
                let decides = |pattern: &ArnPattern| match pattern.compared(&parts, context) {
                    Some(false) => None,
                    decision => Some(decision),
                };
                return each.filter_map(Expected::arn).find_map(decides).unwrap_or(Some(false));
            }
            Family::IpAddress if context.is_simulated() => {
                let readable = each.clone().take_while(|expected| **expected != Expected::Network(None));
                let (read, fits) = (readable.clone().count(), readable.clone().any(|it| it.fits(actual, context)));
                return (fits || read == each.len()).then_some(fits);
            }
            _ => each.any(|expected| expected.fits(actual, context)),
        })
    }
}

impl Expected {
    fn number(&self) -> Option<&Decimal> {
        match self {
            Self::Number(number) => number.as_ref(),
            _ => None,
        }
    }

    fn date(&self) -> Option<Instant> {
        match self {
            Self::Date(date) => *date,
            _ => None,
        }
    }

    fn arn(&self) -> Option<&ArnPattern> {
        match self {
            Self::Arn(pattern) => Some(pattern),
            _ => None,
        }
    }

    fn fits(&self, actual: &str, context: &Context) -> bool {
        match self {
            Self::Exactly(pattern) => pattern.matches(actual, context, Case::Exact),
            Self::IgnoringCase(pattern) => match pattern.resolved_text(context) {
                Some(expected) => same_ignoring_case(&expected, actual),
                None => false,
            },
            Self::Truth(pattern) => {
                // Any text but `true` is false (recorded), in the policy, too.
                let is_true = |text: &str| values::truth(text).unwrap_or_default();
                pattern.resolved_text(context).is_some_and(|text| is_true(&text) == is_true(actual))
            }
            Self::Bytes(expected) => expected.is_some() && *expected == values::bytes(actual),
            Self::Network(expected) => match (expected, values::address(actual)) {
                (Some(expected), Some(actual)) => expected.contains(&actual),
                _ => false,
            },
            Self::Number(_) | Self::Date(_) | Self::Arn(_) | Self::Absent(_) => false,
        }
    }
}

/// By the lower case of the whole texts: a sigma at the end of a word has one of its own. Characters beyond U+FFFF keep theirs, though they count as
/// letters beside a sigma (recorded in September 2026).
fn same_ignoring_case(one: &str, other: &str) -> bool {
    let lower = |text: &str| {
        let mut kept = text.chars().filter(|character| character.len_utf16() == 2);
        let lowered = text.to_lowercase();
        let each = lowered.chars().map(|low| if low.len_utf16() == 2 { kept.next().unwrap_or(low) } else { low });
        each.collect::<String>()
    };
    one.eq_ignore_ascii_case(other) || (!(one.is_ascii() && other.is_ascii()) && lower(one) == lower(other))
}
