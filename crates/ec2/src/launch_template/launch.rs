//! A launch as it is asked for: the request together with the launch template it names. Authorisation and handler look at both: what the request itself
//! names is no resource of the template (`ec2:IsLaunchTemplateResource`).
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/use-launch-templates-to-control-launching-instances.html>

use std::borrow::Cow;
use std::sync::Arc;

use service::prelude::*;

use super::named::Named;
use super::record::LaunchTemplate;
use crate::image::parameter;
use crate::instance::run::devices;
use crate::instance::run::input::{LaunchTemplateSpecification, RunInstances};
use crate::kind;

/// A launch's parameters, and where they come from.
pub struct Asked<'a> {
    /// The request alone.
    pub request: &'a RunInstances,
    /// The request on top of the template.
    pub wish: Cow<'a, RunInstances>,
    template: Option<(Arc<LaunchTemplate>, i64)>,
    /// The parameter that names the image, as it was written.
    parameter: Option<String>,
}

/// Reads the template that the request names, if it names one, and the parameter that names the image, if one does.
pub fn asked<'a>(cx: &Cx, world: &World, request: &'a RunInstances) -> Result<Asked<'a>, ApiError> {
    let Some(wanted) = &request.launch_template else { return Ok(Asked::alone(request).resolved(cx)) };
    let template = named(wanted).get(cx, world)?;
    let version = template.version(world, wanted.version.as_deref())?;
    let wish = version.data.launch(request)?;
    // The template's own come first; one that the request names again it changes.
    let own = wish.block_device_mappings.len().saturating_sub(request.block_device_mappings.len());
    devices::must_be_named_once(wish.block_device_mappings.get(..own).unwrap_or_default())?;
    let template = Some((template, version.number));
    Ok(Asked { request, wish: Cow::Owned(wish), template, parameter: None }.resolved(cx))
}

/// How a launch names its template.
pub fn named(wanted: &LaunchTemplateSpecification) -> Named<'_> {
    Named::new(&wanted.launch_template_id, &wanted.launch_template_name)
}

impl<'a> Asked<'a> {
    /// A request without a template, or with one that is not there.
    pub fn alone(request: &'a RunInstances) -> Asked<'a> {
        Asked { request, wish: Cow::Borrowed(request), template: None, parameter: None }
    }

    /// With the image that a parameter names in place of it. One that there is not stays, and [`Asked::must_be_resolved`] tells.
    fn resolved(mut self, cx: &Cx) -> Asked<'a> {
        let named = self.wish.image_id.as_ref().filter(|id| parameter::named_by(id).is_some()).cloned();
        if let Some(id) = named.as_deref().and_then(|named| parameter::resolved(cx, named)) {
            self.wish.to_mut().image_id = Some(id);
        }
        Asked { parameter: named, ..self }
    }

    /// The permission to read the parameter that names the image.
    pub fn check_on_parameter(&self, cx: &Cx) -> Option<Check> {
        parameter::check(cx, self.parameter.as_deref()?)
    }

    /// A launch that comes later, when nobody asks for it, can't read parameters: fleets that keep their size want the image's own id.
    /// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html>
    pub fn must_name_its_image(&self) -> Result<(), ApiError> {
        self.parameter.as_deref().map_or(Ok(()), |named| kind::IMAGE.well_formed(named))
    }

    /// Whether the parameter that names the image was found.
    pub fn must_be_resolved(&self) -> Result<(), ApiError> {
        match &self.parameter {
            Some(named) if self.wish.image_id.as_ref() == Some(named) => Err(parameter::unresolved(named)),
            _ => Ok(()),
        }
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
