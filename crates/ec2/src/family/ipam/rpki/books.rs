//! The blocks and the autonomous system numbers that a registry has in its books for an association. No registry is asked: the admin API tells what it would say
//! ([`RegistryBooks`]), and none is told until an association is enabled.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamInternetRegistryAssociationCidrs.html>

pub use ipnet::IpNet as Block;
use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::super::super::describe::{self, Seen};
use super::{ASSOCIATIONS, ENABLED};

/// What a registry has in its books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryBooks {
    pub account: AccountId,
    pub region: String,
    /// `ipam-irassoc-…`
    pub association: String,
    pub cidrs: Vec<Block>,
    pub asns: Vec<u32>,
    /// When the registry said so.
    pub observed_at: Timestamp,
}

impl Record for RegistryBooks {
    const TABLE: TableDef = TableDef::own("ec2_registry_books", &["account", "region", "association"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.association])
    }
}

const ASNS: &str = "GetIpamInternetRegistryAssociationAsns";
const CIDRS: &str = "GetIpamInternetRegistryAssociationCidrs";
const USED: &[&str] = &["MaxResults", "NextToken", "Filters"];

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        ASSOCIATIONS.on_one(Operation::read(Service::Ec2, ASNS, asns), USED),
        ASSOCIATIONS.on_one(Operation::read(Service::Ec2, CIDRS, cidrs), USED),
    ]
}

fn asns(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let texts = |books: &RegistryBooks| books.asns.iter().map(|asn| (format!("{asn:010}"), asn.to_string())).collect();
    told(cx, world, input, (ASNS, "IpamInternetRegistryAssociationAsns", "Asn", &["asn"]), texts)
}

fn cidrs(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let texts = |books: &RegistryBooks| books.cidrs.iter().map(|cidr| (cidr.to_string(), cidr.to_string())).collect();
    told(cx, world, input, (CIDRS, "IpamInternetRegistryAssociationCidrs", "Cidr", &["cidr"]), texts)
}

/// A page of the answer: its operation, the member that lists, the member of an item, and the filters; AWS does not say which there are.
fn told(
    cx: &Cx,
    world: &World,
    input: &Document,
    (operation, list, member, filters): (&str, &str, &str, &'static [&'static str]),
    texts: impl FnOnce(&RegistryBooks) -> Vec<(String, String)>,
) -> Result<Document, ApiError> {
    let association = ASSOCIATIONS.alive(cx, world, input.text(ASSOCIATIONS.id).unwrap_or_default())?;
    let key = [association.account.as_str(), cx.region_name(), &association.id];
    let books = world.get::<RegistryBooks>(&key).filter(|_| association.state(cx) == Some(ENABLED));
    let mut held = books.map(|books| texts(books)).unwrap_or_default();
    held.sort();
    let see = |(id, text): (String, String)| {
        let shown = json!({member: text, "LastObservedAt": books.map(|books| books.observed_at)});
        Seen { id, shown: Document::from(shown), tags: Vec::new() }
    };
    let page = describe::choose(&format!("{operation} {}", association.id), input, filters, held.into_iter().map(see))?;
    Ok(Document::from(json!({list: page.items, "NextToken": page.next.map(Value::from)})))
}
