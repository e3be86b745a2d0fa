//! Systems Manager's public parameters that name images, and images that are named by one: `resolve:ssm:/aws/service/…`. Each version of a parameter is
//! an image of a line of the catalogue, from old to new. There are no parameters of accounts, so those are never found.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-systems-manager-parameter-to-find-AMI.html>

use service::arn::Arn;
use service::prelude::*;

use crate::catalogue::images::{self, Image};

/// A parameter at one of its versions.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    pub name: &'static str,
    /// From 1.
    pub version: i64,
    /// What it names.
    pub image: &'static Image,
}

impl Parameter {
    /// When it came to name this image.
    pub fn modified_at(&self) -> Timestamp {
        self.image.creation_date.parse().unwrap_or_default()
    }

    /// Amazon's own are of type `text` (recorded answers); Canonical and Debian show theirs as images.
    pub fn data_type(&self) -> &'static str {
        let says_image = ["/aws/service/canonical/", "/aws/service/debian/"];
        if says_image.iter().any(|path| self.name.starts_with(path)) { "aws:ec2:image" } else { "text" }
    }
}

/// Why a parameter is not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Parameter,
    /// The parameter is there, but not in that version or under that label.
    Version,
}

/// How a request names a parameter: `/a/b`, `/a/b:3` or `/a/b:label`, or its ARN with the same at its end.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    pub name: &'a str,
    /// A version or a label.
    pub selector: Option<&'a str>,
    arn: Option<Arn<'a>>,
}

/// Names of AWS's own parameters, which are in no account.
const PUBLIC: &str = "/aws/service";

impl<'a> Named<'a> {
    /// Takes a name apart.
    pub fn of(text: &'a str) -> Named<'a> {
        let arn = Arn::parse(text);
        let whole = arn.and_then(|arn| arn.resource.strip_prefix("parameter")).unwrap_or(text);
        let (name, selector) = whole.split_once(':').map_or((whole, None), |(name, selector)| (name, Some(selector)));
        Named { name, selector, arn }
    }

    /// AWS's own, or the path of all of them.
    fn is_public(&self) -> bool {
        self.name.strip_prefix(PUBLIC).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// What reading it must be allowed on.
    pub fn arn(&self, cx: &Cx) -> String {
        let account = cx.account();
        let of_caller = Arn {
            partition: cx.partition(),
            service: "ssm",
            region: cx.region_name(),
            account: if self.is_public() { "" } else { account.as_str() },
            resource: "",
        };
        let Arn { partition, region, account, .. } = self.arn.unwrap_or(of_caller);
        format!("arn:{partition}:ssm:{region}:{account}:parameter/{}", self.name.trim_start_matches('/'))
    }

    /// The parameter of the request's region.
    pub fn find(&self, cx: &Cx) -> Result<Parameter, Missing> {
        let elsewhere =
            |arn: Arn<'_>| (arn.partition, arn.region, arn.account) != (cx.partition(), cx.region_name(), "");
        let known = images::public_parameters().find(|name| *name == self.name);
        let name = known.filter(|_| !self.arn.is_some_and(elsewhere)).ok_or(Missing::Parameter)?;
        let versions = versions(cx, name);
        let newest = versions.last().copied().ok_or(Missing::Parameter)?;
        match self.selector {
            None => Ok(newest),
            Some(selector) => {
                let version: i64 = selector.parse().map_err(|_| Missing::Version)?;
                versions.into_iter().find(|it| it.version == version).ok_or(Missing::Version)
            }
        }
    }
}

fn versions(cx: &Cx, name: &'static str) -> Vec<Parameter> {
    let images = images::by_public_parameter(cx.region_name(), name);
    (1..).zip(images).map(|(version, image)| Parameter { name, version, image }).collect()
}

/// All public parameters of the request's region, each at its newest version.
pub fn all(cx: &Cx) -> impl Iterator<Item = Parameter> {
    images::public_parameters().filter_map(|name| versions(cx, name).pop())
}

/// The parameter that stands in place of an image's id, if one does.
pub fn named_by(image_id: &str) -> Option<Named<'_>> {
    image_id.strip_prefix("resolve:ssm:").map(Named::of)
}

/// The permission to read the parameter, which EC2 asks of the caller.
pub fn check(cx: &Cx, image_id: &str) -> Option<Check> {
    named_by(image_id).map(|named| Check::dependent("ssm:GetParameters", named.arn(cx)))
}

/// The image's id: itself, or what the parameter says; nothing if there is no such parameter.
pub fn resolved(cx: &Cx, image_id: &str) -> Option<String> {
    match named_by(image_id) {
        Some(named) => named.find(cx).ok().map(|it| it.image.image_id.clone()),
        None => Some(image_id.to_owned()),
    }
}

/// EC2's refusal of a parameter that is not there (as clients' notes quote it).
pub fn unresolved(image_id: &str) -> ApiError {
    let name = image_id.trim_start_matches("resolve:ssm:");
    ApiError::new("SsmInvalidParameter", format!("The following aliases are invalid: {name}"))
}

#[cfg(test)]
mod tests {
    use service::cx::testing;

    use super::*;

    const LINUX: &str = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";

    #[test]
    fn names_are_taken_apart() {
        let cx = testing::root_cx();
        let account = cx.account();
        for (text, name, selector, arn) in [
            (LINUX, LINUX, None, format!("arn:aws:ssm:us-east-1::parameter{LINUX}")),
            ("/golden:3", "/golden", Some("3"), format!("arn:aws:ssm:us-east-1:{account}:parameter/golden")),
            ("/aws/service", "/aws/service", None, "arn:aws:ssm:us-east-1::parameter/aws/service".to_owned()),
            (
                "/aws/services/x",
                "/aws/services/x",
                None,
                format!("arn:aws:ssm:us-east-1:{account}:parameter/aws/services/x"),
            ),
            ("golden", "golden", None, format!("arn:aws:ssm:us-east-1:{account}:parameter/golden")),
            (
                "arn:aws:ssm:eu-west-1:111122223333:parameter/a/b:prod",
                "/a/b",
                Some("prod"),
                "arn:aws:ssm:eu-west-1:111122223333:parameter/a/b".to_owned(),
            ),
        ] {
            let named = Named::of(text);
            assert_eq!((named.name, named.selector, named.arn(&cx)), (name, selector, arn), "{text}");
        }
    }

    #[test]
    fn versions_are_the_images_of_a_line() {
        let cx = testing::root_cx();
        let newest = Named::of(LINUX).find(&cx).unwrap();
        let first = Named::of(&format!("{LINUX}:1")).find(&cx).unwrap();
        assert!(newest.version > 1 && first.version == 1 && newest.image.image_id != first.image.image_id);
        assert!(first.modified_at() < newest.modified_at());
        assert_eq!(resolved(&cx, &format!("resolve:ssm:{LINUX}")).as_ref(), Some(&newest.image.image_id));
        let by_arn = format!("resolve:ssm:arn:aws:ssm:us-east-1::parameter{LINUX}:1");
        assert_eq!(resolved(&cx, &by_arn).as_ref(), Some(&first.image.image_id));
        for (text, missing) in [
            ("/aws/service/nothing".to_owned(), Missing::Parameter),
            (format!("{LINUX}:99"), Missing::Version),
            (format!("{LINUX}:prod"), Missing::Version),
            (format!("arn:aws:ssm:eu-west-1::parameter{LINUX}"), Missing::Parameter),
        ] {
            assert_eq!(Named::of(&text).find(&cx).map(|it| it.version), Err(missing), "{text}");
        }
    }
}
