//! Describing a family: those named, or all, of those what passes the filters, of that a page.

use std::sync::Arc;

use serde_json::Value;
use service::filters::{Chosen, Collect, Filter};
use service::paging::{self, Page};
use service::prelude::*;

use super::item::{self, Item};
use super::{Family, answers};

/// An item as filters and answers see it.
pub struct Seen {
    pub id: String,
    pub shown: Document,
    pub tags: Vec<Tag>,
}

/// Answers a describing operation of the family.
pub fn describe(
    family: &Family,
    operation: &str,
    cx: &Cx,
    world: &World,
    input: &Document,
) -> Result<Document, ApiError> {
    describe_those(family, operation, cx, world, input, |_| true)
}

/// The same for those of the family that a member of the input's own wants.
pub fn describe_those(
    family: &Family,
    operation: &str,
    cx: &Cx,
    world: &World,
    input: &Document,
    wanted: impl Fn(&Item) -> bool,
) -> Result<Document, ApiError> {
    let mut found = match answers::ids(family, input) {
        ids if ids.is_empty() => {
            let stored = item::all(world, cx, family.kind).filter(|item| family.has(item)).cloned();
            let mut all: Vec<Arc<Item>> = stored.chain((family.built_in)(cx).into_iter().map(Arc::new)).collect();
            if family.shared {
                all.extend(item::shared(world, cx, family.kind).into_iter().filter(|item| family.has(item)));
            }
            all.sort_by(|a, b| a.id.cmp(&b.id));
            all
        }
        ids => named(family, cx, world, &ids)?,
    };
    // A member that the resource has too narrows the list: `VerifiedAccessInstanceId`.
    let narrowing = answers::members_of(family.kind, operation, input, answers::DESCRIBING);
    found.retain(|item| wanted(item));
    found.retain(|item| narrowing.0.iter().all(|(member, wanted)| item.document.at(member) == Some(wanted)));
    let see =
        |item: Arc<Item>| Seen { id: item.id.clone(), shown: family.shown(cx, world, &item), tags: item.tags.clone() };
    let page = choose(operation, input, family.filters, found.into_iter().map(see))?;
    Ok(answers::list(family, operation, page.items, page.next))
}

/// Of those that come, in the order of their ids, the ones that pass the input's filters, and of these a page. The filters are told as those of a
/// [`Family`].
pub fn choose(
    operation: &str,
    input: &Document,
    known: &'static [&'static str],
    seen: impl Iterator<Item = Seen>,
) -> Result<Page<Value>, ApiError> {
    let filters = filters(input);
    let collect = |path: String| {
        Box::new(move |seen: &Seen, values: &mut service::filters::Values| {
            seen.shown.found(&path).into_iter().for_each(|text| values.push(text));
        }) as Collect<Seen>
    };
    let chosen =
        Chosen::new(Some(&filters), Some(|seen: &Seen| &seen.tags), |name| super::path_of(known, name).map(collect))?;
    let seen = seen.filter(|seen| chosen.admit(seen));
    let scope = format!("{operation} {filters:?}");
    let page = paging::ec2(&scope, input.text("NextToken"), input.number("MaxResults"), seen, |seen| seen.id.clone())?;
    Ok(Page { items: page.items.into_iter().map(|seen| Value::Object(seen.shown.0)).collect(), next: page.next })
}

fn named(family: &Family, cx: &Cx, world: &World, ids: &[String]) -> Result<Vec<Arc<Item>>, ApiError> {
    ids.iter().try_for_each(|id| family.kind.well_formed(id))?;
    let built_in: Vec<Arc<Item>> = (family.built_in)(cx).into_iter().map(Arc::new).collect();
    let look_up = |id: &String| {
        let stored = family.look_up(cx, world, id).filter(|item| family.kind.is_id(id) && family.has(item));
        stored.or_else(|| built_in.iter().find(|item| item.id == *id).cloned())
    };
    let missing: Vec<&str> = ids.iter().filter(|id| look_up(id).is_none()).map(String::as_str).collect();
    if !missing.is_empty() {
        return Err(family.kind.not_found(&missing));
    }
    let mut found: Vec<Arc<Item>> = ids.iter().filter_map(look_up).collect();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    Ok(found)
}

/// The filters of an input; a few operations call the member `Filter`.
fn filters(input: &Document) -> Vec<Filter> {
    let list = input.at("Filters").or_else(|| input.at("Filter")).and_then(Value::as_array);
    let filter = |value: &Value| {
        let filter = Document::from(value.clone());
        let values = filter.at("Values").map(|_| filter.texts("Values"));
        Filter { name: filter.text("Name").map(str::to_owned), values }
    };
    list.map(Vec::as_slice).unwrap_or_default().iter().map(filter).collect()
}
