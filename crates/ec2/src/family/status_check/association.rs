//! For which instances a check is: some by their ids, and all, also later ones, that carry a tag. A request names either of the two; what of it can't be
//! done is told with a reason, in words of ours. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateApplicationStatusCheck.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::cx::Quotas;
use service::prelude::*;

use super::{CHECKS, alive, id, must_be_alive};
use crate::family::item::{self, Item};
use crate::family::verbs::is_done;
use crate::family::{answers, describe};
use crate::instance::{Instance, state_at};
use crate::kind;
use crate::refused::{invalid, missing};
use crate::resource;

/// The member of a check, shown nowhere, with what it is associated with.
pub const HELD: &str = "Associations";
const TAGS: &str = "TargetTagAssociations";
const INSTANCES: &str = "InstanceIds";
/// How many a check and an account can have: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/application-status-checks.html#asc-quotas>.
const MOST_OF_CHECK: usize = 50;
const MOST_OF_ACCOUNT: usize = 200;
/// How many a check can have whatever the installation's quotas are.
const MOST_KEPT: usize = 1_000;

/// What a check is associated with, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Association {
    target: Target,
    pub since: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Target {
    Instance(String),
    Tag(Tag),
}

impl Association {
    /// Whether it makes the check one of that instance's.
    pub fn is_for(&self, instance: &Instance) -> bool {
        match &self.target {
            Target::Instance(id) => *id == instance.id,
            Target::Tag(tag) => instance.tags.contains(tag),
        }
    }
}

impl Target {
    /// As the associating operations tell it.
    fn told(&self, check_id: &str, reason: Option<&str>) -> Value {
        let (kind, value) = match self {
            Target::Instance(id) => ("INSTANCE_ID", id.clone()),
            Target::Tag(tag) => ("EC2TAG", format!("{}={}", tag.key, tag.value)),
        };
        json!({"ApplicationStatusCheckId": check_id, "AssociationType": kind, "AssociationValue": value, "Reason": reason})
    }

    /// As the describing operation does.
    fn shown(&self, check_id: &str) -> Document {
        Document::from(match self {
            Target::Instance(id) => {
                json!({"ApplicationStatusCheckId": check_id, "AssociationType": "instance-id", "Value": id})
            }
            Target::Tag(tag) => {
                json!({"ApplicationStatusCheckId": check_id, "AssociationType": "tag", "Key": tag.key, "Value": tag.value})
            }
        })
    }
}

/// The operations.
pub fn operations() -> Vec<Operation> {
    let targets = &[TAGS, INSTANCES];
    vec![
        CHECKS.on_one(Operation::write(Service::Ec2, "AssociateApplicationStatusCheck", associate), targets),
        CHECKS.on_one(Operation::write(Service::Ec2, "DisassociateApplicationStatusCheck", disassociate), targets),
        Operation::read(Service::Ec2, "DescribeApplicationStatusCheckAssociations", list)
            .authorize(resource::any::<Document>)
            .honours(|model, operation| answers::honoured(model, operation, &CHECKS, answers::DESCRIBING))
            .build(),
    ]
}

/// What a check is associated with.
pub fn of(check: &Item) -> Vec<Association> {
    let read = |held: Value| serde_json::from_value(held).ok();
    check.document.list(HELD).into_iter().filter_map(read).collect()
}

/// The tags among them.
pub fn tags_of(check: &Item) -> Vec<Value> {
    let tag = |held: Association| match held.target {
        Target::Tag(tag) => Some(json!({"Key": tag.key, "Value": tag.value})),
        Target::Instance(_) => None,
    };
    of(check).into_iter().filter_map(tag).collect()
}

fn keep(cx: &Cx, tx: &mut Tx, check: &Item, held: &[Association]) {
    item::update(tx, cx, &check.id, |it| it.document.set(HELD, json!(held)));
}

/// What a request names: instances, or tags.
fn targets(input: &Document) -> Result<Vec<Target>, ApiError> {
    let (tags, instances) = (input.list(TAGS), input.texts(INSTANCES));
    match (tags.is_empty(), instances.is_empty()) {
        (true, true) => Err(missing("TargetTagAssociations or InstanceIds")),
        (false, false) => Err(ApiError::new(
            "InvalidParameterCombination",
            "TargetTagAssociations and InstanceIds cannot be specified in the same request.",
        )),
        (true, false) => {
            instances.iter().try_for_each(|id| kind::INSTANCE.well_formed(id))?;
            Ok(instances.into_iter().map(Target::Instance).collect())
        }
        (false, true) => tags.iter().map(tag).collect(),
    }
}

fn tag(given: &Value) -> Result<Target, ApiError> {
    let text = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or_default();
    match text("Key") {
        "" => Err(invalid("Tag key cannot be empty")),
        key => Ok(Target::Tag(Tag::new(key, text("Value")))),
    }
}

/// The check a request is about, and what it names.
fn asked(cx: &Cx, world: &World, input: &Document) -> Result<(Arc<Item>, Vec<Target>), ApiError> {
    let targets = targets(input)?;
    Ok((CHECKS.alive(cx, world, id(input))?, targets))
}

/// The answer: what was done, and what was not, with the reason.
fn answer(check: &Item, results: &[(Target, Option<String>)]) -> Document {
    let told = |(target, reason): &(Target, Option<String>)| target.told(&check.id, reason.as_deref());
    let (done, failed): (Vec<_>, Vec<_>) = results.iter().partition(|(_, reason)| reason.is_none());
    Document::from(json!({
        "SuccessfulResults": done.into_iter().map(told).collect::<Vec<_>>(),
        "UnsuccessfulResults": failed.into_iter().map(told).collect::<Vec<_>>(),
    }))
}

fn associate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (check, targets) = asked(cx, tx, input)?;
    let mut held = of(&check);
    if is_done(cx, tx, "AssociateApplicationStatusCheck", input)? {
        let still = targets.into_iter().filter(|target| held.iter().any(|it| it.target == *target));
        return Ok(answer(&check, &still.map(|target| (target, None)).collect::<Vec<_>>()));
    }
    let others: usize = alive(cx, tx).filter(|other| other.id != check.id).map(|other| of(other).len()).sum();
    let mut results = Vec::new();
    for target in targets {
        let reason = refusal(cx, tx, &held, others, &target);
        if reason.is_none() {
            held.push(Association { target: target.clone(), since: cx.now });
        }
        results.push((target, reason));
    }
    keep(cx, tx, &check, &held);
    Ok(answer(&check, &results))
}

/// Why the check cannot be associated with a target.
fn refusal(cx: &Cx, world: &World, held: &[Association], others: usize, target: &Target) -> Option<String> {
    if held.iter().any(|it| it.target == *target) {
        return Some("The application status check is already associated with the target.".to_owned());
    }
    if let Target::Instance(id) = target {
        let found = resource::look_up::<Instance>(world, cx, id);
        if found.is_none_or(|instance| state_at(&instance, cx.now, cx.settings.states).is_over()) {
            return Some(kind::INSTANCE.not_found(&[id]).into_message());
        }
    }
    let is_full = match cx.settings.quotas {
        Quotas::Aws => held.len() >= MOST_OF_CHECK || others + held.len() >= MOST_OF_ACCOUNT,
        Quotas::None => held.len() >= MOST_KEPT,
    };
    is_full.then(|| "The maximum number of associations has been reached.".to_owned())
}

fn disassociate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (check, targets) = asked(cx, tx, input)?;
    let again = is_done(cx, tx, "DisassociateApplicationStatusCheck", input)?;
    let mut held = of(&check);
    let mut results = Vec::new();
    for target in targets {
        let found = held.iter().position(|it| it.target == target);
        let reason = "The application status check is not associated with the target.";
        results.push((target, (found.is_none() && !again).then(|| reason.to_owned())));
        if let Some(position) = found.filter(|_| !again) {
            held.remove(position);
        }
    }
    keep(cx, tx, &check, &held);
    Ok(answer(&check, &results))
}

const FILTERS: &[&str] = &["association-type"];

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeApplicationStatusCheckAssociations.html>
fn list(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let wanted = answers::ids(&CHECKS, input);
    must_be_alive(cx, world, &wanted)?;
    let named = alive(cx, world).filter(|check| wanted.is_empty() || wanted.contains(&check.id));
    let see = |check: &Item, held: Association| {
        // A key and a value that are joined would not tell where one ends.
        let id = format!("{} {:?}", check.id, held.target);
        describe::Seen { id, shown: held.target.shown(&check.id), tags: Vec::new() }
    };
    let mut seen: Vec<describe::Seen> =
        named.flat_map(|check| of(check).into_iter().map(move |held| see(check, held))).collect();
    seen.sort_by(|a, b| a.id.cmp(&b.id));
    let scope = format!("DescribeApplicationStatusCheckAssociations {wanted:?}");
    let page = describe::choose(&scope, input, FILTERS, seen.into_iter())?;
    Ok(Document::from(json!({"Associations": page.items, "NextToken": page.next})))
}
