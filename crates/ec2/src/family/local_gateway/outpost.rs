//! What comes with an Outpost's hardware: its local gateway, its LAGs (the groups of links to the customer's routers) and the service link's virtual
//! interfaces. No operation makes them; the admin API tells of an Outpost, and they are there.
//! <https://docs.aws.amazon.com/outposts/latest/network-userguide/outposts-rack2ndgen-local-rack.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::arn::{self, Arn};
use service::ids::Ids;
use service::prelude::*;

use super::interface::{is_vlan, link_address};
use super::{ids, inside};
use crate::family::{Family, Item};
use crate::kind::{self, Kind};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LocalGateway.html>
pub static LOCAL_GATEWAYS: Family = Family {
    owner: Some("OwnerId"),
    filters: &["local-gateway-id", "outpost-arn", "owner-id", "state"],
    ..Family::of(&kind::LOCAL_GATEWAY, "LocalGatewayId")
};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_OutpostLag.html>
pub static LAGS: Family = Family {
    owner: Some("OwnerId"),
    filters: &[
        "configuration-state=_Links.ConfigurationState",
        "local-address=_Links.LocalAddress",
        "outpost-arn",
        "outpost-id=_OutpostId",
        "outpost-lag-id",
        "owner-id",
        "peer-address=_Links.PeerAddress",
        "peer-bgp-asn=_Links.PeerBgpAsn",
        "service-link-virtual-interface-arn=_Links.ServiceLinkVirtualInterfaceArn",
        "service-link-virtual-interface-id=ServiceLinkVirtualInterfaceIds",
        "vlan=_Links.Vlan",
    ],
    see: see_lag,
    ..Family::of(&kind::OUTPOST_LAG, "OutpostLagId")
};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ServiceLinkVirtualInterface.html>
pub static SERVICE_LINKS: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("ServiceLinkVirtualInterfaceArn"),
    filters: &[
        "local-gateway-virtual-interface-id=_LocalGatewayVirtualInterfaceIds",
        "outpost-arn",
        "outpost-lag-id",
        "owner-id",
        "service-link-virtual-interface-id",
        "state=_LagState",
        "vlan",
    ],
    see: |cx, world, item, shown| {
        let lag = item.document.text(LAGS.id).and_then(|id| crate::family::item::look_up(world, cx, id));
        if let Some(lag) = lag {
            shown.set("_LagState", lag.document.text("State").unwrap_or_default());
            shown.set("_LocalGatewayVirtualInterfaceIds", ids(&interfaces_on(cx, world, &lag.id)));
        }
    },
    ..Family::of(&kind::SERVICE_LINK_VIRTUAL_INTERFACE, "ServiceLinkVirtualInterfaceId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        LOCAL_GATEWAYS.describe("DescribeLocalGateways"),
        LAGS.describe("DescribeOutpostLags"),
        SERVICE_LINKS.describe("DescribeServiceLinkVirtualInterfaces"),
    ]
}

fn see_lag(cx: &Cx, world: &World, item: &Item, shown: &mut Document) {
    let links = inside(cx, world, &item.id, &kind::SERVICE_LINK_VIRTUAL_INTERFACE);
    shown.set("LocalGatewayVirtualInterfaceIds", ids(&interfaces_on(cx, world, &item.id)));
    shown.set("ServiceLinkVirtualInterfaceIds", ids(&links));
    shown.set("_OutpostId", item.document.text("OutpostArn").and_then(id_of).unwrap_or_default());
    let of_link = |link: &Arc<Item>| Value::Object(link.document.0.clone());
    shown.set("_Links", links.iter().map(of_link).collect::<Vec<Value>>());
}

/// The local gateway's virtual interfaces on a LAG.
pub fn interfaces_on(cx: &Cx, world: &World, lag: &str) -> Vec<Arc<Item>> {
    inside(cx, world, lag, &kind::LOCAL_GATEWAY_VIRTUAL_INTERFACE)
}

/// `op-…` of an Outpost's ARN.
fn id_of(arn: &str) -> Option<&str> {
    arn.rsplit_once('/').map(|(_, id)| id)
}

/// An Outpost, as the admin API is told of it. What has no id gets one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Outpost {
    /// `arn:aws:outposts:REGION:ACCOUNT:outpost/op-…`: the account is the owner.
    pub outpost_arn: String,
    pub local_gateway_id: Option<String>,
    #[serde(default)]
    pub lags: Vec<Lag>,
}

/// A group of links to one of the customer's routers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lag {
    pub outpost_lag_id: Option<String>,
    #[serde(default)]
    pub service_link_virtual_interfaces: Vec<ServiceLink>,
}

/// Where the Outpost's way to its Region meets that router.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceLink {
    pub service_link_virtual_interface_id: Option<String>,
    pub vlan: i64,
    /// On the Outpost's side: `169.254.1.1/30`.
    pub local_address: String,
    pub peer_address: String,
    pub peer_bgp_asn: i64,
}

/// Why an Outpost is not made or taken away, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// What was told makes no sense.
    Bad(String),
    /// It is there already, or in use.
    Conflict(String),
    Missing(String),
}

/// Whose an Outpost is, and where.
struct Place {
    account: AccountId,
    region: String,
    partition: String,
}

fn place(arn: &str) -> Result<Place, Refused> {
    let is_id = |id: &str| {
        let digits = id.strip_prefix("op-").unwrap_or_default();
        matches!(digits.len(), 8 | 17) && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    };
    let parsed = Arn::parse(arn).filter(|it| it.service == "outposts");
    let parsed = parsed.filter(|it| it.resource.strip_prefix("outpost/").is_some_and(is_id));
    let known = parsed.filter(|it| service::regions::region(it.region).is_some_and(|at| at.partition == it.partition));
    let account = known.as_ref().and_then(|it| it.account.parse().ok());
    match (known, account) {
        (Some(it), Some(account)) => {
            Ok(Place { account, region: it.region.to_owned(), partition: it.partition.to_owned() })
        }
        _ => Err(Refused::Bad(format!(
            "`{arn}` is no ARN of an Outpost: `arn:aws:outposts:REGION:ACCOUNT:outpost/op-…`"
        ))),
    }
}

/// What is there of an Outpost.
fn held(world: &World, place: &Place, arn: &str) -> Vec<Arc<Item>> {
    let of_kind = |kind: &Kind| {
        let key = [place.account.as_str(), place.region.as_str(), kind.resource_type];
        let all = world.by::<Item>(Item::BY_KIND, &key).filter(|item| item.document.text("OutpostArn") == Some(arn));
        all.cloned().collect::<Vec<_>>()
    };
    [&kind::LOCAL_GATEWAY, &kind::OUTPOST_LAG, &kind::SERVICE_LINK_VIRTUAL_INTERFACE]
        .into_iter()
        .flat_map(of_kind)
        .collect()
}

/// Makes what comes with an Outpost, and tells the ids.
pub fn install(tx: &mut Tx, told: &Outpost, ids: &Ids, now: Timestamp) -> Result<Value, Refused> {
    let place = place(&told.outpost_arn)?;
    if !held(tx, &place, &told.outpost_arn).is_empty() {
        return Err(Refused::Conflict(format!("`{}` is there already", told.outpost_arn)));
    }
    let made = |id: String, document: Value| {
        let mut document = Document::from(document);
        document.set("OutpostArn", told.outpost_arn.as_str());
        document.set("OwnerId", place.account.as_str());
        Item {
            account: place.account,
            region: place.region.clone(),
            id,
            within: document.text(LAGS.id).into_iter().map(str::to_owned).collect(),
            document,
            stage: None,
            created_at: now,
            gone_at: None,
            forgotten_at: None,
            tags: Vec::new(),
        }
    };
    let gateway = drawn(ids, &kind::LOCAL_GATEWAY, told.local_gateway_id.as_deref())?;
    let mut items = vec![made(gateway.clone(), json!({"State": "available"}))];
    let mut lags = Vec::new();
    for lag in &told.lags {
        let id = drawn(ids, &kind::OUTPOST_LAG, lag.outpost_lag_id.as_deref())?;
        items.push(made(id.clone(), json!({"State": "available"})));
        let mut links = Vec::new();
        for link in &lag.service_link_virtual_interfaces {
            link.check()?;
            let kind = &kind::SERVICE_LINK_VIRTUAL_INTERFACE;
            let link_id = drawn(ids, kind, link.service_link_virtual_interface_id.as_deref())?;
            let (partition, account) = (&place.partition, place.account.as_str());
            let document = json!({
                "ServiceLinkVirtualInterfaceArn":
                    arn::ec2(partition, &place.region, account, kind.resource_type, &link_id),
                "OutpostId": id_of(&told.outpost_arn),
                LAGS.id: id,
                "Vlan": link.vlan,
                "LocalAddress": link.local_address,
                "PeerAddress": link.peer_address,
                "PeerBgpAsn": link.peer_bgp_asn,
                "ConfigurationState": "available",
            });
            items.push(made(link_id.clone(), document));
            links.push(link_id);
        }
        lags.push(json!({"outpostLagId": id, "serviceLinkVirtualInterfaceIds": links}));
    }
    for (position, item) in items.iter().enumerate() {
        let is_taken = tx.get::<Item>(&[item.account.as_str(), &item.region, &item.id]).is_some();
        if is_taken || items.iter().skip(position + 1).any(|other| other.id == item.id) {
            return Err(Refused::Conflict(format!("`{}` is there already", item.id)));
        }
    }
    items.into_iter().for_each(|item| tx.put(item));
    Ok(json!({"outpostArn": told.outpost_arn, "localGatewayId": gateway, "lags": lags}))
}

/// Takes an Outpost away in whose local gateway nothing is.
pub fn remove(tx: &mut Tx, arn: &str) -> Result<(), Refused> {
    let place = place(arn)?;
    let held = held(tx, &place, arn);
    if held.is_empty() {
        return Err(Refused::Missing(format!("there is no Outpost `{arn}`")));
    }
    for item in held.iter().filter(|item| kind::LOCAL_GATEWAY.is_id(&item.id)) {
        let inside = tx.by::<Item>(Item::BY_WITHIN, &[item.account.as_str(), &item.region, &item.id]);
        let inside: Vec<&str> = inside.map(|other| other.id.as_str()).collect();
        if !inside.is_empty() {
            return Err(Refused::Conflict(format!("`{}` still has {}", item.id, inside.join(", "))));
        }
    }
    for item in held {
        tx.remove::<Item>(&[item.account.as_str(), &item.region, &item.id]);
    }
    Ok(())
}

/// The id that was told, or a new one.
fn drawn(ids: &Ids, kind: &Kind, told: Option<&str>) -> Result<String, Refused> {
    match told {
        Some(id) if !kind.is_id(id) => {
            Err(Refused::Bad(format!("`{id}` is no id that begins with `{}-`", kind.prefix)))
        }
        Some(id) => Ok(id.to_owned()),
        None => Ok(ids.ec2(kind.prefix)),
    }
}

impl ServiceLink {
    fn check(&self) -> Result<(), Refused> {
        if !is_vlan(self.vlan) {
            return Err(Refused::Bad("`vlan` is 1 to 4094".to_owned()));
        }
        if !(1..i64::from(u32::MAX)).contains(&self.peer_bgp_asn) {
            return Err(Refused::Bad("`peerBgpAsn` is 1 to 4294967294".to_owned()));
        }
        match [&self.local_address, &self.peer_address].into_iter().find(|text| link_address(text).is_none()) {
            Some(text) => Err(Refused::Bad(format!("`{text}` is no IPv4 address such as 169.254.1.1/30"))),
            None => Ok(()),
        }
    }
}
