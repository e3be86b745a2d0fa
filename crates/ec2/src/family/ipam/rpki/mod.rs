//! RPKI: associations of address managers with internet registries, the routing policies that are registered through them, and what these mean for the
//! ranges that accounts advertise.
//!
//! A registry approves an association by the answer to the account's request, which the account brings along in EnableIpamInternetRegistryAssociation.
//! We can ask no registry, so that answer is believed, as the messages with which ranges are brought are; which ranges and numbers a registry has in
//! its books the admin API may tell ([`books`]). What is registered here is all that the RPKI of this world knows.
//!
//! [`registration`] registers, [`origin`] compares routes with it, [`route`] tells. Start with [`ASSOCIATIONS`].

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use service::Service;
use service::prelude::*;

use super::super::item::{self, Item, Stage};
use super::super::{Family, Life, answers, verbs};
use super::{LIFE, must_not_exceed};
use crate::kind;
use crate::refused::invalid;

pub mod books;
mod origin;
mod registration;
mod route;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpamInternetRegistryAssociation.html>
pub static ASSOCIATIONS: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("IpamInternetRegistryAssociationArn"),
    life: Some(Life {
        words: ["create-in-progress", "pending-enable", "delete-in-progress", "delete-complete"],
        ..LIFE
    }),
    within: &[("IpamId", &kind::IPAM)],
    hidden: &[PARENT, registration::REGISTRATIONS, registration::DELTAS],
    filters: &[
        "description",
        "ipam-id",
        "ipam-internet-registry-association-arn",
        "ipam-internet-registry-association-id",
        "ipam-region",
        "organization-handle",
        "owner-id",
        "rir",
        "state",
    ],
    fill,
    release: registration::must_have_none,
    ..Family::of(&kind::IPAM_INTERNET_REGISTRY_ASSOCIATION, "IpamInternetRegistryAssociationId")
};

/// The member, shown nowhere, with what the registry answered.
const PARENT: &str = "ParentResponse";
const ENABLED: &str = "enable-complete";
const ENABLE: &str = "EnableIpamInternetRegistryAssociation";
const ENABLING: &[&str] = &["RpkiVersion", "ServiceUri", "ChildHandle", "ParentHandle", "ParentBpkiTa"];
/// How many associations an address manager has. AWS's own number is not known.
const MOST: usize = 100;

/// The operations.
pub fn operations() -> Vec<Operation> {
    let mut operations = vec![
        ASSOCIATIONS.create("CreateIpamInternetRegistryAssociation", &[]),
        ASSOCIATIONS.describe("DescribeIpamInternetRegistryAssociations"),
        ASSOCIATIONS.on_one(Operation::write(Service::Ec2, ENABLE, enable), ENABLING),
        ASSOCIATIONS.delete("DeleteIpamInternetRegistryAssociation"),
    ];
    operations.extend(books::operations());
    operations.extend(registration::operations());
    operations.extend(route::operations());
    operations
}

/// "Your IPAM must be in the Advanced tier to use this feature."
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateIpamInternetRegistryAssociation.html>
fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let ipam = item::alive(tx, cx, &kind::IPAM, input.text("IpamId").unwrap_or_default())?;
    super::must_be_advanced(&ipam)?;
    let held = item::inside(tx, cx, &ipam.id).iter().filter(|id| ASSOCIATIONS.kind.is_id(id)).count();
    must_not_exceed(held + 1, MOST, "internet registry associations of an IPAM")?;
    item.document.set("IpamRegion", cx.region_name());
    Ok(())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableIpamInternetRegistryAssociation.html>
fn enable(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let id = input.text(ASSOCIATIONS.id).unwrap_or_default();
    let held = ASSOCIATIONS.alive(cx, tx, id)?;
    if verbs::is_done(cx, tx, ENABLE, input)? {
        return Ok(answers::about(&ASSOCIATIONS, ENABLE, cx, tx, input, &held));
    }
    must_be(cx, &held, &["pending-enable"])?;
    check_answer(input)?;
    let text = |member: &str| input.text(member).unwrap_or_default().to_owned();
    let answer: serde_json::Map<_, _> = ENABLING.iter().map(|name| ((*name).to_owned(), text(name).into())).collect();
    let mut changed = Item::clone(&held);
    changed.document.set(PARENT, answer);
    changed.stage = Some(Stage::begin(cx, "enable-in-progress", ENABLED, LIFE.seconds));
    tx.put(changed.clone());
    Ok(answers::about(&ASSOCIATIONS, ENABLE, cx, tx, input, &changed))
}

/// The registry's answer is what the protocol lets it be. <https://www.rfc-editor.org/rfc/rfc8183#section-5.2.2>
fn check_answer(input: &Document) -> Result<(), ApiError> {
    let text = |member: &str| input.text(member).unwrap_or_default();
    let refused = |member: &str, why: &str| {
        Err(invalid(format!("Value ({}) for parameter {member} is invalid. {why}", text(member))))
    };
    if text("RpkiVersion") != "1" {
        return refused("RpkiVersion", "The version must be 1.");
    }
    let host = ["https://", "http://"].iter().find_map(|scheme| text("ServiceUri").strip_prefix(scheme));
    if host.is_none_or(|rest| rest.is_empty() || rest.starts_with('/') || rest.contains(char::is_whitespace)) {
        return refused("ServiceUri", "It must be an HTTP or HTTPS URI.");
    }
    let is_handle = |text: &str| {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_/\\".contains(letter);
        (1..=255).contains(&text.len()) && text.chars().all(fits)
    };
    for member in ["ChildHandle", "ParentHandle"] {
        if !is_handle(text(member)) {
            return refused(member, "It is not a handle.");
        }
    }
    if !is_certificate(text("ParentBpkiTa")) {
        return Err(invalid(
            "The value for parameter ParentBpkiTa is invalid. It must be a certificate in PEM format.",
        ));
    }
    Ok(())
}

/// Whether a text is a certificate's, by its frame: a DER sequence in base 64 between the PEM lines.
fn is_certificate(text: &str) -> bool {
    let framed = text.trim().strip_prefix("-----BEGIN CERTIFICATE-----");
    let body = framed.and_then(|rest| rest.strip_suffix("-----END CERTIFICATE-----"));
    let body: Option<String> = body.map(|body| body.split_whitespace().collect());
    body.and_then(|body| STANDARD.decode(body).ok()).is_some_and(|der| der.first() == Some(&0x30))
}

fn must_be(cx: &Cx, association: &Item, states: &[&str]) -> Result<(), ApiError> {
    let state = association.state(cx).unwrap_or_default();
    if states.contains(&state) {
        return Ok(());
    }
    let message = format!(
        "The internet registry association {} is in the state {state}; it must be {}.",
        association.id,
        states.join(" or ")
    );
    Err(ApiError::new("IncorrectState", message))
}

/// The association that a request names, enabled.
fn enabled(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    let found = ASSOCIATIONS.alive(cx, world, input.text(ASSOCIATIONS.id).unwrap_or_default())?;
    must_be(cx, &found, &[ENABLED])?;
    Ok(found)
}

/// All associations that there are, of whichever account: the RPKI is the same for all.
fn everybodys(world: &World) -> impl Iterator<Item = &Arc<Item>> {
    let registries = ["ripe", "apnic", "arin", "lacnic", "nicbr"];
    let linked = registries.into_iter().flat_map(|rir| world.by::<Item>(Item::BY_LINK, &[rir]));
    linked.filter(|item| item.kind() == Some(ASSOCIATIONS.kind) && !item.is_deleted())
}

/// A page of what was found, under the member of the answer.
fn paged(
    scope: &str,
    member: &str,
    input: &Document,
    mut found: Vec<(String, Document)>,
) -> Result<Document, ApiError> {
    found.sort_by(|one, other| one.0.cmp(&other.0));
    let (token, most) = (input.text("NextToken"), input.number("MaxResults"));
    let page = service::paging::ec2(scope, token, most, found, |(key, _)| key.clone())?;
    let items: Vec<_> = page.items.into_iter().map(|(_, shown)| shown.0).collect();
    Ok(Document::from(json!({member: items, "NextToken": page.next})))
}
