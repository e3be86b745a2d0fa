//! By what capacity is told apart.

use service::prelude::*;

use crate::refused::invalid_value;

/// The names of the dimensions.
pub const NAMES: [&str; 18] = [
    "resource-region",
    "availability-zone-id",
    "account-id",
    "account-name",
    "instance-family",
    "instance-type",
    "instance-platform",
    "reservation-arn",
    "reservation-id",
    "reservation-type",
    "reservation-create-timestamp",
    "reservation-start-timestamp",
    "reservation-end-timestamp",
    "reservation-end-date-type",
    "tenancy",
    "reservation-state",
    "reservation-instance-match-criteria",
    "reservation-unused-financial-owner",
];

/// `CapacityManagerDimension`. Tags are told by none of the names that a request can give, so they are not told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Shaped)]
pub struct Dimension {
    pub resource_region: Option<String>,
    pub availability_zone_id: Option<String>,
    pub account_id: Option<String>,
    pub account_name: Option<String>,
    pub instance_family: Option<String>,
    pub instance_type: Option<String>,
    pub instance_platform: Option<String>,
    pub reservation_arn: Option<String>,
    pub reservation_id: Option<String>,
    pub reservation_type: Option<&'static str>,
    pub reservation_create_timestamp: Option<Timestamp>,
    pub reservation_start_timestamp: Option<Timestamp>,
    pub reservation_end_timestamp: Option<Timestamp>,
    pub reservation_end_date_type: Option<&'static str>,
    pub tenancy: Option<String>,
    pub reservation_state: Option<&'static str>,
    pub reservation_instance_match_criteria: Option<&'static str>,
    pub reservation_unused_financial_owner: Option<String>,
}

impl Dimension {
    /// Each name with its value.
    pub fn values(&self) -> [(&'static str, Option<String>); 18] {
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let word = |word: Option<&'static str>| word.map(str::to_owned);
        let values = [
            self.resource_region.clone(),
            self.availability_zone_id.clone(),
            self.account_id.clone(),
            self.account_name.clone(),
            self.instance_family.clone(),
            self.instance_type.clone(),
            self.instance_platform.clone(),
            self.reservation_arn.clone(),
            self.reservation_id.clone(),
            word(self.reservation_type),
            time(self.reservation_create_timestamp),
            time(self.reservation_start_timestamp),
            time(self.reservation_end_timestamp),
            word(self.reservation_end_date_type),
            self.tenancy.clone(),
            word(self.reservation_state),
            word(self.reservation_instance_match_criteria),
            self.reservation_unused_financial_owner.clone(),
        ];
        let mut values = values.into_iter();
        NAMES.map(|name| (name, values.next().flatten()))
    }

    /// What of it has these names.
    pub fn of(&self, names: &[String]) -> Dimension {
        let told = |name: &str| names.iter().any(|it| it == name);
        let mut of = self.clone();
        let clear = |name: &str, slot: &mut dyn Clear| {
            if !told(name) {
                slot.clear();
            }
        };
        let slots: [&mut dyn Clear; 18] = [
            &mut of.resource_region,
            &mut of.availability_zone_id,
            &mut of.account_id,
            &mut of.account_name,
            &mut of.instance_family,
            &mut of.instance_type,
            &mut of.instance_platform,
            &mut of.reservation_arn,
            &mut of.reservation_id,
            &mut of.reservation_type,
            &mut of.reservation_create_timestamp,
            &mut of.reservation_start_timestamp,
            &mut of.reservation_end_timestamp,
            &mut of.reservation_end_date_type,
            &mut of.tenancy,
            &mut of.reservation_state,
            &mut of.reservation_instance_match_criteria,
            &mut of.reservation_unused_financial_owner,
        ];
        NAMES.iter().zip(slots).for_each(|(name, slot)| clear(name, slot));
        of
    }

    /// What orders it among others, and tells it from them.
    pub fn key(&self) -> String {
        let values = self.values().into_iter().map(|(_, value)| value.unwrap_or_default());
        values.collect::<Vec<_>>().join("\u{1f}")
    }
}

/// A value that may be left out.
trait Clear {
    fn clear(&mut self);
}

impl<T> Clear for Option<T> {
    fn clear(&mut self) {
        *self = None;
    }
}

/// `CapacityManagerCondition`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Condition {
    pub dimension_condition: Option<DimensionCondition>,
}

/// `DimensionCondition`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct DimensionCondition {
    pub dimension: Option<String>,
    pub comparison: Option<String>,
    pub values: Option<Vec<String>>,
}

/// The name of a dimension, which must be one.
pub fn must_be_known(names: &[String], parameter: &str) -> Result<(), ApiError> {
    match names.iter().find(|name| !NAMES.contains(&name.as_str())) {
        Some(name) => Err(invalid_value(name, parameter)),
        None => Ok(()),
    }
}

impl Condition {
    /// It names a dimension and one of the two comparisons.
    pub fn check(&self) -> Result<(), ApiError> {
        let Some(condition) = &self.dimension_condition else { return Ok(()) };
        must_be_known(condition.dimension.as_slice(), "FilterBy.DimensionCondition.Dimension")?;
        match condition.comparison.as_deref() {
            None | Some("equals" | "in") => Ok(()),
            Some(other) => Err(invalid_value(other, "FilterBy.DimensionCondition.Comparison")),
        }
    }

    /// Of `equals` only the first value counts.
    pub fn admits(&self, dimension: &Dimension) -> bool {
        let Some(condition) = &self.dimension_condition else { return true };
        let wanted = condition.values.as_deref().unwrap_or_default();
        let wanted =
            if condition.comparison.as_deref() == Some("in") { wanted } else { wanted.get(..1).unwrap_or(wanted) };
        let values = dimension.values();
        let value = values.iter().find(|(name, _)| condition.dimension.as_deref() == Some(*name));
        value.and_then(|(_, value)| value.as_ref()).is_some_and(|value| wanted.contains(value))
    }
}
