//! What becomes of a prefix list's entries: at creation, in ModifyManagedPrefixList, and in RestoreManagedPrefixListVersion.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyManagedPrefixList.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};
use service::prelude::*;

use super::{DONE, VERSIONS, entries_of, version_of};
use crate::family::Item;
use crate::family::item::Stage;
use crate::network::cidr;
use crate::refused::missing;

/// How many entries a list can have. <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
const MOST_ENTRIES: i64 = 1_000;

/// "If a prefix list has 1,000 stored versions and you add a new version, the oldest version is removed": the same page.
const KEPT: usize = 1_000;

/// Members of a list that an IPAM prefix list resolver keeps: the target that ties it to the resolver, and whether it follows.
pub const TARGET: &str = "IpamPrefixListResolverTargetId";
pub const SYNC: &str = "IpamPrefixListResolverSyncEnabled";

/// Blocks with their descriptions.
type Entries = BTreeMap<String, Option<String>>;

/// Checks a new list and makes its first version.
pub fn fill(_: &Cx, _: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    check_name(input)?;
    let family = input.text("AddressFamily").unwrap_or_default();
    if !matches!(family, "IPv4" | "IPv6") {
        let message = format!("Invalid value '{family}' for AddressFamily. Valid values are IPv4 and IPv6.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    check_most(input.number("MaxEntries").unwrap_or_default())?;
    let mut entries = Entries::new();
    add(&mut entries, family, input, "Entries")?;
    must_fit(&entries, input.number("MaxEntries").unwrap_or_default())?;
    item.document.set("Version", 1);
    item.document.set(VERSIONS, vec![written(&entries)]);
    Ok(())
}

fn check_name(input: &Document) -> Result<(), ApiError> {
    match input.text("PrefixListName") {
        Some(name) if name.starts_with("com.amazonaws") => {
            let message = "The prefix list name cannot start with com.amazonaws";
            Err(ApiError::new("InvalidParameterValue", message))
        }
        Some(name) if name.is_empty() || name.chars().count() > 255 => {
            let message = "The prefix list name must be between 1 and 255 characters in length.";
            Err(ApiError::new("InvalidParameterValue", message))
        }
        _ => Ok(()),
    }
}

fn check_most(most: i64) -> Result<(), ApiError> {
    if (1..=MOST_ENTRIES).contains(&most) {
        return Ok(());
    }
    let message = format!("Invalid value '{most}' for MaxEntries. It must be between 1 and {MOST_ENTRIES}.");
    Err(ApiError::new("InvalidParameterValue", message))
}

/// Adds the entries of a list in the input; one that is there gets the new description.
fn add(entries: &mut Entries, family: &str, input: &Document, member: &str) -> Result<(), ApiError> {
    let mut seen = Vec::new();
    for value in input.at(member).and_then(Value::as_array).into_iter().flatten() {
        let entry = Document::from(value.clone());
        let block = block(family, entry.text("Cidr").unwrap_or_default())?;
        if seen.contains(&block) {
            let message = format!("Request cannot contain duplicate Cidr {block} in {member}");
            return Err(ApiError::new("InvalidParameterValue", message));
        }
        let description = entry.text("Description").map(str::to_owned);
        if description.as_ref().is_some_and(|text| text.chars().count() > 255) {
            let message = "The description of an entry can have up to 255 characters.";
            return Err(ApiError::new("InvalidParameterValue", message));
        }
        seen.push(block.clone());
        entries.insert(block, description);
    }
    Ok(())
}

/// A block of the list's address family, in its canonical form.
fn block(family: &str, text: &str) -> Result<String, ApiError> {
    let found = match family {
        "IPv6" => cidr::ipv6(text, "Cidr").map(|block| block.to_string()),
        _ => cidr::ipv4(text, "Cidr").map(|block| block.to_string()),
    };
    found.map_err(|_| {
        let message = format!("The CIDR '{text}' is not a valid {family} CIDR block.");
        ApiError::new("InvalidParameterValue", message)
    })
}

fn must_fit(entries: &Entries, most: i64) -> Result<(), ApiError> {
    if i64::try_from(entries.len()).is_ok_and(|count| count <= most) {
        return Ok(());
    }
    let message = "You have reached the maximum number of entries for the prefix list.";
    Err(ApiError::new("PrefixListMaxEntriesExceeded", message))
}

fn written(entries: &Entries) -> Value {
    let entry = |(cidr, description): (&String, &Option<String>)| match description {
        Some(description) => json!({"Cidr": cidr, "Description": description}),
        None => json!({"Cidr": cidr}),
    };
    entries.iter().map(entry).collect::<Vec<_>>().into()
}

fn read(list: &Item, version: i64) -> Entries {
    let entry = |value: Value| {
        let entry = Document::from(value);
        Some((entry.text("Cidr")?.to_owned(), entry.text("Description").map(str::to_owned)))
    };
    entries_of(list, version).unwrap_or_default().into_iter().filter_map(entry).collect()
}

/// A version that the list does not have.
pub fn no_such_version(version: i64) -> ApiError {
    let message = format!("The specified value for version is not valid. There is no version ({version}).");
    ApiError::new("InvalidParameterValue", message)
}

/// What both changes have in common: a list in a settled state, and the number of its newest version.
fn check_version(cx: &Cx, input: &Document, list: &Item) -> Result<(), ApiError> {
    let state = list.state(cx).unwrap_or(DONE);
    if !state.ends_with("-complete") {
        let message = format!("The prefix list ({}) is in state {state}.", list.id);
        return Err(ApiError::new("IncorrectState", message));
    }
    match input.number("CurrentVersion") {
        // Seen at AWS, where the number was 0.
        Some(version) if version < 1 => {
            let message = "The specified value for version is not valid. The value must be greater than (1).";
            Err(ApiError::new("InvalidParameterValue", message))
        }
        Some(version) if version != version_of(list) => {
            Err(ApiError::new("PrefixListVersionMismatch", "The prefix list has the incorrect version number."))
        }
        _ => Ok(()),
    }
}

/// Adds and removes entries, which makes a version, or changes the name or the greatest number of entries, which makes none.
pub fn modify(cx: &Cx, _: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    check_name(input)?;
    check_version(cx, input, item)?;
    let has = |member: &str| input.at(member).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    if input.at(SYNC).is_some() && item.document.text(TARGET).is_none() {
        let message = format!("The prefix list {} is not the target of an IPAM prefix list resolver.", item.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if has("AddEntries") || has("RemoveEntries") {
        must_be_own(item)?;
        if input.at("MaxEntries").is_some() {
            let message =
                "You cannot modify the entries and the maximum entries for the prefix list in the same request.";
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
        if input.at("CurrentVersion").is_none() {
            return Err(missing("CurrentVersion"));
        }
        let renewed = renewed(input, item)?;
        put_version(item, &renewed);
    }
    if let Some(most) = input.number("MaxEntries") {
        check_most(most)?;
        must_fit(&read(item, version_of(item)), most)?;
    }
    item.stage = Some(Stage::begin(cx, "modify-in-progress", "modify-complete", 5));
    Ok(())
}

/// "Direct CIDR modifications are restricted" while a resolver keeps the list. The text was not seen on AWS.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ManagedPrefixList.html>
fn must_be_own(list: &Item) -> Result<(), ApiError> {
    match list.document.text(TARGET).filter(|_| list.document.truth(SYNC) == Some(true)) {
        Some(target) => {
            let message = format!("The entries of the prefix list {} are managed by {target}.", list.id);
            Err(ApiError::new("OperationNotPermitted", message))
        }
        None => Ok(()),
    }
}

/// Gives a list other entries, which makes a version if they are not those that it has.
pub fn replace(cx: &Cx, list: &mut Item, blocks: &[String]) -> Result<(), ApiError> {
    let entries: Entries = blocks.iter().map(|block| (block.clone(), None)).collect();
    must_fit(&entries, list.document.number("MaxEntries").unwrap_or_default())?;
    if entries != read(list, version_of(list)) {
        put_version(list, &entries);
        list.stage = Some(Stage::begin(cx, "modify-in-progress", "modify-complete", 5));
    }
    Ok(())
}

fn renewed(input: &Document, item: &Item) -> Result<Entries, ApiError> {
    let family = item.document.text("AddressFamily").unwrap_or_default().to_owned();
    let mut entries = read(item, version_of(item));
    let mut added = Entries::new();
    add(&mut added, &family, input, "AddEntries")?;
    for text in input.found("RemoveEntries.Cidr") {
        let block = block(&family, &text)?;
        if added.contains_key(&block) {
            let message =
                format!("Request cannot contain Cidr {block} in both AddPrefixListEntries and RemovePrefixListEntries");
            return Err(ApiError::new("InvalidParameterValue", message));
        }
        if entries.remove(&block).is_none() {
            let message = format!("The prefix list does not contain the CIDR {block}.");
            return Err(ApiError::new("InvalidPrefixListModification", message));
        }
    }
    entries.extend(added);
    must_fit(&entries, item.document.number("MaxEntries").unwrap_or_default())?;
    Ok(entries)
}

fn put_version(item: &mut Item, entries: &Entries) {
    let mut versions = item.document.list(VERSIONS);
    versions.push(written(entries));
    versions.drain(..versions.len().saturating_sub(KEPT));
    let version = version_of(item).saturating_add(1);
    item.document.set(VERSIONS, versions);
    item.document.set("Version", version);
}

/// Makes an old version the newest again. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RestoreManagedPrefixListVersion.html>
pub fn restore(cx: &Cx, _: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    check_version(cx, input, item)?;
    must_be_own(item)?;
    let wanted = input.number("PreviousVersion").unwrap_or_default();
    if wanted >= version_of(item) || entries_of(item, wanted).is_none() {
        return Err(no_such_version(wanted));
    }
    let entries = read(item, wanted);
    must_fit(&entries, item.document.number("MaxEntries").unwrap_or_default())?;
    put_version(item, &entries);
    item.stage = Some(Stage::begin(cx, "restore-in-progress", "restore-complete", 5));
    Ok(())
}
