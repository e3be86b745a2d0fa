//! Addresses on their way between EC2-Classic and VPCs. There is no EC2-Classic since 2022, so none is on its way, and none can be moved.
//! <https://aws.amazon.com/blogs/aws/ec2-classic-is-retiring-heres-how-to-prepare/>

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::{associate, own_by_ip};

/// `MoveAddressToVpcRequest` and `RestoreAddressToClassicRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Move {
    pub public_ip: String,
    pub dry_run: Option<bool>,
}

/// `DescribeMovingAddressesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeMoving {
    #[serde(default)]
    pub public_ips: Vec<String>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeMovingAddressesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Moving {
    pub moving_address_statuses: Vec<MovingStatus>,
    pub next_token: Option<String>,
}

/// `MovingAddressStatus`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct MovingStatus {
    pub public_ip: String,
    pub move_status: &'static str,
}

static FIELDS: Fields<MovingStatus> =
    Fields { fields: &[("moving-status", |it, values| values.push(it.move_status))], tags: None };

/// None. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeMovingAddresses.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribeMoving) -> Result<Moving, ApiError> {
    input.public_ips.iter().try_for_each(|text| must_be_own(cx, world, text))?;
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let scope = format!("DescribeMovingAddresses {:?}", input.filters);
    let all: Vec<MovingStatus> = Vec::new();
    let seen = all.into_iter().filter(|it| chosen.admit(it));
    let key = |it: &MovingStatus| it.public_ip.clone();
    let page = service::paging::ec2(&scope, input.next_token.as_deref(), input.max_results, seen, key)?;
    Ok(Moving { moving_address_statuses: page.items, next_token: page.next })
}

fn must_be_own(cx: &Cx, world: &World, text: &str) -> Result<(), ApiError> {
    match own_by_ip(world, cx, text) {
        Some(_) => Ok(()),
        None => Err(associate::not_found(text)),
    }
}

/// MoveAddressToVpc and RestoreAddressToClassic. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_MoveAddressToVpc.html>
pub fn refuse(cx: &Cx, world: &World, input: &Move) -> Result<Done, ApiError> {
    must_be_own(cx, world, &input.public_ip)?;
    crate::network::classic_link::refuse(cx, world, input)
}
