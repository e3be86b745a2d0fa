//! Metric categories: names of metrics that instances with detailed monitoring send besides the usual ones. There are no metrics here; a category and
//! which instances have it is kept. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateMetricCategory.html>

use service::Service;
use service::prelude::*;

use super::item::{self, Item};
use super::{Family, answers, describe};
use crate::instance::Instance;
use crate::kind;
use crate::refused::{invalid, missing};
use crate::resource;

const METRICS: &str = "Metrics";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_MetricCategory.html>
pub static CATEGORIES: Family = Family {
    filters: &["metric-name=Metrics"],
    fill: |_, _, _, item| check(&item.document.texts(METRICS)),
    // "Associations between the metric category and your instances are removed":
    // <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteMetricCategory.html>
    release: |cx, tx, item| {
        let of_account = tx.scan::<Instance>(&[cx.account().as_str(), cx.region_name()]);
        let has = |it: &&std::sync::Arc<Instance>| it.attributes.metric_categories.contains(&item.id);
        let ids: Vec<String> = of_account.filter(has).map(|it| it.id.clone()).collect();
        for id in ids {
            resource::update::<Instance>(tx, cx, &id, |it| {
                it.attributes_mut().metric_categories.retain(|held| *held != item.id)
            });
        }
        Ok(())
    },
    ..Family::of(&kind::METRIC_CATEGORY, "MetricCategoryId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    let describing = Operation::read(Service::Ec2, "DescribeMetricCategories", list)
        .authorize(resource::any::<Document>)
        .honours(|model, operation| answers::honoured(model, operation, &CATEGORIES, answers::DESCRIBING));
    vec![
        CATEGORIES.create("CreateMetricCategory", &[]),
        CATEGORIES.modify("ModifyMetricCategory", &[], modify),
        CATEGORIES.delete("DeleteMetricCategory"),
        describing.build(),
    ]
}

/// A category has metrics, each once. Which names there are the model does not say, so that all are taken.
fn check(metrics: &[String]) -> Result<(), ApiError> {
    if metrics.is_empty() {
        return Err(missing(METRICS));
    }
    let value = |name: &str, why: &str| Err(invalid(format!("Value ({name}) for parameter metrics is invalid. {why}")));
    for (position, name) in metrics.iter().enumerate() {
        if name.is_empty() {
            return value(name, "A metric name must have a value.");
        }
        if metrics.iter().take(position).any(|before| before == name) {
            return value(name, "The metric is specified more than once.");
        }
    }
    Ok(())
}

/// The metrics "must differ from the current set".
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyMetricCategory.html>
fn modify(cx: &Cx, tx: &mut Tx, _: &Document, item: &mut Item) -> Result<(), ApiError> {
    let mut wanted = item.document.texts(METRICS);
    check(&wanted)?;
    let mut held = item::look_up(tx, cx, &item.id).map(|it| it.document.texts(METRICS)).unwrap_or_default();
    wanted.sort_unstable();
    held.sort_unstable();
    if wanted == held {
        return Err(invalid(
            "The metrics that you specify must differ from the current metrics of the metric category.",
        ));
    }
    Ok(())
}

/// "If you specify IDs, you can't specify MaxResults or NextToken."
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeMetricCategories.html>
fn list(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let paged = ["MaxResults", "NextToken"].iter().find(|member| input.at(member).is_some());
    if let Some(member) = paged.filter(|_| !answers::ids(&CATEGORIES, input).is_empty()) {
        let message = format!("The parameter MetricCategoryIds cannot be used with the parameter {member}");
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    describe::describe(&CATEGORIES, "DescribeMetricCategories", cx, world, input)
}

/// All categories of a list are there.
pub fn must_exist(cx: &Cx, world: &World, ids: &[String]) -> Result<(), ApiError> {
    ids.iter().try_for_each(|id| CATEGORIES.alive(cx, world, id).map(drop))
}
