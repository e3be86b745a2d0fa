//! What all resources have in common: an account, a region, an id, tags, and a check for being acted on. Lookups, lists and checks are written once,
//! here, for every record that is a [`Resource`].
//!
//! Every record of EC2 is keyed by (account, region, id).

use std::sync::Arc;

use service::filters::{Fields, Filter};
use service::paging::{self, Page};
use service::prelude::*;

use crate::kind::Kind;
use crate::tags::{self, TagSpecification};

/// A record that is a resource of a kind.
pub trait Resource: Record + Clone {
    /// Its kind.
    const KIND: &'static Kind;

    /// `vpc-…`
    fn id(&self) -> &str;

    /// Its tags.
    fn tags(&self) -> &[Tag];

    /// Its tags, to be changed.
    fn tags_mut(&mut self) -> &mut Vec<Tag>;

    /// What stands for it in its ARN: its id, but for key pairs.
    fn arn_id(&self) -> &str {
        self.id()
    }

    /// Adds the condition keys that AWS lists for the resource type, its tags aside.
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html>
    fn keys(&self, _cx: &Cx, _world: &World, check: Check) -> Check {
        check
    }
}

/// Says that a record with the fields `id` and `tags` is a resource of that kind; the block holds what differs from the rule.
macro_rules! resource {
    ($record:ty, $kind:path $(, { $($more:item)* })?) => {
        impl $crate::resource::Resource for $record {
            const KIND: &'static $crate::kind::Kind = &$kind;

            fn id(&self) -> &str {
                &self.id
            }

            fn tags(&self) -> &[service::tags::Tag] {
                &self.tags
            }

            fn tags_mut(&mut self) -> &mut Vec<service::tags::Tag> {
                &mut self.tags
            }

            $($($more)*)?
        }
    };
}
pub(crate) use resource;

/// The resource of the caller's account and region with that id.
pub fn look_up<R: Resource>(world: &World, cx: &Cx, id: &str) -> Option<Arc<R>> {
    world.get::<R>(&[cx.account().as_str(), cx.region_name(), id]).cloned()
}

/// The same, or the kind's Malformed or NotFound error.
pub fn get<R: Resource>(world: &World, cx: &Cx, id: &str) -> Result<Arc<R>, ApiError> {
    R::KIND.well_formed(id)?;
    look_up(world, cx, id).ok_or_else(|| R::KIND.not_found(&[id]))
}

/// All resources of a list of ids, each once, in the order of their ids; an id that does not exist fails the whole list.
pub fn named<R: Resource>(world: &World, cx: &Cx, ids: &[String]) -> Result<Vec<Arc<R>>, ApiError> {
    for id in ids {
        R::KIND.well_formed(id)?;
    }
    let missing: Vec<&str> =
        ids.iter().map(String::as_str).filter(|id| look_up::<R>(world, cx, id).is_none()).collect();
    if !missing.is_empty() {
        return Err(R::KIND.not_found(&missing));
    }
    let found = ids.iter().filter_map(|id| look_up::<R>(world, cx, id)).collect();
    Ok(sorted(found))
}

/// In the order of their ids, each once.
pub fn sorted<R: Resource>(found: Vec<Arc<R>>) -> Vec<Arc<R>> {
    // What is sorted has one type for all records, so that there is one sort in the program.
    let mut order: Vec<(&str, usize)> = found.iter().enumerate().map(|(at, resource)| (resource.id(), at)).collect();
    order.sort_unstable();
    order.dedup_by_key(|(id, _)| *id);
    order.into_iter().filter_map(|(_, at)| found.get(at).cloned()).collect()
}

/// Changes the resource; `false` if it is not there.
pub fn update<R: Resource>(tx: &mut Tx, cx: &Cx, id: &str, change: impl FnOnce(&mut R)) -> bool {
    tx.update::<R>(&[cx.account().as_str(), cx.region_name(), id], change)
}

/// Removes the resource.
pub fn remove<R: Resource>(tx: &mut Tx, cx: &Cx, id: &str) -> Option<Arc<R>> {
    tx.remove::<R>(&[cx.account().as_str(), cx.region_name(), id])
}

/// The operation's own action on that resource: its condition keys and tags; one that does not exist is checked by its ARN with unknown tags.
pub fn check_on<R: Resource>(cx: &Cx, world: &World, id: &str) -> Check {
    match look_up::<R>(world, cx, id) {
        Some(resource) => check_of(cx, world, &*resource),
        None => Check::on(R::KIND.arn(cx, id)),
    }
}

/// The same for a resource at hand.
pub fn check_of<R: Resource>(cx: &Cx, world: &World, resource: &R) -> Check {
    let check = Check::on(R::KIND.arn(cx, resource.arn_id())).tagged(resource.tags());
    resource.keys(cx, world, check)
}

/// The operation's own action on a resource to come and on what it is made in, and the tags: ec2:CreateTags, with `ec2:CreateAction` naming the
/// operation.
pub fn checks_on_new(
    cx: &Cx,
    kind: &Kind,
    specifications: Option<&[TagSpecification]>,
    operation: &str,
    inside: impl IntoIterator<Item = Check>,
) -> Vec<Check> {
    let own = check_on_new(cx, kind, specifications);
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), operation);
    std::iter::once(own).chain(inside).chain(tagging).collect()
}

/// The operation's own action on a resource to come, with the tags it is to have.
pub fn check_on_new(cx: &Cx, kind: &Kind, specifications: Option<&[TagSpecification]>) -> Check {
    let tags = tags::requested(specifications, kind.resource_type);
    Check::on(kind.arn_of_new(cx)).not_created().request_tags(&tags)
}

/// What is in use cannot be deleted; `what` is the kind as the VPC family's errors call it.
pub fn has_dependencies(what: &str, id: &str) -> ApiError {
    ApiError::new("DependencyViolation", format!("The {what} '{id}' has dependencies and cannot be deleted."))
}

/// Describing operations know no resources.
pub fn any<I>(_: &Cx, _: &World, _: &I) -> Vec<Check> {
    vec![Check::any()]
}

/// What a describing operation was asked for.
pub struct Wanted<'a> {
    pub ids: Option<&'a [String]>,
    pub filters: Option<&'a [Filter]>,
    pub max_results: Option<i64>,
    pub next_token: Option<&'a str>,
}

/// Answers a describing operation: the resources named, or the candidates; of those what passes the filters; of that a page, in the order of ids.
///
/// `candidates` gives all resources that could pass (ordered by id); `see` makes of a resource what filters and the answer look at.
pub fn describe<'w, R: Resource, S: 'static>(
    cx: &Cx,
    world: &'w World,
    wanted: &Wanted<'_>,
    candidates: impl FnOnce() -> Box<dyn Iterator<Item = Arc<R>> + 'w>,
    fields: &Fields<S>,
    see: impl Fn(&R) -> S,
) -> Result<Page<S>, ApiError> {
    let chosen = fields.choose(wanted.filters)?;
    let found: Box<dyn Iterator<Item = Arc<R>> + 'w> = match wanted.ids {
        Some(ids) if !ids.is_empty() => Box::new(named::<R>(world, cx, ids)?.into_iter()),
        _ => candidates(),
    };
    let seen = found.map(|resource| (resource.id().to_owned(), see(&resource))).filter(|(_, seen)| chosen.admit(seen));
    let scope = format!("{} {:?}", R::KIND.resource_type, wanted.filters);
    let page = paging::ec2(&scope, wanted.next_token, wanted.max_results, seen, |(id, _)| id.clone())?;
    Ok(Page { items: page.items.into_iter().map(|(_, seen)| seen).collect(), next: page.next })
}

/// All resources of the kind in the caller's account and region, in the order of their ids.
pub fn all<'w, R: Resource>(cx: &Cx, world: &'w World) -> Box<dyn Iterator<Item = Arc<R>> + 'w> {
    Box::new(world.scan::<R>(&[cx.account().as_str(), cx.region_name()]).cloned())
}

/// Those an index holds under any of the values, in the order of their ids.
pub fn under<'w, R: Resource>(
    cx: &Cx,
    world: &'w World,
    index: usize,
    values: &[String],
) -> Box<dyn Iterator<Item = Arc<R>> + 'w> {
    let account = cx.account();
    let list = |value: &String| world.by::<R>(index, &[account.as_str(), cx.region_name(), value]);
    match values {
        // One value's resources come in the order of their ids already.
        [one] => Box::new(list(one).cloned()),
        many => Box::new(sorted(many.iter().flat_map(list).cloned().collect()).into_iter()),
    }
}

/// No tags: no element. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Vpc.html>
pub fn tags_out(tags: &[Tag]) -> Option<Vec<Tag>> {
    (!tags.is_empty()).then(|| tags.to_vec())
}
