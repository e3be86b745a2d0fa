//! DescribeInstanceConnectEndpoints.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceConnectEndpoints.html>

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::ConnectEndpoint;
use crate::kind;
use crate::resource::{self, Wanted};

/// `DescribeInstanceConnectEndpointsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeInstanceConnectEndpoints {
    pub instance_connect_endpoint_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeInstanceConnectEndpointsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Endpoints {
    pub instance_connect_endpoints: Vec<EndpointOut>,
    pub next_token: Option<String>,
}

/// `Ec2InstanceConnectEndpoint`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct EndpointOut {
    pub owner_id: String,
    pub instance_connect_endpoint_id: String,
    pub instance_connect_endpoint_arn: String,
    pub state: &'static str,
    pub state_message: &'static str,
    pub dns_name: String,
    pub fips_dns_name: String,
    pub network_interface_ids: Vec<String>,
    pub vpc_id: String,
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub created_at: Timestamp,
    pub subnet_id: String,
    pub preserve_client_ip: bool,
    pub security_group_ids: Vec<String>,
    pub tags: Option<Vec<Tag>>,
    pub ip_address_type: &'static str,
    pub public_dns_names: DnsNames,
}

/// `InstanceConnectEndpointPublicDnsNames`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct DnsNames {
    pub ipv4: NamePair,
}

/// `InstanceConnectEndpointDnsNames`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct NamePair {
    pub dns_name: String,
    pub fips_dns_name: String,
}

static FIELDS: Fields<EndpointOut> = Fields {
    fields: &[
        ("instance-connect-endpoint-id", |it, values| values.push(it.instance_connect_endpoint_id.as_str())),
        ("state", |it, values| values.push(it.state)),
        ("subnet-id", |it, values| values.push(it.subnet_id.as_str())),
        ("vpc-id", |it, values| values.push(it.vpc_id.as_str())),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// Endpoints that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeInstanceConnectEndpoints) -> Result<Endpoints, ApiError> {
    let wanted = Wanted {
        ids: input.instance_connect_endpoint_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || resource::all::<ConnectEndpoint>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, |endpoint| out(cx, endpoint))?;
    Ok(Endpoints { instance_connect_endpoints: page.items, next_token: page.next })
}

/// `Ec2InstanceConnectEndpoint`.
pub fn out(cx: &Cx, endpoint: &ConnectEndpoint) -> EndpointOut {
    let name = |fips: &str| {
        format!(
            "{}.{}{fips}.ec2-instance-connect-endpoint.{}.{}",
            endpoint.id, endpoint.name_part, endpoint.region, cx.region.dns_suffix
        )
    };
    let (dns_name, fips_dns_name) = (name(""), name(".fips"));
    EndpointOut {
        owner_id: endpoint.account.to_string(),
        instance_connect_endpoint_id: endpoint.id.clone(),
        instance_connect_endpoint_arn: kind::INSTANCE_CONNECT_ENDPOINT.arn(cx, &endpoint.id),
        state: endpoint.state_at(cx.now, cx.settings.states),
        state_message: "",
        dns_name: dns_name.clone(),
        fips_dns_name: fips_dns_name.clone(),
        network_interface_ids: vec![endpoint.interface_id.clone()],
        vpc_id: endpoint.vpc_id.clone(),
        availability_zone: endpoint.zone.clone(),
        availability_zone_id: endpoint.zone_id.clone(),
        created_at: endpoint.created_at,
        subnet_id: endpoint.subnet_id.clone(),
        preserve_client_ip: endpoint.preserve_client_ip,
        security_group_ids: endpoint.groups.clone(),
        tags: resource::tags_out(&endpoint.tags),
        ip_address_type: "ipv4",
        public_dns_names: DnsNames { ipv4: NamePair { dns_name, fips_dns_name } },
    }
}
