//! The history of blocks: what had which in a scope, and when. AWS takes it from samples; here too, one every few minutes if anything is asked of the
//! account at all: before such a request what is seen is compared with what was seen last ([`is_due`], [`follow`]). What came and went in between is not
//! known of, and an end can have been before the sample that found it. Of what has ended the last is kept, for three years.
//! <https://docs.aws.amazon.com/vpc/latest/ipam/view-history-cidr-ipam.html>

use std::collections::HashMap;
use std::sync::Arc;

use ipnet::IpNet;
use jiff::SignedDuration;
use serde_json::json;
use service::Service;
use service::paging;
use service::prelude::*;

use super::super::answers;
use super::super::item::{self, Item};
use super::{OF_IPAM, SCOPES, discovery, monitor};
use crate::instance::{Instance, elapsed};
use crate::kind;
use crate::network::cidr;
use crate::network::interface::NetworkInterface;

/// That something had a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The address manager's account and region.
    pub account: AccountId,
    pub region: String,
    pub ipam: String,
    pub scope: String,
    pub block: IpNet,
    pub holder: Holder,
    pub since: Timestamp,
    /// Since when it has it no longer.
    pub until: Option<Timestamp>,
    pub gone_at: Option<Timestamp>,
}

/// Whoever has a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub account: String,
    pub region: String,
    /// `vpc`, `subnet`, `eip`, `network-interface`, `instance`
    pub kind: String,
    pub id: String,
    pub name: Option<String>,
    pub vpc_id: Option<String>,
    pub compliance: Option<String>,
    pub overlap: Option<String>,
}

impl Record for Held {
    const TABLE: TableDef =
        TableDef::own("ec2_ipam_history", &["account", "region", "ipam", "block", "holder", "since"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_state", unique: false }];

    fn key(&self) -> Key {
        Key::new(&self.parts().each_ref().map(String::as_str))
    }

    fn index(&self, entries: &mut IndexEntries) {
        let state = if self.until.is_some() { ENDED } else { OPEN };
        entries.add(Self::BY_STATE, &[self.account.as_str(), &self.region, &self.ipam, state]);
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.gone_at
    }
}

impl Held {
    /// (account, region, address manager, whether it has ended).
    pub const BY_STATE: usize = 0;

    /// Of its key.
    fn parts(&self) -> [String; 6] {
        let (block, since) = (self.block.to_string(), self.since.to_string());
        let holder = format!("{} {}", self.holder.id, self.scope);
        [self.account.to_string(), self.region.clone(), self.ipam.clone(), block, holder, since]
    }
}

const OPEN: &str = "open";
const ENDED: &str = "ended";
/// The member of an address manager, shown nowhere, with the time of the last sample.
const SAMPLED: &str = "SampledAt";
/// How long it is between two samples. AWS's own time is not known.
const BETWEEN: SignedDuration = SignedDuration::from_mins(5);
/// "Up to three years": the page above.
const KEPT: SignedDuration = SignedDuration::from_hours(3 * 365 * 24);
/// How many that have ended are kept.
const MOST: usize = 10_000;
const PAGE: i64 = 100;

const ASKING: &[&str] = &["Cidr", "VpcId", "StartTime", "EndTime", "MaxResults", "NextToken"];

/// The operation.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(Service::Ec2, "GetIpamAddressHistory", history)
            .authorize(|cx, world, input: &Document| {
                vec![SCOPES.check_on(cx, world, input.text(SCOPES.id).unwrap_or_default())]
            })
            .honours(|model, operation| answers::honoured(model, operation, &SCOPES, ASKING))
            .build(),
    ]
}

/// The address managers of an account that keep a history, in whichever region.
fn keeping(world: &World, account: AccountId) -> impl Iterator<Item = &Arc<Item>> {
    let all = world.by::<Item>(Item::BY_LINK, &[account.as_str(), kind::IPAM.resource_type]);
    all.filter(|it| !it.is_deleted() && it.document.text("Tier") == Some("advanced"))
}

fn is_behind(world: &World, ipam: &Item) -> bool {
    let last = ipam.document.text(SAMPLED).and_then(|text| text.parse::<Timestamp>().ok());
    last.is_none_or(|last| elapsed(last, world.now()) >= BETWEEN)
}

/// Whether a sample is to be taken for an address manager of the account.
pub fn is_due(world: &World, account: AccountId) -> bool {
    keeping(world, account).any(|ipam| is_behind(world, ipam))
}

/// Takes the samples that are due.
pub fn follow(cx: &Cx, tx: &mut Tx) {
    let world = tx.at(cx.now);
    let due: Vec<Arc<Item>> = keeping(&world, cx.account()).filter(|ipam| is_behind(&world, ipam)).cloned().collect();
    for ipam in due {
        sample(cx, tx, &ipam);
        let key = [ipam.account.as_str(), &ipam.region, &ipam.id];
        tx.update::<Item>(&key, |it| it.document.set(SAMPLED, cx.now.to_string()));
    }
}

/// Forgets what was kept for an address manager.
pub fn forget(tx: &mut Tx, ipam: &Item) {
    let held: Vec<Arc<Held>> = tx.scan::<Held>(&[ipam.account.as_str(), &ipam.region, &ipam.id]).cloned().collect();
    held.iter().for_each(|held| remove(tx, held));
}

fn remove(tx: &mut Tx, held: &Held) {
    tx.remove::<Held>(&held.parts().each_ref().map(String::as_str));
}

/// What is the same from sample to sample: the scope, the block, and who has it.
type Subject = (String, IpNet, String);

fn subject(held: &Held) -> Subject {
    (held.scope.clone(), held.block, held.holder.id.clone())
}

/// Ends what is seen no longer, begins what is new, and takes over what is told of the rest.
fn sample(cx: &Cx, tx: &mut Tx, ipam: &Item) {
    let mut seen: HashMap<Subject, Holder> = HashMap::new();
    for (scope, block, holder) in seen_now(tx, ipam) {
        seen.insert((scope, block, holder.id.clone()), holder);
    }
    let key = [ipam.account.as_str(), &ipam.region, &ipam.id, OPEN];
    let open: Vec<Arc<Held>> = tx.by::<Held>(Held::BY_STATE, &key).cloned().collect();
    for held in open {
        match seen.remove(&subject(&held)) {
            Some(holder) if holder == held.holder => {}
            Some(holder) => tx.put(Held { holder, ..Held::clone(&held) }),
            None => {
                let gone_at = cx.now.saturating_add(KEPT).ok();
                tx.put(Held { until: Some(cx.now), gone_at, ..Held::clone(&held) });
            }
        }
    }
    for ((scope, block, _), holder) in seen {
        tx.put(Held {
            account: ipam.account,
            region: ipam.region.clone(),
            ipam: ipam.id.clone(),
            scope,
            block,
            holder,
            since: cx.now,
            until: None,
            gone_at: None,
        });
    }
    drop_oldest(tx, ipam);
}

fn drop_oldest(tx: &mut Tx, ipam: &Item) {
    let key = [ipam.account.as_str(), &ipam.region, &ipam.id, ENDED];
    let mut ended: Vec<Arc<Held>> = tx.by::<Held>(Held::BY_STATE, &key).cloned().collect();
    let over = ended.len().saturating_sub(MOST);
    if over > 0 {
        ended.sort_by_key(|held| held.until);
        ended.iter().take(over).for_each(|held| remove(tx, held));
    }
}

/// Who has which block in which scope: what the scopes tell of, and the private addresses of interfaces with their instances.
fn seen_now(world: &World, ipam: &Item) -> Vec<(String, IpNet, Holder)> {
    let scopes =
        world.by::<Item>(Item::BY_KIND, &[ipam.account.as_str(), &ipam.region, kind::IPAM_SCOPE.resource_type]);
    let own = scopes.filter(|scope| scope.document.text(OF_IPAM) == Some(&ipam.id) && !scope.is_deleted());
    let seen = monitor::seen_by_scope(world, ipam);
    let mut found = Vec::new();
    for scope in own {
        let shown = seen.get(&scope.id).into_iter().flatten();
        found.extend(shown.filter_map(|seen| of_resource(&scope.id, &seen.shown)));
    }
    let mut subnets: HashMap<&str, Vec<(&str, IpNet)>> = HashMap::new();
    for (scope, block, holder) in found.iter().filter(|(.., holder)| holder.kind == "subnet") {
        subnets.entry(&holder.id).or_default().push((scope, *block));
    }
    let mut private = Vec::new();
    for (account, region) in discovery::places(world, ipam) {
        for interface in world.scan::<NetworkInterface>(&[account.as_str(), &region]) {
            let around = subnets.get(interface.subnet_id.as_str()).map(Vec::as_slice).unwrap_or_default();
            private.extend(of_interface(world, interface, around));
        }
    }
    // Last, since of the same subject the last counts, and the scopes tell more.
    private.extend(found);
    private
}

/// Of what [`monitor`] shows.
fn of_resource(scope: &str, shown: &Document) -> Option<(String, IpNet, Holder)> {
    let text = |member: &str| shown.text(member).map(str::to_owned);
    let kind = match shown.text("ResourceType")? {
        "eni" => "network-interface",
        kind @ ("vpc" | "subnet" | "eip") => kind,
        _ => return None,
    };
    let holder = Holder {
        account: text("ResourceOwnerId")?,
        region: text("ResourceRegion")?,
        kind: kind.to_owned(),
        id: text("ResourceId")?,
        name: text("ResourceName"),
        vpc_id: text("VpcId"),
        compliance: text("ComplianceStatus"),
        overlap: text("OverlapStatus"),
    };
    Some((scope.to_owned(), shown.text("ResourceCidr")?.parse().ok()?, holder))
}

/// The addresses of an interface, once for it and once for the instance that it is attached to.
fn of_interface(world: &World, interface: &NetworkInterface, around: &[(&str, IpNet)]) -> Vec<(String, IpNet, Holder)> {
    let ipv4 = std::iter::once(&interface.private_ip)
        .chain(&interface.secondary_ips)
        .map(|it| IpNet::from(std::net::IpAddr::V4(*it)));
    let ipv6 = interface.ipv6_addresses.iter().map(|it| IpNet::from(std::net::IpAddr::V6(*it)));
    let name = |tags: &[Tag]| tags.iter().find(|tag| tag.key == "Name").map(|tag| tag.value.clone());
    let own = Holder {
        account: interface.account.to_string(),
        region: interface.region.clone(),
        kind: "network-interface".to_owned(),
        id: interface.id.clone(),
        name: name(&interface.tags),
        vpc_id: Some(interface.vpc_id.clone()),
        compliance: None,
        overlap: None,
    };
    let instance = interface.attachment.as_ref().map(|attachment| {
        let account = attachment.instance_account.unwrap_or(interface.account);
        let instance = world.get::<Instance>(&[account.as_str(), &interface.region, &attachment.instance_id]);
        Holder {
            account: account.to_string(),
            kind: "instance".to_owned(),
            id: attachment.instance_id.clone(),
            name: instance.and_then(|instance| name(&instance.tags)),
            ..own.clone()
        }
    });
    let holders: Vec<Holder> = std::iter::once(own).chain(instance).collect();
    let scope_of = |block: &IpNet| around.iter().find(|(_, subnet)| subnet.contains(block)).map(|(scope, _)| *scope);
    let blocks: Vec<(String, IpNet)> =
        ipv4.chain(ipv6).filter_map(|block| Some((scope_of(&block)?.to_owned(), block))).collect();
    blocks
        .iter()
        .flat_map(|(scope, block)| holders.iter().map(|holder| (scope.clone(), *block, holder.clone())))
        .collect()
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamAddressHistory.html>
fn history(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let scope = SCOPES.alive(cx, world, input.text(SCOPES.id).unwrap_or_default())?;
    let ipam = item::alive(world, cx, &kind::IPAM, scope.document.text(OF_IPAM).unwrap_or_default())?;
    super::must_be_advanced(&ipam)?;
    let block = cidr::any(input.text("Cidr").unwrap_or_default(), "cidr")?;
    let time = |member: &str| input.text(member).and_then(|text| text.parse::<Timestamp>().ok());
    let to = time("EndTime").unwrap_or(cx.now);
    let from = time("StartTime").unwrap_or(to);
    if from > to {
        return Err(crate::refused::invalid("The start time must not be after the end time."));
    }
    let vpc = input.text("VpcId");
    let within = |held: &&Arc<Held>| held.since <= to && held.until.is_none_or(|until| until > from);
    let fits = |held: &&Arc<Held>| {
        held.scope == scope.id && vpc.is_none_or(|vpc| held.holder.vpc_id.as_deref() == Some(vpc)) && within(held)
    };
    let key = [ipam.account.as_str(), &ipam.region, &ipam.id, &block.to_string()];
    let mut found: Vec<&Arc<Held>> = world.scan::<Held>(&key).filter(fits).collect();
    let order = |held: &Held| format!("{} {} {}", held.since, held.holder.kind, held.holder.id);
    found.sort_by_key(|held| order(held));
    // An end that is left out moves on from page to page, so the token does not know it.
    let which =
        format!("GetIpamAddressHistory {} {block} {vpc:?} {:?} {:?}", scope.id, time("StartTime"), time("EndTime"));
    let most = input.number("MaxResults").unwrap_or(PAGE);
    let page = paging::ec2(&which, input.text("NextToken"), Some(most), found, |held| order(held))?;
    let records: Vec<_> = page.items.into_iter().map(|held| shown(held).0).collect();
    Ok(Document::from(json!({"HistoryRecords": records, "NextToken": page.next})))
}

/// `IpamAddressHistoryRecord`.
fn shown(held: &Held) -> Document {
    let holder = &held.holder;
    let mut shown = Document::from(json!({
        "ResourceOwnerId": holder.account,
        "ResourceRegion": holder.region,
        "ResourceType": holder.kind,
        "ResourceId": holder.id,
        "ResourceCidr": held.block.to_string(),
        "SampledStartTime": held.since,
    }));
    for (member, value) in [
        ("ResourceName", &holder.name),
        ("ResourceComplianceStatus", &holder.compliance),
        ("ResourceOverlapStatus", &holder.overlap),
        ("VpcId", &holder.vpc_id),
        ("SampledEndTime", &held.until.map(|until| until.to_string())),
    ] {
        if let Some(value) = value {
            shown.set(member, value.as_str());
        }
    }
    shown
}
