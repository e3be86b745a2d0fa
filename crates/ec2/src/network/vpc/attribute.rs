//! DescribeVpcAttribute, ModifyVpcAttribute and ModifyVpcTenancy: names by DNS, metrics of how many addresses are used, and dedicated instances.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html>

use service::prelude::*;

use super::Vpc;
use crate::instance::attribute::describe::Flag;
use crate::instance::authorize;
use crate::refused::several_attributes;
use crate::resource;

/// `DescribeVpcAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeVpcAttribute {
    pub vpc_id: String,
    pub attribute: String,
    pub dry_run: Option<bool>,
}

/// `DescribeVpcAttributeResult`: the one attribute asked for.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Shaped)]
pub struct VpcAttribute {
    pub vpc_id: String,
    pub enable_dns_support: Option<BooleanValue>,
    pub enable_dns_hostnames: Option<BooleanValue>,
    pub enable_network_address_usage_metrics: Option<BooleanValue>,
}

/// `AttributeBooleanValue`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct BooleanValue {
    pub value: bool,
}

/// DescribeVpcAttribute on the VPC.
pub fn to_describe_attribute(cx: &Cx, world: &World, input: &DescribeVpcAttribute) -> Vec<Check> {
    vec![resource::check_on::<Vpc>(cx, world, &input.vpc_id)]
}

/// One attribute. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcAttribute.html>
pub fn describe_attribute(cx: &Cx, world: &World, input: &DescribeVpcAttribute) -> Result<VpcAttribute, ApiError> {
    let vpc = resource::get::<Vpc>(world, cx, &input.vpc_id)?;
    let value = |value| Some(BooleanValue { value });
    let base = VpcAttribute { vpc_id: vpc.id.clone(), ..VpcAttribute::default() };
    match input.attribute.as_str() {
        "enableDnsSupport" => Ok(VpcAttribute { enable_dns_support: value(vpc.dns_support), ..base }),
        "enableDnsHostnames" => Ok(VpcAttribute { enable_dns_hostnames: value(vpc.dns_hostnames), ..base }),
        "enableNetworkAddressUsageMetrics" => {
            Ok(VpcAttribute { enable_network_address_usage_metrics: value(vpc.address_usage_metrics), ..base })
        }
        other => {
            let message = format!("Value ({other}) for parameter attribute is invalid. Unknown attribute.");
            Err(ApiError::new("InvalidParameterValue", message))
        }
    }
}

/// `ModifyVpcAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyVpcAttribute {
    pub vpc_id: String,
    pub enable_dns_support: Option<Flag>,
    pub enable_dns_hostnames: Option<Flag>,
    pub enable_network_address_usage_metrics: Option<Flag>,
}

impl ModifyVpcAttribute {
    /// The attributes asked for, by name, with their new values.
    fn changes(&self) -> Vec<(&'static str, bool)> {
        let all = [
            ("EnableDnsSupport", self.enable_dns_support),
            ("EnableDnsHostnames", self.enable_dns_hostnames),
            ("EnableNetworkAddressUsageMetrics", self.enable_network_address_usage_metrics),
        ];
        all.into_iter().filter_map(|(name, flag)| Some((name, flag?.value?))).collect()
    }
}

/// ModifyVpcAttribute on the VPC, with the new values.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyVpcAttribute) -> Vec<Check> {
    let values: Vec<_> = input.changes().into_iter().map(|(name, on)| (name, on.to_string())).collect();
    vec![authorize::attributes(resource::check_on::<Vpc>(cx, world, &input.vpc_id), &values)]
}

/// Changes one attribute. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html>
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyVpcAttribute) -> Result<Done, ApiError> {
    let vpc = resource::get::<Vpc>(tx, cx, &input.vpc_id)?;
    let (name, on) = match input.changes().as_slice() {
        [one] => *one,
        [] => return Err(combination("No attributes specified.")),
        many => return Err(several_attributes(many.iter().map(|(name, _)| *name))),
    };
    resource::update::<Vpc>(tx, cx, &vpc.id, |vpc| match name {
        "EnableDnsSupport" => vpc.dns_support = on,
        "EnableDnsHostnames" => vpc.dns_hostnames = on,
        _ => vpc.address_usage_metrics = on,
    });
    Ok(Done {})
}

/// `ModifyVpcTenancyRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyVpcTenancy {
    pub vpc_id: String,
    pub instance_tenancy: String,
    pub dry_run: Option<bool>,
}

/// `ModifyVpcTenancyResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct TenancyModified {
    pub return_value: bool,
}

/// ModifyVpcTenancy on the VPC, with the new value.
pub fn to_modify_tenancy(cx: &Cx, world: &World, input: &ModifyVpcTenancy) -> Vec<Check> {
    let check = resource::check_on::<Vpc>(cx, world, &input.vpc_id);
    vec![authorize::attributes(check, &[("InstanceTenancy", input.instance_tenancy.clone())])]
}

/// A VPC's instances need no longer be dedicated; those it has stay so, and there is no way back.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcTenancy.html>
pub fn modify_tenancy(cx: &Cx, tx: &mut Tx, input: &ModifyVpcTenancy) -> Result<TenancyModified, ApiError> {
    let vpc = resource::get::<Vpc>(tx, cx, &input.vpc_id)?;
    resource::update::<Vpc>(tx, cx, &vpc.id, |vpc| vpc.tenancy.clone_from(&input.instance_tenancy));
    Ok(TenancyModified { return_value: true })
}

fn combination(message: &str) -> ApiError {
    ApiError::new("InvalidParameterCombination", message)
}
