//! The options of an instance's metadata service: what a launch sets and ModifyInstanceMetadataOptions changes.
//!
//! The rules are the same for both: [`combination`] says which options go together, [`for_launch`] where defaults come from. The options apply at once;
//! they are `pending` for a moment. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html>

use service::prelude::*;

use super::out::MetadataOut;
use super::record::{Instance, MetadataOptions, Tokens};
use super::run::input::MetadataWish;
use super::{authorize, find, view};
use crate::setting::metadata_defaults;

/// `ModifyInstanceMetadataOptionsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyInstanceMetadataOptions {
    pub instance_id: String,
    pub http_tokens: Option<String>,
    pub http_put_response_hop_limit: Option<i64>,
    pub http_endpoint: Option<String>,
    pub http_protocol_ipv6: Option<String>,
    pub instance_metadata_tags: Option<String>,
    pub dry_run: Option<bool>,
}

/// `ModifyInstanceMetadataOptionsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Modified {
    pub instance_id: String,
    pub instance_metadata_options: MetadataOut,
}

impl ModifyInstanceMetadataOptions {
    fn wish(&self) -> MetadataWish {
        MetadataWish {
            http_tokens: self.http_tokens.clone(),
            http_put_response_hop_limit: self.http_put_response_hop_limit,
            http_endpoint: self.http_endpoint.clone(),
            http_protocol_ipv6: self.http_protocol_ipv6.clone(),
            instance_metadata_tags: self.instance_metadata_tags.clone(),
        }
    }
}

/// The hops that a launch template asks for, in AWS's words of September 2026, quotation marks and all.
pub fn hops_must_fit(hops: Option<i64>) -> Result<(), ApiError> {
    let Some(hops) = hops.filter(|hops| !(1..=64).contains(hops)) else { return Ok(()) };
    let wanted = "Specify a value between 1 and 64, and try again.";
    let message = format!("A value of ‘{hops}’ is not valid for http-put-response-hop-limit. {wanted}");
    Err(ApiError::new("InvalidParameterValue", message))
}

/// Which options go together: a disabled endpoint has none, and hops are 1 to 64.
pub fn combination(wish: &MetadataWish) -> Result<(), ApiError> {
    if let Some(hops) = wish.http_put_response_hop_limit
        && !(1..=64).contains(&hops)
    {
        let message =
            format!("Value ({hops}) for parameter HttpPutResponseHopLimit is invalid. Value must be between 1 and 64.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let others = wish.http_tokens.is_some()
        || wish.http_put_response_hop_limit.is_some()
        || wish.http_protocol_ipv6.is_some()
        || wish.instance_metadata_tags.is_some();
    if wish.http_endpoint.as_deref() == Some("disabled") && others {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            "Your request must not contain other metadata options when HttpEndpoint is disabled.",
        ));
    }
    Ok(())
}

/// The options of a new instance: the request's, else those the account has set, else the image's, else the built-in ones.
///
/// An image made for IMDSv2 alone (`ImdsSupport`) asks for tokens and allows two hops, for containers.
pub fn for_launch(cx: &Cx, world: &World, wish: Option<&MetadataWish>, image_asks_for_tokens: bool) -> MetadataOptions {
    let base = MetadataOptions {
        http_tokens: if image_asks_for_tokens { Tokens::Required } else { Tokens::Optional },
        hop_limit: if image_asks_for_tokens { 2 } else { 1 },
        http_endpoint: true,
        http_protocol_ipv6: false,
        instance_metadata_tags: false,
        changed_at: cx.now,
    };
    let base = with(base, &metadata_defaults::wish(cx, world));
    match wish {
        Some(wish) => with(base, wish),
        None => base,
    }
}

fn with(held: MetadataOptions, wish: &MetadataWish) -> MetadataOptions {
    let switch = |word: &Option<String>, held: bool| word.as_deref().map_or(held, |word| word == "enabled");
    MetadataOptions {
        http_tokens: wish.http_tokens.as_deref().map_or(held.http_tokens, Tokens::of),
        hop_limit: wish.http_put_response_hop_limit.unwrap_or(held.hop_limit),
        http_endpoint: switch(&wish.http_endpoint, held.http_endpoint),
        http_protocol_ipv6: switch(&wish.http_protocol_ipv6, held.http_protocol_ipv6),
        instance_metadata_tags: switch(&wish.instance_metadata_tags, held.instance_metadata_tags),
        changed_at: held.changed_at,
    }
}

/// With tags in the metadata, their keys become path elements and may hold only what fits there.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html>
pub fn tags_must_fit(options: &MetadataOptions, tags: &[Tag]) -> Result<(), ApiError> {
    if !options.instance_metadata_tags {
        return Ok(());
    }
    match tags.iter().find(|tag| !fits_in_a_path(&tag.key)) {
        None => Ok(()),
        Some(tag) => Err(ApiError::new(
            "InvalidParameterValue",
            format!(
                "'{}' is not a valid tag key. Tag keys must match pattern ('^(?!_index$|\\.{{1,2}}$)[0-9a-zA-Z\\-_+=,.@:]{{1,255}}$') \
                 and must not be '.', '..' or '_index' when instance metadata tags are enabled.",
                tag.key
            ),
        )),
    }
}

fn fits_in_a_path(key: &str) -> bool {
    let known = |character: char| character.is_ascii_alphanumeric() || "-_+=,.@:".contains(character);
    !key.is_empty() && key.len() <= 255 && !["_index", ".", ".."].contains(&key) && key.chars().all(known)
}

/// Refused before anyone is asked for permission.
pub fn check(_: &Cx, _: &World, input: &ModifyInstanceMetadataOptions) -> Result<(), ApiError> {
    combination(&input.wish())
}

/// What ModifyInstanceMetadataOptions must be allowed: the instance, with the new values as `ec2:Attribute/…`.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyInstanceMetadataOptions) -> Vec<Check> {
    let values = [
        ("HttpTokens", input.http_tokens.clone()),
        ("HttpPutResponseHopLimit", input.http_put_response_hop_limit.map(|hops| hops.to_string())),
        ("HttpEndpoint", input.http_endpoint.clone()),
        ("HttpProtocolIpv6", input.http_protocol_ipv6.clone()),
        ("InstanceMetadataTags", input.instance_metadata_tags.clone()),
    ];
    let values: Vec<_> = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    vec![authorize::attributes(authorize::on_instance(cx, world, &input.instance_id), &values)]
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMetadataOptions.html>
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyInstanceMetadataOptions) -> Result<Modified, ApiError> {
    let instance = find(cx, tx, &input.instance_id)?.clone();
    if instance.terminated_at().is_some() {
        let message = format!(
            "The instance '{}' is not in a state from which its metadata options can be modified.",
            instance.id
        );
        return Err(ApiError::new("IncorrectInstanceState", message));
    }
    metadata_defaults::may_change(cx, tx, input.http_tokens.as_deref())?;
    let options = MetadataOptions { changed_at: cx.now, ..with(instance.metadata.clone(), &input.wish()) };
    tags_must_fit(&options, &instance.tags)?;
    let instance_metadata_options = view::metadata_out(&options, cx.now, cx.settings.states);
    tx.update::<Instance>(&[instance.account.as_str(), &instance.region, &instance.id], |it| it.metadata = options);
    Ok(Modified { instance_id: instance.id.clone(), instance_metadata_options })
}
