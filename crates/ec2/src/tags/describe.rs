//! DescribeTags: a list of tags, each with its resource. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTags.html>

use service::filters::{self, Fields, Filter};
use service::paging;
use service::prelude::*;

use super::registry;

/// `DescribeTagsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeTags {
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeTagsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Tags {
    pub tags: Vec<TagDescription>,
    pub next_token: Option<String>,
}

/// `TagDescription`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct TagDescription {
    pub resource_id: String,
    pub resource_type: &'static str,
    pub key: String,
    pub value: String,
}

struct Row {
    resource_id: String,
    resource_type: &'static str,
    tag: Tag,
}

static FIELDS: Fields<Row> = Fields {
    fields: &[
        ("key", |row, values| values.push(row.tag.key.as_str())),
        ("resource-id", |row, values| values.push(row.resource_id.as_str())),
        ("resource-type", |row, values| values.push(row.resource_type)),
        ("value", |row, values| values.push(row.tag.value.as_str())),
    ],
    tags: Some(|row| std::slice::from_ref(&row.tag)),
};

/// All tags of the account and region that pass the filters, by resource and key.
pub fn describe(cx: &Cx, world: &World, input: &DescribeTags) -> Result<Tags, ApiError> {
    let filters = input.filters.as_deref();
    let chosen = FIELDS.choose(filters)?;
    paging::must_be_enough(input.max_results)?;
    let mut rows = match filters::exact(filters, "resource-id") {
        Some(ids) => of_resources(cx, world, ids),
        None => all(cx, world),
    };
    rows.retain(|row| chosen.admit(row));
    rows.sort_by(|a, b| (&a.resource_id, &a.tag.key).cmp(&(&b.resource_id, &b.tag.key)));
    rows.dedup_by(|a, b| (&a.resource_id, &a.tag.key) == (&b.resource_id, &b.tag.key));
    let scope = format!("tags {filters:?}");
    let sort_key = |row: &Row| format!("{}\0{}", row.resource_id, row.tag.key);
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, rows, sort_key)?;
    Ok(Tags { tags: page.items.into_iter().map(out).collect(), next_token: page.next })
}

fn of_resources(cx: &Cx, world: &World, ids: &[String]) -> Vec<Row> {
    let mut rows = Vec::new();
    for id in ids {
        let Some(tagged) = registry::of_id(id) else { continue };
        let tags = (tagged.tags)(world, cx, id).unwrap_or_default();
        rows.extend(tags.iter().map(|tag| row(id, tagged.kind.resource_type, tag)));
    }
    rows
}

fn all(cx: &Cx, world: &World) -> Vec<Row> {
    let mut rows = Vec::new();
    for tagged in registry::all() {
        (tagged.each)(world, cx, tagged.kind, &mut |id, tags| {
            rows.extend(tags.iter().map(|tag| row(id, tagged.kind.resource_type, tag)))
        });
    }
    rows
}

fn row(id: &str, resource_type: &'static str, tag: &Tag) -> Row {
    Row { resource_id: id.to_owned(), resource_type, tag: tag.clone() }
}

fn out(row: Row) -> TagDescription {
    TagDescription {
        resource_id: row.resource_id,
        resource_type: row.resource_type,
        key: row.tag.key,
        value: row.tag.value,
    }
}
