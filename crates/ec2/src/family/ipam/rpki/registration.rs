//! Routing policies that are registered with a registry: which systems may announce a block. Each change is a delta, published about a minute later; until
//! then what was published before counts. How AWS writes a delta down (`DeltaJson`) is not documented, so it is not shown, and changes in batches, which are
//! asked for in that form, are not built.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateIpamRoutingPolicyRegistration.html>

use ipnet::IpNet;
use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::super::super::answers;
use super::super::super::item::{self, Item, Stage};
use super::super::{allocation, must_not_exceed};
use super::origin::{self, Roa, Route, Validity, validity};
use super::{ASSOCIATIONS, enabled, paged};
use crate::instance::client_token;
use crate::kind;
use crate::network::cidr;
use crate::refused::invalid;

/// Members of an association, shown nowhere: the registrations, and the last changes of them.
pub const REGISTRATIONS: &str = "Registrations";
pub const DELTAS: &str = "Deltas";
/// Of a registration that is being changed: what is published until then.
const BEFORE: &str = "Before";
const GONE: &str = "delete-complete";
const SECONDS: i64 = 60;
/// How many registrations an association has, and how many changes are kept. AWS's own numbers are not known.
const MOST: usize = 200;
const KEPT: usize = 200;

const CHANGING: &[&str] = &["Cidr", "Asns", "PermitMoreSpecificAnnouncements", "MaxLength", "Description", "Force"];

/// The operations.
pub fn operations() -> Vec<Operation> {
    let write = |name, handler: fn(&Cx, &mut Tx, &Document) -> Result<Document, ApiError>, uses| {
        ASSOCIATIONS.on_one(Operation::write(Service::Ec2, name, handler), uses)
    };
    let read = |name, handler: fn(&Cx, &World, &Document) -> Result<Document, ApiError>, uses| {
        ASSOCIATIONS.on_one(Operation::read(Service::Ec2, name, handler), uses)
    };
    vec![
        write(CREATE, create, CHANGING),
        Operation::write(Service::Ec2, MODIFY, modify)
            .authorize(|cx, world, input: &Document| ASSOCIATIONS.to_modify(cx, world, input))
            .honours(|model, operation| answers::honoured(model, operation, &ASSOCIATIONS, CHANGING))
            .build(),
        write(DELETE, delete, &["Cidr", "Force"]),
        read("GetIpamRoutingPolicyRegistrations", list, &["Cidr", "MaxResults", "NextToken"]),
        read(
            "GetIpamRoutingPolicyRegistrationDeltas",
            deltas,
            &["DeltaId", "StartTime", "EndTime", "ChronologicalOrder", "MaxResults", "NextToken"],
        ),
        read("GetIpamRouteOriginAuthorizations", authorizations, &["Cidr", "MaxResults", "NextToken"]),
    ]
}

const CREATE: &str = "CreateIpamRoutingPolicyRegistration";
const MODIFY: &str = "ModifyIpamRoutingPolicyRegistration";
const DELETE: &str = "DeleteIpamRoutingPolicyRegistration";

/// The registrations that are not gone.
fn parts(cx: &Cx, association: &Item) -> Vec<Value> {
    let mut held = association.document.list(REGISTRATIONS);
    held.retain(|part| Stage::of_part(cx, part).as_deref() != Some(GONE));
    held
}

fn text<'v>(part: &'v Value, name: &str) -> &'v str {
    part.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// "Before deleting, you must remove all routing policy registrations."
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteIpamInternetRegistryAssociation.html>
pub fn must_have_none(cx: &Cx, _: &mut Tx, association: &Item) -> Result<(), ApiError> {
    match parts(cx, association).is_empty() {
        true => Ok(()),
        false => Err(crate::resource::has_dependencies(ASSOCIATIONS.kind.resource_type, &association.id)),
    }
}

/// The authorizations of a registration, or of what it was before.
fn roas_of(registration: &Value, policy: &Value) -> Vec<Roa> {
    let Ok(block) = text(registration, "Cidr").parse::<IpNet>() else { return Vec::new() };
    let most = policy.get("MaxLength").and_then(Value::as_u64).and_then(|most| u8::try_from(most).ok());
    let asns = policy.get("Asns").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let roa = |asn: &str| Roa { block, asn: asn.to_owned(), most: most.unwrap_or(block.prefix_len()) };
    asns.iter().filter_map(Value::as_str).map(roa).collect()
}

/// What of an association is published at this time.
pub fn published(cx: &Cx, association: &Item) -> Vec<Roa> {
    let of = |part: &Value| match Stage::of_part(cx, part).as_deref() {
        Some("create-in-progress") | None => Vec::new(),
        Some("update-in-progress") => part.get(BEFORE).map(|before| roas_of(part, before)).unwrap_or_default(),
        Some(_) => roas_of(part, part),
    };
    parts(cx, association).iter().flat_map(of).collect()
}

/// What will be published when all changes are through.
fn intended(parts: &[Value]) -> Vec<Roa> {
    parts.iter().filter(|part| !Stage::ends_as(part, GONE)).flat_map(|part| roas_of(part, part)).collect()
}

fn block(input: &Document) -> Result<IpNet, ApiError> {
    cidr::any(input.text("Cidr").unwrap_or_default(), "cidr")
}

/// The registration that a request asks for.
fn wanted(input: &Document, block: IpNet) -> Result<Value, ApiError> {
    let mut asns = input.texts("Asns");
    if let Some(wrong) = asns.iter().find(|asn| asn.parse::<u32>().is_err()) {
        return Err(invalid(format!(
            "Value ({wrong}) for parameter asn is invalid. It is not a 2-byte or 4-byte ASN."
        )));
    }
    if asns.is_empty() {
        return Err(crate::refused::missing("asn"));
    }
    must_not_exceed(asns.len(), MOST, "ASNs of a routing policy registration")?;
    asns.sort();
    asns.dedup();
    let permits = input.truth("PermitMoreSpecificAnnouncements") == Some(true);
    let least = i64::from(block.prefix_len());
    let most = input.number("MaxLength").unwrap_or(least);
    if !(least..=i64::from(block.max_prefix_len())).contains(&most) {
        return Err(invalid(format!(
            "Value ({most}) for parameter maxLength is invalid. It must be between the prefix length of the CIDR and {}.",
            block.max_prefix_len()
        )));
    }
    if most > least && !permits {
        let message = "MaxLength cannot be greater than the prefix length of the CIDR unless PermitMoreSpecificAnnouncements is true.";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    let mut part = json!({
        "Cidr": block.to_string(),
        "Asns": asns,
        "PermitMoreSpecificAnnouncements": permits,
        "MaxLength": most,
    });
    if let (Some(description), Some(part)) = (input.text("Description"), part.as_object_mut()) {
        part.insert("Description".to_owned(), description.into());
    }
    Ok(part)
}

fn create(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    change(CREATE, cx, tx, input, |block, parts| {
        if let Some(held) = parts.iter().find(|part| text(part, "Cidr") == block.to_string()) {
            if Stage::ends_as(held, GONE) {
                must_be_settled(cx, held)?;
            }
            return Err(invalid(format!("A routing policy registration for the CIDR {block} exists already.")));
        }
        must_not_exceed(parts.len() + 1, MOST, "routing policy registrations")?;
        let mut part = wanted(input, block)?;
        Stage::begin(cx, "create-in-progress", "create-complete", SECONDS).note(&mut part);
        parts.push(part);
        Ok(())
    })
}

fn modify(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    change(MODIFY, cx, tx, input, |block, parts| {
        let held = found(block, parts)?;
        must_be_settled(cx, held)?;
        let mut part = wanted(input, block)?;
        if let Some(part) = part.as_object_mut() {
            part.insert(BEFORE.to_owned(), json!({"Asns": held.get("Asns"), "MaxLength": held.get("MaxLength")}));
            if let Some(description) = held.get("Description").filter(|_| input.at("Description").is_none()) {
                part.insert("Description".to_owned(), description.clone());
            }
        }
        Stage::begin(cx, "update-in-progress", "update-complete", SECONDS).note(&mut part);
        *held = part;
        Ok(())
    })
}

fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    change(DELETE, cx, tx, input, |block, parts| {
        let held = found(block, parts)?;
        must_be_settled(cx, held)?;
        Stage::begin(cx, "delete-in-progress", GONE, SECONDS).note(held);
        Ok(())
    })
}

fn found(block: IpNet, parts: &mut [Value]) -> Result<&mut Value, ApiError> {
    let held = parts.iter_mut().find(|part| text(part, "Cidr") == block.to_string() && !Stage::ends_as(part, GONE));
    held.ok_or_else(|| invalid(format!("There is no routing policy registration for the CIDR {block}.")))
}

/// One change after the other.
fn must_be_settled(cx: &Cx, part: &Value) -> Result<(), ApiError> {
    let state = Stage::of_part(cx, part).unwrap_or_default();
    if state.ends_with("-complete") {
        return Ok(());
    }
    let message =
        format!("The routing policy registration for the CIDR {} is in the state {state}.", text(part, "Cidr"));
    Err(ApiError::new("IncorrectState", message))
}

/// Changes the registrations of an association, unless that does harm to a route and is not forced, and notes the delta.
fn change(
    operation: &'static str,
    cx: &Cx,
    tx: &mut Tx,
    input: &Document,
    change: impl FnOnce(IpNet, &mut Vec<Value>) -> Result<(), ApiError>,
) -> Result<Document, ApiError> {
    let association = enabled(cx, tx, input)?;
    let (token, digest) = (input.text("ClientToken"), allocation::digest(operation, input));
    if let Some(made) = client_token::seen(cx, tx, operation, token, &digest)? {
        let deltas = association.document.list(DELTAS);
        let again = deltas.iter().find(|delta| made.iter().any(|id| text(delta, "DeltaId") == id));
        return Ok(answer(again.map(|delta| shown(cx, delta))));
    }
    let block = block(input)?;
    let mut parts = parts(cx, &association);
    change(block, &mut parts)?;
    if input.truth("Force") != Some(true) {
        must_do_no_harm(cx, tx, &association, &parts)?;
    }
    let mut delta = json!({"DeltaId": cx.ids.uuid(), "At": cx.now, "Number": number_of_next(&association)});
    Stage::begin(cx, "pending", "published", SECONDS).note(&mut delta);
    let id = text(&delta, "DeltaId").to_owned();
    let last = parts.iter_mut().find(|part| text(part, "Cidr") == block.to_string()).and_then(Value::as_object_mut);
    last.into_iter().for_each(|part| drop(part.insert("LatestDeltaId".to_owned(), id.clone().into())));
    let answered = answer(Some(shown(cx, &delta)));
    let mut deltas = association.document.list(DELTAS);
    deltas.push(delta);
    deltas.drain(..deltas.len().saturating_sub(KEPT));
    item::update(tx, cx, &association.id, |it| {
        it.document.set(REGISTRATIONS, parts);
        it.document.set(DELTAS, deltas);
    });
    client_token::remember(cx, tx, operation, token, digest, vec![id]);
    Ok(answered)
}

fn number_of_next(association: &Item) -> u64 {
    let deltas = association.document.list(DELTAS);
    let last = deltas.last().and_then(|delta| delta.get("Number")).and_then(Value::as_u64);
    last.unwrap_or_default() + 1
}

fn answer(delta: Option<Document>) -> Document {
    Document::from(json!({"IpamRoutingPolicyRegistrationDelta": delta.map(|delta| delta.0)}))
}

fn shown(cx: &Cx, part: &Value) -> Document {
    let mut shown = Document::from(part.clone());
    shown.set("State", Stage::of_part(cx, part).unwrap_or_default());
    shown
}

/// "Forces the creation of the routing policy registration even if it conflicts with an announced route": a route that was fine is fine no longer.
fn must_do_no_harm(cx: &Cx, world: &World, association: &Item, parts: &[Value]) -> Result<(), ApiError> {
    let ipam = item::alive(world, cx, &kind::IPAM, association.document.text("IpamId").unwrap_or_default())?;
    let routes = origin::routes(cx, world, &ipam);
    if routes.is_empty() {
        return Ok(());
    }
    let mut before = origin::published(cx, world, Some(&association.id));
    let mut after = before.clone();
    before.extend(published(cx, association));
    after.extend(intended(parts));
    let is_harmed = |route: &Route| {
        matches!(
            (validity(route, &before), validity(route, &after)),
            (Validity::Valid, Validity::Invalid | Validity::Unknown) | (Validity::Unknown, Validity::Invalid)
        )
    };
    let Some(route) = routes.into_iter().find(is_harmed) else { return Ok(()) };
    let message = format!(
        "The change conflicts with the announced route {} of the ASN {}. Use Force to make it nevertheless.",
        route.held.cidr, route.asn
    );
    Err(ApiError::new("IncorrectState", message))
}

/// The association of a reading request, in whichever state, and the block that it narrows the list to.
fn asked(cx: &Cx, world: &World, input: &Document) -> Result<(std::sync::Arc<Item>, Option<IpNet>), ApiError> {
    let association = ASSOCIATIONS.alive(cx, world, input.text(ASSOCIATIONS.id).unwrap_or_default())?;
    let narrowed = input.at("Cidr").map(|_| block(input)).transpose()?;
    Ok((association, narrowed))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamRoutingPolicyRegistrations.html>
fn list(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let (association, narrowed) = asked(cx, world, input)?;
    let fits = |part: &&Value| narrowed.is_none_or(|block| text(part, "Cidr") == block.to_string());
    let parts = parts(cx, &association);
    let found = parts.iter().filter(fits).map(|part| (text(part, "Cidr").to_owned(), shown(cx, part))).collect();
    let scope = format!("GetIpamRoutingPolicyRegistrations {} {narrowed:?}", association.id);
    paged(&scope, "IpamRoutingPolicyRegistrations", input, found)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamRoutingPolicyRegistrationDeltas.html>
fn deltas(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let (association, _) = asked(cx, world, input)?;
    let time = |member: &str| input.text(member).and_then(|text| text.parse::<Timestamp>().ok());
    let (from, to, id) = (time("StartTime"), time("EndTime"), input.text("DeltaId"));
    let backwards = input.text("ChronologicalOrder") == Some("reverse");
    let fits = |delta: &&Value| {
        let at = text(delta, "At").parse::<Timestamp>().unwrap_or(cx.now);
        from.is_none_or(|from| at >= from)
            && to.is_none_or(|to| at <= to)
            && id.is_none_or(|id| text(delta, "DeltaId") == id)
    };
    let key = |delta: &Value| {
        let number = delta.get("Number").and_then(Value::as_u64).unwrap_or_default();
        format!("{:020}", if backwards { u64::MAX - number } else { number })
    };
    let held = association.document.list(DELTAS);
    let found = held.iter().filter(fits).map(|delta| (key(delta), shown(cx, delta))).collect();
    let scope = format!("GetIpamRoutingPolicyRegistrationDeltas {} {id:?} {from:?} {to:?} {backwards}", association.id);
    paged(&scope, "IpamRoutingPolicyRegistrationDeltas", input, found)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamRouteOriginAuthorizations.html>
fn authorizations(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let (association, narrowed) = asked(cx, world, input)?;
    let see = |roa: Roa| {
        let shown = json!({"Cidr": roa.block.to_string(), "Asn": roa.asn, "MaxLength": roa.most});
        (format!("{} {}", roa.block, roa.asn), Document::from(shown))
    };
    let all = published(cx, &association).into_iter();
    let found = all.filter(|roa| narrowed.is_none_or(|block| roa.block == block)).map(see).collect();
    let scope = format!("GetIpamRouteOriginAuthorizations {} {narrowed:?}", association.id);
    paged(&scope, "IpamRouteOriginAuthorizations", input, found)
}
