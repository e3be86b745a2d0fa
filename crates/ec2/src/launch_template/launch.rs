//! A launch as it is asked for: the request together with the launch template it names. Authorisation and handler look at both: what the request itself
//! names is no resource of the template (`ec2:IsLaunchTemplateResource`).
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/use-launch-templates-to-control-launching-instances.html>

use std::borrow::Cow;
use std::sync::Arc;

use service::prelude::*;

use super::named::Named;
use super::record::LaunchTemplate;
use crate::instance::run::input::{LaunchTemplateSpecification, RunInstances};

/// A launch's parameters, and where they come from.
pub struct Asked<'a> {
    /// The request alone.
    pub request: &'a RunInstances,
    /// The request on top of the template.
    pub wish: Cow<'a, RunInstances>,
    template: Option<(Arc<LaunchTemplate>, i64)>,
}

/// Reads the template that the request names, if it names one.
pub fn asked<'a>(cx: &Cx, world: &World, request: &'a RunInstances) -> Result<Asked<'a>, ApiError> {
    let Some(wanted) = &request.launch_template else { return Ok(Asked::alone(request)) };
    let template = named(wanted).get(cx, world)?;
    let version = template.version(world, wanted.version.as_deref())?;
    let wish = version.data.launch(request)?;
    Ok(Asked { request, wish: Cow::Owned(wish), template: Some((template, version.number)) })
}

/// How a launch names its template.
pub fn named(wanted: &LaunchTemplateSpecification) -> Named<'_> {
    Named::new(&wanted.launch_template_id, &wanted.launch_template_name)
}

impl<'a> Asked<'a> {
    /// A request without a template, or with one that is not there.
    pub fn alone(request: &'a RunInstances) -> Asked<'a> {
        Asked { request, wish: Cow::Borrowed(request), template: None }
    }

    /// The operation's own action on the template.
    pub fn check_on_template(&self, cx: &Cx, world: &World) -> Option<Check> {
        self.request.launch_template.as_ref().map(|wanted| named(wanted).check(cx, world))
    }

    /// Adds to checks of resources where those come from: the template, unless the request names them.
    pub fn mark(&self, cx: &Cx, named_by_request: bool, checks: impl IntoIterator<Item = Check>) -> Vec<Check> {
        let template = self.template.as_ref().map(|(template, _)| template.arn(cx));
        let from_template = template.is_some() && !named_by_request;
        let marked = |check: Check| {
            check
                .key("ec2:IsLaunchTemplateResource", from_template.to_string())
                .key_if("ec2:LaunchTemplate", template.as_deref())
        };
        checks.into_iter().map(marked).collect()
    }

    /// The tags by which AWS says what an instance was launched by.
    /// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-instances-from-launch-template.html>
    pub fn origin(&self) -> Vec<Tag> {
        let Some((template, version)) = &self.template else { return Vec::new() };
        vec![
            Tag::new("aws:ec2launchtemplate:id", template.id.as_str()),
            Tag::new("aws:ec2launchtemplate:version", version.to_string()),
        ]
    }
}
