//! CreateInstanceConnectEndpoint, ModifyInstanceConnectEndpoint and DeleteInstanceConnectEndpoint.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInstanceConnectEndpoint.html>

use service::prelude::*;

use super::describe::{EndpointOut, out};
use super::{CHANGING_SECONDS, ConnectEndpoint, Deletion};
use crate::instance::run::network::group_in;
use crate::instance::{authorize, client_token};
use crate::kind;
use crate::network::interface::{self, NetworkInterface, NewInterface, managed};
use crate::network::security_group;
use crate::network::subnet::{self, Subnet};
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `CreateInstanceConnectEndpointRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateInstanceConnectEndpoint {
    pub subnet_id: String,
    #[serde(default)]
    pub security_group_ids: Vec<String>,
    pub preserve_client_ip: Option<bool>,
    pub ip_address_type: Option<String>,
    pub client_token: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `CreateInstanceConnectEndpointResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub instance_connect_endpoint: EndpointOut,
    pub client_token: Option<String>,
}

/// `ModifyInstanceConnectEndpointRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyInstanceConnectEndpoint {
    pub instance_connect_endpoint_id: String,
    #[serde(default)]
    pub security_group_ids: Vec<String>,
    pub preserve_client_ip: Option<bool>,
    pub ip_address_type: Option<String>,
    pub dry_run: Option<bool>,
}

/// `ModifyInstanceConnectEndpointResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Modified {
    pub r#return: bool,
}

/// `DeleteInstanceConnectEndpointRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteInstanceConnectEndpoint {
    pub instance_connect_endpoint_id: String,
    pub dry_run: Option<bool>,
}

/// `DeleteInstanceConnectEndpointResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Deleted {
    pub instance_connect_endpoint: EndpointOut,
}

const SCOPE: &str = "CreateInstanceConnectEndpoint";

/// CreateInstanceConnectEndpoint on an endpoint to come, its subnet and its groups, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateInstanceConnectEndpoint) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let subnet = subnet::check_on(cx, world, &input.subnet_id);
    let groups = input.security_group_ids.iter().map(|id| security_group::check_on(cx, world, id));
    let inside = std::iter::once(subnet).chain(groups);
    let kind = &kind::INSTANCE_CONNECT_ENDPOINT;
    let mut checks = resource::checks_on_new(cx, kind, specifications, SCOPE, inside);
    if let Some(own) = checks.first_mut() {
        *own = own.clone().key("ec2:SubnetID", input.subnet_id.as_str());
    }
    checks
}

/// Makes an endpoint with its interface, or answers again what the same client token made before.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateInstanceConnectEndpoint) -> Result<Created, ApiError> {
    let token = input.client_token.as_deref();
    let parameters = CreateInstanceConnectEndpoint { client_token: None, dry_run: None, ..input.clone() };
    let digest = client_token::digest(&parameters);
    if let Some(held) = client_token::again::<ConnectEndpoint>(cx, tx, SCOPE, token, &digest)? {
        return Ok(Created { instance_connect_endpoint: out(cx, &held), client_token: input.client_token.clone() });
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::INSTANCE_CONNECT_ENDPOINT.resource_type)?;
    let subnet = subnet::get(tx, cx, &input.subnet_id)?;
    must_be_ipv4(input.ip_address_type.as_deref())?;
    let groups = groups(cx, tx, &input.security_group_ids, &subnet)?;
    let endpoint = put(cx, tx, &subnet, groups, input.preserve_client_ip.unwrap_or(false), tags)?;
    client_token::remember(cx, tx, SCOPE, token, digest, vec![endpoint.id.clone()]);
    Ok(Created { instance_connect_endpoint: out(cx, &endpoint), client_token: input.client_token.clone() })
}

fn put(
    cx: &Cx,
    tx: &mut Tx,
    subnet: &std::sync::Arc<Subnet>,
    groups: Vec<String>,
    preserve_client_ip: bool,
    tags: Vec<Tag>,
) -> Result<ConnectEndpoint, ApiError> {
    let id = cx.ids.ec2(kind::INSTANCE_CONNECT_ENDPOINT.prefix);
    let new = NewInterface {
        subnet: subnet.clone(),
        groups: groups.clone(),
        address: None,
        secondary: Vec::new(),
        secondary_count: 0,
        description: format!("EC2 Instance Connect Endpoint {id}"),
        attachment: None,
        public_address: false,
        tags: Vec::new(),
    };
    let interface = interface::create(cx, tx, new)?;
    managed::hold(cx, tx, &interface.id, "ec2_instance_connect_endpoint", &id);
    let [a, b, c, d, ..] = cx.ids.bytes();
    let endpoint = ConnectEndpoint {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id,
        vpc_id: subnet.vpc_id.clone(),
        subnet_id: subnet.id.clone(),
        zone: subnet.zone.clone(),
        zone_id: subnet.zone_id.clone(),
        interface_id: interface.id,
        groups,
        preserve_client_ip,
        name_part: format!("{a:02x}{b:02x}{c:02x}{d:02x}"),
        created_at: cx.now,
        modified_at: None,
        deletion: None,
        tags,
    };
    tx.put(endpoint.clone());
    Ok(endpoint)
}

/// There are no IPv6 addresses for endpoints yet. The wording is not recorded.
fn must_be_ipv4(ip_address_type: Option<&str>) -> Result<(), ApiError> {
    match ip_address_type {
        None | Some("ipv4") => Ok(()),
        Some(other) => Err(ApiError::new(
            "InvalidParameterValue",
            format!("Value ({other}) for parameter ipAddressType is invalid. The subnet has no IPv6 CIDR block."),
        )),
    }
}

/// The groups named, of the subnet's VPC; none named: its default group.
fn groups(cx: &Cx, world: &World, wanted: &[String], subnet: &Subnet) -> Result<Vec<String>, ApiError> {
    if wanted.is_empty() {
        let default = security_group::default_of_vpc(world, cx, &subnet.vpc_id);
        return Ok(default.iter().map(|group| group.id.clone()).collect());
    }
    let group = |id: &String| group_in(cx, world, id, &subnet.vpc_id, &subnet.id).map(|group| group.id.clone());
    wanted.iter().map(group).collect()
}

/// ModifyInstanceConnectEndpoint on the endpoint with its new values, and on new groups.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyInstanceConnectEndpoint) -> Vec<Check> {
    let values = [
        ("IpAddressType", input.ip_address_type.clone()),
        ("PreserveClientIp", input.preserve_client_ip.map(|on| on.to_string())),
    ];
    let values: Vec<_> = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let check = resource::check_on::<ConnectEndpoint>(cx, world, &input.instance_connect_endpoint_id);
    // Only the deletion knows the subnet as a key.
    let check = Check { keys: check.keys.into_iter().filter(|(name, _)| name != "ec2:SubnetID").collect(), ..check };
    let groups = input.security_group_ids.iter().map(|id| security_group::check_on(cx, world, id));
    std::iter::once(authorize::attributes(check, &values)).chain(groups).collect()
}

/// Changes groups and whether clients' addresses are kept; the interface has the same groups.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyInstanceConnectEndpoint) -> Result<Modified, ApiError> {
    let endpoint = resource::get::<ConnectEndpoint>(tx, cx, &input.instance_connect_endpoint_id)?;
    must_be_idle(cx, &endpoint)?;
    must_be_ipv4(input.ip_address_type.as_deref())?;
    if !input.security_group_ids.is_empty() {
        let subnet = subnet::get(tx, cx, &endpoint.subnet_id)?;
        let groups = groups(cx, tx, &input.security_group_ids, &subnet)?;
        resource::update::<NetworkInterface>(tx, cx, &endpoint.interface_id, |it| it.groups.clone_from(&groups));
        resource::update::<ConnectEndpoint>(tx, cx, &endpoint.id, |it| it.groups = groups);
    }
    resource::update::<ConnectEndpoint>(tx, cx, &endpoint.id, |it| {
        it.preserve_client_ip = input.preserve_client_ip.unwrap_or(it.preserve_client_ip);
        it.modified_at = Some(cx.now);
    });
    Ok(Modified { r#return: true })
}

/// An endpoint changes from one settled state to another.
fn must_be_idle(cx: &Cx, endpoint: &ConnectEndpoint) -> Result<(), ApiError> {
    let state = endpoint.state_at(cx.now, cx.settings.states);
    if !state.ends_with("-in-progress") {
        return Ok(());
    }
    let message = format!("The instance connect endpoint '{}' is in the state '{state}'.", endpoint.id);
    Err(ApiError::new("IncorrectState", message))
}

/// DeleteInstanceConnectEndpoint on the endpoint.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteInstanceConnectEndpoint) -> Vec<Check> {
    vec![resource::check_on::<ConnectEndpoint>(cx, world, &input.instance_connect_endpoint_id)]
}

/// Begins the deletion; the interface goes at its end.
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteInstanceConnectEndpoint) -> Result<Deleted, ApiError> {
    let endpoint = resource::get::<ConnectEndpoint>(tx, cx, &input.instance_connect_endpoint_id)?;
    let mut gone = ConnectEndpoint::clone(&endpoint);
    if gone.deletion.is_none() {
        let until = cx.settings.states.over_at(cx.now, CHANGING_SECONDS);
        gone.deletion = Some(Deletion { at: cx.now, until });
        if interface::look_up(tx, cx, &gone.interface_id).is_some() {
            interface::delete_at(cx, tx, &gone.interface_id, until)?;
        }
        tx.put(gone.clone());
    }
    Ok(Deleted { instance_connect_endpoint: out(cx, &gone) })
}
