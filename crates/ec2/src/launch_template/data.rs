//! A launch's parameters as a template keeps them: the request's value as the model decodes it, with the model's names. What is asked for is written out
//! again as it came, so every member is honoured; a launch reads what it knows.
//!
//! The model's shapes of a request's and an answer's template data have the same names (a test holds them against each other).

use serde_json::{Map, Value as Json};
use service::prelude::*;

use crate::image::parameter;
use crate::instance::run::input::RunInstances;

/// `RequestLaunchTemplateData` and `ResponseLaunchTemplateData`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Data(pub Map<String, Json>);

impl Shaped for Data {}

impl Data {
    /// What stands at the end of a path of members: `MetadataOptions`, `HttpTokens`.
    pub fn get(&self, path: &[&str]) -> Option<&Json> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.0.get(*first)?, |held, name| held.get(name))
    }

    /// The text there.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        self.get(path)?.as_str()
    }

    /// The list there; empty if there is none.
    pub fn list(&self, name: &str) -> &[Json] {
        self.0.get(name).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// The permission to read the parameter that names the image, if one does.
    pub fn check_on_parameter(&self, cx: &Cx) -> Option<Check> {
        parameter::check(cx, self.text(&["ImageId"])?)
    }

    /// A parameter that names the image is there.
    pub fn must_be_resolvable(&self, cx: &Cx) -> Result<(), ApiError> {
        match self.text(&["ImageId"]) {
            Some(image) if parameter::resolved(cx, image).is_none() => Err(parameter::unresolved(image)),
            _ => Ok(()),
        }
    }

    /// The same with the image's own id, if a parameter names it.
    pub fn resolved(mut self, cx: &Cx) -> Data {
        let image = self.text(&["ImageId"]).and_then(|image| parameter::resolved(cx, image));
        if let (Some(image), Some(held)) = (image, self.0.get_mut("ImageId")) {
            *held = Json::from(image);
        }
        self
    }

    /// What of it a structure of the model has members for.
    pub fn fitting(&self, structure: &str) -> Data {
        let model = wire::model(service::Service::Ec2);
        let shape = model.shapes().find(|shape| shape.name == structure);
        match shape.map(|shape| fitting(model, &shape.kind, &Json::Object(self.0.clone()))) {
            Some(Json::Object(members)) => Data(members),
            _ => Data::default(),
        }
    }

    /// These parameters on top of those of a source version. Snapshots in the source's block devices are inherited, as was seen in September 2026,
    /// though the documentation denies it.
    /// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html>
    pub fn over(&self, source: &Data) -> Data {
        let mut merged = source.0.clone();
        merged.extend(self.0.clone());
        Data(merged)
    }

    /// A launch by these parameters, on top of which come those of the request.
    pub fn launch(&self, request: &RunInstances) -> Result<RunInstances, ApiError> {
        let unreadable = |error: serde_json::Error| ApiError::internal(format!("a launch template's data: {error}"));
        let mut merged = snake(&Json::Object(self.0.clone()));
        merge("", &mut merged, serde_json::to_value(request).map_err(unreadable)?);
        serde_json::from_value(merged).map_err(unreadable)
    }
}

fn fitting(model: &wire::Model, kind: &wire::Kind, value: &Json) -> Json {
    match (kind, value) {
        (wire::Kind::Structure(structure), Json::Object(members)) => {
            let known = |(name, value): (&String, &Json)| {
                let (_, member) = structure.by_name(name)?;
                Some((name.clone(), fitting(model, &model.shape(member.shape).kind, value)))
            };
            Json::Object(members.iter().filter_map(known).collect())
        }
        (wire::Kind::List(list), Json::Array(items)) => {
            items.iter().map(|item| fitting(model, &model.shape(list.member).kind, item)).collect()
        }
        _ => value.clone(),
    }
}

/// The names as the structs of a launch spell them: `HttpTokens` is `http_tokens`.
pub fn snake(value: &Json) -> Json {
    match value {
        Json::Object(members) => {
            Json::Object(members.iter().map(|(name, value)| (snake_name(name), snake(value))).collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(snake).collect()),
        other => other.clone(),
    }
}

/// A word begins where a small letter ends and a large one begins, and before the last of several large ones: `DnsAAAARecord`, `dns_aaaa_record`.
fn snake_name(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (position, letter) in letters.iter().enumerate() {
        let before = position.checked_sub(1).and_then(|before| letters.get(before));
        let small_next = letters.get(position + 1).is_some_and(|next| next.is_ascii_lowercase());
        let begins = letter.is_ascii_uppercase() && before.is_some_and(|it| !it.is_ascii_uppercase() || small_next);
        if begins {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// What the request says stands in place of what the template says, member by member; what it leaves open stays. Block devices add up (the launch reads
/// them in order, a later one of a name changes an earlier one), tags add up by their keys; other lists are taken whole, and so is what names one thing.
/// That parameters "overwrite the corresponding parameters" is documented; how deep that goes, and that tags add up, is not.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html>
fn merge(name: &str, held: &mut Json, wish: Json) {
    match (held, wish) {
        (_, Json::Null) => {}
        (Json::Object(held), Json::Object(wish)) if name != "iam_instance_profile" => {
            for (name, wish) in wish {
                merge(&name, held.entry(name.clone()).or_insert(Json::Null), wish);
            }
        }
        (Json::Array(_), Json::Array(wish)) if wish.is_empty() => {}
        (Json::Array(held), Json::Array(wish)) if name == "block_device_mappings" => held.extend(wish),
        (Json::Array(held), Json::Array(wish)) if name == "tag_specifications" => {
            add(held, wish, "resource_type", "tags")
        }
        (Json::Array(held), Json::Array(wish)) if name == "tags" => add(held, wish, "key", ""),
        (held, wish) => *held = wish,
    }
}

/// Adds entries; those with the same `key` are merged (`inside`) or replaced.
fn add(held: &mut Vec<Json>, wish: Vec<Json>, key: &str, inside: &str) {
    for entry in wish {
        match held.iter_mut().find(|it| it.get(key) == entry.get(key)) {
            Some(same) if !inside.is_empty() => merge("", same, entry),
            Some(same) => *same = entry,
            None => held.push(entry),
        }
    }
}
