//! ClassicLink tied VPCs to EC2-Classic, which AWS gave up in 2022: its operations are refused, as they always were in regions without EC2-Classic (the
//! text is AWS's, seen in aws/aws-sdk-java issue 754). <https://aws.amazon.com/blogs/aws/ec2-classic-is-retiring-heres-how-to-prepare/>

use service::filters::Filter;
use service::prelude::*;

use super::security_group;
use super::vpc::Vpc;
use crate::instance;
use crate::resource;

/// `DescribeVpcClassicLinkRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Describe {
    pub vpc_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
}

/// `DescribeVpcClassicLinkDnsSupportRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeDns {
    pub vpc_ids: Option<Vec<String>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
}

/// `DescribeClassicLinkInstancesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeInstances {
    pub instance_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
}

/// A request about one VPC: Enable… and Disable….
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Switch {
    pub vpc_id: Option<String>,
}

/// `DetachClassicLinkVpcRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Detach {
    pub instance_id: String,
    pub vpc_id: String,
}

/// `AttachClassicLinkVpcRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Attach {
    pub instance_id: String,
    pub vpc_id: String,
    #[serde(default)]
    pub groups: Vec<String>,
}

/// The operation on the VPC.
pub fn to_switch(cx: &Cx, world: &World, input: &Switch) -> Vec<Check> {
    vec![resource::check_on::<Vpc>(cx, world, input.vpc_id.as_deref().unwrap_or("*"))]
}

/// AttachClassicLinkVpc on the instance, the VPC and its groups.
pub fn to_attach(cx: &Cx, world: &World, input: &Attach) -> Vec<Check> {
    let groups = input.groups.iter().map(|id| security_group::check_on(cx, world, id));
    on_both(cx, world, &input.instance_id, &input.vpc_id).into_iter().chain(groups).collect()
}

/// DetachClassicLinkVpc on the instance and the VPC.
pub fn to_detach(cx: &Cx, world: &World, input: &Detach) -> Vec<Check> {
    on_both(cx, world, &input.instance_id, &input.vpc_id)
}

fn on_both(cx: &Cx, world: &World, instance_id: &str, vpc_id: &str) -> Vec<Check> {
    vec![instance::check_on(cx, world, instance_id), resource::check_on::<Vpc>(cx, world, vpc_id)]
}

/// The refusal.
pub fn refuse<I>(_: &Cx, _: &World, _: &I) -> Result<Done, ApiError> {
    Err(ApiError::new("UnsupportedOperation", "The functionality you requested is not available in this region."))
}
