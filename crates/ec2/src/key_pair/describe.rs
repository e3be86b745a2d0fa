//! DescribeKeyPairs. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeKeyPairs.html>

use std::sync::Arc;

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::{KeyPair, by_name};
use crate::resource;

/// `DescribeKeyPairsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeKeyPairs {
    pub key_names: Option<Vec<String>>,
    pub key_pair_ids: Option<Vec<String>>,
    pub include_public_key: Option<bool>,
    pub filters: Option<Vec<Filter>>,
    pub dry_run: Option<bool>,
}

/// `DescribeKeyPairsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct KeyPairs {
    pub key_pairs: Vec<KeyPairOut>,
}

/// `KeyPairInfo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct KeyPairOut {
    pub key_pair_id: String,
    pub key_name: String,
    pub key_type: String,
    pub key_fingerprint: String,
    pub public_key: Option<String>,
    pub create_time: Timestamp,
    pub tags: Vec<Tag>,
}

static FIELDS: Fields<KeyPair> = Fields {
    fields: &[
        ("fingerprint", |it, values| values.push(it.fingerprint.as_str())),
        ("key-name", |it, values| values.push(it.name.as_str())),
        ("key-pair-id", |it, values| values.push(it.id.as_str())),
    ],
    tags: Some(|it| &it.tags),
};

/// All pairs that pass the filters, or those named; by name.
pub fn describe(cx: &Cx, world: &World, input: &DescribeKeyPairs) -> Result<KeyPairs, ApiError> {
    // A filter without values lets nothing pass, as was seen of AWS in September 2026.
    if input.filters.iter().flatten().any(|filter| filter.values.as_ref().is_none_or(Vec::is_empty)) {
        return Ok(KeyPairs { key_pairs: Vec::new() });
    }
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let names = input.key_names.as_deref().unwrap_or_default();
    let ids = input.key_pair_ids.as_deref().unwrap_or_default();
    let mut found: Vec<Arc<KeyPair>> = resource::named(world, cx, ids)?;
    found.extend(with_names(cx, world, names)?);
    if names.is_empty() && ids.is_empty() {
        found.extend(resource::all::<KeyPair>(cx, world));
    }
    found.retain(|pair| chosen.admit(pair));
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.dedup_by(|a, b| a.name == b.name);
    let with_public_key = input.include_public_key == Some(true);
    Ok(KeyPairs { key_pairs: found.iter().map(|pair| out(pair, with_public_key)).collect() })
}

fn with_names(cx: &Cx, world: &World, names: &[String]) -> Result<Vec<Arc<KeyPair>>, ApiError> {
    let find = |name: &String| by_name(world, cx.account(), cx.region_name(), name);
    let missing: Vec<&str> = names.iter().filter(|name| find(name).is_none()).map(String::as_str).collect();
    let message = match missing.as_slice() {
        [] => return Ok(names.iter().filter_map(find).collect()),
        [one] => format!("The key pair '{one}' does not exist"),
        many => format!("The key pairs '{}' do not exist", many.join(", ")),
    };
    Err(ApiError::new("InvalidKeyPair.NotFound", message))
}

fn out(pair: &KeyPair, with_public_key: bool) -> KeyPairOut {
    KeyPairOut {
        key_pair_id: pair.id.clone(),
        key_name: pair.name.clone(),
        key_type: pair.key_type.clone(),
        key_fingerprint: pair.fingerprint.clone(),
        public_key: with_public_key.then(|| format!("{}\n", pair.public_key)),
        create_time: pair.created_at,
        tags: pair.tags.clone(),
    }
}
