//! ProvisionByoipCidr, AdvertiseByoipCidr, WithdrawByoipCidr, DeprovisionByoipCidr: what becomes of a range.

use super::*;
use crate::family::ipam::public;
use crate::kind;
use crate::tags::{self, TagSpecification};

/// How long these take at AWS: provisioning up to weeks, the others minutes.
const PROVISIONING_SECONDS: i64 = 3_600;
const SECONDS: i64 = 120;
/// How long what was given back is seen.
pub const SHOWN: SignedDuration = SignedDuration::from_hours(1);

/// `ProvisionByoipCidrRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Provision {
    pub cidr: String,
    pub cidr_authorization_context: Option<Context>,
    pub publicly_advertisable: Option<bool>,
    pub description: Option<String>,
    pub pool_tag_specifications: Option<Vec<TagSpecification>>,
    pub network_border_group: Option<String>,
    pub dry_run: Option<bool>,
}

/// `CidrAuthorizationContext`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Context {
    pub message: String,
    pub signature: String,
}

/// `AdvertiseByoipCidrRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Advertise {
    pub cidr: String,
    pub asn: Option<String>,
    pub network_border_group: Option<String>,
    pub dry_run: Option<bool>,
}

/// `WithdrawByoipCidrRequest` and `DeprovisionByoipCidrRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Named {
    pub cidr: String,
    pub dry_run: Option<bool>,
}

/// The answer of all.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub byoip_cidr: ByoipCidrOut,
}

fn invalid(text: &str, why: &str) -> ApiError {
    ApiError::new("InvalidParameterValue", format!("Value ({text}) for parameter Cidr is invalid. {why}"))
}

/// The range of a request, of a size that AWS takes. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ProvisionByoipCidr.html>
fn range(text: &str, advertisable: bool) -> Result<IpNet, ApiError> {
    let parsed = text.parse::<IpNet>().map_err(|_| invalid(text, "This is not a valid CIDR block."))?.trunc();
    let (most, kind) = match parsed {
        IpNet::V4(_) => (24, "IPv4"),
        IpNet::V6(_) if advertisable => (48, "IPv6"),
        IpNet::V6(_) => (56, "IPv6"),
    };
    if parsed.prefix_len() > most {
        return Err(invalid(text, &format!("The most specific {kind} prefix that can be provisioned is /{most}.")));
    }
    // Registries give no more to anybody: <https://www.iana.org/assignments/ipv4-address-space>
    if parsed.prefix_len() < LEAST {
        return Err(invalid(text, &format!("The least specific prefix that can be provisioned is /{LEAST}.")));
    }
    let is_of = |reserved: &&str| reserved.parse::<IpNet>().is_ok_and(|reserved| overlap(reserved, parsed));
    if NOT_PUBLIC.iter().any(is_of) {
        return Err(invalid(text, "This is not a public address range."));
    }
    if AMAZONS.iter().any(is_of) {
        return Err(invalid(text, "The address range is Amazon's."));
    }
    Ok(parsed)
}

/// The length of the largest range.
const LEAST: u8 = 8;

/// Ranges that are nobody's on the internet.
/// <https://www.iana.org/assignments/iana-ipv4-special-registry>, <https://www.iana.org/assignments/iana-ipv6-special-registry>
const NOT_PUBLIC: [&str; 12] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
    "::/8",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
];

/// What public addresses and IPv6 blocks are drawn of here.
const AMAZONS: [&str; 5] = ["3.0.0.0/8", public::CONTIGUOUS, "2600:1f00::/24", "2406:da00::/24", "2a05:d000::/25"];

/// `1|aws|ACCOUNT|CIDR|YYYYMMDD|SHA256|RSAPSS`
pub fn is_proven(message: &str, signature: &str, account: AccountId, range: &IpNet) -> bool {
    is_signed(message, signature, account, |text| text.parse::<IpNet>().is_ok_and(|named| named.trunc() == *range))
}

/// Whether a message names the account and what is meant, `1|aws|ACCOUNT|…|YYYYMMDD|SHA256|RSAPSS`, and has a signature.
pub fn is_signed(message: &str, signature: &str, account: AccountId, is_meant: impl FnOnce(&str) -> bool) -> bool {
    let parts: Vec<&str> = message.split('|').collect();
    match parts.as_slice() {
        ["1", "aws", held, named, _, "SHA256", "RSAPSS"] => {
            *held == account.as_str() && is_meant(named) && !signature.is_empty()
        }
        _ => false,
    }
}

/// Whether a range can be brought: it is of a size that AWS takes and public, and nobody has it.
pub fn check_new(world: &World, account: AccountId, block: &IpNet, advertisable: bool) -> Result<(), ApiError> {
    let text = block.to_string();
    let range = range(&text, advertisable)?;
    // What another account could not prove is not in the way.
    let counts = |held: &ByoipCidr| held.gone_at.is_none() && (held.failure.is_none() || held.account == account);
    if world.scan::<ByoipCidr>(&[]).any(|held| counts(held) && overlap(held.cidr, range)) {
        return Err(invalid(&text, "The address range overlaps with one that was provisioned already."));
    }
    Ok(())
}

/// A range that is provisioned to an IPAM pool.
pub fn of_ipam(cx: &Cx, account: AccountId, region: &str, cidr: IpNet, pool: &str) -> ByoipCidr {
    ByoipCidr {
        account,
        region: region.to_owned(),
        cidr,
        description: None,
        pool_id: String::new(),
        advertisable: true,
        stage: Stage::begin(cx, "pending-provision", "provisioned", SECONDS),
        failure: None,
        ipam_pool_id: Some(pool.to_owned()),
        asns: Vec::new(),
        advertised_as: None,
        gone_at: None,
    }
}

/// ProvisionByoipCidr, which knows no resources, and the tags of the pool.
pub fn to_provision(cx: &Cx, _: &World, input: &Provision) -> Vec<Check> {
    let specifications = input.pool_tag_specifications.as_deref().unwrap_or_default();
    let tagging = tags::tag_on_create_checks(cx, specifications, "ProvisionByoipCidr");
    std::iter::once(Check::any()).chain(tagging).collect()
}

/// Brings a range, and makes its pool.
pub fn provision(cx: &Cx, tx: &mut Tx, input: &Provision) -> Result<Changed, ApiError> {
    let advertisable = input.publicly_advertisable.unwrap_or(true);
    let range = range(&input.cidr, advertisable)?;
    check_border_group(cx, input.network_border_group.as_deref())?;
    check_new(tx, cx.account(), &range, advertisable)?;
    let context = input.cidr_authorization_context.as_ref();
    let is_proven = context.is_some_and(|it| is_proven(&it.message, &it.signature, cx.account(), &range));
    let specifications = input.pool_tag_specifications.as_deref();
    let pool_id = match range {
        IpNet::V4(block) => {
            let tags = tags::of_new(specifications, kind::PUBLIC_IPV4_POOL.resource_type)?;
            pool::brought(cx, tx, block, input.description.clone(), tags)
        }
        IpNet::V6(block) => {
            let tags = tags::of_new(specifications, kind::IPV6_POOL.resource_type)?;
            ipv6_pool::brought(cx, tx, block, input.description.as_deref(), tags)
        }
    };
    let then = match (is_proven, advertisable) {
        (false, _) => "failed-provision",
        (true, true) => "provisioned",
        (true, false) => "provisioned-not-publicly-advertisable",
    };
    let held = ByoipCidr {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        cidr: range,
        description: input.description.clone(),
        pool_id,
        advertisable,
        stage: Stage::begin(cx, "pending-provision", then, PROVISIONING_SECONDS),
        failure: (!is_proven)
            .then(|| "The authorization context does not prove that you own the address range.".to_owned()),
        ipam_pool_id: None,
        asns: Vec::new(),
        advertised_as: None,
        gone_at: None,
    };
    let byoip_cidr = out(cx, &held);
    tx.put(held);
    Ok(Changed { byoip_cidr })
}

/// The range that was provisioned under exactly that block.
pub fn named(cx: &Cx, world: &World, text: &str) -> Result<Arc<ByoipCidr>, ApiError> {
    let block =
        text.parse::<IpNet>().map_err(|_| invalid(text, "This is not a valid CIDR block."))?.trunc().to_string();
    let found = world.get::<ByoipCidr>(&[cx.account().as_str(), cx.region_name(), &block]);
    let found = found.filter(|held| held.gone_at.is_none()).cloned();
    found.ok_or_else(|| invalid(text, "The address range is not provisioned."))
}

pub fn must_be(cx: &Cx, held: &ByoipCidr, states: &[&str]) -> Result<(), ApiError> {
    let state = held.stage.at(cx);
    if states.contains(&state) {
        return Ok(());
    }
    let message =
        format!("The address range {} is in the state {state}; it must be {}.", held.cidr, states.join(" or "));
    Err(ApiError::new("IncorrectState", message))
}

fn change(cx: &Cx, tx: &mut Tx, held: ByoipCidr) -> Changed {
    let byoip_cidr = out(cx, &held);
    tx.put(held);
    Changed { byoip_cidr }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AdvertiseByoipCidr.html>
pub fn advertise(cx: &Cx, tx: &mut Tx, input: &Advertise) -> Result<Changed, ApiError> {
    let held = named(cx, tx, &input.cidr)?;
    check_border_group(cx, input.network_border_group.as_deref())?;
    if let Some(asn) = input.asn.as_deref() {
        asn::must_be_associated(cx, tx, &held, asn)?;
    }
    must_be(cx, &held, &["provisioned"])?;
    let stage = Stage::begin(cx, "pending-advertising", "advertised", SECONDS);
    Ok(change(cx, tx, ByoipCidr { stage, advertised_as: input.asn.clone(), ..ByoipCidr::clone(&held) }))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_WithdrawByoipCidr.html>
pub fn withdraw(cx: &Cx, tx: &mut Tx, input: &Named) -> Result<Changed, ApiError> {
    let held = named(cx, tx, &input.cidr)?;
    must_be(cx, &held, &["advertised", "pending-advertising"])?;
    let stage = Stage::begin(cx, "pending-withdrawal", "provisioned", SECONDS);
    Ok(change(cx, tx, ByoipCidr { stage, ..ByoipCidr::clone(&held) }))
}

/// Gives back a range that nothing uses; its pool goes. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeprovisionByoipCidr.html>
pub fn deprovision(cx: &Cx, tx: &mut Tx, input: &Named) -> Result<Changed, ApiError> {
    let held = named(cx, tx, &input.cidr)?;
    if let Some(pool) = &held.ipam_pool_id {
        let message = format!("The address range {} is managed by the IPAM pool {pool}.", held.cidr);
        return Err(ApiError::new("IncorrectState", message));
    }
    must_be(cx, &held, &["provisioned", "provisioned-not-publicly-advertisable", "failed-provision"])?;
    asn::must_be_free(&held)?;
    let in_use = match held.cidr {
        IpNet::V4(range) => pool::addresses_of(tx, &held.pool_id).any(|it| range.contains(&it.public_ip)),
        IpNet::V6(_) => ipv6_pool::blocks_of(cx, tx, &held.pool_id).next().is_some(),
    };
    if in_use {
        let message = format!("The address range {} has addresses that are allocated.", held.cidr);
        return Err(ApiError::new("IncorrectState", message));
    }
    match held.cidr {
        IpNet::V4(_) => pool::give_back(cx, tx, &held.pool_id),
        IpNet::V6(_) => ipv6_pool::give_back(cx, tx, &held.pool_id),
    }
    let stage = Stage::begin(cx, "pending-deprovision", "deprovisioned", SECONDS);
    let gone_at = cx.now.checked_add(SHOWN).ok();
    Ok(change(cx, tx, ByoipCidr { stage, gone_at, ..ByoipCidr::clone(&held) }))
}
