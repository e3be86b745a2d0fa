//! The one place where checks meet policies. The request pipeline, the policy simulator and an instance's metadata all come through
//! [`decide`]; who holds which policies is gathered by the iam crate as [`CallerPolicies`].

use std::sync::Arc;

use policy::{Context, Deciding, Document, Effect, Relation, Request, ResourceKind, Sets, Source, StatementTrace};
use wire::Service;

use crate::authorization_message;
use crate::caller::{Caller, Principal};
use crate::check::{Check, Why};
use crate::organization::{ControlKind, Organization};
use crate::tags::Tag;
use crate::{ApiError, Cx, World, arn, authorization_id, conditions, facts, regions};

/// Every policy that bears on what a caller may do, the resource's own aside.
#[derive(Debug, Clone, Default)]
pub struct CallerPolicies {
    pub identity: Vec<HeldPolicy>,
    pub boundary: Option<HeldPolicy>,
    /// Layers of session policies: in each one that allows is enough, every layer must allow.
    pub session: Vec<Vec<HeldPolicy>>,
    /// What a session was narrowed to by GetScopedCredentials, layer by layer.
    pub scope_down: Vec<Vec<HeldPolicy>>,
    /// Service control policies by level of the caller's organisation, root first.
    pub scp: Vec<Vec<HeldPolicy>>,
    /// Whose resource control policies hold: each resource meets those above its own account, whoever asks. `None` where they limit nothing.
    pub rcp: Option<Arc<Organization>>,
    /// Where the condition keys that tell of organisations come from.
    pub organization: Option<Arc<Organization>>,
    /// The user's or role's own tags, for `aws:PrincipalTag`.
    pub principal_tags: Vec<Tag>,
}

/// A policy with its name and how the caller came to it.
#[derive(Debug, Clone)]
pub struct HeldPolicy {
    /// The ARN of a managed policy, the name of an inline one.
    pub name: Arc<str>,
    pub kind: HeldKind,
    pub document: Arc<Document>,
}

/// How a caller came to a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldKind {
    InlineUser,
    InlineGroup,
    InlineRole,
    /// Attached to the user or role.
    Managed,
    /// Attached to a group of the user.
    GroupManaged,
    Boundary,
    Session,
    Organization,
}

impl HeldPolicy {
    fn source(&self) -> Source<'_> {
        let origin = match self.kind {
            HeldKind::InlineGroup => policy::Origin::GroupInline,
            HeldKind::GroupManaged => policy::Origin::GroupManaged,
            HeldKind::Managed | HeldKind::Boundary | HeldKind::Organization => policy::Origin::Managed,
            HeldKind::Session if self.name.starts_with("arn:") => policy::Origin::Managed,
            HeldKind::InlineUser | HeldKind::InlineRole | HeldKind::Session => policy::Origin::Inline,
        };
        Source { document: &self.document, id: &self.name, origin }
    }
}

/// What became of one check.
#[derive(Debug, Clone)]
pub struct Ruling {
    pub check: Check,
    pub explicit_deny: bool,
    pub reason: policy::Reason,
    /// The statements that decided: those that deny, or those that allow.
    pub deciding: Vec<DecidingStatement>,
    pub context: Context,
}

impl Ruling {
    /// Whether the check passed.
    pub fn allowed(&self) -> bool {
        is_allowed(&self.reason)
    }
}

/// A statement that decided, with the policy it stands in.
#[derive(Debug, Clone, PartialEq)]
pub struct DecidingStatement {
    pub layer: policy::Layer,
    pub policy: String,
    pub statement: StatementText,
}

/// A statement's parts as written, for messages and explanations.
#[derive(Debug, Clone, PartialEq)]
pub struct StatementText {
    pub index: usize,
    pub sid: Option<String>,
    pub effect: Effect,
    pub principals: Vec<String>,
    pub actions: Vec<String>,
    pub resources: Vec<String>,
    pub conditions: Vec<(String, String, Vec<String>)>,
}

/// One policy that was asked, and what each of its statements said.
#[derive(Debug, Clone)]
pub struct PolicyTrace {
    pub layer: policy::Layer,
    /// Of an organisation's policy the level it is attached at, the root being 0.
    pub level: Option<usize>,
    pub policy: String,
    pub statements: Vec<StatementTrace>,
}

const RESOURCE_POLICY: &str = "the resource's policy";

/// Decides one check, and tells by what.
pub fn decide(cx: &Cx, check: &Check, held: &CallerPolicies) -> Ruling {
    let all_keys = |_: &Sets<'_>| true;
    judge(cx, check, held, all_keys, |verdict, context| {
        let deciding = verdict.deciding.iter().map(deciding).collect();
        let (explicit_deny, reason) = (verdict.explicit_deny, verdict.reason);
        Ruling { check: check.clone(), explicit_deny, reason, deciding, context: context.clone() }
    })
}

/// Whether one check passes: [`decide`] for whoever need not know why.
pub fn allows(cx: &Cx, check: &Check, held: &CallerPolicies) -> bool {
    judge(cx, check, held, reads_context, |verdict, _| is_allowed(&verdict.reason))
}

/// Whether any of the policies asks for condition keys.
fn reads_context(sets: &Sets<'_>) -> bool {
    let layers = sets.session.iter().chain(&sets.scope_down).chain(&sets.scp).chain(&sets.rcp).flatten();
    let resource = sets.resource.iter().map(|(source, _)| source);
    let mut all = sets.identity.iter().chain(&sets.boundary).chain(layers).chain(resource);
    all.any(|source| source.document.reads_context())
}

fn is_allowed(reason: &policy::Reason) -> bool {
    matches!(reason, policy::Reason::Allowed { .. })
}

/// Puts one check to the policies, and hands over what they say while they are at hand. Condition keys are found out where they are wanted.
fn judge<T>(
    cx: &Cx,
    check: &Check,
    held: &CallerPolicies,
    wants_keys: impl FnOnce(&Sets<'_>) -> bool,
    tell: impl FnOnce(policy::Verdict<'_>, &Context) -> T,
) -> T {
    let vouched = vouched(check, held);
    let held = vouched.as_ref().unwrap_or(held);
    let rcp = resource_controls(&cx.caller, check, held);
    let sets = sets(check, held, &rcp);
    let context = if wants_keys(&sets) { keys(cx, check, held) } else { Context::new() };
    let names = Names::of(&cx.caller);
    let principal = names.principal_of(check, &cx.caller, held);
    let request =
        Request { action: &check.action, resource: &check.resource, principal: &principal, context: &context };
    let relation = match check.owner {
        Some(owner) if owner != cx.caller.account && !check.shared => Relation::CrossAccount,
        _ => Relation::SameAccount,
    };
    tell(policy::decide(&request, &sets, relation), &context)
}

/// The condition keys of a check.
fn keys(cx: &Cx, check: &Check, held: &CallerPolicies) -> Context {
    let mut context = conditions::of(cx, check, &held.principal_tags);
    if let Some(organization) = &held.organization {
        conditions::organization(&mut context, cx, check, organization);
    }
    context
}

/// Whom a provider vouches for holds no policies; those above the resource's account hold for them all the same.
fn vouched(check: &Check, held: &CallerPolicies) -> Option<CallerPolicies> {
    check.vouched_by.as_ref().map(|_| CallerPolicies {
        organization: held.organization.clone(),
        rcp: held.rcp.clone(),
        ..CallerPolicies::default()
    })
}

/// What every policy said to a check, whichever way it came out: made again from what decided it, when somebody asks.
pub fn trace(caller: &Caller, check: &Check, held: &CallerPolicies, context: &Context) -> Vec<PolicyTrace> {
    let mut traces = Vec::new();
    asked(caller, check, held, context, |trace, _| traces.push(trace));
    traces
}

/// As [`trace`], with each policy itself: an organisation's first, the root's before those below, then the resource's, those of the identity, the
/// boundary and the session's.
pub fn asked(
    caller: &Caller,
    check: &Check,
    held: &CallerPolicies,
    context: &Context,
    tell: impl FnMut(PolicyTrace, &Source<'_>),
) {
    let vouched = vouched(check, held);
    let held = vouched.as_ref().unwrap_or(held);
    let names = Names::of(caller);
    let principal = names.principal_of(check, caller, held);
    let request = Request { action: &check.action, resource: &check.resource, principal: &principal, context };
    traces(&sets(check, held, &resource_controls(caller, check, held)), &request, tell);
}

/// The caller's names, kept alive while the policy crate borrows them.
struct Names {
    itself: String,
    behind: String,
}

impl Names {
    fn of(caller: &Caller) -> Names {
        let behind = match &caller.principal {
            Principal::Role { .. } => caller.principal_arn(),
            Principal::Federated { user: Some(user), .. } => {
                arn::iam(caller.partition, caller.account, "user", &user.path, &user.name)
            }
            _ => String::new(),
        };
        Names { itself: caller.arn(), behind }
    }

    /// Who asks: the caller, or whom a provider vouches for.
    fn principal_of<'a>(
        &'a self,
        check: &'a Check,
        caller: &'a Caller,
        held: &CallerPolicies,
    ) -> policy::Principal<'a> {
        match &check.vouched_by {
            Some(provider) => policy::Principal::federated(provider),
            None => self.principal(caller, held),
        }
    }

    fn principal<'a>(&'a self, caller: &'a Caller, held: &CallerPolicies) -> policy::Principal<'a> {
        let account = caller.account.as_str();
        let principal = match &caller.principal {
            Principal::Root => policy::Principal::root(account, &self.itself),
            Principal::User { id, .. } => policy::Principal::user(account, &self.itself, id),
            Principal::Role { id, .. } => policy::Principal::assumed_role(account, &self.itself, &self.behind, id),
            Principal::Federated { user, .. } => {
                let id = user.as_ref().map_or("", |user| user.id.as_str());
                policy::Principal::federated_user(account, &self.itself, &self.behind, id)
            }
            Principal::Instance { .. } => policy::Principal::assumed_role(account, &self.itself, "", ""),
            Principal::Service { name } => policy::Principal::service(std::slice::from_ref(name)),
            Principal::Anonymous => policy::Principal::anonymous(),
        };
        policy::Principal { has_boundary: held.boundary.is_some(), ..principal }
    }
}

/// The levels of resource control policies above the resource, for services that have them.
fn resource_controls(caller: &Caller, check: &Check, held: &CallerPolicies) -> Vec<Vec<HeldPolicy>> {
    let service = check.action.split_once(':').map_or("", |(service, _)| service);
    let Some(organization) = held.rcp.as_ref().filter(|_| facts::has_resource_control_policies(service)) else {
        return Vec::new();
    };
    organization.levels(check.owner.unwrap_or(caller.account), ControlKind::ResourceControlPolicy)
}

fn sets<'a>(check: &'a Check, held: &'a CallerPolicies, rcp: &'a [Vec<HeldPolicy>]) -> Sets<'a> {
    let sources = |policies: &'a [HeldPolicy]| policies.iter().map(HeldPolicy::source).collect::<Vec<_>>();
    let levels = |levels: &'a [Vec<HeldPolicy>]| levels.iter().map(|level| sources(level)).collect();
    let resource = check.resource_policy.as_ref().map(|policy| {
        let kind = if policy.is_trust { ResourceKind::Trust } else { ResourceKind::Other };
        (Source { document: &policy.document, id: RESOURCE_POLICY, origin: policy::Origin::Inline }, kind)
    });
    Sets {
        identity: sources(&held.identity),
        boundary: held.boundary.as_ref().map(HeldPolicy::source),
        session: levels(&held.session),
        scope_down: levels(&held.scope_down),
        resource,
        scp: levels(&held.scp),
        rcp: levels(rcp),
    }
}

fn deciding(deciding: &Deciding<'_>) -> DecidingStatement {
    DecidingStatement {
        layer: deciding.layer,
        policy: deciding.source.id.to_owned(),
        statement: statement_text(deciding.statement),
    }
}

fn statement_text(statement: &policy::Statement) -> StatementText {
    let texts = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
    StatementText {
        index: statement.index,
        sid: statement.sid.clone(),
        effect: statement.effect,
        principals: statement
            .principal
            .iter()
            .flat_map(|element| element.entries())
            .map(|(_, value)| value.to_owned())
            .collect(),
        actions: texts(statement.actions.iter().flat_map(|element| element.texts()).collect()),
        resources: texts(statement.resources.iter().flat_map(|element| element.texts()).collect()),
        conditions: statement
            .conditions
            .iter()
            .map(|condition| {
                let values = condition.values().map(str::to_owned).collect();
                (condition.operator_text().to_owned(), condition.key().to_owned(), values)
            })
            .collect(),
    }
}

fn traces(sets: &Sets<'_>, request: &Request<'_>, mut tell: impl FnMut(PolicyTrace, &Source<'_>)) {
    let mut trace_at = |level, layer, source: &Source<'_>| {
        let statements = policy::explain(source.document, request);
        tell(PolicyTrace { layer, level, policy: source.id.to_owned(), statements }, source);
    };
    for (layer, levels) in [(policy::Layer::ResourceControl, &sets.rcp), (policy::Layer::ServiceControl, &sets.scp)] {
        for (level, sources) in levels.iter().enumerate() {
            sources.iter().for_each(|source| trace_at(Some(level), layer, source));
        }
    }
    let mut trace = |layer, source: &Source<'_>| trace_at(None, layer, source);
    if let Some((source, kind)) = &sets.resource {
        let layer = if *kind == ResourceKind::Trust { policy::Layer::Trust } else { policy::Layer::Resource };
        trace(layer, source);
    }
    sets.identity.iter().for_each(|source| trace(policy::Layer::Identity, source));
    sets.boundary.iter().for_each(|source| trace(policy::Layer::Boundary, source));
    sets.session.iter().flatten().for_each(|source| trace(policy::Layer::Session, source));
    sets.scope_down.iter().flatten().for_each(|source| trace(policy::Layer::ScopeDown, source));
}

fn is_by_organization(reason: &policy::Reason) -> bool {
    match reason {
        policy::Reason::ExplicitDeny { layer, .. } | policy::Reason::ImplicitDeny { layer } => {
            matches!(layer, policy::Layer::ServiceControl | policy::Layer::ResourceControl)
        }
        policy::Reason::Allowed { .. } => false,
    }
}

/// The end of a denial of IAM whose details were kept: a page of the console, and an id.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html>
fn where_details_are(cx: &Cx) -> String {
    let Some(id) = authorization_id::of(&cx.request_id) else { return String::new() };
    let region = regions::global_region(cx.partition());
    let console = match cx.partition() {
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    };
    format!(
        ". Go to https://{region}.{console}/iam/home?region={region}#/authorization-details/{id} for complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: {id}"
    )
}

/// What IAM's denials do not tell the details of (as recorded in September 2026): central management of root users.
const WITHOUT_DETAILS: [&str; 5] = [
    "iam:DisableOrganizationsRootCredentialsManagement",
    "iam:DisableOrganizationsRootSessions",
    "iam:EnableOrganizationsRootCredentialsManagement",
    "iam:EnableOrganizationsRootSessions",
    "iam:ListOrganizationsFeatures",
];

/// The error a caller gets for a denied check, in the words of the service that was called.
pub fn denial(cx: &Cx, world: &World, service: Service, ruling: &Ruling) -> ApiError {
    let check = &ruling.check;
    if check.vouched_by.is_some() {
        return ApiError::new("AccessDenied", format!("Not authorized to perform {}", check.action));
    }
    let mut text = format!("User: {} is not authorized to perform: {}", cx.caller.arn(), check.action);
    let shown = check.shown_as.as_deref().unwrap_or(&check.resource);
    // IAM writes the star of actions that know no resources; the others leave it out (seen on all three).
    if shown != "*" || service == Service::Iam {
        text.push_str(&format!(" on resource: {shown}"));
    }
    // STS gives no reason for a role or root user it does not hand out (seen in practice, against its own documentation), unless the organisation
    // keeps the role.
    let is_of_trust = check.resource_policy.as_ref().is_some_and(|policy| policy.is_trust);
    let silent = check.action == "sts:AssumeRoot" || is_of_trust && !is_by_organization(&ruling.reason);
    if !silent {
        text.push(' ');
        text.push_str(&ruling.reason.clause(&check.action));
    }
    if service == Service::Iam && cx.settings.authorization_ids && !WITHOUT_DETAILS.contains(&check.action.as_str()) {
        text.push_str(&where_details_are(cx));
    }
    if service != Service::Ec2 {
        return ApiError::new("AccessDenied", text);
    }
    if check.action.starts_with("ssm:") {
        // A launch's image that a parameter names: neither action nor parameter is told (seen in practice).
        return ApiError::new("SsmAccessDenied", "Access denied to SSM").because(text);
    }
    let mut message = format!("You are not authorized to perform this operation. {text}");
    // Actions without resources carry no encoded message.
    if (check.resource != "*" || check.why != Why::Primary)
        && let Some(encoded) = authorization_message::encode(world, cx, ruling)
    {
        message.push_str(". Encoded authorization failure message: ");
        message.push_str(&encoded);
    }
    ApiError::new("UnauthorizedOperation", message)
}

#[cfg(test)]
mod tests;
