//! Network Access Analyzer: scopes, which say what ways through the networks are wanted to be known of, and analyses, which find those that there are.
//! A scope has conditions to match and conditions to exclude ([`statement`]); [`search`] looks for the ways.
//!
//! An analysis is made of what the networks are when it starts, as those of paths are.
//! <https://docs.aws.amazon.com/vpc/latest/network-access-analyzer/what-is-network-access-analyzer.html>

use serde_json::{Value, json};
use service::Service;
use service::paging;
use service::prelude::*;

use super::super::describe::describe_those;
use super::super::item::{self, Item, Stage};
use super::super::{Family, answers, verbs};
use super::analysis::begun_between;
use crate::kind;
use crate::resource;

mod search;
pub mod sharing;
mod statement;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInsightsAccessScope.html>
pub static SCOPES: Family = Family {
    arn: Some("NetworkInsightsAccessScopeArn"),
    created: Some("CreatedDate"),
    hidden: &CONDITIONS,
    fill: |cx, _, input, item| {
        statement::check(input)?;
        for member in CONDITIONS {
            item.document.set(member, input.list(member));
        }
        item.document.set("UpdatedDate", cx.now.to_string());
        Ok(())
    },
    // By analogy with paths; AWS's words are not recorded.
    blocked: |item, inside| {
        let message = format!("{} has analyses which must be deleted first: {}", item.id, inside.join(", "));
        ApiError::new("AnalysisExistsForNetworkInsightsAccessScope", message)
    },
    ..Family::of(&kind::NETWORK_INSIGHTS_ACCESS_SCOPE, "NetworkInsightsAccessScopeId")
};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInsightsAccessScopeAnalysis.html>
pub static ANALYSES: Family = Family {
    arn: Some("NetworkInsightsAccessScopeAnalysisArn"),
    created: Some("StartDate"),
    within: &[("NetworkInsightsAccessScopeId", &kind::NETWORK_INSIGHTS_ACCESS_SCOPE)],
    hidden: &[FINDINGS],
    fill: analyse,
    see,
    ..Family::of(&kind::NETWORK_INSIGHTS_ACCESS_SCOPE_ANALYSIS, "NetworkInsightsAccessScopeAnalysisId")
};

/// The members with the conditions, which the answers about a scope's content alone show.
const CONDITIONS: [&str; 2] = ["MatchPaths", "ExcludePaths"];
/// The member with the findings, which their own operation shows.
const FINDINGS: &str = "AnalysisFindings";
/// Members that are told when the analysis is through.
const RESULTS: [&str; 3] = ["FindingsFound", "AnalyzedEniCount", "WarningMessage"];
/// About how long one takes.
const SECONDS: i64 = 60;
const RUNNING: &str = "running";

const CREATE: &str = "CreateNetworkInsightsAccessScope";
const DESCRIBE: &str = "DescribeNetworkInsightsAccessScopeAnalyses";

/// The operations.
pub fn operations() -> Vec<Operation> {
    let create = Operation::write(Service::Ec2, CREATE, |cx: &Cx, tx: &mut Tx, input: &Document| {
        let mut answer = verbs::create(&SCOPES, CREATE, cx, tx, input)?;
        if let Some(id) = answer.text("NetworkInsightsAccessScope.NetworkInsightsAccessScopeId").map(str::to_owned) {
            answer.merge(&content_of(&*SCOPES.alive(cx, tx, &id)?));
        }
        Ok::<Document, ApiError>(answer)
    });
    let uses: &[&str] = &["AnalysisStartTimeBegin", "AnalysisStartTimeEnd", "MaxResults", "NextToken", "Filters"];
    let mut operations = vec![
        create
            .authorize(|cx, _, input: &Document| {
                resource::checks_on_new(cx, SCOPES.kind, Some(&verbs::specifications(input)), CREATE, None)
            })
            .honours(|model, operation| answers::honoured(model, operation, &SCOPES, &CONDITIONS))
            .build(),
        SCOPES.describe("DescribeNetworkInsightsAccessScopes"),
        SCOPES.on_one(Operation::read(Service::Ec2, "GetNetworkInsightsAccessScopeContent", content), &[]),
        SCOPES.delete("DeleteNetworkInsightsAccessScope"),
        ANALYSES.create("StartNetworkInsightsAccessScopeAnalysis", &[]),
        Operation::read(Service::Ec2, DESCRIBE, describe)
            .authorize(resource::any::<Document>)
            .honours(move |model, operation| answers::honoured(model, operation, &ANALYSES, uses))
            .build(),
        ANALYSES.on_one(
            Operation::read(Service::Ec2, "GetNetworkInsightsAccessScopeAnalysisFindings", findings),
            &["MaxResults", "NextToken"],
        ),
        ANALYSES.delete("DeleteNetworkInsightsAccessScopeAnalysis"),
    ];
    operations.push(sharing::row());
    operations
}

fn content_of(scope: &Item) -> Document {
    let mut content = Document::from(json!({"NetworkInsightsAccessScopeId": scope.id}));
    for member in CONDITIONS {
        content.set(member, scope.document.list(member));
    }
    Document::from(json!({"NetworkInsightsAccessScopeContent": Value::Object(content.0)}))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetNetworkInsightsAccessScopeContent.html>
fn content(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    Ok(content_of(&*SCOPES.alive(cx, world, input.text(SCOPES.id).unwrap_or_default())?))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartNetworkInsightsAccessScopeAnalysis.html>
fn analyse(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let scope = SCOPES.alive(cx, tx, input.text(SCOPES.id).unwrap_or_default())?;
    let result = search::run(cx, tx, &scope.document);
    item.stage = Some(Stage::begin(cx, RUNNING, "succeeded", SECONDS));
    item.document.set("AnalyzedEniCount", result.interfaces);
    let found = match (result.ways.is_empty(), result.cut_short) {
        (false, _) => "true",
        (true, false) => "false",
        // What was not looked at may have some.
        (true, true) => "unknown",
    };
    item.document.set("FindingsFound", found);
    if result.cut_short {
        item.document.set("WarningMessage", "Not all network paths were analyzed.");
    }
    let finding = |(position, components): (usize, Vec<Value>)| {
        json!({
            "NetworkInsightsAccessScopeAnalysisId": item.id,
            "NetworkInsightsAccessScopeId": scope.id,
            "FindingId": format!("AnalysisFinding-{}", position.saturating_add(1)),
            "FindingComponents": components,
        })
    };
    let found: Vec<Value> = result.ways.into_iter().enumerate().map(finding).collect();
    item.document.set(FINDINGS, found);
    Ok(())
}

fn see(cx: &Cx, _: &World, item: &Item, shown: &mut Document) {
    let status = item.state(cx).unwrap_or_default();
    shown.set("Status", status);
    if status == RUNNING {
        RESULTS.iter().for_each(|member| drop(shown.0.remove(*member)));
        shown.set("FindingsFound", "unknown");
    } else {
        let lasted = cx.settings.states.lasting(SECONDS);
        shown.set("EndDate", item.created_at.saturating_add(lasted).unwrap_or(item.created_at).to_string());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInsightsAccessScopeAnalyses.html>
fn describe(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let wanted = begun_between(input, "AnalysisStartTimeBegin", "AnalysisStartTimeEnd");
    describe_those(&ANALYSES, DESCRIBE, cx, world, input, wanted)
}

/// What an analysis found, once it is through.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetNetworkInsightsAccessScopeAnalysisFindings.html>
fn findings(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let analysis = item::alive(world, cx, ANALYSES.kind, input.text(ANALYSES.id).unwrap_or_default())?;
    let status = analysis.state(cx).unwrap_or_default();
    let found = if status == RUNNING { Vec::new() } else { analysis.document.list(FINDINGS) };
    let keyed = found.into_iter().enumerate().map(|(position, finding)| (format!("{position:08}"), finding));
    let scope = format!("findings of {}", analysis.id);
    let page = paging::ec2(&scope, input.text("NextToken"), input.number("MaxResults"), keyed, |(key, _)| key.clone())?;
    let mut answer = Document::from(json!({"AnalysisStatus": status}));
    answer.set(ANALYSES.id, analysis.id.as_str());
    answer.set(FINDINGS, page.items.into_iter().map(|(_, finding)| finding).collect::<Vec<_>>());
    if let Some(next) = page.next {
        answer.set("NextToken", next);
    }
    Ok(answer)
}
