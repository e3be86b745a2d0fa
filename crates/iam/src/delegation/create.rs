//! Making a request: the template's parameters are filled in here, so that who approves it sees the policy that will hold.

use service::PolicyText;
use service::arn::Arn;
use service::regions;

use super::*;
use crate::entity::exists;
use crate::record::{PolicyParameter, PolicyTemplate};
use crate::template::{self, Fault, Values};

service::operations! { Iam;
    CreateDelegationRequest => write(create) authorize(to_create),
}

/// Characters of the policy that a template comes to.
const LONGEST_POLICY: usize = 2_048;
/// The parameter types of the model.
const ONE_VALUE: &str = "string";

/// CreateDelegationRequest's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct Create {
    owner_account_id: Option<AccountId>,
    description: String,
    permissions: Permissions,
    request_message: Option<String>,
    requestor_workflow_id: String,
    redirect_url: Option<String>,
    notification_channel: String,
    session_duration: i64,
    only_send_by_owner: Option<bool>,
}

/// The permissions asked for: a template and its parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub(super) struct Permissions {
    pub policy_template_arn: Option<String>,
    #[serde(default)]
    pub parameters: Vec<Parameter>,
}

/// A parameter of the template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub(super) struct Parameter {
    pub name: Option<String>,
    #[serde(default)]
    pub values: Vec<String>,
    pub r#type: Option<String>,
}

/// CreateDelegationRequest's answer.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    console_deep_link: String,
    delegation_request_id: String,
}

fn create(cx: &Cx, tx: &mut Tx, input: &Create) -> Result<Created, ApiError> {
    let requestor = cx.account();
    must_be_topic(cx, &input.notification_channel)?;
    let template = registered(cx, tx, &input.permissions)?;
    let parameters = parameters(&input.permissions)?;
    let policy = rendered(&template.document, &parameters)?;
    let workflow = [requestor.as_str(), &input.requestor_workflow_id];
    if tx.one::<DelegationRequest>(DelegationRequest::BY_WORKFLOW, &workflow).is_some() {
        let text = format!("A delegation request with workflow id {} already exists.", input.requestor_workflow_id);
        return Err(exists(text));
    }
    let (id, now, state) = (cx.ids.uuid(), cx.now_seconds(), DelegationState::Unassigned);
    let request = DelegationRequest {
        id: id.clone(),
        requestor,
        requestor_name: template.requestor_name.clone(),
        workflow_id: input.requestor_workflow_id.clone(),
        description: input.description.clone(),
        template_arn: template.arn.clone(),
        parameters,
        policy,
        message: input.request_message.clone(),
        redirect_url: input.redirect_url.clone(),
        notification_channel: input.notification_channel.clone(),
        session_duration: input.session_duration,
        only_send_by_owner: input.only_send_by_owner.unwrap_or(false),
        created_at: now,
        updated_at: now,
        entered_at: now,
        state,
        owner_account: input.owner_account_id,
        owner: None,
        owner_user_id: None,
        notes: None,
        rejection_reason: None,
        approver: None,
        gone_at: after(now, lasting(state) + KEPT),
    };
    tx.put(request);
    // Where the console has it on AWS is not documented; nothing listens there.
    let console_deep_link = format!("https://console.aws.amazon.com/iam/home#/delegation-requests/{id}");
    Ok(Created { console_deep_link, delegation_request_id: id })
}

/// A topic of SNS, in a region that nobody has to opt into.
fn must_be_topic(cx: &Cx, channel: &str) -> Result<(), ApiError> {
    let wrong = || invalid(format!("Notification channel {channel} is not the ARN of an SNS topic."));
    let topic = Arn::parse(channel).filter(|arn| arn.service == "sns").ok_or_else(wrong)?;
    let region = regions::region(topic.region).filter(|region| region.partition == cx.partition()).ok_or_else(wrong)?;
    match region.opt_in {
        true => Err(invalid(format!("Notification channel {channel} is in a region that has to be opted into."))),
        false => Ok(()),
    }
}

/// The template, if the caller's account registered it.
fn registered(cx: &Cx, world: &World, permissions: &Permissions) -> Result<Arc<PolicyTemplate>, ApiError> {
    let Some(arn) = &permissions.policy_template_arn else {
        return Err(invalid("Permissions must name a policy template."));
    };
    let found = world.get::<PolicyTemplate>(&[arn]).filter(|template| template.requestor == cx.account());
    found.cloned().ok_or_else(|| invalid(format!("Policy template {arn} is not registered for this account.")))
}

fn parameters(permissions: &Permissions) -> Result<Vec<PolicyParameter>, ApiError> {
    let mut all: Vec<PolicyParameter> = Vec::new();
    for given in &permissions.parameters {
        let Some(name) = given.name.clone() else { return Err(invalid("A policy parameter has no name.")) };
        if all.iter().any(|other| other.name == name) {
            return Err(invalid(format!("Policy parameter {name} is given more than once.")));
        }
        let kind = given.r#type.clone().unwrap_or_else(|| ONE_VALUE.to_owned());
        if given.values.is_empty() || (kind == ONE_VALUE && given.values.len() > 1) {
            return Err(invalid(format!("Policy parameter {name} of type {kind} has {} values.", given.values.len())));
        }
        all.push(PolicyParameter { name, values: given.values.clone(), kind });
    }
    Ok(all)
}

/// The policy that the template comes to: what the delegated session may do at most.
fn rendered(document: &str, parameters: &[PolicyParameter]) -> Result<PolicyText, ApiError> {
    let values: Values =
        parameters.iter().map(|parameter| (parameter.name.clone(), parameter.values.clone())).collect();
    let used = template::names(document);
    if let Some(unknown) = values.keys().find(|name| !used.contains(&name.as_str())) {
        return Err(invalid(format!("The policy template has no parameter {unknown}.")));
    }
    let text = template::document(document, &values).map_err(|fault| match fault {
        Fault::Missing(name) => invalid(format!("The policy template needs a value for parameter {name}.")),
        Fault::NotJson | Fault::Several(_) | Fault::TooMany(_) => invalid("The policy template cannot be filled in."),
    })?;
    if text.chars().count() > LONGEST_POLICY {
        let text = format!("Cannot exceed quota for DelegationPolicySize: {LONGEST_POLICY}");
        return Err(ApiError::new("LimitExceeded", text));
    }
    let document = policy::validate(&text, policy::Kind::Session).map_err(|malformed| invalid(malformed.message))?;
    Ok(PolicyText::parsed(text, document))
}

fn to_create(cx: &Cx, _: &World, input: &Create) -> Vec<Check> {
    let check = Check::on(arn(cx, "*")).not_created();
    vec![
        check
            .key("iam:DelegationDuration", input.session_duration.to_string())
            .key("iam:NotificationChannel", &input.notification_channel)
            .key_if("iam:TemplateArn", input.permissions.policy_template_arn.as_ref()),
    ]
}
