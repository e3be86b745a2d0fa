//! A request in words. AWS has a language model write them; here they are put together from the request, in English alone, and a summary in
//! another language is answered as not supported.

use service::arn::Arn;

use super::*;

service::operations! { Iam;
    GetHumanReadableSummary => read(summarize) authorize(to_summarize),
}

/// GetHumanReadableSummary's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct Summarize {
    entity_arn: String,
    locale: Option<String>,
}

/// The summary.
#[derive(Debug, Serialize, Shaped)]
pub struct Summary {
    summary_content: Option<String>,
    locale: String,
    summary_state: &'static str,
}

/// Characters of a summary.
const LONGEST: usize = 10_000;

/// The id in `arn:aws:iam::ACCOUNT:delegation-request/ID`.
fn id(entity: &str) -> Option<&str> {
    let arn = Arn::parse(entity).filter(|arn| arn.service == "iam")?;
    arn.resource.strip_prefix("delegation-request/").filter(|id| !id.is_empty())
}

fn summarize(cx: &Cx, world: &World, input: &Summarize) -> Result<Summary, ApiError> {
    let entity = &input.entity_arn;
    let id = id(entity).ok_or_else(|| invalid(format!("{entity} is not the ARN of a delegation request.")))?;
    let request = required(cx, world, id)?;
    let locale = input.locale.clone().unwrap_or_else(|| "en".to_owned());
    let english = locale == "en" || locale.starts_with("en-") || locale.starts_with("en_");
    Ok(Summary {
        summary_content: english.then(|| words(&request).chars().take(LONGEST).collect()),
        locale,
        summary_state: if english { "AVAILABLE" } else { "NOT_SUPPORTED" },
    })
}

fn words(request: &DelegationRequest) -> String {
    let hours = request.session_duration / 3_600;
    let minutes = request.session_duration % 3_600 / 60;
    let mut text = format!(
        "{} (account {}) asks for permissions in this account for {hours} h {minutes} min. {}\n",
        request.requestor_name, request.requestor, request.description
    );
    for statement in request.policy.document().iter().flat_map(|document| &document.statements) {
        let texts = |texts: Vec<&str>| texts.join(", ");
        let actions = statement.actions.as_ref().map(|actions| texts(actions.texts().collect())).unwrap_or_default();
        let resources =
            statement.resources.as_ref().map(|resources| texts(resources.texts().collect())).unwrap_or_default();
        let verb = if statement.effect == policy::Effect::Allow { "It may use" } else { "It may not use" };
        let except =
            if statement.actions.as_ref().is_some_and(|actions| actions.is_negated()) { "all but " } else { "" };
        let elsewhere =
            if statement.resources.as_ref().is_some_and(|resources| resources.is_negated()) { "all but " } else { "" };
        let conditions = if statement.conditions.is_empty() { "" } else { ", under conditions" };
        text.push_str(&format!("- {verb} {except}{actions} on {elsewhere}{resources}{conditions}.\n"));
    }
    text
}

/// On the request; what is no ARN of one is no resource of anybody's.
fn to_summarize(cx: &Cx, world: &World, input: &Summarize) -> Vec<Check> {
    vec![check(cx, world, id(&input.entity_arn).unwrap_or("*"))]
}
