//! CreateKeyPair, ImportKeyPair and DeleteKeyPair. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateKeyPair.html>

use std::any::Any;
use std::sync::Arc;

use service::operation::Preparation;
use service::prelude::*;

use super::material::{self, DrawnKeyPair, KeyType};
use super::{KeyPair, by_name};
use crate::kind;
use crate::refused::{invalid, missing};
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `CreateKeyPairRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateKeyPair {
    pub key_name: String,
    pub key_type: Option<String>,
    pub key_format: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `KeyPair`, the only answer that has the private key.
#[derive(Serialize, Shaped)]
pub struct Created {
    pub key_pair_id: String,
    pub key_name: String,
    pub key_fingerprint: String,
    pub key_material: String,
    pub tags: Option<Vec<Tag>>,
}

/// `ImportKeyPairRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ImportKeyPair {
    pub key_name: String,
    pub public_key_material: Vec<u8>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `ImportKeyPairResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Imported {
    pub key_pair_id: String,
    pub key_name: String,
    pub key_fingerprint: String,
    pub tags: Option<Vec<Tag>>,
}

/// `DeleteKeyPairRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteKeyPair {
    pub key_name: Option<String>,
    pub key_pair_id: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DeleteKeyPairResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Deleted {
    pub r#return: bool,
    pub key_pair_id: Option<String>,
}

/// CreateKeyPair on a pair of that name, and the tags.
pub fn to_create(cx: &Cx, _: &World, input: &CreateKeyPair) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let check = on_new(cx, &input.key_name, specifications)
        .key("ec2:KeyPairType", KeyType::of(input.key_type.as_deref()).word());
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "CreateKeyPair");
    std::iter::once(check).chain(tagging).collect()
}

/// ImportKeyPair on a pair of that name, and the tags.
pub fn to_import(cx: &Cx, _: &World, input: &ImportKeyPair) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let check = on_new(cx, &input.key_name, specifications);
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "ImportKeyPair");
    std::iter::once(check).chain(tagging).collect()
}

fn on_new(cx: &Cx, name: &str, specifications: Option<&[TagSpecification]>) -> Check {
    let tags = tags::requested(specifications, kind::KEY_PAIR.resource_type);
    Check::on(kind::KEY_PAIR.arn(cx, name)).not_created().request_tags(&tags)
}

/// The drawing, outside the store. Nothing is drawn for a dry run or a request that will be refused.
pub fn prepare(cx: &Cx, world: &World, input: &CreateKeyPair) -> Option<Preparation> {
    if input.dry_run == Some(true) {
        return None;
    }
    check_new(cx, world, &input.key_name, input.tag_specifications.as_deref()).ok()?;
    let (key_type, name) = (KeyType::of(input.key_type.as_deref()), input.key_name.clone());
    let draw = move |random| Arc::new(material::draw(key_type, &name, random)) as Arc<dyn Any + Send + Sync>;
    Some(Box::new(draw))
}

/// Keeps the public half of what was drawn, and answers the private one.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateKeyPair) -> Result<Created, ApiError> {
    let tags = check_new(cx, tx, &input.key_name, input.tag_specifications.as_deref())?;
    let key_type = KeyType::of(input.key_type.as_deref());
    let drawn = match cx.prepared::<Option<DrawnKeyPair>>() {
        Some(drawn) => drawn.clone(),
        // Nobody will see the pair of a dry run: the quick kind does.
        None if input.dry_run == Some(true) => material::draw(KeyType::Ed25519, &input.key_name, cx.ids.bytes()),
        // Refused when it was to be prepared, but not any more: the name became free in between.
        None => material::draw(key_type, &input.key_name, cx.ids.bytes()),
    };
    let drawn = drawn.ok_or_else(|| ApiError::internal("no usable key pair was drawn"))?;
    let pair = put(cx, tx, &input.key_name, key_type, drawn.fingerprint, drawn.public_openssh, tags);
    Ok(Created {
        key_pair_id: pair.id,
        key_name: pair.name,
        key_fingerprint: pair.fingerprint,
        key_material: if input.key_format.as_deref() == Some("ppk") { drawn.private_ppk } else { drawn.private_pem },
        tags: resource::tags_out(&pair.tags),
    })
}

/// Keeps a public key that was made elsewhere. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportKeyPair.html>
pub fn import(cx: &Cx, tx: &mut Tx, input: &ImportKeyPair) -> Result<Imported, ApiError> {
    let tags = check_new(cx, tx, &input.key_name, input.tag_specifications.as_deref())?;
    let key = material::import(&input.key_name, &input.public_key_material)
        .ok_or_else(|| ApiError::new("InvalidKey.Format", "Key is not in valid OpenSSH public key format"))?;
    let pair = put(cx, tx, &input.key_name, key.key_type, key.fingerprint, key.public_openssh, tags);
    Ok(Imported {
        key_pair_id: pair.id,
        key_name: pair.name,
        key_fingerprint: pair.fingerprint,
        tags: resource::tags_out(&pair.tags),
    })
}

/// Names are up to 255 ASCII characters, trimmed and on one line: AWS's sentences, seen in September 2026.
fn must_be_proper(name: &str) -> Result<(), ApiError> {
    if name.trim() != name {
        return Err(invalid(format!("Invalid value '{name}' for keyName. It should be trimmed")));
    }
    if name.chars().count() > 255 {
        return Err(invalid("Value for parameter KeyName is invalid. Length exceeds maximum of 255."));
    }
    if !name.is_ascii() {
        return Err(invalid("Value for parameter KeyName is invalid. Character sets beyond ASCII are not supported."));
    }
    if name.contains(|letter: char| letter.is_ascii_control()) {
        return Err(invalid(format!("Value for parameter {name} is invalid. KeyName")));
    }
    Ok(())
}

/// The name must be free and proper; the answer is the tags.
fn check_new(
    cx: &Cx,
    world: &World,
    name: &str,
    specifications: Option<&[TagSpecification]>,
) -> Result<Vec<Tag>, ApiError> {
    if name.is_empty() {
        return Err(missing("KeyName"));
    }
    must_be_proper(name)?;
    let tags = tags::of_new(specifications, kind::KEY_PAIR.resource_type)?;
    if by_name(world, cx.account(), cx.region_name(), name).is_some() {
        return Err(ApiError::new("InvalidKeyPair.Duplicate", format!("The keypair '{name}' already exists.")));
    }
    Ok(tags)
}

fn put(
    cx: &Cx,
    tx: &mut Tx,
    name: &str,
    key_type: KeyType,
    fingerprint: String,
    public_key: String,
    tags: Vec<Tag>,
) -> KeyPair {
    let pair = KeyPair {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::KEY_PAIR.prefix),
        name: name.to_owned(),
        key_type: key_type.word().to_owned(),
        fingerprint,
        public_key,
        created_at: cx.now,
        tags,
    };
    tx.put(pair.clone());
    pair
}

/// DeleteKeyPair on the pair, which may not exist.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteKeyPair) -> Vec<Check> {
    vec![match named(cx, world, input) {
        Some(pair) => resource::check_of(cx, world, &*pair),
        None => Check::on(kind::KEY_PAIR.arn(cx, input.key_name.as_deref().unwrap_or("*"))),
    }]
}

/// Removes a pair. One that does not exist is removed already. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteKeyPair.html>
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteKeyPair) -> Result<Deleted, ApiError> {
    if input.key_name.is_none() && input.key_pair_id.is_none() {
        return Err(missing("keyName or keyPairId"));
    }
    let pair = named(cx, tx, input);
    if let Some(pair) = &pair {
        resource::remove::<KeyPair>(tx, cx, &pair.id);
    }
    Ok(Deleted { r#return: true, key_pair_id: pair.map(|pair| pair.id.clone()) })
}

fn named(cx: &Cx, world: &World, input: &DeleteKeyPair) -> Option<Arc<KeyPair>> {
    match (&input.key_pair_id, &input.key_name) {
        (Some(id), _) => resource::look_up(world, cx, id),
        (None, name) => by_name(world, cx.account(), cx.region_name(), name.as_deref()?),
    }
}
