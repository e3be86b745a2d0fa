//! VPC Block Public Access: a mode for an account's whole region, and exclusions that exempt a VPC or a subnet from it. What a VPC and a subnet show of it is
//! [`mode_of`]. <https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html>

use jiff::SignedDuration;
use service::prelude::*;

use super::subnet::Subnet;
use super::vpc::Vpc;

pub mod exclusion;

pub use exclusion::Exclusion;

/// The mode that an account has chosen for a region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    pub account: AccountId,
    pub region: String,
    /// `off`, `block-bidirectional` or `block-ingress`
    pub mode: String,
    pub changed_at: Timestamp,
}

impl Record for Options {
    const TABLE: TableDef = TableDef::own("ec2_vpc_bpa_options", &["account", "region"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region])
    }
}

/// `DescribeVpcBlockPublicAccessOptionsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeOptions {
    pub dry_run: Option<bool>,
}

/// `ModifyVpcBlockPublicAccessOptionsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyOptions {
    pub internet_gateway_block_mode: String,
    pub dry_run: Option<bool>,
}

/// The answer of both.
#[derive(Debug, Serialize, Shaped)]
pub struct Shown {
    pub vpc_block_public_access_options: OptionsOut,
}

/// `VpcBlockPublicAccessOptions`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct OptionsOut {
    pub aws_account_id: String,
    pub aws_region: String,
    pub state: &'static str,
    pub internet_gateway_block_mode: String,
    pub last_update_timestamp: Option<Timestamp>,
    pub managed_by: &'static str,
    pub exclusions_allowed: &'static str,
}

/// How long changes take at AWS: minutes.
const CHANGING_SECONDS: i64 = 120;

/// How long such a change lasts here.
fn lasting(cx: &Cx) -> SignedDuration {
    cx.settings.states.lasting(CHANGING_SECONDS)
}

fn is_through(cx: &Cx, at: Timestamp) -> bool {
    cx.now.duration_since(at).max(SignedDuration::ZERO) >= lasting(cx)
}

/// `off`, `block-bidirectional` or `block-ingress`
pub fn mode(world: &World, account: AccountId, region: &str) -> String {
    held(world, account, region).map_or_else(|| "off".to_owned(), |held| held.mode)
}

fn held(world: &World, account: AccountId, region: &str) -> Option<Options> {
    world.get::<Options>(&[account.as_str(), region]).map(|held| Options::clone(held))
}

/// The mode of the region. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcBlockPublicAccessOptions.html>
pub fn describe(cx: &Cx, world: &World, _: &DescribeOptions) -> Result<Shown, ApiError> {
    Ok(shown(cx, held(world, cx.account(), cx.region_name()).as_ref()))
}

/// Chooses the mode. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcBlockPublicAccessOptions.html>
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyOptions) -> Result<Shown, ApiError> {
    let options = Options {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        mode: input.internet_gateway_block_mode.clone(),
        changed_at: cx.now,
    };
    let shown = shown(cx, Some(&options));
    tx.put(options);
    Ok(shown)
}

fn shown(cx: &Cx, held: Option<&Options>) -> Shown {
    let state = match held {
        None => "default-state",
        Some(held) if is_through(cx, held.changed_at) => "update-complete",
        Some(_) => "update-in-progress",
    };
    Shown {
        vpc_block_public_access_options: OptionsOut {
            aws_account_id: cx.account().to_string(),
            aws_region: cx.region_name().to_owned(),
            state,
            internet_gateway_block_mode: held.map_or_else(|| "off".to_owned(), |held| held.mode.clone()),
            last_update_timestamp: held.map(|held| held.changed_at),
            managed_by: "account",
            exclusions_allowed: "allowed",
        },
    }
}

/// What of its traffic through internet gateways is blocked for a VPC, or for one of its subnets: the region's mode, less what is excluded.
pub fn mode_of(world: &World, vpc: (&str, AccountId, &str), subnet: Option<&str>) -> &'static str {
    let (vpc_id, account, region) = vpc;
    let Some(options) = held(world, account, region) else { return "off" };
    let excluded = subnet
        .and_then(|id| exclusion::mode_for(world, account, region, id))
        .or_else(|| exclusion::mode_for(world, account, region, vpc_id));
    match (options.mode.as_str(), excluded.as_deref()) {
        ("block-bidirectional", None) => "block-bidirectional",
        ("block-bidirectional", Some("allow-egress")) => "block-ingress",
        // Outgoing traffic is not blocked there, so an exclusion that allows no more than that changes nothing.
        ("block-ingress", None | Some("allow-egress")) => "block-ingress",
        _ => "off",
    }
}

/// The mode of a VPC.
pub fn of_vpc(world: &World, vpc: &Vpc) -> &'static str {
    mode_of(world, (&vpc.id, vpc.account, &vpc.region), None)
}

/// The mode of a subnet.
pub fn of_subnet(world: &World, subnet: &Subnet) -> &'static str {
    mode_of(world, (&subnet.vpc_id, subnet.account, &subnet.region), Some(&subnet.id))
}
