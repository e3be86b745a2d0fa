//! CreateNetworkAclEntry, ReplaceNetworkAclEntry and DeleteNetworkAclEntry. A rule is known by its number and direction.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html>

use service::prelude::*;

use super::{AclEntry, LAST, NetworkAcl};
use crate::network::{cidr, must_have_room};
use crate::refused::missing;
use crate::resource;

/// `CreateNetworkAclEntryRequest` and `ReplaceNetworkAclEntryRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct PutEntry {
    pub network_acl_id: String,
    pub rule_number: i64,
    pub protocol: String,
    pub rule_action: String,
    pub egress: bool,
    pub cidr_block: Option<String>,
    pub ipv6_cidr_block: Option<String>,
    pub port_range: Option<PortRange>,
    pub icmp_type_code: Option<IcmpTypeCode>,
    pub dry_run: Option<bool>,
}

/// `PortRange`.
#[derive(Debug, Clone, Copy, Default, Deserialize, Shaped)]
pub struct PortRange {
    pub from: Option<i64>,
    pub to: Option<i64>,
}

/// `IcmpTypeCode`.
#[derive(Debug, Clone, Copy, Default, Deserialize, Shaped)]
pub struct IcmpTypeCode {
    pub code: Option<i64>,
    pub r#type: Option<i64>,
}

/// `DeleteNetworkAclEntryRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteEntry {
    pub network_acl_id: String,
    pub rule_number: i64,
    pub egress: bool,
    pub dry_run: Option<bool>,
}

/// CreateNetworkAclEntry and ReplaceNetworkAclEntry on the ACL.
pub fn to_put(cx: &Cx, world: &World, input: &PutEntry) -> Vec<Check> {
    vec![resource::check_on::<NetworkAcl>(cx, world, &input.network_acl_id)]
}

/// DeleteNetworkAclEntry on the ACL.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteEntry) -> Vec<Check> {
    vec![resource::check_on::<NetworkAcl>(cx, world, &input.network_acl_id)]
}

/// Adds a rule. 20 in each direction is the adjustable quota.
pub fn create(cx: &Cx, tx: &mut Tx, input: &PutEntry) -> Result<Done, ApiError> {
    let entry = entry(input)?;
    let acl = resource::get::<NetworkAcl>(tx, cx, &input.network_acl_id)?;
    if acl.entries.contains(&entry) {
        // The same once more was seen to succeed.
        return Ok(Done {});
    }
    if acl.entries.iter().any(|held| is_same_place(held, entry.number, entry.egress)) {
        let message = format!("The network acl entry identified by {} already exists.", entry.number);
        return Err(ApiError::new("NetworkAclEntryAlreadyExists", message));
    }
    let count = || acl.entries.iter().filter(|held| held.egress == entry.egress && held.number < LAST).count();
    must_have_room(cx, count, 20, "NetworkAclEntryLimitExceeded", "network acl entries")?;
    resource::update::<NetworkAcl>(tx, cx, &acl.id, |acl| {
        acl.entries.push(entry);
        // As AWS lists them: what leaves first, then by number.
        acl.entries.sort_by_key(|entry| (!entry.egress, entry.number));
    });
    Ok(Done {})
}

/// Gives a rule another content. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceNetworkAclEntry.html>
pub fn replace(cx: &Cx, tx: &mut Tx, input: &PutEntry) -> Result<Done, ApiError> {
    let entry = entry(input)?;
    let acl = resource::get::<NetworkAcl>(tx, cx, &input.network_acl_id)?;
    must_be_there(&acl, entry.number, entry.egress)?;
    resource::update::<NetworkAcl>(tx, cx, &acl.id, |acl| {
        let held = acl.entries.iter_mut().filter(|held| is_same_place(held, entry.number, entry.egress));
        held.for_each(|held| *held = entry.clone());
    });
    Ok(Done {})
}

/// Removes a rule. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkAclEntry.html>
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteEntry) -> Result<Done, ApiError> {
    check_number(input.rule_number)?;
    let acl = resource::get::<NetworkAcl>(tx, cx, &input.network_acl_id)?;
    must_be_there(&acl, input.rule_number, input.egress)?;
    let stays = |held: &AclEntry| !is_same_place(held, input.rule_number, input.egress);
    resource::update::<NetworkAcl>(tx, cx, &acl.id, |acl| acl.entries.retain(stays));
    Ok(Done {})
}

fn is_same_place(held: &AclEntry, number: i64, egress: bool) -> bool {
    held.number == number && held.egress == egress
}

fn must_be_there(acl: &NetworkAcl, number: i64, egress: bool) -> Result<(), ApiError> {
    if acl.entries.iter().any(|held| is_same_place(held, number, egress)) {
        return Ok(());
    }
    let direction = if egress { "egress" } else { "ingress" };
    let message = format!("no {direction} entry with number {number} in network ACL {}", acl.id);
    Err(ApiError::new("InvalidNetworkAclEntry.NotFound", message))
}

fn invalid(value: impl std::fmt::Display, parameter: &str, reason: &str) -> ApiError {
    let message = format!("Value ({value}) for parameter {parameter} is invalid. {reason}");
    ApiError::new("InvalidParameterValue", message)
}

fn check_number(number: i64) -> Result<(), ApiError> {
    match (1..LAST).contains(&number) {
        true => Ok(()),
        false => Err(invalid(number, "ruleNumber", "Rule numbers must be between 1 and 32766.")),
    }
}

/// The rule as it is kept.
fn entry(input: &PutEntry) -> Result<AclEntry, ApiError> {
    check_number(input.rule_number)?;
    let protocol = protocol(&input.protocol)?;
    let cidr = match (&input.cidr_block, &input.ipv6_cidr_block) {
        (Some(text), None) => cidr::ipv4(text, "cidrBlock")?.to_string(),
        (None, Some(text)) => cidr::ipv6(text, "ipv6CidrBlock")?.to_string(),
        (None, None) => return Err(missing("cidrBlock")),
        (Some(_), Some(_)) => {
            let message = "The parameters cidrBlock and ipv6CidrBlock cannot be used together";
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
    };
    let has_ports = matches!(protocol.as_str(), "6" | "17");
    let is_icmp = matches!(protocol.as_str(), "1" | "58");
    Ok(AclEntry {
        number: input.rule_number,
        egress: input.egress,
        allow: input.rule_action == "allow",
        ports: if has_ports { Some(ports(input.port_range)?) } else { None },
        icmp: if is_icmp { Some(icmp(input.icmp_type_code)?) } else { None },
        protocol,
        cidr,
    })
}

/// A protocol's number, which a few names stand for.
fn protocol(text: &str) -> Result<String, ApiError> {
    const NAMES: [(&str, &str); 5] = [("all", "-1"), ("icmp", "1"), ("icmpv6", "58"), ("tcp", "6"), ("udp", "17")];
    if let Some((_, number)) = NAMES.iter().find(|(name, _)| *name == text) {
        return Ok((*number).to_owned());
    }
    match text.parse::<i64>() {
        Ok(number @ -1..=255) => Ok(number.to_string()),
        _ => {
            let message = format!("Invalid value '{text}' for IP protocol. Unknown protocol.");
            Err(ApiError::new("InvalidParameterValue", message))
        }
    }
}

fn ports(range: Option<PortRange>) -> Result<(i64, i64), ApiError> {
    let (from, to) = range.and_then(|range| Some((range.from?, range.to?))).ok_or_else(|| missing("portRange"))?;
    match (0..=65_535).contains(&from) && (from..=65_535).contains(&to) {
        true => Ok((from, to)),
        false => {
            Err(invalid(format!("{from}-{to}"), "portRange", "Ports are 0 to 65535, the first one not above the last."))
        }
    }
}

fn icmp(given: Option<IcmpTypeCode>) -> Result<(i64, i64), ApiError> {
    let (of_type, code) =
        given.and_then(|given| Some((given.r#type?, given.code?))).ok_or_else(|| missing("icmpTypeCode"))?;
    match (-1..=255).contains(&of_type) && (-1..=255).contains(&code) {
        true => Ok((of_type, code)),
        false => Err(invalid(format!("{of_type}, {code}"), "icmpTypeCode", "Types and codes are -1 to 255.")),
    }
}
