//! Client VPN endpoints: created, described, changed and deleted. One is available once a subnet is associated.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateClientVpnEndpoint.html>

use ipnet::Ipv4Net;
use serde_json::{Value, json};
use service::prelude::*;

use super::{network, text};
use crate::family::{Family, Item, Life, item as items, transit};
use crate::instance::run::network::group_in;
use crate::kind;
use crate::network::security_group;
use crate::network::vpc::Vpc;
use crate::refused::{invalid, invalid_value};
use crate::region::{no_such_zone, zone};
use crate::resource;

/// The member, shown nowhere, that tells whether users have a portal.
const PORTAL: &str = "SelfServicePortal";

/// The member of an endpoint on a transit gateway, and in it the gateway and the attachment.
const TRANSIT: &str = "TransitGatewayConfiguration";
const GATEWAY_PATH: &str = "TransitGatewayConfiguration.TransitGatewayId";
const ATTACHMENT_PATH: &str = "TransitGatewayConfiguration.TransitGatewayAttachmentId";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ClientVpnEndpoint.html>
pub static ENDPOINTS: Family = Family {
    created: Some("CreationTime"),
    life: Some(Life {
        member: "Status.Code",
        words: ["pending-associate", "pending-associate", "deleting", "deleted"],
        seconds: 10,
        shown_for: 0,
    }),
    besides: &[
        ("VpcId", &kind::VPC),
        ("SecurityGroupIds", &kind::SECURITY_GROUP),
        ("SubnetId", &kind::SUBNET),
        ("TargetVpcSubnetId", &kind::SUBNET),
        (GATEWAY_PATH, &kind::TRANSIT_GATEWAY),
    ],
    keys_of_new: |cx, _, input| keys(cx, input, "ClientRootCertificateChainArn", "SAMLProviderArn"),
    defaults: |_| {
        json!({
            "VpnProtocol": "openvpn",
            "TransportProtocol": "udp",
            "VpnPort": 443,
            "SplitTunnel": false,
            "SessionTimeoutHours": 24,
            "DisconnectOnSessionTimeout": true,
            "EndpointIpAddressType": "ipv4",
            "TrafficIpAddressType": "ipv4",
            "ClientConnectOptions": {"Enabled": false},
            "ClientLoginBannerOptions": {"Enabled": false},
            "ClientRouteEnforcementOptions": {"Enforced": false},
        })
    },
    filters: &["endpoint-id=ClientVpnEndpointId", "transport-protocol"],
    keys: &[
        ("ec2:ClientRootCertificateChainArn", "_ClientRootCertificateChainArn"),
        ("ec2:CloudwatchLogGroupArn", "_CloudwatchLogGroupArn"),
        ("ec2:CloudwatchLogStreamArn", "_CloudwatchLogStreamArn"),
        ("ec2:DirectoryArn", "_DirectoryArn"),
        ("ec2:SamlProviderArn", "_SamlProviderArn"),
        ("ec2:ServerCertificateArn", "_ServerCertificateArn"),
    ],
    fill,
    see,
    release: |cx, tx, item| match network::associated(cx, item).as_slice() {
        [] => {
            attachment_of(item).iter().for_each(|id| transit::client_vpn::detach(cx, tx, id));
            Ok(())
        }
        _ => {
            let message = format!("Client VPN endpoint {} has associated target networks.", item.id);
            Err(ApiError::new("IncorrectState", message))
        }
    },
    ..Family::of(&kind::CLIENT_VPN_ENDPOINT, "ClientVpnEndpointId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        ENDPOINTS.create("CreateClientVpnEndpoint", &["AuthenticationOptions", PORTAL]),
        ENDPOINTS.describe("DescribeClientVpnEndpoints"),
        ENDPOINTS.modify("ModifyClientVpnEndpoint", &["DnsServers", PORTAL], modify),
        ENDPOINTS.delete("DeleteClientVpnEndpoint"),
    ]
}

/// Condition keys: the ARNs of what an endpoint uses. Requests and answers name two of them differently.
fn keys(cx: &Cx, document: &Document, chain: &str, provider: &str) -> Vec<(&'static str, String)> {
    let arn = |service: &str, resource: String| {
        format!("arn:{}:{service}:{}:{}:{resource}", cx.partition(), cx.region_name(), cx.account())
    };
    let first = |path: String| document.found(&path).into_iter().next();
    let group = document.text("ConnectionLogOptions.CloudwatchLogGroup");
    let stream = document.text("ConnectionLogOptions.CloudwatchLogStream");
    let log = |group: &str| arn("logs", format!("log-group:{group}"));
    let directory = first("AuthenticationOptions.ActiveDirectory.DirectoryId".to_owned());
    let found = [
        ("ec2:ClientRootCertificateChainArn", first(format!("AuthenticationOptions.MutualAuthentication.{chain}"))),
        ("ec2:CloudwatchLogGroupArn", group.map(log)),
        ("ec2:CloudwatchLogStreamArn", group.zip(stream).map(|(group, it)| format!("{}:log-stream:{it}", log(group)))),
        ("ec2:DirectoryArn", directory.map(|id| arn("ds", format!("directory/{id}")))),
        ("ec2:SamlProviderArn", first(format!("AuthenticationOptions.FederatedAuthentication.{provider}"))),
        ("ec2:ServerCertificateArn", document.text("ServerCertificateArn").map(str::to_owned)),
    ];
    found.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    must_be_client_block(input.text("ClientCidrBlock"))?;
    item.document.set("AuthenticationOptions", authentication(&input.list("AuthenticationOptions"))?);
    item.document.set(PORTAL, input.text(PORTAL).unwrap_or("enabled"));
    item.document.set("DnsName", dns_name(cx, &item.id));
    must_fit(input)?;
    must_have_two(&input.texts("DnsServers"))?;
    if input.at(TRANSIT).is_some() {
        return put_on_gateway(cx, tx, input, item);
    }
    set_groups(cx, tx, input, item)
}

/// The attachment of an endpoint on a transit gateway.
pub fn attachment_of(item: &Item) -> Option<String> {
    item.document.text(ATTACHMENT_PATH).map(str::to_owned)
}

/// "Use this parameter to associate the endpoint with a Transit Gateway instead of a VPC"; the zones that are named are associated at once.
fn put_on_gateway(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    for other in ["VpcId", "SecurityGroupIds"] {
        if input.at(other).is_some() {
            return Err(not_together(TRANSIT, other));
        }
    }
    let gateway = input.text(GATEWAY_PATH).ok_or_else(|| crate::refused::missing("TransitGatewayId"))?.to_owned();
    let [names, ids] =
        ["AvailabilityZones", "AvailabilityZoneIds"].map(|name| input.texts(&format!("{TRANSIT}.{name}")));
    if !names.is_empty() && !ids.is_empty() {
        return Err(not_together("AvailabilityZones", "AvailabilityZoneIds"));
    }
    let named = names.iter().map(|name| zone(cx, Some(name), None, no_such_zone));
    let zones: Vec<_> =
        named.chain(ids.iter().map(|id| zone(cx, None, Some(id), no_such_zone))).collect::<Result<_, _>>()?;
    let attachment = transit::client_vpn::attach(cx, tx, &gateway, item)?;
    item.document.set(TRANSIT, json!({"TransitGatewayId": gateway, "TransitGatewayAttachmentId": attachment}));
    zones.into_iter().try_for_each(|zone| network::associate_zone(cx, item, zone).map(drop))
}

fn not_together(one: &str, other: &str) -> ApiError {
    ApiError::new("InvalidParameterCombination", format!("The parameters {one} and {other} cannot be used together."))
}

/// "The CIDR block should be /22 or greater", and not larger than /12.
/// <https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/limits.html>
fn must_be_client_block(block: Option<&str>) -> Result<(), ApiError> {
    let text = block.ok_or_else(|| crate::refused::missing("ClientCidrBlock"))?;
    let parsed = text.parse::<Ipv4Net>().ok().filter(|block| (12..=22).contains(&block.prefix_len()));
    let fits = parsed.is_some_and(|block| block.network() == block.addr());
    if fits { Ok(()) } else { Err(invalid_value(text, "ClientCidrBlock")) }
}

fn must_have_two(servers: &[String]) -> Result<(), ApiError> {
    if servers.len() > 2 {
        return Err(invalid("A Client VPN endpoint can have up to two DNS servers."));
    }
    match servers.iter().find(|text| text.parse::<std::net::IpAddr>().is_err()) {
        Some(text) => Err(invalid_value(text, "DnsServers")),
        None => Ok(()),
    }
}

/// What creations and changes check alike.
fn must_fit(input: &Document) -> Result<(), ApiError> {
    if let Some(arn) = input.text("ServerCertificateArn").filter(|arn| !is_certificate(arn)) {
        return Err(invalid_value(arn, "ServerCertificateArn"));
    }
    if let Some(port) = input.number("VpnPort").filter(|port| !matches!(port, 443 | 1194)) {
        return Err(invalid_value(port, "VpnPort"));
    }
    if let Some(hours) = input.number("SessionTimeoutHours").filter(|hours| !matches!(hours, 8 | 10 | 12 | 24)) {
        return Err(invalid_value(hours, "SessionTimeoutHours"));
    }
    let banner = input.text("ClientLoginBannerOptions.BannerText").unwrap_or_default();
    if banner.chars().count() > 1_400 {
        return Err(invalid("The login banner text can have up to 1400 characters."));
    }
    let logs = input.truth("ConnectionLogOptions.Enabled") == Some(true);
    if logs && input.text("ConnectionLogOptions.CloudwatchLogGroup").is_none() {
        return Err(crate::refused::missing("CloudwatchLogGroup"));
    }
    Ok(())
}

fn is_certificate(arn: &str) -> bool {
    service::arn::Arn::parse(arn).is_some_and(|arn| arn.service == "acm" && arn.resource.starts_with("certificate/"))
}

/// How clients show who they are, as answers tell it.
fn authentication(given: &[Value]) -> Result<Vec<Value>, ApiError> {
    let shown = |option: &Value| {
        let option = Document::from(option.clone());
        let sort = option.text("Type").unwrap_or_default();
        let needed = |path: &str| {
            option.text(path).map(str::to_owned).ok_or_else(|| {
                let name = path.rsplit('.').next().unwrap_or(path);
                crate::refused::missing(name)
            })
        };
        Ok(match sort {
            "certificate-authentication" => {
                let chain = needed("MutualAuthentication.ClientRootCertificateChainArn")?;
                json!({"Type": sort, "MutualAuthentication": {"ClientRootCertificateChain": chain}})
            }
            "directory-service-authentication" => {
                let directory = needed("ActiveDirectory.DirectoryId")?;
                json!({"Type": sort, "ActiveDirectory": {"DirectoryId": directory}})
            }
            _ => {
                let provider = needed("FederatedAuthentication.SAMLProviderArn")?;
                let own = option.text("FederatedAuthentication.SelfServiceSAMLProviderArn");
                json!({"Type": sort, "FederatedAuthentication": {"SamlProviderArn": provider, "SelfServiceSamlProviderArn": own}})
            }
        })
    };
    given.iter().map(shown).collect()
}

fn dns_name(cx: &Cx, id: &str) -> String {
    format!("*.{id}.prod.clientvpn.{}.{}", cx.region_name(), cx.region.dns_suffix)
}

/// The groups of the interfaces in the VPC: those named, or the VPC's default one.
pub fn set_groups(cx: &Cx, world: &World, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let groups = input.texts("SecurityGroupIds");
    let Some(vpc) = item.document.text("VpcId").map(str::to_owned) else {
        return if groups.is_empty() { Ok(()) } else { Err(crate::refused::missing("VpcId")) };
    };
    resource::get::<Vpc>(world, cx, &vpc)?;
    groups.iter().try_for_each(|id| group_in(cx, world, id, &vpc, "").map(drop))?;
    if !groups.is_empty() {
        item.document.set("SecurityGroupIds", groups);
    } else if item.document.texts("SecurityGroupIds").is_empty() {
        let default = security_group::default_of_vpc(world, cx, &vpc);
        item.document.set("SecurityGroupIds", default.iter().map(|group| group.id.clone()).collect::<Vec<_>>());
    }
    Ok(())
}

fn see(cx: &Cx, world: &World, item: &Item, shown: &mut Document) {
    // A text in the model: the CLI's example of DescribeClientVpnEndpoints has no zone and no fraction.
    shown.set("CreationTime", item.created_at.strftime("%Y-%m-%dT%H:%M:%S").to_string());
    let networks = network::associated(cx, item);
    let attachment = attachment_of(item).map(|id| items::look_up(world, cx, &id));
    let leads =
        attachment.as_ref().is_none_or(|held| held.as_ref().is_some_and(|it| transit::attachment::carries(cx, it)));
    if !item.is_deleted() && leads && networks.iter().any(|part| network::is_there(cx, part)) {
        shown.set("Status.Code", "available");
    } else if !item.is_deleted() && attachment.flatten().is_some_and(|it| transit::client_vpn::is_pending(cx, &it)) {
        shown.set("Status.Code", "pending");
    }
    let (zones, subnets): (Vec<&Value>, Vec<&Value>) =
        networks.iter().partition(|part| part.get(network::ZONE).is_some());
    let network = |part: &&Value| json!({"NetworkId": text(part, network::SUBNET), "NetworkType": "vpc"});
    shown.set("AssociatedTargetNetworks", subnets.iter().map(network).collect::<Vec<_>>());
    if attachment_of(item).is_some() {
        for (name, member) in [("AvailabilityZones", network::ZONE), ("AvailabilityZoneIds", network::ZONE_ID)] {
            let told: Vec<&str> = zones.iter().map(|part| text(part, member)).collect();
            shown.set(&format!("{TRANSIT}.{name}"), told);
        }
    }
    shown.set("ClientConnectOptions.Status", json!({"Code": "applied"}));
    if item.document.text(PORTAL) == Some("enabled") {
        shown
            .set("SelfServicePortalUrl", format!("https://self-service.clientvpn.amazonaws.com/endpoints/{}", item.id));
    }
    for (key, value) in keys(cx, &item.document, "ClientRootCertificateChain", "SamlProviderArn") {
        shown.set(&key.replace("ec2:", "_"), value);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyClientVpnEndpoint.html>
fn modify(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    must_fit(input)?;
    // "This option is currently not supported": the same page.
    if input.at(TRANSIT).is_some() {
        return Err(ApiError::new("UnsupportedOperation", format!("{TRANSIT} cannot be modified.")));
    }
    if attachment_of(item).is_some() && (input.at("VpcId").is_some() || input.at("SecurityGroupIds").is_some()) {
        let message = format!("Client VPN endpoint {} is on a transit gateway, not in a VPC.", item.id);
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    if let Some(portal) = input.text(PORTAL) {
        item.document.set(PORTAL, portal);
    }
    if input.truth("DnsServers.Enabled") == Some(false) {
        item.document.0.remove("DnsServers");
    } else if input.at("DnsServers").is_some() {
        let servers = input.texts("DnsServers.CustomDnsServers");
        must_have_two(&servers)?;
        item.document.set("DnsServers", servers);
    }
    let held = items::look_up(tx, cx, &item.id);
    let vpc_before = held.as_ref().and_then(|held| held.document.text("VpcId"));
    if vpc_before.is_some_and(|vpc| item.document.text("VpcId") != Some(vpc)) {
        if !network::associated(cx, item).is_empty() {
            let message = "The VPC of an endpoint with associated target networks cannot be changed.";
            return Err(ApiError::new("InvalidParameterValue", message));
        }
        // The groups of another VPC are none here.
        item.document.set("SecurityGroupIds", Vec::<String>::new());
    }
    set_groups(cx, tx, input, item)?;
    network::regroup(cx, tx, item);
    Ok(())
}
