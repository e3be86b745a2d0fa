//! With which metadata options instances start where neither the launch nor anything stronger says so, and whether tokens are enforced.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-options-order-of-precedence.html>

use service::prelude::*;

use super::{MANAGED_BY, Value, get as setting, of, set};
use crate::instance::run::input::MetadataWish;
use crate::instance::{MetadataOptions, Tokens};

/// What was chosen; `None` is no preference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Defaults {
    http_tokens: Option<String>,
    hop_limit: Option<i64>,
    http_endpoint: Option<String>,
    instance_metadata_tags: Option<String>,
    http_tokens_enforced: Option<String>,
}

impl Value for Defaults {
    const NAME: &'static str = "instance-metadata-defaults";
}

const NO_PREFERENCE: &str = "no-preference";

/// `GetInstanceMetadataDefaultsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetInstanceMetadataDefaults {
    pub dry_run: Option<bool>,
}

/// `GetInstanceMetadataDefaultsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct DefaultsOut {
    pub account_level: AccountLevel,
}

/// `InstanceMetadataDefaultsResponse`.
#[derive(Debug, Serialize, Shaped)]
pub struct AccountLevel {
    pub http_tokens: Option<String>,
    pub http_put_response_hop_limit: Option<i64>,
    pub http_endpoint: Option<String>,
    pub instance_metadata_tags: Option<String>,
    pub managed_by: &'static str,
    pub http_tokens_enforced: Option<String>,
}

/// `ModifyInstanceMetadataDefaultsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyInstanceMetadataDefaults {
    pub http_tokens: Option<String>,
    pub http_put_response_hop_limit: Option<i64>,
    pub http_endpoint: Option<String>,
    pub instance_metadata_tags: Option<String>,
    pub dry_run: Option<bool>,
    pub http_tokens_enforced: Option<String>,
}

/// `ModifyInstanceMetadataDefaultsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Modified {
    pub r#return: bool,
}

/// What was chosen.
pub fn get(cx: &Cx, world: &World, _: &GetInstanceMetadataDefaults) -> Result<DefaultsOut, ApiError> {
    let held: Defaults = setting(cx, world);
    let account_level = AccountLevel {
        http_tokens: held.http_tokens,
        http_put_response_hop_limit: held.hop_limit,
        http_endpoint: held.http_endpoint,
        instance_metadata_tags: held.instance_metadata_tags,
        managed_by: MANAGED_BY,
        http_tokens_enforced: held.http_tokens_enforced,
    };
    Ok(DefaultsOut { account_level })
}

/// What any account chose, in JSON, with the members that declarative policies have for it.
pub fn told(world: &World, account: AccountId, region: &str) -> String {
    let held: Defaults = of(world, account, region);
    let chosen = |word: Option<String>| word.unwrap_or_else(|| NO_PREFERENCE.to_owned());
    let told = serde_json::json!({
        "http_endpoint": chosen(held.http_endpoint),
        "http_put_response_hop_limit": held.hop_limit.unwrap_or(-1),
        "http_tokens": chosen(held.http_tokens),
        "instance_metadata_tags": chosen(held.instance_metadata_tags),
    });
    told.to_string()
}

/// ModifyInstanceMetadataDefaults with the new values as `ec2:Attribute/…`.
pub fn to_modify(_: &Cx, _: &World, input: &ModifyInstanceMetadataDefaults) -> Vec<Check> {
    let values = [
        ("HttpTokens", input.http_tokens.clone()),
        ("HttpPutResponseHopLimit", input.http_put_response_hop_limit.map(|hops| hops.to_string())),
        ("HttpEndpoint", input.http_endpoint.clone()),
        ("InstanceMetadataTags", input.instance_metadata_tags.clone()),
        ("HttpTokensEnforced", input.http_tokens_enforced.clone()),
    ];
    let add =
        |check: Check, (name, value): (&str, Option<String>)| check.key_if(&format!("ec2:Attribute/{name}"), value);
    vec![values.into_iter().fold(Check::any(), add)]
}

/// Chooses; `no-preference` and -1 take a choice back, what is left out stays.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyInstanceMetadataDefaults) -> Result<Modified, ApiError> {
    if let Some(hops) = input.http_put_response_hop_limit
        && hops != -1
        && !(1..=64).contains(&hops)
    {
        let message = format!(
            "Value ({hops}) for parameter HttpPutResponseHopLimit is invalid. Value must be between 1 and 64, or -1 for no preference."
        );
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let held: Defaults = setting(cx, tx);
    let changed = Defaults {
        http_tokens: chosen(input.http_tokens.as_ref(), held.http_tokens),
        hop_limit: input.http_put_response_hop_limit.map_or(held.hop_limit, |hops| Some(hops).filter(|hops| *hops > 0)),
        http_endpoint: chosen(input.http_endpoint.as_ref(), held.http_endpoint),
        instance_metadata_tags: chosen(input.instance_metadata_tags.as_ref(), held.instance_metadata_tags),
        http_tokens_enforced: chosen(input.http_tokens_enforced.as_ref(), held.http_tokens_enforced),
    };
    set(cx, tx, &changed)?;
    Ok(Modified { r#return: true })
}

fn chosen(wanted: Option<&String>, held: Option<String>) -> Option<String> {
    match wanted.map(String::as_str) {
        None => held,
        Some(NO_PREFERENCE) => None,
        Some(word) => Some(word.to_owned()),
    }
}

/// What the account wishes for instances whose launch leaves it open.
pub fn wish(cx: &Cx, world: &World) -> MetadataWish {
    let held: Defaults = setting(cx, world);
    MetadataWish {
        http_tokens: held.http_tokens,
        http_put_response_hop_limit: held.hop_limit,
        http_endpoint: held.http_endpoint,
        http_protocol_ipv6: None,
        instance_metadata_tags: held.instance_metadata_tags,
    }
}

/// Where tokens are enforced no instance starts without asking for them.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html>
pub fn may_launch(cx: &Cx, world: &World, options: &MetadataOptions) -> Result<(), ApiError> {
    if options.http_tokens == Tokens::Required || !enforces(cx, world) {
        return Ok(());
    }
    let message = "You can't launch instances with IMDSv1 because httpTokensEnforced is enabled for this account. Either launch the instance \
                   with httpTokens=required or contact your account owner to disable httpTokensEnforced using the \
                   ModifyInstanceMetadataDefaults API or the account settings in the EC2 console.";
    Err(ApiError::new("UnsupportedOperation", message))
}

/// Nor does one stop asking.
pub fn may_change(cx: &Cx, world: &World, http_tokens: Option<&str>) -> Result<(), ApiError> {
    if http_tokens != Some("optional") || !enforces(cx, world) {
        return Ok(());
    }
    let message = "You can't set httpTokens to 'optional' because httpTokensEnforced is enabled for this account.";
    Err(ApiError::new("UnsupportedOperation", message))
}

fn enforces(cx: &Cx, world: &World) -> bool {
    setting::<Defaults>(cx, world).http_tokens_enforced.as_deref() == Some("enabled")
}
