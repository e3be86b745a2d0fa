//! How requests name a launch template, by id or by name, and its versions: a number, `$Latest` or `$Default`.

use std::sync::Arc;

use service::prelude::*;

use super::record::{LaunchTemplate, LaunchTemplateVersion, key_of};
use crate::kind;
use crate::refused::{invalid, missing};
use crate::resource::{self, Resource as _};

/// A template as a request names it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Named<'a> {
    pub id: Option<&'a str>,
    pub name: Option<&'a str>,
}

impl<'a> Named<'a> {
    /// A template by id or name.
    pub fn new(id: &'a Option<String>, name: &'a Option<String>) -> Named<'a> {
        Named { id: id.as_deref(), name: name.as_deref() }
    }

    /// The template, if there is one.
    pub fn look_up(&self, cx: &Cx, world: &World) -> Option<Arc<LaunchTemplate>> {
        match (self.id, self.name) {
            (Some(id), None) => resource::look_up(world, cx, id),
            (None, Some(name)) => by_name(cx, world, name),
            _ => None,
        }
    }

    /// Either an id or a name.
    pub fn must_be_one(&self) -> Result<(), ApiError> {
        match (self.id, self.name) {
            (Some(_), Some(_)) => Err(ApiError::new(
                "InvalidParameterCombination",
                "Either provide launch template ID or launch template name to modify the template.",
            )),
            (None, None) => Err(missing("launchTemplateId or launchTemplateName")),
            _ => Ok(()),
        }
    }

    /// The template, or the error that EC2 answers.
    pub fn get(&self, cx: &Cx, world: &World) -> Result<Arc<LaunchTemplate>, ApiError> {
        self.must_be_one()?;
        if let Some(id) = self.id {
            return resource::get(world, cx, id);
        }
        let name = self.name.unwrap_or_default();
        by_name(cx, world, name).ok_or_else(|| {
            ApiError::new(
                "InvalidLaunchTemplateName.NotFoundException",
                format!("The specified launch template, with template name {name}, does not exist."),
            )
        })
    }

    /// The operation's own action on the template; an unknown name has no ARN but that of all.
    pub fn check(&self, cx: &Cx, world: &World) -> Check {
        match self.look_up(cx, world) {
            Some(template) => resource::check_of(cx, world, &*template),
            None => Check::on(kind::LAUNCH_TEMPLATE.arn(cx, self.id.unwrap_or("*"))),
        }
    }
}

/// The template of that name.
pub fn by_name(cx: &Cx, world: &World, name: &str) -> Option<Arc<LaunchTemplate>> {
    world.one::<LaunchTemplate>(LaunchTemplate::BY_NAME, &[cx.account().as_str(), cx.region_name(), name]).cloned()
}

impl LaunchTemplate {
    /// Its ARN.
    pub fn arn(&self, cx: &Cx) -> String {
        kind::LAUNCH_TEMPLATE.arn(cx, self.id())
    }

    /// The version of that number.
    pub fn numbered(&self, world: &World, number: i64) -> Option<Arc<LaunchTemplateVersion>> {
        let parts = [self.account.as_str(), &self.region, &self.id, &key_of(number)];
        world.get::<LaunchTemplateVersion>(&parts).cloned()
    }

    /// All versions, from the first.
    pub fn versions<'w>(&self, world: &'w World) -> impl DoubleEndedIterator<Item = &'w Arc<LaunchTemplateVersion>> {
        world.scan::<LaunchTemplateVersion>(&[self.account.as_str(), &self.region, &self.id])
    }

    /// The version that a text names; none names the default one.
    pub fn version(&self, world: &World, text: Option<&str>) -> Result<Arc<LaunchTemplateVersion>, ApiError> {
        let number = match text.unwrap_or("$Default") {
            "$Latest" => self.latest_version,
            "$Default" | "" => self.default_version,
            text => number(text)?,
        };
        self.numbered(world, number).ok_or_else(|| self.no_version(&number.to_string()))
    }

    /// Recorded at AWS, full stop included.
    pub fn no_version(&self, number: &str) -> ApiError {
        let message =
            format!("Could not find the specified version {number} for the launch template with ID {}.", self.id);
        ApiError::new("InvalidLaunchTemplateId.VersionNotFound", message)
    }
}

/// A version's number, written out.
pub fn number(text: &str) -> Result<i64, ApiError> {
    positive(text).ok_or_else(|| {
        invalid("Invalid launch template version: either '$Default', '$Latest', or a numeric version are allowed.")
    })
}

/// The number above zero that is written out.
pub fn positive(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number| *number > 0)
}
