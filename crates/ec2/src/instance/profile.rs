//! The instance profile a request names: found once, for authorisation (the role is passed) and for the handler alike.

use std::sync::Arc;

use iam::record::{InstanceProfile, Role};

use service::prelude::*;

use super::authorize;
use super::run::input::ProfileSpecification;
use crate::refused::missing;

/// A profile as it was named, and what was found.
pub struct Choice<'a> {
    wanted: &'a ProfileSpecification,
    pub profile: Option<Arc<InstanceProfile>>,
    pub role: Option<Arc<Role>>,
}

/// Looks up what the request names. A profile is found by its name alone: the path in an ARN has to fit, too.
pub fn choose<'a>(cx: &Cx, world: &World, wanted: &'a ProfileSpecification) -> Choice<'a> {
    let world = cx.arrived(world);
    let profile = match (&wanted.arn, &wanted.name) {
        (Some(arn), None) => {
            iam::instance_profile::by_arn(world, arn).filter(|profile| profile.account == cx.account())
        }
        (None, Some(name)) => iam::instance_profile::by_name(world, cx.account(), name),
        _ => None,
    };
    let role = profile.as_ref().and_then(|profile| iam::instance_profile::role_in(world, profile));
    Choice { wanted, profile, role }
}

impl Choice<'_> {
    /// The ARN that the condition keys `ec2:InstanceProfile` and `ec2:NewInstanceProfile` hold.
    pub fn arn(&self, cx: &Cx) -> Option<String> {
        match &self.profile {
            Some(profile) => Some(iam::instance_profile::arn(cx.partition(), profile)),
            None => self.wanted.arn.clone(),
        }
    }

    /// The check that the caller may pass the profile's role to EC2; nothing to check when there is no role. What it is for is `instance/*`: the instances of
    /// a launch have no ids yet, and AWS was seen to say the same of those that are there.
    pub fn pass_role(&self, cx: &Cx) -> Option<Check> {
        let role = self.role.as_ref()?;
        Some(iam::instance_profile::pass_role_check(cx, role, "ec2", &authorize::arn(cx, "instance", "*")))
    }

    /// The profile, which must exist and hold a role.
    ///
    /// Clients wait for the texts: Terraform tries again on `Invalid IAM Instance Profile` and `has no associated IAM Roles`.
    pub fn require(&self, cx: &Cx) -> Result<&Arc<InstanceProfile>, ApiError> {
        let profile = self.profile.as_ref().ok_or_else(|| self.invalid())?;
        if self.role.is_none() {
            let arn = iam::instance_profile::arn(cx.partition(), profile);
            return Err(ApiError::new(
                "InvalidParameterValue",
                format!("IAM Instance Profile \"{arn}\" has no associated IAM Roles"),
            ));
        }
        Ok(profile)
    }

    fn invalid(&self) -> ApiError {
        let (value, parameter, what) = match (&self.wanted.arn, &self.wanted.name) {
            (Some(arn), None) => (arn, "iamInstanceProfile.arn", "Invalid IAM Instance Profile ARN"),
            (None, Some(name)) => (name, "iamInstanceProfile.name", "Invalid IAM Instance Profile name"),
            (Some(_), Some(_)) => {
                return ApiError::new(
                    "InvalidParameterCombination",
                    "The parameter iamInstanceProfile.name may not be used in combination with iamInstanceProfile.arn",
                );
            }
            (None, None) => {
                return missing("iamInstanceProfile.name or iamInstanceProfile.arn");
            }
        };
        ApiError::new("InvalidParameterValue", format!("Value ({value}) for parameter {parameter} is invalid. {what}"))
    }
}
