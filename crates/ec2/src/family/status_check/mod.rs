//! Application status checks: requests that AWS sends once a minute to a port of instances, to see whether what runs there answers.
//!
//! Nothing runs in the instances here, so a check comes out as it does at AWS where no program listens: `initializing` at first, then `failed`
//! ([`result`]). [`rules`] is what a check may say, [`association`] for which instances it is, [`suppression`] keeps results out of an instance's
//! status, and [`status`] shows it. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/application-status-checks.html>

use jiff::SignedDuration;
use serde_json::json;
use service::Service;
use service::prelude::*;

use super::item::{self, Item};
use super::{Family, answers, describe, verbs};
use crate::kind;
use crate::network::must_have_room;
use crate::resource;

pub mod association;
pub mod result;
mod rules;
pub mod status;
pub mod suppression;
#[cfg(test)]
mod tests;

const CREATED: &str = "CreationTime";
const MODIFIED: &str = "ModifyTime";
const DELETED: &str = "DeletionTime";
const UPDATED: &str = "LastUpdatedAt";
const INCLUDE_ALL: &str = "IncludeAll";
/// How many an account can have: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/application-status-checks.html#asc-quotas>.
const MOST: usize = 50;
/// How long a deleted check can still be described; AWS speaks of a grace period.
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(1);

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ApplicationStatusCheckResponseObject.html>
pub static CHECKS: Family = Family {
    created: Some(CREATED),
    besides: &[
        ("HealthCheckPaths.Source.SubnetId", &kind::SUBNET),
        ("HealthCheckPaths.Source.SecurityGroupId", &kind::SECURITY_GROUP),
        ("HealthCheckPaths.Destinations.SubnetId", &kind::SUBNET),
        ("HealthCheckPaths.Destinations.SecurityGroupId", &kind::SECURITY_GROUP),
        ("InstanceIds", &kind::INSTANCE),
    ],
    hidden: &[association::HELD],
    // <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/application-status-checks.html#asc-default-settings>
    defaults: |_| {
        json!({
            "Aggregation": "included", "Path": "/", "DeviceIndex": 0, "IpVersion": "ipv4", "IpScope": "private", "Interval": 60, "Timeout": 6,
            "FailureThreshold": 2, "SuccessThreshold": 2, "StatusCodeMatcher": "200", "InitializationGracePeriodSeconds": 300,
        })
    },
    filters: &["aggregation"],
    fill: |cx, tx, _, item| {
        let count = || alive(cx, tx).count();
        must_have_room(cx, count, MOST, "ApplicationStatusCheckLimitExceeded", "application status checks")?;
        rules::check(cx, tx, &item.document)
    },
    see: |_, _, item, shown| {
        let updated = item.document.text(MODIFIED).or_else(|| item.document.text(CREATED));
        updated.iter().for_each(|at| shown.set(UPDATED, *at));
        let tags = association::tags_of(item);
        if !tags.is_empty() {
            shown.set("TargetTagAssociations", tags);
        }
    },
    ..Family::of(&kind::APPLICATION_STATUS_CHECK, "ApplicationStatusCheckId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    let describing = Operation::read(Service::Ec2, "DescribeApplicationStatusChecks", list)
        .authorize(resource::any::<Document>)
        .honours(|model, operation| {
            answers::honoured(model, operation, &CHECKS, &["Filters", "MaxResults", "NextToken", INCLUDE_ALL])
        });
    let modifying = Operation::write(Service::Ec2, "ModifyApplicationStatusCheck", modify)
        .authorize(|cx, world, input: &Document| CHECKS.to_modify(cx, world, input))
        .honours(|model, operation| answers::honoured(model, operation, &CHECKS, &[]));
    let own = vec![
        CHECKS.create("CreateApplicationStatusCheck", &[]),
        modifying.build(),
        CHECKS.on_one(Operation::write(Service::Ec2, "DeleteApplicationStatusCheck", delete), &[]),
        describing.build(),
    ];
    [own, association::operations(), suppression::operations(), status::operations()].into_iter().flatten().collect()
}

/// The caller's checks that are not deleted.
fn alive<'w>(cx: &Cx, world: &'w World) -> impl Iterator<Item = &'w std::sync::Arc<Item>> + use<'w> {
    item::all(world, cx, &kind::APPLICATION_STATUS_CHECK).filter(|item| !item.is_deleted())
}

fn id(input: &Document) -> &str {
    input.text(CHECKS.id).unwrap_or_default()
}

/// Other settings; they hold for the next request to the instances.
fn modify(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    const NAME: &str = "ModifyApplicationStatusCheck";
    let found = CHECKS.alive(cx, tx, id(input))?;
    if verbs::is_done(cx, tx, NAME, input)? {
        return Ok(answers::about(&CHECKS, NAME, cx, tx, input, &found));
    }
    let change: verbs::Modify = |cx, tx, _, item| {
        item.document.set(MODIFIED, cx.now.to_string());
        rules::check(cx, tx, &item.document)
    };
    verbs::modify(&CHECKS, NAME, change, cx, tx, input)
}

/// "Deleting a check automatically removes all of its associations."
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteApplicationStatusCheck.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    const NAME: &str = "DeleteApplicationStatusCheck";
    let (known, id) = (&kind::APPLICATION_STATUS_CHECK, id(input));
    let again = verbs::is_done(cx, tx, NAME, input)?;
    let found = if again { item::get(tx, cx, known, id)? } else { item::alive(tx, cx, known, id)? };
    if !again {
        item::update(tx, cx, id, |it| {
            it.document.set(DELETED, cx.now.to_string());
            it.document.set(association::HELD, json!([]));
            it.gone_at = Some(cx.now.saturating_add(SHOWN_FOR).unwrap_or(cx.now));
        });
    }
    let deleted = item::look_up(tx, cx, id).unwrap_or(found);
    Ok(answers::about(&CHECKS, NAME, cx, tx, input, &deleted))
}

/// The checks; deleted ones too if all are asked for.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeApplicationStatusChecks.html>
fn list(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let all = input.truth(INCLUDE_ALL) == Some(true);
    if !all {
        must_be_alive(cx, world, &answers::ids(&CHECKS, input))?;
    }
    let operation = "DescribeApplicationStatusChecks";
    describe::describe_those(&CHECKS, operation, cx, world, input, |item| all || !item.is_deleted())
}

/// Deleted checks count as not there.
fn must_be_alive(cx: &Cx, world: &World, ids: &[String]) -> Result<(), ApiError> {
    let is_gone = |id: &&str| item::look_up(world, cx, id).is_none_or(|item| item.is_deleted());
    let missing: Vec<&str> = ids.iter().map(String::as_str).filter(is_gone).collect();
    if missing.is_empty() { Ok(()) } else { Err(kind::APPLICATION_STATUS_CHECK.not_found(&missing)) }
}
