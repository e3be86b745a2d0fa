//! The instance profile a request names: found once, for authorisation (the role is passed) and for the handler alike.

use std::sync::Arc;

use iam::record::{InstanceProfile, Role};

use service::prelude::*;

use super::authorize;
use super::run::input::ProfileSpecification;
use crate::refused::missing;

/// How a request names a profile.
#[derive(Debug, Clone, Copy)]
pub enum Named<'a> {
    Arn(&'a str),
    Name(&'a str),
    Both,
    Neither,
}

impl<'a> Named<'a> {
    /// One of the two, as launches want it.
    pub fn once(wanted: &'a ProfileSpecification) -> Named<'a> {
        match (&wanted.arn, &wanted.name) {
            (Some(arn), None) => Named::Arn(arn),
            (None, Some(name)) => Named::Name(name),
            (Some(_), Some(_)) => Named::Both,
            (None, None) => Named::Neither,
        }
    }

    /// The ARN, whatever the name beside it is, as associations were seen to take it, September 2026.
    pub fn by_arn_first(wanted: &'a ProfileSpecification) -> Named<'a> {
        wanted.arn.as_deref().map_or_else(|| Named::once(wanted), Named::Arn)
    }
}

/// A profile as it was named, and what was found.
pub struct Choice<'a> {
    wanted: Named<'a>,
    pub profile: Option<Arc<InstanceProfile>>,
    pub role: Option<Arc<Role>>,
}

/// Looks up what the request names. A profile is found by its name alone: the path in an ARN has to fit, too.
pub fn choose<'a>(cx: &Cx, world: &World, wanted: Named<'a>) -> Choice<'a> {
    let world = cx.arrived(world);
    let profile = match wanted {
        Named::Arn(arn) => iam::instance_profile::by_arn(world, arn).filter(|profile| profile.account == cx.account()),
        Named::Name(name) => iam::instance_profile::by_name(world, cx.account(), name),
        Named::Both | Named::Neither => None,
    };
    let role = profile.as_ref().and_then(|profile| iam::instance_profile::role_in(world, profile));
    Choice { wanted, profile, role }
}

impl Choice<'_> {
    /// The ARN that the condition keys `ec2:InstanceProfile` and `ec2:NewInstanceProfile` hold.
    pub fn arn(&self, cx: &Cx) -> Option<String> {
        match (&self.profile, self.wanted) {
            (Some(profile), _) => Some(iam::instance_profile::arn(cx.partition(), profile)),
            (None, Named::Arn(arn)) => Some(arn.to_owned()),
            (None, _) => None,
        }
    }

    /// The check that the caller may pass the profile's role to EC2; nothing to check when there is no role. What it is for is `instance/*`: the instances of
    /// a launch have no ids yet, and AWS was seen to say the same of those that are there.
    pub fn pass_role(&self, cx: &Cx) -> Option<Check> {
        let role = self.role.as_ref()?;
        Some(iam::instance_profile::pass_role_check(cx, role, "ec2", &authorize::arn(cx, "instance", "*")))
    }

    /// What was named must be there.
    pub fn must_exist(&self) -> Result<(), ApiError> {
        if self.profile.is_none() { Err(self.invalid()) } else { Ok(()) }
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
        let (value, parameter, what) = match self.wanted {
            Named::Arn(arn) => (arn, "iamInstanceProfile.arn", "Invalid IAM Instance Profile ARN"),
            Named::Name(name) => (name, "iamInstanceProfile.name", "Invalid IAM Instance Profile name"),
            Named::Both => {
                return ApiError::new(
                    "InvalidParameterCombination",
                    "The parameter iamInstanceProfile.name may not be used in combination with iamInstanceProfile.arn",
                );
            }
            Named::Neither => {
                return missing("iamInstanceProfile.name or iamInstanceProfile.arn");
            }
        };
        ApiError::new("InvalidParameterValue", format!("Value ({value}) for parameter {parameter} is invalid. {what}"))
    }
}
