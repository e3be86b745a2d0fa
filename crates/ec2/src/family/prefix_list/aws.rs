//! The prefix lists that AWS keeps in each region for the services that gateway endpoints lead to. Ids and blocks of the older regions are AWS's;
//! those of others are drawn from the region's name, out of the services' own ranges.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html>

use serde_json::{Value, json};
use service::Service;
use service::ids::Ids;
use service::prelude::*;

use super::VERSIONS;
use crate::family::{Item, answers, describe};
use crate::resource;

/// Region, service, id, blocks. <https://ip-ranges.amazonaws.com/ip-ranges.json>
const KNOWN: &[(&str, &str, &str, &[&str])] = &[
    ("us-east-1", "s3", "pl-63a5400a", &["3.5.0.0/19", "52.216.0.0/15", "54.231.0.0/16"]),
    ("us-east-1", "dynamodb", "pl-02cd2c6b", &["3.218.182.0/24", "52.94.0.0/22", "52.119.224.0/20"]),
    ("us-east-2", "s3", "pl-7ba54012", &["3.5.128.0/22", "52.219.80.0/20"]),
    ("us-east-2", "dynamodb", "pl-4ca54025", &["52.94.4.0/24"]),
    ("us-west-1", "s3", "pl-6ba54002", &["52.219.20.0/22", "52.219.24.0/21"]),
    ("us-west-1", "dynamodb", "pl-6ea54007", &["52.94.10.0/24"]),
    ("us-west-2", "s3", "pl-68a54001", &["3.5.76.0/22", "52.92.128.0/17", "52.218.128.0/17"]),
    ("us-west-2", "dynamodb", "pl-00a54069", &["52.94.12.0/24", "52.119.252.0/22"]),
    ("eu-west-1", "s3", "pl-6da54004", &["3.5.64.0/21", "52.92.0.0/17", "52.218.0.0/17"]),
    ("eu-west-1", "dynamodb", "pl-6fa54006", &["52.94.24.0/23", "52.94.26.0/23", "52.119.240.0/21"]),
    ("eu-west-2", "s3", "pl-7ca54015", &["52.95.148.0/23", "52.95.150.0/24"]),
    ("eu-west-2", "dynamodb", "pl-b3a742da", &["52.94.15.0/24"]),
    ("eu-central-1", "s3", "pl-6ea54007", &["3.5.136.0/22", "52.219.44.0/22", "52.219.72.0/22"]),
    ("eu-central-1", "dynamodb", "pl-66a5400f", &["52.94.17.0/24"]),
    ("ap-northeast-1", "s3", "pl-61a54008", &["3.5.152.0/21", "52.219.0.0/20"]),
    ("ap-northeast-1", "dynamodb", "pl-78a54011", &["52.94.8.0/24", "52.119.248.0/24"]),
    ("ap-southeast-1", "s3", "pl-6fa54006", &["3.5.146.0/23", "52.219.32.0/21"]),
    ("ap-southeast-1", "dynamodb", "pl-67a5400e", &["52.94.11.0/24"]),
    ("ap-southeast-2", "s3", "pl-6ca54005", &["3.5.164.0/22", "52.95.128.0/21"]),
    ("ap-southeast-2", "dynamodb", "pl-62a5400b", &["52.94.13.0/24"]),
];

/// The services that have such a list.
pub const SERVICES: [&str; 2] = ["dynamodb", "s3"];

/// The lists of the request's region.
pub fn lists(cx: &Cx) -> Vec<Item> {
    SERVICES.iter().map(|service| list(cx, service)).collect()
}

/// The id of a service's list in the request's region.
pub fn id_of(cx: &Cx, service: &str) -> String {
    id_and_blocks(cx.region_name(), service).0
}

fn id_and_blocks(region: &str, service: &str) -> (String, Vec<String>) {
    let known = KNOWN.iter().find(|(of, name, ..)| *of == region && *name == service);
    if let Some((_, _, id, blocks)) = known {
        return ((*id).to_owned(), blocks.iter().map(|block| (*block).to_owned()).collect());
    }
    let [a, b, c, d, e, ..] = Ids::derived(&[b"prefix list", region.as_bytes(), service.as_bytes()]).bytes();
    let range = if service == "s3" { 219 } else { 119 };
    (format!("pl-{a:02x}{b:02x}{c:02x}{d:02x}"), vec![format!("52.{range}.{}.0/22", e & 0b1111_1100)])
}

fn list(cx: &Cx, service: &str) -> Item {
    let (id, blocks) = id_and_blocks(cx.region_name(), service);
    let entries: Vec<Value> = blocks.iter().map(|block| json!({"Cidr": block})).collect();
    let document = json!({
        "AddressFamily": "IPv4",
        "State": super::DONE,
        "PrefixListArn": service::arn::ec2(cx.partition(), cx.region_name(), "aws", "prefix-list", &id),
        "PrefixListName": format!("com.amazonaws.{}.{service}", cx.region_name()),
        "OwnerId": "AWS",
        "Cidrs": blocks,
        VERSIONS: [entries],
    });
    Item {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id,
        document: Document::from(document),
        within: Vec::new(),
        stage: None,
        created_at: cx.now,
        gone_at: None,
        forgotten_at: None,
        tags: Vec::new(),
    }
}

/// DescribePrefixLists, which knows AWS's lists alone.
pub fn describe_row() -> Operation {
    Operation::read(Service::Ec2, "DescribePrefixLists", describe)
        .authorize(resource::any::<Document>)
        .honours(|model, operation| answers::honoured(model, operation, &super::PREFIX_LISTS, answers::DESCRIBING))
        .build()
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribePrefixLists.html>
fn describe(cx: &Cx, _: &World, input: &Document) -> Result<Document, ApiError> {
    let wanted = input.texts("PrefixListIds");
    let mut found = lists(cx);
    let missing: Vec<&str> =
        wanted.iter().filter(|id| found.iter().all(|list| list.id != **id)).map(String::as_str).collect();
    if !missing.is_empty() {
        return Err(crate::kind::PREFIX_LIST.not_found(&missing));
    }
    found.retain(|list| wanted.is_empty() || wanted.contains(&list.id));
    found.sort_by(|a, b| a.id.cmp(&b.id));
    let seen = found.into_iter().map(|list| {
        let mut shown = list.document;
        shown.set("PrefixListId", list.id.as_str());
        describe::Seen { id: list.id, shown, tags: Vec::new() }
    });
    let page = describe::choose("DescribePrefixLists", input, &["prefix-list-id", "prefix-list-name"], seen)?;
    Ok(Document::from(json!({"PrefixLists": page.items, "NextToken": page.next})))
}
