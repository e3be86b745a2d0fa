//! Images that a user brings with `--images FILE`: a JSON list of objects with DescribeImages' member names and `Region`. A name counts
//! ignoring case and underscores, as everywhere; one that no image has is an error, so that a slip does not go unseen.

use std::sync::OnceLock;

use serde_json::{Map, Value};
use service::regions;
use wire::{FieldDef, Shaped};

use super::image::Image;

static ADDED: OnceLock<Vec<(String, Image)>> = OnceLock::new();

/// The images added to this process: none from the moment someone asked before any came.
pub(super) fn of_process() -> &'static [(String, Image)] {
    ADDED.get_or_init(Vec::new)
}

pub(super) fn add(images: Vec<(String, Image)>) -> Result<(), String> {
    ADDED.set(images).map_err(|_| "images can be added only once, before they are first asked for".to_owned())
}

/// Reads the file's text: regions and the image each is to have. `Region`, `ImageId` and `Name` are required.
///
/// # Errors
/// Says which image is wrong (counted from 1) and why.
pub fn parse_extension(text: &str) -> Result<Vec<(String, Image)>, String> {
    let images: Vec<Map<String, Value>> =
        serde_json::from_str(text).map_err(|error| format!("this is no JSON list of images: {error}"))?;
    let numbered = images.into_iter().zip(1..);
    numbered.map(|(image, number)| parse(image).map_err(|error| format!("image {number}: {error}"))).collect()
}

fn parse(mut members: Map<String, Value>) -> Result<(String, Image), String> {
    let name = members.keys().find(|name| folded(name) == "region").cloned().ok_or("`Region` is missing")?;
    let region =
        members.remove(&name).and_then(|value| value.as_str().map(str::to_owned)).ok_or("`Region` is no text")?;
    if regions::region(&region).is_none() {
        return Err(format!("there is no region `{region}`"));
    }
    let value = renamed(Value::Object(members), Image::fields().unwrap_or_default())?;
    let mut image: Image = serde_json::from_value(value).map_err(|error| error.to_string())?;
    if !is_image_id(&image.image_id) {
        return Err(format!("`ImageId` must be `ami-` and 8 or 17 hexadecimal digits, not `{}`", image.image_id));
    }
    if image.name.is_empty() {
        return Err("`Name` is missing".into());
    }
    if image.owner_id.is_empty() {
        image.owner_id = "000000000000".into();
    }
    if image.image_location.is_empty() {
        image.image_location =
            format!("{}/{}", image.image_owner_alias.as_ref().unwrap_or(&image.owner_id), image.name);
    }
    Ok((region, image))
}

fn is_image_id(id: &str) -> bool {
    let digits = id.strip_prefix("ami-").unwrap_or_default();
    [8, 17].contains(&digits.len()) && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The value with its members called as the struct's fields.
fn renamed(value: Value, fields: &[FieldDef]) -> Result<Value, String> {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| {
                let field = fields.iter().find(|field| folded(field.name) == folded(&name));
                let field = field.ok_or_else(|| format!("an image has no `{name}`"))?;
                Ok((field.name.to_owned(), renamed(value, (field.fields)().unwrap_or_default())?))
            });
            Ok(Value::Object(members.collect::<Result<_, String>>()?))
        }
        Value::Array(items) => {
            items.into_iter().map(|item| renamed(item, fields)).collect::<Result<_, _>>().map(Value::Array)
        }
        other => Ok(other),
    }
}

fn folded(name: &str) -> String {
    name.chars().filter(|letter| *letter != '_').map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_whatever_their_spelling() {
        let text = r#"[{"Region": "eu-west-1", "ImageId": "ami-0123456789abcdef0", "name": "mine", "Architecture": "arm64",
            "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 12, "snapshot_id": "snap-01234567"}}]}]"#;
        let images = parse_extension(text).expect("sound");
        let (region, image) = images.first().expect("one");
        assert_eq!((region.as_str(), image.name.as_str(), image.architecture.as_str()), ("eu-west-1", "mine", "arm64"));
        assert_eq!((image.image_location.as_str(), image.state.as_str()), ("000000000000/mine", "available"));
        let ebs = image.block_device_mappings.first().and_then(|device| device.ebs.as_ref()).expect("one");
        assert_eq!((ebs.volume_size, ebs.snapshot_id.as_deref()), (Some(12), Some("snap-01234567")));
    }

    #[test]
    fn slips_are_named() {
        let sound = r#""Region": "eu-west-1", "ImageId": "ami-12345678", "Name": "x""#;
        let cases = [
            ("{}", "this is no JSON list of images"),
            (r#"[{"ImageId": "ami-12345678", "Name": "x"}]"#, "image 1: `Region` is missing"),
            (
                r#"[{"Region": "eu-west-9", "ImageId": "ami-12345678", "Name": "x"}]"#,
                "image 1: there is no region `eu-west-9`",
            ),
            (r#"[{"Region": "eu-west-1", "ImageId": "ami-mine", "Name": "x"}]"#, "image 1: `ImageId` must be"),
            (r#"[{"Region": "eu-west-1", "ImageId": "ami-12345678"}]"#, "image 1: `Name` is missing"),
            (&format!(r#"[{{{sound}}}, {{{sound}, "Arch": "arm64"}}]"#), "image 2: an image has no `Arch`"),
            (&format!(r#"[{{{sound}, "Public": "yes"}}]"#), "image 1: invalid type"),
        ];
        for (text, expected) in cases {
            let error = parse_extension(text).expect_err(text);
            assert!(error.starts_with(expected), "{text}: {error}");
        }
        assert_eq!(parse_extension("[]"), Ok(Vec::new()));
    }
}
