//! All policies that bear on one request, and the verdict they give together. The order is AWS's: an explicit deny anywhere wins; organisation
//! policies must allow at every level; then a resource or trust policy may be enough by itself, depending on how it names the
//! caller; else identity policies, boundary and session policies must all allow. Who has which policies is gathered elsewhere.
//! Start reading at [`decide`].

use crate::document::{Document, Effect, Statement};
use crate::evaluate::{Answer, Asked, Request};
use crate::principal::{Principal, PrincipalKind, PrincipalMatch};
use crate::reason::{Layer, Reason};

/// Where a policy comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Embedded in the user or role, or given with the request.
    Inline,
    /// A managed policy attached to the user or role, or to a part of the organisation; its id is its ARN.
    Managed,
    /// Embedded in a group of the user.
    GroupInline,
    /// A managed policy attached to a group of the user; its id is its ARN.
    GroupManaged,
}

/// One policy with its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Source<'a> {
    pub document: &'a Document,
    /// The ARN of a managed policy, the name of another.
    pub id: &'a str,
    pub origin: Origin,
}

impl<'a> Source<'a> {
    /// The ARN if this is a managed policy.
    pub fn managed_arn(&self) -> Option<&'a str> {
        matches!(self.origin, Origin::Managed | Origin::GroupManaged).then_some(self.id)
    }
}

/// What the policy attached to the resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceKind {
    /// A role's trust policy: without its consent nobody gets in, whatever identity policies allow.
    Trust,
    /// Any other resource-based policy.
    Other,
}

/// The policies that bear on one request.
#[derive(Debug, Clone, Default)]
pub struct Sets<'a> {
    /// All identity policies together, groups included: one that allows is enough.
    pub identity: Vec<Source<'a>>,
    pub boundary: Option<Source<'a>>,
    /// Layers of session policies. In a layer one that allows is enough; every layer must allow. A layer without policies allows
    /// nothing: so are sessions of GetFederationToken that were given none.
    pub session: Vec<Vec<Source<'a>>>,
    /// What a session was narrowed to afterwards, layer by layer; not even a resource policy that names the session gets around these.
    pub scope_down: Vec<Vec<Source<'a>>>,
    pub resource: Option<(Source<'a>, ResourceKind)>,
    /// Service control policies by level above the caller's account, root of the organisation first. Empty where none apply.
    pub scp: Vec<Vec<Source<'a>>>,
    /// Resource control policies by level above the account that owns the resource. Empty where none apply.
    pub rcp: Vec<Vec<Source<'a>>>,
}

/// How the caller's account relates to the one that owns the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    SameAccount,
    CrossAccount,
}

/// A statement that brought a verdict about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deciding<'a> {
    pub layer: Layer,
    pub source: Source<'a>,
    pub statement: &'a Statement,
}

/// What each kind of policy said; None where there is no policy of that kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layers {
    pub resource_control: Option<Answer>,
    pub service_control: Option<Answer>,
    /// The resource or trust policy.
    pub resource: Option<Answer>,
    pub identity: Option<Answer>,
    pub boundary: Option<Answer>,
    pub session: Option<Answer>,
    pub scope_down: Option<Answer>,
}

/// The decision on one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict<'a> {
    pub allowed: bool,
    pub explicit_deny: bool,
    pub reason: Reason,
    /// On an explicit deny all statements that deny, those of the reported layer first; if allowed, the statements that allow, of every layer
    /// that was asked; on an implicit deny none.
    pub deciding: Vec<Deciding<'a>>,
    pub layers: Layers,
    /// By what the resource or trust policy named the caller where it allows.
    pub principal_match: Option<PrincipalMatch>,
}

/// Decides one request over all policies.
///
/// A root caller needs no identity policy. Callers outside of IAM (services, federated, anonymous) are judged by the resource or
/// trust policy alone, whatever the relation.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>.
pub fn decide<'a>(request: &Request<'_>, sets: &Sets<'a>, relation: Relation) -> Verdict<'a> {
    let principal =
        Principal { has_boundary: request.principal.has_boundary || sets.boundary.is_some(), ..*request.principal };
    let request = Request { principal: &principal, ..*request };
    let mut hearing = Hearing { asked: Asked::new(&request), allows: Vec::new(), denies: Vec::new(), grant: None };
    let layers = hearing.hear(sets);
    let Hearing { mut allows, denies, grant, .. } = hearing;
    if let Some(first) = denies.first() {
        let policy_arn = first.source.managed_arn().map(str::to_owned);
        let reason = Reason::ExplicitDeny { layer: first.layer, policy_arn };
        return Verdict {
            allowed: false,
            explicit_deny: true,
            reason,
            deciding: denies,
            layers,
            principal_match: grant,
        };
    }
    let resource_layer = sets.resource.map(|(_, kind)| layer_of(kind));
    let reason = weigh(&principal, &layers, resource_layer, grant, relation);
    let allowed = matches!(reason, Reason::Allowed { .. });
    match &reason {
        Reason::Allowed { by: Some(Layer::Resource | Layer::Trust) } if grant.is_some_and(is_enough) => {
            allows.retain(|one| !matches!(one.layer, Layer::Identity | Layer::Boundary | Layer::Session));
        }
        Reason::Allowed { .. } => {}
        _ => allows.clear(),
    }
    Verdict { allowed, explicit_deny: false, reason, deciding: allows, layers, principal_match: grant }
}

fn layer_of(kind: ResourceKind) -> Layer {
    match kind {
        ResourceKind::Trust => Layer::Trust,
        ResourceKind::Other => Layer::Resource,
    }
}

/// Whether a resource policy of the caller's own account that names it so needs nobody's agreement, not even the boundary's.
fn is_enough(how: PrincipalMatch) -> bool {
    match how {
        PrincipalMatch::Itself | PrincipalMatch::Everyone | PrincipalMatch::Service | PrincipalMatch::Federated => true,
        PrincipalMatch::Account | PrincipalMatch::Behind => false,
    }
}

/// Finds the reason when nothing denies explicitly.
fn weigh(
    principal: &Principal<'_>,
    layers: &Layers,
    resource_layer: Option<Layer>,
    grant: Option<PrincipalMatch>,
    relation: Relation,
) -> Reason {
    let silent = |answer: Option<Answer>| answer == Some(Answer::NoMatch);
    let denied = |layer| Reason::ImplicitDeny { layer };
    if silent(layers.resource_control) {
        return denied(Layer::ResourceControl);
    }
    if silent(layers.service_control) {
        return denied(Layer::ServiceControl);
    }
    let resource = resource_layer.unwrap_or(Layer::Resource);
    let must_consent =
        principal.is_outside_iam() || relation == Relation::CrossAccount || resource_layer == Some(Layer::Trust);
    // A role that trusts every principal of AWS does not trust whom a provider vouches for.
    let is_vouched_for = principal.kind == PrincipalKind::Federated && resource_layer == Some(Layer::Trust);
    let grant = grant.filter(|how| !is_vouched_for || *how != PrincipalMatch::Everyone);
    if must_consent && grant.is_none() {
        return denied(resource);
    }
    if principal.is_outside_iam() {
        return Reason::Allowed { by: Some(resource) };
    }
    if silent(layers.scope_down) {
        return denied(Layer::ScopeDown);
    }
    let grant_here = grant.filter(|_| relation == Relation::SameAccount);
    if grant_here.is_some_and(is_enough) {
        return Reason::Allowed { by: Some(resource) };
    }
    let by_role = grant_here == Some(PrincipalMatch::Behind);
    let is_root = principal.kind == PrincipalKind::Root;
    if !by_role && !is_root && layers.identity != Some(Answer::Allow) {
        return denied(Layer::Identity);
    }
    if silent(layers.boundary) {
        return denied(Layer::Boundary);
    }
    if silent(layers.session) {
        return denied(Layer::Session);
    }
    let by = if by_role { Some(resource) } else { (!is_root).then_some(Layer::Identity) };
    Reason::Allowed { by }
}

/// Collects what all policies say, layer by layer in the order in which AWS names them.
struct Hearing<'q, 'a> {
    asked: Asked<'q>,
    allows: Vec<Deciding<'a>>,
    denies: Vec<Deciding<'a>>,
    /// The strongest way in which the resource policy allows.
    grant: Option<PrincipalMatch>,
}

impl<'a> Hearing<'_, 'a> {
    fn hear(&mut self, sets: &Sets<'a>) -> Layers {
        Layers {
            resource_control: self.levels(Layer::ResourceControl, &sets.rcp),
            service_control: self.levels(Layer::ServiceControl, &sets.scp),
            resource: sets.resource.map(|(source, kind)| self.policy(layer_of(kind), source)),
            identity: (!sets.identity.is_empty()).then(|| self.union(Layer::Identity, &sets.identity)),
            boundary: sets.boundary.map(|source| self.policy(Layer::Boundary, source)),
            session: self.levels(Layer::Session, &sets.session),
            scope_down: self.levels(Layer::ScopeDown, &sets.scope_down),
        }
    }

    /// Every level must allow.
    fn levels(&mut self, layer: Layer, levels: &[Vec<Source<'a>>]) -> Option<Answer> {
        let answers = levels.iter().map(|level| self.union(layer, level));
        answers.reduce(|one, other| match (one, other) {
            (Answer::Deny, _) | (_, Answer::Deny) => Answer::Deny,
            (Answer::Allow, Answer::Allow) => Answer::Allow,
            _ => Answer::NoMatch,
        })
    }

    fn union(&mut self, layer: Layer, sources: &[Source<'a>]) -> Answer {
        let answers = sources.iter().map(|source| self.policy(layer, *source));
        answers.fold(Answer::NoMatch, stronger)
    }

    fn policy(&mut self, layer: Layer, source: Source<'a>) -> Answer {
        let names_principals = matches!(layer, Layer::Resource | Layer::Trust);
        let mut answer = Answer::NoMatch;
        for statement in &source.document.statements {
            let Some(principal_match) = self.asked.applies(statement) else { continue };
            if names_principals && principal_match.is_none() {
                continue;
            }
            let deciding = Deciding { layer, source, statement };
            match statement.effect {
                Effect::Deny => self.denies.push(deciding),
                Effect::Allow => self.allows.push(deciding),
            }
            if names_principals && statement.effect == Effect::Allow {
                self.grant = self.grant.max(principal_match);
            }
            answer = stronger(answer, answer_of(statement.effect));
        }
        answer
    }
}

fn answer_of(effect: Effect) -> Answer {
    match effect {
        Effect::Allow => Answer::Allow,
        Effect::Deny => Answer::Deny,
    }
}

fn stronger(one: Answer, other: Answer) -> Answer {
    match (one, other) {
        (Answer::Deny, _) | (_, Answer::Deny) => Answer::Deny,
        (Answer::Allow, _) | (_, Answer::Allow) => Answer::Allow,
        _ => Answer::NoMatch,
    }
}
