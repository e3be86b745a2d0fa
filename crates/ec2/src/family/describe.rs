//! Describing a family: those named, or all, of those what passes the filters, of that a page.

use std::sync::Arc;

use serde_json::Value;
use service::filters::{Chosen, Collect, Filter};
use service::paging;
use service::prelude::*;

use super::item::{self, Item};
use super::{Family, answers};

/// An item as filters and answers see it.
struct Seen {
    id: String,
    shown: Document,
    tags: Vec<Tag>,
}

/// Answers a describing operation of the family.
pub fn describe(
    family: &Family,
    operation: &str,
    cx: &Cx,
    world: &World,
    input: &Document,
) -> Result<Document, ApiError> {
    let filters = filters(input);
    let collect = |path: String| {
        Box::new(move |seen: &Seen, values: &mut service::filters::Values| {
            seen.shown.found(&path).into_iter().for_each(|text| values.push(text));
        }) as Collect<Seen>
    };
    let chosen = Chosen::new(Some(&filters), Some(|seen: &Seen| &seen.tags), |name| family.path_of(name).map(collect))?;
    let found = match answers::ids(family, input) {
        ids if ids.is_empty() => item::all(world, cx, family.kind).cloned().collect(),
        ids => named(family, cx, world, &ids)?,
    };
    let see =
        |item: Arc<Item>| Seen { id: item.id.clone(), shown: family.shown(cx, world, &item), tags: item.tags.clone() };
    let seen = found.into_iter().map(see).filter(|seen| chosen.admit(seen));
    let scope = format!("{operation} {filters:?}");
    let page = paging::ec2(&scope, input.text("NextToken"), input.number("MaxResults"), seen, |seen| seen.id.clone())?;
    let shown = page.items.into_iter().map(|seen| Value::Object(seen.shown.0)).collect();
    Ok(answers::list(family, operation, shown, page.next))
}

fn named(family: &Family, cx: &Cx, world: &World, ids: &[String]) -> Result<Vec<Arc<Item>>, ApiError> {
    ids.iter().try_for_each(|id| family.kind.well_formed(id))?;
    let look_up = |id: &String| item::look_up(world, cx, id).filter(|_| family.kind.is_id(id));
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
